"""An ensemble: worker processes of one thread each, their progress, and the finished runs gathered. [IO]"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import time
from collections.abc import Callable
from typing import IO, Any

from holdfast.core import runtime
from holdfast.parallel.pool import WorkerError as WorkerError

Progress = Callable[[int, int, str], None]
"""Told of days done, days in all, and what is under way."""


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
