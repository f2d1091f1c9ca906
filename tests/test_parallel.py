"""The pool of worker processes: the same results with any number of them, none left behind, errors with their words."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from holdfast.core.faults import ClaimsError, Fault, Notice
from holdfast.io.records import Registry
from holdfast.parallel import Report, Steps, pool, tasks
from holdfast.parallel.pool import LocalExecutor, WorkerError

NEWS = list[tuple[int, int, str]]


class Drawn(NamedTuple):
    """A result of a task."""

    name: str
    draws: np.ndarray


def double(job: int, report: Report) -> int:
    """Twice a number, told half-way."""
    report(1)
    return 2 * job


def threads(job: int, report: Report) -> tuple[str | None, int]:
    """A worker's setting for XLA, and its process."""
    print("a task may print")
    return os.environ.get("NPROC"), os.getpid()


def meets(job: Path, report: Report) -> int:
    """A worker's process, once another one works on the same piece."""
    (job / str(os.getpid())).touch()
    deadline = time.monotonic() + 60
    while len(list(job.iterdir())) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    return os.getpid()


def fails(job: str, report: Report) -> None:
    """Ends in one of several ways."""
    match job:
        case "faulty":
            raise ClaimsError([Fault("a", "1", "2", "Do")], "mine.csv")
        case "broken":
            raise ZeroDivisionError("by nothing")
        case "exit":
            raise SystemExit("the posterior was changed")
        case "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        case "quiet":
            os._exit(0)


def sleeps(job: Path, report: Report) -> None:
    """Notes its process, then works long."""
    (job / str(os.getpid())).touch()
    time.sleep(60)


def draws(job: tuple[Path, int], report: Report) -> Drawn:
    """Draws of a seed; leaves a mark each time that it is worked out."""
    folder, seed = job
    with (folder / "calls.txt").open("a") as file:
        file.write(f"{seed}\n")
    return Drawn(str(seed), np.random.default_rng(seed).random(3))


def heard() -> tuple[NEWS, Any]:
    """A list, and a progress that writes to it."""
    news: NEWS = []
    return news, lambda done, total, what: news.append((done, total, what))


def alive(process: int) -> bool:
    """Whether a process runs; it is a zombie as soon as its first thread ends, and cannot be waited for until all have."""
    there = Path(f"/proc/{process}")
    try:
        return (there / "stat").read_text().split()[2] != "Z" or len(list((there / "task").iterdir())) > 1
    except OSError:
        return False


@pytest.mark.parametrize("workers", [1, 3])
def test_results_come_in_order_and_all_progress_is_told(workers: int) -> None:
    news, progress = heard()
    jobs = list(range(7))
    found = pool.each(
        double, jobs, workers=workers, progress=progress, sizes=[2] * 7, what="running", starting="compiling"
    )
    assert found == [0, 2, 4, 6, 8, 10, 12]
    assert news[0] == (0, 14, "compiling")
    assert news[-1] == (14, 14, "running")
    assert [done for done, _, _ in news] == sorted(done for done, _, _ in news)
    assert pool.each(double, [], workers=workers) == []


def test_workers_have_one_thread_each_and_what_they_print_is_no_answer() -> None:
    found = pool.each(threads, range(4), workers=2)
    assert {threads for threads, _ in found} == {"1"}
    assert os.getpid() not in {process for _, process in found}
    assert not any(alive(process) for _, process in found)


def test_an_error_with_words_of_its_own_is_raised_as_it_is() -> None:
    with pytest.raises(ClaimsError, match="mine.csv has 1 fault") as caught:
        pool.each(fails, ["faulty", "fine"], workers=2)
    assert caught.value.faults[0].cure == "Do"


@pytest.mark.parametrize(
    ("job", "words"),
    [
        ("broken", r"(?s)stopped with code 1:.*ZeroDivisionError: by nothing"),
        ("exit", "(?s)stopped with code 1:\nthe posterior was changed"),
        ("killed", "stopped with code -9:\nit was killed by signal 9; if memory ran out, raise --men-per-billet"),
        ("quiet", "ended with 1 of 2 tasks left"),
    ],
)
def test_a_worker_that_ends_is_quoted(job: str, words: str) -> None:
    with pytest.raises(WorkerError, match=words):
        pool.each(fails, [job, "fine"], workers=2)


def test_a_job_that_cannot_be_handed_over_is_the_callers_mistake() -> None:
    with pytest.raises((AttributeError, TypeError, ValueError), match=r"(?i)pickle|local object"):
        pool.each(double, [lambda: 1, lambda: 2], workers=2)  # type: ignore[list-item]


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_program_that_is_stopped_leaves_no_worker(sign: signal.Signals, tmp_path: Path) -> None:
    """A program of its own is interrupted, ended or killed while its workers sleep for long."""
    code = (
        "from pathlib import Path\n"
        "from holdfast.parallel import pool\n"
        "import test_parallel\n"
        f"pool.each(test_parallel.sleeps, [Path({str(tmp_path)!r})] * 2, workers=2)\n"
    )
    paths = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    program = subprocess.Popen(
        [sys.executable, "-c", code], env=dict(os.environ, PYTHONPATH=paths), stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 60
    while len(os.listdir(tmp_path)) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    program.send_signal(sign)
    _, errors = program.communicate(timeout=30)
    processes = [int(name) for name in os.listdir(tmp_path)]
    assert ("KeyboardInterrupt" in errors) == (sign == signal.SIGINT)
    assert len(processes) == 2
    if sign != signal.SIGINT:  # nobody is left to stop them: they miss their caller themselves
        deadline = time.monotonic() + 10
        while any(map(alive, processes)) and time.monotonic() < deadline:
            time.sleep(0.1)
    assert not any(map(alive, processes))


def test_an_error_in_progress_leaves_no_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started, launch = [], pool._launch

    def launched(errors: Any, flags: str) -> Any:
        started.append(launch(errors, flags))
        return started[-1]

    def stop(done: int, total: int, what: str) -> None:
        if done:
            raise KeyboardInterrupt

    monkeypatch.setattr(pool, "_launch", launched)
    with pytest.raises(KeyboardInterrupt):
        pool.each(double, list(range(50)), workers=2, progress=stop)
    assert len(started) == 2
    assert all(process.poll() is not None for process in started)


def test_tasks_are_kept_when_done(tmp_path: Path) -> None:
    folder = tasks.TaskFolder(tmp_path / "fits", Registry(Drawn))
    jobs = {f"fit-{seed}": (tmp_path, seed) for seed in range(3)}
    first = tasks.each(draws, dict(list(jobs.items())[:2]), folder, workers=1)
    news, progress = heard()
    again = tasks.each(draws, jobs, folder, workers=2, progress=progress, what="fitting")
    assert sorted((tmp_path / "calls.txt").read_text().split()) == ["0", "1", "2"]
    assert list(again) == list(jobs)
    assert isinstance(again["fit-1"], Drawn)
    assert np.array_equal(again["fit-1"].draws, first["fit-1"].draws)
    assert (news[0], news[-1]) == ((2, 3, "fitting"), (3, 3, "fitting"))


@pytest.mark.parametrize("left", [0, 100])
def test_a_kept_result_that_is_damaged_is_worked_out_again(tmp_path: Path, left: int) -> None:
    folder = tasks.TaskFolder(tmp_path / "fits", Registry(Drawn))
    jobs = {f"fit-{seed}": (tmp_path, seed) for seed in range(2)}
    first = tasks.each(draws, jobs, folder, workers=1)
    file = folder.file("fit-1")
    file.write_bytes(file.read_bytes()[:left])
    news, progress = heard()
    with pytest.warns(Notice, match=r"fit-1.npz.*cut short or damaged.*worked out again"):
        again = tasks.each(draws, jobs, folder, workers=1, progress=progress)
    assert sorted((tmp_path / "calls.txt").read_text().split()) == ["0", "1", "1"]
    assert news[0][:2] == (1, 2)
    assert np.array_equal(again["fit-1"].draws, first["fit-1"].draws)


def test_a_claimed_task_is_left_alone_until_nobody_does_it(tmp_path: Path) -> None:
    assert tasks.claim(tmp_path, "a")
    assert not tasks.claim(tmp_path, "a")
    tasks.release(tmp_path)
    folder = tasks.TaskFolder(tmp_path, Registry(Drawn))
    assert tasks.claim(folder.path, "a")
    tasks._stored(tasks._Named(draws, (tmp_path, 1), folder, "a", claims=True), lambda done: None)
    assert not folder.done("a")
    tasks._stored(tasks._Named(draws, (tmp_path, 1), folder, "a", claims=False), lambda done: None)
    result = folder.load("a")
    assert isinstance(result, Drawn)
    assert result.name == "1"


def test_another_executor_takes_the_work() -> None:
    class Backwards:
        """Does the jobs from the last to the first."""

        def results(self, task: Any, jobs: Any, report: Any) -> Any:
            for number in reversed(range(len(jobs))):
                yield number, task(jobs[number], lambda done, number=number: report(number, done))

    assert pool.each(double, [1, 2, 3], executor=Backwards()) == [2, 4, 6]
    assert pool.each(double, [4], executor=LocalExecutor(1)) == [8]


def loaded(job: str, report: Report) -> tuple[bool, int]:
    """Whether a module is there already, and the worker's process."""
    return job in sys.modules, os.getpid()


def test_workers_that_are_kept_do_all_pieces_of_work() -> None:
    """The same processes, with the module that they were to load; one that was killed between two pieces is replaced."""
    with LocalExecutor(2, loads="holdfast.stats.intervals") as kept:
        first = pool.each(loaded, ["holdfast.stats.intervals"] * 20, executor=kept)
        processes = {process for _, process in first}
        assert all(there for there, _ in first)
        assert pool.each(double, [1], executor=kept) == [2]
        again = pool.each(loaded, ["holdfast.stats.agreement"] * 20, executor=kept)
        assert not any(there for there, _ in again)
        assert {process for _, process in again} <= processes
        killed = again[0][1]
        os.kill(killed, signal.SIGKILL)
        deadline = time.monotonic() + 10
        while alive(killed) and time.monotonic() < deadline:
            time.sleep(0.01)
        more = {process for _, process in pool.each(loaded, ["math"] * 20, executor=kept)}
        assert killed not in more
    assert not any(map(alive, processes | more))


def test_kept_workers_are_replaced_after_an_error(tmp_path: Path) -> None:
    places = [tmp_path / name for name in ("before", "after")]
    for place in places:
        place.mkdir()
    with LocalExecutor(2) as kept:
        before = set(pool.each(meets, places[:1] * 2, executor=kept))
        assert len(before) == 2
        with pytest.raises(WorkerError, match="killed by signal 9"):
            pool.each(fails, ["killed"], executor=kept)
        after = set(pool.each(meets, places[1:] * 2, executor=kept))
        assert len(after) == 2
        assert after - before
        with pytest.raises(ClaimsError):
            pool.each(fails, ["faulty", "fine"], executor=kept)
        assert pool.each(double, [1, 2, 3], executor=kept) == [2, 4, 6]
    assert not any(map(alive, before | after))


def test_steps_are_counted() -> None:
    news, progress = heard()
    steps = Steps(progress, 2, "weighing")
    steps.step()
    steps.step("")
    assert news == [(0, 2, "weighing"), (1, 2, "weighing"), (2, 2, "weighing")]
