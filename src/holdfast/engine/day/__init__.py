"""The day, in order. The only package that sees the whole state.

Forcing, fire, perception, bond, pursuit, choice, returns, replacement, mobilisation, regime, front: as in
`docs/model.md`. `step` reads as the day.
"""

from collections.abc import Mapping
from dataclasses import replace

import jax
import jax.numpy as jnp

from holdfast.core.types import PerRegionCount, PerSideCount, Words
from holdfast.engine import echelons, effects
from holdfast.engine.day.evening import (
    alarm_after,
    care_for,
    depart,
    home_front,
    judge,
    line,
    mourn,
    politics,
    refill,
    settlement,
    toll,
)
from holdfast.engine.day.morning import morning_of
from holdfast.engine.day.record import DayRecord, Forcing, Params, Roll, defaults, everyone, flows_of
from holdfast.engine.day.soldiers import fate_after, muster
from holdfast.engine.state import Flows, Rates, Setting, State, bounded

__all__ = ["Forcing", "Params", "defaults", "everyone", "rates_of", "step"]


def rates_of(params: Params, today: State, forcing: Forcing) -> Rates:
    """The scenario's rates plus every effect's push; no fighting once a side has collapsed or settled.

    Args:
        params: the declared parameters, those of effects among them.
        today: the state of the evening before.
        forcing: the day's forcing.

    Returns:
        The day's rates, within their bounds.
    """
    rates = bounded(jax.tree.map(jnp.add, forcing.rates, effects.total(params.effects, forcing.policy)))
    over = today.verdict.collapsed.any() | today.verdict.settled.any()
    return replace(rates, active=jnp.where(over, 0.0, rates.active))


def step(
    params: Params, setting: Setting, today: State, forcing: Forcing, words: Mapping[str, Words]
) -> tuple[State, Flows]:
    """One day of the war.

    Args:
        params: the declared parameters.
        setting: the board, fixed for the run.
        today: the state of the evening before.
        forcing: the day's forcing.
        words: the day's words of luck, by stream (`holdfast.core.rng.STREAMS`).

    Returns:
        The state in the evening; the day's flows, by side, sector, brigade and region.
    """
    day, side = forcing.day, setting.side

    # 1-5. Forcing, fire, perception, bond, pursuit: what meets each brigade this morning.
    rates = rates_of(params, today, forcing)
    morning = morning_of(params, setting, today, rates)

    # 6-7. Each soldier learns, weighs, and has one draw.
    one = muster(params, setting, morning.conditions, day, words["fate"])
    roll, (what, risk) = echelons.each_slot(one, empty_roll(today), (today.army, setting.number))
    army = replace(today.army, fate=fate_after(today.army.fate, what), risk=risk)
    units, tally = depart(params, setting, today, morning.place, roll, echelons.count(what))

    # 8. Returns and replacement. Some who gave up come back as the enemy's men.
    rear, flows = care_for(params, setting, today, morning, tally, day=day, words=words["brigade"])
    (army, units, rear, trained), intake = refill(
        params, setting, (army, units, rear, today.society.trained), morning.place.cut_off, day=day, words=words
    )
    trained = _join_the_enemy(setting, trained, echelons.by_side(flows.defected, side))
    society = replace(today.society, trained=trained)

    # 9. Mobilisation, and what the regions learn.
    society, called = home_front(params, setting, society, rates, day=day, words=words["region"])
    lost = toll(params, setting, today, morning.place, tally, returned=flows.returned, day=day)
    society = mourn(params, setting, society, rates, lost, intake.dead)

    # 10. Regime.
    regime, unrest = politics(
        params, setting, today, morning, society, called=called, lost=lost, day=day, words=words["side"]
    )
    regime = replace(regime, alarm=alarm_after(params, setting, today, morning, units, tally))

    # 11. Front, and whether a side has collapsed or a state ends the war.
    front, ground = line(params, setting, today, morning, forcing, words["sector"])
    verdict = judge(today.verdict, lost, front.broken, rates, day)
    verdict = settlement(params, setting, morning, front, verdict, units=units, words=words["side"])
    after = State(army=army, units=units, rear=rear, front=front, society=society, regime=regime, verdict=verdict)
    record = DayRecord(
        morning=morning, roll=roll, tally=tally, rear=flows, intake=intake, call_up=called, unrest=unrest, ground=ground
    )
    return after, flows_of(params, setting, today, after, record)


def empty_roll(today: State) -> Roll:
    """Totals before the first slot.

    Args:
        today: any state, for the shape of its army.

    Returns:
        Zeros, `[Q C B]` each.
    """
    shape = today.army.fate.shape[1:]
    none, nought = jnp.zeros(shape, jnp.int32), jnp.zeros(shape)
    return Roll(none, none, none, none, nought, nought)


def _join_the_enemy(setting: Setting, trained: PerRegionCount, defected: PerSideCount) -> PerRegionCount:
    """Defectors wait among the enemy's trained men, in the last region of his list, which is there for them."""
    side = setting.regions.side
    last = jnp.stack([jnp.sum(side == 0) - 1, len(side) - 1])
    return trained.at[last].add(defected[::-1])
