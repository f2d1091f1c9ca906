"""What is wrong with a scenario: every fault with its place, what is allowed there, and the cure."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

MISSING = object()
"""Stands for a value that is not there, which `None` could not do."""


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, told so that it can be put right without reading the code.

    `place` is a path as `side[russia].kinds.convict.share`, `found` the value as the file would
    write it, `allowed` and `cure` are sentences without their full stop.
    """

    place: str
    found: str
    allowed: str
    cure: str
    suggestion: str | None = None

    def __str__(self) -> str:
        hint = f" Did you mean {self.suggestion}?" if self.suggestion else ""
        return f"{self.place}: found {self.found}; allowed: {self.allowed}. {self.cure}.{hint}"


class FaultyError(ValueError):
    """What was given at a door and cannot be used, with all its faults together."""

    what = "What was given"
    """What to call it where no file or table is named."""

    def __init__(self, faults: Sequence[Fault], source: str | None = None) -> None:
        """Gather the faults of what came from `source`."""
        self.faults = tuple(faults)
        self.source = source or self.what
        super().__init__(self.faults, self.source)

    def __str__(self) -> str:
        count = "1 fault" if len(self.faults) == 1 else f"{len(self.faults)} faults"
        return "\n".join([f"{self.source} has {count}:", *(f"  {fault}" for fault in self.faults)])


class ScenarioError(FaultyError):
    """A scenario that cannot be run, with all its faults together."""

    what = "The scenario"


def nearest(word: str, names: Iterable[str]) -> str | None:
    """The name that was probably meant, if one is near enough."""
    by_lower = {name.lower(): name for name in names}
    close = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[close[0]] if close else None


def listed(names: Iterable[str]) -> str:
    """Names for a sentence: in their order, with commas; a word where there are none."""
    return ", ".join(names) or "none"


def shown(value: Any) -> str:
    """A value as the scenario file would write it, cut where it is long."""
    if value is MISSING or value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, str):
        return '"' + (value if len(value) <= 60 else value[:57] + "...") + '"'
    if isinstance(value, dict):
        return f"a table ({listed(str(key) for key in value)})"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    if isinstance(value, int):
        return str(value)
    return f"{value:.12g}" if isinstance(value, float) else repr(value)


def unknown(place: str, word: str, what: str, names: Iterable[str], cure: str | None = None) -> Fault:
    """A name that stands for nothing: `what` says what it should have named."""
    known = list(names)
    return Fault(
        place,
        shown(word),
        f"{what}: {_some(word, known)}",
        cure or "Correct the spelling, or use one of these names",
        nearest(word, known),
    )


def _some(word: str, names: Sequence[str], most: int = 24) -> str:
    """The names, or the nearest where there are too many to read."""
    if len(names) <= most:
        return listed(names)
    near = difflib.get_close_matches(word, names, n=5, cutoff=0.4) or names[:5]
    return f"{listed(near)} and {len(names) - len(near)} others"
