"""`holdfast assess`: what to think of one army, or of a second coder's codes."""

from __future__ import annotations

import json as text
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from holdfast.assessment.recoding import Effect, SecondCoder
from holdfast.assessment.request import ALLOWED, level
from holdfast.assessment.run import FEW, HORIZON, Assessment
from holdfast.cli import screen
from holdfast.coded_armies.army import CODES, Neighbour
from holdfast.coded_armies.codebook import RULES, option
from holdfast.core import runtime
from holdfast.core.faults import Fault, listed
from holdfast.present import text as present_text
from holdfast.present.army_report import MINUS, signed, step
from holdfast.stats.intervals import Estimate
from holdfast.stats.scoring import Difference
from holdfast.tabular import cells

# An assessment, or a comparison of coders, on the screen.


SHOWN = 12
"""Changes on the screen, the greatest; the JSON has them all."""
SCORES = (("Brier", "brier"), ("log", "log"), ("AUC", "auc"))
MODELS = {"model": "the model", "ridge_ten": "ridge on ten codes, refitted"}


def army(found: Assessment) -> Iterator[RenderableType]:
    """One army: how it was told, chances, what would change them, the armies like it, and what not to read into it."""
    yield Text(found.asked.name, "bold")
    yield Text(basis(found))
    yield _chances(found)
    yield Text(_exits(found))
    yield Text()
    yield changes(found)
    against = [step(one.code, one.here, one.there) for one in found.changes if one.against_its_sense]
    if against:
        yield Text(f"Against what one would expect of the code: {'; '.join(against)}. See docs/assess.md.")
    yield nearest(found.nearest)
    yield Text(_warning(found))


def basis(found: Assessment) -> str:
    """What was assessed, and what had taught."""
    asked = found.asked
    if asked.base is None:
        first = "An army of your own, by its codes alone."
    elif asked.unchanged:
        first = f"{asked.base.army_id} as it was coded, told by all other cases: it was left out of what teaches."
    else:
        first = f"{asked.base.army_id} with other codes; as it was, it was left out of what teaches."
    open_codes = ", ".join(RULES[code].name for code in asked.unknown)
    drawn = f" Not known, and drawn from past armies: {open_codes}." if open_codes else ""
    return first + drawn


def _chances(found: Assessment) -> Table:
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
        row = [word, f"{chance.value:.2f}", _span(chance), f"{found.ridge[name]:.2f}", f"{found.base_rate[name]:.2f}"]
        if came:
            row.append({True: "yes", False: "no", None: "not known"}[getattr(found.asked.base, name)])
        table.add_row(*row)
    return table


def _exits(found: Assessment) -> str:
    """The rate of exits and its band."""
    one = found.exits
    return (
        f"Exits by choice, per 1,000 men a month: {one.value:.3g} ({one.low:.2g} to {one.high:.3g}), "
        f"{present_text.likeness(one.value)} ({found.band}). Errors of coding are in it."
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
            step(one.code, one.here, one.there), signed(one.collapse.value), _span(one.collapse, signed=True),
            signed(one.mass_desertion.value), RULES[one.code].levels[one.there],
        )  # fmt: skip
    return table


def nearest(found: Sequence[Neighbour]) -> Table:
    """The armies most like it; the codes are its own, then theirs."""
    table = Table(box=box.SIMPLE_HEAD, title="Past armies most like it", title_justify="left", title_style="bold")
    table.add_column("case", no_wrap=True)
    table.add_column("apart", justify="right", no_wrap=True)
    table.add_column("collapsed", no_wrap=True)
    table.add_column("outcome")
    table.add_column("what differs: this army → that one")
    for each in found:
        differs = "; ".join(f"{RULES[one.code].name} {_code(one.here)} → {_code(one.there)}" for one in each.differs)
        came = {True: "yes", False: "no", None: "?"}[each.army.collapse]
        table.add_row(each.army.army_id, f"{each.distance:.2f}", came, Text(each.army.outcome), differs or "nothing")
    return table


def _warning(found: Assessment) -> str:
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
        yield _recoded(found)
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
    title = f"Agreement on {len(found.agreement.armies)} cases"
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


def _recoded(found: SecondCoder) -> Table:
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
        table.add_row(each.case.army_id, differs, moved, {True: "yes", False: "no", None: "?"}[each.case.collapse])
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


def _span(one: Estimate, signed: bool = False) -> str:
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


# Codes asked for one by one, in plain words, where somebody sits at the terminal.


def _possible() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def codes(missing: Sequence[str], force_ratio: bool) -> tuple[dict[str, int | None], str | None]:
    """The codes that are missing and, if wanted, the force ratio. Questions go to standard error; Ctrl-D ends them."""
    console = Console(stderr=True, highlight=False)
    console.print("The codes, one by one. Answer 0, 1 or 2; ? or Enter where it is not known; Ctrl-D for no more.")
    given: dict[str, int | None] = {}
    try:
        for number, code in enumerate(missing, start=1):
            given[code] = _one(console, code, f"{number} of {len(missing)}")
        return given, _ratio(console) if force_ratio else None
    except EOFError:
        console.print("The rest is taken as not known.")
        return given, None


def _one(console: Console, code: str, count: str) -> int | None:
    rule = RULES[code]
    console.print()
    console.print(Text(f"{rule.name.capitalize()} ({count}): {rule.asks}", "bold"))
    for number, words in enumerate(rule.levels):
        console.print(Text(f"  {number}  {words}"))
    while True:
        found = level(console.input("  > "))
        if not isinstance(found, Fault):
            return found
        console.print(Text(f"  Allowed: {ALLOWED} (?). {found.cure}."))


def _ratio(console: Console) -> str | None:
    console.print()
    console.print(Text("Own men to the enemy's, as 0.8 or 0.8:1; Enter where it is not known", "bold"))
    while True:
        said = console.input("  > ").strip()
        if not said or said.lower() in cells.NOTHING:
            return None
        if isinstance(cells.ratio(said), float):
            return said
        console.print("  Write two numbers above 0, own men first.")


STARTING = "weighing the posterior, then compiling: 5 to 20 s"


def assess(
    codes: Mapping[str, str | None], force_ratio: str | None, name: str | None, case: str | None,
    second_coder: str | None, draws: int | None, workers: int | None, out: Path | None, json: bool,
) -> int:  # fmt: skip
    """Check all of the request, ask for what is missing, then answer."""
    runtime.prepare()
    given = {code: value for code, value in codes.items() if value is not None}
    alone = {"--second-coder": second_coder} if second_coder else {}
    others = [option(code) for code in given]
    others += [
        word
        for word, value in (("--force-ratio", force_ratio), ("--name", name), ("--case", case))
        if value is not None
    ]
    faults = _counts(draws, workers, out)
    if alone and others:
        allowed = "one army's codes, or a second coder's file"
        faults.append(Fault("--second-coder", f"{listed(others)} beside it", allowed, "Leave one of the two away"))
    if second_coder:
        return _second(second_coder, faults, out, json)
    return _army(given, force_ratio, name, case, faults, draws, workers, out, json)


def _army(
    given: dict[str, Any], force_ratio: str | None, name: str | None, case: str | None, faults: list[Fault],
    draws: int | None, workers: int | None, out: Path | None, json: bool,
) -> int:  # fmt: skip
    from holdfast.assessment import request, run
    from holdfast.present import army_report

    pass

    missing = [code for code in CODES if code not in given]
    if case is None and missing and not json and not faults and _possible():
        _checked(given, force_ratio, name, case, faults, whole=False)
        more, ratio = codes(missing, force_ratio is None)
        given, force_ratio, missing = {**given, **more}, force_ratio or ratio, []
    wanted = _checked(given, force_ratio, name, case, faults)
    if case is None and missing and not json:
        said = f"Not given, and taken as not known: {listed(map(option, missing))}."
        print(said, file=sys.stderr)
    with screen.bar(f"{wanted.name}: assessing", quiet=json, starting=STARTING) as told:
        found = run.answer(wanted, draws or run.DRAWS, workers, progress=told)
    if out:
        with screen.step("Writing", quiet=json):
            army_report.write(found, out)
    if json:
        print(text.dumps(army_report.as_json(found), allow_nan=False))
        return 0
    assert isinstance(wanted, request.Asked)
    console = screen.console()
    console.print()
    for part in army(found):
        console.print(part)
    _where(console, out)
    return 0


def _second(file: str, faults: list[Fault], out: Path | None, json: bool) -> int:
    from holdfast.assessment import recoding
    from holdfast.core.faults import AssessError
    from holdfast.present import army_report

    pass
    from holdfast.coded_armies import reader
    from holdfast.core.faults import ArmiesError

    try:
        coding = reader.read_codes(file)
    except ArmiesError as error:
        if faults:
            raise AssessError([*faults, *error.faults]) from error
        raise
    if faults:
        raise AssessError(faults)
    with screen.step(f"{file}: comparing", quiet=json):
        found = recoding.second_coder(coding)
    if out:
        army_report.write_second(found, out)
    if json:
        print(text.dumps(army_report.second_json(found), allow_nan=False))
        return 0
    console = screen.console()
    console.print()
    for part in coders(found):
        console.print(part)
    _where(console, out)
    return 0


def _checked(
    given: Mapping[str, Any], force_ratio: str | None, name: str | None, case: str | None, faults: list[Fault],
    whole: bool = True,
) -> Any:  # fmt: skip
    """The army that is meant, or every fault of the request; not `whole` where codes are still to be asked for."""
    from holdfast.assessment.request import asked
    from holdfast.core.faults import AssessError

    try:
        known = given if whole else {**dict.fromkeys(CODES, "0"), **given}
        wanted = asked(known, force_ratio, name or "", case, options=True)
    except AssessError as error:
        raise AssessError([*faults, *error.faults]) from None
    if faults:
        raise AssessError(faults)
    return wanted


def _counts(draws: int | None, workers: int | None, out: Path | None) -> list[Fault]:
    """What is wrong with the numbers and the folder."""
    faults = [
        Fault(place, str(value), f"a whole number from {least} on", f"Give {least} or more")
        for place, value, least in (("--draws", draws, 2), ("--workers", workers, 1))
        if value is not None and value < least
    ]
    if out and out.exists() and not out.is_dir():
        faults.append(Fault("--out", str(out), "a folder, and this is a file", "Choose another --out"))
    return faults


def _where(console: Any, out: Path | None) -> None:
    if out:
        console.print(f"Files: {out}", markup=False, soft_wrap=True)
