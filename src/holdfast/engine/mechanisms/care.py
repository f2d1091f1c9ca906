"""Care and return: hospitals, prisons and the absent, in whole men."""

import jax.numpy as jnp

from holdfast.core.params import Beta, LogNormal, par
from holdfast.core.types import PerBrigade, PerBrigadeCount, Record, Scalar


class Params(Record):
    healing: Scalar = par(60.0, unit="d", prior=LogNormal(60.0, 0.4), pressure="losses",
        source="starting value of the specification: tau_h (docs/model.md §7)")  # fmt: skip
    return_rate: Scalar = par(0.005, unit="1/d", prior=LogNormal(0.005, 0.6), pressure="exit",
        source="starting value of the specification (docs/model.md §7)")  # fmt: skip
    sentence: Scalar = par(365.0, unit="d", prior=LogNormal(365.0, 0.6), pressure="coercion",
        source="assumed: a jailed deserter is back at the front in about a year")  # fmt: skip
    defection: Scalar = par(0.1, unit="1", prior=Beta(1, 9), pressure="exit",
        source="assumed: share of fully excluded prisoners whom a humane captor wins over; Vlasov's army")  # fmt: skip


def some(rate: PerBrigade, stock: PerBrigadeCount, luck: PerBrigade) -> PerBrigadeCount:
    r"""Whole men out of a stock: $\lfloor \mathrm{rate}\cdot\mathrm{stock} + u\rfloor$, right on average.

    Args:
        rate: share that leaves today, `[B]` [1/d].
        stock: men in the stock, `[B]` [men].
        luck: a uniform draw, `[B]` [0-1].

    Returns:
        The men, at most the stock, `[B]` [men/d].
    """
    men = jnp.floor(rate * stock.astype(jnp.float32) + luck).astype(jnp.int32)
    return jnp.clip(men, 0, stock)


def out_of_hospital(
    params: Params, hospital: PerBrigadeCount, fit_share: PerBrigade, luck: PerBrigade
) -> tuple[PerBrigadeCount, PerBrigadeCount]:
    r"""Men healed and men discharged for good today; the mean stay is $\tau_h$.

    Args:
        params: the declared parameters.
        hospital: men in hospital, `[B]` [men].
        fit_share: share of the wounded who return, `[B]` [1].
        luck: a uniform draw, `[B]` [0-1].

    Returns:
        The healed and the invalided, `[B]` each [men/d].
    """
    leaving = some(1 / params.healing, hospital, luck)
    # The same luck splits them: its fraction is used up above, so it is stretched over the unit interval again.
    again = jnp.mod(luck * 4096, 1)
    fit = jnp.floor(fit_share * leaving.astype(jnp.float32) + again).astype(jnp.int32)
    fit = jnp.clip(fit, 0, leaving)
    return fit, leaving - fit


def return_chance(params: Params, authority: PerBrigade, push: PerBrigade) -> PerBrigade:
    """Chance that an absent man comes back today.

    Args:
        params: the declared parameters.
        authority: authority of the regime, `[B]` [0-1].
        push: what an amnesty adds to the chance's logarithm, `[B]` [nats].

    Returns:
        The chance, `[B]` [1/d].
    """
    return jnp.minimum(params.return_rate * authority * jnp.exp(push), 1)
