"""What followed, with its error: the shipped table of months, and what its rows mean. [IO]"""

from __future__ import annotations

import calendar
import csv
import dataclasses
import datetime as dt
import io
from collections.abc import Mapping
from importlib import resources

import numpy as np
from jaxtyping import Float

QUANTITIES = ("killed", "strength", "deserted", "killed_counted")
GROUND, AREA = "ground", "area"
"""What the first side has gained since a day, worked out from the area that it held at months' ends [km2]."""
NAMED = {
    "killed": "killed", "strength": "strength", "deserted": "deserted", "killed_counted": "killed as others count",
    "mass_desertion": "mass desertion", GROUND: "ground gained",
}  # fmt: skip
FORETOLD = {"killed_counted": "killed"}
"""Which forecast a truth is set against, where the names differ."""
LEVELS = (np.arange(9) + 0.5) / 9
"""Chances at which a truth's error is cut."""


@dataclasses.dataclass(frozen=True)
class Truth:
    """One month of one quantity: the middle and 90 % range of what is known of it now."""

    p05: float
    p50: float
    p95: float
    source: str

    @property
    def likely(self) -> Float[np.ndarray, level]:
        """Values of equal chance that stand for it: two halves of a normal on the log scale, or the one value."""
        if self.p05 == self.p95:
            return np.full(len(LEVELS), self.p50)
        from statistics import NormalDist

        z = np.array([NormalDist().inv_cdf(level) for level in LEVELS])
        low, middle, high = (np.log(max(value, 1e-9)) for value in (self.p05, self.p50, self.p95))
        spread = np.where(z < 0, middle - low, high - middle) / 1.645
        return np.asarray(np.exp(middle + spread * z))


Key = tuple[str, str, dt.date]
"""Side, quantity, first day of the month."""


def shipped(name: str) -> Mapping[Key, Truth]:
    """The table of a war by the name of its claims; empty where there is none."""
    path = resources.files("holdfast.forecasting") / "shipped" / f"{name}.csv"
    if not path.is_file():
        return {}
    return read(path.read_text(encoding="utf8"))


def read(text: str) -> Mapping[Key, Truth]:
    """A table of truths out of its text."""
    return {
        (row["side"], row["quantity"], dt.date.fromisoformat(row["month"])): Truth(
            float(row["p05"]), float(row["p50"]), float(row["p95"]), row["source"]
        )
        for row in csv.DictReader(io.StringIO(text))
    }


def last(table: Mapping[Key, Truth]) -> dt.date | None:
    """The last month of which anything is known."""
    return max((month for _, _, month in table), default=None)


def areas(table: Mapping[Key, Truth], side: str) -> dict[dt.date, float]:
    """Area that a side held at the end of each month, by the month's first day [km2]."""
    found = {month: one.p50 for (name, what, month), one in table.items() if (name, what) == (side, AREA)}
    return dict(sorted(found.items()))


def gained(table: Mapping[Key, Truth], side: str, as_of: dt.date) -> dict[Key, Truth]:
    """Ground gained since a day by each later month's end; the day's area is on the line between two months' ends."""
    area, this = areas(table, side), as_of.replace(day=1)
    before = (this - dt.timedelta(days=1)).replace(day=1)
    if this not in area or before not in area:
        return {}
    days = calendar.monthrange(this.year, this.month)[1]
    begin = area[before] + (area[this] - area[before]) * as_of.day / days
    source = table[side, AREA, this].source
    return {
        (side, GROUND, month): Truth(value - begin, value - begin, value - begin, source)
        for month, value in area.items() if month >= this
    }  # fmt: skip
