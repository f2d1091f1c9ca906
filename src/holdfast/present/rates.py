"""Flows as rates: per 1,000 men present a month, over a trailing window."""

from __future__ import annotations

import xarray as xr

from holdfast.present import charts

MONTH = 30.44
"""Days of a mean month [d]."""

WINDOW = 30
"""Days that a trailing rate looks back [d]."""

WARM_UP = 7
"""Before so many days a trailing rate is noise, and is left out [d]."""

BY_CHOICE = ("deserted", "surrendered")
"""Exits that count towards breaking. Men captured while encircled did not choose."""

BANDS: tuple[tuple[str, float, float], ...] = (
    ("holding", 0.3, 8.0),
    ("grey", 11.0, 30.0),
    ("breaking", 40.0, 100.0),
    ("rout", 200.0, float("inf")),
)
"""Exits by choice per 1,000 men a month in past armies (`docs/model.md` §3). Armies in the grey band survived
for years."""


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


def band_of(rate: float) -> str:
    """Where a monthly rate falls among the bands of past armies: `holding`, `between grey and breaking`."""
    reached = [name for name, low, _ in BANDS if rate >= low]
    if not reached:
        return f"below {BANDS[0][0]}"
    below = BANDS[len(reached) - 1]
    return below[0] if rate <= below[2] else f"between {below[0]} and {BANDS[len(reached)][0]}"


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
