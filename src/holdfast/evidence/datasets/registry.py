"""The catalogue of public data sets (`datasets.toml`), and how their files are fetched and checked. [IO]

A file comes from a folder that holds it, from the cache, or from its address at one commit. Wherever it comes from, it is
checked against its SHA-256. It is in the cache whole or not at all. None of the data is shipped with Holdfast.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from importlib import resources
from pathlib import Path
from urllib.parse import quote

from holdfast.core import release, runtime
from holdfast.core.faults import DataError, Fault, nearest

BASE = "https://raw.githubusercontent.com"
"""What every address begins with; a mirror has the same paths below it."""
VARIABLE = "HOLDFAST_DATA"
"""Names a folder that is searched before anything is fetched."""
PATIENCE = 30
"""Seconds to wait for a silent server."""


@dataclasses.dataclass(frozen=True)
class File:
    """One file of a data set.

    Attributes:
        name: as its reader knows it.
        path: in the repository.
        sha256: 64 hexadecimal digits.
        optional: whether the data set can be read without it.
    """

    name: str
    path: str
    sha256: str
    optional: bool = False


@dataclasses.dataclass(frozen=True)
class Dataset:
    """A public data set.

    Attributes:
        name: its key in the catalogue.
        reader: the module of this package whose `read` reads it, or `module:function`.
        what: its content in a sentence.
        who: its makers.
        licence: under which it is published.
        citation: how to cite it.
        repository: owner and name.
        commit: at which all files are taken.
        files: its files.
        caveats: what to hold against it.
    """

    name: str
    reader: str
    what: str
    who: str
    licence: str
    citation: str
    repository: str
    commit: str
    files: tuple[File, ...]
    caveats: tuple[str, ...]

    def address(self, file: File, base: str | None = None) -> str:
        """The address of a file at the data set's commit, so that its content never changes.

        Args:
            file: one of the data set's files.
            base: the beginning of the address, if not `BASE`.

        Returns:
            The address.
        """
        return f"{(base or BASE).rstrip('/')}/{self.repository}/{self.commit}/{quote(file.path)}"

    def attributes(self, **more: str) -> dict[str, str]:
        """What a reader of the labelled data set must know of it.

        Args:
            **more: further attributes.

        Returns:
            Title, source, licence and caveats, as attributes of an xarray Dataset.
        """
        caveats = "; ".join(self.caveats)
        return {"title": self.what, "source": self.citation, "licence": self.licence, "caveats": caveats, **more}


def _catalogue() -> dict[str, Dataset]:
    """The data sets of `datasets.toml`, in its order."""
    text = (resources.files("holdfast.evidence.datasets") / "datasets.toml").read_text(encoding="utf8")
    return {
        name: Dataset(
            name=name,
            files=tuple(File(**file) for file in entry.pop("files")),
            caveats=tuple(entry.pop("caveats")),
            **entry,
        )
        for name, entry in tomllib.loads(text).items()
    }


DATASETS: Mapping[str, Dataset] = _catalogue()
"""Every data set by its name."""


def named(name: str) -> Dataset:
    """The data set of a name.

    Args:
        name: as in `holdfast data list`.

    Returns:
        Its entry.

    Raises:
        DataError: if there is none of that name.
    """
    if name not in DATASETS:
        fault = Fault("data set", name, ", ".join(DATASETS), "Correct the name", nearest(name, DATASETS))
        raise DataError([fault], "The request")
    return DATASETS[name]


def variable(
    dims: str | tuple[str, ...], values: object, long_name: str, units: str, source: str, **more: str
) -> tuple[str | tuple[str, ...], object, dict[str, str]]:
    """A variable of a labelled data set.

    Args:
        dims: its dimensions.
        values: its values.
        long_name: its name in words.
        units: its unit.
        source: how to cite it.
        **more: further attributes.

    Returns:
        Dimensions, values and attributes, as xarray takes them.
    """
    return (dims, values, {"long_name": long_name, "units": units, "source": source, **more})


def fetch(
    name: str,
    *,
    folder: str | Path | None = None,
    base: str | None = None,
    progress: Callable[[str], None] | None = None,
) -> dict[str, Path]:
    """The files of a data set; fetched only where no folder and no cache holds them.

    Args:
        name: of the data set.
        folder: holds the files or folders with them; else the folder that `HOLDFAST_DATA` names.
        base: the beginning of every address, if not `BASE`.
        progress: called with each address that is fetched.

    Returns:
        The path of each file by its name.

    Raises:
        DataError: if a file cannot be had or is not the one of the catalogue; with every fault.
    """
    dataset = named(name)
    own = folder or os.environ.get(VARIABLE)
    files = _in_folder(dataset, Path(own)) if own else {}
    wanted = [file for file in dataset.files if file.name not in files]
    if own and all(file.optional for file in wanted):
        return files
    cached = cache(name)
    for file in list(wanted):
        if (cached / file.name).is_file() and checksum(cached / file.name) == file.sha256:
            files[file.name] = cached / file.name
            wanted.remove(file)
    if wanted:
        files |= _from_address(dataset, wanted, cached, base, progress)
    return {file.name: files[file.name] for file in dataset.files}


def cache(name: str) -> Path:
    """The folder of the cache that holds the fetched files of a data set.

    Args:
        name: of the data set.

    Returns:
        Its path.
    """
    return runtime.cache_folder() / "data" / name


def is_here(name: str) -> bool:
    """Whether every file that a data set needs is on this machine, in its cache or in the folder that `HOLDFAST_DATA` names.

    Args:
        name: of the data set.

    Returns:
        Whether it can be read without a network.
    """
    own = os.environ.get(VARIABLE)
    places = [cache(name), *([Path(own)] if own else [])]
    return all(
        file.optional or any(any(candidates(place, file)) for place in places) for file in named(name).files
    )  # fmt: skip


def checksum(path: Path) -> str:
    """The SHA-256 of a file.

    Args:
        path: of the file.

    Returns:
        64 hexadecimal digits.
    """
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
    """Files of a folder that go by a file's name.

    Args:
        folder: searched with two levels of folders in it.
        file: sought by its name here and by its name in the repository.

    Yields:
        The paths.
    """
    places = (folder, *sorted(folder.glob("*/")), *sorted(folder.glob("*/*/")))
    for name in dict.fromkeys((file.name, Path(file.path).name)):
        yield from (place / name for place in places if (place / name).is_file())


def _from_address(
    dataset: Dataset, wanted: list[File], cached: Path, base: str | None, progress: Callable[[str], None] | None
) -> dict[str, Path]:
    """Fetch into the cache; once the network fails for one, the others are not tried."""
    try:
        import pooch
    except ImportError as error:
        fault = Fault("pooch", "not installed", "the package that fetches data", release.install("evidence"))
        raise DataError([fault], f"The data set {dataset.name}") from error
    cached.mkdir(parents=True, exist_ok=True)
    download = pooch.HTTPDownloader(timeout=PATIENCE)
    files: dict[str, Path] = {}
    faults: list[Fault] = []
    broken: OSError | None = None
    for file in wanted:
        address = dataset.address(file, base)
        beside = cached / f".{file.name}.{os.getpid()}"
        cure = (
            f"Fetch {address} by hand, put it into {cached} as {file.name}, or into a folder that "
            f"{VARIABLE} names, and repeat"
        )
        try:
            if broken is None:
                if progress:
                    progress(address)
                download(address, str(beside), None)
                got = checksum(beside)
                if got == file.sha256:
                    os.replace(beside, cached / file.name)
                    files[file.name] = cached / file.name
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
