"""What one cell of a claims table may hold: a day, a number, a word from a list; or what to do about it."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Sequence
from typing import NamedTuple

from holdfast.evidence.claims import amounts, days
from holdfast.scenario.faults import listed, nearest

MOST = 1e9
"""More men than this no army has; such a number slipped a digit."""

FIRST_SERIAL = dt.date(1899, 12, 30)
"""Where spreadsheets begin to count days."""

NOTHING = ("na", "n/a", "nan", "none", "null", "-", "--", "?", "unknown", "nil")


class Wrong(NamedTuple):
    """What a fault says of a cell, besides where it is and what was found there."""

    allowed: str
    cure: str
    suggestion: str | None = None


def day(text: str) -> dt.date | Wrong:
    """A day, as 2023-11-15."""
    written = days.iso(text)
    return written or Wrong("a day as 2023-11-15", _about_day(text))


def _about_day(text: str) -> str:
    """What to write in place of something that is no ISO date."""
    if days.ISO.fullmatch(text):
        return "There is no such day; correct it"
    midnight = re.fullmatch(r"(\d{4}-\d{2}-\d{2})[T ][\d:.+Z-]+", text, re.ASCII)
    if midnight and days.iso(midnight[1]):
        return f"Write {midnight[1]}"
    if re.fullmatch(r"\d{5}(\.0)?", text, re.ASCII):
        return f"A spreadsheet wrote its own count of days: write {FIRST_SERIAL + dt.timedelta(int(float(text)))}"
    meant = days.span(text)
    if meant and meant[0] != meant[1]:
        return f"Write the last day that is meant, {meant[1]}"
    if both := days.either(text):
        return f"Write {both[0]} or {both[1]}, whichever is meant"
    return f"Write {meant[1]}" if meant else "Write year, month and day: 2023-11-15"


def number(text: str, basis: str) -> float | Wrong:
    """A number of men, or a share where that is the basis."""
    allowed = "a share from 0 to 1" if basis == "share" else f"a number in digits, 0 to {MOST:.0f}"
    value = amounts.plain(text)
    if value is None:
        return Wrong(allowed, _about_number(text))
    if not math.isfinite(value):
        return Wrong(allowed, "Write a finite number")
    if value < 0:
        return Wrong(allowed, "Write the number without a minus; losses and gains are told apart by the quantity")
    if basis == "share" and value > 1:
        return Wrong(allowed, f"Write {value / 100:g} for {value:g} %" if value <= 100 else "Write a share of 1")
    if value > MOST:
        return Wrong(allowed, "No army has so many men: correct the digits")
    return value


def _about_number(text: str) -> str:
    """What to write in place of something that is no number."""
    if text.lower() in NOTHING:
        return "Leave the cell empty where there is no number"
    if text.lower().strip("+-") in ("inf", "infinity"):
        return "Write a finite number; leave the cell empty where there is no limit"
    if text.endswith("%") and (share := amounts.plain(text[:-1].strip())) is not None:
        return f"Write {share / 100:g}"
    if re.fullmatch(r"\d+,\d{1,2}", text, re.ASCII):
        return f"Write {text.replace(',', '.')}"
    if ends := amounts.RANGE.fullmatch(text):
        low, _, high = amounts.ranged(ends)
        return f"Write {low:.12g} in value_low and {high:.12g} in value_high"
    if (value := amounts.one(text)) is not None:
        return f"Write {value:.12g}"
    if found := amounts.SAID.fullmatch(amounts.spelt_out(text)):
        for column, value in zip(("value_low", "value_central", "value_high"), amounts.said(found)):
            if value is not None:
                return f"Write {value:.12g} in {column}"
    return "Write digits only, with a point for decimals: 300000"


def word(text: str, names: Sequence[str]) -> str | Wrong:
    """One word of a list."""
    if text in names:
        return text
    return Wrong(listed(names), "Correct the spelling, or use one of these", nearest(text, names))
