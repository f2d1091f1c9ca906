"""The posterior predictive of claims, and the posterior with each lineage of claims left out.

`estimate` is what a perfect witness would give under the claim's own definition. `predicted` adds how the claimant errs
(`evidence.claimants`).

The draws are weighted anew by how much likelier each is without the lineage's claims (Pareto-smoothed importance
sampling, Vehtari and others 2024). Where a lineage weighs too much for that, the war is fitted again, fast.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from holdfast.core.programs import Program
from holdfast.evidence import claimants, design, fit, model, observables
from holdfast.evidence.claims.table import Claim
from holdfast.evidence.posterior import Posterior, SidePosterior
from holdfast.parallel import Progress, silent
from holdfast.stats.intervals import pareto_smoothed, weighted_quantiles

if TYPE_CHECKING:
    import xarray as xr

RECORDS = ("cases", "court_cases", "listed_absent")
"""Kinds whose bias is no error but what the words mean: only some deserters have a case or stand on a list."""


def estimate(side: SidePosterior, claims: Sequence[Claim]) -> Float[np.ndarray, "claim draw"]:
    """Men that each claim's words count, draw by draw, over its window.

    Words that name a record (cases opened, men on a list) count what such records hold, as inferred of them.

    Args:
        side: the posterior of one side.
        claims: about that side.

    Returns:
        Men, `[claim, draw]`.
    """
    votes = [design.as_vote(claim) for claim in claims]
    meant = claimants.log_estimate(side, votes)
    records = np.array([observables.KINDS[claim.counts] in RECORDS for claim in claims], bool)
    return np.exp(np.where(records[:, None], claimants.biased(side, votes, meant), meant)) if votes else meant


def predicted(side: SidePosterior, claims: Sequence[Claim], seed: int = 1) -> Float[np.ndarray, "claim draw"]:
    """What the claimant would say, draw by draw: a total over the claim's window; needs not be one that was fitted.

    Args:
        side: the posterior of one side.
        claims: about that side.
        seed: of errors.

    Returns:
        Men, `[claim, draw]`.
    """
    said = np.zeros((len(claims), side.draws))
    of_tally = np.array([bool(claimants.totals_of(side, claim)) for claim in claims], bool)
    for which, foretell in ((~of_tally, claimants.statements), (of_tally, claimants.continued)):
        said[which] = foretell(side, [claim for claim, wanted in zip(claims, which) if wanted], seed)
    return said


LEVELS = (0.05, 0.5, 0.95)
WATCHED = ("killed", "wounded", "deserted", "strength")


def left_out(posterior: Posterior, progress: Progress = silent) -> list[dict[str, Any]]:
    """A row for each side, lineage and watched quantity: its total at the end with and without the lineage.

    Args:
        posterior: the posterior of both sides.
        progress: hears how many lineages are done.

    Returns:
        Rows with the total's median and 90 % interval with and without the lineage [men], the shift in posterior
        SDs, the widening, and the Pareto shape of the weights.
    """
    names = [(side, name) for side, one in posterior.sides.items() for name in lineages(one)]
    rows, near = [], {}
    for number, (side, name) in enumerate(names):
        progress(number, len(names), f"without {name}")
        one = posterior.sides[side]
        smoothed = pareto_smoothed(-_weight_of(one, name))
        again = None if smoothed.trusted else _attempted(one, name, posterior.seed)
        if again and side not in near:
            near[side] = refitted(one, "", posterior.seed)
        for quantity in WATCHED:
            full = _at_end(one, quantity)
            was = np.quantile(full, LEVELS)
            if again:  # beside the same approximation with the lineage, so that only its absence shows
                without = (
                    was
                    * np.quantile(_at_end(again, quantity), LEVELS)
                    / np.quantile(_at_end(near[side], quantity), LEVELS)
                )
            else:
                without = weighted_quantiles(full, smoothed.weights, LEVELS)
            low, middle, high = (float(value) for value in without)
            rows.append({
                "side": side, "lineage": name, "quantity": quantity, "claims": claims_of(one, name),
                "p05": low, "p50": middle, "p95": high,
                "full_p05": float(was[0]), "full_p50": float(was[1]), "full_p95": float(was[2]),
                "moves_sd": float((middle - was[1]) / full.std()), "widens": float((high - low) / (was[2] - was[0])),
                "khat": smoothed.khat, "refitted": again is not None,
            })  # fmt: skip
    if names:
        progress(len(names), len(names), f"without {names[-1][1]}")
    return rows


def _at_end(side: SidePosterior, quantity: str) -> np.ndarray:
    """Draws of a total over the whole war; of the strength on its last day."""
    return side.total(quantity, side.design.calendar.first, side.design.calendar.last)


def lineages(side: SidePosterior) -> list[str]:
    """Lineages with a vote, those with most votes first.

    Args:
        side: the posterior of one side.

    Returns:
        Their names.
    """
    votes = [vote.claim.lineage for vote in (*side.design.numbers, *side.design.limits)]
    return sorted(set(votes), key=lambda name: (-votes.count(name), name))


def claims_of(side: SidePosterior, lineage: str) -> int:
    """How many claims of the lineage were fitted.

    Args:
        side: the posterior of one side.
        lineage: its name.

    Returns:
        The count.
    """
    return sum(vote.claim.lineage == lineage for vote in (*side.design.numbers, *side.design.limits))


def log_likelihood(posterior: Posterior) -> xr.Dataset:
    """Log density of each lineage's claims in each draw: what is left out as a whole, since its claims err together.

    Args:
        posterior: the posterior of both sides.

    Returns:
        A variable for each side [nats], `[chain, draw, SIDE_lineage]`, the first lineage that with most votes.
    """
    import xarray as xr

    variables, coords = {}, {}
    for name, side in posterior.sides.items():
        names, own = lineages(side), f"{name}_lineage"
        each = np.stack([_weight_of(side, lineage) for lineage in names], axis=-1)
        variables[name] = (("chain", "draw", own), each.reshape(*side.vectors.shape[:2], len(names)), {"units": "nats"})
        coords[own] = names
    return xr.Dataset(variables, coords)


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
    if "groups" not in side.memo:
        vectors = side.vectors.reshape(-1, side.vectors.shape[-1])
        groups, limits = _parts(side.design.evidence, jnp.asarray(vectors))
        side.memo["groups"], side.memo["limits"] = np.asarray(groups), np.asarray(limits)
    return side.memo["groups"], side.memo["limits"]


@Program
def _parts(evidence: design.Evidence, vectors: jax.Array) -> tuple[jax.Array, jax.Array]:
    def one(vector: jax.Array) -> tuple[jax.Array, jax.Array]:
        drawn = fit.named(evidence, vector)
        war = model.war(evidence, drawn)
        return model.of_groups(evidence, war, drawn), model.of_limits(evidence, war, drawn)

    return jax.vmap(one)(vectors)


def _attempted(side: SidePosterior, lineage: str, seed: int) -> SidePosterior | None:
    """The war without a lineage; none where too few draws would leave an army, and the weights must do."""
    from holdfast.evidence.fit import FitError

    try:
        return refitted(side, lineage, seed)
    except FitError:
        return None


def refitted(side: SidePosterior, lineage: str, seed: int) -> SidePosterior:
    """The side's war from all other claims: the nearest normal distribution in the axes of the whole posterior's draws.

    The lineage's rows stay in their place, muted.

    Args:
        side: the posterior of one side.
        lineage: its name; none is left out where it is empty.
        seed: of the draws.

    Returns:
        Draws of the war without it.
    """
    from holdfast.evidence import reconcile

    order = sorted(set(design.group_names(side.design.numbers)))
    heard = np.ones(len(side.design.evidence.group))
    heard[[place for place, name in enumerate(order) if name[0] == lineage]] = 0
    sign = side.design.evidence.sign.copy()
    sign[[place for place, vote in enumerate(side.design.limits) if vote.claim.lineage == lineage]] = 0
    evidence = side.design.evidence._replace(group=side.design.evidence.group * heard[:, None], sign=sign)
    shape = _near(side)
    if lineage:
        shape = fit.settle(evidence, shape, side=f"{side.design.side} without {lineage}")[0]
    return reconcile.drawn(dataclasses.replace(side.design, evidence=evidence), shape, seed)


def _near(side: SidePosterior) -> fit.Shape:
    """The normal distribution nearest to the whole posterior, in its draws' own axes; worked out once.

    The search without a lineage begins there: most lineages move it little, and it takes a few steps in place of dozens.
    """
    if "near" not in side.memo:
        vectors = side.vectors.reshape(-1, side.vectors.shape[-1])
        values, axes = fit.principal(np.cov(vectors.T), 0.0)  # of draws: no two eigenvalues are equal
        whole = fit.Shape(vectors.mean(0), axes * np.sqrt(np.maximum(values, 1e-6)))
        side.memo["near"] = fit.settle(side.design.evidence, whole, side=side.design.side)[0]
    return side.memo["near"]
