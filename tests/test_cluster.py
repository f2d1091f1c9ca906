"""The door to a cluster: the numbers of this machine, whatever is killed; nothing twice; no hang.

The workers are processes of this machine, under a scheduler of their own as on a cluster.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from holdfast.cli import app, options
from holdfast.core import release
from holdfast.core.faults import ClaimsError, ClusterError, Fault, Notice
from holdfast.parallel import Report, cluster_plan, cluster_worker, pool, tasks
from holdfast.parallel.pool import LocalExecutor, WorkerError

distributed = pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
dask = pytest.importorskip("dask")

from holdfast.parallel import cluster as door  # noqa: E402
from holdfast.parallel.cluster import ClusterExecutor  # noqa: E402

pytestmark = pytest.mark.slow
SETTINGS = {
    "distributed.deploy.lost-worker-timeout": "1h",  # else a test's own cluster shrinks; see `replace_lost`
    "distributed.scheduler.allowed-failures": 1,
}


# --- Tasks.


def simulated(job: tuple[Path, int], report: Report) -> tuple[int, np.ndarray]:
    """A number by compiled code, and a mark for each time that it was begun and ended."""
    import jax
    import jax.numpy as jnp

    folder, seed = job
    mark(folder, f"begun {seed} {os.getpid()}")
    draws = jax.random.normal(jax.random.key(seed), (64, 64))
    time.sleep(0.1)
    value = np.asarray(jnp.exp(draws @ draws.T / 64).sum(axis=0))
    mark(folder, f"ended {seed} {os.getpid()}")
    return seed, value


def drawn(job: tuple[Path, int], report: Report) -> tuple[int, np.ndarray]:
    """Draws of a seed after a tenth of a second, with the same marks."""
    folder, seed = job
    mark(folder, f"begun {seed} {os.getpid()}")
    time.sleep(0.1)
    value = np.random.default_rng(seed).normal(size=8)
    mark(folder, f"ended {seed} {os.getpid()}")
    return seed, value


def mark(folder: Path, line: str) -> None:
    """Add a line to the folder's log; one write, so that processes do not mix theirs."""
    with (folder / "log").open("a") as file:
        file.write(line + "\n")


def about(job: int, report: Report) -> tuple[Any, ...]:
    """What decides numbers in a worker, and when the task ran."""
    import jax

    begun = time.time()
    jax.numpy.zeros(1)
    time.sleep(0.1)
    return os.getpid(), os.environ["NPROC"], os.environ.get("XLA_FLAGS"), begun, time.time()


def constant(job: str, report: Report) -> str:
    """The same for all jobs, and a mark."""
    mark(Path(job), "called")
    return "same"


def reports(job: tuple[Path, int], report: Report) -> int:
    """Works in steps of a quarter of a second, and marks its end."""
    folder, steps = job
    mark(folder, "begun")
    for step in range(steps):
        time.sleep(0.25)
        report(step + 1)
    mark(folder, "ended")
    return steps


def fails(job: str, report: Report) -> Any:
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
        case "writes":
            return np.arange(3.0)
    time.sleep(0.05)
    return job


# --- Clusters.


@contextlib.contextmanager
def local(workers: int, threads: int = 1) -> Iterator[Any]:
    """A cluster of worker processes on this machine, as somebody else would have started it."""
    with (
        dask.config.set(SETTINGS),
        distributed.LocalCluster(
            n_workers=workers, threads_per_worker=threads, dashboard_address="127.0.0.1:0", silence_logs=50
        ) as cluster,
    ):
        yield cluster


@pytest.fixture(scope="module")
def three() -> Iterator[Any]:
    """A cluster of three worker processes."""
    with local(3) as cluster:
        yield cluster


@pytest.fixture
def executor(three: Any) -> Iterator[ClusterExecutor]:
    """A connection to it."""
    with ClusterExecutor(three.scheduler_address, patience=20, rounds=2) as connected:
        yield connected


def bits(results: list[Any]) -> list[bytes]:
    """Results by their bits."""
    return [seed.to_bytes(4, "big") + value.tobytes() for seed, value in results]


def until(true: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.02)


def lines(folder: Path) -> list[str]:
    """What tasks have marked."""
    file = folder / "log"
    return file.read_text().splitlines() if file.exists() else []


# --- The same numbers, each once.


def test_numbers_are_the_same_wherever_they_come_from(executor: ClusterExecutor, tmp_path: Path) -> None:
    jobs = [(tmp_path, seed) for seed in range(12)]
    here = bits(pool.each(simulated, jobs, workers=1))
    assert len(set(here)) == 12
    assert bits(pool.each(simulated, jobs, executor=LocalExecutor(2))) == here
    assert bits(pool.each(simulated, jobs, executor=executor)) == here
    processes = {line.split()[2] for line in lines(tmp_path)}
    assert len(processes) > 3, "they did not go to the workers"


def test_all_results_come_once_while_workers_are_killed(three: Any, tmp_path: Path) -> None:
    """A worker process is killed every half second while sixty tasks of a tenth run on three of them."""
    jobs = [(tmp_path, seed) for seed in range(60)]
    undisturbed = bits(pool.each(drawn, jobs, workers=1))
    (tmp_path / "log").unlink()
    killed: list[int] = []
    ended = threading.Event()

    def kill() -> None:
        while not ended.wait(0.5):
            begun = [int(line.split()[2]) for line in lines(tmp_path)]
            if len(killed) < 4 and begun and begun[-1] not in killed:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(begun[-1], signal.SIGKILL)
                    killed.append(begun[-1])

    seen: Counter[int] = Counter()
    killer = threading.Thread(target=kill)
    killer.start()
    try:
        with ClusterExecutor(three.scheduler_address, patience=30, rounds=10) as executor:
            found = {}
            for number, result in executor.results(drawn, jobs, lambda number, done: None):
                seen[number] += 1
                found[number] = result
    finally:
        ended.set()
        killer.join()
    assert len(killed) >= 3
    assert seen == Counter(range(60))
    assert bits([found[number] for number in range(60)]) == undisturbed
    begun = [line for line in lines(tmp_path) if line.startswith("begun")]
    assert len(begun) > 60, "no task was cut short: the test shows nothing"


def test_a_sweep_says_the_same_wherever_it_ran(three: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """The same command with the same seed: one process, two, the workers of a cluster."""
    words = [
        "sweep", "skirmish", "--days", "20", "--men-per-billet", "40", "--vary", "south.supply=0.2:1", "south.unpaid=0:1",
        "--draws", "4", "--runs", "256", "--outcome", "exits", "--json",
    ]  # fmt: skip
    said = []
    for where in (["--workers", "1"], ["--workers", "2"], ["--cluster", three.scheduler_address]):
        assert app.guarded([*words, *where]) == 0
        said.append(capsys.readouterr().out)
    assert json.loads(said[0])["runs"] == 256
    assert said[1] == said[0]
    assert said[2] == said[0]


def test_equal_jobs_are_each_carried_out(executor: ClusterExecutor, tmp_path: Path) -> None:
    """dask takes calls of one function with equal arguments for one call."""
    assert pool.each(constant, [str(tmp_path)] * 7, executor=executor) == ["same"] * 7
    assert len(lines(tmp_path)) == 7
    assert pool.each(constant, [str(tmp_path)] * 7, executor=executor) == ["same"] * 7
    assert len(lines(tmp_path)) == 14


def test_named_tasks_are_stored_by_the_caller(executor: ClusterExecutor, tmp_path: Path) -> None:
    """The workers need not see the folder; what was stored before an error is used again."""
    folder = tasks.TaskFolder(tmp_path / "results")
    news: list[int] = []
    first = tasks.each(fails, {"a": "fine"}, folder, executor=executor)
    with pytest.raises(WorkerError, match="ZeroDivisionError"):
        tasks.each(fails, {"a": "broken", "b": "broken"}, folder, executor=executor)
    jobs = {"a": "broken", "c": "well", "d": "fine"}
    stored = tasks.each(fails, jobs, folder, executor=executor, progress=lambda done, total, what: news.append(done))
    assert (first, stored) == ({"a": "fine"}, {"a": "fine", "c": "well", "d": "fine"})
    assert (news[0], news[-1]) == (1, 3)
    steps = {"e": (tmp_path, 6)}
    assert tasks.each(reports, steps, folder, executor=executor, progress=lambda done, *_: news.append(done)) == {
        "e": 6
    }
    assert max(news) == 3, "a task's own measure is not that of tasks"
    assert sorted(file.name for file in folder.path.iterdir()) == ["a.npz", "c.npz", "d.npz", "e.npz"]


def test_a_second_result_of_a_job_is_dropped(executor: ClusterExecutor, monkeypatch: pytest.MonkeyPatch) -> None:
    gathered = door._Work._gathered
    monkeypatch.setattr(door._Work, "_gathered", lambda work, finished: gathered(work, finished) * 2)
    numbers = [number for number, _ in executor.results(fails, ["a", "b", "c"], lambda number, done: None)]
    assert sorted(numbers) == [0, 1, 2]


def test_a_worker_is_like_one_of_this_machine(executor: ClusterExecutor) -> None:
    found = pool.each(about, range(6), executor=executor)
    assert {threads for _, threads, _, _, _ in found} == {"1"}
    assert {flags for _, _, flags, _, _ in found} == {os.environ.get("XLA_FLAGS")}
    assert os.getpid() not in {process for process, *_ in found}


def test_a_worker_of_several_threads_does_one_task_at_a_time() -> None:
    with local(1, threads=3) as cluster:
        found = pool.each(about, range(4), executor=ClusterExecutor(cluster.scheduler_address))
    assert len({process for process, *_ in found}) == 1
    spans = sorted((begun, ended) for *_, begun, ended in found)
    assert all(ended <= begun for (_, ended), (begun, _) in zip(spans, spans[1:]))


def test_results_are_as_from_a_pipe(executor: ClusterExecutor) -> None:
    """dask's own arrays may not be written to."""
    array = pool.each(fails, ["writes"], executor=executor)[0]
    array[0] = 1
    assert array.tolist() == [1, 1, 2]


# --- Progress and the end.


def test_a_task_reports_on_its_way(executor: ClusterExecutor, tmp_path: Path) -> None:
    news: list[int] = []
    found = pool.each(
        reports, [(tmp_path, 10)], sizes=[10], progress=lambda done, total, what: news.append(done), executor=executor
    )
    assert found == [10]
    assert news[0] == 0
    assert news[-1] == 10
    assert any(0 < done < 10 for done in news)


def test_what_nobody_waits_for_ends(three: Any, tmp_path: Path) -> None:
    """A caller that is interrupted: what waits is cancelled, what is under way ends at its next report."""
    jobs = [(tmp_path, 80)] * 9
    executor = ClusterExecutor(three.scheduler_address)

    def stop(number: int, done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(executor.results(reports, jobs, stop))
    begun = lines(tmp_path).count("begun")
    assert 1 <= begun <= 3
    with ClusterExecutor(three.scheduler_address) as again:  # the cluster of somebody else goes on, and is free soon
        before = time.monotonic()
        assert pool.each(fails, ["a"] * 6, executor=again) == ["a"] * 6
        assert time.monotonic() - before < 8
    assert lines(tmp_path).count("begun") == begun
    assert "ended" not in lines(tmp_path)


def test_an_own_cluster_is_closed_and_has_no_page(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('kind = "local"\nworkers = 1\n')
    with ClusterExecutor(file) as executor:
        processes = [process for process, *_ in pool.each(about, [1, 2], executor=executor)]
        assert executor._connection is not None
        server = executor._connection.cluster.scheduler.http_server
        assert server.address == "127.0.0.1"
        for path in ("health", "info/main/workers.html", "status", "metrics"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                urllib.request.urlopen(f"http://127.0.0.1:{server.port}/{path}", timeout=5)
    assert len(set(processes)) == 1
    until(lambda: not Path(f"/proc/{processes[0]}").exists())


# --- Errors.


def test_an_error_of_the_package_comes_as_it_was_raised(executor: ClusterExecutor) -> None:
    with pytest.raises(ClaimsError, match=r"mine.csv has 1 fault") as caught:
        pool.each(fails, ["fine", "faulty"], executor=executor)
    assert caught.value.faults[0].cure == "Do"


@pytest.mark.parametrize(
    ("job", "words"),
    [
        ("broken", r"(?s)task 2 failed on tcp://.*ZeroDivisionError: by nothing"),
        ("exit", r"(?s)task 2 failed on tcp://.*SystemExit: the posterior was changed"),
    ],
)
def test_another_error_comes_with_its_last_words(executor: ClusterExecutor, job: str, words: str) -> None:
    with pytest.raises(WorkerError, match=words):
        pool.each(fails, ["fine", job], executor=executor)


def test_a_task_that_kills_its_workers_is_named(executor: ClusterExecutor) -> None:
    """And no other is, though others were queued on workers that died."""
    done: list[int] = []
    with pytest.raises(WorkerError, match=r"task 3 was given to 4 workers, and all died with it.*tcp://"):
        done.extend(number for number, _ in each_result(executor, ["a", "b", "killed", "c", "d", "e"]))
    until(lambda: len(executor._connection.client.nthreads()) == 3)  # type: ignore[union-attr]


def each_result(executor: ClusterExecutor, jobs: list[str]) -> Iterator[tuple[int, Any]]:
    """Results with their numbers."""
    return executor.results(fails, jobs, lambda number, done: None)


def test_a_job_that_cannot_be_handed_over_is_the_callers_mistake(executor: ClusterExecutor) -> None:
    with pytest.raises((AttributeError, TypeError, ValueError), match=r"(?i)pickle|local object"):
        pool.each(fails, [lambda: 1], executor=executor)  # type: ignore[list-item]


# --- The check at the door.


def test_other_versions_are_refused_by_name(three: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    real = cluster_worker.settings()
    other = dataclasses.replace(real, versions={**real.versions, "jax": "0.0.1", "numpy": "0.0.2"})
    monkeypatch.setattr(cluster_worker, "settings", lambda: other)
    with pytest.raises(ClusterError, match="2 faults") as caught:
        pool.each(about, [1], executor=ClusterExecutor(three.scheduler_address))
    jax, numpy = caught.value.faults
    assert (jax.value, jax.allowed) == (real.versions["jax"], "0.0.1, as here")
    assert jax.place.startswith("jax of workers tcp://")
    assert "and 1 more" in jax.place
    assert numpy.allowed == "0.0.2, as here"


def test_a_worker_that_comes_later_is_checked_too(three: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    real = cluster_worker.settings()
    other = dataclasses.replace(real, versions={**real.versions, "python": "3.0"})
    monkeypatch.setattr(cluster_worker, "settings", lambda: other)
    monkeypatch.setattr(door, "_check", lambda client, settings: None)
    with pytest.raises(ClusterError, match=r"python of worker tcp://.*allowed: 3.0, as here"):
        pool.each(about, [1], executor=ClusterExecutor(three.scheduler_address))


def test_python_and_the_package_are_asked_of_dask() -> None:
    """A worker without the package cannot answer for itself."""
    here = cluster_worker.settings()
    assert here.versions[release.DISTRIBUTION] == release.VERSION, "the name under which the package is installed"
    found = door._basic({"python": "3.9.1.final.0", release.DISTRIBUTION: None}, here)
    assert [(one.what, one.there) for one in found] == [("python", "3.9"), (release.DISTRIBUTION, "none")]


def test_settings_come_too_late_once_jax_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    import jax  # noqa: F401

    monkeypatch.setenv("NPROC", "7")
    wanted = cluster_worker.settings()
    found = cluster_worker.prepare(dataclasses.replace(wanted, processor="of this test"))
    assert [(one.what, one.there, one.here) for one in found] == [("NPROC", "7", "1")]


def test_another_processor_is_said_once(executor: ClusterExecutor, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = executor._connection
    assert connection is not None
    connection.settings = dataclasses.replace(connection.settings, processor="another")
    with pytest.warns(Notice, match="another kind of processor") as caught:
        pool.each(fails, ["a", "b", "c"], executor=executor)
    assert len([one for one in caught if one.category is Notice]) == 1


# --- The scheduler.


@contextlib.contextmanager
def scheduler(port: int, folder: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """A scheduler and a worker as programs of their own; the first is the scheduler."""
    paths = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    environment = dict(os.environ, PYTHONPATH=paths)
    address = f"tcp://127.0.0.1:{port}"
    commands = [
        ["dask_scheduler", "--host", address, "--no-dashboard", "--no-show"],
        ["dask_worker", address, "--nthreads", "1", "--no-dashboard", "--local-directory", str(folder)],
    ]
    programs = [
        subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{module}", *words], env=environment, stderr=subprocess.DEVNULL
        )
        for module, *words in commands
    ]
    try:
        yield programs
    finally:
        for program in reversed(programs):
            program.terminate()
        for program in programs:
            program.wait(20)


def free_port() -> int:
    """A port that nobody uses."""
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_a_lost_scheduler_is_found_again(tmp_path: Path) -> None:
    """It is killed in the midst of the work; another takes its place, and what was done is not done again."""
    port = free_port()
    jobs = [(tmp_path, seed) for seed in range(12)]
    with contextlib.ExitStack() as stack:
        programs = stack.enter_context(scheduler(port, tmp_path / "first"))
        caught = stack.enter_context(warnings.catch_warnings(record=True))
        warnings.simplefilter("always")
        executor = stack.enter_context(ClusterExecutor(f"tcp://127.0.0.1:{port}", patience=40))
        found = {}
        for number, result in executor.results(drawn, jobs, lambda number, done: None):
            assert number not in found
            found[number] = result
            if len(found) == 4:
                for program in programs:
                    program.kill()
                    program.wait()
                stack.enter_context(scheduler(port, tmp_path / "second"))
    assert [one for one in caught if one.category is Notice and "was lost" in str(one.message)]
    ended = Counter(line.split()[1] for line in lines(tmp_path) if line.startswith("ended"))
    assert sum(ended.values()) <= 12 + door.DEPTH, "what was done was done again"
    assert bits([found[number] for number in range(12)]) == bits(pool.each(drawn, jobs, workers=1))


def test_no_scheduler_and_no_worker_are_told_apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(door, "CONNECT", 0.5)
    address = f"tcp://127.0.0.1:{free_port()}"
    with pytest.raises(
        ClusterError, match=r"--cluster: found .*a scheduler that answers. Start it with `dask scheduler`"
    ):
        ClusterExecutor(address).__enter__()
    with local(0) as cluster, pytest.raises(ClusterError, match=r"workers: found none within 1 s.*dask worker tcp://"):
        ClusterExecutor(cluster.scheduler_address, patience=1).__enter__()


def test_workers_that_go_for_good_are_no_hang(tmp_path: Path) -> None:
    with local(1) as cluster, ClusterExecutor(cluster.scheduler_address, patience=1) as executor:
        results = executor.results(reports, [(tmp_path, 1000)] * 3, lambda number, done: cluster.scale(0))
        with pytest.raises(WorkerError, match=r"no worker is left at tcp://.*task 1, task 2 under way"):
            list(results)


# --- Files.


def plan(tmp_path: Path, text: str) -> Any:
    """What a file says."""
    file = tmp_path / "cluster.toml"
    file.write_text(text)
    return cluster_plan.read(file)


def test_a_file_chooses_a_batch_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Batch:
        """Stands for a class of dask-jobqueue: no batch system is here."""

        def __init__(self, **arguments: Any) -> None:
            self.arguments = arguments
            self.scaled: list[int] = []

        def scale(self, workers: int) -> None:
            self.scaled.append(workers)

    jobqueue = cluster_plan._imported("dask_jobqueue")
    monkeypatch.setattr(jobqueue, "SLURMCluster", Batch)
    text = 'kind = "slurm"\nworkers = 40\nwait_s = 3600\n[arguments]\nqueue = "normal"\nmemory = "4 GB"\ncores = 2\n'
    read = plan(tmp_path, text)
    assert (read.workers, read.wait) == (40, 3600.0)
    started = read.start()
    assert started.scaled == [40]
    given = {name: value for name, value in started.arguments.items() if name != "silence_logs"}
    assert given == {
        "queue": "normal", "memory": "4 GB", "cores": 2, "processes": 2,
        "scheduler_options": cluster_plan.NO_PAGE,
    }  # fmt: skip


@pytest.mark.parametrize(
    "module", sorted({module for module, _ in cluster_plan.KINDS.values()} - {"dask_kubernetes.operator"})
)
def test_ctrl_c_stays_as_it_was_whatever_a_kind_of_cluster_imports(module: str) -> None:
    """Importing dask-jobqueue 0.9 makes Ctrl-C end the program at once with the status 0."""
    words = (
        "import signal; from holdfast.parallel import cluster_plan; signal.signal(signal.SIGINT, signal.default_int_handler); "
        f"cluster_plan._imported({module!r}); assert signal.getsignal(signal.SIGINT) is signal.default_int_handler"
    )
    subprocess.run([sys.executable, "-c", words], check=True, timeout=120)


def test_jobs_of_a_batch_system_carry_out_tasks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """dask-jobqueue's own stand-in for a batch system, which starts a job's script on this machine."""
    monkeypatch.setitem(cluster_plan.KINDS, "slurm", ("dask_jobqueue.local", "LocalCluster"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parent), *sys.path]))
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "cluster.toml"
    file.write_text('kind = "slurm"\nworkers = 1\nwait_s = 60\n[arguments]\nmemory = "1 GB"\n')
    assert pool.each(fails, ["a", "b"], executor=ClusterExecutor(file)) == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ('kind = "slrum"\nworkers = 0\nwait = 3\n', {"kind", "workers", "wait"}),
        (
            'kind = ["slurm"]\nworkers = true\nwait_s = "long"\narguments = 3\n',
            {"kind", "workers", "wait_s", "arguments"},
        ),
        ('kind = "os.system"\nworkers = 1\n', {"kind"}),
        (
            'kind = "pbs"\nworkers = 1\n[arguments]\ncores = 4\nprocesses = 1\n',
            {"arguments.processes", "arguments.memory"},
        ),
        ("kind = slurm\n", {"the file"}),
        ('kind = "local"\nworkers = 1\n[arguments]\nnosuch = 1\n', set()),
    ],
)
def test_a_wrong_file_is_refused_with_all_faults(tmp_path: Path, text: str, places: set[str]) -> None:
    if not places:
        with pytest.raises(ClusterError, match=r"cluster.toml has 1 fault:\n  arguments: .*nosuch"):
            plan(tmp_path, text).start()
        return
    with pytest.raises(ClusterError) as caught:
        plan(tmp_path, text)
    assert {fault.place for fault in caught.value.faults} == places
    assert caught.value.source == "cluster.toml"


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("tcp://nowhere", "an address as tcp://HOST:PORT"),
        ("10.0.0.5:8786", r"Did you mean tcp://10.0.0.5:8786\?"),
        ("nosuch.toml", "or a TOML file"),
    ],
)
def test_a_wrong_address_is_refused(where: str, words: str) -> None:
    with pytest.raises(ClusterError, match=words):
        ClusterExecutor(where)


def test_the_option_of_commands(tmp_path: Path, three: Any) -> None:
    with options.executor_of(None) as nothing:
        assert nothing is None
    with options.executor_of(three.scheduler_address) as executor:
        assert pool.each(fails, ["a"], executor=executor) == ["a"]
    with pytest.raises(ClusterError, match="TOML file"):
        options.executor_of(str(tmp_path / "nosuch.toml"))
    assert options.cluster_faults(None, 2) == options.cluster_faults("tcp://a:1", None) == []
    assert [fault.place for fault in options.cluster_faults("tcp://a:1", 2)] == ["--workers"]
