"""A year at the front: near-certain jail now against possible death later, in numbers."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import chance
from holdfast.core import rng
from holdfast.engine.mechanisms import choice, fire

MONTH, YEAR = 30.4375, 365
RATES = [(11, 87.6), (60, 47.6), (120, 21.6)]


def daily(killed_per_1000_month):
    """The daily chance that compounds to that share of the men in a month."""
    return 1 - (1 - killed_per_1000_month / 1000) ** (1 / MONTH)


def of_a_man(hazard):
    """His chance to be hit today: seasoned, on the average assault share, and he obeys."""
    return fire.exposure(fire.Params(), hazard, 0.0, trench=0.3, attack=0.7, assault=1.0, refuse=0.0)


@pytest.mark.parametrize(("rate", "percent"), RATES)
def test_twelve_months_worked_out(rate, percent):
    assert 100 * (1 - float(of_a_man(daily(rate)))) ** YEAR == pytest.approx(percent, abs=0.1)


@pytest.mark.parametrize(("rate", "percent"), RATES)
def test_twelve_months_drawn(rate, percent):
    men = 100_000
    number, none = jnp.arange(men, dtype=jnp.uint32), jnp.zeros(())
    killed = of_a_man(daily(rate))

    def day(alive, words):
        what = choice.outcome(
            rng.uniform(words, number),
            killed=killed,
            hit=killed,
            leaving=none,
            surrender=none,
            gone=none + 1,
            jailed=none + 1,
            refusing=none,
        )
        return alive & (what != choice.KILLED), None

    alive, _ = jax.jit(lambda words: jax.lax.scan(day, jnp.ones(men, bool), words))(chance.words(days=YEAR))
    left = int(np.asarray(alive).sum())
    assert chance.near(left / men, percent / 100, np.sqrt(0.25 / men) + 2e-4)


def test_green_men_live_less_long():
    params = fire.Params()
    tenure = jnp.arange(YEAR, dtype=jnp.float32)
    green = fire.greenness(params, tenure)
    fresh = fire.exposure(params, jnp.float32(daily(60)), green, trench=0.3, attack=0.7, assault=1.0, refuse=0.0)
    # The excess risk adds chi * tau_q days of ordinary risk, once.
    extra = float(params.green_excess * params.seasoning) * daily(60)
    assert float(fresh.sum()) - YEAR * daily(60) == pytest.approx(extra, rel=0.02)
