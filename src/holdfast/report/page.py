"""The page: everything in one HTML file that opens without a network. [IO]"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
import xarray as xr
from markupsafe import Markup

from holdfast.report import caveats as standing
from holdfast.report import figures as drawing
from holdfast.report import film as filming
from holdfast.report import gauges, look, sections, verdict, words
from holdfast.report.film import Film
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
    film: Film | None,
    inputs: Sequence[Input],
    parameters: Sequence[Input],
    caveats: Sequence[str],
    background: str,
    *,
    figures: bool = True,
) -> Path:
    """Write the page, and its figures as files beside it."""
    specs = drawing.specs(data)
    out_dir.mkdir(parents=True, exist_ok=True)
    if figures:
        folder = out_dir / "figures"
        folder.mkdir(exist_ok=True)
        for name, spec in specs.items():
            drawing.save_spec(spec, folder / name)
    path = out_dir / "report.html"
    text = render(data, summary, film, inputs, parameters, caveats, background, specs)
    path.write_text(text, encoding="utf-8")
    return path


def render(
    data: xr.Dataset,
    summary: Mapping[str, Any],
    film: Film | None,
    inputs: Sequence[Input],
    parameters: Sequence[Input],
    caveats: Sequence[str],
    background: str,
    specs: Mapping[str, dict[str, Any]],
) -> str:
    """The page as text."""
    packed = None if film is None else filming.pack(film)
    about = {} if film is None or packed is None else _about_film(film, packed, data)
    return _template().render(
        data=data.attrs,
        sides=[str(s) for s in data.side.values],
        side_colours=look.SIDE_COLOURS,
        summary=summary,
        span=f"{words.date(data.day.values[0])} to {words.date(data.day.values[-1])}",
        headline=verdict.headline(data),
        background=[p.strip() for p in background.split("\n\n") if p.strip()],
        sections=sections.all_of(data, film, packed.every if packed else 1),
        table=verdict.table(data),
        scale=_scale(),
        gauges=gauges.GAUGES,
        lists=[("Scenario", _listed(inputs)), ("Parameters", _listed(parameters))],
        caveats=[*caveats, *standing.STANDING],
        specs=_json({name: _without_schema(spec) for name, spec in specs.items()}),
        film=_json(about),
        film_text=Markup(packed.text() if packed else ""),
        fates=[(name, FATE_COLOURS[name]) for name in FATE_COLOURS],
        tints=TINTS,
        style=_file("style.css"),
        scripts=[_bundle(), _file("page.js"), _file("film.js")],
    )


def _template() -> jinja2.Template:
    loader = jinja2.FileSystemLoader(TEMPLATES)
    environment = jinja2.Environment(
        loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    return environment.get_template("report.html.j2")


def _about_film(film: Film, packed: filming.Packed, data: xr.Dataset) -> dict[str, Any]:
    """The film's header, with what the filmed run did at the front."""
    run = data.isel(run=film.run)
    names = film.brigade_name or tuple(str(b) for b in data.brigade.values)
    if len(names) == len(film.brigade_side):
        film = dataclasses.replace(film, brigade_name=names)
    about = filming.header(film, packed)
    return about | {
        "fates": filming.FATES,
        "sectors": [str(s) for s in data.sector.values],
        "broken": np.asarray(run.broken.transpose("side", "sector", "day")).astype(int).tolist(),
        "line": np.round(np.asarray(run.line_km.transpose("sector", "day"), dtype=float)).astype(int).tolist(),
        "colours": [None, FATE_COLOURS["vacant"], None, *(FATE_COLOURS[f] for f in filming.FATES[3:])],
        "tints": TINTS,
    }  # fmt: skip


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
    return [(text, f"{100 * low:.0f}–{100 * high:.0f} %") for high, (low, text) in zip(bounds, words.SCALE, strict=False)]


def _without_schema(spec: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in spec.items() if key != "$schema"}


def _json(value: Any) -> Markup:
    """JSON that no browser reads as markup."""
    return Markup(json.dumps(value, separators=(",", ":")).replace("<", "\\u003c"))


def _file(name: str) -> Markup:
    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))


def _bundle() -> Markup:
    import vl_convert

    return Markup(vl_convert.javascript_bundle().replace("</script", "<\\/script"))
