"""The front by sector: where the line stands, and where it is broken."""

from __future__ import annotations

import altair as alt
import numpy as np
import xarray as xr

from holdfast.report import look, spread, words
from holdfast.report.figures import layers


def line(data: xr.Dataset) -> alt.TopLevelMixin:
    """Kilometres by sector; up is an advance of the first side."""
    sides, sectors = ([str(x) for x in data[dim].values] for dim in ("side", "sector"))
    columns = min(5 if len(sectors) % 5 == 0 or len(sectors) > 8 else 4, len(sectors))
    reach = spread.bands(data.line_km)
    domain = [min(-1.0, float(reach.min())), max(1.0, float(reach.max()))]
    ticks = alt.Axis(minExtent=layers.TICKS, maxExtent=layers.TICKS, tickCount=4)
    y = layers.measure(None, axis=ticks, scale=alt.Scale(domain=domain))
    fan = layers.fan(look.day_axis(4), y, alt.value("#3a3a3a"))
    zero = layers.rule(0, "")[0]
    panels = [
        alt.layer(
            zero, *fan, layers.name_above(sector), data=look.rows(spread.band_records(data.line_km.sel(sector=sector)))
        ).properties(width=(look.WIDTH - (columns - 1) * layers.SPACING["column"]) // columns, height=120)
        for sector in sectors
    ]
    chart = alt.concat(*panels, columns=columns, spacing=layers.SPACING, bounds="flush")
    drawn = layers.how_drawn(data.sizes["run"])
    return look.titled(
        chart, _line_title(data), f"Kilometres. Up: {sides[0]} has advanced; down: {sides[1]} has. {drawn}"
    )


def broken(data: xr.Dataset) -> alt.TopLevelMixin:
    """Day by sector: the share of runs in which the sector is broken, a strip a side."""
    sides, sectors = ([str(x) for x in data[dim].values] for dim in ("side", "sector"))
    step = max(1, int(np.ceil(data.sizes["day"] / spread.POINTS)))
    share = data.broken.astype(float).mean("run").coarsen(day=step, boundary="pad").mean()
    start = data.day.values[::step].astype("datetime64[D]")
    values = spread.records(share.assign_coords(day=start).rename("share").to_dataset())
    ends = {str(d): str(d + np.timedelta64(step, "D")) for d in start}
    values = [value | {"end": ends[value["day"]]} for value in values]
    key = alt.Legend(format="%", gradientLength=80, orient="right", titleLimit=140, values=[0, 0.5, 1])
    panels = []
    for side, ink in zip(sides, look.SIDE_COLOURS, strict=False):
        scale = alt.Scale(domain=[0, 1], range=["#f4f4f4", ink])
        cells = alt.Chart(look.rows(values)).transform_filter(alt.datum.side == side).mark_rect().encode(
            x=look.day_axis(8), x2="end:T",
            y=alt.Y("sector:N", sort=sectors, title=None),
            color=alt.Color("share:Q", scale=scale, title="share of runs", legend=key),
        )  # fmt: skip
        panels.append(
            cells.properties(width=look.WIDTH - 160, height=max(60, 22 * len(sectors)), title=layers.panel_title(side))
        )
    chart = alt.vconcat(*panels).resolve_scale(color="independent")
    return look.titled(
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
    return f"Largest move: {words.number(abs(km), 2)} km by {first if km > 0 else second} in the sector ‘{most}’"


def _broken_title(data: xr.Dataset) -> str:
    share = data.broken.astype(float).mean(("run", "day"))
    if float(share.max()) == 0:
        return "No sector breaks in any run"
    worst = share.stack(cell=("side", "sector")).idxmax("cell").item()
    often = words.percent(float(share.max()))
    return f"Most often broken: {words.of(worst[0])} sector ‘{worst[1]}’, on {often} of the days"
