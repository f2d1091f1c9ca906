"""What followed, month by month: the shipped table, carried on by the posterior of the claims that are known now. [IO]"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from holdfast.evidence import gathered, losses
from holdfast.evidence.claims.table import Claim
from holdfast.evidence.posterior import Posterior
from holdfast.forecasting import scores
from holdfast.forecasting.result import MASS_DESERTION, QUANTITIES, Key, Observation
from holdfast.stats.intervals import P90, quantiles

_DEAD = ("killed", "killed_confirmed", "killed_and_missing", "eliminated", "killed_wounded", "casualties", "irrecoverable",
         "irrecoverable_deserted")  # fmt: skip
BEARS_ON: Mapping[str, Sequence[str]] = {
    "killed": _DEAD, "strength": ("strength",), "deserted": ("deserted", "cases", "court_cases", "listed_absent", "absent"),
}  # fmt: skip
"""What a claim must count to say something of a quantity's month. Lists of names do not: they go on growing for years."""
SHARE, MONTHS = 0.10, 6
"""Mass desertion: this share of an army [1] within so many months."""


def months_between(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    """The months from one to another, both included.

    Args:
        first: first day of a month.
        last: likewise.

    Yields:
        The first day of each.
    """
    while first <= last:
        yield first
        first = _next(first)


def last_day_of(month: dt.date) -> dt.date:
    """The last day of a month.

    Args:
        month: any day of it.

    Returns:
        The day.
    """
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])


def known_until(claims: Sequence[Claim], sides: Sequence[str]) -> dict[tuple[str, str], dt.date]:
    """Until when claims say anything of each quantity.

    Args:
        claims: of one war.
        sides: names of the armies.

    Returns:
        By side and quantity, the last day that a claim counts which bears on it; none where no claim does.
    """
    days: dict[tuple[str, str], dt.date] = {}
    for side in sides:
        for quantity, counts in BEARS_ON.items():
            each = [
                min(claim.as_of_date, claim.known_on)
                for claim in claims
                if claim.side == side and claim.counts in counts
            ]
            if each:
                days[side, quantity] = max(each)
    return days


def of_posterior(posterior: Posterior, first: dt.date, last: dt.date, source: str) -> dict[Key, Observation]:
    """Months as a posterior has them.

    Args:
        posterior: of the claims.
        first: first day of the first month.
        last: first day of the last month.
        source: where they are said to be from.

    Returns:
        Killed, strength and deserters by side and month, in whole men; and the chance that a tenth of the army had left within half
        a year by then, by windows that begin in `first` or later [1].
    """
    months = posterior.calendar.months
    wanted = [number for number, month in enumerate(months) if first <= month <= last]
    seen: dict[Key, Observation] = {}
    for side in posterior.sides:
        for quantity in QUANTITIES:
            draws = posterior.monthly(side, quantity)
            for number in wanted:
                low, middle, high = (float(round(value)) for value in quantiles(draws[:, number], P90).values())
                seen[side, quantity, months[number]] = Observation(low, middle, high, source)
        left, men = posterior.monthly(side, "deserted"), posterior.monthly(side, "strength")
        gone = np.zeros(len(left), bool)
        for number in wanted:
            if number >= wanted[0] + MONTHS:
                mean = men[:, number - MONTHS : number].mean(axis=1)
                gone |= left[:, number - MONTHS + 1 : number + 1].sum(axis=1) / mean >= SHARE
            share = round(float(gone.mean()), 3)
            seen[side, MASS_DESERTION, months[number]] = Observation(share, share, share, source)
    return seen


def known_now(
    scenario: str, claims: Sequence[Claim], sides: Sequence[str], since: dt.date, seed: int = 1
) -> dict[Key, Observation]:
    """What followed in a war as far as it is known now.

    Months of the shipped table stay as they are. A later month of a side and quantity is added if it is whole and a claim
    that bears on the quantity counts to its end or beyond; else its number would be the evidence's model running on, and a
    forecast that shares this model would be scored against itself. Added months are from the fast fit of all claims.

    Args:
        scenario: its name.
        claims: all that are known now.
        sides: names of the armies.
        since: only months that begin on this day or later are added.
        seed: of the fit.

    Returns:
        The observations by side, quantity and month.

    Raises:
        FitError: if the fit does not converge.
    """
    seen = scores.shipped_observations(gathered.shipped_name(scenario))
    begin = since if since.day == 1 else _next(since)
    new = {
        (side, quantity, month)
        for (side, quantity), last in _last_months(claims, sides).items()
        for month in months_between(begin, last)
    } - set(seen)
    if not new:
        return seen
    posterior = losses.reconcile_losses(claims, fast=True, seed=seed).posterior
    newest = max(claim.known_on for claim in posterior.fitted)
    source = f"holdfast losses (fast) from {len(posterior.fitted)} claims known by {newest}"
    start = min((month for _, what, month in seen if what == MASS_DESERTION), default=begin)
    every = of_posterior(posterior, start, max(month for _, _, month in new), source)
    return seen | {key: one for key, one in every.items() if key in new}


def _last_months(claims: Sequence[Claim], sides: Sequence[str]) -> dict[tuple[str, str], dt.date]:
    """The last whole month of each side and quantity that claims count to the end of."""
    lasts = {key: _before(day + dt.timedelta(days=1)) for key, day in known_until(claims, sides).items()}
    for side in sides:
        both = [lasts.get((side, quantity)) for quantity in ("deserted", "strength")]
        if all(both):
            lasts[side, MASS_DESERTION] = min(day for day in both if day)
    return lasts


def _before(day: dt.date) -> dt.date:
    """The first day of the last month that is over before a day."""
    return (day.replace(day=1) - dt.timedelta(days=1)).replace(day=1)


def _next(day: dt.date) -> dt.date:
    """The first day of the next month."""
    return dt.date(day.year + day.month // 12, day.month % 12 + 1, 1)
