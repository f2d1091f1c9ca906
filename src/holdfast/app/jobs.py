"""Work in the background: each request in a process of its own, its progress heard by whoever waits for it. [IO]

The same request is carried out once: who comes later hears of it from where it is, and what is finished stays on this machine.
When nobody waits any more, the process is ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from holdfast.app.engines import environment
from holdfast.core import runtime
from holdfast.io import files, records

MOST_JOBS = 2
"""Jobs that are carried out at a time; others wait their turn."""
MOST_WAITING = 16
"""Jobs that are carried out or wait, at most."""
MOST_RESULTS = 200
"""Results of jobs that stay on this machine; the oldest go first."""
LINGER = 3.0
"""Seconds for which a job goes on that nobody waits for any more: a page may be loaded again [s]."""
FINISHED = "finished.json"
"""File in a job's folder that says what came of it."""
NAME = re.compile(r"[0-9a-f]{24}")
"""What a job is called."""
LAST = ("done", "fault")
"""Kinds of the message after which none comes."""
Message = Mapping[str, object]


def folder() -> Path:
    """Where jobs' results stay.

    Returns:
        A folder of this user's cache; it need not exist.
    """
    return runtime.cache_folder() / "app" / "jobs"


def _age(path: Path) -> float:
    """When a folder was last written to."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


@dataclass
class Job:
    """A request that is carried out."""

    name: str
    """By which it is asked for: a hash of the request."""
    task: asyncio.Task[None] | None = None
    """What carries it out; none where it was finished before."""
    messages: list[Message] = field(default_factory=list)
    """What it has said so far; of progress and of parts the last alone."""
    news: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when it says something."""
    listeners: int = 0
    """How many wait for it."""

    def say(self, message: Message) -> None:
        """Let all who wait hear something.

        Args:
            message: what they hear; of progress and of parts the last one alone stays.
        """
        if message["kind"] in ("progress", "part"):
            self.messages = [each for each in self.messages if each["kind"] != message["kind"]]
        self.messages.append(message)
        self.news.set()
        self.news = asyncio.Event()

    @property
    def ended(self) -> bool:
        """Whether it has said its last."""
        return bool(self.messages) and self.messages[-1]["kind"] in LAST


class Jobs:
    """All requests that are carried out or were."""

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}
        self.turns = asyncio.Semaphore(MOST_JOBS)

    def ask(self, kind: str, request: Mapping[str, object]) -> str | None:
        """Have a request carried out, unless it was.

        Args:
            kind: what is to be done, a name of `holdfast.app.job_process.KINDS`.
            request: what it needs, as JSON has it.

        Returns:
            The name of the job; None where too many wait.
        """
        decisive = {"kind": kind, "request": request, "by": records.package_digest()}
        name = hashlib.sha256(files.canonical_json(decisive).encode()).hexdigest()[:24]
        job = self.jobs.get(name)
        if job is None or (job.ended and job.messages[-1]["kind"] == "fault"):
            if sum(not each.ended for each in self.jobs.values()) >= MOST_WAITING:
                return None
            self._forget()
            job = self.jobs[name] = Job(name)
            finished = self.finished(name)
            if finished is not None:
                job.say(finished)
            else:
                job.task = asyncio.create_task(self._carry_out(job, kind, request))
                asyncio.create_task(self._abandon(job))  # whoever asked may be gone before they listen
        return name

    def _forget(self) -> None:
        """Drop the oldest results beyond those that stay."""
        for name in [each.name for each in self.jobs.values() if each.ended and not each.listeners][:-MOST_RESULTS]:
            del self.jobs[name]
        with contextlib.suppress(OSError):
            whole = sorted((path for path in folder().iterdir() if NAME.fullmatch(path.name)), key=_age)
            for path in whole[:-MOST_RESULTS]:
                if path.name not in self.jobs:
                    shutil.rmtree(path, ignore_errors=True)

    def finished(self, name: str) -> Message | None:
        """What came of a job of an earlier day.

        Args:
            name: the job's.

        Returns:
            Its last message; None where there is none, or none that can be read.
        """
        with contextlib.suppress(OSError, ValueError):
            message = files.read_json(folder() / name / FINISHED)
            if isinstance(message, dict) and message.get("kind") == "done":
                return message
        return None

    async def listen(self, name: str) -> AsyncIterator[Message]:
        """What a job says, from its beginning to its end.

        Args:
            name: its name.

        Yields:
            Messages by `kind`: `progress`, `part`, and last `done` or `fault`.
        """
        job = self.jobs.get(name)
        if job is None:
            yield {"kind": "fault", "message": "This work is not known here any more: ask for it again.", "faults": []}
            return
        job.listeners += 1
        heard: list[Message] = []
        try:
            while True:
                news = job.news
                for message in [each for each in job.messages if not any(each is one for one in heard)]:
                    yield message
                    if message["kind"] in LAST:
                        return
                heard = list(job.messages)
                await news.wait()
        finally:
            job.listeners -= 1
            if not job.listeners and not job.ended:
                asyncio.create_task(self._abandon(job))

    async def _abandon(self, job: Job) -> None:
        """End a job that nobody has come back for."""
        await asyncio.sleep(LINGER)
        if not job.listeners and not job.ended and job.task:
            job.task.cancel()
            self.jobs.pop(job.name, None)

    async def _carry_out(self, job: Job, kind: str, request: Mapping[str, object]) -> None:
        """Carry a job out in a process, and hand on what it says."""
        job.say({"kind": "progress", "done": 0, "of": 1, "what": "waiting for its turn"})
        async with self.turns:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "holdfast.app.job_process", stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE, env=environment(), start_new_session=True, limit=2**24,
            )  # fmt: skip
            try:
                assert process.stdin is not None
                assert process.stdout is not None
                whole = {"kind": kind, "request": request, "folder": str(folder() / job.name)}
                process.stdin.write(json.dumps(whole).encode() + b"\n")
                await process.stdin.drain()
                async for line in process.stdout:
                    job.say(json.loads(line))
                if not job.ended:
                    words = "The work ended before its time. Ask for it again."
                    job.say({"kind": "fault", "message": words, "faults": []})
            finally:
                if process.returncode is None:
                    with contextlib.suppress(ProcessLookupError):  # its own workers end with it
                        os.killpg(process.pid, signal.SIGKILL)
                    await process.wait()

    async def close(self) -> None:
        """End all work."""
        running = [job.task for job in self.jobs.values() if job.task and not job.task.done()]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
