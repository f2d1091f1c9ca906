"""Saved results: `save` leaves a result beside its pages and tables, and `open` gives it back. [IO]

The runs of a simulation are a labelled dataset in zarr. Every other result is one file of arrays and JSON, never pickle: it
can hold only records of this package, so that a foreign file brings no code.
"""

from __future__ import annotations

import dataclasses
import importlib
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, cast

from holdfast.core import runtime, timings
from holdfast.core.faults import Fault, FaultyError
from holdfast.core.results import Result
from holdfast.io import files, records, seals

if TYPE_CHECKING:
    import xarray as xr

FILE = "result.npz"
"""Where a folder has its result."""
TIMINGS = "timings.json"
"""A file where `--timings` was given and there is no manifest: where the time went."""
NETCDF = ".nc"
"""Ending of the posterior that a folder of losses has for other programs."""
PACKAGE = "holdfast"
RESTORE = "Name a folder that save() or --out wrote, or the file result.npz in it"


class _Classes(Mapping[str, type]):
    """The records of this package, by module and name; imported when a file names them."""

    def __getitem__(self, name: str) -> type:
        module, _, qualified = name.partition(":")
        if module.partition(".")[0] != PACKAGE or not qualified.isidentifier():
            raise KeyError(name)
        value = getattr(importlib.import_module(module), qualified, None)
        if not isinstance(value, type) or not _is_record(value) or value.__module__ != module:
            raise KeyError(name)
        return value

    def __contains__(self, name: object) -> bool:
        try:
            return isinstance(name, str) and bool(self[name])
        except (KeyError, ImportError):
            return False

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


class _Package(records.Registry):
    """Every record of this package."""

    def __init__(self) -> None:
        self.classes = _Classes()  # type: ignore[assignment]

    def name(self, record: object) -> str | None:
        kind = type(record)
        ours = kind.__module__.partition(".")[0] == PACKAGE and _is_record(kind)
        return f"{kind.__module__}:{kind.__qualname__}" if ours else None


def _is_record(kind: type) -> bool:
    return dataclasses.is_dataclass(kind) or (issubclass(kind, tuple) and hasattr(kind, "_fields"))


def write(result: Result, folder: Path, pages: Callable[[], Path]) -> Path:
    """Write a result with its pages and tables to a folder, whole or not at all.

    Args:
        result: of any verb; one of another package gets no file that `open` reads.
        folder: where.
        pages: writes what its own module of `holdfast.present` makes of it, and gives the path of the main file.

    Returns:
        That path.

    Raises:
        RecordError: if a part of the result is no plain value, array or record.
        StoreError: if another process is at work in the folder.
    """
    from holdfast.ensemble import store
    from holdfast.ensemble.result import SimulationResult

    package = _Package()
    with files.folder(folder, optional=(TIMINGS,)) as fresh:
        path = pages()
        _note_timings(fresh)
        if not isinstance(result, SimulationResult) and package.name(result) is not None:
            records.write(fresh / FILE, result, package, compressed=True)
    if isinstance(result, SimulationResult):  # only now is the whole there
        shutil.rmtree(folder / store.UNFINISHED, ignore_errors=True)
    return path


def _note_timings(folder: Path) -> None:
    """Put what was measured so far beside a result: into the manifest of a simulation, else into a file of its own."""
    from holdfast.ensemble import store

    measured, manifest = timings.current(), folder / store.MANIFEST
    if measured is None:
        return
    if manifest.exists():
        before = cast(dict[str, files.Plain], files.read_json(manifest))
        store.write_manifest(manifest, {**before, "timings": measured})
    else:
        files.write_json(folder / TIMINGS, measured)


def open(path: str | Path) -> Result | xr.DataTree:
    """A result that was saved.

    Args:
        path: the folder that `save` or `--out` wrote, or the file `result.npz` in it; or a posterior in netCDF, as
            `posterior.nc`, whether this release wrote it or ArviZ before its version 1.

    Returns:
        A `SimulationResult`, `Losses`, `Assessment`, `Backtest`, `Forecast` or `Sweep`, as it was before it was saved; of a
        simulation without its film, which is in the report alone. Of netCDF the data tree, its groups as in the file.

    Raises:
        FaultyError: if nothing is there, or what is there is no result of this release.
        StoreError: if it is the result of a simulation and damaged.
    """
    from holdfast.ensemble import store

    place = Path(path)
    if not place.exists():
        raise _refused(place, "nothing", "the folder of a saved result", "Correct the path")
    try:
        files.settle(place)
    except OSError as error:
        content = f"a result that was not all in its place as its program was stopped ({error.strerror})"
        cure = "Open it from where the folder may be written, which completes it"
        raise _refused(place, content, "a whole result", cure) from error
    if place.is_dir() and store.holds_result(place):
        return store.load_result(place)
    file = place / FILE if place.is_dir() else place
    if not file.is_file():
        names = ", ".join(sorted(each.name for each in place.iterdir())[:6]) or "an empty folder"
        raise _refused(place, names, f"a folder with {FILE} or result.zarr in it", RESTORE)
    if file.suffix == NETCDF:
        return _tree(file)
    try:
        result = records.read(file, _Package())
    except records.RecordError as error:
        release = seals.release_of(file)
        by = (
            f"release {release}, which wrote it (this is {runtime.version()})"
            if release
            else "the release that wrote it"
        )
        cure = f"Open it with {by}, restore it from a copy, or work it out again"
        content = f"a file that is damaged, or that this release cannot read ({_reason(error)})"
        raise _refused(file, content, "a result of this release", cure) from error
    if not isinstance(result, Result):
        raise _refused(file, f"a {type(result).__name__}", "the result of a verb", RESTORE)
    return result


def _tree(file: Path) -> xr.DataTree:
    """The data tree of a netCDF file."""
    try:
        return files.read_tree(file)
    except ModuleNotFoundError:
        raise
    except Exception as error:  # whatever a library says of a file that is something else
        words = (str(error) or type(error).__name__).splitlines()[0][:80]
        cure = "Name the posterior.nc that save() or --out wrote"
        raise _refused(file, f"no netCDF that can be read ({words})", "a posterior in netCDF", cure) from error


def _reason(error: BaseException) -> str:
    """The first thing that went wrong, in short."""
    while error.__cause__ is not None:
        error = error.__cause__
    return (str(error) or type(error).__name__).splitlines()[0][:100]


def _refused(place: Path, content: str, allowed: str, cure: str) -> FaultyError:
    return FaultyError([Fault(str(place), content, allowed, cure)], "What was to be opened")
