"""Paired tests: one army, or two of one country, that came to different ends. Does the model have their order?"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from holdfast.coded_armies.army import CODES, CodedArmy, Difference
from holdfast.stats.intervals import Estimate, mean_estimate

if TYPE_CHECKING:
    from holdfast.backtesting.posterior_adapter import Basis


@dataclasses.dataclass(frozen=True)
class Test:
    """Two cases, the one that held first; or one alone, that lost men in mass and stood again."""

    name: str
    held: str
    broke: str | None
    reason: str
    """Why the two are a test."""


TESTS = (
    Test(
        "Afghanistan 1989 and 1992", "AFG_1989", "AFG_1992",
        "One army and one enemy. In 1989 it held Jalalabad though its patron's soldiers had left; by 1992 his money had "
        "stopped too.",
    ),
    Test(
        "South Vietnam 1972 and 1975", "ARVN_1972", "ARVN_1975",
        "One army. It stood against a great offensive while its patron's aircraft flew and his money came, and fell to the "
        "next within two months when they did not.",
    ),
    Test(
        "Syria 2011 and 2024", "SYR_2011_13", "SYR_2024",
        "One army under one ruler. It lost deserters by tens of thousands and fought on; when its patrons were gone or busy "
        "elsewhere, it was gone within two weeks.",
    ),
    Test(
        "Russia 1915 and 1917", "RUS_1915", "RUS_1917",
        "One army. The Great Retreat cost it far more in killed, wounded and captured than 1917, under a tsar still on his "
        "throne.",
    ),
    Test(
        "Italy 1917", "ITA_1917", None,
        "It broke at Caporetto, lost hundreds of thousands in weeks, and stood again on the Piave: mass desertion, no "
        "collapse.",
    ),
)  # fmt: skip
"""The pairs, and the one army that broke and stood again."""


@dataclasses.dataclass(frozen=True)
class Half:
    """One case of a test with its chances and their 90 % intervals."""

    case: CodedArmy
    collapse: Estimate
    mass_desertion: Estimate


@dataclasses.dataclass(frozen=True)
class Tested:
    """What the model says of a test, told by what is learnt without either of the two."""

    test: Test
    halves: tuple[Half, ...]
    differs: tuple[Difference, ...]
    """Codes in which they differ: of the one that held, and of the one that broke."""
    force_ratios: tuple[float | None, ...]
    right: bool
    """Whether the means are in the order that came; for one case alone, whether mass desertion has a chance above one
    half and collapse one below."""
    share: float
    """Share of the draws in which they are, a tie counted half."""
    effective: float
    """Draws that the posterior without them is worth."""


def answers(basis: Basis) -> tuple[Tested, ...]:
    """Every test whose cases stand in the table."""
    return tuple(_tested(test, basis) for test in TESTS if {test.held, test.broke} - {None} <= set(basis.learnt.ids))


def _tested(test: Test, basis: Basis) -> Tested:
    names = [test.held, *([test.broke] if test.broke else [])]
    collapse, mass = basis.together(names)
    cases = tuple(basis.learnt.cases[basis.learnt.ids.index(name)] for name in names)
    halves = tuple(
        Half(case, mean_estimate(one), mean_estimate(other))
        for case, one, other in zip(cases, collapse, mass, strict=True)
    )
    if test.broke:
        in_order = (np.sign(collapse[1] - collapse[0]) + 1) / 2
        right = halves[1].collapse.value > halves[0].collapse.value
    else:
        in_order = (mass[0] > 0.5) & (collapse[0] < 0.5)
        right = halves[0].mass_desertion.value > 0.5 > halves[0].collapse.value
    differs = tuple(
        Difference(code, cases[0].codes[code], cases[1].codes[code])
        for code in CODES
        if test.broke and cases[0].codes[code] != cases[1].codes[code]
    )
    return Tested(
        test, halves, differs, tuple(case.force_ratio for case in cases), bool(right),
        float(np.mean(in_order)), basis.effective(frozenset(names)),
    )  # fmt: skip
