"""A published claim about an army as a whole: who said how many of what, by when.

Beside the record stand the words that its fields may hold, the rules that read what is counted, and of whom, from a
claim's own words, and the defaults of cells that a table leaves empty.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas

QUANTITIES = ("killed", "wounded", "missing", "captured", "deserted", "recruited", "strength", "casualties")
"""What a claim may be about and be reconciled; `casualties` is a mixture of the others that its words decide."""

CARRIED = (
    "emigrated", "surrender_contacts", "deserters_returned", "killed_bodies_transferred",
    "killed_to_wounded_share", "wounded_returned_share", "wounded_to_killed_ratio",
)  # fmt: skip
"""Quantities that a table may hold and that are shown, but are no part of the flows; never judged."""

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

    At least one of the three values is given. `value_low` alone means "at least", `value_high` alone "up to", both "from
    to" (the 10th and 90th percentile of the claimant's own belief); men, unless the quantity is a share or ratio.
    """

    claim_id: str  # its name, its own in the table
    side: str  # the army that it is about
    quantity: str  # one of `QUANTITIES` or `CARRIED`
    value_low: float | None  # the lower limit
    value_central: float | None  # the number itself
    value_high: float | None  # the upper limit
    as_of_date: dt.date  # the last day that it counts
    published_date: dt.date | None  # the day on which it was published
    claimant: str  # who says it
    claimant_type: str  # one of `CLAIMANT_TYPES`
    definition: str  # what is counted, in the claimant's words
    source: str  # where it was read
    url: str  # the address of that
    seen: str  # how far it was checked
    basis: str  # one of `BASES`
    period_start: dt.date  # the first day that it counts, unless it is a stock
    lineage: str  # where the number came from: claims of one lineage have one vote between them
    note: str  # remarks
    counts: str  # one of `COUNTS`: given in the table, or read from the words of the definition
    covers: str  # one of `COVERS`: likewise

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


COLUMNS = tuple(field.name for field in dataclasses.fields(Claim))
"""All columns, in the order in which a table is written."""

REQUIRED = ("claim_id", "side", "quantity", "as_of_date", "claimant", "claimant_type", "basis")
"""Columns that must be there, with a word in each row."""

VALUES = ("value_low", "value_central", "value_high")
"""Columns of numbers; each row has at least one of them."""

DATES = ("as_of_date", "published_date", "period_start")

FREE = ("claimant", "definition", "source", "url", "seen", "lineage", "note")
"""Columns of free text, which is left to the letter."""

RULES: dict[str, tuple[tuple[str, str], ...]] = {
    "killed": (
        (r"\bnames\b|\bnamed\b|confirmed by name|confirmed dead", "named"),
        (r"eliminated|liquidated|neutrali[sz]ed", "eliminated"),
        (r"missing not counted|excludes?[^;]*missing|no [^;]*\bmissing\b|without [^;]*missing", "killed_confirmed"),
        (r"excess[^;]*mortality", "killed_confirmed"),
        (r"(\+|\band\b|incl\w*\.?|including|declared)[^;]*\bmissing\b", "killed_and_missing"),
        (r"", "killed"),
    ),
    "casualties": (
        (r"eliminated|liquidated|neutrali[sz]ed", "eliminated"),
        (r"(irr\w+able|permanent loss|maimed|debilitating)[^;]*(desert|awol)|maimed or awol", "irrecoverable_deserted"),
        (r"irrecoverable|irretrievable|permanent loss", "irrecoverable"),
        (r"missing|captured|prisoner", "casualties"),
        (r"", "killed_wounded"),
    ),
    "wounded": ((r"severe|not returned|out for good|disabled", "wounded_severe"), (r"", "wounded")),
    "missing": ((r"(missing|captured) (or|and) (captured|missing)", "missing_captured"), (r"", "missing")),
    "captured": ((r"(missing|captured) (or|and) (captured|missing)", "missing_captured"), (r"", "captured")),
    "deserted": (
        (r"requests?|contacts?|calls to", "nothing"),
        (r"proceedings", "cases"),
        (r"courts?\b|verdicts?|sentenced|convicted", "court_cases"),
        (r"\bcases\b", "cases"),
        (r"\blists?\b|wanted", "listed_absent"),
        (r"", "deserted"),
    ),
    "recruited": ((r"\bplan\b|planned|target", "nothing"), (r"", "recruited")),
    "strength": ((r"", "strength"),),
}  # fmt: skip
"""What a claim of each quantity counts: the first pattern that fits its definition decides. English only, and no proper
names: a table that needs more says it in its columns `counts` and `covers`."""

PART = r"\bonly\b|one unit|division|military district|\bpart of\b|convicts|militia|of these|included in|mercenar|contractors"
WIDER = r"civilians?|includes tourists|whole armed forces|pre-(war|invasion)"
CITIZENS = r"citizens|excess (male )?mortality|probate|civil regist"
CITIZENS_TYPES = ("excess-mortality model",)


def counted(row: Mapping[str, str]) -> tuple[str, str]:
    """What a claim counts, and of whom: as its columns `counts` and `covers` say, or its words where they are empty.

    Args:
        row: the claim's cells by column; those that are missing count as empty.

    Returns:
        One of `COUNTS` and one of `COVERS`.
    """
    return row.get("counts") or _counts(row), row.get("covers") or _covers(row)


def _counts(row: Mapping[str, str]) -> str:
    """What the number counts, from quantity, basis and words."""
    quantity, words = row.get("quantity", ""), row.get("definition", "").lower()
    if quantity not in RULES or row.get("basis") in ("share", "ratio"):
        return "nothing"
    if row.get("basis") == "stock" and quantity in ("captured", "deserted"):
        return {"captured": "captured_held", "deserted": "absent"}[quantity]
    counts = next(name for pattern, name in RULES[quantity] if re.search(pattern, words))
    if counts == "killed" and row.get("claimant_type") == "named-list count" and row.get("value_central"):
        return "killed" if "estimat" in words else "named"  # a list's round "at least" or range is its keeper's guess
    return counts


def _covers(row: Mapping[str, str]) -> str:
    """Whom the number counts, from the words."""
    words = row.get("definition", "").lower()
    if re.search(CITIZENS, words) or row.get("claimant_type") in CITIZENS_TYPES:
        return "citizens"
    if re.search(PART, words):
        return "part"
    return "wider" if re.search(WIDER, words) else "all"


def default_start(last: dt.date, earliest: dt.date | None) -> dt.date:
    """The first day of a claim that names none.

    Args:
        last: the last day that it counts.
        earliest: the earliest first day of its table; `None` where no claim names one.

    Returns:
        The table's earliest day, or the last day itself where that is earlier or there is none. Prisoners held, too, have
        gathered since then.
    """
    return last if earliest is None else min(earliest, last)


def default_lineage(claimant: str) -> str:
    """The lineage of a claim that names none.

    Args:
        claimant: who says it.

    Returns:
        The claimant in lower case, without what stands in parentheses.
    """
    bare = " ".join(re.sub(r"\([^()]*\)", " ", claimant).split()).lower()
    return bare or claimant.strip().lower()


def to_frame(claims: Iterable[Claim]) -> pandas.DataFrame:
    """Claims as a table, from which `table.read` reads the same claims.

    Args:
        claims: the claims.

    Returns:
        A row for each, in all of `COLUMNS`: numbers as numbers, days as 2023-11-15, the rest as text.
    """
    import pandas

    rows = tuple(claims)
    columns = {
        column: pandas.Series(
            [_cell(getattr(claim, column)) for claim in rows], dtype="float64" if column in VALUES else "str"
        )
        for column in COLUMNS
    }
    return pandas.DataFrame(columns)


def _cell(value: object) -> object:
    return value.isoformat() if isinstance(value, dt.date) else value
