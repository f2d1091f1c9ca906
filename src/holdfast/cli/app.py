"""The commands and their options; each calls the module of its own name."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter, Token

HELP = """Will an army hold or break, which pressures would break it, and how sure can anyone be?

Two armies, soldier by soldier: fire, belief, bond, choice, pursuit, return, replacement, mobilisation, regime, front.
For study and warning, about armies as wholes; never about identifiable persons, never for targeting.

    holdfast run                                 the essay's moment, late 2023
    holdfast run finland-1940 --runs 32          another case, more runs
    holdfast run skirmish --set south.resolve.mean=2 --effect amnesty:south
    holdfast cases list                          what is shipped
    holdfast cases new mine.toml                 a commented template
    holdfast compare skirmish --effect blocking  with and without, same luck
    holdfast trace skirmish                      twenty soldiers, day by day
    holdfast losses                              what was truly lost, from 427 competing claims
    holdfast claims judge "300000 killed russia 2023-11-15"
    holdfast assess --case RUS_1917 --enforcement 2     ten codes of an army: does it hold?
    holdfast backtest                            held against 51 armies, beside its rivals
    holdfast forecast                            foretold in November 2023, and what came
    holdfast calibrate --quick                   how parameters are learnt, in rehearsal
"""

app = App(
    name="holdfast", help=HELP, help_format="markdown", version_flags=["--version"], suppress_keyboard_interrupt=False
)  # fmt: skip
cases = App(name="cases", help="List, show, check and start scenario files.")
app.command(cases)
claims = App(name="claims", help="Check tables of claims; judge a claim.")
app.command(claims)
data = App(name="data", help="Public data sets: list, fetch, show, and turn into claims.")
app.command(data)


def _whole(_: object, tokens: Sequence[Token]) -> int:
    """A whole number, never a rounded one."""
    try:
        return int(tokens[0].value)
    except ValueError as error:
        raise ValueError(f'"{tokens[0].value}" is no whole number; write it as 16') from error


Whole = Annotated[int, Parameter(converter=_whole)]
Json = Annotated[bool, Parameter(help="Print JSON and nothing else.", negative="")]
Settings = Annotated[
    list[str] | None,
    Parameter(
        name="--set",
        help="Change values: PATH=VALUE, as `ukraine.resolve.mean=2.5` or `choice.present_bias=0.9`. "
        "Put the case before it.",
        negative="",
        consume_multiple=True,
    ),
]
Effects = Annotated[
    list[str] | None,
    Parameter(
        name="--effect",
        help="Switch effects on from the first day: NAME, NAME:SIDE or NAME:SIDE:STRENGTH. Put the case before it.",
        negative="",
        consume_multiple=True,
    ),
]
Grain = Annotated[Whole | None, Parameter(help="Men that each billet stands for; the case's own unless given.")]
Seed = Annotated[Whole, Parameter(help="The same seed gives the same numbers; 0 to 4294967295.")]
Days = Annotated[Whole | None, Parameter(help="Days to run; the case's own unless given.")]
Workers = Annotated[Whole | None, Parameter(help="Processes of one thread each; one for each core unless given.")]


@app.command
def run(
    case: str = "russia-ukraine-2023",
    *,
    runs: Annotated[Whole, Parameter(help="How many runs; run i is the same whatever their number.")] = 16,
    days: Days = None,
    men_per_billet: Grain = None,
    seed: Seed = 1,
    set_: Settings = None,
    effect: Effects = None,
    out: Annotated[Path | None, Parameter(help="Folder for the result; holdfast-CASE unless given.")] = None,
    json: Json = False,
    csv: Annotated[bool, Parameter(help="Write the tables as CSV too.", negative="")] = False,
    film: Annotated[bool, Parameter(help="Add one run at the finest grain, every billet a pixel.")] = True,
    figures: Annotated[bool, Parameter(help="Write the figures as PNG and SVG files too.")] = True,
    resume: Annotated[bool, Parameter(help="Go on from the finished runs of a stopped run.", negative="")] = False,
    workers: Workers = None,
) -> int:
    """Run a case many times: a table of who holds and who breaks, and a report.

    Examples: `holdfast run` · `holdfast run italy-1917 --runs 32 --seed 7` · `holdfast run my.toml --json`

    Parameters
    ----------
    case
        A shipped case (`holdfast cases list`) or the path of a TOML file.
    """
    from holdfast.cli import run as cli_run

    return cli_run.run(
        case, runs, days, men_per_billet, seed, set_ or [], effect or [], out, json, csv, film, figures, resume, workers
    )


@app.command
def compare(
    a: str = "skirmish",
    b: str | None = None,
    *,
    runs: Whole = 16,
    days: Days = None,
    men_per_billet: Grain = None,
    seed: Seed = 1,
    set_: Settings = None,
    effect: Effects = None,
    json: Json = False,
    workers: Workers = None,
) -> int:
    """Run two cases, or one case with and without a change, under the same luck; show the paired difference.

    Examples: `holdfast compare skirmish --effect amnesty:south` · `holdfast compare mine.toml other.toml`
    · `holdfast compare russia-ukraine-2023 --set russia.unpaid=1`

    Parameters
    ----------
    a
        A case, or the folder of a finished run.
    b
        The other case or folder; without it, `a` with the changes of --set and --effect.
    """
    from holdfast.cli import compare as cli_compare

    return cli_compare.compare(a, b, runs, days, men_per_billet, seed, set_ or [], effect or [], json, workers)


@app.command
def trace(
    case: str = "skirmish",
    *,
    soldiers: Annotated[Whole, Parameter(help="How many soldiers to follow.")] = 20,
    days: Annotated[Whole, Parameter(help="Days to follow them.")] = 30,
    side: Annotated[str | None, Parameter(help="Only this side's soldiers.")] = None,
    seed: Seed = 1,
    set_: Settings = None,
    effect: Effects = None,
    json: Json = False,
    csv: Annotated[Path | None, Parameter(help="Write every soldier-day to this CSV file.")] = None,
) -> int:
    """Follow soldiers day by day: what each believed, what weighed with him, what became of him.

    Examples: `holdfast trace` · `holdfast trace skirmish --side south --days 60 --csv trace.csv`

    Parameters
    ----------
    case
        A case small enough to run one to one.
    """
    from holdfast.cli import trace as cli_trace

    return cli_trace.trace(case, soldiers, days, side, seed, set_ or [], effect or [], json, csv)


@app.command
def parameters(
    match: str = "",
    *,
    pressure: Annotated[str | None, Parameter(help="Only those that belong to this pressure.")] = None,
    json: Json = False,
) -> int:
    """List every parameter: value, unit, prior, the pressure it belongs to, source.

    Examples: `holdfast parameters` · `holdfast parameters bond` · `holdfast parameters --pressure coercion`

    Parameters
    ----------
    match
        Only paths that contain this text.
    """
    from holdfast.cli import scenarios

    return scenarios.parameters(match, pressure, json)


@app.command
def bench(
    *,
    men: Annotated[Whole, Parameter(help="Men, one to one.")] = 1_000_000,
    days: Annotated[Whole, Parameter(help="Days.")] = 60,
    processes: Annotated[
        Whole | None, Parameter(help="Processes of one thread; one for each core unless given.")
    ] = None,
    peers: Annotated[bool, Parameter(help="Also time Mesa and Starsim where they are installed.")] = True,
    json: Json = False,
) -> int:
    """Measure soldier-days per second, and the ratio to the NumPy reference and to peers where installed.

    Example: `holdfast bench --json`
    """
    from holdfast.cli import bench as cli_bench

    return cli_bench.bench(men, days, processes, peers, json)


@cases.command(name="list")
def list_cases(*, json: Json = False) -> int:
    """List the shipped cases. Example: `holdfast cases list`"""
    from holdfast.cli import scenarios

    return scenarios.cases(json)


@cases.command
def show(name: str, *, json: Json = False) -> int:
    """Print a case: its question, sides, events, caveats. Example: `holdfast cases show finland-1940`"""
    from holdfast.cli import scenarios

    return scenarios.show(name, json)


@cases.command
def check(file: str, *, json: Json = False) -> int:
    """Check a scenario file and name every fault. Example: `holdfast cases check mine.toml`"""
    from holdfast.cli import scenarios

    return scenarios.check(file, json)


@cases.command
def new(
    file: Path, *, like: Annotated[str | None, Parameter(help="Start from a copy of this shipped case.")] = None
) -> int:
    """Write a commented template. Example: `holdfast cases new mine.toml`"""
    from holdfast.cli import scenarios

    return scenarios.new(file, like)


@app.command
def losses(
    case: str = "russia-ukraine-2023",
    *,
    claims: Annotated[
        str | None, Parameter(help="A table of claims of your own (CSV, Parquet or a spreadsheet).")
    ] = None,
    until: Annotated[str | None, Parameter(help="Only months to this day, and claims known by it.")] = None,
    side: Annotated[str | None, Parameter(help="Only this side.")] = None,
    fast: Annotated[bool, Parameter(help="The nearest normal distribution in place of NUTS.", negative="")] = False,
    lineages: Annotated[bool, Parameter(help="Also leave out one lineage at a time; not with --fast.")] = True,
    card: Annotated[
        list[str] | None, Parameter(help="Ids of claims to make a citable card of.", negative="", consume_multiple=True)
    ] = None,
    seed: Seed = 1,
    out: Annotated[Path | None, Parameter(help="Folder for the page; holdfast-losses-CASE unless given.")] = None,
    figures: Annotated[bool, Parameter(help="Write the figures as PNG and SVG files too.")] = True,
    workers: Workers = None,
    json: Json = False,
) -> int:
    """Reconcile competing claims: killed, wounded, missing, captured, deserted, recruited, strength, with a verdict on each.

    Examples: `holdfast losses` · `holdfast losses --until 2023-11-15 --side russia` · `holdfast losses --claims mine.csv`

    Parameters
    ----------
    case
        A case of a war whose claims are shipped; not looked at with --claims.
    """
    from holdfast.cli import losses as cli_losses

    return cli_losses.show(
        case, claims, until, side, fast, lineages, seed, card or [], out, figures, workers, json
    )  # fmt: skip


@app.command
def forecast(
    case: str = "russia-ukraine-2023",
    *,
    as_of: Annotated[str, Parameter(help="Nothing dated or known later is used.")] = "2023-11-15",
    until: Annotated[str, Parameter(help="Last day that is foretold.")] = "2026-07-31",
    runs: Annotated[
        Whole | None, Parameter(help="Runs of the engine; 100 unless given, with --rolling 32 each.")
    ] = None,
    rolling: Annotated[
        bool, Parameter(help="From every quarter on, scored together; kept in no ledger.", negative="")
    ] = False,
    out: Annotated[Path | None, Parameter(help="Folder for tables (CSV) and figures (PNG, SVG).")] = None,
    ledger: Annotated[
        Path | None, Parameter(help="File to add the forecast to; holdfast-forecasts.jsonl unless given.")
    ] = None,
    keep: Annotated[
        bool, Parameter(name="--keep", negative="--no-ledger", help="Add the forecast to the ledger.")
    ] = True,
    check_ledger: Annotated[
        Path | None, Parameter(help="Only check that no forecast in this file was changed or lost.")
    ] = None,
    figures: Annotated[bool, Parameter(help="With --out, draw the figures.")] = True,
    seed: Seed = 1,
    men_per_billet: Annotated[
        Whole | None, Parameter(help="Men that each billet stands for; 400 unless given.")
    ] = None,
    workers: Workers = None,
    json: Json = False,
) -> int:
    """Foretell both armies from a day: killed, strength, exits, mass desertion, collapse; then what followed, scored.

    Examples: `holdfast forecast` · `holdfast forecast --as-of 2024-08-15 --out autumn` · `holdfast forecast --rolling`
    · `holdfast forecast --check-ledger holdfast-forecasts.jsonl`

    Parameters
    ----------
    case
        A case of a war whose claims are shipped.
    """
    from holdfast.cli import forecast as cli_forecast

    if check_ledger:
        return cli_forecast.check(check_ledger, json)
    return cli_forecast.show(
        case, as_of, until, runs, rolling, out, ledger, keep, figures, seed, men_per_billet, workers, json
    )


@app.command
def assess(
    *,
    losses: Annotated[str | None, Parameter(help="How hard is it hit? 0, 1, 2 or unknown, as all ten.")] = None,
    no_victory: Annotated[str | None, Parameter(help="Can it still win? 2: it is visibly beaten.")] = None,
    mobilisation: Annotated[str | None, Parameter(help="Are men called up? 2: to the last reserves.")] = None,
    leader_decay: Annotated[str | None, Parameter(help="Is the leader failing? 2: dead, deposed.")] = None,
    regime_disarray: Annotated[str | None, Parameter(help="Is the regime divided? 2: an open split.")] = None,
    patron_withdrawal: Annotated[str | None, Parameter(help="Does a patron let go? 2: it is gone.")] = None,
    unpaid_unfed: Annotated[str | None, Parameter(help="Do pay and food fail? 2: they have.")] = None,
    operational_shock: Annotated[str | None, Parameter(help="Is the front broken into? 2: a rout.")] = None,
    safe_exit: Annotated[str | None, Parameter(help="May a man leave and live? 2: safely.")] = None,
    enforcement: Annotated[str | None, Parameter(help="How is leaving punished? 2: by terror.")] = None,
    force_ratio: Annotated[str | None, Parameter(help="Own men to the enemy's, as 0.8 or 0.8:1.")] = None,
    name: Annotated[str | None, Parameter(help="What to call the army.")] = None,
    case: Annotated[
        str | None, Parameter(help="Start from this coded case, as RUS_1917; codes given replace its own.")
    ] = None,
    second_coder: Annotated[
        str | None, Parameter(help="Compare a CSV file of another coder's codes with the shipped ones.")
    ] = None,
    draws: Annotated[Whole | None, Parameter(help="Draws of the posterior; 32 unless given.")] = None,
    workers: Workers = None,
    out: Annotated[Path | None, Parameter(help="Folder for JSON, CSV and a figure; none unless given.")] = None,
    json: Json = False,
) -> int:
    """Will an army of these ten codes hold: chances, the past armies most like it, what would change it most.

    Codes not given are asked for, one by one, at a terminal; elsewhere they are taken as not known.

    Examples: `holdfast assess` · `holdfast assess --case RUS_1917 --enforcement 2`
    · `holdfast assess --losses 2 --no-victory 1 --safe-exit unknown --json` · `holdfast assess --second-coder second.csv`
    """
    from holdfast.cli import assess as cli_assess

    codes = {
        "losses": losses, "no_victory": no_victory, "mobilisation": mobilisation, "leader_decay": leader_decay,
        "regime_disarray": regime_disarray, "patron_withdrawal": patron_withdrawal, "unpaid_unfed": unpaid_unfed,
        "operational_shock": operational_shock, "safe_exit": safe_exit, "enforcement": enforcement,
    }  # fmt: skip
    return cli_assess.assess(codes, force_ratio, name, case, second_coder, draws, workers, out, json)


@app.command
def calibrate(
    *,
    out: Annotated[Path, Parameter(help="Folder for the posterior, its checks and the finished runs.")] = Path(
        "holdfast-calibration"
    ),
    cases: Annotated[
        Path | None, Parameter(help="Coded cases of your own (CSV) to learn from; the shipped ones unless given.")
    ] = None,
    seed: Seed = 1,
    quick: Annotated[
        bool, Parameter(help="A rehearsal of a few minutes; its posterior is worth nothing.", negative="")
    ] = False,
    workers: Workers = None,
    json: Json = False,
) -> int:
    """Learn the model's inputs from armies that held or broke, and keep the posterior.

    Screens every declared input (Morris), runs all coded cases under thousands of draws of those that matter, teaches a
    surrogate from the runs, fits by NUTS, and checks the fit on invented histories. Takes the best part of an hour on two
    cores. What is finished is kept: stop with Ctrl-C and give the same command to go on.

    Examples: `holdfast calibrate --quick` · `holdfast calibrate --out mine`
    · `holdfast calibrate --cases mine.csv --out mine`, then `holdfast backtest --posterior mine/posterior.npz`
    """
    from holdfast.cli import calibrate as cli_calibrate

    return cli_calibrate.show(out, cases, seed, quick, workers, json)


@app.command
def backtest(
    *,
    cases: Annotated[
        Path | None, Parameter(help="Coded cases of your own (CSV); the shipped ones unless given.")
    ] = None,
    leave_one_out: Annotated[
        bool, Parameter(help="Tell each shipped case by what is learnt from the others, or by all.")
    ] = True,
    posterior: Annotated[
        Path | None, Parameter(help="A posterior of holdfast calibrate; the shipped one unless given.")
    ] = None,
    seed: Seed = 1,
    out: Annotated[Path | None, Parameter(help="Folder for the tables, the figures and a page.")] = None,
    figures: Annotated[bool, Parameter(help="Draw the figures too, with --out.")] = True,
    workers: Workers = None,
    json: Json = False,
) -> int:
    """Hold the model against coded armies it has not seen: chances, scores, rivals, and what to hold against them.

    Examples: `holdfast backtest` · `holdfast backtest --cases mine.csv --json` · `holdfast backtest --out backtest`
    """
    from holdfast.cli import backtest as cli_backtest

    return cli_backtest.show(cases, leave_one_out, posterior, seed, out, figures, workers, json)


@claims.command(name="check")
def check_claims(file: str, *, json: Json = False) -> int:
    """Check a claims table and name every fault. Example: `holdfast claims check mine.csv`"""
    from holdfast.cli import claims as cli_claims

    return cli_claims.check(file, json)


@claims.command(name="judge")
def judge_claims(
    claim: str | None = None,
    *,
    claims: Annotated[str | None, Parameter(help="Judge every claim of this table instead.")] = None,
    case: Annotated[str, Parameter(help="A case of a war whose claims are shipped.")] = "russia-ukraine-2023",
    evidence: Annotated[str | None, Parameter(help="A table of your own to judge against.")] = None,
    until: Annotated[str | None, Parameter(help="Only evidence known by this day.")] = None,
    full: Annotated[bool, Parameter(help="Fit with NUTS, not fast.", negative="")] = False,
    side: Annotated[str | None, Parameter(help="Whose men.")] = None,
    quantity: Annotated[str | None, Parameter(help="killed, wounded, casualties, missing, captured ...")] = None,
    value: Annotated[str | None, Parameter(help="How many: 300000, 300k, 100000-200000.")] = None,
    date: Annotated[str | None, Parameter(help="By when: 2023-11-15, November 2023, end 2024.")] = None,
    since: Annotated[str | None, Parameter(help="From when; the war's first day unless given.")] = None,
    basis: Annotated[str | None, Parameter(help="cumulative, per period, per month, per day, stock.")] = None,
    counts: Annotated[str | None, Parameter(help="What its words count: see docs/claims.md.")] = None,
    covers: Annotated[str | None, Parameter(help="all, citizens, outside, part, wider.")] = None,
    claimant_type: Annotated[str | None, Parameter(help="Who says it, as in a claims table.")] = None,
    seed: Seed = 1,
    out: Annotated[Path | None, Parameter(help="Folder for a citable card (PNG and HTML).")] = None,
    json: Json = False,
) -> int:
    """How plausible is a claim, under each reading of its words, and the arithmetic that decides it.

    Examples: `holdfast claims judge "300000 killed russia 2023-11-15"` · `holdfast claims judge --claims new.csv --json`

    Parameters
    ----------
    claim
        The claim in words, in quotes: number, what, side, date.
    """
    from holdfast.cli import losses as cli_losses

    return cli_losses.judge(
        claim, case, claims, evidence, until, full, seed, out, json, side=side, quantity=quantity, value=value,
        date=date, since=since, basis=basis, counts=counts, covers=covers, claimant_type=claimant_type,
    )  # fmt: skip


@data.command(name="list")
def list_data(*, json: Json = False) -> int:
    """List the public data sets, whose they are and whether they are here. Example: `holdfast data list`"""
    from holdfast.cli import data as cli_data

    return cli_data.list_(json)


@data.command(name="fetch")
def fetch_data(name: str, *, json: Json = False) -> int:
    """Fetch a data set once, checked by SHA-256. Example: `holdfast data fetch meduza-weekly`"""
    from holdfast.cli import data as cli_data

    return cli_data.fetch(name, json)


@data.command(name="show")
def show_data(name: str, *, json: Json = False) -> int:
    """Print what is in a data set, and what to hold against it. Example: `holdfast data show oryx-daily`"""
    from holdfast.cli import data as cli_data

    return cli_data.show(name, json)


@data.command(name="claims")
def claims_of_data(
    name: str,
    *,
    out: Annotated[Path | None, Parameter(help="A new CSV file; standard output unless given.")] = None,
    after: Annotated[str | None, Parameter(help="Only claims of days later than this, as 2026-07-01.")] = None,
    file: Annotated[
        list[Path] | None, Parameter(help="Your own newer copies, named as the data set's.", negative="")
    ] = None,
    json: Json = False,
) -> int:
    """Turn a data set into rows of a claims table. Example: `holdfast data claims uk-mod-monthly --out more.csv`"""
    from holdfast.cli import data as cli_data

    return cli_data.claims(name, out, json, after, file or [])


def main() -> None:
    """Run the command line; errors of the user's input go to standard error without a traceback."""
    from holdfast.cli import errors

    for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):  # as Ctrl-C: no worker is left
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, lambda caught, _: sys.exit(128 + caught))
    sys.exit(errors.guarded(app))
