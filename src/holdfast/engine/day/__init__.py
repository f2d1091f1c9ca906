"""The day, in order. The only package that sees the whole state.

Forcing, fire, perception, bond, pursuit, choice, returns, replacement, mobilisation, regime, front: as in
`docs/model.md`. `step` reads as the day.
"""

from collections.abc import Mapping
from dataclasses import replace

import jax
import jax.numpy as jnp

from holdfast.core.types import Words
from holdfast.engine import echelons
from holdfast.engine.day.evening import capital, care_for, depart, home_front, judge, line, mourn, refill, toll
from holdfast.engine.day.morning import authority, morning
from holdfast.engine.day.record import everyone, tell
from holdfast.engine.day.soldiers import fate_after, muster
from holdfast.engine.day.world import Forcing, Params, Roll, defaults
from holdfast.engine.effects import base
from holdfast.engine.forcing import Rates, bounded
from holdfast.engine.state import Flows, Setting, State

__all__ = ["Forcing", "Params", "defaults", "everyone", "rates_of", "step"]


def rates_of(params: Params, today: State, forcing: Forcing) -> Rates:
    """The scenario's rates plus every effect's push; no fighting once a side has collapsed."""
    rates = bounded(jax.tree.map(jnp.add, forcing.rates, base.total(params.effects, forcing.policy)))
    over = today.verdict.collapsed.any()
    return replace(rates, active=jnp.where(over, 0.0, rates.active))


def step(
    params: Params, setting: Setting, today: State, forcing: Forcing, words: Mapping[str, Words]
) -> tuple[State, Flows]:
    """One day of the war: what is tomorrow's, and what is told of today."""
    day, side = forcing.day, setting.side

    # 1-5. Forcing, fire, perception, bond, pursuit: what meets each brigade this morning.
    rates = rates_of(params, today, forcing)
    sway = authority(params, setting, today, rates)
    board, told = morning(params, setting, today, rates, sway)

    # 6-7. Each soldier learns, weighs, and has one draw.
    one = muster(params, setting, board, day, words["fate"])
    roll, (what, risk) = echelons.each_slot(one, empty_roll(today), (today.army, setting.number))
    army = replace(today.army, fate=fate_after(today.army.fate, what), risk=risk)
    units, count = depart(params, setting, today, roll, echelons.count(what), told)

    # 8. Returns and replacement. Some who gave up come back as the enemy's men.
    rear, flows = care_for(params, setting, today, rates, sway, count, day, words["brigade"])
    open_ = (~told["cut_off"])[None, None, :]
    army, units, rear, trained, posted = refill(
        params, setting, army, units, rear, today.society.trained, open_, day, words
    )
    trained = _join_the_enemy(setting, trained, echelons.by_side(flows["defected"], side))
    society = replace(today.society, trained=trained)

    # 9. Mobilisation, and what the regions learn.
    society, called = home_front(params, setting, replace(today, society=society), rates, day, words["region"])
    lost = toll(params, setting, today, told, count, flows, day)
    society = mourn(params, setting, society, rates, lost, posted["dead"])

    # 10. Regime.
    leaders, regime_told = capital(params, setting, today, rates, society, told, called, lost, day, words["side"])

    # 11. Front, and whether a side has collapsed.
    front = line(params, setting, today, rates, forcing, told, sway, words["sector"])
    verdict = judge(today.verdict, day, lost["left"], lost["men"], front.broken, rates.active.min())
    after = State(army, units, rear, front, society, leaders, verdict)
    return after, tell(
        params, setting, today, after, board, roll, rates, told, count, flows, called, posted, regime_told, sway
    )


def empty_roll(today: State) -> Roll:
    """Totals before the first slot."""
    shape = today.army.fate.shape[1:]
    none, nought = jnp.zeros(shape, jnp.int32), jnp.zeros(shape)
    return Roll(none, none, none, none, nought, nought)


def _join_the_enemy(setting: Setting, trained: jax.Array, defected: jax.Array) -> jax.Array:
    """Defectors wait among the enemy's trained men, in the last region of his list, kept for them."""
    side = setting.regions.side
    last = jnp.stack([jnp.sum(side == 0) - 1, len(side) - 1])
    return trained.at[last].add(defected[::-1])
