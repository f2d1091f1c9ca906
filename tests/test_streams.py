"""Who draws what, in whole wars: one change makes one difference. The draws themselves are tested elsewhere."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest

from holdfast.core import rng
from holdfast.engine import reference
from holdfast.engine.simulate import World
from holdfast.scenario import build, overrides
from holdfast.scenario.schema import ScenarioDocument
from holdfast.scenario.validation import Known, validated
from wars import RUNS, STRETCH, base, fight, on, path, told, world

pytestmark = pytest.mark.slow

SHORT: dict[str, Any] = {"days": STRETCH, "west.resolve.mean": 0.5}
GROUPS = ("side", "sector", "brigade", "region")


def same(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> None:
    assert one.keys() == other.keys()
    for name, values in one.items():
        np.testing.assert_array_equal(values, other[name], err_msg=name)


# ---------------------------------------------------------------- Effects


def test_effects_of_no_strength_change_nothing_whatever_they_are() -> None:
    """Bit for bit, with other parameters and other dates."""
    asleep = {
        "parameters.winter.cold": 3.0, "parameters.supply_failure.hunger": 1.0, "parameters.public_signal.message": -1.0,
        "parameters.elite_mutiny.blow": 1.0, "parameters.leader_death.loss": 1.0, "parameters.pay_rise.rise": 5.0,
        "event[amnesty].start": on(7), "event[amnesty].side": "west", "event[winter].end": on(20),
    }  # fmt: skip
    same(fight(SHORT), fight(SHORT | asleep))


def test_a_war_without_effects_is_the_war_with_all_of_them_asleep() -> None:
    """Every count of the plain NumPy day, which knows no effect, is that of the engine, which has thirteen."""
    days, run = 30, 3
    bare = plain(overrides.with_values(without_events(), {"west.resolve.mean": 0.5, "days": days}), run)
    together = fight(SHORT)
    for name, values in bare.items():
        if values.dtype.kind in "iub":
            np.testing.assert_array_equal(values, together[name][run, :days], err_msg=name)


def without_events() -> ScenarioDocument:
    return validated(base().model_dump() | {"event": []}, Known(), "The tests' war")


def plain(scenario: ScenarioDocument, run: int = 0, seed: int = 11) -> dict[str, np.ndarray]:
    """The reference's flows `[day ...]`."""
    days = [told for told, _ in reference.simulate(build.world(scenario)[0], seed, run)]
    return {name: np.stack([day[group][name] for day in days]) for group in GROUPS for name in days[0][group]}


# ---------------------------------------------------------------- Brigades


@functools.cache
def with_another(side: int | None) -> tuple[World, dict[str, np.ndarray]]:
    """The war with one more brigade in a side's reserve, where numbers alone give nobody hope; 40 days in NumPy."""
    document = without_events().model_dump() | {"days": 40}
    if side is not None:
        line = {"name": "Newcomers", "men": 480, "establishment": 500}
        document["side"][side]["order_of_battle"] += [line]
    values = {"west.resolve.mean": 0.5, "east.resolve.mean": 0.6, "parameters.perception.balance_weight": 0.0}
    scenario = overrides.with_values(validated(document, Known(), "The tests' war"), values)
    return build.world(scenario)[0], plain(scenario)


@pytest.mark.parametrize("grown", [0, 1])
def test_another_brigade_leaves_the_other_sides_men_their_numbers_and_draws(grown: int) -> None:
    other = 1 - grown
    (before, _), (after, _) = with_another(None), with_another(grown)
    old, new = (np.asarray(war.setting.side) == other for war in (before, after))
    numbers = np.asarray(before.setting.number)[..., old]
    np.testing.assert_array_equal(numbers, np.asarray(after.setting.number)[..., new])
    words = np.array([123, 456], np.uint32)
    drawn = rng.uniform(words, numbers)
    np.testing.assert_array_equal(drawn, rng.uniform(words, np.asarray(after.setting.number)[..., new]))
    for field in ("resolve", "risk", "joined", "kind"):
        first = np.asarray(getattr(before.state.army, field))[..., old]
        np.testing.assert_array_equal(first, np.asarray(getattr(after.state.army, field))[..., new])


@pytest.mark.parametrize("grown", [0, 1])
def test_another_brigade_leaves_its_own_sides_other_men_their_numbers(grown: int) -> None:
    (before, _), (after, _) = with_another(None), with_another(grown)
    old, new = (np.asarray(war.setting.number)[..., np.asarray(war.setting.side) == grown] for war in (before, after))
    np.testing.assert_array_equal(old, new[..., :-1])


@pytest.mark.parametrize("grown", [0, 1])
def test_another_brigade_in_reserve_changes_nothing_for_the_other_side(grown: int) -> None:
    """Every count on each of 40 days: he fights, leaves, heals and is called up as before."""
    (before, without), (after, having) = with_another(None), with_another(grown)
    for name, values in without.items():
        if values.dtype.kind not in "iub" or name in ("balance", "line_km"):
            continue
        if name.startswith("brigade_"):
            old, new = (np.asarray(war.setting.side) == 1 - grown for war in (before, after))
            np.testing.assert_array_equal(values[:, old], having[name][:, new], err_msg=name)
        elif name.startswith("region_"):
            mine = np.asarray(before.setting.regions.side) == 1 - grown
            np.testing.assert_array_equal(values[:, mine], having[name][:, mine], err_msg=name)
        else:
            np.testing.assert_array_equal(values[:, 1 - grown], having[name][:, 1 - grown], err_msg=name)
    assert without["deserted"][:, 1 - grown].sum() > 10
    assert (having["present"][:, grown] > without["present"][:, grown]).all()


def test_numbers_are_told_apart_up_to_the_largest_army() -> None:
    """All billets of two sides of 40 brigades, with squads and companies of the greatest size."""
    side = np.repeat([0, 1], 40)
    numbers = rng.billet_numbers((15, 20, 30, 80), side)
    assert len(np.unique(numbers)) == numbers.size


# ---------------------------------------------------------------- Fire and choice


def test_a_change_of_fire_leaves_choices_as_they_were() -> None:
    """From the second day on West is under five times the fire: that day more fall, and the same men make for home."""
    calm, stormy = fight(SHORT), fight(SHORT | {"west.intensity": path({0: 1.0, 1: 5.0})})
    for name in ("deserted", "surrendered", "caught", "imprisoned", "refused"):
        np.testing.assert_array_equal(calm[name][:, :2], stormy[name][:, :2], err_msg=name)
    assert calm["caught"][:, :2, 0].sum() > 0
    np.testing.assert_array_equal(calm["killed"][:, 0], stormy["killed"][:, 0])
    assert (calm["killed"][:, 1, 0] <= stormy["killed"][:, 1, 0]).all()
    assert stormy["killed"][:, 1, 0].sum() > 2 * calm["killed"][:, 1, 0].sum()


# ---------------------------------------------------------------- Runs and seeds


def test_a_run_is_the_same_in_another_batch() -> None:
    """Bit for bit: run 5 to 15 as the last of 16 and as the first."""
    later = told(world(SHORT), range(5, 5 + RUNS))
    for name, values in fight(SHORT).items():
        np.testing.assert_array_equal(values[5:], later[name][: RUNS - 5], err_msg=name)


def test_a_run_is_the_same_twice() -> None:
    same(fight(SHORT), told(world(SHORT)))


def test_runs_differ_from_one_another_and_so_do_seeds() -> None:
    first, other = fight(SHORT), told(world(SHORT), seed=12)
    for flows in (first, other):
        killed = flows["killed"][:, :, 0]
        assert len({tuple(run) for run in killed}) == RUNS
    together = np.concatenate([first["killed"][:, :, 0], other["killed"][:, :, 0]])
    assert len({tuple(run) for run in together}) == 2 * RUNS


def test_runs_and_seeds_are_unrelated() -> None:
    """Deaths of neighbouring runs, days and seeds: correlations within four standard errors of none."""
    first, other = fight(SHORT)["killed"][:, :, 0], told(world(SHORT), seed=12)["killed"][:, :, 0]
    pairs = {
        "runs": (first[1:], first[:-1]),
        "days": (first[:, 1:], first[:, :-1]),
        "seeds": (first, other),
        "sides": (first, fight(SHORT)["killed"][:, :, 1]),
    }
    for name, (one, two) in pairs.items():
        r = np.corrcoef(one.ravel(), two.ravel())[0, 1]
        assert abs(r) < 4 / np.sqrt(one.size), name
