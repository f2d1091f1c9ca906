"""How likely history is under one draw: each coded army over its possible levels of resolve and the surrogate's outcomes."""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from holdfast.calibration import outcome_model
from holdfast.calibration.simulations import RESOLVE
from holdfast.calibration.surrogate import Mixture, Surrogate

NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(7)
"""Levels of resolve, in standard deviations between armies, that stand for all, and what each weighs (Gauss-Hermite)."""
WEIGHTS = WEIGHTS / WEIGHTS.sum()


class Armies(eqx.Module):
    """Coded armies as the likelihood sees them, an entry a case."""

    about: jax.Array
    """`surrogate.about` `[case, 21]`"""
    codes: jax.Array
    """`[case, 10]`; codes that an ablation takes out tell nothing beyond their mechanisms either."""
    out: jax.Array
    """`surrogate.flag` `[5]`"""
    collapse: jax.Array
    mass: jax.Array
    exits: jax.Array
    known: jax.Array
    """`[case, 3]`"""


def split(scores: Any) -> tuple[Any, outcome_model.Layer]:
    """The inputs' scores, and the layer's numbers."""
    return scores[..., : -len(outcome_model.NAMES)], outcome_model.values(scores[..., -len(outcome_model.NAMES) :])


def outcomes(
    of: Surrogate, scores: jax.Array, layer: outcome_model.Layer, about: jax.Array, codes: jax.Array, out: jax.Array
) -> Mixture:
    """What may become of one army: levels of resolve by outcomes `[7, parts]`."""
    mean = layer["resolve_mean"] + outcome_model.leaning(layer, codes)
    resolve = mean + layer["resolve_between"] * jnp.asarray(NODES, jnp.float32)
    held = jnp.clip(resolve, *RESOLVE)  # beyond, nothing was run and nothing changes
    mixed = jax.vmap(lambda level: of(scores, about, out, level))(held)
    share = mixed.log_share + jnp.log(jnp.asarray(WEIGHTS, jnp.float32))[:, None]
    return Mixture(share, mixed.mean, mixed.sd)


def by_case(of: Surrogate, given: jax.Array, armies: Armies) -> jax.Array:
    """Log-likelihood of each army's coded outcome under one draw of everything `[case]`."""
    scores, layer = split(given)

    def one(
        about: jax.Array, codes: jax.Array, collapse: jax.Array, mass: jax.Array, exits: jax.Array, known: jax.Array
    ) -> jax.Array:
        mixed = outcomes(of, scores, layer, about, codes, armies.out)
        p_collapse, p_mass = outcome_model.chances(layer, mixed.mean, mixed.sd)
        said = lambda p, told: jnp.where(told > 0.5, jnp.log(p), jnp.log1p(-p))  # noqa: E731
        each = (
            known[0] * said(p_collapse, collapse)
            + known[1] * said(p_mass, mass)
            + known[2] * outcome_model.log_rate(layer, exits, mixed)
        )
        return jax.nn.logsumexp(mixed.log_share + each)

    return jax.vmap(one)(armies.about, armies.codes, armies.collapse, armies.mass, armies.exits, armies.known)


def predicted(of: Surrogate, given: jax.Array, armies: Armies) -> tuple[jax.Array, jax.Array]:
    """P(collapse) and P(mass desertion) as coded, of each army under one draw `[case]`."""
    scores, layer = split(given)

    def one(about: jax.Array, codes: jax.Array) -> tuple[jax.Array, jax.Array]:
        mixed = outcomes(of, scores, layer, about, codes, armies.out)
        share = jnp.exp(mixed.log_share)
        p_collapse, p_mass = outcome_model.chances(layer, mixed.mean, mixed.sd)
        return (share * p_collapse).sum(), (share * p_mass).sum()

    return jax.vmap(one)(armies.about, armies.codes)


def rate(of: Surrogate, given: jax.Array, armies: Armies, key: jax.Array) -> jax.Array:
    """One exit rate per 1,000 a month as it might be coded, of each army under one draw `[case]`."""
    scores, layer = split(given)
    keys = jax.random.split(key, len(armies.about))

    def one(about: jax.Array, codes: jax.Array, key: jax.Array) -> jax.Array:
        mixed = outcomes(of, scores, layer, about, codes, armies.out)
        which, coder = jax.random.split(key)
        picked = jax.random.categorical(which, mixed.log_share.ravel())
        mean, sd = (
            mixed.mean[..., outcome_model.EXITS].ravel()[picked],
            mixed.sd[..., outcome_model.EXITS].ravel()[picked],
        )
        error = jnp.hypot(layer["exits_error"], sd) * jax.random.t(coder, outcome_model.TAIL)
        return jnp.exp(mean + layer["exits_bias"] + error)

    return jax.vmap(one)(armies.about, armies.codes, keys)


def armies(about: Any, codes: Any, out: Any, facts: outcome_model.Facts) -> Armies:
    """The arrays of the likelihood."""
    f32 = lambda values: jnp.asarray(np.asarray(values), jnp.float32)  # noqa: E731
    return Armies(
        f32(about), f32(codes), f32(out), f32(facts.collapse), f32(facts.mass), f32(facts.exits), f32(facts.known)
    )


def arrays(given: Armies) -> dict[str, np.ndarray]:
    """The same as plain arrays, to keep or to hand to a worker."""
    return {name: np.asarray(getattr(given, name)) for name in Armies.__dataclass_fields__}
