"""`holdfast backtest`: the model held against coded armies, beside its rivals."""

from __future__ import annotations

import dataclasses
import json as text
import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from holdfast import backtesting as backtest
from holdfast.backtesting.holdout import HOW, Asked
from holdfast.backtesting.models import PARTS, Model, name
from holdfast.backtesting.pairs import Half, Tested
from holdfast.backtesting.result import Backtest
from holdfast.cli import run, screen
from holdfast.coded_armies.army import CodedArmy
from holdfast.core.faults import Fault
from holdfast.stats.intervals import Estimate
from holdfast.stats.scoring import Difference

# The tables of a backtest on the screen.


HEADS = {"collapse": "Collapse", "mass_desertion": "Mass desertion"}
MISSED = "bold magenta"
INDENT = "  "


def cases(found: Backtest) -> Table:
    """Every case, the highest chance of collapse on top."""
    table = _table("Chances of collapse and of mass desertion, and exits per 1,000 men a month, each with 90%")
    table.collapse_padding, table.pad_edge = True, False
    table.add_column("case", overflow="fold")
    for head in ("collapse", "desertion", "exits", "coded"):
        table.add_column(head, justify="right", overflow="fold")
    table.add_column("came", overflow="fold")
    rows = zip(found.asked, found.intervals("collapse"), found.intervals("mass_desertion"), found.rates(), strict=True)
    for one, collapse, mass, rate in sorted(rows, key=lambda row: -row[1].value):
        wrong = _missed(one.case, collapse.value)
        middle, low, high = (_rate(rate[level]) for level in ("p50", "p05", "p95"))
        table.add_row(
            _marked(one), chance(collapse), chance(mass), f"{middle} ({low}–{high})",
            _rate(one.case.exits_per_1000_month), Text(came(one.case) + " !" * wrong, MISSED * wrong),
        )  # fmt: skip
    return table


def _notes(found: Backtest) -> Iterator[str]:
    """How the cases were kept out of what tells them, and what a star means."""
    counted = Counter(one.how for one in found.asked)
    for how, count in counted.items():
        yield f"{count} {how}: {HOW[how]}."
    if any(not one.case.independent for one in found.asked):
        yield "* stopped by order, or part of another case: told, not scored."
    known = [
        _missed(one.case, told.value)
        for one, told in zip(found.asked, found.intervals("collapse"), strict=True)
        if one.case.collapse is not None and one.case.independent
    ]
    if known:
        yield f"! on the wrong side of one half: {sum(known)} of the {len(known)} that are scored."


def _pairs(found: Backtest) -> RenderableType:
    """One army, two ends: each told without either."""
    table = _table("One army, two ends: both told by what is learnt without either")
    table.add_column("case", no_wrap=True)
    table.add_column("collapse", justify="right", overflow="fold")
    table.add_column("what came", overflow="fold")
    table.add_column("what differs", overflow="fold")
    for one in found.pairs:
        for place, half in enumerate(one.halves):
            differs = _differs(one, place) if one.test.broke else _alone(half)
            table.add_row(Text(half.case.army_id), chance(half.collapse), Text(came(half.case)), Text(differs))
        right = Text("right" if one.right else "wrong", "" if one.right else MISSED)
        what = "in the order that came" if one.test.broke else "mass desertion likely, collapse not"
        share = f"{what}, in {one.share:.0%} of the draws"
        table.add_row(Text(), Text(), right, Text(share), end_section=True)
    return table


def scores(found: Backtest, outcome: str) -> RenderableType:
    """Every model's three scores."""
    marked = found.scores[outcome]
    first = next(iter(marked.values()))
    what = "collapsed" if outcome == "collapse" else "lost men in mass"
    seen = " (fitted, seen)" if found.in_sample else ""
    table = _table(f"{HEADS[outcome]}{seen}: scores on {first.cases} cases, {first.happened} of which {what}")
    table.add_column("")
    for head in ("Brier, low is good", "log, low is good", "AUC, high is good"):
        table.add_column(head, justify="right", overflow="fold")
    for indent, model in _grouped(found, list(marked), table):
        one = marked[model.key]
        said = Text(indent + _name(model), "bold" if model.part == "own" else "")
        table.add_row(said, _score(one.brier), _score(one.log), _score(one.auc))
    return table


def _differences(found: Backtest, outcome: str) -> RenderableType:
    """Holdfast's scores less each other's, on the same resamples."""
    table = _table(f"{HEADS[outcome]}: Holdfast less the other (Brier below 0, AUC above 0: Holdfast is better)")
    table.add_column("less")
    for head in ("Brier", "AUC", "better"):
        table.add_column(head, justify="right", overflow="fold")
    told = found.differences[outcome]
    for indent, model in _grouped(found, list(told), table):
        one = told[model.key]
        said = model.name if model.against == found.own else _name(model)
        table.add_row(Text(indent + said), _signed(one.brier), _signed(one.auc), f"{one.brier.a_better:.0%}")
    others = {model.against for model in found.models if model.key in told} - {found.own}
    note = "  better: share of the resamples of the cases in which Holdfast has the better Brier score."
    if others:
        note += " Logits without doubtful codes are held against Holdfast without operational shock, those without the "
        note += "war against Holdfast without it."
    return Group(table, Text(note, "dim"))


def _parts(found: Backtest) -> Iterator[str]:
    """Scores where a doubtful code can tell nothing."""
    for one in found.parts:
        said = "; ".join(
            f"{name(key)}: Brier {of.brier.value:.3f}, AUC {_or_dash(of.auc.value)}" for key, of in one.scores.items()
        )
        brier = one.difference.brier
        yield (
            f"\nOnly the {one.cases} cases where {one.why}. {said}. Brier of the first less the second: {_signed(brier)}."
        )


def _exits(found: Backtest) -> Iterator[str]:
    """How good the exit rates were."""
    one = found.exits
    if one is None:
        return
    yield (
        f"\nExits, {one.cases} cases with a known rate over three weeks or more: the 90% interval holds "
        f"{one.coverage.value:.0%} of them ({one.coverage.low:.0%}–{one.coverage.high:.0%}). Its middle is out by a factor "
        f"of {_factor(one.error)} in the median, the median of the other cases by {_factor(one.rival_error)}; Holdfast is "
        f"nearer in {one.nearer} of {one.cases}."
    )


def _missed(case: CodedArmy, p: float) -> bool:
    """Whether the chance of collapse was on the wrong side of one half."""
    return case.collapse is not None and (p > 0.5) != case.collapse


def chance(one: Estimate) -> str:
    """`87% (77–96%)`; never quite 0 or 100."""
    said = "<1%" if one.value < 0.005 else ">99%" if one.value > 0.995 else f"{100 * one.value:.0f}%"
    return f"{said} ({100 * one.low:.0f}–{100 * one.high:.0f}%)"


def _score(one: Estimate) -> str:
    """`0.140 (0.09–0.19)`; a dash where it has no meaning."""
    return "–" if one.value != one.value else f"{one.value:.3f} ({one.low:.2f}–{one.high:.2f})"


def _factor(one: Estimate) -> str:
    """An error of a log as a factor: `2.7 (1.9–3.4)`."""
    return "–" if one.value != one.value else "{:.1f} ({:.1f}–{:.1f})".format(*map(math.exp, dataclasses.astuple(one)))


def _signed(one: Difference) -> str:
    """`−0.019 (−0.05 to +0.01)`."""
    if one.value != one.value:
        return "–"
    return f"{one.value:+.3f} ({one.low:+.2f} to {one.high:+.2f})".replace("-", "−")


def came(case: CodedArmy) -> str:
    """What became of a case, in a word or two."""
    if case.collapse is None:
        return "not known" if not case.mass_desertion else "deserted"
    if case.collapse:
        return "collapsed"
    return "deserted" if case.mass_desertion else "held"


def _table(title: str) -> Table:
    return Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", title_style="bold")


def _marked(one: Asked) -> Text:
    return Text(one.case.army_id + "*" * (not one.case.independent))


def _rate(value: float | None) -> str:
    """A rate no finer than it deserves; beyond a whole army in a month there is nothing."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


def _grouped(found: Backtest, keys: list[str], table: Table) -> Iterator[tuple[str, Model]]:
    """Models in their order, those of a group set in under its head."""
    for part, said in PARTS.items():
        models = [model for model in found.models if model.part == part and model.key in keys]
        if models and said:
            table.add_row(Text(said, "italic"))
        yield from ((INDENT if said else "", model) for model in models)


def _name(model: Model) -> str:
    """Under its group's head a model needs no `war left out`."""
    return name(model.key.removesuffix("_war")) if model.part == "war" and model.key != model.against else model.name


def _differs(one: Tested, place: int) -> str:
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
    return f"mass desertion {chance(half.mass_desertion)}; it stood again"


def _or_dash(value: float) -> str:
    return "–" if value != value else f"{value:.2f}"


def show(
    cases: Path | None, leave_one_out: bool, posterior: Path | None, seed: int, out: Path | None, figures: bool,
    workers: int | None, json: bool,
) -> int:  # fmt: skip
    """Ask, score, write, print."""
    run.positive(seed, workers=workers)
    _ready(out)
    with screen.stages("Backtest", quiet=json) as told:
        found = backtest.backtest(
            cases, leave_one_out=leave_one_out, posterior=posterior, workers=workers, progress=told, seed=seed
        )
    page = None
    if out:
        with screen.step("Writing the figures and the page", quiet=json):
            page = found.write(out, figures=figures)
    if json:
        print(text.dumps(found.as_json(), allow_nan=False))
    else:
        _printed(found, page)
    return 0


def _ready(folder: Path | None) -> None:
    """Refuse, before the work, a folder that is a file."""
    from holdfast.core.faults import BacktestError

    if folder and folder.exists() and not folder.is_dir():
        allowed = "a folder, and this is a file"
        raise BacktestError([Fault("--out", str(folder), allowed, "Choose another --out")])


def _printed(found: Backtest, page: Path | None) -> None:
    """Cases, pairs and scores, and beside the scores what to hold against them."""
    console = screen.console()
    console.print()
    console.print(found.title, style="bold", markup=False)
    console.print(cases(found))
    for line in _notes(found):
        console.print(line, markup=False)
    if found.pairs:
        console.print(_pairs(found))
    for outcome in ("mass_desertion", "collapse"):
        if found.scores[outcome]:
            console.print(scores(found, outcome))
        if found.differences[outcome]:
            console.print(_differences(found, outcome))
    for line in (*_parts(found), *_exits(found)):
        console.print(line, markup=False)
    console.print("\nBefore you believe a score:", style="bold")
    for line in found.warnings:
        console.print(f"- {line}", markup=False)
    if page:
        console.print(f"\nPage: {page}  (opens in any browser, offline)", markup=False, soft_wrap=True)
