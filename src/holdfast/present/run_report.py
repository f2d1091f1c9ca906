"""The page: everything in one HTML file that opens without a network. [IO]"""

from __future__ import annotations

import base64
import functools
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import altair as alt
import jinja2
import numpy as np
import xarray as xr
from markupsafe import Markup

from holdfast.io import film
from holdfast.io import film as present_film
from holdfast.io.film import Film, Reel
from holdfast.present import charts, front_figures, gauges, run_answer, run_figures, text
from holdfast.present import text as present_text
from holdfast.scenario.provenance import Input

# Every figure of the report: Dataset to chart, one function a figure, and how a chart is saved.


FIGURES: dict[str, Callable[[xr.Dataset], alt.TopLevelMixin]] = {
    "chance_by_day": run_figures.chance_by_day,
    "strength_fan": run_figures.strength_fan,
    "breaks_first": run_figures.breaks_first,
    "risk": run_figures.risk,
    "prospects": run_figures.prospects,
    "exit_rate": run_figures.total_rate,
    "flows": run_figures.by_kind,
    "losses_by_month": run_figures.by_month,
    "regions": front_figures.regions,
    "line": front_figures.line,
    "broken": front_figures.broken,
    "regime": front_figures.regime,
    "reproduction": front_figures.reproduction,
    "gauges": run_figures.pressures,
}
"""All figures, by the stem of their files."""


def save_chart(chart: alt.TopLevelMixin, path_stem: Path) -> tuple[Path, Path]:
    """Write the chart as PNG at double size and as SVG."""
    return save_chart_spec(chart.to_dict(), path_stem)


def save_chart_spec(spec: dict[str, Any], path_stem: Path) -> tuple[Path, Path]:
    """The same from a chart that is already a specification."""
    import vl_convert

    png, svg = path_stem.with_suffix(".png"), path_stem.with_suffix(".svg")
    drawn = vl_convert.vegalite_to_svg(spec)
    svg.write_text(drawn, encoding="utf-8")
    png.write_bytes(vl_convert.svg_to_png(drawn, scale=2))
    return png, svg


def _chart_specs(data: xr.Dataset) -> dict[str, dict[str, Any]]:
    """Every chart of a result as a Vega-Lite specification."""
    return {name: figure(data).to_dict() for name, figure in FIGURES.items() if drawable(name, data)}


def drawable(name: str, data: xr.Dataset) -> bool:
    """Whether the result holds what the figure needs."""
    return name != "regions" or all(need in data.variables for need in front_figures.NEEDS)


# The sections of the page, in order: what each is called, says and shows.


@dataclass(frozen=True)
class Section:
    """One section: sentences first, then its figures."""

    key: str
    nav: str
    title: str
    says: Sequence[str]
    figures: Sequence[str] = ()


def _all_of(data: xr.Dataset, film: Mapping[str, Any], figures: Collection[str]) -> list[Section]:
    """Every section of the page; what is no figure (tables, film) the template adds by `key`."""
    made = [
        Section("answer", "The answer", "Will either side break, and when?", run_answer.sentences(data),
                ("chance_by_day", "strength_fan", "breaks_first")),
        Section("belief", "Belief", "What men believe, and what is true", run_answer.belief(data), ("risk", "prospects")),
        Section("exits", "Exits", "Where exits come from", run_answer.exits(data),
                ("exit_rate", "flows", "losses_by_month", "regions")),
        Section("film", "The film", "The armies, man by man", run_answer.army(film)),
        Section("front", "The front", "The front by sector", run_answer.front(data), ("line", "broken")),
        Section("regime", "The regime", "The regimes behind the armies", run_answer.regime(data), ("regime",)),
        Section("contagion", "Contagion", "Does desertion feed itself?", run_answer.reproduction(data),
                ("reproduction",)),
        Section("pressures", "Pressures", "Nine pressures", run_answer.pressures(gauges.readings(data)), ("gauges",)),
        Section("inputs", "Inputs", "All inputs, and who says so", ()),
        Section("limits", "Limits", "What the model cannot know", ()),
    ]  # fmt: skip
    return [replace(one, figures=[name for name in one.figures if name in figures]) for one in made]


TEMPLATES = Path(__file__).parent / "templates"

FATE_COLOURS = {
    "vacant": "#ececec", "killed": charts.FLOW_COLOURS["killed"], "wounded": charts.FLOW_COLOURS["wounded"],
    "deserted": charts.FLOW_COLOURS["deserted"], "surrendered": charts.FLOW_COLOURS["surrendered"], "imprisoned": "#5B2A9D",
}  # fmt: skip
"""Colours of the film; a man present has his side's tint, and a place that never was a post is white."""

TINTS = ("#B9D7EA", "#F6D0B4")
"""The two side colours, paled: men present are the ground on which the rest is seen."""


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
    """Write the page, and its figures as files beside it."""
    named = present_text.with_names(data)
    specs = _chart_specs(named)
    out_dir.mkdir(parents=True, exist_ok=True)
    if figures:
        folder = out_dir / "figures"
        folder.mkdir(exist_ok=True)
        for name, spec in specs.items():
            save_chart_spec(spec, folder / name)
    reel = present_film.reel(film) if isinstance(film, Film) else film
    about = {} if reel is None else _about_film(reel, data)
    path = out_dir / "report.html"
    text = _render(named, summary, about, reel, specs, inputs, parameters, caveats, background)
    path.write_text(text, encoding="utf-8")
    return path


def _render(
    data: xr.Dataset,
    summary: Mapping[str, Any],
    about: Mapping[str, Any],
    reel: Reel | None,
    specs: Mapping[str, dict[str, Any]],
    inputs: Sequence[Input],
    parameters: Sequence[Input],
    caveats: Sequence[str],
    background: str,
) -> str:
    """The page as text."""
    return _template().render(
        title=data.attrs.get("title") or data.attrs.get("case", "Report"),
        question=data.attrs.get("question", ""),
        facts=_facts(data, summary),
        sides=[str(s) for s in data.side.values],
        side_titles=[str(t) for t in data.side_title.values] if "side_title" in data.coords else [],
        side_colours=charts.SIDE_COLOURS,
        headline=run_answer.headline(data),
        background=[p.strip() for p in background.split("\n\n") if p.strip()],
        sections=_all_of(data, about, specs),
        table=run_answer.table(data),
        scale=_scale(),
        gauges=gauges.GAUGES,
        lists=[("Scenario", _listed(inputs)), ("Parameters", _listed(parameters))],
        caveats=[*caveats, *run_answer.standing(data.attrs.get("losses", ""))],
        specs=_json({name: _without_schema(spec) for name, spec in specs.items()}),
        film=_json(about),
        film_text=Markup(base64.b64encode(reel.payload).decode() if reel else ""),
        style=_file("style.css"),
        scripts=[_bundle(), _file("page.js"), _file("film.js")],
    )


def _about_film(reel: Reel, data: xr.Dataset) -> dict[str, Any]:
    """The film's header with its colours, its sides' titles, and what its run did at the front."""
    about = dict(reel.about)
    same = about["grain"] == data.attrs.get("men_per_billet") and about["run"] < data.sizes["run"]
    if "line" not in about and same:  # only then is the filmed run one of those in the result
        run = data.isel(run=about["run"])
        broken = run.broken.transpose("day", "side", "sector").values
        about |= film.front(broken, run.line_km.transpose("day", "sector").values)
    return about | {
        "among": data.sizes["run"] if same else 0,
        "sides": [present_text.name(side) for side in about["sides"]],
        "blocks": [[name, present_text.name(side), sector, start] for name, side, sector, start in about["blocks"]],
        "sectors": [str(s) for s in data.sector.values],
        "fates": film.FATES,
        "colours": [None, FATE_COLOURS["vacant"], None, *(FATE_COLOURS[fate] for fate in film.FATES[3:])],
        "tints": TINTS,
    }


def _facts(data: xr.Dataset, summary: Mapping[str, Any]) -> list[str]:
    """What was run, in a line."""
    runs, grain = data.sizes["run"], data.attrs.get("men_per_billet", 1)
    facts = [
        f"{text.date(data.day.values[0])} to {text.date(data.day.values[-1])}",
        f"{runs} run" + ("" if runs == 1 else "s"),
        "one billet is " + ("one man" if grain == 1 else f"{grain} men"),
    ]
    if "soldier_days" in summary:
        facts.append(
            f"{text.number(float(summary['soldier_days']))} soldier-days "
            f"in {text.number(float(summary['wall_s']), 2)} s"
        )
    if "seed" in summary:
        facts.append(f"seed {summary['seed']}")
    if "men_balance_error" in summary:
        facts.append(f"men unaccounted for: {summary['men_balance_error']}")
    return [*facts, f"Holdfast {data.attrs.get('holdfast_version', '')}".strip()]


def _template() -> jinja2.Template:
    loader = jinja2.FileSystemLoader(TEMPLATES)
    environment = jinja2.Environment(
        loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    return environment.get_template("report.html.j2")


def _listed(items: Sequence[Input]) -> list[dict[str, str]]:
    return [{"path": i.path, "value": _value(i.value), "unit": i.unit, "source": i.source} for i in items]


def _value(value: Any) -> str:
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, (int, np.integer)):
        return f"{value:,}"
    if isinstance(value, (float, np.floating)):
        return f"{value:.6g}"
    if isinstance(value, (list, tuple)):
        return ", ".join(_value(v) for v in value)
    return str(value)


def _scale() -> list[tuple[str, str]]:
    bounds = [1.0, *(bound for bound, _ in text.SCALE)]
    return [
        (text, f"{100 * low:.0f}–{100 * high:.0f}%")
        for high, (low, text) in zip(bounds, present_text.SCALE, strict=False)
    ]


def _without_schema(spec: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in spec.items() if key != "$schema"}


def _json(value: Any) -> Markup:
    """JSON that no browser reads as markup."""
    return Markup(json.dumps(value, separators=(",", ":")).replace("<", "\\u003c"))


def _file(name: str) -> Markup:
    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))


@functools.cache  # a second to make
def _bundle() -> Markup:
    import vl_convert

    return Markup(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;").replace("</script", "<\\/script"))
