"""A process that holds wars of several viewers and walks through their days by turns. [IO]

Started as `python -m holdfast.app.engine_process`, it reads messages from standard input and writes them to standard output,
see `frames`. A war whose viewer has not painted its last frames waits, so a slow viewer holds up nobody. When the input ends, so
does the process.
"""

from __future__ import annotations

import itertools
import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import IO

from holdfast.app import description, frames, messages
from holdfast.app.messages import Colour, Follow, Message, Open, Play, Put, Save, Seen, Speed, Step
from holdfast.app.war import War
from holdfast.core.faults import FaultyError, ReportedError

UNSEEN_FRAMES = 3
"""Frames that may be under way to a viewer."""
BURST = 0.03
"""Seconds for which days are run before a frame is sent, where more of them are wanted than frames can show [s]."""
FAR_BEHIND = 0.25
"""Seconds that a war may lag behind its speed before the lag is forgotten [s]."""


@dataclass(frozen=True)
class Opened:
    """A war that has been set up for a viewer."""

    name: str
    """The viewer's place."""
    number: int
    """Which of the viewer's openings it was."""
    request: Open
    """What the viewer wanted."""
    war: War
    """The war, on its first morning."""


@dataclass
class Table:
    """One viewer's war, and how it is to go on."""

    war: War
    """The war."""
    playing: bool = False
    """Whether it runs on by itself."""
    speed: float = 15.0
    """Days a second [d/s]."""
    owed: int = 0
    """Days that are to be run at once [d]."""
    due: float = 0.0
    """When the next day is to be run [s]."""
    sent: int = 0
    """Frames that were sent."""
    seen: int = 0
    """Frames that the viewer has painted."""
    complete: bool = False
    """Whether the viewer has the whole picture."""
    heard: list[dict[str, object]] = field(default_factory=list)
    """Days that the viewer has not heard of."""

    @property
    def waits(self) -> bool:
        """Whether the viewer must paint before anything else is sent."""
        return self.sent - self.seen >= UNSEEN_FRAMES

    def next_due(self) -> float | None:
        """When there is something to do.

        Returns:
            By the monotonic clock; none = nothing until the viewer says so [s].
        """
        if self.waits:
            return None
        if self.owed or not self.complete:
            return 0.0
        return self.due if self.playing and not self.war.ended else None


class Host:
    """Carries out what viewers say, and walks through the days of their wars."""

    def __init__(self, out: IO[bytes], inbox: queue.Queue[Mapping[str, object] | Opened | None]) -> None:
        """Begin with no war.

        Args:
            out: where messages go.
            inbox: where messages come from, and wars that have been set up.
        """
        self.out, self.inbox = out, inbox
        self.tables = dict[str, Table]()
        self.openings = dict[str, int]()
        self.numbers = itertools.count()
        self.setting_up = ThreadPoolExecutor(1)  # one at a time, however many are wanted
        self.pen = threading.Lock()

    def say(self, war: str, kind: str, body: bytes = b"", **what: object) -> None:
        """Send a message to a war's viewer.

        Args:
            war: the war.
            kind: what it is.
            body: bytes that go with it.
            **what: the rest of it.
        """
        with self.pen:
            self.out.write(frames.packed({"war": war, "kind": kind, **what}, body))
            self.out.flush()

    def hear(self, head: Mapping[str, object]) -> None:
        """Carry out a message; what is wrong with it is said to its viewer.

        Args:
            head: the war, and the viewer's message as text; or that the viewer has left.
        """
        war = str(head["war"])
        if head.get("left"):
            self.tables.pop(war, None)
            self.openings.pop(war, None)
            return
        self._guarded(war, lambda: self._do(war, messages.read(str(head["text"]))))

    def _guarded(self, war: str, work: Callable[[], object]) -> None:
        """Do something for a war; what is wrong is said to its viewer, and others go on."""
        try:
            work()
        except FaultyError as error:
            self.say(war, "fault", message=str(error), faults=[_plain(fault) for fault in error.faults])
        except ReportedError as error:
            self.say(war, "fault", message=str(error), faults=[])
        except Exception:
            traceback.print_exc()
            self.say(war, "fault", message="This war cannot go on: open it again.", faults=[])
            self.tables.pop(war, None)

    def _do(self, war: str, message: Message) -> None:
        """Carry out a message."""
        if isinstance(message, Open):
            if war in self.tables:  # it waits, and is there again if the new one cannot be opened
                self.tables[war].playing, self.tables[war].owed = False, 0
            self.openings[war] = number = next(self.numbers)
            self.setting_up.submit(self._guarded, war, lambda: self._set_up(war, number, message))
            return
        table = self.tables.get(war)  # type: ignore[assignment]
        if table is None:
            return
        match message:
            case Play():
                table.playing, table.due = message.on, time.monotonic()
            case Step():
                table.owed = min(table.owed + message.days, table.war.plain.days - table.war.day)
            case Speed():
                table.speed, table.due = message.days, time.monotonic()
            case Put():
                table.war.put([message.pull(table.war.next_day())])
                self.say(war, "pulled", pulls=[vars(pull) for pull in table.war.pulls])
            case Colour():
                table.war.picture.colour(message.by)
                table.complete = False
            case Follow():
                table.war.follow(message.billet)
            case Save():
                name, kind, content = table.war.file(message.what)
                self.say(war, "file", content, name=name, type=kind)
            case Seen():
                table.seen = min(max(table.seen, message.frame), table.sent)

    def _set_up(self, war: str, number: int, message: Open) -> None:
        """Set a war up beside the others, which go on: it may take pilot runs, and a program to be compiled."""

        if self.openings.get(war) != number:  # the viewer has gone, or wants another by now
            return

        def progress(done: int, of: int, what: str) -> None:
            self.say(war, "progress", done=done, of=of, what=what)

        fresh = War(message, progress)
        progress(0, 1, "compiling the day, once on this machine")
        fresh.warm()
        self.inbox.put(Opened(war, number, message, fresh))

    def enter(self, opened: Opened) -> None:
        """Let a war that has been set up begin, if its viewer has not gone or wanted another meanwhile.

        Args:
            opened: the war.
        """
        if self.openings.get(opened.name) != opened.number:
            return
        del self.openings[opened.name]
        self.say(opened.name, "opened", about=description.of(opened.war))
        self.tables[opened.name] = Table(opened.war, owed=min(opened.request.day, opened.war.plain.days))

    def work(self) -> float | None:
        """Give the war that has waited longest its turn.

        Returns:
            Seconds until there is something to do; none = nothing until somebody says something [s].
        """
        due = [(when, war) for war, table in self.tables.items() if (when := table.next_due()) is not None]
        if not due:
            return None
        when, war = min(due)
        wait = when - time.monotonic()
        if wait > 0:
            return wait
        self._guarded(war, lambda: self._turn(war, self.tables[war]))
        if war in self.tables:  # behind the others
            self.tables[war] = self.tables.pop(war)
        return 0.0

    def _turn(self, war: str, table: Table) -> None:
        """Run the days that are due, and send a frame."""
        now = time.monotonic()
        while not table.war.ended:
            if table.owed:
                table.owed -= 1
            elif table.playing and table.due <= time.monotonic():
                late = time.monotonic() - table.due > FAR_BEHIND
                table.due = (time.monotonic() if late else table.due) + 1 / table.speed
            else:
                break
            table.heard.append(table.war.advance())
            if time.monotonic() - now > BURST:
                break
        table.owed = 0 if table.war.ended else table.owed
        count, picture, table.complete = table.war.frame()
        table.sent += 1
        days, table.heard = table.heard, []
        self.say(
            war, "frame", picture, frame=table.sent, days=days, changes=count, day=table.war.day, ended=table.war.ended,
            catching_up=table.owed,
        )  # fmt: skip


def _plain(fault: object) -> dict[str, object]:
    """A fault as JSON has it."""
    return dict(vars(fault))


def main() -> None:
    """Hold wars until the input ends."""
    out, sys.stdout = os.fdopen(os.dup(1), "wb"), sys.stderr  # nothing that is printed gets among the messages
    os.dup2(2, 1)
    inbox: queue.Queue[Mapping[str, object] | Opened | None] = queue.Queue()

    def listen() -> None:
        while (message := frames.read(sys.stdin.buffer)) is not None:
            inbox.put(message[0])
        os._exit(0)  # whoever asked is gone: at once, whatever is being run

    threading.Thread(target=listen, daemon=True).start()
    host = Host(out, inbox)
    host.say("", "ready")
    wait: float | None = None
    while True:
        try:
            message = inbox.get(timeout=wait) if wait != 0.0 else inbox.get_nowait()
        except queue.Empty:
            message = None
        if isinstance(message, Opened):
            host.enter(message)
        elif message is not None:
            host.hear(message)
        wait = host.work()


if __name__ == "__main__":
    main()
