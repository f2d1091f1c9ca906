"""Forecasts set against what followed: how often inside, and the continuous ranked probability score beside rivals."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from holdfast.forecasting import baselines
from holdfast.forecasting.observations import FORETOLD, GROUND, QUANTITIES, Key, Truth, areas
from holdfast.forecasting.result import Forecast

HORIZONS = {"1-3": (1, 3), "4-12": (4, 12), "13+": (13, 10_000)}
"""Months ahead, whole months counted from the day of the forecast."""
OURS = "forecast"


@dataclasses.dataclass(frozen=True)
class Mark:
    """How one month of one quantity was foretold by somebody."""

    side: str
    quantity: str
    horizon: int
    """Months ahead."""
    by: str
    """`forecast`, or a rival."""
    inside_90: float
    """Chance, over what is not known of the truth, that it lies inside."""
    inside_50: float
    crps: float
    """[men], for ground [km2]"""


def crps(foretold: Float[np.ndarray, sample], truth: Float[np.ndarray, level]) -> float:
    r"""$E|X - y| - \tfrac12 E|X - X'|$, in their unit, the mean over what the truth may be; 0 is perfect."""
    x = np.sort(np.asarray(foretold, float))
    n = len(x)
    spread = float((2 * np.arange(1, n + 1) - n - 1) @ x) / n**2
    return float(np.mean(np.abs(x[:, None] - truth[None, :]))) - spread


def marks(made: Forecast, truth: Mapping[Key, Truth]) -> list[Mark]:
    """A forecast's whole months that are known by now, its own marks and the rivals'."""
    found = []
    for side in made.sides:
        for quantity in (*QUANTITIES, GROUND):
            whole = np.flatnonzero(made.days == made.month_days)
            known = [month for month in whole if (side, quantity, made.months[month]) in truth]
            if not known:
                continue
            ours = made.samples(side, FORETOLD.get(quantity, quantity))
            theirs = _ground(made, side, truth) if quantity == GROUND else _rivals(made, side, quantity, whole)
            for month in known:
                likely = truth[side, quantity, made.months[month]].likely
                horizon = int(month - whole[0]) + 1
                everyone = {OURS: ours[:, month]} | {name: each[:, month] for name, each in theirs.items()}
                found += [
                    Mark(side, quantity, horizon, by, *_inside(values[np.isfinite(values)], likely))
                    for by, values in everyone.items()
                    if np.isfinite(values).sum() >= 2
                ]
    return found


def _rivals(made: Forecast, side: str, quantity: str, whole: np.ndarray) -> dict[str, np.ndarray]:
    """What each rival foretells, `[sample month]`; its first month is the first whole one."""
    foretold = FORETOLD.get(quantity, quantity)
    past, found = made.past(side, foretold), {}
    for number, (name, guess) in enumerate(baselines.RIVALS.items()):
        told = baselines.samples(guess, past, len(whole), seed=number)
        found[name] = np.full((len(told), len(made.days)), np.nan)
        found[name][:, whole] = told * (made.days[whole] if foretold != "strength" else 1.0)
    return found


def _ground(made: Forecast, side: str, truth: Mapping[Key, Truth]) -> dict[str, np.ndarray]:
    """What each rival foretells to be gained in all, from the gains of the whole months before the day."""
    area = areas(truth, side)
    past = np.diff([value for month, value in area.items() if month < made.as_of.replace(day=1)])
    steps = made.days / made.month_days
    return {
        name: baselines.gained(guess, past, steps, seed=number)
        for number, (name, guess) in enumerate(baselines.GAINS.items()) if len(past)
    }  # fmt: skip


def _inside(values: np.ndarray, likely: np.ndarray) -> tuple[float, float, float]:
    low, lower, upper, high = np.quantile(values, [0.05, 0.25, 0.75, 0.95])
    return (
        float(np.mean((likely >= low) & (likely <= high))), float(np.mean((likely >= lower) & (likely <= upper))),
        crps(values, likely),
    )  # fmt: skip


def table(found: Sequence[Mark]) -> list[dict[str, Any]]:
    """Rows by side, quantity and horizon (and all horizons): inside, CRPS, and the ratio to each rival's."""
    made = []
    for side, quantity in dict.fromkeys((one.side, one.quantity) for one in found):
        for name, (low, high) in (HORIZONS | {"all": (1, 10_000)}).items():
            chosen = [
                one for one in found
                if (one.side, one.quantity) == (side, quantity) and low <= one.horizon <= high
            ]  # fmt: skip
            if chosen:
                made.append({"side": side, "quantity": quantity, "horizon": name} | _row(chosen))
    return made


def _row(chosen: Sequence[Mark]) -> dict[str, Any]:
    by = {who: [one for one in chosen if one.by == who] for who in dict.fromkeys(one.by for one in chosen)}
    mean = lambda who, name: float(np.mean([getattr(one, name) for one in by[who]]))  # noqa: E731
    row: dict[str, Any] = {
        "months": len(by[OURS]), "inside_90": mean(OURS, "inside_90"), "inside_50": mean(OURS, "inside_50"),
        "crps": mean(OURS, "crps"),
    }  # fmt: skip
    for who in by:
        if who != OURS:
            row[who] = {
                "inside_90": mean(who, "inside_90"), "crps": mean(who, "crps"),
                "ratio": mean(OURS, "crps") / max(mean(who, "crps"), 1e-9),
            }  # fmt: skip
    return row


def outcomes(made: Forecast, truth: Mapping[Key, Truth]) -> dict[str, dict[str, Any]]:
    """Mass desertion and collapse by side: what was foretold, what came, and the Brier score.

    Nobody collapsed in the months of the table. Whether a tenth of an army left within half a year is itself not
    certain: the Brier score is the mean over both.
    """
    found: dict[str, dict[str, Any]] = {}
    for side in made.sides:
        last = max((month for name, what, month in truth if name == side and what == "mass_desertion"), default=None)
        if last is None or last < made.months[-1].replace(day=1):
            continue
        key = (side, "mass_desertion", made.months[-1].replace(day=1))
        came = {"collapse": 0.0} | ({"mass_desertion": truth[key].p50} if key in truth else {})
        found[side] = {}
        for name, chance in came.items():
            p = made.chance(side, name)["p"]
            found[side][name] = {
                "p": p, "came": chance, "brier": chance * (1 - p) ** 2 + (1 - chance) * p**2,
            }  # fmt: skip
    return found
