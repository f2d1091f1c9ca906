"""Small damage to texts, line by line and byte by byte, each with what its error may name."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

WORD = re.compile(r"[A-Za-z_][\w-]*")
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
ODD_NUMBERS = ("-1", "1e400", "nan", "0", "99999999999999999999", "0.0.1", "1,5", "٣", "-0.5", "2.5", "12_000", "1e-9")
ODD_LETTERS = (
    "\x00",
    "\ufeff",
    "“",
    "٣",
    "’",
    "\u202e",
    "é",
    "\t",
    "#",
    ";",
    "=",
    "[",
    "]",
    '"',
    "'",
    "{",
    "\\",
    "ß",
    "−",
)


class Mutation(NamedTuple):
    """A text with one thing wrong with it."""

    kind: str  # what was done
    text: str  # the whole text
    lines: tuple[int, ...]  # numbers of the lines that were touched, from 1
    words: frozenset[str]  # keys and names on those lines


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in WORD.findall(line))


def _number(line: str, draw: random.Random) -> str:
    """A line with one of its numbers replaced by an odd one."""
    every = list(NUMBER.finditer(line))
    if not every:
        return line
    chosen = draw.choice(every)
    return line[: chosen.start()] + draw.choice(ODD_NUMBERS) + line[chosen.end() :]


def _key(line: str, draw: random.Random) -> str:
    """A line with one of its words misspelt."""
    every = [match for match in WORD.finditer(line) if len(match[0]) > 2]
    if not every:
        return line
    chosen = every[0] if draw.random() < 0.5 else draw.choice(every)
    place = draw.randrange(len(chosen[0]))
    return line[: chosen.start()] + chosen[0][:place] + chosen[0][place + 1 :] + line[chosen.end() :]


def _quote(line: str, draw: random.Random) -> str:
    """A line with a quotation mark taken away or put in."""
    places = [place for place, letter in enumerate(line) if letter in "\"'"]
    if places and draw.random() < 0.7:
        place = draw.choice(places)
        return line[:place] + line[place + 1 :]
    place = draw.randrange(len(line) + 1)
    return line[:place] + draw.choice("\"'") + line[place:]


def _letter(line: str, draw: random.Random) -> str:
    """A line with an odd letter put in."""
    place = draw.randrange(len(line) + 1)
    return line[:place] + draw.choice(ODD_LETTERS) + line[place:]


def _cut(line: str, draw: random.Random) -> str:
    """A line without its end."""
    return line[: draw.randrange(len(line) + 1)]


IN_LINE: dict[str, Callable[[str, random.Random], str]] = {
    "number": _number, "key": _key, "quote": _quote, "letter": _letter, "cut": _cut,
}  # fmt: skip


def of_lines(text: str, draw: random.Random, times: int = 1) -> Iterator[Mutation]:
    """Every line deleted, doubled, swapped with the next, and changed in each way.

    Args:
        text: a file.
        draw: chance.
        times: how often each change within a line is made.

    Yields:
        The mutations; none that leaves the text as it was.
    """
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines):
        before, after = lines[:number], lines[number + 1 :]
        if not line.strip():
            continue
        yield Mutation("delete", "".join(before + after), (number + 1,), _words(line))
        yield Mutation("double", "".join([*before, line, line, *after]), (number + 1, number + 2), _words(line))
        if after and after[0] != line:
            swapped = [*before, after[0], line, *after[1:]]
            yield Mutation("swap", "".join(swapped), (number + 1, number + 2), _words(line, after[0]))
        bare = line.rstrip("\r\n")
        for kind, change in IN_LINE.items():
            for _ in range(times):
                changed = change(bare, draw)
                if changed != bare:
                    whole = "".join([*before, changed + line[len(bare) :], *after])
                    yield Mutation(kind, whole, (number + 1,), _words(line, changed))


def of_bytes(content: bytes, draw: random.Random) -> tuple[str, bytes]:
    """A file with a bit flipped, its tail cut, a stretch of zeros, a stretch doubled or removed.

    Args:
        content: the file.
        draw: chance.

    Returns:
        What was done; the damaged file.
    """
    kind = draw.choice(("bit", "bit", "bit", "cut", "zeros", "double", "remove"))
    place = draw.randrange(len(content))
    if kind == "bit":
        flipped = content[place] ^ (1 << draw.randrange(8))
        return f"bit in byte {place}", content[:place] + bytes([flipped]) + content[place + 1 :]
    if kind == "cut":
        return f"cut at {place}", content[:place]
    length = draw.randrange(1, 64)
    middle = {"zeros": bytes(length), "double": content[place : place + length] * 2, "remove": b""}[kind]
    return f"{kind} at {place}, {length} bytes", content[:place] + middle + content[place + length :]
