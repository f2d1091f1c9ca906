"""`holdfast assess`: one army by its ten codes, or what a second coder changes; `holdfast armies …`: the coded armies."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cyclopts import App
from rich.console import Console
from rich.text import Text

from holdfast.cli import console, options
from holdfast.cli.options import Json, Seed, Whole, Words, Workers, Write
from holdfast.core.faults import AssessError, Fault, FaultyError, listed, nearest, shown
from holdfast.present import tables

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from holdfast.assessment.request import Request
    from holdfast.assessment.run import Assessment, Effect, SecondCoder
    from holdfast.coded_armies.army import CodedArmy, Neighbour
    from holdfast.coded_armies.army import Difference as CodeDifference
    from holdfast.stats.intervals import Estimate
    from holdfast.stats.scoring import Difference


app = App(name="assess", help_format="markdown")
ARMIES_HELP = """Coded armies: list them; how far coders agree.

Examples: `holdfast armies list` · `holdfast armies agree coder1 coder2`
"""
armies_app = App(name="armies", help=ARMIES_HELP, help_format="markdown")

STARTING = "weighing the posterior, then compiling: 5 to 20 s"


@app.default
def assess(
    *, losses: str | None = None, no_victory: str | None = None, mobilisation: str | None = None,
    leader_decay: str | None = None, regime_disarray: str | None = None,
    patron_withdrawal: str | None = None, unpaid_unfed: str | None = None,
    operational_shock: str | None = None, safe_exit: str | None = None, enforcement: str | None = None,
    force_ratio: str | None = None, name: str | None = None, army: str | None = None, certainty: Words = None,
    second_coder: str | None = None, draws: Whole | None = None, seed: Seed = 1, workers: Workers = None,
    out: Path | None = None, figures: bool = False, json: Json = False, write: Write = None,
) -> int:  # fmt: skip
    """Will an army of these ten codes hold: chances, the past armies most like it, what would change it most.

    At a terminal the command asks for the codes that are not given, one by one; elsewhere they count as not known.

    Examples: `holdfast assess` · `holdfast assess --army RUS_1917 --enforcement 2`
    · `holdfast assess --losses 2 --no-victory 1 --safe-exit unknown --json` · `holdfast assess --second-coder second.csv`
    · `holdfast assess --losses 2 --no-victory 1 --certainty 0.8 --certainty losses=0.95`

    Args:
        losses: How hard is it hit? 0, 1, 2 or unknown, as all ten.
        no_victory: Can it still win? 2: it is visibly beaten.
        mobilisation: Are men called up? 2: to the last reserves.
        leader_decay: Is the leader failing? 2: dead, deposed.
        regime_disarray: Is the regime divided? 2: an open split.
        patron_withdrawal: Does a patron let go? 2: the patron is gone.
        unpaid_unfed: Do pay and food fail? 2: they have.
        operational_shock: Is the front broken into? 2: a rout.
        safe_exit: May a soldier leave and live? 2: safely.
        enforcement: How is leaving punished? 2: by terror.
        force_ratio: Own men to the enemy's, as 0.8 or 0.8:1.
        name: What to call the army.
        army: Start from this coded army, as RUS_1917; codes given replace its own.
        certainty: How sure the codes are, from 0 to 1: 0.9 for all, losses=0.95 for one; may be repeated.
        second_coder: Compare a CSV file of another coder's codes with the shipped ones.
        draws: Draws of the posterior; 32 unless given.
        out: Folder for JSON and CSV; none unless given.
        figures: With --out, write what would change it as PNG and SVG too.
    """
    from holdfast.coded_armies.codebook import option

    codes = {
        "losses": losses, "no_victory": no_victory, "mobilisation": mobilisation, "leader_decay": leader_decay,
        "regime_disarray": regime_disarray, "patron_withdrawal": patron_withdrawal, "unpaid_unfed": unpaid_unfed,
        "operational_shock": operational_shock, "safe_exit": safe_exit, "enforcement": enforcement,
    }  # fmt: skip
    given: dict[str, str | int | None] = {code: value for code, value in codes.items() if value is not None}
    faults = options.count_faults(least=2, draws=draws) + options.count_faults(seed=seed, workers=workers)
    faults += options.folder_faults(out) + options.write_faults(write)
    if second_coder:
        beside = [option(code) for code in given]
        others = {"--force-ratio": force_ratio, "--name": name, "--army": army, "--certainty": certainty}
        beside += [word for word, value in others.items() if value is not None]
        if beside:
            allowed = "one army's codes, or a second coder's file"
            faults.append(Fault("--second-coder", f"{listed(beside)} beside it", allowed, "Leave one of the two away"))
        return _compare_coders(second_coder, faults, out, json, write)
    request = _request(_Given(given, force_ratio, name, army, certainty), faults, asks=not json)
    return _assess(request, draws, seed, workers, out, figures=figures, json=json, write=write)


@dataclasses.dataclass
class _Given:
    """The options that describe the army; a code that was not given is not there."""

    codes: dict[str, str | int | None]
    force_ratio: str | None
    name: str | None
    army: str | None
    certainty: Sequence[str] | None

    def request(self, faults: Sequence[Fault], whole: bool = True) -> Request:
        """The army that is meant, or every fault of the request; not `whole` where codes are still to come."""
        from holdfast.assessment.request import parse
        from holdfast.coded_armies.army import CODES

        codes = self.codes if whole else {**dict.fromkeys(CODES, "0"), **self.codes}
        try:
            request = parse(codes, self.force_ratio, self.name or "", self.army, self.certainty, options=True)
        except FaultyError as error:
            raise AssessError([*faults, *error.faults]) from None
        options.refuse(faults)
        return request


def _request(given: _Given, faults: Sequence[Fault], asks: bool) -> Request:
    """The army to assess; codes that are missing come from the terminal, or are not known."""
    from holdfast.coded_armies.army import CODES
    from holdfast.coded_armies.codebook import option

    missing = [code for code in CODES if code not in given.codes]
    if given.army is not None or not missing or not asks:
        return given.request(faults)
    if not faults and sys.stdin.isatty() and sys.stderr.isatty():
        given.request(faults, whole=False)
        answers, ratio = questions(missing, given.force_ratio is None)
        given.codes |= answers
        given.force_ratio = given.force_ratio or ratio
        return given.request(faults)
    request = given.request(faults)
    print(f"Not given, and taken as not known: {listed(map(option, missing))}.", file=sys.stderr)
    return request


def _assess(
    request: Request, draws: int | None, seed: int, workers: int | None, out: Path | None, *, figures: bool, json: bool,
    write: Path | None,
) -> int:  # fmt: skip
    from holdfast.assessment import run

    with console.progress(f"{request.name}: assessing", quiet=json, starting=STARTING) as progress:
        result = run.assessment(request, draws or run.DRAWS, workers, seed=seed, progress=progress)
    options.write_table(write, result)
    if out:
        with console.step("Writing", quiet=json):
            result.save(out, figures=figures)
    if json:
        console.show_json(result.to_dict())
    else:
        console.show("", *army_parts(result))
        _show_folder(out)
    return 0


def _compare_coders(file: str, faults: list[Fault], out: Path | None, json: bool, write: Path | None) -> int:
    """The agreement of two coders, and what the second's codes do to the scores."""
    from holdfast.assessment import run
    from holdfast.coded_armies import reader

    try:
        coding = reader.read_codes(file)
    except FaultyError as error:
        if faults:
            raise AssessError([*faults, *error.faults]) from error
        raise
    options.refuse(faults)
    with console.step(f"{file}: comparing", quiet=json):
        result = run.second_coder(coding)
    return _show_coders(result, out, json=json, write=write)


@armies_app.command(name="list")
def list_armies(
    *, coder: str | None = None, vantage: str | None = None, json: Json = False, write: Write = None
) -> int:
    """List the shipped armies with who coded them and from when they were seen.

    Examples: `holdfast armies list` · `holdfast armies list --coder coder1` · `holdfast armies list --vantage foretelling --json`

    Args:
        coder: Only what this coder gave: first, coder1, coder2 or coder3.
        vantage: Only what was seen so: foretelling (the middle of the span) or explaining (the whole of it).
    """
    from holdfast.coded_armies import reader
    from holdfast.coded_armies.army import VANTAGES

    every = reader.shipped_by_coder()
    options.refuse(
        _word_faults("--coder", coder, tuple(dict.fromkeys(name for name, _ in every)))
        + _word_faults("--vantage", vantage, VANTAGES)
        + options.write_faults(write)
    )
    chosen = {key: of for key, of in every.items() if coder in (None, key[0]) and vantage in (None, key[1])}
    rows = [_army_row(army) for armies in chosen.values() for army in armies]
    options.write_table(write, rows)
    if json:
        console.show_json(rows)
    else:
        console.show(*_armies(chosen, with_codes=bool(coder or vantage)))
    return 0


def _word_faults(place: str, word: str | None, names: Sequence[str]) -> list[Fault]:
    """What is wrong with an option that takes one word of a list."""
    if word is None or word in names:
        return []
    return [
        Fault(place, shown(word), listed(names), "Use one of these, or leave the option away", nearest(word, names))
    ]


def _army_row(army: CodedArmy) -> dict[str, object]:
    """A coded army as JSON."""
    return {
        "army_id": army.army_id, "coder": army.coder, "vantage": army.vantage, "army": army.army, "war": army.war,
        "start": army.start and str(army.start), "end": army.end and str(army.end), "codes": dict(army.codes),
        "relief": army.relief, "space": army.space, "settlement": army.settlement, "confidence": army.confidence,
        "collapse": army.collapse, "mass_desertion": army.mass_desertion, "independent": army.independent,
        "sources": army.sources,
    }  # fmt: skip


def _armies(chosen: Mapping[tuple[str, str], Sequence[CodedArmy]], with_codes: bool) -> Iterator[RenderableType]:
    """Every army with its codings, or every coding with its codes."""
    from holdfast.coded_armies.army import CODES
    from holdfast.coded_armies.codebook import PROVENANCE

    if with_codes:
        columns = [*tables.names("army"), tables.Column("coder"), tables.Column("vantage"), tables.Column("ten codes")]
        rows = [
            [army.army_id, army.coder, army.vantage, " ".join(_level(army.codes[code]) for code in CODES),
             CAME[army.collapse]]
            for armies in chosen.values() for army in armies
        ]  # fmt: skip
        yield tables.table("Codes in the order of docs/history.md", [*columns, *tables.names("collapsed")], rows)
    else:
        seen: dict[str, list[CodedArmy]] = {}
        for army in (army for armies in chosen.values() for army in armies):
            seen.setdefault(army.army_id, []).append(army)
        columns = [*tables.names("army"), tables.Column("war", folds=True), *tables.names("collapsed")]
        rows = [[name, of[0].war, CAME[of[0].collapse], _codings(of)] for name, of in seen.items()]
        yield tables.table(f"{len(seen)} armies", [*columns, tables.Column("coded by", folds=True)], rows)
    yield f"{PROVENANCE} `holdfast armies agree` says how far coders agree."


def _codings(armies: Sequence[CodedArmy]) -> str:
    """Who coded an army, and from where they saw it: `coder1 (foretelling, explaining)`."""
    by: dict[str, list[str]] = {}
    for army in armies:
        by.setdefault(army.coder, []).append(army.vantage)
    return "; ".join(f"{coder} ({', '.join(vantages)})" for coder, vantages in by.items())


@armies_app.command
def agree(first: str, second: str, *, out: Path | None = None, json: Json = False, write: Write = None) -> int:
    """How far two coders agree on the armies that both coded, and how far apart their codes put the chances.

    For each code: the share equal, Cohen's kappa with linear weights, Krippendorff's alpha. Then P(collapse) under either's
    codes, each army predicted without its war by the posterior's surrogate: nothing is run.

    Examples: `holdfast armies agree mine.csv hers.csv` · `holdfast armies agree coder1 coder2 --json`
    · `holdfast armies agree first coder3:explaining`

    Args:
        first: A table of coded armies (CSV), or a shipped coder: first, coder1, coder2, coder3; after a colon a vantage.
        second: The same of the other coder.
        out: Folder for JSON and CSV; none unless given.
    """
    options.refuse(options.folder_faults(out) + options.write_faults(write))
    from holdfast.assessment import run

    with console.step(f"{first}, {second}: comparing", quiet=json):
        result = run.agree(first, second)
    return _show_coders(result, out, json=json, write=write)


def _show_coders(result: SecondCoder, out: Path | None, *, json: bool, write: Path | None) -> int:
    """Write two coders' comparison where that is wanted, and print it."""
    options.write_table(write, result)
    if out:
        result.save(out)
    if json:
        console.show_json(result.to_dict())
    else:
        console.show("", *coder_parts(result))
        _show_folder(out)
    return 0


def _show_folder(out: Path | None) -> None:
    if out:
        console.show_line(f"Files: {out}")


# Questions at a terminal.


def questions(missing: Sequence[str], force_ratio: bool) -> tuple[dict[str, int | None], str | None]:
    """Ask for codes, and for the force ratio. Questions go to standard error; Ctrl-D ends them.

    Args:
        missing: the codes to ask for.
        force_ratio: whether to ask for the force ratio too.

    Returns:
        The answers by code; the force ratio, where it was given.
    """
    terminal = Console(stderr=True, highlight=False)
    terminal.print("The codes, one by one. Answer 0, 1 or 2; ? or Enter where it is not known; Ctrl-D for no more.")
    answers: dict[str, int | None] = {}
    try:
        for number, code in enumerate(missing, start=1):
            answers[code] = _answer(terminal, code, f"{number} of {len(missing)}")
        return answers, _ratio(terminal) if force_ratio else None
    except EOFError:
        terminal.print("The rest is taken as not known.")
        return answers, None


def _answer(terminal: Console, code: str, count: str) -> int | None:
    from holdfast.assessment.request import ALLOWED, level
    from holdfast.coded_armies.codebook import RULES

    rule = RULES[code]
    terminal.print()
    terminal.print(console.bold(f"{rule.name.capitalize()} ({count}): {rule.asks}"))
    for number, words in enumerate(rule.levels):
        terminal.print(Text(f"  {number}  {words}"))
    while True:
        answer = level(terminal.input("  > "))
        if not isinstance(answer, Fault):
            return answer
        terminal.print(Text(f"  Allowed: {ALLOWED} (?). {answer.cure}."))


def _ratio(terminal: Console) -> str | None:
    from holdfast.tabular import cells

    terminal.print()
    terminal.print(console.bold("Own men to the enemy's, as 0.8 or 0.8:1; Enter where it is not known"))
    while True:
        answer = terminal.input("  > ").strip()
        if not answer or answer.lower() in cells.NOTHING:
            return None
        if isinstance(cells.ratio(answer), float):
            return answer
        terminal.print("  Write two numbers above 0, own men first.")


# One army on the console.

SHOWN = 12
"""Changes on the console, the greatest; the JSON has them all."""


def army_parts(result: Assessment) -> Iterator[RenderableType]:
    """One army: its codes, chances, when its war ends, what would change the chances, the armies like it, and the caveats.

    Args:
        result: the assessment.

    Yields:
        Lines and tables for the console.
    """
    from holdfast.present.army_report import AFTER, certainty, step

    yield console.bold(result.request.name)
    yield basis(result)
    yield certainty(result)
    yield _chances(result)
    yield _exits(result)
    yield ""
    if result.by_day:
        yield _by_day(result)
        yield AFTER
        yield ""
    yield _changes(result)
    against = [step(one.code, one.here, one.there) for one in result.changes if one.against_its_sense]
    if against:
        yield f"Against what one would expect of the code: {'; '.join(against)}. See docs/assess.md."
    yield _nearest(result.nearest)
    yield _warning(result)


def basis(result: Assessment) -> str:
    """What was assessed, and what the posterior had learnt from.

    Args:
        result: the assessment.

    Returns:
        One or two sentences.
    """
    from holdfast.coded_armies.codebook import RULES

    request = result.request
    if request.base is None:
        first = "An army of your own, by its codes alone."
    elif request.unchanged:
        first = f"{request.base.army_id} as it was coded; it was left out of what the model learnt from."
    else:
        first = f"{request.base.army_id} with other codes; as coded, it was left out of what the model learnt from."
    open_codes = ", ".join(RULES[code].name for code in request.unknown)
    return first + (f" Not known, and drawn from past armies: {open_codes}." if open_codes else "")


def _chances(result: Assessment) -> Table:
    """The chances beside those of simpler models, a row an outcome."""
    came = result.request.unchanged
    columns = [tables.Column(), *tables.numbers("chance", "90%", "ridge on ten codes", "base rate")]
    rows = []
    for name, word in (("collapse", "collapse"), ("mass_desertion", "mass desertion (a tenth or more)")):
        chance: Estimate = getattr(result, f"p_{name}")
        row = [word, f"{chance.value:.2f}", _span(chance), f"{result.ridge[name]:.2f}", f"{result.base_rate[name]:.2f}"]
        if came:
            row.append({True: "yes", False: "no", None: "not known"}[getattr(result.request.base, name)])
        rows.append(row)
    return tables.table("", [*columns, tables.Column("what came")] if came else columns, rows)


def _by_day(result: Assessment) -> Table:
    """How its war has ended by each horizon."""
    from holdfast.present.army_report import by_day

    rows = by_day(result)
    head, *others = rows[0]
    columns = [*tables.names(head), *tables.numbers(*others)]
    return tables.table("When: shares of runs, with 90%", columns, [list(row.values()) for row in rows])


def _exits(result: Assessment) -> str:
    """The rate of exits and its band."""
    from holdfast.present import text

    exits = result.exits
    return (
        f"Exits by choice, per 1,000 men a month: {exits.value:.3g} ({exits.low:.2g} to {exits.high:.3g}), "
        f"{text.likeness(exits.value)} ({result.band}). Errors of coding are in it."
    )


def _changes(result: Assessment) -> Table:
    """What would change it most."""
    from holdfast.coded_armies.codebook import RULES
    from holdfast.present.army_report import signed, step

    columns = [*tables.names("code"), *tables.numbers("P(collapse)", "90%", "P(mass des.)"), tables.Column("that is")]
    rows = [
        [step(one.code, one.here, one.there), signed(one.collapse.value), _span(one.collapse, signed=True),
         signed(one.mass_desertion.value), RULES[one.code].levels[one.there]]
        for one in result.changes[:SHOWN]
    ]  # fmt: skip
    return tables.table("What would change it most: one code put otherwise, under the same draws", columns, rows)


def _nearest(armies: Sequence[Neighbour]) -> Table:
    """The armies most like it; the codes are its own, then theirs."""
    columns = [*tables.names("army"), *tables.numbers("apart"), *tables.names("collapsed"), tables.Column("outcome")]
    rows = [
        [each.army.army_id, f"{each.distance:.2f}", CAME[each.army.collapse], each.army.outcome,
         _differing(each.differs) or "nothing"]
        for each in armies
    ]  # fmt: skip
    return tables.table(
        "Past armies most like it", [*columns, tables.Column("what differs: this army → that one")], rows
    )


CAME = {True: "yes", False: "no", None: "?"}


def _differing(differences: Sequence[CodeDifference]) -> str:
    """Codes in which two codings differ, the first's then the second's."""
    from holdfast.coded_armies.codebook import RULES

    return "; ".join(f"{RULES[one.code].name} {_level(one.here)} → {_level(one.there)}" for one in differences)


def _level(code: int | None) -> str:
    return "?" if code is None else str(code)


def _warning(result: Assessment) -> str:
    """The caveats."""
    from holdfast.assessment.run import FEW, HORIZON
    from holdfast.coded_armies.codebook import PROVENANCE

    few = ""
    if result.worth < FEW:
        few = f" The posterior is worth no more than {max(2, round(result.worth))} draws here: its intervals are too narrow."
    return (
        f"The codes are an analyst's hypothesis. {PROVENANCE} They explain finished spans; an analyst of a war that goes on can "
        "only foretell, and scores worse (docs/validation.md). The answer is about armies that look like this, over "
        f"{HORIZON} days under these pressures: no forecast with a date. The interval is of the parameters, not of the codes or "
        f"of the model.{few}"
    )


# Two coders on the console.

SCORES = (("Brier", "brier"), ("log", "log"), ("AUC", "auc"))
MODELS = {"model": "the model", "ridge_ten": "ridge on ten codes, refitted"}


def coder_parts(result: SecondCoder) -> Iterator[RenderableType]:
    """Two coders: agreement by code, where they differ, and what it does to the scores.

    Args:
        result: the comparison.

    Yields:
        Lines and tables for the console.
    """
    yield _agreement(result)
    yield _recoded(result) if any(each.differs for each in result.armies) else "No code differs."
    for name, effect in result.effects.items():
        yield _scores(MODELS[name], effect)
    if result.mean_change is not None:
        yield (
            f"P(collapse) under the two differs by {result.mean_change:.2f} on average. The parameters are those of the shipped "
            f"posterior; each army is predicted without {result.without}. An interval is of the armies drawn anew."
        )
    if result.unknown:
        names = ", ".join(f"{name} (meant {meant}?)" if meant else name for name, meant in result.unknown.items())
        yield f"Not in the first table, and left aside: {names}."


def _agreement(result: SecondCoder) -> Table:
    """How far they agree, code by code."""
    from holdfast.coded_armies.army import CODES
    from holdfast.coded_armies.codebook import RULES

    columns = [*tables.names("code"), *tables.numbers("both gave", "equal", "weighted kappa", "alpha")]
    table = tables.table(f"Agreement on {len(result.agreement.armies)} armies", columns)
    rows = [(RULES[code].name, result.agreement.codes[code]) for code in CODES] + [("all", result.agreement.overall)]
    for name, one in rows:
        equal = "–" if one.equal is None else f"{one.equal:.0%}"
        cells = [name, str(one.count), equal, _coefficient(one.kappa), _coefficient(one.alpha)]
        tables.add(table, tables.Row(cells, "bold" if name == "all" else ""))
    return table


def _recoded(result: SecondCoder) -> Table:
    """The armies in which they differ, those whose chance moved most first."""
    named, chance = tables.names("army", "collapsed"), tables.numbers("P(collapse)")
    columns = [named[0], tables.Column("codes"), *chance, named[1]]
    differing = sorted(
        (each for each in result.armies if each.differs), key=lambda each: -abs((each.second or 0) - (each.first or 0))
    )
    rows = [
        [each.army.army_id, _differing(each.differs),
         "–" if each.first is None else f"{each.first:.2f} → {each.second:.2f}", CAME[each.army.collapse]]
        for each in differing
    ]  # fmt: skip
    return tables.table("Where they differ: the first's code → the second's", columns, rows)


def _scores(name: str, effect: Effect) -> Table:
    """A model's scores under either coder's codes."""
    rows = []
    for word, field in SCORES:
        less: Difference = getattr(effect.paired, field)
        known = less.value == less.value
        gap = f"{_signed(less.value)} ({_signed(less.low)} to {_signed(less.high)})" if known else "–"
        share = f"{less.a_better:.0%} of resamples" if known else "–"
        rows.append([word, _score(getattr(effect.first, field)), _score(getattr(effect.second, field)), gap, share])
    heads = ("first codes", "second codes", "second less first", "second is better in")
    return tables.table(f"Scores of {name}, {effect.first.cases} armies", ["", *tables.numbers(*heads)], rows)


def _span(one: Estimate, signed: bool = False) -> str:
    """The interval of an estimate."""
    from holdfast.present.army_report import MINUS

    low, high = (f"{value:+.2f}" if signed else f"{value:.2f}" for value in (one.low, one.high))
    return f"{low} to {high}".replace("-", MINUS).replace("+0.00", "0.00").replace(f"{MINUS}0.00", "0.00")


def _score(one: Estimate) -> str:
    return "–" if one.value != one.value else f"{one.value:.3f} ({one.low:.3f} to {one.high:.3f})"


def _signed(value: float) -> str:
    return f"{value:+.3f}".replace("-", "−")


def _coefficient(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}".replace("-", "−")
