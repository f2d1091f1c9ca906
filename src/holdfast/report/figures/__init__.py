"""Every figure of the report: Dataset to chart, one function a figure, and how a chart is saved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import altair as alt
import xarray as xr

from holdfast.report.figures import belief, breaking, exits, front, pressures, regime, regions

FIGURES: dict[str, Callable[[xr.Dataset], alt.TopLevelMixin]] = {
    "chance_by_day": breaking.chance_by_day,
    "strength_fan": breaking.strength_fan,
    "breaks_first": breaking.breaks_first,
    "risk": belief.risk,
    "prospects": belief.prospects,
    "exit_rate": exits.total_rate,
    "flows": exits.by_kind,
    "losses_by_month": exits.by_month,
    "regions": regions.regions,
    "line": front.line,
    "broken": front.broken,
    "regime": regime.regime,
    "reproduction": regime.reproduction,
    "gauges": pressures.pressures,
}
"""All figures, by the stem of their files."""


def save(chart: alt.TopLevelMixin, path_stem: Path) -> tuple[Path, Path]:
    """Write the chart as PNG at double size and as SVG."""
    return save_spec(chart.to_dict(), path_stem)


def save_spec(spec: dict[str, Any], path_stem: Path) -> tuple[Path, Path]:
    """The same from a chart that is already a specification."""
    import vl_convert

    png, svg = path_stem.with_suffix(".png"), path_stem.with_suffix(".svg")
    drawn = vl_convert.vegalite_to_svg(spec)
    svg.write_text(drawn, encoding="utf-8")
    png.write_bytes(vl_convert.svg_to_png(drawn, scale=2))
    return png, svg


def specs(data: xr.Dataset) -> dict[str, dict[str, Any]]:
    """Every chart of a result as a Vega-Lite specification."""
    return {name: figure(data).to_dict() for name, figure in FIGURES.items() if drawable(name, data)}


def drawable(name: str, data: xr.Dataset) -> bool:
    """Whether the result holds what the figure needs."""
    return name != "regions" or all(need in data.variables for need in regions.NEEDS)
