"""Which cases are most like one, by their codes, and in what they differ from it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from holdfast.coded_armies.army import CODES, LEVELS, CodedArmy

WIDEST = max(LEVELS) - min(LEVELS)
"""How far two codes can be apart."""

UNKNOWN = 0.5
"""How far a code that is not known on one side counts as being, in parts of the widest: else little known is all alike."""


@dataclass(frozen=True)
class Difference:
    """One code in which two cases differ: what the one has, and what the other; `None` is not known."""

    code: str
    here: int | None
    there: int | None


@dataclass(frozen=True)
class Alike:
    """A case that was compared: how far it is, 0 (the same codes) to 1, and in what it differs, the most first."""

    case: CodedArmy
    distance: float
    differs: tuple[Difference, ...]


def nearest(
    case: CodedArmy, others: Iterable[CodedArmy], count: int = 5, weights: Mapping[str, float] | None = None
) -> tuple[Alike, ...]:
    """The `count` cases most like one, the nearest first; at one distance, in the order in which they are given.

    The distance is the mean over the codes of how far apart they are, each with its weight: 1 unless `weights` says
    otherwise, whose codes left out count for nothing. A case of the same name is passed over. Raises `ValueError` for
    weights that are negative or not finite, that are all 0, or that are of no code.
    """
    weighed = dict.fromkeys(CODES, 1.0) if weights is None else dict(weights)
    sound = set(weighed) <= set(CODES) and all(math.isfinite(each) and each >= 0 for each in weighed.values())
    if not sound or sum(weighed.values()) <= 0:
        raise ValueError("weights: finite numbers, 0 or more, one of them above 0, each of one of the codes")
    compared = [compare(case, other, weighed) for other in others if other.case_id != case.case_id]
    return tuple(sorted(compared, key=lambda each: each.distance)[: max(count, 0)])


def compare(case: CodedArmy, other: CodedArmy, weights: Mapping[str, float]) -> Alike:
    """How far another case is from one under weights, and in what it differs; codes without weight are named last."""
    apart = {code: _apart(case.codes[code], other.codes[code]) for code in CODES}
    distance = sum(weights[code] * apart[code] for code in weights) / sum(weights.values())
    differing = [code for code in CODES if case.codes[code] != other.codes[code]]
    differing.sort(key=lambda code: -weights.get(code, 0.0) * apart[code])
    differs = tuple(Difference(code, case.codes[code], other.codes[code]) for code in differing)
    return Alike(other, distance, differs)


def _apart(here: int | None, there: int | None) -> float:
    """How far two codes are apart, 0 to 1."""
    return UNKNOWN if here is None or there is None else abs(here - there) / WIDEST
