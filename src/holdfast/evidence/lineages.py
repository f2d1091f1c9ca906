"""Which lineages carry the information: the posterior with each of them left out.

The draws are weighted anew by how much likelier each is without the lineage's claims (Pareto-smoothed importance sampling,
Vehtari and others 2024). Where a lineage weighs too much for that, the war is fitted again, fast.
"""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from holdfast.evidence import design, fit, model
from holdfast.evidence import design as evidence_design
from holdfast.evidence.posterior import Posterior, SidePosterior

KHAT_MOST = 0.7
"""Pareto shape up to which the weights can be trusted."""
LEVELS = (0.05, 0.5, 0.95)
HOPELESS = 10.0
"""Stands for a shape too large to be told."""
WATCHED = ("killed", "wounded", "deserted", "strength")


def left_out(
    posterior: Posterior, told: Callable[[int, int, str], None] = lambda done, total, what: None
) -> list[dict[str, Any]]:
    """A row for each side, lineage and watched quantity: its total at the end with and without the lineage."""
    names = [(side, name) for side, one in posterior.sides.items() for name in lineages(one)]
    rows, near = [], {}
    for number, (side, name) in enumerate(names):
        told(number, len(names), f"without {name}")
        one = posterior.sides[side]
        weights, khat = _smoothed(-_weight_of(one, name))
        again = _attempted(one, name, posterior.seed) if khat > KHAT_MOST else None
        if again and side not in near:
            near[side] = refitted(one, "", posterior.seed)
        for quantity in WATCHED:
            full = _at_end(one, quantity)
            was = np.quantile(full, LEVELS)
            if again:  # beside the same approximation with the lineage, so that only its absence shows
                found = was * _quantiles(_at_end(again, quantity)) / _quantiles(_at_end(near[side], quantity))
            else:
                found = _quantiles(full, weights)
            low, middle, high = (float(value) for value in found)
            rows.append({
                "side": side, "lineage": name, "quantity": quantity, "claims": claims_of(one, name),
                "p05": low, "p50": middle, "p95": high,
                "full_p05": float(was[0]), "full_p50": float(was[1]), "full_p95": float(was[2]),
                "moves_sd": float((middle - was[1]) / full.std()), "widens": float((high - low) / (was[2] - was[0])),
                "khat": khat, "refitted": again is not None,
            })  # fmt: skip
    told(len(names), len(names), "")
    return rows


def _at_end(side: SidePosterior, quantity: str) -> np.ndarray:
    """Draws of a total over the whole war; of the strength on its last day."""
    return side.total(quantity, side.design.calendar.first, side.design.calendar.last)


def lineages(side: SidePosterior) -> list[str]:
    """Lineages with a vote, those with most votes first."""
    votes = [vote.claim.lineage for vote in (*side.design.numbers, *side.design.limits)]
    return sorted(set(votes), key=lambda name: (-votes.count(name), name))


def claims_of(side: SidePosterior, lineage: str) -> int:
    """How many claims of the lineage were fitted."""
    return sum(vote.claim.lineage == lineage for vote in (*side.design.numbers, *side.design.limits))


def _weight_of(side: SidePosterior, lineage: str) -> np.ndarray:
    """Log density of a lineage's claims in each draw."""
    groups, limits = _terms(side)
    numbers = design.group_names(side.design.numbers)
    order = sorted(set(numbers))
    mine = [place for place, name in enumerate(order) if name[0] == lineage]
    held = [place for place, vote in enumerate(side.design.limits) if vote.claim.lineage == lineage]
    return np.asarray(groups[:, mine].sum(1) + limits[:, held].sum(1))


def _terms(side: SidePosterior) -> tuple[np.ndarray, np.ndarray]:
    """Log density of each group of numbers and of each limit, draw by draw; worked out once."""
    if "groups" not in side.kept:
        vectors = side.vectors.reshape(-1, side.vectors.shape[-1])
        groups, limits = _parts(side.design.evidence, jnp.asarray(vectors))
        side.kept["groups"], side.kept["limits"] = np.asarray(groups), np.asarray(limits)
    return side.kept["groups"], side.kept["limits"]


@jax.jit
def _parts(evidence: design.Evidence, vectors: jax.Array) -> tuple[jax.Array, jax.Array]:
    def one(vector: jax.Array) -> tuple[jax.Array, jax.Array]:
        drawn = fit.named(evidence, vector)
        made = model.war(evidence, drawn)
        return model.of_groups(evidence, made, drawn["bias"]), model.of_limits(
            evidence, made, drawn["bias"], drawn["shaken"]
        )

    return jax.vmap(one)(vectors)


def _smoothed(log_ratios: np.ndarray) -> tuple[np.ndarray, float]:
    """Weights that sum to one, and the Pareto shape that says whether to trust them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of ArviZ: its own future, and tails so flat that it divides by 0
        from arviz import psislw

        logs, khat = psislw(log_ratios)
    weights = np.exp(logs - logs.max())
    weights = weights / weights.sum()
    if not np.all(np.isfinite(weights)):  # one draw has all the weight: the tail cannot even be fitted
        return np.full(len(logs), 1 / len(logs)), HOPELESS
    return weights, float(khat) if np.isfinite(khat) else 0.0


def _quantiles(draws: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """5th, 50th and 95th percentile of draws, weighted or not."""
    if weights is None:
        return np.quantile(draws, LEVELS)
    order = np.argsort(draws)
    below = np.cumsum(weights[order]) - weights[order] / 2
    return np.interp(LEVELS, below, draws[order])


def _attempted(side: SidePosterior, lineage: str, seed: int) -> SidePosterior | None:
    """The war without a lineage; none where too few draws would leave an army, and the weights must do."""
    from holdfast.evidence.fit import FitError

    try:
        return refitted(side, lineage, seed)
    except FitError:
        return None


def refitted(side: SidePosterior, lineage: str, seed: int) -> SidePosterior:
    """The side's war from all other claims: the nearest normal distribution in the whole posterior's axes.

    The lineage's rows stay in their place, muted.
    """
    from holdfast.evidence import reconcile

    order = sorted(set(evidence_design.group_names(side.design.numbers)))
    heard = np.ones(len(side.design.evidence.group))
    heard[[place for place, name in enumerate(order) if name[0] == lineage]] = 0
    sign = side.design.evidence.sign.copy()
    sign[[place for place, vote in enumerate(side.design.limits) if vote.claim.lineage == lineage]] = 0
    evidence = side.design.evidence._replace(group=side.design.evidence.group * heard[:, None], sign=sign)
    vectors = side.vectors.reshape(-1, side.vectors.shape[-1])
    values, axes = np.linalg.eigh(np.cov(vectors.T))
    middle = vectors.mean(0)
    whole = fit.Shape(middle, fit.signed(axes) * np.sqrt(np.maximum(values, 1e-6)))
    shape, _, _ = fit.settle(
        evidence, whole, side=f"{side.design.side} without {lineage}" if lineage else side.design.side
    )
    design = dataclasses.replace(side.design, evidence=evidence)
    return reconcile.drawn(design, shape, seed)
