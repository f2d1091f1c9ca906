"""Declared records as files of arrays, and a cache of them: `.npz` with a JSON tree, and never pickle. [IO]

A record is a named tuple or a dataclass (an Equinox module among them) whose fields are plain values, arrays or
records. What a file may be turned into is declared in a registry: a name that is not in it is refused, so a file can
bring no code.

A result of the cache is known by everything that decides it: the request, the code of the packages that work it out, and
the versions of the libraries underneath. A file that cannot be read is worked out anew; one that cannot be written is no
fault.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import functools
import hashlib
import importlib.metadata
import importlib.util
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from holdfast.core import plugins, release
from holdfast.io import files

TREE = "tree"
"""Name of the array that holds the JSON tree."""

LIBRARIES = (release.DISTRIBUTION, "jax", "jaxlib", "numpyro", "numpy", "scipy")
"""Whose versions are part of a cached result's name."""

Result = TypeVar("Result")
Tree = object
"""JSON: plain values as they are, others as a mapping with one key that begins with `$`."""


class RecordError(ValueError):
    """A value that no file can hold, or a file that holds no record of the registry."""


class Registry:
    """The classes that files may be turned into, by their names."""

    def __init__(self, *classes: type) -> None:
        """Declare classes.

        Args:
            classes: named tuples and dataclasses; no two of one name.

        Raises:
            RecordError: if a class is neither, or two have one name.
        """
        self.classes: dict[str, type] = {}
        for each in classes:
            if not (_is_named_tuple(each) or dataclasses.is_dataclass(each)):
                raise RecordError(f"{each.__qualname__} is neither a named tuple nor a dataclass")
            if each.__qualname__ in self.classes:
                raise RecordError(f"two classes are called {each.__qualname__}")
            self.classes[each.__qualname__] = each

    def name(self, record: object) -> str | None:
        """The name of a record's class.

        Args:
            record: any value.

        Returns:
            The name, or `None` where its class is not declared.
        """
        name = type(record).__qualname__
        return name if self.classes.get(name) is type(record) else None


NOTHING = Registry()
"""Of plain values and arrays alone."""


def write(path: Path, value: object, registry: Registry = NOTHING, *, compressed: bool = False) -> Path:
    """Write a value to an `.npz` file, whole or not at all.

    Args:
        path: where; its name ends in `.npz`.
        value: plain values, dates, NumPy or JAX arrays, lists, tuples, mappings and declared records of them.
        registry: the records.
        compressed: whether to make the file as small as it goes.

    Returns:
        The path.

    Raises:
        RecordError: if a part of the value is of another type.
    """
    arrays: dict[str, np.ndarray] = {}
    tree = json.dumps(_encoded(value, registry, arrays), allow_nan=False)
    return files.write_arrays(path, {TREE: np.array(tree), **arrays}, compressed=compressed)


def read(path: Path, registry: Registry = NOTHING) -> Any:
    """The value of a file that `write` wrote; arrays come back as NumPy's.

    Args:
        path: the file.
        registry: the records that it may hold.

    Returns:
        The value.

    Raises:
        FileNotFoundError: if there is no such file.
        RecordError: if it is torn, foreign, or holds a record that is not declared or has other fields by now.
    """
    try:
        arrays = files.read_arrays(path)
        return _decoded(json.loads(str(arrays.pop(TREE))), registry, arrays)
    except FileNotFoundError:
        raise
    except (OSError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise RecordError(f"{path}: holds no record that can be read ({error})") from error


def digest(value: object, registry: Registry = NOTHING) -> str:
    """SHA-256 of a value: equal for equal values, of arrays by type, shape and content.

    Args:
        value: as in `write`.
        registry: the records.

    Returns:
        64 hexadecimal digits.

    Raises:
        RecordError: as `write`.
    """
    arrays: dict[str, np.ndarray] = {}
    digested = hashlib.sha256(json.dumps(_encoded(value, registry, arrays), sort_keys=True).encode())
    for name, array in arrays.items():
        digested.update(f"{name} {array.dtype.str} {array.shape}".encode() + np.ascontiguousarray(array).tobytes())
    return digested.hexdigest()


def _encoded(value: object, registry: Registry, arrays: dict[str, np.ndarray]) -> Tree:
    """The tree of a value; its arrays are put beside."""
    if value is None or type(value) in (bool, int, str):
        return value
    if type(value) is float:
        return value if math.isfinite(value) else {"$float": repr(value)}
    if (name := registry.name(value)) is not None:
        return {"$record": [name, {of: _encoded(one, registry, arrays) for of, one in _fields(value)}]}
    if type(value) is list:
        return [_encoded(one, registry, arrays) for one in value]
    if type(value) is tuple:
        return {"$tuple": [_encoded(one, registry, arrays) for one in value]}
    if type(value) is frozenset:
        return {"$set": [_encoded(one, registry, arrays) for one in sorted(value)]}
    if isinstance(value, Mapping):
        return {"$map": [[_encoded(part, registry, arrays) for part in pair] for pair in value.items()]}
    if isinstance(value, dt.datetime):
        return {"$time": value.isoformat()}
    if isinstance(value, dt.date):
        return {"$date": value.isoformat()}
    return {"$scalar" if isinstance(value, np.generic) else "$array": _put_aside(value, arrays)}


def _put_aside(value: object, arrays: dict[str, np.ndarray]) -> str:
    """The name under which an array is put beside the tree."""
    if not isinstance(value, np.ndarray | np.generic) and not hasattr(value, "__array__"):
        raise RecordError(f"a {type(value).__qualname__} is not declared, and no file can hold it")
    array = np.asarray(value)
    if array.dtype.kind not in "biufcSUmM":
        raise RecordError(f"an array of {array.dtype} cannot be stored without pickle")
    name = f"a{len(arrays)}"
    arrays[name] = array
    return name


def _decoded(tree: Tree, registry: Registry, arrays: Mapping[str, np.ndarray]) -> object:
    """The value of a tree."""
    if isinstance(tree, list):
        return [_decoded(one, registry, arrays) for one in tree]
    if not isinstance(tree, dict):
        return tree
    ((kind, of),) = tree.items()
    match kind:
        case "$float":
            return float(of)
        case "$record":
            name, fields = of
            if name not in registry.classes:
                raise RecordError(f"the record {name} is not declared")
            return registry.classes[name](**{field: _decoded(one, registry, arrays) for field, one in fields.items()})
        case "$tuple":
            return tuple(_decoded(one, registry, arrays) for one in of)
        case "$set":
            return frozenset(_decoded(one, registry, arrays) for one in of)
        case "$map":
            return {_decoded(name, registry, arrays): _decoded(one, registry, arrays) for name, one in of}
        case "$time":
            return dt.datetime.fromisoformat(of)
        case "$date":
            return dt.date.fromisoformat(of)
        case "$array":
            return arrays[of]
        case "$scalar":
            return arrays[of][()]
    raise RecordError(f"{kind} is no kind of value")


def _is_named_tuple(kind: type) -> bool:
    return issubclass(kind, tuple) and hasattr(kind, "_fields")


def _fields(record: object) -> Iterable[tuple[str, object]]:
    """A record's fields: those that its class is called with."""
    if isinstance(record, tuple):
        return zip(record._fields, record, strict=True)  # type: ignore[attr-defined]
    fields = dataclasses.fields(record)  # type: ignore[arg-type]
    return [(field.name, getattr(record, field.name)) for field in fields if field.init]


@dataclasses.dataclass(frozen=True)
class Cache:
    """A folder of results of one kind."""

    folder: Path  # the folder
    registry: Registry  # the records that requests and results are made of
    code: tuple[str, ...]
    """Modules and packages whose source is part of a result's name, as `holdfast.evidence`."""
    most: int = 24  # results that stay; the oldest goes first

    def get(self, request: object, work_out: Callable[[], Result]) -> Result:
        """The result of a request, worked out where the cache does not have it.

        Args:
            request: all that decides the result: plain values, dates, arrays and records of the registry.
            work_out: works the result out; what it raises is passed on.

        Returns:
            The result; its arrays are NumPy's where it comes from the cache.
        """
        path = self._path(request)
        with contextlib.suppress(FileNotFoundError, RecordError):
            return read(path, self.registry)  # type: ignore[no-any-return]
        result = work_out()
        with contextlib.suppress(OSError):
            write(path, result, self.registry)
            self._prune()
        return result

    def _path(self, request: object) -> Path:
        """Where the result of a request stands, or would stand."""
        key = hashlib.sha256(digest(request, self.registry).encode())
        for name in LIBRARIES:
            key.update(f"{name} {version_of(name)}\n".encode())
        key.update(source_digest(self.code).encode())
        return self.folder / f"{key.hexdigest()[:32]}.npz"

    def _prune(self) -> None:
        """Remove the oldest results beyond `most`."""
        every = sorted(self.folder.glob("[!.]*.npz"), key=lambda path: path.stat().st_mtime)
        for old in every[: -self.most]:
            old.unlink(missing_ok=True)


def version_of(library: str) -> str:
    """The installed version of a library, without importing it.

    Args:
        library: its name.

    Returns:
        The version; `none` where it is not installed.
    """
    try:
        return importlib.metadata.version(library)
    except importlib.metadata.PackageNotFoundError:
        return "none"


@functools.cache
def source_digest(names: Sequence[str]) -> str:
    """The digest of the source of modules and packages, those inside packages included.

    Args:
        names: dotted, a tuple.

    Returns:
        SHA-256, hexadecimal.

    Raises:
        ModuleNotFoundError: if there is no module of a name.
    """
    digested = hashlib.sha256()
    for name in names:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError(f"no module {name}", name=name)
        origin = Path(spec.origin)
        sources = sorted(origin.parent.rglob("*.py")) if origin.name == "__init__.py" else [origin]
        for source in (*sources, *_own_effects()):
            digested.update(source.name.encode() + source.read_bytes())
    return digested.hexdigest()


def _own_effects() -> list[Path]:
    """Files of effects that do not come with the package: what was compiled or computed with them holds for them alone."""
    return [file for folder in plugins.effect_folders() for file in sorted(Path(folder).glob("[!_]*.py"))]


@functools.cache
def package_digest() -> str:
    """The digest of this package with all that it ships, and of the libraries that decide its numbers.

    Returns:
        SHA-256, hexadecimal.
    """
    digested = hashlib.sha256("\n".join(f"{name} {version_of(name)}" for name in LIBRARIES).encode())
    root = Path(__file__).parents[1]
    for file in sorted(root.rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            digested.update(str(file.relative_to(root)).encode() + file.read_bytes())
    for file in _own_effects():
        digested.update(file.name.encode() + file.read_bytes())
    return digested.hexdigest()
