"""Front: where the line stands, where it breaks, who is cut off, how it is restored."""

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from holdfast.core.params import Beta, Fixed, LogNormal, Normal, par
from holdfast.core.types import (
    PerBrigadeCount,
    PerBrigadeMask,
    PerSector,
    PerSideSector,
    PerSideSectorMask,
    Record,
    Scalar,
)


class Params(Record):
    breakpoint: Scalar = par(0.15, unit="1", prior=LogNormal(0.15, 0.25), pressure="losses",
        source="CDB90, half of the wars, battles from 1919 on (docs/battles.md)")  # fmt: skip
    price: Scalar = par(0.74, unit="1", prior=LogNormal(0.74, 0.6), pressure="losses",
        source="CDB90, half of the wars, battles from 1919 on (docs/battles.md): his own losses count for little")  # fmt: skip
    odds: Scalar = par(0.2, unit="1", prior=LogNormal(0.2, 0.3), pressure="structure",
        source="CDB90, half of the wars (docs/battles.md): numbers count for little")  # fmt: skip
    wear: Scalar = par(1.0, unit="1", prior=LogNormal(1.0, 0.7), pressure="losses",
        source="assumed: a side that lost a tenth more of its men in a month is weaker by a tenth; CDB90 cannot tell")  # fmt: skip
    bound: Scalar = par(6.0, unit="km", prior=LogNormal(6.0, 0.45), pressure="structure",
        source="CDB90, half of the wars: 6.2 (docs/battles.md); and the months to October 2023")  # fmt: skip
    thinness: Scalar = par(0.21, unit="1", prior=Normal(0.21, 0.15), pressure="structure",
        source="CDB90, half of the wars (docs/battles.md)")  # fmt: skip
    usual_density: Scalar = par(500.0, unit="men/km", prior=Fixed(1, 100_000), pressure="structure",
        source="a convention: the density at which a position is one bound deep")  # fmt: skip
    pace: Scalar = par(8.0, unit="km/d", prior=LogNormal(8.0, 0.5), pressure="shock",
        source="from Caporetto to the Piave, some 110 km in 17 days of 1917; to Smolensk, some 600 in 24 of 1941")  # fmt: skip
    dead_band: Scalar = par(0.3, unit="nats", prior=LogNormal(0.3, 0.4), pressure="structure",
        source="assumed: below 1.35 to 1 even a broken line is not driven back")  # fmt: skip
    break_ratio: Scalar = par(
        0.45, unit="1", prior=Beta(9, 11), pressure="shock", source="specification (docs/model.md §2.11)"
    )
    strain_ratio: Scalar = par(
        -1.0, unit="nats", prior=Fixed(-5, 0), pressure="shock", source="specification (docs/model.md §2.11)"
    )
    strain_chance: Scalar = par(0.05, unit="1/d", prior=LogNormal(0.05, 0.5), pressure="shock",
        source="specification (docs/model.md §2.11)")  # fmt: skip
    spread: Scalar = par(0.1, unit="1", prior=LogNormal(0.1, 0.5), pressure="shock",
        source="specification (docs/model.md §2.11)")  # fmt: skip
    heal_ratio: Scalar = par(1.2, unit="1", prior=LogNormal(1.2, 0.2), pressure="shock",
        source="specification (docs/model.md §2.11)")  # fmt: skip
    heal_days: Scalar = par(
        5.0, unit="d", prior=Fixed(1, 60), pressure="shock", source="specification (docs/model.md §2.11)"
    )
    rally: Scalar = par(0.05, unit="1/d", prior=LogNormal(0.05, 0.6), pressure="shock",
        source="assumed: Italy 1917 and the Red Army of 1941 stood again within weeks without the upper hand")  # fmt: skip
    rally_margin: Scalar = par(2.0, unit="1", prior=Fixed(0, 10), pressure="shock",
        source="assumed: a rally asks for a force ratio that would hold with this many neighbours broken")  # fmt: skip
    cut_days: Scalar = par(
        3.0, unit="d", prior=Fixed(1, 60), pressure="shock", source="specification (docs/model.md §2.11)"
    )
    supply_loss: Scalar = par(0.1, unit="1/d", prior=LogNormal(0.1, 0.4), pressure="unpaid",
        source="specification (docs/model.md §2.11)")  # fmt: skip
    resupply: Scalar = par(0.25, unit="1/d", prior=LogNormal(0.25, 0.5), pressure="unpaid",
        source="assumed: an open road closes a quarter of a shortfall in a day")  # fmt: skip
    march: Scalar = par(3.0, unit="d", prior=Fixed(1, 60), pressure="shock",
        source="specification (docs/model.md §2.11): a reserve's days of travel")  # fmt: skip
    release_ratio: Scalar = par(1.3, unit="1", prior=LogNormal(1.3, 0.2), pressure="structure",
        source="assumed: a sector with this upper hand gives a brigade back to the reserve")  # fmt: skip


def log_ratio(strength: PerSideSector, held: PerSideSectorMask) -> PerSideSector:
    r"""$\ln(F_o/F_e)$ of each side in each sector, within $\pm 5$; 0 where nobody stands.

    Args:
        strength: power of each side, `[2 K]` [trained men].
        held: whether the side has men there, `[2 K]`.

    Returns:
        The ratio's logarithm, `[2 K]` [nats].
    """
    floor = 1e-4
    own = jnp.log(jnp.maximum(strength, floor))
    return jnp.where(held[0] | held[1], jnp.clip(own - own[::-1], -5, 5), 0)


def edge(params: Params, ratio: PerSideSector, works: PerSideSector, losses: PerSideSector) -> PerSideSector:
    r"""What an attack on a side's positions meets, $z^*$: odds, works and ground, less what the side is worn down more.

    $$z^* = \ln(F_o/F_e) + \mathrm{works}_o - \mathrm{wear}\,(L_o - L_e)$$

    Args:
        params: the declared parameters.
        ratio: log of the force ratio, `[2 K]` [nats].
        works: worth of ground and field works to a side that is attacked, `[2 K]` [nats].
        losses: share of each side's men lost for good in the last month, $L$, `[2 K]` [1].

    Returns:
        The edge, `[2 K]` [nats].
    """
    return ratio + works - params.wear * (losses - losses[::-1])


def yields(params: Params, edge: PerSideSector, hit: PerSideSector, effort: PerSideSector) -> PerSideSector:
    r"""Daily hazard that a position of a side gives way under attack.

    $$\lambda_o = e^{-b z^*}\,(h_o/\mathrm{breakpoint} + h_e/\mathrm{price})$$

    Its clock runs in men hit, not in days: a position gives way as its men are hit, or as the enemy pays for it with his.
    With `odds` at 0 and nothing paid, the losses at which positions give way are exponential with mean `breakpoint`.
    The chance within a day is $1 - e^{-\lambda}$.

    Args:
        params: the declared parameters; `odds` is $b$.
        edge: what the attack meets, $z^*$, `[2 K]` [nats].
        hit: share of the side's men hit in the enemy's attacks, $h_o$, `[2 K]` [1/d].
        effort: share of the enemy's men hit in them, $h_e$, `[2 K]` [1/d].

    Returns:
        The hazard, `[2 K]` [1/d].
    """
    return jnp.exp(-params.odds * edge) * (hit / params.breakpoint + effort / params.price)


def grind(params: Params, lost: PerSideSector, density: PerSideSector) -> PerSideSector:
    r"""Ground that an unbroken side loses today: positions lost times their depth, deeper where the line is thin.

    $$v_o = \mathrm{bound}\cdot\lambda_o\,(D_0/D_o)^{\mathrm{thinness}}$$

    Args:
        params: the declared parameters; `usual_density` is $D_0$.
        lost: hazard that a position gives way, $\lambda_o$, `[2 K]` [1/d].
        density: men of the side on a kilometre, $D_o$, `[2 K]` [men/km].

    Returns:
        The loss, `[2 K]` [km/d].
    """
    deep = (params.usual_density / jnp.maximum(density, 1.0)) ** params.thinness
    return params.bound * lost * deep


def pursued(params: Params, ratio: PerSideSector) -> PerSideSector:
    r"""Ground that a broken side loses today: $\mathrm{pace}\cdot\tanh$ of the odds against it beyond a dead band.

    Args:
        params: the declared parameters.
        ratio: log of the force ratio, `[2 K]` [nats].

    Returns:
        The loss, `[2 K]` [km/d].
    """
    return params.pace * jnp.tanh(jnp.maximum(-ratio - params.dead_band, 0))


def neighbours_broken(broken: PerSideSectorMask) -> tuple[Int[Array, "2 K"], PerSideSectorMask]:
    """How many neighbours of a sector are broken, and whether both are (the ends have but one).

    Args:
        broken: broken sectors, `[2 K]`.

    Returns:
        The number, 0 to 2, and whether it is 2, `[2 K]` each.
    """
    flags = broken.astype(jnp.int32)
    left = jnp.pad(flags, ((0, 0), (1, 0)))[:, :-1]
    right = jnp.pad(flags, ((0, 0), (0, 1)))[:, 1:]
    return left + right, (left + right) == 2


def breaks(
    params: Params, ratio: PerSideSector, neighbours: Int[Array, "2 K"], shock: Float[Array, "2 1"],
    luck: PerSideSector,
) -> PerSideSectorMask:  # fmt: skip
    """Sectors that give way today: outmatched, strained, or by a shock. One draw serves the last two.

    Args:
        params: the declared parameters.
        ratio: log of the force ratio, `[2 K]` [nats].
        neighbours: broken neighbours, `[2 K]`.
        shock: chance that surprise breaks the line, `[2 1]` [1/d].
        luck: a uniform draw, `[2 K]` [0-1].

    Returns:
        Whether the sector gives way, `[2 K]`.
    """
    outmatched = jnp.exp(ratio) < params.break_ratio + params.spread * neighbours
    strained = jnp.where(ratio < params.strain_ratio, params.strain_chance, 0)
    return outmatched | (luck < shock + strained)


def heals(
    params: Params, firm_days: Int[Array, "2 K"], relieved: PerSideSectorMask, raw_ratio: PerSideSector,
    authority: Float[Array, "2 1"], luck: PerSideSector,
) -> PerSideSectorMask:  # fmt: skip
    """Broken sectors that stand again: days with the upper hand, relief, or the men rally.

    A broken line counts at a part of its power, so the upper hand alone would ask for four to one. Hence the rally:
    a daily chance, by authority, where the men that are there could hold if they stood.

    Args:
        params: the declared parameters.
        firm_days: days in a row with the upper hand, `[2 K]` [d].
        relieved: whether a reserve brigade arrives, `[2 K]`.
        raw_ratio: log of the force ratio as if no line were broken, `[2 K]` [nats].
        authority: authority of the regime, `[2 1]` [0-1].
        luck: a uniform draw, `[2 K]` [0-1].

    Returns:
        Whether the sector would stand again, `[2 K]`.
    """
    could = jnp.exp(raw_ratio) > params.break_ratio + params.rally_margin * params.spread
    rallied = could & (luck > 1 - params.rally * authority)
    return (firm_days >= params.heal_days) | relieved | rallied


def supply(
    params: Params, held: PerSideSector, encircled: PerSideSectorMask, level: Float[Array, "2 1"]
) -> PerSideSector:
    """Supply that reaches a sector: it falls in a pocket, else it goes towards the side's level.

    Args:
        params: the declared parameters.
        held: supply of the evening before, `[2 K]` [0-1].
        encircled: encircled sectors, `[2 K]`.
        level: what reaches the side's front, `[2 1]` [0-1].

    Returns:
        The supply, `[2 K]` [0-1].
    """
    open_road = held + (level - held) * params.resupply
    return jnp.clip(jnp.where(encircled, held - params.supply_loss, open_road), 0, 1)


def dispatch(
    params: Params, sector: PerBrigadeCount, travel: PerBrigadeCount, *, usable: PerBrigadeMask,
    broken: Bool[Array, "K"], ratio: PerSector,
) -> tuple[PerBrigadeCount, PerBrigadeCount]:  # fmt: skip
    """One reserve brigade of a side goes to its weakest broken sector to which none is marching yet.

    Args:
        params: the declared parameters.
        sector: the brigades' sectors, K = in reserve, `[B]`.
        travel: days until they arrive, `[B]` [d].
        usable: the side's brigades that exist at this grain, `[B]`.
        broken: the side's broken sectors, `[K]`.
        ratio: log of the side's force ratio, `[K]` [nats].

    Returns:
        Sectors and days to march, `[B]` each.
    """
    sectors = len(ratio)
    marching = jnp.zeros(sectors + 1, bool).at[jnp.where(usable & (travel > 0), sector, sectors)].set(True)[:-1]
    need = broken & ~marching
    where = jnp.argmin(jnp.where(need, ratio, jnp.inf))
    waiting = usable & (sector == sectors) & (travel == 0)
    who = jnp.argmax(waiting)
    go = jnp.any(need) & jnp.any(waiting)
    return (
        sector.at[who].set(jnp.where(go, where, sector[who]).astype(jnp.int32)),
        travel.at[who].set(jnp.where(go, params.march, travel[who]).astype(jnp.int32)),
    )


def release(
    params: Params, sector: PerBrigadeCount, travel: PerBrigadeCount, *, usable: PerBrigadeMask,
    broken: Bool[Array, "K"], ratio: PerSector, wanted: Int[Array, ""],
) -> PerBrigadeCount:  # fmt: skip
    """Where a side's upper hand is greatest, a brigade goes back to a reserve that is short; never a sector's last two.

    Args:
        params: the declared parameters.
        sector: the brigades' sectors, K = in reserve, `[B]`.
        travel: days until they arrive, `[B]` [d].
        usable: the side's brigades that exist at this grain, `[B]`.
        broken: the side's broken sectors, `[K]`.
        ratio: log of the side's force ratio, `[K]` [nats].
        wanted: brigades that the side likes to have in reserve.

    Returns:
        The sectors, `[B]`.
    """
    sectors = len(ratio)
    short = jnp.sum(usable & (sector == sectors)) < wanted
    posted = usable & (travel == 0)
    count = jnp.zeros(sectors + 1, jnp.int32).at[jnp.where(posted, sector, sectors)].add(1)[:-1]
    spare = (~broken) & (count > 2) & (jnp.exp(ratio) > params.release_ratio)
    where = jnp.argmax(jnp.where(spare, ratio, -jnp.inf))
    candidates = posted & (sector == where)
    who = jnp.argmax(candidates)
    go = short & jnp.any(spare) & jnp.any(candidates)
    return sector.at[who].set(jnp.where(go, sectors, sector[who]).astype(jnp.int32))
