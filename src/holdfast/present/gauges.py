"""Nine pressures as gauges from 0 to 2, on the scale on which past armies were coded.

The essay names five; history adds four. Each gauge maps one measured quantity to a code by straight
lines between three anchors (losses by their logarithm). An index that adds them up is not offered:
on past armies the plain sum hardly tells collapses from holds (`docs/cases.md`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import xarray as xr

from holdfast.present import charts, rates


@dataclass(frozen=True)
class Gauge:
    """One pressure: how it is measured and what reads 0, 1 and 2."""

    name: str
    essay: bool
    """One of the essay's five, not of the four that history adds."""
    measure: Callable[[xr.Dataset], xr.DataArray]
    anchors: tuple[float, float, float]
    """The measured values that read 0, 1 and 2."""
    unit: str
    about: str
    log: bool = False

    def code(self, data: xr.Dataset) -> xr.DataArray:
        """The gauge by run, day and side."""
        value = self.measure(data).astype(float)
        scale = np.log if self.log else np.asarray
        at, codes = scale(np.array(self.anchors)), np.array([0.0, 1.0, 2.0])
        if at[0] > at[-1]:
            at, codes = at[::-1], codes[::-1]
        return value.copy(data=np.interp(scale(value.clip(min=1e-9).values if self.log else value.values), at, codes))


def _larger(one: xr.DataArray, other: xr.DataArray) -> xr.DataArray:
    """The larger of two, cell by cell."""
    return one.where(one > other, other)


def _killed(data: xr.Dataset) -> xr.DataArray:
    return rates.monthly(data, "killed")


def _inflow(data: xr.Dataset) -> xr.DataArray:
    """The larger of call-ups and postings: a man called in March and posted in May is one man."""
    return _larger(rates.monthly(data, "notices"), rates.monthly(data, "posted")) / (1000 * rates.MONTH)


def _hunger(data: xr.Dataset) -> xr.DataArray:
    return _larger(data.unpaid, data.unfed)


def _way_out(data: xr.Dataset) -> xr.DataArray:
    return _larger(data.exit_safety, data.captor_treatment)


GAUGES: tuple[Gauge, ...] = (
    Gauge(
        "high losses", True, _killed, (0.89, 4.47, 22.4), "killed per 1,000 men a month",
        "trailing 30 days; by the logarithm, so that the code passes ½ at 2 and 1½ at 10, the coders' bounds", log=True,
    ),
    Gauge(
        "no prospect of victory", True, lambda d: d.prospects, (0.5, -0.2, -0.9),
        "prospects, −1 to 1", "as the men see them",
    ),
    Gauge(
        "mass mobilisation", True, _inflow, (0.0005, 0.0025, 0.004),
        "men per man present a day", "the larger of call-ups and postings, trailing 30 days",
    ),
    Gauge("leader's decay", True, lambda d: d.vitality, (1.0, 0.7, 0.3), "vitality, 0 to 1", "of the leader"),
    Gauge(
        "regime disarray", True, lambda d: d.elite_cohesion, (0.9, 0.6, 0.2),
        "elite cohesion, 0 to 1", "0.2 is an open split",
    ),
    Gauge(
        "patron withdrawn", False, lambda d: d.patron_gone, (0.0, 0.5, 1.0),
        "share of support withdrawn", "by the patron abroad",
    ),
    Gauge("unpaid or unfed", False, _hunger, (0.0, 0.4, 1.0), "share unpaid or unfed", "the worse of the two"),
    Gauge(
        "operational shock", False, lambda d: d.broken_share, (0.0, 0.2, 0.5),
        "share of sectors broken", "2 is a broken front",
    ),
    Gauge(
        "safe exit", False, _way_out, (0.0, 0.5, 1.0),
        "safety of the way out, 0 to 1", "home or captor, whichever is safer",
    ),
)  # fmt: skip

MOMENTS = ("start", "worst", "end")


def readings(data: xr.Dataset) -> list[charts.Record]:
    """Each gauge of each side at the start, at its worst and at the end: median and 90% interval.

    Start and end are means over 30 days; worst is the highest mean over 30 days.
    """
    out: list[charts.Record] = []
    for gauge in GAUGES:
        code = gauge.code(data)
        days = min(rates.WINDOW, code.sizes["day"])
        mean = code.rolling(day=days).mean().isel(day=slice(days - 1, None))
        at = {"start": mean.isel(day=0), "worst": mean.max("day"), "end": mean.isel(day=-1)}
        for moment in MOMENTS:
            for side in data.side.values:
                middle, low, high = charts.interval(at[moment].sel(side=side))
                out.append({
                    "gauge": gauge.name, "side": str(side), "moment": moment, "essay": gauge.essay,
                    "middle": round(middle, 2), "low": round(low, 2), "high": round(high, 2),
                })  # fmt: skip
    return out
