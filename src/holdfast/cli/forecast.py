"""`holdfast forecast`: forecast both armies from a day, score it against what followed, add it to a ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from holdfast.cli import run, screen
from holdfast.core.faults import Fault, ScenarioError
from holdfast.ensemble.run import load_scenario
from holdfast.forecasting import run as forecast_run
from holdfast.forecasting.result import Forecast, Period, RollingForecast, ScoreRow
from holdfast.forecasting.scores import LABELS
from holdfast.io import json_text, ledger
from holdfast.present import text

LEDGER = Path("holdfast-forecasts.jsonl")
COMPILES = "starting; the first time compiles for a minute"


def show(
    scenario: str, as_of: str, until: str, runs: int | None, rolled: bool, out: Path | None, file: Path | None,
    keep: bool, figures: bool, seed: int, men_per_billet: int | None, workers: int | None, json: bool,
) -> int:  # fmt: skip
    """Forecast, score, add to the ledger, print."""
    run.positive(seed, runs=runs, workers=workers, men_per_billet=men_per_billet)
    chosen = load_scenario(scenario)
    ready(out, file if keep and not rolled else None)
    options: dict[str, Any] = {
        "scenario": chosen, "until": until, "seed": seed, "workers": workers,
        "men_per_billet": men_per_billet or forecast_run.MEN_PER_BILLET,
    }  # fmt: skip
    if rolled:
        return _roll(chosen.name, as_of, runs or forecast_run.ORIGIN_RUNS, options, out, json)
    with screen.bar(f"{chosen.name}: from {as_of}", quiet=json, starting=COMPILES) as progress:
        result = forecast_run.forecast(as_of, runs=runs or forecast_run.RUNS, progress=progress, **options)
    if out:
        with screen.step("Writing", quiet=json):
            result.save(out, figures=figures)
    line = ledger.append(file or LEDGER, result.entry()) if keep else None
    if json:
        place = line and {"file": str(file or LEDGER), "number": line["number"], "hash": line["hash"]}
        print(json_text.line(result.to_dict() | {"ledger": place}))
        return 0
    console = screen.console()
    console.print()
    for side in result.sides:
        console.print(quarters(side, result.quarters(side)))
    console.print(_chances(result))
    if result.scores:
        console.print(scores(result.scores.table, f"What followed, against the forecast of {as_of}"))
        console.print(outcomes(result), markup=False)
    _caveats(console, result.caveats())
    _files(console, out)
    if line:
        console.print(
            f"Ledger: {file or LEDGER}, line {line['number']}, {str(line['hash'])[:12]}", markup=False, soft_wrap=True
        )
    return 0


def check(path: Path, json: bool) -> int:
    """Go through a ledger's chain."""
    checked = ledger.check(path)
    if json:
        print(json_text.line({"ledger": str(path), "lines": checked.lines, "last": checked.last, "holds": True}))
    else:
        print(f"{path}: the chain of {checked.lines} forecasts holds; the last is {checked.last[:12]}.")
    return 0


def _roll(name: str, as_of: str, runs: int, options: dict[str, Any], out: Path | None, json: bool) -> int:
    with screen.bar(f"{name}: every quarter", quiet=json, starting=COMPILES) as progress:
        result = forecast_run.rolling_forecast(as_of, runs=runs, progress=progress, **options)
    if out:
        result.save(out)
    if json:
        print(json_text.line(result.to_dict()))
        return 0
    console = screen.console()
    console.print()
    when = f"{result.origins[0].as_of} to {result.origins[-1].as_of}"
    console.print(scores(result.table, f"{len(result.origins)} forecasts, {when}, against what followed"))
    for words in broken(result):
        console.print(words, markup=False)
    _caveats(console, CAVEATS)
    _files(console, out)
    return 0


CAVEATS = (
    "Months of neighbouring origins are the same months: the rows hold far fewer independent ones than they count.",
    "None of these was issued on its date: program, priors and the errors granted to claimants are of 2026.",
)


def ready(out: Path | None, file: Path | None) -> None:
    """Refuse, before anything is run, a folder that is a file and a ledger whose chain is broken."""
    if out and out.exists() and not out.is_dir():
        fault = Fault("--out", str(out), "a folder, and this is a file", "Choose another --out")
        raise ScenarioError([fault], "The request")
    path = file or LEDGER
    if path.is_dir():
        fault = Fault("--ledger", str(path), "a file, and this is a folder", "Choose another --ledger")
        raise ScenarioError([fault], "The request")
    if path.is_file():
        ledger.check(path)


def quarters(side: str, rows: Sequence[Period]) -> Table:
    """A side quarter by quarter, in thousands; ground, where it is stated, in km2 since the day."""
    ground = "ground" in rows[0].bands
    table = Table(
        box=box.SIMPLE_HEAD, title_justify="left", title_style="bold",
        title=f"{text.name(side)}: median and 90% interval, thousands of men",
    )  # fmt: skip
    table.add_column("", no_wrap=True)
    for name in ("killed", "strength at the end", "deserted", *(["ground gained, km²"] if ground else [])):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        short = "" if row.days >= 90 else f" ({row.days} days)"
        bands = [_cell(row.bands[name]) for name in ("killed", "strength", "deserted")]
        table.add_row(row.name + short, *bands, *([_cell(row.bands["ground"], 1)] if ground else []))
    return table


def _cell(levels: Mapping[str, float] | None, unit: int = 1000) -> str:
    """A band in thousands, or in another unit."""
    if levels is None:
        return "-"
    low, middle, high = (levels[name] / unit for name in ("p05", "p50", "p95"))
    digits = 0 if middle >= 100 or unit == 1 else 1
    between = "–" if low >= 0 else " to "
    return f"{middle:,.{digits}f} ({low:,.{digits}f}{between}{high:,.{digits}f})"


def _chances(forecast: Forecast) -> Table:
    """Whether either army breaks before the last day."""
    table = Table(
        box=box.SIMPLE_HEAD, title_justify="left", title_style="bold",
        title=f"By {forecast.until}, of {forecast.runs} runs",
    )  # fmt: skip
    for name in ("", "P(mass desertion)", "P(collapse)"):
        table.add_column(name, justify="right" if name else "left", no_wrap=True)
    for side in forecast.sides:
        both = [forecast.chance(side, name) for name in ("mass_desertion", "collapse")]
        table.add_row(text.name(side), *(f"{one['p']:.0%} ({one['p05']:.0%}–{one['p95']:.0%})" for one in both))
    return table


def scores(rows: Sequence[ScoreRow], title: str) -> Table:
    """Coverage and CRPS beside the baselines'; ratios below 1 are ours better."""
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", title_style="bold", padding=(0, 1))
    for name in ("", "months\nahead"):
        table.add_column(name, no_wrap=True)
    for name in ("of", "in\n90%", "in\n50%", "CRPS", "persists\nin 90%", "CRPS\nratio", "trend\nin 90%", "CRPS\nratio"):
        table.add_column(name, justify="right", no_wrap=True)
    before = ("", "")
    for row in rows:
        key = (row["side"], row["quantity"])
        named = f"{text.name(row['side'])}, {LABELS[row['quantity']]}" if key != before else ""
        before = key
        others = [
            value for each in (row["persists"], row["trend"])
            for value in (f"{each['inside_90']:.0%}", f"{each['ratio']:.2f}")
        ]  # fmt: skip
        style = "bold" if row["horizon"] == "all" else ""
        table.add_row(
            Text(named, "bold"), row["horizon"], str(row["months"]), f"{row['inside_90']:.0%}",
            f"{row['inside_50']:.0%}", f"{row['crps']:,.0f}", *others, style=style,
        )  # fmt: skip
    table.caption = "CRPS in men, of ground in km². A ratio below 1: the forecast is better than the baseline."
    table.caption_justify = "left"
    return table


def outcomes(forecast: Forecast) -> str:
    """What came of mass desertion and collapse, in a sentence a side."""
    lines = []
    for side, one in (forecast.scores.outcomes if forecast.scores else {}).items():
        words = [f"collapse did not come, Brier {one['collapse']['brier']:.2f}"]
        if "mass_desertion" in one:
            mass = one["mass_desertion"]
            words.append(
                f"mass desertion came, by what the evidence estimates from criminal cases, with a chance of "
                f"{mass['came']:.0%}, Brier {mass['brier']:.2f}"
            )
        lines.append(f"{text.name(side)}: {'; '.join(words)}.")
    return "\n".join(lines)


def broken(result: RollingForecast) -> list[str]:
    """The mean chance of collapse and mass desertion over all origins, and its score."""
    words = []
    for side in dict.fromkeys(side for one in result.origins for side in one.scores.outcomes):
        for outcome in ("collapse", "mass_desertion"):
            mean = result.outcome(side, outcome)
            if mean:
                numbers = f"mean chance {mean['p']:.0%}, came {mean['came']:.0%}, Brier {mean['brier']:.2f}."
                words.append(f"{text.name(side)}, {outcome.replace('_', ' ')}: {numbers}")
    return words


def _caveats(console: Console, caveats: Sequence[str]) -> None:
    console.print("\nHold against it:", style="bold")
    for caveat in caveats:
        console.print(f"· {caveat}", markup=False)


def _files(console: Console, out: Path | None) -> None:
    if out:
        names = ", ".join(sorted(path.name for path in out.iterdir() if not path.name.startswith(".")))
        console.print(f"Files in {out}: {names}", markup=False, soft_wrap=True)
