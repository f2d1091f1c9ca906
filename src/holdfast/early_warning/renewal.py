r"""Desertion's reproduction number from counts of absence alone, by the renewal equation.

After Cori, Ferguson, Fraser and Cauchemez (2013, American Journal of Epidemiology 178:1505-1512): exits of a period are those
of earlier periods, weighted by how long an exit is remembered, times a ratio $\theta$ that is one over the window. With counts
that are Poisson and a Gamma prior the ratio's posterior is a Gamma distribution. Three things are other than there:

- **The interval of generations** is the memory of the bond, an exponential of mean $\tau_m$ (`bond.memory`), and $\tau_m$ is
  not known: the posterior is averaged over its prior.
- **A period is not short beside it.** Who leaves on Monday can draw others along by Friday, so $\theta$ is not $R_d$. Day by day
  the engine's memory fades by $D = 1 - 1/\tau$ and grows by $G = 1 + (R - 1)/\tau$ with what it causes, so that exits of a period
  of $\Delta$ days are $G^\Delta - D^\Delta$ times the remembered ones: $\theta = (G^\Delta - D^\Delta)/(1 - D^\Delta)$, which rises
  with $R$, is 0 where $R$ is 0 and 1 where $R$ is 1. A quantile of $\theta$ is one of $R$.
- **Counts are spread wider than Poisson's.** The dispersion is measured from neighbouring periods, the Gamma's two numbers are
  divided by it, and since it is measured from few periods its ends are taken at the level of a Student variable.

Every exit counts as caused by earlier ones. An army whose men leave for reasons of their own, at an even pace, therefore has a
number near 1 here and a smaller one in truth: read it as *exits grow* or *exits shrink*, with an interval.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import numpy.typing as npt

from holdfast.core.units import LEVEL

Floats = npt.NDArray[np.float64]

PRIOR_SHAPE, PRIOR_MEAN = 1.0, 1.0
"""Of the Gamma prior of the ratio: as likely to grow as to shrink, and worth one exit."""
MEMORY_DAYS = 365
"""How long an exit is remembered at most: all but a ten-thousandth of the weight at a memory of 40 days [d]."""
LEAST_MEMORY = 0.3
"""Share of the memory's weight that must fall on known periods: one that is missing leaves more, even where memory is short."""
LEAST_PAST = 0.9
"""Share of it, at the declared memory, that must fall within the series: before its start more or fewer may have left."""
NODES = 7
"""Places at which the prior of the memory is taken."""
HALVINGS = 28
"""Of the bracket of a quantile's logarithm: to seven digits."""
LARGEST = 64.0
"""The largest number that is looked for."""


@dataclasses.dataclass(frozen=True)
class Reproduction:
    """R_d of each period, `[..., period]` each; NaN where too little is known."""

    value: Floats
    """Median."""
    low: Floats
    """Lower end of the interval."""
    high: Floats
    """Upper end of the interval."""
    dispersion: Floats
    """Variance of the counts over Poisson's; at least 1."""


def memory_nodes(count: int = NODES) -> Floats:
    """The mean memory of an exit under its declared prior, at equally likely places.

    Args:
        count: of places.

    Returns:
        The memory at each, `[count]` [d].
    """
    from holdfast.core.params import walk
    from holdfast.engine.mechanisms import bond

    prior = dict(walk(bond.Params(), "bond."))["bond.memory"].prior
    return np.asarray(prior.ppf((np.arange(count) + 0.5) / count))


def ratio_of(number: npt.ArrayLike, memory: npt.ArrayLike, days: float) -> Floats:
    r"""The ratio of renewal in a period, $\theta = (G^\Delta - D^\Delta)/(1 - D^\Delta)$.

    Args:
        number: $R_d$ [1].
        memory: mean memory of an exit [d].
        days: length of a period [d].

    Returns:
        The ratio, of their common shape [1].
    """
    r, tau = np.asarray(number, float), np.asarray(memory, float)
    fades = np.log1p(-1 / tau) * days
    return np.asarray((np.exp(np.log1p((r - 1) / tau) * days) - np.exp(fades)) / -np.expm1(fades))


def expected(counts: Floats, memory: float, days: float, periods: int) -> Floats:
    """What the memory of earlier periods comes to: their counts, weighted by a memory that fades day by day.

    Periods that are not known are left out and the others' weights made up for; so at the start of a series.

    Args:
        counts: exits, `[..., period]`; NaN where not known.
        memory: mean memory of an exit [d].
        days: length of a period [d].
        periods: how far back it goes.

    Returns:
        The remembered exits of one period, `[..., period]`; NaN where less than `LEAST_MEMORY` of the weight is known.
    """
    weights = np.exp(np.log1p(-1 / memory) * days * np.arange(periods))
    weights /= weights.sum()
    known = np.isfinite(counts)
    filled = np.where(known, counts, 0.0)
    total, share = np.zeros(counts.shape), np.zeros(counts.shape)
    for back, weight in enumerate(weights, start=1):
        if back < counts.shape[-1]:
            total[..., back:] += weight * filled[..., :-back]
            share[..., back:] += weight * known[..., :-back]
    return np.where(share >= LEAST_MEMORY, total / np.maximum(share, 1e-12), np.nan)


def trailing_sum(values: Floats, window: int) -> Floats:
    """Sum over the last periods, what is not known left out.

    Args:
        values: `[..., period]`; NaN where not known.
        window: periods.

    Returns:
        The sum over as many of the last `window` periods as there are, the same shape.
    """
    filled = np.nan_to_num(values)
    padded = np.concatenate([np.zeros((*values.shape[:-1], window - 1)), filled], axis=-1)
    return np.asarray(np.lib.stride_tricks.sliding_window_view(padded, window, axis=-1).sum(axis=-1))


def dispersion(counts: Floats, remembered: Floats, window: int) -> tuple[Floats, Floats]:
    """How much wider counts are spread than Poisson's, from neighbouring periods, so that a slow change does not count.

    Two neighbours share one ratio: given their sum, the later is binomial with the share of its remembered exits.

    Args:
        counts: exits, `[..., period]`; NaN where not known.
        remembered: as `expected` gives it, the same shape.
        window: periods.

    Returns:
        The dispersion, at least 1, and the degrees of freedom behind it, the same shape.
    """
    both = counts[..., 1:] + counts[..., :-1]
    weight = remembered[..., 1:] + remembered[..., :-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = remembered[..., 1:] / weight
        miss = (counts[..., 1:] - both * share) ** 2 / (both * share * (1 - share))
    miss = np.where(np.isfinite(miss) & (both > 0), miss, np.nan)
    pad = np.full((*counts.shape[:-1], 1), np.nan)
    miss = np.concatenate([pad, miss], axis=-1)
    pairs = trailing_sum(np.isfinite(miss).astype(float), window)
    mean = trailing_sum(miss, window) / np.maximum(pairs, 1)
    freedom = np.maximum(2 * pairs / 3, 1)  # squares of differences that overlap are worth two thirds of their number
    return np.maximum(np.where(pairs > 0, mean, 1.0), 1.0), freedom


def reproduction(
    counts: npt.ArrayLike, *, days: float, window: int = 4, spread_window: int = 12, memory: npt.ArrayLike | None = None,
    level: float = LEVEL,
) -> Reproduction:  # fmt: skip
    r"""$R_d$ at each period, from that period and the past alone.

    Args:
        counts: exits, `[..., period]`; NaN where not known.
        days: length of a period [d].
        window: periods over which the number is one.
        spread_window: periods from which the dispersion is measured.
        memory: mean memory of an exit, one or several equally likely [d]; the declared prior unless given.
        level: probability of the interval [1].

    Returns:
        Median and interval, the shape of the counts.
    """
    from scipy import stats

    series, periods = np.asarray(counts, float), math.ceil(MEMORY_DAYS / days)
    nodes = np.atleast_1d(memory_nodes() if memory is None else np.asarray(memory, float))
    remembered = np.stack([expected(series, node, days, periods) for node in nodes])  # [node ... period]
    past = np.exp(np.log1p(-1 / np.median(nodes)) * days * np.arange(series.shape[-1]))
    known = np.isfinite(series) & np.isfinite(remembered) & (past <= 1 - LEAST_PAST)
    over, freedom = dispersion(series, remembered[len(nodes) // 2], spread_window)
    exits = trailing_sum(np.where(known, series, np.nan), window)
    causes = trailing_sum(np.where(known, remembered, np.nan), window)
    shape, rate = PRIOR_SHAPE + exits / over, PRIOR_SHAPE / PRIOR_MEAN + causes / over
    usable = (causes > 0).all(axis=0) & known.all(axis=0)
    tail = stats.norm.cdf(stats.t.ppf((1 - level) / 2, np.where(over > 1, freedom, np.inf)))
    ends = [_quantile(share, shape, rate, nodes, days) for share in (np.full(tail.shape, 0.5), tail, 1 - tail)]
    value, low, high = (np.where(usable, each, np.nan) for each in ends)
    return Reproduction(value, low, high, over)


def _quantile(share: Floats, shape: Floats, rate: Floats, nodes: Floats, days: float) -> Floats:
    """A quantile of R_d under equally likely memories, by halving on the logarithm; the Gamma's numbers are `[node ...]`."""
    from scipy import special

    wide = nodes.reshape(-1, *[1] * share.ndim)
    low, high = np.full(share.shape, -12.0), np.full(share.shape, np.log(LARGEST))
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        with np.errstate(over="ignore"):  # a ratio beyond all bounds is as good as infinite
            below = special.gammainc(shape, rate * ratio_of(np.exp(middle), wide, days)).mean(axis=0) < share
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.asarray(np.exp((low + high) / 2))
