"""Many coded armies at once: each its own pressures, parameters and luck, on one board, compiled once.

The day is the model's own (`holdfast.engine.day.step`); only what differs between armies is given an axis of runs. What comes
out is a handful of numbers a run, never soldiers by days.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from holdfast.calibration import testbed
from holdfast.calibration.levels import PRESSURES, STEADY
from holdfast.core import rng
from holdfast.core.params import override
from holdfast.core.units import per_day
from holdfast.engine import initial, outcomes
from holdfast.engine.day import step
from holdfast.engine.day.world import Forcing, Params
from holdfast.engine.forcing import nothing
from holdfast.engine.simulate import World, batch_axes, spread
from holdfast.engine.state import Setting, State

BATCH = 126
"""Runs that go together: few enough to stay in a processor's cache, many enough to be worth its vectors."""
MONTH = 30.44

Levels = Mapping[str, jax.Array]
"""Pressures by name (`holdfast.calibration.levels`), a number a run."""


Course = tuple[jax.Array, jax.Array]
"""Days of the ramp, days of the shock [d]."""


@dataclasses.dataclass(frozen=True)
class Armies:
    """Armies to run, an entry a run in every array."""

    parameters: Mapping[str, np.ndarray]
    """Declared parameters by path; those not named are as declared."""
    levels: Mapping[str, np.ndarray]
    """The pressures at full strength."""
    calm: Mapping[str, np.ndarray]
    """The pressures before the ramp."""
    ramp: np.ndarray
    """Days until the pressures stand in full [d]."""
    shock_days: np.ndarray
    """Days that an operational shock then lasts [d]."""
    resolve: np.ndarray
    """Mean of the men's resolve [nats]."""
    resolve_sd: np.ndarray
    """Its standard deviation between men [nats]."""
    luck: np.ndarray
    """Number of each run's luck: equal numbers, equal luck."""

    def __len__(self) -> int:
        return len(self.resolve)

    def rows(self, wanted: Any) -> Armies:
        """Some of the runs."""
        of = lambda table: {name: values[wanted] for name, values in table.items()}  # noqa: E731
        return Armies(
            of(self.parameters), of(self.levels), of(self.calm), self.ramp[wanted], self.shock_days[wanted],
            self.resolve[wanted], self.resolve_sd[wanted], self.luck[wanted],
        )  # fmt: skip


SUMMARY = (
    "gone_90",
    "gone_180",
    "lost_90",
    "lost_180",
    "broken_days",
    "exits",
    "net_exits",
    "decided",
    "authority",
    "strength",
)
"""What is kept of a run, in this order; see `_summarise`."""


def run(armies: Armies, seed: int) -> Iterator[np.ndarray]:
    """Run armies in batches; yields the summaries of each batch, `[runs len(SUMMARY)]`."""
    for begin in range(0, len(armies), BATCH):
        rows = np.minimum(np.arange(begin, begin + BATCH), len(armies) - 1)
        days = batch(armies.rows(rows), seed)
        yield _summarise(days)[: len(armies) - begin]


def batch(armies: Armies, seed: int) -> dict[str, np.ndarray]:
    """One batch of runs, day by day: `present, left, captured, broken, returned`, `[days runs]` each."""
    keys = jnp.stack([jax.random.key_data(rng.run_key(seed, int(n))) for n in armies.luck])
    words = _words(jax.random.wrap_key_data(keys, impl="threefry2x32"), jnp.arange(testbed.DAYS))
    f32 = lambda table: {name: jnp.asarray(values, jnp.float32) for name, values in table.items()}  # noqa: E731
    told = _campaign(
        testbed.board(), f32(armies.parameters), f32(armies.levels), f32(armies.calm),
        (jnp.asarray(armies.ramp, jnp.float32), jnp.asarray(armies.shock_days, jnp.float32)),
        jnp.asarray(armies.resolve, jnp.float32), jnp.asarray(armies.resolve_sd, jnp.float32), words,
    )  # fmt: skip
    return {name: np.asarray(values) for name, values in told.items()}


def _summarise(days: Mapping[str, np.ndarray]) -> np.ndarray:
    """The numbers kept of each run, from its days.

    The greatest share of the mean present men gone by choice within 90 and within 180 days; the same with men who gave
    up in a pocket; the longest time that half of the sectors were broken [d]; exits by choice per 1,000 men a month,
    gross and net of returns, up to the day on which the war was decided or the end; that day (the run's length where
    there was none); on it, the authority of the regime, and the men still present as a share of the first day's.
    """
    wide = {name: values.T.astype(float) for name, values in days.items()}  # [run day]
    gone = lambda what, window: outcomes.share_gone(what, wide["present"], window).max(axis=1)  # noqa: E731
    lost = wide["left"] + wide["captured"]
    broken = outcomes.days_running(wide["broken"] >= outcomes.FRONT_SHARE).max(axis=1)
    fought = wide["active"] > 0
    last = np.maximum(fought.sum(axis=1) - 1, 0)
    men_days = np.maximum((wide["present"] * fought).sum(axis=1), 1)
    rate = lambda flow: flow.sum(axis=1) / men_days * MONTH * 1000  # noqa: E731
    kept = {
        "gone_90": gone(wide["left"], outcomes.COLLAPSE_DAYS),
        "gone_180": gone(wide["left"], outcomes.MASS_DAYS),
        "lost_90": gone(lost, outcomes.COLLAPSE_DAYS),
        "lost_180": gone(lost, outcomes.MASS_DAYS),
        "broken_days": broken,
        "exits": rate(wide["left"]),
        "net_exits": rate(wide["left"] - wide["returned"] * fought),
        "decided": fought.sum(axis=1),
        "authority": wide["authority"][np.arange(len(last)), last],
        "strength": wide["present"][np.arange(len(last)), last] / testbed.MEN,
    }
    return np.stack([kept[name] for name in SUMMARY], axis=1).astype(np.float32)


_words = jax.jit(jax.vmap(rng.words, in_axes=(0, None), out_axes=1))


def campaign(
    world: World, parameters: Levels, levels: Levels, calm: Levels, course: Course, resolve: jax.Array,
    resolve_sd: jax.Array, words: Mapping[str, jax.Array],
) -> dict[str, jax.Array]:  # fmt: skip
    """All days of a batch of runs, in one compiled piece."""
    runs = len(resolve)
    declared = override(world.params, dict(parameters))
    by_run = jax.tree_util.tree_map_with_path(
        lambda path, _: 0 if ".".join(key.name for key in path) in parameters else None, world.params
    )
    axes = batch_axes(world.state)
    start = _given(world, spread(world.state, runs), resolve, resolve_sd)
    setting, of_setting = _boards(world.setting, levels, resolve, resolve_sd)
    setting, start = jax.vmap(_first_morning, in_axes=(by_run, of_setting, axes, 0, 0, 0), out_axes=(of_setting, axes))(
        declared, setting, start, levels, calm, course
    )

    def one_day(params: Params, board: Setting, today: State, full: Levels, rest: Levels, length: Any, day: Any, luck: Any) -> Any:  # noqa: E501  # fmt: skip
        forcing = forcing_of(full, rest, length, day, today.front.line.shape[0])
        after, flows = step(params, board, today, forcing, luck)
        # The enemy is passive: his line stands, or a strong army's runs would end in its own victory.
        whole = dataclasses.replace(
            after.front, broken=after.front.broken.at[1].set(False), cut_days=after.front.cut_days.at[1].set(0)
        )
        after = dataclasses.replace(after, front=whole)
        side = {name: values[0] for name, values in flows.side.items()}
        told = dict(
            present=side["present"], left=side["deserted"] + side["surrendered"], captured=side["captured"],
            broken=side["broken_share"], returned=side["returned"], active=side["active"], authority=side["authority"],
        )  # fmt: skip
        return after, told

    many = jax.vmap(one_day, in_axes=(by_run, of_setting, axes, 0, 0, 0, None, 0), out_axes=(axes, 0))

    def day(held: State, xs: Any) -> Any:
        number, luck = xs
        return many(declared, setting, held, levels, calm, course, number, luck)

    return jax.lax.scan(day, start, (jnp.arange(testbed.DAYS, dtype=jnp.int32), words))[1]


def _given(world: World, start: State, resolve: jax.Array, resolve_sd: jax.Array) -> State:
    """Every run's first morning with its men's resolve: the board's deviates about its own mean."""
    army = start.army
    own = jnp.asarray(world.setting.side)[None, None, None, None, :] == 0
    deviate = (army.resolve - testbed.RESOLVE) / testbed.RESOLVE_SD
    wide = lambda values: values[None, :, None, None, None]  # noqa: E731  # the axis of runs is the army's second
    moved = wide(resolve) + wide(resolve_sd) * deviate
    return dataclasses.replace(start, army=dataclasses.replace(army, resolve=jnp.where(own, moved, army.resolve)))


def _boards(setting: Setting, levels: Levels, resolve: jax.Array, resolve_sd: jax.Array) -> tuple[Setting, Any]:
    """Every run's board: resolve of its recruits, arms of its enemy, grievance of its burdened region."""
    runs = len(resolve)
    two = lambda own, enemy: jnp.stack([own, jnp.full(runs, enemy)], axis=1)  # noqa: E731
    line = testbed.BRIGADE_MEN * 2 * testbed.SECTORS
    arms = line / testbed.ENEMY_MEN / levels["force_ratio"]
    kinds = jnp.broadcast_to(setting.kinds.arms, (runs, 10))
    kinds = kinds.at[:, 5:].set(arms[:, None])
    burdened = jnp.asarray(setting.regions.burden > 1) & (setting.regions.side == 0)
    exclusion = jnp.where(burdened[None], levels["grievance"][:, None], 0.0)
    none = jax.tree.map(lambda _: None, setting)
    axes = dataclasses.replace(
        none,
        kinds=dataclasses.replace(none.kinds, arms=0),
        regions=dataclasses.replace(none.regions, exclusion=0, home_risk=0),
        resolve_mean=0, resolve_sd=0, hazard=0,
    )  # fmt: skip
    given = dataclasses.replace(
        setting,
        kinds=dataclasses.replace(setting.kinds, arms=kinds),
        regions=dataclasses.replace(
            setting.regions, exclusion=exclusion, home_risk=jnp.broadcast_to(setting.regions.home_risk, exclusion.shape)
        ),
        resolve_mean=two(resolve, testbed.ENEMY_RESOLVE),
        resolve_sd=two(resolve_sd, 0.1),
        hazard=jnp.broadcast_to(setting.hazard, (runs, 2)),
    )
    return given, axes


def _first_morning(
    params: Params, setting: Setting, start: State, levels: Levels, calm: Levels, course: Course
) -> tuple[Setting, State]:
    """One run's hazard, beliefs and units, so that the first day kills at the calm rate (`holdfast.engine.initial`)."""
    forcing = forcing_of(levels, calm, course, jnp.int32(0), start.front.line.shape[0])
    candour, regions = forcing.rates.candour, setting.regions
    killed = jnp.stack([per_day(calm["losses"]), 0.0])
    setting = dataclasses.replace(setting, hazard=killed / setting.killed_share)
    loss = initial.losses(setting.hazard, setting.killed_share, setting.returned_share, jnp.ones(2))
    home = initial.home_risk(killed[regions.side], regions.burden, regions.trust, candour[regions.side])
    setting = dataclasses.replace(setting, regions=dataclasses.replace(regions, home_risk=home))
    army, side = start.army, setting.side
    trust = regions.trust[army.home]
    risk = initial.believed_risk(params.perception, -army.joined.astype(jnp.float32), loss[side], trust, candour[side])
    army = dataclasses.replace(army, risk=risk)
    start = dataclasses.replace(
        start,
        army=army,
        units=initial.units(params, setting, army, loss),
        regime=dataclasses.replace(
            start.regime,
            losses=loss,
            prospects=start.regime.prospects.at[0].set(calm["news"]),
            elite=start.regime.elite.at[0].set(calm["elite"]),
        ),
        society=dataclasses.replace(start.society, home_risk=home),
    )
    hazard, intensity = initial.first_hazard(params, setting, start, forcing)
    scale = initial.hazard_scale(params, side, army, hazard, setting.hazard * intensity)
    return dataclasses.replace(setting, hazard=setting.hazard * scale), start


def forcing_of(levels: Levels, calm: Levels, course: Course, day: jax.Array, sectors: int) -> Forcing:
    """One run's forcing of a day: from calm to the coded pressures over the ramp; then the shock, while it lasts."""
    ramp, shock_days = course
    grown = jnp.clip(day / ramp, 0, 1)
    now = {
        name: levels[name] if name in STEADY else calm[name] + (levels[name] - calm[name]) * grown for name in PRESSURES
    }
    own = lambda mine, other: jnp.stack([mine, jnp.asarray(other, jnp.float32)])  # noqa: E731
    rates = dataclasses.replace(
        nothing(),
        hazard=own(jnp.log(now["losses"] / calm["losses"]), 0.0),
        assault=own(jnp.float32(0.3), 0.0),
        news=own(now["news"], 0.5),
        candour=own(jnp.float32(0.1), 0.1),
        pay=own(jnp.float32(1.0), 1.0),
        quota=own((now["inflow"] - calm["inflow"]) * testbed.MEN, 0.0),
        contracts=own(calm["inflow"] * testbed.MEN, 0.0),
        supply=own(jnp.float32(1.0), 1.0),
        exit=own(now["exit"], 0.0),
        captor=own(now["captor"], 0.0),
        enforcement=own(now["enforcement"], 1.0),
        patron_gone=own(now["patron"], 0.0),
        unpaid=own(now["unpaid"], 0.0),
        shock=own(levels["shock"] * ((day >= ramp) & (day < ramp + shock_days)), 0.0),
        elite_level=own(now["elite"], 0.9),
        vitality=own(now["vitality"], 1.0),
        active=jnp.ones(2),
    )
    return Forcing(day=day, rates=rates, policy={}, pocket=jnp.zeros((2, sectors)))


_campaign = jax.jit(campaign)


def joined(parts: Sequence[np.ndarray]) -> np.ndarray:
    """Batches one after another."""
    return np.concatenate(list(parts))
