"""Cells and rows of a table: a number, a share, a day, a word of a list, a code, a flag, a ratio, or what is wrong with it.

Each reader of a cell takes its stripped text, which is not empty, and gives its value, or `Wrong` with what is allowed there
and the cure. The sentences of faults are parameters; their defaults are those of coded armies. A `Row` gathers the values
and the faults of its cells.
"""

from __future__ import annotations

import calendar
import datetime as dt
import math
import re
import statistics
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from holdfast.core.faults import UNREADABLE, Fault, FaultyError, fewer, is_readable, listed, nearest, shown
from holdfast.tabular import numerals
from holdfast.tabular.source import Grid

MOST = 1e9
"""More than this nothing here comes to; such a number slipped a digit."""

NOTHING = (
    "na", "n/a", "n.a.", "#n/a", "nan", "none", "null", "nil", "-", "--", "\u2013", "\u2014", ".", "..", "...", "\u2026", "?",
    "unknown", "not known", "no data", "nd", "n.d.",
)  # fmt: skip
"""Words for nothing, in lower case."""

FIRST_SERIAL = dt.date(1899, 12, 30)
"""Where spreadsheets begin to count days."""

EMPTY, STANDS = "Leave the cell empty where it is not known", "stands for that in many tables"

PLAIN = re.compile(rf"[+-]?{numerals.DIGITS}(?:[eE][+-]?\d+)?", re.ASCII)
ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
PART = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", re.ASCII)
FLAGS = {"0": False, "no": False, "false": False, "1": True, "yes": True, "true": True}

Part = Literal["first", "last"]
"""Which day of a month or a year stands for it."""


class Wrong(NamedTuple):
    """What a fault says of a cell, besides where it is and what it holds."""

    allowed: str  # what the cell may hold
    cure: str  # what to do
    suggestion: str | None = None  # what was probably meant


@dataclass(frozen=True)
class Cures:
    """What to do about a cell that holds no number that is allowed."""

    nothing: str = EMPTY  # for a word that means nothing
    infinite: str = "Write a finite number, or leave the cell empty"  # for a word that means infinity
    overflow: str = "Correct the digits"  # for digits of a number too large for any machine
    negative: str = "Write the number without a minus"  # for a number below 0
    large: str = "Correct the digits"  # for a number above the largest that is taken
    other: str = "Write digits only, with a point for decimals: 300000"  # for all else
    span: str = "Write one number from {low} to {high}, as {middle}"  # for a range
    least: str = "Write {value} if it is the best that is known; a limit alone has no place here"  # for a lower limit
    most: str = "Write {value} if it is the best that is known; a limit alone has no place here"  # for an upper limit
    guess: Callable[[str], str | None] = lambda text: None
    """Tried last: a cure for words that only this table has, if it knows one."""


CURES = Cures()


def _plain(text: str) -> float | None:
    """A number in digits, with a point and an exponent perhaps; `None` for anything else."""
    return float(text) if PLAIN.fullmatch(text) else None


def number(
    text: str, allowed: str, *, most: float = MOST, cures: Cures = CURES, above: str | None = None, men: bool = False
) -> float | Wrong:
    """A number that is finite, not negative and not too large.

    Args:
        text: the cell.
        allowed: what it may hold.
        most: the largest number that is taken.
        cures: what to do otherwise.
        above: what it may hold, where 0 is not taken and it holds that.
        men: whether it counts men: a point that may part thousands is a fault.

    Returns:
        The number, or what is wrong.
    """
    value = _plain(text)
    if value is None:
        return Wrong(allowed, number_cure(text, cures, men))
    if not math.isfinite(value):
        return Wrong(allowed, cures.overflow)
    if value < 0:
        return Wrong(allowed, _below_0(text, cures))
    if value == 0 and above is not None:
        return Wrong(above, cures.nothing)
    if men and (cure := numerals.of_men(text)):
        return Wrong(allowed, cure)
    return value if value <= most else Wrong(allowed, cures.large)


def _below_0(text: str, cures: Cures) -> str:
    """What to do about a number below 0, which may be a code for one that is not known."""
    return f"{cures.nothing}; {text} {STANDS}" if numerals.CODE.fullmatch(text) else cures.negative


def number_cure(text: str, cures: Cures = CURES, men: bool = False) -> str:
    """What to write in place of something that is no number that is taken.

    Args:
        text: the cell, which is not empty.
        cures: what to do in each case.
        men: whether it counts men.

    Returns:
        The cure.
    """
    if text.lower().strip("+-") in ("inf", "infinity"):
        return cures.infinite
    plain, marks = numerals.bare(text)
    if text.lower() in NOTHING or plain.lower() in ("", *NOTHING):
        return cures.nothing
    cure = _in_digits(plain, cures, men)
    if cure is None or not marks:
        return cure or cures.other
    return f"Leave out {listed(marks)}: {cure[0].lower()}{cure[1:]}"


def _in_digits(text: str, cures: Cures, men: bool) -> str | None:
    """What to write in place of a number as people write it; `None` where it is none."""
    value = _plain(text)
    if value is not None and value < 0:
        return _below_0(text, cures)
    if value is not None:
        return (numerals.of_men(text) if men else None) or f"Write {text}"
    if text.endswith("%") and (share := _plain(text[:-1].strip())) is not None:
        return f"Write {share / 100:g}"
    if ends := numerals.span(text, men):
        low, high, middle = (f"{each:.12g}" for each in (*ends, sum(ends) / 2))
        return cures.span.format(low=low, high=high, middle=middle)
    if limit := numerals.limit(text, men):
        return {"least": cures.least, "most": cures.most}[limit[0]].format(value=f"{limit[1]:.12g}")
    if (value := numerals.worth(text, men)) is not None:
        written = f"{value:.0f}" if men and value >= 1000 else f"{value:.12g}"
        return (numerals.of_men(written) if men else None) or f"Write {written}"
    return cures.guess(text)


def share(
    text: str, allowed: str, *, most: float = 1.0, cures: Cures = CURES, large: str = "Correct the digits"
) -> float | Wrong:
    """A share, as a part of 1.

    Args:
        text: the cell.
        allowed: what it may hold.
        most: the largest share that is taken: gross shares pass 1 where men were replaced.
        cures: what to do where there is no number.
        large: what to do about a number that is no percentage either.

    Returns:
        The share, or what is wrong; one written in per cent with the share to write.
    """
    value = number(text, allowed, most=math.inf, cures=cures)
    if isinstance(value, Wrong) or value <= most:
        return value
    return Wrong(allowed, f"Write {value / 100:g} for {value:g} %" if value <= 100 * most else large)


def day(
    text: str,
    allowed: str,
    *,
    example: str,
    part: Part | None = None,
    nothing: str | None = None,
    guess: Callable[[str], str | None] = lambda text: None,
) -> dt.date | Wrong:
    """A day, as 1917-03-15.

    Args:
        text: the cell.
        allowed: what it may hold.
        example: a day for the cure.
        part: whether a month or a year alone stands for its first or its last day; neither is taken unless given.
        nothing: what to do about a word that means nothing; the same as about others unless given.
        guess: a cure for other ways of writing a day, if it knows one.

    Returns:
        The day, or what is wrong.
    """
    match = (PART if part else ISO).fullmatch(text)
    if match:
        year, month, number = (int(each) if each else None for each in match.groups())
        try:
            day = _day(year or 0, month, number, last=part == "last")
            return day if is_readable(day) else Wrong(allowed, f"Correct the year: {UNREADABLE[0]} is read")
        except (ValueError, calendar.IllegalMonthError):
            return Wrong(allowed, "There is no such day; correct it")
    if nothing is not None and text.lower() in NOTHING:
        return Wrong(allowed, nothing)
    midnight = re.fullmatch(r"(\d{4}-\d{2}-\d{2})[T ][\d:.+Z-]+", text, re.ASCII)
    if midnight and _iso(midnight[1]):
        return Wrong(allowed, f"Write {midnight[1]}")
    if re.fullmatch(r"\d{5}(\.0)?", text, re.ASCII):
        serial = FIRST_SERIAL + dt.timedelta(int(float(text)))
        return Wrong(allowed, f"A spreadsheet wrote its own count of days: write {serial}")
    return Wrong(allowed, guess(text) or f"Write year, month and day: {example}")


def _day(year: int, month: int | None, number: int | None, last: bool) -> dt.date:
    """The day; of a month or a year alone the first or the last."""
    if month is None:
        month = 12 if last else 1
    if number is None:
        number = calendar.monthrange(year, month)[1] if last else 1
    return dt.date(year, month, number)


def _iso(text: str) -> dt.date | None:
    """A day as 2023-11-15 and in no other way."""
    try:
        return dt.date.fromisoformat(text) if ISO.fullmatch(text) else None
    except ValueError:
        return None


def word(text: str, names: Sequence[str]) -> str | Wrong:
    """One word of a list.

    Args:
        text: the cell.
        names: the list.

    Returns:
        The word, or what is wrong, with the word that was probably meant.
    """
    if text in names:
        return text
    if text.lower() in NOTHING or numerals.CODE.fullmatch(text):
        return Wrong(listed(names), "Use one of these; where the cell may be empty, leave it so for not known")
    return Wrong(listed(names), "Correct the spelling, or use one of these", nearest(text, names))


def code(text: str) -> int | Wrong:
    """A code of a coded army: 0, 1 or 2; a table program's 1.0 will do.

    Args:
        text: the cell.

    Returns:
        The code, or what is wrong.
    """
    allowed = "0, 1 or 2, or an empty cell where it is not known"
    if text.lower() in NOTHING:
        return Wrong(allowed, EMPTY)
    value = _plain(text)
    if value in (0, 1, 2):
        return int(value)
    if _stands_for_unknown(text):
        return Wrong(allowed, f"{EMPTY}; {text} {STANDS}")
    if value is None or not math.isfinite(value):
        return Wrong(allowed, "Write 0 for absent, 1 for some, 2 for strong")
    if 0 < value < 2:
        return Wrong(allowed, "Write a whole number; there is nothing between the codes")
    return Wrong(allowed, "Write 0 where it is absent; 2 is the strongest")


def flag(text: str) -> bool | Wrong:
    """Yes or no: one of `FLAGS`.

    Args:
        text: the cell.

    Returns:
        The answer, or what is wrong.
    """
    word = text.lower().removesuffix(".0")
    if word in FLAGS:
        return FLAGS[word]
    allowed = "1 for yes or 0 for no, or an empty cell where it is not known"
    if _stands_for_unknown(text):
        return Wrong(allowed, f"{EMPTY}; {text} {STANDS}")
    return Wrong(allowed, EMPTY if word in NOTHING else "Write 1 or 0")


def _stands_for_unknown(text: str) -> bool:
    """Whether a number, where only a code of a few may stand, is one that data sets write for not known."""
    plain = numerals.bare(text).text
    return bool(numerals.CODE.fullmatch(plain) or numerals.CODE_ABOVE.fullmatch(plain))


def ratio(text: str) -> float | None | Wrong:
    """Own men to the enemy's, from words such as `~0.7:1 by Aug`.

    Args:
        text: the cell.

    Returns:
        The ratio in the words, as `numerals.ratio` reads it; `None` for words without a number, which are allowed and give no
        ratio; or what is wrong.
    """
    allowed = "own men to the enemy's, as ~0.8:1 or 2-3:1, words about it if wanted, or an empty cell"
    if text.lower().strip("+-~ ") in ("", *NOTHING, "inf"):
        return Wrong(allowed, EMPTY)
    value = numerals.ratio(text)
    return Wrong(allowed, value) if isinstance(value, str) else value


# --- Rows.

Reader = Callable[[str], Any]
"""From the stripped text of a cell to its value, to `None` where it says nothing, or to `Wrong`."""


@dataclass
class Row:
    """One row of a table."""

    number: int  # the line on which it begins
    cells: Mapping[str, str]  # their text by column, to the letter
    key: str  # the column that names the row
    values: dict[str, Any] = field(default_factory=dict)  # those of sound cells that are not empty, by column
    faults: list[Fault] = field(default_factory=list)  # what is wrong with it
    whole: bool = True  # whether it has as many cells as the header
    read: int = 0  # cells of which more than their text was read

    @property
    def place(self) -> str:
        """Where it stands, as `row 12 (RU-K049)`."""
        name = self.text(self.key)
        return f"row {self.number} ({name})" if name else f"row {self.number}"

    def text(self, column: str) -> str:
        """The text of a cell.

        Args:
            column: where.

        Returns:
            The text without blanks around it; empty where the table has no such column.
        """
        return self.cells.get(column, "").strip()

    def value(self, column: str) -> Any:
        """The value of a cell.

        Args:
            column: where.

        Returns:
            What was read of it; `None` where it is empty or not sound.
        """
        return self.values.get(column)

    def fault(self, column: str, allowed: str, cure: str, meant: str | None = None) -> None:
        """Note what is wrong with a cell.

        Args:
            column: where.
            allowed: what it may hold.
            cure: what to do.
            meant: what was probably meant.
        """
        place, content = f"{self.place}, column {column}", shown(self.text(column) or None)
        self.faults.append(Fault(place, content, allowed, cure, meant))

    def take(self, column: str, reader: Reader) -> None:
        """Read a cell that is not empty: hold its value, or note a fault.

        Args:
            column: where.
            reader: what reads it.
        """
        text = self.text(column)
        if not text:
            return
        value = reader(text)
        if isinstance(value, Wrong):
            self.fault(column, value.allowed, value.cure, value.suggestion)
        elif value is not None:
            self.values[column] = value
            self.read += reader is not str


def rows(grid: Grid, key: str, known: Collection[str] | None = None, required: Collection[str] = ()) -> list[Row]:
    """The rows of a table; one with more or fewer cells than the header has that fault, and is not `whole`.

    Nor is one that lacks two thirds of what is required: a total or a footnote, told in one fault.

    Args:
        grid: the table, under its columns' own names.
        key: the column that names a row.
        known: columns to take; all that have a name unless given.
        required: columns with a word in every row.

    Returns:
        A row for each, in order.
    """
    every = [_row(number, cells, grid.header, key, known) for number, cells in grid.rows]
    _blame_header(every, grid)
    needed = [column for column in required if column in grid.header]
    for row in every:
        empty = [column for column in needed if not row.text(column)]
        if row.whole and len(empty) * 3 >= 2 * len(needed) > 0:
            text = next((cell.strip() for cell in row.cells.values() if cell.strip()), "")
            cure = "Remove the row if it is a total or a footnote; else fill these cells"
            row.faults.append(Fault(row.place, f"{shown(text)} and nothing in {listed(empty)}", "a whole row", cure))
            row.whole = False
    return every


def _row(number: int, cells: Sequence[str], header: Sequence[str], key: str, known: Collection[str] | None) -> Row:
    while len(cells) > len(header) and not cells[-1].strip():
        cells = cells[:-1]
    taken = set(header) - {""} if known is None else known
    row = Row(number, {name: cell for name, cell in zip(header, cells) if name in taken}, key)
    if len(cells) != len(header):
        cure = "Put text that has a comma between quotation marks; leave no cell out"
        content, allowed = f"{len(cells)} cells", f"{len(header)} cells, as the header has"
        row.faults.append(Fault(row.place, content, allowed, cure))
        row.whole = False
    return row


def _blame_header(every: Sequence[Row], grid: Grid) -> None:
    """Where all rows have as many cells as one another and not as the header, one fault, which is the header's."""
    counts = {len(cells) for _, cells in grid.rows}
    if len(every) < 2 or len(counts) > 1 or any(row.whole for row in every):
        return
    place = f"the header (row {max(every[0].number - 1, 1)})"
    allowed = f"{counts.pop()} cells, as each of the {len(every):,} rows below it has"
    cure = "Complete the header; leave no name out"
    every[0].faults = [Fault(place, f"{len(grid.header)} cells", allowed, cure)]
    for row in every[1:]:
        row.faults = []


def distinct(every: Iterable[Row], what: str = "a name of its own", beside: str = "") -> None:
    """Note the rows whose name another row has before them.

    Args:
        every: rows in order.
        what: what the name is to be.
        beside: a column that parts rows of one name; none unless given.
    """
    first: dict[tuple[str, str], int] = {}
    for row in every:
        name = (row.text(row.key), row.text(beside) if beside else "")
        if name in first:
            row.fault(row.key, f"{what}; row {first[name]} has it too", "Change or remove one")
        elif name[0]:
            first[name] = row.number


MOST_YEARS_AWAY = 60
"""A day further than this from the middle of its table's days has a slip of the pen in its year; no war here is so long."""


def middle(days: Collection[dt.date]) -> dt.date | None:
    """The middle of days.

    Args:
        days: any days.

    Returns:
        The median, of two in the middle the earlier; `None` where there is none.
    """
    return statistics.median_low(days) if days else None


def far(day: dt.date, middle: dt.date) -> bool:
    """Whether a day is too far from the others to be of their war.

    Args:
        day: any.
        middle: the middle of its table's days.

    Returns:
        Whether it is further than `MOST_YEARS_AWAY`.
    """
    return abs(day.year - middle.year) > MOST_YEARS_AWAY


def far_days(every: Sequence[Row], columns: Collection[str]) -> None:
    """Note days that lie far from the others of their table, and hold them for unread.

    Args:
        every: rows of one war.
        columns: those whose days belong to the war.
    """
    days = [row.value(column) for row in every for column in columns if row.value(column)]
    centre = middle(days) or dt.date.min
    apart = sum(far(day, centre) for day in days)
    allowed = f"a day within {MOST_YEARS_AWAY} years of {centre}, the middle of the table's days"
    for column in columns:
        near = middle([day for row in every if (day := row.value(column)) and not far(day, centre)])
        for row in every:
            day = row.value(column)
            if day is not None and far(day, centre):
                meant = _in_year(day, near.year) if near and 2 * apart < len(days) - 1 else None
                row.fault(column, allowed, "Correct the year, here or in the others", meant)
                del row.values[column]


def _in_year(day: dt.date, year: int) -> str:
    """The same day in another year."""
    return f"{year:04}-{day.month:02}-{min(day.day, calendar.monthrange(year, day.month)[1]):02}"


SECOND_HEADER = 3
"""Cells that must be wrong, at least, in a first row that is no row but a second header."""


def refuse(error: type[FaultyError], name: str, faults: Sequence[Fault], every: Iterable[Row]) -> None:
    """Raise every fault of a table, if there is any.

    Args:
        error: the kind of error.
        name: the table's.
        faults: those of the table as a whole, which come first.
        every: rows in order, with theirs.

    Raises:
        FaultyError: of that kind, with all faults; a second header is one, and so are the many rows with the same fault.
    """
    rows = list(every)
    if rows and rows[0].whole and not rows[0].read and len(rows[0].faults) >= SECOND_HEADER:
        words = shown(listed(text for cell in rows[0].cells.values() if (text := cell.strip())))
        allowed = "a row with values, below one header alone"
        rows[0].faults = [Fault(f"row {rows[0].number}", words, allowed, "Remove it, if it is a second header row")]
    every_fault = [*faults, *fewer([fault for row in rows for fault in row.faults])]
    if every_fault:
        raise error(every_fault, name)
