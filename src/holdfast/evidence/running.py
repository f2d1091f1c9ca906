"""What the next number of a running tally would be: its keeper only adds, so its other totals bind it from both sides."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Sequence

import numpy as np
from jaxtyping import Float

from holdfast.evidence import claimants, design, priors
from holdfast.evidence.claims.table import Claim
from holdfast.evidence.posterior import SidePosterior

RETELLS = ("eliminated", "killed_wounded", "casualties")
"""Words in which a running tally is told again."""
DAY = dt.timedelta(days=1)


def totals_of(side: SidePosterior, claim: Claim) -> list[Claim]:
    """The other fitted totals of the running tally that a claim is of, by its own word on where it came from.

    Args:
        side: the posterior of one side.
        claim: about that side.

    Returns:
        The totals by date; none where the claim is of no running tally.
    """
    if claim.counts not in RETELLS or claim.covers != "all" or claim.limit or claim.basis == "stock":
        return []
    if "tallies" not in side.memo:
        tallies: dict[tuple[str, str], list[Claim]] = {}
        for one in sorted((vote.claim for vote in side.design.numbers), key=lambda one: one.as_of_date):
            if design.is_tally(design.as_vote(one)):
                tallies.setdefault((one.lineage, one.covers), []).append(one)
        side.memo["tallies"] = tallies
    tally = side.memo["tallies"].get((claim.lineage, claim.covers), [])
    return [one for one in tally if one.claim_id != claim.claim_id]


@dataclasses.dataclass(frozen=True)
class _Gap:
    """A day between two totals of a tally, or after its last.

    Attributes:
        known: the total before the day [men].
        more: what the tally added until the next total; none after its last [men].
        steps: from the total before to the day, and on to the next total; as claims.
    """

    known: float
    more: float | None
    steps: tuple[Claim, ...]


def predicted(side: SidePosterior, claims: Sequence[Claim], seed: int) -> Float[np.ndarray, "claim draw"]:
    """What would be said of each claim's window: the tally at its end, less the tally before it.

    Args:
        side: the posterior of one side.
        claims: each of a running tally.
        seed: of what is not known.

    Returns:
        Men, `[claim, draw]`.
    """
    gaps = [gap for claim in claims for gap in _ends(totals_of(side, claim), claim)]
    within = [design.as_vote(step) for gap in gaps if gap.more is not None for step in gap.steps]
    beyond = [gap.steps[0] for gap in gaps if gap.more is None and gap.steps]
    logs, added = iter(claimants.log_estimate(side, within)), iter(claimants.told(side, beyond, seed))
    pace = priors.TALLY_PACE * np.random.default_rng((seed, 5)).normal(size=side.draws)
    totals = iter([_total(gap, logs, added, pace) for gap in gaps])
    random = np.random.default_rng((seed, 6))
    said = np.zeros((len(claims), side.draws))
    for row, claim in enumerate(claims):
        men = np.maximum(next(totals) - next(totals), 0.5)
        days = (claim.as_of_date - max(claim.period_start, side.design.calendar.first)).days + 1
        spread = np.linalg.norm([design.as_vote(claim).sd, priors.RETOLD, priors.RETOLD_DAYS / max(days, 1)])
        said[row] = men * np.exp(spread * random.standard_t(priors.DEGREES, side.draws))
    return said


def _ends(totals: Sequence[Claim], claim: Claim) -> tuple[_Gap, _Gap]:
    """Where the end of a claim's window, and the day before it, lie among a tally's totals."""
    known = {min(one.period_start for one in totals) - DAY: 0.0} | {one.as_of_date: one.value for one in totals}
    return _gap(totals[-1], known, claim.as_of_date), _gap(totals[-1], known, claim.period_start - DAY)


def _gap(like: Claim, known: dict[dt.date, float], day: dt.date) -> _Gap:
    earlier = max((one for one in known if one <= day), default=None)
    later = min((one for one in known if one > day), default=None)
    if earlier is None or earlier == day:
        return _Gap(known.get(day, 0.0), None, ())
    if later is None:
        return _Gap(known[earlier], None, (_step(like, earlier, day),))
    return _Gap(known[earlier], known[later] - known[earlier], (_step(like, earlier, day), _step(like, day, later)))


def _step(like: Claim, earlier: dt.date, later: dt.date) -> Claim:
    """What the tally adds from the day after one total to the day of another."""
    return dataclasses.replace(
        like, claim_id="", period_start=earlier + DAY, as_of_date=later, basis="per period", counts="eliminated"
    )


def _total(gap: _Gap, logs: Iterator[np.ndarray], added: Iterator[np.ndarray], pace: np.ndarray) -> np.ndarray:
    """The tally on a day: between two totals in the war's own proportions, days being unlike; after the last by a step."""
    if not gap.steps:
        return np.full(len(pace), gap.known)
    if gap.more is None:
        return gap.known + next(added)
    before, after = next(logs), next(logs)
    return gap.known + gap.more / (1 + np.exp(after - before - pace))
