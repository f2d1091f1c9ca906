"""Explanations: games whose answers are known, planted sets, and a scenario end to end."""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest
import xarray as xr

import holdfast as hf
import published
from holdfast.coded_armies.army import ESSAY
from holdfast.core.faults import ScenarioError
from holdfast.explanation import allocation, game, pressures, run, sets
from holdfast.explanation.result import OUTCOMES, Push, Single
from holdfast.present import explanation_report

NAMES = ("a", "b", "c", "d")


def by_orders(worth: np.ndarray, players: int) -> np.ndarray:
    """Shapley values by their definition: the mean over all orders of what a player adds."""
    total = np.zeros(players)
    for order in itertools.permutations(range(players)):
        number = 0
        for player in order:
            total[player] += worth[number | 1 << player] - worth[number]
            number |= 1 << player
    return total / math.factorial(players)


def test_values_are_those_of_all_orders_and_add_up() -> None:
    worth = np.random.default_rng(1).normal(size=2**4)
    values = game.shapley_weights(4) @ worth
    assert values == pytest.approx(by_orders(worth, 4))
    assert values.sum() == pytest.approx(worth[-1] - worth[0])


def test_a_hand_made_boolean_game() -> None:
    """Broken where a and b are there, or c: c alone does more than a or b, d does nothing."""
    there = game.members(4)
    worth = ((there[:, 0] & there[:, 1]) | there[:, 2]).astype(float)
    values = game.shapley_weights(4) @ worth
    assert values == pytest.approx([1 / 6, 1 / 6, 2 / 3, 0.0])
    pairs, weights = game.interaction_weights(4)
    index = dict(zip(pairs, weights @ worth, strict=True))
    assert index[0, 1] == pytest.approx(0.5)  # together, where c is not there: half of the coalitions' weight
    assert index[0, 2] == pytest.approx(-0.5)  # c makes a of no use
    assert index[0, 3] == pytest.approx(0.0)


def test_an_additive_game_has_no_interactions() -> None:
    worth = game.members(5) @ np.array([1.0, -2.0, 0.5, 3.0, 0.0])
    assert game.shapley_weights(5) @ worth == pytest.approx([1.0, -2.0, 0.5, 3.0, 0.0])
    assert game.interaction_weights(5)[1] @ worth == pytest.approx(0.0, abs=1e-12)


def test_random_orders_reach_the_exact_values_within_their_error() -> None:
    rng = np.random.default_rng(2)
    worth = rng.random(2**4)
    paths = np.array(game.orders(4, 400, 3))
    values = game.values_along(paths, worth[paths], 4)
    mean, error = game.mean_and_error(values)
    assert values.sum(axis=0) == pytest.approx(worth[-1] - worth[0])
    assert (abs(mean - game.shapley_weights(4) @ worth) < 4 * error + 1e-9).all()
    assert game.orders(4, 5, 3) == game.orders(4, 400, 3)[:5]


def test_standard_errors_hold_where_coalitions_have_draws_of_their_own_number() -> None:
    """Over many repetitions the spread of the index is what its standard error says, also with rows that stop early."""
    rng = np.random.default_rng(4)
    p = np.array([0.0, 0.1, 0.4, 0.7])
    weights = game.shapley_weights(2)
    seen, said = [], []
    for _ in range(600):
        luck = rng.random((1, 60))
        worth = (luck < p[:, None]).astype(float)
        worth[:2, 20:] = np.nan
        value, error = game.indices(weights, worth)
        seen.append(value)
        said.append(error)
    spread, mean = np.std(seen, axis=0, ddof=1), np.sqrt(np.mean(np.square(said), axis=0))
    assert spread == pytest.approx(mean, rel=4 / np.sqrt(2 * 600))
    truth = weights @ p
    assert (abs(np.mean(seen, axis=0) - truth) < 4 * spread / np.sqrt(600)).all()


RISE, BASE = np.array([0.3, 1.2, -0.2, 0.3, 2.5]), -3.2
"""What each of five players adds to a leaning, and the leaning with nobody."""


def leaning(rng: np.random.Generator, draws: int, own: float) -> np.ndarray:
    """Worths of a game: 1 where a leaning, what the draw adds to all coalitions and luck of one's own come above 0."""
    mean = game.members(5) @ RISE + BASE
    return (mean[:, None] + rng.normal(size=draws) + own * rng.normal(size=(32, draws)) > 0).astype(float)


def explained(rng: np.random.Generator, own: float, precision: float) -> tuple[np.ndarray, list[tuple[int, ...]]]:
    """Worths of such a game as an explanation has them, and what was run in each round after the first."""
    worth, rounds = leaning(rng, 64, own), []
    while plan := allocation.further(worth, 5, precision, most=2000, batch=64, allowed=rounds[:1]):
        more = leaning(rng, plan.draws - worth.shape[1], own)
        more[~np.isin(np.arange(32), plan.coalitions)] = np.nan
        worth = np.concatenate([worth, more], axis=1)
        rounds.append(plan.coalitions)
    return worth, rounds


@pytest.mark.parametrize(("own", "few"), [(0.25, True), (1.0, False)])
def test_values_hold_the_truth_as_often_as_they_say(own: float, few: bool) -> None:
    """Where coalitions rise and fall together, few are run under later draws; where not, all. 90 % intervals hold in both."""
    repetitions, precision = 300, 0.02
    truth = game.shapley_weights(5) @ np.array(
        [NormalDist().cdf(mean / math.hypot(1, own)) for mean in game.members(5) @ RISE + BASE]
    )
    rng = np.random.default_rng(11)
    values, errors, sizes = [], [], []
    for _ in range(repetitions):
        worth, rounds = explained(rng, own, precision)
        value, error = game.indices(game.shapley_weights(5), worth)
        assert error.max() <= precision
        assert value.sum() == pytest.approx(np.nanmean(worth[-1]) - np.nanmean(worth[0]), abs=1e-9)
        values.append(value)
        errors.append(error)
        sizes += [len(own) for own in rounds[:1]]
    assert (np.mean(sizes) < 8) == few
    off = abs(np.array(values) - truth)
    held = off < NormalDist().inv_cdf(0.95) * np.array(errors)
    spread, said = np.std(values, axis=0, ddof=1), np.sqrt(np.mean(np.square(errors), axis=0))
    assert (held.mean(axis=0) > 0.9 - 3 * math.sqrt(0.9 * 0.1 / repetitions)).all()
    assert spread == pytest.approx(said, rel=3 / math.sqrt(2 * repetitions))


def test_later_draws_cost_less_where_coalitions_rise_and_fall_together() -> None:
    """The same precision by all open coalitions takes over twice as many runs."""
    rng = np.random.default_rng(12)
    worth, rounds = explained(rng, 0.25, 0.02)
    whole = leaning(rng, 1000, 0.25)
    draws = (game.shapley_weights(5) @ whole).std(axis=1).max() ** 2 / 0.02**2
    opened = int((worth[:, :64].std(axis=1) > 0).sum())
    assert len(rounds) >= 1
    assert 2 * np.isfinite(worth[:, 64:]).sum() < opened * (draws - 64)


def test_what_is_run_further_is_laid_down_by_the_game() -> None:
    first = leaning(np.random.default_rng(13), 64, 0.25)
    short = np.array([False, True, False, False, True])
    last, both, every = allocation.candidates(first, short)
    often = {
        number for number in range(32) if 4 <= first[number].sum() <= 60 or (number in (0, 31) and first[number].std())
    }
    assert set(last) == {0, 31, 29, 15} & often
    assert set(both) == {0, 31, 29, 15, 2, 16} & often
    assert len(both) > len(last) > 1
    assert every == tuple(np.flatnonzero(first.std(axis=1)))
    assert allocation.further(first, 5, 0.5, most=256, batch=64) is None
    plan = allocation.further(first, 5, 0.0001, most=100, batch=64)  # out of reach: as near as is allowed
    assert plan == allocation.Further(every, 100)
    assert allocation.further(first, 5, 0.0001, most=64, batch=64) is None


def planted(draws: int = 100) -> np.ndarray:
    """Broken by a with b, or by c with d: with certainty; else in one run of twenty."""
    there = game.members(4)
    sure = (there[:, 0] & there[:, 1]) | (there[:, 2] & there[:, 3])
    chance = np.where(sure, 0.97, 0.05)
    return (np.random.default_rng(5).random((16, draws)) < chance[:, None]).astype(float)


def test_planted_sets_are_found() -> None:
    found = sets.sufficient(planted(), NAMES, 0.8, 1)
    assert {one.pressures for one in found} == {("a", "b"), ("c", "d")}
    assert all(one.sure == 1.0 and one.consistency > 0.9 for one in found)
    way = sets.cheapest_break(planted(), NAMES, 0.5)
    assert way is not None
    assert set(way.pressures) in ({"a", "b"}, {"c", "d"})
    held = sets.cheapest_hold(planted(), NAMES, 0.2)
    assert held is not None
    assert set(held.pressures) in ({"a", "c"}, {"a", "d"}, {"b", "c"}, {"b", "d"})


def test_a_necessary_pressure_is_known() -> None:
    worth = np.where(game.members(4)[:, :1], 1.0, 0.0) * np.ones((16, 50))
    first = sets.necessity(worth, NAMES, 1)[0]
    assert (first.pressure, first.consistency, first.p05) == ("a", 1.0, 1.0)
    assert sets.necessity(worth, NAMES, 1)[1].consistency == pytest.approx(0.5)
    assert sets.necessity(np.zeros((16, 50)), NAMES, 1) == []
    assert sets.sufficient(np.zeros((16, 50)), NAMES, 0.8, 1) == []


def test_all_nine_pressures_move_what_they_are_said_to_move() -> None:
    side = hf.load_scenario("skirmish").document.side[1]
    calm = pressures.put(side, dict.fromkeys(pressures.NINE, -1.0)).ramps
    extreme = pressures.put(side, dict.fromkeys(pressures.NINE, 1.0)).ramps
    assert calm.keys() == extreme.keys()
    assert {series for _, series in calm} == {
        "killed", "news", "contracts_per_day", "quota_per_day", "vitality", "elite_level", "patron_gone", "unpaid", "shock", "exit",
        "captor",
    }  # fmt: skip
    assert extreme["south", "shock"].pulse == 45
    assert pressures.put(side, {"losses": 0.0}).ramps == {}
    half = pressures.between(side, {"no_victory": 0.5}).ramps["south", "news"].level
    assert half == pytest.approx((calm["south", "news"].level + extreme["south", "news"].level) / 2)


def test_faults_of_a_request_come_all_at_once() -> None:
    with pytest.raises(ScenarioError) as caught:
        hf.explain("skirmish", side="suoth", of=["losses", "no_victry"], level=1.5, draws=3)
    said = str(caught.value)
    for word in ("south", "no_victory", "--level", "--draws"):
        assert word in said


def test_the_push_that_carries_half_is_that_of_straight_lines() -> None:
    shares = np.array([0.0, 0.5, 1.0])
    worth = np.array([[0] * 10, [1] * 2 + [0] * 8, [1] * 8 + [0] * 2], float)
    push, low, high = Push(shares, {"collapse": worth}).half("collapse", 1) or (0, 0, 0)
    assert push == pytest.approx(0.75)
    assert 0.5 < low <= push <= high <= 1.0
    back = Push(-shares, {"collapse": 1 - worth}).half("collapse", 1)
    assert back is not None
    assert back[0] == pytest.approx(0.75)
    near = np.array([[1] * 4 + [0] * 6, [1] * 10, [1] * 10], float)  # many resamples begin beyond one half: no push
    assert (Push(shares, {"collapse": near}).half("collapse", 1) or (0, 1, 1))[1] == 0.0
    assert Push(shares, {"collapse": np.zeros((3, 10))}).half("collapse", 1) is None


def test_losses_of_an_army_without_any_are_refused() -> None:
    scenario = hf.load_scenario("skirmish").with_values({"south.killed_per_1000_month": 0})
    with pytest.raises(ScenarioError, match=r"side\[south\]\.killed_per_1000_month"):
        hf.explain(scenario, side="south")
    for grain in (0, -3, 20000):
        with pytest.raises(ScenarioError, match="men_per_billet"):
            hf.explain("skirmish", men_per_billet=grain)


@pytest.fixture(scope="module")
def small() -> hf.Explanation:
    """South of the skirmish, three pressures."""
    scenario = hf.load_scenario("skirmish").with_values({"days": 90})
    of = ["no_victory", "regime_disarray", "unpaid_unfed"]
    return hf.explain(
        scenario, side="south", of=of, outcome="breaks", draws=64, men_per_billet=20, workers=1, phase=True
    )


def test_an_explanation_adds_up(small: hf.Explanation, tmp_path: Path) -> None:
    for outcome in ("collapse", "mass_desertion", "breaks", "exits"):
        calm, extreme = (values.mean() for values in small.ends(outcome))
        assert small.shapley(outcome)[0].sum() == pytest.approx(extreme - calm, abs=1e-9)
    published.hold("explain", small.to_dict())
    with xr.open_dataset(small.write(tmp_path / "explanation.nc"), engine="h5netcdf") as data:
        assert data.sizes == small.data.sizes
    plain = json.loads(json.dumps(small.to_dict()))
    assert len(plain["coalitions"]) == 8
    assert plain["shapley"].keys() == {"no_victory", "regime_disarray", "unpaid_unfed"}
    assert small.data.sizes == {"coalition": 8, "draw": small.draws, "player": 3}


def test_the_worst_and_the_best_are_the_ends_of_the_push(small: hf.Explanation) -> None:
    """Pushed all the way, the scenario is the coalition of all or of none: the same draws, the same luck, the same runs."""
    assert small.push is not None
    end = small.ends("exits")[int(small.push.shares[-1] > 0)]
    assert np.array_equal(small.push.worths["exits"][-1], end[:64])


def test_equal_seeds_equal_numbers_and_a_saved_one_opens(small: hf.Explanation, tmp_path: object) -> None:
    small.save(str(tmp_path))
    again = hf.open(str(tmp_path))
    assert isinstance(again, hf.Explanation)
    assert json.dumps(again.to_dict()) == json.dumps(small.to_dict())


@pytest.mark.slow
def test_an_explanation_in_rounds_is_the_same_wherever_it_ran() -> None:
    """More draws than a block: in this process, in two that stay for all rounds, and on a cluster."""
    scenario = hf.load_scenario("skirmish").with_values({"days": 60})
    request = {"side": "south", "of": ["no_victory", "unpaid_unfed"], "outcome": "mass_desertion", "precision": 0.03, "draws": 160,
               "men_per_billet": 20}  # fmt: skip
    one = hf.explain(scenario, **request, workers=1)
    assert one.draws > 64
    assert np.isnan(one.worths["exits"]).any()
    for outcome in OUTCOMES:
        (calm, _), (extreme, _) = one.worth_of_ends(outcome)
        assert one.shapley(outcome)[0].sum() == pytest.approx(extreme - calm, abs=1e-9)
    said = json.dumps(one.to_dict())
    assert json.dumps(hf.explain(scenario, **request, workers=2).to_dict()) == said
    distributed = pytest.importorskip("distributed")
    cluster = pytest.importorskip("holdfast.parallel.cluster")
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as local,
        cluster.ClusterExecutor(local.scheduler_address) as executor,
    ):
        assert json.dumps(hf.explain(scenario, **request, executor=executor).to_dict()) == said


def six(worth: np.ndarray, alone: float) -> hf.Explanation:
    """The essay's five and pay, 64 draws: the worth of every coalition, and what pay alone changes from where it stands."""
    players = [*ESSAY, "unpaid_unfed"]
    worths = dict.fromkeys(OUTCOMES, worth[:, None] * np.ones(64))
    step = {name: np.repeat(np.arange(64)[None] < 16, 2, axis=0).astype(float) for name in (*OUTCOMES, "reproduction")}
    single = {name: np.clip(each[0] + alone * (np.arange(64) % 2), 0, 1) for name, each in step.items()}
    return hf.Explanation(
        scenario="small", title="A small war", start="2030-03-01", side="south", side_title="South", by="pressures",
        players=tuple(run._players("pressures", players)), outcome="collapse", days=90, seed=1, men_per_billet=20, level=0.8,
        coalitions=np.arange(64), worths=worths, singles=(Single("unpaid_unfed", 1.0, single),),
        push=Push(np.array([0.0, 1.0]), step), phase=None, about={},
    )  # fmt: skip


def test_it_is_said_what_the_essay_leaves_out() -> None:
    there = game.members(6)
    said = " ".join(explanation_report.reading(six(there[:, 5] * 0.75 + there[:, 4] * 0.25, 1.0)))
    assert "leaves out adds +0.75 ± 0.00, its five +0.25 ± 0.00: unpaid or unfed (+0.75 ± 0.00)." in said
    assert "With the five calm and these extreme it is 0.75" in said
    change = 24 / 64  # of the 48 draws without the outcome every other one has it then
    error = np.sqrt(change * (1 - change) / 63)
    assert f"it is moved by unpaid or unfed at its extreme (+{change:.2f} ± {error:.2f})" in said
    assert "still comes" not in said


def test_it_is_said_where_the_nine_do_not_decide() -> None:
    said = " ".join(explanation_report.reading(six(np.ones(64), 0.0)))
    assert "With all 6 calm it still comes in 1.00: what is not played" in said
    assert "none moves it by more than 0.05 for sure" in said


def test_of_the_essays_five_alone_nothing_is_said_beyond_them(small: hf.Explanation) -> None:
    assert "leaves out" not in " ".join(explanation_report.reading(small))
