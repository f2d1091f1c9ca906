"""The level of resolve at which men leave as fast as is known: searched by short pilot runs, for both sides at once.

Nobody measures resolve. What can be known of an army that still stands is how many of its men left by choice before the
first day; the level of its resolve is then the one at which as many leave in the model, as things stood on that day. A
forecast and an ensemble take it from here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence

import jax
import numpy as np
from jaxtyping import Bool, Float

from holdfast.core.units import MONTH_DAYS
from holdfast.engine.outcomes import FirstDays, first_days
from holdfast.engine.simulate import World, simulate
from holdfast.parallel import Report

PILOTS = 5
"""Pilot runs in which the level of resolve is searched."""
MOST_SHIFT, MOST_STEP = 8.0, 2.0
"""Nats by which the resolve may be moved, in all and from one pilot to the next."""
MOST_MISS = 0.7
"""Nats by which either army's rate of leaving may miss what is known of it: half or twice as many."""
NEAR = 1.0
"""Nats within which a pilot's rate says how far its level is off: there leaving goes as exp(-resolve)."""
FIRST_PILOT = 2_000_000
"""Number of the luck of the first pilot that has luck of its own: no run and no twin has as large a one."""
GROUND = 6.0
"""Nats added to the resolve and, as weariness, taken off again, so that weariness may lie on either side of none."""
BY_ENEMY = ("killed", "wounded", "captured")
"""The sides' daily losses to the enemy: by fire, and of men who give up while encircled."""
FLOWS = ("present", "deserted", "surrendered", "broken_share", "settled", "ground_lost", *BY_ENEMY)
"""The sides' daily variables that rates and outcomes are worked out of."""


Flows = Mapping[str, np.ndarray]
"""The sides' `FLOWS`, `[run day side]`, and `ground`, gained by the first side, `[run day]` [km2]."""


@dataclasses.dataclass(frozen=True)
class Levels:
    """The levels of some worlds, a run each."""

    shift: Float[np.ndarray, "run side"]
    """What is added to the resolve of each side [nats]."""
    miss: Float[np.ndarray, "run side"]
    """By how much the rate of leaving is missed, in its logarithm [nats]; 0 of a side of which no rate is known."""
    stands: Bool[np.ndarray, run]
    """Whether no side of which a rate is known breaks in the pilot, and each leaves about as fast as is known."""
    ground_lost: Float[np.ndarray, "run side"]
    """Ground that each side loses in a pilot's last days, median of the pilots [km2/d]."""


def levels(
    worlds: Sequence[World], known: Float[np.ndarray, "run side"], *, men: float | Sequence[float], men_per_billet: int,
    days: int, rate_days: int, seed: int, runs: Sequence[int], report: Report, fresh: bool = False,
) -> Levels:  # fmt: skip
    """The level of each side's resolve at which men leave as fast as is known.

    Args:
        worlds: worlds of one shape, a run each.
        known: gross exits by choice per 1,000 men present and month; NaN of a side of which nothing is known, whose
            resolve then stays as it is [1/1,000/month].
        men: men of each army, or one number for both [men].
        men_per_billet: the grain [men].
        days: length of a pilot [d].
        rate_days: its last days, over which the rate is measured [d].
        seed: of the pilots' luck.
        runs: number of each world's luck.
        report: hears of the days done; `PILOTS * days` in all.
        fresh: whether each pilot has luck of its own, from `FIRST_PILOT` on, which no run has. What chance adds to a pilot's rate
            is then no knowledge, and is averaged out: the level is the mean of what the pilots near it say. Without it all
            pilots have the luck of `runs`, as where they are the beginning of the run itself.

    Returns:
        The levels.
    """
    least = men_per_billet / 2
    free = np.isnan(known)
    ground: list[np.ndarray] = []

    def rate(shift: np.ndarray, pilot: int) -> tuple[np.ndarray, np.ndarray]:
        pilots = [with_resolve(cut(one, days), move, None) for one, move in zip(worlds, shift, strict=True)]
        luck = [FIRST_PILOT + PILOTS * run + pilot for run in runs] if fresh else runs
        flows = simulated(pilots, seed, luck, after(report, pilot * days))
        ground.append(flows["ground_lost"][:, -rate_days:].mean(axis=1))
        gone, there = (values[:, -rate_days:].sum(axis=1) for values in (exits(flows), flows["present"]))
        first = first_days_of(flows)
        holds = (first.mass_desertion < 0) & (first.collapse < 0) & (first.settlement < 0)
        # Without a war there are no deserters: a rate that says nothing.
        over = ((first.collapse >= 0) | (first.settlement >= 0)).any(axis=1, keepdims=True)
        leaving = np.log((gone + least) / np.maximum(there, 1) * 1000 * MONTH_DAYS)
        rates = np.where(holds | ~over, leaving, np.log(known) + MOST_STEP)
        return np.where(free, wanted, rates), holds | free

    man_months = np.asarray(men, float) * rate_days / MONTH_DAYS
    wanted = np.where(free, 0.0, np.log(known + least / man_months * 1000))
    shift, miss, holds = search(rate, wanted, averaged=fresh)
    stands = np.asarray(holds.all(axis=1) & (abs(miss) <= MOST_MISS).all(axis=1))
    return Levels(shift, miss, stands, ground_lost=np.median(ground, axis=0))


def with_drive(world: World, drive: Float[np.ndarray, "day side"]) -> World:
    """The world with the ground that each side's attacks win multiplied.

    Args:
        world: the world.
        drive: log of the multiplier on each day [nats].

    Returns:
        The changed world.
    """
    rates = world.forcing.rates
    rates = dataclasses.replace(rates, drive=rates.drive + np.asarray(drive, np.float32))
    return World(world.params, world.setting, world.state, dataclasses.replace(world.forcing, rates=rates))


def search(
    rate: Callable[[np.ndarray, int], tuple[np.ndarray, np.ndarray]],
    wanted: Float[np.ndarray, "run side"],
    averaged: bool = False,
) -> tuple[Float[np.ndarray, "run side"], Float[np.ndarray, "run side"], Bool[np.ndarray, "run side"]]:
    """The shift of resolve at which the log rate of leaving is that wanted.

    At low rates leaving goes as exp(-resolve), so a shift by the difference does; near the edge of a rout it goes much
    faster, and the middle between a shift too low and one too high is taken. One pilot is chosen for both sides of a run:
    they fight each other, so the level of one tells nothing beside another level of the other.

    Args:
        rate: log rates and who holds, `[run side]` each, from shifts and the number of the pilot.
        wanted: log rates wanted [nats].
        averaged: whether the shift is the mean of what all pilots within `NEAR` of the rate say it should be, in place of the
            nearest pilot's: each has luck of its own.

    Returns:
        The shift, by how much the log rate is missed, and who holds.
    """
    shift = np.zeros_like(wanted)
    low, high = np.full_like(wanted, -MOST_SHIFT), np.full_like(wanted, MOST_SHIFT)
    best, miss, held = shift, np.full_like(wanted, np.inf), np.zeros(wanted.shape, bool)
    worst = np.full((len(wanted), 1), np.inf)
    said, count = np.zeros_like(wanted), np.zeros_like(wanted)
    for pilot in range(PILOTS):
        rates, holds = rate(shift, pilot)
        over = rates - wanted
        size = np.where(holds.all(axis=1), 0.0, 100.0)[:, None] + abs(over).max(axis=1, keepdims=True)
        near = holds.all(axis=1, keepdims=True) & (abs(over) < NEAR)
        said, count = said + np.where(near, shift + over, 0.0), count + near
        nearer = size < worst
        worst = np.where(nearer, size, worst)
        best, miss = np.where(nearer, shift, best), np.where(nearer, over, miss)
        held = np.where(nearer, holds, held).astype(bool)
        low, high = np.where(over > 0, shift, low), np.where(over < 0, shift, high)
        step = shift + np.clip(over, -MOST_STEP, MOST_STEP)
        shift = np.where((step > low) & (step < high), step, (low + high) / 2)
    if averaged:
        best = np.where(count > 0, said / np.maximum(count, 1), best)
    return best, miss, np.asarray(held)


def cut(world: World, days: int) -> World:
    """Only a world's first days.

    Args:
        world: the world.
        days: how many; the last day again where there are fewer [d].

    Returns:
        The world with a shorter forcing.
    """
    if len(world.forcing.day) == days:
        return world
    rows = np.minimum(np.arange(days), len(world.forcing.day) - 1)
    return dataclasses.replace(world, forcing=jax.tree.map(lambda leaf: leaf[rows], world.forcing))


def with_resolve(world: World, shift: Float[np.ndarray, side], drift: Float[np.ndarray, "day side"] | None) -> World:
    """The world with its sides' resolve moved, and with a weariness that drifts.

    Args:
        world: the world.
        shift: what is added to the resolve of each side [nats].
        drift: what is taken off on each day [nats]; nothing unless given.

    Returns:
        The changed world.
    """
    move = np.asarray(shift + GROUND, np.float32)
    army = dataclasses.replace(world.state.army, resolve=world.state.army.resolve + move[world.setting.side])
    setting = dataclasses.replace(world.setting, resolve_mean=world.setting.resolve_mean + move)
    rates = world.forcing.rates
    weary = np.full(rates.cold.shape, GROUND) if drift is None else np.maximum(GROUND + drift, 0.0)
    rates = dataclasses.replace(rates, cold=rates.cold + np.asarray(weary, np.float32))
    return World(
        world.params, setting, dataclasses.replace(world.state, army=army),
        dataclasses.replace(world.forcing, rates=rates),
    )  # fmt: skip


def simulated(worlds: list[World], seed: int, runs: Sequence[int], report: Report) -> Flows:
    """What the engine makes of worlds, a run each.

    Args:
        worlds: worlds of one shape.
        seed: of their luck.
        runs: number of each one's luck.
        report: hears of the days done.

    Returns:
        What rates and outcomes are worked out of.
    """
    parts: list[dict[str, np.ndarray]] = []
    for done, flows, _, _ in simulate(worlds, seed, runs):
        ground = {"ground": np.asarray(flows.sector["line_km"]) @ np.asarray(worlds[0].setting.km)}
        parts.append({name: np.asarray(flows.side[name]) for name in FLOWS} | ground)
        report(done)
    return {name: np.swapaxes(np.concatenate([part[name] for part in parts]), 0, 1) for name in parts[0]}


def exits(flows: Flows) -> Float[np.ndarray, "run day side"]:
    """Gross exits by choice: what the evidence calls deserted, whichever way a man went.

    Args:
        flows: as `simulated` gives them.

    Returns:
        Men who deserted or surrendered [men/d].
    """
    return np.asarray(flows["deserted"] + flows["surrendered"])


def first_days_of(flows: Flows) -> FirstDays:
    """First days of the outcomes, counted from the first day that is simulated.

    Args:
        flows: as `simulated` gives them.

    Returns:
        The days of each outcome.
    """
    lost = sum(np.asarray(flows[name], float) for name in BY_ENEMY)
    return first_days(exits(flows), flows["present"], flows["broken_share"], flows["settled"], lost)


def after(report: Report, before: int) -> Report:
    """Reports days that come after others.

    Args:
        report: hears of all days.
        before: days done before [d].

    Returns:
        What hears of the days since then.
    """
    return lambda days: report(before + days)
