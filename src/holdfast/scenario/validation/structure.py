"""What can still be checked of a scenario with faults of structure, so that all are told at once.

The faulty values are taken out and the gaps filled by stand-ins. Nothing that is mended here is ever
run: it only lets the checks between fields see the rest.
"""

from __future__ import annotations

import copy
import datetime as dt
import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from holdfast.core.faults import MISSING, Fault, listed, nearest, shown
from holdfast.scenario import document_paths
from holdfast.scenario.document_paths import Loc
from holdfast.scenario.schema import ScenarioDocument
from holdfast.scenario.validation import limits

# Faults of structure: what pydantic refuses, told in plain words and at the reader's path.


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
    spot = Spot((), None, ScenarioDocument, {}, raw)
    steps = list(loc)
    while steps:
        forms = limits.opened(spot.annotation, dict(spot.bounds))
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


def _meant(forms: list[tuple[Any, limits.Limits]], value: Any) -> tuple[Any, limits.Limits] | None:
    """The form that a value was meant to have: a list, a table, a text, or a single number."""
    if isinstance(value, bool):
        return None
    for kind, bounds in forms:
        is_list, is_table = get_origin(kind) is list, limits.is_table(kind)
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
    value = document_paths.value_at(spot.value, (step,), MISSING)
    if limits.is_table(kind):
        field = kind.model_fields.get(step)
        if field is None:
            return Spot(loc, kind, Any, {}, value)
        return Spot(loc, kind, field.annotation, limits.limits(field.metadata), value)
    inner = get_args(kind)[-1] if get_origin(kind) in (list, dict) else Any
    return Spot(loc, None, inner, {}, value)


def _fault(kind: str, spot: Spot, raw: dict[str, Any]) -> Fault:
    """One complaint in plain words."""
    where = document_paths.place(spot.loc, raw) or "the file"
    if kind == "extra_forbidden" and spot.table is not None:
        return _unknown_key(where, spot, spot.table)
    allowed = limits.told(limits.opened(spot.annotation, dict(spot.bounds)))
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
    yield "the top of the file, before the first table", ScenarioDocument.model_fields
    for name, field in ScenarioDocument.model_fields.items():
        for kind, _ in limits.opened(field.annotation):
            if limits.is_table(kind):
                yield f"[{name}]", kind.model_fields
            elif get_origin(kind) is list and limits.is_table(get_args(kind)[0]):
                yield f"[[{name}]]", get_args(kind)[0].model_fields


def _cure(kind: str, spot: Spot) -> str:
    """What to do about a value of the wrong type or out of its range."""
    value, forms = spot.value, limits.opened(spot.annotation, dict(spot.bounds))
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
    if isinstance(value, list) and limits.is_table(kinds[0]):
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


STAND_IN = "unnamed-stand-in"
ROUNDS = 4
"""Taking out a value may leave a needed key missing, and that a table: more rounds add nothing."""


def mended(raw: dict[str, Any]) -> ScenarioDocument | None:
    """The scenario without its faulty values, or none where too little is left."""
    document = copy.deepcopy(raw)
    for _ in range(ROUNDS):
        try:
            return ScenarioDocument.model_validate(document, strict=True)
        except ValidationError as error:
            # From the back, so that taking out an entry of a list moves no other fault's place.
            for loc in sorted(_locs(error, document), key=_order, reverse=True):
                if not loc or not _mend(document, loc):
                    return None
    return None


def _locs(error: ValidationError, document: dict[str, Any]) -> set[Loc]:
    """Where the faults are."""
    spots = (spot_of(item["loc"], document) for item in error.errors(include_url=False))
    return {spot.loc for spot in spots if spot is not None}


def _order(loc: Loc) -> tuple[tuple[int, str], ...]:
    """Sorts keys and indices together."""
    return tuple((step, "") if isinstance(step, int) else (-1, step) for step in loc)


def _mend(document: dict[str, Any], loc: Loc) -> bool:
    """Take a faulty value out, or put a stand-in where a needed one is missing; tell whether it helps."""
    holder = document_paths.value_at(document, loc[:-1])
    value = document_paths.value_at(document, loc, MISSING)
    if loc == ("side",):
        # Two armies cannot be made up, but of more than two the first can be looked at.
        document["side"] = value[:2] if isinstance(value, list) else []
        return len(document["side"]) == 2
    if value is not MISSING:
        del holder[loc[-1]]
    elif isinstance(holder, dict):
        holder[loc[-1]] = _stand_in(document, loc)
    return True


def _stand_in(document: dict[str, Any], loc: Loc) -> Any:
    """A harmless value of the type that a key needs."""
    spot = spot_of(loc, document, tagged=False)
    kind, bounds = limits.opened(spot.annotation, dict(spot.bounds))[0] if spot else (str, {})
    if kind is dt.date:
        start = document.get("start")
        return start if type(start) is dt.date else dt.date(1900, 1, 1)
    if get_origin(kind) is list:
        return []
    if kind in (int, float):
        return kind(max(bounds.get("ge", 1), 1))
    if kind is str:
        return "-".join([STAND_IN, *(str(step) for step in loc if isinstance(step, int))])
    return get_args(kind)[0] if get_args(kind) else {}


def untouched(found: Collection[Fault], broken: Collection[Fault]) -> list[Fault]:
    """The faults between fields that do not follow from faults of structure."""
    return [
        fault
        for fault in found
        if STAND_IN not in str(fault) and not any(_related(fault.place, b.place) for b in broken)
    ]


def _related(one: str, other: str) -> bool:
    """Whether two places are the same, or one lies within the other."""
    short, long = sorted((one, other), key=len)
    return long == short or long.startswith((short + ".", short + "["))
