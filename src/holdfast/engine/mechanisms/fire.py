"""Fire: how much power a man brings, and how likely he is to be hit today."""

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from holdfast.core.params import Beta, LogNormal, Normal, par
from holdfast.core.types import PerBrigade, PerSide, PerSideSector, Record, Scalar, Slab, SlabCount

UNIT = 256
"""Power and assault shares are summed in 1/256 of a man: integers add up the same in any order."""


class Params(Record):
    enemy_exponent: Scalar = par(
        0.5, unit="1", prior=Normal(0.5, 0.3), pressure="structure",
        source="Lanchester's a; CDB90 slope 0.29 of loss ratio on force ratio gives a + d near 0.7",
    )  # fmt: skip
    own_exponent: Scalar = par(
        0.2, unit="1", prior=Normal(0.2, 0.3), pressure="structure",
        source="Lanchester's d; CDB90 slope 0.29 of loss ratio on force ratio gives a + d near 0.7",
    )  # fmt: skip
    green_excess: Scalar = par(
        2.0, unit="1", prior=LogNormal(2.0, 0.5), pressure="losses",
        source="starting value of the specification: chi (docs/model.md §7)",
    )  # fmt: skip
    green_weakness: Scalar = par(
        0.4, unit="1", prior=Beta(4, 6), pressure="losses",
        source="assumed: a man fresh from training brings 0.6 of a seasoned man's power",
    )  # fmt: skip
    seasoning: Scalar = par(
        45.0, unit="d", prior=LogNormal(45.0, 0.4), pressure="losses",
        source="starting value of the specification: tau_q (docs/model.md §7)",
    )  # fmt: skip
    broken_power: Scalar = par(
        0.3, unit="1", prior=Beta(3, 7), pressure="shock", source="specification (docs/model.md §2.2)"
    )
    reserve_exposure: Scalar = par(
        0.1, unit="1", prior=Beta(2, 18), pressure="structure",
        source="assumed: share of the line's fire that reaches reserves",
    )  # fmt: skip


def greenness(params: Params, tenure: Slab) -> Slab:
    r"""How green a man still is, $e^{-\mathrm{tenure}/\tau_q}$: 1 untrained, towards 0 seasoned [1]."""
    return jnp.exp(-jnp.maximum(tenure, 0) / params.seasoning)


def power(params: Params, green: Slab, arms: Slab) -> SlabCount:
    """Fighting power of each man, in 1/256 of a seasoned ordinary man."""
    share = arms * (1 - params.green_weakness * green)
    return jnp.round(share * UNIT).astype(jnp.int32)


def standing(params: Params, power: Float[Array, "2 K"], broken: Bool[Array, "2 K"]) -> PerSideSector:
    """Power that counts in a sector, $F$: a broken line brings `broken_power` of it [trained men]."""
    return power * jnp.where(broken, params.broken_power, 1)


def hazard(params: Params, base: PerSide, own: PerSideSector) -> PerSideSector:
    r"""Daily hazard of a trained man of each side in each sector [1/d].

    $$h = h_0 (F_e/E_e)^a (F_o/E_o)^{-d}$$

    Lanchester's square law at $a=d=1$, his linear law at $a=1, d=0$, the logarithmic at $a=d=0$.
    `base` is $h_0$ times the day's intensity; `own` is each side's $F/E$. No enemy, no fire.
    """
    enemy = own[::-1]
    floor = 1e-6
    ratio = jnp.maximum(enemy, floor) ** params.enemy_exponent
    ratio = ratio * jnp.maximum(own, floor) ** (-params.own_exponent)
    return jnp.where(enemy > 0, base[:, None] * ratio, 0)


def exposure(
    hazard: PerBrigade, green: Slab, excess: Scalar, trench: PerBrigade, attack: PerBrigade,
    assault: Slab, refuse: Slab,
) -> Slab:  # fmt: skip
    r"""Each man's chance of being hit today [1].

    $$p = h (1 + \chi g) [(1 - A) + A \frac{a}{\bar a}(1 - P_{\mathrm{refuse}})]$$

    `trench` is $1-A$ and `attack` is $A/\bar a$, so that the brigade's total does not depend on how its attacks
    are shared out; a man who refuses runs only the trench's risk.
    """
    chance = hazard * (1 + excess * green) * (trench + attack * assault * (1 - refuse))
    return jnp.minimum(chance, 0.9)


def fixed(value: Slab) -> SlabCount:
    """A number in 1/256, for sums that do not depend on their order."""
    return jnp.round(value * UNIT).astype(jnp.int32)


def mean_of_fixed(total: Int[Array, "B"], men: Int[Array, "B"], otherwise: float) -> PerBrigade:
    """Mean over the men of a sum made by `fixed`; `otherwise` where there is nobody."""
    return jnp.where(men > 0, total / (UNIT * jnp.maximum(men, 1)), otherwise)
