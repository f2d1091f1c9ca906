"""`holdfast run`: progress, the table, where the report is."""

from __future__ import annotations

import json as text
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from holdfast.cli import screen
from holdfast.ensemble import run as ensemble_run
from holdfast.ensemble.run import Scenario, SimulationResult
from holdfast.present import text as present_text


def prepared(name: str, days: int | None, settings: Sequence[str], effects: Sequence[str]) -> Scenario:
    """The case with the changes of the command line."""
    case = ensemble_run.load_scenario(name)
    values: dict[str, Any] = dict(_pair(setting) for setting in settings)
    if days is not None:
        values["days"] = days
    return _both(case, values, effects)


def _both(case: Scenario, values: dict[str, Any], effects: Sequence[str]) -> Scenario:
    """The case with values and effects, or every fault of both at once."""
    from holdfast.core.faults import Fault, ScenarioError

    faults: list[Fault] = []
    for change in (lambda c: c.with_values(values), lambda c: c.with_effects(*effects)):
        try:
            case = change(case)
        except ScenarioError as error:
            faults += error.faults
    if faults:
        raise ScenarioError(faults, "The request")
    return case


def _pair(setting: str) -> tuple[str, str]:
    """PATH=VALUE in two."""
    from holdfast.core.faults import Fault, ScenarioError

    path, sign, value = setting.partition("=")
    if not sign or not path or not value:
        fault = Fault("--set", repr(setting), "PATH=VALUE", "Write it as --set ukraine.resolve.mean=2.5")
        raise ScenarioError([fault], "The request")
    return path.strip(), value.strip()


def run(
    name: str, runs: int, days: int | None, grain: int | None, seed: int, settings: Sequence[str],
    effects: Sequence[str], out: Path | None, json: bool, csv: bool, film: bool, figures: bool, resume: bool,
    workers: int | None,
) -> int:  # fmt: skip
    """Run, write, print."""
    positive(seed, runs=runs, workers=workers, men_per_billet=grain)
    case = prepared(name, days, settings, effects)
    folder = out or Path(f"holdfast-{case.name}")
    with screen.bar(f"{case.name}: {runs} runs", quiet=json) as told:
        result = ensemble_run.run(
            case, runs, seed, men_per_billet=grain, film=film, workers=workers, out=folder, resume=resume,
            progress=told,
        )  # fmt: skip
    with screen.step("Writing the report", quiet=json):
        page = ensemble_run.write(result, folder, figures=figures, csv=csv)
    if json:
        print(text.dumps(result.summary(), allow_nan=False))
    else:
        show(result, page)
    return 0


def positive(seed: int = 0, **given: int | None) -> None:
    """Refuse counts below 1, and a seed that the generator would cut short."""
    from holdfast.core.faults import Fault, ScenarioError

    faults = [
        Fault("--" + name.replace("_", "-"), str(value), "a whole number from 1 on", "Give 1 or more")
        for name, value in given.items()
        if value is not None and value < 1
    ]
    if not 0 <= seed <= ensemble_run.LAST_SEED:
        allowed = f"a whole number from 0 to {ensemble_run.LAST_SEED}"
        faults.append(Fault("--seed", str(seed), allowed, "Give another seed"))
    if faults:
        raise ScenarioError(faults, "The request")


def show(result: SimulationResult, page: Path | None) -> None:
    """The short table, the verdict in words, and where the report is."""
    console = screen.console()
    summary = result.summary()
    console.print()
    console.print(result.scenario.document.title, style="bold", markup=False)
    console.print(result.scenario.document.question, markup=False)
    console.print()
    console.print(table(summary))
    for line in _verdict(summary, result.data.attrs.get("losses", "")):
        console.print(line, markup=False)
    if page:
        console.print(f"\nReport: {page}  (opens in any browser, offline)", markup=False, soft_wrap=True)


ROWS = (
    ("killed", "killed"), ("wounded", "wounded"), ("left by desertion", "deserted"),
    ("surrendered by choice", "surrendered"), ("gave up encircled", "captured"), ("refusals (man-days)", "refused"),
    ("returned from absence", "returned"), ("strength at the end", "strength_end"),
    ("exits per 1,000 a month", "exits_per_1000_month"), ("greatest R_d", "r_d_max"),
)  # fmt: skip


def table(summary: dict[str, Any]) -> Table:
    """Medians with 90 % intervals, a column a side."""
    runs, days = summary["runs"], summary["days"]
    grain = summary["men_per_billet"]
    made = Table(
        title=f"{runs} {'run' if runs == 1 else 'runs'} of {days} days, 1 billet = {grain} "
        f"{'man' if grain == 1 else 'men'}; median (90 % of runs)"
    )
    made.add_column("")
    for name, side in summary["sides"].items():
        made.add_column(f"{name}\n{side['strength_start']:,} men", justify="right")
    for label, key in ROWS:
        cells = [side[key] for side in summary["sides"].values()]
        if key != "captured" or any(cell["p95"] for cell in cells):  # most wars have no pockets
            made.add_row(label, *(_span(cell, whole=key not in ("exits_per_1000_month", "r_d_max")) for cell in cells))
    made.add_section()
    for label, key in (
        ("mass desertion", "p_mass_desertion"),
        ("front broken", "p_front_broken"),
        ("collapse", "p_collapse"),
    ):
        cells = [present_text.of_runs(round(side[key] * runs), runs) for side in summary["sides"].values()]
        made.add_row(f"P({label})", *cells)
    return made


def _span(values: dict[str, float], whole: bool = False) -> str:
    """A median and its interval, no finer than they deserve; men and days come whole."""
    low, middle, high = (number(values[key], whole) for key in ("p05", "p50", "p95"))
    return middle if low == middle == high else f"{middle} ({low}–{high})"


def number(value: float, whole: bool) -> str:
    """Whole where large, two digits where small."""
    return f"{value:,.0f}" if whole or abs(value) >= 100 else f"{value:.2g}"


def _verdict(summary: dict[str, Any], losses: str = "") -> list[str]:
    """Who breaks first, in words on the stated scale; `losses` says which posterior gave the runs theirs."""
    runs = summary["runs"]
    lines = []
    for name, share in summary["p_breaks_first"].items():
        if name == "both" and not share:
            continue
        what = {"none": "Neither side breaks", "both": "Both break on one day"}.get(name, f"{name} breaks first")
        lines.append(f"{what}: {present_text.of_runs(round(share * runs), runs)}")
    for name, side in summary["sides"].items():
        if side["days_to_break"]:
            lines.append(f"Where {name} breaks, it does so on day {_span(side['days_to_break'], whole=True)}.")
    lines.append(f"Resolution: {present_text.resolution(runs)}")
    what = "luck and of the losses" if losses else "luck alone"
    lines.append(f"The ranges are of {what}, with every parameter at its value: the true uncertainty is wider.")
    if losses:
        lines.append(f"Losses: {losses}.")
    return lines
