"""Russian casualties by month as the UK Ministry of Defence gives them. [IO]"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import xarray as xr

from holdfast.evidence.datasets import registry
from holdfast.evidence.datasets.sheet import Sheet, about, told

NAME = "uk-mod-monthly"
FILE = "uk_mod_monthly.csv"
DAILY, DAYS = "casualties (average daily losses)", "days in month"
MONTHLY, TOTAL = "casualties in month", "cumulative casualties"
NEXT = "date (at beginning of next month)"
MONTHS = {calendar.month_name[number].lower(): f"{number:02}" for number in range(1, 13)}


def read(files: Mapping[str, Path]) -> xr.Dataset:
    """Casualties by month: the daily average, and from it the month's and all since March 2022."""
    sheet = Sheet.from_csv(files[FILE], ("month", "year", DAILY, DAYS, MONTHLY, TOTAL, NEXT, "source_url"))
    name, year = sheet.words("month", MONTHS), sheet.numbers("year", least=1900, most=2200, blank=False)
    after = sheet.days(NEXT, "%d/%m/%Y", rising=True)
    values = {column: sheet.numbers(column, blank=False) for column in (DAILY, DAYS, MONTHLY, TOTAL)}
    month = np.full(len(sheet), np.datetime64("NaT"), "datetime64[ns]")
    for row in range(len(sheet)):
        if name[row].isdigit() and np.isfinite(year[row]):
            start = np.datetime64(f"{int(year[row])}-{name[row]}", "M")
            month[row] = start
            if after[row] != start + 1:
                sheet.fault(row, NEXT, "the first day of the month after the row's own")
            length = calendar.monthrange(int(year[row]), int(name[row]))[1]
            if values[DAYS][row] != length:
                sheet.fault(row, DAYS, f"{length}, the days of that month")
    sheet.check()
    source = registry.DATASETS[NAME].citation
    variables = {
        "casualties_a_day": told("month", values[DAILY], "Russian casualties, daily average", "men/d", source),
        "casualties": told("month", values[MONTHLY], "Russian casualties of the month", "men", source),
        "casualties_so_far": told("month", values[TOTAL], "the same since March 2022", "men", source),
        "days": told("month", values[DAYS], "days of the month", "d", source),
        "address": told("month", sheet.words("source_url"), "where it was published", "1", source),
    }
    return xr.Dataset(variables, {"month": month}, about(NAME))
