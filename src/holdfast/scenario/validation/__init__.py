"""The checks of a scenario: structure, dates, ranges, forces and names; an error lists all faults at once."""

from __future__ import annotations

import datetime as dt
import math
import os
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pydantic import ValidationError

from holdfast.core.faults import UNREADABLE, Fault, ScenarioError, is_readable, shown, unknown
from holdfast.scenario import loss_draws, schema
from holdfast.scenario.schema import (
    KINDS,
    MOST_SECTORS,
    Document,
    Front,
    Loc,
    Point,
    Region,
    RegionTable,
    ScenarioDocument,
    Series,
    Side,
    labels,
)
from holdfast.scenario.validation import structure

# --- Dates and series.

INFINITE = float("inf")

SHARE, SIGNED, MULTIPLE = (0.0, 1.0), (-1.0, 1.0), (0.0, INFINITE)

RANGES: dict[str, tuple[float, float]] = {
    "intensity": MULTIPLE, "assault": SHARE, "drive": MULTIPLE, "news": SIGNED, "candour": SHARE, "pay": MULTIPLE,
    "quota_per_day": MULTIPLE, "contracts_per_day": MULTIPLE, "supply": SHARE, "exit": SHARE, "captor": SHARE,
    "enforcement": MULTIPLE, "patron_gone": SHARE, "unpaid": SHARE, "shock": SHARE, "regime.elite_level": SHARE,
    "regime.vitality": SHARE,
}  # fmt: skip
"""What each series of a side may hold, by its path below the side."""


def _start_faults(scenario: ScenarioDocument) -> list[Fault]:
    """A first day at the ends of the calendar."""
    return [] if is_readable(scenario.start) else [Fault("start", shown(scenario.start), *UNREADABLE)]


def _last_day(scenario: ScenarioDocument) -> dt.date:
    """The day after the last step, up to which dates may lie."""
    try:
        return scenario.start + dt.timedelta(days=scenario.days)
    except OverflowError:
        return dt.date.max


def _series_of(scenario: ScenarioDocument) -> Iterator[tuple[str, Series, tuple[float, float]]]:
    """Every series: its place, its values, its range."""
    for name, side in zip(labels(scenario.side), scenario.side, strict=True):
        for path, allowed in RANGES.items():
            holder, _, field = path.rpartition(".")
            yield (f"side[{name}].{path}", getattr(getattr(side, holder) if holder else side, field), allowed)


def calendar_faults(scenario: ScenarioDocument, cut_short: bool = False) -> list[Fault]:
    """Every date that cannot be.

    Args:
        scenario: a scenario that is sound in structure.
        cut_short: whether dates beyond the end of the run are forgiven: a scenario that is run for fewer days than it was
            written for retains its later events and series.

    Returns:
        The faults.
    """
    first, last = scenario.start, dt.date.max if cut_short else _last_day(scenario)
    wrong = [_outside(place, date, first, last) for place, date in _dates(scenario)]
    for place, series, _ in _series_of(scenario):
        wrong += _order(place, series)
    for kind in ("event", "encirclement"):
        tables = getattr(scenario, kind)
        for label, table in zip(labels(tables), tables, strict=True):
            wrong.append(_backwards(f"{kind}[{label}].end", table.start, table.end))
    return [fault for fault in wrong if fault is not None]


def _ranges(scenario: ScenarioDocument) -> list[Fault]:
    """Every value of a series that leaves its range."""
    wrong = []
    for place, series, (low, high) in _series_of(scenario):
        values = (
            [("", series)]
            if isinstance(series, float | int)
            else [(f"[{label}].value", point.value) for label, point in zip(labels(series), series, strict=True)]
        )
        for below, value in values:
            if not low <= value <= high:
                wrong.append(_out_of_range(place + below, value, low, high))
    return wrong


def _out_of_range(place: str, value: float, low: float, high: float) -> Fault:
    """A value of a series that leaves its range."""
    cure = f"Write a value in the range; the nearest is {min(max(value, low), high):g}"
    if high == 1 and 1 < value <= 100:
        cure = f"Write a share, not a percentage: {value / 100:g}"
    return Fault(place, shown(value), structure.between(low, high), cure)


def _dates(scenario: ScenarioDocument) -> Iterator[tuple[str, dt.date]]:
    """Every date of the scenario after its start, with its place."""
    if scenario.ceasefire is not None:
        yield "ceasefire", scenario.ceasefire
    for kind in ("event", "encirclement"):
        tables = getattr(scenario, kind)
        for label, table in zip(labels(tables), tables, strict=True):
            yield f"{kind}[{label}].start", table.start
            if table.end is not None and table.end >= table.start:
                yield f"{kind}[{label}].end", table.end
    for place, series, _ in _series_of(scenario):
        if isinstance(series, list):
            for label, point in zip(labels(series), series, strict=True):
                yield f"{place}[{label}].date", point.date


def _outside(place: str, date: dt.date, first: dt.date, last: dt.date) -> Fault | None:
    """A date before the first day or after the last."""
    if first <= date <= last:
        return None
    allowed = f"a date from {first} to {last}"
    if last == dt.date.max:
        allowed = f"a date from {first} on"
    if date < first:
        cure = f"Move it to {first} or later, or start the scenario earlier"
    else:
        cure = f"Move it to {last} or earlier, or raise days to {(date - first).days}"
    return Fault(place, shown(date), allowed, cure)


def _backwards(place: str, start: dt.date, end: dt.date | None) -> Fault | None:
    """An end before its start."""
    if end is None or end >= start:
        return None
    return Fault(place, shown(end), f"a date from {start} on", "Exchange start and end, or move one")


def _order(place: str, series: float | list[Point]) -> list[Fault | None]:
    """Dated values whose dates do not increase, or that are none."""
    if isinstance(series, float | int):
        return []
    if not series:
        return [Fault(place, "an empty list", "at least one dated value", "Write one number instead")]
    wrong: list[Fault | None] = []
    names = labels(series)
    for number in range(1, len(series)):
        before, date = series[number - 1].date, series[number].date
        if date <= before:
            cure = "Remove one of the two" if date == before else "Put the dates in order"
            wrong.append(Fault(f"{place}[{names[number]}].date", shown(date), f"a date after {before}", cure))
    return wrong


# --- Forces: men, brigades, shares, regions, memory.

BYTES_PER_BILLET = 40
"""State, draws and work of one billet during a day [bytes]; an estimate on the high side."""

MEMORY_SHARE = 0.75
"""Part of the machine's memory that one run may fill."""

LENGTH_TOLERANCE = 0.01
"""Part of the front's length by which the sum of its sectors' may be off [1]."""
SHARE_TOLERANCE = 1e-6


def _machine_memory() -> int | None:
    """The machine's memory, where the system says it [bytes]."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):  # no sysconf on Windows
        return None


def _posts_of(side: Side) -> int:
    """Posts at full strength, and so the most men who can stand in line."""
    posts = side.establishment or 0
    for brigade in side.order_of_battle:
        posts += 0 if side.establishment else (brigade.establishment or brigade.men) * brigade.count
    return max(posts, side.men_at_start)


LARGEST = 2_000_000_000
"""No number of a scenario is larger, and no side has more men in all: the engine counts men by 32 bits."""


def _too_large(scenario: ScenarioDocument) -> list[Fault]:
    """Every number that the engine could not hold, and sides of more men than it can count."""
    raw = scenario.model_dump()
    allowed, cure = f"a number between -{LARGEST:,} and {LARGEST:,}", "Correct the digits"
    wrong = [
        Fault(schema.place(loc, raw), shown(number), allowed, cure)
        for loc, number in _numbers(raw, ())
        if abs(number) > LARGEST
    ]
    if wrong:
        return wrong
    for label, side in zip(labels(scenario.side), scenario.side, strict=True):
        stocks = side.hospital + side.absent + side.prisoners + side.prison + side.trained + side.dead_before
        regions = [] if isinstance(side.regions, RegionTable) else side.regions
        called = scenario.days * (_greatest(side.quota_per_day) + _greatest(side.contracts_per_day))
        men = side.men_at_start + stocks + called + sum(region.eligible_men for region in regions)
        if men > LARGEST:
            place = f"side[{label}]"
            wrong.append(
                Fault(place, f"{men:,.0f} men in all, those yet to come included", f"at most {LARGEST:,}", cure)
            )
    return wrong


def _numbers(value: object, loc: Loc) -> Iterator[tuple[Loc, float]]:
    """Every number of a document with its spot."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _numbers(one, (*loc, name))
    elif isinstance(value, list | tuple):
        for number, one in enumerate(value):
            yield from _numbers(one, (*loc, number))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield loc, value


def _greatest(series: Series) -> float:
    """The greatest value of a series."""
    return max(point.value for point in series) if isinstance(series, list) else float(series)


def _force_faults(scenario: ScenarioDocument, memory_bytes: int | None = None) -> list[Fault]:
    """Every fault of the two armies."""
    wrong: list[Fault] = []
    for label, side in zip(labels(scenario.side), scenario.side, strict=True):
        place = f"side[{label}]"
        wrong += _strength(side, place, scenario.men_per_billet)
        wrong += _brigades(side, place)
        wrong += _kinds(side, place)
        if isinstance(side.regions, list):
            wrong += callings(side, side.regions, place)
    return wrong + _memory(scenario, memory_bytes)


def callings(side: Side, regions: Sequence[Region], place: str) -> list[Fault]:
    """Men called up or taken on by contract where there are none to call.

    Args:
        side: one of the sides.
        regions: its regions.
        place: the side's path.

    Returns:
        The faults.
    """
    if not regions:
        cure = "Add a [[side.regions]] table with its eligible men"
        return [Fault(f"{place}.regions", "no region", "at least one region", cure)]
    eligible = sum(region.eligible_men for region in regions)
    callable_men = sum(region.eligible_men for region in regions if region.burden > 0)
    wrong = []
    for name, men in (("quota_per_day", callable_men), ("contracts_per_day", eligible)):
        series = getattr(side, name)
        most = max((point.value for point in series), default=0) if isinstance(series, list) else series
        if most > 0 and men == 0:
            wrong.append(
                Fault(
                    f"{place}.{name}",
                    f"{most:g} men a day",
                    "0 while no region has eligible men who bear a burden",
                    f"Give a region of {side.name} eligible_men, or set {name} = 0",
                )
            )
    return wrong


def _strength(side: Side, place: str, grain: int) -> list[Fault]:
    """Strength against order of battle, establishment, and the grain of the run."""
    where = f"{place}.strength"
    if side.strength is None and not side.order_of_battle:
        cure = "Add strength = ... (men present), or [[side.order_of_battle]] tables"
        return [Fault(place, "neither strength nor order_of_battle", "one of the two", cure)]
    if side.strength is not None and side.order_of_battle:
        what = f"{side.strength} and an order_of_battle of {side.men_at_start} men"
        return [Fault(where, what, "one of the two", "Remove strength, or the order of battle")]
    where = where if side.strength is not None else f"{place}.order_of_battle"
    men = side.men_at_start
    if men == 0:
        return [Fault(where, "an army of 0 men", "at least 1 man", "Give the army men")]
    if men < grain:
        cure = f"Raise the strength, or set men_per_billet to {men} or less"
        return [Fault(where, f"{men} men", f"at least men_per_billet, {grain}", cure)]
    if side.establishment is not None and men > side.establishment:
        allowed = f"at most the establishment, {side.establishment}"
        cure = f"Lower it, or raise {place}.establishment to at least {men}"
        return [Fault(where, f"{men} men", allowed, cure)]
    return []


def _brigades(side: Side, place: str) -> list[Fault]:
    """Brigades with more men than posts."""
    wrong = []
    names = labels(side.order_of_battle)
    for label, brigade in zip(names, side.order_of_battle, strict=True):
        if brigade.establishment is not None and brigade.men > brigade.establishment:
            where = f"{place}.order_of_battle[{label}].men"
            allowed = f"at most its establishment, {brigade.establishment}"
            cure = f"Lower men, or raise its establishment to at least {brigade.men}"
            wrong.append(Fault(where, shown(brigade.men), allowed, cure))
    return wrong


def _kinds(side: Side, place: str) -> list[Fault]:
    """Kinds that are unknown, and shares that do not sum to 1."""
    wrong = []
    for name in side.kinds:
        if name not in KINDS:
            wrong.append(unknown(f"{place}.kinds.{name}", name, "the kinds of soldier", KINDS))
    for name in ("share", "intake_share"):
        total = sum(getattr(kind, name) for kind in side.kinds.values())
        if abs(total - 1) <= SHARE_TOLERANCE:
            continue
        parts = " + ".join(f"{label} {getattr(kind, name):g}" for label, kind in side.kinds.items())
        wrong.append(
            Fault(
                f"{place}.kinds",
                f"{name} of {parts or 'no kinds'} = {total:.9g}",
                "a sum of 1",
                f"Add {1 - total:.9g} to one of them" if total < 1 else f"Take {total - 1:.9g} away",
            )
        )
    return wrong


def _memory(scenario: ScenarioDocument, memory_bytes: int | None) -> list[Fault]:
    """More billets than the machine can hold."""
    if memory_bytes is None:
        return []
    posts = sum(_posts_of(side) for side in scenario.side)
    room = math.floor(memory_bytes * MEMORY_SHARE / BYTES_PER_BILLET)
    billets = math.ceil(posts / scenario.men_per_billet)
    if billets <= room:
        return []
    grain = math.ceil(posts / max(room, 1))
    most = 10_000
    cure = f"Set men_per_billet = {grain}" if grain <= most else "Simulate smaller armies"
    size = f"{billets * BYTES_PER_BILLET / 2**30:.3g} GiB"
    return [
        Fault(
            "men_per_billet",
            f"{scenario.men_per_billet}, which makes {billets} billets of {BYTES_PER_BILLET} bytes, {size}",
            f"at most {room} billets, {MEMORY_SHARE:.0%} of this machine's {memory_bytes / 2**30:.3g} GiB",
            cure,
        )
    ]


# --- Names, and all checks together.


@dataclass(frozen=True)
class Known:
    """What a scenario may name that is declared elsewhere; none = not checked."""

    effects: Collection[str] | None = None
    """Names of the effects."""
    parameters: Mapping[str, tuple[float, float]] | None = None
    """Lowest and highest value of each parameter, by its path."""
    armies: Collection[str] | None = None
    """Names of the armies of history."""
    memory_bytes: int | None = field(default_factory=_machine_memory)
    """Memory of the machine that is to run it."""


def validated(
    raw: Document,
    known: Known | None = None,
    source: str = "The scenario",
    cut_short: bool = False,
    also: Callable[[ScenarioDocument], Sequence[Fault]] | None = None,
) -> ScenarioDocument:
    """A scenario from the tables of its file.

    Args:
        raw: the tables.
        known: names that are declared elsewhere.
        source: what an error calls the file.
        cut_short: whether dates beyond the end of the run are forgiven.
        also: gives faults that only a look into other files can show.

    Returns:
        The document.

    Raises:
        ScenarioError: with every fault, those between fields among them where the structure lets them be seen.
    """
    known = known or Known()
    document = raw | {name: structure.flattened(raw[name]) for name in schema.OPEN_TABLES if name in raw}
    broken: list[Fault] = []
    undated = False
    try:
        scenario: ScenarioDocument | None = ScenarioDocument.model_validate(document, strict=True)
    except ValidationError as error:
        by_loc = structure.faults(error, document)
        broken = list(by_loc.values())
        scenario = structure.mended(document)
        undated, cut_short = ("start",) in by_loc, cut_short or ("days",) in by_loc
    if scenario is not None:
        between = faults(scenario, known, cut_short) + list(also(scenario) if also else [])
        if undated:  # without the true first day no date can be judged
            between = [fault for fault in between if fault not in calendar_faults(scenario, cut_short)]
        broken += structure.untouched(loss_draws.unprompted(between, broken), broken)
    if broken or scenario is None:
        raise ScenarioError(broken, source)
    return scenario


def faults(scenario: ScenarioDocument, known: Known | None = None, cut_short: bool = False) -> list[Fault]:
    """Every fault between fields.

    Args:
        scenario: a scenario that is sound in structure.
        known: names that are declared elsewhere.
        cut_short: whether dates beyond the end of the run are forgiven.

    Returns:
        The faults.
    """
    known = known or Known()
    return [
        *_repeated(scenario),
        *_sectors(scenario.front),
        *_named(scenario, known),
        *_resolve(scenario),
        *_parameters(scenario, known),
        *_sources(scenario, known),
        *_start_faults(scenario),
        *_too_large(scenario),
        *calendar_faults(scenario, cut_short),
        *_ranges(scenario),
        *_force_faults(scenario, known.memory_bytes),
        *loss_draws.clashes(scenario),
    ]


def _repeated(scenario: ScenarioDocument) -> list[Fault]:
    """Names that two tables share, and sides named like a key of the file."""
    groups = [("side", [side.name for side in scenario.side])]
    if isinstance(scenario.front.sectors, list):
        groups.append(("front.sectors", [sector.name for sector in scenario.front.sectors]))
    for label, side in zip(labels(scenario.side), scenario.side, strict=True):
        groups.append((f"side[{label}].order_of_battle", [b.name for b in side.order_of_battle]))
        if isinstance(side.regions, list):
            groups.append((f"side[{label}].regions", [region.name for region in side.regions]))
    wrong = [
        Fault(place, f"{shown(name)} {count} times", "each name once", "Rename all but one")
        for place, names in groups
        for name, count in Counter(names).items()
        if count > 1
    ]
    for side in scenario.side:
        if side.name in ScenarioDocument.model_fields:
            cure = f"Rename the side; a path {side.name}... would mean the key"
            allowed = "a name that is no key of the file"
            wrong.append(Fault(f"side[{side.name}].name", shown(side.name), allowed, cure))
    return wrong


def _sectors(front: Front) -> list[Fault]:
    """A front without sectors, or with sectors that are not as long as it is."""
    sectors = front.named_sectors
    if not sectors:
        what = shown(front.sectors) if isinstance(front.sectors, int) else "an empty list"
        return [Fault("front.sectors", what, "at least 1 sector", "Give the front sectors, as sectors = 8")]
    many = front.sectors if isinstance(front.sectors, int) else len(sectors)
    if many > MOST_SECTORS:
        return [
            Fault("front.sectors", str(many), f"at most {MOST_SECTORS} sectors", "Join sectors, or correct the number")
        ]
    total = sum(sector.km or 0.0 for sector in sectors)
    if all(sector.km for sector in sectors):
        wrong, allowed = abs(total - front.km) > LENGTH_TOLERANCE * front.km, f"front.km, {front.km:g} km"
    else:
        wrong, allowed = total >= front.km, f"less than front.km, {front.km:g} km, so that some is left for the others"
    if not wrong:
        return []
    cure = f"Write km = {total:g} under [front], or change the sectors' km"
    return [Fault("front.sectors.km", f"sectors of {total:g} km in all", allowed, cure)]


def _named(scenario: ScenarioDocument, known: Known) -> list[Fault]:
    """Effects, sides and sectors that are named but not there."""
    sides = [side.name for side in scenario.side]
    sectors = [sector.name for sector in scenario.front.named_sectors]
    uses: list[tuple[str, str | None, str, Collection[str]]] = []
    for label, event in zip(labels(scenario.event), scenario.event, strict=True):
        uses.append((f"event[{label}].side", event.side, "the sides", sides))
        if known.effects is not None:
            uses.append((f"event[{label}].effect", event.effect, "the effects", known.effects))
    for sector in scenario.front.named_sectors:
        if isinstance(sector.works, dict):
            uses += [(f"front.sectors[{sector.name}].works", side, "the sides", sides) for side in sector.works]
    for label, pocket in zip(labels(scenario.encirclement), scenario.encirclement, strict=True):
        uses.append((f"encirclement[{label}].side", pocket.side, "the sides", sides))
        uses.append((f"encirclement[{label}].sector", pocket.sector, "the sectors", sectors))
    for side in scenario.side:
        if known.armies is not None:
            place = f"side[{side.name}].coded_army"
            uses.append((place, side.coded_army, "the armies of history (holdfast armies list)", known.armies))
        for label, brigade in zip(labels(side.order_of_battle), side.order_of_battle, strict=True):
            place = f"side[{side.name}].order_of_battle[{label}].sector"
            uses.append((place, brigade.sector, "the sectors", sectors))
    return [
        unknown(place, name, what, names) for place, name, what, names in uses if name is not None and name not in names
    ]


def _resolve(scenario: ScenarioDocument) -> list[Fault]:
    """A level of resolve that is set by hand and to be inferred as well."""
    return [
        Fault(
            f"side[{side.name}].resolve.known_exits", f"{shown(side.resolve.known_exits)} beside mean, which sets the level",
            "one of the two", "Remove mean, and the level is inferred; or remove known_exits",
        )
        for side in scenario.side
        if side.resolve.mean is not None and side.resolve.known_exits is not None
    ]  # fmt: skip


def _parameters(scenario: ScenarioDocument, known: Known) -> list[Fault]:
    """Overrides of parameters that are not declared, or that leave their range."""
    wrong: list[Fault] = []
    for path, value in scenario.parameters.items():
        if known.parameters is None:
            break
        place = f"parameters.{path}"
        if path not in known.parameters:
            wrong.append(unknown(place, path, "the parameters", known.parameters))
            continue
        low, high = known.parameters[path]
        if not low <= value <= high:
            cure = f"Write a value in the range; the nearest is {min(max(value, low), high):g}"
            wrong.append(Fault(place, shown(value), structure.between(low, high), cure))
    return wrong


def _sources(scenario: ScenarioDocument, known: Known) -> list[Fault]:
    """Sources of figures that the scenario does not hold."""
    wrong: list[Fault] = []
    document = scenario.model_dump()
    for path in scenario.sources:
        if path in scenario.parameters or path in (known.parameters or ()):
            continue
        try:
            schema.find(document, path, shared=True)
        except ScenarioError as error:
            wrong += [replace(fault, place=f"sources.{path}") for fault in error.faults]
    return wrong
