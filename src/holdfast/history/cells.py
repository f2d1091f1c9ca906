"""What one cell of a file of cases may hold: a code, a number, a day, yes or no, a ratio; or what to do about it."""

from __future__ import annotations

import calendar
import datetime as dt
import math
import re
from typing import NamedTuple

from holdfast.history.coded import LEVELS

MOST = 1e9
"""More than this nothing here comes to; such a number slipped a digit."""

MOST_SHARE = 10.0
"""Gross shares pass 1 where men were replaced, by less than this; above it a share was written in per cent."""

NOTHING = ("na", "n/a", "nan", "none", "null", "-", "--", "?", "unknown", "nil")
DIGITS = r"(?:\d+(?:\.\d*)?|\.\d+)"
PLAIN = re.compile(rf"[+-]?{DIGITS}(?:[eE][+-]?\d+)?", re.ASCII)
RATIO = re.compile(
    rf"(?<![\w.,:-])(?P<low>{DIGITS})(?:\s*(?:-|\u2013|to)\s*(?P<high>{DIGITS}))?\s*:\s*(?P<enemy>{DIGITS})(?![\w:])",
    re.ASCII,
)
DAY = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", re.ASCII)
FLAG_WORDS = {"0": False, "no": False, "false": False, "1": True, "yes": True, "true": True}
EMPTY = "Leave the cell empty where it is not known"


class Wrong(NamedTuple):
    """What a fault says of a cell, besides where it is and what was found there."""

    allowed: str
    cure: str


def code(text: str) -> int | Wrong:
    """A code: 0, 1 or 2. A table program's 1.0 will do."""
    allowed = "0, 1 or 2, or an empty cell where it is not known"
    if text.lower() in NOTHING:
        return Wrong(allowed, EMPTY)
    value = float(text) if PLAIN.fullmatch(text) else None
    if value in LEVELS:
        return int(value)
    if value is None or not math.isfinite(value):
        return Wrong(allowed, "Write 0 for absent, 1 for some, 2 for strong")
    if 0 < value < 2:
        return Wrong(allowed, "Write a whole number; there is nothing between the codes")
    return Wrong(allowed, "Write 0 where it is absent; 2 is the strongest")


def number(text: str) -> float | Wrong:
    """A number that is finite and not negative."""
    allowed = f"a number in digits, 0 to {MOST:.0f}, or an empty cell"
    if not PLAIN.fullmatch(text):
        return Wrong(allowed, _about_number(text))
    value = float(text)
    if value < 0:
        return Wrong(allowed, "Write the number without a minus")
    if not math.isfinite(value) or value > MOST:
        return Wrong(allowed, "Correct the digits")
    return value


def above(text: str) -> float | Wrong:
    """A number above 0: there is no army of no men, and no span of no days."""
    value = number(text)
    if value == 0:
        return Wrong(f"a number above 0, to {MOST:.0f}, or an empty cell", EMPTY)
    return value


def _about_number(text: str) -> str:
    """What to write in place of something that is no number."""
    if text.lower() in NOTHING:
        return EMPTY
    if text.lower().strip("+-") in ("inf", "infinity"):
        return "Write a finite number, or leave the cell empty"
    if re.fullmatch(r"\d{1,3}(?:[, ']\d{3})+(?:\.\d+)?", text, re.ASCII):
        return f"Write {re.sub('[, ]', '', text).replace(chr(39), '')}"
    if re.fullmatch(r"\d+,\d{1,2}", text, re.ASCII):
        return f"Write {text.replace(',', '.')}"
    if text.endswith("%") and PLAIN.fullmatch(bare := text[:-1].strip()):
        return f"Write {float(bare) / 100:g}"
    return "Write digits only, with a point for decimals: 300000"


def share(text: str) -> float | Wrong:
    """A share of the army's strength, gross."""
    allowed = f"a share of the strength, 0 to {MOST_SHARE:g}, or an empty cell"
    value = number(text)
    if isinstance(value, Wrong):
        return Wrong(allowed, value.cure)
    if value > MOST_SHARE:
        cure = f"Write {value / 100:g} for {value:g} %" if value <= 100 * MOST_SHARE else "Correct the digits"
        return Wrong(allowed, cure)
    return value


def day(text: str, last: bool = False) -> dt.date | Wrong:
    """A day, as 1917-03-15; of a month or a year alone the first day, or the last."""
    allowed = "a day as 1917-03-15, a month as 1917-03, a year as 1917, or an empty cell"
    found = DAY.fullmatch(text)
    if not found:
        midnight = re.fullmatch(r"(\d{4}-\d{2}-\d{2})[T ][\d:.+Z-]+", text, re.ASCII)
        if text.lower() in NOTHING:
            return Wrong(allowed, EMPTY)
        return Wrong(allowed, f"Write {midnight[1]}" if midnight else "Write year, month and day: 1917-03-15")
    month, number = (int(part) if part else None for part in found.groups()[1:])
    try:
        if month is None:
            month = 12 if last else 1
        if number is None:
            number = calendar.monthrange(int(found[1]), month)[1] if last else 1
        return dt.date(int(found[1]), month, number)
    except (ValueError, calendar.IllegalMonthError):
        return Wrong(allowed, "There is no such day; correct it")


def flag(text: str) -> bool | Wrong:
    """Yes or no."""
    word = text.lower().removesuffix(".0")
    if word in FLAG_WORDS:
        return FLAG_WORDS[word]
    return Wrong(
        "1 for yes or 0 for no, or an empty cell where it is not known", EMPTY if word in NOTHING else "Write 1 or 0"
    )


def ratio(text: str) -> float | None | Wrong:
    """Own men to the enemy's, from words such as `~0.7:1 by Aug`: the first ratio in them, a number alone, or none.

    Of a range, as `2-3:1`, the geometric mean. Words without a colon and digits, as `parity unclear`, are allowed
    and say nothing that can be reckoned with.
    """
    allowed = "own men to the enemy's, as ~0.8:1 or 2-3:1, words about it if wanted, or an empty cell"
    bare = text.lstrip("~\u2248 ").strip()
    if PLAIN.fullmatch(bare):
        own, enemy = float(bare), 1.0
    elif found := RATIO.search(text):
        low, enemy = float(found["low"]), float(found["enemy"])
        own = math.sqrt(low * float(found["high"])) if found["high"] else low
    elif re.search(r"\d\s*:|:\s*\d", text):
        return Wrong(allowed, "Write it as ~0.8:1, with a point for decimals")
    else:
        return Wrong(allowed, EMPTY) if text.lower().strip("+-~ ") in (*NOTHING, "inf") else None
    if own <= 0 or enemy <= 0 or not 1e-4 <= own / enemy <= 1e4:
        return Wrong(allowed, "Write two numbers above 0, own men first")
    return own / enemy
