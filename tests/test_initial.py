"""The first morning: its equations by hand, and the same numbers from NumPy's arrays and from JAX's."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from holdfast.engine import initial
from holdfast.engine.mechanisms import perception
from holdfast.engine.simulate import World
from holdfast.engine.state import PRESENT
from holdfast.scenario import build, load


@pytest.fixture(scope="module")
def skirmish() -> World:
    return build.world(load.read("skirmish"), 100)[0]


def plain(record: Any) -> Any:
    return jax.tree.map(np.asarray, record)


def test_losses_are_the_killed_and_the_wounded_who_do_not_return() -> None:
    assert initial.losses(0.01, 0.25, 0.6, 2.0) == pytest.approx(0.01 * (0.25 + 0.75 * 0.4) * 2)


def test_the_newcomer_believes_the_prior_and_the_veteran_what_he_sees_or_is_promised() -> None:
    params = plain(perception.Params())
    tenure, loss, trust = np.array([0.0, 1e6, 1e6, 1e6]), np.full(4, 0.002), np.array([0.5, 0.0, 1.0, 0.5])
    risk = initial.believed_risk(params, tenure, loss, trust, np.full(4, 0.1))
    np.testing.assert_allclose(risk, [params.prior_risk, 0.002, 0.0002, 0.0011], rtol=1e-6)
    half = initial.believed_risk(params, np.array([np.log(2) * 30]), loss[:1], np.zeros(1), np.zeros(1))
    np.testing.assert_allclose(half, (float(params.prior_risk) + 0.002) / 2, rtol=1e-6)


def test_a_region_believes_its_burden_or_the_official_line() -> None:
    assert initial.home_risk(0.001, 1.5, 0.0, 0.1) == pytest.approx(0.0015)
    assert initial.home_risk(0.001, 1.5, 1.0, 0.1) == pytest.approx(0.0001)


@pytest.mark.slow
def test_the_first_day_kills_at_the_scenarios_rate(skirmish: World) -> None:
    """The mean hazard of the men present, green ones at their excess, is the rate given over the share killed."""
    document = load.read("skirmish")
    today = jax.tree.map(lambda leaf: leaf[0], skirmish.forcing)
    hazard, intensity = initial.first_hazard(skirmish.params, skirmish.setting, skirmish.state, today)
    army, side = plain(skirmish.state.army), np.asarray(skirmish.setting.side)
    green = np.exp(np.minimum(army.joined, 0) / float(skirmish.params.fire.seasoning))
    suffered = np.asarray(hazard) * (1 + float(skirmish.params.fire.green_excess) * green)
    for index, one in enumerate(document.side):
        here = (army.fate == PRESENT) & (side == index)
        assert one.killed_per_1000_month is not None
        wanted = one.killed_per_1000_month / 1000 / 30.44 / one.killed_share * float(intensity[index])
        assert suffered[here].mean() == pytest.approx(wanted, rel=1e-4)


@pytest.mark.slow
def test_both_kinds_of_arrays_give_one_first_morning(skirmish: World) -> None:
    """A scenario's world is built with NumPy's, the calibration's armies with JAX's."""
    params, setting, army = skirmish.params, skirmish.setting, skirmish.state.army
    loss, hazard = np.array([0.002, 0.001]), np.linspace(0.001, 0.004, len(setting.side))
    numpy_units = initial.units(plain(params), plain(setting), plain(army), loss)
    for one, other in zip(
        jax.tree.leaves(numpy_units),
        jax.tree.leaves(initial.units(params, setting, army, jnp.asarray(loss))),
        strict=True,
    ):
        np.testing.assert_allclose(one, other, rtol=1e-4)
    of_numpy = initial.hazard_scale(plain(params), plain(setting.side), plain(army), hazard, loss)
    of_jax = initial.hazard_scale(params, setting.side, army, jnp.asarray(hazard), jnp.asarray(loss))
    np.testing.assert_allclose(of_numpy, of_jax, rtol=1e-4)
