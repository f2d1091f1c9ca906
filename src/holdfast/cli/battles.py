"""`holdfast battles`: the laws of fire and front on battles of wars that taught them nothing."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from cyclopts import App

from holdfast.cli import console, options
from holdfast.cli.options import Json, Seed, Write
from holdfast.present import tables

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from holdfast.past_battles.result import BattleLine, BattleScores
    from holdfast.stats.intervals import Estimate

app = App(name="battles", help_format="markdown")


@app.default
def battles(
    table: Path | None = None, *, battle: str | None = None, variants: bool = True, seed: Seed = 1,
    out: Path | None = None, figures: bool = False, json: Json = False, write: Write = None,
) -> int:  # fmt: skip
    """Score the laws of fire and front on past battles: who gives way, at what losses, what held and what did not.

    Every battle is predicted by what other wars teach. Unless a table is given, the battles are those of CDB90 (660 of them,
    1600 to 1982), which are fetched once: `holdfast data fetch cdb90`.

    Examples: `holdfast battles` · `holdfast battles --battle Gettysburg` · `holdfast battles mine.csv --out jury`

    Args:
        table: A table of your own (CSV, Parquet or a spreadsheet); its columns are in docs/battles.md.
        battle: Show one battle, by its name or a part of it.
        variants: Try the law with one thing changed at a time, too.
        out: Folder for the page, with its figures, and the tables.
        figures: With --out, write the figures as PNG and SVG files too.
    """
    options.refuse(options.count_faults(seed=seed) + options.folder_faults(out) + options.write_faults(write))
    from holdfast.past_battles import run
    from holdfast.past_battles.result import line_of

    with console.progress("Battles", quiet=json, staged=True) as progress:
        result = run.battles(table, battle=battle, variants=variants and not battle, seed=seed, progress=progress)
    options.write_table(write, result)
    page = None
    if out:
        with console.step("Writing the page", quiet=json):
            page = result.save(out, figures=figures)
    chosen = line_of(result, battle) if battle else []
    if json:
        document = result.to_dict()
        if battle:
            names = {(one.name, one.war) for one in chosen}
            every = zip(result.rows(), result.each, strict=True)
            document = {"battle": [dict(row) for row, one in every if (one.name, one.war) in names]}
        console.show_json(document)
        return 0
    if battle:
        for one in chosen:
            console.show(*_battle(one))
    else:
        _show(result)
    console.show_page("Page", page)
    return 0


def _show(result: BattleScores) -> None:
    """Scores, the curve, classes, and what held."""
    from holdfast.past_battles.result import HOLDOUTS

    console.show(console.bold(result.title))
    for how in result.scores:
        console.show(_scores(result, how, HOLDOUTS[how]))
    console.show(_curve(result), _classes(result))
    if result.variants:
        console.show(_variants(result))
    console.show(_parameters(result), *_findings(result))


def _scores(result: BattleScores, how: str, words: str) -> Table:
    """Every model's scores under one holdout."""
    scored = result.scores[how]
    first = next(iter(scored.values()))
    title = f"Who gives way, {words}: {first.cases} battles of {first.groups} wars, in {first.happened} the defender; 90% over wars"
    heads = tables.numbers("AUC", "Brier", "log", "slope", "shift", folds=True)
    drawn = tables.table(title, ["", *heads])
    for name, of in scored.items():
        row = [name, *(_estimate(getattr(of, field)) for field in ("auc", "brier", "log", "slope", "intercept"))]
        tables.add(drawn, tables.Row(row, style="bold" if name == "the law" else ""))
    less = result.differences[how]
    cells = [_signed(less[field]) for field in ("auc", "brier", "log")]
    tables.add(drawn, ["the law less the logit", *cells, "", ""])
    return drawn


def _curve(result: BattleScores) -> Table:
    """The breakpoint curve."""
    drawn = tables.table(
        "Breakpoint curve: of the sides that lost such a share of their men, how many gave way",
        ["share lost", *tables.numbers("sides", "table, 90%", "the law")],
    )
    for one in result.curve:
        top = "and more" if math.isinf(one.high) else f"to {one.high:.0%}"
        tables.add(drawn, [f"{one.low:.0%} {top}", f"{one.sides}", _share(one.table), _percent(one.law)])
    return drawn


def _classes(result: BattleScores) -> Table:
    """Classes of battles."""
    names = ("n", "defender gave way", "the law", "sd", "lost at breaking", "the law", "factor", "km gained", "the law")
    heads = tables.numbers(*names, folds=True)
    drawn = tables.table("Class by class, wars left out", [tables.Column("", folds=True), *heads], narrow=True)
    kind = ""
    for one in result.classes:
        if one.kind != kind:
            kind = one.kind
            tables.add(drawn, tables.Row([kind, *[""] * len(heads)], style="italic"))
        tables.add(drawn, [
            f"  {one.name}", f"{one.battles}", _percent(one.came), _percent(one.chance), f"{one.surprise:+.1f}".replace("-", "−"),
            _percent(one.lost, 1), _percent(one.lost_law, 1), f"{one.factor.value:.2f}", _number(one.gained),
            _number(one.gained_law),
        ])  # fmt: skip
    return drawn


def _variants(result: BattleScores) -> Table:
    """The law with one thing changed."""
    heads = tables.numbers("log likelihood", "parameters", "AUC", "Brier", "slope", "loss factor", folds=True)
    title = "The law with one thing changed: taught by one half of the wars, scored on the other"
    drawn = tables.table(title, [tables.Column("", folds=True), *heads])
    for one in result.variants:
        tables.add(drawn, [
            one.name, f"{one.log_likelihood:+.1f}".replace("-", "−"), f"{one.parameters:+d}".replace("-", "−"), f"{one.auc:.3f}",
            f"{one.brier:.3f}", f"{one.slope:.2f}", f"{one.factor:.2f}",
        ])  # fmt: skip
    return drawn


def _parameters(result: BattleScores) -> Table:
    """What was learnt."""
    heads = tables.numbers("declared", "half of the wars", "all wars", folds=True)
    drawn = tables.table("What the battles teach: median and 90%", ["parameter", *heads, "unit"])
    for one in result.learnt:
        tables.add(drawn, [one.name, f"{one.declared:.3g}", _wide(one.half), _wide(one.whole), one.unit])
    return drawn


def _findings(result: BattleScores) -> Iterator[RenderableType]:
    """What held, what did not."""
    for held, head in ((True, "Held"), (False, "Did not hold"), (None, "The battles cannot tell")):
        every = [one for one in result.findings if one.held is held]
        yield console.bold(f"\n{head} ({len(every)})")
        yield from (f"- {one.claim}: {one.evidence}" for one in every)
    yield from _civil_war(result)
    if result.unused:
        yield f"\nColumns that nothing was read from: {', '.join(result.unused)}."


def _civil_war(result: BattleScores) -> Iterator[RenderableType]:
    """The second set."""
    if result.civil_war is None:
        return
    heads = tables.numbers("battles", "median", "pooled")
    drawn = tables.table(
        "American Civil War (Livermore): missing and captured as a share of all losses", ["", "", *heads]
    )
    for row in result.civil_war.rows:
        end = "gave way" if row["gave_way"] else "held"
        shares = (f"{row[name]:.0%}" for name in ("missing_share_median", "missing_share_pooled"))
        tables.add(drawn, [str(row["side"]), end, str(row["battles"]), *shares])
    yield drawn
    yield from (
        f"- {'held' if one.held else 'did not hold'}: {one.claim}: {one.evidence}" for one in result.civil_war.findings
    )


def _battle(one: BattleLine) -> Iterator[RenderableType]:
    """One battle's page."""
    yield console.bold(f"\n{one.name}, {one.war}, {one.year}")
    came = {"unknown": "who gave way is not known", "neither": "neither gave way"}
    days = f" after {one.days:.1f} days of fighting" if math.isfinite(one.days) else ""
    yield f"By the table, {came.get(one.outcome, f'the {one.outcome} gave way')}{days}. The law was taught by all other wars."
    rivals = ", ".join(f"{name} {value:.0%}" for name, value in one.others.items())
    yield f"Chance that the defender gives way: {_share(one.chance)} by the law; {rivals}."
    drawn = tables.table("", ["share of men lost", *tables.numbers("table", "law, 90% of fights", "law, this end")])
    for side, table, law, given in zip(("attacker", "defender"), one.lost_table, one.lost, one.lost_given, strict=True):
        tables.add(drawn, [side, _percent(table, 1), _spread(law), _spread(given)])
    yield drawn
    if math.isfinite(one.rank):
        yield f"In {one.rank:.0%} of the fights that end so, the broken side loses less than it did."
    if one.outcome == "defender" and math.isfinite(one.gained_table):
        low, high = _number(one.gained.low), _number(one.gained.high)
        yield f"Ground gained: {_number(one.gained_table)} km; by the law {_number(one.gained.value)} ({low}–{high}) km."


def _estimate(one: Estimate) -> str:
    """`0.676 (0.58–0.72)`; a dash where it has no meaning."""
    return "–" if one.value != one.value else f"{one.value:.3f} ({one.low:.2f}–{one.high:.2f})".replace("-", "−")


def _signed(one: object) -> str:
    """`−0.004 (−0.04 to +0.02)`."""
    value, low, high = (getattr(one, name) for name in ("value", "low", "high"))
    return f"{value:+.3f} ({low:+.2f} to {high:+.2f})".replace("-", "−")


def _share(one: Estimate) -> str:
    """`61% (54–68%)`."""
    return "–" if one.value != one.value else f"{one.value:.0%} ({100 * one.low:.0f}–{one.high:.0%})"


def _spread(one: Estimate) -> str:
    """`14.2% (1.1–52%)`."""
    return "–" if one.value != one.value else f"{one.value:.1%} ({100 * one.low:.1f}–{one.high:.0%})"


def _percent(value: float, digits: int = 0) -> str:
    """A share in per cent; a dash where it is not known."""
    return "–" if value != value else f"{value:.{digits}%}"


def _number(value: float) -> str:
    """A number of two or three digits; a dash where it is not known."""
    return "–" if value != value else f"{value:.0f}" if abs(value) >= 10 else f"{value:.1f}"


def _wide(one: Estimate) -> str:
    """`0.24 (0.16–0.34)`."""
    return f"{one.value:.2g} ({one.low:.2g}–{one.high:.2g})".replace("-", "−")
