"""Granovetter (1978) and Kuran (1991) through the shipped choice and bond.

A man leaves when the share of his brigade that has left reaches his threshold. Tempo 1, exits remembered for
ever, only the brigade counts, and a coupling so strong that the logit is a step.
"""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from holdfast.core import rng
from holdfast.engine import echelons
from holdfast.engine.mechanisms import bond, choice

STEEPNESS = 30.0
"""Half a man's worth of thresholds, in nats: the logit is 0 or 1 to one in 10^13."""


@partial(jax.jit, static_argnames="days")
def leavers(resolve, coupling, tempo, days=5000):
    """Men gone when nothing moves any more, and the day on which the last left."""
    squads, companies, _ = resolve.shape
    men = squads * companies
    number = jnp.arange(men, dtype=jnp.uint32).reshape(resolve.shape)
    tie = bond.Params(
        coupling=coupling, sharpness=1, memory=jnp.inf, squad_weight=0, company_weight=0, brigade_weight=1
    )
    will = choice.Params(tempo=tempo, desert_cost=0)
    none, luck = jnp.zeros(1), jnp.asarray(rng.words(0, [0], range(days))["fate"][:, 0])
    # No fear of capture and no enemy in reach: the only way out is home, and it costs nothing.
    home = choice.desert_utility(will, none + 0.5, none, none)
    give_up = choice.surrender_utility(will, none, none)
    out, surrender = choice.way_out(will, home, give_up, none + 1, none)

    def day(held):
        date, present, left, last = held
        shaken = bond.shaken(tie, none, none, left / men)
        stay = resolve + tie.coupling * bond.bond(shaken)
        leaving = will.tempo * choice.leave(out, stay)
        what = choice.outcome(
            rng.uniform(luck[date], number),
            killed=none,
            hit=none,
            leaving=leaving,
            surrender=surrender,
            gone=none + 1,
            jailed=none + 1,
            refusing=none,
        )
        gone = present & (what == choice.DESERTED)
        exits = echelons.brigade(gone.astype(jnp.int32))
        last = jnp.where(exits[0] > 0, date, last)
        return date + 1, present & ~gone, bond.remember(tie, left, exits), last

    patience = 1 if days == 5000 else days
    start = (jnp.int32(0), jnp.ones(resolve.shape, bool), none, jnp.int32(0))
    _, present, left, last = jax.lax.while_loop(lambda h: (h[0] - h[3] <= patience) & (h[0] < days), day, start)
    return left[0], last, present.sum()


def gone(thresholds, tempo=1.0, **kwargs):
    """How many leave, each at his threshold in men."""
    thresholds = np.asarray(thresholds, np.float64)
    men = len(thresholds)
    coupling = STEEPNESS * men
    # stay < 0 exactly when the number gone reaches the threshold.
    resolve = coupling * (2 * (thresholds - 0.5) / men - 1)
    squads = 10 if men % 10 == 0 else 1
    resolve = jnp.asarray(resolve.reshape(squads, -1, 1), jnp.float32)
    left, last, present = leavers(resolve, coupling, tempo, **kwargs)
    assert int(left) + int(present) == men
    return int(left), int(last)


def test_thresholds_0_to_99_all_leave_one_a_day():
    assert gone(np.arange(100)) == (100, 99)


def test_without_the_man_of_threshold_1_only_one_leaves():
    thresholds = np.arange(100)
    thresholds[1] = 2
    assert gone(thresholds) == (1, 0)


def test_who_gets_how_far_does_not_depend_on_the_tempo():
    slow = np.arange(100)
    assert gone(slow, tempo=0.3, days=1500)[0] == 100
    slow[1] = 2
    assert gone(slow, tempo=0.3, days=200)[0] == 1


KURAN_A = [0, 20, 20, 30, 40, 50, 60, 70, 80, 100]
KURAN_B = [0, 20, 30, 30, 40, 50, 60, 70, 80, 100]


@pytest.mark.parametrize(
    ("thresholds", "softened", "share"),
    [(KURAN_A, False, 10), (KURAN_A, True, 90), (KURAN_B, False, 10), (KURAN_B, True, 20)],
)
def test_kurans_ten_people(thresholds, softened, share):
    percent = np.array(thresholds)
    if softened:
        percent[1] = 10  # one person's threshold falls from 20 to 10
    assert 10 * gone(percent / 10)[0] == share


@pytest.mark.parametrize(("sd", "percent"), [(12.20, 5.48), (12.25, 100.0)])
def test_normal_thresholds_jump_between_two_close_spreads(sd, percent):
    men = 10**6
    quantiles = stats.norm.ppf((np.arange(men) + 0.5) / men)
    thresholds = np.ceil((25 + sd * quantiles) / 100 * men)
    left, _ = gone(thresholds)
    assert 100 * left / men == pytest.approx(percent, abs=0.005)


def test_men_of_threshold_1_stay_for_a_year_when_nobody_leaves():
    assert gone(np.full(100, 1), days=365)[0] == 0
