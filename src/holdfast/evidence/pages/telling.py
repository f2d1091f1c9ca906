"""The page's sentences: who lost how many, how sure that is, what became of the claims, how the fit went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from holdfast.evidence.pages import bands, citing, words
from holdfast.evidence.posterior import Posterior, quantiles
from holdfast.evidence.verdict import HIGH, JUDGED, LOW, NOT, Verdict
from holdfast.report import naming
from holdfast.report import words as plain

Summary = Mapping[str, Any]


def headline(posterior: Posterior, summary: Summary) -> str:
    """Who lost how many by when."""
    said = [
        f"{naming.name(side)} has lost {words.interval(summary['sides'][side]['killed'])} men killed"
        for side in posterior.sides
    ]
    return f"By {words.date(posterior.until)} {plain.listed(said)}."


def answer(posterior: Posterior, verdicts: Sequence[Verdict]) -> list[str]:
    """How sure, with the wounded, the ratio of the sides, and the claims."""
    first, last = posterior.calendar.first, posterior.calendar.last
    made = [
        "In brackets: the 90% interval. Given the model and the claims, one chance in twenty lies below it and one above."
    ]
    both = [
        f"{words.interval(quantiles(bands.total(posterior, side, 'killed_wounded', first, last)))} "
        f"({naming.name(side)})" for side in posterior.sides
    ]  # fmt: skip
    made.append(f"Killed and wounded together, each wound counted: {plain.listed(both)}.")
    if len(posterior.sides) == 2:
        made.append(_compared(posterior))
    return [*made, told_of(verdicts)]


def _compared(posterior: Posterior) -> str:
    one, other = posterior.sides
    dead = [posterior.total(side, "killed") for side in (one, other)]
    count = min(map(len, dead))
    ratio = dead[0][:count] / np.maximum(dead[1][:count], 1.0)
    if np.median(ratio) < 1:
        one, other, ratio = other, one, 1 / ratio
    chance = float(np.mean(ratio > 1))
    low, middle, high = np.quantile(ratio, [0.05, 0.5, 0.95])
    return (
        f"That {naming.name(one)} has lost more men killed than {naming.name(other)} is {plain.chance(chance)} "
        f"({words.chance(chance)}); for each of {plain.of(naming.name(other))} dead "
        f"{plain.with_interval((middle, low, high), 2)} of {plain.of(naming.name(one))}."
    )


def told_of(verdicts: Sequence[Verdict]) -> str:
    """How many claims fit."""
    count = Counter(one.verdict for one in verdicts)
    judged = len(verdicts) - count[NOT]
    return (
        f"Of {judged:,} claims that can be judged {count[JUDGED]:,} are compatible with the evidence under their own "
        f"words, {count[HIGH]:,} are too high and {count[LOW]:,} too low."
    )


def warnings(posterior: Posterior) -> list[str]:
    """What must be said before anything is believed."""
    made = []
    if posterior.method == "fast":
        made.append(
            "This is the fast fit: the nearest normal distribution in place of sampling. Its intervals may be too narrow "
            "and its middles off. Do not cite it; fit with NUTS first."
        )
    made += [f"The fit fell short: {fault}." for fault in posterior.diagnostics.get("faults", [])]
    return made


def diagnostics(posterior: Posterior) -> list[tuple[str, str, str]]:
    """Rows: what, value, what it should be."""
    found = posterior.diagnostics
    rows = [
        ("method", citing.METHODS.get(posterior.method, posterior.method), "NUTS"),
        ("largest R-hat", _shown(found.get("r_hat_max"), "{:.4f}"), "at most 1.02"),
        ("fewest effective draws", _shown(found.get("ess_min"), "{:,.0f}"), "at least 400"),
        ("divergences", _shown(found.get("divergences"), "{:,}"), "at most 0.5% of the draws"),
        ("draws", _shown(found.get("draws"), "{:,}"), ""),
        ("seed", str(posterior.seed), ""),
    ]
    if posterior.method == "fast":  # draws of a normal distribution are independent: these say nothing of the fit
        rows = [row if row[0] in ("method", "draws", "seed") else (row[0], row[1], "says nothing of a fast fit")
                for row in rows]  # fmt: skip
    return rows


def _shown(value: Any, form: str) -> str:
    return "–" if value is None else form.format(value)
