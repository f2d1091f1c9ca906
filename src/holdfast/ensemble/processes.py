"""An ensemble: worker processes of one thread each, their progress, and the finished runs gathered. [IO]"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from holdfast.core import runtime
from holdfast.ensemble import store
from holdfast.ensemble.plan import Plan

Progress = Callable[[int, int, str], None]
"""Told of days done, days in all, and what is under way."""


class WorkerError(RuntimeError):
    """A worker stopped before its work was done; the message ends with what it said."""


def carry_out(plan: Plan, parts: Path, workers: int, progress: Progress) -> None:
    """Run what is left of a plan with some workers; on any way out, none is left running."""
    days = plan.scenario["days"]
    left = sum(1 for run in range(plan.runs) if not store.has_run(parts, run))
    film = bool(plan.film_men_per_billet) and not (parts / "film.npz").exists()
    total = days * (left + _film_weight(plan) * film)
    if not total:
        return
    tasks = min(workers, film + sum(any(not store.has_run(parts, r) for r in runs) for runs in plan.tasks()))
    heard: queue.Queue[dict[str, Any] | None] = queue.Queue()
    started: list[subprocess.Popen[str]] = []
    noise = [tempfile.TemporaryFile("w+") for _ in range(tasks)]  # noqa: SIM115  closed below
    try:
        for errors in noise:
            started.append(start(parts, errors))
            threading.Thread(target=listen, args=(started[-1], heard), daemon=True).start()
        _follow(plan, heard, len(started), total, progress)
        for process, errors in zip(started, noise, strict=True):
            if process.wait() != 0:
                raise WorkerError(said(errors, process.returncode))
    finally:
        stop(started)
        for errors in noise:
            errors.close()


def _film_weight(plan: Plan) -> int:
    """How many ensemble runs the film's run is worth, by its billets."""
    return max(1, plan.men_per_billet // (plan.film_men_per_billet or plan.men_per_billet))


def start(parts: Path, errors: IO[str]) -> subprocess.Popen[str]:
    """Start a worker on the plan in a folder."""
    return launch([sys.executable, "-m", "holdfast.ensemble.worker", str(parts)], errors)


def launch(command: list[str], errors: IO[str]) -> subprocess.Popen[str]:
    """Start a worker of one thread, whose lines can be heard."""
    environment = dict(os.environ, NPROC="1", PYTHONUNBUFFERED="1")
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=errors,
        stdin=subprocess.DEVNULL,
        text=True,
        env=environment,
        start_new_session=True,  # Ctrl-C reaches this process, which stops the workers in order
    )


def listen(process: subprocess.Popen[str], heard: queue.Queue[dict[str, Any] | None]) -> None:
    """Pass on a worker's lines; an empty one at its end."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("{"):
            heard.put(json.loads(line))
    heard.put(None)


def _follow(plan: Plan, heard: queue.Queue[dict[str, Any] | None], alive: int, total: int, progress: Progress) -> None:
    """Add up progress until every worker has ended."""
    done = 0
    progress(0, total, "compiling")
    while alive:
        line = heard.get()
        if line is None:
            alive -= 1
            continue
        done += line["days"] * (_film_weight(plan) if line.get("film") else 1)
        progress(done, total, "running")


def said(errors: IO[str], code: int) -> str:
    """The end of what a failed worker said."""
    errors.seek(0)
    lines = errors.read().strip().splitlines()[-12:]
    if code < 0:
        lines.append(f"it was killed by signal {-code}; if memory ran out, raise --men-per-billet")
    return f"a worker stopped with code {code}:\n" + "\n".join(lines)


def stop(processes: list[subprocess.Popen[str]]) -> None:
    """Leave no worker running."""
    for process in processes:
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + 5
    for process in processes:
        try:
            process.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def workers() -> int:
    """Workers to use unless told: one for each core."""
    return runtime.cores()
