"""The record of a day: labelled flows, stocks and states, in men and in the units of `docs/model.md`."""

import jax.numpy as jnp
from jaxtyping import Array

from holdfast.core.types import PerBrigade, PerSide
from holdfast.engine import echelons
from holdfast.engine.day.world import DayRecord, Morning, Params, Roll
from holdfast.engine.mechanisms import pursuit, reproduction
from holdfast.engine.state import Flows, Setting, State


def flows_of(params: Params, setting: Setting, before: State, after: State, record: DayRecord) -> Flows:
    """All that a reader may want of a day, by name; names and units stand in `holdfast.ensemble.result.VARIABLES`.

    Args:
        params: the declared parameters.
        setting: the board.
        before: the state in the evening before.
        after: the state in the evening.
        record: the parts of the day.

    Returns:
        Flows, stocks and states by side, sector, brigade and region.
    """
    grain, morning, tally, call_up = setting.men_per_billet, record.morning, record.tally, record.call_up
    men = echelons.brigade(after.units.present)
    number = reproduction_number(params, setting, before, morning, record.roll)
    front = after.front
    return Flows(
        side=_men_by_side(setting, after, record, men) | _states_by_side(setting, after, record, men, number),
        sector=dict(
            broken=front.broken.astype(jnp.uint8), encircled=front.encircled.astype(jnp.uint8), line_km=front.line,
            log_force_ratio=morning.battle.balance[0],
        ),
        brigade=dict(brigade_present=men * grain, brigade_left=tally.left * grain, brigade_reproduction=number),
        region=dict(
            region_killed=record.intake.dead, region_evaded=call_up.evaded, region_fled=call_up.fled,
            region_notices=call_up.notices,
        ),
    )  # fmt: skip


def _men_by_side(setting: Setting, after: State, record: DayRecord, men: Array) -> dict[str, Array]:
    """Flows and stocks of men, `[2]` each [men]."""
    tally, call_up, intake, grain = record.tally, record.call_up, record.intake, setting.men_per_billet
    pocketed = jnp.where(record.morning.place.cut_off, tally.surrendered, 0)
    of_billets = {name: getattr(tally, name) for name in ("killed", "wounded", "deserted", "refused")}
    of_billets |= dict(
        surrendered=tally.surrendered - pocketed, captured=pocketed, caught=tally.caught + tally.jailed,
        imprisoned=tally.jailed, present=men,
    )  # fmt: skip
    of_brigades = {name: billets * grain for name, billets in of_billets.items()}
    of_brigades |= {name: getattr(record.rear, name) for name in ("returned", "healed", "invalided", "defected")}
    of_brigades |= {name: getattr(after.rear, name) for name in ("hospital", "absent", "ready", "prison", "prisoners")}
    of_brigades["posted"] = intake.reposted + intake.fresh
    of_regions = {name: getattr(call_up, name) for name in ("notices", "complied", "evaded", "fled")}
    of_regions |= dict(volunteered=call_up.signed, trained=after.society.trained)
    of_regions["training"] = after.society.training.sum(axis=0)
    balance = jnp.broadcast_to(everyone(setting, after), (2,))
    by_side = echelons.totals(of_brigades, setting.side) | echelons.totals(of_regions, setting.regions.side)
    return by_side | {"balance": balance}


def _states_by_side(
    setting: Setting, after: State, record: DayRecord, men: Array, number: PerBrigade
) -> dict[str, PerSide]:
    """States, beliefs and rates, `[2]` each, in the units of `docs/model.md`."""
    side, morning, rates = setting.side, record.morning, record.morning.rates
    weight = men.astype(jnp.float32)
    means = dict(
        risk_believed=after.units.risk, bond=morning.outlook.bond.mean(axis=(0, 1)),
        catch_chance=morning.policing.chance, catch_chance_seen=morning.policing.seen, unfed=morning.place.unfed,
        present=jnp.ones_like(weight),
    )  # fmt: skip
    weighed = echelons.totals({name: value * weight for name, value in means.items()}, side)
    heads = jnp.maximum(weighed.pop("present"), 1)
    mean_r, max_r = reproduction.spread(number, weight, (side == jnp.arange(2)[:, None]).astype(jnp.float32))
    return {name: total / heads for name, total in weighed.items()} | dict(
        risk_true=after.regime.losses, prospects=morning.outlook.prospects, authority=morning.authority,
        elite_cohesion=after.regime.elite, elite_threshold=record.unrest.threshold,
        vitality=rates.vitality * (1 - after.regime.gap), support=after.regime.support,
        protest=record.unrest.protest, reproduction_mean=mean_r, reproduction_max=max_r, assault=rates.assault,
        intensity=jnp.exp(rates.hazard), pay=rates.pay, supply=after.front.supply.mean(axis=1),
        patron_gone=rates.patron_gone, unpaid=rates.unpaid, cold=rates.cold, exit_safety=rates.exit,
        captor_treatment=rates.captor, broken_share=after.front.broken.mean(axis=1), active=rates.active,
        collapsed=after.verdict.collapsed.astype(jnp.int32),
    )  # fmt: skip


def reproduction_number(params: Params, setting: Setting, today: State, morning: Morning, roll: Roll) -> PerBrigade:
    """R_d of each brigade [1]; see `docs/model.md` §4 and `holdfast.engine.mechanisms.reproduction`.

    Args:
        params: the declared parameters.
        setting: the board.
        today: the state of the evening before.
        morning: the day's morning.
        roll: totals over the men who were there in the morning.

    Returns:
        The number, `[B]`.
    """
    conditions, policing, attempts = morning.conditions, morning.policing, today.units.attempts
    slots, tempo = today.army.fate.shape[0], conditions.tempo
    weights = (params.bond.squad_weight, params.bond.company_weight, params.bond.brigade_weight)
    tie = reproduction.through_bond(
        roll.eager, roll.touchy, slots, morning.place.posts, weights, (morning.outlook.shaken < 1).astype(jnp.float32)
    )
    gain = 2 * params.bond.coupling * params.bond.sharpness * params.bond.memory * tempo
    home = 1 - conditions.surrender
    fear = params.choice.sanction_weight * jnp.exp(morning.rates.sanction)[setting.side] * home
    fear = fear + _terror(params, setting)
    swamped = reproduction.through_pursuit(
        echelons.brigade(roll.eager), echelons.brigade(roll.touchy), home=home, out=conditions.gone,
        chance=policing.chance, room=policing.capacity + attempts,
        seen_slope=pursuit.seen_slope(params.pursuit, policing.capacity, attempts), fear=fear,
    )  # fmt: skip
    return gain * conditions.gone * tie + tempo * swamped


def _terror(params: Params, setting: Setting) -> PerBrigade:
    """What the sight of an arrest adds to the wish to stay through past terror, a side's mean [nats]."""
    regions = setting.regions
    weight = echelons.by_side(regions.terror * regions.eligible, regions.side)
    mean = weight / jnp.maximum(echelons.by_side(regions.eligible, regions.side), 1)
    return params.choice.terror_weight * mean[setting.side] / jnp.maximum(params.pursuit.ceiling, 1e-6)


def everyone(setting: Setting, state: State) -> Array:
    """All the men of both sides, wherever they are: the number that must not change.

    Args:
        setting: the board.
        state: any state.

    Returns:
        The number, a whole number [men].
    """
    rear, society = state.rear, state.society
    stocks = (
        rear.hospital, rear.ready, rear.absent, rear.prison, rear.prisoners, rear.killed, rear.invalided,
        society.eligible, society.training, society.trained, society.evading, society.abroad,
    )  # fmt: skip
    return state.units.present.sum() * setting.men_per_billet + sum((s.sum() for s in stocks), jnp.int32(0))
