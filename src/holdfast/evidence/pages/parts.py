"""The page's sections that hold charts, in order."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import altair as alt

from holdfast.evidence.pages import figures
from holdfast.evidence.posterior import Posterior
from holdfast.evidence.verdict import Verdict

MONTHLY = ("killed", "killed_wounded", "wounded", "missing", "captured", "deserted", "recruited")
"""Quantities that have charts of months, for each side."""


@dataclasses.dataclass(frozen=True)
class Section:
    """A section: what it is called, a sentence, its charts by the stem of their files."""

    key: str
    nav: str
    title: str
    says: str
    charts: Mapping[str, Callable[[], alt.TopLevelMixin]]


def sections(
    posterior: Posterior, verdicts: Sequence[Verdict], lineage_table: Sequence[Mapping[str, Any]]
) -> list[Section]:
    """All sections with charts; a chart is drawn when its function is called."""
    sides = list(posterior.sides)

    def each(stem: str, draw: Callable[[str], alt.TopLevelMixin]) -> dict[str, Callable[[], alt.TopLevelMixin]]:
        return {f"{stem}_{side}": lambda side=side: draw(side) for side in sides}  # type: ignore[misc]

    months: dict[str, Callable[[], alt.TopLevelMixin]] = {}
    for quantity in MONTHLY:
        months |= each(
            f"monthly_{quantity}",
            lambda side, quantity=quantity: figures.monthly(posterior, verdicts, side, quantity),  # type: ignore[misc]
        )
    made = [
        Section("flows", "Overview", "What each month took and brought", "All flows of both sides.",
                {"overview": lambda: figures.overview(posterior, verdicts)}),
        Section("dead", "Killed", "The dead, and every claim of them",
                "A claim within the band fits; hollow ones count something else and are judged on their own words.",
                each("cumulative_killed", lambda side: figures.cumulative(posterior, verdicts, side, "killed"))),
        Section("casualties", "Casualties", "Killed and wounded, and every claim of them",
                "Most totals said of casualties count each wound, so a man may be counted twice.",
                each("cumulative_casualties",
                     lambda side: figures.cumulative(posterior, verdicts, side, "killed_wounded"))),
        Section("strength", "Strength", "Men present",
                "Who is present ties the losses to who was sent: nobody can lose more men than came.",
                each("strength", lambda side: figures.strength(posterior, verdicts, side))),
        Section("months", "Months", "Month by month",
                "Each flow with the claims of a month or a period, and where there are such, with those of its sum.",
                months),
    ]  # fmt: skip
    if lineage_table:
        made.append(
            Section("lineages", "Lineages", "Which lineages carry the information",
                    "Claims that come from one source are one lineage and have one vote between them. Where a result "
                    "moves when a lineage is left out, it rests on that lineage.",
                    {"lineages": lambda: figures.lineages(lineage_table)})
        )  # fmt: skip
    return made
