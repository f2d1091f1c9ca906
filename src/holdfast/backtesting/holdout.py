"""What each case may be told from: which shipped cases are kept out of it, and why."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence

from holdfast.coded_armies import army
from holdfast.coded_armies.army import CodedArmy

LEFT_OUT = "left out"
WAR_OUT = "left out with its war"
RECODED = "left out, coded otherwise"
UNSEEN = "never seen"
FITTED = "fitted, seen"
HOW = {
    LEFT_OUT: "told by what is learnt from all other cases",
    WAR_OUT: "does not count for itself; told by what is learnt from the cases of other wars",
    RECODED: "shipped, but with other codes or force ratio; told as they are here, by what is learnt from all other cases",
    UNSEEN: "taught nothing; run under the posterior as it stands",
    FITTED: "taught the posterior that tells it",
}
"""How a case was kept out, and what that means."""


@dataclasses.dataclass(frozen=True)
class Asked:
    """A case, how it is kept out, and the shipped cases of which nothing that tells it has learnt."""

    case: CodedArmy
    how: str
    out: frozenset[str] = frozenset()
    stands: bool = True
    """Whether it is a shipped case that needs no run; any other is run."""


@dataclasses.dataclass(frozen=True)
class Learnt:
    """The shipped cases, and those of them that taught."""

    cases: tuple[CodedArmy, ...]
    teachers: tuple[CodedArmy, ...]

    @functools.cached_property
    def ids(self) -> tuple[str, ...]:
        """Name of each case."""
        return tuple(case.army_id for case in self.cases)

    @functools.cached_property
    def wars(self) -> tuple[str, ...]:
        """War of each case."""
        return army.wars(self.cases)

    def same(self, case: CodedArmy) -> bool:
        """Whether a case has the codes and the force ratio of the shipped one of its name."""
        own = self.cases[self.ids.index(case.army_id)]
        return own.codes == case.codes and own.force_ratio == case.force_ratio


def asked(learnt: Learnt, cases: Sequence[CodedArmy], leave_one_out: bool = True) -> tuple[Asked, ...]:
    """Shipped cases are kept out of what tells them, unless they may be seen; any others were never seen."""
    return tuple(_asked(case, learnt, leave_one_out) for case in cases)


def war_out(learnt: Learnt) -> tuple[Asked, ...]:
    """The cases that taught, each kept out with its whole war."""
    return tuple(Asked(case, WAR_OUT, _of_war(case, learnt)) for case in learnt.teachers)


def _asked(case: CodedArmy, learnt: Learnt, leave_one_out: bool) -> Asked:
    if case.army_id not in learnt.ids:
        return Asked(case, UNSEEN, stands=False)
    own = learnt.cases[learnt.ids.index(case.army_id)]
    stands = None not in case.codes.values()
    if not leave_one_out:
        return Asked(case, FITTED, stands=stands)
    if not own.independent:
        return Asked(case, WAR_OUT, _of_war(own, learnt), stands)
    return Asked(case, LEFT_OUT if learnt.same(case) else RECODED, frozenset([own.army_id]), stands)


def _of_war(case: CodedArmy, learnt: Learnt) -> frozenset[str]:
    own = learnt.wars[learnt.ids.index(case.army_id)]
    return frozenset(name for name, war in zip(learnt.ids, learnt.wars, strict=True) if war == own)
