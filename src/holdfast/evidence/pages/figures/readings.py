"""One claim against the truth under each reading of its words."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from holdfast.evidence import predict, votes
from holdfast.evidence.claims.claim import Claim
from holdfast.evidence.pages import bands, measure, words
from holdfast.evidence.pages.figures.claims import COLOURS
from holdfast.evidence.posterior import Posterior
from holdfast.evidence.verdict import Reading, Verdict
from holdfast.report import look

ROW = 40
NAMES, CHANCES = 230, 150
"""Room for the readings' names on the left and the chances on the right [px]."""
LOG_FROM = 12.0
"""Highest over lowest number from which the axis is logarithmic."""

Fives = Mapping[str, Mapping[str, float]]


def fives(posterior: Posterior, verdict: Verdict) -> Fives:
    """The five levels of the truth under each reading, by its name."""
    if not verdict.readings:
        return {}
    chosen = [dataclasses.replace(verdict.claim, counts=one.counts) for one in verdict.readings]
    truths = predict.truth(posterior.sides[verdict.claim.side], chosen)
    return {one.counts: bands.five(draws) for one, draws in zip(verdict.readings, truths)}


def readings(
    verdict: Verdict, posterior: Posterior | None = None, *, width: int = look.WIDTH, titled: bool = True
) -> alt.TopLevelMixin:
    """Rows: meanings of the claim's words, its own first; the claim's number as a line through all of them.

    The bars of half of the evidence need the posterior; without it those of 90% alone are drawn.
    """
    halves = fives(posterior, verdict) if posterior else {}
    rows = [_row(one, number, halves.get(one.counts)) for number, one in enumerate(verdict.readings)]
    inner = width - NAMES - CHANCES
    low, high = _number(verdict.claim)
    ends = [value for row in rows for value in (row["low"], row["high"]) if value > 0] + [low, high]
    log = max(ends) / max(min(ends), 1e-9) > LOG_FROM
    height = ROW * max(len(rows), 1)
    chart = alt.layer(*_layers(verdict, rows, (low, high), _scale(ends, log), log, inner, height))
    chart = chart.properties(width=inner, height=height)
    if not titled:
        plain = look.titled(chart, "", "")
        plain.title = alt.Undefined
        return plain
    how = "Thick bar: half of the evidence; thin bar: 90%; tick: median." if halves else "Bar: 90%; tick: median."
    if log:
        how += " Log scale."
    return look.titled(chart, _title(verdict), f"Rows: what its words might mean. {how}")


def _row(one: Reading, number: int, five: Mapping[str, float] | None) -> dict[str, Any]:
    name = one.says + (" (its own words)" if number == 0 else "")
    made = {
        "reading": "\n".join(measure.wrap(name, 12, NAMES - 24, lines=2)), "low": one.truth["p05"],
        "middle": one.truth["p50"], "high": one.truth["p95"], "chance": words.chance(one.tail_probability),
        "verdict": words.VERDICTS[one.verdict], "key": one.verdict,
    }  # fmt: skip
    return made | ({"lower": five["lower"], "upper": five["upper"]} if five else {})


def _number(claim: Claim) -> tuple[float, float]:
    """The claim's number as a total, both ends of its range."""
    ends = (claim.value_low, claim.value_high)
    if ends[0] is None or ends[1] is None:
        ends = (claim.value, claim.value)
    low, high = (max(votes.total(claim, end or 0.0), 1.0) for end in ends)
    return low, high


def _scale(ends: Sequence[float], log: bool) -> alt.Scale:
    least, most = min(ends), max(ends)
    if log:
        return alt.Scale(type="log", domain=[max(least, 1.0) / 1.25, most * 1.25], nice=False)
    return alt.Scale(domain=[0, most * 1.08], nice=False)


def _layers(
    verdict: Verdict, rows: list[dict[str, Any]], number: tuple[float, float], scale: alt.Scale, log: bool, inner: int,
    height: int,
) -> list[alt.Chart]:  # fmt: skip
    names = [row["reading"] for row in rows]
    axis = alt.Axis(format="~s", labelExpr=look.MEN.labelExpr, tickCount=6 if not log else 8, labelOverlap="greedy")

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", title="men", scale=scale, axis=axis)

    y = alt.Y("reading:N", sort=names, title=None, scale=alt.Scale(domain=names or [""], paddingOuter=0.3), axis=alt.Axis(
        labelExpr="split(datum.label, '\\n')", labelLimit=NAMES, labelFontSize=12, ticks=False, domain=False,
        minExtent=NAMES, maxExtent=NAMES, offset=0, labelPadding=10,
    ))  # fmt: skip
    base = alt.Chart(look.rows(rows)).encode(y=y)
    tip = [alt.Tooltip("middle:Q", title="median", format=",.0f"), alt.Tooltip("low:Q", title="5%", format=",.0f"),
           alt.Tooltip("high:Q", title="95%", format=",.0f"), alt.Tooltip("chance:N"),
           alt.Tooltip("verdict:N")]  # fmt: skip
    made = [base.mark_bar(height=6, color="#9a9a9a", cornerRadius=3).encode(x=x("low"), x2="high:Q", tooltip=tip)]
    if rows and "lower" in rows[0]:
        made.append(base.mark_bar(height=14, color="#6b6b6b").encode(x=x("lower"), x2="upper:Q", tooltip=tip))
    made.append(base.mark_tick(thickness=2.5, height=20, color=look.INK).encode(x=x("middle"), tooltip=tip))
    made += _claim(verdict, number, x, inner, height)
    side = base.mark_text(align="left", dx=12, fontSize=12, color=look.INK).encode(
        x=alt.value(inner), text=alt.Text("tells:N")
    )
    return [*made, side.transform_calculate(tells="datum.chance + ', ' + datum.verdict"), *_heading(inner, bool(rows))]


def _claim(verdict: Verdict, number: tuple[float, float], x: Any, inner: int, height: int) -> list[alt.Chart]:
    """The claim's number: a line, a box for a range, an arrow for a limit."""
    claim, colour = verdict.claim, COLOURS["high"]
    low, high = number
    data = alt.Chart(look.rows([{"from": low, "to": high}]))
    made = [data.mark_rect(color=colour, opacity=0.16).encode(x=x("from"), x2="to:Q")] if high > low else []
    ends = ("from", "to") if high > low else ("from",)
    made += [data.mark_rule(color=colour, strokeWidth=2).encode(x=x(end)) for end in ends]
    if claim.limit:
        way = 1 if claim.limit == "at least" else -1
        path = f"M0,0H{2.6 * way}M{1.8 * way},-0.7L{2.6 * way},0L{1.8 * way},0.7"
        made.append(data.mark_point(shape=path, size=110, strokeWidth=2, color=colour, filled=False, opacity=1).encode(
            x=x("from"), y=alt.value(4)))  # fmt: skip
    return made


def _heading(inner: int, any_rows: bool) -> list[alt.Chart]:
    if not any_rows:
        return []
    mark = alt.Chart(look.rows([{}])).mark_text(align="left", baseline="bottom", dx=12, fontSize=11, color=look.FAINT)
    return [mark.encode(x=alt.value(inner), y=alt.value(2), text=alt.value("chance, verdict"))]


def _title(verdict: Verdict) -> str:
    claim = verdict.claim
    text = f"{words.short_name(claim.claimant, 60)}: {words.said(claim)} – {words.VERDICTS[verdict.verdict]}"
    return text if verdict.tail_probability is None else f"{text} (chance {words.chance(verdict.tail_probability)})"
