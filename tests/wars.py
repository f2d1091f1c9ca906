"""Small invented wars for tests of whole simulated worlds: one shape, so that the engine is compiled once for all.

West is the army in question; East, as strong, has men who never leave, so that what West does is West's doing.
Every effect is declared and asleep. A war is changed by values at paths, as on the command line.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping
from typing import Any

import numpy as np

from holdfast import effects
from holdfast.scenario import build, change
from holdfast.scenario.check import Known, validated
from holdfast.scenario.schema import Scenario
from holdfast.simulate import World, simulate

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
        {"name": f"{place} brigade", "men": 480, "establishment": 500, "sector": place, "count": 2}
        for place in SECTORS
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
def base() -> Scenario:
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


@functools.cache
def _world(items: tuple[tuple[str, str], ...]) -> World:
    return build.world(change.with_values(base(), _held[items]))[0]


_held: dict[Any, Mapping[str, Any]] = {}


def world(values: Mapping[str, Any] = {}) -> World:  # noqa: B006
    """The war with other values; made once for each set of values."""
    key = tuple(sorted((name, repr(value)) for name, value in values.items()))
    _held[key] = values
    return _world(key)


def told(
    war: World, runs: range = range(RUNS), seed: int = SEED, stretch: int = STRETCH
) -> dict[str, np.ndarray]:
    """All flows of a war, by name, `[run day ...]`."""
    parts = [
        {name: np.asarray(x) for group in (f.side, f.sector, f.brigade, f.region) for name, x in group.items()}
        for _, f, _, _ in simulate(war, seed, runs, stretch=stretch)
    ]
    return {name: np.swapaxes(np.concatenate([part[name] for part in parts]), 0, 1) for name in parts[0]}


@functools.cache
def _fought(key: tuple[tuple[str, str], ...], seed: int) -> dict[str, np.ndarray]:
    return told(_world(key), seed=seed)


def fight(values: Mapping[str, Any] = {}, seed: int = SEED) -> dict[str, np.ndarray]:  # noqa: B006
    """The war fought in `RUNS` runs; fought once for each set of values."""
    world(values)
    key = tuple(sorted((name, repr(value)) for name, value in values.items()))
    return _fought(key, seed)
