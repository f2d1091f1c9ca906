"""Lanchester's laws through the shipped hazard, with hazards a hundredth of the textbook's so that a day is short."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import chance
from holdfast.core import rng
from holdfast.engine.mechanisms import choice, fire

ESTABLISHMENT = 1000.0
SQUARE, LINEAR, LOGARITHMIC = (1, 1), (1, 0), (0, 0)


def law(exponents):
    """Fire with these exponents of enemy and own power."""
    enemy, own = exponents
    return dataclasses.replace(fire.Params(), enemy_exponent=enemy, own_exponent=own)


def hazards(params, base, men):
    """Daily hazards of two armies of seasoned, ordinary men in one sector, `[2]`."""
    power = fire.power(params, fire.greenness(params, jnp.full(2, jnp.inf)), jnp.ones(2)) / fire.UNIT
    own = fire.standing(params, (men * power)[:, None], jnp.zeros((2, 1), bool)) / ESTABLISHMENT
    return fire.hazard(params, jnp.asarray(base), own)[:, 0]


def course(exponents, base, days):
    """Expected men of both sides, day by day, `[D 2]`."""
    params = law(exponents)

    def day(men, _):
        men = jnp.maximum(men - men * hazards(params, base, men), 0)
        return men, men

    start = jnp.array([1000.0, 800.0])
    return np.asarray(jax.jit(lambda s: jax.lax.scan(day, s, length=days)[1])(start))


def test_square_law_leaves_600_at_day_10986():
    men = course(SQUARE, [1e-4, 1e-4], 11_200)
    over = int(np.argmax(men[:, 1] < 0.5))
    assert over == pytest.approx(10_986, rel=0.002)
    assert men[over, 0] == pytest.approx(600, rel=0.002)
    kept = men[:over, 0] ** 2 - men[:over, 1] ** 2
    np.testing.assert_allclose(kept, 600**2, rtol=0.002)


def test_square_law_of_unequal_weapons():
    # b/a = 1.25^2: the fewer but better fight to the last man.
    men = course(SQUARE, [1.25e-4, 0.8e-4], 8000)
    kept = 0.8 * men[:, 0] ** 2 - 1.25 * men[:, 1] ** 2
    np.testing.assert_allclose(kept, 0, atol=0.002 * 0.8e6)


def test_linear_law_leaves_200():
    men = course(LINEAR, [1e-2, 1e-2], 10_000)
    assert men[-1, 1] < 0.01
    assert men[-1, 0] == pytest.approx(200, rel=0.002)


def test_logarithmic_law_keeps_the_ratio():
    men = course(LOGARITHMIC, [1e-4, 1e-4], 11_000)
    np.testing.assert_allclose(men[:, 0] / men[:, 1], 1.25, rtol=1e-3)
    np.testing.assert_allclose(men[-1, 0], 1000 * (1 - 1e-4) ** 11_000, rtol=1e-3)


def test_no_enemy_no_fire():
    for exponents in (SQUARE, LINEAR, LOGARITHMIC):
        at = np.asarray(hazards(law(exponents), [0.01, 0.01], jnp.array([900.0, 0.0])))
        assert at[0] == 0


@pytest.mark.parametrize("exponents", [SQUARE, LOGARITHMIC])
@pytest.mark.slow
def test_men_who_draw_follow_the_law_on_average(exponents):
    """64 duels, soldier by soldier. The square and the logarithmic law are linear, so their means are exact."""
    days, duels, base = 250, 64, 2e-3
    params = law(exponents)
    side = jnp.repeat(jnp.array([0, 1]), jnp.array([1000, 800]), total_repeat_length=1800)
    number = jnp.arange(1800, dtype=jnp.uint32)[:, None] * duels + jnp.arange(duels, dtype=jnp.uint32)
    none = jnp.zeros(())

    def day(present, words):
        men = jnp.stack([present[:1000].sum(0), present[1000:].sum(0)]).astype(jnp.float32)
        hit = jax.vmap(lambda m: hazards(params, [base, base], m), 1, 1)(men)[side]
        what = choice.outcome(
            rng.uniform(words, number),
            killed=hit,
            hit=hit,
            leaving=none,
            surrender=none,
            gone=none + 1,
            jailed=none + 1,
            refusing=none,
        )
        return present & (what != choice.KILLED), None

    fight = jax.jit(lambda words: jax.lax.scan(day, jnp.ones((1800, duels), bool), words)[0])
    present = np.asarray(fight(chance.words(days=days)))
    seen = np.stack([present[:1000].sum(0), present[1000:].sum(0)])
    expected = course(exponents, [base, base], days)[-1]
    assert chance.near(seen.mean(axis=1), expected, seen.std(axis=1, ddof=1) / np.sqrt(duels))


def test_a_battle_uses_the_sum_of_both_exponents():
    """The slope of the log loss ratio on the log force ratio is 1 - a - d: near the 0.29 of 654 battles."""
    params = fire.Params()
    men = jnp.array([2000.0, 1000.0])
    lost = np.asarray(men * hazards(params, [1e-3, 1e-3], men))
    slope = np.log(lost[0] / lost[1]) / np.log(2)
    assert slope == pytest.approx(1 - float(params.enemy_exponent + params.own_exponent), abs=1e-5)
    assert slope == pytest.approx(0.29, abs=0.08)
