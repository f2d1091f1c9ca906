"""How wide a text is, without a font at hand: by the widths of DejaVu Sans, the widest of those a page falls back on."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

REGULAR = (
    32, 40, 46, 84, 64, 95, 78, 27, 39, 39, 50, 84, 32, 36, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 34, 34, 84,
    84, 84, 53, 100, 68, 69, 70, 77, 63, 58, 77, 75, 29, 29, 66, 56, 86, 75, 79, 60, 79, 69, 63, 61, 73, 68, 99, 69, 61,
    69, 39, 34, 39, 84, 50, 50, 61, 63, 55, 63, 62, 35, 63, 63, 28, 28, 58, 28, 97, 63, 61, 63, 63, 41, 52, 39, 63, 59,
    82, 59, 59, 52, 64, 34, 64, 84,
)  # fmt: skip
"""Advance widths of the characters from space to tilde, in hundredths of the font's size."""
BOLD = 1.28
"""No letter is wider in bold by more."""
COMMON = {"–": 50, "—": 100, "−": 84, "·": 32, "…": 100, "‘": 32, "’": 32, "“": 52, "”": 52, "•": 59, "\u00a0": 32}
LETTER, CAPITAL, LIGATURE = 104, 120, 175
"""The widest letters of other alphabets: small ones, large ones with signs and those of Asia, double ones with pictures."""
DOUBLE = (*range(0x1C4, 0x1CD), *range(0x1F1, 0x1F4))
INVISIBLE = ("Mn", "Cf")


def width(text: str, size: float, bold: bool = False) -> float:
    """An upper estimate of the width of a line of text [px]."""
    return sum(map(_hundredths, text)) / 100 * size * (BOLD if bold else 1.0)


def _hundredths(letter: str) -> int:
    code = ord(letter)
    if 32 <= code < 127:
        return REGULAR[code - 32]
    if letter in COMMON:
        return COMMON[letter]
    kind = unicodedata.category(letter)
    if kind in INVISIBLE:
        return 0
    if code in DOUBLE or kind in ("Po", "Sc") or code > 0x1F000:
        return LIGATURE
    return LETTER if kind == "Ll" and code < 0x0900 else CAPITAL


def wrap(text: str, size: float, most: float, bold: bool = False, lines: int | None = None) -> list[str]:
    """The text in lines no wider than `most`; words too long for a line are cut in it, surplus lines end in `…`."""
    made: list[str] = []
    line = ""
    for word in _clean(text).split(" "):
        for piece in _pieces(word, size, most, bold):
            longer = f"{line} {piece}" if line else piece
            if line and width(longer, size, bold) > most:
                made.append(line)
                line = piece
            else:
                line = longer
    made.append(line)
    if lines is not None and len(made) > lines:
        made = [*made[: lines - 1], _ended(made[lines - 1], size, most, bold)]
    return made


def _clean(text: str) -> str:
    """One line of text without what no file of pictures may hold."""
    kept = "".join(
        " " if letter.isspace() else letter for letter in text
        if letter.isspace() or unicodedata.category(letter) not in ("Cc", "Cs", "Cf", "Co", "Cn")
    )  # fmt: skip
    return " ".join(kept.split())


def _pieces(word: str, size: float, most: float, bold: bool) -> Sequence[str]:
    if width(word, size, bold) <= most:
        return [word]
    made, piece = [], ""
    for letter in word:
        if piece and width(piece + letter, size, bold) > most:
            made.append(piece)
            piece = ""
        piece += letter
    return [*made, piece]


def _ended(line: str, size: float, most: float, bold: bool) -> str:
    while line and width(f"{line}…", size, bold) > most:
        line = line[:-1]
    return f"{line}…"
