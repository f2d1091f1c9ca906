"""Make forecasts: what was known on a day, the months to come, the engine's runs, and scores against what followed. [IO]"""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

from holdfast.core.faults import Fault, ScenarioError, shown
from holdfast.ensemble.plan import DEFAULT_SCENARIO, Scenario, load_scenario
from holdfast.evidence import losses
from holdfast.forecasting import paths, projection, scores, stack
from holdfast.forecasting.as_of import evidence_as_of
from holdfast.forecasting.result import Forecast, Origin, RollingForecast
from holdfast.parallel import Progress, Report, pool, silent
from holdfast.scenario.as_of import scenario_as_of
from holdfast.scenario.layout import effect_names

START, UNTIL = dt.date(2023, 11, 15), dt.date(2026, 7, 31)
"""Day and last day of the shipped forecast."""
MEN_PER_BILLET = 400
"""Men that each simulated soldier of a forecast stands for."""
RUNS = 100
"""Runs of a forecast."""
ORIGIN_RUNS = 32
"""Runs of each rolling origin: enough for coverage and scores over all of them."""
PARTS = 1000
"""Parts in which the progress of an origin is reported."""


def forecast(
    start: dt.date | str = START, *, scenario: Scenario | str | Path = DEFAULT_SCENARIO, until: dt.date | str = UNTIL,
    runs: int = RUNS, men_per_billet: int = MEN_PER_BILLET, calibrated: bool = True, seed: int = 1,
    workers: int | None = None, progress: Progress | None = None,
) -> Forecast:  # fmt: skip
    """Forecast both armies of a war from a day, out of nothing dated later, and score it against what followed.

    Claims count if they were known by `start`; series of the scenario keep their last value by then. Run `i` has draw `i`
    of the losses and of the parameters.

    Args:
        start: day of the forecast, or its ISO text.
        scenario: a scenario of a war with shipped claims, its name, or the path of its file.
        until: last day, or its ISO text.
        runs: runs of the engine.
        men_per_billet: men that a simulated soldier stands for.
        calibrated: whether the engine's parameters are those taught by armies whose wars had ended by `start`; else they
            are drawn from their priors.
        seed: of all draws.
        workers: processes, one for each core unless given; the numbers do not depend on it.
        progress: hears of the days done.

    Returns:
        The forecast, with scores where its war has a shipped table of what followed.

    Raises:
        ScenarioError: with every fault of the days and the scenario.
        ClaimsError: if no claims are shipped for the war.
        ForecastError: if both armies stand through the days before `start` in no draw.
    """
    as_of, last = _days(start, until)
    given = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    hears = progress or silent
    document = scenario_as_of(given.document, as_of, last)
    sides = [side.name for side in document.side]
    claims = losses.table(given.name, None)
    hears(0, 1, "reconciling the claims known by then")
    evidence = evidence_as_of(claims, sides, as_of, seed)
    projections = projection.project(evidence, last, seed)
    parameters, source = projection.parameter_draws(
        runs * paths.TRIES, effect_names(document), ended_by=as_of, seed=seed, calibrated=calibrated
    )
    observations = scores.shipped_observations(losses.shipped_for(given.name))
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
            gain=scores.late_gain(observations, sides[0], as_of),
        )
    )
    parts = pool.each(
        paths.simulate_batch, jobs, workers=workers, progress=hears, sizes=[job.days for job in jobs]
    )  # fmt: skip
    result = Forecast(
        given.name, given.hash, as_of, last, evidence=evidence, projections=projections, paths=paths.joined(parts, as_of),
        parameters=source, seed=seed, men_per_billet=men_per_billet,
        observations=observations | scores.ground_gained(observations, sides[0], as_of),
    )  # fmt: skip
    result = stack.pooled(stack.with_ground(result), stack.shipped_past(losses.shipped_for(given.name)))
    return dataclasses.replace(result, scores=scores.score(result))


def _days(*given: dt.date | str) -> tuple[dt.date, dt.date]:
    """The day of a forecast and its last day, or every fault in them."""
    days, faults = [], []
    for name, value in zip(("--as-of", "--until"), given, strict=True):
        try:
            days.append(value if isinstance(value, dt.date) else dt.date.fromisoformat(value))
        except ValueError:
            faults.append(Fault(name, shown(value), "a day as 2023-11-15", "Write year, month and day"))
    if faults:
        raise ScenarioError(faults, "The request")
    return days[0], days[1]


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


def rolling_forecast(
    start: dt.date | str = START, *, scenario: Scenario | str | Path = DEFAULT_SCENARIO, until: dt.date | str = UNTIL,
    runs: int = ORIGIN_RUNS, men_per_billet: int = MEN_PER_BILLET, seed: int = 1, workers: int | None = None,
    progress: Progress | None = None,
) -> RollingForecast:  # fmt: skip
    """The same forecast from a day in every quarter, each with what was known on its day, scored together.

    Args:
        start: day of the first forecast, or its ISO text.
        scenario: as in `forecast`.
        until: last day of all, or its ISO text; no later than anything is known of what followed.
        runs: runs of the engine for each origin.
        men_per_billet: men that a simulated soldier stands for.
        seed: of all draws.
        workers: processes, one for each core unless given.
        progress: hears of the parts done.

    Returns:
        The scores of each origin and over all of them.

    Raises:
        ScenarioError: if nothing is known of what followed, or a day is none.
        ClaimsError: if no claims are shipped for the war.
    """
    first, last = _days(start, until)
    given = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    known = scores.last_month(scores.shipped_observations(losses.shipped_for(given.name)))
    days = origins(first, min(last, _months_after(known, 1) - dt.timedelta(days=1))) if known else []
    if not days:
        lacking = f"nothing known after {first}" if known else "no table of what followed"
        cure = "Leave --rolling away, or choose an earlier --as-of"
        allowed = "a war and a time with a shipped table of what followed"
        raise ScenarioError([Fault("--rolling", lacking, allowed, cure)], "The request")
    jobs = [_Job(given, day, last, runs, seed, men_per_billet) for day in days]
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
        seed=job.seed, workers=1, progress=lambda done, total, _: report(PARTS * done // max(total, 1)),
    )  # fmt: skip
    report(PARTS)
    assert result.scores is not None  # an origin has a whole month that is known
    return Origin(
        job.as_of, result.evidence.claims, result.runs, put_aside=result.paths.put_aside, parameters=result.parameters,
        scores=result.scores, fits=result.evidence.fits, weights=result.weights,
    )  # fmt: skip
