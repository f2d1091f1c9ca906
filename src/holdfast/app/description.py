"""What the page must know of a war to draw it and to say what it is: sides, units in the picture, levels, what can be pulled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from holdfast.app import pulls
from holdfast.app.picture import COLOURINGS, FIRST_LEVEL
from holdfast.coded_armies.codebook import RULES
from holdfast.engine import effects
from holdfast.explanation.pressures import NINE, levels
from holdfast.io import film
from holdfast.present import charts, text
from holdfast.present.run_report import FATE_COLOURS, TINTS
from holdfast.scenario.layout import effect_names

if TYPE_CHECKING:
    from holdfast.app.war import War

UNITS = {
    "killed": "killed in 1,000 a month", "news": "prospects as the news has them, -1 to 1",
    "contracts_per_day": "men sign a day", "quota_per_day": "call-up notices a day", "vitality": "vigour of the leader, 0 to 1",
    "elite_level": "cohesion of the elites, 0 to 1", "patron_gone": "share of the patron's help gone",
    "unpaid": "share of pay and food that does not come", "shock": "chance of surprise a sector-day",
    "exit": "safety of going home, 0 to 1", "captor": "how well the captor treats prisoners, 0 to 1",
}  # fmt: skip
"""What the levels of a pressure are counted in, by series."""


def of(war: War) -> dict[str, object]:
    """All that the page must know of a war.

    Args:
        war: the war.

    Returns:
        For JSON.
    """
    document, names = war.plain, war.names
    return {
        "scenario": document.name, "title": document.title, "question": document.question, "caveats": list(document.caveats),
        "start": str(document.start), "days": document.days, "seed": war.seed, "men_per_billet": war.grain,
        "sides": names.sides, "titles": [text.name(side) for side in names.sides], "sectors": names.sectors,
        "sector_km": names.sector_km, "colours": list(charts.SIDE_COLOURS),
        "film": _film(war), "colourings": _colourings(), "pressures": _pressures(war), "effects": _effects(war),
        "can": {side: list(every) for side, every in pulls.can_be_pulled(document).items()},
        "pulls": [vars(pull) for pull in war.pulls], "first_day": pulls.FIRST,
    }  # fmt: skip


def _film(war: War) -> dict[str, object]:
    """The billets as `soldiers.js` lays them out."""
    names, brigade = war.names, war.picture.brigade_of
    starts = [0, *(np.flatnonzero(np.diff(brigade)) + 1).tolist()]
    shape = war.world.setting.number.shape
    return {
        "billets": int(brigade.size), "company": shape[0] * shape[1], "men": war.grain, "sectors": names.sectors,
        "sides": [text.name(side) for side in names.sides],
        "blocks": [
            [names.brigades[b], text.name(names.brigade_side[b]), names.brigade_sector[b], int(start)]
            for b, start in ((int(brigade[first]), first) for first in starts)
        ],
        "fates": film.FATES, "tints": TINTS,
        "colours": [None, FATE_COLOURS["vacant"], None, *(FATE_COLOURS[fate] for fate in film.FATES[3:])],
    }  # fmt: skip


def _colourings() -> list[dict[str, object]]:
    """By what men can be coloured, with the edges of the levels."""
    return [
        {"name": each.name, "title": each.title, "unit": each.unit, "edges": list(each.edges), "first": FIRST_LEVEL}
        for each in COLOURINGS
    ]  # fmt: skip


def _pressures(war: War) -> list[dict[str, object]]:
    """The nine pressures in words, and what their calm and extreme levels are for each side."""
    return [
        {
            "name": name, "title": RULES[name].name, "calm": RULES[name].levels[0], "extreme": RULES[name].levels[2],
            "levels": {side.name: _levels(name, side.men_at_start) for side in war.plain.side},
        }
        for name in NINE
    ]  # fmt: skip


def _levels(pressure: str, men: int) -> list[str]:
    """The calm and the extreme level of a pressure in its units."""
    return [
        ", ".join(f"{text.number(value)} {UNITS[name]}" for name, value in level.values.items())
        for level in levels(pressure, men)
    ]


def _effects(war: War) -> list[dict[str, object]]:
    """The effects, and whether the scenario has them by itself."""
    own = set(effect_names(war.plain))
    return [
        {"name": name, "title": name.replace("_", " "), "about": effects.summary(name), "own": name in own}
        for name in effects.names()
    ]
