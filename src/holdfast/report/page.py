"""The page: everything in one HTML file that opens without a network. [IO]"""

from __future__ import annotations

import base64
import functools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
import xarray as xr
from markupsafe import Markup

from holdfast.report import caveats as always
from holdfast.report import figures as drawing
from holdfast.report import film as filming
from holdfast.report import gauges, look, naming, sections, verdict, words
from holdfast.report.film import Film, Reel
from holdfast.report.inputs import Input

TEMPLATES = Path(__file__).parent / "templates"

FATE_COLOURS = {
    "vacant": "#ececec", "killed": look.FLOW_COLOURS["killed"], "wounded": look.FLOW_COLOURS["wounded"],
    "deserted": look.FLOW_COLOURS["deserted"], "surrendered": look.FLOW_COLOURS["surrendered"], "imprisoned": "#5B2A9D",
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
    named = naming.with_names(data)
    specs = drawing.specs(named)
    out_dir.mkdir(parents=True, exist_ok=True)
    if figures:
        folder = out_dir / "figures"
        folder.mkdir(exist_ok=True)
        for name, spec in specs.items():
            drawing.save_spec(spec, folder / name)
    reel = filming.reel(film) if isinstance(film, Film) else film
    about = {} if reel is None else about_film(reel, data)
    path = out_dir / "report.html"
    text = render(named, summary, about, reel, specs, inputs, parameters, caveats, background)
    path.write_text(text, encoding="utf-8")
    return path


def render(
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
        side_colours=look.SIDE_COLOURS,
        headline=verdict.headline(data),
        background=[p.strip() for p in background.split("\n\n") if p.strip()],
        sections=sections.all_of(data, about, specs),
        table=verdict.table(data),
        scale=_scale(),
        gauges=gauges.GAUGES,
        lists=[("Scenario", _listed(inputs)), ("Parameters", _listed(parameters))],
        caveats=[*caveats, *always.standing(data.attrs.get("losses", ""))],
        specs=_json({name: _without_schema(spec) for name, spec in specs.items()}),
        film=_json(about),
        film_text=Markup(base64.b64encode(reel.payload).decode() if reel else ""),
        style=_file("style.css"),
        scripts=[_bundle(), _file("page.js"), _file("film.js")],
    )


def about_film(reel: Reel, data: xr.Dataset) -> dict[str, Any]:
    """The film's header with its colours, its sides' titles, and what its run did at the front."""
    about = dict(reel.about)
    same = about["grain"] == data.attrs.get("men_per_billet") and about["run"] < data.sizes["run"]
    if "line" not in about and same:  # only then is the filmed run one of those in the result
        run = data.isel(run=about["run"])
        broken = run.broken.transpose("day", "side", "sector").values
        about |= filming.front(broken, run.line_km.transpose("day", "sector").values)
    return about | {
        "among": data.sizes["run"] if same else 0,
        "sides": [naming.name(side) for side in about["sides"]],
        "blocks": [[name, naming.name(side), sector, start] for name, side, sector, start in about["blocks"]],
        "sectors": [str(s) for s in data.sector.values],
        "fates": filming.FATES,
        "colours": [None, FATE_COLOURS["vacant"], None, *(FATE_COLOURS[fate] for fate in filming.FATES[3:])],
        "tints": TINTS,
    }


def _facts(data: xr.Dataset, summary: Mapping[str, Any]) -> list[str]:
    """What was run, in a line."""
    runs, grain = data.sizes["run"], data.attrs.get("men_per_billet", 1)
    facts = [
        f"{words.date(data.day.values[0])} to {words.date(data.day.values[-1])}",
        f"{runs} run" + ("" if runs == 1 else "s"),
        "one billet is " + ("one man" if grain == 1 else f"{grain} men"),
    ]
    if "soldier_days" in summary:
        facts.append(
            f"{words.number(float(summary['soldier_days']))} soldier-days "
            f"in {words.number(float(summary['wall_s']), 2)} s"
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
    bounds = [1.0, *(bound for bound, _ in words.SCALE)]
    return [
        (text, f"{100 * low:.0f}–{100 * high:.0f}%") for high, (low, text) in zip(bounds, words.SCALE, strict=False)
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
