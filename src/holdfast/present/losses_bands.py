"""Totals by side, quantity and year."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from holdfast.core.units import CALENDAR_MONTH_DAYS as MONTH_DAYS
from holdfast.evidence.posterior import QUANTITIES, Posterior, quantiles
from holdfast.stats.intervals import BAND as LEVELS

# From draws to the bands that charts draw, month by month and day by day.


Record = dict[str, Any]

SUMS = {"killed_wounded": ("killed", "wounded")}
"""What is drawn as one and is the sum of several."""

LEAST_DAYS = 10
"""Months cut shorter than this by the war's first or last day have no point of their own: their rate says little."""


def _flow(posterior: Posterior, side: str, quantity: str) -> np.ndarray:
    """Draws of each month's men, [draw, month]; sums of quantities by their own name."""
    return np.sum([posterior.monthly(side, name) for name in SUMS.get(quantity, (quantity,))], axis=0)


def total(posterior: Posterior, side: str, quantity: str, begin: dt.date, end: dt.date) -> np.ndarray:
    """Draws of the total from one day to another; the strength is that at the end."""
    return np.sum([posterior.total(side, name, begin, end) for name in SUMS.get(quantity, (quantity,))], axis=0)


def monthly(posterior: Posterior, side: str, quantity: str) -> list[Record]:
    """Men per 30 days and a half, at the middle of each month."""
    calendar = posterior.calendar
    kept = calendar.days >= min(LEAST_DAYS, calendar.days.max())
    rates = _flow(posterior, side, quantity)[:, kept] / calendar.days[kept] * MONTH_DAYS
    middles = (calendar.edges[:-1] + calendar.edges[1:])[kept] / 2
    return _records(rates, [dt.date.fromordinal(int(day)) for day in middles])


def cumulative(posterior: Posterior, side: str, quantity: str) -> list[Record]:
    """Men since the war's first day, at the months' ends."""
    months = np.cumsum(_flow(posterior, side, quantity), axis=1)
    grown = np.concatenate([np.zeros((len(months), 1)), months], axis=1)
    return _records(grown, _edges(posterior))


def stock(posterior: Posterior, side: str) -> list[Record]:
    """Men present, at the months' edges."""
    return _records(np.asarray(posterior.sides[side].war.strength), _edges(posterior))


def _edges(posterior: Posterior) -> list[dt.date]:
    """The war's first day and the last day of each month."""
    days = [dt.date.fromordinal(int(day)) for day in posterior.calendar.edges]
    return [days[0], *(day - dt.timedelta(days=1) for day in days[1:])]


def _records(draws: np.ndarray, days: list[dt.date]) -> list[Record]:
    """One record a day with the five levels as fields, to four digits."""
    levels = np.quantile(draws, list(LEVELS.values()), axis=0)
    return [
        {"day": str(day)} | {name: float(f"{value:.4g}") for name, value in zip(LEVELS, column)}
        for day, column in zip(days, levels.T)
    ]


def at(bands: list[Record], day: dt.date, level: str = "middle") -> float:
    """A band's level on a day, between two of its points."""
    places = [dt.date.fromisoformat(one["day"]).toordinal() for one in bands]
    return float(np.interp(day.toordinal(), places, [one[level] for one in bands]))


def five(draws: np.ndarray) -> Record:
    """The five levels of one number."""
    return {name: float(value) for name, value in zip(LEVELS, np.quantile(draws, list(LEVELS.values())))}


Quantiles = dict[str, float]


def _years(posterior: Posterior) -> list[tuple[str, dt.date, dt.date]]:
    """The calendar's years, the first and the last cut: name, first and last day."""
    first, last = posterior.calendar.first, posterior.calendar.last
    return [
        (str(year), max(first, dt.date(year, 1, 1)), min(last, dt.date(year, 12, 31)))
        for year in range(first.year, last.year + 1)
    ]


def by_year(posterior: Posterior, side: str) -> dict[str, dict[str, Quantiles]]:
    """Quantiles of each quantity in each year; the strength is that at its end."""
    return {
        year: {name: quantiles(posterior.total(side, name, begin, end)) for name in QUANTITIES}
        for year, begin, end in _years(posterior)
    }


def in_all(posterior: Posterior, side: str) -> dict[str, Quantiles]:
    """Quantiles of each quantity from the war's first day to its last."""
    return {name: quantiles(posterior.total(side, name)) for name in QUANTITIES}
