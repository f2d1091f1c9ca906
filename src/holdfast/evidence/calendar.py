"""The months of a war, and how much of each a claim's window covers."""

from __future__ import annotations

import dataclasses
import datetime as dt
from functools import cached_property

import numpy as np
from jaxtyping import Float

MONTH_DAYS = 30.4375


@dataclasses.dataclass(frozen=True)
class Calendar:
    """Months from the war's first day to its last, the first and last perhaps cut."""

    first: dt.date
    last: dt.date

    @cached_property
    def months(self) -> list[dt.date]:
        """First day of each month."""
        count = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1
        return [_month(self.first, step) for step in range(count)]

    @cached_property
    def edges(self) -> np.ndarray:
        """Day numbers at which months begin and the last one ends; months + 1 of them."""
        inner = [month.toordinal() for month in self.months[1:]]
        return np.array([self.first.toordinal(), *inner, self.last.toordinal() + 1], float)

    @cached_property
    def days(self) -> np.ndarray:
        """Days of each month that lie in the war."""
        return np.diff(self.edges)

    @cached_property
    def middles(self) -> np.ndarray:
        """Months from the first day to the middle of each."""
        return ((self.edges[:-1] + self.edges[1:]) / 2 - self.edges[0]) / MONTH_DAYS

    def at(self, date: dt.date) -> float:
        """Months from the first day to the end of that date."""
        return (date.toordinal() + 1 - self.edges[0]) / MONTH_DAYS

    def cover(self, begin: dt.date, end: dt.date) -> Float[np.ndarray, "months"]:
        """The share of each month's days that lie from `begin` to `end`, both included."""
        low = np.maximum(self.edges[:-1], begin.toordinal())
        high = np.minimum(self.edges[1:], end.toordinal() + 1)
        return np.maximum(high - low, 0.0) / self.days

    def mark(self, date: dt.date) -> Float[np.ndarray, "edges"]:
        """Weights on the values at the months' edges that give the value at the end of a date, between two linear."""
        place = np.clip(date.toordinal() + 1, self.edges[0], self.edges[-1])
        weights = np.zeros(len(self.edges))
        right = max(1, int(np.searchsorted(self.edges, place)))
        share = (place - self.edges[right - 1]) / (self.edges[right] - self.edges[right - 1])
        weights[right - 1], weights[right] = 1 - share, share
        return weights


def _month(first: dt.date, step: int) -> dt.date:
    """First of the month so many months after `first`."""
    years, month = divmod(first.month - 1 + step, 12)
    return dt.date(first.year + years, month + 1, 1)
