"""Scores of predicted chances whose cases come in groups, such as battles in wars: intervals over groups, calibration lines.

Cases of one group share what no column tells, so an interval over cases would be too narrow. Here whole groups are drawn
with replacement, from a fixed key; a model and its rival are drawn together.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Hashable, Sequence

import numpy as np
import numpy.typing as npt

from holdfast.stats import scoring
from holdfast.stats.intervals import Estimate, interval
from holdfast.stats.scoring import KEY, LEAST, Difference, Numbers, Outcomes

RESAMPLES = 1_000
NEWTON = 12


@dataclasses.dataclass(frozen=True)
class GroupScores:
    """Scores of a model [1], each with its 90 % interval over groups."""

    auc: Estimate
    """Area under the ROC curve."""
    brier: Estimate
    """Mean square of chance less outcome."""
    log: Estimate
    """Mean of minus the log of the chance of what happened [nats]."""
    slope: Estimate
    """Slope of the outcome's log odds on the predicted; 1 is calibrated, below 1 the chances are too bold."""
    intercept: Estimate
    """Log odds by which the chances are too low as a whole, at a slope of 1 [nats]."""
    cases: int
    """Cases that were scored."""
    happened: int
    """Those of them in which it happened."""
    groups: int
    """Groups that they come from."""


def calibration_line(
    p: npt.ArrayLike, y: npt.ArrayLike, weight: npt.ArrayLike | None = None
) -> tuple[Numbers, Numbers]:
    """Slope of the outcome's log odds on the predicted (Cox 1958), and the shift of log odds at a slope of 1.

    Args:
        p: predicted chances `[case]` [1].
        y: whether it happened `[case]`.
        weight: how much each case counts, `[case]` or `[resample case]`; alike unless given.

    Returns:
        Slope and shift, `[]` or `[resample]`; NaN where the outcomes or the chances are all alike.
    """
    chances, outcomes = np.asarray(p, float), np.asarray(y, float)
    bounded = np.clip(chances, LEAST, 1 - LEAST)
    log_odds = np.log(bounded) - np.log1p(-bounded)
    counts = np.atleast_2d(np.ones(len(chances)) if weight is None else np.asarray(weight, float))
    slope, line = np.ones(len(counts)), np.zeros(len(counts))
    shift = np.zeros(len(counts))
    varied = np.ptp(log_odds) > 1e-9
    for _ in range(NEWTON):
        inner = 1 / (1 + np.exp(-(line[:, None] + slope[:, None] * log_odds)))
        rest, bend = counts * (outcomes - inner), counts * inner * (1 - inner)
        a, b, c = bend.sum(1), bend @ log_odds, bend @ log_odds**2
        scale = a * c - b**2
        if varied:
            with np.errstate(divide="ignore", invalid="ignore"):
                line, slope = (
                    line + np.clip((c * rest.sum(1) - b * (rest @ log_odds)) / scale, -2, 2),
                    slope + np.clip((a * (rest @ log_odds) - b * rest.sum(1)) / scale, -2, 2),
                )
        plain = 1 / (1 + np.exp(-(shift[:, None] + log_odds)))
        shift = shift + np.clip((counts * (outcomes - plain)).sum(1) / (counts * plain * (1 - plain)).sum(1), -2, 2)
    happened = (counts * outcomes).sum(1)
    lone = (happened == 0) | (happened == counts.sum(1))
    slope = np.where(lone | (not varied), np.nan, slope)
    shift = np.where(lone, np.nan, shift)
    return (slope[0], shift[0]) if weight is None or np.ndim(weight) == 1 else (slope, shift)


def scored(
    p: npt.ArrayLike, y: npt.ArrayLike, groups: Sequence[Hashable], *, orders: bool = True, key: int = KEY
) -> GroupScores:
    """A model's scores with intervals over groups.

    Args:
        p: predicted chances `[case]` [1].
        y: whether it happened `[case]`.
        groups: the group of each case.
        orders: whether the model tells cases apart; see `scoring.scored`.
        key: seed of the resamples.

    Returns:
        The scores.
    """
    chances, outcomes = np.asarray(p, float), np.asarray(y).astype(bool)
    drawn = _resamples(groups, outcomes, key)
    values, draws = _all(chances, outcomes, drawn, orders)
    with_ends = {name: Estimate(values[name], *interval(draws[name])) for name in values}
    return GroupScores(**with_ends, cases=len(outcomes), happened=int(outcomes.sum()), groups=len(set(groups)))


def difference(
    p_a: npt.ArrayLike, p_b: npt.ArrayLike, y: npt.ArrayLike, groups: Sequence[Hashable], *, key: int = KEY
) -> dict[str, Difference]:
    """Scores of a less those of b on the same resamples of groups.

    Args:
        p_a: chances predicted by a `[case]` [1].
        p_b: chances predicted by b `[case]` [1].
        y: whether it happened `[case]`.
        groups: the group of each case.
        key: seed of the resamples.

    Returns:
        Differences in `auc`, `brier` and `log`.
    """
    outcomes = np.asarray(y).astype(bool)
    drawn = _resamples(groups, outcomes, key)
    (a, a_drawn), (b, b_drawn) = (_all(np.asarray(p, float), outcomes, drawn, True) for p in (p_a, p_b))
    differences = {}
    for name, better in (("auc", 1), ("brier", -1), ("log", -1)):
        gaps = a_drawn[name] - b_drawn[name]
        share = float(np.mean((np.sign(gaps * better) + 1) / 2))
        differences[name] = Difference(a[name] - b[name], *interval(gaps), share)
    return differences


def _resamples(groups: Sequence[Hashable], outcomes: Outcomes, key: int) -> Numbers:
    """How often each case is drawn with its group, `[resample case]`; resamples of one outcome only are drawn anew."""
    names = list(dict.fromkeys(groups))
    place = np.array([names.index(group) for group in groups])
    random = np.random.default_rng(key)
    even = np.full(len(names), 1 / len(names))
    counts = random.multinomial(len(names), even, size=RESAMPLES)[:, place].astype(float)
    if outcomes.all() or not outcomes.any() or len(names) == 1:
        return counts
    for _ in range(100):
        lone = (counts[:, outcomes].sum(1) == 0) | (counts[:, ~outcomes].sum(1) == 0)
        if not lone.any():
            break
        counts[lone] = random.multinomial(len(names), even, size=int(lone.sum()))[:, place]
    return counts


def _all(
    chances: Numbers, outcomes: Outcomes, drawn: Numbers, orders: bool
) -> tuple[dict[str, float], dict[str, Numbers]]:
    """Every score of the cases, and of each resample."""
    squares = (chances - outcomes) ** 2
    bounded = np.clip(chances, LEAST, 1 - LEAST)
    surprises = -np.where(outcomes, np.log(bounded), np.log1p(-bounded))
    sorting = chances if orders else np.full(len(chances), 0.5)
    total = drawn.sum(1)
    slope, shift = calibration_line(chances, outcomes)
    slopes, shifts = calibration_line(chances, outcomes, drawn)
    values = {
        "auc": scoring.auc(sorting, outcomes), "brier": float(squares.mean()), "log": float(surprises.mean()),
        "slope": float(slope) if orders else math.nan, "intercept": float(shift),
    }  # fmt: skip
    draws = {
        "auc": scoring.areas(sorting, outcomes, drawn), "brier": drawn @ squares / total, "log": drawn @ surprises / total,
        "slope": slopes if orders else np.full(1, math.nan), "intercept": shifts,
    }  # fmt: skip
    return values, draws
