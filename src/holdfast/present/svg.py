"""A sheet drawn from the top down as SVG: wrapped text, rules, pictures; it keeps what every line measures."""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from holdfast.present import charts

# How wide a text is, without a font at hand: by the widths of DejaVu Sans, the widest of those a page falls back on.


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


FONT = "'DejaVu Sans', Verdana, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
LEADING = 1.38
"""Line height, in sizes."""


@dataclasses.dataclass(frozen=True)
class Line:
    """A line of text that was drawn."""

    text: str
    x: float
    y: float
    width: float
    """At most [px]."""


@dataclasses.dataclass
class Sheet:
    """What was drawn so far; `y` is where the next thing goes."""

    width: int
    margin: int
    y: float = 0.0
    parts: list[str] = dataclasses.field(default_factory=list)
    lines: list[Line] = dataclasses.field(default_factory=list)

    @property
    def inner(self) -> float:
        """Width between the margins."""
        return self.width - 2 * self.margin

    def text(
        self, text: str, size: float, *, bold: bool = False, colour: str = charts.INK, indent: float = 0.0,
        most: float | None = None, lines: int | None = None, gap: float = 0.0, x: float | None = None,
    ) -> None:  # fmt: skip
        """Wrapped lines, then a gap."""
        left = (self.margin if x is None else x) + indent
        room = most if most is not None else self.width - self.margin - left
        weight = ' font-weight="600"' if bold else ""
        for line in wrap(text, size, room, bold, lines):
            self.y += size * LEADING
            base = self.y - size * (LEADING - 1) * 0.75
            self.lines.append(Line(line, left, base, width(line, size, bold)))
            self.parts.append(
                f'<text x="{left:.1f}" y="{base:.1f}" font-size="{size:g}" fill="{colour}"{weight}>{escape(line)}</text>'
            )
        self.y += gap

    def rule(self, colour: str = "#d9d9d9", gap: float = 14.0) -> None:
        """A line across, with room before and after."""
        self.y += gap
        self.parts.append(
            f'<line x1="{self.margin}" x2="{self.width - self.margin}" y1="{self.y:.1f}" y2="{self.y:.1f}" '
            f'stroke="{colour}"/>'
        )
        self.y += gap * 0.6

    def bar(self, top: float, colour: str) -> None:
        """A thick bar at the left of all that was drawn since `top`."""
        self.parts.append(
            f'<rect x="{self.margin}" y="{top:.1f}" width="7" height="{self.y - top:.1f}" fill="{colour}"/>'
        )

    def picture(self, svg: str, alt: str) -> None:
        """A chart's SVG at its own size, or smaller if it would not fit."""
        found = re.search(r'<svg[^>]*?\bwidth="([\d.]+)"[^>]*?\bheight="([\d.]+)"[^>]*>', svg)
        if not found:
            raise ValueError("the picture says no size")
        width, height = float(found[1]), float(found[2])
        scale = min(1.0, self.inner / width)
        body = svg[found.end() : svg.rindex("</svg>")]
        self.parts.append(
            f'<svg x="{self.margin}" y="{self.y:.1f}" width="{width * scale:.1f}" height="{height * scale:.1f}" '
            f'viewBox="0 0 {width:g} {height:g}" role="img" aria-label={quoteattr(alt)}>{body}</svg>'
        )
        self.y += height * scale

    def svg(self, title: str, description: str) -> str:
        """All of it, with what is read out in its place."""
        height = int(self.y + self.margin * 0.7) + 1
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width}" height="{height}" '
            f'viewBox="0 0 {self.width} {height}" font-family="{FONT}" role="group" aria-labelledby="card-title card-text">'
            f'<title id="card-title">{escape(title)}</title><desc id="card-text">{escape(description)}</desc>'
            f'<rect width="{self.width}" height="{height}" fill="#ffffff"/>'
            f'<rect x="0.5" y="0.5" width="{self.width - 1}" height="{height - 1}" fill="none" stroke="#bdbdbd"/>'
            f"{''.join(self.parts)}</svg>"
        )
