"""The records of a day: the parameters, the forcing, and what one part of the day hands to the next."""

from collections.abc import Mapping

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
from holdfast.engine import effects as engine_effects
from holdfast.engine.effects import base
from holdfast.engine.forcing import Rates
from holdfast.engine.mechanisms import bond, care, choice, fire, front, mobilisation, perception, pursuit, regime


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
    effects: dict[str, base.AbstractEffect]


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
        front=front.Params(), effects={name: engine_effects.make(name) for name in effects},
    )  # fmt: skip


class Forcing(Record):
    """What comes from outside the model on a day (with a leading axis of days before the scan)."""

    day: Int[Array, ""]
    """Number of the day, the first is 0."""
    rates: Rates  # The scenario's rates.
    policy: Mapping[str, base.Today]  # What each effect may see.
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
