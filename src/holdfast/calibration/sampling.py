"""Sampling: draws of the inputs and of the outcome layer given history, by NUTS on the surrogate, in worker processes. [IO]

A fit ends where its chains agree (R-hat) and are worth enough draws; `check_mixing` refuses one that does not.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import jax
import numpy as np

from holdfast.calibration import outcome_model, surrogate
from holdfast.calibration.outcome_model import ArmyData
from holdfast.calibration.simulations import Floats
from holdfast.calibration.surrogate import Surrogate
from holdfast.core.faults import ReportedError
from holdfast.io import records
from holdfast.io.records import Registry
from holdfast.parallel import Progress, Report, tasks
from holdfast.parallel.pool import LocalExecutor
from holdfast.parallel.tasks import TaskFolder

CHAINS, WARMUP, DRAWS = 4, 400, 300
R_HAT_MOST, ESS_WANTED, ESS_LEAST, ESS_CHANCES = 1.03, 200.0, 100.0, 400.0
"""Largest R-hat; effective draws of the slowest score below which longer chains are tried, and below which the fit is refused;
effective draws that the chances of every army must have, which are what is predicted and mix faster."""

Mixing = dict[str, float]
"""How well chains mixed: how many `chains`, `r_hat`, `ess` of the slowest score, share `diverging`; `chance_ess` of the slowest
chance."""


class FitError(ReportedError):
    """A fit whose own diagnostics let nobody believe it."""


@dataclasses.dataclass(frozen=True)
class Length:
    """How long the chains of a fit are."""

    chains: int = CHAINS
    """Chains of each fit."""
    warmup: int = WARMUP
    """Steps that adapt the sampler and are thrown away."""
    draws: int = DRAWS
    """Draws of each chain."""
    again: tuple[str, ...] = ()
    """Fits that are tried once more, longer and with smaller steps, where their chains do not mix; others beside them, which
    are for comparison, have half as many chains."""

    def of(self, name: str) -> Length:
        """The length of one fit's chains.

        Args:
            name: the fit's.

        Returns:
            Its own; two chains at least where it is for comparison, if there are as many.
        """
        beside = bool(self.again) and name not in self.again
        return dataclasses.replace(self, chains=max(min(2, self.chains), self.chains // 2)) if beside else self


@dataclasses.dataclass(frozen=True)
class _Job:
    """One fit for a worker."""

    net: Mapping[str, Floats]
    armies: Mapping[str, Floats]
    inputs: int
    seed: int
    length: Length
    again: bool


def sample(
    of: Surrogate, armies: ArmyData, inputs: int, seed: int, length: Length, *, careful: bool = False
) -> tuple[Floats, Mixing]:
    """Draws of all scores given the armies' coded outcomes, by NUTS (Hoffman and Gelman 2014) in this process.

    Args:
        of: the surrogate.
        armies: the coded armies.
        inputs: how many inputs the surrogate has.
        seed: of the chains and of their starts.
        length: of the chains.
        careful: whether to take smaller steps and deeper trees.

    Returns:
        Draws `[draw, inputs + layer]`, chain after chain, and how well the chains mixed.
    """
    from numpyro.diagnostics import effective_sample_size, split_gelman_rubin
    from numpyro.infer import MCMC, NUTS

    size, chains, draws = inputs + len(outcome_model.NAMES), length.chains, length.draws

    def potential(scores: jax.Array) -> jax.Array:
        return 0.5 * (scores**2).sum() - outcome_model.log_likelihood(of, scores, armies).sum()

    kernel = NUTS(
        potential_fn=potential, max_tree_depth=7 if careful else 6, target_accept_prob=0.92 if careful else 0.85
    )
    run = MCMC(
        kernel, num_warmup=length.warmup, num_samples=draws, num_chains=chains, chain_method="vectorized",
        progress_bar=False,
    )  # fmt: skip
    start = 0.1 * jax.random.normal(jax.random.key(seed + 1), (chains, size))
    run.run(jax.random.key(seed), init_params=start if chains > 1 else start[0], extra_fields=("diverging",))
    grouped = np.asarray(run.get_samples(group_by_chain=True)).reshape(chains, draws, size)
    mixing = {
        "chains": chains,
        "r_hat": float(np.max(split_gelman_rubin(grouped))),
        "ess": float(np.min(effective_sample_size(grouped))),
        "diverging": float(np.mean(np.asarray(run.get_extra_fields()["diverging"]))),
    }
    return grouped.reshape(-1, size), mixing


def run(
    net: Surrogate, data: Mapping[str, ArmyData], inputs: int, seed: int, length: Length, *, folder: Path, workers: int,
    progress: Progress, what: str,
) -> dict[str, tuple[Floats, Mixing]]:  # fmt: skip
    """Fits by worker processes; those that stand in the folder from before are used again.

    Args:
        net: the surrogate.
        data: the armies of each fit, by its name.
        inputs: how many inputs the surrogate has.
        seed: of the first fit; the next has the next.
        length: of the chains.
        folder: where fits are stored as they are done.
        workers: processes.
        progress: hears of the fits done.
        what: what progress calls the work.

    Returns:
        Draws `[draw, inputs + layer]` and how well the chains mixed, by the fits' names.

    Raises:
        WorkerError: if a worker ends before its work is done.
    """
    arrays = surrogate.arrays(net)
    jobs = {
        name: _Job(arrays, _plain(armies), inputs, seed + number, length.of(name), name in length.again)
        for number, (name, armies) in enumerate(data.items())
    }
    digest = records.digest(jobs, Registry(_Job, Length))
    executor = LocalExecutor(min(workers, len(jobs)))
    where = TaskFolder(folder / f"fits-{digest[:16]}")
    return tasks.each(_fit, jobs, where, progress=progress, what=what, executor=executor)


def _plain(armies: ArmyData) -> dict[str, Floats]:
    return {field.name: np.asarray(getattr(armies, field.name)) for field in dataclasses.fields(armies)}


def _fit(job: _Job, report: Report) -> tuple[Floats, Mixing]:
    """One fit, tried once more where its chains do not mix and that is wanted."""
    net = surrogate.from_arrays(job.net)
    armies = ArmyData(**{name: jax.numpy.asarray(column) for name, column in job.armies.items()})
    draws, mixing = sample(net, armies, job.inputs, job.seed, job.length)
    if job.again and poorly_mixed(mixing):
        longer = dataclasses.replace(job.length, warmup=2 * job.length.warmup, draws=2 * job.length.draws)
        draws, mixing = sample(net, armies, job.inputs, job.seed + 1000, longer, careful=True)
        draws = draws[::2]
    return draws, mixing


def poorly_mixed(mixing: Mixing) -> bool:
    """Whether chains have not mixed as one would wish.

    Args:
        mixing: how well they mixed.

    Returns:
        True if longer chains should be tried.
    """
    return mixing["r_hat"] > R_HAT_MOST or mixing["ess"] < ESS_WANTED


def chances_ess(chances: Floats, chains: int) -> float:
    """Effective draws of the log odds of the army that mixes slowest.

    Args:
        chances: chances of armies `[draw, army]`, chain after chain.
        chains: how many chains there are.

    Returns:
        Draws.
    """
    from numpyro.diagnostics import effective_sample_size

    odds = np.log(chances / (1 - chances))
    return float(np.min(effective_sample_size(odds.reshape(chains, -1, odds.shape[1]))))


def check_mixing(mixing: Mixing, what: str) -> None:
    """Refuse a fit that cannot be believed.

    Args:
        mixing: how well its chains mixed.
        what: what to call it.

    Raises:
        FitError: if R-hat is too large or the chains are worth too few draws.
    """
    slow = mixing.get("chance_ess", np.inf) < ESS_CHANCES
    if mixing["r_hat"] > R_HAT_MOST or mixing["ess"] < ESS_LEAST or slow:
        raise FitError(
            f"the fit of {what} did not settle: R-hat {mixing['r_hat']:.3f} (at most {R_HAT_MOST}), {mixing['ess']:.0f} "
            f"effective draws of the slowest input (at least {ESS_LEAST:.0f}), {mixing.get('chance_ess', np.nan):.0f} of the "
            f"slowest chance (at least {ESS_CHANCES:.0f}). Try another --seed."
        )
