"""From a scenario to a world: state, settings, forcing and parameters, from which the engine and its reference start."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

import jax
import numpy as np
import numpy.typing as npt

from holdfast.core import params, rng, timings
from holdfast.core.units import per_day
from holdfast.engine import initial, state
from holdfast.engine.day.record import Forcing, Params, defaults
from holdfast.engine.effects import Today
from holdfast.engine.outcomes import COLLAPSE_DAYS
from holdfast.engine.simulate import World
from holdfast.engine.state import Rates
from holdfast.io import compiled
from holdfast.scenario import loss_draws
from holdfast.scenario.layout import Brigades, Names, brigades_of, companies_of, effect_names, names_of, whole_parts
from holdfast.scenario.load import read_regions
from holdfast.scenario.schema import KINDS, Region, ScenarioDocument, Sector, Side, daily, value_on

compiled.use()  # no day is run but of a world that was built: the one place by which all pass


def _army_of(
    scenario: ScenarioDocument, setting: state.Setting, sides: Sequence[Brigades], shape: tuple[int, int, int, int],
    declared: Params, seed: int,
) -> tuple[state.Army, np.ndarray]:  # fmt: skip
    """Who stands in which billet on the first morning. Drawn from the scenario, not from the run's luck."""
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
    fate = _whole(np.where(present, state.PRESENT, np.where(open_, state.VACANT, state.CLOSED)), np.uint8)

    shares = [np.cumsum([one.kinds[k].share if k in one.kinds else 0 for k in KINDS]) for one in scenario.side]
    kind_draw, home_draw = draw(1), draw(2)
    kind = _nought(shape, np.uint8)
    home = _nought(shape, np.uint8)
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
        fate=fate,
        risk=_real(_first_risk(scenario, setting, declared, tenure, home, side)),
        resolve=_real(resolve),
        joined=_whole(-np.round(tenure), np.int16),
        kind=kind,
        home=home,
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
    return initial.believed_risk(declared.perception, tenure, loss, trust, candour)


def _state_of(
    scenario: ScenarioDocument, setting: state.Setting, declared: Params, sides: Sequence[Brigades], army: state.Army,
    present: np.ndarray,
) -> state.State:  # fmt: skip
    """Everything that is carried from day to day, on the first morning."""
    losses = _losses_of(scenario, setting)
    return state.State(
        army=army,
        units=initial.units(declared, setting, army, losses),
        rear=_rear_of(scenario, sides),
        front=_front_of(scenario, sides),
        society=_society_of(scenario, setting, declared),
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
    none = _nought(2)
    return state.Rear(
        hospital=stock("hospital"), ready=_nought(sum(len(one.name) for one in sides)),
        absent=stock("absent"), prison=stock("prison"), prisoners=stock("prisoners"), killed=none, invalided=none,
    )  # fmt: skip


def _front_of(scenario: ScenarioDocument, sides: Sequence[Brigades]) -> state.Front:
    """An unbroken line, supplied as the scenario has it."""
    sectors = len(scenario.front.named_sectors)
    sector = np.concatenate([one.sector for one in sides])
    supply = [[value_on(side.supply, scenario.start)] for side in scenario.side]
    no, never = _nought((2, sectors), bool), _nought((2, sectors))
    return state.Front(
        sector=_whole(sector), travel=_nought(len(sector)), line=_nought(sectors, np.float32), broken=no,
        firm_days=never, cut_days=never, encircled=no,
        supply=_whole(np.broadcast_to(supply, (2, sectors)), np.float32), positions=never,
    )  # fmt: skip


def _society_of(scenario: ScenarioDocument, setting: state.Setting, declared: Params) -> state.Society:
    """Regions with their eligible men, those in training since before the first day, and the trained."""
    side, eligible = np.asarray(setting.regions.side), np.asarray(setting.regions.eligible).astype(int)
    own = [eligible[side == s].astype(float) for s in (0, 1)]
    trained = np.concatenate([whole_parts(own[s], scenario.side[s].trained) for s in (0, 1)])
    queue = np.zeros((max(one.training_days for one in scenario.side) + 1, len(eligible)), int)
    for s, one in enumerate(scenario.side):
        called = value_on(one.quota_per_day, scenario.start) * float(declared.mobilisation.complied_before)
        calls = round(called + value_on(one.contracts_per_day, scenario.start))
        burden = np.asarray(setting.regions.burden, float) * eligible * (side == s)
        if burden.sum():
            queue[: one.training_days] += whole_parts(burden, calls)
    none = _nought(len(eligible))
    return state.Society(
        eligible=_whole(eligible), training=_whole(queue), trained=_whole(trained), evading=none, abroad=none,
        home_risk=setting.regions.home_risk, known_dead=setting.dead_before,
    )  # fmt: skip


def _regime_of(scenario: ScenarioDocument, losses: np.ndarray) -> state.Regime:
    """Leader and elites as the scenario has them."""
    of = lambda name: _whole([getattr(side.regime, name) for side in scenario.side], np.float32)  # noqa: E731
    hope = [value_on(side.news, scenario.start) for side in scenario.side]
    return state.Regime(
        elite=of("elite_cohesion"), gap=_nought(2, np.float32), losses=_whole(losses, np.float32), support=of("support"),
        prospects=_whole(hope, np.float32), alarm=_nought(2, np.float32),
    )  # fmt: skip


def _verdict_of(setting: state.Setting, present: np.ndarray) -> state.Verdict:
    """A past in which nobody left."""
    side, men, window = np.asarray(setting.side), present.sum(axis=(0, 1, 2)), COLLAPSE_DAYS
    strength = [[men[side == s].sum()] * window for s in (0, 1)]
    return state.Verdict(
        exits=_nought((2, window)), strength=_whole(strength), broken_days=_nought(2),
        collapsed=_nought(2, bool), settled=_nought(2, bool),
    )  # fmt: skip


def _whole(values: npt.ArrayLike, kind: npt.DTypeLike = np.int32) -> Any:
    """An array of the engine's, whole men unless another type is given."""
    return np.array(values, kind)


def _real(values: npt.ArrayLike) -> Any:
    """An array of the engine's real numbers."""
    return np.array(values, np.float32)


def _nought(shape: int | tuple[int, ...], kind: npt.DTypeLike = np.int32) -> Any:
    """An array of zeros, whole men unless another type is given."""
    return np.zeros(shape, kind)


_declared = functools.cache(defaults)
"""The declared parameters, made once a process: an ensemble builds a world for each of its draws."""


@timings.phase("build")
def world(
    scenario: ScenarioDocument, men_per_billet: int | None = None, seed: int = 0, run: int = 0
) -> tuple[World, Names]:
    """The world of a scenario at a grain: state, settings, forcing and parameters, from which engine and reference start.

    Args:
        scenario: a checked scenario.
        men_per_billet: the grain [men]; the scenario's own unless given.
        seed: seed of who stands in which billet; not of the runs' luck.
        run: number of the run whose draw of losses it has; without losses from a posterior all runs share one world.

    Returns:
        The world, and the labels of its axes.
    """
    scenario = loss_draws.of_run(scenario, run)
    grain = men_per_billet or scenario.men_per_billet
    sectors = scenario.front.named_sectors
    regions = [read_regions(scenario, side) for side in scenario.side]
    squads = scenario.squads_per_company
    companies = companies_of(scenario, grain)
    sides = [brigades_of(scenario, side, sectors, grain, companies) for side in scenario.side]
    shape = (scenario.squad_men, squads, companies, sum(len(one.name) for one in sides))
    parameters = params.override(_declared(effect_names(scenario)), dict(scenario.parameters))
    setting = _setting_of(scenario, regions, sides, shape, grain)
    army, present = _army_of(scenario, setting, sides, shape, parameters, seed)
    start = _state_of(scenario, setting, parameters, sides, army, present)
    course = forcing(scenario)
    setting = _first_day(parameters, setting, start, course)
    names = names_of(scenario, sectors, sides, regions)
    return World(parameters, setting, start, course), names


def _first_day(declared: Params, setting: state.Setting, start: state.State, forcing: Forcing) -> state.Setting:
    """Scale each side's hazard so that the first day kills at the scenario's rate.

    The scenario gives killed per 1,000 present men; greenness, force ratios and reserves move that, so the base
    hazard is divided by what they make of it on the first morning.
    """
    today = jax.tree.map(lambda leaf: leaf[0], forcing)
    hazard, intensity = map(np.asarray, initial.morning_hazard(declared, setting, start, today))
    wanted = setting.hazard.astype(float) * intensity.astype(float)  # type: ignore[attr-defined]
    scale = initial.hazard_scale(declared, setting.side, start.army, hazard, wanted)
    return dataclasses.replace(setting, hazard=setting.hazard * _real(scale))


# --- The forcing: every series, event and pocket of the scenario as arrays, a row a day.

QUANTILES = 4096
"""Rows of the table of normal quantiles by which men get their resolve."""


def _setting_of(
    scenario: ScenarioDocument, regions: Sequence[Sequence[Region]], sides: Sequence[Brigades],
    shape: tuple[int, int, int, int], grain: int,
) -> state.Setting:  # fmt: skip
    """The fixed tables of a war: kinds of soldier, regions, and each side's scalars."""
    two = scenario.side
    counts = [len(one.posts) for one in sides]
    side, posts = np.repeat([0, 1], counts), np.concatenate([one.posts for one in sides])
    company = scenario.squad_men * scenario.squads_per_company
    forced = [
        (quota := value_on(one.quota_per_day, scenario.start))
        / max(quota + value_on(one.contracts_per_day, scenario.start), 1e-9)
        for one in two
    ]
    scalars = {
        "killed_share": [one.killed_share for one in two], "returned_share": [one.returned_share for one in two],
        "hazard": [_killed_a_day(one) / max(one.killed_share, 1e-6) for one in two],
        "resolve_mean": [one.resolve.level for one in two], "resolve_sd": [one.resolve.sd for one in two],
        "personalism": [one.regime.personalism for one in two], "support": [one.regime.support for one in two],
        "age": [one.regime.leader_age or np.nan for one in two], "border_cost": [one.border_cost for one in two],
        "draft_enforcement": [one.draft_enforcement for one in two], "forced_share": forced,
        "dead_before": [max(one.dead_before, one.men_at_start / 1000, 1) for one in two],
    }  # fmt: skip
    works = [[_works(sector, one.name) for sector in scenario.front.named_sectors] for one in two]
    return state.Setting(
        km=_real(scenario.front.lengths), works=_real(works), width=_real(scenario.front.width or np.inf),
        side=_whole(side), companies=_whole(posts // company),
        number=_whole(rng.billet_numbers(shape, side), np.uint32),
        kinds=_kinds_of(two), regions=_region_tables(two, regions, scenario.start), quantile=_quantiles(),
        men_per_billet=_whole(grain), training_days=_whole([one.training_days for one in two]),
        reserves=_whole([round(one.reserve_share * count) for one, count in zip(two, counts, strict=True)]),
        **{name: _real(values) for name, values in scalars.items()},
    )  # fmt: skip


@functools.cache
def _quantiles() -> Any:
    """The table of normal quantiles by which men get their resolve."""
    return _real([NormalDist().inv_cdf((i + 0.5) / QUANTILES) for i in range(QUANTILES)])


def _works(sector: Sector, side: str) -> float:
    """What ground and field works of a sector are worth to a side [nats]."""
    return sector.works.get(side, 0.0) if isinstance(sector.works, dict) else sector.works


def _kinds_of(two: Sequence[Side]) -> state.Kinds:
    """The kinds of soldier of both sides end to end; the ordinary values where a side has not the kind."""
    kinds = [[one.kinds.get(name) for name in KINDS] for one in two]
    column = lambda field, empty: _real(  # noqa: E731
        [getattr(kind, field) if kind else empty for row in kinds for kind in row]
    )
    intake = np.cumsum([[kind.intake_share if kind else 0 for kind in row] for row in kinds], axis=1)
    return state.Kinds(
        training=column("training_days", 60), arms=column("arms", 1), pay=column("pay", 1),
        assault=column("assault", 1), resolve=column("resolve", 0), intake=_real(intake),
    )  # fmt: skip


def _killed_a_day(side: Side) -> float:
    """The scenario's rate of killed at the intensity 1 [1/d]; a side with `losses` has it from its draw by now."""
    assert side.killed_per_1000_month is not None
    return per_day(side.killed_per_1000_month)


def _region_tables(two: Sequence[Side], regions: Sequence[Sequence[Region]], start: dt.date) -> state.Regions:
    """The regions of both sides end to end; each list ends with a place for the enemy's defectors."""
    rows: list[tuple[int, Region]] = []
    for index, own in enumerate(regions):
        people = max(sum(r.eligible_men for r in own), 1)
        mean_burden = sum(r.burden * r.eligible_men for r in own) / people or 1.0
        rows += [(index, r.model_copy(update={"burden": r.burden / mean_burden})) for r in own]
        rows.append((index, Region(name="defectors", eligible_men=0, trust=0.0)))
    f32 = lambda values: _real(list(values))  # noqa: E731
    own_or = lambda value, otherwise: otherwise if value is None else value  # noqa: E731
    hazard = [_killed_a_day(one) for one in two]
    trust = [own_or(r.trust, two[s].trust) for s, r in rows]
    candour = [value_on(two[s].candour, start) for s, _ in rows]
    return state.Regions(
        side=_whole([s for s, _ in rows]),
        burden=f32(r.burden for _, r in rows),
        income=f32(r.income for _, r in rows),
        trust=f32(trust),
        terror=f32(own_or(r.terror, two[s].terror) for s, r in rows),
        exclusion=f32(r.exclusion for _, r in rows),
        resolve=f32(r.resolve for _, r in rows),
        eligible=f32(r.eligible_men for _, r in rows),
        home_risk=f32(
            initial.home_risk(hazard[s], r.burden, t, c) for (s, r), t, c in zip(rows, trust, candour, strict=True)
        ),
    )


SAME = (
    "assault", "news", "candour", "pay", "supply", "exit", "captor", "enforcement", "patron_gone", "unpaid", "shock"
)  # fmt: skip
"""Series that are forcing under their own names."""


def forcing(scenario: ScenarioDocument) -> Forcing:
    """Every series, event and pocket of a scenario, a row a day.

    Args:
        scenario: a checked scenario, with nothing left in it that a posterior stands for.

    Returns:
        The forcing, with a leading axis of days.
    """
    sectors = scenario.front.named_sectors
    days = scenario.start.toordinal() + np.arange(scenario.days)
    of = lambda sides, name: _real(np.stack([daily(getattr(one, name), days) for one in sides], axis=1))  # noqa: E731
    both = lambda name: of(scenario.side, name)  # noqa: E731
    regime = lambda name: of([side.regime for side in scenario.side], name)  # noqa: E731
    still = {field.name: _nought((len(days), 2), np.float32) for field in dataclasses.fields(Rates)}
    given = {name: both(name) for name in SAME}
    given |= {"quota": both("quota_per_day"), "contracts": both("contracts_per_day")}
    given |= {"elite_level": regime("elite_level"), "vitality": regime("vitality")}
    given |= {"hazard": initial.log_of(both("intensity")), "drive": initial.log_of(both("drive"))}
    active = days < scenario.ceasefire.toordinal() if scenario.ceasefire else np.ones(len(days))
    given["active"] = np.repeat(_real(active)[:, None], 2, axis=1)
    return Forcing(
        day=_whole(np.arange(len(days))),
        rates=Rates(**(still | given)),
        policy={name: _policy_of(scenario, name, days) for name in effect_names(scenario)},
        pocket=_pockets(scenario, sectors, days),
    )


def _policy_of(scenario: ScenarioDocument, effect: str, days: np.ndarray) -> Today:
    """One effect's strength and onset for each side and day."""
    names = [side.name for side in scenario.side]
    strength, onset = np.zeros((2, len(days), 2))
    for event in scenario.event:
        if event.effect == effect:
            feel = [event.side in (None, name) for name in names]
            begins, ends = event.start.toordinal(), event.end.toordinal() if event.end else days[-1]
            strength += np.outer((begins <= days) & (days <= ends), feel) * event.strength
            onset += np.outer(days == begins, feel) * event.strength
    depth = _winter_depth(scenario.start, len(days), scenario.front.winter)
    return Today(strength=_real(strength), onset=_real(onset), winter=_real(depth))


def _pockets(scenario: ScenarioDocument, sectors: Sequence[Sector], days: np.ndarray) -> Any:
    """1 where and when the scenario closes a pocket, `[D 2 K]`."""
    closed = np.zeros((len(days), 2, len(sectors)), np.float32)
    sides, places = [s.name for s in scenario.side], [s.name for s in sectors]
    for pocket in scenario.encirclement:
        shut = (pocket.start.toordinal() <= days) & (days <= pocket.end.toordinal())
        closed[shut, sides.index(pocket.side), places.index(pocket.sector)] = 1
    return closed


@functools.cache
def _winter_depth(start: dt.date, days: int, hardness: float) -> np.ndarray:
    """How deep in winter each day is: a cosine that peaks in mid-January and is 0 from May to September [0-1]."""
    dates = [start + dt.timedelta(days=n) for n in range(days)]
    angle = np.array([2 * np.pi * (day.timetuple().tm_yday - 15) / 365.25 for day in dates])
    return hardness * np.maximum(np.cos(angle), 0) * (np.cos(angle) > 0.3)


# --- What the engine declares of what a document uses.


def declared(scenario: ScenarioDocument) -> dict[str, params.About]:
    """The parameters of the model and of the effects that a scenario uses.

    Args:
        scenario: a checked scenario.

    Returns:
        What is known of each, by its path.
    """
    return dict(params.walk(defaults(effect_names(scenario))))
