"""Data sets as rows of a claims table, so that a shipped table can be extended with newer data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
import xarray as xr

from holdfast.core.faults import DataError, DayLike, Fault, day_of, nearest
from holdfast.evidence import datasets
from holdfast.evidence.datasets import meduza, registry

COLUMNS = (
    "claim_id", "side", "quantity", "value_low", "value_central", "value_high", "as_of_date", "published_date",
    "claimant", "claimant_type", "definition", "source", "url", "seen", "basis", "period_start", "lineage", "note",
)  # fmt: skip
WAR = "2022-02-24"
GITHUB = "https://github.com"
READ, SUMMED = "read in a public data file", "summed from a public data file"
Row = dict[str, object]


def as_claims(
    name: str,
    *,
    after: DayLike | None = None,
    files: Mapping[str, Path] | None = None,
    folder: str | Path | None = None,
    base: str | None = None,
    progress: Callable[[str], None] | None = None,
) -> pd.DataFrame:
    """The data set's numbers as claims, only those of days later than `after`.

    A number that the table holds already must not be added again under another id: hence `after`.

    Args:
        name: of the data set.
        after: only later days; a date, a Timestamp, a `datetime64` or ISO text.
        files: the user's own copies by name.
        folder: holds the files.
        base: the beginning of every address.
        progress: called with each address that is fetched.

    Returns:
        A table of claims, a row per claim; its `attrs["notes"]` say what was done to read the file, where a total falls, and that
        nothing is later than `after`.

    Raises:
        DataError: if the data set holds no claims or cannot be read.
    """
    if name not in MAKERS:
        fault = Fault("data set", name, ", ".join(MAKERS), "Choose one of these", nearest(name, MAKERS))
        raise DataError([fault], "The request")
    later = None if after is None else day_of("after", after)
    if isinstance(later, Fault):
        raise DataError([later], "The request")
    data = datasets.read(name, files=files, folder=folder, base=base, progress=progress)
    url = f"{GITHUB}/{registry.DATASETS[name].repository}"
    rows = [{"url": url, "period_start": WAR, "basis": "cumulative", **row} for row in MAKERS[name](data)]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    notes = [data.attrs["reading"]] if "reading" in data.attrs else []
    if later is not None:
        newest = table["as_of_date"].max()
        table = table[table["as_of_date"] > str(later)]
        if table.empty:
            notes.append(f"no claim counts to a day later than {later}: the newest counts to {newest}")
    texts = [column for column in COLUMNS if not column.startswith("value_")]
    table[texts] = table[texts].astype(object).fillna("")
    table = table.astype({column: float for column in COLUMNS if column.startswith("value_")}).reset_index(drop=True)
    table.attrs["notes"] = notes
    return table


def _general_staff(data: xr.Dataset) -> list[Row]:
    """The sum so far on the first day of each month."""
    rows = []
    for number, day in enumerate(pd.DatetimeIndex(data["day"].to_numpy())):
        if day.day != 1:
            continue
        bound = "value_low" if data["more_than"].to_numpy()[number] else "value_central"
        rows.append(
            {
                "claim_id": f"GS-{day:%Y-%m-%d}",
                "side": "russia",
                "quantity": "casualties",
                bound: data["losses"].to_numpy()[number],
                "as_of_date": f"{day:%Y-%m-%d}",
                "published_date": f"{day:%Y-%m-%d}",
                "claimant": "General Staff of the Armed Forces of Ukraine",
                "claimant_type": "opposing side",
                "definition": '"liquidated / eliminated" personnel: killed and wounded, all forces on the Russian '
                "side (regulars, Wagner, DNR/LNR, Rosgvardia); rounded to 10",
                "source": "daily MoD post via PetroIvaniuk data set",
                "seen": READ,
                "lineage": "UA-GS",
            }
        )
    return rows


def _uk_mod(data: xr.Dataset) -> list[Row]:
    """The casualties of each month."""
    rows = []
    for number, month in enumerate(pd.DatetimeIndex(data["month"].to_numpy())):
        end = month + pd.offsets.MonthEnd()
        a_day = data["casualties_a_day"].to_numpy()[number]
        rows.append(
            {
                "claim_id": f"UK-{month:%Y-%m-%d}",
                "side": "russia",
                "quantity": "casualties",
                "value_central": data["casualties"].to_numpy()[number],
                "as_of_date": f"{end:%Y-%m-%d}",
                "claimant": "UK MoD (average daily losses x days)",
                "claimant_type": "third-party government",
                "definition": f"Russian killed and wounded in the month ({a_day:g} a day). Numerically equal to the "
                "Ukrainian General Staff daily average",
                "source": "TheEconomist uk_mod_monthly.csv",
                "url": str(data["address"].to_numpy()[number]),
                "seen": READ,
                "basis": "per month",
                "period_start": f"{month:%Y-%m-%d}",
                "lineage": "UA-GS",
                "note": "NOT independent: copy of the Ukrainian General Staff series",
            }
        )
    return rows


def _meduza_weekly(data: xr.Dataset) -> list[Row]:
    """Dead by the middle and end of each year in the newest vintage; the named list as it stood at each year's end."""
    newest = data.isel(vintage=-1)
    vintage = str(newest["vintage"].to_numpy())
    published = str(newest["published"].to_numpy())[:10]
    given = newest["killed"].dropna("week")["week"].to_numpy()
    last = pd.Timestamp(given[-1]) + pd.Timedelta(days=6)
    rows = []
    for day in _halves(pd.Timestamp(given[0]), last):
        sums = {
            column: round(float(meduza.within(newest[variable], WAR_WEEK, day.to_datetime64())))
            for column, variable in KILLED.items()
        }
        rows.append(
            {
                "claim_id": f"MED{vintage}-{day:%Y-%m-%d}",
                "side": "russia",
                "quantity": "killed",
                **sums,
                "as_of_date": f"{min(day, last):%Y-%m-%d}",
                "published_date": published,
                "claimant": f"Meduza + Mediazona ({vintage} revision)",
                "claimant_type": "excess-mortality model",
                "definition": "EDAssembled: probate KIA + court-declared missing, by date of death; low/high are sums "
                "of weekly limits (so too wide)",
                "source": f"Economist copy of {meduza.FILES[vintage]}, cumulated here",
                "seen": SUMMED,
                "lineage": "probate",
                "note": "a week that the day cuts counts by its days",
            }
        )
    return [*rows, *_lists_at_year_ends(data, published, last)]


def _lists_at_year_ends(data: xr.Dataset, published: str, last: pd.Timestamp) -> list[Row]:
    """The named list as it stood at each year's end."""
    vintage = str(data["vintage"].to_numpy()[-1])
    rows: list[Row] = []
    for year in map(str, data["list_vintage"].to_numpy()):
        known = published if year == "now" else f"{year}-12-31"
        rows.append(
            {
                "claim_id": f"LIST-{known}",
                "side": "russia",
                "quantity": "killed",
                "value_low": float(data["listed"].sel(list_vintage=year).sum()),
                "as_of_date": min(known, f"{last:%Y-%m-%d}"),
                "published_date": known,
                "claimant": "Mediazona list (vintage)",
                "claimant_type": "named-list count",
                "definition": f"named dead with a date of death, as known at {known}",
                "source": f"Economist copy of {meduza.FILES[vintage]}, column "
                f"{'BmzNow' if year == 'now' else f'Bmz{year}'} cumulated here",
                "seen": SUMMED,
                "lineage": "mediazona-list",
                "note": "for reporting-delay model",
            }
        )
    return rows


WAR_WEEK = "2022-02-21"
"""The Monday of the invasion's week: the registry's estimate of that week belongs to the war."""
KILLED = {"value_low": "killed_low", "value_central": "killed", "value_high": "killed_high"}


def _halves(first: pd.Timestamp, last: pd.Timestamp) -> list[pd.Timestamp]:
    """The last days of June and December; a year whose last whole week is there counts as there."""
    days = [pd.Timestamp(year, month, day) for year in range(first.year, last.year + 1) for month, day in HALF_ENDS]
    return [day for day in days if first <= day <= last + pd.Timedelta(days=6)]


HALF_ENDS = ((6, 30), (12, 31))


def _named_lists(data: xr.Dataset) -> list[Row]:
    """All names with a day of death in each list, as it stood when it was read."""
    rows = []
    for side, lineage, claimant in LISTS:
        for vintage in map(str, data["vintage"].to_numpy()):
            for quantity, variable in (("killed", "dead"), ("missing", "missing")):
                counts = data[variable].sel(side=side, vintage=vintage).dropna("day")
                if not counts.sizes["day"]:
                    continue
                rows.append(
                    {
                        "claim_id": f"NL-{side}-{quantity}-{vintage}",
                        "side": side,
                        "quantity": quantity,
                        "value_low": float(counts.sum()),
                        "as_of_date": str(counts["day"].to_numpy()[-1])[:10],
                        "published_date": vintage,
                        "claimant": claimant,
                        "claimant_type": "named-list count",
                        "definition": f"named {variable} with a date, as known at {vintage}",
                        "source": "ukrainewarlosses/ukrwarlosses, daily files, summed here",
                        "seen": SUMMED,
                        "lineage": lineage,
                        "note": "for reporting-delay model",
                    }
                )
    return rows


LISTS = (
    ("russia", "mediazona-list", "Mediazona / BBC News Russian"),
    ("ukraine", "lostarmour", "lostarmour.info ukr200 (as scraped by ukrwarlosses)"),
)

MAKERS: dict[str, Callable[[xr.Dataset], list[Row]]] = {
    "general-staff-daily": _general_staff,
    "uk-mod-monthly": _uk_mod,
    "meduza-weekly": _meduza_weekly,
    "named-lists-daily": _named_lists,
}
"""The data sets that hold claims, and how each makes them."""
