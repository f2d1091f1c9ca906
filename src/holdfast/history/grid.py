"""A CSV file as it stands: header and rows, nothing in it read yet [IO]."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from holdfast.history.columns import REQUIRED
from holdfast.history.faults import CasesError
from holdfast.scenario.faults import Fault, listed, nearest, shown

HEADER = f"Write a first row with the columns {listed(REQUIRED)}"
ALLOWED = "a CSV file of cases: commas, UTF-8, a header, a row for each case"
MARKS = {";": "semicolons", "\t": "tabs", "|": "bars"}


class Grid(NamedTuple):
    """A table: its name, the header, and each row with the number of the line on which it begins."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def grid(source: str | Path) -> Grid:
    """The table of a CSV file. Raises `CasesError` where there is none, or none that can be read."""
    file = _file(Path(source))
    reader = csv.reader(io.StringIO(_text(file), newline=""), strict=True)
    rows: list[tuple[int, tuple[str, ...]]] = []
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((begins, tuple(cells)))
            begins = reader.line_num + 1
    except csv.Error as error:
        cure = "Close the quotation marks; write a quotation mark within them twice"
        fault = Fault(f"row {begins}", str(error), "comma-separated values", cure)
        raise CasesError([fault], file.name) from error
    if not rows:
        raise CasesError([Fault("the file", "nothing", ALLOWED, HEADER)], file.name)
    (_, header), *body = rows
    _commas(header, file.name)
    return Grid(file.name, tuple(name.strip() for name in header), tuple(body))


def _commas(header: Sequence[str], name: str) -> None:
    """Refuse a table whose columns are parted by something else."""
    mark = next((mark for mark in MARKS if mark in header[0]), None)
    if len(header) == 1 and mark:
        found = f"columns parted by {MARKS[mark]}"
        raise CasesError([Fault("row 1", found, "columns parted by commas", "Save it with commas")], name)


def _file(path: Path) -> Path:
    """The file that is asked for, if it is one."""
    if path.exists() and not path.is_dir():
        return path
    folder = path if path.is_dir() else path.parent
    beside = sorted(each.name for each in folder.glob("*.csv")) if folder.is_dir() else []
    if path.is_dir():
        cure = f"Name a file in it: {listed(beside[:12])}" if beside else "Name a file in place of the folder"
        fault = Fault("the file", f"the folder {shown(str(path))}", ALLOWED, cure)
    else:
        meant = nearest(path.name, beside)
        fault = Fault("the file", f"no file {shown(str(path))}", ALLOWED, "Correct the path", meant)
    raise CasesError([fault], path.name or str(path))


def _text(file: Path) -> str:
    """The text of a file."""
    try:
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = error.object.count(b"\n", 0, error.start) + 1
        found = f"the byte {error.object[error.start]:#04x}, which is not UTF-8"
        cure = "Save the file as CSV with the encoding UTF-8"
        fault = Fault(f"row {row}", found, "text in UTF-8", cure)
    except OSError as error:
        cure = "Make the file readable, or copy it elsewhere"
        fault = Fault("the file", error.strerror or str(error), "a file that can be read", cure)
    raise CasesError([fault], file.name)
