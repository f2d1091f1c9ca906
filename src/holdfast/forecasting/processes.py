"""Batches of runs on all cores, with progress. [IO]"""

from __future__ import annotations

import contextlib
import multiprocessing
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Any, TypeVar

Progress = Callable[[int, int, str], None]
Job = TypeVar("Job")
Done = TypeVar("Done")

_heard: Any = None
"""In a worker: where it tells of days done."""


def each(
    work: Callable[[Job, Callable[[int], None]], Done], jobs: Sequence[Job], sizes: Sequence[int], workers: int,
    progress: Progress,
) -> list[Done]:  # fmt: skip
    """What `work` makes of each job, in their order. It is handed a function to tell how much of its size is done."""
    if min(workers, len(jobs)) <= 1:
        return _here(work, jobs, sizes, progress)
    with _telling(sizes, progress) as told:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(min(workers, len(jobs)), context, _hear, (told,)) as pool:
            waiting: list[Future[Done]] = [pool.submit(_there, work, number, job) for number, job in enumerate(jobs)]
            try:
                return [one.result() for one in waiting]
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                for process in list((pool._processes or {}).values()):
                    process.terminate()
                raise


def _here(
    work: Callable[[Job, Callable[[int], None]], Done], jobs: Sequence[Job], sizes: Sequence[int], progress: Progress
) -> list[Done]:  # fmt: skip
    made: list[Done] = []
    for number, job in enumerate(jobs):
        before = sum(sizes[:number])
        made.append(work(job, lambda done, before=before: progress(before + done, sum(sizes), "running")))  # type: ignore[misc]
    return made


@contextlib.contextmanager
def _telling(sizes: Sequence[int], progress: Progress) -> Iterator[Any]:
    """A queue whose news of `(job, done)` is added up and passed on."""
    context = multiprocessing.get_context("spawn")
    told = context.Queue()
    done = dict.fromkeys(range(len(sizes)), 0)
    stop = threading.Event()

    def listen() -> None:
        while not stop.is_set():
            with contextlib.suppress(queue.Empty, EOFError, OSError):
                job, days = told.get(timeout=0.2)
                done[job] = days
                progress(sum(done.values()), sum(sizes), "running")

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    try:
        yield told
    finally:
        stop.set()
        listener.join()
        told.close()
        told.cancel_join_thread()


def _hear(told: Any) -> None:
    global _heard  # noqa: PLW0603  a worker has one place to tell of
    _heard = told


def _there(work: Callable[[Job, Callable[[int], None]], Done], number: int, job: Job) -> Done:
    return work(job, lambda done: _heard.put((number, done)))
