"""The answers of a command: by hand, off, and by what they save."""

from __future__ import annotations

import functools
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
import xarray as xr

from holdfast.calibration import simulations
from holdfast.core.units import MONTH_DAYS
from holdfast.engine import outcomes
from holdfast.engine.mechanisms import response
from holdfast.ensemble.plan import load_scenario
from holdfast.ensemble.result import exits_per_1000_month
from holdfast.ensemble.run import simulate
from wars import WEST, above, exits, path, told, world

ANSWERS = ("tightening", "forgetting", "fall_back", "settle")
OFF = {f"parameters.response.{name}": 0.0 for name in ANSWERS}
PARAMS = response.Params()


def arr(*values: float) -> Any:
    return jnp.array(values, jnp.float32)


# ---------------------------------------------------------------- By hand


def test_the_alarm_goes_to_the_square_of_authority_over_its_lag() -> None:
    """At the rate of attempts x is 1, and so it is when a twentieth refuses; A^2 x^2/(1 + x^2) is then half of A^2."""
    men = arr(1000, 1000)
    aim = dict(authority=arr(0.8, 0.8), men=men)
    at_rate = arr(float(PARAMS.rate) / MONTH_DAYS, 0)
    refused = arr(0, 50)
    step = response.alarm(PARAMS, arr(0, 0), attempts=at_rate, refused=refused, **aim)
    np.testing.assert_allclose(step, 0.32 / 21, rtol=1e-5)
    held = arr(0, 0)
    for _ in range(21 * 20):
        held = response.alarm(PARAMS, held, attempts=at_rate, refused=refused, **aim)
    np.testing.assert_allclose(held, 0.32, rtol=1e-4)


def test_no_alarm_in_an_army_that_nobody_tries_to_leave() -> None:
    none = response.alarm(
        PARAMS, arr(0, 0), authority=arr(1, 1), attempts=arr(0, 0), refused=arr(0, 0), men=arr(0, 900)
    )
    np.testing.assert_array_equal(none, 0)


def test_an_alarmed_command_catches_more() -> None:
    np.testing.assert_allclose(response.tightened(PARAMS, arr(2, 1), arr(0.5, 0)), [5, 1])


def test_a_unit_forgets_no_more_than_it_remembers() -> None:
    np.testing.assert_allclose(response.forget(PARAMS, arr(2.5, 2.5, 0), jnp.array([0, 3, 1])), [2.5, 0, 0])


def test_a_position_is_worth_a_quarter() -> None:
    np.testing.assert_allclose(response.worth(PARAMS, jnp.array([[0, 1], [2, 3]])), [[1, 1.25], [1.5, 1.75]])


def test_whether_a_sector_falls_back() -> None:
    """By the chance 0.1 A^2 (1 - n/3), and not where the enemy is more than four to one."""
    given = jnp.array([[0, 1, 2, 3, 0]] * 2)
    ratio = jnp.log(jnp.array([[0.5, 0.5, 0.5, 0.5, 0.24]] * 2))
    chances = 0.1 * np.array([[1, 2 / 3, 1 / 3, 0, 0]] * 2) * np.array([[0.81], [0.0025]])
    for factor, expected in ((0.999, chances > 0), (1.001, chances < 0)):
        luck = jnp.asarray(np.where(chances > 0, chances * factor, 0), jnp.float32)
        fell = response.falls_back(PARAMS, given, ratio, arr(0.9, 0.05)[:, None], luck)
        np.testing.assert_array_equal(fell, expected)


def test_who_falls_back_gives_the_ground() -> None:
    fallen = jnp.array([[True, False, True, False], [False, True, True, False]])
    np.testing.assert_allclose(response.ground(PARAMS, fallen), [[15, 0, 15, 0], [0, 15, 15, 0]])


def test_when_a_state_settles() -> None:
    """Half of the front broken, prospects at -0.4, a tenth missing: 1.0 less 0.7, times 0.03 A^2."""
    chance = 0.03 * 0.81 * 0.3
    at = dict(authority=arr(0.9, 0.9), broken=arr(0.5, 0.5), prospects=arr(-0.4, -0.4), present=arr(0.9, 0.9))
    np.testing.assert_array_equal(response.settles(PARAMS, **at, luck=arr(0.999 * chance, 1.001 * chance)), [1, 0])
    sound = at | dict(prospects=arr(0.9, -0.2), present=arr(1.5, 1.2), broken=arr(0.6, 0.4))
    np.testing.assert_array_equal(response.settles(PARAMS, **sound, luck=arr(0, 0)), [0, 0])


def test_a_settled_war_is_no_collapse() -> None:
    """The front stays as it stood when the state made peace; no day of it counts towards a collapse."""
    broken = np.ones((2, 60, 2)) * [0.6, 0.0]
    settled = np.zeros((2, 60, 2), int)
    settled[0, 20:, 0] = 1
    none = np.zeros((2, 60, 2))
    first = outcomes.first_days(none, none + 100, broken, settled)
    np.testing.assert_array_equal(first.collapse, [[-1, -1], [30, -1]])
    np.testing.assert_array_equal(first.settlement, [[20, -1], [-1, -1]])
    np.testing.assert_array_equal(outcomes.first_days(none, none + 100, broken).collapse, [[30, -1], [30, -1]])


def test_a_coded_army_that_settles_is_not_decided_against() -> None:
    """The first run fights on with a broken front; the second collapses on day 40, the third settles on day 20."""
    days = np.arange(simulations.DAYS)[:, None]
    last = np.array([simulations.DAYS, 40, 20])
    flat = np.zeros((simulations.DAYS, 3))
    settled = (days >= last - 1) & np.array([False, False, True])
    table = simulations._summary(
        dict(
            present=flat + 1000, left=flat, captured=flat, returned=flat, broken=flat + 1.0,
            active=(days < last).astype(float), authority=flat + 0.5, settled=settled.astype(float),
        )
    )  # fmt: skip
    row = dict(zip(simulations.SUMMARY, table.T, strict=True))
    assert simulations.SUMMARY[-1] == "settled"
    np.testing.assert_array_equal(row["decided"], [simulations.DAYS, 40, simulations.DAYS])
    np.testing.assert_array_equal(row["settled"], [0, 0, 20])
    np.testing.assert_array_equal(row["broken_days"], [simulations.DAYS, simulations.DAYS, 19])


# ---------------------------------------------------------------- Off

BREAKING = {
    "days": 240, "west.resolve.mean": 2.0, "west.news": -0.6,
    "west.shock": path({39: 0.0, 40: 0.1, 70: 0.1, 71: 0.0}),
}  # fmt: skip
BEFORE = {
    "killed": [464, 429], "deserted": [1784, 0], "surrendered": [724, 0], "refused": [11269, 634], "caught": [746, 0],
    "posted": [6082, 2400], "collapsed": [306, 0],
}  # fmt: skip
"""Totals of four runs of `BREAKING` without answers, since the front grinds, by side."""
BROKEN_BEFORE, LINE_BEFORE = 1387, 326878.77


@pytest.mark.slow
def test_without_answers_the_war_is_as_it_was() -> None:
    """Sectors break, men go in thousands, an army collapses: the same men on the same days, to the last one."""
    off, on = (told(world({**BREAKING, **more}), range(4)) for more in (OFF, {}))
    totals = [{name: war[name].sum(axis=(0, 1)).tolist() for name in BEFORE} for war in (off, on)]
    assert totals[0] == BEFORE
    assert int(off["broken"].sum()) == BROKEN_BEFORE
    assert np.abs(off["line_km"]).sum(dtype=np.float64) == pytest.approx(LINE_BEFORE, rel=1e-6)
    assert not off["settled"].any()
    assert not off["positions"].any()
    assert totals[1] != BEFORE
    assert on["settled"].any()
    assert on["positions"].any()


# ---------------------------------------------------------------- Signs

WHOLE, LOST = 0.9, 0.05
WARY = {"days": 240, "west.resolve.mean": -0.5}
"""Men who leave: with a whole regime's authority the army still collapses, in its fifth month."""
STRUCK = {
    "days": 180, "west.resolve.mean": 4.0, "west.news": -0.6,
    "west.shock": path({39: 0.0, 40: 0.1, 90: 0.1, 91: 0.0}),
}  # fmt: skip
"""Firm men whose line is broken again and again for seven weeks, and who see no prospects."""
HOPELESS = {**STRUCK, "west.news": -0.9}
WARS = {"tightening": WARY, "forgetting": WARY, "fall_back": STRUCK, "settle": HOPELESS}
RUNS = {"tightening": 16, "forgetting": 16, "fall_back": 48, "settle": 96}
"""As many as the size of each effect asks for: settling saves one army in seven, within a few weeks."""


def ruled(authority: float) -> dict[str, float]:
    """An elite that is of one mind, or is not, from the first day on."""
    spot = "west.regime."
    return {f"{spot}elite_cohesion": authority, f"{spot}elite_level": authority, f"{spot}personalism": 0.0}


@functools.cache
def collapsed(answer: str, authority: float, alone: bool) -> np.ndarray:
    """Whether West collapses, in each run, with one answer alone or with none."""
    values = {**WARS[answer], **ruled(authority), **OFF}
    if alone:
        del values[f"parameters.response.{answer}"]
    return told(world(values), range(RUNS[answer]))["collapsed"][:, -1, WEST].astype(float)


@pytest.mark.slow
@pytest.mark.parametrize("answer", ANSWERS)
def test_each_answer_saves_an_army_whose_authority_is_whole(answer: str) -> None:
    assert above(collapsed(answer, WHOLE, False), collapsed(answer, WHOLE, True))


@pytest.mark.slow
@pytest.mark.parametrize("answer", ANSWERS)
def test_no_answer_saves_an_army_whose_authority_is_gone(answer: str) -> None:
    without, alone = (collapsed(answer, LOST, alone) for alone in (False, True))
    assert without.mean() > 0.9
    assert not above(without, alone)
    assert alone.mean() > 0.9


@pytest.mark.slow
def test_a_settlement_stops_the_war() -> None:
    """From the evening of the settlement on nobody fights, leaves or collapses, and nobody takes it back."""
    war = told(world({**STRUCK, **ruled(WHOLE), "parameters.response.settle": 0.3}))
    settled = war["settled"].max(axis=2).astype(bool)
    assert settled[:, -1].sum() > 8
    assert (np.diff(war["settled"].astype(int), axis=1) >= 0).all()
    after = np.pad(settled, ((0, 0), (1, 0)))[:, :-1]
    assert not war["active"][after].any()
    for flow in ("killed", "wounded", "deserted", "surrendered", "captured", "refused"):
        assert not war[flow][after].any(), flow
    assert not (war["collapsed"].max(axis=2).astype(bool) & settled).any()
    left = war["deserted"] + war["surrendered"]
    days = outcomes.first_days(left, war["present"], war["broken_share"], war["settled"])
    assert not ((days.collapse >= 0).any(axis=1) & settled[:, -1]).any()
    assert (war["balance"] == war["balance"][:, :1]).all()


# ---------------------------------------------------------------- Mutinies

MUTINY = {
    "days": 200, "west.resolve.mean": 5.0, "west.killed_per_1000_month": 12.0, "west.trust": 0.3, "west.exit": 0.2,
    "parameters.choice.refuse_cost": 3.0, "parameters.response.settle": 0.0,
    "west.assault": path({0: 0.2, 59: 0.2, 60: 1.0, 104: 1.0, 105: 0.0}),
    "west.intensity": path({0: 1.0, 59: 1.0, 60: 6.0, 104: 6.0, 105: 0.5}),
    "west.news": path({0: 0.0, 74: 0.0, 75: -0.9, 104: -0.9, 130: 0.0}),
}  # fmt: skip
"""France, spring of 1917: an offensive that fails; answered by halting attacks, leave, and ringleaders who are tried."""


@pytest.mark.slow
def test_a_mutiny_alarms_a_command_and_ends_when_attacks_end() -> None:
    war = told(world({**MUTINY, **ruled(0.7)}))
    refused = (war["refused"] / np.maximum(war["present"], 1))[:, :, WEST]
    alarm = war["alarm"][:, :, WEST]
    assert above(refused[:, 90:105].mean(axis=1), 2 * refused[:, 30:60].mean(axis=1))
    assert not refused[:, 106:].any()
    assert above(alarm[:, 104], alarm[:, 59])
    assert above(alarm[:, 104], alarm[:, 190])
    assert not war["collapsed"].any()
    assert not war["settled"].any()
    assert exits(war).max() < 5


# ---------------------------------------------------------------- Caporetto


@functools.cache
def caporetto(answered: bool) -> xr.Dataset:
    """The shipped scenario of Italy in 1917 in 40 runs, at 200 men a billet, with resolve inferred from its codes."""
    scenario = load_scenario("italy-1917")
    off = {f"response.{name}": 0.0 for name in ("tightening", "forgetting", "fall_back", "settle")}
    changed = scenario if answered else scenario.with_values(off)
    return simulate(changed, runs=40, men_per_billet=200, workers=2).data.sel(side="italy")


@pytest.mark.slow
def test_after_caporetto_fewer_leave_and_fewer_collapse_where_the_command_answers() -> None:
    """The Piave, November 1917, under the same draws and luck."""
    off, on = caporetto(False), caporetto(True)
    assert (on.day_collapse >= 0).sum() < (off.day_collapse >= 0).sum()
    assert above(exits_per_1000_month(off), exits_per_1000_month(on))


@pytest.mark.slow
@pytest.mark.xfail(
    reason="An aim that is not reached: with resolve inferred and answers on, Italy deserts in mass in six runs of ten.",
    strict=True,
)
def test_after_caporetto_men_desert_in_mass_all_the_same() -> None:
    assert (caporetto(True).day_mass_desertion >= 0).mean() > 0.75
