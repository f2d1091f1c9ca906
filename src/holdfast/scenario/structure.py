"""Faults of structure: what pydantic refuses, told in plain words and at the reader's path."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from holdfast.scenario import places, words
from holdfast.scenario.faults import MISSING, Fault, listed, nearest, shown
from holdfast.scenario.places import Loc
from holdfast.scenario.schema import Scenario


@dataclass(frozen=True)
class Spot:
    """Where in the document a fault lies, and what the schema says of that spot."""

    loc: Loc
    table: type[BaseModel] | None
    """The table that holds the key, where it is a table with known keys."""
    annotation: Any
    bounds: Mapping[str, Any]
    value: Any


def flattened(table: Any) -> Any:
    """Nested tables as dotted keys: `[parameters]` may be written `choice.present_bias = 0.7`."""
    if not isinstance(table, dict):
        return table
    flat: dict[str, Any] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            flat |= {f"{key}.{below}": item for below, item in flattened(value).items()}
        else:
            flat[key] = value
    return flat


def faults(error: ValidationError, raw: dict[str, Any]) -> dict[Loc, Fault]:
    """Every fault that pydantic found, once for each spot."""
    found: dict[Loc, Fault] = {}
    missing: dict[Loc, Fault] = {}
    for item in error.errors(include_url=False):
        spot = spot_of(item["loc"], raw)
        if spot is None:
            continue
        kept = missing if item["type"] == "missing" else found
        kept.setdefault(spot.loc, _fault(item["type"], spot, raw))
    meant = {(*loc[:-1], fault.suggestion) for loc, fault in found.items() if fault.suggestion}
    # A needed key that was only misspelt is one fault, not two.
    return found | {loc: fault for loc, fault in missing.items() if loc not in meant}


def spot_of(loc: Iterable[str | int], raw: Any, tagged: bool = True) -> Spot | None:
    """The spot that a location means, pydantic's if `tagged`.

    Pydantic tries every form that a value may take, complains of each, and puts its name into the
    location; this keeps the form that was meant, judged by the value, and gives none for complaints
    about the others.
    """
    spot = Spot((), None, Scenario, {}, raw)
    steps = list(loc)
    while steps:
        forms = words.opened(spot.annotation, dict(spot.bounds))
        if len(forms) > 1:
            meant = _meant(forms, spot.value)
            if meant is None:
                return spot
            if tagged and steps.pop(0) != _tag(meant[0]):
                return None
            spot = Spot(spot.loc, spot.table, meant[0], meant[1], spot.value)
            continue
        spot = _down(spot, forms[0][0], steps.pop(0))
    return spot


def _meant(forms: list[tuple[Any, words.Limits]], value: Any) -> tuple[Any, words.Limits] | None:
    """The form that a value was meant to have: a list, a table, a text, or a single number."""
    if isinstance(value, bool):
        return None
    for kind, bounds in forms:
        is_list, is_table = get_origin(kind) is list, words.is_table(kind)
        if (
            (is_list and isinstance(value, list))
            or (is_table and isinstance(value, dict))
            or (kind is str and isinstance(value, str))
            or (kind in (int, float) and isinstance(value, int | float))
        ):
            return kind, bounds
    return None


def _tag(kind: Any) -> str:
    """The name that pydantic gives to one form of several."""
    if get_origin(kind) is list:
        return f"list[{get_args(kind)[0].__name__}]"
    return str(kind.__name__)


def _down(spot: Spot, kind: Any, step: str | int) -> Spot:
    """The spot one key or one list entry further down."""
    loc = (*spot.loc, step)
    value = places.value_at(spot.value, (step,), MISSING)
    if words.is_table(kind):
        field = kind.model_fields.get(step)
        if field is None:
            return Spot(loc, kind, Any, {}, value)
        return Spot(loc, kind, field.annotation, words.limits(field.metadata), value)
    inner = get_args(kind)[-1] if get_origin(kind) in (list, dict) else Any
    return Spot(loc, None, inner, {}, value)


def _fault(kind: str, spot: Spot, raw: dict[str, Any]) -> Fault:
    """One complaint in plain words."""
    where = places.place(spot.loc, raw) or "the file"
    if kind == "extra_forbidden" and spot.table is not None:
        return _unknown_key(where, spot, spot.table)
    allowed = words.told(words.opened(spot.annotation, dict(spot.bounds)))
    if kind == "missing":
        key = str(spot.loc[-1])
        about = spot.table.model_fields[key].description if spot.table else None
        return Fault(where, "nothing", allowed, f"Add {key} = ...: {(about or key).rstrip('.')}")
    return Fault(where, shown(spot.value), allowed, _cure(kind, spot))


def _unknown_key(where: str, spot: Spot, table: type[BaseModel]) -> Fault:
    """A key that its table does not know."""
    key = str(spot.loc[-1])
    meant = nearest(key, table.model_fields)
    # All keys of a long table would hide the one that was meant.
    allowed = f"the keys {listed(table.model_fields)}" if meant is None else "a key that this table knows"
    found = f'the unknown key "{key}"'
    homes = [home for home, names in _homes() if key in names]
    if homes and meant is None:
        return Fault(where, found, allowed, f"Move it: {key} belongs in {' or '.join(homes)}")
    return Fault(where, found, allowed, "Correct the spelling, or remove the line", meant)


def _homes() -> Iterator[tuple[str, Iterable[str]]]:
    """The tables of the file by their headers, and the keys of each."""
    yield "the top of the file, before the first table", Scenario.model_fields
    for name, field in Scenario.model_fields.items():
        for kind, _ in words.opened(field.annotation):
            if words.is_table(kind):
                yield f"[{name}]", kind.model_fields
            elif get_origin(kind) is list and words.is_table(get_args(kind)[0]):
                yield f"[[{name}]]", get_args(kind)[0].model_fields


def _cure(kind: str, spot: Spot) -> str:
    """What to do about a value of the wrong type or out of its range."""
    value, forms = spot.value, words.opened(spot.annotation, dict(spot.bounds))
    kinds = [form for form, _ in forms]
    numeric = int in kinds or float in kinds
    if isinstance(value, float) and not math.isfinite(value):
        return "Write a finite number"
    if dt.date in kinds:
        return _cure_of_date(value)
    if numeric and isinstance(value, str):
        return "Write the number without quotation marks"
    if kinds == [int] and isinstance(value, float):
        return f"Write a whole number, as {round(value)}"
    if spot.bounds.get("le") == 1 and isinstance(value, int | float) and 1 < value <= 100:
        return f"Write a share, not a percentage: {value / 100:g}"
    if isinstance(value, dict) and get_origin(kinds[0]) is list:
        return f"Write the header with two brackets, [[{spot.loc[-1]}]]"
    if isinstance(value, list) and words.is_table(kinds[0]):
        return f"Write the header with one bracket, [{spot.loc[-1]}]"
    if kind in ("too_short", "too_long") and isinstance(value, list):
        return "Add the missing tables" if kind == "too_short" else "Remove the tables that are too many"
    if str in kinds and not isinstance(value, str):
        return "Put the text between quotation marks"
    return "Change the value to what is allowed, or remove the line if the key is not needed"


def _cure_of_date(value: Any) -> str:
    """What to do about a date that is none."""
    if isinstance(value, dt.datetime):
        return f"Leave out the time of day: {value.date().isoformat()}"
    if isinstance(value, str):
        return "Write the date as year-month-day without quotation marks"
    return "Write the date as year-month-day"
