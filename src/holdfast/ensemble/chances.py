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

COLLAPSE, SETTLEMENT, VICTORY = "collapse", "settlement", "victory"
"""The ends of a war for one side: its army collapses; its state ends the war while the army stands; or either is true of the
enemy."""
ENDS = (COLLAPSE, SETTLEMENT, VICTORY, NONE)


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


def by_day(collapse: npt.ArrayLike, settlement: npt.ArrayLike, side: int, days: int) -> dict[str, dict[str, Chance]]:
    """Which end of the war came first for a side, by each horizon that the runs are long enough for, and by their last day.

    Args:
        collapse: first day, -1 = never, `[run 2]`.
        settlement: day on which the side's state ended the war while its army stood, likewise.
        side: 0 or 1.
        days: length of the runs [d].

    Returns:
        Chances by horizon and end; those of a horizon add up to 1. Where both armies end on one day, that is the side's own end.
    """
    fallen, settled = np.asarray(collapse), np.asarray(settlement)
    enemy = np.stack([fallen[:, 1 - side], settled[:, 1 - side]], axis=1)
    first = np.where(enemy < 0, np.iinfo(np.int32).max, enemy).min(axis=1)
    ends = {
        COLLAPSE: fallen[:, side], SETTLEMENT: settled[:, side],
        VICTORY: np.where(first == np.iinfo(np.int32).max, -1, first),
    }  # fmt: skip
    horizons = [*(horizon for horizon in HORIZONS if horizon < days), days]
    runs = len(fallen)
    return {
        str(horizon): {end: chance(round(float(share) * runs), runs) for end, share in shares.items()}
        for horizon, shares in incidence(ends, horizons).items()
    }
