"""Series of losses by the Ukrainian General Staff, the UK Ministry of Defence and The Economist. [IO]"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from holdfast.evidence.datasets import registry
from holdfast.evidence.datasets.registry import variable
from holdfast.tabular.sheet import Sheet, at

GENERAL_STAFF = "general-staff-daily"
GENERAL_STAFF_FILE = "russia_losses_personnel.json"
WORDED_LIMITS = {"about": "", "more": "more", "": ""}
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
    sheet.oldest_first("date")
    day = sheet.days("date", rising=True)
    losses = sheet.numbers("personnel", blank=False, men=True)
    prisoners = sheet.numbers("POW", men=True) if "POW" in sheet.rows else np.full(len(sheet), np.nan)
    more = sheet.words("personnel*", WORDED_LIMITS) if "personnel*" in sheet.rows else [""] * len(sheet)
    sheet.check()
    source = registry.DATASETS[GENERAL_STAFF].citation
    variables = {
        "losses": variable("day", losses, "Russian personnel losses claimed, cumulative", "men", source),
        "losses_of_day": variable("day", _added(day, losses), "the same, added since the day before", "men/d", source),
        "more_than": variable("day", np.array(more) == "more", "the post says more than, not about", "1", source),
        "prisoners": variable("day", prisoners, "Russian prisoners claimed, cumulative", "men", source),
    }
    notes = "; ".join([*sheet.notes, *_falls(day, losses)])
    more_said = {"reading": notes} if notes else {}
    return xr.Dataset(variables, {"day": day}, registry.DATASETS[GENERAL_STAFF].attributes(**more_said))


def _falls(day: np.ndarray, total: np.ndarray) -> list[str]:
    """Where a sum so far falls, which none can: a slip of the pen, or a correction."""
    return [
        f"the total falls on {np.datetime_as_string(day[row + 1], 'D')}, from {total[row]:.0f} to {total[row + 1]:.0f}"
        for row in at(np.diff(total) < 0)
    ]


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


ECONOMIST = "economist"
META = {"deaths": "meta-estimate-deaths.csv", "casualties": "meta-estimate-casualties.csv"}
LIMITS = {
    "estimate": ("", "central"),
    "ci_lower": ("_ci_low", "lower limit of the mean"),
    "ci_upper": ("_ci_high", "upper limit of the mean"),
    "pi_low": ("_low", "lower limit of a prediction"),
    "pi_high": ("_high", "upper limit of a prediction"),
}
AREA = "area_assessed_as_controlled_by_russia.csv"
AREA_COLUMN = "area_assessed_as_russia_controlled"
ESTIMATES = "estimates.csv"
VALUES = {"estimate_low": "low", "estimate": "central", "estimate_high": "high"}


def read_economist(files: Mapping[str, Path]) -> xr.Dataset:
    """Estimates by day, cumulative, with two kinds of limits; the area by day.

    Args:
        files: the path of each file of the data set by its name.

    Returns:
        The labelled data.

    Raises:
        DataError: with every fault of the files.
    """
    citation = registry.DATASETS[ECONOMIST].citation
    tables = [_meta(files[file], what) for what, file in META.items()]
    sheet = Sheet.from_csv(files[AREA], ("date", AREA_COLUMN))
    day, area = sheet.days("date"), sheet.numbers(AREA_COLUMN, blank=False)
    held = pd.Series(area / 1e6, index=pd.DatetimeIndex(day), name="area")
    twice = _again(day)
    for row in at(twice & (held.to_numpy() != held[~twice].reindex(held.index).to_numpy())):
        sheet.fault(row, "date", "a day of its own, or the same area as the row that has it too")
    sheet.check()
    tables.append(held[~twice].to_frame())
    table = pd.concat(tables, axis=1, sort=True)
    variables = {
        f"{what}{ending}": variable(
            "day", table[f"{what}{ending}"].to_numpy(), f"Russian {what}, cumulative, {text}", "men", citation
        )
        for what in META
        for ending, text in LIMITS.values()
    }
    variables["area"] = variable("day", table["area"].to_numpy(), "area that Russia controls", "km2", citation)
    return xr.Dataset(variables, {"day": table.index.to_numpy("M8[ns]")}, registry.DATASETS[ECONOMIST].attributes())


def _meta(path: Path, what: str) -> pd.DataFrame:
    """One of the two daily estimates; the file begins with its last day."""
    sheet = Sheet.from_csv(path, ("date", *LIMITS))
    day = pd.DatetimeIndex(sheet.days("date"))
    for row in at(_again(day.to_numpy())):
        sheet.fault(row, "date", "a day of its own")
    table = pd.DataFrame(
        {f"{what}{ending}": sheet.numbers(column) for column, (ending, _) in LIMITS.items()}, index=day
    )
    sheet.check()
    return table


def _again(day: np.ndarray) -> np.ndarray:
    """Which days have stood before."""
    return pd.Series(day).duplicated().to_numpy() & ~np.isnat(day)


def estimates(path: Path) -> xr.Dataset:
    """The published estimates that it rests on: side, what, source, address, low, central, high.

    Args:
        path: of the file of published estimates.

    Returns:
        A row per estimate, labelled.
    """
    sheet = Sheet.from_csv(path, ("date", *VALUES, "type", "source", "source_url", "country"))
    day = sheet.days("date", "%d/%m/%Y")
    values = {name: sheet.numbers(column) for column, name in VALUES.items()}
    side = sheet.words("country", {"russia": "russia", "ukraine": "ukraine"})
    what = sheet.words("type", {"casualties": "casualties", "deaths": "deaths"})
    sheet.check()
    citation = registry.DATASETS[ECONOMIST].citation
    variables = {
        name: variable("claim", figures, f"published estimate, {name}", "men", citation)
        for name, figures in values.items()
    }
    coords = {
        "day": ("claim", day), "side": ("claim", side), "what": ("claim", what),
        "claimant": ("claim", sheet.words("source")), "address": ("claim", sheet.words("source_url")),
    }  # fmt: skip
    return xr.Dataset(variables, coords, registry.DATASETS[ECONOMIST].attributes())
