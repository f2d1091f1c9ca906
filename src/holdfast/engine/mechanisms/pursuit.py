"""Pursuit: how likely a deserter is to be caught, and how likely he thinks it."""

import jax
import jax.numpy as jnp

from holdfast.core.params import Beta, LogNormal, par
from holdfast.core.types import PerBrigade, Record, Scalar


class Params(Record):
    capacity: Scalar = par(
        0.003, unit="1/d", prior=LogNormal(0.003, 0.6), pressure="coercion",
        source="starting value of the specification: c, arrests a day for each man present (docs/model.md §7)",
    )  # fmt: skip
    ceiling: Scalar = par(
        0.8, unit="1", prior=Beta(8, 2), pressure="coercion",
        source="starting value of the specification: p_max (docs/model.md §7)",
    )  # fmt: skip
    step: Scalar = par(
        0.5, unit="1", prior=Beta(1, 1), pressure="coercion",
        source="assumed: half and half; whether men see the risk as a step or a slope decides the bursts in Epstein 2002",
    )  # fmt: skip
    kept: Scalar = par(
        0.8, unit="1", prior=Beta(8, 2), pressure="coercion",
        source="specification (docs/model.md §2.5); Stalingrad Front 1942: 95 % of the men stopped went back to their units",
    )  # fmt: skip
    window: Scalar = par(
        7.0, unit="d", prior=LogNormal(7.0, 0.3), pressure="coercion",
        source="specification (docs/model.md §2.5)",
    )  # fmt: skip


def capacity(params: Params, present: PerBrigade, authority: PerBrigade, enforcement: PerBrigade) -> PerBrigade:
    r"""Arrests that a brigade's provosts can make in a day, $Cap = c\cdot$present$\cdot A\cdot$enforcement."""
    return jnp.maximum(params.capacity * present * authority * enforcement, 1e-6)


def chance(params: Params, capacity: PerBrigade, attempts: PerBrigade) -> PerBrigade:
    r"""Chance that an attempt is stopped, $p_c = p_{max} Cap/(Cap + D)$: patrols can be swamped [1].

    Holling's type II response; for crime, Kleiman (1993), "Enforcement swamping".
    """
    return params.ceiling * capacity / (capacity + attempts)


def seen(params: Params, capacity: PerBrigade, attempts: PerBrigade) -> PerBrigade:
    r"""The chance as men see it: part step, part slope [1].

    $$\hat p = \psi p_{max}\sigma\!\left(\frac{Cap-D}{0.1\,Cap}\right) + (1-\psi) p_c$$
    """
    step = params.ceiling * jax.nn.sigmoid((capacity - attempts) / (0.1 * capacity))
    return params.step * step + (1 - params.step) * chance(params, capacity, attempts)


def seen_slope(params: Params, capacity: PerBrigade, attempts: PerBrigade) -> PerBrigade:
    r"""$d\hat p/dD$: how much less an arrest is feared for each further attempt a day [d/man]."""
    s = jax.nn.sigmoid((capacity - attempts) / (0.1 * capacity))
    step = -params.ceiling * s * (1 - s) / (0.1 * capacity)
    slope = -chance(params, capacity, attempts) / (capacity + attempts)
    return params.step * step + (1 - params.step) * slope


def attempts(params: Params, memory: PerBrigade, today: PerBrigade) -> PerBrigade:
    """Running mean of attempts a day [men/d]."""
    return memory + (today - memory) / params.window
