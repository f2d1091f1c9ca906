"""Quantile bands, weighted quantiles, Wilson's interval of a share; importance weights and what they are worth."""

from __future__ import annotations

import dataclasses
import math
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from holdfast.core.lazy import Lazy
from holdfast.core.units import LEVEL, Z90

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from jaxtyping import Float, Int
else:
    np = Lazy("numpy")

P90: Mapping[str, float] = {"p05": 0.05, "p50": 0.5, "p95": 0.95}
"""Median and ends of the 90 % interval, by the names that JSON and tables give them."""

P90_P50: Mapping[str, float] = {"p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}
"""The same with the quartiles, which are the ends of the 50 % interval."""

BAND: Mapping[str, float] = {"low": 0.05, "lower": 0.25, "middle": 0.5, "upper": 0.75, "high": 0.95}
"""The same five levels, by the names that charts give them."""


@dataclasses.dataclass(frozen=True)
class Estimate:
    """A number and its 90 % interval; all three are NaN where the number has no meaning."""

    value: float
    """The number."""
    low: float
    """Lower end of the interval."""
    high: float
    """Upper end of the interval."""


def quantiles(draws: npt.ArrayLike, levels: Mapping[str, float] = P90) -> dict[str, float]:
    """Quantiles of draws by name, between two draws linear.

    Args:
        draws: draws of one number `[draw]`; at least one, none of them NaN.
        levels: name and probability of each quantile.

    Returns:
        The quantile of each name, in the order of `levels`.
    """
    ends = np.quantile(np.asarray(draws), list(levels.values()))
    return {name: float(value) for name, value in zip(levels, ends, strict=True)}


def finite_quantiles(
    draws: npt.ArrayLike, levels: Mapping[str, float] = P90, least: int = 1
) -> dict[str, float] | None:
    """Quantiles of the draws that are finite, by name.

    Args:
        draws: draws of one number `[draw]`; NaN where a draw says nothing.
        levels: name and probability of each quantile.
        least: finite draws that there must be; all of them where there are fewer draws than this.

    Returns:
        The quantiles, or `None` where too few draws are finite.
    """
    values = np.asarray(draws)
    left = values[np.isfinite(values)]
    return quantiles(left, levels) if len(left) and len(left) >= min(least, len(values)) else None


def interval(draws: npt.ArrayLike, level: float = LEVEL) -> tuple[float, float]:
    """Ends of the central interval that holds a share of the draws.

    Args:
        draws: draws of one number `[draw]`.
        level: the share, as 0.9 [1].

    Returns:
        The lower and the upper end; NaN if a draw is NaN.
    """
    low, high = np.quantile(np.asarray(draws), [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def mean_estimate(draws: npt.ArrayLike) -> Estimate:
    """Mean of draws and their central 90 % interval.

    Args:
        draws: draws of one number `[draw]`.

    Returns:
        The estimate.
    """
    return Estimate(float(np.mean(np.asarray(draws))), *interval(draws))


def median_estimate(draws: npt.ArrayLike) -> Estimate:
    """Median of draws and their central 90 % interval.

    Args:
        draws: draws of one number `[draw]`.

    Returns:
        The estimate.
    """
    return Estimate(float(np.median(np.asarray(draws))), *interval(draws))


def weighted_quantiles(
    draws: Float[np.ndarray, "draw"], weights: Float[np.ndarray, "draw"], levels: Sequence[float]
) -> Float[np.ndarray, "level"]:
    """Quantiles of weighted draws: each draw stands at the middle of its weight, between two linear (Hazen).

    Args:
        draws: draws of one number.
        weights: their weights, which sum to one.
        levels: probabilities of the quantiles.

    Returns:
        A quantile for each level; beyond the outermost draws' middles, the outermost draw.
    """
    order = np.argsort(draws)
    below = np.cumsum(weights[order]) - weights[order] / 2
    return np.asarray(np.interp(levels, below, draws[order]))


def normal_quantile(level: float = LEVEL) -> float:
    """Standard normal quantile of a two-sided interval.

    Args:
        level: share of a normal distribution that the interval holds [1].

    Returns:
        The quantile [1].
    """
    if level == LEVEL:
        return Z90
    from statistics import NormalDist

    return NormalDist().inv_cdf((1 + level) / 2)


def binomial_band(chance: float, count: int, level: float = LEVEL) -> tuple[float, float]:
    """Between which shares that of so many independent cases lies, if each comes true with a chance.

    Args:
        chance: of each case [1].
        count: cases; at least one.
        level: the share of all such samples that lie between, as 0.9 [1].

    Returns:
        The lower and the upper share [1]; what lies outside is unlikely by luck alone.
    """
    from scipy.stats import binom

    low, high = binom.ppf([(1 - level) / 2, (1 + level) / 2], count, chance) / count
    return float(low), float(high)


def wilson(count: int, total: int, level: float = LEVEL) -> tuple[float, float]:
    """Wilson's interval of a share, which stays within 0 to 1 and has width where all or none of the trials succeed.

    Wilson (1927), doi:10.1080/01621459.1927.10502953. Kept own: `scipy.stats.binomtest` gives the same to 2e-16, but works
    out a p-value on the way (0.4 to 0.7 ms a call against 1 us, and a chart asks once for each possible count).

    Args:
        count: trials that succeeded.
        total: trials.
        level: probability of the interval.

    Returns:
        Lower and upper end; 0 is the lower end where none succeeded, 1 the upper where all did, and both without a trial.
    """
    if not total:
        return 0.0, 1.0
    share, weight = count / total, normal_quantile(level) ** 2 / total
    middle = wilson_middle(count, total, level)
    reach = normal_quantile(level) / (1 + weight) * math.sqrt(share * (1 - share) / total + weight / (4 * total))
    low, high = max(0.0, middle - reach), min(1.0, middle + reach)
    return low if count else 0.0, high if count < total else 1.0


def wilson_middle(count: int, total: int, level: float = LEVEL) -> float:
    """The middle of Wilson's interval of a share: none of 16 is no proof that it cannot happen.

    Args:
        count: trials that succeeded.
        total: trials.
        level: probability of the interval.

    Returns:
        The middle [1]; one half without a trial.
    """
    if not total:
        return 0.5
    weight = normal_quantile(level) ** 2 / total
    return (count / total + weight / 2) / (1 + weight)


def apart(a: Estimate, b: Estimate) -> Estimate:
    """The difference of two numbers that were estimated from different cases.

    The interval is recovered from theirs (Zou and Donner 2008, Statistics in Medicine 27:1693-1702): the ends are as far from
    the difference as the root of the sum of the squared reaches of the two.

    Args:
        a: the one.
        b: the other.

    Returns:
        a less b, with its 90 % interval.
    """
    value = a.value - b.value
    low = value - math.hypot(a.value - a.low, b.high - b.value)
    return Estimate(value, low, value + math.hypot(a.high - a.value, b.value - b.low))


KHAT_TRUSTED = 0.7
"""Pareto shape up to which smoothed weights can be trusted (Vehtari and others 2024)."""

KHAT_HOPELESS = 10.0
"""Stands for a shape too large to be estimated: one draw has all the weight."""

LogWeights: TypeAlias = "Float[np.ndarray, 'draw']"


class Smoothed(NamedTuple):
    """Pareto-smoothed weights and their diagnostic."""

    weights: Float[np.ndarray, "draw"]
    """They sum to one."""
    khat: float
    """Shape of the Pareto distribution fitted to the tail; above `KHAT_TRUSTED` they are not to be relied on."""

    @property
    def trusted(self) -> bool:
        """Whether the weights can be relied on."""
        return self.khat <= KHAT_TRUSTED


def pareto_smoothed(log_ratios: LogWeights) -> Smoothed:
    """Pareto-smoothed importance weights (Vehtari and others 2024, JMLR 25:72), by ArviZ.

    Args:
        log_ratios: log of the target's density over the draws' own, up to a constant.

    Returns:
        Weights that sum to one, and the shape of their tail. Where no shape can be fitted it is 0 if the weights are worth
        more than half of the draws, else `KHAT_HOPELESS`.
    """
    raw = np.exp(log_ratios - np.max(log_ratios))
    raw = raw / raw.sum()
    if not np.all(np.isfinite(raw)):
        return Smoothed(np.full(len(raw), 1 / len(raw)), KHAT_HOPELESS)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # of tails so flat that ArviZ divides by 0
        from arviz_stats.base import array_stats

        try:
            logs, khat = array_stats.psislw(-log_ratios)  # which takes log likelihoods, and weighs by their inverse
        except (ValueError, IndexError):  # a tail without spread, or too few draws for one
            logs, khat = raw, np.nan
        weights = np.exp(logs - np.max(logs))
        weights = weights / weights.sum()
    if np.isfinite(khat) and np.all(np.isfinite(weights)):
        return Smoothed(weights, float(khat))
    # No shape of a tail without spread, nor of one that has underflown but for a few draws.
    even = np.sum(raw**2) * len(raw) < 2
    return Smoothed(raw, 0.0 if even else KHAT_HOPELESS)


def normalised(log_weight: LogWeights) -> LogWeights:
    """Log weights less the log of their sum.

    Args:
        log_weight: log weights, up to a constant.

    Returns:
        Log weights whose exponentials sum to one.
    """
    return np.asarray(log_weight - np.logaddexp.reduce(log_weight))


def truncated(log_weight: LogWeights) -> LogWeights:
    """Log weights cut at the mean weight times the root of their number, normalised (Ionides 2008).

    Cutting costs a little bias and saves much noise. The posterior of the calibration is weighed so; to smooth it instead
    moves every score of the backtest.

    Args:
        log_weight: log weights, up to a constant.

    Returns:
        Log weights whose exponentials sum to one.
    """
    cut = np.minimum(normalised(log_weight), -0.5 * np.log(len(log_weight)))
    return normalised(cut)


def effective_size(log_weight: LogWeights) -> float:
    """How many equal draws the weights are worth: one over the sum of their squares (Kish 1965).

    Args:
        log_weight: log weights, up to a constant.

    Returns:
        Draws, from 1 to their number.
    """
    return float(np.exp(-np.logaddexp.reduce(2 * normalised(log_weight))))


GOLDEN = (math.sqrt(5) - 1) / 2
"""The stride whose multiples lie most evenly between 0 and 1, however many there are."""


def evenly_resampled(log_weight: LogWeights, count: int, seed: int) -> Int[np.ndarray, "count"]:
    """Equal draws that stand for weighted ones, of which the first are the same however many are wanted.

    As `resampled`, but the spots follow each other at the golden section of the whole weight, which keeps any number of them
    even; a little less even than `resampled` for one number.

    Args:
        log_weight: log weights, up to a constant.
        count: equal draws wanted.
        seed: of the order and of the first spot.

    Returns:
        Index of the weighted draw that each equal draw is.
    """
    generator = np.random.default_rng(seed)
    share = np.exp(normalised(log_weight))
    spots = (generator.random() + np.arange(count) * GOLDEN) % 1
    order = generator.permutation(len(share))
    return np.asarray(order[np.minimum(np.searchsorted(np.cumsum(share[order]), spots), len(share) - 1)])


def resampled(log_weight: LogWeights, count: int, seed: int) -> Int[np.ndarray, "count"]:
    """Equal draws that stand for weighted ones: systematic resampling, the draws put in random order first.

    Args:
        log_weight: log weights, up to a constant.
        count: equal draws wanted.
        seed: of the order and of the one uniform number that the scheme needs.

    Returns:
        Index of the weighted draw that each equal draw is.
    """
    generator = np.random.default_rng(seed)
    share = np.exp(normalised(log_weight))
    spots = (np.arange(count) + generator.random()) / count
    order = generator.permutation(len(share))
    return np.asarray(order[np.minimum(np.searchsorted(np.cumsum(share[order]), spots), len(share) - 1)])
