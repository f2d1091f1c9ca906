"""Seals: the last line of a file that says its format, the release that wrote it, and the checksum of all before. [IO]

Readers of zip archives and of netCDF pass it over, so a sealed file is one of its kind for every program. A file without a
seal, of an older release or another program, is read as it is.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path

from holdfast.core import release

FORMAT = 1
"""The format of arrays, records and posteriors that this release writes; it reads those from 1 on."""
SEAL = re.compile(rb"\nholdfast (\d{1,6}) (\S{1,40}) sha256 ([0-9a-f]{64})\n\Z")
LONGEST = 160
"""A seal is shorter [bytes]."""
BLOCK = 2**20
"""Bytes that are read at a time."""
ZIP_END = b"PK\x05\x06"
"""The last record of a zip archive begins with it, 22 bytes before the end where there is no comment."""
KEY = "sha256"
"""In a sealed document: the checksum of all else."""


class BrokenSealError(ValueError):
    """A file that is not what was written, or of a format that this release does not know."""


def seal(path: Path) -> None:
    """Put a seal at the end of a file; in a zip archive it is the comment.

    Args:
        path: a file that is complete.
    """
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        hashed = _hashed(path, size)
        mark = f"\nholdfast {FORMAT} {release.VERSION} sha256 ".encode()
        if size >= 22:
            file.seek(size - 22)
            end = file.read(22)
            if end.startswith(ZIP_END) and end.endswith(b"\0\0"):
                file.seek(size - 2)
                file.write((len(mark) + 65).to_bytes(2, "little"))
                file.flush()
                hashed = _hashed(path, size)
        file.seek(size)
        file.write(mark + hashed.encode() + b"\n")


def check(path: Path) -> None:
    """Refuse a file that its seal does not fit.

    Args:
        path: the file; one without a seal passes.

    Raises:
        BrokenSealError: if it was changed, or has a format of a later release.
        OSError: if it cannot be read.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - LONGEST))
        tail = file.read()
    match = SEAL.search(tail)
    if match is None:
        if b"\nholdfast " in tail or _lacks_comment(tail):
            raise BrokenSealError("it is cut short: its seal is not whole")
        return
    if _hashed(path, size - len(match[0])) != match[3].decode():
        raise BrokenSealError("it is not what was written: its checksum differs")
    if int(match[1]) > FORMAT:
        raise BrokenSealError(later(int(match[1]), FORMAT, match[2].decode()))


def _lacks_comment(tail: bytes) -> bool:
    """Whether a zip archive's end announces a longer comment than follows it."""
    begin = tail.rfind(ZIP_END)
    return 0 <= begin <= len(tail) - 22 and len(tail) - begin - 22 < int.from_bytes(
        tail[begin + 20 : begin + 22], "little"
    )


def release_of(path: Path) -> str | None:
    """The release that sealed a file, as far as it says.

    Args:
        path: the file.

    Returns:
        Its version; none where there is no seal.
    """
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - LONGEST))
            match = SEAL.search(file.read())
    except OSError:
        return None
    return match[2].decode(errors="replace") if match else None


def later(given: int, known: int, release: str) -> str:
    """What to say of a file in a format of a later release.

    Args:
        given: its format.
        known: the latest that is read.
        release: which release wrote it.

    Returns:
        A sentence without its full stop.
    """
    return f"it has format {given}, and this release reads formats up to {known}: open it with release {release} or a later one"


def _hashed(path: Path, size: int) -> str:
    """The checksum of the beginning of a file."""
    hashed = hashlib.sha256()
    with path.open("rb") as file:
        while size > 0 and (block := file.read(min(BLOCK, size))):
            hashed.update(block)
            size -= len(block)
    return hashed.hexdigest()


def of_folder(path: Path) -> str:
    """The checksum of all files in a folder, by their names within it.

    Args:
        path: the folder.

    Returns:
        64 hexadecimal digits.
    """
    hashed = hashlib.sha256()
    for file in sorted(each for each in path.rglob("*") if each.is_file()):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        hashed.update(f"{file.relative_to(path).as_posix()} {content}\n".encode())
    return hashed.hexdigest()


def of_document(document: Mapping[str, object]) -> str:
    """The checksum of a document, whatever its checksum says now.

    Args:
        document: plain values as JSON gives them.

    Returns:
        64 hexadecimal digits.
    """
    rest = {name: value for name, value in document.items() if name != KEY}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
