"""Rows of a table on their way to records: what each says, what was read of it, and its faults."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from holdfast.core.faults import Fault, FaultyError, shown
from holdfast.tabular.cells import Wrong
from holdfast.tabular.source import Grid

Reader = Callable[[str], Any]
"""From the stripped text of a cell to its value, to `None` where it says nothing, or to `Wrong`."""


@dataclass
class Row:
    """One row of a table."""

    number: int
    """The line on which it begins."""
    said: Mapping[str, str]
    """Its cells by column, to the letter."""
    key: str
    """The column that names the row."""
    read: dict[str, Any] = field(default_factory=dict)
    """Values of sound cells that are not empty, by column."""
    faults: list[Fault] = field(default_factory=list)
    whole: bool = True
    """Whether it has as many cells as the header."""

    @property
    def place(self) -> str:
        """Where it stands, as `row 12 (RU-K049)`."""
        name = self.text(self.key)
        return f"row {self.number} ({name})" if name else f"row {self.number}"

    def text(self, column: str) -> str:
        """What a cell says, without blanks around it; empty where the table has no such column."""
        return self.said.get(column, "").strip()

    def value(self, column: str) -> Any:
        """What was read of a cell; `None` where it is empty or not sound."""
        return self.read.get(column)

    def fault(self, column: str, allowed: str, cure: str, meant: str | None = None, found: str | None = None) -> None:
        """Note what is wrong with a cell.

        Args:
            column: where.
            allowed: what it may hold.
            cure: what to do.
            meant: what was probably meant.
            found: what it holds; its text unless given.
        """
        said = found or shown(self.text(column) or None)
        self.faults.append(Fault(f"{self.place}, column {column}", said, allowed, cure, meant))

    def take(self, column: str, reader: Reader) -> None:
        """Read a cell that is not empty: its value is kept, or a fault noted."""
        text = self.text(column)
        if not text:
            return
        value = reader(text)
        if isinstance(value, Wrong):
            self.fault(column, value.allowed, value.cure, value.suggestion)
        elif value is not None:
            self.read[column] = value


def rows(grid: Grid, key: str, known: Collection[str] | None = None) -> list[Row]:
    """The rows of a table; one with more or fewer cells than the header has that fault, and is not `whole`.

    Args:
        grid: the table, under its columns' own names.
        key: the column that names a row.
        known: columns to take; all that have a name unless given.

    Returns:
        A row for each, in order.
    """
    return [_row(number, cells, grid.header, key, known) for number, cells in grid.rows]


def _row(number: int, cells: Sequence[str], header: Sequence[str], key: str, known: Collection[str] | None) -> Row:
    while len(cells) > len(header) and not cells[-1].strip():
        cells = cells[:-1]
    taken = set(header) - {""} if known is None else known
    row = Row(number, {name: cell for name, cell in zip(header, cells) if name in taken}, key)
    if len(cells) != len(header):
        cure = "Put text that has a comma between quotation marks; leave no cell out"
        found, allowed = f"{len(cells)} cells", f"{len(header)} cells, as the header has"
        row.faults.append(Fault(row.place, found, allowed, cure))
        row.whole = False
    return row


def distinct(every: Iterable[Row], what: str = "a name of its own") -> None:
    """Note the rows whose name another row has before them.

    Args:
        every: rows in order.
        what: what the name is to be.
    """
    first: dict[str, int] = {}
    for row in every:
        name = row.text(row.key)
        if name in first:
            row.fault(row.key, f"{what}; row {first[name]} has it too", "Change or remove one")
        elif name:
            first[name] = row.number


def refuse(error: type[FaultyError], name: str, faults: Sequence[Fault], every: Iterable[Row]) -> None:
    """Raise every fault of a table, if there is any.

    Args:
        error: the kind of error.
        name: the table's.
        faults: those of the table as a whole, which come first.
        every: rows in order, with theirs.

    Raises:
        FaultyError: of that kind, with all faults.
    """
    found = [*faults, *(fault for row in every for fault in row.faults)]
    if found:
        raise error(found, name)
