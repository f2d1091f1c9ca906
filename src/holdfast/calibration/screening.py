"""Screening: which inputs move what becomes of coded armies, by Morris's elementary effects. [IO]

Every declared input that is not a convention is moved through the middle 90 % of its prior, one at a time, along a few
random paths (Morris 1991, by SALib). A change that moves all armies alike is no reason to learn an input, since the
armies' common level of resolve does the same: effects are taken after the mean over the armies.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from holdfast.calibration import outcome_model, simulations, surrogate, testbed
from holdfast.calibration.levels import Map
from holdfast.coded_armies.army import CodedArmy
from holdfast.core.params import About, Beta, Fixed, LogNormal, Normal, Prior, walk
from holdfast.engine.day.world import defaults

# The numbers that calibration may move: every declared parameter of the model and of the map from codes.
#
# Each has a prior where it is declared; here a prior is a map from the unit interval, so that screening, drawing and the
# sampler's own coordinates are one thing.


OWN = {
    "army.resolve_sd": About(
        testbed.RESOLVE_SD, "nats", LogNormal(0.95, 0.3), "structure",
        "starting value of the specification: how far men of one army differ (docs/model.md §7)",
    ),
}  # fmt: skip
"""Inputs that belong to no mechanism and to no code."""


def declared() -> dict[str, About]:
    """Every input by path: `choice.tempo` of the model, `map.shock_2` of the map, `army.resolve_sd`."""
    return {**dict(walk(defaults())), **dict(walk(Map(), "map.")), **OWN}


def free() -> dict[str, Prior]:
    """The inputs that are quantities to be learnt, not conventions."""
    return {path: about.prior for path, about in declared().items() if not isinstance(about.prior, Fixed)}


def _at(prior: Prior, share: np.ndarray) -> np.ndarray:
    """The value below which that share of the prior lies; `share` in 0..1, any shape."""
    from scipy import special

    match prior:
        case LogNormal(median, sd):
            return np.exp(math.log(median) + sd * special.ndtri(share))
        case Normal(mean, sd):
            return np.asarray(mean + sd * special.ndtri(share))
        case Beta(a, b):
            return np.asarray(special.betaincinv(a, b, share))
        case Fixed():
            raise ValueError("a convention has no prior to draw from")


def values(paths: Sequence[str], scores: np.ndarray) -> dict[str, np.ndarray]:
    """Inputs from standard normal scores `[draw path]`: the sampler's coordinates, in which every prior is N(0, 1)."""
    from scipy import special

    given = free()
    shares = special.ndtr(np.asarray(scores, float))
    return {path: _at(given[path], shares[:, column]) for column, path in enumerate(paths)}


@dataclass(frozen=True)
class Split:
    """Inputs by who takes them."""

    model: dict[str, np.ndarray]
    map: dict[str, np.ndarray]
    resolve_sd: np.ndarray | None


def split(given: Mapping[str, np.ndarray]) -> Split:
    """The model's parameters, the map's, and the armies' own."""
    of_map = {path[4:]: value for path, value in given.items() if path.startswith("map.")}
    model = {path: value for path, value in given.items() if not path.startswith(("map.", "army."))}
    return Split(model, of_map, given.get("army.resolve_sd"))


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
    cases: Sequence[CodedArmy], folder: Path, workers: int, progress: simulations.Progress, seed: int,
    trajectories: int = TRAJECTORIES,
) -> Screened:  # fmt: skip
    """Screen every free input on the coded cases."""
    import jax.numpy as jnp
    from SALib.sample import morris as sampling
    from scipy import special

    paths = list(free())
    problem = {"num_vars": len(paths), "names": paths, "bounds": [list(MIDDLE)] * len(paths)}
    shares = sampling.sample(problem, N=trajectories, num_levels=STEPS, seed=seed)
    codes, ratio = simulations.coded_arrays(cases)
    level = np.broadcast_to(LEVELS, (len(shares), len(cases), len(LEVELS))).copy()
    job = simulations.Job(values(paths, special.ndtri(shares)), codes, ratio, level, simulations.luck_of(cases), seed)
    runs = simulations.make(job, folder, workers, progress, "screening")
    seen = surrogate.features(runs)
    layer = outcome_model.values(jnp.zeros(len(outcome_model.NAMES)))
    chance = np.asarray(outcome_model.chances(layer, jnp.asarray(seen))[0]).mean(axis=-1)
    odds, exits = np.log(chance / (1 - chance)), seen[..., outcome_model.EXITS].mean(axis=-1)
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
