"""What is asked of the posterior: all that this package knows of inference stands here. [IO]"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Sequence

import numpy as np

from holdfast.assessment.request import held_out
from holdfast.calibration import posterior, predictive
from holdfast.calibration.posterior import Weighed
from holdfast.coded_armies import army, reader
from holdfast.coded_armies.army import CodedArmy
from holdfast.core import runtime
from holdfast.stats.scoring import Numbers

Progress = Callable[[int, int, str], None]


@dataclasses.dataclass(frozen=True)
class Told:
    """What is told of armies under the same equal draws, `[army, draw]` each."""

    collapse: Numbers
    mass_desertion: Numbers
    exits: Numbers
    """Per 1,000 men a month, as a historian would code them."""


@functools.cache
def taught() -> Weighed:
    """The shipped posterior, weighed by the shipped cases that count for themselves."""
    return posterior.weigh(posterior.shipped(), army.independent(reader.shipped()))


def teachers(case: CodedArmy) -> tuple[CodedArmy, ...]:
    """The cases that teach once this one is left out."""
    cases = posterior.taught_by(taught().posterior, taught().cases)
    return tuple(one for one, out in zip(cases, held_out(case, cases)) if not out)


def taught_anything(case: CodedArmy) -> bool:
    """Whether a case, or one that shares its men, was among those that taught."""
    return any(held_out(case, posterior.taught_by(taught().posterior, taught().cases)))


def digest() -> str:
    """Hash of the posterior."""
    return taught().posterior.digest


def draws() -> int:
    """Draws of the posterior."""
    return len(taught().draws)


def worth(case: CodedArmy) -> float:
    """How many equal draws the posterior is worth with a case left out [1]."""
    return taught().effective(_without(case))


def stands(case: CodedArmy) -> bool:
    """Whether a case is one of those that are told by weights alone."""
    return case in taught().cases


def kept(case: CodedArmy, seed: int = 1) -> Told:
    """A case that stands, told by all others: by the surrogate, nothing is run."""
    weighed = taught()
    names = [one.army_id for one in weighed.cases]
    groups = [case.army_id if out else name for name, out in zip(names, held_out(case, weighed.cases))]
    place = names.index(case.army_id)
    return _told(predictive.left_out(weighed, groups, seed), slice(place, place + 1))


def ran(
    cases: Sequence[CodedArmy], draws: int, workers: int | None, seed: int = 1, progress: Progress | None = None
) -> Told:
    """Armies by runs under the same draws: cases of one name, therefore of one luck; that name is left out.

    What codes tell of resolve beyond their mechanisms is read from the first of them: it goes together with a code and
    does not come with a change of it.
    """
    weighed = taught()
    own = dataclasses.replace(weighed, log_weight=_without(cases[0]))
    found = predictive.unseen(
        cases, weighed.posterior, own, workers=workers or runtime.cores(), progress=progress or _silent, draws=draws,
        seed=seed, as_coded=[cases[0]] * len(cases),
    )  # fmt: skip
    return _told(found, slice(None))


def twice(cases: Sequence[CodedArmy], recoded: Sequence[CodedArmy]) -> tuple[Numbers, Numbers]:
    """P(collapse) of cases that stand, each told by all others, as they are and with other codes.

    Both by the surrogate, which is smooth, under all draws and the same weights: nothing but the codes tells them apart.
    """
    weighed = taught()
    if not cases:
        return np.empty(0), np.empty(0)
    chance, _ = posterior.chances(weighed.posterior, [*cases, *recoded], weighed.draws, weighed.ablation)
    weight = np.exp([_without(case) for case in cases])
    weight = np.tile(weight / weight.sum(axis=1, keepdims=True), (2, 1))
    mean = np.clip((weight * chance.T.astype(float)).sum(axis=1), 0, 1)
    return mean[: len(cases)], mean[len(cases) :]


def _without(case: CodedArmy) -> Numbers:
    """Log weights of the draws without a case and those that share its men `[draw]`."""
    weighed = taught()
    return weighed.leaving(np.array(held_out(case, weighed.cases), bool))


def _told(found: predictive.Predictions, rows: slice) -> Told:
    return Told(*(np.asarray(each[rows], float) for each in (found.p_collapse, found.p_mass_desertion, found.exits)))


def _silent(done: int, total: int, what: str) -> None:
    """No progress is shown."""
