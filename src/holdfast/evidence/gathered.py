"""What claims are known of a war: the shipped table, a user's own tables, and newer rows of data sets that were fetched. [IO]"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from holdfast.core.faults import ClaimsError, DataError, Fault, FaultyError, listed
from holdfast.evidence.claims import table
from holdfast.evidence.claims.table import Claim

SHIPPED, OWN, FETCHED = "shipped", "own", "fetched"
"""Where claims are from."""
OLD_DAYS = 45
"""If nothing newer than this is known of a side, a reader is warned: the months since are the evidence's model alone [d]."""


@dataclasses.dataclass(frozen=True)
class ClaimSource:
    """What one table brought."""

    name: str  # a shipped table's name, a file, or a data set
    kind: str  # one of `shipped`, `own`, `fetched`
    claims: int  # rows that it has
    added: int
    """Of these, rows that no table before it has: the same number told again is left out, and of a data set whatever the
    shipped table has up to a later day."""
    newest: dt.date | None  # the last day that one of its claims counts; none where it has no claim that counts


@dataclasses.dataclass(frozen=True)
class Gathered:
    """Claims of one war out of several tables."""

    claims: tuple[Claim, ...]  # in the order of the sources
    sources: tuple[ClaimSource, ...]  # what each brought

    def known_by(self, day: dt.date) -> tuple[Claim, ...]:
        """The claims that were known by a day.

        Args:
            day: the day.

        Returns:
            The claims, in their order.
        """
        return tuple(claim for claim in self.claims if claim.known_on <= day)


def newest(claims: Iterable[Claim], *, by: dt.date = dt.date.max) -> dict[str, dt.date]:
    """Until when anything is known of each side.

    Args:
        claims: of one war.
        by: the day by which a claim must have been known.

    Returns:
        By side: the last day that a claim counts which the model knows, and no later than its publication.
    """
    days: dict[str, dt.date] = {}
    for claim in claims:
        if claim.known_on <= by and claim.counts != "nothing":
            day = min(claim.as_of_date, claim.known_on)
            days[claim.side] = max(day, days.get(claim.side, day))
    return dict(sorted(days.items()))


def shipped_name(scenario: str) -> str:
    """The shipped table of a scenario's war.

    Args:
        scenario: its name.

    Returns:
        The table's name; nothing where none is shipped.
    """
    from holdfast.evidence import losses

    try:
        return losses.shipped_for(scenario)
    except ClaimsError:
        return ""


def shipped_newest(scenario: str) -> dt.date | None:
    """Until when the shipped table of a scenario's war knows anything.

    Args:
        scenario: its name.

    Returns:
        The day on which the last of its claims was published; none where no table is shipped.
    """
    name = shipped_name(scenario)
    return max(claim.known_on for claim in table.read(name)) if name else None


def gather(
    scenario: str, own: Sequence[str | Path] = (), *, fetched: bool = False, sides: Sequence[str] = ()
) -> Gathered:
    """The shipped claims of a war, a user's tables beside them, and newer rows of data sets that are on this machine.

    Nothing is fetched: a data set counts if `holdfast data fetch` has brought it. Of a data set only claims enter that count
    to a later day than any shipped claim of the same side and lineage: the shipped table has the rest.

    Args:
        scenario: name of a scenario; its shipped table is taken where there is one.
        own: tables of the user's own.
        fetched: whether data sets that are on this machine are taken too.
        sides: names of the armies; a data set's claims about others are left out. All unless given.

    Returns:
        The claims, each number once, and what each table brought.

    Raises:
        FaultyError: with every fault of every table; a `ClaimsError` where there is no table at all.
    """
    from holdfast.evidence import losses

    claims: list[Claim] = []
    sources: list[ClaimSource] = []
    faults: list[Fault] = []
    try:
        name = losses.shipped_for(scenario)
    except ClaimsError:
        if not own:
            raise
    else:
        claims += table.read(name)
        sources.append(_source(name, SHIPPED, claims, len(claims)))
    shipped = tuple(claims)
    for file in own:
        faults += _join(claims, sources, str(file))
    if fetched:
        faults += _join_fetched(claims, sources, shipped, sides)
    if faults:
        raise FaultyError(faults, "The claims")
    return Gathered(tuple(claims), tuple(sources))


def _source(name: str, kind: str, claims: Sequence[Claim], added: int) -> ClaimSource:
    return ClaimSource(name, kind, len(claims), added, max(newest(claims).values(), default=None))


def _join(claims: list[Claim], sources: list[ClaimSource], file: str) -> list[Fault]:
    """Add a user's table, or say what is wrong with it; a number that is there already is left out."""
    from holdfast.evidence import losses

    try:
        given = losses.table("", file)
    except ClaimsError as error:
        return [dataclasses.replace(fault, place=f"{file}, {fault.place}") for fault in error.faults]
    known, ids = {_number(claim) for claim in claims}, {claim.claim_id for claim in claims}
    fresh = [claim for claim in given if _number(claim) not in known]
    cure = "Give the row another id"
    taken = [claim.claim_id for claim in fresh if claim.claim_id in ids]
    faults = [Fault(f"{file}, {name}", "an id that another table has for another number", "an id of its own", cure)
              for name in taken]  # fmt: skip
    about, ours = {claim.side for claim in claims}, {claim.side for claim in fresh}
    if about and ours and not about & ours:
        lacking = f"claims about {listed(sorted(ours))} only"
        allowed = f"claims about {listed(sorted(about))}"
        faults.append(
            Fault(file, lacking, allowed, "Name the sides as the shipped table does, or leave the table away")
        )
    claims += fresh
    sources.append(_source(file, OWN, given, len(fresh)))
    return faults


def _number(claim: Claim) -> tuple[object, ...]:
    """What makes a claim the same number told again."""
    return claim.side, claim.counts, claim.covers, claim.lineage, claim.as_of_date, claim.period_start, claim.value


def _join_fetched(
    claims: list[Claim], sources: list[ClaimSource], shipped: Sequence[Claim], sides: Sequence[str]
) -> list[Fault]:
    """Add what data sets on this machine have of later days, or say what is wrong with them."""
    from holdfast.evidence.datasets import claims_rows, registry  # loads pandas

    last = _last_of(shipped)
    faults: list[Fault] = []
    for name in claims_rows.MAKERS:
        if not registry.is_here(name):
            continue
        try:
            given = table.read(claims_rows.as_claims(name))
        except (DataError, ClaimsError) as error:
            faults += [dataclasses.replace(fault, place=f"{name}, {fault.place}") for fault in error.faults]
            continue
        about = [claim for claim in given if not sides or claim.side in sides]
        known, ids = {_number(claim) for claim in claims}, {claim.claim_id for claim in claims}
        fresh = [
            claim for claim in about
            if claim.as_of_date > last.get(_series(claim), dt.date.min)
            and _number(claim) not in known and claim.claim_id not in ids
        ]  # fmt: skip
        if about:
            claims += fresh
            sources.append(_source(name, FETCHED, about, len(fresh)))
    return faults


def _series(claim: Claim) -> tuple[str, str]:
    """Whom a claim is about, and where it is from."""
    return claim.side, claim.lineage


def _last_of(claims: Iterable[Claim]) -> Mapping[tuple[str, str], dt.date]:
    """The last day that each lineage counts to, plans and other claims that count nothing aside."""
    last: dict[tuple[str, str], dt.date] = {}
    for claim in claims:
        if claim.counts != "nothing":
            last[_series(claim)] = max(claim.as_of_date, last.get(_series(claim), claim.as_of_date))
    return last


def staleness(newest: Mapping[str, dt.date], as_of: dt.date) -> list[str]:
    """What a reader must know where the newest claims are old.

    Args:
        newest: by side, until when anything is known.
        as_of: day of the forecast.

    Returns:
        A sentence for each side of which nothing is known for longer than `OLD_DAYS`.
    """
    return [
        f"Nothing is known of {side.capitalize()} after {day}, {(as_of - day).days} days before the forecast: what it lost "
        "since then is the evidence's model running on. Add newer claims with --claims."
        for side, day in newest.items() if (as_of - day).days > OLD_DAYS
    ]  # fmt: skip
