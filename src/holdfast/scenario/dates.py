"""Faults of the calendar: what lies outside the run, what ends before it starts, what is out of order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from holdfast.scenario import words
from holdfast.scenario.faults import Fault, shown
from holdfast.scenario.places import labels
from holdfast.scenario.schema import Point, Scenario, Series

INFINITE = float("inf")

SHARE, SIGNED, MULTIPLE = (0.0, 1.0), (-1.0, 1.0), (0.0, INFINITE)

RANGES: dict[str, tuple[float, float]] = {
    "intensity": MULTIPLE,
    "assault": SHARE,
    "news": SIGNED,
    "candour": SHARE,
    "pay": MULTIPLE,
    "quota_per_day": MULTIPLE,
    "contracts_per_day": MULTIPLE,
    "supply": SHARE,
    "exit": SHARE,
    "captor": SHARE,
    "enforcement": MULTIPLE,
    "patron_gone": SHARE,
    "unpaid": SHARE,
    "shock": SHARE,
    "regime.elite_level": SHARE,
    "regime.vitality": SHARE,
}
"""What each series of a side may hold, by its path below the side."""


def last_day(scenario: Scenario) -> dt.date:
    """The day after the last step, up to which dates may lie."""
    try:
        return scenario.start + dt.timedelta(days=scenario.days)
    except OverflowError:
        return dt.date.max


def series_of(scenario: Scenario) -> Iterator[tuple[str, Series, tuple[float, float]]]:
    """Every series: its place, its values, its range."""
    for name, side in zip(labels(scenario.side), scenario.side, strict=True):
        for path, allowed in RANGES.items():
            holder, _, field = path.rpartition(".")
            yield (f"side[{name}].{path}", getattr(getattr(side, holder) if holder else side, field), allowed)


def faults(scenario: Scenario, cut_short: bool = False) -> list[Fault]:
    """Every date that cannot be; `cut_short` forgives what lies beyond the end of a run.

    A case that is run for fewer days than it was written for keeps its later events and series.
    """
    first, last = scenario.start, dt.date.max if cut_short else last_day(scenario)
    found = [_outside(place, date, first, last) for place, date in _dates(scenario)]
    for place, series, _ in series_of(scenario):
        found += _order(place, series)
    for kind in ("event", "encirclement"):
        tables = getattr(scenario, kind)
        for label, table in zip(labels(tables), tables, strict=True):
            found.append(_backwards(f"{kind}[{label}].end", table.start, table.end))
    return [fault for fault in found if fault is not None]


def ranges(scenario: Scenario) -> list[Fault]:
    """Every value of a series that leaves its range."""
    found = []
    for place, series, (low, high) in series_of(scenario):
        values = (
            [("", series)]
            if isinstance(series, float | int)
            else [(f"[{label}].value", point.value) for label, point in zip(labels(series), series, strict=True)]
        )
        for below, value in values:
            if not low <= value <= high:
                found.append(_out_of_range(place + below, value, low, high))
    return found


def _out_of_range(place: str, value: float, low: float, high: float) -> Fault:
    """A value of a series that leaves its range."""
    cure = f"Write a value in the range; the nearest is {min(max(value, low), high):g}"
    if high == 1 and 1 < value <= 100:
        cure = f"Write a share, not a percentage: {value / 100:g}"
    return Fault(place, shown(value), words.between(low, high), cure)


def _dates(scenario: Scenario) -> Iterator[tuple[str, dt.date]]:
    """Every date of the scenario after its start, with its place."""
    if scenario.ceasefire is not None:
        yield "ceasefire", scenario.ceasefire
    for kind in ("event", "encirclement"):
        tables = getattr(scenario, kind)
        for label, table in zip(labels(tables), tables, strict=True):
            yield f"{kind}[{label}].start", table.start
            if table.end is not None and table.end >= table.start:
                yield f"{kind}[{label}].end", table.end
    for place, series, _ in series_of(scenario):
        if isinstance(series, list):
            for label, point in zip(labels(series), series, strict=True):
                yield f"{place}[{label}].date", point.date


def _outside(place: str, date: dt.date, first: dt.date, last: dt.date) -> Fault | None:
    """A date before the first day or after the last."""
    if first <= date <= last:
        return None
    allowed = f"a date from {first} to {last}"
    if last == dt.date.max:
        allowed = f"a date from {first} on"
    if date < first:
        cure = f"Move it to {first} or later, or start the case earlier"
    else:
        cure = f"Move it to {last} or earlier, or raise days to {(date - first).days}"
    return Fault(place, shown(date), allowed, cure)


def _backwards(place: str, start: dt.date, end: dt.date | None) -> Fault | None:
    """An end before its start."""
    if end is None or end >= start:
        return None
    return Fault(place, shown(end), f"a date from {start} on", "Exchange start and end, or move one")


def _order(place: str, series: float | list[Point]) -> list[Fault | None]:
    """Dated values whose dates do not increase, or that are none."""
    if isinstance(series, float | int):
        return []
    if not series:
        return [Fault(place, "an empty list", "at least one dated value", "Write one number instead")]
    found: list[Fault | None] = []
    names = labels(series)
    for number in range(1, len(series)):
        before, date = series[number - 1].date, series[number].date
        if date <= before:
            told = "Remove one of the two" if date == before else "Put the dates in order"
            found.append(Fault(f"{place}[{names[number]}].date", shown(date), f"a date after {before}", told))
    return found
