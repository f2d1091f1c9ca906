"""What the sides are called in sentences and charts."""

from __future__ import annotations

from typing import Any

import xarray as xr

ABBREVIATIONS = frozenset(
    {"andsf", "arvn", "drc", "gdr", "kmt", "nato", "pavn", "rsfsr", "uk", "un", "us", "usa", "ussr"}
)
"""Keys of sides that are spoken letter by letter."""


def name(key: str) -> str:
    """How a side is called in a sentence: `Russia` for `russia`, `Central powers`, `USSR`."""
    plain = key.replace("-", " ").replace("_", " ")
    return plain.upper() if key in ABBREVIATIONS else plain[:1].upper() + plain[1:]


def with_names(data: xr.Dataset) -> xr.Dataset:
    """The result with its sides called as one says them, not by their keys in the scenario."""
    changed: dict[str, Any] = {"side": [name(str(s)) for s in data.side.values]}
    for label in ("brigade_side", "region_side"):
        if label in data.coords:
            changed[label] = (data[label].dims, [name(str(s)) for s in data[label].values])
    return data.assign_coords(changed)
