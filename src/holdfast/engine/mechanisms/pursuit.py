"""Pursuit: how likely a deserter is to be caught, and how likely he thinks it."""

import jax
import jax.numpy as jnp

from holdfast.core.params import Beta, Fixed, LogNormal, par
from holdfast.core.types import PerBrigade, Record, Scalar


class Params(Record):
    capacity: Scalar = par(0.003, unit="1/d", prior=LogNormal(0.003, 0.6), pressure="coercion",
        source="starting value of the specification: c, arrests a day for each man present (docs/model.md §7)")  # fmt: skip
    ceiling: Scalar = par(0.8, unit="1", prior=Beta(8, 2), pressure="coercion",
        source="starting value of the specification: p_max (docs/model.md §7)")  # fmt: skip
    step: Scalar = par(
        0.5, unit="1", prior=Beta(1, 1), pressure="coercion",
        source="assumed: half and half; whether men see the risk as a step or a slope decides the bursts in Epstein 2002",
    )  # fmt: skip
    retained: Scalar = par(
        0.8, unit="1", prior=Beta(8, 2), pressure="coercion",
        source="specification (docs/model.md §2.5); Stalingrad Front 1942: 95 % of the men stopped went back to their units",
    )  # fmt: skip
    window: Scalar = par(7.0, unit="d", prior=LogNormal(7.0, 0.3), pressure="coercion",
        source="specification (docs/model.md §2.5)")  # fmt: skip
    width: Scalar = par(0.1, unit="1", prior=Fixed(0.01, 1), pressure="coercion",
        source="specification (docs/model.md §2.5): width of the step in the risk seen, as a share of capacity")  # fmt: skip


def capacity(params: Params, present: PerBrigade, authority: PerBrigade, enforcement: PerBrigade) -> PerBrigade:
    r"""Arrests that a brigade's provosts can make in a day, $Cap = c\cdot$present$\cdot A\cdot$enforcement.

    Args:
        params: the declared parameters.
        present: men present, `[B]` [billets].
        authority: authority of the regime, $A$, `[B]` [0-1].
        enforcement: multiplier on the capacity, `[B]` [1].

    Returns:
        The capacity, at least a millionth, `[B]` [1/d].
    """
    return jnp.maximum(params.capacity * present * authority * enforcement, 1e-6)


def chance(params: Params, capacity: PerBrigade, attempts: PerBrigade) -> PerBrigade:
    r"""Chance that an attempt is stopped, $p_c = p_{max} Cap/(Cap + D)$: patrols can be swamped.

    Holling's type II response; for crime, Kleiman (1993), "Enforcement swamping".

    Args:
        params: the declared parameters.
        capacity: $Cap$, `[B]` [1/d].
        attempts: attempts a day, $D$, `[B]` [1/d].

    Returns:
        The chance, `[B]` [1].
    """
    return params.ceiling * capacity / (capacity + attempts)


def seen(params: Params, capacity: PerBrigade, attempts: PerBrigade) -> PerBrigade:
    r"""The chance as men see it: part step, part slope.

    $$\hat p = \psi p_{max}\sigma\!\left(\frac{Cap-D}{w\,Cap}\right) + (1-\psi) p_c$$

    Args:
        params: the declared parameters; `width` is $w$.
        capacity: $Cap$, `[B]` [1/d].
        attempts: attempts a day, $D$, `[B]` [1/d].

    Returns:
        The chance, `[B]` [1].
    """
    step = params.ceiling * jax.nn.sigmoid((capacity - attempts) / (params.width * capacity))
    return params.step * step + (1 - params.step) * chance(params, capacity, attempts)


def seen_slope(params: Params, capacity: PerBrigade, attempts: PerBrigade) -> PerBrigade:
    r"""$d\hat p/dD$: how much less an arrest is feared for each further attempt a day.

    Args:
        params: the declared parameters.
        capacity: $Cap$, `[B]` [1/d].
        attempts: attempts a day, $D$, `[B]` [1/d].

    Returns:
        The slope, `[B]` [d].
    """
    s = jax.nn.sigmoid((capacity - attempts) / (params.width * capacity))
    step = -params.ceiling * s * (1 - s) / (params.width * capacity)
    slope = -chance(params, capacity, attempts) / (capacity + attempts)
    return params.step * step + (1 - params.step) * slope


def attempts(params: Params, memory: PerBrigade, today: PerBrigade) -> PerBrigade:
    """Running mean of attempts a day.

    Args:
        params: the declared parameters.
        memory: the mean so far, `[B]` [1/d].
        today: today's attempts, `[B]` [1/d].

    Returns:
        The mean in the evening, `[B]` [1/d].
    """
    return memory + (today - memory) / params.window
