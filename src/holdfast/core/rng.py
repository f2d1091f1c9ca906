"""Luck: who draws what, so that one change makes one difference.

JAX's own keys give two 32-bit words to each (seed, run, stream, day). A soldier's draw hashes those words with
his billet's number, which depends on his side, brigade, company, squad and slot and on nothing else. So the same
man has the same luck in every counterfactual, a new stream moves no other, and run `i` is the same run whether
it is made alone or among a thousand.
"""

import zlib
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

STREAMS = ("fate", "intake", "brigade", "region", "sector", "side")
"""What is drawn each day: the soldiers' one draw, the new men's qualities, and the roundings and shocks."""


def run_key(seed: int, run: int) -> jax.Array:
    """The key of one run: a function of the seed and the run's number only.

    Args:
        seed: the seed.
        run: the run's number.

    Returns:
        A key of JAX's.
    """
    return jax.random.fold_in(jax.random.key(seed, impl="threefry2x32"), run)


def words(key: jax.Array, days: jax.Array) -> dict[str, jax.Array]:
    """Two words for each stream and day; a day's words depend on its number alone.

    Args:
        key: the key of the run.
        days: numbers of the days, `[D]`.

    Returns:
        The words by stream, `uint32[D 2]` each.
    """
    names = jnp.array([zlib.crc32(name.encode()) & 0x7FFFFFFF for name in STREAMS])

    def of(name: jax.Array, day: jax.Array) -> jax.Array:
        return jax.random.bits(jax.random.fold_in(jax.random.fold_in(key, name), day), (2,), jnp.uint32)

    drawn = jax.vmap(jax.vmap(of, in_axes=(None, 0)), in_axes=(0, None))(names, days)
    return {name: drawn[row] for row, name in enumerate(STREAMS)}


def _mix(x: Any) -> Any:
    """A 32-bit bijection that spreads every input bit (two multiplications, three shifts; Wellons's lowbias32)."""
    x = x ^ (x >> np.uint32(16))
    x = x * np.uint32(0x7FEB352D)
    x = x ^ (x >> np.uint32(15))
    x = x * np.uint32(0x846CA68B)
    return x ^ (x >> np.uint32(16))


def bits(words: Any, identity: Any) -> Any:
    """32 hashed bits for each identity: the two words key the two rounds, so 2^64 streams are apart.

    Args:
        words: the two words of a stream and day.
        identity: who draws, `uint32`.

    Returns:
        The bits, `uint32`, the shape of `identity`.
    """
    return _mix(_mix(identity ^ words[0]) ^ words[1])


def uniform(words: Any, identity: Any) -> Any:
    """A uniform in [0, 1) for each identity, with 24 bits, exact in float32.

    Args:
        words: the two words of a stream and day.
        identity: who draws, `uint32`.

    Returns:
        The draws, float32, the shape of `identity`.
    """
    return (bits(words, identity) >> np.uint32(8)).astype(np.float32) * np.float32(2.0**-24)


def numbered(count: int, draw: int) -> np.ndarray:
    """Identities of brigades, regions or sectors.

    Args:
        count: how many there are.
        draw: which use of their stream it is that day.

    Returns:
        The identities, `uint32[count]`.
    """
    return np.arange(count, dtype=np.uint32) + np.uint32(draw << 16)


def billet_numbers(shape: tuple[int, int, int, int], side: np.ndarray) -> np.ndarray:
    """The number of every billet: side, brigade within the side, company, squad, slot.

    Args:
        shape: the army's shape, slots, squads, companies, brigades.
        side: the brigades' sides, `[B]`.

    Returns:
        The numbers, `uint32[S Q C B]`.
    """
    slot, squad, company, brigade = np.meshgrid(
        *(np.arange(n, dtype=np.uint32) for n in shape), indexing="ij", sparse=True
    )
    within = np.where(side == 0, np.arange(len(side)), np.arange(len(side)) - np.argmax(side == 1))
    order = (side.astype(np.uint32) << 13) | within.astype(np.uint32)
    return (((order[brigade] << np.uint32(8) | company) << np.uint32(5) | squad) << np.uint32(4)) | slot
