"""`holdfast run`, `compare` and `trace`: simulations, their difference under the same draws and luck, and single soldiers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from holdfast.cli import console, options
from holdfast.cli.options import (
    Days,
    Effects,
    Flag,
    Grain,
    Json,
    Runs,
    ScenarioName,
    Seed,
    Settings,
    Whole,
    Workers,
    Write,
)
from holdfast.core.faults import Fault
from holdfast.present import tables

if TYPE_CHECKING:
    import xarray as xr
    from rich.table import Table

    from holdfast.ensemble.plan import Scenario
    from holdfast.ensemble.result import Comparison, SimulationResult


RUNS = 40
"""As `ensemble.plan.RUNS`, which is not imported for a help text."""
LuckOnly = Annotated[
    bool,
    Parameter(
        negative=(),
        help="Let the runs differ in luck alone: declared parameters, one level of resolve; losses of a posterior still vary.",
    ),
]

run_app = App(name="run", help_format="markdown")
compare_app = App(name="compare", help_format="markdown")
trace_app = App(name="trace", help_format="markdown")


@run_app.default
def run(
    scenario: ScenarioName = "russia-ukraine-2023", *, runs: Runs = RUNS, days: Days = None,
    men_per_billet: Grain = None, seed: Seed = 1, set_: Settings = None, effect: Effects = None,
    luck_only: LuckOnly = False, out: Path | None = None, json: Json = False, csv: Flag = False, film: bool = True,
    figures: bool = False, write: Write = None,
    resume: Flag = False, workers: Workers = None,
) -> int:  # fmt: skip
    """Run a scenario many times: a table of who holds and who breaks, and a report.

    Each run has luck of its own, and a draw of what is not known: parameters, the level of resolve, losses.

    Examples: `holdfast run` · `holdfast run italy-1917 --runs 32 --seed 7` · `holdfast run my.toml --json`

    Args:
        scenario: A shipped scenario (`holdfast scenarios list`) or the path of a TOML file.
        out: Folder for the result; holdfast-SCENARIO unless given.
        csv: Write the tables as CSV too.
        film: Add one run at the finest grain, every billet a pixel.
        figures: Write the figures as PNG and SVG files too.
        resume: Go on from the finished runs of a stopped run.
    """
    faults = options.count_faults(seed=seed, runs=runs, workers=workers, men_per_billet=men_per_billet)
    options.refuse(faults + options.write_faults(write))
    chosen = options.scenario_of(scenario, days, set_, effect)  # first: a wrong one is told before the engine is loaded
    from holdfast.ensemble import run as ensemble_run
    from holdfast.ensemble import store

    folder = out or Path(f"holdfast-{chosen.name}")
    with store.held(folder):
        with console.progress(f"{chosen.name}: {runs} runs", quiet=json, starting=console.COMPILES) as progress:
            result = ensemble_run.simulate(
                chosen, runs=runs, seed=seed, men_per_billet=men_per_billet, luck_only=luck_only, film=film, workers=workers,
                out=folder, resume=resume, progress=progress,
            )  # fmt: skip
        with console.step("Writing the report", quiet=json):
            page = result.save(folder, figures=figures, csv=csv)
    options.write_table(write, result)
    if json:
        console.show_json(result.summary())
    else:
        show(result, page)
    return 0


def show(result: SimulationResult, page: Path | None) -> None:
    """Print the short table, the verdict in words, and where the report is.

    Args:
        result: what was run.
        page: the report; none where it was not written.
    """
    summary, document = result.summary(), result.scenario.document
    console.show("", console.bold(document.title), document.question, "", _outcomes(summary))
    console.show(*(shown for shown in (_by_day(result), _spread(result)) if shown))
    console.show(*_verdict(summary, result.data.attrs.get("losses", "")), *_inferred(result))
    console.show_page("Report", page)


ROWS = (
    ("killed", "killed"), ("wounded", "wounded"), ("left by desertion", "deserted"),
    ("surrendered by choice", "surrendered"), ("gave up encircled", "captured"), ("refusals (man-days)", "refused"),
    ("returned from absence", "returned"), ("strength at the end", "strength_end"),
    ("exits per 1,000 a month", "exits_per_1000_month"), ("greatest R_d", "r_d_max"),
)  # fmt: skip
"""Rows of the table, and the summary's key of each."""
FRACTIONAL = ("exits_per_1000_month", "r_d_max")
CHANCES = (("mass desertion", "p_mass_desertion"), ("front broken", "p_front_broken"), ("collapse", "p_collapse"))
RARE = (("state ends the war", "p_settlement"), ("army destroyed", "p_destroyed"))
"""Shown where it comes in any run."""


def _outcomes(summary: console.Document) -> Table:
    """Medians with 90 % intervals and chances of outcomes, a column a side."""
    from holdfast.present.text import of_runs

    runs, grain, sides = summary["runs"], summary["men_per_billet"], summary["sides"]
    title = f"{runs} {'run' if runs == 1 else 'runs'} of {summary['days']} days, 1 billet = {grain} "
    title += f"{'man' if grain == 1 else 'men'}; median (90 % of runs)"
    heads = [f"{name}\n{side['strength_start']:,} men" for name, side in sides.items()]
    rows: list[Sequence[str]] = []
    for label, key in ROWS:
        cells = [side[key] for side in sides.values()]
        if key != "captured" or any(cell["p95"] for cell in cells):  # most wars have no pockets
            rows.append([label, *(_span(cell, whole=key not in FRACTIONAL) for cell in cells)])
    table = tables.table(title, ["", *tables.numbers(*heads)], rows)
    table.add_section()
    ends = [end for end in RARE if any(side[end[1]] for side in sides.values())]
    for label, key in (*CHANCES, *ends):
        tables.add(table, [f"P({label})", *(of_runs(round(side[key] * runs), runs) for side in sides.values())])
    return table


def _by_day(result: SimulationResult) -> Table:
    """Which end of the war came first for each side, by each horizon."""
    from holdfast.present import run_findings

    heads, rows = run_findings.ends(result.data)
    return tables.table(run_findings.ENDS_TITLE, [*tables.names(heads[0]), *tables.stacked(heads[1:])], rows)


def _spread(result: SimulationResult) -> Table | None:
    """Where the spread of the runs comes from; nothing where no run has a twin."""
    from holdfast.present import run_findings

    heads, rows = run_findings.spread(result.data)
    if not rows:
        return None
    return tables.table(run_findings.SPREAD_TITLE, [*heads[:1], *tables.numbers(*heads[1:])], rows)


def _span(values: Mapping[str, float], whole: bool = False) -> str:
    """A median and its interval, no finer than they deserve; men and days come whole."""
    low, middle, high = (_number(values[key], whole) for key in ("p05", "p50", "p95"))
    return middle if low == middle == high else f"{middle} ({low}–{high})"


def _number(value: float, whole: bool) -> str:
    """Whole where large, two digits where small."""
    return f"{value:,.0f}" if whole or abs(value) >= 100 else f"{value:.2g}"


def _verdict(summary: console.Document, losses: str = "") -> list[str]:
    """Who breaks first, in words on the stated scale; `losses` says which posterior gave the runs theirs."""
    from holdfast.present import text

    runs, lines = summary["runs"], []
    for name, share in summary["p_breaks_first"].items():
        if name in ("both", "destroyed") and not share:
            continue
        what = {
            "none": "Neither side breaks", "both": "Both break on one day",
            "destroyed": "An army is destroyed before either breaks",
        }.get(name, f"{name} breaks first")  # fmt: skip
        lines.append(f"{what}: {text.of_runs(round(share * runs), runs)}")
    for name, side in summary["sides"].items():
        if side["days_to_break"]:
            lines.append(f"Where {name} breaks, it does so on day {_span(side['days_to_break'], whole=True)}.")
    lines.append(f"Resolution: {text.resolution(runs)}")
    lines.append(text.ranges_of(summary["uncertain"], losses))
    return [*lines, f"Losses: {losses}."] if losses else lines


def _inferred(result: SimulationResult) -> list[str]:
    """Where each side's level of resolve is from."""
    from holdfast.present import text

    return text.inferred(result.draws)


# Two runs under the same draws and luck.


@compare_app.default
def compare(
    a: ScenarioName = "skirmish", b: ScenarioName | None = None, *, runs: Runs = 16, days: Days = None,
    men_per_billet: Grain = None, seed: Seed = 1, set_: Settings = None, effect: Effects = None,
    luck_only: LuckOnly = False, json: Json = False, workers: Workers = None, write: Write = None,
) -> int:  # fmt: skip
    """Run two scenarios, or one with and without a change, under the same draws and luck; show the paired difference.

    Examples: `holdfast compare skirmish --effect amnesty:south` · `holdfast compare mine.toml other.toml`
    · `holdfast compare russia-ukraine-2023 --set russia.unpaid=1`

    Args:
        a: A scenario, or the folder of a finished run.
        b: The other scenario or folder; without it, `a` with the changes of --set and --effect.
    """
    faults = options.count_faults(seed=seed, runs=runs, workers=workers, men_per_billet=men_per_billet)
    if b is None and not set_ and not effect:
        allowed = "a second scenario or folder, or a change"
        faults.append(Fault("b", "nothing to compare with", allowed, "Give --set or --effect"))
    options.refuse(faults + options.write_faults(write))
    from holdfast.ensemble import run as ensemble_run
    from holdfast.ensemble import store

    if (set_ or effect) and store.holds_result(b or a):
        allowed = "a scenario, since a finished run cannot be changed"
        options.refuse(
            [Fault("b" if b else "a", b or a, allowed, "Give the scenario, or leave --set and --effect away")]
        )
    from holdfast.ensemble.result import differences

    names = (a, b or " ".join([a, *(set_ or []), *(effect or [])]))
    both = (_opened(a) or options.scenario_of(a, days), _opened(b) or options.scenario_of(b or a, days, set_, effect))
    ensemble_run.check_pair(*both, names)
    first, second = (
        _simulated(one, runs, seed, grain=men_per_billet, workers=workers, luck_only=luck_only, quiet=json)
        for one in both
    )
    compared = differences(first, second, names)
    options.write_table(write, compared)
    if json:
        console.show_json(compared.to_dict())
    else:
        _show_comparison(compared)
    return 0


def _opened(name: str | None) -> SimulationResult | None:
    """A finished run, if the name is its folder."""
    from holdfast.ensemble import store

    return store.load_result(name) if name and store.holds_result(name) else None


def _simulated(
    one: Scenario | SimulationResult, runs: int, seed: int, *, grain: int | None, workers: int | None, luck_only: bool,
    quiet: bool,
) -> xr.Dataset:  # fmt: skip
    """The dataset of a finished run as it is, of a scenario by running it now."""
    from holdfast.ensemble import run as ensemble_run
    from holdfast.ensemble.result import SimulationResult

    if isinstance(one, SimulationResult):
        return one.data
    with console.progress(f"{one.name}: {runs} runs", quiet=quiet, starting=console.COMPILES) as progress:
        return ensemble_run.simulate(
            one, runs=runs, seed=seed, men_per_billet=grain, luck_only=luck_only, workers=workers, progress=progress
        ).data  # fmt: skip


def _show_comparison(compared: Comparison) -> None:
    """A table a side."""
    console.show(f"A = {compared.a}", f"B = {compared.b}", *compared.basis())
    for name, measures in compared.sides.items():
        rows = []
        for key, value in measures.items():
            error = value["standard_error"]
            spread = "" if error is None else f" ± {2 * error:,.3g}"
            rows.append([key, f"{value['a']:,.4g}", f"{value['b']:,.4g}", f"{value['difference']:+,.4g}{spread}"])
        console.show(tables.table(name, ["", *tables.numbers("A", "B", "B − A")], rows))


# Single soldiers.


@trace_app.default
def trace(
    scenario: ScenarioName = "skirmish", *, soldiers: Whole = 20,
    days: Annotated[Whole, Parameter(help="Days to follow them.")] = 30, side: str | None = None,
    luck_only: LuckOnly = False, seed: Seed = 1, set_: Settings = None, effect: Effects = None, json: Json = False,
    csv: Path | None = None, write: Write = None,
) -> int:  # fmt: skip
    """Follow soldiers day by day: what each believed, what weighed in each decision, and its outcome.

    Examples: `holdfast trace` · `holdfast trace skirmish --side south --days 60 --csv trace.csv`

    Args:
        scenario: A scenario small enough to run one to one.
        soldiers: How many soldiers to follow.
        side: Only this side's soldiers.
        csv: Write every soldier-day to this CSV file.
    """
    options.refuse(options.count_faults(seed=seed, soldiers=soldiers, days=days) + options.write_faults(write))
    chosen = options.scenario_of(scenario, None, set_, effect)
    from holdfast.ensemble import run as ensemble_run

    if csv and not csv.parent.is_dir():
        options.refuse([Fault("--csv", str(csv), "a file in a folder that is there", "Make the folder first")])
    with console.step(f"Following {soldiers} soldiers for {days} days", quiet=json):
        result = ensemble_run.trace(chosen, soldiers=soldiers, days=days, side=side, luck_only=luck_only, seed=seed)
    options.write_table(write, result)
    if csv:
        from holdfast.io import files

        with files.beside(csv) as fresh:
            result.to_frame().to_csv(fresh, index=False)
    if json:
        console.show_json(result.rows())
        return 0
    _show_soldiers(result.rows(), result.days)
    if csv:
        console.show_line(f"Every soldier-day: {csv}")
    return 0


def _show_soldiers(rows: Sequence[console.Document], days: int) -> None:
    """One soldier in full on the first day, then each soldier's story in a line."""
    first = next((row for row in rows if "stay" in row), None)
    if first:
        console.show(_explanation(first))
    heads = ("no", "side", "kind", "wish to stay, first and last day [nats]", "chance to leave, last day")
    soldiers = [[row for row in rows if row["soldier"] == n] for n in sorted({row["soldier"] for row in rows})]
    console.show(tables.table("", [*heads, f"in {days} days"], map(_story, soldiers)))


PHRASES = {
    "killed": "is killed", "wounded": "is wounded", "jailed": "is caught leaving, and jailed",
    "caught, kept": "is caught leaving, and kept with his unit", "refuses": "refuses to attack",
}  # fmt: skip
"""Outcomes that need another form in a sentence."""


def _story(own: Sequence[console.Document]) -> list[str]:
    """A soldier's line. A billet that is filled again holds another man: said so."""
    there = [row for row in own if "stay" in row]
    events = [f"day {row['day']}: {row['what']}" for row in there if row["what"] != "stays"]
    gaps = [b["day"] for a, b in zip(own, own[1:], strict=False) if "stay" not in a and "stay" in b]
    events += [f"day {day}: another man takes his place" for day in gaps]
    events.sort(key=lambda line: int(line.split()[1].rstrip(":")))
    if not there:
        return [str(own[0]["soldier"]), own[0]["side"], "", "", "", own[0]["fate"]]
    a, b = there[0], there[-1]
    wish = f"{a['stay']:.1f} to {b['stay']:.1f}"
    return [str(a["soldier"]), a["side"], a["kind"], wish, f"{b['p_leave']:.0e}", "; ".join(events) or "stays"]


def _explanation(row: console.Document) -> str:
    """One decision, term by term."""
    return (
        f"Soldier {row['soldier']} of {row['side']}, {row['brigade']}, from {row['home']}, {row['kind']}, "
        f"{row['tenure_d']} days of service, on the first day:\n"
        f"  wish to stay = resolve {row['resolve']:+.2f}, unit and cause {row['unit_and_cause']:+.2f}, past terror "
        f"{row['terror']:+.2f}, pay {row['pay']:+.2f}, dread {row['dread']:+.2f} = {row['stay']:+.2f} nats\n"
        f"  best way out = {row['way_out']:+.2f} nats, so the chance to leave today is {row['p_leave']:.2e} "
        f"(go home {row['p_desert']:.1e}, give up {row['p_surrender']:.1e}, be caught {row['p_caught']:.1e}); "
        f"to refuse an attack {row['p_refuse']:.1e}; to be hit {row['p_hit']:.1e}\n"
        f"  his luck is {row['luck']:.6f}: hit below {row['p_hit']:.6f}, leaving above "
        f"{1 - row['p_leave']:.6f}; he {PHRASES.get(row['what'], row['what'])}.\n"
    )
