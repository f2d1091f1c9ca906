"""The forcing: every series, event and pocket of the scenario as arrays, a row a day."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np

from holdfast.day import Forcing
from holdfast.effects.base import Today
from holdfast.rates import Rates, nothing
from holdfast.scenario.layout import effect_names
from holdfast.scenario.schema import Scenario, Sector
from holdfast.scenario.series import daily, winter_depth


def forcing_of(scenario: Scenario, sectors: Sequence[Sector], days: int | None = None) -> Forcing:
    """Every series of the scenario, a row a day."""
    dates = [scenario.start + dt.timedelta(days=n) for n in range(days or scenario.days)]
    both = lambda name: jnp.asarray(  # noqa: E731
        np.stack([daily(getattr(side, name), dates) for side in scenario.side], axis=1).astype(np.float32)
    )
    regime = lambda name: jnp.asarray(  # noqa: E731
        np.stack([daily(getattr(side.regime, name), dates) for side in scenario.side], axis=1).astype(np.float32)
    )
    still = {field.name: jnp.zeros((len(dates), 2)) for field in dataclasses.fields(Rates)}
    same = (
        "assault",
        "news",
        "candour",
        "pay",
        "supply",
        "exit",
        "captor",
        "enforcement",
        "patron_gone",
        "unpaid",
        "shock",
    )
    given = {name: both(name) for name in same}
    given |= {"quota": both("quota_per_day"), "contracts": both("contracts_per_day")}
    given |= {"elite_level": regime("elite_level"), "vitality": regime("vitality")}
    given["hazard"] = jnp.log(jnp.maximum(both("intensity"), 1e-6))
    fought = [scenario.ceasefire is None or day < scenario.ceasefire for day in dates]
    given["active"] = jnp.asarray(np.repeat(np.array(fought, np.float32)[:, None], 2, axis=1))
    return Forcing(
        day=jnp.arange(len(dates), dtype=jnp.int32),
        rates=dataclasses.replace(nothing(), **(still | given)),
        policy={name: policy_of(scenario, name, dates) for name in effect_names(scenario)},
        pocket=pockets(scenario, sectors, dates),
    )


def policy_of(scenario: Scenario, effect: str, dates: Sequence[dt.date]) -> Today:
    """One effect's strength and onset for each side and day."""
    names = [side.name for side in scenario.side]
    strength, onset = np.zeros((2, len(dates), 2))
    for event in scenario.event:
        if event.effect != effect:
            continue
        feel = [index for index, name in enumerate(names) if event.side in (None, name)]
        for row, day in enumerate(dates):
            if event.start <= day and (event.end is None or day <= event.end):
                strength[row, feel] += event.strength
            if day == event.start:
                onset[row, feel] += event.strength
    depth = winter_depth(dates, scenario.front.winter)
    f32 = lambda values: jnp.asarray(values.astype(np.float32))  # noqa: E731
    return Today(strength=f32(strength), onset=f32(onset), winter=f32(depth))


def pockets(scenario: Scenario, sectors: Sequence[Sector], dates: Sequence[dt.date]) -> jnp.ndarray:
    """1 where and when the scenario closes a pocket, `[D 2 K]`."""
    closed = np.zeros((len(dates), 2, len(sectors)), np.float32)
    sides, places = [s.name for s in scenario.side], [s.name for s in sectors]
    for pocket in scenario.encirclement:
        for row, day in enumerate(dates):
            if pocket.start <= day <= pocket.end:
                closed[row, sides.index(pocket.side), places.index(pocket.sector)] = 1
    return jnp.asarray(closed)
