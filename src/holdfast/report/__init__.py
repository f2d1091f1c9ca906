"""The report: one offline page and its figures, from a result alone. Nothing here knows the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from holdfast.report.film import Film, Reel
from holdfast.report.inputs import Input

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["Film", "Input", "Reel", "write"]


def write(
    out_dir: Path,
    data: xr.Dataset,
    summary: Mapping[str, Any],
    film: Film | Reel | None,
    inputs: Sequence[Input],
    parameters: Sequence[Input],
    caveats: Sequence[str],
    background: str,
    *,
    figures: bool = True,
) -> Path:
    """Write `report.html`, and `figures/*.png` and `*.svg`, into a folder; give the page's path."""
    from holdfast.report import page  # altair takes a third of a second: only who writes a report pays

    return page.write(out_dir, data, summary, film, inputs, parameters, caveats, background, figures=figures)
