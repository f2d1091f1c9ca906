"""Only one process at a time: a lock that lies beside what it guards, and ends with its holder. [IO]

By `flock` where the file system has it; on network disks that lack it by a file that names process and machine, which others
on that machine put aside when the process is gone.
"""

from __future__ import annotations

import contextlib
import os
import platform
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from holdfast.core.faults import StoreError

if TYPE_CHECKING:
    from filelock import BaseFileLock

NAME = ".holdfast.lock"
"""The lock of a folder, in the folder; it is gone when nobody holds it."""
PATIENCE = 60.0
"""Seconds for which another process is waited for where its work is short [s]."""

_held: dict[tuple[Path, int], BaseFileLock] = {}
"""Locks that this process holds, by file and thread: who holds one may take it again."""


@contextlib.contextmanager
def alone(file: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Hold a lock while the block runs; who holds it already goes on.

    Args:
        file: the lock's; its folder is created if it is not there.
        patience: how long another process is waited for [s].

    Yields:
        Nothing.

    Raises:
        StoreError: if another process holds it all that time; the message says which.
    """
    import filelock

    key = (file.absolute(), threading.get_ident())
    if key in _held:
        yield
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(file)
    try:
        lock.acquire(timeout=patience)
    except filelock.Timeout as error:
        raise StoreError(
            f"{file.parent}: {_holder(file)} is at work there. Wait until it is done, or choose another place. If no such "
            f"process is left on any machine, remove {file}."
        ) from error
    _held[key] = lock
    try:
        _sign(file)
        yield
    finally:
        del _held[key]
        if _is_signed(file):  # removed while it is held: who waits for it notices, and makes another
            file.unlink(missing_ok=True)
        lock.release()


def _signature() -> str:
    return f"process {os.getpid()} on {platform.node()}"


def _sign(file: Path) -> None:
    """Write into a lock who holds it; a lock that is no `flock` says so itself."""
    with contextlib.suppress(OSError):
        content = file.read_bytes()
        if not content or content.startswith(b"process "):
            file.write_text(_signature(), encoding="utf8")


def _is_signed(file: Path) -> bool:
    """Whether a lock is a `flock` of this process."""
    try:
        return file.read_text(encoding="utf8") == _signature()
    except (OSError, UnicodeDecodeError):
        return False


def _holder(file: Path) -> str:
    """Who holds a lock, as far as it says."""
    with contextlib.suppress(OSError, UnicodeDecodeError):
        text = file.read_text(encoding="utf8")
        if text.startswith("process "):
            return text
        words = text.split()
        if len(words) >= 2 and words[0].isdigit():
            return f"process {words[0]} on {words[1]}"
    return "another process"
