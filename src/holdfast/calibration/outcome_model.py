"""From what a simulated army did to what a historian wrote of it: the label layer.

Historians did not use the model's definitions (an army that broke and stood again within the year is coded as not
collapsed), so a label is a chance that grows with what happened, and it can simply be wrong. The layer also says how the
armies' resolve is spread: every army has its own, about a common mean, and nobody coded it.

Its numbers have standard normal scores, as the model's inputs have.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from holdfast.calibration.surrogate import FEATURES, Mixture
from holdfast.coded_armies.army import CODES, CodedArmy
from holdfast.core.params import LogNormal, Normal

LAYER: dict[str, tuple[Normal | LogNormal, str]] = {
    "resolve_mean": (Normal(5.5, 1.5), "mean of the armies' resolve [nats]"),
    "resolve_between": (LogNormal(0.6, 0.4), "spread of resolve between armies that no code tells [nats]"),
    "beyond": (LogNormal(0.3, 0.5), "size of what a code tells of resolve beyond its mechanism [nats a step]"),
    **{
        f"beyond_{code}": (Normal(0.0, 1.0), f"what {code.replace('_', ' ')} tells beyond its mechanism, in that size")
        for code in CODES
    },
    "collapse_at": (Normal(0.0, 2.0), "log odds of the label 'collapse' where half of the men are gone within 90 days"),
    "collapse_gone": (LogNormal(2.0, 0.5), "its growth for each nat more of men gone [1]"),
    "collapse_broken": (LogNormal(1.5, 0.5), "its growth for each nat more of days with the front broken [1]"),
    "collapse_speed": (LogNormal(2.0, 0.5), "its growth for each nat by which the war was decided sooner [1]"),
    "collapse_authority": (
        LogNormal(1.0, 0.7), "its fall for each nat of the regime's authority at the end: who commands can restore [1]"
    ),
    "collapse_strength": (
        LogNormal(1.0, 0.7), "its fall for each nat of men still there at the end: who has men goes on [1]"
    ),
    "mass_at": (Normal(0.0, 1.0), "log odds of the label 'mass desertion' where a tenth is gone within 180 days"),
    "mass_gone": (LogNormal(1.5, 0.5), "its growth for each nat more of men gone [1]"),
    "wrong": (LogNormal(0.03, 0.6), "share of labels that are wrong whatever happened"),
    "exits_bias": (Normal(0.0, 1.0), "log of the coded exit rate over the model's [nats]"),
    "exits_error": (LogNormal(0.8, 0.3), "spread of that log: errors of coding and of the model [nats]"),
}  # fmt: skip
"""The layer's numbers: prior and meaning."""

NAMES = tuple(LAYER)
TAIL = 4.0
"""Degrees of freedom of the errors of exit rates: some are far out."""
LEAST_MONTHS = 0.75
"""A coded rate over a shorter span is a share of one rout, and says nothing of a month."""
MOST_WRONG = 0.3
AUTHORITY_MIDDLE = math.log(0.5)
GONE, BROKEN, MASS, EXITS, SPEED, AUTHORITY, STRENGTH = range(len(FEATURES))

Layer = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Facts:
    """What was coded of the cases, `[case]` each; what is not known has weight 0."""

    collapse: np.ndarray
    mass: np.ndarray
    exits: np.ndarray
    """Log of the exit rate per 1,000 a month."""
    known: np.ndarray
    """`[case, 3]`: whether collapse, mass desertion and exit rate are known."""

    def only(self, keep: np.ndarray) -> Facts:
        """Only the cases kept tell anything."""
        return dataclasses.replace(self, known=self.known * np.asarray(keep, float)[:, None])


def facts_of(cases: Sequence[CodedArmy]) -> Facts:
    """The coded outcomes as arrays."""
    label = lambda name: np.array([float(bool(getattr(case, name))) for case in cases])  # noqa: E731
    rated = [bool(case.exits_per_1000_month) and (case.months or 0) >= LEAST_MONTHS for case in cases]
    exits = [case.exits_per_1000_month if ok else 1.0 for case, ok in zip(cases, rated, strict=True)]
    known = [
        [case.collapse is not None, case.mass_desertion is not None, ok] for case, ok in zip(cases, rated, strict=True)
    ]
    return Facts(
        label("collapse"), label("mass_desertion"), np.log(np.array(exits, float)),
        np.array(known, float).reshape(len(cases), 3),
    )  # fmt: skip


def values(scores: Any) -> Layer:
    """The layer's numbers from their standard normal scores, the last axis."""
    given = {}
    for index, (name, (prior, _)) in enumerate(LAYER.items()):
        score = scores[..., index]
        if isinstance(prior, Normal):
            given[name] = prior.mean + prior.sd * score
        else:
            given[name] = prior.median * jnp.exp(prior.sd * score)
    return given


def leaning(layer: Layer, codes: Any) -> Any:
    """What codes `[..., 10]` tell of an army's resolve beyond their mechanisms [nats].

    A discrepancy (Kennedy and O'Hagan 2001): a state that can still conscript is one that still holds, whatever its
    recruits do. Found in history and not in the mechanism, it serves to foretell and never to say what a change would do.
    """
    steps = jnp.asarray(codes) - 1.0
    return layer["beyond"] * sum(layer[f"beyond_{code}"] * steps[..., i] for i, code in enumerate(CODES))


def flattened(odds: jax.Array, sd: jax.Array) -> jax.Array:
    """Log odds whose chance is the mean over a normal spread of them (MacKay 1992)."""
    return odds / jnp.sqrt(1 + math.pi * sd**2 / 8)


def chances(layer: Layer, mean: Any, sd: Any = 0.0) -> tuple[jax.Array, jax.Array]:
    """Chance of the labels 'collapse' and 'mass desertion' from features `[..., 7]` known to within `sd`."""
    sd = jnp.broadcast_to(jnp.asarray(sd), mean.shape)
    gone, broken = layer["collapse_gone"] * mean[..., GONE], layer["collapse_broken"] * mean[..., BROKEN]
    # Either will do: half of the men gone, or the front broken and not restored; sooner counts more.
    odds = layer["collapse_at"] + jnp.logaddexp(gone, broken)
    odds = odds + layer["collapse_speed"] * jnp.maximum(mean[..., SPEED], 0)
    odds = odds - layer["collapse_authority"] * (mean[..., AUTHORITY] - AUTHORITY_MIDDLE)
    odds = odds - layer["collapse_strength"] * mean[..., STRENGTH]
    by_men = jax.nn.sigmoid(gone - broken)
    spread = jnp.hypot(
        by_men * layer["collapse_gone"] * sd[..., GONE], (1 - by_men) * layer["collapse_broken"] * sd[..., BROKEN]
    )
    mass = layer["mass_at"] + layer["mass_gone"] * mean[..., MASS]
    wrong = jnp.minimum(layer["wrong"], MOST_WRONG)
    said = lambda odds: wrong + (1 - 2 * wrong) * jax.nn.sigmoid(odds)  # noqa: E731
    return said(flattened(odds, spread)), said(flattened(mass, layer["mass_gone"] * sd[..., MASS]))


def log_rate(layer: Layer, exits: jax.Array, mixed: Mixture) -> jax.Array:
    """Log density of a coded log exit rate under each outcome: Student errors of coding and of the model."""
    sd = jnp.hypot(layer["exits_error"], mixed.sd[..., EXITS])
    away = (exits - layer["exits_bias"] - mixed.mean[..., EXITS]) / sd
    return -0.5 * (TAIL + 1) * jnp.log1p(away**2 / TAIL) - jnp.log(sd) + _STUDENT


_STUDENT = math.lgamma((TAIL + 1) / 2) - math.lgamma(TAIL / 2) - 0.5 * math.log(TAIL * math.pi)
"""The constant of Student's density."""
