"""How claimants err, given what a fit has inferred of them: what a claim would say, draw by draw.

The bias of the claimant's kind, what is known of his lineage from its other claims, his own noise, how far limits and parts
are said from the whole, and the chance that "killed" stands for killed and wounded (`statements`). A running tally's keeper
only adds, so its other totals bind each number of it from both sides (`continued`).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float
from scipy import sparse

from holdfast.core.programs import Program
from holdfast.core.units import CALENDAR_MONTH_DAYS
from holdfast.evidence import design, model, priors
from holdfast.evidence.claims.table import Claim
from holdfast.evidence.design import Vote
from holdfast.evidence.posterior import SidePosterior

ROOM = 64
"""Rows of a pass: all tables share the compiled pass, and no pass needs much memory."""

SLIPPED = {"killed": "killed_wounded", "killed_and_missing": "killed_wounded", "killed_confirmed": "killed_wounded"}


def statements(side: SidePosterior, claims: Sequence[Claim], seed: int = 1) -> Float[np.ndarray, "claim draw"]:
    """What claimants would say but for what the other totals of a running tally make certain, draw by draw.

    Args:
        side: the posterior of one side.
        claims: about that side.
        seed: of errors.

    Returns:
        Men, `[claim, draw]`.
    """
    if not claims:
        return np.zeros((0, side.draws))
    votes = [design.as_vote(claim) for claim in claims]
    random = np.random.default_rng(seed)
    meant = log_estimate(side, votes)
    slipped = np.array([priors.SLIPS.get(claim.claimant_type, 0.0) * (claim.counts in SLIPPED) for claim in claims])
    wider = [dataclasses.replace(claim, counts=SLIPPED.get(claim.counts, claim.counts)) for claim in claims]
    slips = random.random(meant.shape) < slipped[:, None]
    middle = biased(side, votes, meant)
    if slips.any():
        as_wider = [design.as_vote(claim) for claim in wider]
        middle = np.where(slips, biased(side, as_wider, log_estimate(side, as_wider)), middle)
    errors = [_worded(side, vote, random) if vote.sign else _error(side, vote, random) for vote in votes]
    return np.exp(middle + np.stack(errors))


def log_estimate(side: SidePosterior, votes: Sequence[Vote]) -> Float[np.ndarray, "claim draw"]:
    """Logarithm of what votes count, over all draws.

    Args:
        side: the posterior of one side.
        votes: claims as votes.

    Returns:
        Logarithms of men, `[claim, draw]`.
    """
    meant = np.zeros((len(votes), side.draws))
    lists = np.array([vote.claim.counts == "named" for vote in votes], bool)
    for which, count in ((lists, _of_lists), (~lists, _of_windows)):
        place = np.flatnonzero(which)
        for begin in range(0, len(place), ROOM):
            some = place[begin : begin + ROOM]
            meant[some] = count(side, [votes[row] for row in some])
    return np.log(np.maximum(meant, 0.5))


def _of_lists(side: SidePosterior, votes: Sequence[Vote]) -> Float[np.ndarray, "claim draw"]:
    """What lists of names hold: the delay of each name differs from draw to draw."""
    rows = design.padded_rows(votes, side.design.calendar, ROOM, ROOM)
    return np.asarray(_expected(side.war, rows))[:, : len(votes)].T


def _of_windows(side: SidePosterior, votes: Sequence[Vote]) -> Float[np.ndarray, "claim draw"]:
    """The same as `model.expected` of claims that are no lists, by running sums of the months: a table may hold ten thousand."""
    if "views" not in side.memo:
        side.memo["views"] = np.asarray(_views(side.war))
    rows = design.rows(votes, side.design.calendar)
    men = sparse.csr_array(rows.mark) @ np.asarray(side.war.strength, float).T
    ends = sparse.csr_array(
        -np.diff(rows.cover, axis=1, prepend=0.0, append=0.0)
    )  # a window is what lies between its ends
    weights, kind = np.unique(rows.views, axis=0, return_inverse=True)
    for number, weight in enumerate(weights):
        same = kind.ravel() == number
        series = side.memo.setdefault("series", {})
        if weight.tobytes() not in series:
            monthly = np.tensordot(weight, side.memo["views"], axes=(0, 1)).T
            series[weight.tobytes()] = np.vstack([np.zeros(side.draws), np.cumsum(monthly, axis=0)])
        men[same] += ends[same] @ series[weight.tobytes()]
    for share, of_stock in ((side.war.held, rows.is_held), (1 - side.war.came_back, rows.is_absent)):
        men = men * np.where(of_stock[:, None] > 0, np.asarray(share)[None, :], 1.0)
    return men


@Program
def _views(war: model.War) -> jax.Array:
    return jax.vmap(model.views)(jax.tree.map(jnp.asarray, war))


@Program
def _expected(war: model.War, rows: design.Rows) -> jax.Array:
    return jax.vmap(model.expected, in_axes=(0, None))(jax.tree.map(jnp.asarray, war), rows)


def biased(side: SidePosterior, votes: Sequence[Vote], meant: np.ndarray) -> np.ndarray:
    """With the bias of each claimant's kind: inferred where the fit had such claims, else as believed before.

    Args:
        side: the posterior of one side.
        votes: claims as votes.
        meant: logarithms of what they count, `[claim, draw]`.

    Returns:
        Logarithms of men, `[claim, draw]`.
    """
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
    calendar, name = side.design.calendar, design.group_names([vote])[0]
    spread = float(design.covariance([vote], [vote], calendar)[0, 0])
    strange = random.standard_t(priors.DEGREES, side.draws)
    others = _record(side, name)
    if others is None or {other.claim.claim_id for other in others.votes} == {vote.claim.claim_id}:
        return np.sqrt(spread) * strange
    precision = others.precision
    for row, other in enumerate(others.votes):
        if other.claim.claim_id == vote.claim.claim_id:  # nobody vouches for himself
            precision = precision - np.outer(precision[:, row], precision[row]) / precision[row, row]
    across = design.covariance([vote], others.votes, calendar)[0]
    weights = precision @ across
    left = max(spread - float(across @ weights), 1e-9)
    return others.residuals @ weights + np.sqrt(left) * strange


def _worded(side: SidePosterior, vote: Vote, random: np.random.Generator) -> Float[np.ndarray, draw]:
    """How far from what is believed a limit, a part or a wider count is said to be.

    A lineage that has told such a number before says the next as far off; else as such words go, beside its error.
    """
    claim, same = vote.claim, []
    for other in side.design.limits:
        alike = design.group_names([other]) == design.group_names([vote]) and _words(other.claim) == _words(claim)
        if alike and other.claim.claim_id != claim.claim_id:
            same.append(other)
    if not same:
        return _error(side, vote, random) + _offset(claim, side.draws, random)
    near = min(same, key=lambda other: abs((other.end - vote.end).days))
    off = near.log_value - biased(side, [near], log_estimate(side, [near]))[0]
    months = abs((near.end - vote.end).days) / CALENDAR_MONTH_DAYS
    again = priors.WORDS_AGAIN[claim.covers if claim.covers in priors.WORDS_AGAIN else claim.limit]
    return off + again * np.sqrt(1 + months / priors.MEMORY_MONTHS) * random.standard_t(priors.DEGREES, side.draws)


def _words(claim: Claim) -> tuple[str, str, str]:
    return claim.counts, claim.covers, claim.limit


def _offset(claim: Claim, draws: int, random: np.random.Generator) -> Float[np.ndarray, draw]:
    """How far from the whole its words set a number, where nothing more is known."""
    off = np.zeros(draws)
    for word in (claim.limit, claim.covers):
        if word in priors.WORDS_OFF:
            off += priors.WORDS_OFF[word] * random.exponential(size=draws)
    return off


@dataclasses.dataclass(frozen=True)
class _Record:
    """What a lineage has said of one kind of thing, and how far it was out in each draw."""

    votes: tuple[Vote, ...]
    precision: Float[np.ndarray, "row row"]
    residuals: Float[np.ndarray, "draw row"]


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
    return _Record(votes, precision, _residuals(side)[:, place])


def _residuals(side: SidePosterior) -> Float[np.ndarray, "draw row"]:
    """How far each fitted number lies from what the war and the shared biases make of it; kept beside the posterior."""
    residuals = side.memo.get("residuals")
    if residuals is None:
        numbers = side.design.numbers
        values = np.array([vote.log_value for vote in numbers])
        residuals = (values[:, None] - biased(side, numbers, log_estimate(side, numbers))).T
        side.memo["residuals"] = residuals
    return residuals


RETELLS = ("eliminated", "killed_wounded", "casualties")
"""Words in which a running tally is told again."""
DAY = dt.timedelta(days=1)


def totals_of(side: SidePosterior, claim: Claim) -> list[Claim]:
    """The other fitted totals of the running tally that a claim is of, by its own word on where it came from.

    Args:
        side: the posterior of one side.
        claim: about that side.

    Returns:
        The totals by date; none where the claim is of no running tally.
    """
    if claim.counts not in RETELLS or claim.covers != "all" or claim.limit or claim.basis == "stock":
        return []
    if "tallies" not in side.memo:
        tallies: dict[tuple[str, str], list[Claim]] = {}
        for one in sorted((vote.claim for vote in side.design.numbers), key=lambda one: one.as_of_date):
            if design.is_tally(design.as_vote(one)):
                tallies.setdefault((one.lineage, one.covers), []).append(one)
        side.memo["tallies"] = tallies
    tally = side.memo["tallies"].get((claim.lineage, claim.covers), [])
    return [one for one in tally if one.claim_id != claim.claim_id]


@dataclasses.dataclass(frozen=True)
class _Gap:
    """A day between two totals of a tally, or after its last.

    Attributes:
        known: the total before the day [men].
        more: what the tally added until the next total; none after its last [men].
        steps: from the total before to the day, and on to the next total; as claims.
    """

    known: float
    more: float | None
    steps: tuple[Claim, ...]


def continued(side: SidePosterior, claims: Sequence[Claim], seed: int) -> Float[np.ndarray, "claim draw"]:
    """What would be said of each claim's window: the tally at its end, less the tally before it.

    Args:
        side: the posterior of one side.
        claims: each of a running tally.
        seed: of what is not known.

    Returns:
        Men, `[claim, draw]`.
    """
    gaps = [gap for claim in claims for gap in _ends(totals_of(side, claim), claim)]
    within = [design.as_vote(step) for gap in gaps if gap.more is not None for step in gap.steps]
    beyond = [gap.steps[0] for gap in gaps if gap.more is None and gap.steps]
    logs, added = iter(log_estimate(side, within)), iter(statements(side, beyond, seed))
    pace = priors.TALLY_PACE * np.random.default_rng((seed, 5)).normal(size=side.draws)
    totals = iter([_total(gap, logs, added, pace) for gap in gaps])
    random = np.random.default_rng((seed, 6))
    said = np.zeros((len(claims), side.draws))
    for row, claim in enumerate(claims):
        men = np.maximum(next(totals) - next(totals), 0.5)
        days = (claim.as_of_date - max(claim.period_start, side.design.calendar.first)).days + 1
        spread = np.linalg.norm([design.as_vote(claim).sd, priors.RETOLD, priors.RETOLD_DAYS / max(days, 1)])
        said[row] = men * np.exp(spread * random.standard_t(priors.DEGREES, side.draws))
    return said


def _ends(totals: Sequence[Claim], claim: Claim) -> tuple[_Gap, _Gap]:
    """Where the end of a claim's window, and the day before it, lie among a tally's totals."""
    known = {min(one.period_start for one in totals) - DAY: 0.0} | {one.as_of_date: one.value for one in totals}
    return _gap(totals[-1], known, claim.as_of_date), _gap(totals[-1], known, claim.period_start - DAY)


def _gap(like: Claim, known: dict[dt.date, float], day: dt.date) -> _Gap:
    earlier = max((one for one in known if one <= day), default=None)
    later = min((one for one in known if one > day), default=None)
    if earlier is None or earlier == day:
        return _Gap(known.get(day, 0.0), None, ())
    if later is None:
        return _Gap(known[earlier], None, (_step(like, earlier, day),))
    return _Gap(known[earlier], known[later] - known[earlier], (_step(like, earlier, day), _step(like, day, later)))


def _step(like: Claim, earlier: dt.date, later: dt.date) -> Claim:
    """What the tally adds from the day after one total to the day of another."""
    return dataclasses.replace(
        like, claim_id="", period_start=earlier + DAY, as_of_date=later, basis="per period", counts="eliminated"
    )


def _total(gap: _Gap, logs: Iterator[np.ndarray], added: Iterator[np.ndarray], pace: np.ndarray) -> np.ndarray:
    """The tally on a day: between two totals in the war's own proportions, days being unlike; after the last by a step."""
    if not gap.steps:
        return np.full(len(pace), gap.known)
    if gap.more is None:
        return gap.known + next(added)
    before, after = next(logs), next(logs)
    return gap.known + gap.more / (1 + np.exp(after - before - pace))
