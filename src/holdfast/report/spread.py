"""From runs to medians and intervals, thin enough for a chart."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import xarray as xr

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
