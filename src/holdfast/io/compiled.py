"""The folder of compiled programs: executables that any process of this machine may load. [IO]

An executable is machine code, so its name says all that decides it: the program and the shapes of its arguments, the
source of the engine, the versions of the libraries, the processor with all that it can do, and the flags of the compiler.
Each file begins with the digest of the rest: one that is cut short or damaged is thrown away and compiled again. A file
of another user, or one that others may write, is not read. Those that were not used for the longest time make room for new ones.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import platform
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from holdfast.core.runtime import cache_folder
from holdfast.io import files
from holdfast.io.records import source_digest, version_of

MAGIC = b"holdfast program 1\n"
MOST_BYTES = 512 * 2**20
"""Room for programs, of ours and of JAX's own cache each; the oldest go first [bytes]."""
PATIENCE = 300.0
"""Seconds for which another process that compiles a program is waited for [s]."""
CODE = ("holdfast.core", "holdfast.engine", "holdfast.evidence", "holdfast.calibration.simulations")
"""Where the functions of programs stand."""
LIBRARIES = ("jax", "jaxlib", "equinox", "numpy")
FLAGS = ("XLA_FLAGS", "NPROC", "JAX_PLATFORMS")
"""What of the environment decides how a program is compiled."""


class Folder:
    """A folder of executables, a file each."""

    def __init__(self, path: Path, most_bytes: int = MOST_BYTES) -> None:
        """Open a folder; it need not exist.

        Args:
            path: where.
            most_bytes: its bound [bytes].
        """
        self.path, self.most_bytes = path, most_bytes

    def load(self, key: str) -> tuple[str, bytes] | None:
        """An executable that is there and whole; see `holdfast.core.programs.Store`.

        Args:
            key: all that decides it, but for what `machine` adds.

        Returns:
            The structure of its results and its code; None if there is none.
        """
        file = self.file(key)
        try:
            if not _is_own(file):
                return None
            text = file.read_bytes()
        except OSError:
            return None
        head, digest, body = text[: len(MAGIC)], text[len(MAGIC) :][:32], text[len(MAGIC) + 32 :]
        if head != MAGIC or hashlib.sha256(body).digest() != digest:
            self.drop(key)
            return None
        with contextlib.suppress(OSError):
            os.utime(file)
        structure, _, code = body.partition(b"\n")
        return structure.decode("utf8"), code

    def save(self, key: str, structure: str, code: bytes) -> None:
        """Keep an executable; see `holdfast.core.programs.Store`.

        Args:
            key: as in `load`.
            structure: the structure of its results.
            code: its code.
        """
        body = structure.encode("utf8") + b"\n" + code
        with contextlib.suppress(OSError):
            with files.beside(self.file(key)) as fresh:
                fresh.write_bytes(MAGIC + hashlib.sha256(body).digest() + body)
                fresh.chmod(stat.S_IRUSR | stat.S_IWUSR)  # see `_is_own`
            self.prune()

    def claim(self, key: str) -> bool:
        """Take it on to compile an executable; see `holdfast.core.programs.Store`.

        Args:
            key: as in `load`.

        Returns:
            False if another process was at it, and has ended.
        """
        claim = self.file(key).with_suffix(".claim")
        while True:
            try:
                claim.parent.mkdir(parents=True, exist_ok=True)
                with claim.open("x", encoding="utf8") as file:
                    file.write(f"{platform.node()} {os.getpid()}")
                return True
            except FileExistsError:
                if _is_stale(claim):
                    claim.unlink(missing_ok=True)
                    continue
            except OSError:
                return True
            time.sleep(0.05)
            if not claim.exists():
                return False

    def release(self, key: str) -> None:
        """Give up a claim; see `holdfast.core.programs.Store`.

        Args:
            key: as in `load`.
        """
        with contextlib.suppress(OSError):
            self.file(key).with_suffix(".claim").unlink(missing_ok=True)

    def drop(self, key: str) -> None:
        """Throw away an executable; see `holdfast.core.programs.Store`.

        Args:
            key: as in `load`.
        """
        with contextlib.suppress(OSError):
            self.file(key).unlink(missing_ok=True)

    def file(self, key: str) -> Path:
        """Where an executable stands, or would stand.

        Args:
            key: as in `load`.

        Returns:
            The path of its file.
        """
        digest = hashlib.sha256(f"{machine()}\n{key}".encode()).hexdigest()
        return self.path / f"{digest[:40]}.xla"

    def prune(self) -> None:
        """Remove the executables that were not used for the longest time, until the rest has room."""
        every = sorted(_sizes(self.path), reverse=True)
        total = 0
        for _, size, file in every:
            total += size
            if total > self.most_bytes:
                file.unlink(missing_ok=True)


def _is_own(file: Path) -> bool:
    """Whether a file is this user's, and no one else may write it: what it holds is run. Always, where a system has no owners."""
    if not hasattr(os, "getuid"):
        return True
    about = file.stat()
    return about.st_uid == os.getuid() and not about.st_mode & stat.S_IWOTH


def _is_stale(claim: Path) -> bool:
    """Whether the process that made a claim is gone, or has been at it for too long."""
    try:
        if abs(time.time() - claim.stat().st_mtime) > PATIENCE:  # a clock set back leaves claims of the future
            return True
        node, _, process = claim.read_text(encoding="utf8").partition(" ")
        if node == platform.node() and process:
            os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except (OSError, ValueError):
        pass  # it was just given up, or is another user's, who may be at work
    return False


def _sizes(folder: Path) -> Iterator[tuple[float, int, Path]]:
    """When each file of a folder was last used, its size, and the file."""
    for file in folder.glob("[!.]*.xla"):
        with contextlib.suppress(OSError):
            about = file.stat()
            yield about.st_mtime, about.st_size, file


@functools.cache
def machine() -> str:
    """All that decides what an executable does and where it may run, but for the program itself.

    Returns:
        Versions, flags, the digest of the code, and the processor; where its abilities cannot be read, the machine's name.
    """
    return "\n".join([
        *(f"{name} {version_of(name)}" for name in LIBRARIES), *(f"{name}={os.environ.get(name)}" for name in FLAGS),
        source_digest(CODE), platform.system(), platform.machine(), processor(),
    ])  # fmt: skip


def processor() -> str:
    """The kind of this machine's processor.

    Returns:
        Its model and what it can do, as the system lists it; else the name of this machine.
    """
    wanted = ("vendor_id", "cpu family", "model", "model name", "flags", "Features", "CPU implementer", "CPU part")
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf8").partition("\n\n")[0].splitlines()
    except OSError:
        return platform.node()
    return "\n".join(line for line in lines if line.partition(":")[0].strip() in wanted) or platform.node()


def use() -> None:
    """Keep the programs of this process in the user's cache folder."""
    from holdfast.core import programs  # with JAX, which nobody needs who only reads a result

    programs.keep_in(Folder(cache_folder() / "programs"))
