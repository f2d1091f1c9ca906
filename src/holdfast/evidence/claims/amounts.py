"""Numbers as people write them: 300000, 300,000, 300k, 1.2 million, over 300,000, 100000-200000."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

UNITS = {
    "k": 1_000, "thousand": 1_000, "m": 1_000_000, "mn": 1_000_000, "mln": 1_000_000, "million": 1_000_000,
    "bn": 1_000_000_000, "billion": 1_000_000_000,
}  # fmt: skip

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
"""A number that is not exact, and has no side to it."""

OR_MORE, OR_LESS = ("or more", "and more", "+"), ("or fewer", "or less")


def _any(words: tuple[str, ...]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


SAID = re.compile(
    rf"(?:(?<!\w)(?P<before>{_any(AT_LEAST + UP_TO + ABOUT)})\s*)?{NUMBER}"
    rf"(?:\s?(?P<after>{_any(OR_MORE + OR_LESS)})(?!\w))?",
    re.IGNORECASE | re.ASCII,
)
RANGE = re.compile(
    rf"(?:(?<!\w)(?:between|from)\s+)?(?<![\w.,-])({DIGITS})({UNIT})?\s*(?:-|\.\.|\bto\b|\band\b)\s*"
    rf"({DIGITS})({UNIT})?(?![.,]?\d)(?!\w)",
    re.IGNORECASE | re.ASCII,
)
PLAIN = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?", re.IGNORECASE | re.ASCII)
POINTED = re.compile(r"\d{1,3}(?:\.\d{3})+", re.ASCII)
"""300.000: three hundred in one country, three hundred thousand in the next."""

SPELT = {"half a": "0.5", "a quarter of a": "0.25", "a": "1", "one": "1", "two": "2", "three": "3", "four": "4",
         "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "ten": "10"}  # fmt: skip
SPELT_NUMBER = re.compile(rf"\b({_any(tuple(SPELT))})\s+(hundred thousand|thousand|million|billion)\b", re.IGNORECASE)


class Amount(NamedTuple):
    """The three values of a claim."""

    low: float | None = None
    central: float | None = None
    high: float | None = None


def spelt_out(text: str) -> str:
    """The text with `half a million` as `0.5 million`."""

    def digits(found: re.Match[str]) -> str:
        number, unit = SPELT[found[1].lower()], found[2].lower()
        return f"{number}00 thousand" if unit == "hundred thousand" and "." not in number else f"{number} {unit}"

    return SPELT_NUMBER.sub(digits, text)


def plain(text: str) -> float | None:
    """A number in digits, as a table has it; nothing else."""
    return float(text) if PLAIN.fullmatch(text) else None


def one(text: str) -> float | None:
    """A number in any of the ways in which people write one, without the words about it."""
    found = re.fullmatch(NUMBER, spelt_out(text.strip()), re.IGNORECASE | re.ASCII)
    if not found or (POINTED.fullmatch(found[1]) and not found[2]):
        return None
    return times(found[1], found[2])


def times(digits: str, unit: str | None) -> float:
    """Digits times their unit, without a rounding on the way."""
    number = Decimal(re.sub("[ ,']", "", digits))
    return float(number * UNITS[unit.strip().lower()] if unit else number)


def ranged(found: re.Match[str]) -> Amount:
    """Both ends of a range; `100-200k` has its unit for both."""
    low, high = times(found[1], found[2]), times(found[3], found[4])
    if found[4] and not found[2] and low <= times(found[3], None):
        low = times(found[1], found[4])
    return Amount(low=low, high=high)


def said(found: re.Match[str]) -> Amount:
    """A number with the words about it."""
    before, after = (found["before"] or "").lower(), (found["after"] or "").lower()
    value = times(found["digits"], found["unit"])
    if before in AT_LEAST or after in OR_MORE:
        return Amount(low=value)
    if before in UP_TO or after in OR_LESS:
        return Amount(high=value)
    return Amount(central=value)
