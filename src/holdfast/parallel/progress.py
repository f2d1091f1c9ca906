"""How far long work has come: the one form in which everything tells it."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """What long work calls as it goes on."""

    def __call__(self, done: int, total: int, what: str, /) -> None:
        """Tell how far the work has come.

        Args:
            done: parts done, of any size, as days or steps.
            total: parts in all.
            what: what is under way, as `running`; stages of one piece of work have names of their own.
        """


class Report(Protocol):
    """What a task calls as it goes on."""

    def __call__(self, done: int, /) -> None:
        """Tell how much of the task's own size is done."""


def silent(done: int, total: int, what: str, /) -> None:
    """Progress that nobody looks at."""


class Steps:
    """Counts equal parts of a piece of work, and tells of each."""

    def __init__(self, progress: Progress, total: int, what: str) -> None:
        """Begin to count.

        Args:
            progress: what to tell; it hears of 0 parts at once.
            total: parts in all.
            what: what is under way.
        """
        self.progress, self.total, self.what, self.done = progress, total, what, 0
        progress(0, total, what)

    def step(self, what: str | None = None) -> None:
        """One more part is done; `what` is under way next, if that changes."""
        self.done, self.what = self.done + 1, what or self.what
        self.progress(self.done, self.total, self.what)
