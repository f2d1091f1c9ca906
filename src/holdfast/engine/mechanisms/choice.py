"""Choice: stay, desert, surrender; attack or refuse.

Leaving comes first, then how: a plain logit cannot turn desertion into surrender at low rates.
"""

import jax
import jax.numpy as jnp

from holdfast.core.params import Beta, Fixed, LogNormal, Normal, par
from holdfast.core.types import PerBrigade, PerBrigadeMask, PerSquad, Record, Scalar, Slab, SlabCount

NO_ORDER = 50.0
"""Nats that make a refusal impossible: there is nothing to refuse."""

# The outcomes of a soldier's day.
STAYS, KILLED, WOUNDED, DESERTED, SURRENDERED, JAILED, CAUGHT, REFUSED = range(8)


class Params(Record):
    tempo: Scalar = par(
        0.05, unit="1/d", prior=LogNormal(0.05, 0.4), pressure="structure",
        source="starting value of the specification: lambda, share of men who face the question on a day (docs/model.md §7)",
    )  # fmt: skip
    pocket_haste: Scalar = par(4.0, unit="1", prior=LogNormal(4.0, 0.5), pressure="shock",
        source="set here: men in a pocket face the question this many times as often; the pockets "
        "of 1941 gave up in two to three weeks")  # fmt: skip
    noise: Scalar = par(0.5, unit="nats", prior=Fixed(1e-3, 10), pressure="structure",
        source="specification (docs/model.md §2.6), mu")  # fmt: skip
    death_weight: Scalar = par(2.1, unit="nats", prior=LogNormal(2.1, 0.5), pressure="losses",
        source="starting value of the specification: omega (docs/model.md §7)")  # fmt: skip
    present_bias: Scalar = par(0.7, unit="1", prior=Beta(14, 6), pressure="losses",
        source="starting value of the specification: beta (docs/model.md §7); Laibson 1997 finds 0.7-0.95")  # fmt: skip
    horizon: Scalar = par(180.0, unit="d", prior=LogNormal(180.0, 0.3), pressure="losses",
        source="starting value of the specification: H (docs/model.md §7)")  # fmt: skip
    authority_weight: Scalar = par(2.2, unit="nats", prior=LogNormal(2.2, 0.5), pressure="regime",
        source="starting value of the specification: w_a (docs/model.md §7)")  # fmt: skip
    terror_weight: Scalar = par(1.0, unit="nats", prior=LogNormal(1.0, 0.5), pressure="coercion",
        source="starting value of the specification: w_h (docs/model.md §7)")  # fmt: skip
    prospects_weight: Scalar = par(1.0, unit="nats", prior=LogNormal(1.0, 0.5), pressure="prospects",
        source="starting value of the specification: w_v (docs/model.md §7)")  # fmt: skip
    pay_weight: Scalar = par(0.5, unit="nats", prior=LogNormal(0.5, 0.5), pressure="unpaid",
        source="starting value of the specification: w_$ (docs/model.md §7)")  # fmt: skip
    unpaid_weight: Scalar = par(1.5, unit="nats", prior=LogNormal(1.5, 0.5), pressure="unpaid",
        source="starting value of the specification (docs/model.md §7)")  # fmt: skip
    unfed_weight: Scalar = par(1.5, unit="nats", prior=LogNormal(1.5, 0.5), pressure="unpaid",
        source="starting value of the specification: w_f (docs/model.md §7)")  # fmt: skip
    patron_weight: Scalar = par(1.2, unit="nats", prior=LogNormal(1.2, 0.5), pressure="patron",
        source="starting value of the specification (docs/model.md §7)")  # fmt: skip
    rout_weight: Scalar = par(1.8, unit="nats", prior=LogNormal(1.8, 0.5), pressure="shock",
        source="starting value of the specification (docs/model.md §7)")  # fmt: skip
    desert_cost: Scalar = par(1.0, unit="nats", prior=Normal(1.0, 0.5), pressure="exit",
        source="starting value of the specification: c_d (docs/model.md §7)")  # fmt: skip
    exit_weight: Scalar = par(1.4, unit="nats", prior=LogNormal(1.4, 0.5), pressure="exit",
        source="starting value of the specification: w_x (docs/model.md §7)")  # fmt: skip
    sanction_weight: Scalar = par(1.9, unit="nats", prior=LogNormal(1.9, 0.5), pressure="coercion",
        source="starting value of the specification: kappa (docs/model.md §7)")  # fmt: skip
    surrender_cost: Scalar = par(2.0, unit="nats", prior=Normal(2.0, 0.5), pressure="exit",
        source="starting value of the specification: c_s (docs/model.md §7)")  # fmt: skip
    captor_weight: Scalar = par(1.5, unit="nats", prior=LogNormal(1.5, 0.5), pressure="exit",
        source="starting value of the specification: w_q (docs/model.md §7)")  # fmt: skip
    line_contact: Scalar = par(0.005, unit="1", prior=Beta(1, 199), pressure="exit",
        source="set here: chance on an unbroken line to reach the enemy alive, so that the 2023 case gives up "
        "near 0.5 per 1,000 a month, as 60-90 Russian prisoners a week (Ukraine's Coordination Headquarters, 2025)")  # fmt: skip
    refuse_cost: Scalar = par(4.0, unit="nats", prior=Normal(4.0, 0.7), pressure="regime",
        source="set here: at the specification's 2 half a per cent of all men refuse every day of the 2023 case")  # fmt: skip
    refuse_authority: Scalar = par(2.0, unit="nats", prior=LogNormal(2.0, 0.5), pressure="regime",
        source="starting value of the specification: kappa_r (docs/model.md §7)")  # fmt: skip


def dread(params: Params, risk: Slab) -> Slab:
    r"""What the risk weighs, $\omega\beta(1 - e^{-rH})$: death later, discounted by present bias.

    Args:
        params: the declared parameters.
        risk: daily risk believed, of men or of regions [1/d].

    Returns:
        The weight, the same shape [nats].
    """
    return params.death_weight * params.present_bias * (1 - jnp.exp(-risk * params.horizon))


def brigade_stay(
    params: Params, *, authority: PerBrigade, prospects: PerBrigade, unpaid: PerBrigade, unfed: PerBrigade,
    patron_gone: PerBrigade, rout: PerBrigade, cold: PerBrigade,
) -> PerBrigade:  # fmt: skip
    """All of the wish to stay that is common to a brigade (`docs/model.md` §2.6).

    Args:
        params: the declared parameters.
        authority: authority of the regime, `[B]` [0-1].
        prospects: prospects of the war, `[B]` [-1..1].
        unpaid: how far pay fails, `[B]` [0-1].
        unfed: how far supply fails, `[B]` [0-1].
        patron_gone: how far the patron is gone, `[B]` [0-1].
        rout: 1 in a broken or encircled sector, `[B]`.
        cold: misery of cold, `[B]` [nats].

    Returns:
        The sum, `[B]` [nats].
    """
    return (
        params.authority_weight * (authority - 1)
        + params.prospects_weight * prospects
        - params.unpaid_weight * unpaid
        - params.unfed_weight * unfed
        - params.patron_weight * patron_gone
        - params.rout_weight * rout
        - cold
    )


def brigade_obey(params: Params, authority: PerBrigade, prospects: PerBrigade, ordered: PerBrigadeMask) -> PerBrigade:
    r"""What keeps a brigade's men in an attack, $c_r + \kappa_r A + w_v v$; no order, nobody to refuse it.

    Args:
        params: the declared parameters.
        authority: authority of the regime, `[B]` [0-1].
        prospects: prospects of the war, `[B]` [-1..1].
        ordered: whether an attack is ordered, `[B]`.

    Returns:
        The sum, `[B]` [nats].
    """
    held = params.refuse_cost + params.refuse_authority * authority + params.prospects_weight * prospects
    return held + jnp.where(ordered, 0.0, NO_ORDER)


def desert_utility(params: Params, exit: PerBrigade, caught: PerBrigade, sanction: PerBrigade) -> PerBrigade:
    r"""Worth of going home, $-c_d + w_x(\mathrm{exit} - \tfrac12) - \kappa\hat p$: jail now is counted in full.

    Args:
        params: the declared parameters.
        exit: safety of going home, `[B]` [0-1].
        caught: chance of being caught as men see it, `[B]` [1].
        sanction: log of the multiplier on what capture is feared to cost, `[B]` [nats].

    Returns:
        The worth, `[B]` [nats].
    """
    fear = params.sanction_weight * jnp.exp(sanction) * caught
    return -params.desert_cost + params.exit_weight * (exit - 0.5) - fear


def surrender_utility(params: Params, captor: PerBrigade, cost: PerBrigade) -> PerBrigade:
    r"""Worth of giving up, $-c_s + w_q(2\,\mathrm{captor} - 1)$, less what blocking detachments add to its cost.

    Args:
        params: the declared parameters.
        captor: how well the captor treats prisoners, `[B]` [0-1].
        cost: added cost of giving up, `[B]` [nats].

    Returns:
        The worth, `[B]` [nats].
    """
    return -params.surrender_cost + params.captor_weight * (2 * captor - 1) - cost


def way_out(
    params: Params, desert: PerBrigade, surrender: PerBrigade, open_home: PerBrigade, contact: PerBrigade
) -> tuple[PerBrigade, PerBrigade]:
    r"""Worth of the best way out, and the share of leavers who take surrender: a nested logit with opportunities.

    $$V = \mu\ln\sum_o q_o e^{U_o/\mu},\qquad s = q_s e^{U_s/\mu}/\sum_o q_o e^{U_o/\mu}$$

    Args:
        params: the declared parameters.
        desert: worth of going home, $U_d$, `[B]` [nats].
        surrender: worth of giving up, $U_s$, `[B]` [nats].
        open_home: opportunity to go home, $q_d$: 0 in a pocket, `[B]` [0-1].
        contact: opportunity to give up, $q_s$: 0 out of the enemy's reach, `[B]` [0-1].

    Returns:
        The worth $V$ [nats] and the share $s$ [1], `[B]` each.
    """
    # The best of the ways that are open: a closed one must not set the scale, or a small mu leaves it half open.
    top = jnp.maximum(jnp.where(open_home > 0, desert, surrender), jnp.where(contact > 0, surrender, desert))
    go_home = open_home * jnp.exp(jnp.minimum(desert - top, 0) / params.noise)
    give_up = contact * jnp.exp(jnp.minimum(surrender - top, 0) / params.noise)
    total = jnp.maximum(go_home + give_up, 1e-30)
    return top + params.noise * jnp.log(total), give_up / total


def leave(way_out: PerBrigade, stay: Slab) -> Slab:
    r"""Chance to leave of a man who faces the question, $s = \sigma(V - \mathrm{stay})$.

    Args:
        way_out: worth of the best way out, `[B]` [nats].
        stay: the wish to stay, `[Q C B]` [nats].

    Returns:
        The chance, `[Q C B]` [1].
    """
    return jax.nn.sigmoid(way_out - stay)


def refuse(dread: Slab, attack: Slab, common: PerSquad) -> Slab:
    r"""Chance to refuse an order to attack: $\sigma(\omega\beta\,a(1-e^{-rH}) - c_r - \kappa_r A - w_v v - Jm)$.

    Args:
        dread: what the risk weighs, `[Q C B]` [nats].
        attack: part of the man's risk that attacks bring, `[Q C B]` [1].
        common: $c_r+\kappa_r A+w_v v+Jm$, `[Q C B]` [nats].

    Returns:
        The chance, `[Q C B]` [1].
    """
    return jax.nn.sigmoid(dread * attack - common)


def outcome(
    uniform: Slab, *, killed: Slab, hit: Slab, leaving: Slab, surrender: PerBrigade,
    gone: PerBrigade, jailed: PerBrigade, refusing: Slab,
) -> SlabCount:  # fmt: skip
    """What becomes of each man today: one uniform draw, cut from both ends (`docs/model.md` §2.7).

    Casualties are cut from 0 upward (killed inside hit), choices from 1 downward (surrender, gone, jailed, caught
    and back in the unit, refused), so that a change of fire leaves other men's choices as they were.

    Args:
        uniform: each man's draw, `[Q C B]` [0-1].
        killed: chance to be killed [1].
        hit: chance to be killed or wounded [1].
        leaving: chance to leave today [1].
        surrender: share of leavers who give up [1].
        gone: that share and those who get away [1].
        jailed: that share and the jailed; the rest is caught and back in the unit [1].
        refusing: chance to refuse of those who do not leave, times the chance not to leave [1].

    Returns:
        Codes of the outcomes, `[Q C B]`.
    """
    top = 1 - uniform
    what = jnp.where(top < leaving + refusing, REFUSED, STAYS)
    what = jnp.where(top < leaving, CAUGHT, what)
    what = jnp.where(top < leaving * jailed, JAILED, what)
    what = jnp.where(top < leaving * gone, DESERTED, what)
    what = jnp.where(top < leaving * surrender, SURRENDERED, what)
    what = jnp.where(uniform < hit, WOUNDED, what)
    return jnp.where(uniform < killed, KILLED, what)
