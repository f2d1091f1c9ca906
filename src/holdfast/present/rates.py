"""Flows as rates: per 1,000 men present a month, over a trailing window."""

from __future__ import annotations

import xarray as xr

from holdfast.coded_armies.codebook import band_of
from holdfast.present import charts

MONTH = 30.44
"""Days of a mean month [d]."""

WINDOW = 30
"""Days that a trailing rate looks back [d]."""

WARM_UP = 7
"""Before so many days a trailing rate is noise, and is left out [d]."""

BY_CHOICE = ("deserted", "surrendered")
"""Exits that count towards breaking. Men captured while encircled did not choose."""


def _trailing(flow: xr.DataArray, days: int = WINDOW) -> xr.DataArray:
    """Sum over the last `days` days, or over fewer at the start."""
    total = flow.astype(float).cumsum("day")
    return total - total.shift(day=days, fill_value=0.0)


def monthly(data: xr.Dataset, *flows: str) -> xr.DataArray:
    """Men of these flows together per 1,000 present a month, from the end of the first week on."""
    men = sum((data[name].astype(float) for name in flows[1:]), data[flows[0]].astype(float))
    rate = 1000 * MONTH * _trailing(men) / _trailing(data.present).clip(min=1.0)
    return rate.isel(day=slice(min(WARM_UP, rate.sizes["day"]) - 1, None))


def overall(data: xr.Dataset, *flows: str) -> xr.DataArray:
    """The same over the whole span, one number a run and side."""
    men = sum(data[name].astype(float).sum("day") for name in flows)
    return 1000 * MONTH * men / data.present.astype(float).sum("day").clip(min=1.0)


ARMIES = {
    "holding": "armies that held", "grey": "armies that bled for years and survived",
    "breaking": "armies that broke", "rout": "routs",
}  # fmt: skip
"""The bands as a sentence calls them."""


def likeness(rate: float) -> str:
    """A monthly rate against past armies, in words: `as in armies that held`."""
    band = band_of(rate)
    said = " ".join(ARMIES.get(word, word) for word in band.split())
    if band.startswith("below"):
        return said.replace("below", "fewer than in")
    return said if band.startswith("between") else f"as in {said}"


def believed_share(data: xr.Dataset, side: str) -> tuple[float, float, float]:
    """Mean risk believed over mean true risk, over the whole span: median and 90% interval over runs."""
    mean = data[["risk_believed", "risk_true"]].sel(side=side).mean("day")
    return charts.interval(mean.risk_believed / mean.risk_true.clip(min=1e-12))
