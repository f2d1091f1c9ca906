"""Where exits come from: every flow as a rate, the total against past armies, months by kind."""

from __future__ import annotations

import altair as alt
import xarray as xr

from holdfast.report import look, rates, spread, words
from holdfast.report.figures import layers

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
    y = layers.measure(
        "desertions and surrenders per 1,000 men a month",
        scale=alt.Scale(type="log", domain=[FLOOR, top], clamp=True),
        axis=alt.Axis(values=[0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000], format="~g"),
    )
    fan = alt.layer(*layers.fan(look.day_axis(), y, look.side_colour(sides)), data=look.rows(spread.band_records(rate)))
    chart = alt.layer(*_past(top), fan).properties(width=look.WIDTH, height=300)
    drawn = layers.how_drawn(data.sizes["run"])
    return look.titled(chart, _rate_title(data), f"Trailing {rates.WINDOW} days, log scale, grey: past armies. {drawn}")


def by_kind(data: xr.Dataset) -> alt.TopLevelMixin:
    """Each flow in its own panel, both sides."""
    sides = [str(s) for s in data.side.values]
    ticks = alt.Axis(minExtent=layers.TICKS, maxExtent=layers.TICKS, tickCount=4)
    fan = layers.fan(look.day_axis(4), layers.measure(None, axis=ticks), look.side_colour(sides))
    panels = [
        alt.layer(
            *fan, layers.name_above(label), data=look.rows(spread.band_records(rates.monthly(data, name)))
        ).properties(width=(look.WIDTH - 3 * layers.SPACING["column"]) // 4, height=120)
        for name, label in FLOWS.items()
    ]
    chart = alt.concat(*panels, columns=4, spacing=layers.SPACING, bounds="flush")
    drawn = layers.how_drawn(data.sizes["run"])
    return look.titled(
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
        values += spread.records(total.rename(strftime="month").rename("men").to_dataset(), flow=FLOWS[name])
    labels = [FLOWS[name] for name in STACKED]
    colour = alt.Scale(domain=labels, range=[look.FLOW_COLOURS[label] for label in labels])
    order = {label: i for i, label in enumerate(labels)}
    values = [value | {"order": order[value["flow"]]} for value in values]
    bars = alt.Chart().mark_bar(stroke="white", strokeWidth=0.5).encode(
        x=alt.X("month:O", title=None, timeUnit="utcyearmonth", axis=alt.Axis(format="%b %y", labelAngle=-45)),
        y=alt.Y("men:Q", title="men a month", stack="zero", axis=look.MEN),
        color=alt.Color("flow:N", scale=colour, title=None, sort=labels),
        order="order:Q",
    )  # fmt: skip
    chart = bars.properties(width=(look.WIDTH - 40) // 2, height=240).facet(
        column=alt.Column(
            "side:N", title=None, sort=[str(s) for s in data.side.values], header=alt.Header(labelAnchor="start")
        ),
        data=look.rows(values),
    )
    return look.titled(
        chart, _month_title(data), "Median over runs of each flow. Evaded and fled: men called up who did not come."
    )


_NAMES = {"holding": "armies that held", "grey": "survived for years", "breaking": "broke", "rout": "rout"}
_SHADES = (0.09, 0.15, 0.22, 0.3)


def _past(top: float) -> list[alt.Chart]:
    values = [
        {"name": _NAMES[name], "low": low, "high": min(high, top), "shade": shade}
        for (name, low, high), shade in zip(rates.BANDS, _SHADES, strict=True)
    ]
    base = alt.Chart(look.rows(values))
    area = base.mark_rect(color="#777777").encode(
        y="low:Q", y2="high:Q", opacity=alt.Opacity("shade:Q", scale=None, legend=None),
    )  # fmt: skip
    name = base.mark_text(align="right", baseline="top", dx=-6, dy=3, fontSize=11, color=look.INK).encode(
        x=alt.value(look.WIDTH), y="high:Q", text="name:N"
    )
    return [area, name]


def _rate_title(data: xr.Dataset) -> str:
    rate = rates.overall(data, *rates.BY_CHOICE).median("run")
    parts = [
        f"{s} {words.number(float(rate.sel(side=s)), 2)} ({rates.band_of(float(rate.sel(side=s)))})"
        for s in data.side.values
    ]
    return f"Exits per 1,000 men a month: {words.listed(parts)}"


def _kind_title(data: xr.Dataset) -> str:
    chosen = {}
    for side in map(str, data.side.values):
        total = {name: float(data[name].sel(side=side).sum("day").median("run")) for name in _WAYS}
        chosen[side] = _WAYS[max(total, key=lambda name: total[name])]
    if len(set(chosen.values())) == 1:
        return f"The way out that most men choose, on both sides: {next(iter(chosen.values()))}"
    return f"The way out that most men choose: {words.listed([f'{way} ({side})' for side, way in chosen.items()])}"


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
        parts.append(f"{s} {words.number(left / max(killed, 1.0), 2)}")
    return f"Lost by desertion or surrender for every man killed: {words.listed(parts)}"
