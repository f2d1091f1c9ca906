"""The door to a cluster: tasks on the workers of a dask.distributed cluster, with the numbers that this machine gives. [IO]

    with ClusterExecutor("tcp://10.0.0.5:8786") as cluster:
        results = pool.each(task, jobs, executor=cluster)

What dask does of its own accord, and what is done about it here:

- Tasks with the same function and arguments are one task to it. Each job has a key of its own here.
- When a worker dies, every task that it was given counts as having been on it, those that waited behind another too; at
  the fourth such death a task fails. Here a worker is given two tasks at most; one that failed so is tried again, alone,
  until `rounds` such failures, so that the task that kills its workers is named and no other.
- A cluster that dask starts closes a worker for good that is down fifteen seconds after it died once, as one that dies
  often is. Here a cluster that was started from a file is brought back to its number.
- When the connection to the scheduler is lost, all futures are cancelled. Here a new connection is tried for a while, and
  what is not done is submitted again; results that come twice are dropped.
"""

from __future__ import annotations

import contextlib
import logging
import pickle
import queue
import time
import uuid
import warnings
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeAlias

from holdfast.core import release, timings
from holdfast.core.faults import ClusterError, Fault, Notice, listed, shown
from holdfast.parallel import cluster_plan, cluster_worker
from holdfast.parallel.cluster_worker import Difference, Outcome, Settings
from holdfast.parallel.pool import Executor, Job, Result, Task, WorkerError

if TYPE_CHECKING:
    from distributed import Client, Future

DEPTH = 2
"""Tasks that are submitted for each worker: the one that it is at, and the next."""
CONNECT = 20.0
"""Seconds for which a scheduler is waited for at first [s]."""
PATIENCE = 300.0
"""Seconds for which a lost scheduler, or workers when none is left, are waited for [s]."""
ROUNDS = 5
"""How often a task may fail by the deaths of its workers; dask counts four deaths each time, unless it is set up otherwise."""
LOSSES = 10
"""How often in a row the scheduler may be lost without a result in between."""
LOOK = 1.0
"""Seconds between two looks at the workers and the connection [s]."""
REPLACE = 5.0
"""Seconds with fewer workers than were started after which they are replaced [s]."""
_News: TypeAlias = "tuple[int, int | Future]"
"""What is heard of a job: its number, and how much of it is done or its future, which has ended."""
LOST = (OSError, TimeoutError)
"""Errors of dask's that mean that the scheduler cannot be reached."""


class ClusterExecutor(Executor):
    """Carries out tasks on a cluster of dask.distributed, by its address or started by a file.

    As a context manager it stays connected for several pieces of work; otherwise each connects by itself. A cluster that was
    started from a file is closed with the connection, another is left as it was.
    """

    def __init__(self, where: str | Path, *, patience: float = PATIENCE, rounds: int = ROUNDS) -> None:
        """Name the cluster; nothing is connected yet.

        Args:
            where: the scheduler's address, as `tcp://10.0.0.5:8786`, or a TOML file that says how to start a cluster.
            patience: for how long a lost scheduler, or workers when none is left, are waited for [s].
            rounds: how often a task may fail by the deaths of its workers before it is given up.

        Raises:
            ClusterError: if there is no such address or file, or dask.distributed is not installed.
        """
        self.plan = cluster_plan.read(where)
        self.patience, self.rounds = patience, rounds
        self._connection: _Connection | None = None

    def __enter__(self) -> Self:
        self._connection = self._connection or _Connection(self.plan, self.patience)
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection, and the cluster if it was started here."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def results(
        self, task: Task[Job, Result], jobs: Sequence[Job], report: Callable[[int, int], None]
    ) -> Iterator[tuple[int, Result]]:
        """The results as they are done; see `Executor`.

        Args:
            task: a function of a module that the workers can import.
            jobs: what it is called with, one at a time.
            report: hears of a job's progress about once a second.

        Yields:
            The index of each job with its result, once, in the order in which they are done.

        Raises:
            ClusterError: if workers would give other numbers.
            WorkerError: if a task fails, or kills the workers that it is given, or no worker or scheduler can be reached.
        """
        if not jobs:
            return
        with contextlib.ExitStack() as stack:
            connection = self._connection
            if connection is None:
                connection = _Connection(self.plan, self.patience)
                stack.callback(connection.close)
            work = _Work(connection, report, self.rounds)
            stack.callback(work.cancel)
            yield from work.results(task, jobs)


class _Connection:
    """A client of a scheduler, and the cluster if it was started here."""

    def __init__(self, plan: str | cluster_plan.ClusterPlan, patience: float) -> None:
        """Start what is to be started, connect, wait for a worker and check them all."""
        self.patience, self.plan, self.complete = patience, plan, time.monotonic()
        self.settings = cluster_worker.settings()
        self.cluster: cluster_plan.StartedCluster | None = None
        self.address = plan if isinstance(plan, str) else ""
        self._client: Client | None = None
        _silence()
        try:
            if not isinstance(plan, str):
                self.cluster = plan.start()
                self.address = self.cluster.scheduler_address
            self._connect(CONNECT)
            self._wait_for_a_worker(patience if isinstance(plan, str) else plan.wait)
            _check(self.client, self.settings)
        except BaseException:
            self.close()
            raise

    @property
    def client(self) -> Client:
        """The client; there is one until the connection is closed."""
        assert self._client is not None
        return self._client

    def _connect(self, patience: float) -> None:
        """A client of the scheduler."""
        from distributed import Client

        try:
            self._client = Client(
                self.address if self.cluster is None else self.cluster, timeout=patience, set_as_default=False
            )
        except LOST as error:
            cure = f"Start it with `dask scheduler`, or correct the address ({str(error) or type(error).__name__})"
            place = shown(self.address)
            raise ClusterError([Fault("--cluster", place, "the address of a scheduler that answers", cure)]) from error

    def _wait_for_a_worker(self, patience: float) -> None:
        """Wait until there is one."""
        try:
            self.client.wait_for_workers(1, timeout=patience)
        except LOST as error:
            cure = f"Start some: dask worker {self.address} --nthreads 1 --nworkers auto"
            if self.cluster is not None:
                cure = "Look whether the jobs were started and what their logs say, or raise wait_s"
            fault = Fault("workers", f"none within {patience:.0f} s", "one at least", cure)
            raise ClusterError([fault], self.address) from error

    @property
    def lost(self) -> bool:
        """Whether the connection does not stand any more."""
        return self._client is None or self._client.status != "running"

    def again(self) -> None:
        """Connect anew; tried for as long as patience lasts."""
        until = time.monotonic() + self.patience
        self._close_client()
        while self._client is None:
            left = until - time.monotonic()
            try:
                self._connect(min(CONNECT, max(left, 1.0)))
            except ClusterError as error:
                if left <= 0:
                    raise WorkerError(
                        f"the scheduler at {self.address} was lost, and does not answer for {self.patience:.0f} s. Start "
                        "it and its workers anew, and repeat the command: results that were stored are used again"
                    ) from error
                time.sleep(min(1.0, left))

    def workers(self) -> int:
        """How many workers there are; those of a cluster that was started here are replaced if they stay away.

        Raises:
            OSError: if the scheduler does not answer.
        """
        client, now = self.client, time.monotonic()
        there = len(client.sync(client.scheduler.ncores, workers=None, callback_timeout=CONNECT))  # type: ignore[no-untyped-call]
        if isinstance(self.plan, str) or self.cluster is None or there >= self.plan.workers:
            self.complete = now
        elif now - self.complete > REPLACE:
            self.plan.replace_lost(self.cluster)
            self.complete = now
        return there

    def _close_client(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(Exception):  # whatever a connection says that is not there any more
                client.close(timeout=5)  # type: ignore[no-untyped-call]

    def close(self) -> None:
        """Close the client, and the cluster if it was started here."""
        self._close_client()
        cluster, self.cluster = self.cluster, None
        if cluster is not None:
            cluster.close(timeout=20)


def _silence() -> None:
    """Keep dask from writing to the screen what is told as a notice or an error, or is no fault at all."""
    import distributed  # its first import sets the levels

    for name, level in (("distributed", logging.ERROR), ("distributed.client", logging.CRITICAL)):
        logger = logging.getLogger(name)
        logger.setLevel(max(level, logger.level))
    del distributed


def _check(client: Client, settings: Settings) -> None:
    """Raise `ClusterError` if the workers that are there would give other numbers."""
    # Dask answers for a worker without this package too.
    answers: Any = client.get_versions(packages=[release.DISTRIBUTION])
    workers = answers["workers"]
    versions = {worker: about["packages"] for worker, about in workers.items()}
    differences = {worker: list(_basic(packages, settings)) for worker, packages in versions.items()}
    if not any(differences.values()):
        differences = client.run(cluster_worker.prepare, settings)
    _refuse(differences)


def _basic(packages: Mapping[str, str | None], settings: Settings) -> Iterator[Difference]:
    """What differs of Python and this package."""
    there = {
        "python": ".".join((packages.get("python") or "").split(".")[:2]),
        release.DISTRIBUTION: packages.get(release.DISTRIBUTION) or "none",
    }
    for what, version in there.items():
        if version != settings.versions[what]:
            yield Difference(what, version, settings.versions[what])


def _refuse(differences: Mapping[str, Iterable[Difference]]) -> None:
    """Raise `ClusterError` with a fault for each difference, if there are any, by the workers that have it."""
    workers: dict[Difference, list[str]] = {}
    for worker, each in differences.items():
        for one in each:
            workers.setdefault(one, []).append(worker)
    faults = [
        Fault(f"{one.what} of {_some(names)}", one.there, f"{one.here}, as here", _cure(one))
        for one, names in workers.items()
    ]
    if faults:
        raise ClusterError(faults)


def _some(names: Sequence[str]) -> str:
    """Workers for a sentence."""
    more = f" and {len(names) - 2} more" if len(names) > 2 else ""
    return f"worker {listed(names[:2])}{more}" if len(names) == 1 else f"workers {listed(names[:2])}{more}"


def _cure(one: Difference) -> str:
    """What to do about a difference."""
    if one.what in (*cluster_worker.ENVIRONMENT, "NPROC"):
        return "Start the workers anew: JAX runs in them already, for work with other settings"
    if one.what == cluster_worker.SOURCE:
        return "Install the same commit on both sides, and start the workers anew"
    return "Use the same environment on both sides, and start the workers anew"


class _Work:
    """Jobs on their way: which wait, which are submitted, which are done."""

    def __init__(self, connection: _Connection, report: Callable[[int, int], None], rounds: int) -> None:
        self.connection, self.report, self.rounds = connection, report, rounds
        self.name = uuid.uuid4().hex
        self.submitted = 0
        self.orders: Callable[[int], bytes] = lambda number: b""
        self.waiting: deque[int] = deque()
        self.suspects: deque[int] = deque()  # their workers died: each goes alone, when nothing else is left
        self.flying: dict[int, Future] = {}
        self.failures: Counter[int] = Counter()
        self.done: set[int] = set()
        self.heard: queue.SimpleQueue[_News] = queue.SimpleQueue()  # of a job: its future, or how much is done
        self.workers, self.looked, self.seen = 1, 0.0, time.monotonic()
        self.losses, self.noticed = 0, False

    def results(self, task: Task[Job, Result], jobs: Sequence[Job]) -> Iterator[tuple[int, Result]]:
        """Submit all, and give each result once."""
        self.orders = lambda number: pickle.dumps((task, jobs[number]))
        self.waiting.extend(range(len(jobs)))
        self._subscribe()
        while len(self.done) < len(jobs):
            ended = self._ended()
            try:
                self._look()
                outcomes = self._gathered(self._settled(ended))
                self._fill()
            except LOST as error:
                self._lost(error)
                continue
            for number, outcome in outcomes:
                if number not in self.done:
                    self.done.add(number)
                    self.losses = 0
                    yield number, self._result(number, outcome)

    def _subscribe(self) -> None:
        """Hear of the progress that tasks report."""

        def hear(event: tuple[float, tuple[str, int, int]]) -> None:
            run, number, done = event[1]
            if run == self.name:
                self.heard.put((number, done))

        self.connection.client.subscribe_topic(cluster_worker.TOPIC, hear)

    def _look(self) -> None:
        """See how many workers there are, now and then."""
        now = time.monotonic()
        if self.connection.lost:
            raise ConnectionError("the connection does not stand")
        if now - self.looked < LOOK:
            return
        self.workers, self.looked = self.connection.workers(), now
        if self.workers:
            self.seen = now
        elif now - self.seen > self.connection.patience:
            raise WorkerError(
                f"no worker is left at {self.connection.address} for {self.connection.patience:.0f} s, with "
                f"{listed(f'task {number + 1}' for number in self.flying)} under way. See in the workers' logs why they "
                "ended (if memory ran out, give them more), start some, and repeat the command"
            )

    def _fill(self) -> None:
        """Submit what the workers can take."""
        while self.waiting and len(self.flying) < DEPTH * max(1, self.workers):
            self._submit(self.waiting.popleft())
        if self.suspects and not self.flying:
            self._submit(self.suspects.popleft())

    def _submit(self, number: int) -> None:
        """Submit a job under a key of its own: dask would take another with the same arguments for the same."""
        client = self.connection.client
        self.submitted += 1
        try:
            future = client.submit(
                cluster_worker.carry_out, self.orders(number), self.connection.settings, self.name, number,
                key=f"holdfast-{self.name}-{self.submitted}", pure=False,
            )  # fmt: skip
        except BaseException:
            self.waiting.appendleft(number)
            raise
        self.flying[number] = future
        self._listen(number, future)

    def _listen(self, number: int, future: Future) -> None:
        """Hear of a future's end."""
        future.add_done_callback(lambda ended: self.heard.put((number, ended)))

    def _ended(self) -> list[tuple[int, Future]]:
        """The futures that have ended, after a wait for the first news; reports are passed on."""
        news: list[_News] = []
        with contextlib.suppress(queue.Empty):
            news += [self.heard.get(timeout=LOOK)] if self.flying else []
            while True:
                news.append(self.heard.get_nowait())
        ended: list[tuple[int, Future]] = []
        for number, what in news:
            if not isinstance(what, int):
                ended.append((number, what))
            elif number not in self.done:
                self.report(number, what)
        return ended

    def _settled(self, ended: Sequence[tuple[int, Future]]) -> dict[int, Future]:
        """The futures that have a result; those that failed are submitted again, or raise."""
        finished: dict[int, Future] = {}
        for number, what in ended:
            if self.flying.get(number) is what:  # not one that was given up
                match what.status:
                    case "finished":
                        finished[number] = what
                    case "error":
                        self._failed(number, what.exception())
                    case "cancelled":
                        self._cancelled(number)
                    case _:  # its result was lost with a worker: dask has it worked out again
                        self._listen(number, what)
        return finished

    def _gathered(self, finished: Mapping[int, Future]) -> list[tuple[int, Outcome]]:
        """The outcomes of futures; one that was lost on the way is waited for again."""
        if not finished:
            return []
        try:
            outcomes: list[Outcome] = self.connection.client.gather(list(finished.values()))  # type: ignore[assignment]
        except LOST:
            raise
        except Exception:  # a worker died with its results: each future says for itself what became of it
            for number, future in finished.items():
                self._listen(number, future)
            return []
        for number in finished:
            del self.flying[number]
        return list(zip(finished, outcomes, strict=True))

    def _failed(self, number: int, error: BaseException) -> None:
        """A job's workers died too often for dask, or it could not be handed over."""
        from distributed import KilledWorker

        if not isinstance(error, KilledWorker):
            raise WorkerError(f"task {number + 1} could not be carried out: {type(error).__name__}: {error}") from error
        del self.flying[number]
        self.failures[number] += 1
        if self.failures[number] >= self.rounds:
            deaths = self.failures[number] * (error.allowed_failures + 1)
            raise WorkerError(
                f"task {number + 1} was given to {deaths} workers, and all died with it, the last of them "
                f"{error.last_worker.address}. See in its log why; if memory ran out, raise --men-per-billet or give the "
                "workers more"
            ) from error
        self.suspects.append(number)

    def _cancelled(self, number: int) -> None:
        """A job was cancelled, not by us: the cluster was started anew, or somebody stopped it."""
        if self.connection.lost:
            raise ConnectionError("the connection does not stand")
        del self.flying[number]
        self.failures[number] += 1
        if self.failures[number] >= self.rounds:
            raise WorkerError(f"task {number + 1} was cancelled on the cluster {self.failures[number]} times")
        self.waiting.append(number)

    def _lost(self, error: BaseException) -> None:
        """The scheduler does not answer: connect anew, and submit all that is not done."""
        self.losses += 1
        if self.losses > LOSSES:
            raise WorkerError(
                f"the scheduler at {self.connection.address} was lost {LOSSES} times without a result in between ({error}). "
                "See its log, and repeat the command: results that were stored are used again"
            ) from error
        warnings.warn(
            Notice(f"The scheduler at {self.connection.address} was lost ({error}). Trying again."), stacklevel=2
        )
        self.waiting.extendleft(sorted(self.flying, reverse=True))
        self.flying.clear()
        self.connection.again()
        self.seen = time.monotonic()
        self._subscribe()

    def _result(self, number: int, outcome: Outcome) -> Any:
        """The result in an outcome; what failed is raised."""
        if outcome.seconds:
            timings.add(outcome.seconds)
        if not (outcome.same_processor or self.noticed):
            self.noticed = True
            what = f"The worker {outcome.worker} has another kind of processor than this machine"
            warnings.warn(Notice(f"{what}: numbers may differ in their last digits."), stacklevel=2)
        content = pickle.loads(outcome.content)
        match outcome.kind:
            case "failed":
                raise content
            case "refused":
                _refuse({outcome.worker: content})
            case "broken":
                raise WorkerError(f"task {number + 1} failed on {outcome.worker}:\n{content}")
        return content

    def cancel(self) -> None:
        """Leave nothing on the cluster; what is under way ends at its next report."""
        flying = list(self.flying.values())
        self.flying.clear()
        if self.connection.lost:
            return
        client = self.connection.client
        with contextlib.suppress(Exception):  # whatever a connection says that is not there any more
            client.unsubscribe_topic(cluster_worker.TOPIC)  # type: ignore[no-untyped-call]
            client.cancel(flying, force=True)  # type: ignore[no-untyped-call]
