"""Perception: what men believe of the risk and of the war's prospects."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from holdfast.core.params import Beta, LogNormal, par
from holdfast.core.types import PerSide, PerSquad, Record, Scalar, Slab


class Params(Record):
    learning: Scalar = par(
        1 / 30, unit="1/d", prior=LogNormal(1 / 30, 0.5), pressure="losses",
        source="starting value of the specification: alpha (docs/model.md §7)",
    )  # fmt: skip
    prior_risk: Scalar = par(
        2e-4, unit="1/d", prior=LogNormal(2e-4, 0.7), pressure="losses",
        source="specification (docs/model.md §2.3)",
    )  # fmt: skip
    sight: Scalar = par(
        7.0, unit="d", prior=LogNormal(7.0, 0.4), pressure="losses",
        source="assumed: men judge by the losses of about a week",
    )  # fmt: skip
    company_weight: Scalar = par(
        0.5, unit="1", prior=Beta(5, 5), pressure="losses", source="specification (docs/model.md §2.3)"
    )
    inertia: Scalar = par(
        30.0, unit="d", prior=LogNormal(30.0, 0.4), pressure="prospects",
        source="specification (docs/model.md §2.3), tau_v",
    )  # fmt: skip
    ground: Scalar = par(
        50.0, unit="km", prior=LogNormal(50.0, 0.5), pressure="prospects",
        source="specification (docs/model.md §2.3)",
    )  # fmt: skip
    balance_weight: Scalar = par(
        0.5, unit="1", prior=LogNormal(0.5, 0.5), pressure="prospects",
        source="specification (docs/model.md §2.3)",
    )  # fmt: skip


def seen(params: Params, company: Float[Array, "C B"], brigade: Float[Array, "B"]) -> Float[Array, "C B"]:
    """Losses that a man sees, as a daily hazard: half his company's, half his brigade's [1/d]."""
    return params.company_weight * company + (1 - params.company_weight) * brigade


def learn(speed: Scalar | Slab, risk: Slab, trust: Slab, seen: PerSquad, admitted: Slab) -> Slab:
    r"""The risk that each man believes after today [1/d].

    $$r \leftarrow r + \alpha[(1-\pi)\,\mathrm{seen} + \pi\,\delta\,\mathrm{army} - r]$$

    `trust` is $\pi$ of his home region, `admitted` is $\delta$ times the army's losses: the official line. Where
    men are replaced faster than $1/\alpha$, the army never learns. The gap halves in $-\ln 2/\ln(1-\alpha)$ days.
    """
    return risk + speed * ((1 - trust) * seen + trust * admitted - risk)


def notice(memory: Float[Array, "..."], loss: Float[Array, "..."], days: Scalar) -> Float[Array, "..."]:
    """A running mean of losses over about `days`, as a daily hazard [1/d]."""
    return memory + (loss - memory) / jnp.maximum(days, 1)


def prospects(
    params: Params, held: PerSide, news: PerSide, balance: PerSide, ground: PerSide,
    broken: PerSide, hear: PerSide, tell: PerSide,
) -> PerSide:  # fmt: skip
    r"""How the war looks, from -1 hopeless to 1 sure of victory.

    $$v \leftarrow v + (\mathrm{clip}(v^* + \tfrac12\ln(F_o/F_e) + \mathrm{km}/50 - \mathrm{broken}, -1, 1) - v)/\tau_v$$

    then a public signal sets it at once for the share that hears it: $v \leftarrow (1-s)v + s\,v_{signal}$.
    `balance` is $\ln(F_o/F_e)$, `ground` the km gained, `broken` the share of sectors broken.
    """
    aim = jnp.clip(news + params.balance_weight * balance + ground / params.ground - broken, -1, 1)
    drifted = held + (aim - held) / params.inertia
    return jnp.clip((1 - hear) * drifted + tell, -1, 1)
