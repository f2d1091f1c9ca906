"""Calibration from end to end: screen, run, teach the surrogate, fit, run again where history points, fit, check. [IO]

Everything that costs runs is stored part by part, under a name that says exactly what it is, so that a calibration that was
stopped goes on. Equal seeds give equal posteriors.
"""

from __future__ import annotations

import dataclasses
import hashlib
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from holdfast.calibration import (
    coding_errors,
    diagnostics,
    outcome_model,
    posterior,
    sampling,
    screening,
    simulations,
    surrogate,
)
from holdfast.calibration.outcome_model import ArmyData
from holdfast.calibration.posterior import Posterior, Recipe
from holdfast.calibration.sampling import Mixing
from holdfast.calibration.simulations import Floats
from holdfast.calibration.surrogate import Lessons, Surrogate
from holdfast.coded_armies import army, reader
from holdfast.coded_armies.army import CodedArmy
from holdfast.core import runtime, timings
from holdfast.core.faults import ArmiesError, Fault, listed
from holdfast.parallel import Progress, silent


@dataclass(frozen=True)
class Plan:
    """How much work a calibration is."""

    first: int = 640
    """Draws of the prior under which all armies are run."""
    second: int = 512
    """Draws near what the first fit gave, mixed with the prior."""
    ablated: int = 80
    """Draws for each model with a part taken out."""
    steps: int = 6000
    """Steps of the surrogate's training."""
    histories: int = 16
    """Invented histories for simulation-based calibration."""
    trajectories: int = screening.TRAJECTORIES
    """Paths of the screening."""
    chains: int = sampling.CHAINS
    """Chains of each fit."""
    warmup: int = sampling.WARMUP
    """Steps of each chain that are thrown away."""
    draws: int = sampling.DRAWS
    """Draws of each chain."""
    rehearsal: bool = False
    """Whether a fit that has not settled is let through."""
    seed: int = 1
    """Of everything drawn."""


QUICK = Plan(
    first=48, second=32, ablated=16, steps=300, histories=2, trajectories=2, chains=2, warmup=50, draws=50,
    rehearsal=True,
)  # fmt: skip
"""A rehearsal, to see that everything works; its posterior is worth nothing."""

FROM_PRIOR = 0.3
"""Share of the second round that is drawn from the prior again."""
WIDER = 1.2
"""Factor on the spread of what the first fit gave."""


@dataclass(frozen=True)
class Calibration:
    """What a calibration leaves."""

    posterior: Posterior
    """The draws, the surrogate and the recipe."""
    screened: screening.Screened
    """The inputs and their effects."""
    checks: diagnostics.Checks
    """What the checks showed."""

    def save(self, path: str | Path) -> Path:
        """Write the posterior to a file that `backtest` takes.

        Args:
            path: the file; its name ends in `.npz`.

        Returns:
            The path.
        """
        posterior.save(Path(path), self.posterior)
        return Path(path)


@timings.phase("run")
def calibrate(
    armies: str | Path | Sequence[CodedArmy] | None = None, *, plan: Plan | None = None, folder: str | Path | None = None,
    seed: int = 1, workers: int | None = None, progress: Progress | None = None,
) -> Calibration:  # fmt: skip
    """Learn the inputs of the model from coded armies.

    Args:
        armies: a file of coded armies, or the armies; all shipped codings unless given. Armies of one name are readings of
            one army by its coders; the first gives the facts. Those that count for themselves teach.
        plan: how much work it is; the plan of the shipped posterior unless given. `QUICK` is a rehearsal.
        folder: where parts are stored as they are done, so that a calibration that was stopped goes on; nowhere unless given.
        seed: of everything drawn.
        workers: processes, one for each core unless given.
        progress: hears of the work.

    Returns:
        The posterior, the screening and the checks.

    Raises:
        ArmiesError: if the file has faults, or an army that teaches has a code that is not known.
        FitError: if the chains do not mix; what is finished stays in the folder.
        WorkerError: if a worker ends before its work is done.
    """
    every = tuple(
        reader.read(armies, many_coders=True) if isinstance(armies, str | Path) else armies or reader.codings()
    )
    _refuse_unknown(every, str(armies) if isinstance(armies, str | Path) else "The armies")
    chosen = dataclasses.replace(plan or Plan(), seed=seed)
    with tempfile.TemporaryDirectory() as scratch:
        where = Path(folder) if folder else Path(scratch)
        return _calibrated(every, where, chosen, workers or runtime.cores(), progress or silent)


def _refuse_unknown(armies: Sequence[CodedArmy], name: str) -> None:
    """Raise a fault for each army that cannot be run as coded, before anything is."""
    faults = [
        Fault(
            each.army_id, f"no code for {listed(unknown)}", "0, 1 or 2 for each of the ten codes of an army that teaches",
            "Give the codes, or leave the army away",
        )
        for each in armies
        if (unknown := [code for code, level in each.codes.items() if level is None])
    ]  # fmt: skip
    if faults:
        raise ArmiesError(faults, name)


def _calibrated(
    every: tuple[CodedArmy, ...], folder: Path, plan: Plan, workers: int, progress: Progress
) -> Calibration:
    """The stages, one after another."""
    codings = army.by_army(every)
    once = tuple(army.agreed(coding) for coding in codings.values())
    teachers = army.independent(once)
    errors = coding_errors.learn(tuple(codings.values()))
    read = coding_errors.as_coded([codings[teacher.army_id] for teacher in teachers])
    screened = screening.screen(teachers, folder, plan.seed, plan.trajectories, workers=workers, progress=progress)
    work = _Work(once, screened.chosen, folder, workers, progress, plan)
    net, learning = _taught(work, teachers, read)
    names = tuple(teacher.army_id for teacher in teachers)
    bare = Posterior(
        paths=work.paths, armies=names, draws={}, surrogate=net, errors=errors, readings=read, recipe={}, digest=""
    )
    draws, mixing = _fitted(work, bare, teachers)
    recipe = _recipe(plan, every, screened) | {"surrogate": learning, "chains": mixing}
    fitted = dataclasses.replace(bare, draws=draws, recipe=recipe)
    unchecked = dataclasses.replace(fitted, likelihood=posterior.weigh(fitted, teachers).log_likelihood)
    checks = diagnostics.check(
        unchecked, teachers, plan.histories, plan.seed, folder=folder, workers=workers, progress=progress
    )
    whole = dataclasses.replace(unchecked, recipe=recipe | {"checks": checks.to_dict()})
    return Calibration(whole, screened, checks)


def _taught(work: _Work, teachers: Sequence[CodedArmy], read: Floats) -> tuple[Surrogate, dict[str, object]]:
    """The surrogate, taught by runs of the prior, by runs near what history says, and by runs with parts taken out."""
    plan, inputs = work.plan, len(work.paths)
    first = work.lessons(simulations.prior_scores(plan.first, inputs, plan.seed), 0, "round 1")
    rough, _ = surrogate.teach(first, plan.steps, plan.seed, work.progress)
    data = {"none": outcome_model.data_of(teachers, readings=read)}
    scores = work.fit(rough, data, "first fit")["none"][0]
    near = _near(scores[:, :inputs], plan)
    lessons = [first, work.lessons(near, plan.first, "round 2")]
    for number, ablation in enumerate(simulations.ABLATIONS[1:]):
        start = plan.first + plan.second + number * plan.ablated
        lessons.append(work.lessons(near[: plan.ablated], start, f"without: {ablation}", ablation))
    return surrogate.teach(surrogate.together(lessons), plan.steps, plan.seed, work.progress)


def _fitted(work: _Work, bare: Posterior, teachers: Sequence[CodedArmy]) -> tuple[dict[str, Floats], dict[str, Mixing]]:
    """Draws of every model and how their chains mixed."""
    data = {
        name: outcome_model.data_of(teachers, name, readings=bare.taught_by(teachers)) for name in simulations.ABLATIONS
    }
    fits = work.fit(bare.surrogate, data, "fitting", again=() if work.plan.rehearsal else ("none",))
    draws = {name: fits[name][0] for name in data}
    mixing = {}
    for name in data:
        chance, _ = posterior.chances(bare, teachers, draws[name], name)
        mixing[name] = fits[name][1] | {"chance_ess": sampling.chances_ess(chance, int(fits[name][1]["chains"]))}
    if not work.plan.rehearsal:
        sampling.check_mixing(mixing["none"], "the whole model")
    return draws, mixing


@dataclass(frozen=True)
class _Work:
    """What every stage of a calibration needs."""

    armies: tuple[CodedArmy, ...]
    paths: tuple[str, ...]
    folder: Path
    workers: int
    progress: Progress
    plan: Plan

    def lessons(self, scores: Floats, first: int, what: str, ablation: str = "none") -> Lessons:
        """All armies under some draws, as lessons for the surrogate."""
        job = simulations.design(self.armies, self.paths, scores, self.plan.seed, ablation)
        runs = simulations.table(job, self.folder, workers=self.workers, progress=self.progress, what=what)
        return surrogate.lessons(scores, job, runs, first)

    def fit(
        self, net: Surrogate, data: dict[str, ArmyData], what: str, again: tuple[str, ...] = ()
    ) -> dict[str, tuple[Floats, Mixing]]:
        """Draws and diagnostics of each fit, by long chains."""
        length = sampling.Length(self.plan.chains, self.plan.warmup, self.plan.draws, again)
        return sampling.run(
            net, data, len(self.paths), self.plan.seed, length, folder=self.folder, workers=self.workers,
            progress=self.progress, what=what,
        )  # fmt: skip


def _near(scores: Floats, plan: Plan) -> Floats:
    """Draws about what a fit gave, somewhat wider, some of the prior among them `[second, input]`."""
    generator = np.random.default_rng(plan.seed + 1)
    picked = scores[generator.integers(0, len(scores), plan.second)]
    mean = scores.mean(axis=0)
    about = mean + WIDER * (picked - mean)
    old = generator.random(plan.second) < FROM_PRIOR
    return np.where(old[:, None], generator.standard_normal(about.shape), about)


def fingerprint(armies: Sequence[CodedArmy]) -> str:
    """A name for exactly these armies: their codes and what came of them.

    Args:
        armies: coded armies.

    Returns:
        16 hexadecimal digits.
    """
    about = repr([(army.army_id, dict(army.codes), army.collapse, army.mass_desertion) for army in armies])
    return hashlib.sha256(about.encode()).hexdigest()[:16]


def _recipe(plan: Plan, armies: Sequence[CodedArmy], screened: screening.Screened) -> Recipe:
    """All that is needed to make the posterior again, and to know what it was made from."""
    return {
        "command": f"holdfast calibrate --seed {plan.seed}",
        "seed": plan.seed,
        "rehearsal": plan.rehearsal,
        "plan": asdict(plan),
        "version": runtime.version(),
        "cases": fingerprint(armies),
        "independent": sum(army.independent for army in armies),
        "days": simulations.DAYS,
        "screened": {
            path: [round(a, 3), round(b, 3)]
            for path, a, b in zip(screened.paths, screened.collapse, screened.exits, strict=True)
        },
    }
