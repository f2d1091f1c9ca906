"""What the evidence said of two armies on a day: draws of their months, from claims known by then. [IO]"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Float

from holdfast.core.faults import Fault, ScenarioError, listed
from holdfast.evidence import fit_cache, reconcile
from holdfast.evidence.claims.claim import Claim
from holdfast.evidence.posterior import SidePosterior
from holdfast.scenario.schema import Event, Point, Regime, ScenarioDocument, Side

# The case as it stood on a day: nothing dated later is left in it.


SERIES = (
    "intensity", "assault", "news", "candour", "pay", "quota_per_day", "contracts_per_day", "supply", "exit", "captor",
    "enforcement", "patron_gone", "unpaid", "shock",
)  # fmt: skip
REGIME_SERIES = ("elite_level", "vitality")


def held(scenario: ScenarioDocument, as_of: dt.date, until: dt.date) -> ScenarioDocument:
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


FLOWS = ("killed", "wounded", "captured", "deserted", "recruited")


@dataclasses.dataclass(frozen=True)
class SideKnown:
    """One army: draws of its war up to the day, the last month perhaps cut."""

    months: tuple[dt.date, ...]
    """First day of each month, or of the war."""
    days: Float[np.ndarray, month]
    """Days of each month that are covered."""
    flows: Mapping[str, Float[np.ndarray, "draw month"]]
    """Men a month, by `FLOWS`."""
    strength: Float[np.ndarray, "draw edge"]
    """Men present at the months' edges."""
    leave: Float[np.ndarray, draw]
    """Share of the men who go home in a month, of late."""
    returned: Float[np.ndarray, draw]
    """Share of wounded who return."""
    came_back: Float[np.ndarray, draw]
    """Share of deserters who come back."""
    held: Float[np.ndarray, draw]
    """Share of all captured who are held."""

    @property
    def draws(self) -> int:
        """How many."""
        return len(self.strength)

    def a_day(self, name: str) -> Float[np.ndarray, "draw month"]:
        """Men a day of each month; at least a man in a hundred days, so that it has a logarithm."""
        return np.maximum(self.flows[name] / self.days, 0.01)


@dataclasses.dataclass(frozen=True)
class Known:
    """What was known on a day."""

    as_of: dt.date
    claims: int
    """Claims that were known."""
    sides: Mapping[str, SideKnown]
    fits: Mapping[str, Mapping[str, Any]] = dataclasses.field(default_factory=dict)
    """By side: how the searches of its fit ended, as among the diagnostics of losses."""
    notes: tuple[str, ...] = ()
    """What a reader should know of the fits although they converged."""

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all draws, to six digits."""
        made = hashlib.sha256(str(self.as_of).encode())
        for name, side in self.sides.items():
            made.update(name.encode())
            for values in (*side.flows.values(), side.strength, side.leave, side.returned, side.came_back):
                made.update(np.char.mod("%.6g", values).tobytes())
        return made.hexdigest()


def known(claims: Sequence[Claim], sides: Sequence[str], as_of: dt.date, seed: int = 1) -> Known:
    """The fast posterior of the claims that were known by a day; later ones are not even handed on.

    Raises `ScenarioError` where a side of the case has no claim by then.
    """
    by_then = tuple(claim for claim in claims if claim.known_on <= as_of)
    about = {claim.side for claim in by_then if claim.counts != "nothing"}
    lacking = [side for side in sides if side not in about]
    if lacking:
        cure = "Choose a later --as-of, or a case of a war with claims about both sides"
        found = f"no claim about {listed(lacking)} known by {as_of}"
        raise ScenarioError([Fault("the claims", found, "claims about both sides", cure)], "The request")
    made = fit_cache.once(
        ("forecast", by_then, as_of, tuple(sides), seed),
        lambda: reconcile.reconcile(
            by_then, until=as_of, known_by=as_of, sides=sides, fast=True, seed=seed
        ),
    )  # fmt: skip
    return Known(
        as_of, len(by_then), {name: _of(made.sides[name]) for name in sides}, made.diagnostics["fits"],
        tuple(made.diagnostics["notes"]),
    )  # fmt: skip


def _of(side: SidePosterior) -> SideKnown:
    war, calendar = side.war, side.design.calendar
    strength = np.asarray(war.strength, float)
    share = np.clip(np.asarray(war.discharged)[:, -3:] / np.maximum(strength[:, -4:-1], 1.0), 0, 0.5)
    return SideKnown(
        months=tuple(calendar.months), days=np.asarray(calendar.days, float),
        flows={name: np.asarray(getattr(war, name), float) for name in FLOWS}, strength=strength,
        leave=(share / calendar.days[-3:] * 30.44).mean(axis=1), returned=np.asarray(war.returned, float),
        came_back=np.asarray(war.came_back, float), held=np.asarray(war.held, float),
    )  # fmt: skip
