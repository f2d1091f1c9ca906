"""The morning: fire, perception, bond, pursuit and reasons, as they meet each brigade."""

from typing import Any

import jax.numpy as jnp

from holdfast import force
from holdfast.day.world import Board, Params
from holdfast.mechanisms import bond, choice, fire, front, perception, pursuit, regime
from holdfast.rates import Rates
from holdfast.state import Setting, State
from holdfast.types import PerSide


def authority(params: Params, setting: Setting, today: State, rates: Rates) -> PerSide:
    """The day's authority of each side's regime [0-1]."""
    vitality = rates.vitality * (1 - today.regime.gap)
    return regime.authority(today.regime.elite, vitality, setting.personalism)


def morning(
    params: Params, setting: Setting, today: State, rates: Rates, sway: PerSide
) -> tuple[Board, dict[str, Any]]:
    """Fire, perception, bond, pursuit and reasons, as they meet each brigade; and what is told of them."""
    side, where = setting.side, today.front.sector
    here = jnp.where(today.front.travel > 0, where * 0 + today.front.line.shape[0], where)
    sectors = today.front.line.shape[0]
    men = force.brigade(today.units.present)
    alive = jnp.maximum(men, 1)

    # Fire.
    refusing = force.brigade(today.units.refusing) / alive
    power = today.units.power / fire.UNIT * (1 - rates.assault[side] * refusing)
    posts = setting.companies * (today.army.fate.shape[0] * today.army.fate.shape[1])
    weight = force.by_sector(power, side, here, sectors)
    strength = fire.strength(
        params.fire,
        weight,
        force.by_sector(posts.astype(jnp.float32), side, here, sectors),
        today.front.broken,
    )
    base_hazard = setting.hazard * jnp.exp(rates.hazard) * rates.active
    by_sector = fire.hazard(params.fire, base_hazard, strength)
    rear = params.fire.reserve_exposure * by_sector.mean(axis=1)
    hazard = force.at_brigades(by_sector, side, here, rear[side])
    assault_mean = fire.mean_of_fixed(today.units.attackers, men, 1.0)

    # Perception.
    held = weight > 0
    balance = front.log_ratio(weight, held)
    total = jnp.maximum(weight.sum(axis=1), 1e-3)
    ground = jnp.stack([today.front.line.mean(), -today.front.line.mean()])
    broken = today.front.broken.mean(axis=1)
    prospects = perception.prospects(
        params.perception, today.regime.prospects, rates.news, jnp.log(total / total[::-1]), ground, broken,
        rates.hear, rates.tell,
    )  # fmt: skip

    # Bond.
    slots, squads = today.army.fate.shape[:2]
    remembered = today.units
    shaken = bond.shaken(
        params.bond,
        (remembered.left_squad + remembered.refusing) / slots,
        (remembered.left_company + force.company(remembered.refusing)) / (slots * squads),
        (remembered.left_brigade + force.brigade(remembered.refusing)) / jnp.maximum(posts, 1),
    )
    tie = params.bond.coupling * bond.bond(shaken)

    # Pursuit.
    capacity = pursuit.capacity(params.pursuit, men.astype(jnp.float32), sway[side], rates.enforcement[side])
    chance = pursuit.chance(params.pursuit, capacity, remembered.attempts)
    seen = pursuit.seen(params.pursuit, capacity, remembered.attempts)

    # Reasons, and the ways out.
    cut_off = force.at_brigades(today.front.encircled, side, here, jnp.zeros((), bool))
    routed = force.at_brigades(today.front.broken, side, here, jnp.zeros((), bool)) | cut_off
    unfed = 1 - force.at_brigades(today.front.supply, side, here, rates.supply[side])
    wish = choice.brigade_stay(
        params.choice, sway[side], prospects[side], rates.unpaid[side], unfed, rates.patron_gone[side],
        routed.astype(jnp.float32), rates.cold[side],
    )  # fmt: skip
    contact = jnp.where(routed, 1.0, jnp.where(here < sectors, params.choice.line_contact, 0.0))
    way_out, give_up = choice.way_out(
        params.choice,
        choice.desert_utility(params.choice, rates.exit[side], seen, rates.sanction[side]),
        choice.surrender_utility(params.choice, rates.captor[side], rates.surrender_cost[side]),
        1.0 - cut_off,
        contact,
    )
    caught = chance * (1 - give_up)
    gone = 1 - caught
    share = rates.assault[side]
    fight = rates.active[side]
    board = Board(
        hazard=hazard,
        trench=1 - share,
        attack=share / jnp.maximum(assault_mean, 1e-3),
        attack_share=share,
        seen=perception.seen(params.perception, remembered.loss_company, remembered.loss_brigade),
        admitted=(rates.candour * today.regime.losses)[side],
        speed=jnp.minimum(params.perception.learning * jnp.exp(rates.learning), 1)[side],
        common=wish + tie,
        terror=params.choice.terror_weight * seen / params.pursuit.ceiling,
        pay=params.choice.pay_weight * rates.pay[side],
        way_out=way_out,
        surrender=give_up,
        gone=gone,
        jailed=gone + caught * (1 - params.pursuit.kept),
        refuse_common=params.choice.refuse_cost
        + params.choice.refuse_authority * sway[side]
        + params.choice.prospects_weight * prospects[side]
        + tie
        + 50.0 * (1 - fight),
        lethality=setting.killed_share[side],
        tempo=jnp.minimum(params.choice.tempo * jnp.where(cut_off, params.choice.pocket_haste, 1), 1) * fight,
    )
    told = dict(
        prospects=prospects, strength=strength, balance=front.log_ratio(strength, held), raw=balance, held=held,
        capacity=capacity, chance=chance, seen=seen, shaken=shaken, cut_off=cut_off, here=here, posts=posts,
        hazard=by_sector, men=men, fight=fight, bond=bond.bond(shaken), unfed=unfed,
    )  # fmt: skip
    return board, told
