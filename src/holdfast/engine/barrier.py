"""Settle a number once, so that all who use it use the same one.

XLA on a CPU may work out a cheap value again in each place that uses it, and there join a product and a sum into one
rounding or not. A number of men that was rounded down in two such places differed by one man in about one region of
100,000: a man made from nothing. What comes out of a conditional is worked out once and stored.
"""

from typing import TypeVar

import jax
import jax.numpy as jnp
from jaxtyping import Array, Int

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
