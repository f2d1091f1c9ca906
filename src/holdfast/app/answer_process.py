"""A process that answers questions of one subject, one after the other (`python -m holdfast.app.answer_process SUBJECT`). [IO]

It reads a question a line from standard input and writes an answer a line to standard output. When the input ends, so does it.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from queue import SimpleQueue
from typing import IO, TypeAlias

from holdfast.app.answers import FAILED, SUBJECTS
from holdfast.core.faults import FaultyError, ReportedError
from holdfast.io import files

Answer: TypeAlias = Callable[[str, Mapping[str, object]], Mapping[str, object]]
"""From a question and what it needs to what the answer says."""


def answered(answer: Answer, line: str) -> dict[str, object]:
    """An answer, whatever the question.

    Args:
        answer: of the subject.
        line: the question as the server sends it.

    Returns:
        `answer` or `fault`, as JSON has it.
    """
    try:
        whole = json.loads(line)
        return {"kind": "answer", **answer(whole["question"], whole["request"])}
    except FaultyError as error:
        return {"kind": "fault", "message": str(error), "faults": [dict(vars(fault)) for fault in error.faults]}
    except ReportedError as error:
        return {"kind": "fault", "message": str(error), "faults": []}
    except Exception:
        traceback.print_exc()
        return {"kind": "fault", "message": FAILED, "faults": []}


def _answer_of(subject: str) -> Answer:
    """The function that answers questions of a subject."""
    assert subject in SUBJECTS.values()
    return importlib.import_module(f"holdfast.app.{subject}").answer  # type: ignore[no-any-return]


def main() -> None:
    """Answer until the input ends."""
    out: IO[str]
    out, sys.stdout = os.fdopen(os.dup(1), "w", encoding="utf8"), sys.stderr  # nothing printed gets among the answers
    os.dup2(2, 1)
    questions: SimpleQueue[str] = SimpleQueue()

    def listen() -> None:
        for line in sys.stdin:
            questions.put(line)
        os._exit(0)  # whoever asked is gone

    threading.Thread(target=listen, daemon=True).start()
    answer = _answer_of(sys.argv[1])
    while True:
        message = answered(answer, questions.get())
        out.write(json.dumps(files.plain(message), allow_nan=False) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
