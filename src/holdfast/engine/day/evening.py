"""The evening: who is gone, who comes back, who is called, and what it does to regime and front."""

from collections.abc import Mapping
from dataclasses import replace

import jax
import jax.numpy as jnp
from jaxtyping import Array, UInt32

from holdfast.core import rng
from holdfast.core.types import (
    PerBrigadeCount,
    PerBrigadeMask,
    PerCompanyCount,
    PerRegionCount,
    PerSide,
    PerSideSector,
    PerSideSectorMask,
    Record,
    SlabMask,
    Words,
)
from holdfast.core.units import MONTH_DAYS, YEAR_DAYS
from holdfast.engine import echelons, outcomes, state
from holdfast.engine.day.record import (
    Battle,
    CallUp,
    Forcing,
    Intake,
    Morning,
    Params,
    Place,
    RearFlows,
    Roll,
    Tally,
    Toll,
    Unrest,
)
from holdfast.engine.day.soldiers import RISK_UNIT
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
    response,
)
from holdfast.engine.state import Army, Front, Rates, Rear, Regime, Setting, Society, State, Units, Verdict

OUTCOMES = {
    "killed": choice.KILLED, "wounded": choice.WOUNDED, "deserted": choice.DESERTED,
    "surrendered": choice.SURRENDERED, "jailed": choice.JAILED, "caught": choice.CAUGHT, "refused": choice.REFUSED,
}  # fmt: skip
"""The outcomes that are counted, by their codes, which run from 1 on; those up to `JAILED` leave the unit."""


def _chances(words: Words, setting: Setting, draw: int) -> Array:
    """The brigades' uniforms for the `draw`-th of their needs today."""
    return rng.uniform(words, setting.number[0, 0, 0] + jnp.uint32(draw))


def depart(
    params: Params, setting: Setting, today: State, place: Place, roll: Roll, squads: Array
) -> tuple[Units, Tally]:
    """Count the day's outcomes; squads, companies and brigades remember them.

    Args:
        params: the declared parameters.
        setting: the board.
        today: the state of the evening before.
        place: where the brigades stand.
        roll: totals of the men who were there in the morning.
        squads: men of each squad with each outcome, `[7 Q C B]`, see `OUTCOMES`.

    Returns:
        The units in the evening, before vacancies are filled; each brigade's outcomes.
    """
    units = today.units
    brigades = squads.sum(axis=1).sum(axis=1)
    rows = {name: code - 1 for name, code in OUTCOMES.items()}
    squad = {name: squads[row] for name, row in rows.items()}
    tally = Tally(**{name: brigades[row] for name, row in rows.items()})
    lost = squads[: choice.JAILED].sum(axis=0)
    left = squad["deserted"] + squad["surrendered"]

    # A man sees the killed, and those of the wounded who will not be back.
    maimed = (1 - setting.returned_share)[setting.side]
    hurt = echelons.company(squad["killed"]) + maimed * echelons.company(squad["wounded"])
    here = echelons.company(units.present)
    men, some = place.men, jnp.maximum(place.men, 1)
    of_brigade = (tally.killed + maimed * tally.wounded) / some
    tried = (tally.deserted + tally.jailed + tally.caught).astype(jnp.float32)
    still = units.present - lost
    risks = echelons.company(roll.risk).astype(jnp.float32).sum(axis=0) / RISK_UNIT
    units = Units(
        present=still,
        refusing=squad["refused"],
        left_squad=bond.remember(params.bond, units.left_squad, left),
        left_company=bond.remember(params.bond, units.left_company, echelons.company(left)),
        left_brigade=bond.remember(params.bond, units.left_brigade, tally.left),
        loss_company=perception.notice(units.loss_company, hurt / jnp.maximum(here, 1), params.perception.sight),
        loss_brigade=perception.notice(units.loss_brigade, of_brigade, params.perception.sight),
        attempts=pursuit.attempts(params.pursuit, units.attempts, tried),
        power=echelons.brigade(roll.power),
        assault=fire.mean_of_fixed(echelons.brigade(roll.attackers), men, 1.0),
        risk=jnp.where(men > 0, risks / some, units.risk),
        tenure=jnp.where(men > 0, echelons.brigade(roll.tenure) / some, units.tenure),
    )
    return units, tally


def care_for(
    params: Params, setting: Setting, today: State, morning: Morning, tally: Tally, *, day: Array, words: Words
) -> tuple[Rear, RearFlows]:
    """Hospitals, prisons, the absent and those who change sides: whole men in and out (`docs/model.md` §2.8).

    Args:
        params: the declared parameters.
        setting: the board.
        today: the state of the evening before.
        morning: the day's morning.
        tally: the day's outcomes.
        day: number of the day.
        words: the day's words of the stream `brigade`.

    Returns:
        The rear in the evening, before the ready are posted; the men who came out of each stock.
    """
    rear, side, grain, rates = today.rear, setting.side, setting.men_per_billet, morning.rates
    fit, unfit = care.out_of_hospital(
        params.care, rear.hospital, setting.returned_share[side], _chances(words, setting, 1)
    )
    back = care.return_chance(params.care, morning.authority[side], rates.returns[side])
    share = params.care.defection * _exclusion(setting)[side] * rates.captor[side]
    flows = RearFlows(
        healed=fit,
        invalided=unfit,
        returned=care.some(back, rear.absent, _chances(words, setting, 2)),
        released=care.some(1 / params.care.sentence, rear.prison, _chances(words, setting, 3)),
        defected=care.some(share, tally.surrendered * grain, _chances(words, setting, 4)),
    )
    flows = echelons.settled(flows, day)
    rear = Rear(
        hospital=rear.hospital + tally.wounded * grain - flows.healed - flows.invalided,
        ready=rear.ready + flows.healed + flows.returned + flows.released,
        absent=rear.absent + tally.deserted * grain - flows.returned,
        prison=rear.prison + tally.jailed * grain - flows.released,
        prisoners=rear.prisoners + tally.surrendered * grain - flows.defected,
        killed=rear.killed + echelons.by_side(tally.killed * grain, side),
        invalided=rear.invalided + echelons.by_side(flows.invalided, side),
    )
    return rear, flows


def _exclusion(setting: Setting) -> PerSide:
    """How far each side's people are shut out, on the average of its regions [0-1]."""
    regions = setting.regions
    weight = echelons.by_side(regions.exclusion * regions.eligible, regions.side)
    return weight / jnp.maximum(echelons.by_side(regions.eligible, regions.side), 1)


def refill(
    params: Params, setting: Setting, evening: tuple[Army, Units, Rear, PerRegionCount], cut_off: PerBrigadeMask, *,
    day: Array, words: Mapping[str, Words],
) -> tuple[tuple[Army, Units, Rear, PerRegionCount], Intake]:  # fmt: skip
    """Muster one slot of every squad: its dead are made known at home, its vacancies are filled.

    Args:
        params: the declared parameters.
        setting: the board.
        evening: army, units, rear and the regions' trained men, as the day has left them.
        cut_off: brigades that take in nobody.
        day: number of the day; the slot that is mustered is this modulo the slots.
        words: the day's words of all streams.

    Returns:
        The same four with the vacancies filled; who came, and whose death became known.
    """
    army, units, rear, trained = evening
    slot, grain = jnp.mod(day, army.fate.shape[0]), setting.men_per_billet
    mustered, number = jax.tree.map(lambda field: echelons.slot_of(field, slot), (army, setting.number))
    regions = len(setting.regions.side)
    fallen = jnp.where(mustered.fate == state.KILLED, mustered.home.astype(jnp.int32), regions)
    dead = jnp.zeros(regions + 1, jnp.int32).at[fallen].add(1)[:-1] * grain

    vacant = (mustered.fate != state.PRESENT) & (mustered.fate != state.CLOSED) & (~cut_off)[None, None, :]
    places = echelons.company(vacant.astype(jnp.int32))
    healed = replacement.share_out(places, rear.ready // grain)
    start = rng.uniform(words["side"], rng.numbered(2, 0))
    fresh, region, given = replacement.draw_from_regions(
        places - healed, trained // grain, setting.side, setting.regions.side, start
    )
    # Settled, as they are wanted in many places and are dear to work out; so are the fields, before they are copied.
    takes_healed, takes_fresh = echelons.settled(replacement.into_slots(vacant, healed, fresh), day)
    luck = rng.bits(words["intake"], number)
    newcomers = _Newcomers(healed=takes_healed, fresh=takes_fresh, region=region, luck=luck)
    filled = _filled(params, setting, mustered, units, newcomers, day)
    filled = echelons.settled(filled, day)
    army = jax.tree.map(lambda field, value: echelons.with_slot(field, slot, value), army, filled)
    units = _refilled(params, units, takes_healed | takes_fresh)
    back = healed.sum(axis=0) * grain
    rear = replace(rear, ready=rear.ready - back)
    intake = Intake(reposted=back, fresh=fresh.sum(axis=0) * grain, dead=dead)
    return (army, units, rear, trained - given * grain), intake


def _refilled(params: Params, units: Units, joins: SlabMask) -> Units:
    """The units with the men who join today, who did not see anyone leave."""
    squads = joins.astype(jnp.int32)
    companies = echelons.company(squads)
    return replace(
        units,
        present=units.present + squads,
        left_squad=response.forget(params.response, units.left_squad, squads),
        left_company=response.forget(params.response, units.left_company, companies),
        left_brigade=response.forget(params.response, units.left_brigade, companies.sum(axis=0)),
    )


class _Newcomers(Record):
    """Who takes the vacancies of the mustered slot, `[Q C B]`."""

    healed: SlabMask
    """Where a healed man comes."""
    fresh: SlabMask
    """Where a new one comes."""
    region: PerCompanyCount
    """Region of a company's new men."""
    luck: UInt32[Array, "Q C B"]
    """A billet's 32 bits of luck today: the upper 12 give a new man's resolve, the lower 16 his kind."""


def _filled(params: Params, setting: Setting, mustered: Army, units: Units, newcomers: _Newcomers, day: Array) -> Army:
    """The mustered slot with its vacancies filled: by healed men, or by new ones of the region's making.

    A healed man keeps his brigade's mean risk and tenure, and takes the kind and home of the billet's last man.
    """
    healed, fresh, luck = newcomers.healed, newcomers.fresh, newcomers.luck
    side = setting.side
    kind_luck = (luck & jnp.uint32(0xFFFF)).astype(jnp.float32) / 65536
    shares = setting.kinds.intake[side]
    kind = sum((kind_luck >= shares[:, step]).astype(jnp.int32) for step in range(4)) + 5 * side
    kind = jnp.where(fresh, kind, mustered.kind.astype(jnp.int32))
    home = jnp.where(fresh, newcomers.region, mustered.home.astype(jnp.int32))
    deviate = setting.quantile[(luck >> 20).astype(jnp.int32)]
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
    params: Params, setting: Setting, society: Society, rates: Rates, *, day: Array, words: Words
) -> tuple[Society, CallUp]:
    """Call-up, evasion, flight, contracts, training (`docs/model.md` §2.9).

    Args:
        params: the declared parameters.
        setting: the board.
        society: the regions, their trained men as replacement has left them.
        rates: the day's rates.
        day: number of the day.
        words: the day's words of the stream `region`.

    Returns:
        The regions in the evening; the answers to the call-up.
    """
    regions, side = setting.regions, setting.regions.side
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

    called = CallUp(notices=notices, complied=complied, evaded=evaded, fled=fled, signed=signed)
    called = echelons.settled(called, day)

    rows = society.training.shape[0]
    today_row = jnp.mod(day, rows)
    ready = jax.lax.dynamic_index_in_dim(society.training, today_row, 0, keepdims=False)
    queue = jax.lax.dynamic_update_index_in_dim(society.training, jnp.zeros_like(ready), today_row, 0)
    row = jnp.mod(day + setting.training_days[side], rows)
    queue = queue.at[row, jnp.arange(len(side))].add(called.complied + called.signed)
    society = replace(
        society,
        eligible=society.eligible - called.notices - called.signed,
        training=queue,
        trained=society.trained + ready,
        evading=society.evading + called.evaded,
        abroad=society.abroad + called.fled,
    )
    return society, called


def toll(
    params: Params, setting: Setting, today: State, place: Place, tally: Tally, *, returned: PerBrigadeCount, day: Array
) -> Toll:  # fmt: skip
    """What the day cost each side: losses as a hazard, men gone by choice, net of returns, and the month's rate.

    Args:
        params: the declared parameters.
        setting: the board.
        today: the state of the evening before.
        place: where the brigades stand.
        tally: the day's outcomes.
        returned: men who came back from absence, `[B]` [men].
        day: number of the day.

    Returns:
        The toll, by side.
    """
    side = setting.side
    men = echelons.by_side(place.men, side)
    strength = jnp.maximum(men, 1)
    hurt = tally.killed + (1 - setting.returned_share)[side] * tally.wounded
    loss = echelons.by_side(hurt, side) / strength
    left = echelons.by_side(jnp.where(place.cut_off, tally.deserted, tally.left), side)
    back = echelons.by_side(returned, side) / setting.men_per_billet
    span = jnp.clip(day, 1, outcomes.COLLAPSE_DAYS)
    month = today.verdict.exits.sum(axis=1) / span * MONTH_DAYS / strength * 1000
    losses = perception.notice(today.regime.losses, loss, params.perception.sight)
    return Toll(men=men, losses=losses, left=left, net=(left - back) / strength, month=month)


def mourn(
    params: Params, setting: Setting, society: Society, rates: Rates, lost: Toll, dead: PerRegionCount
) -> Society:
    """The regions with what they come to know of the dead.

    Args:
        params: the declared parameters.
        setting: the board.
        society: the regions.
        rates: the day's rates.
        lost: the day's toll.
        dead: deaths that become known today, `[R]` [men].

    Returns:
        The regions, with the risk that they believe and the deaths known since the war began.
    """
    regions, side = setting.regions, setting.regions.side
    liable = echelons.by_side(regions.eligible, side)
    army_for_each = liable / jnp.maximum(lost.men * setting.men_per_billet, 1)
    share = dead / jnp.maximum(regions.eligible, 1) * army_for_each[side]
    admitted = (rates.candour * lost.losses)[side]
    risk = mobilisation.home_risk(params.mobilisation, society.home_risk, share, regions.trust, admitted)
    known = society.known_dead + echelons.by_side(dead, side)
    return replace(society, home_risk=risk, known_dead=known)


def politics(
    params: Params, setting: Setting, today: State, morning: Morning, society: Society, *, called: CallUp, lost: Toll,
    day: Array, words: Words,
) -> tuple[Regime, Unrest]:  # fmt: skip
    """Support, protest, the elites, the leader (`docs/model.md` §2.9, 2.10).

    Args:
        params: the declared parameters.
        setting: the board.
        today: the state of the evening before.
        morning: the day's morning.
        society: the regions in the evening.
        called: the answers to the call-up.
        lost: the day's toll.
        day: number of the day.
        words: the day's words of the stream `side`.

    Returns:
        The regimes in the evening; what weighs on them.
    """
    rates, prospects = morning.rates, morning.outlook.prospects
    regions, side = setting.regions, setting.regions.side
    forced, signed = echelons.by_side(called.complied, side), echelons.by_side(called.signed, side)
    share = jnp.where(forced + signed > 0, forced / jnp.maximum(forced + signed, 1), setting.forced_share)
    aim = mobilisation.support(
        params.mobilisation, setting.support, dead=society.known_dead, dead_before=setting.dead_before, forced=share,
        forced_before=setting.forced_share, prospects=prospects,
    )  # fmt: skip
    support = today.regime.support + (aim - today.regime.support) / params.mobilisation.support_inertia
    angry = mobilisation.protest(params.mobilisation, regions.burden, regions.exclusion, support[side])
    people = jnp.maximum(echelons.by_side(regions.eligible, side), 1)
    protest = echelons.by_side(angry * regions.eligible, side) / people
    broken = today.front.broken.mean(axis=1)
    elite = regime.cohesion(
        params.regime, today.regime.elite, level=rates.elite_level, broken=broken, net_exits=lost.net, protest=protest,
        blow=rates.elite_blow,
    )  # fmt: skip
    signal = regime.signal(params.regime, elite, lost.month)
    cutoff = regime.threshold(
        signal, params.regime.stake, params.regime.private_precision, params.regime.public_precision
    )
    age = setting.age + day / YEAR_DAYS
    dies = rng.uniform(words, rng.numbered(2, 1)) < regime.death_chance(params.regime, age)
    after = Regime(
        elite=regime.after_split(params.regime, elite, cutoff),
        gap=regime.gap(params.regime, today.regime.gap, jnp.maximum(rates.leader_lost, dies * 1.0)),
        prospects=prospects,
        losses=lost.losses,
        support=support,
        alarm=today.regime.alarm,
    )
    return after, Unrest(protest=protest, threshold=cutoff)


def alarm_after(
    params: Params, setting: Setting, today: State, morning: Morning, units: Units, tally: Tally
) -> PerSide:
    """How far each command is alarmed in the evening (`docs/model.md` §2.12).

    Args:
        params: the declared parameters.
        setting: the board.
        today: the state of the evening before.
        morning: the day's morning.
        units: the units in the evening.
        tally: the day's outcomes.

    Returns:
        The alarm, `[2]` [0-1].
    """
    side = setting.side
    return response.alarm(
        params.response, today.regime.alarm, authority=morning.authority,
        attempts=echelons.by_side(units.attempts, side),
        refused=echelons.by_side(tally.refused, side).astype(jnp.float32),
        men=echelons.by_side(morning.place.men, side).astype(jnp.float32),
    )  # fmt: skip


def line(
    params: Params, setting: Setting, today: State, morning: Morning, forcing: Forcing, words: Words
) -> tuple[Front, PerSideSector]:
    """The front moves, breaks, heals, falls back, is cut off, is relieved (`docs/model.md` §2.11).

    Args:
        params: the declared parameters.
        setting: the board.
        today: the state of the evening before.
        morning: the day's morning.
        forcing: the day's forcing, of which the pockets are used.
        words: the day's words of the stream `sector`.

    Returns:
        The front in the evening, and how far each side's line went back in each sector, `[2 K]` [km].
    """
    rates, battle, sway = morning.rates, morning.battle, morning.authority
    now, sectors = today.front, today.front.line.shape[0]
    draw = rng.uniform(words, rng.numbered(2 * sectors, 0)).reshape(2, sectors)
    rally = rng.uniform(words, rng.numbered(2 * sectors, 1)).reshape(2, sectors)
    ratio = battle.balance
    arriving = now.travel == 1
    travel = jnp.maximum(now.travel - 1, 0)
    relieved = echelons.by_sector(arriving.astype(jnp.float32), setting.side, now.sector, sectors) > 0
    near, both = front.neighbours_broken(now.broken)
    manned = battle.held[0] & battle.held[1]
    fresh = front.breaks(params.front, ratio + setting.works, near, rates.shock[:, None], draw) & manned & ~now.broken
    firm = jnp.where(jnp.exp(ratio) > params.front.heal_ratio, now.firm_days + 1, 0)
    mended = front.heals(params.front, firm, relieved, battle.raw, sway[:, None], rally) & now.broken
    mended = mended & ~now.encircled
    retreat = rng.uniform(words, rng.numbered(2 * sectors, 2)).reshape(2, sectors)
    fallen = response.falls_back(params.response, now.positions, battle.raw, sway[:, None], retreat)
    fallen = fallen & now.broken & ~now.encircled & ~mended
    broken = (now.broken | fresh) & ~mended & ~fallen
    cut = jnp.where(both, now.cut_days + 1, 0)
    encircled = (cut >= params.front.cut_days) | (forcing.pocket > 0)
    sector = now.sector
    for side in (0, 1):
        usable = (setting.side == side) & (setting.companies > 0)
        own = dict(usable=usable, broken=broken[side], ratio=ratio[side])
        sector = front.release(params.front, sector, travel, wanted=setting.reserves[side], **own)
        sector, travel = front.dispatch(params.front, sector, travel, **own)
    lost = _ground(params, now.broken, battle, rates) + response.ground(params.response, fallen)
    room = setting.width + jnp.stack([now.line, -now.line])
    lost = jnp.minimum(lost * rates.active.min(), room)
    moved = Front(
        sector=sector,
        travel=travel,
        line=now.line + lost[1] - lost[0],
        broken=broken,
        firm_days=firm,
        cut_days=cut,
        encircled=encircled,
        supply=front.supply(params.front, now.supply, now.encircled, rates.supply[:, None]),
        positions=now.positions + fallen,
    )
    return jax.tree.map(lambda new, old: jnp.where(rates.active.min() > 0, new, old), moved, now), lost


def _ground(params: Params, broken: PerSideSectorMask, battle: Battle, rates: Rates) -> PerSideSector:
    """How far each side's line goes back today, to a grind or to a pursuit, `[2 K]` [km]."""
    attack, drive = rates.assault[::-1, None], jnp.exp(rates.drive[::-1, None])
    lost = front.yields(params.front, battle.edge, attack * battle.fire, attack * battle.fire[::-1])
    ground = drive * front.grind(params.front, lost, battle.density)
    lost_ground = jnp.where(broken, front.pursued(params.front, battle.balance), ground)
    # Where one side has nobody at this grain nothing is known of the line.
    return jnp.where(battle.held[0] & battle.held[1], lost_ground, 0)


def judge(verdict: Verdict, lost: Toll, broken: PerSideSectorMask, rates: Rates, day: Array) -> Verdict:
    """The engine's verdict on a collapse: the front not restored, or half of the force gone by choice.

    The definition and its constants are those of `holdfast.engine.outcomes`, with men counted in the morning and the
    days before the start taken as days of the first strength without exits. In a ceasefire, and once a side has
    collapsed or settled, nothing is added: the war is over.

    Args:
        verdict: that of the evening before.
        lost: the day's toll.
        broken: broken sectors in the evening, `[2 K]`.
        rates: the day's rates.
        day: number of the day.

    Returns:
        The verdict in the evening.
    """
    row = jnp.mod(day, outcomes.COLLAPSE_DAYS)
    exits = verdict.exits.at[:, row].set(lost.left)
    strength = verdict.strength.at[:, row].set(lost.men)
    days = jnp.where(broken.mean(axis=1) >= outcomes.FRONT_SHARE, verdict.broken_days + 1, 0)
    emptied = exits.sum(axis=1) > outcomes.COLLAPSE_SHARE * strength.mean(axis=1)
    collapsed = verdict.collapsed | (days > outcomes.RESTORE_DAYS) | emptied
    after = Verdict(exits, strength, days, collapsed, verdict.settled)
    return jax.tree.map(lambda new, old: jnp.where(rates.active.min() > 0, new, old), after, verdict)


def settlement(
    params: Params, setting: Setting, morning: Morning, now: Front, verdict: Verdict, *, units: Units, words: Words
) -> Verdict:
    """The verdict with the states that end the war today; none does where a side has collapsed, or no war is fought.

    Args:
        params: the declared parameters.
        setting: the board.
        morning: the day's morning.
        now: the front in the evening.
        verdict: the verdict on collapse in the evening.
        units: the units in the evening.
        words: the day's words of the stream `side`.

    Returns:
        The verdict.
    """
    men = echelons.by_side(echelons.brigade(units.present), setting.side)
    posts = jnp.maximum(echelons.by_side(morning.place.posts, setting.side), 1)
    ends = response.settles(
        params.response, authority=morning.authority, broken=now.broken.mean(axis=1),
        prospects=morning.outlook.prospects, present=men / posts, luck=rng.uniform(words, rng.numbered(2, 2)),
    )  # fmt: skip
    fought = (morning.rates.active.min() > 0) & ~verdict.collapsed.any()
    return replace(verdict, settled=verdict.settled | (ends & fought))
