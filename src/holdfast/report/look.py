"""One look for all charts: side colours that hold everywhere, flow colours, sizes, fonts."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import altair as alt

SIDE_COLOURS = ("#0072B2", "#D55E00")
"""Blue and vermillion of Okabe and Ito: told apart by colour-blind readers, and in grey print."""

FLOW_COLOURS = {
    "killed": "#1a1a1a", "wounded": "#8c8c8c", "deserted": "#AA1164", "surrendered": "#E3A500",
    "refused": "#56B4E9", "evaded": "#009E73", "fled abroad": "#7A6A00", "returned": "#9BC53D",
}  # fmt: skip
"""A flow keeps its colour in charts, film and legend."""

INK = "#1b1b1b"
FAINT = "#5c5c5c"
WIDTH = 860
"""Inner width of a chart; with its axis it fits a page of 1,000 pixels."""

TITLE_LINE, SUBTITLE_LINE = 92, 135
"""Letters that fit one line of a title and of a subtitle."""

FONT = "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', Arial, sans-serif"


def side_colour(sides: Sequence[str], legend: bool = True) -> alt.Color:
    """Colour by side."""
    scale = alt.Scale(domain=list(sides), range=list(SIDE_COLOURS[: len(sides)]))
    return alt.Color("side:N", title=None, scale=scale, legend=alt.Legend() if legend else None)


def day_axis(field: str = "day", title: str | None = None, **axis: Any) -> alt.X:
    """Dates along the bottom, in UTC so that no reader's time zone moves them."""
    return alt.X(
        f"{field}:T",
        title=title,
        scale=alt.Scale(type="utc", nice=False),
        axis=alt.Axis(labelExpr=_MONTHS, labelFlush=False, tickCount={"interval": "month", "step": 1}, labelOverlap=True, **axis),
    )


_MONTHS = "utcFormat(datum.value, '%m') == '01' ? [utcFormat(datum.value, '%b'), utcFormat(datum.value, '%Y')] : utcFormat(datum.value, '%b')"


def rows(values: list[dict[str, Any]]) -> alt.InlineData:
    """Records as a chart's data."""
    return alt.InlineData(values=values)


def titled(chart: alt.TopLevelMixin, title: str, subtitle: str) -> Any:
    """The chart with the house look; the title states what is seen, the subtitle how it is drawn."""
    wrapped = textwrap.wrap(title, TITLE_LINE), textwrap.wrap(subtitle, SUBTITLE_LINE)
    text = alt.TitleParams(wrapped[0], subtitle=wrapped[1], anchor="start", offset=14)
    return (
        chart.properties(title=text, background="white")
        .configure(font=FONT)
        .configure_title(
            fontSize=16, fontWeight=600, color=INK, subtitleColor=FAINT, subtitleFontSize=12, subtitlePadding=5
        )
        .configure_axis(
            labelColor=INK, titleColor=INK, labelFontSize=11, titleFontSize=12, titleFontWeight="normal",
            gridColor="#e6e6e6", domainColor="#9a9a9a", tickColor="#9a9a9a",
        )
        .configure_header(labelFontSize=13, labelFontWeight=600, labelColor=INK, titleFontSize=12)
        .configure_legend(labelFontSize=12, labelColor=INK, titleColor=INK, orient="top", symbolType="square", symbolOpacity=1, symbolSize=130)
        .configure_view(stroke=None)
        .configure_facet(spacing=26)
    )  # fmt: skip
