"""The figures of a simulation: each a function from the run's dataset to a chart whose title says what is seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import xarray as xr

from holdfast.coded_armies import codebook
from holdfast.core.units import MONTH_DAYS
from holdfast.present import charts, run_findings, text, vega
from holdfast.present.run_findings import sides_of

_RUN_LINES = 24
"""At most so many single runs behind the fan."""

# --- Will either side break, and when: chances by day, strength as a fan, who breaks first.


def _chance_by_day(data: xr.Dataset) -> charts.Chart:
    """Chance of each outcome having come by each day."""
    sides, runs, shown = sides_of(data), data.sizes["run"], run_findings.shown(data)
    values = [
        record
        for name, label in shown.items()
        for record in charts.records(charts.thin(run_findings.chance_by_day(data, name)), outcome=label)
    ]
    base = vega.chart().encode(x=charts.day_axis(6), color=charts.side_colour(sides))
    band = base.mark("area", opacity=0.2, interpolate="step-after").encode(
        y=vega.field("low:Q", title="share of runs"), y2="high:Q"
    )
    y = vega.field("share:Q", title="share of runs", scale=dict(domain=[0, 1]), axis=dict(format="%"))
    line = base.mark("line", strokeWidth=2.5, interpolate="step-after").encode(y=y)
    between = charts.SPACING["column"] * (len(shown) - 3)  # the page's width holds three and what lies between them
    panel = vega.layer(band, line).properties(width=(charts.WIDTH - 40 - between) // len(shown), height=230)
    order = list(shown.values())
    chart = panel.facet(column=charts.facet_by("outcome", order), data=charts.rows(values))
    how = f"Share of {runs} runs in which it had come by the day; band: Wilson's 90% interval."
    share = {side: run_findings.runs_broken(data, side) / runs for side in sides}
    worst = max(sides, key=lambda side: share[side])
    other = next(side for side in sides if side != worst)
    title = f"{worst} breaks in {text.percent(share[worst])} of the runs, {other} in {text.percent(share[other])}"
    if share[worst] == 0:
        title = f"Neither side breaks in any of the {runs} runs"
    ruined = {side: count / runs for side, count in run_findings.destroyed(data).items()}
    if ruined:
        title += f"; destroyed: {text.listed([f'{side} in {text.percent(of)}' for side, of in ruined.items()])}"
    return charts.titled(chart, title, how)


def _strength_fan(data: xr.Dataset) -> charts.Chart:
    """Men present, by side: every run thin, and the fan."""
    single = charts.thin(data.present.isel(run=slice(0, _RUN_LINES))).rename("men").to_dataset()
    x, colour = charts.day_axis(9), charts.side_colour(sides_of(data), legend=False)
    y = charts.measure("men present", scale=dict(zero=True), axis=charts.MEN)
    lines = vega.chart(charts.rows(charts.records(single))).mark("line", strokeWidth=0.7, opacity=0.35)
    threads = lines.encode(x=x, y=vega.field("men:Q", title="men present"), detail="run:N", color=colour)
    fan = vega.layer(*charts.fan(x, y, colour), data=charts.rows(charts.band_records(data.present)))
    panels = [
        vega.layer(threads.filter(vega.equals("side", side)), fan.filter(vega.equals("side", side))).properties(
            width=(charts.WIDTH - 50) // 2, height=250, title=charts.panel_title(side)
        )
        for side in sides_of(data)
    ]
    end = data.present.isel(day=-1).median("run") / data.present.isel(day=0).median("run")
    parts = [f"{side} {text.percent(float(end.sel(side=side)))}" for side in sides_of(data)]
    return charts.titled(
        vega.hconcat(*panels).resolve_scale(y="shared"),
        f"Men present at the end, against the start: {text.listed(parts)}",
        f"{charts.how_drawn(data.sizes['run'])} Thin lines: single runs.",
    )


def _breaks_first(data: xr.Dataset) -> charts.Chart:
    """Who breaks first, as shares of the runs."""
    counts, runs = run_findings.first_to_break(data), data.sizes["run"]
    ends = (np.cumsum([0, *counts.values()]) / runs).tolist()
    values = [
        {"who": who, "from": low, "to": high, "middle": (low + high) / 2, "runs": f"{who}: {n} of {runs}",
         "pale": who == "neither"}
        for (who, n), low, high in zip(counts.items(), ends, ends[1:], strict=False)
        if n
    ]  # fmt: skip
    base = vega.chart(charts.rows(values))
    axis = dict(format="%", grid=False, tickCount=5)
    if not counts[run_findings.RUINED]:
        del counts[run_findings.RUINED]
    greys = ["#555555", "#8a6d3b", "#d0d0d0"] if run_findings.RUINED in counts else ["#555555", "#d0d0d0"]
    scale = dict(domain=list(counts), range=[*charts.SIDE_COLOURS, *greys])
    bars = base.mark("bar", height=44, stroke="white").encode(
        x=vega.field("from:Q", title="share of runs", axis=axis, scale=dict(domain=[0, 1])),
        x2="to:Q",
        color=vega.field("who:N", scale=scale, title=None),
    )
    names = base.filter("datum.to - datum.from > 0.14").mark("text", fontSize=13, fontWeight=600).encode(
        x="middle:Q", text="runs:N",
        color=vega.condition("datum.pale", vega.value(charts.INK), vega.value("white")),
    )  # fmt: skip
    most = max(counts, key=lambda name: counts[name])
    title = f"{most} is first to break in {counts[most]} of {runs} runs"
    others = {
        "neither": "neither side breaks", "both on one day": "both break on one day",
        run_findings.RUINED: "an army is destroyed before either breaks",
    }  # fmt: skip
    if most in others:
        title = f"In {counts[most]} of {runs} runs {others[most]}"
    how = "A side breaks with mass desertion or with collapse, whichever comes first."
    return charts.titled(vega.layer(bars, names).properties(width=charts.WIDTH, height=60), title, how)


# --- What men believe against what is true.


def _risk(data: xr.Dataset) -> charts.Chart:
    """Risk believed and risk true, by side."""
    x, colour = charts.day_axis(7), charts.side_colour(sides_of(data), legend=False)
    y = charts.measure("killed or maimed per 1,000 men a month", scale=dict(zero=True))
    scale = 1000 * MONTH_DAYS
    believed, true = (charts.rows(charts.band_records(scale * risk)) for risk in (data.risk_believed, data.risk_true))
    panels = []
    for side in sides_of(data):
        here = vega.equals("side", side)
        seen = vega.layer(*charts.fan(x, y, colour), data=believed).filter(here)
        base = vega.chart(true).filter(here).encode(x=x)
        band = base.mark("area", color=charts.INK, opacity=0.12).encode(y="low:Q", y2="high:Q")
        line = base.mark("line", color=charts.INK, strokeDash=[6, 4], strokeWidth=1.8).encode(y="middle:Q")
        panel = vega.layer(band, line, seen, *_ends(true, believed, side, x))
        panels.append(panel.properties(width=(charts.WIDTH - 160) // 2, height=250, title=charts.panel_title(side)))
    parts = [
        f"{text.of(side)} men believe {text.percent(run_findings.believed_share(data, side)[0])}"
        for side in sides_of(data)
    ]
    return charts.titled(
        vega.hconcat(*panels, spacing=60).resolve_scale(y="shared"),
        f"Over the whole span {text.listed(parts)} of the true risk",
        f"Dashed black: the true risk; colour: what men believe. {charts.how_drawn(data.sizes['run'])}",
    )


def _ends(true: vega.Rows, believed: vega.Rows, side: str, x: charts.Record) -> list[charts.Chart]:
    """Names at the right ends of the two lines, a little apart where the lines meet."""
    last: dict[str, charts.Record] = {
        name: [row for row in data.values if row["side"] == side][-1]
        for name, data in (("true", true), ("believed", believed))
    }
    upper = max(last, key=lambda name: last[name]["middle"])
    return [
        vega.chart(charts.rows([row]))
        .mark("text", align="left", dx=5, dy=-4 if name == upper else 6, fontSize=12, color=charts.INK)
        .encode(x=x, y="middle:Q", text=vega.value(name))
        for name, row in last.items()
    ]


def _prospects(data: xr.Dataset) -> charts.Chart:
    """What men think of their side's prospects."""
    y = charts.measure("prospects", scale=dict(domain=[-1, 1]))
    fan = charts.fan(charts.day_axis(), y, charts.side_colour(sides_of(data)))
    layers = (*fan, *charts.rule(0, "stalemate"))
    chart = vega.layer(*layers, data=charts.rows(charts.band_records(data.prospects)))
    end = data.prospects.isel(day=-1).median("run")
    parts = [f"{side} ends at {text.signed(float(end.sel(side=side)))}" for side in sides_of(data)]
    return charts.titled(
        chart.properties(width=charts.WIDTH, height=220),
        f"Prospects as the men see them: {text.listed(parts)}",
        f"−1: certain defeat, 1: certain victory. {charts.how_drawn(data.sizes['run'])}",
    )


# --- Where exits come from: the total against past armies, every flow as a rate, months by kind, regions.

_FLOWS = {
    "killed": "killed", "wounded": "wounded", "deserted": "deserted", "surrendered": "surrendered",
    "refused": "refused (man-days)", "evaded": "evaded", "fled": "fled abroad", "returned": "returned",
}  # fmt: skip
"""Flows drawn one by one, and their names in charts."""
_STACKED = ("killed", "deserted", "surrendered", "fled", "evaded")
"""Flows that take a man away for good or keep him from coming, stacked by month."""
_WAYS = {
    "deserted": "desertion", "surrendered": "surrender", "evaded": "evading the call-up", "fled": "flight abroad",
}  # fmt: skip
_FLOOR = 0.1
"""Rates below this are drawn at it on the log axis [men per 1,000 a month]."""
_PAST = {"holding": "armies that held", "grey": "survived for years", "breaking": "broke", "rout": "rout"}
_SHADES = (0.09, 0.15, 0.22, 0.3)
"""Of the bands of past armies."""


def _exit_rate(data: xr.Dataset) -> charts.Chart:
    """Exits by choice per 1,000 men a month, before the bands of past armies."""
    rate = run_findings.monthly(data, *run_findings.BY_CHOICE).clip(min=_FLOOR)
    top = max(1000.0, float(rate.max()))
    y = charts.measure(
        "desertions and surrenders per 1,000 men a month",
        scale=dict(type="log", domain=[_FLOOR, top], clamp=True),
        axis=dict(values=[0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000], format="~g"),
    )
    layers = charts.fan(charts.day_axis(), y, charts.side_colour(sides_of(data)))
    fan = vega.layer(*layers, data=charts.rows(charts.band_records(rate)))
    whole = run_findings.overall(data, *run_findings.BY_CHOICE).median("run")
    parts = [
        f"{side} {text.number(float(whole.sel(side=side)), 2)} ({codebook.band_of(float(whole.sel(side=side)))})"
        for side in sides_of(data)
    ]
    return charts.titled(
        vega.layer(*_past_armies(top), fan).properties(width=charts.WIDTH, height=300),
        f"Exits per 1,000 men a month: {text.listed(parts)}",
        f"Trailing {run_findings.WINDOW} days, log scale, grey: past armies. {charts.how_drawn(data.sizes['run'])}",
    )


def _past_armies(top: float) -> list[charts.Chart]:
    """The bands of past armies as grey areas with their names."""
    values = [
        {"name": _PAST[name], "low": low, "high": min(high, top), "shade": shade}
        for (name, low, high), shade in zip(codebook.BANDS, _SHADES, strict=True)
    ]
    base = vega.chart(charts.rows(values))
    shade = vega.field("shade:Q", scale=None, legend=None)
    area = base.mark("rect", color="#777777").encode(y="low:Q", y2="high:Q", opacity=shade)
    name = base.mark("text", align="right", baseline="top", dx=-6, dy=3, fontSize=11, color=charts.INK)
    return [area, name.encode(x=vega.value(charts.WIDTH), y="high:Q", text="name:N")]


def _flow_rates(data: xr.Dataset) -> charts.Chart:
    """Each flow in its own panel, both sides."""
    fan = charts.fan(
        charts.day_axis(4), charts.measure(None, axis=charts.small_axis(4)), charts.side_colour(sides_of(data))
    )
    width = (charts.WIDTH - 3 * charts.SPACING["column"]) // 4
    panels = [
        vega.layer(
            *fan, charts.name_above(label), data=charts.rows(charts.band_records(run_findings.monthly(data, name)))
        ).properties(width=width, height=120)
        for name, label in _FLOWS.items()
    ]  # fmt: skip
    chosen = {}
    for side in sides_of(data):
        total = {name: float(data[name].sel(side=side).sum("day").median("run")) for name in _WAYS}
        chosen[side] = _WAYS[max(total, key=lambda name: total[name])]
    ways = text.listed([f"{way} ({side})" for side, way in chosen.items()])
    title = f"The way out that most men choose: {ways}"
    if len(set(chosen.values())) == 1:
        title = f"The way out that most men choose, on both sides: {next(iter(chosen.values()))}"
    how = f"Per 1,000 men a month, trailing {run_findings.WINDOW} days; each panel its own scale."
    return charts.titled(
        vega.concat(*panels, columns=4, spacing=charts.SPACING, bounds="flush"), title,
        f"{how} {charts.how_drawn(data.sizes['run'])}",
    )  # fmt: skip


def _losses_by_month(data: xr.Dataset) -> charts.Chart:
    """Men lost by month and kind, by side: medians over runs."""
    months = data.day.dt.strftime("%Y-%m-01")
    values = []
    for order, name in enumerate(_STACKED):
        total = data[name].astype(float).groupby(months).sum("day").median("run")
        table = total.rename(strftime="month").rename("men").to_dataset()
        values += charts.records(table, flow=_FLOWS[name], order=order)
    labels = [_FLOWS[name] for name in _STACKED]
    colour = dict(domain=labels, range=[charts.FLOW_COLOURS[label] for label in labels])
    bars = vega.chart().mark("bar", stroke="white", strokeWidth=0.5).encode(
        x=vega.field("month:O", title=None, timeUnit="utcyearmonth", axis=dict(format="%b %y", labelAngle=-45)),
        y=vega.field("men:Q", title="men a month", stack="zero", axis=charts.MEN),
        color=vega.field("flow:N", scale=colour, title=None, sort=labels),
        order="order:Q",
    )  # fmt: skip
    panel = bars.properties(width=(charts.WIDTH - 40) // 2, height=240)
    parts = []
    for side in sides_of(data):
        at = data.sel(side=side)
        killed, left = (float(men.sum("day").median("run")) for men in (at.killed, at.deserted + at.surrendered))
        parts.append(f"{side} {text.number(left / max(killed, 1.0), 2)}")
    return charts.titled(
        panel.facet(column=charts.facet_by("side", sides_of(data)), data=charts.rows(values)),
        f"Lost by desertion or surrender for every man killed: {text.listed(parts)}",
        "Median over runs of each flow. Evaded and fled: men called up who did not come.",
    )


_MOST_REGIONS = 15
"""Regions of a side that are drawn: those that bear most."""


def _regions(data: xr.Dataset) -> charts.Chart:
    """Deaths per 10,000 eligible men by region, the hardest hit on top."""
    data = data.isel(region=data.region_eligible.values > 0)  # the places kept for defectors are no regions
    deaths = 10_000 * data.region_killed.astype(float).sum("day") / data.region_eligible
    colour = charts.side_colour(sides_of(data), legend=False)
    panels, parts = [], []
    for side in sides_of(data):
        here = deaths.sel(region=data.region_side == side)
        bands = charts.records(charts.bands(here).to_dataset("level"))
        values = sorted(bands, key=lambda one: -one["middle"])[:_MOST_REGIONS]
        base = vega.chart(charts.rows([value | {"side": side} for value in values])).encode(
            y=vega.field("region:N", sort=[one["region"] for one in values], title=None, axis=dict(labelLimit=170))
        )
        bars = base.mark("bar", opacity=0.75).encode(x=vega.field("middle:Q", title=None), color=colour)
        spans = base.mark("rule", color=charts.INK).encode(x="low:Q", x2="high:Q")
        size = {"width": (charts.WIDTH - 300) // 2, "height": 19 * len(values) + 8}
        panels.append(vega.layer(bars, spans).properties(**size, title=charts.panel_title(side)))
        middle = here.median("run")
        if middle.size > 1:
            top, low = middle.isel(region=int(middle.values.argmax())), middle.isel(region=int(middle.values.argmin()))
            ratio = float(top) / max(float(low), 1e-9)
            parts.append(f"{str(top.region.values)} bears {ratio:.1f} times the deaths of {str(low.region.values)}")
    return charts.titled(
        vega.hconcat(*panels, spacing=40).resolve_scale(x="shared"),
        "; ".join(parts) or "Deaths reported home by region",
        "Deaths reported home per 10,000 eligible men over the whole span; line: 90%. "
        f"At most {_MOST_REGIONS} regions a side.",
    )


# --- The front by sector: where the line stands, and where it is broken.


def _line(data: xr.Dataset) -> charts.Chart:
    """Kilometres by sector; up is an advance of the first side."""
    sides, sectors = sides_of(data), [str(sector) for sector in data.sector.values]
    columns = min(5 if len(sectors) % 5 == 0 or len(sectors) > 8 else 4, len(sectors))
    reach = charts.bands(data.line_km)
    seen = data.ground_seen / data.sector_km if "ground_seen" in data else None
    shown = [reach] if seen is None else [reach, seen]
    ends = min(-1.0, *(float(x.min()) for x in shown)), max(1.0, *(float(x.max()) for x in shown))
    scale = dict(domain=list(ends))
    y = charts.measure(None, axis=charts.small_axis(4), scale=scale)
    fan = charts.fan(charts.day_axis(4), y, vega.value("#3a3a3a"))
    zero = charts.rule(0, "")[0]
    width = (charts.WIDTH - (columns - 1) * charts.SPACING["column"]) // columns
    panels = []
    for sector in sectors:
        values = charts.rows(charts.band_records(data.line_km.sel(sector=sector)))
        came = [] if seen is None else _as_seen(seen.sel(sector=sector), y)
        layers = (zero, *fan, *came, charts.name_above(sector))
        panels.append(vega.layer(*layers, data=values).properties(width=width, height=120))
    end = data.line_km.isel(day=-1).median("run")
    most, km = max(((sector, float(end.sel(sector=sector))) for sector in sectors), key=lambda pair: abs(pair[1]))
    title = "The line hardly moves in any sector"
    if abs(km) >= 1:
        who = sides[0] if km > 0 else sides[1]
        title = f"Largest move: {text.number(abs(km), 2)} km by {who} in the sector ‘{most}’"
    how = f"Kilometres. Up: {sides[0]} has advanced; down: {sides[1]} has. {charts.how_drawn(data.sizes['run'])}"
    if seen is not None:
        makers = text.listed([str(maker) for maker in seen.maker.values])
        how += f" Dashed: ground gained over length as measured on maps by {makers}."
    return charts.titled(vega.concat(*panels, columns=columns, spacing=charts.SPACING, bounds="flush"), title, how)


def _as_seen(seen: xr.DataArray, y: charts.Record) -> list[charts.Chart]:
    """What makers of maps measured, a dashed line each."""
    step = max(1, int(np.ceil(seen.sizes["day"] / charts.POINTS)))
    lines = []
    for maker in seen.maker.values:
        own = seen.sel(maker=maker).dropna("day").isel(day=slice(None, None, step))
        values = charts.records(own.reset_coords(drop=True).rename("middle").to_dataset())
        mark = vega.chart(charts.rows(values)).mark("line", strokeDash=[3, 2], color=charts.YES, strokeWidth=1.2)
        lines.append(mark.encode(x=charts.day_axis(4), y=y))
    return lines


def _broken(data: xr.Dataset) -> charts.Chart:
    """Day by sector: the share of runs in which the sector is broken, a strip a side."""
    sectors = [str(sector) for sector in data.sector.values]
    step = max(1, int(np.ceil(data.sizes["day"] / charts.POINTS)))
    share = data.broken.astype(float).mean("run").coarsen(day=step, boundary="pad").mean()
    start = data.day.values[::step].astype("datetime64[D]")
    ends = {str(day): str(day + np.timedelta64(step, "D")) for day in start}
    values = charts.records(share.assign_coords(day=start).rename("share").to_dataset())
    values = [value | {"end": ends[value["day"]]} for value in values]
    key = dict(format="%", gradientLength=80, orient="right", titleLimit=140, values=[0, 0.5, 1])
    panels = []
    for side, ink in zip(sides_of(data), charts.SIDE_COLOURS, strict=False):
        scale = dict(domain=[0, 1], range=["#f4f4f4", ink])
        cells = vega.chart(charts.rows(values)).filter(vega.equals("side", side)).mark("rect").encode(
            x=charts.day_axis(8), x2=charts.day_end("end"),
            y=vega.field("sector:N", sort=sectors, title=None),
            color=vega.field("share:Q", scale=scale, title="share of runs", legend=key),
        )  # fmt: skip
        size = {"width": charts.WIDTH - 160, "height": max(60, 22 * len(sectors))}
        panels.append(cells.properties(**size, title=charts.panel_title(side)))
    often = data.broken.astype(float).mean(("run", "day"))
    title = "No sector breaks in any run"
    if float(often.max()):
        worst = often.stack(cell=("side", "sector")).idxmax("cell").item()
        share_of_days = text.percent(float(often.max()))
        title = f"Most often broken: {text.of(worst[0])} sector ‘{worst[1]}’, on {share_of_days} of the days"
    how = f"Share of {data.sizes['run']} runs in which the side's sector is broken, means over {step} days."
    return charts.titled(vega.vconcat(*panels).resolve_scale(color="independent"), title, how)


# --- The regime, desertion's reproduction number, the pressures.

_PANELS = {
    "elite_cohesion": "elite cohesion", "authority": "authority", "vitality": "leader's vitality",
    "support": "support at home [points]", "protest": "protest [share]",
    "catch_chance": "chance that a deserter is caught",
}  # fmt: skip
_DASHED = {"elite_cohesion": "elite_threshold", "catch_chance": "catch_chance_seen"}
"""Panels with a second, dashed line: its median over runs."""


def _regime(data: xr.Dataset) -> charts.Chart:
    """The state behind each army, and its grip on deserters."""
    x, colour = charts.day_axis(5), charts.side_colour(sides_of(data))
    panels = []
    for name, label in _PANELS.items():
        scale = dict(domain=[0, 100] if name == "support" else [0, 1])
        y = charts.measure(None, axis=charts.small_axis(5), scale=scale)
        marks = [*charts.fan(x, y, colour), charts.name_above(label)]
        if name in _DASHED:
            level = charts.thin(data[_DASHED[name]].astype(float).median("run")).rename("level").to_dataset()
            dashed = vega.chart(charts.rows(charts.records(level))).mark("line", strokeDash=[5, 4], strokeWidth=1.3)
            marks.append(dashed.encode(x=x, y="level:Q", color=colour))
        panel = vega.layer(*marks, data=charts.rows(charts.band_records(data[name])))
        panels.append(panel.properties(width=(charts.WIDTH - 2 * charts.SPACING["column"]) // 3, height=150))
    split = (data.elite_cohesion < data.elite_threshold).any("day").mean("run")
    parts = [f"{text.percent(float(split.sel(side=side)))} ({side})" for side in sides_of(data)]
    return charts.titled(
        vega.concat(*panels, columns=3, spacing=charts.SPACING, bounds="flush"),
        f"Elites fall below the level of a split in {text.listed(parts)} of the runs",
        f"Dashed: the level of a split; the chance as men see it. {charts.how_drawn(data.sizes['run'])}",
    )


def _reproduction(data: xr.Dataset) -> charts.Chart:
    """R_d: further exits that one exit causes; above 1 desertion feeds itself."""
    labels = {"reproduction_mean": "mean over brigades", "reproduction_max": "worst brigade"}
    highest = max(float(charts.bands(data[name]).max()) for name in labels)
    values = [record for name, label in labels.items() for record in charts.band_records(data[name], over=label)]
    y = charts.measure("R_d", scale=dict(domain=[0, max(1.2, highest)]))
    layers = (*charts.fan(charts.day_axis(9), y, charts.side_colour(sides_of(data))),
              *charts.rule(1, "1: desertion feeds itself"))  # fmt: skip
    panel = vega.layer(*layers).properties(width=(charts.WIDTH - 50) // 2, height=240)
    runs = data.sizes["run"]
    above = (data.reproduction_mean > 1).any("day").sum("run")
    parts = [f"in {int(above.sel(side=side))} of {runs} runs for {side}" for side in sides_of(data)]
    title = f"Desertion feeds itself for a time {text.listed(parts)}"
    if float(np.nanmax(np.asarray(data.reproduction_mean.median("run")))) < 1 and not int(above.sum()):
        title = "Desertion does not feed itself: the mean R_d stays below 1 in every run"
    return charts.titled(
        panel.facet(column=charts.facet_by("over", list(labels.values())), data=charts.rows(values)), title,
        f"Further exits that one exit causes, first generation. {charts.how_drawn(runs)}",
    )  # fmt: skip


def _gauges(data: xr.Dataset) -> charts.Chart:
    """Nine gauges a side, at the start, at the worst and at the end."""
    sides, values = sides_of(data), run_findings.readings(data)
    order = [gauge.name for gauge in run_findings.GAUGES]
    y = vega.field("gauge:N", sort=order, title=None, axis=dict(grid=True, labelFontSize=12, labelLimit=200))
    base = vega.chart().encode(y=y, yOffset=vega.field("side:N", sort=sides), color=charts.side_colour(sides))
    x = vega.field("middle:Q", title=None, scale=dict(domain=[0, 2]), axis=dict(values=[0, 0.5, 1, 1.5, 2]))
    spans = base.mark("rule", strokeWidth=2, opacity=0.5).encode(x="low:Q", x2="high:Q")
    shape = vega.field("side:N", title=None, scale=dict(domain=sides, range=["circle", "square"]))
    points = base.mark("point", filled=True, size=80, opacity=1).encode(x=x, shape=shape)
    panel = vega.layer(spans, points).properties(width=(charts.WIDTH - 170) // 3, height=330)
    parts = []
    for side in sides:
        worst = [one for one in values if one["side"] == side and one["moment"] == "worst"]
        heaviest = max(worst, key=lambda one: one["middle"])
        parts.append(f"on {side} {heaviest['gauge']} ({heaviest['middle']:.1f})")
    return charts.titled(
        panel.facet(column=charts.facet_by("moment", run_findings.MOMENTS), data=charts.rows(values)),
        f"Heaviest pressure: {text.listed(parts)}",
        "0 absent, 1 present, 2 extreme, as past armies were coded. Point: median of the runs; line: 90%. "
        "First five: the essay's.",
    )


FIGURES: Mapping[str, Callable[[xr.Dataset], charts.Chart]] = {
    "chance_by_day": _chance_by_day, "strength_fan": _strength_fan, "breaks_first": _breaks_first, "risk": _risk,
    "prospects": _prospects, "exit_rate": _exit_rate, "flows": _flow_rates, "losses_by_month": _losses_by_month,
    "regions": _regions, "line": _line, "broken": _broken, "regime": _regime, "reproduction": _reproduction,
    "gauges": _gauges,
}  # fmt: skip
"""All figures, by the stem of their files; of a dataset whose sides are called by their names (`text.with_names`)."""

_NEEDS: Mapping[str, Sequence[str]] = {
    "regions": ("region_killed", "region_evaded", "region_fled", "region_notices", "region_eligible")
}
"""Variables that a dataset may lack and without which a figure is not drawn."""


def drawable(name: str, data: xr.Dataset) -> bool:
    """Whether a run has what a figure needs.

    Args:
        name: of the figure.
        data: the run's dataset.

    Returns:
        False where a variable is missing.
    """
    return all(variable in data.variables for variable in _NEEDS.get(name, ()))
