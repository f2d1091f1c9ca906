"""Each mechanism against a formula or a property that can be worked out by hand."""

import dataclasses
import math
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import special

import chance
from holdfast.core import rng
from holdfast.engine import echelons
from holdfast.engine.mechanisms import (
    bond,
    care,
    choice,
    fire,
    front,
    mobilisation,
    perception,
    pursuit,
    regime,
    replacement,
    reproduction,
)

SHARES = st.floats(0, 1, width=32)


def arr(*values):
    """A float32 array."""
    return jnp.array(values, jnp.float32)


def whole_numbers(shape, most):
    """Arrays of whole numbers from 0 to `most`."""
    return hnp.arrays(np.int32, shape, elements=st.integers(0, most))


# --- Fire.


def test_greenness_halves_in_31_days():
    params = fire.Params()
    half = float(params.seasoning) * math.log(2)
    np.testing.assert_allclose(fire.greenness(params, arr(-5, 0, half, 1e4)), [1, 1, 0.5, 0], atol=1e-6)


def test_power_counts_arms_and_seasoning():
    params = fire.Params()
    got = fire.power(params, arr(0, 1, 0, 1), arr(1, 1, 1.5, 1.5)) / fire.UNIT
    weak = 1 - float(params.green_weakness)
    np.testing.assert_allclose(got, [1, weak, 1.5, 1.5 * weak], atol=0.5 / fire.UNIT)


def test_a_broken_line_brings_three_tenths():
    power = jnp.full((2, 3), 500.0)
    broken = jnp.array([[True, False, False], [False, True, False]])
    got = fire.standing(fire.Params(), power, broken)
    np.testing.assert_allclose(got, [[150, 500, 500], [500, 150, 500]], rtol=1e-6)


exposure = partial(fire.exposure, fire.Params())


def test_how_attacks_are_shared_out_does_not_change_the_total():
    assault = arr(0.2, 0.5, 1.0, 2.0)
    share = 0.6
    attack = share / assault.mean()
    risk = exposure(0.01, arr(0, 0, 0, 0), trench=1 - share, attack=attack, assault=assault, refuse=arr(0, 0, 0, 0))
    assert float(risk.mean()) == pytest.approx(0.01, rel=1e-6)
    assert (np.diff(risk) > 0).all()


def test_a_man_who_refuses_runs_the_trenchs_risk_only():
    refuse = arr(0, 0.5, 1)
    risk = exposure(0.01, arr(0, 0, 0), trench=0.3, attack=0.7, assault=arr(1, 1, 1), refuse=refuse)
    np.testing.assert_allclose(risk, [0.01, 0.0065, 0.003], rtol=1e-5)
    sure = exposure(5.0, arr(1), trench=0.3, attack=0.7, assault=arr(1), refuse=arr(0))
    assert float(sure[0]) == pytest.approx(0.9)


def test_means_of_fixed_numbers():
    total = fire.fixed(arr(0.25, 0.75)).sum()[None]
    assert fire.mean_of_fixed(total, jnp.array([2]), 1.0)[0] == 0.5
    assert fire.mean_of_fixed(jnp.array([0]), jnp.array([0]), 1.0)[0] == 1


# --- Perception.


def days_of_learning(days, speed, risk, trust, seen, admitted):
    """Beliefs after so many days of the same losses."""
    step = lambda _, held: perception.learn(speed, held, trust, seen, admitted)
    return jax.lax.fori_loop(0, days, step, risk)


@pytest.mark.parametrize("speed", [1 / 30, 0.1, 0.5])
def test_the_illusion_halves_at_its_half_life(speed):
    half = -math.log(2) / math.log(1 - speed)
    days = round(4 * half)
    left = 1e-2 - days_of_learning(days, speed, arr(0), arr(0), arr(1e-2), arr(0))[0]
    assert -days * math.log(2) / math.log(left / 1e-2) == pytest.approx(half, rel=0.01)


@pytest.mark.parametrize(("trust", "belief"), [(0.0, 5e-3), (1.0, 5e-4), (0.5, 2.75e-3)])
def test_what_is_believed_in_the_end(trust, belief):
    got = days_of_learning(2000, 1 / 30, arr(2e-4), arr(trust), arr(5e-3), arr(5e-4))[0]
    assert float(got) == pytest.approx(belief, rel=1e-4)


def test_an_army_replaced_faster_than_it_learns_never_learns():
    """A share `r` of men is new each day: the mean belief settles at (alpha seen + r prior)/(alpha + r)."""
    speed, new, prior = 1 / 30, 0.1, 2e-4
    held = arr(prior)
    for _ in range(300):
        held = (1 - new) * perception.learn(speed, held, arr(0), arr(1e-2), arr(0)) + new * prior
    alpha = speed * (1 - new)
    assert float(held[0]) == pytest.approx((alpha * 1e-2 + new * prior) / (alpha + new), rel=1e-3)


def test_men_see_their_company_and_their_brigade():
    params = perception.Params()
    got = perception.seen(params, arr(0.02, 0.0)[:, None], arr(0.01))
    np.testing.assert_allclose(got[:, 0], [0.015, 0.005], rtol=1e-6)


def test_a_running_mean_forgets_in_its_days():
    memory = perception.notice(arr(0.0), arr(1.0), jnp.float32(7))
    for _ in range(6):
        memory = perception.notice(memory, arr(0.0), jnp.float32(7))
    assert float(memory[0]) == pytest.approx((1 / 7) * (6 / 7) ** 6, rel=1e-5)
    assert float(perception.notice(arr(0.2), arr(0.8), jnp.float32(0.5))[0]) == pytest.approx(0.8)


def hopes(held=0.0, news=0.0, balance=0.0, ground=0.0, broken=0.0, hear=0.0, tell=0.0):
    """Tomorrow's prospects."""
    values = dict(news=news, balance=balance, ground=ground, broken=broken, hear=hear, tell=tell)
    pairs = {name: arr(v, v) for name, v in values.items()}
    return float(perception.prospects(perception.Params(), arr(held, held), **pairs)[0])


def test_prospects_drift_to_what_news_balance_and_ground_say():
    assert hopes(held=0.5, news=0.5) == pytest.approx(0.5)
    assert hopes(news=0.3) == pytest.approx(0.01, rel=1e-5)
    assert hopes(balance=math.log(2)) == pytest.approx(0.5 * math.log(2) / 30, rel=1e-5)
    assert hopes(ground=10) == pytest.approx(0.2 / 30, rel=1e-5)
    assert hopes(broken=0.5) == pytest.approx(-0.5 / 30, rel=1e-5)
    assert hopes(news=1, balance=9, ground=900) == pytest.approx(1 / 30, rel=1e-5)


def test_a_public_signal_sets_the_prospects_of_those_who_hear_it():
    assert hopes(held=0.5, news=0.5, hear=1, tell=-0.9) == pytest.approx(-0.9)
    assert hopes(held=0.5, news=0.5, hear=0.6, tell=0.6 * -0.9) == pytest.approx(0.4 * 0.5 - 0.54)


@given(st.tuples(*[st.floats(-9, 9, width=32)] * 7))
def test_prospects_stay_in_bounds(values):
    assert -1 <= hopes(*values) <= 1


# --- Bond.


@given(SHARES, SHARES, SHARES)
def test_the_bond_lies_between_all_stand_and_all_go(squad, company, brigade):
    shaken = bond.shaken(bond.Params(), arr(squad), arr(company), arr(brigade))
    tie = float(bond.bond(shaken)[0])
    assert -1 <= tie <= 1
    more = bond.bond(bond.shaken(bond.Params(), arr(squad + 0.1), arr(company), arr(brigade)))
    assert float(more[0]) <= tie


def test_the_bond_at_its_ends_and_between():
    params = bond.Params()
    at = lambda share: float(bond.bond(bond.shaken(params, arr(share), arr(share), arr(share)))[0])
    assert at(0) == 1
    assert at(1 / float(params.sharpness) / 2) == pytest.approx(0, abs=1e-6)
    assert at(1) == -1
    assert float(params.squad_weight + params.company_weight + params.brigade_weight) == pytest.approx(1)


def test_an_exit_weighs_as_many_man_days_as_memory_is_long():
    params = bond.Params()
    memory, weight = bond.remember(params, arr(0), arr(1)), 0.0
    for _ in range(400):
        weight += float(memory[0])
        memory = bond.remember(params, memory, arr(0))
    assert weight == pytest.approx(float(params.memory), rel=1e-4)


# --- Pursuit.

TRIED = [0.0, 0.5, 3.0, 30.0, 1e6]


@pytest.mark.parametrize("tried", TRIED)
def test_arrests_follow_hollings_curve(tried):
    got = pursuit.chance(pursuit.Params(), arr(3.0), arr(tried))
    assert float(got[0]) == pytest.approx(0.8 * 3 / (3 + tried), rel=1e-6)


def test_a_brigade_that_breaks_together_swamps_the_patrols():
    arrests = pursuit.chance(pursuit.Params(), arr(3.0), arr(1e7)) * 1e7
    assert float(arrests[0]) == pytest.approx(0.8 * 3.0, rel=1e-5)


@pytest.mark.parametrize("step", [0.0, 0.3, 1.0])
def test_the_chance_seen_mixes_step_and_slope(step):
    params = dataclasses.replace(pursuit.Params(), step=step)
    room, tried = arr(*[3.0] * 5), arr(0.0, 2.7, 3.0, 3.3, 30.0)
    logistic = special.expit((3 - np.asarray(tried)) / 0.3)
    expected = step * 0.8 * logistic + (1 - step) * 0.8 * 3 / (3 + np.asarray(tried))
    np.testing.assert_allclose(pursuit.seen(params, room, tried), expected, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("tried", [0.0, 2.5, 3.0, 3.4, 20.0])
def test_the_slope_seen_is_the_gradient(tried):
    params = pursuit.Params()
    exact = jax.grad(lambda d: pursuit.seen(params, arr(3.0), d[None])[0])(jnp.float32(tried))
    assert float(pursuit.seen_slope(params, arr(3.0), arr(tried))[0]) == pytest.approx(float(exact), rel=1e-4, abs=1e-7)


def test_capacity_scales_with_men_authority_and_enforcement():
    params = pursuit.Params()
    assert float(pursuit.capacity(params, arr(1000), arr(0.5), arr(2))[0]) == pytest.approx(3.0)
    nobody = pursuit.capacity(params, arr(0), arr(1), arr(1))
    assert np.isfinite(pursuit.seen(params, nobody, arr(0))).all()
    assert np.isfinite(pursuit.seen_slope(params, nobody, arr(5))).all()


def test_attempts_are_a_weeks_mean():
    memory = arr(0)
    for _ in range(200):
        memory = pursuit.attempts(pursuit.Params(), memory, arr(4))
    assert float(memory[0]) == pytest.approx(4, rel=1e-4)


# --- Choice.


def test_dread_is_death_later_discounted_and_bounded():
    params = choice.Params()
    got = choice.dread(params, arr(0, 1e-3, 10))
    full = float(params.death_weight * params.present_bias)
    np.testing.assert_allclose(got, [0, full * (1 - math.exp(-0.18)), full], rtol=1e-5, atol=1e-7)


def test_the_wish_to_stay_counts_each_reason_once():
    params = choice.Params()
    calm = {"authority": 1, "prospects": 0, "unpaid": 0, "unfed": 0, "patron_gone": 0, "rout": 0, "cold": 0}
    stay = lambda **changed: float(choice.brigade_stay(params, **{k: arr(v) for k, v in (calm | changed).items()})[0])
    assert stay() == 0
    weights = {
        "unpaid": "unpaid_weight",
        "unfed": "unfed_weight",
        "patron_gone": "patron_weight",
        "rout": "rout_weight",
    }
    for name, weight in weights.items():
        assert stay(**{name: 1}) == pytest.approx(-float(getattr(params, weight)))
    assert stay(authority=0) == pytest.approx(-float(params.authority_weight))
    assert stay(prospects=-1) == pytest.approx(-float(params.prospects_weight))
    assert stay(cold=0.4) == pytest.approx(-0.4)


def test_what_each_way_out_is_worth():
    params = choice.Params()
    home = choice.desert_utility(params, arr(0.9), arr(0.4), arr(math.log(2)))
    assert float(home[0]) == pytest.approx(
        float(-params.desert_cost + params.exit_weight * 0.4 - params.sanction_weight * 0.8)
    )
    cost, pull = float(params.surrender_cost), float(params.captor_weight)
    give_up = choice.surrender_utility(params, arr(0, 0.5, 1, 0.5), arr(0, 0, 0, 1.2))
    np.testing.assert_allclose(give_up, [-cost - pull, -cost, -cost + pull, -cost - 1.2], rtol=1e-6)


@pytest.mark.parametrize("noise", [0.01, 0.5, 5.0])
@pytest.mark.parametrize(("desert", "surrender"), [(-1.0, -3.0), (-3.0, -1.0)])
def test_a_way_out_that_is_closed_is_not_there(noise, desert, surrender):
    params = dataclasses.replace(choice.Params(), noise=noise)
    worth, share = choice.way_out(params, arr(desert), arr(surrender), arr(1), arr(0))
    assert float(worth[0]) == pytest.approx(desert, abs=1e-4)
    assert share[0] == 0
    worth, share = choice.way_out(params, arr(desert), arr(surrender), arr(0), arr(1))
    assert float(worth[0]) == pytest.approx(surrender, abs=1e-4)
    assert share[0] == 1


def test_two_like_ways_out_are_worth_more_than_one():
    params = choice.Params()
    worth, share = choice.way_out(params, arr(-1), arr(-1), arr(1), arr(1))
    assert float(worth[0]) == pytest.approx(-1 + float(params.noise) * math.log(2), rel=1e-5)
    assert float(share[0]) == pytest.approx(0.5)


def test_a_humane_captor_turns_leavers_into_prisoners():
    params = choice.Params()
    captor = jnp.linspace(0, 1, 11)
    nobody = jnp.zeros(11)
    give_up = choice.surrender_utility(params, captor, nobody)
    home = choice.desert_utility(params, nobody + 0.5, nobody + 0.4, nobody)
    worth, share = choice.way_out(params, home, give_up, nobody + 1, nobody + 1)
    assert (np.diff(share) > 0).all()
    assert (np.diff(worth) > 0).all()
    assert float(share[-1]) >= 2 * float(share[3])  # survival in captivity from .3 to .95 at least doubles it
    blocked = choice.surrender_utility(params, captor, nobody + 1)
    assert (choice.way_out(params, home, blocked, nobody + 1, nobody + 1)[1] < share).all()


def test_a_near_home_turns_leavers_into_deserters():
    params = choice.Params()
    near, nobody = jnp.linspace(0, 1, 11), jnp.zeros(11)
    home = choice.desert_utility(params, near, nobody + 0.4, nobody)
    share = choice.way_out(params, home, nobody - 1, nobody + 1, nobody + 1)[1]
    assert (np.diff(share) < 0).all()


def test_certainty_of_capture_moves_exits_more_than_severity():
    """At the starting values: the chance doubled, against the feared cost doubled at the same product."""
    params = choice.Params()
    leave = lambda caught, sanction: choice.leave(
        choice.desert_utility(params, arr(0.5), arr(caught), arr(math.log(sanction))), arr(3.0)
    )
    # Fear alone is a product; certainty also stops men: those who get away are 1 - p of those who try.
    certain, severe = leave(0.6, 1) * (1 - 0.6), leave(0.3, 2) * (1 - 0.3)
    assert float(leave(0.6, 1)[0]) == pytest.approx(float(leave(0.3, 2)[0]), rel=1e-5)
    assert float(certain[0]) < float(severe[0])


def test_leaving_is_a_logit():
    got = choice.leave(arr(-1), arr(0, -1, 4))
    np.testing.assert_allclose(got, [1 / (1 + math.e), 0.5, 1 / (1 + math.exp(5))], rtol=1e-5)


def test_nobody_refuses_an_order_that_is_not_given():
    calm = choice.refuse(arr(1.4), arr(0), arr(6))
    ordered = choice.refuse(arr(1.4), arr(1), arr(6))
    assert float(calm[0]) == pytest.approx(1 / (1 + math.exp(6)), rel=1e-4)
    assert ordered[0] > calm[0]


MEN = 10**6
CUTS = {"killed": 0.02, "hit": 0.07, "leaving": 0.3, "surrender": 0.2, "gone": 0.5, "jailed": 0.6, "refusing": 0.25}


def outcomes(day=0, **changed):
    """What becomes of a million men."""
    cuts = {name: jnp.float32(value) for name, value in (CUTS | changed).items()}
    return np.asarray(choice.outcome(chance.uniforms(MEN, day=day), **cuts))


def test_outcomes_come_as_often_as_intended():
    shares = np.zeros(8)
    shares[choice.KILLED], shares[choice.WOUNDED] = 0.02, 0.05
    shares[choice.SURRENDERED], shares[choice.DESERTED] = 0.3 * 0.2, 0.3 * 0.3
    shares[choice.JAILED], shares[choice.CAUGHT] = 0.3 * 0.1, 0.3 * 0.4
    shares[choice.REFUSED] = 0.25
    shares[choice.STAYS] = 1 - shares.sum()
    assert chance.fits(np.bincount(outcomes(), minlength=8), shares * MEN)


def test_rare_outcomes_come_as_often_as_intended():
    rare = {
        "killed": 2e-4,
        "hit": 8e-4,
        "leaving": 1e-3,
        "surrender": 0.1,
        "gone": 0.4,
        "jailed": 0.5,
        "refusing": 3e-4,
    }
    counts = sum(np.bincount(outcomes(day, **rare), minlength=8) for day in range(8))
    shares = np.array([0, 2e-4, 6e-4, 3e-4, 1e-4, 1e-4, 5e-4, 3e-4])
    shares[0] = 1 - shares.sum()
    assert chance.fits(counts, shares * 8 * MEN)


def test_a_change_of_fire_leaves_the_choices_of_those_it_misses():
    calm, fierce = outcomes(killed=0.0, hit=0.0), outcomes(killed=0.1, hit=0.3)
    missed = fierce > choice.WOUNDED
    assert (calm[missed] == fierce[missed]).all()
    assert ((calm == fierce) | (fierce == choice.KILLED) | (fierce == choice.WOUNDED)).all()


def test_a_change_of_will_leaves_the_casualties():
    hit = lambda what: (what == choice.KILLED) | (what == choice.WOUNDED)
    willing, unwilling = outcomes(leaving=0.0, refusing=0.0), outcomes(leaving=0.5, refusing=0.4)
    np.testing.assert_array_equal(hit(willing), hit(unwilling))


def test_a_better_captor_moves_deserters_only():
    low, high = outcomes(surrender=0.1), outcomes(surrender=0.3)
    moved = low != high
    assert (low[moved] == choice.DESERTED).all()
    assert (high[moved] == choice.SURRENDERED).all()


def test_what_is_certain_and_what_is_impossible():
    none = dict.fromkeys(CUTS, 0.0)
    assert (outcomes(**none) == choice.STAYS).all()
    assert (outcomes(**none | {"killed": 1.0, "hit": 1.0}) == choice.KILLED).all()
    assert (outcomes(**none | {"leaving": 1.0, "gone": 1.0, "jailed": 1.0}) == choice.DESERTED).all()


# --- Echelons.


@jax.jit
def packed_counts(what):
    """Men of each squad with outcomes 1 to 7, by way of one packed word."""
    packed = echelons.pack(what).sum(axis=0)
    return echelons.unpack(packed, choice.REFUSED)


@given(hnp.arrays(np.int32, (15, 3, 2, 4), elements=st.integers(0, 7)))
def test_packed_counts_come_out_as_they_went_in(what):
    for outcome, count in enumerate(packed_counts(what), start=1):
        np.testing.assert_array_equal(count, (what == outcome).sum(axis=0))


@given(whole_numbers((3, 2, 4), 15))
def test_totals_of_echelons_agree(squads):
    squads = jnp.asarray(squads)
    np.testing.assert_array_equal(echelons.company(squads).sum(axis=0), echelons.brigade(squads))
    side = jnp.array([0, 0, 1, 1])
    both = np.asarray(echelons.by_side(echelons.brigade(squads), side))
    assert both.tolist() == [squads[..., :2].sum(), squads[..., 2:].sum()]


@given(whole_numbers((3, 7), 1000))
def test_sides_add_up(men):
    side = jnp.array([0, 0, 0, 1, 1, 1, 1])
    expected = np.stack([men[:, :3].sum(axis=1), men[:, 3:].sum(axis=1)], axis=1)
    np.testing.assert_array_equal(echelons.by_side(jnp.asarray(men), side), expected)
    together = echelons.totals({str(row): jnp.asarray(men[row]) for row in range(3)}, side)
    np.testing.assert_array_equal(np.stack([together[str(row)] for row in range(3)]), expected)


def test_sectors_leave_the_reserve_out():
    side, sector = jnp.array([0, 0, 0, 1, 1]), jnp.array([0, 0, 2, 1, 2])
    got = echelons.by_sector(arr(1, 2, 4, 8, 16), side, sector, 2)
    np.testing.assert_array_equal(got, [[3, 0], [0, 8]])
    back = echelons.at_brigades(got, side, sector, arr(-1, -2)[side])
    np.testing.assert_array_equal(back, [3, 3, -1, 8, -2])


# --- Replacement.

share_out = jax.jit(replacement.share_out)
draw = jax.jit(replacement.draw_from_regions)
into_slots = jax.jit(replacement.into_slots)
BRIGADE_SIDE, REGION_SIDE = np.array([0, 0, 1, 1, 1]), np.array([0, 0, 0, 1, 1])


@given(whole_numbers((5, 4), 40), whole_numbers((4,), 150))
def test_men_are_shared_out_whole(places, supply):
    got = np.asarray(share_out(places, supply))
    assert (got >= 0).all()
    assert (got <= places).all()
    wanted = np.minimum(places.sum(axis=0), supply)
    assert (got.sum(axis=0) <= supply).all()
    np.testing.assert_array_equal(np.where(supply >= places.sum(axis=0), got.sum(axis=0), wanted), wanted)


@given(whole_numbers((6, 1), 100_000), st.integers(0, 2_000_000))
def test_large_numbers_are_shared_out_to_the_last_man_or_nearly(places, supply):
    got = np.asarray(share_out(places, np.array([supply], np.int32)))
    wanted = min(places.sum(), supply)
    assert wanted - 1 <= got.sum() <= wanted  # rounding may leave one man for tomorrow
    assert (got <= places).all()


def test_sharing_out_is_even():
    got = np.asarray(share_out(np.full((10, 1), 30, np.int32), np.array([100], np.int32)))
    assert set(got[:, 0]) == {10}


@given(whole_numbers((4, 5), 12), whole_numbers((5,), 60), SHARES.filter(lambda x: x < 1), SHARES)
def test_drafts_are_paid_for_by_the_regions_of_their_own_side(places, trained, start, other):
    granted, region, given_ = map(np.asarray, draw(places, trained, BRIGADE_SIDE, REGION_SIDE, arr(start, other)))
    assert (granted >= 0).all()
    assert (granted <= places).all()
    assert (given_ >= 0).all()
    assert (given_ <= trained).all()
    paid = np.bincount(region.ravel(), weights=granted.ravel(), minlength=5)
    np.testing.assert_array_equal(paid, given_)
    for side in (0, 1):
        mine = (side == BRIGADE_SIDE)[None, :] & (granted > 0)
        assert (REGION_SIDE[region[mine]] == side).all()


def test_every_region_sends_men_in_its_turn():
    """Over many days each region gives in proportion to what it has, though a draft is cut at its border."""
    places = np.full((4, 5), 2, np.int32)
    trained = np.array([300, 100, 200, 500, 100], np.int32)
    starts = np.stack([np.arange(997) / 997] * 2, axis=1).astype(np.float32)
    given_ = np.asarray(jax.vmap(lambda s: draw(places, trained, BRIGADE_SIDE, REGION_SIDE, s)[2])(starts))
    mean = given_.mean(axis=0)
    np.testing.assert_allclose(mean[:3] / mean[:3].sum(), trained[:3] / 600, atol=0.01)
    np.testing.assert_allclose(mean[3:] / mean[3:].sum(), trained[3:] / 600, atol=0.01)
    assert mean[:3].sum() > 0.95 * 16
    assert mean[3:].sum() > 0.95 * 24


@given(hnp.arrays(bool, (6, 3, 2)), whole_numbers((3, 2), 8), whole_numbers((3, 2), 8))
def test_slots_are_taken_once_and_only_where_there_is_a_vacancy(vacant, healed, fresh):
    old, new = map(np.asarray, into_slots(vacant, healed, fresh))
    free = vacant.sum(axis=0)
    assert not (old & new).any()
    assert not ((old | new) & ~vacant).any()
    np.testing.assert_array_equal(old.sum(axis=0), np.minimum(free, healed))
    np.testing.assert_array_equal((old | new).sum(axis=0), np.minimum(free, healed + fresh))


# --- Care.


@pytest.mark.parametrize(("rate", "stock"), [(0.0137, 37), (1 / 60, 3), (0.4, 11), (1.0, 5), (0.003, 100)])
def test_some_is_right_on_average_and_never_more_than_there_are(rate, stock):
    draws = chance.uniforms(200_000)
    got = np.asarray(care.some(jnp.full(draws.shape, rate), jnp.full(draws.shape, stock), draws))
    assert got.min() >= 0
    assert got.max() <= stock
    fraction = rate * stock % 1
    assert chance.near(got.mean(), rate * stock, np.sqrt(fraction * (1 - fraction) / len(got)) + 1e-6)


@pytest.mark.parametrize("stock", [1, 7, 60, 95, 1000])
@pytest.mark.parametrize("fit_share", [0.5, 0.83])
def test_hospitals_send_the_fit_share_back(stock, fit_share):
    params, draws = care.Params(), chance.uniforms(400_000)
    each = lambda value: jnp.full(draws.shape, value)
    fit, unfit = map(np.asarray, care.out_of_hospital(params, each(stock), each(jnp.float32(fit_share)), draws))
    assert (fit >= 0).all()
    assert (unfit >= 0).all()
    assert (fit + unfit <= stock).all()
    leaving = stock / float(params.healing)
    error = np.sqrt(min(leaving, 0.5) / len(draws))
    assert chance.near((fit + unfit).mean(), leaving, error)
    assert chance.near(fit.mean(), fit_share * leaving, error)


def test_returns_rise_with_authority_and_amnesty():
    params = care.Params()
    back = lambda authority, push: float(care.return_chance(params, arr(authority), arr(push))[0])
    assert back(1, 0) == pytest.approx(0.005)
    assert back(0.5, 0) == pytest.approx(0.0025)
    assert back(1, math.log(3)) == pytest.approx(0.015)
    assert back(1, 50) == 1


# --- Mobilisation.


@given(*[st.floats(0.125, 4, width=32)] * 2, SHARES, SHARES, st.floats(0, 3, width=32))
def test_those_called_comply_hide_or_flee(pay, income, jail, dread, border):
    comply, evade = mobilisation.answers(
        mobilisation.Params(), arr(pay), arr(income), arr(jail), arr(dread), arr(border)
    )
    assert comply[0] >= 0
    assert evade[0] >= 0
    assert float(comply[0] + evade[0]) <= 1 + 1e-6


def test_the_answers_are_a_logit():
    params = mobilisation.Params()
    comply, evade = mobilisation.answers(params, arr(2), arr(1), arr(0.5), arr(0.7), arr(1.5))
    weights = np.exp([float(params.pay_pull) * math.log(2) + float(params.jail_push) * 0.5, 0.7, 0.7 - 1.5])
    np.testing.assert_allclose([comply[0], evade[0]], (weights / weights.sum())[:2], rtol=1e-5)


def test_pay_and_jail_fill_the_ranks_and_dread_empties_them():
    comply = lambda *values: float(mobilisation.answers(mobilisation.Params(), *map(arr, values))[0][0])
    base = comply(1, 1, 0.5, 0.7, 1)
    assert comply(2, 1, 0.5, 0.7, 1) > base
    assert comply(1, 2, 0.5, 0.7, 1) < base
    assert comply(1, 1, 1.0, 0.7, 1) > base
    assert comply(1, 1, 0.5, 1.4, 1) < base


@given(whole_numbers((6,), 5000), hnp.arrays(np.float32, (3, 6), elements=SHARES), st.integers(0, 10_000))
def test_notices_are_answered_by_whole_men(eligible, draws, day):
    """As the day does it: nobody is called twice and nobody is lost."""
    rng = np.random.default_rng(day)
    notices = mobilisation.whole(jnp.asarray(rng.gamma(1, 800, 6), jnp.float32), draws[0], eligible)
    comply, evade = rng.dirichlet([1, 1, 1], 6).T[:2].astype(np.float32)
    complied = mobilisation.whole(comply * notices, draws[1], notices)
    evaded = mobilisation.whole(evade * notices, draws[2], notices - complied)
    fled = notices - complied - evaded
    for men in (notices, complied, evaded, fled):
        assert (np.asarray(men) >= 0).all()
    assert (np.asarray(notices) <= eligible).all()


def test_whole_men_are_right_on_average():
    draws = chance.uniforms(100_000)
    got = np.asarray(mobilisation.whole(jnp.full(draws.shape, 3.3), draws, jnp.int32(10)))
    assert chance.near(got.mean(), 3.3, np.sqrt(0.21 / len(got)))


def test_contracts_rise_with_pay_and_fall_with_the_risk_believed():
    params = mobilisation.Params()
    sign = lambda pay, now, then: float(mobilisation.signing(params, arr(pay), arr(now), arr(then))[0])
    assert sign(1, 0.3, 0.3) == pytest.approx(1)
    assert sign(2, 0.3, 0.3) == pytest.approx(2 ** float(params.pay_pull), rel=1e-5)
    assert sign(1, 0.8, 0.3) == pytest.approx(math.exp(-0.5), rel=1e-5)


def test_home_learns_late_and_from_the_official_line():
    params = mobilisation.Params()
    held = jnp.zeros(3)
    trust = arr(0, 0.5, 1)
    for day in range(600):
        held = mobilisation.home_risk(params, held, jnp.full(3, 1e-3), trust, jnp.full(3, 1e-4))
        if day == 59:
            np.testing.assert_allclose(held[0], 1e-3 * (1 - (1 - 1 / 60) ** 60), rtol=1e-4)
    np.testing.assert_allclose(held, [1e-3, 5.5e-4, 1e-4], rtol=1e-3)


def test_protest_is_for_the_burdened_and_the_shut_out():
    params = mobilisation.Params()
    protest = lambda burden, shut, support: float(mobilisation.protest(params, arr(burden), arr(shut), arr(support))[0])
    assert protest(1.0, 1, 10) == protest(0.4, 1, 10) == 0
    assert protest(1.4, 0, 50) == pytest.approx(0.2)
    assert protest(1.4, 1, 50) == pytest.approx(0.4)
    assert protest(9.0, 1, 0) <= 1  # a share, whatever the burden
    assert protest(2.0, 0, 20) > protest(2.0, 0, 50) > protest(2.0, 0, 80)


# --- Regime.


def rule(elite, vitality, personalism=0.8):
    """The authority of one regime."""
    return float(regime.authority(arr(elite), arr(vitality), arr(personalism))[0])


def test_a_leaders_death_does_little_where_elites_are_united():
    fall = lambda elite: 1 - rule(elite, 0) / rule(elite, 1)
    assert fall(1.0) == 0
    assert fall(0.95) < 0.05
    assert fall(0.3) > 0.5
    assert fall(0.6) == pytest.approx(0.8 * 0.4, rel=1e-5)


def test_where_power_is_not_personal_the_leaders_death_does_nothing():
    assert rule(0.4, 0, 0) == rule(0.4, 1, 0) == pytest.approx(0.4)


@given(SHARES, SHARES, SHARES)
def test_authority_is_a_share_and_rises_with_vigour(elite, vitality, personalism):
    assert 0 <= rule(elite, vitality, personalism) <= elite + 1e-6
    assert rule(elite, vitality, personalism) <= rule(elite, 1, personalism) + 1e-6


def cohesion(elite, **pressed):
    """Tomorrow's cohesion of one regime under pressures."""
    values = {"level": 0.8, "broken": 0.0, "net_exits": 0.0, "protest": 0.0, "blow": 0.0} | pressed
    return float(regime.cohesion(regime.Params(), arr(elite), **{k: arr(v) for k, v in values.items()})[0])


def test_cohesion_drifts_and_each_pressure_costs_what_it_says():
    assert cohesion(0.8) == pytest.approx(0.8)
    assert cohesion(0.2) == pytest.approx(0.2 + 0.6 / 60)
    assert cohesion(0.8, broken=1.0) == pytest.approx(0.8 - 0.5 / 60)
    assert cohesion(0.8, net_exits=0.01) == pytest.approx(0.8 - 0.2 / 60)
    assert cohesion(0.8, protest=1.0) == pytest.approx(0.8 - 0.1 / 60)
    assert cohesion(0.8, blow=0.35) == pytest.approx(0.45)
    assert cohesion(0.8, net_exits=-0.5) == pytest.approx(0.8)  # men who come back do not unite elites
    assert cohesion(0.8, blow=5.0) == pytest.approx(0.02)


def test_a_successor_fills_the_place_in_about_half_a_year():
    params = regime.Params()
    held = regime.gap(params, arr(0), arr(1))
    assert held[0] == 1
    for _ in range(180):
        held = regime.gap(params, held, arr(0))
    assert float(held[0]) == pytest.approx(math.exp(-3), rel=0.05)
    assert regime.gap(params, arr(0.9), arr(0.5))[0] > 0.8


def test_leaders_die_by_gompertz():
    params = regime.Params()
    at = lambda age: float(regime.death_chance(params, arr(age))[0]) * 365.25
    assert at(71) == pytest.approx(0.027, rel=0.02)
    assert at(71 + math.log(2) / 0.0887) == pytest.approx(2 * at(71), rel=1e-3)
    assert at(math.nan) == 0


# --- Front.


def flags(*rows):
    """A mask."""
    return jnp.array(rows, bool)


def test_force_ratios_are_opposite_and_bounded():
    strength = jnp.array([[1.0, 0.5, 0.0, 1.0, 0.0], [1.0, 1.0, 0.0, 0.0, 2.0]])
    ratio = np.asarray(front.log_ratio(strength, strength > 0))
    np.testing.assert_allclose(ratio[0], [0, -math.log(2), 0, 5, -5], atol=1e-6)
    np.testing.assert_allclose(ratio[0], -ratio[1])


def test_a_broken_line_is_pursued_beyond_the_dead_band_only():
    z = jnp.stack([arr(-3, -0.3, -0.1, 0, 0.2, 5), arr(3, 0.3, 0.1, 0, -0.8, -5)])
    got = front.pursued(front.Params(), z)
    np.testing.assert_allclose(got[0], [8 * math.tanh(2.7), 0, 0, 0, 0, 0], atol=1e-5)
    np.testing.assert_allclose(got[1], [0, 0, 0, 0, 8 * math.tanh(0.5), 8 * math.tanh(4.7)], atol=1e-5)


def test_positions_give_way_by_men_hit_in_the_enemys_attacks():
    params = dataclasses.replace(front.Params(), breakpoint=0.1, price=0.2, odds=1.5)
    hit, effort = jnp.array([[0.02, 0.0], [0.02, 0.0]]), jnp.array([[0.04, 0.0], [0.0, 0.0]])
    even = front.yields(params, jnp.zeros((2, 2)), hit, effort)
    np.testing.assert_allclose(even, [[0.2 + 0.2, 0], [0.2, 0]], rtol=1e-6)
    twice = front.yields(params, jnp.full((2, 2), math.log(2)), hit, effort)
    np.testing.assert_allclose(twice, np.asarray(even) / 2**1.5, rtol=1e-6)


def test_with_nothing_paid_and_odds_off_breakpoints_are_exponential():
    """However fast men are hit, the chance to stand up to a loss of `f` is exp(-f / breakpoint)."""
    params = dataclasses.replace(front.Params(), breakpoint=0.12, odds=0.0)
    for pace in (0.001, 0.02, 0.2):
        days = 0.3 / pace  # until three tenths are hit
        lost = front.yields(params, jnp.full((2, 1), -0.7), jnp.full((2, 1), pace), jnp.zeros((2, 1)))
        np.testing.assert_allclose(np.exp(-np.asarray(lost) * days), math.exp(-0.3 / 0.12), rtol=1e-5)


def test_works_and_a_worn_enemy_hold_a_line():
    params = dataclasses.replace(front.Params(), wear=2.0)
    ratio, works = jnp.array([[-0.5], [0.5]]), jnp.array([[0.7], [0.0]])
    losses = jnp.array([[0.1], [0.3]])
    np.testing.assert_allclose(front.edge(params, ratio, works, losses), [[-0.5 + 0.7 + 0.4], [0.5 - 0.4]], rtol=1e-5)


def test_a_thin_line_loses_deeper_positions():
    params = dataclasses.replace(front.Params(), bound=1.2, thinness=0.5, usual_density=400.0)
    got = front.grind(params, jnp.full((2, 2), 0.01), jnp.array([[400.0, 100.0], [1600.0, 0.0]]))
    np.testing.assert_allclose(got, [[0.012, 0.024], [0.006, 0.012 * 20]], rtol=1e-5)


def test_neighbours():
    count, both = front.neighbours_broken(flags([1, 0, 1, 0, 0], [0, 1, 1, 1, 0]))
    np.testing.assert_array_equal(count, [[0, 2, 0, 1, 0], [1, 1, 2, 1, 1]])
    np.testing.assert_array_equal(both, flags([0, 1, 0, 0, 0], [0, 0, 1, 0, 0]))


def breaks(ratio, neighbours=0, shock=0.0, luck_=0.5):
    """Whether one sector gives way."""
    one = lambda value, dtype=jnp.float32: jnp.full((2, 1), value, dtype)
    log = one(math.log(ratio))
    return bool(front.breaks(front.Params(), log, one(neighbours, jnp.int32), one(shock), one(luck_))[0, 0])


def test_a_line_breaks_when_outmatched_and_sooner_beside_a_break():
    assert breaks(0.44)
    assert not breaks(0.46)
    assert breaks(0.54, neighbours=1)
    assert not breaks(0.56, neighbours=1)
    assert breaks(0.64, neighbours=2)


def test_a_line_breaks_by_surprise_as_often_as_said():
    one = jnp.zeros((2, 100_000))
    draws = chance.uniforms(200_000).reshape(2, -1)
    shocked = front.breaks(front.Params(), one, one.astype(int), jnp.array([[0.02], [0.004]]), draws)
    assert chance.near_share(int(shocked[0].sum()), 100_000, 0.02)
    assert chance.near_share(int(shocked[1].sum()), 100_000, 0.004)
    # Strain below z = -1 adds its own chance; with a ratio of 0.3 it would be outmatched anyway, so use a low bar.
    weak = dataclasses.replace(front.Params(), break_ratio=0.1)
    strained = front.breaks(weak, one - 1.01, one.astype(int), jnp.zeros((2, 1)), draws)
    assert chance.near_share(int(strained.sum()), 200_000, 0.05)


def test_a_line_stands_again_by_the_upper_hand_relief_or_rally():
    params = front.Params()
    even, weak = jnp.zeros((2, 1)), jnp.full((2, 1), -2.0)
    heal = lambda firm, relieved, raw, authority, draw_: bool(
        front.heals(
            params, jnp.full((2, 1), firm), jnp.full((2, 1), relieved), raw, jnp.full((2, 1), authority),
            jnp.full((2, 1), draw_),
        )[0, 0]
    )  # fmt: skip
    assert heal(5, False, weak, 1.0, 0.0)
    assert not heal(4, False, weak, 1.0, 0.999)
    assert heal(0, True, weak, 0.0, 0.0)
    assert heal(0, False, even, 1.0, 0.98)
    assert not heal(0, False, even, 1.0, 0.94)
    assert not heal(0, False, even, 0.0, 0.999)


def test_supply_runs_out_in_a_pocket_and_comes_back_after():
    params, level = front.Params(), jnp.ones((2, 1))
    held = jnp.ones((2, 1))
    for _ in range(5):
        held = front.supply(params, held, flags([1], [0]), level)
    np.testing.assert_allclose(held[:, 0], [0.5, 1], atol=1e-6)
    for _ in range(20):
        held = front.supply(params, held, flags([1], [0]), level)
    assert held[0, 0] == 0
    for _ in range(20):
        held = front.supply(params, held, flags([0], [0]), 0.7 * level)
    np.testing.assert_allclose(held[:, 0], 0.7, atol=0.01)


MINE, USABLE = flags([1, 1, 1, 1, 0, 0])[0], flags([1, 1, 1, 1, 1, 1])[0]
MARCH = int(front.Params().march)
POSTS, HALT = jnp.array([0, 1, 3, 3, 3, 1]), jnp.zeros(6, int)


def dispatch(sector=POSTS, travel=HALT, usable=USABLE, broken=(0, 1, 1), ratio=(0.0, -0.5, -0.9)):
    """Where the brigades are after reserves were sent, on a front of three sectors."""
    own = dict(usable=MINE & usable, broken=flags(broken)[0], ratio=arr(*ratio))
    moved = front.dispatch(front.Params(), sector, travel, **own)
    return [np.asarray(x).tolist() for x in moved]


def test_one_reserve_marches_to_the_weakest_break():
    assert dispatch() == [[0, 1, 2, 3, 3, 1], [0, 0, MARCH, 0, 0, 0]]


def test_the_next_day_another_goes_where_none_is_marching():
    sector, travel = dispatch()
    again = dispatch(jnp.array(sector), jnp.array(travel))
    assert again == [[0, 1, 2, 1, 3, 1], [0, 0, MARCH, MARCH, 0, 0]]


def test_nobody_marches_without_need_or_without_reserves():
    assert dispatch(broken=(0, 0, 0)) == [POSTS.tolist(), HALT.tolist()]
    away = jnp.array([0, 1, 2, 2, 3, 1])
    assert dispatch(away) == [away.tolist(), HALT.tolist()]
    closed = flags([1, 1, 0, 0, 1, 1])[0]
    assert dispatch(usable=closed) == [POSTS.tolist(), HALT.tolist()]


def release(sector, wanted, broken=(0, 0), ratio=(1.0, 0.2), travel=None):
    """Where six brigades of one side are after one went back, on a front of two sectors."""
    sector = jnp.array(sector)
    travel = jnp.zeros(6, int) if travel is None else jnp.array(travel)
    own = dict(usable=jnp.ones(6, bool), broken=flags(broken)[0], ratio=arr(*ratio), wanted=jnp.int32(wanted))
    back = front.release(front.Params(), sector, travel, **own)
    return np.asarray(back).tolist()


def test_a_brigade_goes_back_where_the_upper_hand_is_greatest():
    assert release([0, 0, 0, 1, 1, 1], 1) == [2, 0, 0, 1, 1, 1]
    assert release([0, 0, 0, 1, 1, 1], 1, ratio=(0.5, 0.9)) == [0, 0, 0, 2, 1, 1]


@pytest.mark.parametrize(
    ("sector", "wanted", "changed"),
    [
        ([0, 0, 0, 1, 1, 1], 0, {}),  # no reserve is wanted
        ([0, 0, 1, 1, 1, 2], 1, {}),  # the reserve is full
        ([0, 0, 1, 1, 1, 1], 1, {"ratio": (1.0, 0.2)}),  # the strong sector has but two, the other no upper hand
        ([0, 0, 0, 1, 1, 1], 1, {"broken": (1, 0)}),  # a broken sector gives nobody
        ([0, 0, 0, 1, 1, 1], 1, {"travel": [2, 0, 0, 0, 0, 0]}),  # a brigade on the march has not arrived
    ],
)
def test_nobody_goes_back_when(sector, wanted, changed):
    assert release(sector, wanted, **changed) == sector


# --- Desertion's reproduction number.


def test_the_bonds_reproduction_number_is_what_one_exit_adds():
    """One exit in the memories of a random leaver's squad, company and brigade, counted by differences."""
    params, tempo, brigades = bond.Params(), 0.05, 3
    rng = np.random.default_rng(4)
    shape = (5, 4, 3, brigades)
    slots, squads, companies, _ = shape
    wish = jnp.asarray(rng.normal(2.5, 1.0, shape), jnp.float32)
    posts = slots * squads * companies

    def leaving(squad, company, brigade):
        shaken = bond.shaken(params, squad / slots, company / (slots * squads), brigade / posts)
        return choice.leave(jnp.float32(-1), wish - 2.4 + params.coupling * bond.bond(shaken))

    zero = (jnp.zeros(shape[1:]), jnp.zeros(shape[2:]), jnp.zeros(brigades))
    s = jax.jit(leaving)(*zero)
    weights = (params.squad_weight, params.company_weight, params.brigade_weight)
    got = reproduction.through_bond(
        s.sum(0), (s * (1 - s)).sum(0), slots, jnp.full(brigades, posts), weights, jnp.ones(shape[1:])
    )
    gain = 2 * params.coupling * params.sharpness * params.memory * tempo
    slopes = jax.jit(jax.grad(lambda *held: leaving(*held).sum(), argnums=(0, 1, 2)))(*zero)
    total = slopes[0] + slopes[1] + slopes[2]  # one exit enters all three memories
    eager = s.sum(axis=0)
    expected = tempo * params.memory * (eager * total).sum(axis=(0, 1)) / eager.sum(axis=(0, 1))
    np.testing.assert_allclose(gain * got, expected, rtol=1e-4)


def test_the_patrols_reproduction_number_is_what_one_exit_adds():
    """Further exits by fewer arrests and by less fear of them, by the gradient in the attempts remembered."""
    params, will = pursuit.Params(), choice.Params()
    stay, room, tried = jnp.float32(2.0), arr(3.0), 2.0
    men = 500.0

    def away(attempts):
        seen, stopped = pursuit.seen(params, room, attempts), pursuit.chance(params, room, attempts)
        home = choice.desert_utility(will, arr(0.5), seen, arr(0))
        return (men * choice.leave(home, stay) * (1 - stopped))[0]

    seen, stopped = pursuit.seen(params, room, arr(tried)), pursuit.chance(params, room, arr(tried))
    s = choice.leave(choice.desert_utility(will, arr(0.5), seen, arr(0)), stay)
    got = reproduction.through_pursuit(
        men * s, men * s * (1 - s), home=arr(1), out=1 - stopped, chance=stopped, room=room + tried,
        seen_slope=pursuit.seen_slope(params, room, arr(tried)), fear=will.sanction_weight,
    )  # fmt: skip
    attempts_an_exit = 1 / (1 - stopped)
    expected = jax.grad(lambda d: away(d[None]))(jnp.float32(tried)) * attempts_an_exit
    assert float(got[0]) == pytest.approx(float(expected[0]), rel=1e-4)


def test_means_and_maxima_are_of_a_sides_own_brigades():
    side = jnp.array([[1.0, 1, 0, 0], [0, 0, 1, 1]])
    mean, most = reproduction.spread(arr(1, 3, 9, 5), arr(1, 3, 0, 2), side)
    np.testing.assert_allclose(mean, [2.5, 5])
    np.testing.assert_allclose(most, [3, 5])


# --- Whole numbers stay whole in the hospital, the prison and the draft board, whatever the luck.


@partial(jax.jit, static_argnames="days")
def a_year_of_care(days, words, hospital):
    """A closed rear: the sum of all stocks after each day."""
    params, posts = care.Params(), jnp.arange(len(hospital), dtype=jnp.uint32) << 17

    def day(stocks, word):
        ill, ready, out = stocks
        fit, unfit = care.out_of_hospital(params, ill, jnp.float32(0.5), rng.uniform(word, posts))
        stocks = ill - fit - unfit, ready + fit, out + unfit
        return stocks, sum(stocks)

    return jax.lax.scan(day, (hospital, 0 * hospital, 0 * hospital), words, length=days)


def test_a_hospital_empties_by_its_mean_stay_and_loses_nobody():
    hospital = jnp.array([1000, 500, 37, 4] * 50)
    (ill, ready, out), total = a_year_of_care(60, chance.words("brigade", days=60), hospital)
    np.testing.assert_array_equal(total, np.broadcast_to(hospital, total.shape))
    left = 1000 * (1 - 1 / 60) ** 60
    assert np.asarray(ill)[::4].mean() == pytest.approx(left, rel=0.01)
    both = np.asarray(ready + out).sum()
    assert np.asarray(ready).sum() / both == pytest.approx(0.5, abs=0.01)
