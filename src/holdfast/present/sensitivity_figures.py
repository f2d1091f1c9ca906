"""The charts of a sweep: which inputs move the outcome, Morris's plane, the peeling, the box, and dependence on each input."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from holdfast.present import charts, text, vega
from holdfast.present.charts import GUIDE, INK, NO, YES, Record
from holdfast.sensitivity.boxes import Box, Limit
from holdfast.sensitivity.indices import MorrisEffects
from holdfast.sensitivity.inputs import OFF, ON, Input
from holdfast.sensitivity.request import BOXES, MORRIS, OUTCOMES, SOBOL
from holdfast.sensitivity.result import CLASSES, Ranked, Sweep, independent
from holdfast.stats.intervals import Z90

MOST_BARS, MOST_NAMES, MOST_PANELS = 18, 8, 4
WIDTH = 520
"""Of a chart's plane [px]."""
PERCENT = "format(datum.value, '.0%')"
TOTAL, FIRST = YES, "#E3A500"
SIGNED = "Purple: the outcome grows with the input; green: it falls."


def drawings(result: Sweep) -> dict[str, Callable[[], charts.Chart]]:
    """What draws each figure of a sweep.

    Args:
        result: the sweep.

    Returns:
        Functions by the figures' names, in the order of a page; figures that would be empty are left out.
    """
    every: dict[str, Callable[[], charts.Chart]] = {}
    if moving(result):
        every["tornado"] = partial(tornado, result)
        if result.method == MORRIS:
            every["screening"] = partial(screening, result)
        else:  # the points of Morris's few paths go together, so that a mean at one input's level is of the others' too
            every["dependence"] = partial(dependence, result)
    if result.boxes and len(result.boxes.trajectory) > 1:
        every["trajectory"] = partial(trajectory, result)
    if len(_plane(result)) == 2 and result.boxes:
        every["box"] = partial(box, result)
    return every


def moving(result: Sweep) -> list[Ranked]:
    """The inputs that move the outcome at all, the strongest first.

    Args:
        result: the sweep.

    Returns:
        The inputs.
    """
    return [one for one in result.ranked if one.size.value > 0]


def outcome_in_words(result: Sweep) -> str:
    """What is looked at, as a title says it.

    Args:
        result: the sweep.

    Returns:
        As `south's collapse`.
    """
    return f"{text.of(result.side)} {OUTCOMES[result.outcome]}"


def _target(result: Sweep) -> str:
    """What boxes are of, as a title says it."""
    if result.outcome == "exits":
        return f"{text.of(result.side)} exits are above {result.above:.3g} per 1,000 a month"
    return f"{result.side} comes to {OUTCOMES[result.outcome]}"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def tornado(result: Sweep) -> charts.Chart:
    """A bar for each input, the strongest on top.

    Args:
        result: the sweep.

    Returns:
        Total and first order with 90 %; or mu* with 90 %, coloured by sign; or the share of variance between classes.
    """
    shown = moving(result)[:MOST_BARS]
    draw = {SOBOL: _sobol_bars, MORRIS: _morris_bars, BOXES: _class_bars}[result.method]
    return draw(result, shown)


def _sobol_bars(result: Sweep, shown: Sequence[Ranked]) -> charts.Chart:
    """Total order as bars, first order as points, both with intervals."""
    rows: list[Record] = [
        {"name": one.input.label, "total": one.size.value, "total_low": one.size.low, "total_high": one.size.high,
         "first": one.other.value, "first_low": one.other.low, "first_high": one.other.high}
        for one in shown
    ]  # fmt: skip
    low = min(0.0, *(one["first_low"] for one in rows))
    high = max(1.0, *(one[end] for one in rows for end in ("total_high", "first_high")))
    scale = dict(domain=[low, high], nice=False)

    def x(field: str) -> Record:
        return vega.field(field, scale=scale, title="share of the variance", axis=dict(labelExpr=PERCENT))

    tips = [vega.field("name:N", title="input")] + [vega.field(f"{name}:Q", format=".2f") for name in list(rows[0])[1:]]
    base = vega.chart(charts.rows(rows)).encode(y=_names(rows), tooltip=tips)
    chart = vega.layer(
        base.mark("bar", color=TOTAL, opacity=0.28, size=15).encode(x=x("total:Q"), x2=vega.datum(0)),
        base.mark("rule", color=TOTAL, strokeWidth=1.8, yOffset=-4).encode(x=x("total_low:Q"), x2="total_high:Q"),
        base.mark("point", filled=True, color=TOTAL, size=55, opacity=1, yOffset=-4).encode(x=x("total:Q")),
        base.mark("rule", color=FIRST, strokeWidth=1.8, yOffset=4).encode(x=x("first_low:Q"), x2="first_high:Q"),
        base.mark("point", filled=True, color=FIRST, size=60, opacity=1, shape="diamond", yOffset=4).encode(
            x=x("first:Q")
        ),
        _zero(x),
    ).properties(width=WIDTH, height=max(30 * len(rows), 60))
    how = (
        "Sobol indices. Purple bar and dot: total order, alone and with others; yellow diamond: first order, alone. "
        "Lines: 90% over resamples of the points."
    )
    return charts.titled(chart, f"What moves {outcome_in_words(result)}: shares of the variance", how)


def _morris_bars(result: Sweep, shown: Sequence[Ranked]) -> charts.Chart:
    """Mean absolute effects, coloured by the sign of the mean effect."""
    signs = _signs(result)
    rows: list[Record] = [
        {"name": one.input.label, "value": one.size.value, "low": one.size.low, "high": one.size.high,
         "more": bool(signs[one.input.path] > 0)}
        for one in shown
    ]  # fmt: skip
    title = f"mean absolute effect of a step over the range on {_unit(result)}"
    chart = _bars(rows, title)
    how = f"Morris’s mu*, the {len(rows)} greatest of {len(result.inputs)} inputs. {SIGNED} Line: 90% over resamples of paths."
    return charts.titled(chart, f"What moves {outcome_in_words(result)}: elementary effects", how)


def _class_bars(result: Sweep, shown: Sequence[Ranked]) -> charts.Chart:
    """Shares of the variance between classes of each input."""
    signs = _signs(result)
    rows: list[Record] = [
        {"name": one.input.label, "value": one.size.value, "low": one.size.value, "high": one.size.value,
         "more": bool(signs[one.input.path] > 0)}
        for one in shown
    ]  # fmt: skip
    how = f"Share of the variance between {CLASSES} classes of one input, less what chance would give. {SIGNED}"
    posterior = " Draws of the posterior go together: a share may be another input’s." if any(
        one.drawn for one in result.inputs) else ""  # fmt: skip
    return charts.titled(
        _bars(rows, "share of the variance"),
        f"What {outcome_in_words(result)} goes with, input by input",
        how + posterior,
    )


def _bars(rows: list[Record], title: str) -> charts.Chart:
    """One bar an input with its interval."""
    high = max(one["high"] for one in rows)
    scale = dict(domain=[0, high * 1.04 or 1], nice=False)

    def x(field: str) -> Record:
        return vega.field(field, scale=scale, title=title)

    colour = vega.condition("datum.more", vega.value(YES), vega.value(NO))
    tips = [
        vega.field("name:N", title="input"),
        *(vega.field(f"{end}:Q", format=".3g") for end in ("value", "low", "high")),
    ]
    base = vega.chart(charts.rows(rows)).encode(y=_names(rows), color=colour, tooltip=tips)
    return vega.layer(
        base.mark("bar", opacity=0.35, size=12).encode(x=x("value:Q"), x2=vega.datum(0)),
        base.mark("rule", strokeWidth=2).encode(x=x("low:Q"), x2="high:Q"),
        base.mark("point", filled=True, size=55, opacity=1).encode(x=x("value:Q")),
    ).properties(width=WIDTH, height=max(22 * len(rows), 60))


def _names(rows: Sequence[Record]) -> Record:
    """The inputs' names down the side, in their order."""
    names = [one["name"] for one in rows]
    labels = dict(labelLimit=280, labelPadding=8, ticks=False, domain=False, labelFontSize=12, grid=False)
    return vega.field("name:N", title=None, sort=names, axis=labels, scale=dict(domain=names, paddingInner=0.2))


def _zero(x: Callable[[str], Record]) -> charts.Chart:
    return vega.chart(charts.rows([{"zero": 0}])).mark("rule", color=GUIDE, strokeDash=[4, 4]).encode(x=x("zero:Q"))


def _signs(result: Sweep) -> dict[str, float]:
    """Whether the outcome grows with each input: the mean effect, else the sign of their correlation over the points."""
    of = result.indices.get(result.side, {}).get(result.outcome)
    if isinstance(of, MorrisEffects):
        return dict(zip([one.path for one in result.inputs], of.mean, strict=True))
    outcome = result.means(result.side, result.outcome)
    centred = result.values - result.values.mean(axis=0)
    return dict(zip([one.path for one in result.inputs], centred.T @ (outcome - outcome.mean()), strict=True))


def _unit(result: Sweep) -> str:
    """What an outcome is counted in."""
    return "log(1 + exits)" if result.outcome == "exits" else f"P({OUTCOMES[result.outcome]})"


def screening(result: Sweep) -> charts.Chart:
    """Morris's plane: mean absolute effect against spread, the strongest inputs named.

    Args:
        result: a sweep by Morris's method.

    Returns:
        The chart.
    """
    every = moving(result)
    height = 360
    wide = max(one.size.value for one in every) * 1.25
    tall = max(wide / 3, *(one.other.value for one in every)) * 1.12
    spots = [(one.size.value / wide * WIDTH, (1 - one.other.value / tall) * height) for one in every]
    labels = charts.place(
        [(one.input.label, spot) for one, spot in zip(every, spots, strict=True)], spots, WIDTH, height, MOST_NAMES
    )
    rows = [{"name": one.input.label, "size": one.size.value, "spread": one.other.value} for one in every]
    x = vega.field(
        "size:Q", scale=dict(domain=[0, wide], nice=False), title=f"mu*: mean absolute effect on {_unit(result)}"
    )
    y = vega.field("spread:Q", scale=dict(domain=[0, tall], nice=False), title="sigma: how far it depends on the rest")
    base = vega.chart(charts.rows(rows)).encode(x=x, y=y, tooltip=["name:N", "size:Q", "spread:Q"])
    end = min(wide, tall)
    line = vega.chart(charts.rows([{"size": 0, "spread": 0}, {"size": end, "spread": end}])).encode(x=x, y=y)
    written = [
        {"name": one.text, "size": one.x / WIDTH * wide, "spread": (1 - one.y / height) * tall,
         "end": one.end / WIDTH * wide, "size2": one.point[0] / WIDTH * wide, "spread2": (1 - one.point[1] / height) * tall,
         "apart": abs(one.y - one.point[1])}
        for one in labels
    ]  # fmt: skip
    leader = vega.chart(charts.rows(written)).filter("datum.apart > 6").mark("rule", color=GUIDE, strokeWidth=1)
    leader = leader.encode(x=x | {"field": "end"}, x2="size2:Q", y=y, y2="spread2:Q")
    name = vega.chart(charts.rows(written)).encode(x=x, y=y, text="name:N")
    chart = vega.layer(
        line.mark("line", color=GUIDE, strokeDash=[4, 4]),
        leader,
        *charts.halo(name, align="left", baseline="middle", fontSize=charts.LABEL_SIZE),
        base.mark("point", filled=True, color=YES, size=55, opacity=0.75),
    ).properties(width=WIDTH, height=height)
    how = (
        f"{len(every)} of {len(result.inputs)} inputs have an effect at all; the {len(labels)} greatest are named. Dashed: "
        "sigma = mu*; above it an effect turns on what the other inputs are, or its own range bends it."
    )
    return charts.titled(chart, f"Screening of what moves {outcome_in_words(result)}", how)


def trajectory(result: Sweep) -> charts.Chart:
    """The peeling of the first box: density against coverage, step by step.

    Args:
        result: a sweep with boxes.

    Returns:
        The chart.
    """
    search = result.boxes
    assert search is not None
    rows: list[Record] = [
        {"step": number, "density": one.density, "coverage": one.coverage, "mass": one.mass, "inputs": one.inputs}
        for number, one in enumerate(search.trajectory)
    ]  # fmt: skip
    x = vega.field(
        "coverage:Q",
        scale=dict(domain=[0, 1]),
        title="coverage: share of all hits in the box",
        axis=dict(labelExpr=PERCENT),
    )
    y = vega.field(
        "density:Q",
        scale=dict(domain=[0, 1]),
        title="density: share of the box in which it comes",
        axis=dict(labelExpr=PERCENT),
    )
    most = max(one.inputs for one in search.trajectory)
    colour = vega.field(
        "inputs:Q", title="inputs limited", scale=dict(scheme="viridis", domain=[0, max(most, 1)], reverse=True),
        legend=dict(orient="right", values=sorted({one.inputs for one in search.trajectory}), format="d"),
    )  # fmt: skip
    tips = [vega.field(f"{name}:Q", format=".2f") for name in ("density", "coverage", "mass")] + ["inputs:Q", "step:Q"]
    base = vega.chart(charts.rows(rows)).encode(x=x, y=y, tooltip=tips)
    layers = [
        base.mark("line", color=GUIDE, strokeWidth=1),
        base.mark("point", filled=True, size=60, opacity=1).encode(color=colour),
    ]
    if search.boxes:
        first = [{"density": search.boxes[0].density.value, "coverage": search.boxes[0].coverage}]
        mark = vega.chart(charts.rows(first)).encode(x=x, y=y)
        layers.append(mark.mark("point", shape="diamond", size=190, color=INK, strokeWidth=2, filled=False))
    if search.apart:
        apart = vega.chart(charts.rows([{"density": search.apart[0], "coverage": search.apart[1]}])).encode(x=x, y=y)
        layers.append(
            apart.mark("point", shape="cross", size=110, color=charts.SIDE_COLOURS[1], filled=True, opacity=1)
        )
    how = (
        f"From all points (right; {search.base:.0%}) to a small box (left), a step a dot, each after pasting. "
        "Diamond: the box that was taken, without limits that may be chance."
    )
    how += " Orange cross: boxes found on one half of the points, counted on the other." if search.apart else ""
    return charts.titled(
        vega.layer(*layers).properties(width=430, height=360), f"From all points to a box: {_target(result)}", how
    )


def _plane(result: Sweep) -> list[Input]:
    """The two inputs on which a box is drawn: those that it limits first, then the strongest."""
    by_path = {one.path: one for one in result.inputs}
    boxes = result.boxes.boxes if result.boxes else ()
    limited = [by_path[path] for path in (boxes[0].inputs if boxes else ())]
    every = dict.fromkeys([*limited, *(one.input for one in moving(result))])
    return [one for one in every if not one.effect][:2]


def box(result: Sweep) -> charts.Chart:
    """The points on the two strongest inputs, coloured by what came, with the boxes.

    Args:
        result: a sweep with boxes.

    Returns:
        The chart.
    """
    search = result.boxes
    assert search is not None
    one, other = _plane(result)
    column = {each.path: number for number, each in enumerate(result.inputs)}
    chosen, came = independent(result.design, len(result.values)), _came(result)
    rows: list[Record] = [
        {"x": float(row[column[one.path]]), "y": float(row[column[other.path]]), "came": float(share)}
        for row, share in zip(result.values[chosen], came[chosen], strict=True)
    ]  # fmt: skip
    ends = [_ends(rows, axis) for axis in ("x", "y")]
    x, y = (
        vega.field(f"{axis}:Q", title=each.label, scale=dict(domain=list(span), nice=False, zero=False))
        for axis, each, span in zip(("x", "y"), (one, other), ends, strict=True)
    )
    colour = vega.field(
        "came:Q", title="share of runs", scale=dict(domain=[0, 0.5, 1], range=[NO, "#d9d9d9", YES]),
        legend=dict(orient="right", format="%", values=[0, 0.5, 1]),
    )  # fmt: skip
    base = vega.chart(charts.rows(rows)).encode(x=x, y=y)
    size = 34 if len(rows) <= 600 else 16
    layers = [
        base.mark("point", filled=True, size=size, opacity=0.75).encode(color=colour, tooltip=["x:Q", "y:Q", "came:Q"])
    ]
    if search.boxes:
        shape = [_rectangle(search.boxes[0], (one, other), ends)]
        frame = vega.chart(charts.rows(shape)).mark("rect", filled=False, stroke=INK, strokeWidth=2.4)
        layers.append(frame.encode(x=x, x2="x2:Q", y=y, y2="y2:Q"))
    rest = [
        limit for limit in (search.boxes[0].limits if search.boxes else ()) if limit.name not in (one.path, other.path)
    ]
    dots = "A dot is a point of the design: purple where it came in all of its runs, green in none."
    how = f"{dots} {_frame(search.boxes, rest, result)}"
    return charts.titled(vega.layer(*layers).properties(width=430, height=380), f"Where {_target(result)}", how)


def _came(result: Sweep) -> np.ndarray:
    """In what share of each point's runs the outcome came, as boxes count it `[point]`."""
    if result.outcome != "exits":
        return result.means(result.side, result.outcome)
    rates = result.runs.exits[:, result.sides.index(result.side)] > result.above
    return np.bincount(result.runs.point, rates, len(result.values)) / np.bincount(result.runs.point)


def _frame(boxes: Sequence[Box], rest: Sequence[Limit], result: Sweep) -> str:
    """What the frame is."""
    if not boxes:
        return "No limit is sure: no box."
    also = ""
    if rest:
        names = result.labels
        also = f" It has further limits: {', '.join(limit.sentence(names[limit.name]) for limit in rest)}."
    return f"Frame: the first box, density {boxes[0].density.value:.0%}, coverage {boxes[0].coverage:.0%}.{also}"


def _ends(rows: Sequence[Record], axis: str) -> tuple[float, float]:
    """Between what an axis reaches."""
    values = [row[axis] for row in rows]
    low, high = min(values), max(values)
    room = (high - low or 1.0) * 0.03
    return low - room, high + room


def _rectangle(of: Box, plane: tuple[Input, Input], ends: Sequence[tuple[float, float]]) -> Record:
    """A box's ends on two inputs; those that it has not are the picture's."""
    shape: Record = {}
    for axis, each, (low, high) in zip(("x", "y"), plane, ends, strict=True):
        at = {limit.side: limit.value for limit in of.limits if limit.name == each.path}
        shape |= {axis: at.get("above", low), f"{axis}2": at.get("below", high)}
    return shape


def dependence(result: Sweep) -> charts.Chart:
    """The outcome's mean in classes of each of the strongest inputs.

    Args:
        result: the sweep.

    Returns:
        A panel an input, with 90 % intervals of the means.
    """
    chosen = independent(result.design, len(result.values))
    outcome = result.means(result.side, result.outcome)[chosen]
    events = result.outcome != "exits"
    shown = [one.input for one in moving(result)[:MOST_PANELS]]
    column = {each.path: number for number, each in enumerate(result.inputs)}
    every = [_classes(each, result.values[chosen, column[each.path]], outcome, events) for each in shown]
    reach = [one[end] for rows in every for one in rows for end in ("low", "high")]
    scale = dict(domain=[0, 1] if events else [min(reach), max(reach)], nice=not events, zero=False)
    title = f"share of runs with {OUTCOMES[result.outcome]}" if events else "exits per 1,000 a month"
    panels = [
        _dependence_panel(each, rows, scale, title if number % 2 == 0 else None, events)
        for number, (each, rows) in enumerate(zip(shown, every, strict=True))
    ]  # fmt: skip
    how = (
        f"Mean over the points whose input lies in one of up to {CLASSES} classes of equal size, all other inputs as "
        "the design has them; line: 90% of the mean over points."
    )
    chart = vega.concat(*panels, columns=2, spacing=charts.SPACING, bounds="flush")
    return charts.titled(chart, f"{_capital(outcome_in_words(result))} by the strongest inputs", how)


def _classes(of: Input, values: np.ndarray, outcome: np.ndarray, events: bool) -> list[Record]:
    """Means by class of one input."""
    edges = np.unique(np.quantile(values, np.linspace(0, 1, CLASSES + 1)[1:-1]))
    place = np.searchsorted(edges, values, "right")
    back: Callable[[float], float] = (lambda value: min(max(value, 0.0), 1.0)) if events else math.expm1
    rows: list[Record] = []
    for number in np.unique(place):
        here = outcome[place == number]
        reach = Z90 * here.std(ddof=1) / math.sqrt(len(here)) if len(here) > 1 else 0.0
        middle = float(values[place == number].mean())
        at: object = (ON if middle > 0.5 else OFF) if of.effect else middle
        rows.append({
            "at": at, "mean": back(here.mean()), "low": back(here.mean() - reach), "high": back(here.mean() + reach),
            "points": len(here),
        })  # fmt: skip
    return rows


def _dependence_panel(of: Input, rows: list[Record], scale: Record, title: str | None, events: bool) -> charts.Chart:
    """One input."""
    kind = "N" if of.effect else "Q"
    x = vega.field(
        f"at:{kind}", title=None, scale=dict() if of.effect else dict(zero=False, nice=True), axis=dict(labelAngle=0)
    )
    axis = dict(labelExpr=PERCENT) if events else dict()
    tips = [f"at:{kind}", *(vega.field(f"{name}:Q", format=".3g") for name in ("mean", "low", "high")), "points:Q"]
    base = vega.chart(charts.rows(rows)).encode(x=x, tooltip=tips)

    def y(field: str) -> Record:
        return vega.field(field, scale=scale, title=title, axis=charts.small_axis(5, **axis))

    return vega.layer(
        base.mark("line", color=YES, strokeWidth=1.4, opacity=0.6).encode(y=y("mean:Q")),
        base.mark("rule", color=YES, strokeWidth=1.8).encode(y=y("low:Q"), y2="high:Q"),
        base.mark("point", filled=True, color=YES, size=50, opacity=1).encode(y=y("mean:Q")),
        charts.name_above(of.label),
    ).properties(width=360, height=170)
