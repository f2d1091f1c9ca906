"""The log of a war in words: what happened on a day that somebody who looks at the picture should not miss."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from holdfast.app.pulls import EFFECT, Pull
from holdfast.coded_armies.codebook import RULES
from holdfast.engine.outcomes import first_days
from holdfast.explanation.pressures import NINE
from holdfast.present import text
from holdfast.scenario.layout import Names
from holdfast.scenario.schema import ScenarioDocument

MONTH = 30
"""Days after which a line sums up [d]."""
ENDS = {
    "mass_desertion": "a tenth of {side} has left within 180 days: mass desertion",
    "front_broken": "half of the sectors of {side} are broken: its front is broken",
    "collapse": "{side} collapses",
    "settlement": "the state of {side} ends the war while its army stands",
    "destroyed": "{side} is destroyed by the enemy",
}
"""What each end is called; defined in `holdfast.engine.outcomes`."""


@dataclass
class Chronicle:
    """Writes the log of one war, day by day."""

    document: ScenarioDocument
    """The scenario, for its dates and events."""
    names: Names
    """Labels of sides and sectors."""
    broken: np.ndarray = field(init=False)
    """Whether each sector was broken the day before, `[side sector]`."""
    encircled: np.ndarray = field(init=False)
    """Whether it was encircled, the same."""
    split: list[bool] = field(default_factory=lambda: [False, False])
    """Whether the elites of each side were below the cohesion at which they split."""
    reached: set[tuple[str, int]] = field(default_factory=set)
    """Ends that have been told, with the side."""
    spreading: list[bool] = field(default_factory=lambda: [False, False])
    """Whether desertion fed itself on each side."""

    def __post_init__(self) -> None:
        """Begin with an unbroken line."""
        self.broken = np.zeros((2, len(self.names.sectors)), bool)
        self.encircled = self.broken.copy()

    def _title(self, side: int) -> str:
        """A side as sentences call it."""
        return text.name(self.names.sides[side])

    def date(self, day: int) -> dt.date:
        """The date of a day.

        Args:
            day: its index [d].

        Returns:
            The date.
        """
        return self.document.start + dt.timedelta(days=day)

    def of_day(self, series: Mapping[str, Sequence[np.ndarray]], sectors: Mapping[str, np.ndarray]) -> list[str]:
        """What happened on the last day.

        Args:
            series: the sides' daily variables up to that day, `[day][side]` each.
            sectors: `broken` and `encircled` on that day, `[side sector]` each.

        Returns:
            Sentences, the weightiest first.
        """
        day = len(series["present"]) - 1
        return [
            *self._ends(series), *self._line(np.asarray(sectors["broken"], bool), np.asarray(sectors["encircled"], bool)),
            *self._elites(series), *self._spread(series), *self._events(day), *self._month(series, day),
        ]  # fmt: skip

    def of_pull(self, pull: Pull) -> str:
        """What is pulled from a day on, in a sentence.

        Args:
            pull: the pull.

        Returns:
            The sentence.
        """
        what = RULES[pull.what].name if pull.what in NINE else pull.what.removeprefix(EFFECT).replace("_", " ")
        if not pull.amount:
            where = "as the scenario has it"
        elif pull.what in NINE:
            where = f"{abs(pull.amount):.0%} of the way to its {'extreme' if pull.amount > 0 else 'calm'} level"
        else:
            where = "on" if pull.amount == 1 else f"on, {pull.amount:g} times its ordinary strength"
        return f"Pulled, from today on: {what}, {text.name(pull.side)}: {where}."

    def _ends(self, series: Mapping[str, Sequence[np.ndarray]]) -> list[str]:
        """Ends that have come."""
        whole = {name: np.array(days)[None] for name, days in series.items()}
        ends = first_days(
            whole["deserted"] + whole["surrendered"], whole["present"], whole["broken_share"], whole["settled"],
            whole["killed"] + whole["wounded"] + whole["captured"],
        )  # fmt: skip
        fresh = []
        for name, words in ENDS.items():
            for side in (0, 1):
                if getattr(ends, name)[0, side] >= 0 and (name, side) not in self.reached:
                    self.reached.add((name, side))
                    fresh.append(_sentence(words.format(side=self._title(side))))
        return fresh

    def _line(self, broken: np.ndarray, encircled: np.ndarray) -> list[str]:
        """Sectors that broke, re-formed or were cut off."""
        fresh = []
        for side, sector in np.argwhere(broken != self.broken):
            where, who = self.names.sectors[sector], self._title(side)
            if not broken[side, sector]:
                fresh.append(_sentence(f"{who} re-forms its line in {where}"))
                continue
            beside = [
                self.names.sectors[k]
                for k in (sector - 1, sector + 1)
                if 0 <= k < broken.shape[1] and not broken[side, k]
            ]
            bare = f"; {' and '.join(beside)} {'are' if len(beside) > 1 else 'is'} uncovered" if beside else ""
            fresh.append(_sentence(f"the line of {who} breaks in {where}{bare}"))
        for side, sector in np.argwhere(encircled & ~self.encircled):
            fresh.append(_sentence(f"{self._title(side)} is encircled in {self.names.sectors[sector]}"))
        self.broken, self.encircled = broken.copy(), encircled.copy()
        return fresh

    def _elites(self, series: Mapping[str, Sequence[np.ndarray]]) -> list[str]:
        """Elites that fell apart, or came together again."""
        fresh = []
        cohesion, threshold = series["elite_cohesion"][-1], series["elite_threshold"][-1]
        for side in (0, 1):
            below = bool(cohesion[side] < threshold[side])
            if below != self.split[side]:
                words = "fall below the cohesion at which they split" if below else "are of one mind again"
                fresh.append(_sentence(f"the elites of {self._title(side)} {words}"))
            self.split[side] = below
        return fresh

    def _spread(self, series: Mapping[str, Sequence[np.ndarray]]) -> list[str]:
        """Weeks in which desertion feeds itself, or no longer does."""
        fresh = []
        week = np.mean(series["reproduction_mean"][-7:], axis=0)
        for side in (0, 1):
            if len(series["present"]) >= 7 and (week[side] >= 1) != self.spreading[side] and abs(week[side] - 1) > 0.02:
                self.spreading[side] = bool(week[side] >= 1)
                words = (
                    "each exit now draws more than one other after it"
                    if week[side] >= 1
                    else "exits no longer feed themselves"
                )
                fresh.append(_sentence(f"{self._title(side)}: {words} (R_d {week[side]:.2f})"))
        return fresh

    def _events(self, day: int) -> list[str]:
        """Effects of the scenario that begin or end."""
        fresh = []
        for event in self.document.event:
            if not event.strength:
                continue
            what = f"{event.effect.replace('_', ' ')}{f', {text.name(event.side)}' if event.side else ''}"
            if event.start == self.date(day):
                fresh.append(f"Of the scenario, from today on: {what}.")
            if event.end == self.date(day):
                fresh.append(f"Of the scenario, for the last day: {what}.")
        return fresh

    def _month(self, series: Mapping[str, Sequence[np.ndarray]], day: int) -> list[str]:
        """What the last thirty days cost."""
        if (day + 1) % MONTH:
            return []
        total = lambda name: np.sum(series[name][-MONTH:], axis=0)  # noqa: E731
        killed, left = total("killed"), total("deserted") + total("surrendered")
        said = lambda men: text.number(float(men), whole=True)  # noqa: E731
        each = [f"{self._title(side)} {said(killed[side])} killed, {said(left[side])} left" for side in (0, 1)]
        return [_sentence(f"in the last {MONTH} days {each[0]}; {each[1]}")]


def _sentence(words: str) -> str:
    """Words with a capital first and a full stop last."""
    return words[:1].upper() + words[1:] + "."
