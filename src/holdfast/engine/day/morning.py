"""The morning: fire, perception, bond, pursuit and the ways out, as they meet each brigade."""

import jax.numpy as jnp

from holdfast.core.types import PerSide
from holdfast.core.units import MONTH_DAYS
from holdfast.engine import echelons
from holdfast.engine.day.record import Battle, Conditions, Morning, Outlook, Params, Place, Policing
from holdfast.engine.mechanisms import bond, choice, fire, front, perception, pursuit, regime, response
from holdfast.engine.state import Rates, Setting, State


def morning_of(params: Params, setting: Setting, today: State, rates: Rates) -> Morning:
    """What meets each brigade this morning, before any soldier chooses (`docs/model.md` §2.2 to 2.6).

    Args:
        params: the declared parameters.
        setting: the board.
        today: the state of the evening before.
        rates: the day's rates, with every effect's push.

    Returns:
        The morning, with what men of a brigade meet alike as `conditions`.
    """
    vitality = rates.vitality * (1 - today.regime.gap)
    authority = regime.authority(today.regime.elite, vitality, setting.personalism)
    place = _place(setting, today, rates)
    battle = _battle(params, setting, today, rates, place)
    outlook = _outlook(params, setting, today, rates, place, battle)
    policing = _policing(params, setting, today, rates, authority, place)
    conditions = _reasons(params, setting, today, rates, authority, parts=(place, battle, outlook, policing))
    return Morning(
        rates=rates, authority=authority, place=place, battle=battle, outlook=outlook, policing=policing,
        conditions=conditions,
    )  # fmt: skip


def _place(setting: Setting, today: State, rates: Rates) -> Place:
    """Where each brigade stands, who is cut off, and what reaches him of supply."""
    side, front_, sectors = setting.side, today.front, today.front.line.shape[0]
    slots, squads = today.army.fate.shape[:2]
    here = jnp.where(front_.travel > 0, sectors, front_.sector)
    never = jnp.zeros((), bool)
    cut_off = echelons.at_brigades(front_.encircled, side, here, never)
    return Place(
        sector=here,
        men=echelons.brigade(today.units.present),
        posts=setting.companies * (slots * squads),
        cut_off=cut_off,
        routed=echelons.at_brigades(front_.broken, side, here, never) | cut_off,
        unfed=1 - echelons.at_brigades(front_.supply, side, here, rates.supply[side]),
    )


def _battle(params: Params, setting: Setting, today: State, rates: Rates, place: Place) -> Battle:
    """Power and balance in each sector, and what the fire there costs a trained man."""
    side, units, sectors = setting.side, today.units, today.front.line.shape[0]
    # A man who refuses holds his trench: only the part of the power that attacks is missing.
    refusing = echelons.brigade(units.refusing) / jnp.maximum(place.men, 1)
    power = units.power / fire.UNIT * (1 - rates.assault[side] * refusing)
    mass = echelons.by_sector(power, side, place.sector, sectors)
    held = mass > 0
    standing = fire.standing(params.fire, mass, today.front.broken)
    full = echelons.by_sector(place.posts.astype(jnp.float32), side, place.sector, sectors)
    base = setting.hazard * jnp.exp(rates.hazard) * rates.active
    by_sector = fire.hazard(params.fire, base, standing / jnp.maximum(full, 1))
    worth = response.worth(params.response, today.front.positions)
    rear = params.fire.reserve_exposure * by_sector.mean(axis=1)
    balance = front.log_ratio(standing * worth, held)
    men = place.men.astype(jnp.float32)
    here = echelons.by_sector(men, side, place.sector, sectors)
    worn = echelons.by_sector(units.loss_brigade * men, side, place.sector, sectors) / jnp.maximum(here, 1)
    return Battle(
        held=held,
        total=jnp.maximum(mass.sum(axis=1), 1e-3),
        balance=balance,
        raw=front.log_ratio(mass * worth, held),
        edge=front.edge(params.front, balance, setting.works, worn * MONTH_DAYS),
        fire=by_sector,
        density=here * setting.men_per_billet / setting.km,
        hazard=echelons.at_brigades(by_sector, side, place.sector, rear[side]),
    )


def _outlook(params: Params, setting: Setting, today: State, rates: Rates, place: Place, battle: Battle) -> Outlook:
    """Prospects of the war, and how far the world of each squad is shaken."""
    units, total = today.units, battle.total
    line = (today.front.line * setting.km).sum() / setting.km.sum()
    slots, squads = today.army.fate.shape[:2]
    prospects = perception.prospects(
        params.perception, today.regime.prospects, news=rates.news, balance=jnp.log(total / total[::-1]),
        ground=jnp.stack([line, -line]), broken=today.front.broken.mean(axis=1), hear=rates.hear, tell=rates.tell,
    )  # fmt: skip
    shaken = bond.shaken(
        params.bond,
        (units.left_squad + units.refusing) / slots,
        (units.left_company + echelons.company(units.refusing)) / (slots * squads),
        (units.left_brigade + echelons.brigade(units.refusing)) / jnp.maximum(place.posts, 1),
    )
    return Outlook(prospects=prospects, shaken=shaken, bond=bond.bond(shaken))


def _policing(
    params: Params, setting: Setting, today: State, rates: Rates, authority: PerSide, place: Place
) -> Policing:
    """What the provosts can do."""
    side, attempts = setting.side, today.units.attempts
    men = place.men.astype(jnp.float32)
    enforcement = response.tightened(params.response, rates.enforcement, today.regime.alarm)
    capacity = pursuit.capacity(params.pursuit, men, authority[side], enforcement[side])
    return Policing(
        capacity=capacity,
        chance=pursuit.chance(params.pursuit, capacity, attempts),
        seen=pursuit.seen(params.pursuit, capacity, attempts),
    )


def _reasons(
    params: Params, setting: Setting, today: State, rates: Rates, authority: PerSide, *,
    parts: tuple[Place, Battle, Outlook, Policing],
) -> Conditions:  # fmt: skip
    """All that weighs with the men of a brigade alike, and the ways that are open to them."""
    place, battle, outlook, policing = parts
    side, cut_off, seen = setting.side, place.cut_off, policing.seen
    prospects, share, fight = outlook.prospects[side], rates.assault[side], rates.active[side]
    tie = params.bond.coupling * outlook.bond
    wish = choice.brigade_stay(
        params.choice, authority=authority[side], prospects=prospects, unpaid=rates.unpaid[side], unfed=place.unfed,
        patron_gone=rates.patron_gone[side], rout=place.routed.astype(jnp.float32), cold=rates.cold[side],
    )  # fmt: skip
    on_the_line = place.sector < today.front.line.shape[0]
    contact = jnp.where(place.routed, 1.0, jnp.where(on_the_line, params.choice.line_contact, 0.0))
    way_out, give_up = choice.way_out(
        params.choice,
        choice.desert_utility(params.choice, rates.exit[side], seen, rates.sanction[side]),
        choice.surrender_utility(params.choice, rates.captor[side], rates.surrender_cost[side]),
        1.0 - cut_off,
        contact,
    )
    caught = policing.chance * (1 - give_up)
    haste = jnp.where(cut_off, params.choice.pocket_haste, 1)
    obey = choice.brigade_obey(params.choice, authority[side], prospects, (share > 0) & (fight > 0))
    return Conditions(
        hazard=battle.hazard,
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
        jailed=1 - caught * params.pursuit.retained,
        refuse_common=obey + tie,
        lethality=setting.killed_share[side],
        tempo=jnp.minimum(params.choice.tempo * haste, 1) * fight,
    )
