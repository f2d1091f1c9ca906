"""A coded case: one army over one span of a war, ten pressures coded from 0 to 2, and what became of it."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

ESSAY = ("losses", "no_victory", "mobilisation", "leader_decay", "regime_disarray")
"""The five pressures of Motyl's essay."""

OTHERS = ("patron_withdrawal", "unpaid_unfed", "operational_shock", "safe_exit")
"""Four pressures outside the essay."""

CODES = (*ESSAY, *OTHERS, "enforcement")
"""All ten; enforcement holds an army together where the other nine push it apart."""

LEVELS = (0, 1, 2)
"""What a code may be: absent, some, strong."""


@dataclass(frozen=True)
class CodedCase:
    """One army over one span of a war, as a coder saw it. What is `None` is not known.

    `codes` holds each of `CODES`, 0 to 2 or `None`; one that is left out is not known. Rates are per 1,000 men a
    month of the whole span, gross: a man who came back counts as having left. Shares are of the strength and may pass
    1 where men were replaced. Raises `ValueError` for a code that does not exist or is none of 0, 1, 2.
    """

    case_id: str
    codes: Mapping[str, int | None] = field(default_factory=dict)
    army: str = ""
    war: str = ""
    start: dt.date | None = None
    end: dt.date | None = None
    months: float | None = None
    """Months of fighting in the span."""
    strength: float | None = None
    """Men."""
    force_ratio: float | None = None
    """Own men to the enemy's."""
    killed_per_1000_month: float | None = None
    exits_per_1000_month: float | None = None
    """Deserters and men absent without leave; in a span under a month read `deserted_share` instead."""
    exits_low: float | None = None
    exits_high: float | None = None
    deserted_share: float | None = None
    captured_share: float | None = None
    outcome: str = ""
    """The outcome in the coder's words, as `held` or `mass surrender`."""
    outcome_date: dt.date | None = None
    collapse: bool | None = None
    mass_desertion: bool | None = None
    """A tenth of the army or more deserted or surrendered."""
    recovered: bool | None = None
    ordered_capitulation: bool = False
    """Whether it stopped by order from above, which says nothing of its men's will."""
    overlap_with: str = ""
    """The case within whose span and army this one lies, if there is one."""
    opponent: str = ""
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Why a code is what it is, by code, where the coder said."""
    notes: Mapping[str, str] = field(default_factory=dict)
    """Other remarks, by column: inequality, pay, season, the force ratio in words."""
    sources: str = ""
    checked: str = ""
    """Which fields were read at a source; the rest are from memory."""
    aside: Mapping[str, str] = field(default_factory=dict)
    """The filled cells of columns that nothing is read from."""

    def __post_init__(self) -> None:
        for code, level in self.codes.items():
            if code not in CODES or level not in (None, *LEVELS):
                raise ValueError(f"{self.case_id}: {code} = {level!r} is no code of 0, 1, 2 or None")
        object.__setattr__(self, "codes", {code: self.codes.get(code) for code in CODES})

    def __hash__(self) -> int:
        return hash(self.case_id)

    @property
    def independent(self) -> bool:
        """Whether it counts for itself: no stop by order, no part of another case."""
        return not self.ordered_capitulation and not self.overlap_with


def changed(case: CodedCase, **codes: int | None) -> CodedCase:
    """The case with some codes put otherwise, as `changed(case, unpaid_unfed=0)`."""
    return dataclasses.replace(case, codes={**case.codes, **codes})


def independent(cases: Iterable[CodedCase]) -> tuple[CodedCase, ...]:
    """The cases that count for themselves, in their order."""
    return tuple(case for case in cases if case.independent)


def array(cases: Sequence[CodedCase], codes: Sequence[str] = CODES) -> np.ndarray:
    """The codes as floats `[case, code]`, NaN where one is not known."""
    levels = [[np.nan if (level := case.codes[code]) is None else level for code in codes] for case in cases]
    return np.array(levels, dtype=float).reshape(len(cases), len(codes))
