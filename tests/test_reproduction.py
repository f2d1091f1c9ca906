r"""Desertion's reproduction number against exits that are planted and followed: section 4 of the model's specification.

$R_d$ is a linear number: what an exit adds at first order, in the first generation, with all else held. So a small
part of an exit is planted (in the memories of its squad, company and brigade, or in the count of attempts), it fades
as the model lets it, and the exits that are expected beyond those of the unchanged army are added up, without a draw.
A whole exit does more than its linear share: its squad is shaken by nearly a nat, where $\sigma$ is convex.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from wars import above, days_of, error, left, path, told, world

from holdfast import force, state
from holdfast.day import Forcing, Params, empty_roll, rates_of
from holdfast.day.morning import authority, morning
from holdfast.day.soldiers import muster, weigh
from holdfast.day.told import reproduction_number
from holdfast.simulate import World, batch_axes
from holdfast.state import Setting, State

SMALL = 0.02
"""Part of an exit that is planted: small enough for the linear term, large enough for 32 bits."""
NEAR = 0.04
"""How near a plant must come to R_d, as a share of it: its own curvature and roundings, both about a hundredth."""

CASES: dict[str, dict[str, Any]] = {
    "sound": {"west.resolve.mean": 1.0},
    "restless": {"west.resolve.mean": 0.2, "west.terror": 1.0},
    "swamped": {"west.resolve.mean": 1.5, "west.enforcement": 0.15},
    "humane": {"west.resolve.mean": 1.0, "west.captor": 1.0, "parameters.choice.line_contact": 0.05},
}


@functools.cache
def evening(name: str) -> tuple[World, State, Forcing]:
    """A war after 60 days, the first run: its state and the day's forcing."""
    war = world({"days": 60, **CASES[name]})
    last = days_of(war)[1]
    axes = batch_axes(war.state)
    one = jax.tree.map(lambda leaf, axis: jnp.asarray(np.take(leaf, 0, axis)), last, axes)
    return war, one, jax.tree.map(lambda leaf: leaf[-1], war.forcing)


def men_expected(
    params: Params, setting: Setting, today: State, forcing: Forcing, planted: State
) -> tuple[jax.Array, jax.Array]:
    """Exits that today's men are expected to make in each brigade, and the board's share of attempts an exit.

    The board is made from `planted`, the men and their beliefs are those of `today`.
    """
    rates = rates_of(params, today, forcing)
    board, _ = morning(params, setting, planted, rates, authority(params, setting, today, rates))
    nothing = jnp.zeros(2, jnp.uint32)
    each = weigh(params, setting, board, today.army, setting.number, forcing.day, nothing)
    here = today.army.fate == state.PRESENT
    going = jnp.where(here, each.leaving * board.gone, 0).sum(axis=(0, 1, 2))
    return going, (1 - board.surrender) / board.gone


@jax.jit
def stated(params: Params, setting: Setting, today: State, forcing: Forcing) -> tuple[jax.Array, jax.Array]:
    """R_d of each brigade as the model tells it, and the exits of every squad, as weights."""
    rates = rates_of(params, today, forcing)
    board, heard = morning(params, setting, today, rates, authority(params, setting, today, rates))
    one = muster(params, setting, board, forcing.day, jnp.zeros(2, jnp.uint32))
    roll, _ = force.each_slot(one, empty_roll(today), (today.army, setting.number))
    return reproduction_number(params, setting, today, board, roll, heard, rates), roll.eager


@jax.jit
def through_bond(
    params: Params, setting: Setting, today: State, forcing: Forcing, weight: jax.Array, size: jax.Array
) -> jax.Array:
    """Exits that follow from an exit in one of a brigade's squads, over the life of its memory, for each brigade.

    Each squad in turn, by its chance to be the one that a man leaves.
    """
    squads, companies, brigades = weight.shape
    before = men_expected(params, setting, today, forcing, today)[0]
    fade = 1 - 1 / params.bond.memory

    def day_of(squad: jax.Array, company: jax.Array, old: jax.Array) -> jax.Array:
        part = size * fade**old
        units = dataclasses.replace(
            today.units,
            left_squad=today.units.left_squad.at[squad, company].add(part),
            left_company=today.units.left_company.at[company].add(part),
            left_brigade=today.units.left_brigade + part,
        )
        planted = dataclasses.replace(today, units=units)
        return men_expected(params, setting, today, forcing, planted)[0] - before

    def from_squad(place: jax.Array) -> jax.Array:
        squad, company = place // companies, place % companies
        span = 96  # six times the memory: 0.2 % is left
        more = jax.lax.map(lambda old: day_of(squad, company, old.astype(jnp.float32)), jnp.arange(0, span, 4))
        # Every fourth day stands for four; the fading within them is a geometric sum.
        four = (1 + fade + fade**2 + fade**3) * more.sum(axis=0)
        return four / size * weight[squad, company]

    places = jnp.arange(squads * companies)
    return jax.lax.map(from_squad, places).sum(axis=0) / weight.sum(axis=(0, 1))


@jax.jit
def through_pursuit(
    params: Params, setting: Setting, today: State, forcing: Forcing, size: jax.Array
) -> jax.Array:
    """Exits that follow from the attempts that come with an exit, over the life of the seven-day mean."""
    before, tries = men_expected(params, setting, today, forcing, today)
    window = params.pursuit.window

    def day_of(old: jax.Array) -> jax.Array:
        more = size * tries / window * (1 - 1 / window) ** old
        units = dataclasses.replace(today.units, attempts=today.units.attempts + more)
        planted = dataclasses.replace(today, units=units)
        return (men_expected(params, setting, today, forcing, planted)[0] - before) / size

    return jax.lax.map(day_of, jnp.arange(56, dtype=jnp.float32)).sum(axis=0)


@functools.cache
def measured(name: str, size: float = SMALL) -> dict[str, np.ndarray]:
    """For West's brigades: R_d as told, and as planted through the bond, through pursuit and through both."""
    war, today, forcing = evening(name)
    with jax.enable_x64(True):
        wide = jax.tree.map(
            lambda x: x.astype(jnp.float64) if x.dtype == jnp.float32 else x, (war.params, war.setting, today, forcing)
        )
        number, eager = stated(*wide)
        weight = eager.astype(jnp.float64)
        bond = through_bond(*wide, weight, jnp.asarray(size))
        pursuit = through_pursuit(*wide, jnp.asarray(size))
        off = dataclasses.replace(wide[0], bond=dataclasses.replace(wide[0].bond, coupling=wide[0].bond.coupling))
        del off
        mine = np.asarray(war.setting.side) == 0
        parts = {"told": number, "bond": bond, "pursuit": pursuit, "both": bond + pursuit}
        return {part: np.asarray(values)[mine] for part, values in parts.items()}
