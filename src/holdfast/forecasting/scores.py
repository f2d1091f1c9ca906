"""Forecasts against what followed: interval coverage and CRPS beside the baselines', Brier scores of the outcomes. [IO]

What followed is the shipped table of months (`bench/forecast/truth.py`), each with its error.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Mapping, Sequence
from importlib import resources
from statistics import NormalDist

import numpy as np
from jaxtyping import Float

from holdfast.forecasting import projection
from holdfast.forecasting.projection import BASELINES
from holdfast.forecasting.result import (
    GROUND,
    MASS_DESERTION,
    BaselineScore,
    Forecast,
    ForecastScores,
    Key,
    MonthScore,
    Observation,
    OutcomeScores,
    ScoreRow,
)
from holdfast.forecasting.walk import WALK
from holdfast.stats.intervals import P90_P50, quantiles
from holdfast.stats.scoring import crps
from holdfast.tabular import source

OBSERVED = ("killed", "strength", "deserted", "killed_counted")
"""The quantities of the shipped table that are scored."""
AREA = "area"
"""Area that the first side held at a month's end, out of which the ground gained is worked out [km2]."""
ALREADY = 0.5
"""Mass desertion that had come before a forecast's day with a chance of more than this is not scored [1]."""
LABELS = {
    "killed": "killed", "strength": "strength", "deserted": "deserted", "killed_counted": "killed as others count",
    "mass_desertion": "mass desertion", GROUND: "ground gained",
}  # fmt: skip
"""The quantities in words."""
FORECAST_OF = {"killed_counted": "killed"}
"""Which forecast an observation is set against, where the names differ."""
LEVELS = (np.arange(9) + 0.5) / 9
"""Chances at which an observation's error is cut [1]."""
Z_READ = 1.645
"""Standard normal quantile by which an observation's 90 % interval is read; to four digits, as the scores were defined [1]."""
HORIZONS = {"1-3": (1, 3), "4-12": (4, 12), "13+": (13, 10_000)}
"""Months ahead, whole months counted from the day of the forecast."""
OURS = "forecast"
"""What the model is called among the forecasters."""


# --- What followed.


def shipped_observations(name: str) -> dict[Key, Observation]:
    """What followed in a war, as the package ships it.

    Args:
        name: of its table of claims, as `russia_ukraine`.

    Returns:
        The observations by side, quantity and month; none where no table is shipped.
    """
    path = resources.files("holdfast.forecasting") / "shipped" / f"{name}.csv"
    rows = [row for _, row in source.records(path.read_text(encoding="utf8"))] if path.is_file() else []
    return {
        (row["side"], row["quantity"], dt.date.fromisoformat(row["month"])): Observation(
            float(row["p05"]), float(row["p50"]), float(row["p95"]), row["source"]
        )
        for row in rows
    }


def last_month(observations: Mapping[Key, Observation]) -> dt.date | None:
    """The last month of which anything is known.

    Args:
        observations: by side, quantity and month.

    Returns:
        Its first day, or `None` without any.
    """
    return max((month for _, _, month in observations), default=None)


def likely(observation: Observation) -> Float[np.ndarray, level]:
    """Equally likely values that stand for an observation: two halves of a normal on the log scale, or the one value.

    Args:
        observation: with its 90 % interval.

    Returns:
        As many values as `LEVELS` has, in the observation's unit.
    """
    if observation.p05 == observation.p95:
        return np.full(len(LEVELS), observation.p50)
    z = np.array([NormalDist().inv_cdf(level) for level in LEVELS])
    low, middle, high = (np.log(max(value, 1e-9)) for value in (observation.p05, observation.p50, observation.p95))
    spread = np.where(z < 0, middle - low, high - middle) / Z_READ
    return np.asarray(np.exp(middle + spread * z))


def areas(observations: Mapping[Key, Observation], side: str) -> dict[dt.date, float]:
    """Area that a side held at the end of each month.

    Args:
        observations: by side, quantity and month.
        side: name of the army.

    Returns:
        By the month's first day, in order [km2].
    """
    held = {month: each.p50 for (name, what, month), each in observations.items() if (name, what) == (side, AREA)}
    return dict(sorted(held.items()))


def late_gain(observations: Mapping[Key, Observation], side: str, as_of: dt.date) -> float:
    """Ground that a side gained a day of late: a mean of whole months, each of which weighs `fade` of the next.

    Args:
        observations: by side, quantity and month.
        side: name of the army.
        as_of: the day.

    Returns:
        The gain [km2/d]; NaN where no month's is known.
    """
    known = [(month, area) for month, area in areas(observations, side).items() if month < as_of.replace(day=1)]
    if len(known) < 2:
        return float("nan")
    days = [calendar.monthrange(month.year, month.month)[1] for month, _ in known[1:]]
    gains = np.diff([area for _, area in known]) / days
    return float(np.average(gains, weights=WALK["fade"].value ** np.arange(len(gains))[::-1]))


def ground_gained(observations: Mapping[Key, Observation], side: str, as_of: dt.date) -> dict[Key, Observation]:
    """Ground that a side has gained since a day by each later month's end.

    Args:
        observations: by side, quantity and month.
        side: name of the army.
        as_of: the day; its area is on the straight line between two months' ends.

    Returns:
        The gains as observations without error; none where the day's area is not known.
    """
    area, this = areas(observations, side), as_of.replace(day=1)
    before = (this - dt.timedelta(days=1)).replace(day=1)
    if this not in area or before not in area:
        return {}
    days = calendar.monthrange(this.year, this.month)[1]
    begin = area[before] + (area[this] - area[before]) * as_of.day / days
    origin = observations[side, AREA, this].source
    return {
        (side, GROUND, month): Observation(value - begin, value - begin, value - begin, origin)
        for month, value in area.items() if month >= this
    }  # fmt: skip


# --- The scores.


def score(forecast: Forecast) -> ForecastScores | None:
    """Score a forecast against its observations.

    Args:
        forecast: with the observations of what followed.

    Returns:
        The scores, or `None` where none of its whole months is known by now.
    """
    months = month_scores(forecast)
    return ForecastScores(tuple(months), tuple(score_table(months)), _outcome_scores(forecast)) if months else None


def month_scores(forecast: Forecast) -> list[MonthScore]:
    """Scores of the whole months that are known by now.

    Args:
        forecast: with the observations of what followed.

    Returns:
        Month by month, the forecast's and the baselines'.
    """
    scores, observations = [], forecast.observations
    for side in forecast.sides:
        for quantity in (*OBSERVED, GROUND):
            whole = np.flatnonzero(forecast.days == forecast.month_days)
            known = [month for month in whole if (side, quantity, forecast.months[month]) in observations]
            if not known:
                continue
            ours = forecast.samples(side, FORECAST_OF.get(quantity, quantity))
            others = baselines(forecast, side, FORECAST_OF.get(quantity, quantity))
            for month in known:
                values = likely(observations[side, quantity, forecast.months[month]])
                samples = {OURS: ours[:, month]} | {name: each[:, month] for name, each in others.items()}
                scores += [
                    MonthScore(side, quantity, int(month - whole[0]) + 1, by, **_scored(drawn, values))
                    for by, each in samples.items()
                    if len(drawn := each[np.isfinite(each)]) >= 2
                ]
    return scores


def baselines(forecast: Forecast, side: str, quantity: str) -> dict[str, np.ndarray]:
    """What each baseline predicts.

    Args:
        forecast: with what was known on its day.
        side: name of the army.
        quantity: that is forecast.

    Returns:
        Samples by baseline, `[sample month]`; none of ground where no area is known.
    """
    if quantity == GROUND:
        gains, steps = gains_before(forecast, side), forecast.days / forecast.month_days
        return {
            name: projection.gain_samples(guess, gains, steps, seed=number)
            for number, (name, guess) in enumerate(projection.GAIN_BASELINES.items()) if len(gains)
        }  # fmt: skip
    past, days = forecast.past(side, quantity), forecast.days
    # The first whole month is one month ahead; what is left of the month before it is foretold as it is.
    first = int(np.argmax(days == forecast.month_days))
    lags = np.maximum(np.arange(len(days)) - first, 0)
    size = days if quantity != "strength" else np.ones(len(days))
    return {
        name: projection.baseline_samples(guess, past, int(lags[-1]) + 1, seed=number)[:, lags] * size
        for number, (name, guess) in enumerate(BASELINES.items())
    }


def gains_before(forecast: Forecast, side: str) -> Float[np.ndarray, month]:
    """Ground gained in each whole month before the day.

    Args:
        forecast: with the areas that were observed.
        side: name of the army.

    Returns:
        The gains in order [km2]; none where no area is known.
    """
    held = areas(forecast.observations, side).items()
    return np.diff([value for month, value in held if month < forecast.as_of.replace(day=1)])


def _scored(samples: np.ndarray, values: np.ndarray) -> dict[str, float]:
    """Coverage of both intervals and CRPS of samples against equally likely values."""
    low, lower, upper, high = np.quantile(samples, [0.05, 0.25, 0.75, 0.95])
    return {
        "inside_90": float(np.mean((values >= low) & (values <= high))),
        "inside_50": float(np.mean((values >= lower) & (values <= upper))),
        "crps": crps(samples, values),
    }


def score_table(scores: Sequence[MonthScore]) -> list[ScoreRow]:
    """Mean scores by side, quantity and horizon.

    Args:
        scores: of single months.

    Returns:
        A row for each range of horizons and for all of them, with the ratio of our CRPS to each baseline's.
    """
    rows = []
    for side, quantity in dict.fromkeys((each.side, each.quantity) for each in scores):
        for name, (low, high) in (HORIZONS | {"all": (1, 10_000)}).items():
            chosen = [
                each for each in scores
                if (each.side, each.quantity) == (side, quantity) and low <= each.horizon <= high
            ]  # fmt: skip
            if chosen:
                rows.append(ScoreRow(side=side, quantity=quantity, horizon=name, **_means(chosen)))  # type: ignore[typeddict-item]
    return rows


def _means(chosen: Sequence[MonthScore]) -> ScoreRow:
    """Mean scores of some months, the baselines' beside ours."""
    by = {who: [each for each in chosen if each.by == who] for who in dict.fromkeys(each.by for each in chosen)}
    mean = lambda who, name: float(np.mean([getattr(each, name) for each in by[who]]))  # noqa: E731
    row = ScoreRow(
        months=len(by[OURS]), inside_90=mean(OURS, "inside_90"), inside_50=mean(OURS, "inside_50"),
        crps=mean(OURS, "crps"),
    )  # fmt: skip
    for who in BASELINES:
        if who in by:
            row[who] = BaselineScore(  # type: ignore[literal-required]
                inside_90=mean(who, "inside_90"), crps=mean(who, "crps"),
                ratio=mean(OURS, "crps") / max(mean(who, "crps"), 1e-9),
            )  # fmt: skip
    return row


def mass_desertion_after(seen: Mapping[Key, Observation], side: str, as_of: dt.date, end: dt.date) -> float | None:
    """The chance that mass desertion came after a day, if it had not come before.

    Args:
        seen: what followed.
        side: name of the army.
        as_of: the day.
        end: first day of the last month.

    Returns:
        The chance [1]; `None` where nothing is known, or where it had come before with a chance of more than `ALREADY`.
    """
    by_end, by_then = (seen.get((side, MASS_DESERTION, month)) for month in (end, as_of.replace(day=1)))
    if by_end is None:
        return None
    already = by_then.p50 if by_then else 0.0
    return max(by_end.p50 - already, 0.0) / (1 - already) if already <= ALREADY else None


def _outcome_scores(forecast: Forecast) -> OutcomeScores:
    """Mass desertion and collapse of the sides whose last month is known.

    Nobody collapsed in the months of the table. Whether a tenth of an army left within half a year is itself not
    certain: the Brier score is the mean over both.
    """
    scores: dict[str, dict[str, dict[str, float]]] = {}
    end = forecast.months[-1].replace(day=1)
    for side in forecast.sides:
        known = [month for name, what, month in forecast.observations if (name, what) == (side, MASS_DESERTION)]
        if not known or max(known) < end:
            continue
        mass = mass_desertion_after(forecast.observations, side, forecast.as_of, end)
        scores[side] = {}
        for name, came in ({"collapse": 0.0} | ({} if mass is None else {MASS_DESERTION: mass})).items():
            p = forecast.chance(side, name)["p"]
            scores[side][name] = {"p": p, "came": came, "brier": came * (1 - p) ** 2 + (1 - came) * p**2}
    return scores


# --- What a ledger keeps of the baselines.


def baseline_bands(forecast: Forecast) -> dict[str, dict[str, dict[str, list[dict[str, object]]]]]:
    """What each baseline says of the whole months ahead, from what was known on the day.

    Args:
        forecast: of both armies.

    Returns:
        By side, quantity and baseline: a row for each whole month, its name and the levels of `P90_P50` [men], of ground [km2].
        Ground has none where its past is not known on the day.
    """
    whole = np.flatnonzero(forecast.days == forecast.month_days)
    return {
        side: {
            quantity: {
                name: [
                    {"month": f"{forecast.months[month]:%Y-%m}"}
                    | {level: round(value) for level, value in quantiles(samples[:, month], P90_P50).items()}
                    for month in whole
                ]
                for name, samples in baselines(forecast, side, quantity).items()
            }
            for quantity in forecast.quantities(side)
        }
        for side in (forecast.sides if len(whole) else ())
    }
