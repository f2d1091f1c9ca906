"""The rule of holding out: which coded armies must have taught nothing of what predicts one of them.

Every prediction of a coded army is out of sample. The rule stands here alone, for the backtest, the assessment and the
forecast:

- an army that counts for itself is held out with its own row, and with the rows that hold the same men (`sharing_men`);
- an army that is part of another, or that was stopped by order, is held out with its whole war (`same_war`);
- a forecast of a war is taught by the armies whose own war had ended by its day (`ended_by`).

The calibration holds the rows of armies, and no engine; nothing here runs anything.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from holdfast.coded_armies import army as coded
from holdfast.coded_armies.army import CodedArmy

Mask = npt.NDArray[np.bool_]

LEFT_OUT = "left out"
WAR_OUT = "left out with its war"
RECODED = "left out, coded otherwise"
UNSEEN = "never seen"
UNSEEN_WAR = "never seen, its war left out"
FITTED = "fitted, seen"
HOW = {
    LEFT_OUT: "predicted from all other armies",
    WAR_OUT: "does not count for itself; predicted from the armies of other wars",
    RECODED: "shipped, but with other codes or force ratio; predicted as coded here, from all other armies",
    UNSEEN: "taught nothing; run under the posterior as it stands",
    UNSEEN_WAR: "taught nothing; predicted from the armies of other wars",
    FITTED: "taught the posterior that predicts it",
}
"""How an army was held out, and what that means to a reader."""


@dataclasses.dataclass(frozen=True)
class Holdout:
    """An army to predict, and the shipped armies of which nothing that predicts it has learnt."""

    army: CodedArmy
    """The army, with the codes under which it is predicted."""
    how: str
    """How it is held out, one of `HOW`."""
    out: frozenset[str] = frozenset()
    """Names (`army_id`) of the shipped armies that are left out."""
    by_weights: bool = True
    """Whether weighing the draws anew predicts it: it is shipped and all its codes are known. Any other is run."""


@dataclasses.dataclass(frozen=True)
class TrainingSet:
    """The shipped armies, and those of them that taught the posterior."""

    armies: tuple[CodedArmy, ...]
    """All that are weighed."""
    teachers: tuple[CodedArmy, ...]
    """Those of them that taught."""

    @functools.cached_property
    def ids(self) -> tuple[str, ...]:
        """Name of each army."""
        return tuple(army.army_id for army in self.armies)

    @functools.cached_property
    def wars(self) -> tuple[str, ...]:
        """War of each army."""
        return coded.wars(self.armies)

    def place(self, army: CodedArmy) -> int:
        """Where the shipped army of a name stands.

        Args:
            army: an army of that name.

        Returns:
            Its index in `armies`.

        Raises:
            ValueError: if none has the name.
        """
        return self.ids.index(army.army_id)

    def same_codes(self, army: CodedArmy) -> bool:
        """Whether an army has the codes, the coder and the force ratio of the shipped one of its name.

        Args:
            army: an army of a shipped name.

        Returns:
            True if nothing was coded otherwise.
        """
        own = self.armies[self.place(army)]
        same = [(each.codes, each.vantage, each.certain, each.force_ratio) for each in (own, army)]
        return same[0] == same[1] and army.coder in ("", own.coder)

    def same_war(self, army: CodedArmy) -> frozenset[str]:
        """The armies of the war of a shipped army.

        Args:
            army: an army of a shipped name.

        Returns:
            Their names, its own among them.
        """
        own = self.wars[self.place(army)]
        return frozenset(name for name, war in zip(self.ids, self.wars, strict=True) if war == own)

    def mask(self, names: Iterable[str]) -> Mask:
        """Which armies have one of some names.

        Args:
            names: names of armies; those that are not shipped are passed over.

        Returns:
            True for each army that is named `[army]`.
        """
        named = frozenset(names)
        return np.array([name in named for name in self.ids], bool)

    def left(self, out: frozenset[str]) -> tuple[CodedArmy, ...]:
        """The teachers that are left when some armies are held out.

        Args:
            out: names of the armies held out.

        Returns:
            The others, in their order.
        """
        return tuple(army for army in self.teachers if army.army_id not in out)


def holdouts(training: TrainingSet, armies: Sequence[CodedArmy], leave_one_out: bool = True) -> tuple[Holdout, ...]:
    """How each army is held out in a backtest.

    Args:
        training: the shipped armies and those that taught.
        armies: the armies to predict; those of a name that is not shipped were never seen.
        leave_one_out: false lets shipped armies be seen by what predicts them.

    Returns:
        A holdout for each army, in their order.
    """
    return tuple(_holdout(army, training, leave_one_out) for army in armies)


def whole_wars(training: TrainingSet) -> tuple[Holdout, ...]:
    """Each army that taught, held out with its whole war.

    Args:
        training: the shipped armies and those that taught.

    Returns:
        A holdout for each teacher.
    """
    return tuple(Holdout(army, WAR_OUT, training.same_war(army)) for army in training.teachers)


def of_other_wars(training: TrainingSet, armies: Sequence[CodedArmy], how: str = UNSEEN_WAR) -> tuple[Holdout, ...]:
    """Armies under any codes, each held out with its whole war, by the names and years of the wars of all of them together.

    Args:
        training: the shipped armies and those that taught.
        armies: the armies to predict.
        how: what to call it, one of `HOW`.

    Returns:
        A holdout for each army, in their order.
    """
    names = coded.wars([*training.armies, *armies])
    of_training = list(zip(training.ids, names[: len(training.armies)], strict=True))
    return tuple(
        Holdout(army, how, frozenset(name for name, war in of_training if war == own))
        for army, own in zip(armies, names[len(training.armies) :], strict=True)
    )


def _holdout(army: CodedArmy, training: TrainingSet, leave_one_out: bool) -> Holdout:
    if army.army_id not in training.ids:
        return Holdout(army, UNSEEN, by_weights=False)
    own = training.armies[training.place(army)]
    by_weights = None not in army.codes.values()
    if not leave_one_out:
        return Holdout(army, FITTED, by_weights=by_weights)
    if not own.independent:
        return Holdout(army, WAR_OUT, training.same_war(own), by_weights)
    how = LEFT_OUT if training.same_codes(army) else RECODED
    return Holdout(army, how, frozenset([own.army_id]), by_weights)


def sharing_men(army: CodedArmy, armies: Iterable[CodedArmy]) -> frozenset[str]:
    """The armies whose rows hold men of one army: itself, what it is part of, and the other parts of the same.

    Args:
        army: the army to predict.
        armies: those that may have taught.

    Returns:
        Names of those of `armies` that have to be left out.
    """
    own = {army.army_id, army.overlap_with} - {""}
    return frozenset(other.army_id for other in armies if other.army_id in own or other.overlap_with in own)


def ended_by(armies: Sequence[CodedArmy], date: dt.date | None) -> Mask:
    """Which armies had come to their end by a date, so that a forecast of that date may learn from them.

    Args:
        armies: coded armies.
        date: the date; without one, all of them had.

    Returns:
        True where an army's `end` is known and not later than the date `[army]`.
    """
    return np.array([date is None or (army.end is not None and army.end <= date) for army in armies], bool)
