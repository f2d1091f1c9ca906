"""Claims in a chart: coloured by their verdict, shaped by who speaks, named where they stand out."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np

from holdfast.core.units import CALENDAR_MONTH_DAYS as MONTH_DAYS
from holdfast.evidence import deduplicate
from holdfast.evidence.claims.claim import Claim
from holdfast.evidence.observables import Calendar
from holdfast.evidence.verdict import HIGH, JUDGED, LOW, NOT, Verdict
from holdfast.present import charts, losses_text
from holdfast.present import text as present_text

# The plane of a chart of the war: its days and its men in pixels, and the axes that say so.


DAY_MS = 86_400_000
EPOCH = dt.date(1970, 1, 1).toordinal()


@dataclasses.dataclass(frozen=True)
class Frame:
    """The plane: from the war's first day to its last across, from `least` to `most` men upward."""

    calendar: Calendar
    most: float
    height: int
    least: float = 0.0
    width: int = charts.WIDTH

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
        axis: alt.X = charts.day_axis().scale(scale)
        axis["shorthand"] = f"{field}:T"
        return axis

    def men_axis(self, title: str | None, field: str = "middle") -> alt.Y:
        """Men, from the least to the most."""
        scale = alt.Scale(domain=[self.least, self.most], nice=False, zero=False)
        return alt.Y(f"{field}:Q", title=title, scale=scale, axis=charts.MEN)

    @property
    def _ends(self) -> tuple[int, int]:
        return self.calendar.first.toordinal(), self.calendar.last.toordinal() + 1


def sized(chart: Any, frame: Frame) -> Any:
    """The chart in the frame's size."""
    return chart.properties(width=frame.width, height=frame.height)


COLOURS = {JUDGED: "#5c5c5c", HIGH: "#AA1164", LOW: "#E3A500", NOT: "#b9b9b9"}
"""Grey, dark magenta and amber: apart in hue, in lightness and, above and below the band, in place."""

SHAPES = {
    "own side": "square", "enemy": "diamond", "third government": "circle", "institute or model": "cross",
    "media": "triangle-right", "list of names": "M-1.2,-0.35H1.2V0.35H-1.2Z",
    "excess deaths": "M0,-1.2L0.35,-0.35L1.2,0L0.35,0.35L0,1.2L-0.35,0.35L-1.2,0L-0.35,-0.35Z",
}  # fmt: skip
AT_LEAST, UP_TO = "M0,-0.9V-2.9M-0.75,-2.1L0,-2.9L0.75,-2.1", "M0,0.9V2.9M-0.75,2.1L0,2.9L0.75,2.1"
"""Arrows that a limit wears."""
POINT = 52
"""Of a claim's point [px²]."""

ALIKE = {
    "killed": ("killed", "killed_and_missing"),
    "killed_wounded": ("killed_wounded", "casualties", "eliminated"),
    "wounded": ("wounded",), "missing": ("missing",), "captured": ("captured",), "deserted": ("deserted",),
    "recruited": ("recruited",), "strength": ("strength",),
}  # fmt: skip
"""Claims that count what a band shows, or nearly; filled in charts."""
NEAR = {
    "killed": ("killed_confirmed", "named"), "killed_wounded": ("irrecoverable", "irrecoverable_deserted"),
    "wounded": ("wounded_severe",), "captured": ("captured_held", "missing_captured"),
    "deserted": ("absent", "listed_absent", "cases", "court_cases"),
}  # fmt: skip
"""Claims that count a part of it, or something beside it; hollow, for the band is no measure of them."""

HOW = (
    "Filled: counts what the band shows; hollow: narrower or wider. Arrow up: at least; down: up to. Verdicts are on "
    "each claim's own words."
)


def about(verdicts: Sequence[Verdict], side: str, quantity: str) -> list[Verdict]:
    """Claims that belong into a chart of a quantity."""
    wanted = (*ALIKE[quantity], *NEAR.get(quantity, ()))
    return [one for one in verdicts if one.claim.side == side and one.claim.counts in wanted and one.claim.value > 0]


def is_rate(claim: Claim, first: dt.date) -> bool:
    """Whether a claim counts a window of its own, so that it reads as so many a month."""
    if claim.basis == "stock":
        return False
    return claim.basis != "cumulative" or (claim.period_start - first).days > 62


def record(verdict: Verdict, quantity: str, first: dt.date, per_month: bool = False) -> dict[str, Any]:
    """A claim as a chart's datum; what it counts before the war's first day is drawn on it."""
    claim = verdict.claim
    scale = MONTH_DAYS / losses_text.days(claim) if per_month else 1.0
    ends = (claim.value_low, claim.value_high)
    low, high = (None if one is None else deduplicate.total(claim, one) * scale for one in ends)
    ranged = low is not None and high is not None and high > low
    end = max(claim.as_of_date, first)
    begin = max(claim.period_start, first) if per_month else end
    middle = begin + (end - begin) / 2
    fact = {
        "day": str(middle), "begin": str(begin), "end": str(end + dt.timedelta(days=1)),
        "value": _digits(deduplicate.total(claim, claim.value) * scale), "limit": claim.limit,
        "verdict": losses_text.VERDICTS[verdict.verdict], "type": losses_text.TYPES.get(claim.claimant_type, claim.claimant_type),
        "alike": claim.counts in ALIKE[quantity] and claim.covers == "all",
        "claim": claim.claim_id, "who": claim.claimant, "said": f"{losses_text.said(claim)} ({losses_text.window(claim)})",
        "words": claim.definition or verdict.says, "counted": verdict.says,
        "evidence": present_text.interval(verdict.truth) if verdict.truth else "–",
        "chance": present_text.tail(verdict.tail_probability),
    }  # fmt: skip
    return fact | ({"low": _digits(low), "high": _digits(high)} if ranged else {})


def _digits(value: float | None) -> float:
    return float(f"{value:.5g}") if value is not None else 0.0


def highest(records: Sequence[dict[str, Any]]) -> float:
    """The highest number drawn."""
    return max((max(one["value"], one.get("high", 0.0)) for one in records), default=0.0)


TOOLTIP = [
    alt.Tooltip(f"{field}:N", title=title)
    for field, title in (
        ("claim", "claim"), ("who", "who"), ("type", "type"), ("said", "said"), ("words", "in words"),
        ("counted", "read as"), ("evidence", "evidence (90%)"), ("verdict", "verdict"), ("chance", "chance"),
    )
]  # fmt: skip


def _hues(records: Sequence[dict[str, Any]]) -> alt.Scale:
    """Colours by verdict; all that occur, in one order."""
    here = {one["verdict"] for one in records}
    names = {losses_text.VERDICTS[key]: value for key, value in COLOURS.items() if losses_text.VERDICTS[key] in here}
    return alt.Scale(domain=list(names), range=list(names.values()))


def _colour(records: Sequence[dict[str, Any]], legend: bool = True) -> alt.Color:
    """By verdict."""
    shown = alt.Legend(title="verdict", titleOrient="left", symbolStrokeWidth=0) if legend else None
    return alt.Color("verdict:N", scale=_hues(records), legend=shown)


def _shape(records: Sequence[dict[str, Any]], legend: bool = True) -> alt.Shape:
    """By who speaks; all that occur, in one order."""
    here = {one["type"] for one in records}
    names = {name: path for name, path in SHAPES.items() if name in here}
    names |= dict.fromkeys(sorted(here - set(names)), "circle")
    shown = None
    if legend:
        shown = alt.Legend(
            title="claimant", titleOrient="left", symbolSize=80, symbolFillColor=COLOURS[JUDGED],
            symbolStrokeColor=COLOURS[JUDGED], symbolType="circle", columnPadding=10, orient="bottom",
        )  # fmt: skip
    return alt.Shape("type:N", scale=alt.Scale(domain=list(names), range=list(names.values())), legend=shown)


def points(records: Sequence[dict[str, Any]], frame: Frame, title: str | None, legend: bool = True) -> list[alt.Chart]:
    """Each claim on its day: a point, its range as a bar, a limit with an arrow."""
    x, y = frame.day_axis(), frame.men_axis(title, "value")
    hue = _colour(records, legend)
    base = alt.Chart(charts.rows(list(records))).encode(x=x, color=hue, tooltip=TOOLTIP)
    bars = base.transform_filter("isValid(datum.low)").mark_rule(strokeWidth=3, opacity=0.55)
    made = [bars.encode(y=frame.men_axis(title, "low"), y2="high:Q")] if any("low" in one for one in records) else []
    return [*made, *_symbols(base.encode(y=y), records, legend)]


def windows(records: Sequence[dict[str, Any]], frame: Frame, title: str | None, legend: bool = True) -> list[alt.Chart]:
    """Each claim over its window at its monthly rate: a bar with the claimant's sign, its range as a pale box."""
    hue = _colour(records, legend)
    base = alt.Chart(charts.rows(list(records))).encode(color=hue, tooltip=TOOLTIP)
    over = base.encode(x=frame.day_axis("begin"), x2="end:T")
    boxes = over.transform_filter("isValid(datum.low)").mark_rect(opacity=0.16)
    made = [boxes.encode(y=frame.men_axis(title, "low"), y2="high:Q")] if any("low" in one for one in records) else []
    bars = over.mark_rule(strokeWidth=2.5, opacity=0.8).encode(y=frame.men_axis(title, "value"))
    signs = base.encode(x=frame.day_axis(), y=frame.men_axis(title, "value"))
    return [*made, bars, *_symbols(signs, records, legend)]


def _symbols(base: alt.Chart, records: Sequence[dict[str, Any]], legend: bool) -> list[alt.Chart]:
    fill = alt.Fill("verdict:N", scale=_hues(records), legend=None)
    paint = alt.condition("datum.alike", alt.value(0.85), alt.value(0.0))
    point = base.mark_point(size=POINT, strokeWidth=1.3, opacity=1)
    made = [point.encode(shape=_shape(records, legend), fill=fill, fillOpacity=paint)]
    for limit, path in (("at least", AT_LEAST), ("up to", UP_TO)):
        if any(one["limit"] == limit for one in records):
            arrow = base.transform_filter(f"datum.limit == '{limit}'")
            made.append(arrow.mark_point(shape=path, size=POINT, strokeWidth=1.6, filled=False))
    return made


def names(
    verdicts: Sequence[Verdict], records: Sequence[dict[str, Any]], bands: Any, frame: Frame, title: str, most: int = 9
) -> list[alt.Chart]:
    """Who made the claims that stand furthest from the band, one name a claimant; `bands` gives the median of a day."""
    spots = [(frame.x(dt.date.fromisoformat(one["day"])), frame.y(one["value"])) for one in records]
    out = [
        (
            abs(spot[1] - frame.y(bands(dt.date.fromisoformat(one["day"])))),
            losses_text.short_name(verdict.claim.claimant),
            spot,
        )
        for verdict, one, spot in zip(verdicts, records, spots)
        if verdict.verdict in (HIGH, LOW)
    ]
    wanted: dict[str, charts.Spot] = {}
    for _, name, spot in sorted(out, key=lambda one: -one[0]):
        wanted.setdefault(name, spot)
    placed = charts.place(list(wanted.items()), [*spots, *_along(records, frame)], frame.width, frame.height, most)
    if not placed:
        return []
    rows = [
        {"text": one.text, "at": frame.day_at(one.x), "value": frame.value_at(one.y), "from": frame.day_at(one.end),
         "to": frame.day_at(one.point[0]), "rise": frame.value_at(one.point[1]), "far": abs(one.y - one.point[1]) > 8}
        for one in placed
    ]  # fmt: skip
    base = alt.Chart(charts.rows(rows))
    line = base.transform_filter("datum.far").mark_rule(color=charts.FAINT, strokeWidth=0.7).encode(
        x=frame.day_axis("from"), x2="to:T", y=frame.men_axis(title, "value"), y2="rise:Q"
    )  # fmt: skip
    text = base.encode(x=frame.day_axis("at"), y=frame.men_axis(title, "value"), text="text:N")
    style: dict[str, Any] = {"align": "left", "baseline": "middle", "fontSize": charts.LABEL_SIZE}
    halo = text.mark_text(stroke="white", strokeWidth=3, strokeJoin="round", color="white", **style)
    return [line, halo, text.mark_text(color=charts.INK, **style)]


def _along(records: Sequence[dict[str, Any]], frame: Frame) -> list[tuple[float, float]]:
    """Points along the bars of windows and ranges, that names may keep off them."""
    made: list[tuple[float, float]] = []
    for one in records:
        left, right = (frame.x(dt.date.fromisoformat(one[end])) for end in ("begin", "end"))
        made += [(x, frame.y(one["value"])) for x in np.arange(left, right, 8.0)[1:]]
        if "low" in one:
            middle = (left + right) / 2
            made += [(middle, y) for y in np.arange(frame.y(one["high"]), frame.y(one["low"]), 8.0)]
    return made
