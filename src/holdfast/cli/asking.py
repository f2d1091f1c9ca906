"""Codes asked for one by one, in plain words, where somebody sits at the terminal."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from holdfast.assess.asked import ALLOWED, level
from holdfast.history import cells
from holdfast.history.rules import RULES
from holdfast.scenario.faults import Fault


def possible() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def codes(missing: Sequence[str], force_ratio: bool) -> tuple[dict[str, int | None], str | None]:
    """The codes that are missing and, if wanted, the force ratio. Questions go to standard error; Ctrl-D ends them."""
    console = Console(stderr=True, highlight=False)
    console.print("The codes, one by one. Answer 0, 1 or 2; ? or Enter where it is not known; Ctrl-D for no more.")
    given: dict[str, int | None] = {}
    try:
        for number, code in enumerate(missing, start=1):
            given[code] = _one(console, code, f"{number} of {len(missing)}")
        return given, _ratio(console) if force_ratio else None
    except EOFError:
        console.print("The rest is taken as not known.")
        return given, None


def _one(console: Console, code: str, count: str) -> int | None:
    rule = RULES[code]
    console.print()
    console.print(Text(f"{rule.name.capitalize()} ({count}): {rule.asks}", "bold"))
    for number, words in enumerate(rule.levels):
        console.print(Text(f"  {number}  {words}"))
    while True:
        found = level(console.input("  > "))
        if not isinstance(found, Fault):
            return found
        console.print(Text(f"  Allowed: {ALLOWED} (?). {found.cure}."))


def _ratio(console: Console) -> str | None:
    console.print()
    console.print(Text("Own men to the enemy's, as 0.8 or 0.8:1; Enter where it is not known", "bold"))
    while True:
        said = console.input("  > ").strip()
        if not said or said.lower() in cells.NOTHING:
            return None
        if isinstance(cells.ratio(said), float):
            return said
        console.print("  Write two numbers above 0, own men first.")
