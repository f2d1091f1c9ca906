"""Follow some soldiers day by day, each decision with its terms: the engine's own functions on a few men."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from holdfast.core import rng
from holdfast.engine import state
from holdfast.engine.day import rates_of, step
from holdfast.engine.day.morning import authority, morning
from holdfast.engine.day.soldiers import weigh
from holdfast.engine.day.world import Board, Forcing, Params
from holdfast.engine.simulate import World
from holdfast.engine.state import Army, Setting, State

OUTCOMES = ("stays", "killed", "wounded", "deserts", "surrenders", "jailed", "caught, kept", "refuses")
"""What becomes of a soldier on a day, by the code of the outcome."""


def follow(world: World, seed: int, where: tuple[np.ndarray, ...], days: int) -> Iterator[list[dict[str, Any]]]:
    """Some billets' men for some days: a row a man a day, with every term of his choice.

    `where` are the billets' indices along slot, squad, company, brigade. The engine runs beside, so the men meet the
    war as it goes; what is told of them is what the engine did.
    """
    key = rng.run_key(seed, 0)
    today = world.state
    words = rng.words(key, jnp.arange(days, dtype=jnp.int32))
    for day in range(days):
        forcing = jax.tree.map(lambda leaf, day=day: leaf[day], world.forcing)
        of_day = {name: each[day] for name, each in words.items()}
        told = _look(world.params, world.setting, today, forcing, of_day["fate"], tuple(map(jnp.asarray, where)))
        yield _rows(world.setting, today.army, where, day, jax.tree.map(np.asarray, told))
        today, _ = _step(world.params, world.setting, today, forcing, of_day)


_step = jax.jit(step)


@jax.jit
def _look(
    params: Params, setting: Setting, today: State, forcing: Forcing, words: jax.Array, where: tuple[jax.Array, ...]
) -> dict[str, Any]:
    rates = rates_of(params, today, forcing)
    board, _ = morning(params, setting, today, rates, authority(params, setting, today, rates))
    mine: Board = jax.tree.map(lambda leaf: leaf[where[4 - leaf.ndim :]], board)
    men: Army = jax.tree.map(lambda leaf: leaf[where], today.army)
    each = weigh(params, setting, mine, men, setting.number[where], forcing.day, words)
    return {"men": men, "board": mine, "each": each}


def _rows(
    setting: Setting, army: Army, where: tuple[np.ndarray, ...], day: int, told: dict[str, Any]
) -> list[dict[str, Any]]:
    """One row a man: who he is, what he believes, the terms of his wish to stay, his chances, his day."""
    men, board, each = told["men"], told["board"], told["each"]
    side = np.asarray(setting.side)[where[3]]
    made = []
    for i in range(len(side)):
        present = men.fate[i] == state.PRESENT
        row: dict[str, Any] = {
            "day": day, "soldier": i + 1, "side": int(side[i]), "brigade": int(where[3][i]), "company": int(where[2][i]),
            "squad": int(where[1][i]), "slot": int(where[0][i]), "fate": state.FATES[int(men.fate[i])],
            "home": int(men.home[i]), "kind": int(men.kind[i]) % 5,
        }  # fmt: skip
        if present:
            leave = float(each.leaving[i])
            row |= {
                "tenure_d": int(each.tenure[i]), "risk_believed": float(each.risk[i]), "risk_seen": float(board.seen[i]),
                "resolve": float(men.resolve[i]), "unit_and_cause": float(board.common[i]), "terror": float(each.terror[i]),
                "pay": float(each.pay[i]), "dread": -float(each.dread[i]), "stay": float(each.stay[i]),
                "way_out": float(board.way_out[i]), "p_leave": leave,
                "p_desert": leave * float(board.gone[i] - board.surrender[i]),
                "p_surrender": leave * float(board.surrender[i]), "p_caught": leave * float(1 - board.gone[i]),
                "p_refuse": float(each.refusing[i]), "p_hit": float(each.hit[i]), "luck": float(each.uniform[i]),
                "what": OUTCOMES[int(each.what[i])],
            }  # fmt: skip
        made.append(row)
    return made


def pick(world: World, count: int, side: int | None, seed: int) -> tuple[np.ndarray, ...]:
    """Billets of some men who are present at the start, spread over both sides unless one is asked for."""
    present = np.asarray(world.state.army.fate) == state.PRESENT
    if side is not None:
        present = present & (np.asarray(world.setting.side) == side)
    candidates = np.argwhere(present)
    chosen = np.random.default_rng(seed).choice(len(candidates), min(count, len(candidates)), replace=False)
    return tuple(candidates[np.sort(chosen)].T)
