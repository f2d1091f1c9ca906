"""An army as a page sends it: its codes, or a shipped army with some of them put otherwise."""

from __future__ import annotations

from typing import Literal, TypeAlias

from holdfast.app.door import Request, Word

Level: TypeAlias = Literal[0, 1, 2] | None
"""A code; None where it is not known."""


class Coding(Request):
    """An army by its codes."""

    army: Word | None = None
    """A shipped army to start from."""
    codes: dict[Word, Level] = {}
    """Its codes; what is left out comes from the shipped army, or is not known."""
