"""The scenario file: its tables and keys, units in the names and dates as dates; and paths into a document.

Every model here refuses a key that it does not know. What is checked *between* fields (dates after the start, shares that
sum, regions that exist) stands in `holdfast.scenario.validation`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from holdfast.core.faults import Fault, ScenarioError, unknown

if TYPE_CHECKING:
    import numpy as np

MOST_SECTORS = 1000
"""More than any front has; each costs every day of every run."""
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Worth = Annotated[float, Field(ge=-3, le=3)]
Men = Annotated[int, Field(ge=0)]
LETTERS = r"\p{Ll}\p{Lo}"
"""Letters of any script, lower-case where it has cases, as Pydantic's patterns have them."""
FURTHER = r"\p{M}\p{Nd}"
"""Signs on letters, and digits."""
Name = Annotated[str, Field(min_length=1, max_length=80)]

KINDS = ("professional", "contract", "mobilised", "convict", "volunteer")
"""The kinds of soldier, in the order of their codes."""


START_LEVEL = 2.0
"""Mean resolve of a world that is built without a draw, of a side whose scenario sets none [nats]."""


class Strict(BaseModel):
    """A table of the scenario file: unknown keys, NaN and infinities are faults."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)


class Point(Strict):
    """One dated value of a series."""

    date: dt.date
    """Day on which the value holds."""
    value: float
    """The value on that day [as its series]."""


Series = float | list[Point]
"""A constant, or dated values: straight lines between them, flat before the first and after the last."""


def daily(series: Series, days: Sequence[dt.date] | np.ndarray) -> np.ndarray:
    """The values of a series on given days.

    Args:
        series: a constant, or dated values.
        days: the days' dates, or their ordinals where many series are read on the same days.

    Returns:
        Its value on each day [as the series], `[day]`.
    """
    import numpy as np

    if isinstance(series, (int, float)):
        return np.full(len(days), float(series))
    x = [point.date.toordinal() for point in series]
    wanted = days if isinstance(days, np.ndarray) else [day.toordinal() for day in days]
    return np.asarray(np.interp(wanted, x, [point.value for point in series]))


def value_on(series: Series, day: dt.date) -> float:
    """The value of a series on a day.

    Args:
        series: a constant, or dated values.
        day: the day's date.

    Returns:
        Its value [as the series].
    """
    return float(daily(series, [day])[0])


class Resolve(Strict):
    """How willing the men are to stay when nothing presses [nats]."""

    mean: float | None = None
    """Mean over the men, set by hand; none = inferred for each run: from known_exits, else from the codes of the side's
    coded_army, else from what history says of armies at large [nats]."""
    known_exits: Positive | None = None
    """Men who left by choice, per 1,000 present and month, in the months before the start, as far as known; the level of
    resolve is then the one at which as many leave as things stood on the first day [per 1,000 a month]."""
    known_exits_factor: Annotated[float, Field(ge=1)] = 1.5
    """Factor by which known_exits may be off either way, in 90 % of cases [1]."""
    sd: Positive = 0.95
    """Standard deviation between men [nats]."""

    @property
    def level(self) -> float:
        """The mean set by hand; `START_LEVEL` where it is inferred for each run and has not been written in yet [nats]."""
        return START_LEVEL if self.mean is None else self.mean


class Kind(Strict):
    """One kind of soldier: his share of the force at the start and of its intake, and what he is given."""

    share: Share = 0.0
    """Share of the force at the start; the kinds of a side sum to 1 [0-1]."""
    intake_share: Share = 0.0
    """Share of those who join; the kinds of a side sum to 1 [0-1]."""
    training_days: NotNegative = 60
    """Days of tenure that his training is worth when he joins [d]."""
    arms: Positive = 1.0
    """Fighting power of a trained man of this kind, 1 = the ordinary [1]."""
    pay: NotNegative = 1.0
    """Pay in multiples of the ordinary wage at home [1]."""
    assault: NotNegative = 1.0
    """Relative share of the ordered attacks that falls on him [1]."""
    resolve: float = 0.0
    """Added to the side's mean resolve [nats]."""


class Region(Strict):
    """A region that sends men."""

    name: Name
    """Its name, once in a side."""
    eligible_men: Men
    """Men who can be called or can sign [men]."""
    burden: NotNegative = 1.0
    """Relative chance that a man of the region is called [1]."""
    income: Positive = 1.0
    """Mean income in multiples of the side's [1]."""
    trust: Share | None = None
    """Trust in the official line; none = the side's [0-1]."""
    terror: Share | None = None
    """Memory of past repression; none = the side's [0-1]."""
    exclusion: Share = 0.0
    """How far the region's people are kept from equal standing [0-1]."""
    resolve: float = 0.0
    """Added to the side's mean resolve [nats]."""


class RegionTable(Strict):
    """Regions read from a table shipped with the scenario, and how its columns become pressures."""

    file: Annotated[str, Field(min_length=1)]
    """The table (csv), beside the scenario."""
    trust_capital: Share = 0.35
    """Trust in the official line in the capitals [0-1]."""
    trust_province: Share = 0.6
    """Trust in the official line elsewhere [0-1]."""
    capitals: list[Name] = []
    """The regions that count as capitals."""


class Brigade(Strict):
    """One line of an order of battle; `count` equal brigades."""

    name: Name
    """Its name, once in a side."""
    men: Men
    """Men present at the start [men]."""
    establishment: Annotated[int, Field(gt=0)] | None = None
    """Posts at full strength; none = its men [men]."""
    sector: Name | None = None
    """Name of its sector; none = in reserve."""
    count: Annotated[int, Field(ge=1, le=2000)] = 1
    """How many equal brigades this line stands for [1]."""


class Regime(Strict):
    """Leader and elites."""

    elite_cohesion: Share = 0.8
    """At the start [0-1]."""
    elite_level: Series = 0.8
    """Where elite cohesion goes when nothing presses [0-1]."""
    vitality: Series = 1.0
    """The leader's vigour and presence [0-1]."""
    personalism: Share = 0.5
    """How far authority hangs on the leader's person [0-1]."""
    leader_age: Annotated[float, Field(ge=18, le=110)] | None = None
    """Age at the start, for death from natural causes; none = not modelled [years]."""
    support: Annotated[float, Field(ge=0, le=100)] = 60
    """Support for the war at the start [points of 100]."""


class Losses(Strict):
    """A side's losses out of a posterior, a draw a run."""

    posterior: Annotated[str, Field(min_length=1)]
    """The posterior's file (nc), beside the scenario."""
    of: Annotated[list[Literal["killed", "killed_share", "strength", "recruited"]], Field(min_length=1)] = [
        "killed",
        "killed_share",
    ]
    """What is taken from it: killed (the rate, month by month), killed_share, strength (at the start), recruited
    (as contracts_per_day)."""
    side: Name | None = None
    """What the posterior calls this side; none = its name here."""


class Side(Strict):
    """One army, its society and its regime."""

    name: Annotated[str, Field(pattern=rf"^[{LETTERS}][{LETTERS}{FURTHER}_-]{{0,30}}$")]
    """Short name by which events and paths call it, as `russia`."""
    title: Name
    """Name to print."""
    strength: Men | None = None
    """Men present at the start; or give an order of battle [men]."""
    establishment: Annotated[int, Field(gt=0)] | None = None
    """Posts at full strength; none = the strength [men]."""
    brigade_men: Annotated[int, Field(ge=100, le=20000)] = 3000
    """Men of a brigade when no order of battle is given [men]."""
    order_of_battle: list[Brigade] = []
    """Its brigades, in place of `strength`."""
    reserve_share: Share = 0.15
    """Share of the brigades kept in reserve at the start [0-1]."""

    coded_army: Name | None = None
    """The army of history that this side is (holdfast armies list): its codes tell the level of its resolve where nothing
    better does, and whatever history teaches is learnt without its war; none = no such army."""

    losses: str | Losses | None = None
    """Losses out of a posterior, a draw a run, in place of killed_per_1000_month, intensity and killed_share: the
    text posterior:PATH, or a table that names what is taken."""
    killed_per_1000_month: NotNegative | None = None
    """Killed per 1,000 men present a month, on the first day at the intensity 1. The men present are counted day by
    day, with their replacements: the daily rate is this over 1,000 and 30.44, and it does not compound. Needed, but
    where losses stand in its place [per 1,000 a month]."""
    killed_factor: Annotated[float, Field(ge=1)] = 1.0
    """Factor by which killed_per_1000_month may be off either way, in 90 % of cases; 1 = known [1]."""
    killed_share: Share = 0.25
    """Of those hit, the share killed [0-1]."""
    returned_share: Share = 0.5
    """Of the wounded, the share who return to duty [0-1]."""
    resolve: Resolve = Resolve()
    """How willing the men are to stay when nothing presses [nats]."""
    kinds: dict[str, Kind] = {"contract": Kind(share=1.0, intake_share=1.0)}
    """Kinds of soldier by name: professional, contract, mobilised, convict, volunteer."""
    mean_tenure_days: Positive = 180
    """Mean tenure of the men at the start [d]."""

    hospital: Men = 0
    """Wounded in hospital at the start [men]."""
    absent: Men = 0
    """Men absent without leave at the start [men]."""
    prisoners: Men = 0
    """This side's men in enemy hands at the start [men]."""
    prison: Men = 0
    """This side's men in its own prisons at the start [men]."""
    trained: Men = 0
    """Trained men waiting at the start [men]."""
    dead_before: Men = 0
    """Deaths known at home before the start; support falls per tenfold of them [men]."""

    regions: list[Region] | RegionTable
    """The regions that send men: written out, or a table shipped with the scenario."""
    trust: Share = 0.5
    """Trust in the official line [0-1]."""
    terror: Share = 0.3
    """Memory of past repression [0-1]."""
    regime: Regime = Regime()
    """Leader and elites."""

    intensity: Series = 1.0
    """Multiplier on the casualty hazard that this side suffers [1]."""
    assault: Series = 0.3
    """Share of its risk that comes from attacks that it orders [0-1]."""
    drive: Series = 1.0
    """Multiplier on the ground that its attacks win [1]."""
    news: Series = 0.0
    """What the scenario's news says of its prospects, -1 hopeless to 1 certain victory [-1 to 1]."""
    candour: Series = 0.1
    """Share of the true losses that the official line admits [0-1]."""
    pay: Series = 1.0
    """Multiplier on the pay of every kind [1]."""
    quota_per_day: Series = 0.0
    """Call-up notices a day [men/day]."""
    contracts_per_day: Series = 0.0
    """Men who sign or volunteer a day, at the pay and risk of the first day [men/day]."""
    training_days: Annotated[int, Field(ge=1, le=400)] = 45
    """Days of training before a new man is sent to the front [d]."""
    draft_enforcement: Share = 0.7
    """How surely an evader of the call-up is jailed [0-1]."""
    border_cost: NotNegative = 2.0
    """What it costs to get out of the country [nats]."""
    supply: Series = 1.0
    """Share of needed supplies that reaches the men [0-1]."""
    exit: Series = 0.3
    """Safety of going home: 0 = exit means death, 1 = home near and open [0-1]."""
    captor: Series = 0.5
    """How well the captor treats prisoners [0-1]."""
    enforcement: Series = 1.0
    """Multiplier on the capacity to catch deserters [1]."""
    patron_gone: Series = 0.0
    """How far the foreign patron has withdrawn [0-1]."""
    unpaid: Series = 0.0
    """Share of pay that does not arrive [0-1]."""
    shock: Series = 0.0
    """Chance a sector-day that surprise or a breakthrough breaks this side's line [1/day]."""

    @property
    def men_at_start(self) -> int:
        """Men present at the start, as a total or by the order of battle [men]."""
        return self.strength if self.strength is not None else sum(b.men * b.count for b in self.order_of_battle)


class Sector(Strict):
    """One stretch of the front."""

    name: Name
    """Its name, once on the front."""
    share: Positive = 1.0
    """Relative share of both sides' line brigades [1]."""
    km: Positive | None = None
    """Its length; none = its part, by `share`, of what the sectors with a length leave of the front's [km]."""
    works: Worth | dict[Name, Worth] = 0.0
    """Worth of ground and field works to whoever is attacked there, or by side; 0.7 counts as twice the force [nats]."""


class Front(Strict):
    """The front: its sectors, in order along the line (neighbours break together)."""

    sectors: int | list[Sector] = 8
    """How many sectors (then called `sector 1`, `sector 2` ...), or each by name [1]."""
    km: Positive = 500
    """Length of the line [km]."""
    width: Positive | None = None
    """Ground on either side of the first day's line; where it ends the line stands. None = without end [km]."""
    observed: Annotated[str, Field(min_length=1)] | None = None
    """A table (csv) of ground that came, by maker of maps and sector, beside the scenario; shown beside runs, moves nothing."""
    winter: Share = 1.0
    """How hard winters are here: 0 none, 1 Russian [0-1]."""

    @property
    def named_sectors(self) -> list[Sector]:
        """The sectors in order along the line: `sector 1` and so on where the front only counts them."""
        if isinstance(self.sectors, int):
            return [Sector(name=f"sector {number}") for number in range(1, min(self.sectors, MOST_SECTORS) + 1)]
        return list(self.sectors)

    @property
    def lengths(self) -> list[float]:
        """The sectors' lengths in order, which add up to the front's [km]."""
        sectors = self.named_sectors
        left = self.km - sum(sector.km or 0.0 for sector in sectors)
        shares = sum(sector.share for sector in sectors if sector.km is None)
        return [left * sector.share / shares if sector.km is None else sector.km for sector in sectors]


class Event(Strict):
    """Something that happens on a date: an effect, switched on for one side or both."""

    effect: Name
    """Name of the effect."""
    start: dt.date
    """First day."""
    end: dt.date | None = None
    """Last day; none = to the end of the run."""
    side: str | None = None
    """Name of the side that feels it; none = both."""
    strength: NotNegative = 1.0
    """Multiplier on the effect, 1 = as declared [1]."""


class Encirclement(Strict):
    """A pocket closed from outside the model: the sector's brigades of one side are cut off."""

    sector: Name
    """Name of the sector."""
    side: str
    """Name of the side that is cut off."""
    start: dt.date
    """First day."""
    end: dt.date
    """Last day."""


class ScenarioDocument(Strict):
    """A whole scenario."""

    format: Literal[1] = 1
    """Version of this format."""
    name: Annotated[str, Field(pattern=rf"^[{LETTERS}\p{{Nd}}][{LETTERS}{FURTHER}-]{{0,60}}$")]
    """Short name of the scenario, as `russia-2023`."""
    title: Name
    """Name to print."""
    question: str
    """What the scenario is to answer."""
    background: str = ""
    """What a reader needs to know."""
    start: dt.date
    """First day of the run."""
    days: Annotated[int, Field(ge=1, le=3650)] = 365
    """Length of the run [d]."""
    ceasefire: dt.date | None = None
    """Day on which a ceasefire ends the war; none = no ceasefire."""
    men_per_billet: Annotated[int, Field(ge=1, le=10000)] = 10
    """Men that each billet of an ensemble stands for [men]."""
    squad_men: Annotated[int, Field(ge=2, le=15)] = 10
    """Men of a squad, where the bond is strongest [men]."""
    squads_per_company: Annotated[int, Field(ge=1, le=20)] = 10
    """Squads of a company [1]."""

    front: Front = Front()
    """The front."""
    side: Annotated[list[Side], Field(min_length=2, max_length=2)]
    """The two armies: exactly two tables."""
    event: list[Event] = []
    """What happens on dates."""
    encirclement: list[Encirclement] = []
    """Pockets closed from outside the model."""
    parameters: dict[str, float] = {}
    """Overrides of declared parameters by their path, as `choice.present_bias`."""
    sources: dict[str, str] = {}
    """Where each figure comes from, by its path, as `russia.strength`."""
    caveats: list[str] = []
    """What a reader should hold against the scenario."""


# --- Paths into a document: how a place is written for a reader, and located again from what they write.
#
# A table in a list is called by its name and not by its number: `side[russia].strength`, `event[winter].start`; where two
# have one name, by the name and its number in the list, `event[winter#3]`. A path may begin with the side, as
# `russia.strength`, and dots may stand for brackets.

Document: TypeAlias = dict[str, Any]
"""The tables of a file, as TOML has them."""

Loc = tuple[str | int, ...]
"""Keys and indices from the root of the document."""

OPEN_TABLES = ("parameters", "sources")
"""Tables whose keys are themselves dotted paths."""


def labels(items: Sequence[object]) -> list[str]:
    """What each entry of a list of tables is called in paths.

    Args:
        items: tables, as records or as mappings.

    Returns:
        Their names, effects, sectors or dates; with the number in the list where two are called alike.
    """
    names = [_own_name(item) for item in items]
    return [
        name if name and names.count(name) == 1 else f"{name}#{number}" for number, name in enumerate(names, start=1)
    ]


def _own_name(item: object) -> str:
    """What tells a table from its neighbours: its name, effect, sector or date."""
    for key in ("name", "effect", "sector", "date"):
        value = item.get(key) if isinstance(item, dict) else getattr(item, key, None)
        if value is not None:
            return str(value)
    return ""


def place(loc: Loc, raw: object) -> str:
    """The path of a spot in a document, for a reader.

    Args:
        loc: the keys and indices that lead to the spot.
        raw: the document.

    Returns:
        The path, as `side[russia].kinds.convict.share`.
    """
    text, here = "", raw
    for step in loc:
        if isinstance(step, int):
            label = labels(here)[step] if isinstance(here, list) and step < len(here) else f"#{step + 1}"
            text += f"[{label}]"
        else:
            text += f".{step}" if text else str(step)
        here = _below(here, step)
    return text


def value_at(raw: object, loc: Loc, default: object = None) -> Any:
    """The value at a spot of a document.

    Args:
        raw: the document.
        loc: the keys and indices that lead to the spot.
        default: what stands in where nothing is there.

    Returns:
        The value, or `default`.
    """
    for step in loc:
        raw = _below(raw, step, default)
    return raw


def _below(here: object, step: str | int, default: object = None) -> object:
    """What lies one step down."""
    if isinstance(here, dict):
        return here.get(step, default)
    if isinstance(here, list) and isinstance(step, int) and step < len(here):
        return here[step]
    return default


def _tokens(path: str) -> list[str]:
    """The names along a path: `russia.regions[St.Petersburg].income` has three."""
    return [bracketed or plain for bracketed, plain in re.findall(r"\[([^\]]*)\]|([^.\[\]]+)", path)]


def find(raw: Document, path: str, shared: bool = False) -> Loc:
    """The spot that a path names.

    Args:
        raw: a whole document, with all defaults filled in.
        path: the path, as a reader writes it.
        shared: whether a name that several entries of a list share means the first of them; else it means none.

    Returns:
        The keys and indices that lead to the spot.

    Raises:
        ScenarioError: if a name on the way stands for nothing; it says which.
    """
    names = _tokens(path)
    loc: Loc = ()
    here: object = raw
    for number, name in enumerate(names):
        if loc and loc[0] in OPEN_TABLES:
            return (*loc, ".".join(names[number:]))
        step = _step(raw, loc, here, name, shared)
        if step is None:
            raise ScenarioError([_lost(raw, loc, path, name)], "The path")
        loc += step
        here = value_at(raw, loc)
    if not loc:
        raise ScenarioError([_lost(raw, loc, path, path)], "The path")
    return loc


def _step(raw: Document, loc: Loc, here: object, name: str, shared: bool) -> Loc | None:
    """Where a name leads from here."""
    if isinstance(here, dict):
        if name in here or (loc[-1:] == ("kinds",) and name in KINDS):
            return (name,)
        sides = labels(raw.get("side", [])) if not loc else []
        return ("side", sides.index(name)) if name in sides else None
    if isinstance(here, list):
        known = labels(here)
        if shared and name not in known:
            known = [_own_name(item) for item in here]
        return (known.index(name),) if name in known else None
    return None


def _choices(raw: Document, loc: Loc) -> list[str]:
    """The names that may follow at a spot."""
    here = value_at(raw, loc)
    if loc[-1:] == ("kinds",):
        return list(KINDS)
    if isinstance(here, dict):
        return [*here, *labels(raw.get("side", []))] if not loc else list(here)
    return labels(here) if isinstance(here, list) else []


def _lost(raw: Document, loc: Loc, path: str, name: str) -> Fault:
    """A path that leads nowhere, with the name that was probably meant in its place."""
    options = _choices(raw, loc)
    if not options:
        cure = f"Stop the path at {place(loc, raw)}, which has no keys"
        return Fault(path.strip() or "the path", f'"{name}"', f"nothing below {place(loc, raw)}", cure)
    where = f"names in {place(loc, raw)}" if loc else "names at the top of a scenario"
    fault = unknown(path.strip() or "the path", name, where, options, "Correct the path")
    meant = fault.suggestion
    return replace(fault, suggestion=path.replace(name, meant, 1)) if meant else fault
