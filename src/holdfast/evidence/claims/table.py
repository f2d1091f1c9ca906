"""A published claim, and tables of claims: every claim, or every fault at once. [IO]

Beside the record stand the words that its fields may hold, the rules that read what is counted, and of whom, from a
claim's own words, and the defaults of cells that a table leaves empty.
"""

from __future__ import annotations

import collections
import dataclasses
import datetime as dt
import functools
import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from holdfast.core import texts, timings
from holdfast.core.faults import ClaimsError, Fault, listed
from holdfast.evidence.claims import values
from holdfast.tabular import cells, numerals, source
from holdfast.tabular.cells import MOST, Cures, Row
from holdfast.tabular.source import MOST_NAMED, SUFFIXES, Columns, Format

if TYPE_CHECKING:
    import pandas
    import xarray as xr


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
    to" (the 10th and 90th percentile of the claimant's own belief), from 0 on "up to"; men, unless the quantity is a share or
    ratio.
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
        if self.value_low and self.value_high is not None:
            return float((self.value_low * self.value_high) ** 0.5)
        limit = self.value_high if self.value_high is not None else self.value_low
        assert limit is not None
        return limit

    @property
    def limit(self) -> str:
        """`"at least"`, `"up to"` or `""`."""
        if self.value_central is not None or (self.value_low and self.value_high is not None):
            return ""
        return "at least" if self.value_high is None else "up to"


COLUMNS = tuple(field.name for field in dataclasses.fields(Claim))
"""All columns, in the order in which a table is written."""

REQUIRED = ("claim_id", "side", "quantity", "as_of_date", "claimant", "claimant_type", "basis")
"""Columns that must be there, with a word in each row."""

VALUES = ("value_low", "value_central", "value_high")
"""Columns of numbers; each row has at least one of them."""

DATES = ("as_of_date", "published_date", "period_start")
OF_THE_WAR = ("as_of_date", "period_start")
"""Days that belong to the war; a number may be published long after it."""

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

PART = (
    r"\bonly\b|one unit|division|brigade|regiment|battalion|military district|\bpart of\b|convicts|inmates|"
    r"prisoners sent to the (war|front)|militia|of these|included in|mercenar|contractors"
)
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


MENTIONS = {
    "killed": r"kill|dead|death|died|fatal|\bkia\b|fallen|lives|los[st]", "wounded": r"wound|injur|\bwia\b|hospital|medical",
    "missing": r"missing|\bmia\b|unaccounted", "captured": r"captur|prisoner|\bpows?\b|surrender",
    "deserted": r"desert|awol|absen|\bleft\b|fled|unauthori", "recruited": r"recruit|mobili|contract|enlist|conscript|draft|sent",
    "strength": r"\bmen\b|troop|soldier|force|strength|personnel|army", "casualties": r"casualt|loss|hors de combat",
}  # fmt: skip
"""Words that speak of a quantity; where none of its own stands in a definition, what it counts is not sure."""
DOUBTS = (
    ("recruited", r"contract|volunteer|mobili[sz]|conscript|reservist|convict|prisoner", "one kind of recruits is a part"),
    ("missing", r"regist", "a register may hold civilians too: wider"),
    ("", r"\b(?:in|at|near) (?!(?:the )?(?:war|battle|action|combat|hospital|field|month|year)|[a-z]+ (?:19|20)\d\d)[a-z]{3}\w*",
     "losses of one place are a part"),
    ("", r"battle of|first (?:day|week|month)", "losses of one battle or time are a part, or per period"),
)  # fmt: skip
"""Words of a definition of a quantity (or of any) that leave open whom it covers, and what to think of."""


class Suggestion(NamedTuple):
    """What a claim's words are taken to count, and of whom."""

    counts: str  # one of `COUNTS`
    covers: str  # one of `COVERS`
    why: str  # which words say so
    doubts: tuple[str, ...]  # what speaks against it; none where it is sure


TURNING = r"\b(not|no|nor|never|without|except|excluding|only|exchanged|freed|released|returned|wanted|dropped|cancelled|planned)\b"
"""Words of a definition that no rule may read over: what is proposed is then unsure."""


def suggestion(row: Mapping[str, str]) -> Suggestion:
    """What a claim seems to count, with the words that say so and what is doubtful.

    Args:
        row: the claim's cells by column, as for `counted`.

    Returns:
        The suggestion: for cells that are filled what they say.
    """
    counts, covers = counted(row)
    words, quantity = row.get("definition", "").lower(), row.get("quantity", "")
    doubts: list[str] = []
    rules = [pattern for pattern, name in RULES.get(quantity, ()) if name == counts and pattern]
    why = [_because(row, "counts", counts, [*rules, *([MENTIONS[quantity]] if counts == quantity else [])])]
    if not row.get("counts"):
        fits = [name for pattern, name in RULES.get(quantity, ()) if pattern and re.search(pattern, words)]
        doubts += [f"it may also count {name}" for name in dict.fromkeys(fits) if name != counts]
        spoken = [name for name, stem in MENTIONS.items() if re.search(stem, words)]
        if quantity in MENTIONS and quantity not in spoken and counts == quantity:
            doubts.append(f"no word of the definition says {quantity}")
        if quantity == "killed" and counts.startswith("killed") and "wounded" in spoken:
            doubts.append("it speaks of wounded too: killed_wounded?")
    if not (row.get("counts") and row.get("covers")) and (turn := re.search(TURNING, words)):
        doubts.append(f"“{turn[0]}” can turn the words about it")
    groups = {"citizens": CITIZENS, "part": PART, "wider": WIDER}
    why.append(_because(row, "covers", covers, [groups[covers]] if covers in groups else []))
    if not row.get("covers"):
        fits = [name for name, pattern in groups.items() if re.search(pattern, words)]
        doubts += [f"it may also cover {name}" for name in fits if name != covers]
        able = [(pattern, what) for of, pattern, what in DOUBTS if of in ("", quantity) and covers == "all"]
        doubts += [f"“{match[0]}”: {what}" for pattern, what in able if (match := re.search(pattern, words))]
    return Suggestion(counts, covers, "; ".join(why), tuple(doubts))


def _because(row: Mapping[str, str], column: str, meant: str, patterns: Sequence[str]) -> str:
    """Which word of a claim says what a column should hold."""
    if row.get(column):
        return f"{column} as given"
    matches = (re.search(pattern, row.get("definition", "").lower()) for pattern in patterns)
    return next((f"{meant} from “{match[0]}”" for match in matches if match), f"{meant}, for no word says otherwise")


def suggested(table: str | Path | pandas.DataFrame) -> pandas.DataFrame:
    """A table of claims with what each counts and covers filled in where it was empty, for its owner to confirm.

    Args:
        table: as in `read`.

    Returns:
        Its columns as text, `counts`, `covers`, and `suggested_why`, which begins with `unsure` where it is.

    Raises:
        ClaimsError: with every fault of the table.
    """
    import pandas

    reading(table)
    form = _format()
    grid = source.matched(source.grid(table, form), KNOWN, form).grid
    filled = []
    for row in cells.rows(grid, "claim_id"):
        said = suggestion({name: row.text(name) for name in row.cells})
        why = f"unsure ({'; '.join(said.doubts)}): {said.why}" if said.doubts else said.why
        filled.append({**row.cells, "counts": said.counts, "covers": said.covers, WHY: why})
    own = [name for name in grid.header if name and name not in ("counts", "covers", WHY)]
    return pandas.DataFrame(filled, columns=[*dict.fromkeys(own), "counts", "covers", WHY], dtype=str)


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


def to_dataset(claims: Iterable[Claim]) -> xr.Dataset:
    """Claims as labelled data.

    Args:
        claims: the claims.

    Returns:
        By `claim`, their names: the three values, what each is about, counts and is, its days and lineage.
    """
    import numpy as np
    import xarray as xr

    rows = tuple(claims)
    about = {
        name: ("claim", np.array([np.nan if getattr(one, name) is None else getattr(one, name) for one in rows], float))
        for name in VALUES
    }
    for name in ("side", "quantity", "basis", "counts", "covers", "claimant_type", "lineage"):
        about[name] = ("claim", np.array([getattr(one, name) for one in rows], object))
    for name in DATES:
        about[name] = ("claim", np.array([getattr(one, name) or "NaT" for one in rows], "datetime64[s]"))
    texted = {name: (*part, {"long_name": texts.about(Claim, name)}) for name, part in about.items()}
    return xr.Dataset(texted, {"claim": [one.claim_id for one in rows]})


def _cell(value: object) -> object:
    return value.isoformat() if isinstance(value, dt.date) else value


PREFIX = "claims_"

WORDS = {
    "quantity": QUANTITIES + CARRIED,
    "claimant_type": CLAIMANT_TYPES,
    "basis": BASES,
    "counts": COUNTS,
    "covers": COVERS,
}
"""Columns that hold a word of a list."""

EXAMPLES = {"claim_id": "A17", "side": "russia", "as_of_date": "2023-11-15", "claimant": "General Staff"}
START = "Write the first day that the number counts, as 2022-02-24"

SHORT = {
    "id": "claim_id", "value": "value_central", "low": "value_low", "high": "value_high", "date": "as_of_date",
    "published": "published_date", "type": "claimant_type", "start": "period_start",
}  # fmt: skip
"""What a table may call a column that it lacks."""

WHY = "suggested_why"
"""The column in which a table with suggestions says where they are from; nothing is read from it."""

KNOWN = Columns(
    COLUMNS, REQUIRED, slips=SHORT, passed_over=(WHY,), everywhere="the column, in every table",
    allowed=f"{listed(COLUMNS)}; others are left alone unless they look like one of these",
)  # fmt: skip


class Reading(NamedTuple):
    """The claims of a table, the columns that nothing was read from, and what to know of how it was read."""

    claims: tuple[Claim, ...]  # in the table's order
    unused: tuple[str, ...]  # names of columns
    notes: tuple[str, ...]  # what was done to read it, and what is odd in it, in sentences without a full stop


def shipped() -> dict[str, Path]:
    """The tables of claims that come with the package: each file `claims_NAME.csv` of the folder.

    Returns:
        Their files by name.
    """
    folder = Path(str(resources.files("holdfast.evidence.claims") / "shipped"))
    return {file.stem.removeprefix(PREFIX): file for file in sorted(folder.glob(f"{PREFIX}*.csv"))}


def of_scenario(scenario: str) -> str | None:
    """The shipped table of a scenario's war: the one whose name the scenario's begins with.

    Args:
        scenario: its name.

    Returns:
        The table's name; None where no table is of its war.
    """
    name = scenario.replace("-", "_")
    fits = [table for table in shipped() if name == table or name.startswith(table + "_")]
    return max(fits, key=len) if fits else None


def caveats(name: str) -> tuple[str, ...]:
    """What has to be kept in mind of a shipped table.

    Args:
        name: the table's name.

    Returns:
        The lines of `caveats_NAME.txt` beside it; none where there is no such file.
    """
    file = shipped()[name].with_name(f"caveats_{name}.txt")
    return tuple(file.read_text(encoding="utf8").splitlines()) if file.exists() else ()


def read(table: str | Path | pandas.DataFrame) -> tuple[Claim, ...]:
    """The claims of a table.

    Args:
        table: the name of a shipped table, the path of a file (CSV, JSON, Parquet, a spreadsheet), or a DataFrame.

    Returns:
        The claims, in the table's order.

    Raises:
        ClaimsError: with every fault of the table.
    """
    return reading(table).claims


@timings.phase("read")
def reading(table: str | Path | pandas.DataFrame) -> Reading:
    """The claims of a table, the columns that nothing was read from, and what to know of how it was read.

    Args:
        table: the name of a shipped table, the path of a file (CSV, JSON, Parquet, a spreadsheet), or a DataFrame.

    Returns:
        All three.

    Raises:
        ClaimsError: with every fault of the table.
    """
    form = _format()
    grid, faults, unused = source.matched(source.grid(table, form), KNOWN, form)
    if not set(VALUES) & set(grid.header):
        cure = "Add value_central, or value_low and value_high"
        faults.append(Fault("the header", "no column of numbers", f"at least one of {listed(VALUES)}", cure))
    if not grid.rows:
        faults.append(Fault("the file", "a header and no row", "at least one claim", "Write a row for each claim"))
    rows = cells.rows(grid, "claim_id", COLUMNS, REQUIRED)
    whole = [row for row in rows if row.whole]
    for row in whole:
        _read_cells(row)
    cells.far_days(whole, OF_THE_WAR)
    earliest = min((row.value("period_start") for row in whole if row.value("period_start")), default=None)
    if "period_start" not in grid.header and any(row.value("basis") == "cumulative" for row in whole):
        need = "the column, where a claim is cumulative"
        faults.append(Fault("the header, column period_start", "nothing", need, f"Add it. {START}"))
    for row in whole:
        _check_values(row)
        _check_basis(row)
        _check_period(row, earliest)
    cells.distinct(whole, "an id of its own")
    _check_sides(whole)
    cells.refuse(ClaimsError, grid.name, faults, rows)
    lineages = {row.text("lineage").lower(): row.text("lineage") for row in whole if row.text("lineage")}
    claims = tuple(_claim(row, earliest, lineages) for row in whole)
    return Reading(claims, unused, (*grid.notes, *_zeros(claims), *_falls(claims)))


def _zeros(claims: Sequence[Claim]) -> list[str]:
    """That claims of nobody are not counted."""
    zeros = [claim.claim_id for claim in claims if claim.counts != "nothing" and claim.value == 0]
    names = listed(zeros[:MOST_NAMED]) + (" and others" if len(zeros) > MOST_NAMED else "")
    return [f"the value is 0 in {names}: judged, but nothing is reckoned from it"] if zeros else []


OF_A_TALLY = ("side", "claimant", "quantity", "definition", "counts", "covers", "period_start")
"""What claims of one running total have in common."""


def _falls(claims: Sequence[Claim]) -> list[str]:
    """Where a running total is less than it was before."""
    tallies: dict[tuple[object, ...], list[Claim]] = {}
    for claim in claims:
        if claim.basis == "cumulative" and claim.value_central is not None:
            tallies.setdefault(tuple(getattr(claim, name) for name in OF_A_TALLY), []).append(claim)
    falls = [
        f"the total of {after.claimant} falls from {before.value:,.0f} ({before.claim_id}, {before.as_of_date}) to "
        f"{after.value:,.0f} ({after.claim_id}, {after.as_of_date})"
        for tally in tallies.values()
        for before, after in itertools.pairwise(sorted(tally, key=lambda claim: claim.as_of_date))
        if after.value < before.value and after.as_of_date > before.as_of_date
    ]
    return [*falls[:MOST_NAMED], *([f"{len(falls) - MOST_NAMED} more totals fall"] if len(falls) > MOST_NAMED else [])]


def _format() -> Format:
    """Which tables of claims are taken."""
    names = shipped()
    file = f"a {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]} file, or a shipped table: {listed(names)}"
    return Format(ClaimsError, table="a table of claims", file=file, columns=COLUMNS, shipped=names)


# --- Cells.


def _day(text: str) -> dt.date | cells.Wrong:
    return cells.day(text, "a day as 2023-11-15", example="2023-11-15", guess=_day_cure)


def _first_day(text: str) -> dt.date | cells.Wrong:
    return cells.day(text, "a day as 2023-11-15", example="2023-11-15", guess=_first_day_cure)


def _first_day_cure(text: str) -> str | None:
    """What to write for the first day of a period as people write it."""
    window = values.window(text)
    if window and window[0] != window[1]:
        return f"Write the first day that is meant, {window[0]}"
    return _day_cure(text)


def _day_cure(text: str) -> str | None:
    """What to write for a day as people write it."""
    window = values.window(text)
    if window and window[0] != window[1]:
        return f"Write the last day that is meant, {window[1]}"
    if both := values.both_readings(text):
        return f"Write {both[0]} or {both[1]}, whichever is meant"
    return f"Write {window[1]}" if window else None


NUMBER = f"a number in digits, 0 to {MOST:.0f}"


def _men(text: str) -> float | cells.Wrong:
    return cells.number(text, NUMBER, cures=CURES, men=True)


def _rate(text: str) -> float | cells.Wrong:
    """Men a day, a week, a month: not always whole."""
    cure = numerals.pointed(text)
    return cells.Wrong(NUMBER, cure) if cure else cells.number(text, NUMBER, cures=CURES)


def _ratio(text: str) -> float | cells.Wrong:
    return cells.number(text, NUMBER, cures=CURES)


def _share(text: str) -> float | cells.Wrong:
    return cells.share(text, "a share from 0 to 1", cures=CURES, large="Write a share of 1")


def _number_cure(text: str) -> str | None:
    """What to write for a number as people write it."""
    if values.POINTED.search(text):
        return None
    if (number := values.number(text)) is not None:
        return f"Write {number:.12g}"
    if match := values.AMOUNT.fullmatch(values.in_digits(text)):
        amounts = zip(VALUES, values.amount_of(match))
        return next((f"Write {number:.12g} in {column}" for column, number in amounts if number is not None), None)
    return None


CURES = Cures(
    nothing="Leave the cell empty where there is no number or it is not known",
    infinite="Write a finite number; leave the cell empty where there is no limit",
    overflow="Write a finite number",
    negative="Write the number without a minus; losses and gains are told apart by the quantity",
    large="No army has so many men: correct the digits",
    span="Write {low} in value_low and {high} in value_high",
    least="Write {value} in value_low",
    most="Write {value} in value_high",
    guess=_number_cure,
)


READERS: dict[str, cells.Reader] = {
    **dict.fromkeys(DATES, _day),
    "period_start": _first_day,
    **{column: functools.partial(cells.word, names=names) for column, names in WORDS.items()},
}
"""What reads the cells of a column."""

VALUE_READERS: dict[str, cells.Reader] = {
    "share": _share, "ratio": _ratio, "per month": _rate, "per week": _rate, "per day": _rate
}  # fmt: skip
"""What reads values by the row's basis; men where it is another."""


def _read_cells(row: Row) -> None:
    """Read each cell for itself."""
    for column in row.cells:
        if not row.text(column) and column in REQUIRED:
            words = WORDS.get(column)
            cure = f"Write one of {listed(words)}" if words else f"Fill it, as {EXAMPLES[column]}"
            row.fault(column, "a day" if column in DATES else "a word in every row", cure)
        elif column in VALUES:
            row.take(column, VALUE_READERS.get(row.text("basis"), _men))
        elif column in READERS:
            row.take(column, READERS[column])


# --- What must hold between the cells of a row, and between rows.


def _check_values(row: Row) -> None:
    """At least one number, and in their order."""
    given = [column for column in VALUES if column in row.cells]
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


def _check_basis(row: Row) -> None:
    """A basis that the quantity can have."""
    quantity, basis = row.value("quantity"), row.value("basis")
    if not quantity or not basis:
        return
    if quantity == "strength" and basis != "stock":
        row.fault("basis", "stock, for strength is what there is on one day", "Write stock")
    for end in ("share", "ratio"):
        if quantity.endswith(f"_{end}") != (basis == end) and end in (basis, quantity.rpartition("_")[2]):
            allowed = f"{end}, for the quantity is {quantity}" if basis != end else f"a quantity that ends in _{end}"
            row.fault("basis" if basis != end else "quantity", allowed, "Correct the quantity or the basis")


def _check_period(row: Row, earliest: dt.date | None) -> None:
    """A first day where one is needed, and not after the last; `earliest` is where a sum starts that names none."""
    basis, last = row.value("basis"), row.value("as_of_date")
    if basis is None or basis == "stock":
        return
    if not row.text("period_start"):
        if basis.startswith("per "):
            row.fault("period_start", f"a day, for the basis is {basis}", START)
        elif basis == "cumulative" and earliest is None and "period_start" in row.cells:
            row.fault("period_start", "a day in at least one row, from which sums count", START)
    first = earliest if basis == "cumulative" and not row.text("period_start") else row.value("period_start")
    if first and last and last < first:
        whence = "" if row.text("period_start") else ", the earliest of the table"
        row.fault("as_of_date", f"a day not before period_start, {first}{whence}", "Correct one of the two days")


def _check_sides(rows: Sequence[Row]) -> None:
    """A side is written in one way."""
    sides = collections.Counter(row.text("side") for row in rows if row.text("side"))
    usual = {name.lower(): name for name, _ in reversed(sides.most_common())}
    for row in rows:
        name = row.text("side")
        if name and (meant := usual[name.lower()]) != name:
            row.fault("side", f"one way to write a side; most rows have {meant}", "Write it alike", meant)


def _claim(row: Row, earliest: dt.date | None, lineages: Mapping[str, str]) -> Claim:
    """The claim of a sound row, its empty cells filled; `lineages` has those of the table by lower case."""
    texts = {name: row.cells.get(name, "") if name in FREE else row.text(name) for name in COLUMNS}
    fields: dict[str, Any] = {**texts, **{column: row.value(column) for column in (*VALUES, *DATES)}}
    fields["counts"], fields["covers"] = counted(texts)
    fields["definition"] = texts["definition"] or texts["quantity"]
    fields["period_start"] = row.value("period_start") or default_start(fields["as_of_date"], earliest)
    if not texts["lineage"].strip():
        own = default_lineage(texts["claimant"])
        fields["lineage"] = lineages.get(own, own)
    return Claim(**fields)
