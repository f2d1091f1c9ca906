"""Where tables come from: CSV, Parquet, a spreadsheet, a DataFrame; their cells as text, whatever they were. [IO]"""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import numbers
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from holdfast.core.faults import Fault, FaultyError, listed, nearest, shown

if TYPE_CHECKING:
    import pandas

CSV, PARQUET = ".csv", ".parquet"
SPREADSHEETS = (".xlsx", ".xls", ".ods")
DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}
"""What may part columns in place of commas, and its name."""
MOST_NAMED = 12
"""Files that a fault names, at most."""


class Grid(NamedTuple):
    """A table as it stands: its name, the header, and each row with the number of the line on which it begins."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Door:
    """Which tables a reader takes, and how its faults speak of them."""

    error: type[FaultyError]
    """Raised with all faults."""
    table: str
    """The table that is wanted, as `a table of claims`."""
    file: str
    """The file that is wanted, as `a .csv or .parquet file`."""
    columns: Sequence[str]
    """Columns that an empty table is told to have."""
    suffixes: Collection[str] = (CSV, PARQUET, *SPREADSHEETS)
    """Endings of names of files that are read, in lower case."""
    others_as_csv: bool = False
    """Whether a file with another ending is read as CSV."""
    delimiters: str = ","
    """What may part columns; a table parted by another is refused with its cure."""
    encodings: Sequence[str] = ("utf-8-sig",)
    """Tried in turn; UTF-8 with or without a byte order mark."""
    shipped: Mapping[str, Path] = field(default_factory=dict)
    """Tables that come with the package, by name."""

    @property
    def header(self) -> str:
        """What to do about a table without a header."""
        return f"Write a first row with the columns {listed(self.columns)}"

    def refuse(self, name: str, place: str, found: str, allowed: str, cure: str) -> FaultyError:
        """The error of a table that cannot be read at all."""
        return self.error([Fault(place, found, allowed, cure)], name)


def grid(source: str | Path | pandas.DataFrame, door: Door) -> Grid:
    """A table with every cell as text; nothing in it is read yet.

    Args:
        source: the name of a shipped table, the path of a file, or a DataFrame.
        door: which tables are taken.

    Returns:
        Header and rows; rows without any text are left out, the first row of a DataFrame or a Parquet file is row 2.

    Raises:
        FaultyError: of the door's kind, if there is no such table or it cannot be read.
    """
    if not isinstance(source, str | Path):
        return _frame(source, "The table", door)
    file = _file(source, door)
    suffix = file.suffix.lower()
    if suffix == PARQUET:
        return _parquet(file, door)
    if suffix in SPREADSHEETS:
        return _spreadsheet(file, door)
    return parse(_text(file, door), file.name, door)


def parse(text: str, name: str, door: Door) -> Grid:
    """The table of a CSV text.

    Args:
        text: rows of cells, parted by one of the door's delimiters; quotation marks around text that holds one.
        name: what faults call the table.
        door: which tables are taken.

    Returns:
        Header and rows.

    Raises:
        FaultyError: of the door's kind, if it is no table.
    """
    rows = _csv(text, name, door, door.delimiters[0])
    if not rows:
        raise door.refuse(name, "the file", "nothing", door.table, door.header)
    first = rows[0][1]
    mark = next((mark for mark in (*DELIMITERS, ",") if mark in first[0]), None) if len(first) == 1 else None
    if mark and mark != door.delimiters[0]:
        if mark not in door.delimiters:
            found = f"columns parted by {DELIMITERS.get(mark, 'commas')}"
            raise door.refuse(name, "row 1", found, "columns parted by commas", "Save it with commas")
        rows = _csv(text, name, door, mark)
    (_, header), *body = rows
    return Grid(name, tuple(cell.strip() for cell in header), tuple(body))


def numbered(text: str, delimiter: str = ",", *, strict: bool = True) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The rows of a CSV text that hold any text, each with the number of the line on which it begins.

    Args:
        text: the table.
        delimiter: what parts its columns.
        strict: whether quotation marks that do not pair are an error.

    Yields:
        The line and the cells.

    Raises:
        csv.Error: if the text is no table; `lineno` is the line on which the row begins.
    """
    reader, begins = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict), 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield begins, tuple(cells)
            begins = reader.line_num + 1
    except csv.Error as error:
        error.lineno = begins  # type: ignore[attr-defined]
        raise


def records(text: str) -> list[tuple[int, dict[str, str]]]:
    """The rows of a CSV text by column, each with the number of its line; cells that are missing are empty.

    Args:
        text: a table with a header, parted by commas.

    Returns:
        Line and cells of each row; none where there is no header.

    Raises:
        csv.Error: if the text is no table.
    """
    rows = list(numbered(text))
    if not rows:
        return []
    (_, first), *body = rows
    header = [cell.strip() for cell in first]
    return [
        (line, dict(zip(header, [*cells, *[""] * (len(header) - len(cells))], strict=False))) for line, cells in body
    ]


def _csv(text: str, name: str, door: Door, delimiter: str) -> list[tuple[int, tuple[str, ...]]]:
    try:
        return list(numbered(text, delimiter))
    except csv.Error as error:
        cure = "Close the quotation marks; write a quotation mark within them twice"
        line = error.lineno  # type: ignore[attr-defined]
        raise door.refuse(name, f"row {line}", str(error), "comma-separated values", cure) from error


def _file(source: str | Path, door: Door) -> Path:
    """The file that is meant, if it is there and of a kind that is read."""
    names, path = door.shipped, Path(source)
    if str(source) in names:
        return names[str(source)]
    beside = path if path.is_dir() else path.parent
    tables = (
        sorted(each.name for each in beside.iterdir() if each.suffix.lower() in door.suffixes)
        if beside.is_dir()
        else []
    )
    if path.is_dir():
        few = listed(tables[:MOST_NAMED])
        cure = f"Name a file in it: {few}" if tables else "Name a file in place of the folder"
        fault = Fault("the file", f"the folder {shown(str(source))}", door.file, cure)
    elif not path.exists():
        plain = not path.suffix and len(path.parts) == 1
        meant = nearest(path.name, [*names, *tables] if plain else tables) or nearest(path.stem, names)
        fault = Fault("the file", f"no file {shown(str(source))}", door.file, "Correct the path", meant)
    elif path.suffix.lower() not in door.suffixes and not door.others_as_csv:
        cure = "Save the table as CSV, with commas and the encoding UTF-8"
        fault = Fault("the file", f"the ending {shown(path.suffix)}", door.file, cure)
    else:
        return path
    raise door.error([fault], path.name or str(source))


def _text(file: Path, door: Door) -> str:
    """The text of a file."""
    try:
        content = file.read_bytes()
    except OSError as error:
        cure = "Make the file readable, or copy it elsewhere"
        found = error.strerror or str(error)
        raise door.refuse(file.name, "the file", found, "a file that can be read", cure) from error
    return decoded(content, file.name, door)


def decoded(content: bytes, name: str, door: Door) -> str:
    """The text of a file's bytes.

    Args:
        content: the bytes.
        name: what faults call the file.
        door: the encodings that are tried.

    Returns:
        The text.

    Raises:
        FaultyError: of the door's kind, if the bytes are none of the encodings.
    """
    first: UnicodeDecodeError | None = None
    for encoding in door.encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError as error:
            first = first or error
    assert first is not None
    row = content.count(b"\n", 0, first.start) + 1
    found = f"the byte {content[first.start]:#04x}, which is not UTF-8"
    cure = "Save the file as CSV with the encoding UTF-8"
    raise door.refuse(name, f"row {row}", found, "text in UTF-8", cure) from first


def _parquet(file: Path, door: Door) -> Grid:
    """A Parquet file, where the extra that reads it is installed."""
    try:
        import pyarrow
    except ImportError as error:
        raise door.refuse(
            file.name,
            "the file",
            "a Parquet file, and pyarrow is not installed",
            "CSV, or Parquet with pyarrow",
            "pip install 'holdfast[evidence]'",
        ) from error
    import pandas

    try:
        frame = pandas.read_parquet(file, engine="pyarrow")
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        cure = "Write it anew, or save the table as CSV"
        raise door.refuse(file.name, "the file", "no Parquet table", "a Parquet file", cure) from error
    return _frame(frame, file.name, door)


def _spreadsheet(file: Path, door: Door) -> Grid:
    """The first sheet of a spreadsheet that holds anything, where the extra that reads it is installed."""
    try:
        import python_calamine as calamine
    except ImportError as error:
        raise door.refuse(
            file.name,
            "the file",
            "a spreadsheet, and python-calamine is not installed",
            "CSV, or a spreadsheet with python-calamine",
            "pip install 'holdfast[spreadsheets]', or save the sheet as CSV",
        ) from error
    try:
        book = calamine.CalamineWorkbook.from_path(file)
        sheets = (book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names)
        values = next((sheet for sheet in sheets if any(any(map(_cell, row)) for row in sheet)), [])
    except (calamine.CalamineError, OSError) as error:
        cure = "Write it anew, or save the sheet as CSV"
        raise door.refuse(file.name, "the file", "no spreadsheet", "a spreadsheet", cure) from error
    written = ((number, tuple(map(_written, row))) for number, row in enumerate(values, start=1))
    rows = [(number, cells) for number, cells in written if any(cell.strip() for cell in cells)]
    if not rows:
        raise door.refuse(file.name, "the file", "nothing", door.table, door.header)
    (_, header), *body = rows
    return Grid(file.name, tuple(name.strip() for name in header), tuple(body))


def _written(value: object) -> str:
    """A spreadsheet's value as text: it knows no whole numbers."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return _cell(value)


def _frame(frame: pandas.DataFrame, name: str, door: Door) -> Grid:
    """A DataFrame as the CSV file that it would make: its first row is row 2."""
    import pandas

    if not isinstance(frame, pandas.DataFrame):
        also = ", the name of a shipped table," if door.shipped else ""
        allowed = f"the path of a file{also} or a pandas DataFrame"
        raise door.error([Fault("the table", f"a {type(frame).__name__}", allowed, "Give one of these")])
    if any(level in door.columns for level in frame.index.names):
        frame = frame.reset_index()
    columns = [[_cell(value) for value in frame.iloc[:, place].tolist()] for place in range(frame.shape[1])]
    rows = tuple((number, cells) for number, cells in enumerate(zip(*columns), start=2) if any(cells))
    return Grid(name, tuple(str(column).strip() for column in frame.columns), rows)


def _cell(value: object) -> str:
    """A value as a CSV file would have it; empty for none and for what is not a number or a time."""
    if isinstance(value, str):
        return value
    if value is None or type(value).__name__ in ("NAType", "NaTType"):  # pandas' own
        return ""
    if isinstance(value, numbers.Real) and math.isnan(value):
        return ""
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ")
    if isinstance(value, dt.date):
        return value.isoformat()
    return repr(value) if isinstance(value, float) else str(value)
