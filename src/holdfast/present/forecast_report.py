"""A forecast as files: the numbers as JSON, the months and the scores as CSV, the figures. [IO]"""

from __future__ import annotations

import csv
import datetime as dt
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np

from holdfast.ensemble import store
from holdfast.forecasting.baselines import RIVALS
from holdfast.forecasting.observations import Key, Truth
from holdfast.forecasting.projection import LEAST_DAYS
from holdfast.forecasting.result import AT_END, GROUND, LEVELS, QUANTITIES, Forecast
from holdfast.forecasting.rolling import Rolled
from holdfast.forecasting.run import Made
from holdfast.present import charts
from holdfast.present import text as present_text

# A forecast drawn: bands by month for each side, what was known before, and what followed.


TITLES = {
    "killed": "killed a month", "strength": "men present", "deserted": "deserters a month",
    GROUND: "ground gained, km²",
}  # fmt: skip
BAND_LEVELS = {"low": 0.05, "lower": 0.25, "middle": 0.5, "upper": 0.75, "high": 0.95}
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
    return charts.titled(
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
        {"day": str(_figures_place(made.months[n], made.days[n], rate))} | levels
        for n in np.flatnonzero(shown)
        if (levels := _levels(samples[:, n] * scale[n], BAND_LEVELS))
    ]
    past = [] if quantity == GROUND else _past(made, side, quantity)
    if quantity == GROUND:
        ahead.insert(0, {"day": str(made.as_of)} | dict.fromkeys(BAND_LEVELS, 0.0))
    after = [
        {
            "day": str(_figures_place(month, made.month_days[n], rate)),
            "low": one.p05,
            "middle": one.p50,
            "high": one.p95,
        }
        for n, month in enumerate(made.months)
        if (one := truth.get((side, quantity, month.replace(day=1)))) and made.days[n] == made.month_days[n]
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
        title=charts.panel_title(present_text.name(side)),
    )
    return chart, bool(most > top or least < bottom)


def _past(made: Forecast, side: str, quantity: str) -> list[dict[str, Any]]:
    """What was known on the date, month by month."""
    known = made.known.sides[side]
    usable = np.flatnonzero(known.days >= min(LEAST_DAYS, known.days.max()))
    rate = quantity not in AT_END
    values = known.flows[quantity] / known.days * MONTH if rate else known.strength[:, 1:]
    return [
        {"day": str(_figures_place(known.months[n], known.days[n], rate))} | (_levels(values[:, n], BAND_LEVELS) or {})
        for n in usable
    ]


def _figures_place(first: dt.date, days: float, middle: bool) -> dt.date:
    """Where a month stands: its middle, or its last day."""
    return first + dt.timedelta(days=int(days / 2 if middle else days - 1))


def _levels(draws: np.ndarray, levels: Mapping[str, float]) -> dict[str, float] | None:
    left = draws[np.isfinite(draws)]
    if not len(left):
        return None
    return {name: float(f"{np.quantile(left, level):.5g}") for name, level in levels.items()}


def write(made: Made, folder: Path, figures: bool = True) -> list[Path]:
    """Write a forecast to a folder, whole or not at all; what was written."""
    pass
    from holdfast.present.run_report import save_chart

    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".fresh-", dir=folder) as place:
        fresh = Path(place)
        store.write_json(fresh / "forecast.json", made.as_json())
        _table(fresh / "months.csv", ("side", "month", "days", "quantity", *LEVELS, *TRUTH), _months(made))
        if made.scores:
            _scores(fresh / "scores.csv", made.scores)
        if figures:
            for quantity in (*QUANTITIES, GROUND):
                save_chart(monthly(made.forecast, quantity, made.truth), fresh / quantity)
        return _files_place(fresh, folder)


def write_rolled(made: Rolled, folder: Path) -> list[Path]:
    """Write rolling origins to a folder, whole or not at all; what was written."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".fresh-", dir=folder) as place:
        fresh = Path(place)
        store.write_json(fresh / "rolling.json", made.as_json())
        _scores(fresh / "rolling-scores.csv", made.scores)
        marks = [
            (str(one.as_of), mark.side, mark.quantity, mark.horizon, mark.by, mark.inside_90, mark.inside_50, mark.crps)
            for one in made.origins for mark in one.marks
        ]  # fmt: skip
        names = ("as_of", "side", "quantity", "horizon", "by", "inside_90", "inside_50", "crps")
        _table(fresh / "rolling-months.csv", names, marks)
        return _files_place(fresh, folder)


TRUTH = ("truth_p05", "truth_p50", "truth_p95", "truth_source")


def _months(made: Made) -> Iterable[Sequence[Any]]:
    for side, told in made.forecast.numbers().items():
        for number, month in enumerate(told["months"]):
            for quantity in made.forecast.quantities(side):
                levels = month[quantity] or {}
                truth = made.truth.get((side, quantity, made.forecast.months[number].replace(day=1)))
                came = (truth.p05, truth.p50, truth.p95, truth.source) if truth else ("",) * len(TRUTH)
                yield (side, month["month"], month["days"], quantity, *(levels.get(name, "") for name in LEVELS), *came)


def _scores(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    names = ["side", "quantity", "horizon", "months", "inside_90", "inside_50", "crps"]
    rivals = [f"{rival}_{what}" for rival in RIVALS for what in ("inside_90", "crps", "ratio")]
    flat = [
        [*(row[name] for name in names), *(row[rival][what] for rival in RIVALS for what in ("inside_90", "crps", "ratio"))]
        for row in rows
    ]  # fmt: skip
    _table(path, (*names, *rivals), flat)


def _table(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with path.open("w", newline="", encoding="utf8") as file:
        made = csv.writer(file, lineterminator="\n")
        made.writerow(header)
        made.writerows(rows)


def _files_place(fresh: Path, folder: Path) -> list[Path]:
    names = sorted(path.name for path in fresh.iterdir())
    for name in names:
        store.put_in_place(fresh, folder, name)
    return [folder / name for name in names]
