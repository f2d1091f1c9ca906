"""Public data sets: each fetched by address and checksum, and read into a labelled xarray Dataset. [IO]

A new data set is a reader, a module here with a function `read(files) -> xr.Dataset`, and an entry in `datasets.toml`.
Nothing else of Holdfast needs these data.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from holdfast.core.faults import DataError, Fault
from holdfast.evidence.datasets import registry
from holdfast.tabular.source import RECORDS, SUFFIXES

if TYPE_CHECKING:
    import xarray as xr


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
        paths: files that go by the names in the catalogue, or copies of them as tables of another kind.

    Returns:
        The paths by name.

    Raises:
        DataError: for every path that is not there or has another name.
    """
    known = {file.name: file.name for file in registry.named(name).files}
    copies = {
        Path(file).stem + ending: file for file in known for ending in SUFFIXES
        if file.endswith(".json") or (file.endswith(".csv") and ending not in RECORDS)
    }  # fmt: skip
    own, faults = copies | known, []
    for path in paths:
        if path.name not in own:
            allowed = f"a file called one of: {', '.join(known)} (or, as a table, with another ending)"
            faults.append(Fault("file", str(path), allowed, "Rename it"))
        elif not path.is_file():
            faults.append(Fault("file", str(path), "a file that is there", "Correct the path"))
    if faults:
        raise DataError(faults, "The request")
    return {own[path.name]: path for path in paths}
