"""What would change the answer most: each code moved a step and put at 0, under the same draws."""

from __future__ import annotations

from dataclasses import dataclass

from holdfast.assessment.posterior_adapter import Told
from holdfast.coded_armies import army
from holdfast.coded_armies.army import CODES, LEVELS, CodedArmy
from holdfast.coded_armies.codebook import HOLDS
from holdfast.stats.intervals import Estimate, mean_estimate

NOTHING = 0.01
"""A change of a chance by less than this is none [1]."""


@dataclass(frozen=True)
class Change:
    """One code put otherwise, and what that does; the intervals are of the difference, draw by draw."""

    code: str
    here: int | None
    there: int
    p_collapse: Estimate
    """The chance with the code put so."""
    collapse: Estimate
    """Change of P(collapse)."""
    mass_desertion: Estimate
    """Change of P(mass desertion)."""

    @property
    def against_its_sense(self) -> bool:
        """Whether the chance of collapse moves against what the code is meant to do, by more than its interval."""
        if self.here is None or abs(self.collapse.value) < NOTHING:
            return False
        more = (self.there > self.here) != (self.code in HOLDS)
        return self.collapse.high < 0 if more else self.collapse.low > 0


def steps(case: CodedArmy) -> list[tuple[str, int]]:
    """What may be put otherwise: a step up, a step down, and 0; of a code that is not known, all it might be."""
    found: list[tuple[str, int]] = []
    for code in CODES:
        level = case.codes[code]
        near = LEVELS if level is None else (level + 1, level - 1, 0)
        found += [(code, to) for to in dict.fromkeys(near) if to in LEVELS and to != level]
    return found


def variants(case: CodedArmy) -> list[CodedArmy]:
    """The case itself, then each of its `steps`; all of one name, and therefore of one luck."""
    return [case, *(army.changed(case, **{code: to}) for code, to in steps(case))]


def told(case: CodedArmy, found: Told) -> tuple[Change, ...]:
    """The changes from what is told of `variants`, the greatest change of P(collapse) first."""
    collapse, mass = found.collapse, found.mass_desertion
    made = [
        Change(
            code, case.codes[code], to, mean_estimate(collapse[row]), mean_estimate(collapse[row] - collapse[0]),
            mean_estimate(mass[row] - mass[0]),
        )
        for row, (code, to) in enumerate(steps(case), start=1)
    ]  # fmt: skip
    return tuple(sorted(made, key=lambda one: -abs(one.collapse.value)))
