"""Draws of what lies ahead: each army's losses and strength, the engine's parameters, and two naive baselines.

Losses and strength take a random walk on the log scale, draw by draw, and men are conserved. The size of the steps is
taken from the months known by the day of the forecast; no number here was fitted to what came later.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from jaxtyping import Float

from holdfast.core.params import About, Beta, Fixed, LogNormal, walk
from holdfast.core.units import MONTH_DAYS
from holdfast.evidence.priors import WAR as EVIDENCE
from holdfast.forecasting.as_of import SideEvidence

LAG = 6
"""Months over which changes part lasting steps from a single month's own."""
NORMAL_MEDIAN = 0.4549
"""Median of the square of a standard normal variable."""
RETURN_LAGS = (0.1, 0.3, 0.3, 0.2, 0.1)
"""Shares of the wounded who return, by months since the wound [1]."""


_HOW = "assumed before any score was seen"
WALK: dict[str, About] = {
    "fade": About(0.6, "1", Beta(6, 4), "losses", f"{_HOW}: weight of a month in the level, against the month after it"),
    "damped": About(0.96, "1", Beta(24, 1), "losses", f"{_HOW}: of a step, what is felt a month later; half in 18 months"),
    "killed_step": About(0.15, "log/month", LogNormal(0.15, 0.5), "losses", f"{_HOW}: SD of a month's lasting step"),
    "killed_own": About(0.15, "log/month", LogNormal(0.15, 0.5), "losses", f"{_HOW}: SD of what is a single month's"),
    "strength_step": About(0.03, "log/month", LogNormal(0.03, 0.5), "losses", f"{_HOW}: SD of a month's lasting step"),
    "strength_own": About(0.01, "log/month", LogNormal(0.01, 0.5), "losses", f"{_HOW}: SD of what is a single month's"),
    "worth": About(12, "months", Fixed(), "losses", f"{_HOW}: months of data that these four are worth"),
    "pace_sd": About(0.25, "log", LogNormal(0.25, 0.5), "losses", f"{_HOW}: a draw's own step size is known no better"),
}  # fmt: skip
"""The numbers of the random walk; the steps of wounded, captured and deserters are those of the evidence."""

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
    """Log of deserters a man and day in the last month before the forecast."""
    drift: Float[np.ndarray, "draw month"]  # log of deserters a man over that rate [nats]
    paces: Mapping[str, tuple[float, float]]
    """By series: the SD of a month's lasting step and of its own, as estimated [nats]."""


def _calendar(as_of: dt.date, until: dt.date) -> tuple[tuple[dt.date, ...], Float[np.ndarray, month]]:
    """First day of each month from the day after `as_of`, and the days of each that are covered [d]."""
    begin, firsts = as_of + dt.timedelta(days=1), []
    while begin <= until:
        firsts.append(begin)
        begin = dt.date(begin.year + begin.month // 12, begin.month % 12 + 1, 1)
    ends = [*firsts[1:], until + dt.timedelta(days=1)]
    return tuple(firsts), np.array([(b - a).days for a, b in zip(firsts, ends, strict=True)], float)


def project(side: SideEvidence, as_of: dt.date, until: dt.date, seed: int) -> Projection:
    """Continue an army's months to a later day; draw `i` goes on from draw `i` of the evidence.

    Args:
        side: the evidence on the army as it stood on the day.
        as_of: day of the forecast.
        until: last day.
        seed: of the random walks.

    Returns:
        Draws of the months to come.
    """
    months, days = _calendar(as_of, until)
    random, steps, usable = np.random.default_rng(seed), days / MONTH_DAYS, side.usable
    killed = np.log(side.per_day("killed")[:, usable])
    paces = {name: _paces(name, series) for name, series in (
        ("killed", np.median(killed, axis=0)), ("strength", np.log(np.median(side.strength[:, 1:][:, usable], axis=0))),
    )}  # fmt: skip
    flows: dict[str, np.ndarray] = {}
    path = _random_walk(random, side.draws, steps, *paces["killed"], WALK["damped"].value)
    flows["killed"] = np.exp(_level(killed)[:, None] + path) * days
    for name in ("wounded", "captured"):
        ratio = (np.log(side.per_day(name)) - np.log(side.per_day("killed")))[:, usable][:, -1]
        path = _random_walk(random, side.draws, steps, EVIDENCE[f"{name}_step"].value / np.sqrt(3))
        flows[name] = flows["killed"] * np.exp(ratio[:, None] + path)
    rate = np.log(side.per_day("deserted")[:, usable][:, -1] / side.strength[:, 1:][:, usable][:, -1])
    drift = _random_walk(random, side.draws, steps, EVIDENCE["deserted_step"].value / np.sqrt(3))
    target = np.log(side.strength[:, -1])[:, None] + _random_walk(
        random, side.draws, steps, *paces["strength"], WALK["damped"].value
    )
    strength, flows["deserted"], flows["recruited"] = _balance(side, flows, rate[:, None] + drift, np.exp(target), days)
    return Projection(months, days, flows, strength, rate=rate, drift=drift, paces=paces)


def _level(logs: Float[np.ndarray, "draw month"]) -> Float[np.ndarray, draw]:
    """The level of a log series: its mean, in which each month weighs `WALK["fade"]` of the next."""
    weights = WALK["fade"].value ** np.arange(logs.shape[1])[::-1]
    return np.asarray(logs @ (weights / weights.sum()))


def _paces(name: str, series: Series) -> tuple[float, float]:
    """SD of a month's lasting step and of its own, from changes of a log series over one month and over `LAG` [nats].

    Medians of squares, so that a single leap, as of a mobilisation, does not set the pace of all months.
    """
    lasting, own = WALK[f"{name}_step"].value ** 2, WALK[f"{name}_own"].value ** 2
    worth, seen = WALK["worth"].value, len(series) - LAG
    if seen > 0:
        one, long = (float(np.median((series[lag:] - series[:-lag]) ** 2)) / NORMAL_MEDIAN for lag in (1, LAG))
        step = max((long - one) / (LAG - 1), 0.0)
        lasting = (worth * lasting + seen * step) / (worth + seen)
        own = (worth * own + seen * max((one - step) / 2, 0.0)) / (worth + seen)
    return float(np.sqrt(lasting)), float(np.sqrt(own))


def _random_walk(
    random: np.random.Generator, draws: int, steps: Series, lasting: float, own: float = 0.0, damped: float = 1.0
) -> Float[np.ndarray, "draw month"]:
    """A random walk from 0, damped or not, and what is each month's own; `steps` are the months' lengths in months."""
    path, at = np.zeros((draws, len(steps))), np.zeros(draws)
    pace = lasting * np.exp(WALK["pace_sd"].value * random.normal(size=draws))
    for month, length in enumerate(steps):
        at = damped**length * at + pace * np.sqrt(length) * random.normal(size=draws)
        path[:, month] = at + own * random.normal(size=draws)
    return path


def _balance(
    side: SideEvidence, flows: Mapping[str, np.ndarray], rate: np.ndarray, target: np.ndarray, days: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Strength, deserters and recruits that conserve men: recruits are what the strength needs, never less than none."""
    strength, deserted, recruited = [side.strength[:, -1]], [], []
    wounded = np.concatenate([side.flows["wounded"][:, -4:], flows["wounded"]], axis=1)
    for month, length in enumerate(days):
        men = strength[-1]
        gone = men * np.minimum(np.exp(rate[:, month]) * length, 0.9)
        back = side.returned * (wounded[:, month : month + 5] @ np.array(RETURN_LAGS)[::-1])
        lost = sum(flows[name][:, month] for name in ("killed", "wounded", "captured"))
        left = men * (1 - side.leave * length / MONTH_DAYS) - lost - gone * (1 - side.came_back) + back
        joined = np.maximum(target[:, month] - left, 0.0)
        strength.append(np.maximum(left + joined, 0.02 * men))
        deserted.append(gone)
        recruited.append(joined)
    return np.stack(strength, axis=1), np.stack(deserted, axis=1), np.stack(recruited, axis=1)


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
    declared = _declared(effects)
    return [{path: value for path, value in one.items() if path in declared} for one in draws], CALIBRATED


def _declared(effects: Sequence[str]) -> dict[str, About]:
    """The engine's declared parameters by path."""
    from holdfast.engine.day.record import defaults  # loads JAX: results are read without it

    return dict(walk(defaults(tuple(effects))))


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
