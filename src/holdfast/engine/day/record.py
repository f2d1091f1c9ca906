"""What is told of a day: labelled flows, stocks and states, in men and in the units of `docs/model.md`."""

from typing import Any

import jax.numpy as jnp
from jaxtyping import Array

from holdfast.core.types import PerSide
from holdfast.engine import echelons
from holdfast.engine.day.world import Board, Params, Roll
from holdfast.engine.forcing import Rates
from holdfast.engine.mechanisms import pursuit, reproduction
from holdfast.engine.state import Flows, Setting, State


def reproduction_number(
    params: Params, setting: Setting, today: State, board: Board, roll: Roll, told: dict[str, Any], rates: Rates
) -> Array:
    """R_d of each brigade [1]; see `holdfast.engine.mechanisms.reproduction`."""
    slots = today.army.fate.shape[0]
    tempo = board.tempo
    weights = (params.bond.squad_weight, params.bond.company_weight, params.bond.brigade_weight)
    tie = reproduction.through_bond(
        roll.eager, roll.touchy, slots, told["posts"], weights, (told["shaken"] < 1).astype(jnp.float32)
    )
    gain = 2 * params.bond.coupling * params.bond.sharpness * params.bond.memory * tempo
    home = 1 - board.surrender
    fear = params.choice.sanction_weight * jnp.exp(rates.sanction)[setting.side] * home
    fear = fear + _board_terror(params, setting, today)
    swamped = reproduction.through_pursuit(
        echelons.brigade(roll.eager), echelons.brigade(roll.touchy), home, board.gone, told["chance"],
        told["capacity"] + today.units.attempts,
        pursuit.seen_slope(params.pursuit, told["capacity"], today.units.attempts), fear,
    )  # fmt: skip
    return gain * board.gone * tie + tempo * swamped


def _board_terror(params: Params, setting: Setting, today: State) -> Array:
    """What the sight of an arrest adds to the wish to stay through past terror, a side's mean [nats]."""
    regions = setting.regions
    weight = echelons.by_side(regions.terror * regions.eligible, regions.side)
    mean = weight / jnp.maximum(echelons.by_side(regions.eligible, regions.side), 1)
    return params.choice.terror_weight * mean[setting.side] / jnp.maximum(params.pursuit.ceiling, 1e-6)


def tell(
    params: Params, setting: Setting, before: State, after: State, board: Board, roll: Roll, rates: Rates,
    told: dict[str, Any], count: dict[str, Array], flows: dict[str, Array], called: dict[str, Array],
    posted: dict[str, Array], regime: dict[str, Array], sway: PerSide,
) -> Flows:  # fmt: skip
    """Everything a reader may want of this day."""
    side, grain = setting.side, setting.men_per_billet
    men = echelons.brigade(after.units.present)
    number = reproduction_number(params, setting, before, board, roll, told, rates)
    pocketed = jnp.where(told["cut_off"], count["surrendered"], 0)
    of_billets = {name: count[name] for name in ("killed", "wounded", "deserted", "refused")}
    of_billets |= dict(
        surrendered=count["surrendered"] - pocketed, captured=pocketed,
        caught=count["caught"] + count["jailed"], imprisoned=count["jailed"], present=men,
    )  # fmt: skip
    of_brigades = {name: billets * grain for name, billets in of_billets.items()}
    of_brigades |= {name: flows[name] for name in ("returned", "healed", "invalided", "defected")}
    of_brigades |= {name: getattr(after.rear, name) for name in ("hospital", "absent", "ready", "prison", "prisoners")}
    of_brigades["posted"] = posted["reposted"] + posted["fresh"]
    of_regions = {name: called[name] for name in ("notices", "complied", "evaded", "fled")}
    of_regions |= dict(volunteered=called["signed"], trained=after.society.trained)
    of_regions["training"] = after.society.training.sum(axis=0)
    weight = men.astype(jnp.float32)
    means = dict(
        risk_believed=after.units.risk, bond=told["bond"].mean(axis=(0, 1)), catch_chance=told["chance"],
        catch_chance_seen=told["seen"], unfed=told["unfed"], present=jnp.ones_like(weight),
    )  # fmt: skip
    weighed = echelons.totals({name: value * weight for name, value in means.items()}, side)
    heads = jnp.maximum(weighed.pop("present"), 1)
    mean_r, max_r = reproduction.spread(number, weight, (side == jnp.arange(2)[:, None]).astype(jnp.float32))
    by_side = echelons.totals(of_brigades, side) | echelons.totals(of_regions, setting.regions.side)
    by_side |= {name: total / heads for name, total in weighed.items()}
    by_side |= dict(
        balance=jnp.broadcast_to(everyone(setting, after), (2,)),
        risk_true=after.regime.losses, prospects=told["prospects"], authority=sway,
        elite_cohesion=after.regime.elite, elite_threshold=regime["elite_threshold"],
        vitality=rates.vitality * (1 - after.regime.gap), support=after.regime.support,
        protest=regime["protest"], reproduction_mean=mean_r, reproduction_max=max_r, assault=rates.assault,
        intensity=jnp.exp(rates.hazard), pay=rates.pay, supply=after.front.supply.mean(axis=1),
        patron_gone=rates.patron_gone, unpaid=rates.unpaid, cold=rates.cold, exit_safety=rates.exit,
        captor_treatment=rates.captor, broken_share=after.front.broken.mean(axis=1), active=rates.active,
        collapsed=after.verdict.collapsed.astype(jnp.int32),
    )  # fmt: skip
    return Flows(
        side=by_side,
        sector=dict(
            broken=after.front.broken.astype(jnp.uint8),
            encircled=after.front.encircled.astype(jnp.uint8),
            line_km=after.front.line,
            log_force_ratio=told["balance"][0],
        ),  # fmt: skip
        brigade=dict(brigade_present=men * grain, brigade_left=count["left"] * grain, brigade_reproduction=number),
        region=dict(
            region_killed=posted["dead"],
            region_evaded=called["evaded"],
            region_fled=called["fled"],
            region_notices=called["notices"],
        ),  # fmt: skip
    )


def everyone(setting: Setting, state: State) -> Array:
    """All the men of both sides, wherever they are: the number that must not change [men]."""
    rear, society = state.rear, state.society
    stocks = (
        rear.hospital, rear.ready, rear.absent, rear.prison, rear.prisoners, rear.killed, rear.invalided,
        society.eligible, society.training, society.trained, society.evading, society.abroad,
    )  # fmt: skip
    return state.units.present.sum() * setting.men_per_billet + sum((s.sum() for s in stocks), jnp.int32(0))
