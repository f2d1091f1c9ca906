"""Layers that several figures share: bands over runs around a median."""

from __future__ import annotations

from typing import Any

import altair as alt

from holdfast.report import look

BANDS = "Line: median of the runs; dark band: half of them; light band: 90%."
ONE_RUN = "One run: no spread over runs is known."


def how_drawn(runs: int) -> str:
    """What the bands of a chart mean."""
    return BANDS if runs > 1 else ONE_RUN


def fan(x: alt.X, y: alt.Y, colour: Any, **band: Any) -> list[alt.Chart]:
    """Light 90% band, darker 50% band and median line; the data come from the layer above."""
    base = alt.Chart().encode(x=x, color=colour)
    wide = base.mark_area(opacity=0.16, **band).encode(y=_field(y, "low"), y2="high:Q")
    half = base.mark_area(opacity=0.26, **band).encode(y=_field(y, "lower"), y2="upper:Q")
    line = base.mark_line(strokeWidth=2, **band).encode(y=_field(y, "middle"))
    return [wide, half, line]


def measure(title: str | None, **options: Any) -> alt.Y:
    """A vertical axis whose field each layer of a fan fills in."""
    return alt.Y("middle:Q", title=title, **options)


def rule(at: float, text: str) -> list[alt.Chart]:
    """A level to compare with, and its name at the left end."""
    once = alt.Chart().transform_aggregate(rows="count()")  # else it is drawn once a data row
    line = once.mark_rule(strokeDash=[5, 4], color=look.FAINT).encode(y=alt.datum(at))
    name = once.mark_text(align="left", dy=-6, color=look.FAINT, fontSize=11).encode(
        y=alt.datum(at), x=alt.value(4), text=alt.value(text)
    )
    return [line, name]


def panel_title(text: str) -> alt.TitleParams:
    """The name above one panel of several."""
    return alt.TitleParams(text, anchor="start", frame="group", fontSize=13, offset=10)


def name_above(text: str) -> alt.Chart:
    """The same as a mark: it stands at one height over all panels, whatever their axes' labels need."""
    mark = alt.Chart(look.rows([{}])).mark_text(
        align="left", baseline="bottom", dy=-9, fontSize=13, fontWeight=600, color=look.INK
    )
    return mark.encode(x=alt.value(0), y=alt.value(0), text=alt.value(text))


SPACING = {"column": 46, "row": 66}
"""Between small panels laid out by their plots alone (`bounds="flush"`), so that plots line up [px]."""

TICKS = 30
"""Room for the labels of a small panel's vertical axis, the same in all so that panels align [px]."""


def _field(y: alt.Y, name: str) -> alt.Y:
    out = y.copy()
    out.shorthand = f"{name}:Q"
    return out
