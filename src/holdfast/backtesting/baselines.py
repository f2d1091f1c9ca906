"""Five rivals that know the codes and nothing of armies, refitted without each case that they are asked about.

A rival is fitted to codes `X` [case, ten codes in the order of `CODES`; NaN where not known] and outcomes `y` [case],
and gives a function from codes to chances. A code that is not known is taken as the mean of the training cases.

The penalty is a rule and not the best of many: each weight, per step of a code, has a standard normal prior (so one
step changes the odds by a factor of e or less, two times in three); the intercept has none. The codes are centred on
the training cases and left in steps, for a step means the same in each of them. Little hangs on it: on the shipped
independent cases, penalties of 0.3 to 3 leave all ten codes a leave-one-out AUC of 0.907 to 0.916 and a Brier score
of 0.123 to 0.137; codes scaled by their spread, at a penalty of 1, have 0.907 and 0.133.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

import numpy as np
import numpy.typing as npt

from holdfast.coded_armies.army import CodedArmy, array

Numbers = npt.NDArray[np.float64]
Told = Callable[[Numbers], Numbers]
"""From codes [case, 10] to chances [case]."""
Fit = Callable[[Numbers, Numbers], Told]
"""From the codes and outcomes of the training cases to what they tell."""

PENALTY = 1.0
"""Weight of half the sum of squared weights: one over the variance of their prior [1/step²]."""
MIDDLE = 1.0
"""Taken for a code that no training case knows."""
STEPS, CLOSE = 100, 1e-10
"""Newton steps at most, and the slope at which they end; some six are enough."""


def base_rate(X: Numbers, y: Numbers) -> Told:
    """The share of training cases in which it happened, whatever the codes; one half where there is none."""
    share = float(y.mean()) if len(y) else 0.5
    return lambda asked: np.full(len(asked), share)


def five_sum(X: Numbers, y: Numbers) -> Told:
    """A logit on the plain sum of the essay's five codes: the index as one would add it up by hand."""
    return _ridge(X, y, lambda codes: codes[:, :5].sum(axis=1, keepdims=True))


def _ridge_essay(X: Numbers, y: Numbers) -> Told:
    """A logit with a weight for each of the essay's five."""
    return _ridge(X, y, lambda codes: codes[:, :5])


def _ridge_others(X: Numbers, y: Numbers) -> Told:
    """The same on the four others: patron, pay and food, shock, safe exit."""
    return _ridge(X, y, lambda codes: codes[:, 5:9])


def ridge_ten(X: Numbers, y: Numbers) -> Told:
    """The same on all ten codes: the rival to beat."""
    return _ridge(X, y, lambda codes: codes)


RIVALS: dict[str, Fit] = {
    "base_rate": base_rate,
    "five_sum": five_sum,
    "ridge_essay": _ridge_essay,
    "ridge_others": _ridge_others,
    "ridge_ten": ridge_ten,
}
"""By name, the weakest first."""


def orders(name: str) -> bool:
    """Whether a rival tells armies apart at all; see `scores.scored`."""
    return name != "base_rate"


def leave_out(
    fit: Fit,
    X: npt.ArrayLike,
    y: npt.ArrayLike,
    groups: Sequence[Hashable] | None = None,
    trains: npt.ArrayLike | None = None,
) -> Numbers:
    """The chance of each case by a fit that saw neither it nor any of its group.

    **Arguments:** `y` may be NaN where the outcome is not known: such a case is told its chance and teaches nothing.
    `groups` holds for each case what it is left out with, such as its war; without it each case stands alone. `trains`
    says which cases may teach; all, if not given.

    **Returns:** chances [case].
    """
    codes, outcomes = np.asarray(X, float), np.asarray(y, float)
    known = ~np.isnan(outcomes) if trains is None else ~np.isnan(outcomes) & np.asarray(trains, bool)
    names = list(range(len(codes))) if groups is None else list(groups)
    told = np.full(len(codes), np.nan)
    for group in dict.fromkeys(names):
        here = np.array([one == group for one in names])
        taught = known & ~here
        told[here] = fit(codes[taught], outcomes[taught])(codes[here])
    return told


def leave_pair_out_auc(fit: Fit, X: npt.ArrayLike, y: npt.ArrayLike) -> float:
    """The AUC over pairs of unlike outcome, each told by a fit that saw neither of the two, ties counted half [1].

    Chances left out one at a time come from fits whose base rate leans away from what was left out, which pulls their
    AUC down; a pair has no such lean (Airola and others 2011, Comput. Stat. Data Anal. 55:1828-1844). It is what a
    rival's order is worth at its best, and as many fits as there are pairs.
    """
    codes, outcomes = np.asarray(X, float), np.asarray(y, float)
    won = []
    for yes in np.flatnonzero(outcomes == 1):
        for no in np.flatnonzero(outcomes == 0):
            taught = ~np.isnan(outcomes)
            taught[[yes, no]] = False
            told = fit(codes[taught], outcomes[taught])(codes[[yes, no]])
            won.append((np.sign(told[0] - told[1]) + 1) / 2)
    return float(np.mean(won)) if won else float("nan")


def outcomes_of(cases: Sequence[CodedArmy], outcome: str = "collapse") -> Numbers:
    """Whether it happened [case]: 1, 0, or NaN where not known; `outcome` is `collapse` or `mass_desertion`."""
    return np.array([_number(getattr(case, outcome)) for case in cases], float)


def left_out(
    name: str, cases: Sequence[CodedArmy], groups: Sequence[Hashable] | None = None, outcome: str = "collapse"
) -> Numbers:
    """Each case's chance by a rival that has not seen its group; only independent cases teach."""
    trains = np.array([case.independent for case in cases], bool)
    return leave_out(RIVALS[name], array(cases), outcomes_of(cases, outcome), groups, trains)


def told_by(name: str, taught: Sequence[CodedArmy], cases: Sequence[CodedArmy], outcome: str = "collapse") -> Numbers:
    """Chances of cases by a rival fitted once, to the independent ones of `taught` whose outcome is known."""
    teachers = [case for case in taught if case.independent and getattr(case, outcome) is not None]
    return RIVALS[name](array(teachers), outcomes_of(teachers, outcome))(array(cases))


def _number(value: int | bool | None) -> float:
    return np.nan if value is None else float(value)


def _ridge(X: Numbers, y: Numbers, seen: Callable[[Numbers], Numbers]) -> Told:
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
    return lambda asked: _logistic(intercept + (filled(asked) - centre) @ weights)


def _mean_known(X: Numbers, known: npt.NDArray[np.bool_]) -> Numbers:
    return np.where(known, X, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)


def ridge(features: Numbers, y: Numbers, penalty: float) -> tuple[float, Numbers]:
    """Intercept and weights of a logit with the least of minus log-likelihood + penalty / 2 x sum of squared weights.

    By Newton's steps, halved where a whole one would not go down. Both outcomes must occur, or the intercept has none.
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
