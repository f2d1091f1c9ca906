"""The charts of forecasts: fans, which end comes first, skill and coverage by horizon, reliability, all lines of a ledger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from holdfast.core.units import MONTH_DAYS
from holdfast.forecasting.as_of import LEAST_DAYS
from holdfast.forecasting.ledger_scores import LedgerScores, Reliability
from holdfast.forecasting.result import AT_END, GROUND, Forecast, RollingForecast
from holdfast.forecasting.scores import HORIZONS, LABELS, OURS
from holdfast.present import charts, text, vega
from holdfast.stats.intervals import BAND, binomial_band, finite_quantiles

TITLES = {
    "killed": "killed a month", "strength": "men present", "deserted": "deserters a month",
    GROUND: "ground gained, km²",
}  # fmt: skip
PAST = dt.timedelta(days=730)
"""What was known before is drawn over at least so long; a longer forecast has as much before it as after."""
MOST = 3.0
"""An axis ends at so many times the largest median or truth: a band may go on, its end is told in the table."""


def monthly(result: Forecast, quantity: str) -> charts.Chart:
    """One quantity by month: bands of the forecast, what was known before, and what followed.

    Args:
        result: the forecast.
        quantity: one of `QUANTITIES`, or `GROUND`.

    Returns:
        The chart, of both sides, or of the one of which the quantity is forecast.
    """
    panels = [
        _panel(result, side, quantity, index)
        for index, side in enumerate(result.sides) if quantity in result.quantities(side)
    ]  # fmt: skip
    dots = any((side, quantity, month) in result.observations for side in result.sides for month in result.months)
    ground = quantity == GROUND
    how = "Line: median; dark band: half of the draws; light band: 90%."
    how += "" if ground else " Grey: as known on the date (90%)."
    ranges = "" if ground else ", with its 90% range, as the evidence has it now"
    after = f" Black: what followed{ranges}." if dots else ""
    cut = " A band that leaves the picture goes on." if any(cut for _, cut in panels) else ""
    goes = " Months in which the war goes on." if quantity == "deserted" else ""
    return charts.titled(
        vega.hconcat(*[panel for panel, _ in panels], spacing=70, bounds="flush"),
        f"{TITLES[quantity].capitalize()}, as forecast on {result.as_of}",
        how + after + goes + cut,
    )


def _panel(result: Forecast, side: str, quantity: str, index: int) -> tuple[charts.Chart, bool]:
    """One side, and whether a band leaves the picture."""
    rate = quantity not in AT_END
    samples = result.samples(side, quantity)
    shown = result.days >= min(LEAST_DAYS, result.days.max())
    scale = MONTH_DAYS / result.days if rate else np.ones(len(result.days))
    ahead: list[charts.Record] = [
        {"day": str(_place(result.months[n], result.days[n], rate))} | levels
        for n in np.flatnonzero(shown)
        if (levels := _levels(samples[:, n] * scale[n]))
    ]
    past = [] if quantity == GROUND else _past(result, side, quantity)
    if quantity == GROUND:
        ahead.insert(0, {"day": str(result.as_of)} | dict.fromkeys(BAND, 0.0))
    after = [
        {"day": str(_place(month, result.month_days[n], rate)), "low": one.p05, "middle": one.p50, "high": one.p95}
        for n, month in enumerate(result.months)
        if (one := result.observations.get((side, quantity, month.replace(day=1))))
        and result.days[n] == result.month_days[n]
    ]
    middles = [row["middle"] for row in [*ahead, *past, *after]]
    top = max(MOST * max(row["middle"] for row in [*ahead, *past]), 1.3 * max(middles))
    if quantity == GROUND:  # its median may be nothing at all
        top = max(
            top,
            MOST * max(abs(middle) for middle in middles),
            *(max(-float(row["lower"]), float(row["upper"])) for row in ahead),
        )
    most = max(row["high"] for row in [*ahead, *past, *after])
    least = min(0.0, *(row["low"] for row in [*ahead, *past, *after]))
    bottom = max(least * 1.05, -top)
    x = charts.day_axis(6) | {"scale": dict(type="utc", nice=False, padding=6)}
    y = charts.measure(
        TITLES[quantity], scale=dict(domain=[bottom, min(top, most * 1.05)], clamp=True), axis=charts.MEN
    )
    colour = vega.value(charts.SIDE_COLOURS[index])
    grey = vega.chart(charts.rows(past)).encode(x=x)
    parts = [
        grey.mark("area", opacity=0.25, color=charts.FAINT, clip=True).encode(
            y=vega.field("low:Q", title=TITLES[quantity]), y2="high:Q"
        ),
        grey.mark("line", color=charts.FAINT, strokeWidth=1.5, clip=True).encode(y=y),
        vega.layer(*charts.fan(x, y, colour, clip=True), data=charts.rows(ahead)),
    ]
    if after:
        black = vega.chart(charts.rows(after)).encode(x=x)
        parts += [
            black.mark("rule", color=charts.INK, strokeWidth=1, clip=True).encode(
                y=vega.field("low:Q", title=TITLES[quantity]), y2="high:Q"
            ),
            black.mark("circle", color=charts.INK, size=22, opacity=1, clip=True).encode(y=y),
        ]
    chart = vega.layer(*parts).properties(
        width=charts.WIDTH - 60 if quantity == GROUND else (charts.WIDTH - 70) // 2,
        height=270,
        title=charts.panel_title(text.name(side)),
    )
    return chart, bool(most > top or least < bottom)


def _past(result: Forecast, side: str, quantity: str) -> list[charts.Record]:
    """What was known on the date, month by month, over two years or as long as the forecast."""
    first = result.as_of - max(PAST, result.until - result.as_of)
    known = result.evidence.sides[side]
    rate = quantity not in AT_END
    values = known.flows[quantity] / known.days * MONTH_DAYS if rate else known.strength[:, 1:]
    return [
        {"day": str(_place(known.months[n], known.days[n], rate))} | (_levels(values[:, n]) or {})
        for n in np.flatnonzero(known.usable)
        if known.months[n] >= first
    ]


def _place(first: dt.date, days: float, middle: bool) -> dt.date:
    """Where a month stands: its middle, or its last day."""
    return first + dt.timedelta(days=int(days / 2 if middle else days - 1))


def _levels(draws: np.ndarray) -> dict[str, float] | None:
    """The levels of a band, to five digits."""
    levels = finite_quantiles(draws, BAND)
    return levels and {name: float(f"{value:.5g}") for name, value in levels.items()}


# --- Which end comes first.

_END_COLOURS = {
    "collapse": "#AA1164", "settlement": "#E3A500", "destroyed": "#4A3B2A", "victory": "#2B8C96", "none": "#dcdcdc",
}  # fmt: skip
"""Of the ends of `text.ENDS`: apart in hue and in lightness."""
_LEAST_LABEL = 0.05
"""Of shares that are too small, no number is written into the bar [1]."""


def ends(result: Forecast) -> charts.Chart:
    """Which end of the war comes first for each army, by each horizon.

    Args:
        result: the forecast.

    Returns:
        The chart: a bar a horizon, its parts the shares of the runs.
    """
    values: list[charts.Record] = []
    order: list[str] = []
    every = {side: result.by_day(side) for side in result.sides}
    shown = text.ends_shown(every.values())
    for side, by_day in every.items():
        for days, chances in by_day.items():
            label = f"{int(days):,} days"
            order += [label] if label not in order else []
            start = 0.0
            for name, words in shown.items():
                p = chances[name]["p"]
                values.append({
                    "side": text.name(side), "by": label, "end": words, "p": p, "from": start, "to": start + p,
                    "middle": start + p / 2, "label": f"{p:.0%}" if p >= _LEAST_LABEL else "",
                    "ink": "white" if name in ("collapse", "destroyed", "victory") else charts.INK,
                })  # fmt: skip
                start += p
    y = vega.field("by:N", sort=order, title=None, axis=dict(grid=False, domain=False, ticks=False, labelFontSize=12))
    axis = dict(format="%", values=[0, 0.25, 0.5, 0.75, 1])
    colour = vega.field(
        "end:N", title=None, scale=dict(domain=list(shown.values()), range=[_END_COLOURS[name] for name in shown]),
        legend=dict(labelLimit=240),
    )  # fmt: skip
    base = vega.chart().encode(y=y)
    bars = base.mark("bar", height=24).encode(
        x=vega.field("from:Q", title="share of the runs", scale=dict(domain=[0, 1]), axis=axis), x2="to:Q", color=colour
    )
    labels = base.mark("text", fontSize=11.5).encode(
        x="middle:Q", text="label:N", color=vega.field("ink:N", scale=None, legend=None)
    )
    panel = vega.layer(bars, labels).properties(width=(charts.WIDTH - 120) // 2, height=38 * len(order))
    names = [text.name(side) for side in result.sides]
    return charts.titled(
        panel.facet(column=charts.facet_by("side", names), data=charts.rows(values)),
        "Which end of the war comes first, by so many days after the forecast",
        f"Shares of {result.runs} runs; their 90% intervals are in the table.",
    )


# --- Scores by horizon, and reliability: a panel a side and quantity.

_BASELINES = {"persists": "the last month persists", "trend": "a line through the last year"}
_BASELINE_COLOURS = ("#1b1b1b", "#009E73")
_COVERED = {"inside_90": (0.9, "90% band"), "inside_50": (0.5, "50% band")}
_BAND_COLOUR = "#e9e9e9"
_Panels: TypeAlias = dict[tuple[str, str], charts.Chart]
_PANEL = 132
"""Width of a small panel; five stand side by side [px]."""


def _grid(panels: _Panels, title: str, how: str) -> charts.Chart:
    """Small panels, a row a side and a column a quantity, each with its name."""
    order = list(LABELS)
    rows = []
    for side in dict.fromkeys(side for side, _ in panels):
        of_side = sorted((quantity for name, quantity in panels if name == side), key=order.index)
        rows.append(
            vega.hconcat(*(_named(panels[side, each], side, each) for each in of_side), spacing=46, bounds="flush")
        )
    return charts.titled(vega.vconcat(*rows, spacing=24), title, how)


def _named(panel: charts.Chart, side: str, quantity: str) -> charts.Chart:
    """A small panel with the names of its side and quantity."""
    name = dict(
        text=text.name(side), subtitle=LABELS[quantity], anchor="start", frame="bounds", fontSize=12, subtitleFontSize=11.5,
        subtitlePadding=2, offset=6,
    )  # fmt: skip
    return panel.properties(width=_PANEL, height=130, title=name)


def skill(table: Sequence[Mapping[str, Any]], score: str) -> charts.Chart:
    """Ratios of the forecast's score to those of the baselines, by months ahead.

    Args:
        table: rows with `side`, `quantity`, `horizon`, and `persists` and `trend` with their `ratio`.
        score: what the ratio is of, as `CRPS`.

    Returns:
        The chart; below 1 the forecast is better.
    """
    horizons = [name for name in HORIZONS if any(row["horizon"] == name for row in table)]
    panels: _Panels = {}
    ratios = [row[who]["ratio"] for row in table for who in _BASELINES if who in row and row["horizon"] in horizons]
    scale = dict(type="log", domain=[min(0.5, *ratios) * 0.9, max(2.0, *ratios) * 1.3], nice=False)
    for side, quantity in dict.fromkeys((row["side"], row["quantity"]) for row in table):
        values = [
            {"ahead": row["horizon"], "baseline": words, "ratio": row[who]["ratio"]}
            for row in table if (row["side"], row["quantity"]) == (side, quantity) and row["horizon"] in horizons
            for who, words in _BASELINES.items() if who in row
        ]  # fmt: skip
        if not values:
            continue
        x = vega.field(
            "ahead:O", title=None, sort=horizons, scale=dict(domain=horizons), axis=dict(labelAngle=0, grid=False)
        )
        y = vega.field("ratio:Q", title=None, scale=scale, axis=dict(values=[0.1, 0.2, 0.5, 1, 2, 5], format="~g"))
        colour = vega.field(
            "baseline:N", title="against", scale=dict(domain=list(_BASELINES.values()), range=list(_BASELINE_COLOURS)),
            legend=dict(labelLimit=300, orient="top"),
        )  # fmt: skip
        shape = vega.field(
            "baseline:N", title="against", scale=dict(domain=list(_BASELINES.values()), range=["circle", "square"])
        )
        base = vega.chart(charts.rows(values)).encode(x=x, y=y, color=colour)
        one = vega.chart(charts.rows([{"one": 1.0}])).mark("rule", strokeDash=[5, 4], color=charts.FAINT)
        panels[side, quantity] = vega.layer(
            one.encode(y=vega.field("one:Q", title=None, scale=scale)), base.mark("line", strokeWidth=1.5),
            base.mark("point", size=55, filled=True, opacity=1).encode(shape=shape),
        )  # fmt: skip
    return _grid(
        panels, f"{score} of the forecast over that of two naive baselines, by months ahead",
        "Below the dashed line the forecast is better than the baseline. Log scale.",
    )  # fmt: skip


def coverage(rows: Iterable[Mapping[str, Any]], about: str) -> charts.Chart:
    """How many observations lay in both bands, by months ahead, beside what luck allows.

    Args:
        rows: as `coverage_rows` gives them.
        about: what was forecast, for the title.

    Returns:
        The chart.
    """
    every = list(rows)
    horizons = [name for name in HORIZONS if any(row["horizon"] == name for row in every)]
    panels: _Panels = {}
    names = [words for _, words in _COVERED.values()]
    for side, quantity in dict.fromkeys((row["side"], row["quantity"]) for row in every):
        values = [row for row in every if (row["side"], row["quantity"]) == (side, quantity)]
        x = vega.field(
            "horizon:O", title=None, sort=horizons, scale=dict(domain=horizons), axis=dict(labelAngle=0, grid=False)
        )
        y = vega.field(
            "observed:Q", title=None, scale=dict(domain=[0, 1]), axis=dict(values=[0, 0.25, 0.5, 0.75, 1], format="%")
        )
        colour = vega.field(
            "band:N",
            title="inside the",
            scale=dict(domain=names, range=["#0072B2", "#D55E00"]),
            legend=dict(orient="top"),
        )
        shape = vega.field("band:N", title="inside the", scale=dict(domain=names, range=["circle", "square"]))
        offset = vega.field("band:N", sort=names)
        base = vega.chart(charts.rows([dict(row) for row in values])).encode(x=x, xOffset=offset, color=colour)
        panels[side, quantity] = vega.layer(
            base.mark("bar", opacity=0.22, width=13).encode(y=vega.field("low:Q", scale=dict(domain=[0, 1])), y2="high:Q"),
            base.mark("tick", thickness=1.5, width=13, orient="horizontal").encode(y="nominal:Q"),
            base.mark("point", size=55, filled=True, opacity=1).encode(y=y, shape=shape),
        )  # fmt: skip
    return _grid(
        panels, f"How many months lay inside the bands: {about}",
        "Point: share that lay inside. Tick: what is promised. Shade: 90% of the shares that reliable forecasts would have by "
        "luck, if calendar months were independent; they are not, so it is too narrow.",
    )  # fmt: skip


def coverage_rows(scores: Iterable[tuple[str, str, int, dt.date, Mapping[str, float]]]) -> list[charts.Record]:
    """Shares of observations inside both bands, by side, quantity and horizon.

    Args:
        scores: side, quantity, months ahead, calendar month, and `inside_90` and `inside_50` of single months.

    Returns:
        Rows: the share observed, each calendar month weighing the same, and the band that luck allows.
    """
    every, rows = list(scores), []
    for side, quantity in dict.fromkeys(each[:2] for each in every):
        for name, (low, high) in HORIZONS.items():
            chosen = [each for each in every if each[:2] == (side, quantity) and low <= each[2] <= high]
            months = sorted({each[3] for each in chosen})
            for key, (nominal, words) in _COVERED.items() if months else ():
                shares = [np.mean([each[4][key] for each in chosen if each[3] == month]) for month in months]
                least, most = binomial_band(nominal, len(months))
                rows.append({
                    "side": side, "quantity": quantity, "horizon": name, "band": words, "nominal": nominal,
                    "observed": float(np.mean(shares)), "low": least, "high": most, "months": len(months),
                })  # fmt: skip
    return rows


def rolling_coverage(result: RollingForecast) -> list[charts.Record]:
    """Coverage over all origins.

    Args:
        result: forecasts from rolling origins.

    Returns:
        Rows for `coverage`.
    """
    return coverage_rows(
        (each.side, each.quantity, each.horizon, months_on(origin.as_of, each.horizon),
         {"inside_90": each.inside_90, "inside_50": each.inside_50})
        for origin in result.origins for each in origin.scores.months if each.by == OURS
    )  # fmt: skip


def months_on(day: dt.date, months: int) -> dt.date:
    """The calendar month that lies so many whole months ahead.

    Args:
        day: of the forecast.
        months: how many, from 1 on.

    Returns:
        Its first day.
    """
    tomorrow = day + dt.timedelta(days=1)
    month = tomorrow.year * 12 + tomorrow.month - 2 + months + (tomorrow.day > 1)
    return dt.date(month // 12, month % 12 + 1, 1)


def reliability(rows: Sequence[Reliability], about: str) -> charts.Chart:
    """How often what came lay below each quantile, beside how often it should.

    Args:
        rows: of one kind.
        about: which months, for the title.

    Returns:
        The chart; on the dashed line the forecasts are reliable.
    """
    panels: _Panels = {}
    for side, quantity in dict.fromkeys((row["side"], row["quantity"]) for row in rows):
        values = [dict(row) for row in rows if (row["side"], row["quantity"], row["what"]) == (side, quantity, "below")]
        axis = dict(values=[0, 0.25, 0.5, 0.75, 1], labelExpr="datum.value * 100", labelFlush=False)
        scale = dict(domain=[0, 1], nice=False)
        x = vega.field("nominal:Q", title=f"{values[0]['distinct']} calendar months", scale=scale, axis=axis)
        y = vega.field("observed:Q", title=None, scale=scale, axis=axis)
        base = vega.chart(charts.rows(values)).encode(x=x)
        line = vega.chart(charts.rows([{"nominal": 0.0, "at": 0.0}, {"nominal": 1.0, "at": 1.0}]))
        panels[side, quantity] = vega.layer(
            base.mark("area", color=_BAND_COLOUR, opacity=1).encode(
                y=vega.field("low:Q", title=None, scale=scale, axis=axis), y2="high:Q"
            ),
            line.mark("line", strokeDash=[5, 4], color=charts.FAINT, strokeWidth=1).encode(x=x, y=vega.field("at:Q", scale=scale)),
            base.mark("line", color="#0072B2", strokeWidth=1.5).encode(y=y),
            base.mark("point", color="#0072B2", size=50, filled=True, opacity=1).encode(y=y),
        )  # fmt: skip
    return _grid(
        panels, f"How often what came lay below a forecast's quantile: {about}",
        "Across: the chance that was given, %; up: how often it came, %. Dashed: reliable; above it forecasts were too high, below "
        "it too low. Grey: 90% of what luck would do to reliable forecasts, if calendar months were independent; they are not, so "
        "it is too narrow.",
    )  # fmt: skip


# --- All lines of a ledger.

MOST_LINES = 6
"""So many lines of a ledger can be told apart in one chart."""


def lines(result: LedgerScores, quantity: str) -> charts.Chart:
    """What the lines of a ledger say of one quantity, month by month, and what came.

    Args:
        result: the ledger's scores.
        quantity: `killed`, `strength` or `deserted`.

    Returns:
        The chart: a fan for each of at most `MOST_LINES` lines, spread over the ledger, the newest among them.
    """
    own = [each for each in result.bands if each.by == OURS and each.quantity == quantity]
    of = {each.number: each for each in result.entries}
    every = sorted({each.line for each in own}, key=lambda number: (of[number].as_of, number))
    chosen = [every[int(at)] for at in np.unique(np.linspace(0, len(every) - 1, min(MOST_LINES, len(every))).round())]
    labels = {number: f"{of[number].as_of} (line {number})" for number in chosen}
    colours = ["#440154", "#3b528b", "#21908c", "#5dc863", "#c8a400", "#D55E00"]
    colour = vega.field(
        "line:N", title="forecast from", scale=dict(domain=list(labels.values()), range=colours[: len(labels)]),
        legend=dict(columns=3, labelLimit=260),
    )  # fmt: skip
    x = charts.day_axis(6) | {"scale": dict(type="utc", nice=False, padding=6)}
    panels = []
    for side in dict.fromkeys(each.side for each in own):
        bands: list[charts.Record] = [
            {"day": str(each.month + dt.timedelta(days=14)), "line": labels[each.line]}
            | dict(zip(BAND, each.quantiles, strict=True))
            for each in own if each.side == side and each.line in labels
        ]  # fmt: skip
        begin, end = min(each["day"] for each in bands), max(each["day"] for each in bands)
        seen: list[charts.Record] = [
            {"day": str(month + dt.timedelta(days=14)), "low": one.p05, "middle": one.p50, "high": one.p95}
            for (name, what, month), one in result.observations.items()
            if (name, what) == (side, quantity) and begin <= str(month + dt.timedelta(days=14)) <= end
        ]
        top = MOST * max(each["middle"] for each in [*bands, *seen])
        y = charts.measure(
            TITLES[quantity], axis=charts.MEN,
            scale=dict(domain=[0, min(top, 1.05 * max(each["high"] for each in [*bands, *seen]))], clamp=True),
        )  # fmt: skip
        base = vega.chart(charts.rows(bands)).encode(x=x, color=colour)
        layers = [
            base.mark("area", opacity=0.13, clip=True).encode(
                y=vega.field("low:Q", title=TITLES[quantity]), y2="high:Q"
            ),
            base.mark("line", strokeWidth=2, clip=True).encode(y=y),
        ]
        if seen:
            black = vega.chart(charts.rows(seen)).encode(x=x)
            layers += [
                black.mark("rule", color=charts.INK, strokeWidth=1, clip=True).encode(
                    y=vega.field("low:Q", title=TITLES[quantity]), y2="high:Q"
                ),
                black.mark("circle", color=charts.INK, size=20, opacity=1, clip=True).encode(y=y),
            ]
        panels.append(
            vega.layer(*layers).properties(
                width=(charts.WIDTH - 60) // 2, height=260, title=charts.panel_title(text.name(side))
            )
        )
    rest = f" {len(chosen)} of {len(every)} lines are drawn." if len(chosen) < len(every) else ""
    return charts.titled(
        vega.hconcat(*panels, spacing=70, bounds="flush"), f"{TITLES[quantity].capitalize()}, as every line of the ledger had it",
        f"Line: median; band: 90%. Black: what came, with its 90% range, as known now.{rest}",
    )  # fmt: skip
