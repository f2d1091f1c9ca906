"""What the war costs each region: deaths reported home, and men who kept away."""

from __future__ import annotations

import altair as alt
import numpy as np
import xarray as xr

from holdfast.present import charts, text

# The front by sector: where the line stands, and where it is broken.


def line(data: xr.Dataset) -> alt.TopLevelMixin:
    """Kilometres by sector; up is an advance of the first side."""
    sides, sectors = ([str(x) for x in data[dim].values] for dim in ("side", "sector"))
    columns = min(5 if len(sectors) % 5 == 0 or len(sectors) > 8 else 4, len(sectors))
    reach = charts.bands(data.line_km)
    domain = [min(-1.0, float(reach.min())), max(1.0, float(reach.max()))]
    ticks = alt.Axis(minExtent=charts.TICKS, maxExtent=charts.TICKS, tickCount=4)
    y = charts.measure(None, axis=ticks, scale=alt.Scale(domain=domain))
    fan = charts.fan(charts.day_axis(4), y, alt.value("#3a3a3a"))
    zero = charts.rule(0, "")[0]
    panels = [
        alt.layer(
            zero,
            *fan,
            charts.name_above(sector),
            data=charts.rows(charts.band_records(data.line_km.sel(sector=sector))),
        ).properties(width=(charts.WIDTH - (columns - 1) * charts.SPACING["column"]) // columns, height=120)
        for sector in sectors
    ]
    chart = alt.concat(*panels, columns=columns, spacing=charts.SPACING, bounds="flush")
    drawn = charts.how_drawn(data.sizes["run"])
    return charts.titled(
        chart, _line_title(data), f"Kilometres. Up: {sides[0]} has advanced; down: {sides[1]} has. {drawn}"
    )


def broken(data: xr.Dataset) -> alt.TopLevelMixin:
    """Day by sector: the share of runs in which the sector is broken, a strip a side."""
    sides, sectors = ([str(x) for x in data[dim].values] for dim in ("side", "sector"))
    step = max(1, int(np.ceil(data.sizes["day"] / charts.POINTS)))
    share = data.broken.astype(float).mean("run").coarsen(day=step, boundary="pad").mean()
    start = data.day.values[::step].astype("datetime64[D]")
    values = charts.records(share.assign_coords(day=start).rename("share").to_dataset())
    ends = {str(d): str(d + np.timedelta64(step, "D")) for d in start}
    values = [value | {"end": ends[value["day"]]} for value in values]
    key = alt.Legend(format="%", gradientLength=80, orient="right", titleLimit=140, values=[0, 0.5, 1])
    panels = []
    for side, ink in zip(sides, charts.SIDE_COLOURS, strict=False):
        scale = alt.Scale(domain=[0, 1], range=["#f4f4f4", ink])
        cells = alt.Chart(charts.rows(values)).transform_filter(alt.datum.side == side).mark_rect().encode(
            x=charts.day_axis(8), x2="end:T",
            y=alt.Y("sector:N", sort=sectors, title=None),
            color=alt.Color("share:Q", scale=scale, title="share of runs", legend=key),
        )  # fmt: skip
        panels.append(
            cells.properties(
                width=charts.WIDTH - 160, height=max(60, 22 * len(sectors)), title=charts.panel_title(side)
            )
        )
    chart = alt.vconcat(*panels).resolve_scale(color="independent")
    return charts.titled(
        chart,
        _broken_title(data),
        f"Share of {data.sizes['run']} runs in which the side's sector is broken, means over {step} days.",
    )


def _line_title(data: xr.Dataset) -> str:
    end = data.line_km.isel(day=-1).median("run")
    first, second = (str(s) for s in data.side.values)
    most, km = max(((str(s), float(end.sel(sector=s))) for s in data.sector.values), key=lambda pair: abs(pair[1]))
    if abs(km) < 1:
        return "The line hardly moves in any sector"
    return f"Largest move: {text.number(abs(km), 2)} km by {first if km > 0 else second} in the sector ‘{most}’"


def _broken_title(data: xr.Dataset) -> str:
    share = data.broken.astype(float).mean(("run", "day"))
    if float(share.max()) == 0:
        return "No sector breaks in any run"
    worst = share.stack(cell=("side", "sector")).idxmax("cell").item()
    often = text.percent(float(share.max()))
    return f"Most often broken: {text.of(worst[0])} sector ‘{worst[1]}’, on {often} of the days"


# The regime, and desertion's reproduction number.


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
    x, colour = charts.day_axis(5), charts.side_colour(sides)
    panels = []
    for name, label in PANELS.items():
        domain = [0, 100] if name == "support" else [0, 1]
        y = charts.measure(
            None,
            axis=alt.Axis(minExtent=charts.TICKS, maxExtent=charts.TICKS, tickCount=5),
            scale=alt.Scale(domain=domain),
        )
        marks = [*charts.fan(x, y, colour), charts.name_above(label)]
        if name in DASHED:
            marks.append(_dashed(data[DASHED[name]], x, colour))
        panel = alt.layer(*marks, data=charts.rows(charts.band_records(data[name])))
        panels.append(panel.properties(width=(charts.WIDTH - 2 * charts.SPACING["column"]) // 3, height=150))
    chart = alt.concat(*panels, columns=3, spacing=charts.SPACING, bounds="flush")
    drawn = charts.how_drawn(data.sizes["run"])
    return charts.titled(chart, _regime_title(data), f"Dashed: the level of a split; the chance as men see it. {drawn}")


def reproduction(data: xr.Dataset) -> alt.TopLevelMixin:
    """R_d: further exits that one exit causes; above 1 desertion feeds itself."""
    sides = [str(s) for s in data.side.values]
    highest = max(float(charts.bands(data[name]).max()) for name in ("reproduction_mean", "reproduction_max"))
    labels = {"reproduction_mean": "mean over brigades", "reproduction_max": "worst brigade"}
    values = [r for name, label in labels.items() for r in charts.band_records(data[name], over=label)]
    fan = charts.fan(
        charts.day_axis(9),
        charts.measure("R_d", scale=alt.Scale(domain=[0, max(1.2, highest)])),
        charts.side_colour(sides),
    )
    panel = alt.layer(*fan, *charts.rule(1, "1: desertion feeds itself")).properties(
        width=(charts.WIDTH - 50) // 2, height=240
    )
    chart = panel.facet(
        column=alt.Column("over:N", title=None, sort=list(labels.values()), header=alt.Header(labelAnchor="start")),
        data=charts.rows(values),
    )
    drawn = charts.how_drawn(data.sizes["run"])
    return charts.titled(
        chart, _reproduction_title(data), f"Further exits that one exit causes, first generation. {drawn}"
    )


def _dashed(values: xr.DataArray, x: alt.X, colour: alt.Color) -> alt.Chart:
    level = charts.thin(values.astype(float).median("run")).rename("level").to_dataset()
    return (
        alt.Chart(charts.rows(charts.records(level)))
        .mark_line(strokeDash=[5, 4], strokeWidth=1.3)
        .encode(x=x, y="level:Q", color=colour)
    )


def _split_share(data: xr.Dataset, side: str) -> float:
    """Share of runs in which elite cohesion falls below the level of a split."""
    at = data.sel(side=side)
    return float((at.elite_cohesion < at.elite_threshold).any("day").mean())


def _regime_title(data: xr.Dataset) -> str:
    parts = [f"{text.percent(_split_share(data, str(s)))} ({s})" for s in data.side.values]
    return f"Elites fall below the level of a split in {text.listed(parts)} of the runs"


def _above_one(data: xr.Dataset, side: str) -> int:
    """Runs in which the side's mean R_d passes 1 on any day."""
    return int((data.reproduction_mean.sel(side=side) > 1).any("day").sum())


def _reproduction_title(data: xr.Dataset) -> str:
    runs = data.sizes["run"]
    parts = [f"in {_above_one(data, str(s))} of {runs} runs for {s}" for s in data.side.values]
    peak = float(np.nanmax(np.asarray(data.reproduction_mean.median("run"))))
    if peak < 1 and all(_above_one(data, str(s)) == 0 for s in data.side.values):
        return "Desertion does not feed itself: the mean R_d stays below 1 in every run"
    return f"Desertion feeds itself for a time {text.listed(parts)}"


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
        values = sorted(charts.records(charts.bands(here).to_dataset("level")), key=lambda r: -r["middle"])[:MOST]
        colour = charts.side_colour(sides, legend=False)
        base = alt.Chart(charts.rows([value | {"side": side} for value in values])).encode(
            y=alt.Y("region:N", sort=[v["region"] for v in values], title=None, axis=alt.Axis(labelLimit=170))
        )
        bars = base.mark_bar(opacity=0.75).encode(x=alt.X("middle:Q", title=None), color=colour)
        spans = base.mark_rule(color=charts.INK).encode(x="low:Q", x2="high:Q")
        title = charts.panel_title(side)
        panels.append(
            (bars + spans).properties(width=(charts.WIDTH - 300) // 2, height=19 * len(values) + 8, title=title)
        )
    chart = alt.hconcat(*panels, spacing=40).resolve_scale(x="shared")
    return charts.titled(
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
