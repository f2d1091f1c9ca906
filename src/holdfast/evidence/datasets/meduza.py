"""Russian dead by week of death, from the probate registry: three vintages, and the named list year by year. [IO]

Each vintage is a file of its own shape. That of 2024 is cumulative and has Russian headers; its weeks are differences.
"""

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

NAME = "meduza-weekly"
FILES = {"2024": "meduza_2024.csv", "2025": "meduza_2025_weekly.csv", "2026": "meduza_2026_weekly.csv"}
PUBLISHED = {"2024": "2024-07-05", "2025": "2025-08-29", "2026": "2026-05-09"}
"""When each vintage was published."""

RUSSIAN = {
    "Число погибших в поименных списках": "named",
    "Оценка на основе данных РНД": "registry",
    "ED_high": "registry_high",
    "ED_low": "registry_low",
    "Оперативная оценка, обучающий период": "flash",
    "ED_prediction_high": "flash_high",
    "ED_prediction_low": "flash_low",
    "Оперативная оценка, прогноз": "forecast",
    "ED_onlyprediction_high": "forecast_high",
    "ED_onlyprediction_low": "forecast_low",
}
"""Headers of 2024: named list; estimate from the registry of inheritance cases; flash estimate, trained, then forecast."""
ENGLISH = {
    "Estimate based on probate data": "registry",
    "ED_high": "registry_high",
    "ED_low": "registry_low",
    "Flash estimate (by date of discovery)": "flash",
    "ED_prediction_high": "flash_high",
    "ED_prediction_low": "flash_low",
    "Number of confirmed deaths (by date of death)": "named",
}
NEWEST = {
    "BmzNow": "named",
    "ED": "registry",
    "EDHigh": "registry_high",
    "EDLow": "registry_low",
    "EDPrediction": "flash",
    "EDPredictionHigh": "flash_high",
    "EDPredictionLow": "flash_low",
    "EDSuperlatesFromCoeffs": "missing",
    "EDSuperlatesCourts": "missing_courts",
    "ECSuperlates": "missing_floor",
    "EDAssembled": "killed",
    "EDAssembledHigh": "killed_high",
    "EDAssembledLow": "killed_low",
}
CORRECTIONS = ("missing", "missing_courts", "missing_floor")
"""Excesses over what is usual, which may be a few men below 0 in a week."""
LONG_NAMES = {
    "killed": "dead of the week: registry, else flash; in the newest vintage with the missing",
    "killed_low": "the same, lower limit of a week",
    "killed_high": "the same, upper limit of a week",
    "registry": "dead, from the probate registry",
    "registry_low": "the same, lower limit of a week",
    "registry_high": "the same, upper limit of a week",
    "flash": "dead, forecast from the named list",
    "flash_low": "the same, lower limit of a week",
    "flash_high": "the same, upper limit of a week",
    "missing": "missing and declared dead, from late inheritance cases; part of killed",
    "missing_courts": "the same from decisions of courts; not part of killed",
    "missing_floor": "the same, crude excess of cases; not part of killed",
    "named": "names in the list by week of death, when the vintage was published",
    "named_by_report": "names added to the list by week of report",
}


def read(files: Mapping[str, Path]) -> xr.Dataset:
    """Dead by vintage and week (its Monday), and the named list by week as it stood at each year's end.

    Args:
        files: the path of each file of the data set by its name.

    Returns:
        The labelled data.

    Raises:
        DataError: with every fault of the files.
    """
    first, second = _of_2024(files[FILES["2024"]]), _of_2025(files[FILES["2025"]])
    third, listed, exchanged = _of_2026(files[FILES["2026"]])
    tables = {"2024": first, "2025": second, "2026": third}
    weeks = sorted(set().union(*(table.index for table in tables.values())))
    source = registry.DATASETS[NAME].citation
    variables = {
        name: variable(
            ("vintage", "week"), weekly(tables, weeks, name), long_name, "men/week", source
        )
        for name, long_name in LONG_NAMES.items()
    }  # fmt: skip
    variables["listed"] = variable(
        ("list_vintage", "week"),
        listed.reindex(weeks).to_numpy().T,
        "names in the list by week of death, as it stood at the end of that year, or now",
        "men/week",
        source,
    )
    published = ("vintage", pd.to_datetime(list(PUBLISHED.values())).to_numpy("M8[ns]"))
    coords = {
        "week": pd.DatetimeIndex(weeks).to_numpy("M8[ns]"), "vintage": list(tables),
        "list_vintage": list(listed), "published": published,
    }  # fmt: skip
    note = f"limits exchanged where the file has the low above the high, in weeks: {exchanged or 'none'}"
    return xr.Dataset(variables, coords, registry.DATASETS[NAME].attributes(note=note))


def within(weekly: xr.DataArray, start: str | np.datetime64, end: str | np.datetime64) -> xr.DataArray:
    """The sum from one day to another, both included; a week that is cut counts by its days; NaN if one is unknown.

    Args:
        weekly: counts by week.
        start: the first day.
        end: the last day.

    Returns:
        The sum over the window; a week that the window cuts counts by its days.
    """
    first, last = (np.datetime64(str(limit)[:10]) for limit in (start, end))
    monday = weekly["week"].to_numpy().astype("M8[D]")
    day = np.timedelta64(1, "D")
    inside = (np.minimum(monday + 6 * day, last) - np.maximum(monday, first)) / day + 1
    share = xr.DataArray(np.clip(inside, 0, 7) / 7, {"week": weekly["week"]}, ("week",))
    return (weekly * share).where(share > 0, 0.0).sum("week", skipna=False, keep_attrs=True)


def weekly(tables: Mapping[str, pd.DataFrame], weeks: list[pd.Timestamp], name: str) -> np.ndarray:
    """A column of every vintage, NaN where a vintage has none.

    Args:
        tables: the counts of each vintage.
        weeks: all weeks.
        name: the column.

    Returns:
        The counts, `[vintage, week]`, NaN where a vintage has none.
    """
    return np.array([table.reindex(index=weeks, columns=[name])[name] for table in tables.values()], float)


def _of_2024(path: Path) -> pd.DataFrame:
    """The vintage of 2024: cumulative, turned into weeks."""
    sheet = Sheet.from_csv(path, ("Date", *RUSSIAN.values()), RUSSIAN)
    week = _mondays(sheet, sheet.days("Date", rising=True), "Date")
    total = pd.DataFrame({name: sheet.numbers(name) for name in RUSSIAN.values()}, index=week)
    sheet.check()
    for ending in ("", "_low", "_high"):  # the forecast goes on where the flash estimate ends
        total[f"flash{ending}"] = total[f"flash{ending}"].fillna(total.pop(f"forecast{ending}"))
    table = total.diff().fillna(total.iloc[:1])
    return _with_killed(table.rename(columns={"named": "named_by_report"}))


def _of_2025(path: Path) -> pd.DataFrame:
    """The vintage of 2025: week by week."""
    sheet = Sheet.from_csv(path, ("Date", *ENGLISH.values()), ENGLISH)
    week = _mondays(sheet, sheet.days("Date", "%d/%m/%Y", rising=True), "Date")
    table = pd.DataFrame({name: sheet.numbers(name) for name in ENGLISH.values()}, index=week)
    sheet.check()
    return _with_killed(table)


def _of_2026(path: Path) -> tuple[pd.DataFrame, pd.DataFrame, str]:
    """The vintage of 2026; the named list at each year's end; weeks whose limits were exchanged."""
    sheet = Sheet.from_csv(path, ("Year", "Week", *NEWEST.values()), NEWEST)
    headers = map(str, sheet.rows.columns)
    lists = {name: match.group(1) for name in headers if (match := re.fullmatch(r"Bmz(\d{4})", name))}
    week = _iso_weeks(sheet)
    table = pd.DataFrame(
        {name: sheet.numbers(name, least=-np.inf if name in CORRECTIONS else 0.0) for name in NEWEST.values()},
        index=week,
    )
    listed = pd.DataFrame({year: sheet.numbers(name) for name, year in lists.items()}, index=week)
    sheet.check()
    listed["now"] = table["named"]
    exchanged = pd.Series(False, index=table.index)
    for name in ("killed", "registry", "flash"):
        low, high = table[f"{name}_low"].copy(), table[f"{name}_high"].copy()
        exchanged |= low > high
        table[f"{name}_low"], table[f"{name}_high"] = np.fmin(low, high), np.fmax(low, high)
    return table, listed, ", ".join(str(day.date()) for day in table.index[exchanged])


def _with_killed(table: pd.DataFrame) -> pd.DataFrame:
    """The table with its best number of the week: the registry's, else the flash estimate."""
    best = {f"killed{end}": table[f"registry{end}"].fillna(table[f"flash{end}"]) for end in ("", "_low", "_high")}
    return table.assign(**best)


def _mondays(sheet: Sheet, days: np.ndarray, column: str) -> pd.DatetimeIndex:
    """Days that are the beginnings of weeks."""
    week = pd.DatetimeIndex(days)
    for row in at(~np.isnat(days) & (week.day_of_week != 0)):
        sheet.fault(row, column, "a Monday")
    return week


def _iso_weeks(sheet: Sheet) -> pd.DatetimeIndex:
    """Mondays from the ISO year and week of each row, each later than the one before."""
    year = sheet.numbers("Year", least=1900, most=2200, blank=False)
    week = sheet.numbers("Week", least=1, most=53, blank=False)
    days = np.full(len(sheet), np.datetime64("NaT"), "M8[ns]")
    for row in at(np.isfinite(year) & np.isfinite(week)):
        try:
            days[row] = pd.Timestamp.fromisocalendar(int(year[row]), int(week[row]), 1).to_datetime64()
        except ValueError:
            sheet.fault(row, "Week", "a week that the year has")
    for row in at(days[1:] <= days[:-1]):
        sheet.fault(row + 1, "Week", "a week later than the row before")
    return pd.DatetimeIndex(days)
