"""A table of text and the faults in it: what readers share, so that each names its columns and no more. [IO]"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from holdfast.core.faults import DataError, Fault
from holdfast.evidence.datasets import registry

CURE = "Correct the file, or fetch it again"
THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+")
NOTHING = ("", "NA")
"""Cells that say nothing."""


class Sheet:
    """One file's rows as text, and the faults found in them so far; `check` tells them all."""

    def __init__(
        self, path: Path, rows: pd.DataFrame, where: Sequence[str], headers: Mapping[str, str] | None = None
    ) -> None:
        """Rows and, for each, its place in the file; `headers` are those of the file where they differ."""
        self.path, self.rows, self.where, self.headers = path, rows, list(where), dict(headers or {})
        self.faults: list[Fault] = []

    @classmethod
    def from_csv(cls, path: Path, columns: Collection[str], rename: Mapping[str, str] | None = None) -> Sheet:
        """The rows of a CSV file that has at least these columns, empty rows left out."""
        try:
            rows = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig").fillna("")
        except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
            raise unreadable(path, f"no table ({error})", "a CSV file in UTF-8") from error
        headers = {name: header for header, name in (rename or {}).items()}
        missing(path, [headers.get(name, name) for name in columns], rows.columns)
        rows = rows.rename(columns=rename or {})
        full = (rows.map(str.strip) != "").any(axis=1).to_numpy()
        where = [f"line {number + 2}" for number in at(full)]
        return cls(path, rows[full].reset_index(drop=True), where, headers)

    @classmethod
    def from_records(cls, path: Path, columns: Collection[str], optional: Collection[str] = ()) -> Sheet:
        """The rows of a JSON list of records, or of a JSON table of records by day (then with a column `day`)."""
        read = json_text(path)
        if isinstance(read, dict):
            read = [{"day": key, **(row if isinstance(row, dict) else {"row": row})} for key, row in read.items()]
        if not (isinstance(read, list) and read and all(isinstance(row, dict) for row in read)):
            raise unreadable(path, "something else", "a list of records, or records by day")
        known = {str(key) for row in read for key in row}
        missing(path, columns, known)
        wanted = [*columns, *(name for name in optional if name in known)]
        rows = pd.DataFrame({name: [_cell(row.get(name)) for row in read] for name in wanted}, dtype=str)
        return cls(path, rows, [f"record {number + 1}" for number in range(len(rows))])

    def __len__(self) -> int:
        """Rows."""
        return len(self.rows)

    def fault(self, row: int, column: str, allowed: str, cure: str = CURE) -> None:
        """Note that a cell is wrong."""
        found = str(self.rows[column].iloc[row]) if column in self.rows else "nothing"
        place = f"{self.where[row]}, {self.headers.get(column, column)}"
        self.faults.append(Fault(place, f'"{found}"' if found else "nothing", allowed, cure))

    def check(self) -> None:
        """Tell all faults, if there are any."""
        if self.faults:
            raise DataError(self.faults, str(self.path))

    def words(self, column: str, allowed: Mapping[str, str] | None = None) -> list[str]:
        """The column as text; where words are given, each cell is one of them and stands for its value."""
        cells = [str(text).strip() for text in self.rows[column]]
        if allowed is None:
            return cells
        for row, text in enumerate(cells):
            if text not in allowed:
                self.fault(row, column, ", ".join(allowed))
        return [allowed.get(text, text) for text in cells]

    def numbers(
        self, column: str, *, least: float = 0.0, most: float = np.inf, blank: bool = True, unknown: float | None = None
    ) -> np.ndarray:
        """The column as numbers between two limits; blank cells and the code for unknown are NaN."""
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
            if np.isfinite(value) and least <= value <= most:
                values[row] = value
            else:
                self.fault(row, column, _between(least, most))
        return values

    def days(self, column: str, form: str = "%Y-%m-%d", rising: bool = False) -> np.ndarray:
        """The column as days; with `rising`, each later than the one before."""
        cells = pd.Series(self.words(column), dtype=str)
        days = pd.to_datetime(cells, format=form, errors="coerce").to_numpy("datetime64[ns]")
        for row in at(np.isnat(days)):
            self.fault(row, column, f"a day, as {_example(form)}")
        if rising:
            for row in at(days[1:] <= days[:-1]):
                self.fault(row + 1, column, "a day later than the row before")
        return days


def at(true: Any) -> list[int]:
    """The rows where it is true."""
    return [int(row) for row in np.flatnonzero(true)]


def _example(form: str) -> str:
    """A day written in a form."""
    return pd.Timestamp("2022-02-24").strftime(form)


def _between(least: float, most: float) -> str:
    """The limits in words."""
    if np.isfinite(most):
        return f"a number from {least:g} to {most:g}"
    return f"a number of at least {least:g}" if np.isfinite(least) else "a number"


def _cell(value: Any) -> str:
    """A JSON value as text."""
    return "" if value is None else str(value)


def json_text(path: Path) -> Any:
    """What a JSON file holds."""
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise unreadable(path, f"no JSON ({error})", "a JSON file in UTF-8") from error


def missing(path: Path, columns: Collection[str], there: Collection[str]) -> None:
    """Tell all columns that are not there; nothing can be read without them."""
    absent = [name for name in columns if name not in there]
    if absent:
        cure = "Use the file that the data set names, or rename the columns"
        has = ", ".join(str(name) for name in there)
        raise DataError([Fault(f"column {name}", "nothing", f"one of: {has}", cure) for name in absent], str(path))


def unreadable(path: Path, found: str, allowed: str) -> DataError:
    """A file that is not of its kind at all."""
    return DataError([Fault("file", found, allowed, "Fetch it again")], str(path))


def told(dims: str | Sequence[str], values: Any, long_name: str, units: str, source: str, **more: str) -> tuple:
    """A variable with its name, unit and source, as xarray takes it."""
    return (dims, values, {"long_name": long_name, "units": units, "source": source, **more})


def about(name: str, **more: str) -> dict[str, str]:
    """What a reader must know of a whole data set."""
    entry = registry.DATASETS[name]
    return {
        "title": entry.what, "source": entry.citation, "licence": entry.licence,
        "caveats": "; ".join(entry.caveats), **more,
    }  # fmt: skip
