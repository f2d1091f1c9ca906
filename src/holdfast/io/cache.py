"""Results of long computations, kept between runs without pickle. [IO]

A result is known by everything that decides it: the request, the code of the packages that work it out, and the versions of
the libraries underneath. A file that cannot be read is worked out anew; one that cannot be written is no fault.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.metadata
import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from holdfast.io import records
from holdfast.io.records import Registry

LIBRARIES = ("holdfast", "jax", "jaxlib", "numpyro", "numpy", "scipy")
"""Whose versions are part of a result's name."""

Result = TypeVar("Result")


@dataclass(frozen=True)
class Cache:
    """A folder of results of one kind."""

    folder: Path
    registry: Registry
    """The records that requests and results are made of."""
    code: tuple[str, ...]
    """Modules and packages whose source is part of a result's name, as `holdfast.evidence`."""
    most: int = 24
    """Results that are kept; the oldest goes first."""

    def get(self, request: object, work_out: Callable[[], Result]) -> Result:
        """The result of a request, worked out where the cache does not have it.

        Args:
            request: all that decides the result: plain values, dates, arrays and records of the registry.
            work_out: makes the result; what it raises is passed on.

        Returns:
            The result; its arrays are NumPy's where it comes from the cache.
        """
        path = self.path(request)
        with contextlib.suppress(FileNotFoundError, records.RecordError):
            return records.read(path, self.registry)  # type: ignore[no-any-return]
        result = work_out()
        with contextlib.suppress(OSError):
            records.write(path, result, self.registry)
            self.prune()
        return result

    def path(self, request: object) -> Path:
        """Where the result of a request stands, or would stand."""
        made = hashlib.sha256(records.digest(request, self.registry).encode())
        for name in LIBRARIES:
            made.update(f"{name} {version(name)}\n".encode())
        made.update(source_digest(self.code).encode())
        return self.folder / f"{made.hexdigest()[:32]}.npz"

    def prune(self) -> None:
        """Remove the oldest results beyond `most`."""
        every = sorted(self.folder.glob("[!.]*.npz"), key=lambda path: path.stat().st_mtime)
        for old in every[: -self.most]:
            old.unlink(missing_ok=True)


def version(library: str) -> str:
    """The installed version of a library, without importing it; `none` where it is not installed."""
    try:
        return importlib.metadata.version(library)
    except importlib.metadata.PackageNotFoundError:
        return "none"


@functools.cache
def source_digest(names: Sequence[str]) -> str:
    """SHA-256 of the source of modules and packages, those inside packages included.

    Args:
        names: dotted names of modules and packages, as a tuple.

    Returns:
        64 hexadecimal digits.

    Raises:
        ModuleNotFoundError: if there is no such module.
    """
    made = hashlib.sha256()
    for name in names:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError(f"no module {name}", name=name)
        origin = Path(spec.origin)
        sources = sorted(origin.parent.rglob("*.py")) if origin.name == "__init__.py" else [origin]
        for source in sources:
            made.update(source.name.encode() + source.read_bytes())
    return made.hexdigest()
