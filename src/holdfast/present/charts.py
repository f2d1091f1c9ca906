"""From runs to medians and intervals, thin enough for a chart."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
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


# Layers that several figures share: bands over runs around a median.


BANDS = "Line: median of the runs; dark band: half of them; light band: 90%."
ONE_RUN = "One run: no spread over runs is known."


def how_drawn(runs: int) -> str:
    """What the bands of a chart mean."""
    return BANDS if runs > 1 else ONE_RUN


def fan(x: alt.X, y: alt.Y, colour: Any, **band: Any) -> list[alt.Chart]:
    """Light 90% band, darker 50% band and median line; the data come from the layer above."""
    base = alt.Chart().encode(x=x, color=colour)
    wide = base.mark_area(opacity=0.16, **band).encode(y=_field(y, "low"), y2="high:Q")
    half = base.mark_area(opacity=0.26, **band).encode(y=_field(y, "lower"), y2="upper:Q")
    line = base.mark_line(strokeWidth=2, **band).encode(y=_field(y, "middle"))
    return [wide, half, line]


def measure(title: str | None, **options: Any) -> alt.Y:
    """A vertical axis whose field each layer of a fan fills in."""
    return alt.Y("middle:Q", title=title, **options)


def rule(at: float, text: str) -> list[alt.Chart]:
    """A level to compare with, and its name at the left end."""
    once = alt.Chart().transform_aggregate(rows="count()")  # else it is drawn once a data row
    line = once.mark_rule(strokeDash=[5, 4], color=FAINT).encode(y=alt.datum(at))
    name = once.mark_text(align="left", dy=-6, color=FAINT, fontSize=11).encode(
        y=alt.datum(at), x=alt.value(4), text=alt.value(text)
    )
    return [line, name]


def panel_title(text: str) -> alt.TitleParams:
    """The name above one panel of several."""
    return alt.TitleParams(text, anchor="start", frame="group", fontSize=13, offset=10)


def name_above(text: str) -> alt.Chart:
    """The same as a mark: it stands at one height over all panels, whatever their axes' labels need."""
    mark = alt.Chart(rows([{}])).mark_text(
        align="left", baseline="bottom", dy=-9, fontSize=13, fontWeight=600, color=INK
    )
    return mark.encode(x=alt.value(0), y=alt.value(0), text=alt.value(text))


SPACING = {"column": 46, "row": 66}
"""Between small panels laid out by their plots alone (`bounds="flush"`), so that plots line up [px]."""

TICKS = 30
"""Room for the labels of a small panel's vertical axis, the same in all so that panels align [px]."""


def _field(y: alt.Y, name: str) -> alt.Y:
    out = y.copy()
    out.shorthand = f"{name}:Q"
    return out


LEVELS = {"low": 0.05, "lower": 0.25, "middle": 0.5, "upper": 0.75, "high": 0.95}
"""The quantiles over runs that charts draw: a 90% and a 50% band around the median."""

POINTS = 60
"""About so many points a line: more cannot be told apart at page width."""

Record = dict[str, Any]


def thin(data: xr.DataArray | xr.Dataset) -> Any:
    """Every n-th day, the last one always kept."""
    days = data.sizes["day"]
    step = max(1, math.ceil(days / POINTS))
    return data.isel(day=np.arange(days - 1, -1, -step)[::-1])


def bands(values: xr.DataArray) -> xr.DataArray:
    """Quantiles over runs, on a new axis `level`."""
    at = values.astype(float).quantile(list(LEVELS.values()), dim="run")
    return at.rename(quantile="level").assign_coords(level=list(LEVELS))


def interval(values: xr.DataArray) -> tuple[float, float, float]:
    """Median and ends of the 90% interval over runs of one number a run."""
    low, middle, high = np.quantile(np.asarray(values, dtype=float), [0.05, 0.5, 0.95])
    return float(middle), float(low), float(high)


def band_records(values: xr.DataArray, **fixed: Any) -> list[Record]:
    """One record a day and cell of the remaining axes, with the five levels as fields."""
    return records(bands(thin(values)).to_dataset("level"), **fixed)


def records(data: xr.Dataset, **fixed: Any) -> list[Record]:
    """One record a cell; dates as text and numbers to four digits, to keep the page small."""
    names = [str(name) for name in data.data_vars]
    dims = [str(dim) for dim in data.sizes]
    columns = [np.asarray(data[name].transpose(*dims)).ravel() for name in names]
    labels = [[_plain(x) for x in data[dim].values] for dim in dims]
    out: list[Record] = []
    for row, cell in enumerate(np.ndindex(*data.sizes.values())):
        where = {dim: labels[axis][cell[axis]] for axis, dim in enumerate(dims)}
        seen = {name: _plain(column[row]) for name, column in zip(names, columns, strict=True)}
        out.append(fixed | where | seen)
    return out


def _plain(value: Any) -> Any:
    if isinstance(value, np.datetime64):
        return str(value.astype("datetime64[D]"))
    if isinstance(value, (np.floating, float)):
        return float(f"{value:.4g}") if np.isfinite(value) else None
    return value.item() if isinstance(value, np.generic) else value
