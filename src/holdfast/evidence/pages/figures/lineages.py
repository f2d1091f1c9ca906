"""What each lineage of claims is worth: the same evidence with one of them left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from holdfast.evidence.pages import measure
from holdfast.report import look, naming
from holdfast.report.figures import layers

QUANTITIES = ("killed", "wounded", "strength")
MOST = 12
"""Lineages of a side that are drawn: those that move the most."""
ROW = 22
SHAKY = 0.7
"""Pareto shape beyond which the reweighted posterior is not to be relied on."""
NAMES = 190
"""Room for their names [px]."""
GAP = 30


def lineages(table: Sequence[Mapping[str, Any]]) -> alt.TopLevelMixin:
    """Rows: a lineage left out; columns: what it moves. Points with 90% intervals on the full evidence's interval."""
    table = [row for row in table if row["quantity"] in QUANTITIES]
    sides = list(dict.fromkeys(str(row["side"]) for row in table))
    shown = [name for name in QUANTITIES if any(row["quantity"] == name for row in table)]
    blocks = [_block([row for row in table if row["side"] == side], side, shown) for side in sides]
    chart = alt.vconcat(*blocks, spacing=24) if blocks else alt.Chart(look.rows([{}])).mark_point(opacity=0)
    how = (
        "Each row: the evidence without one lineage; point: median, bar: 90%. Grey: with all of them. "
        f"Claims in brackets. At most {MOST} lineages a side, those that move the most."
    )
    if any(shaky(row) for row in table):
        how += " Hollow: worked out by weights that cannot be relied on."
    return look.titled(chart, _title(table), how)


def order(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The lineages of a side, those first that move something the most, in SDs."""
    moves: dict[str, float] = {}
    for row in rows:
        moves[str(row["lineage"])] = max(moves.get(str(row["lineage"]), 0.0), abs(_number(row["moves_sd"])))
    return sorted(moves, key=lambda name: -moves[name])


def _block(rows: Sequence[Mapping[str, Any]], side: str, shown: Sequence[str]) -> Any:
    names = order(rows)[:MOST]
    counts = {str(row["lineage"]): int(row["claims"]) for row in rows}
    labels = {name: _label(name, counts[name]) for name in names}
    width = (look.WIDTH - NAMES - GAP * (len(shown) - 1)) // max(len(shown), 1)
    panels = [
        _panel([row for row in rows if row["quantity"] == quantity and row["lineage"] in labels], labels, quantity,
               width, first=number == 0)
        for number, quantity in enumerate(shown)
    ]  # fmt: skip
    return alt.hconcat(*panels, spacing=GAP).properties(title=layers.panel_title(naming.name(side)))


def _panel(rows: Sequence[Mapping[str, Any]], labels: Mapping[str, str], quantity: str, width: int, first: bool) -> Any:
    values = [
        {name: float(row[name]) for name in ("p05", "p50", "p95", "full_p05", "full_p50", "full_p95")}
        | {"lineage": labels[str(row["lineage"])], "sure": not shaky(row), "moves": f"{_number(row['moves_sd']):+.2f}",
           "widens": f"{_number(row['widens']):.2f}"}
        for row in rows
    ]  # fmt: skip
    axis = alt.Axis(labelLimit=NAMES, minExtent=NAMES - 6, maxExtent=NAMES - 6) if first else None
    y = alt.Y("lineage:N", title=None, sort=list(labels.values()), axis=axis,
              scale=alt.Scale(domain=list(labels.values())))  # fmt: skip
    across = alt.Axis(format="~s", tickCount=4, labelExpr=look.MEN.labelExpr)

    def x(field: str) -> alt.X:
        scale = alt.Scale(zero=False, nice=False, padding=6)
        return alt.X(f"{field}:Q", title=f"{quantity}, men", scale=scale, axis=across)

    base = alt.Chart(look.rows(values))
    tip = [alt.Tooltip("lineage:N", title="without"), alt.Tooltip("p50:Q", format=",.0f", title="median"),
           alt.Tooltip("p05:Q", format=",.0f", title="5%"), alt.Tooltip("p95:Q", format=",.0f", title="95%"),
           alt.Tooltip("moves:N", title="moves, in SDs"), alt.Tooltip("widens:N", title="width, times")]  # fmt: skip
    full = alt.Chart(look.rows(values[:1]))
    parts = [
        full.mark_rect(color="#e4e4e4").encode(x=x("full_p05"), x2="full_p95:Q"),
        full.mark_rule(color="#8a8a8a", strokeDash=[4, 3]).encode(x=x("full_p50")),
        base.mark_rule(strokeWidth=2, color=look.INK).encode(x=x("p05"), x2="p95:Q", y=y, tooltip=tip),
        base.mark_point(size=48, strokeWidth=1.5, opacity=1, color=look.INK).encode(
            x=x("p50"), y=y, tooltip=tip,
            fill=alt.condition("datum.sure", alt.value(look.INK), alt.value("white")),
        ),
    ]  # fmt: skip
    return alt.layer(*parts).properties(width=width, height=ROW * max(len(labels), 1))


def _label(name: str, claims: int) -> str:
    """The lineage's name, cut if need be, with how many claims it has."""
    count = f" ({claims})"
    return measure.wrap(name, 11, NAMES - 16 - measure.width(count, 11), lines=1)[0] + count


def _number(value: Any) -> float:
    return float(value) if value is not None else 0.0


def shaky(row: Mapping[str, Any]) -> bool:
    """Whether a row was worked out by weights that cannot be relied on, and not by fitting again."""
    return not row.get("refitted") and row.get("khat") is not None and float(row["khat"]) > SHAKY


def _title(table: Sequence[Mapping[str, Any]]) -> str:
    said = []
    for side in dict.fromkeys(str(row["side"]) for row in table):
        most = max((row for row in table if row["side"] == side), key=lambda row: abs(_number(row["moves_sd"])))
        said.append(
            f"{naming.name(side)}: {most['lineage']} ({most['quantity']} moves by {abs(_number(most['moves_sd'])):.1f} SD)"
        )
    return "The lineage that matters most when left out – " + "; ".join(said)
