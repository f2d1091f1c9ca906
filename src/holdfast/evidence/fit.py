"""Fitting: a normal approximation at the mode (fast), and NUTS in its axes (exact, with its diagnostics).

All latent values have a unit normal prior or nearly so; the approximation's own axes are the sampler's, in which the
posterior is nearly round: that is why few and short trajectories do.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpyro.infer import NUTS

from holdfast.evidence import model
from holdfast.evidence.design import Evidence

FLATTEST = 0.3
"""Least curvature, in prior units, that is believed of the posterior."""


class Shape(NamedTuple):
    """A normal distribution: its middle, and a factor of its covariance."""

    middle: jax.Array
    factor: jax.Array


class Mode(NamedTuple):
    """The normal approximation at the mode, and whether the search came to rest."""

    shape: Shape
    slope: jax.Array
    """Largest gradient at the mode, in units of the posterior's own SD; near 0 when at rest."""
    steps: Any


def size(evidence: Evidence) -> int:
    """How many latent values there are."""
    return sum(math.prod(shape) for shape in model.shapes(evidence).values())


def named(evidence: Evidence, vector: jax.Array) -> model.Latent:
    """The latent values by name from one flat vector."""
    made, begin = {}, 0
    for name, shape in model.shapes(evidence).items():
        end = begin + math.prod(shape)
        made[name] = vector[begin:end].reshape(shape)
        begin = end
    return made


def potential(evidence: Evidence, vector: jax.Array) -> jax.Array:
    """Minus the log density, up to a constant; the same as NumPyro's of `model.model`."""
    return 0.5 * jnp.sum(vector * vector) - model.log_likelihood(evidence, named(evidence, vector))


def _open_potential(evidence: Evidence, vector: jax.Array) -> jax.Array:
    """The same without the bound that there is an army: what a normal distribution can be near to."""
    drawn = named(evidence, vector)
    return 0.5 * jnp.sum(vector * vector) - model.log_claims(evidence, model.war(evidence, drawn), drawn)


@jax.jit
def _army(evidence: Evidence, vectors: jax.Array) -> jax.Array:
    return jax.vmap(lambda one: jnp.exp(model.log_army(evidence, model.war(evidence, named(evidence, one)))))(vectors)


def army(evidence: Evidence, vectors: np.ndarray) -> np.ndarray:
    """The chance with which each draw has an army at all times; 0 where a draw is no number."""
    return np.nan_to_num(np.asarray(_army(evidence, jnp.asarray(vectors))))


def _climb(potential: Callable[[jax.Array], jax.Array], start: jax.Array, most: int = 200) -> Mode:
    """Find the mode with damped Newton steps; the damping grows when a step fails and shrinks when one succeeds."""

    def slope(place: jax.Array) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
        value, slope = jax.value_and_grad(potential)(place)
        return slope, (value, slope)

    look = jax.jacfwd(slope, has_aux=True)

    def go_on(state: tuple[Any, ...]) -> jax.Array:
        _, _, _, _, damping, moved, step = state
        return (step < most) & (moved > 1e-3) & (damping < 1e9)

    def move(state: tuple[Any, ...]) -> tuple[Any, ...]:
        place, curve, value, slope, damping, moved, step = state
        by = -jnp.linalg.solve(curve + damping * jnp.eye(place.size), slope)
        by = by * jnp.minimum(1.0, 10.0 / (jnp.linalg.norm(by) + 1e-12))
        new_curve, (new_value, new_slope) = look(place + by)
        good = (step == 0) | (jnp.isfinite(new_value) & (new_value < value) & jnp.all(jnp.isfinite(new_slope)))
        new = (place + by, new_curve, new_value, new_slope, damping * 0.2, jnp.linalg.norm(by))
        old = (place, curve, value, slope, damping * 5 + 1e-3, moved)
        kept = jax.tree.map(lambda a, b: jnp.where(good, a, b), new, old)
        return (*kept[:5], jnp.where(step == 0, 1.0, kept[5]), step + 1)

    one = jnp.ones((), start.dtype)
    # The first step goes nowhere (no slope is known yet); it only looks around, so that one look is compiled, not two.
    begin = (start, jnp.eye(start.size), one * jnp.inf, jnp.zeros_like(start), one * 5, one, 0)
    place, curve, _, slope_there, _, _, steps = jax.lax.while_loop(go_on, move, begin)
    values, axes = jnp.linalg.eigh(curve)
    factor = axes / jnp.sqrt(jnp.maximum(values, FLATTEST))
    return Mode(Shape(place, factor), jnp.max(jnp.abs(factor.T @ slope_there)), steps)


@jax.jit
def _mode(evidence: Evidence, start: jax.Array) -> Mode:
    return _climb(functools.partial(_open_potential, evidence), start)


def mode(evidence: Evidence, start: np.ndarray | None = None) -> Mode:
    """The mode, with the axes of the posterior around it."""
    return _mode(evidence, jnp.zeros(size(evidence)) if start is None else jnp.asarray(start))


def draw(shape: Shape, draws: int, seed: int) -> np.ndarray:
    """Draws [draw, latent] from a normal shape."""
    noise = jax.random.normal(jax.random.key(seed), (draws, shape.middle.size))
    return np.asarray(shape.middle + noise @ shape.factor.T)


@functools.partial(jax.jit, static_argnames=("pairs", "steps"))
def settle(evidence: Evidence, mode: Shape, pairs: int = 32, steps: int = 120) -> Shape:
    """The fast fit: the normal shape in the mode's axes that is nearest to the posterior.

    Variational: middle and widths minimise the divergence, over a fixed set of draws and their mirror images. The mode
    alone would be too high for sums of many loosely known parts, as the recruits of single months are.
    """
    half = jax.random.normal(jax.random.key(7), (pairs, mode.middle.size))
    noise = jnp.concatenate([half, -half])

    def divergence(place: jax.Array, log_width: jax.Array) -> jax.Array:
        vectors = mode.middle + (place + jnp.exp(log_width) * noise) @ mode.factor.T
        return jnp.mean(jax.vmap(functools.partial(_open_potential, evidence))(vectors)) - jnp.sum(log_width)

    slope = jax.grad(divergence, argnums=(0, 1))
    zeros = (jnp.zeros_like(mode.middle),) * 2

    def step(state: tuple[Any, Any, Any], count: jax.Array) -> tuple[Any, None]:
        now, mean, square = state
        by = slope(*now)
        mean = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, mean, by)
        square = jax.tree.map(lambda v, g: 0.99 * v + 0.01 * g * g, square, by)
        rate = 0.05 * jnp.minimum(1.0, 2 * (steps - count) / steps)
        now = jax.tree.map(
            lambda x, m, v: x - rate * (m / (1 - 0.9 ** (count + 1))) / (jnp.sqrt(v / (1 - 0.99 ** (count + 1))) + 1e-6),
            now, mean, square,
        )  # fmt: skip
        return (now, mean, square), None

    ((place, log_width), _, _), _ = jax.lax.scan(step, (zeros, zeros, zeros), jnp.arange(steps, dtype=jnp.float32))
    return Shape(mode.middle + mode.factor @ place, mode.factor * jnp.exp(log_width))


class Chain(NamedTuple):
    """What a stretch of NUTS gave: values by chain and draw, and what tells whether to believe them."""

    vectors: np.ndarray
    """[chain, draw, latent]"""
    diverging: np.ndarray
    """[chain, draw]"""
    accepted: np.ndarray
    """[chain, draw]: mean chance of acceptance on the way."""


def nuts(
    evidence: Evidence, shape: Shape, chains: int, warmup: int, draws: int, seed: int,
    told: Callable[[int], None] = lambda steps: None,
) -> Chain:  # fmt: skip
    """Sample the posterior itself, in the axes of a normal shape; `told` hears of steps as they are done."""
    keys = jax.random.split(jax.random.key(seed), chains)
    state = _start(evidence, shape, keys, warmup)
    kept, left = [], warmup + draws
    while left:
        stretch = min(STRETCH, left)
        state, seen = _go_on(evidence, shape, state, warmup, stretch)
        kept.append(jax.tree.map(np.asarray, seen))
        left -= stretch
        told(stretch * chains)
    vectors, diverging, accepted = (np.concatenate(part, axis=1)[:, warmup:] for part in zip(*kept))
    return Chain(np.asarray(shape.middle + vectors @ shape.factor.T), diverging, accepted)


STRETCH = 50
"""Steps between two reports of progress; warm-up and draws are whole multiples of it."""


def _kernel(evidence: Evidence, shape: Shape) -> NUTS:
    """NUTS on the posterior seen in the shape's axes, where it is nearly a unit normal."""
    return NUTS(
        potential_fn=lambda place: potential(evidence, shape.middle + shape.factor @ place),
        target_accept_prob=0.85, max_tree_depth=8,
    )  # fmt: skip


@functools.partial(jax.jit, static_argnames="warmup")
def _start(evidence: Evidence, shape: Shape, keys: jax.Array, warmup: int) -> Any:
    def one(key: jax.Array) -> Any:
        place = 0.5 * jax.random.normal(jax.random.fold_in(key, 1), shape.middle.shape)
        return _kernel(evidence, shape).init(key, warmup, place, (), {})

    return jax.vmap(one)(keys)


@functools.partial(jax.jit, static_argnames=("warmup", "steps"))
def _go_on(evidence: Evidence, shape: Shape, state: Any, warmup: int, steps: int) -> tuple[Any, Any]:
    def one(state: Any) -> tuple[Any, Any]:
        kernel = _kernel(evidence, shape)
        kernel.init(jax.random.key(0), warmup, shape.middle, (), {})  # sets the kernel up; its state is dropped

        def step(state: Any, _: None) -> tuple[Any, Any]:
            state = kernel.sample(state, (), {})
            return state, (state.z, state.diverging, state.accept_prob)

        return jax.lax.scan(step, state, None, steps)

    return jax.vmap(one)(state)


def wars(evidence: Evidence, vectors: np.ndarray) -> tuple[model.War, model.Latent]:
    """The wars, and the latent values, that draws stand for; the draw first on every axis."""
    return _wars(evidence, jnp.asarray(vectors))


@jax.jit
def _wars(evidence: Evidence, vectors: jax.Array) -> tuple[model.War, model.Latent]:
    values = jax.vmap(functools.partial(named, evidence))(vectors)
    return jax.vmap(functools.partial(model.war, evidence))(values), values
