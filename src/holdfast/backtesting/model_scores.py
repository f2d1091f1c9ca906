"""Every model's scores and paired differences, on the cases that count."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from holdfast.backtesting.holdout import Asked
from holdfast.backtesting.models import OWN, Model, Numbers
from holdfast.backtesting.result import Part
from holdfast.coded_armies.army import CodedArmy
from holdfast.stats import scoring
from holdfast.stats.scoring import Paired, Scored

APART: tuple[tuple[str, Callable[[CodedArmy], bool]], ...] = (
    ("operational shock is 0 or 1, and not nearly a rout", lambda case: case.codes["operational_shock"] in (0, 1)),
    ("the leader's code is 0 and can tell nothing", lambda case: case.codes["leader_decay"] == 0),
)
"""Cases in which a doubtful code cannot tell the outcome."""


def counts(every: Sequence[Asked], outcome: str) -> np.ndarray:
    """Which cases are scored: they count for themselves, and how they ended is known `[case]`."""
    return np.array([one.case.independent and getattr(one.case, outcome) is not None for one in every], bool)


def fair(found: Sequence[Model], without: str) -> list[Model]:
    """Logits that are shown fewer codes are held against the model without shock, where that is there."""
    if without not in {model.key for model in found}:
        return list(found)
    return [dataclasses.replace(one, against=without) if one.part == "codes" else one for one in found]


def scores_of(found: Iterable[Model], every: Sequence[Asked], here: np.ndarray, outcome: str) -> dict[str, Scored]:
    """Scores of every model that tells all cases that count, by its key."""
    if not here.any():
        return {}
    truths = _truths(every, here, outcome)
    return {
        model.key: scoring.scored(model.told[outcome][here], truths, orders=model.orders)
        for model in found
        if _tells(model, here, outcome)
    }


def differences(found: Sequence[Model], every: Sequence[Asked], here: np.ndarray, outcome: str) -> dict[str, Paired]:
    """Scores of the model's own less those of each other, by the other's key, where both tell all cases that count."""
    of = {model.key: model for model in found if here.any() and _tells(model, here, outcome)}
    return {
        key: _difference(of[model.against], model, every, here, outcome)
        for key, model in of.items()
        if model.against != key and model.against in of
    }


def _difference(a: Model, b: Model, every: Sequence[Asked], here: np.ndarray, outcome: str) -> Paired:
    """Scores of a less those of b."""
    truths = _truths(every, here, outcome)
    return scoring.paired(a.told[outcome][here], b.told[outcome][here], truths, orders=(a.orders, b.orders))


def parts(found: Sequence[Model], every: Sequence[Asked], here: np.ndarray, own: str) -> tuple[Part, ...]:
    """Scores of collapse where a doubtful code cannot tell it, beside the logit on all ten."""
    of = {model.key: model for model in found}
    model, rival = of[own], of[own.replace(OWN, "ridge_ten")]
    made = []
    for why, fits in APART:
        some = here & np.array([fits(one.case) for one in every], bool)
        if some.any():
            marked = scores_of([model, rival], every, some, "collapse")
            made.append(Part(why, int(some.sum()), marked, _difference(model, rival, every, some, "collapse")))
    return tuple(made)


def _tells(model: Model, here: np.ndarray, outcome: str) -> bool:
    return not np.isnan(model.told[outcome][here]).any()


def _truths(every: Sequence[Asked], here: np.ndarray, outcome: str) -> Numbers:
    return np.array([float(bool(getattr(one.case, outcome))) for one in every])[here]
