"""The page of a war's losses: one HTML file that opens without a network, and its figures beside it. [IO]"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from holdfast import machine
from holdfast.evidence.pages import citing, figures, telling, templates, totals, words
from holdfast.evidence.pages.figures.claims import COLOURS
from holdfast.evidence.pages.parts import Section, sections
from holdfast.evidence.posterior import LONG, Posterior
from holdfast.evidence.verdict import Verdict
from holdfast.report import figures as drawing
from holdfast.report import look, naming
from holdfast.report import page as reports

FILE = "losses.html"


def write(
    folder: Path,
    posterior: Posterior,
    verdicts: Sequence[Verdict],
    lineage_table: Sequence[Mapping[str, Any]],
    summary: Mapping[str, Any],
    claims_caveats: Sequence[str],
    *,
    figures: bool = True,
) -> Path:
    """Write `losses.html`, and its figures as PNG and SVG into `figures/`; give the page's path."""
    shown = sections(posterior, verdicts, lineage_table)
    specs = drawn(shown)
    folder.mkdir(parents=True, exist_ok=True)
    if figures:
        beside = folder / "figures"
        beside.mkdir(exist_ok=True)
        for name, spec in specs.items():
            drawing.save_spec(spec, beside / name)
    path = folder / FILE
    text = render(posterior, verdicts, lineage_table, summary, claims_caveats, shown, specs)
    path.write_text(text, encoding="utf-8")
    return path


def drawn(shown: Sequence[Section]) -> dict[str, dict[str, Any]]:
    """Every chart as a specification, by the stem of its file."""
    return {name: chart().to_dict() for section in shown for name, chart in section.charts.items()}


def render(
    posterior: Posterior,
    verdicts: Sequence[Verdict],
    lineage_table: Sequence[Mapping[str, Any]],
    summary: Mapping[str, Any],
    claims_caveats: Sequence[str],
    shown: Sequence[Section],
    specs: Mapping[str, Mapping[str, Any]],
) -> str:
    """The page as text."""
    return templates.render(
        "losses.html.j2",
        title=f"The losses of {citing.sides(posterior)}",
        headline=telling.headline(posterior, summary),
        answer=telling.answer(posterior, verdicts),
        warnings=telling.warnings(posterior),
        facts=[citing.evidence(posterior), citing.method(posterior), f"Holdfast {machine.version()}"],
        tables=[_totals(posterior, side, number, summary) for number, side in enumerate(posterior.sides)],
        sections=shown,
        claims=[_claim(number, one) for number, one in enumerate(words.worst_first(verdicts))],
        choices=_choices(verdicts),
        lineages=[_lineage(row) for row in lineage_table],
        diagnostics=telling.diagnostics(posterior),
        caveats=citing.caveats(posterior, claims_caveats),
        citation=citing.citation(posterior),
        specs=templates.data({name: _without_schema(spec) for name, spec in specs.items()}),
        style=_report_file("style.css"),
        own_style=templates.text("losses.css"),
        scripts=[_bundle(), _report_file("page.js"), templates.text("losses.js")],
    )


def _totals(posterior: Posterior, side: str, number: int, summary: Mapping[str, Any]) -> dict[str, Any]:
    years = totals.by_year(posterior, side)
    in_all = summary["sides"][side]
    rows = [
        {
            "name": long,
            "cells": [(words.men(one[name]["p50"]), words.span(one[name])) for one in [*years.values(), in_all]],
        }
        for name, long in LONG.items()
    ]
    return {
        "side": naming.name(side),
        "colour": look.SIDE_COLOURS[number % len(look.SIDE_COLOURS)],
        "years": list(years),
        "rows": rows,
    }


def _claim(number: int, verdict: Verdict) -> dict[str, Any]:
    """A row of the table of claims."""
    claim, truth = verdict.claim, verdict.truth
    ratio = 2.718281828 ** words.out_by(verdict) if truth else None
    return {
        "order": number,
        "id": claim.claim_id,
        "side": naming.name(claim.side),
        "who": claim.claimant,
        "type": words.TYPES.get(claim.claimant_type, claim.claimant_type),
        "said": words.said(claim),
        "value": claim.value,
        "quantity": claim.quantity,
        "read": verdict.says,
        "window": words.window(claim),
        "day": str(claim.as_of_date),
        "definition": claim.definition,
        "evidence": words.men(truth["p50"]) if truth else "–",
        "interval": words.span(truth) if truth else "",
        "truth": truth["p50"] if truth else -1,
        "ratio": f"{ratio:.2g}" if ratio is not None else "–",
        "times": ratio if ratio is not None else -1,
        "chance": words.chance(verdict.tail_probability),
        "tail": verdict.tail_probability if verdict.tail_probability is not None else 2,
        "verdict": words.VERDICTS[verdict.verdict],
        "colour": COLOURS[verdict.verdict],
        "would": verdict.would_mean,
        "source": claim.source or "source",
        "url": templates.link(claim.url),
    }


def _choices(verdicts: Sequence[Verdict]) -> list[tuple[str, str, list[str]]]:
    """What the table can be narrowed by: key, name, values that occur."""
    found = {words.VERDICTS[one.verdict] for one in verdicts}
    types = {words.TYPES.get(one.claim.claimant_type, one.claim.claimant_type) for one in verdicts}
    return [
        ("verdict", "verdict", [name for name in words.VERDICTS.values() if name in found]),
        ("side", "side", sorted({naming.name(one.claim.side) for one in verdicts})),
        ("quantity", "quantity", sorted({one.claim.quantity for one in verdicts})),
        ("type", "claimant", sorted(types)),
    ]


def _lineage(row: Mapping[str, Any]) -> dict[str, Any]:
    khat = row.get("khat")
    return {
        "side": naming.name(str(row["side"])), "lineage": row["lineage"], "claims": row["claims"],
        "quantity": row["quantity"], "without": words.interval(row),
        "full": words.interval({name: row[f"full_{name}"] for name in ("p05", "p50", "p95")}),
        "moves": f"{float(row['moves_sd']):+.2f}".replace("-", "−"), "widens": f"{float(row['widens']):.2f}",
        "khat": "–" if khat is None else f"{float(khat):.2f}",
        "how": "fitted again" if row.get("refitted") else "weights, shaky" if figures.shaky(row) else "weights",
    }  # fmt: skip


def _without_schema(spec: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in spec.items() if key != "$schema"}


def _report_file(name: str) -> Markup:
    return Markup((reports.TEMPLATES / name).read_text(encoding="utf-8"))


@functools.cache  # a second to make
def _bundle() -> Markup:
    import vl_convert

    script = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    return Markup(script.replace("</script", "<\\/script"))
