"""The soldiers: each man learns, weighs and has his day, slot by slot."""

from collections.abc import Callable
from typing import TypeAlias

import jax.numpy as jnp
from jaxtyping import Array

from holdfast.core import rng
from holdfast.core.types import Words
from holdfast.engine import state
from holdfast.engine.day.record import Conditions, Params, Roll, Weighed
from holdfast.engine.mechanisms import choice, fire, perception
from holdfast.engine.state import Army, Setting

RISK_UNIT = 2.0**20
"""Perceived risks are summed in units of 2^-20 a day: exact in any order."""


Muster: TypeAlias = Callable[[Roll, tuple[Army, Array]], tuple[Roll, tuple[Array, Array]]]
"""From the totals so far and a slot's men and numbers to the totals, the men's outcomes and their beliefs."""


def weigh(
    params: Params, setting: Setting, conditions: Conditions, men: Army, number: Array, *, day: Array, words: Words
) -> Weighed:
    """What each man believes, what weighs with him, and what becomes of him (`docs/model.md` §2.3, 2.6, 2.7).

    Args:
        params: the declared parameters.
        setting: the board.
        conditions: what the men's brigades meet this morning.
        men: any men: whole slabs `[Q C B]`, or a few `[n]` with conditions of the same shape.
        number: the men's numbers, for luck.
        day: number of the day.
        words: the day's words of the stream `fate`.

    Returns:
        Each man's day, of the shape of `men`; those who are not present stay what they are.
    """
    kinds, regions = setting.kinds, setting.regions
    tenure = day - men.joined.astype(jnp.int32)
    green = fire.greenness(params.fire, tenure.astype(jnp.float32))
    assault = kinds.assault[men.kind]

    risk = perception.learn(conditions.speed, men.risk, regions.trust[men.home], conditions.seen, conditions.admitted)
    dread = choice.dread(params.choice, risk)
    terror = conditions.terror * regions.terror[men.home]
    pay = conditions.pay * kinds.pay[men.kind] - params.choice.pay_weight
    stay = men.resolve + conditions.common + terror + pay - dread
    willing = choice.leave(conditions.way_out, stay)
    leaving = conditions.tempo * willing
    refusing = choice.refuse(dread, conditions.attack_share * assault, conditions.refuse_common)
    hit = fire.exposure(
        params.fire, conditions.hazard, green, trench=conditions.trench, attack=conditions.attack, assault=assault,
        refuse=refusing,
    )  # fmt: skip
    uniform = rng.uniform(words, number)
    what = choice.outcome(
        uniform, killed=hit * conditions.lethality, hit=hit, leaving=leaving, surrender=conditions.surrender,
        gone=conditions.gone, jailed=conditions.jailed, refusing=(1 - leaving) * refusing,
    )  # fmt: skip
    what = jnp.where(men.fate == state.PRESENT, what, choice.STAYS)
    return Weighed(
        tenure=tenure, green=green, assault=assault, risk=risk, dread=dread, terror=terror, pay=pay, stay=stay,
        willing=willing, leaving=leaving, refusing=refusing, hit=hit, uniform=uniform, what=what,
    )  # fmt: skip


def fate_after(fate: Array, what: Array) -> Array:
    """The billets' fates after the day: a man who was hit, left or was jailed is gone from his billet.

    Args:
        fate: the fates in the morning, `uint8`.
        what: codes of the day's outcomes, the same shape.

    Returns:
        The fates in the evening, `uint8`, the same shape.
    """
    lost = (what > choice.STAYS) & (what < choice.CAUGHT)
    return jnp.where(lost, what + (state.KILLED - choice.KILLED), fate).astype(jnp.uint8)


def muster(params: Params, setting: Setting, conditions: Conditions, day: Array, words: Words) -> Muster:
    """The function that takes the soldiers of one slot: their squads' totals, each one's outcome and belief.

    Called slot by slot. The totals are of those who are there in the morning, so that none of them waits for the draw.

    Args:
        params: the declared parameters.
        setting: the board.
        conditions: what the brigades meet this morning.
        day: number of the day.
        words: the day's words of the stream `fate`.

    Returns:
        The function, for `holdfast.engine.echelons.each_slot`.
    """

    def one(roll: Roll, slot: tuple[Army, Array]) -> tuple[Roll, tuple[Array, Array]]:
        men, number = slot
        each = weigh(params, setting, conditions, men, number, day=day, words=words)
        present = men.fate == state.PRESENT
        count, weight = present.astype(jnp.int32), present.astype(jnp.float32)
        risk = jnp.round(jnp.minimum(each.risk, 0.5) * RISK_UNIT).astype(jnp.int32)
        roll = Roll(
            power=roll.power + count * fire.power(params.fire, each.green, setting.kinds.arms[men.kind]),
            attackers=roll.attackers + count * fire.fixed(each.assault),
            risk=roll.risk + count * risk,
            tenure=roll.tenure + count * each.tenure,
            eager=roll.eager + weight * each.willing,
            touchy=roll.touchy + weight * each.willing * (1 - each.willing),
        )
        return roll, (each.what.astype(jnp.uint8), each.risk)

    return one
