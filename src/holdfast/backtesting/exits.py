"""How good are the exit rates that were told? Coverage and error, beside the median of the other armies."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from holdfast.backtesting.holdout import Asked
from holdfast.calibration.outcome_model import LEAST_MONTHS
from holdfast.coded_armies.army import CodedArmy
from holdfast.stats import scoring
from holdfast.stats.intervals import Estimate, interval, wilson


@dataclasses.dataclass(frozen=True)
class ExitScore:
    """Scores of exit rates, on the cases whose rate is known over a span long enough."""

    cases: int
    coverage: Estimate
    """Share of the rates inside the 90 % interval that was told, with its own interval (Wilson)."""
    error: Estimate
    """Median of the absolute log of rate told over rate coded [nats], with its bootstrap interval."""
    rival_error: Estimate
    """The same of a rival that tells the median rate of the other cases."""
    nearer: int
    """Cases for which the model is nearer than the rival."""


def rated(case: CodedArmy) -> bool:
    """Whether its rate is known, and of a span over which a monthly rate says something."""
    return bool(case.exits_per_1000_month) and (case.months or 0) >= LEAST_MONTHS


def scored(
    asked: Sequence[Asked], exits: np.ndarray, teachers: Sequence[CodedArmy], counts: Sequence[bool]
) -> ExitScore | None:
    """Scores over the cases that count; `exits` are draws `[case, draw]`. `None` where no rate is known."""
    places = [place for place, one in enumerate(asked) if counts[place] and rated(one.case)]
    if not places:
        return None
    truth = np.log([float(asked[place].case.exits_per_1000_month or 1) for place in places])
    low, middle, high = np.log(np.quantile(exits[places], [0.05, 0.5, 0.95], axis=1))
    rival = np.array([_median(teachers, asked[place]) for place in places])
    error, rival_error = np.abs(middle - truth), np.abs(rival - truth)
    inside = (low <= truth) & (truth <= high)
    return ExitScore(
        cases=len(places),
        coverage=Estimate(float(inside.mean()), *wilson(int(inside.sum()), len(places))),
        error=_median_of(error),
        rival_error=_median_of(rival_error),
        nearer=int((error < rival_error).sum()),
    )


def _median(teachers: Sequence[CodedArmy], one: Asked) -> float:
    known = [
        np.log(case.exits_per_1000_month)
        for case in teachers
        if rated(case) and case.army_id not in one.out and case.exits_per_1000_month
    ]
    return float(np.median(known)) if known else float("nan")


def _median_of(errors: np.ndarray) -> Estimate:
    """A median and the 90 % of those of resamples of the cases."""
    if np.isnan(errors).any():
        return Estimate(float("nan"), float("nan"), float("nan"))
    generator = np.random.default_rng(scoring.KEY)
    drawn = np.median(errors[generator.integers(len(errors), size=(scoring.RESAMPLES, len(errors)))], axis=1)
    return Estimate(float(np.median(errors)), *interval(drawn))
