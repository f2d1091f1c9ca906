"""`holdfast backtest`: the model's scores on coded armies, beside simpler models."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cyclopts import App
from rich.text import Text

from holdfast.cli import console, options
from holdfast.cli.options import Json, Seed, Workers, Write
from holdfast.present import tables

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from holdfast.backtesting.result import Backtest, CoderScores, Half, Model, PairResult
    from holdfast.coded_armies.army import CodedArmy
    from holdfast.stats.intervals import Estimate
    from holdfast.stats.scoring import Difference


app = App(name="backtest", help_format="markdown")


@app.default
def backtest(
    *, armies: Path | None = None, leave_one_out: bool = True, posterior: Path | None = None, seed: Seed = 1,
    out: Path | None = None, figures: bool = False, workers: Workers = None, json: Json = False, write: Write = None,
) -> int:  # fmt: skip
    """Score the model on coded armies that it has not seen: chances, scores, simpler models, and caveats.

    Scores on the further armies of two fresh coders come first, each predicted without its whole war. Then come the first
    coder's armies, each predicted without itself, and the same under a third coder's codes.

    Examples: `holdfast backtest` · `holdfast backtest --armies mine.csv --json` · `holdfast backtest --out backtest`

    Args:
        armies: Coded armies of your own (CSV); the shipped ones unless given.
        leave_one_out: Predict each shipped army from the others, or from all.
        posterior: A posterior of holdfast calibrate; the shipped one unless given.
        out: Folder for the page, with its figures, and the tables.
        figures: With --out, write the figures as PNG and SVG files too.
    """
    options.refuse(
        options.count_faults(seed=seed, workers=workers) + options.folder_faults(out) + options.write_faults(write)
    )
    from holdfast.backtesting import run

    with console.progress("Backtest", quiet=json, staged=True) as progress:
        result = run.backtest(
            armies, leave_one_out=leave_one_out, posterior=posterior, workers=workers, progress=progress, seed=seed
        )
    options.write_table(write, result)
    page = None
    if out:
        with console.step("Writing the page", quiet=json):
            page = result.save(out, figures=figures)
    if json:
        console.show_json(result.to_dict())
    else:
        _show(result)
        console.show_page("Page", page)
    return 0


def _show(result: Backtest) -> None:
    """Armies, pairs and scores, and beside the scores the caveats."""
    console.show("", *_further(result), console.bold(result.title), _armies(result), *_notes(result))
    if result.pairs:
        console.show(_pairs(result))
    for outcome in ("mass_desertion", "collapse"):
        if result.scores[outcome]:
            console.show(_scores(result, outcome))
        if result.differences[outcome]:
            console.show(*_differences(result, outcome))
    console.show(*_coded_again(result), *_parts(result), *_exits(result))
    console.show("", console.bold("Before you believe a score:"), *(f"- {line}" for line in result.warnings))


HEADS = {"collapse": "Collapse", "mass_desertion": "Mass desertion"}
MISSED = "bold magenta"
INDENT = "  "


def _further(result: Backtest) -> Iterator[RenderableType]:
    """The further armies of fresh coders, by coder and vantage: what comes first."""
    sets = [one for one in result.coders if one.further]
    if not sets:
        return
    yield console.bold("Fresh coders' armies first, each predicted without its war")
    yield from map(_by_coder, sets)
    own = result.scores["collapse"][result.own]
    yield (
        f"  The first coder's armies, each predicted without itself: Brier {_score(own.brier)}, AUC {_score(own.auc)}. The "
        "gap is the score here less that one."
    )
    yield "  Chances by the posterior's surrogate under all its draws: nothing was simulated for them.\n"


def _coded_again(result: Backtest) -> Iterator[RenderableType]:
    """The first coder's armies under another coder's codes."""
    yield from map(_by_coder, [one for one in result.coders if not one.further])


def _by_coder(one: CoderScores) -> RenderableType:
    """The model and its rivals on one coder's armies, and the gap to the first coder's armies."""
    from holdfast.backtesting.result import name

    heads = tables.numbers("Brier, low is good", "log, low is good", "AUC, high is good", folds=True)
    title = f"Collapse. {one.title}; mean chance {one.mean_chance:.2f}"
    table = tables.table(title, ["", *heads])
    for key, of in one.scores["collapse"].items():
        bold = "bold" if key.startswith("holdfast") else ""
        row: list[Text | str] = [Text(name(key), bold), _score(of.brier), _score(of.log), _score(of.auc)]
        tables.add(table, row)
    less = one.differences["collapse"]["ridge_ten"]
    tables.add(table, ["less logit on all ten", _signed(less.brier), _signed(less.log), _signed(less.auc)])
    gap = [_signed(one.gap[field]) for field in ("brier", "log", "auc")]
    tables.add(table, tables.Row(["gap to the first coder's", *gap], last=True))
    return table


def _armies(result: Backtest) -> Table:
    """Every army, the highest chance of collapse on top."""
    numbers = tables.numbers("collapse", "desertion", "exits", "coded", folds=True)
    columns = [tables.Column("army", folds=True), *numbers, tables.Column("came", folds=True)]
    title = "Chances of collapse and of mass desertion, and exits per 1,000 men a month, each with 90%"
    table = tables.table(title, columns, narrow=True)
    table.collapse_padding = True
    estimates = result.intervals("collapse"), result.intervals("mass_desertion"), result.rates()
    for one, collapse, mass, rate in sorted(
        zip(result.holdouts, *estimates, strict=True), key=lambda row: -row[1].value
    ):
        wrong = _missed(one.army, collapse.value)
        middle, low, high = (_rate(rate[level]) for level in ("p50", "p05", "p95"))
        tables.add(table, [
            one.army.army_id + "*" * (not one.army.independent), _chance(collapse), _chance(mass),
            f"{middle} ({low}–{high})", _rate(one.army.exits_per_1000_month),
            Text(came(one.army) + " !" * wrong, MISSED * wrong),
        ])  # fmt: skip
    return table


def _notes(result: Backtest) -> Iterator[str]:
    """How the armies were held out, and what a star means."""
    from holdfast.calibration.holdout import HOW

    for how, count in Counter(one.how for one in result.holdouts).items():
        yield f"{count} {how}: {HOW[how]}."
    if any(not one.army.independent for one in result.holdouts):
        yield "* stopped by order, or part of another army: predicted, not scored."
    known = [
        _missed(one.army, estimate.value)
        for one, estimate in zip(result.holdouts, result.intervals("collapse"), strict=True)
        if one.army.collapse is not None and one.army.independent
    ]
    if known:
        yield f"! on the wrong side of one half: {sum(known)} of the {len(known)} that are scored."


def _pairs(result: Backtest) -> RenderableType:
    """One army, two ends: each predicted without either."""
    columns = [*tables.names("army"), *tables.numbers("collapse", folds=True)]
    columns += [tables.Column("what came", folds=True), tables.Column("what differs", folds=True)]
    table = tables.table("One army, two ends: both predicted by what is learnt without either", columns)
    for one in result.pairs:
        for place, half in enumerate(one.halves):
            differs = _differs(one, place) if one.pair.broke else _alone(half)
            tables.add(table, [half.army.army_id, _chance(half.collapse), came(half.army), differs])
        right = Text("right" if one.right else "wrong", "" if one.right else MISSED)
        what = "in the order that came" if one.pair.broke else "mass desertion likely, collapse not"
        tables.add(table, tables.Row(["", "", right, f"{what}, in {one.share:.0%} of the draws"], last=True))
    return table


def _scores(result: Backtest, outcome: str) -> RenderableType:
    """Every model's three scores."""
    scored = result.scores[outcome]
    first = next(iter(scored.values()))
    what = "collapsed" if outcome == "collapse" else "lost men in mass"
    seen = " (fitted, seen)" if result.in_sample else ""
    title = f"{HEADS[outcome]}{seen}: scores on {first.cases} armies, {first.happened} of which {what}"
    heads = tables.numbers("Brier, low is good", "log, low is good", "AUC, high is good", folds=True)
    table = tables.table(title, ["", *heads])
    for indent, model in _grouped(result, list(scored), table):
        one = scored[model.key]
        name = Text(indent + _name(model), "bold" if model.part == "own" else "")
        tables.add(table, [name, _score(one.brier), _score(one.log), _score(one.auc)])
    return table


def _differences(result: Backtest, outcome: str) -> Iterator[RenderableType]:
    """Holdfast's scores less each other's, on the same resamples."""
    title = f"{HEADS[outcome]}: Holdfast less the other (Brier below 0, AUC above 0: Holdfast is better)"
    table = tables.table(title, ["less", *tables.numbers("Brier", "AUC", "better", folds=True)])
    paired = result.differences[outcome]
    for indent, model in _grouped(result, list(paired), table):
        one = paired[model.key]
        name = model.name if model.against == result.own else _name(model)
        tables.add(table, [indent + name, _signed(one.brier), _signed(one.auc), f"{one.brier.a_better:.0%}"])
    yield table
    others = {model.against for model in result.models if model.key in paired} - {result.own}
    note = "  better: share of the resamples of the armies in which Holdfast has the better Brier score."
    if others:
        note += (
            " Logits without doubtful codes are compared with Holdfast without operational shock, those without the "
        )
        note += "war with Holdfast without it."
    yield Text(note, "dim")


def _parts(result: Backtest) -> Iterator[str]:
    """Scores where a doubtful code cannot decide."""
    from holdfast.backtesting.result import name

    for one in result.parts:
        each = "; ".join(
            f"{name(key)}: Brier {of.brier.value:.3f}, AUC {_or_dash(of.auc.value)}" for key, of in one.scores.items()
        )
        less = _signed(one.difference.brier)
        yield f"\nOnly the {one.armies} armies where {one.why}. {each}. Brier of the first less the second: {less}."


def _exits(result: Backtest) -> Iterator[str]:
    """How good the exit rates were."""
    one = result.exits
    if one is None:
        return
    yield (
        f"\nExits, {one.armies} armies with a known rate over three weeks or more: the 90% interval holds "
        f"{one.coverage.value:.0%} of them ({one.coverage.low:.0%}–{one.coverage.high:.0%}). Its middle is out by a factor "
        f"of {_factor(one.error)} in the median, the median of the other armies by {_factor(one.baseline_error)}; Holdfast is "
        f"nearer in {one.nearer} of {one.armies}."
    )


def _missed(army: CodedArmy, p: float) -> bool:
    """Whether the chance of collapse was on the wrong side of one half."""
    return army.collapse is not None and (p > 0.5) != army.collapse


def _chance(one: Estimate) -> str:
    """`87% (77–96%)`; never quite 0 or 100."""
    percent = "<1%" if one.value < 0.005 else ">99%" if one.value > 0.995 else f"{100 * one.value:.0f}%"
    return f"{percent} ({100 * one.low:.0f}–{100 * one.high:.0f}%)"


def _score(one: Estimate) -> str:
    """`0.140 (0.09–0.19)`; a dash where it has no meaning."""
    return "–" if one.value != one.value else f"{one.value:.3f} ({one.low:.2f}–{one.high:.2f})"


def _factor(one: Estimate) -> str:
    """An error of a log as a factor: `2.7 (1.9–3.4)`."""
    return "–" if one.value != one.value else "{:.1f} ({:.1f}–{:.1f})".format(*map(math.exp, dataclasses.astuple(one)))


def _signed(one: Difference | Estimate) -> str:
    """`−0.019 (−0.05 to +0.01)`."""
    if one.value != one.value:
        return "–"
    return f"{one.value:+.3f} ({one.low:+.2f} to {one.high:+.2f})".replace("-", "−")


def came(army: CodedArmy) -> str:
    """What became of an army, in a word or two.

    Args:
        army: its coded outcome.

    Returns:
        `collapsed`, `deserted`, `held` or `not known`.
    """
    if army.collapse is None:
        return "not known" if not army.mass_desertion else "deserted"
    if army.collapse:
        return "collapsed"
    return "deserted" if army.mass_desertion else "held"


def _rate(value: float | None) -> str:
    """A rate no finer than it deserves; beyond a whole army in a month there is nothing."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


def _grouped(result: Backtest, keys: Sequence[str], table: Table) -> Iterator[tuple[str, Model]]:
    """Models in their order, those of a group set in under its head."""
    from holdfast.backtesting.result import PARTS

    for part, head in PARTS.items():
        models = [model for model in result.models if model.part == part and model.key in keys]
        if models and head:
            table.add_row(Text(head, "italic"))
        yield from ((INDENT if head else "", model) for model in models)


def _name(model: Model) -> str:
    """Under its group's head a model needs no `war left out`."""
    from holdfast.backtesting.result import name

    return name(model.key.removesuffix("_war")) if model.part == "war" and model.key != model.against else model.name


def _differs(one: PairResult, place: int) -> str:
    codes = [
        f"{difference.code.replace('_', ' ')} {level if level is not None else '?'}"
        for difference in one.differs
        for level in [difference.here if place == 0 else difference.there]
    ]
    ratio = one.force_ratios[place]
    if len(set(one.force_ratios)) > 1:
        codes.append("force ratio " + (f"{ratio:g}" if ratio is not None else "unknown"))
    return ", ".join(codes)


def _alone(half: Half) -> str:
    return f"mass desertion {_chance(half.mass_desertion)}; it stood again"


def _or_dash(value: float) -> str:
    return "–" if value != value else f"{value:.2f}"
