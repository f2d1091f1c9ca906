"""`holdfast losses` and `holdfast claims judge`: what was lost, and what to think of a claim."""

from __future__ import annotations

import dataclasses
import json as text
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from holdfast.cli import run, screen
from holdfast.core.faults import ClaimsError, Fault
from holdfast.evidence import deduplicate, losses, stock_flow, verdict
from holdfast.evidence.posterior import QUANTITIES, Posterior
from holdfast.evidence.verdict import HIGH, JUDGED, LOW, NOT, Verdict
from holdfast.present import losses_text
from holdfast.present import text as present_text

# The tables of losses and verdicts on the screen; every number whole, words wrapped.


STYLES = {JUDGED: "", HIGH: "bold magenta", LOW: "bold yellow", NOT: "dim"}


def totals(summary: Mapping[str, Any], *, years: bool = True) -> Table:
    """Rows: quantities; columns: sides; with each side's years where the summary has them (`"years"`)."""
    sides = list(summary["sides"])
    table = Table(box=box.SIMPLE_HEAD, title=f"Losses to {summary['until']}: median and 90% interval",
                  title_justify="left", title_style="bold")  # fmt: skip
    table.add_column("", no_wrap=True)
    for side in sides:
        table.add_column(present_text.name(side), justify="right", no_wrap=True)
    for quantity in (name for name in QUANTITIES if any(name in summary["sides"][side] for side in sides)):
        table.add_row(Text(_named(quantity), "bold"), *(_cell(summary["sides"][side].get(quantity)) for side in sides))
        named = [summary["sides"][side].get("years", {}) for side in sides] if years else []
        for year in sorted({year for one in named for year in one}):
            table.add_row(f"  {year}", *(_cell(one.get(year, {}).get(quantity)) for one in named))
    return table


def verdicts_table(found: Sequence[Verdict], only: str | Sequence[str] | None = None) -> Table:
    """A row a claim, the worst first; `only` leaves those of some verdicts (`"high"`, `"low"`, ...)."""
    wanted = {only} if isinstance(only, str) else set(only) if only else set(losses_text.VERDICTS)
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), show_edge=False)
    table.add_column("claim", no_wrap=True)
    table.add_column("who", overflow="fold", min_width=14, ratio=2)
    table.add_column("when", no_wrap=True)
    table.add_column("said", justify="right", overflow="fold", min_width=16, ratio=2)
    table.add_column("evidence says", justify="right", overflow="fold", min_width=17, ratio=2)
    table.add_column("chance", justify="right", overflow="fold", min_width=6)
    table.add_column("verdict", no_wrap=True)
    table.expand = True
    for one in losses_text.worst_first(found):
        if one.verdict in wanted:
            table.add_row(*_row(one))
    return table


def one(found: Verdict, arithmetic: Sequence[str] = ()) -> RenderableType:
    """One claim: the verdict, what its words might mean, and the arithmetic."""
    claim = found.claim
    head = Text(f"{present_text.name(claim.side)}: {losses_text.said(claim)} {claim.quantity}", "bold")
    total = losses_text.total(claim)
    summed = f"; {total}" if total else ""
    who = Text(f"{claim.claimant}, {losses_text.window(claim)}. Read as: {found.says}{summed}.")
    parts: list[RenderableType] = [head, who, Text()]
    parts.append(Text(losses_text.VERDICTS[found.verdict].capitalize(), STYLES[found.verdict] or "bold"))
    parts.append(Text(losses_text.sentence(found)))
    if found.tail_probability is not None and found.verdict != JUDGED:
        parts.append(Text(found.would_mean))
    if found.predicted and losses_text.by_somebody(claim):
        parts.append(Text(f"Such a claimant would be expected to say {present_text.interval(found.predicted)}."))
    if found.readings:
        parts.append(_readings(found))
    parts += [Text(line) for line in arithmetic]
    return Group(*parts)


def _readings(found: Verdict) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("if its words mean", overflow="fold")
    table.add_column("evidence says", justify="right", no_wrap=True)
    table.add_column("chance", justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for number, one in enumerate(found.readings):
        table.add_row(
            Text(one.says + (" (as said)" if number == 0 else "")), present_text.interval(one.truth),
            present_text.tail(one.tail_probability), Text(losses_text.VERDICTS[one.verdict], STYLES[one.verdict]),
        )  # fmt: skip
    return table


def _row(found: Verdict) -> list[RenderableType]:
    claim = found.claim
    total = losses_text.total(claim)
    said = f"{losses_text.said(claim)} {claim.quantity}" + (f" ({total})" if total else "")
    evidence = f"{present_text.men(found.truth['p50'])} ({present_text.span(found.truth)})" if found.truth else "–"
    return [
        Text(claim.claim_id), Text(f"{claim.claimant} ({present_text.name(claim.side)})"), Text(str(claim.as_of_date)),
        Text(said), Text(evidence), Text(present_text.tail(found.tail_probability)),
        Text(losses_text.VERDICTS[found.verdict], STYLES[found.verdict]),
    ]  # fmt: skip


def _named(quantity: str) -> str:
    return {"missing": "missing (of the killed)", "strength": "strength at the end"}.get(quantity, quantity)


def _cell(quantiles: Mapping[str, float] | None) -> str:
    return present_text.interval(quantiles) if quantiles else "–"


MOST = 12
"""Claims on the screen, those furthest out; the page has them all."""


def show(
    case: str, claims: str | None, until: str | None, side: str | None, fast: bool, lineages: bool, seed: int,
    cards: Sequence[str], out: Path | None, figures: bool, workers: int | None, json: bool,
) -> int:  # fmt: skip
    """Reconcile, write, print."""
    run.positive(seed, workers=workers)
    folder = out or (None if json else Path(f"holdfast-losses-{Path(claims or case).stem}"))
    losses.ready(losses.table(case, claims), cards, folder)
    with screen.bar(f"{claims or case}: reconciling", quiet=json, starting="starting; compiles for 10 to 30 s") as told:
        found = losses.losses(
            case, claims=claims, until=until, side=side, fast=fast, with_lineages=lineages and not fast, seed=seed,
            progress=told, workers=workers,
        )  # fmt: skip
    page = None
    if folder:
        with screen.step("Writing the page", quiet=json):
            page = found.write(folder, cards, figures)
    if json:
        print(text.dumps(found.summary(), allow_nan=False))
        return 0
    console = screen.console()
    console.print()
    console.print(totals(_by_year(found)))
    against = [one for one in found.verdicts if one.verdict in (verdict.HIGH, verdict.LOW)]
    if against:
        console.print(verdicts_table(_furthest(against)))
    if len(against) > MOST:
        console.print(
            f"These are the {MOST} furthest out of {len(against)}; the page and verdicts.csv have all.", markup=False
        )
    counted = Counter(one.verdict for one in found.verdicts)
    shares = ", ".join(f"{counted[name]} {name}" for name in (verdict.JUDGED, verdict.HIGH, verdict.LOW, verdict.NOT))
    console.print(f"{len(found.verdicts)} claims: {shares}.", markup=False)
    console.print(basis(found.posterior), markup=False)
    if page:
        console.print(f"\nPage: {page}  (opens in any browser, offline)", markup=False, soft_wrap=True)
        console.print(
            f"Posterior: {page.with_name('posterior.nc')}  (ArviZ InferenceData)", markup=False, soft_wrap=True
        )
    return 0


def _furthest(against: Sequence[Verdict]) -> list[Verdict]:
    """The verdicts furthest from the evidence, by the ratio of what is said to what it has."""

    def out(one: Verdict) -> float:
        assert one.truth
        said = max(deduplicate.total(one.claim, one.claim.value), 1.0)
        return -abs(math.log(said / max(one.truth["p50"], 1.0)))

    return sorted(against, key=out)[:MOST]


def _by_year(found: losses.Losses) -> dict[str, Any]:
    """The summary with each side's years, whose intervals cannot be had from those of months."""
    from holdfast.present import losses_bands

    made = found.summary()
    for side, one in made["sides"].items():
        one["years"] = losses_bands.by_year(found.posterior, side)
    return made


def judge(
    claim: str | None, case: str, claims: str | None, evidence: str | None, until: str | None, full: bool, seed: int,
    out: Path | None, json: bool, **parts: Any,
) -> int:  # fmt: skip
    """Judge one claim in words, or a table of them."""
    run.positive(seed)
    losses.ready((), (), out)
    options = {name: value for name, value in parts.items() if value is not None}
    wanted = _asked(claim, claims, options)
    with screen.bar("Fitting the evidence", quiet=json, starting="compiles for 5 to 20 s the first time") as told:
        posterior, verdicts = losses.judge(
            wanted, case, claims=evidence, fast=not full, until=until, seed=seed, progress=told, **options
        )
    single = len(verdicts) == 1 and claims is None
    if out:
        for found in verdicts:
            if found.readings:
                losses.save_card(posterior, found, out)
    if json:
        print(text.dumps(_as_json(posterior, verdicts, single), allow_nan=False))
        return 0
    console = screen.console()
    console.print()
    if single:
        console.print(one(verdicts[0], losses.sums(posterior, verdicts[0])))
    else:
        console.print(verdicts_table(verdicts))
    console.print(basis(posterior), markup=False)
    if out:
        console.print(f"Cards: {out}", markup=False, soft_wrap=True)
    return 0


def _asked(claim: str | None, claims: str | None, options: dict[str, Any]) -> str:
    """The one thing that is to be judged: a sentence, parts given by name, or a file."""
    faults = []
    if claims and (claim or options):
        faults.append(Fault("--claims", claims, "a sentence, or a file, not both", "Leave one of the two away"))
    if not claims and not claim and not options:
        example = 'Write holdfast claims judge "300000 killed russia 2023-11-15", or give --claims FILE'
        faults.append(Fault("the claim", "nothing", "a claim in words, or --claims FILE", example))
    if faults:
        raise ClaimsError(faults, "The request")
    return claims or f"{claim or ''} "  # ends in a blank, so that no single word is taken for a table


def _as_json(posterior: Posterior, verdicts: Sequence[Verdict], single: bool) -> dict[str, Any]:
    """The verdicts; for one claim its readings and the arithmetic too."""
    made: dict[str, Any] = {
        "until": str(posterior.until), "claims": [verdict.as_json(one) for one in verdicts],
        "diagnostics": dict(posterior.diagnostics), "claims_fitted": len(posterior.fitted),
    }  # fmt: skip
    if single:
        one = verdicts[0]
        made["readings"] = [dataclasses.asdict(reading) for reading in one.readings]
        summed = stock_flow.work_out(posterior, one.claim)
        made["arithmetic"] = dataclasses.asdict(summed) if summed else None
    return made


def basis(posterior: Posterior) -> str:
    """What the verdict rests on, in one line."""
    method = "NUTS" if posterior.method == "nuts" else "the fast fit, not NUTS"
    ends = posterior.diagnostics.get("fits", {})
    slopes = ", ".join(f"{one['slope']:.1g} ({side})" for side, one in ends.items())
    rest = f" Slope at the mode, per posterior SD: {slopes}." if slopes else ""
    return " ".join([
        f"Evidence: {len(posterior.fitted)} claims known by {max(claim.known_on for claim in posterior.fitted)}; "
        f"{method}. The posterior is of a model and these claims, not the truth.{rest}",
        *posterior.diagnostics.get("notes", []),
    ])  # fmt: skip
