"""Dates as people write them: 2023-11-15, 15 November 2023, November 2023, end 2024."""

from __future__ import annotations

import calendar
import datetime as dt
import re

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
"""From the most to the least that is said; the last, a year alone, may as well be a number of men."""

FLAGS = re.IGNORECASE | re.ASCII
_WITHOUT_NAMES = [re.sub(r"\?P<\w+>", "?:", form) for form in FORMS[:-1]]
DATE = rf"(?:{'|'.join(_WITHOUT_NAMES)})(?!\w|-\d)"
"""Any of the forms but a year alone."""

ISO = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

Span = tuple[dt.date, dt.date]
"""The first and the last day of what was said."""


def iso(text: str) -> dt.date | None:
    """A day as 2023-11-15 and in no other way."""
    try:
        return dt.date.fromisoformat(text) if ISO.fullmatch(text) else None
    except ValueError:
        return None


def span(text: str) -> Span | None:
    """The days that a date names: one, or those of a month or year."""
    for form in FORMS:
        found = re.fullmatch(form, text.strip(), FLAGS)
        if found:
            try:
                return _days(found.groupdict())
            except ValueError:
                return None
    return None


def _days(parts: dict[str, str | None]) -> Span | None:
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


def _slashed(year: int, a: int, b: int) -> Span | None:
    """15/11/2023 or 11/15/2023; nothing where both readings make a date."""
    if a <= 12 and b <= 12 and a != b:
        return None
    day = dt.date(year, b, a) if b <= 12 else dt.date(year, a, b)
    return day, day


def either(text: str) -> tuple[dt.date, ...]:
    """Both days that 11/12/2023 may be."""
    found = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text.strip(), FLAGS)
    a, b, year = (int(part) for part in found.groups()) if found else (0, 0, 0)
    both = 0 < a <= 12 and 0 < b <= 12 and year > 0
    return (dt.date(year, b, a), dt.date(year, a, b)) if both else ()


def month_end(day: dt.date) -> dt.date:
    """The last day of its month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])
