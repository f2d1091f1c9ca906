"""Regime: authority, the unity of the elites, the leader's vigour."""

import jax
import jax.numpy as jnp
from jax.scipy.special import ndtri

from holdfast.core.params import Beta, Fixed, LogNormal, par
from holdfast.core.types import PerSide, Record, Scalar
from holdfast.core.units import YEAR_DAYS


class Params(Record):
    inertia: Scalar = par(60.0, unit="d", prior=LogNormal(60.0, 0.4), pressure="regime",
        source="specification (docs/model.md §2.10)")  # fmt: skip
    broken_cost: Scalar = par(0.5, unit="1", prior=LogNormal(0.5, 0.5), pressure="regime",
        source="specification (docs/model.md §2.10)")  # fmt: skip
    exits_cost: Scalar = par(20.0, unit="1", prior=LogNormal(20.0, 0.5), pressure="regime",
        source="specification (docs/model.md §2.10)")  # fmt: skip
    protest_cost: Scalar = par(0.1, unit="1", prior=LogNormal(0.1, 0.7), pressure="regime",
        source="assumed: the specification (docs/model.md §2.10) names c_p without a value")  # fmt: skip
    exits_scale: Scalar = par(
        100.0, unit="1/1,000/month", prior=Fixed(1, 10000), pressure="regime",
        source="specification (docs/model.md §2.10): exits per 1,000 a month that weigh as a whole cohesion in the signal",
    )  # fmt: skip
    floor: Scalar = par(0.02, unit="1", prior=Fixed(0, 0.2), pressure="regime",
        source="assumed: elites are never wholly without cohesion (docs/model.md §2.10)")  # fmt: skip
    stake: Scalar = par(
        0.7, unit="1", prior=Beta(7, 3), pressure="regime",
        source="specification (docs/model.md §2.10), c: cost of defecting from a regime that stands, as a share of the gain",
    )  # fmt: skip
    private_precision: Scalar = par(400.0, unit="1", prior=LogNormal(400.0, 0.7), pressure="regime",
        source="assumed: elites know the regime's strength to within 0.05 each")  # fmt: skip
    public_precision: Scalar = par(25.0, unit="1", prior=LogNormal(25.0, 0.7), pressure="regime",
        source="assumed: the public signal is right to within 0.2; unique outcome as 25 < sqrt(2 pi 400)")  # fmt: skip
    split: Scalar = par(0.2, unit="1", prior=Beta(2, 8), pressure="regime",
        source="specification (docs/model.md §2.10): cohesion after an open split")  # fmt: skip
    succession: Scalar = par(60.0, unit="d", prior=LogNormal(60.0, 0.4), pressure="leader",
        source="specification (docs/model.md §2.10): succession over 180 d, three of these")  # fmt: skip
    mortality: Scalar = par(5e-5, unit="1/year", prior=LogNormal(5e-5, 0.3), pressure="leader",
        source="Gompertz: with the ageing below, 2.7 % a year at 71 [assumed, near life tables of men]")  # fmt: skip
    ageing: Scalar = par(0.0887, unit="1/year", prior=Fixed(0.0, 0.2), pressure="leader",
        source="Gompertz: mortality doubles every 7.8 years [assumed, near life tables of men]")  # fmt: skip


def authority(elite: PerSide, vitality: PerSide, personalism: PerSide) -> PerSide:
    r"""Authority of the regime; a leader's death does little where elites are united.

    $$A = E[1 - \mathrm{personalism}(1 - \mathrm{vitality})(1 - E)]$$

    Args:
        elite: cohesion of the elites, $E$, `[2]` [0-1].
        vitality: the leader's vigour, `[2]` [0-1].
        personalism: how personal power is, `[2]` [0-1].

    Returns:
        The authority, `[2]` [0-1].
    """
    return elite * (1 - personalism * (1 - vitality) * (1 - elite))


def signal(params: Params, elite: PerSide, month: PerSide) -> PerSide:
    """The public signal of the regime's strength: cohesion less what the army's exits show.

    Args:
        params: the declared parameters.
        elite: cohesion of the elites, `[2]` [0-1].
        month: exits by choice lately, `[2]` [1/1,000/month].

    Returns:
        The signal, `[2]` [1].
    """
    return elite - month / params.exits_scale


def threshold(signal: PerSide, stake: Scalar, private: Scalar, public: Scalar) -> PerSide:
    r"""The regime strength below which elites split, $\theta^*(z)$: a global game's cutoff.

    $$a_z(\theta^* - z) - \sqrt{a_x}\,\Phi^{-1}(\theta^*) = \sqrt{a_x + a_z}\,\Phi^{-1}(c)$$

    Morris and Shin 2003; Angeletos, Hellwig, Pavan 2007. Unique if $a_z \le \sqrt{2\pi a_x}$; with precise private
    information $\theta^* = 1 - c$. Found by bisection; where there are three, the one that bisection meets.

    Args:
        signal: the public signal, $z$, `[2]` [1].
        stake: cost of defecting from a regime that stands, as a share of the gain, $c$ [1].
        private: precision of private information, $a_x$ [1].
        public: precision of the public signal, $a_z$ [1].

    Returns:
        The cutoff, `[2]` [0-1].
    """
    right = jnp.sqrt(private + public) * ndtri(stake)

    def halve(_: int, ends: tuple[PerSide, PerSide]) -> tuple[PerSide, PerSide]:
        low, high = ends
        middle = 0.5 * (low + high)
        # The left side falls in theta where the cutoff is unique.
        above = public * (middle - signal) - jnp.sqrt(private) * ndtri(middle) > right
        return jnp.where(above, middle, low), jnp.where(above, high, middle)

    ends = (jnp.full_like(signal, 1e-6), jnp.full_like(signal, 1 - 1e-6))
    low, high = jax.lax.fori_loop(0, 24, halve, ends)
    return 0.5 * (low + high)


def cohesion(
    params: Params, elite: PerSide, *, level: PerSide, broken: PerSide, net_exits: PerSide,
    protest: PerSide, blow: PerSide,
) -> PerSide:  # fmt: skip
    r"""Elite cohesion in the evening, before any split.

    $$E \leftarrow E + [(E^* - E) - c_b\,\mathrm{broken} - c_x\max(\mathrm{net\ exits}, 0)
    - c_p\,\mathrm{protest}]/\tau_E - \mathrm{blow}$$

    Args:
        params: the declared parameters.
        elite: cohesion of the evening before, $E$, `[2]` [0-1].
        level: where it goes when nothing presses, $E^*$, `[2]` [0-1].
        broken: share of the side's sectors broken, `[2]` [1].
        net_exits: share of the force that left by choice today, less those who came back, `[2]` [1/d].
        protest: protest, `[2]` [0-1].
        blow: cohesion lost today to an event, `[2]` [1].

    Returns:
        The cohesion, from `floor` to 1, `[2]`.
    """
    drift = (level - elite) - params.broken_cost * broken - params.protest_cost * protest
    drift = drift - params.exits_cost * jnp.maximum(net_exits, 0)
    return jnp.clip(elite + drift / params.inertia - blow, params.floor, 1)


def after_split(params: Params, elite: PerSide, threshold: PerSide) -> PerSide:
    """Cohesion after an open split, if there is one; a regime already lower stays there.

    Args:
        params: the declared parameters.
        elite: cohesion, `[2]` [0-1].
        threshold: cohesion below which elites split, `[2]` [0-1].

    Returns:
        The cohesion, `[2]` [0-1].
    """
    return jnp.where(elite < threshold, jnp.minimum(elite, params.split), elite)


def gap(params: Params, gap: PerSide, lost: PerSide) -> PerSide:
    """What the leader's place lacks of vigour: a successor fills it over about half a year.

    Args:
        params: the declared parameters.
        gap: what it lacked the evening before, `[2]` [0-1].
        lost: share of the vigour lost today, `[2]` [0-1].

    Returns:
        The gap, `[2]` [0-1].
    """
    return jnp.maximum(gap * (1 - 1 / params.succession), lost)


def death_chance(params: Params, age: PerSide) -> PerSide:
    """Chance that a leader of that age dies today of natural causes (Gompertz).

    Args:
        params: the declared parameters.
        age: the leader's age, `[2]`; NaN = he does not die of it [years].

    Returns:
        The chance, `[2]` [1/d].
    """
    yearly = params.mortality * jnp.exp(params.ageing * age)
    return jnp.where(jnp.isnan(age), 0, yearly / YEAR_DAYS)
