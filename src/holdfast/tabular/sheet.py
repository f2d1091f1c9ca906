"""A file of fixed form, read column by column into arrays, its faults gathered; for public data sets. [IO]"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from holdfast.core.faults import DataError, Fault, fewer
from holdfast.io import files
from holdfast.tabular import cells, numerals, source

CURE = "Correct the file, or fetch it again"
THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+")
NOTHING = ("", "NA")
"""Cells that say nothing."""
MOST_EARLY = 3
"""Days before the row above, at most, that are told one by one."""


class Sheet:
    """One file's rows as text, and the faults found in them so far; `check` raises them all."""

    def __init__(
        self, path: Path, rows: pd.DataFrame, where: Sequence[str], headers: Mapping[str, str] | None = None
    ) -> None:
        """Hold the rows of a file.

        Args:
            path: the file.
            rows: its cells as text.
            where: the place of each row in the file, as `line 3`.
            headers: the file's own header of each column that goes by another name here.
        """
        self.path, self.rows, self.where, self.headers = path, rows, list(where), dict(headers or {})
        self.faults: list[Fault] = []
        self.notes: list[str] = []

    @classmethod
    def from_csv(cls, path: Path, columns: Collection[str], rename: Mapping[str, str] | None = None) -> Sheet:
        """The rows of a CSV file, empty rows left out.

        Args:
            path: the file, in UTF-8.
            columns: columns that it must have, by their names here.
            rename: the name here of a header of the file.

        Returns:
            The sheet; cells that a short row lacks are empty.

        Raises:
            DataError: if it is no table, or a column is missing.
        """
        lines, notes = _rows(path, columns, rename or {})
        if not lines:
            raise unreadable(path, "no table (nothing in it)", "a CSV file in UTF-8")
        place = source.header_at([cells for _, cells in lines], [*columns, *(rename or {})])
        if place:
            notes.append(f"header found in line {lines[place][0]}")
        (_, first), *body = lines[place:]
        header = _unlike(first)
        width = len(header)
        long = [line for line, cells in body if len(cells) > width]
        if long:
            content = f"no table (line {long[0]} has more cells than the header)"
            raise unreadable(path, content, "a CSV file in UTF-8")
        filled = [[*cells, *[""] * (width - len(cells))] for _, cells in body]
        rows = pd.DataFrame(filled, columns=header, dtype=str)
        headers = {name: own for own, name in (rename or {}).items()}
        _missing(path, [headers.get(name, name) for name in columns], header)
        where = [f"line {line}" for line, _ in body]
        sheet = cls(path, rows.rename(columns=dict(rename or {})), where, headers)
        sheet.notes += notes
        return sheet

    @classmethod
    def from_records(cls, path: Path, columns: Collection[str], optional: Collection[str] = ()) -> Sheet:
        """The rows of a JSON list of records, or of a JSON table of records by day (then with a column `day`).

        Args:
            path: the file, in UTF-8; a copy of it with a record on each line, or as a table with the same columns, is read too.
            columns: columns that a record must have.
            optional: columns that are read where a record has them.

        Returns:
            The sheet.

        Raises:
            DataError: if it is no such list, or a column is missing.
        """
        read = _records_of(path, columns)
        if read is None:
            return cls.from_csv(path, columns)
        if isinstance(read, dict):
            read = [{"day": key, **(row if isinstance(row, dict) else {"row": row})} for key, row in read.items()]
        if not (isinstance(read, list) and read and all(isinstance(row, dict) for row in read)):
            raise unreadable(path, "something else", "a list of records, or records by day")
        known = {str(key) for row in read for key in row}
        _missing(path, columns, known)
        wanted = [*columns, *(name for name in optional if name in known)]
        cells = {name: ["" if (value := row.get(name)) is None else str(value) for row in read] for name in wanted}
        where = [f"record {number + 1}" for number in range(len(read))]
        return cls(path, pd.DataFrame(cells, dtype=str), where)

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.rows)

    def fault(self, row: int, column: str, allowed: str, cure: str = CURE) -> None:
        """Note that a cell is wrong.

        Args:
            row: its row, from 0.
            column: its column, by its name here.
            allowed: what it may hold.
            cure: what to do.
        """
        content = str(self.rows[column].iloc[row]) if column in self.rows else "nothing"
        place = f"{self.where[row]}, {self.headers.get(column, column)}"
        self.faults.append(Fault(place, f'"{content}"' if content else "nothing", allowed, cure))

    def check(self) -> None:
        """Raise all faults, if there are any.

        Raises:
            DataError: with the faults.
        """
        if self.faults:
            raise DataError(fewer(self.faults), str(self.path))

    def oldest_first(self, column: str, form: str = "%Y-%m-%d") -> None:
        """Turn a file round that begins with its newest day, and note that.

        Args:
            column: of days.
            form: how they are written, as `strftime` has it.
        """
        days = pd.to_datetime(pd.Series(self.words(column), dtype=str), format=form, errors="coerce")
        if len(days) > 1 and days.notna().all() and (days.diff().dropna() < pd.Timedelta(0)).all():
            self.rows, self.where = self.rows.iloc[::-1].reset_index(drop=True), self.where[::-1]
            self.notes.append("the newest day stands first; read from the oldest on")

    def words(self, column: str, allowed: Mapping[str, str] | None = None) -> list[str]:
        """A column as text.

        Args:
            column: which.
            allowed: the words that a cell may hold, each with what it stands for; any unless given.

        Returns:
            The stripped cells, or what they stand for; a cell that holds another word is a fault.
        """
        texts = [str(text).strip() for text in self.rows[column]]
        if allowed is None:
            return texts
        for row, text in enumerate(texts):
            if text not in allowed:
                self.fault(row, column, ", ".join(allowed))
        return [allowed.get(text, text) for text in texts]

    def numbers(
        self, column: str, *, least: float = 0.0, most: float = np.inf, blank: bool = True, unknown: float | None = None,
        men: bool = False,
    ) -> npt.NDArray[np.float64]:  # fmt: skip
        """A column as numbers; thousands may be parted by commas.

        Args:
            column: which.
            least: the smallest number that is allowed.
            most: the largest.
            blank: whether a cell may be empty.
            unknown: the file's code for a number that is not known.
            men: whether they count men: a point that may part thousands is a fault.

        Returns:
            The numbers `[row]`, NaN where a cell is blank, of that code, or a fault.
        """
        values = np.full(len(self), np.nan)
        for row, text in enumerate(self.words(column)):
            if text in NOTHING:
                if not blank:
                    self.fault(row, column, "a number")
                continue
            try:
                value = float(text.replace(",", "") if THOUSANDS.fullmatch(text) else text)
            except ValueError:
                value = np.nan
            if unknown is not None and value == unknown:
                continue
            doubt = numerals.of_men(text) if men and np.isfinite(value) and value >= 0 else None
            if np.isfinite(value) and least <= value <= most and doubt is None:
                values[row] = value
            else:
                cure = (doubt or cells.number_cure(text, men=True)) if men else CURE
                self.fault(row, column, _between(least, most), cure)
        return values

    def days(self, column: str, form: str = "%Y-%m-%d", rising: bool = False) -> npt.NDArray[np.datetime64]:
        """A column as days.

        Args:
            column: which.
            form: how they are written, as `strftime` has it.
            rising: whether each must be later than the one before.

        Returns:
            The days `[row]`, not-a-time where a cell is a fault.
        """
        texts = pd.Series(self.words(column), dtype=str)
        days = pd.to_datetime(texts, format=form, errors="coerce").to_numpy("datetime64[ns]")
        for row in at(np.isnat(days)):
            self.fault(row, column, f"a day, as {pd.Timestamp('2022-02-24').strftime(form)}")
        if rising:
            self._check_order(column, days)
        return days

    def _check_order(self, column: str, days: npt.NDArray[np.datetime64]) -> None:
        """Note days that are not later than the row before, many of them in one fault, and days far from all others."""
        years = days.astype("datetime64[Y]").astype(float) + 1970
        years[np.isnat(days)] = np.nan
        middle = float(np.nanmedian(years)) if np.isfinite(years).any() else np.nan
        for row in at(np.abs(years - middle) > cells.MOST_YEARS_AWAY):
            self.fault(row, column, f"a day within {cells.MOST_YEARS_AWAY} years of the others", "Correct the year")
        early = at(days[1:] <= days[:-1])
        if len(early) > MOST_EARLY:
            place, content = f"{self.where[early[0] + 1]}, {column}", f"{len(early)} days not later than the row before"
            cure = "Sort the file by day, the oldest first, and remove days that stand twice"
            self.faults.append(Fault(place, content, "each day once, in order", cure))
            return
        for row in early:
            self.fault(row + 1, column, "a day later than the row before")


def _rows(
    path: Path, columns: Collection[str], rename: Mapping[str, str]
) -> tuple[list[tuple[int, tuple[str, ...]]], list[str]]:
    """The rows of a table with their lines, the header among them, and what was done to read them."""
    if path.suffix.lower() in (source.PARQUET, *source.SPREADSHEETS):
        form = source.Format(DataError, "a table", "a table", [*columns, *rename])
        grid = source.grid(path, form)
        return [(0, grid.header), *grid.rows], list(grid.notes)
    try:
        parted = source.separated(path.read_text(encoding="utf-8-sig"), [*columns, *rename])
        return list(source.numbered(parted.text, strict=False, delimiter=parted.mark)), list(parted.notes)
    except (UnicodeDecodeError, csv.Error) as error:
        raise unreadable(path, f"no table ({error})", "a CSV file in UTF-8") from error


def _records_of(path: Path, columns: Collection[str]) -> Any:
    """What a file of records in JSON holds; `None` where it is a table with those columns."""
    if path.suffix.lower() in (".csv", ".tsv", source.PARQUET, *source.SPREADSHEETS):
        return None
    try:
        return json_of(path)
    except DataError as error:
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            raise error from None
        if isinstance(lines := source.json_lines(text), list):
            return [record for _, record in lines]
        lines_of = [cells for _, cells in _rows(path, columns, {})[0][: source.ABOVE_HEADER]]
        if any(set(columns) <= set(map(str.strip, cells)) for cells in lines_of):
            return None
        raise


def _unlike(header: Sequence[str]) -> list[str]:
    """A header whose names are all unlike: one that stands again is numbered, as pandas does."""
    return [
        name if not (before := header[:place].count(name)) else f"{name}.{before}" for place, name in enumerate(header)
    ]


def at(true: npt.ArrayLike) -> list[int]:
    """The rows where a condition holds.

    Args:
        true: the condition `[row]`.

    Returns:
        Numbers of rows, from 0.
    """
    return [int(row) for row in np.flatnonzero(true)]


def _between(least: float, most: float) -> str:
    """The limits of a number in words."""
    if np.isfinite(most):
        return f"a number from {least:g} to {most:g}"
    return f"a number of at least {least:g}" if np.isfinite(least) else "a number"


def json_of(path: Path) -> Any:
    """What a JSON file holds.

    Args:
        path: the file.

    Returns:
        Its value.

    Raises:
        DataError: if it is no JSON in UTF-8.
    """
    try:
        return files.read_json(path)
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise unreadable(path, f"no JSON ({error})", "a JSON file in UTF-8") from error


def _missing(path: Path, columns: Collection[str], there: Collection[str]) -> None:
    """Refuse a file that lacks columns: nothing can be read without them."""
    absent = [name for name in columns if name not in there]
    if absent:
        cure = "Use the file that the data set names, or rename the columns"
        has = ", ".join(str(name) for name in there)
        raise DataError([Fault(f"column {name}", "nothing", f"one of: {has}", cure) for name in absent], str(path))


def unreadable(path: Path, content: str, allowed: str) -> DataError:
    """The error of a file that is not of its kind at all.

    Args:
        path: the file.
        content: what it holds instead.
        allowed: what it should hold.

    Returns:
        The error, to be raised.
    """
    return DataError([Fault("file", content, allowed, "Fetch it again")], str(path))
