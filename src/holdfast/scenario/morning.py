"""The first morning: units, rear, front, society and regime as the scenario has them before the first day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from holdfast import state
from holdfast.day import Params
from holdfast.mechanisms import fire
from holdfast.scenario.layout import Brigades, whole_parts
from holdfast.scenario.schema import Scenario
from holdfast.scenario.series import value_on

COMPLYING = 0.75
"""Share of the call-up before the first day that is taken to have come: those men are in training already."""


def state_of(
    scenario: Scenario, setting: state.Setting, declared: Params, sides: Sequence[Brigades], army: state.Army,
    present: np.ndarray, sectors: int,
) -> state.State:  # fmt: skip
    """Everything that is carried from day to day, on the first morning."""
    losses = losses_of(scenario, setting)
    return state.State(
        army=army,
        units=units_of(setting, declared, army, present, losses),
        rear=rear_of(scenario, sides),
        front=front_of(scenario, sides, sectors),
        society=society_of(scenario, setting),
        regime=regime_of(scenario, losses),
        verdict=verdict_of(setting, present),
    )


def losses_of(scenario: Scenario, setting: state.Setting) -> np.ndarray:
    """Deaths and maimings of each side at the scenario's first rate, as a daily hazard [1/d]."""
    intensity = np.array([value_on(side.intensity, scenario.start) for side in scenario.side])
    killed, back = np.asarray(setting.killed_share), np.asarray(setting.returned_share)
    return np.asarray(setting.hazard) * intensity * (killed + (1 - killed) * (1 - back))


def units_of(
    setting: state.Setting, declared: Params, army: state.Army, present: np.ndarray, losses: np.ndarray
) -> state.Units:
    """Squads, companies and brigades at full memory of the losses and none of exits."""
    _, squads, companies, brigades = present.shape
    side, kind, joined = np.asarray(setting.side), np.asarray(army.kind), np.asarray(army.joined, float)
    men = present.sum(axis=(0, 1, 2))
    of_brigade = lambda field: (field * present).sum(axis=(0, 1, 2))  # noqa: E731
    mean = lambda field: whole(of_brigade(field) / np.maximum(men, 1), np.float32)  # noqa: E731
    green = np.exp(np.minimum(joined, 0) / float(declared.fire.seasoning))
    arms = np.asarray(setting.kinds.arms)[kind] * (1 - float(declared.fire.green_weakness) * green)
    fixed = lambda field: of_brigade(np.round(field * fire.UNIT).astype(int))  # noqa: E731
    assault = fixed(np.asarray(setting.kinds.assault)[kind]) / (fire.UNIT * np.maximum(men, 1))
    return state.Units(
        present=whole(present.sum(axis=0)),
        refusing=jnp.zeros((squads, companies, brigades), jnp.int32),
        left_squad=jnp.zeros((squads, companies, brigades)),
        left_company=jnp.zeros((companies, brigades)),
        left_brigade=jnp.zeros(brigades),
        loss_company=whole(np.broadcast_to(losses[side], (companies, brigades)), np.float32),
        loss_brigade=whole(losses[side], np.float32),
        attempts=jnp.zeros(brigades),
        power=whole(fixed(arms)),
        assault=whole(np.where(men > 0, assault, 1), np.float32),
        risk=mean(np.asarray(army.risk, float)),
        tenure=mean(-joined),
    )


def rear_of(scenario: Scenario, sides: Sequence[Brigades]) -> state.Rear:
    """The men who are not with their units, spread over the brigades by their strength."""
    both = list(zip(sides, scenario.side, strict=True))
    stock = lambda name: whole(  # noqa: E731
        np.concatenate([whole_parts(np.maximum(one.men, 1e-9), getattr(side, name)) for one, side in both])
    )
    none = jnp.zeros(2, jnp.int32)
    return state.Rear(
        hospital=stock("hospital"), ready=jnp.zeros(sum(len(one.name) for one in sides), jnp.int32),
        absent=stock("absent"), prison=stock("prison"), prisoners=stock("prisoners"), killed=none, invalided=none,
    )  # fmt: skip


def front_of(scenario: Scenario, sides: Sequence[Brigades], sectors: int) -> state.Front:
    """An unbroken line, supplied as the scenario has it."""
    sector = np.concatenate([one.sector for one in sides])
    supply = [[value_on(side.supply, scenario.start)] for side in scenario.side]
    no, never = jnp.zeros((2, sectors), bool), jnp.zeros((2, sectors), jnp.int32)
    return state.Front(
        sector=whole(sector), travel=jnp.zeros(len(sector), jnp.int32), line=jnp.zeros(sectors), broken=no,
        firm_days=never, cut_days=never, encircled=no,
        supply=whole(np.broadcast_to(supply, (2, sectors)), np.float32),
    )  # fmt: skip


def society_of(scenario: Scenario, setting: state.Setting) -> state.Society:
    """Regions with their eligible men, those in training since before the first day, and the trained."""
    side, eligible = np.asarray(setting.regions.side), np.asarray(setting.regions.eligible).astype(int)
    own = [eligible[side == s].astype(float) for s in (0, 1)]
    trained = np.concatenate([whole_parts(own[s], scenario.side[s].trained) for s in (0, 1)])
    queue = np.zeros((max(one.training_days for one in scenario.side) + 1, len(eligible)), int)
    for s, one in enumerate(scenario.side):
        called = value_on(one.quota_per_day, scenario.start) * COMPLYING
        daily = round(called + value_on(one.contracts_per_day, scenario.start))
        burden = np.asarray(setting.regions.burden, float) * eligible * (side == s)
        if burden.sum():
            queue[: one.training_days] += whole_parts(burden, daily)
    none = jnp.zeros(len(eligible), jnp.int32)
    return state.Society(
        eligible=whole(eligible), training=whole(queue), trained=whole(trained), evading=none, abroad=none,
        home_risk=setting.regions.home_risk, known_dead=setting.dead_before,
    )  # fmt: skip


def regime_of(scenario: Scenario, losses: np.ndarray) -> state.Regime:
    """Leader and elites as the scenario has them."""
    of = lambda name: whole([getattr(side.regime, name) for side in scenario.side], np.float32)  # noqa: E731
    hope = [value_on(side.news, scenario.start) for side in scenario.side]
    return state.Regime(
        elite=of("elite_cohesion"), gap=jnp.zeros(2), losses=whole(losses, np.float32), support=of("support"),
        prospects=whole(hope, np.float32),
    )  # fmt: skip


def verdict_of(setting: state.Setting, present: np.ndarray) -> state.Verdict:
    """A past in which nobody left."""
    side, men, window = np.asarray(setting.side), present.sum(axis=(0, 1, 2)), state.COLLAPSE_WINDOW
    strength = [[men[side == s].sum()] * window for s in (0, 1)]
    return state.Verdict(
        exits=jnp.zeros((2, window), jnp.int32), strength=whole(strength), broken_days=jnp.zeros(2, jnp.int32),
        collapsed=jnp.zeros(2, bool),
    )  # fmt: skip


def whole(values: Any, kind: Any = np.int32) -> jnp.ndarray:
    """An array of the engine's, whole men unless told otherwise."""
    return jnp.asarray(np.array(values, kind))
