"""`holdfast forecast`: both armies from a day on, set against what followed, and added to a ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypedDict

from cyclopts import App, Parameter

from holdfast.cli import console, options
from holdfast.cli.options import Flag, Json, Seed, Whole, Workers
from holdfast.core.faults import Fault
from holdfast.present import tables

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from holdfast.ensemble.plan import Scenario
    from holdfast.forecasting.result import Forecast, ForecastScores, Period, RollingForecast, ScoreRow


app = App(name="forecast", help_format="markdown")

LEDGER = Path("holdfast-forecasts.jsonl")
COMPILES = "starting; the first time compiles for a minute"
CAVEATS = (
    "Months of neighbouring origins are the same months: the rows hold far fewer independent ones than they count.",
    "None of these was issued on its date: program, priors and the errors granted to claimants are of 2026.",
)


@app.default
def forecast(
    scenario: str = "russia-ukraine-2023",
    *,
    as_of: str = "2023-11-15",
    until: str = "2026-07-31",
    runs: Annotated[
        Whole | None, Parameter(help="Runs of the engine; 100 unless given, with --rolling 32 each.")
    ] = None,
    rolling: Flag = False,
    out: Path | None = None,
    ledger: Path | None = None,
    keep: Annotated[bool, Parameter(name="--keep", negative="--no-ledger")] = True,
    check_ledger: Path | None = None,
    figures: bool = True,
    seed: Seed = 1,
    men_per_billet: Annotated[
        Whole | None, Parameter(help="Men that each billet stands for; 400 unless given.")
    ] = None,
    workers: Workers = None,
    json: Json = False,
) -> int:
    """Forecast both armies from a day: killed, strength, exits, mass desertion, collapse; then what followed, scored.

    Examples: `holdfast forecast` · `holdfast forecast --as-of 2024-08-15 --out autumn` · `holdfast forecast --rolling`
    · `holdfast forecast --check-ledger holdfast-forecasts.jsonl`

    Args:
        scenario: A scenario of a war whose claims are shipped.
        as_of: Nothing dated or known later is used.
        until: Last day of the forecast.
        rolling: From every quarter on, scored together; added to no ledger.
        out: Folder for tables (CSV) and figures (PNG, SVG).
        ledger: File to add the forecast to; holdfast-forecasts.jsonl unless given.
        keep: Add the forecast to the ledger.
        check_ledger: Only check that no forecast in this file was changed or lost.
        figures: With --out, draw the figures.
    """
    if check_ledger:
        return _check_ledger(check_ledger, json)
    faults = options.count_faults(seed=seed, runs=runs, workers=workers, men_per_billet=men_per_billet)
    faults += options.date_faults(as_of=as_of, until=until) + options.folder_faults(out)
    path = (ledger or LEDGER) if keep and not rolling else None
    options.refuse(faults + ledger_faults(path))
    from holdfast.forecasting import run

    chosen = options.scenario_of(scenario)
    what = "every quarter" if rolling else f"from {as_of}"
    settings: _Settings = {
        "scenario": chosen, "until": until, "seed": seed, "workers": workers,
        "men_per_billet": men_per_billet or run.MEN_PER_BILLET,
    }  # fmt: skip
    with console.progress(f"{chosen.name}: {what}", quiet=json, starting=COMPILES) as progress:
        if rolling:
            origins = run.rolling_forecast(as_of, runs=runs or run.ORIGIN_RUNS, progress=progress, **settings)
        else:
            single = run.forecast(as_of, runs=runs or run.RUNS, progress=progress, **settings)
    if rolling:
        return _show_rolling(origins, out, json)
    return _show_forecast(single, out, figures, path, json)


class _Settings(TypedDict):
    """What both kinds of forecasts are called with."""

    scenario: Scenario
    until: str
    seed: int
    workers: int | None
    men_per_billet: int


def _show_forecast(result: Forecast, out: Path | None, figures: bool, path: Path | None, json: bool) -> int:
    """Write the forecast, add it to the ledger, print it."""
    from holdfast.forecasting import result as forecasting_result

    if out:
        with console.step("Writing", quiet=json):
            result.save(out, figures=figures)
    line = forecasting_result.append(path, result.entry()) if path else None
    if json:
        place = line and {"file": str(path), "number": line["number"], "hash": line["hash"]}
        console.show_json(result.to_dict() | {"ledger": place})
        return 0
    console.show(
        "", *(_quarters(side, result.periods(side)) for side in result.sides), _chances(result), _by_day(result)
    )
    if result.scores:
        title = f"What followed, against the forecast of {result.as_of}"
        console.show(_scores(result.scores.table, title), *_outcomes(result.scores))
    if result.weights:
        console.show(_weights({str(result.as_of): result.weights}))
    _show_caveats(result.caveats(), out)
    if line:
        console.show_line(f"Ledger: {path}, line {line['number']}, {str(line['hash'])[:12]}")
    return 0


def _show_rolling(result: RollingForecast, out: Path | None, json: bool) -> int:
    """Write and print forecasts from every quarter on, scored together."""
    if out:
        result.save(out)
    if json:
        console.show_json(result.to_dict())
        return 0
    when = f"{result.origins[0].as_of} to {result.origins[-1].as_of}"
    console.show("", _scores(result.table, f"{len(result.origins)} forecasts, {when}, against what followed"))
    console.show(*_mean_chances(result), _weights({str(one.as_of): one.weights for one in result.origins}))
    _show_caveats(CAVEATS, out)
    return 0


def _check_ledger(path: Path, json: bool) -> int:
    """Go through a ledger's chain."""
    from holdfast.forecasting import result as forecasting_result

    chain = forecasting_result.check(path)
    if json:
        console.show_json({"ledger": str(path), "lines": chain.lines, "last": chain.last, "holds": True})
    else:
        print(f"{path}: the chain of {chain.lines} forecasts holds; the last is {chain.last[:12]}.")
    return 0


def ledger_faults(path: Path | None) -> list[Fault]:
    """What is wrong with a ledger's path.

    Args:
        path: the ledger; none where no forecast is added.

    Returns:
        A fault where it is a folder.

    Raises:
        LedgerError: if the ledger is there and its chain is broken.
    """
    from holdfast.forecasting import result as forecasting_result

    if path and path.is_dir():
        return [Fault("--ledger", str(path), "a file, and this is a folder", "Choose another --ledger")]
    if path and path.is_file():
        forecasting_result.check(path)
    return []


def _quarters(side: str, rows: Sequence[Period]) -> Table:
    """A side quarter by quarter, in thousands; ground, where it is forecast, in km2 since the day."""
    from holdfast.present import text

    ground = "ground" in rows[0].bands
    heads = ("killed", "strength at the end", "deserted", *(["ground gained, km²"] if ground else []))
    cells = []
    for row in rows:
        short = "" if row.days >= 90 else f" ({row.days} days)"
        bands = [_cell(row.bands[name]) for name in ("killed", "strength", "deserted")]
        cells.append([row.name + short, *bands, *([_cell(row.bands["ground"], 1)] if ground else [])])
    title = f"{text.name(side)}: median and 90% interval, thousands of men"
    return tables.table(title, [*tables.names(""), *tables.numbers(*heads)], cells)


def _cell(levels: Mapping[str, float] | None, unit: int = 1000) -> str:
    """A band in thousands, or in another unit."""
    if levels is None:
        return "-"
    low, middle, high = (levels[name] / unit for name in ("p05", "p50", "p95"))
    digits = 0 if middle >= 100 or unit == 1 else 1
    between = "–" if low >= 0 else " to "
    return f"{middle:,.{digits}f} ({low:,.{digits}f}{between}{high:,.{digits}f})"


def _chances(result: Forecast) -> Table:
    """Whether either army breaks before the last day, or its state ends the war."""
    from holdfast.forecasting.paths import OUTCOMES
    from holdfast.present import text

    rows = []
    for side in result.sides:
        each = [result.chance(side, name) for name in OUTCOMES]
        rows.append([text.name(side), *(f"{one['p']:.0%} ({one['p05']:.0%}–{one['p95']:.0%})" for one in each)])
    columns = [*tables.names(""), *tables.numbers("P(mass desertion)", "P(collapse)", "P(state ends the war)")]
    return tables.table(f"By {result.until}, of {result.runs} runs", columns, rows)


def _by_day(result: Forecast) -> Table:
    """Which end of the war comes first for each army, by each horizon."""
    from holdfast.present import text

    rows = [
        [text.name(side), f"{int(days):,}", *text.ends(chances)]
        for side in result.sides
        for days, chances in result.by_day(side).items()
    ]
    columns = [*tables.names(""), *tables.numbers("days on", *text.ENDS.values())]
    return tables.table("Which end comes first; 90% intervals in brackets", columns, rows)


def _weights(by_day: Mapping[str, Mapping[str, Mapping[str, float]]]) -> Table:
    """The weight of each component of the pools, by the day of the forecast."""
    from holdfast.forecasting.scores import LABELS

    names = list(dict.fromkeys(name for one in by_day.values() for each in one.values() for name in each))
    rows = [
        [day, LABELS[quantity], *(f"{each[name]:.0%}" if name in each else "" for name in names)]
        for day, one in by_day.items() for quantity, each in one.items()
    ]  # fmt: skip
    caption = "Learnt from what each said on earlier days, as far as it was known how it came; none of it is later."
    return tables.table(
        "What the forecast is made of", [*tables.names("", ""), *tables.numbers(*names)], rows, caption=caption
    )


HEADS = ("of", "in\n90%", "in\n50%", "CRPS", "persists\nin 90%", "CRPS\nratio", "trend\nin 90%", "CRPS\nratio")


def _scores(rows: Sequence[ScoreRow], title: str) -> Table:
    """Coverage and CRPS beside those of the baselines; ratios below 1 are ours better."""
    from holdfast.forecasting.scores import LABELS
    from holdfast.present import text

    caption = "CRPS in men, of ground in km². A ratio below 1: the forecast is better than the baseline."
    table = tables.table(title, [*tables.names("", "months\nahead"), *tables.numbers(*HEADS)], caption=caption)
    before = ("", "")
    for row in rows:
        key = (row["side"], row["quantity"])
        name = f"{text.name(row['side'])}, {LABELS[row['quantity']]}" if key != before else ""
        before = key
        baselines = [
            cell for each in (row["persists"], row["trend"])
            for cell in (f"{each['inside_90']:.0%}", f"{each['ratio']:.2f}")
        ]  # fmt: skip
        cells: list[RenderableType] = [
            console.bold(name), row["horizon"], str(row["months"]), f"{row['inside_90']:.0%}",
            f"{row['inside_50']:.0%}", f"{row['crps']:,.0f}", *baselines,
        ]  # fmt: skip
        tables.add(table, tables.Row(cells, "bold" if row["horizon"] == "all" else ""))
    return table


def _outcomes(scores: ForecastScores) -> Iterator[str]:
    """Whether mass desertion and collapse came, in a sentence a side."""
    from holdfast.present import text

    for side, one in scores.outcomes.items():
        parts = [f"collapse did not come, Brier {one['collapse']['brier']:.2f}"]
        if "mass_desertion" in one:
            mass = one["mass_desertion"]
            parts.append(
                "mass desertion came, by what the evidence estimates from criminal cases, with a chance of "
                f"{mass['came']:.0%}, Brier {mass['brier']:.2f}"
            )
        yield f"{text.name(side)}: {'; '.join(parts)}."


def _mean_chances(result: RollingForecast) -> Iterator[str]:
    """The mean chances of collapse and of mass desertion over all origins, and their scores."""
    from holdfast.present import text

    for side in dict.fromkeys(side for one in result.origins for side in one.scores.outcomes):
        for outcome in ("collapse", "mass_desertion"):
            mean = result.outcome(side, outcome)
            if mean:
                score = f"mean chance {mean['p']:.0%}, came {mean['came']:.0%}, Brier {mean['brier']:.2f}."
                yield f"{text.name(side)}, {outcome.replace('_', ' ')}: {score}"


def _show_caveats(caveats: Sequence[str], out: Path | None) -> None:
    """The caveats, and which files were written."""
    console.show("", console.bold("Caveats:"), *(f"· {caveat}" for caveat in caveats))
    if out:
        names = ", ".join(sorted(path.name for path in out.iterdir() if not path.name.startswith(".")))
        console.show_line(f"Files in {out}: {names}")
