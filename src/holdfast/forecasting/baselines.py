"""Two naive forecasts, each with bands out of its own past errors: the last month persists, and a straight line goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from jaxtyping import Float

SAMPLES = 400
TREND_MONTHS = 12
"""Months that the line is laid through."""
FEWEST = 4
"""Past errors of a lag that are enough to tell its size."""
FLOOR = 0.1
"""Of the last month: a line that falls is not followed below."""
LEAST_SPREAD = 0.02
"""A rival that was never wrong is still not certain, log scale."""

Series = Float[np.ndarray, "month"]
Guess = Callable[[Series, int], float]


def persists(past: Series, lag: int) -> float:
    """The last month again."""
    del lag
    return float(past[-1])


def line(past: Series, lag: int) -> float:
    """The straight line through the last year, `lag` months on."""
    taken = past[-TREND_MONTHS:]
    if len(taken) < 3:
        return float(past[-1])
    slope, start = np.polyfit(np.arange(len(taken)), taken, 1)
    return float(start + slope * (len(taken) - 1 + lag))


def trend(past: Series, lag: int) -> float:
    """The same, not followed down to nothing."""
    return max(line(past, lag), FLOOR * float(past[-1]))


RIVALS: Mapping[str, Guess] = {"persists": persists, "trend": trend}
GAINS: Mapping[str, Guess] = {"persists": persists, "trend": line}
"""The same for gains, which may be losses."""


def samples(guess: Guess, past: Series, lags: int, seed: int) -> Float[np.ndarray, "sample lag"]:
    """What a rival foretells for 1 to `lags` months on: its guess, and errors as wide as its past ones of that lag.

    Lags longer than the past allows have the last known width, growing with the root of the lag.
    """
    normal = np.random.default_rng(seed).normal(size=SAMPLES)
    made, width, known_lag = [], LEAST_SPREAD, 1
    for lag in range(1, lags + 1):
        errors = [
            np.log(past[at + lag] / max(guess(past[: at + 1], lag), 1e-9))
            for at in range(2, len(past) - lag)
        ]  # fmt: skip
        if len(errors) >= FEWEST:
            width, known_lag = max(float(np.sqrt(np.mean(np.square(errors)))), LEAST_SPREAD), lag
        wide = width * np.sqrt(lag / known_lag)
        made.append(guess(past, lag) * np.exp(wide * normal))
    return np.stack(made, axis=1)


def gained(guess: Guess, past: Series, steps: Series, seed: int) -> Float[np.ndarray, "sample month"]:
    """What a rival foretells to have been gained in all by each month's end, from the gains of past months.

    `steps` are the months' parts that are foretold. Errors are added, not multiplied: gains have no sign.
    """
    normal = np.random.default_rng(seed).normal(size=SAMPLES)
    total = lambda at, lags: sum(guess(past[: at + 1], lag) for lag in range(1, lags + 1))  # noqa: E731
    made, sum_to, width, known_lag = [], 0.0, 1.0, 1
    for lag, step in enumerate(steps, 1):
        errors = [past[at + 1 : at + 1 + lag].sum() - total(at, lag) for at in range(2, len(past) - lag)]
        if len(errors) >= FEWEST:
            width, known_lag = max(float(np.sqrt(np.mean(np.square(errors)))), 1.0), lag
        sum_to += step * guess(past, lag)
        made.append(sum_to + width * np.sqrt(lag / known_lag) * normal)
    return np.stack(made, axis=1)
