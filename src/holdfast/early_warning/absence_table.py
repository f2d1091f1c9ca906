"""Counts of absence, week by week or month by month: of a user's own table. [IO]

A table has a row for each week (or month), and in it how many went absent; beside it perhaps how many men there were, and which
unit it is. With units, each has rows of its own, or a column of its own. A week that is not in the table, and a cell that is
empty, is not known: it is never zero.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from holdfast.core.faults import UNREADABLE, Fault, WarnError, is_readable, listed, shown
from holdfast.core.units import CALENDAR_MONTH_DAYS
from holdfast.tabular import cells, source
from holdfast.tabular.cells import Row, Wrong
from holdfast.tabular.source import Columns, Format, Grid

if TYPE_CHECKING:
    import pandas

Floats = npt.NDArray[np.float64]

WEEK, MONTH = "week", "month"
INTERVALS = (WEEK, MONTH)
DAYS = {WEEK: 7.0, MONTH: CALENDAR_MONTH_DAYS}
"""Length of a period [d]."""
PERIOD, COUNT, MEN, UNIT = "week", "absent", "men", "unit"
COLUMNS: Mapping[str, str] = {
    PERIOD: "the first day of the week as 2024-03-04, or 2024-W10; the month as 2024-03",
    COUNT: "how many went absent in it",
    MEN: "how many men there were, if known",
    UNIT: "the unit, where there are several",
}
"""Every column of a table of absence, and what it means."""
ALIASES = {
    **dict.fromkeys(("date", "day", "month", "period", "start", "week_start", "Week", "Date", "Month"), PERIOD),
    **dict.fromkeys(("awol", "AWOL", "count", "deserted", "desertions", "exits", "left", "cases", "absences"), COUNT),
    **dict.fromkeys(("strength", "present", "Strength"), MEN),
    **dict.fromkeys(("brigade", "regiment", "division", "battalion", "Unit"), UNIT),
}  # fmt: skip
FORMAT = Format(
    WarnError, table="a table of absence: a header, a row for each week or month",
    file=f"a file of counts ({', '.join(source.SUFFIXES)}) or the folder of a run", columns=(PERIOD, COUNT),
)  # fmt: skip
KNOWN = Columns(
    tuple(COLUMNS), (PERIOD,), aliases=ALIASES, unguessed=(MEN, UNIT),
    everywhere="the column; a table of absence needs week and absent",
)  # fmt: skip
ISO_WEEK = re.compile(r"(\d{4})-?W(\d{2})", re.ASCII)
MONTH_ALONE = re.compile(r"\d{4}-\d{2}", re.ASCII)
MOST_PERIODS = 5200
"""A century of weeks: a longer table has a slip in its dates."""


@dataclasses.dataclass(frozen=True)
class AbsenceSeries:
    """Exits of an army, period by period; what is not known is NaN."""

    name: str
    """Where it is from."""
    interval: str
    """`week` or `month`."""
    starts: tuple[dt.date, ...]
    """First day of each period."""
    counts: Floats
    """Exits, `[period]` [men]."""
    men: Floats
    """Men present, `[period]` [men]."""
    units: tuple[str, ...] = ()
    """Names of the units, where there are several."""
    unit_counts: Floats | None = None
    """Exits of each unit, `[unit, period]` [men]."""
    unit_men: Floats | None = None
    """Men of each unit, `[unit, period]` [men]."""
    notes: tuple[str, ...] = ()
    """What was done to read it, in sentences without a full stop."""
    scale: float = 1.0
    """Men that each count stands for: 1 but in coarse simulations, where men leave by the billet."""

    @property
    def days(self) -> float:
        """Length of a period [d]."""
        return DAYS[self.interval]

    def when(self, place: int) -> str:
        """A period in words.

        Args:
            place: its index.

        Returns:
            As `the week of 4 March 2024`, or `March 2024`.
        """
        start = self.starts[place]
        return f"{start:%B %Y}" if self.interval == MONTH else f"the week of {start.day} {start:%B %Y}"

    def __len__(self) -> int:
        """How many periods there are, the missing among them."""
        return len(self.starts)


class _Period(NamedTuple):
    """A cell that names a period."""

    day: dt.date  # its first day
    month: bool  # whether a month was written


def read(table: str | Path | pandas.DataFrame, interval: str | None = None) -> AbsenceSeries:
    """The series of a table.

    Args:
        table: path of a CSV file, a Parquet file or a spreadsheet, or a DataFrame; its columns are `COLUMNS`.
        interval: `week` or `month`; read from the dates unless given.

    Returns:
        The series, with every period from the first to the last.

    Raises:
        WarnError: with every fault of the table.
    """
    matched = source.matched(source.grid(table, FORMAT), KNOWN, FORMAT)
    grid, faults, notes = matched.grid, list(matched.faults), list(matched.notes)
    names: tuple[str, ...] = ()
    if COUNT not in grid.header and not faults:
        grid, names = _wide(grid, matched.unused, faults, notes)
    elif matched.unused:
        notes.append(f"nothing was read from {listed(matched.unused)}")
    rows = cells.rows(grid, PERIOD, {*COLUMNS, *names})
    counted = names or (COUNT,)
    for row in rows:
        row.take(PERIOD, _period)
        for column in counted:
            row.take(column, _men)
        row.take(MEN, lambda text: _men(text, above="a number above 0, or an empty cell"))
        row.take(UNIT, str)
    if not rows and not faults:
        faults.append(Fault("the table", "no row", "a row for each week or month", "Add rows"))
    kind = _interval(rows, interval, faults)
    if not faults:
        _check_order(rows, kind)
    if not faults and not any(row.faults for row in rows):
        _check_enough(rows, counted, faults)
    cells.refuse(WarnError, grid.name, faults, rows)
    title = "; ".join([grid.name, *grid.notes])
    return _of_rows(title, rows, kind, names, tuple(notes))


def _wide(grid: Grid, unused: Sequence[str], faults: list[Fault], notes: list[str]) -> tuple[Grid, tuple[str, ...]]:
    """A table with a column for each unit, or with a single column of counts under a name of its own."""
    if not unused:
        faults.append(Fault(f"the header, column {COUNT}", "nothing", KNOWN.everywhere, "Add it"))
        return grid, ()
    if len(unused) == 1:
        notes.append(f"{shown(unused[0])} is read as the count of those who went absent")
        return grid._replace(header=tuple(COUNT if name == unused[0] else name for name in grid.header)), ()
    notes.append(f"a column for each of {len(unused)} units")
    return grid, tuple(unused)


def _period(text: str) -> _Period | Wrong:
    """The first day of a week or a month."""
    allowed = "the first day of a week as 2024-03-04, a week as 2024-W10, or a month as 2024-03"
    if week := ISO_WEEK.fullmatch(text):
        try:
            day = dt.date.fromisocalendar(int(week[1]), int(week[2]), 1)
            return (
                _Period(day, False)
                if is_readable(day)
                else Wrong(allowed, f"Correct the year: {UNREADABLE[0]} is read")
            )
        except ValueError:
            return Wrong(allowed, "There is no such week; correct it")
    read = cells.day(text, allowed, example="2024-03-04", part="first")
    return read if isinstance(read, Wrong) else _Period(read, bool(MONTH_ALONE.fullmatch(text)))


def _men(text: str, above: str | None = None) -> float | Wrong | None:
    """A count of men; nothing for a word that says nothing."""
    if text.lower() in cells.NOTHING:
        return None
    allowed = above or "a number, 0 or more, or an empty cell for a week that is not known"
    return cells.number(text, allowed, above=above, men=True)


def _interval(rows: Sequence[Row], given: str | None, faults: list[Fault]) -> str:
    """Whether the periods are weeks or months."""
    if given is not None and given not in INTERVALS:
        faults.append(Fault("interval", shown(given), listed(INTERVALS), "Give one of them, or leave it out"))
    periods = [row.value(PERIOD) for row in rows if row.value(PERIOD)]
    days = sorted({each.day for each in periods})
    apart = {(later - day).days for day, later in zip(days, days[1:])}
    if given in INTERVALS:
        return str(given)
    if periods and all(each.month for each in periods):
        return MONTH
    if days and not any(gap % 7 for gap in apart):
        return WEEK
    if days and (len({day.day for day in days}) == 1 or min(apart) >= 28):
        return MONTH
    if apart and min(apart) == 1:
        cure = "Add the days up to weeks, and give each week its first day"
        faults.append(Fault("the table, column week", "days that follow each other", "weeks or months", cure))
    return WEEK


def _index(day: dt.date, first: dt.date, interval: str) -> int | None:
    """Number of the period that begins on a day; nothing where none does."""
    if interval == MONTH:
        return (day.year - first.year) * 12 + day.month - first.month
    weeks, rest = divmod((day - first).days, 7)
    return None if rest else weeks


def _check_order(rows: Sequence[Row], interval: str) -> None:
    """Note periods that stand twice, that are out of order, and that lie between two weeks."""
    cells_far = [row for row in rows if row.value(PERIOD)]
    latest: dict[str, tuple[int, Row]] = {}
    parted = any(row.text(UNIT) for row in rows)
    first = min((row.value(PERIOD).day for row in cells_far), default=None)
    for row in rows:
        period = row.value(PERIOD)
        if period is None:
            if not row.text(PERIOD) and row.whole:
                row.fault(PERIOD, COLUMNS[PERIOD], "Fill the cell in, or remove the row")
            continue
        assert first is not None
        if parted and not row.text(UNIT):
            row.fault(UNIT, "the name of a unit in every row, or in none", "Fill the cell in")
            continue
        number, unit = _index(period.day, first, interval), row.text(UNIT)
        if number is None:
            row.fault(PERIOD, f"a whole number of weeks after {first}", "Correct the day, or give --interval month")
            continue
        if number > MOST_PERIODS:
            row.fault(PERIOD, f"a day within {MOST_PERIODS} periods of {first}", "Correct the year")
            continue
        before = latest.get(unit)
        if before and number == before[0]:
            of = f" of unit {unit}" if unit else ""
            row.fault(PERIOD, f"each {interval}{of} once; row {before[1].number} has it too", "Remove or correct one")
        elif before and number < before[0]:
            allowed = f"a {interval} after that of row {before[1].number} ({before[1].text(PERIOD)})"
            row.fault(PERIOD, allowed, "Sort the rows by date, the oldest first")
        else:
            latest[unit] = (number, row)


def _check_enough(rows: Sequence[Row], counted: Sequence[str], faults: list[Fault]) -> None:
    """Refuse a series of one period, and one without a count."""
    periods = {row.value(PERIOD).day for row in rows}
    if len(periods) == 1:
        content = f"one period alone ({rows[0].text(PERIOD)})"
        faults.append(Fault("the table", content, "a series: two periods or more", "Add the periods before it"))
    elif not any(row.value(column) is not None for row in rows for column in counted):
        faults.append(Fault(f"column {counted[0]}", "no number in any row", "counts", "Fill in those that are known"))


def _of_rows(
    name: str, rows: Sequence[Row], interval: str, wide: Sequence[str], notes: tuple[str, ...]
) -> AbsenceSeries:
    """Sound rows as a series."""
    first, last = (end(row.value(PERIOD).day for row in rows) for end in (min, max))
    many = (_index(last, first, interval) or 0) + 1
    units = tuple(wide) or tuple(dict.fromkeys(row.text(UNIT) for row in rows if row.text(UNIT)))
    counts, men = (np.full((max(len(units), 1), many), np.nan) for _ in range(2))
    for row in rows:
        place = _index(row.value(PERIOD).day, first, interval)
        columns = wide or (COUNT,)
        for number, column in enumerate(columns):
            unit = number if wide or not row.text(UNIT) else units.index(row.text(UNIT))
            counts[unit, place] = _or_nan(row.value(column))
        if not wide:
            men[units.index(row.text(UNIT)) if row.text(UNIT) else 0, place] = _or_nan(row.value(MEN))
    whole_men = np.array([_or_nan(None)] * many)
    if wide:
        for row in rows:
            whole_men[_index(row.value(PERIOD).day, first, interval)] = _or_nan(row.value(MEN))
    several = len(units) > 1
    if several and (partly := int((np.isnan(counts).any(axis=0) & ~np.isnan(counts).all(axis=0)).sum())):
        notes = (*notes, f"in {partly} periods a unit is not known, so that the sum of all is not known either")
    return AbsenceSeries(
        name=name, interval=interval, starts=_starts(first, many, interval), counts=counts.sum(axis=0),
        men=whole_men if wide else men.sum(axis=0), units=units if several else (),
        unit_counts=counts if several else None,
        unit_men=men if several and np.isfinite(men).any() else None, notes=notes,
    )  # fmt: skip


def _starts(first: dt.date, many: int, interval: str) -> tuple[dt.date, ...]:
    """First days of so many periods."""
    if interval == WEEK:
        return tuple(first + dt.timedelta(weeks=number) for number in range(many))
    months = (first.year * 12 + first.month - 1 + number for number in range(many))
    return tuple(dt.date(month // 12, month % 12 + 1, 1) for month in months)


def _or_nan(value: float | None) -> float:
    """A number, or NaN where there is none."""
    return math.nan if value is None else float(value)
