"""The table of every declared parameter: as rows for the command line, as a page for the documentation.

`python -m holdfast.parameters docs/parameters.md` renews the page; a test fails where it is out of date. [IO]
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from holdfast.calibration import coding_errors
from holdfast.calibration.levels import Map
from holdfast.calibration.outcome_model import Conventions, OutcomeLayer
from holdfast.calibration.surrogate import Numbers
from holdfast.core import params
from holdfast.core.types import Record
from holdfast.engine import effects, outcomes
from holdfast.engine.day.record import defaults
from holdfast.evidence import priors
from holdfast.forecasting.stack import WEIGHTS, WORTH
from holdfast.forecasting.walk import WALK
from holdfast.io import files

HEAD = """\
# Parameters

Every number that the model declares, generated from the code; do not edit this page by hand:

```sh
python -m holdfast.parameters docs/parameters.md
```

`path` is how a scenario or `--set` calls it: `choice.present_bias = 0.8` under `[parameters]`, or `--set
choice.present_bias=0.8`; the groups *Inference* at the end are set by no scenario. `prior` is what is thought
possible before any fit: a *log-normal* has a median and a standard deviation of its logarithm (0.5 is about a factor
of 1.6 either way), a *beta* is a share, *fixed* is a convention with bounds. `pressure` is the one of the
[pressures](glossary.md#pressures) that owns the parameter. *Starting value of the specification* means inherited from
a simpler prototype and not fitted to this model; *specification* means a constant of the equation in that section of
[the model](model.md), as the specification had it; *assumed* means that nothing was found and a value was chosen;
*set here* means that it was chosen by looking at a case's outcome. How far each source was checked stands in
[Sources](sources.md).
"""


COLUMNS = ("| path | value | unit | prior | pressure | source |", "| --- | --- | --- | --- | --- | --- |")

LAYERS = {
    "map": "What a historian's codes 0, 1 and 2 mean to the model ([calibration](calibration.md)). No scenario sets these.",
    "label": "From what a simulated army does to how a historian would call it.",
    "outcome": "From when on an army is destroyed ([the model](model.md), section 3).",
    "codes": "How coders err, and how pressures change from the middle of a span to the whole of it.",
    "surrogate": "The network that stands in for the simulator: its shape, its training, the floors under its logs.",
    "evidence": "What is believed of any war before a claim is read ([evidence](evidence.md)).",
    "claimant": "How claimants err on the log scale: bias later on (and at first), and the spreads around it.",
    "forecast": "The walk of losses, desertion and ground to come, and the pool ([forecast](forecast.md)).",
}
"""The layers of inference and what each is."""


@dataclass(frozen=True)
class Row:
    """One declared parameter."""

    path: str  # how a scenario calls it; with the prefix of its layer where no scenario sets it
    value: float  # as declared
    unit: str  # 1 = none
    prior: str  # in words
    pressure: str  # that owns it
    source: str  # where the value comes from

    @property
    def group(self) -> str:
        """The mechanism or effect that declares it."""
        return self.path.partition(".")[0]


def rows() -> list[Row]:
    """What a scenario may set.

    Returns:
        Every declared parameter of the mechanisms, in the order of the day, and of every effect.
    """
    return _rows(defaults(tuple(effects.names())), "")


def inference_rows() -> list[Row]:
    """What the layers of inference declare, and no scenario sets.

    Returns:
        The map from codes to pressures (`map.`), the outcome layer (`label.`), coders' errors (`codes.`), the surrogate
        (`surrogate.`), the evidence's model (`evidence.`), the habits of claimants (`claimant.`) and the forecast's walk
        and pool (`forecast.`).
    """
    layer = _rows(OutcomeLayer(), "label.") + _rows(Conventions(), "label.")
    evidence = [_row(f"evidence.{name}", about) for name, about in priors.WAR.items()]
    walk = [_row(f"forecast.{name}", about) for name, about in WALK.items()]
    walk += [
        _row(f"forecast.weight.{what}.{name}", about) for what, each in WEIGHTS.items() for name, about in each.items()
    ]
    walk += [_row("forecast.weight.worth", WORTH)]
    codes = _rows(coding_errors.Numbers(), "codes.")
    return (
        _map_rows()
        + layer
        + _outcome_rows()
        + codes
        + _rows(Numbers(), "surrogate.")
        + evidence
        + _claimant_rows()
        + walk
    )


def _claimant_rows() -> list[Row]:
    """How each type of claimant errs on each kind of claim, on the log scale; and how often it slips."""
    source = "sources of wars set side by side: the table of docs/evidence.md"
    rows = []
    for kind, types in priors.HABITS.items():
        for name, habit in types.items():
            prior = (
                f"normal, mean {habit.late:g} ({habit.early:g} at first), sd {habit.shared:g}; "
                f"lineage sd {habit.lineage:g}, series sd {habit.series:g}, own sd {habit.own:g}"
            )
            rows.append(Row(f"claimant.{kind}.{_slug(name)}", habit.late, "log", prior, "losses", source))
    slip = "assumed: chance that killed stands for killed and wounded"
    rows += [Row(f"claimant.slip.{_slug(n)}", p, "1", "fixed", "losses", slip) for n, p in priors.SLIPS.items()]
    conventions = {
        "fade": (priors.FADE_YEARS, "years", "assumed: the first bias fades into the later one"),
        "memory": (priors.MEMORY_MONTHS, "months", "assumed: a lineage's slow error, an AR(1) of 0.95 a month"),
        "degrees": (
            priors.DEGREES,
            "1",
            "assumed: what is new in a lineage's number is mostly little, rarely a change of method",
        ),
        "scale": (priors.SCALE, "1", "convention: two thirds of errors lie within one SD"),
        "wording": (priors.WORDING, "log", "assumed: SD of what one wording of a lineage means beside its others"),
        "fog": (priors.FOG, "1", "assumed: how much wider errors are on a war's first day"),
        "fog_months": (priors.FOG_MONTHS, "months", "assumed: how fast that fades"),
        "tally_pace": (priors.TALLY_PACE, "logit", "assumed: days of a tally's step are unlike"),
        "retold": (priors.RETOLD, "log", "assumed: a running tally as others retell it"),
        "retold_days": (priors.RETOLD_DAYS, "days", "assumed: by how much they mistake its day"),
    }
    words = (("words_off", priors.WORDS_OFF, "mean distance from the whole that such words set a number"),
             ("words_again", priors.WORDS_AGAIN, "SD of that distance beside the lineage's last"))  # fmt: skip
    rows += [
        Row(f"claimant.{name}.{_slug(word)}", value, "log", "fixed", "losses", f"assumed: {meaning}")
        for name, values, meaning in words for word, value in values.items()
    ]  # fmt: skip
    return rows + [Row(f"claimant.{n}", v, u, "fixed", "losses", said) for n, (v, u, said) in conventions.items()]


def _outcome_rows() -> list[Row]:
    """From when on an army is destroyed: conventions that no fit and no scenario moves."""
    annihilated = "of 30 sides that CDB90 calls annihilated 18 lost at least 70 % (median 79 %), of 1,280 others 23"
    left = "share of the greatest strength that is left at most; 0.3: " + annihilated
    taken = "assumed: most of those gone were killed, wounded or captured while encircled, and did not leave by choice"
    return [
        Row("outcome.destroyed_left", outcomes.DESTROYED_LEFT, "1", "fixed, 0.2 to 0.5", "losses", left),
        Row("outcome.destroyed_by_enemy", outcomes.DESTROYED_BY_ENEMY, "1", "fixed, 0.5 to 0.9", "losses", taken),
    ]


def _slug(name: str) -> str:
    """A name as part of a path."""
    return "_".join(re.findall(r"[a-z]+", name.lower()))


def _rows(record: Record, prefix: str) -> list[Row]:
    """The declared parameters of a record."""
    return [_row(path, about) for path, about in params.walk(record, prefix)]


def _row(path: str, about: params.About) -> Row:
    """A declared parameter as a row."""
    return Row(path, about.value, about.unit, about.prior.describe(), about.pressure, about.source)


def _map_rows() -> list[Row]:
    """The map from codes to pressures."""
    return _rows(Map(), "map.")


def map_table() -> str:
    """The table of the map from codes to pressures.

    Returns:
        Markdown, as `docs/calibration.md` has it.
    """
    return "\n".join([*COLUMNS, *map(_line, _map_rows())])


def _line(row: Row) -> str:
    """A row of a table."""
    cells = (f"`{row.path}`", f"{row.value:.4g}", row.unit, row.prior, row.pressure, row.source)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def page() -> str:
    """The page of all declared parameters.

    Returns:
        Markdown, as `docs/parameters.md` has it: a table for each mechanism, then for each effect, then for each layer of
        inference.
    """
    parts = [HEAD.rstrip()]
    group = ""
    for row in rows() + inference_rows():
        if row.group != group:
            group = row.group
            parts.append("\n".join(["", *_opening(group)]))
        parts.append(_line(row))
    return "\n".join(parts) + "\n"


def _opening(group: str) -> Iterator[str]:
    """The heading of a group, a sentence on it, and the head of its table."""
    if group in LAYERS:
        yield f"## Inference: {group}"
        yield f"\n{LAYERS[group]}\n"
    else:
        folder = "effects" if group in effects.names() else "mechanisms"
        about = importlib.import_module(f"holdfast.engine.{folder}.{group}").__doc__ or ""
        yield f"## {'Effect: ' if folder == 'effects' else ''}{group}"
        yield f"\n{about.partition(chr(10))[0]}\n"
    yield from COLUMNS


if __name__ == "__main__":
    files.write_text(Path(sys.argv[1]), page())
