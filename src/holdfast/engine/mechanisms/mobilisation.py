"""Mobilisation: who is called, who comes, who hides, who leaves the country, who signs for pay."""

import jax
import jax.numpy as jnp

from holdfast.core.params import Fixed, LogNormal, Normal, par
from holdfast.core.types import PerRegion, PerRegionCount, PerSide, Record, Scalar


class Params(Record):
    pay_pull: Scalar = par(1.0, unit="nats", prior=LogNormal(1.0, 0.5), pressure="mobilisation",
        source="assumed: the specification (docs/model.md §2.9) names k_$ without a value")  # fmt: skip
    jail_push: Scalar = par(2.0, unit="nats", prior=LogNormal(2.0, 0.5), pressure="coercion",
        source="assumed: the specification (docs/model.md §2.9) names k_e without a value")  # fmt: skip
    news_lag: Scalar = par(60.0, unit="d", prior=LogNormal(60.0, 0.3), pressure="losses",
        source="specification (docs/model.md §2.9)")  # fmt: skip
    deaths_slope: Scalar = par(15.0, unit="points per tenfold", prior=LogNormal(15.0, 0.2), pressure="losses",
        source="Mueller 1973: 15 points of support per tenfold deaths")  # fmt: skip
    hope_relief: Scalar = par(0.5, unit="1", prior=LogNormal(0.5, 0.5), pressure="prospects",
        source="sign from Gelpi, Feaver, Reifler 2009; size assumed")  # fmt: skip
    forced_cost: Scalar = par(10.0, unit="points", prior=LogNormal(10.0, 0.5), pressure="mobilisation",
        source="assumed: the specification (docs/model.md §2.9) names the cost of the forced share without a value")  # fmt: skip
    support_scale: Scalar = par(10.0, unit="points", prior=LogNormal(10.0, 0.4), pressure="regime",
        source="assumed: points of support per nat of protest")  # fmt: skip
    support_inertia: Scalar = par(30.0, unit="d", prior=LogNormal(30.0, 0.4), pressure="regime",
        source="assumed: opinion follows the news of about a month")  # fmt: skip
    protest_point: Scalar = par(50.0, unit="points", prior=Normal(50.0, 10.0), pressure="regime",
        source="assumed: support at which half of the aggrieved protest")  # fmt: skip
    complied_before: Scalar = par(0.75, unit="1", prior=Fixed(0, 1), pressure="mobilisation",
        source="assumed: share of the call-up before the first day that came; those men are in training already")  # fmt: skip


def whole(expected: PerRegion, luck: PerRegion, limit: PerRegionCount) -> PerRegionCount:
    """Whole men for an expected number, right on average.

    Args:
        expected: men expected, `[R]` [men/d].
        luck: a uniform draw, `[R]` [0-1].
        limit: the most there can be, `[R]` [men/d].

    Returns:
        The men, `[R]` [men/d].
    """
    return jnp.clip(jnp.floor(expected + luck).astype(jnp.int32), 0, limit)


def answers(
    params: Params, pay: PerRegion, income: PerRegion, enforcement: PerRegion, dread: PerRegion, border: PerRegion
) -> tuple[PerRegion, PerRegion]:
    r"""Shares of those called who comply, and who hide; the rest go abroad.

    A logit over comply $k_\$\ln(\mathrm{pay/income}) + k_e\,\mathrm{jail}$, evade $\omega\beta P_{home}$, abroad
    the same less the cost of the border.

    Args:
        params: the declared parameters.
        pay: multiplier on pay, `[R]` [1].
        income: the region's income, over the ordinary, `[R]` [1].
        enforcement: how surely an evader is jailed, `[R]` [0-1].
        dread: what the risk believed at home weighs, `[R]` [nats].
        border: cost of going abroad, `[R]` [nats].

    Returns:
        Shares who comply and who hide, `[R]` each [1].
    """
    comply = params.pay_pull * jnp.log(jnp.maximum(pay, 1e-3) / income) + params.jail_push * enforcement
    options = jnp.stack([comply, dread, dread - border])
    shares = jax.nn.softmax(options, axis=0)
    return shares[0], shares[1]


def signing(params: Params, pay: PerRegion, dread: PerRegion, dread_at_start: PerRegion) -> PerRegion:
    """Multiplier on those who sign: more for more pay, fewer when the risk is believed higher.

    Args:
        params: the declared parameters.
        pay: multiplier on pay, `[R]` [1].
        dread: what the risk believed at home weighs, `[R]` [nats].
        dread_at_start: the same on the first day, `[R]` [nats].

    Returns:
        The multiplier, its logarithm within 5, `[R]` [1].
    """
    pull = params.pay_pull * jnp.log(jnp.maximum(pay, 1e-3)) - (dread - dread_at_start)
    return jnp.exp(jnp.clip(pull, -5, 5))


def home_risk(
    params: Params, held: PerRegion, dead_share: PerRegion, trust: PerRegion, admitted: PerRegion
) -> PerRegion:
    """Risk of a soldier's death as believed in his region, some 60 days late.

    Args:
        params: the declared parameters.
        held: the risk believed so far, `[R]` [1/d].
        dead_share: the region's deaths a day for each man liable to serve, times the men liable for each man under
            arms, `[R]` [1/d].
        trust: trust in the official line, `[R]` [1].
        admitted: losses that the official line admits, `[R]` [1/d].

    Returns:
        The risk, `[R]` [1/d].
    """
    heard = (1 - trust) * dead_share + trust * admitted
    return held + (heard - held) / params.news_lag


def support(
    params: Params, at_start: PerSide, *, dead: PerSide, dead_before: PerSide, forced: PerSide,
    forced_before: PerSide, prospects: PerSide,
) -> PerSide:  # fmt: skip
    r"""Support for the war: 15 points lost per tenfold deaths (Mueller 1973), less when the war looks won.

    $$S = S_0 - 15\,(1 - h\,v^+)\log_{10}(\mathrm{dead}/\mathrm{dead}_0) - c\,(f - f_0)$$

    Args:
        params: the declared parameters; 15 is `deaths_slope`, $h$ `hope_relief`, $c$ `forced_cost`.
        at_start: support at the start, $S_0$, `[2]` [points].
        dead: deaths known at home, `[2]` [men].
        dead_before: the same at the start, `[2]` [men].
        forced: share of today's intake that is called up, $f$, `[2]` [1].
        forced_before: the same of the first day, $f_0$, `[2]` [1].
        prospects: prospects of the war, of which the hopeful part counts, $v^+$, `[2]` [-1..1].

    Returns:
        The support that opinion goes towards, 0 to 100, `[2]` [points].
    """
    tenfolds = jnp.log10(jnp.maximum(dead, dead_before) / dead_before)
    slope = params.deaths_slope * (1 - jnp.clip(params.hope_relief * jnp.maximum(prospects, 0), 0, 1))
    points = at_start - slope * tenfolds - params.forced_cost * (forced - forced_before)
    return jnp.clip(points, 0, 100)


def protest(params: Params, burden: PerRegion, exclusion: PerRegion, support: PerRegion) -> PerRegion:
    """Protest in a region: its burden above the average, more if its people are shut out, by lost support.

    Args:
        params: the declared parameters.
        burden: burden of the call-up, over the mean, `[R]` [1].
        exclusion: how far the region's people are shut out, `[R]` [0-1].
        support: support for the war, `[R]` [points].

    Returns:
        The protest, `[R]` [0-1].
    """
    grievance = jnp.minimum(jnp.maximum(burden - 1, 0) * (1 + exclusion), 1)
    return grievance * jax.nn.sigmoid((params.protest_point - support) / params.support_scale)
