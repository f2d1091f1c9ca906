"""What all results have in common: `to_dict`, `to_frame`, `save`, `plot`, and how a notebook shows them.

A result holds data and neither draws nor writes. Its figures, its files and its view in a notebook come from a module of
`holdfast.present`, which reads results. A result names that module by its dotted name, so that no import leads back.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Protocol, cast

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd


STORE = "holdfast.saved_results"
"""Dotted name of the module that stores results, for the same reason."""
TABLES = "holdfast.io.table_files"
"""Dotted name of the module that writes tables."""


class _Presenter(Protocol):
    """What a module of `holdfast.present` offers for one class of results."""

    def figures(self, result: object) -> Mapping[str, Callable[[], alt.TopLevelMixin]]:
        """Functions that draw the result's figures, by the figures' names."""

    def save(self, result: object, folder: Path, *, figures: bool = False, **options: object) -> Path:
        """Write the result to a folder, whole or not at all; the path of its main file."""

    def in_html(self, result: object) -> str:
        """The result in short, as HTML for a notebook."""


class Result:
    """Base of the results of every verb.

    A subclass sets `PRESENTER` and gives `to_dict` and `rows`; all else follows from these.
    """

    PRESENTER: ClassVar[str]
    """Dotted name of the module of `holdfast.present` that draws, writes and shows results of this class."""
    UNITS: ClassVar[Mapping[str, str]] = {}
    """Units of columns of `rows`, by name, where they have one."""

    def to_dict(self) -> dict[str, object]:
        """The result in plain values.

        Returns:
            What the command line prints with `--json`: values by key, `None` for what is not known.
        """
        raise NotImplementedError

    def rows(self) -> Sequence[Mapping[str, object]]:
        """The result's main table.

        Returns:
            Its rows, values by column.
        """
        raise NotImplementedError

    def to_frame(self) -> pd.DataFrame:
        """The result's main table.

        Returns:
            A data frame with one row for each of `rows`.

        Raises:
            ModuleNotFoundError: if pandas is not installed; the extra `evidence` brings it.
        """
        import pandas

        return pandas.DataFrame([dict(row) for row in self.rows()])

    def save(self, folder: str | Path, *, figures: bool = False, **options: object) -> Path:
        """Write the result to a folder, whole or not at all.

        Args:
            folder: where; made if it is not there. Files of other names in it stay.
            figures: whether to write the figures as SVG and PNG files too, which takes some seconds; a page has its
                figures without them.
            **options: what the result's own module of `holdfast.present` allows besides.

        Returns:
            The path of the main file: the page where there is one, else the JSON.

        Raises:
            FileExistsError: if `folder` is a file.
        """
        from holdfast.core import timings

        with timings.phase("write"):
            pages = lambda: self._presenter().save(self, Path(folder), figures=figures, **options)  # noqa: E731
            return cast(Path, importlib.import_module(STORE).write(self, Path(folder), pages))

    def write(self, path: str | Path) -> Path:
        """Write the result's table to one file, whole or not at all; the ending of its name decides the format.

        Args:
            path: a file that ends in `.csv`, `.parquet`, `.json` (records) or `.nc`. NetCDF gets the labelled `data` where the
                result has it, every run or draw of it, else the table; units are attributes.

        Returns:
            The path.

        Raises:
            FaultyError: if the name ends otherwise, or a package that the format needs is not installed.
        """
        data = getattr(self, "data", None) if str(path).lower().endswith(".nc") else None
        return cast(Path, importlib.import_module(TABLES).write(Path(path), self.rows(), self.UNITS, data))

    @property
    def plot(self) -> Figures:
        """The result's figures: `result.plot.NAME()` is an Altair chart, `dir(result.plot)` lists the names."""
        return Figures(self._presenter().figures(self))

    def __repr__(self) -> str:
        """The kind of result and the size of its main table: data are shown by `to_frame`, not by accident."""
        rows = self.rows()
        columns = ", ".join(list(rows[0])[:6]) if rows else "none"
        return f"<{type(self).__name__}: {len(rows)} rows of {columns} ...>"

    def _presenter(self) -> _Presenter:
        """The module that presents results of this class."""
        return cast(_Presenter, importlib.import_module(self.PRESENTER))

    def _repr_html_(self) -> str:
        """The result in short, as a notebook shows it."""
        return self._presenter().in_html(self)


def origin() -> dict[str, object]:
    """What ArviZ's schema wants to be said of every group of a posterior.

    Returns:
        Attributes: the library that made it, its version, and along which dimensions draws lie.
    """
    from holdfast.core import runtime

    return {
        "creation_library": "holdfast", "creation_library_version": runtime.version(), "creation_library_language": "Python",
        "sample_dims": ["chain", "draw"],
    }  # fmt: skip


class Shown:
    """A page in the cell of a notebook: it asks nothing of the network, and its scripts see nothing of the notebook."""

    def __init__(self, page: str, height: int) -> None:
        """Hold a page.

        Args:
            page: its HTML.
            height: of the frame in which it stands [px].
        """
        self.page, self.height = page, height

    def _repr_html_(self) -> str:
        """The page in a frame."""
        from html import escape

        style = f"width:100%;height:{self.height}px;border:1px solid #d9d9d9;background:#fff"
        return (
            f'<iframe sandbox="allow-scripts" title="Holdfast" style="{style}" srcdoc="{escape(self.page)}"></iframe>'
        )

    def __repr__(self) -> str:
        return "<a page for the cell of a notebook>"


class Figures(Mapping[str, "Callable[[], alt.TopLevelMixin]"]):
    """Figures of a result: functions that draw them, as attributes and as items."""

    def __init__(self, drawings: Mapping[str, Callable[[], alt.TopLevelMixin]]) -> None:
        """Hold the functions.

        Args:
            drawings: functions that draw the figures, by the figures' names.
        """
        self._drawings = dict(drawings)

    def __getattr__(self, name: str) -> Callable[[], alt.TopLevelMixin]:
        if name.startswith("_") or name not in self._drawings:
            raise AttributeError(f"no figure {name!r}; there are {', '.join(self._drawings) or 'none'}")
        return self._drawings[name]

    def __getitem__(self, name: str) -> Callable[[], alt.TopLevelMixin]:
        return self._drawings[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._drawings)

    def __len__(self) -> int:
        return len(self._drawings)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._drawings]

    def __repr__(self) -> str:
        return f"figures: {', '.join(self._drawings) or 'none'}"
