"""Armies that held and armies that broke: the coded armies, how they are read, and how alike they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holdfast.coded_armies.army import CodedArmy


def shipped() -> tuple[CodedArmy, ...]:
    """The coded armies that come with the package: 51, of which 42 count for themselves.

    Returns:
        The armies, in their table's order.
    """
    from holdfast.coded_armies import reader

    return reader.shipped()
