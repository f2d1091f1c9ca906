"""What a claim should have been: the truth of its words in the posterior, and what this claimant would say of it.

`truth` is what a perfect witness would give under the claim's own definition. `told` adds how the claimant errs: the bias
of his kind, what is known of his lineage from its other claims, his own noise, and the chance that "killed" stands for
killed and wounded.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from holdfast.evidence import deduplicate, design, model, observables, priors
from holdfast.evidence.claims.claim import Claim
from holdfast.evidence.deduplicate import Vote
from holdfast.evidence.posterior import SidePosterior

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
    votes = [deduplicate.as_vote(claim) for claim in claims]
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
    votes = [deduplicate.as_vote(claim) for claim in claims]
    random = np.random.default_rng(seed)
    meant = _log_estimate(side, votes)
    slipped = np.array([priors.SLIPS.get(claim.claimant_type, 0.0) * (claim.counts in SLIPPED) for claim in claims])
    wider = [dataclasses.replace(claim, counts=SLIPPED.get(claim.counts, claim.counts)) for claim in claims]
    slips = random.random(meant.shape) < slipped[:, None]
    middle = _biased(side, votes, meant)
    if slips.any():
        as_wider = [deduplicate.as_vote(claim) for claim in wider]
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
