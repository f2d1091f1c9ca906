"""Questions that are answered at once: by processes that have read what they need, and stay for the next question. [IO]

A page asks while somebody types or moves a slider. There is one process for each subject, started by the first question; it
ends when nobody has asked for a while. A question whose asker has gone in the meantime is passed over.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from holdfast.app.engines import environment

SUBJECTS = {"judge": "judge", "card": "judge", "codes": "codes", "changes": "codes"}
"""What may be asked, and the subject whose process answers."""
LONGEST = 300.0
"""Seconds that an answer may take, the first of a process on a fresh machine among them, before its process is ended [s]."""
IDLE = 600.0
"""Seconds without a question after which a process ends [s]."""
MOST_WAITING = 24
"""Questions of one subject that are answered or wait, at most."""
FAILED = (
    "The question could not be answered, and this is no fault of what was asked. What happened stands on the console."
)
BUSY = "Too many questions wait already. Ask again in a moment."

Message = Mapping[str, object]


def fault(message: str) -> Message:
    """An answer that says why there is none.

    Args:
        message: why.

    Returns:
        The answer.
    """
    return {"kind": "fault", "message": message, "faults": []}


@dataclass
class Desk:
    """The process of one subject, and its questions one after the other."""

    subject: str
    """A value of `SUBJECTS`."""
    process: asyncio.subprocess.Process | None = None
    """It; none where nobody has asked yet, or not for a while."""
    turns: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by the question that is being answered."""
    waiting: int = 0
    """Questions that are answered or wait."""
    idle: asyncio.TimerHandle | None = None
    """What ends the process when nobody asks."""
    ending: asyncio.Task[None] | None = None
    """The end, under way."""

    async def answer(
        self, question: str, request: Mapping[str, object], gone: Callable[[], Awaitable[bool]]
    ) -> Message:
        """Answer a question in its turn.

        Args:
            question: a key of `SUBJECTS`.
            request: what it needs, as JSON has it.
            gone: says whether the asker waits no more.

        Returns:
            `answer` with all that it says, or `fault`.
        """
        if self.waiting >= MOST_WAITING:
            return fault(BUSY)
        self.waiting += 1
        if self.idle:
            self.idle.cancel()
        try:
            async with self.turns:
                return fault("Nobody waits for this answer.") if await gone() else await self._said(question, request)
        finally:
            self.waiting -= 1
            if not self.waiting:
                self.idle = asyncio.get_running_loop().call_later(IDLE, self._leave)

    async def _said(self, question: str, request: Mapping[str, object]) -> Message:
        """What the process says; one that ends or takes too long is ended, and the next question gets a fresh one."""
        try:
            process = await self._running()
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps({"question": question, "request": request}).encode() + b"\n")
            await process.stdin.drain()
            line = await asyncio.wait_for(process.stdout.readline(), LONGEST)
            message = json.loads(line)
        except (TimeoutError, ConnectionError, ValueError):
            await self.close()
            return fault(FAILED)
        except asyncio.CancelledError:  # its answer would be taken for the next question's
            await self.close()
            raise
        return message if isinstance(message, dict) else fault(FAILED)

    async def _running(self) -> asyncio.subprocess.Process:
        """The process, started where there is none."""
        if self.process is None or self.process.returncode is not None:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "holdfast.app.answer_process", self.subject, stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE, env=environment(), start_new_session=True, limit=2**24,
            )  # fmt: skip
        return self.process

    def _leave(self) -> None:
        """End the process, since nobody has asked for a while."""
        if not self.waiting:
            self.ending = asyncio.get_running_loop().create_task(self.close())

    async def close(self) -> None:
        """End the process, and wait until it has."""
        if self.process is not None and self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
            await self.process.wait()


class Answers:
    """All processes that answer questions."""

    def __init__(self) -> None:
        """Begin with none."""
        self.desks = {subject: Desk(subject) for subject in set(SUBJECTS.values())}

    async def answer(
        self, question: str, request: Mapping[str, object], gone: Callable[[], Awaitable[bool]]
    ) -> Message:
        """Answer a question.

        Args:
            question: a key of `SUBJECTS`.
            request: what it needs, as JSON has it.
            gone: says whether the asker waits no more.

        Returns:
            As `Desk.answer`.
        """
        return await self.desks[SUBJECTS[question]].answer(question, request, gone)

    async def close(self) -> None:
        """End all processes."""
        for desk in self.desks.values():
            if desk.idle:
                desk.idle.cancel()
            await desk.close()
