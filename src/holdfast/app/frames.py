"""What processes of the page say to each other: a line of JSON, and bytes after it where there are any. [IO]"""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import Mapping
from typing import IO

_SIZES = struct.Struct("<II")
"""Length of the JSON and of the bytes after it."""


def packed(head: Mapping[str, object], body: bytes = b"") -> bytes:
    """A message as it goes through a pipe.

    Args:
        head: what JSON knows.
        body: what it does not.

    Returns:
        Both with their lengths before them.
    """
    line = json.dumps(head, separators=(",", ":"), allow_nan=False).encode()
    return _SIZES.pack(len(line), len(body)) + line + body


def read(pipe: IO[bytes]) -> tuple[dict[str, object], bytes] | None:
    """The next message of a pipe.

    Args:
        pipe: the pipe.

    Returns:
        Its JSON and its bytes; None where the pipe has ended.
    """
    sizes = pipe.read(_SIZES.size)
    if len(sizes) < _SIZES.size:
        return None
    line, body = _SIZES.unpack(sizes)
    return json.loads(pipe.read(line)), pipe.read(body)


async def receive(pipe: asyncio.StreamReader) -> tuple[dict[str, object], bytes] | None:
    """The next message of a pipe, in a server.

    Args:
        pipe: the pipe.

    Returns:
        As `read`.
    """
    try:
        line, body = _SIZES.unpack(await pipe.readexactly(_SIZES.size))
        return json.loads(await pipe.readexactly(line)), await pipe.readexactly(body)
    except asyncio.IncompleteReadError:
        return None
