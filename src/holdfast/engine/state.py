"""What is carried from day to day, the rates of a day, what is recorded of it, and what never changes.

The scenario's series and the effects' pushes are the same record, so the day simply adds them. Addition commutes:
effects need no order, cannot overwrite one another, and can be switched off singly.

`State` holds only what tomorrow needs. `Flows` is what a reader wants. `Setting` is the board on which the war is
played: who stands where at the start, and the fixed tables.
"""

import dataclasses

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, Int16, UInt8, UInt32

from holdfast.core.types import (
    PerBrigade,
    PerBrigadeCount,
    PerCompany,
    PerRegion,
    PerRegionCount,
    PerSector,
    PerSide,
    PerSideCount,
    PerSideSector,
    PerSideSectorMask,
    PerSquad,
    Record,
    SlabCount,
)


class Rates(Record):
    """One value a side `[2]`, for one day. Zero is no push."""

    hazard: PerSide  # Log of the multiplier on the casualty hazard suffered [nats].
    assault: PerSide  # Share of the risk that comes from ordered attacks [0-1].
    drive: PerSide  # Log of the multiplier on the ground that the side's attacks win [nats].
    news: PerSide  # Prospects as the news has them [-1..1].
    hear: PerSide  # Share of the army that hears a public signal today [0-1].
    tell: PerSide  # That share times the prospects that the signal tells [-1..1].
    candour: PerSide  # Share of true losses that the official line admits [0-1].
    learning: PerSide  # Log of the multiplier on the speed of learning [nats].
    pay: PerSide  # Multiplier on pay [1].
    quota: PerSide  # Call-up notices [men/d].
    contracts: PerSide  # Men who sign at the first day's pay and risk [men/d].
    supply: PerSide  # Rations and ammunition that reach the front [0-1].
    cold: PerSide  # Misery of cold [nats].
    exit: PerSide  # Safety of going home [0-1].
    captor: PerSide  # How well the captor treats prisoners [0-1].
    surrender_cost: PerSide  # Added cost of giving up [nats].
    enforcement: PerSide  # Multiplier on the capacity to catch deserters [1].
    sanction: PerSide  # Log of the multiplier on what capture is feared to cost [nats].
    returns: PerSide  # Log of the multiplier on the return of absent men [nats].
    patron_gone: PerSide  # [0-1]
    unpaid: PerSide  # [0-1]
    shock: PerSide  # Chance a sector-day that surprise breaks the line [1/d].
    elite_level: PerSide  # Where elite cohesion goes when nothing presses [0-1].
    elite_blow: PerSide  # Elite cohesion lost today [0-1].
    vitality: PerSide  # The leader's vigour [0-1].
    leader_lost: PerSide  # Share of the leader's vigour lost today [0-1].
    active: PerSide  # 1 while the war is fought, 0 in a ceasefire.


SHARES = (
    "assault", "hear", "candour", "supply", "exit", "captor", "patron_gone", "unpaid", "shock",
    "elite_level", "elite_blow", "vitality", "leader_lost", "active",
)  # fmt: skip
NOT_NEGATIVE = ("pay", "quota", "contracts", "cold", "enforcement")


def nothing() -> Rates:
    """No push at all.

    Returns:
        Rates of 0.
    """
    return Rates(**{field.name: jnp.zeros(2) for field in dataclasses.fields(Rates)})


def bounded(rates: Rates) -> Rates:
    """The rates, within the bounds in which they have a meaning, whatever was pushed.

    Args:
        rates: the scenario's rates with all pushes.

    Returns:
        The rates.
    """
    within: dict[str, PerSide] = {name: jnp.clip(getattr(rates, name), 0, 1) for name in SHARES}
    within |= {name: jnp.maximum(getattr(rates, name), 0) for name in NOT_NEGATIVE}
    within["news"] = jnp.clip(rates.news, -1, 1)
    return dataclasses.replace(rates, **within)


# What became of a billet's last man.
CLOSED, VACANT, PRESENT, KILLED, WOUNDED, DESERTED, SURRENDERED, IMPRISONED, KILLED_KNOWN = range(9)
FATES = ("closed", "vacant", "present", "killed", "wounded", "deserted", "surrendered", "imprisoned", "killed")
"""Names of the fates; the last is a killed man whose region has the news."""


class Army(Record):
    """One entry a billet, axes `[S Q C B]`."""

    fate: UInt8[Array, "S Q C B"]
    risk: Float[Array, "S Q C B"]
    """Perceived chance of death or maiming [1/d]."""
    resolve: Float[Array, "S Q C B"]
    """[nats]"""
    joined: Int16[Array, "S Q C B"]
    """Day on which his tenure would have begun; training counts as tenure [d]."""
    kind: UInt8[Array, "S Q C B"]
    """Row of `Setting.kinds`."""
    home: UInt8[Array, "S Q C B"]
    """Region."""


class Units(Record):
    """What squads, companies and brigades remember and hold."""

    present: SlabCount  # Occupied billets a squad.
    refusing: SlabCount  # Men of the squad who refused yesterday.
    left_squad: PerSquad  # Remembered exits [men].
    left_company: PerCompany
    left_brigade: PerBrigade
    loss_company: PerCompany  # Losses lately seen, as a daily hazard [1/d].
    loss_brigade: PerBrigade
    attempts: PerBrigade  # Seven-day mean of attempted desertions [billets/d].
    power: PerBrigadeCount  # Fighting power in 1/256 of a trained man.
    assault: PerBrigade  # Mean assault share of its men [1].
    risk: PerBrigade  # Mean perceived risk [1/d].
    tenure: PerBrigade  # Mean tenure [d].


class Rear(Record):
    """Where a brigade's men are when they are not in it [men]."""

    hospital: PerBrigadeCount
    ready: PerBrigadeCount  # Healed, returned or released, and waiting for a vacancy.
    absent: PerBrigadeCount
    prison: PerBrigadeCount
    prisoners: PerBrigadeCount  # In the enemy's hands.
    killed: PerSideCount
    invalided: PerSideCount


class Front(Record):
    """The line, sector by sector; the first axis of a pair is the side."""

    sector: PerBrigadeCount  # Sector of each brigade; K = in reserve.
    travel: PerBrigadeCount  # Days until a brigade on the move arrives [d].
    line: PerSector  # Advance of the first side since the start [km].
    broken: PerSideSectorMask
    firm_days: Int[Array, "2 K"]
    """Days in a row with the upper hand."""
    cut_days: Int[Array, "2 K"]
    """Days in a row with both neighbours broken."""
    encircled: PerSideSectorMask
    supply: PerSideSector
    positions: Int[Array, "2 K"]
    """Positions given so far: lines behind the first on which the sector has re-formed."""


class Society(Record):
    """Regions, in men."""

    eligible: PerRegionCount
    training: Int[Array, "L R"]
    """A ring of days: who comes out of training on day t stands in row t mod L."""
    trained: PerRegionCount
    evading: PerRegionCount
    abroad: PerRegionCount
    home_risk: PerRegion  # Risk of a soldier's death as believed at home [1/d].
    known_dead: PerSide  # Deaths known at home since the war began [men].


class Regime(Record):
    """Leader, elites, hope."""

    elite: PerSide
    gap: PerSide  # What a lost leader's place still lacks of vigour [0-1].
    prospects: PerSide
    losses: PerSide  # The army's true losses lately, as a daily hazard [1/d].
    support: PerSide  # Support for the war [points of 100].
    alarm: PerSide  # How far the command is alarmed by those who leave or refuse [0-1].


class Verdict(Record):
    """Enough of the past to tell a collapse on the day it happens, and whether a state has ended the war."""

    exits: Int[Array, "2 W"]
    """Men who left by choice on each of the last days, a ring [billets]."""
    strength: Int[Array, "2 W"]
    broken_days: PerSideCount
    collapsed: Bool[Array, "2"]
    settled: Bool[Array, "2"]
    """Whether the state ended the war while its army stood: a third outcome, and no collapse."""


class State(Record):
    """All that tomorrow needs."""

    army: Army
    units: Units
    rear: Rear
    front: Front
    society: Society
    regime: Regime
    verdict: Verdict


class Kinds(Record):
    """One row a kind of soldier of each side (`[10]`: five of the first side, five of the second)."""

    training: Float[Array, "10"]
    arms: Float[Array, "10"]
    pay: Float[Array, "10"]
    assault: Float[Array, "10"]
    resolve: Float[Array, "10"]
    intake: Float[Array, "2 5"]
    """Cumulative shares of the intake."""


class Regions(Record):
    """The fixed tables of the regions."""

    side: Int[Array, "R"]
    burden: PerRegion
    income: PerRegion
    trust: PerRegion
    terror: PerRegion
    exclusion: PerRegion
    resolve: PerRegion
    eligible: PerRegion  # Men liable to serve at the start.
    home_risk: PerRegion  # Risk believed at home at the start [1/d].


class Setting(Record):
    """The board: fixed for the whole run."""

    side: Int[Array, "B"]
    companies: Int[Array, "B"]
    """Companies that are open, the first of the brigade's C."""
    number: UInt32[Array, "S Q C B"]
    """The billets' numbers, for luck."""
    kinds: Kinds
    regions: Regions
    quantile: Float[Array, "4096"]
    """Standard normal quantiles, by which new men get their resolve."""
    men_per_billet: Int[Array, ""]
    hazard: PerSide  # Casualty hazard of a trained man at full strength on both sides [1/d].
    killed_share: PerSide
    returned_share: PerSide
    resolve_mean: PerSide
    resolve_sd: PerSide
    personalism: PerSide
    age: PerSide  # The leader's age at the start; NaN = he does not die of it [years].
    training_days: PerSideCount
    draft_enforcement: PerSide
    border_cost: PerSide
    support: PerSide
    forced_share: PerSide  # Share of the first day's intake that is called up.
    dead_before: PerSide  # Deaths known at home at the start [men].
    reserves: PerSideCount  # Brigades that the side likes to keep in reserve.
    km: PerSector  # Length of each sector [km].
    width: Float[Array, ""]
    """Ground on either side of the first day's line [km]."""
    works: PerSideSector  # Worth of ground and field works to a side that is attacked there [nats].


class Flows(Record):
    """What is told of a day."""

    side: dict[str, Array]  # [2] each: flows and stocks in men, states in their units.
    sector: dict[str, Array]  # [2 K] or [K] each.
    brigade: dict[str, Array]  # [B] each.
    region: dict[str, Array]  # [R] each.
