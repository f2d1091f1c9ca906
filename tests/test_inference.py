"""Draws of what is not known of a run: parameters, resolve, losses; where the spread comes from; which end comes first."""

from __future__ import annotations

import datetime as dt
import inspect
import math
from typing import Any

import numpy as np
import pytest
import xarray as xr

import holdfast as hf
from holdfast.calibration import history
from holdfast.cli import run as cli_run
from holdfast.core.faults import ScenarioError
from holdfast.core.units import MONTH_DAYS
from holdfast.ensemble import chances, draw, inference, levelling, plan, variance
from holdfast.ensemble.plan import Scenario, load_scenario
from holdfast.parallel import pool
from holdfast.scenario import build
from holdfast.scenario.as_of import scenario_as_of
from holdfast.scenario.schema import ScenarioDocument

FEW: dict[str, Any] = {"runs": 4, "seed": 1, "men_per_billet": 20}


def with_resolve(scenario: str, place: int, **values: object) -> ScenarioDocument:
    """A shipped scenario, one side's resolve put otherwise."""
    document = load_scenario(scenario).document
    sides = list(document.side)
    sides[place] = sides[place].model_copy(update={"resolve": sides[place].resolve.model_copy(update=values)})
    return document.model_copy(update={"side": sides})


@pytest.fixture(scope="module")
def known() -> ScenarioDocument:
    """The skirmish, of whose South it is known how many left before."""
    return with_resolve("skirmish", 1, mean=None, known_exits=6.0, known_exits_factor=1.2)


@pytest.fixture(scope="module")
def inferred(known: ScenarioDocument) -> inference.Draws:
    return inference.draws(known, known, **FEW)


# --- Where a level is from.


def test_a_level_set_by_hand_goes_before_exits_and_exits_before_codes() -> None:
    side = load_scenario("russia-ukraine-2023").document.side[0]
    of = lambda **values: draw.source_of(  # noqa: E731
        side.model_copy(update={"resolve": side.resolve.model_copy(update=values)})
    )
    assert of(mean=2.0) == draw.HAND
    assert of() == draw.EXITS
    assert of(known_exits=None) == draw.CODES
    assert draw.source_of(side.model_copy(update={"coded_army": None, "resolve": type(side.resolve)()})) == draw.HISTORY


def test_no_shipped_war_of_the_past_has_a_resolve_set_by_hand() -> None:
    for name in ("finland-1940", "italy-1917", "russia-1917", "afghanistan-2021", "ussr-1941", "russia-ukraine-2023"):
        document = load_scenario(name).document
        assert draw.HAND not in [draw.source_of(side) for side in document.side], name
        assert any(side.coded_army for side in document.side), name
        assert not any(path.startswith("response.") for path in document.parameters), name  # commands answer


def test_a_war_that_is_run_again_taught_nothing() -> None:
    document = load_scenario("russia-1917").document
    drawn = inference.draws(document, document, **FEW)
    assert {"RUS_1917", "ITA_1917"} <= set(drawn.about["taught_nothing"])  # type: ignore[call-overload]
    codes = history.draws(4, [history.coded("RUS_1917"), history.NOBODY], out=history.of_wars(["RUS_1917"]), seed=1)
    own = sum(kind.share * kind.resolve for kind in document.side[0].kinds.values())
    assert [each["resolve"][0] for each in drawn.each] == pytest.approx(codes.resolve[:, 0] - own)


# --- Draws.


def test_run_k_has_draw_k_whatever_their_number() -> None:
    document = load_scenario("finland-1940").document
    many = {**FEW, "runs": 9}
    assert inference.draws(document, document, **many).each[:4] == inference.draws(document, document, **FEW).each


@pytest.mark.slow
def test_more_draws_repeat_no_pilot(known: ScenarioDocument, monkeypatch: pytest.MonkeyPatch) -> None:
    """Draws that are extended are those that are drawn at once, and each batch of pilots is searched once."""
    searched: list[int] = []
    search = inference._search

    def counted(pilot: Any, report: Any) -> levelling.Levels:
        searched.append(pilot.draws[0]["number"])
        return search(pilot, report)

    monkeypatch.setattr(inference, "_search", counted)
    many = {**FEW, "runs": inference.BATCH + 4}
    before: inference.Searched = {}
    few = inference.draws(known, known, **FEW, before=before, executor=pool.Here())
    more = inference.draws(known, known, **many, before=before)
    assert len(searched) == len(set(searched)) >= 2
    whole = inference.draws(known, known, **many)
    assert more == whole
    assert more.each[: len(few.each)] == few.each


@pytest.mark.slow
def test_as_many_leave_as_are_known_to_have_left(known: ScenarioDocument, inferred: inference.Draws) -> None:
    """Under luck that no pilot had, as things stood on the first day, South loses as many as each draw is to lose: on average
    to within four standard errors over the draws, none by more than twice what the search allows."""
    pilot = inference._pilot(known, inferred.each, FEW["seed"], FEW["men_per_billet"])
    start = known.start
    still = [
        scenario_as_of(draw.written(known, one), start, start + dt.timedelta(days=inference.PILOT_DAYS - 1))
        for one in inferred.each
    ]
    worlds = [build.world(one, pilot.men_per_billet)[0] for one in still]
    off = []
    for seed in range(20, 26):
        flows = levelling.simulated(worlds, seed, range(len(worlds)), lambda _: None)
        rate = levelling.exits(flows)[:, :, 1].sum(axis=1) / flows["present"][:, :, 1].sum(axis=1) * 1000 * MONTH_DAYS
        off.append(np.log(rate / pilot.known[:, 1]))
    each = np.mean(off, axis=0)
    error = math.sqrt(each.var(ddof=1) / len(each)) if len(each) > 1 else math.inf
    assert abs(each.mean()) < 4 * max(error, 0.05)
    assert abs(each).max() < 2 * levelling.MOST_MISS
    assert all(one["resolve"][0] == 1.5 for one in inferred.each)  # North's level was set by hand, and stays
    assert np.isnan(pilot.known[:, 0]).all()


@pytest.mark.slow
def test_a_change_moves_nothing_that_is_inferred(known: ScenarioDocument, inferred: inference.Draws) -> None:
    changed = Scenario(known).with_values({"south.unpaid": 1.0, "south.supply": 0.2}).with_effects("winter")
    assert changed.base == known
    drawn = inference.draws(changed.document, changed.base, **FEW)
    assert drawn.each == inferred.each
    # Nor does a mean that is set by hand move the other side, or which draw a run has.
    by_hand = changed.with_values({"north.resolve.mean": 0.3, "north.kinds.contract.resolve": 0.7})
    other = inference.draws(by_hand.document, by_hand.base, **FEW).each
    assert [each["number"] for each in other] == [each["number"] for each in inferred.each]
    assert [each["resolve"][1] for each in other] == [each["resolve"][1] for each in inferred.each]
    assert {each["resolve"][0] for each in other} == {0.3}


def test_what_a_kind_of_soldier_is_put_at_does_not_move_the_level_of_codes() -> None:
    scenario = load_scenario("italy-1917")
    firmer = scenario.with_values({"italy.kinds.mobilised.resolve": 1.0})
    before, after = (inference.draws(one.document, one.base, **FEW) for one in (scenario, firmer))
    assert [each["resolve"] for each in before.each] == [each["resolve"] for each in after.each]


def test_known_exits_stand_in_for_a_mean_and_a_mean_for_known_exits() -> None:
    known = load_scenario("skirmish").with_values({"south.resolve.known_exits": 5}).document.side[1]
    assert (known.resolve.mean, draw.source_of(known)) == (None, draw.EXITS)
    again = load_scenario("russia-ukraine-2023").with_values({"ukraine.resolve.mean": 1.0})
    assert again.document.side[1].resolve.known_exits is None
    both = with_resolve("skirmish", 1, known_exits=5.0)
    with pytest.raises(ScenarioError, match="beside mean, which sets the level"):
        Scenario(both).with_values({"days": 30})
    # What is inferred of Ukraine goes on for the pilots of Russia; the run has what was set.
    drawn = inference._as_known(again.document, again.base)
    assert drawn.side[1].resolve.known_exits == 2.7


@pytest.mark.slow
def test_armies_that_could_not_have_stood_are_refused() -> None:
    """Nobody leaves at a hundred in a thousand a month and stands: the tenth is gone."""
    never = with_resolve("skirmish", 1, mean=None, known_exits=900.0, known_exits_factor=1.0)
    words = r"side\[south\].resolve.known_exits: found 900.*0 of .* draws.*widen known_exits_factor"
    with pytest.raises(ScenarioError, match=words):
        inference.draws(never, never, **FEW)
    with pytest.raises(ScenarioError, match=r"0 of 1 draws"):
        inference.fixed(never, never, **FEW)


def test_a_draw_is_written_in_and_what_a_scenario_sets_itself_stays() -> None:
    scenario = load_scenario("skirmish").with_values({"choice.tempo": 0.2})
    document = scenario.document
    one: draw.Draw = {
        "number": 0, "losses": 0, "parameters": {"choice.tempo": 0.01, "bond.coupling": 1.0}, "resolve": [3.0, 4.0],
        "killed": [2.0, 0.5],
    }  # fmt: skip
    written = draw.written(document, one)
    assert written.parameters == {**document.parameters, "choice.tempo": 0.2, "bond.coupling": 1.0}
    assert [side.resolve.mean for side in written.side] == [3.0, 4.0]
    rates = [side.killed_per_1000_month for side in document.side]
    assert [side.killed_per_1000_month for side in written.side] == [rates[0] * 2, rates[1] / 2]  # type: ignore[operator]


def test_nine_in_ten_rates_of_killed_are_within_their_factor() -> None:
    document = load_scenario("russia-ukraine-2023").document
    factor = np.array([side.killed_factor for side in document.side])
    times = np.array([draw.killed(document, number, 1) for number in range(2000)])
    inside = (abs(np.log(times)) <= np.log(factor)).mean(axis=0)
    error = math.sqrt(0.9 * 0.1 / 2000)
    assert abs(inside - 0.9).max() < 4 * error
    assert abs(np.corrcoef(np.log(times).T)[0, 1]) < 4 / math.sqrt(2000)


def test_luck_alone_is_one_draw_for_all() -> None:
    document = load_scenario("skirmish").document
    drawn = inference.fixed(document, document, **FEW)
    assert {tuple(each["resolve"]) for each in drawn.each} == {(1.5, 2.35)}
    assert all(not each["parameters"] and each["killed"] == [1.0, 1.0] for each in drawn.each)


def test_a_twin_shares_all_but_luck_and_every_second_one_losses() -> None:
    document = load_scenario("russia-ukraine-2023").document
    first: draw.Draw = {"number": 0, "losses": 0, "parameters": {}, "resolve": [1.0, 2.0], "killed": [1.0, 1.0]}
    assert draw.twin_of(document, first, 1) == first
    assert draw.twin_of(document, {**first, "number": 1}, 1) == {**first, "number": 1}
    third = draw.twin_of(document, {**first, "number": 2, "losses": 2}, 1)
    assert third["losses"] != 2
    assert third["killed"] != [1.0, 1.0]
    certain = load_scenario("skirmish").document
    assert draw.twin_of(certain, {**first, "number": 2}, 1) == {**first, "number": 2}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"south.coded_army": "RUS_1971"}, "RUS_1917"),
        ({"south.killed_factor": 0.5}, "killed_factor"),
        ({"south.resolve.known_exits": -1}, "known_exits"),
    ],
)
def test_what_cannot_be_is_refused(values: dict[str, object], words: str) -> None:
    with pytest.raises(ScenarioError, match=words):
        load_scenario("skirmish").with_values(values)


def test_the_command_line_runs_as_many_as_the_library() -> None:
    assert cli_run.RUNS == plan.RUNS == inspect.signature(hf.simulate).parameters["runs"].default


# --- Where the spread comes from.


def planted(luck: float, losses: float, rest: float, runs: int = 400) -> dict[str, Any]:
    """A measure whose parts have these standard deviations, and its twins'."""
    generator = np.random.default_rng(3)
    draw_of = lambda sd, size: sd * generator.normal(size=size)  # noqa: E731
    of_rest, of_losses = draw_of(rest, runs), draw_of(losses, runs)
    same = np.arange(runs // 2) % 2 == 0
    other = np.where(same, of_losses[: runs // 2], draw_of(losses, runs // 2))
    own = of_rest + of_losses + draw_of(luck, runs)
    twins = of_rest[: runs // 2] + other + draw_of(luck, runs // 2)
    return {"runs": own, "twins": twins, "same": same}


@pytest.mark.parametrize("parts", [(1.0, 0.0, 0.0), (0.0, 0.0, 1.0), (1.0, 1.0, 1.0), (0.3, 1.0, 2.0)])
def test_planted_parts_of_the_variance_are_found_again(parts: tuple[float, float, float]) -> None:
    shares = variance._shares(**planted(*parts), came=False)
    total = sum(part**2 for part in parts)
    for name, part in zip((variance.LUCK, variance.LOSSES, variance.REST), parts, strict=True):
        one = shares[name]
        error = max((one.high - one.low) / 2 / 1.645, 1e-3)
        assert abs(one.value - part**2 / total) < 4 * error, name


def test_the_intervals_of_the_parts_cover() -> None:
    """Nine in ten of 90 % intervals hold the planted share of luck, with ten twins a group, within four errors."""
    inside = []
    for seed in range(300):
        generator = np.random.default_rng(seed)
        rest, own = generator.normal(size=40), generator.normal(size=40)
        twins = rest[:20] + generator.normal(size=20)
        same = np.arange(20) // 2 % 2 == 0
        luck = variance._shares(rest + own, twins, same, came=False)[variance.LUCK]
        inside.append(luck.low <= 0.5 <= luck.high)
    assert np.mean(inside) > 0.9 - 4 * math.sqrt(0.9 * 0.1 / 300)


def test_that_no_outcome_differed_between_a_few_twins_is_no_proof() -> None:
    runs = np.array([0.0, 1.0] * 20)
    luck = variance._shares(runs, runs[:10], np.ones(10, bool), came=True)[variance.LUCK]
    assert luck.value == 0
    assert luck.high > 0.05
    assert variance._shares(np.ones(40), np.ones(10), np.ones(10, bool), came=True) == {}


# --- Which end comes first.


def test_the_ends_of_a_war_compete() -> None:
    collapse = np.array([[10, -1], [-1, 100], [-1, -1], [300, 20], [5, 5]])
    settlement = np.array([[-1, -1], [-1, -1], [95, -1], [-1, -1], [-1, -1]])
    ends = {"collapse": collapse, "settlement": settlement}
    west = chances.by_day(ends, 0, days=365)
    assert list(west) == ["90", "240", "365"]
    shares = {day: [one[end]["p"] for end in chances.ENDS] for day, one in west.items()}
    assert shares == {"90": [0.4, 0, 0, 0.2, 0.4], "240": [0.4, 0.2, 0, 0.4, 0], "365": [0.4, 0.2, 0, 0.4, 0]}
    east = chances.by_day(ends, 1, days=365)
    # Where both fall on one day each sees its own end; a settlement by one side is the other's end of the war too.
    assert [east["365"][end]["p"] for end in chances.ENDS] == [0.6, 0, 0, 0.4, 0]
    # An army that is destroyed before is that; on the day of its own collapse it collapses.
    ruined = chances.by_day(
        ends | {"destroyed": np.array([[9, -1], [-1, 100], [95, -1], [-1, -1], [4, -1]])}, 0, days=365
    )
    assert [ruined["365"][end]["p"] for end in chances.ENDS] == [0, 0.2, 0.4, 0.4, 0]
    one = west["90"]["collapse"]
    assert one["p05"] < one["p"] < one["p95"]


@pytest.mark.slow
def test_a_result_holds_its_draws_and_says_what_its_ranges_hold(two: hf.SimulationResult) -> None:
    data: xr.Dataset = two.data
    assert data.attrs["uncertain"] == "parameters, luck"  # both levels are set by hand, both rates are known
    assert (data.resolve_mean == np.array([1.5, 2.35])).all()
    drawn = inference.draws(two.scenario.document, two.scenario.base, runs=2, seed=1, men_per_billet=1)
    for run, each in enumerate(drawn.each):
        named = {str(name): float(data.parameter_value.sel(parameter=name)[run]) for name in data.parameter.values}
        assert named == pytest.approx(dict(each["parameters"]))
    by_path = {item.path: item for item in two.parameters()}
    assert "as history taught it" in by_path["bond.coupling"].source
    assert two.manifest()["parameters"]["choice.tempo"] == 0.05  # type: ignore[index]


@pytest.mark.slow
def test_run_and_assess_say_the_same_of_the_same_army() -> None:
    """A small version of `bench/consistency.py`: an army that held and one that broke, both wars left out.

    What parts the two is what a scenario knows and codes do not, so no more is asked than the same side of one half, and a
    difference of at most 0.35 beyond four standard errors of twelve runs.
    """
    from holdfast.calibration import predictor
    from holdfast.calibration.holdout import WAR_OUT, Holdout

    by = predictor.shipped()
    for name, grain, army, came in (
        ("finland-1940", 200, "FIN_1939_40", False),
        ("russia-1917", 2000, "RUS_1917", True),
    ):
        ran = hf.simulate(name, runs=12, men_per_billet=grain).summary()["sides"][name.split("-")[0]]["p_collapse"]  # type: ignore[index]
        out = history.of_wars([army])
        whole = next(each for each in by.training.armies if each.army_id == army)
        coded = float(by.by_weights([Holdout(whole, WAR_OUT, out)], exits=False).means()[0][0])
        assert (ran > 0.5) == (coded > 0.5) == came, name
        error = math.sqrt(max(coded * (1 - coded), 0.05) / 12)
        assert abs(ran - coded) < 0.35 + 4 * error, name
