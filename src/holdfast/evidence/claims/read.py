"""Read a table of claims: every claim, or every fault at once."""

from __future__ import annotations

import collections
import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from holdfast.evidence.claims import files, rows
from holdfast.evidence.claims.claim import Claim
from holdfast.evidence.claims.columns import COLUMNS, REQUIRED, VALUES
from holdfast.evidence.claims.faults import ClaimsError
from holdfast.evidence.claims.files import Grid
from holdfast.evidence.claims.files import shipped as shipped
from holdfast.evidence.claims.rows import Row
from holdfast.scenario.faults import Fault, listed, nearest, shown

if TYPE_CHECKING:
    import pandas

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
    grid = files.grid(source)
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
        faults.append(Fault("the header, column period_start", "nothing", need, f"Add it. {rows.START}"))
    for row in read:
        rows.compare(row, earliest)
    _same(read)
    for place in sorted([*read, *crooked], key=lambda row: row.number):
        faults += place.faults
    if faults:
        raise ClaimsError(faults, grid.name)
    given = {row.text("lineage").lower(): row.text("lineage") for row in read if row.text("lineage")}
    return Reading(tuple(rows.claim(row, earliest, given) for row in read), unused)


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
            read.append(rows.read(number, said))
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
