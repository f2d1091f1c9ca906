"""Will either side break, and when: chances by day, strength as a fan, who breaks first."""

from __future__ import annotations

import altair as alt
import numpy as np
import xarray as xr

from holdfast.report import look, outcomes, spread, words
from holdfast.report.figures import layers

RUN_LINES = 24
"""At most so many single runs behind the fan."""


def chance_by_day(data: xr.Dataset) -> alt.TopLevelMixin:
    """Chance of each outcome having come by each day."""
    sides, runs = [str(s) for s in data.side.values], data.sizes["run"]
    values = [
        record
        for name, label in outcomes.OUTCOMES.items()
        for record in spread.records(spread.thin(outcomes.chance_by_day(data, name)), outcome=label)
    ]
    x, colour = look.day_axis(6), look.side_colour(sides)
    y = alt.Y("share:Q", title="share of runs", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%"))
    base = alt.Chart().encode(x=x, color=colour)
    band = base.mark_area(opacity=0.2, interpolate="step-after").encode(
        y=alt.Y("low:Q", title="share of runs"), y2="high:Q"
    )
    line = base.mark_line(strokeWidth=2.5, interpolate="step-after").encode(y=y)
    panel = alt.layer(band, line).properties(width=(look.WIDTH - 40) // 3, height=230)
    order = list(outcomes.OUTCOMES.values())
    chart = panel.facet(
        column=alt.Column("outcome:N", title=None, sort=order, header=alt.Header(labelAnchor="start")),
        data=look.rows(values),
    )
    return look.titled(
        chart,
        _chance_title(data),
        f"Share of {runs} runs in which it had come by the day; band: Wilson's 90% interval.",
    )


def strength_fan(data: xr.Dataset) -> alt.TopLevelMixin:
    """Men present, by side: every run thin, and the fan."""
    sides, runs = [str(s) for s in data.side.values], data.sizes["run"]
    single = spread.thin(data.present.isel(run=slice(0, RUN_LINES))).rename("men").to_dataset()
    x, colour = look.day_axis(9), look.side_colour(sides, legend=False)
    title = "men present"
    y = layers.measure(title, scale=alt.Scale(zero=True), axis=look.MEN)
    threads = (
        alt.Chart(look.rows(spread.records(single)))
        .mark_line(strokeWidth=0.7, opacity=0.35)
        .encode(x=x, y=alt.Y("men:Q", title=title), detail="run:N", color=colour)
    )
    fan = alt.layer(*layers.fan(x, y, colour), data=look.rows(spread.band_records(data.present)))
    panels = [
        alt.layer(
            threads.transform_filter(alt.datum.side == side), fan.transform_filter(alt.datum.side == side)
        ).properties(width=(look.WIDTH - 50) // 2, height=250, title=layers.panel_title(side))
        for side in sides
    ]
    chart = alt.hconcat(*panels).resolve_scale(y="shared")
    return look.titled(chart, _strength_title(data), f"{layers.how_drawn(runs)} Thin lines: single runs.")


def breaks_first(data: xr.Dataset) -> alt.TopLevelMixin:
    """Who breaks first, as shares of the runs."""
    counts, runs = outcomes.first_to_break(data), data.sizes["run"]
    colours = [*look.SIDE_COLOURS, "#555555", "#d0d0d0"]
    ends = np.cumsum([0, *counts.values()]) / runs
    values = [
        {"who": who, "from": low, "to": high, "middle": (low + high) / 2, "runs": f"{who}: {n} of {runs}",
         "pale": who == "neither"}
        for (who, n), low, high in zip(counts.items(), ends.tolist(), ends.tolist()[1:], strict=False)
        if n
    ]  # fmt: skip
    base = alt.Chart(look.rows(values))
    scale = alt.Scale(domain=list(counts), range=colours)
    bars = base.mark_bar(height=44, stroke="white").encode(
        x=alt.X(
            "from:Q",
            title="share of runs",
            axis=alt.Axis(format="%", grid=False, tickCount=5),
            scale=alt.Scale(domain=[0, 1]),
        ),
        x2="to:Q",
        color=alt.Color("who:N", scale=scale, title=None),
    )
    text = base.transform_filter("datum.to - datum.from > 0.14").mark_text(fontSize=13, fontWeight=600).encode(
        x="middle:Q", text="runs:N",
        color=alt.condition(alt.datum.pale, alt.value(look.INK), alt.value("white")),
    )  # fmt: skip
    return look.titled(
        (bars + text).properties(width=look.WIDTH, height=60),
        _first_title(counts, runs),
        "A side breaks with mass desertion or with collapse, whichever comes first.",
    )


def _chance_title(data: xr.Dataset) -> str:
    sides = [str(s) for s in data.side.values]
    share = {s: float(np.isfinite(outcomes.broke(data).sel(side=s)).mean()) for s in sides}
    worst = max(sides, key=lambda s: share[s])
    if share[worst] == 0:
        return f"Neither side breaks in any of the {data.sizes['run']} runs"
    other = next(s for s in sides if s != worst)
    return f"{worst} breaks in {words.percent(share[worst])} of the runs, {other} in {words.percent(share[other])}"


def _strength_title(data: xr.Dataset) -> str:
    end = data.present.isel(day=-1).median("run") / data.present.isel(day=0).median("run")
    parts = [f"{s} {words.percent(float(end.sel(side=s)))}" for s in data.side.values]
    return f"Men present at the end, against the start: {words.listed(parts)}"


def _first_title(counts: dict[str, int], runs: int) -> str:
    who = max(counts, key=lambda name: counts[name])
    if who == "neither":
        return f"In {counts[who]} of {runs} runs neither side breaks"
    if who == "both on one day":
        return f"In {counts[who]} of {runs} runs both break on one day"
    return f"{who} is first to break in {counts[who]} of {runs} runs"
