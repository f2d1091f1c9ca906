"""From a scenario to a world. Everything here is done once; the engine and its reference start from the same."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np

from holdfast import params, state
from holdfast.day import Forcing, Params, defaults, rates_of
from holdfast.day.morning import authority, morning
from holdfast.scenario import losses
from holdfast.scenario.army import army_of
from holdfast.scenario.forcing import forcing_of
from holdfast.scenario.layout import Names, brigades_of, companies_of, effect_names, names_of, sector_list
from holdfast.scenario.load import read_regions
from holdfast.scenario.morning import state_of
from holdfast.scenario.schema import Scenario
from holdfast.scenario.tables import setting_of
from holdfast.simulate import World


def world(scenario: Scenario, men_per_billet: int | None = None, seed: int = 0, run: int = 0) -> tuple[World, Names]:
    """Build the world of a checked scenario at a grain (the scenario's own unless given).

    Where losses are from a posterior the world is that of one run; otherwise all runs share it.
    """
    scenario = losses.of_run(scenario, run)
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
    start = state_of(scenario, setting, declared, sides, army, present, len(sectors))
    setting = first_day(declared, setting, start, scenario)
    names = names_of(scenario, sectors, sides, regions)
    return World(declared, setting, start, forcing_of(scenario, sectors)), names


def first_day(declared: Params, setting: state.Setting, start: state.State, scenario: Scenario) -> state.Setting:
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
    excess = ((1 + float(declared.fire.green_excess) * green) * present).sum(axis=(0, 1, 2)) / np.maximum(men, 1)
    scale = []
    for s in (0, 1):
        mine = side == s
        mean = (np.asarray(hazard) * excess * men)[mine].sum() / max(men[mine].sum(), 1)
        wanted = float(setting.hazard[s]) * float(intensity[s])
        scale.append(wanted / mean if mean > 0 else 1.0)
    return dataclasses.replace(setting, hazard=setting.hazard * jnp.asarray(np.array(scale, np.float32)))


@jax.jit
def _first_morning(
    declared: Params, setting: state.Setting, start: state.State, today: Forcing
) -> tuple[jax.Array, jax.Array]:
    rates = rates_of(declared, start, today)
    board, _ = morning(declared, setting, start, rates, authority(declared, setting, start, rates))
    return board.hazard, jnp.exp(rates.hazard)
