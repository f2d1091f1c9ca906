"""The soldiers: each man learns, weighs and has his day, slot by slot."""

from typing import Any

import jax.numpy as jnp
from jaxtyping import Array

from holdfast import force, luck, state
from holdfast.day.world import Board, Params, Roll
from holdfast.mechanisms import choice, fire, perception
from holdfast.state import Army, Setting
from holdfast.types import PerBrigade, Words

RISK_UNIT = 2.0**20
"""Perceived risks are summed in units of 2^-20 a day: exact in any order."""


def muster(
    params: Params, setting: Setting, board: Board, day: Array, words: Words, tempo: PerBrigade
) -> Any:
    """The soldiers of one slot: each man learns, weighs and has his day. Called slot by slot."""
    kinds, regions = setting.kinds, setting.regions

    def one(roll: Roll, slot: tuple[Army, Array]) -> tuple[Roll, tuple[Array, Array]]:
        men, number = slot
        present = men.fate == state.PRESENT
        trust = regions.trust[men.home]
        assault = kinds.assault[men.kind]
        tenure = day - men.joined.astype(jnp.int32)
        green = fire.greenness(params.fire, tenure.astype(jnp.float32))

        risk = perception.learn(board.speed, men.risk, trust, board.seen, board.admitted)
        dread = choice.dread(params.choice, risk)
        stay = men.resolve + board.common + board.terror * regions.terror[men.home]
        stay = stay + board.pay * kinds.pay[men.kind] - params.choice.pay_weight - dread
        willing = choice.leave(board.way_out, stay)
        leaving = tempo * willing
        refusing = choice.refuse(params.choice, dread, board.attack_share * assault, board.refuse_common)
        hit = fire.exposure(
            board.hazard, green, params.fire.green_excess, board.trench, board.attack, assault, refusing
        )
        what = choice.outcome(
            luck.uniform(words, number), hit * setting.killed_share[setting.side], hit, leaving,
            board.surrender, board.gone, board.jailed, (1 - leaving) * refusing,
        )  # fmt: skip
        what = jnp.where(present, what, choice.STAYS)
        lost = (what > choice.STAYS) & (what < choice.CAUGHT)
        fate = jnp.where(lost, what + (state.KILLED - choice.KILLED), men.fate).astype(jnp.uint8)

        still = present & ~lost
        count, weight = still.astype(jnp.int32), present.astype(jnp.float32)
        roll = Roll(
            packed=roll.packed + force.pack(what),
            power=roll.power + count * fire.power(params.fire, green, kinds.arms[men.kind]),
            attackers=roll.attackers + count * fire.fixed(assault),
            risk=roll.risk + count * jnp.round(jnp.minimum(risk, 0.5) * RISK_UNIT).astype(jnp.int32),
            tenure=roll.tenure + count * tenure,
            eager=roll.eager + weight * willing,
            touchy=roll.touchy + weight * willing * (1 - willing),
        )
        return roll, (fate, risk)

    return one
