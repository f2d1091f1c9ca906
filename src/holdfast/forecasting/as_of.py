"""The scenario and the evidence as they stood on a day: nothing that was dated or known later is left in them. [IO]"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
from jaxtyping import Float
from pydantic import BaseModel

from holdfast.core.faults import Fault, ScenarioError, listed
from holdfast.core.units import MONTH_DAYS
from holdfast.evidence import losses, reconcile
from holdfast.evidence.claims.table import Claim
from holdfast.evidence.posterior import SidePosterior
from holdfast.scenario.schema import Event, Point, Regime, ScenarioDocument, Side

SERIES = (
    "intensity", "assault", "news", "candour", "pay", "quota_per_day", "contracts_per_day", "supply", "exit", "captor",
    "enforcement", "patron_gone", "unpaid", "shock",
)  # fmt: skip
"""The dated series of a side."""
REGIME_SERIES = ("elite_level", "vitality")
"""The dated series of its regime."""
MOST_DAYS = 3600
"""Days ahead, at most [d]."""
FLOWS = ("killed", "wounded", "captured", "deserted", "recruited")
"""The monthly flows of men that a forecast goes on from."""
LEAST_DAYS = 10
"""A month that was cut shorter is left out of levels and paces [d]."""
LEAST_PER_DAY = 0.01
"""Least men a day of a flow, so that it has a logarithm [men/d]."""


def scenario_as_of(document: ScenarioDocument, as_of: dt.date, until: dt.date) -> ScenarioDocument:
    """The scenario from a day on, as it was known on that day.

    Every series has its last value dated by the day; one whose first point is later has its ordinary value, since what a
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
    values: dict[str, object] = {name: _last(getattr(side, name), as_of, Side, name) for name in SERIES}
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


@dataclasses.dataclass(frozen=True)
class SideEvidence:
    """Posterior draws of one army's war up to the day; the last month may be cut."""

    months: tuple[dt.date, ...]  # first day of each month, or of the war
    days: Float[np.ndarray, month]  # days of each month that are covered [d]
    flows: Mapping[str, Float[np.ndarray, "draw month"]]  # men a month, by `FLOWS`
    strength: Float[np.ndarray, "draw edge"]  # men present at the months' edges
    leave: Float[np.ndarray, draw]
    """Share of the men who go home in a month, mean of the last three months [1/month]."""
    returned: Float[np.ndarray, draw]  # share of wounded who return [1]
    came_back: Float[np.ndarray, draw]  # share of deserters who come back [1]
    held: Float[np.ndarray, draw]  # share of all captured who are still prisoners [1]

    @property
    def draws(self) -> int:
        """Number of draws."""
        return len(self.strength)

    @property
    def usable(self) -> np.ndarray:
        """Which months are long enough to be used, `[month]`."""
        return self.days >= min(LEAST_DAYS, self.days.max())

    def per_day(self, name: str) -> Float[np.ndarray, "draw month"]:
        """A flow as a daily rate.

        Args:
            name: one of `FLOWS`.

        Returns:
            Men a day of each month, at least `LEAST_PER_DAY` [men/d].
        """
        return np.maximum(self.flows[name] / self.days, LEAST_PER_DAY)


@dataclasses.dataclass(frozen=True)
class EvidenceAsOf:
    """The evidence on both armies as it stood on a day."""

    as_of: dt.date  # the day
    claims: int  # number of claims known by then
    sides: Mapping[str, SideEvidence]  # draws by side
    fits: Mapping[str, Mapping[str, float]] = dataclasses.field(default_factory=dict)
    """By side: how the searches of its fit ended, as among the diagnostics of losses."""
    notes: tuple[str, ...] = ()  # what a reader should know of the fits although they converged

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all draws, to six digits."""
        hashed = hashlib.sha256(str(self.as_of).encode())
        for name, side in self.sides.items():
            hashed.update(name.encode())
            for values in (*side.flows.values(), side.strength, side.leave, side.returned, side.came_back):
                hashed.update(np.char.mod("%.6g", values).tobytes())
        return hashed.hexdigest()


def evidence_as_of(claims: Sequence[Claim], sides: Sequence[str], as_of: dt.date, seed: int = 1) -> EvidenceAsOf:
    """The fast posterior of the claims that were known by a day; later ones are not even handed on.

    Args:
        claims: all claims.
        sides: names of both armies.
        as_of: the day.
        seed: of the draws.

    Returns:
        Draws of both armies' months up to the day.

    Raises:
        ScenarioError: if there is a side without any claim known by then.
    """
    by_then = tuple(claim for claim in claims if claim.known_on <= as_of)
    about = {claim.side for claim in by_then if claim.counts != "nothing"}
    lacking = [side for side in sides if side not in about]
    if lacking:
        cure = "Choose a later --as-of, or a scenario of a war with claims about both sides"
        given = f"no claim about {listed(lacking)} known by {as_of}"
        raise ScenarioError([Fault("the claims", given, "claims about both sides", cure)], "The request")
    posterior = losses.fit_cache().get(
        ("forecast", by_then, as_of, tuple(sides), seed),
        lambda: reconcile.reconcile(
            by_then, until=as_of, known_by=as_of, sides=sides, fast=True, seed=seed
        ),
    )  # fmt: skip
    return EvidenceAsOf(
        as_of, len(by_then), {name: _side_evidence(posterior.sides[name]) for name in sides},
        fits=posterior.diagnostics["fits"], notes=tuple(posterior.diagnostics["notes"]),
    )  # fmt: skip


def _side_evidence(side: SidePosterior) -> SideEvidence:
    """What a forecast needs of one side's posterior."""
    war, calendar = side.war, side.design.calendar
    strength = np.asarray(war.strength, float)
    share = np.clip(np.asarray(war.discharged)[:, -3:] / np.maximum(strength[:, -4:-1], 1.0), 0, 0.5)
    return SideEvidence(
        months=tuple(calendar.months), days=np.asarray(calendar.days, float),
        flows={name: np.asarray(getattr(war, name), float) for name in FLOWS}, strength=strength,
        leave=(share / calendar.days[-3:] * MONTH_DAYS).mean(axis=1), returned=np.asarray(war.returned, float),
        came_back=np.asarray(war.came_back, float), held=np.asarray(war.held, float),
    )  # fmt: skip
