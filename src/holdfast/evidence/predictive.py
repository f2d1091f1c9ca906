"""The posterior predictive of claims, and the posterior with each lineage of claims left out.

`truth` is what a perfect witness would give under the claim's own definition. `told` adds how the claimant errs: the
bias of his kind, what is known of his lineage from its other claims, his own noise, and the chance that "killed"
stands for killed and wounded.

The draws are weighted anew by how much likelier each is without the lineage's claims (Pareto-smoothed importance
sampling, Vehtari and others 2024). Where a lineage weighs too much for that, the war is fitted again, fast.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from holdfast.evidence import design, fit, model, observables, priors
from holdfast.evidence.claims.table import Claim
from holdfast.evidence.design import Vote
from holdfast.evidence.posterior import Posterior, SidePosterior
from holdfast.parallel import Progress, silent
from holdfast.stats.intervals import pareto_smoothed, weighted_quantiles

RECORDS = ("cases", "court_cases", "listed_absent")
"""Kinds whose bias is no error but what the words mean: only some deserters have a case or stand on a list."""

ROOM, LISTS = 256, 64
"""Shapes are rounded up to so many rows, and lists of names among them, that tables share a compiled pass."""

SLIPPED = {"killed": "killed_wounded", "killed_and_missing": "killed_wounded", "killed_confirmed": "killed_wounded"}


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
    meant = _log_estimate(side, votes)
    records = np.array([observables.KINDS[claim.counts] in RECORDS for claim in claims], bool)
    return np.exp(np.where(records[:, None], _biased(side, votes, meant), meant)) if votes else meant


def predicted(side: SidePosterior, claims: Sequence[Claim], seed: int = 1) -> Float[np.ndarray, "claim draw"]:
    """What the claimant would say, draw by draw: a total over the claim's window; needs not be one that was fitted.

    Args:
        side: the posterior of one side.
        claims: about that side.
        seed: of errors.

    Returns:
        Men, `[claim, draw]`.
    """
    votes = [design.as_vote(claim) for claim in claims]
    random = np.random.default_rng(seed)
    meant = _log_estimate(side, votes)
    slipped = np.array([priors.SLIPS.get(claim.claimant_type, 0.0) * (claim.counts in SLIPPED) for claim in claims])
    wider = [dataclasses.replace(claim, counts=SLIPPED.get(claim.counts, claim.counts)) for claim in claims]
    slips = random.random(meant.shape) < slipped[:, None]
    middle = _biased(side, votes, meant)
    if slips.any():
        as_wider = [design.as_vote(claim) for claim in wider]
        middle = np.where(slips, _biased(side, as_wider, _log_estimate(side, as_wider)), middle)
    errors = np.stack([_error(side, vote, random) for vote in votes]) if votes else np.zeros_like(meant)
    return np.exp(middle + errors)


def _log_estimate(side: SidePosterior, votes: Sequence[Vote]) -> Float[np.ndarray, "claim draw"]:
    """Logarithm of what votes count, in one compiled pass over all draws."""
    if not votes:
        return np.zeros((0, side.draws))
    lists = _roomy(sum(vote.claim.counts == "named" for vote in votes), LISTS)
    rows = design.padded_rows(votes, side.design.calendar, _roomy(len(votes), ROOM), lists)
    return np.log(np.maximum(np.asarray(_expected(side.war, rows))[:, : len(votes)].T, 0.5))


def _roomy(count: int, step: int) -> int:
    """A size that holds so many, and that most tables share."""
    return max(1, -(-count // step)) * step


@jax.jit
def _expected(war: model.War, rows: design.Rows) -> jax.Array:
    return jax.vmap(model.expected, in_axes=(0, None))(jax.tree.map(jnp.asarray, war), rows)


def _biased(side: SidePosterior, votes: Sequence[Vote], meant: np.ndarray) -> np.ndarray:
    """With the bias of each claimant's kind: inferred where the fit had such claims, else as believed before."""
    mean, _ = design.biases(votes, side.design.pairs, side.design.calendar, strict=False)
    known = {pair: number for number, pair in enumerate(side.design.pairs)}
    noise = np.random.default_rng(3).normal(size=side.draws)
    shared = np.stack([
        priors.habit(*design.pair(vote)).shared
        * (side.bias[:, known[design.pair(vote)]] if design.pair(vote) in known else noise)
        for vote in votes
    ])  # fmt: skip
    return meant + mean[:, None] + shared


def _error(side: SidePosterior, vote: Vote, random: np.random.Generator) -> Float[np.ndarray, draw]:
    """The lineage's error and the claim's own, given the lineage's other claims in each draw."""
    calendar, degrees = side.design.calendar, priors.DEGREES
    spread = float(design.covariance([vote], [vote], calendar)[0, 0])
    others = _record(side, design.group_names([vote])[0])
    if others is None or {other.claim.claim_id for other in others.votes} == {vote.claim.claim_id}:
        return np.sqrt(spread) * random.standard_t(degrees, side.draws)
    precision, squares, count = others.precision, others.squares, len(others.votes)
    for row, other in enumerate(others.votes):
        if other.claim.claim_id == vote.claim.claim_id:  # nobody vouches for himself
            squares = squares - others.pulls[:, row] ** 2 / precision[row, row]
            precision = precision - np.outer(precision[:, row], precision[row]) / precision[row, row]
            count -= 1
    across = design.covariance([vote], others.votes, calendar)[0]
    weights = precision @ across
    left = max(spread - float(across @ weights), 1e-9)
    scale = np.sqrt(left * (degrees + squares) / (degrees + count))
    return others.residuals @ weights + scale * random.standard_t(degrees + count, side.draws)


@dataclasses.dataclass(frozen=True)
class _Record:
    """What a lineage has said of one kind of thing, and how far it was out in each draw."""

    votes: tuple[Vote, ...]
    precision: Float[np.ndarray, "row row"]
    residuals: Float[np.ndarray, "draw row"]
    pulls: Float[np.ndarray, "draw row"]
    """Precision times residuals."""
    squares: Float[np.ndarray, draw]
    """Residuals squared, in units of their covariance."""


def _record(side: SidePosterior, name: tuple[object, ...]) -> _Record | None:
    """The record of a lineage and kind among the fitted numbers; worked out once."""
    records = side.memo.setdefault("records", {})
    if name not in records:
        place = [row for row, other in enumerate(design.group_names(side.design.numbers)) if other == name]
        records[name] = _worked_out(side, place) if place else None
    return records[name]


def _worked_out(side: SidePosterior, place: Sequence[int]) -> _Record:
    votes = tuple(side.design.numbers[row] for row in place)
    precision = np.linalg.inv(design.covariance(votes, votes, side.design.calendar))
    residuals = _residuals(side)[:, place]
    pulls = residuals @ precision
    return _Record(votes, precision, residuals, pulls, np.sum(pulls * residuals, axis=1))


def _residuals(side: SidePosterior) -> Float[np.ndarray, "draw row"]:
    """How far each fitted number lies from what the war and the shared biases make of it; kept beside the posterior."""
    residuals = side.memo.get("residuals")
    if residuals is None:
        numbers = side.design.numbers
        values = np.array([vote.log_value for vote in numbers])
        residuals = (values[:, None] - _biased(side, numbers, _log_estimate(side, numbers))).T
        side.memo["residuals"] = residuals
    return residuals


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
    progress(len(names), len(names), "")
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


@jax.jit
def _parts(evidence: design.Evidence, vectors: jax.Array) -> tuple[jax.Array, jax.Array]:
    def one(vector: jax.Array) -> tuple[jax.Array, jax.Array]:
        drawn = fit.named(evidence, vector)
        war = model.war(evidence, drawn)
        limits = model.of_limits(evidence, war, drawn["bias"], drawn["shaken"])
        return model.of_groups(evidence, war, drawn["bias"]), limits

    return jax.vmap(one)(vectors)


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
    vectors = side.vectors.reshape(-1, side.vectors.shape[-1])
    values, axes = fit.principal(np.cov(vectors.T), 0.0)  # of draws: no two eigenvalues are equal
    middle = vectors.mean(0)
    whole = fit.Shape(middle, axes * np.sqrt(np.maximum(values, 1e-6)))
    shape, _, _ = fit.settle(
        evidence, whole, side=f"{side.design.side} without {lineage}" if lineage else side.design.side
    )
    return reconcile.drawn(dataclasses.replace(side.design, evidence=evidence), shape, seed)
