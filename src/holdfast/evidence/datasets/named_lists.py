"""Named dead and missing by day of death, both sides, as the lists stood at two dates; counts only. [IO]"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from holdfast.evidence.datasets import registry
from holdfast.evidence.datasets.registry import variable
from holdfast.tabular.sheet import Sheet, at

NAME = "named-lists-daily"
SIDES = ("russia", "ukraine")
WAR = np.datetime64("2022-02-24", "ns")
"""The day before it holds entries of Ukraine's list that had no date."""
NOTE = "entries before 2022-02-24 are undated ones that the list put on the eve of the invasion; dropped: {}"


def read(files: Mapping[str, Path]) -> xr.Dataset:
    """Dead and missing by side, vintage (the day on which the list was read) and day of death.

    A day without names within a list's span is 0; days outside it, and lists that are not there, are NaN.

    Args:
        files: the path of each file of the data set by its name.

    Returns:
        The labelled data.

    Raises:
        DataError: with every fault of the files.
    """
    lists = {_key(name): _one(path) for name, path in files.items()}
    vintages = sorted({vintage for _, vintage in lists})
    days = pd.date_range(WAR, max(rows.index.max() for rows in lists.values()))
    shape = (len(SIDES), len(vintages), len(days))
    counts = {what: np.full(shape, np.nan) for what in ("deaths", "missing")}
    dropped = []
    for (side, vintage), rows in sorted(lists.items()):
        early, rows = rows[rows.index < WAR], rows[rows.index >= WAR]
        if len(early):
            dropped.append(f"{side} {vintage}: {early['deaths'].sum():.0f} dead, {early['missing'].sum():.0f} missing")
        span = days[(days >= rows.index.min()) & (days <= rows.index.max())]
        full = rows.reindex(span).fillna({name: 0.0 for name in rows if rows[name].notna().any()})
        at = SIDES.index(side), vintages.index(vintage)
        for what, values in counts.items():
            values[at][days.get_indexer(span)] = full[what]
    source = registry.DATASETS[NAME].citation
    dims = ("side", "vintage", "day")
    return xr.Dataset(
        {
            "dead": variable(dims, counts["deaths"], "named dead by day of death", "men/d", source),
            "missing": variable(dims, counts["missing"], "named missing by day", "men/d", source),
        },
        {"side": list(SIDES), "vintage": vintages, "day": days},
        registry.DATASETS[NAME].attributes(note=NOTE.format("; ".join(dropped) or "none")),
    )


def _key(name: str) -> tuple[str, str]:
    """Side and vintage from a file's name, as `russia_daily_2025-09-01.json`."""
    side = name.split("_")[0]
    day = re.search(r"\d{4}-\d{2}-\d{2}", name)
    if side not in SIDES or day is None:
        raise ValueError(f"{name}: a named list is called SIDE_..._YYYY-MM-DD.json, SIDE one of {SIDES}")
    return side, day.group()


def _one(path: Path) -> pd.DataFrame:
    """One list: dead and missing by day, checked against its own totals."""
    sheet = Sheet.from_records(path, ("day", "deaths", "total"), ("missing",))
    day = sheet.days("day", rising=True)
    deaths = sheet.numbers("deaths", blank=False)
    missing = sheet.numbers("missing") if "missing" in sheet.rows else np.full(len(sheet), np.nan)
    total = sheet.numbers("total", blank=False)
    for row in at(deaths + np.nan_to_num(missing) != total):
        sheet.fault(row, "total", f"{deaths[row] + np.nan_to_num(missing[row]):g}, the sum of dead and missing")
    sheet.check()
    return pd.DataFrame({"deaths": deaths, "missing": missing}, index=pd.DatetimeIndex(day))
