"""Bond: comrades keep a man in line while few leave, and pull him out once many have."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from holdfast.core.params import Beta, LogNormal, par
from holdfast.core.types import PerBrigade, PerCompany, PerSquad, Record, Scalar


class Params(Record):
    coupling: Scalar = par(2.4, unit="nats", prior=LogNormal(2.4, 0.4), pressure="bond",
        source="starting value of the specification: J (docs/model.md §7)")  # fmt: skip
    sharpness: Scalar = par(5.0, unit="1", prior=LogNormal(5.0, 0.4), pressure="bond",
        source="starting value of the specification: s_g (docs/model.md §7)")  # fmt: skip
    memory: Scalar = par(16.0, unit="d", prior=LogNormal(16.0, 0.5), pressure="bond",
        source="starting value of the specification: tau_m (docs/model.md §7)")  # fmt: skip
    squad_weight: Scalar = par(
        0.4, unit="1", prior=Beta(4, 6), pressure="bond", source="specification (docs/model.md §2.4)"
    )
    company_weight: Scalar = par(
        0.3, unit="1", prior=Beta(3, 7), pressure="bond", source="specification (docs/model.md §2.4)"
    )
    brigade_weight: Scalar = par(
        0.3, unit="1", prior=Beta(3, 7), pressure="bond", source="specification (docs/model.md §2.4)"
    )


def shaken(params: Params, squad: PerSquad, company: PerCompany, brigade: PerBrigade) -> PerSquad:
    r"""How much of his world a man has seen go, $s_g \sum_l w_l \hat g_l$, before it is capped at 1 [1].

    Args:
        params: the declared parameters.
        squad: remembered exits and men refusing today, as a share of the squad's establishment, `[Q C B]`.
        company: the same of the company, `[C B]`.
        brigade: the same of the brigade, `[B]`.

    Returns:
        The sum, `[Q C B]`.
    """
    mix = params.squad_weight * squad + params.company_weight * company + params.brigade_weight * brigade
    return params.sharpness * mix


def bond(shaken: PerSquad) -> PerSquad:
    r"""The bond, $m = 1 - 2\min(1, s_g\sum_l w_l\hat g_l)$: 1 all stand, -1 all go. $J m$ enters the wish to stay.

    Args:
        shaken: see `shaken`, `[Q C B]`.

    Returns:
        The bond, the same shape, -1 to 1.
    """
    return 1 - 2 * jnp.minimum(1, shaken)


def remember(params: Params, memory: Float[Array, "..."], exits: Float[Array, "..."]) -> Float[Array, "..."]:
    r"""The memory of exits, which fades: $M \leftarrow M (1 - 1/\tau_m) + \mathrm{exits}$; one exit weighs $\tau_m$ man-days.

    Args:
        params: the declared parameters.
        memory: remembered exits of squads, companies or brigades [men].
        exits: today's exits, the same shape [men].

    Returns:
        The memory in the evening, the same shape [men].
    """
    return memory * (1 - 1 / params.memory) + exits
