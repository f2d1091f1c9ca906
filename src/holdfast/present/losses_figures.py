"""Men present over time, and the claims of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np

from holdfast.evidence.posterior import FLOWS, Posterior, quantiles
from holdfast.evidence.verdict import HIGH, LOW, Verdict
from holdfast.present import charts, losses_bands, losses_marks, losses_text, text
from holdfast.present import text as present_text
from holdfast.present.losses_bands import Record
from holdfast.present.losses_marks import Frame, sized

# What the charts are made of: claims over their windows against a rate, claims on their day against a sum.


BANDS = "Line: median; dark band: half of the evidence; light band: 90%."
NAMED = {
    "killed": "killed", "killed_wounded": "killed and wounded", "wounded": "wounded", "missing": "missing",
    "captured": "captured", "deserted": "deserted", "recruited": "recruited", "strength": "strength",
}  # fmt: skip
ROOM = 1.06
"""Above the highest thing drawn."""


def _colour_of(posterior: Posterior, side: str) -> str:
    """The side's colour, the same in every chart."""
    return charts.SIDE_COLOURS[list(posterior.sides).index(side) % len(charts.SIDE_COLOURS)]


def _on_days(
    posterior: Posterior,
    side: str,
    quantity: str,
    fan: list[Record],
    chosen: Sequence[Verdict],
    title: str,
    height: int,
) -> Any:
    """A sum or a stock, and claims on their day."""
    rows = [losses_marks.record(one, quantity, posterior.calendar.first) for one in chosen]
    return _panel(posterior, side, fan, chosen, rows, losses_marks.points, title, height)


def _over_windows(
    posterior: Posterior,
    side: str,
    quantity: str,
    fan: list[Record],
    chosen: Sequence[Verdict],
    title: str,
    height: int,
) -> Any:
    """A rate, and claims over their windows."""
    rows = [losses_marks.record(one, quantity, posterior.calendar.first, per_month=True) for one in chosen]
    return _panel(posterior, side, fan, chosen, rows, losses_marks.windows, title, height)


def _panel(
    posterior: Posterior, side: str, fan: list[Record], chosen: Sequence[Verdict], rows: list[Record], draw: Any,
    title: str, height: int,
) -> Any:  # fmt: skip
    most = ROOM * max(losses_marks.highest(rows), max(one["high"] for one in fan), 1.0)
    frame = Frame(posterior.calendar, most, height)
    lines = charts.fan(frame.day_axis(), frame.men_axis(title), alt.value(_colour_of(posterior, side)))
    parts: list[Any] = [alt.layer(*lines, data=charts.rows(fan))]
    if rows:
        parts += draw(rows, frame, title)
        parts += losses_marks.names(chosen, rows, lambda day: losses_bands.at(fan, day), frame, title)
    return sized(alt.layer(*parts), frame)


# The dead, or the dead and wounded, added up, and every claim of them.


def cumulative(
    posterior: Posterior, verdicts: Sequence[Verdict], side: str, family: str = "killed"
) -> alt.TopLevelMixin:
    """Since the war's first day, the claims of it as points; `family` is `killed` or `killed_wounded`."""
    first = posterior.calendar.first
    chosen = [one for one in losses_marks.about(verdicts, side, family) if not losses_marks.is_rate(one.claim, first)]
    fan = losses_bands.cumulative(posterior, side, family)
    chart = _on_days(
        posterior, side, family, fan, chosen, f"{NAMED[family]} since {present_text.short_date(first)}, men", 430
    )
    total = quantiles(losses_bands.total(posterior, side, family, first, posterior.calendar.last))
    text = f"{present_text.name(side)}, {NAMED[family]} by {present_text.date(posterior.until)}: {present_text.interval(total)}"
    high, low = (sum(one.verdict == way for one in chosen) for way in (HIGH, LOW))
    if chosen:
        text += f"; of {len(chosen)} claims {high} too high, {low} too low"
    return charts.titled(chart, text, f"{BANDS} Points: claims; bars: their ranges. {losses_marks.HOW}")


# One quantity of one side: by month, and added up, each claim where it stands.


SUMS = {"killed", "killed_wounded"}
"""Quantities whose sum has a chart of its own (`cumulative`), so that no second panel is needed."""


def monthly(
    posterior: Posterior, verdicts: Sequence[Verdict], side: str, quantity: str, *, both: bool | None = None
) -> alt.TopLevelMixin:
    """Men a month and the claims of a month or a period; below, the sum and the claims of it.

    `both` asks for the second panel or leaves it out; it is drawn unless `cumulative` draws the same.
    """
    first = posterior.calendar.first
    chosen = losses_marks.about(verdicts, side, quantity)
    rates = [one for one in chosen if losses_marks.is_rate(one.claim, first)]
    sums = [one for one in chosen if not losses_marks.is_rate(one.claim, first)]
    upper = _over_windows(
        posterior, side, quantity, losses_bands.monthly(posterior, side, quantity), rates,
        f"{NAMED[quantity]}, men a month", 300,
    )  # fmt: skip
    text = _monthly_title(posterior, side, quantity)
    how = f"{BANDS} Bars: claims of a period, at so many a month. "
    if not (both if both is not None else bool(sums) and quantity not in SUMS):
        return charts.titled(upper, text, how + (losses_marks.HOW if rates else ""))
    lower = _on_days(
        posterior, side, quantity, losses_bands.cumulative(posterior, side, quantity), sums,
        f"{NAMED[quantity]} so far, men", 260,
    )  # fmt: skip
    drawn = alt.vconcat(
        upper.properties(title=charts.panel_title("A month")),
        lower.properties(title=charts.panel_title("Added up since the war's first day")),
        spacing=26,
    ).resolve_scale(color="independent", shape="independent", fill="independent")
    return charts.titled(drawn, text, f"{how}Points: claims of the sum. {losses_marks.HOW}")


def _monthly_title(posterior: Posterior, side: str, quantity: str) -> str:
    first, last = posterior.calendar.first, posterior.calendar.last
    total = present_text.interval(quantiles(losses_bands.total(posterior, side, quantity, first, last)))
    text = f"{present_text.name(side)}, {NAMED[quantity]} by {present_text.date(posterior.until)}: {total}"
    if quantity not in SUMS:
        return text
    top = max(losses_bands.monthly(posterior, side, quantity), key=lambda one: one["middle"])
    return f"{text}; most in {losses_text.month(top['day'])}"


# Everything by month, both sides, in small panels.


COLUMNS, HEIGHT = 3, 150
LOG = ("recruited",)
"""Where one month may be ten times the others: a mobilisation."""


def overview(posterior: Posterior, verdicts: Sequence[Verdict] = ()) -> alt.TopLevelMixin:
    """Six flows of both sides, each panel its own scale."""
    names = [present_text.name(side) for side in posterior.sides]
    small = [_month_panel(posterior, names, flow) for flow in FLOWS]
    chart = alt.concat(*small, columns=COLUMNS, spacing=charts.SPACING, bounds="flush")
    how = f"Men a month, each panel its own scale. {BANDS}"
    return charts.titled(
        chart, _overview_title(posterior), f"{how} From {len(verdicts):,} claims." if verdicts else how
    )


def _month_panel(posterior: Posterior, names: Sequence[str], flow: str) -> Any:
    rows = [
        one | {"side": name}
        for side, name in zip(posterior.sides, names)
        for one in losses_bands.monthly(posterior, side, flow)
    ]
    ticks = alt.Axis(
        minExtent=charts.TICKS, maxExtent=charts.TICKS, tickCount=4, format="~s", labelExpr=charts.MEN.labelExpr
    )
    scale = alt.Scale(type="log", nice=False, clamp=True) if flow in LOG else alt.Scale()
    fan = charts.fan(_days(), charts.measure(None, axis=ticks, scale=scale), charts.side_colour(names))
    width = (charts.WIDTH - (COLUMNS - 1) * charts.SPACING["column"]) // COLUMNS
    drawn = alt.layer(*fan, charts.name_above(f"{flow} (log scale)" if flow in LOG else flow), data=charts.rows(rows))
    return drawn.properties(width=width, height=HEIGHT)


def _days() -> alt.X:
    """Years alone: a small panel has no room for months."""
    years = alt.Axis(format="%Y", tickCount={"interval": "year", "step": 1}, labelFlush=False)
    axis: alt.X = charts.day_axis(4).axis(years)
    return axis


def _overview_title(posterior: Posterior) -> str:
    said = [
        f"{present_text.name(side)} {present_text.men(float(np.median(posterior.total(side, 'killed'))))}"
        for side in posterior.sides
    ]
    return f"Killed by {present_text.date(posterior.until)}: {text.listed(said)}"


def strength(posterior: Posterior, verdicts: Sequence[Verdict], side: str) -> alt.TopLevelMixin:
    """One side's men present at the end of each month, with claims on their day."""
    chosen = losses_marks.about(verdicts, side, "strength")
    chart = _on_days(
        posterior, side, "strength", losses_bands.stock(posterior, side), chosen, "men present in the field", 300
    )
    now = quantiles(posterior.total(side, "strength"))
    start = quantiles(posterior.sides[side].war.strength[:, 0])
    text = (
        f"{present_text.name(side)}, men present: {present_text.interval(now)} on {present_text.date(posterior.until)}; "
        f"{present_text.men(start['p50'])} on the first day"
    )
    return charts.titled(chart, text, f"{BANDS} Points: claims; bars: their ranges. {losses_marks.HOW}")
