"""How good were the chances that were told? Brier, log score and AUC, with intervals, and paired differences.

All take `p`, the chances told [1], and `y`, whether it happened, one for each case and in the same order. Intervals
are 90 % of a bootstrap that draws cases with replacement from a fixed key: they say how much a score hangs on which
armies happen to be in the table, and nothing of errors that all its codes share.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]

RESAMPLES = 2_000
LEVEL = 0.90
"""Of every interval here."""
KEY = 1917
"""Of the resamples: the same cases give the same intervals, and two models are drawn together."""
LEAST = 1e-6
"""The log score takes no chance as nearer to 0 or 1 than this: a certainty that fails costs 13.8, not infinity."""
EDGES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
"""Of the bins of a reliability plot: five, so that some forty cases leave several in each."""
NORMAL = 1.6448536269514722
"""Standard deviations of a normal on either side that hold 90 % [1]."""


@dataclasses.dataclass(frozen=True)
class Estimate:
    """A number and its 90 % interval; all three are NaN where the number has no meaning."""

    value: float
    low: float
    high: float


@dataclasses.dataclass(frozen=True)
class Scored:
    """The three scores of a model [1]: Brier and log are the better the lower, the AUC the higher."""

    brier: Estimate
    log: Estimate
    auc: Estimate
    cases: int
    happened: int


@dataclasses.dataclass(frozen=True)
class Difference:
    """Score of a less score of b on the same cases, and the share of resamples in which a is the better [1].

    A resample in which the two are equal counts half, so a model against itself has a share of one half.
    """

    value: float
    low: float
    high: float
    a_better: float


@dataclasses.dataclass(frozen=True)
class Paired:
    """How a and b differ in each score."""

    brier: Difference
    log: Difference
    auc: Difference


@dataclasses.dataclass(frozen=True)
class Bin:
    """The cases that were told a chance from `start` to `end`: mean chance told, and the share in which it happened."""

    start: float
    end: float
    cases: int
    told: float
    share: Estimate


def brier(p: npt.ArrayLike, y: npt.ArrayLike) -> float:
    """Mean square of chance told less outcome [1]; 0 is perfect, 0.25 is one half told each time (Brier 1950)."""
    chances, truths = _checked(p, y)
    return float(_squares(chances, truths).mean())


def log_score(p: npt.ArrayLike, y: npt.ArrayLike) -> float:
    """Mean of minus the log of the chance that was told of what happened [nats]; lower is better (Good 1952)."""
    chances, truths = _checked(p, y)
    return float(_surprises(chances, truths).mean())


def auc(p: npt.ArrayLike, y: npt.ArrayLike) -> float:
    """Chance that a case in which it happened was told more than one in which it did not, ties counted half [1].

    By ranks: the statistic of Mann and Whitney over its greatest value. NaN where all outcomes are alike.
    """
    chances, truths = _checked(p, y)
    happened, not_happened = int(truths.sum()), int((~truths).sum())
    if not happened or not not_happened:
        return math.nan
    _, place, counts = np.unique(chances, return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - (counts - 1) / 2)[place]  # of tied ones the mean
    return float((rank[truths].sum() - happened * (happened + 1) / 2) / (happened * not_happened))


def auc_error(value: float, happened: int, not_happened: int) -> float:
    """Standard error of an AUC on so many cases of either outcome [1]: Hanley and McNeil (1982), Radiology 143:29-36."""
    if not happened or not not_happened or math.isnan(value):
        return math.nan
    one_case, one_other = value / (2 - value), 2 * value**2 / (1 + value)
    square = value * (1 - value)
    square += (happened - 1) * (one_case - value**2) + (not_happened - 1) * (one_other - value**2)
    return math.sqrt(max(0.0, square) / (happened * not_happened))


def scored(p: npt.ArrayLike, y: npt.ArrayLike, *, orders: bool = True, key: int = KEY) -> Scored:
    """The three scores with their intervals.

    **Arguments:** `orders` false is for a rival that tells all cases one chance. Refitted without each case in turn,
    a base rate falls a little where the outcome left out was a yes, and its AUC would come out as 0; what it knows of
    the order of armies is nothing, so its AUC is 1/2.

    **Raises:** `ValueError` if the two differ in length, are empty, or a chance is not from 0 to 1.
    """
    chances, truths = _checked(p, y)
    all_drawn, both_drawn = _resamples(truths, key)
    sorting = chances if orders else np.full(len(chances), 0.5)
    return Scored(
        brier=_estimate(brier(chances, truths), _means(_squares(chances, truths), all_drawn)),
        log=_estimate(log_score(chances, truths), _means(_surprises(chances, truths), all_drawn)),
        auc=_estimate(auc(sorting, truths), _areas(sorting, truths, both_drawn)),
        cases=len(truths),
        happened=int(truths.sum()),
    )


def paired(
    p_a: npt.ArrayLike,
    p_b: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    orders: tuple[bool, bool] = (True, True),
    key: int = KEY,
) -> Paired:
    """Scores of a less those of b, case by case on the same resamples; a has the better where Brier and log are below 0.

    **Arguments:** `orders` of a and of b, as in `scored`.

    **Raises:** `ValueError` as `scored`.
    """
    (a, truths), (b, _) = _checked(p_a, y), _checked(p_b, y)
    all_drawn, both_drawn = _resamples(truths, key)
    squares = _squares(a, truths) - _squares(b, truths)
    surprises = _surprises(a, truths) - _surprises(b, truths)
    sorting = [one if told_apart else np.full(len(one), 0.5) for one, told_apart in zip((a, b), orders)]
    areas = _areas(sorting[0], truths, both_drawn) - _areas(sorting[1], truths, both_drawn)
    return Paired(
        brier=_difference(float(squares.mean()), _means(squares, all_drawn), better=-1),
        log=_difference(float(surprises.mean()), _means(surprises, all_drawn), better=-1),
        auc=_difference(auc(sorting[0], truths) - auc(sorting[1], truths), areas, better=1),
    )


def wilson(happened: int, cases: int) -> tuple[float, float]:
    """90 % interval of a share [1]: Wilson (1927), which stays within 0 to 1 and has width where all or none happened."""
    if not cases:
        return 0.0, 1.0
    share, weight = happened / cases, NORMAL**2 / cases
    middle = (share + weight / 2) / (1 + weight)
    reach = NORMAL / (1 + weight) * math.sqrt(share * (1 - share) / cases + weight / (4 * cases))
    return max(0.0, middle - reach), min(1.0, middle + reach)


def reliability(p: npt.ArrayLike, y: npt.ArrayLike, edges: Sequence[float] = EDGES) -> list[Bin]:
    """Chances told against shares that happened, in bins by chance; empty bins are left out.

    A chance on an edge belongs to the bin above it, a chance of 1 to the last.
    """
    chances, truths = _checked(p, y)
    place = np.clip(np.searchsorted(edges, chances, side="right") - 1, 0, len(edges) - 2)
    made = []
    for which, (start, end) in enumerate(zip(edges[:-1], edges[1:])):
        here = place == which
        cases, happened = int(here.sum()), int(truths[here].sum())
        if cases:
            share = Estimate(happened / cases, *wilson(happened, cases))
            made.append(Bin(start, end, cases, float(chances[here].mean()), share))
    return made


def _checked(p: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Numbers, Truths]:
    chances, told = np.asarray(p, float), np.asarray(y)
    if chances.ndim != 1 or chances.shape != told.shape:
        raise ValueError(f"chances of shape {chances.shape} and outcomes of shape {told.shape}: one of each for a case")
    if not chances.size:
        raise ValueError("no case to score")
    if not np.all((chances >= 0) & (chances <= 1)):
        raise ValueError("a chance must be a number from 0 to 1")
    if not np.isin(told, (0, 1)).all():
        raise ValueError("an outcome must be true or false; leave out the cases whose outcome is not known")
    return chances, told.astype(bool)


def _squares(p: Numbers, y: Truths) -> Numbers:
    return (p - y) ** 2


def _surprises(p: Numbers, y: Truths) -> Numbers:
    held = np.clip(p, LEAST, 1 - LEAST)
    return -np.where(y, np.log(held), np.log1p(-held))


def _resamples(y: Truths, key: int) -> tuple[Numbers, Numbers]:
    """How often each case is drawn [resample, case]: as it falls, and with those of one outcome only drawn anew."""
    luck = np.random.default_rng(key)
    counts = _counts(luck, len(y), RESAMPLES)
    if y.all() or not y.any():
        return counts, counts
    mixed = counts.copy()
    while (lone := np.isin(mixed[:, y].sum(axis=1), (0, len(y)))).any():
        mixed[lone] = _counts(luck, len(y), int(lone.sum()))
    return counts, mixed


def _counts(luck: np.random.Generator, cases: int, resamples: int) -> Numbers:
    return luck.multinomial(cases, np.full(cases, 1 / cases), size=resamples).astype(float)


def _means(values: Numbers, counts: Numbers) -> Numbers:
    return counts @ values / counts.sum(axis=1)


def _areas(p: Numbers, y: Truths, counts: Numbers) -> Numbers:
    """The AUC of every resample."""
    yes, no = counts[:, y], counts[:, ~y]
    if not yes.size or not no.size:
        return np.full(len(counts), math.nan)
    gap = np.sign(p[y][:, None] - p[~y][None, :])
    won = np.einsum("rj,rj->r", yes @ (gap + 1) / 2, no)
    return won / (yes.sum(axis=1) * no.sum(axis=1))


def _estimate(value: float, drawn: Numbers) -> Estimate:
    return Estimate(value, *_interval(drawn))


def _difference(value: float, drawn: Numbers, better: int) -> Difference:
    share = float(np.mean((np.sign(drawn * better) + 1) / 2))
    return Difference(value, *_interval(drawn), share)


def _interval(drawn: Numbers) -> tuple[float, float]:
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)
