"""The months of a war, and how much of each a claim's window covers."""

from __future__ import annotations

import dataclasses
import datetime as dt
from functools import cached_property

import numpy as np
from jaxtyping import Float

from holdfast.core.units import CALENDAR_MONTH_DAYS

# The definition map: what each kind of claim counts, as sums of the latent flows and stocks.
#
# A claim's true value is the sum over its months of `weight x view`, where a view is one monthly series made of the
# latent ones. `VIEWS` names the series, `MEANS` what each word of `claim.COUNTS` adds up. All men of one side.
#
#     killed              all who died, the missing presumed dead among them
#     confirmed           killed, less those still missing
#     mentioned           killed, with an unknown share of the missing
#     in_registers        killed who are citizens in registers; `.._confirmed`, `.._mentioned` as above
#     outside             killed who are in no register: foreigners, men of annexed regions, irregulars
#     wounded             once for each wound that takes a man off duty
#     wounded_for_good    wounded who do not return to duty
#     wounded_eliminated  the share of wounded whom an enemy's tally of "eliminated" holds; drifts over a war
#     named               killed in registers, in so far as a list of names will hold them (delay comes with the date)
#     missing             killed whose death is not established
#     captured, deserted, recruited    flows


VIEWS = (
    "killed", "confirmed", "mentioned", "in_registers", "in_registers_confirmed", "in_registers_mentioned", "outside",
    "wounded", "wounded_for_good", "wounded_eliminated", "named", "missing", "captured", "deserted", "recruited",
)  # fmt: skip

STOCKS = {"strength": "strength", "captured_held": "captured", "absent": "deserted"}
"""Counts that are of one day: the strength itself, or what has gathered of a flow and is still there."""

MEANS: dict[str, dict[str, float]] = {
    "killed": {"mentioned": 1},
    "killed_confirmed": {"confirmed": 1},
    "killed_and_missing": {"killed": 1},
    "eliminated": {"killed": 1, "wounded_eliminated": 1},
    "killed_wounded": {"mentioned": 1, "wounded": 1},
    "casualties": {"killed": 1, "wounded": 1, "captured": 1},
    "irrecoverable": {"killed": 1, "wounded_for_good": 1, "captured": 1},
    "irrecoverable_deserted": {"killed": 1, "wounded_for_good": 1, "captured": 1, "deserted": 1},
    "wounded": {"wounded": 1},
    "wounded_severe": {"wounded_for_good": 1},
    "named": {"named": 1},
    "missing": {"missing": 1},
    "missing_captured": {"missing": 1, "captured": 1},
    "captured": {"captured": 1},
    "captured_held": {"captured": 1},
    "deserted": {"deserted": 1},
    "cases": {"deserted": 1},
    "court_cases": {"deserted": 1},
    "listed_absent": {"deserted": 1},
    "absent": {"deserted": 1},
    "recruited": {"recruited": 1},
    "strength": {},
}

OF_CITIZENS = {
    "killed": "in_registers", "confirmed": "in_registers_confirmed", "mentioned": "in_registers_mentioned",
}  # fmt: skip
OF_OUTSIDERS = {"killed": "outside", "confirmed": "outside", "mentioned": "outside"}

KINDS = {
    "killed": "killed", "killed_confirmed": "killed", "killed_and_missing": "killed", "eliminated": "eliminated",
    "killed_wounded": "casualties", "casualties": "casualties", "irrecoverable": "casualties",
    "irrecoverable_deserted": "casualties", "wounded": "wounded", "wounded_severe": "wounded", "named": "named",
    "missing": "missing", "missing_captured": "captured", "captured": "captured", "captured_held": "captured",
    "deserted": "deserted", "cases": "cases", "court_cases": "court_cases", "listed_absent": "listed_absent",
    "absent": "absent", "recruited": "recruited", "strength": "strength",
}  # fmt: skip
"""Kinds of claim that share a bias and a spread (`claimants.py`)."""

SAYS = {
    "killed": "killed", "killed_confirmed": "killed, without the missing", "killed_and_missing": "killed and missing",
    "eliminated": '"eliminated": killed and a share of the wounded', "killed_wounded": "killed and wounded",
    "casualties": "killed, wounded, missing and captured", "irrecoverable": "killed, captured and out for good",
    "irrecoverable_deserted": "killed, captured, out for good and deserted", "wounded": "wounded",
    "wounded_severe": "wounded who did not return", "named": "dead confirmed by name so far",
    "missing": "missing, death not established", "missing_captured": "missing and captured",
    "captured": "captured", "captured_held": "prisoners held on the day", "deserted": "deserted",
    "cases": "desertion cases opened", "court_cases": "desertion cases in court",
    "listed_absent": "deserters on lists", "absent": "absent on the day", "recruited": "recruited",
    "strength": "men present on the day", "nothing": "not in the model",
}  # fmt: skip
"""For tables and cards."""


def views(counts: str, covers: str) -> dict[str, float]:
    """What a claim adds up: views and their weights.

    >>> views("killed", "citizens")
    {'in_registers_mentioned': 1}

    Args:
        counts: what the claim counts, a key of `MEANS`.
        covers: whom: `all`, `citizens`, `outside`, `part`, `wider`.

    Returns:
        Weights by view.
    """
    swap = {"citizens": OF_CITIZENS, "outside": OF_OUTSIDERS}.get(covers, {})
    return {swap.get(view, view): weight for view, weight in MEANS[counts].items()}


@dataclasses.dataclass(frozen=True)
class Calendar:
    """Months from the war's first day to its last, the first and last perhaps cut.

    Attributes:
        first: first day of the war.
        last: its last day.
    """

    first: dt.date
    last: dt.date

    @cached_property
    def months(self) -> list[dt.date]:
        """First day of each month."""
        count = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1
        return [_month(self.first, step) for step in range(count)]

    @cached_property
    def edges(self) -> np.ndarray:
        """Day numbers at which months begin and the last one ends; months + 1 of them."""
        inner = [month.toordinal() for month in self.months[1:]]
        return np.array([self.first.toordinal(), *inner, self.last.toordinal() + 1], float)

    @cached_property
    def days(self) -> np.ndarray:
        """Days of each month that lie in the war."""
        return np.diff(self.edges)

    @cached_property
    def middles(self) -> np.ndarray:
        """Months from the first day to the middle of each."""
        return ((self.edges[:-1] + self.edges[1:]) / 2 - self.edges[0]) / CALENDAR_MONTH_DAYS

    def at(self, date: dt.date) -> float:
        """Months from the first day to the end of that date.

        Args:
            date: a day.

        Returns:
            Mean months.
        """
        return (date.toordinal() + 1 - self.edges[0]) / CALENDAR_MONTH_DAYS

    def cover(self, begin: dt.date, end: dt.date) -> Float[np.ndarray, months]:
        """The share of each month's days that lie from `begin` to `end`, both included.

        Args:
            begin: the first day.
            end: the last day.

        Returns:
            Shares, `[month]`.
        """
        low = np.maximum(self.edges[:-1], begin.toordinal())
        high = np.minimum(self.edges[1:], end.toordinal() + 1)
        return np.maximum(high - low, 0.0) / self.days

    def mark(self, date: dt.date) -> Float[np.ndarray, edges]:
        """Weights on the values at the months' edges that give the value at the end of a date, between two linear.

        Args:
            date: a day.

        Returns:
            Weights that sum to one, `[month + 1]`.
        """
        place = np.clip(date.toordinal() + 1, self.edges[0], self.edges[-1])
        weights = np.zeros(len(self.edges))
        right = max(1, int(np.searchsorted(self.edges, place)))
        share = (place - self.edges[right - 1]) / (self.edges[right] - self.edges[right - 1])
        weights[right - 1], weights[right] = 1 - share, share
        return weights


def _month(first: dt.date, step: int) -> dt.date:
    """First of the month so many months after `first`."""
    years, month = divmod(first.month - 1 + step, 12)
    return dt.date(first.year + years, month + 1, 1)
