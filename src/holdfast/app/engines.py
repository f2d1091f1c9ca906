"""The processes that hold the viewers' wars, as the server sees them. [IO]

There is one for each core but not more than there are wars; a viewer's war stays in the process that has the fewest. A process
that ends takes its own wars with it: their viewers hear of it, and the next war gets a fresh process.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from holdfast.app import frames
from holdfast.core.runtime import cores

MOST_WARS = 24
"""Wars at a time, of all viewers together."""
GONE = "The process that ran this war has ended. Open the war again; it will be run to the same day."

Hear: TypeAlias = Callable[[dict[str, object], bytes], Awaitable[None]]
"""What is done with a message from a war."""


def environment() -> dict[str, str]:
    """The environment of a process of the page's.

    Returns:
        That of this process, with what JAX must be given before it starts.
    """
    from holdfast.core import runtime

    runtime.prepare()
    # Wars are set up in a thread: with a heap for each thread the C library holds on to twice the memory.
    return {**os.environ, "PYTHONUNBUFFERED": "1", "MALLOC_ARENA_MAX": os.environ.get("MALLOC_ARENA_MAX", "2")}


@dataclass
class Engine:
    """One process and the wars that it holds."""

    process: asyncio.subprocess.Process
    """The process."""
    listening: asyncio.Task[None] | None = None
    """What hands its messages on."""
    wars: dict[str, Hear] = field(default_factory=dict)
    """Its wars, each with what is done with its messages."""
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    """Whether it has started, or has ended before it could."""

    async def listen(self) -> None:
        """Hand messages to the wars' viewers until the process ends."""
        assert self.process.stdout is not None
        while (message := await frames.receive(self.process.stdout)) is not None:
            head, body = message
            if head["kind"] == "ready":
                self.ready.set()
            elif hear := self.wars.get(str(head.pop("war"))):
                with contextlib.suppress(Exception):  # of a viewer that is gone
                    await hear(head, body)
        self.ready.set()
        for hear in list(self.wars.values()):
            with contextlib.suppress(Exception):
                await hear({"kind": "fault", "message": GONE, "faults": []}, b"")
        self.wars.clear()

    @property
    def runs(self) -> bool:
        """Whether the process has not ended."""
        return self.process.returncode is None

    def say(self, **head: object) -> None:
        """Send a message; nothing where the process has ended.

        Args:
            **head: the message.
        """
        if self.runs and self.process.stdin is not None:
            with contextlib.suppress(ConnectionError):
                self.process.stdin.write(frames.packed(head))

    async def drain(self) -> None:
        """Wait until the process has taken what was sent."""
        if self.runs and self.process.stdin is not None:
            with contextlib.suppress(ConnectionError):
                await self.process.stdin.drain()

    async def close(self) -> None:
        """End the process, and wait until it has."""
        if self.runs:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
        await self.process.wait()
        if self.listening:
            await self.listening


class Engines:
    """All processes that hold wars."""

    def __init__(self, most: int | None = None) -> None:
        """Begin with none.

        Args:
            most: processes at most; one for each core unless given.
        """
        self.most = most or cores()
        self.engines: list[Engine] = []
        self.of: dict[str, Engine] = {}
        self.numbers = itertools.count(1)
        self.lock = asyncio.Lock()

    @property
    def wars(self) -> int:
        """Wars that are held."""
        return sum(len(engine.wars) for engine in self.engines)

    async def start(self) -> Engine:
        """Start a process.

        Returns:
            It; it says when it is ready.
        """
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "holdfast.app.engine_process", stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE, env=environment(), start_new_session=True, limit=2**22,
        )  # fmt: skip
        engine = Engine(process)
        engine.listening = asyncio.create_task(engine.listen())
        self.engines.append(engine)
        return engine

    async def enter(self, hear: Hear) -> str | None:
        """Give a viewer a place for a war.

        Args:
            hear: what is done with the war's messages.

        Returns:
            The name of the place; None where all are taken.
        """
        async with self.lock:
            self.engines = [engine for engine in self.engines if engine.runs]
            if self.wars >= MOST_WARS:
                return None
            idle = min(self.engines, key=lambda engine: len(engine.wars), default=None)
            if idle is None or (idle.wars and len(self.engines) < self.most):
                idle = await self.start()
            war = f"w{next(self.numbers)}"
            idle.wars[war] = hear
            self.of[war] = idle
            return war

    async def say(self, war: str, text: str) -> bool:
        """Hand on what a viewer says.

        Args:
            war: the place.
            text: the message.

        Returns:
            Whether there is a process that hears it.
        """
        engine = self.of.get(war)
        if engine is None or not engine.runs or war not in engine.wars:
            return False
        engine.say(war=war, text=text)
        await engine.drain()  # a viewer who says more than can be heard waits
        return True

    def leave(self, war: str) -> None:
        """Give a place up: its war is freed.

        Args:
            war: the place.
        """
        engine = self.of.pop(war, None)
        if engine is not None:
            engine.wars.pop(war, None)
            engine.say(war=war, left=True)

    async def close(self) -> None:
        """End all processes."""
        for engine in self.engines:
            await engine.close()
        self.engines.clear()
