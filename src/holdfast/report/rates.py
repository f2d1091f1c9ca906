"""Flows as rates: per 1,000 men present a month, over a trailing window."""

from __future__ import annotations

import numpy as np
import xarray as xr

MONTH = 30
"""Days of a month, and of the trailing window [d]."""

WARM_UP = 7
"""Before so many days a trailing rate is noise, and is left out [d]."""

BY_CHOICE = ("deserted", "surrendered")
"""Exits that count towards breaking. Men captured while encircled did not choose."""

BANDS: tuple[tuple[str, float, float], ...] = (
    ("holding", 0.3, 8.0),
    ("grey: survived for years", 11.0, 30.0),
    ("breaking", 40.0, 100.0),
    ("rout", 200.0, 1000.0),
)
"""Exits by choice per 1,000 men a month in past armies (`model.md` §3); a rout has no upper end."""


def trailing(flow: xr.DataArray, days: int = MONTH) -> xr.DataArray:
    """Sum over the last `days` days, or over fewer at the start."""
    total = flow.astype(float).cumsum("day")
    return total - total.shift(day=days, fill_value=0.0)


def monthly(data: xr.Dataset, *flows: str) -> xr.DataArray:
    """Men of these flows together per 1,000 present a month, from the end of the first week on."""
    men = sum((data[name].astype(float) for name in flows[1:]), data[flows[0]].astype(float))
    rate = 1000 * MONTH * trailing(men) / np.maximum(trailing(data.present), 1.0)
    return rate.isel(day=slice(min(WARM_UP, rate.sizes["day"]) - 1, None)) 


def overall(data: xr.Dataset, *flows: str) -> xr.DataArray:
    """The same over the whole span, one number a run and side."""
    men = sum(data[name].astype(float).sum("day") for name in flows)
    return 1000 * MONTH * men / np.maximum(data.present.astype(float).sum("day"), 1.0)


def band_of(rate: float) -> str:
    """Which band of past armies a monthly rate falls in, in words."""
    name = {"grey: survived for years": "grey", "holding": "holding", "breaking": "breaking", "rout": "rout"}
    for label, low, high in BANDS:
        if low <= rate <= high:
            return f"in the {name[label]} band"
    if rate < BANDS[0][1]:
        return "below the holding band"
    below = [label for label, low, _ in BANDS if rate > low][-1]
    above = next((label for label, low, _ in BANDS if rate < low), None)
    return f"between the {name[below]} and the {name[above]} bands" if above else "in the rout band"
