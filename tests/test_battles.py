"""Battles as a jury: exact limits of the board, a table read with every fault, what was simulated is learnt again, no leak."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import holdfast as hf
from holdfast.cli import app
from holdfast.core.faults import BattlesError
from holdfast.core.params import override
from holdfast.past_battles import battle_table, board, law_fit, run, simpler_models, trial
from holdfast.past_battles.battle_table import Battles
from holdfast.past_battles.board import Law
from holdfast.past_battles.result import HALF, LAW, WAR, BattleScores
from holdfast.stats import grouped

PLAIN = {
    "front.wear": 1e-9, "front.price": 1e9, "front.odds": 1e-9, "board.unseen": 1e-9, "board.rout": 0.0, "board.scatter": 1e-9,
    **{f"board.{age}": 0.0 for age in board.AGES},
}  # fmt: skip
"""A law with everything switched off but the men hit."""
TRUTH = {
    "fire.enemy_exponent": 0.6, "fire.own_exponent": 0.2, "front.breakpoint": 0.2, "front.price": 0.3, "front.odds": 0.4,
    "front.wear": 1.0, "front.bound": 3.0, "front.thinness": 0.4, "board.fortified": 1.5, "board.prepared": 0.5,
    "board.delay": 0.0, "board.surprise_edge": 0.4, "board.surprise_fire": 0.3, "board.air_edge": 0.5, "board.air_fire": 0.3,
    "board.unseen": 0.5, "board.rout": 0.4, "board.scatter": 0.8, "board.depth": 1.0,
    **{f"board.{age}": 0.0 for age in board.AGES},
}  # fmt: skip
WARS, EACH = 6, 60
CHANCE = jax.jit(board.chance)


def law(**changes: float) -> Law:
    """A law with some parameters set; `front__odds` stands for `front.odds`."""
    return override(Law.declared(), PLAIN | {name.replace("__", "."): value for name, value in changes.items()})


def unknown_ends(count: int, random: np.random.Generator) -> Battles:
    """Battles of which nothing is known but what comes before the fight."""
    men = np.exp(random.normal(np.log(20_000), 0.7, (count, 2)))
    posture = np.eye(4)[random.choice(4, count, p=(0.45, 0.25, 0.25, 0.05))]
    nothing = np.full(count, np.nan)
    return Battles(
        source="simulated", name=tuple(f"battle {place}" for place in range(count)),
        war=tuple(f"war {place % WARS}" for place in range(count)), year=1700 + 30.0 * (np.arange(count) % WARS),
        men=men, lost=np.full((count, 2), np.nan), days=np.exp(random.normal(0, 1, count)), posture=posture,
        surprise=random.choice(4, count, p=(0.7, 0.1, 0.1, 0.1)).astype(float), air=random.choice(3, count) - 1.0,
        judged=np.zeros(count), front=np.exp(random.normal(np.log(8), 0.6, (count, 2))), outcome=nothing, gained=nothing,
    )  # fmt: skip


def fought(battles: Battles, of: Law, random: np.random.Generator) -> Battles:
    """The battles with ends by the board."""
    luck = random.normal(size=(5, len(battles)))
    luck[:2] = random.exponential(size=(2, len(battles)))
    ends = jax.jit(board.fight)(of, board.columns_of(battles), jnp.asarray(luck, jnp.float32))
    outcome = np.where(np.asarray(ends.defender), 1.0, -1.0)
    lost, gained = np.asarray(ends.lost, float).T * battles.men, np.asarray(ends.gained, float)
    return dataclasses.replace(battles, outcome=outcome, lost=lost, gained=gained)


@pytest.fixture(scope="module")
def table() -> Battles:
    """Battles of a law that is known."""
    random = np.random.default_rng(5)
    return fought(unknown_ends(WARS * EACH, random), override(Law.declared(), TRUTH), random)


@pytest.fixture(scope="module")
def result(table: Battles) -> BattleScores:
    """The jury on them."""
    return run.battles(table, variants=False, seed=3)


# --- The board: exact limits of the shipped laws.


def even(count: int = 1) -> board.Columns:
    """Battles of equal sides, a hasty defence, no surprise."""
    every = unknown_ends(count, np.random.default_rng(0))
    columns = board.columns_of(every)
    zero = jnp.zeros(count)
    return columns._replace(ratio=zero, surprise=zero, air=zero, posture=jnp.eye(4)[jnp.zeros(count, int)])


def test_without_odds_losses_at_breaking_are_exponential_with_the_breakpoint_as_mean() -> None:
    of, count = law(front__breakpoint=0.15), 20_000
    luck = np.random.default_rng(1).normal(size=(5, count))
    luck[0] = np.inf  # the attacker never gives way
    luck[1] = np.random.default_rng(2).exponential(size=count)
    lost = np.asarray(jax.jit(board.fight)(of, even(count), jnp.asarray(luck, jnp.float32)).lost[1])
    assert lost.mean() == pytest.approx(0.15, abs=4 * 0.15 / math.sqrt(count))
    assert np.mean(lost > 0.15) == pytest.approx(math.exp(-1), abs=4 * math.sqrt(0.37 * 0.63 / count))


def test_equal_sides_that_pay_nothing_are_a_coin_and_a_price_favours_the_attacker() -> None:
    assert float(CHANCE(law(), even())[0]) == pytest.approx(0.5, abs=1e-5)
    of = law(front__breakpoint=0.2, front__price=0.4)
    assert float(CHANCE(of, even())[0]) == pytest.approx((1 / 0.2 + 1 / 0.4) / (2 / 0.2 + 1 / 0.4), abs=1e-5)


@pytest.mark.parametrize(("enemy", "own", "power"), [(1.0, 1.0, 2.0), (1.0, 0.0, 1.0), (0.0, 0.0, 0.0)])
def test_losses_are_lanchesters(enemy: float, own: float, power: float) -> None:
    columns = even()._replace(ratio=jnp.log(jnp.array([3.0])))
    attacker, defender = board.shares(law(fire__enemy_exponent=enemy, fire__own_exponent=own), columns)[:, 0]
    assert float(defender / attacker) == pytest.approx(3.0**power, rel=1e-5)


def test_works_and_odds_enter_as_the_front_has_them() -> None:
    columns = even()._replace(posture=jnp.eye(4)[jnp.array([2])])
    of = law(front__odds=0.5, board__fortified=1.2)
    plain = law(front__odds=0.5, board__fortified=0.0)
    attacker, defender = (board.hazards(of, columns) / board.hazards(plain, columns))[:, 0]
    assert float(attacker) == pytest.approx(1.0)
    assert float(defender) == pytest.approx(math.exp(-0.5 * 1.2), rel=1e-5)


WORN = {"front__wear": 8.0, "front__odds": 0.6, "front__price": 0.5, "fire__enemy_exponent": 0.8}


def test_the_closed_forms_are_the_laws_stepped_through() -> None:
    of, columns = law(**WORN), even()._replace(ratio=jnp.log(jnp.array([2.0])))
    steps = np.linspace(0, 0.5, 4001)
    rates = np.asarray(jax.jit(jax.vmap(lambda at: board.hazards(of, columns, 0.0, at)))(jnp.asarray(steps)))[:, :, 0]
    clock = board.clock(of, columns)
    exact = np.trapezoid(rates, steps, axis=0)
    np.testing.assert_allclose(np.asarray(clock.until(jnp.array([0.5])))[:, 0], exact, rtol=2e-3)
    np.testing.assert_allclose(np.asarray(clock.at(jnp.array([0.5])))[:, 0], rates[-1], rtol=5e-3)
    np.testing.assert_allclose(np.asarray(clock.when(clock.until(jnp.array([0.3])))), 0.3, rtol=1e-3)


def test_the_first_to_yield_is_the_integral() -> None:
    of, columns = law(**WORN), even()._replace(ratio=jnp.log(jnp.array([2.0])))
    steps = np.linspace(0, 5, 40_001)
    rates = np.asarray(jax.vmap(lambda at: board.clock(of, columns).at(jnp.full(1, at)))(jnp.asarray(steps)))[:, :, 0]
    spent = np.concatenate([[0], np.cumsum((rates.sum(1)[1:] + rates.sum(1)[:-1]) / 2 * np.diff(steps))])
    exact = np.trapezoid(rates[:, 1] * np.exp(-spent), steps)
    assert float(board.first_to_yield(of, columns)[0]) == pytest.approx(exact, abs=2e-3)


def test_fights_come_out_as_the_chance_says() -> None:
    random, count = np.random.default_rng(7), 40_000
    of = override(Law.declared(), TRUTH)
    one = board.columns_of(unknown_ends(1, np.random.default_rng(8)))
    many = jax.tree.map(
        lambda part: jnp.repeat(part, count, axis=1 if part.shape[0] == 2 and part.ndim == 2 else 0), one
    )
    luck = random.normal(size=(5, count))
    luck[:2] = random.exponential(size=(2, count))
    share = float(jnp.mean(jax.jit(board.fight)(of, many, jnp.asarray(luck, jnp.float32)).defender))
    chance = float(CHANCE(of, one)[0])
    assert share == pytest.approx(chance, abs=4 * math.sqrt(chance * (1 - chance) / count) + 1e-3)


# --- What is learnt.


def test_what_was_simulated_is_learnt_again(result: BattleScores) -> None:
    learnt = {one.name: one.whole for one in result.learnt}
    spread = lambda of: (of.high - of.low) / (2 * 1.645)  # noqa: E731
    for name in (
        "front.bound",
        "front.thinness",
        "board.fortified",
        "board.surprise_edge",
        "board.rout",
        "board.scatter",
    ):
        assert abs(learnt[name].value - TRUTH[name]) < 4 * spread(learnt[name]), name
    for name in ("front.breakpoint", "front.price", "front.odds"):
        of = learnt[name]
        assert abs(math.log(of.value / TRUTH[name])) < 4 * math.log(of.high / of.low) / (2 * 1.645), name
    total = learnt["fire.enemy_exponent + fire.own_exponent"]
    assert abs(total.value - 0.8) < 4 * spread(total)
    untold = {one.name for one in result.learnt if not one.informed}
    assert "fire.enemy_exponent" in untold
    assert "fire.enemy_exponent + fire.own_exponent" not in untold
    assert learnt["front.odds"].high < 1.0, "the prior's middle is not what comes out"


def test_the_law_that_made_the_table_is_calibrated_and_beats_the_odds_alone(result: BattleScores) -> None:
    of = result.scores[WAR]
    assert of[LAW].groups == WARS
    assert of[LAW].auc.value > of["odds alone"].auc.value > 0.5
    cases = of[LAW].cases
    assert abs(of[LAW].slope.value - 1) < 4 * 2.2 / math.sqrt(cases), (
        "se of a logit's slope with this spread of chances"
    )
    assert of[LAW].log.value < of["base rate"].log.value
    for row in result.classes:
        if row.kind == "century" and row.battles > 40:
            assert 0.67 < row.factor.value < 1.5


def test_the_half_that_teaches_is_not_scored(result: BattleScores, table: Battles) -> None:
    taught = trial.first_half(table)
    assert 0 < taught.sum() < len(table)
    for name in (LAW, "logit"):
        assert np.isnan(result.chances[HALF][name][taught]).all()
        assert np.isfinite(result.chances[HALF][name][~taught]).all()
    assert {war for war, here in zip(table.war, taught) if here}.isdisjoint(
        {war for war, here in zip(table.war, taught) if not here}
    )


def test_a_war_that_is_left_out_teaches_nothing_of_itself(table: Battles) -> None:
    own = np.array(table.war) == "war 3"
    turned = dataclasses.replace(
        table,
        outcome=np.where(own, -table.outcome, table.outcome),
        lost=np.where(own[:, None], table.lost[:, ::-1], table.lost),
    )
    before, after = (law_fit.Fitter(each) for each in (table, turned))
    first, second = before.fit(~own), after.fit(~own)
    np.testing.assert_array_equal(first.mode, second.mode)
    assert not np.array_equal(before.fit(np.ones(len(own), bool)).mode, after.fit(np.ones(len(own), bool)).mode)


# --- Simpler models and scores.


def test_published_factors() -> None:
    one = unknown_ends(2, np.random.default_rng(0))
    one = dataclasses.replace(
        one,
        men=np.array([[3000.0, 1000.0]] * 2),
        posture=np.eye(4)[[2, 0]],
        surprise=np.array([2.0, -1.0]),
        air=np.array([1.0, 0.0]),
    )
    ratio = np.exp(simpler_models.power_ratio(one))
    np.testing.assert_allclose(ratio, [3 / 1.6 * math.sqrt(3) * 1.1 / 0.9, 3 / 1.3 / math.sqrt(1.3)])


def test_a_calibration_line_finds_the_slope_and_shift_that_were_put_in() -> None:
    random, count = np.random.default_rng(4), 20_000
    log_odds = random.normal(0, 1.5, count)
    happened = random.random(count) < 1 / (1 + np.exp(-(0.3 + 0.5 * log_odds)))
    slope, _ = grouped.calibration_line(1 / (1 + np.exp(-log_odds)), happened)
    assert slope == pytest.approx(0.5, abs=4 * 0.012)
    _, shift = grouped.calibration_line(1 / (1 + np.exp(-0.5 * log_odds)), happened)
    assert shift == pytest.approx(0.3, abs=4 * 0.016)
    lone = grouped.calibration_line([0.2, 0.7], [1, 1])
    assert np.isnan(lone).all()


def test_intervals_over_groups_are_wider_where_groups_go_together() -> None:
    random = np.random.default_rng(6)
    happened = np.repeat(random.random(20) < 0.5, 30)
    p = np.full(600, 0.5) + 0.1 * random.random(600)
    by_group = grouped.scored(p, happened, [place // 30 for place in range(600)])
    by_case = grouped.scored(p, happened, range(600))
    width = lambda of: of.intercept.high - of.intercept.low  # noqa: E731
    assert width(by_group) > 3 * width(by_case)
    gap = grouped.difference(p, p, happened, [place // 30 for place in range(600)])
    assert gap["brier"].value == 0
    assert gap["brier"].a_better == 0.5


# --- A table of the user's own.

GOOD = (
    "battle,war,year,attacker_men,defender_men,attacker_lost,defender_lost,posture,surprise,gave_way,gained,note\n"
    "Hill,First,1870,9000,6000,500,700,prepared,-1,defender,-0.5,x\nFord,First,1871,4000,5000,,,,,attacker,,\n"
)


def test_a_table_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(GOOD)
    battles, unused = battle_table.read(path)
    assert unused == ("note",)
    assert battles.name == ("Hill", "Ford")
    assert battles.outcome.tolist() == [1, -1]
    np.testing.assert_allclose(battles.share_lost, [[500 / 9000, 700 / 6000], [np.nan, np.nan]])
    np.testing.assert_array_equal(battles.posture, [[0, 1, 0, 0], [0, 0, 0, 0]])
    assert battles.surprise.tolist() == [-1, 0]
    assert battles.gained[0] == -0.5
    assert np.isnan(battles.days).all()


def test_a_table_tells_every_fault(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    bad = (
        GOOD.replace("posture", "postures")
        .replace("9000", "many")
        .replace("-1,defender", "5,defnder")
        .replace("4000", "")
    )
    path.write_text(bad.replace("Ford,First", "Hill,First").replace("500,700", "500,70000"))
    with pytest.raises(BattlesError) as caught:
        battle_table.read(path)
    text = str(caught.value)
    for part in (
        'found "postures"', "Did you mean posture?", "column attacker_men: found \"many\"",
        'found "5"; allowed: a whole number from -3 to 3',
        "Did you mean defender?", "column attacker_men: found nothing", "a battle of its own in its war; row 2 has it too",
        "at most twice the 6000 men",
    ):  # fmt: skip
        assert part in text, part


def test_a_small_table_and_a_battle_that_is_not_there_are_refused(tmp_path: Path, table: Battles) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(GOOD)
    with pytest.raises(BattlesError, match="at least 60 of 4 wars"):
        run.battles(path)
    with pytest.raises(BattlesError, match="Did you mean battle 7"):
        run.battles(table, battle="batle 7")


# --- What is shown and written.


def test_the_result_is_plain_saved_and_opened(result: BattleScores, tmp_path: Path) -> None:
    page = result.save(tmp_path / "out")
    text = page.read_text()
    assert set(re.findall(r'data-chart="(\w+)"', text)) == set(result.plot)
    assert not (tmp_path / "out" / "figures").exists()
    assert "What did not hold" in text
    assert result.title in text
    again = hf.open(tmp_path / "out")
    assert isinstance(again, BattleScores)
    plain = json.loads((tmp_path / "out" / "battles.json").read_text())
    assert plain["battles"] == WARS * EACH
    assert len(plain["each_battle"]) == WARS * EACH
    assert plain["scores"][WAR][LAW]["auc"]["value"] == pytest.approx(result.scores[WAR][LAW].auc.value)
    np.testing.assert_array_equal(again.chances[WAR][LAW], result.chances[WAR][LAW])
    assert len(result.to_frame()) == WARS * EACH


def test_figures_are_drawn_of_what_the_result_holds(result: BattleScores) -> None:
    for name in ("breakpoint", "calibration", "losses", "chances"):
        spec = result.plot[name]().to_dict()
        assert spec["title"]["text"], name
    rows = [row for data in result.plot["breakpoint"]().to_dict()["datasets"].values() for row in data]
    assert sum(row["sides"] for row in rows) == sum(one.sides for one in result.curve)


def test_the_command_shows_a_battle(
    result: BattleScores, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run, "battles", lambda *given, **options: result)

    def command(*words: str) -> int:
        try:
            return app.guarded(["battles", *words])
        except SystemExit as stop:
            return int(stop.code or 0)

    assert command("--battle", "battle 7") == 0
    shown = capsys.readouterr().out
    assert "battle 7, war 1, 1730" in shown
    assert "Chance that the defender gives way" in shown
    assert command("--json") == 0
    assert json.loads(capsys.readouterr().out)["wars"] == WARS
    assert command() == 0
    shown = capsys.readouterr().out
    assert "Breakpoint curve" in shown
    assert "Did not hold" in shown
