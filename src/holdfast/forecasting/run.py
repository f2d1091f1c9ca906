"""Make forecasts: what was known on a day, the months to come, the engine's runs, and scores against what followed. [IO]"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from holdfast.core import timings
from holdfast.core.faults import ClaimsError, DayLike, Fault, ScenarioError
from holdfast.ensemble.plan import DEFAULT_SCENARIO, Scenario, load_scenario
from holdfast.evidence import gathered
from holdfast.evidence.gathered import ClaimSource
from holdfast.forecasting import ledger, ledger_scores, observations, paths, projection, request, scores, stack
from holdfast.forecasting.as_of import evidence_as_of
from holdfast.forecasting.ledger_scores import LedgerEntry, LedgerScores, OutcomeScore, Past, QuantileScore
from holdfast.forecasting.request import START
from holdfast.forecasting.result import Forecast, Key, Observation, Origin, RollingForecast
from holdfast.parallel import Progress, Report, pool, silent
from holdfast.scenario.layout import effect_names

MEN_PER_BILLET = 400
"""Men that each simulated soldier of a forecast stands for."""
RUNS = 100
"""Runs of a forecast."""
ORIGIN_RUNS = 32
"""Runs of each rolling origin: enough for coverage and scores over all of them."""
PARTS = 1000
"""Parts in which the progress of an origin is reported."""


@timings.phase("run")
def forecast(
    start: DayLike = START, *, scenario: Scenario | str | Path = DEFAULT_SCENARIO,
    until: DayLike | None = None, runs: int = RUNS, men_per_billet: int = MEN_PER_BILLET, calibrated: bool = True,
    claims: Sequence[str | Path] = (), fetched: bool | None = None, seed: int = 1, workers: int | None = None,
    progress: Progress | None = None,
) -> Forecast:  # fmt: skip
    """Forecast both armies of a war from a day, out of nothing dated later, and score it against what followed.

    Claims count if they were known by `start`; series of the scenario keep their last value by then. Run `i` has draw `i`
    of the losses and of the parameters.

    Args:
        start: day of the forecast: a date, a Timestamp, a `datetime64`, ISO text, or `today`.
        scenario: a scenario of a war with shipped claims, its name, or the path of its file.
        until: last day, likewise; unless given that of the shipped forecast, later the end of the twelfth whole month on.
        runs: runs of the engine.
        men_per_billet: men that a simulated soldier stands for.
        calibrated: whether the engine's parameters are those taught by armies whose wars had ended by `start`; else they
            are drawn from their priors.
        claims: tables of claims of one's own, added to the shipped one.
        fetched: whether newer claims of data sets on this machine are added; unless given only where `start` is later than all
            shipped claims.
        seed: of all draws.
        workers: processes, one for each core unless given; the numbers do not depend on it.
        progress: hears of the days done.

    Returns:
        The forecast, with scores where its war has a shipped table of what followed.

    Raises:
        ScenarioError: with every fault of the days and the scenario.
        FaultyError: with every fault of the claims; a `ClaimsError` if there are none of this war.
        ForecastError: if both armies stand through the days before `start` in no draw.
    """
    as_of, last = request.days(start, until)
    given = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    hears = progress or silent
    sides = [side.name for side in given.document.side]
    known = request.claims_of(given.name, sides, as_of, claims, fetched)
    document = request.checked(given.document, known, as_of, last)
    hears(0, 1, "reconciling the claims known by then")
    evidence = evidence_as_of(known.claims, sides, as_of, seed)
    projections = projection.project(evidence, last, seed)
    parameters, source = projection.parameter_draws(
        runs * paths.TRIES, effect_names(document), ended_by=as_of, seed=seed, calibrated=calibrated
    )
    seen = observations.known_now(given.name, known.claims, sides, as_of, seed)
    jobs = paths.batches(
        paths.Batch(
            document,
            evidence,
            projections,
            parameters,
            first=0,
            runs=runs,
            seed=seed,
            men_per_billet=men_per_billet,
            gain=scores.late_gain(seen, sides[0], as_of),
        )
    )
    parts = pool.each(
        paths.simulate_batch, jobs, workers=workers, progress=hears, sizes=[job.days for job in jobs]
    )  # fmt: skip
    result = Forecast(
        given.name, given.hash, as_of, last, evidence=evidence, projections=projections, paths=paths.joined(parts, as_of),
        parameters=source, seed=seed, men_per_billet=men_per_billet,
        observations=seen | scores.ground_gained(seen, sides[0], as_of), live=request.is_live(as_of),
        newest=gathered.newest(known.claims, by=as_of), sources=known.sources,
    )  # fmt: skip
    result = stack.pooled(stack.with_ground(result), stack.shipped_past(gathered.shipped_name(given.name)))
    return dataclasses.replace(result, scores=scores.score(result))


# --- Rolling origins.


@dataclasses.dataclass(frozen=True)
class _Job:
    """The forecast of one origin."""

    scenario: Scenario
    as_of: dt.date
    until: dt.date
    runs: int
    seed: int
    men_per_billet: int
    claims: tuple[str | Path, ...]
    fetched: bool | None


@timings.phase("run")
def rolling_forecast(
    start: DayLike = START, *, scenario: Scenario | str | Path = DEFAULT_SCENARIO,
    until: DayLike | None = None, runs: int = ORIGIN_RUNS, men_per_billet: int = MEN_PER_BILLET,
    claims: Sequence[str | Path] = (), fetched: bool | None = None, seed: int = 1, workers: int | None = None,
    progress: Progress | None = None,
) -> RollingForecast:  # fmt: skip
    """The same forecast from a day in every quarter, each with what was known on its day, scored together.

    Args:
        start: day of the first forecast, as in `forecast`.
        scenario: as in `forecast`.
        until: last day of all, as in `forecast`; no later than anything is known of what followed.
        runs: runs of the engine for each origin.
        men_per_billet: men that a simulated soldier stands for.
        claims: tables of claims of one's own, added to the shipped one.
        fetched: as in `forecast`.
        seed: of all draws.
        workers: processes, one for each core unless given.
        progress: hears of the parts done.

    Returns:
        The scores of each origin and over all of them.

    Raises:
        ScenarioError: if nothing is known of what followed, or a day is none.
        FaultyError: with every fault of the claims; a `ClaimsError` if there are none of this war.
    """
    first, last = request.days(start, until)
    given = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    sides = [side.name for side in given.document.side]
    every = request.claims_of(given.name, sides, first, claims, fetched).claims
    known = scores.last_month(observations.known_now(given.name, every, sides, first, seed))
    days = origins(first, min(last, _months_after(known, 1) - dt.timedelta(days=1))) if known else []
    if not days:
        lacking = f"nothing known after {first}" if known else "no table of what followed"
        cure = "Leave --rolling away, or choose an earlier --as-of"
        allowed = "a war and a time with a shipped table of what followed"
        raise ScenarioError([Fault("--rolling", lacking, allowed, cure)], "The request")
    jobs = [
        _Job(given, day, last, runs, seed, men_per_billet=men_per_billet, claims=tuple(claims), fetched=fetched)
        for day in days
    ]
    # The longest come first, so that no worker is left alone with one at the end.
    scored = pool.each(_origin, jobs, workers=workers, progress=progress, sizes=[PARTS] * len(jobs))
    table = scores.score_table([score for origin in scored for score in origin.scores.months])
    return RollingForecast(given.name, last, tuple(scored), tuple(table))


def origins(first: dt.date, until: dt.date) -> list[dt.date]:
    """A day in every quarter, as long as a whole month follows up to the last day of which anything is known.

    Args:
        first: the first of them.
        until: the last day of which anything is known.

    Returns:
        The days in order.
    """
    days, day = [], first
    while _months_after(day, 2) <= until + dt.timedelta(days=1):
        days.append(day)
        month = day.month + 2
        day = dt.date(day.year + month // 12, month % 12 + 1, min(day.day, 28))
    return days


def _months_after(day: dt.date, months: int) -> dt.date:
    """The first of the month so many months after a day's."""
    month = day.month - 1 + months
    return dt.date(day.year + month // 12, month % 12 + 1, 1)


def _origin(job: _Job, report: Report) -> Origin:
    """The forecast of one origin, in this process."""
    result = forecast(
        job.as_of, scenario=job.scenario, until=job.until, runs=job.runs, men_per_billet=job.men_per_billet,
        claims=job.claims, fetched=job.fetched, seed=job.seed, workers=1,
        progress=lambda done, total, _: report(PARTS * done // max(total, 1)),
    )  # fmt: skip
    report(PARTS)
    assert result.scores is not None  # an origin has a whole month that is known
    return Origin(
        job.as_of, result.evidence.claims, result.runs, put_aside=result.paths.put_aside, parameters=result.parameters,
        scores=result.scores, fits=result.evidence.fits, weights=result.weights,
    )  # fmt: skip


# --- The ledger.


@timings.phase("run")
def score_ledger(
    path: str | Path,
    *,
    claims: Sequence[str | Path] = (),
    fetched: bool = True,
    came: Sequence[str] = (),
    seed: int = 1,
) -> LedgerScores:
    """Score every forecast of a ledger against what is known now; its lines stay as they are.

    Args:
        path: the ledger; its chain must hold.
        claims: tables of claims of one's own, added to the shipped one.
        fetched: whether newer claims of data sets on this machine are added.
        came: ends of the war that came, as `russia:collapse:2027-03-01`; unless given, none came while claims still count losses.
        seed: of the fit to months later than the shipped ones.

    Returns:
        The scores of months and outcomes, and what waits for later claims.

    Raises:
        LedgerError: if the ledger cannot be read or its chain is broken, or for every fault of `came`.
        FaultyError: with every fault of the claims.
    """
    file = Path(path)
    lines = ledger.lines(file)
    every = ledger_scores.entries(lines, f"The ledger {file}")
    ends = ledger_scores.outcome_days(came, ledger_scores.sides(lines), request.today())
    parts: list[LedgerEntry] = []
    months: list[QuantileScore] = []
    outcomes: list[OutcomeScore] = []
    known: dict[str, dict[str, dt.date]] = {}
    sources: list[ClaimSource] = []
    came_true: dict[Key, Observation] = {}
    for scenario in dict.fromkeys(each.scenario for each in every):
        own = [each for each in every if each.scenario == scenario]
        names = ledger_scores.sides([lines[each.number - 1] for each in own])
        try:
            gathering = gathered.gather(scenario, claims, fetched=fetched, sides=names)
        except ClaimsError:  # a war of the user's own, and no claims about it
            parts += [
                dataclasses.replace(each, reason="no claims about this war: add them with --claims") for each in own
            ]
            continue
        since = min(each.as_of for each in own)
        seen = observations.known_now(scenario, gathering.claims, names, since, seed)
        came_true |= seen
        until = observations.known_until(gathering.claims, names)
        lost = max((day for (_, quantity), day in until.items() if quantity == "killed"), default=None)
        scored = ledger_scores.score_lines(lines, own, seen, Past(request.today(), lost, ends))
        parts, months, outcomes = parts + scored[0], months + scored[1], outcomes + scored[2]
        for (side, quantity), day in until.items():
            known.setdefault(side, {})[quantity] = day
        sources += [each for each in gathering.sources if each not in sources]
    return LedgerScores(
        str(file), str(lines[-1]["hash"]), request.today(), tuple(sorted(parts, key=lambda each: each.number)),
        months=tuple(months), outcomes=tuple(outcomes), known_until=known, sources=tuple(sources), observations=came_true,
        bands=tuple(band for each in every if not each.same_as for band in ledger_scores.months_of(lines[each.number - 1])),
    )  # fmt: skip
