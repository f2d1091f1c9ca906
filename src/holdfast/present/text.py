"""Chances, numbers, ranges, dates and names in words: one set for reports, figures and the console."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from holdfast.coded_armies import codebook
from holdfast.stats import intervals

if TYPE_CHECKING:
    import xarray as xr

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


def tail(probability: float | None) -> str:
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
