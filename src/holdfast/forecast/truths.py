"""What followed, with its error: the shipped table of months, and what its rows mean. [IO]"""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
from collections.abc import Mapping
from importlib import resources

import numpy as np
from jaxtyping import Float

QUANTITIES = ("killed", "strength", "deserted", "killed_counted")
NAMED = {
    "killed": "killed", "strength": "strength", "deserted": "deserted", "killed_counted": "killed as others count",
    "mass_desertion": "mass desertion",
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
    def likely(self) -> Float[np.ndarray, "level"]:
        """Values of equal chance that stand for it: two halves of a normal on the log scale."""
        from statistics import NormalDist

        z = np.array([NormalDist().inv_cdf(level) for level in LEVELS])
        low, middle, high = (np.log(max(value, 1e-9)) for value in (self.p05, self.p50, self.p95))
        spread = np.where(z < 0, middle - low, high - middle) / 1.645
        return np.asarray(np.exp(middle + spread * z))


Key = tuple[str, str, dt.date]
"""Side, quantity, first day of the month."""


def shipped(name: str) -> Mapping[Key, Truth]:
    """The table of a war by the name of its claims; empty where there is none."""
    path = resources.files("holdfast.forecast") / "truth" / f"{name}.csv"
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
