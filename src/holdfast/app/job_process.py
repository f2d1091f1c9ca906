"""A process that carries out one request of the page's and ends (`python -m holdfast.app.job_process`). [IO]

It reads the request from standard input, a line of JSON, and writes what it has to say to standard output, a line each:
`progress`, `part` (a result so far), and last `done` or `fault`.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from holdfast.app.jobs import FINISHED
from holdfast.core.faults import FaultyError, ReportedError
from holdfast.io import files
from holdfast.parallel import Progress

KINDS = {
    "difference": "holdfast.app.difference:carry_out", "explain": "holdfast.app.studies:explain",
    "losses": "holdfast.app.studies:losses", "backtest": "holdfast.app.studies:backtest",
    "assess": "holdfast.app.studies:assess", "forecast": "holdfast.app.studies:forecast", "result": "holdfast.app.studies:reopen",
}  # fmt: skip
"""What can be asked for: each a function of the request, of the folder in which its result stays, and of the three things that
it may say."""
OFTEN = 0.2
"""Seconds between two reports of progress, at least [s]."""

Say: TypeAlias = Callable[..., None]
"""Says something, by its kind and what belongs to it."""
Work: TypeAlias = Callable[[Mapping[str, object], Path, Say], Mapping[str, object]]
"""A request, carried out: gives what `done` is to hold."""


def progress_of(say: Say) -> Progress:
    """A report of progress that the page hears of.

    Args:
        say: says something.

    Returns:
        As the verbs of this package take it.
    """
    last = [0.0]

    def progress(done: int, of: int, what: str) -> None:
        if time.monotonic() - last[0] >= OFTEN or done >= of:
            last[0] = time.monotonic()
            say("progress", done=done, of=of, what=what)

    return progress


def main() -> None:
    """Carry out the request that stands in the input."""
    out, sys.stdout = (
        os.fdopen(os.dup(1), "w", encoding="utf8"),
        sys.stderr,
    )  # nothing that is printed gets among the messages
    os.dup2(2, 1)
    lock = threading.Lock()

    def say(kind: str, **what: object) -> None:
        with lock:
            out.write(json.dumps(files.plain({"kind": kind, **what}), allow_nan=False) + "\n")
            out.flush()

    whole = json.loads(sys.stdin.readline())

    def watch() -> None:
        sys.stdin.read()
        os._exit(0)  # whoever asked is gone

    threading.Thread(target=watch, daemon=True).start()
    module, _, name = KINDS[whole["kind"]].partition(":")
    folder = Path(whole["folder"])
    try:
        work: Work = getattr(importlib.import_module(module), name)
        done = work(whole["request"], folder, say)
    except FaultyError as error:
        say("fault", message=str(error), faults=[dict(vars(fault)) for fault in error.faults])
    except ReportedError as error:
        say("fault", message=str(error), faults=[])
    except Exception:
        traceback.print_exc()
        say(
            "fault",
            message="The work failed, and this is no fault of what was asked. What it said stands on the console.",
            faults=[],
        )
    else:
        message = files.plain({"kind": "done", **done})
        files.write_json(folder / FINISHED, message)
        say("done", **done)


if __name__ == "__main__":
    main()
