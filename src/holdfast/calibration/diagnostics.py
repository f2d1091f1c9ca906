"""Diagnostics of a posterior: is it right, does it look like history, and what did history say at all? [IO]

Three questions, three checks: simulation-based calibration (invented histories whose truth is known), posterior predictive
checks (would the fitted model have given a history like ours), and identifiability (which inputs history pins down, and which
it leaves where they were).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from holdfast.calibration import outcome_model, posterior, sampling
from holdfast.calibration.outcome_model import ArmyData, Facts, Layer
from holdfast.calibration.posterior import Posterior, Weighed
from holdfast.calibration.simulations import Floats
from holdfast.calibration.surrogate import Mixture, Surrogate
from holdfast.coded_armies import army
from holdfast.coded_armies.army import CodedArmy
from holdfast.core.units import LEVEL
from holdfast.parallel import Progress
from holdfast.stats import intervals
from holdfast.stats.intervals import quantiles

PINNED, LEFT = 0.75, 0.9
"""Spread over the prior's below which history pins an input down, and above which it leaves it where it was."""
SHORT = sampling.Length(chains=2, warmup=250, draws=150)
"""Of the fit of an invented history."""
REPLICAS = 400
"""Histories that the fitted model is asked for."""


@dataclasses.dataclass(frozen=True)
class Checks:
    """What the checks showed."""

    ranks: dict[str, list[float]]
    """Share of the posterior below the truth, for each invented history, by input."""
    predictive: dict[str, dict[str, float]]
    """Of each figure of history: its value, and the middle 90 % and tail share of what the fitted model gives."""
    spreads: dict[str, dict[str, float]]
    """Mean and spread of each input's score given history; before it they are 0 and 1."""

    def to_dict(self) -> dict[str, object]:
        """The checks in plain values, for the recipe and for JSON.

        Returns:
            `simulation_based_calibration`, `posterior_predictive` and `identifiability`.
        """
        return {
            "simulation_based_calibration": {
                name: {
                    "mean_rank": round(float(np.mean(r)), 3),
                    "in_middle_90": round(inside(r), 3),
                    "histories": len(r),
                }
                for name, r in self.ranks.items()
            },
            "posterior_predictive": self.predictive,
            "identifiability": self.spreads,
        }


def inside(ranks: Sequence[float]) -> float:
    """Share of the truths inside the middle 90 % of their posteriors.

    Args:
        ranks: share of each posterior below its truth.

    Returns:
        The share [1]; NaN without ranks.
    """
    r = np.asarray(ranks)
    tail = (1 - LEVEL) / 2
    return float(np.mean((r > tail) & (r < 1 - tail))) if len(r) else float("nan")


def check(
    of: Posterior, teachers: Sequence[CodedArmy], histories: int, seed: int, *, folder: Path, workers: int,
    progress: Progress,
) -> Checks:  # fmt: skip
    """Run all checks; the invented histories take the time.

    Args:
        of: the posterior.
        teachers: the armies that taught it.
        histories: how many histories are invented.
        seed: of everything drawn.
        folder: where their fits are stored as they are done.
        workers: processes.
        progress: hears of the fits.

    Returns:
        What they showed.

    Raises:
        WorkerError: if a worker ends before its work is done.
    """
    weighed = posterior.weigh(of, teachers)
    below = _ranks(weighed, histories, seed, folder, workers=workers, progress=progress)
    return Checks(ranks=below, predictive=_predictive(weighed, seed), spreads=_spreads(weighed))


def _names(weighed: Weighed) -> list[str]:
    """What is learnt: the inputs, then the outcome layer's numbers."""
    return [*weighed.posterior.paths, *(f"label.{name}" for name in outcome_model.NAMES)]


def _spreads(weighed: Weighed) -> dict[str, dict[str, float]]:
    """Mean and spread of each score given the armies that taught."""
    return {
        name: {"mean": round(float(column.mean()), 3), "sd": round(float(column.std()), 3)}
        for name, column in zip(_names(weighed), weighed.draws.T, strict=True)
    }


def verdict(spread: float) -> str:
    """What history said of an input, in words.

    Args:
        spread: spread of its score given history, over the prior's.

    Returns:
        `pinned down`, `narrowed` or `left at its prior`.
    """
    return "pinned down" if spread < PINNED else "left at its prior" if spread > LEFT else "narrowed"


@eqx.filter_jit
def _outcomes(of: Surrogate, draw: jax.Array, armies: ArmyData) -> tuple[Mixture, Layer]:
    """What may become of every army under one draw `[army, reading, ...]`, and the layer's numbers."""
    scores, layer = outcome_model.split(draw)
    each = jax.vmap(
        jax.vmap(lambda about, codes: outcome_model.outcomes(of, scores, layer, (about, codes, armies.out)))
    )
    return each(armies.about, armies.codes), layer


def invented(weighed: Weighed, draw: Floats, generator: np.random.Generator) -> Facts:
    """A history as the model gives it under one draw of everything.

    Args:
        weighed: the armies, and the surrogate.
        draw: all scores `[inputs + layer]`.
        generator: of outcomes, labels and errors of coding.

    Returns:
        Outcomes of the armies; what is not known of ours is not known of them.
    """
    mixed, layer = _outcomes(
        weighed.posterior.surrogate,
        jnp.asarray(draw, jnp.float32),
        outcome_model.data_of(weighed.armies, readings=weighed.posterior.taught_by(weighed.armies)),
    )
    armies = len(weighed.armies)
    share = np.exp(np.asarray(mixed.log_share, float)).reshape(armies, -1)
    which = [generator.choice(len(row), p=row / row.sum()) for row in share]
    of = lambda table: np.asarray(table).reshape(armies, share.shape[1], -1)[np.arange(armies), which]  # noqa: E731
    seen = of(mixed.mean) + of(mixed.sd) * generator.standard_normal((armies, mixed.mean.shape[-1]))
    collapse, mass = outcome_model.chances(layer, jnp.asarray(seen))
    error = generator.standard_t(outcome_model.TAIL, armies) * float(layer["exits_error"])
    return Facts(
        (generator.random(armies) < np.asarray(collapse)).astype(float),
        (generator.random(armies) < np.asarray(mass)).astype(float),
        np.asarray(outcome_model.coded_log_rate(layer, seen[:, outcome_model.EXITS])) + error,
        outcome_model.facts_of(weighed.armies).known,
    )


def _ranks(
    weighed: Weighed, histories: int, seed: int, folder: Path, *, workers: int, progress: Progress
) -> dict[str, list[float]]:
    """Ranks of the truth in the posteriors of invented histories (Talts et al. 2018); uniform if the inference is right.

    The truth is a draw of the prior, the history is given by the surrogate, and the fit is a short one.
    """
    generator = np.random.default_rng(seed)
    size = weighed.draws.shape[1]
    truths = generator.standard_normal((histories, size))
    read = weighed.posterior.taught_by(weighed.armies)
    data = {
        f"history-{number:03d}": outcome_model.data_of(
            weighed.armies, facts=invented(weighed, truth, generator), readings=read
        )
        for number, truth in enumerate(truths)
    }
    fits = sampling.run(
        weighed.posterior.surrogate, data, size - len(outcome_model.NAMES), seed, SHORT, folder=folder, workers=workers,
        progress=progress, what="checking on invented histories",
    )  # fmt: skip
    below = np.array([(fits[name][0] < truth).mean(axis=0) for name, truth in zip(data, truths, strict=True)])
    return {name: [float(x) for x in column] for name, column in zip(_names(weighed), below.T, strict=True)}


FIGURES: dict[str, Callable[[Facts, Floats], float]] = {
    "collapses": lambda facts, _: float(facts.collapse.sum()),
    "mass desertions": lambda facts, _: float(facts.mass.sum()),
    "mass desertions without collapse": lambda facts, _: float((facts.mass * (1 - facts.collapse)).sum()),
    "collapses at operational shock 2": lambda facts, codes: float(facts.collapse[codes[:, 7] == 2].sum()),
    "collapses at regime disarray 2": lambda facts, codes: float(facts.collapse[codes[:, 4] == 2].sum()),
    "median log exit rate": lambda facts, _: float(np.median(facts.exits[facts.known[:, 2] > 0])),
    "spread of log exit rates": lambda facts, _: float(np.std(facts.exits[facts.known[:, 2] > 0])),
}
"""Figures of a history that the fitted model should be able to give."""


def _predictive(weighed: Weighed, seed: int) -> dict[str, dict[str, float]]:
    """Figures of our history among those of histories that the fitted model gives."""
    generator = np.random.default_rng(seed)
    codes = army.array(weighed.armies)
    rows = intervals.resampled(weighed.log_weight, REPLICAS, seed)
    replicas = [invented(weighed, weighed.draws[int(row)], generator) for row in rows]
    ours = outcome_model.facts_of(weighed.armies)
    table = {}
    for name, figure in FIGURES.items():
        values, value = np.array([figure(facts, codes) for facts in replicas]), figure(ours, codes)
        below, level = float(np.mean(values < value)), float(np.mean(values == value))
        middle = {where: round(end, 3) for where, end in quantiles(values).items()}
        table[name] = {"history": round(value, 3), **middle, "below": round(below + level / 2, 3)}
    return table
