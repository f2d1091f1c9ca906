"""What one command costs: wall and processor seconds of all its processes, and its peak memory. [IO]

    python bench/measure.py FILE SECONDS COMMAND ...

Runs COMMAND, at most so many seconds, and writes what it cost to FILE as JSON. The processor seconds are the kernel's own,
user and system, of the command and of every process that it started: this process adopts those whose parent ended without
waiting for them (Linux only; elsewhere they are not counted). `peak_mb` is the resident memory of the largest process.
`tree_mb` is the memory of all at once, shared pages counted once, looked at twice a second (Linux only, else null): short
peaks are missed.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

ADOPT = 36
"""PR_SET_CHILD_SUBREAPER of <sys/prctl.h>."""
PAUSE = 0.5
"""Seconds between two looks at the memory of all processes."""
GRACE = 10.0
"""Seconds that processes may outlive the command before they are ended."""
UNIT = 1024**2 if sys.platform == "darwin" else 1024
"""What `ru_maxrss` is divided by for MB."""


def adopt_orphans() -> None:
    """Become the parent of every process below this one whose own parent ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(ADOPT, 1, 0, 0, 0)


def below(root: int) -> list[int]:
    """Processes that come from one, that one left out; empty where there is no /proc."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue  # it ended meanwhile
        children.setdefault(parent, []).append(int(folder.name))
    found, waiting = [], [root]
    while waiting:
        more = children.get(waiting.pop(), [])
        found += more
        waiting += more
    return found


def memory_mb(processes: list[int]) -> float | None:
    """Memory of some processes together, each shared page divided among those that share it; none where it is not known."""
    sizes = []
    for process in processes:
        try:
            lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        sizes += [int(line.split()[1]) for line in lines if line.startswith("Pss:")]
    return sum(sizes) / 1024 if sizes else None


def end(processes: list[int]) -> None:
    """End processes at once."""
    for process in processes:
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            continue


def measure(command: list[str], limit: float) -> dict[str, float | int | bool | None]:
    """Run a command and everything that it starts to the end; what it cost."""
    adopt_orphans()
    cost: dict[str, float | int | bool | None] = {"timed_out": False, "tree_mb": None}
    seconds = largest = 0.0

    def stop(*_: object) -> None:
        cost["timed_out"] = True
        end(below(os.getpid()))

    def leave(*_: object) -> None:
        end(below(os.getpid()))
        os._exit(130)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, leave)
    signal.signal(signal.SIGALRM, stop)
    begin = time.monotonic()
    first = os.posix_spawnp(command[0], command, os.environ)
    signal.setitimer(signal.ITIMER_REAL, limit)
    done = threading.Event()
    threading.Thread(target=watch, args=(done, cost), daemon=True).start()
    while True:
        try:
            process, status, usage = os.wait4(-1, 0)
        except ChildProcessError:
            break
        seconds += usage.ru_utime + usage.ru_stime
        largest = max(largest, usage.ru_maxrss / UNIT)
        if process == first:
            cost |= {"wall_s": time.monotonic() - begin, "code": os.waitstatus_to_exitcode(status)}
            signal.signal(signal.SIGALRM, lambda *_: end(below(os.getpid())))
            signal.setitimer(signal.ITIMER_REAL, GRACE)
    done.set()
    tree = cost["tree_mb"]
    return cost | {
        "processor_s": seconds, "peak_mb": largest,
        "tree_mb": max(float(tree), largest) if tree is not None else None,
    }  # fmt: skip


def watch(done: threading.Event, cost: dict[str, float | int | bool | None]) -> None:
    """Note the most memory that all processes had at once, until told that they are done."""
    while not done.wait(PAUSE):
        now = memory_mb(below(os.getpid()))
        if now is not None:
            cost["tree_mb"] = max(now, float(cost["tree_mb"] or 0))


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(measure(sys.argv[3:], float(sys.argv[2]))), encoding="utf8")
