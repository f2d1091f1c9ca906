"""What the war costs each region: deaths reported home, and men who kept away."""

from __future__ import annotations

import altair as alt
import xarray as xr

from holdfast.report import look, spread
from holdfast.report.figures import layers

MOST = 15
"""Regions of a side that are drawn: those that bear most."""

NEEDS = ("region_killed", "region_evaded", "region_fled", "region_notices", "region_eligible")
"""Without these no such figure is made."""


def regions(data: xr.Dataset) -> alt.TopLevelMixin:
    """Deaths per 10,000 eligible men by region, the hardest hit on top."""
    sides = [str(s) for s in data.side.values]
    data = data.isel(region=data.region_eligible.values > 0)  # the places kept for defectors are no regions
    deaths = 10_000 * data.region_killed.astype(float).sum("day") / data.region_eligible
    panels = []
    for side in sides:
        here = deaths.sel(region=data.region_side == side)
        values = sorted(spread.records(spread.bands(here).to_dataset("level")), key=lambda r: -r["middle"])[:MOST]
        colour = look.side_colour(sides, legend=False)
        base = alt.Chart(look.rows([value | {"side": side} for value in values])).encode(
            y=alt.Y("region:N", sort=[v["region"] for v in values], title=None, axis=alt.Axis(labelLimit=170))
        )
        bars = base.mark_bar(opacity=0.75).encode(x=alt.X("middle:Q", title=None), color=colour)
        spans = base.mark_rule(color=look.INK).encode(x="low:Q", x2="high:Q")
        title = layers.panel_title(side)
        panels.append(
            (bars + spans).properties(width=(look.WIDTH - 300) // 2, height=19 * len(values) + 8, title=title)
        )
    chart = alt.hconcat(*panels, spacing=40).resolve_scale(x="shared")
    return look.titled(
        chart,
        _title(data, deaths),
        f"Deaths reported home per 10,000 eligible men over the whole span; line: 90%. At most {MOST} regions a side.",
    )


def _title(data: xr.Dataset, deaths: xr.DataArray) -> str:
    parts = []
    for side in data.side.values:
        here = deaths.sel(region=data.region_side == side).median("run")
        if here.size < 2:
            continue
        top, low = here.isel(region=int(here.values.argmax())), here.isel(region=int(here.values.argmin()))
        ratio = float(top) / max(float(low), 1e-9)
        parts.append(f"{str(top.region.values)} bears {ratio:.1f} times the deaths of {str(low.region.values)}")
    return "; ".join(parts) or "Deaths reported home by region"
