"""Screening: which inputs move what becomes of coded armies, by Morris's elementary effects. [IO]

Every declared input that is not a convention is moved through the middle 90 % of its prior, one at a time, along a few random
paths (Morris 1991, Technometrics 33:161-174, by SALib). A change that moves all armies alike is no reason to learn an input,
since the armies' common level of resolve does the same: effects are taken after the mean over the armies.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from holdfast.calibration import outcome_model, simulations, surrogate
from holdfast.calibration.simulations import Floats
from holdfast.coded_armies.army import CodedArmy
from holdfast.parallel import Progress
from holdfast.stats.finite import refuse_nonfinite

TRAJECTORIES, STEPS = 2, 4
EVERY = 3
"""One army in so many is screened."""
MIDDLE = (0.05, 0.95)
LEVELS = (4.0, 5.5, 7.0)
"""Levels of resolve at which every army is run [nats]."""
LEARNT = 16
"""Inputs that are learnt for their effect; the rest stay as declared, but for `ALWAYS`."""
ALWAYS = (
    "pursuit.capacity", "response.rate", "response.tightening", "response.fall_back", "response.position_gain",
    "response.settle",
)  # fmt: skip
"""Inputs that are learnt whatever the screening says: what a command can do about a crisis, of which little is known."""


@dataclass(frozen=True)
class Screened:
    """Mean absolute effect of each input, the largest first."""

    paths: tuple[str, ...]
    """The inputs."""
    collapse: tuple[float, ...]
    """Effect on the log odds of collapse [nats]."""
    exits: tuple[float, ...]
    """Effect on the log of the exit rate [nats]."""

    @property
    def chosen(self) -> tuple[str, ...]:
        """The inputs worth learning."""
        return self.paths[:LEARNT] + tuple(path for path in ALWAYS if path not in self.paths[:LEARNT])


def screen(
    armies: Sequence[CodedArmy], folder: Path, seed: int, trajectories: int = TRAJECTORIES, *, workers: int,
    progress: Progress,
) -> Screened:  # fmt: skip
    """Screen every free input on some of the coded armies.

    Args:
        armies: coded armies, all codes known; one in `EVERY` is run.
        folder: where runs are stored as they are done.
        seed: of the paths and of the runs.
        trajectories: paths through the inputs.
        workers: processes.
        progress: hears of the runs.

    Returns:
        The inputs and their effects.

    Raises:
        WorkerError: if a worker ends before its work is done.
        NonFiniteError: if what became of an army is not finite: no input would be chosen for its effect then.
    """
    import jax.numpy as jnp
    from SALib.sample import morris as sampling
    from scipy import special

    paths = list(simulations.free())
    problem: dict[str, object] = {"num_vars": len(paths), "names": paths, "bounds": [list(MIDDLE)] * len(paths)}
    shares = sampling.sample(problem, N=trajectories, num_levels=STEPS, seed=seed)
    armies = armies[::EVERY]
    codes, ratio = simulations.coded_arrays(armies)
    level = np.broadcast_to(LEVELS, (len(shares), len(armies), len(LEVELS))).copy()
    inputs = simulations.values(paths, special.ndtri(shares))
    job = simulations.Job(inputs, codes, ratio, level, simulations.luck_of(armies), seed)
    seen = surrogate.features(simulations.table(job, folder, workers=workers, progress=progress, what="screening"))
    layer = outcome_model.values(jnp.zeros(len(outcome_model.NAMES)))
    chance = np.asarray(outcome_model.chances(layer, jnp.asarray(seen))[0]).mean(axis=-1)
    odds, exits = np.log(chance / (1 - chance)), seen[..., outcome_model.EXITS].mean(axis=-1)
    names = [army.army_id for army in armies]
    on_odds, on_exits = (
        effects(problem, shares, each, [f"{output} of {name}" for name in names])
        for output, each in (("log odds of collapse", odds), ("log of the exit rate", exits))
    )
    order = np.argsort(-(on_odds + on_exits))
    return Screened(
        tuple(paths[i] for i in order),
        tuple(float(on_odds[i]) for i in order),
        tuple(float(on_exits[i]) for i in order),
    )


def effects(
    problem: dict[str, object], shares: Floats, outcome: Floats, outputs: Sequence[str] | None = None
) -> Floats:
    """Mean absolute elementary effect of each input, over the armies, less what moves all alike.

    SALib 1.6 gives NaN for all inputs where one outcome is NaN, and their order would then be that of declaration.

    Args:
        problem: SALib's problem: names and bounds of the inputs; it stays as it is.
        shares: the sampled points `[draw, input]`.
        outcome: what became of each army `[draw, army]`.
        outputs: what the outcome of each army is called in a fault.

    Returns:
        The effects `[input]`.

    Raises:
        NonFiniteError: if an outcome is not finite, with its point and its army.
    """
    from SALib.analyze import morris as analysis

    names = outputs or [f"army {number}" for number in range(outcome.shape[1])]
    refuse_nonfinite(outcome, names, lambda row: f"point {row}", use="the screening")
    problem = copy.deepcopy(problem)
    own = outcome - outcome.mean(axis=1, keepdims=True)
    each = [
        analysis.analyze(problem, shares, own[:, i].astype(float), num_levels=STEPS, num_resamples=2)["mu_star"]
        for i in range(own.shape[1])
    ]
    return np.asarray(np.mean(each, axis=0), float)
