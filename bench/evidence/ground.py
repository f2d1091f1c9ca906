"""Ground gained by sector and month, from public maps: writes the table that is shipped, and prints the figures of the docs.

    python bench/evidence/ground.py --out src/holdfast/scenario/shipped/ground_russia_ukraine.csv
    python bench/evidence/ground.py --maps FOLDER --out ground.csv

Fetches the maps (100 MB, once) unless `--maps` or `HOLDFAST_DATA` names a folder with them. A row is a maker's two maps
that follow each other: net km2 that Russia gained in each sector between their days. The Economist's rows are months, whole.
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from holdfast.evidence import datasets
from holdfast.evidence.datasets.front_geometry import ELSEWHERE, SECTORS
from holdfast.io import files

MAPS = {
    "geolocated": "front-geolocated",
    "deepstate": "front-deepstate",
    "isw": "front-isw",
    "liveuamap": "front-liveuamap",
}
START, END = dt.date(2023, 11, 15), dt.date(2024, 11, 15)
"""The shipped scenario's first and last day."""
DAYS = {"Avdiivka fell": dt.date(2024, 2, 17), "Vuhledar fell": dt.date(2024, 10, 2), "the scenario's end": END}
FRONT = [sector for sector in SECTORS if sector != ELSEWHERE]
ECONOMIST_FROM = dt.date(2022, 3, 1)


def net(data: xr.Dataset) -> pd.DataFrame:
    """Net gain between each map and the one before: a row for each later map, a column for each sector."""
    change = (data["gained"] - data["lost"]).isel(day=slice(1, None))
    return pd.DataFrame(change.to_numpy(), pd.DatetimeIndex(data["day"].to_numpy()[1:]), list(SECTORS))


def rows(data: dict[str, xr.Dataset]) -> Iterator[tuple[object, ...]]:
    """The table's rows."""
    for source in MAPS:
        days = [f"{day:%Y-%m-%d}" for day in pd.DatetimeIndex(data[source]["day"].to_numpy())]
        for first, (until, gain) in zip(days, zip(days[1:], net(data[source]).itertuples(index=False)), strict=False):
            by_sector = [round(value) + 0 for value in gain]
            yield source, first, until, *by_sector, round(sum(gain[: len(FRONT)]))
    area = data["economist"]["area"].dropna("day").to_series()
    firsts = [day for day in pd.date_range(ECONOMIST_FROM, area.index[-1], freq="MS") if day in area.index]
    for first, until in zip(firsts, firsts[1:], strict=False):
        nothing = [""] * len(SECTORS)
        yield "economist", f"{first:%Y-%m-%d}", f"{until:%Y-%m-%d}", *nothing, round(area[until] - area[first])


def by_day(data: xr.Dataset, day: dt.date) -> pd.Series:
    """Net gain by sector from the first map to a day; a straight line between the maps on both sides of it."""
    gain = net(data).cumsum()
    gain.loc[pd.Timestamp(data["day"].to_numpy()[0])] = 0.0
    gain = gain.sort_index()
    at = pd.Timestamp(day)
    if not gain.index[0] <= at <= gain.index[-1]:
        return pd.Series(np.nan, gain.columns)
    return gain.reindex(gain.index.union([at])).interpolate("time").loc[at]


def report(data: dict[str, xr.Dataset]) -> None:
    """Print what the scenario's sectors lost by its days, how long they were and how far the line moved."""
    length = pd.Series(data["geolocated"]["contact"].sel(day="2023-11-01").to_numpy(), SECTORS)[FRONT]
    print(f"length on 2023-11-01, km: {length.sum():.0f} in all")
    table = pd.DataFrame({"km": length})
    for source in ("geolocated", "isw", "liveuamap"):
        start = max(START, pd.Timestamp(data[source]["day"].to_numpy()[0]).date())
        for name, day in DAYS.items():
            gained = (by_day(data[source], day) - by_day(data[source], start))[FRONT]
            table[f"{source}, {name}"] = gained
            print(f"{source}: from {start} to {day} ({name}): {gained.sum():.0f} km2")
        table[f"{source}, km moved"] = table[f"{source}, the scenario's end"] / length
    print(table.round(1).T.to_string())
    area = data["economist"]["area"].to_series()
    for name, day in DAYS.items():
        print(f"The Economist: {START} to {day} ({name}): {area[str(day)] - area[str(START)]:.0f} km2")


def main() -> None:
    """Write the table and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--maps", type=Path)
    given = parser.parse_args()
    data = {
        source: datasets.read(name, folder=given.maps / name if given.maps else None, progress=print)
        for source, name in MAPS.items()
    }
    data["economist"] = datasets.read("economist", progress=print)
    files.write_table(given.out, rows(data), ("source", "from", "until", *SECTORS, "front"))
    report(data)


if __name__ == "__main__":
    main()
