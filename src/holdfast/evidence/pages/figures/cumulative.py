"""The dead, or the dead and wounded, added up, and every claim of them."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from holdfast.evidence.pages import bands, words
from holdfast.evidence.pages.figures import claims, panels
from holdfast.evidence.posterior import Posterior, quantiles
from holdfast.evidence.verdict import HIGH, LOW, Verdict
from holdfast.report import look, naming


def cumulative(
    posterior: Posterior, verdicts: Sequence[Verdict], side: str, family: str = "killed"
) -> alt.TopLevelMixin:
    """Since the war's first day, the claims of it as points; `family` is `killed` or `killed_wounded`."""
    first = posterior.calendar.first
    chosen = [one for one in claims.about(verdicts, side, family) if not claims.is_rate(one.claim, first)]
    fan = bands.cumulative(posterior, side, family)
    chart = panels.on_days(
        posterior, side, family, fan, chosen, f"{panels.NAMED[family]} since {words.short_date(first)}, men", 430
    )
    total = quantiles(bands.total(posterior, side, family, first, posterior.calendar.last))
    text = f"{naming.name(side)}, {panels.NAMED[family]} by {words.date(posterior.until)}: {words.interval(total)}"
    high, low = (sum(one.verdict == way for one in chosen) for way in (HIGH, LOW))
    if chosen:
        text += f"; of {len(chosen)} claims {high} too high, {low} too low"
    return look.titled(chart, text, f"{panels.BANDS} Points: claims; bars: their ranges. {claims.HOW}")
