"""Amounts and dates as people write them: `over 300,000`, `1.2 million`, `15 November 2023`, `end 2024`."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from decimal import Decimal
from typing import NamedTuple

from holdfast.core.faults import is_readable
from holdfast.tabular.numerals import UNITS

DIGITS = r"(?:\d{1,3}(?:[ ,']\d{3})+|\d+)(?:\.\d+)?"
UNIT = rf"(?:\s*(?:{'|'.join(sorted(UNITS, key=len, reverse=True))}))"
NUMBER = rf"(?<![\w.,-])(?P<digits>{DIGITS})(?P<unit>{UNIT})?(?![.,]?\d)(?!\w)"

AT_LEAST = (
    "well over", "over", "more than", "well more than", "at least", "above", "in excess of", "exceeding",
    "no fewer than", "not fewer than", "no less than", "not less than", "upwards of", "upward of", "north of",
    "a minimum of", "minimum", "exceeded", "exceeds", "exceed", "surpassed", "surpasses", "surpass", "surpassing",
    "topped", "tops", "top", "topping", "passed", "passes", "passing", "pass", "crossed the", "crossed", "crossing",
    ">=", ">", "≥",
)  # fmt: skip
UP_TO = (
    "up to", "as many as", "as much as", "at most", "under", "below", "fewer than", "less than", "no more than",
    "not more than", "a maximum of", "maximum", "<=", "<", "≤",
)  # fmt: skip
ABOUT = (
    "just over", "slightly over", "slightly more than", "just under", "just shy of", "slightly under",
    "slightly less than", "anywhere between", "anywhere", "nearly", "almost", "about", "around", "approximately",
    "approx.", "approx", "some", "roughly", "circa", "ca.", "ca", "c.", "close to", "closer to", "approaching",
    "nearing", "an estimated", "estimated", "est.", "in the region of", "in the order of", "on the order of",
    "on average", "an average of", "averaging", "averaged", "averages", "average", "a total of", "exactly", "~",
    "≈",
)  # fmt: skip
"""Words before a number that is not exact, and has no side to it."""

OR_MORE, OR_LESS = (
    ("or more", "and more", "at least", "at minimum", "-plus", "plus", "+"),
    ("or fewer", "or less", "at most", "at maximum"),
)
FLAGS = re.IGNORECASE | re.ASCII


def _any(words: tuple[str, ...]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


AMOUNT = re.compile(
    rf"(?:(?<!\w)(?P<before>{_any(AT_LEAST + UP_TO + ABOUT)})\s*(?:(?<!\w)(?:{_any(ABOUT)})\s*)?)?{NUMBER}"
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

_ONES = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen",
    "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
SPELT = (
    {"a": 1}
    | {word: number for number, word in enumerate(_ONES, 1)}
    | {word: 10 * number for number, word in enumerate(_TENS, 2)}
)
SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
SHARES = {"half a": "0.5", "a quarter of a": "0.25", "and a half": "0.5", "and a quarter": "0.25"}
_BELOW = (
    rf"(?:half\s+a|a\s+quarter\s+of\s+a|(?:{_any(tuple(_TENS))})[\s-](?:{_any(tuple(_ONES[:9]))})|{_any(tuple(SPELT))})"
)
_GROUP = rf"{_BELOW}(?:\s+and\s+a\s+(?:half|quarter))?(?:\s+(?:{_any(tuple(SCALES))}))+"
SPELT_NUMBER = re.compile(rf"(?<![\w.,-]){_GROUP}(?:\s+(?:and\s+)?(?:{_GROUP}|{_BELOW}(?!\w)))*(?!\w)", re.IGNORECASE)
"""`twenty-five thousand`, `half a million`, `two and a half thousand`, `one hundred and twenty thousand`."""


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

    return SPELT_NUMBER.sub(lambda match: _spelt(match[0]), text)


def _spelt(text: str) -> str:
    """The digits of a number in words."""
    plain = " ".join(text.lower().replace("-", " ").split())
    for words, share in SHARES.items():
        plain = plain.replace(words, share)
    total = group = Decimal(0)
    for word in plain.replace(" and ", " ").split():
        if word == "hundred":
            group *= 100
        elif word in SCALES:
            total, group = total + group * SCALES[word], Decimal(0)
        else:
            group += SPELT[word] if word in SPELT else Decimal(word)
    return f"{(total + group).normalize():f}"


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
        if not match[2] and not match[4] and re.fullmatch(r"\d{1,3}[ ,']000", match[3]) and low < high / 1000:
            low *= 1000  # 3-4,000
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

EDGE = r"(?P<edge>(?:the\s+)?(?:year[-\s]end|end|close|start|beginning)(?:[-\s]+of(?:\s+the\s+year)?)?)"
PART = (
    r"(?P<part>(?:the\s+)?(?:(?:first|second|third|fourth|last)\s+quarter|(?:first|second|last)\s+half|(?:first"
    r"|last)\s+(?:two|three|four|five|six|seven|eight|nine|ten|eleven)\s+months|Q[1-4]|H[12])(?:\s+of)?)"
)
PARTS = {"first": 0, "second": 1, "third": 2, "fourth": 3}

FORMS = (
    r"(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})",
    r"(?P<y>\d{4})/(?P<m>\d{1,2})/(?P<d>\d{1,2})",
    rf"(?P<d>{DAY})[\s-]+(?:of\s+)?(?P<M>{MONTH})[,-]?\s*(?P<y>\d{{4}})",
    rf"(?P<M>{MONTH})\s+(?:the\s+)?(?P<d>{DAY}),?\s+(?P<y>\d{{4}})",
    r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})",
    r"(?P<a>\d{1,2})/(?P<b>\d{1,2})/(?P<y>\d{4})",
    rf"{EDGE}[-\s]+(?P<M>{MONTH}),?\s+(?P<y>\d{{4}})",
    rf"{EDGE}[-\s]+(?P<y>\d{{4}})",
    rf"{PART}\s+(?P<y>\d{{4}})",
    rf"(?P<fort>(?:the\s+)?(?:first|second)\s+half\s+of)\s+(?P<M>{MONTH}),?\s+(?P<y>\d{{4}})",
    rf"(?P<M>{MONTH}),?\s+(?:of\s+)?(?P<y>\d{{4}})",
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
                days = _days(match.groupdict())
                return days if days and all(is_readable(day) for day in days) else None
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
    if parts.get("part"):
        return _part(year, (parts["part"] or "").lower())
    first = dt.date(year, month or 1, 1)
    last = month_end(dt.date(year, month or 12, 1))
    if half := parts.get("fort"):
        middle = first.replace(day=15)
        return (first, middle) if "first" in half.lower() else (middle + dt.timedelta(days=1), last)
    edge = (parts.get("edge") or "").lower()
    if edge:
        return (last, last) if "end" in edge or "close" in edge else (first, first)
    return first, last


def _part(year: int, words: str) -> Window:
    """The first quarter of a year, its second half; `Q1` and `H2` are the same."""
    spelt = re.search(rf"({_any(tuple(_ONES[:11]))})\s+months", words)
    months = SPELT[spelt[1]] if spelt else 3 if re.search(r"quarter|\bq", words) else 6
    if "last" in words:
        return dt.date(year, 13 - months, 1), dt.date(year, 12, 31)
    named = next((number for word, number in PARTS.items() if word in words), None)
    number = int(re.sub(r"\D", "", words)) - 1 if named is None else named
    first = dt.date(year, 1 + months * number, 1)
    return first, month_end(first.replace(month=first.month + months - 1))


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
