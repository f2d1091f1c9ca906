"""Importance weights of draws: smoothed or cut, what they are worth, and equal draws that stand for them."""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

KHAT_TRUSTED = 0.7
"""Pareto shape up to which smoothed weights can be trusted (Vehtari and others 2024)."""

KHAT_HOPELESS = 10.0
"""Stands for a shape too large to be estimated: one draw has all the weight."""

LogWeights = Float[np.ndarray, "draw"]


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
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of ArviZ: its own future, and tails so flat that it divides by 0
        from arviz import psislw

        logs, khat = psislw(log_ratios)
    weights = np.exp(logs - logs.max())
    weights = weights / weights.sum()
    if not np.all(np.isfinite(weights)):
        return Smoothed(np.full(len(logs), 1 / len(logs)), KHAT_HOPELESS)
    if np.isfinite(khat):
        return Smoothed(weights, float(khat))
    # ArviZ gives no shape of a tail without spread, and none of one that has underflown but for a few draws.
    even = np.sum(weights**2) * len(weights) < 2
    return Smoothed(weights, 0.0 if even else KHAT_HOPELESS)


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
