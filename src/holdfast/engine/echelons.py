"""The echelons: sums and shares over squads, companies, brigades, sectors, sides; and numbers settled once.

XLA on a CPU may work out a cheap value again in each place that uses it, and there join a product and a sum into one
rounding or not. A number of men that was rounded down in two such places differed by one man in about one region of
100,000: a man made from nothing. What comes out of a conditional is worked out once and stored.

The only module that knows the axes `[S Q C B]`. Sums run over leading axes, without index arrays; a total of a higher
echelon meets its parts by broadcasting, since the trailing axes agree.
"""

from collections.abc import Callable, Mapping
from typing import TypeVar

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, UInt8

from holdfast.core.types import PerBrigadeCount, SlabCount

Tree = TypeVar("Tree")


def settled(numbers: Tree, day: Int[Array, ""]) -> Tree:
    """The same numbers, worked out here and nowhere else.

    Args:
        numbers: a tree of arrays.
        day: the day's number, which keeps the compiler from seeing through it.

    Returns:
        The tree.
    """
    nothing = jax.tree.map(jnp.zeros_like, numbers)
    once: Tree = jax.lax.cond(day >= 0, lambda those: those, lambda _: nothing, numbers)
    return once


Carry = TypeVar("Carry")
Slot = TypeVar("Slot")
Out = TypeVar("Out")

BITS = 4
"""Bits of a count in a packed word: a squad has at most 15 men."""


def each_slot(muster: Callable[[Carry, Slot], tuple[Carry, Out]], start: Carry, army: Slot) -> tuple[Carry, Out]:
    """Go through the army slot by slot: one slab `[Q C B]` after another, totals carried along.

    Everything stays elementwise and a slab stays in the cache. XLA on a CPU otherwise fuses each sum with a second
    copy of the whole choice: measured 216 against 86 million soldier-days a second on one core.

    Args:
        muster: from the totals so far and a slot to the totals and what comes out of the slot.
        start: the totals before the first slot.
        army: a tree of arrays `[S Q C B]`.

    Returns:
        The totals after the last slot; what came out of the slots, `[S ...]`.
    """
    return jax.lax.scan(muster, start, army)


@jax.custom_batching.custom_vmap
def slot_of(field: Array, slot: Int[Array, ""]) -> Array:
    """One slot of a field of the army.

    In a batch the axis of runs stays where it stands, behind the slot: JAX's own rule would bring it to the front, and
    so turn the whole army round twice a day.

    Args:
        field: one field of the army, `[S Q C B]`.
        slot: the slot's number.

    Returns:
        The slot, `[Q C B]`.
    """
    return jax.lax.dynamic_index_in_dim(field, slot, 0, keepdims=False)


@jax.custom_batching.custom_vmap
def with_slot(field: Array, slot: Int[Array, ""], value: Array) -> Array:
    """A field of the army with one slot replaced; in a batch as `slot_of`.

    Args:
        field: one field of the army, `[S Q C B]`.
        slot: the slot's number.
        value: what stands there now, `[Q C B]`.

    Returns:
        The field, `[S Q C B]`.
    """
    return jax.lax.dynamic_update_index_in_dim(field, value, slot, 0)


@slot_of.def_vmap
def _slot_of_runs(runs: int, batched: list[bool], field: Array, slot: Array) -> tuple[Array, bool]:
    """The slot of every run at once; the turns of the axes here and in `vmap` cancel out."""
    if batched[1]:
        raise NotImplementedError("all runs muster the same slot on a day")
    if not batched[0]:
        return slot_of(field, slot), False
    return jax.lax.dynamic_index_in_dim(jnp.moveaxis(field, 0, 1), slot, 0, keepdims=False), True


@with_slot.def_vmap
def _with_slot_of_runs(runs: int, batched: list[bool], field: Array, slot: Array, value: Array) -> tuple[Array, bool]:
    """The slot of every run replaced at once."""
    if batched[1]:
        raise NotImplementedError("all runs muster the same slot on a day")
    many = [
        jnp.moveaxis(each, 0, place) if own else jnp.broadcast_to(jnp.expand_dims(each, place), shape)
        for each, own, place, shape in (
            (field, batched[0], 1, (*field.shape[:1], runs, *field.shape[1:])), (value, batched[2], 0, (runs, *value.shape)),
        )
    ]  # fmt: skip
    return jnp.moveaxis(jax.lax.dynamic_update_index_in_dim(many[0], many[1], slot, 0), 1, 0), True


def pack(what: Array) -> Array:
    """One count for each outcome 1 to 7, packed in a word, so that one sum counts them all.

    Args:
        what: codes of the soldiers' outcomes.

    Returns:
        The words, the same shape.
    """
    shift = BITS * (jnp.maximum(what, 1) - 1).astype(jnp.int32)
    return jnp.where(what > 0, jnp.int32(1) << shift, 0)


def unpack(packed: SlabCount, outcomes: int) -> Int[Array, "n Q C B"]:
    """Men of each squad with each outcome, from packed words.

    Args:
        packed: sums of packed words, `[Q C B]`.
        outcomes: how many outcomes there are.

    Returns:
        The counts, `[n Q C B]` [billets].
    """
    shift = BITS * jnp.arange(outcomes)[:, None, None, None]
    return (packed >> shift) & ((1 << BITS) - 1)


def count(what: UInt8[Array, "S Q C B"], outcomes: int = 7) -> Int[Array, "n Q C B"]:
    """Men of each squad with each outcome, from every soldier's outcome.

    Args:
        what: codes of the outcomes, `[S Q C B]`.
        outcomes: how many outcomes there are.

    Returns:
        The counts, `[n Q C B]` [billets].
    """
    return unpack(pack(what).sum(axis=0), outcomes)


def company(squads: Int[Array, "Q C B"]) -> Int[Array, "C B"]:
    """Totals of companies from those of squads.

    Args:
        squads: an amount a squad, `[Q C B]`.

    Returns:
        The totals, `[C B]`.
    """
    return squads.sum(axis=0)


def brigade(squads: Int[Array, "Q C B"]) -> PerBrigadeCount:
    """Totals of brigades from those of squads; level by level, which XLA does several times faster on a CPU.

    Args:
        squads: an amount a squad, `[Q C B]`.

    Returns:
        The totals, `[B]`.
    """
    return squads.sum(axis=0).sum(axis=0)


def by_side(amount: Array, side: Int[Array, "N"]) -> Array:
    """Totals of the two sides over brigades or regions.

    Args:
        amount: an amount a brigade or region, `[... N]`.
        side: their sides, `[N]`.

    Returns:
        The totals, `[... 2]`.
    """
    mine = side == jnp.arange(2)[:, None]
    return jnp.where(mine, amount[..., None, :], 0).sum(axis=-1)


def totals(amounts: Mapping[str, Array], side: Int[Array, "N"]) -> dict[str, Array]:
    """Totals of the two sides of many amounts of one type at once: one sum for all of them.

    Args:
        amounts: amounts by name, `[N]` each.
        side: the sides of the brigades or regions, `[N]`.

    Returns:
        The totals by name, `[2]` each.
    """
    together = by_side(jnp.stack([*amounts.values()]), side)
    return {name: together[row] for row, name in enumerate(amounts)}


def by_sector(
    amount: Float[Array, "B"], side: Int[Array, "B"], sector: Int[Array, "B"], sectors: int
) -> Float[Array, "2 K"]:
    """Totals of each side in each sector; brigades in reserve (sector K) are left out.

    Args:
        amount: an amount a brigade, `[B]`.
        side: the brigades' sides, `[B]`.
        sector: their sectors, `[B]`.
        sectors: how many sectors there are, K.

    Returns:
        The totals, `[2 K]`.
    """
    index = side * (sectors + 1) + sector
    return jax.ops.segment_sum(amount, index, num_segments=2 * (sectors + 1)).reshape(2, -1)[:, :-1]


def at_brigades(value: Float[Array, "2 K"], side: Int[Array, "B"], sector: Int[Array, "B"], otherwise: Array) -> Array:
    """A sector's value at each of its brigades.

    Args:
        value: a value a side and sector, `[2 K]`.
        side: the brigades' sides, `[B]`.
        sector: their sectors, K = in reserve, `[B]`.
        otherwise: the value of those in reserve, `[]` or `[B]`.

    Returns:
        The values, `[B]`.
    """
    inside = jnp.minimum(sector, value.shape[1] - 1)
    return jnp.where(sector < value.shape[1], value[side, inside], otherwise)
