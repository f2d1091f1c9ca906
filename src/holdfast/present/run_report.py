"""The report of a simulation: everything in one HTML file that opens without a network, its figures beside it. [IO]"""

from __future__ import annotations

import base64
import functools
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from markupsafe import Markup, escape

from holdfast.ensemble import store
from holdfast.ensemble.result import LUCK, Comparison, SimulationResult
from holdfast.io import files, film
from holdfast.io import film as io_film
from holdfast.io.film import Film, Reel
from holdfast.present import charts, html, run_figures, run_findings, text, vega

if TYPE_CHECKING:
    import altair as alt

    from holdfast.scenario.template import Input


PAGE = "report.html"

FATE_COLOURS = {
    "vacant": "#ececec", **{fate: charts.FLOW_COLOURS[fate] for fate in ("killed", "wounded", "deserted", "surrendered")},
    "imprisoned": "#5B2A9D",
}  # fmt: skip
"""Colours of the film; a man present has his side's tint, and a place that never was a post is white."""
TINTS = ("#B9D7EA", "#F6D0B4")
"""The two side colours, paled: men present are the ground on which the rest is seen."""


@dataclass(frozen=True)
class _Section:
    """One section of the page: sentences first, then its figures; tables and film the template adds by `key`."""

    key: str
    """Its anchor, and its key in `findings.sentences`."""
    nav: str
    title: str
    figures: Sequence[str] = ()
    says: Sequence[str] = ()


SECTIONS = (
    _Section(
        "answer", "The answer", "Will either side break, and when?", ("chance_by_day", "strength_fan", "breaks_first")
    ),
    _Section("belief", "Belief", "What men believe, and what is true", ("risk", "prospects")),
    _Section("exits", "Exits", "Where exits come from", ("exit_rate", "flows", "losses_by_month", "regions")),
    _Section("film", "The film", "The armies, man by man"),
    _Section("front", "The front", "The front by sector", ("line", "broken")),
    _Section("regime", "The regime", "The regimes behind the armies", ("regime",)),
    _Section("contagion", "Contagion", "Does desertion feed itself?", ("reproduction",)),
    _Section("pressures", "Pressures", "Nine pressures", ("gauges",)),
    _Section("inputs", "Inputs", "All inputs, and who says so"),
    _Section("limits", "Limits", "What the model cannot know"),
)
"""The sections in order."""


@dataclass(frozen=True)
class Inputs:
    """What stands in the report beside the dataset's numbers."""

    scenario: Sequence[Input] = ()
    """Values of the scenario, with their sources."""
    parameters: Sequence[Input] = ()
    """Parameters of the model, with their sources."""
    caveats: Sequence[str] = ()
    """Of the scenario."""
    background: str = ""
    """Of the scenario, in paragraphs."""
    inferred: Sequence[str] = ()
    """Where each side's level of resolve is from, in sentences."""


def write(
    folder: Path,
    data: xr.Dataset,
    summary: Mapping[str, object],
    film: Film | Reel | None,
    inputs: Inputs,
    *,
    figures: bool = False,
) -> Path:
    """Write the page, and its figures as files beside it.

    Args:
        folder: where; made if it is not there.
        data: the run's dataset.
        summary: `SimulationResult.summary`, of which the page shows how fast the run was.
        film: the film, packed or not; `None` where none was made.
        inputs: what else the page lists.
        figures: whether to write the figures as SVG and PNG too.

    Returns:
        The page's path.
    """
    named = text.with_names(data)
    specs = {name: draw().to_dict() for name, draw in _drawings(named).items()}
    folder.mkdir(parents=True, exist_ok=True)
    if figures:
        charts.save_all(specs, folder / "figures")
    reel = io_film.reel(film) if isinstance(film, Film) else film
    path = folder / PAGE
    files.write_text(path, _page(named, summary, reel, specs, inputs))
    return path


def _page(
    data: xr.Dataset,
    summary: Mapping[str, object],
    reel: Reel | None,
    specs: Mapping[str, charts.Record],
    inputs: Inputs,
) -> str:
    """The page as text."""
    about = {} if reel is None else _about_film(reel, data)
    return html.charts_page(
        "report.html.j2", specs, ["soldiers.js", "film.js"],
        title=data.attrs.get("title") or data.attrs.get("scenario") or data.attrs.get("case", "Report"),
        question=data.attrs.get("question", ""),
        facts=_facts(data, summary),
        sides=run_findings.sides_of(data),
        side_titles=[str(title) for title in data.side_title.values] if "side_title" in data.coords else [],
        side_colours=charts.SIDE_COLOURS,
        headline=run_findings.headline(data),
        background=[part.strip() for part in inputs.background.split("\n\n") if part.strip()],
        sections=_sections(data, about, specs),
        table=run_findings.table(data),
        scale=_scale(),
        gauges=run_findings.GAUGES,
        lists=[("Scenario", _listed(inputs.scenario)), ("Parameters", _listed(inputs.parameters))],
        caveats=[*inputs.caveats, *run_findings.caveats(_uncertain(data), data.attrs.get("losses", ""))],
        further=_further(data),
        inferred=inputs.inferred,
        film=html.embedded(about),
        film_text=Markup(base64.b64encode(reel.payload).decode() if reel else ""),
    )  # fmt: skip


def _uncertain(data: xr.Dataset) -> str:
    """What the runs differ in."""
    return str(data.attrs.get("uncertain", LUCK))


def _further(data: xr.Dataset) -> list[tuple[str, list[str], list[list[str]]]]:
    """Further tables of the answer that have rows: title, heads, rows."""
    tables = [
        (run_findings.ENDS_TITLE, *run_findings.ends(data)),
        (run_findings.SPREAD_TITLE, *run_findings.spread(data)),
    ]
    return [table for table in tables if table[2]]


def _sections(data: xr.Dataset, about: charts.Record, figures: Collection[str]) -> list[_Section]:
    """Every section with its sentences and those of its figures that are drawn."""
    return [
        replace(
            section,
            says=run_findings.of_film(about) if section.key == "film" else run_findings.sentences(section.key, data),
            figures=[name for name in section.figures if name in figures],
        )
        for section in SECTIONS
    ]


def _about_film(reel: Reel, data: xr.Dataset) -> charts.Record:
    """The film's header with its colours, its sides' names, and what its run did at the front."""
    about = dict(reel.about)
    same = about["grain"] == data.attrs.get("men_per_billet") and about["run"] < data.sizes["run"]
    if "line" not in about and same:  # only then is the filmed run one of those in the result
        run = data.isel(run=about["run"])
        about |= film.front(
            run.broken.transpose("day", "side", "sector").values, run.line_km.transpose("day", "sector").values
        )
    return about | {
        "among": data.sizes["run"] if same else 0,
        "sides": [text.name(side) for side in about["sides"]],
        "blocks": [[name, text.name(side), sector, start] for name, side, sector, start in about["blocks"]],
        "sectors": [str(sector) for sector in data.sector.values],
        "fates": film.FATES,
        "colours": [None, FATE_COLOURS["vacant"], None, *(FATE_COLOURS[fate] for fate in film.FATES[3:])],
        "tints": TINTS,
    }


def _facts(data: xr.Dataset, summary: Mapping[str, object]) -> list[str]:
    """What was run, in a line."""
    runs, grain = data.sizes["run"], data.attrs.get("men_per_billet", 1)
    facts = [
        f"{text.date(data.day.values[0])} to {text.date(data.day.values[-1])}",
        f"{runs} run" + ("" if runs == 1 else "s"),
        "one billet is " + ("one man" if grain == 1 else f"{grain} men"),
    ]
    if "soldier_days" in summary:
        days, seconds = (float(str(summary[name])) for name in ("soldier_days", "wall_s"))
        facts.append(f"{text.number(days)} soldier-days in {text.number(seconds, 2)} s")
    if "seed" in summary:
        facts.append(f"seed {summary['seed']}")
    if "men_balance_error" in summary:
        facts.append(f"men unaccounted for: {summary['men_balance_error']}")
    return [*facts, f"Holdfast {data.attrs.get('holdfast_version', '')}".strip()]


def _listed(items: Sequence[Input]) -> list[dict[str, str]]:
    """Inputs as rows of a table."""
    return [{"path": one.path, "value": _value(one.value), "unit": one.unit, "source": one.source} for one in items]


def _value(value: object) -> str:
    """An input's value as text."""
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, (int, np.integer)):
        return f"{value:,}"
    if isinstance(value, (float, np.floating)):
        return f"{value:.6g}"
    if isinstance(value, (list, tuple)):
        return ", ".join(_value(one) for one in value)
    return str(value)


def _scale() -> list[tuple[str, str]]:
    """The words for chances, with what they stand for."""
    bounds = [1.0, *(low for low, _ in text.SCALE)]
    return [
        (words, f"{100 * low:.0f}–{100 * high:.0f}%") for high, (low, words) in zip(bounds, text.SCALE, strict=False)
    ]


# What a simulation's result shows and saves of itself (`holdfast.core.results`).


def figures(result: object) -> dict[str, Callable[[], alt.TopLevelMixin]]:
    """The figures of a simulation.

    Args:
        result: a simulation's result, or a comparison of two, which has no figures.

    Returns:
        Functions that draw them, by the figures' names.
    """
    if not isinstance(result, SimulationResult):
        return {}
    return vega.in_altair(_drawings(text.with_names(result.data)))


def _drawings(named: xr.Dataset) -> dict[str, Callable[[], charts.Chart]]:
    """What draws each figure of a dataset whose sides are called by their names."""
    drawn = run_figures.FIGURES
    return {name: functools.partial(drawn[name], named) for name in drawn if run_figures.drawable(name, named)}


def save(result: object, folder: Path, *, figures: bool = False, csv: bool = False) -> Path:
    """Write a simulation's result, or a comparison of two, to a folder, whole or not at all.

    Args:
        result: the result.
        folder: where.
        figures: whether to write the figures as SVG and PNG too.
        csv: whether to write flat tables of everything too.

    Returns:
        The path of `report.html`, or of a comparison's `comparison.json`.
    """
    if not isinstance(result, SimulationResult):
        assert isinstance(result, Comparison)
        return files.write_json(folder / "comparison.json", result.to_dict())
    document, summary = result.scenario.document, result.summary()
    inputs = Inputs(
        result.inputs(), result.parameters(), document.caveats, document.background, text.inferred(result.draws)
    )
    with files.folder(folder, optional=("tables", "figures")) as fresh:
        files.write_json(fresh / "summary.json", summary)
        files.write_zarr(fresh / store.DATA, result.data)
        store.write_manifest(fresh / store.MANIFEST, result.manifest())
        if csv:
            (fresh / "tables").mkdir()
            for name, table in result.tables().items():
                table.to_csv(fresh / "tables" / f"{name}.csv", index=False)
        write(fresh, result.data, summary, result.film, inputs, figures=figures)
    return folder / PAGE


def in_html(result: object) -> str:
    """A simulation's result, or a comparison of two, for a notebook.

    Args:
        result: the result.

    Returns:
        Its main table as HTML.
    """
    assert isinstance(result, SimulationResult | Comparison)
    said = "".join(f"<p>{escape(line)}</p>" for line in result.basis()) if isinstance(result, Comparison) else ""
    return said + str(result.to_frame().to_html(index=False, float_format="{:.4g}".format, max_rows=40))


def in_cell(result: SimulationResult) -> str:
    """A page of the answer, the fan of strengths and the film, for the cell of a notebook.

    Args:
        result: the result.

    Returns:
        The page as text.
    """
    data = text.with_names(result.data)
    about = {} if result.film is None else _about_film(result.film, data)
    return html.charts_page(
        "cell.html.j2", {"strength_fan": run_figures.FIGURES["strength_fan"](data).to_dict()}, ["soldiers.js", "film.js"],
        title=data.attrs.get("title", "Holdfast"), headline=run_findings.headline(data), facts=_facts(data, result.summary()),
        film=html.embedded(about), film_says=run_findings.of_film(about) if about else [],
        film_text=Markup(base64.b64encode(result.film.payload).decode() if result.film else ""),
    )  # fmt: skip
