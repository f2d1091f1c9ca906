"""Read a file of coded cases: every case, or every fault at once."""

from __future__ import annotations

import functools
from collections.abc import Collection, Sequence
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from holdfast.history import columns, header, rows
from holdfast.history.coded import CodedCase
from holdfast.history.faults import CasesError as CasesError
from holdfast.history.grid import Grid, grid
from holdfast.history.rows import Row
from holdfast.scenario.faults import Fault, listed

Codes = dict[str, dict[str, int | None]]
"""Codes by case and by name, as a second coder gives them."""


class Reading(NamedTuple):
    """The cases of a file, and the columns in it that nothing was read from."""

    cases: tuple[CodedCase, ...]
    unused: tuple[str, ...]


@functools.cache
def shipped() -> tuple[CodedCase, ...]:
    """The cases that come with the toolkit: 51, of which 42 count for themselves."""
    with resources.as_file(resources.files("holdfast.history") / "cases.csv") as file:
        return read(file)


def read(path: str | Path) -> tuple[CodedCase, ...]:
    """The cases of a CSV file, in its order. Raises `CasesError`, which names every fault."""
    return reading(path).cases


def reading(path: str | Path) -> Reading:
    """The cases, and the columns beside them that were left alone. Raises `CasesError`, which names every fault."""
    table = grid(path)
    table, faults, unused = header.checked(table, columns.READ, columns.REQUIRED)
    found = _rows(table, columns.READ, faults)
    for row in found:
        rows.compare(row)
    _finish(table, found, faults)
    return Reading(tuple(rows.case(row) for row in found), unused)


def read_codes(path: str | Path) -> Codes:
    """A coder's codes by case: a file of `case_id` and one or more of the ten codes; its other columns are left alone.

    A code without a column, or with an empty cell, is `None`. Raises `CasesError`, which names every fault.
    """
    table = grid(path)
    table, faults, _ = header.checked(table, columns.REQUIRED, ("case_id",))
    if not set(columns.CODE_COLUMNS.values()) & set(table.header):
        allowed = f"at least one of {listed(columns.CODE_COLUMNS.values())}"
        faults.append(Fault("the header", "no column of codes", allowed, "Add a column for each code given"))
    found = _rows(table, columns.REQUIRED, faults)
    _finish(table, found, faults)
    return {
        row.read["case_id"]: {code: row.read.get(column) for code, column in columns.CODE_COLUMNS.items()}
        for row in found
    }


def _rows(table: Grid, known: Collection[str], faults: list[Fault]) -> list[Row]:
    """The rows of a table; that there is none is a fault."""
    if not table.rows:
        cure = "Write a row for each case"
        faults.append(Fault("the file", "a header and no row", "at least one case", cure))
    return [rows.read(number, table.header, said, known) for number, said in table.rows]


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
        raise CasesError(told, table.name)
