"""Units of time and rates, and the normal quantiles of the intervals in use.

Two lengths of a month stand here on purpose, for now. Rates per 1,000 men a month are stated and measured by 30.44 days;
the evidence's calendar and the coded armies count months of 30.4375 days (365.25 / 12). They differ by 8 parts in 100,000.
To make them one moves every fitted posterior in its fifth digit, and with it all scores that rest on one.
"""

from __future__ import annotations

from typing import TypeVar

MONTH_DAYS = 30.44
"""Days of the month by which rates per 1,000 men are stated [d]."""

CALENDAR_MONTH_DAYS = 30.4375
"""Days of a mean calendar month, 365.25 / 12: the evidence's calendar, the coded armies' months of fighting [d]."""

YEAR_DAYS = 365.25
"""Days of a mean year [d]."""

LEVEL = 0.90
"""Probability of every interval that is printed, unless it says otherwise [1]."""

Z90 = 1.6448536269514722
"""Standard normal quantile of a two-sided 90 % interval [1]."""

Z80 = 1.2816
"""The same of an 80 % interval, to the five digits with which claims' own ranges are read [1]."""


Q = TypeVar("Q")
"""A number, or an array of NumPy, JAX or xarray."""


def per_1000_month(men: Q, man_days: Q) -> Q:
    """Men as a rate per 1,000 present and month.

    Args:
        men: men lost or gone over a span [men].
        man_days: men present, summed over the days of the same span [men d]; above 0.

    Returns:
        The rate [1/1,000/month], a month of `MONTH_DAYS`.
    """
    return men / man_days * MONTH_DAYS * 1000  # type: ignore[operator, no-any-return]


def per_day(rate: Q) -> Q:
    """The chance of one man and day from a rate per 1,000 and month; not compounded.

    Args:
        rate: men per 1,000 present and month [1/1,000/month].

    Returns:
        The chance [1/d].
    """
    return rate / 1000 / MONTH_DAYS  # type: ignore[operator, return-value]
