"""The same forecast from a day in every quarter, each with what was known on its day; all set against what followed."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from holdfast.core.faults import Fault, ScenarioError
from holdfast.ensemble.run import Scenario, load_scenario
from holdfast.evidence import losses
from holdfast.forecasting import observations, processes, run, scores
from holdfast.forecasting.scores import Mark

Progress = Callable[[int, int, str], None]

RUNS = 32
"""Runs of each origin: enough for coverage and scores over all of them."""
SHARE = 1000
"""Parts in which the progress of an origin is told."""


@dataclasses.dataclass(frozen=True)
class Job:
    """One origin."""

    case: Scenario
    as_of: dt.date
    until: dt.date
    runs: int
    seed: int
    men_per_billet: int


@dataclasses.dataclass(frozen=True)
class Origin:
    """What came of one origin."""

    as_of: dt.date
    claims: int
    runs: int
    aside: int
    parameters: str
    marks: tuple[Mark, ...]
    outcomes: Mapping[str, Mapping[str, Mapping[str, float]]]
    fits: Mapping[str, Mapping[str, Any]]
    """By side: how the searches of its fit ended."""


@dataclasses.dataclass(frozen=True)
class Rolled:
    """All origins, and the table over them."""

    case: str
    until: dt.date
    origins: tuple[Origin, ...]
    scores: list[dict[str, Any]]

    def as_json(self) -> dict[str, Any]:
        """As `--rolling --json` prints it."""
        return {
            "case": self.case, "until": str(self.until), "scores": self.scores,
            "origins": [
                {
                    "as_of": str(one.as_of), "claims": one.claims, "runs": one.runs, "draws_put_aside": one.aside,
                    "parameters": one.parameters, "outcomes": one.outcomes, "fits": dict(one.fits),
                    "scores": scores.table(one.marks),
                }
                for one in self.origins
            ],
        }  # fmt: skip


def origins(first: dt.date, until: dt.date) -> list[dt.date]:
    """A day in every quarter from the first on, as long as a whole month follows."""
    made, day = [], first
    while _after(day, 2) <= until + dt.timedelta(days=1):
        made.append(day)
        month = day.month + 2
        days = min(day.day, 28) if day.day > 28 else day.day
        day = dt.date(day.year + month // 12, month % 12 + 1, days)
    return made


def _after(day: dt.date, months: int) -> dt.date:
    """The first of the month so many months after a day's."""
    month = day.month - 1 + months
    return dt.date(day.year + month // 12, month % 12 + 1, 1)


def roll(
    case: Scenario | str | Path = "russia-ukraine-2023", *, first: dt.date, until: dt.date, runs: int = RUNS, seed: int = 1,
    men_per_billet: int = run.GRAIN, workers: int = 1, progress: Progress | None = None,
) -> Rolled:  # fmt: skip
    """Forecast from every quarter and score it all. Raises `ScenarioError` where nothing is known of what followed."""
    case = case if isinstance(case, Scenario) else load_scenario(case)
    last = observations.last(observations.shipped(losses.shipped_for(case.name)))
    days = origins(first, min(until, _after(last, 1) - dt.timedelta(days=1))) if last else []
    if not days:
        found = f"no truth after {first}" if last else "no table of what followed"
        cure = "Leave --rolling away, or choose an earlier --as-of"
        raise ScenarioError([Fault("--rolling", found, "a war and a time with shipped truths", cure)], "The request")
    jobs = [Job(case, day, until, runs, seed, men_per_billet) for day in days]
    # The longest come first, so that no worker is left alone with one at the end.
    made = processes.each(_origin, jobs, [SHARE] * len(jobs), workers, progress or (lambda *_: None))
    return Rolled(case.name, until, tuple(made), scores.table([mark for one in made for mark in one.marks]))


def _origin(job: Job, told: Callable[[int], None]) -> Origin:
    """One origin, in this process."""
    made = run.judged(
        run.forecast(
            job.case, as_of=job.as_of, until=job.until, runs=job.runs, seed=job.seed,
            men_per_billet=job.men_per_billet, progress=lambda done, total, _: told(SHARE * done // max(total, 1)),
        )
    )  # fmt: skip
    told(SHARE)
    return Origin(
        job.as_of, made.forecast.known.claims, made.forecast.runs, made.forecast.fought.aside,
        made.forecast.parameters, tuple(scores.marks(made.forecast, made.truth)), made.outcomes,
        made.forecast.known.fits,
    )  # fmt: skip


def broke(rolled: Sequence[Origin], side: str, outcome: str) -> dict[str, float] | None:
    """Mean chance, what came, and Brier score of an outcome over the origins that tell of it."""
    told = [one.outcomes[side][outcome] for one in rolled if outcome in one.outcomes.get(side, {})]
    if not told:
        return None
    return {name: sum(one[name] for one in told) / len(told) for name in ("p", "came", "brier")}
