"""Who broke, when, and in how many runs: from the first days that the result records."""

from __future__ import annotations

import numpy as np
import xarray as xr

from holdfast.report import words

OUTCOMES: dict[str, str] = {
    "day_mass_desertion": "mass desertion",
    "day_front_broken": "front broken",
    "day_collapse": "collapse",
}
"""The three defined outcomes. A side *breaks* with mass desertion or collapse: a front may also be broken by fire."""

ARTICLE = {"front broken": "a broken front"}
"""How an outcome reads inside a sentence, where that differs."""


def broke(data: xr.Dataset) -> xr.DataArray:
    """First day index of mass desertion or collapse, by run and side; infinite where neither came."""
    days = [data[name].where(data[name] >= 0, np.inf).astype(float) for name in ("day_mass_desertion", "day_collapse")]
    return days[0].where(days[0] < days[1], days[1])


def count(data: xr.Dataset, outcome: str, side: str) -> int:
    """In how many runs the outcome came to the side."""
    return int((data[outcome].sel(side=side) >= 0).sum())


def when(data: xr.Dataset, outcome: str, side: str) -> str:
    """Median date of the outcome and its 90% interval, among the runs in which it came."""
    days = data[outcome].sel(side=side).values
    days = days[days >= 0]
    if days.size == 0:
        return "never"
    early, middle, late = (data.day.values[int(x)] for x in np.quantile(days, [0.05, 0.5, 0.95]))
    if days.size == 1:
        return words.short_date(middle)
    return f"{words.short_date(middle)} ({words.short_date(early)} – {words.short_date(late)})"


def first_to_break(data: xr.Dataset) -> dict[str, int]:
    """Runs in which each side broke first, both on one day, or neither."""
    names = [str(x) for x in data.side.values]
    first, second = (broke(data).sel(side=name).values for name in names)
    return {
        names[0]: int((first < second).sum()),
        names[1]: int((second < first).sum()),
        "both on one day": int(((first == second) & np.isfinite(first)).sum()),
        "neither": int((~np.isfinite(first) & ~np.isfinite(second)).sum()),
    }


def chance_by_day(data: xr.Dataset, outcome: str) -> xr.Dataset:
    """Share of runs in which the outcome had come by each day, with Wilson's 90% interval."""
    first = data[outcome]
    index = xr.DataArray(np.arange(data.sizes["day"]), dims="day", coords={"day": data.day})
    runs = data.sizes["run"]
    came = ((first >= 0) & (first <= index)).sum("run")
    ends = np.array([words.wilson(k, runs)[1:] for k in range(runs + 1)])
    return xr.Dataset(
        {"share": came / runs, "low": (came.dims, ends[came.values, 0]), "high": (came.dims, ends[came.values, 1])}
    )
