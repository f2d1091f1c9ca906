"""The figures of a war's losses: bands of the posterior over time, and every claim where it stands.

A claim is coloured by its verdict, shaped by who speaks, filled where it counts what the band shows, and named where it
stands far from the band.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from holdfast.core.units import CALENDAR_MONTH_DAYS as MONTH_DAYS
from holdfast.evidence import design, predictive
from holdfast.evidence.claims.table import Claim
from holdfast.evidence.observables import Calendar
from holdfast.evidence.posterior import FLOWS, QUANTITIES, Posterior, quantiles
from holdfast.evidence.verdict import HIGH, JUDGED, LOW, NOT, Verdict
from holdfast.present import charts, text, vega
from holdfast.present.charts import Record
from holdfast.stats.intervals import BAND, KHAT_TRUSTED

Row = Mapping[str, object]
"""A lineage left out and what it moves, as `losses.lineages` gives it."""

COLOURS = {JUDGED: "#5c5c5c", HIGH: "#AA1164", LOW: "#E3A500", NOT: "#b9b9b9"}
"""Grey, dark magenta and amber: apart in hue, in lightness and, above and below the band, in place."""

# --- From draws to bands, month by month.

_SUMS = {"killed_wounded": ("killed", "wounded")}
"""What is drawn as one and is the sum of several."""
_LEAST_DAYS = 10
"""Months cut shorter than this by the war's first or last day have no point of their own: their rate says little."""


def total(posterior: Posterior, side: str, quantity: str) -> npt.NDArray[np.float64]:
    """Draws of the total from the war's first day to its last.

    Args:
        posterior: the posterior.
        side: the side's key.
        quantity: one of `QUANTITIES`, or `killed_wounded`.

    Returns:
        The total `[draw]` [men]; of the strength, that at the end.
    """
    return np.sum([posterior.total(side, name) for name in _SUMS.get(quantity, (quantity,))], axis=0)


def by_year(posterior: Posterior, side: str) -> dict[str, dict[str, dict[str, float]]]:
    """Losses in each year.

    Args:
        posterior: the posterior.
        side: the side's key.

    Returns:
        Median and 90 % interval [men] by year and quantity; the strength is that at the year's end.
    """
    first, last = posterior.calendar.first, posterior.calendar.last
    return {
        str(year): {
            name: quantiles(
                posterior.total(side, name, max(first, dt.date(year, 1, 1)), min(last, dt.date(year, 12, 31)))
            )
            for name in QUANTITIES
        }
        for year in range(first.year, last.year + 1)
    }


def _flow(posterior: Posterior, side: str, quantity: str) -> npt.NDArray[np.float64]:
    """Draws of each month's men, `[draw month]`."""
    return np.sum([posterior.monthly(side, name) for name in _SUMS.get(quantity, (quantity,))], axis=0)


def _rates(posterior: Posterior, side: str, quantity: str) -> list[Record]:
    """Bands of men per 30 days and a half, at the middle of each month."""
    calendar = posterior.calendar
    shown = calendar.days >= min(_LEAST_DAYS, calendar.days.max())
    rates = _flow(posterior, side, quantity)[:, shown] / calendar.days[shown] * MONTH_DAYS
    middles = (calendar.edges[:-1] + calendar.edges[1:])[shown] / 2
    return _bands(rates, [dt.date.fromordinal(int(day)) for day in middles])


def _sums(posterior: Posterior, side: str, quantity: str) -> list[Record]:
    """Bands of men since the war's first day, at the months' ends."""
    months = np.cumsum(_flow(posterior, side, quantity), axis=1)
    return _bands(np.concatenate([np.zeros((len(months), 1)), months], axis=1), _edges(posterior))


def _edges(posterior: Posterior) -> list[dt.date]:
    """The war's first day and the last day of each month."""
    days = [dt.date.fromordinal(int(day)) for day in posterior.calendar.edges]
    return [days[0], *(day - dt.timedelta(days=1) for day in days[1:])]


def _bands(draws: npt.NDArray[np.float64], days: Sequence[dt.date]) -> list[Record]:
    """One record a day with the five levels as fields, to four digits."""
    levels = np.quantile(draws, list(BAND.values()), axis=0)
    return [
        {"day": str(day)} | {name: float(f"{value:.4g}") for name, value in zip(BAND, column)}
        for day, column in zip(days, levels.T)
    ]


def _median_on(bands: Sequence[Record], day: dt.date) -> float:
    """A band's median on a day, between two of its points."""
    places = [dt.date.fromisoformat(one["day"]).toordinal() for one in bands]
    return float(np.interp(day.toordinal(), places, [one["middle"] for one in bands]))


# --- The plane of a chart of the war: its days and its men in pixels, and the axes that say so.

_DAY_MS = 86_400_000
_EPOCH = dt.date(1970, 1, 1).toordinal()


@dataclasses.dataclass(frozen=True)
class _Frame:
    """The plane: from the war's first day to its last across, from none to `most` men upward."""

    calendar: Calendar
    most: float
    height: int
    title: str
    """Of the axis of men."""

    @property
    def _ends(self) -> tuple[int, int]:
        return self.calendar.first.toordinal(), self.calendar.last.toordinal() + 1

    def x(self, day: dt.date) -> float:
        """Pixels from the left."""
        first, last = self._ends
        return (day.toordinal() - first) / (last - first) * charts.WIDTH

    def y(self, value: float) -> float:
        """Pixels from the top."""
        return (self.most - value) / self.most * self.height

    def day_at(self, x: float) -> float:
        """The moment at a pixel, in milliseconds as charts count them."""
        first, last = self._ends
        return (first + x / charts.WIDTH * (last - first) - _EPOCH) * _DAY_MS

    def value_at(self, y: float) -> float:
        """The number at a pixel."""
        return self.most - y / self.height * self.most

    def days(self, field: str = "day") -> Record:
        """The axis: days of the whole war, whatever part of it has data."""
        domain = [(day - _EPOCH) * _DAY_MS for day in self._ends]
        return charts.day_axis() | {"field": field, "scale": dict(type="utc", nice=False, domain=domain)}

    def men(self, field: str = "middle") -> Record:
        """The axis of men."""
        scale = dict(domain=[0.0, self.most], nice=False, zero=False)
        return vega.field(f"{field}:Q", title=self.title, scale=scale, axis=charts.MEN)


# --- Claims in a chart.

_SHAPES = {
    "own side": "square", "enemy": "diamond", "third government": "circle", "institute or model": "cross",
    "media": "triangle-right", "list of names": "M-1.2,-0.35H1.2V0.35H-1.2Z",
    "excess deaths": "M0,-1.2L0.35,-0.35L1.2,0L0.35,0.35L0,1.2L-0.35,0.35L-1.2,0L-0.35,-0.35Z",
}  # fmt: skip
_ARROWS = {"at least": "M0,-0.9V-2.9M-0.75,-2.1L0,-2.9L0.75,-2.1", "up to": "M0,0.9V2.9M-0.75,2.1L0,2.9L0.75,2.1"}
"""What a limit wears."""
_POINT = 52
"""Of a claim's point [px²]."""
_NAMED = 9
"""Names in a chart, at most."""

_ALIKE = {
    "killed": ("killed", "killed_and_missing"),
    "killed_wounded": ("killed_wounded", "casualties", "eliminated"),
    "wounded": ("wounded",), "missing": ("missing",), "captured": ("captured",), "deserted": ("deserted",),
    "recruited": ("recruited",), "strength": ("strength",),
}  # fmt: skip
"""Claims that count what a band shows, or nearly; filled in charts."""
_NEAR = {
    "killed": ("killed_confirmed", "named"), "killed_wounded": ("irrecoverable", "irrecoverable_deserted"),
    "wounded": ("wounded_severe",), "captured": ("captured_held", "missing_captured"),
    "deserted": ("absent", "listed_absent", "cases", "court_cases"),
}  # fmt: skip
"""Claims that count a part of it, or something beside it; hollow, for the band is no measure of them."""
_HOW = (
    "Filled: counts what the band shows; hollow: narrower or wider. Arrow up: at least; down: up to. Verdicts are on "
    "each claim's own words."
)
_TOOLTIP = [
    vega.field(f"{field}:N", title=title)
    for field, title in (
        ("claim", "claim"), ("who", "who"), ("type", "type"), ("said", "said"), ("words", "in words"),
        ("counted", "read as"), ("evidence", "evidence (90%)"), ("verdict", "verdict"), ("chance", "chance"),
    )
]  # fmt: skip


def _about(verdicts: Sequence[Verdict], side: str, quantity: str) -> list[Verdict]:
    """Claims that belong into a chart of a quantity."""
    wanted = (*_ALIKE[quantity], *_NEAR.get(quantity, ()))
    return [one for one in verdicts if one.claim.side == side and one.claim.counts in wanted and one.claim.value > 0]


def _is_rate(claim: Claim, first: dt.date) -> bool:
    """Whether a claim counts a window of its own, so that it reads as so many a month."""
    if claim.basis == "stock":
        return False
    return claim.basis != "cumulative" or (claim.period_start - first).days > 62


def _record(verdict: Verdict, quantity: str, first: dt.date, per_month: bool) -> Record:
    """A claim as a chart's datum; what it counts before the war's first day is drawn on it."""
    claim = verdict.claim
    scale = MONTH_DAYS / text.days(claim) if per_month else 1.0

    def number(value: float) -> float:
        return float(f"{design.total(claim, value) * scale:.5g}")

    end = max(claim.as_of_date, first)
    begin = max(claim.period_start, first) if per_month else end
    fact = {
        "day": str(begin + (end - begin) / 2), "begin": str(begin), "end": str(end + dt.timedelta(days=1)),
        "value": number(claim.value), "limit": claim.limit, "verdict": text.VERDICTS[verdict.verdict],
        "type": text.TYPES.get(claim.claimant_type, claim.claimant_type),
        "alike": claim.counts in _ALIKE[quantity] and claim.covers == "all",
        "claim": claim.claim_id, "who": claim.claimant, "said": f"{text.said(claim)} ({text.window(claim)})",
        "words": claim.definition or verdict.says, "counted": verdict.says,
        "evidence": text.interval(verdict.truth) if verdict.truth else "–", "chance": text.tail_chance(verdict.tail_probability),
    }  # fmt: skip
    low, high = claim.value_low, claim.value_high
    ranged = low is not None and high is not None and high > low
    return fact | ({"low": number(low or 0.0), "high": number(high or 0.0)} if ranged else {})


def _hues(records: Sequence[Record]) -> Record:
    """Colours by verdict; all that occur, in one order."""
    here = {one["verdict"] for one in records}
    names = {text.VERDICTS[key]: hue for key, hue in COLOURS.items() if text.VERDICTS[key] in here}
    return dict(domain=list(names), range=list(names.values()))


def _colour(records: Sequence[Record]) -> Record:
    """By verdict."""
    legend = dict(title="verdict", titleOrient="left", symbolStrokeWidth=0)
    return vega.field("verdict:N", scale=_hues(records), legend=legend)


def _points(records: Sequence[Record], frame: _Frame) -> list[charts.Chart]:
    """Each claim on its day: a point, its range as a bar, a limit with an arrow."""
    base = vega.chart(charts.rows(records)).encode(x=frame.days(), color=_colour(records), tooltip=_TOOLTIP)
    bars = base.filter("isValid(datum.low)").mark("rule", strokeWidth=3, opacity=0.55)
    ranges = [bars.encode(y=frame.men("low"), y2="high:Q")] if any("low" in one for one in records) else []
    return [*ranges, *_symbols(base.encode(y=frame.men("value")), records)]


def _windows(records: Sequence[Record], frame: _Frame) -> list[charts.Chart]:
    """Each claim over its window at its monthly rate: a bar with the claimant's sign, its range as a pale box."""
    base = vega.chart(charts.rows(records)).encode(color=_colour(records), tooltip=_TOOLTIP)
    over = base.encode(x=frame.days("begin"), x2=charts.day_end("end"))
    boxes = over.filter("isValid(datum.low)").mark("rect", opacity=0.16)
    ranges = [boxes.encode(y=frame.men("low"), y2="high:Q")] if any("low" in one for one in records) else []
    bars = over.mark("rule", strokeWidth=2.5, opacity=0.8).encode(y=frame.men("value"))
    return [*ranges, bars, *_symbols(base.encode(x=frame.days(), y=frame.men("value")), records)]


def _symbols(base: charts.Chart, records: Sequence[Record]) -> list[charts.Chart]:
    """Signs by who speaks, filled by what they count, with the arrows of limits."""
    here = {one["type"] for one in records}
    names = {name: path for name, path in _SHAPES.items() if name in here}
    names |= dict.fromkeys(sorted(here - set(names)), "circle")
    legend = dict(
        title="claimant", titleOrient="left", symbolSize=80, symbolFillColor=COLOURS[JUDGED],
        symbolStrokeColor=COLOURS[JUDGED], symbolType="circle", columnPadding=10, orient="bottom",
    )  # fmt: skip
    shape = vega.field("type:N", scale=dict(domain=list(names), range=list(names.values())), legend=legend)
    fill = vega.field("verdict:N", scale=_hues(records), legend=None)
    paint = vega.condition("datum.alike", vega.value(0.85), vega.value(0.0))
    point = base.mark("point", size=_POINT, strokeWidth=1.3, opacity=1)
    layers = [point.encode(shape=shape, fill=fill, fillOpacity=paint)]
    for limit, path in _ARROWS.items():
        if any(one["limit"] == limit for one in records):
            arrow = base.filter(f"datum.limit == '{limit}'")
            layers.append(arrow.mark("point", shape=path, size=_POINT, strokeWidth=1.6, filled=False))
    return layers


def _names(
    verdicts: Sequence[Verdict], records: Sequence[Record], bands: Sequence[Record], frame: _Frame
) -> list[charts.Chart]:
    """Who made the claims that stand furthest from the band, one name a claimant."""
    spots = [(frame.x(dt.date.fromisoformat(one["day"])), frame.y(one["value"])) for one in records]
    far = [
        (abs(spot[1] - frame.y(_median_on(bands, dt.date.fromisoformat(one["day"])))), one["who"], spot)
        for verdict, one, spot in zip(verdicts, records, spots)
        if verdict.verdict in (HIGH, LOW)
    ]
    wanted: dict[str, charts.Spot] = {}
    for _, claimant, spot in sorted(
        ((far, text.short_name(who), spot) for far, who, spot in far), key=lambda one: -one[0]
    ):
        wanted.setdefault(claimant, spot)
    points = [*spots, *_along(records, frame)]
    placed = charts.place(list(wanted.items()), points, charts.WIDTH, frame.height, _NAMED)
    if not placed:
        return []
    rows = [
        {"text": one.text, "at": frame.day_at(one.x), "value": frame.value_at(one.y), "from": frame.day_at(one.end),
         "to": frame.day_at(one.point[0]), "rise": frame.value_at(one.point[1]), "far": abs(one.y - one.point[1]) > 8}
        for one in placed
    ]  # fmt: skip
    base = vega.chart(charts.rows(rows))
    lead = base.filter("datum.far").mark("rule", color=charts.FAINT, strokeWidth=0.7, aria=False)
    line = lead.encode(x=frame.days("from"), x2="to:T", y=frame.men("value"), y2="rise:Q")
    name = base.encode(x=frame.days("at"), y=frame.men("value"), text="text:N")
    return [line, *charts.halo(name, align="left", baseline="middle", fontSize=charts.LABEL_SIZE)]


def _along(records: Sequence[Record], frame: _Frame) -> list[charts.Spot]:
    """Points along the bars of windows and ranges, that names may keep off them."""
    spots: list[charts.Spot] = []
    for one in records:
        left, right = (frame.x(dt.date.fromisoformat(one[end])) for end in ("begin", "end"))
        spots += [(x, frame.y(one["value"])) for x in np.arange(left, right, 8.0)[1:]]
        if "low" in one:
            middle = (left + right) / 2
            spots += [(middle, y) for y in np.arange(frame.y(one["high"]), frame.y(one["low"]), 8.0)]
    return spots


# --- One quantity of one side over time, with its claims.

_BANDS = "Line: median; dark band: half of the evidence; light band: 90%."
_LABELS = {"killed_wounded": "killed and wounded"}
"""Quantities whose name is not their key."""
_OWN_CHART = ("killed", "killed_wounded")
"""Quantities whose sum has a chart of its own (`cumulative`), so that `monthly` needs no second panel."""
_ROOM = 1.06
"""Above the highest thing drawn."""


def _panel(
    posterior: Posterior,
    side: str,
    quantity: str,
    fan: list[Record],
    chosen: Sequence[Verdict],
    *,
    title: str,
    height: int,
    per_month: bool = False,
) -> charts.Chart:
    """A band with claims: of a rate over their windows, of a sum or a stock on their day."""
    rows = [_record(one, quantity, posterior.calendar.first, per_month) for one in chosen]
    highest = max((max(one["value"], one.get("high", 0.0)) for one in rows), default=0.0)
    most = _ROOM * max(highest, max(one["high"] for one in fan), 1.0)
    frame = _Frame(posterior.calendar, most, height, title)
    colour = charts.SIDE_COLOURS[list(posterior.sides).index(side) % len(charts.SIDE_COLOURS)]
    parts: list[charts.Chart] = [
        vega.layer(*charts.fan(frame.days(), frame.men(), vega.value(colour)), data=charts.rows(fan))
    ]
    if rows:
        parts += [*(_windows if per_month else _points)(rows, frame), *_names(chosen, rows, fan, frame)]
    return vega.layer(*parts).properties(width=charts.WIDTH, height=height)


def cumulative(posterior: Posterior, verdicts: Sequence[Verdict], side: str, quantity: str = "killed") -> charts.Chart:
    """Men lost since the war's first day, and every claim of them as a point.

    Args:
        posterior: the posterior.
        verdicts: on its claims.
        side: the side's key.
        quantity: `killed` or `killed_wounded`.

    Returns:
        The chart.
    """
    first, label = posterior.calendar.first, _LABELS.get(quantity, quantity)
    chosen = [one for one in _about(verdicts, side, quantity) if not _is_rate(one.claim, first)]
    chart = _panel(
        posterior, side, quantity, _sums(posterior, side, quantity), chosen,
        title=f"{label} since {text.short_date(first)}, men", height=430,
    )  # fmt: skip
    title = _title(posterior, side, quantity)
    high, low = (sum(one.verdict == way for one in chosen) for way in (HIGH, LOW))
    if chosen:
        title += f"; of {len(chosen)} claims {high} too high, {low} too low"
    return charts.titled(chart, title, f"{_BANDS} Points: claims; bars: their ranges. {_HOW}")


def monthly(posterior: Posterior, verdicts: Sequence[Verdict], side: str, quantity: str) -> charts.Chart:
    """Men a month and the claims of a month or a period; below, the sum and the claims of it.

    Args:
        posterior: the posterior.
        verdicts: on its claims.
        side: the side's key.
        quantity: a flow, or `killed_wounded`.

    Returns:
        The chart; without the panel of the sum where no claim is of it, or where `cumulative` draws the same.
    """
    first, label = posterior.calendar.first, _LABELS.get(quantity, quantity)
    chosen = _about(verdicts, side, quantity)
    rates, sums = ([one for one in chosen if _is_rate(one.claim, first) == rate] for rate in (True, False))
    months = _rates(posterior, side, quantity)
    upper = _panel(
        posterior, side, quantity, months, rates, title=f"{label}, men a month", height=300, per_month=True
    )  # fmt: skip
    title = _title(posterior, side, quantity)
    if quantity in _OWN_CHART:
        top = max(months, key=lambda one: one["middle"])
        title += f"; most in {dt.date.fromisoformat(top['day']):%B %Y}"
    how = f"{_BANDS} Bars: claims of a period, at so many a month. "
    if not sums or quantity in _OWN_CHART:
        return charts.titled(upper, title, how + (_HOW if rates else ""))
    lower = _panel(
        posterior, side, quantity, _sums(posterior, side, quantity), sums, title=f"{label} so far, men", height=260
    )  # fmt: skip
    drawn = vega.vconcat(
        upper.properties(title=charts.panel_title("A month")),
        lower.properties(title=charts.panel_title("Added up since the war's first day")),
        spacing=26,
    ).resolve_scale(color="independent", shape="independent", fill="independent")
    return charts.titled(drawn, title, f"{how}Points: claims of the sum. {_HOW}")


def _title(posterior: Posterior, side: str, quantity: str) -> str:
    """A quantity's total with its interval."""
    number = text.interval(quantiles(total(posterior, side, quantity)))
    return f"{text.name(side)}, {_LABELS.get(quantity, quantity)} by {text.date(posterior.until)}: {number}"


def strength(posterior: Posterior, verdicts: Sequence[Verdict], side: str) -> charts.Chart:
    """One side's men present at the end of each month, with claims on their day.

    Args:
        posterior: the posterior.
        verdicts: on its claims.
        side: the side's key.

    Returns:
        The chart.
    """
    stock = np.asarray(posterior.sides[side].war.strength)
    chart = _panel(
        posterior, side, "strength", _bands(stock, _edges(posterior)), _about(verdicts, side, "strength"),
        title="men present in the field", height=300,
    )  # fmt: skip
    now, start = quantiles(posterior.total(side, "strength")), quantiles(stock[:, 0])
    title = (
        f"{text.name(side)}, men present: {text.interval(now)} on {text.date(posterior.until)}; "
        f"{text.men(start['p50'])} on the first day"
    )
    return charts.titled(chart, title, f"{_BANDS} Points: claims; bars: their ranges. {_HOW}")


# --- Everything by month, both sides, in small panels.

_COLUMNS = 3
_LOG = ("recruited",)
"""Where one month may be ten times the others: a mobilisation."""


def overview(posterior: Posterior, verdicts: Sequence[Verdict] = ()) -> charts.Chart:
    """Six flows of both sides, each panel its own scale.

    Args:
        posterior: the posterior.
        verdicts: on its claims; only their number is shown.

    Returns:
        The chart.
    """
    colour = charts.side_colour([text.name(side) for side in posterior.sides])
    years = dict(format="%Y", tickCount={"interval": "year", "step": 1}, labelFlush=False)
    x = charts.day_axis(4) | {"axis": years}  # a small panel has no room for months
    ticks = charts.small_axis(4, format="~s", labelExpr=charts.MEN_LABELS)
    width = (charts.WIDTH - (_COLUMNS - 1) * charts.SPACING["column"]) // _COLUMNS
    panels = []
    for flow in FLOWS:
        rows = [one | {"side": text.name(side)} for side in posterior.sides for one in _rates(posterior, side, flow)]
        scale = dict(type="log", nice=False, clamp=True) if flow in _LOG else dict()
        fan = charts.fan(x, charts.measure(None, axis=ticks, scale=scale), colour)
        name = charts.name_above(f"{flow} (log scale)" if flow in _LOG else flow)
        panels.append(vega.layer(*fan, name, data=charts.rows(rows)).properties(width=width, height=150))
    chart = vega.concat(*panels, columns=_COLUMNS, spacing=charts.SPACING, bounds="flush")
    killed = [
        f"{text.name(side)} {text.men(float(np.median(posterior.total(side, 'killed'))))}" for side in posterior.sides
    ]
    how = f"Men a month, each panel its own scale. {_BANDS}" + (f" From {len(verdicts):,} claims." if verdicts else "")
    return charts.titled(chart, f"Killed by {text.date(posterior.until)}: {text.listed(killed)}", how)


# --- What each lineage of claims is worth: the same evidence with one of them left out.

_SHOWN = ("killed", "wounded", "strength")
_MOST = 12
"""Lineages of a side that are drawn: those that move the most."""
_LINEAGE_NAMES = 190
"""Room for their names [px]."""
_GAP = 30


def shaky(row: Row) -> bool:
    """Whether a row of the table of lineages was worked out by weights that cannot be relied on.

    Args:
        row: of the table.

    Returns:
        False where the evidence was fitted again.
    """
    return not row.get("refitted") and _number(row.get("khat")) > KHAT_TRUSTED


def _number(value: object) -> float:
    """A number of the table; 0 where there is none."""
    return float(value) if isinstance(value, (int, float, np.number)) else 0.0


def lineages(table: Sequence[Row]) -> charts.Chart:
    """Rows: a lineage left out; columns: what it moves, as points with 90 % intervals on the full evidence's interval.

    Args:
        table: of lineages, as `losses.lineages`.

    Returns:
        The chart.
    """
    table = [row for row in table if row["quantity"] in _SHOWN]
    shown = [name for name in _SHOWN if any(row["quantity"] == name for row in table)]
    blocks, titles = [], []
    for side in dict.fromkeys(str(row["side"]) for row in table):
        rows = sorted((row for row in table if row["side"] == side), key=lambda row: -abs(_number(row["moves_sd"])))
        blocks.append(_block(rows, side, shown))
        most = rows[0]
        moves = f"{most['quantity']} moves by {abs(_number(most['moves_sd'])):.1f} SD"
        titles.append(f"{text.name(side)}: {most['lineage']} ({moves})")
    chart = vega.vconcat(*blocks, spacing=24) if blocks else vega.chart(charts.rows([{}])).mark("point", opacity=0)
    how = (
        "Each row: the evidence without one lineage; point: median, bar: 90%. Grey: with all of them. "
        f"Claims in brackets. At most {_MOST} lineages a side, those that move the most."
    )
    if any(shaky(row) for row in table):
        how += " Hollow: worked out by weights that cannot be relied on."
    return charts.titled(chart, "The lineage that matters most when left out – " + "; ".join(titles), how)


def _block(rows: Sequence[Row], side: str, shown: Sequence[str]) -> charts.Chart:
    """A side: a panel for each quantity; `rows` has those first that move something the most."""
    labels: dict[str, str] = {}
    for row in rows:
        count = f" ({row['claims']})"
        room = _LINEAGE_NAMES - 16 - charts.text_width(count, 11)
        if len(labels) < _MOST:
            labels.setdefault(str(row["lineage"]), charts.wrap(str(row["lineage"]), 11, room, lines=1)[0] + count)
    width = (charts.WIDTH - _LINEAGE_NAMES - _GAP * (len(shown) - 1)) // max(len(shown), 1)
    panels = [
        _lineage_panel([row for row in rows if row["quantity"] == quantity and row["lineage"] in labels], labels, quantity,
                       width, first=number == 0)
        for number, quantity in enumerate(shown)
    ]  # fmt: skip
    return vega.hconcat(*panels, spacing=_GAP).properties(title=charts.panel_title(text.name(side)))


def _lineage_panel(
    rows: Sequence[Row], labels: Mapping[str, str], quantity: str, width: int, *, first: bool
) -> charts.Chart:
    """One quantity: a row a lineage."""
    values: list[Record] = [
        {name: _number(row[name]) for name in ("p05", "p50", "p95", "full_p05", "full_p50", "full_p95")}
        | {"lineage": labels[str(row["lineage"])], "sure": not shaky(row), "moves": f"{_number(row['moves_sd']):+.2f}",
           "widens": f"{_number(row['widens']):.2f}"}
        for row in rows
    ]  # fmt: skip
    room = _LINEAGE_NAMES - 6
    axis = dict(labelLimit=_LINEAGE_NAMES, minExtent=room, maxExtent=room) if first else None
    names = list(labels.values())
    y = vega.field("lineage:N", title=None, sort=names, axis=axis, scale=dict(domain=names))
    across = dict(format="~s", tickCount=4, labelExpr=charts.MEN_LABELS)

    def x(field: str) -> Record:
        scale = dict(zero=False, nice=False, padding=6)
        return vega.field(f"{field}:Q", title=f"{quantity}, men", scale=scale, axis=across)

    tip = [
        vega.field("lineage:N", title="without"), vega.field("p50:Q", format=",.0f", title="median"),
        vega.field("p05:Q", format=",.0f", title="5%"), vega.field("p95:Q", format=",.0f", title="95%"),
        vega.field("moves:N", title="moves, in SDs"), vega.field("widens:N", title="width, times"),
    ]  # fmt: skip
    base, full = vega.chart(charts.rows(values)), vega.chart(charts.rows(values[:1]))
    filled = vega.condition("datum.sure", vega.value(charts.INK), vega.value("white"))
    parts = [
        full.mark("rect", color="#e4e4e4").encode(x=x("full_p05"), x2="full_p95:Q"),
        full.mark("rule", color="#8a8a8a", strokeDash=[4, 3]).encode(x=x("full_p50")),
        base.mark("rule", strokeWidth=2, color=charts.INK).encode(x=x("p05"), x2="p95:Q", y=y, tooltip=tip),
        base.mark("point", size=48, strokeWidth=1.5, opacity=1, color=charts.INK).encode(
            x=x("p50"), y=y, tooltip=tip, fill=filled
        ),
    ]
    return vega.layer(*parts).properties(width=width, height=22 * max(len(labels), 1))


# --- One claim against the evidence under each reading of its words.

_READING_ROW = 40
_READING_NAMES, _CHANCES = 230, 150
"""Room for the readings' names on the left and the chances on the right [px]."""
_LOG_FROM = 12.0
"""Highest over lowest number from which the axis is logarithmic."""


def readings(verdict: Verdict, posterior: Posterior | None = None, *, width: int | None = None) -> charts.Chart:
    """Rows: meanings of a claim's words, its own first; the claim's number as a line through all of them.

    Args:
        verdict: on the claim, with its readings.
        posterior: without it the bars of half of the evidence are left out.
        width: of a chart without a title [px]; with a title and as wide as all charts unless given.

    Returns:
        The chart.
    """
    halves = _halves(posterior, verdict) if posterior else {}
    rows: list[Record] = [
        {"reading": "\n".join(charts.wrap(one.says + (" (its own words)" if number == 0 else ""), 12, _READING_NAMES - 24,
                                          lines=2)),
         "low": one.truth["p05"], "middle": one.truth["p50"], "high": one.truth["p95"],
         "chance": text.tail_chance(one.tail_probability), "verdict": text.VERDICTS[one.verdict], "key": one.verdict}
        | halves.get(one.counts, {})
        for number, one in enumerate(verdict.readings)
    ]  # fmt: skip
    inner = (width or charts.WIDTH) - _READING_NAMES - _CHANCES
    claim = verdict.claim
    ends = (claim.value_low, claim.value_high)
    if ends[0] is None or ends[1] is None:
        ends = (claim.value, claim.value)
    low, high = (max(design.total(claim, end or 0.0), 1.0) for end in ends)
    numbers = [value for row in rows for value in (row["low"], row["high"]) if value > 0] + [low, high]
    log = max(numbers) / max(min(numbers), 1e-9) > _LOG_FROM
    height = _READING_ROW * max(len(rows), 1)
    axis = dict(format="~s", labelExpr=charts.MEN_LABELS, tickCount=8 if log else 6, labelOverlap="greedy")
    scale = dict(domain=[0, max(numbers) * 1.08], nice=False)
    if log:
        scale = dict(type="log", domain=[max(min(numbers), 1.0) / 1.25, max(numbers) * 1.25], nice=False)

    def x(field: str) -> Record:
        return vega.field(f"{field}:Q", title="men", scale=scale, axis=axis)

    layers = [*_reading_bars(rows, x), *_claim_line(claim, low, high, x), *_chances(rows, inner)]
    chart = vega.layer(*layers).properties(width=inner, height=height)
    if width:
        return charts.styled(chart)
    how = "Thick bar: half of the evidence; thin bar: 90%; tick: median." if halves else "Bar: 90%; tick: median."
    who = text.short_name(claim.claimant, 60)
    title = f"{who}: {text.said(claim)} – {text.VERDICTS[verdict.verdict]}"
    if verdict.tail_probability is not None:
        title += f" (chance {text.tail_chance(verdict.tail_probability)})"
    return charts.titled(chart, title, f"Rows: what its words might mean. {how}{' Log scale.' if log else ''}")


def _halves(posterior: Posterior, verdict: Verdict) -> dict[str, Record]:
    """Ends of half of the evidence under each reading, by its key."""
    if not verdict.readings:
        return {}
    chosen = [dataclasses.replace(verdict.claim, counts=one.counts) for one in verdict.readings]
    draws = predictive.estimate(posterior.sides[verdict.claim.side], chosen)
    ends = {name: BAND[name] for name in ("lower", "upper")}
    return {
        one.counts: dict(zip(ends, map(float, np.quantile(each, list(ends.values())))))
        for one, each in zip(verdict.readings, draws)
    }


def _reading_axis(rows: Sequence[Record]) -> Record:
    """The readings' names on the left."""
    names = [row["reading"] for row in rows]
    axis = dict(
        labelExpr="split(datum.label, '\\n')", labelLimit=_READING_NAMES, labelFontSize=12, ticks=False, domain=False,
        minExtent=_READING_NAMES, maxExtent=_READING_NAMES, offset=0, labelPadding=10,
    )  # fmt: skip
    scale = dict(domain=names or [""], paddingOuter=0.3)
    return vega.field("reading:N", sort=names, title=None, scale=scale, axis=axis)


def _reading_bars(rows: Sequence[Record], x: Callable[[str], Record]) -> list[charts.Chart]:
    """What the evidence has under each reading."""
    tip = [
        vega.field("middle:Q", title="median", format=",.0f"), vega.field("low:Q", title="5%", format=",.0f"),
        vega.field("high:Q", title="95%", format=",.0f"), vega.field("chance:N"), vega.field("verdict:N"),
    ]  # fmt: skip
    base = vega.chart(charts.rows(rows)).encode(y=_reading_axis(rows))
    bars = [base.mark("bar", height=6, color="#9a9a9a", cornerRadius=3).encode(x=x("low"), x2="high:Q", tooltip=tip)]
    if rows and "lower" in rows[0]:
        bars.append(base.mark("bar", height=14, color="#6b6b6b").encode(x=x("lower"), x2="upper:Q", tooltip=tip))
    return [*bars, base.mark("tick", thickness=2.5, height=20, color=charts.INK).encode(x=x("middle"), tooltip=tip)]


def _claim_line(claim: Claim, low: float, high: float, x: Callable[[str], Record]) -> list[charts.Chart]:
    """The claim's number: a line, a box for a range, an arrow for a limit."""
    colour, data = COLOURS[HIGH], vega.chart(charts.rows([{"from": low, "to": high}]))
    layers = [data.mark("rect", color=colour, opacity=0.16).encode(x=x("from"), x2="to:Q")] if high > low else []
    ends = ("from", "to") if high > low else ("from",)
    layers += [data.mark("rule", color=colour, strokeWidth=2).encode(x=x(end)) for end in ends]
    if claim.limit:
        way = 1 if claim.limit == "at least" else -1
        path = f"M0,0H{2.6 * way}M{1.8 * way},-0.7L{2.6 * way},0L{1.8 * way},0.7"
        arrow = data.mark("point", shape=path, size=110, strokeWidth=2, color=colour, filled=False, opacity=1)
        layers.append(arrow.encode(x=x("from"), y=vega.value(4)))
    return layers


def _chances(rows: Sequence[Record], inner: int) -> list[charts.Chart]:
    """Chance and verdict at the right of each row, and what they are above them."""
    base = vega.chart(charts.rows(rows)).encode(y=_reading_axis(rows))
    side = base.mark("text", align="left", dx=12, fontSize=12, color=charts.INK)
    words = side.encode(x=vega.value(inner), text=vega.field("tells:N"))
    layers = [words.calculate("tells", "datum.chance + ', ' + datum.verdict")]
    if rows:
        mark = vega.chart(charts.rows([{}])).mark(
            "text", align="left", baseline="bottom", dx=12, fontSize=11, color=charts.FAINT
        )
        layers.append(mark.encode(x=vega.value(inner), y=vega.value(2), text=vega.value("chance, verdict")))
    return layers
