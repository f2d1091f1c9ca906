"""Work on many processor cores: one pool of worker processes, tasks whose results stay when they are done, and progress.

Here stands the form in which all long work reports how far it has come.
"""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """What long work calls as it goes on."""

    def __call__(self, done: int, total: int, what: str, /) -> None:
        """Report how far the work has come.

        Args:
            done: parts done, of any size, as days or steps.
            total: parts in all.
            what: what is under way, as `running`, never empty; stages of one piece of work have names of their own.
        """


class Report(Protocol):
    """What a task calls as it goes on."""

    def __call__(self, done: int, /) -> None:
        """Report how far a task has come.

        Args:
            done: how much of its own size is done.
        """


def silent(_done: int, _total: int, _what: str, /) -> None:
    """Progress that nobody looks at."""


class Steps:
    """Counts equal parts of a piece of work, and reports each."""

    def __init__(self, progress: Progress, total: int, what: str) -> None:
        """Begin to count.

        Args:
            progress: what to report to; it hears of 0 parts at once.
            total: parts in all.
            what: what is under way.
        """
        self.progress, self.total, self.what, self.done = progress, total, what, 0
        progress(0, total, what)

    def step(self, what: str | None = None) -> None:
        """Count one more part.

        Args:
            what: what is under way next; the same unless given.
        """
        self.done, self.what = self.done + 1, what or self.what
        self.progress(self.done, self.total, self.what)
