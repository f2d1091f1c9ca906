"""Luck and its standard errors, for tests that draw."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from holdfast.core import rng

SIGMAS = 4.5
"""How many standard errors a draw may lie off: a sound test fails about once in 150,000."""


def words(stream: str = "fate", seed: int = 0, run: int = 0, days: int | range = 1) -> np.ndarray:
    """Words of luck for some days, `uint32[D 2]`."""
    span = range(days) if isinstance(days, int) else days
    return rng.words(seed, [run], span)[stream][:, 0]


def uniforms(count: int, stream: str = "fate", seed: int = 0, run: int = 0, day: int = 0) -> jax.Array:
    """One uniform for each of `count` soldiers on a day."""
    return rng.uniform(words(stream, seed, run, range(day, day + 1))[0], jnp.arange(count, dtype=jnp.uint32))


def near(seen: ArrayLike, expected: ArrayLike, error: ArrayLike) -> bool:
    """Whether an estimate lies within `SIGMAS` standard errors of what it should be."""
    return bool(np.all(np.abs(np.asarray(seen) - np.asarray(expected)) <= SIGMAS * np.asarray(error)))


def near_share(count: int, of: int, expected: float) -> bool:
    """Whether a binomial count fits a share."""
    return near(count / of, expected, np.sqrt(max(expected * (1 - expected), 1e-12) / of))


def unrelated(one: ArrayLike, other: ArrayLike) -> bool:
    """Whether two samples are uncorrelated, within the standard error of a correlation."""
    a, b = np.asarray(one, float).ravel(), np.asarray(other, float).ravel()
    a, b = a - a.mean(), b - b.mean()
    return near(a @ b / np.sqrt((a @ a) * (b @ b)), 0, 1 / np.sqrt(len(a)))


def even(sample: ArrayLike, cells: int = 256) -> bool:
    """Whether a sample on [0, 1) fills equal cells evenly: chi-square, neither too uneven nor too even."""
    counts = np.bincount((np.asarray(sample).ravel() * cells).astype(int), minlength=cells)
    return fits(counts, np.full(cells, counts.sum() / cells))


def fits(counts: ArrayLike, expected: NDArray[np.float64]) -> bool:
    """Whether counts fit their expectations by chi-square, at both tails."""
    seen = np.asarray(counts, float)
    spread = ((seen - expected) ** 2 / expected).sum()
    return 1e-5 < stats.chi2(len(expected) - 1).cdf(spread) < 1 - 1e-5
