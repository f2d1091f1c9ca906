"""The same day in plain NumPy, to be read in one sitting and to check the engine by.

Written from the equations of `docs/model.md`, not from the mechanisms: whole arrays `[S Q C B]` at once, no scan, no
packing, no JAX but for the luck's words. It starts from the world that the engine starts from, and a run of it is the
engine's run: the same men fall, leave and come on the same days. Arithmetic is float32, in the engine's order where a
count hangs on it. Greek letters are as in the model; `p` are parameters, `w` the board, `s` the state, `r` the rates.
"""

import dataclasses
from collections.abc import Iterator
from statistics import NormalDist
from types import SimpleNamespace as Bag
from typing import Any, TypeAlias

import numpy as np

from holdfast.core import rng
from holdfast.core.units import MONTH_DAYS
from holdfast.engine.outcomes import COLLAPSE_DAYS, COLLAPSE_SHARE, FRONT_SHARE, RESTORE_DAYS
from holdfast.engine.simulate import World

CLOSED, VACANT, PRESENT, KILLED, WOUNDED, DESERTED, SURRENDERED, IMPRISONED, KILLED_KNOWN = range(9)
Numbers: TypeAlias = Any
"""An array of NumPy or a number of its; a bag's entries have no type."""

SHARES = (
    "assault", "hear", "candour", "supply", "exit", "captor", "patron_gone", "unpaid", "shock", "elite_level",
    "elite_blow", "vitality", "leader_lost", "active",
)  # fmt: skip
COUNTED = ("killed", "wounded", "deserted", "surrendered", "jailed", "caught", "refused")
SQUAD, COMPANY, BRIGADE = 0, (0, 1), (0, 1, 2)
"""Leading axes over which billets are summed for each echelon."""
PUSHES = {
    "allied_relief": lambda e, on, once, cold: {
        "hazard": -e.taken * on, "news": e.hope * on, "supply": e.stores * on, "shock": -e.support * on
    },
    "amnesty": lambda e, on, once, cold: {"returns": e.pull * on, "sanction": -e.leniency * on},
    "blocking": lambda e, on, once, cold: {"enforcement": e.reach * on, "surrender_cost": e.fire_on_own * on},
    "elite_mutiny": lambda e, on, once, cold: {"elite_blow": e.blow * once},
    "leader_death": lambda e, on, once, cold: {"leader_lost": e.loss * once},
    "leaflets": lambda e, on, once, cold: {"captor": e.promise * on, "candour": e.truth * on},
    "mobilisation_wave": lambda e, on, once, cold: {"quota": e.notices * on},
    "ordered_withdrawal": lambda e, on, once, cold: {
        "hazard": -e.contact * on, "assault": -e.attacks * on, "news": -e.dismay * on, "exit": e.open_road * on
    },
    "patron_withdrawal": lambda e, on, once, cold: {"patron_gone": e.gone * on, "supply": -e.thinner * on},
    "pay_rise": lambda e, on, once, cold: {"pay": e.rise * on},
    "public_signal": lambda e, on, once, cold: {
        "hear": np.minimum(e.reach * once, 1), "tell": np.minimum(e.reach * once, 1) * e.message
    },
    "supply_failure": lambda e, on, once, cold: {"supply": -e.hunger * on, "unpaid": e.arrears * on},
    "winter": lambda e, on, once, cold: {
        "supply": -e.roads * cold, "cold": e.cold * cold, "learning": e.revelation * cold, "hazard": -e.lull * cold
    },
}  # fmt: skip
"""What each effect adds to the rates: by its strength today, on its first day only, and by the depth of winter."""


def simulate(world: World, seed: int, run: int) -> Iterator[tuple[dict[str, dict[str, Numbers]], Bag]]:
    """Each day of one run.

    Args:
        world: the world, as the engine starts from it.
        seed: the seed.
        run: the run's number.

    Yields:
        The day's flows, by name as `holdfast.engine.state.Flows`, and the state in the evening, which goes on changing.
    """
    p, w, s, forcing = (_plain(part) for part in (world.params, world.setting, world.state, world.forcing))
    words = rng.words(seed, [run], range(len(forcing.day)))
    with np.errstate(over="ignore"):
        for day in range(len(forcing.day)):
            today = _row(forcing, day)
            draws = {stream: each[day, 0] for stream, each in words.items()}
            yield _one_day(p, w, s, _rates(p, s, today), today.pocket, day=day, words=draws), s


def _one_day(
    p: Bag, w: Bag, s: Bag, r: Bag, pocket: Numbers, *, day: int, words: dict[str, Numbers]
) -> dict[str, dict[str, Numbers]]:
    """From morning to evening; `s` becomes tomorrow's."""
    m = _morning(p, w, s, r)
    n = _soldiers(p, w, s, m, r, day=day, words=words["fate"])
    _remember(p, w, s, m, n)
    _care(p, w, s, m, n, r, words=words["brigade"])
    _refill(p, w, s, m, n, day=day, words=words)
    _home_front(p, w, s, n, r, day=day, words=words["region"])
    _capital(p, w, s, m, n, r, day=day, words=words["side"])
    _front(p, w, s, m, r, pocket, words=words["sector"])
    _judge(w, s, m, n, day)
    _settle(p, w, s, m, words["side"])
    return _tell(p, w, s, m, n, r)


def _rates(p: Bag, s: Bag, today: Bag) -> Bag:
    """The scenario's rates, plus every effect's push, within their bounds; no fighting once a side has collapsed or settled."""
    r = today.rates
    for name, effect in p.effects.items():
        see = today.policy[name]
        for rate, more in PUSHES[name](effect, see.strength, see.onset, see.strength * see.winter).items():
            setattr(r, rate, getattr(r, rate) + more)
    for name in SHARES:
        setattr(r, name, np.clip(getattr(r, name), 0, 1))
    for name in ("pay", "quota", "contracts", "cold", "enforcement"):
        setattr(r, name, np.maximum(getattr(r, name), 0))
    r.news = np.clip(r.news, -1, 1)
    if s.verdict.collapsed.any() or s.verdict.settled.any():
        r.active = np.zeros_like(r.active)
    return r


def _morning(p: Bag, w: Bag, s: Bag, r: Bag) -> Bag:
    """Fire, prospects, bond, pursuit and the ways out, as each brigade meets them."""
    m, u, f = Bag(), s.units, s.front
    (slots, squads), sectors = w.number.shape[:2], len(f.line)
    m.over = r.active.min() == 0
    m.vitality = r.vitality * (1 - s.regime.gap)
    m.authority = s.regime.elite * (1 - w.personalism * (1 - m.vitality) * (1 - s.regime.elite))
    m.here = np.where(f.travel > 0, sectors, f.sector)  # sector `sectors` is the reserve
    m.men = u.present.sum((0, 1))
    m.posts = w.companies * (slots * squads)
    _fire(p, w, s, m, r)
    _outlook(p, w, s, m, r)
    _pursuit(p, w, s, m, r)
    _reasons(p, w, s, m, r)
    return m


def _fire(p: Bag, w: Bag, s: Bag, m: Bag, r: Bag) -> None:
    """Power over establishment, and what it does to the enemy."""
    u, f, side, sectors = s.units, s.front, w.side, len(s.front.line)
    alive = _real(np.maximum(m.men, 1))
    power = _real(u.power) / 256 * (1 - r.assault[side] * (_real(u.refusing.sum((0, 1))) / alive))
    m.mass = _by_sector(power, side, m.here, sectors)
    standing = m.mass * np.where(f.broken, p.fire.broken_power, 1)
    m.strength = standing / np.maximum(_by_sector(_real(m.posts), side, m.here, sectors), 1)
    enemy = m.strength[::-1]
    ratio = np.maximum(enemy, 1e-6) ** p.fire.enemy_exponent
    ratio = ratio * np.maximum(m.strength, 1e-6) ** -p.fire.own_exponent
    hazard = np.where(enemy > 0, (w.hazard * np.exp(r.hazard) * r.active)[:, None] * ratio, 0)
    m.hazard = _at(hazard, side, m.here, p.fire.reserve_exposure * hazard.mean(1))
    m.held = m.mass > 0
    # A line behind the first is shorter: power there counts 1 + g n in the balance, and burns as before.
    worth = 1 + p.response.position_gain * _real(f.positions)
    m.balance, m.raw = _log_ratio(standing * worth, m.held), _log_ratio(m.mass * worth, m.held)
    # What an attack meets: odds, works, and who was worn down more in the last month.
    here = _by_sector(_real(m.men), side, m.here, sectors)
    worn = _by_sector(u.loss_brigade * _real(m.men), side, m.here, sectors) / np.maximum(here, 1) * MONTH_DAYS
    m.edge = m.balance + w.works - p.front.wear * (worn - worn[::-1])
    m.ground = np.zeros((2, sectors), np.float32)
    m.burns, m.density = hazard, here * _real(w.men_per_billet) / w.km


def _outlook(p: Bag, w: Bag, s: Bag, m: Bag, r: Bag) -> None:
    """Prospects of the war, and how far comrades are shaken."""
    u, f, (slots, squads) = s.units, s.front, w.number.shape[:2]
    total = np.maximum(m.mass.sum(1), 1e-3)
    mean = (f.line * w.km).sum() / w.km.sum()
    km = np.stack([mean, -mean])
    broken = f.broken.mean(1, dtype=np.float32)
    aim = r.news + p.perception.balance_weight * np.log(total / total[::-1]) + km / p.perception.ground - broken
    v = s.regime.prospects
    v = v + (np.clip(aim, -1, 1) - v) / p.perception.inertia
    m.v = np.clip((1 - r.hear) * v + r.tell, -1, 1)

    # Bond: m = 1 - 2 min(1, s_g sum w g).
    b, shy = p.bond, _real(u.refusing)
    m.shaken = b.sharpness * (
        b.squad_weight * ((u.left_squad + shy) / slots)
        + b.company_weight * ((u.left_company + shy.sum(0)) / (slots * squads))
        + b.brigade_weight * ((u.left_brigade + shy.sum((0, 1))) / _real(np.maximum(m.posts, 1)))
    )
    m.bond = 1 - 2 * np.minimum(1, m.shaken)


def _pursuit(p: Bag, w: Bag, s: Bag, m: Bag, r: Bag) -> None:
    """Cap = c present A enforcement (1 + k r); D attempts a day swamp it; the chance as men see it, and its slope."""
    side = w.side
    q, d = p.pursuit, s.units.attempts
    enforcement = r.enforcement * (1 + p.response.tightening * s.regime.alarm)
    cap = np.maximum(q.capacity * _real(m.men) * m.authority[side] * enforcement[side], 1e-6)
    m.room, m.chance, step = cap + d, q.ceiling * cap / (cap + d), _sigmoid((cap - d) / (q.width * cap))
    m.seen = q.step * (q.ceiling * step) + (1 - q.step) * m.chance
    m.slope = q.step * (-q.ceiling * step * (1 - step) / (q.width * cap)) + (1 - q.step) * (-m.chance / (cap + d))


def _reasons(p: Bag, w: Bag, s: Bag, m: Bag, r: Bag) -> None:
    """What a brigade's men share of the wish to stay, and the ways out."""
    f, side, sectors, c, b, q = s.front, w.side, len(s.front.line), p.choice, p.bond, p.pursuit
    nobody = np.zeros(2, bool)
    m.cut_off = _at(f.encircled, side, m.here, nobody)
    routed = _at(f.broken, side, m.here, nobody) | m.cut_off
    m.unfed = 1 - _at(f.supply, side, m.here, r.supply)
    m.stay = (
        c.authority_weight * (m.authority[side] - 1) + c.prospects_weight * m.v[side] - c.unpaid_weight * r.unpaid[side]
        - c.unfed_weight * m.unfed - c.patron_weight * r.patron_gone[side] - c.rout_weight * routed - r.cold[side]
    ) + b.coupling * m.bond  # fmt: skip
    m.terror = c.terror_weight * m.seen / np.maximum(q.ceiling, 1e-6)
    m.fear = c.sanction_weight * np.exp(r.sanction)[side]
    desert = -c.desert_cost + c.exit_weight * (r.exit[side] - 0.5) - m.fear * m.seen
    surrender = -c.surrender_cost + c.captor_weight * (2 * r.captor[side] - 1) - r.surrender_cost[side]
    contact = np.where(routed, 1, np.where(m.here < sectors, c.line_contact, 0))
    best = np.where(m.cut_off, surrender, np.where(contact > 0, np.maximum(desert, surrender), desert))
    go_home = np.where(m.cut_off, 0, np.exp((desert - best) / c.noise))
    give_up = contact * np.exp(np.minimum(surrender - best, 0) / c.noise)
    all_ways = np.maximum(go_home + give_up, 1e-30)
    m.way_out, m.surrender = best + c.noise * np.log(all_ways), give_up / all_ways
    m.gone = 1 - m.chance * (1 - m.surrender)
    m.jailed = 1 - m.chance * (1 - m.surrender) * q.retained
    m.tempo = np.minimum(c.tempo * np.where(m.cut_off, c.pocket_haste, 1), 1) * r.active[side]
    m.obey = (
        c.refuse_cost + c.refuse_authority * m.authority[side] + c.prospects_weight * m.v[side] + b.coupling * m.bond
        + np.where((r.assault[side] > 0) & (r.active[side] > 0), 0, 50)
    )  # fmt: skip


def _soldiers(p: Bag, w: Bag, s: Bag, m: Bag, r: Bag, *, day: int, words: Numbers) -> Bag:
    """Each man learns, weighs, and has one draw: who falls, who leaves, who refuses."""
    a, u, k, side, n = s.army, s.units, w.kinds, w.side, Bag()
    present = a.fate == PRESENT
    tenure = day - a.joined.astype(np.int32)
    green = np.exp(-np.maximum(_real(tenure), 0) / p.fire.seasoning)
    assault, trust = k.assault[a.kind], w.regions.trust[a.home]

    half = p.perception.company_weight
    around = half * u.loss_company + (1 - half) * u.loss_brigade
    speed = np.minimum(p.perception.learning * np.exp(r.learning), 1)[side]
    a.risk = a.risk + speed * ((1 - trust) * around + trust * (r.candour * s.regime.losses)[side] - a.risk)

    fear = _dread(p, a.risk)
    stay = a.resolve + m.stay + m.terror * w.regions.terror[a.home]
    stay = stay + p.choice.pay_weight * r.pay[side] * k.pay[a.kind] - p.choice.pay_weight - fear
    n.willing = _sigmoid(m.way_out - stay)
    leaving = m.tempo * n.willing
    share = r.assault[side]
    refusing = _sigmoid(fear * (share * assault) - m.obey)
    burden = (1 - share) + share / np.maximum(u.assault, 1e-3) * assault * (1 - refusing)
    hit = np.minimum(m.hazard * (1 + p.fire.green_excess * green) * burden, p.fire.most_hit)

    luck_of = rng.uniform(words, w.number)  # casualties are cut from 0 upward, choices from 1 downward
    top = 1 - luck_of
    cuts = [
        ("killed", luck_of < hit * w.killed_share[side]), ("wounded", luck_of < hit),
        ("surrendered", top < leaving * m.surrender), ("deserted", top < leaving * m.gone),
        ("jailed", top < leaving * m.jailed), ("caught", top < leaving),
        ("refused", top < leaving + (1 - leaving) * refusing),
    ]  # fmt: skip
    free = present.copy()
    for name, cut in cuts:
        setattr(n, name, free & cut)
        free = free & ~cut
    for fate, name in enumerate(("killed", "wounded", "deserted", "surrendered", "jailed"), KILLED):
        a.fate[getattr(n, name)] = fate

    still = a.fate == PRESENT
    n.still = still.sum(SQUAD)
    n.willing = n.willing * present
    n.touchy = n.willing * (1 - n.willing)
    arms = k.arms[a.kind] * (1 - p.fire.green_weakness * green)
    summed = lambda value, unit: (np.round(value * unit).astype(np.int64) * present).sum(BRIGADE)
    u.power = summed(arms, 256)
    u.assault = np.where(m.men > 0, _real(summed(assault, 256)) / (256 * _real(np.maximum(m.men, 1))), 1)
    some = _real(np.maximum(m.men, 1))  # those who were there in the morning
    u.risk = np.where(m.men > 0, _real(summed(np.minimum(a.risk, 0.5), 2.0**20)) / 2.0**20 / some, u.risk)
    u.tenure = np.where(m.men > 0, _real((tenure * present).sum(BRIGADE)) / some, u.tenure)
    return n


def _remember(p: Bag, w: Bag, s: Bag, m: Bag, n: Bag) -> None:
    """Squads, companies and brigades remember who left, who fell and who refused."""
    u, fade = s.units, 1 - 1 / p.bond.memory
    left = n.deserted | n.surrendered
    u.left_squad = u.left_squad * fade + _real(left.sum(SQUAD))
    u.left_company = u.left_company * fade + _real(left.sum(COMPANY))
    u.left_brigade = u.left_brigade * fade + _real(left.sum(BRIGADE))
    maimed, sight = (1 - w.returned_share)[w.side], np.maximum(p.perception.sight, 1)
    hurt = lambda axes: _real(n.killed.sum(axes)) + maimed * _real(n.wounded.sum(axes))
    here = _real(np.maximum(u.present.sum(0), 1))
    u.loss_company = u.loss_company + (hurt(COMPANY) / here - u.loss_company) / sight
    n.hurt = hurt(BRIGADE)
    u.loss_brigade = u.loss_brigade + (n.hurt / _real(np.maximum(m.men, 1)) - u.loss_brigade) / sight
    tried = _real((n.deserted | n.jailed | n.caught).sum(BRIGADE))
    u.attempts = u.attempts + (tried - u.attempts) / p.pursuit.window
    u.refusing, u.present = n.refused.sum(SQUAD), n.still
    for name in COUNTED:
        setattr(n, name, getattr(n, name).sum(BRIGADE))


def _care(p: Bag, w: Bag, s: Bag, m: Bag, n: Bag, r: Bag, *, words: Numbers) -> None:
    """Hospitals, prisons, the absent and the enemy's cages: whole men in and out."""
    rear, side, grain, g = s.rear, w.side, w.men_per_billet, w.regions
    draw = lambda use: rng.uniform(words, w.number[0, 0, 0] + np.uint32(use))
    out = _whole(1 / p.care.healing * _real(rear.hospital), draw(1), rear.hospital)
    n.healed = _whole(w.returned_share[side] * _real(out), np.mod(draw(1) * 4096, 1), out)
    n.invalided = out - n.healed
    back = np.minimum(p.care.return_rate * m.authority * np.exp(r.returns), 1)[side]
    n.returned = _whole(back * _real(rear.absent), draw(2), rear.absent)
    n.released = _whole(1 / p.care.sentence * _real(rear.prison), draw(3), rear.prison)
    excluded = _tally(g.exclusion * g.eligible, g.side) / np.maximum(_tally(g.eligible, g.side), 1)
    taken = n.surrendered * grain
    n.defected = _whole((p.care.defection * excluded * r.captor)[side] * _real(taken), draw(4), taken)
    rear.hospital = rear.hospital + n.wounded * grain - out
    rear.ready = rear.ready + n.healed + n.returned + n.released
    rear.absent = rear.absent + n.deserted * grain - n.returned
    rear.prison = rear.prison + n.jailed * grain - n.released
    rear.prisoners = rear.prisoners + taken - n.defected
    rear.killed = rear.killed + _tally(n.killed, side) * grain
    rear.invalided = rear.invalided + _tally(n.invalided, side)


def _refill(p: Bag, w: Bag, s: Bag, m: Bag, n: Bag, *, day: int, words: dict[str, Numbers]) -> None:
    """One slot of every squad is mustered: its dead become known, healed and new men fill its vacancies.

    A side's trained men stand in a row, region by region; its companies take the next of them in turn, from a place
    drawn each day. A draft does not cross into the next region: the rest of it waits.
    """
    a, u, grain, regions = s.army, s.units, int(w.men_per_billet), len(w.regions.side)
    slot = day % len(a.fate)
    fate, home, kind, number = a.fate[slot], a.home[slot], a.kind[slot], w.number[slot]  # views
    n.dead = np.bincount(home[fate == KILLED], minlength=regions) * grain
    fate[fate == KILLED] = KILLED_KNOWN
    vacant = (fate != PRESENT) & (fate != CLOSED) & ~m.cut_off
    places = vacant.sum(0)
    healed = np.stack([_share_out(claim, ready) for claim, ready in zip(places.T, s.rear.ready // grain)], axis=1)
    fresh, origin = np.zeros_like(places), np.zeros_like(places)
    start = rng.uniform(words["side"], rng.numbered(2, 0))
    for one in (0, 1):
        trained = np.where(w.regions.side == one, s.society.trained // grain, 0)
        queue = np.repeat(np.arange(regions), trained)
        mine = np.argwhere((w.side[:, None] == one) & np.ones(len(places), bool))  # brigade by brigade
        wanted = np.array([(places - healed)[company, brigade] for brigade, company in mine])
        stand = int(np.floor(start[one] * np.float32(len(queue))))
        for (brigade, company), draft in zip(mine, _share_out(wanted, np.int64(len(queue)))):
            if draft:
                men = queue[stand % len(queue) :][:draft]
                origin[company, brigade] = men[0]
                fresh[company, brigade] = (men == men[0]).sum()
                stand += draft
    given = np.bincount(origin.ravel(), fresh.ravel(), regions).astype(np.int64)
    rank = vacant.cumsum(0)
    old = vacant & (rank <= healed)
    new = vacant & ~old & (rank <= healed + fresh)

    lots = rng.bits(words["intake"], number)
    lot = _real(lots & np.uint32(0xFFFF)) / 65536
    home[new] = np.broadcast_to(origin, home.shape)[new]
    kind[new] = ((lot[..., None] >= w.kinds.intake[w.side][:, :4]).sum(-1) + 5 * w.side)[new]
    resolve = w.resolve_mean[w.side] + w.resolve_sd[w.side] * w.quantile[lots >> np.uint32(20)]
    resolve = resolve + w.kinds.resolve[kind] + w.regions.resolve[home]
    tenure = np.round(np.where(old, u.tenure, w.kinds.training[kind])).astype(int)
    came = old | new
    a.resolve[slot][came] = resolve[came]
    a.risk[slot][came] = np.where(old, u.risk, p.perception.prior_risk)[came]
    a.joined[slot][came] = (day - tenure)[came]
    fate[came] = PRESENT
    u.present = u.present + came
    # Who joins did not see the others go: M <- max(0, M - w joins).
    for name, axes in (("left_squad", ()), ("left_company", 0), ("left_brigade", (0, 1))):
        setattr(u, name, np.maximum(getattr(u, name) - p.response.forgetting * _real(came.sum(axes)), 0))
    s.rear.ready = s.rear.ready - healed.sum(0) * grain
    s.society.trained = s.society.trained - given * grain
    last = [np.sum(w.regions.side == 0) - 1, regions - 1]
    s.society.trained[last] += _tally(n.defected, w.side)[::-1]  # they come back as the enemy's men
    n.posted = (healed.sum(0) + fresh.sum(0)) * grain


def _share_out(places: Numbers, supply: Numbers) -> Numbers:
    """Whole men for claimants in a row: the cumulated claim, scaled to the supply and rounded down."""
    claim = _real(places.cumsum())
    upto = np.floor(claim * np.minimum(np.float32(supply) / np.maximum(claim[-1], 1), 1)).astype(int)
    return np.minimum(np.diff(upto, prepend=0), places)


def _home_front(p: Bag, w: Bag, s: Bag, n: Bag, r: Bag, *, day: int, words: Numbers) -> None:
    """Who is called, who comes, hides or flees, who signs, who comes out of training."""
    h, g, q, side = s.society, w.regions, p.mobilisation, w.regions.side
    draw = lambda use: rng.uniform(words, rng.numbered(len(side), use))
    weight = g.burden * _real(h.eligible)
    weight = weight / np.maximum(_tally(weight, side), 1e-6)[side]
    fear, pay = _dread(p, h.home_risk), np.log(np.maximum(r.pay[side], 1e-3))
    comply = q.pay_pull * np.log(np.maximum(r.pay[side], 1e-3) / g.income)
    comply = comply + q.jail_push * w.draft_enforcement[side]
    options = np.stack([comply, fear, fear - w.border_cost[side]])
    odds = np.exp(options - options.max(0))
    odds = odds / odds.sum(0)
    n.notices = _whole(r.quota[side] * weight, draw(0), h.eligible)
    n.complied = _whole(odds[0] * _real(n.notices), draw(1), n.notices)
    n.evaded = _whole(odds[1] * _real(n.notices), draw(2), n.notices - n.complied)
    n.fled = n.notices - n.complied - n.evaded
    pull = np.exp(np.clip(q.pay_pull * pay - (fear - _dread(p, g.home_risk)), -5, 5))
    n.signed = _whole(r.contracts[side] * weight * pull, draw(3), h.eligible - n.notices)
    rows = len(h.training)
    h.trained = h.trained + h.training[day % rows]
    h.training[day % rows] = 0
    h.training[(day + w.training_days[side]) % rows, np.arange(len(side))] += n.complied + n.signed
    h.eligible = h.eligible - n.notices - n.signed
    h.evading, h.abroad = h.evading + n.evaded, h.abroad + n.fled


def _capital(p: Bag, w: Bag, s: Bag, m: Bag, n: Bag, r: Bag, *, day: int, words: Numbers) -> None:
    """What the army's losses, the regions' grief, the exits and the elites make of the regime."""
    g, h, reg, q = w.regions, s.society, s.regime, p.regime
    men, of = _tally(m.men, w.side), lambda amount: _tally(amount, g.side)
    strength = _real(np.maximum(men, 1))
    reg.losses = reg.losses + (_tally(n.hurt, w.side) / strength - reg.losses) / np.maximum(p.perception.sight, 1)

    # Grief: deaths for each man liable, on the scale of a soldier's risk; the official line; some 60 days late.
    liable = of(g.eligible) / np.maximum(_real(men * w.men_per_billet), 1)
    dead = _real(n.dead) / np.maximum(g.eligible, 1) * liable[g.side]
    heard = (1 - g.trust) * dead + g.trust * (r.candour * reg.losses)[g.side]
    h.home_risk = h.home_risk + (heard - h.home_risk) / p.mobilisation.news_lag
    h.known_dead = h.known_dead + _real(of(n.dead))

    # Support, protest.
    forced, signed = _real(of(n.complied)), _real(of(n.signed))
    forced = np.where(forced + signed > 0, forced / np.maximum(forced + signed, 1), w.forced_share)
    tenfolds = np.log10(np.maximum(h.known_dead, w.dead_before) / w.dead_before)
    slope = p.mobilisation.deaths_slope * (1 - np.clip(p.mobilisation.hope_relief * np.maximum(m.v, 0), 0, 1))
    aim = np.clip(w.support - slope * tenfolds - p.mobilisation.forced_cost * (forced - w.forced_share), 0, 100)
    reg.support = reg.support + (aim - reg.support) / p.mobilisation.support_inertia
    grievance = np.minimum(np.maximum(g.burden - 1, 0) * (1 + g.exclusion), 1)
    angry = grievance * _sigmoid((p.mobilisation.protest_point - reg.support[g.side]) / p.mobilisation.support_scale)
    n.protest = of(angry * g.eligible) / np.maximum(of(g.eligible), 1)

    # Elites: E drifts to its level, loses by broken sectors, exits, protest and blows, and may split.
    n.left = np.where(m.cut_off, n.deserted, n.deserted + n.surrendered)
    net = (_tally(n.left, w.side) - _tally(n.returned, w.side) / w.men_per_billet) / strength
    drift = r.elite_level - reg.elite - q.broken_cost * s.front.broken.mean(1, dtype=np.float32)
    drift = drift - q.protest_cost * n.protest - q.exits_cost * np.maximum(_real(net), 0)
    elite = np.clip(reg.elite + drift / q.inertia - r.elite_blow, q.floor, 1)
    month = _real(s.verdict.exits.sum(1)) / np.float32(np.clip(day, 1, COLLAPSE_DAYS)) * 30.44 / strength * 1000
    n.cutoff = _real([_cutoff(q, z) for z in elite - month / q.exits_scale])
    reg.elite = np.where(elite < n.cutoff, np.minimum(elite, q.split), elite)
    yearly = q.mortality * np.exp(q.ageing * (w.age + np.float32(day) / 365.25))
    dies = rng.uniform(words, rng.numbered(2, 1)) < np.where(np.isnan(w.age), 0, yearly / 365.25)
    reg.gap = np.maximum(reg.gap * (1 - 1 / q.succession), np.where(dies, 1, r.leader_lost))
    reg.prospects = m.v

    # Alarm: r goes towards A^2 x^2/(1 + x^2), x from attempts lately and from refusals today.
    e = p.response
    x = _tally(s.units.attempts, w.side) / strength * 1000 * 30.44 / e.rate
    x = x + _real(_tally(n.refused, w.side)) / strength / e.refusing
    aim = m.authority * m.authority * (x * x / (1 + x * x))
    reg.alarm = reg.alarm + (aim - reg.alarm) / np.maximum(e.lag, 1)


def _cutoff(q: Bag, z: float) -> float:
    """The global game's theta* at the public signal z, by bisection: elites split below it."""
    quantile, low, high = NormalDist().inv_cdf, 1e-6, 1 - 1e-6
    right = np.sqrt(q.private_precision + q.public_precision) * quantile(float(q.stake))
    for _ in range(24):
        middle = (low + high) / 2
        above = q.public_precision * (middle - z) - np.sqrt(q.private_precision) * quantile(middle) > right
        low, high = (middle, high) if above else (low, middle)
    return (low + high) / 2


def _front(p: Bag, w: Bag, s: Bag, m: Bag, r: Bag, pocket: Numbers, *, words: Numbers) -> None:
    """The line moves, breaks, heals, is cut off, is relieved; in a ceasefire all stands still."""
    if r.active.min() == 0:
        return
    f, q, z, sectors = s.front, p.front, m.balance, len(s.front.line)
    draw = lambda use: rng.uniform(words, rng.numbered(2 * sectors, use)).reshape(2, sectors)
    relieved = _by_sector(_real(f.travel == 1), w.side, f.sector, sectors) > 0
    edged = np.pad(f.broken, ((0, 0), (1, 1))).astype(int)
    near = edged[:, :-2] + edged[:, 2:]
    strain = np.where(z + w.works < q.strain_ratio, q.strain_chance, 0)
    gives = (np.exp(z + w.works) < q.break_ratio + q.spread * _real(near)) | (draw(0) < r.shock[:, None] + strain)
    gives = gives & m.held.all(0) & ~f.broken
    f.firm_days = np.where(np.exp(z) > q.heal_ratio, f.firm_days + 1, 0)
    rallied = (np.exp(m.raw) > q.break_ratio + q.rally_margin * q.spread) & (
        draw(1) > 1 - q.rally * m.authority[:, None]
    )
    mended = f.broken & ((f.firm_days >= q.heal_days) | relieved | rallied) & ~f.encircled
    # What is broken and not cut off may re-form on a line behind, by f A^2 (1 - n/3), if it is not hopelessly weaker.
    e, sway = p.response, m.authority[:, None]
    chance = e.fall_back * (sway * sway) * (1 - _real(f.positions) / e.positions)
    back = f.broken & ~f.encircled & ~mended & (np.exp(m.raw) > e.least_ratio) & (draw(2) < chance)
    loss = np.where(f.encircled, -q.supply_loss, (r.supply[:, None] - f.supply) * q.resupply)
    f.supply = np.clip(f.supply + loss, 0, 1)
    # Ground: an unbroken line is ground down, by men hit in the enemy's attacks on both sides; a broken one is pursued.
    attack, thin = r.assault[::-1, None], (q.usual_density / np.maximum(m.density, 1)) ** q.thinness
    lost = np.exp(-q.odds * m.edge) * (attack * m.burns / q.breakpoint + attack * m.burns[::-1] / q.price)
    chased = q.pace * np.tanh(np.maximum(-z - q.dead_band, 0))
    loss = np.where(f.broken, chased, np.exp(r.drive[::-1, None]) * (q.bound * lost * thin))
    loss = np.where(m.held.all(0), loss, 0)
    f.broken = (f.broken | gives) & ~mended & ~back
    f.cut_days = np.where(near == 2, f.cut_days + 1, 0)
    f.encircled = (f.cut_days >= q.cut_days) | (pocket > 0)
    m.ground = np.minimum(loss + back * e.depth, w.width + np.stack([f.line, -f.line]))
    f.line = f.line + m.ground[1] - m.ground[0]
    f.positions = f.positions + back
    f.travel = np.maximum(f.travel - 1, 0)
    for one in (0, 1):
        mine = (w.side == one) & (w.companies > 0)
        # Where the upper hand is greatest, a brigade goes back to a reserve that is short.
        posted = np.array([np.sum(mine & (f.travel == 0) & (f.sector == k)) for k in range(sectors)])
        spare = ~f.broken[one] & (posted > 2) & (np.exp(z[one]) > q.release_ratio)
        if np.sum(mine & (f.sector == sectors)) < w.reserves[one] and spare.any():
            where = np.argmax(np.where(spare, z[one], -np.inf))
            f.sector[np.argmax(mine & (f.travel == 0) & (f.sector == where))] = sectors
        # One reserve brigade marches to the weakest broken sector to which none is marching yet.
        marching = [np.any((w.side == one) & (f.travel > 0) & (f.sector == k)) for k in range(sectors)]
        need, waiting = f.broken[one] & ~np.array(marching), mine & (f.sector == sectors) & (f.travel == 0)
        if need.any() and waiting.any():
            who = np.argmax(waiting)
            f.sector[who], f.travel[who] = np.argmin(np.where(need, z[one], np.inf)), q.march


def _judge(w: Bag, s: Bag, m: Bag, n: Bag, day: int) -> None:
    """Collapse: half of the front broken for over 30 days, or half of the force gone by choice within 90."""
    v, side = s.verdict, w.side
    if m.over:
        return
    row = day % COLLAPSE_DAYS
    v.exits[:, row], v.strength[:, row] = _tally(n.left, side), _tally(m.men, side)
    v.broken_days = np.where(s.front.broken.mean(1) >= FRONT_SHARE, v.broken_days + 1, 0)
    v.collapsed = v.collapsed | (v.broken_days > RESTORE_DAYS) | (v.exits.sum(1) > COLLAPSE_SHARE * v.strength.mean(1))


def _settle(p: Bag, w: Bag, s: Bag, m: Bag, words: Numbers) -> None:
    """A state may end the war while its army stands: by settle A^2 clip(broken + lost hope + missing - h, 0, 1)."""
    if m.over or s.verdict.collapsed.any():
        return
    e, men, posts = p.response, _real(_tally(s.units.present.sum((0, 1)), w.side)), _real(_tally(m.posts, w.side))
    missing = 1 - np.clip(men / np.maximum(posts, 1), 0, 1)
    need = s.front.broken.mean(1, dtype=np.float32) + np.maximum(-m.v, 0) + missing - e.hardship
    chance = e.settle * (m.authority * m.authority) * np.clip(need, 0, 1)
    s.verdict.settled = s.verdict.settled | (rng.uniform(words, rng.numbered(2, 2)) < chance)


def _tell(p: Bag, w: Bag, s: Bag, m: Bag, n: Bag, r: Bag) -> dict[str, dict[str, Numbers]]:
    """The day's flows and stocks [men] and states, by the engine's names."""
    grain, rear, home, f, reg = w.men_per_billet, s.rear, s.society, s.front, s.regime
    of, of_region = lambda amount: _tally(amount, w.side), lambda amount: _tally(amount, w.regions.side)
    men = s.units.present.sum((0, 1))
    weight = _real(men)
    mean = lambda value: of(value * weight) / np.maximum(of(weight), 1)
    rd = _reproduction(p, w, m, n)
    pocketed = np.where(m.cut_off, n.surrendered, 0)
    stocks = (
        rear.hospital, rear.ready, rear.absent, rear.prison, rear.prisoners, rear.killed, rear.invalided, home.eligible,
        home.training, home.trained, home.evading, home.abroad,
    )  # fmt: skip
    side = {name: of(getattr(n, name) * grain) for name in ("killed", "wounded", "deserted", "refused")}
    side |= {name: of(getattr(n, name)) for name in ("returned", "healed", "invalided", "defected", "posted")}
    side |= {name: of_region(getattr(n, name)) for name in ("notices", "complied", "evaded", "fled")}
    side |= {name: of(getattr(rear, name)) for name in ("hospital", "absent", "ready", "prison", "prisoners")}
    side |= dict(
        surrendered=of(n.surrendered - pocketed) * grain, captured=of(pocketed) * grain,
        caught=of(n.caught + n.jailed) * grain, imprisoned=of(n.jailed) * grain, volunteered=of_region(n.signed),
        present=of(men) * grain, training=of_region(home.training.sum(0)), trained=of_region(home.trained),
        balance=np.repeat(men.sum() * grain + sum(stock.sum() for stock in stocks), 2),
        collapsed=s.verdict.collapsed, settled=s.verdict.settled, alarm=reg.alarm,
        ground_lost=(m.ground * w.km).sum(1),
        risk_believed=mean(s.units.risk), risk_true=reg.losses, prospects=m.v,
        bond=mean(m.bond.mean((0, 1))), catch_chance=mean(m.chance), catch_chance_seen=mean(m.seen),
        authority=m.authority, elite_cohesion=reg.elite, elite_threshold=n.cutoff, vitality=r.vitality * (1 - reg.gap),
        support=reg.support, protest=n.protest, reproduction_mean=mean(rd),
        reproduction_max=np.stack([np.max(rd * (weight > 0) * (w.side == one)) for one in (0, 1)]),
        assault=r.assault, intensity=np.exp(r.hazard), pay=r.pay, supply=f.supply.mean(1), patron_gone=r.patron_gone,
        unpaid=r.unpaid, unfed=mean(m.unfed), cold=r.cold, exit_safety=r.exit, captor_treatment=r.captor,
        broken_share=f.broken.mean(1, dtype=np.float32), active=r.active,
    )  # fmt: skip
    return {
        "side": side,
        "sector": dict(
            broken=f.broken, encircled=f.encircled, line_km=f.line, log_force_ratio=m.balance[0], positions=f.positions
        ),
        "brigade": dict(
            brigade_present=men * grain, brigade_left=(n.deserted + n.surrendered) * grain, brigade_reproduction=rd
        ),
        "region": dict(region_killed=n.dead, region_evaded=n.evaded, region_fled=n.fled, region_notices=n.notices),
    }


def _reproduction(p: Bag, w: Bag, m: Bag, n: Bag) -> Numbers:
    """R_d of each brigade: further exits that one exit causes, through the bond and through swamped pursuit."""
    b, g, home = p.bond, w.regions, 1 - m.surrender
    slots, squads = w.number.shape[:2]
    eager = n.willing.sum(SQUAD)
    touchy = n.touchy.sum(SQUAD)
    # A level's mean of s(1 - s) is over its posts, weighted by its exits; a bond at its floor cannot fall.
    bent = touchy * (m.shaken < 1)
    exits = np.maximum(eager.sum((0, 1)), 1e-12)
    tie = b.squad_weight * ((eager * bent).sum((0, 1)) / exits / slots)
    tie = tie + b.company_weight * ((eager.sum(0) * bent.sum(0)).sum(0) / exits / (slots * squads))
    tie = tie + b.brigade_weight * (bent.sum((0, 1)) / _real(np.maximum(m.posts, 1)))
    bond = 2 * b.coupling * b.sharpness * b.memory * m.tempo * m.gone * tie
    # An exit comes with home/gone attempts, each of which frees p_c/(Cap + D) others and lessens what all fear.
    terror = _tally(g.terror * g.eligible, g.side) / np.maximum(_tally(g.eligible, g.side), 1)
    fear = m.fear * home + p.choice.terror_weight * terror[w.side] / np.maximum(p.pursuit.ceiling, 1e-6)
    freed = eager.sum((0, 1)) * home * m.chance / m.room
    emboldened = touchy.sum((0, 1)) * m.gone * fear * -m.slope
    return bond + m.tempo * home / np.maximum(m.gone, 1e-6) * (freed + emboldened)


def _plain(record: Numbers) -> Numbers:
    """A record of arrays as a plain bag of NumPy copies."""
    if dataclasses.is_dataclass(record):
        return Bag(**{field.name: _plain(getattr(record, field.name)) for field in dataclasses.fields(record)})
    return {name: _plain(each) for name, each in record.items()} if isinstance(record, dict) else np.array(record)


def _row(record: Numbers, day: int) -> Numbers:
    """One day of a series, or of a bag of them."""
    if isinstance(record, Bag):
        return Bag(**_row(vars(record), day))
    return {name: _row(each, day) for name, each in record.items()} if isinstance(record, dict) else record[day]


def _real(count: Numbers) -> Numbers:
    """Counts as float32, lest NumPy make float64 of them."""
    return np.asarray(count, np.float32)


def _whole(expected: Numbers, draw: Numbers, limit: Numbers) -> Numbers:
    """Whole men for an expected number, right on average, at most `limit`."""
    return np.clip(np.floor(expected + draw).astype(np.int64), 0, limit)


def _tally(amount: Numbers, side: Numbers) -> Numbers:
    """Totals of the two sides."""
    return np.stack([amount[side == one].sum() for one in (0, 1)])


def _by_sector(amount: Numbers, side: Numbers, where: Numbers, sectors: int) -> Numbers:
    """Totals of each side in each sector; the reserve is left out."""
    return np.array([[amount[(side == one) & (where == k)].sum() for k in range(sectors)] for one in (0, 1)])


def _at(value: Numbers, side: Numbers, where: Numbers, reserve: Numbers) -> Numbers:
    """A sector's value at each of its brigades; a side's `reserve` value for those in reserve."""
    return np.concatenate([value, reserve[:, None]], axis=1)[side, where]


def _log_ratio(force: Numbers, held: Numbers) -> Numbers:
    """ln(F_o/F_e) of each side in each sector, within 5; 0 where nobody stands."""
    own = np.log(np.maximum(force, 1e-4))
    return np.where(held.any(0), np.clip(own - own[::-1], -5, 5), 0)


def _dread(p: Bag, risk: Numbers) -> Numbers:
    """What the risk weighs, omega beta (1 - exp(-risk H)) [nats]."""
    return p.choice.death_weight * p.choice.present_bias * (1 - np.exp(-risk * p.choice.horizon))


def _sigmoid(x: Numbers) -> Numbers:
    """1 / (1 + exp(-x))."""
    return 1 / (1 + np.exp(-x))
