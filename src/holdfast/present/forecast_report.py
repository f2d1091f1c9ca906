"""A forecast in charts and as files: the numbers as JSON, the months and the scores as CSV, the figures. [IO]"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Mapping
from pathlib import Path

import altair as alt
import numpy as np

from holdfast.core.units import MONTH_DAYS
from holdfast.forecasting.as_of import LEAST_DAYS
from holdfast.forecasting.result import AT_END, GROUND, QUANTITIES, Forecast, RollingForecast, flat
from holdfast.io import files
from holdfast.present import charts, text
from holdfast.stats.intervals import BAND, finite_quantiles

TITLES = {
    "killed": "killed a month", "strength": "men present", "deserted": "deserters a month",
    GROUND: "ground gained, km²",
}  # fmt: skip
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
    dots = any(key[1] == quantity for key in result.observations)
    ground = quantity == GROUND
    how = "Line: median; dark band: half of the draws; light band: 90%."
    how += "" if ground else " Grey: as known on the date (90%)."
    ranges = "" if ground else ", with its 90% range, as the evidence has it now"
    after = f" Black: what followed{ranges}." if dots else ""
    cut = " A band that leaves the picture goes on." if any(cut for _, cut in panels) else ""
    goes = " Months in which the war goes on." if quantity == "deserted" else ""
    return charts.titled(
        alt.hconcat(*[panel for panel, _ in panels], spacing=40),
        f"{TITLES[quantity].capitalize()}, as forecast on {result.as_of}",
        how + after + goes + cut,
    )


def _panel(result: Forecast, side: str, quantity: str, index: int) -> tuple[alt.LayerChart | alt.FacetChart, bool]:
    """One side, and whether a band leaves the picture."""
    rate = quantity not in AT_END
    samples = result.samples(side, quantity)
    shown = result.days >= min(LEAST_DAYS, result.days.max())
    scale = MONTH_DAYS / result.days if rate else np.ones(len(result.days))
    ahead = [
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
    most = max(row["high"] for row in [*ahead, *past, *after])
    least = min(0.0, *(row["low"] for row in [*ahead, *past, *after]))
    bottom = max(least * 1.05, -top)
    x = charts.day_axis(6).scale(type="utc", nice=False, padding=6)
    y = charts.measure(
        TITLES[quantity], scale=alt.Scale(domain=[bottom, min(top, most * 1.05)], clamp=True), axis=charts.MEN
    )
    colour = alt.value(charts.SIDE_COLOURS[index])
    grey = alt.Chart(charts.rows(past)).encode(x=x)
    parts = [
        grey.mark_area(opacity=0.25, color=charts.FAINT, clip=True).encode(
            y=alt.Y("low:Q", title=TITLES[quantity]), y2="high:Q"
        ),
        grey.mark_line(color=charts.FAINT, strokeWidth=1.5, clip=True).encode(y=y),
        alt.layer(*charts.fan(x, y, colour, clip=True), data=charts.rows(ahead)),
    ]
    if after:
        black = alt.Chart(charts.rows(after)).encode(x=x)
        parts += [
            black.mark_rule(color=charts.INK, strokeWidth=1, clip=True).encode(
                y=alt.Y("low:Q", title=TITLES[quantity]), y2="high:Q"
            ),
            black.mark_circle(color=charts.INK, size=22, opacity=1, clip=True).encode(y=y),
        ]
    chart = alt.layer(*parts).properties(
        width=charts.WIDTH - 60 if quantity == GROUND else (charts.WIDTH - 60) // 2,
        height=270,
        title=charts.panel_title(text.name(side)),
    )
    return chart, bool(most > top or least < bottom)


def _past(result: Forecast, side: str, quantity: str) -> list[charts.Record]:
    """What was known on the date, month by month."""
    known = result.evidence.sides[side]
    rate = quantity not in AT_END
    values = known.flows[quantity] / known.days * MONTH_DAYS if rate else known.strength[:, 1:]
    return [
        {"day": str(_place(known.months[n], known.days[n], rate))} | (_levels(values[:, n]) or {})
        for n in np.flatnonzero(known.usable)
    ]


def _place(first: dt.date, days: float, middle: bool) -> dt.date:
    """Where a month stands: its middle, or its last day."""
    return first + dt.timedelta(days=int(days / 2 if middle else days - 1))


def _levels(draws: np.ndarray) -> dict[str, float] | None:
    """The levels of a band, to five digits."""
    levels = finite_quantiles(draws, BAND)
    return levels and {name: float(f"{value:.5g}") for name, value in levels.items()}


def figures(result: Forecast | RollingForecast) -> Mapping[str, Callable[[], charts.Chart]]:
    """The figures of a forecast.

    Args:
        result: a forecast, or forecasts from rolling origins, which have no figures.

    Returns:
        What draws each, by quantity.
    """
    if isinstance(result, RollingForecast):
        return {}
    return {name: functools.partial(monthly, result, name) for name in (*QUANTITIES, GROUND)}


def save(result: Forecast | RollingForecast, folder: Path, *, figures: bool = True) -> Path:
    """Write a forecast to a folder, whole or not at all.

    Args:
        result: a forecast, or forecasts from rolling origins.
        folder: where.
        figures: whether to draw the figures too.

    Returns:
        The path of its JSON.
    """
    name = "rolling" if isinstance(result, RollingForecast) else "forecast"
    with files.folder(folder, optional=("scores.csv",)) as fresh:
        files.write_json(fresh / f"{name}.json", result.to_dict())
        if isinstance(result, RollingForecast):
            files.write_table(fresh / "rolling-scores.csv", result.rows())
            files.write_table(fresh / "rolling-months.csv", result.months())
        else:
            files.write_table(fresh / "months.csv", result.rows())
            if result.scores:
                files.write_table(fresh / "scores.csv", flat(result.scores.table))
            if figures:
                for quantity in (*QUANTITIES, GROUND):
                    charts.save(monthly(result, quantity), fresh / quantity)
    return folder / f"{name}.json"


def in_html(result: Forecast | RollingForecast) -> str:
    """A forecast in short, as HTML for a notebook.

    Args:
        result: a forecast, or forecasts from rolling origins.

    Returns:
        Its numbers as a table.
    """
    return str(result.to_frame().to_html(index=False, float_format="{:,.2f}".format))
