"""Brock and Durlauf (2001) through refusal, the reversible choice.

Theirs: `P(stay) = 1/(1 + exp(-2(h + J m)))`, so `m = tanh(h + J m)`. Ours: `P(refuse) = sigma(dread - common)`
with `common = 2h + J' m` and `m = 1 - 2 share`, so that `J'` in nats is twice their `J`.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import chance
from holdfast.core import rng
from holdfast.engine import echelons
from holdfast.engine.mechanisms import bond, choice

WILL = choice.Params()


def tie_of(coupling):
    """A bond of the brigade alone, with their J in nats."""
    return bond.Params(coupling=2 * coupling, sharpness=1, squad_weight=0, company_weight=0, brigade_weight=1)


def common(tie, pull, refusing):
    """What holds every man back from refusing, when so many refuse already."""
    shaken = bond.shaken(tie, jnp.zeros_like(refusing), jnp.zeros_like(refusing), refusing)
    return 2 * pull + tie.coupling * bond.bond(shaken)


def fold(coupling):
    """Where the branch of those who obey ends: sqrt(J(J - 1)) - artanh(sqrt((J - 1)/J))."""
    return np.sqrt(coupling * (coupling - 1)) - np.arctanh(np.sqrt((coupling - 1) / coupling))


@jax.jit
def settled(coupling, pull, refusing):
    """The share that refuses when nothing moves any more."""
    tie = tie_of(coupling)
    dread, attack = jnp.zeros_like(pull), jnp.ones_like(pull)
    today = lambda _, share: choice.refuse(dread, attack, common(tie, pull, share))
    return jax.lax.fori_loop(0, 4000, today, refusing)


def branches(coupling, pulls):
    """The bond that remains, from all obeying and from all refusing."""
    pulls = jnp.asarray(pulls, jnp.float32)
    share = [settled(coupling, pulls, jnp.full_like(pulls, start)) for start in (0.0, 1.0)]
    return [np.asarray(bond.bond(s)) for s in share]


@pytest.mark.parametrize(("coupling", "edge"), [(1.2, 0.0564), (1.5, 0.2075), (2.0, 0.5328)])
def test_folds_to_three_decimals(coupling, edge):
    assert fold(coupling) == pytest.approx(edge, abs=5e-5)
    pulls = np.array([-edge - 5e-4, -edge + 5e-4, edge - 5e-4, edge + 5e-4])
    obeyed, refused = branches(coupling, pulls)
    assert (obeyed > 0).tolist() == [False, True, True, True]
    assert (refused > 0).tolist() == [False, False, False, True]


def test_what_remains_just_past_the_fold_is_a_mutiny():
    obeyed, _ = branches(1.5, [-0.2070, -0.2080])
    assert obeyed[0] == pytest.approx(0.604, abs=0.03)  # the branch ends as a square root
    assert obeyed[1] == pytest.approx(-0.920, abs=0.001)


@pytest.mark.parametrize("coupling", [1.2, 1.5, 2.0])
def test_hysteresis_is_twice_the_fold_wide(coupling):
    step = 1e-3
    pulls = np.arange(-0.7, 0.7, step) + step / 2
    obeyed, refused = branches(coupling, pulls)
    both = (obeyed > 0) & (refused < 0)
    assert both.sum() * step == pytest.approx(2 * fold(coupling), abs=2 * step)


@pytest.mark.parametrize("coupling", [0.5, 0.9])
def test_no_hysteresis_below_one(coupling):
    obeyed, refused = branches(coupling, np.linspace(-0.7, 0.7, 1401))
    np.testing.assert_allclose(obeyed, refused, atol=1e-5)


@pytest.mark.parametrize("coupling", [0.9, 1.5])
def test_a_sweep_there_and_back(coupling):
    """As a war would do it: the pull falls day by day and rises again, and each day starts from the last."""
    there = np.linspace(0.6, -0.6, 1201)
    path = jnp.asarray(np.concatenate([there, there[::-1]]), jnp.float32)

    def day(share, pull):
        share = settled(coupling, pull, share)
        return share, bond.bond(share)

    _, m = jax.jit(lambda path: jax.lax.scan(day, jnp.zeros(()), path))(path)
    m, back = np.asarray(m[:1201]), np.asarray(m[1201:])[::-1]
    width = there[np.argmax(m < 0)] - there[np.argmax(back < 0)]
    expected = 2 * fold(coupling) if coupling > 1 else 0
    assert -width == pytest.approx(expected, abs=0.003)


@jax.jit
def brigade(pull, number, days):
    """A brigade of a million men who draw each day: the share that refuses in the end, started from none."""
    tie, none = tie_of(1.5), jnp.zeros(1)

    def day(refusing, words):
        share = (refusing / number.size).astype(jnp.float32)
        chance_ = choice.refuse(none, none + 1, common(tie, pull, share))
        what = choice.outcome(
            rng.uniform(words, number),
            killed=none,
            hit=none,
            leaving=none,
            surrender=none,
            gone=none + 1,
            jailed=none + 1,
            refusing=chance_,
        )
        return echelons.brigade((what == choice.REFUSED).astype(jnp.int32)), chance_

    refusing, chances = jax.lax.scan(day, jnp.zeros(1, jnp.int32), days)
    return refusing[0] / number.size, chances[-1, 0]


@pytest.mark.parametrize(("pull", "obeys"), [(-0.20, True), (-0.22, False)])
@pytest.mark.slow
def test_a_million_men_who_draw_find_the_same_fold(pull, obeys):
    number = jnp.arange(10**6, dtype=jnp.uint32).reshape(10, -1, 1)
    share, expected = brigade(pull, number, chance.words(days=200))
    assert (share < 0.5) == obeys
    assert chance.near_share(int(share * 10**6), 10**6, float(expected))
