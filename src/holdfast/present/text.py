"""Chances, numbers, dates, names, claims and verdicts in words: one set for reports, figures and the console."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from holdfast.coded_armies import codebook
from holdfast.core import runtime
from holdfast.evidence import design, observables
from holdfast.evidence.claims.table import Claim
from holdfast.evidence.verdict import HIGH, JUDGED, LOW, NOT, Verdict
from holdfast.stats import intervals

if TYPE_CHECKING:
    import xarray as xr

    from holdfast.ensemble.chances import ByDay, Chance
    from holdfast.evidence.posterior import Posterior


SCALE: tuple[tuple[float, str], ...] = (
    (0.99, "almost certain"),
    (0.90, "very likely"),
    (0.66, "likely"),
    (0.33, "about as likely as not"),
    (0.10, "unlikely"),
    (0.01, "very unlikely"),
    (0.00, "almost impossible"),
)
"""Lower bound of the chance, and the words for it. After the IPCC's scale, with even bounds."""

LEAST_TAIL = 0.002
"""Tail probabilities below this, and above one less it, are given as a bound: some thousand draws resolve no more."""

ABBREVIATIONS = frozenset(
    {"andsf", "arvn", "drc", "gdr", "kmt", "nato", "pavn", "rsfsr", "uk", "un", "us", "usa", "ussr"}
)
"""Keys of sides that are spoken letter by letter."""

ARMIES = {
    "holding": "armies that held", "grey": "armies that bled for years and survived",
    "breaking": "armies that broke", "rout": "routs",
}  # fmt: skip
"""The bands of past armies (`codebook.BANDS`) as a sentence calls them."""

# --- Chances.


def chance(probability: float) -> str:
    """Words for a chance.

    Args:
        probability: the chance [1].

    Returns:
        The words of `SCALE`.
    """
    return next(words for bound, words in SCALE if probability >= bound)


def of_runs(count: int, runs: int) -> str:
    """A chance seen in simulated runs, with its resolution and its 90 % interval.

    Args:
        count: runs in which it came.
        runs: all runs.

    Returns:
        Words, count and Wilson's interval, as `unlikely: 3 of 16 runs (8–39%)`. The words are those of the interval's
        middle: none of 16 runs is no proof that it cannot happen.
    """
    low, high = intervals.wilson(count, runs)
    return f"{chance(intervals.wilson_middle(count, runs))}: {count} of {runs} runs ({100 * low:.0f}–{100 * high:.0f}%)"


def share_with_ends(share: float, low: float, high: float) -> str:
    """A share in per cent with the ends of its interval.

    Args:
        share: the share [1].
        low: lower end [1].
        high: upper end [1].

    Returns:
        As `21% (13–32)`.
    """
    return f"{100 * share:.0f}% ({100 * low:.0f}–{100 * high:.0f})"


ENDS = {
    "collapse": "army collapses", "settlement": "its state ends the war", "destroyed": "army is destroyed",
    "victory": "the enemy's war ends so", "none": "none of these",
}  # fmt: skip
"""Heads of the ends of a war, from a side's own view (`holdfast.ensemble.chances`)."""


def ends_shown(every: Iterable[ByDay]) -> dict[str, str]:
    """The ends of a war that are shown: destruction only where it comes in any run.

    Args:
        every: chances by horizon and end, of each side.

    Returns:
        Heads by end, as in `ENDS`.
    """
    came = any(chances["destroyed"]["p"] for by_day in every for chances in by_day.values())
    return {end: head for end, head in ENDS.items() if came or end != "destroyed"}


def ends(chances: Mapping[str, Chance], shown: Iterable[str]) -> list[str]:
    """The chances of the ends of a war by one horizon.

    Args:
        chances: by end, its chance with its 90 % interval (`p`, `p05`, `p95`).
        shown: the ends that are shown (`ends_shown`).

    Returns:
        A cell for each of them.
    """
    return [share_with_ends(chances[end]["p"], chances[end]["p05"], chances[end]["p95"]) for end in shown]


def ranges_of(uncertain: str, losses: str) -> str:
    """What the ranges of an ensemble hold.

    Args:
        uncertain: what its runs differ in, as its dataset says (`uncertain`).
        losses: where its losses are from, if from a posterior.

    Returns:
        A sentence.
    """
    drawn = [what for what in uncertain.split(", ") if what != "luck"]
    if not drawn or (losses and drawn == ["losses"]):
        what = "luck and of the losses" if losses else "luck alone"
        return f"The ranges are of {what}, with every parameter at its value: the true uncertainty is wider."
    words = {
        "parameters": "the parameters as history taught them",
        "resolve": "the level of resolve",
        "losses": "the losses",
    }
    fixed = [word for name, word in words.items() if name not in drawn]
    same = f" The same in all runs: {listed(fixed)}." if fixed else ""
    return (
        f"The ranges hold {listed(['luck', *(words[name] for name in drawn)])}.{same} Parameters that were not learnt stand at "
        "their values, and what the model leaves out is in no range."
    )


def inferred(draws: Mapping[str, object]) -> list[str]:
    """Where each side's level of resolve is from.

    Args:
        draws: what a result says of its draws (`SimulationResult.draws`); may be empty.

    Returns:
        A sentence for each side, one on what taught nothing, and one on draws that were put aside.
    """
    lines = []
    coded, known = draws.get("coded_army") or {}, draws.get("known_exits") or {}
    assert isinstance(coded, Mapping)
    assert isinstance(known, Mapping)
    for side, source in dict(draws.get("resolve") or {}).items():  # type: ignore[call-overload]
        words = {
            "by hand": "set by hand in the scenario",
            "codes": f"inferred from the codes of {coded.get(side)}, an army of history",
            "history at large": "what history says of armies at large, since nothing is known of it",
        }
        if side in known:
            rate, factor = known[side]
            words[source] = (
                f"inferred from {rate:g} exits per 1,000 a month known before the start (within {factor:g} times)"
            )
        lines.append(f"Resolve of {name(side)}: {words.get(source, source)}.")
    out = draws.get("taught_nothing")
    if isinstance(out, Sequence) and out:
        lines.append(f"Left out of what history taught: {', '.join(map(str, out))}.")
    if draws.get("draws_put_aside"):
        lines.append(
            f"Draws put aside: {draws['draws_put_aside']}, since as things stood on the first day an army would have broken within "
            "sixty days, or left far faster or slower than is known."
        )
    return lines


def resolution(runs: int) -> str:
    """What a number of runs can and cannot say of a chance.

    Args:
        runs: how many.

    Returns:
        A sentence.
    """
    if runs == 1:
        return "One run shows one way it may go and says nothing about chances."
    return (
        f"{runs} runs tell chances in steps of {100 / runs:.2g}%; something seen in none of them "
        f"may still have a chance of up to {100 * intervals.wilson(0, runs)[1]:.2g}%."
    )


def tail_chance(probability: float | None) -> str:
    """A tail probability of a posterior in per cent.

    Args:
        probability: the chance [1]; `None` where there is none.

    Returns:
        `under 0.2%`, `3.4%`, `45%`; a dash for none.
    """
    if probability is None:
        return "–"
    if probability < LEAST_TAIL:
        return f"under {LEAST_TAIL:.1%}"
    if probability > 1 - LEAST_TAIL:
        return f"over {1 - LEAST_TAIL:.1%}"
    return f"{probability:.1%}" if probability < 0.095 else f"{probability:.0%}"


# --- Numbers and ranges.


def number(value: float, digits: int = 3, whole: bool = False) -> str:
    """A number with thousands parted.

    Args:
        value: the number.
        digits: significant digits.
        whole: whether to leave decimals out, as for men.

    Returns:
        As `17,000` or `0.0042`; a dash where the number is not finite.
    """
    if not np.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    places = digits - 1 - math.floor(math.log10(abs(value)))
    places = min(0, places) if whole else places
    return f"{round(value, places):,.{max(0, places)}f}".replace("-", "−")


def men(value: float) -> str:
    """A count of men.

    Args:
        value: the count.

    Returns:
        The count to three digits, as `316,000`.
    """
    return number(value, whole=True)


def percent(share: float) -> str:
    """A share in per cent.

    Args:
        share: the share [1].

    Returns:
        As `17%` or `0.4%`.
    """
    return f"{number(100 * share, 2 if abs(share) < 0.995 else 3)}%"


def signed(value: float, places: int = 1) -> str:
    """A number with its sign.

    Args:
        value: the number.
        places: digits after the point.

    Returns:
        As `+0.2` or `−1.0`; what rounds to nothing has no sign.
    """
    text = f"{value:+.{places}f}".replace("-", "−")
    return text if float(f"{value:.{places}f}") else text[1:]


def with_interval(values: tuple[float, float, float], digits: int = 3, whole: bool = False, unit: str = "") -> str:
    """A median with its 90 % interval.

    Args:
        values: the median and the interval's lower and upper end.
        digits: significant digits.
        whole: whether to leave decimals out.
        unit: what follows the median and the closing end, as `%`.

    Returns:
        As `3.1 (2.4–4.0)`; the median alone where the two ends agree.
    """
    middle, low, high = (number(value, digits, whole) for value in values)
    return f"{middle}{unit}" if low == high else f"{middle}{unit} ({low}–{high}{unit})"


def interval(quantiles: Mapping[str, float]) -> str:
    """A count of men with its 90 % interval.

    Args:
        quantiles: `p05`, `p50` and `p95` [men].

    Returns:
        As `490,000 (421,000–572,000)`.
    """
    return with_interval((quantiles["p50"], quantiles["p05"], quantiles["p95"]), whole=True)


def span(quantiles: Mapping[str, float]) -> str:
    """The 90 % interval of a count of men alone.

    Args:
        quantiles: `p05` and `p95` [men].

    Returns:
        As `421,000–572,000`.
    """
    return f"{men(quantiles['p05'])}–{men(quantiles['p95'])}"


# --- Dates.


def date(day: dt.date | np.datetime64) -> str:
    """A date in words.

    Args:
        day: the day.

    Returns:
        As `3 March 2024`.
    """
    value = _day(day)
    return f"{value.day} {value:%B %Y}"


def short_date(day: dt.date | np.datetime64) -> str:
    """A date for a table.

    Args:
        day: the day.

    Returns:
        As `3 Mar 2024`.
    """
    value = _day(day)
    return f"{value.day} {value:%b %Y}"


def _day(day: dt.date | np.datetime64) -> dt.date:
    """A day as the standard library has it."""
    return dt.date.fromisoformat(str(day.astype("datetime64[D]"))) if isinstance(day, np.datetime64) else day


# --- Sentences.


def listed(parts: Sequence[str]) -> str:
    """Words in a row.

    Args:
        parts: the words; at least one.

    Returns:
        As `a, b and c`.
    """
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]


def of(side: str) -> str:
    """The genitive of a name.

    Args:
        side: the name.

    Returns:
        As `Ukraine's` or `the Allies'`.
    """
    return f"{side}'" if side.endswith("s") else f"{side}'s"


def likeness(rate: float) -> str:
    """A rate of exits against past armies.

    Args:
        rate: exits by choice per 1,000 men a month.

    Returns:
        As `as in armies that held` or `between armies that broke and routs`.
    """
    band = codebook.band_of(rate)
    words = " ".join(ARMIES.get(word, word) for word in band.split())
    if band.startswith("below"):
        return words.replace("below", "fewer than in")
    return words if band.startswith("between") else f"as in {words}"


# --- Names of sides.


def name(key: str) -> str:
    """The name of a side in a sentence.

    Args:
        key: its key in a scenario or a table of claims.

    Returns:
        As `Russia` for `russia`, `Central powers` for `central-powers`, `USSR` for `ussr`.
    """
    plain = key.replace("-", " ").replace("_", " ")
    return plain.upper() if key in ABBREVIATIONS else plain[:1].upper() + plain[1:]


def with_names(data: xr.Dataset) -> xr.Dataset:
    """A run's dataset with the names of its sides in place of their keys.

    Args:
        data: the dataset, with the dimension `side`.

    Returns:
        The dataset with its coordinates of sides renamed; no value is changed.
    """
    changed: dict[str, object] = {"side": [name(str(side)) for side in data.side.values]}
    for label in ("brigade_side", "region_side"):
        if label in data.coords:
            changed[label] = (data[label].dims, [name(str(side)) for side in data[label].values])
    return data.assign_coords(changed)


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
        return short_date(claim.as_of_date)
    return f"{short_date(claim.period_start)} to {short_date(claim.as_of_date)}"


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
    number = design.total(claim, claim.value)
    return "" if number == claim.value else f"{men(number)} over its {days(claim)} days"


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
    tail, of = tail_chance(verdict.tail_probability), f" (of {draws:,} draws)" if draws else ""
    sign = design.as_vote(verdict.claim).sign
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
    value = design.total(verdict.claim, verdict.claim.value)
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
    return f"{len(posterior.claims):,} claims, evidence to {date(posterior.until)}"


def sides(posterior: Posterior) -> str:
    """The sides of a war.

    Args:
        posterior: the posterior of its losses.

    Returns:
        As `Russia and Ukraine`.
    """
    return listed([name(side) for side in posterior.sides])


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
