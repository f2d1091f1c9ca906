"""The nine pressures as gauges."""

from __future__ import annotations

import altair as alt
import xarray as xr

from holdfast.report import gauges, look, words


def pressures(data: xr.Dataset) -> alt.TopLevelMixin:
    """Nine gauges a side, at the start, at the worst and at the end."""
    sides, values = [str(s) for s in data.side.values], gauges.readings(data)
    order = [gauge.name for gauge in gauges.GAUGES]
    title = "0 absent, 1 present, 2 extreme, as past armies were coded"
    y = alt.Y("gauge:N", sort=order, title=None, axis=alt.Axis(grid=True, labelFontSize=12, labelLimit=200))
    base = alt.Chart().encode(y=y, yOffset=alt.YOffset("side:N", sort=sides), color=look.side_colour(sides))
    x = alt.X("middle:Q", title=None, scale=alt.Scale(domain=[0, 2]), axis=alt.Axis(values=[0, 0.5, 1, 1.5, 2]))
    spans = base.mark_rule(strokeWidth=2, opacity=0.5).encode(x="low:Q", x2="high:Q")
    points = base.mark_point(filled=True, size=80, opacity=1).encode(
        x=x, shape=alt.Shape("side:N", title=None, scale=alt.Scale(domain=sides, range=["circle", "square"]))
    )
    panel = alt.layer(spans, points).properties(width=(look.WIDTH - 170) // 3, height=330)
    chart = panel.facet(
        column=alt.Column("moment:N", title=None, sort=list(gauges.MOMENTS), header=alt.Header(labelAnchor="start")),
        data=look.rows(values),
    )
    return look.titled(
        chart, highest(values), f"{title}. Point: median of the runs; line: 90%. First five: the essay's."
    )


def highest(values: list[dict]) -> str:
    """Which pressure weighs most on each side at its worst."""
    parts = []
    for side in dict.fromkeys(v["side"] for v in values):
        worst = max((v for v in values if v["side"] == side and v["moment"] == "worst"), key=lambda v: v["middle"])
        parts.append(f"on {side} {worst['gauge']} ({worst['middle']:.1f})")
    return f"Heaviest pressure: {words.listed(parts)}"
