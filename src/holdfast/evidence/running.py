"""What the next number of a running tally would be: its keeper only adds, so its other totals bind it from both sides."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from holdfast.evidence import claimants, design, priors
from holdfast.evidence.claims.table import Claim
from holdfast.evidence.posterior import SidePosterior

RETELLS = ("eliminated", "killed_wounded", "casualties")
"""Words in which a running tally is told again."""


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
    tally = [
        vote.claim for vote in side.design.numbers
        if vote.claim.lineage == claim.lineage and vote.claim.claim_id != claim.claim_id
        and vote.claim.covers == claim.covers and design.is_tally(design.as_vote(vote.claim))
    ]  # fmt: skip
    return sorted(tally, key=lambda one: one.as_of_date)


def predicted(side: SidePosterior, claim: Claim, totals: Sequence[Claim], seed: int) -> Float[np.ndarray, draw]:
    """What would be said of the claim's window: the tally at its end, less the tally before it.

    Args:
        side: the posterior of one side.
        claim: of a running tally.
        totals: the tally's other totals, by date.
        seed: of what is not known.

    Returns:
        Men, `[draw]`.
    """
    start = min(one.period_start for one in totals)
    known = {start - dt.timedelta(days=1): 0.0} | {one.as_of_date: one.value for one in totals}
    random = np.random.default_rng((seed, claim.as_of_date.toordinal()))
    like, pace = totals[-1], np.random.default_rng((seed, 5)).normal(size=side.draws)
    at_end = _total(side, like, known, claim.as_of_date, pace, seed)
    before = _total(side, like, known, claim.period_start - dt.timedelta(days=1), pace, seed)
    days = (claim.as_of_date - max(claim.period_start, start)).days + 1
    spread = np.linalg.norm([design.as_vote(claim).sd, priors.RETOLD, priors.RETOLD_DAYS / days])
    noise = spread * random.standard_t(priors.DEGREES, side.draws)
    return np.maximum(at_end - before, 0.5) * np.exp(noise)


def _total(
    side: SidePosterior, like: Claim, known: dict[dt.date, float], day: dt.date, pace: np.ndarray,
    seed: int,
) -> Float[np.ndarray, draw]:  # fmt: skip
    """The tally on a day: between two known totals in the war's own proportions, beyond the last by a step."""
    earlier = max((one for one in known if one <= day), default=None)
    later = min((one for one in known if one >= day), default=None)
    if earlier is None:
        return np.zeros(side.draws)
    if earlier == day:
        return np.full(side.draws, known[day])
    first = _step(like, earlier, day)
    if later is None:
        return known[earlier] + claimants.told(side, [first], seed)[0]
    odds = np.subtract(*claimants.log_estimate(side, [design.as_vote(one) for one in (first, _step(like, day, later))]))
    share = 1 / (1 + np.exp(-(odds + priors.TALLY_PACE * pace)))
    return known[earlier] + (known[later] - known[earlier]) * share


def _step(like: Claim, earlier: dt.date, later: dt.date) -> Claim:
    """What the tally adds from the day after one total to the day of another, as a claim of no tally that is known."""
    begin = earlier + dt.timedelta(days=1)
    return dataclasses.replace(like, claim_id="", period_start=begin, as_of_date=later, basis="per period", counts="eliminated")
