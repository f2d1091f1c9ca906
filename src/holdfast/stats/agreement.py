"""How far coders agree beyond chance: the share of equal codes, Cohen's weighted kappa, Krippendorff's alpha.

Coders who only guess agree by chance. Both measures take that off: 1 is full agreement, 0 what chance gives, below 0 less
than that. Krippendorff asks for an alpha of 0.8, and of 0.667 for tentative conclusions (Krippendorff, *Content Analysis*,
2004, ch. 11).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from holdfast.core.lazy import Lazy

if TYPE_CHECKING:
    import numpy as np
else:
    np = Lazy("numpy")


LEVELS = (0, 1, 2)
"""The ordered codes."""


@dataclass(frozen=True)
class Measures:
    """Agreement of two coders over some units; `None` where a measure is not defined."""

    count: int
    """Units that both coded."""
    equal: float | None
    """Share of them with equal codes."""
    kappa: float | None
    """Cohen's kappa with linear weights: a step of two counts twice a step of one."""
    alpha: float | None
    """Krippendorff's alpha for ordered codes."""


def agreement(pairs: Iterable[tuple[int | None, int | None]], levels: Sequence[int] = LEVELS) -> Measures:
    """The three measures of two coders.

    Args:
        pairs: the codes of each unit; `None` where a coder gave none, and the unit is then passed over.
        levels: the ordered codes that there are.

    Returns:
        The measures, over the units that both coded.
    """
    known = [(one, two) for one, two in pairs if one is not None and two is not None]
    if not known:
        return Measures(0, None, None, None)
    equal = sum(one == two for one, two in known) / len(known)
    return Measures(len(known), equal, weighted_kappa(known, levels), krippendorff_alpha(known))


def weighted_kappa(pairs: Sequence[tuple[int, int]], levels: Sequence[int] = LEVELS) -> float | None:
    """Cohen's kappa with linear weights (Cohen 1968, Psychological Bulletin 70:213-220), by scikit-learn.

    Args:
        pairs: both coders' code of each unit.
        levels: the ordered codes that there are.

    Returns:
        Kappa, or `None` where both gave one and the same code throughout, or nothing: chance then explains all.

    Raises:
        ValueError: if a code is not one of `levels`.
    """
    if not {each for pair in pairs for each in pair} <= set(levels):
        raise ValueError(f"a code is one of {', '.join(map(str, levels))}")
    if not pairs or len({each for pair in pairs for each in pair}) == 1:
        return None  # scikit-learn: NaN and a warning
    from sklearn.metrics import cohen_kappa_score

    first, second = zip(*pairs)
    return float(cohen_kappa_score(first, second, weights="linear", labels=list(levels)))


def krippendorff_alpha(units: Iterable[Sequence[int | None]]) -> float | None:
    """Krippendorff's alpha for ordered codes (Krippendorff, *Content Analysis*, 2004, ch. 11), by his measure's package.

    Args:
        units: what any number of coders gave each unit, `None` where one gave nothing; a unit with one code says nothing.

    Returns:
        Alpha, or `None` where all codes that can be compared are the same, or none can be compared.
    """
    compared = [known for unit in units if len(known := [each for each in unit if each is not None]) > 1]
    if len({each for unit in compared for each in unit}) < 2:
        return None  # the package: an error, or NaN and a warning
    import krippendorff

    table = np.full((max(map(len, compared)), len(compared)), np.nan)
    for column, unit in enumerate(compared):
        table[: len(unit), column] = unit
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        value = float(krippendorff.alpha(table, level_of_measurement="ordinal"))
    return None if math.isnan(value) else value
