"""Where claims come from: a shipped table, a CSV or Parquet file, a DataFrame; cells as text, whatever it was [IO]."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from holdfast.evidence.claims.columns import COLUMNS
from holdfast.evidence.claims.faults import ClaimsError
from holdfast.scenario.faults import Fault, listed, nearest, shown

if TYPE_CHECKING:
    import pandas

SUFFIXES = (".csv", ".parquet")
PREFIX = "claims_"


class Grid(NamedTuple):
    """A table as it stands: its name, the header, and each row with its number in the file."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def shipped() -> dict[str, Path]:
    """The shipped tables by name; a file `claims_NAME.csv` in the folder is one."""
    folder = Path(str(resources.files("holdfast.evidence.claims") / "shipped"))
    return {file.stem.removeprefix(PREFIX): file for file in sorted(folder.glob(f"{PREFIX}*.csv"))}


def caveats(name: str) -> tuple[str, ...]:
    """What is to be held against a shipped table: the lines of `caveats_NAME.txt` beside it, if there is one."""
    file = shipped()[name].with_name(f"caveats_{name}.txt")
    return tuple(file.read_text(encoding="utf8").splitlines()) if file.exists() else ()


def grid(source: str | Path | pandas.DataFrame) -> Grid:
    """The table of a shipped name, a file or a DataFrame, nothing in it read yet."""
    if not isinstance(source, str | Path):
        return _frame(source, "The table")
    file = _file(source)
    return _csv(file) if file.suffix.lower() == ".csv" else _parquet(file)


def _file(asked: str | Path) -> Path:
    """The file that is asked for, if it is there and of a kind that can be read."""
    names = shipped()
    if str(asked) in names:
        return names[str(asked)]
    path = Path(asked)
    allowed = f"a {' or '.join(SUFFIXES)} file, or a shipped table: {listed(names)}"
    beside = path if path.is_dir() else path.parent
    tables = (
        sorted(each.name for each in beside.iterdir() if each.suffix.lower() in SUFFIXES) if beside.is_dir() else []
    )
    if path.is_dir():
        cure = f"Name a file in it: {listed(tables)}" if tables else "Name a file in place of the folder"
        fault = Fault("the file", f"the folder {shown(str(asked))}", allowed, cure)
    elif not path.exists():
        plain = not path.suffix and len(path.parts) == 1
        meant = nearest(path.name, [*names, *tables] if plain else tables) or nearest(path.stem, names)
        fault = Fault("the file", f"no file {shown(str(asked))}", allowed, "Correct the path", meant)
    elif path.suffix.lower() not in SUFFIXES:
        cure = "Save the table as CSV, with commas and the encoding UTF-8"
        fault = Fault("the file", f"the ending {shown(path.suffix)}", allowed, cure)
    else:
        return path
    raise ClaimsError([fault], path.name or str(asked))


def _csv(file: Path) -> Grid:
    """A CSV file: commas, quotation marks, UTF-8."""
    reader = csv.reader(io.StringIO(_text(file), newline=""), strict=True)
    rows = []
    try:
        for number, cells in _numbered(reader):
            if any(cell.strip() for cell in cells):
                rows.append((number, tuple(cells)))
    except csv.Error as error:
        cure = "Close the quotation marks; write a quotation mark within them twice"
        fault = Fault(f"row {reader.line_num}", str(error), "comma-separated values", cure)
        raise ClaimsError([fault], file.name) from error
    if not rows:
        cure = f"Write a first row with the columns {listed(COLUMNS)}"
        raise ClaimsError([Fault("the file", "nothing", "a table of claims", cure)], file.name)
    (_, header), *body = rows
    if len(header) == 1 and (mark := next((mark for mark in (";", "\t", "|") if mark in header[0]), None)):
        name = {";": "semicolons", "\t": "tabs", "|": "bars"}[mark]
        fault = Fault("row 1", f"columns parted by {name}", "columns parted by commas", "Save it with commas")
        raise ClaimsError([fault], file.name)
    return Grid(file.name, tuple(name.strip() for name in header), tuple(body))


def _numbered(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Each row with the number of the line on which it begins."""
    begins = 1
    for cells in reader:
        yield begins, cells
        begins = reader.line_num + 1


def _text(file: Path) -> str:
    """The text of a file."""
    try:
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = error.object.count(b"\n", 0, error.start) + 1
        found = f"the byte {error.object[error.start]:#04x}, which is not UTF-8"
        fault = Fault(f"row {row}", found, "text in UTF-8", "Save the file as CSV with the encoding UTF-8")
    except OSError as error:
        cure = "Make the file readable, or copy it elsewhere"
        fault = Fault("the file", error.strerror or str(error), "a file that can be read", cure)
    raise ClaimsError([fault], file.name)


def _parquet(file: Path) -> Grid:
    """A Parquet file, where the extra that reads it is installed."""
    try:
        import pyarrow
    except ImportError as error:
        fault = Fault(
            "the file",
            "a Parquet file, and pyarrow is not installed",
            "CSV, or Parquet with pyarrow",
            "pip install 'holdfast[evidence]'",
        )
        raise ClaimsError([fault], file.name) from error
    import pandas

    try:
        frame = pandas.read_parquet(file, engine="pyarrow")
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        fault = Fault("the file", "no Parquet table", "a Parquet file", "Write it anew, or save the table as CSV")
        raise ClaimsError([fault], file.name) from error
    return _frame(frame, file.name)


def _frame(frame: pandas.DataFrame, name: str) -> Grid:
    """A DataFrame as the CSV file that it would make: its first row is row 2."""
    import pandas

    if not isinstance(frame, pandas.DataFrame):
        allowed = "the path of a file, the name of a shipped table, or a pandas DataFrame"
        raise ClaimsError([Fault("the table", f"a {type(frame).__name__}", allowed, "Give one of these")])
    if any(level in COLUMNS for level in frame.index.names):
        frame = frame.reset_index()
    columns = [[_cell(value) for value in frame.iloc[:, place].tolist()] for place in range(frame.shape[1])]
    rows = tuple((number, cells) for number, cells in enumerate(zip(*columns), start=2) if any(cells))
    return Grid(name, tuple(str(column).strip() for column in frame.columns), rows)


def _cell(value: Any) -> str:
    """A value as a CSV file would have it."""
    import pandas

    if isinstance(value, str):
        return value
    if pandas.api.types.is_scalar(value) and pandas.isna(value):
        return ""
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, dt.date) else repr(value) if isinstance(value, float) else str(value)
