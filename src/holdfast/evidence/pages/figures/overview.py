"""Everything by month, both sides, in small panels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np

from holdfast.evidence.pages import bands, words
from holdfast.evidence.pages.figures import panels
from holdfast.evidence.posterior import FLOWS, Posterior
from holdfast.evidence.verdict import Verdict
from holdfast.report import look, naming
from holdfast.report import words as plain
from holdfast.report.figures import layers

COLUMNS, HEIGHT = 3, 150
LOG = ("recruited",)
"""Where one month may be ten times the others: a mobilisation."""


def overview(posterior: Posterior, verdicts: Sequence[Verdict] = ()) -> alt.TopLevelMixin:
    """Six flows of both sides, each panel its own scale."""
    names = [naming.name(side) for side in posterior.sides]
    small = [_panel(posterior, names, flow) for flow in FLOWS]
    chart = alt.concat(*small, columns=COLUMNS, spacing=layers.SPACING, bounds="flush")
    how = f"Men a month, each panel its own scale. {panels.BANDS}"
    return look.titled(chart, _title(posterior), f"{how} From {len(verdicts):,} claims." if verdicts else how)


def _panel(posterior: Posterior, names: Sequence[str], flow: str) -> Any:
    rows = [
        one | {"side": name}
        for side, name in zip(posterior.sides, names)
        for one in bands.monthly(posterior, side, flow)
    ]
    ticks = alt.Axis(
        minExtent=layers.TICKS, maxExtent=layers.TICKS, tickCount=4, format="~s", labelExpr=look.MEN.labelExpr
    )
    scale = alt.Scale(type="log", nice=False, clamp=True) if flow in LOG else alt.Scale()
    fan = layers.fan(_days(), layers.measure(None, axis=ticks, scale=scale), look.side_colour(names))
    width = (look.WIDTH - (COLUMNS - 1) * layers.SPACING["column"]) // COLUMNS
    drawn = alt.layer(*fan, layers.name_above(f"{flow} (log scale)" if flow in LOG else flow), data=look.rows(rows))
    return drawn.properties(width=width, height=HEIGHT)


def _days() -> alt.X:
    """Years alone: a small panel has no room for months."""
    years = alt.Axis(format="%Y", tickCount={"interval": "year", "step": 1}, labelFlush=False)
    axis: alt.X = look.day_axis(4).axis(years)
    return axis


def _title(posterior: Posterior) -> str:
    said = [
        f"{naming.name(side)} {words.men(float(np.median(posterior.total(side, 'killed'))))}"
        for side in posterior.sides
    ]
    return f"Killed by {words.date(posterior.until)}: {plain.listed(said)}"
