"""The elite layer alone: a global game of regime change, against its closed forms."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import optimize, stats

from holdfast.engine.mechanisms import regime


def cutoff(signal, stake, private, public):
    """The shipped cutoff for one signal."""
    return float(regime.threshold(jnp.array([signal, signal]), *map(jnp.float32, (stake, private, public)))[0])


def excess(theta, signal, stake, private, public):
    """The equation of the docstring in double precision: zero at a cutoff."""
    left = public * (theta - signal) - np.sqrt(private) * stats.norm.ppf(theta)
    return left - np.sqrt(private + public) * stats.norm.ppf(stake)


@pytest.mark.parametrize("stake", [0.1, 0.3, 0.5, 0.7, 0.9])
@pytest.mark.parametrize("signal", [0.1, 0.9])
def test_precise_private_information_leaves_one_less_the_stake(stake, signal):
    assert cutoff(signal, stake, 1e8, 1) == pytest.approx(1 - stake, abs=1e-4)


@pytest.mark.parametrize(("signal", "expected"), [(0.2, 0.9122), (0.5, 0.8360), (0.8, 0.7094)])
def test_finite_precision(signal, expected):
    assert cutoff(signal, 0.3, 4, 2) == pytest.approx(expected, abs=5e-5)


def test_equal_precision_and_even_odds():
    assert cutoff(0.5, 0.5, 1, 1) == pytest.approx(0.5, abs=1e-5)


def test_strong_public_signals_leave_three_cutoffs():
    case = (0.5, 0.5, 1, 4)
    grid = np.linspace(1e-4, 1 - 1e-4, 2000)
    at = excess(grid, *case)
    turns = np.flatnonzero(at[:-1] * at[1:] <= 0)
    roots = [optimize.brentq(excess, grid[i], grid[i + 1], args=case) for i in turns]
    np.testing.assert_allclose(roots, [0.0301, 0.5, 0.9699], atol=5e-5)
    # The shipped bisection meets one of them, and jumps between the outer two as the signal crosses the middle.
    assert np.abs(np.array(roots) - cutoff(*case)).min() < 1e-5
    assert cutoff(0.499, *case[1:]) == pytest.approx(0.9699, abs=5e-4)
    assert cutoff(0.501, *case[1:]) == pytest.approx(0.0301, abs=5e-4)


@pytest.mark.slow
def test_float32_solves_its_own_equation():
    """Over the range that the priors allow, the cutoff is right to 1e-5 where it is unique."""
    rng = np.random.default_rng(0)
    signal, stake = rng.uniform(-0.5, 1.5, 300), rng.uniform(0.05, 0.95, 300)
    private = np.exp(rng.normal(np.log(400), 0.7, 300))
    public = np.minimum(np.exp(rng.normal(np.log(25), 0.7, 300)), 0.9 * np.sqrt(2 * np.pi * private))
    found = jax.vmap(lambda z, *rest: regime.threshold(z[None], *rest)[0])(
        *(jnp.asarray(x, jnp.float32) for x in (signal, stake, private, public))
    )
    exact = [optimize.brentq(excess, 1e-12, 1 - 1e-12, args=case) for case in zip(signal, stake, private, public)]
    np.testing.assert_allclose(found, exact, atol=1e-5)


def test_a_hundred_thousand_elites_with_bayesian_cutoffs():
    """They split a regime just weaker than the cutoff, and not one just stronger."""
    case = signal, stake, private, public = 0.5, 0.3, 4.0, 2.0
    theta = cutoff(*case)
    rng = np.random.default_rng(1)
    falls = []
    for strength in (theta - 0.01, theta + 0.01):
        seen = strength + rng.normal(size=100_000) / np.sqrt(private)
        mean = (private * seen + public * signal) / (private + public)
        hopeful = stats.norm.cdf((theta - mean) * np.sqrt(private + public)) >= stake
        falls.append(hopeful.mean() >= strength)
    assert falls == [True, False]


def test_a_worse_public_signal_splits_stronger_regimes():
    signals = jnp.linspace(-0.2, 1.2, 29)
    params = regime.Params()
    at = np.asarray(regime.threshold(signals, params.stake, params.private_precision, params.public_precision))
    assert (np.diff(at) < 0).all()


def test_a_split_happens_below_the_cutoff_only():
    elite = jnp.array([0.31, 0.29])
    np.testing.assert_allclose(regime.after_split(regime.Params(), elite, jnp.array([0.3, 0.3])), [0.31, 0.2])
    np.testing.assert_allclose(regime.after_split(regime.Params(), jnp.array([0.1, 0.1]), jnp.array([0.3, 0.05])), 0.1)
