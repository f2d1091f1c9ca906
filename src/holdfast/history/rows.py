"""One row of a file of cases: its cells read, what must hold between them, and the case that it makes."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from holdfast.history import cells, columns
from holdfast.history.coded import CodedCase
from holdfast.scenario.faults import Fault, shown

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


def read(number: int, header: Sequence[str], said: Sequence[str], known: Collection[str]) -> Row:
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
    if isinstance(found, cells.Wrong):
        row.fault(column, found.allowed, found.cure)
    elif found is not None:
        row.read[column] = found


def _reader(column: str) -> Callable[[str], Any]:
    """What reads a cell of this column."""
    if column in columns.CODE_COLUMNS.values():
        return cells.code
    if column in columns.SHARES:
        return cells.share
    if column in columns.DAYS:
        return functools.partial(cells.day, last=column != "start")
    if column in columns.FLAGS:
        return cells.flag
    if column == "force_ratio":
        return cells.ratio
    if column == "months_of_fighting" or column.startswith("strength"):
        return cells.above
    return cells.number if column in columns.NUMBERS else str


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


def case(row: Row) -> CodedCase:
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

    notes = {name: row.said[name] for name in (*columns.NOTES, "force_ratio") if row.said.get(name)}
    aside = {name: said for name, said in row.said.items() if said and name not in columns.READ}
    flags: dict[str, Any] = {field: read[name] for name, field in columns.FLAGS.items() if name in read}
    texts: dict[str, Any] = {field: read[name] for name, field in columns.TEXTS.items() if name in read}
    return CodedCase(
        case_id=read["case_id"],
        codes={code: read.get(column) for code, column in columns.CODE_COLUMNS.items()},
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
        reasons={code: said for code, name in columns.REASONS.items() if (said := row.said.get(name))},
        notes=notes,
        aside=aside,
        **flags,
        **texts,
    )


def _share(men: float | None, of: float | None) -> float | None:
    """Men as a share of others, where both are known."""
    return None if men is None or of is None else men / of
