"""From a scenario to a world. Everything here is done once; the engine and its reference start from the same."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np

from holdfast import params, state
from holdfast.day import Forcing, Params, defaults, rates_of
from holdfast.day.morning import authority, morning
from holdfast.mechanisms import fire
from holdfast.scenario.army import army_of
from holdfast.scenario.forcing import forcing_of
from holdfast.scenario.layout import (
    Brigades,
    Names,
    brigades_of,
    companies_of,
    effect_names,
    names_of,
    sector_list,
    whole_parts,
)
from holdfast.scenario.load import read_regions
from holdfast.scenario.schema import Scenario
from holdfast.scenario.series import value_on
from holdfast.scenario.tables import setting_of
from holdfast.simulate import World


def world(scenario: Scenario, men_per_billet: int | None = None, seed: int = 0) -> tuple[World, Names]:
    """Build the world of a checked scenario at a grain (the scenario's own unless given)."""
    grain = men_per_billet or scenario.men_per_billet
    sectors = sector_list(scenario)
    regions = [read_regions(scenario, side) for side in scenario.side]
    squads = scenario.squads_per_company
    companies = companies_of(scenario, grain)
    sides = [brigades_of(scenario, side, sectors, grain, companies) for side in scenario.side]
    side = np.repeat([0, 1], [len(one.name) for one in sides])
    posts = np.concatenate([one.posts for one in sides])
    shape = (scenario.squad_men, squads, companies, len(side))
    declared = params.override(defaults(effect_names(scenario)), dict(scenario.parameters))
    setting = setting_of(scenario, regions, side, posts, shape, grain, [len(one.posts) for one in sides])
    army, present = army_of(scenario, setting, sides, shape, declared, seed)
    start = state_of(scenario, setting, declared, sides, army, present, len(sectors), grain, shape)
    start, setting = first_day(declared, setting, start, scenario)
    names = names_of(scenario, sectors, sides, regions)
    return World(declared, setting, start, forcing_of(scenario, sectors)), names


def state_of(
    scenario: Scenario, setting: state.Setting, declared: Params, sides: Sequence[Brigades], army: state.Army,
    present: np.ndarray, sectors: int, grain: int, shape: tuple[int, int, int, int],
) -> state.State:  # fmt: skip
    """The first morning."""
    slots, squads, companies, brigades = shape
    side = np.asarray(setting.side)
    men = present.sum(axis=(0, 1, 2))
    green = np.exp(np.minimum(np.asarray(army.joined, float), 0) / float(declared.fire.seasoning))
    kind = np.asarray(army.kind)
    arms = np.asarray(setting.kinds.arms)[kind] * (1 - float(declared.fire.green_weakness) * green)
    power = (np.round(arms * fire.UNIT).astype(int) * present).sum(axis=(0, 1, 2))
    attack = (np.round(np.asarray(setting.kinds.assault)[kind] * fire.UNIT).astype(int) * present).sum(
        axis=(0, 1, 2)
    )
    mean = lambda field: (np.asarray(field, float) * present).sum(axis=(0, 1, 2)) / np.maximum(men, 1)  # noqa: E731
    stock = lambda name: np.concatenate(  # noqa: E731
        [
            whole_parts(np.maximum(one.men, 1e-9), getattr(s, name))
            for one, s in zip(sides, scenario.side, strict=True)
        ]
    )
    i32 = lambda values: jnp.asarray(np.array(values, np.int32))  # noqa: E731
    f32 = lambda values: jnp.asarray(np.array(values, np.float32))  # noqa: E731
    loss = np.asarray(setting.hazard) * np.array(
        [value_on(s.intensity, scenario.start) for s in scenario.side]
    )
    k, r = np.asarray(setting.killed_share), np.asarray(setting.returned_share)
    loss = loss * (k + (1 - k) * (1 - r))
    region_side = np.asarray(setting.regions.side)
    eligible = np.asarray(setting.regions.eligible).astype(int)
    trained = np.concatenate(
        [whole_parts(eligible[region_side == s].astype(float), scenario.side[s].trained) for s in (0, 1)]
    )
    queue = np.zeros((max(s.training_days for s in scenario.side) + 1, len(eligible)), int)
    for s, one in enumerate(scenario.side):  # men called before the first day are in training already
        daily = value_on(one.quota_per_day, scenario.start) * 0.75 + value_on(
            one.contracts_per_day, scenario.start
        )
        burden = np.asarray(setting.regions.burden, float) * eligible * (region_side == s)
        for row in range(one.training_days):
            queue[row] += whole_parts(burden, round(daily)) if burden.sum() else 0
    zero = jnp.zeros
    by_side = lambda name: f32([getattr(s.regime, name) for s in scenario.side])  # noqa: E731
    return state.State(
        army=army,
        units=state.Units(
            present=i32(present.sum(axis=0)),
            refusing=zero((squads, companies, brigades), jnp.int32),
            left_squad=zero((squads, companies, brigades)),
            left_company=zero((companies, brigades)),
            left_brigade=zero(brigades),
            loss_company=f32(np.broadcast_to(loss[side], (companies, brigades))),
            loss_brigade=f32(loss[side]),
            attempts=zero(brigades),
            power=i32(power),
            attackers=i32(attack),
            risk=f32(mean(army.risk)),
            tenure=f32(mean(-np.asarray(army.joined, float))),
        ),  # fmt: skip
        rear=state.Rear(
            hospital=i32(stock("hospital")),
            ready=zero(brigades, jnp.int32),
            absent=i32(stock("absent")),
            prison=i32(stock("prison")),
            prisoners=i32(stock("prisoners")),
            killed=zero(2, jnp.int32),
            invalided=zero(2, jnp.int32),
        ),  # fmt: skip
        front=state.Front(
            sector=i32(np.concatenate([one.sector for one in sides])),
            travel=zero(brigades, jnp.int32),
            line=zero(sectors),
            broken=zero((2, sectors), bool),
            firm_days=zero((2, sectors), jnp.int32),
            cut_days=zero((2, sectors), jnp.int32),
            encircled=zero((2, sectors), bool),
            supply=f32(
                np.broadcast_to([[value_on(s.supply, scenario.start)] for s in scenario.side], (2, sectors))
            ),
        ),  # fmt: skip
        society=state.Society(
            eligible=i32(eligible),
            training=i32(queue),
            trained=i32(trained),
            evading=zero(len(eligible), jnp.int32),
            abroad=zero(len(eligible), jnp.int32),
            home_risk=setting.regions.home_risk,
            known_dead=setting.dead_before,
        ),  # fmt: skip
        regime=state.Regime(
            elite=by_side("elite_cohesion"),
            gap=zero(2),
            losses=f32(loss),
            support=by_side("support"),
            prospects=f32([value_on(s.news, scenario.start) for s in scenario.side]),
        ),  # fmt: skip
        verdict=state.Verdict(
            exits=zero((2, state.COLLAPSE_WINDOW), jnp.int32),
            strength=i32(np.repeat([[men[side == s].sum()] for s in (0, 1)], state.COLLAPSE_WINDOW, axis=1)),
            broken_days=zero(2, jnp.int32),
            collapsed=zero(2, bool),
        ),  # fmt: skip
    )


def first_day(
    declared: Params, setting: state.Setting, start: state.State, scenario: Scenario
) -> tuple[state.State, state.Setting]:
    """Scale each side's hazard so that the first day kills at the scenario's rate.

    The scenario gives killed per 1,000 present men; greenness, force ratios and reserves move that, so the base
    hazard is divided by what they make of it on the first morning.
    """
    first = forcing_of(scenario, sector_list(scenario), days=1)
    today = jax.tree.map(lambda leaf: leaf[0], first)
    hazard, intensity = _first_morning(declared, setting, start, today)
    side, men = np.asarray(setting.side), np.asarray(start.units.present).sum(axis=(0, 1)).astype(float)
    present = np.asarray(start.army.fate) == state.PRESENT
    green = np.exp(np.minimum(np.asarray(start.army.joined, float), 0) / float(declared.fire.seasoning))
    excess = ((1 + float(declared.fire.green_excess) * green) * present).sum(axis=(0, 1, 2)) / np.maximum(
        men, 1
    )
    scale = []
    for s in (0, 1):
        mine = side == s
        mean = (np.asarray(hazard) * excess * men)[mine].sum() / max(men[mine].sum(), 1)
        wanted = float(setting.hazard[s]) * float(intensity[s])
        scale.append(wanted / mean if mean > 0 else 1.0)
    scaled = dataclasses.replace(setting, hazard=setting.hazard * jnp.asarray(np.array(scale, np.float32)))
    return start, scaled


@jax.jit
def _first_morning(
    declared: Params, setting: state.Setting, start: state.State, today: Forcing
) -> tuple[jax.Array, jax.Array]:
    rates = rates_of(declared, start, today)
    board, _ = morning(declared, setting, start, rates, authority(declared, setting, start, rates))
    return board.hazard, jnp.exp(rates.hazard)
