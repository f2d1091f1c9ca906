"""A sheet drawn from the top down as SVG: wrapped text, rules, pictures; it keeps what every line measures."""

from __future__ import annotations

import dataclasses
import re
from xml.sax.saxutils import escape, quoteattr

from holdfast.present import charts

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
        for line in charts.wrap(text, size, room, bold, lines):
            self.y += size * LEADING
            base = self.y - size * (LEADING - 1) * 0.75
            self.lines.append(Line(line, left, base, charts.text_width(line, size, bold)))
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
