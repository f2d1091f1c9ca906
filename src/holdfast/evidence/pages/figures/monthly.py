"""One quantity of one side: by month, and added up, each claim where it stands."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from holdfast.evidence.pages import bands, words
from holdfast.evidence.pages.figures import claims, panels
from holdfast.evidence.posterior import Posterior, quantiles
from holdfast.evidence.verdict import Verdict
from holdfast.report import look, naming
from holdfast.report.figures import layers

SUMS = {"killed", "killed_wounded"}
"""Quantities whose sum has a chart of its own (`cumulative`), so that no second panel is needed."""


def monthly(
    posterior: Posterior, verdicts: Sequence[Verdict], side: str, quantity: str, *, both: bool | None = None
) -> alt.TopLevelMixin:
    """Men a month and the claims of a month or a period; below, the sum and the claims of it.

    `both` asks for the second panel or leaves it out; it is drawn unless `cumulative` draws the same.
    """
    first = posterior.calendar.first
    chosen = claims.about(verdicts, side, quantity)
    rates = [one for one in chosen if claims.is_rate(one.claim, first)]
    sums = [one for one in chosen if not claims.is_rate(one.claim, first)]
    upper = panels.over_windows(
        posterior, side, quantity, bands.monthly(posterior, side, quantity), rates,
        f"{panels.NAMED[quantity]}, men a month", 300,
    )  # fmt: skip
    text = _title(posterior, side, quantity)
    how = f"{panels.BANDS} Bars: claims of a period, at so many a month. "
    if not (both if both is not None else bool(sums) and quantity not in SUMS):
        return look.titled(upper, text, how + (claims.HOW if rates else ""))
    lower = panels.on_days(
        posterior, side, quantity, bands.cumulative(posterior, side, quantity), sums,
        f"{panels.NAMED[quantity]} so far, men", 260,
    )  # fmt: skip
    drawn = alt.vconcat(
        upper.properties(title=layers.panel_title("A month")),
        lower.properties(title=layers.panel_title("Added up since the war's first day")),
        spacing=26,
    ).resolve_scale(color="independent", shape="independent", fill="independent")
    return look.titled(drawn, text, f"{how}Points: claims of the sum. {claims.HOW}")


def _title(posterior: Posterior, side: str, quantity: str) -> str:
    first, last = posterior.calendar.first, posterior.calendar.last
    total = words.interval(quantiles(bands.total(posterior, side, quantity, first, last)))
    text = f"{naming.name(side)}, {panels.NAMED[quantity]} by {words.date(posterior.until)}: {total}"
    if quantity not in SUMS:
        return text
    top = max(bands.monthly(posterior, side, quantity), key=lambda one: one["middle"])
    return f"{text}; most in {words.month(top['day'])}"
