"""What the model is measured against: two ways to foretell a claim that know of no war, no definitions, no lineages.

Both see a claim as its table row has it: side, quantity as written, date, claimant's type. Their spread is Student, with its
scale learnt from the training claims; so is what they say of a claim whose series has no other.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from scipy import stats

from holdfast.evidence import design
from holdfast.evidence.claims.table import Claim

DEGREES = 4
NEAREST = 5


@dataclasses.dataclass(frozen=True)
class Forecast:
    """A Student distribution of the logarithm of a claim."""

    middle: float
    scale: float

    def log_density(self, value: float) -> float:
        return float(stats.t.logpdf(np.log(value), DEGREES, self.middle, self.scale))

    def inside(self, value: float, share: float = 0.9) -> bool:
        return abs(np.log(value) - self.middle) / self.scale < stats.t.ppf(0.5 + share / 2, DEGREES)


def form(claim: Claim) -> str:
    """Totals since a start, stocks of a day and flows of a window are not compared with one another."""
    if claim.counts == "strength" or claim.basis == "stock":
        return "stock"
    return "total" if claim.basis == "cumulative" else "flow"


def series(claim: Claim) -> tuple[str, str, str]:
    return claim.side, claim.quantity, form(claim)


def level(claim: Claim) -> float:
    """Logarithm of the total, or of the flow a month."""
    value = np.log(design.total(claim, claim.value))
    return float(value - (np.log(span(claim) / 30.4) if form(claim) == "flow" else 0.0))


def span(claim: Claim) -> float:
    return (claim.as_of_date - claim.period_start).days + 1.0


def when(claim: Claim, first: int) -> float:
    """Months since the war began: at the end of a total, in the middle of a window."""
    middle = span(claim) / 2 if form(claim) == "flow" else 0.0
    return max((claim.as_of_date.toordinal() - first - middle) / 30.4, 0.3)


def to_log_value(claim: Claim, of_level: float) -> float:
    return of_level + (np.log(span(claim) / 30.4) if form(claim) == "flow" else 0.0)


def nearest(training: Sequence[Claim], held: Sequence[Claim], first: int) -> list[Forecast]:
    """(a) The median of the five training claims nearest in time, each moved along its series' own trend."""
    groups: dict[tuple[str, str, str], list[Claim]] = {}
    for claim in training:
        groups.setdefault(series(claim), []).append(claim)
    residuals, models = [], {}
    for name, claims in groups.items():
        time = np.log([when(claim, first) for claim in claims])
        value = np.array([level(claim) for claim in claims])
        slope = stats.theilslopes(value, time).slope if len(claims) >= 4 and np.ptp(time) > 0.5 else 0.0
        own = [
            value[row] - near(np.delete(time, row), np.delete(value, row), slope, time[row])
            for row in range(len(claims)) if len(claims) > 1
        ]  # fmt: skip
        models[name] = (time, value, slope, own)
        residuals += own
    made = []
    everything = np.array([level(claim) for claim in training])
    for claim in held:
        if series(claim) not in models:
            made.append(Forecast(to_log_value(claim, float(np.median(everything))), float(np.std(everything))))
            continue
        time, value, slope, own = models[series(claim)]
        there = near(time, value, slope, np.log(when(claim, first)))
        made.append(Forecast(to_log_value(claim, there), width(own if len(own) >= 8 else residuals)))
    return made


def near(time: np.ndarray, value: np.ndarray, slope: float, there: float) -> float:
    place = np.argsort(np.abs(time - there))[:NEAREST]
    return float(np.median(value[place] + slope * (there - time[place])))


def width(residuals: Sequence[float]) -> float:
    """Scale of a Student about 0 that is likeliest."""
    grid = np.exp(np.linspace(np.log(0.01), np.log(3), 60))
    return float(grid[np.argmax([stats.t.logpdf(residuals, DEGREES, 0, scale).sum() for scale in grid])])


def plain(training: Sequence[Claim], held: Sequence[Claim], first: int) -> list[Forecast]:
    """(b) A smooth curve of each side and quantity, plus a bias of each claimant's type, plus Student noise: ridge."""
    claims = [*training, *held]
    made: list[Forecast | None] = [None] * len(held)
    for what in sorted({series(claim)[1:] for claim in claims}):
        rows = [row for row, claim in enumerate(claims) if series(claim)[1:] == what]
        known = [row for row in rows if row < len(training)]
        asked = [row for row in rows if row >= len(training)]
        if not asked:
            continue
        use = known or list(range(len(training)))
        columns = terms([claims[row] for row in [*use, *asked]], first)
        value = np.array([level(claims[row]) for row in use])
        middle, scale = ridge(columns[: len(use)], value, columns[len(use) :])
        for row, m, s in zip(asked, middle, scale):
            made[row - len(training)] = Forecast(to_log_value(claims[row], float(m)), float(s))
    return [one for one in made if one is not None]


def terms(claims: Sequence[Claim], first: int) -> np.ndarray:
    """Columns, each scaled by its prior SD: a curve for each side, a bias for each type."""
    time = np.array([when(claim, first) for claim in claims])
    knots = np.arange(0.0, time.max() + 12, 6.0)
    hats = np.maximum(1 - np.abs(time[:, None] - knots) / 6.0, 0)
    sides, types = sorted({claim.side for claim in claims}), sorted({claim.claimant_type for claim in claims})
    columns = [np.full((len(claims), 1), 10.0)]
    for side in sides:
        here = np.array([claim.side == side for claim in claims], float)[:, None]
        columns += [2.0 * here, here * np.log(time)[:, None], 0.4 * here * hats]
    columns += [0.6 * np.array([[claim.claimant_type == kind for kind in types] for claim in claims], float)]
    return np.hstack(columns)


def ridge(columns: np.ndarray, value: np.ndarray, asked: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bayesian regression with unit priors on centred values; Student noise by reweighting, its scale by iteration."""
    centre = float(np.median(value))
    residual_scale, weights = max(float(np.std(value)) / 2, 0.05), np.ones(len(value))
    for _ in range(40):
        weighted = columns * (weights / residual_scale**2)[:, None]
        covariance = np.linalg.inv(columns.T @ weighted + np.eye(columns.shape[1]))
        mean = covariance @ (weighted.T @ (value - centre))
        residual = value - centre - columns @ mean
        spread = np.einsum("ij,jk,ik->i", columns, covariance, columns)
        weights = (DEGREES + 1) / (DEGREES + (residual**2 + spread) / residual_scale**2)
        residual_scale = max(float(np.sqrt(np.mean(weights * (residual**2 + spread)))), 0.02)
    wide = np.sqrt(residual_scale**2 + np.einsum("ij,jk,ik->i", asked, covariance, asked))
    return centre + asked @ mean, wide
