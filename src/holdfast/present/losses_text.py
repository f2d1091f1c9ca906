"""What stands under everything shown: the evidence's date, how it was fitted, what to hold against it, how to cite it."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence

from holdfast.core import runtime
from holdfast.evidence import deduplicate, observables
from holdfast.evidence.claims.claim import Claim
from holdfast.evidence.posterior import Posterior
from holdfast.evidence.verdict import HIGH, JUDGED, LOW, NOT, Verdict
from holdfast.present import text

# Words for claims and verdicts, the same in charts, on cards, on the page and on the screen.


VERDICTS = {JUDGED: "compatible", HIGH: "too high", LOW: "too low", NOT: "not judged"}
TYPES = {
    "belligerent own side": "own side", "opposing side": "enemy", "third-party government": "third government",
    "think tank / model": "institute or model", "media": "media", "named-list count": "list of names",
    "excess-mortality model": "excess deaths",
}  # fmt: skip
"""Types of claimants, short enough for a legend."""


def _whole(value: float) -> str:
    """A number as it was said: `300,000`; no digit is dropped."""
    return f"{value:,.0f}" if value == math.floor(value) else f"{value:,g}"


def said(claim: Claim) -> str:
    """The number in its own words: `at least 300,000`, `15,000–20,000`, `496`, `30 a day`."""
    low, middle, high = claim.value_low, claim.value_central, claim.value_high
    if middle is not None:
        number = _whole(middle)
        if low is not None and high is not None and low < high:
            number += f" ({_whole(low)}–{_whole(high)})"
    elif low is not None and high is not None:
        number = f"{_whole(low)}–{_whole(high)}" if low < high else _whole(low)
    else:
        number = f"{claim.limit} {_whole(claim.value)}"
    unit = {"per day": " a day", "per week": " a week"}.get(claim.basis, "")
    long = (claim.as_of_date - claim.period_start).days > 31
    return number + (" a month" if claim.basis == "per month" and long else unit)


def window(claim: Claim) -> str:
    """The days that a claim counts: one day, or from one to another."""
    if claim.counts in observables.STOCKS or claim.basis == "stock" or claim.period_start == claim.as_of_date:
        return text.short_date(claim.as_of_date)
    return f"{text.short_date(claim.period_start)} to {text.short_date(claim.as_of_date)}"


def total(claim: Claim) -> str:
    """What a rate comes to over its window; nothing where the number is a total already."""
    whole_of = deduplicate.total(claim, claim.value)
    return "" if whole_of == claim.value else f"{text.men(whole_of)} over its {days(claim)} days"


def days(claim: Claim) -> int:
    """Days of the window, both ends included."""
    return (claim.as_of_date - claim.period_start).days + 1


def sentence(verdict: Verdict, draws: int | None = None) -> str:
    """The verdict with its tail probability, in a sentence."""
    tail = verdict.tail_probability
    if tail is None:
        return verdict.would_mean
    sign = deduplicate.as_vote(verdict.claim).sign
    of = f" (of {draws:,} draws)" if draws else ""
    if verdict.verdict == HIGH:
        return f"The chance that the true number is as high is {text.tail(tail)}{of}."
    if verdict.verdict == LOW:
        return f"The chance that the true number is as low is {text.tail(tail)}{of}."
    if sign > 0:
        return f"The chance that the true number is at least this is {text.tail(tail)}{of}."
    if sign < 0:
        return f"The chance that the true number is at most this is {text.tail(tail)}{of}."
    return f"It lies within what the evidence allows: {text.tail(tail)} of it{of} is at least as far out."


def out_by(verdict: Verdict) -> float:
    """How far the number lies from the evidence's median, on the log scale; 0 where it is not judged."""
    value = deduplicate.total(verdict.claim, verdict.claim.value)
    if verdict.truth is None or value <= 0 or verdict.truth["p50"] <= 0:
        return 0.0
    return math.log(value / verdict.truth["p50"])


def worst_first(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Judged ones by their chance, then by how far out they are; those without a verdict last."""
    return sorted(
        verdicts,
        key=lambda one: (
            one.verdict == NOT, one.verdict == JUDGED,
            one.tail_probability if one.tail_probability is not None else 1.0, -abs(out_by(one)), one.claim.claim_id,
        ),
    )  # fmt: skip


def short_name(claimant: str, most: int = 30) -> str:
    """A claimant's name for a label: without what stands in brackets, cut at a word."""
    plain = claimant.split(" (")[0].split(", ")[0].strip() or "unnamed"
    if len(plain) <= most:
        return plain
    cut = plain[: most - 1].rsplit(" ", 1)[0]
    return f"{cut if len(cut) > most // 2 else plain[: most - 1]}…"


def month(day: str) -> str:
    """`March 2024`, from an ISO date."""
    return f"{dt.date.fromisoformat(day):%B %Y}"


NOBODY = "the claim"
"""Claimant of a claim that the user wrote himself."""


def by_somebody(claim: Claim) -> bool:
    """Whether anyone in particular says it, so that his habits are worth telling."""
    return claim.claimant != NOBODY


METHODS = {"nuts": "NUTS", "fast": "fast fit"}
CAVEAT = (
    "A posterior is a model and claims, not the truth. The habits of claimants that it starts from were learned from wars "
    "of the past and of today, and lists, registers and tallies are not independent of one another."
)
CAVEATS = (
    "The posterior is what a model makes of claims. It is not the truth, and a claim may be right against it.",
    "Registers of the dead, lists of names and the estimates built on them are not independent of one another; neither "
    "are the totals of governments that follow one belligerent's tally.",
)


def method(posterior: Posterior) -> str:
    """How the posterior was got, in a line."""
    found = posterior.diagnostics
    draws = f"{int(found.get('draws', 0)):,} draws"
    if posterior.method == "fast":
        return f"fast fit (nearest normal distribution, {draws}), not to be cited where NUTS can be had"
    said = [f"NUTS, {draws}"]
    if found.get("r_hat_max") is not None:
        said.append(f"R-hat at most {float(found['r_hat_max']):.3f}")
    if found.get("ess_min") is not None:
        said.append(f"at least {float(found['ess_min']):,.0f} effective draws")
    if found.get("divergences") is not None:
        said.append(f"{int(found['divergences'])} divergences")
    return ", ".join(said)


def evidence(posterior: Posterior) -> str:
    """How many claims, and to which day."""
    return f"{len(posterior.claims):,} claims, evidence to {text.date(posterior.until)}"


def sides(posterior: Posterior) -> str:
    """`Russia and Ukraine`."""
    return text.listed([text.name(side) for side in posterior.sides])


def citation(posterior: Posterior) -> str:
    """How to cite the posterior."""
    return (
        f"Holdfast {runtime.version()}, losses of {sides(posterior)}: {evidence(posterior)}; "
        f"{METHODS.get(posterior.method, posterior.method)}, seed {posterior.seed}."
    )


def caveats(posterior: Posterior, more: Sequence[str] = ()) -> list[str]:
    """What to hold against the result: what was handed in, then what always holds."""
    standing = [one for one in CAVEATS if "Ukraine" not in one or "ukraine" in posterior.sides]
    return [*dict.fromkeys([*more, *standing])]
