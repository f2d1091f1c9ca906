"""Files and folders that appear whole or not at all: text, JSON, arrays, tables, labelled datasets. [IO]

What is written goes beside its place under a name of its own, and is moved there when it is complete. A process that
is stopped or killed on the way leaves what stood there before.

For files, indented by two; for the console, one line; inside HTML, closed against tags; for hashes, sorted by key.
"""

from __future__ import annotations

import contextlib
import contextvars
import csv
import dataclasses
import datetime as dt
import errno
import hashlib
import importlib.util
import json
import math
import os
import re
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from holdfast.core import release, timings
from holdfast.core.lazy import Lazy
from holdfast.io import locks, seals

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr
else:
    np = Lazy("numpy")


ENGINE: Literal["h5netcdf"] = "h5netcdf"
"""What reads and writes netCDF; it comes with the extra `evidence`."""
FRESH = ".fresh-"
"""What the name of a folder under way begins with."""


class UnreadableError(ValueError):
    """A file or a folder that is there and cannot be read: cut short, damaged, or of another kind."""

    def __init__(self, path: Path, error: Exception) -> None:
        """Say what cannot be read.

        Args:
            path: the file or folder.
            error: what the library said of it.
        """
        words = (str(error) or type(error).__name__).splitlines()[0][:100]
        super().__init__(f"{path}: cannot be read, it may be cut short or damaged ({words})")


@contextlib.contextmanager
def beside(path: Path) -> Iterator[Path]:
    """A path beside another to write a file to; it takes the other's place when the block ends without an error.

    Args:
        path: where the file is to stand; its folder is created if it is not there.

    Yields:
        A path in the same folder, with the same ending.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.stem}.{os.getpid()}.{threading.get_ident()}{path.suffix}")
    try:
        yield fresh
        _to_disk(fresh)
        os.replace(fresh, path)
        _to_disk(path.parent)
    finally:
        with contextlib.suppress(OSError):  # a disk that fails now would hide what failed first
            fresh.unlink(missing_ok=True)


def _to_disk(path: Path) -> None:
    """Have a file or a folder's names on the disk, not in the memory of a machine that may lose its power."""
    if os.name == "nt" and path.is_dir():
        return
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    except OSError as error:
        if error.errno not in (
            errno.EINVAL,
            errno.ENOTSUP,
            errno.EBADF,
        ):  # a file system that cannot, as some shared ones
            raise
    finally:
        os.close(opened)


UNFIT = re.compile(r'[/\\:*?"<>|.\x00-\x1f\x7f]')
"""What some system allows in no file's name; a point would begin an ending."""
LONGEST_STEM = 60
"""Letters of a name that become part of a file's [1]; the systems' limit is 255 bytes, endings included."""


def stem(name: str) -> str:
    """A name that users gave as a part of a file's name: of a side, of a claim.

    Args:
        name: any text.

    Returns:
        The name as it stands where every system allows it; else what is allowed of it and six digits of its own, so that
        two names never share a file.
    """
    fit = UNFIT.sub("_", name[:LONGEST_STEM]).strip()
    return fit if fit == name else f"{fit}-{hashlib.sha256(name.encode()).hexdigest()[:6]}"


@timings.phase("write")
def write_text(path: Path, text: str) -> Path:
    """Write text in UTF-8, whole or not at all.

    Args:
        path: where.
        text: what, its line feeds as they are.

    Returns:
        The path.
    """
    with beside(path) as fresh:
        fresh.write_text(text, encoding="utf8", newline="")
    return path


@timings.phase("write")
def write_bytes(path: Path, content: bytes) -> Path:
    """Write bytes, as of a picture, whole or not at all.

    Args:
        path: where.
        content: what.

    Returns:
        The path.
    """
    with beside(path) as fresh:
        fresh.write_bytes(content)
    return path


@timings.phase("write")
def append_line(path: Path, line: str) -> Path:
    """Add a line of text in UTF-8 to a file that only grows, and have it on the disk before this returns.

    A last line that has lost its line feed, as editors and copies make it, gets one first: else both would be one.

    Args:
        path: the file; made with its folder if it is not there.
        line: the text, without its line feed.

    Returns:
        The path.
    """
    path = path.resolve()  # a link stays one
    path.parent.mkdir(parents=True, exist_ok=True)
    with adding_to(path), uninterrupted():
        complete_append(path)
        size = path.stat().st_size if path.exists() else 0
        if size:
            with path.open("rb") as file:
                file.seek(-1, os.SEEK_END)
                line = line if file.read(1) == b"\n" else f"\n{line}"
        note = _note_of(path)
        write_json(note, {"size": size, "added": f"{line}\n"})
        try:
            _add(path, size, f"{line}\n".encode())
        except OSError:
            if path.exists():
                os.truncate(path, size)
            note.unlink()
            raise
        note.unlink()
    return path


def adding_to(path: Path) -> contextlib.AbstractContextManager[None]:
    """Only one at a time adds to a file.

    Args:
        path: the file.

    Returns:
        What holds the file's lock while its block runs; it raises a `StoreError` if another process has it all the while.
    """
    path = path.resolve()
    return locks.alone(path.with_name(f".{path.name}.lock"))


def _note_of(path: Path) -> Path:
    """Where it stands what is being added to a file, until it is on the disk."""
    return path.with_name(f".{path.name}.adding")


def _add(path: Path, size: int, content: bytes) -> None:
    """Have a file of a size, with what is added, on the disk."""
    with path.open("r+b" if path.exists() else "w+b") as file:
        file.seek(size)
        file.write(content)
        file.truncate()
        file.flush()
        os.fsync(file.fileno())


def complete_append(path: Path) -> None:
    """Complete a line that was being added to a file as its process was killed.

    Args:
        path: the file; nothing is done where nothing was being added.

    Raises:
        OSError: if it may not be written.
        StoreError: if another process adds to it all the while.
    """
    path = path.resolve()
    if not _note_of(path).exists():
        return
    with adding_to(path), contextlib.suppress(FileNotFoundError, ValueError, KeyError, TypeError):
        adding = cast("dict[str, object]", read_json(_note_of(path)))
        size, content = int(str(adding["size"])), str(adding["added"]).encode()
        there = path.read_bytes() if path.exists() else b""
        if len(there) >= size and content.startswith(there[size:]):  # else somebody went on with the file meanwhile
            _add(path, size, content)
        _note_of(path).unlink()


@timings.phase("write")
def write_arrays(path: Path, arrays: Mapping[str, np.ndarray], *, compressed: bool = False) -> Path:
    """Write arrays to an `.npz` file, whole or not at all.

    Args:
        path: where; its name ends in `.npz`.
        arrays: by name; none of them of Python objects.
        compressed: whether to make the file as small as it goes.

    Returns:
        The path.

    Raises:
        ValueError: if an array holds Python objects, which only pickle could store.
    """
    save = np.savez_compressed if compressed else np.savez
    with beside(path) as fresh:
        with fresh.open("wb") as file:
            save(file, allow_pickle=False, **arrays)  # type: ignore[arg-type]
        seals.seal(fresh)
    return path


@timings.phase("read")
def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """Read the arrays of an `.npz` file, never by pickle.

    Args:
        path: the file.

    Returns:
        The arrays by name.

    Raises:
        FileNotFoundError: if there is no such file.
        PermissionError: if it may not be read.
        UnreadableError: if it is cut short, damaged or no such file.
    """
    try:
        seals.check(path)
        # Given a path, NumPy leaves a damaged file open.
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (FileNotFoundError, PermissionError):
        raise
    except Exception as error:  # a damaged archive ends in any of a dozen errors of zipfile, zlib and NumPy
        raise UnreadableError(path, error) from error


@timings.phase("write")
def write_table(
    path: Path, rows: Iterable[Sequence[object] | Mapping[str, object]], header: Sequence[str] | None = None
) -> Path:
    """Write rows as CSV, whole or not at all: commas, line feeds, UTF-8; an empty cell for what is not known.

    Args:
        path: where.
        rows: sequences in the order of the header, or mappings by column.
        header: the columns; those of the first row unless given, nothing at all where there is no row either.

    Returns:
        The path.
    """
    every = list(rows)
    columns = header or (list(every[0]) if every and isinstance(every[0], Mapping) else [])
    with beside(path) as fresh, fresh.open("w", encoding="utf8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if columns:
            writer.writerow(columns)
        for row in every:
            writer.writerow([row[name] for name in columns] if isinstance(row, Mapping) else row)
    return path


@timings.phase("write")
def write_zarr(path: Path, data: xr.Dataset) -> Path:
    """Write a dataset to a zarr folder (format 2, which every reader knows), over what stood there.

    It is written entry by entry: write it inside `folder`, so that it appears whole or not at all.

    Args:
        path: the folder.
        data: the dataset.

    Returns:
        The path.
    """
    data.to_zarr(path, mode="w", zarr_format=2, consolidated=False)
    return path


@timings.phase("read")
def read_zarr(path: Path) -> xr.Dataset:
    """Read a zarr folder into memory.

    Args:
        path: the folder.

    Returns:
        The dataset.

    Raises:
        UnreadableError: if it is damaged or no such folder.
    """
    import xarray as xr

    try:
        return xr.open_zarr(path, consolidated=False, chunks=None).load()  # else by dask, where it is installed
    except Exception as error:  # whatever a library says of a file that is cut short
        raise UnreadableError(path, error) from error


@timings.phase("write")
def write_netcdf(path: Path, groups: Mapping[str, xr.Dataset]) -> Path:
    """Write datasets as the groups of a data tree to one netCDF file, whole or not at all, as ArviZ lays out its files.

    Args:
        path: where.
        groups: the datasets by group, as `posterior` and `sample_stats`.

    Returns:
        The path.
    """
    import xarray as xr

    with beside(path) as fresh:
        # Worked out in memory: where a disk fails while HDF5 closes a file, h5py 3.16 raises no OSError, and the process may die.
        fresh.write_bytes(xr.DataTree.from_dict(dict(groups)).to_netcdf(engine=ENGINE))
        seals.seal(fresh)
    return path


@timings.phase("read")
def read_tree(path: Path) -> xr.DataTree:
    """All groups of a netCDF file, read into memory: of a data tree, and of what ArviZ wrote before version 1.

    Args:
        path: the file.

    Returns:
        The data tree; lengths of time stay numbers.

    Raises:
        OSError: if there is no such file, or it is no netCDF.
        BrokenSealError: if it is not what was written.
        ModuleNotFoundError: if h5netcdf or h5py is not installed.
    """
    _check_engine()
    seals.check(path)
    import xarray as xr

    with xr.open_datatree(path, engine=ENGINE, decode_timedelta=False) as tree:
        return tree.load()


@timings.phase("read")
def read_netcdf(path: Path, group: str) -> xr.Dataset:
    """One group of a netCDF file, read into memory; lengths of time stay numbers.

    Args:
        path: the file.
        group: the group's name.

    Returns:
        The dataset.

    Raises:
        OSError: if there is no such file or group, or the file is no netCDF.
        BrokenSealError: if it is not what was written.
        ModuleNotFoundError: if h5netcdf or h5py is not installed.
    """
    _check_engine()
    seals.check(path)
    import xarray as xr

    with xr.open_dataset(path, group=group, engine=ENGINE, decode_timedelta=False) as data:
        return data.load()


def _check_engine() -> None:
    """Refuse to read netCDF where what reads it is not installed; h5netcdf does not bring h5py along."""
    for name in (ENGINE, "h5py"):
        if importlib.util.find_spec(name) is None:
            raise ModuleNotFoundError(f"{name} is not installed: {release.install('evidence')}", name=name)


@contextlib.contextmanager
def folder(out: Path, optional: Collection[str] = ()) -> Iterator[Path]:
    """A fresh folder to write a result to; its entries take their places in `out` when the block ends without an error.

    They do so as one: a process that is killed on the way leaves what `settle` completes, a disk that fails leaves what stood
    there before. A block inside another of the same folder writes to the other's fresh folder.

    Args:
        out: where the result is to stand; created if it is not there. Other entries of it stay.
        optional: entries that a result may lack; one that an older result left is removed.

    Yields:
        The fresh folder, inside `out`.

    Raises:
        FileExistsError: if `out` is a file.
        StoreError: if another process holds the folder.
    """
    under_way = _under_way.get() or {}
    if out.absolute() in under_way:
        outer, gone = under_way[out.absolute()]
        gone.update(optional)
        yield outer
        return
    out.mkdir(parents=True, exist_ok=True)
    with locks.alone(out / locks.NAME):
        settle(out, writing=True)
        fresh, gone = Path(tempfile.mkdtemp(prefix=FRESH, dir=out)), set(optional)
        token = _under_way.set({**under_way, out.absolute(): (fresh, gone)})
        try:
            yield fresh
            with uninterrupted():
                _put_in_place(_declare(fresh, gone), out, fresh)
        finally:
            _under_way.reset(token)
            shutil.rmtree(fresh, ignore_errors=True)


_under_way: contextvars.ContextVar[Mapping[Path, tuple[Path, set[str]]] | None] = contextvars.ContextVar(
    "under way", default=None
)
"""Folders that are being written: by the result's folder the fresh one, and entries that are to be gone."""
READY, OLD = ".ready-", ".old-"
"""What the names of folders begin with: of a whole result on the way to its place, of what it replaces."""
GONE = ".gone"
"""File in a ready folder: names of the entries that are to go, a JSON list."""


def _declare(fresh: Path, gone: Collection[str]) -> Path:
    """Have all of a fresh folder on the disk, and declare it ready: from here on the result is the new one."""
    (fresh / GONE).write_text(json.dumps(sorted(set(gone) - {path.name for path in fresh.iterdir()})), encoding="utf8")
    for path in sorted(fresh.rglob("*")):
        _to_disk(path)
    ready = fresh.with_name(READY + fresh.name.removeprefix(FRESH))
    os.replace(fresh, ready)
    _to_disk(ready.parent)
    return ready


def _put_in_place(ready: Path, out: Path, fresh: Path | None = None) -> None:
    """Move what is ready to its place. Where that fails, what was moved goes back, and what was ready becomes fresh again."""
    old = out / (OLD + ready.name.removeprefix(READY))
    done: list[tuple[Path, Path]] = []

    def move(one: Path, to: Path) -> None:
        os.replace(one, to)
        done.append((one, to))

    try:
        old.mkdir(exist_ok=True)
        names = sorted(path.name for path in ready.iterdir() if path.name != GONE)
        gone = json.loads((ready / GONE).read_text(encoding="utf8"))
        for name in [*names, *gone]:
            if os.path.lexists(out / name):
                move(out / name, old / name)
            if name in names:
                move(ready / name, out / name)
        _to_disk(out)
    except OSError:
        for one, to in reversed(done):
            os.replace(to, one)  # where not even this is possible it stays ready, and is completed later
        if fresh:
            os.replace(ready, fresh)
        shutil.rmtree(old, ignore_errors=True)
        raise
    shutil.rmtree(old, ignore_errors=True)
    shutil.rmtree(ready, ignore_errors=True)


def settle(out: Path, *, writing: bool = False) -> None:
    """Complete a result that was ready as its process was killed, and remove what it replaced.

    Args:
        out: the result's folder; nothing is done where there is nothing to complete.
        writing: whether this process holds the folder, so that what others never made ready is left over, and removed too.

    Raises:
        OSError: if the folder may not be written.
        StoreError: if another process holds the folder.
    """
    kinds = (READY, OLD, FRESH) if writing else (READY, OLD)
    if not out.is_dir() or not any(any(out.glob(kind + "*")) for kind in kinds):
        return
    with locks.alone(out / locks.NAME), uninterrupted():
        for ready in sorted(out.glob(READY + "*")):
            if (ready / GONE).is_file():
                _put_in_place(ready, out)
            else:  # all was in its place, and this was being removed
                shutil.rmtree(ready, ignore_errors=True)
        for left in [*out.glob(OLD + "*"), *out.glob(FRESH + "*")]:
            shutil.rmtree(left, ignore_errors=True)


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold back Ctrl-C and what else ends a program until the block has ended; in a thread this does nothing.

    Yields:
        Nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    waiting: list[int] = []

    def later(number: int, frame: FrameType | None) -> None:
        waiting.append(number)

    before = {number: signal.signal(number, later) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if waiting:
            signal.raise_signal(waiting[0])


ENDING = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
"""Signals that end a program unless it waits for them."""


Plain: TypeAlias = "None | bool | int | float | str | list[Plain] | dict[str, Plain]"
"""What JSON knows."""


def plain(value: object) -> Plain:
    """A value as JSON knows it.

    Args:
        value: numbers, text, dates, NumPy's numbers and arrays, paths; mappings, sequences, sets and dataclasses of them.

    Returns:
        The same with numbers that are not finite as `None`, dates and times in ISO form, paths as text, records as
        mappings by field, and sets in sorted order.

    Raises:
        TypeError: if a value is of another type.
    """
    if value is None or isinstance(value, bool | str | int) and type(value) in (bool, str, int):
        return value  # type: ignore[return-value]
    if "numpy" in sys.modules and isinstance(value, np.ndarray | np.generic):  # there are none before it is imported
        return _plain_array(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {_key(name): plain(one) for name, one in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, set | frozenset):
        return [plain(one) for one in sorted(value)]
    if isinstance(value, str | int):  # enumerations among them
        return value.value if hasattr(value, "value") else value  # type: ignore[no-any-return]
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"a {type(value).__name__} has no form in JSON")


def _plain_array(value: np.ndarray | np.generic) -> Plain:
    """An array or a number of NumPy's as JSON knows it."""
    if isinstance(value, np.ndarray):
        return plain(value.tolist()) if value.dtype.kind not in "mM" else [plain(one) for one in value]
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else _day(value)
    return plain(value.item())


def _day(value: np.datetime64) -> str:
    """A NumPy time in ISO form; a whole day without its hours."""
    day = value.astype("datetime64[D]")
    return str(day) if day == value else str(value)


def _key(name: object) -> str:
    """A key of a mapping as text."""
    return name if isinstance(name, str) else str(plain(name))


def json_line(value: object) -> str:
    """A value as JSON on one line, as the command line prints it.

    Args:
        value: as in `plain`.

    Returns:
        The text.
    """
    return json.dumps(plain(value), allow_nan=False)


def json_indented(value: object) -> str:
    """A value as JSON indented by two, with a line feed at its end, as files hold it.

    Args:
        value: as in `plain`.

    Returns:
        The text.
    """
    return json.dumps(plain(value), indent=2, allow_nan=False) + "\n"


def json_embedded(value: object) -> str:
    """A value as compact JSON that cannot close the HTML element in which it stands.

    Args:
        value: as in `plain`.

    Returns:
        The text.
    """
    return json.dumps(plain(value), separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def canonical_json(value: object, *, compact: bool = False) -> str:
    """A value as JSON with its keys sorted, for a hash.

    Args:
        value: as in `plain`.
        compact: without blanks. Both forms are in use, and a hash that stands in a file holds to its own.

    Returns:
        The text.
    """
    return json.dumps(plain(value), sort_keys=True, separators=(",", ":") if compact else None, allow_nan=False)


@timings.phase("write")
def write_json(path: Path, value: object) -> Path:
    """Write a value as indented JSON, whole or not at all.

    Args:
        path: where.
        value: as in `plain`.

    Returns:
        The path.
    """
    return write_text(path, json_indented(value))


@timings.phase("read")
def read_json(path: Path) -> Plain:
    """Read a JSON file in UTF-8, with or without a byte order mark.

    Args:
        path: the file.

    Returns:
        Its value.

    Raises:
        json.JSONDecodeError: if the file is no JSON.
        UnicodeDecodeError: if it is no UTF-8.
    """
    return json.loads(path.read_text(encoding="utf-8-sig"))  # type: ignore[no-any-return]
