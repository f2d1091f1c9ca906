"""Compiled programs: each is traced and compiled once a machine, whatever the number of processes and of starts.

JAX keeps compiled code between processes, but each process must trace and lower a program anew to find it: for the day
that takes longer than a small war. A `Program` is known by its name, its settings and the shapes of its arguments, so
nothing needs to be traced to find it. Where its executables stay is a `Store`, which `holdfast.io.compiled` provides;
without one, or on a device that is no CPU, a program is compiled once a process.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np

Leaves: TypeAlias = list[Any]
"""Arrays, in the order of a tree's leaves."""
Structure: TypeAlias = Any
"""Dictionaries and lists whose leaves are the numbers of arrays, or None: what JSON can hold."""


class Store(Protocol):
    """Where executables stay between processes."""

    def load(self, key: str) -> tuple[str, bytes] | None:
        """An executable.

        Args:
            key: all that decides it, but for the machine, the versions and the code, which the store adds.

        Returns:
            The structure of its results and its code; None if it is not there or not whole.
        """

    def save(self, key: str, structure: str, code: bytes) -> None:
        """Keep an executable; one that cannot be written is no fault.

        Args:
            key: as in `load`.
            structure: the structure of its results.
            code: its code.
        """

    def claim(self, key: str) -> bool:
        """Take it on to compile an executable; where another process is at it, wait until that is done.

        Args:
            key: as in `load`.

        Returns:
            True if this process is to compile it; False if another was at it: it may be there now.
        """

    def release(self, key: str) -> None:
        """Give up a claim.

        Args:
            key: as in `load`.
        """

    def drop(self, key: str) -> None:
        """Throw away an executable that cannot be used.

        Args:
            key: as in `load`.
        """


_store: Store | None = None
_lock = threading.RLock()
compiled: list[str] = []
"""Names of the programs that this process has compiled, in the order in which it did: what tests count."""


def keep_in(store: Store | None) -> None:
    """Say where executables stay from now on.

    Args:
        store: the store; None = nowhere.
    """
    global _store
    _store = store


class Program:
    """A function of arrays that is compiled once for all arguments of the same shapes."""

    def __init__(self, function: Callable[..., Any], *, name: str | None = None, donated: Sequence[int] = ()) -> None:
        """Declare a program; nothing is compiled yet.

        Args:
            function: from trees of arrays, by position, and settings, by keyword, to dictionaries, lists and tuples of
                arrays, whose names are text. Settings are plain values that decide what is compiled.
            name: the function's own unless given; no two programs share one.
            donated: positions of the arguments whose memory the program may use again.
        """
        self.function, self.donated = function, frozenset(donated)
        self.name = name or f"{function.__module__}.{function.__qualname__}"
        self._ready: dict[Any, _Executable] = {}

    def __call__(self, *arguments: Any, **settings: Any) -> Any:
        """Run the program.

        Args:
            arguments: trees of arrays, of NumPy or JAX.
            settings: plain values.

        Returns:
            What the function returns, tuples as lists, arrays of JAX.
        """
        leaves, tree = jax.tree.flatten(arguments)
        if any(isinstance(leaf, jax.core.Tracer) for leaf in leaves):
            return self.function(*arguments, **settings)
        leaves = [leaf if isinstance(leaf, jax.Array) else np.asarray(leaf) for leaf in leaves]
        shapes = tuple((leaf.shape, leaf.dtype.str) for leaf in leaves)
        known = (tree, shapes, tuple(sorted(settings.items())))
        ready = self._ready.get(known)
        if ready is None:
            with _lock:  # two threads that want one program compile it once
                ready = self._ready.get(known) or self._load(arguments, leaves, settings, self._key(known))
                self._ready[known] = ready
        try:
            return ready(leaves)
        except Exception:
            if not isinstance(ready, _Loaded) or ready.proven:
                raise
        with _lock:  # what was stored did not run: it is thrown away
            if _store is not None:
                _store.drop(self._key(known))
            self._ready[known] = _Compiled(*self._compile(arguments, leaves, settings, self._key(known)))
        return self._ready[known](leaves)

    def _key(self, known: object) -> str:
        """All that decides an executable, but for the machine, the versions and the code."""
        return f"{self.name} {sorted(self.donated)} {_settings_of_jax()} {known!r}"

    def _load(self, arguments: tuple[Any, ...], leaves: Leaves, settings: Mapping[str, Any], key: str) -> _Executable:
        """The executable out of the store, or compiled."""
        store = _store if jax.default_backend() == "cpu" else None
        if store is None:
            return _Compiled(*self._compile(arguments, leaves, settings, key))
        loaded = _loaded(store, key)
        while loaded is None and not store.claim(key):
            loaded = _loaded(store, key)
        if loaded is not None:
            return loaded
        try:
            fresh, structure = self._compile(arguments, leaves, settings, key)
            code = _code_of(fresh)
            if code is not None:
                store.save(key, json.dumps(structure), code)
            return _Compiled(fresh, structure)
        finally:
            store.release(key)

    def _compile(
        self, arguments: tuple[Any, ...], leaves: Leaves, settings: Mapping[str, Any], key: str
    ) -> tuple[jax.stages.Compiled, Structure]:
        """Trace and compile for arguments of these shapes."""
        tree = jax.tree.structure(arguments)
        structure: Structure = None

        def flat(*inputs: Any) -> Leaves:
            nonlocal structure
            results: Leaves = []
            structure = _numbered(self.function(*jax.tree.unflatten(tree, inputs), **settings), results)
            return results

        # A name of its own, and too fast to be worth a place in JAX's own cache: an executable that came from there would
        # not be whole when it is stored again.
        flat.__name__ = f"holdfast_{hashlib.sha256(key.encode()).hexdigest()[:16]}"
        of = [place for place, argument in enumerate(arguments) for _ in jax.tree.leaves(argument)]
        donated = [number for number, place in enumerate(of) if place in self.donated]
        shapes = [jax.ShapeDtypeStruct(leaf.shape, leaf.dtype) for leaf in leaves]
        compiled.append(self.name)
        lowered = jax.jit(flat, donate_argnums=donated, keep_unused=True).lower(*shapes)
        with _apart_from_the_cache_of_jax():
            return lowered.compile(), structure


BLOCK = 1024
"""Numbers that an elementwise program takes at a time: arrays of any size share one program."""


def elementwise(function: Callable[[Any], Any], name: str) -> Callable[[np.ndarray], np.ndarray]:
    """A function of single numbers, for arrays of NumPy's, with the roundings of compiled code.

    NumPy's exponentials and logarithms differ from those of compiled code in the last digit.

    Args:
        function: from an array of JAX to one of the same shape, each number by itself.
        name: its name among programs.

    Returns:
        The function, from arrays of float32 of any shape to the same.
    """
    program = Program(function, name=name)

    def of(values: np.ndarray) -> np.ndarray:
        flat = np.ones(-(-values.size // BLOCK) * BLOCK, np.float32)
        flat[: values.size] = values.ravel()
        parts = [np.asarray(program(part)) for part in flat.reshape(-1, BLOCK)]
        return np.concatenate([*parts, flat[:0]])[: values.size].reshape(values.shape)

    return of


exponential = elementwise(lambda values: jnp.exp(values), "exp")
"""The exponential of an array of NumPy's, as compiled code has it."""


class _Executable(Protocol):
    """What runs a program."""

    def __call__(self, leaves: Leaves) -> Any:
        """From the leaves of the arguments to the results."""


class _Compiled:
    """An executable that this process has compiled."""

    def __init__(self, fresh: jax.stages.Compiled, structure: Structure) -> None:
        self.fresh, self.structure = fresh, structure

    def __call__(self, leaves: Leaves) -> Any:
        """Run it."""
        return _filled(self.structure, self.fresh(*leaves))


@contextlib.contextmanager
def _apart_from_the_cache_of_jax() -> Iterator[None]:
    """Nothing that is compiled meanwhile is written to JAX's own cache, which keeps what took long."""
    before = jax.config.jax_persistent_cache_min_compile_time_secs  # type: ignore[attr-defined]
    jax.config.update("jax_persistent_cache_min_compile_time_secs", math.inf)
    try:
        yield
    finally:
        jax.config.update("jax_persistent_cache_min_compile_time_secs", before)


class _Loaded:
    """An executable out of the store."""

    proven = False
    """Whether it has run."""

    def __init__(self, code: bytes, structure: Structure) -> None:
        from jaxlib import xla_client

        device = jax.devices()[0]
        devices = xla_client.DeviceList((device,))
        self.device, self.structure, self.several = device, structure, len(jax.devices()) > 1
        self.executable = device.client.deserialize_executable(code, devices, None)

    def _placed(self, leaves: Leaves) -> Leaves:
        """The leaves on the device; those that are there already are not looked at again, which takes longer than a small day."""
        if self.several:
            return list(jax.device_put(leaves, self.device))
        fresh = [number for number, leaf in enumerate(leaves) if not isinstance(leaf, jax.Array)]
        placed = list(leaves)
        for number, leaf in zip(fresh, jax.device_put([leaves[number] for number in fresh], self.device), strict=True):
            placed[number] = leaf
        return placed

    def __call__(self, leaves: Leaves) -> Any:
        """Run it."""
        results = self.executable.execute(self._placed(leaves))
        if not self.proven:
            jax.block_until_ready(results)
            self.proven = True
        return _filled(self.structure, results)


def _loaded(store: Store, key: str) -> _Loaded | None:
    """The executable out of the store; None where it is not there or cannot be used."""
    entry = store.load(key)
    if entry is None:
        return None
    try:
        return _Loaded(entry[1], json.loads(entry[0]))
    except Exception:  # whatever is wrong with it, it can be compiled
        store.drop(key)
        return None


def _code_of(fresh: jax.stages.Compiled) -> bytes | None:
    """The code of an executable; None where this version of JAX does not give it."""
    try:
        executable: Any = fresh.runtime_executable()
        return bytes(executable.serialize())
    except Exception:  # no version promises it
        return None


def _settings_of_jax() -> str:
    """What of JAX's settings decides how a program is compiled."""
    names = (
        "jax_enable_x64",
        "jax_default_matmul_precision",
        "jax_debug_nans",
        "jax_disable_jit",
        "jax_numpy_dtype_promotion",
    )
    return " ".join(f"{name}={getattr(jax.config, name, None)}" for name in names)


def _numbered(results: Any, leaves: Leaves) -> Structure:
    """The structure of results; their arrays are added to `leaves`."""
    if results is None:
        return None
    if isinstance(results, Mapping):
        return {name: _numbered(value, leaves) for name, value in results.items()}
    if isinstance(results, list | tuple):
        return [_numbered(value, leaves) for value in results]
    leaves.append(results)
    return len(leaves) - 1


def _filled(structure: Structure, leaves: Sequence[Any]) -> Any:
    """The results again, from their structure and their arrays."""
    if structure is None:
        return None
    if isinstance(structure, dict):
        return {name: _filled(value, leaves) for name, value in structure.items()}
    if isinstance(structure, list):
        return [_filled(value, leaves) for value in structure]
    return leaves[structure]
