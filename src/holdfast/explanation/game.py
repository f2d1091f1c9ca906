"""Shapley values and pairwise interactions of a game whose worth is known for every coalition, or along random orders.

A coalition is a whole number whose bit `i` says that player `i` is in it. All indices are linear in the worth, so they are worked
out draw by draw: their standard errors come from draws under which every coalition was run.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def members(players: int) -> npt.NDArray[np.bool_]:
    """Who is in which coalition.

    Args:
        players: how many players.

    Returns:
        `[coalition player]`, of all 2^players coalitions in the order of their numbers.
    """
    return np.asarray((np.arange(2**players)[:, None] >> np.arange(players)) & 1, bool)


def shapley_weights(players: int) -> Floats:
    """The matrix that makes Shapley values of worths.

    Shapley (1953): the mean, over all orders in which players join, of what a player adds.

    Args:
        players: how many players.

    Returns:
        `[player coalition]`; its product with the worths of all coalitions is the values.
    """
    there = members(players)
    size = there.sum(axis=1)
    fact = math.factorial
    joins = np.array([fact(n - 1) * fact(players - n) if n else 0 for n in range(players + 1)], float)
    leaves = np.array([fact(n) * fact(players - n - 1) if n < players else 0 for n in range(players + 1)], float)
    return np.where(there.T, joins[size], -leaves[size]) / fact(players)


def interaction_weights(players: int) -> tuple[list[tuple[int, int]], Floats]:
    """The matrix that makes pairwise interaction indices of worths.

    Grabisch and Roubens (1999): the weighted mean, over coalitions of the others, of what two players add together beyond what
    each adds alone; above 0 they strengthen, below 0 they replace each other.

    Args:
        players: how many players.

    Returns:
        The pairs, and `[pair coalition]`.
    """
    there = members(players)
    fact = math.factorial
    pairs = list(itertools.combinations(range(players), 2))
    rows = []
    for i, j in pairs:
        others = there.sum(axis=1) - there[:, i] - there[:, j]
        weight = np.array([fact(n) * fact(players - n - 2) for n in range(players - 1)], float) / fact(players - 1)
        sign = np.where(there[:, i] == there[:, j], 1.0, -1.0)
        rows.append(sign * weight[others])
    return pairs, np.array(rows).reshape(len(pairs), 2**players)


def orders(players: int, draws: int, seed: int) -> list[list[list[int]]]:
    """Random orders in which players join, for games too large for all coalitions: an order a draw, and the same backwards.

    Args:
        players: how many players.
        draws: how many draws.
        seed: of the orders; draw `k` has the same order whatever their number.

    Returns:
        For each draw two orders, each as the numbers of the coalitions that it passes through, from none to all.
    """
    every = []
    for draw in range(draws):
        order = np.random.default_rng((seed, draw, ORDERS)).permutation(players)
        both = []
        for one in (order, order[::-1]):
            steps = np.concatenate([[0], np.cumsum([1 << int(player) for player in one])])
            both.append([int(step) for step in steps])
        every.append(both)
    return every


ORDERS = 404
"""Stream of random numbers of the orders: no other part of the package draws from it."""


def along(order: list[int], worth: Floats, players: int) -> Floats:
    """What each player adds along one order.

    Args:
        order: the coalitions that it passes through.
        worth: their worths, in the same order.
        players: how many players.

    Returns:
        `[player]`.
    """
    added = np.zeros(players)
    for (before, after), gain in zip(itertools.pairwise(order), np.diff(worth), strict=True):
        added[(after ^ before).bit_length() - 1] = gain
    return added


def values_along(paths: np.ndarray, worths: np.ndarray, players: int) -> np.ndarray:
    """What each player adds, draw by draw, as the mean of the draw's two orders.

    Args:
        paths: coalitions that each order passes through, `[draw order step]`.
        worths: their worths, the same shape.
        players: how many players.

    Returns:
        `[player draw]`.
    """
    return np.array(
        [
            np.mean(
                [along(list(map(int, path)), worth, players) for path, worth in zip(both, own, strict=True)], axis=0
            )
            for both, own in zip(paths, worths, strict=True)
        ]
    ).T


def mean_and_error(values: Floats) -> tuple[Floats, Floats]:
    """Means over draws and their standard errors.

    Args:
        values: `[... draw]`, NaN where nothing was run under a draw; two draws or more.

    Returns:
        Both, `[...]`.
    """
    count = np.isfinite(values).sum(axis=-1)
    return np.nanmean(values, axis=-1), np.nanstd(values, axis=-1, ddof=1) / np.sqrt(count)


def indices(weights: Floats, worths: Floats) -> tuple[Floats, Floats]:
    """Indices that are linear in the worths, from means over the draws of each coalition, and their standard errors.

    A coalition may have been run under the first draws alone. Each draw then adds to the index by the coalitions that were run
    under it, every one over its own count of draws; draws are independent, so the variance is that of groups of draws with the
    same coalitions, added up. What the coalitions of the first draws alone add is brought to all draws by its regression on those
    that were run under all (two-phase sampling: Cochran 1977, chapter 12): these say how the later draws differ from the first.

    Args:
        weights: `[index coalition]`.
        worths: `[coalition draw]`, NaN where a coalition was not run under a draw.

    Returns:
        Both, `[index]`.
    """
    run = np.isfinite(worths)
    each = np.where(run, worths, 0.0) / run.sum(axis=1, keepdims=True)
    parts = weights @ each  # what each draw adds
    always, whole = np.asarray(run.all(axis=1)), np.asarray(run.all(axis=0))
    fit = None if whole.all() else regression(weights, worths[:, whole], always)
    added = np.zeros(len(weights))
    if fit is not None:
        known = worths[always]
        parts = parts + fit.slopes @ (known / len(whole) - np.where(whole, known, 0.0) / whole.sum())
        away = known.mean(axis=1) - known[:, whole].mean(axis=1)
        # Beyond what the parts show: the slopes were fitted to the very draws, and later draws lie elsewhere.
        added = fit.spread * (1 / whole.sum() + away @ fit.inverse @ away) - fit.shown / whole.sum()
    _, group = np.unique(run, axis=1, return_inverse=True)
    variance = np.zeros(len(weights))
    for number in range(int(group.max()) + 1):
        own = parts[:, group.ravel() == number]
        variance += own.shape[1] * own.var(axis=1, ddof=1)
    return parts.sum(axis=1), np.sqrt(variance + added)


DRAWS_A_SLOPE = 8
"""Draws under which everything was run for each coalition that the rest is regressed on, at least."""


@dataclass(frozen=True)
class Regression:
    """How what coalitions of the first draws alone add to indices goes with the coalitions that were run under all draws."""

    slopes: Floats
    """On the worth of each coalition that was run under all draws, `[index coalition]`."""
    spread: Floats
    """Variance of what is left, with the degrees of freedom that the slopes took, `[index]`."""
    shown: Floats
    """The same without: as the draws show it, `[index]`."""
    inverse: Floats
    """Inverse of the sums of squares and products of the worths about their means, `[coalition coalition]`."""


def regression(weights: Floats, worths: Floats, always: npt.NDArray[np.bool_]) -> Regression | None:
    """Regress what the coalitions that were not run under all draws add to indices on those that were.

    Args:
        weights: `[index coalition]`.
        worths: `[coalition draw]`, of the draws under which all were run.
        always: which coalitions are to explain the others, `[coalition]`.

    Returns:
        The regression; None where there is nothing to explain, nothing to explain it by, or too few draws for it.
    """
    known, count = worths[always], worths.shape[1]
    rest = weights[:, ~always] @ worths[~always]
    moves = known.std(axis=1) > 0
    if not rest.std(axis=1).any() or not 0 < DRAWS_A_SLOPE * moves.sum() <= count:
        return None
    x = (known - known.mean(axis=1, keepdims=True)).T
    y = (rest - rest.mean(axis=1, keepdims=True)).T
    slopes, _, rank, _ = np.linalg.lstsq(x, y, rcond=None)
    squares = ((y - x @ slopes) ** 2).sum(axis=0)
    return Regression(slopes.T, squares / (count - 1 - rank), squares / (count - 1), np.linalg.pinv(x.T @ x))
