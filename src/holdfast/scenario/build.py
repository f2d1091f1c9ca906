"""From a scenario to a world. Everything here is done once; the engine and its reference start from the same."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
import numpy as np

from holdfast.core import params, rng
from holdfast.engine import initial, state
from holdfast.engine.day.world import Params, defaults
from holdfast.engine.outcomes import COLLAPSE_DAYS
from holdfast.engine.simulate import World
from holdfast.scenario import loss_draws
from holdfast.scenario.forcing import QUANTILES, forcing_of, setting_of
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
from holdfast.scenario.schema import KINDS, ScenarioDocument, value_on

Record = TypeVar("Record")

# The army on the first morning: who stands in which billet, drawn from the case and not from a run's luck.


def _army_of(
    scenario: ScenarioDocument, setting: state.Setting, sides: Sequence[Brigades], shape: tuple[int, int, int, int],
    declared: Params, seed: int,
) -> tuple[state.Army, np.ndarray]:  # fmt: skip
    """Who stands in which billet on the first morning. Drawn from the case, not from the run's luck."""
    slots, squads, companies, brigades = shape
    side = np.asarray(setting.side)
    number = np.asarray(setting.number)
    draw = lambda n: rng.uniform(np.array([0x5EED, seed & 0xFFFFFFFF ^ n], np.uint32), number)  # noqa: E731
    posts = np.concatenate([one.posts for one in sides])
    men = np.concatenate([one.men for one in sides])
    open_ = (np.arange(companies)[:, None] < posts // (slots * squads))[None, None]
    # Fill slot by slot, squad by squad, so that every squad of a brigade is equally full.
    place = np.arange(slots * squads).reshape(slots, squads)[:, :, None, None]
    own = np.maximum(posts // (slots * squads), 1)
    order = place * own + np.minimum(np.arange(companies)[:, None], own - 1)
    present = open_ & (order < men)
    fate = np.where(present, state.PRESENT, np.where(open_, state.VACANT, state.CLOSED)).astype(np.uint8)

    shares = [np.cumsum([one.kinds[k].share if k in one.kinds else 0 for k in KINDS]) for one in scenario.side]
    kind_draw, home_draw = draw(1), draw(2)
    kind = np.zeros(shape, np.uint8)
    home = np.zeros(shape, np.uint8)
    region_side = np.asarray(setting.regions.side)
    weight = np.asarray(setting.regions.burden, float) * np.asarray(setting.regions.eligible, float)
    for index in (0, 1):
        mine = side == index
        rows = np.flatnonzero(region_side == index)
        upto = np.cumsum(weight[rows]) / max(weight[rows].sum(), 1e-12)
        kind[..., mine] = np.minimum(np.searchsorted(shares[index], kind_draw[..., mine], "right"), 4) + 5 * index
        picked = np.minimum(np.searchsorted(upto, home_draw[..., mine], "right"), len(rows) - 1)
        home[..., mine] = rows[picked]
    tenure = np.array([one.mean_tenure_days for one in scenario.side])[side] * -np.log1p(-draw(3))
    tenure = np.minimum(tenure + np.asarray(setting.kinds.training)[kind], 20000)
    deviate = np.asarray(setting.quantile)[(draw(4) * QUANTILES).astype(int)]
    resolve = np.asarray(setting.resolve_mean)[side] + np.asarray(setting.resolve_sd)[side] * deviate
    resolve = resolve + np.asarray(setting.kinds.resolve)[kind] + np.asarray(setting.regions.resolve)[home]
    army = state.Army(
        fate=jnp.asarray(fate),
        risk=jnp.asarray(_first_risk(scenario, setting, declared, tenure, home, side).astype(np.float32)),
        resolve=jnp.asarray(resolve.astype(np.float32)),
        joined=jnp.asarray((-np.round(tenure)).astype(np.int16)),
        kind=jnp.asarray(kind),
        home=jnp.asarray(home),
    )
    return army, present


def _first_risk(
    scenario: ScenarioDocument, setting: state.Setting, declared: Params, tenure: np.ndarray, home: np.ndarray,
    side: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """What each man believes on the first morning: he has learnt for as long as he has served."""
    loss = _losses_of(scenario, setting)[side]
    candour = np.array([value_on(one.candour, scenario.start) for one in scenario.side])[side]
    trust = np.asarray(setting.regions.trust)[home]
    return initial.believed_risk(_plain(declared.perception), tenure, loss, trust, candour)


# The first morning: units, rear, front, society and regime as the scenario has them before the first day.


COMPLYING = 0.75
"""Share of the call-up before the first day that is taken to have come: those men are in training already."""


def _state_of(
    scenario: ScenarioDocument, setting: state.Setting, declared: Params, sides: Sequence[Brigades], army: state.Army,
    present: np.ndarray, sectors: int,
) -> state.State:  # fmt: skip
    """Everything that is carried from day to day, on the first morning."""
    losses = _losses_of(scenario, setting)
    return state.State(
        army=army,
        units=initial.units(_plain(declared), _plain(setting), _plain(army), losses),
        rear=_rear_of(scenario, sides),
        front=_front_of(scenario, sides, sectors),
        society=_society_of(scenario, setting),
        regime=_regime_of(scenario, losses),
        verdict=_verdict_of(setting, present),
    )


def _losses_of(scenario: ScenarioDocument, setting: state.Setting) -> np.ndarray:
    """Deaths and maimings of each side at the scenario's first rate, as a daily hazard [1/d]."""
    intensity = np.array([value_on(side.intensity, scenario.start) for side in scenario.side])
    killed, back = np.asarray(setting.killed_share), np.asarray(setting.returned_share)
    return initial.losses(np.asarray(setting.hazard), killed, back, intensity)


def _rear_of(scenario: ScenarioDocument, sides: Sequence[Brigades]) -> state.Rear:
    """The men who are not with their units, spread over the brigades by their strength."""
    both = list(zip(sides, scenario.side, strict=True))
    stock = lambda name: _whole(  # noqa: E731
        np.concatenate([whole_parts(np.maximum(one.men, 1e-9), getattr(side, name)) for one, side in both])
    )
    none = jnp.zeros(2, jnp.int32)
    return state.Rear(
        hospital=stock("hospital"), ready=jnp.zeros(sum(len(one.name) for one in sides), jnp.int32),
        absent=stock("absent"), prison=stock("prison"), prisoners=stock("prisoners"), killed=none, invalided=none,
    )  # fmt: skip


def _front_of(scenario: ScenarioDocument, sides: Sequence[Brigades], sectors: int) -> state.Front:
    """An unbroken line, supplied as the scenario has it."""
    sector = np.concatenate([one.sector for one in sides])
    supply = [[value_on(side.supply, scenario.start)] for side in scenario.side]
    no, never = jnp.zeros((2, sectors), bool), jnp.zeros((2, sectors), jnp.int32)
    return state.Front(
        sector=_whole(sector), travel=jnp.zeros(len(sector), jnp.int32), line=jnp.zeros(sectors), broken=no,
        firm_days=never, cut_days=never, encircled=no,
        supply=_whole(np.broadcast_to(supply, (2, sectors)), np.float32),
    )  # fmt: skip


def _society_of(scenario: ScenarioDocument, setting: state.Setting) -> state.Society:
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
        eligible=_whole(eligible), training=_whole(queue), trained=_whole(trained), evading=none, abroad=none,
        home_risk=setting.regions.home_risk, known_dead=setting.dead_before,
    )  # fmt: skip


def _regime_of(scenario: ScenarioDocument, losses: np.ndarray) -> state.Regime:
    """Leader and elites as the scenario has them."""
    of = lambda name: _whole([getattr(side.regime, name) for side in scenario.side], np.float32)  # noqa: E731
    hope = [value_on(side.news, scenario.start) for side in scenario.side]
    return state.Regime(
        elite=of("elite_cohesion"), gap=jnp.zeros(2), losses=_whole(losses, np.float32), support=of("support"),
        prospects=_whole(hope, np.float32),
    )  # fmt: skip


def _verdict_of(setting: state.Setting, present: np.ndarray) -> state.Verdict:
    """A past in which nobody left."""
    side, men, window = np.asarray(setting.side), present.sum(axis=(0, 1, 2)), COLLAPSE_DAYS
    strength = [[men[side == s].sum()] * window for s in (0, 1)]
    return state.Verdict(
        exits=jnp.zeros((2, window), jnp.int32), strength=_whole(strength), broken_days=jnp.zeros(2, jnp.int32),
        collapsed=jnp.zeros(2, bool),
    )  # fmt: skip


def _whole(values: Any, kind: Any = np.int32) -> jnp.ndarray:
    """An array of the engine's, whole men unless told otherwise."""
    return jnp.asarray(np.array(values, kind))


def world(
    scenario: ScenarioDocument, men_per_billet: int | None = None, seed: int = 0, run: int = 0
) -> tuple[World, Names]:
    """Build the world of a checked scenario at a grain (the scenario's own unless given).

    Where losses are from a posterior the world is that of one run; otherwise all runs share it.
    """
    scenario = loss_draws.of_run(scenario, run)
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
    army, present = _army_of(scenario, setting, sides, shape, declared, seed)
    start = _state_of(scenario, setting, declared, sides, army, present, len(sectors))
    setting = _first_day(declared, setting, start, scenario)
    names = names_of(scenario, sectors, sides, regions)
    return World(declared, setting, start, forcing_of(scenario, sectors)), names


def _first_day(
    declared: Params, setting: state.Setting, start: state.State, scenario: ScenarioDocument
) -> state.Setting:
    """Scale each side's hazard so that the first day kills at the scenario's rate.

    The scenario gives killed per 1,000 present men; greenness, force ratios and reserves move that, so the base
    hazard is divided by what they make of it on the first morning.
    """
    first = forcing_of(scenario, sector_list(scenario), days=1)
    today = jax.tree.map(lambda leaf: leaf[0], first)
    hazard, intensity = initial.first_hazard(declared, setting, start, today)
    wanted = np.asarray(setting.hazard, float) * np.asarray(intensity, float)
    of = _plain(declared), np.asarray(setting.side), _plain(start.army), np.asarray(hazard)
    scale = initial.hazard_scale(*of, wanted)
    return dataclasses.replace(setting, hazard=setting.hazard * jnp.asarray(scale, jnp.float32))


def _plain(record: Record) -> Record:
    """The same record with NumPy's arrays, in which the first morning is worked out."""
    plain: Record = jax.tree.map(np.asarray, record)
    return plain
