"""A forecast: both armies month by month, as draws, with the chances that either breaks."""

from __future__ import annotations

import calendar as calendars
import dataclasses
import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from holdfast.forecasting.as_of import Known
from holdfast.forecasting.paths import Fought
from holdfast.forecasting.projection import LEAST_DAYS, Ahead

LEVELS = {"p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}
LEAST_RUNS = 10
"""Runs in which the war still goes on, at least, for a band of exits."""
QUANTITIES = ("killed", "strength", "deserted")
GROUND = "ground"
"""Gained by the first side since the day of the forecast [km2]; what it gains the second loses."""
AT_END = ("strength", GROUND)
"""Told as it stands at the end of a month or quarter; the rest are sums."""
Z = 1.6448536
"""Of a 90 % interval."""
CAVEATS = (
    "This is not a forecast that was made on its date. The program, its priors and the kinds of error that it grants to "
    "claimants were written in 2026 by people who knew this war; only claims, series and events are cut off at the date.",
    "The engine's parameters are from armies that were coded with hindsight, by one coder.",
    "What a case says once for all (kinds of soldier, regime, trust) is as its file has it, wherever its source is later.",
    "The pressures stand still at their values of the date. What is not known of them is in the drift of desertion alone.",
    "Deserters are gross and count a man each time; truths of desertion are what the evidence of today makes of cases.",
)


@dataclasses.dataclass(frozen=True)
class Forecast:
    """What was foretold."""

    case: str
    case_hash: str
    as_of: dt.date
    until: dt.date
    known: Known
    ahead: Mapping[str, Ahead]
    fought: Fought
    parameters: str
    """Where the engine's parameters are from."""
    seed: int
    men_per_billet: int

    @property
    def sides(self) -> tuple[str, ...]:
        """Names."""
        return tuple(self.ahead)

    @property
    def months(self) -> tuple[dt.date, ...]:
        """First day of each month; the first may lack its beginning, the last its end."""
        return next(iter(self.ahead.values())).months

    @property
    def days(self) -> Float[np.ndarray, month]:
        """Days of each month that are foretold."""
        return next(iter(self.ahead.values())).days

    @property
    def month_days(self) -> Float[np.ndarray, month]:
        """Days of each whole month."""
        return np.array([calendars.monthrange(month.year, month.month)[1] for month in self.months], float)

    @property
    def runs(self) -> int:
        """Runs of the engine."""
        return len(self.fought.draws)

    def quantities(self, side: str) -> tuple[str, ...]:
        """What is foretold of a side."""
        return (*QUANTITIES, GROUND) if side == self.sides[0] else QUANTITIES

    def samples(self, side: str, quantity: str) -> Float[np.ndarray, "sample month"]:
        """Draws: men a month; strength and ground at its end. Deserters and ground are those of runs, deserters NaN once
        the war is over."""
        ahead = self.ahead[side]
        if quantity == GROUND:
            return self.fought.ground
        if quantity == "strength":
            return ahead.strength[:, 1:]
        if quantity != "deserted":
            return np.asarray(ahead.flows[quantity])
        rate = _smooth(self.fought.exits[:, self.sides.index(side)], self.days)
        strength = ahead.strength[self.fought.draws]
        return rate / 1000 * (strength[:, :-1] + strength[:, 1:]) / 2 * self.days / 30.44

    def past(self, side: str, quantity: str) -> Float[np.ndarray, month]:
        """The months before, as they were known: medians of men a day, the strength at the end."""
        one = self.known.sides[side]
        usable = one.days >= min(LEAST_DAYS, one.days.max())
        values = one.strength[:, 1:] if quantity == "strength" else one.a_day(quantity)
        return np.asarray(np.median(values[:, usable], axis=0))

    def chance(self, side: str, outcome: str) -> dict[str, float]:
        """Share of the runs with `mass_desertion` or `collapse`, with Wilson's 90 % interval of so many runs."""
        came = int((getattr(self.fought, outcome)[:, self.sides.index(side)] >= 0).sum())
        low, high = wilson(came, self.runs)
        return {"p": came / self.runs, "p05": low, "p95": high, "runs": self.runs}

    def numbers(self) -> dict[str, Any]:
        """By side: each month's bands, and the chances."""
        return {
            side: {
                "months": [
                    {"month": f"{month:%Y-%m}", "days": int(self.days[number])}
                    | {name: _bands(self.samples(side, name)[:, number]) for name in self.quantities(side)}
                    for number, month in enumerate(self.months)
                ],
                "quarters": self.quarters(side),
                "p_mass_desertion": self.chance(side, "mass_desertion"),
                "p_collapse": self.chance(side, "collapse"),
            }
            for side in self.sides
        }  # fmt: skip

    def quarters(self, side: str) -> list[dict[str, Any]]:
        """Sums of each quarter's killed and deserted, strength and ground at its end."""
        names = [f"{month.year} Q{(month.month - 1) // 3 + 1}" for month in self.months]
        made = []
        for name in dict.fromkeys(names):
            rows = [number for number, one in enumerate(names) if one == name]
            one: dict[str, Any] = {"quarter": name, "days": int(self.days[rows].sum())}
            for quantity in self.quantities(side):
                draws = self.samples(side, quantity)[:, rows]
                one[quantity] = _bands(draws[:, -1] if quantity in AT_END else draws.sum(axis=1))
            made.append(one)
        return made

    def about(self) -> dict[str, Any]:
        """What decides the numbers."""
        return {
            "case": self.case, "case_hash": self.case_hash, "as_of": str(self.as_of), "until": str(self.until),
            "claims": self.known.claims, "posterior_hash": self.known.digest, "parameters": self.parameters,
            "runs": self.runs, "draws_put_aside": self.fought.aside, "seed": self.seed,
            "men_per_billet": self.men_per_billet,
        }  # fmt: skip


def _bands(draws: np.ndarray) -> dict[str, float] | None:
    """Five levels, in whole men or km2; none where too few runs say anything."""
    left = draws[np.isfinite(draws)]
    if len(left) < min(LEAST_RUNS, len(draws)) or not len(left):
        return None
    return {
        name: float(round(value)) for name, value in zip(LEVELS, np.quantile(left, list(LEVELS.values())), strict=True)
    }


def wilson(came: int, of: int) -> tuple[float, float]:
    """Wilson's 90 % interval of a share."""
    share, square = came / of, Z**2 / of
    middle = (share + square / 2) / (1 + square)
    half = Z / (1 + square) * math.sqrt(share * (1 - share) / of + square / 4 / of)
    return max(0.0, middle - half), min(1.0, middle + half)


def _smooth(rate: np.ndarray, days: Sequence[float] | np.ndarray) -> np.ndarray:
    """Rates over three months: in one month of a coarse run there are few billets to desert."""
    weight = np.where(np.isfinite(rate), np.asarray(days, float), 0.0)
    men = np.where(np.isfinite(rate), rate, 0.0) * weight
    three = lambda x: x + np.pad(x, ((0, 0), (1, 0)))[:, :-1] + np.pad(x, ((0, 0), (0, 1)))[:, 1:]  # noqa: E731
    return np.where(np.isfinite(rate), three(men) / np.maximum(three(weight), 1e-9), np.nan)
