"""Simpler models of who gives way, on the same columns: the base rate, a logit, and published factors.

The published factors are those of Dupuy's Quantified Judgement Model: the defender's posture multiplies his strength
(T. N. Dupuy, *Numbers, Predictions and War*, 1979; hasty 1.3, prepared 1.5, fortified 1.6, delay 1.2), surprise multiplies the
mobility of the side that achieves it (complete 5, substantial 3, minor 1.3), which enters its power as a square root, and
command of the air its power by 1.1 or 0.9. Weapons, terrain, weather and judged effectiveness are not in the columns and so not in
this model: it is QJM-like and no QJM. Its ratio of powers is turned into a chance by a line of two numbers, which the
training wars fit; the order of the battles is the factors' alone.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from holdfast.core.params import Floats
from holdfast.past_battles.battle_table import ATTACKER, DEFENDER, POSTURES, Battles

Predict = Callable[[Battles], Floats]
"""From battles to the chance that the defender gives way, `[battle]` [1]."""
Fit = Callable[[Battles], Predict]
"""From battles of which one side gave way to what they teach."""

POSTURE_FACTORS = {"hasty": 1.3, "prepared": 1.5, "fortified": 1.6, "delay": 1.2}
SURPRISE_FACTORS = {0: 1.0, 1: 1.3, 2: 3.0, 3: 5.0}
AIR_FACTOR = 1.1
PENALTY = 0.1
"""Of the logit: a weight's prior has a standard deviation of about 3 for each unit of its column."""
STEPS = 50


def power_ratio(battles: Battles) -> Floats:
    """Log of the attacker's power over the defender's, by the published factors.

    Args:
        battles: the table.

    Returns:
        The log of the ratio, `[battle]` [nats].
    """
    posture = battles.posture @ np.log([POSTURE_FACTORS[name] for name in POSTURES])
    mobility = np.array([0.5 * np.log(SURPRISE_FACTORS[int(abs(step))]) for step in battles.surprise])
    air = np.log(AIR_FACTOR / (2 - AIR_FACTOR)) * battles.air  # 1.1 for one side and 0.9 for the other
    ratio = np.log(battles.men[:, ATTACKER] / battles.men[:, DEFENDER])
    return np.asarray(ratio - posture + np.sign(battles.surprise) * mobility + air)


def features(battles: Battles, *, judged: bool = False) -> Floats:
    """The columns that the logit sees: those of the board, and the length.

    Args:
        battles: the table.
        judged: whether to add the advantages that were judged afterwards.

    Returns:
        The columns, `[battle column]`.
    """
    days = np.log(np.where(np.isfinite(battles.days), battles.days, 1.0))
    ratio = np.log(battles.men[:, ATTACKER] / battles.men[:, DEFENDER])
    columns = [ratio, *battles.posture[:, 1:].T, battles.surprise, battles.air, days]
    return np.stack([*columns, battles.judged] if judged else columns, 1)


def logit_weights(columns: Floats, outcomes: Floats, penalty: float = PENALTY) -> Floats:
    """Weights of a logit.

    Args:
        columns: what it sees, `[case column]`.
        outcomes: 1 where it happened, `[case]`.
        penalty: weight of half the sum of the squared weights.

    Returns:
        The constant, which is not penalised, then a weight for each column.
    """
    design = np.column_stack([np.ones(len(columns)), columns])
    ridge = penalty * np.diag([0.0, *np.ones(columns.shape[1])])
    weights = np.zeros(design.shape[1])
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-design @ weights))
        bend = design.T @ (design * (p * (1 - p))[:, None]) + ridge + 1e-9 * np.eye(len(weights))
        step = np.linalg.solve(bend, design.T @ (outcomes - p) - ridge @ weights)
        weights = weights + step
        if np.abs(step).max() < 1e-9:
            break
    return np.asarray(weights)


def _by_logit(see: Callable[[Battles], Floats], penalty: float = PENALTY) -> Fit:
    """A logit on some columns."""

    def fit(battles: Battles) -> Predict:
        weights = logit_weights(see(battles), (battles.outcome == 1).astype(float), penalty)
        return lambda new: 1 / (1 + np.exp(-(weights[0] + see(new) @ weights[1:])))

    return fit


def _base_rate(battles: Battles) -> Predict:
    """The share of training battles in which the defender gave way."""
    share = float((battles.outcome == 1).mean()) if len(battles) else 0.5
    return lambda new: np.full(len(new), share)


SIMPLER: dict[str, Fit] = {
    "base rate": _base_rate,
    "odds alone": _by_logit(lambda each: np.log(each.men[:, ATTACKER] / each.men[:, DEFENDER])[:, None]),
    "QJM-like factors": _by_logit(lambda each: power_ratio(each)[:, None], 0.0),
    "logit": _by_logit(features),
    "logit with judged advantages": _by_logit(lambda each: features(each, judged=True)),
}
"""By name, the weakest first; the last knows what historians judged afterwards."""
