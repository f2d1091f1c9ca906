"""The pages of the live page: which there are, and what stands in each. [IO]"""

from __future__ import annotations

import contextlib
import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from holdfast.coded_armies import reader
from holdfast.coded_armies.army import CODES, CodedArmy, by_army
from holdfast.coded_armies.codebook import HOLDS, PROVENANCE, RULES
from holdfast.core import runtime
from holdfast.core.faults import FaultyError
from holdfast.evidence.claims import table
from holdfast.present import html
from holdfast.scenario import catalogue, load

FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,80}\.(html|json|csv|nc|svg|png|toml|txt)")
"""Names of files of results that a page may ask for."""


@dataclass(frozen=True)
class Opening:
    """What the page shows first."""

    scenario: str
    """The name of a shipped scenario, or the text of a file."""
    seed: int = 1
    """Seed of draws and luck."""
    result: str | None = None
    """The folder of a saved result; none = no result is looked at."""


class Page(TypedDict):
    """A page in the list of pages."""

    title: str  # As the list has it.
    template: str  # Its file.
    scripts: list[str]  # Files of its scripts, in the order in which they run.


PAGES: Mapping[str, Page] = {
    "play": {
        "title": "Play",
        "template": "play.html.j2",
        "scripts": ["soldiers.js", "series.js", "difference.js", "play.js"],
    },
    "why": {"title": "Why", "template": "why.html.j2", "scripts": ["work.js", "why.js"]},
    "evidence": {"title": "Evidence", "template": "evidence.html.j2", "scripts": ["work.js", "evidence.js"]},
    "history": {"title": "History", "template": "history.html.j2", "scripts": ["work.js", "history.js"]},
    "forecast": {"title": "Forecast", "template": "forecast.html.j2", "scripts": ["work.js", "forecast.js"]},
    "result": {"title": "Result", "template": "result.html.j2", "scripts": ["work.js", "result.js"]},
    "about": {"title": "About", "template": "about.html.j2", "scripts": []},
}
"""Every page by its path, in the order in which they are listed."""


def shown(opening: Opening) -> dict[str, Page]:
    """The pages of a server.

    Args:
        opening: what it shows first.

    Returns:
        Those of `PAGES` that have something to show.
    """
    return {name: page for name, page in PAGES.items() if name != "result" or opening.result is not None}


def first(opening: Opening) -> str:
    """The page to which a bare address leads.

    Args:
        opening: what the server shows first.

    Returns:
        A name of `PAGES`.
    """
    return "play" if opening.result is None else "result"


def changed(folder: str) -> float:
    """When a saved result was last written.

    Args:
        folder: its folder.

    Returns:
        The time of the newest of its files; 0 where there is none [s].
    """
    with contextlib.suppress(OSError):
        return max((each.stat().st_mtime for each in Path(folder).iterdir()), default=0.0)
    return 0.0


def _filled(template: str, opening: Opening, **values: object) -> str:
    """A page from its template, with what all of them have."""
    return html.render(
        f"app/{template}", pages=shown(opening), first=first(opening), version=runtime.version(), **values
    )  # fmt: skip


def _evidence() -> dict[str, object]:
    """The wars of which claims are shipped, each with claims to begin with."""
    return {"wars": {name: WARS.get(name, (name.replace("_", " "), []))[0] for name in table.shipped()},
            "examples": {name: WARS.get(name, ("", []))[1] for name in table.shipped()}}  # fmt: skip


WARS: Mapping[str, tuple[str, list[str]]] = {
    "russia_ukraine": ("Russia and Ukraine since 2022", [
        "300000 killed russia 2023-11-15", "31000 killed ukraine 2024-02-25",
        "Ukraine says it has killed 412,300 Russian soldiers as of 1 March 2024",
    ]),
    "union_1861": ("The Union's armies, 1861 to 1865", ["360000 killed union 1865-06-30", "200000 deserted union 1865-04-30"]),
    "winter_war_1939": ("The Winter War, 1939-40", [
        "48745 killed soviet union 1940-03-13", "1000000 killed soviet union 1940-03-13",
    ]),
}  # fmt: skip
"""What the shipped tables of claims are called, and claims to begin with."""


def _history() -> dict[str, object]:
    """The ten codes, and the armies of history."""
    codes = [{"code": code, **vars(RULES[code]), "holds": code in HOLDS} for code in CODES]
    armies = [
        {"army": each.army_id, "title": each.army, "war": each.war, "span": span(each), "collapse": CAME[each.collapse],
         "mass_desertion": CAME[each.mass_desertion], "outcome": each.outcome, "codes": dict(each.codes),
         "base": each in reader.shipped(), "coders": sorted({one.coder for one in readings})}
        for readings in by_army(reader.codings()).values() for each in readings[:1]
    ]  # fmt: skip
    return {"codes": codes, "armies": armies, "provenance": PROVENANCE}


CAME = {True: "yes", False: "no", None: "not known"}


def span(army: CodedArmy) -> str:
    """The years of an army's span.

    Args:
        army: the army.

    Returns:
        As `1914–18`; nothing where no day is known.
    """
    years = [str(day.year) for day in (army.start, army.end) if day]
    return years[0] if len(set(years)) == 1 else "–".join(years)


def _forecast() -> dict[str, object]:
    """The wars that may be forecast: those of which claims are shipped."""
    return {"wars": [(each.name, each.title) for each in catalogue.outlines() if table.of_scenario(each.name)]}


@functools.cache
def _about() -> dict[str, object]:
    """How much it rests on."""
    armies = by_army(reader.codings())
    return {
        "claims": sum(len(table.read(name)) for name in table.shipped()), "wars": len(table.shipped()), "armies": len(armies),
        "since": min(each[0].start.year for each in armies.values() if each[0].start), "provenance": PROVENANCE,
    }  # fmt: skip


MORE: Mapping[str, Callable[[], dict[str, object]]] = {
    "evidence": _evidence,
    "history": _history,
    "forecast": _forecast,
    "about": _about,
}
"""What a page's template and scripts need besides."""


def render(name: str, opening: Opening) -> str:
    """A page.

    Args:
        name: one of `PAGES`.
        opening: what is shown first.

    Returns:
        Its HTML.
    """
    page, more = PAGES[name], MORE.get(name, dict)()
    outlines = [one._asdict() for one in catalogue.outlines()]
    result = None if opening.result is None else Path(opening.result).name
    about = {"scenarios": outlines, "opening": vars(opening) | {"result": result}, "own": _own(opening.scenario)} | more
    return _filled(
        page["template"], opening, page=name, title=page["title"], scripts=page["scripts"], scenarios=outlines,
        about=html.embedded(about), result=result, **more,
    )  # fmt: skip


@functools.lru_cache(maxsize=4)
def _own(scenario: str) -> dict[str, object] | None:
    """Title and sides of a scenario that is not shipped; None where it is, or names files of its own."""
    if scenario in catalogue.names():
        return None
    try:
        document = load.read_text(scenario)
    except FaultyError:
        return None
    return {"title": document.title, "sides": [side.name for side in document.side]}


def army(name: str, opening: Opening) -> str | None:
    """The page of an army of history.

    Args:
        name: as `RUS_1917`.
        opening: what the server shows first_reading.

    Returns:
        Its HTML; None where there is no such army.
    """
    readings = by_army(reader.codings()).get(name)
    if readings is None:
        return None
    first_reading = readings[0]
    facts = [
        ("War", first_reading.war), ("Span", f"{first_reading.start or '?'} to {first_reading.end or '?'}"), ("Against", first_reading.opponent),
        ("Men", f"{first_reading.strength:,.0f}" if first_reading.strength else ""),
        ("Own men to the enemy's", f"{first_reading.force_ratio:g}" if first_reading.force_ratio else ""),
        ("Killed in 1,000 a month", _rate(first_reading.killed_per_1000_month)),
        ("Left by choice in 1,000 a month", _rate(first_reading.exits_per_1000_month)),
        ("What came", first_reading.outcome), ("Collapsed", CAME[first_reading.collapse]), ("Mass desertion", CAME[first_reading.mass_desertion]),
        ("Counts for itself", "yes" if first_reading.independent else "no: a part of another coded army, or stopped by order"),
        ("Sources", first_reading.sources), ("Checked at a source", first_reading.checked or "nothing"),
    ]  # fmt: skip
    base = first_reading in reader.shipped()
    return _filled(
        "army.html.j2", opening, page="history", title=first_reading.army or name, army_id=name, rules=RULES, codes=CODES,
        scripts=["work.js", "army.js"] if base else [], facts=[each for each in facts if each[1]], readings=readings,
        provenance=PROVENANCE, about=html.embedded({"army": name}), base=base,
    )  # fmt: skip


def _rate(value: float | None) -> str:
    """A rate, where it is known."""
    return "" if value is None else f"{value:.3g}"


def missing(opening: Opening) -> str:
    """What is said where there is no page.

    Args:
        opening: what the server shows first.

    Returns:
        Its HTML.
    """
    return _filled("missing.html.j2", opening, page="", title="No such page", scripts=[])
