"""The pool of forecasts that is published: its components, the weights that past forecasts of theirs earned, and its draws. [IO]

Components of each quantity are the engine's runs, the walk, and the two baselines. The CRPS of a linear pool is quadratic
in its weights `w`, with `a_i` the mean distance of component i from what came and `A_ij` that of i from j:

    CRPS(w) = sum_i w_i a_i - 1/2 sum_ij w_i w_j A_ij

so the weights under which past forecasts would have done best are those of a small convex problem, solved exactly. Past
forecasts are those of earlier days, kept as quantiles in a shipped table (`bench/forecast/past.py`); what came is what is
known on the day of the forecast and no later. The declared weights count as if what came had been a draw from the pool of
theirs for `worth` months more. Weights are the same for all months ahead, so that a draw is one course of the war.
"""

from __future__ import annotations

import calendar
import dataclasses
import datetime as dt
import itertools
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources

import numpy as np
from jaxtyping import Float

from holdfast.core.params import About, Fixed
from holdfast.forecasting import projection, scores
from holdfast.forecasting.result import ENGINE, GROUND, QUANTITIES, WALK, Forecast
from holdfast.tabular import source

SAMPLES = 2000
"""Draws of a pool."""
LEVELS = (np.arange(5) + 0.5) / 5
"""Chances at which a past forecast is kept: five equally likely values [1]."""
AHEAD = (1, 2, 3, 6, 9, 12, 15, 18, 21, 24)
"""Whole months ahead that past forecasts are kept for: neighbours err together."""
QUARTER = 3.0
"""Months that a past forecast counts as: the next one is a quarter later, and its own months err together."""

_HOW = "assumed after the first scores of the walk were in sight: weight without any past forecast"


def _weight(value: float) -> About:
    return About(value, "1", Fixed(), "losses", _HOW)


WEIGHTS: dict[str, dict[str, About]] = {
    "killed": {WALK: _weight(2 / 3), "persists": _weight(1 / 3), "trend": _weight(0.0)},
    "strength": {WALK: _weight(2 / 3), "persists": _weight(1 / 3), "trend": _weight(0.0)},
    "deserted": {ENGINE: _weight(0.5), WALK: _weight(0.5), "persists": _weight(0.0), "trend": _weight(0.0)},
    GROUND: {ENGINE: _weight(0.2), WALK: _weight(0.5), "persists": _weight(0.3), "trend": _weight(0.0)},
}
"""The declared weights by quantity and component. A straight line has none: its errors grow without end, and a damped slope
is in the walk. Of deserters persistence has none: its errors are those of medians that are smooth because nobody counts."""
WORTH = About(
    24.0, "months", Fixed(), "losses", "assumed after the first scores of the walk were in sight: what they are worth"
)

Values = Mapping[str, Float[np.ndarray, "sample month"]]
"""Samples by component."""


@dataclasses.dataclass(frozen=True)
class PastMonth:
    """What each component said of one month on an earlier day."""

    as_of: dt.date  # the day
    side: str  # the army
    quantity: str  # as `killed`
    month: dt.date  # first day of the month
    values: Mapping[str, Float[np.ndarray, level]]  # by component: equally likely values


def shipped_past(name: str) -> tuple[PastMonth, ...]:
    """What the components said on earlier days, as the package ships it.

    Args:
        name: of a war's table of claims, as `russia_ukraine`.

    Returns:
        The months that were foretold; none where no table is shipped.
    """
    path = resources.files("holdfast.forecasting") / "shipped" / f"{name}_past.csv"
    rows = [row for _, row in source.records(path.read_text(encoding="utf8"))] if path.is_file() else []
    day = dt.date.fromisoformat
    return tuple(
        PastMonth(
            day(row["as_of"]), row["side"], row["quantity"], day(row["month"]),
            {
                name: np.array([float(each) for each in row[name].split()])
                for name in (ENGINE, WALK, *projection.BASELINES) if row[name]
            },
        )
        for row in rows
    )  # fmt: skip


def past_months(forecast: Forecast) -> list[PastMonth]:
    """What the components say of the months ahead, as the table of past forecasts keeps it.

    Args:
        forecast: made on the day.

    Returns:
        A row for each whole month that is one of `AHEAD`.
    """
    whole = np.flatnonzero(forecast.days == forecast.month_days)
    whole = whole[[ahead - 1 for ahead in AHEAD if ahead <= len(whole)]]
    return [
        PastMonth(
            forecast.as_of, side, quantity, forecast.months[month],
            {name: np.quantile(drawn, LEVELS) for name, each in parts.items() if len(drawn := _finite(each[:, month])) > 1},
        )
        for side, quantity, parts in components(forecast) for month in whole
    ]  # fmt: skip


def _finite(values: np.ndarray) -> np.ndarray:
    return values[np.isfinite(values)]


def components(forecast: Forecast) -> Iterable[tuple[str, str, Values]]:
    """The components of each pool.

    Args:
        forecast: with the engine's runs, or with none.

    Yields:
        Side, quantity and samples by component, for all months ahead.
    """
    for side in forecast.sides:
        for quantity in forecast.quantities(side):
            rivals = scores.baselines(forecast, side, quantity)
            parts = {ENGINE: forecast.engine(side, quantity), WALK: forecast.walk(side, quantity)} | rivals
            yield side, quantity, {name: each for name, each in parts.items() if each is not None and len(each) > 1}


# --- The weights.


def weights(forecast: Forecast, past: Sequence[PastMonth]) -> dict[str, dict[str, float]]:
    """The weights of the components, from what they said on earlier days and what is known of it on this one.

    Args:
        forecast: the forecast.
        past: what the components said on earlier days; rows of this day and later ones are not used.

    Returns:
        By quantity and component [1].
    """
    learnt, truths = {}, known_truths(forecast)
    has: dict[str, set[str]] = {}
    for _, quantity, parts in components(forecast):
        has.setdefault(quantity, set()).update(parts)
    for quantity, names in has.items():
        prior = {name: about.value for name, about in WEIGHTS[quantity].items() if name in names}
        total = sum(prior.values())
        prior = {name: value / total for name, value in prior.items()}
        said = [
            row for row in past
            if row.quantity == quantity and row.as_of < forecast.as_of and set(prior) <= set(row.values)
        ]  # fmt: skip
        learnt[quantity] = _best(_distances(said, list(prior), truths), prior)
    return learnt


def known_truths(forecast: Forecast) -> dict[tuple[str, str, dt.date], np.ndarray]:
    """What is known on the day of the whole months before it, as equally likely values.

    Args:
        forecast: with the evidence of its day.

    Returns:
        By side, quantity and month; of ground the area held at the month's end [km2].
    """
    truths, reached = {}, forecast.newest
    for side, known in forecast.evidence.sides.items():
        for quantity in QUANTITIES:
            values = known.strength[:, 1:] if quantity == "strength" else known.flows[quantity]
            cut = np.quantile(values, scores.LEVELS, axis=0)
            for number, month in enumerate(known.months):
                length = calendar.monthrange(month.year, month.month)[1]
                # A month that no claim reaches is a guess itself, and teaches nothing of guesses.
                if known.days[number] == length and month + dt.timedelta(days=length - 1) <= reached.get(
                    side, forecast.as_of
                ):
                    truths[side, quantity, month] = cut[:, number]
    side = forecast.sides[0]
    for month, area in scores.areas(forecast.observations, side).items():
        if month < forecast.as_of.replace(day=1):
            truths[side, GROUND, month] = np.array([area])
    return truths


@dataclasses.dataclass(frozen=True)
class Distances:
    """Mean distances over the months of past forecasts, each forecast in units of its best component's."""

    truth: Float[np.ndarray, component]  # of each component from what came
    apart: Float[np.ndarray, "component component"]  # of the components from one another
    months: float  # months that the forecasts are worth


def _distances(
    rows: Sequence[PastMonth], names: Sequence[str], truths: Mapping[tuple[str, str, dt.date], np.ndarray]
) -> Distances | None:
    """Distances of components; `None` where nothing of what they foretold is known."""
    by_forecast: dict[tuple[dt.date, str], list[tuple[np.ndarray, np.ndarray]]] = {}
    for row in rows:
        came = _came(row, truths)
        if came is not None:
            values = np.stack([row.values[name] for name in names])
            truth = np.abs(values[:, :, None] - came).mean(axis=(1, 2))
            apart = np.abs(values[:, None, :, None] - values[None, :, None, :]).mean(axis=(2, 3))
            by_forecast.setdefault((row.as_of, row.side), []).append((truth, apart))
    if not by_forecast:
        return None
    truth, apart = np.zeros(len(names)), np.zeros((len(names), len(names)))
    for months in by_forecast.values():
        one, other = (np.mean(each, axis=0) for each in zip(*months, strict=True))
        truth, apart = truth + one / one.min(), apart + other / one.min()
    count = len(by_forecast)
    origins = len({as_of for as_of, _ in by_forecast})  # both sides' errors of one day are not two lessons
    return Distances(truth / count, apart / count, QUARTER * origins)


def _came(row: PastMonth, truths: Mapping[tuple[str, str, dt.date], np.ndarray]) -> np.ndarray | None:
    """What came of a month, as far as it is known; of ground what was gained since the day of the past forecast."""
    came = truths.get((row.side, row.quantity, row.month))
    if row.quantity != GROUND or came is None:
        return came
    this = row.as_of.replace(day=1)
    before = (this - dt.timedelta(days=1)).replace(day=1)
    edges = [truths.get((row.side, GROUND, month)) for month in (before, this)]
    if edges[0] is None or edges[1] is None:
        return None
    days = calendar.monthrange(this.year, this.month)[1]
    return np.asarray(came - edges[0] - (edges[1] - edges[0]) * row.as_of.day / days)


def _best(distances: Distances | None, prior: Mapping[str, float]) -> dict[str, float]:
    """The best weights, drawn towards the declared ones."""
    if distances is None:
        return dict(prior)
    declared = np.array(list(prior.values()))
    linear = distances.months * distances.truth + WORTH.value * distances.apart @ declared
    best = least(linear, (distances.months + WORTH.value) * distances.apart)
    return {name: float(value) for name, value in zip(prior, best, strict=True)}


def least(
    linear: Float[np.ndarray, component], apart: Float[np.ndarray, "component component"]
) -> Float[np.ndarray, component]:
    """Weights, none below 0 and 1 in all, at which `linear @ w - w @ apart @ w / 2` is least.

    Each set of components that may have a weight is tried: of four there are fifteen.

    Args:
        linear: the linear part.
        apart: mean distances between components.

    Returns:
        The weights [1].
    """
    size = len(linear)
    best, lowest = np.eye(size)[int(np.argmin(linear - np.diag(apart) / 2))], np.inf
    for count in range(1, size + 1):
        for rows in itertools.combinations(range(size), count):
            system = np.ones((count + 1, count + 1))
            system[:count, :count], system[count, count] = -apart[np.ix_(rows, rows)], 0.0
            part = np.linalg.lstsq(system, np.append(-linear[list(rows)], 1.0), rcond=None)[0][:count]
            if (part < -1e-9).any() or part.sum() <= 0:
                continue
            weight = np.zeros(size)
            weight[list(rows)] = np.maximum(part, 0.0)
            weight /= weight.sum()
            value = float(linear @ weight - weight @ apart @ weight / 2)
            if value < lowest:
                best, lowest = weight, value
    return best


# --- The pool.


def with_ground(forecast: Forecast) -> Forecast:
    """A forecast with the walk of ground, where areas of the months before are known.

    Args:
        forecast: of both armies.

    Returns:
        The same, with what the first side gains by the walk alone.
    """
    gains = scores.gains_before(forecast, forecast.sides[0])
    if not len(gains):
        return forecast
    path = projection.ground(gains, forecast.projections, forecast.days / forecast.month_days, forecast.seed)
    return dataclasses.replace(forecast, ground_walk=path)


def pooled(forecast: Forecast, past: Sequence[PastMonth]) -> Forecast:
    """A forecast whose samples are draws from the pool.

    Args:
        forecast: with its components alone.
        past: what the components said on earlier days.

    Returns:
        The same with the pool's draws and weights.
    """
    earned = weights(forecast, past)
    draws: dict[str, dict[str, np.ndarray]] = {}
    for side, quantity, parts in components(forecast):
        draws.setdefault(side, {})[quantity] = pool(parts, earned[quantity])
    return dataclasses.replace(forecast, pooled=draws, weights=earned)


def pool(parts: Values, weight: Mapping[str, float]) -> Float[np.ndarray, "sample month"]:
    """Draws from a linear pool: of each component as many as its weight says, evenly out of all of its own.

    Args:
        parts: samples by component.
        weight: of each [1].

    Returns:
        `SAMPLES` draws, the components one after the other.
    """
    ends = np.rint(np.cumsum([weight[name] for name in weight]) * SAMPLES).astype(int)
    counts = np.diff(np.concatenate([[0], ends]))
    rows = [
        parts[name][((np.arange(count) + 0.5) * len(parts[name]) / count).astype(int)]
        for name, count in zip(weight, counts, strict=True) if count
    ]  # fmt: skip
    return np.concatenate(rows)
