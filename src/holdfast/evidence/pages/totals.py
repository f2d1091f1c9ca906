"""Totals by side, quantity and year."""

from __future__ import annotations

import datetime as dt

from holdfast.evidence.posterior import QUANTITIES, Posterior, quantiles

Quantiles = dict[str, float]


def years(posterior: Posterior) -> list[tuple[str, dt.date, dt.date]]:
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
        for year, begin, end in years(posterior)
    }


def in_all(posterior: Posterior, side: str) -> dict[str, Quantiles]:
    """Quantiles of each quantity from the war's first day to its last."""
    return {name: quantiles(posterior.total(side, name)) for name in QUANTITIES}
