"""Chances and numbers in words: the one scale that every sentence of the report uses."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

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

Z90 = 1.6449
"""Normal quantile of a two-sided 90% interval."""


def chance(probability: float) -> str:
    """The words for a chance."""
    return next(words for bound, words in SCALE if probability >= bound)


def wilson(count: int, runs: int) -> tuple[float, float, float]:
    """Middle and ends of Wilson's 90% interval of a chance seen `count` times in `runs` runs.

    The middle, not the raw share, is what is put in words: 0 of 16 runs is no proof of impossibility.
    Wilson (1927), doi:10.1080/01621459.1927.10502953.
    """
    share, z2 = count / runs, Z90**2
    middle = (share + z2 / (2 * runs)) / (1 + z2 / runs)
    half = Z90 / (1 + z2 / runs) * math.sqrt(share * (1 - share) / runs + z2 / (4 * runs**2))
    return middle, middle - half if count else 0.0, middle + half if count < runs else 1.0


def of_runs(count: int, runs: int) -> str:
    """A chance with its resolution and 90% interval: `unlikely: 3 of 16 runs (8–39%)`."""
    middle, low, high = wilson(count, runs)
    return f"{chance(middle)}: {count} of {runs} runs ({_span(low, high)})"


def _span(low: float, high: float) -> str:
    """A range of shares in per cent."""
    return f"{100 * low:.0f}–{100 * high:.0f}%"


def percent(share: float) -> str:
    """A share in per cent: `17%`, `0.4%`."""
    return f"{number(100 * share, 2 if abs(share) < 0.995 else 3)}%"


def resolution(runs: int) -> str:
    """What so many runs can and cannot tell."""
    if runs == 1:
        return "One run shows one way it may go and says nothing about chances."
    rare = wilson(0, runs)[2]
    return (
        f"{runs} runs tell chances in steps of {100 / runs:.2g}%; something seen in none of them "
        f"may still have a chance of up to {100 * rare:.2g}%."
    )


def number(value: float, digits: int = 3, whole: bool = False) -> str:
    """A number to so many significant digits, with thousands parted: `17,000`, `0.0042`; men come whole."""
    if not np.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    places = digits - 1 - math.floor(math.log10(abs(value)))
    places = min(0, places) if whole else places
    rounded = round(value, places)
    return f"{rounded:,.{max(0, places)}f}".replace("-", "−")


def date(day: np.datetime64) -> str:
    """A date as one says it: `3 March 2024`."""
    value = day.astype("datetime64[D]").item()
    return f"{value.day} {value:%B %Y}"


def short_date(day: np.datetime64) -> str:
    """The same for a table: `3 Mar 2024`."""
    value = day.astype("datetime64[D]").item()
    return f"{value.day} {value:%b %Y}"


def signed(value: float, places: int = 1) -> str:
    """A number that says its sign: `+0.2`, `−1.0`."""
    text = f"{value:+.{places}f}".replace("-", "−")
    return text if float(f"{value:.{places}f}") else text[1:]


def listed(parts: Sequence[str]) -> str:
    """`a, b and c`."""
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]


def of(side: str) -> str:
    """The genitive: `Ukraine's`, `the Allies'`."""
    return f"{side}'" if side.endswith("s") else f"{side}'s"


def with_interval(values: tuple[float, float, float], digits: int = 3, whole: bool = False, unit: str = "") -> str:
    """A median with its 90% interval: `3.1 (2.4–4.0)`; the median alone where the two ends agree."""
    middle, low, high = (number(value, digits, whole) for value in values)
    return f"{middle}{unit}" if low == high else f"{middle}{unit} ({low}–{high}{unit})"
