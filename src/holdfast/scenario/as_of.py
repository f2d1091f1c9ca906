"""A scenario as it stood on a day: nothing that was dated later is left in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from pydantic import BaseModel

from holdfast.core.faults import Fault, ScenarioError
from holdfast.scenario.schema import Event, Point, Regime, ScenarioDocument, Side

SERIES = (
    "intensity", "assault", "drive", "news", "candour", "pay", "quota_per_day", "contracts_per_day", "supply", "exit", "captor",
    "enforcement", "patron_gone", "unpaid",
)  # fmt: skip
"""The dated series of a side that go on as they last were."""
REGIME_SERIES = ("elite_level", "vitality")
"""The dated series of its regime."""
MOST_DAYS = 3600
"""Days ahead, at most [d]."""


def scenario_as_of(document: ScenarioDocument, as_of: dt.date, until: dt.date) -> ScenarioDocument:
    """The scenario from a day on, as it was known on that day.

    Every series has its last value dated by the day, but for `shock`, which ends on it: a surprise that goes on for ever is
    none. A series whose first point is later has its ordinary value, since what a
    file says of a later day is no knowledge, not even of the days before it. Later events are left out; one that had begun
    and not ended goes on. Pockets are left out, and a ceasefire to come.

    Args:
        document: the scenario as its file has it.
        as_of: day of the forecast, the first day of the new scenario.
        until: last day of the new scenario.

    Returns:
        A scenario that is the same whatever the file says of later days.

    Raises:
        ScenarioError: if `as_of` lies before the scenario's start, or `until` is not after it or too far ahead.
    """
    faults = []
    if as_of < document.start:
        cure = f"Choose {document.start} or later, or a scenario of an earlier time"
        faults.append(Fault("--as-of", str(as_of), f"a day from the scenario's start, {document.start}, on", cure))
    if until <= as_of:
        faults.append(Fault("--until", str(until), f"a day after --as-of, {as_of}", "Choose a later day"))
    if (until - as_of).days > MOST_DAYS:
        faults.append(Fault("--until", str(until), f"at most {MOST_DAYS} days after --as-of", "Choose an earlier day"))
    if faults:
        raise ScenarioError(faults, "The request")
    over = document.ceasefire if document.ceasefire and document.ceasefire <= as_of else None
    return document.model_copy(
        update={
            "start": as_of, "days": (until - as_of).days + 1, "ceasefire": over, "encirclement": [],
            "side": [_side_as_of(side, as_of) for side in document.side],
            "event": _begun(document.event, as_of),
        }
    )  # fmt: skip


def _side_as_of(side: Side, as_of: dt.date) -> Side:
    """A side with its series at their last values."""
    values: dict[str, object] = {name: _last(getattr(side, name), as_of, Side, name) for name in SERIES} | {
        "shock": 0.0
    }
    regime = {name: _last(getattr(side.regime, name), as_of, Regime, name) for name in REGIME_SERIES}
    return side.model_copy(update=values | {"regime": side.regime.model_copy(update=regime)})


def _last(series: float | list[Point], as_of: dt.date, model: type[BaseModel], name: str) -> float:
    """The value of a series' last point by a day; its ordinary value where there is none."""
    if isinstance(series, int | float):
        return float(series)
    known = [point.value for point in series if point.date <= as_of]
    return float(known[-1] if known else model.model_fields[name].default)


def _begun(events: Sequence[Event], as_of: dt.date) -> list[Event]:
    """Events that had begun and not ended; when they would end nobody knew."""
    on = [event for event in events if event.start <= as_of and (event.end is None or event.end > as_of)]
    return [event.model_copy(update={"end": None}) for event in on]
