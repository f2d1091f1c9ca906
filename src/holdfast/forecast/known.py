"""What the evidence said of two armies on a day: draws of their months, from claims known by then. [IO]"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
from jaxtyping import Float

from holdfast.evidence import kept, reconcile
from holdfast.evidence.claims.claim import Claim
from holdfast.evidence.posterior import SidePosterior
from holdfast.scenario.faults import Fault, ScenarioError, listed

FLOWS = ("killed", "wounded", "captured", "deserted", "recruited")


@dataclasses.dataclass(frozen=True)
class SideKnown:
    """One army: draws of its war up to the day, the last month perhaps cut."""

    months: tuple[dt.date, ...]
    """First day of each month, or of the war."""
    days: Float[np.ndarray, "month"]
    """Days of each month that are covered."""
    flows: Mapping[str, Float[np.ndarray, "draw month"]]
    """Men a month, by `FLOWS`."""
    strength: Float[np.ndarray, "draw edge"]
    """Men present at the months' edges."""
    leave: Float[np.ndarray, "draw"]
    """Share of the men who go home in a month, of late."""
    returned: Float[np.ndarray, "draw"]
    """Share of wounded who return."""
    came_back: Float[np.ndarray, "draw"]
    """Share of deserters who come back."""
    held: Float[np.ndarray, "draw"]
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
    made = kept.once(
        ("forecast", by_then, as_of, tuple(sides), seed),
        lambda: reconcile.reconcile(
            by_then, until=as_of, known_by=as_of, sides=sides, fast=True, seed=seed
        ),
    )  # fmt: skip
    return Known(as_of, len(by_then), {name: _of(made.sides[name]) for name in sides})


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
