"""The pages of the live page: which there are, and what stands in each."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
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
    result: str | None = None
    """The folder of a saved result; none = no result is looked at."""


class Page(TypedDict):
    """A page in the list of pages."""

    title: str
    template: str
    scripts: list[str]


PAGES: Mapping[str, Page] = {
    "play": {
        "title": "Play",
        "template": "play.html.j2",
        "scripts": ["soldiers.js", "series.js", "difference.js", "play.js"],
    },
    "why": {"title": "Why", "template": "why.html.j2", "scripts": ["work.js", "why.js"]},
    "evidence": {"title": "Evidence", "template": "evidence.html.j2", "scripts": ["work.js", "evidence.js"]},
    "history": {"title": "History", "template": "history.html.j2", "scripts": ["work.js", "history.js"]},
}
"""Every page by its path, in the order in which they are listed."""


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


MORE: Mapping[str, Callable[[], dict[str, object]]] = {"evidence": _evidence, "history": _history}
"""What a page's template and scripts need besides."""


def render(name: str, opening: Opening) -> str:
    """A page.

    Args:
        name: one of `PAGES`.
        opening: what is shown first.

    Returns:
        Its HTML.
    """
    page = PAGES[name]
    more = MORE.get(name, lambda: {})()
    shown = {
        "scenarios": [one._asdict() for one in catalogue.outlines()],
        "opening": vars(opening),
        "own": _own(opening.scenario),
    } | more
    return html.render(
        f"app/{page['template']}", page=name, title=page["title"], pages=PAGES, version=runtime.version(),
        scripts=page["scripts"], scenarios=shown["scenarios"], about=html.embedded(shown), **more,
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


def army(name: str) -> str | None:
    """The page of an army of history.

    Args:
        name: as `RUS_1917`.

    Returns:
        Its HTML; None where there is no such army.
    """
    readings = by_army(reader.codings()).get(name)
    if readings is None:
        return None
    first = readings[0]
    facts = [
        ("War", first.war), ("Span", f"{first.start or '?'} to {first.end or '?'}"), ("Against", first.opponent),
        ("Men", f"{first.strength:,.0f}" if first.strength else ""),
        ("Own men to the enemy's", f"{first.force_ratio:g}" if first.force_ratio else ""),
        ("Killed in 1,000 a month", _rate(first.killed_per_1000_month)),
        ("Left by choice in 1,000 a month", _rate(first.exits_per_1000_month)),
        ("What came", first.outcome), ("Collapsed", CAME[first.collapse]), ("Mass desertion", CAME[first.mass_desertion]),
        ("Counts for itself", "yes" if first.independent else "no: a part of another coded army, or stopped by order"),
        ("Sources", first.sources), ("Checked at a source", first.checked or "nothing"),
    ]  # fmt: skip
    return html.render(
        "app/army.html.j2", page="history", title=first.army or name, pages=PAGES, version=runtime.version(), army_id=name,
        scripts=["work.js", "army.js"] if first in reader.shipped() else [], facts=[each for each in facts if each[1]],
        rules=RULES, codes=CODES, readings=readings, provenance=PROVENANCE, about=html.embedded({"army": name}),
        base=first in reader.shipped(),
    )  # fmt: skip


def _rate(value: float | None) -> str:
    """A rate, where it is known."""
    return "" if value is None else f"{value:.3g}"


def missing() -> str:
    """What is said where there is no page.

    Returns:
        Its HTML.
    """
    return html.render(
        "app/missing.html.j2", page="", title="No such page", pages=PAGES, version=runtime.version(), scripts=[]
    )
