"""Response: what a command and a state do about a crisis for as long as they still command.

Four answers, each in proportion to what authority is left: the provosts are tightened, units that are refilled forget
who left them, a broken sector re-forms on a line behind, and the state ends the war before its army dissolves.
"""

import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from holdfast.core.params import Fixed, LogNormal, par
from holdfast.core.types import PerSide, PerSideSector, PerSideSectorMask, Record, Scalar
from holdfast.core.units import MONTH_DAYS


class Params(Record):
    rate: Scalar = par(15.0, unit="1/1,000/month", prior=LogNormal(15.0, 0.5), pressure="coercion",
        source="assumed, after the prototype of 28 Nov 2026: attempts at which a command is half alarmed")  # fmt: skip
    refusing: Scalar = par(0.05, unit="1", prior=Fixed(0.001, 1), pressure="coercion",
        source="assumed: a twentieth of the men refusing alarms as much; France, May and June 1917")  # fmt: skip
    lag: Scalar = par(21.0, unit="d", prior=LogNormal(21.0, 0.4), pressure="coercion",
        source="assumed, after the prototype of 28 Nov 2026: weeks, as before Order 227 of 28 July 1942")  # fmt: skip
    tightening: Scalar = par(3.0, unit="1", prior=LogNormal(3.0, 0.5), pressure="coercion",
        source="assumed; history: Order 227's blocking detachments 1942, Cadorna's decimations 1916-17; 0 is off")  # fmt: skip
    forgetting: Scalar = par(1.0, unit="1", prior=Fixed(0, 1), pressure="bond",
        source="assumed: each man who joins takes the place of one who is remembered to have left; 0 is off")  # fmt: skip
    fall_back: Scalar = par(0.1, unit="1/d", prior=LogNormal(0.1, 0.6), pressure="shock",
        source="assumed; history: the Piave in November 1917, after Caporetto; 0 is off")  # fmt: skip
    positions: Scalar = par(3.0, unit="1", prior=Fixed(1, 10), pressure="shock",
        source="assumed: lines that a sector can give; in 1917 there were the Tagliamento and the Piave")  # fmt: skip
    least_ratio: Scalar = par(0.25, unit="1", prior=Fixed(0, 1), pressure="shock",
        source="assumed: whoever is weaker than one to four does not get away in order")  # fmt: skip
    depth: Scalar = par(15.0, unit="km", prior=LogNormal(15.0, 0.7), pressure="shock",
        source="assumed: from one position to the next; in 1917 the whole way to the Piave was far more")  # fmt: skip
    position_gain: Scalar = par(0.25, unit="1", prior=LogNormal(0.25, 0.4), pressure="shock",
        source="assumed, after the prototype of 28 Nov 2026: a shorter line, a tired enemy")  # fmt: skip
    settle: Scalar = par(0.03, unit="1/d", prior=LogNormal(0.03, 0.6), pressure="regime",
        source="assumed; history: Iran and resolution 598, July 1988; Finland's armistice, September 1944; 0 is off")  # fmt: skip
    hardship: Scalar = par(0.7, unit="1", prior=Fixed(0, 3), pressure="regime",
        source="assumed: what a state bears of sectors broken, hope lost, men missing, added up")  # fmt: skip


def alarm(
    params: Params, alarm: PerSide, *, authority: PerSide, attempts: PerSide, refused: PerSide, men: PerSide
) -> PerSide:  # fmt: skip
    r"""How far a command is alarmed by men who try to leave or refuse; it follows the crisis with a lag.

    $$r \leftarrow r + \left(\frac{A^2 x^2}{1+x^2} - r\right)/\mathrm{lag},\qquad
    x = \frac{\mathrm{attempts}}{\mathrm{rate}} + \frac{\mathrm{refusing}}{0.05}$$

    Args:
        params: the declared parameters.
        alarm: the alarm of the evening before, $r$, `[2]` [0-1].
        authority: authority of the regime, $A$, `[2]` [0-1].
        attempts: attempted desertions lately, `[2]` [billets/d].
        refused: men who refused today, `[2]` [billets].
        men: men present in the morning, `[2]` [billets].

    Returns:
        The alarm in the evening, `[2]` [0-1].
    """
    strength = jnp.maximum(men, 1)
    crisis = attempts / strength * 1000 * MONTH_DAYS / params.rate + refused / strength / params.refusing
    square = crisis * crisis
    aim = authority * authority * (square / (1 + square))
    return alarm + (aim - alarm) / jnp.maximum(params.lag, 1)


def tightened(params: Params, enforcement: PerSide, alarm: PerSide) -> PerSide:
    r"""Enforcement as an alarmed command has it, $\mathrm{enforcement}\,(1 + k r)$.

    Args:
        params: the declared parameters; `tightening` is $k$.
        enforcement: multiplier on the capacity to catch, `[2]` [1].
        alarm: the alarm of the evening before, $r$, `[2]` [0-1].

    Returns:
        The multiplier, `[2]` [1].
    """
    return enforcement * (1 + params.tightening * alarm)


def forget(params: Params, memory: Float[Array, "..."], joins: Int[Array, "..."]) -> Float[Array, "..."]:
    r"""The memory of exits of a unit that takes in men, $M \leftarrow \max(0, M - w\cdot\mathrm{joins})$.

    Args:
        params: the declared parameters; `forgetting` is $w$.
        memory: remembered exits of squads, companies or brigades [men].
        joins: men who join today, healed or new, the same shape [men].

    Returns:
        The memory, the same shape [men].
    """
    return jnp.maximum(memory - params.forgetting * joins, 0)


def worth(params: Params, given: Int[Array, "2 K"]) -> PerSideSector:
    r"""What a side's power counts for on the line that it has fallen back to, $1 + g n$; in the balance, not in its fire.

    Args:
        params: the declared parameters; `position_gain` is $g$.
        given: positions given so far, $n$, `[2 K]`.

    Returns:
        The multiplier on the power, `[2 K]` [1].
    """
    return 1 + params.position_gain * given


def falls_back(
    params: Params, given: Int[Array, "2 K"], raw_ratio: PerSideSector, authority: Float[Array, "2 1"],
    luck: PerSideSector,
) -> PerSideSectorMask:  # fmt: skip
    r"""Whether a broken sector would re-form on a line behind today: by the chance $f A^2 (1 - n/3)$.

    Args:
        params: the declared parameters; `fall_back` is $f$, `positions` the 3.
        given: positions given so far, $n$, `[2 K]`.
        raw_ratio: log of the force ratio as if no line were broken, `[2 K]` [nats].
        authority: authority of the regime, $A$, `[2 1]` [0-1].
        luck: a uniform draw, `[2 K]` [0-1].

    Returns:
        Whether it would, `[2 K]`; that it is broken and not cut off is for the caller to see.
    """
    chance = params.fall_back * (authority * authority) * (1 - given / params.positions)
    return (jnp.exp(raw_ratio) > params.least_ratio) & (luck < chance)


def ground(params: Params, fallen: PerSideSectorMask) -> PerSideSector:
    """Ground that sides give up as sectors of theirs fall back.

    Args:
        params: the declared parameters.
        fallen: sectors that fall back today, `[2 K]`.

    Returns:
        How far, `[2 K]` [km].
    """
    return fallen * params.depth


def settles(
    params: Params, *, authority: PerSide, broken: PerSide, prospects: PerSide, present: PerSide, luck: PerSide
) -> Array:
    r"""Whether a state ends the war today, while its army stands.

    $$\mathrm{settle}\cdot A^2\cdot\mathrm{clip}(\mathrm{broken} + \max(0, -V) + \mathrm{missing} - h, 0, 1)$$

    Args:
        params: the declared parameters; `hardship` is $h$.
        authority: authority of the regime, $A$, `[2]` [0-1].
        broken: share of the side's sectors broken, `[2]` [1].
        prospects: prospects of the war, $V$, `[2]` [-1..1].
        present: men present over the establishment; what is missing of 1 counts, `[2]` [1].
        luck: a uniform draw, `[2]` [0-1].

    Returns:
        Whether it does, bool `[2]`.
    """
    missing = 1 - jnp.clip(present, 0, 1)
    need = jnp.clip(broken + jnp.maximum(-prospects, 0) + missing - params.hardship, 0, 1)
    return luck < params.settle * (authority * authority) * need
