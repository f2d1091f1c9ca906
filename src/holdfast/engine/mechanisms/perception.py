"""Perception: what men believe of the risk and of the war's prospects."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from holdfast.core.params import Beta, LogNormal, par
from holdfast.core.types import PerSide, PerSquad, Record, Scalar, Slab


class Params(Record):
    learning: Scalar = par(1 / 30, unit="1/d", prior=LogNormal(1 / 30, 0.5), pressure="losses",
        source="starting value of the specification: alpha (docs/model.md §7)")  # fmt: skip
    prior_risk: Scalar = par(2e-4, unit="1/d", prior=LogNormal(2e-4, 0.7), pressure="losses",
        source="specification (docs/model.md §2.3)")  # fmt: skip
    sight: Scalar = par(7.0, unit="d", prior=LogNormal(7.0, 0.4), pressure="losses",
        source="assumed: men judge by the losses of about a week")  # fmt: skip
    company_weight: Scalar = par(
        0.5, unit="1", prior=Beta(5, 5), pressure="losses", source="specification (docs/model.md §2.3)"
    )
    inertia: Scalar = par(30.0, unit="d", prior=LogNormal(30.0, 0.4), pressure="prospects",
        source="specification (docs/model.md §2.3), tau_v")  # fmt: skip
    ground: Scalar = par(50.0, unit="km", prior=LogNormal(50.0, 0.5), pressure="prospects",
        source="specification (docs/model.md §2.3)")  # fmt: skip
    balance_weight: Scalar = par(0.5, unit="1", prior=LogNormal(0.5, 0.5), pressure="prospects",
        source="specification (docs/model.md §2.3)")  # fmt: skip


def seen(params: Params, company: Float[Array, "C B"], brigade: Float[Array, "B"]) -> Float[Array, "C B"]:
    """Losses that a man sees, as a daily hazard: part his company's, part his brigade's.

    Args:
        params: the declared parameters.
        company: losses lately in the company, `[C B]` [1/d].
        brigade: the same of the brigade, `[B]` [1/d].

    Returns:
        The hazard, `[C B]` [1/d].
    """
    return params.company_weight * company + (1 - params.company_weight) * brigade


def learn(speed: Scalar | Slab, risk: Slab, trust: Slab, seen: PerSquad, admitted: Slab) -> Slab:
    r"""The risk that each man believes after today.

    $$r \leftarrow r + \alpha[(1-\pi)\,\mathrm{seen} + \pi\,\delta\,\mathrm{army} - r]$$

    Where men are replaced faster than $1/\alpha$, the army never learns. The gap halves in $-\ln 2/\ln(1-\alpha)$ days.

    Args:
        speed: $\alpha$, with today's push, `[B]` [1/d].
        risk: the risk believed so far, `[Q C B]` [1/d].
        trust: trust in the official line in his home region, $\pi$, `[Q C B]` [1].
        seen: losses that he sees, `[C B]` [1/d].
        admitted: losses that the official line admits, $\delta$ times the army's, `[B]` [1/d].

    Returns:
        The risk, `[Q C B]` [1/d].
    """
    return risk + speed * ((1 - trust) * seen + trust * admitted - risk)


def notice(memory: Float[Array, "..."], loss: Float[Array, "..."], days: Scalar) -> Float[Array, "..."]:
    """A running mean of losses, as a daily hazard.

    Args:
        memory: the mean so far [1/d].
        loss: today's losses for each man present, the same shape [1/d].
        days: over about how many days the mean runs [d].

    Returns:
        The mean in the evening, the same shape [1/d].
    """
    return memory + (loss - memory) / jnp.maximum(days, 1)


def prospects(
    params: Params, held: PerSide, *, news: PerSide, balance: PerSide, ground: PerSide,
    broken: PerSide, hear: PerSide, tell: PerSide,
) -> PerSide:  # fmt: skip
    r"""How the war looks, from -1 hopeless to 1 sure of victory.

    $$v \leftarrow v + (\mathrm{clip}(v^* + w_b\ln(F_o/F_e) + \mathrm{km}/G - \mathrm{broken}, -1, 1) - v)/\tau_v$$

    then a public signal sets it at once for the share that hears it: $v \leftarrow (1-s)v + s\,v_{signal}$.

    Args:
        params: the declared parameters.
        held: prospects of the evening before, `[2]` [-1..1].
        news: prospects as the news has them, $v^*$, `[2]` [-1..1].
        balance: $\ln(F_o/F_e)$ of the whole front, `[2]` [nats].
        ground: ground gained, `[2]` [km].
        broken: share of the side's sectors broken, `[2]` [1].
        hear: share that hears a public signal today, $s$, `[2]` [1].
        tell: that share times what the signal says, `[2]` [-1..1].

    Returns:
        The prospects, `[2]`.
    """
    aim = jnp.clip(news + params.balance_weight * balance + ground / params.ground - broken, -1, 1)
    drifted = held + (aim - held) / params.inertia
    return jnp.clip((1 - hear) * drifted + tell, -1, 1)
