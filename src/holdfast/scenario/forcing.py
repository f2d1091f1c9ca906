"""The forcing: every series, event and pocket of the scenario as arrays, a row a day."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from statistics import NormalDist

import jax.numpy as jnp
import numpy as np

from holdfast.core import rng
from holdfast.core.units import per_day
from holdfast.engine import initial, state
from holdfast.engine.day.world import Forcing
from holdfast.engine.effects.base import Today
from holdfast.engine.forcing import Rates, nothing
from holdfast.scenario.layout import effect_names
from holdfast.scenario.schema import KINDS, Region, ScenarioDocument, Sector, Side, daily, value_on

# The board's fixed tables: kinds of soldier, regions, and what a side's scalars are.


QUANTILES = 4096
"""Rows of the table of normal quantiles by which men get their resolve."""


def setting_of(
    scenario: ScenarioDocument, regions: Sequence[Sequence[Region]], side: np.ndarray, posts: np.ndarray,
    shape: tuple[int, int, int, int], grain: int, counts: Sequence[int],
) -> state.Setting:  # fmt: skip
    """The fixed tables of the board."""
    two, both = scenario.side, range(2)
    f32 = lambda values: jnp.asarray(np.array(values, np.float32))  # noqa: E731
    i32 = lambda values: jnp.asarray(np.array(values, np.int32))  # noqa: E731
    kinds = [[one.kinds.get(name) for name in KINDS] for one in two]
    column = lambda field, empty: f32(  # noqa: E731
        [getattr(kind, field) if kind else empty for row in kinds for kind in row]
    )
    intake = np.cumsum([[kind.intake_share if kind else 0 for kind in row] for row in kinds], axis=1)
    company = scenario.squad_men * scenario.squads_per_company
    quantile = [NormalDist().inv_cdf((i + 0.5) / QUANTILES) for i in range(QUANTILES)]
    forced = [
        (quota := value_on(one.quota_per_day, scenario.start))
        / max(quota + value_on(one.contracts_per_day, scenario.start), 1e-9)
        for one in two
    ]
    return state.Setting(
        side=i32(side),
        companies=i32(posts // company),
        number=jnp.asarray(rng.billet_numbers(shape, side)),
        kinds=state.Kinds(
            training=column("training_days", 60),
            arms=column("arms", 1),
            pay=column("pay", 1),
            assault=column("assault", 1),
            resolve=column("resolve", 0),
            intake=f32(intake),
        ),  # fmt: skip
        regions=_region_tables(two, regions, scenario.start),
        quantile=f32(quantile),
        men_per_billet=jnp.asarray(grain, jnp.int32),
        hazard=f32([_killed_a_day(one) / max(one.killed_share, 1e-6) for one in two]),
        killed_share=f32([one.killed_share for one in two]),
        returned_share=f32([one.returned_share for one in two]),
        resolve_mean=f32([one.resolve.mean for one in two]),
        resolve_sd=f32([one.resolve.sd for one in two]),
        personalism=f32([one.regime.personalism for one in two]),
        age=f32([one.regime.leader_age or np.nan for one in two]),
        training_days=i32([one.training_days for one in two]),
        draft_enforcement=f32([one.draft_enforcement for one in two]),
        border_cost=f32([one.border_cost for one in two]),
        support=f32([one.regime.support for one in two]),
        forced_share=f32(forced),
        dead_before=f32([max(one.dead_before, one.men_at_start / 1000, 1) for one in two]),
        reserves=i32([round(two[s].reserve_share * counts[s]) for s in both]),
    )


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
    f32 = lambda values: jnp.asarray(np.array(list(values), np.float32))  # noqa: E731
    own_or = lambda value, otherwise: otherwise if value is None else value  # noqa: E731
    hazard = [_killed_a_day(one) for one in two]
    trust = [own_or(r.trust, two[s].trust) for s, r in rows]
    candour = [value_on(two[s].candour, start) for s, _ in rows]
    return state.Regions(
        side=jnp.asarray(np.array([s for s, _ in rows], np.int32)),
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


def forcing_of(scenario: ScenarioDocument, sectors: Sequence[Sector], days: int | None = None) -> Forcing:
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
        policy={name: _policy_of(scenario, name, dates) for name in effect_names(scenario)},
        pocket=_pockets(scenario, sectors, dates),
    )


def _policy_of(scenario: ScenarioDocument, effect: str, dates: Sequence[dt.date]) -> Today:
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
    depth = _winter_depth(dates, scenario.front.winter)
    f32 = lambda values: jnp.asarray(values.astype(np.float32))  # noqa: E731
    return Today(strength=f32(strength), onset=f32(onset), winter=f32(depth))


def _pockets(scenario: ScenarioDocument, sectors: Sequence[Sector], dates: Sequence[dt.date]) -> jnp.ndarray:
    """1 where and when the scenario closes a pocket, `[D 2 K]`."""
    closed = np.zeros((len(dates), 2, len(sectors)), np.float32)
    sides, places = [s.name for s in scenario.side], [s.name for s in sectors]
    for pocket in scenario.encirclement:
        for row, day in enumerate(dates):
            if pocket.start <= day <= pocket.end:
                closed[row, sides.index(pocket.side), places.index(pocket.sector)] = 1
    return jnp.asarray(closed)


def _winter_depth(days: Sequence[dt.date], hardness: float) -> np.ndarray:
    """How deep in winter each day is: a cosine that peaks in mid-January and is 0 from May to September [0-1]."""
    angle = np.array([2 * np.pi * (day.timetuple().tm_yday - 15) / 365.25 for day in days])
    return hardness * np.maximum(np.cos(angle), 0) * (np.cos(angle) > 0.3)
