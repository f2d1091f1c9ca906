"""The picture of a war: a code for every billet, and what changed of it since the viewer's last frame, small enough to send.

A frame is a list of billets whose code changed, packed as the film of a report is (`holdfast.io.film`): the gaps between
their places in three planes of bytes, then their new codes, deflated. A picture that changes everywhere at once, as when
another colouring is chosen, comes in over several frames: no frame is larger than `MOST_BYTES`.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

from holdfast.core.programs import Program
from holdfast.core.units import MONTH_DAYS
from holdfast.engine import state
from holdfast.engine.simulate import World
from holdfast.engine.state import Army
from holdfast.ensemble.store import billet_order, film_codes

MOST_BYTES = 140_000
"""Size of a frame, at most [bytes]."""
MOST_CHANGES = 300_000
"""Billets of a frame, at first; fewer where they do not fit [billets]."""
FIRST_LEVEL = 16
"""Code of a man who is there, at the lowest level of what is coloured."""
UNSEEN = 255
"""Stands for what the viewer has not got yet."""
_EFFORT = 1


@dataclass(frozen=True)
class Colouring:
    """Something that men are coloured by, in levels."""

    name: str
    """As messages have it."""
    title: str
    """As the page has it."""
    unit: str
    """What its edges are counted in."""
    edges: tuple[float, ...]
    """Lower edges of all levels but the lowest, in the unit."""
    scale: float = 1.0
    """From the engine's unit to that one."""


COLOURINGS = (
    Colouring("fate", "What became of them", "", ()),
    Colouring(
        "risk",
        "Risk believed",
        "killed or maimed in 100 a month",
        (1, 2, 4, 6, 8, 12, 16, 24, 32, 48),
        100 * MONTH_DAYS,
    ),
    Colouring("resolve", "Resolve", "nats", (-2, -1, -0.5, 0, 0.5, 1, 1.5, 2, 3, 4)),
    Colouring("tenure", "Time served", "days", (15, 30, 60, 90, 120, 180, 270, 365, 545, 730)),
)
"""By what a viewer may colour men; risk and tenure in steps that grow, for both reach over orders of magnitude."""
LEVELS = 11
"""Levels of a colouring, at most."""
BY_NAME = {each.name: each for each in COLOURINGS}


def _codes(fate: jax.Array, values: jax.Array, edges: jax.Array, fates: jax.Array) -> jax.Array:
    """Code of each billet: the film's fate, and of a man who is there his level. Edges that are not used are infinite."""
    level = sum((values >= edges[number]).astype(jnp.uint8) for number in range(LEVELS - 1))
    return jnp.where(fate == state.PRESENT, FIRST_LEVEL + level, fates[fate]).astype(jnp.uint8)


_coded = Program(_codes, name="holdfast.app.picture.codes")


class Picture:
    """What a viewer has of a war's billets."""

    def __init__(self, world: World) -> None:
        """Lay the billets out.

        Args:
            world: the world of the war.
        """
        order, self.brigade_of = billet_order(world)
        self.order = order.astype(np.int32)
        """Flat position among the engine's billets, of each billet in the picture."""
        self._place = np.full(np.asarray(world.state.army.fate).size, -1, np.int32)
        self._place[self.order] = np.arange(self.order.size, dtype=np.int32)
        self._fates = film_codes()[: len(state.FATES)]
        self._shown = np.full(self._place.size, UNSEEN, np.uint8)
        self._shown[self._place < 0] = 0
        self._next = 0
        self.coloured_by = COLOURINGS[0].name

    def colour(self, by: str) -> None:
        """Colour men by something else from the next frame on.

        Args:
            by: a name of `COLOURINGS`.
        """
        self.coloured_by = by

    def codes(self, army: Army, day: int) -> np.ndarray:
        """The code of every billet this morning.

        Args:
            army: the billets.
            day: index of the day [d].

        Returns:
            In the engine's order, `uint8[billet]`.
        """
        by = BY_NAME[self.coloured_by]
        values = {
            "fate": army.risk, "risk": army.risk, "resolve": army.resolve,
            "tenure": np.float32(day) - np.asarray(army.joined, np.float32),
        }[self.coloured_by]  # fmt: skip
        edges = np.full(LEVELS - 1, np.inf, np.float32)
        edges[: len(by.edges)] = np.array(by.edges, np.float32) / by.scale
        coded = _coded(
            np.ascontiguousarray(army.fate).reshape(-1), np.ascontiguousarray(values).reshape(-1), edges, self._fates
        )
        codes = np.array(coded)
        codes[self._place < 0] = 0
        return codes

    def frame(self, army: Army, day: int) -> tuple[int, bytes, bool]:
        """What the viewer's picture lacks, as much of it as one frame may hold.

        Args:
            army: the billets.
            day: index of the day [d].

        Returns:
            Billets that change; the packed changes; whether the picture is then complete.
        """
        codes = self.codes(army, day)
        where = np.flatnonzero(codes != self._shown)
        at = self._place[where]
        rank = np.argsort(at)
        where, at = where[rank], at[rank]
        whole, most = at.size, MOST_CHANGES
        while True:
            chosen = self._window(at, min(most, whole))
            packed = pack(at[chosen], codes[where[chosen]])
            if len(packed) <= MOST_BYTES:
                break
            most = int(min(most, whole) * 0.9 * MOST_BYTES / len(packed))
        self._shown[where[chosen]] = codes[where[chosen]]
        count = chosen.stop - chosen.start
        self._next = 0 if count == whole else int(at[chosen.stop - 1]) + 1
        return count, packed, count == whole

    def _window(self, at: np.ndarray, most: int) -> slice:
        """So many of the changes, from where the last frame ended; all places come round in turn."""
        if most == at.size:
            return slice(0, most)
        first = int(np.searchsorted(at, self._next))
        return slice(0, most) if first == at.size else slice(first, min(first + most, at.size))


def pack(at: np.ndarray, codes: np.ndarray) -> bytes:
    """Pack changes of a picture.

    Args:
        at: places that change, ascending, `[n]`.
        codes: their new codes, `uint8[n]`.

    Returns:
        Deflated: low, middle and high bytes of the gaps between places, then the codes.
    """
    gaps = np.diff(at, prepend=-1)
    planes = [(gaps >> (8 * plane) & 255).astype(np.uint8) for plane in range(3)]
    squeezer = zlib.compressobj(_EFFORT)
    return b"".join(squeezer.compress(part.tobytes()) for part in (*planes, codes)) + squeezer.flush()


def unpack(count: int, packed: bytes) -> tuple[np.ndarray, np.ndarray]:
    """The changes again, as the page works them out.

    Args:
        count: how many there are.
        packed: as `pack` gives them.

    Returns:
        Places and codes, `[n]` each.
    """
    planes = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(4, count)
    gaps = sum(planes[plane].astype(np.int64) << (8 * plane) for plane in range(3))
    return np.cumsum(gaps) - 1, planes[3]
