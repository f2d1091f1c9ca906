"""The Economist's daily estimate of Russian dead and casualties, and the area that Russia controls. [IO]"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from holdfast.evidence.datasets import registry
from holdfast.evidence.datasets.registry import variable
from holdfast.tabular.sheet import Sheet, at

NAME = "economist"
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


def read(files: Mapping[str, Path]) -> xr.Dataset:
    """Estimates by day, cumulative, with two kinds of limits; the area by day.

    Args:
        files: the path of each file of the data set by its name.

    Returns:
        The labelled data.

    Raises:
        DataError: with every fault of the files.
    """
    citation = registry.DATASETS[NAME].citation
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
    return xr.Dataset(variables, {"day": table.index.to_numpy("M8[ns]")}, registry.DATASETS[NAME].attributes())


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
    citation = registry.DATASETS[NAME].citation
    variables = {
        name: variable("claim", figures, f"published estimate, {name}", "men", citation)
        for name, figures in values.items()
    }
    coords = {
        "day": ("claim", day), "side": ("claim", side), "what": ("claim", what),
        "claimant": ("claim", sheet.words("source")), "address": ("claim", sheet.words("source_url")),
    }  # fmt: skip
    return xr.Dataset(variables, coords, registry.DATASETS[NAME].attributes())
