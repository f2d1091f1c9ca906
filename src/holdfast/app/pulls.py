"""What a viewer pulls while a war goes on: pressures and effects from a day on, written into the scenario.

The scenario with the pulls in it is an ordinary one: the engine's forcing is built from it, and whoever downloads it runs the
same war by `holdfast run`. Up to the day before a pull nothing differs.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from holdfast.core.faults import Fault, ScenarioError, unknown
from holdfast.engine import effects
from holdfast.explanation.pressures import NINE, levels
from holdfast.scenario import layout
from holdfast.scenario.schema import Event, Point, ScenarioDocument, Series, Side, value_on

FIRST = 1
"""Day from which the first pull may hold: the first morning is part of the world, and stays as it is [d]."""
STRONGEST = 2.0
"""Strength of an effect, at most; 1 is its ordinary one [1]."""
EFFECT = "effect:"
"""What an effect's name begins with where something is pulled: the withdrawal of a patron is a pressure and an effect."""
IN_REGIME = ("elite_level", "vitality")
"""Series that stand with the regime of a side."""


@dataclasses.dataclass(frozen=True)
class Pull:
    """One pressure or effect of a side, put somewhere from a day on."""

    day: int
    """Index of the first day on which it holds [d]."""
    side: str
    """Name of the side."""
    what: str
    """A pressure of `holdfast.explanation.pressures.NINE`, or an effect as `effect:amnesty`."""
    amount: float
    """Of a pressure from -1 (calm) over 0 (as the scenario has it) to 1 (extreme); of an effect its strength, 0 = off [1]."""


def checked(document: ScenarioDocument, pulls: Iterable[Pull]) -> None:
    """Refuse pulls that mean nothing, all at once.

    Args:
        document: the scenario.
        pulls: the pulls.

    Raises:
        ScenarioError: with a fault for each that names no side, pressure or effect, or whose day or amount is out of bounds.
    """
    sides, known, faults = (
        [side.name for side in document.side],
        (*NINE, *(EFFECT + name for name in effects.names())),
        list[Fault](),
    )
    for number, pull in enumerate(pulls, start=1):
        place = f"pull {number}"
        if pull.side not in sides:
            faults.append(unknown(f"{place}.side", pull.side, "a side", sides))
        if pull.what not in known:
            faults.append(unknown(f"{place}.what", pull.what, "a pressure or an effect", known))
        low, high = (-1.0, 1.0) if pull.what in NINE else (0.0, STRONGEST)
        if not low <= pull.amount <= high:
            faults.append(Fault(f"{place}.amount", f"{pull.amount:g}", f"{low:g} to {high:g}", "Give a number within"))
        if not FIRST <= pull.day <= document.days:
            allowed = f"{FIRST} to {document.days}, the days of the scenario"
            faults.append(Fault(f"{place}.day", str(pull.day), allowed, "Give the number of a day"))
    if faults:
        raise ScenarioError(faults, "What is pulled")


def prepared(document: ScenarioDocument) -> ScenarioDocument:
    """A scenario in which every effect stands at strength 0, so that one compiled program serves whatever is switched on.

    Args:
        document: the scenario.

    Returns:
        The same war.
    """
    return layout.with_silent_effects(document, effects.names())


def written(document: ScenarioDocument, pulls: Sequence[Pull]) -> ScenarioDocument:
    """A scenario with pulls written in.

    Args:
        document: the scenario of one run, whose rate of losses is a number.
        pulls: what is pulled, in any order; of two on one day the later in the list holds.

    Returns:
        The scenario: series of the sides as dated points, effects as events.
    """
    for side in document.side:
        own = [pull for pull in pulls if pull.side == side.name]
        document = _with_pressures(document, side, [pull for pull in own if pull.what in NINE])
        document = _with_effects(document, side, [pull for pull in own if pull.what not in NINE])
    return document


def _by_what(pulls: Iterable[Pull]) -> dict[str, list[tuple[int, float]]]:
    """The days and amounts of each pressure or effect, in order, one a day."""
    by: dict[str, dict[int, float]] = {}
    for pull in pulls:
        by.setdefault(pull.what, {})[pull.day] = pull.amount
    return {what: sorted(days.items()) for what, days in by.items()}


def _with_pressures(document: ScenarioDocument, side: Side, pulls: Sequence[Pull]) -> ScenarioDocument:
    """The scenario with a side's pressures written in."""
    new: dict[str, Series] = {}
    for pressure, steps in _by_what(pulls).items():
        for name in levels(pressure, side.men_at_start)[0].values:
            spans = _spans(document, side, pressure, name, steps)
            place = "intensity" if name == "killed" else name
            new[place] = _pulled(new.get(place, _course(side, place)), document.start, spans)
    regime = side.regime.model_copy(update={name: series for name, series in new.items() if name in IN_REGIME})
    rest = {name: series for name, series in new.items() if name not in IN_REGIME}
    own = side.model_copy(update={**rest, "regime": regime})
    return document.model_copy(update={"side": [own if each.name == side.name else each for each in document.side]})


def _course(side: Side, name: str) -> Series:
    """A series of a side or of its regime."""
    series: Series = getattr(side.regime if name in IN_REGIME else side, name)
    return series


@dataclasses.dataclass(frozen=True)
class _Span:
    """Days over which a series goes by a share to a level."""

    first: int
    last: int
    share: float
    level: float


def _spans(
    document: ScenarioDocument, side: Side, pressure: str, name: str, steps: Sequence[tuple[int, float]]
) -> list[_Span]:
    """The days of each step, and where a series goes on them; a shock passes after its own days."""
    spans = []
    ends = [day - 1 for day, _ in steps[1:]] + [document.days]
    for (first, amount), last in zip(steps, ends, strict=True):
        calm, extreme = levels(pressure, side.men_at_start)
        level = extreme if amount > 0 else calm
        value = level.values[name]
        if name == "killed":
            assert side.killed_per_1000_month  # whoever lets losses be pulled has checked that there is a rate
            value /= side.killed_per_1000_month
        passed = last if level.pulse is None else min(first + level.pulse - 1, last)
        spans.append(_Span(first, passed, abs(amount), value))
        if passed < last:
            spans.append(_Span(passed + 1, last, abs(amount), 0.0))
    return spans


def _pulled(course: Series, start: dt.date, spans: Sequence[_Span]) -> Series:
    """A series that leaves its own course over some days: piecewise lines, as a scenario has them."""
    date = lambda day: start + dt.timedelta(days=day)  # noqa: E731
    own = [] if isinstance(course, int | float) else [(point.date - start).days for point in course]
    values: dict[int, float] = {
        day: value_on(course, date(day)) for day in [*own, spans[0].first - 1] if day < spans[0].first
    }
    for span in spans:
        inside = {span.first, span.last, *(day for day in own if span.first <= day <= span.last)}
        for day in sorted(inside):
            values[day] = (1 - span.share) * value_on(course, date(day)) + span.share * span.level
    return [Point(date=date(day), value=value) for day, value in sorted(values.items())]


def _with_effects(document: ScenarioDocument, side: Side, pulls: Sequence[Pull]) -> ScenarioDocument:
    """The scenario with a side's effects written in as events."""
    fresh = []
    for what, steps in _by_what(pulls).items():
        ends: list[int | None] = [*(day - 1 for day, _ in steps[1:]), None]
        fresh += [
            Event(
                effect=what.removeprefix(EFFECT), side=side.name, strength=amount, start=document.start + dt.timedelta(days=first),
                end=None if last is None else document.start + dt.timedelta(days=last),
            )
            for (first, amount), last in zip(steps, ends, strict=True)
            if amount > 0
        ]  # fmt: skip
    return document.model_copy(update={"event": [*document.event, *fresh]})


def can_be_pulled(document: ScenarioDocument) -> Mapping[str, tuple[str, ...]]:
    """The pressures of each side that can be pulled.

    Args:
        document: the scenario of one run.

    Returns:
        By side; all of `NINE`, but losses of a side that has none, which no level can be reached from.
    """
    return {
        side.name: tuple(name for name in NINE if name != "losses" or side.killed_per_1000_month)
        for side in document.side
    }
