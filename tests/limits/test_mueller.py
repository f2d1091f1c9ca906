"""Mueller (1973): support falls about 15 points for every tenfold of the dead, in Korea as in Vietnam."""

import jax.numpy as jnp
import numpy as np
import pytest

from holdfast.engine.mechanisms import mobilisation

PARAMS = mobilisation.Params()


def support(dead, prospects=-0.5, forced=0.2, start=70.0, before=1000.0):
    """Points of support of two like sides."""
    both = lambda value: jnp.full(2, value, jnp.float32)
    points = mobilisation.support(
        PARAMS,
        both(start),
        dead=both(dead),
        dead_before=both(before),
        forced=both(forced),
        forced_before=both(0.2),
        prospects=both(prospects),
    )
    return float(points[0])


@pytest.mark.parametrize("tenfolds", [1, 2, 3])
def test_fifteen_points_a_tenfold(tenfolds):
    assert 70 - support(1000.0 * 10**tenfolds) == pytest.approx(15 * tenfolds, abs=1e-3)


def test_it_is_the_ratio_that_counts():
    falls = [support(dead) - support(2 * dead) for dead in (1e3, 1e4, 1e5)]
    np.testing.assert_allclose(falls, 15 * np.log10(2), atol=1e-3)


def test_the_same_deaths_cost_less_when_the_war_looks_won():
    at = [support(1e4, prospects) for prospects in (-1.0, 0.0, 0.3, 0.6, 1.0)]
    assert at[0] == at[1] == pytest.approx(55, abs=1e-3)
    assert (np.diff(at[1:]) > 0).all()
    assert at[-1] <= 70


def test_men_called_up_cost_more_than_men_bought():
    assert support(1e4, forced=0.8) < support(1e4, forced=0.2) < support(1e4, forced=0.0)


def test_points_stay_between_0_and_100():
    assert support(1e12, forced=1.0) == 0
    assert support(1000.0, start=130.0) == 100
