"""`holdfast forecast`: both armies from a day on, set against what followed, and added to a ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple, TypedDict

from cyclopts import App, Parameter

from holdfast.cli import console, options
from holdfast.cli.options import Flag, Json, ScenarioName, Seed, Whole, Workers, Write
from holdfast.core.faults import Fault, FaultyError
from holdfast.present import tables

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from holdfast.core.results import Result
    from holdfast.ensemble.plan import Scenario
    from holdfast.evidence.gathered import ClaimSource
    from holdfast.forecasting.ledger_scores import LedgerScores
    from holdfast.forecasting.result import Forecast, ForecastScores, Period, RollingForecast, ScoreRow


app = App(name="forecast", help_format="markdown")

Tables = Annotated[list[str] | None, Parameter(negative="")]
LEDGER = Path("holdfast-forecasts.jsonl")
COMPILES = "starting; the first time compiles for a minute"
CAVEATS = (
    "Months of neighbouring origins are the same months: the rows hold far fewer independent ones than they count.",
    "None of these was issued on its date: program, priors and the errors granted to claimants are of 2026.",
)


@app.default
def forecast(
    scenario: ScenarioName = "russia-ukraine-2023",
    *,
    as_of: str = "2023-11-15",
    until: str | None = None,
    claims: Tables = None,
    fetched: bool | None = None,
    runs: Annotated[
        Whole | None, Parameter(help="Runs of the engine; 100 unless given, with --rolling 32 each.")
    ] = None,
    rolling: Flag = False,
    out: Path | None = None,
    ledger: Path | None = None,
    keep: Annotated[bool, Parameter(name="--keep", negative="--no-ledger")] = True,
    check_ledger: Path | None = None,
    score_ledger: Annotated[
        list[Path] | None,
        Parameter(
            negative="",
            consume_multiple=True,
            help="Score every forecast of this ledger against what is known now; "
            "holdfast-forecasts.jsonl unless a file is named.",
        ),
    ] = None,
    came: Annotated[
        list[str] | None,
        Parameter(
            negative="",
            help="With --score-ledger, an end of the war that came: SIDE:collapse:DAY, SIDE:settlement:DAY or SIDE:destroyed:DAY.",
        ),
    ] = None,
    figures: bool = False,
    seed: Seed = 1,
    men_per_billet: Annotated[
        Whole | None, Parameter(help="Men that each billet stands for; 400 unless given.")
    ] = None,
    workers: Workers = None,
    json: Json = False,
    write: Write = None,
) -> int:
    """Forecast both armies from a day: killed, strength, exits, mass desertion, collapse; then what followed, scored.

    Examples: `holdfast forecast` · `holdfast forecast --as-of today --claims new.csv --out today` · `holdfast forecast --rolling`
    · `holdfast forecast --score-ledger --out scores` · `holdfast forecast --check-ledger holdfast-forecasts.jsonl`

    Args:
        scenario: A scenario of a war whose claims are shipped.
        as_of: Nothing dated or known later is used; a day, or `today`.
        until: Last day of the forecast; 2026-07-31 unless given, from that day on the end of the twelfth whole month ahead.
        claims: A table of claims of your own, added to the shipped one; repeatable.
        fetched: Add newer claims of data sets that were fetched; by default only where the day is later than all shipped claims.
        rolling: From every quarter on, scored together; added to no ledger.
        out: Folder for the page, with its figures, and the tables (CSV).
        ledger: File to add the forecast to; holdfast-forecasts.jsonl unless given.
        keep: Add the forecast to the ledger.
        check_ledger: Only check that no forecast in this file was changed or lost.
        figures: With --out, write the figures as PNG and SVG files too.
    """
    if check_ledger:
        return _check_ledger(check_ledger, json)
    faults = options.count_faults(seed=seed, runs=runs, workers=workers, men_per_billet=men_per_billet)
    faults += options.folder_faults(out) + options.write_faults(write)
    if score_ledger is not None:
        options.refuse(faults + _score_faults(score_ledger, rolling))
        scored = (score_ledger or [ledger or LEDGER])[0]
        of = _Known(claims or (), fetched is not False, came or ())
        return _score_ledger(scored, of, out, figures, seed, json=json, write=write)
    path = (ledger or LEDGER) if keep and not rolling else None
    faults += _day_faults(as_of, until) + _claims_faults(scenario, claims or ()) + _came_faults(came)
    options.refuse(faults + ledger_faults(path))
    from holdfast.forecasting import run

    chosen = options.scenario_of(scenario)
    what = "every quarter" if rolling else f"from {as_of}"
    settings: _Settings = {
        "scenario": chosen, "until": until, "claims": claims or (), "fetched": fetched, "seed": seed, "workers": workers,
        "men_per_billet": men_per_billet or run.MEN_PER_BILLET,
    }  # fmt: skip
    with console.progress(f"{chosen.name}: {what}", quiet=json, starting=COMPILES) as progress:
        if rolling:
            origins = run.rolling_forecast(as_of, runs=runs or run.ORIGIN_RUNS, progress=progress, **settings)
        else:
            single = run.forecast(as_of, runs=runs or run.RUNS, progress=progress, **settings)
    options.write_table(write, origins if rolling else single)
    if rolling:
        return _show_rolling(origins, out, figures, json)
    return _show_forecast(single, out, figures, path, json)


class _Settings(TypedDict):
    """What both kinds of forecasts are called with."""

    scenario: Scenario
    until: str | None
    claims: Sequence[str]
    fetched: bool | None
    seed: int
    workers: int | None
    men_per_billet: int


class _Known(NamedTuple):
    """What a ledger is scored by."""

    claims: Sequence[str]
    fetched: bool
    came: Sequence[str]


# --- Faults of the options.


def _day_faults(as_of: str, until: str | None) -> list[Fault]:
    """What is wrong with the days of a forecast."""
    from holdfast.forecasting import request

    try:
        request.days(as_of, until)
    except FaultyError as error:
        return list(error.faults)
    return []


def _claims_faults(scenario: str, claims: Sequence[str]) -> list[Fault]:
    """What is wrong with the user's tables of claims."""
    if not claims:
        return []
    from holdfast.evidence import gathered

    try:
        gathered.gather(Path(scenario).stem, claims)
    except FaultyError as error:
        return list(error.faults)
    return []


def _came_faults(came: Sequence[str] | None) -> list[Fault]:
    """`--came` says nothing to a forecast."""
    cure = "Add --score-ledger, or leave --came away"
    return [Fault("--came", ", ".join(came), "ends of a war, with --score-ledger", cure)] if came else []


def _score_faults(files: Sequence[Path], rolling: bool) -> list[Fault]:
    """What is wrong with `--score-ledger` and what stands beside it."""
    faults = []
    if len(files) > 1:
        cure = "Score one at a time"
        faults.append(Fault("--score-ledger", f"{len(files)} files", "one ledger, or none for the usual one", cure))
    if rolling:
        faults.append(Fault("--rolling", "with --score-ledger", "one of the two", "Leave one of them away"))
    return faults


# --- Results.


def _show_forecast(result: Forecast, out: Path | None, figures: bool, path: Path | None, json: bool) -> int:
    """Write the forecast, add it to the ledger, print it."""
    from holdfast.forecasting import ledger

    page = _written(result, out, figures, json)
    line = ledger.append(path, ledger.entry(result)) if path else None
    if json:
        place = line and {"file": str(path), "number": line["number"], "hash": line["hash"]}
        console.show_json(result.to_dict() | {"ledger": place})
        return 0
    console.show("", *_known(result), *(console.bold(each) for each in result.warnings()))
    console.show(
        "", *(_quarters(side, result.periods(side)) for side in result.sides), _chances(result), _by_day(result)
    )
    if result.scores:
        title = f"What followed, against the forecast of {result.as_of}"
        console.show(_scores(result.scores.table, title), *_outcomes(result.scores))
    if result.weights:
        console.show(_weights({str(result.as_of): result.weights}))
    _show_caveats(result.caveats(), out, page)
    if line:
        console.show_line(f"Ledger: {path}, line {line['number']}, {str(line['hash'])[:12]}")
    return 0


def _written(result: Result, out: Path | None, figures: bool, json: bool) -> Path | None:
    """Write a result where that is wanted; the path of its page."""
    if not out:
        return None
    with console.step("Writing", quiet=json):
        return result.save(out, figures=figures)


def _known(result: Forecast) -> Iterator[str]:
    """What the forecast knows: where its claims are from, and until when they tell anything."""
    from holdfast.present import text

    until = ", ".join(f"{text.name(side)} to {day}" for side, day in result.newest.items())
    yield f"Claims: {_tables(result.sources)}. Known by {result.as_of}: {result.evidence.claims}; they count {until}."


def _tables(sources: Sequence[ClaimSource]) -> str:
    """Where claims are from."""
    words = {
        "shipped": "shipped",
        "own": "yours, {} of them new",
        "fetched": "fetched, {} of them newer than the shipped",
    }
    return "; ".join(f"{each.name} {each.claims} ({words[each.kind].format(each.added)})" for each in sources)


def _show_rolling(result: RollingForecast, out: Path | None, figures: bool, json: bool) -> int:
    """Write and print forecasts from every quarter on, scored together."""
    page = _written(result, out, figures, json)
    if json:
        console.show_json(result.to_dict())
        return 0
    when = f"{result.origins[0].as_of} to {result.origins[-1].as_of}"
    console.show("", _scores(result.table, f"{len(result.origins)} forecasts, {when}, against what followed"))
    console.show(*_mean_chances(result), _weights({str(one.as_of): one.weights for one in result.origins}))
    _show_caveats(CAVEATS, out, page)
    return 0


def _score_ledger(
    path: Path, known: _Known, out: Path | None, figures: bool, seed: int, *, json: bool, write: Path | None
) -> int:
    """Score a ledger's forecasts by what is known now, write and print the scores."""
    from holdfast.forecasting import run

    with console.progress(f"{path}: scoring", quiet=json, starting=COMPILES):
        result = run.score_ledger(path, claims=known.claims, fetched=known.fetched, came=known.came, seed=seed)
    options.write_table(write, result)
    page = _written(result, out, figures, json)
    if json:
        console.show_json(result.to_dict())
        return 0
    console.show("", f"Claims: {_tables(result.sources)}.", _ledger_lines(result))
    console.show(*(_ledger_scores(result, kind) for kind in dict.fromkeys(each["kind"] for each in result.table)))
    console.show(*_ledger_outcomes(result), *result.waiting())
    _show_caveats(result.caveats(), out, page)
    return 0


def _ledger_lines(result: LedgerScores) -> Table:
    """Every line of the ledger with its scores."""
    heads = (
        "issued", "as of", "until", "months\nscored", "of them\nforetold", "waiting", "in\n90%", "in\n50%",
        "ratio to\npersists", "Brier",
    )  # fmt: skip
    rows = []
    for each in result.line_rows():
        shares = [_share(each[name]) for name in ("inside_90", "inside_50")]
        ratio, brier = ("-" if each[name] is None else f"{each[name]:.2f}" for name in ("ratio", "brier"))
        if each["same_as"]:
            shares, ratio, brier = ["as", "line"], str(each["same_as"]), ""
        rows.append([
            str(each["number"]), str(each["issued"]), str(each["as_of"]), str(each["until"]), str(each["months"]),
            str(each["foretold"]), str(each["waiting"]), *shares, ratio, brier,
        ])  # fmt: skip
    caption = "Ratio: the forecast's interval score over that of the last month's persisting, mean over quantities."
    table = tables.table(f"The ledger {result.ledger}", [*tables.names("line"), *tables.numbers(*heads)], rows)
    table.caption = caption
    return table


def _share(value: object) -> str:
    return "-" if value is None else f"{value:.0%}"


def _ledger_scores(result: LedgerScores, kind: str) -> Table:
    """Coverage and interval scores by side, quantity and horizon."""
    from holdfast.forecasting.scores import LABELS
    from holdfast.present import text

    title = {"foretold": "Months that were still to come when the line was written",
             "afterwards": "Months that were over when the line was written"}[kind]  # fmt: skip
    heads = ("of", "calendar\nmonths", "in\n90%", "in\n50%", "WIS", "ratio to\npersists", "ratio to\ntrend")
    caption = "WIS: weighted interval score in men, of ground in km². A ratio below 1: better than the baseline."
    table = tables.table(title, [*tables.names("", "months\nahead"), *tables.numbers(*heads)], caption=caption)
    before = ("", "")
    for row in (each for each in result.table if each["kind"] == kind):
        key = (row["side"], row["quantity"])
        name = f"{text.name(row['side'])}, {LABELS[row['quantity']]}" if key != before else ""
        before = key
        baselines = [f"{row[who]['ratio']:.2f}" if who in row else "-" for who in ("persists", "trend")]  # type: ignore[literal-required]
        cells: list[RenderableType] = [
            console.bold(name), row["horizon"], str(row["months"]), str(row["distinct"]), f"{row['inside_90']:.0%}",
            f"{row['inside_50']:.0%}", f"{row['wis']:,.0f}", *baselines,
        ]  # fmt: skip
        tables.add(table, tables.Row(cells, "bold" if row["horizon"] == "all" else ""))
    return table


def _ledger_outcomes(result: LedgerScores) -> Iterator[str]:
    """Mean chances and Brier scores of outcomes whose last day is past."""
    from holdfast.present import text

    keys = dict.fromkeys((one.side, one.outcome, one.kind) for one in result.outcomes)
    for side, outcome, kind in keys:
        each = [one for one in result.outcomes if (one.side, one.outcome, one.kind) == (side, outcome, kind)]
        p, came, brier = (sum(getattr(one, name) for one in each) / len(each) for name in ("p", "came", "brier"))
        when = "foretold" if kind == "foretold" else "written afterwards"
        yield (
            f"{text.name(side)}, {outcome.replace('_', ' ')}, {when}: mean chance {p:.0%} ({len(each)}), came {came:.0%}, "
            f"Brier {brier:.2f}."
        )


def _check_ledger(path: Path, json: bool) -> int:
    """Go through a ledger's chain."""
    from holdfast.forecasting import ledger

    chain = ledger.check(path)
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
    from holdfast.forecasting import ledger

    if path and path.is_dir():
        return [Fault("--ledger", str(path), "a file, and this is a folder", "Choose another --ledger")]
    if path and path.is_file():
        ledger.ready(path)
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
    from holdfast.present import forecast_report, text

    shown, rows = forecast_report.outcomes(result), []
    for side in result.sides:
        each = [result.chance(side, name) for name in shown]
        rows.append([text.name(side), *(f"{one['p']:.0%} ({one['p05']:.0%}–{one['p95']:.0%})" for one in each)])
    columns = [*tables.names(""), *tables.numbers(*(f"P({head.removeprefix('its ')})" for head in shown.values()))]
    return tables.table(f"By {result.until}, of {result.runs} runs", columns, rows)


def _by_day(result: Forecast) -> Table:
    """Which end of the war comes first for each army, by each horizon."""
    from holdfast.present import text

    every = {side: result.by_day(side) for side in result.sides}
    heads = text.ends_shown(every.values())
    rows = [
        [text.name(side), f"{int(days):,}", *text.ends(chances, heads)]
        for side, by_day in every.items()
        for days, chances in by_day.items()
    ]
    columns = [*tables.names(""), *tables.stacked(["days on", *heads.values()])]
    return tables.table("Which end comes first; 90% intervals in brackets", columns, rows)


def _weights(by_day: Mapping[str, Mapping[str, Mapping[str, float]]]) -> Table:
    """The weight of each component of the pools, by the day of the forecast."""
    from holdfast.forecasting.scores import LABELS

    names = [name for name in COMPONENTS if any(name in each for one in by_day.values() for each in one.values())]
    rows = [
        [day, LABELS[quantity], *(f"{each[name]:.0%}" if name in each else "" for name in names)]
        for day, one in by_day.items() for quantity, each in one.items()
    ]  # fmt: skip
    caption = "Learnt from what each said on earlier days, as far as it was known how it came; none of it is later."
    return tables.table(
        "What the forecast is made of", [*tables.names("", ""), *tables.numbers(*names)], rows, caption=caption
    )


COMPONENTS = ("engine", "walk", "persists", "trend")
"""What a pool may be made of, in the order of the columns."""
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


def _show_caveats(caveats: Sequence[str], out: Path | None, page: Path | None) -> None:
    """The caveats, and which files were written."""
    console.show("", console.bold("Caveats:"), *(f"· {caveat}" for caveat in caveats))
    if out:
        names = ", ".join(sorted(path.name for path in out.iterdir() if not path.name.startswith(".")))
        console.show_line(f"Files in {out}: {names}")
    console.show_page("Page", page)
