"""Tables as grids of text: read from CSV, Parquet, a spreadsheet or a DataFrame, their known columns matched. [IO]"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import math
import numbers
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from holdfast.core import release
from holdfast.core.faults import Fault, FaultyError, listed, nearest, shown, similarity

if TYPE_CHECKING:
    import pandas

PARQUET, SPREADSHEETS, RECORDS = ".parquet", (".xlsx", ".xls", ".ods"), (".json", ".jsonl", ".ndjson")
SUFFIXES = (".csv", ".tsv", *RECORDS, PARQUET, *SPREADSHEETS)
"""Endings of names of files that are read, in lower case."""
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
"""What may part columns, and its name."""
SEP_LINE = re.compile(r"\ufeff?\"?sep=(.)\"?[,;\t| ]*", re.IGNORECASE)
"""A first line with which spreadsheets say what parts the columns."""
ABOVE_HEADER = 20
"""Rows in which a header is looked for: titles and second headers may stand above it."""
LEAST_KNOWN = 2
"""Known columns, at least, by which a row below the first is known for the header."""
MOST_NAMED = 12
"""Files that a fault names, at most."""
MISSPELT = 0.8
"""Least similarity of an unknown column to one that may be left out, at which it is a fault and not a column of one's own."""


class Grid(NamedTuple):
    """A table as it stands, every cell as text."""

    name: str  # what faults call it
    header: tuple[str, ...]  # names of its columns
    rows: tuple[tuple[int, tuple[str, ...]], ...]  # each row's cells, with the number of the line on which it begins
    notes: tuple[str, ...] = ()  # what was done to read it, besides reading, in sentences without a full stop


@dataclass(frozen=True)
class Format:
    """Which tables a reader takes, and how its faults speak of them."""

    error: type[FaultyError]  # raised with all faults
    table: str  # the table that is wanted, as `a table of claims`
    file: str  # the file that is wanted, as `a .csv or .parquet file`
    columns: Sequence[str]  # columns that a table without a header is asked for
    others_as_csv: bool = False  # whether a file with another ending is read as CSV
    shipped: Mapping[str, Path] = field(default_factory=dict)  # tables that come with the package, by name

    @property
    def header(self) -> str:
        """What to do about a table without a header."""
        return f"Write a first row with the columns {listed(self.columns)}"


@dataclass(frozen=True)
class Columns:
    """The columns that a reader knows, and how its faults speak of them."""

    known: Sequence[str]  # every column that something is read from
    required: Collection[str]  # those that must be there
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Other names that are as good as a column's own, where the table has no column of that."""
    slips: Mapping[str, str] = field(default_factory=dict)
    """Wrong names of columns, in lower case, each with the column that is meant: a fault."""
    passed_over: Collection[str] = ()  # columns that nothing is read from and nothing is said of
    unguessed: Collection[str] = ()
    """Columns that no misspelt name is taken for: free text, of which a table may well have its own."""
    allowed: str = "a known column; others are left alone unless they look like one"
    """What is allowed in place of a misspelt column."""
    everywhere: str = "the column, in every file"  # what is allowed in place of a column that is missing
    cures: Mapping[str, str] = field(default_factory=dict)
    """What to do where a column is missing; to add it unless given."""


class Matched(NamedTuple):
    """A table whose known columns are matched."""

    grid: Grid  # the table under its columns' own names
    faults: list[Fault]  # what is wrong with its header
    unused: tuple[str, ...]  # columns of the user's own, which are left alone

    @property
    def notes(self) -> tuple[str, ...]:
        """What was done to read the table, besides reading."""
        return self.grid.notes


def grid(source: str | Path | pandas.DataFrame, form: Format) -> Grid:
    """A table with every cell as text; nothing in it is read yet.

    Args:
        source: the name of a shipped table, the path of a file, or a DataFrame.
        form: which tables are taken.

    Returns:
        Header and rows; rows without any text are left out, the first row of a DataFrame or a Parquet file is row 2.

    Raises:
        FaultyError: of the format's kind, if there is no such table or it cannot be read.
    """
    if not isinstance(source, str | Path):
        return _frame(source, "The table", form)
    file = _file(source, form)
    suffix = file.suffix.lower()
    if suffix == PARQUET:
        return _parquet(file, form)
    if suffix in SPREADSHEETS:
        return _spreadsheet(file, form)
    if suffix in RECORDS:
        return _records(file, form)
    return parse(_text(file, form), file.name, form)


def parse(text: str, name: str, form: Format) -> Grid:
    """The table of a CSV text.

    Args:
        text: rows of cells with commas between them; quotation marks around text that holds one.
        name: what faults call the table.
        form: which tables are taken.

    Returns:
        Header and rows.

    Raises:
        FaultyError: of the format's kind, if it is no table.
    """
    parted = separated(text, form.columns)
    try:
        rows = list(numbered(parted.text, delimiter=parted.mark))
    except csv.Error as error:
        cure = "Close the quotation marks; write a quotation mark within them twice"
        line = error.lineno  # type: ignore[attr-defined]
        raise _refused(form, name, f"row {line}", str(error), "comma-separated values", cure) from error
    return _grid(name, rows, form, parted.notes)


class Separated(NamedTuple):
    """A text of rows, and what parts its columns."""

    text: str  # with no line that only says what parts them
    mark: str  # what parts them
    notes: tuple[str, ...]  # what was done, where it is not commas alone


def separated(text: str, names: Collection[str]) -> Separated:
    """What parts the columns of a text: what its first line says, else what shows the most known columns in a row.

    Args:
        text: rows.
        names: known columns.

    Returns:
        The text without a line that says so, and the mark; commas, where nothing tells.
    """
    first, newline, rest = text.partition("\n")
    if said := SEP_LINE.fullmatch(first.rstrip("\r")):
        notes = (f"the line sep={said[1]} left out", *_parted(said[1]))
        return Separated(newline + rest, said[1], notes)
    head = "\n".join(text.splitlines()[: 2 * ABOVE_HEADER])
    heads = {mark: [cells for _, cells in numbered(head, strict=False, delimiter=mark)] for mark in DELIMITERS}
    best = max(DELIMITERS, key=lambda mark: max((_known(cells, names) for cells in heads[mark]), default=0))
    if heads[","] and len(heads[","][0]) == 1 and not any(_known(cells, names) > 1 for cells in heads[best]):
        best = max(DELIMITERS, key=lambda mark: len(heads[mark][0]))
    return Separated(text, best, _parted(best))


def _parted(mark: str) -> tuple[str, ...]:
    return () if mark == "," else (f"columns parted by {DELIMITERS.get(mark, shown(mark))}",)


def _known(cells: Sequence[str], names: Collection[str]) -> int:
    """How many known columns a row names."""
    return len({cell.strip() for cell in cells} & set(names))


def header_at(rows: Sequence[Sequence[str]], names: Collection[str]) -> int:
    """The row that is the header: the first, unless one below it names more known columns.

    Args:
        rows: the rows of a table.
        names: known columns.

    Returns:
        Its place, from 0.
    """
    known = [_known(cells, names) for cells in rows[:ABOVE_HEADER]]
    most = max(known, default=0)
    return known.index(most) if most >= LEAST_KNOWN else 0


def _grid(name: str, rows: Sequence[tuple[int, tuple[str, ...]]], form: Format, notes: tuple[str, ...] = ()) -> Grid:
    """The grid of numbered rows, the first of them as header."""
    if not rows:
        raise _refused(form, name, "the file", "nothing", form.table, form.header)
    (_, header), *body = rows
    return Grid(name, tuple(cell.strip() for cell in header), tuple(body), notes)


def _refused(form: Format, name: str, place: str, content: str, allowed: str, cure: str) -> FaultyError:
    """The error of a table that cannot be read at all."""
    return form.error([Fault(place, content, allowed, cure)], name)


def numbered(text: str, *, strict: bool = True, delimiter: str = ",") -> Iterator[tuple[int, tuple[str, ...]]]:
    """The rows of a CSV text that hold any text, each with the number of the line on which it begins.

    Args:
        text: the table.
        strict: whether quotation marks that do not pair are an error.
        delimiter: what parts its columns.

    Yields:
        The line and the cells.

    Raises:
        csv.Error: if the text is no table; `lineno` is the line on which the row begins.
    """
    reader, begins = csv.reader(io.StringIO(text, newline=""), strict=strict, delimiter=delimiter), 1
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


def unreadable(error: UnicodeDecodeError | OSError | csv.Error) -> tuple[str, str]:
    """What stands in a table of text that cannot be read, and what to do about it.

    Args:
        error: what was raised as it was read, or taken apart by `numbered`.

    Returns:
        What is there, with the line where it is known; the cure. No full stops.
    """
    if isinstance(error, UnicodeDecodeError):
        line = error.object.count(b"\n", 0, error.start) + 1
        return f"the byte {error.object[error.start]:#04x} on line {line}", "Save the table as text in UTF-8"
    if isinstance(error, OSError):
        return (error.strerror or type(error).__name__).lower(), "Make the file readable, or copy it elsewhere"
    cure = "Close the quotation marks; write a quotation mark within them twice"
    return f"a row that cannot be taken apart on line {getattr(error, 'lineno', 1)} ({error})", cure


def _file(source: str | Path, form: Format) -> Path:
    """The file that is meant, if it is there and of a kind that is read."""
    names, path = form.shipped, Path(source)
    if str(source) in names:
        return names[str(source)]
    beside = path if path.is_dir() else path.parent
    tables = (
        sorted(each.name for each in beside.iterdir() if each.suffix.lower() in SUFFIXES) if beside.is_dir() else []
    )
    if path.is_dir():
        few = listed(tables[:MOST_NAMED])
        cure = f"Name a file in it: {few}" if tables else "Name a file in place of the folder"
        fault = Fault("the file", f"the folder {shown(str(source))}", form.file, cure)
    elif not path.exists():
        plain = not path.suffix and len(path.parts) == 1
        meant = nearest(path.name, [*names, *tables] if plain else tables) or nearest(path.stem, names)
        fault = Fault("the file", f"no file {shown(str(source))}", form.file, "Correct the path", meant)
    elif path.suffix.lower() not in SUFFIXES and not form.others_as_csv:
        cure = "Save the table as CSV, with commas and the encoding UTF-8"
        fault = Fault("the file", f"the ending {shown(path.suffix)}", form.file, cure)
    else:
        return path
    raise form.error([fault], path.name or str(source))


def _text(file: Path, form: Format) -> str:
    """The text of a file, in UTF-8 with or without a byte order mark."""
    try:
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = error.object.count(b"\n", 0, error.start) + 1
        content = f"the byte {error.object[error.start]:#04x}, which is not UTF-8"
        cure = "Save the file as CSV with the encoding UTF-8"
        raise _refused(form, file.name, f"row {row}", content, "text in UTF-8", cure) from error
    except OSError as error:
        cure = "Make the file readable, or copy it elsewhere"
        content = error.strerror or str(error)
        raise _refused(form, file.name, "the file", content, "a file that can be read", cure) from error


def _parquet(file: Path, form: Format) -> Grid:
    """A Parquet file, where the extra that reads it is installed."""
    try:
        import pyarrow
    except ImportError as error:
        content, cure = "a Parquet file, and pyarrow is not installed", release.install("evidence")
        raise _refused(form, file.name, "the file", content, "CSV, or Parquet with pyarrow", cure) from error
    import pandas

    try:
        frame = pandas.read_parquet(file, engine="pyarrow")
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        cure = "Write it anew, or save the table as CSV"
        raise _refused(form, file.name, "the file", "no Parquet table", "a Parquet file", cure) from error
    return _frame(frame, file.name, form)


def _spreadsheet(file: Path, form: Format) -> Grid:
    """The first sheet of a spreadsheet that holds anything, where the extra that reads it is installed."""
    try:
        import python_calamine as calamine
    except ImportError as error:
        content = "a spreadsheet, and python-calamine is not installed"
        cure = f"{release.install('spreadsheets')}, or save the sheet as CSV"
        allowed = "CSV, or a spreadsheet with python-calamine"
        raise _refused(form, file.name, "the file", content, allowed, cure) from error
    try:
        book = calamine.CalamineWorkbook.from_path(file)
        sheets = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    except (calamine.CalamineError, OSError) as error:
        cure = "Write it anew, or save the sheet as CSV"
        raise _refused(form, file.name, "the file", "no spreadsheet", "a spreadsheet", cure) from error
    tables: dict[str, list[tuple[int, tuple[str, ...]]]] = {}
    for name, values in sheets.items():
        written = ((number, tuple(map(_written, row))) for number, row in enumerate(values, start=1))
        if rows := [(number, cells) for number, cells in written if any(map(str.strip, cells))]:
            tables[name] = rows
    fits = (name for name, rows in tables.items()
            if any(_known(cells, form.columns) >= LEAST_KNOWN for _, cells in rows[:ABOVE_HEADER]))  # fmt: skip
    chosen = next(fits, next(iter(tables), ""))
    others = listed(shown(name) for name in tables if name != chosen)
    note = f"of {len(tables)} sheets {shown(chosen)} was read, {others} not"
    return _grid(file.name, tables.get(chosen, []), form, (note,) if len(tables) > 1 else ())


def _records(file: Path, form: Format) -> Grid:
    """Records in JSON: an array of them, or one on each line."""
    text = _text(file, form)
    try:
        read = json.loads(text)
        each = list(enumerate(read if isinstance(read, list) else [read], start=1))
    except json.JSONDecodeError as error:
        lines = json_lines(text)
        if isinstance(lines, int):
            line, cure = lines if lines > 1 else error.lineno, "Correct it, or save the table as CSV"
            raise _refused(form, file.name, f"row {line}", "no JSON", ARRAY, cure) from error
        each = lines
    return _of_records(each, file.name, form)


ARRAY = "an array of records in JSON, or a record on each line"


def json_lines(text: str) -> list[tuple[int, object]] | int:
    """The values of JSON lines.

    Args:
        text: a JSON value on each line; empty lines are passed over.

    Returns:
        Each with the number of its line; or the number of the first line that is no JSON.
    """
    values: list[tuple[int, object]] = []
    for number, line in enumerate(text.split("\n"), start=1):
        try:
            values += [(number, json.loads(line))] if line.strip() else []
        except json.JSONDecodeError:
            return number
    return values


def _of_records(records: Sequence[tuple[int, object]], name: str, form: Format) -> Grid:
    """Records as a table whose columns are the names in any of them."""
    flat = [(number, record) for number, record in records if isinstance(record, dict)]
    nested = [number for number, record in flat if any(isinstance(value, dict | list) for value in record.values())]
    if not flat or len(flat) != len(records) or nested:
        content = f"a record within another, in row {nested[0]}" if nested else "no records"
        cure = "Write one flat record for each row; of a pandas DataFrame, frame.to_json(path, orient='records')"
        raise _refused(form, name, "the file", content, ARRAY, cure)
    header = tuple(dict.fromkeys(str(key) for _, record in flat for key in record))
    rows = ((number, tuple(_cell(record.get(key)) for key in header)) for number, record in flat)
    return Grid(name, header, tuple((number, cells) for number, cells in rows if any(map(str.strip, cells))))


def _written(value: object) -> str:
    """A spreadsheet's value as text: it knows no whole numbers."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return _cell(value)


def _frame(frame: pandas.DataFrame, name: str, form: Format) -> Grid:
    """A DataFrame as the CSV file that it would make: its first row is row 2."""
    import pandas

    if not isinstance(frame, pandas.DataFrame):
        also = ", the name of a shipped table," if form.shipped else ""
        allowed = f"the path of a file{also} or a pandas DataFrame"
        raise form.error([Fault("the table", f"a {type(frame).__name__}", allowed, "Give one of these")])
    if any(level in form.columns for level in frame.index.names):
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
    if type(value).__name__ == "datetime64":  # NumPy's
        return _cell(value.astype("datetime64[us]").item())  # type: ignore[attr-defined]
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ")
    if isinstance(value, dt.date):
        return value.isoformat()
    return repr(value) if isinstance(value, float) else str(value)


def matched(grid: Grid, columns: Columns, form: Format) -> Matched:
    """The table under the known columns' own names.

    Args:
        grid: the table as it stands.
        columns: what is known.
        form: the kind of error, and what to do about a table without a header.

    Returns:
        The table with its header renamed, the header's faults (a column that stands twice, a misspelt one with the column
        that was probably meant, a missing one), and the columns that were left alone.

    Raises:
        FaultyError: of the format's kind, if no column at all is known.
    """
    grid = _from_header(grid, {*columns.known, *columns.passed_over, *columns.aliases})
    header = [_own_name(name, grid.header, columns.aliases) for name in grid.header]
    faults = _repeated(grid.header, header, columns)
    absent = [name for name in columns.known if name not in header]
    taken = {*columns.known, *columns.passed_over}
    unused = []
    for name in [name for name in dict.fromkeys(header) if name and name not in taken]:
        meant = _meant(name, absent, columns)
        if meant is None:
            unused.append(name)
            continue
        absent.remove(meant)
        header = [meant if each == name else each for each in header]
        faults.append(Fault("the header", shown(name), columns.allowed, "Correct the spelling", meant))
    for name in (name for name in absent if name in columns.required):
        cure = columns.cures.get(name, "Add it")
        faults.append(Fault(f"the header, column {name}", "nothing", columns.everywhere, cure))
    if not set(header) & set(columns.known):
        content = f"no column that is known ({shown(listed(grid.header))})"
        raise _refused(form, grid.name, "the header", content, f"at least {listed(columns.required)}", form.header)
    return Matched(grid._replace(header=tuple(header)), faults, tuple(unused))


def _from_header(grid: Grid, names: Collection[str]) -> Grid:
    """The table from its header on, without titles above it and without rows that say the header again."""
    place = header_at([grid.header, *(cells for _, cells in grid.rows)], names)
    notes = list(grid.notes)
    if place:
        line, written = grid.rows[place - 1]
        header = tuple(cell.strip() for cell in written)
        notes.append(f"header found in row {line}; {place} {'rows' if place > 1 else 'row'} above it left out")
        grid = Grid(grid.name, header, grid.rows[place:])
    again = [number for number, cells in grid.rows if tuple(map(str.strip, cells)) == grid.header]
    if again:
        notes.append(f"the header stands again in row {listed(map(str, again[:MOST_NAMED]))}; left out")
    rows = tuple((number, cells) for number, cells in grid.rows if number not in again)
    return Grid(grid.name, grid.header, rows, tuple(notes))


def _repeated(written: Sequence[str], header: Sequence[str], columns: Columns) -> list[Fault]:
    """Known columns that stand more than once, perhaps under several names."""
    faults = []
    for name in dict.fromkeys(name for name in header if name in columns.known and header.count(name) > 1):
        names = [own for own, meant in zip(written, header, strict=True) if meant == name]
        content = f"{len(names)} times" if len(set(names)) == 1 else listed(names)
        faults.append(Fault(f"the header, column {name}", content, "each column once", "Remove or rename one"))
    return faults


def _meant(name: str, absent: Sequence[str], columns: Columns) -> str | None:
    """The column that was probably meant; one that must be there is looked for harder."""
    slip = columns.slips.get(name.lower())
    if slip in absent:
        return slip
    meant = nearest(name, [column for column in absent if column in columns.required])
    if meant is not None:
        return meant
    meant = nearest(name, [column for column in absent if column not in columns.unguessed])
    return meant if meant and similarity(name, meant) >= MISSPELT else None


def _own_name(name: str, header: Sequence[str], aliases: Mapping[str, str]) -> str:
    """The column's own name, where it goes by another and no column has its own."""
    meant = aliases.get(name, name)
    return name if meant in header else meant
