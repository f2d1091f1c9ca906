"""The months to come: what is lost walks on from its level, and men are conserved.

On the log scale, draw by draw. The size of the steps is taken from the months known by the day of the forecast; no number
here was fitted to what came later.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping

import numpy as np
from jaxtyping import Float

from holdfast.forecasting.as_of import SideKnown

MONTH = 30.44
FADE = 0.6
"""Weight of a month in the level, against the month after it."""
LEAST_DAYS = 10
"""A month that was cut shorter says little."""
DAMPED = 0.96
"""Of a step of the killed or the strength, the share that is felt a month later: half is gone in a year and a half."""
BELIEVED = {"killed": 0.15, "strength": 0.03}
"""SD of a month's lasting step, as believed before any month is seen, worth `WORTH` months."""
JITTER = {"killed": 0.15, "strength": 0.01}
"""SD of what is a single month's own, believed in the same way."""
WORTH = 12
LAG = 6
"""Months over which changes tell lasting steps from a single month's own."""
NORMAL_MEDIAN = 0.4549
"""Median of the square of a normal variable of unit SD."""
QUARTERLY = {"wounded": 0.14, "captured": 0.25, "deserted": 0.3}
"""SD of a quarter's step of the slow series, as the evidence believes them (`docs/evidence.md`)."""
BACK = (0.1, 0.3, 0.3, 0.2, 0.1)
"""Shares of the wounded who return, by months since the wound."""


@dataclasses.dataclass(frozen=True)
class Ahead:
    """One army's months to come, draw by draw."""

    months: tuple[dt.date, ...]
    """First day of each month; the first is that after the day of the forecast, or that day itself."""
    days: Float[np.ndarray, month]
    flows: Mapping[str, Float[np.ndarray, "draw month"]]
    """Men a month: killed, wounded, captured, deserted, recruited."""
    strength: Float[np.ndarray, "draw edge"]
    """Men present at the months' edges, the day of the forecast first."""
    rate: Float[np.ndarray, draw]
    """Log of deserters a man and day, of late."""
    drift: Float[np.ndarray, "draw month"]
    """Log of deserters a man over those of late."""
    fitted: Mapping[str, tuple[float, float]]
    """By series: the SD of a month's lasting step and of its own, as estimated."""


def calendar(as_of: dt.date, until: dt.date) -> tuple[tuple[dt.date, ...], np.ndarray]:
    """Months from the day after `as_of` to `until`, and the days of each that are covered."""
    begin, firsts = as_of + dt.timedelta(days=1), []
    while begin <= until:
        firsts.append(begin)
        begin = dt.date(begin.year + begin.month // 12, begin.month % 12 + 1, 1)
    ends = [*firsts[1:], until + dt.timedelta(days=1)]
    return tuple(firsts), np.array([(b - a).days for a, b in zip(firsts, ends, strict=True)], float)


def ahead(side: SideKnown, as_of: dt.date, until: dt.date, seed: int) -> Ahead:
    """Walk an army on to a day. Draw `i` goes on from draw `i` of what was known."""
    months, days = calendar(as_of, until)
    random, steps = np.random.default_rng(seed), days / MONTH
    usable = side.days >= min(LEAST_DAYS, side.days.max())
    killed = np.log(side.a_day("killed")[:, usable])
    fitted = {name: _paces(name, series) for name, series in (
        ("killed", np.median(killed, axis=0)), ("strength", np.log(np.median(side.strength[:, 1:][:, usable], axis=0))),
    )}  # fmt: skip
    flows: dict[str, np.ndarray] = {}
    path = _walk(random, side.draws, steps, *fitted["killed"], DAMPED)
    flows["killed"] = np.exp(level(killed)[:, None] + path) * days
    for name in ("wounded", "captured"):
        ratio = (np.log(side.a_day(name)) - np.log(side.a_day("killed")))[:, usable][:, -1]
        moved = _walk(random, side.draws, steps, QUARTERLY[name] / np.sqrt(3))
        flows[name] = flows["killed"] * np.exp(ratio[:, None] + moved)
    men = side.strength[:, -1]
    rate = np.log(side.a_day("deserted")[:, usable][:, -1] / side.strength[:, 1:][:, usable][:, -1])
    drift = _walk(random, side.draws, steps, QUARTERLY["deserted"] / np.sqrt(3))
    target = np.log(men)[:, None] + _walk(random, side.draws, steps, *fitted["strength"], DAMPED)
    strength, deserted, recruited = _balance(side, flows, rate, drift, np.exp(target), days)
    flows |= {"deserted": deserted, "recruited": recruited}
    return Ahead(months, days, flows, strength, rate, drift, fitted)


def level(logs: np.ndarray) -> np.ndarray:
    """Where a series stands: the mean of its logarithms, months long ago weighing little."""
    weights = FADE ** np.arange(logs.shape[1])[::-1]
    return np.asarray(logs @ (weights / weights.sum()))


def _paces(name: str, series: np.ndarray) -> tuple[float, float]:
    """SD of a month's lasting step and of its own, from changes over one month and over `LAG`.

    Medians of squares, so that a single leap, as of a mobilisation, does not set the pace of all months.
    """
    lasting, own, seen = BELIEVED[name] ** 2, JITTER[name] ** 2, len(series) - LAG
    if seen > 0:
        one, long = (float(np.median((series[lag:] - series[:-lag]) ** 2)) / NORMAL_MEDIAN for lag in (1, LAG))
        step = max((long - one) / (LAG - 1), 0.0)
        lasting = (WORTH * lasting + seen * step) / (WORTH + seen)
        own = (WORTH * own + seen * max((one - step) / 2, 0.0)) / (WORTH + seen)
    return float(np.sqrt(lasting)), float(np.sqrt(own))


def _walk(
    random: np.random.Generator, draws: int, steps: np.ndarray, lasting: float, own: float = 0.0, damped: float = 1.0
) -> np.ndarray:
    """A random walk from 0, damped or not, and what is each month's own; `[draw month]`."""
    made, at = np.zeros((draws, len(steps))), np.zeros(draws)
    # Each draw has a pace of its own, since a pace is known no better than its months.
    pace = lasting * np.exp(0.25 * random.normal(size=draws))
    for month, length in enumerate(steps):
        at = damped**length * at + pace * np.sqrt(length) * random.normal(size=draws)
        made[:, month] = at + own * random.normal(size=draws)
    return made


def _balance(
    side: SideKnown, flows: Mapping[str, np.ndarray], rate: np.ndarray, drift: np.ndarray, target: np.ndarray,
    days: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """Strength, deserters and recruits that conserve men: recruits are what the strength asks for, never less than none."""
    strength, deserted, recruited = [side.strength[:, -1]], [], []
    wounded = np.concatenate([side.flows["wounded"][:, -4:], flows["wounded"]], axis=1)
    for month, length in enumerate(days):
        men = strength[-1]
        gone = men * np.minimum(np.exp(rate + drift[:, month]) * length, 0.9)
        back = side.returned * (wounded[:, month : month + 5] @ np.array(BACK)[::-1])
        lost = sum(flows[name][:, month] for name in ("killed", "wounded", "captured"))
        left = men * (1 - side.leave * length / MONTH) - lost - gone * (1 - side.came_back) + back
        came = np.maximum(target[:, month] - left, 0.0)
        strength.append(np.maximum(left + came, 0.02 * men))
        deserted.append(gone)
        recruited.append(came)
    return tuple(np.stack(each, axis=1) for each in (strength, deserted, recruited))  # type: ignore[return-value]
