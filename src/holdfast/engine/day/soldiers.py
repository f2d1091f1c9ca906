"""The soldiers: each man learns, weighs and has his day, slot by slot."""

from typing import Any

import jax.numpy as jnp
from jaxtyping import Array

from holdfast.core import rng
from holdfast.core.types import Words
from holdfast.engine import state
from holdfast.engine.day.world import Board, Params, Roll, Weighed
from holdfast.engine.mechanisms import choice, fire, perception
from holdfast.engine.state import Army, Setting

RISK_UNIT = 2.0**20
"""Perceived risks are summed in units of 2^-20 a day: exact in any order."""


def weigh(
    params: Params, setting: Setting, board: Board, men: Army, number: Array, day: Array, words: Words
) -> Weighed:
    """What each man believes, what weighs with him, and what becomes of him: of any men, whole slabs or a few."""
    kinds, regions = setting.kinds, setting.regions
    tenure = day - men.joined.astype(jnp.int32)
    green = fire.greenness(params.fire, tenure.astype(jnp.float32))
    assault = kinds.assault[men.kind]

    risk = perception.learn(board.speed, men.risk, regions.trust[men.home], board.seen, board.admitted)
    dread = choice.dread(params.choice, risk)
    terror = board.terror * regions.terror[men.home]
    pay = board.pay * kinds.pay[men.kind] - params.choice.pay_weight
    stay = men.resolve + board.common + terror + pay - dread
    willing = choice.leave(board.way_out, stay)
    leaving = board.tempo * willing
    refusing = choice.refuse(params.choice, dread, board.attack_share * assault, board.refuse_common)
    hit = fire.exposure(board.hazard, green, params.fire.green_excess, board.trench, board.attack, assault, refusing)
    uniform = rng.uniform(words, number)
    what = choice.outcome(
        uniform, hit * board.lethality, hit, leaving, board.surrender, board.gone, board.jailed,
        (1 - leaving) * refusing,
    )  # fmt: skip
    what = jnp.where(men.fate == state.PRESENT, what, choice.STAYS)
    return Weighed(
        tenure=tenure, green=green, assault=assault, risk=risk, dread=dread, terror=terror, pay=pay, stay=stay,
        willing=willing, leaving=leaving, refusing=refusing, hit=hit, uniform=uniform, what=what,
    )  # fmt: skip


def fate_after(fate: Array, what: Array) -> Array:
    """The billet's fate after the day: a man who was hit, left or was jailed is gone from it."""
    lost = (what > choice.STAYS) & (what < choice.CAUGHT)
    return jnp.where(lost, what + (state.KILLED - choice.KILLED), fate).astype(jnp.uint8)


def muster(params: Params, setting: Setting, board: Board, day: Array, words: Words) -> Any:
    """The soldiers of one slot: their squads' totals in the morning, and each one's outcome and belief after it.

    Called slot by slot. The totals are of those who are there in the morning, so that none of them waits for the draw.
    """

    def one(roll: Roll, slot: tuple[Army, Array]) -> tuple[Roll, tuple[Array, Array]]:
        men, number = slot
        each = weigh(params, setting, board, men, number, day, words)
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
