"""Luck: who draws what, so that one change makes one difference.

JAX's own keys give two 32-bit words to each (seed, run, stream, day). A soldier's draw hashes those words with
his billet's number, which depends on his side, brigade, company, squad and slot and on nothing else. So the same
man has the same luck in every counterfactual, a new stream moves no other, and run `i` is the same run whether
it is made alone or among a thousand.
"""

import zlib
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

STREAMS = ("fate", "intake", "brigade", "region", "sector", "side")
"""What is drawn each day: the soldiers' one draw, the new men's qualities, and the roundings and shocks."""


def words(seed: int, runs: Sequence[int] | np.ndarray, days: Sequence[int] | np.ndarray) -> dict[str, np.ndarray]:
    """Two words for each stream, day and run; they depend on the seed, the run's number and the day's number alone.

    They are the words of JAX's own generator: its key for the seed, with the run's number folded in, then the stream's,
    then the day's. Worked out in NumPy, where the few hashes of a stretch need no compiled program.

    Args:
        seed: the seed, 32 bits.
        runs: numbers of the runs, 32 bits each.
        days: numbers of the days, 32 bits each.

    Returns:
        The words by stream, `uint32[day run 2]` each.
    """
    zero = np.uint32(0)
    of_run = _threefry((zero, np.uint32(seed)), (zero, np.asarray(runs, np.uint32)))
    dates, count = np.asarray(days, np.uint32)[:, None], np.arange(2, dtype=np.uint32)
    drawn = {}
    for name in STREAMS:
        of_stream = _threefry(of_run, (zero, np.uint32(zlib.crc32(name.encode()) & 0x7FFFFFFF)))
        first, second = _threefry(of_stream, (zero, dates))
        high, low = _threefry((first[..., None], second[..., None]), (zero, count))
        drawn[name] = high ^ low
    return drawn


TURNS = ((13, 15, 26, 6), (17, 29, 16, 24))
"""By how many bits a round of Threefry turns a word; five times four rounds, by turns of these."""

Pair: TypeAlias = tuple[Any, Any]
"""Two arrays of 32-bit words."""


def _threefry(key: Pair, block: Pair) -> Pair:
    """Threefry-2x32 with twenty rounds (Salmon et al. 2011): the hash under JAX's keys."""
    with np.errstate(over="ignore"):  # words wrap around
        keys = (*key, key[0] ^ key[1] ^ np.uint32(0x1BD11BDA))
        left, right = block[0] + keys[0], block[1] + keys[1]
        for group in range(5):
            for turn in TURNS[group % 2]:
                left = left + right
                right = left ^ ((right << np.uint32(turn)) | (right >> np.uint32(32 - turn)))
            left = left + keys[(group + 1) % 3]
            right = right + keys[(group + 2) % 3] + np.uint32(group + 1)
        return left, right


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
