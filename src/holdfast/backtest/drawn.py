"""Every figure of a backtest, by the stem of its file."""

from __future__ import annotations

import altair as alt

from holdfast.backtest import figures
from holdfast.backtest.dots import WORDS
from holdfast.backtest.figures import Case, Pair
from holdfast.backtest.models import OUTCOMES, Model
from holdfast.backtest.pairs import Half
from holdfast.backtest.scores import Scored
from holdfast.backtest.told import Backtest

MASS = ("lost men in mass", "did not")
SAID = dict(zip(OUTCOMES, (WORDS, MASS), strict=True))
"""What happened and what did not, in words."""
HEADS = dict(zip(OUTCOMES, ("Collapse", "Mass desertion"), strict=True))
RIVAL = "ridge_ten"
"""Whose chances are drawn beside the model's."""


def charts(found: Backtest) -> dict[str, alt.TopLevelMixin]:
    """The figures that can be drawn: where nothing is scored, the cases alone."""
    made: dict[str, alt.TopLevelMixin] = {}
    for outcome in OUTCOMES:
        stem = "" if outcome == "collapse" else "mass_desertion_"
        marked = found.scores[outcome]
        if found.own in marked:
            made[f"{stem}calibration"] = calibration(found, outcome)
        made[f"{stem}cases"] = cases(found, outcome)
        if found.own in marked:
            made[f"{stem}by_model"] = by_model(found, outcome)
        if found.differences[outcome]:
            made[f"{stem}differences"] = differences(found, outcome)
    if found.pairs:
        made["pairs"] = pairs(found)
    return made


def calibration(found: Backtest, outcome: str) -> alt.TopLevelMixin:
    """Chances told and shares that came, on the cases that are scored."""
    here = found.counts[outcome]
    truths = [bool(getattr(one.case, outcome)) for one, counts in zip(found.asked, here, strict=True) if counts]
    return figures.calibration(found.models[0].told[outcome][here], truths, found.models[0].name, SAID[outcome])


def cases(found: Backtest, outcome: str) -> alt.TopLevelMixin:
    """Every case with its interval, and what the logit on all ten codes told."""
    rival = _rival(found)
    rows = [
        Case(
            figures.named(one.case) + ("" if one.case.independent else " *"),
            told.value, told.low, told.high, getattr(one.case, outcome), float(rival.told[outcome][place]),
        )
        for place, (one, told) in enumerate(zip(found.asked, found.intervals(outcome), strict=True))
    ]  # fmt: skip
    more = "" if all(one.case.independent for one in found.asked) else "Starred: not scored."
    title = f"{HEADS[outcome]}, case by case: {found.title}"
    return figures.case_by_case(rows, title, rival.name, SAID[outcome], more)


def by_model(found: Backtest, outcome: str) -> alt.TopLevelMixin:
    """All models beside each other."""
    marked = found.scores[outcome]
    names = {model.key: model.name for model in found.models}
    own = [name for key, name in names.items() if key in (found.own, "holdfast_war")]
    return figures.by_model({names[key]: one for key, one in marked.items()}, headline(found, outcome), own)


def differences(found: Backtest, outcome: str) -> alt.TopLevelMixin:
    """The model held against each other one on the same cases."""
    of = {model.key: model for model in found.models}
    against = {of[key].name: one for key, one in found.differences[outcome].items() if of[key].against == found.own}
    share = next((one.brier.a_better for key, one in found.differences[outcome].items() if key == _rival(found).key), 0)
    title = (
        f"{HEADS[outcome]}: {found.models[0].name} has the better Brier score than the {_rival(found).name} in "
        f"{share:.0%} of resamples of the cases"
    )
    return figures.differences(against, title, found.models[0].name)


def pairs(found: Backtest) -> alt.TopLevelMixin:
    """One army's two ends."""
    told = [
        Pair(one.test.name, tuple(_half(half) for half in one.halves), one.share if one.test.broke else None)
        for one in found.pairs
    ]
    both = [one for one in found.pairs if one.test.broke]
    title = f"One army, two ends: {sum(one.right for one in both)} of {len(both)} pairs in the order that came"
    return figures.pairs(told, title, subtitle="Each told by what is learnt without either.")


def headline(found: Backtest, outcome: str) -> str:
    """The model's scores beside those of the logit on all ten codes, in a line."""
    own, rival = found.scores[outcome][found.own], found.scores[outcome].get(_rival(found).key)
    beside = f"; {_rival(found).name}: {_both(rival)}" if rival else ""
    return f"{HEADS[outcome]}. {found.models[0].name}: {_both(own)}{beside}"


def _both(one: Scored) -> str:
    return f"Brier {one.brier.value:.3f}, AUC {one.auc.value:.2f}"


def _half(half: Half) -> Case:
    told = half.collapse
    return Case(figures.named(half.case), told.value, told.low, told.high, half.case.collapse)


def _rival(found: Backtest) -> Model:
    return next(model for model in found.models if model.key.startswith(RIVAL))
