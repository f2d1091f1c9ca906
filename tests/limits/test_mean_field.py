"""The mean-field limit: in one large brigade the soldiers' choices follow a differential equation.

With n the share who are there and M the remembered exits as a share of the establishment,

    dn/dt = -lambda s n,   dM/dt = lambda s n - M / tau_m,   s = sigma(V - J (1 - 2 min(1, s_g M)))

The day by day expectation tends to it as the day becomes a short step, and drawn brigades to that expectation.
"""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from holdfast.core import rng
from holdfast.engine.mechanisms import bond, choice

DAYS, TEMPO, FADE = 240, 0.01, 60.0
BOND = dataclasses.replace(
    bond.Params(), squad_weight=0, company_weight=0, brigade_weight=1, memory=FADE, sharpness=2.0
)
WAYS_OUT = [-1.0, 1.0, 2.0]


def chance_to_leave(params, memory, tempo, way_out):
    """What the shipped bond and choice give a brigade that remembers a share of exits."""
    tie = bond.bond(bond.shaken(params, 0.0, 0.0, memory))
    return tempo * choice.leave(way_out, params.coupling * tie)


def expected(way_out, finer=1):
    """Share who are there at the end of each day, on average, with days cut into `finer` steps."""
    params = dataclasses.replace(BOND, memory=FADE * finer)
    share, memory, shares = 1.0, jnp.zeros(()), []
    for step in range(DAYS * finer):
        left = share * float(chance_to_leave(params, memory, TEMPO / finer, way_out))
        share, memory = share - left, bond.remember(params, memory, left)
        if (step + 1) % finer == 0:
            shares.append(share)
    return np.array(shares)


def drawn(way_out, brigade, men=100_000):
    """The same of one brigade, man by man."""
    present, memory, shares = np.ones(men, bool), jnp.zeros(()), []
    for day in range(DAYS):
        leaving = chance_to_leave(BOND, memory / men, TEMPO, way_out)
        uniform = rng.uniform(np.array([day, brigade], np.uint32), np.arange(men, dtype=np.uint32))
        what = np.asarray(
            choice.outcome(
                uniform, killed=0.0, hit=0.0, leaving=leaving, surrender=0.0, gone=1.0, jailed=1.0, refusing=0.0
            )
        )
        left = present & (what == choice.DESERTED)
        present &= ~left
        memory = bond.remember(BOND, memory, jnp.float32(left.sum()))
        shares.append(present.mean())
    return np.array(shares)


def equation(way_out):
    """The share by the differential equation."""
    coupling, sharp = float(BOND.coupling), float(BOND.sharpness)

    def flow(_, now):
        share, memory = now
        tie = 1 - 2 * min(1, sharp * memory)
        exits = TEMPO * share / (1 + np.exp(-(way_out - coupling * tie)))
        return [-exits, exits - memory / FADE]

    days = np.arange(1, DAYS + 1)
    return solve_ivp(flow, (0, DAYS), [1.0, 0.0], t_eval=days, rtol=1e-9, atol=1e-11).y[0]


@pytest.mark.parametrize("way_out", WAYS_OUT)
def test_the_expected_day_tends_to_the_differential_equation(way_out):
    exact, day, half = equation(way_out), expected(way_out), expected(way_out, finer=2)
    assert 0.03 < 1 - exact[-1] < 0.95  # something happens, and not everything
    # Euler's error is of the first order: it halves with the step, and what is left after extrapolation is of the
    # second. Single precision adds a few 1e-6.
    assert np.abs(2 * half - day - exact).max() < 0.1 * np.abs(day - exact).max() + 1e-5


@pytest.mark.slow
@pytest.mark.parametrize("way_out", WAYS_OUT)
def test_drawn_brigades_follow_the_expected_day(way_out):
    brigades = np.array([drawn(way_out, brigade)[39::40] for brigade in range(12)])
    error = brigades.std(axis=0, ddof=1) / np.sqrt(len(brigades))
    # With 12 brigades the error is itself uncertain by a fifth, hence 6 of it and not 4.5.
    assert (np.abs(brigades.mean(axis=0) - expected(way_out)[39::40]) < 6 * error).all()
