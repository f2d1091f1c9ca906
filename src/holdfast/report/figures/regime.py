"""The regime, and desertion's reproduction number."""

from __future__ import annotations

import altair as alt
import numpy as np
import xarray as xr

from holdfast.report import look, spread, words
from holdfast.report.figures import layers

PANELS = {
    "elite_cohesion": "elite cohesion", "authority": "authority", "vitality": "leader's vitality",
    "support": "support at home [points]", "protest": "protest [share]",
    "catch_chance": "chance that a deserter is caught",
}  # fmt: skip
DASHED = {"elite_cohesion": "elite_threshold", "catch_chance": "catch_chance_seen"}
"""Panels with a second, dashed line: its median over runs."""


def regime(data: xr.Dataset) -> alt.TopLevelMixin:
    """The state behind each army, and its grip on deserters."""
    sides = [str(s) for s in data.side.values]
    x, colour = look.day_axis(5), look.side_colour(sides)
    panels = []
    for name, label in PANELS.items():
        domain = [0, 100] if name == "support" else [0, 1]
        y = layers.measure(
            None,
            axis=alt.Axis(minExtent=layers.TICKS, maxExtent=layers.TICKS, tickCount=5),
            scale=alt.Scale(domain=domain),
        )
        marks = [*layers.fan(x, y, colour), layers.name_above(label)]
        if name in DASHED:
            marks.append(_dashed(data[DASHED[name]], x, colour))
        panel = alt.layer(*marks, data=look.rows(spread.band_records(data[name])))
        panels.append(panel.properties(width=(look.WIDTH - 2 * layers.SPACING["column"]) // 3, height=150))
    chart = alt.concat(*panels, columns=3, spacing=layers.SPACING, bounds="flush")
    drawn = layers.how_drawn(data.sizes["run"])
    return look.titled(chart, _regime_title(data), f"Dashed: the level of a split; the chance as men see it. {drawn}")


def reproduction(data: xr.Dataset) -> alt.TopLevelMixin:
    """R_d: further exits that one exit causes; above 1 desertion feeds itself."""
    sides = [str(s) for s in data.side.values]
    highest = max(float(spread.bands(data[name]).max()) for name in ("reproduction_mean", "reproduction_max"))
    labels = {"reproduction_mean": "mean over brigades", "reproduction_max": "worst brigade"}
    values = [r for name, label in labels.items() for r in spread.band_records(data[name], over=label)]
    fan = layers.fan(
        look.day_axis(9), layers.measure("R_d", scale=alt.Scale(domain=[0, max(1.2, highest)])), look.side_colour(sides)
    )
    panel = alt.layer(*fan, *layers.rule(1, "1: desertion feeds itself")).properties(
        width=(look.WIDTH - 50) // 2, height=240
    )
    chart = panel.facet(
        column=alt.Column("over:N", title=None, sort=list(labels.values()), header=alt.Header(labelAnchor="start")),
        data=look.rows(values),
    )
    drawn = layers.how_drawn(data.sizes["run"])
    return look.titled(
        chart, _reproduction_title(data), f"Further exits that one exit causes, first generation. {drawn}"
    )


def _dashed(values: xr.DataArray, x: alt.X, colour: alt.Color) -> alt.Chart:
    level = spread.thin(values.astype(float).median("run")).rename("level").to_dataset()
    return (
        alt.Chart(look.rows(spread.records(level)))
        .mark_line(strokeDash=[5, 4], strokeWidth=1.3)
        .encode(x=x, y="level:Q", color=colour)
    )


def split_share(data: xr.Dataset, side: str) -> float:
    """Share of runs in which elite cohesion falls below the level of a split."""
    at = data.sel(side=side)
    return float((at.elite_cohesion < at.elite_threshold).any("day").mean())


def _regime_title(data: xr.Dataset) -> str:
    parts = [f"{words.percent(split_share(data, str(s)))} ({s})" for s in data.side.values]
    return f"Elites fall below the level of a split in {words.listed(parts)} of the runs"


def above_one(data: xr.Dataset, side: str) -> int:
    """Runs in which the side's mean R_d passes 1 on any day."""
    return int((data.reproduction_mean.sel(side=side) > 1).any("day").sum())


def _reproduction_title(data: xr.Dataset) -> str:
    runs = data.sizes["run"]
    parts = [f"in {above_one(data, str(s))} of {runs} runs for {s}" for s in data.side.values]
    peak = float(np.nanmax(np.asarray(data.reproduction_mean.median("run"))))
    if peak < 1 and all(above_one(data, str(s)) == 0 for s in data.side.values):
        return "Desertion does not feed itself: the mean R_d stays below 1 in every run"
    return f"Desertion feeds itself for a time {words.listed(parts)}"
