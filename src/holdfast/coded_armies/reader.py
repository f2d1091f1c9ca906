"""Read a file of coded cases: every case, or every fault at once."""

from __future__ import annotations

import calendar
import csv
import dataclasses
import datetime as dt
import difflib
import functools
import io
import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

from holdfast.coded_armies import codebook
from holdfast.coded_armies.army import LEVELS, CodedArmy
from holdfast.coded_armies.codebook import REQUIRED
from holdfast.core.faults import ArmiesError, Fault, listed, nearest, shown

# What one cell of a file of cases may hold: a code, a number, a day, yes or no, a ratio; or what to do about it.


MOST = 1e9
"""More than this nothing here comes to; such a number slipped a digit."""

MOST_SHARE = 10.0
"""Gross shares pass 1 where men were replaced, by less than this; above it a share was written in per cent."""

NOTHING = ("na", "n/a", "nan", "none", "null", "-", "--", "?", "unknown", "nil")
DIGITS = r"(?:\d+(?:\.\d*)?|\.\d+)"
PLAIN = re.compile(rf"[+-]?{DIGITS}(?:[eE][+-]?\d+)?", re.ASCII)
RATIO = re.compile(
    rf"(?<![\w.,:-])(?P<low>{DIGITS})(?:\s*(?:-|\u2013|to)\s*(?P<high>{DIGITS}))?\s*:\s*(?P<enemy>{DIGITS})(?![\w:])",
    re.ASCII,
)
DAY = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", re.ASCII)
FLAG_WORDS = {"0": False, "no": False, "false": False, "1": True, "yes": True, "true": True}
EMPTY = "Leave the cell empty where it is not known"


class Wrong(NamedTuple):
    """What a fault says of a cell, besides where it is and what was found there."""

    allowed: str
    cure: str


def code_cell(text: str) -> int | Wrong:
    """A code: 0, 1 or 2. A table program's 1.0 will do."""
    allowed = "0, 1 or 2, or an empty cell where it is not known"
    if text.lower() in NOTHING:
        return Wrong(allowed, EMPTY)
    value = float(text) if PLAIN.fullmatch(text) else None
    if value in LEVELS:
        return int(value)
    if value is None or not math.isfinite(value):
        return Wrong(allowed, "Write 0 for absent, 1 for some, 2 for strong")
    if 0 < value < 2:
        return Wrong(allowed, "Write a whole number; there is nothing between the codes")
    return Wrong(allowed, "Write 0 where it is absent; 2 is the strongest")


def _number_cell(text: str) -> float | Wrong:
    """A number that is finite and not negative."""
    allowed = f"a number in digits, 0 to {MOST:.0f}, or an empty cell"
    if not PLAIN.fullmatch(text):
        return Wrong(allowed, _about_number(text))
    value = float(text)
    if value < 0:
        return Wrong(allowed, "Write the number without a minus")
    if not math.isfinite(value) or value > MOST:
        return Wrong(allowed, "Correct the digits")
    return value


def _above(text: str) -> float | Wrong:
    """A number above 0: there is no army of no men, and no span of no days."""
    value = _number_cell(text)
    if value == 0:
        return Wrong(f"a number above 0, to {MOST:.0f}, or an empty cell", EMPTY)
    return value


def _about_number(text: str) -> str:
    """What to write in place of something that is no number."""
    if text.lower() in NOTHING:
        return EMPTY
    if text.lower().strip("+-") in ("inf", "infinity"):
        return "Write a finite number, or leave the cell empty"
    if re.fullmatch(r"\d{1,3}(?:[, ']\d{3})+(?:\.\d+)?", text, re.ASCII):
        return f"Write {re.sub('[, ]', '', text).replace(chr(39), '')}"
    if re.fullmatch(r"\d+,\d{1,2}", text, re.ASCII):
        return f"Write {text.replace(',', '.')}"
    if text.endswith("%") and PLAIN.fullmatch(bare := text[:-1].strip()):
        return f"Write {float(bare) / 100:g}"
    return "Write digits only, with a point for decimals: 300000"


def _share_cell(text: str) -> float | Wrong:
    """A share of the army's strength, gross."""
    allowed = f"a share of the strength, 0 to {MOST_SHARE:g}, or an empty cell"
    value = _number_cell(text)
    if isinstance(value, Wrong):
        return Wrong(allowed, value.cure)
    if value > MOST_SHARE:
        cure = f"Write {value / 100:g} for {value:g} %" if value <= 100 * MOST_SHARE else "Correct the digits"
        return Wrong(allowed, cure)
    return value


def day_cell(text: str, last: bool = False) -> dt.date | Wrong:
    """A day, as 1917-03-15; of a month or a year alone the first day, or the last."""
    allowed = "a day as 1917-03-15, a month as 1917-03, a year as 1917, or an empty cell"
    found = DAY.fullmatch(text)
    if not found:
        midnight = re.fullmatch(r"(\d{4}-\d{2}-\d{2})[T ][\d:.+Z-]+", text, re.ASCII)
        if text.lower() in NOTHING:
            return Wrong(allowed, EMPTY)
        return Wrong(allowed, f"Write {midnight[1]}" if midnight else "Write year, month and day: 1917-03-15")
    month, number = (int(part) if part else None for part in found.groups()[1:])
    try:
        if month is None:
            month = 12 if last else 1
        if number is None:
            number = calendar.monthrange(int(found[1]), month)[1] if last else 1
        return dt.date(int(found[1]), month, number)
    except (ValueError, calendar.IllegalMonthError):
        return Wrong(allowed, "There is no such day; correct it")


def _flag_cell(text: str) -> bool | Wrong:
    """Yes or no."""
    word = text.lower().removesuffix(".0")
    if word in FLAG_WORDS:
        return FLAG_WORDS[word]
    return Wrong(
        "1 for yes or 0 for no, or an empty cell where it is not known", EMPTY if word in NOTHING else "Write 1 or 0"
    )


def ratio_cell(text: str) -> float | None | Wrong:
    """Own men to the enemy's, from words such as `~0.7:1 by Aug`: the first ratio in them, a number alone, or none.

    Of a range, as `2-3:1`, the geometric mean. Words without a colon and digits, as `parity unclear`, are allowed
    and say nothing that can be reckoned with.
    """
    allowed = "own men to the enemy's, as ~0.8:1 or 2-3:1, words about it if wanted, or an empty cell"
    bare = text.lstrip("~\u2248 ").strip()
    if PLAIN.fullmatch(bare):
        own, enemy = float(bare), 1.0
    elif found := RATIO.search(text):
        low, enemy = float(found["low"]), float(found["enemy"])
        own = math.sqrt(low * float(found["high"])) if found["high"] else low
    elif re.search(r"\d\s*:|:\s*\d", text):
        return Wrong(allowed, "Write it as ~0.8:1, with a point for decimals")
    else:
        return Wrong(allowed, EMPTY) if text.lower().strip("+-~ ") in (*NOTHING, "inf") else None
    if own <= 0 or enemy <= 0 or not 1e-4 <= own / enemy <= 1e4:
        return Wrong(allowed, "Write two numbers above 0, own men first")
    return own / enemy


# A CSV file as it stands: header and rows, nothing in it read yet [IO].


HEADER = f"Write a first row with the columns {listed(REQUIRED)}"
ALLOWED = "a CSV file of cases: commas, UTF-8, a header, a row for each case"
MARKS = {";": "semicolons", "\t": "tabs", "|": "bars"}


class Grid(NamedTuple):
    """A table: its name, the header, and each row with the number of the line on which it begins."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def _read_grid(source: str | Path) -> Grid:
    """The table of a CSV file. Raises `ArmiesError` where there is none, or none that can be read."""
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
        raise ArmiesError([fault], file.name) from error
    if not rows:
        raise ArmiesError([Fault("the file", "nothing", ALLOWED, HEADER)], file.name)
    (_, header), *body = rows
    _commas(header, file.name)
    return Grid(file.name, tuple(name.strip() for name in header), tuple(body))


def _commas(header: Sequence[str], name: str) -> None:
    """Refuse a table whose columns are parted by something else."""
    mark = next((mark for mark in MARKS if mark in header[0]), None)
    if len(header) == 1 and mark:
        found = f"columns parted by {MARKS[mark]}"
        raise ArmiesError([Fault("row 1", found, "columns parted by commas", "Save it with commas")], name)


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
    raise ArmiesError([fault], path.name or str(path))


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
    raise ArmiesError([fault], file.name)


# The header of a file of cases: columns under their own names, and what is wrong with them.


MISSPELT = 0.8
"""How near an unknown column must be to one that may be left out, to be a fault and not a column of one's own."""


def _checked(table: Grid, known: Sequence[str], required: Collection[str]) -> tuple[Grid, list[Fault], tuple[str, ...]]:
    """The table under the columns' own names, the faults of its header, and the columns of the user's own."""
    header = [_own_name(name, table.header) for name in table.header]
    faults: list[Fault] = []
    for name in dict.fromkeys(name for name in header if name in known and header.count(name) > 1):
        written = [said for said, meant in zip(table.header, header) if meant == name]
        found = f"{len(written)} times" if len(set(written)) == 1 else listed(written)
        faults.append(Fault(f"the header, column {name}", found, "each column once", "Remove or rename one"))
    absent = [name for name in known if name not in header]
    taken = {*codebook.READ, *codebook.KEPT}
    own = [name for name in dict.fromkeys(header) if name and name not in taken]
    unused = []
    for name in own:
        meant = _meant(name, absent, required)
        if meant is None:
            unused.append(name)
            continue
        absent.remove(meant)
        header[header.index(name)] = meant
        allowed = "a known column; others are left alone unless they look like one"
        faults.append(Fault("the header", shown(name), allowed, "Correct the spelling", meant))
    for name in (name for name in absent if name in required):
        cure = "Add it" if name == "case_id" else "Add it; leave its cells empty where the code is not known"
        faults.append(Fault(f"the header, column {name}", "nothing", "the column, in every file", cure))
    if not set(header) & set(known):
        found = f"no column that is known ({shown(listed(table.header))})"
        raise ArmiesError([Fault("the header", found, f"at least {listed(required)}", HEADER)], table.name)
    return table._replace(header=tuple(header)), faults, tuple(unused)


def _meant(name: str, absent: Sequence[str], required: Collection[str]) -> str | None:
    """The column that was probably meant; one that must be there is looked for harder."""
    meant = nearest(name, [column for column in absent if column in required])
    if meant is not None:
        return meant
    # A reason or a note is free text that a file may well have columns of its own for.
    meant = nearest(name, set(absent) - {*codebook.NOTES, *codebook.REASONS.values()})
    alike = meant and difflib.SequenceMatcher(None, name.lower(), meant).ratio() >= MISSPELT
    return meant if alike else None


def _own_name(name: str, header: Sequence[str]) -> str:
    """The column's own name, where it goes by another and no column has its own."""
    meant = codebook.SHORT.get(name, name)
    return name if meant in header else meant


# One row of a file of cases: its cells read, what must hold between them, and the case that it makes.


DAYS_IN_MONTH = 365.25 / 12


@dataclasses.dataclass
class Row:
    """A row on its way to a case: what it says, what was read of it, and its faults."""

    number: int
    said: Mapping[str, str]
    read: dict[str, Any] = dataclasses.field(default_factory=dict)
    faults: list[Fault] = dataclasses.field(default_factory=list)

    @property
    def place(self) -> str:
        """As `row 10 (RUS_1917)`."""
        name = self.said.get("case_id")
        return f"row {self.number} ({name})" if name else f"row {self.number}"

    def fault(self, column: str, allowed: str, cure: str) -> None:
        """Note what is wrong with a column."""
        found = shown(self.said.get(column) or None)
        self.faults.append(Fault(f"{self.place}, column {column}", found, allowed, cure))


def read_row(number: int, header: Sequence[str], said: Sequence[str], known: Collection[str]) -> Row:
    """A row with each cell of a known column read for itself."""
    while len(said) > len(header) and not said[-1].strip():
        said = said[:-1]
    row = Row(number, {name: cell.strip() for name, cell in zip(header, said) if name})
    if len(said) != len(header):
        cure = "Put text that has a comma between quotation marks; leave no cell out"
        found, allowed = f"{len(said)} cells", f"{len(header)} cells, as the header has"
        row.faults.append(Fault(row.place, found, allowed, cure))
        return row
    for column, cell in row.said.items():
        if column in known and cell:
            _keep(row, column, _reader(column)(cell))
    if row.said.get("case_id") == "":
        row.fault("case_id", "a name for the case, its own in the file", "Fill it, as RUS_1917")
    return row


def _keep(row: Row, column: str, found: Any) -> None:
    """Keep what was read, or note why it could not be."""
    if isinstance(found, Wrong):
        row.fault(column, found.allowed, found.cure)
    elif found is not None:
        row.read[column] = found


def _reader(column: str) -> Callable[[str], Any]:
    """What reads a cell of this column."""
    if column in codebook.CODE_COLUMNS.values():
        return code_cell
    if column in codebook.SHARES:
        return _share_cell
    if column in codebook.DAYS:
        return functools.partial(day_cell, last=column != "start")
    if column in codebook.FLAGS:
        return _flag_cell
    if column == "force_ratio":
        return ratio_cell
    if column == "months_of_fighting" or column.startswith("strength"):
        return _above
    return _number_cell if column in codebook.NUMBERS else str


def compare(row: Row) -> None:
    """What must hold between the cells of a row."""
    start, end = row.read.get("start"), row.read.get("end")
    if start and end and end < start:
        row.fault("end", f"a day not before start, {start}", "Correct one of the two days")
    for stem in ("strength", "deserted_or_awol"):
        low, high = row.read.get(f"{stem}_low"), row.read.get(f"{stem}_high")
        if low is not None and high is not None and low > high:
            row.fault(f"{stem}_low", f"at most {stem}_high, {high:.12g}", "Exchange the two, or correct one")
    if row.read.get("overlap_with") == row.read.get("case_id", ""):
        row.fault("overlap_with", "the name of another case", "Leave the cell empty, or name the other")


def case(row: Row) -> CodedArmy:
    """The case of a sound row; what can be reckoned from its other cells is filled in."""
    read = row.read
    months, strength = read.get("months_of_fighting"), read.get("strength")
    if months is None and "start" in read and "end" in read:
        months = ((read["end"] - read["start"]).days + 1) / DAYS_IN_MONTH

    def rate(men: str, of: str = "strength") -> float | None:
        """Men per 1,000 a month, as the table's own rates are made."""
        share = _share(read.get(men), read.get(of))
        return None if share is None or not months else 1000 * share / months

    def filled(column: str, otherwise: float | None) -> float | None:
        return read.get(column, otherwise)

    notes = {name: row.said[name] for name in (*codebook.NOTES, "force_ratio") if row.said.get(name)}
    aside = {name: said for name, said in row.said.items() if said and name not in codebook.READ}
    flags: dict[str, Any] = {field: read[name] for name, field in codebook.FLAGS.items() if name in read}
    texts: dict[str, Any] = {field: read[name] for name, field in codebook.TEXTS.items() if name in read}
    return CodedArmy(
        case_id=read["case_id"],
        codes={code: read.get(column) for code, column in codebook.CODE_COLUMNS.items()},
        start=read.get("start"),
        end=read.get("end"),
        months=months,
        strength=strength,
        force_ratio=read.get("force_ratio"),
        killed_per_1000_month=filled("killed_per_month_per_1000", rate("killed")),
        exits_per_1000_month=filled("deserted_per_month_per_1000", rate("deserted_or_awol")),
        # The fewest of the most men, and the most of the fewest: the widest span that the figures leave.
        exits_low=rate("deserted_or_awol_low", "strength_high"),
        exits_high=rate("deserted_or_awol_high", "strength_low"),
        deserted_share=filled("deserted_share", _share(read.get("deserted_or_awol"), strength)),
        captured_share=filled("captured_share", _share(read.get("captured_or_surrendered"), strength)),
        outcome_date=read.get("outcome_date"),
        reasons={code: said for code, name in codebook.REASONS.items() if (said := row.said.get(name))},
        notes=notes,
        aside=aside,
        **flags,
        **texts,
    )


def _share(men: float | None, of: float | None) -> float | None:
    """Men as a share of others, where both are known."""
    return None if men is None or of is None else men / of


Codes = dict[str, dict[str, int | None]]
"""Codes by case and by name, as a second coder gives them."""


class Reading(NamedTuple):
    """The cases of a file, and the columns in it that nothing was read from."""

    cases: tuple[CodedArmy, ...]
    unused: tuple[str, ...]


@functools.cache
def shipped() -> tuple[CodedArmy, ...]:
    """The cases that come with the toolkit: 51, of which 42 count for themselves."""
    with resources.as_file(resources.files("holdfast.coded_armies") / "shipped" / "armies_1.csv") as file:
        return read(file)


def read(path: str | Path) -> tuple[CodedArmy, ...]:
    """The cases of a CSV file, in its order. Raises `ArmiesError`, which names every fault."""
    return reading(path).cases


def reading(path: str | Path) -> Reading:
    """The cases, and the columns beside them that were left alone. Raises `ArmiesError`, which names every fault."""
    table = _read_grid(path)
    table, faults, unused = _checked(table, codebook.READ, codebook.REQUIRED)
    found = _rows(table, codebook.READ, faults)
    for row in found:
        compare(row)
    _finish(table, found, faults)
    return Reading(tuple(case(row) for row in found), unused)


def read_codes(path: str | Path) -> Codes:
    """A coder's codes by case: a file of `case_id` and one or more of the ten codes; its other columns are left alone.

    A code without a column, or with an empty cell, is `None`. Raises `ArmiesError`, which names every fault.
    """
    table = _read_grid(path)
    table, faults, _ = _checked(table, codebook.REQUIRED, ("case_id",))
    if not set(codebook.CODE_COLUMNS.values()) & set(table.header):
        allowed = f"at least one of {listed(codebook.CODE_COLUMNS.values())}"
        faults.append(Fault("the header", "no column of codes", allowed, "Add a column for each code given"))
    found = _rows(table, codebook.REQUIRED, faults)
    _finish(table, found, faults)
    return {
        row.read["case_id"]: {code: row.read.get(column) for code, column in codebook.CODE_COLUMNS.items()}
        for row in found
    }


def _rows(table: Grid, known: Collection[str], faults: list[Fault]) -> list[Row]:
    """The rows of a table; that there is none is a fault."""
    if not table.rows:
        cure = "Write a row for each case"
        faults.append(Fault("the file", "a header and no row", "at least one case", cure))
    return [read_row(number, table.header, said, known) for number, said in table.rows]


def _finish(table: Grid, found: Sequence[Row], faults: list[Fault]) -> None:
    """Raise every fault, that of a name that stands twice among them."""
    first: dict[str, int] = {}
    for row in found:
        name = row.said.get("case_id")
        if name and name in first:
            allowed = f"a name of its own; row {first[name]} has it too"
            row.fault("case_id", allowed, "Change or remove one")
        elif name:
            first[name] = row.number
    told = [*faults, *(fault for row in found for fault in row.faults)]
    if told:
        raise ArmiesError(told, table.name)
