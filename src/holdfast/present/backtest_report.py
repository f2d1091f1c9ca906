"""A backtest as files: JSON, tables, figures and a page that opens without a network. [IO]"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import altair as alt

from holdfast.backtesting.result import FIELDS, OUTCOMES, Backtest, Half, Model
from holdfast.core import runtime
from holdfast.io import files, json_text
from holdfast.present import backtest_chances, backtest_figures, charts, html
from holdfast.present.backtest_chances import WORDS, Case, Pair
from holdfast.stats.scoring import Scored

# Every figure of a backtest, by the stem of its file.


MASS = ("lost men in mass", "did not")
SAID = dict(zip(OUTCOMES, (WORDS, MASS), strict=True))
"""What happened and what did not, in words."""
HEADS = dict(zip(OUTCOMES, ("Collapse", "Mass desertion"), strict=True))
RIVAL = "ridge_ten"
"""Whose chances are drawn beside the model's."""


def _charts(found: Backtest) -> dict[str, alt.TopLevelMixin]:
    """The figures that can be drawn: where nothing is scored, the cases alone."""
    made: dict[str, alt.TopLevelMixin] = {}
    for outcome in OUTCOMES:
        stem = "" if outcome == "collapse" else "mass_desertion_"
        marked = found.scores[outcome]
        if found.own in marked:
            made[f"{stem}calibration"] = _calibration(found, outcome)
        made[f"{stem}cases"] = cases(found, outcome)
        if found.own in marked:
            made[f"{stem}by_model"] = _by_model(found, outcome)
        if found.differences[outcome]:
            made[f"{stem}differences"] = _differences(found, outcome)
    if found.pairs:
        made["pairs"] = _pairs(found)
    return made


def _calibration(found: Backtest, outcome: str) -> alt.TopLevelMixin:
    """Chances told and shares that came, on the cases that are scored."""
    here = found.counts[outcome]
    truths = [bool(getattr(one.army, outcome)) for one, counts in zip(found.holdouts, here, strict=True) if counts]
    return backtest_figures.calibration(
        found.models[0].chances[outcome][here], truths, found.models[0].name, SAID[outcome]
    )


def cases(found: Backtest, outcome: str) -> alt.TopLevelMixin:
    """Every case with its interval, and what the logit on all ten codes told."""
    rival = _rival(found)
    rows = [
        Case(
            backtest_chances.named(one.army) + ("" if one.army.independent else " *"),
            told.value, told.low, told.high, getattr(one.army, outcome), float(rival.chances[outcome][place]),
        )
        for place, (one, told) in enumerate(zip(found.holdouts, found.intervals(outcome), strict=True))
    ]  # fmt: skip
    more = "" if all(one.army.independent for one in found.holdouts) else "Starred: not scored."
    title = f"{HEADS[outcome]}, case by case: {found.title}"
    return backtest_chances.case_by_case(rows, title, rival.name, SAID[outcome], more)


def _by_model(found: Backtest, outcome: str) -> alt.TopLevelMixin:
    """All models beside each other."""
    marked = found.scores[outcome]
    names = {model.key: model.name for model in found.models}
    own = [name for key, name in names.items() if key in (found.own, "holdfast_war")]
    return backtest_figures.by_model({names[key]: one for key, one in marked.items()}, _headline(found, outcome), own)


def _differences(found: Backtest, outcome: str) -> alt.TopLevelMixin:
    """The model held against each other one on the same cases."""
    of = {model.key: model for model in found.models}
    against = {of[key].name: one for key, one in found.differences[outcome].items() if of[key].against == found.own}
    share = next((one.brier.a_better for key, one in found.differences[outcome].items() if key == _rival(found).key), 0)
    title = (
        f"{HEADS[outcome]}: {found.models[0].name} has the better Brier score than the {_rival(found).name} in "
        f"{share:.0%} of resamples of the armies"
    )
    return backtest_figures.differences(against, title, found.models[0].name)


def _pairs(found: Backtest) -> alt.TopLevelMixin:
    """One army's two ends."""
    told = [
        Pair(one.pair.name, tuple(_half(half) for half in one.halves), one.share if one.pair.broke else None)
        for one in found.pairs
    ]
    both = [one for one in found.pairs if one.pair.broke]
    title = f"One army, two ends: {sum(one.right for one in both)} of {len(both)} pairs in the order that came"
    return backtest_chances.pairs(told, title, subtitle="Each told by what is learnt without either.")


def _headline(found: Backtest, outcome: str) -> str:
    """The model's scores beside those of the logit on all ten codes, in a line."""
    own, rival = found.scores[outcome][found.own], found.scores[outcome].get(_rival(found).key)
    beside = f"; {_rival(found).name}: {_both(rival)}" if rival else ""
    return f"{HEADS[outcome]}. {found.models[0].name}: {_both(own)}{beside}"


def _both(one: Scored) -> str:
    return f"Brier {one.brier.value:.3f}, AUC {one.auc.value:.2f}"


def _half(half: Half) -> Case:
    told = half.collapse
    return Case(backtest_chances.named(half.army), told.value, told.low, told.high, half.army.collapse)


def _rival(found: Backtest) -> Model:
    return next(model for model in found.models if model.key.startswith(RIVAL))


PAGE = "backtest.html"
CAPTIONS = {
    "calibration": "Calibration", "cases": "Case by case", "by_model": "Scores of every model",
    "differences": "Differences, case by case on the same resamples", "pairs": "One army, two ends",
}  # fmt: skip


def figures(result: Backtest) -> dict[str, Callable[[], alt.TopLevelMixin]]:
    """The figures of a backtest.

    Args:
        result: the backtest.

    Returns:
        What draws each, by name.
    """
    return {name: functools.partial(_charts(result).__getitem__, name) for name in _charts(result)}


def save(result: Backtest, folder: Path, *, figures: bool = True) -> Path:
    """Write `backtest.json`, tables, figures and a page into a folder, whole or not at all.

    Args:
        result: the backtest.
        folder: where.
        figures: whether to draw the figures too.

    Returns:
        The page's path.
    """
    plain: dict[str, Any] = result.to_dict()
    with files.folder(folder, optional=("figures",)) as fresh:
        json_text.write(fresh / "backtest.json", plain)
        files.write_table(fresh / "cases.csv", _flags(_case_rows(plain)))
        files.write_table(fresh / "scores.csv", _flags(_score_rows(result, plain)))
        files.write_table(fresh / "differences.csv", _difference_rows(plain))
        stems: list[str] = []
        if figures:
            (fresh / "figures").mkdir()
            for stem, chart in _charts(result).items():
                charts.save(chart, fresh / "figures" / stem)
                stems.append(stem)
        files.write_text(fresh / PAGE, _page(result, stems))
    return folder / PAGE


def in_html(result: Backtest) -> str:
    """A backtest in short, for a notebook.

    Args:
        result: the backtest.

    Returns:
        Its title, its headline and the scores of collapse as HTML.
    """
    names = {model.key: model.name for model in result.models}
    scores = result.scores["collapse"]
    rows = [
        {"model": names[key]} | {field: f"{getattr(scored, field).value:.3f}" for field in FIELDS}
        for key, scored in scores.items()
    ]
    headline = [_headline(result, "collapse")] if result.own in scores else []
    return html.in_short(result.title, [*headline, *result.warnings[:1]], rows)


def _flags(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """True and false as 1 and 0, as a file of coded armies has them."""
    return [{name: int(one) if isinstance(one, bool) else one for name, one in row.items()} for row in rows]


def _case_rows(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row a case."""
    return [
        {
            "case_id": one["army_id"], "army": one["army"], "held_out": one["held_out"], "scored": one["scored"],
            "p_collapse": one["p_collapse"],
            **{f"p_collapse_{level}": value for level, value in one["p_collapse_interval"].items()},
            "collapse": one["collapse"],
            "p_mass_desertion": one["p_mass_desertion"],
            **{f"p_mass_desertion_{level}": value for level, value in one["p_mass_desertion_interval"].items()},
            "mass_desertion": one["mass_desertion"],
            **{f"exits_{level}": value for level, value in one["exits_per_1000_month"].items()},
            "exits_coded": one["exits_coded_per_1000_month"],
            **{f"p_collapse_{model}": value for model, value in one["models"].items()},
        }
        for one in told["armies"]
    ]  # fmt: skip


def _score_rows(found: Backtest, told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row a model and outcome."""
    rows = []
    for outcome in OUTCOMES:
        for key, values in told["scores" if outcome == "collapse" else "scores_mass_desertion"].items():
            one = told["intervals"][outcome].get(key)
            row = {"outcome": outcome, "model": key, "name": told["models"][key]["name"]}
            row |= {"armies": one and one["armies"], "happened": one and one["happened"]}
            for field in FIELDS:
                ends = one[field] if one else {"p05": None, "p95": None}
                row |= {field: values[field]} | {f"{field}_{level}": end for level, end in ends.items()}
            rows.append(row)
    return rows


def _difference_rows(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row a pair of models and outcome."""
    return [
        {"outcome": outcome, "model": one["model"], "less": one["less"]}
        | {f"{field}_{name}": value for field in FIELDS for name, value in one[field].items()}
        for outcome in OUTCOMES
        for one in told["differences"][outcome]
    ]


def _page(found: Backtest, stems: Iterable[str]) -> str:
    """The page as text; figures stand beside it as files."""
    return html.render(
        "backtest.html.j2",
        title=found.title,
        headline=_headline(found, "collapse") if found.own in found.scores["collapse"] else "",
        warnings=found.warnings,
        tables=[_table(found, outcome) for outcome in OUTCOMES if found.scores[outcome]],
        figures=[(stem, _caption(stem)) for stem in stems],
        pairs=found.pairs,
        facts=[f"posterior {found.about['posterior']}", f"seed {found.about['seed']}", f"Holdfast {runtime.version()}"],
    )


def _caption(stem: str) -> str:
    mass = "mass_desertion_"
    return CAPTIONS[stem.removeprefix(mass)] + (": mass desertion" if stem.startswith(mass) else "")


def _table(found: Backtest, outcome: str) -> dict[str, Any]:
    names = {model.key: model.name for model in found.models}
    rows = [
        (names[key], [(f"{value.value:.3f}", f"{value.low:.2f}–{value.high:.2f}") for value in values])
        for key, one in found.scores[outcome].items()
        for values in [[getattr(one, field) for field in FIELDS]]
    ]
    return {"head": HEADS[outcome], "armies": int(found.counts[outcome].sum()), "rows": rows}
