"""Draws of what lies ahead: each army's losses and strength, ground, the engine's parameters, and two naive baselines.

Losses, strength and desertion go on by the walk (`forecasting.walk`), draw by draw, and men are conserved. Its numbers are
learnt from the months known by the day of the forecast; nothing here was fitted to what came later.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from jaxtyping import Bool, Float

from holdfast.core.params import About, Fixed
from holdfast.core.params import walk as declared
from holdfast.core.units import MONTH_DAYS
from holdfast.engine import outcomes
from holdfast.evidence.priors import WAR as EVIDENCE
from holdfast.forecasting import walk
from holdfast.forecasting.as_of import EvidenceAsOf, SideEvidence

RETURN_LAGS = (0.1, 0.3, 0.3, 0.2, 0.1)
"""Shares of the wounded who return, by months since the wound [1]."""
COURSES = {"killed": 0, "strength": 0, "deserted": 8}
"""By series of the walk: draws of the evidence that it learns from, or none where it learns from their medians. Nobody counts
deserters month by month: their medians are smooth for want of knowledge, and would teach that nothing ever changes."""

CALIBRATED, PRIOR = "calibrated", "priors"
"""Where parameters are from: a posterior on the coded armies whose wars had ended, or the priors as declared."""

SAMPLES = 400
"""Samples of a baseline."""
TREND_MONTHS = 12
"""Months that a baseline's line is laid through."""
FEWEST = 4
"""Past errors of a lag that are enough to estimate its size."""
FLOOR = 0.1
"""Of the last month: a baseline that falls is not followed below [1]."""
LEAST_SPREAD = 0.02
"""Least SD of a baseline's error [nats]; one that was never wrong is still not certain."""

LOSSES = ("killed", "wounded", "captured")
"""What an army loses to the other."""
GROUND_STREAM = 99
"""Of the seeds: ground draws from numbers that no army draws from."""

Series = Float[np.ndarray, "month"]
Guess = Callable[[Series, int], float]
"""A naive forecast: from past months and a lag in months to a value."""


@dataclasses.dataclass(frozen=True)
class Projection:
    """One army's months to come, draw by draw."""

    months: tuple[dt.date, ...]
    """First day of each month; the first is the day after the day of the forecast."""
    days: Float[np.ndarray, month]  # days of each month that are covered [d]
    flows: Mapping[str, Float[np.ndarray, "draw month"]]
    """Men a month: killed, wounded, captured, deserted, recruited."""
    strength: Float[np.ndarray, "draw edge"]
    """Men present at the months' edges, the day of the forecast first."""
    rate: Float[np.ndarray, draw]
    """Log of deserters a man and day on the day of the forecast."""
    drift: Float[np.ndarray, "draw month"]  # log of deserters a man over that rate [nats]


def calendar(as_of: dt.date, until: dt.date) -> tuple[tuple[dt.date, ...], Float[np.ndarray, month]]:
    """The months of a forecast.

    Args:
        as_of: day of the forecast.
        until: last day.

    Returns:
        First day of each month from the day after `as_of`, and the days of each that are covered [d].
    """
    begin, firsts = as_of + dt.timedelta(days=1), []
    while begin <= until:
        firsts.append(begin)
        begin = dt.date(begin.year + begin.month // 12, begin.month % 12 + 1, 1)
    ends = [*firsts[1:], until + dt.timedelta(days=1)]
    return tuple(firsts), np.array([(b - a).days for a, b in zip(firsts, ends, strict=True)], float)


def project(evidence: EvidenceAsOf, until: dt.date, seed: int) -> dict[str, Projection]:
    """Continue both armies' months to a later day; draw `i` goes on from draw `i` of the evidence.

    Args:
        evidence: on both armies, as it stood on the day.
        until: last day.
        seed: of all draws.

    Returns:
        Draws of the months to come, by side.
    """
    months, days = calendar(evidence.as_of, until)
    courses: dict[str, dict[str, walk.Course]] = {
        name: _courses(name, evidence.sides, months, days, np.random.default_rng([seed, number]))
        for number, name in enumerate(COURSES, 1)
    }
    projections = {}
    for number, (name, side) in enumerate(evidence.sides.items(), len(COURSES) + 1):
        random = np.random.default_rng([seed, number])  # none ends in a zero, which NumPy does not see
        one = {quantity: course[name] for quantity, course in courses.items()}
        flows = _losses(side, np.exp(one["killed"].path) * days, days, random)
        projections[name] = _balanced(side, months, days, flows, one)
    return projections


def _courses(
    name: str,
    sides: Mapping[str, SideEvidence],
    months: Sequence[dt.date],
    days: np.ndarray,
    random: np.random.Generator,
) -> dict[str, walk.Course]:
    """A series of both sides gone on; what their misses have in common lies ahead of them too."""
    series = {side: _series(name, known) for side, known in sides.items()}
    draws = next(iter(sides.values())).draws
    taught = [each.courses(COURSES[name]) if COURSES[name] else each.middle for each in series.values()]
    numbers = walk.learn(name, taught, draws, random)
    common = walk.in_common([each.middle for each in series.values()], numbers) if len(series) > 1 else 0.0
    shared, courses = random.normal(size=(draws, len(days))), {}
    places = np.array([month.month - 1 for month in months])
    for number, ((side, known), one) in enumerate(zip(series.items(), numbers, strict=True)):
        own = random.normal(size=shared.shape)
        normal = common * shared + np.sqrt(1 - common**2) * own if number else shared
        shock = walk.shocks(one, normal, random)
        courses[side] = walk.go_on(known, one, places, days / MONTH_DAYS, shock)
    return courses


def _series(name: str, side: SideEvidence) -> walk.Known:
    """A series of the walk as the evidence knows it: logarithms of men a day, of men, of deserters a man and day."""
    values = side.strength[:, 1:] if name == "strength" else side.per_day(name)
    if name == "deserted":
        values = values / side.strength[:, 1:]
    places = np.array([month.month - 1 for month in side.months])
    return walk.Known(np.log(values[:, side.usable]), places[side.usable])


def _losses(
    side: SideEvidence, killed: np.ndarray, days: np.ndarray, random: np.random.Generator
) -> dict[str, np.ndarray]:
    """Killed, and with them wounded and captured, whose shares walk on with the steps that the evidence believes of them."""
    flows = {"killed": killed}
    for name in ("wounded", "captured"):
        ratio = (np.log(side.per_day(name)) - np.log(side.per_day("killed")))[:, side.usable][:, -1]
        step = EVIDENCE[f"{name}_step"].value / np.sqrt(3)  # of a quarter, in a month
        path = np.cumsum(step * np.sqrt(days / MONTH_DAYS) * random.normal(size=killed.shape), axis=1)
        flows[name] = killed * np.exp(ratio[:, None] + path)
    return flows


def _balanced(
    side: SideEvidence, months: tuple[dt.date, ...], days: np.ndarray, flows: dict[str, np.ndarray],
    courses: Mapping[str, walk.Course],
) -> Projection:  # fmt: skip
    """The months to come with men conserved: recruits are what the strength needs, never less than none.

    A month takes no more men than the army has to lose: tails that are heavy on a log scale know of no such end.
    """
    strength, deserted, recruited = [side.strength[:, -1]], [], []
    flows = {name: values.copy() for name, values in flows.items()}
    wounded = np.concatenate([side.flows["wounded"][:, -4:], flows["wounded"]], axis=1)
    target, rate = np.exp(courses["strength"].path), courses["deserted"].path
    for month, length in enumerate(days):
        men = strength[-1]
        most = (1 - walk.WALK["least_left"].value) * men
        lost = sum(flows[name][:, month] for name in LOSSES)
        for name in LOSSES:
            flows[name][:, month] *= np.minimum(1.0, most / lost)
        wounded[:, month + 4] = flows["wounded"][:, month]
        gone = men * np.minimum(np.exp(rate[:, month]) * length, 0.9)
        back = side.returned * (wounded[:, month : month + 5] @ np.array(RETURN_LAGS)[::-1])
        left = (
            men * (1 - side.leave * length / MONTH_DAYS) - np.minimum(lost, most) - gone * (1 - side.came_back) + back
        )
        joined = np.maximum(target[:, month] - left, 0.0)
        strength.append(np.maximum(left + joined, 0.02 * men))
        deserted.append(gone)
        recruited.append(joined)
    flows |= {"deserted": np.stack(deserted, axis=1), "recruited": np.stack(recruited, axis=1)}
    start = courses["deserted"].start
    return Projection(months, days, flows, np.stack(strength, axis=1), rate=start, drift=rate - start[:, None])


def breaks(side: SideEvidence, ahead: Projection) -> dict[str, Bool[np.ndarray, draw]]:
    """In which draws an army breaks by its exits, by the definitions of the engine's outcomes; fronts are not known here.

    Args:
        side: the evidence on the army up to the day.
        ahead: its months to come.

    Returns:
        Whether mass desertion or a collapse comes from the day on, by draw.
    """
    before = min(int((np.cumsum(side.days[::-1]) < outcomes.MASS_DAYS).sum()) + 1, len(side.days))
    days = np.concatenate([side.days[-before:], ahead.days]).astype(int)
    gone = np.concatenate([side.flows["deserted"][:, -before:], ahead.flows["deserted"]], axis=1) / days
    edges = np.concatenate([side.strength[:, -before - 1 : -1], ahead.strength], axis=1)
    present = (edges[:, :-1] + edges[:, 1:]) / 2
    left, men = (np.repeat(values, days, axis=1) for values in (gone, present))
    first = int(side.days[-before:].sum())
    reached = {
        "mass_desertion": outcomes.share_gone(left, men, outcomes.MASS_DAYS) >= outcomes.MASS_SHARE,
        "collapse": outcomes.share_gone(left, men, outcomes.COLLAPSE_DAYS) > outcomes.COLLAPSE_SHARE,
    }
    return {name: np.asarray(days_on[:, first:].any(axis=1)) for name, days_on in reached.items()}


def ground(gains: Series, ahead: Mapping[str, Projection], steps: Series, seed: int) -> Float[np.ndarray, "draw month"]:
    """What one side gains in all from a day on, by the walk of past months' gains.

    What is a month's own grows with the root of the intensity: the more pushes, the more of them that add or cancel.

    Args:
        gains: of the months before the day's own [km2].
        ahead: both armies' months to come; draw `i` has the intensity of their draw `i`.
        steps: the share of each month that is forecast [1].
        seed: of all draws.

    Returns:
        Gained by each month's end [km2].
    """
    months = next(iter(ahead.values())).months
    killed = np.asarray(sum(one.flows["killed"] / one.days for one in ahead.values()))
    intensity = killed / np.median(killed[:, 0])
    random = np.random.default_rng([seed, GROUND_STREAM])
    places = np.array([month.month - 1 for month in months])
    # The month of the day itself, of which the end is not known, is the first to come.
    known = walk.Known(gains[None], (places[0] - len(gains) + np.arange(len(gains))) % walk.YEAR)
    (numbers,) = walk.learn("ground", [known], len(killed), random)
    shock = walk.shocks(numbers, random.normal(size=killed.shape), random) * np.sqrt(intensity)
    course = walk.go_on(known, numbers, places, np.ones(len(months)), shock)
    return np.cumsum(course.path * steps, axis=1)


# --- The engine's parameters.


def parameter_draws(
    count: int, effects: Sequence[str], *, ended_by: dt.date, seed: int, calibrated: bool = True
) -> tuple[list[dict[str, float]], str]:
    """Draws of the engine's parameters: calibrated on armies whose wars had ended by a day, or from the declared priors.

    Args:
        count: number of draws.
        effects: names of the effects that the scenario uses.
        ended_by: the day.
        seed: of the draws.
        calibrated: whether the posterior is used.

    Returns:
        Values by the parameters' paths, a set for each draw, and `CALIBRATED` or `PRIOR`.
    """
    if not calibrated:
        return _prior_draws(count, effects, seed), PRIOR
    from holdfast.calibration import history

    draws = history.draws(count, ended_by=ended_by, seed=seed).parameters
    known = _declared(effects)
    return [{path: value for path, value in one.items() if path in known} for one in draws], CALIBRATED


def _declared(effects: Sequence[str]) -> dict[str, About]:
    """The engine's declared parameters by path."""
    from holdfast.engine.day.record import defaults  # loads JAX: results are read without it

    return dict(declared(defaults(tuple(effects))))


def _prior_draws(count: int, effects: Sequence[str], seed: int) -> list[dict[str, float]]:
    """Independent draws from every declared prior but those of conventions, within what may be set."""
    random = np.random.default_rng(seed)
    columns = {
        path: np.clip(about.prior.sample(count, random), *about.bounds)
        for path, about in _declared(effects).items()
        if not isinstance(about.prior, Fixed)
    }
    return [{path: float(values[row]) for path, values in columns.items()} for row in range(count)]


# --- Naive baselines, whose bands come from their own past errors.


def _persistence(past: Series, lag: int) -> float:
    """The last month's value again."""
    del lag
    return float(past[-1])


def _line(past: Series, lag: int) -> float:
    """The straight line through the last year, `lag` months on."""
    taken = past[-TREND_MONTHS:]
    if len(taken) < 3:
        return float(past[-1])
    slope, start = np.polyfit(np.arange(len(taken)), taken, 1)
    return float(start + slope * (len(taken) - 1 + lag))


def _trend(past: Series, lag: int) -> float:
    """The same, not followed below `FLOOR` of the last month."""
    return max(_line(past, lag), FLOOR * float(past[-1]))


BASELINES: Mapping[str, Guess] = {"persists": _persistence, "trend": _trend}
"""The baselines by the names under which they are printed."""
GAIN_BASELINES: Mapping[str, Guess] = {"persists": _persistence, "trend": _line}
"""The same for gains, which may be losses."""


def baseline_samples(guess: Guess, past: Series, lags: int, seed: int) -> Float[np.ndarray, "sample lag"]:
    """A baseline's forecast for 1 to `lags` months ahead, with log-normal errors as wide as its past ones of that lag.

    Lags longer than the past allows have the last known width, growing with the root of the lag.

    Args:
        guess: the baseline.
        past: values of past months.
        lags: months ahead, at most.
        seed: of the errors.

    Returns:
        Samples in the unit of the past.
    """
    normal = np.random.default_rng(seed).normal(size=SAMPLES)
    samples, width, known_lag = [], LEAST_SPREAD, 1
    for lag in range(1, lags + 1):
        errors = [
            np.log(past[at + lag] / max(guess(past[: at + 1], lag), 1e-9))
            for at in range(2, len(past) - lag)
        ]  # fmt: skip
        if len(errors) >= FEWEST:
            width, known_lag = max(float(np.sqrt(np.mean(np.square(errors)))), LEAST_SPREAD), lag
        wide = width * np.sqrt(lag / known_lag)
        samples.append(guess(past, lag) * np.exp(wide * normal))
    return np.stack(samples, axis=1)


def gain_samples(guess: Guess, past: Series, steps: Series, seed: int) -> Float[np.ndarray, "sample month"]:
    """A baseline's forecast of what has been gained in all by each month's end; errors are added, since gains have no sign.

    Args:
        guess: the baseline.
        past: gains of past months [km2].
        steps: the share of each month that is forecast [1].
        seed: of the errors.

    Returns:
        Samples [km2].
    """
    normal = np.random.default_rng(seed).normal(size=SAMPLES)
    total = lambda at, lags: sum(guess(past[: at + 1], lag) for lag in range(1, lags + 1))  # noqa: E731
    samples, sum_to, width, known_lag = [], 0.0, 1.0, 1
    for lag, step in enumerate(steps, 1):
        errors = [past[at + 1 : at + 1 + lag].sum() - total(at, lag) for at in range(2, len(past) - lag)]
        if len(errors) >= FEWEST:
            width, known_lag = max(float(np.sqrt(np.mean(np.square(errors)))), 1.0), lag
        sum_to += step * guess(past, lag)
        samples.append(sum_to + width * np.sqrt(lag / known_lag) * normal)
    return np.stack(samples, axis=1)
