"""How often 90 % intervals of sensitivity indices hold the exact index: ours, and those of SALib as it comes.

    python bench/sweep_intervals.py [--seeds 200]

Sobol: Ishigami's function (Ishigami and Homma 1990), and an outcome that comes where two of three inputs are both below a limit, at
several sizes of the base sample. Morris: a product of two inputs, at several numbers of paths. Designs in which an outcome never
differs are left out: they have no index. Printed are the least of the shares over the inputs.
"""

from __future__ import annotations

import argparse
import math
import warnings
from collections.abc import Callable

import numpy as np
from SALib.analyze import morris, sobol

from holdfast.sensitivity import indices

NAMES = ("first", "second", "third")
PROBLEM = {"num_vars": 3, "names": list(NAMES), "bounds": [[0.0, 1.0]] * 3}
Case = tuple[Callable[[np.ndarray], np.ndarray], np.ndarray, np.ndarray]


def ishigami() -> Case:
    """The function, its first orders and its total orders."""
    a, b = 7.0, 0.1
    alone, both = 0.5 * (1 + b * np.pi**4 / 5) ** 2, b**2 * np.pi**8 * (1 / 18 - 1 / 50)
    second = a**2 / 8

    def of(shares: np.ndarray) -> np.ndarray:
        x = (2 * shares - 1) * np.pi
        return np.asarray(np.sin(x[:, 0]) + a * np.sin(x[:, 1]) ** 2 + b * x[:, 2] ** 4 * np.sin(x[:, 0]))

    first, total = np.array([alone, second, 0.0]), np.array([alone + both, second, both])
    return of, first / (alone + second + both), total / (alone + second + both)


def corner(p: float) -> Case:
    """An outcome that comes where two inputs are both below a limit, its first orders and its total orders."""
    variance = p**2 * (1 - p**2)
    first, total = (np.array([part, part, 0.0]) / variance for part in (p**3 * (1 - p), p**2 * (1 - p)))
    return lambda shares: (shares[:, :2] < p).all(axis=1).astype(float), first, total


def of_sobol(case: Case, base: int, seeds: int) -> str:
    """Shares of intervals that hold the exact index: first and total order, ours and SALib's."""
    function, *exact = case
    held, tried = np.zeros((2, 2, 3)), 0
    for seed in range(1, seeds + 1):
        design = indices.sobol_design(NAMES, base, seed)
        values = function(design.points)
        if np.ptp(values[design.independent]) == 0:
            continue
        tried += 1
        ours = indices.sobol_indices(design, values, "y")
        theirs = sobol.analyze(
            dict(PROBLEM), values, calc_second_order=False, num_resamples=indices.RESAMPLES, conf_level=0.9, seed=seed
        )
        for row, estimates in enumerate((ours.first, ours.total)):
            spans = [(one.low, one.high) for one in estimates]
            held[0, row] += [low - 1e-12 <= x <= high + 1e-12 for (low, high), x in zip(spans, exact[row], strict=True)]
            key = ("S1", "ST")[row]
            held[1, row] += abs(theirs[key] - exact[row]) <= theirs[f"{key}_conf"] + 1e-12
    (first, total), (their_first, their_total) = held.min(axis=-1) / tried
    return f"first order {first:.2f} ({their_first:.2f}), total order {total:.2f} ({their_total:.2f}), {tried} designs"


def of_morris(paths: int, seeds: int) -> str:
    """Shares of intervals of mu* that hold one half, the mean of four equal steps from 0 to 1: ours and SALib's."""
    held = np.zeros((2, 2))
    for seed in range(1, seeds + 1):
        design = indices.morris_design(NAMES, paths, seed)
        values = design.points[:, 0] * design.points[:, 1]
        ours = indices.morris_effects(design, values, "y").size[:2]
        theirs = morris.analyze(dict(PROBLEM), design.points, values, num_resamples=400, conf_level=0.9, seed=seed)
        held[0] += [one.low <= 0.5 <= one.high for one in ours]
        held[1] += abs(theirs["mu_star"][:2] - 0.5) <= theirs["mu_star_conf"][:2]
    ours, theirs = held.min(axis=-1) / seeds
    return f"mu* {ours:.2f} ({theirs:.2f})"


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=200)
    seeds = parser.parse_args().seeds
    warnings.simplefilter("ignore")  # of SALib, where a resample is the same at every point
    cases = {"Ishigami": ishigami(), "a corner of 25 %": corner(0.5), "a corner of 4 %": corner(math.sqrt(0.04))}
    for name, case in cases.items():
        for base in (8, 16, 32, 64, 128):
            print(f"{name}, base {base}: {of_sobol(case, base, seeds)}", flush=True)
    for paths in (4, 5, 10, 20):
        print(f"Morris, {paths} paths: {of_morris(paths, seeds)}", flush=True)


if __name__ == "__main__":
    main()
