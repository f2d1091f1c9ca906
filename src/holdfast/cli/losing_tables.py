"""The tables of losses and verdicts on the screen; every number whole, words wrapped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from holdfast.evidence.pages import words
from holdfast.evidence.posterior import QUANTITIES
from holdfast.evidence.verdict import HIGH, JUDGED, LOW, NOT, Verdict
from holdfast.report import naming

STYLES = {JUDGED: "", HIGH: "bold magenta", LOW: "bold yellow", NOT: "dim"}


def totals(summary: Mapping[str, Any], *, years: bool = True) -> Table:
    """Rows: quantities; columns: sides; with each side's years where the summary has them (`"years"`)."""
    sides = list(summary["sides"])
    table = Table(box=box.SIMPLE_HEAD, title=f"Losses to {summary['until']}: median and 90% interval",
                  title_justify="left", title_style="bold")  # fmt: skip
    table.add_column("", no_wrap=True)
    for side in sides:
        table.add_column(naming.name(side), justify="right", no_wrap=True)
    for quantity in (name for name in QUANTITIES if any(name in summary["sides"][side] for side in sides)):
        table.add_row(Text(_named(quantity), "bold"), *(_cell(summary["sides"][side].get(quantity)) for side in sides))
        named = [summary["sides"][side].get("years", {}) for side in sides] if years else []
        for year in sorted({year for one in named for year in one}):
            table.add_row(f"  {year}", *(_cell(one.get(year, {}).get(quantity)) for one in named))
    return table


def verdicts(found: Sequence[Verdict], only: str | Sequence[str] | None = None) -> Table:
    """A row a claim, the worst first; `only` leaves those of some verdicts (`"high"`, `"low"`, ...)."""
    wanted = {only} if isinstance(only, str) else set(only) if only else set(words.VERDICTS)
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), show_edge=False)
    table.add_column("claim", no_wrap=True)
    table.add_column("who", overflow="fold", min_width=14, ratio=2)
    table.add_column("when", no_wrap=True)
    table.add_column("said", justify="right", overflow="fold", min_width=16, ratio=2)
    table.add_column("evidence says", justify="right", overflow="fold", min_width=17, ratio=2)
    table.add_column("chance", justify="right", overflow="fold", min_width=6)
    table.add_column("verdict", no_wrap=True)
    table.expand = True
    for one in words.worst_first(found):
        if one.verdict in wanted:
            table.add_row(*_row(one))
    return table


def one(found: Verdict, arithmetic: Sequence[str] = ()) -> RenderableType:
    """One claim: the verdict, what its words might mean, and the arithmetic."""
    claim = found.claim
    head = Text(f"{naming.name(claim.side)}: {words.said(claim)} {claim.quantity}", "bold")
    total = words.total(claim)
    summed = f"; {total}" if total else ""
    who = Text(f"{claim.claimant}, {words.window(claim)}. Read as: {found.says}{summed}.")
    parts: list[RenderableType] = [head, who, Text()]
    parts.append(Text(words.VERDICTS[found.verdict].capitalize(), STYLES[found.verdict] or "bold"))
    parts.append(Text(words.sentence(found)))
    if found.tail_probability is not None and found.verdict != JUDGED:
        parts.append(Text(found.would_mean))
    if found.predicted and words.by_somebody(claim):
        parts.append(Text(f"Such a claimant would be expected to say {words.interval(found.predicted)}."))
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
            Text(one.says + (" (as said)" if number == 0 else "")), words.interval(one.truth),
            words.chance(one.tail_probability), Text(words.VERDICTS[one.verdict], STYLES[one.verdict]),
        )  # fmt: skip
    return table


def _row(found: Verdict) -> list[RenderableType]:
    claim = found.claim
    total = words.total(claim)
    said = f"{words.said(claim)} {claim.quantity}" + (f" ({total})" if total else "")
    evidence = f"{words.men(found.truth['p50'])} ({words.span(found.truth)})" if found.truth else "–"
    return [
        Text(claim.claim_id), Text(f"{claim.claimant} ({naming.name(claim.side)})"), Text(str(claim.as_of_date)),
        Text(said), Text(evidence), Text(words.chance(found.tail_probability)),
        Text(words.VERDICTS[found.verdict], STYLES[found.verdict]),
    ]  # fmt: skip


def _named(quantity: str) -> str:
    return {"missing": "missing (of the killed)", "strength": "strength at the end"}.get(quantity, quantity)


def _cell(quantiles: Mapping[str, float] | None) -> str:
    return words.interval(quantiles) if quantiles else "–"
