"""What is checked at the door: a request of a page's form is read whole, or refused with every fault of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from holdfast.app.messages import MOST_TEXT
from holdfast.core.faults import Fault, FaultyError, shown

Seed: TypeAlias = Annotated[int, Field(ge=0, le=2**31 - 1)]
Word: TypeAlias = Annotated[str, Field(min_length=1, max_length=64)]
ScenarioText: TypeAlias = Annotated[str, Field(min_length=1, max_length=MOST_TEXT)]
"""The name of a shipped scenario, or the text of a file; never a path."""


class Request(BaseModel):
    """What all requests share: no other key, no other type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class RequestError(FaultyError):
    """A request that cannot be carried out."""

    what = "The request"


Wanted = TypeVar("Wanted", bound=Request)


def read(kind: type[Wanted], values: Mapping[str, object]) -> Wanted:
    """A request from its values.

    Args:
        kind: what it must be.
        values: as JSON has them.

    Returns:
        The request.

    Raises:
        RequestError: with every fault.
    """
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        faults = [_fault(each) for each in error.errors(include_url=False, include_context=False)]
        raise RequestError(faults) from None


def _fault(error: Mapping[str, object]) -> Fault:
    """A fault as pydantic has it."""
    loc, words = error["loc"], str(error["msg"])
    assert isinstance(loc, tuple)
    place = " ".join(str(part).replace("_", " ") for part in loc) or "the request"
    given = error.get("input")
    value = shown(given) if isinstance(given, str) else json.dumps(given, default=str)[:80]
    value = "nothing" if error["type"] == "missing" else value
    return Fault(place, value, words[:1].lower() + words[1:], "Correct it in the form")
