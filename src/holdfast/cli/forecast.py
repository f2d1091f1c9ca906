"""`holdfast forecast`: foretell both armies from a day, set it against what followed, keep it in a ledger."""

from __future__ import annotations

import datetime as dt
import json as text
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from holdfast.cli import run, screen
from holdfast.core import runtime
from holdfast.core.faults import Fault, ScenarioError, shown
from holdfast.ensemble import processes
from holdfast.ensemble.run import Scenario, load_scenario
from holdfast.forecasting import ledger, observations, rolling
from holdfast.forecasting import run as forecast_run
from holdfast.forecasting.rolling import Rolled
from holdfast.forecasting.run import Made
from holdfast.present import forecast_report
from holdfast.present import text as present_text

LEDGER = Path("holdfast-forecasts.jsonl")
RUNS = 100
COMPILES = "starting; the first time compiles for a minute"


def show(
    case: str, as_of: str, until: str, runs: int | None, rolled: bool, out: Path | None, kept: Path | None,
    keep: bool, figures: bool, seed: int, men_per_billet: int | None, workers: int | None, json: bool,
) -> int:  # fmt: skip
    """Foretell, score, keep, print."""
    run.positive(seed, runs=runs, workers=workers, men_per_billet=men_per_billet)
    begin, end = days(as_of, until)
    chosen = load_scenario(case)
    ready(out, kept if keep and not rolled else None)
    options: dict[str, Any] = {
        "until": end, "seed": seed, "workers": workers or processes.workers(),
        "men_per_billet": men_per_billet or forecast_run.GRAIN,
    }  # fmt: skip
    if rolled:
        return _roll(chosen, begin, runs, options, out, json)
    with screen.bar(f"{chosen.name}: from {begin}", quiet=json, starting=COMPILES) as told:
        made = forecast_run.judged(
            forecast_run.forecast(chosen, as_of=begin, runs=runs or RUNS, progress=told, **options)
        )
    with screen.step("Writing", quiet=json):
        written = forecast_report.write(made, out, figures) if out else []
    line = ledger.append(kept or LEDGER, entry(made)) if keep else None
    said = made.as_json() | {
        "ledger": line and {"file": str(kept or LEDGER), "number": line["number"], "hash": line["hash"]}
    }
    if json:
        print(text.dumps(said, allow_nan=False))
        return 0
    console = screen.console()
    console.print()
    for side in made.forecast.sides:
        console.print(quarters(side, said["sides"][side]["quarters"]))
    console.print(_chances(made))
    if made.scores:
        console.print(scores(made.scores, f"What followed, against what was foretold on {begin}"))
        console.print(outcomes(made), markup=False)
    _caveats(console, forecast_run.caveats(made.forecast))
    _files(console, written)
    if line:
        console.print(
            f"Ledger: {kept or LEDGER}, line {line['number']}, {line['hash'][:12]}", markup=False, soft_wrap=True
        )
    return 0


def check(path: Path, json: bool) -> int:
    """Go through a ledger's chain."""
    found = ledger.check(path)
    if json:
        print(text.dumps({"ledger": str(path), "lines": found.lines, "last": found.last, "holds": True}))
    else:
        print(f"{path}: the chain of {found.lines} forecasts holds; the last is {found.last[:12]}.")
    return 0


def _roll(
    case: Scenario, first: dt.date, runs: int | None, options: dict[str, Any], out: Path | None, json: bool
) -> int:
    with screen.bar(f"{case.name}: every quarter", quiet=json, starting=COMPILES) as told:
        made = rolling.roll(case, first=first, runs=runs or rolling.RUNS, progress=told, **options)
    written = forecast_report.write_rolled(made, out) if out else []
    if json:
        print(text.dumps(made.as_json(), allow_nan=False))
        return 0
    console = screen.console()
    console.print()
    when = f"{made.origins[0].as_of} to {made.origins[-1].as_of}"
    console.print(scores(made.scores, f"{len(made.origins)} forecasts, {when}, against what followed"))
    for words in broken(made):
        console.print(words, markup=False)
    _caveats(console, CAVEATS)
    _files(console, written)
    return 0


CAVEATS = (
    "Months of neighbouring origins are the same months: the rows hold far fewer independent ones than they count.",
    "None of these was made on its date: program, priors and the errors granted to claimants are of 2026.",
)


def days(as_of: str, until: str) -> tuple[dt.date, dt.date]:
    """Both days, or every fault in them."""
    found, faults = [], []
    for name, given in (("--as-of", as_of), ("--until", until)):
        try:
            found.append(dt.date.fromisoformat(given))
        except ValueError:
            faults.append(Fault(name, shown(given), "a day as 2023-11-15", "Write year, month and day"))
    if faults:
        raise ScenarioError(faults, "The request")
    return found[0], found[1]


def ready(out: Path | None, kept: Path | None) -> None:
    """Refuse, before anything is run, a folder that is a file and a ledger whose chain is broken."""
    if out and out.exists() and not out.is_dir():
        fault = Fault("--out", str(out), "a folder, and this is a file", "Choose another --out")
        raise ScenarioError([fault], "The request")
    path = kept or LEDGER
    if path.is_dir():
        fault = Fault("--ledger", str(path), "a file, and this is a folder", "Choose another --ledger")
        raise ScenarioError([fault], "The request")
    if path.is_file():
        ledger.check(path)


def entry(made: Made) -> dict[str, Any]:
    """What the ledger keeps."""
    return made.forecast.about() | {"version": runtime.version(), "sides": made.forecast.numbers()}


def quarters(side: str, rows: Sequence[Mapping[str, Any]]) -> Table:
    """A side quarter by quarter, in thousands; ground, where it is told, in km2 since the day."""
    ground = "ground" in rows[0]
    table = Table(
        box=box.SIMPLE_HEAD, title_justify="left", title_style="bold",
        title=f"{present_text.name(side)}: median and 90% interval, thousands of men",
    )  # fmt: skip
    table.add_column("", no_wrap=True)
    for name in ("killed", "strength at the end", "deserted", *(["ground gained, km²"] if ground else [])):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        short = "" if row["days"] >= 90 else f" ({row['days']} days)"
        told = [_cell(row[name]) for name in ("killed", "strength", "deserted")]
        table.add_row(row["quarter"] + short, *told, *([_cell(row["ground"], 1)] if ground else []))
    return table


def _cell(levels: Mapping[str, float] | None, unit: int = 1000) -> str:
    """A band in thousands, or in another unit."""
    if levels is None:
        return "-"
    low, middle, high = (levels[name] / unit for name in ("p05", "p50", "p95"))
    digits = 0 if middle >= 100 or unit == 1 else 1
    between = "–" if low >= 0 else " to "
    return f"{middle:,.{digits}f} ({low:,.{digits}f}{between}{high:,.{digits}f})"


def _chances(made: Made) -> Table:
    """Whether either army breaks before the last day."""
    forecast = made.forecast
    table = Table(
        box=box.SIMPLE_HEAD, title_justify="left", title_style="bold",
        title=f"By {forecast.until}, of {forecast.runs} runs",
    )  # fmt: skip
    for name in ("", "P(mass desertion)", "P(collapse)"):
        table.add_column(name, justify="right" if name else "left", no_wrap=True)
    for side in forecast.sides:
        both = [forecast.chance(side, name) for name in ("mass_desertion", "collapse")]
        told = [f"{one['p']:.0%} ({one['p05']:.0%}–{one['p95']:.0%})" for one in both]
        table.add_row(present_text.name(side), *told)
    return table


def scores(rows: Sequence[Mapping[str, Any]], title: str) -> Table:
    """Coverage and CRPS beside the rivals'; ratios below 1 are ours better."""
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", title_style="bold", padding=(0, 1))
    for name in ("", "months\nahead"):
        table.add_column(name, no_wrap=True)
    for name in ("of", "in\n90%", "in\n50%", "CRPS", "persists\nin 90%", "CRPS\nratio", "trend\nin 90%", "CRPS\nratio"):
        table.add_column(name, justify="right", no_wrap=True)
    before = ("", "")
    for row in rows:
        key = (row["side"], row["quantity"])
        named = f"{present_text.name(row['side'])}, {observations.NAMED[row['quantity']]}" if key != before else ""
        before = key
        rivals = [
            value for name in ("persists", "trend")
            for value in (f"{row[name]['inside_90']:.0%}", f"{row[name]['ratio']:.2f}")
        ]  # fmt: skip
        style = "bold" if row["horizon"] == "all" else ""
        table.add_row(
            Text(named, "bold"), row["horizon"], str(row["months"]), f"{row['inside_90']:.0%}",
            f"{row['inside_50']:.0%}", f"{row['crps']:,.0f}", *rivals, style=style,
        )  # fmt: skip
    table.caption = "CRPS in men, of ground in km². A ratio below 1: the forecast is better than the rival."
    table.caption_justify = "left"
    return table


def outcomes(made: Made) -> str:
    """What came of mass desertion and collapse, in a sentence a side."""
    told = []
    for side, one in made.outcomes.items():
        said = [f"collapse did not come, Brier {one['collapse']['brier']:.2f}"]
        if "mass_desertion" in one:
            mass = one["mass_desertion"]
            said.append(
                f"mass desertion came, by what the evidence makes of cases, with a chance of {mass['came']:.0%}, "
                f"Brier {mass['brier']:.2f}"
            )
        told.append(f"{present_text.name(side)}: {'; '.join(said)}.")
    return "\n".join(told)


def broken(made: Rolled) -> list[str]:
    """The mean chance of collapse over all origins, and its score."""
    words = []
    for side in dict.fromkeys(side for one in made.origins for side in one.outcomes):
        for outcome in ("collapse", "mass_desertion"):
            mean = rolling.broke(made.origins, side, outcome)
            if mean:
                said = f"mean chance {mean['p']:.0%}, came {mean['came']:.0%}, Brier {mean['brier']:.2f}."
                words.append(f"{present_text.name(side)}, {outcome.replace('_', ' ')}: {said}")
    return words


def _caveats(console: Console, told: Sequence[str]) -> None:
    console.print("\nHold against it:", style="bold")
    for caveat in told:
        console.print(f"· {caveat}", markup=False)


def _files(console: Console, written: Sequence[Path]) -> None:
    if written:
        names = ", ".join(path.name for path in written)
        console.print(f"Files in {written[0].parent}: {names}", markup=False, soft_wrap=True)
