"""The plane of a chart of the war: its days and its men in pixels, and the axes that say so."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import altair as alt

from holdfast.evidence.calendar import Calendar
from holdfast.report import look

DAY_MS = 86_400_000
EPOCH = dt.date(1970, 1, 1).toordinal()


@dataclasses.dataclass(frozen=True)
class Frame:
    """The plane: from the war's first day to its last across, from `least` to `most` men upward."""

    calendar: Calendar
    most: float
    height: int
    least: float = 0.0
    width: int = look.WIDTH

    def x(self, day: dt.date) -> float:
        """Pixels from the left."""
        first, last = self._ends
        return (day.toordinal() - first) / (last - first) * self.width

    def y(self, value: float) -> float:
        """Pixels from the top."""
        return (self.most - value) / (self.most - self.least) * self.height

    def day_at(self, x: float) -> float:
        """The moment at a pixel, in milliseconds as charts count them."""
        first, last = self._ends
        return (first + x / self.width * (last - first) - EPOCH) * DAY_MS

    def value_at(self, y: float) -> float:
        """The number at a pixel."""
        return self.most - y / self.height * (self.most - self.least)

    def day_axis(self, field: str = "day") -> alt.X:
        """Days of the whole war, whatever part of it has data."""
        first, last = self._ends
        domain = [(first - EPOCH) * DAY_MS, (last - EPOCH) * DAY_MS]
        scale = alt.Scale(type="utc", nice=False, domain=domain)
        axis: alt.X = look.day_axis().scale(scale)
        axis["shorthand"] = f"{field}:T"
        return axis

    def men_axis(self, title: str | None, field: str = "middle") -> alt.Y:
        """Men, from the least to the most."""
        scale = alt.Scale(domain=[self.least, self.most], nice=False, zero=False)
        return alt.Y(f"{field}:Q", title=title, scale=scale, axis=look.MEN)

    @property
    def _ends(self) -> tuple[int, int]:
        return self.calendar.first.toordinal(), self.calendar.last.toordinal() + 1


def sized(chart: Any, frame: Frame) -> Any:
    """The chart in the frame's size."""
    return chart.properties(width=frame.width, height=frame.height)
