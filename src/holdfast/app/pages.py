"""The pages of the live page: which there are, and what stands in each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypedDict

from holdfast.core import runtime
from holdfast.present import html
from holdfast.scenario import catalogue

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
    }
}
"""Every page by its path, in the order in which they are listed."""


def render(name: str, opening: Opening) -> str:
    """A page.

    Args:
        name: one of `PAGES`.
        opening: what is shown first.

    Returns:
        Its HTML.
    """
    page = PAGES[name]
    shown = {"scenarios": [one._asdict() for one in catalogue.outlines()], "opening": vars(opening)}
    return html.render(
        f"app/{page['template']}", page=name, title=page["title"], pages=PAGES, version=runtime.version(),
        scripts=page["scripts"], scenarios=shown["scenarios"], about=html.embedded(shown),
    )  # fmt: skip


def missing() -> str:
    """What is said where there is no page.

    Returns:
        Its HTML.
    """
    return html.render(
        "app/missing.html.j2", page="", title="No such page", pages=PAGES, version=runtime.version(), scripts=[]
    )
