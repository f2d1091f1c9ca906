"""The nine pressures as gauges."""

from __future__ import annotations

import altair as alt
import numpy as np
import xarray as xr

from holdfast.coded_armies import codebook
from holdfast.present import charts, gauges, rates, run_answer
from holdfast.present import text as present_text

# Will either side break, and when: chances by day, strength as a fan, who breaks first.


RUN_LINES = 24
"""At most so many single runs behind the fan."""


def chance_by_day(data: xr.Dataset) -> alt.TopLevelMixin:
    """Chance of each outcome having come by each day."""
    sides, runs = [str(s) for s in data.side.values], data.sizes["run"]
    values = [
        record
        for name, label in run_answer.OUTCOMES.items()
        for record in charts.records(charts.thin(run_answer.chance_by_day(data, name)), outcome=label)
    ]
    x, colour = charts.day_axis(6), charts.side_colour(sides)
    y = alt.Y("share:Q", title="share of runs", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%"))
    base = alt.Chart().encode(x=x, color=colour)
    band = base.mark_area(opacity=0.2, interpolate="step-after").encode(
        y=alt.Y("low:Q", title="share of runs"), y2="high:Q"
    )
    line = base.mark_line(strokeWidth=2.5, interpolate="step-after").encode(y=y)
    panel = alt.layer(band, line).properties(width=(charts.WIDTH - 40) // 3, height=230)
    order = list(run_answer.OUTCOMES.values())
    chart = panel.facet(
        column=alt.Column("outcome:N", title=None, sort=order, header=alt.Header(labelAnchor="start")),
        data=charts.rows(values),
    )
    return charts.titled(
        chart,
        _chance_title(data),
        f"Share of {runs} runs in which it had come by the day; band: Wilson's 90% interval.",
    )


def strength_fan(data: xr.Dataset) -> alt.TopLevelMixin:
    """Men present, by side: every run thin, and the fan."""
    sides, runs = [str(s) for s in data.side.values], data.sizes["run"]
    single = charts.thin(data.present.isel(run=slice(0, RUN_LINES))).rename("men").to_dataset()
    x, colour = charts.day_axis(9), charts.side_colour(sides, legend=False)
    title = "men present"
    y = charts.measure(title, scale=alt.Scale(zero=True), axis=charts.MEN)
    threads = (
        alt.Chart(charts.rows(charts.records(single)))
        .mark_line(strokeWidth=0.7, opacity=0.35)
        .encode(x=x, y=alt.Y("men:Q", title=title), detail="run:N", color=colour)
    )
    fan = alt.layer(*charts.fan(x, y, colour), data=charts.rows(charts.band_records(data.present)))
    panels = [
        alt.layer(
            threads.transform_filter(alt.datum.side == side), fan.transform_filter(alt.datum.side == side)
        ).properties(width=(charts.WIDTH - 50) // 2, height=250, title=charts.panel_title(side))
        for side in sides
    ]
    chart = alt.hconcat(*panels).resolve_scale(y="shared")
    return charts.titled(chart, _strength_title(data), f"{charts.how_drawn(runs)} Thin lines: single runs.")


def breaks_first(data: xr.Dataset) -> alt.TopLevelMixin:
    """Who breaks first, as shares of the runs."""
    counts, runs = run_answer.first_to_break(data), data.sizes["run"]
    colours = [*charts.SIDE_COLOURS, "#555555", "#d0d0d0"]
    ends = np.cumsum([0, *counts.values()]) / runs
    values = [
        {"who": who, "from": low, "to": high, "middle": (low + high) / 2, "runs": f"{who}: {n} of {runs}",
         "pale": who == "neither"}
        for (who, n), low, high in zip(counts.items(), ends.tolist(), ends.tolist()[1:], strict=False)
        if n
    ]  # fmt: skip
    base = alt.Chart(charts.rows(values))
    scale = alt.Scale(domain=list(counts), range=colours)
    bars = base.mark_bar(height=44, stroke="white").encode(
        x=alt.X(
            "from:Q",
            title="share of runs",
            axis=alt.Axis(format="%", grid=False, tickCount=5),
            scale=alt.Scale(domain=[0, 1]),
        ),
        x2="to:Q",
        color=alt.Color("who:N", scale=scale, title=None),
    )
    text = base.transform_filter("datum.to - datum.from > 0.14").mark_text(fontSize=13, fontWeight=600).encode(
        x="middle:Q", text="runs:N",
        color=alt.condition(alt.datum.pale, alt.value(charts.INK), alt.value("white")),
    )  # fmt: skip
    return charts.titled(
        (bars + text).properties(width=charts.WIDTH, height=60),
        _first_title(counts, runs),
        "A side breaks with mass desertion or with collapse, whichever comes first.",
    )


def _chance_title(data: xr.Dataset) -> str:
    sides = [str(s) for s in data.side.values]
    share = {s: run_answer.runs_broken(data, s) / data.sizes["run"] for s in sides}
    worst = max(sides, key=lambda s: share[s])
    if share[worst] == 0:
        return f"Neither side breaks in any of the {data.sizes['run']} runs"
    other = next(s for s in sides if s != worst)
    return f"{worst} breaks in {present_text.percent(share[worst])} of the runs, {other} in {present_text.percent(share[other])}"


def _strength_title(data: xr.Dataset) -> str:
    end = data.present.isel(day=-1).median("run") / data.present.isel(day=0).median("run")
    parts = [f"{s} {present_text.percent(float(end.sel(side=s)))}" for s in data.side.values]
    return f"Men present at the end, against the start: {present_text.listed(parts)}"


def _first_title(counts: dict[str, int], runs: int) -> str:
    who = max(counts, key=lambda name: counts[name])
    if who == "neither":
        return f"In {counts[who]} of {runs} runs neither side breaks"
    if who == "both on one day":
        return f"In {counts[who]} of {runs} runs both break on one day"
    return f"{who} is first to break in {counts[who]} of {runs} runs"


# What men believe against what is true.


def risk(data: xr.Dataset) -> alt.TopLevelMixin:
    """Risk believed and risk true, by side."""
    sides = [str(s) for s in data.side.values]
    x, colour = charts.day_axis(7), charts.side_colour(sides, legend=False)
    scale = 1000 * rates.MONTH
    y = charts.measure("killed or maimed per 1,000 men a month", scale=alt.Scale(zero=True))
    believed = charts.rows(charts.band_records(scale * data.risk_believed))
    true = charts.rows(charts.band_records(scale * data.risk_true))
    panels = []
    for side in sides:
        here = alt.datum.side == side
        seen = alt.layer(*charts.fan(x, y, colour), data=believed).transform_filter(here)
        base = alt.Chart(true).transform_filter(here).encode(x=x)
        band = base.mark_area(color=charts.INK, opacity=0.12).encode(y="low:Q", y2="high:Q")
        line = base.mark_line(color=charts.INK, strokeDash=[6, 4], strokeWidth=1.8).encode(y="middle:Q")
        panel = alt.layer(band, line, seen, *_ends(true, believed, side, x))
        panels.append(panel.properties(width=(charts.WIDTH - 160) // 2, height=250, title=charts.panel_title(side)))
    chart = alt.hconcat(*panels, spacing=60).resolve_scale(y="shared")
    drawn = charts.how_drawn(data.sizes["run"])
    return charts.titled(chart, _risk_title(data), f"Dashed black: the true risk; colour: what men believe. {drawn}")


def prospects(data: xr.Dataset) -> alt.TopLevelMixin:
    """What men think of their side's prospects."""
    sides = [str(s) for s in data.side.values]
    y = charts.measure("prospects", scale=alt.Scale(domain=[-1, 1]))
    fan = charts.fan(charts.day_axis(), y, charts.side_colour(sides))
    chart = alt.layer(*fan, *charts.rule(0, "stalemate"), data=charts.rows(charts.band_records(data.prospects)))
    end = data.prospects.isel(day=-1).median("run")
    parts = [f"{s} ends at {present_text.signed(float(end.sel(side=s)))}" for s in sides]
    title = f"Prospects as the men see them: {present_text.listed(parts)}"
    drawn = charts.how_drawn(data.sizes["run"])
    return charts.titled(
        chart.properties(width=charts.WIDTH, height=220), title, f"−1: certain defeat, 1: certain victory. {drawn}"
    )


def _risk_title(data: xr.Dataset) -> str:
    """How much of the true risk each side's men believe."""
    parts = [
        f"{present_text.of(str(s))} men believe {present_text.percent(rates.believed_share(data, str(s))[0])}"
        for s in data.side.values
    ]
    return f"Over the whole span {present_text.listed(parts)} of the true risk"


def _ends(true: alt.InlineData, believed: alt.InlineData, side: str, x: alt.X) -> list[alt.Chart]:
    """Names at the right ends of the two lines, a little apart where the lines meet."""
    last = {
        text: [row for row in data.values if row["side"] == side][-1]
        for text, data in (("true", true), ("believed", believed))
    }
    upper = max(last, key=lambda text: last[text]["middle"])
    out = []
    for text, row in last.items():
        mark = alt.Chart(charts.rows([row])).mark_text(
            align="left", dx=5, dy=-4 if text == upper else 6, fontSize=12, color=charts.INK
        )
        out.append(mark.encode(x=x, y="middle:Q", text=alt.value(text)))
    return out


# Where exits come from: every flow as a rate, the total against past armies, months by kind.


FLOWS = {
    "killed": "killed", "wounded": "wounded", "deserted": "deserted", "surrendered": "surrendered",
    "refused": "refused (man-days)", "evaded": "evaded", "fled": "fled abroad", "returned": "returned",
}  # fmt: skip
"""Flows drawn one by one, and their names in charts."""

STACKED = ("killed", "deserted", "surrendered", "fled", "evaded")
"""Flows that take a man away for good or keep him from coming, stacked by month."""

FLOOR = 0.1
"""Rates below this are drawn at it on the log axis [men per 1,000 a month]."""


def total_rate(data: xr.Dataset) -> alt.TopLevelMixin:
    """Exits by choice per 1,000 men a month, before the bands of past armies."""
    sides = [str(s) for s in data.side.values]
    rate = rates.monthly(data, *rates.BY_CHOICE).clip(min=FLOOR)
    top = max(1000.0, float(rate.max()))
    y = charts.measure(
        "desertions and surrenders per 1,000 men a month",
        scale=alt.Scale(type="log", domain=[FLOOR, top], clamp=True),
        axis=alt.Axis(values=[0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000], format="~g"),
    )
    fan = alt.layer(
        *charts.fan(charts.day_axis(), y, charts.side_colour(sides)), data=charts.rows(charts.band_records(rate))
    )
    chart = alt.layer(*_past(top), fan).properties(width=charts.WIDTH, height=300)
    drawn = charts.how_drawn(data.sizes["run"])
    return charts.titled(
        chart, _rate_title(data), f"Trailing {rates.WINDOW} days, log scale, grey: past armies. {drawn}"
    )


def by_kind(data: xr.Dataset) -> alt.TopLevelMixin:
    """Each flow in its own panel, both sides."""
    sides = [str(s) for s in data.side.values]
    ticks = alt.Axis(minExtent=charts.TICKS, maxExtent=charts.TICKS, tickCount=4)
    fan = charts.fan(charts.day_axis(4), charts.measure(None, axis=ticks), charts.side_colour(sides))
    panels = [
        alt.layer(
            *fan, charts.name_above(label), data=charts.rows(charts.band_records(rates.monthly(data, name)))
        ).properties(width=(charts.WIDTH - 3 * charts.SPACING["column"]) // 4, height=120)
        for name, label in FLOWS.items()
    ]
    chart = alt.concat(*panels, columns=4, spacing=charts.SPACING, bounds="flush")
    drawn = charts.how_drawn(data.sizes["run"])
    return charts.titled(
        chart,
        _kind_title(data),
        f"Per 1,000 men a month, trailing {rates.WINDOW} days; each panel its own scale. {drawn}",
    )


def by_month(data: xr.Dataset) -> alt.TopLevelMixin:
    """Men lost by month and kind, by side: medians over runs."""
    months = data.day.dt.strftime("%Y-%m-01")
    values = []
    for name in STACKED:
        total = data[name].astype(float).groupby(months).sum("day").median("run")
        values += charts.records(total.rename(strftime="month").rename("men").to_dataset(), flow=FLOWS[name])
    labels = [FLOWS[name] for name in STACKED]
    colour = alt.Scale(domain=labels, range=[charts.FLOW_COLOURS[label] for label in labels])
    order = {label: i for i, label in enumerate(labels)}
    values = [value | {"order": order[value["flow"]]} for value in values]
    bars = alt.Chart().mark_bar(stroke="white", strokeWidth=0.5).encode(
        x=alt.X("month:O", title=None, timeUnit="utcyearmonth", axis=alt.Axis(format="%b %y", labelAngle=-45)),
        y=alt.Y("men:Q", title="men a month", stack="zero", axis=charts.MEN),
        color=alt.Color("flow:N", scale=colour, title=None, sort=labels),
        order="order:Q",
    )  # fmt: skip
    chart = bars.properties(width=(charts.WIDTH - 40) // 2, height=240).facet(
        column=alt.Column(
            "side:N", title=None, sort=[str(s) for s in data.side.values], header=alt.Header(labelAnchor="start")
        ),
        data=charts.rows(values),
    )
    return charts.titled(
        chart, _month_title(data), "Median over runs of each flow. Evaded and fled: men called up who did not come."
    )


_NAMES = {"holding": "armies that held", "grey": "survived for years", "breaking": "broke", "rout": "rout"}
_SHADES = (0.09, 0.15, 0.22, 0.3)


def _past(top: float) -> list[alt.Chart]:
    values = [
        {"name": _NAMES[name], "low": low, "high": min(high, top), "shade": shade}
        for (name, low, high), shade in zip(codebook.BANDS, _SHADES, strict=True)
    ]
    base = alt.Chart(charts.rows(values))
    area = base.mark_rect(color="#777777").encode(
        y="low:Q", y2="high:Q", opacity=alt.Opacity("shade:Q", scale=None, legend=None),
    )  # fmt: skip
    name = base.mark_text(align="right", baseline="top", dx=-6, dy=3, fontSize=11, color=charts.INK).encode(
        x=alt.value(charts.WIDTH), y="high:Q", text="name:N"
    )
    return [area, name]


def _rate_title(data: xr.Dataset) -> str:
    rate = rates.overall(data, *rates.BY_CHOICE).median("run")
    parts = [
        f"{s} {present_text.number(float(rate.sel(side=s)), 2)} ({codebook.band_of(float(rate.sel(side=s)))})"
        for s in data.side.values
    ]
    return f"Exits per 1,000 men a month: {present_text.listed(parts)}"


def _kind_title(data: xr.Dataset) -> str:
    chosen = {}
    for side in map(str, data.side.values):
        total = {name: float(data[name].sel(side=side).sum("day").median("run")) for name in _WAYS}
        chosen[side] = _WAYS[max(total, key=lambda name: total[name])]
    if len(set(chosen.values())) == 1:
        return f"The way out that most men choose, on both sides: {next(iter(chosen.values()))}"
    return (
        f"The way out that most men choose: {present_text.listed([f'{way} ({side})' for side, way in chosen.items()])}"
    )


_WAYS = {
    "deserted": "desertion", "surrendered": "surrender", "evaded": "evading the call-up", "fled": "flight abroad",
}  # fmt: skip


def _month_title(data: xr.Dataset) -> str:
    parts = []
    for s in data.side.values:
        at = data.sel(side=s)
        killed, left = (
            float(at.killed.sum("day").median("run")),
            float((at.deserted + at.surrendered).sum("day").median("run")),
        )
        parts.append(f"{s} {present_text.number(left / max(killed, 1.0), 2)}")
    return f"Lost by desertion or surrender for every man killed: {present_text.listed(parts)}"


def pressures(data: xr.Dataset) -> alt.TopLevelMixin:
    """Nine gauges a side, at the start, at the worst and at the end."""
    sides, values = [str(s) for s in data.side.values], gauges.readings(data)
    order = [gauge.name for gauge in gauges.GAUGES]
    title = "0 absent, 1 present, 2 extreme, as past armies were coded"
    y = alt.Y("gauge:N", sort=order, title=None, axis=alt.Axis(grid=True, labelFontSize=12, labelLimit=200))
    base = alt.Chart().encode(y=y, yOffset=alt.YOffset("side:N", sort=sides), color=charts.side_colour(sides))
    x = alt.X("middle:Q", title=None, scale=alt.Scale(domain=[0, 2]), axis=alt.Axis(values=[0, 0.5, 1, 1.5, 2]))
    spans = base.mark_rule(strokeWidth=2, opacity=0.5).encode(x="low:Q", x2="high:Q")
    points = base.mark_point(filled=True, size=80, opacity=1).encode(
        x=x, shape=alt.Shape("side:N", title=None, scale=alt.Scale(domain=sides, range=["circle", "square"]))
    )
    panel = alt.layer(spans, points).properties(width=(charts.WIDTH - 170) // 3, height=330)
    chart = panel.facet(
        column=alt.Column("moment:N", title=None, sort=list(gauges.MOMENTS), header=alt.Header(labelAnchor="start")),
        data=charts.rows(values),
    )
    return charts.titled(
        chart, _highest(values), f"{title}. Point: median of the runs; line: 90%. First five: the essay's."
    )


def _highest(values: list[dict]) -> str:
    """Which pressure weighs most on each side at its worst."""
    parts = []
    for side in dict.fromkeys(v["side"] for v in values):
        worst = max((v for v in values if v["side"] == side and v["moment"] == "worst"), key=lambda v: v["middle"])
        parts.append(f"on {side} {worst['gauge']} ({worst['middle']:.1f})")
    return f"Heaviest pressure: {present_text.listed(parts)}"
