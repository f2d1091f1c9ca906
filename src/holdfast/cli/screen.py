"""Progress on standard error, with an honest remaining time; nothing where nobody looks."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

# The screen: a console that stays readable when its output goes to a file or a pipe.


UNSEEN_WIDTH = 110
"""Columns where no terminal says how many it has."""


def console() -> Console:
    """A console as wide as the terminal."""
    return Console(width=None if sys.stdout.isatty() else UNSEEN_WIDTH, highlight=False)


@contextlib.contextmanager
def bar(
    label: str, quiet: bool = False, starting: str = "starting; the first time compiles for 10 to 30 s"
) -> Iterator[Callable[[int, int, str], None]]:
    """A bar over the days of all runs.

    The remaining time comes from the pace since the first days were done, so that compiling does not spoil it.
    """
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda done, total, what: None
        return
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn(),
        TextColumn("{task.fields[left]}"), console=console, transient=True,
    ) as shown:  # fmt: skip
        task = shown.add_task(label, total=None, left=starting)
        first: list[tuple[float, int]] = []

        def told(done: int, total: int, what: str) -> None:
            if not done:
                return
            now = time.monotonic()
            if not first:
                first.append((now, done))
            since, days = now - first[0][0], done - first[0][1]
            left = f"about {(total - done) * since / days:.0f} s left" if days and since > 0.5 else ""
            shown.update(task, completed=done, total=total, left=left)

        yield told


@contextlib.contextmanager
def step(label: str, quiet: bool = False) -> Iterator[None]:
    """A line while something without a measure goes on."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield
        return
    with console.status(label):
        yield


@contextlib.contextmanager
def stages(label: str, quiet: bool = False) -> Iterator[Callable[[int, int, str], None]]:
    """A bar for work in stages, each with its own name and measure."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda done, total, what: None
        return
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn(),
        TextColumn("{task.fields[left]}"), console=console, transient=True,
    ) as shown:  # fmt: skip
        task = shown.add_task(label, total=None, left="")
        stage: list[tuple[str, float, int]] = []

        def told(done: int, total: int, what: str) -> None:
            now = time.monotonic()
            if not stage or stage[0][0] != what:
                stage[:] = [(what, now, done)]
            since, steps = now - stage[0][1], done - stage[0][2]
            left = f"about {(total - done) * since / steps:.0f} s left of this" if steps and since > 0.5 else ""
            shown.update(task, description=f"{label}: {what}", completed=done, total=total, left=left)

        yield told
