"""Tests of what the essay says of soldiers: who is sent, who leaves, from where they come, and what keeps them in line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np

from holdfast.coded_armies import codebook
from holdfast.core.units import CALENDAR_MONTH_DAYS
from holdfast.essay_claims import words
from holdfast.essay_claims.casualties import FAST, OWN
from holdfast.essay_claims.material import DAY, SCENARIO, SIDE, Material
from holdfast.essay_claims.rules import Measured
from holdfast.stats.intervals import interval, wilson

DESERTERS, DESERTERS_DAY = 17_000, "2023-10-10"
"""The essay's deserters, and the day to which their source counts."""
TROOPS = 400_000
"""The essay's Russian troops in Ukraine [men]."""
ABROAD = (200_000, 1_000_000)
"""Several hundred thousand, perhaps a million, who left the country [people]."""
NEW = ("mobilised_or_conscript", "volunteer", "convict", "private_company")
"""Kinds of service of men who joined after the invasion."""
OLD = ("professional", "guard")
RESAMPLES = 2000


def tail(values: np.ndarray, claimed: float) -> float:
    """How far a number lies in the tail of draws.

    Args:
        values: draws `[draw]`.
        claimed: the number.

    Returns:
        The share of draws that lie as far out or farther, on its side of the median [1].
    """
    below = float((values <= claimed).mean())
    return min(below, 1 - below)


def recruits(material: Material) -> Measured:
    """The share of the named dead to April 2023, of known kind of service, who joined after the invasion.

    Args:
        material: what tests rest on.

    Returns:
        The figures, in numbers and in words.
    """
    count = {kind: sum(int(row[kind]) for row in material.regions) for kind in (*NEW, *OLD)}
    new, known = sum(count[kind] for kind in NEW), sum(count.values())
    low, high = wilson(new, known)
    return Measured(
        {"share": new / known, "share_low_end": low},
        f"{new:,} of the {known:,} named dead to April 2023 whose kind of service is known were mobilised, volunteers, convicts or "
        f"of private companies: {words.between(new / known, low, high)}",
        f"holdfast scenarios show {SCENARIO}",
    )


def deserters(material: Material) -> Measured:
    """How far the essay's deserters lie in the tail of the evidence's.

    Args:
        material: what tests rest on.

    Returns:
        The figures, in numbers and in words.
    """
    left = material.total("deserted", None, DESERTERS_DAY)
    beyond, more = tail(left, DESERTERS), float((left > DESERTERS).mean())
    return Measured(
        {"share_of_draws_beyond": beyond},
        f"Deserters to 10 October 2023: {words.draws(left)}; {DESERTERS:,} is exceeded in {words.share(more)} of the draws. "
        "The number itself is one of the claims that the evidence rests on",
        f'holdfast claims judge "{DESERTERS} deserted {SIDE} {DESERTERS_DAY}"',
    )


def troops(material: Material) -> Measured:
    """How far the essay's troops lie in the tail of the evidence's.

    Args:
        material: what tests rest on.

    Returns:
        The figures, in numbers and in words.
    """
    strength = material.total("strength")
    beyond = tail(strength, TROOPS)
    return Measured(
        {"share_of_draws_beyond": beyond},
        f"Men present on 15 November 2023: {words.draws(strength)}; {TROOPS:,} or fewer in "
        f"{words.share(float((strength <= TROOPS).mean()))} of the draws",
        FAST,
    )


def rate(material: Material) -> Measured:
    """Deserters by the man and month to the day, and how many draws reach the rates at which past armies broke.

    Args:
        material: what tests rest on.

    Returns:
        The figures, in numbers and in words.
    """
    side = material.posterior.sides[SIDE]
    calendar = side.design.calendar
    months = (
        calendar.cover(calendar.first, dt.date.fromisoformat(DAY)) * np.asarray(calendar.days) / CALENDAR_MONTH_DAYS
    )
    man_months = np.asarray(side.war.strength)[:, 1:] @ months
    per_1000 = 1000 * material.total("deserted") / man_months
    low, high = interval(per_1000)
    grey, breaking = codebook.BANDS[1][1], codebook.BANDS[2][1]
    return Measured(
        {"exits_per_1000_a_month_low_end": low, "exits_per_1000_a_month_high_end": high},
        f"Deserters per 1,000 men a month, to 15 November 2023: {words.draws(per_1000, 2)}. Past armies that held: "
        f"{codebook.BANDS[0][1]:g} to {codebook.BANDS[0][2]:g}; the grey band begins at {grey:g}, breaking at {breaking:g}",
        FAST,
    )


def flight(material: Material) -> Measured:
    """The share of other claimants' counts of people who left that lie in the essay's range.

    Args:
        material: what tests rest on.

    Returns:
        The figures, in numbers and in words.
    """
    others = [
        one for one in material.claims
        if one.side == SIDE and one.quantity == "emigrated" and one.basis == "cumulative" and one.claim_id not in OWN
    ]  # fmt: skip
    low, high = ABROAD
    values = [one.value for one in others]
    inside = sum(low <= value <= high for value in values)
    return Measured(
        {"share_of_claims_inside": inside / len(others)},
        f"{inside} of {len(others)} other shipped counts of people who left, {words.number(min(values))} to "
        f"{words.number(max(values))}, lie between {low:,} and {high:,}. None says how many went because of the call-up",
        "holdfast losses --fast --json",
    )


# --- Motives: how exits move when one is taken away, under the same draws and luck.


def _motive(material: Material, what: str, values: Mapping[str, object]) -> Measured:
    """How many more leave without a motive."""
    change, low, high = material.rise(values)
    options = "--set " + " ".join(f"{path}={value}" for path, value in values.items())
    percent = words.between(100 * change, 100 * low, 100 * high, 0)
    return Measured(
        {"rise_of_exits_without_it": change, "rise_of_exits_without_it_low_end": low},
        f"{what}: exits change by {percent} % over {material.runs} pairs of runs of a year",
        material.compare_command(options),
    )


def leader(material: Material) -> Measured:
    """Exits without the leader's vigour.

    Args:
        material: what tests rest on.

    Returns:
        The figures, in numbers and in words.
    """
    return _motive(material, "With a leader at the lowest vigour that is coded (0.3)", {f"{SIDE}.regime.vitality": 0.3})


def propaganda(material: Material) -> Measured:
    """Exits where the official line admits every loss.

    Args:
        material: what tests rest on.

    Returns:
        The figures, in numbers and in words.
    """
    return _motive(material, "Where the official line admits every loss", {f"{SIDE}.candour": 1.0})


def pay(material: Material) -> Measured:
    """Exits at half the pay.

    Args:
        material: what tests rest on.

    Returns:
        The figures, in numbers and in words.
    """
    return _motive(material, "At half the pay", {f"{SIDE}.pay": 0.5})


def jail(material: Material) -> Measured:
    """Exits where nothing enforces service.

    Args:
        material: what tests rest on.

    Returns:
        The figures, in numbers and in words.
    """
    return _motive(material, "Where nothing enforces service", {f"{SIDE}.enforcement": 0.0})


def later(material: Material) -> Measured:
    """Exits where death later weighs as much as jail now.

    Args:
        material: what tests rest on.

    Returns:
        The figures, in numbers and in words.
    """
    return _motive(material, "Where men do not discount what comes later", {"choice.present_bias": 1.0})


def habit(material: Material) -> Measured:
    """Exits without the habit of obedience that past terror left.

    Args:
        material: what tests rest on.

    Returns:
        The figures, in numbers and in words.
    """
    return _motive(material, "Without the habit that past terror left", {f"{SIDE}.terror": 0.0})


# --- Regions.


def _quarters(values: np.ndarray) -> float:
    """Deaths per man in the quarter of the men whose regions come last by a column, over those in the quarter that comes first."""
    deaths, men, column = values[np.argsort(values[:, 2], kind="stable")].T
    ends = np.cumsum(men) / men.sum()
    begins = ends - men / men.sum()
    inside = [np.clip(np.minimum(ends, high) - np.maximum(begins, low), 0, None) / (ends - begins)
              for low, high in ((0.0, 0.25), (0.75, 1.0))]  # fmt: skip
    first, last = ((deaths * part).sum() / (men * part).sum() for part in inside)
    return float(last / first)


def _by_region(material: Material, what: str, column: str, sign: int) -> Measured:
    """The rate of deaths in the quarter of men in regions with most of something, over the quarter with least of it."""
    from scipy.stats import spearmanr

    rows = [
        (float(row["deaths"]), float(row["men_16_61"]), sign * float(row[column]))
        for row in material.regions if row[column] and row["men_16_61"]
    ]  # fmt: skip
    values = np.array(rows)
    rng = np.random.default_rng((material.seed, 3))
    again = [_quarters(values[pick]) for pick in rng.integers(len(values), size=(RESAMPLES, len(values)))]
    ratio, (low, high) = _quarters(values), interval(np.array(again))
    ranks = float(spearmanr(values[:, 0] / values[:, 1], values[:, 2]).statistic)
    return Measured(
        {"rate_of_deaths_over_the_other_quarter": ratio, "rate_of_deaths_over_the_other_quarter_low_end": low},
        f"Deaths per man of 16 to 61 in the quarter of men whose regions have {what}, over the opposite quarter: "
        f"{words.between(ratio, low, high)} over resamples of {len(values)} regions. The rank correlation, each region counted "
        f"once, is {ranks:.2f}".replace("-", "−"),
        f"holdfast scenarios show {SCENARIO}",
    )


def poverty(material: Material) -> Measured:
    """Deaths by region against the share of people below subsistence.

    Args:
        material: what tests rest on.

    Returns:
        The figures, in numbers and in words.
    """
    return _by_region(material, "most people below subsistence", "percent_below_subsistence", 1)


def income(material: Material) -> Measured:
    """Deaths by region against low mean income.

    Args:
        material: what tests rest on.

    Returns:
        The figures, in numbers and in words.
    """
    return _by_region(material, "the lowest mean income", "mean_income_roubles", -1)


def peoples(material: Material) -> Measured:
    """Deaths by region against the share of people who are not ethnic Russians.

    Args:
        material: what tests rest on.

    Returns:
        The figures, in numbers and in words.
    """
    return _by_region(material, "most people who are not ethnic Russians", "percent_ethnic_russian_2010", -1)
