"""Is the posterior right, does it look like history, and what did history say at all?

Three questions, three checks: simulation-based calibration (invented histories whose truth is known), posterior
predictive checks (would the fitted model have produced a history like ours), and identifiability (which inputs history
pins down, and which it leaves where they were).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import equinox as eqx
import jax
import numpy as np

from holdfast.calibration import chains, likelihood, outcome_model, posterior, surrogate
from holdfast.calibration.posterior import Posterior, Weighed
from holdfast.calibration.surrogate import Surrogate
from holdfast.coded_armies import army
from holdfast.coded_armies.army import CodedArmy

Progress = Callable[[int, int, str], None]

PINNED, LEFT = 0.75, 0.9
"""Spread over the prior's below which history pins an input down, and above which it leaves it where it was."""
CHAINS, WARMUP, DRAWS = 2, 250, 150
"""Of the short fit of an invented history."""
REPLICAS = 400
"""Histories that the fitted model is asked for."""


@dataclasses.dataclass(frozen=True)
class Checks:
    """What the checks found."""

    ranks: dict[str, list[float]]
    """Share of the posterior below the truth, for each invented history, by input."""
    predictive: dict[str, dict[str, float]]
    """Of each figure of history: its value, and the middle 90 % and tail share of what the fitted model gives."""
    spreads: dict[str, dict[str, float]]
    """Mean and spread of each input's score given history; before it they are 0 and 1."""

    def told(self) -> dict[str, Any]:
        """For the recipe and for JSON."""
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
    """Share of the truths inside the middle 90 % of their posteriors."""
    r = np.asarray(ranks)
    return float(np.mean((r > 0.05) & (r < 0.95))) if len(r) else float("nan")


def check(
    made: Posterior, taught: Sequence[CodedArmy], histories: int, seed: int, folder: Path, workers: int,
    progress: Progress,
) -> Checks:  # fmt: skip
    """Run all checks; the invented histories take the time."""
    weighed = posterior.weigh(made, taught)
    return Checks(
        ranks=_calibration(weighed, histories, seed, folder, workers, progress),
        predictive=_predictive(weighed, seed),
        spreads=_identified(weighed),
    )


def _names(weighed: Weighed) -> list[str]:
    """What is learnt: the inputs, then the label layer's numbers."""
    return [*weighed.posterior.paths, *(f"label.{name}" for name in outcome_model.NAMES)]


def _identified(weighed: Weighed) -> dict[str, dict[str, float]]:
    """Mean and spread of each score given the taught cases."""
    return {
        name: {"mean": round(float(column.mean()), 3), "sd": round(float(column.std()), 3)}
        for name, column in zip(_names(weighed), weighed.draws.T, strict=True)
    }


def verdict(spread: float) -> str:
    """What history said of an input, in a word."""
    return "pinned down" if spread < PINNED else "left at its prior" if spread > LEFT else "narrowed"


@eqx.filter_jit
def _outcomes(of: Surrogate, scores: Any, armies: likelihood.Armies) -> tuple[Any, outcome_model.Layer]:
    """What may become of every army under one draw, and the layer's numbers."""
    given, layer = likelihood.split(scores)
    each = jax.vmap(lambda about, codes: likelihood.outcomes(of, given, layer, about, codes, armies.out))
    return each(armies.about, armies.codes), layer


def invented(weighed: Weighed, scores: np.ndarray, generator: np.random.Generator) -> outcome_model.Facts:
    """A history as the model tells it under one draw of everything; what is not known of ours is not known of it."""
    import jax.numpy as jnp

    armies = posterior.armies_of(weighed.posterior, weighed.cases)
    mixed, layer = _outcomes(weighed.posterior.surrogate, jnp.asarray(scores, jnp.float32), armies)
    cases = len(weighed.cases)
    share = np.exp(np.asarray(mixed.log_share, float)).reshape(cases, -1)
    which = [generator.choice(len(row), p=row / row.sum()) for row in share]
    of = lambda table: np.asarray(table).reshape(cases, share.shape[1], -1)[np.arange(cases), which]  # noqa: E731
    seen = of(mixed.mean) + of(mixed.sd) * generator.standard_normal((cases, mixed.mean.shape[-1]))
    collapse, mass = outcome_model.chances(layer, jnp.asarray(seen))
    error = generator.standard_t(outcome_model.TAIL, cases) * float(layer["exits_error"])
    return outcome_model.Facts(
        (generator.random(cases) < np.asarray(collapse)).astype(float),
        (generator.random(cases) < np.asarray(mass)).astype(float),
        seen[:, outcome_model.EXITS] + float(layer["exits_bias"]) + error,
        outcome_model.facts_of(weighed.cases).known,
    )


def _calibration(
    weighed: Weighed, histories: int, seed: int, folder: Path, workers: int, progress: Progress
) -> dict[str, list[float]]:
    """Ranks of the truth in the posteriors of invented histories (Talts et al. 2018); uniform if the inference is right.

    The truth is a draw of the prior, the history is told by the surrogate, and the fit is a short one.
    """
    generator = np.random.default_rng(seed)
    size = weighed.draws.shape[1]
    truths = generator.standard_normal((histories, size))
    tasks = {
        f"history-{number:03d}": likelihood.arrays(
            posterior.armies_of(weighed.posterior, weighed.cases, facts=invented(weighed, truth, generator))
        )
        for number, truth in enumerate(truths)
    }
    told = chains.run(
        surrogate.arrays(weighed.posterior.surrogate), tasks, size - len(outcome_model.NAMES), seed,
        chains.Length(CHAINS, WARMUP, DRAWS), folder, workers, progress, "checking on invented histories",
    )  # fmt: skip
    below = np.array([(told[task][0] < truth).mean(axis=0) for task, truth in zip(tasks, truths, strict=True)])
    return {name: [float(x) for x in column] for name, column in zip(_names(weighed), below.T, strict=True)}


FIGURES: dict[str, Callable[[outcome_model.Facts, np.ndarray], float]] = {
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
    codes = army.array(weighed.cases)
    rows = posterior.chosen(weighed.log_weight, REPLICAS, seed)
    replicas = [invented(weighed, weighed.draws[int(row)], generator) for row in rows]
    ours = outcome_model.facts_of(weighed.cases)
    told = {}
    for name, figure in FIGURES.items():
        values, value = np.array([figure(facts, codes) for facts in replicas]), figure(ours, codes)
        below, level = float(np.mean(values < value)), float(np.mean(values == value))
        low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
        told[name] = {
            "history": round(value, 3), "p05": round(float(low), 3), "p50": round(float(middle), 3),
            "p95": round(float(high), 3), "below": round(below + level / 2, 3),
        }  # fmt: skip
    return told
