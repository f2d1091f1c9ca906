"""One input of a run as the report lists it: where it stands, its value, its unit and who says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Input:
    """A value of the scenario or a parameter of the model."""

    path: str
    """Its place in the file, as `sides.ukraine.army.strength`."""
    value: Any
    unit: str
    source: str
