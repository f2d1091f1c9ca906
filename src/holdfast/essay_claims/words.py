"""Figures in words: medians with their 90 % interval, shares, chances of runs."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from holdfast.stats.intervals import interval, wilson


def number(value: float, digits: int = 3) -> str:
    """A number to some significant digits, thousands parted.

    Args:
        value: the number.
        digits: significant digits.

    Returns:
        As `88,300` or `2.64`; a minus sign is a minus sign.
    """
    if not math.isfinite(value):
        return "–"
    places = digits - 1 - (math.floor(math.log10(abs(value))) if value else 0)
    return f"{round(value, places):,.{max(0, places)}f}".replace("-", "−")


def draws(values: npt.ArrayLike, digits: int = 3) -> str:
    """A median with its 90 % interval.

    Args:
        values: draws of one number `[draw]`.
        digits: significant digits.

    Returns:
        As `88,300 (76,900 to 102,000)`.
    """
    low, high = interval(values)
    return f"{number(float(np.median(np.asarray(values))), digits)} ({number(low, digits)} to {number(high, digits)})"


def between(value: float, low: float, high: float, digits: int = 2) -> str:
    """A number with the ends of its interval.

    Args:
        value: the number.
        low: the lower end.
        high: the upper end.
        digits: places after the point.

    Returns:
        As `0.62 (0.48 to 0.74)`.
    """
    return f"{value:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})".replace("-", "−")


def runs(count: int, total: int) -> str:
    """A share of runs with Wilson's interval.

    Args:
        count: runs in which it came.
        total: runs in all.

    Returns:
        As `0.29 (0.20 to 0.41)`.
    """
    return between(count / total, *wilson(count, total))


def share(value: float) -> str:
    """A share of draws.

    Args:
        value: the share [1].

    Returns:
        As `17 %`, `under 0.1 %` where it is less, with a digit more below 2 %.
    """
    if 0 <= value < 0.001:
        return "under 0.1 %"
    return f"{100 * value:.{1 if value < 0.02 else 0}f} %"
