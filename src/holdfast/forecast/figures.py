"""A forecast drawn: bands by month for each side, what was known before, and what followed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np

from holdfast.forecast.foretold import AT_END, GROUND, LEAST_DAYS, Forecast
from holdfast.forecast.truths import Key, Truth
from holdfast.report import look, naming
from holdfast.report.figures import layers

TITLES = {
    "killed": "killed a month", "strength": "men present", "deserted": "deserters a month",
    GROUND: "ground gained, km²",
}  # fmt: skip
LEVELS = {"low": 0.05, "lower": 0.25, "middle": 0.5, "upper": 0.75, "high": 0.95}
MONTH = 30.44
MOST = 3.0
"""An axis ends at so many times the largest median or truth: a band may go on, its end is told in the table."""


def monthly(made: Forecast, quantity: str, truth: Mapping[Key, Truth]) -> alt.TopLevelMixin:
    """One quantity of both sides, or of the one of which it is foretold."""
    panels = [
        _panel(made, side, quantity, truth, index)
        for index, side in enumerate(made.sides) if quantity in made.quantities(side)
    ]  # fmt: skip
    dots = any(key[1] == quantity for key in truth)
    ground = quantity == GROUND
    how = "Line: median; dark band: half of the draws; light band: 90%."
    how += "" if ground else " Grey: as known on the date (90%)."
    ranges = "" if ground else ", with its 90% range, as the evidence has it now"
    after = f" Black: what followed{ranges}." if dots else ""
    cut = " A band that leaves the picture goes on." if any(cut for _, cut in panels) else ""
    goes = " Months in which the war goes on." if quantity == "deserted" else ""
    return look.titled(
        alt.hconcat(*[panel for panel, _ in panels], spacing=40),
        f"{TITLES[quantity].capitalize()}, as foretold on {made.as_of}",
        how + after + goes + cut,
    )


def _panel(made: Forecast, side: str, quantity: str, truth: Mapping[Key, Truth], index: int) -> tuple[Any, bool]:
    rate = quantity not in AT_END
    samples = made.samples(side, quantity)
    shown = made.days >= min(LEAST_DAYS, made.days.max())
    scale = MONTH / made.days if rate else np.ones(len(made.days))
    ahead = [
        {"day": str(_place(made.months[n], made.days[n], rate))} | levels
        for n in np.flatnonzero(shown)
        if (levels := _levels(samples[:, n] * scale[n], LEVELS))
    ]
    past = [] if quantity == GROUND else _past(made, side, quantity)
    if quantity == GROUND:
        ahead.insert(0, {"day": str(made.as_of)} | dict.fromkeys(LEVELS, 0.0))
    after = [
        {"day": str(_place(month, made.month_days[n], rate)), "low": one.p05, "middle": one.p50, "high": one.p95}
        for n, month in enumerate(made.months)
        if (one := truth.get((side, quantity, month.replace(day=1)))) and made.days[n] == made.month_days[n]
    ]
    middles = [row["middle"] for row in [*ahead, *past, *after]]
    top = max(MOST * max(row["middle"] for row in [*ahead, *past]), 1.3 * max(middles))
    most = max(row["high"] for row in [*ahead, *past, *after])
    least = min(0.0, *(row["low"] for row in [*ahead, *past, *after]))
    bottom = max(least * 1.05, -top)
    x = look.day_axis(6).scale(type="utc", nice=False, padding=6)
    y = layers.measure(
        TITLES[quantity], scale=alt.Scale(domain=[bottom, min(top, most * 1.05)], clamp=True), axis=look.MEN
    )
    colour = alt.value(look.SIDE_COLOURS[index])
    grey = alt.Chart(look.rows(past)).encode(x=x)
    parts = [
        grey.mark_area(opacity=0.25, color=look.FAINT, clip=True).encode(
            y=alt.Y("low:Q", title=TITLES[quantity]), y2="high:Q"
        ),
        grey.mark_line(color=look.FAINT, strokeWidth=1.5, clip=True).encode(y=y),
        alt.layer(*layers.fan(x, y, colour, clip=True), data=look.rows(ahead)),
    ]
    if after:
        black = alt.Chart(look.rows(after)).encode(x=x)
        parts += [
            black.mark_rule(color=look.INK, strokeWidth=1, clip=True).encode(
                y=alt.Y("low:Q", title=TITLES[quantity]), y2="high:Q"
            ),
            black.mark_circle(color=look.INK, size=22, opacity=1, clip=True).encode(y=y),
        ]
    chart = alt.layer(*parts).properties(
        width=look.WIDTH - 60 if quantity == GROUND else (look.WIDTH - 60) // 2,
        height=270,
        title=layers.panel_title(naming.name(side)),
    )
    return chart, bool(most > top or least < bottom)


def _past(made: Forecast, side: str, quantity: str) -> list[dict[str, Any]]:
    """What was known on the date, month by month."""
    known = made.known.sides[side]
    usable = np.flatnonzero(known.days >= min(LEAST_DAYS, known.days.max()))
    rate = quantity not in AT_END
    values = known.flows[quantity] / known.days * MONTH if rate else known.strength[:, 1:]
    return [
        {"day": str(_place(known.months[n], known.days[n], rate))} | (_levels(values[:, n], LEVELS) or {})
        for n in usable
    ]


def _place(first: dt.date, days: float, middle: bool) -> dt.date:
    """Where a month stands: its middle, or its last day."""
    return first + dt.timedelta(days=int(days / 2 if middle else days - 1))


def _levels(draws: np.ndarray, levels: Mapping[str, float]) -> dict[str, float] | None:
    left = draws[np.isfinite(draws)]
    if not len(left):
        return None
    return {name: float(f"{np.quantile(left, level):.5g}") for name, level in levels.items()}
