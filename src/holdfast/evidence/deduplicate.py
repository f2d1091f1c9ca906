"""One lineage, one vote: which claims are the same number said again, and which tallies are taken by their steps."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from holdfast.core.units import CALENDAR_MONTH_DAYS, Z80
from holdfast.evidence.claims.claim import Claim

LEAST_STEP_DAYS = 5
UNIT_DAYS = {"per day": 1.0, "per week": 7.0, "per month": CALENDAR_MONTH_DAYS}
BYSTANDERS = ("third-party government", "think tank / model", "media")
ECHO = 0.06
"""On the log scale. In 2024-26 the totals of six governments and institutes lay this near one belligerent's tally."""
NO_VOTE = ("not independent", "meta-estimate", "meta-model")
"""Words, in definition, claimant or note, of a number made from other claims: judged, never counted."""


@dataclasses.dataclass(frozen=True)
class Vote:
    """A claim as the model weighs it: a window, and the logarithm of a total over it with its own uncertainty.

    Attributes:
        claim: the claim.
        begin: first day of its window.
        end: last day of its window.
        log_value: logarithm of the total over the window [men].
    """

    claim: Claim
    begin: dt.date
    end: dt.date
    log_value: float
    sd: float
    """Of the claim's own range and rounding."""
    sign: int
    """0 for a number, +1 for "at least", -1 for "up to"."""


def votes(claims: Sequence[Claim]) -> list[Vote]:
    """The claims that count, copies once, running tallies by their steps.

    Args:
        claims: of one side.

    Returns:
        The votes.
    """
    able = echoes([claim for claim in claims if may_vote(claim)])
    return [*_distinct(vote for vote in map(as_vote, able) if not is_tally(vote)), *_steps(able)]


def may_vote(claim: Claim) -> bool:
    """Whether a claim says something of its own that the model knows.

    Args:
        claim: a claim.

    Returns:
        Whether it counts.
    """
    words = f"{claim.definition} {claim.claimant} {claim.note}".lower()
    return claim.counts != "nothing" and claim.value > 0 and not any(word in words for word in NO_VOTE)


def as_vote(claim: Claim) -> Vote:
    """A claim by itself.

    Args:
        claim: a claim.

    Returns:
        The vote.
    """
    begin = claim.as_of_date if claim.counts == "strength" else claim.period_start
    sign = {"": 0, "at least": 1, "up to": -1}[claim.limit]
    sign = {"part": 1, "wider": -1}.get(claim.covers, sign)
    return Vote(claim, begin, claim.as_of_date, float(np.log(total(claim, claim.value))), _own_sd(claim), sign)


def total(claim: Claim, value: float) -> float:
    """A rate a day, a week or a month as the total of its window; other claims as they are.

    Args:
        claim: gives basis and window.
        value: the number in the claim's own basis.

    Returns:
        Men over the window.
    """
    days = (claim.as_of_date - claim.period_start).days + 1
    if claim.basis not in UNIT_DAYS or (claim.basis == "per month" and days <= 31):
        return value
    return value * days / UNIT_DAYS[claim.basis]


def _own_sd(claim: Claim) -> float:
    """SD on the log scale of a claim's stated range (10th to 90th percentile) and of its rounding."""
    spread = 0.0
    if claim.value_low and claim.value_high and claim.value_high > claim.value_low:
        spread = float(np.log(claim.value_high / claim.value_low)) / (2 * Z80)
    return float(np.hypot(spread, rounding(claim.value) / claim.value / 12**0.5))


def rounding(value: float) -> float:
    """The power of ten to which a number seems to be rounded.

    >>> rounding(315000.0), rounding(300000.0)
    (1000.0, 100000.0)

    Args:
        value: a number.

    Returns:
        The power of ten.
    """
    unit = 1.0
    while value >= 10 * unit and value % (10 * unit) == 0:
        unit *= 10
    return unit


def is_tally(vote: Vote) -> bool:
    """A running total that its keeper only ever adds to.

    Args:
        vote: a claim as a vote.

    Returns:
        Whether it is one.
    """
    claim = vote.claim
    return claim.counts == "eliminated" and claim.basis == "cumulative" and vote.sign == 0


def _steps(claims: Iterable[Claim]) -> list[Vote]:
    """Running tallies as what each added since the one before; their keeper's error of March is not one of April."""
    series: dict[tuple[str, ...], list[Claim]] = {}
    for claim in claims:
        if is_tally(as_vote(claim)):
            series.setdefault((claim.side, claim.lineage, claim.covers), []).append(claim)
    steps = []
    for one in series.values():
        begin, so_far = min(claim.period_start for claim in one), 0.0
        for claim in _keepers(one):
            if (claim.as_of_date - begin).days < LEAST_STEP_DAYS or claim.value <= so_far:
                continue
            step = claim.value - so_far
            sd = rounding(claim.value) / step / 12**0.5
            steps.append(Vote(claim, begin, claim.as_of_date, float(np.log(step)), sd, 0))
            begin, so_far = claim.as_of_date + dt.timedelta(days=1), claim.value
    return steps


def _keepers(tally: Sequence[Claim]) -> list[Claim]:
    """A tally in the order of its days, as its keeper told it; from others who repeat it only what lies beyond his."""
    tellers = Counter(claim.claimant for claim in tally)
    keeper = max(tellers, key=lambda name: (tellers[name], name))
    days = [claim.as_of_date for claim in tally if claim.claimant == keeper]
    lines = [
        claim for claim in tally
        if claim.claimant == keeper or not min(days) <= claim.as_of_date <= max(days)
    ]  # fmt: skip
    return sorted(lines, key=lambda claim: (claim.as_of_date, claim.value, claim.claim_id))


def echoes(claims: Sequence[Claim]) -> list[Claim]:
    """Totals of bystanders that sit on a belligerent's running tally, as what they are: its echo.

    Such a claim takes the tally's words and lineage. Some that were made independently are caught as well: their
    agreement is then lost, not used against them.

    Args:
        claims: of one side.

    Returns:
        The claims, echoes in the tally's words and lineage.
    """
    tallies: dict[tuple[str, str], list[Claim]] = {}
    for claim in claims:
        if is_tally(as_vote(claim)):
            tallies.setdefault((claim.side, claim.lineage), []).append(claim)
    return [
        next((_echo(claim, tally) for tally in tallies.values() if is_echo(claim, tally)), claim) for claim in claims
    ]


def is_echo(claim: Claim, tally: Sequence[Claim]) -> bool:
    """Whether a bystander's total of casualties is the tally's of that day, to within `ECHO`.

    Args:
        claim: of a bystander.
        tally: claims of one running tally.

    Returns:
        Whether it is one.
    """
    if claim.side != tally[0].side or claim.claimant_type not in BYSTANDERS or claim.basis != "cumulative":
        return False
    if claim.counts not in ("killed_wounded", "casualties") or claim.covers != "all" or claim.limit:
        return False
    days = [one.as_of_date.toordinal() for one in tally]
    if not min(days) <= claim.as_of_date.toordinal() <= max(days):
        return False
    order = np.argsort(days)
    there = np.interp(
        claim.as_of_date.toordinal(), np.array(days)[order], np.array([one.value for one in tally])[order]
    )
    return bool(abs(np.log(claim.value / there)) < ECHO)


def _echo(claim: Claim, tally: Sequence[Claim]) -> Claim:
    """The claim in the tally's words."""
    like = tally[0]
    return dataclasses.replace(claim, counts=like.counts, lineage=like.lineage, claimant_type=like.claimant_type)


def _distinct(votes: Iterable[Vote]) -> list[Vote]:
    """Each number once: the same count of the same window, said again, is no news."""
    first: dict[tuple[object, ...], Vote] = {}
    for vote in votes:
        claim = vote.claim
        key = (claim.side, claim.counts, claim.covers, claim.lineage, vote.begin, vote.end, vote.sign,
               round(vote.log_value, 9))  # fmt: skip
        first.setdefault(key, vote)
    return list(first.values())
