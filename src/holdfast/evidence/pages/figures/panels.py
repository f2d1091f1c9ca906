"""What the charts are made of: claims over their windows against a rate, claims on their day against a sum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from holdfast.evidence.pages import bands
from holdfast.evidence.pages.bands import Record
from holdfast.evidence.pages.figures import claims
from holdfast.evidence.pages.figures.frame import Frame, sized
from holdfast.evidence.posterior import Posterior
from holdfast.evidence.verdict import Verdict
from holdfast.report import look
from holdfast.report.figures import layers

BANDS = "Line: median; dark band: half of the evidence; light band: 90%."
NAMED = {
    "killed": "killed", "killed_wounded": "killed and wounded", "wounded": "wounded", "missing": "missing",
    "captured": "captured", "deserted": "deserted", "recruited": "recruited", "strength": "strength",
}  # fmt: skip
ROOM = 1.06
"""Above the highest thing drawn."""


def colour_of(posterior: Posterior, side: str) -> str:
    """The side's colour, the same in every chart."""
    return look.SIDE_COLOURS[list(posterior.sides).index(side) % len(look.SIDE_COLOURS)]


def on_days(
    posterior: Posterior,
    side: str,
    quantity: str,
    fan: list[Record],
    chosen: Sequence[Verdict],
    title: str,
    height: int,
) -> Any:
    """A sum or a stock, and claims on their day."""
    rows = [claims.record(one, quantity, posterior.calendar.first) for one in chosen]
    return _panel(posterior, side, fan, chosen, rows, claims.points, title, height)


def over_windows(
    posterior: Posterior,
    side: str,
    quantity: str,
    fan: list[Record],
    chosen: Sequence[Verdict],
    title: str,
    height: int,
) -> Any:
    """A rate, and claims over their windows."""
    rows = [claims.record(one, quantity, posterior.calendar.first, per_month=True) for one in chosen]
    return _panel(posterior, side, fan, chosen, rows, claims.windows, title, height)


def _panel(
    posterior: Posterior, side: str, fan: list[Record], chosen: Sequence[Verdict], rows: list[Record], draw: Any,
    title: str, height: int,
) -> Any:  # fmt: skip
    most = ROOM * max(claims.highest(rows), max(one["high"] for one in fan), 1.0)
    frame = Frame(posterior.calendar, most, height)
    lines = layers.fan(frame.day_axis(), frame.men_axis(title), alt.value(colour_of(posterior, side)))
    parts: list[Any] = [alt.layer(*lines, data=look.rows(fan))]
    if rows:
        parts += draw(rows, frame, title)
        parts += claims.names(chosen, rows, lambda day: bands.at(fan, day), frame, title)
    return sized(alt.layer(*parts), frame)
