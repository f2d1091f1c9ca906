"""NUTS in worker processes of one thread each: a task is some chains of one side. [IO]

A worker is this module run as a program: it reads its tasks, tells of its steps line by line, and leaves each task's
chains in a file.
"""

from __future__ import annotations

import json
import os
import pickle
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from holdfast.core import runtime
from holdfast.ensemble import processes
from holdfast.evidence import fit
from holdfast.evidence.design import Evidence
from holdfast.evidence.fit import Chain, Shape

TOGETHER = 2
"""Chains that a worker runs side by side, as one program."""


def run(
    sides: Sequence[tuple[Evidence, Shape]], chains: int, warmup: int, draws: int, seed: int,
    told: Callable[[int, int, str], None], workers: int | None = None,
) -> list[Chain]:  # fmt: skip
    """Chains of each side's posterior, in the axes of its normal shape, the same whatever the number of workers.

    On any way out, no worker is left.
    """
    tasks = [(side, block) for block in range(chains // TOGETHER) for side in range(len(sides))]
    count = min(workers or runtime.cores(), len(tasks))
    with tempfile.TemporaryDirectory(prefix="holdfast-") as folder:
        parts = Path(folder)
        for number, (side, block) in enumerate(tasks):
            work = (*sides[side], TOGETHER, warmup, draws, seed + 1000 * block + side)
            (parts / f"{number}.task").write_bytes(pickle.dumps(work))
        _follow(parts, [list(range(len(tasks)))[worker::count] for worker in range(count)], told,
                len(tasks) * TOGETHER * (warmup + draws))  # fmt: skip
        done = [pickle.loads((parts / f"{number}.done").read_bytes()) for number in range(len(tasks))]
    return [
        Chain(*(np.concatenate(part) for part in zip(*(one for one, (of, _) in zip(done, tasks) if of == side))))
        for side in range(len(sides))
    ]


def _follow(parts: Path, shares: Sequence[Sequence[int]], told: Callable[[int, int, str], None], total: int) -> None:
    """Start a worker on each share of the tasks, and add up their steps until all have ended."""
    heard: queue.Queue[dict[str, int] | None] = queue.Queue()
    noise = [tempfile.TemporaryFile("w+") for _ in shares]  # noqa: SIM115  closed below
    started: list[subprocess.Popen[str]] = []
    try:
        for share, errors in zip(shares, noise):
            command = [sys.executable, "-m", "holdfast.evidence.chains", str(parts), *map(str, share)]
            started.append(processes.launch(command, errors))
            threading.Thread(target=processes.listen, args=(started[-1], heard), daemon=True).start()
        done, alive = 0, len(started)
        told(0, total, "compiling")
        while alive:
            line = heard.get()
            alive -= line is None
            done += line["steps"] if line else 0
            told(done, total, "sampling")
        for process, errors in zip(started, noise):
            if process.wait() != 0:
                raise processes.WorkerError(processes.said(errors, process.returncode))
    finally:
        processes.stop(started)
        for errors in noise:
            errors.close()


def main(arguments: Sequence[str]) -> None:
    """Do the tasks of a folder that the arguments name."""
    parts = Path(arguments[0])
    for number in arguments[1:]:
        evidence, shape, chains, warmup, draws, seed = pickle.loads((parts / f"{number}.task").read_bytes())
        made = fit.nuts(
            evidence, shape, chains, warmup, draws, seed, lambda steps: print(json.dumps({"steps": steps}), flush=True)
        )
        (parts / f"{number}.part").write_bytes(pickle.dumps(made))
        os.replace(parts / f"{number}.part", parts / f"{number}.done")


if __name__ == "__main__":
    main(sys.argv[1:])
