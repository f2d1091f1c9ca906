"""The day's rates: what the scenario says, and what effects add to it.

The scenario's series and the effects' pushes are the same record, so the day simply adds them. Addition
commutes: effects need no order, cannot overwrite one another, and can be switched off singly.
"""

import dataclasses

import jax.numpy as jnp

from holdfast.core.types import PerSide, Record


class Rates(Record):
    """One value a side `[2]`, for one day. Zero is no push."""

    hazard: PerSide  # Log of the multiplier on the casualty hazard suffered [nats].
    assault: PerSide  # Share of the risk that comes from ordered attacks [0-1].
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
