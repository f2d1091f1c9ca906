"""The coordinates in which NUTS walks: those in which a side's posterior is nearly a round normal distribution.

Two changes make it so. Steps of the series of killed that claims bind tightly are taken times the pace (centred), others as
they are (non-centred), most in between: by how much of the prior's variance the claims leave (Papaspiliopoulos, Roberts and
Sköld 2007, Statistical Science 22). Then middle and axes are those of the normal distribution nearest to the posterior with
every correlation (Opper and Archambeau 2009, Neural Computation 21): at the mode alone the curvature is up to 140 times
too small or 12 times too large, since claims err as Student variables do.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from holdfast.core.programs import Program
from holdfast.evidence import fit, model
from holdfast.evidence.design import Array, Evidence

PACE, STEPS = "killed_pace", "killed_steps"
"""The latent value that is the scale of others, and those others."""
TURNS, STRIDE = 12, 0.5
"""Steps towards the nearest normal distribution, and the share of each that is gone."""
LEAST = 0.1
"""Least curvature that one step believes of any direction, beside that before it."""
TOGETHER = 32
"""Gradients worked out side by side."""


class Coordinates(NamedTuple):
    """A place `z` stands for the latent values of `middle + factor @ z`, whose steps are then stretched.

    Attributes:
        middle: the place 0, in stretched latent values.
        factor: its columns are the axes.
        bound: how far each latent value is taken times the pace: 0 for all but the steps, 1 where it is bound wholly.
        pace: value of the pace at which nothing is stretched.
    """

    middle: Float[Array, latent]
    factor: Float[Array, "latent latent"]
    bound: Float[Array, latent]
    pace: Float[Array, ""]


def latent(evidence: Evidence, coordinates: Coordinates, place: jax.Array) -> jax.Array:
    """The latent values at a place.

    Args:
        evidence: what the density of the side's war reads.
        coordinates: of the side.
        place: `[latent]`.

    Returns:
        Latent values, `[latent]`.
    """
    return _unstretched(evidence, coordinates, coordinates.middle + coordinates.factor @ place)[0]


def _unstretched(evidence: Evidence, coordinates: Coordinates, values: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Latent values from stretched ones, and the logarithm of the volume that one unit of the latter has."""
    faster = model.pace_spread() * (values[fit.spot(evidence, PACE)] - coordinates.pace)
    return values * jnp.exp(-faster * coordinates.bound), -faster * jnp.sum(coordinates.bound)


def potential(evidence: Evidence, coordinates: Coordinates, place: jax.Array, *, bounded: bool = True) -> jax.Array:
    """Minus the log density at a place, up to a constant.

    Args:
        evidence: what the density of the side's war reads.
        coordinates: of the side.
        place: `[latent]`.
        bounded: whether with the bound that there is an army.

    Returns:
        The potential [nats], a scalar.
    """
    values, volume = _unstretched(evidence, coordinates, coordinates.middle + coordinates.factor @ place)
    return (fit.potential if bounded else fit.open_potential)(evidence, values) - volume


def nearest(evidence: Evidence, shape: fit.Shape) -> Coordinates:
    """The coordinates in which a posterior is nearly round.

    Natural-gradient steps: at places in pairs of mirror images along random orthogonal directions, the mean gradient says
    where the middle should be, and its change along each direction how long and which way the axes. What the sampler draws
    does not depend on them, only how many steps it needs; so nothing asks whether they converged.

    Args:
        evidence: what the density of the side's war reads.
        shape: the fast fit.

    Returns:
        The coordinates; those of the fast fit where a gradient is no number.
    """
    at, count = _begin(evidence, shape), len(shape.middle)
    random = np.random.default_rng(11)
    single = jax.tree.map(lambda part: jnp.asarray(part, jnp.float32), evidence)
    for _ in range(TURNS):
        ways = math.sqrt(count) * np.linalg.qr(random.normal(size=(count, count)))[0]
        there, back = (_slopes(single, at, sign * ways) for sign in (1.0, -1.0))
        if not (np.all(np.isfinite(there)) and np.all(np.isfinite(back))):
            break
        slope, curve = (there + back).mean(0) / 2, ways.T @ (there - back) / (2 * count)
        values, axes = np.linalg.eigh(np.eye(count) * (1 - STRIDE) + STRIDE * (curve + curve.T) / 2)
        values = np.maximum(values, LEAST)
        step = -STRIDE * axes @ (axes.T @ slope / values)
        at = at._replace(middle=at.middle + at.factor @ step, factor=at.factor @ (axes / np.sqrt(values)))
    return at


def _begin(evidence: Evidence, shape: fit.Shape) -> Coordinates:
    """The fast fit's own axes, seen in stretched latent values."""
    count, pace, steps = len(shape.middle), fit.spot(evidence, PACE), fit.spots(evidence, STEPS)
    bound = np.zeros(count)
    bound[steps] = np.clip(1 - np.sum(shape.factor[steps] ** 2, axis=1), 0, 1)
    factor = shape.factor + np.outer(model.pace_spread() * bound * shape.middle, shape.factor[pace])
    return Coordinates(shape.middle, factor, bound, np.asarray(shape.middle[pace]))


def _slopes(evidence: Evidence, at: Coordinates, places: np.ndarray) -> np.ndarray:
    """Gradients of the potential without the bound at many places, `[place, latent]`."""
    room = -len(places) % TOGETHER
    padded = np.concatenate([places, np.zeros((room, places.shape[1]))]).astype(np.float32)
    single = jax.tree.map(lambda part: jnp.asarray(part, jnp.float32), at)
    slopes = _gradients(evidence, single, padded.reshape(-1, TOGETHER, places.shape[1]))
    return np.asarray(slopes, float).reshape(-1, places.shape[1])[: len(places)]


@Program
def _gradients(evidence: Evidence, at: Coordinates, places: jax.Array) -> jax.Array:
    def slope(place: jax.Array) -> jax.Array:
        return jax.grad(lambda place: potential(evidence, at, place, bounded=False))(place)

    return jax.lax.map(jax.vmap(slope), places)
