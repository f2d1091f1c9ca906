"""Desertion's reproduction number: further exits that one exit causes, other channels frozen."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from holdfast.core.types import PerBrigade, PerSquad, Scalar


def through_bond(
    eager: PerSquad, touchy: PerSquad, slots: int, posts: PerBrigade,
    weights: tuple[Scalar, Scalar, Scalar], open_: PerSquad,
) -> PerBrigade:  # fmt: skip
    r"""$\sum_l w_l\langle s(1-s)\rangle_l$ over squad, company, brigade, weighted by exits (`docs/model.md` §4).

    A level's mean is over its establishment, for an exit counts there as a share of establishment.

    Args:
        eager: sum over a squad's men of the chance to leave, $s$, `[Q C B]`.
        touchy: sum of $s(1-s)$, `[Q C B]`.
        slots: billets of a squad.
        posts: establishment of each brigade, `[B]` [billets].
        weights: the weights of squad, company and brigade, $w_l$.
        open_: 0 where the bond is at its floor and cannot fall, else 1, `[Q C B]`.

    Returns:
        The sum, `[B]` [1].
    """
    squads = eager.shape[0]
    # Summed level by level: XLA's sum over both axes at once is several times slower on a CPU.
    touchy = touchy * open_
    exits = jnp.maximum(eager.sum(axis=0).sum(axis=0), 1e-12)
    squad = (eager * touchy).sum(axis=0).sum(axis=0) / exits / slots
    of_company = eager.sum(axis=0) * touchy.sum(axis=0)
    company = of_company.sum(axis=0) / exits / (slots * squads)
    brigade = touchy.sum(axis=0).sum(axis=0) / jnp.maximum(posts, 1)
    return weights[0] * squad + weights[1] * company + weights[2] * brigade


def through_pursuit(
    eager: PerBrigade, touchy: PerBrigade, *, home: PerBrigade, out: PerBrigade, chance: PerBrigade,
    room: PerBrigade, seen_slope: PerBrigade, fear: PerBrigade,
) -> PerBrigade:  # fmt: skip
    r"""Exits that one exit adds by swamping the patrols, for each unit of tempo $\lambda$ (`docs/model.md` §4).

    An exit comes with `home`/`out` attempts, each of which fills the patrols for one man-day: $-dp_c/dD = p_c/(Cap+D)$
    fewer are stopped, and men who see it fear less, at the slope $d\hat p/dD$.

    Args:
        eager: sum over the men of the chance to leave, $s$, `[B]`.
        touchy: sum of $s(1-s)$, `[B]`.
        home: share of leavers who make for home, `[B]` [1].
        out: share of leavers who get away or give up, `[B]` [1].
        chance: chance that an attempt is stopped, $p_c$, `[B]` [1].
        room: $Cap + D$, `[B]` [1/d].
        seen_slope: $d\hat p/dD$, `[B]` [d].
        fear: what the sight of an arrest weighs, `[B]` [nats].

    Returns:
        The exits, `[B]` [d].
    """
    attempts = home / jnp.maximum(out, 1e-6)
    freed = eager * home * chance / room
    emboldened = touchy * out * fear * (-seen_slope)
    return attempts * (freed + emboldened)


def spread(values: PerBrigade, weight: PerBrigade, side: Float[Array, "2 B"]) -> tuple[Array, Array]:
    """Mean over a side's brigades, weighted, and the greatest.

    Args:
        values: a value a brigade, `[B]`.
        weight: its weight, `[B]`; brigades of weight 0 do not count.
        side: 1 where a brigade is the side's, `[2 B]`.

    Returns:
        Means and maxima, `[2]` each.
    """
    on = side * (weight > 0)
    mean = (values * weight * side).sum(axis=1) / jnp.maximum((weight * side).sum(axis=1), 1e-9)
    return mean, jnp.max(values * on, axis=1)
