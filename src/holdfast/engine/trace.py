"""Follow some soldiers day by day, each decision with its terms: the engine's own functions on a few men."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np

from holdfast.core import rng
from holdfast.core.programs import Program
from holdfast.core.types import Record
from holdfast.engine import state
from holdfast.engine.day import rates_of, step
from holdfast.engine.day.morning import morning_of
from holdfast.engine.day.record import Conditions, Forcing, Params, Weighed
from holdfast.engine.day.soldiers import weigh
from holdfast.engine.simulate import Campaign, World
from holdfast.engine.state import Army, Setting, State

OUTCOMES = ("stays", "killed", "wounded", "deserts", "surrenders", "jailed", "caught, kept", "refuses")
"""What becomes of a soldier on a day, by the code of the outcome."""

Row: TypeAlias = dict[str, Any]
"""A man's day, by name: whole numbers, numbers, words."""
Where: TypeAlias = tuple[np.ndarray, ...]
"""Indices of billets along slot, squad, company, brigade."""


def follow(world: World, seed: int, where: Where, days: int) -> Iterator[list[Row]]:
    """Some billets' men for some days, with every term of their choices.

    The engine runs beside, so the men meet the war as it goes; what the rows say of them is what the engine did.

    Args:
        world: the world.
        seed: the seed; the run is the first.
        where: the billets' indices along slot, squad, company, brigade.
        days: how many days.

    Yields:
        The rows of a day, one a man.
    """
    today = world.state
    words = rng.words(seed, [0], range(days))
    places = tuple(map(jnp.asarray, where))
    for day in range(days):
        forcing = jax.tree.map(lambda leaf, day=day: leaf[day], world.forcing)
        of_day = {name: each[day, 0] for name, each in words.items()}
        look = _looked(world.params, world.setting, today, forcing, of_day["fate"], places)
        yield _rows(world.setting, look, where, day)
        today, _ = _step(world.params, world.setting, today, forcing, of_day)


def day_of(campaign: Campaign, forcing: Forcing, where: Where) -> list[Row]:
    """Some billets' men on the day that a campaign is to walk through next.

    Args:
        campaign: the run.
        forcing: that of the day, without an axis of days.
        where: the billets' indices along slot, squad, company, brigade.

    Returns:
        The rows of the day, one a man, as `follow` gives them.
    """
    forcing = dataclasses.replace(forcing, day=jnp.int32(campaign.day))
    look = _looked(campaign.params, campaign.setting, campaign.state, forcing, campaign.words()["fate"], where)
    return _rows(campaign.setting, look, where, campaign.day)


_step = jax.jit(step)


class _Look(Record):
    """Some men's morning and day, `[n]` each."""

    men: Army
    conditions: Conditions
    weighed: Weighed


def _looked(
    params: Params,
    setting: Setting,
    today: State,
    forcing: Forcing,
    words: jax.Array | np.ndarray,
    where: tuple[Any, ...],
) -> _Look:
    """Some men's morning and day, in arrays of NumPy."""
    parts = jax.tree.map(np.asarray, _glance(params, setting, today, forcing, words, tuple(where)))
    return _Look(Army(**parts["men"]), Conditions(**parts["conditions"]), Weighed(**parts["weighed"]))


def _look(
    params: Params, setting: Setting, today: State, forcing: Forcing, words: jax.Array, where: tuple[jax.Array, ...]
) -> dict[str, dict[str, Any]]:
    """Some men's morning and day, as `_Look` has them, by name."""
    conditions = morning_of(params, setting, today, rates_of(params, today, forcing)).conditions
    mine: Conditions = jax.tree.map(lambda leaf: leaf[where[4 - leaf.ndim :]], conditions)
    men: Army = jax.tree.map(lambda leaf: leaf[where], today.army)
    weighed = weigh(params, setting, mine, men, setting.number[where], day=forcing.day, words=words)
    return {"men": vars(men), "conditions": vars(mine), "weighed": vars(weighed)}


_glance = Program(_look)


def _rows(setting: Setting, look: _Look, where: Where, day: int) -> list[Row]:
    """One row a man: who he is, what he believes, the terms of his wish to stay, his chances, his day."""
    men, terms, each = look.men, look.conditions, look.weighed
    side = np.asarray(setting.side)[where[3]]
    rows = []
    for i in range(len(side)):
        row: Row = {
            "day": day, "soldier": i + 1, "side": int(side[i]), "brigade": int(where[3][i]), "company": int(where[2][i]),
            "squad": int(where[1][i]), "slot": int(where[0][i]), "fate": state.FATES[int(men.fate[i])],
            "home": int(men.home[i]), "kind": int(men.kind[i]) % 5,
        }  # fmt: skip
        if men.fate[i] == state.PRESENT:
            leave = float(each.leaving[i])
            row |= {
                "tenure_d": int(each.tenure[i]), "risk_believed": float(each.risk[i]), "risk_seen": float(terms.seen[i]),
                "resolve": float(men.resolve[i]), "unit_and_cause": float(terms.common[i]), "terror": float(each.terror[i]),
                "pay": float(each.pay[i]), "dread": -float(each.dread[i]), "stay": float(each.stay[i]),
                "way_out": float(terms.way_out[i]), "p_leave": leave,
                "p_desert": leave * float(terms.gone[i] - terms.surrender[i]),
                "p_surrender": leave * float(terms.surrender[i]), "p_caught": leave * float(1 - terms.gone[i]),
                "p_refuse": float(each.refusing[i]), "p_hit": float(each.hit[i]), "luck": float(each.uniform[i]),
                "what": OUTCOMES[int(each.what[i])],
            }  # fmt: skip
        rows.append(row)
    return rows


def pick(world: World, count: int, side: int | None, seed: int) -> Where:
    """Billets of some men who are present at the start, drawn from all of them.

    Args:
        world: the world.
        count: how many men.
        side: 0 or 1 for men of one side only.
        seed: the seed of the choice.

    Returns:
        Their indices along slot, squad, company, brigade.
    """
    present = np.asarray(world.state.army.fate) == state.PRESENT
    if side is not None:
        present = present & (np.asarray(world.setting.side) == side)
    candidates = np.argwhere(present)
    chosen = np.random.default_rng(seed).choice(len(candidates), min(count, len(candidates)), replace=False)
    return tuple(candidates[np.sort(chosen)].T)
