"""Regions read from a table of burdens: one row a region, counted into relative pressures [IO]."""

from __future__ import annotations

import csv
import itertools
import math
from collections.abc import Iterator, Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from holdfast.core.faults import Fault, ScenarioError, nearest, shown, unknown
from holdfast.scenario.schema import Region, RegionTable
from holdfast.tabular import source

INFINITE = float("inf")

COLUMNS: dict[str, tuple[float, float]] = {
    "men_16_61": (0, INFINITE),
    "percent_below_subsistence": (0, 100),
    "percent_unemployed": (0, 100),
    "mean_income_roubles": (1, INFINITE),
    "percent_ethnic_russian_2010": (0, 100),
    "deaths_per_10000_men": (0, INFINITE),
}
"""The numbers that a row must hold, and their ranges."""

MAY_BE_BLANK = ("percent_ethnic_russian_2010",)
"""The census of 2010 did not count Crimea and Sevastopol."""

Row = Mapping[str, float]


def shipped_table() -> Traversable:
    """The folder of shipped cases and their tables."""
    return resources.files("holdfast.scenario") / "shipped"


def table_file(name: str) -> Traversable | None:
    """Where a table lies: at its own path, or among the shipped cases."""
    for file in (Path(name), shipped_table() / name):
        if file.is_file():
            return file
    return None


def read_region_table(table: RegionTable, place: str) -> list[Region]:
    """The regions of a table; a `ScenarioError` with every bad row if it has any.

    `place` is where the case names the table. Burden and income are relative to the mean over all
    men of the table; `exclusion` is the share of the region's people who are not ethnic Russian, and 0
    where the census did not ask.
    """
    rows = _rows(table, place)
    missing = [name for name in table.capitals if name not in rows]
    if missing:
        where = f"{place}.capitals"
        raise ScenarioError([unknown(where, n, "the regions of the table", rows) for n in missing])
    burden = _mean(rows, "deaths_per_10000_men")
    income = _mean(rows, "mean_income_roubles")
    return [
        Region(
            name=name,
            eligible_men=round(row["men_16_61"]),
            burden=row["deaths_per_10000_men"] / burden if burden else 1.0,
            income=row["mean_income_roubles"] / income,
            trust=table.trust_capital if name in table.capitals else table.trust_province,
            exclusion=1 - row.get("percent_ethnic_russian_2010", 100.0) / 100,
        )
        for name, row in rows.items()
    ]


def _mean(rows: Mapping[str, Row], column: str) -> float:
    """The mean of a column over all men of the table."""
    men = sum(row["men_16_61"] for row in rows.values())
    total = sum(row["men_16_61"] * row[column] for row in rows.values())
    return total / men if men else sum(row[column] for row in rows.values()) / len(rows)


def _rows(table: RegionTable, place: str) -> dict[str, Row]:
    """The numbers of each region, all bad cells told together."""
    where = f"{place}.file"
    lines = _lines(table, where)
    columns = [name.strip() for name in lines[0][1]] if lines else []
    lacking = [name for name in ("region", *COLUMNS) if name not in columns]
    if lacking:
        found = f"the table {table.file} without the columns {', '.join(lacking)}"
        meant = nearest(lacking[0], columns)
        cure = "Add the columns, or correct their names in the first line"
        hint = f"{lacking[0]} in place of {meant}" if meant else None
        raise ScenarioError([Fault(where, found, f"region, {', '.join(COLUMNS)}", cure, hint)])
    faults: list[Fault] = []
    rows: dict[str, Row] = {}
    for line, values in lines[1:]:
        at = f"{table.file} row {line}"
        cells = dict(itertools.zip_longest(columns, values, fillvalue=""))
        name = cells["region"].strip()
        if not name or name in rows:
            found = shown(name) if name else "an empty cell"
            cure = "Name each region once"
            faults.append(Fault(f"{at}, column region", found, "a name that no other row has", cure))
        bad, rows[name] = _numbers(cells, at)
        faults += bad
    if not rows:
        faults.append(Fault(where, f"the table {table.file} without rows", "at least 1", "Add rows"))
    if faults:
        raise ScenarioError(faults, table.file)
    return rows


def _lines(table: RegionTable, where: str) -> list[tuple[int, tuple[str, ...]]]:
    """The table's rows of cells, each with the number of the line on which it begins."""
    file = table_file(table.file)
    if file is None:
        tables = [entry.name for entry in shipped_table().iterdir() if entry.name.endswith(".csv")]
        allowed = f"a file beside the case, or a shipped table: {', '.join(tables) or 'none'}"
        meant = nearest(table.file, tables)
        cure = "Correct the name, or put the table beside the case"
        raise ScenarioError([Fault(where, f"no file {shown(table.file)}", allowed, cure, meant)])
    try:
        return list(source.numbered(file.read_bytes().decode("utf-8-sig")))
    except (UnicodeDecodeError, OSError, csv.Error) as error:
        cure = "Save the table as comma-separated text in UTF-8"
        raise ScenarioError([Fault(where, f"an unreadable table ({error})", "UTF-8 text", cure)]) from error


def _numbers(cells: Mapping[str, str], at: str) -> tuple[list[Fault], Row]:
    """The numbers of one row, and what is wrong with them."""
    faults, row = [], {}
    for column, number, text in _cells(cells):
        low, high = COLUMNS[column]
        if low <= number <= high and math.isfinite(number):
            row[column] = number
            continue
        top = "" if high == INFINITE else f" to {high:g}"
        allowed = f"a number from {low:g}{top}" + (" or blank" if column in MAY_BE_BLANK else "")
        found = shown(text) if text else "an empty cell"
        cure = "Correct the cell, or remove the row"
        faults.append(Fault(f"{at}, column {column}", found, allowed, cure))
    return faults, row


def _cells(cells: Mapping[str, str]) -> Iterator[tuple[str, float, str]]:
    """Each cell that must hold a number: its column, its number (NaN where it is none), its text."""
    for column in COLUMNS:
        text = cells[column].strip()
        if not text and column in MAY_BE_BLANK:
            continue
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        yield column, number, text
