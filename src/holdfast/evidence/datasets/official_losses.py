"""Losses as official bodies give them: the Ukrainian General Staff day by day, the UK Ministry of Defence by month. [IO]"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import xarray as xr

from holdfast.evidence.datasets import registry
from holdfast.evidence.datasets.registry import variable
from holdfast.tabular.sheet import Sheet

GENERAL_STAFF = "general-staff-daily"
GENERAL_STAFF_FILE = "russia_losses_personnel.json"
LIMITS = {"about": "", "more": "more", "": ""}
"""How a post words its number; `more` is a lower limit."""


def read_general_staff(files: Mapping[str, Path]) -> xr.Dataset:
    """Personnel losses by day: the sum so far, and what each day added where the day before is there too.

    Args:
        files: the path of each file of the data set by its name.

    Returns:
        The labelled data.

    Raises:
        DataError: with every fault of the files.
    """
    sheet = Sheet.from_records(files[GENERAL_STAFF_FILE], ("date", "personnel"), ("personnel*", "POW"))
    day = sheet.days("date", rising=True)
    losses = sheet.numbers("personnel", blank=False)
    prisoners = sheet.numbers("POW") if "POW" in sheet.rows else np.full(len(sheet), np.nan)
    more = sheet.words("personnel*", LIMITS) if "personnel*" in sheet.rows else [""] * len(sheet)
    sheet.check()
    source = registry.DATASETS[GENERAL_STAFF].citation
    variables = {
        "losses": variable("day", losses, "Russian personnel losses claimed, cumulative", "men", source),
        "losses_of_day": variable("day", _added(day, losses), "the same, added since the day before", "men/d", source),
        "more_than": variable("day", np.array(more) == "more", "the post says more than, not about", "1", source),
        "prisoners": variable("day", prisoners, "Russian prisoners claimed, cumulative", "men", source),
    }
    return xr.Dataset(variables, {"day": day}, registry.DATASETS[GENERAL_STAFF].attributes())


def _added(day: np.ndarray, total: np.ndarray) -> np.ndarray:
    """What each day added; unknown on the first day and after a gap."""
    gained = np.diff(total, prepend=np.nan)
    follows = np.diff(day, prepend=np.datetime64("NaT")) == np.timedelta64(1, "D")
    return np.where(follows, gained, np.nan)


UK_MOD = "uk-mod-monthly"
UK_MOD_FILE = "uk_mod_monthly.csv"
DAILY, DAYS = "casualties (average daily losses)", "days in month"
MONTHLY, TOTAL = "casualties in month", "cumulative casualties"
NEXT = "date (at beginning of next month)"
MONTHS = {calendar.month_name[number].lower(): f"{number:02}" for number in range(1, 13)}


def read_uk_mod(files: Mapping[str, Path]) -> xr.Dataset:
    """Casualties by month: the daily average, and from it the month's and all since March 2022.

    Args:
        files: the path of each file of the data set by its name.

    Returns:
        The labelled data.

    Raises:
        DataError: with every fault of the files.
    """
    sheet = Sheet.from_csv(files[UK_MOD_FILE], ("month", "year", DAILY, DAYS, MONTHLY, TOTAL, NEXT, "source_url"))
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
    source = registry.DATASETS[UK_MOD].citation
    variables = {
        "casualties_a_day": variable("month", values[DAILY], "Russian casualties, daily average", "men/d", source),
        "casualties": variable("month", values[MONTHLY], "Russian casualties of the month", "men", source),
        "casualties_so_far": variable("month", values[TOTAL], "the same since March 2022", "men", source),
        "days": variable("month", values[DAYS], "days of the month", "d", source),
        "address": variable("month", sheet.words("source_url"), "where it was published", "1", source),
    }
    return xr.Dataset(variables, {"month": month}, registry.DATASETS[UK_MOD].attributes())
