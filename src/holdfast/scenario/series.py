"""Series of the scenario, day by day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from holdfast.scenario.schema import Series


def value_on(series: Series, day: dt.date) -> float:
    """A series' value on a date: straight lines between its points, flat outside them."""
    if isinstance(series, (int, float)):
        return float(series)
    x = [point.date.toordinal() for point in series]
    return float(np.interp(day.toordinal(), x, [point.value for point in series]))


def daily(series: Series, days: Sequence[dt.date]) -> np.ndarray:
    """A series on each day, `[D]`."""
    if isinstance(series, (int, float)):
        return np.full(len(days), float(series))
    x = [point.date.toordinal() for point in series]
    return np.interp([day.toordinal() for day in days], x, [point.value for point in series])


def winter_depth(days: Sequence[dt.date], hardness: float) -> np.ndarray:
    """How deep in winter each day is: a cosine that peaks in mid-January and is 0 from May to September [0-1]."""
    angle = np.array([2 * np.pi * (day.timetuple().tm_yday - 15) / 365.25 for day in days])
    return hardness * np.maximum(np.cos(angle), 0) * (np.cos(angle) > 0.3)
