"""How claimants err: bias and spread on the log scale, by kind of claim and kind of claimant, before a word is read.

A claim's logarithm is that of what it counts, plus a bias shared by all claimants of its type, plus one of its lineage,
plus an error of the lineage that changes slowly, plus its own. The biases are inferred; the figures here are what is
believed of a war of which nothing is known. Most come from setting sources side by side in one war (2022-26) and in
the US Civil War (`docs/evidence.md` gives the table with its sources), so for that war they are not free of hindsight:
the held-out year there is the test.
"""

from __future__ import annotations

import dataclasses


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
"""Student degrees of freedom of a lineage's errors: one lineage that is wrong is wrong as a whole."""

OWN, OPPOSING, THIRD = "belligerent own side", "opposing side", "third-party government"
TANK, MEDIA, LIST, EXCESS = "think tank / model", "media", "named-list count", "excess-mortality model"

HABITS: dict[str, dict[str, Habit]] = {
    "killed": {
        OWN: Habit(-0.5, -0.5, 0.30, 0.15, 0.15, 0.10),
        OPPOSING: Habit(1.2, 0.45, 0.40, 0.25, 0.20, 0.05),
        THIRD: Habit(0.6, 0.05, 0.35, 0.20, 0.20, 0.05),
        TANK: Habit(0.2, 0.0, 0.25, 0.20, 0.15, 0.10),
        MEDIA: Habit(0.4, 0.3, 0.50, 0.40, 0.20, 0.10),
        LIST: Habit(0.0, 0.0, 0.15, 0.15, 0.10, 0.05),
        EXCESS: Habit(0.0, 0.0, 0.04, 0.05, 0.07, 0.03),
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
        OPPOSING: Habit(0.3, 0.3, 0.40, 0.25, 0.20, 0.05),
        THIRD: Habit(0.4, 0.0, 0.30, 0.20, 0.20, 0.05),
        TANK: Habit(0.3, 0.0, 0.30, 0.20, 0.15, 0.05),
    },
    "named": {LIST: Habit(0.0, 0.0, 0.0, 0.20, 0.06, 0.02)},
    "missing": {TANK: Habit(0.0, 0.0, 0.40, 0.25, 0.15, 0.05)},
    "captured": {
        OWN: Habit(-0.2, -0.2, 0.30, 0.20, 0.15, 0.10),
        OPPOSING: Habit(0.1, 0.1, 0.25, 0.20, 0.15, 0.05),
        TANK: Habit(0.0, 0.0, 0.30, 0.20, 0.15, 0.05),
    },
    "deserted": {
        OWN: Habit(-0.2, -0.2, 0.40, 0.25, 0.20, 0.05),
        OPPOSING: Habit(0.2, 0.2, 0.40, 0.25, 0.20, 0.05),
        TANK: Habit(0.0, 0.0, 0.35, 0.25, 0.20, 0.05),
    },
    "cases": {TANK: Habit(0.2, 0.2, 0.25, 0.15, 0.12, 0.03)},
    "court_cases": {TANK: Habit(-1.5, -1.3, 0.40, 0.15, 0.15, 0.03)},
    "listed_absent": {TANK: Habit(-0.25, -0.25, 0.25, 0.15, 0.15, 0.05)},
    "absent": {TANK: Habit(0.0, 0.0, 0.25, 0.20, 0.15, 0.05)},
    "recruited": {OWN: Habit(0.25, 0.25, 0.20, 0.12, 0.12, 0.05), TANK: Habit(0.1, 0.1, 0.20, 0.15, 0.12, 0.05)},
    "strength": {OWN: Habit(0.1, 0.1, 0.12, 0.10, 0.05, 0.03), TANK: Habit(0.0, 0.0, 0.10, 0.10, 0.05, 0.03)},
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
