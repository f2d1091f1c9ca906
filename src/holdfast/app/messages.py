"""What a viewer may say to a war: every message has one form, is checked at the door, and is refused whole if it has a fault."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from holdfast.app.pulls import Pull
from holdfast.core.faults import Fault, FaultyError, shown

MOST_TEXT = 200_000
"""Length of an uploaded scenario, at most [letters]."""
MOST_PULLS = 200
"""Pulls in one war, at most."""
FASTEST = 90.0
"""Days a second, at most [d/s]."""

Word: TypeAlias = Annotated[str, Field(min_length=1, max_length=64)]
Number: TypeAlias = Annotated[int, Field(ge=0, le=2**31 - 1)]


class _Message(BaseModel):
    """What all messages share: no other key, no other type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Pulled(_Message):
    """A pressure or an effect of a side; from which day on it holds stands beside it."""

    side: Word
    """Name of the side."""
    what: Word
    """A pressure, or an effect as `effect:amnesty`."""
    amount: Annotated[float, Field(ge=-1, le=2, allow_inf_nan=False)]
    """As `Pull.amount` [1]."""
    day: Number | None = None
    """Index of the first day on which it holds; the next day unless given [d]."""

    def pull(self, day: int) -> Pull:
        """The pull.

        Args:
            day: the day from which it holds where it says none [d].

        Returns:
            The pull.
        """
        return Pull(day if self.day is None else self.day, self.side, self.what, float(self.amount))


class Open(_Message):
    """Begin a war, in place of the one that was there."""

    do: Literal["open"]
    """What kind of message it is."""
    scenario: Annotated[str, Field(min_length=1, max_length=MOST_TEXT)]
    """The name of a shipped scenario, or the text of a file."""
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)] = 1
    """Of draws and luck."""
    men_per_billet: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """The grain; the finest that a picture holds unless given [men]."""
    pulls: Annotated[list[Pulled], Field(max_length=MOST_PULLS)] = []
    """What is pulled from the beginning, each from its day on."""
    day: Number = 0
    """The day to which it is run at once [d]."""
    coloured_by: Literal["fate", "risk", "resolve", "tenure"] = "fate"
    """By what the men are coloured."""


class Play(_Message):
    """Run on, or stop."""

    do: Literal["play"]
    """What kind of message it is."""
    on: bool
    """Whether it is to run on."""


class Step(_Message):
    """Run some days."""

    do: Literal["step"]
    """What kind of message it is."""
    days: Annotated[int, Field(ge=1, le=3650)] = 1
    """How many [d]."""


class Speed(_Message):
    """How fast it runs."""

    do: Literal["speed"]
    """What kind of message it is."""
    days: Annotated[float, Field(gt=0, le=FASTEST, allow_inf_nan=False)]
    """Days a second [d/s]."""


class Put(Pulled):
    """Pull a pressure or switch an effect, from the next day on."""

    do: Literal["put"]
    """What kind of message it is."""


class Colour(_Message):
    """Colour the men by something else."""

    do: Literal["colour"]
    """What kind of message it is."""
    by: Literal["fate", "risk", "resolve", "tenure"]
    """By what."""


class Follow(_Message):
    """Follow the man of a billet, or nobody."""

    do: Literal["follow"]
    """What kind of message it is."""
    billet: Number | None
    """Its number in the picture."""


class Seen(_Message):
    """A frame has been painted."""

    do: Literal["seen"]
    """What kind of message it is."""
    frame: Number
    """Its number."""


class Save(_Message):
    """Send what is on screen as a file."""

    do: Literal["save"]
    """What kind of message it is."""
    what: Literal["netcdf", "toml"]
    """The days so far, or the scenario with what was pulled."""


Message: TypeAlias = Annotated[
    Open | Play | Step | Speed | Put | Colour | Follow | Seen | Save, Field(discriminator="do")
]
_adapter: TypeAdapter[Message] = TypeAdapter(Message)


class MessageError(FaultyError):
    """A message that cannot be read."""

    what = "The message"


def read(text: str | bytes) -> Message:
    """A message from its text.

    Args:
        text: JSON.

    Returns:
        The message.

    Raises:
        MessageError: with every fault of it.
    """
    try:
        return _adapter.validate_json(text)
    except ValidationError as error:
        faults = [_fault(each) for each in error.errors(include_url=False, include_context=False)]
        raise MessageError(faults) from None
    except (ValueError, RecursionError) as error:  # letters that are no text, numbers without end
        raise MessageError([Fault("the message", shown(str(error)), "JSON", "Send a message of the page")]) from None


def _fault(error: Mapping[str, object]) -> Fault:
    """A fault as pydantic has it."""
    loc, given = error["loc"], error.get("input")
    assert isinstance(loc, tuple)
    value = shown(json.dumps(given, default=str)[:80])
    return Fault(
        ".".join(map(str, loc)) or "the message", value, str(error["msg"]).lower(), "Send a message of the page"
    )
