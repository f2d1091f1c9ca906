"""What the sides are called in sentences and charts."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import altair as alt
import xarray as xr

# One look for all charts: side colours that hold everywhere, flow colours, sizes, fonts.


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

TITLE_LINE, SUBTITLE_LINE = 98, 148
"""Letters that fit one line of a title and of a subtitle."""

FONT = "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', Arial, sans-serif"


def side_colour(sides: Sequence[str], legend: bool = True) -> alt.Color:
    """Colour by side."""
    scale = alt.Scale(domain=list(sides), range=list(SIDE_COLOURS[: len(sides)]))
    return alt.Color("side:N", title=None, scale=scale, legend=alt.Legend() if legend else None)


def day_axis(ticks: int = 10) -> alt.X:
    """Dates along the bottom, in UTC so that no reader's time zone moves them."""
    axis = alt.Axis(labelExpr=_DATES, labelFlush=False, tickCount=ticks, labelOverlap=True, labelSeparation=8)
    return alt.X("day:T", title=None, scale=alt.Scale(type="utc", nice=False), axis=axis)


_DAY = "utcdate(datum.value) == 1 ? utcFormat(datum.value, '%b') : utcFormat(datum.value, '%-d %b')"
_NEW_YEAR = "(datum.index == 0 || utcFormat(datum.value, '%m-%d') == '01-01')"
_DATES = f"{_NEW_YEAR} ? [{_DAY}, utcFormat(datum.value, '%Y')] : {_DAY}"


MEN = alt.Axis(format="~s", labelExpr="datum.value == 0 ? '0' : datum.label")
"""An axis of men: 0, 50k, 2M."""


def rows(values: list[dict[str, Any]]) -> alt.InlineData:
    """Records as a chart's data; a tuple, because altair copies lists, record by record, at every step."""
    return alt.InlineData(values=tuple(values))


def titled(chart: alt.TopLevelMixin, title: str, subtitle: str) -> Any:
    """The chart with the house look; the title states what is seen, the subtitle how it is drawn."""
    wrapped = textwrap.wrap(title, TITLE_LINE), textwrap.wrap(subtitle, SUBTITLE_LINE)
    text = alt.TitleParams(wrapped[0], subtitle=wrapped[1], anchor="start", offset=14)
    padding = {"left": 0, "right": 6, "top": 4, "bottom": 4}
    return chart.properties(title=text, background="white", padding=padding, config=_config())


def _config() -> alt.Config:
    return alt.Config(
        font=FONT,
        title=alt.TitleConfig(
            fontSize=16, fontWeight=600, color=INK, subtitleColor=FAINT, subtitleFontSize=12, subtitlePadding=5
        ),
        axis=alt.AxisConfig(
            labelColor=INK, titleColor=INK, labelFontSize=11, titleFontSize=12, titleFontWeight="normal",
            gridColor="#e6e6e6", domainColor="#9a9a9a", tickColor="#9a9a9a",
        ),
        header=alt.HeaderConfig(labelFontSize=13, labelFontWeight=600, labelColor=INK, titleFontSize=12),
        legend=alt.LegendConfig(
            labelFontSize=12, labelColor=INK, titleColor=INK, orient="top",
            symbolType="square", symbolOpacity=1, symbolSize=130,
        ),
        view=alt.ViewConfig(stroke=None),
        facet=alt.CompositionConfig(spacing=26),
    )  # fmt: skip


ABBREVIATIONS = frozenset(
    {"andsf", "arvn", "drc", "gdr", "kmt", "nato", "pavn", "rsfsr", "uk", "un", "us", "usa", "ussr"}
)
"""Keys of sides that are spoken letter by letter."""


def name(key: str) -> str:
    """How a side is called in a sentence: `Russia` for `russia`, `Central powers`, `USSR`."""
    plain = key.replace("-", " ").replace("_", " ")
    return plain.upper() if key in ABBREVIATIONS else plain[:1].upper() + plain[1:]


def with_names(data: xr.Dataset) -> xr.Dataset:
    """The result with its sides called as one says them, not by their keys in the scenario."""
    changed: dict[str, Any] = {"side": [name(str(s)) for s in data.side.values]}
    for label in ("brigade_side", "region_side"):
        if label in data.coords:
            changed[label] = (data[label].dims, [name(str(s)) for s in data[label].values])
    return data.assign_coords(changed)
