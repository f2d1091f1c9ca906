"""Names beside points of a chart, placed so that none lies on another."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from holdfast.evidence.pages import measure

SIZE = 11
"""Of the letters [px]."""
GAP, REACH = 9, (0, 15, 30, 48, 70)
"""How far a name stands beside its point, and how far above or below it may go [px]."""
POINT = 5
"""Half the side of the box that a point takes up [px]."""
MORE = 2.0
"""What one point that is written over weighs, in the pixels that a name would rather move."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom [px]."""


@dataclasses.dataclass(frozen=True)
class Wanted:
    """A name for a point."""

    text: str
    x: float
    y: float


@dataclasses.dataclass(frozen=True)
class Placed:
    """A name with the left end of its line's middle, and its point."""

    text: str
    x: float
    y: float
    point_x: float
    point_y: float

    @property
    def box(self) -> Box:
        """What it takes up."""
        return (self.x - 2, self.y - SIZE * 0.72, self.x + measure.width(self.text, SIZE) + 2, self.y + SIZE * 0.72)

    @property
    def end(self) -> float:
        """The end of the text that is nearer to the point: where a line to the point would start."""
        right = self.x + measure.width(self.text, SIZE)
        return self.x - 1 if self.point_x < self.x else right + 1 if self.point_x > right else self.point_x


def place(
    wanted: Sequence[Wanted], points: Sequence[tuple[float, float]], width: float, height: float, most: int
) -> list[Placed]:
    """Place names in order until so many stand; those that find no free place are left out."""
    made: list[Placed] = []
    for one in wanted:
        if len(made) == most:
            break
        tries = [spot for spot in _spots(one) if _fits(spot, made, width, height)]
        if tries:
            made.append(min(tries, key=lambda spot: _cost(spot, points)))
    return made


def _spots(one: Wanted) -> list[Placed]:
    wide = measure.width(one.text, SIZE)
    made = []
    for reach in REACH:
        for up in (-1, 1) if reach else (1,):
            for left in (one.x + GAP, one.x - GAP - wide):
                made.append(Placed(one.text, left, one.y + up * reach, one.x, one.y))
    return made


def _fits(spot: Placed, made: Sequence[Placed], width: float, height: float) -> bool:
    left, top, right, bottom = spot.box
    if left < 0 or top < 0 or right > width or bottom > height:
        return False
    return not any(_overlap(spot.box, other.box) for other in made)


def _cost(spot: Placed, points: Sequence[tuple[float, float]]) -> float:
    covered = sum(
        _overlap(spot.box, (x - POINT, y - POINT, x + POINT, y + POINT)) for x, y in points
        if (x, y) != (spot.point_x, spot.point_y)
    )  # fmt: skip
    return covered * MORE * SIZE + abs(spot.y - spot.point_y)


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
