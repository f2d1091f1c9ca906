"""Which cases belong to one war: what is left out together when a case must be told without its own war.

The rule errs towards one war rather than two: a case left out too many costs a little precision, a case of the same war
left in tells the answer.

1. The column `war` is read in lower case, without marks; `WARS` knows other names for some wars, and their campaigns.
   A name that it does not know is looked for again without years and without words such as *campaign* or *front*.
2. A name still unknown, of a case that begins in the years of a world war, belongs to that war.
3. A name that comes back after more than twenty years without a case is another war.
4. A case that lies within another (`overlap_with`) belongs to its war, and so do two that lie within the same one.
5. A case without a war is a war of its own.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

# A coded case: one army over one span of a war, ten pressures coded from 0 to 2, and what became of it.


ESSAY = ("losses", "no_victory", "mobilisation", "leader_decay", "regime_disarray")
"""The five pressures of Motyl's essay."""

OTHERS = ("patron_withdrawal", "unpaid_unfed", "operational_shock", "safe_exit")
"""Four pressures outside the essay."""

CODES = (*ESSAY, *OTHERS, "enforcement")
"""All ten; enforcement holds an army together where the other nine push it apart."""

LEVELS = (0, 1, 2)
"""What a code may be: absent, some, strong."""


@dataclass(frozen=True)
class CodedArmy:
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


def changed(case: CodedArmy, **codes: int | None) -> CodedArmy:
    """The case with some codes put otherwise, as `changed(case, unpaid_unfed=0)`."""
    return dataclasses.replace(case, codes={**case.codes, **codes})


def independent(cases: Iterable[CodedArmy]) -> tuple[CodedArmy, ...]:
    """The cases that count for themselves, in their order."""
    return tuple(case for case in cases if case.independent)


def array(cases: Sequence[CodedArmy], codes: Sequence[str] = CODES) -> np.ndarray:
    """The codes as floats `[case, code]`, NaN where one is not known."""
    levels = [[np.nan if (level := case.codes[code]) is None else level for code in codes] for case in cases]
    return np.array(levels, dtype=float).reshape(len(cases), len(codes))


LONGEST_PEACE = dt.timedelta(days=20 * 365.25)
"""Time without a case after which the same name means another war."""

WARS = {
    "napoleonic wars": (
        "war of the third coalition", "war of the fourth coalition", "war of the fifth coalition",
        "war of the sixth coalition", "hundred days", "russia 1812", "peninsular war",
    ),
    "american civil war": ("us civil war", "overland campaign", "appomattox campaign"),
    "franco prussian war": ("franco german war", "war of 1870"),
    "ww1": ("wwi", "world war 1", "world war i", "first world war", "great war"),
    "russian civil war": ("polish soviet war", "soviet polish war"),
    "spanish civil war": (),
    "chinese civil war": (),
    "ww2": (
        "wwii", "world war 2", "world war ii", "second world war", "great patriotic war", "pacific war",
        "winter war", "continuation war", "stalingrad", "okinawa",
    ),
    "vietnam war": ("second indochina war", "easter offensive", "tet offensive", "ho chi minh campaign"),
    "six day war": ("june war", "1967 war"),
    "yom kippur war": ("october war", "1973 war"),
    "afghan war": ("soviet afghan war", "afghan civil war"),
    "afghan war of 2001": ("taliban offensive",),
    "iran iraq war": ("first gulf war",),
    "gulf war": ("persian gulf war", "desert storm"),
    "syrian civil war": ("fall of assad",),
    "falklands war": ("falklands",),
    "russo ukrainian war": ("russia ukraine war", "war in ukraine", "ukraine war", "invasion of ukraine"),
}  # fmt: skip
"""Other names of a war, its campaigns among them, in lower case and without marks."""

WORLD_WARS = {"ww1": (dt.date(1914, 7, 28), dt.date(1918, 11, 11)), "ww2": (dt.date(1939, 9, 1), dt.date(1945, 9, 2))}
"""First and last day."""

FILLING = ("mutiny", "mutinies", "front", "offensive", "campaign")
"""Words that tell no war from another, where another word is left."""

NAMES = {name: war for war, names in WARS.items() for name in (war, *names)}


def war_of(case: CodedArmy) -> str:
    """The war of a case that is looked at alone; its own name where it has none."""
    words = re.findall(r"\w+", case.war.lower())
    if not words:
        return case.case_id
    dateless = [word for word in words if word != "the" and not re.fullmatch(r"\d{4}|\d{2}", word)]
    bare = [word for word in dateless if word not in FILLING]
    forms = [" ".join(said) for said in (words, dateless, bare or dateless or words)]
    known = next((NAMES[form] for form in forms if form in NAMES), None)
    during = next((war for war, (first, last) in WORLD_WARS.items() if _begins(case, first, last)), None)
    return known or during or forms[-1]


def wars(cases: Sequence[CodedArmy]) -> tuple[str, ...]:
    """The war of each of several cases, by the whole rule: cases with equal names belong to one war."""
    names = [war_of(case) for case in cases]
    for name in set(names):
        for place, label in _after_peace(name, [n for n, said in enumerate(names) if said == name], cases):
            names[place] = label
    return _joined(cases, names)


def _begins(case: CodedArmy, first: dt.date, last: dt.date) -> bool:
    """Whether a case begins between two days."""
    return case.start is not None and first <= case.start <= last


def _after_peace(name: str, places: Sequence[int], cases: Sequence[CodedArmy]) -> Iterator[tuple[int, str]]:
    """The cases of a name that came back after a long peace, each with the name and the year in which it did."""
    dated = sorted((start, place) for place in places if (start := cases[place].start))
    label, last = name, dt.date.max
    for start, place in dated:
        if start > last and start - last > LONGEST_PEACE:
            label = f"{name} of {start.year}"
        yield place, label
        end = cases[place].end or start
        last = end if last == dt.date.max else max(last, end)


def _joined(cases: Sequence[CodedArmy], names: Sequence[str]) -> tuple[str, ...]:
    """The names, made one for cases that lie within each other."""
    joined = list(names)
    places = {case.case_id: place for place, case in enumerate(cases)}
    for place, case in enumerate(cases):
        if case.overlap_with:
            # Of two within a case that is not here, the first stands for it.
            other = places.setdefault(case.overlap_with, place)
            joined = [joined[other] if name == joined[place] else name for name in joined]
    return tuple(joined)
