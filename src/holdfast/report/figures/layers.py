"""Layers that several figures share: bands over runs around a median."""

from __future__ import annotations

from typing import Any

import altair as alt

from holdfast.report import look

BANDS = "Line: median over runs; dark band: half of the runs; light band: 90 %."
ONE_RUN = "One run: no spread over runs is known."


def how_drawn(runs: int) -> str:
    """What the bands of a chart mean."""
    return BANDS if runs > 1 else ONE_RUN


def fan(x: alt.X, y: alt.Y, colour: alt.Color, **band: Any) -> list[alt.Chart]:
    """Light 90 % band, darker 50 % band and median line; the data come from the layer above."""
    base = alt.Chart().encode(x=x, color=colour)
    wide = base.mark_area(opacity=0.16, **band).encode(y=_field(y, "low"), y2="high:Q")
    half = base.mark_area(opacity=0.26, **band).encode(y=_field(y, "lower"), y2="upper:Q")
    line = base.mark_line(strokeWidth=2, **band).encode(y=_field(y, "middle"))
    return [wide, half, line]


def measure(title: str | None, **options: Any) -> alt.Y:
    """A vertical axis whose field each layer of a fan fills in."""
    return alt.Y("middle:Q", title=title, **options)


def rule(at: float, text: str, dash: tuple[int, int] = (5, 4), align: str = "left") -> list[alt.Chart]:
    """A level to compare with, and its name at the left or right end."""
    x = 4 if align == "left" else "width"
    once = alt.Chart().transform_aggregate(rows="count()")  # else it is drawn once a data row
    line = once.mark_rule(strokeDash=list(dash), color=look.FAINT).encode(y=alt.datum(at))
    name = once.mark_text(align=align, dy=-6, color=look.FAINT, fontSize=11).encode(
        y=alt.datum(at), x=alt.value(x), text=alt.value(text)
    )
    return [line, name]


def panel_title(text: str) -> alt.TitleParams:
    """The name above one panel of several."""
    return alt.TitleParams(text, anchor="start", fontSize=13, offset=6)


TICKS = 30
"""Room for the labels of a small panel's vertical axis, the same in all so that panels align [px]."""


def _field(y: alt.Y, name: str) -> alt.Y:
    out = y.copy()
    out.shorthand = f"{name}:Q"
    return out
