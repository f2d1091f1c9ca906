"""The case as it stood on a day: nothing dated later is left in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from holdfast.scenario.faults import Fault, ScenarioError
from holdfast.scenario.schema import Event, Point, Regime, Scenario, Side

SERIES = (
    "intensity", "assault", "news", "candour", "pay", "quota_per_day", "contracts_per_day", "supply", "exit", "captor",
    "enforcement", "patron_gone", "unpaid", "shock",
)  # fmt: skip
REGIME_SERIES = ("elite_level", "vitality")


def held(scenario: Scenario, as_of: dt.date, until: dt.date) -> Scenario:
    """The scenario from `as_of` to `until`, every series at its last value dated by `as_of`, later events left out.

    A series whose first point is later has its ordinary value: what a file says of a later day is no knowledge, not even
    of the days before it. An event that had begun and not ended goes on. Pockets are left out, and a ceasefire to come.
    Raises `ScenarioError` where `as_of` lies before the case or `until` is not after it.
    """
    found = []
    if as_of < scenario.start:
        cure = f"Choose {scenario.start} or later, or a case of an earlier time"
        found.append(Fault("--as-of", str(as_of), f"a day from the case's start, {scenario.start}, on", cure))
    if until <= as_of:
        found.append(Fault("--until", str(until), f"a day after --as-of, {as_of}", "Choose a later day"))
    if (until - as_of).days > 3600:
        found.append(Fault("--until", str(until), "at most 3600 days after --as-of", "Choose an earlier day"))
    if found:
        raise ScenarioError(found, "The request")
    over = scenario.ceasefire if scenario.ceasefire and scenario.ceasefire <= as_of else None
    return scenario.model_copy(
        update={
            "start": as_of, "days": (until - as_of).days + 1, "ceasefire": over, "encirclement": [],
            "side": [_held_side(side, as_of) for side in scenario.side],
            "event": _begun(scenario.event, as_of),
        }
    )  # fmt: skip


def _held_side(side: Side, as_of: dt.date) -> Side:
    values: dict[str, Any] = {name: _last(getattr(side, name), as_of, Side, name) for name in SERIES}
    regime = {name: _last(getattr(side.regime, name), as_of, Regime, name) for name in REGIME_SERIES}
    return side.model_copy(update=values | {"regime": side.regime.model_copy(update=regime)})


def _last(series: float | list[Point], as_of: dt.date, model: Any, name: str) -> float:
    """The value of a series' last point by a day; its ordinary value where there is none."""
    if isinstance(series, int | float):
        return float(series)
    known = [point.value for point in series if point.date <= as_of]
    return float(known[-1] if known else model.model_fields[name].default)


def _begun(events: Sequence[Event], as_of: dt.date) -> list[Event]:
    """Events that had begun and not ended; when they would end nobody knew."""
    on = [event for event in events if event.start <= as_of and (event.end is None or event.end > as_of)]
    return [event.model_copy(update={"end": None}) for event in on]
