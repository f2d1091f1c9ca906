"""JSON: one way to make values plain, and one way of writing for each use. [IO]

For files, indented by two; for the console, one line; inside HTML, closed against tags; for hashes, sorted by key.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

import numpy as np

from holdfast.io import files

Plain: TypeAlias = "None | bool | int | float | str | list[Plain] | dict[str, Plain]"
"""What JSON knows."""


def plain(value: object) -> Plain:
    """A value as JSON knows it.

    Args:
        value: numbers, text, dates, NumPy's numbers and arrays, paths; mappings, sequences, sets and dataclasses of them.

    Returns:
        The same with numbers that are not finite as `None`, dates and times in ISO form, paths as text, records as
        mappings by field, and sets in sorted order.

    Raises:
        TypeError: if a value is of another type.
    """
    if value is None or isinstance(value, bool | str | int) and type(value) in (bool, str, int):
        return value  # type: ignore[return-value]
    if isinstance(value, np.ndarray):
        return plain(value.tolist()) if value.dtype.kind not in "mM" else [plain(one) for one in value]
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else _day(value)
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {_key(name): plain(one) for name, one in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, set | frozenset):
        return [plain(one) for one in sorted(value)]
    if isinstance(value, str | int):  # enumerations among them
        return value.value if hasattr(value, "value") else value  # type: ignore[no-any-return]
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"a {type(value).__name__} has no form in JSON")


def _day(value: np.datetime64) -> str:
    """A NumPy time in ISO form; a whole day without its hours."""
    day = value.astype("datetime64[D]")
    return str(day) if day == value else str(value)


def _key(name: object) -> str:
    """A key of a mapping as text."""
    return name if isinstance(name, str) else str(plain(name))


def line(value: object) -> str:
    """A value as JSON on one line, as the command line prints it.

    Args:
        value: as in `plain`.

    Returns:
        The text.
    """
    return json.dumps(plain(value), allow_nan=False)


def indented(value: object) -> str:
    """A value as JSON indented by two, with a line feed at its end, as files hold it.

    Args:
        value: as in `plain`.

    Returns:
        The text.
    """
    return json.dumps(plain(value), indent=2, allow_nan=False) + "\n"


def embedded(value: object) -> str:
    """A value as compact JSON that cannot close the HTML element in which it stands.

    Args:
        value: as in `plain`.

    Returns:
        The text.
    """
    return json.dumps(plain(value), separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def canonical(value: object, *, compact: bool = False) -> str:
    """A value as JSON with its keys sorted, for a hash.

    Args:
        value: as in `plain`.
        compact: without blanks. Both forms are in use, and a hash that stands in a file holds to its own.

    Returns:
        The text.
    """
    return json.dumps(plain(value), sort_keys=True, separators=(",", ":") if compact else None, allow_nan=False)


def write(path: Path, value: object) -> Path:
    """Write a value as indented JSON, whole or not at all.

    Args:
        path: where.
        value: as in `plain`.

    Returns:
        The path.
    """
    return files.write_text(path, indented(value))


def read(path: Path) -> Plain:
    """Read a JSON file in UTF-8, with or without a byte order mark.

    Args:
        path: the file.

    Returns:
        Its value.

    Raises:
        json.JSONDecodeError: if the file is no JSON.
        UnicodeDecodeError: if it is no UTF-8.
    """
    return json.loads(path.read_text(encoding="utf-8-sig"))  # type: ignore[no-any-return]
