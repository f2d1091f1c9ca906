"""The worker's side of a cluster: a process that works as one of this machine's would, or says why it cannot. [IO]

A worker of a cluster was started by somebody else. Before its first task it is given what decides numbers: one XLA thread,
the caller's flags of XLA and settings of JAX. A process that is started again in its place gets the same by its own first
task. Its compiled programs come from `HOLDFAST_CACHE` of its machine, as everywhere; in an empty one they are compiled once.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.metadata
import os
import pickle
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from holdfast.core import release, timings
from holdfast.io.compiled import processor
from holdfast.io.records import source_digest, version_of
from holdfast.parallel.pool import LAST_WORDS, speaks_for_itself

if TYPE_CHECKING:
    from distributed import Worker

LIBRARIES = (release.DISTRIBUTION, "jax", "jaxlib", "equinox", "numpy", "scipy")
"""Libraries whose versions decide numbers."""
SOURCE = "source of holdfast"
PLUGINS = "devices of jax"
ENVIRONMENT = (
    "XLA_FLAGS", "JAX_PLATFORMS", "JAX_ENABLE_X64", "JAX_DEFAULT_MATMUL_PRECISION", "JAX_NUMPY_DTYPE_PROMOTION",
    "OPENBLAS_NUM_THREADS",
)  # fmt: skip
"""Variables that decide numbers; a worker takes the caller's."""
TOPIC = "holdfast"
"""The topic of dask's events under which tasks report."""
EVERY = 1.0
"""Seconds between two reports of a task, at least [s]."""


@dataclass(frozen=True)
class Settings:
    """What a process must share with its caller to give the same numbers."""

    versions: Mapping[str, str]  # by library; besides, of Python, of the source, and which devices JAX knows
    environment: Mapping[str, str | None]  # variables; None = not set
    processor: str  # digest of its kind
    measured: bool  # whether the caller measures where the time goes


@dataclass(frozen=True)
class Difference:
    """One thing in which a worker differs from its caller."""

    what: str  # a library, or a variable of the environment
    there: str  # what the worker has
    here: str  # what the caller has


@dataclass(frozen=True)
class Outcome:
    """What came of a task."""

    kind: Literal["done", "failed", "broken", "refused"]  # what the content is
    content: bytes  # pickled: the result; an error of the package; another's last words; differences
    worker: str  # the worker's address
    seconds: Mapping[str, Mapping[str, float]] | None = None  # what was measured, as `timings.add` takes it
    same_processor: bool = True  # as the caller's


def settings() -> Settings:
    """What workers must share with this process.

    Returns:
        Versions, environment and processor, as they are here.
    """
    environment = {name: os.environ.get(name) for name in ENVIRONMENT} | {"NPROC": "1"}
    return Settings(_versions(), environment, _processor(), timings.current() is not None)


def _versions() -> dict[str, str]:
    """What is installed."""
    plugins = sorted(entry.name for entry in importlib.metadata.entry_points(group="jax_plugins"))
    return {
        "python": ".".join(map(str, sys.version_info[:2])),
        **{library: version_of(library) for library in LIBRARIES},
        SOURCE: source_digest(("holdfast",))[:12],
        PLUGINS: ", ".join(["cpu", *plugins]),
    }


@functools.cache
def _processor() -> str:
    """The digest of the processor's kind."""
    return hashlib.sha256(processor().encode()).hexdigest()[:12]


_prepared: dict[bytes, list[Difference]] = {}
"""Differences by the settings that this process was prepared for."""


def prepare(wanted: Settings) -> list[Difference]:
    """Make this process like its caller's, as far as that can still be done.

    Args:
        wanted: what the caller has.

    Returns:
        In what it differs; where JAX runs already, its settings are among that.
    """
    key = pickle.dumps(wanted)
    if key not in _prepared:
        have = _versions()
        versions = [Difference(name, have[name], here) for name, here in wanted.versions.items() if have[name] != here]
        _prepared[key] = versions or _environment(wanted.environment)
    return _prepared[key]


def _environment(wanted: Mapping[str, str | None]) -> list[Difference]:
    """Set variables before JAX starts; once it runs, in what they differ."""
    if "jax" in sys.modules:
        return [
            Difference(name, os.environ.get(name) or "nothing", value or "nothing")
            for name, value in wanted.items()
            if (os.environ.get(name) or None) != (value or None)
        ]
    for name, value in wanted.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    if "numpy" in sys.modules:  # its BLAS has read the variable already
        import threadpoolctl

        threadpoolctl.threadpool_limits(1, "blas")
    return []


class Unwanted(BaseException):
    """Nobody waits for the task any more; as an error it would be taken for one of the task's."""


_one_at_a_time = threading.Lock()
"""A process has one XLA thread and the memory of one task, whatever number of threads the worker was given."""


def carry_out(order: bytes, wanted: Settings, run: str, number: int) -> Outcome:
    """Carry out a task on a job.

    Errors are part of the outcome: dask neither repeats a task that failed, nor passes an error on that cannot be read.

    Args:
        order: the task and the job, pickled: dask looks into neither.
        wanted: what the caller has.
        run: the caller's name for its work, in reports.
        number: the number of the job, in reports.

    Returns:
        What came of it.
    """
    from distributed import get_worker

    worker = get_worker()
    with _one_at_a_time:
        if differences := prepare(wanted):
            return Outcome("refused", pickle.dumps(differences), worker.address)
        with _measured(wanted.measured):
            try:
                task, job = pickle.loads(order)
                with timings.phase("run"):
                    content = pickle.dumps(task(job, _Reports(worker, run, number)))
                kind: Literal["done", "failed", "broken"] = "done"
            except BaseException as error:
                kind, content = _error(error)
            seconds = timings.taken()
        return Outcome(kind, content, worker.address, seconds, _processor() == wanted.processor)


def _error(error: BaseException) -> tuple[Literal["failed", "broken"], bytes]:
    """An error of the package as it is, of another the last words."""
    if isinstance(error, Exception) and speaks_for_itself(error):
        return "failed", pickle.dumps(error)
    lines = "".join(traceback.format_exception(error)).strip().splitlines()[-LAST_WORDS:]
    return "broken", pickle.dumps("\n".join(lines))


@contextlib.contextmanager
def _measured(wanted: bool) -> Iterator[None]:
    """Measure in this thread, if the caller does."""
    if not wanted:
        yield
        return
    timings.start()
    try:
        yield
    finally:
        timings.stop()


class _Reports:
    """What a task calls as it goes on: the caller hears of it once a second, and a task that nobody wants ends here."""

    def __init__(self, worker: Worker, run: str, number: int) -> None:
        self.worker, self.key, self.about = worker, worker.get_current_task(), (run, number)
        self.last = time.monotonic()

    def __call__(self, done: int, /) -> None:
        """So much of the job is done."""
        now = time.monotonic()
        if now - self.last < EVERY:
            return
        self.last = now
        task = self.worker.state.tasks.get(self.key)
        if task is None or task.state == "cancelled":
            raise Unwanted
        self.worker.log_event(TOPIC, [*self.about, int(done)])
