"""What would change the answer, drawn: each code put otherwise, and the change of P(collapse) with its interval."""

from __future__ import annotations

from typing import Any

import altair as alt

from holdfast.assess.answer import Assessment
from holdfast.backtest.dots import NO, YES
from holdfast.history.rules import RULES
from holdfast.report import look

WIDTH = 560
MINUS = "\N{MINUS SIGN}"


def what_would_change(found: Assessment) -> alt.TopLevelMixin:
    """A row for each code put otherwise, the greatest change on top."""
    rows: list[dict[str, Any]] = [
        {
            "name": step(one.code, one.here, one.there), "value": one.collapse.value, "low": one.collapse.low,
            "high": one.collapse.high, "to": one.p_collapse.value,
            "says": signed(one.collapse.value),
        }
        for one in found.changes
    ]  # fmt: skip
    reach = max(0.1, *(1.06 * abs(one[end]) for one in rows for end in ("low", "high")))
    axis = alt.Axis(tickCount=7, labelExpr="datum.value == 0 ? '0' : format(datum.value, '+.2~f')", labelFlush=False)
    scale = alt.Scale(domain=[-reach, reach], nice=False)

    def x(field: str) -> alt.X:
        return alt.X(field, scale=scale, axis=axis, title="change of P(collapse)")

    names = [one["name"] for one in rows]
    labels = alt.Axis(labelLimit=300, labelPadding=8, ticks=False, domain=False, labelFontSize=12, grid=False)
    y = alt.Y("name:N", title=None, sort=names, axis=labels, scale=alt.Scale(domain=names, paddingInner=0.2))
    hue = alt.condition("datum.value > 0", alt.value(YES), alt.value(NO))
    base = alt.Chart(look.rows(rows)).encode(y=y, tooltip=_tooltip())
    zero = alt.Chart(look.rows([{"zero": 0}])).mark_rule(color="#9a9a9a", strokeDash=[4, 4])
    text = base.mark_text(align="left", dx=8, fontSize=11.5, color=look.INK)
    chart = alt.layer(
        base.mark_bar(opacity=0.3, size=12).encode(x=x("value:Q"), x2=alt.datum(0), color=hue),
        zero.encode(x=x("zero:Q")),
        base.mark_rule(strokeWidth=2.2).encode(x=x("low:Q"), x2="high:Q", color=hue),
        base.mark_point(filled=True, size=70, opacity=1).encode(x=x("value:Q"), color=hue),
        text.encode(x=alt.value(WIDTH), text="says:N"),
    ).properties(width=WIDTH, height=24 * len(rows))
    p = found.p_collapse
    how = (
        f"One code put otherwise, all else equal, under the same {found.draws} draws. Point and bar: mean "
        f"change; line: 90%. As coded, P(collapse) is {p.value:.2f} ({p.low:.2f} to {p.high:.2f})."
    )
    return look.titled(chart, f"What would change it: {found.asked.name}", how)


def signed(value: float) -> str:
    """A change with its sign, two digits after the point; none of either sign is plain 0."""
    return f"{value:+.2f}".replace("-", MINUS) if abs(value) >= 0.005 else "0"


def step(code: str, here: int | None, there: int) -> str:
    """A code put otherwise, as `safe exit: 1 → 2`."""
    return f"{RULES[code].name}: {'?' if here is None else here} → {there}"


def _tooltip() -> list[Any]:
    return [
        alt.Tooltip("name:N", title="code"),
        alt.Tooltip("to:Q", title="P(collapse)", format=".2f"),
        alt.Tooltip("value:Q", title="change", format="+.2f"),
        alt.Tooltip("low:Q", title="90% from", format="+.2f"),
        alt.Tooltip("high:Q", title="to", format="+.2f"),
    ]
