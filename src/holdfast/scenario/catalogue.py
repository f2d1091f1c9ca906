"""The shipped scenarios: their names, their folder, and what a list says of each. [IO]

A list reads the heads of the files alone: the whole document with its checks takes several times as long, and a test checks
what is shipped.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from pathlib import Path
from typing import NamedTuple

SUFFIX = ".toml"


class Outline(NamedTuple):
    """A scenario in a line of a list."""

    name: str  # As `holdfast run` takes it.
    title: str  # The war and its years.
    start: dt.date  # The first day.
    days: int  # The length of a run [d].
    sides: list[str]  # Names of the two sides.
    question: str  # What it asks.


def folder() -> Path:
    """The folder of shipped scenarios and their tables.

    Returns:
        The folder, as the package holds it.
    """
    return Path(__file__).parent / "shipped"


def names() -> list[str]:
    """The shipped scenarios.

    Returns:
        Their names, in alphabetical order.
    """
    return sorted(file.stem for file in folder().iterdir() if file.suffix == SUFFIX)


def outlines() -> list[Outline]:
    """What a list says of the shipped scenarios.

    Returns:
        One for each of `names`.
    """
    return [_outline(name) for name in names()]


def _outline(name: str) -> Outline:
    """What a list says of a shipped scenario: keys before the first table, and of each side those before its own tables."""
    text = (folder() / f"{name}{SUFFIX}").read_text(encoding="utf8")
    head, *tables = re.split(r"^(?=\[)", text, flags=re.MULTILINE)
    raw = tomllib.loads(head)
    sides = [tomllib.loads(table)["side"][0]["name"] for table in tables if table.startswith("[[side]]")]
    return Outline(raw["name"], raw["title"], raw["start"], raw["days"], sides, raw["question"])
