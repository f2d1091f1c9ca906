"""Forecasts: nothing from after their day, men conserved, scores as worked out by hand, a ledger that shows tampering."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

import holdfast as hf
import published
import zones
from holdfast import parameters
from holdfast.calibration import history
from holdfast.cli import forecast
from holdfast.core.faults import LedgerError, ScenarioError
from holdfast.core.params import walk as declared
from holdfast.core.units import MONTH_DAYS
from holdfast.engine.day import record
from holdfast.engine.simulate import Apart, World, apart, simulate
from holdfast.ensemble import levelling, plan
from holdfast.evidence.claims import table
from holdfast.evidence.claims.table import Claim
from holdfast.forecasting import ledger, paths, projection, request, run, scores, stack, walk
from holdfast.forecasting.as_of import EvidenceAsOf, SideEvidence, evidence_as_of
from holdfast.forecasting.result import (
    GROUND,
    QUANTITIES,
    Forecast,
    MonthScore,
    Observation,
    Origin,
    RollingForecast,
    rounded,
)
from holdfast.parallel import Report, pool
from holdfast.present import forecast_figures, forecast_report
from holdfast.scenario import as_of as scenario_as_of_module
from holdfast.scenario.as_of import scenario_as_of
from holdfast.scenario.schema import Event, Point, ScenarioDocument, Side
from holdfast.stats import scoring

AS_OF, UNTIL = dt.date(2023, 11, 15), dt.date(2024, 2, 29)
SIDES = ("russia", "ukraine")
TINY = {"until": UNTIL, "runs": 2, "men_per_billet": 2000}


@pytest.fixture(scope="session")
def claims() -> tuple[Claim, ...]:
    return table.read("russia_ukraine")


@pytest.fixture(scope="session")
def known(claims: tuple[Claim, ...]) -> EvidenceAsOf:
    return evidence_as_of(claims, SIDES, AS_OF)


@pytest.fixture(scope="session")
def tiny() -> Forecast:
    """Two coarse runs of three and a half months."""
    return run.forecast(AS_OF, **TINY)  # type: ignore[arg-type]


# --- Nothing from after the day.


def later_changed(scenario: ScenarioDocument, as_of: dt.date) -> ScenarioDocument:
    """Another later history: every value dated after a day is another, and everything happens afterwards."""

    def side(one: Side) -> Side:
        series = {
            name: [
                *(point for point in given if point.date <= as_of),
                Point(date=as_of + dt.timedelta(days=1), value=0.77),
                Point(date=as_of + dt.timedelta(days=30), value=0.11),
            ]
            for name in scenario_as_of_module.SERIES if not isinstance(given := getattr(one, name), float | int)
        }  # fmt: skip
        return one.model_copy(update=series)

    events = [event if event.start <= as_of else event.model_copy(update={"strength": 9.0}) for event in scenario.event]
    new = Event(effect="winter", start=as_of + dt.timedelta(days=3), strength=5.0)
    return scenario.model_copy(
        update={
            "side": [side(one) for one in scenario.side], "event": [*events, new],
            "ceasefire": as_of + dt.timedelta(days=9),
        }
    )  # fmt: skip


@pytest.mark.slow
def test_a_later_history_of_the_case_changes_no_number(tiny: Forecast) -> None:
    case = plan.load_scenario("russia-ukraine-2023")
    other = plan.Scenario(later_changed(case.document, AS_OF))
    assert other.hash != case.hash
    again = run.forecast(AS_OF, scenario=other, **TINY)  # type: ignore[arg-type]
    assert again.numbers() == tiny.numbers()
    np.testing.assert_array_equal(again.paths.exits, tiny.paths.exits)


@pytest.mark.parametrize("as_of", [AS_OF, dt.date(2024, 1, 3), dt.date(2024, 8, 15)])
def test_the_held_case_is_the_same_under_any_later_history(as_of: dt.date) -> None:
    scenario = plan.load_scenario("russia-ukraine-2023").document
    one, other = (
        scenario_as_of(each, as_of, dt.date(2026, 7, 31)) for each in (scenario, later_changed(scenario, as_of))
    )
    assert one.model_dump() == other.model_dump()
    assert one.start == as_of
    assert one.ceasefire is None
    assert all(isinstance(getattr(side, name), float) for side in one.side for name in scenario_as_of_module.SERIES)
    assert all(event.start <= as_of for event in one.event)


def test_a_series_holds_its_last_value_and_not_one_on_the_way_to_the_next() -> None:
    scenario = plan.load_scenario("russia-ukraine-2023").document
    ukraine = scenario_as_of(scenario, dt.date(2024, 1, 3), UNTIL).side[1]
    assert ukraine.patron_gone == 0.2  # 0.5 comes on the 15th
    assert scenario_as_of(scenario, dt.date(2024, 1, 20), UNTIL).side[1].patron_gone == 0.5


@pytest.mark.slow
def test_claims_known_later_change_nothing(claims: tuple[Claim, ...], known: EvidenceAsOf) -> None:
    changed = tuple(
        dataclasses.replace(claim, value_central=7.0 * (claim.value_central or 1)) if claim.known_on > AS_OF else claim
        for claim in claims
    )
    assert changed != claims
    assert evidence_as_of(changed, SIDES, AS_OF).digest == known.digest
    assert evidence_as_of([c for c in claims if c.known_on <= AS_OF], SIDES, AS_OF).digest == known.digest


def test_days_that_make_no_sense_are_told_with_their_cure() -> None:
    scenario = plan.load_scenario("russia-ukraine-2023").document
    with pytest.raises(ScenarioError) as caught:
        scenario_as_of(scenario, dt.date(2023, 1, 1), dt.date(2022, 1, 1))
    assert [fault.place for fault in caught.value.faults] == ["--as-of", "--until"]
    with pytest.raises(ScenarioError, match="2023-11-15"):
        run.forecast("soon", until="later")


# --- The months to come.


@pytest.mark.slow
def test_men_are_conserved_and_recruits_are_never_taken_away(known: EvidenceAsOf) -> None:
    both = projection.project(known, dt.date(2025, 12, 31), 1)
    for name, side in known.sides.items():
        ahead = both[name]
        wounded = np.concatenate([side.flows["wounded"][:, -4:], ahead.flows["wounded"]], axis=1)
        for month, length in enumerate(ahead.days):
            flow = {name: values[:, month] for name, values in ahead.flows.items()}
            back = side.returned * sum(
                share * wounded[:, month + 4 - lag] for lag, share in enumerate(projection.RETURN_LAGS)
            )
            gone = flow["killed"] + flow["wounded"] + flow["captured"] + (1 - side.came_back) * flow["deserted"]
            home = ahead.strength[:, month] * side.leave * length / MONTH_DAYS
            after = ahead.strength[:, month] + flow["recruited"] + back - gone - home
            kept = after > 0.021 * ahead.strength[:, month]
            np.testing.assert_allclose(ahead.strength[kept, month + 1], after[kept], rtol=1e-9)
        assert all((values >= 0).all() for values in ahead.flows.values())


@pytest.mark.slow
def test_a_longer_forecast_is_wider_and_begins_where_the_evidence_ends(known: EvidenceAsOf) -> None:
    side = known.sides["russia"]
    ahead = projection.project(known, dt.date(2026, 7, 31), 1)["russia"]
    np.testing.assert_array_equal(ahead.strength[:, 0], side.strength[:, -1])
    logs = np.log(ahead.flows["killed"] / ahead.days)
    widths = np.diff(np.quantile(logs, [0.05, 0.95], axis=0), axis=0)[0]
    assert widths[1] < widths[12] < widths[30]
    assert abs(np.median(logs[:, 1]) - np.median(np.log(side.per_day("killed"))[:, -4:])) < 0.25


def test_the_numbers_of_the_walk_are_listed() -> None:
    listed = {row.path: row.value for row in parameters.inference_rows()}
    assert {name: listed[f"forecast.{name}"] for name in walk.WALK} == {
        name: about.value for name, about in walk.WALK.items()
    }
    assert listed["forecast.weight.worth"] == stack.WORTH.value
    for what, parts in stack.WEIGHTS.items():
        assert sum(listed[f"forecast.weight.{what}.{name}"] for name in parts) == pytest.approx(1.0)


def test_the_calendar_cuts_its_first_and_last_month() -> None:
    months, days = projection.calendar(AS_OF, dt.date(2024, 2, 10))
    assert months == (dt.date(2023, 11, 16), dt.date(2023, 12, 1), dt.date(2024, 1, 1), dt.date(2024, 2, 1))
    assert days.tolist() == [15, 31, 31, 10]


# --- The walk.


def numbers(**given: float) -> walk.Numbers:
    """One draw of the walk's numbers."""
    each = {"noise": 0.1, "gain": 0.5, "turn": 0.1, "damped": 0.9, "lasting": 1.0, "tail": 8.0} | given
    season = np.array([[each.pop("cosine", 0.0), each.pop("sine", 0.0)]])
    return walk.Numbers(**{name: np.array([value]) for name, value in each.items()}, season=season)


def lived(true: walk.Numbers, months: int, random: np.random.Generator) -> walk.Known:
    """A series that goes on for so many months by the walk's own numbers."""
    start = walk.Known(np.zeros((1, 1)), np.array([11]))
    places = np.arange(months) % walk.YEAR
    shock = walk.shocks(true, random.normal(size=(1, months)), random)
    return walk.Known(walk.go_on(start, true, places, np.ones(months), shock).path, places)


def test_the_walk_finds_the_trend_and_the_season_of_a_series() -> None:
    """A level that rises by 0.1 a month, with a year's wave as large as the noise of 0.2; and a series with neither."""
    months, random = np.arange(120), np.random.default_rng(2)
    season, noise = 0.2 * np.cos(2 * np.pi * months / 12), random.normal(0, 0.2, 120)
    values = 0.1 * months + season + noise
    known = walk.Known(values[None], months % 12)
    (found,) = walk.learn("killed", [known], 400, np.random.default_rng(1))
    error = 0.2 * np.sqrt(2 / 120)  # of an amplitude out of so many months of such noise
    assert abs(np.median(found.season[:, 0]) - 0.2) < 3 * error + 0.06  # and the prior draws it towards none
    assert np.median(found.season[:, 0]) > 3 * error
    assert abs(np.median(found.season[:, 1])) < 3 * error
    _, slopes = walk.follow(values, known.calendar, found)
    assert np.median(slopes[:, 24:]) > 0.01
    (none,) = walk.learn("killed", [walk.Known(noise[None], months % 12)], 400, np.random.default_rng(1))
    assert np.abs(np.median(none.season, axis=0)).max() < 3 * error


def test_the_noise_is_found_of_each_side() -> None:
    random = np.random.default_rng(5)
    series = [lived(numbers(noise=noise, turn=0.0), 150, random) for noise in (0.1, 0.3)]
    calm, wild = walk.learn("killed", series, 400, np.random.default_rng(1))
    assert np.median(calm.noise) == pytest.approx(0.1, rel=0.25)
    assert np.median(wild.noise) == pytest.approx(0.3, rel=0.25)
    np.testing.assert_array_equal(calm.gain, wild.gain)


def test_bands_hold_what_the_walk_itself_brings() -> None:
    """Series of the walk, each forecast from its first 30 months: as many of the next in the bands as the bands say."""
    random, inside = np.random.default_rng(6), []
    true = numbers(noise=0.2, gain=0.6, turn=0.05, lasting=0.96)
    for seed in range(60):
        whole = lived(true, 38, random)
        past = walk.Known(whole.values[:, :30], whole.calendar[:30])
        (found,) = walk.learn("killed", [past], 200, np.random.default_rng(seed))
        shock = walk.shocks(found, random.normal(size=(200, 8)), random)
        path = walk.go_on(past, found, whole.calendar[30:], np.ones(8), shock).path
        low, lower, upper, high = np.quantile(path, [0.05, 0.25, 0.75, 0.95], axis=0)
        came = whole.values[0, 30:]
        inside.append([np.mean((came > low) & (came < high)), np.mean((came > lower) & (came < upper))])
    error = np.std(inside, axis=0) / np.sqrt(len(inside))
    assert np.all(np.abs(np.mean(inside, axis=0) - [0.9, 0.5]) < 3 * error + [0.03, 0.05])


def test_a_leap_moves_the_level_and_hardly_the_slope() -> None:
    leapt = np.concatenate([np.zeros(12), np.full(1, 2.0)])
    levels, slopes = walk.follow(leapt, np.arange(13) % 12, numbers(noise=0.05, gain=0.9))
    assert levels[0, -1] == pytest.approx(1.8)
    assert slopes[0, -1] < 0.1 * 0.05 * 3


def test_what_the_sides_have_in_common_is_seen_and_drawn_towards_nothing() -> None:
    random = np.random.default_rng(8)
    shared = random.normal(0, 0.1, (3, 48))
    alike, apart = ([walk.Known(each[None], np.arange(48) % 12) for each in pair]
                    for pair in ((shared[0], shared[0]), (shared[1], shared[2])))  # fmt: skip
    both = [numbers(), numbers()]
    assert walk.in_common(alike, both) == pytest.approx(47 / (47 + walk.WALK["shared_worth"].value))
    assert abs(walk.in_common(apart, both)) < 0.35


def test_ground_goes_on_from_the_gains_of_the_months_before(invented: Forecast) -> None:
    gains, steps = np.full(20, 300.0) + np.random.default_rng(3).normal(0, 20, 20), invented.days / invented.month_days
    ahead = {
        name: dataclasses.replace(one, flows={"killed": np.tile(one.flows["killed"], (50, 1))})
        for name, one in invented.projections.items()
    }
    path = projection.ground(gains, ahead, steps, 1)
    assert np.median(path[:, -1]) == pytest.approx(300 * steps.sum(), rel=0.15)
    assert np.median(projection.ground(-gains, ahead, steps, 1)[:, -1]) == pytest.approx(-300 * steps.sum(), rel=0.15)
    fiercer = {
        name: dataclasses.replace(one, flows={"killed": one.flows["killed"] * [1, 9, 9, 9]})
        for name, one in ahead.items()
    }
    wide = projection.ground(gains, fiercer, steps, 1)
    inner = lambda each: np.diff(np.quantile(each[:, -1], [0.25, 0.75]))[0]  # noqa: E731
    assert inner(wide) > 1.7 * inner(path)


def test_no_month_takes_more_men_than_an_army_has_to_lose(known: EvidenceAsOf) -> None:
    side = known.sides["ukraine"]
    bled = dataclasses.replace(side, flows=dict(side.flows) | {"killed": side.flows["killed"] * 1e4})
    ahead = projection.project(dataclasses.replace(known, sides=dict(known.sides) | {"ukraine": bled}), UNTIL, 1)[
        "ukraine"
    ]
    lost = sum(ahead.flows[name] for name in projection.LOSSES)
    most = (1 - walk.WALK["least_left"].value) * ahead.strength[:, :-1]
    assert (lost <= most * (1 + 1e-9)).all()


# --- The pool.


def test_the_best_weights_of_components_are_found() -> None:
    """Of one that is right, one that is off and one that is far too wide, the first has nearly all of the weight."""
    random = np.random.default_rng(1)
    truths, parts = random.normal(0, 1, 400), {"right": (0.0, 1.0), "off": (3.0, 1.0), "wide": (0.0, 20.0)}
    at = np.quantile(random.normal(size=20_000), stack.LEVELS)
    values = np.stack([middle + spread * at for middle, spread in parts.values()])
    truth = np.abs(values[:, :, None] - truths).mean(axis=(1, 2))
    apart = np.abs(values[:, None, :, None] - values[None, :, None, :]).mean(axis=(2, 3))
    found = stack.least(truth, apart)
    assert found.sum() == pytest.approx(1.0)
    assert found[0] > 0.85
    for _ in range(200):  # no other weights do better
        other = random.dirichlet(np.ones(3))
        assert found @ truth - found @ apart @ found / 2 <= other @ truth - other @ apart @ other / 2 + 1e-12


def test_of_two_halves_of_the_truth_each_has_half() -> None:
    low, high = np.full(5, -1.0), np.full(5, 1.0)
    rows = [
        stack.PastMonth(dt.date(2023, month, 15), "russia", "killed", dt.date(2024, 1, 1), {"a": low, "b": high})
        for month in (2, 5, 8)
    ]
    truths = {("russia", "killed", dt.date(2024, 1, 1)): np.array([-1.0, 1.0])}
    distances = stack._distances(rows, ["a", "b"], truths)
    assert distances is not None
    assert distances.months == 9.0
    assert stack._best(distances, {"a": 0.9, "b": 0.1})["a"] == pytest.approx((9 * 0.5 + 24 * 0.9) / 33)
    assert stack._best(None, {"a": 0.9, "b": 0.1}) == {"a": 0.9, "b": 0.1}


def test_a_pool_draws_of_each_component_what_its_weight_says() -> None:
    parts = {"a": np.zeros((7, 3)), "b": np.ones((400, 3)), "c": np.full((9, 3), np.nan)}
    drawn = stack.pool(parts, {"a": 0.25, "b": 0.75, "c": 0.0})
    assert drawn.shape == (stack.SAMPLES, 3)
    np.testing.assert_array_equal(drawn.mean(axis=0), 0.75)


def rows_changed(past: tuple[stack.PastMonth, ...]) -> tuple[stack.PastMonth, ...]:
    """The same past, and another one from the day on."""
    return tuple(
        row if row.as_of < AS_OF
        else dataclasses.replace(row, values={name: 3 * values + 7 for name, values in row.values.items()})
        for row in past
    )  # fmt: skip


def test_weights_know_nothing_of_what_came_later(invented: Forecast) -> None:
    """Neither what was said on the day and later, nor what came of it, moves a weight; what was said before does."""
    past = stack.shipped_past("russia_ukraine")
    assert any(row.as_of >= AS_OF for row in past)
    found = stack.weights(invented, past)
    assert found == stack.weights(invented, rows_changed(past))
    later = {
        key: dataclasses.replace(one, p05=9e9, p50=9e9, p95=9e9) if key[2] >= AS_OF.replace(day=1) else one
        for key, one in invented.observations.items()
    }
    assert found == stack.weights(dataclasses.replace(invented, observations=later), past)
    assert found != stack.weights(invented, ())
    assert all(sum(each.values()) == pytest.approx(1.0) for each in found.values())
    before = [row for row in past if row.as_of < AS_OF]
    assert before
    assert stack.weights(invented, before) == found


@pytest.mark.slow
def test_a_forecast_is_the_same_to_the_last_digit_whatever_was_said_and_came_later(tiny: Forecast) -> None:
    """Its pool too: later forecasts say other things, and later months bring other numbers."""
    later = {
        key: dataclasses.replace(one, p05=9e9, p50=9e9, p95=9e9) if key[2] >= AS_OF.replace(day=1) else one
        for key, one in tiny.observations.items()
    }
    bare = dataclasses.replace(tiny, pooled={}, weights={}, ground_walk=None, observations=later)
    again = stack.pooled(stack.with_ground(bare), rows_changed(stack.shipped_past("russia_ukraine")))
    assert again.numbers() == tiny.numbers()
    assert again.weights == tiny.weights
    for side in SIDES:
        for quantity in tiny.quantities(side):
            np.testing.assert_array_equal(again.samples(side, quantity), tiny.samples(side, quantity))


@pytest.mark.slow
def test_the_shipped_past_is_what_the_walk_says_of_it(known: EvidenceAsOf, invented: Forecast) -> None:
    """A change of the walk or the evidence asks for the table anew: `bench/forecast/past.py`."""
    ahead = projection.project(known, request.UNTIL, 1)
    count = len(ahead["russia"].months)
    empty = dataclasses.replace(
        invented.paths, draws=np.zeros(0, int), exits=np.zeros((0, 2, count)), ground=np.zeros((0, count))
    )
    fresh = dataclasses.replace(invented, until=request.UNTIL, evidence=known, projections=ahead, paths=empty)
    past = stack.shipped_past("russia_ukraine")
    shipped = {(row.side, row.quantity, row.month): row.values for row in past if row.as_of == AS_OF}
    rows = [row for row in stack.past_months(stack.with_ground(fresh)) if row.quantity != GROUND]
    assert len(rows) == 2 * 3 * len(stack.AHEAD)
    for row in rows:
        for name, values in row.values.items():
            np.testing.assert_allclose(values, shipped[row.side, row.quantity, row.month][name], rtol=0.03)
    assert {row.as_of for row in past} == set(run.origins(dt.date(2022, 11, 15), request.UNTIL))


def test_the_samples_of_a_pooled_forecast_are_the_pools(invented: Forecast) -> None:
    whole = stack.pooled(stack.with_ground(invented), stack.shipped_past("russia_ukraine"))
    assert set(whole.weights) == {*QUANTITIES, GROUND}
    for side in SIDES:
        for quantity in whole.quantities(side):
            assert whole.samples(side, quantity).shape == (stack.SAMPLES, len(whole.months))
    assert dict(whole.data.sizes) == {"sample": stack.SAMPLES, "side": 2, "month": 4, "run": 2}
    alone, of_engine = invented.chance("russia", "collapse")["p"], whole.weights["deserted"]
    walked = projection.breaks(whole.evidence.sides["russia"], whole.projections["russia"])["collapse"].mean()
    share = of_engine["engine"] / (of_engine["engine"] + of_engine["walk"])
    assert whole.chance("russia", "collapse")["p"] == pytest.approx(share * alone + (1 - share) * walked)
    assert whole.chance("russia", "settlement") == invented.chance("russia", "settlement")
    assert whole.to_dict()["weights"] == rounded(whole.weights)


def test_an_army_breaks_by_the_definitions_of_the_outcomes(invented: Forecast) -> None:
    """A tenth of the men in six months is mass desertion; half of them in three is a collapse."""
    ahead = invented.projections["russia"]
    each_month = np.array([0.0, 0.02, 0.05, 0.3])
    men = np.full((4, len(ahead.days) + 1), 1e5)
    gone = each_month[:, None] * 1e5 * ahead.days / MONTH_DAYS
    side = invented.evidence.sides["russia"]
    calm = dataclasses.replace(
        side,
        flows={name: np.zeros((4, len(side.days))) for name in side.flows},
        strength=np.full((4, len(side.days) + 1), 1e5),
    )
    found = projection.breaks(
        calm, dataclasses.replace(ahead, strength=men, flows=dict(ahead.flows) | {"deserted": gone})
    )
    assert found["mass_desertion"].tolist() == [False, False, True, True]
    assert found["collapse"].tolist() == [False, False, False, True]


# --- The engine's runs.


def test_the_level_is_found_of_a_rate_that_leaps() -> None:
    """Leaving as exp(-resolve) with an edge beyond which everybody goes, a different one for each run."""
    middle = np.linspace(-3, 3, 24).reshape(12, 2)

    def rate(shift: np.ndarray, pilot: int) -> tuple[np.ndarray, np.ndarray]:
        slope = middle - shift
        return slope + 6 * (slope > 0.8), slope <= 0.8

    shift, out, holds = levelling.search(rate, np.full_like(middle, 0.5))
    assert np.abs(out).max() < 0.2
    assert holds.all()
    np.testing.assert_allclose(shift, middle - 0.5, atol=0.2)


@pytest.fixture(scope="module")
def worlds(tiny: Forecast) -> list[World]:
    """Two worlds of the tiny forecast, with parameters and losses of their own."""
    case = scenario_as_of(plan.load_scenario().document, AS_OF, UNTIL)
    drawn = [{}, {"choice.tempo": 0.2, "bond.coupling": 1.0}]
    return [levelling.cut(paths._world(batch(case, tiny, drawn, 2), 5 * row, row), 30) for row in (0, 1)]


def batch(document: ScenarioDocument, tiny: Forecast, parameters: list[dict[str, float]], runs: int) -> paths.Batch:
    """Runs on the evidence of the tiny forecast."""
    return paths.Batch(
        document, tiny.evidence, tiny.projections, parameters, first=0, runs=runs, seed=1, men_per_billet=2000
    )


def thirty_days(given: Any) -> dict[str, np.ndarray]:
    """Thirty days of two runs, of one world or of two."""
    ((_, flows, _, _),) = simulate(given, 3, range(2))
    return {name: np.asarray(values) for name, values in flows.side.items()}


@pytest.mark.slow
def test_worlds_are_cut_once_for_all_pilots(tiny: Forecast, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cut takes every series of a world apart: five pilots of fifty worlds did it 250 times."""
    case = scenario_as_of(plan.load_scenario().document, AS_OF, UNTIL)
    cut, cuts, pilots = levelling.cut, [], []

    def counted(world: World, days: int) -> World:
        if len(world.forcing.day) != days:
            cuts.append(days)
        return cut(world, days)

    def idle(worlds: list[World], seed: int, runs: Any, report: Any) -> dict[str, np.ndarray]:
        pilots.append({len(world.forcing.day) for world in worlds})
        still = np.zeros((len(worlds), paths.BEFORE, 2))
        return dict.fromkeys(levelling.FLOWS, still) | {"present": still + 1000}

    monkeypatch.setattr(levelling, "cut", counted)
    monkeypatch.setattr(levelling, "simulated", idle)
    ready = paths._levelled(batch(case, tiny, [{}, {}], 2), np.arange(2), lambda done: None)
    assert cuts == [paths.BEFORE] * 2
    assert pilots == [{paths.BEFORE}] * levelling.PILOTS
    assert [len(each.world.forcing.day) for each in ready] == [paths.BEFORE + case.days] * 2


@pytest.mark.slow
def test_worlds_may_differ_in_their_parameters(worlds: list[World]) -> None:
    """Each run is the run that its own world has alone; where parameters do not differ, nothing is kept apart."""
    assert apart(worlds) is Apart.MORE
    assert apart([worlds[0], worlds[0]]) is Apart.OWN
    together = thirty_days(worlds)
    for number, world in enumerate(worlds):
        alone = thirty_days(world)
        for name in ("present", "killed", "deserted", "surrendered", "hospital"):
            np.testing.assert_array_equal(together[name][:, number], alone[name][:, number], err_msg=name)
    assert thirty_days(worlds[1])["deserted"].sum() != thirty_days(worlds[0])["deserted"].sum()


@pytest.mark.slow
def test_weariness_of_none_changes_nothing(worlds: list[World]) -> None:
    """The resolve is raised and the weariness takes it off again: the same war, but for the last digit."""
    still, tired = (levelling.with_resolve(worlds[0], np.zeros(2), np.full((30, 2), drift)) for drift in (0.0, 2.0))
    plain, worn = thirty_days(worlds[0]), thirty_days(still)
    for name in ("present", "killed"):
        np.testing.assert_allclose(plain[name], worn[name], rtol=0.05)
    assert thirty_days(tired)["deserted"].sum() > 2 * plain["deserted"].sum()


def test_parameters_come_from_their_priors() -> None:
    drawn = projection._prior_draws(400, ("winter",), seed=2)
    assert drawn == projection._prior_draws(400, ("winter",), seed=2)
    about = dict(declared(record.defaults(("winter",))))
    weight = np.array([one["choice.death_weight"] for one in drawn])
    assert np.median(weight) == pytest.approx(2.1, rel=0.1)
    assert np.log(weight).std() == pytest.approx(0.5, rel=0.15)
    for path, value in drawn[0].items():
        low, high = about[path].bounds
        assert low <= value <= high, path
    assert "choice.noise" not in drawn[0]  # a convention
    assert projection.parameter_draws(3, ("winter",), ended_by=AS_OF, seed=1, calibrated=False)[1] == projection.PRIOR


def test_parameters_are_taught_only_by_wars_that_had_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    days: list[dt.date] = []
    monkeypatch.setattr(
        "holdfast.calibration.history.draws",
        lambda count, *, ended_by, seed: (
            days.append(ended_by)
            or history.History(({"choice.tempo": 0.04, "no.such": 1.0},) * count, np.empty((count, 0)), (), 1.0)
        ),
    )
    drawn, source = projection.parameter_draws(3, ("winter",), ended_by=AS_OF, seed=1)
    assert drawn == [{"choice.tempo": 0.04}] * 3
    assert (days, source) == ([AS_OF], projection.CALIBRATED)


@pytest.mark.slow
def test_a_forecast_tells_both_sides(tiny: Forecast, tmp_path: Path) -> None:
    published.hold("forecast", tiny.to_dict())
    with xr.open_dataset(tiny.write(tmp_path / "forecast.nc"), engine="h5netcdf") as data:
        assert data.sizes == tiny.data.sizes
    printed = json.loads(json.dumps(tiny.to_dict(), allow_nan=False))
    assert set(printed["sides"]) == set(SIDES)
    for side in printed["sides"].values():
        assert [month["month"] for month in side["months"]] == ["2023-11", "2023-12", "2024-01", "2024-02"]
        assert [row["quarter"] for row in side["quarters"]] == ["2023 Q4", "2024 Q1"]
        for month in side["months"]:
            for quantity in ("killed", "strength"):
                levels = list(month[quantity].values())
                assert levels == sorted(levels)
        assert 0 <= side["p_collapse"]["p05"] <= side["p_collapse"]["p"] <= side["p_collapse"]["p95"] <= 1
    assert {row["quantity"] for row in printed["scores"]["months"]} == {*scores.OBSERVED, GROUND}
    for name, given in (("russia", True), ("ukraine", False)):  # what one gains the other loses: told once
        assert all(("ground" in row) == given for row in printed["sides"][name]["months"])
    quarters, months = printed["sides"]["russia"]["quarters"], printed["sides"]["russia"]["months"]
    assert quarters[-1]["ground"] == months[-1]["ground"]
    # No exits are told once a collapse has ended the war in one of two runs.
    assert {row["months"] for row in printed["scores"]["months"] if row["quantity"] != "deserted"} == {3}
    assert tiny.save(tmp_path / "out", figures=False) == tmp_path / "out" / "forecast.html"
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert written == ["forecast.html", "forecast.json", "months.csv", "result.npz", "scores.csv"]
    for quantity, panels in (("killed", 2), ("ground", 1)):
        drawn = tiny.plot[quantity]().to_dict()
        assert "2023-11-15" in json.dumps(drawn["title"])
        assert len(drawn["hconcat"]) == panels


@pytest.mark.slow
def test_runs_do_not_depend_on_how_they_are_shared_out(tiny: Forecast) -> None:
    scenario = scenario_as_of(plan.load_scenario().document, AS_OF, UNTIL)
    drawn = [{"choice.tempo": 0.05}] * (110 * paths.TRIES)
    jobs = paths.batches(batch(scenario, tiny, drawn, 110))
    assert [job.runs for job in jobs] == [50, 50, 10]
    assert [job.first for job in jobs] == [0, 150, 300]
    assert pool.each(_double, [3, 5], workers=1) == [6, 10]


def _double(value: int, report: Report) -> int:
    report(1)
    return 2 * value


@pytest.fixture(scope="module")
def invented() -> Forecast:
    """A forecast from invented evidence and paths: no fit, no run of the engine."""
    random = np.random.default_rng(1)
    months = tuple(dt.date(2022 + month // 12, month % 12 + 1, 1) for month in range(1, 23))

    def evidence() -> SideEvidence:
        spread = lambda men: men * np.exp(0.2 * random.normal(size=(8, 22)))  # noqa: E731
        sizes = {"killed": 4e3, "wounded": 9e3, "captured": 2e2, "deserted": 2e3, "recruited": 2e4}
        shares = {
            name: np.full(8, share) for name, share in dict(leave=0.01, returned=0.6, came_back=0.2, held=0.7).items()
        }
        return SideEvidence(
            months, np.array([28.0] * 21 + [15.0]), {name: spread(men) for name, men in sizes.items()},
            5e5 * np.exp(0.05 * random.normal(size=(8, 23))), **shares,
        )  # fmt: skip

    known = EvidenceAsOf(AS_OF, 5, {side: evidence() for side in SIDES})
    ahead = projection.project(known, UNTIL, 1)
    never = np.full((2, 2), -1)
    simulated = paths.SimulatedPaths(
        np.arange(2), random.random((2, 2, 4)), random.random((2, 4)), never, np.array([[3, -1], [-1, -1]]),
        np.array([[-1, -1], [-1, 9]]), destroyed=never, miss=np.zeros((2, 2)), put_aside=1,
    )  # fmt: skip
    seen = scores.shipped_observations("russia_ukraine")
    result = Forecast(
        "invented", "hash", AS_OF, UNTIL, evidence=known, projections=ahead, paths=simulated, parameters=projection.PRIOR,
        seed=1, men_per_billet=2000, observations=seen | scores.ground_gained(seen, "russia", AS_OF),
    )  # fmt: skip
    return dataclasses.replace(result, scores=scores.score(result))


def test_an_army_that_is_destroyed_is_foretold_so(invented: Forecast) -> None:
    """In every door, and nowhere where it comes in no run."""
    ruined = dataclasses.replace(invented.paths, destroyed=np.array([[-1, -1], [-1, 5]]))
    told = dataclasses.replace(invented, paths=ruined)
    assert told.numbers()["ukraine"]["p_destroyed"]["p"] == 0.5  # type: ignore[index]
    whole = str((UNTIL - AS_OF).days + 1)
    ends = {side: told.by_day(side)[whole] for side in SIDES}
    assert (ends["ukraine"]["destroyed"]["p"], ends["russia"]["victory"]["p"]) == (0.5, 0.5)
    assert told.data.day_destroyed.max() == 5
    for result, said in ((told, True), (invented, False)):
        words = forecast_report._outcomes_in_words(result)
        heads = forecast_report._chances(result).heads + forecast_report._ends(result, "ukraine").heads
        assert ("destroyed" in words, "army is destroyed" in heads) == (said, said)
        assert ("army is destroyed" in str(forecast_figures.ends(result).to_dict())) == said


def test_a_forecast_is_a_data_set_a_table_and_a_page(invented: Forecast) -> None:
    data = invented.data
    assert dict(data.sizes) == {"draw": 8, "run": 2, "side": 2, "month": 4}
    np.testing.assert_array_equal(data.killed.sel(side="ukraine"), invented.samples("ukraine", "killed"))
    frame = invented.to_frame()
    assert len(frame) == 4 * (4 + 3)
    whole = frame[(frame.side == "russia") & (frame.quantity == "killed") & (frame.month == "2023-12")]
    bands = invented.periods("russia", "month")[1].bands["killed"]
    assert bands is not None
    assert whole.p50.item() == bands["p50"] == round(float(np.median(invented.samples("russia", "killed")[:, 1])))
    assert whole.observed_p50.item() == invented.observations["russia", "killed", dt.date(2023, 12, 1)].p50
    assert invented.chance("russia", "collapse")["p"] == 0.5
    assert [invented.chance(side, "settlement")["p"] for side in ("russia", "ukraine")] == [0, 0.5]
    assert "<table" in invented._repr_html_()
    assert set(invented.plot) == {"ends", "killed", "strength", "deserted", "ground", "skill", "coverage"}


def test_a_saved_forecast_is_opened_again(invented: Forecast, tmp_path: Path) -> None:
    assert invented.save(tmp_path, figures=False) == tmp_path / "forecast.html"
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "forecast.html",
        "forecast.json",
        "months.csv",
        "result.npz",
        "scores.csv",
    ]
    again = hf.open(tmp_path)
    assert isinstance(again, Forecast)
    assert again.to_dict() == invented.to_dict() == json.loads((tmp_path / "forecast.json").read_text())
    np.testing.assert_array_equal(again.paths.exits, invented.paths.exits)


def test_the_page_of_a_forecast_holds_its_charts_its_numbers_and_no_address(invented: Forecast, tmp_path: Path) -> None:
    old = dataclasses.replace(invented, newest={"russia": dt.date(2023, 8, 1), "ukraine": AS_OF})
    page = old.save(tmp_path, figures=False).read_text(encoding="utf8")
    specs = json.loads(page.partition('<script type="application/json" id="specs">')[2].partition("</script>")[0])
    assert set(specs) == set(old.plot)
    assert zones.local(specs) == []
    for name in specs:
        assert f'data-chart="{name}"' in page
    assert "Nothing is known of Russia after 2023-08-01, 106 days before the forecast" in page
    assert "of Ukraine after" not in page
    assert "50% (12–88)" in page  # P(collapse) of Russia: one of two runs, Wilson's interval by hand
    assert not re.search(r"(src|href)=.https?:", page)


def test_the_page_of_rolling_origins_counts_a_calendar_month_once(invented: Forecast, tmp_path: Path) -> None:
    assert invented.scores is not None
    origins = tuple(
        Origin(
            day, 5, 2, put_aside=1, parameters=projection.PRIOR, scores=invented.scores, fits={},
            weights={"killed": {"walk": 0.75, "persists": 0.25}},
        )
        for day in (AS_OF, AS_OF)
    )  # fmt: skip
    table_of = tuple(scores.score_table([one for each in origins for one in each.scores.months]))
    rolling = RollingForecast("invented", UNTIL, origins, table_of)
    published.hold("forecast", rolling.to_dict())
    page = rolling.save(tmp_path, figures=False)
    text = page.read_text(encoding="utf8")
    assert page.name == "rolling.html"
    assert set(rolling.plot) == {"skill", "coverage"}
    assert "2 origins foretell" in text
    assert "at most 3 different calendar months" in text  # December to February, whatever the number of origins
    assert text.count("2023-11-15, killed") == 1 and "75%" in text  # noqa: PT018
    assert isinstance(hf.open(tmp_path), RollingForecast)


def test_a_chart_of_ends_adds_up_to_all_runs(invented: Forecast) -> None:
    drawn = invented.plot["ends"]().to_dict()
    values = next(iter(drawn["datasets"].values())) if "datasets" in drawn else drawn["data"]["values"]
    for side in ("Russia", "Ukraine"):
        last = [row for row in values if row["side"] == side and row["by"] == values[-1]["by"]]
        assert sum(row["p"] for row in last) == pytest.approx(1)


# --- Scores and baselines.


def test_crps_is_that_of_a_normal() -> None:
    draws = np.random.default_rng(1).normal(3.0, 2.0, 20_000)
    for truth in (3.0, 5.0, -4.0):
        z = (truth - 3.0) / 2.0
        density, below = math.exp(-z * z / 2) / math.sqrt(2 * math.pi), (1 + math.erf(z / math.sqrt(2))) / 2
        exact = 2.0 * (z * (2 * below - 1) + 2 * density - 1 / math.sqrt(math.pi))
        assert scoring.crps(draws[:2000], np.array([truth])) == pytest.approx(exact, rel=0.08)
    assert scoring.crps(np.array([4.0]), np.array([7.0])) == 3.0


def test_a_truth_is_cut_into_values_of_equal_chance() -> None:
    likely = scores.likely(Observation(50, 100, 400, ""))
    assert likely[4] == pytest.approx(100)
    assert (likely[4] / likely[0]) ** 2 == pytest.approx(likely[-1] / likely[4], rel=1e-6)
    assert likely[0] > 50
    assert likely[-1] < 400


def test_rivals() -> None:
    line = np.arange(1.0, 25.0)
    assert projection._persistence(line, 5) == 24
    assert projection._trend(line, 5) == pytest.approx(29)
    assert projection._trend(line[::-1], 40) == pytest.approx(projection.FLOOR)
    narrow = projection.baseline_samples(projection._trend, line, 6, 1)
    wide = projection.baseline_samples(projection._persistence, line, 6, 1)
    assert np.log(wide[:, 5]).std() > np.log(wide[:, 0]).std() > 0
    assert np.log(narrow[:, 0]).std() < np.log(wide[:, 0]).std()


def test_rivals_of_a_gain_know_no_sign() -> None:
    rising = np.arange(-6.0, 6.0)
    steps = np.array([0.5, 1.0, 1.0])
    middle = lambda guess: np.median(projection.gain_samples(guess, rising, steps, 1), axis=0)  # noqa: E731
    np.testing.assert_allclose(middle(projection.GAIN_BASELINES["trend"]), [3.0, 10.0, 18.0], atol=0.3)
    np.testing.assert_allclose(middle(projection.GAIN_BASELINES["persists"]), [2.5, 7.5, 12.5], atol=0.6)
    falling = projection.gain_samples(projection._line, rising[::-1] - 20, steps, 1)
    assert np.median(falling[:, 2]) < -60


def test_ground_is_counted_from_the_day() -> None:
    held = {dt.date(2023, 10, 1): 100.0, dt.date(2023, 11, 1): 130.0, dt.date(2023, 12, 1): 125.0}
    table = {("russia", "area", month): Observation(km, km, km, "seen") for month, km in held.items()}
    found = scores.ground_gained(table, "russia", AS_OF)  # on the 15th of 30 days 115 were held
    assert {month: one.p50 for (_, _, month), one in found.items()} == {
        dt.date(2023, 11, 1): 15.0, dt.date(2023, 12, 1): 10.0,
    }  # fmt: skip
    np.testing.assert_array_equal(scores.likely(Observation(-3, -3, -3, "")), -3.0)
    assert scores.ground_gained(table, "russia", dt.date(2023, 9, 3)) == {}


def test_the_shipped_truths_are_whole() -> None:
    table = scores.shipped_observations("russia_ukraine")
    assert scores.shipped_observations("union_1861") == {}
    months = {month for side, quantity, month in table if (side, quantity) == ("russia", "killed")}
    assert min(months) == dt.date(2023, 11, 1)
    assert max(months) == dt.date(2026, 7, 1)
    assert len(months) == 33
    for (_, quantity, _), one in table.items():
        assert one.p05 <= one.p50 <= one.p95
        assert one.source
        assert quantity in (*scores.OBSERVED, "mass_desertion", "area")
    assert min(scores.areas(table, "russia")) == dt.date(2022, 12, 1)


def test_a_row_of_scores() -> None:
    marks = [
        MonthScore("russia", "killed", 1, who, 1.0, 0.5, value)
        for who, value in (("forecast", 10.0), ("persists", 20.0), ("trend", 5.0))
    ]
    near, everything = scores.score_table(marks)
    assert (near["horizon"], everything["horizon"]) == ("1-3", "all")
    assert (near["persists"]["ratio"], near["trend"]["ratio"]) == (0.5, 2.0)


def test_origins_are_a_quarter_apart_and_leave_a_month_to_score() -> None:
    found = run.origins(AS_OF, dt.date(2026, 7, 31))
    assert (found[0], found[1], found[-1]) == (AS_OF, dt.date(2024, 2, 15), dt.date(2026, 5, 15))
    assert len(found) == 11
    assert run.origins(dt.date(2026, 6, 15), dt.date(2026, 7, 31)) == [dt.date(2026, 6, 15)]
    assert run.origins(dt.date(2026, 7, 15), dt.date(2026, 7, 31)) == []


# --- The ledger.


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf8").splitlines()]


def rewritten(path: Path, content: list[dict[str, Any]]) -> str:
    path.write_text("".join(json.dumps(line) + "\n" for line in content), encoding="utf8")
    with pytest.raises(LedgerError) as caught:
        ledger.check(path)
    return str(caught.value)


@pytest.mark.slow
def test_a_ledger_shows_what_was_changed_lost_or_put_in(tmp_path: Path, tiny: Forecast) -> None:
    path = tmp_path / "kept.jsonl"
    for day in (1, 2, 3):
        ledger.append(path, ledger.entry(tiny), issued=dt.date(2026, 11, day))
    assert ledger.check(path).lines == 3
    whole = lines(path)
    assert whole[0]["previous"] == ledger.FIRST
    assert whole[2]["previous"] == whole[1]["hash"]
    assert set(ledger.NEEDED) <= set(whole[0])

    changed = [dict(line) for line in whole]
    changed[1] = json.loads(json.dumps(changed[1]))
    changed[1]["sides"]["russia"]["p_collapse"]["p"] = 0.99
    assert "line 2: found a text that does not fit its hash" in rewritten(path, changed)

    changed[1]["hash"] = ledger.digest(changed[1])  # the forger works out the line's own hash anew
    assert "line 3: found a line that follows on" in rewritten(path, changed)
    assert "line 2: found a line that follows on" in rewritten(path, [whole[0], whole[2]])
    assert "line 1" in rewritten(path, whole[1:])
    with pytest.raises(LedgerError):
        ledger.append(path, ledger.entry(tiny))


def test_a_ledger_with_the_former_keys_is_continued(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    former = {"number": 1, "made": "2026-11-01", "previous": ledger.FIRST} | dict.fromkeys(
        ("as_of", "until", "case", "case_hash", "posterior_hash", "version", "sides"), "x"
    )
    path.write_text(json.dumps(former | {"hash": ledger.digest(former)}) + "\n", encoding="utf8")
    assert ledger.check(path).lines == 1
    content = dict.fromkeys(("as_of", "until", "scenario", "scenario_hash", "posterior_hash", "version", "sides"), "y")
    line = ledger.append(path, content, issued=dt.date(2026, 11, 2))
    assert (line["number"], line["issued"], line["previous"]) == (2, "2026-11-02", ledger.digest(former))
    assert ledger.check(path) == ledger.Checked(2, str(line["hash"]), dt.date(2026, 11, 2))
    del former["case"]
    assert "line 1: found no scenario" in rewritten(path, [former | {"hash": ledger.digest(former)}])


def test_a_broken_ledger_is_told_before_anything_is_run(tmp_path: Path) -> None:
    path = tmp_path / "kept.jsonl"
    path.write_text("no json\n", encoding="utf8")
    with pytest.raises(LedgerError, match="line 1"):
        forecast.ledger_faults(path)


# --- Known beforehand.


def test_a_side_without_claims_is_told(claims: tuple[Claim, ...]) -> None:
    with pytest.raises(ScenarioError, match="no claim about east"):
        evidence_as_of(claims, ("russia", "east"), AS_OF)


@pytest.mark.slow
def test_what_is_known_is_in_order(known: EvidenceAsOf) -> None:
    assert known.claims < 200
    for side in known.sides.values():
        assert isinstance(side, SideEvidence)
        assert side.strength.shape == (side.draws, len(side.months) + 1)
        assert all(values.shape == (side.draws, len(side.months)) for values in side.flows.values())
        assert side.months[-1] == dt.date(2023, 11, 1)
        assert side.days[-1] == 15


# --- Ground.


def test_the_drive_makes_the_law_gain_what_was_gained() -> None:
    """First and second side lose 3 and 10 km2 a day by the law; from each gain its drive gives the gain again."""
    for gain in (-20.0, -3.0, 0.0, 7.0, 15.0):
        times = math.exp(paths.drive_of(gain, 3.0, 10.0))
        assert 10.0 * times - 3.0 / times == pytest.approx(gain, abs=1e-9)
    assert paths.drive_of(1e6, 3.0, 10.0) == paths.MOST_DRIVE
    assert paths.drive_of(math.nan, 3.0, 10.0) == paths.drive_of(5.0, 3.0, 0.0) == 0.0


def test_the_gain_of_late_is_a_mean_that_fades() -> None:
    months = [dt.date(2024, month, 1) for month in (1, 2, 3, 4)]
    area = dict(zip(months, (1000.0, 1029.0, 1029.0 + 62.0, 5000.0), strict=True))
    seen = {("russia", scores.AREA, month): Observation(value, value, value, "") for month, value in area.items()}
    fade = walk.WALK["fade"].value
    assert scores.late_gain(seen, "russia", dt.date(2024, 4, 20)) == pytest.approx((1.0 * fade + 2.0) / (1 + fade))
    assert math.isnan(scores.late_gain(seen, "russia", dt.date(2024, 2, 1)))


def test_mass_desertion_before_the_day_is_not_what_was_foretold() -> None:
    months = {dt.date(2024, 1, 1): 0.2, dt.date(2024, 6, 1): 0.6, dt.date(2024, 12, 1): 0.7}
    seen = {("ukraine", "mass_desertion", month): Observation(p, p, p, "") for month, p in months.items()}
    end = dt.date(2024, 12, 1)
    assert scores.mass_desertion_after(seen, "ukraine", dt.date(2024, 1, 15), end) == pytest.approx(0.5 / 0.8)
    assert scores.mass_desertion_after(seen, "ukraine", dt.date(2024, 6, 15), end) is None
    assert scores.mass_desertion_after(seen, "russia", dt.date(2024, 1, 15), end) is None
