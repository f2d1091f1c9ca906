"""A backtest in charts and as files: calibration, army by army, models side by side, one army's two outcomes. [IO]"""

from __future__ import annotations

import dataclasses
import functools
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from holdfast.backtesting.result import FIELDS, OUTCOMES, Backtest, CoderScores, Half, Model, name
from holdfast.coded_armies.army import CodedArmy
from holdfast.core import runtime
from holdfast.io import files
from holdfast.present import charts, html, vega
from holdfast.present.charts import GUIDE, INK, NO, UNKNOWN, YES, Record
from holdfast.stats import scoring
from holdfast.stats.scoring import Paired, Scored

if TYPE_CHECKING:
    import altair as alt

PAGE = "backtest.html"
WORDS = ("collapsed", "did not collapse")
OUTCOME_WORDS = dict(zip(OUTCOMES, (WORDS, ("lost men in mass", "did not")), strict=True))
"""What happened and what did not, in words."""
HEADS = dict(zip(OUTCOMES, ("Collapse", "Mass desertion"), strict=True))
CAPTIONS = {
    "calibration": "Calibration", "cases": "Army by army", "by_model": "Scores of every model",
    "differences": "Differences, army by army on the same resamples", "pairs": "One army, two ends",
}  # fmt: skip
_MASS = "mass_desertion_"
"""Before the name of a figure of mass desertion."""
_RIVAL = "ridge_ten"
"""The baseline whose chances are drawn beside the model's."""

_CHANCE = dict(domain=[0, 1], nice=False)
_ROOMY = dict(domain=[-0.035, 1.035], nice=False)
_SHARE = "datum.value == 0 ? '0' : datum.value == 1 ? '1' : format(datum.value, '.1f')"
"""Labels of an axis from 0 to 1."""
_NOT_KNOWN = "outcome not known"
_LEGEND = dict(title=None, symbolStrokeWidth=1.8, symbolSize=90, symbolType="circle", offset=6)
_WIDTH, _NAMES = 610, 300
"""Of the chances; and the most that a name may take, some fifty letters [px]."""

# --- Rows of chances: each army's chance with its interval, marked by what became of it.


@dataclasses.dataclass(frozen=True)
class Chance:
    """One army's chance with its 90 % interval, and what became of the army."""

    name: str
    """As the chart calls it."""
    p: float
    """The chance [1]."""
    low: float
    """Lower end of the interval [1]."""
    high: float
    """Upper end [1]."""
    happened: bool | None
    """`None` where it is not known."""
    rival: float | None = None
    """What the baseline said, if that is drawn [1]."""


@dataclasses.dataclass(frozen=True)
class Pair:
    """The outcomes of one army or country."""

    name: str
    """Of the army or country."""
    ends: tuple[Chance, ...]
    """Its two ends."""
    in_order: float | None = None
    """Share of the draws that put them in the order that came [1]."""


def named(army: CodedArmy) -> str:
    """An army and its years.

    Args:
        army: the army.

    Returns:
        As `Ottoman army, 1916–18`; the army's key where it has no name.
    """
    years = [day.year for day in (army.start, army.end) if day]
    span = str(years[0]) if years else ""
    if len(set(years)) == 2:
        span += f"–{years[1] % 100:02d}" if years[0] // 100 == years[1] // 100 else f"–{years[1]}"
    name = army.army or army.army_id
    return f"{name}, {span}" if span else name


def army_by_army(
    chances: Sequence[Chance], title: str, rival: str | None = None, words: tuple[str, str] = WORDS, subtitle: str = ""
) -> charts.Chart:
    """Every army a row, the highest chance on top.

    Args:
        chances: of the armies.
        title: of the chart.
        rival: the baseline whose chances are drawn as ticks, if any.
        words: what happened, and what did not.
        subtitle: what is to be added on how it is drawn.

    Returns:
        The chart.
    """
    ordered = sorted(chances, key=lambda one: (-one.p, one.name))
    rows = [_record(one, at, words) for at, one in enumerate(ordered)]
    striped = range(1, len(rows), 2)
    chart = _dots(rows, [one.name for one in ordered], striped, words, row=17, rival=rival, both_axes=True)
    tick = f"Tick: {rival}. " if rival else ""
    return charts.titled(chart, title, f"Point: predicted chance; bar: 90%. {tick}{subtitle}".strip())


def pairs(every: Sequence[Pair], title: str, words: tuple[str, str] = WORDS, subtitle: str = "") -> charts.Chart:
    """One army's outcomes under each other, a band over each pair; on it the chance that the model has their order.

    Args:
        every: the pairs.
        title: of the chart.
        words: what happened, and what did not.
        subtitle: what is to be added on how it is drawn.

    Returns:
        The chart.
    """
    names: list[str] = []
    heads: list[Record] = []
    rows: list[Record] = []
    for pair in every:
        order = "" if pair.in_order is None else f"in the order that came, with chance {pair.in_order:.2f}"
        heads.append({"row": len(names) + 0.5, "says": order})
        names.append(pair.name)
        for one in pair.ends:
            rows.append(_record(one, len(names), words))
            names.append(one.name)
    bands = [int(head["row"]) for head in heads]
    chart = _dots(rows, names, bands, words, row=23, bold=bands, notes=heads)
    return charts.titled(chart, title, f"Point: predicted chance; bar: 90%. {subtitle}".strip())


def _record(one: Chance, at: int, words: tuple[str, str]) -> Record:
    """A chance as a chart's datum."""
    outcome = _NOT_KNOWN if one.happened is None else words[0] if one.happened else words[1]
    fact: Record = {"name": one.name, "row": at + 0.5, "p": one.p, "low": one.low, "high": one.high, "outcome": outcome}
    return fact if one.rival is None else fact | {"rival": one.rival}


def _dots(
    rows: Sequence[Record],
    names: Sequence[str],
    shaded: Sequence[int],
    words: tuple[str, str],
    *,
    row: int,
    rival: str | None = None,
    both_axes: bool = False,
    bold: Sequence[int] = (),
    notes: Sequence[Record] = (),
) -> charts.Chart:
    """Chances along, one row a name [px]: 90 % bars, points by outcome, ticks for a rival, notes at the right edge."""
    x, y = functools.partial(_chance_axis, both=both_axes), functools.partial(_name_axis, names, bold)
    shown = [word for word in (*words, _NOT_KNOWN) if any(one["outcome"] == word for one in rows)]

    def scale(values: Sequence[str]) -> Record:
        of = dict(zip((*words, _NOT_KNOWN), values))
        return dict(domain=shown, range=[of[word] for word in shown])

    base = vega.chart(charts.rows(rows)).encode(y=y("row:Q"), tooltip=_chance_tooltip(rival))
    colour = vega.field("outcome:N", scale=scale((YES, NO, UNKNOWN)), legend=_LEGEND)
    shape = vega.field("outcome:N", scale=scale(("diamond", "circle", "square")), legend=_LEGEND)
    fill = vega.field("outcome:N", scale=scale((YES, "white", "white")), legend=_LEGEND)  # in print without colour too
    bands = vega.chart(charts.rows([{"from": one, "to": one + 1} for one in shaded]))
    half = vega.chart(charts.rows([{"half": 0.5}])).mark("rule", color=GUIDE, strokeDash=[4, 4])
    layers = [
        bands.mark("rect", color="#f3f3f3").encode(y=y("from:Q"), y2="to:Q"),
        half.encode(x=x("half:Q", "top" if both_axes else None)),
        base.mark("rule", strokeWidth=2.2, opacity=0.55).encode(x=x("low:Q", "bottom"), x2="high:Q", color=colour),
    ]
    if rival:
        ticks = base.filter("isValid(datum.rival)").mark("tick", thickness=1.3, size=row * 0.6)
        layers.append(ticks.encode(x=x("rival:Q"), color=vega.value(INK)))
    points = base.mark("point", size=62, strokeWidth=1.8, opacity=1)
    layers.append(points.encode(x=x("p:Q"), color=colour, shape=shape, fill=fill))
    if notes:
        text = vega.chart(charts.rows(notes)).mark("text", align="right", dx=-6, color=charts.FAINT, fontSize=11.5)
        layers.append(text.encode(y=y("row:Q"), x=vega.value(_WIDTH), text="says:N"))
    return vega.layer(*layers).properties(width=_WIDTH, height=row * len(names))


def _name_axis(names: Sequence[str], bold: Sequence[int], field: str) -> Record:
    """The names at the left, those of some rows bold."""
    test = f"indexof({json.dumps(list(bold))}, floor(datum.value)) >= 0"
    weight = {"condition": {"test": test, "value": "bold"}, "value": "normal"} if bold else "normal"
    axis = dict(
        values=[index + 0.5 for index in range(len(names))], labelExpr=f"{json.dumps(list(names))}[floor(datum.value)]",
        labelFontWeight=weight, grid=False, ticks=False, domain=False, labelLimit=_NAMES, labelPadding=8,  # type: ignore[arg-type]
        labelOverlap=False,
    )  # fmt: skip
    scale = dict(domain=[0, len(names)], reverse=True, nice=False)
    return vega.field(field, title=None, scale=scale, axis=axis)


def _chance_axis(field: str, orient: str | None = None, *, both: bool) -> Record:
    """All layers share the axis below; with one above as well, each is drawn by one layer only."""
    if both and not orient:
        return vega.field(field, scale=_CHANCE, axis=None)
    above = orient == "top"
    axis = dict(
        orient="top" if above else "bottom", values=list(np.round(np.linspace(0, 1, 11), 1)), labelExpr=_SHARE,
        labelFlush=False, title=None if above else "predicted chance", grid=above or not both,
    )  # fmt: skip
    return vega.field(field, scale=_CHANCE, axis=axis)


def _chance_tooltip(rival: str | None) -> list[Record]:
    """What a point of a chance says."""
    tips = [vega.field("name:N", title="army"), vega.field("outcome:N", title="outcome")]
    numbers = [("p", "predicted chance"), ("low", "90% from"), ("high", "to"), *([("rival", rival)] if rival else [])]
    return tips + [vega.field(f"{field}:Q", title=title, format=".2f") for field, title in numbers]


# --- Calibration.


def calibration(
    p: npt.ArrayLike, y: npt.ArrayLike, model: str = "the model", words: tuple[str, str] = WORDS
) -> charts.Chart:
    """Predicted chances against shares that came, and how the chances lie for either outcome.

    Args:
        p: predicted chances `[army]` [1].
        y: outcomes `[army]`, all known.
        model: whose chances they are.
        words: what happened, and what did not.

    Returns:
        The chart.
    """
    chances, came = np.asarray(p, float), np.asarray(y).astype(bool)
    both = vega.hconcat(_reliability(chances, came, words), _spread(chances, came, words), spacing=44)
    return charts.titled(
        both.resolve_scale(color="independent"),
        f"Of armies with a predicted chance, how many {words[0]}: {model}, {len(chances)} armies",
        "Left: mean predicted chance and share that came, in bins of 0.2; bars: 90% (Wilson); numbers: armies; dashed: as "
        "predicted. Right: armies by chance.",
    )


def _reliability(p: npt.NDArray[np.float64], y: npt.NDArray[np.bool_], words: tuple[str, str]) -> charts.Chart:
    """Shares that came by bins of chance."""
    rows = [
        {"predicted": one.predicted, "share": one.observed.value, "low": one.observed.low, "high": one.observed.high,
         "armies": one.cases, "says": str(one.cases), "side": "left" if one.predicted > 0.94 else "right"}
        for one in scoring.reliability(p, y)
    ]  # fmt: skip
    edges = list(scoring.EDGES)
    bands = vega.chart(charts.rows([{"from": a, "to": b} for a, b in zip(edges[:-1:2], edges[1::2])]))
    line = vega.chart(charts.rows([{"a": 0, "b": 1}])).mark("rule", color=GUIDE, strokeDash=[4, 4])
    axis = dict(values=edges, labelExpr=_SHARE, grid=False)
    tips = [
        vega.field(f"{field}:Q", title=title, format=".2f")
        for field, title in (
            ("predicted", "mean predicted chance"), ("share", f"share that {words[0]}"), ("low", "90% from"), ("high", "to"),
        )
    ]  # fmt: skip
    base = vega.chart(charts.rows(rows)).encode(
        x=vega.field("predicted:Q", title="predicted chance", scale=_ROOMY, axis=axis),
        tooltip=[*tips, vega.field("armies:Q", title="armies")],
    )
    size = vega.field("armies:Q", scale=dict(domain=[0, 30], range=[30, 330]), legend=None)
    layers = [
        bands.mark("rect", color="#f4f4f4").encode(x=vega.field("from:Q", scale=_ROOMY), x2="to:Q"),
        line.encode(x=vega.field("a:Q", scale=_ROOMY), x2="b:Q", y=vega.field("a:Q", scale=_ROOMY), y2="b:Q"),
        base.mark("rule", color=INK, strokeWidth=1.6).encode(
            y=vega.field("low:Q", title=f"share that {words[0]}", scale=_ROOMY, axis=axis), y2="high:Q"
        ),
        base.mark("point", filled=True, color=INK, opacity=1).encode(y="share:Q", size=size),
    ]
    for side, shift, align in (("right", 12, "left"), ("left", -12, "right")):
        text = base.filter(f"datum.side == '{side}'").encode(y="share:Q", text="says:N")
        layers += charts.halo(text, dx=shift, align=align, baseline="middle", fontSize=12)
    return vega.layer(*layers).properties(width=400, height=400)


def _spread(p: npt.NDArray[np.float64], y: npt.NDArray[np.bool_], words: tuple[str, str]) -> charts.Chart:
    """Counts by predicted chance in tenths, one panel for each outcome, on one scale of armies."""
    edges = np.linspace(0, 1, 11)
    counts = [np.histogram(p[y == happened], edges)[0] for happened in (True, False)]
    most = max(1, *(int(count.max()) for count in counts))
    panels = []
    for count, word, hue in zip(counts, words, (YES, NO)):
        rows = [{"from": a, "to": b, "armies": int(n)} for a, b, n in zip(edges[:-1], edges[1:], count) if n]
        axis = dict(values=list(scoring.EDGES), labelExpr=_SHARE, labelFlush=False, grid=False)
        x = vega.field("from:Q", title="predicted chance" if hue == NO else None, scale=_CHANCE, axis=axis)
        whole = dict(values=list(range(0, most + 1, -(-most // 5))), format="d")
        number = vega.field("armies:Q", title="armies", scale=dict(domain=[0, most], nice=False), axis=whole)
        bars = vega.chart(charts.rows(rows)).mark("rect", color=hue, stroke="white", strokeWidth=1.5)
        chart = bars.encode(x=x, x2="to:Q", y=number, y2=vega.datum(0))
        name = charts.panel_title(f"{word} ({int(count.sum())})", 12, 6, color=hue)
        panels.append(chart.properties(width=372, height=164, title=name))
    return vega.vconcat(*panels, spacing=18)


# --- Models side by side, and held against each other.

_SCORES = (
    ("brier", "Brier score", "lower is better", 0.25),
    ("log", "Log score", "lower is better", math.log(2)),
    ("auc", "AUC", "higher is better", 0.5),
)
"""Field, name, which way is up, and what it is where one half is predicted for every army."""
_PANEL = 176
"""Width of one score's panel [px]."""


def by_model(scored: Mapping[str, Scored], title: str, own: Sequence[str] = ()) -> charts.Chart:
    """Models against their scores with 90 % intervals.

    Args:
        scored: scores by the models' names, in the order in which they are drawn.
        title: of the chart.
        own: names that are drawn dark; all others are grey.

    Returns:
        The chart.
    """
    panels = []
    for which, (field, head, better, half) in enumerate(_SCORES):
        rows = [
            {"name": name, "value": one.value, "low": one.low, "high": one.high, "says": f"{one.value:.3f}",
             "own": name in own}
            for name, one in ((name, getattr(each, field)) for name, each in scored.items())
        ]  # fmt: skip
        panels.append(_panel(rows, list(scored), f"{head}, {better}", first=which == 0, middle=half))
    armies = next(iter(scored.values())).cases if scored else 0
    how = f"Point: score on {armies} armies; bar: 90% of resamples of the armies. Dashed: one half predicted for every army."
    return charts.titled(vega.hconcat(*panels, spacing=18), title, how)


def differences(against: Mapping[str, Paired], title: str, own: str = "the model") -> charts.Chart:
    """The model's score less that of each it is held against, with 90 % intervals; the pale side is where it is better.

    Args:
        against: differences by the other models' names, in the order in which they are drawn.
        title: of the chart.
        own: name of the model.

    Returns:
        The chart.
    """
    panels = []
    for which, (field, head, _, _) in enumerate(_SCORES):
        rows = [
            {"name": name, "value": one.value, "low": one.low, "high": one.high, "own": True,
             "says": f"{one.value:+.3f}".replace("-", "−"), "share": one.a_better}
            for name, one in ((name, getattr(each, field)) for name, each in against.items())
        ]  # fmt: skip
        better = 1 if field == "auc" else -1
        panels.append(_panel(rows, list(against), head, first=which == 0, middle=0.0, better=better))
    how = (
        f"Score of {own} less that of the row, on the same armies; bar: 90% of resamples of the armies. Pale side: "
        f"{own} is better."
    )
    return charts.titled(vega.hconcat(*panels, spacing=18), title, how)


def _panel(
    rows: Sequence[Record], names: Sequence[str], head: str, *, first: bool, middle: float, better: int = 0
) -> charts.Chart:
    """One score: a row a name, its number at the right edge. `middle` is dashed; `better` is the side of it to shade."""
    shown = [one for one in rows if math.isfinite(one["value"])]
    ends = [middle, *(one[end] for one in shown for end in ("low", "high"))]
    room = 0.06 * (max(ends) - min(ends)) or 0.05
    domain = [min(ends) - room, max(ends) + room]
    scale = dict(domain=domain, nice=False, zero=False)
    labels = dict(labelLimit=240, labelPadding=8, ticks=False, domain=False, labelFontSize=12)
    order = dict(domain=list(names), paddingInner=0.2)
    y = vega.field("name:N", title=None, sort=list(names), axis=labels if first else None, scale=order)
    axis = dict(tickCount=4, labelExpr="format(datum.value, '~g')", title=None, labelFlush=False, labelOverlap=True)

    def x(field: str) -> Record:
        return vega.field(field, scale=scale, axis=axis)

    tips = [vega.field("name:N", title="model")] + [
        vega.field(f"{field}:Q", title=title, format=".3f")
        for field, title in (("value", head), ("low", "90% from"), ("high", "to"))
    ]
    if better:
        tips.append(vega.field("share:Q", title="resamples in which it is better", format=".0%"))
    ink = vega.condition("datum.own", vega.value(INK), vega.value(UNKNOWN))
    base = vega.chart(charts.rows(shown)).encode(y=y, color=ink, tooltip=tips)
    edge = vega.chart(charts.rows([{"middle": middle, "end": domain[0 if better < 0 else 1]}]))
    text = base.mark("text", align="left", dx=8, fontSize=11.5)
    layers = [
        *([edge.mark("rect", color="#e3f1f2").encode(x=x("middle:Q"), x2="end:Q")] if better else []),
        edge.mark("rule", color=GUIDE, strokeDash=[4, 4]).encode(x=x("middle:Q")),
        base.mark("rule", strokeWidth=2.4, opacity=0.65).encode(x=x("low:Q"), x2="high:Q"),
        base.mark("point", filled=True, size=80, opacity=1).encode(x=x("value:Q")),
        text.encode(x=vega.value(_PANEL), text="says:N", color=vega.value(INK)),
    ]
    name = charts.panel_title(head, 12, 8, color=INK)
    return vega.layer(*layers).properties(width=_PANEL, height=26 * len(names), title=name)


# --- The figures of a backtest.


def figures(result: Backtest) -> dict[str, Callable[[], alt.TopLevelMixin]]:
    """The figures of a backtest.

    Args:
        result: the backtest.

    Returns:
        What draws each, by the stem of its file; where nothing is scored, the armies alone.
    """
    return vega.in_altair(_drawings(result))


def _drawings(result: Backtest) -> dict[str, Callable[[], charts.Chart]]:
    """What draws each figure, by the stem of its file."""
    draw: dict[str, Callable[[], charts.Chart]] = {}
    for outcome in OUTCOMES:
        stem = "" if outcome == "collapse" else _MASS
        scored = result.own in result.scores[outcome]
        if scored:
            draw[f"{stem}calibration"] = functools.partial(_calibration_of, result, outcome)
        draw[f"{stem}cases"] = functools.partial(_armies_of, result, outcome)
        if scored:
            draw[f"{stem}by_model"] = functools.partial(_models_of, result, outcome)
        if result.differences[outcome]:
            draw[f"{stem}differences"] = functools.partial(_differences_of, result, outcome)
    if result.pairs:
        draw["pairs"] = functools.partial(_pairs_of, result)
    return draw


def _calibration_of(result: Backtest, outcome: str) -> charts.Chart:
    """Predicted chances and shares that came, of the armies that are scored."""
    here, model = result.counts[outcome], result.models[0]
    came = [bool(getattr(one.army, outcome)) for one, counts in zip(result.holdouts, here, strict=True) if counts]
    return calibration(model.chances[outcome][here], came, model.name, OUTCOME_WORDS[outcome])


def _armies_of(result: Backtest, outcome: str) -> charts.Chart:
    """Every army with its interval, and what the logit on all ten codes predicts."""
    rival = _rival(result)
    chances = [
        Chance(
            named(one.army) + ("" if one.army.independent else " *"),
            own.value, own.low, own.high, getattr(one.army, outcome), float(rival.chances[outcome][place]),
        )
        for place, (one, own) in enumerate(zip(result.holdouts, result.intervals(outcome), strict=True))
    ]  # fmt: skip
    more = "" if all(one.army.independent for one in result.holdouts) else "Starred: not scored."
    title = f"{HEADS[outcome]}, army by army: {result.title}"
    return army_by_army(chances, title, rival.name, OUTCOME_WORDS[outcome], more)


def _models_of(result: Backtest, outcome: str) -> charts.Chart:
    """All models beside each other."""
    names = {model.key: model.name for model in result.models}
    own = [name for key, name in names.items() if key in (result.own, "holdfast_war")]
    scored = {names[key]: one for key, one in result.scores[outcome].items()}
    return by_model(scored, _headline(result, outcome), own)


def _differences_of(result: Backtest, outcome: str) -> charts.Chart:
    """The model held against each other one on the same armies."""
    of, every, rival = {model.key: model for model in result.models}, result.differences[outcome], _rival(result)
    against = {of[key].name: one for key, one in every.items() if of[key].against == result.own}
    share = every[rival.key].brier.a_better if rival.key in every else 0
    own = result.models[0].name
    title = (
        f"{HEADS[outcome]}: {own} has the better Brier score than the {rival.name} in {share:.0%} of resamples of the "
        "armies"
    )
    return differences(against, title, own)


def _pairs_of(result: Backtest) -> charts.Chart:
    """One army's two ends."""

    def end(half: Half) -> Chance:
        return Chance(named(half.army), half.collapse.value, half.collapse.low, half.collapse.high, half.army.collapse)

    every = [
        Pair(one.pair.name, tuple(end(half) for half in one.halves), one.share if one.pair.broke else None)
        for one in result.pairs
    ]
    both = [one for one in result.pairs if one.pair.broke]
    title = f"One army, two ends: {sum(one.right for one in both)} of {len(both)} pairs in the order that came"
    return pairs(every, title, subtitle="Each predicted by what is learnt without either.")


def _headline(result: Backtest, outcome: str) -> str:
    """The model's scores beside those of the logit on all ten codes, in a line."""

    def both(one: Scored) -> str:
        return f"Brier {one.brier.value:.3f}, AUC {one.auc.value:.2f}"

    scores, rival = result.scores[outcome], _rival(result)
    beside = f"; {rival.name}: {both(scores[rival.key])}" if rival.key in scores else ""
    return f"{HEADS[outcome]}. {result.models[0].name}: {both(scores[result.own])}{beside}"


def _rival(result: Backtest) -> Model:
    """The baseline that is drawn beside the model."""
    return next(model for model in result.models if model.key.startswith(_RIVAL))


# --- Files: JSON, tables, figures and a page.


def save(result: Backtest, folder: Path, *, figures: bool = False) -> Path:
    """Write `backtest.json`, tables, figures and a page into a folder, whole or not at all.

    Args:
        result: the backtest.
        folder: where.
        figures: whether to write the figures as SVG and PNG files too; the page draws its own.

    Returns:
        The page's path.
    """
    plain: Record = result.to_dict()
    specs = {stem: draw().to_dict() for stem, draw in _drawings(result).items()}
    with files.folder(folder, optional=("figures", "coders.csv")) as fresh:
        files.write_json(fresh / "backtest.json", plain)
        files.write_table(fresh / "cases.csv", _flags(_army_rows(plain)))
        files.write_table(fresh / "scores.csv", _flags(_score_rows(plain)))
        files.write_table(fresh / "differences.csv", _difference_rows(plain))
        if result.coders:
            files.write_table(fresh / "coders.csv", _coder_rows(plain))
        if figures:
            charts.save_all(specs, fresh / "figures")
        files.write_text(fresh / PAGE, _page(result, specs))
    return folder / PAGE


def in_html(result: Backtest) -> str:
    """A backtest in short, as HTML for a notebook.

    Args:
        result: the backtest.

    Returns:
        Its title, its headline and the scores of collapse.
    """
    rows = [
        {"model": row["name"]} | {field: value for field, (value, _) in zip(FIELDS, row["cells"])}
        for row in _score_table(result, "collapse")
    ]
    lines = [f"{each.title}: {_beside(each.scores['collapse'])}." for each in result.coders if each.further]
    lines += [_headline(result, "collapse")] if result.own in result.scores["collapse"] else []
    return html.in_short(result.title, [*lines, *result.warnings[:1]], rows)


def _flags(rows: Iterable[Record]) -> list[Record]:
    """True and false as 1 and 0, as a file of coded armies has them."""
    return [{name: int(one) if isinstance(one, bool) else one for name, one in row.items()} for row in rows]


def _army_rows(plain: Record) -> list[Record]:
    """A row an army."""
    return [
        {
            "case_id": one["army_id"], "army": one["army"], "held_out": one["held_out"], "scored": one["scored"],
            "p_collapse": one["p_collapse"],
            **{f"p_collapse_{level}": value for level, value in one["p_collapse_interval"].items()},
            "collapse": one["collapse"],
            "p_mass_desertion": one["p_mass_desertion"],
            **{f"p_mass_desertion_{level}": value for level, value in one["p_mass_desertion_interval"].items()},
            "mass_desertion": one["mass_desertion"],
            **{f"exits_{level}": value for level, value in one["exits_per_1000_month"].items()},
            "exits_coded": one["exits_coded_per_1000_month"],
            **{f"p_collapse_{model}": value for model, value in one["models"].items()},
        }
        for one in plain["armies"]
    ]  # fmt: skip


def _score_rows(plain: Record) -> list[Record]:
    """A row a model and outcome."""
    rows = []
    for outcome in OUTCOMES:
        for key, values in plain["scores" if outcome == "collapse" else "scores_mass_desertion"].items():
            one = plain["intervals"][outcome].get(key)
            row = {"outcome": outcome, "model": key, "name": plain["models"][key]["name"]}
            row |= {"armies": one and one["armies"], "happened": one and one["happened"]}
            for field in FIELDS:
                ends = one[field] if one else {"p05": None, "p95": None}
                row |= {field: values[field]} | {f"{field}_{level}": end for level, end in ends.items()}
            rows.append(row)
    return rows


def _difference_rows(plain: Record) -> list[Record]:
    """A row a pair of models and outcome."""
    return [
        {"outcome": outcome, "model": one["model"], "less": one["less"]}
        | {f"{field}_{name}": value for field in FIELDS for name, value in one[field].items()}
        for outcome in OUTCOMES
        for one in plain["differences"][outcome]
    ]


def _coder_rows(plain: Record) -> list[Record]:
    """A row a coder, vantage, outcome and model."""
    return [
        {"coder": one["coder"], "vantage": one["vantage"], "further": int(one["further"]), "outcome": outcome, "model": key}
        | {"armies": ends["armies"], "happened": ends["happened"]}
        | {name: value for field in FIELDS
           for name, value in ((field, values[field]), (f"{field}_p05", ends[field]["p05"]), (f"{field}_p95", ends[field]["p95"]))}
        for one in plain["coders"] for outcome in OUTCOMES for key, values in one["scores"][outcome].items()
        for ends in [one["intervals"][outcome][key]]
    ]  # fmt: skip


def headline(result: Backtest) -> str:
    """The scores in a line: those on fresh coders' armies where they are there, else those of the first coder’s armies.

    Args:
        result: the backtest.

    Returns:
        A sentence; nothing where no score is there.
    """
    fresh = next((one for one in result.coders if one.further), None)
    if fresh:
        return f"Collapse. {fresh.title}. {_beside(fresh.scores['collapse'])}"
    return _headline(result, "collapse") if result.own in result.scores["collapse"] else ""


def _beside(scores: Mapping[str, Scored]) -> str:
    """The model's scores and the logit's in a line."""
    return "; ".join(
        f"{name(key)}: Brier {scores[key].brier.value:.3f}, AUC {scores[key].auc.value:.2f}"
        for key in ("holdfast", _RIVAL)
    )


def _coder_table(one: CoderScores) -> Record:
    """A coder's scores as a table of the page, and what is said below it."""
    less = one.differences["collapse"][_RIVAL]
    sides = [("Holdfast less the logit on all ten codes", {field: getattr(less, field) for field in FIELDS})]
    sides.append(("Gap to the first coder’s armies", dict(one.gap)))
    notes = [
        f"{head}: " + ", ".join(
            f"{_WORDS[field]} {of[field].value:+.3f} ({of[field].low:+.2f} to {of[field].high:+.2f})" for field in FIELDS
        ).replace("-", "−") + "."
        for head, of in sides
    ]  # fmt: skip
    rows = [{"name": name(key), "cells": _cells(of)} for key, of in one.scores["collapse"].items()]
    return {"head": f"{one.title}; mean chance {one.mean_chance:.2f}", "rows": rows, "notes": notes}


_WORDS = {"brier": "Brier", "log": "log", "auc": "AUC"}


def _page(result: Backtest, specs: Mapping[str, Record]) -> str:
    """The page as text."""
    tables = [
        {"head": HEADS[outcome], "armies": int(result.counts[outcome].sum()), "rows": _score_table(result, outcome)}
        for outcome in OUTCOMES if result.scores[outcome]
    ]  # fmt: skip
    return html.charts_page(
        "backtest.html.j2",
        specs,
        title=result.title,
        headline=headline(result),
        warnings=result.warnings,
        further=[_coder_table(one) for one in result.coders if one.further],
        again=[_coder_table(one) for one in result.coders if not one.further],
        tables=tables,
        figures=[(stem, _caption(stem)) for stem in specs],
        pairs=result.pairs,
        facts=[
            f"posterior {result.about['posterior']}",
            f"seed {result.about['seed']}",
            f"Holdfast {runtime.version()}",
        ],
    )


def _caption(stem: str) -> str:
    """What stands above a figure."""
    return CAPTIONS[stem.removeprefix(_MASS)] + (": mass desertion" if stem.startswith(_MASS) else "")


def _score_table(result: Backtest, outcome: str) -> list[Record]:
    """A row a model: its name and, of each score, the value and its interval."""
    names = {model.key: model.name for model in result.models}
    return [
        {"name": names[key], "cells": _cells(one)}
        for key, one in result.scores[outcome].items()
    ]  # fmt: skip


def _cells(one: Scored) -> list[tuple[str, str]]:
    """Each score and its interval."""
    scores = (getattr(one, field) for field in FIELDS)
    return [(f"{score.value:.3f}", f"{score.low:.2f}–{score.high:.2f}") for score in scores]
