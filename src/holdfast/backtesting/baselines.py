"""Five baselines that know the codes and nothing of armies, refitted without each army that they predict.

A baseline is fitted to codes `X` [army, ten codes in the order of `CODES`; NaN where not known] and outcomes `y` [army], and
gives a function from codes to chances. A code that is not known is taken as the mean of the training armies.

The penalty is a rule and not the best of many: each weight, per step of a code, has a standard normal prior (so one step
changes the odds by a factor of e or less, two times in three); the intercept has none. The codes are centred on the training
armies and left in steps, for a step means the same in each of them. Little hangs on it: on the shipped independent armies,
penalties of 0.3 to 3 leave all ten codes a leave-one-out AUC of 0.907 to 0.916 and a Brier score of 0.123 to 0.137; codes
scaled by their spread, at a penalty of 1, have 0.907 and 0.133.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

import numpy as np
import numpy.typing as npt

from holdfast.coded_armies.army import CodedArmy, array
from holdfast.stats.scoring import Numbers

Predict = Callable[[Numbers], Numbers]
"""From codes [army, 10] to chances [army]."""
Fit = Callable[[Numbers, Numbers], Predict]
"""From the codes and outcomes of the training armies to what they predict."""

PENALTY = 1.0
"""Weight of half the sum of squared weights: one over the variance of their prior [1/step²]."""
MIDDLE = 1.0
"""Taken for a code that no training army knows."""
STEPS, CLOSE = 100, 1e-10
"""Newton steps at most, and the slope at which they end; some six are enough. Kept own: scikit-learn's logistic regression stops
at a larger slope, which moves chances in the seventh digit."""


def base_rate(X: Numbers, y: Numbers) -> Predict:
    """The share of training armies in which it happened, whatever the codes.

    Args:
        X: their codes `[army, 10]`; not looked at.
        y: their outcomes `[army]`.

    Returns:
        The share for every army; one half where there is none to learn from.
    """
    share = float(y.mean()) if len(y) else 0.5
    return lambda codes: np.full(len(codes), share)


def _five_sum(X: Numbers, y: Numbers) -> Predict:
    """A logit on the plain sum of the essay's five codes: the index as one would add it up by hand."""
    return _ridge(X, y, lambda codes: codes[:, :5].sum(axis=1, keepdims=True))


def _ridge_essay(X: Numbers, y: Numbers) -> Predict:
    """A logit with a weight for each of the essay's five."""
    return _ridge(X, y, lambda codes: codes[:, :5])


def _ridge_others(X: Numbers, y: Numbers) -> Predict:
    """The same on the four others: patron, pay and food, shock, safe exit."""
    return _ridge(X, y, lambda codes: codes[:, 5:9])


def _ridge_ten(X: Numbers, y: Numbers) -> Predict:
    """The same on all ten codes: the baseline to beat."""
    return _ridge(X, y, lambda codes: codes)


BASELINES: dict[str, Fit] = {
    "base_rate": base_rate,
    "five_sum": _five_sum,
    "ridge_essay": _ridge_essay,
    "ridge_others": _ridge_others,
    "ridge_ten": _ridge_ten,
}
"""By name, the weakest first."""


def leave_out(
    fit: Fit, X: npt.ArrayLike, y: npt.ArrayLike, groups: Sequence[Hashable] | None = None,
    trains: npt.ArrayLike | None = None,
) -> Numbers:  # fmt: skip
    """The chance of each army by a fit that saw neither it nor any of its group.

    Args:
        fit: the baseline.
        X: codes `[army, 10]`, NaN where not known.
        y: outcomes `[army]`; NaN where not known: such an army is predicted and teaches nothing.
        groups: what each army is left out with, such as its war; without it each stands alone.
        trains: which armies may teach; all, if not given.

    Returns:
        Chances `[army]`.
    """
    codes, outcomes = np.asarray(X, float), np.asarray(y, float)
    known = ~np.isnan(outcomes) if trains is None else ~np.isnan(outcomes) & np.asarray(trains, bool)
    names = list(range(len(codes))) if groups is None else list(groups)
    chances = np.full(len(codes), np.nan)
    for group in dict.fromkeys(names):
        here = np.array([name == group for name in names])
        taught = known & ~here
        chances[here] = fit(codes[taught], outcomes[taught])(codes[here])
    return chances


def outcomes_of(armies: Sequence[CodedArmy], outcome: str = "collapse") -> Numbers:
    """Whether an outcome happened.

    Args:
        armies: coded armies.
        outcome: `collapse` or `mass_desertion`.

    Returns:
        1, 0, or NaN where not known `[army]`.
    """
    values = [getattr(army, outcome) for army in armies]
    return np.array([np.nan if value is None else float(value) for value in values], float)


def left_out(
    name: str, armies: Sequence[CodedArmy], groups: Sequence[Hashable] | None = None, outcome: str = "collapse"
) -> Numbers:
    """Each army's chance by a baseline that has not seen its group; only independent armies teach.

    Args:
        name: one of `BASELINES`.
        armies: coded armies.
        groups: what each is left out with; itself alone, if not given.
        outcome: `collapse` or `mass_desertion`.

    Returns:
        Chances `[army]`.
    """
    trains = np.array([army.independent for army in armies], bool)
    return leave_out(BASELINES[name], array(armies), outcomes_of(armies, outcome), groups, trains)


def predicted(
    name: str, training: Sequence[CodedArmy], armies: Sequence[CodedArmy], outcome: str = "collapse"
) -> Numbers:
    """Chances of armies by a baseline fitted once.

    Args:
        name: one of `BASELINES`.
        training: it is fitted to the independent ones of these whose outcome is known.
        armies: the armies to predict.
        outcome: `collapse` or `mass_desertion`.

    Returns:
        Chances `[army]`.
    """
    teachers = [army for army in training if army.independent and getattr(army, outcome) is not None]
    return BASELINES[name](array(teachers), outcomes_of(teachers, outcome))(array(armies))


def _ridge(X: Numbers, y: Numbers, seen: Callable[[Numbers], Numbers]) -> Predict:
    """A logit with penalised weights on what it is let see of the codes; base rate where all outcomes are alike."""
    if not len(y) or np.all(y == y[0]):  # no slope to be had, and the intercept would run away
        return base_rate(X, y)
    known = np.isfinite(X)
    middle = np.where(known.any(axis=0), _mean_known(X, known), MIDDLE)

    def filled(codes: Numbers) -> Numbers:
        return seen(np.where(np.isfinite(codes), codes, middle))

    features = filled(X)
    centre = features.mean(axis=0)
    intercept, weights = ridge(features - centre, y, PENALTY)
    return lambda codes: _logistic(intercept + (filled(codes) - centre) @ weights)


def _mean_known(X: Numbers, known: npt.NDArray[np.bool_]) -> Numbers:
    return np.where(known, X, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)


def ridge(features: Numbers, y: Numbers, penalty: float) -> tuple[float, Numbers]:
    """A logit with the least of minus log-likelihood + penalty / 2 x sum of squared weights.

    By Newton's steps, halved where a whole one would not go down.

    Args:
        features: `[army, feature]`.
        y: outcomes, 0 or 1 `[army]`; both must occur, or the intercept has no optimum.
        penalty: of the weights; the intercept bears none.

    Returns:
        Intercept, and weights `[feature]`.
    """
    table = np.column_stack([np.ones(len(features)), features])
    ridge_of = np.diag([0.0] + [penalty] * features.shape[1])

    def cost(beta: Numbers) -> float:
        score = table @ beta
        return float(np.logaddexp(0.0, score).sum() - y @ score + beta @ ridge_of @ beta / 2)

    beta = np.zeros(table.shape[1])
    for _ in range(STEPS):
        chance = _logistic(table @ beta)
        slope = table.T @ (chance - y) + ridge_of @ beta
        if np.abs(slope).max() < CLOSE:
            break
        bend = table.T @ (table * (chance * (1 - chance))[:, None]) + ridge_of
        step = np.linalg.solve(bend, slope)
        here, size = cost(beta), 1.0
        while cost(beta - size * step) > here + 1e-12 and size > 1e-6:
            size /= 2
        beta = beta - size * step
    return float(beta[0]), beta[1:]


def _logistic(score: Numbers) -> Numbers:
    return np.exp(-np.logaddexp(0.0, -score))
