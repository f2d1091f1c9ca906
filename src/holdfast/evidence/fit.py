"""Fitting: a normal approximation at the mode, then the normal distribution nearest to the posterior in its axes.

It is the fast fit, and where the sampler's coordinates begin (`evidence.coordinates`).

The searches run in 64-bit floats, whatever the rest of the program uses, and each is judged by the slope and the curvature
where it ended, never by how far it moved last: a search that did not converge raises `FitError`.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Mapping
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float
from scipy import optimize

from holdfast.core.faults import ReportedError
from holdfast.core.programs import Program
from holdfast.evidence import model
from holdfast.evidence.design import Evidence

FLATTEST = 0.3
"""Least curvature, in prior units, that is believed of the posterior."""
SLOPE_MOST = 1e-3
"""Largest gradient at a mode, per posterior SD: beyond it a search has not converged."""
DESCENT_SLOPE = 0.03
"""Largest gradient, per prior SD, at which the descent from a start hands over to Newton steps."""
SAME_MODE = 0.05
"""Nats within which two descents count as having reached the same mode."""
ARMY_LEAST = 1e-3
"""Chance of there being an army, below which a mode is of a war without one."""
SPREAD_SLOPE_MOST = 1e-2
"""Largest gradient of the divergence, per posterior SD and per log of a width, at the end of the variational fit."""
SPLIT = 0.01
"""Added to the curvature's diagonal at most, in prior units, so that no two of its eigenvalues are equal."""
AXES_TOGETHER = 400
"""Axes along which the Hessian is worked out at a time: all of a war of 300 months would not fit into memory."""
MEMORY = 30
"""Steps that the quasi-Newton searches remember."""


class FitError(ReportedError):
    """A fit whose own diagnostics say not to trust it."""


class Shape(NamedTuple):
    """A normal distribution: its middle, and a factor of its covariance.

    Attributes:
        middle: the mean.
        factor: its columns span the axes.
    """

    middle: Float[np.ndarray, latent]
    factor: Float[np.ndarray, "latent latent"]


@dataclasses.dataclass(frozen=True)
class Descent:
    """Where the descent from one start ended.

    Attributes:
        start: name of the start.
        steps: of the search.
    """

    start: str
    potential: float
    """Minus the log density there, up to a constant [nats]."""
    slope: float
    """Largest gradient there, per prior SD."""
    army: float
    """Chance of there being an army at all times."""
    steps: int

    @property
    def converged(self) -> bool:
        """Whether it ended near a place at rest, in a war with an army."""
        return self.slope <= 3 * DESCENT_SLOPE and self.army >= ARMY_LEAST and math.isfinite(self.potential)


class Mode(NamedTuple):
    """The normal approximation at the mode, and what tells that it is one.

    Attributes:
        shape: the normal distribution with the mode's curvature.
        steps: of Newton's method.
        descents: from every start.
    """

    shape: Shape
    potential: float
    """Minus the log density at the mode without the bound that there is an army, up to a constant [nats]."""
    slope: float
    """Largest gradient at the mode, per posterior SD; 0 at rest."""
    curvature: float
    """Least eigenvalue of the Hessian at the mode, in prior units; above 0 at a minimum."""
    army: float
    """Chance of there being an army at all times."""
    steps: int
    descents: tuple[Descent, ...]


class Normal(NamedTuple):
    """The fast fit: the normal distribution nearest to a posterior, and how the searches for it ended.

    Attributes:
        shape: the distribution.
        mode: from which the search began.
        steps: of the search.
    """

    shape: Shape
    mode: Mode
    slope: float
    """Largest gradient of the divergence at the end, per posterior SD and per log of a width."""
    steps: int

    def report(self) -> dict[str, object]:
        """The searches' ends, as they stand among the diagnostics.

        Returns:
            Potential, slopes and least curvature, and the end from each start.
        """
        mode = self.mode
        return {
            "potential": round(mode.potential, 3), "slope": float(f"{mode.slope:.1e}"),
            "least_curvature": round(mode.curvature, 4), "spread_slope": float(f"{self.slope:.1e}"),
            "starts": [
                {"start": one.start, "potential": _rounded(one.potential), "converged": one.converged}
                for one in mode.descents
            ],
        }  # fmt: skip


def _rounded(value: float) -> float | None:
    return round(value, 2) if math.isfinite(value) else None


def size(evidence: Evidence) -> int:
    """How many latent values there are.

    Args:
        evidence: what the density of the side's war reads.

    Returns:
        The count.
    """
    return sum(math.prod(shape) for shape in model.shapes(evidence).values())


def named(evidence: Evidence, vector: jax.Array) -> model.Latent:
    """The latent values by name from one flat vector.

    Args:
        evidence: what the density of the side's war reads.
        vector: `[latent]`.

    Returns:
        Latent values by name.
    """
    values, begin = {}, 0
    for name, shape in model.shapes(evidence).items():
        end = begin + math.prod(shape)
        values[name] = vector[begin:end].reshape(shape)
        begin = end
    return values


def spots(evidence: Evidence, name: str) -> slice:
    """Where the latent values of a name stand in the flat vector.

    Args:
        evidence: what the density of the side's war reads.
        name: a key of `model.shapes`.

    Returns:
        Their places.

    Raises:
        KeyError: if there are none.
    """
    begin = 0
    for other, shape in model.shapes(evidence).items():
        if other == name:
            return slice(begin, begin + math.prod(shape))
        begin += math.prod(shape)
    raise KeyError(name)


def spot(evidence: Evidence, name: str) -> int:
    """Where a single latent value stands in the flat vector.

    Args:
        evidence: what the density of the side's war reads.
        name: a key of `model.shapes`.

    Returns:
        Its place.
    """
    return spots(evidence, name).start


def potential(evidence: Evidence, vector: jax.Array) -> jax.Array:
    """Minus the log density, up to a constant; the same as NumPyro's of `model.model`.

    Args:
        evidence: what the density of the side's war reads.
        vector: `[latent]`.

    Returns:
        The potential [nats], a scalar.
    """
    return 0.5 * jnp.sum(vector * vector) - model.log_likelihood(evidence, named(evidence, vector))


def open_potential(evidence: Evidence, vector: jax.Array) -> jax.Array:
    """The same without the bound that there is an army: what a normal distribution can be near to.

    Args:
        evidence: what the density of the side's war reads.
        vector: `[latent]`.

    Returns:
        The potential [nats], a scalar.
    """
    drawn = named(evidence, vector)
    return 0.5 * jnp.sum(vector * vector) - model.log_claims(evidence, model.war(evidence, drawn), drawn)


def _chance(evidence: Evidence, vector: jax.Array) -> jax.Array:
    return jnp.exp(model.log_army(evidence, model.war(evidence, named(evidence, vector))))


@Program
def _army(evidence: Evidence, vectors: jax.Array) -> jax.Array:
    def chance(vector: jax.Array) -> jax.Array:
        state = model.war(evidence, named(evidence, vector))
        return jnp.where(state.strength.min() > 0, jnp.exp(model.log_army(evidence, state)), 0.0)

    return jax.vmap(chance)(vectors)


def army(evidence: Evidence, vectors: np.ndarray) -> np.ndarray:
    """The chance with which each draw has an army at all times; 0 where it has no men, or is no number.

    Args:
        evidence: what the density of the side's war reads.
        vectors: draws, `[draw, latent]`.

    Returns:
        Chances, `[draw]`.
    """
    return np.nan_to_num(np.asarray(_army(evidence, jnp.asarray(vectors))))


def starts(count: int) -> dict[str, Float[np.ndarray, latent]]:
    """Where the searches for a mode of `count` latent values begin, by name; the same every time.

    Args:
        count: of latent values.

    Returns:
        Vectors `[latent]` by the name of the start.
    """
    random = np.random.default_rng(1)
    return {
        "zeros": np.zeros(count), "0.05 everywhere": np.full(count, 0.05),
        "random, SD 0.1": 0.1 * random.normal(size=count), "random, SD 0.5": 0.5 * random.normal(size=count),
    }  # fmt: skip


def mode(
    evidence: Evidence, side: str = "the side", begin: Mapping[str, Float[np.ndarray, latent]] | None = None
) -> Mode:
    """The mode of a side's posterior, with the axes of the posterior around it.

    From every start a quasi-Newton search (L-BFGS) goes down the potential, whose bound leads back to a war with an army
    from wherever there is none. From the lowest end, Newton steps in a trust region go to the mode of the potential
    without the bound; the next lowest is taken where that one turns out to be no mode.

    Args:
        evidence: What the density of the side's war reads.
        side: The side's name, for the error.
        begin: Places to start from, by name; those of `starts` unless given.

    Returns:
        The mode and how the searches for it ended.

    Raises:
        FitError: If no start led to a place with a slope of at most `SLOPE_MOST`, a positive definite Hessian and an army.
    """
    with jax.enable_x64(True):
        double = in_double(evidence)
        ends = [_descend(double, name, place) for name, place in (begin or starts(size(evidence))).items()]
        descents = tuple(one for one, _ in ends)
        faults = []
        for one, place in sorted(ends, key=lambda end: (not end[0].converged, _last(end[0].potential))):
            at = _polished(double, place, descents)
            fault = _fault(at)
            if not fault:
                return at
            faults.append(f"from {one.start}: {fault}")
    raise FitError(
        f"The fit of {side} did not converge: none of {len(ends)} starts led to a mode ({'; '.join(faults)}). The claims "
        f"may contradict one another beyond what the model allows: look among those of {side} for one whose number, "
        "unit or date is wrong."
    )


def in_double(evidence: Evidence) -> Evidence:
    """The evidence on the device in 64-bit floats; to be called where those are switched on.

    Args:
        evidence: what the density of the side's war reads.

    Returns:
        The same in 64-bit floats.
    """
    return jax.tree.map(lambda part: jnp.asarray(part, jnp.float64), evidence)


def _last(value: float) -> float:
    return value if math.isfinite(value) else math.inf


def _descend(evidence: Evidence, name: str, start: np.ndarray) -> tuple[Descent, np.ndarray]:
    def look(place: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope, _ = _slope(evidence, place)
        return float(value), np.asarray(slope)

    end = optimize.minimize(
        look, start, jac=True, method="L-BFGS-B",
        options={"maxiter": 3000, "maxfun": 4000, "maxcor": MEMORY, "gtol": DESCENT_SLOPE, "ftol": 0.0},
    )  # fmt: skip
    chance = np.nan_to_num(float(_slope(evidence, end.x)[2]))
    return Descent(name, float(end.fun), float(np.max(np.abs(end.jac))), chance, int(end.nit)), end.x


def _polished(evidence: Evidence, start: np.ndarray, descents: tuple[Descent, ...]) -> Mode:
    """Newton steps in a trust region on the potential without the bound, and what holds where they end."""

    @functools.lru_cache(maxsize=4)
    def look(place: bytes) -> tuple[np.ndarray, ...]:
        return tuple(np.asarray(part) for part in _curve(evidence, np.frombuffer(place)))

    steps = 0
    if np.all(np.isfinite(look(start.tobytes())[2])):
        end = optimize.minimize(
            lambda place: float(look(place.tobytes())[0]), start, jac=lambda place: look(place.tobytes())[1],
            hess=lambda place: look(place.tobytes())[2], method="trust-exact", options={"gtol": 1e-8, "maxiter": 100},
        )  # fmt: skip
        start, steps = end.x, int(end.nit)
    value, slope, curve, army = look(start.tobytes())
    if not (np.isfinite(value) and np.all(np.isfinite(curve))):
        none = np.full((len(start), len(start)), np.nan)
        return Mode(Shape(start, none), math.nan, math.nan, math.nan, army=0.0, steps=steps, descents=descents)
    values, axes = principal(curve, SPLIT)
    factor = axes / np.sqrt(np.maximum(values, FLATTEST))
    steepest, least = float(np.max(np.abs(factor.T @ slope))), float(np.linalg.eigvalsh(curve)[0])
    return Mode(Shape(start, factor), float(value), steepest, least, army=float(army), steps=steps, descents=descents)


def principal(
    square: Float[np.ndarray, "latent latent"], split: float
) -> tuple[Float[np.ndarray, axis], Float[np.ndarray, "latent axis"]]:
    """Eigenvalues and eigenvectors of a symmetric matrix, the vectors the same on every processor.

    Where eigenvalues are equal (all directions of which no claim speaks have the prior's) rounding alone would choose
    among the vectors, and their signs are free anyway. Up to `split` is added to the diagonal, more to each latent value
    than to the one before, and the sign is that of a fixed vector's product.

    Args:
        square: The matrix.
        split: What is added at the most.

    Returns:
        Eigenvalues, and eigenvectors as columns.
    """
    values, axes = np.linalg.eigh(square + split * np.diag(np.linspace(0, 1, len(square))))
    ruler = np.random.default_rng(2).normal(size=len(axes))
    return values, axes * np.where(ruler @ axes < 0, -1.0, 1.0)


def _fault(at: Mode) -> str:
    """Why a place is no mode of a war; nothing if it is one."""
    if not math.isfinite(at.potential):
        return "the density is not a number there"
    if not at.slope <= SLOPE_MOST:
        return f"slope {at.slope:.2g} per posterior SD, at most {SLOPE_MOST:g}"
    if not at.curvature > 0:
        return f"least curvature {at.curvature:.2g}, which must be above 0"
    return "no army is left" if at.army < ARMY_LEAST else ""


@Program
def _slope(evidence: Evidence, place: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
    """The potential, its gradient, and the chance of an army."""
    value, slope = jax.value_and_grad(functools.partial(potential, evidence))(place)
    return value, slope, _chance(evidence, place)


@Program
def _curve(evidence: Evidence, place: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array, jax.Array]:
    """The potential without the bound, its gradient and Hessian, and the chance of an army."""

    (value, slope_there), along = jax.linearize(jax.value_and_grad(functools.partial(open_potential, evidence)), place)

    blocks = -(-place.size // AXES_TOGETHER)
    axes = jnp.eye(blocks * -(-place.size // blocks), place.size, dtype=place.dtype).reshape(blocks, -1, place.size)
    many = jax.vmap(lambda axis: along(axis)[1])
    curve = many(axes[0]) if blocks == 1 else jax.lax.map(many, axes).reshape(-1, place.size)[: place.size]
    return value, slope_there, curve, _chance(evidence, place)


@Program
def _divergence(
    evidence: Evidence, shape: Shape, noise: jax.Array, at: tuple[jax.Array, jax.Array]
) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
    """The divergence, up to a constant, of a normal distribution that is moved and stretched in axes; its gradient."""

    def value(at: tuple[jax.Array, jax.Array]) -> jax.Array:
        vectors = jnp.asarray(shape.middle + (at[0] + jnp.exp(at[1]) * noise) @ shape.factor.T)
        return jnp.mean(jax.vmap(functools.partial(open_potential, evidence))(vectors)) - jnp.sum(at[1])

    return jax.value_and_grad(value)(at)


def draw(shape: Shape, draws: int, seed: int) -> Float[np.ndarray, "draw latent"]:
    """Draws from a normal shape.

    Args:
        shape: the normal distribution.
        draws: how many.
        seed: of the draws.

    Returns:
        `[draw, latent]`.
    """
    noise = jax.random.normal(jax.random.key(seed), (draws, shape.middle.size), jnp.float32)
    return np.asarray(shape.middle + np.asarray(noise, float) @ shape.factor.T)


def settle(evidence: Evidence, shape: Shape, pairs: int = 32, side: str = "the side") -> tuple[Shape, float, int]:
    """The normal distribution in a shape's axes that is nearest to the posterior, its slope, and the steps taken.

    Variational with a fixed set of draws and their mirror images (Giordano, Ingram and Broderick 2024,
    arXiv:2304.05527): middle and widths minimise the divergence by L-BFGS. The mode alone would be too high for sums of
    many loosely known parts, as the recruits of single months are.

    Args:
        evidence: What the density of the side's war reads.
        shape: Middle and axes to begin from, as `mode` gives them.
        pairs: Draws; as many mirror images are added.
        side: The side's name, for the error.

    Returns:
        The distribution, the divergence's slope at the end, and the steps.

    Raises:
        FitError: If the divergence's slope at the end is above `SPREAD_SLOPE_MOST`.
    """
    count = len(shape.middle)
    half = np.asarray(jax.random.normal(jax.random.key(7), (pairs, count), jnp.float32), float)
    noise = np.concatenate([half, -half])

    with jax.enable_x64(True):
        double = in_double(evidence)

        def divergence(at: np.ndarray) -> tuple[float, np.ndarray]:
            value, slope = _divergence(double, shape, noise, (at[:count], at[count:]))
            return float(value), np.concatenate([np.asarray(part) for part in slope])

        end = optimize.minimize(
            divergence, np.zeros(2 * count), jac=True, method="L-BFGS-B",
            options={"maxiter": 1000, "maxcor": MEMORY, "gtol": SPREAD_SLOPE_MOST / 2, "ftol": 0.0},
        )  # fmt: skip
    slope = float(np.max(np.abs(end.jac)))
    if not slope <= SPREAD_SLOPE_MOST:
        raise FitError(
            f"The fit of {side} did not converge: the search for the nearest normal distribution ended after {end.nit} "
            f"steps with a slope of {slope:.2g} per posterior SD, at most {SPREAD_SLOPE_MOST:g}. Its posterior is far from "
            f"normal: leave --fast away, or look among the claims of {side} for one whose number or date is wrong."
        )
    place, width = end.x[:count], np.exp(end.x[count:])
    return Shape(shape.middle + shape.factor @ place, shape.factor * width), slope, int(end.nit)


def normal(evidence: Evidence, side: str = "the side") -> Normal:
    """The fast fit of a side: its mode, then the normal distribution in the mode's axes that is nearest to the posterior.

    Args:
        evidence: What the density of the side's war reads.
        side: The side's name, for the error.

    Returns:
        The distribution, with the ends of both searches.

    Raises:
        FitError: If either search did not converge; it names the side.
    """
    at = mode(evidence, side)
    shape, slope, steps = settle(evidence, at.shape, side=side)
    return Normal(shape, at, slope, steps)


def wars(evidence: Evidence, vectors: np.ndarray) -> tuple[model.War, model.Latent]:
    """The wars, and the latent values, that draws stand for; the draw first on every axis.

    Args:
        evidence: what the density of the side's war reads.
        vectors: draws, `[draw, latent]`.

    Returns:
        War and latent values, the draw first on every axis.
    """
    monthly, values = _wars(evidence, jnp.asarray(vectors))
    return model.War(*monthly), values


@Program
def _wars(evidence: Evidence, vectors: jax.Array) -> tuple[model.War, model.Latent]:
    values = jax.vmap(functools.partial(named, evidence))(vectors)
    return jax.vmap(functools.partial(model.war, evidence))(values), values
