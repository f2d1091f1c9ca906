"""Calibration from end to end: screen, run, teach the surrogate, fit, run again where history points, fit, check. [IO]

Everything that costs runs is kept in the folder part by part, under a name that says exactly what it is, so a stopped
calibration goes on where it was. Equal seeds give equal posteriors.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from holdfast.calibration import (
    chains,
    diagnostics,
    fit,
    likelihood,
    posterior,
    screening,
    simulations,
    surrogate,
    testbed,
)
from holdfast.calibration.posterior import Posterior
from holdfast.calibration.surrogate import Lessons, Surrogate
from holdfast.coded_armies import army, reader
from holdfast.coded_armies.army import CodedArmy
from holdfast.core import runtime


@dataclass(frozen=True)
class Plan:
    """How much work a calibration is."""

    first: int = 1280
    """Draws of the prior under which all cases are run."""
    second: int = 1024
    """Draws near what the first fit found, mixed with the prior."""
    ablated: int = 160
    """Draws for each model with a part taken out."""
    steps: int = 6000
    """Steps of the surrogate's training."""
    histories: int = 16
    """Invented histories for simulation-based calibration."""
    trajectories: int = screening.TRAJECTORIES
    chains: int = fit.CHAINS
    warmup: int = fit.WARMUP
    draws: int = fit.DRAWS
    rehearsal: bool = False
    """Whether a fit that has not settled is let through."""
    seed: int = 1


QUICK = Plan(
    first=48, second=32, ablated=16, steps=300, histories=2, trajectories=2, chains=2, warmup=50, draws=50,
    rehearsal=True,
)  # fmt: skip
"""A rehearsal, to see that everything works; its posterior is worth nothing."""

FROM_PRIOR = 0.3
"""Share of the second round that is drawn from the prior again."""
WIDER = 1.2
"""Factor on the spread of what the first fit found."""


@dataclass(frozen=True)
class Calibrated:
    """What a calibration leaves."""

    posterior: Posterior
    screened: screening.Screened
    checks: diagnostics.Checks


def calibrate(
    folder: Path, plan: Plan, workers: int, progress: simulations.Progress, cases: Sequence[CodedArmy] | None = None
) -> Calibrated:
    """Learn the inputs from the independent coded cases (the shipped ones unless given).

    Raises `conduct.WorkerError` where a worker fails, `FitError` where the chains do not mix; what is finished stays in
    the folder.
    """
    every = tuple(cases or reader.shipped())
    taught = army.independent(every)
    found = screening.screen(taught, folder, workers, progress, plan.seed, plan.trajectories)
    paths = found.chosen
    work = Work(every, paths, folder, workers, progress, plan)

    first = work.run(simulations.prior(plan.first, len(paths), plan.seed), 0, "round 1")
    rough, _ = surrogate.teach(first, plan.steps, plan.seed, progress)
    scores = work.fit(rough, {"none": work.armies(rough, taught)}, "first fit")["none"][0]
    second = work.run(_near(scores[:, : len(paths)], plan), plan.first, "round 2")
    about = _near(scores[:, : len(paths)], plan)[: plan.ablated]
    lessons = [first, second]
    for number, ablation in enumerate(simulations.ABLATIONS[1:]):
        start = plan.first + plan.second + number * plan.ablated
        lessons.append(work.run(about, start, f"without: {ablation}", ablation))
    taught_net, how = surrogate.teach(surrogate.together(lessons), plan.steps, plan.seed, progress)

    tasks = {name: work.armies(taught_net, taught, name) for name in simulations.ABLATIONS}
    fits = work.fit(taught_net, tasks, "fitting", again=() if plan.rehearsal else ("none",))
    draws = {name: fits[name][0] for name in simulations.ABLATIONS}
    mixed = {name: fits[name][1] for name in simulations.ABLATIONS}
    names = tuple(case.army_id for case in taught)
    bare = Posterior(paths, names, draws, taught_net, {}, "")
    for name in simulations.ABLATIONS:
        chance, _ = posterior.chances(bare, taught, draws[name], name)
        mixed[name] = mixed[name] | {"told_ess": fit.told_ess(chance, plan.chains)}
    if not plan.rehearsal:
        fit.believed(mixed["none"], "the whole model")
    recipe = _recipe(plan, every, found) | {"surrogate": how, "chains": mixed}
    made = Posterior(paths, names, draws, taught_net, recipe, "")
    checked = diagnostics.check(made, taught, plan.histories, plan.seed, folder, workers, progress)
    made = Posterior(paths, names, draws, taught_net, recipe | {"checks": checked.told()}, "")
    return Calibrated(made, found, checked)


@dataclass(frozen=True)
class Work:
    """What every step of a calibration needs."""

    cases: tuple[CodedArmy, ...]
    paths: tuple[str, ...]
    folder: Path
    workers: int
    progress: simulations.Progress
    plan: Plan

    def run(self, scores: np.ndarray, first: int, what: str, ablation: str = "none") -> Lessons:
        """All cases under some draws, as lessons for the surrogate."""
        job = simulations.job(self.cases, self.paths, scores, self.plan.seed, ablation)
        runs = simulations.make(job, self.folder, self.workers, self.progress, what)
        return surrogate.lessons(scores, job, runs, first)

    def fit(
        self, net: Surrogate, tasks: dict[str, likelihood.Armies], what: str, again: tuple[str, ...] = ()
    ) -> dict[str, tuple[np.ndarray, dict[str, float]]]:
        """Draws and diagnostics of each task, by long chains."""
        length = chains.Length(self.plan.chains, self.plan.warmup, self.plan.draws, again)
        arrays = {name: likelihood.arrays(of) for name, of in tasks.items()}
        return chains.run(
            surrogate.arrays(net), arrays, len(self.paths), self.plan.seed, length, self.folder, self.workers,
            self.progress, what,
        )  # fmt: skip

    def armies(self, net: Surrogate, cases: Sequence[CodedArmy], ablation: str = "none") -> likelihood.Armies:
        """The cases as the likelihood sees them."""
        bare = Posterior(self.paths, (), {}, net, {}, "")
        return posterior.armies_of(bare, cases, ablation)


def _near(scores: np.ndarray, plan: Plan) -> np.ndarray:
    """Draws about what a fit found, somewhat wider, some of the prior among them `[second, input]`."""
    generator = np.random.default_rng(plan.seed + 1)
    picked = scores[generator.integers(0, len(scores), plan.second)]
    mean = scores.mean(axis=0)
    about = mean + WIDER * (picked - mean)
    old = generator.random(plan.second) < FROM_PRIOR
    return np.where(old[:, None], generator.standard_normal(about.shape), about)


def fingerprint(cases: Sequence[CodedArmy]) -> str:
    """A name for exactly these cases: their codes and what came of them."""
    about = repr([(case.army_id, dict(case.codes), case.collapse, case.mass_desertion) for case in cases])
    return hashlib.sha256(about.encode()).hexdigest()[:16]


def _recipe(plan: Plan, cases: Sequence[CodedArmy], found: screening.Screened) -> dict[str, Any]:
    """All that is needed to make the posterior again, and to know what it was made from."""
    return {
        "command": f"holdfast calibrate --seed {plan.seed}",
        "seed": plan.seed,
        "rehearsal": plan.rehearsal,
        "plan": asdict(plan),
        "version": runtime.version(),
        "cases": fingerprint(cases),
        "independent": sum(case.independent for case in cases),
        "days": testbed.DAYS,
        "screened": {
            path: [round(a, 3), round(b, 3)]
            for path, a, b in zip(found.paths, found.collapse, found.exits, strict=True)
        },
    }
