"""Tables on the console: one builder, so that all of them look alike; and results that are nothing but a table.

    tables.table("Chances", ["side", *tables.numbers("chance", "90%")], [["Russia", "3%", "1–8%"]])

Cells and headings are taken to the letter: no markup is read in them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from holdfast.core.results import Result

if TYPE_CHECKING:
    import altair as alt


Cell: TypeAlias = RenderableType
"""Text, or anything else that rich prints."""


@dataclasses.dataclass(frozen=True)
class Column:
    """A column of a table."""

    heading: str = ""
    """Above the column."""
    number: bool = False
    """Set at the right, and never wrapped: a number cut in two misleads."""
    wraps: bool = True
    """Whether a long cell may go on in a second line; else it is cut where the screen is too narrow."""
    folds: bool = False
    """Whether a word longer than the column is broken, so that nothing of it is lost."""


@dataclasses.dataclass(frozen=True)
class Row:
    """A row with a look of its own."""

    cells: Sequence[Cell]
    """In the order of the columns."""
    style: str = ""
    """As rich names it: `bold`, `dim`, `italic`."""
    last: bool = False
    """Whether a line is drawn below."""


def numbers(*headings: str, folds: bool = False) -> list[Column]:
    """Columns of numbers, set at the right.

    Args:
        headings: one for each column.
        folds: whether a long cell is broken into two lines rather than cut.

    Returns:
        The columns.
    """
    return [Column(heading, number=True, wraps=folds, folds=folds) for heading in headings]


def stacked(headings: Iterable[str], most: int = 14) -> list[Column]:
    """Columns of numbers under long headings, which are set in several lines so that no number is cut.

    Args:
        headings: one for each column.
        most: letters in a line.

    Returns:
        The columns.
    """
    import textwrap

    return numbers(*(textwrap.fill(heading, most) for heading in headings))


def names(*headings: str) -> list[Column]:
    """Columns of names, set at the left and never wrapped.

    Args:
        headings: one for each column.

    Returns:
        The columns.
    """
    return [Column(heading, wraps=False) for heading in headings]


def table(
    title: str,
    columns: Sequence[str | Column],
    rows: Iterable[Sequence[Cell] | Row] = (),
    *,
    caption: str = "",
    narrow: bool = False,
) -> Table:
    """A table for the console: its title bold at the left, a line under the headings, no frame.

    Args:
        title: what the table shows; empty for none.
        columns: headings; a plain text heads a column of text that may wrap.
        rows: cells in the order of the columns; `Row` where one is bold or ends a section.
        caption: a note below the table.
        narrow: whether no blank column stands at the sides, for tables of many columns.

    Returns:
        The table, to print with `rich`; more rows can be added to it.
    """
    drawn = Table(
        box=box.SIMPLE_HEAD, title=Text(title, "bold") if title else None, title_justify="left", title_style="bold",
        caption=Text(caption) if caption else None, caption_justify="left", padding=(0, 1), pad_edge=not narrow,
    )  # fmt: skip
    for each in columns:
        column = Column(each) if isinstance(each, str) else each
        drawn.add_column(
            Text(column.heading), justify="right" if column.number else "left", no_wrap=not column.wraps,
            overflow="fold" if column.folds else "ellipsis",
        )  # fmt: skip
    for row in rows:
        add(drawn, row)
    return drawn


def add(drawn: Table, row: Sequence[Cell] | Row) -> None:
    """Add a row to a table.

    Args:
        drawn: the table, as `table` gives it.
        row: its cells; texts are taken to the letter.
    """
    full = row if isinstance(row, Row) else Row(row)
    cells = [Text(cell) if isinstance(cell, str) else cell for cell in full.cells]
    drawn.add_row(*cells, style=full.style or None, end_section=full.last)


# --- Results that are one table: what `holdfast.core.results` calls.


def figures(result: object) -> dict[str, Callable[[], alt.TopLevelMixin]]:
    """The figures of a result that is one table.

    Args:
        result: any result.

    Returns:
        None.
    """
    return {}


def save(result: Result, folder: Path, *, figures: bool = False) -> Path:
    """Write a result that is one table.

    Args:
        result: any result.
        folder: where.
        figures: of no use: there are none.

    Returns:
        The path of `table.csv`.
    """
    from holdfast.io import files

    with files.beside(folder / "table.csv") as fresh:
        result.to_frame().to_csv(fresh, index=False)
    return folder / "table.csv"


def in_html(result: Result) -> str:
    """A result that is one table in short, as HTML for a notebook.

    Args:
        result: any result.

    Returns:
        Its first rows.
    """
    return str(result.to_frame().to_html(index=False, float_format="{:.4g}".format, max_rows=40))
