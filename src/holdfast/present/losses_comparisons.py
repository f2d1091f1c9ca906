"""One claim against the truth under each reading of its words."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from holdfast.evidence import deduplicate, predictive
from holdfast.evidence.claims.claim import Claim
from holdfast.evidence.posterior import Posterior
from holdfast.evidence.verdict import Reading, Verdict
from holdfast.present import charts, losses_bands, losses_text
from holdfast.present import text as present_text
from holdfast.present.losses_marks import COLOURS

# What each lineage of claims is worth: the same evidence with one of them left out.


QUANTITIES = ("killed", "wounded", "strength")
MOST = 12
"""Lineages of a side that are drawn: those that move the most."""
LINEAGES_ROW = 22
SHAKY = 0.7
"""Pareto shape beyond which the reweighted posterior is not to be relied on."""
LINEAGES_NAMES = 190
"""Room for their names [px]."""
GAP = 30


def lineages(table: Sequence[Mapping[str, Any]]) -> alt.TopLevelMixin:
    """Rows: a lineage left out; columns: what it moves. Points with 90% intervals on the full evidence's interval."""
    table = [row for row in table if row["quantity"] in QUANTITIES]
    sides = list(dict.fromkeys(str(row["side"]) for row in table))
    shown = [name for name in QUANTITIES if any(row["quantity"] == name for row in table)]
    blocks = [_block([row for row in table if row["side"] == side], side, shown) for side in sides]
    chart = alt.vconcat(*blocks, spacing=24) if blocks else alt.Chart(charts.rows([{}])).mark_point(opacity=0)
    how = (
        "Each row: the evidence without one lineage; point: median, bar: 90%. Grey: with all of them. "
        f"Claims in brackets. At most {MOST} lineages a side, those that move the most."
    )
    if any(shaky(row) for row in table):
        how += " Hollow: worked out by weights that cannot be relied on."
    return charts.titled(chart, _lineages_title(table), how)


def _order(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The lineages of a side, those first that move something the most, in SDs."""
    moves: dict[str, float] = {}
    for row in rows:
        moves[str(row["lineage"])] = max(moves.get(str(row["lineage"]), 0.0), abs(_lineages_number(row["moves_sd"])))
    return sorted(moves, key=lambda name: -moves[name])


def _block(rows: Sequence[Mapping[str, Any]], side: str, shown: Sequence[str]) -> Any:
    names = _order(rows)[:MOST]
    counts = {str(row["lineage"]): int(row["claims"]) for row in rows}
    labels = {name: _label(name, counts[name]) for name in names}
    width = (charts.WIDTH - LINEAGES_NAMES - GAP * (len(shown) - 1)) // max(len(shown), 1)
    panels = [
        _panel([row for row in rows if row["quantity"] == quantity and row["lineage"] in labels], labels, quantity,
               width, first=number == 0)
        for number, quantity in enumerate(shown)
    ]  # fmt: skip
    return alt.hconcat(*panels, spacing=GAP).properties(title=charts.panel_title(present_text.name(side)))


def _panel(rows: Sequence[Mapping[str, Any]], labels: Mapping[str, str], quantity: str, width: int, first: bool) -> Any:
    values = [
        {name: float(row[name]) for name in ("p05", "p50", "p95", "full_p05", "full_p50", "full_p95")}
        | {"lineage": labels[str(row["lineage"])], "sure": not shaky(row),
           "moves": f"{_lineages_number(row['moves_sd']):+.2f}",
           "widens": f"{_lineages_number(row['widens']):.2f}"}
        for row in rows
    ]  # fmt: skip
    axis = (
        alt.Axis(labelLimit=LINEAGES_NAMES, minExtent=LINEAGES_NAMES - 6, maxExtent=LINEAGES_NAMES - 6)
        if first
        else None
    )
    y = alt.Y("lineage:N", title=None, sort=list(labels.values()), axis=axis,
              scale=alt.Scale(domain=list(labels.values())))  # fmt: skip
    across = alt.Axis(format="~s", tickCount=4, labelExpr=charts.MEN.labelExpr)

    def x(field: str) -> alt.X:
        scale = alt.Scale(zero=False, nice=False, padding=6)
        return alt.X(f"{field}:Q", title=f"{quantity}, men", scale=scale, axis=across)

    base = alt.Chart(charts.rows(values))
    tip = [alt.Tooltip("lineage:N", title="without"), alt.Tooltip("p50:Q", format=",.0f", title="median"),
           alt.Tooltip("p05:Q", format=",.0f", title="5%"), alt.Tooltip("p95:Q", format=",.0f", title="95%"),
           alt.Tooltip("moves:N", title="moves, in SDs"), alt.Tooltip("widens:N", title="width, times")]  # fmt: skip
    full = alt.Chart(charts.rows(values[:1]))
    parts = [
        full.mark_rect(color="#e4e4e4").encode(x=x("full_p05"), x2="full_p95:Q"),
        full.mark_rule(color="#8a8a8a", strokeDash=[4, 3]).encode(x=x("full_p50")),
        base.mark_rule(strokeWidth=2, color=charts.INK).encode(x=x("p05"), x2="p95:Q", y=y, tooltip=tip),
        base.mark_point(size=48, strokeWidth=1.5, opacity=1, color=charts.INK).encode(
            x=x("p50"), y=y, tooltip=tip,
            fill=alt.condition("datum.sure", alt.value(charts.INK), alt.value("white")),
        ),
    ]  # fmt: skip
    return alt.layer(*parts).properties(width=width, height=LINEAGES_ROW * max(len(labels), 1))


def _label(name: str, claims: int) -> str:
    """The lineage's name, cut if need be, with how many claims it has."""
    count = f" ({claims})"
    return charts.wrap(name, 11, LINEAGES_NAMES - 16 - charts.text_width(count, 11), lines=1)[0] + count


def _lineages_number(value: Any) -> float:
    return float(value) if value is not None else 0.0


def shaky(row: Mapping[str, Any]) -> bool:
    """Whether a row was worked out by weights that cannot be relied on, and not by fitting again."""
    return not row.get("refitted") and row.get("khat") is not None and float(row["khat"]) > SHAKY


def _lineages_title(table: Sequence[Mapping[str, Any]]) -> str:
    said = []
    for side in dict.fromkeys(str(row["side"]) for row in table):
        most = max(
            (row for row in table if row["side"] == side), key=lambda row: abs(_lineages_number(row["moves_sd"]))
        )
        said.append(
            f"{present_text.name(side)}: {most['lineage']} ({most['quantity']} moves by "
            f"{abs(_lineages_number(most['moves_sd'])):.1f} SD)"
        )
    return "The lineage that matters most when left out – " + "; ".join(said)


READINGS_ROW = 40
READINGS_NAMES, CHANCES = 230, 150
"""Room for the readings' names on the left and the chances on the right [px]."""
LOG_FROM = 12.0
"""Highest over lowest number from which the axis is logarithmic."""

Fives = Mapping[str, Mapping[str, float]]


def _fives(posterior: Posterior, verdict: Verdict) -> Fives:
    """The five levels of the truth under each reading, by its name."""
    if not verdict.readings:
        return {}
    chosen = [dataclasses.replace(verdict.claim, counts=one.counts) for one in verdict.readings]
    truths = predictive.estimate(posterior.sides[verdict.claim.side], chosen)
    return {one.counts: losses_bands.five(draws) for one, draws in zip(verdict.readings, truths)}


def readings(
    verdict: Verdict, posterior: Posterior | None = None, *, width: int = charts.WIDTH, titled: bool = True
) -> alt.TopLevelMixin:
    """Rows: meanings of the claim's words, its own first; the claim's number as a line through all of them.

    The bars of half of the evidence need the posterior; without it those of 90% alone are drawn.
    """
    halves = _fives(posterior, verdict) if posterior else {}
    rows = [_row(one, number, halves.get(one.counts)) for number, one in enumerate(verdict.readings)]
    inner = width - READINGS_NAMES - CHANCES
    low, high = _readings_number(verdict.claim)
    ends = [value for row in rows for value in (row["low"], row["high"]) if value > 0] + [low, high]
    log = max(ends) / max(min(ends), 1e-9) > LOG_FROM
    height = READINGS_ROW * max(len(rows), 1)
    chart = alt.layer(*_layers(verdict, rows, (low, high), _scale(ends, log), log, inner, height))
    chart = chart.properties(width=inner, height=height)
    if not titled:
        return charts.styled(chart)
    how = "Thick bar: half of the evidence; thin bar: 90%; tick: median." if halves else "Bar: 90%; tick: median."
    if log:
        how += " Log scale."
    return charts.titled(chart, _readings_title(verdict), f"Rows: what its words might mean. {how}")


def _row(one: Reading, number: int, five: Mapping[str, float] | None) -> dict[str, Any]:
    name = one.says + (" (its own words)" if number == 0 else "")
    made = {
        "reading": "\n".join(charts.wrap(name, 12, READINGS_NAMES - 24, lines=2)), "low": one.truth["p05"],
        "middle": one.truth["p50"], "high": one.truth["p95"], "chance": present_text.tail(one.tail_probability),
        "verdict": losses_text.VERDICTS[one.verdict], "key": one.verdict,
    }  # fmt: skip
    return made | ({"lower": five["lower"], "upper": five["upper"]} if five else {})


def _readings_number(claim: Claim) -> tuple[float, float]:
    """The claim's number as a total, both ends of its range."""
    ends = (claim.value_low, claim.value_high)
    if ends[0] is None or ends[1] is None:
        ends = (claim.value, claim.value)
    low, high = (max(deduplicate.total(claim, end or 0.0), 1.0) for end in ends)
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
    axis = alt.Axis(format="~s", labelExpr=charts.MEN.labelExpr, tickCount=6 if not log else 8, labelOverlap="greedy")

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", title="men", scale=scale, axis=axis)

    y = alt.Y("reading:N", sort=names, title=None, scale=alt.Scale(domain=names or [""], paddingOuter=0.3), axis=alt.Axis(
        labelExpr="split(datum.label, '\\n')", labelLimit=READINGS_NAMES, labelFontSize=12, ticks=False, domain=False,
        minExtent=READINGS_NAMES, maxExtent=READINGS_NAMES, offset=0, labelPadding=10,
    ))  # fmt: skip
    base = alt.Chart(charts.rows(rows)).encode(y=y)
    tip = [alt.Tooltip("middle:Q", title="median", format=",.0f"), alt.Tooltip("low:Q", title="5%", format=",.0f"),
           alt.Tooltip("high:Q", title="95%", format=",.0f"), alt.Tooltip("chance:N"),
           alt.Tooltip("verdict:N")]  # fmt: skip
    made = [base.mark_bar(height=6, color="#9a9a9a", cornerRadius=3).encode(x=x("low"), x2="high:Q", tooltip=tip)]
    if rows and "lower" in rows[0]:
        made.append(base.mark_bar(height=14, color="#6b6b6b").encode(x=x("lower"), x2="upper:Q", tooltip=tip))
    made.append(base.mark_tick(thickness=2.5, height=20, color=charts.INK).encode(x=x("middle"), tooltip=tip))
    made += _claim(verdict, number, x, inner, height)
    side = base.mark_text(align="left", dx=12, fontSize=12, color=charts.INK).encode(
        x=alt.value(inner), text=alt.Text("tells:N")
    )
    return [*made, side.transform_calculate(tells="datum.chance + ', ' + datum.verdict"), *_heading(inner, bool(rows))]


def _claim(verdict: Verdict, number: tuple[float, float], x: Any, inner: int, height: int) -> list[alt.Chart]:
    """The claim's number: a line, a box for a range, an arrow for a limit."""
    claim, colour = verdict.claim, COLOURS["high"]
    low, high = number
    data = alt.Chart(charts.rows([{"from": low, "to": high}]))
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
    mark = alt.Chart(charts.rows([{}])).mark_text(
        align="left", baseline="bottom", dx=12, fontSize=11, color=charts.FAINT
    )
    return [mark.encode(x=alt.value(inner), y=alt.value(2), text=alt.value("chance, verdict"))]


def _readings_title(verdict: Verdict) -> str:
    claim = verdict.claim
    text = f"{losses_text.short_name(claim.claimant, 60)}: {losses_text.said(claim)} – {losses_text.VERDICTS[verdict.verdict]}"
    return (
        text if verdict.tail_probability is None else f"{text} (chance {present_text.tail(verdict.tail_probability)})"
    )
