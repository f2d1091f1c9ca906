"""How far two coders agree: the share of equal codes, weighted kappa, Krippendorff's alpha.

Two who only guess agree by chance. Both measures take that off: 1 is full agreement, 0 what chance gives, below 0 less
than that. Krippendorff asks for an alpha of 0.8, and of 0.667 for tentative conclusions (Krippendorff, *Content
Analysis*, 2004, ch. 11).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from holdfast.coded_armies.army import CODES, LEVELS, CodedArmy

Coding = Mapping[str, Mapping[str, int | None]]
"""Codes by case and by name, as `read.read_codes` gives them; `None`, or nothing, where a coder gave none."""


@dataclass(frozen=True)
class Measure:
    """Agreement over some codes: of how many, and how far. `None` where it cannot be told."""

    count: int
    """Codes that both gave."""
    equal: float | None
    """Share of them that are equal."""
    kappa: float | None
    """Cohen's kappa with linear weights: a step of two counts twice a step of one."""
    alpha: float | None
    """Krippendorff's alpha for ordered codes."""


@dataclass(frozen=True)
class Agreement:
    """How far two coders agree, code by code and over all codes together."""

    codes: Mapping[str, Measure]
    overall: Measure
    cases: tuple[str, ...]
    """Cases that both coded, in the first one's order."""
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]


def coding(cases: Iterable[CodedArmy]) -> dict[str, dict[str, int | None]]:
    """The codes of cases, as a second coder's are read."""
    return {case.case_id: dict(case.codes) for case in cases}


def agreement(first: Coding | Iterable[CodedArmy], second: Coding | Iterable[CodedArmy]) -> Agreement:
    """How far two coders agree on the cases that both coded.

    Over all codes each pair counts once, whatever its code, so that chance is that of the codes pooled.
    """
    one, two = (given if isinstance(given, Mapping) else coding(given) for given in (first, second))
    cases = tuple(case for case in one if case in two)
    pairs = {code: [(one[case].get(code), two[case].get(code)) for case in cases] for code in CODES}
    return Agreement(
        codes={code: measure(pairs[code]) for code in CODES},
        overall=measure([pair for code in CODES for pair in pairs[code]]),
        cases=cases,
        only_first=tuple(case for case in one if case not in two),
        only_second=tuple(case for case in two if case not in one),
    )


def measure(pairs: Iterable[tuple[int | None, int | None]]) -> Measure:
    """The three measures of pairs of codes; a pair with one unknown is passed over."""
    known = [(one, two) for one, two in pairs if one is not None and two is not None]
    if not known:
        return Measure(0, None, None, None)
    equal = sum(one == two for one, two in known) / len(known)
    return Measure(len(known), equal, weighted_kappa(known), krippendorff_alpha(known))


def weighted_kappa(pairs: Sequence[tuple[int, int]], levels: Sequence[int] = LEVELS) -> float | None:
    """Cohen's kappa with linear weights (Cohen, Psychological Bulletin 70, 1968).

    One less the mean step between the two, over that between every code of the one and every code of the other. `None`
    where both gave one and the same code throughout, or nothing: chance then explains all.
    """
    if not pairs:
        return None
    place = {level: number for number, level in enumerate(levels)}
    one, two = (np.array([place[pair[side]] for pair in pairs], dtype=float) for side in (0, 1))
    by_chance = np.abs(one[:, None] - two[None, :]).mean()
    return float(1 - np.abs(one - two).mean() / by_chance) if by_chance > 0 else None


def krippendorff_alpha(units: Iterable[Sequence[int | None]]) -> float | None:
    """Krippendorff's alpha for ordered codes (Krippendorff, *Content Analysis*, 2004, ch. 11).

    Each unit holds what any number of coders gave it, `None` where one gave nothing; a unit with one code says nothing.
    The distance of two codes is the square of how many codes were given from the one to the other, half of those at
    either end. `None` where all codes are the same, or none can be compared.
    """
    paired = [known for unit in units if len(known := [each for each in unit if each is not None]) > 1]
    levels = sorted({each for unit in paired for each in unit})
    place = {level: number for number, level in enumerate(levels)}
    together = np.zeros((len(levels), len(levels)))
    for unit in paired:
        for one, two in itertools.permutations(unit, 2):
            together[place[one], place[two]] += 1 / (len(unit) - 1)
    given = together.sum(axis=1)
    rank = np.cumsum(given) - given / 2  # the mean rank of each code: its difference is the distance
    apart = (rank[:, None] - rank[None, :]) ** 2
    by_chance = (given[:, None] * given[None, :] * apart).sum()
    if by_chance == 0:
        return None
    return float(1 - (given.sum() - 1) * (together * apart).sum() / by_chance)
