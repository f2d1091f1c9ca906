"""Chances from simulated runs, in one place for runs and forecasts: what came of each army, by which day, with its interval.

Runs that each have a draw of their own of all that is not known are independent, so Wilson's interval of their share holds
luck, parameters, resolve and losses together. The chance that a historian would code (`holdfast assess`, `holdfast backtest`)
is another question; `docs/validation.md` sets the two side by side.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

import numpy as np
import numpy.typing as npt

from holdfast.engine.outcomes import HORIZONS, NONE, incidence
from holdfast.stats.intervals import wilson

COLLAPSE, SETTLEMENT, DESTROYED, VICTORY = "collapse", "settlement", "destroyed", "victory"
"""The ends of a war for one side: its army collapses; its state ends the war while the army stands; its army is destroyed; or one
of these is true of the enemy."""
ENDS = (COLLAPSE, SETTLEMENT, DESTROYED, VICTORY, NONE)
OWN = (COLLAPSE, SETTLEMENT, DESTROYED)
"""Those of the side itself, in order of precedence where two come on one day."""


class Chance(TypedDict):
    """A chance seen in runs."""

    p: float  # share of the runs [1]
    p05: float  # lower end of Wilson's 90 % interval [1]
    p95: float  # upper end [1]
    runs: int  # how many runs


ByDay = Mapping[str, Mapping[str, Chance]]
"""By horizon [d], the chance of each of `ENDS` as the first to come."""


def chance(count: int, runs: int) -> Chance:
    """A chance with its 90 % interval.

    Args:
        count: runs in which it came.
        runs: all runs, independent of each other.

    Returns:
        The chance.
    """
    low, high = wilson(count, runs)
    return {"p": count / runs, "p05": low, "p95": high, "runs": runs}


def by_day(first_days: Mapping[str, npt.ArrayLike], side: int, days: int) -> dict[str, dict[str, Chance]]:
    """Which end of the war came first for a side, by each horizon that the runs are long enough for, and by their last day.

    Args:
        first_days: by each of `OWN`, the first day of that end, -1 = never, `[run 2]`; one that is not there never came.
        side: 0 or 1.
        days: length of the runs [d].

    Returns:
        Chances by horizon and end; those of a horizon add up to 1. Where both armies end on one day, that is the side's own end.
    """
    known = {end: np.asarray(first_days[end]) for end in OWN if end in first_days}
    runs = len(next(iter(known.values())))
    never = np.full((runs, 2), -1)
    own = {end: known.get(end, never) for end in OWN}
    enemy = np.stack([each[:, 1 - side] for each in own.values()], axis=1)
    first = np.where(enemy < 0, np.iinfo(np.int32).max, enemy).min(axis=1)
    ends = {end: each[:, side] for end, each in own.items()}
    ends[VICTORY] = np.where(first == np.iinfo(np.int32).max, -1, first)
    horizons = [*(horizon for horizon in HORIZONS if horizon < days), days]
    return {
        str(horizon): {end: chance(round(float(share) * runs), runs) for end, share in shares.items()}
        for horizon, shares in incidence(ends, horizons).items()
    }
