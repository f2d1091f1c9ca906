"""Rows of chances: each case's chance with its interval, marked by what became of it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np

from holdfast.coded_armies.army import CodedArmy
from holdfast.present import charts

YES, NO, UNKNOWN = "#AA1164", "#2B8C96", "#8c8c8c"
"""Dark magenta, teal and grey: apart in hue and lightness, and in shape wherever they are points."""
WORDS = ("collapsed", "did not collapse")
NOT_KNOWN = "outcome not known"
SHAPES = ("diamond", "circle", "square")
FILLS = (YES, "white", "white")
"""What happened is filled, so that print without colour tells it too."""

CHANCE = alt.Scale(domain=[0, 1], nice=False)
SHARE = "datum.value == 0 ? '0' : datum.value == 1 ? '1' : format(datum.value, '.1f')"
"""Labels of an axis from 0 to 1."""

WIDTH = 610
"""Of the chances; with some 300 pixels of names it fits a page."""
NAMES = 300
"""Most that a name may take [px]; some fifty letters."""


@dataclasses.dataclass(frozen=True)
class Case:
    """One case's chance [1] with its 90 % interval, what became of it, and what a rival told, if that is drawn."""

    name: str
    p: float
    low: float
    high: float
    happened: bool | None
    rival: float | None = None


@dataclasses.dataclass(frozen=True)
class Pair:
    """The outcomes of one army or country, with the chance that the model puts them in the order that came [1]."""

    name: str
    cases: tuple[Case, ...]
    in_order: float | None = None


def named(case: CodedArmy) -> str:
    """The army and its years, as `Ottoman army, 1916–18`; the case's own key where no army is named."""
    years = [one.year for one in (case.start, case.end) if one]
    span = str(years[0]) if years else ""
    if len(set(years)) == 2:
        span += f"–{years[1] % 100:02d}" if years[0] // 100 == years[1] // 100 else f"–{years[1]}"
    name = case.army or case.army_id
    return name if not span else f"{name}, {span}"


def case_by_case(
    cases: Sequence[Case], title: str, rival: str | None = None, words: tuple[str, str] = WORDS, subtitle: str = ""
) -> alt.TopLevelMixin:
    """Every case a row, the highest chance on top; `rival` names whose chances the ticks are, if they are drawn."""
    ordered = sorted(cases, key=lambda one: (-one.p, one.name))
    rows = [_record(one, at, words) for at, one in enumerate(ordered)]
    striped = range(1, len(rows), 2)
    chart = _dots(rows, [one.name for one in ordered], striped, words, row=17, rival=rival, both_axes=True)
    how = f"Point: chance told; bar: 90%. {f'Tick: {rival}. ' if rival else ''}{subtitle}".strip()
    return charts.titled(chart, title, how)


def pairs(told: Sequence[Pair], title: str, words: tuple[str, str] = WORDS, subtitle: str = "") -> alt.TopLevelMixin:
    """One army's outcomes under each other, a band over each pair; on it the chance that the model has their order."""
    names: list[str] = []
    heads: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    for pair in told:
        says = "" if pair.in_order is None else f"in the order that came, with chance {pair.in_order:.2f}"
        heads.append({"row": len(names) + 0.5, "says": says})
        names.append(pair.name)
        for one in pair.cases:
            rows.append(_record(one, len(names), words))
            names.append(one.name)
    bands = [int(head["row"]) for head in heads]
    chart = _dots(rows, names, bands, words, row=23, bold=bands, notes=heads)
    how = f"Point: chance told; bar: 90%. {subtitle}".strip()
    return charts.titled(chart, title, how)


def _record(case: Case, at: int, words: tuple[str, str]) -> dict[str, Any]:
    outcome = NOT_KNOWN if case.happened is None else words[0] if case.happened else words[1]
    made = {"name": case.name, "row": at + 0.5, "p": case.p, "low": case.low, "high": case.high}
    return made | {"outcome": outcome} | ({} if case.rival is None else {"rival": case.rival})


def _dots(
    rows: list[dict[str, Any]],
    names: Sequence[str],
    shaded: Sequence[int],
    words: tuple[str, str],
    *,
    row: int,
    rival: str | None = None,
    both_axes: bool = False,
    bold: Sequence[int] = (),
    notes: Sequence[dict[str, Any]] = (),
) -> Any:
    """Chances along, one row a name [px]: 90 % bars, points by outcome, ticks for a rival, notes at the right edge."""
    scale = alt.Scale(domain=[0, len(names)], reverse=True, nice=False)
    labels = alt.Axis(
        values=[index + 0.5 for index in range(len(names))], labelExpr=f"{json.dumps(list(names))}[floor(datum.value)]",
        labelFontWeight=_weight(bold), grid=False, ticks=False, domain=False, labelLimit=NAMES, labelPadding=8,
        labelOverlap=False,
    )  # fmt: skip

    def y(field: str) -> alt.Y:
        return alt.Y(field, title=None, scale=scale, axis=labels)

    def x(field: str, orient: str | None = None) -> alt.X:
        """All layers share the axis below; with one above as well, each is drawn by one layer only."""
        if both_axes and not orient:
            return alt.X(field, scale=CHANCE, axis=None)
        above = orient == "top"
        axis = alt.Axis(
            orient="top" if above else "bottom", values=list(np.round(np.linspace(0, 1, 11), 1)),
            labelExpr=SHARE, labelFlush=False, title=None if above else "chance told", grid=above or not both_axes,
        )  # fmt: skip
        return alt.X(field, scale=CHANCE, axis=axis)

    outcomes = _outcomes(rows, words)
    base = alt.Chart(charts.rows(rows)).encode(y=y("row:Q"), tooltip=_tooltip(rival))
    colour = alt.Color("outcome:N", scale=_scale(outcomes, words, (YES, NO, UNKNOWN)), legend=_LEGEND)
    shape = alt.Shape("outcome:N", scale=_scale(outcomes, words, SHAPES), legend=_LEGEND)
    fill = alt.Fill("outcome:N", scale=_scale(outcomes, words, FILLS), legend=_LEGEND)
    bands = alt.Chart(charts.rows([{"from": one, "to": one + 1} for one in shaded]))
    half = alt.Chart(charts.rows([{"half": 0.5}])).mark_rule(color="#9a9a9a", strokeDash=[4, 4])
    made: list[Any] = [
        bands.mark_rect(color="#f3f3f3").encode(y=y("from:Q"), y2="to:Q"),
        half.encode(x=x("half:Q", "top" if both_axes else None)),
        base.mark_rule(strokeWidth=2.2, opacity=0.55).encode(x=x("low:Q", "bottom"), x2="high:Q", color=colour),
    ]
    if rival:
        ticks = base.transform_filter("isValid(datum.rival)").mark_tick(thickness=1.3, size=row * 0.6)
        made.append(ticks.encode(x=x("rival:Q"), color=alt.value(charts.INK)))
    points = base.mark_point(size=62, strokeWidth=1.8, opacity=1)
    made.append(points.encode(x=x("p:Q"), color=colour, shape=shape, fill=fill))
    if notes:
        text = alt.Chart(charts.rows(list(notes))).mark_text(align="right", dx=-6, color=charts.FAINT, fontSize=11.5)
        made.append(text.encode(y=y("row:Q"), x=alt.value(WIDTH), text="says:N"))
    return alt.layer(*made).properties(width=WIDTH, height=row * len(names))


_LEGEND = alt.Legend(title=None, symbolStrokeWidth=1.8, symbolSize=90, symbolType="circle", offset=6)


def _weight(bold: Sequence[int]) -> Any:
    if not bold:
        return "normal"
    test = f"indexof({json.dumps(list(bold))}, floor(datum.value)) >= 0"
    return {"condition": {"test": test, "value": "bold"}, "value": "normal"}


def _outcomes(rows: Sequence[dict[str, Any]], words: tuple[str, str]) -> list[str]:
    here = {one["outcome"] for one in rows}
    return [word for word in (*words, NOT_KNOWN) if word in here]


def _scale(outcomes: Sequence[str], words: tuple[str, str], values: Sequence[str]) -> alt.Scale:
    of = dict(zip((*words, NOT_KNOWN), values))
    return alt.Scale(domain=list(outcomes), range=[of[one] for one in outcomes])


def _tooltip(rival: str | None) -> list[alt.Tooltip]:
    made = [
        alt.Tooltip("name:N", title="case"),
        alt.Tooltip("outcome:N", title="outcome"),
        alt.Tooltip("p:Q", title="chance told", format=".2f"),
        alt.Tooltip("low:Q", title="90% from", format=".2f"),
        alt.Tooltip("high:Q", title="to", format=".2f"),
    ]
    return made + ([alt.Tooltip("rival:Q", title=rival, format=".2f")] if rival else [])
