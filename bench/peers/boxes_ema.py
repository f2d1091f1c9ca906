"""PRIM of our own beside that of EMA Workbench, on planted boxes in 64-bit floats, and on narrow whole numbers.

    pip install --no-deps ema_workbench==2.5.3
    python bench/peers/boxes_ema.py [PLACES]

For each planted world: density and coverage of the box that either finds, both chosen by our `worth` along the peeling, counted by
our own mask; what the planted box itself has; and seconds. PLACES is where the package lies if not
on the path.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

sys.path[:0] = sys.argv[1:]
warnings.filterwarnings("ignore")

POINTS, SEEDS = 1000, 10


def corner(random: np.random.Generator, kind: str) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """A corner of two of six inputs, five in a hundred points wrong."""
    columns = {f"x{number}": random.random(POINTS) for number in range(6)}
    came = ((columns["x0"] < 0.6) & (columns["x1"] < 0.4)) ^ (random.random(POINTS) < 0.05)
    return columns, came


def middle(random: np.random.Generator, kind: str) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """A box in the middle of three of five inputs."""
    columns = {f"x{number}": random.random(POINTS) for number in range(5)}
    came = np.logical_and.reduce([(columns[f"x{number}"] > 0.2) & (columns[f"x{number}"] < 0.75) for number in range(3)])
    return columns, came ^ (random.random(POINTS) < 0.05)


def whole(random: np.random.Generator, kind: str) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """One of two inputs in whole numbers."""
    columns = {"x0": random.integers(0, 100, POINTS).astype(kind), "x1": random.random(POINTS)}
    return columns, (columns["x0"] < 30) & (columns["x1"] < 0.5)


WORLDS: Mapping[str, tuple[Callable[..., Any], str]] = {
    "corner, float64": (corner, "float64"), "middle, float64": (middle, "float64"), "whole, float64": (whole, "float64"),
    "whole, int8": (whole, "int8"), "whole, int16": (whole, "int16"),
}  # fmt: skip


def ours(columns: Mapping[str, np.ndarray], came: np.ndarray) -> np.ndarray:
    """The points in our first box."""
    from holdfast.sensitivity import boxes

    mask = np.ones(len(came), bool)
    for limit in boxes.prim(columns, came).boxes[0].limits:
        mask &= columns[limit.name] > limit.value if limit.side == "above" else columns[limit.name] < limit.value
    return mask


def theirs(columns: Mapping[str, np.ndarray], came: np.ndarray) -> np.ndarray:
    """The points in EMA Workbench's first box."""
    import pandas
    from ema_workbench.analysis import prim

    from holdfast.sensitivity.boxes import worth

    frame = pandas.DataFrame(dict(columns))
    box = prim.Prim(frame, came.astype(int), threshold=0.01, peel_alpha=0.05, mass_min=0.05).find_box()
    steps = box.peeling_trajectory
    best = int(np.argmax([worth(d, c, came.mean()) for d, c in zip(steps.density, steps.coverage)]))
    limits, mask = box.box_lims[best], np.ones(len(came), bool)
    for name in columns:
        low, high = limits[name]
        mask &= (columns[name] >= low) & (columns[name] <= high)
    return mask


def main() -> None:
    """Print a line of JSON for each world and finder."""
    for world, (make, kind) in WORLDS.items():
        for finder in (ours, theirs):
            rows, begin = [], time.perf_counter()
            for seed in range(SEEDS):
                columns, came = make(np.random.default_rng(seed), kind)
                with contextlib.redirect_stderr(io.StringIO()):
                    try:
                        mask = finder(columns, came)
                    except Exception as error:  # noqa: BLE001 - what a peer does with it is the finding
                        rows.append((np.nan, np.nan))
                        print(f"{finder.__name__}: {type(error).__name__}: {error}", file=sys.stderr)
                        continue
                rows.append((came[mask].mean(), came[mask].sum() / came.sum()))
            density, coverage = np.mean(rows, axis=0)
            seconds = (time.perf_counter() - begin) / SEEDS
            print(json.dumps({
                "world": world, "by": finder.__name__, "density": round(density, 3), "coverage": round(coverage, 3),
                "seconds": round(seconds, 2),
            }))  # fmt: skip


if __name__ == "__main__":
    main()
