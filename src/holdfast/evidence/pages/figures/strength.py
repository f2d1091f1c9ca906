"""Men present over time, and the claims of them."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from holdfast.evidence.pages import bands, words
from holdfast.evidence.pages.figures import claims, panels
from holdfast.evidence.posterior import Posterior, quantiles
from holdfast.evidence.verdict import Verdict
from holdfast.report import look, naming


def strength(posterior: Posterior, verdicts: Sequence[Verdict], side: str) -> alt.TopLevelMixin:
    """One side's men present at the end of each month, with claims on their day."""
    chosen = claims.about(verdicts, side, "strength")
    chart = panels.on_days(
        posterior, side, "strength", bands.stock(posterior, side), chosen, "men present in the field", 300
    )
    now = quantiles(posterior.total(side, "strength"))
    start = quantiles(posterior.sides[side].war.strength[:, 0])
    text = (
        f"{naming.name(side)}, men present: {words.interval(now)} on {words.date(posterior.until)}; "
        f"{words.men(start['p50'])} on the first day"
    )
    return look.titled(chart, text, f"{panels.BANDS} Points: claims; bars: their ranges. {claims.HOW}")
