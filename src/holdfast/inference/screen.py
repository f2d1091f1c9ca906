"""Screening: which inputs move what becomes of coded armies, by Morris's elementary effects. [IO]

Every declared input that is not a convention is moved through the middle 90 % of its prior, one at a time, along a few
random paths (Morris 1991, by SALib). A change that moves all armies alike is no reason to learn an input, since the
armies' common level of resolve does the same: effects are taken after the mean over the armies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from holdfast.history.coded import CodedCase
from holdfast.inference import inputs, labels, surrogate, table

TRAJECTORIES, STEPS = 4, 4
MIDDLE = (0.05, 0.95)
LEVELS = (4.0, 5.5, 7.0)
"""Levels of resolve at which every army is run [nats]."""
KEEP = 16
"""Inputs that are learnt; the rest stay as declared."""


@dataclass(frozen=True)
class Screened:
    """Mean absolute effect of each input, largest first [nats of the log odds of collapse, of the log exit rate]."""

    paths: tuple[str, ...]
    collapse: tuple[float, ...]
    exits: tuple[float, ...]

    @property
    def chosen(self) -> tuple[str, ...]:
        """The inputs worth learning."""
        return self.paths[:KEEP]


def screen(
    cases: Sequence[CodedCase], folder: Path, workers: int, progress: table.Progress, seed: int,
    trajectories: int = TRAJECTORIES,
) -> Screened:  # fmt: skip
    """Screen every free input on the coded cases."""
    import jax.numpy as jnp
    from SALib.sample import morris as sampling
    from scipy import special

    paths = list(inputs.free())
    problem = {"num_vars": len(paths), "names": paths, "bounds": [list(MIDDLE)] * len(paths)}
    shares = sampling.sample(problem, N=trajectories, num_levels=STEPS, seed=seed)
    codes, ratio = table.coded_arrays(cases)
    level = np.broadcast_to(LEVELS, (len(shares), len(cases), len(LEVELS))).copy()
    job = table.Job(inputs.values(paths, special.ndtri(shares)), codes, ratio, level, table.luck_of(cases), seed)
    runs = table.make(job, folder, workers, progress, "screening")
    seen = surrogate.features(runs)
    layer = labels.values(jnp.zeros(len(labels.NAMES)))
    chance = np.asarray(labels.chances(layer, jnp.asarray(seen))[0]).mean(axis=-1)
    odds, exits = np.log(chance / (1 - chance)), seen[..., labels.EXITS].mean(axis=-1)
    found = [effects(problem, shares, values) for values in (odds, exits)]
    order = np.argsort(-(found[0] + found[1]))
    return Screened(
        tuple(paths[i] for i in order), tuple(float(found[0][i]) for i in order),
        tuple(float(found[1][i]) for i in order),
    )  # fmt: skip


def effects(problem: dict[str, object], shares: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Mean absolute elementary effect of each input, over the armies, less what moves all alike; `values [draw, case]`."""
    from SALib.analyze import morris as analysis

    own = values - values.mean(axis=1, keepdims=True)
    each = [
        analysis.analyze(problem, shares, own[:, i].astype(float), num_levels=STEPS, num_resamples=2)["mu_star"]
        for i in range(own.shape[1])
    ]
    return np.asarray(np.mean(each, axis=0), float)
