"""What is believed before a claim is read: of any war (`WAR`), and of how claimants err (`HABITS`).

A claim's logarithm is that of what it counts, plus a bias shared by all claimants of its type, plus one of its lineage,
plus an error of the lineage that changes slowly, plus its own. The biases are inferred; the figures here are what is
believed of a war of which nothing is known. Most come from setting sources side by side in one war (2022-26), in the US
Civil War and in five more (`docs/evidence.md` gives the tables with their sources), so for that war they are not free of
hindsight: the held-out year there is the test.
"""

from __future__ import annotations

import dataclasses

from holdfast.core.params import About, Fixed, LogNormal, Normal

_SIDES = "sources of the wars of 2022-26, of 1861-65 and of five more set side by side (`docs/evidence.md`): not free of hindsight"


def _war(value: float, unit: str, prior: LogNormal | Normal | Fixed, source: str) -> About:
    return About(value, unit, prior, "losses", source)


WAR: dict[str, About] = {
    "killed": _war(
        0.012, "of the army/month", LogNormal(0.012, 2.0), "assumed: a factor of 7 either way covers all wars"
    ),
    "killed_pace": _war(0.25, "log/month", LogNormal(0.25, 0.3), "assumed: a war of posts or one of battles"),
    "wounded": _war(2.7, "for each dead", LogNormal(2.7, 0.35), "1.5 to 4 in wars since 1861 (`docs/evidence.md`)"),
    "wounded_step": _war(0.14, "log/quarter", Fixed(), "assumed: the ratio changes slowly"),
    "captured": _war(0.06, "for each dead", LogNormal(0.06, 1.0), "assumed, loose"),
    "captured_step": _war(0.5, "log/quarter", Fixed(), "assumed: prisoners are taken by the garrison"),
    "deserted": _war(0.003, "of the army/month", LogNormal(0.003, 1.0), "assumed, loose"),
    "deserted_step": _war(0.4, "log/quarter", Fixed(), "assumed: desertion comes in waves"),
    "recruited": _war(0.05, "of the army/month", LogNormal(0.05, 0.8), "assumed, loose"),
    "recruited_step": _war(0.3, "log/quarter", Fixed(), "assumed"),
    "recruited_month": _war(0.35, "log/month", Fixed(), "assumed: a mobilisation is unlike its neighbours"),
    "discharged": _war(0.006, "of the army/month", LogNormal(0.006, 0.9), "assumed: ends of term, sickness, discharge"),
    "returned": _war(-0.1, "logit share", Normal(-0.1, 0.45), _SIDES),
    "came_back": _war(-0.4, "logit share", Normal(-0.4, 0.65), _SIDES),
    "held": _war(0.0, "logit share", Normal(0.0, 0.7), "assumed"),
    "mention": _war(0.0, "logit share", Normal(0.0, 0.9), "assumed: counts of killed seldom say"),
    "missing_first": _war(-2.5, "logit share", Normal(-2.5, 0.8), _SIDES),
    "missing_last": _war(-0.8, "logit share", Normal(-0.8, 0.8), _SIDES),
    "registers_first": _war(2.5, "logit share", Normal(2.5, 1.1), _SIDES),
    "registers_last": _war(3.0, "logit share", Normal(3.0, 0.9), _SIDES),
    "named_first": _war(1.1, "logit share", Normal(1.1, 0.8), _SIDES),
    "named_last": _war(1.1, "logit share", Normal(1.1, 0.8), _SIDES),
    "delay_first": _war(1.1, "log months", Normal(1.1, 0.4), _SIDES),
    "delay_last": _war(2.1, "log months", Normal(2.1, 0.4), _SIDES),
    "tally_turn": _war(
        12.0, "months", Normal(12.0, 5.0), "assumed: an enemy's tally takes in the wounded at some time"
    ),
    "tally_low": _war(0.4, "logit share", Normal(0.4, 1.0), _SIDES),
    "tally_high": _war(2.5, "logit share", Normal(2.5, 0.8), _SIDES),
    "tally_width": _war(2.0, "months", Fixed(), "assumed"),
    "list_shape": _war(0.8, "1", Fixed(), "early names come fast, the last very late: vintages of named lists"),
    "least_army": _war(0.1, "of the army", Fixed(), "assumed: with fewer men a side fights no war of this kind"),
    "least_army_width": _war(0.03, "of the army", Fixed(), "assumed: the softness of that bound"),
}
"""Priors of any war, on the scale of the army's first claimed strength. A log-normal or normal prior is the density of a
latent value; a fixed one is a convention of the model."""


@dataclasses.dataclass(frozen=True)
class Habit:
    """How one type of claimant errs on one kind of claim. All on the log scale."""

    early: float
    """Mean bias in the first months of a war."""
    late: float
    """Mean bias later on; the first fades into the second with `FADE_YEARS`."""
    shared: float
    """SD of the bias that all claimants of the type share."""
    lineage: float
    """SD of each lineage's own bias."""
    series: float
    """SD of the lineage's slowly changing error."""
    own: float
    """SD of each claim's own error, beside rounding and stated range."""


FADE_YEARS = 1.0
MEMORY_MONTHS = 20.0
"""How long a lineage's slowly changing error lasts: an AR(1) of 0.95 a month."""
DEGREES = 4.0
"""Student degrees of freedom of what is new in each number of a lineage: mostly little, rarely a change of method."""
SCALE = 0.876
"""Scale of that variable beside the SDs given here: two thirds of errors lie within one SD, as of a normal variable; the tails
are heavier."""
WORDING = 0.10
"""SD of what a lineage's number means under one wording (what it counts, whom it covers) beside its other wordings."""
WORDS_OFF = {"at least": -0.15, "up to": 0.15, "part": -2.0, "wider": 0.4}
"""Mean distance on the log scale, exponentially distributed, of what such words say from what their claimant believes of the
whole. A part has a median of a quarter and may be anything: its share is the square of a uniform number."""
WORDS_AGAIN = {"at least": 0.15, "up to": 0.15, "part": 0.7, "wider": 0.2}
"""SD of how that distance differs from the last that the lineage told in these words."""
TALLY_PACE = 0.3
"""SD of the logit of how a running tally's step is shared out within it: days are not alike."""
RETOLD, RETOLD_DAYS = 0.01, 1.0
"""SD of a running tally's number as others retell it, beside its rounding: a share, and the days by which they mistake it."""
FOG, FOG_MONTHS = 1.0, 4.0
"""By how much errors are wider on a war's first day, as a share, and how fast that fades."""

OWN, OPPOSING, THIRD = "belligerent own side", "opposing side", "third-party government"
TANK, MEDIA, LIST, EXCESS = "think tank / model", "media", "named-list count", "excess-mortality model"

HABITS: dict[str, dict[str, Habit]] = {
    "killed": {
        OWN: Habit(-0.35, -0.35, 0.40, 0.20, 0.15, 0.10),
        OPPOSING: Habit(1.2, 0.65, 0.50, 0.25, 0.20, 0.05),
        THIRD: Habit(0.6, 0.05, 0.35, 0.20, 0.20, 0.05),
        TANK: Habit(0.2, 0.0, 0.25, 0.20, 0.15, 0.10),
        MEDIA: Habit(0.4, 0.3, 0.50, 0.40, 0.20, 0.10),
        LIST: Habit(0.0, 0.0, 0.15, 0.15, 0.10, 0.05),
        EXCESS: Habit(0.0, 0.0, 0.04, 0.08, 0.10, 0.05),
    },
    "eliminated": {OPPOSING: Habit(0.1, 0.1, 0.20, 0.05, 0.10, 0.03)},
    "casualties": {
        OWN: Habit(-0.4, -0.4, 0.40, 0.20, 0.15, 0.10),
        OPPOSING: Habit(0.5, 0.4, 0.40, 0.25, 0.20, 0.05),
        THIRD: Habit(0.4, 0.0, 0.20, 0.12, 0.12, 0.05),
        TANK: Habit(0.3, 0.0, 0.25, 0.20, 0.12, 0.05),
        MEDIA: Habit(0.0, 0.0, 0.30, 0.30, 0.20, 0.10),
        LIST: Habit(0.0, 0.0, 0.30, 0.20, 0.15, 0.05),
        EXCESS: Habit(0.0, 0.0, 0.25, 0.15, 0.10, 0.05),
    },
    "wounded": {
        OWN: Habit(-0.4, -0.2, 0.40, 0.20, 0.20, 0.10),
        OPPOSING: Habit(0.5, 0.5, 0.50, 0.25, 0.20, 0.05),
        THIRD: Habit(0.4, 0.0, 0.30, 0.20, 0.20, 0.05),
        TANK: Habit(0.3, 0.0, 0.30, 0.20, 0.15, 0.05),
    },
    "named": {LIST: Habit(0.0, 0.0, 0.0, 0.20, 0.10, 0.03)},
    "missing": {TANK: Habit(0.0, 0.0, 0.40, 0.25, 0.15, 0.05)},
    "captured": {
        OWN: Habit(-0.2, -0.2, 0.30, 0.30, 0.25, 0.10),
        OPPOSING: Habit(0.1, 0.1, 0.30, 0.35, 0.25, 0.10),
        TANK: Habit(0.0, 0.0, 0.30, 0.40, 0.25, 0.10),
    },
    "deserted": {
        OWN: Habit(-0.2, -0.2, 0.40, 0.25, 0.20, 0.05),
        OPPOSING: Habit(0.2, 0.2, 0.40, 0.25, 0.20, 0.05),
        TANK: Habit(0.0, 0.0, 0.35, 0.25, 0.20, 0.05),
    },
    "cases": {TANK: Habit(0.2, 0.2, 0.25, 0.25, 0.25, 0.06)},
    "court_cases": {TANK: Habit(-1.5, -1.3, 0.40, 0.25, 0.25, 0.06)},
    "listed_absent": {TANK: Habit(-0.25, -0.25, 0.30, 0.30, 0.25, 0.10)},
    "absent": {TANK: Habit(0.0, 0.0, 0.30, 0.30, 0.25, 0.10)},
    "recruited": {OWN: Habit(0.25, 0.25, 0.25, 0.20, 0.15, 0.08), TANK: Habit(0.1, 0.1, 0.25, 0.20, 0.15, 0.08)},
    "strength": {OWN: Habit(0.1, 0.1, 0.12, 0.15, 0.08, 0.03), TANK: Habit(0.0, 0.0, 0.12, 0.15, 0.08, 0.03)},
}

SLIPS = {MEDIA: 0.25, THIRD: 0.05, OPPOSING: 0.10, TANK: 0.03}
"""Chance that "killed" stands for killed and wounded, by who says it."""


def habit(kind: str, claimant_type: str) -> Habit:
    """The row for a claim; a type without one errs as a bystander does (`think tank / model`, or the only row).

    Args:
        kind: of claim, a key of `HABITS`.
        claimant_type: as in a table of claims.

    Returns:
        The prior of its errors, on the log scale.
    """
    rows = HABITS[kind]
    return rows.get(claimant_type) or rows.get(TANK) or next(iter(rows.values()))


SHORT = {TANK: "others", LIST: "lists of names", EXCESS: "excess mortality"}
"""Types of claimant in the table of habits; `others` stands for every type without a row of its own."""


def table() -> list[str]:
    """The habits as lines of a Markdown table, for the documentation.

    Returns:
        The lines.
    """
    lines = [
        "| kind of claim | claimant | bias at first | bias later | its SD | lineage | series | own |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for kind, rows in HABITS.items():
        for name, row in rows.items():
            who = SHORT.get(name, name) if len(rows) > 1 else "all"
            spreads = " | ".join(f"{value:.2f}" for value in (row.shared, row.lineage, row.series, row.own))
            lines.append(f"| {kind.replace('_', ' ')} | {who} | {row.early:+.2f} | {row.late:+.2f} | {spreads} |")
    return lines
