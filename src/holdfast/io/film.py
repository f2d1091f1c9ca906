"""The film of a run: what became of every billet's man, day by day, packed small enough for one page.

A frame differs from the one before in a few of its billets in a thousand. So the page carries the first
frame whole, and for each later one the billets that changed: the gaps between their positions, and
their new codes. Gaps are laid out in three byte planes (low bytes of all gaps, then middle, then high),
because bytes alike in meaning deflate better side by side. The browser unpacks the same (`film.js`).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.typing import NDArray

FATES = ("closed", "vacant", "present", "killed", "wounded", "deserted", "surrendered", "imprisoned")
"""What became of a billet's last man, in the order of the codes. Closed: there never was a post."""

PLANES = 3
"""Bytes of a gap: positions up to 16.7 million."""

_EFFORT = 6
"""Of zlib: 9 makes the film of a year of 1.36 million billets 2 % smaller, and takes ten times as long (3.2 against 0.33 s)."""

BUDGET = 5_000_000
"""A film larger than this in the page [bytes] is thinned to every n-th billet."""


@dataclass(frozen=True)
class Film:
    """One run, frame by frame. Billets stand by side, sector (reserve last), brigade, company, squad, slot."""

    frames: Iterable[NDArray[np.uint8]]
    """Chunks of frames `[f, N]`; frame 0 is the start, then one a day."""
    brigade_of: NDArray[np.int32]  # brigade of each billet `[N]`
    brigade_side: NDArray[np.str_]  # side of each brigade
    brigade_sector: NDArray[np.str_]  # sector of each brigade
    dates: NDArray[np.datetime64]  # date of each frame
    men_per_billet: float  # men that a billet stands for
    company_billets: int = 0  # billets of a company, for its number under the pointer; 0 = not known
    brigade_name: Sequence[str] = field(default=())  # name of each brigade; numbers unless given
    run: int = 0
    """The run that was filmed, as an index into the result."""
    order: NDArray[np.int64] | None = None
    """Where each billet stands in a frame `[N]`, if frames have another order and places that are not shown."""
    codes: NDArray[np.uint8] | None = None
    """The fate that each code of a frame means, `[256]`, if frames have codes of their own."""


@dataclass(frozen=True)
class Reel:
    """A packed film with all that the page must know about it; small enough to store and to pass around."""

    about: Mapping[str, Any]
    """The header, and with it, where known, what the filmed run did at the front (`front`)."""
    payload: bytes  # as in `Packed`


@dataclass(frozen=True)
class Packed:
    """A film as the page carries it."""

    billets: int  # billets that are drawn
    every: int  # every n-th billet is drawn; 1 = all
    changes: list[int]  # changed billets of each frame after the first
    payload: bytes
    """Deflated: the first frame, the three planes of gaps, the new codes."""


def reel(film: Film, budget: int = BUDGET) -> Reel:
    """Pack a film, header and all.

    Args:
        film: the film.
        budget: size of the payload in the page, at most [bytes].

    Returns:
        What the page carries.
    """
    packed = pack(film, budget)
    return Reel(_header(film, packed), packed.payload)


def pack(film: Film, budget: int = BUDGET) -> Packed:
    """Pack a film's frames, thinning its billets only where the page could not hold them all.

    Args:
        film: the film.
        budget: as in `reel`.

    Returns:
        The packed frames.
    """
    first, changes = _changes(film)
    every = 1
    packed = _pack(first, changes, every)
    while len(packed.payload) * 4 / 3 > budget and every < first.size:
        every = max(every + 1, round(every * len(packed.payload) * 4 / 3 / budget))
        packed = _pack(first, changes, every)
    return packed


def unpack(packed: Packed) -> Iterator[NDArray[np.uint8]]:
    """The frames again, as the browser works them out.

    Args:
        packed: the packed frames.

    Yields:
        Codes of all billets that are drawn, `[N]`, a frame at a time.
    """
    raw = np.frombuffer(zlib.decompress(packed.payload), np.uint8)
    frame, total = raw[: packed.billets].copy(), sum(packed.changes)
    planes = raw[packed.billets :].reshape(PLANES + 1, total)
    gaps = sum(planes[i].astype(np.int64) << (8 * i) for i in range(PLANES))
    yield frame.copy()
    start = 0
    for count in packed.changes:
        here = slice(start, start + count)
        frame[np.cumsum(gaps[here]) - 1] = planes[PLANES, here]
        yield frame.copy()
        start += count


def _header(film: Film, packed: Packed) -> dict[str, object]:
    """All else that the page must know to draw the film."""
    brigade = np.asarray(film.brigade_of)[:: packed.every]
    cuts = np.flatnonzero(np.diff(brigade)) + 1
    starts = np.concatenate([[0], cuts])
    names = list(film.brigade_name) or [f"brigade {i + 1}" for i in range(len(film.brigade_side))]
    return {
        "billets": packed.billets,
        "changes": packed.changes,
        "every": packed.every,
        "men": float(film.men_per_billet) * packed.every,
        "company": film.company_billets / packed.every,
        "posts": int(np.asarray(film.brigade_of).size),
        "grain": float(film.men_per_billet),
        "run": int(film.run),
        "dates": [str(d) for d in np.asarray(film.dates).astype("datetime64[D]")],
        "sides": list(dict.fromkeys(str(s) for s in film.brigade_side)),
        "blocks": [
            [names[b], str(film.brigade_side[b]), str(film.brigade_sector[b]), int(start)]
            for b, start in ((int(brigade[s]), s) for s in starts)
        ],
    }


def front(broken: npt.ArrayLike, line_km: npt.ArrayLike) -> dict[str, object]:
    """What the filmed run did at the front, for its header.

    Args:
        broken: whether each sector was broken, `[day side sector]`.
        line_km: advance of the first side, `[day sector]` [km].

    Returns:
        Both as lists, the sides and the sectors first.
    """
    return {
        "broken": np.moveaxis(np.asarray(broken), 0, -1).astype(int).tolist(),
        "line": np.round(np.asarray(line_km, dtype=float).T, 1).tolist(),
    }


_Change = tuple[NDArray[np.int64], NDArray[np.uint8]]
"""Positions of billets, and their new fates."""


def _changes(film: Film) -> tuple[NDArray[np.uint8], list[_Change]]:
    """The first frame, and what changed in each later one.

    Frames are compared as they come: to bring a million billets into their order takes longer than all else, and a few
    in a thousand change.
    """
    codes = np.arange(256, dtype=np.uint8) if film.codes is None else film.codes
    first: NDArray[np.uint8] | None = None
    last: NDArray[np.uint8] | None = None
    place: NDArray[np.int64] | None = None
    changes = []
    for chunk in film.frames:
        for frame in np.atleast_2d(np.asarray(chunk, np.uint8)):
            if last is None:
                first = codes[frame if film.order is None else frame[film.order]]
                if film.order is not None:
                    place = np.full(frame.size, -1)
                    place[film.order] = np.arange(film.order.size)
            else:
                changes.append(_change(last, frame, place, codes))
            last = frame
        last = None if last is None else last.copy()  # else the whole chunk would stay in memory
    if first is None:
        raise ValueError("the film has no frame")
    return first, changes


def _change(
    before: NDArray[np.uint8], after: NDArray[np.uint8], place: NDArray[np.int64] | None, codes: NDArray[np.uint8]
) -> _Change:
    """What changed between two frames; `place` is each of their places' billet, or -1."""
    where = np.flatnonzero(before != after)
    fates = codes[after[where]]
    shown = fates != codes[before[where]]
    at = where if place is None else place[where]
    shown &= at >= 0
    rank = np.argsort(at[shown])
    return at[shown][rank], fates[shown][rank]


def _pack(first: NDArray[np.uint8], changes: list[_Change], every: int) -> Packed:
    gaps, codes = [], []
    for where, code in changes:
        drawn = where % every == 0
        gaps.append(np.diff(where[drawn] // every, prepend=-1))
        codes.append(code[drawn])
    gap = np.concatenate(gaps) if gaps else np.zeros(0, np.int64)
    planes = [(gap >> (8 * i) & 255).astype(np.uint8) for i in range(PLANES)]
    code = np.concatenate(codes) if codes else np.zeros(0, np.uint8)
    thinned = first[::every]
    squeezer = zlib.compressobj(_EFFORT)
    payload = b"".join(squeezer.compress(part.tobytes()) for part in (thinned, *planes, code))
    return Packed(thinned.size, every, [g.size for g in gaps], payload + squeezer.flush())
