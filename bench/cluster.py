"""What a cluster costs beside the work itself: short runs in batches on worker processes of this machine, and the memory.

    python bench/cluster.py                                    # 5,000 runs of some milliseconds, 100 a task, two workers
    python bench/cluster.py --runs 100000 --batch 1000 --size 48    # many short runs
    python bench/cluster.py --batch 1 --size 48                # a task for each run: what a task costs, and is the memory flat?
    python bench/cluster.py --kill-every 6 --runs 1000 --workers 4    # a design of simulations while workers are killed

The scheduler, the client and two workers share this machine's cores. Processor seconds are counted, since other programs
cannot add to them: those of the runs by the tasks themselves, those of everything else from the processes. The overhead is
what everything else takes, as a share of all. The start of the workers is left out: the first tasks, one a worker and
more, are not counted. Scheduler and nannies take some of it by the clock, whether there is work or not: the share that
they take while nothing is to be done is printed beside it.

With --kill-every a design of as many runs of a scenario as --runs says is carried out twice: by processes of this machine, nothing
disturbed, and on a cluster of which a worker process is killed every so many seconds, each in its turn. Every number of both must
be the same, bit by bit, or the command fails.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import holdfast as hf
from holdfast.ensemble import designs, inference
from holdfast.ensemble.designs import Design
from holdfast.explanation import pressures
from holdfast.explanation.run import BILLETS
from holdfast.parallel import Report, pool
from holdfast.parallel.cluster import ClusterExecutor

IDLE = 5.0
"""Seconds for which an idle cluster is watched [s]."""


def runs(job: tuple[int, Sequence[int]], report: Report) -> dict[str, float]:
    """Short runs, each with luck of its own; what they took, and what the process has taken and holds."""
    begun = time.process_time()
    size, numbers = job
    total = 0.0
    for number in numbers:
        values = np.random.default_rng(number).normal(size=(size, size))
        for _ in range(8):
            values = np.tanh(values @ values / size)
        total += float(values.sum())
    return {
        "sum": total, "task_s": time.process_time() - begun, "process_s": time.process_time(), "pid": os.getpid(),
        "mb": resident(),
    }  # fmt: skip


def resident() -> float:
    """Memory of this process [MB]."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def measured(count: int, batch: int, workers: int, size: int) -> dict[str, Any]:
    """One piece of work on a cluster of this machine; some of its sums are compared with those of this process."""
    from distributed import LocalCluster

    jobs = [(size, list(range(first, min(first + batch, count)))) for first in range(0, count, batch)]
    with (
        LocalCluster(
            n_workers=workers, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=50
        ) as cluster,
        ClusterExecutor(cluster.scheduler_address) as executor,
    ):
        first = pool.each(runs, [(size, [0])] * (4 * workers), executor=executor)
        before = {part["pid"]: part["process_s"] for part in sorted(first, key=lambda part: part["process_s"])}
        own = time.process_time()
        time.sleep(IDLE)
        idle = (time.process_time() - own) / IDLE
        begun, own = time.perf_counter(), time.process_time()
        parts: dict[int, dict[str, float]] = {}
        memory: list[float] = []
        for number, part in executor.results(runs, jobs, lambda number, done: None):
            parts[number] = part
            memory.append(resident())
        wall, own = time.perf_counter() - begun, time.process_time() - own
    last = {part["pid"]: part["process_s"] for part in sorted(parts.values(), key=lambda part: part["process_s"])}
    of_workers = sum(seconds - before[pid] for pid, seconds in last.items())
    tasks = sum(part["task_s"] for part in parts.values())
    here = [runs(job, lambda done: None)["sum"] for job in jobs[:20]]
    assert here == [parts[number]["sum"] for number in range(len(here))], "other numbers than on one process"
    quarter = max(1, len(memory) // 4)
    ordered = [parts[number]["mb"] for number in sorted(parts)]
    besides = own + of_workers - tasks
    return {
        "runs": count, "tasks": len(jobs), "workers": workers, "wall_s": wall, "ms_a_run": 1e3 * tasks / count,
        "tasks_processor_s": tasks, "scheduler_and_client_processor_s": own,
        "workers_besides_processor_s": of_workers - tasks, "idle_processor_s_a_second": idle,
        "overhead": besides / (besides + tasks), "overhead_ms_a_task": 1e3 * (besides - idle * wall) / len(jobs),
        "scheduler_and_client_mb": [max(memory[:quarter]), max(memory[-quarter:])],
        "worker_mb": [max(ordered[:quarter]), max(ordered[-quarter:])],
    }  # fmt: skip


def design_of(count: int) -> Design:
    """Runs of November 2023 at the grain of explanations: pressures of the first army at their extreme, 64 draws each."""
    scenario = hf.load_scenario("russia-ukraine-2023")
    side, grain = scenario.document.side[0], designs.grain(scenario.document, BILLETS)
    points = -(-count // designs.BATCH)
    sets = [[name for bit, name in enumerate(pressures.NINE) if point >> bit & 1] for point in range(points)]
    changes = tuple(pressures.put(side, dict.fromkeys(names, 1.0)) for names in sets)
    draws = inference.draws(scenario.document, scenario.base, runs=designs.BATCH, seed=1, men_per_billet=grain).each
    document = designs.checked(scenario, changes, men_per_billet=grain)
    every = tuple((point, draw) for point in range(len(changes)) for draw in range(len(draws)))[:count]
    batch = designs.batch_size(document, grain)
    return Design(document, changes, draws, every, seed=1, men_per_billet=grain, batch=batch)


@contextlib.contextmanager
def killing(cluster: Any, every: float) -> Iterator[list[int]]:
    """A worker process of a cluster is killed every so many seconds; the processes that were."""
    killed: list[int] = []
    ended = threading.Event()

    def kill() -> None:
        while not ended.wait(every):
            alive = sorted(nanny.pid for nanny in cluster.workers.values() if nanny.pid and nanny.pid not in killed)
            if alive:  # the oldest, so that each has its turn
                os.kill(alive[0], signal.SIGKILL)
                killed.append(alive[0])

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        yield killed
    finally:
        ended.set()
        killer.join()


def killed(count: int, workers: int, every: float) -> dict[str, Any]:
    """A design without and with killed workers: how long each took, how many were killed, and whether all is the same."""
    from distributed import LocalCluster

    design = design_of(count)
    begun = time.perf_counter()
    whole = designs.carry_out(design)
    undisturbed = time.perf_counter() - begun
    with (
        LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None, silence_logs=50) as cluster,
        ClusterExecutor(cluster.scheduler_address) as executor,
        killing(cluster, every) as processes,
    ):
        begun = time.perf_counter()
        other = designs.carry_out(design, executor=executor)
        disturbed, deaths = time.perf_counter() - begun, len(processes)
    assert whole.identical(other), "other numbers than undisturbed"
    return {
        "runs": len(design.runs), "blocks": len(design.blocks()), "workers": workers, "kill_every_s": every, "killed": deaths,
        "undisturbed_wall_s": undisturbed, "disturbed_wall_s": disturbed, "identical": True,
    }  # fmt: skip


def main() -> None:
    """Measure, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5000)
    parser.add_argument("--batch", type=int, default=100, help="runs of one task")
    parser.add_argument("--size", type=int, default=160, help="rows of the matrix whose products are a run's work")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--kill-every", type=float, help="seconds after which a worker of a design's is killed, again and again")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    if chosen.kill_every:
        print(json.dumps(killed(chosen.runs, chosen.workers, chosen.kill_every), indent=None if chosen.json else 1))
        return
    found = measured(chosen.runs, chosen.batch, chosen.workers, chosen.size)
    if chosen.json:
        print(json.dumps(found))
        return
    print(
        f"{found['runs']:,} runs of {found['ms_a_run']:.2f} ms in {found['tasks']:,} tasks on {found['workers']} workers: "
        f"{found['wall_s']:.1f} s by the clock"
    )
    print(
        f"processor seconds: runs {found['tasks_processor_s']:.1f}, scheduler and client "
        f"{found['scheduler_and_client_processor_s']:.2f}, workers besides {found['workers_besides_processor_s']:.2f}"
    )
    print(
        f"overhead: {100 * found['overhead']:.1f} % of all; {100 * found['idle_processor_s_a_second']:.1f} % of a core "
        f"whether there is work or not, and {found['overhead_ms_a_task']:.2f} ms a task"
    )
    for who in ("scheduler_and_client_mb", "worker_mb"):
        name, (early, late) = who.removesuffix("_mb").replace("_", " "), found[who]
        print(f"{name}: at most {early:.0f} MB in the first quarter, {late:.0f} MB in the last")


if __name__ == "__main__":
    sys.exit(main())
