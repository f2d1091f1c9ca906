"""Claims as a table: what `read` reads, it gives back to the letter."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from holdfast.evidence.claims.claim import Claim
from holdfast.evidence.claims.columns import COLUMNS, VALUES

if TYPE_CHECKING:
    import pandas


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
