"""Which coalitions are run under further draws, and how many draws, for the precision that is asked for at the least cost.

Under one draw coalitions rise and fall together, so a few of them say most of what all would say of it. Which few is laid down by
the game, and not chosen by how well they fit: a choice among all by the fit would make the standard errors too small.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from holdfast.explanation import game
from holdfast.explanation.game import Floats

AIM = 0.97
"""Share of the precision that is aimed at: a standard error is itself measured, and another round of runs costs time [1]."""
LEFT = 0.5
"""Share of the variance aimed at that what the later draws do not lessen may take, at most [1]."""
RARE = 1 / 16
"""Share of the draws in which a coalition has the outcome, or has it not, below which it hardly ever differs [1]."""
LEAST = 16
"""Further draws of a round, at least: whoever looks at the error again and again stops when it is small by chance."""
DRAW = 2.0
"""What a further draw costs beside its runs, in runs: the pilots of its resolve."""


@dataclass(frozen=True)
class Further:
    """What is run under further draws."""

    coalitions: tuple[int, ...]
    """Numbers of the coalitions."""
    draws: int
    """Draws in all, the first among them."""


def further(
    worths: Floats, players: int, precision: float, *, most: int, batch: int, allowed: Sequence[tuple[int, ...]] = ()
) -> Further | None:
    """What to run next.

    Args:
        worths: of all coalitions, `[coalition draw]`, NaN where a coalition was not run under a draw.
        players: how many players.
        precision: standard error that every Shapley value is to reach [1].
        most: draws at most.
        batch: runs of a block, which are filled.
        allowed: the sets of coalitions that may be run; those of `candidates` unless given.

    Returns:
        The cheapest that is expected to reach the precision, or else comes nearest to it; None where it is reached, or
        no further draw is allowed.
    """
    weights, done = game.shapley_weights(players), worths.shape[1]
    _, errors = game.indices(weights, worths)
    if errors.max() <= precision or done >= most:
        return None
    plans = []
    for own in allowed or candidates(worths[:, np.isfinite(worths).all(axis=0)], errors > precision):
        fixed, falling = _variances(weights, worths, own)
        spare = (AIM * precision) ** 2 - fixed
        reaches = bool((fixed <= LEFT * (AIM * precision) ** 2).all())
        wanted = math.ceil((falling / spare).max()) if reaches else most
        more = max(wanted - done, LEAST)
        more = min(math.ceil(more * len(own) / batch) * batch // len(own), most - done)  # no block is left half empty
        short = 0.0 if reaches and wanted <= most else float((fixed + falling / most).max())
        plans.append((short, more * (len(own) + DRAW), own, done + more))
    _, _, own, draws = min(plans)
    return Further(own, draws)


def candidates(first: Floats, short: Sequence[bool] | np.ndarray) -> list[tuple[int, ...]]:
    """Sets of coalitions that may be run under further draws: those of the greatest weight, and all.

    In a Shapley value the steps by which a player comes last, or first, have the greatest weight. So there is the coalition of
    all and of nobody with those that lack one player whose error is to fall; the same with these players alone; and every one.

    Args:
        first: worths under the draws under which all were run, `[coalition draw]`.
        short: the players whose error is to fall.

    Returns:
        The sets, each in order. Coalitions whose worth was always the same are left out; of the few, those whose worth hardly ever
        differs, which tell little of the others; and sets too large to be regressed on.
    """
    count, draws = first.shape
    last = {0, count - 1} | {count - 1 - (1 << int(player)) for player in np.flatnonzero(short)}
    both = last | {1 << int(player) for player in np.flatnonzero(short)}
    share = first.mean(axis=1)
    rare = np.minimum(share, 1 - share) < RARE
    rare[[0, -1]] = False
    every = tuple(int(number) for number in np.flatnonzero(first.std(axis=1)))
    few = [tuple(number for number in every if number in some and not rare[number]) for some in (last, both)]
    return [*dict.fromkeys(own for own in few if 0 < game.DRAWS_A_SLOPE * len(own) <= draws), every]


def _variances(weights: Floats, worths: Floats, own: Sequence[int]) -> tuple[Floats, Floats]:
    """What of the variance of the values stays, and what is divided by the draws in all, if these coalitions are run under all."""
    first = worths[:, np.isfinite(worths).all(axis=0)]
    always, known = np.isin(np.arange(len(worths)), own), worths[list(own)]
    fit = game.regression(weights, first, always)
    slopes, spread = (0.0, np.zeros(len(weights))) if fit is None else (fit.slopes, fit.spread)
    each = (weights[:, always] + slopes) @ known[:, np.isfinite(known).all(axis=0)]
    return spread / first.shape[1], each.var(axis=1, ddof=1)
