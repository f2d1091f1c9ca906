"""Where the spread of an ensemble comes from: luck, losses, or parameters and resolve.

Some runs have a twin: the same draw of everything that is not known, and luck of its own; of every second one the losses are
drawn anew as well, where they are uncertain. Half the mean square of what two twins differ by is then the variance that luck
makes, or luck and losses (a nested design; Saltelli and others 2008, Global Sensitivity Analysis, ch. 4); what is left of the
variance between runs is that of the parameters and of resolve. Errors are those of variances of normal differences, and of
shares, under Jeffreys' prior.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Float

from holdfast.core.lazy import Lazy
from holdfast.core.units import per_1000_month
from holdfast.stats.intervals import Estimate

if TYPE_CHECKING:
    import xarray as xr
else:
    xr = Lazy("xarray")

LOGARITHMS = ("killed", "exits", "strength at the end")
MEASURES = (*LOGARITHMS, "mass desertion", "collapse")
"""What is taken apart: logarithms of the first three, and whether the last two came."""
RESAMPLES, SEED = 400, 1
"""Draws of the variances, and their seed."""
LUCK, LOSSES, REST = "luck", "losses", "parameters and resolve"
"""The parts of the variance."""


def with_twins(data: xr.Dataset, twins: xr.Dataset, same_losses: Sequence[bool]) -> xr.Dataset:
    """A dataset with what became of the twins of its first runs.

    Args:
        data: the runs' dataset.
        twins: that of the twins, in the order of the runs whose draws they have.
        same_losses: whether each twin has the losses of its run too.

    Returns:
        The same with `twin_measure` by twin, side and measure, and `twin_same_losses`.
    """
    what = {"long_name": "what became of a run's twin: logarithms of totals, and whether an outcome came", "units": "1"}
    return data.assign(
        twin_measure=(("twin", "side", "measure"), measures(twins), what),
        twin_same_losses=("twin", np.asarray(same_losses, bool), {"long_name": "has its run's losses too"}),
    ).assign_coords(measure=list(MEASURES))


def measures(data: xr.Dataset) -> Float[np.ndarray, "run side measure"]:
    """What is taken apart, of each run.

    Args:
        data: a dataset of runs.

    Returns:
        In the order of `MEASURES`.
    """
    left = (data.deserted + data.surrendered).sum("day").values.astype(float)
    there = data.present.astype("float64").sum("day").values
    columns = [
        np.log1p(data.killed.sum("day").values.astype(float)),
        np.log1p(per_1000_month(left, np.maximum(there, 1))),
        np.log1p(data.present.isel(day=-1).values.astype(float)),
        (data.day_mass_desertion.values >= 0).astype(float),
        (data.day_collapse.values >= 0).astype(float),
    ]
    return np.stack(columns, axis=-1)


def parts(data: xr.Dataset) -> dict[str, dict[str, dict[str, Estimate]]] | None:
    """The parts of the variance between runs.

    Args:
        data: a dataset with twins.

    Returns:
        By side and measure, the share of each part with its 90 % interval [1]; a measure that is the same in all runs is left
        out, and `losses` where they are not uncertain. None without twins.
    """
    if "twin_measure" not in data:
        return None
    runs, twins = measures(data), data.twin_measure.values
    same = data.twin_same_losses.values.astype(bool)
    every: dict[str, dict[str, dict[str, Estimate]]] = {}
    for place, side in enumerate(str(name) for name in data.side.values):
        every[side] = {}
        for column, name in enumerate(MEASURES):
            shares = _shares(runs[:, place, column], twins[:, place, column], same, column >= len(LOGARITHMS))
            if shares:
                every[side][name] = shares
    return every


def _shares(
    runs: Float[np.ndarray, run], twins: Float[np.ndarray, twin], same: Bool[np.ndarray, twin], came: bool
) -> dict[str, Estimate]:
    """The parts of one measure; nothing where it does not vary. With `came`, it is whether an outcome came."""
    if not runs.var():
        return {}
    generator = np.random.default_rng(SEED)
    gaps = (runs[: len(twins)] - twins) ** 2 / 2
    groups = [gaps[same], gaps[~same]]
    draws = [_parts(float(runs.var(ddof=1)), [group.mean() if len(group) else None for group in groups])]
    for _ in range(RESAMPLES):
        means = [_again(group, came, generator) if len(group) else None for group in groups]
        draws.append(_parts(_total(runs, came, generator), means))
    names = [LUCK, LOSSES, REST] if len(groups[1]) else [LUCK, REST]
    return {name: _estimate([draw[name] for draw in draws]) for name in names}


def _again(gaps: Float[np.ndarray, twin], came: bool, generator: np.random.Generator) -> float:
    """The mean of the gaps as it might have been, under Jeffreys' prior.

    Of outcomes, the share that differs: that none differed between a few twins is no proof that none can. Of the rest, the
    variance of a normal difference: a few gaps resampled would be far too sure of it.
    """
    if not came:
        return float(len(gaps) * gaps.mean() / generator.chisquare(len(gaps)))
    apart = int((gaps > 0).sum())
    return float(generator.beta(apart + 0.5, len(gaps) - apart + 0.5)) / 2


def _total(runs: Float[np.ndarray, run], came: bool, generator: np.random.Generator) -> float:
    """The variance between runs as it might have been, likewise."""
    if not came:
        return float((len(runs) - 1) * runs.var(ddof=1) / generator.chisquare(len(runs) - 1))
    share = generator.beta(runs.sum() + 0.5, len(runs) - runs.sum() + 0.5)
    return float(share * (1 - share))


def _parts(total: float, means: Sequence[float | None]) -> Mapping[str, float]:
    """The shares of one sample, from the mean gaps of twins with the same and with other losses."""
    alone, both = means
    luck = min((alone or 0.0) / total, 1.0)
    with_losses = luck if both is None else min(max(both / total, luck), 1.0)
    return {LUCK: luck, LOSSES: with_losses - luck, REST: 1 - with_losses}


def _estimate(values: Sequence[float]) -> Estimate:
    """The first value, with the interval of the others."""
    low, high = np.quantile(values[1:], [0.05, 0.95])
    return Estimate(float(values[0]), min(float(low), values[0]), max(float(high), values[0]))
