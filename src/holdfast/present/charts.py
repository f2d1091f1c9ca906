"""From runs to medians and intervals, thin enough for a chart."""

from __future__ import annotations

import math
from typing import Any

import altair as alt
import numpy as np
import xarray as xr

from holdfast.present import theme

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
    line = once.mark_rule(strokeDash=[5, 4], color=theme.FAINT).encode(y=alt.datum(at))
    name = once.mark_text(align="left", dy=-6, color=theme.FAINT, fontSize=11).encode(
        y=alt.datum(at), x=alt.value(4), text=alt.value(text)
    )
    return [line, name]


def panel_title(text: str) -> alt.TitleParams:
    """The name above one panel of several."""
    return alt.TitleParams(text, anchor="start", frame="group", fontSize=13, offset=10)


def name_above(text: str) -> alt.Chart:
    """The same as a mark: it stands at one height over all panels, whatever their axes' labels need."""
    mark = alt.Chart(theme.rows([{}])).mark_text(
        align="left", baseline="bottom", dy=-9, fontSize=13, fontWeight=600, color=theme.INK
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
