"""Public data sets: each fetched by address and checksum, and read into a labelled xarray Dataset. [IO]

A new data set is a reader, a module here with a function `read(files) -> xr.Dataset`, and an entry in `datasets.toml`.
Nothing else of Holdfast needs these data.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import xarray as xr

from holdfast.core.faults import DataError, Fault
from holdfast.evidence.datasets import registry


def read(
    name: str,
    *,
    files: Mapping[str, Path] | None = None,
    folder: str | Path | None = None,
    base: str | None = None,
    progress: Callable[[str], None] | None = None,
) -> xr.Dataset:
    """Read a data set.

    Args:
        name: of the data set.
        files: the user's own files in place of fetched ones, by name; their checksums are not compared.
        folder: holds the files; else the folder that `HOLDFAST_DATA` names.
        base: the beginning of every address.
        progress: called with each address that is fetched.

    Returns:
        The data, labelled, with units, source, licence and caveats.

    Raises:
        DataError: if the data cannot be had or are not as the reader expects; with every fault.
    """
    entry = registry.named(name)
    own = dict(files or {})
    if not all(file.optional or file.name in own for file in entry.files):
        own = registry.fetch(name, folder=folder, base=base, progress=progress) | own
    module, _, function = entry.reader.partition(":")
    data: xr.Dataset = getattr(importlib.import_module(f"{__name__}.{module}"), function or "read")(own)
    return data


def newer(name: str, paths: Iterable[Path]) -> dict[str, Path]:
    """The user's own copies of a data set's files.

    Args:
        name: of the data set.
        paths: files that go by the names in the catalogue.

    Returns:
        The paths by name.

    Raises:
        DataError: for every path that is not there or has another name.
    """
    known = [file.name for file in registry.named(name).files]
    faults = []
    for path in paths:
        if path.name not in known:
            faults.append(Fault("file", str(path), f"a file called one of: {', '.join(known)}", "Rename it"))
        elif not path.is_file():
            faults.append(Fault("file", str(path), "a file that is there", "Correct the path"))
    if faults:
        raise DataError(faults, "The request")
    return {path.name: path for path in paths}
