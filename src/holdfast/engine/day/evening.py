"""The evening: who is gone, who comes back, who is called, and what it does to regime and front."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array

from holdfast.core import rng
from holdfast.core.types import PerSide, Words
from holdfast.engine import barrier, echelons, outcomes, state
from holdfast.engine.day.soldiers import RISK_UNIT
from holdfast.engine.day.world import Forcing, Params, Roll
from holdfast.engine.forcing import Rates
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
    replacement,
)
from holdfast.engine.state import Army, Front, Rear, Regime, Setting, Society, State, Units, Verdict

OUTCOMES = {
    "killed": choice.KILLED, "wounded": choice.WOUNDED, "deserted": choice.DESERTED,
    "surrendered": choice.SURRENDERED, "jailed": choice.JAILED, "caught": choice.CAUGHT, "refused": choice.REFUSED,
}  # fmt: skip
"""The outcomes that are counted, by their codes, which run from 1 on; those up to `JAILED` leave the unit."""


def _chances(words: Words, setting: Setting, draw: int) -> Array:
    """The brigades' uniforms for the `draw`-th of their needs today."""
    return rng.uniform(words, setting.number[0, 0, 0] + jnp.uint32(draw))


def depart(
    params: Params, setting: Setting, today: State, roll: Roll, squads: Array, told: dict[str, Any]
) -> tuple[Units, dict[str, Array]]:
    """Count the day's outcomes; squads, companies and brigades remember them."""
    units = today.units
    brigades = squads.sum(axis=1).sum(axis=1)
    rows = {name: code - 1 for name, code in OUTCOMES.items()}
    squad = {name: squads[row] for name, row in rows.items()}
    count = {name: brigades[row] for name, row in rows.items()}
    count["left"] = count["deserted"] + count["surrendered"]
    lost = squads[: choice.JAILED].sum(axis=0)
    left = squad["deserted"] + squad["surrendered"]

    # A man sees the killed, and those of the wounded who will not be back.
    maimed = (1 - setting.returned_share)[setting.side]
    hurt = echelons.company(squad["killed"]) + maimed * echelons.company(squad["wounded"])
    here = echelons.company(units.present)
    of_brigade = (count["killed"] + maimed * count["wounded"]) / jnp.maximum(told["men"], 1)
    tried = (count["deserted"] + count["jailed"] + count["caught"]).astype(jnp.float32)
    still = units.present - lost
    men = told["men"]
    risks = echelons.company(roll.risk).astype(jnp.float32).sum(axis=0) / RISK_UNIT
    some = jnp.maximum(told["men"], 1)
    units = Units(
        present=still,
        refusing=squad["refused"],
        left_squad=bond.remember(params.bond, units.left_squad, left),
        left_company=bond.remember(params.bond, units.left_company, echelons.company(left)),
        left_brigade=bond.remember(params.bond, units.left_brigade, count["left"]),
        loss_company=perception.notice(units.loss_company, hurt / jnp.maximum(here, 1), params.perception.sight),
        loss_brigade=perception.notice(units.loss_brigade, of_brigade, params.perception.sight),
        attempts=pursuit.attempts(params.pursuit, units.attempts, tried),
        power=echelons.brigade(roll.power),
        assault=fire.mean_of_fixed(echelons.brigade(roll.attackers), men, 1.0),
        risk=jnp.where(men > 0, risks / some, units.risk),
        tenure=jnp.where(men > 0, echelons.brigade(roll.tenure) / some, units.tenure),
    )
    return units, count


def care_for(
    params: Params, setting: Setting, today: State, rates: Rates, sway: PerSide, count: dict[str, Array],
    day: Array, words: Words,
) -> tuple[Rear, dict[str, Array]]:  # fmt: skip
    """Hospitals, prisons, the absent and those who change sides: whole men in and out."""
    rear, side, grain = today.rear, setting.side, setting.men_per_billet
    fit, unfit = care.out_of_hospital(
        params.care, rear.hospital, setting.returned_share[side], _chances(words, setting, 1)
    )
    back = care.return_chance(params.care, sway[side], rates.returns[side])
    returned = care.some(back, rear.absent, _chances(words, setting, 2))
    released = care.some(1 / params.care.sentence, rear.prison, _chances(words, setting, 3))
    share = params.care.defection * exclusion(setting)[side] * rates.captor[side]
    won_over = care.some(share, count["surrendered"] * grain, _chances(words, setting, 4))
    flows = dict(healed=fit, invalided=unfit, returned=returned, released=released, defected=won_over)
    flows = barrier.settled(flows, day)
    fit, unfit, returned, released = (flows[name] for name in ("healed", "invalided", "returned", "released"))
    rear = Rear(
        hospital=rear.hospital + count["wounded"] * grain - fit - unfit,
        ready=rear.ready + fit + returned + released,
        absent=rear.absent + count["deserted"] * grain - returned,
        prison=rear.prison + count["jailed"] * grain - released,
        prisoners=rear.prisoners + count["surrendered"] * grain - flows["defected"],
        killed=rear.killed + echelons.by_side(count["killed"] * grain, side),
        invalided=rear.invalided + echelons.by_side(unfit, side),
    )
    return rear, flows


def exclusion(setting: Setting) -> PerSide:
    """How far each side's people are shut out, on the average of its regions [0-1]."""
    regions = setting.regions
    weight = echelons.by_side(regions.exclusion * regions.eligible, regions.side)
    return weight / jnp.maximum(echelons.by_side(regions.eligible, regions.side), 1)


def refill(
    params: Params, setting: Setting, army: Army, units: Units, rear: Rear, trained: Array, open_: Array,
    day: Array, words: Mapping[str, Words],
) -> tuple[Army, Units, Rear, Array, dict[str, Array]]:  # fmt: skip
    """Muster one slot of every squad: its dead are made known at home, its vacancies are filled."""
    slot, grain = jnp.mod(day, army.fate.shape[0]), setting.men_per_billet
    mustered, number = jax.tree.map(
        lambda field: jax.lax.dynamic_index_in_dim(field, slot, 0, keepdims=False), (army, setting.number)
    )
    regions = len(setting.regions.side)
    fallen = jnp.where(mustered.fate == state.KILLED, mustered.home.astype(jnp.int32), regions)
    dead = jnp.zeros(regions + 1, jnp.int32).at[fallen].add(1)[:-1] * grain

    vacant = (mustered.fate != state.PRESENT) & (mustered.fate != state.CLOSED) & open_
    places = echelons.company(vacant.astype(jnp.int32))
    healed = replacement.share_out(places, rear.ready // grain)
    start = rng.uniform(words["side"], rng.numbered(2, 0))
    fresh, region, given = replacement.draw_from_regions(
        places - healed, trained // grain, setting.side, setting.regions.side, start
    )
    # Settled, as they are wanted in many places and are dear to work out; so are the fields, before they are copied.
    takes_healed, takes_fresh = barrier.settled(replacement.into_slots(vacant, healed, fresh), day)
    filled = _newcomers(params, setting, mustered, units, takes_healed, takes_fresh, region, day,
                       rng.bits(words["intake"], number))  # fmt: skip
    filled = barrier.settled(filled, day)
    army = jax.tree.map(lambda field, value: jax.lax.dynamic_update_index_in_dim(field, value, slot, 0), army, filled)
    units = replace(units, present=units.present + (takes_healed | takes_fresh))
    back = healed.sum(axis=0) * grain
    rear = replace(rear, ready=rear.ready - back)
    posted = {"reposted": back, "fresh": fresh.sum(axis=0) * grain, "dead": dead}
    return army, units, rear, trained - given * grain, posted


def _newcomers(
    params: Params, setting: Setting, mustered: Army, units: Units, healed: Array, fresh: Array, region: Array,
    day: Array, made_of: Array,
) -> Army:  # fmt: skip
    """The mustered slot with its vacancies filled: by healed men, or by new ones of the region's making.

    `made_of` are a billet's 32 bits of luck today: the upper 12 give a new man's resolve, the lower 16 his kind. A
    healed man keeps his brigade's mean risk and tenure, and takes the kind and home of the billet's last man.
    """
    side = setting.side
    kind_luck = (made_of & jnp.uint32(0xFFFF)).astype(jnp.float32) / 65536
    shares = setting.kinds.intake[side]
    kind = sum((kind_luck >= shares[:, step]).astype(jnp.int32) for step in range(4)) + 5 * side
    kind = jnp.where(fresh, kind, mustered.kind.astype(jnp.int32))
    home = jnp.where(fresh, region, mustered.home.astype(jnp.int32))
    deviate = setting.quantile[(made_of >> 20).astype(jnp.int32)]
    resolve = setting.resolve_mean[side] + setting.resolve_sd[side] * deviate
    resolve = resolve + setting.kinds.resolve[kind] + setting.regions.resolve[home]
    tenure = jnp.where(healed, units.tenure, setting.kinds.training[kind])
    known = jnp.where(mustered.fate == state.KILLED, jnp.uint8(state.KILLED_KNOWN), mustered.fate)
    joins = healed | fresh
    return Army(
        fate=jnp.where(joins, jnp.uint8(state.PRESENT), known),
        risk=jnp.where(joins, jnp.where(healed, units.risk, params.perception.prior_risk), mustered.risk),
        resolve=jnp.where(joins, resolve, mustered.resolve),
        joined=jnp.where(joins, day - jnp.round(tenure).astype(jnp.int32), mustered.joined).astype(jnp.int16),
        kind=jnp.where(joins, kind, mustered.kind).astype(jnp.uint8),
        home=jnp.where(joins, home, mustered.home).astype(jnp.uint8),
    )


def home_front(
    params: Params, setting: Setting, today: State, rates: Rates, day: Array, words: Words,
) -> tuple[Society, dict[str, Array]]:  # fmt: skip
    """Call-up, evasion, flight, contracts, training."""
    society, regions, side = today.society, setting.regions, setting.regions.side
    draw = lambda n: rng.uniform(words, rng.numbered(len(side), n))  # noqa: E731
    weight = regions.burden * society.eligible
    weight = weight / jnp.maximum(echelons.by_side(weight, side), 1e-6)[side]
    dread = choice.dread(params.choice, society.home_risk)
    at_start = choice.dread(params.choice, regions.home_risk)
    comply, evade = mobilisation.answers(
        params.mobilisation, rates.pay[side], regions.income, setting.draft_enforcement[side], dread,
        setting.border_cost[side],
    )  # fmt: skip
    notices = mobilisation.whole(rates.quota[side] * weight, draw(0), society.eligible)
    complied = mobilisation.whole(comply * notices, draw(1), notices)
    evaded = mobilisation.whole(evade * notices, draw(2), notices - complied)
    fled = notices - complied - evaded
    pull = mobilisation.signing(params.mobilisation, rates.pay[side], dread, at_start)
    signed = mobilisation.whole(rates.contracts[side] * weight * pull, draw(3), society.eligible - notices)

    called = barrier.settled(dict(notices=notices, complied=complied, evaded=evaded, fled=fled, signed=signed), day)
    notices, complied, signed = called["notices"], called["complied"], called["signed"]

    rows = society.training.shape[0]
    today_row = jnp.mod(day, rows)
    ready = jax.lax.dynamic_index_in_dim(society.training, today_row, 0, keepdims=False)
    queue = jax.lax.dynamic_update_index_in_dim(society.training, jnp.zeros_like(ready), today_row, 0)
    row = jnp.mod(day + setting.training_days[side], rows)
    queue = queue.at[row, jnp.arange(len(side))].add(complied + signed)
    society = replace(
        society,
        eligible=society.eligible - notices - signed,
        training=queue,
        trained=society.trained + ready,
        evading=society.evading + called["evaded"],
        abroad=society.abroad + called["fled"],
    )
    return society, called


def toll(
    params: Params, setting: Setting, today: State, told: dict[str, Any], count: dict[str, Array],
    flows: dict[str, Array], day: Array,
) -> dict[str, Array]:  # fmt: skip
    """What the day cost each side: losses as a hazard, men gone by choice, net of returns, and the month's rate."""
    side = setting.side
    men = echelons.by_side(told["men"], side)
    strength = jnp.maximum(men, 1)
    hurt = count["killed"] + (1 - setting.returned_share)[side] * count["wounded"]
    loss = echelons.by_side(hurt, side) / strength
    left = echelons.by_side(jnp.where(told["cut_off"], count["deserted"], count["left"]), side)
    returned = echelons.by_side(flows["returned"], side) / setting.men_per_billet
    span = jnp.clip(day, 1, outcomes.COLLAPSE_DAYS)
    month = today.verdict.exits.sum(axis=1) / span * 30.44 / strength * 1000
    losses = perception.notice(today.regime.losses, loss, params.perception.sight)
    return dict(men=men, losses=losses, left=left, net=(left - returned) / strength, month=month)


def mourn(
    params: Params, setting: Setting, society: Society, rates: Rates, lost: dict[str, Array], dead: Array
) -> Society:
    """What the regions come to know of the dead."""
    regions, side = setting.regions, setting.regions.side
    liable = echelons.by_side(regions.eligible, side)
    army_for_each = liable / jnp.maximum(lost["men"] * setting.men_per_billet, 1)
    share = dead / jnp.maximum(regions.eligible, 1) * army_for_each[side]
    admitted = (rates.candour * lost["losses"])[side]
    risk = mobilisation.home_risk(params.mobilisation, society.home_risk, share, regions.trust, admitted)
    known = society.known_dead + echelons.by_side(dead, side)
    return replace(society, home_risk=risk, known_dead=known)


def capital(
    params: Params, setting: Setting, today: State, rates: Rates, society: Society, told: dict[str, Any],
    called: dict[str, Array], lost: dict[str, Array], day: Array, words: Words,
) -> tuple[Regime, dict[str, Array]]:  # fmt: skip
    """Support, protest, the elites, the leader."""
    regions, side = setting.regions, setting.regions.side
    forced, signed = echelons.by_side(called["complied"], side), echelons.by_side(called["signed"], side)
    share = jnp.where(forced + signed > 0, forced / jnp.maximum(forced + signed, 1), setting.forced_share)
    aim = mobilisation.support(
        params.mobilisation, setting.support, society.known_dead, setting.dead_before, share,
        setting.forced_share, told["prospects"],
    )  # fmt: skip
    support = today.regime.support + (aim - today.regime.support) / params.mobilisation.support_inertia
    angry = mobilisation.protest(params.mobilisation, regions.burden, regions.exclusion, support[side])
    people = jnp.maximum(echelons.by_side(regions.eligible, side), 1)
    protest = echelons.by_side(angry * regions.eligible, side) / people
    broken = today.front.broken.mean(axis=1)
    elite = regime.cohesion(
        params.regime, today.regime.elite, rates.elite_level, broken, lost["net"], protest, rates.elite_blow
    )
    signal = elite - lost["month"] / 100
    cutoff = regime.threshold(
        signal, params.regime.stake, params.regime.private_precision, params.regime.public_precision
    )
    split = elite < cutoff
    age = setting.age + day / 365.25
    dies = rng.uniform(words, rng.numbered(2, 1)) < regime.death_chance(params.regime, age)
    kept = Regime(
        elite=regime.after_split(params.regime, elite, cutoff),
        gap=regime.gap(params.regime, today.regime.gap, jnp.maximum(rates.leader_lost, dies * 1.0)),
        prospects=told["prospects"],
        losses=lost["losses"],
        support=support,
    )
    return kept, dict(protest=protest, elite_threshold=cutoff, split=split)


def line(
    params: Params, setting: Setting, today: State, rates: Rates, forcing: Forcing, told: dict[str, Any],
    sway: PerSide, words: Words,
) -> Front:  # fmt: skip
    """The front moves, breaks, heals, is cut off, is relieved."""
    now, sectors = today.front, today.front.line.shape[0]
    draw = rng.uniform(words, rng.numbered(2 * sectors, 0)).reshape(2, sectors)
    rally = rng.uniform(words, rng.numbered(2 * sectors, 1)).reshape(2, sectors)
    ratio = told["balance"]
    arriving = now.travel == 1
    travel = jnp.maximum(now.travel - 1, 0)
    relieved = echelons.by_sector(arriving.astype(jnp.float32), setting.side, now.sector, sectors) > 0
    near, both = front.neighbours_broken(now.broken)
    manned = told["held"][0] & told["held"][1]
    fresh = front.breaks(params.front, ratio, near, rates.shock[:, None], draw) & manned & ~now.broken
    firm = jnp.where(jnp.exp(ratio) > params.front.heal_ratio, now.firm_days + 1, 0)
    mended = front.heals(params.front, firm, relieved, told["raw"], sway[:, None], rally) & now.broken
    broken = (now.broken | fresh) & ~(mended & ~now.encircled)
    cut = jnp.where(both, now.cut_days + 1, 0)
    encircled = (cut >= params.front.cut_days) | (forcing.pocket > 0)
    sector = now.sector
    for side in (0, 1):
        mine = setting.side == side
        usable = setting.companies > 0
        sector = front.release(
            params.front, sector, travel, mine, usable, broken[side], ratio[side], setting.reserves[side]
        )
        sector, travel = front.dispatch(params.front, sector, travel, mine, usable, broken[side], ratio[side])
    moved = Front(
        sector=sector,
        travel=travel,
        line=now.line + front.advance(params.front, ratio[0], rates.active.min()),
        broken=broken,
        firm_days=firm,
        cut_days=cut,
        encircled=encircled,
        supply=front.supply(params.front, now.supply, now.encircled, rates.supply[:, None]),
    )
    return jax.tree.map(lambda new, old: jnp.where(told["fight"].min() > 0, new, old), moved, now)


def judge(verdict: Verdict, day: Array, left: Array, men: Array, broken: Array, fight: Array) -> Verdict:
    """Collapse: the front broken and not restored for 30 days, or half of the force gone by choice within 90.

    In a ceasefire, and once a side has collapsed, nothing is added: the war is over.
    """
    row = jnp.mod(day, outcomes.COLLAPSE_DAYS)
    exits = verdict.exits.at[:, row].set(left)
    strength = verdict.strength.at[:, row].set(men)
    days = jnp.where(broken.mean(axis=1) >= outcomes.FRONT_SHARE, verdict.broken_days + 1, 0)
    emptied = exits.sum(axis=1) > outcomes.COLLAPSE_SHARE * strength.mean(axis=1)
    told = Verdict(exits, strength, days, verdict.collapsed | (days > outcomes.RESTORE_DAYS) | emptied)
    return jax.tree.map(lambda new, old: jnp.where(fight > 0, new, old), told, verdict)
