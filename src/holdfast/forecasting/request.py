"""What a forecast is asked for: its days, `today` among them, and the claims that it may know; every fault at once. [IO]"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from holdfast.core.faults import DayLike, Fault, FaultyError, ScenarioError, day_of
from holdfast.evidence import gathered
from holdfast.evidence.gathered import Gathered
from holdfast.evidence.reconcile import MOST_DAYS_ON
from holdfast.scenario.as_of import scenario_as_of
from holdfast.scenario.schema import ScenarioDocument

START, UNTIL = dt.date(2023, 11, 15), dt.date(2026, 7, 31)
"""Day and last day of the shipped forecast."""
WORDS = {"today": 0, "yesterday": 1}
"""Days that may be named by a word, and how long ago they are [d]."""
AHEAD = 12
"""Whole months that a forecast from after `UNTIL` goes on for."""


def today() -> dt.date:
    """The day on this machine's calendar.

    Returns:
        The day.
    """
    return dt.date.today()


def days(as_of: DayLike, until: DayLike | None = None, *, now: dt.date | None = None) -> tuple[dt.date, dt.date]:
    """The day of a forecast and its last day.

    Args:
        as_of: the day, as `core.faults.day_of` takes it, `today` or `yesterday`.
        until: the last day, likewise; unless given that of the shipped forecast, and from that day on the end of the
            twelfth whole month to come.
        now: today, if not by this machine's calendar.

    Returns:
        Both.

    Raises:
        ScenarioError: with every fault of the two: no day, a day in the future, a last day that is not after the first.
    """
    now = now or today()
    faults: list[Fault] = []
    first = _day("--as-of", as_of, now, faults)
    last = _day("--until", until, now, faults) if until is not None else first and last_day(first)
    if first and first > now:
        cure = "Choose today or an earlier day; how far it goes on is said by --until"
        faults.append(
            Fault("--as-of", str(first), f"today, {now}, or an earlier day: nobody knows a later one's claims", cure)
        )
    if first and last and last <= first:
        faults.append(Fault("--until", str(last), f"a day after --as-of, {first}", "Choose a later day"))
    if faults or not first or not last:
        raise ScenarioError(faults, "The request")
    return first, last


def _day(place: str, value: DayLike, now: dt.date, faults: list[Fault]) -> dt.date | None:
    """A day as it was given; a fault is noted where it is none."""
    words = WORDS if place == "--as-of" else {}
    if isinstance(value, str) and value.strip().lower() in words:
        return now - dt.timedelta(days=words[value.strip().lower()])
    meant = day_of(place, value, words)
    if isinstance(meant, dt.date):
        return meant
    faults.append(meant)
    return None


def last_day(as_of: dt.date) -> dt.date:
    """The last day of a forecast that names none.

    Args:
        as_of: its day.

    Returns:
        That of the shipped forecast; from that day on the end of the twelfth whole month to come.
    """
    if as_of < UNTIL:
        return UNTIL
    tomorrow = as_of + dt.timedelta(days=1)
    month = tomorrow.year * 12 + tomorrow.month - 1 + AHEAD + (tomorrow.day > 1)
    return dt.date(month // 12, month % 12 + 1, 1) - dt.timedelta(days=1)


def is_live(as_of: dt.date, now: dt.date | None = None) -> bool:
    """Whether a forecast is made on its own day, so that nobody can know what follows.

    Args:
        as_of: its day.
        now: today, if not by this machine's calendar.

    Returns:
        Whether the day is today or yesterday.
    """
    return as_of >= (now or today()) - dt.timedelta(days=1)


def claims_of(
    scenario: str, sides: Sequence[str], as_of: dt.date, own: Sequence[str | Path] = (), fetched: bool | None = None
) -> Gathered:
    """The claims that a forecast may draw on.

    Args:
        scenario: its name.
        sides: names of both armies.
        as_of: its day.
        own: tables of claims of the user's own, which are added to the shipped one.
        fetched: whether newer claims of data sets on this machine are added; unless given, only where the day is later than
            all shipped claims, so that a forecast of the past is the same on every machine.

    Returns:
        The claims, later ones among them, and where they are from.

    Raises:
        FaultyError: with every fault of every table.
    """
    if fetched is None:
        newest = gathered.shipped_newest(scenario)
        fetched = newest is not None and as_of > newest
    return gathered.gather(scenario, own, fetched=fetched, sides=sides)


def checked(document: ScenarioDocument, claims: Gathered, as_of: dt.date, until: dt.date) -> ScenarioDocument:
    """The scenario as it stood on a day, if scenario and claims allow a forecast from it.

    Args:
        document: the scenario as its file has it.
        claims: all that may be drawn on.
        as_of: day of the forecast.
        until: its last day.

    Returns:
        The scenario from the day on.

    Raises:
        ScenarioError: with every fault: a day before the scenario or before the first claims about an army, or more than a year
            after the last.
    """
    faults: list[Fault] = []
    try:
        held = scenario_as_of(document, as_of, until)
    except FaultyError as error:
        faults += error.faults
    sides = [side.name for side in document.side]
    known = gathered.newest(claims.claims, by=as_of)
    lacking = [side for side in sides if side not in known]
    for side in lacking:
        first = min(
            (claim.known_on for claim in claims.claims if claim.side == side and claim.counts != "nothing"),
            default=None,
        )
        cure = (
            f"Choose {first} or later"
            if first
            else "Choose a scenario of a war with claims about both sides, or add some with --claims"
        )
        faults.append(Fault("--as-of", f"no claim about {side} known by {as_of}", "claims about both sides", cure))
    last = max((claim.as_of_date for claim in claims.known_by(as_of) if claim.counts != "nothing"), default=None)
    if not lacking and last and (as_of - last).days > MOST_DAYS_ON:
        cure = "Add newer claims with --claims FILE, or choose an earlier day"
        faults.append(Fault("--as-of", str(as_of), f"at most a year after the last claim, {last}", cure))
    if faults:
        raise ScenarioError(faults, "The request")
    return held
