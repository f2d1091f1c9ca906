"""The jury of battles as files: JSON, tables, figures and a page. [IO]"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from holdfast.core import runtime
from holdfast.io import files
from holdfast.past_battles.result import HOLDOUTS, LAW, WAR, BattleScores
from holdfast.present import charts, html, vega
from holdfast.present.charts import INK, UNKNOWN, YES, Record
from holdfast.stats import scoring

if TYPE_CHECKING:
    import altair as alt

PAGE = "battles.html"
WIDTH = 620
"""Of a chart's plane [px]."""
FIELDS = ("auc", "brier", "log", "slope", "intercept")
TABLE_INK, LAW_INK = INK, YES
CAPTIONS = {
    "breakpoint": "Breakpoint curve",
    "calibration": "Chances against what came",
    "losses": "Losses at giving way, class by class",
    "chances": "Who gives way, class by class",
}
PERCENT = "format(datum.value, '.0%')"


def figures(result: BattleScores) -> dict[str, Callable[[], alt.TopLevelMixin]]:
    """The figures of a jury.

    Args:
        result: the result.

    Returns:
        What draws each, by name.
    """
    return vega.in_altair(_drawings(result))


def _drawings(result: BattleScores) -> dict[str, Callable[[], charts.Chart]]:
    """What draws each figure, by the stem of its file."""
    return {
        "breakpoint": functools.partial(_breakpoint, result), "calibration": functools.partial(_calibration, result),
        "losses": functools.partial(_losses, result), "chances": functools.partial(_chances, result),
    }  # fmt: skip


def _breakpoint(result: BattleScores) -> charts.Chart:
    """Share of sides that gave way, by the share of men lost."""
    bins = [one for one in result.curve if one.sides]
    names = [f"{one.low:.0%}–{one.high:.0%}" if math.isfinite(one.high) else f"over {one.low:.0%}" for one in bins]
    rows: list[Record] = [
        {"lost": name, "table": one.table.value, "low": one.table.low, "high": one.table.high, "law": one.law,
         "sides": one.sides, "says": f"{one.sides}"}
        for name, one in zip(names, bins, strict=True)
    ]  # fmt: skip
    x = vega.field("lost:N", sort=names, title="share of its men that a side lost", axis=dict(labelAngle=0))
    scale = dict(domain=[0, 1])

    def y(field: str) -> Record:
        return vega.field(field, scale=scale, title="share of such sides that gave way", axis=dict(labelExpr=PERCENT))

    tips = [vega.field("lost:N", title="lost"), vega.field("sides:Q"), vega.field("table:Q", format=".0%"),
            vega.field("law:Q", title="the law", format=".0%")]  # fmt: skip
    base = vega.chart(charts.rows(rows)).encode(x=x, tooltip=tips)
    chart = vega.layer(
        base.mark("line", color=LAW_INK, strokeWidth=2.2).encode(y=y("law:Q")),
        base.mark("point", color=LAW_INK, filled=True, size=70, opacity=1, shape="diamond").encode(y=y("law:Q")),
        base.mark("rule", color=TABLE_INK, strokeWidth=1.8).encode(y=y("low:Q"), y2="high:Q"),
        base.mark("point", color=TABLE_INK, filled=True, size=80, opacity=1).encode(y=y("table:Q")),
        base.mark("text", color=TABLE_INK, dy=-8, baseline="bottom", fontSize=11).encode(y=y("high:Q"), text="says:N"),
    ).properties(width=WIDTH, height=360)
    table, law = result.lines["table"], result.lines["law"]
    return charts.titled(
        chart, "Breakpoint curve: losses tell more of who gave way than the law has it" if table[1] > 1.25 * law[1]
        else "Breakpoint curve: the law beside the table",
        f"Black: the table, with 90% (Wilson) and the number of sides. Purple: the law's own battles, wars left out. Slope of log "
        f"odds on the log of the losses: {table[1]:.2f} by the table, {law[1]:.2f} by the law.",
    )  # fmt: skip


def _calibration(result: BattleScores) -> charts.Chart:
    """Chances of the law and of the logit against what came."""
    decided = result.battles.decided
    came = result.battles.outcome[decided] == 1
    rows: list[Record] = [
        {"model": name, "predicted": one.predicted, "share": one.observed.value, "low": one.observed.low,
         "high": one.observed.high, "battles": one.cases, "says": f"{one.cases}"}
        for name in (LAW, "logit")
        for one in scoring.reliability(result.chances[WAR][name][decided], came, tuple(np.linspace(0, 1, 11)))
    ]  # fmt: skip
    scale = dict(domain=[0, 1])
    colour = vega.field("model:N", scale=dict(domain=[LAW, "logit"], range=[LAW_INK, UNKNOWN]), title=None)
    axis = dict(labelExpr=PERCENT, grid=False)
    base = vega.chart(charts.rows(rows)).encode(
        x=vega.field("predicted:Q", title="predicted chance that the defender gives way", scale=scale, axis=axis), color=colour,
        tooltip=["model:N", vega.field("predicted:Q", format=".2f"), vega.field("share:Q", format=".2f"), "battles:Q"],
    )  # fmt: skip
    line = vega.chart(charts.rows([{"a": 0, "b": 1}])).mark("rule", color=charts.GUIDE, strokeDash=[4, 4])
    y = vega.field("share:Q", title="share of battles in which he did", scale=scale, axis=axis)
    size = vega.field("battles:Q", scale=dict(range=[30, 330]), legend=None)
    chart = vega.layer(
        line.encode(x=vega.field("a:Q", scale=scale), x2="b:Q", y=vega.field("a:Q", scale=scale), y2="b:Q"),
        base.mark("rule", strokeWidth=1.6).encode(y=vega.field("low:Q", scale=scale), y2="high:Q"),
        base.mark("point", filled=True, opacity=1).encode(y=y, size=size),
    ).properties(width=420, height=420)
    law, rival = result.scores[WAR][LAW], result.scores[WAR]["logit"]
    return charts.titled(
        chart, f"Chances against what came: slope {law.slope.value:.2f} by the law, {rival.slope.value:.2f} by the logit",
        f"{law.cases} battles, each war left out, in bins of 0.1; bars: 90% (Wilson).",
    )  # fmt: skip


def _losses(result: BattleScores) -> charts.Chart:
    """Median share lost by the side that gave way, by class."""
    rows: list[Record] = [
        {"kind": one.kind, "name": one.name, "table": one.lost, "law": one.lost_law, "battles": one.battles,
         "says": f"× {one.factor.value:.2f}"}
        for one in result.classes if math.isfinite(one.lost)
    ]  # fmt: skip
    scale = dict(type="log", domain=[0.03, 0.5], nice=False)
    axis = dict(values=[0.03, 0.05, 0.1, 0.2, 0.3, 0.5], labelExpr=PERCENT)
    return _by_class(
        rows, scale, axis, "median share of its men lost by the side that gave way (log scale)",
        "Losses at giving way, class by class",
        "Black dot: the table. Purple diamond: the law, each war left out. At the right, the law's median over the table's.",
    )  # fmt: skip


def _chances(result: BattleScores) -> charts.Chart:
    """Share of battles in which the defender gave way, by class."""
    rows: list[Record] = [
        {"kind": one.kind, "name": one.name, "table": one.came, "law": one.chance, "battles": one.battles,
         "says": f"{one.surprise:+.1f} sd".replace("-", "−")}
        for one in result.classes
    ]  # fmt: skip
    scale, axis = dict(domain=[0, 1]), dict(labelExpr=PERCENT)
    return _by_class(
        rows, scale, axis, "battles in which the defender gave way", "Who gives way, class by class",
        "Black dot: the table. Purple diamond: mean chance by the law, each war left out. At the right, the difference in standard "
        "deviations of luck.",
    )  # fmt: skip


def _by_class(rows: list[Record], scale: Record, axis: Record, measure: str, title: str, subtitle: str) -> charts.Chart:
    """Table and law side by side, a row a class, a panel a kind of class."""
    panels = []
    kinds = list(dict.fromkeys(one["kind"] for one in rows))
    for kind in kinds:
        here = [one | {"label": f"{one['name']} ({one['battles']})"} for one in rows if one["kind"] == kind]
        names = [one["label"] for one in here]
        labels = dict(labelLimit=240, labelPadding=8, ticks=False, domain=False)
        y = vega.field("label:N", sort=names, title=None, axis=labels)
        last = kind == kinds[-1]
        shown = axis | {"labels": last}

        def x(field: str, shown: Record = shown, last: bool = last) -> Record:
            return vega.field(field, scale=scale, axis=shown, title=measure if last else None)

        tips = [
            vega.field("label:N", title=kind),
            vega.field("table:Q", format=".1%"),
            vega.field("law:Q", format=".1%"),
        ]
        base = vega.chart(charts.rows(here)).encode(y=y, tooltip=tips)
        text = base.mark("text", align="left", dx=8, fontSize=11, color=INK)
        panels.append(
            vega.layer(
                base.mark("rule", color=charts.GUIDE).encode(x=x("table:Q"), x2="law:Q"),
                base.mark("point", filled=True, color=LAW_INK, shape="diamond", size=80, opacity=1).encode(x=x("law:Q")),
                base.mark("point", filled=True, color=TABLE_INK, size=70, opacity=1).encode(x=x("table:Q")),
                text.encode(x=vega.value(WIDTH - 120), text="says:N"),
            ).properties(width=WIDTH - 120, height=21 * len(here), title=charts.panel_title(kind, 12, 6, color=INK))
        )  # fmt: skip
    return charts.titled(vega.vconcat(*panels, spacing=10), title, subtitle)


def save(result: BattleScores, folder: Path, *, figures: bool = False) -> Path:
    """Write `battles.json`, tables, figures and a page into a folder, whole or not at all.

    Args:
        result: the result.
        folder: where.
        figures: whether to write the figures as SVG and PNG files too; the page draws its own.

    Returns:
        The page's path.
    """
    plain: Record = result.to_dict()
    specs = {stem: draw().to_dict() for stem, draw in _drawings(result).items()}
    with files.folder(folder, optional=("figures",)) as fresh:
        files.write_json(fresh / "battles.json", plain)
        files.write_table(fresh / "battles.csv", plain["each_battle"])
        files.write_table(fresh / "scores.csv", _score_rows(plain))
        files.write_table(fresh / "classes.csv", [_flat(row) for row in plain["classes"]])
        files.write_table(fresh / "curve.csv", [_flat(row) for row in plain["breakpoint_curve"]])
        files.write_table(fresh / "parameters.csv", [_flat(row) for row in plain["parameters"]])
        if figures:
            charts.save_all(specs, fresh / "figures")
        files.write_text(fresh / PAGE, _page(result, specs))
    return folder / PAGE


def _flat(row: Record) -> Record:
    """A row with its estimates in columns of their own."""
    flat: Record = {}
    for name, value in row.items():
        flat |= {f"{name}_{end}" if end != "value" else name: one for end, one in value.items()} if isinstance(
            value, dict) else {name: value}  # fmt: skip
    return flat


def _score_rows(plain: Record) -> list[Record]:
    """A row a holdout and model."""
    return [
        {"holdout": how, "model": name, **_flat(of)}
        for how, each in plain["scores"].items()
        for name, of in each.items()
    ]


def in_html(result: BattleScores) -> str:
    """A jury in short, as HTML for a notebook.

    Args:
        result: the result.

    Returns:
        Its title, scores, and what did not hold.
    """
    rows = [
        {"model": name} | {field: f"{getattr(of, field).value:.3f}" for field in FIELDS}
        for name, of in result.scores[WAR].items()
    ]
    failed = [f"Did not hold: {one.claim} ({one.evidence})." for one in result.findings if one.held is False]
    return html.in_short(result.title, [f"{HOLDOUTS[WAR].capitalize()}.", *failed[:4]], rows)


def _page(result: BattleScores, specs: Mapping[str, Record]) -> str:
    """The page as text."""
    cell = lambda of: "–" if of.value != of.value else f"{of.value:.3f} ({of.low:.2f} to {of.high:.2f})"  # noqa: E731
    law, rival = result.scores[WAR][LAW], result.scores[WAR]["logit"]
    return html.charts_page(
        "battles.html.j2",
        specs,
        title=result.title,
        headline=f"Wars left out: AUC {law.auc.value:.3f} by the law, {rival.auc.value:.3f} by a logit on the same columns; "
        f"calibration slope {law.slope.value:.2f} and {rival.slope.value:.2f}.",
        facts=[result.battles.source, f"seed {result.seed}", f"Holdfast {runtime.version()}"],
        tables=[
            {"head": HOLDOUTS[how], "rows": [
                {"name": name, "cells": [cell(getattr(of, field)) for field in FIELDS]} for name, of in each.items()
            ]}
            for how, each in result.scores.items()
        ],
        held=[one for one in result.findings if one.held],
        untold=[one for one in result.findings if one.held is None],
        failed=[one for one in result.findings if one.held is False],
        civil_war=result.civil_war,
        learnt=result.learnt,
        variants=result.variants,
        figures=[(stem, CAPTIONS[stem]) for stem in specs],
    )  # fmt: skip
