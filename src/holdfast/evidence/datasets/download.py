"""Fetch the files of a data set: from a folder that holds them, from the cache, or from their address. [IO]

Every file is checked against its SHA-256 wherever it came from, and is in the cache whole or not at all.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from holdfast.core import runtime
from holdfast.core.faults import DataError, Fault
from holdfast.evidence.datasets import registry
from holdfast.evidence.datasets.registry import Dataset, File

VARIABLE = "HOLDFAST_DATA"
"""Names a folder that is looked through before anything is fetched."""
PATIENCE = 30
"""Seconds that a silent server is waited for."""


def fetch(
    name: str,
    *,
    folder: str | Path | None = None,
    base: str | None = None,
    progress: Callable[[str], None] | None = None,
) -> dict[str, Path]:
    """The data set's files by name, each checked; fetched only where no folder and no cache has it.

    `folder` (else `HOLDFAST_DATA`) may hold the files themselves or folders with them; `base` stands for
    the beginning of every address; `progress` is called with each address that is fetched.
    """
    dataset = registry.named(name)
    own = folder or os.environ.get(VARIABLE)
    files = _in_folder(dataset, Path(own)) if own else {}
    wanted = [file for file in dataset.files if file.name not in files]
    if own and all(file.optional for file in wanted):
        return files
    kept = cache(name)
    for file in list(wanted):
        if (kept / file.name).is_file() and checksum(kept / file.name) == file.sha256:
            files[file.name] = kept / file.name
            wanted.remove(file)
    if wanted:
        files |= _from_address(dataset, wanted, kept, base, progress)
    return {file.name: files[file.name] for file in dataset.files}


def cache(name: str) -> Path:
    """Where the files of a data set are kept once fetched."""
    return runtime.cache_folder() / "data" / name


def checksum(path: Path) -> str:
    """The SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _in_folder(dataset: Dataset, folder: Path) -> dict[str, Path]:
    """Those of the files that the folder holds; a fault where one is there but is not the same file."""
    files, faults = {}, []
    for file in dataset.files:
        there = list(candidates(folder, file))
        same = [path for path in there if checksum(path) == file.sha256]
        named = [path for path in there if path.name == file.name]
        if same:
            files[file.name] = same[0]
        elif named:
            cure = f"Fetch it again from {dataset.address(file)}, or remove it from the folder"
            faults.append(_altered(str(named[0]), checksum(named[0]), file, cure))
    if faults:
        raise DataError(faults, f"The data set {dataset.name}")
    return files


def candidates(folder: Path, file: File) -> Iterator[Path]:
    """Paths in the folder, or in folders in it, under the file's name here or the one in its repository."""
    places = (folder, *sorted(folder.glob("*/")), *sorted(folder.glob("*/*/")))
    for name in dict.fromkeys((file.name, Path(file.path).name)):
        yield from (place / name for place in places if (place / name).is_file())


def _from_address(
    dataset: Dataset, wanted: list[File], kept: Path, base: str | None, progress: Callable[[str], None] | None
) -> dict[str, Path]:
    """Fetch into the cache; once the network fails for one, the others are not tried."""
    try:
        import pooch
    except ImportError as error:
        fault = Fault("pooch", "not installed", "the package that fetches data", "pip install 'holdfast[evidence]'")
        raise DataError([fault], f"The data set {dataset.name}") from error
    kept.mkdir(parents=True, exist_ok=True)
    download = pooch.HTTPDownloader(timeout=PATIENCE)
    files: dict[str, Path] = {}
    faults: list[Fault] = []
    broken: OSError | None = None
    for file in wanted:
        address = dataset.address(file, base)
        beside = kept / f".{file.name}.{os.getpid()}"
        cure = (
            f"Fetch {address} by hand, put it into {kept} as {file.name}, or into a folder that "
            f"{VARIABLE} names, and repeat"
        )
        try:
            if broken is None:
                if progress:
                    progress(address)
                download(address, str(beside), None)
                got = checksum(beside)
                if got == file.sha256:
                    os.replace(beside, kept / file.name)
                    files[file.name] = kept / file.name
                else:
                    faults.append(_altered(address, got, file, cure))
        except OSError as error:  # what requests raises, and what a full disk raises
            if error.filename is not None:
                raise
            if not hasattr(error, "response") or error.response is None:
                broken = error  # no answer at all, rather than a bad one
            faults.append(_unreachable(file, address, error, cure))
        else:
            if broken is not None:
                faults.append(_unreachable(file, address, broken, cure))
        finally:
            beside.unlink(missing_ok=True)
    if faults:
        raise DataError(faults, f"The data set {dataset.name}")
    return files


def _unreachable(file: File, address: str, why: OSError, cure: str) -> Fault:
    """A file that did not come."""
    return Fault(
        file.name,
        f"no answer from {address} ({type(why).__name__}: {_first_line(why)})",
        "a network that reaches it, or a copy on this machine",
        cure,
    )


def _altered(where: str, got: str, file: File, cure: str) -> Fault:
    """A file that is not the one that was read when this was written."""
    return Fault(file.name, f"SHA-256 {got} at {where}", f"SHA-256 {file.sha256}", cure)


def _first_line(error: OSError) -> str:
    """The beginning of what an error says; of a chain of them, of the last."""
    text = str(error).split("Caused by ")[-1].strip().removesuffix(")")
    return text.splitlines()[0][:200] if text else "no reason given"
