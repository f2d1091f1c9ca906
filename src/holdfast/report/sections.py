"""The sections of the page, in order: what each is called, says and shows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import xarray as xr

from holdfast.report import findings, gauges, verdict


@dataclass(frozen=True)
class Section:
    """One section: sentences first, then its figures."""

    key: str
    nav: str
    title: str
    says: Sequence[str]
    figures: Sequence[str] = ()


def all_of(data: xr.Dataset, film: Mapping[str, Any], figures: Collection[str]) -> list[Section]:
    """Every section of the page; what is no figure (tables, film) the template adds by `key`."""
    made = [
        Section("answer", "The answer", "Will either side break, and when?", verdict.sentences(data),
                ("chance_by_day", "strength_fan", "breaks_first")),
        Section("belief", "Belief", "What men believe, and what is true", findings.belief(data), ("risk", "prospects")),
        Section("exits", "Exits", "Where exits come from", findings.exits(data),
                ("exit_rate", "flows", "losses_by_month", "regions")),
        Section("film", "The film", "The armies, man by man", findings.army(film)),
        Section("front", "The front", "The front by sector", findings.front(data), ("line", "broken")),
        Section("regime", "The regime", "The regimes behind the armies", findings.regime(data), ("regime",)),
        Section("contagion", "Contagion", "Does desertion feed itself?", findings.reproduction(data),
                ("reproduction",)),
        Section("pressures", "Pressures", "Nine pressures", findings.pressures(gauges.readings(data)), ("gauges",)),
        Section("inputs", "Inputs", "All inputs, and who says so", ()),
        Section("limits", "Limits", "What the model cannot know", ()),
    ]  # fmt: skip
    return [replace(one, figures=[name for name in one.figures if name in figures]) for one in made]
