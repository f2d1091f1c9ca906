"""The regime, and desertion's reproduction number."""

from __future__ import annotations

import altair as alt
import numpy as np
import xarray as xr

from holdfast.report import look, spread, words
from holdfast.report.figures import layers

PANELS = {
    "elite_cohesion": "elite cohesion (dashed: split)", "authority": "authority", "vitality": "leader's vitality",
    "support": "support at home [points]", "protest": "protest [share]",
}  # fmt: skip


def regime(data: xr.Dataset) -> alt.TopLevelMixin:
    """Five gauges of the state behind each army."""
    sides = [str(s) for s in data.side.values]
    x, colour = look.day_axis(), look.side_colour(sides)
    panels = []
    for name, label in PANELS.items():
        domain = [0, 100] if name == "support" else [0, 1]
        y = layers.measure(None, axis=alt.Axis(minExtent=layers.TICKS, maxExtent=layers.TICKS, tickCount=5), scale=alt.Scale(domain=domain))
        fan = alt.layer(*layers.fan(x, y, colour), data=look.rows(spread.band_records(data[name])))
        if name == "elite_cohesion":
            fan = alt.layer(fan, _threshold(data, x, colour))
        title = layers.panel_title(label)
        panels.append(fan.properties(width=(look.WIDTH - 120) // 3, height=150, title=title))
    chart = alt.concat(*panels, columns=3)
    drawn = layers.how_drawn(data.sizes["run"])
    return look.titled(chart, _regime_title(data), drawn)


def reproduction(data: xr.Dataset) -> alt.TopLevelMixin:
    """R_d: further exits that one exit causes; above 1 desertion feeds itself."""
    sides = [str(s) for s in data.side.values]
    labels = {"reproduction_mean": "mean over brigades", "reproduction_max": "worst brigade"}
    values = [r for name, label in labels.items() for r in spread.band_records(data[name], over=label)]
    fan = layers.fan(look.day_axis(), layers.measure("R_d", scale=alt.Scale(zero=True)), look.side_colour(sides))
    panel = alt.layer(*fan, *layers.rule(1, "1: desertion feeds itself")).properties(width=(look.WIDTH - 50) // 2, height=240)
    chart = panel.facet(
        column=alt.Column("over:N", title=None, sort=list(labels.values()), header=alt.Header(labelAnchor="start")),
        data=look.rows(values),
    )
    drawn = layers.how_drawn(data.sizes["run"])
    return look.titled(chart, _reproduction_title(data), f"Further exits that one exit causes, first generation. {drawn}")


def _threshold(data: xr.Dataset, x: alt.X, colour: alt.Color) -> alt.Chart:
    values = spread.records(spread.thin(data.elite_threshold.astype(float).median("run")).rename("level").to_dataset())
    return alt.Chart(look.rows(values)).mark_line(strokeDash=[5, 4], strokeWidth=1.3).encode(x=x, y="level:Q", color=colour)


def split_share(data: xr.Dataset, side: str) -> float:
    """Share of runs in which elite cohesion falls below the level of a split."""
    at = data.sel(side=side)
    return float((at.elite_cohesion < at.elite_threshold).any("day").mean())


def _regime_title(data: xr.Dataset) -> str:
    parts = [f"{s} in {words.percent(split_share(data, str(s)))} of the runs" for s in data.side.values]
    return f"The elites fall below the level of a split: {words.listed(parts)}"


def above_one(data: xr.Dataset, side: str) -> int:
    """Runs in which the side's mean R_d passes 1 on any day."""
    return int((data.reproduction_mean.sel(side=side) > 1).any("day").sum())


def _reproduction_title(data: xr.Dataset) -> str:
    runs = data.sizes["run"]
    parts = [f"{words.of(str(s))} in {above_one(data, str(s))} of {runs}" for s in data.side.values]
    peak = float(np.nanmax(np.asarray(data.reproduction_mean.median("run"))))
    if peak < 1 and all(above_one(data, str(s)) == 0 for s in data.side.values):
        return "Desertion does not feed itself: the mean R_d stays below 1 in every run"
    return f"Runs in which desertion feeds itself for a time (mean R_d above 1): {words.listed(parts)}"
