"""`holdfast losses` and `holdfast claims …`: what was lost, and how plausible a claim is."""

from __future__ import annotations

import dataclasses
import math
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from holdfast.cli import console, options
from holdfast.cli.options import Flag, Json, ScenarioName, Seed, Words, Workers, Write
from holdfast.core.faults import ClaimsError, Fault
from holdfast.present import tables

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from holdfast.evidence import losses as evidence_losses
    from holdfast.evidence.claims.table import Claim
    from holdfast.evidence.posterior import Posterior
    from holdfast.evidence.verdict import Verdict


app = App(name="losses", help_format="markdown")
claims_app = App(name="claims", help_format="markdown")

SHOWN = 12
"""Claims on the console, those furthest out; the page has them all."""


@app.default
def losses(
    scenario: ScenarioName = "russia-ukraine-2023", *, claims: str | None = None, until: str | None = None,
    side: str | None = None, fast: Flag = False, lineages: bool = True, card: Words = None, seed: Seed = 1,
    out: Path | None = None, figures: bool = False, workers: Workers = None, json: Json = False, write: Write = None,
) -> int:  # fmt: skip
    """Reconcile competing claims: killed, wounded, missing, captured, deserted, recruited, strength, with a verdict on each.

    Examples: `holdfast losses` · `holdfast losses --until 2023-11-15 --side russia` · `holdfast losses --claims mine.csv`

    Args:
        scenario: A scenario of a war whose claims are shipped; not used with --claims.
        claims: A table of claims of your own (CSV, JSON, Parquet or a spreadsheet).
        until: Only months to this day, and claims known by it.
        side: Only this side.
        fast: The nearest normal distribution in place of NUTS.
        lineages: Also leave out one lineage at a time; not with --fast.
        card: Ids of claims to make a citable card of.
        out: Folder for the page; holdfast-losses-SCENARIO unless given.
        figures: Write the figures as PNG and SVG files too.
    """
    options.refuse(options.count_faults(seed=seed, workers=workers))
    from holdfast.evidence import losses as evidence_losses

    folder = out or (None if json else Path(f"holdfast-losses-{Path(claims or scenario).stem}"))
    cards = evidence_losses.card_faults(evidence_losses.table(scenario, claims), card or ())
    options.refuse([*cards, *options.folder_faults(folder), *options.write_faults(write)])
    label = f"{claims or scenario}: reconciling"
    with console.progress(label, quiet=json, starting=console.COMPILES) as progress:
        result = evidence_losses.reconcile_losses(
            claims, scenario=scenario, until=until, side=side, fast=fast, with_lineages=lineages and not fast, seed=seed,
            progress=progress, workers=workers,
        )  # fmt: skip
    options.write_table(write, result)
    page = None
    if folder:
        with console.step("Writing the page", quiet=json):
            page = result.save(folder, figures=figures, cards=card or ())
    if json:
        console.show_json(result.summary())
        return 0
    console.show("", totals(_by_year(result)))
    _show_verdicts(result)
    console.show(basis(result.posterior))
    console.show_page("Page", page)
    if page:
        console.show_line(f"Posterior: {page.with_name('posterior.nc')}  (a data tree, as ArviZ reads it)")
    return 0


def _by_year(result: evidence_losses.Losses) -> console.Document:
    """The summary with each side's years, whose intervals cannot be had from those of months."""
    from holdfast.present import losses_figures

    summary = result.summary()
    for side, one in summary["sides"].items():
        one["years"] = losses_figures.by_year(result.posterior, side)
    return summary


def totals(summary: console.Document, *, years: bool = True) -> Table:
    """Losses as medians with 90 % intervals.

    Args:
        summary: a result's summary; its sides may have `years`.
        years: whether each side's years are shown below its totals.

    Returns:
        A table, a row a quantity and a column a side.
    """
    from holdfast.evidence.posterior import QUANTITIES
    from holdfast.present import text

    sides = summary["sides"]
    title = f"Losses to {summary['until']}: median and 90% interval"
    table = tables.table(title, [*tables.names(""), *tables.numbers(*(text.name(side) for side in sides))])
    by_year = [side.get("years", {}) for side in sides.values()] if years else []
    for quantity in (name for name in QUANTITIES if any(name in side for side in sides.values())):
        name = {"missing": "missing (of the killed)", "strength": "strength at the end"}.get(quantity, quantity)
        tables.add(table, [console.bold(name), *(_cell(side.get(quantity)) for side in sides.values())])
        for year in sorted({year for one in by_year for year in one}):
            tables.add(table, [f"  {year}", *(_cell(one.get(year, {}).get(quantity)) for one in by_year)])
    return table


def _cell(quantiles: Mapping[str, float] | None) -> str:
    from holdfast.present import text

    return text.interval(quantiles) if quantiles else "–"


def _show_verdicts(result: evidence_losses.Losses) -> None:
    """The claims furthest from the evidence, and how many there are of each verdict."""
    from holdfast.evidence.verdict import HIGH, JUDGED, LOW, NOT

    against = [one for one in result.verdicts if one.verdict in (HIGH, LOW)]
    if against:
        console.show(verdicts_table(_furthest(against)))
    if len(against) > SHOWN:
        console.show(f"These are the {SHOWN} furthest out of {len(against)}; the page and verdicts.csv have all.")
    counts = Counter(one.verdict for one in result.verdicts)
    shares = ", ".join(f"{counts[name]} {name}" for name in (JUDGED, HIGH, LOW, NOT))
    console.show(f"{len(result.verdicts)} claims: {shares}.")


def _furthest(against: Sequence[Verdict]) -> list[Verdict]:
    """The verdicts furthest from the evidence, by the ratio of what is claimed to what it has."""
    from holdfast.evidence import design

    def closeness(one: Verdict) -> float:
        assert one.truth
        claimed = max(design.total(one.claim, one.claim.value), 1.0)
        return -abs(math.log(claimed / max(one.truth["p50"], 1.0)))

    return sorted(against, key=closeness)[:SHOWN]


def verdicts_table(verdicts: Sequence[Verdict], only: str | Sequence[str] | None = None) -> Table:
    """Verdicts, the worst first.

    Args:
        verdicts: of any claims.
        only: leaves those of some verdicts (`"high"`, `"low"`, ...).

    Returns:
        A table, a row a claim.
    """
    from holdfast.present import text

    wanted = {only} if isinstance(only, str) else set(only) if only else set(text.VERDICTS)
    columns = [
        *tables.names("claim"), tables.Column("who", folds=True), *tables.names("when"),
        *tables.numbers("said", "evidence says", "chance", folds=True), *tables.names("verdict"),
    ]  # fmt: skip
    rows = [_row(one) for one in text.worst_first(verdicts) if one.verdict in wanted]
    table = tables.table("", columns, rows, narrow=True)
    for column, width, ratio in ((1, 14, 2), (3, 16, 2), (4, 17, 2), (5, 6, None)):
        table.columns[column].min_width, table.columns[column].ratio = width, ratio
    table.expand = True
    return table


def _style(verdict: str) -> str:
    """How a verdict looks."""
    from holdfast.evidence.verdict import HIGH, LOW, NOT

    return {HIGH: "bold magenta", LOW: "bold yellow", NOT: "dim"}.get(verdict, "")


def _row(one: Verdict) -> list[RenderableType]:
    from rich.text import Text

    from holdfast.present import text

    claim, total = one.claim, text.total(one.claim)
    claimed = f"{text.said(claim)} {claim.quantity}" + (f" ({total})" if total else "")
    evidence = f"{text.men(one.truth['p50'])} ({text.span(one.truth)})" if one.truth else "–"
    return [
        claim.claim_id, f"{claim.claimant} ({text.name(claim.side)})", str(claim.as_of_date), claimed, evidence,
        text.tail_chance(one.tail_probability), Text(text.VERDICTS[one.verdict], _style(one.verdict)),
    ]  # fmt: skip


def basis(posterior: Posterior) -> str:
    """What verdicts rest on: the claims that were fitted, the method, and how well the fit converged.

    Args:
        posterior: the fit.

    Returns:
        Two or three sentences.
    """
    method = "NUTS" if posterior.method == "nuts" else "the fast fit, not NUTS"
    ends = posterior.diagnostics.get("fits", {})
    slopes = ", ".join(f"{one['slope']:.1g} ({side})" for side, one in ends.items())
    rest = f" Slope at the mode, per posterior SD: {slopes}." if slopes else ""
    return " ".join([
        f"Evidence: {len(posterior.fitted)} claims known by {max(claim.known_on for claim in posterior.fitted)}; "
        f"{method}. The posterior is of a model and these claims, not the truth.{rest}",
        *posterior.diagnostics.get("notes", []),
    ])  # fmt: skip


# Claims.


@claims_app.command
def check(
    file: str, *, suggest: Annotated[list[Path] | None, Parameter(negative="", consume_multiple=True)] = None,
    json: Json = False,
) -> int:  # fmt: skip
    """Check a claims table and name every fault. Example: `holdfast claims check mine.csv --suggest proposed.csv`

    Args:
        file: The table.
        suggest: Write it anew, `counts` and `covers` filled from its words, to be confirmed; FILE-suggested.csv unless named.
    """
    from holdfast.evidence.claims import table

    own = [] if suggest is None else suggest or [Path(f"{Path(file).stem}-suggested.csv")]
    options.refuse(_suggest_faults(own))
    try:
        claims, unused, notes = table.reading(file)
    except ClaimsError as error:
        if json:
            console.show_json({"ok": False, "claims": 0, "faults": error.faults})
        else:
            print(error, file=sys.stderr)
        return 2
    rows = _counts(claims)
    written = [_write_suggested(file, out) for out in own]
    if json:
        report = {"ok": True, "claims": len(claims), "faults": [], "unused": unused, "notes": notes, "rows": rows}
        console.show_json({**report, "suggested": written[0]} if written else report)
        return 0
    first, last = _span(claims)
    count = f"{len(claims)} claims" if len(claims) > 1 else "1 claim"
    print(f"{file}: sound. {count} from {first} to {last}.")
    for note in notes:
        console.show_line(f"{note[0].upper()}{note[1:]}.")
    heads = ["side", "quantity", "claims", "lineages", "from", "to"]
    console.show(tables.table("", heads, [[str(value) for value in row.values()] for row in rows]))
    if unused:
        console.show(f"Columns that nothing is read from: {', '.join(unused)}.")
    for one in written:
        console.show_line(f"{one['file']}: counts and covers as read, {one['unsure']} unsure. Confirm them.")
    return 0


def _suggest_faults(out: Sequence[Path]) -> list[Fault]:
    """What is wrong with the file that is to be written."""
    cure = "Choose another name, or remove it first"
    faults = [Fault("--suggest", f"{path} exists already", "a new file", cure) for path in out if path.exists()]
    if len(out) > 1:
        faults.append(Fault("--suggest", f"{len(out)} files", "one file", "Name one"))
    return faults


def _write_suggested(file: str, out: Path) -> dict[str, str | int]:
    """Write a table with what its claims seem to count; the file, and how many of its rows are unsure."""
    from holdfast.evidence.claims import table
    from holdfast.io import files

    frame = table.suggested(file)
    with files.beside(out) as fresh:
        frame.to_csv(fresh, index=False)
    return {"file": str(out), "unsure": int(frame[table.WHY].str.startswith("unsure").sum())}


def _counts(claims: Sequence[Claim]) -> list[dict[str, str | int]]:
    """How many claims, of how many lineages, over what time; for each side and quantity, the most first."""
    groups: dict[tuple[str, str], list[Claim]] = {}
    for claim in claims:
        groups.setdefault((claim.side, claim.quantity), []).append(claim)
    rows: list[dict[str, str | int]] = []
    for (side, quantity), group in sorted(groups.items(), key=lambda item: (item[0][0], -len(item[1]))):
        first, last = _span(group)
        lineages = len({claim.lineage for claim in group})
        rows.append(
            {"side": side, "quantity": quantity, "claims": len(group), "lineages": lineages, "from": first, "to": last}
        )
    return rows


def _span(claims: Sequence[Claim]) -> tuple[str, str]:
    """The first and the last day on which a claim's count ends."""
    days = [claim.as_of_date for claim in claims]
    return str(min(days)), str(max(days))


@claims_app.command
def judge(
    claim: str | None = None, *, claims: str | None = None, scenario: ScenarioName = "russia-ukraine-2023",
    evidence: str | None = None, until: str | None = None, full: Flag = False, side: str | None = None,
    quantity: str | None = None, value: str | None = None, date: str | None = None, since: str | None = None,
    basis: str | None = None, counts: str | None = None, covers: str | None = None,
    claimant_type: str | None = None, seed: Seed = 1, out: Path | None = None, json: Json = False, write: Write = None,
) -> int:  # fmt: skip
    """How plausible is a claim, under each reading of its words, and the arithmetic that decides it.

    Examples: `holdfast claims judge "300000 killed russia 2023-11-15"` · `holdfast claims judge --claims new.csv --json`

    Args:
        claim: The claim in words, in quotes: number, what, side, date.
        claims: Judge every claim of this table instead.
        scenario: A scenario of a war whose claims are shipped.
        evidence: A table of your own to judge against.
        until: Only evidence known by this day.
        full: Fit with NUTS, not fast.
        side: Whose men.
        quantity: killed, wounded, casualties, missing, captured ...
        value: How many: 300000, 300k, 100000-200000.
        date: By when: 2023-11-15, November 2023, end 2024.
        since: From when; the war's first day unless given.
        basis: cumulative, per period, per month, per day, stock.
        counts: What its words count: see docs/claims.md.
        covers: all, citizens, outside, part, wider.
        claimant_type: Who says it, as in a claims table.
        out: Folder for a citable card (PNG and HTML).
    """
    options.refuse(options.count_faults(seed=seed) + options.folder_faults(out) + options.write_faults(write))
    parts = {
        "side": side, "quantity": quantity, "value": value, "date": date, "since": since, "basis": basis,
        "counts": counts, "covers": covers, "claimant_type": claimant_type,
    }  # fmt: skip
    given = {name: part for name, part in parts.items() if part is not None}
    wanted = _wanted(claim, claims, given)
    from holdfast.evidence import losses as evidence_losses
    from holdfast.evidence import verdict as evidence_verdict

    with console.progress("Fitting the evidence", quiet=json, starting=console.COMPILES) as progress:
        posterior, verdicts = evidence_losses.judge_claim(
            wanted,
            scenario=scenario,
            claims=evidence,
            fast=not full,
            until=until,
            seed=seed,
            progress=progress,
            parts=given,
        )
    if out:
        from holdfast.present import losses_report

        for verdict in (one for one in verdicts if one.readings):
            losses_report.save_verdict(posterior, verdict, out)
    options.write_table(write, [evidence_verdict.as_json(one) for one in verdicts])
    _show_judged(posterior, verdicts, claims is None and len(verdicts) == 1, json)
    if out and not json:
        console.show_line(f"Cards: {out}")
    return 0


def _wanted(claim: str | None, claims: str | None, parts: Mapping[str, str]) -> str:
    """The one thing that is to be judged: a sentence, parts given by name, or a file."""
    faults = []
    if claims and (claim or parts):
        faults.append(Fault("--claims", claims, "a sentence, or a file, not both", "Leave one of the two away"))
    if not claims and not claim and not parts:
        example = 'Write holdfast claims judge "300000 killed russia 2023-11-15", or give --claims FILE'
        faults.append(Fault("the claim", "nothing", "a claim in words, or --claims FILE", example))
    options.refuse(faults)
    return claims or f"{claim or ''} "  # ends in a blank, so that no single word is taken for a table


def _show_judged(posterior: Posterior, verdicts: Sequence[Verdict], single: bool, json: bool) -> None:
    """The verdicts; of one claim its readings and the arithmetic too."""
    from holdfast.evidence import verdict as evidence_verdict

    if json:
        report: dict[str, object] = {
            "until": str(posterior.until), "claims": [evidence_verdict.as_json(one) for one in verdicts],
            "diagnostics": dict(posterior.diagnostics), "claims_fitted": len(posterior.fitted),
        }  # fmt: skip
        if single:
            sums = evidence_verdict.stock_flow(posterior, verdicts[0].claim)
            report["readings"] = [dataclasses.asdict(reading) for reading in verdicts[0].readings]
            report["arithmetic"] = dataclasses.asdict(sums) if sums else None
        console.show_json(report)
        return
    sums = evidence_verdict.stock_flow(posterior, verdicts[0].claim) if single and verdicts[0].readings else None
    shown = one_claim(verdicts[0], sums.lines if sums else ()) if single else verdicts_table(verdicts)
    console.show("", shown, basis(posterior))


def one_claim(verdict: Verdict, arithmetic: Sequence[str] = ()) -> RenderableType:
    """One claim: the verdict, what its words might mean, and the arithmetic.

    Args:
        verdict: the claim's.
        arithmetic: sentences of the stock-flow check.

    Returns:
        Lines and a table.
    """
    from rich.console import Group
    from rich.text import Text

    from holdfast.evidence.verdict import JUDGED
    from holdfast.present import text

    claim = verdict.claim
    total = text.total(claim)
    summed = f"; {total}" if total else ""
    parts: list[RenderableType] = [
        console.bold(f"{text.name(claim.side)}: {text.said(claim)} {claim.quantity}"),
        Text(f"{claim.claimant}, {text.window(claim)}. Read as: {verdict.says}{summed}."),
        Text(),
        Text(text.VERDICTS[verdict.verdict].capitalize(), _style(verdict.verdict) or "bold"),
        Text(text.sentence(verdict)),
    ]
    if verdict.tail_probability is not None and verdict.verdict != JUDGED:
        parts.append(Text(verdict.would_mean))
    if verdict.predicted and text.by_somebody(claim):
        parts.append(Text(f"Such a claimant would be expected to say {text.interval(verdict.predicted)}."))
    if verdict.readings:
        parts.append(_readings(verdict))
    return Group(*parts, *(Text(line) for line in arithmetic))


def _readings(verdict: Verdict) -> Table:
    from rich.text import Text

    from holdfast.present import text

    columns = [tables.Column("if its words mean", folds=True), *tables.numbers("evidence says", "chance")]
    table = tables.table("", [*columns, *tables.names("verdict")])
    for number, one in enumerate(verdict.readings):
        words = Text(text.VERDICTS[one.verdict], _style(one.verdict))
        evidence, chance = text.interval(one.truth), text.tail_chance(one.tail_probability)
        tables.add(table, [one.says + (" (as said)" if number == 0 else ""), evidence, chance, words])
    return table
