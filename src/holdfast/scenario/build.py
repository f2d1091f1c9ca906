"""From a scenario to a world: lay out the armies, fill the tables, draw the series day by day.

Everything here is plain NumPy, done once; the engine and its reference start from the same world.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Sequence
from statistics import NormalDist

import jax.numpy as jnp
import numpy as np

from holdfast import luck, params, state
from holdfast.day import Forcing, Params, defaults
from holdfast.effects.base import Today
from holdfast.mechanisms import fire
from holdfast.rates import Rates, nothing
from holdfast.scenario.load import read_regions
from holdfast.scenario.schema import KINDS, Region, Scenario, Sector, Series, Side
from holdfast.simulate import World

QUANTILES = 4096
MONTH = 30.44
"""Days in a month [d]."""


@dataclasses.dataclass(frozen=True)
class Names:
    """Labels of the axes, for the results."""

    sides: list[str]
    titles: list[str]
    sectors: list[str]
    brigades: list[str]
    brigade_side: list[str]
    brigade_sector: list[str]
    regions: list[str]
    region_side: list[str]
    days: np.ndarray


@dataclasses.dataclass(frozen=True)
class Brigades:
    """One side's brigades as laid out, in billets."""

    name: list[str]
    posts: np.ndarray
    """Billets at full strength, whole companies."""
    men: np.ndarray
    """Billets occupied at the start."""
    sector: np.ndarray
    """Index of the sector; K = reserve."""


def world(scenario: Scenario, men_per_billet: int | None = None, seed: int = 0) -> tuple[World, Names]:
    """Build the world of a checked scenario at a grain (the scenario's own unless given)."""
    grain = men_per_billet or scenario.men_per_billet
    sectors = sector_list(scenario)
    regions = [read_regions(scenario, side) for side in scenario.side]
    squads = scenario.squads_per_company
    companies = companies_of(scenario, grain)
    sides = [brigades_of(scenario, side, sectors, grain, companies) for side in scenario.side]
    side = np.repeat([0, 1], [len(one.name) for one in sides])
    posts = np.concatenate([one.posts for one in sides])
    shape = (scenario.squad_men, squads, companies, len(side))
    declared = params.override(defaults(effect_names(scenario)), dict(scenario.parameters))
    setting = setting_of(scenario, regions, side, posts, shape, grain, [len(one.posts) for one in sides])
    army, present = army_of(scenario, setting, sides, shape, declared, seed)
    start = state_of(scenario, setting, declared, sides, army, present, len(sectors), grain, shape)
    start, setting = first_day(declared, setting, start, scenario)
    names = names_of(scenario, sectors, sides, regions)
    return World(declared, setting, start, forcing_of(scenario, sectors)), names


def effect_names(scenario: Scenario) -> tuple[str, ...]:
    """The effects that the scenario uses, each once."""
    return tuple(sorted({event.effect for event in scenario.event}))


def sector_list(scenario: Scenario) -> list[Sector]:
    """The front's sectors, named."""
    given = scenario.front.sectors
    return [Sector(name=f"sector {k + 1}") for k in range(given)] if isinstance(given, int) else list(given)


def companies_of(scenario: Scenario, grain: int) -> int:
    """Companies a brigade, C: as many as a full brigade needs; fewer where the grain leaves too few brigades.

    A coarser grain means fewer brigades, then smaller ones, never smaller squads: two brigades a sector and side
    are kept as long as there are companies to make them of.
    """
    company = scenario.squad_men * scenario.squads_per_company
    wanted = []
    for side in scenario.side:
        if side.order_of_battle:
            largest = max((b.establishment or b.men) for b in side.order_of_battle)
            wanted.append(math.ceil(largest / grain / company))
            continue
        posts = (side.establishment or side.strength or 0) / grain
        full = math.ceil(side.brigade_men / company)
        fewest = 2 * len(sector_list(scenario))
        wanted.append(max(1, min(full, int(posts / company / fewest))))
    return max(wanted)


def brigades_of(
    scenario: Scenario, side: Side, sectors: Sequence[Sector], grain: int, companies: int
) -> Brigades:
    """An order of battle at the grain, or totals laid out in equal brigades."""
    company = scenario.squad_men * scenario.squads_per_company
    places = [sector.name for sector in sectors]
    if side.order_of_battle:
        lines = [line for line in side.order_of_battle for _ in range(line.count)]
        names = [
            f"{line.name} {n + 1}" if line.count > 1 else line.name
            for line in side.order_of_battle
            for n in range(line.count)
        ]
        posts = (
            np.array([max(1, round((b.establishment or b.men) / grain / company)) for b in lines]) * company
        )
        men = whole_parts(np.array([float(b.men) for b in lines]), round(sum(b.men for b in lines) / grain))
        where = [places.index(b.sector) if b.sector else len(places) for b in lines]
        return Brigades(names, posts, np.minimum(men, posts), np.array(where))
    strength = side.strength or 0
    total = max(side.establishment or strength, strength) / grain
    own = max(1, min(companies, math.ceil(side.brigade_men / company)))
    count = max(1, math.ceil(total / (own * company)))
    held_back = min(round(side.reserve_share * count), max(count - len(places), 0))
    sector = np.full(count, len(places))
    sector[: count - held_back] = shared_sectors(np.array([s.share for s in sectors]), count - held_back)
    spare = count * own * company
    posts = np.full(count, own * company)
    for _ in range(int((spare - total) / company)):  # whole companies that the establishment does not ask for
        posts[np.argmax(posts)] -= company
    men = whole_parts(posts.astype(float), min(round(strength / grain), int(posts.sum())))
    names = [f"{side.name} {n + 1}" for n in range(count)]
    return Brigades(names, posts, men, sector)


def shared_sectors(share: np.ndarray, count: int) -> np.ndarray:
    """A sector for each line brigade, in the sectors' shares, by largest remainder."""
    return np.repeat(np.arange(len(share)), whole_parts(share, count))


def whole_parts(weight: np.ndarray, total: int) -> np.ndarray:
    """Split a whole number in the given proportions, by largest remainder."""
    exact = weight / max(weight.sum(), 1e-12) * total
    parts = np.floor(exact).astype(int)
    rest = total - parts.sum()
    parts[np.argsort(-(exact - parts), kind="stable")[:rest]] += 1
    return parts


def setting_of(
    scenario: Scenario, regions: Sequence[Sequence[Region]], side: np.ndarray, posts: np.ndarray,
    shape: tuple[int, int, int, int], grain: int, counts: Sequence[int],
) -> state.Setting:  # fmt: skip
    """The fixed tables of the board."""
    two, both = scenario.side, range(2)
    f32 = lambda values: jnp.asarray(np.array(values, np.float32))  # noqa: E731
    i32 = lambda values: jnp.asarray(np.array(values, np.int32))  # noqa: E731
    kinds = [[one.kinds.get(name) for name in KINDS] for one in two]
    column = lambda field, empty: f32(  # noqa: E731
        [getattr(kind, field) if kind else empty for row in kinds for kind in row]
    )
    intake = np.cumsum([[kind.intake_share if kind else 0 for kind in row] for row in kinds], axis=1)
    company = scenario.squad_men * scenario.squads_per_company
    quantile = [NormalDist().inv_cdf((i + 0.5) / QUANTILES) for i in range(QUANTILES)]
    forced = [
        (quota := value_on(one.quota_per_day, scenario.start))
        / max(quota + value_on(one.contracts_per_day, scenario.start), 1e-9)
        for one in two
    ]
    return state.Setting(
        side=i32(side),
        companies=i32(posts // company),
        number=jnp.asarray(luck.billet_numbers(shape, side)),
        kinds=state.Kinds(
            training=column("training_days", 60),
            arms=column("arms", 1),
            pay=column("pay", 1),
            assault=column("assault", 1),
            resolve=column("resolve", 0),
            intake=f32(intake),
        ),  # fmt: skip
        regions=region_tables(two, regions),
        quantile=f32(quantile),
        men_per_billet=jnp.asarray(grain, jnp.int32),
        hazard=f32([one.killed_per_1000_month / 1000 / MONTH / max(one.killed_share, 1e-6) for one in two]),
        killed_share=f32([one.killed_share for one in two]),
        returned_share=f32([one.returned_share for one in two]),
        resolve_mean=f32([one.resolve.mean for one in two]),
        resolve_sd=f32([one.resolve.sd for one in two]),
        personalism=f32([one.regime.personalism for one in two]),
        age=f32([one.regime.leader_age or np.nan for one in two]),
        training_days=i32([one.training_days for one in two]),
        draft_enforcement=f32([one.draft_enforcement for one in two]),
        border_cost=f32([one.border_cost for one in two]),
        support=f32([one.regime.support for one in two]),
        forced_share=f32(forced),
        dead_before=f32([max(one.dead_before, strength_of(one) / 1000, 1) for one in two]),
        reserves=i32([round(two[s].reserve_share * counts[s]) for s in both]),
    )


def strength_of(side: Side) -> int:
    """Men present at the start, however they were given."""
    return side.strength if side.strength is not None else sum(b.men * b.count for b in side.order_of_battle)


def region_tables(two: Sequence[Side], regions: Sequence[Sequence[Region]]) -> state.Regions:
    """The regions of both sides end to end; each list ends with a place for the enemy's defectors."""
    rows: list[tuple[int, Region]] = []
    for index, own in enumerate(regions):
        people = max(sum(r.eligible_men for r in own), 1)
        mean_burden = sum(r.burden * r.eligible_men for r in own) / people or 1.0
        rows += [(index, r.model_copy(update={"burden": r.burden / mean_burden})) for r in own]
        rows.append((index, Region(name="defectors", eligible_men=0, trust=0.0)))
    f32 = lambda values: jnp.asarray(np.array(list(values), np.float32))  # noqa: E731
    own_or = lambda value, otherwise: otherwise if value is None else value  # noqa: E731
    hazard = [one.killed_per_1000_month / 1000 / MONTH for one in two]
    trust = [own_or(r.trust, two[s].trust) for s, r in rows]
    candour = [value_on(two[s].candour, dt.date.min) for s, _ in rows]
    return state.Regions(
        side=jnp.asarray(np.array([s for s, _ in rows], np.int32)),
        burden=f32(r.burden for _, r in rows),
        income=f32(r.income for _, r in rows),
        trust=f32(trust),
        terror=f32(own_or(r.terror, two[s].terror) for s, r in rows),
        exclusion=f32(r.exclusion for _, r in rows),
        resolve=f32(r.resolve for _, r in rows),
        eligible=f32(r.eligible_men for _, r in rows),
        home_risk=f32(
            hazard[s] * ((1 - t) * r.burden + t * c)
            for (s, r), t, c in zip(rows, trust, candour, strict=True)
        ),
    )


def army_of(
    scenario: Scenario, setting: state.Setting, sides: Sequence[Brigades], shape: tuple[int, int, int, int],
    declared: Params, seed: int,
) -> tuple[state.Army, np.ndarray]:  # fmt: skip
    """Who stands in which billet on the first morning. Drawn from the case, not from the run's luck."""
    slots, squads, companies, brigades = shape
    side = np.asarray(setting.side)
    number = np.asarray(setting.number)
    draw = lambda n: luck.uniform(np.array([0x5EED, seed & 0xFFFFFFFF ^ n], np.uint32), number)  # noqa: E731
    posts = np.concatenate([one.posts for one in sides])
    men = np.concatenate([one.men for one in sides])
    open_ = (np.arange(companies)[:, None] < posts // (slots * squads))[None, None]
    # Fill slot by slot, squad by squad, so that every squad of a brigade is equally full.
    place = np.arange(slots * squads).reshape(slots, squads)[:, :, None, None]
    own = np.maximum(posts // (slots * squads), 1)
    order = place * own + np.minimum(np.arange(companies)[:, None], own - 1)
    present = open_ & (order < men)
    fate = np.where(present, state.PRESENT, np.where(open_, state.VACANT, state.CLOSED)).astype(np.uint8)

    shares = [
        np.cumsum([one.kinds[k].share if k in one.kinds else 0 for k in KINDS]) for one in scenario.side
    ]
    kind_draw, home_draw = draw(1), draw(2)
    kind = np.zeros(shape, np.uint8)
    home = np.zeros(shape, np.uint8)
    region_side = np.asarray(setting.regions.side)
    weight = np.asarray(setting.regions.burden, float) * np.asarray(setting.regions.eligible, float)
    for index in (0, 1):
        mine = side == index
        rows = np.flatnonzero(region_side == index)
        upto = np.cumsum(weight[rows]) / max(weight[rows].sum(), 1e-12)
        kind[..., mine] = (
            np.minimum(np.searchsorted(shares[index], kind_draw[..., mine], "right"), 4) + 5 * index
        )
        picked = np.minimum(np.searchsorted(upto, home_draw[..., mine], "right"), len(rows) - 1)
        home[..., mine] = rows[picked]
    tenure = np.array([one.mean_tenure_days for one in scenario.side])[side] * -np.log1p(-draw(3))
    tenure = np.minimum(tenure + np.asarray(setting.kinds.training)[kind], 20000)
    deviate = np.asarray(setting.quantile)[(draw(4) * QUANTILES).astype(int)]
    resolve = np.asarray(setting.resolve_mean)[side] + np.asarray(setting.resolve_sd)[side] * deviate
    resolve = resolve + np.asarray(setting.kinds.resolve)[kind] + np.asarray(setting.regions.resolve)[home]
    army = state.Army(
        fate=jnp.asarray(fate),
        risk=jnp.asarray(first_risk(scenario, setting, declared, tenure, home, side).astype(np.float32)),
        resolve=jnp.asarray(resolve.astype(np.float32)),
        joined=jnp.asarray((-np.round(tenure)).astype(np.int16)),
        kind=jnp.asarray(kind),
        home=jnp.asarray(home),
    )
    return army, present


def first_risk(
    scenario: Scenario,
    setting: state.Setting,
    declared: Params,
    tenure: np.ndarray,
    home: np.ndarray,
    side: np.ndarray,
) -> np.ndarray:
    """What each man believes on the first morning: he has learnt for as long as he has served."""
    intensity = np.array([value_on(one.intensity, scenario.start) for one in scenario.side])
    serious = np.asarray(setting.killed_share) + (1 - np.asarray(setting.killed_share)) * (
        1 - np.asarray(setting.returned_share)
    )
    loss = (np.asarray(setting.hazard) * serious * intensity)[side]
    candour = np.array([value_on(one.candour, scenario.start) for one in scenario.side])[side]
    trust = np.asarray(setting.regions.trust)[home]
    told = (1 - trust) * loss + trust * candour * loss
    learnt = 1 - np.exp(-tenure * float(declared.perception.learning))
    return float(declared.perception.prior_risk) * (1 - learnt) + told * learnt


def state_of(
    scenario: Scenario, setting: state.Setting, declared: Params, sides: Sequence[Brigades], army: state.Army,
    present: np.ndarray, sectors: int, grain: int, shape: tuple[int, int, int, int],
) -> state.State:  # fmt: skip
    """The first morning."""
    slots, squads, companies, brigades = shape
    side = np.asarray(setting.side)
    men = present.sum(axis=(0, 1, 2))
    green = np.exp(np.minimum(np.asarray(army.joined, float), 0) / float(declared.fire.seasoning))
    kind = np.asarray(army.kind)
    arms = np.asarray(setting.kinds.arms)[kind] * (1 - float(declared.fire.green_weakness) * green)
    power = (np.round(arms * fire.UNIT).astype(int) * present).sum(axis=(0, 1, 2))
    attack = (np.round(np.asarray(setting.kinds.assault)[kind] * fire.UNIT).astype(int) * present).sum(
        axis=(0, 1, 2)
    )
    mean = lambda field: (np.asarray(field, float) * present).sum(axis=(0, 1, 2)) / np.maximum(men, 1)  # noqa: E731
    stock = lambda name: np.concatenate(  # noqa: E731
        [
            whole_parts(np.maximum(one.men, 1e-9), getattr(s, name))
            for one, s in zip(sides, scenario.side, strict=True)
        ]
    )
    i32 = lambda values: jnp.asarray(np.array(values, np.int32))  # noqa: E731
    f32 = lambda values: jnp.asarray(np.array(values, np.float32))  # noqa: E731
    loss = np.asarray(setting.hazard) * np.array(
        [value_on(s.intensity, scenario.start) for s in scenario.side]
    )
    k, r = np.asarray(setting.killed_share), np.asarray(setting.returned_share)
    loss = loss * (k + (1 - k) * (1 - r))
    region_side = np.asarray(setting.regions.side)
    eligible = np.asarray(setting.regions.eligible).astype(int)
    trained = np.concatenate(
        [whole_parts(eligible[region_side == s].astype(float), scenario.side[s].trained) for s in (0, 1)]
    )
    queue = np.zeros((max(s.training_days for s in scenario.side) + 1, len(eligible)), int)
    for s, one in enumerate(scenario.side):  # men called before the first day are in training already
        daily = value_on(one.quota_per_day, scenario.start) * 0.75 + value_on(
            one.contracts_per_day, scenario.start
        )
        burden = np.asarray(setting.regions.burden, float) * eligible * (region_side == s)
        for row in range(one.training_days):
            queue[row] += whole_parts(burden, round(daily)) if burden.sum() else 0
    zero = jnp.zeros
    by_side = lambda name: f32([getattr(s.regime, name) for s in scenario.side])  # noqa: E731
    return state.State(
        army=army,
        units=state.Units(
            present=i32(present.sum(axis=0)),
            refusing=zero((squads, companies, brigades), jnp.int32),
            left_squad=zero((squads, companies, brigades)),
            left_company=zero((companies, brigades)),
            left_brigade=zero(brigades),
            loss_company=f32(np.broadcast_to(loss[side], (companies, brigades))),
            loss_brigade=f32(loss[side]),
            attempts=zero(brigades),
            power=i32(power),
            attackers=i32(attack),
            risk=f32(mean(army.risk)),
            tenure=f32(mean(-np.asarray(army.joined, float))),
        ),  # fmt: skip
        rear=state.Rear(
            hospital=i32(stock("hospital")),
            ready=zero(brigades, jnp.int32),
            absent=i32(stock("absent")),
            prison=i32(stock("prison")),
            prisoners=i32(stock("prisoners")),
            killed=zero(2, jnp.int32),
            invalided=zero(2, jnp.int32),
        ),  # fmt: skip
        front=state.Front(
            sector=i32(np.concatenate([one.sector for one in sides])),
            travel=zero(brigades, jnp.int32),
            line=zero(sectors),
            broken=zero((2, sectors), bool),
            firm_days=zero((2, sectors), jnp.int32),
            cut_days=zero((2, sectors), jnp.int32),
            encircled=zero((2, sectors), bool),
            supply=f32(
                np.broadcast_to([[value_on(s.supply, scenario.start)] for s in scenario.side], (2, sectors))
            ),
        ),  # fmt: skip
        society=state.Society(
            eligible=i32(eligible),
            training=i32(queue),
            trained=i32(trained),
            evading=zero(len(eligible), jnp.int32),
            abroad=zero(len(eligible), jnp.int32),
            home_risk=setting.regions.home_risk,
            known_dead=setting.dead_before,
        ),  # fmt: skip
        regime=state.Regime(
            elite=by_side("elite_cohesion"),
            gap=zero(2),
            losses=f32(loss),
            support=by_side("support"),
            prospects=f32([value_on(s.news, scenario.start) for s in scenario.side]),
        ),  # fmt: skip
        verdict=state.Verdict(
            exits=zero((2, state.RESERVE_WINDOW), jnp.int32),
            strength=i32(np.repeat([[men[side == s].sum()] for s in (0, 1)], state.RESERVE_WINDOW, axis=1)),
            broken_days=zero(2, jnp.int32),
            collapsed=zero(2, bool),
        ),  # fmt: skip
    )


def first_day(
    declared: Params, setting: state.Setting, start: state.State, scenario: Scenario
) -> tuple[state.State, state.Setting]:
    """Scale each side's hazard so that the first day kills at the scenario's rate, and settle the attempts.

    The scenario gives killed per 1,000 present men; greenness, force ratios and reserves move that, so the base
    hazard is divided by what they make of it on the first morning.
    """
    from holdfast.day import rates_of
    from holdfast.day.morning import authority, morning

    first = forcing_of(scenario, sector_list(scenario), days=1)
    import jax

    today = jax.tree.map(lambda leaf: leaf[0], first)
    rates = rates_of(declared, start, today)
    sway = authority(declared, setting, start, rates)
    board, told = morning(declared, setting, start, rates, sway)
    side, men = np.asarray(setting.side), np.asarray(told["men"], float)
    present = np.asarray(start.army.fate) == state.PRESENT
    green = np.exp(np.minimum(np.asarray(start.army.joined, float), 0) / float(declared.fire.seasoning))
    excess = ((1 + float(declared.fire.green_excess) * green) * present).sum(axis=(0, 1, 2)) / np.maximum(
        men, 1
    )
    intensity = np.exp(np.asarray(rates.hazard))
    scale = []
    for s in (0, 1):
        mine = side == s
        mean = (np.asarray(board.hazard) * excess * men)[mine].sum() / max(men[mine].sum(), 1)
        wanted = float(setting.hazard[s]) * intensity[s]
        scale.append(wanted / mean if mean > 0 else 1.0)
    scaled = dataclasses.replace(setting, hazard=setting.hazard * jnp.asarray(np.array(scale, np.float32)))
    return start, scaled


def value_on(series: Series, day: dt.date) -> float:
    """A series' value on a date: straight lines between its points, flat outside them."""
    if isinstance(series, (int, float)):
        return float(series)
    x = [point.date.toordinal() for point in series]
    return float(np.interp(day.toordinal(), x, [point.value for point in series]))


def daily(series: Series, days: Sequence[dt.date]) -> np.ndarray:
    """A series on each day, `[D]`."""
    if isinstance(series, (int, float)):
        return np.full(len(days), float(series))
    x = [point.date.toordinal() for point in series]
    return np.interp([day.toordinal() for day in days], x, [point.value for point in series])


def winter_depth(days: Sequence[dt.date], hardness: float) -> np.ndarray:
    """How deep in winter each day is: a cosine that peaks in mid-January and is 0 from May to September [0-1]."""
    angle = np.array([2 * np.pi * (day.timetuple().tm_yday - 15) / 365.25 for day in days])
    return hardness * np.maximum(np.cos(angle), 0) * (np.cos(angle) > 0.3)


def forcing_of(scenario: Scenario, sectors: Sequence[Sector], days: int | None = None) -> Forcing:
    """Every series of the scenario, a row a day."""
    dates = [scenario.start + dt.timedelta(days=n) for n in range(days or scenario.days)]
    both = lambda name: jnp.asarray(  # noqa: E731
        np.stack([daily(getattr(side, name), dates) for side in scenario.side], axis=1).astype(np.float32)
    )
    regime = lambda name: jnp.asarray(  # noqa: E731
        np.stack([daily(getattr(side.regime, name), dates) for side in scenario.side], axis=1).astype(
            np.float32
        )
    )
    still = {field.name: jnp.zeros((len(dates), 2)) for field in dataclasses.fields(Rates)}
    same = (
        "assault",
        "news",
        "candour",
        "pay",
        "supply",
        "exit",
        "captor",
        "enforcement",
        "patron_gone",
        "unpaid",
        "shock",
    )
    given = {name: both(name) for name in same}
    given |= {"quota": both("quota_per_day"), "contracts": both("contracts_per_day")}
    given |= {"elite_level": regime("elite_level"), "vitality": regime("vitality")}
    given["hazard"] = jnp.log(jnp.maximum(both("intensity"), 1e-6))
    fought = [scenario.ceasefire is None or day < scenario.ceasefire for day in dates]
    given["active"] = jnp.asarray(np.repeat(np.array(fought, np.float32)[:, None], 2, axis=1))
    return Forcing(
        day=jnp.arange(len(dates), dtype=jnp.int32),
        rates=dataclasses.replace(nothing(), **(still | given)),
        policy={name: policy_of(scenario, name, dates) for name in effect_names(scenario)},
        pocket=pockets(scenario, sectors, dates),
    )


def policy_of(scenario: Scenario, effect: str, dates: Sequence[dt.date]) -> Today:
    """One effect's strength and onset for each side and day."""
    names = [side.name for side in scenario.side]
    strength, onset = np.zeros((2, len(dates), 2))
    for event in scenario.event:
        if event.effect != effect:
            continue
        feel = [index for index, name in enumerate(names) if event.side in (None, name)]
        for row, day in enumerate(dates):
            if event.start <= day and (event.end is None or day <= event.end):
                strength[row, feel] += event.strength
            if day == event.start:
                onset[row, feel] += event.strength
    depth = winter_depth(dates, scenario.front.winter)
    f32 = lambda values: jnp.asarray(values.astype(np.float32))  # noqa: E731
    return Today(strength=f32(strength), onset=f32(onset), winter=f32(depth))


def pockets(scenario: Scenario, sectors: Sequence[Sector], dates: Sequence[dt.date]) -> jnp.ndarray:
    """1 where and when the scenario closes a pocket, `[D 2 K]`."""
    closed = np.zeros((len(dates), 2, len(sectors)), np.float32)
    sides, places = [s.name for s in scenario.side], [s.name for s in sectors]
    for pocket in scenario.encirclement:
        for row, day in enumerate(dates):
            if pocket.start <= day <= pocket.end:
                closed[row, sides.index(pocket.side), places.index(pocket.sector)] = 1
    return jnp.asarray(closed)


def names_of(
    scenario: Scenario,
    sectors: Sequence[Sector],
    sides: Sequence[Brigades],
    regions: Sequence[Sequence[Region]],
) -> Names:
    """Labels for every axis of the results."""
    places = [sector.name for sector in sectors] + ["reserve"]
    both = list(zip(scenario.side, sides, strict=True))
    rows = [
        (name, side.name)
        for side, own in zip(scenario.side, regions, strict=True)
        for name in [*(r.name for r in own), f"defectors to {side.name}"]
    ]
    return Names(
        sides=[side.name for side in scenario.side],
        titles=[side.title for side in scenario.side],
        sectors=places[:-1],
        brigades=[name for _, one in both for name in one.name],
        brigade_side=[side.name for side, one in both for _ in one.name],
        brigade_sector=[places[k] for _, one in both for k in one.sector],
        regions=[name for name, _ in rows],
        region_side=[side for _, side in rows],
        days=np.datetime64(scenario.start, "ns") + np.arange(scenario.days) * np.timedelta64(1, "D"),
    )
