"""What a key of the scenario file may hold, in plain words, read from the schema itself."""

from __future__ import annotations

import datetime as dt
import types
from collections.abc import Iterable
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

Limits = dict[str, Any]
"""What narrows a type: `ge`, `gt`, `le`, `lt`, `min_length`, `max_length`, `pattern`."""

LIMIT_NAMES = ("ge", "gt", "le", "lt", "min_length", "max_length", "pattern")


def limits(metadata: Iterable[Any]) -> Limits:
    """The limits that a field's or a type's metadata set."""
    found: Limits = {}
    for item in metadata:
        if isinstance(item, FieldInfo):
            found |= limits(item.metadata)
            continue
        found |= {name: getattr(item, name) for name in LIMIT_NAMES if getattr(item, name, None) is not None}
    return found


def opened(annotation: Any, within: Limits | None = None) -> list[tuple[Any, Limits]]:
    """The types that a value may have, each with its limits; `None` is left out."""
    within = within or {}
    if get_origin(annotation) is Annotated:
        inner, *metadata = get_args(annotation)
        return opened(inner, within | limits(metadata))
    if get_origin(annotation) in (Union, types.UnionType):
        kept = [member for member in get_args(annotation) if member is not type(None)]
        return [pair for member in kept for pair in opened(member, within)]
    return [(annotation, within)]


def is_table(annotation: Any) -> bool:
    """Whether the type is a table of the scenario file."""
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _allowed(annotation: Any, metadata: Iterable[Any] = ()) -> str:
    """What a value of this type may be, for a sentence that begins 'allowed: '."""
    return told(opened(annotation, limits(metadata)))


def told(forms: Iterable[tuple[Any, Limits]]) -> str:
    """Several types, each with its limits, in words."""
    return ", or ".join(_one(kind, bounds) for kind, bounds in forms)


def allowed_in(field: FieldInfo) -> str:
    """What a key of a table may hold."""
    return _allowed(field.annotation, field.metadata)


def between(low: float, high: float) -> str:
    """A range of numbers in words; infinite ends are left out."""
    if low == -float("inf"):
        return "" if high == float("inf") else f"{high:g} or less"
    return f"{low:g} or more" if high == float("inf") else f"from {low:g} to {high:g}"


def _one(kind: Any, bounds: Limits) -> str:
    """A single type in words."""
    if kind in (int, float):
        return ("a whole number" if kind is int else "a number") + _range(bounds)
    if kind is str:
        return "text" + _length(bounds)
    if kind is bool:
        return "true or false"
    if kind is dt.date:
        return "a date, as 2023-11-01"
    if get_origin(kind) is Literal:
        return ", or ".join(f"{value}" for value in get_args(kind))
    if get_origin(kind) is list:
        return _list(get_args(kind)[0], bounds)
    if get_origin(kind) is dict:
        return f"a table in which each key holds {_allowed(get_args(kind)[1])}"
    if is_table(kind):
        return f"a table ({_keys(kind)})"
    return "a value"


def _range(bounds: Limits) -> str:
    """The range of a number."""
    if "ge" in bounds and "le" in bounds:
        return " " + between(bounds["ge"], bounds["le"])
    parts = [f"{bounds['ge']:g} or more"] if "ge" in bounds else []
    parts += [f"above {bounds['gt']:g}"] if "gt" in bounds else []
    parts += [f"{bounds['le']:g} or less"] if "le" in bounds else []
    parts += [f"below {bounds['lt']:g}"] if "lt" in bounds else []
    return "".join(f", {part}" for part in parts)


def _length(bounds: Limits) -> str:
    """The length and the letters of a text."""
    if "pattern" in bounds:
        first = "a letter or digit" if bounds["pattern"].startswith("^[a-z0-9]") else "a letter"
        marks = ", hyphens and underscores" if "_" in bounds["pattern"] else " and hyphens"
        return f" of lower-case letters, digits{marks} that begins with {first}"
    if "max_length" in bounds:
        return f" of {bounds.get('min_length', 0)} to {bounds['max_length']} characters"
    return ""


def _list(item: Any, bounds: Limits) -> str:
    """A list, with its length where that is fixed."""
    low, high = bounds.get("min_length"), bounds.get("max_length")
    count = "" if low is None else f"exactly {low} " if low == high else f"at least {low} "
    if is_table(item):
        return (f"{count}tables" if count else "a list of tables") + f" ({_keys(item)})"
    return f"a list in which each entry is {_allowed(item)}"


def _keys(table: type[BaseModel]) -> str:
    """The keys of a table, the needed ones where there are too many to print."""
    fields = table.model_fields
    if len(fields) <= 8:
        return ", ".join(fields)
    needed = [name for name, field in fields.items() if field.is_required()]
    return ", ".join(needed) + ", and others"
