"""Sufficient sets and necessary pressures, as QCA has them, from the worths of all coalitions.

Consistency of sufficiency is the share of the outcome among the coalitions that hold a set; coverage is the share of all of the
outcome that lies in them (Ragin 2008). The truth table is not one of past cases: every row was run, and counts alike.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from holdfast.explanation.game import Floats, mean_and_error, members

RESAMPLES = 400
"""Resamples of the draws, by which it is said how sure a set is."""
NECESSARY = 0.9
"""Consistency from which on a pressure counts as necessary (Schneider and Wagemann 2012)."""


@dataclass(frozen=True)
class SufficientSet:
    """A set of pressures that breaks the army with the other pressures calm; none of its parts does."""

    pressures: tuple[str, ...]
    """The pressures that are extreme."""
    p: float
    """Chance of the outcome under them, the others calm [1]."""
    se: float
    """Its standard error [1]."""
    consistency: float
    """Mean chance over all coalitions that hold the set [1]."""
    coverage: float
    """Share of all of the outcome that lies in these coalitions [1]."""
    sure: float
    """Share of the resamples of the draws in which it suffices [1]."""


@dataclass(frozen=True)
class NecessaryPressure:
    """How far the outcome needs a pressure."""

    pressure: str
    """Its name."""
    consistency: float
    """Share of all of the outcome that lies in coalitions with the pressure [1]."""
    p05: float
    """Lower end of its 90 % interval over resamples of the draws [1]."""
    p95: float
    """Upper end [1]."""


def sufficient(worth: Floats, players: tuple[str, ...], level: float, seed: int) -> list[SufficientSet]:
    """The minimal sets whose chance of the outcome reaches a level.

    Args:
        worth: whether the outcome came, `[coalition draw]`; NaN where it was not run under a draw.
        players: the pressures, in the order of bits.
        level: the chance that suffices [1].
        seed: of the resamples.

    Returns:
        The sets, smaller ones first, the surest first among equals; none where no coalition reaches the level.
    """
    p, se = mean_and_error(worth)
    enough = p >= level
    there = members(len(players))
    drawn = _resampled(worth, seed)
    sets = []
    for number in np.flatnonzero(enough):
        own = there[number]
        parts = [int(number) & ~(1 << int(i)) for i in np.flatnonzero(own)]
        if any(_reaches(part, enough) for part in parts):
            continue
        holds = (there | ~own).all(axis=1)
        sets.append(SufficientSet(
            tuple(name for name, on in zip(players, own, strict=True) if on), float(p[number]),
            float(se[number]), float(p[holds].mean()),
            float(p[holds].sum() / max(p.sum(), 1e-12)), float((drawn[number] >= level).mean()),
        ))  # fmt: skip
    return sorted(sets, key=lambda one: (len(one.pressures), -one.p, one.pressures))


def _reaches(number: int, enough: np.ndarray) -> bool:
    """Whether a coalition or any part of it is enough."""
    part = number
    while True:
        if enough[part]:
            return True
        if not part:
            return False
        part = (part - 1) & number


def _resampled(worth: Floats, seed: int) -> Floats:
    """Chances of each coalition in resamples of the draws, `[coalition resample]`."""
    picks = np.random.default_rng((seed, 1)).integers(worth.shape[1], size=(worth.shape[1], RESAMPLES))
    counts = np.apply_along_axis(np.bincount, 0, picks, minlength=worth.shape[1])
    run = np.isfinite(worth)
    return np.asarray(np.where(run, worth, 0.0) @ counts / np.maximum(run @ counts, 1))


def necessity(worth: Floats, players: tuple[str, ...], seed: int) -> list[NecessaryPressure]:
    """How far the outcome needs each pressure.

    Args:
        worth: whether the outcome came, `[coalition draw]`; NaN where it was not run under a draw.
        players: the pressures, in the order of bits.
        seed: of the resamples.

    Returns:
        The pressures, the most necessary first; none where the outcome never came.
    """
    there = members(len(players))
    p, drawn = np.nanmean(worth, axis=1), _resampled(worth, seed)
    if not p.sum():
        return []
    rows = []
    for place, name in enumerate(players):
        again = drawn[there[:, place]].sum(axis=0) / np.maximum(drawn.sum(axis=0), 1e-12)
        low, high = np.quantile(again, [0.05, 0.95])
        rows.append(NecessaryPressure(name, float(p[there[:, place]].sum() / p.sum()), float(low), float(high)))
    return sorted(rows, key=lambda one: -one.consistency)


@dataclass(frozen=True)
class Way:
    """A cheapest way: the fewest pressures whose change is enough."""

    pressures: tuple[str, ...]
    """The pressures that are changed."""
    p: float
    """Chance of the outcome then [1]."""
    se: float
    """Its standard error [1]."""


def cheapest_break(worth: Floats, players: tuple[str, ...], level: float) -> Way | None:
    """The fewest pressures that must become extreme, from all calm, for the outcome to reach a level.

    Args:
        worth: whether the outcome came, `[coalition draw]`; NaN where it was not run under a draw.
        players: the pressures, in the order of bits.
        level: the chance to reach [1].

    Returns:
        The way, the most effective of the shortest; None where there is none.
    """
    p = np.nanmean(worth, axis=1)
    return _way(worth, players, np.flatnonzero(p >= level), on=True)


def cheapest_hold(worth: Floats, players: tuple[str, ...], level: float) -> Way | None:
    """The fewest pressures that must become calm, from all extreme, for the outcome to fall to a level.

    Args:
        worth: whether the outcome came, `[coalition draw]`; NaN where it was not run under a draw.
        players: the pressures, in the order of bits.
        level: the chance that is borne [1].

    Returns:
        The way, the most effective of the shortest; None where there is none.
    """
    p = np.nanmean(worth, axis=1)
    return _way(worth, players, np.flatnonzero(p <= level), on=False)


def _way(worth: Floats, players: tuple[str, ...], numbers: Iterable[int], on: bool) -> Way | None:
    """The shortest of some coalitions, by those who are in them or by those who are not."""
    there, (p, se) = members(len(players)), mean_and_error(worth)
    ways = [
        (int((there[n] == on).sum()), -p[n] if on else p[n], tuple(w for w, i in zip(players, there[n], strict=True) if i == on), n)
        for n in numbers
    ]  # fmt: skip
    if not ways:
        return None
    _, _, names, number = min(ways)
    return Way(names, float(p[number]), float(se[number]))
