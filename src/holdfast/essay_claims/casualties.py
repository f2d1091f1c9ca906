"""Tests of what the essay says of losses: the dead, their spread, the wounded, and whether losses fall."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np

from holdfast.essay_claims import words
from holdfast.essay_claims.material import DAY, SIDE, Material
from holdfast.essay_claims.rules import Measured
from holdfast.evidence.posterior import Posterior

DEAD, WOUNDED = 300_000, 900_000
"""The essay's dead, and the wounded at three to one [men]."""
OTHERS = (100_000, 200_000)
"""What it says that others say of the dead [men]."""
FAST = f"holdfast losses --fast --side {SIDE}"
OWN = ("RU-K049", "RU-S006", "RU-X005", "RU-E005")
"""The essay's own numbers among the shipped claims, which are held against nothing where the others are counted."""
RECENT_DAYS = 183
"""Claims of totals not older than half a year are of the same time [d]."""


def dead(material: Material) -> Measured:
    """How many of the draws have as many dead as the essay says.

    Args:
        material: what tests rest on.

    Returns:
        The figures, in numbers and in words.
    """
    killed, wounded = material.total("killed"), material.total("wounded")
    then = material.posterior_of_the_day
    known = then.total(SIDE, "killed")
    many = float((killed >= DEAD).mean())
    return Measured(
        {"share_of_draws_with_as_many": many},
        f"Dead by 15 November 2023: {words.draws(killed)}; by the claims known on that day {words.draws(known)}. As many as "
        f"{DEAD:,} in {words.share(many)} of the draws. Killed and wounded together: {words.draws(killed + wounded)}",
        f'holdfast claims judge "{DEAD} killed {SIDE} {DAY}"',
    )


def others(material: Material) -> Measured:
    """How many of the draws lie within the range that the essay gives for others' counts.

    Args:
        material: what tests rest on.

    Returns:
        The figures, in numbers and in words.
    """
    killed = material.total("killed")
    low, high = OTHERS
    inside = float(((killed >= low) & (killed <= high)).mean())
    return Measured(
        {"share_of_draws": inside},
        f"{words.share(inside)} of the draws lie between {low:,} and {high:,}; the dead are {words.draws(killed)}",
        FAST,
    )


def spread(material: Material) -> Measured:
    """How far apart the counts of the dead lie that were known on the day and count to the half year before it.

    Args:
        material: what tests rest on.

    Returns:
        The figures, in numbers and in words.
    """
    last = dt.date.fromisoformat(DAY)
    same = [
        one for one in material.claims
        if one.side == SIDE and one.quantity == "killed" and one.basis == "cumulative" and one.covers in ("all", "citizens")
        and one.known_on <= last and 0 <= (last - one.as_of_date).days <= RECENT_DAYS and one.counts != "named"
        and one.claim_id not in OWN
    ]  # fmt: skip
    values = sorted(one.value for one in same)
    ratio = values[-1] / values[0] if values else math.nan
    return Measured(
        {"largest_over_smallest": ratio},
        f"{len(values)} totals of the dead by others that count to the half year before, from {words.number(values[0])} to "
        f"{words.number(values[-1])}: {words.number(ratio, 2)} to one",
        "holdfast losses --fast --json",
    )


def ratio(material: Material) -> Measured:
    """Wounded for each dead, and how far three lies in the tail.

    Args:
        material: what tests rest on.

    Returns:
        The figures, in numbers and in words.
    """
    each = material.total("wounded") / material.total("killed")
    below = float((each <= WOUNDED / DEAD).mean())
    return Measured(
        {"share_of_draws_beyond": min(below, 1 - below)},
        f"Wounded for each dead to 15 November 2023: {words.draws(each)}; {words.share(below)} of the draws lie below three. "
        "Before any claim the model believes 2.7 (1.5 to 4.8)",
        FAST,
    )


def arithmetic(material: Material) -> Measured:
    """Whether as many men are gone for good as the essay's dead and wounded would need.

    Args:
        material: what tests rest on.

    Returns:
        The figures, in numbers and in words.
    """
    posterior = material.posterior
    needed = DEAD + WOUNDED * (1 - np.asarray(posterior.sides[SIDE].war.returned))
    gone = _gone(posterior)
    enough = float((gone >= needed).mean())
    return Measured(
        {"share_of_draws_with_as_many": enough},
        f"Gone for good by then, everyone ever sent less those still there: {words.draws(gone)}. {DEAD:,} dead and the share of "
        f"{WOUNDED:,} wounded who do not return need {words.draws(needed)}. So many are gone in {words.share(enough)} of the draws",
        f'holdfast claims judge "{DEAD} killed {SIDE} {DAY}"',
    )


def _gone(posterior: Posterior) -> np.ndarray:
    """Men who were sent and are no longer there, `[draw]` [men]."""
    war = posterior.sides[SIDE].war
    sent = np.asarray(war.strength)[:, 0] + posterior.total(SIDE, "recruited", None, DAY)
    return np.asarray(sent - posterior.total(SIDE, "strength", None, DAY))


def trend(material: Material) -> Measured:
    """Whether as many died in the half year before the day as in the half year before that.

    Args:
        material: what tests rest on.

    Returns:
        The figures, in numbers and in words.
    """
    late = material.total("killed", "2023-05-16", DAY) / 184
    early = material.total("killed", "2022-11-15", "2023-05-15") / 182
    year = material.total("killed", "2022-11-16", DAY) / 365
    before = (
        material.total("killed", None, "2022-11-15") / (dt.date(2022, 11, 15) - material.posterior.calendar.first).days
    )
    short, long = float((late >= early).mean()), float((year >= before).mean())
    return Measured(
        {"share_of_draws_by_half_years": short, "share_of_draws_by_the_year": long},
        f"Killed a day, mid-May to mid-November 2023 over the half year before: {words.draws(late / early)} times, no fewer in "
        f"{words.share(short)} of the draws; the whole year over the months of the war before it: "
        f"{words.draws(year / before)} times, no fewer in {words.share(long)}",
        FAST,
    )
