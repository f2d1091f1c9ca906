"""What can still be checked of a scenario with faults of structure, so that all are told at once.

The faulty values are taken out and the gaps filled by stand-ins. Nothing that is mended here is ever
run: it only lets the checks between fields see the rest.
"""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Collection
from typing import Any, get_args, get_origin

from pydantic import ValidationError

from holdfast.scenario import places, structure, words
from holdfast.scenario.faults import MISSING, Fault
from holdfast.scenario.places import Loc
from holdfast.scenario.schema import Scenario

STAND_IN = "unnamed-stand-in"
ROUNDS = 4
"""Taking out a value may leave a needed key missing, and that a table: more rounds add nothing."""


def mended(raw: dict[str, Any]) -> Scenario | None:
    """The scenario without its faulty values, or none where too little is left."""
    document = copy.deepcopy(raw)
    for _ in range(ROUNDS):
        try:
            return Scenario.model_validate(document, strict=True)
        except ValidationError as error:
            # From the back, so that taking out an entry of a list moves no other fault's place.
            for loc in sorted(_locs(error, document), key=_order, reverse=True):
                if not loc or not _mend(document, loc):
                    return None
    return None


def _locs(error: ValidationError, document: dict[str, Any]) -> set[Loc]:
    """Where the faults are."""
    spots = (structure.spot_of(item["loc"], document) for item in error.errors(include_url=False))
    return {spot.loc for spot in spots if spot is not None}


def _order(loc: Loc) -> tuple[tuple[int, str], ...]:
    """Sorts keys and indices together."""
    return tuple((step, "") if isinstance(step, int) else (-1, step) for step in loc)


def _mend(document: dict[str, Any], loc: Loc) -> bool:
    """Take a faulty value out, or put a stand-in where a needed one is missing; tell whether it helps."""
    holder = places.value_at(document, loc[:-1])
    value = places.value_at(document, loc, MISSING)
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
    spot = structure.spot_of(loc, document, tagged=False)
    kind, bounds = words.opened(spot.annotation, dict(spot.bounds))[0] if spot else (str, {})
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
