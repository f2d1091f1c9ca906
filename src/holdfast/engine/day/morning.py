"""The morning: fire, perception, bond, pursuit and reasons, as they meet each brigade."""

from typing import Any

import jax.numpy as jnp

from holdfast.core.types import PerSide
from holdfast.engine import echelons
from holdfast.engine.day.world import Board, Params
from holdfast.engine.forcing import Rates
from holdfast.engine.mechanisms import bond, choice, fire, front, perception, pursuit, regime
from holdfast.engine.state import Setting, State


def authority(params: Params, setting: Setting, today: State, rates: Rates) -> PerSide:
    """The day's authority of each side's regime [0-1]."""
    vitality = rates.vitality * (1 - today.regime.gap)
    return regime.authority(today.regime.elite, vitality, setting.personalism)


def morning(
    params: Params, setting: Setting, today: State, rates: Rates, sway: PerSide
) -> tuple[Board, dict[str, Any]]:
    """Fire, perception, bond, pursuit and reasons, as they meet each brigade; and what is told of them."""
    told = shooting(params, setting, today, rates)
    told |= outlook(params, setting, today, rates, told)
    told |= pursued(params, setting, today, rates, sway, told)
    told["fight"] = rates.active
    return reasons(params, setting, today, rates, sway, told), told


def shooting(params: Params, setting: Setting, today: State, rates: Rates) -> dict[str, Any]:
    """Power and balance in each sector, and what the fire there costs a trained man."""
    side, units, sectors = setting.side, today.units, today.front.line.shape[0]
    slots, squads = today.army.fate.shape[:2]
    here = jnp.where(today.front.travel > 0, sectors, today.front.sector)
    men = echelons.brigade(units.present)
    # A man who refuses holds his trench: only the part of the power that attacks is missing.
    refusing = echelons.brigade(units.refusing) / jnp.maximum(men, 1)
    power = units.power / fire.UNIT * (1 - rates.assault[side] * refusing)
    posts = setting.companies * (slots * squads)
    mass = echelons.by_sector(power, side, here, sectors)
    held = mass > 0
    standing = fire.standing(params.fire, mass, today.front.broken)
    full = echelons.by_sector(posts.astype(jnp.float32), side, here, sectors)
    base = setting.hazard * jnp.exp(rates.hazard) * rates.active
    by_sector = fire.hazard(params.fire, base, standing / jnp.maximum(full, 1))
    rear = params.fire.reserve_exposure * by_sector.mean(axis=1)
    return dict(
        here=here, men=men, posts=posts, held=held, total=jnp.maximum(mass.sum(axis=1), 1e-3),
        balance=front.log_ratio(standing, held), raw=front.log_ratio(mass, held),
        hazard=echelons.at_brigades(by_sector, side, here, rear[side]),
    )  # fmt: skip


def outlook(params: Params, setting: Setting, today: State, rates: Rates, told: dict[str, Any]) -> dict[str, Any]:
    """Prospects of the war, and how far the world of each squad is shaken."""
    units, line, total = today.units, today.front.line.mean(), told["total"]
    slots, squads = today.army.fate.shape[:2]
    prospects = perception.prospects(
        params.perception, today.regime.prospects, rates.news, jnp.log(total / total[::-1]),
        jnp.stack([line, -line]), today.front.broken.mean(axis=1), rates.hear, rates.tell,
    )  # fmt: skip
    shaken = bond.shaken(
        params.bond,
        (units.left_squad + units.refusing) / slots,
        (units.left_company + echelons.company(units.refusing)) / (slots * squads),
        (units.left_brigade + echelons.brigade(units.refusing)) / jnp.maximum(told["posts"], 1),
    )
    return dict(prospects=prospects, shaken=shaken, bond=bond.bond(shaken))


def pursued(
    params: Params, setting: Setting, today: State, rates: Rates, sway: PerSide, told: dict[str, Any]
) -> dict[str, Any]:
    """What the provosts can do, who is cut off, and what reaches him of supply."""
    side, here, attempts = setting.side, told["here"], today.units.attempts
    men = told["men"].astype(jnp.float32)
    capacity = pursuit.capacity(params.pursuit, men, sway[side], rates.enforcement[side])
    never = jnp.zeros((), bool)
    cut_off = echelons.at_brigades(today.front.encircled, side, here, never)
    return dict(
        capacity=capacity,
        chance=pursuit.chance(params.pursuit, capacity, attempts),
        seen=pursuit.seen(params.pursuit, capacity, attempts),
        cut_off=cut_off,
        routed=echelons.at_brigades(today.front.broken, side, here, never) | cut_off,
        unfed=1 - echelons.at_brigades(today.front.supply, side, here, rates.supply[side]),
    )


def reasons(params: Params, setting: Setting, today: State, rates: Rates, sway: PerSide, told: dict[str, Any]) -> Board:
    """All that weighs with the men of a brigade alike, and the ways that are open to them."""
    side, cut_off, seen = setting.side, told["cut_off"], told["seen"]
    prospects, share, fight = told["prospects"][side], rates.assault[side], rates.active[side]
    tie = params.bond.coupling * told["bond"]
    wish = choice.brigade_stay(
        params.choice, sway[side], prospects, rates.unpaid[side], told["unfed"], rates.patron_gone[side],
        told["routed"].astype(jnp.float32), rates.cold[side],
    )  # fmt: skip
    on_the_line = told["here"] < today.front.line.shape[0]
    contact = jnp.where(told["routed"], 1.0, jnp.where(on_the_line, params.choice.line_contact, 0.0))
    way_out, give_up = choice.way_out(
        params.choice,
        choice.desert_utility(params.choice, rates.exit[side], seen, rates.sanction[side]),
        choice.surrender_utility(params.choice, rates.captor[side], rates.surrender_cost[side]),
        1.0 - cut_off,
        contact,
    )
    caught = told["chance"] * (1 - give_up)
    haste = jnp.where(cut_off, params.choice.pocket_haste, 1)
    obey = choice.brigade_obey(params.choice, sway[side], prospects, (share > 0) & (fight > 0))
    return Board(
        hazard=told["hazard"],
        trench=1 - share,
        attack=share / jnp.maximum(today.units.assault, 1e-3),
        attack_share=share,
        seen=perception.seen(params.perception, today.units.loss_company, today.units.loss_brigade),
        admitted=(rates.candour * today.regime.losses)[side],
        speed=jnp.minimum(params.perception.learning * jnp.exp(rates.learning), 1)[side],
        common=wish + tie,
        terror=params.choice.terror_weight * seen / jnp.maximum(params.pursuit.ceiling, 1e-6),
        pay=params.choice.pay_weight * rates.pay[side],
        way_out=way_out,
        surrender=give_up,
        gone=1 - caught,
        jailed=1 - caught * params.pursuit.kept,
        refuse_common=obey + tie,
        lethality=setting.killed_share[side],
        tempo=jnp.minimum(params.choice.tempo * haste, 1) * fight,
    )
