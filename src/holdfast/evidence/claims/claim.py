"""One published claim about an army as a whole: who said how many of what, by when."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas


QUANTITIES = ("killed", "wounded", "missing", "captured", "deserted", "recruited", "strength", "casualties")
"""What a claim may be about and be reconciled; `casualties` is a mixture of the others that its words decide."""

CARRIED = (
    "emigrated", "surrender_contacts", "deserters_returned", "killed_bodies_transferred",
    "killed_to_wounded_share", "wounded_returned_share", "wounded_to_killed_ratio",
)  # fmt: skip
"""Kept in a table and shown, but no part of the flows; never judged."""

CLAIMANT_TYPES = (
    "belligerent own side", "opposing side", "third-party government", "think tank / model", "media",
    "named-list count", "excess-mortality model",
)  # fmt: skip

BASES = ("cumulative", "per period", "per month", "per week", "per day", "stock", "share", "ratio")

COUNTS = (
    "killed", "killed_confirmed", "killed_and_missing", "eliminated", "killed_wounded", "casualties",
    "irrecoverable", "irrecoverable_deserted", "wounded", "wounded_severe", "named", "missing",
    "missing_captured", "captured", "captured_held", "deserted", "cases", "court_cases", "listed_absent", "absent",
    "recruited", "strength", "nothing",
)  # fmt: skip
"""What the number counts, as the model knows it; `nothing` is a claim that no latent quantity answers to."""

COVERS = ("all", "citizens", "outside", "part", "wider")
"""Whom it counts: the whole side, only citizens in registers, only men outside them, a part, or more than the side."""


@dataclasses.dataclass(frozen=True)
class Claim:
    """One row of a claims table, its fields named as the columns are.

    At least one of the three values is given. `value_low` alone reads "at least", `value_high` alone "up to", both "from
    to" (the 10th and 90th percentile of the claimant's own belief); men unless the quantity is a share or ratio.
    A cumulative claim counts from `period_start` to `as_of_date`, both days included. `lineage` names where the number
    came from: claims of one lineage have one vote between them.
    """

    claim_id: str
    side: str
    quantity: str
    value_low: float | None
    value_central: float | None
    value_high: float | None
    as_of_date: dt.date
    published_date: dt.date | None
    claimant: str
    claimant_type: str
    definition: str
    source: str
    url: str
    seen: str
    basis: str
    period_start: dt.date
    lineage: str
    note: str
    counts: str
    """One of `COUNTS`: given in the table, or read from the words of the definition."""
    covers: str
    """One of `COVERS`: given in the table, or read from the words."""

    @property
    def known_on(self) -> dt.date:
        """The day on which anyone could know of it."""
        return self.published_date or self.as_of_date

    @property
    def value(self) -> float:
        """One number for the claim: the central value, the geometric middle of a range, or the one limit given."""
        if self.value_central is not None:
            return self.value_central
        if self.value_low is not None and self.value_high is not None:
            return float((max(self.value_low, 1e-9) * self.value_high) ** 0.5)
        limit = self.value_low if self.value_low is not None else self.value_high
        assert limit is not None
        return limit

    @property
    def limit(self) -> str:
        """`"at least"`, `"up to"` or `""`."""
        if self.value_central is not None or (self.value_low is not None and self.value_high is not None):
            return ""
        return "at least" if self.value_low is not None else "up to"


# The columns of a claims table: which there are, which must be there.


COLUMNS = tuple(field.name for field in dataclasses.fields(Claim))
"""All columns, in the order in which a table is written."""

REQUIRED = ("claim_id", "side", "quantity", "as_of_date", "claimant", "claimant_type", "basis")
"""Each row has a word in each of these."""

VALUES = ("value_low", "value_central", "value_high")
"""Numbers; each row has at least one of them."""

DATES = ("as_of_date", "published_date", "period_start")

FREE = ("claimant", "definition", "source", "url", "seen", "lineage", "note")
"""Free text, kept to the letter."""


# Claims as a table: what `read` reads, it gives back to the letter.


def table(claims: Iterable[Claim]) -> pandas.DataFrame:
    """A row for each claim: numbers as numbers, days as 2023-11-15, the rest as text; every column filled."""
    import pandas

    kept = tuple(claims)
    columns: dict[str, Any] = {
        column: pandas.Series(
            [_cell(getattr(claim, column)) for claim in kept], dtype="float64" if column in VALUES else "str"
        )
        for column in COLUMNS
    }
    return pandas.DataFrame(columns)


def _cell(value: Any) -> Any:
    """A field as the table has it."""
    return value.isoformat() if isinstance(value, dt.date) else value
