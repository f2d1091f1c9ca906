"""Sobol indices and Morris's elementary effects, by SALib behind guards.

SALib 1.6.0 turns one missing result into effects of 0 with an interval of 0, takes the seed 0 as no seed, analyses a design
of the other kind without a word, and changes the problem that it is given. Here results that are not finite are refused
by name, a design keeps its kind and is analysed as it was drawn, the seed 0 stands for another one, and SALib gets copies.
Its intervals are too narrow of few points and of a rare outcome, those of mu* of few paths; they are widened here.

Sobol 2001, doi:10.1016/S0378-4754(00)00270-6; Saltelli and others 2010, doi:10.1016/j.cpc.2009.09.018 (the estimators);
Jansen 1999, doi:10.1016/S0010-4655(98)00154-4 (the second one of the first order);
Morris 1991, Technometrics 33:161-174; Campolongo, Cariboni and Saltelli 2007, doi:10.1016/j.envsoft.2006.10.004 (mu*).
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

from holdfast.core.lazy import Lazy
from holdfast.core.params import Floats
from holdfast.core.units import LEVEL
from holdfast.stats.finite import refuse_nonfinite
from holdfast.stats.intervals import Estimate, normal_quantile

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
else:
    np = Lazy("numpy")

Places: TypeAlias = "npt.NDArray[np.int64]"
"""Whole numbers, as places of points."""
RESAMPLES = 400
"""Resamples behind an interval."""
FEW = 30
"""Points of the two independent samples at which an output is other than its commonest value; with fewer of them it is rare."""
LEVELS = 4
"""Levels of a Morris grid; a step goes over two thirds of the range."""
SEED_OF_ZERO = 2**32
"""What stands for the seed 0: no seed of a user's is as large."""
NOTHING = Estimate(math.nan, math.nan, math.nan)


def nonzero(seed: int) -> int:
    """A seed that no library takes for none.

    Args:
        seed: the user's, from 0 on.

    Returns:
        The same; another one in place of 0.
    """
    return seed or SEED_OF_ZERO


@dataclasses.dataclass(frozen=True)
class Pair:
    """What two inputs make together and neither alone."""

    first: str
    """The one input."""
    second: str
    """The other."""
    share: Estimate
    """Share of the variance (second order), with its 90 % interval [1]."""


@dataclasses.dataclass(frozen=True)
class SobolIndices:
    """How the variance of one output is shared out among the inputs, with 90 % intervals over resamples of the points."""

    first: tuple[Estimate, ...]
    """Share of the variance that an input makes by itself, by input [1]; NaN of an output that is the same at every point."""
    total: tuple[Estimate, ...]
    """Share that goes with it, by itself or together with others [1]."""
    pairs: tuple[Pair, ...] = ()
    """Pairs of inputs; none unless the design has them."""


@dataclasses.dataclass(frozen=True)
class MorrisEffects:
    """What steps of an input do to one output."""

    mean: tuple[float, ...]
    """Mean effect of an input over its whole range (mu), by input [output]."""
    size: tuple[Estimate, ...]
    """Mean absolute effect (mu*), with its 90 % interval [output]."""
    spread: tuple[float, ...]
    """Standard deviation of the effects (sigma): how far they depend on the other inputs, or bend [output]."""


@dataclasses.dataclass(frozen=True)
class SobolDesign:
    """Points at which first and total order, and where wanted second order, can be estimated."""

    names: tuple[str, ...]
    """The inputs."""
    points: Floats
    """Where each input stands between its ends `[point, input]` [0-1]."""
    second_order: bool
    """Whether the points serve pairs of inputs too."""
    seed: int
    """Of the points and the resamples; never 0."""

    @property
    def base(self) -> int:
        """Points of each of the two independent samples."""
        return len(self.points) // self.block

    @property
    def block(self) -> int:
        """Points that belong to one point of the base sample."""
        return block(len(self.names), self.second_order)

    @property
    def independent(self) -> Places:
        """Places of the points of the two independent samples; the others mix these two, column by column."""
        first = np.arange(0, len(self.points), self.block)
        return np.sort(np.concatenate([first, first + self.block - 1]))

    def uncommon(self, values: Floats) -> int:
        """At how many points of the two independent samples an output is other than its commonest value.

        Args:
            values: the output `[point]`.

        Returns:
            The number: of an outcome that came or not how often it came, or did not come where that is rarer.
        """
        counts = np.unique(values[self.independent], return_counts=True)[1]
        return int(counts.sum() - counts.max())


def block(inputs: int, second_order: bool) -> int:
    """Points of a Sobol design for each point of its base sample.

    Args:
        inputs: how many inputs.
        second_order: whether it serves pairs too.

    Returns:
        The number.
    """
    return 2 * inputs + 2 if second_order else inputs + 2


def sobol_design(names: Sequence[str], base: int, seed: int, *, second_order: bool = False) -> SobolDesign:
    """Draw the points of a Sobol design.

    Args:
        names: the inputs.
        base: points of the base sample, a power of 2.
        seed: of the scrambling; 0 is a seed like any other.
        second_order: whether it is to serve pairs of inputs too.

    Returns:
        The design.

    Raises:
        ValueError: if `base` is no power of 2, of which alone the sequence is even.
    """
    from SALib.sample import sobol

    if base < 2 or base & (base - 1):
        raise ValueError(f"base: {base}; a power of 2")
    points = sobol.sample(_problem(names), base, calc_second_order=second_order, seed=nonzero(seed))
    return SobolDesign(tuple(names), np.asarray(points, float), second_order, nonzero(seed))


def sobol_indices(design: SobolDesign, values: Floats, output: str) -> SobolIndices:
    """Sobol indices of one output.

    Args:
        design: the points.
        values: the output at each of them `[point]`.
        output: its name, for a fault.

    Returns:
        The indices; NaN, all of them, where the output is the same at every point of the two independent samples. Of a rare
        output the intervals of the first order hold those of a second estimator too.

    Raises:
        NonFiniteError: if a value is not finite.
        ValueError: if there is not one value for each point.
    """
    checked = _checked(values, len(design.points), output)
    if np.ptp(checked[design.independent]) == 0:
        flat = (NOTHING,) * len(design.names)
        return SobolIndices(flat, flat, tuple(Pair(*two, NOTHING) for two in _pairs(design)))
    from SALib.analyze import sobol

    of = sobol.analyze(
        _problem(design.names), checked, calc_second_order=design.second_order, num_resamples=RESAMPLES, conf_level=LEVEL,
        seed=design.seed,
    )  # fmt: skip
    place, wider = {name: number for number, name in enumerate(design.names)}, _widening(design.base)
    pairs = tuple(
        Pair(one, two, _estimate(of["S2"][place[one], place[two]], wider * of["S2_conf"][place[one], place[two]]))
        for one, two in _pairs(design)
    )
    first = _estimates(of["S1"], wider * np.asarray(of["S1_conf"]))
    if design.uncommon(checked) < FEW:
        first = tuple(itertools.starmap(_joined, zip(first, _jansen(design, checked), strict=True)))
    return SobolIndices(first, _estimates(of["ST"], wider * np.asarray(of["ST_conf"]), least=0.0), pairs)


def _widening(points: int) -> float:
    """How much wider than its normal one an interval from resamples of so few points is meant to be.

    Resamples of n points spread by the root of (n - 1) / n too little, and the spread is itself estimated: Student's quantile.
    """
    return _student(points - 1) / normal_quantile() * math.sqrt(points / (points - 1))


def _student(freedom: int) -> float:
    """Student's quantile of a 90 % interval."""
    from scipy import special

    return float(special.stdtrit(freedom, (1 + LEVEL) / 2))


def _jansen(design: SobolDesign, values: Floats) -> tuple[Estimate, ...]:
    """First orders by Jansen's estimator: one less half the mean squared difference of points that have the input in common.

    That of Saltelli multiplies what an input does at one point by the output at another. Where the output is rare the two hardly
    ever meet, and estimate and spread are both near 0 whatever the truth. This one errs where an input does nothing.
    """
    table = values.reshape(-1, design.block)
    first, last, mixed = table[:, 0], table[:, -1], table[:, 1 : len(design.names) + 1]
    half = 0.5 * (last[:, None] - mixed) ** 2
    picks = np.random.default_rng(design.seed).integers(len(table), size=(RESAMPLES, len(table)))
    variance = np.concatenate([first[picks], last[picks]], axis=1).var(axis=1)
    some = variance > 0  # a resample may have missed the few points
    again = 1 - half[picks[some]].mean(axis=1) / variance[some, None]
    reach = normal_quantile() * _widening(len(table)) * again.std(axis=0, ddof=1)
    return _estimates(1 - half.mean(axis=0) / np.concatenate([first, last]).var(), reach)


def _joined(one: Estimate, other: Estimate) -> Estimate:
    """An estimate whose interval holds that of another too."""
    return Estimate(one.value, min(one.low, other.low), max(one.high, other.high))


@dataclasses.dataclass(frozen=True)
class MorrisDesign:
    """Paths through the inputs, one of which moves at each step."""

    names: tuple[str, ...]
    """The inputs."""
    points: Floats
    """Where each input stands between its ends `[point, input]` [0-1]."""
    levels: int
    """Levels of the grid."""
    seed: int
    """Of the paths and the resamples; never 0."""

    @property
    def paths(self) -> int:
        """How many paths."""
        return len(self.points) // (len(self.names) + 1)


def morris_design(names: Sequence[str], paths: int, seed: int, *, levels: int = LEVELS) -> MorrisDesign:
    """Draw the paths of a Morris design.

    Args:
        names: the inputs.
        paths: how many paths; each has a point more than there are inputs.
        seed: of the paths; 0 is a seed like any other.
        levels: levels of the grid, an even number.

    Returns:
        The design.

    Raises:
        ValueError: if there are fewer than two paths, of which no spread can be had, or an odd number of levels.
    """
    from SALib.sample import morris

    if paths < 2 or levels % 2:
        raise ValueError(f"{paths} paths on {levels} levels; at least 2 paths, an even number of levels")
    points = morris.sample(_problem(names), paths, num_levels=levels, seed=nonzero(seed))
    return MorrisDesign(tuple(names), np.asarray(points, float), levels, nonzero(seed))


def morris_effects(design: MorrisDesign, values: Floats, output: str) -> MorrisEffects:
    """Elementary effects on one output.

    Args:
        design: the paths.
        values: the output at each point `[point]`.
        output: its name, for a fault.

    Returns:
        The effects, each as of a step over the whole range. Paths are independent, so the interval of mu* is Student's; that of
        SALib, by resamples, holds 0.71 in place of 0.9 with five paths.

    Raises:
        NonFiniteError: if a value is not finite.
        ValueError: if there is not one value for each point.
    """
    from SALib.analyze import morris

    checked = _checked(values, len(design.points), output)
    of = morris.analyze(
        _problem(design.names),
        design.points.copy(),
        checked,
        num_levels=design.levels,
        num_resamples=2,
        seed=design.seed,
    )
    mean, size, spread = (np.asarray(of[name], float) for name in ("mu", "mu_star", "sigma"))
    # The variance of absolute effects follows from that of the effects: their squares are the same.
    variance = np.maximum(spread**2 + design.paths / (design.paths - 1) * (mean**2 - size**2), 0.0)
    reach = _student(design.paths - 1) * np.sqrt(variance / design.paths)
    return MorrisEffects(
        tuple(float(one) for one in mean), _estimates(size, reach, least=0.0), tuple(float(one) for one in spread)
    )


def _problem(names: Sequence[str]) -> dict[str, object]:
    """SALib's problem, a new one each time: it writes into it."""
    return {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0] for _ in names]}


def _checked(values: Floats, points: int, output: str) -> Floats:
    """A copy of the values, which are finite, one for each point."""
    array = np.array(values, float)
    if array.shape != (points,):
        raise ValueError(f"{output}: values of shape {array.shape} for {points} points")
    refuse_nonfinite(array[:, None], [output], lambda row: f"point {row}", use="sensitivity indices")
    return array


def _pairs(design: SobolDesign) -> list[tuple[str, str]]:
    """The pairs of inputs that a design serves."""
    return list(itertools.combinations(design.names, 2)) if design.second_order else []


def _estimates(values: Floats, reaches: Floats, least: float = -math.inf) -> tuple[Estimate, ...]:
    return tuple(_estimate(value, reach, least) for value, reach in zip(values, reaches, strict=True))


def _estimate(value: float, reach: float, least: float = -math.inf) -> Estimate:
    """An estimate with the reach of its interval to either side."""
    return Estimate(float(value), max(float(value - reach), least), float(value + reach))
