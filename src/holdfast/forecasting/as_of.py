"""The evidence as it stood on a day: no claim that was known later is left in it. [IO]"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
from jaxtyping import Float

from holdfast.core.faults import Fault, ScenarioError, listed
from holdfast.core.units import MONTH_DAYS
from holdfast.evidence.claims.table import Claim
from holdfast.evidence.posterior import SidePosterior

FLOWS = ("killed", "wounded", "captured", "deserted", "recruited")
"""The monthly flows of men that a forecast goes on from."""
LEAST_DAYS = 10
"""A month that was cut shorter is left out of levels and paces [d]."""
LEAST_PER_DAY = 0.01
"""Least men a day of a flow, so that it has a logarithm [men/d]."""


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
    from holdfast.evidence import losses, reconcile

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
