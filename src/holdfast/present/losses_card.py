"""One claim on one card: who said what, what the evidence says of it, by which arithmetic, and how to cite it. [IO]"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup

from holdfast.core import runtime
from holdfast.evidence.posterior import Posterior
from holdfast.evidence.verdict import Verdict
from holdfast.present import charts, html, losses_text
from holdfast.present import text as present_text
from holdfast.present.losses_comparisons import readings
from holdfast.present.losses_marks import COLOURS
from holdfast.present.svg import Sheet

WIDTH, MARGIN = 1080, 44
SCALE = 2
"""Pixels of the picture for each of the card."""
HOW = (
    "Magenta line: the claim's number. Thick bar: half of the evidence; thin bar: 90%; tick: median. Right: the chance that "
    "the truth is as far out, and the verdict, for each meaning."
)
VERDICTS = {
    "compatible": "Compatible with the evidence", "high": "Too high for the evidence", "low": "Too low for the evidence",
    "not judged": "Not judged",
}  # fmt: skip


def card(verdict: Verdict, posterior: Posterior, arithmetic_lines: Sequence[str], citation: str) -> str:
    """The card as one HTML page that needs nothing else; its picture is text that can be marked, and said again below."""
    svg, _ = drawn(verdict, posterior, arithmetic_lines, citation)
    return _html(svg, verdict, posterior, arithmetic_lines, citation)


def save(
    verdict: Verdict, posterior: Posterior, arithmetic_lines: Sequence[str], citation: str, folder: Path, stem: str
) -> tuple[Path, Path]:
    """Write `STEM.html` and `STEM.png` into a folder."""
    import vl_convert

    folder.mkdir(parents=True, exist_ok=True)
    page, picture = folder / f"{stem}.html", folder / f"{stem}.png"
    svg, _ = drawn(verdict, posterior, arithmetic_lines, citation)
    page.write_text(_html(svg, verdict, posterior, arithmetic_lines, citation), encoding="utf-8")
    picture.write_bytes(vl_convert.svg_to_png(svg, scale=SCALE))
    return page, picture


def drawn(verdict: Verdict, posterior: Posterior, arithmetic_lines: Sequence[str], citation: str) -> tuple[str, Sheet]:
    """The card as SVG, and the sheet that knows what each of its lines measures."""
    sheet = Sheet(WIDTH, MARGIN, y=MARGIN * 0.6)
    _claim(sheet, verdict)
    _verdict(sheet, verdict, posterior)
    _readings(sheet, verdict, posterior)
    if arithmetic_lines:
        sheet.rule()
        sheet.text("The arithmetic", 16, bold=True, gap=3)
        for line in arithmetic_lines:
            sheet.text(line, 14, gap=3)
    sheet.rule()
    for line in _footer(posterior):
        sheet.text(line, 12.5, colour=charts.FAINT, gap=2)
    sheet.text(f"Cite as: {citation}", 12.5, gap=2)
    return sheet.svg(_headline(verdict), " ".join(_facts(verdict, posterior))), sheet


def _headline(verdict: Verdict) -> str:
    """The claim in a line: `Russia: at least 300,000 killed`."""
    claim = verdict.claim
    return f"{present_text.name(claim.side)}: {losses_text.said(claim)} {claim.quantity}"


def _facts(verdict: Verdict, posterior: Posterior) -> list[str]:
    """The verdict and what it rests on, in sentences; those after the first stand in smaller type."""
    made = [losses_text.sentence(verdict, _draws(verdict, posterior))]
    if verdict.truth is None:
        return made
    made[0] += f" {verdict.would_mean}" if verdict.verdict != "compatible" else ""
    total = losses_text.total(verdict.claim)
    made.append(
        f"The evidence has {present_text.interval(verdict.truth)} for {verdict.says}, {losses_text.window(verdict.claim)}"
        + (f"; the claim comes to {total}." if total else ".")
    )
    if verdict.predicted and losses_text.by_somebody(verdict.claim):
        made.append(
            f"Such a claimant, with what his other claims tell of his habits, would be expected to say "
            f"{present_text.interval(verdict.predicted)}."
        )
    return made


def source(verdict: Verdict) -> list[str]:
    """Who, when, where, in which words."""
    claim = verdict.claim
    kind = losses_text.TYPES.get(claim.claimant_type, claim.claimant_type)
    who = f"{claim.claimant} ({kind}), " if losses_text.by_somebody(claim) else ""
    made = [f"{who}{losses_text.window(claim)}"]
    if claim.published_date:
        made[0] += f", published {present_text.short_date(claim.published_date)}"
    said = claim.definition if losses_text.by_somebody(claim) else claim.note
    if said:
        made.append(f"In words: “{said}”. Read as: {verdict.says}.")
    else:
        made.append(f"Read as: {verdict.says}.")
    where = ", ".join(part for part in (claim.source, claim.url) if part)
    if where:
        made.append(f"Source: {where}")
    return made


def _footer(posterior: Posterior) -> list[str]:
    """The evidence, the method, and what to hold against them."""
    return [
        f"{losses_text.evidence(posterior)}. Method: {losses_text.method(posterior)}. Holdfast {runtime.version()}.",
        losses_text.CAVEAT,
    ]


def _claim(sheet: Sheet, verdict: Verdict) -> None:
    sheet.text(f"Holdfast · one claim against the evidence · {verdict.claim.claim_id}", 12.5, colour=charts.FAINT, lines=2,
               gap=6)  # fmt: skip
    sheet.text(_headline(verdict), 30, bold=True, gap=4, lines=3)
    who, said, *where = source(verdict)
    sheet.text(who, 16, gap=2, lines=3)
    sheet.text(said, 14, gap=2, lines=5)
    for line in where:
        sheet.text(line, 12, colour=charts.FAINT, lines=3)
    sheet.y += 14


def _verdict(sheet: Sheet, verdict: Verdict, posterior: Posterior) -> None:
    top, indent = sheet.y, 22.0
    sheet.text(VERDICTS[verdict.verdict], 22, bold=True, indent=indent, gap=2)
    first, *more = _facts(verdict, posterior)
    sheet.text(first, 16, indent=indent, gap=4)
    for line in more:
        sheet.text(line, 14, indent=indent, gap=2)
    sheet.y += 4
    sheet.bar(top, COLOURS[verdict.verdict])


def _readings(sheet: Sheet, verdict: Verdict, posterior: Posterior) -> None:
    if not verdict.readings:
        return
    import vl_convert

    sheet.rule()
    title = "What its words might mean" if len(verdict.readings) > 1 else "The claim against the evidence"
    sheet.text(title, 16, bold=True, gap=1)
    sheet.text(HOW, 12.5, colour=charts.FAINT, gap=6)
    chart = readings(verdict, posterior, width=int(sheet.inner) - 16, titled=False)
    sheet.picture(vl_convert.vegalite_to_svg(chart.to_dict()), "; ".join(_in_words(verdict)))


def _in_words(verdict: Verdict) -> list[str]:
    """Each reading as a line of text."""
    return [
        f"{one.says}: {present_text.interval(one.truth)}, chance {present_text.tail(one.tail_probability)}, "
        f"{losses_text.VERDICTS[one.verdict]}"
        for one in verdict.readings
    ]


def _draws(verdict: Verdict, posterior: Posterior) -> int | None:
    side = posterior.sides.get(verdict.claim.side)
    return side.draws if side else None


def _html(svg: str, verdict: Verdict, posterior: Posterior, arithmetic_lines: Sequence[str], citation: str) -> str:
    return html.render(
        "card.html.j2",
        title=_headline(verdict),
        verdict=VERDICTS[verdict.verdict],
        svg=Markup(svg),
        source=source(verdict),
        url=html.link(verdict.claim.url),
        facts=_facts(verdict, posterior),
        readings=_in_words(verdict),
        arithmetic=list(arithmetic_lines),
        footer=_footer(posterior),
        citation=charts.wrap(citation, 1, 1e9)[0],
        width=WIDTH,
    )
