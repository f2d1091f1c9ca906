"""Tables of results as files for other programs: CSV, JSON records, Parquet, netCDF; the ending of the name decides. [IO]

The numbers are those of `to_frame` and of `--json`, to the last digit. A value within a value, as an interval, becomes columns
of its own (`p_collapse_p05`), a list its JSON. Days of a column are days in Parquet and netCDF, and ISO text in CSV and JSON.
"""

from __future__ import annotations

import datetime as dt
import importlib.util
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from holdfast.core import release, timings
from holdfast.core.faults import Fault, FaultyError, listed
from holdfast.io import files

if TYPE_CHECKING:
    import xarray as xr

Row = Mapping[str, object]

NEEDS: dict[str, tuple[str, ...]] = {
    ".csv": (), ".json": (), ".parquet": ("pandas", "pyarrow"), ".nc": ("xarray", "h5netcdf", "h5py", "pandas"),
}  # fmt: skip
"""The endings, and the packages that each needs; the extra `evidence` brings those that the base leaves out."""
ROW = "row"
"""The dimension of a table in netCDF."""
UNIT = b"unit"
"""What a column of a Parquet file has its unit under."""


def faults(path: Path, option: str = "path") -> list[Fault]:
    """What is wrong with the name of a table's file, before any work is done.

    Args:
        path: where the table is to stand.
        option: how a fault calls it.

    Returns:
        A fault for an ending that none has, for a folder in the file's place or a file in its folder's, and for packages that
        are not installed.
    """
    ending = path.suffix.lower()
    if ending not in NEEDS:
        cure = "End the name in one of these"
        return [Fault(option, str(path), f"a file that ends in {listed(NEEDS)}", cure)]
    if path.is_dir() or (path.parent.exists() and not path.parent.is_dir()):
        return [Fault(option, str(path), "the name of a file in a folder", "Choose another name")]
    lacking = [name for name in NEEDS[ending] if importlib.util.find_spec(name) is None]
    if lacking:
        allowed = f"{listed(lacking)} installed, which {ending} needs"
        return [Fault(option, str(path), allowed, f"{release.install('evidence')}, or end the name in .csv or .json")]
    return []


@timings.phase("write")
def write(path: Path, rows: Sequence[Row], units: Mapping[str, str], data: xr.Dataset | None = None) -> Path:
    """Write a table, whole or not at all.

    Args:
        path: where; its ending decides the format.
        rows: the table.
        units: units of columns by name, where they have one.
        data: what netCDF gets in place of the table: the labelled data that it is of.

    Returns:
        The path.

    Raises:
        FaultyError: if the ending is none of `NEEDS`, or what it needs is not installed.
    """
    wrong = faults(path)
    if wrong:
        raise FaultyError(wrong, "The file")
    ending = path.suffix.lower()
    if ending == ".nc" and data is not None:
        return files.write_netcdf(path, {"/": _storable(data)})
    table = [flat(row) for row in rows]
    columns = list(dict.fromkeys(name for row in table for name in row))
    if ending == ".json":
        return files.write_json(path, [{name: row.get(name) for name in columns} for row in table])
    if ending == ".csv":
        return files.write_table(path, [[_cell(row.get(name)) for name in columns] for row in table], header=columns)
    kinds = {name: _column([row.get(name) for row in table]) for name in columns}
    if ending == ".parquet":
        return _write_parquet(path, kinds, units)
    return files.write_netcdf(path, {"/": dataset(kinds, units)})


def flat(row: Row) -> dict[str, object]:
    """A row in one level of columns.

    Args:
        row: values by column, mappings among them.

    Returns:
        Plain values by column: of a mapping a column for each of its keys, of a list its JSON; `None` where nothing is known.
    """
    level: dict[str, object] = {}
    for name, value in cast(dict[str, object], files.plain(row)).items():
        if isinstance(value, dict):
            level |= {f"{name}_{key}": below for key, below in flat(value).items()}
        else:
            level[name] = json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value
    return level


def _cell(value: object) -> object:
    """A value as a cell of a CSV file: nothing where it is not known, true and false as JSON has them."""
    return "" if value is None else str(value).lower() if isinstance(value, bool) else value


def _column(values: Sequence[object]) -> Sequence[object]:
    """A column's values, days as days where every one that is known is one; text where kinds are mixed."""
    known = [value for value in values if value is not None]
    if known and all(isinstance(value, str) for value in known):
        try:
            days = {str(value): dt.date.fromisoformat(str(value)) for value in known if len(str(value)) == 10}
        except ValueError:
            days = {}
        if len(days) == len(set(map(str, known))):
            return [None if value is None else days[str(value)] for value in values]
    kinds = {bool if isinstance(value, bool) else str if isinstance(value, str) else float for value in known}
    return values if len(kinds) < 2 else [None if value is None else str(value) for value in values]


def _write_parquet(path: Path, columns: Mapping[str, Sequence[object]], units: Mapping[str, str]) -> Path:
    """A Parquet file, each column with its unit in its metadata."""
    import pyarrow
    from pyarrow import parquet

    arrays = {name: pyarrow.array(values, from_pandas=True) for name, values in columns.items()}
    schema = pyarrow.schema([
        pyarrow.field(name, array.type, metadata={UNIT: units[name].encode()} if name in units else None)
        for name, array in arrays.items()
    ])  # fmt: skip
    with files.beside(path) as fresh:
        parquet.write_table(pyarrow.table(list(arrays.values()), schema=schema), fresh)
    return path


def dataset(columns: Mapping[str, Sequence[object]], units: Mapping[str, str]) -> xr.Dataset:
    """A table as a labelled dataset of one dimension, for netCDF.

    Args:
        columns: values by column.
        units: units of columns by name.

    Returns:
        A variable a column: missing numbers NaN, missing days NaT, missing text empty; of yes and no 1 and 0, missing -1.
    """
    import numpy as np
    import xarray as xr

    variables = {}
    for name, values in columns.items():
        known = [value for value in values if value is not None]
        attrs: dict[str, object] = {"units": units[name]} if name in units else {}
        if known and isinstance(known[0], bool):
            array = np.array([-1 if value is None else int(cast(bool, value)) for value in values], np.int8)
            attrs |= {"flag_values": np.array([-1, 0, 1], np.int8), "flag_meanings": "not_known no yes"}
        elif known and isinstance(known[0], dt.date):
            array = np.array([np.datetime64(cast(dt.date, v) if v else "NaT", "s") for v in values])
        elif known and isinstance(known[0], str):
            array = np.array(["" if value is None else value for value in values], object)
        elif len(known) == len(values) and all(isinstance(value, int) for value in known):
            array = np.array(values, np.int64)
        else:
            array = np.array([np.nan if value is None else value for value in values], float)
        variables[name] = (ROW, array, attrs)
    return xr.Dataset(variables)


def _storable(data: xr.Dataset) -> xr.Dataset:
    """A dataset whose attributes netCDF can hold: no truth value, nothing that is not known."""
    attrs = {name: int(one) if isinstance(one, bool) else one for name, one in data.attrs.items() if one is not None}
    fresh = data.copy()
    fresh.attrs = attrs
    return fresh
