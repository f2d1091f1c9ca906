"""A second set: missing and captured in battles of the American Civil War, by who gave way, beside the law. [IO]

Livermore (1900) gives killed and wounded apart from missing and captured, which CDB90 does not. So two things can be asked
that CDB90 cannot answer. What of the losses that giving way adds (`board.rout`) is prisoners and missing, and what is dead
and wounded? And does the law's chance that a side gives way tell how large the share of the missing is?

What cannot be asked: Livermore's missing are not the engine's surrender. They hold men who straggled and came back, and
nobody wrote down which brigades were cut off, which is what surrender hangs on in the engine.
"""

from __future__ import annotations

import math

import numpy as np
import xarray as xr

from holdfast.core.faults import DataError
from holdfast.core.params import Floats
from holdfast.past_battles import board
from holdfast.past_battles.battle_table import ATTACKER, DEFENDER, POSTURES, Battles
from holdfast.past_battles.law_fit import Posterior
from holdfast.past_battles.result import CivilWar, Finding
from holdfast.stats.intervals import Estimate, interval
from holdfast.stats.scoring import KEY

NAME, FILE = "acw-battles", "livermore_battles.csv"
RESAMPLES = 2_000
YEAR = 1863


def judge(posterior: Posterior) -> CivilWar | None:
    """Missing and captured by side and end, and what they say of the law.

    Args:
        posterior: what CDB90 taught.

    Returns:
        Rows and findings; `None` where the data set cannot be had.
    """
    from holdfast.evidence.datasets import acw, registry

    try:
        files = registry.fetch(NAME)
    except DataError:
        return None
    return of_ends(acw.ends(files), posterior) if FILE in files else None


def of_ends(ends: xr.Dataset, posterior: Posterior) -> CivilWar:
    """The same of Livermore's battles.

    Args:
        ends: as `evidence.datasets.acw.ends` gives them.
        posterior: what CDB90 taught.

    Returns:
        Rows and findings.
    """
    hit, missing = ends["killed_wounded"].to_numpy(), ends["missing"].to_numpy()
    gave = np.stack([~ends["won"].to_numpy(), ends["won"].to_numpy()], 1)
    men = ends["strength"].to_numpy()
    rows = tuple(_row(side, broke, hit, missing, gave) for side in (ATTACKER, DEFENDER) for broke in (True, False))
    return CivilWar(
        rows=rows, findings=(_rout(men, hit, missing, gave, posterior), _chance(men, hit, missing, posterior))
    )


def _row(side: int, broke: bool, hit: Floats, missing: Floats, gave: np.ndarray) -> dict[str, object]:
    """Missing as a share of all losses, of one side with one end."""
    here = (gave[:, side] == broke) & np.isfinite(hit[:, side] + missing[:, side])
    share = missing[here, side] / (missing + hit)[here, side]
    pooled = missing[here, side].sum() / (missing + hit)[here, side].sum()
    return {
        "side": ("attacker", "defender")[side], "gave_way": broke, "battles": int(here.sum()),
        "missing_share_median": float(np.median(share)), "missing_share_pooled": float(pooled),
    }  # fmt: skip


def _excess(of: Floats, men: Floats, gave: np.ndarray) -> Floats:
    """Log of the share that the side lost that gave way, less that of the other, of battles where both are known."""
    share = np.log(of / men)
    gap = np.where(gave[:, DEFENDER], share[:, DEFENDER] - share[:, ATTACKER], share[:, ATTACKER] - share[:, DEFENDER])
    return np.asarray(gap[np.isfinite(gap)])


def _rout(men: Floats, hit: Floats, missing: Floats, gave: np.ndarray, posterior: Posterior) -> Finding:
    """What giving way adds to losses, and how much of it is missing men."""
    known = np.isfinite(men + hit + missing).all(axis=1) & (missing > 0).all(axis=1)
    every, plain = (_excess(of[known], men[known], gave[known]) for of in (hit + missing, hit))
    whole, part = _mean(every), _mean(every - plain)
    rout = float(posterior.law().board.rout)
    return Finding(
        "giving way adds to a side's losses what CDB90 teaches (board.rout)", whole.low <= rout <= whole.high,
        f"log of the loss ratio, the side that gave way over the other: {whole.value:.2f} ({whole.low:.2f} to {whole.high:.2f}) "
        f"in {len(every)} battles of Livermore, of which missing and captured are {part.value:.2f} ({part.low:.2f} to "
        f"{part.high:.2f}); board.rout {rout:.2f}",
    )  # fmt: skip


def _mean(values: Floats) -> Estimate:
    """Mean and 90 % over resamples of the battles."""
    random = np.random.default_rng(KEY)
    drawn = values[random.integers(0, len(values), (RESAMPLES, len(values)))].mean(axis=1)
    return Estimate(float(values.mean()), *interval(drawn))


def _chance(men: Floats, hit: Floats, missing: Floats, posterior: Posterior) -> Finding:
    """Whether a side that the law gives a greater chance to give way has a greater share of missing."""
    from scipy import stats

    known = np.isfinite(men + hit + missing).all(axis=1) & (men > 0).all(axis=1)
    share = (missing / (missing + hit))[known]
    p = np.asarray(board.chance(posterior.law(), board.columns_of(_as_battles(men[known]))))
    both = stats.spearmanr(np.concatenate([1 - p, p]), share.T.ravel())
    error = 1 / math.sqrt(max(1, int(known.sum()) - 3))
    return Finding(
        "the share of the missing rises with the law's chance that a side gives way",
        bool(both.statistic > 1.645 * error),
        f"rank correlation {both.statistic:.2f} (se about {error:.2f}) in {int(known.sum())} battles, by odds alone",
    )  # fmt: skip


def _as_battles(men: Floats) -> Battles:
    """Battles of which the men alone are known."""
    count = len(men)
    nothing = np.full(count, np.nan)
    return Battles(
        source=NAME, name=("",) * count, war=("",) * count, year=np.full(count, float(YEAR)), men=men,
        lost=np.full((count, 2), np.nan), days=nothing, posture=np.zeros((count, len(POSTURES))), surprise=np.zeros(count),
        air=np.zeros(count), judged=np.zeros(count), front=np.full((count, 2), np.nan), outcome=nothing, gained=nothing,
    )  # fmt: skip
