"""One row of a claims table: its cells read, then what must hold between them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from holdfast.evidence.claims import cells
from holdfast.evidence.claims.claim import BASES, CARRIED, CLAIMANT_TYPES, COUNTS, COVERS, QUANTITIES, Claim
from holdfast.evidence.claims.columns import DATES, FREE, REQUIRED, VALUES
from holdfast.scenario.faults import Fault, shown

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


def read(number: int, said: Mapping[str, str]) -> Row:
    """A row with each cell read for itself."""
    row = Row(number, said)
    for column in said:
        if not row.text(column):
            if column in REQUIRED:
                row.fault(column, "a word in every row" if column not in DATES else "a day", _fill(column))
            continue
        if column in DATES:
            _keep(row, column, cells.day(row.text(column)))
        elif column in VALUES:
            _keep(row, column, cells.number(row.text(column), row.text("basis")))
        elif column in WORDS:
            _keep(row, column, cells.word(row.text(column), WORDS[column]))
    return row


def _fill(column: str) -> str:
    """What to put into a cell that may not be empty."""
    if column in WORDS:
        return f"Write one of {', '.join(WORDS[column])}"
    example = {"claim_id": "A17", "side": "russia", "as_of_date": "2023-11-15", "claimant": "General Staff"}
    return f"Fill it, as {example[column]}"


def _keep(row: Row, column: str, found: Any) -> None:
    """Keep what was read, or note why it could not be."""
    if isinstance(found, cells.Wrong):
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


def claim(row: Row, earliest: dt.date | None, lineages: Mapping[str, str]) -> Claim:
    """The claim of a sound row, its empty cells filled."""
    from holdfast.evidence.claims.counting import counting

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
