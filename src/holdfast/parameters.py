"""The table of every declared parameter: as rows for the command line, as a page for the documentation.

`python -m holdfast.parameters docs/parameters.md` renews the page; a test fails where it is out of date. [IO]
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from holdfast.calibration.levels import Map
from holdfast.calibration.outcome_model import Conventions, OutcomeLayer
from holdfast.calibration.surrogate import Numbers
from holdfast.core import params
from holdfast.core.types import Record
from holdfast.engine import effects
from holdfast.engine.day.world import defaults
from holdfast.evidence.priors import WAR
from holdfast.forecasting.projection import WALK

HEAD = """\
# Parameters

Every number that the model declares, generated from the code; do not edit this page by hand:

```sh
python -m holdfast.parameters docs/parameters.md
```

`path` is how a scenario or `--set` calls it: `choice.present_bias = 0.8` under `[parameters]`, or
`--set choice.present_bias=0.8`. `prior` is what is thought possible before any fit: a *log-normal* has a median and a
standard deviation of its logarithm (0.5 is about a factor of 1.6 either way), a *beta* is a share, *fixed* is a
convention with bounds. `pressure` is the one of the [pressures](glossary.md#pressures) that owns the parameter.
*Starting value of the specification* means inherited from a simpler prototype and not fitted to this model;
*specification* means a constant of the equation in that section of [the model](model.md), as the specification had it;
*assumed* means that nothing was found and a value was chosen; *set here* means that it was chosen by looking at a case's
outcome. How far each source was checked stands in [Sources](sources.md).
"""


@dataclass(frozen=True)
class Row:
    """One declared parameter."""

    path: str
    value: float
    unit: str
    prior: str
    pressure: str
    source: str

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
        The map from codes to pressures (`map.`), the outcome layer (`label.`), the surrogate (`surrogate.`), the evidence's
        model (`evidence.`) and the forecast's random walk (`forecast.`).
    """
    layer = _rows(OutcomeLayer(), "label.") + _rows(Conventions(), "label.")
    tables = {"evidence": WAR, "forecast": WALK}
    named = [_row(f"{table}.{name}", about) for table, of in tables.items() for name, about in of.items()]
    return _map_rows() + layer + _rows(Numbers(), "surrogate.") + named


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
    """The table of the map, as `docs/calibration.md` has it."""
    return "\n".join(["| path | value | unit | prior | pressure | source |", "| --- | --- | --- | --- | --- | --- |",
                      *map(_line, _map_rows())])  # fmt: skip


def _line(row: Row) -> str:
    """A row of a table."""
    cells = (f"`{row.path}`", f"{row.value:.4g}", row.unit, row.prior, row.pressure, row.source)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def page() -> str:
    """The page `docs/parameters.md`: a table for each mechanism, then one for each effect."""
    parts = [HEAD.rstrip()]
    group = ""
    for row in rows():
        if row.group != group:
            group = row.group
            parts.append("\n".join(["", *_opening(group)]))
        parts.append(_line(row))
    return "\n".join(parts) + "\n"


def _opening(group: str) -> Iterator[str]:
    """The heading of a group, what its module says of itself, and the head of its table."""
    folder = "effects" if group in effects.names() else "mechanisms"
    said = (importlib.import_module(f"holdfast.engine.{folder}.{group}").__doc__ or "").partition("\n")[0]
    yield f"## {'Effect: ' if folder == 'effects' else ''}{group}"
    yield f"\n{said}\n"
    yield "| path | value | unit | prior | pressure | source |"
    yield "| --- | --- | --- | --- | --- | --- |"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf8")
