"""Coded armies: one army over one span of a war, ten pressures coded from 0 to 2, and what became of it.

Beside the record stand the wars that armies belong to, the armies most like one, and how far two coders agree.

Armies of one war are held out together, when one of them must be predicted without its own war. The rule errs towards one
war rather than two: an army held out too many costs a little precision, an army of the same war left in tells the answer.

1. The column `war` is read in lower case, without marks; `WARS` knows other names for some wars, and their campaigns.
   A name that it does not know is looked up again without years and without words such as *campaign* or *front*.
2. A name still unknown, of an army whose span begins in the years of a world war, belongs to that war.
3. A name that comes back after more than twenty years without an army is another war.
4. An army that lies within another (`overlap_with`) belongs to its war, and so do two that lie within the same one.
5. An army without a war is a war of its own.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from holdfast.core.lazy import Lazy
from holdfast.core.units import YEAR_DAYS
from holdfast.stats import agreement
from holdfast.stats.agreement import Measures

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
else:
    np = Lazy("numpy")

ESSAY = ("losses", "no_victory", "mobilisation", "leader_decay", "regime_disarray")
"""The five pressures of Motyl's essay."""

OTHERS = ("patron_withdrawal", "unpaid_unfed", "operational_shock", "safe_exit")
"""Four pressures outside the essay."""

CODES = (*ESSAY, *OTHERS, "enforcement")
"""All ten; enforcement holds an army together where the other nine push it apart."""

LEVELS = (0, 1, 2)
"""What a code may be: absent, some, strong."""

FORETELLING, EXPLAINING = "foretelling", "explaining"
VANTAGES = (FORETELLING, EXPLAINING)
"""From when an army was seen: with what was known by the middle of its span or a stated day, or with the whole span known.
Codes of a table that does not say are taken as explaining: whoever codes a finished span knows its end unless they say else."""

UNKNOWN_DISTANCE = 0.5
"""Distance of a code that is not known on one side, in parts of the largest: else armies of which little is known would be
like all others."""


@dataclass(frozen=True)
class CodedArmy:
    """One army over one span of a war, as a coder saw it. What is `None` is not known.

    Rates are per 1,000 men a month of the whole span, gross: a man who came back counts as having left. Shares are of the
    strength and may pass 1 where men were replaced.

    Raises:
        ValueError: for a code that does not exist or is none of 0, 1, 2, or a vantage that does not exist.
    """

    army_id: str  # its name in the table, as `RUS_1917`
    codes: Mapping[str, int | None] = field(default_factory=dict)
    """Each of `CODES`, 0 to 2 or `None`; one that is left out is not known."""
    army: str = ""  # the army in words
    war: str = ""  # the war in the coder's words
    start: dt.date | None = None  # first day of the span
    end: dt.date | None = None  # last day of the span
    months: float | None = None  # months of fighting in the span
    strength: float | None = None  # men
    force_ratio: float | None = None  # own men to the enemy's [1]
    killed_per_1000_month: float | None = None  # killed [1/1,000/month]
    exits_per_1000_month: float | None = None
    """Deserters and men absent without leave [1/1,000/month]; in a span under a month read `deserted_share` instead."""
    exits_low: float | None = None  # the lowest such rate that the figures leave
    exits_high: float | None = None  # the highest
    deserted_share: float | None = None  # deserters and men absent without leave [1]
    captured_share: float | None = None  # men captured or surrendered [1]
    outcome: str = ""  # the outcome in the coder's words, as `held` or `mass surrender`
    outcome_date: dt.date | None = None  # the day of the outcome
    collapse: bool | None = None  # whether it collapsed
    mass_desertion: bool | None = None  # whether a tenth of the army or more deserted or surrendered
    recovered: bool | None = None  # whether it recovered
    ordered_capitulation: bool = False  # whether it stopped by order from above, which says nothing of its men's will
    overlap_with: str = ""  # the coded army within whose span and men this one lies, if there is one
    opponent: str = ""  # the enemy
    reasons: Mapping[str, str] = field(default_factory=dict)  # why a code is what it is, by code, where the coder said
    notes: Mapping[str, str] = field(default_factory=dict)
    """Other remarks, by column: inequality, pay, season, the force ratio in words."""
    sources: str = ""  # where the figures are from
    checked: str = ""  # which fields were read at a source; the rest are from memory
    coder: str = ""  # who gave the codes
    vantage: str = EXPLAINING  # from when they were given, one of `VANTAGES`
    codes_whole: Mapping[str, int | None] = field(default_factory=dict)
    """Of an army seen from the middle of its span: codes over the whole of it, where its coder gave them too."""
    relief: int | None = None  # whether fresh forces or an ally came to its help: 0 no, 1 some, 2 much
    space: int | None = None  # whether it had ground to fall back into: 0 none, 1 some, 2 much
    settlement: bool | None = None  # whether its war ended by an agreement while it stood
    confidence: float | str | None = None  # the coder's, from 0 to 1 or in a word
    certain: frozenset[str] = frozenset()
    """Codes that are no readings but are so, as where one asks what would be if they were."""
    certainty: Mapping[str, float] = field(default_factory=dict)
    """Chance that a code is right over the whole span, by code, where whoever gave it says so [1]; else as learnt of coders."""
    aside: Mapping[str, str] = field(default_factory=dict)  # the filled cells of columns that nothing is read from

    def __post_init__(self) -> None:
        for code, level in (*self.codes.items(), *self.codes_whole.items()):
            if code not in CODES or level not in (None, *LEVELS):
                raise ValueError(f"{self.army_id}: {code} = {level!r} is no code of 0, 1, 2 or None")
        if self.vantage not in VANTAGES:
            raise ValueError(f"{self.army_id}: the vantage {self.vantage!r} is none of {', '.join(VANTAGES)}")
        object.__setattr__(self, "codes", {code: self.codes.get(code) for code in CODES})

    def __hash__(self) -> int:
        return hash(self.army_id)

    @property
    def independent(self) -> bool:
        """Whether it counts for itself: no stop by order, no part of another coded army."""
        return not self.ordered_capitulation and not self.overlap_with


def changed(army: CodedArmy, **codes: int | None) -> CodedArmy:
    """An army with some codes set otherwise, as `changed(army, unpaid_unfed=0)`: what would be if they were so.

    Args:
        army: the army.
        codes: new levels by code; `None` for one that is not known.

    Returns:
        The changed army; codes of another level than before are certain, whatever was said of how sure the old ones are.
    """
    codes = {code: level for code, level in codes.items() if level != army.codes.get(code)}
    known = {code for code, level in codes.items() if level is not None}
    certain = (army.certain - set(codes)) | known
    whole = {code: level for code, level in army.codes_whole.items() if code not in codes}
    sure = {code: chance for code, chance in army.certainty.items() if code not in codes}
    return dataclasses.replace(army, codes={**army.codes, **codes}, codes_whole=whole, certain=certain, certainty=sure)


def by_army(armies: Iterable[CodedArmy]) -> dict[str, tuple[CodedArmy, ...]]:
    """The readings of each army by its coders.

    Args:
        armies: coded armies; those of one name are one army.

    Returns:
        The readings by the army's name, in the order given.
    """
    readings: dict[str, tuple[CodedArmy, ...]] = {}
    for each in armies:
        readings[each.army_id] = (*readings.get(each.army_id, ()), each)
    return readings


def agreed(readings: Sequence[CodedArmy]) -> CodedArmy:
    """An army with the outcomes on which its coders agree.

    Args:
        readings: the army by its coders; one who leaves an outcome open does not disagree.

    Returns:
        The first reading; an outcome of which the coders disagree is not known.
    """
    first = readings[0]
    collapse, mass = ({getattr(each, name) for each in readings} - {None} for name in ("collapse", "mass_desertion"))
    return dataclasses.replace(
        first, collapse=first.collapse if len(collapse) < 2 else None,
        mass_desertion=first.mass_desertion if len(mass) < 2 else None,
    )  # fmt: skip


def explained(army: CodedArmy) -> CodedArmy:
    """An army as its coder sees it over the whole span.

    Args:
        army: the army, seen from the middle of its span.

    Returns:
        The army with its codes of the whole span, of the vantage `explaining`; a code that has none stays as it is.
    """
    whole = {code: level for code, level in army.codes_whole.items() if level is not None}
    return dataclasses.replace(army, codes={**army.codes, **whole}, codes_whole={}, vantage=EXPLAINING)


def independent(armies: Iterable[CodedArmy]) -> tuple[CodedArmy, ...]:
    """The armies that count for themselves.

    Args:
        armies: coded armies.

    Returns:
        Those of them, in their order.
    """
    return tuple(army for army in armies if army.independent)


def array(armies: Sequence[CodedArmy], codes: Sequence[str] = CODES) -> npt.NDArray[np.float64]:
    """The codes of armies as numbers.

    Args:
        armies: coded armies.
        codes: names of codes.

    Returns:
        The levels `[army, code]`, NaN where one is not known.
    """
    levels = [[np.nan if (level := army.codes[code]) is None else level for code in codes] for army in armies]
    return np.array(levels, dtype=float).reshape(len(armies), len(codes))


# --- Wars.

LONGEST_PEACE = dt.timedelta(days=20 * YEAR_DAYS)
"""Time without a coded army after which the same name means another war."""

WARS = {
    "napoleonic wars": (
        "war of the third coalition", "war of the fourth coalition", "war of the fifth coalition",
        "war of the sixth coalition", "hundred days", "russia 1812", "peninsular war",
    ),
    "american civil war": ("us civil war", "overland campaign", "appomattox campaign"),
    "franco prussian war": ("franco german war", "war of 1870"),
    "second boer war": ("anglo boer war", "boer war"),
    "ww1": ("wwi", "world war 1", "world war i", "first world war", "great war"),
    "russian civil war": (
        "polish soviet war", "soviet polish war", "ukrainian war of independence",
        "ukrainian war of independence russian civil war",
    ),
    "spanish civil war": (),
    "chinese civil war": (),
    "ww2": (
        "wwii", "world war 2", "world war ii", "second world war", "great patriotic war", "pacific war",
        "winter war", "continuation war", "stalingrad", "okinawa",
    ),
    "vietnam war": (
        "second indochina war", "easter offensive", "tet offensive", "ho chi minh campaign", "laotian civil war",
        "cambodian civil war",
    ),
    "six day war": ("june war", "1967 war"),
    "yom kippur war": ("october war", "1973 war"),
    "afghan war": ("soviet afghan war", "afghan civil war"),
    "afghan war of 2001": ("taliban offensive",),
    "iran iraq war": ("first gulf war",),
    "gulf war": ("persian gulf war", "desert storm"),
    "yugoslav wars": (
        "yugoslav wars croatia", "yugoslav wars bosnia", "croatian war of independence", "bosnian war", "kosovo war",
    ),
    "central african civil war": ("central african republic civil war", "central african rebellion"),
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


def war_of(army: CodedArmy) -> str:
    """The war of an army that is looked at alone.

    Args:
        army: the army.

    Returns:
        The war's name in lower case; the army's own name where it has no war.
    """
    words = re.findall(r"\w+", army.war.lower())
    if not words:
        return army.army_id
    dateless = [word for word in words if word != "the" and not re.fullmatch(r"\d{4}|\d{2}", word)]
    bare = [word for word in dateless if word not in FILLING]
    forms = [" ".join(form) for form in (words, dateless, bare or dateless or words)]
    known = next((NAMES[form] for form in forms if form in NAMES), None)
    during = next((war for war, (first, last) in WORLD_WARS.items() if _begins(army, first, last)), None)
    return known or during or forms[-1]


def wars(armies: Sequence[CodedArmy]) -> tuple[str, ...]:
    """The war of each of several armies, by the whole rule.

    Args:
        armies: coded armies.

    Returns:
        A name each; armies with equal names belong to one war.
    """
    names = [war_of(army) for army in armies]
    for name in set(names):
        for place, label in _after_peace(name, [n for n, other in enumerate(names) if other == name], armies):
            names[place] = label
    return _joined(armies, names)


def _begins(army: CodedArmy, first: dt.date, last: dt.date) -> bool:
    """Whether an army's span begins between two days."""
    return army.start is not None and first <= army.start <= last


def _after_peace(name: str, places: Sequence[int], armies: Sequence[CodedArmy]) -> Iterator[tuple[int, str]]:
    """The armies of a war's name, each with the name and, after a long peace, the year in which it came back."""
    dated = sorted((start, place) for place in places if (start := armies[place].start))
    label, last = name, dt.date.max
    for start, place in dated:
        if start > last and start - last > LONGEST_PEACE:
            label = f"{name} of {start.year}"
        yield place, label
        end = armies[place].end or start
        last = end if last == dt.date.max else max(last, end)


def _joined(armies: Sequence[CodedArmy], names: Sequence[str]) -> tuple[str, ...]:
    """The names of wars, one for armies that lie within each other."""
    joined = list(names)
    places = {army.army_id: place for place, army in enumerate(armies)}
    for place, army in enumerate(armies):
        if army.overlap_with:
            # Of two within an army that is not here, the first stands for it.
            other = places.setdefault(army.overlap_with, place)
            joined = [joined[other] if name == joined[place] else name for name in joined]
    return tuple(joined)


# --- Similarity.


@dataclass(frozen=True)
class Difference:
    """One code in which two armies differ; `None` is not known."""

    code: str  # the code's name
    here: int | None  # the level of the one
    there: int | None  # the level of the other


@dataclass(frozen=True)
class Neighbour:
    """An army that was compared with another."""

    army: CodedArmy  # the army
    distance: float  # its distance from the other, 0 (the same codes) to 1
    differs: tuple[Difference, ...]  # the codes in which it differs, the largest difference first


def neighbours(
    army: CodedArmy, others: Iterable[CodedArmy], count: int = 5, weights: Mapping[str, float] | None = None
) -> tuple[Neighbour, ...]:
    """The armies most like one.

    The distance of two armies is the weighted mean over the codes of how far apart they are.

    Args:
        army: the army.
        others: those that are compared; an army of the same name is passed over.
        count: how many neighbours are wanted.
        weights: each code's weight; codes left out count for nothing. 1 for all unless given.

    Returns:
        The neighbours, the nearest first; at one distance, in the order in which they are given.

    Raises:
        ValueError: for weights that are negative or not finite, that are all 0, or that are of no code.
    """
    weighed = dict.fromkeys(CODES, 1.0) if weights is None else dict(weights)
    sound = set(weighed) <= set(CODES) and all(math.isfinite(each) and each >= 0 for each in weighed.values())
    if not sound or sum(weighed.values()) <= 0:
        raise ValueError("weights: finite numbers, 0 or more, one of them above 0, each of one of the codes")
    compared = [_compared(army, other, weighed) for other in others if other.army_id != army.army_id]
    return tuple(sorted(compared, key=lambda each: each.distance)[: max(count, 0)])


def _compared(army: CodedArmy, other: CodedArmy, weights: Mapping[str, float]) -> Neighbour:
    """Another army's distance and differences under weights; codes without weight come last."""
    apart = {code: _distance(army.codes[code], other.codes[code]) for code in CODES}
    distance = sum(weights[code] * apart[code] for code in weights) / sum(weights.values())
    differing = [code for code in CODES if army.codes[code] != other.codes[code]]
    differing.sort(key=lambda code: -weights.get(code, 0.0) * apart[code])
    differs = tuple(Difference(code, army.codes[code], other.codes[code]) for code in differing)
    return Neighbour(other, distance, differs)


def _distance(here: int | None, there: int | None) -> float:
    """How far two codes are apart, 0 to 1."""
    return UNKNOWN_DISTANCE if here is None or there is None else abs(here - there) / (max(LEVELS) - min(LEVELS))


# --- Agreement of two coders.

Coding = Mapping[str, Mapping[str, int | None]]
"""A coder's codes by army and by code; `None`, or nothing, where they gave none."""


@dataclass(frozen=True)
class CoderAgreement:
    """How far two coders agree, code by code and over all codes together."""

    codes: Mapping[str, Measures]  # the measures by code
    overall: Measures  # the measures over all codes, each pair of codes counted once
    armies: tuple[str, ...]  # armies that both coded, in the first one's order
    only_first: tuple[str, ...]  # armies that only the first coded
    only_second: tuple[str, ...]  # armies that only the second coded


def coding(armies: Iterable[CodedArmy]) -> Coding:
    """The codes of armies, as a second coder's are read.

    Args:
        armies: coded armies.

    Returns:
        Levels by army and by code.
    """
    return {army.army_id: dict(army.codes) for army in armies}


def coder_agreement(first: Coding | Iterable[CodedArmy], second: Coding | Iterable[CodedArmy]) -> CoderAgreement:
    """How far two coders agree on the armies that both coded.

    Args:
        first: one coder's codes.
        second: the other's.

    Returns:
        Agreement by code, and over all codes: there chance is that of the codes pooled.
    """
    one, two = (given if isinstance(given, Mapping) else coding(given) for given in (first, second))
    armies = tuple(army for army in one if army in two)
    pairs = {code: [(one[army].get(code), two[army].get(code)) for army in armies] for code in CODES}
    return CoderAgreement(
        codes={code: agreement.agreement(pairs[code], LEVELS) for code in CODES},
        overall=agreement.agreement([pair for code in CODES for pair in pairs[code]], LEVELS),
        armies=armies,
        only_first=tuple(army for army in one if army not in two),
        only_second=tuple(army for army in two if army not in one),
    )
