"""What a day is given: the parameters, the forcing, and what its parts hand to one another."""

from collections.abc import Mapping

from jaxtyping import Array, Float, Int

from holdfast.core.types import PerBrigade, Record
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
    """The parameters as declared, with the named effects."""
    return Params(
        fire.Params(), perception.Params(), bond.Params(), pursuit.Params(), choice.Params(), care.Params(),
        mobilisation.Params(), regime.Params(), front.Params(), {name: engine_effects.make(name) for name in effects},
    )  # fmt: skip


class Forcing(Record):
    """What comes from outside the model on a day (with a leading axis of days before the scan)."""

    day: Int[Array, ""]
    rates: Rates
    policy: Mapping[str, base.Today]
    """What each effect may see."""
    pocket: Float[Array, "2 K"]
    """1 where the scenario closes a pocket from outside."""


class Board(Record):
    """What the morning works out for each brigade, before any soldier chooses."""

    hazard: PerBrigade
    trench: PerBrigade
    attack: PerBrigade
    attack_share: PerBrigade
    seen: Array
    admitted: PerBrigade
    speed: PerBrigade
    common: Array
    terror: PerBrigade
    pay: PerBrigade
    way_out: PerBrigade
    surrender: PerBrigade
    gone: PerBrigade
    jailed: PerBrigade
    refuse_common: Array
    lethality: PerBrigade
    tempo: PerBrigade


class Weighed(Record):
    """A soldier's day: what he believed, what weighed with him, what he risked, what became of him."""

    tenure: Array
    green: Array
    assault: Array
    risk: Array
    dread: Array
    terror: Array
    pay: Array
    stay: Array
    willing: Array
    leaving: Array
    refusing: Array
    hit: Array
    uniform: Array
    what: Array


class Roll(Record):
    """Totals carried from slot to slot, one entry a squad."""

    power: Array
    attackers: Array
    risk: Array
    tenure: Array
    eager: Array
    touchy: Array
