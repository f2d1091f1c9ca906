"""Small invented wars for tests of whole simulated worlds: one shape, so that the engine is compiled once for all.

West is the army in question; East, as strong, has men who never leave, so that what West does is West's doing.
Every effect is declared and asleep. A war is changed by values at paths, as on the command line.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping
from typing import Any

import jax
import numpy as np

from holdfast.engine import effects, outcomes
from holdfast.engine.simulate import World, simulate
from holdfast.engine.state import State
from holdfast.scenario import build, overrides
from holdfast.scenario.schema import ScenarioDocument
from holdfast.scenario.validation import Known, validated

START = dt.date(2030, 1, 1)
RUNS, STRETCH, SEED = 16, 60, 11
WEST, EAST = 0, 1
MONTH = 30.44

SECTORS = ("North", "Centre", "South", "Coast")


def on(day: int) -> dt.date:
    return START + dt.timedelta(days=day)


def path(points: Mapping[int, float]) -> list[dict[str, Any]]:
    """A dated series from values by day: straight lines between them."""
    return [{"date": on(day), "value": float(value)} for day, value in points.items()]


def side(name: str, resolve: float) -> dict[str, Any]:
    """Nine brigades of 500 posts, two in each sector and one in reserve; two regions of equal burden."""
    line = [
        {"name": f"{place} brigade", "men": 480, "establishment": 500, "sector": place, "count": 2} for place in SECTORS
    ]
    return {
        "name": name,
        "title": f"Army of {name}",
        "order_of_battle": [*line, {"name": "Guard", "men": 480, "establishment": 500}],
        "killed_per_1000_month": 5.0,
        "resolve": {"mean": resolve, "sd": 0.95},
        "mean_tenure_days": 200,
        "hospital": 200,
        "trained": 40,
        "dead_before": 300,
        "training_days": 30,
        "contracts_per_day": 8.0,
        "quota_per_day": 4.0,
        "exit": 0.5,
        "captor": 0.5,
        "kinds": {
            "contract": {"share": 0.5, "intake_share": 0.5, "training_days": 40},
            "mobilised": {"share": 0.5, "intake_share": 0.5, "training_days": 40},
        },
        "regions": [
            {"name": f"{name} town", "eligible_men": 40000},
            {"name": f"{name} country", "eligible_men": 40000},
        ],
        "regime": {"elite_cohesion": 0.8, "elite_level": 0.8, "personalism": 0.5, "support": 60},
    }


@functools.cache
def base() -> ScenarioDocument:
    document = {
        "name": "invented",
        "title": "An invented war",
        "question": "Which sign?",
        "start": START,
        "days": 180,
        "men_per_billet": 1,
        "squad_men": 10,
        "squads_per_company": 5,
        "front": {"sectors": [{"name": name} for name in SECTORS], "km": 40, "winter": 1.0},
        "side": [side("west", 1.5), side("east", 9.0)],
        "event": [{"effect": name, "start": START, "strength": 0.0} for name in effects.names()],
    }
    return validated(document, Known(), "The tests' war")


_values: dict[Any, Mapping[str, Any]] = {}


def _key(values: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    key = tuple(sorted((name, repr(value)) for name, value in values.items()))
    _values[key] = values
    return key


@functools.cache
def _world(key: tuple[tuple[str, str], ...]) -> World:
    return build.world(overrides.with_values(base(), _values[key]))[0]


@functools.cache
def _fight(key: tuple[tuple[str, str], ...]) -> dict[str, np.ndarray]:
    return told(_world(key))


def world(values: Mapping[str, Any] | None = None) -> World:
    """The war with other values; made once for each set of values."""
    return _world(_key(values or {}))


def fight(values: Mapping[str, Any] | None = None) -> dict[str, np.ndarray]:
    """The war fought in `RUNS` runs; fought once for each set of values."""
    return _fight(_key(values or {}))


def days_of(
    war: World, runs: range = range(RUNS), seed: int = SEED, stretch: int = STRETCH
) -> tuple[dict[str, np.ndarray], State]:
    """All flows of a war, by name, `[run day ...]`, and the state after its last stretch."""
    parts, state = [], war.state
    for _, flows, _, state in simulate(war, seed, runs, stretch=stretch):
        groups = (flows.side, flows.sector, flows.brigade, flows.region)
        parts.append({name: np.asarray(x) for group in groups for name, x in group.items()})
        state = jax.tree.map(np.array, state)
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return {name: np.swapaxes(series, 0, 1) for name, series in joined.items()}, state


def told(war: World, runs: range = range(RUNS), seed: int = SEED, stretch: int = STRETCH) -> dict[str, np.ndarray]:
    """All flows of a war."""
    return days_of(war, runs, seed, stretch)[0]


def left(flows: Mapping[str, np.ndarray], side: int = WEST) -> np.ndarray:
    """Men who left by choice, `[run day]`."""
    return (flows["deserted"] + flows["surrendered"])[:, :, side].astype(float)


def exits(flows: Mapping[str, np.ndarray], begin: int = 0, end: int | None = None, side: int = WEST) -> np.ndarray:
    """Gross exits by choice per 1,000 men and month between two days, in each run."""
    present = flows["present"][:, begin:end, side].sum(axis=1)
    return left(flows, side)[:, begin:end].sum(axis=1) / np.maximum(present, 1) * MONTH * 1000


def gone(flows: Mapping[str, np.ndarray], side: int = WEST) -> np.ndarray:
    """The greatest share of the men that was ever gone within 180 days, in each run."""
    men = flows["present"][:, :, side].astype(float)
    return outcomes.share_gone(left(flows, side), men, outcomes.MASS_DAYS).max(axis=1)


def mass_desertion(flows: Mapping[str, np.ndarray], side: int = WEST) -> float:
    """Share of the runs with mass desertion."""
    return float(np.mean(gone(flows, side) >= outcomes.MASS_SHARE))


def peak(flows: Mapping[str, np.ndarray], days: int = 7, side: int = WEST) -> np.ndarray:
    """The greatest rate of exits over a week, per 1,000 men of the first day and month, in each run."""
    total = np.cumsum(np.pad(left(flows, side), ((0, 0), (1, 0))), axis=1)
    start = flows["present"][:, 0, side]
    return (total[:, days:] - total[:, :-days]).max(axis=1) / days / start * MONTH * 1000


def day_gone(flows: Mapping[str, np.ndarray], share: float, side: int = WEST) -> np.ndarray:
    """The first day on which a share of the first day's men had left, in each run; NaN = never."""
    upto = left(flows, side).cumsum(axis=1) / flows["present"][:, :1, side]
    return np.where((upto >= share).any(axis=1), (upto >= share).argmax(axis=1), np.nan)


def error(values: np.ndarray) -> float:
    """Standard error of the mean over the runs."""
    return float(np.std(values, ddof=1) / np.sqrt(len(values)))


SIGMAS = 3.0
"""Standard errors by which an effect must stand off zero."""


def above(more: np.ndarray, less: np.ndarray) -> bool:
    """Whether an effect is there: runs paired by their luck, mean difference over `SIGMAS` standard errors."""
    difference = np.asarray(more, float) - np.asarray(less, float)
    return bool(difference.mean() > 0 and difference.mean() > SIGMAS * error(difference))
