"""A forecast, forecasts from rolling origins and the scores of a ledger: a page that opens offline, JSON, tables, figures. [IO]"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from holdfast.core import runtime
from holdfast.ensemble.chances import Chance
from holdfast.forecasting.ledger_scores import AFTERWARDS, FORETOLD, LedgerScores
from holdfast.forecasting.paths import OUTCOMES
from holdfast.forecasting.projection import BASELINES
from holdfast.forecasting.result import (
    CAVEATS,
    ENGINE,
    GROUND,
    OVERLAP,
    QUANTITIES,
    WALK,
    Forecast,
    RollingForecast,
    flat,
)
from holdfast.forecasting.scores import LABELS, OURS
from holdfast.io import files
from holdfast.present import charts, forecast_figures, html, text, vega

if TYPE_CHECKING:
    import altair as alt

FORECAST, ROLLING, LEDGER = "forecast", "rolling", "ledger"
"""Names of the pages and of the JSON beside them."""
Drawing: TypeAlias = Callable[[], charts.Chart]
Saved: TypeAlias = Forecast | RollingForecast | LedgerScores
COMPONENTS = (ENGINE, WALK, *BASELINES)
"""What a pool may be made of, in the order of the columns."""
LEARNT = (
    "The forecast is a pool of several: the engine's runs, a walk, the last month again, a straight line. Their weights are "
    "learnt from what each said on earlier days, as far as it was known how it came."
)
"""What is to be said of the weights."""
KINDS = {
    FORETOLD: "months still to come when the line was written",
    AFTERWARDS: "months already over when the line was written",
}  # fmt: skip
"""The kinds of a ledger's months in words."""


@dataclasses.dataclass(frozen=True)
class _Table:
    """A table of a page: its caption, heads, and rows whose first cell is their name."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    folded: bool = False


@dataclasses.dataclass(frozen=True)
class _Section:
    """A section of a page: its anchor, what it is called, sentences, charts by the stem of their files, tables."""

    key: str
    nav: str
    title: str
    says: Sequence[str] = ()
    charts: Mapping[str, Drawing] = dataclasses.field(default_factory=dict)
    tables: Sequence[_Table] = ()


# --- A single forecast.


def _forecast_sections(result: Forecast) -> Iterator[_Section]:
    """What comes first, how much of everything, and what came."""
    yield _Section(
        "ends", "The end", "Does either army break, or either state end the war?",
        ["The chart counts the end that comes first, after which there is no war; the table below it counts each end by itself."],
        {"ends": functools.partial(forecast_figures.ends, result)},
        [_chances(result), *(_ends(result, side) for side in result.sides)],
    )  # fmt: skip
    fans = {name: functools.partial(forecast_figures.monthly, result, name) for name in (*QUANTITIES, GROUND)}
    grey = "Grey is what was known on the day, colour what was forecast, black what came, as far as it is known now."
    yield _Section(
        "months", "Months", "Month by month", [grey], fans, [_quarters(result, side) for side in result.sides]
    )
    if result.scores:
        few = "A single forecast is scored on months that depend on each other: a war that grows leaves every band together."
        covered = forecast_figures.coverage_rows(
            (each.side, each.quantity, each.horizon, forecast_figures.months_on(result.as_of, each.horizon),
             {"inside_90": each.inside_90, "inside_50": each.inside_50})
            for each in result.scores.months if each.by == OURS
        )  # fmt: skip
        yield _Section(
            "skill", "Skill", "Against what came, and against naive baselines", [few],
            {
                "skill": functools.partial(forecast_figures.skill, result.scores.table, "CRPS"),
                "coverage": functools.partial(forecast_figures.coverage, covered, f"the forecast of {result.as_of}"),
            },
            [_score_table(result.scores.table, "crps", "CRPS")],
        )  # fmt: skip
    if result.weights:
        tables = [_weights({str(result.as_of): result.weights})]
        yield _Section("weights", "Weights", "What it is made of", [LEARNT], tables=tables)
    yield _Section(
        "claims", "Claims", "What it knows", _knows(result), tables=[_sources(result.sources)] if result.sources else ()
    )


def _outcomes_in_words(result: Forecast) -> str:
    """The chances by the last day in a sentence."""
    words = {"collapse": "collapse", "settlement": "its state ends the war while the army stands"}
    words |= {"destroyed": "its army is destroyed"} if "destroyed" in outcomes(result) else {}
    parts = [
        f"{text.name(side)}: " + ", ".join(f"{said} {_chance(result.chance(side, end))}" for end, said in words.items())
        for side in result.sides
    ]
    return f"By {text.date(result.until)}, {'; '.join(parts)}."


def _chance(one: Chance) -> str:
    return text.share_with_ends(one["p"], one["p05"], one["p95"])


def outcomes(result: Forecast) -> dict[str, str]:
    """The outcomes whose chances are shown: destruction only where it comes in any run.

    Args:
        result: the forecast.

    Returns:
        Heads by outcome, as in `OUTCOMES`.
    """
    heads = ("mass desertion", "collapse", "its state ends the war", "army is destroyed")
    came = (result.paths.destroyed >= 0).any()
    return {name: head for name, head in zip(OUTCOMES, heads, strict=True) if came or name != "destroyed"}


def _chances(result: Forecast) -> _Table:
    """Chances by the last day."""
    shown = outcomes(result)
    heads = ["", *shown.values()]
    rows = [[text.name(side), *(_chance(result.chance(side, name)) for name in shown)] for side in result.sides]
    return _Table(f"By {text.date(result.until)}, shares of {result.runs} runs; 90% intervals in brackets", heads, rows)


def _ends(result: Forecast, side: str) -> _Table:
    """Which end comes first for a side."""
    by_day = result.by_day(side)
    heads = text.ends_shown([by_day])
    rows = [[f"{int(days):,} days", *text.ends(chances, heads)] for days, chances in by_day.items()]
    title = f"{text.name(side)}: which end comes first; 90% intervals in brackets"
    return _Table(title, ["by", *heads.values()], rows, folded=True)


def _quarters(result: Forecast, side: str) -> _Table:
    """A side quarter by quarter."""
    names = result.quantities(side)
    rows = [
        [
            each.name + ("" if each.days >= 90 else f" ({each.days} days)"),
            *(_band(each.bands[name], name) for name in names),
        ]
        for each in result.periods(side)
    ]
    heads = ["", *(f"{LABELS[name]}, km²" if name == GROUND else LABELS[name] for name in names)]
    title = f"{text.name(side)} by quarter: median and 90% interval; strength and ground at its end"
    return _Table(title, heads, rows, folded=True)


def _band(band: Mapping[str, float] | None, quantity: str) -> str:
    """A band as a cell; a dash where too few runs still have a war."""
    if band is None:
        return "–"
    form = (lambda value: f"{value:,.0f}") if quantity == GROUND else text.men
    return f"{form(band['p50'])} ({form(band['p05'])} to {form(band['p95'])})"


def _knows(result: Forecast) -> list[str]:
    """What the forecast rests on, in sentences."""
    until = "; ".join(f"of {text.name(side)} to {text.date(day)}" for side, day in result.newest.items())
    return [
        f"{result.evidence.claims} claims were known by {text.date(result.as_of)}." + (f" They count {until}." if until else ""),
        f"{result.runs} runs of the engine, each simulated soldier for {result.men_per_billet} men; {result.paths.put_aside} draws "
        "were put aside.",
    ]  # fmt: skip


def _sources(sources: Sequence[Any]) -> _Table:
    """Where claims are from."""
    rows = [[each.name, each.kind, f"{each.claims:,}", f"{each.added:,}", str(each.newest or "–")] for each in sources]
    return _Table("Tables of claims", ["table", "kind", "claims", "of them used", "newest counts to"], rows)


# --- Scores, whoever was scored.


def _score_table(rows: Sequence[Mapping[str, Any]], key: str, name: str, *, distinct: bool = False) -> _Table:
    """Coverage and score by side, quantity and horizon, beside the baselines'."""
    heads = ["", "months ahead", "of", *(["calendar months"] if distinct else []), "in 90%", "in 50%", name,
             "persists: in 90%", f"{name} ratio", "trend: in 90%", f"{name} ratio"]  # fmt: skip
    cells, before = [], ("", "")
    for row in rows:
        this = (row["side"], row["quantity"])
        title = f"{text.name(this[0])}, {LABELS[this[1]]}" if this != before else ""
        before = this
        counts = [str(row["months"]), *([str(row["distinct"])] if distinct else [])]
        ours = [f"{row['inside_90']:.0%}", f"{row['inside_50']:.0%}", f"{row[key]:,.0f}"]
        naive = [
            cell for who in ("persists", "trend")
            for cell in ([f"{row[who]['inside_90']:.0%}", f"{row[who]['ratio']:.2f}"] if who in row else ["–", "–"])
        ]  # fmt: skip
        cells.append([title, row["horizon"], *counts, *ours, *naive])
    title = f"Coverage of the bands, {name} in men (ground in km²), and its ratio to two baselines: below 1 the forecast is better"
    return _Table(title, heads, cells, folded=True)


# --- Rolling origins.


def _rolling_sections(result: RollingForecast) -> Iterator[_Section]:
    """Skill by horizon, coverage, every origin."""
    rows = forecast_figures.rolling_coverage(result)
    count = len(result.origins)
    months = max((row["months"] for row in rows), default=0)
    few = (
        f"{count} origins foretell the same months again and again: the rows below count them all, but there are at most {months} "
        "different calendar months for any horizon, and neighbouring months are alike."
    )
    yield _Section(
        "skill", "Skill", "Skill by months ahead", [few],
        {"skill": functools.partial(forecast_figures.skill, result.table, "CRPS")},
        [_score_table(result.table, "crps", "CRPS")],
    )  # fmt: skip
    about = f"{count} forecasts, {result.origins[0].as_of} to {result.origins[-1].as_of}"
    yield _Section(
        "reliability", "Reliability", "Do the bands hold what they promise?", [few],
        {"coverage": functools.partial(forecast_figures.coverage, rows, about)},
    )  # fmt: skip
    yield _Section("origins", "Origins", "Every forecast", tables=[_origins(result), *_mean_outcomes(result)])
    weights = {str(each.as_of): each.weights for each in result.origins if each.weights}
    if weights:
        yield _Section("weights", "Weights", "What the forecasts are made of", [LEARNT], tables=[_weights(weights)])


def _origins(result: RollingForecast) -> _Table:
    """Every origin with its scores."""
    rows = []
    for each in result.origins:
        whole = [row for row in each.scores.table if row["horizon"] == "all"]
        ratios = [row["persists"]["ratio"] for row in whole if "persists" in row]
        mean = lambda values: sum(values) / len(values) if values else None  # noqa: E731
        briers = [one["brier"] for side in each.scores.outcomes.values() for one in side.values()]
        chances = [f"{each.scores.outcomes[side]['collapse']['p']:.0%}" if side in each.scores.outcomes else "–"
                   for side in result.sides]  # fmt: skip
        rows.append([
            str(each.as_of), str(each.claims), str(each.runs), _share(mean([row["inside_90"] for row in whole])),
            _share(mean([row["inside_50"] for row in whole])), _number(mean(ratios)), *chances, _number(mean(briers)),
        ])  # fmt: skip
    heads = ["from", "claims", "runs", "in 90%", "in 50%", "ratio to persists",
             *(f"P(collapse), {text.name(side)}" for side in result.sides), "Brier"]  # fmt: skip
    return _Table("Coverage and ratio: means over sides and quantities; Brier: mean over outcomes", heads, rows)


def _mean_outcomes(result: RollingForecast) -> Iterator[_Table]:
    """Mean chances of outcomes over all origins."""
    rows = [
        [f"{text.name(side)}, {outcome.replace('_', ' ')}", _share(mean["p"]), _share(mean["came"]), _number(mean["brier"])]
        for side in result.sides for outcome in ("collapse", "mass_desertion") if (mean := result.outcome(side, outcome))
    ]  # fmt: skip
    if rows:
        yield _Table("Outcomes by the last day: mean over all origins", ["", "mean chance", "came", "Brier"], rows)


def _weights(by_day: Mapping[str, Mapping[str, Mapping[str, float]]]) -> _Table:
    """The weight of each component of the pools, by the day of the forecast."""
    every = [each for one in by_day.values() for each in one.values()]
    names = [name for name in COMPONENTS if any(name in each for each in every)]
    rows = [
        [f"{day}, {LABELS[quantity]}", *(f"{each[name]:.0%}" if name in each else "" for name in names)]
        for day, one in by_day.items() for quantity, each in one.items()
    ]  # fmt: skip
    return _Table("Weights of the components", ["forecast from", *names], rows)


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


# --- A ledger.


def _ledger_sections(result: LedgerScores) -> Iterator[_Section]:
    """Every line, what all said and what came, skill, reliability, outcomes."""
    yield _Section("lines", "Lines", "Every forecast ever entered", result.waiting(), tables=[_ledger_lines(result)])
    fans = {
        f"lines_{name}": functools.partial(forecast_figures.lines, result, name)
        for name in QUANTITIES if any(each.quantity == name for each in result.bands)
    }  # fmt: skip
    if fans:
        yield _Section("fans", "What came", "What the lines said, and what came", charts=fans)
    for kind in dict.fromkeys(row["kind"] for row in result.table):
        yield from _ledger_scores(result, kind)
    if result.outcomes:
        yield _Section("outcomes", "Outcomes", "Ends of the war, by horizons that are past", [
            "An end of the war is taken not to have come while claims still count losses of later days, unless --came says so."
        ], tables=[_ledger_outcomes(result)])  # fmt: skip


def _ledger_lines(result: LedgerScores) -> _Table:
    """A row for each line."""
    heads = [
        "line",
        "written on",
        "forecast from",
        "until",
        "scored",
        "foretold",
        "waiting",
        "in 90%",
        "in 50%",
        "ratio",
        "Brier",
    ]
    rows = []
    for each in result.line_rows():
        scores = [_share(each["inside_90"]), _share(each["inside_50"]), _number(each["ratio"]), _number(each["brier"])]  # type: ignore[arg-type]
        if each["same_as"]:
            scores = [f"as line {each['same_as']}", "", "", ""]
        names = ("number", "issued", "as_of", "until", "months", "foretold", "waiting")
        rows.append([*(str(each[name]) for name in names), *scores])
    title = (
        "Scored: months, for each side and quantity; foretold: those that were still to come when the line was written. Ratio: our "
        "interval score over that of the last month's persisting"
    )
    return _Table(title, heads, rows)


def _ledger_scores(result: LedgerScores, kind: str) -> Iterator[_Section]:
    """Skill and reliability of one kind of months."""
    table = [row for row in result.table if row["kind"] == kind]
    rows = [row for row in result.reliability if row["kind"] == kind]
    months = max(row["distinct"] for row in rows)
    covered = forecast_figures.coverage_rows(
        (each.side, each.quantity, each.horizon, each.month, {"inside_90": each.inside_90, "inside_50": each.inside_50})
        for each in result.months if each.by == OURS and each.kind == kind
    )  # fmt: skip
    few = (
        f"At most {months} different calendar months of any quantity are scored, and lines that tell the same month are not "
        "independent."
    )
    compared = any(who in row for row in table for who in ("persists", "trend"))
    skill = {f"skill_{kind}": functools.partial(forecast_figures.skill, table, "Interval score")} if compared else {}
    none = [] if compared else ["These lines hold no baselines: they are from before lines held any."]
    yield _Section(
        f"skill-{kind}", f"Skill, {kind}", f"Skill by months ahead: {KINDS[kind]}", [few, *none], skill,  # type: ignore[index]
        [_score_table(table, "wis", "WIS", distinct=True)],
    )  # fmt: skip
    about = KINDS[kind]  # type: ignore[index]
    yield _Section(
        f"reliability-{kind}", f"Reliability, {kind}", f"Do the bands hold what they promise? {about.capitalize()}", [few],
        {
            f"reliability_{kind}": functools.partial(forecast_figures.reliability, rows, about),
            f"coverage_{kind}": functools.partial(forecast_figures.coverage, covered, about),
        },
    )  # fmt: skip


def _ledger_outcomes(result: LedgerScores) -> _Table:
    """Chances of outcomes by horizons that are past."""
    rows = [
        [f"line {each.line}: {text.name(each.side)}, {each.outcome.replace('_', ' ')}", f"{each.days:,}", each.kind, _share(each.p),
         _share(each.came), _number(each.brier)]
        for each in result.outcomes
    ]  # fmt: skip
    heads = ["", "days", "written", "chance", "came", "Brier"]
    return _Table("Chances by so many days, and whether it came", heads, rows, folded=len(rows) > 20)


# --- Pages and files.


def _sections(result: Saved) -> list[_Section]:
    """The sections of a result's page, in order."""
    if isinstance(result, Forecast):
        return list(_forecast_sections(result))
    return list(_rolling_sections(result) if isinstance(result, RollingForecast) else _ledger_sections(result))


def _heading(result: Saved) -> dict[str, object]:
    """Title, headline, facts, warnings and caveats of a page."""
    version = f"Holdfast {runtime.version()}"
    if isinstance(result, Forecast):
        who = text.listed([text.name(side) for side in result.sides])
        return {
            "title": f"{who}: the forecast of {text.date(result.as_of)}", "headline": _outcomes_in_words(result),
            "facts": [f"{result.runs} runs", f"{result.evidence.claims} claims", f"to {text.date(result.until)}", version],
            "warnings": result.warnings(), "caveats": result.caveats(),
        }  # fmt: skip
    if isinstance(result, RollingForecast):
        days = f"{text.date(result.origins[0].as_of)} to {text.date(result.origins[-1].as_of)}"
        return {
            "title": "Forecasts from every quarter, scored together",
            "headline": f"{len(result.origins)} forecasts, {days}, against what came to {text.date(result.until)}.",
            "facts": [result.scenario, version], "warnings": [], "caveats": (OVERLAP, *CAVEATS),
        }  # fmt: skip
    own = [each for each in result.entries if not each.same_as]
    said = f"{len(result.entries)} lines, {len(own)} different forecasts, {result.scored:,} of their months scored"
    return {
        "title": "Every forecast of the ledger, scored", "headline": f"{said} by what is known on {text.date(result.scored_on)}.",
        "facts": [result.ledger, f"its last line {result.last[:12]}", version], "warnings": [], "caveats": result.caveats(),
    }  # fmt: skip


def figures(result: Saved) -> Mapping[str, Callable[[], alt.TopLevelMixin]]:
    """The figures of a result.

    Args:
        result: a forecast, forecasts from rolling origins, or a ledger's scores.

    Returns:
        What draws each, by the stem of its file.
    """
    return vega.in_altair({name: draw for section in _sections(result) for name, draw in section.charts.items()})


def _page(result: Saved, sections: Sequence[_Section], specs: Mapping[str, charts.Record]) -> str:
    """The page as text."""
    return html.charts_page("forecast.html.j2", specs, [], sections=sections, **_heading(result))


def save(result: Saved, folder: Path, *, figures: bool = False) -> Path:
    """Write a result to a folder, whole or not at all.

    Args:
        result: a forecast, forecasts from rolling origins, or a ledger's scores.
        folder: where.
        figures: whether to write the figures as PNG and SVG files too, into `figures/`.

    Returns:
        The path of its page.
    """
    name = FORECAST if isinstance(result, Forecast) else ROLLING if isinstance(result, RollingForecast) else LEDGER
    sections = _sections(result)
    specs = {stem: draw().to_dict() for section in sections for stem, draw in section.charts.items()}
    with files.folder(folder, optional=("scores.csv", "figures")) as fresh:
        files.write_json(fresh / f"{name}.json", result.to_dict())
        for stem, rows in _tables(result).items():
            files.write_table(fresh / f"{stem}.csv", rows)
        files.write_text(fresh / f"{name}.html", _page(result, sections, specs))
        if figures:
            charts.save_all(specs, fresh / "figures")
    return folder / f"{name}.html"


def _tables(result: Saved) -> dict[str, Sequence[Mapping[str, object]]]:
    """The tables of a result, by the stem of their files; one without a row is left out."""
    if isinstance(result, Forecast):
        tables: dict[str, Sequence[Mapping[str, object]]] = {"months": result.rows()}
        return tables | ({"scores": flat(result.scores.table)} if result.scores else {})
    if isinstance(result, RollingForecast):
        return {"rolling-scores": result.rows(), "rolling-months": result.months()}
    every = {"ledger-lines": result.line_rows(), "ledger-scores": flat(result.table), "ledger-months": result.rows(),
             "ledger-reliability": [dict(row) for row in result.reliability]}  # fmt: skip
    return {stem: rows for stem, rows in every.items() if rows}


def in_html(result: Saved) -> str:
    """A result in short, as HTML for a notebook.

    Args:
        result: a forecast, forecasts from rolling origins, or a ledger's scores.

    Returns:
        Its numbers as a table.
    """
    return str(result.to_frame().to_html(index=False, float_format="{:,.2f}".format))
