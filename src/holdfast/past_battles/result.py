"""What the jury of battles says: scores, breakpoint curve, classes, findings, and each battle. Data only, no IO."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from holdfast.core.params import Floats
from holdfast.core.results import Result
from holdfast.past_battles.battle_table import Battles
from holdfast.stats.grouped import GroupScores
from holdfast.stats.intervals import Estimate
from holdfast.stats.scoring import Difference

LAW = "the law"
HALF, WAR = "half", "war"
HOLDOUTS = {
    HALF: "taught by one half of the wars, scored on the other",
    WAR: "each battle by what all other wars teach",
}
"""How the battles that are scored were kept from the model."""


@dataclasses.dataclass(frozen=True)
class Learnt:
    """A parameter and what the battles teach of it."""

    name: str
    """Its path, as `front.odds`."""
    unit: str
    """Its unit."""
    declared: float
    """As declared, before this fit."""
    half: Estimate
    """Taught by one half of the wars: median and 90 %."""
    whole: Estimate
    """Taught by all wars."""
    prior: str
    """The wide prior of the fit, in words."""
    informed: bool
    """Whether the battles tell: the prior is half as wide again as what was learnt, or more."""


@dataclasses.dataclass(frozen=True)
class CurveBin:
    """Sides that lost a share of their men from `low` to `high`: how many of them gave way."""

    low: float
    """Least share lost [1]."""
    high: float
    """Greatest share lost [1]."""
    sides: int
    """Sides of the table."""
    table: Estimate
    """Share of them that gave way, with Wilson's 90 % interval [1]; NaN where there is none."""
    law: float
    """Share of the law's sides that gave way [1]; NaN where there is none."""


@dataclasses.dataclass(frozen=True)
class ClassRow:
    """A class of battles: what came and what the law said of it, each war left out."""

    kind: str
    """What the battles are sorted by, as `century`."""
    name: str
    """The class."""
    battles: int
    """Decided battles in it."""
    came: float
    """Share of them in which the defender gave way [1]."""
    chance: float
    """Mean chance by the law [1]."""
    surprise: float
    """Their difference in standard deviations of the binomial."""
    lost: float
    """Median share lost by the side that gave way, by the table [1]."""
    lost_law: float
    """The same by the law [1]."""
    factor: Estimate
    """The law's median over the table's, with 90 % over resamples of the battles [1]."""
    gained: float
    """Median ground gained where the defender gave way, by the table [km]."""
    gained_law: float
    """The same by the law [km]."""


@dataclasses.dataclass(frozen=True)
class Finding:
    """One claim of the law, held against the table."""

    claim: str
    """What the law says, in a sentence."""
    held: bool | None
    """Whether it held; `None` where the table cannot tell."""
    evidence: str
    """The numbers."""


@dataclasses.dataclass(frozen=True)
class Variant:
    """The law with one thing changed: taught by one half of the wars, scored on the other."""

    name: str
    """What is changed."""
    log_likelihood: float
    """Of the battles that taught it, less that of the law [nats]."""
    parameters: int
    """Parameters that are learnt, less those of the law."""
    auc: float
    """On the other half [1]."""
    brier: float
    """On the other half [1]."""
    slope: float
    """Of the calibration line on the other half."""
    factor: float
    """The law's median loss at giving way over the table's, on the other half [1]; NaN where nothing was fought."""


@dataclasses.dataclass(frozen=True)
class BattleLine:
    """One battle on the board, its war left out."""

    name: str
    """Its name."""
    war: str
    """Its war."""
    year: int
    """In which it began."""
    chance: Estimate
    """That the defender gives way, with 90 % of the draws of the laws [1]."""
    outcome: str
    """`defender`, `attacker` or `neither` gave way; `unknown`."""
    others: Mapping[str, float]
    """The same chance by the simpler models [1]."""
    lost: tuple[Estimate, Estimate]
    """Share lost by attacker and defender at the end, by the law: median and 90 % of fights [1]."""
    lost_given: tuple[Estimate, Estimate]
    """The same in fights that end as the battle did."""
    lost_table: tuple[float, float]
    """The same by the table [1]."""
    rank: float
    """Share of the fights that end as the battle did in which the broken side loses less than it did [1]."""
    gained: Estimate
    """Ground that the attacker gains where the defender gives way, by the law [km]."""
    gained_table: float
    """The same by the table [km]."""
    days: float
    """Days of fighting [d]."""


@dataclasses.dataclass(frozen=True)
class CivilWar:
    """Missing and captured of the American Civil War, beside the model's surrender."""

    rows: tuple[Mapping[str, object], ...]
    """Share of the losses that is missing, by side and end."""
    findings: tuple[Finding, ...]
    """What was held against what."""


@dataclasses.dataclass(frozen=True, repr=False)
class BattleScores(Result):
    """The laws of fire and front before a jury of battles."""

    PRESENTER = "holdfast.present.battles_report"
    UNITS: ClassVar[Mapping[str, str]] = {
        "days": "d", **dict.fromkeys(("gained_km", "gained_km_law", "gained_km_law_low", "gained_km_law_high"), "km"),
        **dict.fromkeys(("p_defender_gives_way", "p_low", "p_high", "attacker_lost", "defender_lost"), "1"),
    }  # fmt: skip

    title: str
    """What was judged, in a line."""
    battles: Battles
    """The table."""
    scores: Mapping[str, Mapping[str, GroupScores]]
    """By holdout (`HOLDOUTS`) and model."""
    differences: Mapping[str, Mapping[str, Difference]]
    """The law less the logit, by holdout and score."""
    chances: Mapping[str, Mapping[str, Floats]]
    """Chances that the defender gives way, by holdout and model, `[battle]`; NaN where a battle taught."""
    learnt: tuple[Learnt, ...]
    """Parameters."""
    curve: tuple[CurveBin, ...]
    """Breakpoint curve."""
    lines: Mapping[str, tuple[float, float]]
    """Constant and slope of the log odds of giving way on the log of the share lost: `table` and `law`."""
    classes: tuple[ClassRow, ...]
    """Classes of battles."""
    findings: tuple[Finding, ...]
    """What held and what did not."""
    variants: tuple[Variant, ...]
    """The law with one thing changed."""
    each: tuple[BattleLine, ...]
    """Every battle."""
    civil_war: CivilWar | None
    """The second set, where it is at hand."""
    unused: tuple[str, ...]
    """Columns of the user's own table that nothing was read from."""
    seed: int
    """Of draws and luck."""

    def rows(self) -> Sequence[Mapping[str, object]]:
        """A row for each battle."""
        return [_row(one) for one in self.each]

    def to_dict(self) -> dict[str, object]:
        """The result in plain values; `--json` prints it."""
        return {
            "title": self.title,
            "source": self.battles.source,
            "battles": len(self.battles),
            "wars": len(set(self.battles.war)),
            "decided": int(self.battles.decided.sum()),
            "scores": {how: {name: _plain(one) for name, one in each.items()} for how, each in self.scores.items()},
            "law_less_logit": {
                how: {name: _plain(one) for name, one in each.items()} for how, each in self.differences.items()
            },
            "parameters": [_plain(one) for one in self.learnt],
            "breakpoint_curve": [_plain(one) for one in self.curve],
            "breakpoint_line": {
                name: {"constant": line[0], "slope": line[1]} for name, line in self.lines.items()
            },
            "classes": [_plain(one) for one in self.classes],
            "findings": [_plain(one) for one in self.findings],
            "variants": [_plain(one) for one in self.variants],
            "each_battle": [_row(one) for one in self.each],
            "civil_war": None if self.civil_war is None else {
                "rows": [dict(row) for row in self.civil_war.rows],
                "findings": [_plain(one) for one in self.civil_war.findings],
            },
            "unused_columns": list(self.unused),
            "seed": self.seed,
        }  # fmt: skip


def _plain(record: object) -> dict[str, object]:
    """A record in plain values."""
    return dataclasses.asdict(record)  # type: ignore[call-overload, no-any-return]


def _row(one: BattleLine) -> dict[str, object]:
    """A battle as a flat row."""
    row: dict[str, object] = {
        "battle": one.name, "war": one.war, "year": one.year, "days": one.days, "gave_way": one.outcome,
        "p_defender_gives_way": one.chance.value, "p_low": one.chance.low, "p_high": one.chance.high,
        **{f"p_{name}": value for name, value in one.others.items()},
    }  # fmt: skip
    for side, law, given, table in zip(("attacker", "defender"), one.lost, one.lost_given, one.lost_table):
        row |= {
            f"{side}_lost": table, f"{side}_lost_law": law.value, f"{side}_lost_law_low": law.low,
            f"{side}_lost_law_high": law.high, f"{side}_lost_law_given_end": given.value,
        }  # fmt: skip
    return row | {
        "rank_of_loss": one.rank, "gained_km": one.gained_table, "gained_km_law": one.gained.value,
        "gained_km_law_low": one.gained.low, "gained_km_law_high": one.gained.high,
    }  # fmt: skip


def line_of(result: BattleScores, name: str) -> list[BattleLine]:
    """The battles of a name.

    Args:
        result: the result.
        name: a part of the name, in any case.

    Returns:
        Battles of exactly that name, else those whose name holds it.
    """
    wanted = name.strip().lower()
    exact = [one for one in result.each if one.name.lower() == wanted]
    return exact or [one for one in result.each if wanted in one.name.lower()]


def nothing() -> Estimate:
    """An estimate that has no meaning.

    Returns:
        NaN, from NaN to NaN.
    """
    return Estimate(np.nan, np.nan, np.nan)
