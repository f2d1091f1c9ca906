"""The page of a war's losses, which opens without a network, and the card of one claim, as a page and as a picture. [IO]"""

from __future__ import annotations

import dataclasses
import functools
import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

import numpy as np
from markupsafe import Markup

from holdfast.core import runtime
from holdfast.evidence import fit
from holdfast.evidence.losses import Losses
from holdfast.evidence.posterior import LONG, Posterior, quantiles
from holdfast.evidence.verdict import HIGH, JUDGED, LOW, NOT, Verdict, as_table, judge, stock_flow
from holdfast.io import files
from holdfast.present import charts, html, losses_figures, text, vega
from holdfast.present.charts import Record
from holdfast.present.losses_figures import COLOURS
from holdfast.stats import intervals

if TYPE_CHECKING:
    import altair as alt

PAGE = "losses.html"
MONTHLY = ("killed", "killed_wounded", "wounded", "missing", "captured", "deserted", "recruited")
"""Quantities that have charts of months, for each side."""


@dataclasses.dataclass(frozen=True)
class _Section:
    """A section of the page: its anchor, what it is called, a sentence, and functions that draw its charts by file stem."""

    key: str
    nav: str
    title: str
    says: str
    charts: Mapping[str, Callable[[], charts.Chart]]


def sections(
    posterior: Posterior, verdicts: Sequence[Verdict], lineages: Sequence[Mapping[str, object]]
) -> list[_Section]:
    """The sections that hold charts, in order.

    Args:
        posterior: the posterior.
        verdicts: on its claims.
        lineages: the table of lineages left out; may be empty.

    Returns:
        The sections; a chart is drawn when its function is called.
    """

    def each(stem: str, draw: Callable[..., charts.Chart], *more: str) -> dict[str, Callable[[], charts.Chart]]:
        return {
            f"{stem}_{files.stem(side)}": functools.partial(draw, posterior, verdicts, side, *more)
            for side in posterior.sides
        }

    months: dict[str, Callable[[], charts.Chart]] = {}
    for quantity in MONTHLY:
        months |= each(f"monthly_{quantity}", losses_figures.monthly, quantity)
    every = [
        _Section("flows", "Overview", "What each month took and brought", "All flows of both sides.",
                {"overview": functools.partial(losses_figures.overview, posterior, verdicts)}),
        _Section("dead", "Killed", "The dead, and every claim of them",
                "A claim within the band fits; hollow ones count something else and are judged on their own words.",
                each("cumulative_killed", losses_figures.cumulative, "killed")),
        _Section("casualties", "Casualties", "Killed and wounded, and every claim of them",
                "Most totals said of casualties count each wound, so a man may be counted twice.",
                each("cumulative_casualties", losses_figures.cumulative, "killed_wounded")),
        _Section("strength", "Strength", "Men present",
                "Who is present ties the losses to who was sent: nobody can lose more men than came.",
                each("strength", losses_figures.strength)),
        _Section("months", "Months", "Month by month",
                "Each flow with the claims of a month or a period, and where there are such, with those of its sum.",
                months),
    ]  # fmt: skip
    if lineages:
        every.append(
            _Section("lineages", "Lineages", "Which lineages carry the information",
                    "Claims that come from one source are one lineage and have one vote between them. Where a result "
                    "moves when a lineage is left out, it rests on that lineage.",
                    {"lineages": functools.partial(losses_figures.lineages, lineages)})
        )  # fmt: skip
    return every


def drawn(every: Sequence[_Section]) -> dict[str, Record]:
    """All charts of the page.

    Args:
        every: its sections.

    Returns:
        Specifications of Vega-Lite by the stem of the charts' files.
    """
    return {name: chart().to_dict() for section in every for name, chart in section.charts.items()}


def write(
    folder: Path,
    posterior: Posterior,
    verdicts: Sequence[Verdict],
    lineages: Sequence[Mapping[str, object]],
    summary: Record,
    caveats: Sequence[str],
    *,
    figures: bool = False,
) -> Path:
    """Write the page, and its figures as PNG and SVG beside it.

    Args:
        folder: where; made if it is not there.
        posterior: the posterior.
        verdicts: on its claims.
        lineages: the table of lineages left out; may be empty.
        summary: `Losses.summary`.
        caveats: of the claims.
        figures: whether to write the figures too, into `figures/`.

    Returns:
        The page's path.
    """
    every = sections(posterior, verdicts, lineages)
    specs = drawn(every)
    folder.mkdir(parents=True, exist_ok=True)
    if figures:
        charts.save_all(specs, folder / "figures")
    page = html.charts_page(
        "losses.html.j2", specs, ["losses.js"],
        title=f"The losses of {text.sides(posterior)}",
        headline=_headline(posterior, summary),
        answer=_answer(posterior, verdicts),
        warnings=_warnings(posterior),
        facts=[text.evidence(posterior), text.method(posterior), f"Holdfast {runtime.version()}"],
        tables=[_totals(posterior, side, number, summary) for number, side in enumerate(posterior.sides)],
        sections=every,
        claims=[_claim_row(number, one) for number, one in enumerate(text.worst_first(verdicts))],
        choices=_choices(verdicts),
        lineages=[_lineage_row(dict(row)) for row in lineages],
        diagnostics=diagnostics(posterior),
        caveats=text.caveats(posterior, caveats),
        citation=text.citation(posterior),
        own_style=html.content("losses.css"),
    )  # fmt: skip
    path = folder / PAGE
    files.write_text(path, page)
    return path


# --- The page's sentences: who lost how many, how sure that is, what became of the claims, how the fit went.


def _headline(posterior: Posterior, summary: Record) -> str:
    """Who lost how many by when."""
    lost = [
        f"{text.name(side)} has lost {text.interval(summary['sides'][side]['killed'])} men killed"
        for side in posterior.sides
    ]
    return f"By {text.date(posterior.until)} {text.listed(lost)}."


def _answer(posterior: Posterior, verdicts: Sequence[Verdict]) -> list[str]:
    """How sure, with the wounded, the ratio of the sides, and the claims."""
    both = [
        f"{text.interval(quantiles(losses_figures.total(posterior, side, 'killed_wounded')))} ({text.name(side)})"
        for side in posterior.sides
    ]
    count = Counter(one.verdict for one in verdicts)
    return [
        "In brackets: the 90% interval. Given the model and the claims, one chance in twenty lies below it and one above.",
        f"Killed and wounded together, each wound counted: {text.listed(both)}.",
        *([_compared(posterior)] if len(posterior.sides) == 2 else []),
        f"Of {len(verdicts) - count[NOT]:,} claims that can be judged {count[JUDGED]:,} are compatible with the evidence "
        f"under their own words, {count[HIGH]:,} are too high and {count[LOW]:,} too low.",
    ]


def _compared(posterior: Posterior) -> str:
    """Which side lost more men killed."""
    one, other = posterior.sides
    dead = [posterior.total(side, "killed") for side in (one, other)]
    count = min(map(len, dead))
    ratio = dead[0][:count] / np.maximum(dead[1][:count], 1.0)
    if np.median(ratio) < 1:
        one, other, ratio = other, one, 1 / ratio
    chance = float(np.mean(ratio > 1))
    low, middle, high = intervals.quantiles(ratio).values()
    return (
        f"That {text.name(one)} has lost more men killed than {text.name(other)} is {text.chance(chance)} "
        f"({text.tail_chance(chance)}); for each of {text.of(text.name(other))} dead "
        f"{text.with_interval((middle, low, high), 2)} of {text.of(text.name(one))}."
    )


def _warnings(posterior: Posterior) -> list[str]:
    """What must be said before anything is believed."""
    fast = (
        "This is the fast fit: the nearest normal distribution in place of sampling. Its intervals may be too narrow "
        "and its middles off. Do not cite it; fit with NUTS first."
    )
    return [
        *([fast] if posterior.method == "fast" else []),
        *(f"The fit fell short: {fault}." for fault in posterior.diagnostics.get("faults", [])),
        *posterior.diagnostics.get("notes", []),
    ]


def diagnostics(posterior: Posterior) -> list[tuple[str, str, str]]:
    """How well the fit went.

    Args:
        posterior: the posterior.

    Returns:
        Rows: what is measured, its value, what it should be.
    """
    numbers = posterior.diagnostics

    def shown(name: str, form: str) -> str:
        return "–" if numbers.get(name) is None else form.format(numbers[name])

    fast = posterior.method == "fast"  # draws of a normal distribution are independent: mixing says nothing of the fit
    nothing = "says nothing of a fast fit"
    rows = [
        ("method", text.METHODS.get(posterior.method, posterior.method), "NUTS"),
        ("largest R-hat", shown("r_hat_max", "{:.4f}"), nothing if fast else "at most 1.02"),
        ("fewest effective draws", shown("ess_min", "{:,.0f}"), nothing if fast else "at least 400"),
        ("divergences", shown("divergences", "{:,}"), nothing if fast else "at most 0.5% of the draws"),
        ("draws", shown("draws", "{:,}"), ""),
        ("seed", str(posterior.seed), ""),
    ]
    for side, ends in numbers.get("fits", {}).items():
        who, starts = text.name(side), ends["starts"]
        best = min(one["potential"] for one in starts if one["converged"])
        same = sum(one["potential"] is not None and one["potential"] <= best + fit.SAME_MODE for one in starts)
        rows += [
            (f"slope at the mode, {who}", f"{ends['slope']:.1g} per posterior SD", f"at most {fit.SLOPE_MOST:g}"),
            (f"least curvature at the mode, {who}", f"{ends['least_curvature']:.2f}", "above 0"),
            (f"slope of the normal fit, {who}", f"{ends['spread_slope']:.1g}", f"at most {fit.SPREAD_SLOPE_MOST:g}"),
            (f"starts that reached the mode, {who}", f"{same} of {len(starts)} starts", "all"),
        ]  # fmt: skip
    return rows


# --- The page's tables.


def _totals(posterior: Posterior, side: str, number: int, summary: Record) -> Record:
    """A side's losses by year."""
    years = losses_figures.by_year(posterior, side)
    columns = [*years.values(), summary["sides"][side]]
    return {
        "side": text.name(side),
        "colour": charts.SIDE_COLOURS[number % len(charts.SIDE_COLOURS)],
        "years": list(years),
        "rows": [
            {"name": long, "cells": [(text.men(one[name]["p50"]), text.span(one[name])) for one in columns]}
            for name, long in LONG.items()
        ],
    }


def _claim_row(number: int, verdict: Verdict) -> Record:
    """A row of the table of claims."""
    claim, evidence = verdict.claim, verdict.truth
    ratio = math.exp(text.out_by(verdict)) if evidence else None
    return {
        "order": number, "id": claim.claim_id, "side": text.name(claim.side), "who": claim.claimant,
        "type": text.TYPES.get(claim.claimant_type, claim.claimant_type), "said": text.said(claim),
        "value": claim.value, "quantity": claim.quantity, "read": verdict.says, "window": text.window(claim),
        "day": str(claim.as_of_date), "definition": claim.definition,
        "evidence": text.men(evidence["p50"]) if evidence else "–", "interval": text.span(evidence) if evidence else "",
        "truth": evidence["p50"] if evidence else -1,
        "ratio": "–" if ratio is None else f"{ratio:.2g}", "times": -1 if ratio is None else ratio,
        "chance": text.tail_chance(verdict.tail_probability),
        "tail": 2 if verdict.tail_probability is None else verdict.tail_probability,
        "verdict": text.VERDICTS[verdict.verdict], "colour": COLOURS[verdict.verdict], "would": verdict.would_mean,
        "source": claim.source or "source", "url": html.link(claim.url),
    }  # fmt: skip


def _choices(verdicts: Sequence[Verdict]) -> list[tuple[str, str, list[str]]]:
    """What the table can be narrowed by: key, name, values that occur."""
    here = {text.VERDICTS[one.verdict] for one in verdicts}
    types = {text.TYPES.get(one.claim.claimant_type, one.claim.claimant_type) for one in verdicts}
    return [
        ("verdict", "verdict", [name for name in text.VERDICTS.values() if name in here]),
        ("side", "side", sorted({text.name(one.claim.side) for one in verdicts})),
        ("quantity", "quantity", sorted({one.claim.quantity for one in verdicts})),
        ("type", "claimant", sorted(types)),
    ]


def _lineage_row(row: Record) -> Record:
    """A row of the table of lineages."""
    khat = row.get("khat")
    weights = "weights, shaky" if losses_figures.shaky(row) else "weights"
    return {
        "side": text.name(str(row["side"])), "lineage": row["lineage"], "claims": row["claims"],
        "quantity": row["quantity"], "without": text.interval(row),
        "full": text.interval({name: row[f"full_{name}"] for name in ("p05", "p50", "p95")}),
        "moves": text.signed(float(row["moves_sd"]), 2), "widens": f"{float(row['widens']):.2f}",
        "khat": "–" if khat is None else f"{float(khat):.2f}", "how": "fitted again" if row.get("refitted") else weights,
    }  # fmt: skip


# --- A sheet drawn from the top down as SVG; it knows what every line of text measures.

_FONT = "'DejaVu Sans', Verdana, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
_LEADING = 1.38
"""Line height, in sizes."""


@dataclasses.dataclass(frozen=True)
class _Line:
    """A line of text that was drawn."""

    text: str
    """The text."""
    x: float
    """Its left end [px]."""
    y: float
    """Its base line [px]."""
    width: float
    """At most [px]."""


@dataclasses.dataclass
class _Sheet:
    """What was drawn so far."""

    width: int
    """Of the sheet [px]."""
    margin: int
    """At either side [px]."""
    y: float = 0.0
    """Where the next thing goes [px]."""
    parts: list[str] = dataclasses.field(default_factory=list)
    """Elements of SVG."""
    lines: list[_Line] = dataclasses.field(default_factory=list)
    """Lines of text."""

    @property
    def inner(self) -> float:
        """Width between the margins [px]."""
        return self.width - 2 * self.margin

    def text(
        self, words: str, size: float, *, bold: bool = False, colour: str = charts.INK, indent: float = 0.0,
        lines: int | None = None, gap: float = 0.0,
    ) -> None:  # fmt: skip
        """Draw wrapped lines of text."""
        left = self.margin + indent
        weight = ' font-weight="600"' if bold else ""
        for line in charts.wrap(words, size, self.width - self.margin - left, bold, lines):
            self.y += size * _LEADING
            base = self.y - size * (_LEADING - 1) * 0.75
            self.lines.append(_Line(line, left, base, charts.text_width(line, size, bold)))
            self.parts.append(
                f'<text x="{left:.1f}" y="{base:.1f}" font-size="{size:g}" fill="{colour}"{weight}>{escape(line)}</text>'
            )
        self.y += gap

    def rule(self, gap: float = 14.0) -> None:
        """Draw a line across."""
        self.y += gap
        ends = f'x1="{self.margin}" x2="{self.width - self.margin}" y1="{self.y:.1f}" y2="{self.y:.1f}"'
        self.parts.append(f'<line {ends} stroke="#d9d9d9"/>')
        self.y += gap * 0.6

    def bar(self, top: float, colour: str) -> None:
        """Draw a thick bar at the left of all that was drawn since."""
        size = f'y="{top:.1f}" width="7" height="{self.y - top:.1f}"'
        self.parts.append(f'<rect x="{self.margin}" {size} fill="{colour}"/>')

    def picture(self, svg: str, alt: str) -> None:
        """Draw a chart at its own size, or smaller if it would not fit."""
        size = re.search(r'<svg[^>]*?\bwidth="([\d.]+)"[^>]*?\bheight="([\d.]+)"[^>]*>', svg)
        if not size:
            raise ValueError("the picture says no size")
        width, height = float(size[1]), float(size[2])
        scale = min(1.0, self.inner / width)
        body = svg[size.end() : svg.rindex("</svg>")]
        self.parts.append(
            f'<svg x="{self.margin}" y="{self.y:.1f}" width="{width * scale:.1f}" height="{height * scale:.1f}" '
            f'viewBox="0 0 {width:g} {height:g}" role="img" aria-label={quoteattr(alt)}>{body}</svg>'
        )
        self.y += height * scale

    def svg(self, title: str, description: str) -> str:
        """All that was drawn."""
        height = int(self.y + self.margin * 0.7) + 1
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width}" height="{height}" '
            f'viewBox="0 0 {self.width} {height}" font-family="{_FONT}" role="group" aria-labelledby="card-title card-text">'
            f'<title id="card-title">{escape(title)}</title><desc id="card-text">{escape(description)}</desc>'
            f'<rect width="{self.width}" height="{height}" fill="#ffffff"/>'
            f'<rect x="0.5" y="0.5" width="{self.width - 1}" height="{height - 1}" fill="none" stroke="#bdbdbd"/>'
            f"{''.join(self.parts)}</svg>"
        )


# --- One claim on one card: who said what, what the evidence says of it, by which arithmetic, and how to cite it.

CARD_WIDTH, CARD_MARGIN = 1080, 44
CARD_SCALE = 2
"""Pixels of the picture for each of the card."""
_CARD_HOW = (
    "Magenta line: the claim's number. Thick bar: half of the evidence; thin bar: 90%; tick: median. Right: the chance that "
    "the truth is as far out, and the verdict, for each meaning."
)
_CARD_VERDICTS = {
    JUDGED: "Compatible with the evidence", HIGH: "Too high for the evidence", LOW: "Too low for the evidence",
    NOT: "Not judged",
}  # fmt: skip


def card(verdict: Verdict, posterior: Posterior, arithmetic: Sequence[str], citation: str) -> tuple[str, str, _Sheet]:
    """The card of one claim.

    Args:
        verdict: on the claim, with its readings.
        posterior: the posterior.
        arithmetic: how the number compares with the flows of men, in sentences; may be empty.
        citation: how to cite the posterior.

    Returns:
        The card as an HTML page that needs nothing else, as SVG, and the sheet that it is drawn on.
    """
    headline = f"{text.name(verdict.claim.side)}: {text.said(verdict.claim)} {verdict.claim.quantity}"
    source, facts, words = _source(verdict), _facts(verdict, posterior), _in_words(verdict)
    footer = [
        f"{text.evidence(posterior)}. Method: {text.method(posterior)}. Holdfast {runtime.version()}.",
        text.CAVEAT,
    ]
    sheet = _Sheet(CARD_WIDTH, CARD_MARGIN, y=CARD_MARGIN * 0.6)
    _draw_claim(sheet, verdict, headline, source)
    _draw_verdict(sheet, verdict, facts)
    _draw_readings(sheet, verdict, posterior, words)
    if arithmetic:
        sheet.rule()
        sheet.text("The arithmetic", 16, bold=True, gap=3)
        for line in arithmetic:
            sheet.text(line, 14, gap=3)
    sheet.rule()
    for line in footer:
        sheet.text(line, 12.5, colour=charts.FAINT, gap=2)
    sheet.text(f"Cite as: {citation}", 12.5, gap=2)
    svg = sheet.svg(headline, " ".join(facts))
    page = html.render(
        "card.html.j2", title=headline, verdict=_CARD_VERDICTS[verdict.verdict], svg=Markup(svg), source=source,
        url=html.link(verdict.claim.url), facts=facts, readings=words, arithmetic=list(arithmetic), footer=footer,
        citation=charts.wrap(citation, 1, 1e9)[0], width=CARD_WIDTH,
    )  # fmt: skip
    return page, svg, sheet


def _source(verdict: Verdict) -> list[str]:
    """Who, when, where, in which words."""
    claim = verdict.claim
    kind = text.TYPES.get(claim.claimant_type, claim.claimant_type)
    who = f"{claim.claimant} ({kind}), " if text.by_somebody(claim) else ""
    published = f", published {text.short_date(claim.published_date)}" if claim.published_date else ""
    words = claim.definition if text.by_somebody(claim) else claim.note
    where = ", ".join(part for part in (claim.source, claim.url) if part)
    return [
        f"{who}{text.window(claim)}{published}",
        (f"In words: “{words}”. " if words else "") + f"Read as: {verdict.says}.",
        *([f"Source: {where}"] if where else []),
    ]


def _facts(verdict: Verdict, posterior: Posterior) -> list[str]:
    """The verdict and what it rests on, in sentences; those after the first stand in smaller type."""
    side = posterior.sides.get(verdict.claim.side)
    first = text.sentence(verdict, side.draws if side else None)
    if verdict.truth is None:
        return [first]
    total = text.total(verdict.claim)
    facts = [
        first + (f" {verdict.would_mean}" if verdict.verdict != JUDGED else ""),
        f"The evidence has {text.interval(verdict.truth)} for {verdict.says}, {text.window(verdict.claim)}"
        + (f"; the claim comes to {total}." if total else "."),
    ]
    if verdict.predicted and text.by_somebody(verdict.claim):
        facts.append(
            f"Such a claimant, with what their other claims tell of their habits, would be expected to say "
            f"{text.interval(verdict.predicted)}."
        )
    return facts


def _in_words(verdict: Verdict) -> list[str]:
    """Each reading as a line of text."""
    return [
        f"{one.says}: {text.interval(one.truth)}, chance {text.tail_chance(one.tail_probability)}, "
        f"{text.VERDICTS[one.verdict]}"
        for one in verdict.readings
    ]


def _draw_claim(sheet: _Sheet, verdict: Verdict, headline: str, source: Sequence[str]) -> None:
    """Who said what."""
    title = f"Holdfast · one claim against the evidence · {verdict.claim.claim_id}"
    sheet.text(title, 12.5, colour=charts.FAINT, lines=2, gap=6)
    sheet.text(headline, 30, bold=True, gap=4, lines=3)
    who, words, *where = source
    sheet.text(who, 16, gap=2, lines=3)
    sheet.text(words, 14, gap=2, lines=5)
    for line in where:
        sheet.text(line, 12, colour=charts.FAINT, lines=3)
    sheet.y += 14


def _draw_verdict(sheet: _Sheet, verdict: Verdict, facts: Sequence[str]) -> None:
    """The verdict with a bar in its colour."""
    top, indent = sheet.y, 22.0
    sheet.text(_CARD_VERDICTS[verdict.verdict], 22, bold=True, indent=indent, gap=2)
    sheet.text(facts[0], 16, indent=indent, gap=4)
    for line in facts[1:]:
        sheet.text(line, 14, indent=indent, gap=2)
    sheet.y += 4
    sheet.bar(top, COLOURS[verdict.verdict])


def _draw_readings(sheet: _Sheet, verdict: Verdict, posterior: Posterior, words: Sequence[str]) -> None:
    """The chart of the readings."""
    if not verdict.readings:
        return
    import vl_convert

    sheet.rule()
    title = "What its words might mean" if len(verdict.readings) > 1 else "The claim against the evidence"
    sheet.text(title, 16, bold=True, gap=1)
    sheet.text(_CARD_HOW, 12.5, colour=charts.FAINT, gap=6)
    chart = losses_figures.readings(verdict, posterior, width=int(sheet.inner) - 16)
    sheet.picture(vl_convert.vegalite_to_svg(chart.to_dict()), "; ".join(words))


# --- A result's figures, files and short form.


def figures(result: Losses) -> dict[str, Callable[[], alt.TopLevelMixin]]:
    """The figures of reconciled losses.

    Args:
        result: the losses.

    Returns:
        Functions that draw them, by the stem of the figures' files.
    """
    every = sections(result.posterior, result.verdicts, result.lineages)
    return vega.in_altair({name: chart for section in every for name, chart in section.charts.items()})


def save(result: Losses, folder: Path, *, figures: bool = False, cards: Sequence[str] = ()) -> Path:
    """Write page, posterior, summary, verdicts and cards to a folder, whole or not at all.

    Args:
        result: the losses.
        folder: where.
        figures: whether to write the figures as SVG and PNG too.
        cards: ids of claims to write a card of.

    Returns:
        The path of `losses.html`.
    """
    posterior = result.posterior
    summary = result.summary()
    by_id = {one.claim.claim_id: one for one in result.verdicts}
    with files.folder(folder, optional=("figures", "cards")) as fresh:
        files.write_json(fresh / "summary.json", summary)
        tree = result.to_datatree()
        files.write_netcdf(fresh / "posterior.nc", {name: tree[name].to_dataset() for name in tree.children})
        as_table(result.verdicts).to_csv(fresh / "verdicts.csv", index=False)
        write(fresh, posterior, result.verdicts, result.lineages, summary, result.caveats, figures=figures)
        for name in cards:
            save_verdict(posterior, by_id[name], fresh / "cards")
    return folder / PAGE


def save_verdict(posterior: Posterior, verdict: Verdict, folder: Path) -> tuple[Path, Path]:
    """Write the card of a verdict, with every reading of the claim's words, as a page and as a picture.

    Args:
        posterior: the posterior.
        verdict: on the claim.
        folder: where; made if it is not there.

    Returns:
        The paths of page and picture, named by the claim's id.
    """
    import vl_convert

    full = judge(posterior, [verdict.claim], every=True)[0]
    markup, svg, _ = card(full, posterior, arithmetic(posterior, full), text.citation(posterior))
    stem = files.stem(full.claim.claim_id)
    with files.folder(folder) as fresh:
        files.write_text(fresh / f"{stem}.html", markup)
        files.write_bytes(fresh / f"{stem}.png", vl_convert.svg_to_png(svg, scale=CARD_SCALE))
    return folder / f"{stem}.html", folder / f"{stem}.png"


def arithmetic(posterior: Posterior, verdict: Verdict) -> tuple[str, ...]:
    """The stock-flow arithmetic of a claim.

    Args:
        posterior: the posterior.
        verdict: on the claim.

    Returns:
        Sentences; none where the claim is of another kind.
    """
    balance = stock_flow(posterior, verdict.claim) if verdict.readings else None
    return balance.lines if balance else ()


def in_html(result: Losses) -> str:
    """Reconciled losses in short, as HTML for a notebook.

    Args:
        result: the losses.

    Returns:
        The headline, the fit's warnings, and each side's totals with 90 % intervals.
    """
    posterior, summary = result.posterior, result.summary()
    rows = [
        {"": long} | {text.name(side): text.interval(summary["sides"][side][name]) for side in posterior.sides}
        for name, long in LONG.items()
    ]
    return html.in_short(_headline(posterior, summary), _warnings(posterior), rows)
