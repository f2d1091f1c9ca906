"""NUTS: chains of draws from a side's posterior itself, in coordinates in which it is nearly round.

The chains go on until they can be believed or a bound is reached; whether they can is judged by ranks (Vehtari, Gelman,
Simpson, Carpenter and Bürkner 2021, Bayesian Analysis 16), since latent values have heavy tails.
"""

from __future__ import annotations

import functools
from typing import NamedTuple, cast

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float
from numpyro import diagnostics
from numpyro.infer import NUTS
from numpyro.infer.hmc import HMCState
from scipy import special, stats

from holdfast.evidence import coordinates as coordinates_of
from holdfast.evidence import fit
from holdfast.evidence.coordinates import Coordinates
from holdfast.evidence.design import Evidence
from holdfast.parallel import Report

STRETCH = 50
"""Steps between two reports of progress; warm-up and draws are whole multiples of it."""
EVERY = 2
"""Steps for each draw that is kept, at least: those in between are nearly copies in the few directions that mix slowly."""
HALF_PERIOD = 4.0
"""Length of a trajectory at which it turns: half a period, pi, and some more, since no posterior is quite round."""
ACCEPTED = 0.92
"""Mean chance of acceptance to which the length of a step is adapted."""


class Chain(NamedTuple):
    """What a stretch of NUTS gave: values by chain and draw, and what tells whether to believe them."""

    vectors: np.ndarray
    """[chain, draw, latent]"""
    diverging: np.ndarray
    """[chain, draw]: whether one of the draw's steps diverged."""
    accepted: np.ndarray
    """[chain, draw]: mean chance of acceptance on the way."""


class Wanted(NamedTuple):
    """What chains must reach to be believed.

    Attributes:
        r_hat: the largest.
        effective: least effective draws.
    """

    r_hat: float
    effective: float


class Sampling(NamedTuple):
    """A task of NUTS: all chains of one side's posterior.

    Attributes:
        evidence: what the density of the side's war reads.
        shape: the fast fit, where the coordinates begin.
        chains: side by side, as one program.
        warmup: steps in which the length of a step is adapted, dropped.
        draws: kept of each chain.
        seed: of the chains.
        wanted: after as many steps as `draws` need the chains go on until they reach it; no further unless given.
        rounds: how many times as many steps they go on at most.
    """

    evidence: Evidence
    shape: fit.Shape
    chains: int
    warmup: int
    draws: int
    seed: int
    wanted: Wanted | None = None
    rounds: int = 1

    @property
    def steps(self) -> int:
        """Steps of all chains in one round."""
        return self.chains * (self.warmup + EVERY * self.draws)


def sample(job: Sampling, report: Report = lambda steps: None) -> Chain:
    """Sample a side's posterior itself; a task for a worker process.

    Args:
        job: the task.
        report: hears how many steps of all chains are done.

    Returns:
        The chains.
    """
    at = coordinates_of.nearest(job.evidence, job.shape)
    single = jax.tree.map(lambda part: jnp.asarray(part, jnp.float32), (job.evidence, at))
    state = _start(*single, jax.random.split(jax.random.key(job.seed), job.chains), job.warmup)
    for done in range(0, job.warmup, STRETCH):
        state, _ = _go_on(*single, state, job.warmup)
        report((done + STRETCH) * job.chains)
    state, stretches = _in_step(state), []
    for number in range(1, job.rounds + 1):
        for done in range(0, EVERY * job.draws, STRETCH):
            state, seen = _go_on(*single, state, job.warmup)
            stretches.append(jax.tree.map(np.asarray, seen))
            report(min(job.steps, (job.warmup + done + STRETCH) * job.chains))
        chain = _thinned(stretches, job.draws, EVERY * number)
        if job.wanted is None or (
            r_hat(chain.vectors) <= job.wanted.r_hat and effective(chain.vectors) >= job.wanted.effective
        ):
            break
    return chain


def _thinned(stretches: list[tuple[np.ndarray, ...]], draws: int, every: int) -> Chain:
    """One draw in so many steps; a draw diverged if one of its steps did."""
    vectors, diverging, accepted = (np.concatenate(part, axis=1)[:, : draws * every] for part in zip(*stretches))
    by_draw = (len(vectors), draws, every)
    diverged = np.asarray(np.max(diverging.reshape(by_draw), axis=-1))
    return Chain(vectors[:, every - 1 :: every].astype(float), diverged, np.mean(accepted.reshape(by_draw), axis=-1))


def r_hat(vectors: Float[np.ndarray, "chain draw latent"]) -> float:
    """The largest rank-normalised split R-hat of chains, of values and of their distances from the median.

    Args:
        vectors: draws.

    Returns:
        R-hat, 1 at best.
    """
    far = np.abs(vectors - np.median(vectors, axis=(0, 1)))
    return max(float(np.nanmax(diagnostics.split_gelman_rubin(_ranked(part)))) for part in (vectors, far))


def effective(vectors: Float[np.ndarray, "chain draw latent"]) -> float:
    """The least rank-normalised effective sample size of chains.

    Args:
        vectors: draws.

    Returns:
        Effective draws of all chains together.
    """
    return float(np.nanmin(diagnostics.effective_sample_size(_ranked(vectors))))


def _ranked(vectors: np.ndarray) -> np.ndarray:
    """Normal scores of the ranks among all chains."""
    flat = vectors.reshape(-1, vectors.shape[-1])
    return special.ndtri((stats.rankdata(flat, axis=0) - 0.375) / (len(flat) + 0.25)).reshape(vectors.shape)


def _in_step(state: HMCState) -> HMCState:
    """All chains with steps of one length: side by side, each waits for the one that takes most.

    A trajectory has one step less than a power of two, and turns after about half a period of a unit normal. Steps that are
    as short as that number of them allows cost nothing, and hardly any diverges.
    """
    lengths = state.adapt_state.step_size
    adapted = jnp.exp(jnp.mean(jnp.log(lengths)))
    steps = 2 ** jnp.ceil(jnp.log2(HALF_PERIOD / adapted + 1)) - 1
    same = jnp.full_like(lengths, HALF_PERIOD / steps)
    return state._replace(adapt_state=state.adapt_state._replace(step_size=same))


def _kernel(evidence: Evidence, at: Coordinates) -> NUTS:
    """NUTS on the posterior seen in coordinates in which it is nearly a unit normal: there is no mass to adapt."""
    return NUTS(
        potential_fn=lambda place: coordinates_of.potential(evidence, at, place), target_accept_prob=ACCEPTED,
        max_tree_depth=8, adapt_mass_matrix=False, step_size=0.3,
    )  # fmt: skip


@functools.partial(jax.jit, static_argnames="warmup")
def _start(evidence: Evidence, at: Coordinates, keys: jax.Array, warmup: int) -> HMCState:
    def one(key: jax.Array) -> HMCState:
        place = jax.random.normal(jax.random.fold_in(key, 1), at.middle.shape)
        return cast(HMCState, _kernel(evidence, at).init(key, warmup, place, (), {}))

    return cast(HMCState, jax.vmap(one)(keys))


@functools.partial(jax.jit, static_argnames="warmup")
def _go_on(evidence: Evidence, at: Coordinates, state: HMCState, warmup: int) -> tuple[HMCState, tuple[jax.Array, ...]]:
    """`STRETCH` steps of each chain: the latent values, whether it diverged, and the chance of acceptance."""

    def one(state: HMCState) -> tuple[HMCState, tuple[jax.Array, ...]]:
        kernel = _kernel(evidence, at)
        kernel.init(jax.random.key(0), warmup, at.middle, (), {})  # sets the kernel up; its state is dropped

        def step(state: HMCState, _: None) -> tuple[HMCState, tuple[jax.Array, ...]]:
            state = kernel.sample(state, (), {})
            values = coordinates_of.latent(evidence, at, state.z)
            return state, (values, state.diverging, state.accept_prob)

        return jax.lax.scan(step, state, None, STRETCH)

    return jax.vmap(one)(state)
