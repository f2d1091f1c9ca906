"""Fire: how much power a man brings, and how likely he is to be hit today."""

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from holdfast.core.params import Beta, Fixed, LogNormal, Normal, par
from holdfast.core.types import PerBrigade, PerSide, PerSideSector, Record, Scalar, Slab, SlabCount

UNIT = 256
"""Power and assault shares are summed in 1/256 of a man: integers add up the same in any order."""


class Params(Record):
    enemy_exponent: Scalar = par(0.5, unit="1", prior=Normal(0.5, 0.3), pressure="structure",
        source="Lanchester's a; CDB90 slope 0.29 of loss ratio on force ratio gives a + d near 0.7")  # fmt: skip
    own_exponent: Scalar = par(0.2, unit="1", prior=Normal(0.2, 0.3), pressure="structure",
        source="Lanchester's d; CDB90 slope 0.29 of loss ratio on force ratio gives a + d near 0.7")  # fmt: skip
    green_excess: Scalar = par(2.0, unit="1", prior=LogNormal(2.0, 0.5), pressure="losses",
        source="starting value of the specification: chi (docs/model.md §7)")  # fmt: skip
    green_weakness: Scalar = par(0.4, unit="1", prior=Beta(4, 6), pressure="losses",
        source="assumed: a man fresh from training brings 0.6 of a seasoned man's power")  # fmt: skip
    seasoning: Scalar = par(45.0, unit="d", prior=LogNormal(45.0, 0.4), pressure="losses",
        source="starting value of the specification: tau_q (docs/model.md §7)")  # fmt: skip
    broken_power: Scalar = par(
        0.3, unit="1", prior=Beta(3, 7), pressure="shock", source="specification (docs/model.md §2.2)"
    )
    reserve_exposure: Scalar = par(0.1, unit="1", prior=Beta(2, 18), pressure="structure",
        source="assumed: share of the line's fire that reaches reserves")  # fmt: skip
    most_hit: Scalar = par(0.9, unit="1", prior=Fixed(0, 1), pressure="structure",
        source="assumed: greatest daily chance of being hit (docs/model.md §2.2)")  # fmt: skip


def greenness(params: Params, tenure: Slab) -> Slab:
    r"""How green a man still is, $e^{-\mathrm{tenure}/\tau_q}$: 1 untrained, towards 0 seasoned.

    Args:
        params: the declared parameters.
        tenure: days served, `[Q C B]` [d].

    Returns:
        The greenness, `[Q C B]` [0-1].
    """
    return jnp.exp(-jnp.maximum(tenure, 0) / params.seasoning)


def power(params: Params, green: Slab, arms: Slab) -> SlabCount:
    """Fighting power of each man, in 1/256 of a seasoned ordinary man.

    Args:
        params: the declared parameters.
        green: greenness, `[Q C B]` [0-1].
        arms: worth of his kind's arms, `[Q C B]` [1].

    Returns:
        The power, a whole number, `[Q C B]`.
    """
    return fixed(arms * (1 - params.green_weakness * green))


def standing(params: Params, power: Float[Array, "2 K"], broken: Bool[Array, "2 K"]) -> PerSideSector:
    """Power that counts in a sector, $F$: a broken line brings `broken_power` of it.

    Args:
        params: the declared parameters.
        power: power of the men there, `[2 K]` [trained men].
        broken: whether the line is broken, `[2 K]`.

    Returns:
        The power, `[2 K]` [trained men].
    """
    return power * jnp.where(broken, params.broken_power, 1)


def hazard(params: Params, base: PerSide, own: PerSideSector) -> PerSideSector:
    r"""Daily hazard of a trained man of each side in each sector; no enemy, no fire.

    $$h = h_0 (F_e/E_e)^a (F_o/E_o)^{-d}$$

    Lanchester's square law at $a=d=1$, his linear law at $a=1, d=0$, the logarithmic at $a=d=0$.

    Args:
        params: the declared parameters.
        base: $h_0$ times the day's intensity, `[2]` [1/d].
        own: each side's strength for each post, $F/E$, `[2 K]` [1].

    Returns:
        The hazard, `[2 K]` [1/d].
    """
    enemy = own[::-1]
    floor = 1e-6
    ratio = jnp.maximum(enemy, floor) ** params.enemy_exponent
    ratio = ratio * jnp.maximum(own, floor) ** (-params.own_exponent)
    return jnp.where(enemy > 0, base[:, None] * ratio, 0)


def exposure(
    params: Params, hazard: PerBrigade, green: Slab, *, trench: PerBrigade, attack: PerBrigade, assault: Slab,
    refuse: Slab,
) -> Slab:  # fmt: skip
    r"""Each man's chance of being hit today, at most `most_hit`.

    $$p = h (1 + \chi g) [(1 - A) + A \frac{a}{\bar a}(1 - P_{\mathrm{refuse}})]$$

    A brigade's total does not depend on how its attacks are shared out; a man who refuses runs only the trench's risk.

    Args:
        params: the declared parameters.
        hazard: hazard of a trained man, $h$, `[B]` [1/d].
        green: greenness, $g$, `[Q C B]` [0-1].
        trench: $1-A$, share of the risk that does not come from ordered attacks, `[B]` [1].
        attack: $A/\bar a$, `[B]` [1].
        assault: assault share of the man's kind, $a$, `[Q C B]` [1].
        refuse: chance to refuse, `[Q C B]` [1].

    Returns:
        The chance, `[Q C B]` [1/d].
    """
    chance = hazard * (1 + params.green_excess * green) * (trench + attack * assault * (1 - refuse))
    return jnp.minimum(chance, params.most_hit)


def fixed(value: Slab) -> SlabCount:
    """A number in 1/256, for sums that do not depend on their order.

    Args:
        value: any numbers.

    Returns:
        The numbers times 256, rounded, the same shape.
    """
    return jnp.round(value * UNIT).astype(jnp.int32)


def mean_of_fixed(total: Int[Array, "B"], men: Int[Array, "B"], otherwise: float) -> PerBrigade:
    """Mean over the men of a sum of numbers in 1/256.

    Args:
        total: the sum, `[B]`, see `fixed`.
        men: how many were added up, `[B]`.
        otherwise: the mean where there is nobody.

    Returns:
        The mean, `[B]`.
    """
    return jnp.where(men > 0, total / (UNIT * jnp.maximum(men, 1)), otherwise)
