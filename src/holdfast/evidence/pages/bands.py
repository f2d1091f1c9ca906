"""From draws to the bands that charts draw, month by month and day by day."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from holdfast.evidence.calendar import MONTH_DAYS
from holdfast.evidence.posterior import Posterior
from holdfast.report.spread import LEVELS

Record = dict[str, Any]

SUMS = {"killed_wounded": ("killed", "wounded")}
"""What is drawn as one and is the sum of several."""

LEAST_DAYS = 10
"""Months cut shorter than this by the war's first or last day have no point of their own: their rate says little."""


def flow(posterior: Posterior, side: str, quantity: str) -> np.ndarray:
    """Draws of each month's men, [draw, month]; sums of quantities by their own name."""
    return np.sum([posterior.monthly(side, name) for name in SUMS.get(quantity, (quantity,))], axis=0)


def total(posterior: Posterior, side: str, quantity: str, begin: dt.date, end: dt.date) -> np.ndarray:
    """Draws of the total from one day to another; the strength is that at the end."""
    return np.sum([posterior.total(side, name, begin, end) for name in SUMS.get(quantity, (quantity,))], axis=0)


def monthly(posterior: Posterior, side: str, quantity: str) -> list[Record]:
    """Men per 30 days and a half, at the middle of each month."""
    calendar = posterior.calendar
    kept = calendar.days >= min(LEAST_DAYS, calendar.days.max())
    rates = flow(posterior, side, quantity)[:, kept] / calendar.days[kept] * MONTH_DAYS
    middles = (calendar.edges[:-1] + calendar.edges[1:])[kept] / 2
    return records(rates, [dt.date.fromordinal(int(day)) for day in middles])


def cumulative(posterior: Posterior, side: str, quantity: str) -> list[Record]:
    """Men since the war's first day, at the months' ends."""
    months = np.cumsum(flow(posterior, side, quantity), axis=1)
    grown = np.concatenate([np.zeros((len(months), 1)), months], axis=1)
    return records(grown, edges(posterior))


def stock(posterior: Posterior, side: str) -> list[Record]:
    """Men present, at the months' edges."""
    return records(np.asarray(posterior.sides[side].war.strength), edges(posterior))


def edges(posterior: Posterior) -> list[dt.date]:
    """The war's first day and the last day of each month."""
    days = [dt.date.fromordinal(int(day)) for day in posterior.calendar.edges]
    return [days[0], *(day - dt.timedelta(days=1) for day in days[1:])]


def records(draws: np.ndarray, days: list[dt.date]) -> list[Record]:
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
