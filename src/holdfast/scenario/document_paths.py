"""Paths into a scenario: how a place is written for a reader, and found again from his writing.

A table in a list is called by its name and not by its number: `side[russia].strength`,
`event[winter].start`; where two have one name, by the name and its number in the list,
`event[winter#3]`. A path may begin with the side, as `russia.strength`, and dots may stand for
brackets.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from holdfast.core.faults import Fault, ScenarioError, unknown
from holdfast.scenario.schema import KINDS

Loc = tuple[str | int, ...]
"""Keys and indices from the root of the document."""

OPEN_TABLES = ("parameters", "sources")
"""Tables whose keys are themselves dotted paths."""


def labels(items: Sequence[Any]) -> list[str]:
    """What each entry of a list is called."""
    names = [_own_name(item) for item in items]
    return [
        name if name and names.count(name) == 1 else f"{name}#{number}" for number, name in enumerate(names, start=1)
    ]


def _own_name(item: Any) -> str:
    """What tells a table from its neighbours: its name, effect, sector or date."""
    for key in ("name", "effect", "sector", "date"):
        value = item.get(key) if isinstance(item, dict) else getattr(item, key, None)
        if value is not None:
            return str(value)
    return ""


def place(loc: Loc, raw: Any) -> str:
    """The path of a spot in the document, as `side[russia].kinds.convict.share`."""
    text, here = "", raw
    for step in loc:
        if isinstance(step, int):
            known = isinstance(here, list) and step < len(here)
            text += f"[{labels(here)[step] if known else f'#{step + 1}'}]"
        else:
            text += f".{step}" if text else str(step)
        here = _below(here, step)
    return text


def value_at(raw: Any, loc: Loc, default: Any = None) -> Any:
    """The value at a spot of the document."""
    for step in loc:
        raw = _below(raw, step, default)
    return raw


def _below(here: Any, step: str | int, default: Any = None) -> Any:
    """What lies one step down."""
    if isinstance(here, dict):
        return here.get(step, default)
    if isinstance(here, list) and isinstance(step, int) and step < len(here):
        return here[step]
    return default


def _tokens(path: str) -> list[str]:
    """The names along a path: `russia.regions[St.Petersburg].income` has three."""
    return [bracketed or plain for bracketed, plain in re.findall(r"\[([^\]]*)\]|([^.\[\]]+)", path)]


def find(raw: dict[str, Any], path: str, shared: bool = False) -> Loc:
    """The spot that a path names, in a whole document (all defaults filled in).

    A name that several entries of a list share means none of them, or the first if `shared`. Raises a
    `ScenarioError` that says which name on the way stands for nothing.
    """
    names = _tokens(path)
    loc: Loc = ()
    here: Any = raw
    for number, name in enumerate(names):
        if loc and loc[0] in OPEN_TABLES:
            return (*loc, ".".join(names[number:]))
        step = _step(raw, loc, here, name, shared)
        if step is None:
            raise ScenarioError([_lost(raw, loc, path, name)], "The path")
        loc += step
        here = value_at(raw, loc)
    if not loc:
        raise ScenarioError([_lost(raw, loc, path, path)], "The path")
    return loc


def _step(raw: dict[str, Any], loc: Loc, here: Any, name: str, shared: bool) -> Loc | None:
    """Where a name leads from here."""
    if isinstance(here, dict):
        if name in here or (loc[-1:] == ("kinds",) and name in KINDS):
            return (name,)
        sides = labels(raw.get("side", [])) if not loc else []
        return ("side", sides.index(name)) if name in sides else None
    if isinstance(here, list):
        known = labels(here)
        if shared and name not in known:
            known = [_own_name(item) for item in here]
        return (known.index(name),) if name in known else None
    return None


def _choices(raw: dict[str, Any], loc: Loc) -> list[str]:
    """The names that may follow at a spot."""
    here = value_at(raw, loc)
    if loc[-1:] == ("kinds",):
        return list(KINDS)
    if isinstance(here, dict):
        return [*here, *labels(raw.get("side", []))] if not loc else list(here)
    return labels(here) if isinstance(here, list) else []


def _lost(raw: dict[str, Any], loc: Loc, path: str, name: str) -> Fault:
    """A path that leads nowhere, with the name that was probably meant in its place."""
    options = _choices(raw, loc)
    if not options:
        cure = f"Stop the path at {place(loc, raw)}, which has no keys"
        return Fault(path, f'"{name}"', f"nothing below {place(loc, raw)}", cure)
    where = f"names in {place(loc, raw)}" if loc else "names at the top of a scenario"
    fault = unknown(path, name, where, options, "Correct the path")
    meant = fault.suggestion
    return replace(fault, suggestion=path.replace(name, meant, 1)) if meant else fault
