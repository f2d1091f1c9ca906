"""Numbers as people write them in tables: marks about their digits, ranges, limits, ratios, codes for what is not known."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import Literal, NamedTuple

UNITS = {
    "k": 1_000, "thousand": 1_000, "tsd": 1_000, "m": 1_000_000, "mn": 1_000_000, "mln": 1_000_000, "mio": 1_000_000,
    "million": 1_000_000, "bn": 1_000_000_000, "billion": 1_000_000_000,
}  # fmt: skip
"""Words for thousands and more, in lower case."""

DIGITS = r"(?:\d+(?:\.\d*)?|\.\d+)"
FLAGS = re.IGNORECASE | re.ASCII
GROUPED = r"[1-9]\d{0,2}(?:[, ']\d{3})+(?:\.\d+)?|[1-9]\d?(?:,\d\d)+,\d{3}"  # the latter as in India: 1,25,000
PARTED = r"[1-9]\d{0,2}(?:\.\d{3})+,\d+|[1-9]\d{0,2}(?:\.\d{3}){2,}"  # points for thousands, and nothing else
DECIMAL = r"\d+(?:[.,]\d+)?|[.,]\d+"
AMOUNT = rf"(?:{GROUPED}|{PARTED}|{DECIMAL})(?:\s?(?:{'|'.join(sorted(UNITS, key=len, reverse=True))})\b\.?)?"
ONE = re.compile(rf"(?P<digits>{GROUPED}|{PARTED}|{DECIMAL})\s?(?P<unit>[a-z]*)\.?", FLAGS)
SPAN = re.compile(rf"(?:(?:between|from)\s+)?({AMOUNT})\s*(?:[-\u2012-\u2014]|\.\.|\bto\b|\band\b)\s*({AMOUNT})", FLAGS)
LIMITS = {
    "least": rf"(?:>=?|\u2265|over|more than|at least|above)\s*({AMOUNT})\+?|({AMOUNT})\s?(?:\+|or more)",
    "most": rf"(?:<=?|\u2264|up to|under|at most|fewer than|less than)\s*({AMOUNT})|({AMOUNT})\s(?:or fewer|or less)",
}
POINTED = re.compile(r"[1-9]\d{0,2}\.\d{3}", re.ASCII)
"""12.500: twelve and a half in one country, twelve thousand five hundred in the next."""
POINT_AND_DIGITS = 3
"""Decimals, at most, of a number whose point may have parted thousands before a program read it."""
CODE = re.compile(r"-(?:1|[6-9]|66+|77+|88+|99+)(?:\.0+)?", re.ASCII)
"""Negative numbers with which data sets write that something is not known."""
CODE_ABOVE = re.compile(r"(?:[6-9]|66+|77+|88+|99+)(?:\.0+)?", re.ASCII)
"""The same without a minus, where no number is so large."""

PEOPLE = "men|soldiers|troops|people|persons?|personnel|servicemen|dead|deaths|killed|wounded|missing|prisoners|pows|casualties"
MARKS = (
    ("the mark", re.compile(r"\s*(\[[^\[\]]*\]|[*?\u2020\u2021\u00a7\u00b6#]+|[\u00b9\u00b2\u00b3\u2070-\u2079]+)$")),
    ("the remark", re.compile(r"(?<=\S)\s*(\([^()]*\))$")),
    ("the word", re.compile(r"^(an estimated|estimated|est\.?|c\.|ca\.?|circa|approximately|approx\.?|about|around|roughly)"
                            r"\s*(?=[\d.])", re.IGNORECASE)),
    ("the sign", re.compile(r"^([~\u2248\u00b1])\s*")),
    ("the word", re.compile(r"(?<=[\d+])\s*,?\s*(estimated|est\.?|approximately|approx\.?)$", re.IGNORECASE)),
    ("the word", re.compile(rf"(?<=\S)\s+({PEOPLE})$", re.IGNORECASE)),
)  # fmt: skip
"""What stands before or after a number and is none of it, and what to call it."""


class Bare(NamedTuple):
    """A number without what stands about it."""

    text: str  # what is left, in plain characters
    marks: tuple[str, ...]  # what was taken away, in words


def bare(text: str) -> Bare:
    """A cell without footnote marks, remarks, words of doubt and of men; full-width digits and minus signs made plain.

    Args:
        text: the cell.

    Returns:
        What is left, and what was taken away.
    """
    marks: list[str] = []
    while (shorter := _shorter(text, marks)) != text:
        text = shorter
    plain = unicodedata.normalize("NFKC", text).replace("\u2212", "-").replace("\u2019", "'")
    return Bare(plain.strip(), tuple(marks))


def _shorter(text: str, marks: list[str]) -> str:
    """The text without the first mark in it, which is noted."""
    for name, pattern in MARKS:
        if match := pattern.search(text):
            marks.append(f"{name} {match[1]}")
            return (text[: match.start()] + text[match.end() :]).strip()
    return text


def worth(text: str, men: bool = False) -> float | None:
    """What a number with groups of thousands, a comma for decimals or a unit comes to.

    Args:
        text: a number, as 12,500 or 3,5 Mio.
        men: whether it counts men: then 12.500 is twelve thousand five hundred.

    Returns:
        The number; `None` where the text is none.
    """
    match = ONE.fullmatch(text)
    unit = match["unit"].lower() if match else ""
    if match is None or (unit and unit not in UNITS):
        return None
    digits = match["digits"]
    if re.fullmatch(GROUPED, digits, re.ASCII):
        digits = re.sub("[, ']", "", digits)
    elif re.fullmatch(PARTED, digits, re.ASCII) or (men and not unit and POINTED.fullmatch(digits)):
        digits = digits.replace(".", "")
    return round(float(digits.replace(",", ".")) * UNITS.get(unit, 1), 6)


def span(text: str, men: bool = False) -> tuple[float, float] | None:
    """The ends of a range: 5,000-7,000, 5 to 7 thousand.

    Args:
        text: a range.
        men: as in `worth`.

    Returns:
        The lower and the higher end; `None` where the text is no range from less to more.
    """
    match = SPAN.fullmatch(text)
    if not match:
        return None
    low, high = (worth(end, men) for end in match.groups())
    unit = re.search(r"[a-z]+\.?$", match[2], FLAGS)
    if unit and not re.search(r"[a-z]", match[1], FLAGS):
        scaled = worth(f"{match[1]} {unit[0]}")
        low = scaled if scaled is not None and high is not None and scaled <= high else low
    return (low, high) if low is not None and high is not None and low <= high else None


def limit(text: str, men: bool = False) -> tuple[Literal["least", "most"], float] | None:
    """A limit alone: >10 000, 12,000+, up to 500.

    Args:
        text: a limit.
        men: as in `worth`.

    Returns:
        Of which side, and the number; `None` where the text is no limit.
    """
    sides: tuple[Literal["least", "most"], ...] = ("least", "most")
    for side in sides:
        if match := re.fullmatch(LIMITS[side], text, FLAGS):
            value = worth(match[1] or match[2], men)
            return None if value is None else (side, value)
    return None


def pointed(text: str) -> str | None:
    """What to write for a number whose point may part thousands as well as decimals.

    Args:
        text: a number in digits.

    Returns:
        The cure; `None` where the point can only be one of decimals.
    """
    if not POINTED.fullmatch(text):
        return None
    return (
        f"A point may part thousands or decimals: write {text.replace('.', '')} or {float(text):g}, whichever is meant"
    )


def of_men(text: str) -> str | None:
    """What to write for a number of men whose point may have parted thousands: men are whole.

    Args:
        text: a number in digits, not negative; perhaps what a program made of it: 12.5 for 12.500.

    Returns:
        The cure; `None` where nothing is wrong with it.
    """
    value = float(text)
    if math.isclose(value, round(value), rel_tol=1e-12):
        return pointed(text)
    if POINTED.fullmatch(text):
        return f"Men are whole, so the point parts thousands: write {text.replace('.', '')}"
    if value >= 1000:
        return None  # an average of days or years: a point that parts thousands has three digits before it at most
    thousands, decimals = f"{value * 1000:.12g}", text.partition(".")[2].rstrip("0")
    if value < 1 or len(decimals) > POINT_AND_DIGITS or "e" in text.lower():
        return f"Men are whole: write {value:.0f}" if value >= 1 else "Men are whole: correct the number"
    return f"Men are whole: write {thousands} if thousands were parted there, else correct the number"


# --- Ratios of forces.

COUNTED = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
WORD = "|".join(COUNTED[1:])
IN_WORDS = re.compile(rf"\b({WORD})(?:\s+|-)to(?:\s+|-)({WORD})\b", re.IGNORECASE)
RATIO = re.compile(
    rf"(?<![\w.,:/-])(?P<low>{DIGITS})(?:\s*(?:-|\u2013|to)\s*(?P<high>{DIGITS}))?\+?\s*(?P<sign>:|to)\s*"
    rf"(?P<enemy>{DIGITS})(?![\w:/%+-]|[.,]\d)",
    re.ASCII,
)
ALONE = re.compile(rf"(?P<own>{DIGITS})(?:\s*(?P<percent>%)|\s*/\s*(?P<enemy>{DIGITS}))?", re.ASCII)
OUTNUMBERED = re.compile(r"(?:(?:heavily|badly|much)\s+)?outnumbered(?:\s+by)?(?:\s+(?:about|some))?\s*", re.IGNORECASE)
TURNING = re.compile(
    r"outnumber|inferior|superior|enem|foe|oppon|against|odds|favou?r|advantage|fewer|weaker|stronger|attacker|defender",
    re.IGNORECASE,
)
"""Words by which the other side may be the one that is named first."""
FIRST = "Write own men first: 1:3 where the enemy has three men for each of one's own, 3:1 where he has a third"


def ratio(text: str) -> float | str | None:
    """Own men to the enemy's, from words such as `~0.7:1 by Aug`, `outnumbered 3:1`, `150 %`, `1/2`, `three to one`.

    Args:
        text: a cell that is not empty.

    Returns:
        The ratio, of a range (`2-3:1`) the geometric mean, of `10+:1` its lower limit; `None` for words without a number; or,
        for numbers that are not clearly one ratio with own men first, what to do.
    """
    text = IN_WORDS.sub(lambda match: f"{_count(match[1])} to {_count(match[2])}", text.replace("\u2236", ":"))
    if re.fullmatch(r"\d{1,2}:\d\d:\d\d|\d{4}-\d\d-\d\d.*", text, re.ASCII):
        return "A spreadsheet made a time or a day of it: write the ratio as text, as 1:2"
    plain = text.lstrip("~\u2248 ").strip()
    if match := ALONE.fullmatch(plain.removesuffix("+")):
        own, enemy = float(match["own"]), 100.0 if match["percent"] else float(match["enemy"] or 1)
        return _quotient(own, enemy)
    matches = list(RATIO.finditer(text))
    if len({match[0].replace(" ", "") for match in matches}) > 1:
        return "Write one ratio, that of the whole army over its span, own men first"
    if not matches:
        return _without_ratio(text)
    value = _of_match(matches[0])
    before = text[: matches[0].start()].strip("~\u2248 ")
    if OUTNUMBERED.fullmatch(before) and isinstance(value, float):
        return min(value, 1 / value)
    return FIRST if TURNING.search(text) else value


def _count(word: str) -> int:
    return COUNTED.index(word.lower())


def _quotient(own: float, enemy: float) -> float | str:
    """Own men to the enemy's, if both are above 0 and the ratio is one of armies."""
    if own <= 0 or enemy <= 0 or not 1e-4 <= own / enemy <= 1e4:
        return "Write two numbers above 0, own men first"
    return own / enemy


def _of_match(match: re.Match[str]) -> float | str:
    """The ratio that was found in a text."""
    low, high, enemy = match["low"], match["high"], match["enemy"]
    parts = [part for part in (low, high, enemy) if part]
    if any(map(POINTED.fullmatch, parts)) and not all(map(POINTED.fullmatch, parts)):
        return "A point may part thousands or decimals: write both numbers without thousands parted"
    if match["sign"] == "to" and not high and "1" not in (low, enemy):
        return f"Write {low}:{enemy}, or {low}-{enemy}:1, whichever is meant"
    own = math.sqrt(float(low) * float(high)) if high else float(low)
    return _quotient(own, float(enemy))


def _without_ratio(text: str) -> str | None:
    """What to do about a text without a ratio; nothing where it has no number either."""
    if not re.search(r"\d", text):
        return None
    if CODE.fullmatch(bare(text).text):
        return f"Leave the cell empty where it is not known; {text} stands for that in many tables"
    return "Write own men to the enemy's, as ~0.8:1, with a point for decimals"
