"""What the schema allows, in words; pydantic's complaints as faults; and what can still be checked of a faulty document.

A document with faults of structure is mended (faulty values are taken out, gaps are filled by stand-ins) so that the checks
between fields see the rest, and all faults are listed at once. Nothing that is mended here is ever run.
"""

from __future__ import annotations

import copy
import datetime as dt
import math
import types
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias, TypeGuard, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from holdfast.core import texts
from holdfast.core.faults import MISSING, Fault, listed, nearest, shown
from holdfast.scenario import schema
from holdfast.scenario.schema import Document, Loc, ScenarioDocument

Limits = dict[str, Any]
"""What narrows a type: `ge`, `gt`, `le`, `lt`, `min_length`, `max_length`, `pattern`."""

Form: TypeAlias = tuple[Any, Limits]
"""A single type, and what narrows it."""

LIMIT_NAMES = ("ge", "gt", "le", "lt", "min_length", "max_length", "pattern")


def limits(metadata: Iterable[object]) -> Limits:
    """The limits that a field's or a type's metadata set.

    Args:
        metadata: what pydantic or `Annotated` holds.

    Returns:
        The limits by name.
    """
    bounds: Limits = {}
    for item in metadata:
        if isinstance(item, FieldInfo):
            bounds |= limits(item.metadata)
            continue
        bounds |= {name: getattr(item, name) for name in LIMIT_NAMES if getattr(item, name, None) is not None}
    return bounds


def opened(annotation: object, within: Limits | None = None) -> list[Form]:
    """The types that a value may have; `None` is left out.

    Args:
        annotation: the type, which may be a union or annotated.
        within: limits that hold for all of them.

    Returns:
        The single types, each with its limits.
    """
    within = within or {}
    if get_origin(annotation) is Annotated:
        inner, *metadata = get_args(annotation)
        return opened(inner, within | limits(metadata))
    if get_origin(annotation) in (Union, types.UnionType):
        members = [member for member in get_args(annotation) if member is not type(None)]
        return [pair for member in members for pair in opened(member, within)]
    return [(annotation, within)]


def is_table(annotation: object) -> TypeGuard[type[BaseModel]]:
    """Whether a type is a table of the file.

    Args:
        annotation: the type.

    Returns:
        Whether it is one of the schema's models.
    """
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _allowed(annotation: object, metadata: Iterable[object] = ()) -> str:
    """What a value of this type may be, for a sentence that begins 'allowed: '."""
    return in_words(opened(annotation, limits(metadata)))


def in_words(forms: Iterable[Form]) -> str:
    """Several types, each with its limits, for a sentence that begins "allowed: ".

    Args:
        forms: the types.

    Returns:
        The words.
    """
    return ", or ".join(_one(kind, bounds) for kind, bounds in forms)


def allowed_in(field: FieldInfo) -> str:
    """What a key of a table may hold.

    Args:
        field: the key, as the schema declares it.

    Returns:
        The words.
    """
    return _allowed(field.annotation, field.metadata)


def between(low: float, high: float) -> str:
    """A range of numbers in words; infinite ends are left out.

    Args:
        low: the lower end.
        high: the upper end.

    Returns:
        The words.
    """
    if low == -float("inf"):
        return "" if high == float("inf") else f"{high:g} or less"
    return f"{low:g} or more" if high == float("inf") else f"from {low:g} to {high:g}"


def _one(kind: object, bounds: Limits) -> str:
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
        first = "a letter or digit" if "Nd" in bounds["pattern"].partition("]")[0] else "a letter"
        marks = ", hyphens and underscores" if "_" in bounds["pattern"] else " and hyphens"
        return f" of lower-case letters of any script, digits{marks} that begins with {first}"
    if "max_length" in bounds:
        return f" of {bounds.get('min_length', 0)} to {bounds['max_length']} characters"
    return ""


def _list(item: object, bounds: Limits) -> str:
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


# --- Faults of structure: what pydantic refuses, in plain words and at the reader's path.


@dataclass(frozen=True)
class Spot:
    """Where in the document a fault lies, and what the schema says of that spot."""

    loc: Loc  # keys and indices from the root
    table: type[BaseModel] | None  # the table that holds the key, where it is one with known keys
    annotation: object  # the type that the schema gives it
    bounds: Limits  # what narrows the type
    value: object  # what stands there


def flattened(table: object) -> Any:
    """Nested tables as dotted keys: `[parameters]` may be written `choice.present_bias = 0.7`.

    Args:
        table: the table, or what stands in its place.

    Returns:
        The table with dotted keys; what is no table is left as it is.
    """
    if not isinstance(table, dict):
        return table
    flat: Document = {}
    for key, value in table.items():
        if isinstance(value, dict):
            flat |= {f"{key}.{below}": item for below, item in flattened(value).items()}
        else:
            flat[key] = value
    return flat


def faults(error: ValidationError, raw: Document) -> dict[Loc, Fault]:
    """Every fault that pydantic reports, once for each spot.

    Args:
        error: pydantic's error.
        raw: the document.

    Returns:
        The faults by their spots. A needed key that is only misspelt is one fault, not two.
    """
    broken: dict[Loc, Fault] = {}
    missing: dict[Loc, Fault] = {}
    for item in error.errors(include_url=False):
        spot = spot_of(item["loc"], raw)
        if spot is None:
            continue
        group = missing if item["type"] == "missing" else broken
        group.setdefault(spot.loc, _fault(item["type"], spot, raw))
    meant = {(*loc[:-1], fault.suggestion) for loc, fault in broken.items() if fault.suggestion}
    # A needed key that was only misspelt is one fault, not two.
    return broken | {loc: fault for loc, fault in missing.items() if loc not in meant}


def spot_of(loc: Iterable[str | int], raw: object, tagged: bool = True) -> Spot | None:
    """The spot that a location means.

    Pydantic tries every form that a value may take, complains of each, and puts its name into the location; here the form
    that was meant is chosen, judged by the value, and complaints about the others give no spot.

    Args:
        loc: keys and indices; pydantic's among them the names of forms.
        raw: the document.
        tagged: whether the location is pydantic's.

    Returns:
        The spot, or none.
    """
    spot = Spot((), None, ScenarioDocument, {}, raw)
    steps = list(loc)
    while steps:
        forms = opened(spot.annotation, dict(spot.bounds))
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


def _meant(forms: list[Form], value: object) -> Form | None:
    """The form that a value was meant to have: a list, a table, a text, or a single number."""
    if isinstance(value, bool):
        return None
    for kind, bounds in forms:
        lists, tables = get_origin(kind) is list, is_table(kind)
        if (
            (lists and isinstance(value, list))
            or (tables and isinstance(value, dict))
            or (kind is str and isinstance(value, str))
            or (kind in (int, float) and isinstance(value, int | float))
        ):
            return kind, bounds
    return None


def _tag(kind: object) -> str:
    """The name that pydantic gives to one form of several."""
    if get_origin(kind) is list:
        return f"list[{get_args(kind)[0].__name__}]"
    return str(getattr(kind, "__name__", kind))


def _down(spot: Spot, kind: object, step: str | int) -> Spot:
    """The spot one key or one list entry further down."""
    loc = (*spot.loc, step)
    value = schema.value_at(spot.value, (step,), MISSING)
    if is_table(kind):
        field = kind.model_fields.get(str(step))
        if field is None:
            return Spot(loc, kind, Any, {}, value)
        return Spot(loc, kind, field.annotation, limits(field.metadata), value)
    inner = get_args(kind)[-1] if get_origin(kind) in (list, dict) else Any
    return Spot(loc, None, inner, {}, value)


def _fault(kind: str, spot: Spot, raw: Document) -> Fault:
    """One complaint in plain words."""
    where = schema.place(spot.loc, raw) or "the file"
    if kind == "extra_forbidden" and spot.table is not None:
        return _unknown_key(where, spot, spot.table)
    allowed = in_words(opened(spot.annotation, dict(spot.bounds)))
    if kind == "missing":
        key = str(spot.loc[-1])
        about = texts.about(spot.table, key) if spot.table else ""
        return Fault(where, "nothing", allowed, f"Add {key} = ...: {(about or key).rstrip('.')}")
    return Fault(where, shown(spot.value), allowed, _cure(kind, spot))


def _unknown_key(where: str, spot: Spot, table: type[BaseModel]) -> Fault:
    """A key that its table does not know."""
    key = str(spot.loc[-1])
    meant = nearest(key, table.model_fields)
    # All keys of a long table would hide the one that was meant.
    allowed = f"the keys {listed(table.model_fields)}" if meant is None else "a key that this table knows"
    what = f'the unknown key "{key}"'
    homes = [home for home, names in _homes() if key in names]
    if homes and meant is None:
        return Fault(where, what, allowed, f"Move it: {key} belongs in {' or '.join(homes)}")
    return Fault(where, what, allowed, "Correct the spelling, or remove the line", meant)


def _homes() -> Iterator[tuple[str, Iterable[str]]]:
    """The tables of the file by their headers, and the keys of each."""
    yield "the top of the file, before the first table", ScenarioDocument.model_fields
    for name, field in ScenarioDocument.model_fields.items():
        for kind, _ in opened(field.annotation):
            if is_table(kind):
                yield f"[{name}]", kind.model_fields
            elif get_origin(kind) is list and is_table(get_args(kind)[0]):
                yield f"[[{name}]]", get_args(kind)[0].model_fields


def _cure(kind: str, spot: Spot) -> str:
    """What to do about a value of the wrong type or out of its range."""
    value, forms = spot.value, opened(spot.annotation, dict(spot.bounds))
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
    if isinstance(value, list) and is_table(kinds[0]):
        return f"Write the header with one bracket, [{spot.loc[-1]}]"
    if kind in ("too_short", "too_long") and isinstance(value, list):
        return "Add the missing tables" if kind == "too_short" else "Remove the tables that are too many"
    if str in kinds and not isinstance(value, str):
        return "Put the text between quotation marks"
    if "pattern" in spot.bounds and isinstance(value, str) and value != value.lower():
        return f"Write it in lower case, as {value.lower()}"
    return "Change the value to what is allowed, or remove the line if the key is not needed"


def _cure_of_date(value: object) -> str:
    """What to do about a date that is none."""
    if isinstance(value, dt.datetime):
        return f"Leave out the time of day: {value.date().isoformat()}"
    if isinstance(value, str):
        return "Write the date as year-month-day without quotation marks"
    return "Write the date as year-month-day"


# --- What can be checked beside faults of structure.

STAND_IN = "unnamed-stand-in"
ROUNDS = 4
"""Taking out a value may leave a needed key missing, and that a table: more rounds add nothing."""


def mended(raw: Document) -> ScenarioDocument | None:
    """The scenario without its faulty values.

    Args:
        raw: the document.

    Returns:
        What can still be checked, never run; none where too little is left.
    """
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


def _locs(error: ValidationError, document: Document) -> set[Loc]:
    """Where the faults are."""
    spots = (spot_of(item["loc"], document) for item in error.errors(include_url=False))
    return {spot.loc for spot in spots if spot is not None}


def _order(loc: Loc) -> tuple[tuple[int, str], ...]:
    """Sorts keys and indices together."""
    return tuple((step, "") if isinstance(step, int) else (-1, step) for step in loc)


def _mend(document: Document, loc: Loc) -> bool:
    """Take a faulty value out, or put a stand-in where a needed one is missing; tell whether it helps."""
    holder = schema.value_at(document, loc[:-1])
    value = schema.value_at(document, loc, MISSING)
    if loc == ("side",):
        # Two armies cannot be made up, but of more than two the first can be looked at.
        document["side"] = value[:2] if isinstance(value, list) else []
        return len(document["side"]) == 2
    if value is not MISSING:
        del holder[loc[-1]]
    elif isinstance(holder, dict):
        holder[loc[-1]] = _stand_in(document, loc)
    return True


def _stand_in(document: Document, loc: Loc) -> object:
    """A harmless value of the type that a key needs."""
    spot = spot_of(loc, document, tagged=False)
    kind, bounds = opened(spot.annotation, dict(spot.bounds))[0] if spot else (str, {})
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


def untouched(between: Collection[Fault], broken: Collection[Fault]) -> list[Fault]:
    """The faults between fields that do not follow from faults of structure.

    Args:
        between: faults between fields.
        broken: faults of structure.

    Returns:
        Those that stand by themselves.
    """
    return [
        fault
        for fault in between
        if STAND_IN not in str(fault) and not any(_related(fault.place, b.place) for b in broken)
    ]


def _related(one: str, other: str) -> bool:
    """Whether two places are the same, or one lies within the other."""
    short, long = sorted((one, other), key=len)
    return long == short or long.startswith((short + ".", short + "["))
