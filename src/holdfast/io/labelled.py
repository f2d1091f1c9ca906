"""Labelled results (xarray) as folders in zarr and as files in netCDF. [IO]"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from holdfast.io.files import beside

if TYPE_CHECKING:
    import xarray as xr

ENGINE: Literal["h5netcdf"] = "h5netcdf"
"""What reads and writes netCDF; it comes with the extra `evidence`."""


def write_zarr(path: Path, data: xr.Dataset) -> Path:
    """Write a dataset to a zarr folder (format 2, which every reader knows), over what stood there; the path.

    It is written entry by entry: write it inside `files.folder`, so that it appears whole or not at all.
    """
    data.to_zarr(path, mode="w", zarr_format=2, consolidated=False)
    return path


def read_zarr(path: Path) -> xr.Dataset:
    """The dataset of a zarr folder, read into memory."""
    import xarray as xr

    return xr.open_zarr(path, consolidated=False).load()


def write_netcdf(path: Path, groups: Mapping[str, xr.Dataset]) -> Path:
    """Write datasets to the groups of one netCDF file, whole or not at all, as ArviZ lays out its files.

    Args:
        path: where.
        groups: the datasets by group, as `posterior` and `sample_stats`.

    Returns:
        The path.
    """
    with beside(path) as fresh:
        for number, (group, data) in enumerate(groups.items()):
            mode: Literal["a", "w"] = "a" if number else "w"
            data.to_netcdf(str(fresh), mode=mode, group=group, engine=ENGINE)
    return path


def read_netcdf(path: Path, group: str) -> xr.Dataset:
    """One group of a netCDF file, read into memory; lengths of time stay numbers.

    Args:
        path: the file.
        group: the group's name.

    Returns:
        The dataset.

    Raises:
        OSError: if there is no such file or group, or the file is no netCDF.
        ModuleNotFoundError: if h5netcdf is not installed.
    """
    if importlib.util.find_spec(ENGINE) is None:
        raise ModuleNotFoundError(f"{ENGINE} is not installed: pip install 'holdfast[evidence]'", name=ENGINE)
    import xarray as xr

    with xr.open_dataset(path, group=group, engine=ENGINE, decode_timedelta=False) as data:
        return data.load()
