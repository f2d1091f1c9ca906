"""Any data set by its name: fetched, checked, read. [IO]"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import xarray as xr

from holdfast.core.faults import DataError, Fault
from holdfast.evidence.datasets import acw, cdb90, economist, general_staff, meduza, named_lists, oryx, registry, uk_mod
from holdfast.evidence.datasets.download import fetch

# Public data sets: where they are, how they are fetched and checked, and readers that give labelled xarray Datasets.
#
# Nothing here is needed by the rest of Holdfast, and none of the data is shipped with it.


READERS = {reader.NAME: reader for reader in (
    general_staff, named_lists, uk_mod, meduza, oryx, cdb90, acw, economist
)}  # fmt: skip


def read(
    name: str,
    *,
    files: Mapping[str, Path] | None = None,
    folder: str | Path | None = None,
    base: str | None = None,
    progress: Callable[[str], None] | None = None,
) -> xr.Dataset:
    """A data set as its reader gives it; `files` stand for files to fetch, and are read unchecked by sum."""
    entry = registry.named(name)
    own = dict(files or {})
    if not all(file.optional or file.name in own for file in entry.files):
        own = fetch(name, folder=folder, base=base, progress=progress) | own
    return READERS[name].read(own)


def newer(name: str, paths: Iterable[Path]) -> dict[str, Path]:
    """A user's own copies, each named as the file that it stands for."""
    entry = registry.named(name)
    known = [file.name for file in entry.files]
    found, faults = {}, []
    for path in paths:
        if path.name not in known:
            faults.append(Fault("file", str(path), f"a file called one of: {', '.join(known)}", "Rename it"))
        elif not path.is_file():
            faults.append(Fault("file", str(path), "a file that is there", "Correct the path"))
        found[path.name] = path
    if faults:
        raise DataError(faults, "The request")
    return found
