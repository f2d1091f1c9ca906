"""Amounts and dates as people write them: `over 300,000`, `1.2 million`, `15 November 2023`, `end 2024`."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from decimal import Decimal
from typing import NamedTuple

from holdfast.tabular.numerals import UNITS

DIGITS = r"(?:\d{1,3}(?:[ ,']\d{3})+|\d+)(?:\.\d+)?"
UNIT = rf"(?:\s*(?:{'|'.join(sorted(UNITS, key=len, reverse=True))}))"
NUMBER = rf"(?<![\w.,-])(?P<digits>{DIGITS})(?P<unit>{UNIT})?(?![.,]?\d)(?!\w)"

AT_LEAST = (
    "well over", "over", "more than", "at least", "above", "in excess of", "exceeding", "no fewer than",
    "not fewer than", "no less than", "not less than", "upwards of", "a minimum of", ">=", ">", "≥",
)  # fmt: skip
UP_TO = (
    "up to", "as many as", "at most", "under", "below", "fewer than", "less than", "no more than", "not more than",
    "a maximum of", "<=", "<", "≤",
)  # fmt: skip
ABOUT = (
    "just over", "just under", "nearly", "almost", "about", "around", "approximately", "approx.", "approx", "some",
    "roughly", "circa", "ca.", "c.", "close to", "an estimated", "estimated", "~", "≈",
)  # fmt: skip
"""Words before a number that is not exact, and has no side to it."""

OR_MORE, OR_LESS = ("or more", "and more", "+"), ("or fewer", "or less")
FLAGS = re.IGNORECASE | re.ASCII


def _any(words: tuple[str, ...]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


AMOUNT = re.compile(
    rf"(?:(?<!\w)(?P<before>{_any(AT_LEAST + UP_TO + ABOUT)})\s*)?{NUMBER}"
    rf"(?:\s?(?P<after>{_any(OR_MORE + OR_LESS)})(?!\w))?",
    FLAGS,
)
"""A number with the words about it."""
RANGE = re.compile(
    rf"(?:(?<!\w)(?:between|from)\s+)?(?<![\w.,-])({DIGITS})({UNIT})?\s*(?:-|\.\.|\bto\b|\band\b)\s*"
    rf"({DIGITS})({UNIT})?(?![.,]?\d)(?!\w)",
    FLAGS,
)
POINTED = re.compile(r"\d{1,3}(?:\.\d{3})+", re.ASCII)
"""300.000: three hundred in one country, three hundred thousand in the next."""

SPELT = {"half a": "0.5", "a quarter of a": "0.25", "a": "1", "one": "1", "two": "2", "three": "3", "four": "4",
         "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "ten": "10"}  # fmt: skip
SPELT_NUMBER = re.compile(rf"\b({_any(tuple(SPELT))})\s+(hundred thousand|thousand|million|billion)\b", re.IGNORECASE)


class Amount(NamedTuple):
    """The three values of a claim; `None` is not given."""

    low: float | None = None  # the lower limit
    central: float | None = None  # the number itself
    high: float | None = None  # the upper limit


def in_digits(text: str) -> str:
    """A text with its spelt numbers in digits.

    Args:
        text: any text, as `half a million dead`.

    Returns:
        The same, as `0.5 million dead`.
    """

    def digits(match: re.Match[str]) -> str:
        number, unit = SPELT[match[1].lower()], match[2].lower()
        return f"{number}00 thousand" if unit == "hundred thousand" and "." not in number else f"{number} {unit}"

    return SPELT_NUMBER.sub(digits, text)


def number(text: str) -> float | None:
    """The number that a text is, without words about it.

    Args:
        text: a number in any of the ways in which people write one.

    Returns:
        The number; `None` where the text is none, or one with points that may be decimals or thousands.
    """
    match = re.fullmatch(NUMBER, in_digits(text.strip()), FLAGS)
    if not match or (POINTED.fullmatch(match[1]) and not match[2]):
        return None
    return _times(match[1], match[2])


def _times(digits: str, unit: str | None) -> float:
    """Digits times their unit, without a rounding on the way."""
    value = Decimal(re.sub("[ ,']", "", digits))
    return float(value * UNITS[unit.strip().lower()] if unit else value)


def amount_of(match: re.Match[str]) -> Amount:
    """The amount that a text gives.

    Args:
        match: a match of `RANGE` or of `AMOUNT`.

    Returns:
        Both limits of a range; `100-200k` has its unit for both. Else one limit or the number itself, as the words about it
        say.
    """
    if match.re is RANGE:
        low, high = _times(match[1], match[2]), _times(match[3], match[4])
        if match[4] and not match[2] and low <= _times(match[3], None):
            low = _times(match[1], match[4])
        return Amount(low=low, high=high)
    before, after = (match["before"] or "").lower(), (match["after"] or "").lower()
    value = _times(match["digits"], match["unit"])
    if before in AT_LEAST or after in OR_MORE:
        return Amount(low=value)
    if before in UP_TO or after in OR_LESS:
        return Amount(high=value)
    return Amount(central=value)


MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
SHORT = {name[:3]: number for name, number in MONTHS.items()} | {"sept": 9}

MONTH = rf"(?:{'|'.join([*MONTHS, *sorted(SHORT, key=len, reverse=True)])})\b\.?"
YEAR = r"(?:1[4-9]|20)\d\d(?!\w|[.,-]\d)"
DAY = r"\d{1,2}(?:st|nd|rd|th)?"

FORMS = (
    r"(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})",
    rf"(?P<d>{DAY})\s+(?:of\s+)?(?P<M>{MONTH}),?\s+(?P<y>\d{{4}})",
    rf"(?P<M>{MONTH})\s+(?P<d>{DAY}),?\s+(?P<y>\d{{4}})",
    r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})",
    r"(?P<a>\d{1,2})/(?P<b>\d{1,2})/(?P<y>\d{4})",
    rf"(?P<edge>(?:the\s+)?(?:end|start|beginning)(?:\s+of)?)\s+(?P<M>{MONTH}),?\s+(?P<y>\d{{4}})",
    r"(?P<edge>(?:the\s+)?(?:end|start|beginning)(?:\s+of)?)\s+(?P<y>\d{4})",
    rf"(?P<M>{MONTH}),?\s+(?P<y>\d{{4}})",
    r"(?P<y>\d{4})-(?P<m>\d{2})",
    r"(?P<y>\d{4})",
)
"""From the most to the least precise date; the last, a year alone, may as well be a number of men."""

_WITHOUT_NAMES = [re.sub(r"\?P<\w+>", "?:", form) for form in FORMS[:-1]]
DATE = rf"(?:{'|'.join(_WITHOUT_NAMES)})(?!\w|-\d)"
"""Any of the forms but a year alone."""

Window = tuple[dt.date, dt.date]
"""A first and a last day, both included."""


def window(text: str) -> Window | None:
    """The days that a date names: one day twice, or the first and the last of a month or a year.

    Args:
        text: a date in one of `FORMS`.

    Returns:
        The days; `None` where the text is no date, names no day that exists, or may be read in two ways (11/12/2023).
    """
    for form in FORMS:
        match = re.fullmatch(form, text.strip(), FLAGS)
        if match:
            try:
                return _days(match.groupdict())
            except ValueError:
                return None
    return None


def _days(parts: dict[str, str | None]) -> Window | None:
    """The days between the parts of a date; a `ValueError` where there is no such day."""
    year = int(parts["y"] or 0)
    if parts.get("a"):
        return _slashed(year, int(parts["a"] or 0), int(parts["b"] or 0))
    named = (parts.get("M") or "").lower().rstrip(".")
    month = MONTHS.get(named) or SHORT.get(named[:4]) or SHORT.get(named[:3]) or int(parts.get("m") or 0)
    if parts.get("d"):
        day = dt.date(year, month, int(re.sub(r"\D", "", parts["d"] or "")))
        return day, day
    first = dt.date(year, month or 1, 1)
    last = month_end(dt.date(year, month or 12, 1))
    edge = (parts.get("edge") or "").lower()
    if edge:
        return (last, last) if "end" in edge else (first, first)
    return first, last


def _slashed(year: int, a: int, b: int) -> Window | None:
    """15/11/2023 or 11/15/2023; nothing where both readings make a date."""
    if a <= 12 and b <= 12 and a != b:
        return None
    day = dt.date(year, b, a) if b <= 12 else dt.date(year, a, b)
    return day, day


def both_readings(text: str) -> tuple[dt.date, ...]:
    """The days of a date that can be read in two ways.

    Args:
        text: a date, as 11/12/2023.

    Returns:
        Both days; none where it can be read in one way at most.
    """
    match = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text.strip(), FLAGS)
    a, b, year = (int(part) for part in match.groups()) if match else (0, 0, 0)
    both = 0 < a <= 12 and 0 < b <= 12 and year > 0
    return (dt.date(year, b, a), dt.date(year, a, b)) if both else ()


def month_end(day: dt.date) -> dt.date:
    """The last day of a month.

    Args:
        day: a day of it.

    Returns:
        The last.
    """
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])
