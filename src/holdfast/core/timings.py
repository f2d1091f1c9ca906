"""Where the time goes: seconds by phase, of this process and of its workers, and the programs that JAX made. [IO]

A piece of code says what it is with `phase`, as a block or a decorator:

    with phase("read"):
        ...

Time belongs to the innermost phase alone, so the phases add up to the whole. What is imported, traced and compiled
within a phase is taken from it: imports are seen by the import statement itself, tracing and compiling by the events that JAX
tells of. A worker hands what it has taken to its caller (`taken`, `add`). Nobody asked: nothing is measured, a phase costs
some hundred nanoseconds.
"""

from __future__ import annotations

import builtins
import importlib
import os
import sys
import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Mapping
from contextlib import ContextDecorator
from typing import Any, TypeAlias

PHASES = ("import", "read", "build", "trace", "compile", "run", "figures", "write", "other")
"""In the order of the table: modules loaded, files read, the world or the data made ready, programs traced and compiled by JAX,
simulation or sampling, figures drawn, files written; and what is none of these, as reading the command line."""
PROGRAMS = ("traced", "compiled", "from_cache")
"""What is counted of JAX's programs: traced and lowered, compiled anew, read from the cache of compiled programs."""
VARIABLE = "HOLDFAST_TIMINGS"
"""The variable of the environment by which a worker knows that its caller measures."""

TRACED = ("/jax/core/compile/jaxpr_trace_duration", "/jax/core/compile/jaxpr_to_mlir_module_duration")
COMPILED = "/jax/core/compile/backend_compile_duration"
FROM_CACHE = "/jax/compilation_cache/cache_hits"
"""The events of `jax.monitoring` that are heard."""

Seconds: TypeAlias = dict[str, float]
Now: TypeAlias = tuple[float, float]
"""Seconds by the clock, and of this process's processor time."""


class _Open:
    """A phase that is open: the times at which its share was settled, and from when to when something was taken from it."""

    def __init__(self, name: str, marks: list[Now]) -> None:
        self.name = name
        self.marks = marks  # the first when it was entered
        self.taken: list[tuple[Now, Now]] = []  # events, and phases within it

    def at(self, wall: float) -> Now:
        """The processor's seconds at a time between two marks."""
        place = bisect_left(self.marks, wall, key=lambda mark: mark[0])
        before, after = self.marks[max(place - 1, 0)], self.marks[min(place, len(self.marks) - 1)]
        share = (wall - before[0]) / (after[0] - before[0]) if after[0] > before[0] else 0.0
        return wall, before[1] + share * (after[1] - before[1])


class Timings:
    """Seconds by phase since the start, and programs counted."""

    def __init__(self, before: Now = (0.0, 0.0)) -> None:
        """Begin to measure.

        Args:
            before: seconds that went into imports before; by the clock, and of the processor.
        """
        self.wall = dict.fromkeys(PHASES, 0.0)
        self.processor = dict.fromkeys(PHASES, 0.0)
        self.of_workers = dict.fromkeys(PHASES, 0.0)
        self.programs = dict.fromkeys(PROGRAMS, 0)
        self.wall["import"], self.processor["import"] = before
        self._thread = threading.get_ident()
        self._open = [_Open("other", [_now()])]
        self._children = _of_children()

    @property
    def here(self) -> bool:
        """Whether this is the thread that is measured; phases of others lie within its own."""
        return threading.get_ident() == self._thread

    def mark(self) -> None:
        """Give the time since the last mark to the phase that is open."""
        now, inner = _now(), self._open[-1]
        last = inner.marks[-1]
        self._give(inner.name, now[0] - last[0], now[1] - last[1])
        inner.marks.append(now)

    def enter(self, name: str) -> None:
        """Open a phase within the one that is open.

        Args:
            name: one of `PHASES`.
        """
        self.mark()
        self._open.append(_Open(name, self._open[-1].marks[-1:]))

    def leave(self) -> None:
        """Close the phase that is open."""
        self.mark()
        marks, outer = self._open.pop().marks, self._open[-1]
        outer.marks.append(marks[-1])
        outer.taken.append((marks[0], marks[-1]))

    def _give(self, name: str, wall: float, processor: float) -> None:
        self.wall[name] += wall
        self.processor[name] += processor

    def took(self, name: str, seconds: float) -> None:
        """Something that has just ended took so long: it is taken from the open phase, but for what was taken within it before.

        JAX tells of wall seconds alone; processor seconds between two marks are taken to go evenly.

        Args:
            name: the phase that it belongs to.
            seconds: how long it took by the clock, up to now.
        """
        self.mark()
        inner = self._open[-1]
        end = inner.marks[-1]
        start = inner.at(max(end[0] - seconds, inner.marks[0][0]))
        first = bisect_left(inner.taken, start[0], key=lambda each: each[0][0])
        within = inner.taken[first:]
        wall = end[0] - start[0] - sum(last[0] - begin[0] for begin, last in within)
        processor = end[1] - start[1] - sum(last[1] - begin[1] for begin, last in within)
        self._give(name, wall, processor)
        self._give(inner.name, -wall, -processor)
        inner.taken[first:] = [(start, end)]

    def count(self, what: str, number: int = 1) -> None:
        """Count programs.

        Args:
            what: one of `PROGRAMS`.
            number: how many more.
        """
        self.programs[what] += number

    def to_dict(self) -> dict[str, dict[str, float]]:
        """What was measured so far.

        Returns:
            `wall_s` and `processor_s` of this process and `workers_processor_s` of all workers by phase, phases without any
            left out; `programs` of this process and its workers.
        """
        self.mark()
        left = _of_children() - self._children - sum(self.of_workers.values())  # their start and end, other programs
        workers = self.of_workers | {"other": self.of_workers["other"] + max(left, 0.0)}
        parts = {"wall_s": self.wall, "processor_s": self.processor, "workers_processor_s": workers}
        return {
            **{
                key: {name: round(each, 3) for name, each in part.items() if each >= 0.0005}
                for key, part in parts.items()
            },
            "programs": dict(self.programs),
        }


_current: Timings | None = None
_import = builtins.__import__
_import_module = importlib.import_module
_importing = 0
_hears_jax = False


class phase(ContextDecorator):  # noqa: N801  used as a function
    """What a block or a function is, for whoever asked where the time goes.

    Args:
        name: one of `PHASES`.

    Raises:
        ValueError: if there is no such phase.
    """

    def __init__(self, name: str) -> None:
        """Name the phase."""
        if name not in PHASES:
            raise ValueError(f"{name!r} is no phase; use one of {', '.join(PHASES)}")
        self.name = name
        self._entered: list[Timings | None] = []

    def _recreate_cm(self) -> phase:
        """One of its own for each call of a decorated function, which may call itself."""
        return phase(self.name)

    def __enter__(self) -> None:
        """Enter the phase, if anybody asked."""
        current = _current if _current is not None and _current.here else None
        self._entered.append(current)
        if current is not None:
            current.enter(self.name)

    def __exit__(self, *error: object) -> None:
        """Leave the phase."""
        current = self._entered.pop()
        if current is not None:
            current.leave()


def start(*, since_birth: bool = False) -> Timings:
    """Begin to measure in this process and in the workers that it starts.

    Args:
        since_birth: whether this process has done nothing yet but to start and import.

    Returns:
        What is measured, which goes on.
    """
    global _current
    _current = Timings(_since_birth() if since_birth else (0.0, 0.0))
    os.environ[VARIABLE] = "1"
    builtins.__import__ = _timed_import
    importlib.import_module = _timed_import_module
    _hear_jax()
    return _current


def stop() -> None:
    """Measure no more."""
    global _current
    _current = None
    os.environ.pop(VARIABLE, None)
    builtins.__import__ = _import
    importlib.import_module = _import_module


def current() -> dict[str, dict[str, float]] | None:
    """What was measured so far.

    Returns:
        As `Timings.to_dict` has it; none where nobody asked.
    """
    return None if _current is None else _current.to_dict()


def taken() -> Mapping[str, Mapping[str, float]] | None:
    """What this worker has measured since the last call, for its caller.

    Returns:
        Processor seconds by phase and programs, as `add` takes them; none where nobody asked.
    """
    if _current is None:
        return None
    _current.mark()
    part: dict[str, dict[str, float]] = {"processor": dict(_current.processor), "programs": dict(_current.programs)}
    _current.processor.update(dict.fromkeys(PHASES, 0.0))
    _current.programs.update(dict.fromkeys(PROGRAMS, 0))
    return part


def add(part: Mapping[str, Mapping[str, float]]) -> None:
    """Add what a worker has measured.

    Args:
        part: as its `taken` gave it.
    """
    if _current is not None:
        for name, seconds in part["processor"].items():
            _current.of_workers[name] += seconds
        for what, number in part["programs"].items():
            _current.count(what, int(number))


def table(measured: Mapping[str, Mapping[str, float]]) -> str:
    """What was measured, as a table in plain text.

    Args:
        measured: as `current` gives it.

    Returns:
        A line for each phase that took any time, their sum, and the programs.
    """
    columns = ("wall_s", "processor_s", "workers_processor_s")
    lines = [f"{'':10}{'wall [s]':>10}{'processor [s]':>15}{'of workers [s]':>16}"]
    rows = {name: [measured[key].get(name, 0.0) for key in columns] for name in PHASES}
    rows["all"] = [sum(measured[key].values()) for key in columns]
    lines += [
        f"{name:10}{wall:10.2f}{own:15.2f}{workers:16.2f}"
        for name, (wall, own, workers) in rows.items()
        if wall or workers
    ]
    programs = measured["programs"]
    return "\n".join(
        [*lines, "programs: " + ", ".join(f"{programs[what]} {what.replace('_', ' ')}" for what in PROGRAMS)]
    )


def _now() -> Now:
    return time.perf_counter(), time.process_time()


def _since_birth() -> Now:
    """Seconds since this process began: all of them went into starting it and importing."""
    processor = time.process_time()
    try:
        with open("/proc/self/stat", encoding="utf8") as file:
            ticks = float(file.read().rpartition(")")[2].split()[19])
        wall = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, AttributeError, IndexError):
        return processor, processor
    return max(wall, processor), processor


def _of_children() -> float:
    """Processor seconds of the children that have ended; 0 where the system does not say."""
    of_children = os.times()
    return of_children.children_user + of_children.children_system


def _loading(load: Callable[[], Any]) -> Any:
    """The result of an import; its time is taken from the open phase if anything was loaded."""
    global _importing
    current = _current
    if _importing or current is None or not current.here:
        return load()
    before, begin = len(sys.modules), time.perf_counter()
    _importing += 1
    try:
        return load()
    finally:
        _importing -= 1
        if len(sys.modules) != before:
            current.took("import", time.perf_counter() - begin)
            _hear_jax()


def _timed_import(name: str, *rest: Any, **named: Any) -> Any:
    """`__import__`, whose time is measured."""
    return _loading(lambda: _import(name, *rest, **named))


def _timed_import_module(name: str, package: str | None = None) -> Any:
    """`importlib.import_module`, whose time is measured."""
    return _loading(lambda: _import_module(name, package))


def _hear_jax() -> None:
    """Hear of programs that JAX traces and compiles, once it is there."""
    global _hears_jax
    if _hears_jax or "jax" not in sys.modules or not hasattr(sys.modules["jax"], "monitoring"):
        return
    monitoring = sys.modules["jax"].monitoring
    monitoring.register_event_duration_secs_listener(_lasted)
    monitoring.register_event_listener(_happened)
    _hears_jax = True


def _lasted(event: str, seconds: float, **_: object) -> None:
    """Something of JAX's that took a while has ended."""
    current = _current
    if current is None or not current.here:
        return
    if event in TRACED:
        current.took("trace", seconds)
        current.count("traced", event == TRACED[1])
    elif event == COMPILED:
        current.took("compile", seconds)
        current.count("compiled")


def _happened(event: str, **_: object) -> None:
    """Something of JAX's has happened: a program from the cache is told of as a compiled one too."""
    current = _current
    if event == FROM_CACHE and current is not None and current.here:
        current.count("from_cache")
        current.count("compiled", -1)
