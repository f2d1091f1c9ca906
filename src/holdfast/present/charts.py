"""What all charts share: their look, axes and layers, bands over runs, labels that do not overlap, files. [IO]"""

from __future__ import annotations

import dataclasses
import math
import textwrap
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import numpy as np
import xarray as xr

from holdfast.core import timings
from holdfast.io import files
from holdfast.present import vega
from holdfast.stats.intervals import BAND, P90

Record: TypeAlias = vega.Record
Chart: TypeAlias = vega.Chart
D = TypeVar("D", xr.DataArray, xr.Dataset)

# --- The look: colours that hold everywhere, sizes, fonts.

SIDE_COLOURS = ("#0072B2", "#D55E00")
"""Blue and vermillion of Okabe and Ito: apart for colour-blind readers, and in grey print."""

FLOW_COLOURS = {
    "killed": "#1a1a1a", "wounded": "#8c8c8c", "deserted": "#AA1164", "surrendered": "#E3A500",
    "refused": "#56B4E9", "evaded": "#009E73", "fled abroad": "#7A6A00", "returned": "#9BC53D",
}  # fmt: skip
"""The colour of a flow in charts, film and legends."""

YES, NO, UNKNOWN = "#AA1164", "#2B8C96", "#8c8c8c"
"""An outcome that came, one that did not, one not known: apart in hue and lightness."""

INK, FAINT, GUIDE = "#1b1b1b", "#5c5c5c", "#9a9a9a"
"""Of text and data, of remarks, of lines to compare with."""
WIDTH = 860
"""Inner width of a chart; with its axis it fits a page of 1,000 pixels [px]."""
TITLE_LINE, SUBTITLE_LINE = 98, 148
"""Letters that fit one line of a title and of a subtitle."""
FONT = "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', Arial, sans-serif"
SPACING = {"column": 46, "row": 66}
"""Between small panels laid out by their plots alone (`bounds="flush"`), so that plots line up [px]."""
TICKS = 30
"""Room for the labels of a small panel's vertical axis, the same in all so that panels align [px]."""
MEN_LABELS = "datum.value == 0 ? '0' : datum.label"
"""Labels of an axis of men: 0, 50k, 2M."""
MEN = dict(format="~s", labelExpr=MEN_LABELS)
"""An axis of men."""

_CONFIG = dict(
    font=FONT,
    title=dict(
        fontSize=16, fontWeight=600, color=INK, subtitleColor=FAINT, subtitleFontSize=12, subtitlePadding=5
    ),
    axis=dict(
        labelColor=INK, titleColor=INK, labelFontSize=11, titleFontSize=12, titleFontWeight="normal",
        gridColor="#e6e6e6", domainColor=GUIDE, tickColor=GUIDE,
    ),
    header=dict(labelFontSize=13, labelFontWeight=600, labelColor=INK, titleFontSize=12),
    legend=dict(
        labelFontSize=12, labelColor=INK, titleColor=INK, orient="top", symbolType="square", symbolOpacity=1, symbolSize=130,
    ),
    view=dict(stroke=None, continuousWidth=300, continuousHeight=300),
    facet=dict(spacing=26),
)  # fmt: skip


def styled(chart: Chart) -> Chart:
    """A chart with the look of all charts.

    Args:
        chart: the chart.

    Returns:
        The chart with fonts, colours and margins.
    """
    return chart.properties(background="white", padding={"left": 0, "right": 6, "top": 4, "bottom": 4}, config=_CONFIG)


def titled(chart: Chart, title: str, subtitle: str) -> Chart:
    """A chart with the look of all charts and its title.

    Args:
        chart: the chart.
        title: what is seen, as a statement.
        subtitle: how it is drawn.

    Returns:
        The chart.
    """
    wrapped = textwrap.wrap(title, TITLE_LINE), textwrap.wrap(subtitle, SUBTITLE_LINE)
    return styled(chart).properties(title=dict(text=wrapped[0], subtitle=wrapped[1], anchor="start", offset=14))


def rows(values: Sequence[Record]) -> vega.Rows:
    """Records as a chart's data.

    Args:
        values: the records.

    Returns:
        The data.
    """
    return vega.Rows(tuple(values))


# --- Axes, scales and layers.


def side_colour(sides: Sequence[str], legend: bool = True) -> Record:
    """Colour by side.

    Args:
        sides: names of the sides, in their order.
        legend: whether the chart has a legend.

    Returns:
        The encoding, of a field `side`.
    """
    scale = dict(domain=list(sides), range=list(SIDE_COLOURS[: len(sides)]))
    return vega.field("side:N", title=None, scale=scale, legend=dict() if legend else None)


_DAY = "utcdate(datum.value) == 1 ? utcFormat(datum.value, '%b') : utcFormat(datum.value, '%-d %b')"
_NEW_YEAR = "(datum.index == 0 || utcFormat(datum.value, '%m-%d') == '01-01')"
_DATES = f"{_NEW_YEAR} ? [{_DAY}, utcFormat(datum.value, '%Y')] : {_DAY}"


def day_axis(ticks: int = 10) -> Record:
    """Dates along the bottom, in UTC so that no reader's time zone moves them.

    Args:
        ticks: about how many labels.

    Returns:
        The encoding, of a field `day`.
    """
    axis = dict(labelExpr=_DATES, labelFlush=False, tickCount=ticks, labelOverlap=True, labelSeparation=8)
    return vega.field("day:T", title=None, scale=dict(type="utc", nice=False), axis=axis)


def day_end(field: str) -> Record:
    """The day on which a bar along `day_axis` ends.

    A second end has no scale of its own, and Vega-Lite would tell its date to screen readers in the machine's time zone.

    Args:
        field: the field that holds it.

    Returns:
        The encoding.
    """
    return vega.field(f"{field}:T", timeUnit="utcyearmonthdate", title=None)


def small_axis(ticks: int, **options: Any) -> Record:
    """The vertical axis of a small panel, whose labels take the same room in all panels.

    Args:
        ticks: about how many labels.
        **options: further properties of the axis.

    Returns:
        The axis.
    """
    return dict(minExtent=TICKS, maxExtent=TICKS, tickCount=ticks, **options)


def measure(title: str | None, **options: Any) -> Record:
    """A vertical axis whose field each layer of a fan fills in.

    Args:
        title: of the axis.
        **options: scale and axis.

    Returns:
        The encoding.
    """
    return vega.field("middle:Q", title=title, **options)


def fan(x: Record, y: Record, colour: Record, **options: Any) -> list[Chart]:
    """A light 90 % band, a darker 50 % band and a median line; the data come from the layer above.

    Args:
        x: days.
        y: as `measure` gives it.
        colour: by side, or one value.
        **options: of all three marks.

    Returns:
        The three layers.
    """

    def level(name: str) -> Record:
        return y | {"field": name}

    base = vega.chart().encode(x=x, color=colour)
    return [
        base.mark("area", opacity=0.16, **options).encode(y=level("low"), y2="high:Q"),
        base.mark("area", opacity=0.26, **options).encode(y=level("lower"), y2="upper:Q"),
        base.mark("line", strokeWidth=2, **options).encode(y=level("middle")),
    ]


def rule(at: float, text: str) -> list[Chart]:
    """A level to compare with.

    Args:
        at: the level.
        text: its name, set at the left end.

    Returns:
        The layers of line and name.
    """
    once = vega.chart().once()  # else it is drawn once a data row
    line = once.mark("rule", strokeDash=[5, 4], color=FAINT).encode(y=vega.datum(at))
    name = once.mark("text", align="left", dy=-6, color=FAINT, fontSize=11).encode(
        y=vega.datum(at), x=vega.value(4), text=vega.value(text)
    )
    return [line, name]


def halo(text: Chart, colour: str = INK, **style: Any) -> list[Chart]:
    """Text on a white ground, readable over lines.

    Args:
        text: the chart with its encodings.
        colour: of the letters.
        **style: of the mark.

    Returns:
        The layers of ground and letters.
    """
    ground = text.mark("text", stroke="white", strokeWidth=3, strokeJoin="round", color="white", **style)
    return [ground, text.mark("text", color=colour, **style)]


def panel_title(text: str, size: float = 13, offset: int = 10, **options: Any) -> Record:
    """The name above one panel of several.

    Args:
        text: the name.
        size: of the letters [px].
        offset: above the panel [px].
        **options: further properties of the title.

    Returns:
        The title.
    """
    return dict(text=text, anchor="start", frame="group", fontSize=size, offset=offset, **options)


def name_above(text: str) -> Chart:
    """The name above a panel as a mark: it stands at one height over all panels, whatever their axes' labels need.

    Args:
        text: the name.

    Returns:
        The layer.
    """
    mark = vega.chart(rows([{}])).mark(
        "text", align="left", baseline="bottom", dy=-9, fontSize=13, fontWeight=600, color=INK
    )
    return mark.encode(x=vega.value(0), y=vega.value(0), text=vega.value(text))


def facet_by(field: str, order: Sequence[str]) -> Record:
    """Panels side by side.

    Args:
        field: the field whose values have a panel each.
        order: its values.

    Returns:
        The encoding, names above the panels.
    """
    return vega.field(f"{field}:N", title=None, sort=list(order), header=dict(labelAnchor="start"))


# --- Bands over runs, thin enough for a chart.

BANDS = "Line: median of the runs; dark band: half of them; light band: 90%."
POINTS = 60
"""About so many points a line: more cannot be told apart at page width."""


def how_drawn(runs: int) -> str:
    """What the bands of a chart mean.

    Args:
        runs: how many there are.

    Returns:
        A sentence.
    """
    return BANDS if runs > 1 else "One run: no spread over runs is known."


def thin(data: D) -> D:
    """Every n-th day, the last one among them.

    Args:
        data: with the dimension `day`.

    Returns:
        About `POINTS` days of it.
    """
    days = data.sizes["day"]
    step = max(1, math.ceil(days / POINTS))
    return data.isel(day=np.arange(days - 1, -1, -step)[::-1])


def bands(values: xr.DataArray) -> xr.DataArray:
    """Quantiles over runs.

    Args:
        values: with the dimension `run`.

    Returns:
        The five levels of `intervals.BAND` on a dimension `level` in place of `run`.
    """
    numbers, rest = np.asarray(values, dtype=float), values.isel(run=0, drop=True)
    levels = np.nanquantile if np.isnan(numbers).any() else np.quantile  # the former takes cell by cell
    at = levels(numbers, list(BAND.values()), axis=values.get_axis_num("run"))
    return xr.DataArray(at, {**rest.coords, "level": list(BAND)}, ("level", *rest.dims))


def interval(values: xr.DataArray) -> tuple[float, float, float]:
    """Median and 90 % interval over runs.

    Args:
        values: one number a run `[run]`.

    Returns:
        Median, lower end, upper end.
    """
    low, middle, high = np.quantile(np.asarray(values, dtype=float), list(P90.values()))
    return float(middle), float(low), float(high)


def band_records(values: xr.DataArray, **fixed: object) -> list[Record]:
    """Bands over runs as a chart's data.

    Args:
        values: with the dimensions `run` and `day`.
        **fixed: further fields of every record.

    Returns:
        One record a day and cell of the remaining dimensions, with the five levels as fields.
    """
    return records(bands(thin(values)).to_dataset("level"), **fixed)


def records(data: xr.Dataset, **fixed: object) -> list[Record]:
    """A dataset as a chart's data.

    Args:
        data: variables of the same dimensions.
        **fixed: further fields of every record.

    Returns:
        One record a cell; dates as text and numbers to four digits, to keep the page small.
    """
    names = [str(name) for name in data.data_vars]
    dims = [str(dim) for dim in data.sizes]
    columns = [np.asarray(data[name].transpose(*dims)).ravel() for name in names]
    labels = [[_plain(x) for x in data[dim].values] for dim in dims]
    out: list[Record] = []
    for row, cell in enumerate(np.ndindex(*data.sizes.values())):
        where = {dim: labels[axis][cell[axis]] for axis, dim in enumerate(dims)}
        out.append(fixed | where | {name: _plain(column[row]) for name, column in zip(names, columns, strict=True)})
    return out


def _plain(value: object) -> object:
    """A value as JSON knows it, numbers to four digits."""
    if isinstance(value, np.datetime64):
        return str(value.astype("datetime64[D]"))
    if isinstance(value, (np.floating, float)):
        return float(f"{value:.4g}") if np.isfinite(value) else None
    return value.item() if isinstance(value, np.generic) else value


# --- Widths of text without a font at hand: those of DejaVu Sans, the widest of the fonts that a page falls back on.

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
_DOUBLE = (*range(0x1C4, 0x1CD), *range(0x1F1, 0x1F4))


def text_width(text: str, size: float, bold: bool = False) -> float:
    """An upper estimate of the width of a line of text.

    Args:
        text: the line.
        size: of the letters [px].
        bold: whether they are bold.

    Returns:
        The width [px].
    """
    return sum(map(_hundredths, text)) / 100 * size * (BOLD if bold else 1.0)


def _hundredths(letter: str) -> int:
    """An upper estimate of a letter's width, in hundredths of its size."""
    code = ord(letter)
    if 32 <= code < 127:
        return REGULAR[code - 32]
    if letter in COMMON:
        return COMMON[letter]
    kind = unicodedata.category(letter)
    if kind in ("Mn", "Cf"):  # invisible
        return 0
    if code in _DOUBLE or kind in ("Po", "Sc") or code > 0x1F000:
        return LIGATURE
    return LETTER if kind == "Ll" and code < 0x0900 else CAPITAL


def wrap(text: str, size: float, most: float, bold: bool = False, lines: int | None = None) -> list[str]:
    """Text in lines of limited width; words too long for a line are cut.

    Args:
        text: any text; what no picture's file may hold is left out.
        size: of the letters [px].
        most: width of a line [px].
        bold: whether the letters are bold.
        lines: the most lines; the last of them ends in `…` where there would be more.

    Returns:
        The lines.
    """
    out: list[str] = []
    line = ""
    for word in _clean(text).split(" "):
        for piece in _pieces(word, size, most, bold):
            longer = f"{line} {piece}" if line else piece
            if line and text_width(longer, size, bold) > most:
                out.append(line)
                line = piece
            else:
                line = longer
    out.append(line)
    if lines is not None and len(out) > lines:
        last = out[lines - 1]
        while last and text_width(f"{last}…", size, bold) > most:
            last = last[:-1]
        out = [*out[: lines - 1], f"{last}…"]
    return out


def _clean(text: str) -> str:
    """One line of text without what no file of pictures may hold."""
    letters = "".join(
        " " if letter.isspace() else letter for letter in text
        if letter.isspace() or unicodedata.category(letter) not in ("Cc", "Cs", "Cf", "Co", "Cn")
    )  # fmt: skip
    return " ".join(letters.split())


def _pieces(word: str, size: float, most: float, bold: bool) -> Sequence[str]:
    """A word, cut where it is wider than a line."""
    if text_width(word, size, bold) <= most:
        return [word]
    out, piece = [], ""
    for letter in word:
        if piece and text_width(piece + letter, size, bold) > most:
            out.append(piece)
            piece = ""
        piece += letter
    return [*out, piece]


# --- Names beside points, placed so that none lies on another.

LABEL_SIZE = 11
"""Of the letters [px]."""
_GAP, _REACH = 9, (0, 15, 30, 48, 70)
"""How far a name stands beside its point, and how far above or below it may go [px]."""
_POINT = 5
"""Half the side of the box that a point takes up [px]."""
_COVERED = 2.0
"""What one point that is written over weighs, in the pixels that a name would rather move."""

Spot: TypeAlias = tuple[float, float]
"""Across and down [px]."""
Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, right, bottom [px]."""


@dataclasses.dataclass(frozen=True)
class Label:
    """A name beside its point."""

    text: str
    """The name."""
    x: float
    """Left end of the text [px]."""
    y: float
    """Middle of its line [px]."""
    point: Spot
    """The point that it names."""

    @property
    def box(self) -> Box:
        """What the text takes up."""
        right = self.x + text_width(self.text, LABEL_SIZE)
        return (self.x - 2, self.y - LABEL_SIZE * 0.72, right + 2, self.y + LABEL_SIZE * 0.72)

    @property
    def end(self) -> float:
        """The end of the text that is nearer to the point, where a line to the point starts [px]."""
        right = self.x + text_width(self.text, LABEL_SIZE)
        return self.x - 1 if self.point[0] < self.x else right + 1 if self.point[0] > right else self.point[0]


def place(
    names: Sequence[tuple[str, Spot]], points: Sequence[Spot], width: float, height: float, most: int
) -> list[Label]:
    """Place names beside their points, so that none lies on another and few lie on points.

    Args:
        names: names and the points that they name, the most important first.
        points: all points of the chart.
        width: of the chart [px].
        height: of the chart [px].
        most: the most names.

    Returns:
        The labels; names that find no free place are left out.
    """
    placed: list[Label] = []
    for name, point in names:
        if len(placed) == most:
            break
        free = [label for label in _tries(name, point) if _fits(label, placed, width, height)]
        if free:
            placed.append(min(free, key=lambda label: _cost(label, points)))
    return placed


def _tries(name: str, point: Spot) -> list[Label]:
    """Where a name may stand, the nearest first."""
    wide = text_width(name, LABEL_SIZE)
    return [
        Label(name, left, point[1] + up * reach, point)
        for reach in _REACH
        for up in ((-1, 1) if reach else (1,))
        for left in (point[0] + _GAP, point[0] - _GAP - wide)
    ]


def _fits(label: Label, placed: Sequence[Label], width: float, height: float) -> bool:
    """Whether a label lies within the chart and on no other."""
    left, top, right, bottom = label.box
    inside = left >= 0 and top >= 0 and right <= width and bottom <= height
    return inside and not any(_overlap(label.box, other.box) for other in placed)


def _cost(label: Label, points: Sequence[Spot]) -> float:
    """Points written over, and how far the name stands above or below its own."""
    box = label.box
    covered = sum(
        _overlap(box, (x - _POINT, y - _POINT, x + _POINT, y + _POINT)) for x, y in points if (x, y) != label.point
    )
    return covered * _COVERED * LABEL_SIZE + abs(label.y - label.point[1])


def _overlap(one: Box, other: Box) -> bool:
    """Whether two boxes have something in common."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


# --- Files.


@timings.phase("figures")
def save(chart: Chart | Mapping[str, object], stem: Path) -> tuple[Path, Path]:
    """Write a chart as PNG at double size and as SVG.

    Args:
        chart: the chart, or its specification.
        stem: where, without the ending.

    Returns:
        The paths of PNG and SVG.
    """
    import vl_convert

    png, svg = stem.with_suffix(".png"), stem.with_suffix(".svg")
    drawn = vl_convert.vegalite_to_svg(chart.to_dict() if isinstance(chart, Chart) else dict(chart))
    files.write_text(svg, drawn)
    files.write_bytes(png, vl_convert.svg_to_png(drawn, scale=2))
    return png, svg


def save_all(specs: Mapping[str, Mapping[str, object]], folder: Path) -> None:
    """Write charts into a folder of their own.

    Args:
        specs: specifications by the stem of their files.
        folder: made if it is not there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, spec in specs.items():
        save(spec, folder / name)
