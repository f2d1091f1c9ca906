"""What men believe against what is true."""

from __future__ import annotations

import altair as alt
import xarray as xr

from holdfast.report import look, rates, spread, words
from holdfast.report.figures import layers


def risk(data: xr.Dataset) -> alt.TopLevelMixin:
    """Risk believed and risk true, by side."""
    sides = [str(s) for s in data.side.values]
    x, colour = look.day_axis(7), look.side_colour(sides, legend=False)
    scale = 1000 * rates.MONTH
    y = layers.measure("killed or maimed per 1,000 men a month", scale=alt.Scale(zero=True))
    believed = look.rows(spread.band_records(scale * data.risk_believed))
    true = look.rows(spread.band_records(scale * data.risk_true))
    panels = []
    for side in sides:
        here = alt.datum.side == side
        seen = alt.layer(*layers.fan(x, y, colour), data=believed).transform_filter(here)
        base = alt.Chart(true).transform_filter(here).encode(x=x)
        band = base.mark_area(color=look.INK, opacity=0.12).encode(y="low:Q", y2="high:Q")
        line = base.mark_line(color=look.INK, strokeDash=[6, 4], strokeWidth=1.8).encode(y="middle:Q")
        panel = alt.layer(band, line, seen, *_ends(true, believed, side, x))
        panels.append(panel.properties(width=(look.WIDTH - 160) // 2, height=250, title=layers.panel_title(side)))
    chart = alt.hconcat(*panels, spacing=60).resolve_scale(y="shared")
    drawn = layers.how_drawn(data.sizes["run"])
    return look.titled(chart, risk_title(data), f"Dashed black: the true risk; colour: what men believe. {drawn}")


def prospects(data: xr.Dataset) -> alt.TopLevelMixin:
    """What men think of their side's prospects."""
    sides = [str(s) for s in data.side.values]
    y = layers.measure("prospects", scale=alt.Scale(domain=[-1, 1]))
    fan = layers.fan(look.day_axis(), y, look.side_colour(sides))
    chart = alt.layer(*fan, *layers.rule(0, "stalemate"), data=look.rows(spread.band_records(data.prospects)))
    end = data.prospects.isel(day=-1).median("run")
    parts = [f"{s} ends at {words.signed(float(end.sel(side=s)))}" for s in sides]
    title = f"Prospects as the men see them: {words.listed(parts)}"
    drawn = layers.how_drawn(data.sizes["run"])
    return look.titled(
        chart.properties(width=look.WIDTH, height=220), title, f"−1: certain defeat, 1: certain victory. {drawn}"
    )


def risk_title(data: xr.Dataset) -> str:
    """How much of the true risk each side's men believe."""
    parts = [
        f"{words.of(str(s))} men believe {words.percent(rates.believed_share(data, str(s))[0])}"
        for s in data.side.values
    ]
    return f"Over the whole span {words.listed(parts)} of the true risk"


def _ends(true: alt.InlineData, believed: alt.InlineData, side: str, x: alt.X) -> list[alt.Chart]:
    """Names at the right ends of the two lines, a little apart where the lines meet."""
    last = {
        text: [row for row in data.values if row["side"] == side][-1]
        for text, data in (("true", true), ("believed", believed))
    }
    upper = max(last, key=lambda text: last[text]["middle"])
    out = []
    for text, row in last.items():
        mark = alt.Chart(look.rows([row])).mark_text(
            align="left", dx=5, dy=-4 if text == upper else 6, fontSize=12, color=look.INK
        )
        out.append(mark.encode(x=x, y="middle:Q", text=alt.value(text)))
    return out
