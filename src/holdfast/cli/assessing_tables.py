"""An assessment, or a comparison of coders, on the screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from holdfast.assess.answer import FEW, HORIZON, Assessment
from holdfast.assess.figure import MINUS, signed, step
from holdfast.assess.second import Effect, SecondCoder
from holdfast.backtest.scores import Difference, Estimate
from holdfast.history import alike
from holdfast.history.coded import CODES
from holdfast.history.rules import RULES
from holdfast.report import rates

SHOWN = 12
"""Changes on the screen, the greatest; the JSON has them all."""
SCORES = (("Brier", "brier"), ("log", "log"), ("AUC", "auc"))
MODELS = {"model": "the model", "ridge_ten": "ridge on ten codes, refitted"}


def army(found: Assessment) -> Iterator[RenderableType]:
    """One army: how it was told, chances, what would change them, the armies like it, and what not to read into it."""
    yield Text(found.asked.name, "bold")
    yield Text(basis(found))
    yield chances(found)
    yield Text(exits(found))
    yield Text()
    yield changes(found)
    against = [step(one.code, one.here, one.there) for one in found.changes if one.against_its_sense]
    if against:
        yield Text(f"Against what one would expect of the code: {'; '.join(against)}. See docs/assess.md.")
    yield nearest(found.nearest)
    yield Text(warning(found))


def basis(found: Assessment) -> str:
    """What was assessed, and what had taught."""
    asked = found.asked
    if asked.base is None:
        first = "An army of your own, by its codes alone."
    elif asked.unchanged:
        first = f"{asked.base.case_id} as it was coded, told by all other cases: it was left out of what teaches."
    else:
        first = f"{asked.base.case_id} with other codes; as it was, it was left out of what teaches."
    open_codes = ", ".join(RULES[code].name for code in asked.unknown)
    drawn = f" Not known, and drawn from past armies: {open_codes}." if open_codes else ""
    return first + drawn


def chances(found: Assessment) -> Table:
    """The chances beside the rivals', a row an outcome."""
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("")
    for column in ("chance", "90%", "ridge on ten codes", "base rate"):
        table.add_column(column, justify="right", no_wrap=True)
    came = found.asked.unchanged
    if came:
        table.add_column("what came")
    for name, word in (("collapse", "collapse"), ("mass_desertion", "mass desertion (a tenth or more)")):
        chance: Estimate = getattr(found, f"p_{name}")
        row = [word, f"{chance.value:.2f}", span(chance), f"{found.ridge[name]:.2f}", f"{found.base_rate[name]:.2f}"]
        if came:
            row.append({True: "yes", False: "no", None: "not known"}[getattr(found.asked.base, name)])
        table.add_row(*row)
    return table


def exits(found: Assessment) -> str:
    """The rate of exits and its band."""
    one = found.exits
    return (
        f"Exits by choice, per 1,000 men a month: {one.value:.3g} ({one.low:.2g} to {one.high:.3g}), "
        f"{rates.likeness(one.value)} ({found.band}). Errors of coding are in it."
    )


def changes(found: Assessment) -> Table:
    """What would change it most."""
    title = "What would change it most: one code put otherwise, under the same draws"
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", title_style="bold")
    table.add_column("code", no_wrap=True)
    for column in ("P(collapse)", "90%", "P(mass des.)"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("that is")
    for one in found.changes[:SHOWN]:
        table.add_row(
            step(one.code, one.here, one.there), signed(one.collapse.value), span(one.collapse, signed=True),
            signed(one.mass_desertion.value), RULES[one.code].levels[one.there],
        )  # fmt: skip
    return table


def nearest(found: Sequence[alike.Alike]) -> Table:
    """The armies most like it; the codes are its own, then theirs."""
    table = Table(box=box.SIMPLE_HEAD, title="Past armies most like it", title_justify="left", title_style="bold")
    table.add_column("case", no_wrap=True)
    table.add_column("apart", justify="right", no_wrap=True)
    table.add_column("collapsed", no_wrap=True)
    table.add_column("outcome")
    table.add_column("what differs: this army → that one")
    for each in found:
        differs = "; ".join(f"{RULES[one.code].name} {_code(one.here)} → {_code(one.there)}" for one in each.differs)
        came = {True: "yes", False: "no", None: "?"}[each.case.collapse]
        table.add_row(each.case.case_id, f"{each.distance:.2f}", came, Text(each.case.outcome), differs or "nothing")
    return table


def warning(found: Assessment) -> str:
    """What not to read into it."""
    few = ""
    if found.worth < FEW:
        few = f" The posterior is worth no more than {max(2, round(found.worth))} draws here: its intervals are too narrow."
    return (
        "The codes are an analyst's hypothesis; those that the model learnt from were given by one coder, who knew the "
        f"outcomes. The answer is about armies that look like this, over {HORIZON} days under these pressures: no forecast "
        f"with a date. The interval is of the parameters, not of the codes or of the model.{few}"
    )


def coders(found: SecondCoder) -> Iterator[RenderableType]:
    """Two coders: agreement by code, where they differ, and what it does to the scores."""
    yield agreement(found)
    differing = [each for each in found.cases if each.differs]
    if differing:
        yield recoded(found)
    else:
        yield Text("No code differs.")
    for name, effect in found.effects.items():
        yield scores(MODELS[name], effect)
    if found.effects:
        yield Text(
            "The parameters are those that the first codes taught; each case is told without itself. An interval is of "
            "the cases drawn anew."
        )
    if found.unknown:
        names = ", ".join(f"{name} (meant {meant}?)" if meant else name for name, meant in found.unknown.items())
        yield Text(f"Not shipped, and left aside: {names}.")


def agreement(found: SecondCoder) -> Table:
    """How far they agree, code by code."""
    title = f"Agreement on {len(found.agreement.cases)} cases"
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", title_style="bold")
    table.add_column("code", no_wrap=True)
    for column in ("both gave", "equal", "weighted kappa", "alpha"):
        table.add_column(column, justify="right", no_wrap=True)
    rows = [(RULES[code].name, found.agreement.codes[code]) for code in CODES] + [("all", found.agreement.overall)]
    for name, one in rows:
        equal = "–" if one.equal is None else f"{one.equal:.0%}"
        style = "bold" if name == "all" else None
        table.add_row(name, str(one.count), equal, _number(one.kappa), _number(one.alpha), style=style)
    return table


def recoded(found: SecondCoder) -> Table:
    """The cases in which they differ, those whose chance moved most first."""
    title = "Where they differ: the first's code → the second's"
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", title_style="bold")
    table.add_column("case", no_wrap=True)
    table.add_column("codes")
    table.add_column("P(collapse)", justify="right", no_wrap=True)
    table.add_column("collapsed", no_wrap=True)
    rows = [each for each in found.cases if each.differs]
    for each in sorted(rows, key=lambda one: -abs((one.second or 0) - (one.first or 0))):
        differs = "; ".join(f"{RULES[one.code].name} {_code(one.here)} → {_code(one.there)}" for one in each.differs)
        moved = "–" if each.first is None else f"{each.first:.2f} → {each.second:.2f}"
        table.add_row(each.case.case_id, differs, moved, {True: "yes", False: "no", None: "?"}[each.case.collapse])
    return table


def scores(name: str, effect: Effect) -> Table:
    """A model's scores under either coder's codes."""
    title = f"Scores of {name}, {effect.first.cases} cases"
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", title_style="bold")
    table.add_column("")
    for column in ("first codes", "second codes", "second less first", "second is better in"):
        table.add_column(column, justify="right", no_wrap=True)
    for word, field in SCORES:
        one, two = getattr(effect.first, field), getattr(effect.second, field)
        less: Difference = getattr(effect.paired, field)
        gap = (
            "–"
            if less.value != less.value
            else f"{_signed3(less.value)} ({_signed3(less.low)} to {_signed3(less.high)})"
        )
        share = "–" if less.value != less.value else f"{less.a_better:.0%} of resamples"
        table.add_row(word, _score(one), _score(two), gap, share)
    return table


def span(one: Estimate, signed: bool = False) -> str:
    """The interval of an estimate."""
    low, high = (f"{value:+.2f}" if signed else f"{value:.2f}" for value in (one.low, one.high))
    return f"{low} to {high}".replace("-", MINUS).replace("+0.00", "0.00").replace(f"{MINUS}0.00", "0.00")


def _score(one: Estimate) -> str:
    return "–" if one.value != one.value else f"{one.value:.3f} ({one.low:.3f} to {one.high:.3f})"


def _signed3(value: float) -> str:
    return f"{value:+.3f}".replace("-", MINUS)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}".replace("-", MINUS)


def _code(level: int | None) -> str:
    return "?" if level is None else str(level)
