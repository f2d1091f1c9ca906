"""The figures of an explanation: waterfall, swarm, sufficient sets, one at a time, the common push, interactions, phase."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from holdfast.explanation.result import Explanation
from holdfast.present import charts, text, vega
from holdfast.present.charts import GUIDE, INK, NO, YES, Record
from holdfast.stats.intervals import wilson

WIDTH = 560
"""Of a chart's plane [px]."""
MOST_SETS = 12
"""Sufficient sets that are drawn."""
SWARM = 64
"""Draws of a swarm."""
WORDS = {
    "collapse": "collapse", "mass_desertion": "mass desertion", "breaks": "collapse or mass desertion",
    "exits": "exits per 1,000 a month",
}  # fmt: skip
"""Outcomes in a sentence."""
PERCENT = "format(datum.value, '.0%')"
CHANGE = "datum.value == 0 ? '0' : format(datum.value, '+.2~f')"


def drawings(result: Explanation) -> dict[str, Callable[[], charts.Chart]]:
    """What draws each figure of an explanation.

    Args:
        result: the explanation.

    Returns:
        Functions by the stem of the figure's file; only of what was run.
    """
    every = {"waterfall": _waterfall, "swarm": _swarm}
    if result.exact:
        every |= {"interactions": _interactions}
    if any(one.pressures for one in result.sufficient_sets):  # none where nothing at all is needed
        every |= {"sets": _sets}
    if result.push is not None:
        every |= {"alone": _alone, "push": _push}
    if result.phase is not None:
        every |= {"phase": _phase}
    return {stem: functools.partial(draw, result) for stem, draw in every.items()}


def chance_of(result: Explanation) -> str:
    """What the main chance is of.

    Args:
        result: the explanation.

    Returns:
        As `P(collapse)`.
    """
    return f"P({WORDS[result.outcome]})"


def _titles(result: Explanation) -> dict[str, str]:
    """Players in words, by name."""
    return {player.name: player.title for player in result.players}


def _how(result: Explanation) -> str:
    """What was run, for a subtitle."""
    return f"{result.side_title}, {result.days} days; {result.draws} draws of what is not known, common luck."


def _waterfall(result: Explanation) -> charts.Chart:
    """From nobody to everybody, a step a player, the greatest first."""
    values, errors = result.shapley(result.outcome)
    (calm, _), (extreme, _) = result.worth_of_ends(result.outcome)
    nobody, everybody = ("all calm", "all extreme") if result.by == "pressures" else ("none of them", "all of them")
    rows: list[Record] = [{"name": nobody, "from": 0.0, "to": calm, "kind": "end", "says": f"{calm:.2f}"}]
    at = calm
    for i in np.argsort(-values, kind="stable"):
        to = at + float(values[i])
        rows.append({
            "name": result.players[i].title, "from": at, "to": to, "low": to - 1.645 * float(errors[i]),
            "high": to + 1.645 * float(errors[i]), "kind": "up" if values[i] >= 0 else "down",
            "says": f"{text.signed(float(values[i]), 2)} ± {errors[i]:.2f}",
        })  # fmt: skip
        at = to
    rows.append({"name": everybody, "from": 0.0, "to": extreme, "kind": "end", "says": f"{extreme:.2f}"})
    names = [row["name"] for row in rows]
    labels = dict(labelLimit=260, labelPadding=8, ticks=False, domain=False, labelFontSize=12, grid=False)
    y = vega.field("name:N", title=None, sort=names, axis=labels)
    top = max(1.0, *(row.get("high", 0.0) for row in rows))
    scale = dict(domain=[min(0.0, *(row.get("low", 0.0) for row in rows)), top], nice=False)
    x = lambda name: vega.field(name, scale=scale, title=chance_of(result), axis=dict(tickCount=6))  # noqa: E731
    hue = vega.field("kind:N", legend=None, scale=dict(domain=["end", "up", "down"], range=["#9a9a9a", YES, NO]))
    base = vega.chart(charts.rows(rows)).encode(y=y, tooltip=[vega.field("name:N"), vega.field("says:N")])
    chart = vega.layer(
        base.mark("bar", size=15, opacity=0.75).encode(x=x("from:Q"), x2="to:Q", color=hue),
        base.mark("rule", color=INK, strokeWidth=1.6).encode(x=x("low:Q"), x2="high:Q"),
        base.mark("text", align="left", dx=10, fontSize=11.5, color=INK).encode(x=vega.value(WIDTH), text="says:N"),
    ).properties(width=WIDTH, height=27 * len(rows))
    return charts.titled(
        chart, f"{chance_of(result)} from {calm:.2f} to {extreme:.2f}: what each adds",
        f"{_how(result)} Shapley values with standard errors; black: 90% of the step.",
    )  # fmt: skip


def _swarm(result: Explanation) -> charts.Chart:
    """Shapley values draw by draw."""
    each = result.by_draw(result.outcome)[:, :SWARM]
    values, _ = result.shapley(result.outcome)
    rows: list[Record] = []
    for i, player in enumerate(result.players):
        for height, value in _stacked(each[i]):
            rows.append({"name": player.title, "value": value, "height": height})
    means: list[Record] = [
        {"name": player.title, "value": float(v), "height": 0.0}
        for player, v in zip(result.players, values, strict=True)
    ]
    names = [result.players[i].title for i in np.argsort(-values, kind="stable")]
    x = vega.field(
        "value:Q",
        title=f"what it adds to {WORDS[result.outcome]} in one draw",
        axis=dict(labelExpr=CHANGE, tickCount=7),
    )
    reach = max(1.0, *(abs(row["height"]) for row in rows))
    y = vega.field("height:Q", title=None, axis=None, scale=dict(domain=[-reach - 1, reach + 1]))
    panels = []
    for name in names:
        here = [row for row in rows if row["name"] == name]
        base = vega.chart(charts.rows(here)).encode(
            x=_last(x, name == names[-1]), y=y, tooltip=[vega.field("value:Q", format="+.2f")]
        )
        mean = vega.chart(charts.rows([row for row in means if row["name"] == name])).encode(
            x=_last(x, name == names[-1])
        )
        zero = vega.chart(charts.rows([{"zero": 0}])).mark("rule", color=GUIDE, strokeDash=[4, 4])
        panels.append(
            vega.layer(
                zero.encode(x=vega.field("zero:Q")),
                base.mark("point", filled=True, size=22, opacity=0.6, color=YES),
                mean.mark("tick", thickness=3, size=36, color=INK),
            ).properties(width=WIDTH, height=58, title=charts.panel_title(name, 12, 2, color=INK))
        )
    return charts.titled(
        vega.vconcat(*panels, spacing=4).resolve_scale(x="shared"), "What each adds, draw by draw",
        f"{_how(result)} A dot a draw ({min(SWARM, each.shape[1])} of them); black: the mean over all.",
    )  # fmt: skip


def _last(x: Record, last: bool) -> Record:
    """An axis whose labels stand below the last panel alone."""
    return x if last else {**x, "title": None, "axis": {**x["axis"], "labels": False, "ticks": False}}


def _stacked(values: np.ndarray) -> Sequence[tuple[float, float]]:
    """Dots side by side where values are alike: a height for each value."""
    bins: dict[float, int] = {}
    dots = []
    for value in np.sort(values):
        key = round(float(value), 2)
        count = bins.get(key, 0)
        bins[key] = count + 1
        dots.append(((count + 1) // 2 * (1 if count % 2 else -1) * 1.0, float(value)))
    return dots


def _sets(result: Explanation) -> charts.Chart:
    """The minimal sufficient sets: which pressures are in them, and how sure they are (an UpSet plot)."""
    titles = _titles(result)
    shown = result.sufficient_sets[:MOST_SETS]
    names = [f"set {number}" for number in range(1, len(shown) + 1)]
    used = [name for name in result.names if any(name in one.pressures for one in shown)]
    order = sorted(used, key=lambda name: -sum(name in one.pressures for one in shown))
    dots: list[Record] = [
        {"set": label, "pressure": titles[name], "in": name in one.pressures}
        for label, one in zip(names, shown, strict=True) for name in order
    ]  # fmt: skip
    bars: list[Record] = [
        {"set": label, "p": one.p, "low": max(0.0, one.p - 1.645 * one.se), "high": min(1.0, one.p + 1.645 * one.se),
         "consistency": one.consistency, "coverage": one.coverage, "says": f"{one.p:.2f}"}
        for label, one in zip(names, shown, strict=True)
    ]  # fmt: skip
    step = 54
    x = vega.field("set:N", sort=names, title=None, axis=None)
    rows = [titles[name] for name in order]
    y = vega.field(
        "pressure:N", sort=rows, title=None, axis=dict(labelLimit=260, domain=False, ticks=False, labelFontSize=12)
    )
    tips = ["set:N", *(vega.field(f"{name}:Q", format=".2f") for name in ("p", "consistency", "coverage"))]
    base = vega.chart(charts.rows(bars)).encode(x=x, tooltip=tips)
    p = lambda name: vega.field(name, scale=dict(domain=[0, 1]), title=chance_of(result), axis=dict(tickCount=5))  # noqa: E731
    above = vega.layer(
        base.mark("bar", color=YES, opacity=0.75, size=26).encode(y=p("p:Q")),
        base.mark("rule", color=INK, strokeWidth=1.6).encode(y=p("low:Q"), y2="high:Q"),
        base.mark("text", baseline="bottom", dy=-4, fontSize=11, color=INK).encode(y=p("high:Q"), text="says:N"),
        vega.chart(charts.rows([{"level": result.level}])).mark("rule", color=GUIDE, strokeDash=[4, 4]).encode(y=p("level:Q")),
    ).properties(width=step * len(names), height=150)  # fmt: skip
    grid = vega.chart(charts.rows(dots)).encode(x=x, y=y)
    below = vega.layer(
        grid.mark("point", filled=True, size=110, opacity=1, color="#dddddd"),
        grid.filter("datum.in").mark("point", filled=True, size=130, opacity=1, color=INK),
    ).properties(width=step * len(names), height=26 * len(order))
    more = len(result.sufficient_sets) - len(shown)
    return charts.titled(
        vega.vconcat(above, below, spacing=6).resolve_scale(x="shared"),
        f"{len(result.sufficient_sets)} minimal {'set suffices' if len(result.sufficient_sets) == 1 else 'sets suffice'}",
        f"{_how(result)} Black dots: pressures at their extreme, all others played calm. Bars: 90%. "
        f"Dashed: {result.level:.2f}, from which on a set suffices.{f' {more} more are not drawn.' if more else ''}",
    )  # fmt: skip


def _alone(result: Explanation) -> charts.Chart:
    """One pressure put to calm or to extreme, the rest as the scenario has it (a tornado)."""
    assert result.push is not None
    titles = _titles(result)
    now = result.push.worths[result.outcome][0]
    rows: list[Record] = []
    for one in result.singles:
        change = np.asarray(one.worths[result.outcome] - now)
        mean, error = float(change.mean()), float(change.std(ddof=1) / np.sqrt(len(change)))
        rows.append({
            "name": titles[one.pressure], "to": "extreme" if one.share > 0 else "calm", "change": mean,
            "low": mean - 1.645 * error, "high": mean + 1.645 * error,
        })  # fmt: skip
    span = lambda name: max(abs(row["change"]) for row in rows if row["name"] == name)  # noqa: E731
    names = sorted(dict.fromkeys(row["name"] for row in rows), key=lambda name: -span(name))
    reach = max(0.1, *(abs(row[end]) * 1.05 for row in rows for end in ("low", "high")))
    scale = dict(domain=[-reach, reach], nice=False)
    x = lambda name: vega.field(  # noqa: E731
        name,
        scale=scale,
        title=f"change of {chance_of(result)}",
        axis=dict(labelExpr=CHANGE, tickCount=7, labelFlush=False),
    )
    y = vega.field(
        "name:N", sort=names, title=None, axis=dict(labelLimit=260, domain=False, ticks=False, labelFontSize=12)
    )
    hue = vega.field("to:N", title="put to", scale=dict(domain=["calm", "extreme"], range=[NO, YES]))
    base = vega.chart(charts.rows(rows)).encode(y=y, yOffset=vega.field("to:N", sort=["calm", "extreme"]), color=hue, tooltip=[
        "name:N", "to:N", vega.field("change:Q", format="+.2f")])  # fmt: skip
    zero = vega.chart(charts.rows([{"zero": 0}])).mark("rule", color=GUIDE, strokeDash=[4, 4]).encode(x=x("zero:Q"))
    chart = vega.layer(
        zero, base.mark("bar", size=10, opacity=0.45).encode(x=x("change:Q"), x2=vega.datum(0)),
        base.mark("rule", strokeWidth=2).encode(x=x("low:Q"), x2="high:Q"),
        base.mark("point", filled=True, size=55, opacity=1).encode(x=x("change:Q")),
    ).properties(width=WIDTH, height=38 * len(names))  # fmt: skip
    return charts.titled(
        chart, f"One at a time, from where the scenario stands: {chance_of(result)} is {now.mean():.2f} there",
        f"{_how(result)} {len(now)} draws here; points: change under the same draws and luck, 90%.",
    )  # fmt: skip


def _push(result: Explanation) -> charts.Chart:
    """All pressures pushed together."""
    assert result.push is not None
    rows: list[Record] = []
    for share, worth in zip(result.push.shares, result.push.worths[result.outcome], strict=True):
        low, high = wilson(int(worth.sum()), len(worth))
        rows.append({"share": abs(float(share)), "p": float(worth.mean()), "low": low, "high": high})
    way = "extreme" if result.push.shares[-1] > 0 else "calm"
    axis = dict(labelExpr=PERCENT, tickCount=5)
    x = vega.field("share:Q", title=f"how far all are pushed from the scenario towards {way}", axis=axis)
    y = lambda name: vega.field(name, scale=dict(domain=[0, 1]), title=chance_of(result), axis=axis)  # noqa: E731
    base = vega.chart(charts.rows(rows)).encode(x=x)
    half = result.push.half(result.outcome, result.seed)
    line = vega.chart(charts.rows([{"half": 0.5}])).mark("rule", color=GUIDE, strokeDash=[4, 4]).encode(y=y("half:Q"))
    chart = vega.layer(
        line, base.mark("area", opacity=0.2, color=YES).encode(y=y("low:Q"), y2="high:Q"),
        base.mark("line", color=YES, strokeWidth=2.2).encode(y=y("p:Q")),
        base.mark("point", filled=True, size=60, opacity=1, color=YES).encode(y=y("p:Q"), tooltip=[
            vega.field("share:Q", format=".0%"), vega.field("p:Q", format=".2f")]),
    ).properties(width=WIDTH, height=280)  # fmt: skip
    end = (
        f"over 1 ({half[1]:.2f} at least)"
        if half and not np.isfinite(half[2])
        else half and f"{half[1]:.2f} to {half[2]:.2f}"
    )
    title = (
        f"A push of {half[0]:.2f} carries half of the runs over" if half
        else "No push along this way carries half of the runs over"
    )  # fmt: skip
    return charts.titled(
        chart, title, f"{_how(result)} {f'90% of the push: {end}. ' if half else ''}Band: 90% (Wilson)."
    )


def _interactions(result: Explanation) -> charts.Chart:
    """What pairs add together beyond what each adds alone."""
    titles = _titles(result)
    rows: list[Record] = []
    for one, other, value, error in result.interactions(result.outcome):
        for a, b in ((one, other), (other, one)):
            rows.append({"a": titles[a], "b": titles[b], "value": value, "error": error, "says": text.signed(value, 2)})
    names = [titles[name] for name in result.names]
    reach = max(0.05, *(abs(row["value"]) for row in rows))
    axis = dict(labelLimit=200, domain=False, ticks=False, labelFontSize=12)
    scale = dict(domain=[-reach, 0, reach], range=[NO, "#ffffff", YES], type="linear", interpolate="rgb")
    base = vega.chart(charts.rows(rows)).encode(
        x=vega.field("a:N", sort=names, title=None, axis={**axis, "labelAngle": -30}),
        y=vega.field("b:N", sort=names, title=None, axis=axis),
        tooltip=["a:N", "b:N", vega.field("value:Q", format="+.2f"), vega.field("error:Q", format=".2f", title="standard error")],
    )  # fmt: skip
    ink = vega.condition(f"abs(datum.value) > {0.6 * reach}", vega.value("#ffffff"), vega.value(INK))
    chart = vega.layer(
        base.mark("rect").encode(color=vega.field("value:Q", scale=scale, title="index")),
        base.mark("text", fontSize=11.5).encode(text="says:N", color=ink),
    ).properties(width=62 * len(names), height=46 * len(names))
    return charts.titled(
        chart, "What two do together, beyond what each does alone",
        f"{_how(result)} Above 0: each makes the other stronger; below 0: one does what the other would.",
    )  # fmt: skip


def _phase(result: Explanation) -> charts.Chart:
    """The two strongest pressures from calm to extreme, and where one exit causes one more."""
    phase = result.phase
    assert phase is not None
    titles = _titles(result)
    p, again = (phase.worths[name].mean(axis=-1) for name in (result.outcome, "reproduction"))
    half = (phase.steps[1] - phase.steps[0]) / 2
    rows: list[Record] = [
        {"x": float(a - half), "x2": float(a + half), "y": float(b - half), "y2": float(b + half), "p": float(p[i, j]),
         "r": float(again[i, j]), "mx": float(a), "my": float(b), "says": f"{p[i, j]:.2f}"}
        for i, a in enumerate(phase.steps) for j, b in enumerate(phase.steps)
    ]  # fmt: skip
    scale = dict(domain=[-half, 1 + half], nice=False)
    words = "datum.value == 0 ? 'calm' : datum.value == 1 ? 'extreme' : format(datum.value, '.2f')"
    axis = dict(values=[0, 0.25, 0.5, 0.75, 1], labelExpr=words, grid=False)
    x = lambda name: vega.field(name, scale=scale, title=titles[phase.first], axis=axis)  # noqa: E731
    y = lambda name: vega.field(name, scale=scale, title=titles[phase.second], axis=axis)  # noqa: E731
    base = vega.chart(charts.rows(rows))
    hue = vega.field(
        "p:Q", scale=dict(domain=[0, 1], range=["#ffffff", YES], interpolate="rgb"), title=chance_of(result)
    )
    ink = vega.condition("datum.p > 0.6", vega.value("#ffffff"), vega.value(INK))
    edge = charts.rows(_contour(phase.steps, again))
    chart = vega.layer(
        base.mark("rect").encode(x=x("x:Q"), x2="x2:Q", y=y("y:Q"), y2="y2:Q", color=hue, tooltip=[
            vega.field("p:Q", format=".2f"), vega.field("r:Q", format=".2f", title="R_d, first month")]),
        base.mark("text", fontSize=11.5).encode(x=x("mx:Q"), y=y("my:Q"), text="says:N", color=ink),
        vega.chart(edge).mark("rule", color="#D55E00", strokeWidth=3).encode(
            x=x("x:Q"), y=y("y:Q"), x2="x2:Q", y2="y2:Q"),
    ).properties(width=380, height=380)  # fmt: skip
    crossed = "Orange: one exit causes one more (mean over draws, first month)." if edge.values else (
        f"Nowhere does one exit cause one more in the first month (at most {again.max():.2f})."
    )  # fmt: skip
    return charts.titled(
        chart, f"{chance_of(result)} by {titles[phase.first]} and {titles[phase.second]}",
        f"{_how(result)} The other pressures are as the scenario has them. {crossed}",
    )  # fmt: skip


def _contour(steps: np.ndarray, values: np.ndarray) -> list[Record]:
    """Where values are 1, as straight pieces through the cells between neighbouring points."""
    pieces: list[Record] = []
    for i in range(len(steps) - 1):
        for j in range(len(steps) - 1):
            corners = [(i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1)]
            ends = []
            for (a, b), (c, d) in zip(corners, [*corners[1:], corners[0]], strict=True):
                one, other = values[a, b] - 1, values[c, d] - 1
                if (one < 0) != (other < 0):
                    part = one / (one - other)
                    ends.append((steps[a] + part * (steps[c] - steps[a]), steps[b] + part * (steps[d] - steps[b])))
            pieces += [
                {"x": float(p[0]), "y": float(p[1]), "x2": float(q[0]), "y2": float(q[1])}
                for p, q in zip(ends[::2], ends[1::2], strict=True)
            ]
    return pieces


def captions(stems: Mapping[str, object]) -> list[tuple[str, str]]:
    """Headings of figures.

    Args:
        stems: the figures' stems.

    Returns:
        Stem and heading, in the order of a page.
    """
    every = {
        "waterfall": "What each adds", "sets": "What suffices", "alone": "One at a time, from where it stands",
        "push": "How near the edge", "interactions": "Together and apart", "phase": "The two strongest", "swarm": "Draw by draw",
    }  # fmt: skip
    return [(stem, heading) for stem, heading in every.items() if stem in stems]
