"""Simulations of coded armies on one test bed, and the table of them that teaches the surrogate. [IO]

The test bed is one small army against a passive enemy, the same for all. An army of history enters it by its
pressures alone (`holdfast.calibration.levels`), so that armies differ in nothing that its coder did not say. The
enemy never leaves, loses nobody and gets nobody: his strength is what the force ratio says.

The day is the model's own (`holdfast.engine.day.step`); only what differs between armies has an axis of runs, and all
is compiled once. What comes out of a run is a handful of numbers, never soldiers by days.

The inputs are the numbers that calibration may move: every declared parameter of the model and of the map from codes,
each with its prior as a map from the unit interval, so that screening, drawing and the sampler's own coordinates are
one thing.

How willing an army's men are is its own and is never coded, so each army is run at several levels of resolve. The
levels' likelihoods are weighed later: neither the mean level nor its spread costs a run. Worker processes fill the
table part by part; to leave armies out, to weigh them otherwise or to score them otherwise needs no new run.

What is learnt from the table is the model's behaviour: no coded outcome is in it.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import hashlib
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from holdfast.calibration.levels import PRESSURES, STEADY, Map, levels
from holdfast.coded_armies.army import CODES, CodedArmy, array
from holdfast.core import rng
from holdfast.core.params import About, Fixed, LogNormal, Prior, override, walk
from holdfast.core.programs import Program
from holdfast.core.runtime import SHORT_ROWS
from holdfast.core.types import Record
from holdfast.core.units import per_1000_month, per_day
from holdfast.engine import initial, outcomes
from holdfast.engine.day import step
from holdfast.engine.day.record import Forcing, Params, defaults
from holdfast.engine.simulate import World, batch_axes, spread
from holdfast.engine.state import Setting, State, nothing
from holdfast.parallel import Progress, Report, pool, tasks
from holdfast.parallel.pool import LocalExecutor
from holdfast.parallel.tasks import TaskFolder
from holdfast.scenario import build
from holdfast.scenario.schema import Front, Kind, Regime, Region, Resolve, ScenarioDocument, Side

DAYS = 240
"""Length of a run, the same for every army that teaches: not the army's own, which already tells the outcome [d]."""
MEN, ENEMY_MEN = 1100, 500
SECTORS, COMPANY_SQUADS, SQUAD_MEN, BRIGADE_MEN = 5, 5, 10, 100
ENEMY_RESOLVE = 60.0
RESOLVE_TARGET, RESOLVE_SD = 6.5, 0.95
"""Mean of the men's resolve on the test bed and its standard deviation [nats]; each run has its own."""

BATCH = 126
"""Runs that go together: few enough to stay in a processor's cache, many enough to be worth its vectors."""

Floats = npt.NDArray[np.floating]
Levels = Mapping[str, jax.Array]
"""Pressures by name (`holdfast.calibration.levels`), a number a run."""

SUMMARY = (
    "gone_90", "gone_180", "lost_90", "lost_180", "broken_days", "exits", "net_exits", "decided", "authority", "strength",
    "settled",
)  # fmt: skip
"""The numbers of a run, in this order; see `_summary`."""

ENDS = ("collapse", "settlement", "destroyed")
"""How a run may end (`holdfast.engine.outcomes.first_days`): on the day of a settlement, and after it, nobody collapses."""


@functools.cache
def testbed() -> World:
    """The world that every army's run starts from.

    Returns:
        The test bed, built once.
    """
    world, _ = build.world(scenario())
    return world


def scenario() -> ScenarioDocument:
    """The test bed as a scenario: ten brigades in five sectors and one in reserve, against one brigade a sector.

    Sixteen brigades, since vectors are that long: 11 against 15 ms a run of 20.

    Returns:
        The document.
    """
    regime = Regime(elite_cohesion=0.9, elite_level=0.9, vitality=1.0, personalism=0.6, support=60)
    army = Side(
        name="army", title="An army", strength=MEN, reserve_share=0.09, killed_per_1000_month=1.0, assault=0.3,
        resolve=Resolve(mean=RESOLVE_TARGET, sd=RESOLVE_SD), mean_tenure_days=300, trained=40,
        contracts_per_day=0.0005 * MEN, dead_before=MEN // 20,
        regions=[
            Region(name="favoured", eligible_men=20 * MEN, burden=0.5),
            Region(name="burdened", eligible_men=20 * MEN, burden=1.5, exclusion=0.0),
        ],
        brigade_men=BRIGADE_MEN, killed_share=0.25, returned_share=0.5, regime=regime, training_days=30,
    )  # fmt: skip
    enemy = Side(
        name="enemy", title="Its enemy", strength=ENEMY_MEN, reserve_share=0.0, killed_per_1000_month=0.0,
        assault=0.0, resolve=Resolve(mean=ENEMY_RESOLVE, sd=0.1), mean_tenure_days=300,
        kinds={"contract": Kind(share=1.0, intake_share=1.0)},
        regions=[Region(name="there", eligible_men=20 * MEN)],
        brigade_men=BRIGADE_MEN, killed_share=0.25, returned_share=0.5, regime=regime, training_days=30,
    )  # fmt: skip
    return ScenarioDocument(
        name="coded-army", title="A coded army", question="Does it hold?", start=dt.date(1900, 4, 1), days=DAYS,
        men_per_billet=1, squad_men=SQUAD_MEN, squads_per_company=COMPANY_SQUADS,
        front=Front(sectors=SECTORS, km=200, winter=0.0), side=[army, enemy],
    )  # fmt: skip


@dataclasses.dataclass(frozen=True)
class SimulatedArmies:
    """Armies to run, an entry a run in every array."""

    parameters: Mapping[str, Floats]
    """Declared parameters by path; those not named are as declared."""
    levels: Mapping[str, Floats]
    """The pressures at full strength."""
    calm: Mapping[str, Floats]
    """The pressures before the ramp."""
    ramp: Floats
    """Days until the pressures stand in full [d]."""
    shock_days: Floats
    """Days that an operational shock then lasts [d]."""
    resolve: Floats
    """Mean of the men's resolve [nats]."""
    resolve_sd: Floats
    """Its standard deviation between men [nats]."""
    luck: npt.NDArray[np.integer]
    """Number of each run's luck: equal numbers, equal luck."""
    calm_days: Floats | float = 0.0
    """Days of calm before the ramp begins, one number for all or one a run [d]."""

    def __len__(self) -> int:
        return len(self.resolve)

    def rows(self, which: npt.NDArray[np.integer]) -> SimulatedArmies:
        """Some of the runs.

        Args:
            which: their indices.

        Returns:
            These alone.
        """
        table = lambda columns: {name: column[which] for name, column in columns.items()}  # noqa: E731
        return SimulatedArmies(
            parameters=table(self.parameters), levels=table(self.levels), calm=table(self.calm), ramp=self.ramp[which],
            shock_days=self.shock_days[which], resolve=self.resolve[which], resolve_sd=self.resolve_sd[which],
            luck=self.luck[which], calm_days=np.broadcast_to(self.calm_days, len(self))[which],
        )  # fmt: skip


class Course(Record):
    """How the pressures of a run change with its days."""

    levels: Levels
    """The pressures at full strength."""
    calm: Levels
    """The pressures before the ramp."""
    ramp: jax.Array
    """Days until they stand in full [d]."""
    shock_days: jax.Array
    """Days that the shock then lasts [d]."""
    calm_days: jax.Array | float = 0.0
    """Days of calm before the ramp begins [d]."""


class _Runs(Record):
    """A batch of runs as it is compiled."""

    parameters: Levels
    course: Course
    resolve: jax.Array
    resolve_sd: jax.Array


def batch(
    armies: SimulatedArmies, begin: int, seed: int, days: int = DAYS, size: int = BATCH, *, brigades: bool = False
) -> dict[str, Floats]:
    """One batch of runs, day by day.

    Args:
        armies: the runs.
        begin: the first of them.
        seed: of their luck.
        days: how long they are; the first days of a longer run are those of a shorter one [d].
        size: how many are run, the last again where there are fewer; each size and each length is compiled for itself.
        brigades: whether to give what each of the army's own brigades does, too; compiled for itself.

    Returns:
        `present`, `left`, `hit` (killed or wounded), `captured`, `returned` [men], `broken` (share of the sectors), `active` (1
        while the war is fought), `settled` (1 once the state has ended it) and `authority` of the regime, `[day, run]` each;
        with `brigades` also `brigade_left` and `brigade_present`, `[day, run, brigade]` [men].
    """
    rows = np.minimum(np.arange(begin, begin + size), len(armies) - 1)
    return _batch(testbed(), armies, rows, seed, days, brigades=brigades)


def _batch(
    world: World, armies: SimulatedArmies, rows: npt.NDArray[np.integer], seed: int, days: int = DAYS, *,
    brigades: bool = False,
) -> dict[str, Floats]:  # fmt: skip
    f32: Callable[[Floats], Any] = lambda column: np.asarray(column[rows], np.float32)  # noqa: E731
    table: Callable[[Mapping[str, Floats]], Any] = lambda columns: {
        name: f32(column) for name, column in columns.items()
    }  # noqa: E731
    words = rng.words(seed, armies.luck[rows], range(days))
    calm_days = f32(np.broadcast_to(armies.calm_days, len(armies)))
    course = Course(table(armies.levels), table(armies.calm), f32(armies.ramp), f32(armies.shock_days), calm_days)
    runs = _Runs(table(armies.parameters), course, f32(armies.resolve), f32(armies.resolve_sd))
    settings = {"brigades": True} if brigades else {}
    every = {name: np.asarray(each) for name, each in _run_campaign(world, runs, words, **settings).items()}
    own = np.asarray(world.setting.side) == 0
    return {name: each[..., own] if name.startswith("brigade") else each for name, each in every.items()}


def _summary(days: Mapping[str, Floats]) -> Floats:
    """The numbers of each run, from its days.

    The greatest share of the mean present men gone by choice within 90 and within 180 days; the same with men who gave
    up in a pocket; the longest time that half of the sectors were broken [d]; exits by choice per 1,000 men a month,
    gross and net of returns, up to the day on which the war ended; the day of a collapse (the run's length where there
    was none, and where the state settled); on the last day of the war, the authority of the regime, and the men still
    present as a share of the first day's; the day on which the state settled (0 where it did not).
    """
    wide = {name: values.T.astype(float) for name, values in days.items()}  # [run day]
    gone = lambda what, window: outcomes.share_gone(what, wide["present"], window).max(axis=1)  # noqa: E731
    lost = wide["left"] + wide["captured"]
    fought, settled = wide["active"] > 0, wide["settled"] > 0
    broken = outcomes.days_running((wide["broken"] >= outcomes.FRONT_SHARE) & ~settled).max(axis=1)
    ended = fought.sum(axis=1)
    last = np.maximum(ended - 1, 0)
    men_days = np.maximum((wide["present"] * fought).sum(axis=1), 1)
    summary = {
        "gone_90": gone(wide["left"], outcomes.COLLAPSE_DAYS),
        "gone_180": gone(wide["left"], outcomes.MASS_DAYS),
        "lost_90": gone(lost, outcomes.COLLAPSE_DAYS),
        "lost_180": gone(lost, outcomes.MASS_DAYS),
        "broken_days": broken,
        "exits": per_1000_month(wide["left"].sum(axis=1), men_days),
        "net_exits": per_1000_month((wide["left"] - wide["returned"] * fought).sum(axis=1), men_days),
        "decided": np.where(settled.any(axis=1), fought.shape[1], ended),
        "authority": wide["authority"][np.arange(len(last)), last],
        "strength": wide["present"][np.arange(len(last)), last] / MEN,
        "settled": np.where(settled.any(axis=1), ended, 0),
    }
    return np.stack([summary[name] for name in SUMMARY], axis=1).astype(np.float32)


def _campaign(
    world: World, runs: _Runs, words: Mapping[str, jax.Array], brigades: bool = False
) -> dict[str, jax.Array]:
    """All days of a batch of runs, in one compiled piece."""
    declared = override(world.params, dict(runs.parameters))
    by_run = jax.tree_util.tree_map_with_path(
        lambda path, _: 0 if ".".join(key.name for key in path) in runs.parameters else None, world.params
    )
    axes = batch_axes(world.state)
    start = _with_resolve(world, spread(world.state, len(runs.resolve)), runs)
    setting, of_setting = _settings(world.setting, runs)
    setting, start = jax.vmap(_first_morning, in_axes=(by_run, of_setting, axes, 0), out_axes=(of_setting, axes))(
        declared, setting, start, runs.course
    )
    one_day = functools.partial(_one_day, brigades=brigades)
    many = jax.vmap(one_day, in_axes=(by_run, of_setting, axes, 0, None, 0), out_axes=(axes, 0))

    def day(today: State, xs: tuple[jax.Array, Mapping[str, jax.Array]]) -> tuple[State, dict[str, jax.Array]]:
        number, luck = xs
        return many(declared, setting, today, runs.course, number, luck)  # type: ignore[no-any-return]

    days = jnp.arange(len(next(iter(words.values()))), dtype=jnp.int32)
    return jax.lax.scan(day, start, (days, words))[1]  # type: ignore[no-any-return]


_run_campaign = Program(_campaign)


def _one_day(
    params: Params, setting: Setting, today: State, course: Course, day: jax.Array, luck: Mapping[str, jax.Array], *,
    brigades: bool,
) -> tuple[State, dict[str, jax.Array]]:  # fmt: skip
    """One run's day, and what is summed up of it."""
    forcing = forcing_of(course, day, today.front.line.shape[0])
    after, flows = step(params, setting, today, forcing, luck)
    # The enemy is passive: his line stands and he asks for no terms, or a strong army's runs would end in its own victory.
    whole = dataclasses.replace(
        after.front, broken=after.front.broken.at[1].set(False), cut_days=after.front.cut_days.at[1].set(0),
        positions=after.front.positions.at[1].set(0),
    )  # fmt: skip
    verdict = dataclasses.replace(after.verdict, settled=after.verdict.settled.at[1].set(False))
    side = {name: values[0] for name, values in flows.side.items()}
    units = {name: flows.brigade[name] for name in ("brigade_left", "brigade_present") if brigades}
    return dataclasses.replace(after, front=whole, verdict=verdict), units | dict(
        present=side["present"], left=side["deserted"] + side["surrendered"], captured=side["captured"],
        broken=side["broken_share"], returned=side["returned"], active=side["active"], authority=side["authority"],
        settled=side["settled"], hit=side["killed"] + side["wounded"],
    )  # fmt: skip


def _with_resolve(world: World, start: State, runs: _Runs) -> State:
    """Every run's first morning with its men's resolve: the test bed's deviates about its own mean."""
    army = start.army
    own = jnp.asarray(world.setting.side)[None, None, None, None, :] == 0
    deviate = (army.resolve - RESOLVE_TARGET) / RESOLVE_SD
    wide = lambda values: values[None, :, None, None, None]  # noqa: E731  # the axis of runs is the army's second
    moved = wide(runs.resolve) + wide(runs.resolve_sd) * deviate
    return dataclasses.replace(start, army=dataclasses.replace(army, resolve=jnp.where(own, moved, army.resolve)))


def _settings(setting: Setting, runs: _Runs) -> tuple[Setting, Setting]:
    """Every run's setting: resolve of its recruits, arms of its enemy, grievance of its burdened region; and its axes."""
    many = len(runs.resolve)
    two = lambda own, enemy: jnp.stack([own, jnp.full(many, enemy)], axis=1)  # noqa: E731
    line = BRIGADE_MEN * 2 * SECTORS
    arms = line / ENEMY_MEN / runs.course.levels["force_ratio"]
    kinds = jnp.broadcast_to(setting.kinds.arms, (many, 10))
    kinds = kinds.at[:, 5:].set(arms[:, None])
    burdened = jnp.asarray(setting.regions.burden > 1) & (setting.regions.side == 0)
    exclusion = jnp.where(burdened[None], runs.course.levels["grievance"][:, None], 0.0)
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
        resolve_mean=two(runs.resolve, ENEMY_RESOLVE), resolve_sd=two(runs.resolve_sd, 0.1),
        hazard=jnp.broadcast_to(setting.hazard, (many, 2)),
    )  # fmt: skip
    return given, axes


def _first_morning(params: Params, setting: Setting, start: State, course: Course) -> tuple[Setting, State]:
    """One run's hazard, beliefs and units, so that the first day kills at the calm rate (`holdfast.engine.initial`)."""
    forcing = forcing_of(course, jnp.int32(0), start.front.line.shape[0])
    candour, regions = forcing.rates.candour, setting.regions
    killed = jnp.stack([per_day(course.calm["losses"]), 0.0])
    setting = dataclasses.replace(setting, hazard=killed / setting.killed_share)
    loss = initial.losses(setting.hazard, setting.killed_share, setting.returned_share, jnp.ones(2))
    home = initial.home_risk(killed[regions.side], regions.burden, regions.trust, candour[regions.side])
    setting = dataclasses.replace(setting, regions=dataclasses.replace(regions, home_risk=home))
    army, side = start.army, setting.side
    trust = regions.trust[army.home]
    risk = initial.believed_risk(params.perception, -army.joined.astype(jnp.float32), loss[side], trust, candour[side])
    army = dataclasses.replace(army, risk=risk)
    regime = dataclasses.replace(
        start.regime, losses=loss, prospects=start.regime.prospects.at[0].set(course.calm["news"]),
        elite=start.regime.elite.at[0].set(course.calm["elite"]),
    )  # fmt: skip
    start = dataclasses.replace(
        start, army=army, units=initial.units(params, setting, army, loss), regime=regime,
        society=dataclasses.replace(start.society, home_risk=home),
    )  # fmt: skip
    hazard, intensity = initial.first_hazard(params, setting, start, forcing)
    scale = initial.hazard_scale(params, side, army, hazard, setting.hazard * intensity)
    return dataclasses.replace(setting, hazard=setting.hazard * scale), start


def forcing_of(course: Course, day: jax.Array, sectors: int) -> Forcing:
    """One run's forcing of a day: from calm to the coded pressures over the ramp; then the shock, while it lasts.

    Args:
        course: the run's pressures.
        day: number of the day, from 0 on.
        sectors: sectors of the front.

    Returns:
        The day's forcing.
    """
    ramp, calm, levels = course.ramp, course.calm, course.levels
    since = day - course.calm_days
    grown = jnp.clip(since / ramp, 0, 1)
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
        quota=own((now["inflow"] - calm["inflow"]) * MEN, 0.0),
        contracts=own(calm["inflow"] * MEN, 0.0),
        supply=own(jnp.float32(1.0), 1.0),
        exit=own(now["exit"], 0.0),
        captor=own(now["captor"], 0.0),
        enforcement=own(now["enforcement"], 1.0),
        patron_gone=own(now["patron"], 0.0),
        unpaid=own(now["unpaid"], 0.0),
        shock=own(levels["shock"] * ((since >= ramp) & (since < ramp + course.shock_days)), 0.0),
        elite_level=own(now["elite"], 0.9),
        vitality=own(now["vitality"], 1.0),
        active=jnp.ones(2),
    )
    return Forcing(day=day, rates=rates, policy={}, pocket=jnp.zeros((2, sectors)))


Inputs = Mapping[str, Floats]
"""Values of inputs by path, one a draw."""

OWN = {
    "army.resolve_sd": About(
        RESOLVE_SD, "nats", LogNormal(0.95, 0.3), "structure",
        "starting value of the specification: how far men of one army differ (docs/model.md §7)",
    ),
}  # fmt: skip
"""Inputs that belong to no mechanism and to no code."""

ABLATIONS = ("none", "essay_five", "no_shock", "no_bond", "no_swamping", "no_learning", "no_response")
"""What can be taken out of the model; `none` is the whole model."""

PART = 5 * BATCH
"""Runs that a worker does at a time: full batches, since a batch of a few runs costs as much as a full one."""
ALONE = 80
"""Runs of one army alone that a worker does at a time, at most: 5 levels of resolve under 16 draws, half of an assessment."""
RESOLVE = (2.0, 9.0)
"""Levels of resolve that are run, evenly: below, every army breaks; above, none does [nats]."""
MOVED = 0.2
"""Share of the armies run with one to three codes moved, so that the surrogate knows the ground between the coded armies."""


def declared() -> dict[str, About]:
    """Every input.

    Returns:
        What is declared of each, by path: `choice.tempo` of the model, `map.shock_2` of the map, `army.resolve_sd`.
    """
    return {**dict(walk(defaults())), **dict(walk(Map(), "map.")), **OWN}


def free() -> dict[str, Prior]:
    """The inputs that are quantities to be learnt, not conventions.

    Returns:
        The prior of each, by path.
    """
    return {path: about.prior for path, about in declared().items() if not isinstance(about.prior, Fixed)}


def values(paths: Sequence[str], scores: npt.ArrayLike) -> dict[str, Floats]:
    """Inputs from standard normal scores: the sampler's coordinates, in which every prior is N(0, 1).

    Args:
        paths: the inputs.
        scores: their scores `[draw, path]`.

    Returns:
        The values of each input by path `[draw]`.
    """
    from scipy import special

    priors = free()
    shares = special.ndtr(np.asarray(scores, float))
    return {path: priors[path].ppf(shares[:, column]) for column, path in enumerate(paths)}


@dataclasses.dataclass(frozen=True)
class Split:
    """Inputs by who takes them."""

    model: dict[str, Floats]
    """The model's parameters, by path."""
    map: dict[str, Floats]
    """The numbers of the map from codes, by field."""
    resolve_sd: Floats | None
    """How far men of one army differ [nats]; `None` where it is not among the inputs."""


def split(inputs: Inputs) -> Split:
    """Inputs by who takes them.

    Args:
        inputs: values by path.

    Returns:
        The model's parameters, the map's numbers, and the armies' own.
    """
    of_map = {path[4:]: value for path, value in inputs.items() if path.startswith("map.")}
    model = {path: value for path, value in inputs.items() if not path.startswith(("map.", "army."))}
    return Split(model, of_map, inputs.get("army.resolve_sd"))


@dataclasses.dataclass(frozen=True)
class Job:
    """A table to simulate: draws of the inputs by armies by levels of resolve."""

    inputs: Inputs
    """Each input by path, a value a draw."""
    codes: Floats
    """`[army, 10]`, or `[draw, army, 10]` where a code that is not known is drawn."""
    force_ratio: Floats
    """Own to enemy numbers, 1 where unknown `[army]`."""
    resolve: Floats
    """Mean resolve of the army's men `[draw, army, level]` [nats]."""
    luck: npt.NDArray[np.integer]
    """Number of each army's luck `[army]`, or of each draw's too `[draw, army]`; below 2^25."""
    seed: int
    """Seed of all runs."""
    ablation: str = "none"
    """The part of the model that is taken out."""
    days: int = DAYS
    """Length of the runs [d]."""
    part: int = PART
    """Runs that a worker does at a time."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Draws, armies, levels."""
        draws, armies, steps = self.resolve.shape
        return draws, armies, steps

    def digest(self) -> str:
        """A name for exactly this table.

        Returns:
            16 hexadecimal digits.
        """
        h = hashlib.sha256()
        for path in sorted(self.inputs):
            h.update(path.encode() + np.ascontiguousarray(self.inputs[path], np.float64).tobytes())
        for each in (self.codes, self.force_ratio, self.resolve, self.luck):
            h.update(np.ascontiguousarray(each, np.float64).tobytes())
        h.update(f"{self.seed} {self.ablation} {scenario()!r}".encode())
        h.update(f"parts of {self.part} runs".encode())
        h.update((f"{self.days} days" if self.days != DAYS else "").encode())
        return h.hexdigest()[:16]

    def parts(self) -> list[Part]:
        """The runs of the table, draw by draw, army by army, level by level, cut into what a worker does at a time.

        Returns:
            The parts in order, all but the last of `part` runs.
        """
        every = simulated_armies(self)
        return [
            Part(every.rows(np.arange(begin, min(begin + self.part, len(every)))), self.seed, self.days)
            for begin in range(0, len(every), self.part)
        ]


@dataclasses.dataclass(frozen=True)
class Part:
    """Some runs of a table, for a worker."""

    armies: SimulatedArmies
    """The runs."""
    seed: int
    """Seed of their luck."""
    days: int
    """Their length [d]."""


def luck_of(armies: Sequence[CodedArmy]) -> npt.NDArray[np.integer]:
    """Numbers of luck: an army has the same luck whatever stands beside it.

    Args:
        armies: coded armies.

    Returns:
        A number for each, from its name `[army]`.
    """
    return np.array([zlib.crc32(army.army_id.encode()) & 0xFFFFFF for army in armies])


def coded_arrays(armies: Sequence[CodedArmy]) -> tuple[Floats, Floats]:
    """Codes and force ratios.

    Args:
        armies: coded armies.

    Returns:
        Codes `[army, 10]`, NaN where unknown, and force ratios `[army]`, 1 where unknown.
    """
    return array(armies), np.array([army.force_ratio or 1.0 for army in armies])


def without(ablation: str, codes: Floats, inputs: Inputs) -> tuple[Floats, dict[str, Floats]]:
    """Codes and inputs with a part of the model taken out.

    Args:
        ablation: one of `ABLATIONS`.
        codes: codes `[..., 10]`.
        inputs: values by path `[draw]`.

    Returns:
        New codes and inputs; what was given stays as it was.

    Raises:
        ValueError: if there is no such ablation.
    """
    draws = len(next(iter(inputs.values())))
    codes, changed = codes.copy(), dict(inputs)
    column = {code: index for index, code in enumerate(CODES)}
    match ablation:
        case "none":
            pass
        case "essay_five":  # the four others at calm, ordinary enforcement
            for code in ("patron_withdrawal", "unpaid_unfed", "operational_shock", "safe_exit"):
                codes[..., column[code]] = 0
            codes[..., column["enforcement"]] = 1
        case "no_shock":
            codes[..., column["operational_shock"]] = 0
        case "no_bond":
            changed["bond.coupling"] = np.zeros(draws)
        case "no_swamping":  # attempts are never seen to pile up, so the chance to be caught stays as it is
            changed["pursuit.window"] = np.full(draws, 1e9)
        case "no_learning":  # every man goes on believing what recruits are told
            changed["perception.learning"] = np.full(draws, 1e-9)
        case "no_response":  # command and state do nothing about a crisis
            for answer in ("tightening", "forgetting", "fall_back", "settle"):
                changed[f"response.{answer}"] = np.zeros(draws)
        case _:
            raise ValueError(f"{ablation!r} is no ablation; use one of {', '.join(ABLATIONS)}")
    return codes, changed


def simulated_armies(job: Job) -> SimulatedArmies:
    """The runs of a job.

    Args:
        job: draws, armies, levels.

    Returns:
        The runs, draw by draw, army by army, level by level.
    """
    draws, armies, steps = job.shape
    codes, inputs = without(job.ablation, job.codes, job.inputs)
    many = draws * armies * steps
    parts = split(inputs)

    def each(column: npt.ArrayLike) -> Floats:
        return np.repeat(np.asarray(column, np.float32), armies * steps)

    def flat(number: npt.ArrayLike) -> Floats:
        return np.broadcast_to(np.asarray(number, np.float32), (many,)).copy()

    of_draw = codes if codes.ndim == 3 else np.broadcast_to(codes, (draws, *codes.shape))
    wide = np.repeat(of_draw.reshape(-1, len(CODES)), steps, axis=0)
    ratio = np.tile(np.repeat(job.force_ratio, steps), draws)
    of_map = dataclasses.replace(Map(), **{name: each(column) for name, column in parts.map.items()})  # type: ignore[arg-type]

    def pressures(rows: Floats, odds: Floats) -> dict[str, Floats]:
        by_code = {code: rows[:, index] for index, code in enumerate(CODES)}
        return {name: flat(level) for name, level in levels(of_map, by_code, odds).items()}

    of_army = np.broadcast_to(job.luck, (draws, armies))
    return SimulatedArmies(
        parameters={path: each(column) for path, column in parts.model.items()},
        levels=pressures(wide, ratio),
        calm=pressures(np.zeros_like(wide), np.ones(many)),
        ramp=flat(np.asarray(of_map.ramp)),
        shock_days=flat(np.asarray(of_map.shock_days)),
        resolve=np.asarray(job.resolve, np.float32).reshape(-1),
        resolve_sd=np.full(many, RESOLVE_SD) if parts.resolve_sd is None else each(parts.resolve_sd),
        luck=(of_army[:, :, None] * 64 + np.arange(steps)).reshape(-1),
    )


def simulate(job: Job) -> Floats:
    """The table of a job, simulated in this process.

    Args:
        job: draws, armies, levels.

    Returns:
        Summaries `[draw, army, level, len(SUMMARY)]`.
    """
    return np.concatenate([summaries(part) for part in job.parts()]).reshape(*job.shape, len(SUMMARY))


def summaries(part: Part, report: Report | None = None) -> Floats:
    """What the runs of a part came to.

    Args:
        part: some runs.
        report: hears nothing; a task of `parallel.pool` takes one.

    Returns:
        Summaries `[run, len(SUMMARY)]`.
    """
    armies = part.armies
    rows = [_summary(batch(armies, begin, part.seed, part.days)) for begin in range(0, len(armies), BATCH)]
    return np.concatenate(rows)[: len(armies)]


def alone(job: Job, days: int) -> Job:
    """The first army of a job by itself, for a time of its own.

    Args:
        job: draws, armies, levels.
        days: length of the runs [d].

    Returns:
        The job, in parts of equal size, so that a worker compiles but one.
    """
    draws, _, steps = job.shape
    parts = -(-draws * steps // ALONE)
    return dataclasses.replace(
        job, codes=job.codes[..., :1, :], force_ratio=job.force_ratio[:1], resolve=job.resolve[:, :1],
        luck=job.luck[..., :1], days=days, part=-(-draws * steps // parts),
    )  # fmt: skip


def ends(job: Job) -> npt.NDArray[np.int32]:
    """When the runs of a job end, by the engine's own definitions, simulated in this process.

    Args:
        job: draws, armies, levels; its `part` is the size of a batch, which is compiled for itself.

    Returns:
        First day of each end, counted from 0, -1 = never `[draw, army, level, len(ENDS)]`.
    """
    done = [first_ends(job.part, part) for part in job.parts()]
    return np.concatenate(done).reshape(*job.shape, len(ENDS))


def first_ends(size: int, part: Part) -> npt.NDArray[np.int32]:
    """When the runs of a part end.

    Args:
        size: of a batch, at least the part's own.
        part: some runs.

    Returns:
        First day of each end, counted from 0, -1 = never `[run, len(ENDS)]`.
    """
    days = batch(part.armies, 0, part.seed, part.days, size)
    wide = {name: values.T[..., None].astype(float) for name, values in days.items()}  # [run day side], one side
    lost = wide["hit"] + wide["captured"]
    first = outcomes.first_days(wide["left"], wide["present"], wide["broken"], wide["settled"], lost)
    return np.concatenate([getattr(first, end) for end in ENDS], axis=1)[: len(part.armies)]


def table(job: Job, folder: Path | None, *, workers: int, progress: Progress, what: str = "running armies") -> Floats:
    """The table of a job, simulated by worker processes.

    Args:
        job: draws, armies, levels.
        folder: where parts are stored as they are done, under a name that says what they are; those that stand there from
            before are used again. Without one, nothing is stored.
        workers: processes.
        progress: hears of the parts done.
        what: what progress calls the work.

    Returns:
        Summaries `[draw, army, level, len(simulator.SUMMARY)]`.

    Raises:
        WorkerError: if a worker ends before its work is done; finished parts stay in the folder.
    """
    parts = job.parts()
    executor = LocalExecutor(
        min(workers, len(parts)), flags=SHORT_ROWS
    )  # one thread each, as NUTS and the ensemble have
    if folder is None:
        done = pool.each(summaries, parts, progress=progress, what=what, executor=executor)
    else:
        jobs = {f"part-{number}": part for number, part in enumerate(parts)}
        stored = TaskFolder(folder / job.digest())
        done = list(tasks.each(summaries, jobs, stored, progress=progress, what=what, executor=executor).values())
    return np.concatenate(done).reshape(*job.shape, len(SUMMARY))


def table_and_ends(
    job: Job, long: Job, *, workers: int, progress: Progress, what: str = "running armies"
) -> tuple[Floats, npt.NDArray[np.int32]]:
    """The table of a job, and when the runs of another end, by the same worker processes.

    Args:
        job: the one.
        long: the other.
        workers: processes.
        progress: hears of the parts done.
        what: what progress calls the work.

    Returns:
        Summaries as of `table`; first days as of `ends`.

    Raises:
        WorkerError: if a worker ends before its work is done.
    """
    orders: list[Callable[[], npt.NDArray[np.generic]]] = [
        functools.partial(first_ends, long.part, part) for part in long.parts()
    ]
    count = len(orders)
    orders += [functools.partial(summaries, part) for part in job.parts()]
    executor = LocalExecutor(min(workers, len(orders)), flags=SHORT_ROWS)
    done = pool.each(_carry_out, orders, progress=progress, what=what, executor=executor)
    first, rows = np.concatenate(done[:count]), np.concatenate(done[count:])
    return rows.reshape(*job.shape, len(SUMMARY)), first.reshape(*long.shape, len(ENDS))


def _carry_out(order: Callable[[], npt.NDArray[np.generic]], report: Report | None = None) -> npt.NDArray[np.generic]:
    """The result of a task, whichever it is."""
    return order()


def design(armies: Sequence[CodedArmy], paths: Sequence[str], scores: Floats, seed: int, ablation: str = "none") -> Job:
    """One run of every army under every draw, each at its own level of resolve and with its own luck.

    Args:
        armies: coded armies, all codes known.
        paths: the inputs that are drawn.
        scores: their scores `[draw, path]`.
        seed: of the levels, the luck and the codes that are moved.
        ablation: the part of the model that is taken out.

    Returns:
        The job, a share `MOVED` of its armies with some codes moved.
    """
    generator = np.random.default_rng((seed, len(scores), len(ablation)))
    draws, many = len(scores), len(armies)
    codes, ratio = coded_arrays(armies)
    moved = np.broadcast_to(codes, (draws, *codes.shape)).copy()
    for row, column in zip(*np.nonzero(generator.random((draws, many)) < MOVED), strict=True):
        some = generator.choice(len(CODES), generator.integers(1, 4), replace=False)
        moved[row, column, some] = generator.integers(0, 3, len(some))
    return Job(
        inputs=values(paths, scores),
        codes=moved,
        force_ratio=ratio,
        resolve=generator.uniform(*RESOLVE, (draws, many, 1)),
        luck=generator.integers(0, 1 << 24, (draws, many)),
        seed=seed,
        ablation=ablation,
    )


def prior_scores(count: int, dimensions: int, seed: int) -> Floats:
    """Draws of the prior's scores, spread evenly (Sobol, scrambled).

    Args:
        count: draws.
        dimensions: inputs.
        seed: of the scrambling.

    Returns:
        Standard normal scores `[count, dimensions]`.
    """
    from scipy import special
    from scipy.stats import qmc

    points = qmc.Sobol(dimensions, rng=seed).random_base2(max(count - 1, 1).bit_length())[:count]
    return np.asarray(special.ndtri(np.clip(points, 1e-5, 1 - 1e-5)))
