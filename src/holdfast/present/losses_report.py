"""The page of a war's losses: one HTML file that opens without a network, and its figures beside it. [IO]"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np

from holdfast.core import runtime
from holdfast.evidence import fit
from holdfast.evidence.posterior import LONG, Posterior, quantiles
from holdfast.evidence.verdict import HIGH, JUDGED, LOW, NOT, Verdict
from holdfast.present import charts, html, losses_bands, losses_comparisons, losses_figures, losses_text, text
from holdfast.present import text as present_text
from holdfast.present.losses_marks import COLOURS

# The page's sentences: who lost how many, how sure that is, what became of the claims, how the fit went.


Summary = Mapping[str, Any]


def _headline(posterior: Posterior, summary: Summary) -> str:
    """Who lost how many by when."""
    said = [
        f"{present_text.name(side)} has lost {present_text.interval(summary['sides'][side]['killed'])} men killed"
        for side in posterior.sides
    ]
    return f"By {present_text.date(posterior.until)} {text.listed(said)}."


def _answer(posterior: Posterior, verdicts: Sequence[Verdict]) -> list[str]:
    """How sure, with the wounded, the ratio of the sides, and the claims."""
    first, last = posterior.calendar.first, posterior.calendar.last
    made = [
        "In brackets: the 90% interval. Given the model and the claims, one chance in twenty lies below it and one above."
    ]
    both = [
        f"{present_text.interval(quantiles(losses_bands.total(posterior, side, 'killed_wounded', first, last)))} "
        f"({present_text.name(side)})" for side in posterior.sides
    ]  # fmt: skip
    made.append(f"Killed and wounded together, each wound counted: {text.listed(both)}.")
    if len(posterior.sides) == 2:
        made.append(_compared(posterior))
    return [*made, _told_of(verdicts)]


def _compared(posterior: Posterior) -> str:
    one, other = posterior.sides
    dead = [posterior.total(side, "killed") for side in (one, other)]
    count = min(map(len, dead))
    ratio = dead[0][:count] / np.maximum(dead[1][:count], 1.0)
    if np.median(ratio) < 1:
        one, other, ratio = other, one, 1 / ratio
    chance = float(np.mean(ratio > 1))
    low, middle, high = np.quantile(ratio, [0.05, 0.5, 0.95])
    return (
        f"That {present_text.name(one)} has lost more men killed than {present_text.name(other)} is {text.chance(chance)} "
        f"({present_text.tail(chance)}); for each of {text.of(present_text.name(other))} dead "
        f"{text.with_interval((middle, low, high), 2)} of {text.of(present_text.name(one))}."
    )


def _told_of(verdicts: Sequence[Verdict]) -> str:
    """How many claims fit."""
    count = Counter(one.verdict for one in verdicts)
    judged = len(verdicts) - count[NOT]
    return (
        f"Of {judged:,} claims that can be judged {count[JUDGED]:,} are compatible with the evidence under their own "
        f"words, {count[HIGH]:,} are too high and {count[LOW]:,} too low."
    )


def _warnings(posterior: Posterior) -> list[str]:
    """What must be said before anything is believed."""
    made = []
    if posterior.method == "fast":
        made.append(
            "This is the fast fit: the nearest normal distribution in place of sampling. Its intervals may be too narrow "
            "and its middles off. Do not cite it; fit with NUTS first."
        )
    made += [f"The fit fell short: {fault}." for fault in posterior.diagnostics.get("faults", [])]
    made += posterior.diagnostics.get("notes", [])
    return made


def diagnostics(posterior: Posterior) -> list[tuple[str, str, str]]:
    """Rows: what, value, what it should be."""
    found = posterior.diagnostics
    rows = [
        ("method", losses_text.METHODS.get(posterior.method, posterior.method), "NUTS"),
        ("largest R-hat", _shown(found.get("r_hat_max"), "{:.4f}"), "at most 1.02"),
        ("fewest effective draws", _shown(found.get("ess_min"), "{:,.0f}"), "at least 400"),
        ("divergences", _shown(found.get("divergences"), "{:,}"), "at most 0.5% of the draws"),
        ("draws", _shown(found.get("draws"), "{:,}"), ""),
        ("seed", str(posterior.seed), ""),
    ]
    if posterior.method == "fast":  # draws of a normal distribution are independent: these say nothing of the fit
        rows = [row if row[0] in ("method", "draws", "seed") else (row[0], row[1], "says nothing of a fast fit")
                for row in rows]  # fmt: skip
    for side, ends in found.get("fits", {}).items():
        who, there = present_text.name(side), f"{len(ends['starts'])} starts"
        same = sum(_near(one["potential"], ends["starts"]) for one in ends["starts"])
        rows += [
            (f"slope at the mode, {who}", f"{ends['slope']:.1g} per posterior SD", f"at most {fit.SLOPE_MOST:g}"),
            (f"least curvature at the mode, {who}", f"{ends['least_curvature']:.2f}", "above 0"),
            (f"slope of the normal fit, {who}", f"{ends['spread_slope']:.1g}", f"at most {fit.SPREAD_SLOPE_MOST:g}"),
            (f"starts that reached the mode, {who}", f"{same} of {there}", "all"),
        ]  # fmt: skip
    return rows


def _near(potential: float | None, ends: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a start ended at the best mode of all that converged."""
    best = min(one["potential"] for one in ends if one["converged"])
    return potential is not None and potential <= best + fit.SAME_MODE


def _shown(value: Any, form: str) -> str:
    return "–" if value is None else form.format(value)


# The page's sections that hold charts, in order.


MONTHLY = ("killed", "killed_wounded", "wounded", "missing", "captured", "deserted", "recruited")
"""Quantities that have charts of months, for each side."""


@dataclasses.dataclass(frozen=True)
class Section:
    """A section: what it is called, a sentence, its charts by the stem of their files."""

    key: str
    nav: str
    title: str
    says: str
    charts: Mapping[str, Callable[[], alt.TopLevelMixin]]


def sections(
    posterior: Posterior, verdicts: Sequence[Verdict], lineage_table: Sequence[Mapping[str, Any]]
) -> list[Section]:
    """All sections with charts; a chart is drawn when its function is called."""
    sides = list(posterior.sides)

    def each(stem: str, draw: Callable[[str], alt.TopLevelMixin]) -> dict[str, Callable[[], alt.TopLevelMixin]]:
        return {f"{stem}_{side}": lambda side=side: draw(side) for side in sides}  # type: ignore[misc]

    months: dict[str, Callable[[], alt.TopLevelMixin]] = {}
    for quantity in MONTHLY:
        months |= each(
            f"monthly_{quantity}",
            lambda side, quantity=quantity: losses_figures.monthly(posterior, verdicts, side, quantity),  # type: ignore[misc]
        )
    made = [
        Section("flows", "Overview", "What each month took and brought", "All flows of both sides.",
                {"overview": lambda: losses_figures.overview(posterior, verdicts)}),
        Section("dead", "Killed", "The dead, and every claim of them",
                "A claim within the band fits; hollow ones count something else and are judged on their own words.",
                each("cumulative_killed", lambda side: losses_figures.cumulative(posterior, verdicts, side, "killed"))),
        Section("casualties", "Casualties", "Killed and wounded, and every claim of them",
                "Most totals said of casualties count each wound, so a man may be counted twice.",
                each("cumulative_casualties",
                     lambda side: losses_figures.cumulative(posterior, verdicts, side, "killed_wounded"))),
        Section("strength", "Strength", "Men present",
                "Who is present ties the losses to who was sent: nobody can lose more men than came.",
                each("strength", lambda side: losses_figures.strength(posterior, verdicts, side))),
        Section("months", "Months", "Month by month",
                "Each flow with the claims of a month or a period, and where there are such, with those of its sum.",
                months),
    ]  # fmt: skip
    if lineage_table:
        made.append(
            Section("lineages", "Lineages", "Which lineages carry the information",
                    "Claims that come from one source are one lineage and have one vote between them. Where a result "
                    "moves when a lineage is left out, it rests on that lineage.",
                    {"lineages": lambda: losses_comparisons.lineages(lineage_table)})
        )  # fmt: skip
    return made


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
        charts.save_all(specs, folder / "figures")
    path = folder / FILE
    text = _render(posterior, verdicts, lineage_table, summary, claims_caveats, shown, specs)
    path.write_text(text, encoding="utf-8")
    return path


def drawn(shown: Sequence[Section]) -> dict[str, dict[str, Any]]:
    """Every chart as a specification, by the stem of its file."""
    return {name: chart().to_dict() for section in shown for name, chart in section.charts.items()}


def _render(
    posterior: Posterior,
    verdicts: Sequence[Verdict],
    lineage_table: Sequence[Mapping[str, Any]],
    summary: Mapping[str, Any],
    claims_caveats: Sequence[str],
    shown: Sequence[Section],
    specs: Mapping[str, Mapping[str, Any]],
) -> str:
    """The page as text."""
    return html.charts_page(
        "losses.html.j2",
        specs,
        ["losses.js"],
        title=f"The losses of {losses_text.sides(posterior)}",
        headline=_headline(posterior, summary),
        answer=_answer(posterior, verdicts),
        warnings=_warnings(posterior),
        facts=[losses_text.evidence(posterior), losses_text.method(posterior), f"Holdfast {runtime.version()}"],
        tables=[_totals(posterior, side, number, summary) for number, side in enumerate(posterior.sides)],
        sections=shown,
        claims=[_claim(number, one) for number, one in enumerate(losses_text.worst_first(verdicts))],
        choices=_choices(verdicts),
        lineages=[_lineage(row) for row in lineage_table],
        diagnostics=diagnostics(posterior),
        caveats=losses_text.caveats(posterior, claims_caveats),
        citation=losses_text.citation(posterior),
        own_style=html.content("losses.css"),
    )


def _totals(posterior: Posterior, side: str, number: int, summary: Mapping[str, Any]) -> dict[str, Any]:
    years = losses_bands.by_year(posterior, side)
    in_all = summary["sides"][side]
    rows = [
        {
            "name": long,
            "cells": [
                (present_text.men(one[name]["p50"]), present_text.span(one[name])) for one in [*years.values(), in_all]
            ],
        }
        for name, long in LONG.items()
    ]
    return {
        "side": present_text.name(side),
        "colour": charts.SIDE_COLOURS[number % len(charts.SIDE_COLOURS)],
        "years": list(years),
        "rows": rows,
    }


def _claim(number: int, verdict: Verdict) -> dict[str, Any]:
    """A row of the table of claims."""
    claim, truth = verdict.claim, verdict.truth
    ratio = 2.718281828 ** losses_text.out_by(verdict) if truth else None
    return {
        "order": number,
        "id": claim.claim_id,
        "side": present_text.name(claim.side),
        "who": claim.claimant,
        "type": losses_text.TYPES.get(claim.claimant_type, claim.claimant_type),
        "said": losses_text.said(claim),
        "value": claim.value,
        "quantity": claim.quantity,
        "read": verdict.says,
        "window": losses_text.window(claim),
        "day": str(claim.as_of_date),
        "definition": claim.definition,
        "evidence": present_text.men(truth["p50"]) if truth else "–",
        "interval": present_text.span(truth) if truth else "",
        "truth": truth["p50"] if truth else -1,
        "ratio": f"{ratio:.2g}" if ratio is not None else "–",
        "times": ratio if ratio is not None else -1,
        "chance": present_text.tail(verdict.tail_probability),
        "tail": verdict.tail_probability if verdict.tail_probability is not None else 2,
        "verdict": losses_text.VERDICTS[verdict.verdict],
        "colour": COLOURS[verdict.verdict],
        "would": verdict.would_mean,
        "source": claim.source or "source",
        "url": html.link(claim.url),
    }


def _choices(verdicts: Sequence[Verdict]) -> list[tuple[str, str, list[str]]]:
    """What the table can be narrowed by: key, name, values that occur."""
    found = {losses_text.VERDICTS[one.verdict] for one in verdicts}
    types = {losses_text.TYPES.get(one.claim.claimant_type, one.claim.claimant_type) for one in verdicts}
    return [
        ("verdict", "verdict", [name for name in losses_text.VERDICTS.values() if name in found]),
        ("side", "side", sorted({present_text.name(one.claim.side) for one in verdicts})),
        ("quantity", "quantity", sorted({one.claim.quantity for one in verdicts})),
        ("type", "claimant", sorted(types)),
    ]


def _lineage(row: Mapping[str, Any]) -> dict[str, Any]:
    khat = row.get("khat")
    return {
        "side": present_text.name(str(row["side"])), "lineage": row["lineage"], "claims": row["claims"],
        "quantity": row["quantity"], "without": present_text.interval(row),
        "full": present_text.interval({name: row[f"full_{name}"] for name in ("p05", "p50", "p95")}),
        "moves": f"{float(row['moves_sd']):+.2f}".replace("-", "−"), "widens": f"{float(row['widens']):.2f}",
        "khat": "–" if khat is None else f"{float(khat):.2f}",
        "how": "fitted again" if row.get("refitted") else "weights, shaky" if losses_comparisons.shaky(row) else "weights",
    }  # fmt: skip
