"""A verdict on each claim: is its number compatible with the evidence, under its own words and under others."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float

from holdfast.evidence import deduplicate, observables, predictive
from holdfast.evidence.claims.claim import Claim
from holdfast.evidence.posterior import Posterior, quantiles

if TYPE_CHECKING:
    import pandas


LEAST_TAIL = 0.05
"""A claim is high, or low, where the truth is as extreme as it with less than this chance."""

OTHER_READINGS = {
    "killed": (
        "killed", "killed_wounded", "eliminated", "casualties", "irrecoverable", "killed_and_missing", "named",
        "killed_confirmed",
    ),
    "casualties": ("killed_wounded", "casualties", "eliminated", "killed", "wounded", "irrecoverable"),
    "wounded": ("wounded", "killed_wounded", "wounded_severe"),
    "missing": ("missing", "missing_captured", "captured"),
    "captured": ("captured", "captured_held", "missing_captured"),
    "deserted": ("deserted", "absent", "listed_absent", "cases", "court_cases"),
    "recruited": ("recruited",), "strength": ("strength",),
}  # fmt: skip
"""What else the words of a claim might have meant, the commonest first; its own reading is put before them."""

JUDGED, HIGH, LOW, NOT = "compatible", "high", "low", "not judged"


@dataclasses.dataclass(frozen=True)
class Reading:
    """A claim under one meaning of its words."""

    counts: str
    says: str
    truth: dict[str, float]
    """Quantiles of what the evidence gives for it."""
    tail_probability: float
    verdict: str


@dataclasses.dataclass(frozen=True, repr=False)
class Verdict:
    """What the evidence says of a claim."""

    claim: Claim
    verdict: str
    tail_probability: float | None
    """Chance that the truth of the claim's words is at least as far out as the claim; one-sided."""
    truth: dict[str, float] | None
    predicted: dict[str, float] | None
    """What this claimant would be expected to say: with his bias, his lineage's record and his noise."""
    readings: tuple[Reading, ...]
    would_mean: str
    """What the claim would have to mean to be compatible, or by how much it is out."""

    def __repr__(self) -> str:
        return f"<Verdict on {self.claim.claim_id}: {self.verdict}. {self.would_mean}>"

    @property
    def says(self) -> str:
        """Its words as the model reads them."""
        part = {"part": " (a part of them)", "citizens": ", citizens in registers", "outside": ", in no register",
                "wider": " (and others)"}  # fmt: skip
        return observables.SAYS[self.claim.counts] + part.get(self.claim.covers, "")


def judge(posterior: Posterior, claims: Sequence[Claim], seed: int = 1, every: bool = False) -> list[Verdict]:
    """A verdict on each claim, in order; those of no side or window that the posterior knows are not judged.

    Other readings of a claim's words are tried where its own is against it, or for `every` claim.
    """
    verdicts: dict[int, Verdict] = {}
    for side, one in posterior.sides.items():
        able = [
            (number, claim) for number, claim in enumerate(claims)
            if claim.side == side and not _why_not(posterior, claim)
        ]  # fmt: skip
        if not able:
            continue
        predictions = predictive.predicted(one, [claim for _, claim in able], seed)
        estimates = predictive.estimate(one, [claim for _, claim in able])
        own = [_reading(claim, claim.counts, draws) for (_, claim), draws in zip(able, estimates)]
        others = {
            row: [dataclasses.replace(claim, counts=counts) for counts in _readings_of(claim)[1:]]
            for row, (_, claim) in enumerate(able) if every or own[row].verdict != JUDGED
        }  # fmt: skip
        drawn = iter(predictive.estimate(one, [claim for row in others.values() for claim in row]))
        for row, (number, claim) in enumerate(able):
            more = [_reading(claim, other.counts, next(drawn)) for other in others.get(row, [])]
            verdicts[number] = verdict(claim, (own[row], *more), predictions[row])
    return [verdicts.get(number) or _silent(posterior, claim) for number, claim in enumerate(claims)]


def _readings_of(claim: Claim) -> tuple[str, ...]:
    """The claim's own reading, then the others of its quantity that could be of its window."""
    others = OTHER_READINGS.get(claim.quantity, ())
    return (claim.counts, *(name for name in others if name != claim.counts))


def _why_not(posterior: Posterior, claim: Claim) -> str:
    """Why a claim cannot be judged; nothing if it can."""
    if claim.side not in posterior.sides:
        return f"the evidence is of {', '.join(posterior.sides)}"
    if claim.counts == "nothing":
        return "the model has no such quantity"
    if claim.as_of_date > posterior.calendar.last:
        return f"the evidence ends on {posterior.calendar.last}"
    if claim.as_of_date < posterior.calendar.first and claim.counts != "strength":
        return f"the war's months begin on {posterior.calendar.first}"
    return "" if claim.value > 0 else "its value is 0"


def _silent(posterior: Posterior, claim: Claim) -> Verdict:
    """No verdict, and why."""
    return Verdict(claim, NOT, None, None, None, (), f"Not judged: {_why_not(posterior, claim)}.")


def _reading(claim: Claim, counts: str, truth: Float[np.ndarray, draw]) -> Reading:
    """How a claim's number sits among the draws of what one meaning of its words counts."""
    above, below = _tails(claim, truth)
    sign = deduplicate.as_vote(claim).sign
    outcome = JUDGED
    if sign >= 0 and above < LEAST_TAIL:
        outcome = HIGH
    elif sign <= 0 and below < LEAST_TAIL:
        outcome = LOW
    tail = above if sign > 0 else below if sign < 0 else min(above, below)
    return Reading(counts, observables.SAYS[counts], quantiles(truth), round(tail, 4), outcome)


def _tails(claim: Claim, truth: Float[np.ndarray, draw]) -> tuple[float, float]:
    """Chances that the truth is at least the claim's lowest value, and at most its highest; rounding is allowed for."""
    room = deduplicate.rounding(claim.value) / 2 if claim.value_central is not None and not _is_range(claim) else 0.0
    low = claim.value_low if claim.value_low is not None and _is_range(claim) else claim.value
    high = claim.value_high if claim.value_high is not None and _is_range(claim) else claim.value
    at_least = deduplicate.total(claim, max(low - room, 0.0))
    at_most = deduplicate.total(claim, high + room)
    return float(np.mean(truth >= at_least)), float(np.mean(truth <= at_most))


def _is_range(claim: Claim) -> bool:
    low, high = claim.value_low, claim.value_high
    return low is not None and high is not None and high > low


def verdict(claim: Claim, readings: Sequence[Reading], predictions: Float[np.ndarray, draw]) -> Verdict:
    """The verdict under the claim's own words, with what it would have to mean where that is against it."""
    own = readings[0]
    return Verdict(
        claim,
        own.verdict,
        own.tail_probability,
        own.truth,
        quantiles(predictions),
        tuple(readings),
        _would_mean(claim, readings),
    )


def _would_mean(claim: Claim, readings: Sequence[Reading]) -> str:
    """One sentence: what would make the number right."""
    own, total = readings[0], deduplicate.total(claim, claim.value)
    if own.verdict == JUDGED:
        return f"Compatible with {own.says} as the evidence has it."
    fits = [one for one in readings[1:] if one.verdict == JUDGED]
    ratio = total / max(own.truth["p50"], 1.0)
    times = f"{ratio:.1f} times" if 1.1 <= ratio < 10 else f"{ratio:,.0f} times" if ratio >= 10 else f"{ratio:.0%} of"
    out = f"It is {times} what the evidence has for {own.says}"
    if not fits:
        return f"{out}; no other reading of its words fits."
    return f"{out}; it would fit if it counted {fits[0].says}."


def as_json(verdict: Verdict, *, with_readings: bool = False) -> dict[str, Any]:
    """The verdict as the command line prints it."""
    record: dict[str, Any] = {
        "claim_id": verdict.claim.claim_id, "side": verdict.claim.side, "quantity": verdict.claim.quantity,
        "says": verdict.says, "value": deduplicate.total(verdict.claim, verdict.claim.value), "verdict": verdict.verdict,
        "tail_probability": verdict.tail_probability, "predicted": verdict.predicted, "truth": verdict.truth,
        "would_mean": verdict.would_mean,
    }  # fmt: skip
    if with_readings:
        record["readings"] = [dataclasses.asdict(one) for one in verdict.readings]
    return record


def as_table(verdicts: Sequence[Verdict]) -> pandas.DataFrame:
    """The verdicts as a table, a row a claim."""
    import pandas

    rows = []
    for one in verdicts:
        row = as_json(one) | {"claimant": one.claim.claimant, "as_of_date": str(one.claim.as_of_date)}
        for name in ("truth", "predicted"):
            quantile = row.pop(name) or {}
            row |= {f"{name}_{key}": quantile.get(key) for key in ("p05", "p50", "p95")}
        rows.append(row)
    return pandas.DataFrame(rows)
