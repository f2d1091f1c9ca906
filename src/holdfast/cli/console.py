"""The console: results on standard output, progress with an honest remaining time on standard error. [IO]

The standard streams are made fit for use, whatever the program was started with: closed, full, or of an encoding that
lacks letters.
"""

from __future__ import annotations

import codecs
import contextlib
import functools
import io
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from holdfast.parallel import Progress, silent

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

Document: TypeAlias = Mapping[str, Any]
"""A record of JSON, as results give it for the console; its keys stand in the page on the command."""
UNSEEN_WIDTH = 110
"""Columns where no terminal says how many it has."""
COMPILES = "starting; the first time compiles for 10 to 30 s"
SETTLED = 0.5
"""Seconds of work from which on the remaining time is worth showing [s]."""

PLAIN = "holdfast.plain"
"""The name under which the codecs know what is written for letters that a stream has not."""
SIGNS = {
    "–": "-", "—": "-", "−": "-", "‑": "-", "‘": "'", "’": "'", "“": '"', "”": '"', "„": '"', "…": "...", "×": "x", "·": ".",
    "•": "*", "≤": "<=", "≥": ">=", "§": "sec. ", "≈": "~", "→": "->", "←": "<-", "±": "+-", "²": "2", "³": "3", "½": "1/2",
    "\u00a0": " ", "\u2009": " ", "\u202f": " ", "√": "sqrt ", "─": "-", "│": "|",
}  # fmt: skip
"""What is written for a sign of the tables that a stream has not; any other letter becomes its number, as `\\u0423`."""


def prepare() -> set[str]:
    """Make the standard streams fit to be used: a closed one leads nowhere, and no letter is one too many.

    Without this a program that a service or `pythonw` starts has no streams at all, and one whose output goes to a file in
    an old encoding ends after its work at the first dash.

    Returns:
        The letters that had to be written as their numbers so far; it grows as they are printed.
    """
    _open_closed()
    lacking: set[str] = set()
    codecs.register_error(PLAIN, functools.partial(_plain, lacking))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=PLAIN)
    return lacking


def _open_closed() -> None:
    """Open what is closed on nothing, so that no file of ours is taken for a stream either."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # takes the lowest number that is free: this one
    sys.stdin = sys.stdin or open(os.devnull, encoding="utf8")  # noqa: SIM115
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf8")  # noqa: SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf8")  # noqa: SIM115


def _plain(lacking: set[str], error: UnicodeError) -> tuple[str, int]:
    """What is written in place of letters that a stream's encoding lacks, and where to go on."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letters = error.object[error.start : error.end]
    lacking.update(one for one in letters if one not in SIGNS)
    return "".join(SIGNS.get(one) or json.dumps(one)[1:-1] for one in letters), error.end


def silence_broken() -> None:
    """Lead standard output nowhere if it takes nothing any more: a closed pipe, a full disk.

    What was not yet written is lost.
    """
    try:
        sys.stdout.flush()
    except OSError:
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _console() -> Console:
    """A console on standard output, as wide as the terminal."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else UNSEEN_WIDTH, highlight=False)


def show(*parts: RenderableType) -> None:
    """Print tables and lines of text; texts are taken to the letter.

    Args:
        *parts: what to print, in this order.
    """
    screen = _console()
    for part in parts:
        screen.print(part, markup=False)


def show_json(value: object) -> None:
    """Print a value as one line of JSON; numbers that are not finite become `null`.

    Args:
        value: what `holdfast.io.files` can write.
    """
    from holdfast.io import files

    print(files.json_line(value))


def bold(text: str) -> Text:
    """A line in bold.

    Args:
        text: the line.

    Returns:
        The same for `show`.
    """
    from rich.text import Text

    return Text(text, "bold")


def show_page(what: str, page: Path | None) -> None:
    """Print where a page is, unbroken so that it can be copied; nothing where there is none.

    Args:
        what: what the page is called, as `Report`.
        page: its path.
    """
    if page:
        show_line(f"\n{what}: {page}  (opens in any browser, offline)")


def show_line(text: str) -> None:
    """Print a line that is never broken.

    Args:
        text: the line, taken to the letter.
    """
    _console().print(text, markup=False, soft_wrap=True)


def _watched(quiet: bool) -> Console | None:
    """A console on standard error; nothing where nobody looks."""
    if quiet:
        return None
    from rich.console import Console

    errors = Console(stderr=True)
    return errors if errors.is_terminal else None


@contextlib.contextmanager
def progress(label: str, *, quiet: bool = False, starting: str = "", staged: bool = False) -> Iterator[Progress]:
    """A bar on standard error; nothing where nobody looks.

    The remaining time comes from the pace since the first parts were done, so that compiling does not spoil it.

    Args:
        label: what is under way.
        quiet: whether to show nothing.
        starting: what to show until the first part is done.
        staged: whether the work has stages, each with its own name and measure.

    Yields:
        What the work calls as it goes on.
    """
    errors = _watched(quiet)
    if errors is None:
        yield silent
        return
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    with Bar(
        TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeElapsedColumn(),
        TextColumn("{task.fields[left]}", markup=False), console=errors, transient=True,
    ) as bar:  # fmt: skip
        task = bar.add_task(label, total=None, left=starting)
        stage: tuple[str, float, int] | None = None

        def update(done: int, total: int, what: str, /) -> None:
            nonlocal stage
            now = time.monotonic()
            if not done and not staged:
                return
            if stage is None or (staged and stage[0] != what):
                stage = (what, now, done)
            since, parts = now - stage[1], done - stage[2]
            left = f"about {(total - done) * since / parts:.0f} s left" if parts and since > SETTLED else ""
            name = f"{label}: {what}" if staged else label
            bar.update(task, description=name, completed=done, total=total, left=left)

        yield update


@contextlib.contextmanager
def step(label: str, *, quiet: bool = False) -> Iterator[None]:
    """A line on standard error while something without a measure goes on.

    Args:
        label: what is under way.
        quiet: whether to show nothing.

    Yields:
        Nothing.
    """
    errors = _watched(quiet)
    if errors is None:
        yield
        return
    from rich.text import Text

    with errors.status(Text(label)):
        yield
