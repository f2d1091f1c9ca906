"""Signals in a rolling window: autocorrelation, variance, spread between units, recovery; and Kendall's tau of a signal.

Each value stands at the last period of its window and rests on that period and the past alone. What is not known is left out:
it is never zero, and changes no window that it does not lie in. All functions take many series at once, `[..., period]`.

Counts are taken to a scale on which luck alone has one variance whatever the level, 2 sqrt(n + 3/8) (Anscombe 1948,
Biometrika 35:246-254), and a straight line is taken off each window: an army whose exits grow steadily is no swinging one.

The signals are those of a system that loses its balance slowly (Scheffer and others 2009, Nature 461:53-59; Dakos and others
2012, PLOS ONE 7:e41010): swings last longer, are wider, and die away more slowly. A shock gives no such sign.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from holdfast.core.units import LEVEL
from holdfast.stats.intervals import normal_quantile

Floats = npt.NDArray[np.float64]

WINDOW = 12
"""Periods of a window."""
LEAST = 8
"""Known periods that a window must have."""
LEAST_PAIRS = 6
"""Known pairs of neighbours that an autocorrelation must have."""
STILL = 1e-9
"""Variance up to which a series does not move, and has no autocorrelation."""
RECOVERY_WINDOW = 26
"""Periods in which shocks are looked for."""
SHOCK = 1.0
"""A shock is a period further than this above the window's line, in standard deviations of the window, and at least of luck."""
LEAST_SHOCKS = 3
"""Shocks from which on a rate of recovery is told."""
LEAST_SHARE, MOST_SHARE = 0.02, 5.0
"""Of a shock's excess that is left after a period: beyond these nothing is told apart."""


@dataclasses.dataclass(frozen=True)
class Signal:
    """A signal at each period, `[..., period]` each; NaN where too little is known."""

    value: Floats
    """The signal."""
    low: Floats
    """Lower end of its interval."""
    high: Floats
    """Upper end of its interval."""


def steadied(counts: npt.ArrayLike) -> Floats:
    """Counts on a scale on which luck alone has variance 1 (exact to a few per cent from a mean of 3 on).

    Args:
        counts: of any shape; NaN where not known.

    Returns:
        2 sqrt(n + 3/8), the same shape.
    """
    return np.asarray(2 * np.sqrt(np.asarray(counts, float) + 0.375))


def windows(values: Floats, window: int) -> Floats:
    """The trailing window of each period; before the start of a series nothing is known.

    Args:
        values: `[..., period]`.
        window: periods.

    Returns:
        `[..., period, window]`, a view.
    """
    pad = np.full((*values.shape[:-1], window - 1), np.nan)
    padded = np.concatenate([pad, values], axis=-1)
    return np.lib.stride_tricks.sliding_window_view(padded, window, axis=-1)


def _sum(values: Floats) -> Floats:
    return np.asarray(np.nansum(values, axis=-1))


def detrended(values: Floats) -> Floats:
    """Values less a straight line through those that are known.

    Args:
        values: `[..., window]`; NaN where not known.

    Returns:
        What is left, the same shape.
    """
    known = np.isfinite(values)
    count = np.maximum(known.sum(axis=-1, keepdims=True), 1)
    time = np.where(known, np.arange(values.shape[-1], dtype=float), 0.0)
    time = np.where(known, time - time.sum(axis=-1, keepdims=True) / count, 0.0)
    level = np.where(known, values, 0.0)
    level = level - level.sum(axis=-1, keepdims=True) / count
    square = np.maximum((time**2).sum(axis=-1, keepdims=True), 1e-12)
    slope = (time * np.where(known, level, 0.0)).sum(axis=-1, keepdims=True) / square
    return np.where(known, level - slope * time, np.nan)


def autocorrelation(values: npt.ArrayLike, *, trend: bool = True) -> tuple[Floats, Floats]:
    """Lag-1 autocorrelation of the last axis, over the pairs of neighbours that are both known.

    Args:
        values: `[..., window]`; NaN where not known.
        trend: whether a straight line is taken off, else the mean.

    Returns:
        The autocorrelation and the number of pairs, `[...]`.
    """
    left = _centred(np.asarray(values, float), trend)
    pairs = np.isfinite(left[..., 1:] * left[..., :-1]).sum(axis=-1)
    known = np.isfinite(left).sum(axis=-1)
    square = _sum(left**2)
    still = square <= STILL * np.maximum(known, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = (_sum(left[..., 1:] * left[..., :-1]) / pairs) / (square / known)
    return np.where(still, np.nan, np.clip(value, -1, 1)), pairs


def variance(values: npt.ArrayLike, *, trend: bool = True) -> tuple[Floats, Floats]:
    """Variance over the last axis.

    Args:
        values: `[..., window]`; NaN where not known.
        trend: whether a straight line is taken off, else the mean.

    Returns:
        The variance and its degrees of freedom, `[...]`.
    """
    left = _centred(np.asarray(values, float), trend)
    freedom = np.isfinite(left).sum(axis=-1) - (2 if trend else 1)
    return _sum(left**2) / np.maximum(freedom, 1), freedom


def _centred(values: Floats, trend: bool) -> Floats:
    """Values less a line through those that are known, or less their mean."""
    if trend:
        return detrended(values)
    count = np.maximum(np.isfinite(values).sum(axis=-1, keepdims=True), 1)
    return np.asarray(values - np.nansum(values, axis=-1, keepdims=True) / count)


def rolling_autocorrelation(counts: npt.ArrayLike, window: int = WINDOW, level: float = LEVEL) -> Signal:
    """Lag-1 autocorrelation in a window.

    Args:
        counts: `[..., period]`; NaN where not known.
        window: periods.
        level: probability of the interval [1].

    Returns:
        The signal; its interval is that of a normal variable with the standard error sqrt((1 - r^2)/pairs).
    """
    value, pairs = autocorrelation(windows(steadied(counts), window))
    value = np.where((pairs >= min(LEAST_PAIRS, window - 2)) & np.isfinite(value), value, np.nan)
    reach = normal_quantile(level) * np.sqrt((1 - value**2) / np.maximum(pairs, 1))
    return Signal(value, np.maximum(value - reach, -1), np.minimum(value + reach, 1))


def rolling_variance(counts: npt.ArrayLike, window: int = WINDOW, level: float = LEVEL) -> Signal:
    """Variance of steadied counts in a window: 1 for luck alone.

    Args:
        counts: `[..., period]`; NaN where not known.
        window: periods.
        level: probability of the interval [1].

    Returns:
        The signal; its interval is that of a chi-squared variable.
    """
    value, freedom = variance(windows(steadied(counts), window))
    return _of_squares(np.where(freedom >= min(LEAST, window) - 2, value, np.nan), freedom, level)


def _of_squares(value: Floats, freedom: npt.ArrayLike, level: float) -> Signal:
    """A mean square with the interval of a chi-squared variable."""
    from scipy.stats import chi2

    free = np.maximum(np.asarray(freedom, float), 1)
    low, high = (value * free / chi2.ppf((1 + sign * level) / 2, free) for sign in (1, -1))
    return Signal(value, low, high)


def rolling_spread(
    counts: npt.ArrayLike, men: npt.ArrayLike | None, window: int = WINDOW, level: float = LEVEL
) -> Signal:
    """Spread between units: how unlike their exits over a window are, over what luck alone would give (1).

    The index of dispersion: each unit's exits against its share of all: of the men where they are known, else of the exits before
    the window, whose own luck is allowed for.

    Args:
        counts: exits of each unit, `[..., unit, period]`; NaN where not known.
        men: men of each unit, the same shape; not known unless given.
        window: periods.
        level: probability of the interval [1].

    Returns:
        The signal, `[..., period]`; its interval is that of a chi-squared variable.
    """
    series = np.asarray(counts, float)
    given = (
        None
        if men is None or not np.isfinite(np.asarray(men, float)).any()
        else np.maximum(np.asarray(men, float), 0.0)
    )
    whole = np.isfinite(series if given is None else series + given).all(axis=-2, keepdims=True)
    known = np.where(whole, series, np.nan)
    left = _sum(windows(known, window))  # [... unit period]
    periods = np.isfinite(windows(known[..., 0, :], window)).sum(axis=-1)
    if given is None:
        weight, before = _earlier(known, window)
        usable, more = before >= LEAST, 1 + periods / np.maximum(before, 1)
    else:
        weight = _sum(windows(np.where(whole, given, np.nan), window))
        usable, more = np.ones(periods.shape, bool), np.ones(periods.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        due = left.sum(axis=-2, keepdims=True) * weight / weight.sum(axis=-2, keepdims=True)
        square = np.where(due > 0, (left - due) ** 2 / due, 0.0).sum(axis=-2) / more
    freedom = (due > 0).sum(axis=-2) - 1
    enough = usable & (freedom > 0) & (periods >= min(LEAST, window))
    return _of_squares(np.where(enough, square / np.maximum(freedom, 1), np.nan), freedom, level)


def _earlier(counts: Floats, window: int) -> tuple[Floats, Floats]:
    """Exits of each unit before each window, `[..., unit, period]`, and the known periods before it, `[..., period]`."""
    total = np.cumsum(np.nan_to_num(counts), axis=-1)
    many = np.cumsum(np.isfinite(counts[..., 0, :]), axis=-1)
    earlier, before = np.zeros(total.shape), np.zeros(many.shape)
    earlier[..., window:], before[..., window:] = total[..., :-window], many[..., :-window]
    return earlier + 0.5, before


def recovery(counts: npt.ArrayLike, window: int = RECOVERY_WINDOW, level: float = LEVEL) -> tuple[Signal, Floats]:
    """How fast exits fall back after their largest periods: the rate at which an excess dies away, a period.

    A straight line is taken off the window. Over all its shocks (`SHOCK`), the excess of the next period is a share of the shock's
    own; the rate is minus the logarithm of that share: 0.7 halves it in a period.

    Args:
        counts: `[..., period]`; NaN where not known.
        window: periods in which shocks are looked for.
        level: probability of the interval [1].

    Returns:
        The signal, and how many shocks it rests on; NaN with fewer than `LEAST_SHOCKS`.
    """
    left = detrended(windows(steadied(counts), window))
    known = np.isfinite(left).sum(axis=-1)
    variance = np.maximum(_sum(left**2) / np.maximum(known - 2, 1), 1.0)
    first, after = left[..., :-1], left[..., 1:]
    with np.errstate(invalid="ignore"):
        shock = (first > SHOCK * np.sqrt(variance)[..., None]) & np.isfinite(after)
    shocks = shock.sum(axis=-1)
    total = np.where(shock, first**2, 0.0).sum(axis=-1)
    enough = (shocks >= LEAST_SHOCKS) & (known >= LEAST)
    divisor = np.where(enough, total, 1.0)
    share = np.where(shock, first * after, 0.0).sum(axis=-1) / divisor
    error = normal_quantile(level) * np.sqrt(variance / divisor)
    rates = [
        np.where(enough, -np.log(np.clip(each, LEAST_SHARE, MOST_SHARE)), np.nan)
        for each in (share, share + error, share - error)
    ]
    return Signal(*rates), shocks.astype(float)


def kendall(values: npt.ArrayLike) -> tuple[float, float]:
    """Kendall's tau of a signal with time, and the chance that mere luck with no memory would give as much.

    The values of a rolling window overlap, so that they have a memory, and the chance is not what it says.

    Args:
        values: of a signal, `[period]`; NaN where not known.

    Returns:
        Tau and the one-sided p-value; NaN with fewer than 4 values.
    """
    from scipy.stats import kendalltau

    series = np.asarray(values, float)
    known = np.flatnonzero(np.isfinite(series))
    if len(known) < 4:
        return np.nan, np.nan
    trend = kendalltau(known, series[known], alternative="greater")
    return float(trend.statistic), float(trend.pvalue)
