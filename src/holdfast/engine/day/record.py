"""The records of a day: parameters, forcing, what one part of the day hands to the next, and the labelled flows."""

from collections.abc import Mapping

import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from holdfast.core.types import (
    PerBrigade,
    PerBrigadeCount,
    PerBrigadeMask,
    PerCompany,
    PerRegionCount,
    PerSide,
    PerSideCount,
    PerSideSector,
    PerSideSectorMask,
    PerSquad,
    Record,
    SlabCount,
)
from holdfast.engine import echelons, effects
from holdfast.engine import effects as engine_effects
from holdfast.engine.mechanisms import (
    bond,
    care,
    choice,
    fire,
    front,
    mobilisation,
    perception,
    pursuit,
    regime,
    reproduction,
    response,
)
from holdfast.engine.state import Flows, Rates, Setting, State


class Params(Record):
    """Every declared parameter of the model: one record a mechanism, and the effects that the case uses."""

    fire: fire.Params
    perception: perception.Params
    bond: bond.Params
    pursuit: pursuit.Params
    choice: choice.Params
    care: care.Params
    mobilisation: mobilisation.Params
    regime: regime.Params
    front: front.Params
    response: response.Params
    effects: dict[str, effects.AbstractEffect]


def defaults(effects: tuple[str, ...] = ()) -> Params:
    """The parameters as declared.

    Args:
        effects: names of the effects whose parameters are wanted, see `holdfast.engine.effects.names`.

    Returns:
        One record of parameters a mechanism, and one an effect.
    """
    return Params(
        fire=fire.Params(), perception=perception.Params(), bond=bond.Params(), pursuit=pursuit.Params(),
        choice=choice.Params(), care=care.Params(), mobilisation=mobilisation.Params(), regime=regime.Params(),
        front=front.Params(), response=response.Params(), effects={name: engine_effects.make(name) for name in effects},
    )  # fmt: skip


class Forcing(Record):
    """What comes from outside the model on a day (with a leading axis of days before the scan)."""

    day: Int[Array, ""]
    """Number of the day, the first is 0."""
    rates: Rates  # The scenario's rates.
    policy: Mapping[str, effects.Today]  # What each effect may see.
    pocket: Float[Array, "2 K"]
    """1 where the scenario closes a pocket from outside."""


class Place(Record):
    """Where each brigade stands in the morning."""

    sector: PerBrigadeCount  # Its sector; K = in reserve or on the march.
    men: PerBrigadeCount  # Men present [billets].
    posts: PerBrigadeCount  # Its establishment [billets].
    cut_off: PerBrigadeMask  # In an encircled sector.
    routed: PerBrigadeMask  # In a broken or an encircled sector.
    unfed: PerBrigade  # How far supply fails there [0-1].


class Battle(Record):
    """Forces in each sector, and what the fire there costs."""

    held: PerSideSectorMask  # Whether the side has men there.
    total: PerSide  # Power in all sectors, at least 0.001 [trained men].
    balance: PerSideSector  # Log of the force ratio, broken lines at their part of the power [nats].
    raw: PerSideSector  # The same as if no line were broken [nats].
    edge: PerSideSector  # What an attack on the side's positions meets [nats].
    fire: PerSideSector  # Hazard of a trained man of each side in each sector [1/d].
    density: PerSideSector  # Men of the side on a kilometre of front [men/km].
    hazard: PerBrigade  # Hazard of a trained man [1/d].


class Outlook(Record):
    """How the war looks, and how far comrades are shaken."""

    prospects: PerSide  # [-1..1]
    shaken: PerSquad  # Remembered exits, weighed, before the cap [1]; see `holdfast.engine.mechanisms.bond`.
    bond: PerSquad  # [-1..1]


class Policing(Record):
    """What stops deserters."""

    capacity: PerBrigade  # Arrests that are possible [1/d].
    chance: PerBrigade  # Chance that an attempt is stopped [1].
    seen: PerBrigade  # The same as men see it [1].


class Conditions(Record):
    """What the men of a brigade meet alike, before any of them chooses: their risk, their reasons, their ways out."""

    hazard: PerBrigade  # Hazard of a trained man [1/d].
    trench: PerBrigade  # Share of the risk that does not come from ordered attacks [1].
    attack: PerBrigade  # Share that does, over the mean assault share of the brigade's men [1].
    attack_share: PerBrigade  # Share that does [1].
    seen: PerCompany  # Losses that men see [1/d].
    admitted: PerBrigade  # Losses that the official line admits [1/d].
    speed: PerBrigade  # Speed of learning [1/d].
    common: PerSquad  # Wish to stay that all of a squad share [nats].
    terror: PerBrigade  # What past terror adds to it for each unit of a region's terror [nats].
    pay: PerBrigade  # Weight of pay for each unit of a kind's pay [nats].
    way_out: PerBrigade  # Worth of the best way out [nats].
    surrender: PerBrigade  # Share of leavers who give up [1].
    gone: PerBrigade  # Share of leavers who give up or get away [1].
    jailed: PerBrigade  # That share and the jailed [1].
    refuse_common: PerSquad  # What keeps men in an attack [nats].
    lethality: PerBrigade  # Share of the hit who are killed [1].
    tempo: PerBrigade  # Share of the men who face the question today [1/d].


class Morning(Record):
    """What the morning settles, from the state of the evening before and the day's rates."""

    rates: Rates  # The scenario's rates with every effect's push.
    authority: PerSide  # Authority of each side's regime [0-1].
    place: Place
    battle: Battle
    outlook: Outlook
    policing: Policing
    conditions: Conditions


class Weighed(Record):
    """A soldier's day: what he believed, what weighed with him, what he risked, what became of him."""

    tenure: Array  # Days served [d].
    green: Array  # Greenness [0-1].
    assault: Array  # Assault share of his kind [1].
    risk: Array  # Risk that he believes after today's learning [1/d].
    dread: Array  # What that risk weighs [nats].
    terror: Array  # What past terror weighs [nats].
    pay: Array  # What pay weighs [nats].
    stay: Array  # The wish to stay, all terms [nats].
    willing: Array  # Chance to leave if he faces the question [1].
    leaving: Array  # Chance to leave today [1].
    refusing: Array  # Chance to refuse an order to attack [1].
    hit: Array  # Chance to be hit [1].
    uniform: Array  # His one draw [0-1].
    what: Array  # Code of his outcome, see `holdfast.engine.mechanisms.choice`.


class Roll(Record):
    """Totals over the men who are there in the morning, carried from slot to slot, one entry a squad `[Q C B]`."""

    power: SlabCount  # Fighting power in 1/256 of a trained man.
    attackers: SlabCount  # Assault shares in 1/256.
    risk: SlabCount  # Risks believed in 2^-20 a day.
    tenure: SlabCount  # Days served [d].
    eager: PerSquad  # Sum of the chances to leave.
    touchy: PerSquad  # Sum of those chances times their complements.


class Tally(Record):
    """Outcomes of the day in each brigade [billets]."""

    killed: PerBrigadeCount
    wounded: PerBrigadeCount
    deserted: PerBrigadeCount
    surrendered: PerBrigadeCount
    jailed: PerBrigadeCount
    caught: PerBrigadeCount  # Caught and back in the unit.
    refused: PerBrigadeCount

    @property
    def left(self) -> PerBrigadeCount:
        """Deserted or surrendered."""
        return self.deserted + self.surrendered


class RearFlows(Record):
    """Who comes out of hospital, absence, prison and captivity, by brigade [men/d]."""

    healed: PerBrigadeCount
    invalided: PerBrigadeCount
    returned: PerBrigadeCount
    released: PerBrigadeCount
    defected: PerBrigadeCount  # Prisoners who join the enemy.


class Intake(Record):
    """Who fills vacancies, and whose death becomes known."""

    reposted: PerBrigadeCount  # Healed, returned and released men who take a post again [men/d].
    fresh: PerBrigadeCount  # New men [men/d].
    dead: PerRegionCount  # Deaths that a region learns of [men/d].


class CallUp(Record):
    """Answers to the call-up, by region [men/d]."""

    notices: PerRegionCount
    complied: PerRegionCount
    evaded: PerRegionCount
    fled: PerRegionCount
    signed: PerRegionCount  # Men who sign a contract or volunteer.


class Toll(Record):
    """What the day costs each side."""

    men: PerSideCount  # Men present in the morning [billets].
    losses: PerSide  # Losses for good lately, as a daily hazard [1/d].
    left: PerSideCount  # Exits by choice, pockets left out [billets/d].
    net: PerSide  # Those less the men who returned, as a share of the force [1/d].
    month: PerSide  # Exits by choice lately, per 1,000 men a month.


class Unrest(Record):
    """What weighs on the elites."""

    protest: PerSide  # Protest [0-1].
    threshold: PerSide  # Cohesion below which elites split [0-1].


class DayRecord(Record):
    """All parts of a day, from which its flows are written."""

    morning: Morning
    roll: Roll
    tally: Tally
    rear: RearFlows
    intake: Intake
    call_up: CallUp
    unrest: Unrest
    ground: PerSideSector  # How far each side's line went back [km].


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
            log_force_ratio=morning.battle.balance[0], positions=front.positions,
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
        collapsed=after.verdict.collapsed.astype(jnp.int32), settled=after.verdict.settled.astype(jnp.int32),
        alarm=after.regime.alarm, ground_lost=(record.ground * setting.km).sum(axis=1),
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
    return sum((stock.sum() for stock in stocks), state.units.present.sum() * setting.men_per_billet)
