r"""What the battles of some wars teach of the laws: the greatest posterior and a normal approximation around it.

The likelihood of a battle has three parts, over the advantage $u$ that no column tells. With $c$ the recorded shares lost,
$g$ the law's shares for each unit of fighting, and $s=\pm1$ for the side that gave way:

- the exchange: $\ln(c_A/c_D)$ is normal around $\ln(g_A/g_D) - s\cdot\mathrm{rout}$, with standard deviation `scatter`;
- the breaking: the fighting $I$ that the recorded losses amount to has the density $\lambda_o(I)e^{-\Lambda(I)}$ for the side
  that gave way, $e^{-\Lambda(I)}$ where neither did;
- the ground: $\ln$ of the attacker's gain is normal around that of `board.ground`, where the defender gave way.

Priors here are wide ones of this module's own. Those declared with the engine's parameters come from this very table, and
would count it twice.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import logsumexp
from jax.scipy.stats import norm
from jaxtyping import Array, Float

from holdfast.core.params import Floats, LogNormal, Normal, override, walk
from holdfast.past_battles import board
from holdfast.past_battles.battle_table import ATTACKER, DEFENDER, Battles
from holdfast.past_battles.board import Columns, Law

WIDE: Mapping[str, LogNormal | Normal] = {
    "fire.enemy_exponent": Normal(0.5, 0.5), "fire.own_exponent": Normal(0.2, 0.5),
    "front.breakpoint": LogNormal(0.15, 1.0), "front.price": LogNormal(0.3, 1.0), "front.odds": LogNormal(0.5, 0.7),
    "front.wear": LogNormal(1.0, 0.7), "front.bound": LogNormal(2.0, 1.0), "front.thinness": Normal(0.3, 0.5),
}  # fmt: skip
"""Wide priors of the engine's parameters. The exchange of losses depends on the sum of fire's exponents alone."""
ALL = (*WIDE, *(f"board.{name}" for name, _ in walk(board.Params())))
"""Every parameter that can be learnt."""
OUTSIDE: Mapping[str, float] = {"board.judged_edge": 0.0, "board.judged_fire": 0.0, "board.ageing": 1.0}
"""Parameters that are no part of the law, and what they are there."""
STEPS = 300
ABSURD = 1e9
"""Cost of a point at which no battle is likely at all."""
STARTS: tuple[Mapping[str, float], ...] = (
    {}, {"board.unseen": 1.5, "board.rout": 0.1, "board.scatter": 0.7},
)  # fmt: skip
"""Where a fit begins. That the broken side lost more may be for the rout, or for what no column tells: there may be a best point
for either."""
NEGLIGIBLE = 40.0
"""Log likelihood below the best by which a node no longer counts [nats]."""
LEAST_GAIN = 0.5
"""Ground below which the table says none [km]."""


class Observed(eqx.Module):
    """What the battles tell of their course and end."""

    log_lost: Float[Array, "2 K"]  # Log of the share that each side lost; 0 where it is not known.
    side: Float[Array, "K"]  # 1 the defender gave way, -1 the attacker, 0 neither.
    log_gained: Float[Array, "K"]  # Log of the attacker's gain in km, at least `LEAST_GAIN`; 0 where it does not count.
    gain: Float[Array, "K"]  # 1 where his gain counts.
    weight: Float[Array, "K"]  # 1 where the outcome and both losses are known.


def observed_of(battles: Battles) -> Observed:
    """What the battles tell, as arrays.

    Args:
        battles: the table.

    Returns:
        The observations.
    """
    lost = np.log(battles.share_lost).T
    known = np.isfinite(lost).all(axis=0)
    outcome = np.isfinite(battles.outcome) & known
    gain = (battles.outcome == 1) & np.isfinite(battles.gained) & np.isfinite(battles.front).any(axis=1)
    gained = np.log(np.maximum(np.nan_to_num(battles.gained), LEAST_GAIN))
    arrays = (np.where(known, lost, 0), np.nan_to_num(battles.outcome), np.where(gain, gained, 0), gain, outcome)
    return Observed(*(jnp.asarray(array, jnp.float32) for array in arrays))


@dataclasses.dataclass(frozen=True)
class Posterior:
    """What was learnt: a normal distribution of `ALL` parameters on their own scale (logs of those that are positive)."""

    mode: Floats
    """The greatest posterior, `[parameter]`."""
    covariance: Floats
    """Covariance around it, `[parameter parameter]`; 0 of those that were set."""
    free: int
    """Parameters that were learnt."""
    log_likelihood: float
    """At the mode [nats]."""

    def laws(self, draws: int, seed: int) -> Law:
        """Draws of the laws.

        Args:
            draws: how many.
            seed: of the draws.

        Returns:
            The laws, with a first axis of draws in every parameter.
        """
        random = np.random.default_rng(seed)
        points = self.mode + random.normal(size=(draws, len(self.mode))) @ _root(self.covariance).T
        return jax.vmap(law_at)(jnp.asarray(points, jnp.float32))

    def law(self) -> Law:
        """The law at the greatest posterior.

        Returns:
            Its parameters.
        """
        return law_at(jnp.asarray(self.mode, jnp.float32))

    def quantiles(self, levels: Sequence[float]) -> Floats:
        """Quantiles of the parameters on their natural scale.

        Args:
            levels: probabilities.

        Returns:
            The quantiles, `[parameter level]`.
        """
        from scipy import special

        spread = np.sqrt(np.diag(self.covariance))
        points = self.mode[:, None] + spread[:, None] * special.ndtri(np.asarray(levels))[None]
        return np.where(POSITIVE[:, None], np.exp(points), points)


def _root(covariance: Floats) -> Floats:
    """A matrix whose product with its transpose is the covariance, which may know some directions exactly."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0)))


def _priors() -> list[LogNormal | Normal]:
    """The prior of every parameter."""
    declared = dict(walk(board.Params(), "board."))
    priors = [WIDE.get(name) or declared[name].prior for name in ALL]
    return [each for each in priors if isinstance(each, LogNormal | Normal)]


PRIORS = tuple(_priors())
POSITIVE = np.array([isinstance(each, LogNormal) for each in PRIORS])
"""Which parameters are learnt by their logarithm."""
MIDDLE = np.array([np.log(each.median) if isinstance(each, LogNormal) else each.mean for each in PRIORS])
SPREAD = np.array([each.sd for each in PRIORS])
"""Middle and spread of the priors, on the scale on which parameters are learnt."""


def _placed(point: np.ndarray, values: Mapping[str, float]) -> np.ndarray:
    """A point with some parameters set, given on their natural scale."""
    moved = np.array(point, float)
    for name, value in values.items():
        place = ALL.index(name)
        moved[place] = np.log(value) if POSITIVE[place] else value
    return moved


def law_at(point: Array) -> Law:
    """The law at a point.

    Args:
        point: every parameter on the scale on which it is learnt, `[parameter]`.

    Returns:
        The law.
    """
    return override(
        Law.declared(),
        {name: jnp.exp(point[place]) if POSITIVE[place] else point[place] for place, name in enumerate(ALL)},
    )


def log_likelihood(law: Law, columns: Columns, observed: Observed) -> Float[Array, "K"]:
    """Log of the likelihood of each battle.

    Args:
        law: the parameters.
        columns: what the board sees.
        observed: how the battles went.

    Returns:
        The logs, `[K]` [nats].
    """
    nodes = jnp.broadcast_to(board.NODES[:, None], (len(board.NODES), len(columns.ratio)))
    each = jax.vmap(lambda node: _given(law, columns, observed, node))
    plain = jax.lax.stop_gradient(each(nodes))
    # Far out a battle may be so unlikely that its slopes overflow. Such nodes weigh nothing, and are not looked at twice.
    counts = plain > jnp.nanmax(plain, axis=0) - NEGLIGIBLE
    likely = jnp.where(counts, each(jnp.where(counts, nodes, 0.0)), -jnp.inf)
    battle = logsumexp(likely + board.LOG_WEIGHTS[:, None], axis=0)
    return observed.weight * battle + observed.gain * _ground(law, columns, observed)


def _given(law: Law, columns: Columns, observed: Observed, unseen: Array) -> Float[Array, "K"]:
    """Exchange and breaking, given the advantage that no column tells."""
    own = law.board
    hit = jnp.log(board.shares(law, columns, unseen))
    gap = observed.log_lost[ATTACKER] - observed.log_lost[DEFENDER]
    exchange = norm.logpdf(gap, hit[ATTACKER] - hit[DEFENDER] - own.rout * observed.side, own.scatter)
    log_fighting = (observed.log_lost - hit).mean(axis=0) - own.rout / 2 * jnp.abs(observed.side)
    of = board.clock(law, columns, unseen)
    fighting = jnp.exp(log_fighting)
    rates, spent = of.log_at(fighting), of.until(fighting).sum(axis=0)
    total = logsumexp(rates, axis=0)
    who = jnp.where(observed.side > 0, rates[DEFENDER], rates[ATTACKER]) - total
    when = jnp.log(own.ageing) + (own.ageing - 1) * jnp.log(spent) + total + log_fighting
    return exchange + jnp.where(observed.side != 0, who + when, 0) - spent**own.ageing


def _ground(law: Law, columns: Columns, observed: Observed) -> Float[Array, "K"]:
    """Log of the density of the ground gained, or of the chance of less than `LEAST_GAIN`."""
    middle, spread = jnp.log(board.ground(law, columns)), law.board.depth
    none = observed.log_gained <= np.log(LEAST_GAIN) + 1e-6
    below = norm.logcdf(observed.log_gained, middle, spread)
    return jnp.where(none, below, norm.logpdf(observed.log_gained, middle, spread))


def _cost(point: Array, weight: Array, columns: Columns, observed: Observed) -> Array:
    """Minus the log of the posterior density, up to a constant."""
    likely = log_likelihood(law_at(point), columns, observed)
    return -jnp.sum(likely * weight) + 0.5 * jnp.sum(((point - MIDDLE) / SPREAD) ** 2)


_slope = jax.jit(jax.value_and_grad(_cost))


@jax.jit
def _bend(point: Array, weight: Array, way: Array, columns: Columns, observed: Observed) -> Array:
    """How the slope changes along a way."""
    return jax.jvp(lambda at: jax.grad(_cost)(at, weight, columns, observed), (point,), (way,))[1]


class Fitter:
    """Fits the law to some of the battles, again and again; tables of one length are compiled once."""

    def __init__(self, battles: Battles) -> None:
        """Prepare.

        Args:
            battles: the table.
        """
        self.data = board.columns_of(battles), observed_of(battles)

    def fit(
        self, taught: np.ndarray, start: Posterior | None = None, *, fixed: Mapping[str, float] | None = None
    ) -> Posterior:
        """The posterior of the battles that teach.

        Args:
            taught: which battles teach, `[battle]`.
            start: a posterior of the same parameters to begin from; each of `STARTS` unless given.
            fixed: parameters that are set and not learnt; those outside of the law unless given.

        Returns:
            The posterior.
        """
        weight, values = jnp.asarray(taught, jnp.float32), OUTSIDE if fixed is None else fixed
        free = np.array([name not in values for name in ALL])
        root = np.diag(SPREAD[free]) if start is None else _root(start.covariance[np.ix_(free, free)])
        ends = []
        for begin in [_placed(MIDDLE, each) for each in STARTS] if start is None else [start.mode]:
            ends.append(self._descend(_placed(begin, values), root, free, weight))
        return self._posterior(min(ends, key=lambda end: end[0])[1], weight, free)

    def _descend(
        self, origin: np.ndarray, root: np.ndarray, free: np.ndarray, weight: Array
    ) -> tuple[float, np.ndarray]:
        """The least cost from a point on, and where it is; in steps along the columns of `root`."""
        from scipy import optimize

        def at(step: np.ndarray) -> np.ndarray:
            point = origin.copy()
            point[free] += root @ step
            return point

        def cost(step: np.ndarray) -> tuple[float, np.ndarray]:
            value, slope = _slope(jnp.asarray(at(step), jnp.float32), weight, *self.data)
            if not np.isfinite(value):  # a step too far
                return ABSURD, np.zeros(int(free.sum()))
            return float(value), root.T @ np.asarray(slope, float)[free]

        options = {"maxiter": STEPS, "ftol": 2e-8, "gtol": 1e-2}
        end = optimize.minimize(cost, np.zeros(int(free.sum())), jac=True, method="L-BFGS-B", options=options)
        return float(end.fun), at(end.x)

    def _posterior(self, point: np.ndarray, weight: Array, free: np.ndarray) -> Posterior:
        """The normal approximation around the greatest posterior."""
        at = jnp.asarray(point, jnp.float32)
        ways = jnp.asarray(np.diag(SPREAD)[free], jnp.float32)  # in steps of the priors' spread: numbers of one size
        bend = np.stack([np.asarray(_bend(at, weight, way, *self.data), float) for way in ways])[:, free] * SPREAD[free]
        values, vectors = np.linalg.eigh((bend + bend.T) / 2)
        vectors = SPREAD[free][:, None] * vectors
        covariance = np.zeros((len(ALL), len(ALL)))
        # No direction is known less than its prior has it.
        covariance[np.ix_(free, free)] = (vectors / np.maximum(values, 1.0)) @ vectors.T
        excess = 0.5 * float((((point - MIDDLE) / SPREAD) ** 2).sum())
        likely = excess - float(_slope(at, weight, *self.data)[0])
        return Posterior(point, covariance, int(free.sum()), likely)
