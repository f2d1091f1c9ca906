"""Tasks by name whose results are stored in a folder as they are done, so that work that was stopped goes on. [IO]

Any process that sees the folder can claim a task: workers of one pool, or of several machines. For workers of a cluster, which
need not see it, the caller stores what they give.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar, cast

from holdfast.core.faults import Notice
from holdfast.io import records
from holdfast.io.records import NOTHING, Registry
from holdfast.parallel import Progress, Report, pool, silent

Job = TypeVar("Job")
Result = TypeVar("Result")


@dataclass(frozen=True)
class TaskFolder:
    """Results of tasks by name, each a file of its own (`NAME.npz`) that appears whole or not at all."""

    path: Path  # the folder
    registry: Registry = NOTHING  # the records that results are made of

    def file(self, name: str) -> Path:
        """Where a task's result stands once it is done.

        Args:
            name: the task's name.

        Returns:
            The path of the file.
        """
        return self.path / f"{name}.npz"

    def done(self, name: str) -> bool:
        """Whether a task's result is there.

        Args:
            name: the task's name.

        Returns:
            Whether it is.
        """
        return self.file(name).exists()

    def save(self, name: str, result: object) -> None:
        """Store a task's result.

        Args:
            name: the task's name.
            result: plain values, arrays and records of the registry.
        """
        records.write(self.file(name), result, self.registry)

    def load(self, name: str) -> object:
        """A task's result.

        Args:
            name: the task's name.

        Returns:
            What was stored; its arrays are NumPy's.

        Raises:
            FileNotFoundError: if the task is not done.
            records.RecordError: if the file cannot be read.
        """
        return records.read(self.file(name), self.registry)


def claim(folder: Path, name: str) -> bool:
    """Take a task of a folder for this process.

    Args:
        folder: the folder of the results; it exists.
        name: the task's name.

    Returns:
        False where another process has taken it since the claims were last released.
    """
    try:
        os.close(os.open(folder / f"{name}.claim", os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


def release(folder: Path) -> None:
    """Remove all claims in a folder: those of processes that were stopped would withhold their tasks from everyone.

    Args:
        folder: the folder of the results.
    """
    for file in folder.glob("*.claim"):
        file.unlink(missing_ok=True)


@dataclass(frozen=True)
class _Named(Generic[Job, Result]):
    """A job with the place of its result."""

    task: pool.Task[Job, Result]
    job: Job
    folder: TaskFolder
    name: str
    claims: bool


def each(
    task: pool.Task[Job, Result], jobs: Mapping[str, Job], folder: TaskFolder, *, workers: int | None = None,
    progress: Progress | None = None, what: str = "running", executor: pool.Executor | None = None,
) -> dict[str, Result]:  # fmt: skip
    """The result of a task for each job by name; those that stand in the folder from before are used again.

    One that cannot be read, since it was cut short or damaged, is worked out again; a `Notice` says so.

    Args:
        task: a function of a module, called with a job and a report of how much of it is done.
        jobs: by the names of their results' files.
        folder: where results are stored; created if it is not there. Its name must say all that decides them.
        workers: processes, one for each core unless given.
        progress: hears of the jobs done, those from before among them.
        what: what progress calls the work.
        executor: where the jobs are done; on this machine unless given. What other machines have done is stored here.

    Returns:
        The results in the order of the jobs.

    Raises:
        pool.WorkerError: if a worker ends before its work is done; what was finished stays in the folder.
    """
    folder.path.mkdir(parents=True, exist_ok=True)
    release(folder.path)
    hears = progress or silent
    there = _there(folder, jobs)
    before, total = len(there), len(jobs)
    hears(before, total, what)
    for claims in (True, False):  # what another process claimed and left undone is done here in the end
        left = [_Named(task, job, folder, name, claims) for name, job in jobs.items() if not folder.done(name)]
        done = total - len(left)
        hear = lambda more, _, what, done=done: hears(done + more, total, what)  # noqa: E731
        if executor is None or isinstance(executor, pool.Here | pool.LocalExecutor):
            pool.each(_stored, left, workers=workers, what=what, executor=executor, progress=hear)
        else:  # other machines may not see the folder
            stores = _Storing(executor, folder, tuple(one.name for one in left))
            pool.each(task, [one.job for one in left], what=what, executor=stores, progress=hear)
    return {name: cast(Result, there[name] if name in there else folder.load(name)) for name in jobs}


@dataclass(frozen=True)
class _Storing(pool.Executor):
    """Carries out tasks by another executor, and stores each result here as it comes."""

    inner: pool.Executor
    folder: TaskFolder
    names: tuple[str, ...]

    def results(
        self, task: pool.Task[Job, Result], jobs: Sequence[Job], report: Callable[[int, int], None]
    ) -> Iterator[tuple[int, Result]]:
        """The results, each once it is stored; see `pool.Executor`."""
        results = self.inner.results(task, jobs, lambda number, done: None)  # a job's own measure is not that of jobs
        try:
            for number, result in results:
                self.folder.save(self.names[number], result)
                yield number, result
        finally:
            close = getattr(results, "close", None)
            if close:
                close()


def _there(folder: TaskFolder, names: Iterable[str]) -> dict[str, object]:
    """The results that stand in a folder from before; what cannot be read is removed."""
    there: dict[str, object] = {}
    for name in names:
        try:
            there[name] = folder.load(name)
        except FileNotFoundError:
            continue
        except records.RecordError as error:
            folder.file(name).unlink()
            warnings.warn(Notice(f"{error}. It is worked out again."), stacklevel=3)
    return there


def _stored(named: _Named[Job, Result], report: Report) -> None:
    """Carry out a task and store its result, unless it is done or another process has it."""
    folder = named.folder
    if folder.done(named.name) or (named.claims and not claim(folder.path, named.name)):
        return
    folder.save(named.name, named.task(named.job, lambda done: None))
