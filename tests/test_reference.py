"""The engine against a plain NumPy version of the same day: every count equal, on every day, in every weather."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from holdfast.engine import effects, reference
from holdfast.engine.simulate import World, batch_axes, simulate
from holdfast.scenario import build, load, overrides
from holdfast.scenario.schema import ScenarioDocument
from holdfast.scenario.validation import Known, validated

pytestmark = pytest.mark.slow

DAYS, SEED, RUNS = 200, 3, 2
START = dt.date(2030, 3, 1)
GROUPS = ("side", "sector", "brigade", "region")
CLOSE = 1e-5
"""How near the floats must be, against a value and against its greatest: a few dozen roundings."""

CARRIED = {f"side.{name}" for name in ("prospects", "risk_true", "support", "elite_cohesion", "authority", "vitality")}
CARRIED |= {"sector.line_km", "side.supply", "sector.log_force_ratio"}
"""Floats that are carried from day to day, or follow from these one by one."""

HAPPENINGS = (
    "killed", "wounded", "deserted", "surrendered", "captured", "caught", "imprisoned", "refused", "returned", "healed",
    "invalided", "defected", "posted", "notices", "complied", "evaded", "fled", "volunteered", "collapsed",
    "settled",
)  # fmt: skip


def on(day: int) -> dt.date:
    return START + dt.timedelta(days=day)


def base(scale: int) -> ScenarioDocument:
    """The skirmish, at a `scale` of its men and one billet for `4 / scale` men: commands answer, effects are declared and asleep.

    All cases have the same shapes, so that the engine is compiled once for all of them.
    """
    document = load.read("skirmish").model_dump()
    document |= {"days": DAYS, "men_per_billet": 4 // scale, "squads_per_company": 5, "parameters": {}}
    document["front"]["winter"] = 1.0
    document["event"] = [
        {"effect": name, "start": on(0 if name == "winter" else 20), "end": on(120), "strength": 0.0}
        for name in effects.names()
    ]
    north, south = document["side"]
    for unit in (north, south, *south["order_of_battle"]):
        for name in ("strength", "establishment", "men", "brigade_men"):
            if unit.get(name):
                unit[name] //= scale
    return validated(document, Known(), "The tests' case")


def feel(**strengths: float) -> dict[str, float]:
    return {f"event[{name}].strength": strength for name, strength in strengths.items()}


def pocket(sector: str, side: str, start: int, end: int) -> dict[str, Any]:
    return {"sector": sector, "side": side, "start": on(start), "end": on(end)}


CASES: dict[str, Mapping[str, Any]] = {
    "calm": {"more resolve": (2.0, 2.0)},
    "coarse": {"scale": 1, "south.shock": 0.01, "north.captor": 0.9, "south.captor": 0.8},
    "desertion": {
        "more resolve": (-1.5, -0.5), "north.exit": 0.9, "south.enforcement": 3.0,
        "north.prison": 50, "parameters.care.sentence": 60.0, "parameters.pursuit.retained": 0.5,
    },
    "surrender": {
        "more resolve": (-1.0, -0.5), "north.captor": 1.0, "south.captor": 0.9,
        "parameters.choice.line_contact": 0.3, "parameters.care.defection": 0.9,
    },
    "breaks": {
        "south.shock": 0.03, "north.shock": 0.02, "parameters.front.rally": 0.3, "parameters.front.heal_days": 1.0,
        "parameters.front.release_ratio": 1.02, "parameters.front.cut_days": 1.0, "more resolve": (1.0, 1.5),
    },
    "pockets": {
        "more resolve": (0.0, 0.5), "parameters.front.spread": 0.2,
        "encirclement": [pocket("Plain", "south", 30, 60), pocket("Hills", "north", 50, 55)],
    },
    "effects": {
        "more resolve": (1.0, 2.5), "north.absent": 400,
        **feel(
            allied_relief=0.3, ordered_withdrawal=0.3, amnesty=1.0, blocking=1.0, leaflets=1.0,
            mobilisation_wave=0.004, patron_withdrawal=0.5, pay_rise=0.5,
            public_signal=0.5, supply_failure=1.0, winter=1.0, leader_death=0.7, elite_mutiny=0.5,
        ),
    },
    "ceasefire": {"ceasefire": on(45), "south.shock": 0.02, "more resolve": (1.0, 1.5), **feel(winter=1.0)},
    "palace": {
        "more resolve": (0.5, 2.0),
        "north.regime.leader_age": 108.0, "south.regime.leader_age": 104.0, "parameters.regime.mortality": 5e-4,
        "north.regime.elite_level": 0.2, "south.regime.personalism": 1.0, "north.regime.support": 20.0,
    },
    "answers": {
        "more resolve": (-0.5, 0.0), "south.shock": 0.03, "north.shock": 0.03, "north.news": -0.5, "south.news": -0.5,
        "parameters.response.fall_back": 0.6, "parameters.response.settle": 0.05, "parameters.response.lag": 7.0,
        "parameters.response.forgetting": 0.7,
    },
    "works": {
        "more resolve": (1.0, 1.0), "front.sectors[Hills].works": 0.8, "front.sectors[Plain].km": 5.0, "front.width": 3.0,
        "front.sectors[Crossing].works": {"south": -0.6}, "parameters.front.bound": 60.0, "south.shock": 0.01,
        "parameters.front.wear": 4.0, "south.drive": 30.0,
    },
    "slaughter": {
        "more resolve": (1.0, 1.0),
        "north.killed_per_1000_month": 300.0, "south.killed_per_1000_month": 150.0, "north.trained": 800,
        "south.quota_per_day": 0.0, "south.contracts_per_day": 0.0, "south.candour": 1.0,
    },
}  # fmt: skip


@functools.cache
def world(name: str) -> World:
    values = dict(CASES[name])
    case, more = base(values.pop("scale", 4)), values.pop("more resolve", (0.0, 0.0))
    values |= {f"{side.name}.resolve.mean": side.resolve.mean + nats for side, nats in zip(case.side, more)}
    return build.world(overrides.with_values(case, values))[0]


@functools.cache
def engine(name: str, runs: range = range(RUNS), stretch: int = 25) -> tuple[dict[str, np.ndarray], np.ndarray, Any]:
    """All flows `[days runs ...]`, the film of the first run, and the last state."""
    parts, film, state = [], [], None
    for _, flows, frames, state in simulate(world(name), SEED, runs, film=True, stretch=stretch):
        parts.append({f"{group}.{key}": np.asarray(x) for group in GROUPS for key, x in getattr(flows, group).items()})
        film.append(np.asarray(frames))
        state = jax.tree.map(np.array, state)
    return ({key: np.concatenate([part[key] for part in parts]) for key in parts[0]}, np.concatenate(film), state)


@functools.cache
def plain(name: str, run: int) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """The reference's flows `[days ...]`, its film, and where the brigades stood each evening."""
    parts, film, where = [], [], []
    for told, state in reference.simulate(world(name), SEED, run):
        parts.append({f"{group}.{key}": np.array(x) for group in GROUPS for key, x in told[group].items()})
        film.append(state.army.fate.copy())
        where.append(state.front.sector.copy())
    return {key: np.stack([part[key] for part in parts]) for key in parts[0]}, np.array(film), np.array(where)


def counted(series: np.ndarray) -> bool:
    return series.dtype.kind in "iub"


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("run", range(RUNS))
def test_every_count_is_equal_on_every_day(name: str, run: int) -> None:
    flows, expected = engine(name)[0], plain(name, run)[0]
    assert flows.keys() == expected.keys()
    for key, series in flows.items():
        if counted(series):
            np.testing.assert_array_equal(series[:, run], expected[key], err_msg=f"{name}, run {run}, {key}")


def test_what_one_side_loses_of_ground_the_other_gains_and_the_line_ends_where_the_ground_does() -> None:
    flows, setting = engine("works")[0], world("works").setting
    line, lost, km = flows["sector.line_km"], flows["side.ground_lost"], np.asarray(setting.km)
    gained = np.diff(line, axis=0, prepend=0) @ km
    np.testing.assert_allclose(gained, lost[..., 1] - lost[..., 0], atol=1e-4)
    width = float(setting.width)
    assert np.abs(line).max() <= width
    assert (lost >= 0).all()


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("run", range(RUNS))
def test_every_state_is_near(name: str, run: int) -> None:
    flows, expected = engine(name)[0], plain(name, run)[0]
    for key, series in flows.items():
        if not counted(series):
            assert expected[key].dtype == np.float32, key
            scale = CLOSE * max(np.abs(series[:, run]).max(), 1e-30)
            np.testing.assert_allclose(
                series[:, run], expected[key], rtol=CLOSE, atol=scale, err_msg=f"{name}, run {run}, {key}"
            )


@pytest.mark.parametrize("name", CASES)
def test_the_same_men_meet_the_same_fates(name: str) -> None:
    np.testing.assert_array_equal(engine(name)[1], plain(name, 0)[1])


@pytest.mark.parametrize("name", ["desertion", "breaks", "effects"])
def test_nothing_is_left_over_in_the_last_evening(name: str) -> None:
    """Where nothing is told, as in who is who and who lives where, the states must agree as well."""
    *_, (_, last) = reference.simulate(world(name), SEED, RUNS - 1)
    state, axes = engine(name)[2], batch_axes(world(name).state)
    for part, leaf, axis in zip(
        *(jax.tree_util.tree_leaves(tree) for tree in (_paths(state), state, axes)), strict=True
    ):
        owner, field = part.split(".")
        own, expected = np.take(leaf, RUNS - 1, axis), getattr(getattr(last, owner), field)
        if counted(own) and part != "units.power":  # rounded to 1/256 of a man
            np.testing.assert_array_equal(own, expected, err_msg=part)
        else:
            np.testing.assert_allclose(own, expected, rtol=1e-4, atol=1e-6, err_msg=part)


def _paths(state: Any) -> Any:
    leaves, tree = jax.tree_util.tree_flatten_with_path(state)
    return jax.tree_util.tree_unflatten(tree, ["".join(map(str, path)).lstrip(".") for path, _ in leaves])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["surrender", "breaks", "effects"])
def test_a_run_is_the_same_in_other_batches_and_stretches(name: str) -> None:
    """Bit for bit: among two by stretches of 25 days, or among three by stretches of 7, which end after the last day.

    Only means over brigades, which nothing hangs on, may be summed in another order.
    """
    (two, film, _), (three, same_film, _) = engine(name), engine(name, range(RUNS + 1), stretch=7)
    for key, series in two.items():
        other = three[key][:, :RUNS]
        if counted(series) or key in CARRIED:
            np.testing.assert_array_equal(series, other, err_msg=key)
        else:
            np.testing.assert_allclose(series, other, rtol=CLOSE, atol=CLOSE * np.abs(series).max(), err_msg=key)
    np.testing.assert_array_equal(film, same_film)


@pytest.mark.slow
def test_a_run_is_the_same_alone() -> None:
    """XLA rounds the floats of a batch of one otherwise than those of more (by an ulp), so only counts are exact."""
    for name, run in (("surrender", 1), ("breaks", 0), ("effects", 1), ("slaughter", 0)):
        together, alone = engine(name)[0], engine(name, range(run, run + 1))[0]
        for key, series in together.items():
            own, other = series[:, run], alone[key][:, 0]
            if counted(series):
                np.testing.assert_array_equal(own, other, err_msg=f"{name}, {key}")
            else:
                scale = CLOSE * np.abs(own).max()
                np.testing.assert_allclose(own, other, rtol=CLOSE, atol=scale, err_msg=f"{name}, {key}")


def test_nobody_appears_or_vanishes() -> None:
    for name in CASES:
        balance = engine(name)[0]["side.balance"]
        assert (balance == balance[0, 0, 0]).all(), name


def test_the_cases_meet_everything_that_can_happen() -> None:
    """Otherwise equality would prove little."""
    seen = dict.fromkeys(HAPPENINGS, 0)
    happened = dict.fromkeys(
        ("breaks", "mends", "cut off", "relief", "release", "split", "death", "truce", "falls back", "alarm"), False
    )
    for name in CASES:
        for run in range(RUNS):
            told, _, where = plain(name, run)
            for key in seen:
                seen[key] += int(told[f"side.{key}"].sum())
            broken = told["sector.broken"].astype(int)
            reserve, fought = broken.shape[2], told["side.active"].min(1) > 0
            moved, was = where[1:] != where[:-1], where[:-1] == reserve
            happened["breaks"] |= bool((np.diff(broken, axis=0) > 0).any())
            happened["mends"] |= bool((np.diff(broken, axis=0) < 0).any())
            happened["cut off"] |= bool(told["sector.encircled"].any()) and "encirclement" not in CASES[name]
            happened["relief"] |= bool((moved & was).any())
            happened["release"] |= bool((moved & ~was).any())
            happened["split"] |= bool((np.diff(told["side.elite_cohesion"], axis=0) < -0.02).any())
            happened["death"] |= name == "palace" and bool((np.diff(told["side.vitality"], axis=0) < -0.9).any())
            happened["truce"] |= bool(
                (~fought & (told["side.collapsed"].max(1) + told["side.settled"].max(1) == 0)).any()
            )
            happened["falls back"] |= bool((told["sector.positions"].max(axis=(0, 2)) > 0).all())
            happened["alarm"] |= bool((told["side.alarm"].max(axis=0) > 0.1).all())
    assert all(seen.values()), seen
    assert all(happened.values()), happened


def test_every_effect_is_known_to_the_reference() -> None:
    assert set(reference.PUSHES) == set(effects.names())


@pytest.mark.parametrize("name", effects.names())
def test_an_effect_pushes_what_the_reference_pushes(name: str) -> None:
    """For each effect by itself, on a first day and a later one, in winter and not; and the case of effects has them all."""
    assert f"event[{name}].strength" in CASES["effects"]
    effect = effects.make(name)
    for strength, onset, winter in ((0.7, 0.7, 0.3), (0.4, 0.0, 0.0), (1.0, 0.0, 1.0)):
        sides = jnp.array([strength, strength / 2])
        today = effects.Today(strength=sides, onset=jnp.array([onset, onset / 2]), winter=jnp.asarray(winter))
        ours = effect.push(today)
        plain = reference.PUSHES[name](effect, sides, today.onset, sides * winter)
        assert set(ours) == set(plain)
        for rate in ours:
            np.testing.assert_allclose(ours[rate], plain[rate], rtol=1e-6)
