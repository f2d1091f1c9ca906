"""The backtest in charts: calibration, case by case, models side by side, and one army's two outcomes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
import numpy.typing as npt

from holdfast.present import backtest_chances, charts
from holdfast.present.backtest_chances import NO, WORDS, YES
from holdfast.stats import scoring
from holdfast.stats.intervals import Estimate
from holdfast.stats.scoring import Difference, Paired, Scored

OWN = charts.INK
OTHER = "#8c8c8c"
"""The model's own scores and all others'."""
PANEL = 176
"""Width of one score's panel [px]."""

_ROOMY = alt.Scale(domain=[-0.035, 1.035], nice=False)


def calibration(
    p: npt.ArrayLike, y: npt.ArrayLike, model: str = "the model", words: tuple[str, str] = WORDS
) -> alt.TopLevelMixin:
    """Chances told against shares that came, and how the chances lie for either outcome; `y` has known outcomes only."""
    chances, truths = np.asarray(p, float), np.asarray(y).astype(bool)
    drawn = alt.hconcat(
        _reliability(chances, truths, words), _spread(chances, truths, words), spacing=44
    ).resolve_scale(color="independent")
    title = f"Of armies told a chance, how many {words[0]}: {model}, {len(chances)} cases"
    how = (
        "Left: mean chance told and share that came, in bins of 0.2; bars: 90% (Wilson); numbers: armies; dashed: as told. "
        "Right: armies by chance."
    )
    return charts.titled(drawn, title, how)


def _reliability(p: npt.NDArray[np.float64], y: npt.NDArray[np.bool_], words: tuple[str, str]) -> Any:
    size = 400
    bins = scoring.reliability(p, y)
    shown = charts.rows(
        [
            {"told": one.predicted, "share": one.observed.value, "low": one.observed.low, "high": one.observed.high,
             "cases": one.cases, "says": str(one.cases),
             "side": "left" if one.predicted > 0.94 else "right"}
            for one in bins
        ]
    )  # fmt: skip
    edges = scoring.EDGES
    bands = charts.rows([{"from": a, "to": b} for a, b in zip(edges[:-1:2], edges[1::2])])
    band = alt.Chart(bands).mark_rect(color="#f4f4f4").encode(x=alt.X("from:Q", scale=_ROOMY), x2="to:Q")
    line = alt.Chart(charts.rows([{"a": 0, "b": 1}])).mark_rule(color="#9a9a9a", strokeDash=[4, 4])
    diagonal = line.encode(x=alt.X("a:Q", scale=_ROOMY), x2="b:Q", y=alt.Y("a:Q", scale=_ROOMY), y2="b:Q")
    axis = alt.Axis(values=list(edges), labelExpr=backtest_chances.SHARE, grid=False)
    x = alt.X("told:Q", title="chance told", scale=_ROOMY, axis=axis)
    base = alt.Chart(shown).encode(x=x, tooltip=_bin_tooltip(words))
    y_title = f"share that {words[0]}"
    bars = base.mark_rule(color=charts.INK, strokeWidth=1.6).encode(
        y=alt.Y("low:Q", title=y_title, scale=_ROOMY, axis=axis), y2="high:Q"
    )
    points = base.mark_point(filled=True, color=charts.INK, opacity=1).encode(
        y="share:Q", size=alt.Size("cases:Q", scale=alt.Scale(domain=[0, 30], range=[30, 330]), legend=None)
    )
    made: list[Any] = [band, diagonal, bars, points]
    for side, shift, align in (("right", 12, "left"), ("left", -12, "right")):
        text = base.transform_filter(f"datum.side == '{side}'").encode(y="share:Q", text="says:N")
        style: dict[str, Any] = {"dx": shift, "align": align, "baseline": "middle", "fontSize": 12}
        halo = text.mark_text(stroke="white", strokeWidth=3, strokeJoin="round", color="white", **style)
        made += [halo, text.mark_text(color=charts.INK, **style)]
    return alt.layer(*made).properties(width=size, height=size)


def _bin_tooltip(words: tuple[str, str]) -> list[alt.Tooltip]:
    return [
        alt.Tooltip("told:Q", title="mean chance told", format=".2f"),
        alt.Tooltip("share:Q", title=f"share that {words[0]}", format=".2f"),
        alt.Tooltip("low:Q", title="90% from", format=".2f"),
        alt.Tooltip("high:Q", title="to", format=".2f"),
        alt.Tooltip("cases:Q", title="armies"),
    ]


def _spread(p: npt.NDArray[np.float64], y: npt.NDArray[np.bool_], words: tuple[str, str]) -> alt.VConcatChart:
    """Counts by chance told in tenths, one panel for each outcome, on one scale of armies."""
    edges = np.linspace(0, 1, 11)
    counts = [np.histogram(p[y == happened], edges)[0] for happened in (True, False)]
    most = max(1, *(int(count.max()) for count in counts))
    made = []
    for count, word, hue in zip(counts, words, (YES, NO)):
        rows = [{"from": a, "to": b, "armies": int(n)} for a, b, n in zip(edges[:-1], edges[1:], count) if n]
        x = alt.X(
            "from:Q",
            title="chance told" if hue == NO else None,
            scale=backtest_chances.CHANCE,
            axis=alt.Axis(values=list(scoring.EDGES), labelExpr=backtest_chances.SHARE, labelFlush=False, grid=False),
        )
        whole = list(range(0, most + 1, -(-most // 5)))
        y_axis = alt.Y("armies:Q", title="armies", scale=alt.Scale(domain=[0, most], nice=False))
        y_axis = y_axis.axis(alt.Axis(values=whole, format="d"))
        bars = alt.Chart(charts.rows(rows)).mark_rect(color=hue, stroke="white", strokeWidth=1.5)
        chart = bars.encode(x=x, x2="to:Q", y=y_axis, y2=alt.datum(0))
        name = alt.TitleParams(
            f"{word} ({int(count.sum())})", anchor="start", frame="group", fontSize=12, color=hue, offset=6
        )
        made.append(chart.properties(width=372, height=164, title=name))
    return alt.vconcat(*made, spacing=18)


SCORES = (
    ("brier", "Brier score", "lower is better", 0.25),
    ("log", "Log score", "lower is better", math.log(2)),
    ("auc", "AUC", "higher is better", 0.5),
)
"""Field, name, which way is up, and what it is where one half is told of every army."""


def by_model(
    scored: Mapping[str, Scored], title: str, own: Sequence[str] = (), subtitle: str = ""
) -> alt.TopLevelMixin:
    """Models against their scores with 90 % intervals, in the order given; `own` are drawn dark, all others grey."""
    panels = []
    for which, (field, head, better, half) in enumerate(SCORES):
        found: dict[str, Estimate] = {name: getattr(one, field) for name, one in scored.items()}
        rows = [
            {"name": name, "value": one.value, "low": one.low, "high": one.high, "says": f"{one.value:.3f}",
             "own": name in own}
            for name, one in found.items()
        ]  # fmt: skip
        panels.append(_panel(rows, list(scored), f"{head}, {better}", first=which == 0, middle=half))
    cases = next(iter(scored.values())).cases if scored else 0
    how = f"Point: score on {cases} cases; bar: 90% of resamples of the cases. Dashed: one half told of every army."
    return charts.titled(alt.hconcat(*panels, spacing=18), title, f"{how} {subtitle}".strip())


def differences(
    against: Mapping[str, Paired], title: str, own: str = "the model", subtitle: str = ""
) -> alt.TopLevelMixin:
    """The model's score less that of each it is held against, with 90 % intervals; the pale side is where it is better."""
    panels = []
    for which, (field, head, _, _) in enumerate(SCORES):
        found: dict[str, Difference] = {name: getattr(one, field) for name, one in against.items()}
        rows = [
            {"name": name, "value": one.value, "low": one.low, "high": one.high, "own": True,
             "says": f"{one.value:+.3f}".replace("-", "−"), "share": one.a_better}
            for name, one in found.items()
        ]  # fmt: skip
        better = 1 if field == "auc" else -1
        panels.append(_panel(rows, list(against), head, first=which == 0, middle=0.0, better=better))
    how = (
        f"Score of {own} less that of the row, on the same cases; bar: 90% of resamples of the cases. Pale side: "
        f"{own} is better."
    )
    return charts.titled(alt.hconcat(*panels, spacing=18), title, f"{how} {subtitle}".strip())


def _panel(
    rows: list[dict[str, Any]], names: Sequence[str], head: str, *, first: bool, middle: float, better: int = 0
) -> Any:
    """One score: a row a name, its number at the right edge. `middle` is dashed; `better` is the side of it to shade."""
    drawn = [one for one in rows if math.isfinite(one["value"])]
    scale = _reach(drawn, middle)
    labels = alt.Axis(labelLimit=240, labelPadding=8, ticks=False, domain=False, labelFontSize=12)
    y = alt.Y("name:N", title=None, sort=list(names), axis=labels if first else None)
    y = y.scale(alt.Scale(domain=list(names), paddingInner=0.2))
    axis = alt.Axis(tickCount=4, labelExpr="format(datum.value, '~g')", title=None, labelFlush=False, labelOverlap=True)

    def x(field: str) -> alt.X:
        return alt.X(field, scale=scale, axis=axis)

    ink = alt.condition("datum.own", alt.value(OWN), alt.value(OTHER))
    base = alt.Chart(charts.rows(drawn)).encode(y=y, color=ink, tooltip=_score_tooltip(head, bool(better)))
    edge = alt.Chart(charts.rows([{"middle": middle, "end": scale.domain[0 if better < 0 else 1]}]))
    text = base.mark_text(align="left", dx=8, fontSize=11.5)
    made = [
        *([edge.mark_rect(color="#e3f1f2").encode(x=x("middle:Q"), x2="end:Q")] if better else []),
        edge.mark_rule(color="#9a9a9a", strokeDash=[4, 4]).encode(x=x("middle:Q")),
        base.mark_rule(strokeWidth=2.4, opacity=0.65).encode(x=x("low:Q"), x2="high:Q"),
        base.mark_point(filled=True, size=80, opacity=1).encode(x=x("value:Q")),
        text.encode(x=alt.value(PANEL), text="says:N", color=alt.value(charts.INK)),
    ]
    name = alt.TitleParams(head, anchor="start", frame="group", fontSize=12, offset=8, color=charts.INK)
    return alt.layer(*made).properties(width=PANEL, height=26 * len(names), title=name)


def _score_tooltip(head: str, shared: bool) -> list[alt.Tooltip]:
    made = [
        alt.Tooltip("name:N", title="model"),
        alt.Tooltip("value:Q", title=head, format=".3f"),
        alt.Tooltip("low:Q", title="90% from", format=".3f"),
        alt.Tooltip("high:Q", title="to", format=".3f"),
    ]
    share = alt.Tooltip("share:Q", title="resamples in which it is better", format=".0%")
    return [*made, share] if shared else made


def _reach(rows: Sequence[Mapping[str, Any]], middle: float) -> alt.Scale:
    """The intervals and the middle, with a little room on either side."""
    ends = [middle, *(one[end] for one in rows for end in ("low", "high"))]
    low, high = min(ends), max(ends)
    room = 0.06 * (high - low) or 0.05
    return alt.Scale(domain=[low - room, high + room], nice=False, zero=False)
