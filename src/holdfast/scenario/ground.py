"""Ground that came, as makers of maps measured it: a table that a scenario names, shown beside its runs. [IO]

It moves nothing. A row is what the first side gained between two days by one maker; see `docs/fronts.md`.
"""

from __future__ import annotations

import csv
import datetime as dt
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from holdfast.core.faults import Fault, ScenarioError, day_of, listed, shown
from holdfast.core.lazy import Lazy
from holdfast.scenario.schema import ScenarioDocument
from holdfast.tabular import source

if TYPE_CHECKING:
    import numpy as np
else:
    np = Lazy("numpy")

PLACE = "front.observed"
COLUMNS = ("source", "from", "until")
"""Columns beside one for each sector; others are passed over."""

LATEST = 14
"""Days within which a maker's first map must come [d]."""

Moves: TypeAlias = Mapping[str, "np.ndarray"]
"""Ground that the first side has gained since the first day, by maker, `[day, sector]`; NaN where he has no map [km2]."""


def gained(document: ScenarioDocument, file: Path) -> Moves:
    """Ground gained since a scenario's first day by each day's end, on straight lines between two maps.

    Args:
        document: the scenario.
        file: the table.

    Returns:
        By maker, those that have a map of its first days: of others the sum would be of another time.

    Raises:
        ScenarioError: with every fault of the table.
    """
    sectors = [sector.name for sector in document.front.named_sectors]
    rows = _rows(file)
    lacking = [name for name in (*COLUMNS, *sectors) if not rows or name not in rows[0][1]]
    if lacking:
        what = f"the table {file.name} without the columns {listed(lacking)}"
        allowed = f"{listed(COLUMNS)}, and a column for each sector"
        raise ScenarioError([Fault(PLACE, what, allowed, "Name a column for each sector as the front does")], file.name)
    faults: list[Fault] = []
    steps: dict[str, list[tuple[dt.date, dt.date, list[float]]]] = {}
    for line, row in rows:
        values = [_cell(f"{file.name} line {line}, {name}", row[name], faults) for name in sectors]
        days = [_day(f"{file.name} line {line}, {name}", row[name], faults) for name in COLUMNS[1:]]
        if not any(math.isnan(value) for value in values):
            steps.setdefault(row["source"], []).append((days[0], days[1], values))
    if faults:
        raise ScenarioError(faults, file.name)
    each = {maker: _by_day(document, sorted(parts)) for maker, parts in steps.items()}
    return {maker: values for maker, values in each.items() if np.isfinite(values[:LATEST]).any()}


def _rows(file: Path) -> list[tuple[int, dict[str, str]]]:
    """The rows of the table by column, each with its line."""
    try:
        return source.records(file.read_bytes().decode("utf-8-sig"))
    except (UnicodeDecodeError, OSError, csv.Error) as error:
        content, cure = source.unreadable(error)
        fault = Fault(PLACE, content, "comma-separated values in UTF-8", cure)
        raise ScenarioError([fault], file.name) from error


def _by_day(document: ScenarioDocument, parts: Sequence[tuple[dt.date, dt.date, list[float]]]) -> np.ndarray:
    """One maker's gains since the first day; NaN before his first map and after his last."""
    known = [parts[0][0], *(until for _, until, _ in parts)]
    total = np.concatenate([np.zeros((1, len(parts[0][2]))), np.cumsum([values for _, _, values in parts], axis=0)])
    first = document.start.toordinal()
    days = np.arange(first - 1, first + document.days)
    at = [day.toordinal() for day in known]
    columns = [np.interp(days, at, column, left=np.nan, right=np.nan) for column in total.T]
    held = np.stack(columns, axis=1)
    begin = held[0] if np.isfinite(held[0]).all() else total[0]  # a maker who comes later counts from his first map
    return np.asarray(held[1:] - begin)


def _cell(place: str, text: str, faults: list[Fault]) -> float:
    """A number of km2; NaN where nothing stands."""
    try:
        value = float(text) if text.strip() else math.nan
    except ValueError:
        value = math.inf
    if math.isinf(value):
        faults.append(Fault(place, shown(text), "km2, or nothing", "Correct the cell"))
    return value


def _day(place: str, text: str, faults: list[Fault]) -> dt.date:
    """A day."""
    meant = day_of(place, text)
    if isinstance(meant, dt.date):
        return meant
    faults.append(meant)
    return dt.date.min
