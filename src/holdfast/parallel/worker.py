"""A worker process of the pool: takes jobs from its input, one at a time, until that is closed. [IO]

Started as `python -m holdfast.parallel.worker` by `holdfast.parallel.pool`. Whatever a task prints goes with its errors, so
that nothing comes between the answers.
"""

from __future__ import annotations

import os
import pickle
import sys
from typing import Any


def main() -> None:
    """Carry out jobs; an error of the package is an answer, any other ends the worker with its traceback."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def answer(kind: str, content: Any) -> None:
        answers.write(pickle.dumps((kind, content)))
        answers.flush()

    while True:
        try:
            task, job = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        try:
            result = task(job, lambda done: answer("report", done))
        except Exception as error:
            if not speaks_for_itself(error):
                raise
            answer("failed", error)
        else:
            answer("done", result)


def speaks_for_itself(error: Exception) -> bool:
    """Whether an error is one of the package, whose message says all, and can be handed on as it is."""
    if type(error).__module__.partition(".")[0] != "holdfast":
        return False
    try:
        return str(pickle.loads(pickle.dumps(error))) == str(error)
    except Exception:  # whatever keeps it from being handed on
        return False


if __name__ == "__main__":
    main()
