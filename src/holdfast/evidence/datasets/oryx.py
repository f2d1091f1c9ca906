"""Equipment lost and seen in pictures: both sides, by type and status, cumulative by day of counting. [IO]"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from holdfast.evidence.datasets import registry
from holdfast.evidence.datasets.registry import variable
from holdfast.tabular.sheet import Sheet, at

NAME = "oryx-daily"
FILE = "daily_count.csv"
SIDES = {"Russia": "russia", "Ukraine": "ukraine"}
STATUS = ("destroyed", "damaged", "abandoned", "captured")
GIVEN_UP = ("abandoned", "captured")
ALL = "All Types"
HEADING = "Losses "
"""Rows that begin so are Oryx's own sums of some types, with the sums in their names; left out."""
SLIP = 100
"""A cumulative count of at least so many that halves is a slip of the pen, not a correction."""


def read(files: Mapping[str, Path]) -> xr.Dataset:
    """Losses by side, type, status and day of counting; NaN where a type's count is not given that day.

    Args:
        files: the path of each file of the data set by its name.

    Returns:
        The labelled data.

    Raises:
        DataError: with every fault of the files.
    """
    sheet = Sheet.from_csv(
        files[FILE], ("country", "equipment_type", "date_recorded", "type_total", *STATUS)
    )  # fmt: skip
    rows = pd.DataFrame(
        {
            "side": sheet.words("country", SIDES),
            "type": sheet.words("equipment_type"),
            "day": sheet.days("date_recorded"),
            **{status: sheet.numbers(status, blank=False) for status in STATUS},
        }
    )
    total = sheet.numbers("type_total", blank=False)
    for row in at(rows[list(STATUS)].sum(axis=1).to_numpy() != total):
        sheet.fault(row, "type_total", "the sum of destroyed, damaged, abandoned and captured")
    for row in at(rows.duplicated(["side", "type", "day"])):
        sheet.fault(row, "equipment_type", "one row for a side, type and day")
    sheet.check()
    sums = rows["type"].str.startswith(HEADING)
    long, slips = _without_slips(rows[~sums].melt(["side", "type", "day"], list(STATUS), "status", "lost"))
    lost = long.set_index(["side", "type", "status", "day"])["lost"].to_xarray()
    lost = lost.reindex(side=list(SIDES.values()), status=list(STATUS))
    source = registry.DATASETS[NAME].citation
    types = [name for name in lost["type"].to_numpy() if name != ALL]
    whole = lost.sel(type=ALL, drop=True) if ALL in lost["type"] else lost.sel(type=types[:0]).sum("type")
    long_name = "equipment lost, seen in pictures, cumulative"
    note = f"set aside as slips: {slips or 'none'}; rows of part sums left out: {int(sums.sum())}"
    return xr.Dataset(
        {
            "lost": variable(("side", "type", "status", "day"), lost.sel(type=types).to_numpy(), long_name, "pieces", source),
            "lost_all": variable(("side", "status", "day"), whole.to_numpy(), f"{long_name}, all types", "pieces", source),
        },
        {
            "side": lost["side"].to_numpy(), "type": types, "status": list(STATUS),
            "day": lost["day"].to_numpy().astype("M8[ns]"),
        },
        registry.DATASETS[NAME].attributes(note=note),
    )  # fmt: skip


def _without_slips(long: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Counts that fall to less than half of the last one become NaN; and a list of them."""
    long = long.sort_values("day", kind="stable")
    before = long.groupby(["side", "type", "status"])["lost"].shift(1)
    slip = (before >= SLIP) & (long["lost"] < before / 2)
    listed = [f"{row.side} {row.type} {row.status} {row.day:%Y-%m-%d}: {row.lost:g}" for row in long[slip].itertuples()]
    return long.assign(lost=long["lost"].where(~slip)), ", ".join(listed)


def given_up(data: xr.Dataset) -> xr.DataArray:
    """The share of a quarter's losses that was abandoned or captured, by side.

    From the last count of the quarter before to the last of this one; NaN where either quarter has none, except that a
    series which begins with nothing lost may begin in its first quarter. `until` is the last count's day.

    Args:
        data: as `read` gives it.

    Returns:
        The share, `[side, quarter]`.
    """
    quarters = pd.PeriodIndex(data["day"].to_numpy(), freq="Q")
    every = pd.period_range(quarters.min(), quarters.max(), freq="Q")
    share = np.full((data.sizes["side"], len(every)), np.nan)
    until = np.full(share.shape, np.datetime64("NaT"), "M8[ns]")
    for row, side in enumerate(data["side"].to_numpy()):
        values = data["lost_all"].sel(side=side).transpose("day", "status").to_numpy()
        counts = pd.DataFrame(values, quarters, [str(status) for status in data["status"].to_numpy()])
        known = counts.notna().all(axis=1).to_numpy()
        if not known.any():
            continue
        counts = counts[known]
        last = counts.groupby(level=0).last().reindex(every)
        before = last.shift(1)
        if not counts.iloc[0].any():
            before[before.index == counts.index[0]] = 0.0
        gained = last - before
        share[row] = gained[list(GIVEN_UP)].sum(axis=1, skipna=False) / gained.sum(axis=1, skipna=False)
        until[row] = data["day"][known].to_series().groupby(counts.index).max().reindex(every).to_numpy("M8[ns]")
    return xr.DataArray(
        share,
        {
            "side": data["side"], "quarter": [str(quarter) for quarter in every],
            "until": (("side", "quarter"), until),
        },
        ("side", "quarter"),
        "given_up",
        {"long_name": "share of losses abandoned or captured", "units": "1", "source": data.attrs["source"]},
    )  # fmt: skip
