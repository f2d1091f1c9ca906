"""What is printed beside every score."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from holdfast.backtesting.holdout import UNSEEN, Asked, Learnt
from holdfast.stats import scoring

if TYPE_CHECKING:
    from holdfast.backtesting.result import Effective


FEW = 20.0
"""With fewer draws' worth of posterior than this, chances and intervals hang on which draws there happen to be."""

CODES = (
    "The codes were given with hindsight, by one coder who knew how each army ended, and of famous cases: every score "
    "here, the model's and its rivals', is too good by an unknown amount."
)
DOUBTFUL = (
    "Operational shock at 2 nearly means a rout, and a leader's decay at 1 can mean during the break: read the scores "
    "without these codes too."
)
LEADER = (
    "No runs of the model without the leader's code are kept; for it, see the logit without shock and leader, and the "
    "scores on the cases in which the code is 0 and can tell nothing."
)
FITTED = (
    "Fitted, seen: every shipped case taught the model and the rivals that tell it here. These numbers say how well "
    "they remember, not how well they foretell."
)
OF_FILE = (
    "Parts taken out of the model, whole wars left out and paired tests are told for the shipped cases only: run "
    "holdfast backtest without --cases."
)
UNSCORED = "No case has a known outcome and counts for itself, so nothing is scored."
REHEARSAL = "This posterior is a rehearsal and worth nothing; make one with holdfast calibrate."


def auc_error(scored: scoring.Scored) -> str:
    """The standard error of an AUC on so many cases."""
    held = scored.cases - scored.happened
    error = scoring.auc_error(scored.auc.value, scored.happened, held)
    if math.isnan(error):
        return f"All of the {scored.cases} scored cases ended alike, so there is no AUC."
    return (
        f"With {scored.cases} cases, {scored.happened} of which collapsed, the standard error of an AUC of "
        f"{scored.auc.value:.2f} is about {error:.3f}: smaller differences say little."
    )


def draws(effective: Effective, left_out: bool) -> str:
    """How many draws the posterior is worth, and a plain word where they are few."""
    if left_out:
        least = effective.smallest
        told = (
            f"Leaving cases out, the posterior is worth {least:.1f} draws at the least and "
            f"{effective.median:.1f} in the median."
        )
    else:
        least = effective.whole
        told = f"The posterior is worth {least:.1f} draws."
    if least >= FEW:
        return told
    return f"{told} That is too few: its chances hang on which draws there are, and its intervals are too narrow."


def same_wars(asked: Sequence[Asked], learnt: Learnt) -> str | None:
    """A word where unseen cases are of wars that taught."""
    from holdfast.coded_armies import army

    new = [one.case for one in asked if one.how == UNSEEN]
    if not new:
        return None
    names = army.wars([*learnt.teachers, *new])
    taught = set(names[: len(learnt.teachers)])
    count = sum(name in taught for name in names[len(learnt.teachers) :])
    if not count:
        return None
    are = "is" if count == 1 else "are"
    return (
        f"{count} of the {len(new)} cases never seen {are} of wars of which other armies taught the posterior; it is "
        "not made anew without them."
    )


def rehearsal(recipe: Mapping[str, Any]) -> str | None:
    """A word where the posterior is not meant to be used."""
    return REHEARSAL if recipe.get("rehearsal") else None
