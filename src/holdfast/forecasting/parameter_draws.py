"""The engine's parameters, a draw a run: calibrated on what had ended by a day, or as declared beforehand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from holdfast.core.params import About, Beta, Fixed, LogNormal, Normal, walk
from holdfast.engine.day.world import defaults

CALIBRATED, PRIOR = "calibrated", "priors"
"""Where draws are from: a posterior on the coded armies whose wars had ended, or the priors as declared."""


def draws(
    count: int, effects: Sequence[str], *, ended_by: dt.date, seed: int, calibrated: bool = True
) -> tuple[list[dict[str, float]], str]:
    """Values of parameters by their paths, one set a run, and where they are from.

    Calibrated on armies whose wars had ended by a day, or, where that is not wanted, from the declared priors. Raises
    `PosteriorError` where the shipped posterior cannot be read.
    """
    if not calibrated:
        return of_priors(count, effects, seed), PRIOR
    from holdfast.calibration import posterior

    made = posterior.draws(count, ended_by=ended_by, seed=seed)
    known = {path for path, _ in walk(defaults(tuple(effects)))}
    return [{path: value for path, value in one.items() if path in known} for one in made], CALIBRATED


def of_priors(count: int, effects: Sequence[str], seed: int) -> list[dict[str, float]]:
    """Independent draws from every declared prior but those of conventions, kept within what may be set."""
    random = np.random.default_rng(seed)
    columns = {
        path: np.clip(_drawn(about, count, random), *about.bounds)
        for path, about in walk(defaults(tuple(effects)))
        if not isinstance(about.prior, Fixed)
    }
    return [{path: float(values[row]) for path, values in columns.items()} for row in range(count)]


def _drawn(about: About, count: int, random: np.random.Generator) -> np.ndarray:
    prior = about.prior
    if isinstance(prior, LogNormal):
        return prior.median * np.exp(prior.sd * random.normal(size=count))
    if isinstance(prior, Normal):
        return prior.mean + prior.sd * random.normal(size=count)
    assert isinstance(prior, Beta)
    return random.beta(prior.a, prior.b, size=count)
