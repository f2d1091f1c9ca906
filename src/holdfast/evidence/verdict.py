"""A verdict on each claim: is its number compatible with the evidence, under its own words and under others."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float

from holdfast.evidence import design, observables
from holdfast.evidence.claims.table import Claim
from holdfast.evidence.posterior import Posterior, SidePosterior, quantiles

if TYPE_CHECKING:
    import pandas


TOGETHER = 512
"""Claims judged at a time: draws of all of a table of ten thousand would not fit into memory."""
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
    """A claim under one meaning of its words.

    Attributes:
        counts: what the words count under it.
        says: the same in words.
        tail_probability: one-sided.
        verdict: compatible, high or low.
    """

    counts: str
    says: str
    truth: dict[str, float]
    """Quantiles of what the evidence gives for it."""
    tail_probability: float
    verdict: str


@dataclasses.dataclass(frozen=True, repr=False)
class Verdict:
    """What the evidence says of a claim.

    Attributes:
        claim: the claim.
        verdict: compatible, high, low or not judged.
        truth: median and 90 % interval of what its words count [men].
        readings: its own first.
    """

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

    Args:
        posterior: the posterior of both sides.
        claims: of any side.
        seed: of the claimants' errors.
        every: whether to try all readings of every claim.

    Returns:
        Verdicts in the order of the claims.
    """
    verdicts: dict[int, Verdict] = {}
    for side, one in posterior.sides.items():
        able = [
            (number, claim) for number, claim in enumerate(claims)
            if claim.side == side and not _why_not(posterior, claim)
        ]  # fmt: skip
        for begin in range(0, len(able), TOGETHER):
            verdicts |= _judged(one, able[begin : begin + TOGETHER], seed, every)
    return [verdicts.get(number) or _silent(posterior, claim) for number, claim in enumerate(claims)]


def _judged(one: SidePosterior, able: Sequence[tuple[int, Claim]], seed: int, every: bool) -> dict[int, Verdict]:
    """Verdicts on some claims about one side, by their place in the whole."""
    from holdfast.evidence import predictive

    verdicts = {}
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
    return verdicts


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
    early = claim.as_of_date < posterior.calendar.first and claim.counts != "strength"
    return f"the war's months begin on {posterior.calendar.first}" if early else ""


def _silent(posterior: Posterior, claim: Claim) -> Verdict:
    """No verdict, and why."""
    why = f"Not judged: {_why_not(posterior, claim)}."
    return Verdict(claim, NOT, None, truth=None, predicted=None, readings=(), would_mean=why)


def _reading(claim: Claim, counts: str, truth: Float[np.ndarray, draw]) -> Reading:
    """How a claim's number sits among the draws of what one meaning of its words counts."""
    above, below = _tails(claim, truth)
    sign = design.as_vote(claim).sign
    outcome = JUDGED
    if sign >= 0 and above < LEAST_TAIL:
        outcome = HIGH
    elif sign <= 0 and below < LEAST_TAIL:
        outcome = LOW
    tail = above if sign > 0 else below if sign < 0 else min(above, below)
    return Reading(counts, observables.SAYS[counts], quantiles(truth), round(tail, 4), outcome)


def _tails(claim: Claim, truth: Float[np.ndarray, draw]) -> tuple[float, float]:
    """Chances that the truth is at least the claim's lowest value, and at most its highest; rounding is allowed for."""
    room = design.rounding(claim.value) / 2 if claim.value_central is not None and not _is_range(claim) else 0.0
    low = claim.value_low if claim.value_low is not None and _is_range(claim) else claim.value
    high = claim.value_high if claim.value_high is not None and _is_range(claim) else claim.value
    at_least = design.total(claim, max(low - room, 0.0))
    at_most = design.total(claim, high + room)
    return float(np.mean(truth >= at_least)), float(np.mean(truth <= at_most))


def _is_range(claim: Claim) -> bool:
    low, high = claim.value_low, claim.value_high
    return low is not None and high is not None and high > low


def verdict(claim: Claim, readings: Sequence[Reading], predictions: Float[np.ndarray, draw]) -> Verdict:
    """The verdict under the claim's own words, with what it would have to mean where that is against it.

    Args:
        claim: a claim.
        readings: its own reading first.
        predictions: draws of what its claimant would say [men].

    Returns:
        The verdict.
    """
    own = readings[0]
    return Verdict(
        claim, own.verdict, own.tail_probability, truth=own.truth, predicted=quantiles(predictions),
        readings=tuple(readings), would_mean=_would_mean(claim, readings),
    )  # fmt: skip


def _would_mean(claim: Claim, readings: Sequence[Reading]) -> str:
    """One sentence: what would make the number right."""
    own, total = readings[0], design.total(claim, claim.value)
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
    """The verdict as the command line prints it.

    Args:
        verdict: a verdict.
        with_readings: whether to add the readings.

    Returns:
        Plain values.
    """
    record: dict[str, Any] = {
        "claim_id": verdict.claim.claim_id, "side": verdict.claim.side, "quantity": verdict.claim.quantity,
        "says": verdict.says, "value": design.total(verdict.claim, verdict.claim.value), "verdict": verdict.verdict,
        "tail_probability": verdict.tail_probability, "predicted": verdict.predicted, "truth": verdict.truth,
        "would_mean": verdict.would_mean,
    }  # fmt: skip
    if with_readings:
        record["readings"] = [dataclasses.asdict(one) for one in verdict.readings]
    return record


def as_table(verdicts: Sequence[Verdict]) -> pandas.DataFrame:
    """The verdicts as a table, a row a claim.

    Args:
        verdicts: any.

    Returns:
        A row per verdict.
    """
    import pandas

    rows = []
    for one in verdicts:
        row = as_json(one) | {"claimant": one.claim.claimant, "as_of_date": str(one.claim.as_of_date)}
        for name in ("truth", "predicted"):
            quantile = row.pop(name) or {}
            row |= {f"{name}_{key}": quantile.get(key) for key in ("p05", "p50", "p95")}
        rows.append(row)
    return pandas.DataFrame(rows)


# Stock and flow: everyone ever sent, less those still there, against what a claim would need.

SUMMED = ("killed", "casualties", "eliminated", "wounded")


@dataclasses.dataclass(frozen=True)
class StockFlow:
    """The stock-flow identity of one side at a claim's date, in men; quantiles of the posterior.

    Attributes:
        side: whose.
        date: of the claim.
        present: in the field on the day.
        killed: so far.
        lines: the balance in sentences.
    """

    side: str
    date: str
    sent: dict[str, float]
    """In the field on the first day, and all who joined since."""
    present: dict[str, float]
    gone: dict[str, float]
    """Sent, less present."""
    killed: dict[str, float]
    out_for_good: dict[str, float]
    """Wounded who do not return, and those in hospital on the day."""
    other: dict[str, float]
    """Captured, deserted and not back, sent home."""
    needed: dict[str, float]
    """Gone if the claim were true: its dead or those it implies, the wounded in proportion, and the others."""
    share_possible: float
    """Share of draws in which no more are needed than are gone."""
    lines: tuple[str, ...]


def stock_flow(posterior: Posterior, claim: Claim) -> StockFlow | None:
    """The sum for a claim of dead, wounded or both; none for others, or where the war had not begun.

    Args:
        posterior: the posterior of both sides.
        claim: of dead, wounded or both.

    Returns:
        The balance; none for other claims.
    """
    kind = observables.KINDS.get(claim.counts, "")
    one = posterior.sides.get(claim.side)
    if one is None or kind not in SUMMED or claim.covers in ("part", "outside"):
        return None
    calendar = one.design.calendar
    if not calendar.first < claim.as_of_date <= calendar.last or claim.period_start > calendar.first:
        return None
    flows = ("killed", "wounded", "captured", "deserted", "recruited", "discharged")
    total = {name: one.total(name, calendar.first, claim.as_of_date) for name in flows}
    returned = np.asarray(one.war.returned)
    sent = np.asarray(one.war.strength)[:, 0] + total["recruited"]
    present = one.total("strength", calendar.first, claim.as_of_date)
    gone = sent - present
    other = total["captured"] + total["deserted"] * (1 - np.asarray(one.war.came_back)) + total["discharged"]
    out = gone - total["killed"] - other
    per_dead = total["wounded"] / total["killed"]
    dead = design.total(claim, claim.value) / _dead_shares(claim.counts, kind, per_dead, returned)
    needed = dead + out / total["killed"] * dead + other
    share = float(np.mean(needed <= gone))
    men = {
        name: quantiles(draws)
        for name, draws in (
            ("sent", sent), ("present", present), ("gone", gone), ("killed", total["killed"]), ("out_for_good", out),
            ("other", other), ("needed", needed),
        )
    }  # fmt: skip
    lines = _lines(claim, men, quantiles(per_dead), quantiles(returned), share, kind)
    return StockFlow(claim.side, str(claim.as_of_date), share_possible=share, lines=lines, **men)


def _dead_shares(counts: str, kind: str, per_dead: np.ndarray, returned: np.ndarray) -> np.ndarray:
    """How many men a claim counts for each dead man."""
    if counts in ("irrecoverable", "irrecoverable_deserted"):
        return 1 + per_dead * (1 - returned)
    return {"killed": np.ones_like(per_dead), "wounded": per_dead}.get(kind, 1 + per_dead)


def _lines(
    claim: Claim, men: dict[str, dict[str, float]], per_dead: dict[str, float], returned: dict[str, float],
    share: float, kind: str,
) -> tuple[str, ...]:  # fmt: skip
    """The sum in sentences."""
    said = {name: span(values) for name, values in men.items()}
    what = {"killed": "dead", "wounded": "wounded"}.get(kind, "casualties")
    enough = "in no draw are so many gone" if share == 0 else f"so many are gone in {_percent(share)} of draws"
    return (
        f"Ever sent by {claim.as_of_date}: {said['sent']}. Still there: {said['present']}. Gone: {said['gone']}.",
        f"The evidence fills that with {said['killed']} dead, {said['out_for_good']} wounded out for good or in "
        f"hospital, and {said['other']} captured, deserted or sent home.",
        f"For each dead man {per_dead['p50']:.1f} were wounded ({per_dead['p05']:.1f} to {per_dead['p95']:.1f}); "
        f"{returned['p50']:.0%} of them return ({returned['p05']:.0%} to {returned['p95']:.0%}).",
        f"{design.total(claim, claim.value):,.0f} {what}, with the rest in proportion, would need {said['needed']} gone; "
        f"{enough}.",
    )


def span(values: dict[str, float]) -> str:
    """A median with its 90 % interval, to two or three digits.

    Args:
        values: `p05`, `p50`, `p95` [men].

    Returns:
        Text.
    """
    return f"{_short(values['p50'])} ({_short(values['p05'])} to {_short(values['p95'])})"


def _short(value: float) -> str:
    """A count of men as it deserves to be told: to the thousand where there are tens of them."""
    step = 1000 if abs(value) >= 20_000 else 100 if abs(value) >= 2000 else 10
    return f"{round(value / step) * step:,.0f}"


def _percent(share: float) -> str:
    """A share of draws in words."""
    return "under 0.1 %" if share < 0.001 else f"{share:.1%}" if share < 0.1 else f"{share:.0%}"
