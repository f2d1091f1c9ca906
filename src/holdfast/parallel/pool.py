"""The pool: tasks on worker processes of one XLA thread each, with progress, and none left running. [IO]

A worker is a program of its own (`python -m holdfast.parallel.pool`), not a copy of the caller's: a user's script needs no
guard, and JAX can be set up before it starts. Tasks and results go through pipes, never through files. Ctrl-C reaches the
caller alone, which stops the workers in order; of a caller that is killed they hear within a second, and end. Work on
several machines is an `Executor` of its own (`cluster.py`).
"""

from __future__ import annotations

import contextlib
import importlib
import os
import pickle
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Any, Protocol, Self, TypeAlias, TypeVar

from holdfast.core import timings
from holdfast.core.faults import ReportedError
from holdfast.core.runtime import cores
from holdfast.parallel import Progress, Report, silent

Job = TypeVar("Job")
Result = TypeVar("Result")
Task: TypeAlias = Callable[[Job, Report], Result]
"""A function of a module, so that a worker can import it: from a job and a report of its progress to a result."""

LAST_WORDS = 12
"""Lines of a failed worker's errors that are shown."""
PATIENCE = 5.0
"""Seconds that workers are given to end before they are killed [s]."""


class WorkerError(ReportedError):
    """A worker stopped before its work was done; the message ends with its last words."""


class Executor(Protocol):
    """Where tasks are carried out: on this machine by `LocalExecutor`, elsewhere by whatever does the same."""

    def results(
        self, task: Task[Job, Result], jobs: Sequence[Job], report: Callable[[int, int], None]
    ) -> Iterator[tuple[int, Result]]:
        """Carry out a task on jobs.

        Args:
            task: a function of a module.
            jobs: what it is called with, one at a time.
            report: hears the index of a job and how much of its size is done.

        Yields:
            The index of each job with its result, in the order in which they are done. When the iterator is closed, nothing
            is left running.

        Raises:
            WorkerError: if a worker ends before its work is done.
        """


@timings.phase("run")
def each(
    task: Task[Job, Result], jobs: Sequence[Job], *, workers: int | None = None, progress: Progress | None = None,
    sizes: Sequence[int] | None = None, what: str = "running", starting: str | None = None,
    executor: Executor | None = None,
) -> list[Result]:  # fmt: skip
    """The result of a task for each job.

    Args:
        task: a function of a module, called with a job and a report of how much of its size is done.
        jobs: what it is called with; what can be pickled.
        workers: processes, one for each core unless given. With a single one, or a single job, it runs in this process.
        progress: hears of the sizes done.
        sizes: how much work each job is, in units of one's own; 1 each unless given.
        what: what progress calls the work.
        starting: what it calls it until the first report, as `compiling`; the same unless given.
        executor: where the jobs are done; on this machine unless given.

    Returns:
        The results in the order of the jobs, whatever the number of workers.

    Raises:
        WorkerError: if a worker ends before its work is done. An error of this package is raised as the task raised it.
    """
    count = min(workers or cores(), len(jobs))
    chosen = executor or (LocalExecutor(count) if count > 1 else Here())
    tally = _Tally(list(sizes or [1] * len(jobs)), progress or silent, what, starting or what)
    finished: dict[int, Result] = {}
    results = chosen.results(task, jobs, tally.report)
    try:
        for number, result in results:
            finished[number] = result
            tally.finish(number)
    finally:
        close = getattr(results, "close", None)
        if close:
            close()
    return [finished[number] for number in range(len(jobs))]


class _Tally:
    """Adds up how much of each job is done."""

    def __init__(self, sizes: list[int], progress: Progress, what: str, starting: str) -> None:
        self.sizes, self.progress, self.what = sizes, progress, what
        self.done = [0] * len(sizes)
        if sizes:
            progress(0, sum(sizes), starting)

    def report(self, number: int, done: int) -> None:
        """So much of a job is done."""
        self.done[number] = done
        self.progress(sum(self.done), sum(self.sizes), self.what)

    def finish(self, number: int) -> None:
        """A job is done, whatever it has reported."""
        if self.done[number] != self.sizes[number]:
            self.report(number, self.sizes[number])


@dataclass(frozen=True)
class Here(Executor):
    """Carries out tasks in this process, one after another."""

    def results(
        self, task: Task[Job, Result], jobs: Sequence[Job], report: Callable[[int, int], None]
    ) -> Iterator[tuple[int, Result]]:
        """The results in order; see `Executor`."""
        for number, job in enumerate(jobs):
            yield number, task(job, lambda done, number=number: report(number, done))  # type: ignore[misc]


@dataclass
class LocalExecutor(Executor):
    """Carries out tasks in worker processes on this machine.

    As a context manager it keeps its worker processes for several pieces of work; otherwise each piece starts its own.
    """

    workers: int  # processes at most
    here: bool = False  # whether this process is one of them, in a thread of its own: one start less
    flags: str = ""  # flags of XLA for the worker processes, beside those of this one
    loads: str = ""  # a module that workers which are kept import before they have anything to do
    _idle: list[_Worker] | None = field(default=None, init=False, repr=False)

    def __enter__(self) -> Self:
        self._idle = self._idle or []
        self._idle += [self._worker() for _ in range(self.workers - self.here - len(self._idle))]
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """End the workers that were kept."""
        idle, self._idle = self._idle, None
        _stop(idle or [])

    def results(
        self, task: Task[Job, Result], jobs: Sequence[Job], report: Callable[[int, int], None]
    ) -> Iterator[tuple[int, Result]]:
        """The results as they are done; see `Executor`. A worker that is free takes the next job."""
        waiting: queue.SimpleQueue[tuple[int, Job]] = queue.SimpleQueue()
        for pair in enumerate(jobs):
            waiting.put(pair)
        heard: queue.Queue[_Event] = queue.Queue()
        at_work: list[_Worker | _Thread] = []
        left, stay = len(jobs), self._idle is not None
        try:
            for number in range(min(self.workers, len(jobs))):
                at_work.append(self._free() if number or not self.here else _Thread())
            for worker in at_work:
                threading.Thread(target=worker.serve, args=(task, waiting, heard, stay), daemon=True).start()
            busy = len(at_work)
            while busy:
                event = heard.get()
                match event.kind:
                    case "report":
                        report(event.number, event.content)
                    case "timings":
                        timings.add(event.content)
                    case "done":
                        left -= 1
                        yield event.number, event.content
                    case "failed":
                        raise event.content
                    case "idle":  # it waits for the next piece of work
                        busy -= 1
                        at_work.remove(event.content)
                        self._idle = [*(self._idle or []), event.content]
                    case "ended":
                        busy -= 1
                        event.content.check()
            if left:
                raise WorkerError(f"the workers ended with {left} of {len(jobs)} tasks left")
        finally:
            _stop(at_work)

    def _free(self) -> _Worker:
        """A worker that has nothing to do: one that was kept and still runs, or a new one."""
        while self._idle:
            worker = self._idle.pop(0)
            if worker.process.poll() is None:
                return worker
            worker.stop(PATIENCE)
        return self._worker()

    def _worker(self) -> _Worker:
        """A new worker."""
        return _Worker(self.flags, self.loads if self._idle is not None else "")


@dataclass(frozen=True)
class _Event:
    """What a worker's thread passes on: `report`, `timings`, `done`, `failed` of a job; or a worker is `idle`, has `ended`."""

    kind: str
    number: int
    content: Any  # what the kind says: days done, seconds, a result, an error, a worker


class _Stopped(BaseException):
    """The work of this process's own thread is not wanted any more."""


class _Thread:
    """A thread of this process that works like a worker, and what is said by it."""

    def __init__(self) -> None:
        self.unwanted, self.ended = threading.Event(), threading.Event()
        self.ended.set()  # until it serves

    def serve(
        self,
        task: Task[Job, Result],
        waiting: queue.SimpleQueue[tuple[int, Job]],
        heard: queue.Queue[_Event],
        stay: bool,
    ) -> None:
        """Carry out jobs one after another; in a thread of its own, which does not stay."""
        self.ended.clear()
        number = -1
        try:
            while not self.unwanted.is_set():
                number, job = waiting.get_nowait()
                heard.put(_Event("done", number, task(job, self._report(number, heard))))
        except (queue.Empty, _Stopped):
            pass
        except BaseException as error:
            heard.put(_Event("failed", number, error))
        finally:
            self.ended.set()
            heard.put(_Event("ended", -1, self))

    def _report(self, number: int, heard: queue.Queue[_Event]) -> Report:
        """What its task calls as it goes on; there it ends once it is not wanted."""

        def report(done: int) -> None:
            if self.unwanted.is_set():
                raise _Stopped
            heard.put(_Event("report", number, done))

        return report

    def check(self) -> None:
        """Nothing: its errors were passed on."""

    def terminate(self) -> None:
        """Ask it to end at its next report."""
        self.unwanted.set()

    def stop(self, patience: float) -> None:
        """Wait for its end, at most so many seconds."""
        self.ended.wait(patience)


class _Worker:
    """A worker process and what is said by it."""

    def __init__(self, flags: str, loads: str = "") -> None:
        self.errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  closed when the worker is stopped
        self.process = _launch(self.errors, flags)
        if loads:
            assert self.process.stdin is not None
            with contextlib.suppress(OSError):  # whoever gives it work hears that it has ended
                self.process.stdin.write(pickle.dumps(loads))
                self.process.stdin.flush()

    def serve(
        self,
        task: Task[Job, Result],
        waiting: queue.SimpleQueue[tuple[int, Job]],
        heard: queue.Queue[_Event],
        stay: bool,
    ) -> None:
        """Hand jobs to the worker one after another, and pass on what it says; in a thread of its own.

        When no job is left, it ends, or waits for the next piece of work if it is to stay.
        """
        jobs, results = self.process.stdin, self.process.stdout
        assert jobs is not None
        assert results is not None
        try:
            while True:
                try:
                    number, job = waiting.get_nowait()
                except queue.Empty:
                    if stay:
                        heard.put(_Event("idle", -1, self))
                        return
                    break
                try:
                    order = pickle.dumps((task, job))
                except Exception as error:  # what cannot be handed over is the caller's mistake
                    heard.put(_Event("failed", number, error))
                    break
                jobs.write(order)
                jobs.flush()
                while True:
                    kind, content = pickle.load(results)
                    heard.put(_Event(kind, number, content))
                    if kind not in ("report", "timings"):
                        break
        except (EOFError, OSError, pickle.UnpicklingError):
            pass  # the worker has ended: its code says how
        with contextlib.suppress(OSError):
            jobs.close()
        heard.put(_Event("ended", -1, self))

    def check(self) -> None:
        """Raise `WorkerError` if the worker ended by an error."""
        if self.process.wait() != 0:
            raise WorkerError(self.last_words())

    def last_words(self) -> str:
        """How the worker ended, and the end of its errors."""
        code = self.process.returncode
        self.errors.seek(0)
        lines = self.errors.read().decode("utf8", "replace").strip().splitlines()[-LAST_WORDS:]
        if code < 0:
            lines.append(f"it was killed by signal {-code}; if memory ran out, raise --men-per-billet")
        return f"a worker stopped with code {code}:\n" + "\n".join(lines)

    def terminate(self) -> None:
        """Ask it to end."""
        if self.process.poll() is None:
            self.process.terminate()

    def stop(self, patience: float) -> None:
        """Wait for its end at most so many seconds, then kill it."""
        try:
            self.process.wait(timeout=patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.errors.close()


def _launch(errors: IO[bytes], flags: str) -> subprocess.Popen[bytes]:
    """Start a worker process with pipes for jobs and answers; `errors` is the file that its errors go to."""
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "holdfast.parallel.pool"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        env=_environment(flags),
        start_new_session=True,  # Ctrl-C reaches the caller alone, which stops the workers in order
    )


def _environment(flags: str) -> dict[str, str]:
    """A worker's environment: one XLA thread, more flags of XLA, and the modules that the caller can import."""
    paths = os.pathsep.join(path or os.getcwd() for path in sys.path)
    environment = dict(os.environ, NPROC="1", PYTHONUNBUFFERED="1", PYTHONPATH=paths)
    if flags:
        environment["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {flags}".strip()
    return environment


def _stop(workers: Sequence[_Worker | _Thread]) -> None:
    """Leave no worker running."""
    for worker in workers:
        worker.terminate()
    deadline = time.monotonic() + PATIENCE
    for worker in workers:
        worker.stop(max(0.1, deadline - time.monotonic()))


def _serve() -> None:
    """The worker's side: take jobs from the input, one at a time, until that is closed.

    An error of the package is an answer, any other ends the worker with its traceback. Whatever a task prints goes with
    the worker's errors, so that nothing comes between the answers.
    """
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    if timings.VARIABLE in os.environ:
        timings.start(since_birth=True)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def answer(kind: str, content: object) -> None:
        answers.write(pickle.dumps((kind, content)))
        answers.flush()

    while True:
        try:
            order = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        if isinstance(order, str):  # a module that it will need
            importlib.import_module(order)
            continue
        task, job = order
        try:
            with timings.phase("run"):
                result = task(job, lambda done: answer("report", done))
            if measured := timings.taken():
                answer("timings", measured)
        except Exception as error:
            if not speaks_for_itself(error):
                raise
            answer("failed", error)
        else:
            answer("done", result)


def _end_with(caller: int) -> None:
    """End this process once its caller is gone: one that was killed cannot stop its workers, and a task may take long."""
    while os.getppid() == caller:
        time.sleep(1)
    os._exit(1)


def speaks_for_itself(error: Exception) -> bool:
    """Whether an error is one of the package, whose message says all, and can be handed on as it is.

    Args:
        error: what a task raised.

    Returns:
        Whether it can be raised elsewhere as it was raised here.
    """
    if type(error).__module__.partition(".")[0] != "holdfast":
        return False
    try:
        return str(pickle.loads(pickle.dumps(error))) == str(error)
    except Exception:  # whatever keeps it from being handed on
        return False


if __name__ == "__main__":
    _serve()
