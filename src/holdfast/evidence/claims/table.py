"""Read a table of claims: every claim, or every fault at once."""

from __future__ import annotations

import collections
import csv
import dataclasses
import datetime as dt
import difflib
import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from holdfast.core.faults import ClaimsError, Fault, listed, nearest, shown
from holdfast.evidence.claims import values
from holdfast.evidence.claims.claim import (
    BASES,
    CARRIED,
    CLAIMANT_TYPES,
    COLUMNS,
    COUNTS,
    COVERS,
    DATES,
    FREE,
    QUANTITIES,
    REQUIRED,
    VALUES,
    Claim,
)

if TYPE_CHECKING:
    import pandas


# What one cell of a claims table may hold: a day, a number, a word from a list; or what to do about it.


MOST = 1e9
"""More men than this no army has; such a number slipped a digit."""

FIRST_SERIAL = dt.date(1899, 12, 30)
"""Where spreadsheets begin to count days."""

NOTHING = ("na", "n/a", "nan", "none", "null", "-", "--", "?", "unknown", "nil")


class Wrong(NamedTuple):
    """What a fault says of a cell, besides where it is and what was found there."""

    allowed: str
    cure: str
    suggestion: str | None = None


def _day_cell(text: str) -> dt.date | Wrong:
    """A day, as 2023-11-15."""
    written = values.iso(text)
    return written or Wrong("a day as 2023-11-15", _about_day(text))


def _about_day(text: str) -> str:
    """What to write in place of something that is no ISO date."""
    if values.ISO.fullmatch(text):
        return "There is no such day; correct it"
    midnight = re.fullmatch(r"(\d{4}-\d{2}-\d{2})[T ][\d:.+Z-]+", text, re.ASCII)
    if midnight and values.iso(midnight[1]):
        return f"Write {midnight[1]}"
    if re.fullmatch(r"\d{5}(\.0)?", text, re.ASCII):
        return f"A spreadsheet wrote its own count of days: write {FIRST_SERIAL + dt.timedelta(int(float(text)))}"
    meant = values.span(text)
    if meant and meant[0] != meant[1]:
        return f"Write the last day that is meant, {meant[1]}"
    if both := values.either(text):
        return f"Write {both[0]} or {both[1]}, whichever is meant"
    return f"Write {meant[1]}" if meant else "Write year, month and day: 2023-11-15"


def _number_cell(text: str, basis: str) -> float | Wrong:
    """A number of men, or a share where that is the basis."""
    allowed = "a share from 0 to 1" if basis == "share" else f"a number in digits, 0 to {MOST:.0f}"
    value = values.plain(text)
    if value is None:
        return Wrong(allowed, _about_number(text))
    if not math.isfinite(value):
        return Wrong(allowed, "Write a finite number")
    if value < 0:
        return Wrong(allowed, "Write the number without a minus; losses and gains are told apart by the quantity")
    if basis == "share" and value > 1:
        return Wrong(allowed, f"Write {value / 100:g} for {value:g} %" if value <= 100 else "Write a share of 1")
    if value > MOST:
        return Wrong(allowed, "No army has so many men: correct the digits")
    return value


def _about_number(text: str) -> str:
    """What to write in place of something that is no number."""
    if text.lower() in NOTHING:
        return "Leave the cell empty where there is no number"
    if text.lower().strip("+-") in ("inf", "infinity"):
        return "Write a finite number; leave the cell empty where there is no limit"
    if text.endswith("%") and (share := values.plain(text[:-1].strip())) is not None:
        return f"Write {share / 100:g}"
    if re.fullmatch(r"\d+,\d{1,2}", text, re.ASCII):
        return f"Write {text.replace(',', '.')}"
    if ends := values.RANGE.fullmatch(text):
        low, _, high = values.ranged(ends)
        return f"Write {low:.12g} in value_low and {high:.12g} in value_high"
    if (value := values.one(text)) is not None:
        return f"Write {value:.12g}"
    if found := values.SAID.fullmatch(values.spelt_out(text)):
        for column, value in zip(("value_low", "value_central", "value_high"), values.said(found)):
            if value is not None:
                return f"Write {value:.12g} in {column}"
    return "Write digits only, with a point for decimals: 300000"


def _word_cell(text: str, names: Sequence[str]) -> str | Wrong:
    """One word of a list."""
    if text in names:
        return text
    return Wrong(listed(names), "Correct the spelling, or use one of these", nearest(text, names))


# Where claims come from: a shipped table, a CSV or Parquet file, a DataFrame; cells as text, whatever it was [IO].


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


def _read_grid(source: str | Path | pandas.DataFrame) -> Grid:
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


# One row of a claims table: its cells read, then what must hold between them.


WORDS = {
    "quantity": QUANTITIES + CARRIED,
    "claimant_type": CLAIMANT_TYPES,
    "basis": BASES,
    "counts": COUNTS,
    "covers": COVERS,
}
"""Columns that hold a word of a list."""

START = "Write the first day that the number counts, as 2022-02-24"


@dataclasses.dataclass
class Row:
    """A row on its way to a claim: what it says, what was read of it, and its faults."""

    number: int
    said: Mapping[str, str]
    """The cells of the columns that the table has."""
    read: dict[str, Any] = dataclasses.field(default_factory=dict)
    faults: list[Fault] = dataclasses.field(default_factory=list)

    def __post_init__(self) -> None:
        for column, text in self.said.items():
            if column not in FREE:
                self.read[column] = text.strip()

    @property
    def place(self) -> str:
        """As `row 12 (RU-K049)`."""
        name = self.said.get("claim_id", "").strip()
        return f"row {self.number} ({name})" if name else f"row {self.number}"

    def fault(self, column: str, allowed: str, cure: str, meant: str | None = None, found: Any = None) -> None:
        """Note what is wrong with a column."""
        found = found or shown(self.said.get(column, "").strip() or None)
        self.faults.append(Fault(f"{self.place}, column {column}", found, allowed, cure, meant))

    def text(self, column: str) -> str:
        """What the cell says; empty where the table has no such column."""
        return self.said.get(column, "").strip()

    def value(self, column: str) -> Any:
        """What was read of a cell, if it was sound and not empty."""
        return self.read.get(column) if self.text(column) else None


def _read_row(number: int, said: Mapping[str, str]) -> Row:
    """A row with each cell read for itself."""
    row = Row(number, said)
    for column in said:
        if not row.text(column):
            if column in REQUIRED:
                row.fault(column, "a word in every row" if column not in DATES else "a day", _fill(column))
            continue
        if column in DATES:
            _keep(row, column, _day_cell(row.text(column)))
        elif column in VALUES:
            _keep(row, column, _number_cell(row.text(column), row.text("basis")))
        elif column in WORDS:
            _keep(row, column, _word_cell(row.text(column), WORDS[column]))
    return row


def _fill(column: str) -> str:
    """What to put into a cell that may not be empty."""
    if column in WORDS:
        return f"Write one of {', '.join(WORDS[column])}"
    example = {"claim_id": "A17", "side": "russia", "as_of_date": "2023-11-15", "claimant": "General Staff"}
    return f"Fill it, as {example[column]}"


def _keep(row: Row, column: str, found: Any) -> None:
    """Keep what was read, or note why it could not be."""
    if isinstance(found, Wrong):
        row.fault(column, found.allowed, found.cure, found.suggestion)
        row.read.pop(column, None)
    else:
        row.read[column] = found


def compare(row: Row, earliest: dt.date | None) -> None:
    """What must hold between the cells of a row; `earliest` is where a cumulative claim starts unless it says."""
    _values(row)
    _kinds(row)
    _period(row, earliest)


def _values(row: Row) -> None:
    """At least one number, and in their order."""
    given = [column for column in VALUES if column in row.said]
    if given and not any(row.text(column) for column in given):
        row.fault(given[0], "a number in value_low, value_central or value_high", "Fill one of the three")
    low, central, high = (row.value(column) for column in VALUES)
    if low is not None and high is not None and low > high:
        row.fault("value_low", f"at most value_high, {high:.12g}", "Exchange the two, or correct one")
    elif central is not None and not (low or 0) <= central <= (high if high is not None else central):
        bounds = " and ".join(
            f"at {word} {value:.12g}" for word, value in (("least", low), ("most", high)) if value is not None
        )
        row.fault("value_central", f"a number between the limits: {bounds}", "Correct one of the three")


def _kinds(row: Row) -> None:
    """A basis that the quantity can have."""
    quantity, basis = row.value("quantity"), row.value("basis")
    if not quantity or not basis:
        return
    if quantity == "strength" and basis != "stock":
        row.fault("basis", "stock, for strength is what there is on one day", "Write stock")
    for end in ("share", "ratio"):
        if quantity.endswith(f"_{end}") != (basis == end) and end in (basis, quantity.rpartition("_")[2]):
            told = f"{end}, for the quantity is {quantity}" if basis != end else f"a quantity that ends in _{end}"
            row.fault("basis" if basis != end else "quantity", told, "Correct the quantity or the basis")


def _period(row: Row, earliest: dt.date | None) -> None:
    """A first day where one is needed, and not after the last."""
    basis, last = row.value("basis"), row.value("as_of_date")
    if basis is None or basis == "stock":
        return
    if not row.text("period_start"):
        if basis.startswith("per "):
            row.fault("period_start", f"a day, for the basis is {basis}", START)
        elif basis == "cumulative" and earliest is None and "period_start" in row.said:
            row.fault("period_start", "a day in at least one row, from which sums count", START)
    first = earliest if basis == "cumulative" and not row.text("period_start") else row.value("period_start")
    if first and last and last < first:
        whence = "" if row.text("period_start") else ", the earliest of the table"
        row.fault("as_of_date", f"a day not before period_start, {first}{whence}", "Correct one of the two days")


def _claim(row: Row, earliest: dt.date | None, lineages: Mapping[str, str]) -> Claim:
    """The claim of a sound row, its empty cells filled."""
    from holdfast.evidence.claims.sentence import counting

    said = {field.name: row.said.get(field.name, "") for field in dataclasses.fields(Claim)}
    said |= {column: text.strip() for column, text in said.items() if column not in FREE}
    counts, covers = counting(said)
    fields: dict[str, Any] = {**said, "counts": counts, "covers": covers}
    fields |= {column: row.value(column) for column in (*VALUES, *DATES)}
    fields["definition"] = said["definition"] or said["quantity"]
    fields["period_start"] = row.value("period_start") or default_start(fields["as_of_date"], earliest)
    if not said["lineage"].strip():
        own = reduced(said["claimant"])
        fields["lineage"] = lineages.get(own, own)
    return Claim(**fields)


def default_start(last: dt.date, earliest: dt.date | None) -> dt.date:
    """Where a claim starts that does not say: with the table; prisoners held, too, have gathered since then."""
    return last if earliest is None else min(earliest, last)


def reduced(claimant: str) -> str:
    """The claimant's name as a lineage: lower case, without what stands in parentheses."""
    bare = " ".join(re.sub(r"\([^()]*\)", " ", claimant).split()).lower()
    return bare or claimant.strip().lower()


MISSPELT = 0.8
"""How near an unknown column must be to a known one to be a fault and not a column of one's own."""

SHORT = {
    "id": "claim_id", "value": "value_central", "low": "value_low", "high": "value_high", "date": "as_of_date",
    "published": "published_date", "type": "claimant_type", "start": "period_start",
}  # fmt: skip
"""What a table may call a column that it lacks."""


class Reading(NamedTuple):
    """The claims of a table, and the columns that nothing was read from."""

    claims: tuple[Claim, ...]
    unused: tuple[str, ...]


def read(source: str | Path | pandas.DataFrame) -> tuple[Claim, ...]:
    """The claims of a shipped table (by its name), of a CSV or Parquet file, or of a DataFrame.

    A `ClaimsError` names every fault.
    """
    return reading(source).claims


def reading(source: str | Path | pandas.DataFrame) -> Reading:
    """The claims, and what stood beside them."""
    grid = _read_grid(source)
    faults, unused, meant = _header(grid)
    if not {*grid.header, *meant} & set(COLUMNS):
        raise ClaimsError(faults, grid.name)
    grid = grid._replace(header=tuple(meant.get(column, column) for column in grid.header))
    if not grid.rows:
        faults.append(Fault("the file", "a header and no row", "at least one claim", "Write a row for each claim"))
    read, crooked = _rows(grid)
    starts = [row.value("period_start") for row in read if row.value("period_start")]
    earliest = min(starts, default=None)
    if "period_start" not in grid.header and any(row.value("basis") == "cumulative" for row in read):
        need = "the column, where a claim is cumulative"
        faults.append(Fault("the header, column period_start", "nothing", need, f"Add it. {START}"))
    for row in read:
        compare(row, earliest)
    _same(read)
    for place in sorted([*read, *crooked], key=lambda row: row.number):
        faults += place.faults
    if faults:
        raise ClaimsError(faults, grid.name)
    given = {row.text("lineage").lower(): row.text("lineage") for row in read if row.text("lineage")}
    return Reading(tuple(_claim(row, earliest, given) for row in read), unused)


def _header(grid: Grid) -> tuple[list[Fault], tuple[str, ...], dict[str, str]]:
    """The faults of the columns, the columns of the user's own, and what those that are misspelt mean."""
    header = grid.header
    absent = [column for column in COLUMNS if column not in header]
    meanings: dict[str, str] = {}
    if len(absent) == len(COLUMNS) and not any(_meant(column, absent) for column in header):
        cure = f"Write a first row with the columns {listed(COLUMNS)}"
        found = f"no column that is known ({shown(listed(header))})"
        return [Fault("the header", found, f"at least {listed(REQUIRED)}", cure)], (), {}
    faults, unused = [], []
    for column in dict.fromkeys(name for name in header if name and header.count(name) > 1 and name in COLUMNS):
        times = f"{header.count(column)} times"
        faults.append(Fault(f"the header, column {column}", times, "each column once", "Remove or rename one"))
    for column in dict.fromkeys(name for name in header if name and name not in COLUMNS):
        meant = _meant(column, absent)
        if meant is None:
            unused.append(column)
            continue
        absent.remove(meant)
        meanings[column] = meant
        allowed = f"{listed(COLUMNS)}; others are left alone unless they look like one of these"
        faults.append(Fault("the header", shown(column), allowed, "Correct the spelling", meant))
    for column in absent:
        if column in REQUIRED:
            fault = Fault(f"the header, column {column}", "nothing", "the column, in every table", "Add it")
            faults.append(fault)
    if set(VALUES) <= set(absent):
        cure = "Add value_central, or value_low and value_high"
        faults.append(Fault("the header", "no column of numbers", f"at least one of {listed(VALUES)}", cure))
    return faults, tuple(unused), meanings


def _meant(column: str, absent: Sequence[str]) -> str | None:
    """The known column that was probably meant; a needed one is looked for harder."""
    meant = SHORT.get(column.lower())
    if meant in absent:
        return meant
    meant = nearest(column, absent)
    if meant is None or meant in REQUIRED:
        return meant
    return meant if difflib.SequenceMatcher(None, column.lower(), meant).ratio() >= MISSPELT else None


def _rows(grid: Grid) -> tuple[list[Row], list[Row]]:
    """The rows, each cell read; and those that do not fit under the header."""
    read, crooked = [], []
    width = len(grid.header)
    for number, cells in grid.rows:
        while len(cells) > width and not cells[-1].strip():
            cells = cells[:-1]
        said = {name: cell for name, cell in zip(grid.header, cells) if name in COLUMNS}
        if len(cells) == width:
            read.append(_read_row(number, said))
            continue
        row = Row(number, said)
        cure = "Put text that has a comma between quotation marks; leave no cell out"
        row.faults = [Fault(row.place, f"{len(cells)} cells", f"{width} cells, as the header has", cure)]
        crooked.append(row)
    return read, crooked


def _same(read: Sequence[Row]) -> None:
    """An id that stands twice; a side that is written in two ways."""
    first: dict[str, int] = {}
    for row in read:
        name = row.text("claim_id")
        if name in first:
            row.fault("claim_id", f"an id of its own; row {first[name]} has it too", "Change or remove one")
        elif name:
            first[name] = row.number
    sides = collections.Counter(row.text("side") for row in read if row.text("side"))
    usual = {name.lower(): name for name, _ in reversed(sides.most_common())}
    for row in read:
        name = row.text("side")
        if name and (meant := usual[name.lower()]) != name:
            row.fault("side", f"one way to write a side; most rows have {meant}", "Write it alike", meant)
