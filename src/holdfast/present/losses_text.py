"""Claims and verdicts in words, the same in charts, on cards, on the page and on the console."""

from __future__ import annotations

import math
from collections.abc import Sequence

from holdfast.core import runtime
from holdfast.evidence import deduplicate, observables
from holdfast.evidence.claims.claim import Claim
from holdfast.evidence.posterior import Posterior
from holdfast.evidence.verdict import HIGH, JUDGED, LOW, NOT, Verdict
from holdfast.present import text

VERDICTS = {JUDGED: "compatible", HIGH: "too high", LOW: "too low", NOT: "not judged"}
TYPES = {
    "belligerent own side": "own side", "opposing side": "enemy", "third-party government": "third government",
    "think tank / model": "institute or model", "media": "media", "named-list count": "list of names",
    "excess-mortality model": "excess deaths",
}  # fmt: skip
"""Types of claimants, short enough for a legend."""
METHODS = {"nuts": "NUTS", "fast": "fast fit"}
NOBODY = "the claim"
"""Claimant of a claim that users wrote themselves."""
CAVEAT = (
    "A posterior is a model and claims, not the truth. The habits of claimants that it starts from were learned from wars "
    "of the past and of today, and lists, registers and tallies are not independent of one another."
)
_CAVEATS = (
    "The posterior is what a model makes of claims. It is not the truth, and a claim may be right against it.",
    "Registers of the dead, lists of names and the estimates built on them are not independent of one another; neither "
    "are the totals of governments that follow one belligerent's tally.",
)


def said(claim: Claim) -> str:
    """The number of a claim in its own words.

    Args:
        claim: the claim.

    Returns:
        As `at least 300,000`, `15,000–20,000`, `496` or `30 a day`; no digit is dropped.
    """

    def whole(value: float) -> str:
        return f"{value:,.0f}" if value == math.floor(value) else f"{value:,g}"

    low, middle, high = claim.value_low, claim.value_central, claim.value_high
    span = "" if low is None or high is None or low >= high else f"{whole(low)}–{whole(high)}"
    if middle is not None:
        number = f"{whole(middle)} ({span})" if span else whole(middle)
    elif low is not None and high is not None:
        number = span or whole(low)
    else:
        number = f"{claim.limit} {whole(claim.value)}"
    if claim.basis == "per month":
        return number + (" a month" if (claim.as_of_date - claim.period_start).days > 31 else "")
    return number + {"per day": " a day", "per week": " a week"}.get(claim.basis, "")


def window(claim: Claim) -> str:
    """The days that a claim counts.

    Args:
        claim: the claim.

    Returns:
        One day, or from one to another.
    """
    if claim.counts in observables.STOCKS or claim.basis == "stock" or claim.period_start == claim.as_of_date:
        return text.short_date(claim.as_of_date)
    return f"{text.short_date(claim.period_start)} to {text.short_date(claim.as_of_date)}"


def days(claim: Claim) -> int:
    """Length of a claim's window.

    Args:
        claim: the claim.

    Returns:
        Days, both ends included [d].
    """
    return (claim.as_of_date - claim.period_start).days + 1


def total(claim: Claim) -> str:
    """What a claim of a rate comes to over its window.

    Args:
        claim: the claim.

    Returns:
        The total in words; empty where the number is a total already.
    """
    number = deduplicate.total(claim, claim.value)
    return "" if number == claim.value else f"{text.men(number)} over its {days(claim)} days"


def short_name(claimant: str, most: int = 30) -> str:
    """A claimant's name for a label.

    Args:
        claimant: the name.
        most: letters, at most.

    Returns:
        The name without what stands in brackets, cut at a word.
    """
    plain = claimant.split(" (")[0].split(", ")[0].strip() or "unnamed"
    if len(plain) <= most:
        return plain
    cut = plain[: most - 1].rsplit(" ", 1)[0]
    return f"{cut if len(cut) > most // 2 else plain[: most - 1]}…"


def by_somebody(claim: Claim) -> bool:
    """Whether a claim has a claimant.

    Args:
        claim: the claim.

    Returns:
        False for a claim that users wrote themselves, of whose habits nothing is known.
    """
    return claim.claimant != NOBODY


def sentence(verdict: Verdict, draws: int | None = None) -> str:
    """A verdict with its tail probability.

    Args:
        verdict: the verdict.
        draws: of the posterior, to be named in the sentence.

    Returns:
        A sentence.
    """
    if verdict.tail_probability is None:
        return verdict.would_mean
    tail, of = text.tail(verdict.tail_probability), f" (of {draws:,} draws)" if draws else ""
    sign = deduplicate.as_vote(verdict.claim).sign
    extreme = {HIGH: "as high", LOW: "as low"}.get(verdict.verdict) or {1: "at least this", -1: "at most this"}.get(
        sign
    )
    if extreme:
        return f"The chance that the true number is {extreme} is {tail}{of}."
    return f"It lies within what the evidence allows: {tail} of it{of} is at least as far out."


def out_by(verdict: Verdict) -> float:
    """How far a claim lies from the evidence's median.

    Args:
        verdict: of the claim.

    Returns:
        The logarithm of their ratio [1]; 0 where the claim is not judged.
    """
    value = deduplicate.total(verdict.claim, verdict.claim.value)
    if verdict.truth is None or value <= 0 or verdict.truth["p50"] <= 0:
        return 0.0
    return math.log(value / verdict.truth["p50"])


def worst_first(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Verdicts in the order in which they are listed.

    Args:
        verdicts: in any order.

    Returns:
        Those that do not fit by their chance, then by how far out they are; then those that fit; last those not judged.
    """
    return sorted(
        verdicts,
        key=lambda one: (
            one.verdict == NOT, one.verdict == JUDGED,
            one.tail_probability if one.tail_probability is not None else 1.0, -abs(out_by(one)), one.claim.claim_id,
        ),
    )  # fmt: skip


def method(posterior: Posterior) -> str:
    """How a posterior was fitted.

    Args:
        posterior: the posterior.

    Returns:
        The method and its diagnostics, in a line.
    """
    numbers = posterior.diagnostics
    draws = f"{int(numbers.get('draws', 0)):,} draws"
    if posterior.method == "fast":
        return f"fast fit (nearest normal distribution, {draws}), not to be cited where NUTS can be had"
    words = [f"NUTS, {draws}"]
    for name, form in (
        ("r_hat_max", "R-hat at most {:.3f}"), ("ess_min", "at least {:,.0f} effective draws"),
        ("divergences", "{:.0f} divergences"),
    ):  # fmt: skip
        if numbers.get(name) is not None:
            words.append(form.format(float(numbers[name])))
    return ", ".join(words)


def evidence(posterior: Posterior) -> str:
    """What a posterior rests on.

    Args:
        posterior: the posterior.

    Returns:
        How many claims, and to which day.
    """
    return f"{len(posterior.claims):,} claims, evidence to {text.date(posterior.until)}"


def sides(posterior: Posterior) -> str:
    """The sides of a war.

    Args:
        posterior: the posterior of its losses.

    Returns:
        As `Russia and Ukraine`.
    """
    return text.listed([text.name(side) for side in posterior.sides])


def citation(posterior: Posterior) -> str:
    """How to cite a posterior.

    Args:
        posterior: the posterior.

    Returns:
        A sentence with version, sides, evidence, method and seed.
    """
    return (
        f"Holdfast {runtime.version()}, losses of {sides(posterior)}: {evidence(posterior)}; "
        f"{METHODS.get(posterior.method, posterior.method)}, seed {posterior.seed}."
    )


def caveats(posterior: Posterior, more: Sequence[str] = ()) -> list[str]:
    """What to hold against a posterior.

    Args:
        posterior: the posterior.
        more: caveats of its claims.

    Returns:
        Those, then the ones that always hold.
    """
    return [*dict.fromkeys([*more, *_CAVEATS])]
