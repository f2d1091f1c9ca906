"""Every model of the score table: its key, its name, and which of Holdfast's it is held against."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from holdfast.backtesting import baselines
from holdfast.backtesting.holdout import Asked
from holdfast.coded_armies.army import CodedArmy, changed

Numbers = npt.NDArray[np.float64]

OUTCOMES = ("collapse", "mass_desertion")
OWN, OWN_WAR = "holdfast", "holdfast_war"
FITTED = "_fitted"
"""Ends the key of every model that has seen the cases it tells."""

NAMES = {
    OWN: "Holdfast",
    "base_rate": "base rate",
    "five_sum": "sum of the essay's five",
    "ridge_essay": "logit on the essay's five",
    "ridge_others": "logit on the four others",
    "ridge_ten": "logit on all ten codes",
    "essay_five": "with the essay's five only",
    "no_shock": "without operational shock",
    "no_bond": "without the bond",
    "no_swamping": "without pursuit swamped",
    "no_learning": "without each man's belief",
    "ridge_no_shock": "logit on ten less shock",
    "ridge_eight": "logit on ten less shock, leader",
}
"""What a model is called, by its key; one with its whole war left out has `_war` at the end."""

PARTS = {
    "own": "",
    "rival": "rivals",
    "ablation": "with a part taken out",
    "codes": "without doubtful codes",
    "war": "told without the whole war",
}
"""Groups of models, in the order in which they stand."""

BLIND = {"ridge_no_shock": ("operational_shock",), "ridge_eight": ("operational_shock", "leader_decay")}
"""Codes that a logit on ten is not shown."""


@dataclasses.dataclass(frozen=True)
class Model:
    """A model's chances of both outcomes, by name `[case]`; NaN for a case that it does not tell."""

    key: str
    part: str
    told: dict[str, Numbers]
    orders: bool = True
    """Whether it tells armies apart at all; see `scores.scored`."""
    against: str = OWN
    """Which of Holdfast's own it is compared with; its own key for that itself."""

    @property
    def name(self) -> str:
        """What people read."""
        return name(self.key)


def name(key: str) -> str:
    """What people read for a key."""
    bare = key.removesuffix(FITTED)
    said = NAMES[bare.removesuffix("_war")] + ("; war left out" if bare.endswith("_war") else "")
    return f"{said} (fitted, seen)" if key.endswith(FITTED) else said


def rival(key: str, asked: Sequence[Asked], teachers: Sequence[CodedArmy], outcome: str) -> Numbers:
    """Chances by a rival, fitted for each case to the teachers that are not kept out of it `[case]`."""
    fit, blind = ("ridge_ten", BLIND[key]) if key in BLIND else (key, ())
    hidden = lambda cases: [changed(case, **dict.fromkeys(blind)) for case in cases]  # noqa: E731
    told = np.full(len(asked), np.nan)
    for out in dict.fromkeys(one.out for one in asked):
        places = [place for place, one in enumerate(asked) if one.out == out]
        taught = hidden(case for case in teachers if case.army_id not in out)
        told[places] = baselines.told_by(fit, taught, hidden(asked[place].case for place in places), outcome)
    return told


def all_rivals(
    asked: Sequence[Asked], teachers: Sequence[CodedArmy], suffix: str = "", part: str = "", against: str = OWN
) -> list[Model]:
    """Every rival on the same cases; those that are shown fewer codes stand apart."""
    keys = [*baselines.RIVALS, *(BLIND if not part else ())]
    return [
        Model(
            key + suffix, part or ("codes" if key in BLIND else "rival"),
            {outcome: rival(key, asked, teachers, outcome) for outcome in OUTCOMES},
            orders=baselines.orders(key) or _apart(asked), against=against,
        )
        for key in keys
    ]  # fmt: skip


def _apart(asked: Sequence[Asked]) -> bool:
    """Whether all cases are told by the same fit, so that a base rate is the same for each anyway."""
    return len({one.out for one in asked}) == 1
