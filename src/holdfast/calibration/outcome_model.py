"""The outcome model: from what a simulated army did to what a historian wrote of it, and how likely history is.

Historians did not use the model's definitions (an army that broke and stood again within the year is coded as not collapsed),
so a label is a chance that grows with what happened, and it can simply be wrong. The outcome layer also says how the armies'
resolve is spread: every army has its own, about a common mean, and nobody coded it. The layer's numbers have standard normal
scores, as the model's inputs have.

The likelihood of one coded army under one draw is the mean over its possible levels of resolve and over the outcomes that the
surrogate gives it.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from holdfast.calibration import surrogate
from holdfast.calibration.simulations import RESOLVE, Floats, coded_arrays, without
from holdfast.calibration.surrogate import FEATURES, Mixture, Surrogate
from holdfast.coded_armies.army import CODES, CodedArmy
from holdfast.core.params import Fixed, LogNormal, Normal, par, walk
from holdfast.core.types import Record, Scalar

GONE, BROKEN, MASS, EXITS, SPEED, AUTHORITY, STRENGTH = range(len(FEATURES))


def _free(prior: Normal | LogNormal, unit: str, source: str) -> Scalar:
    """A number of the layer that history teaches."""
    value = prior.mean if isinstance(prior, Normal) else prior.median
    return par(value, unit=unit, prior=prior, pressure="structure", source=source)  # type: ignore[no-any-return]


def _set(value: float, unit: str, source: str) -> Scalar:
    """A convention of the layer."""
    return par(value, unit=unit, prior=Fixed(), pressure="structure", source=source)  # type: ignore[no-any-return]


def _beyond(code: str) -> Scalar:
    return _free(
        Normal(0.0, 1.0), "1", f"assumed: what {code} tells of resolve beyond its mechanism, in units of `beyond`"
    )


class OutcomeLayer(Record):
    """The numbers of the layer, with their priors."""

    resolve_mean: Scalar = _free(
        Normal(5.5, 1.5), "nats", "assumed: mean of the armies' resolve; the table runs 2 to 9"
    )
    resolve_between: Scalar = _free(
        LogNormal(0.6, 0.4), "nats", "assumed: spread of resolve between armies that no code tells"
    )
    beyond: Scalar = _free(
        LogNormal(0.3, 0.5), "nats a step", "assumed: size of what a code tells of resolve beyond its mechanism"
    )
    beyond_losses: Scalar = _beyond("losses")
    beyond_no_victory: Scalar = _beyond("no victory")
    beyond_mobilisation: Scalar = _beyond("mobilisation")
    beyond_leader_decay: Scalar = _beyond("leader decay")
    beyond_regime_disarray: Scalar = _beyond("regime disarray")
    beyond_patron_withdrawal: Scalar = _beyond("patron withdrawal")
    beyond_unpaid_unfed: Scalar = _beyond("unpaid unfed")
    beyond_operational_shock: Scalar = _beyond("operational shock")
    beyond_safe_exit: Scalar = _beyond("safe exit")
    beyond_enforcement: Scalar = _beyond("enforcement")
    collapse_at: Scalar = _free(
        Normal(0.0, 2.0),
        "nats",
        "assumed: log odds of the label 'collapse' where half of the men are gone within 90 days",
    )
    collapse_gone: Scalar = _free(LogNormal(2.0, 0.5), "1", "assumed: its growth for each nat more of men gone")
    collapse_broken: Scalar = _free(
        LogNormal(1.5, 0.5), "1", "assumed: its growth for each nat more of days with the front broken"
    )
    collapse_speed: Scalar = _free(
        LogNormal(2.0, 0.5), "1", "assumed: its growth for each nat by which the war was decided sooner"
    )
    collapse_authority: Scalar = _free(
        LogNormal(1.0, 0.7), "1", "assumed: its fall for each nat of authority at the end: who commands can restore"
    )
    collapse_strength: Scalar = _free(
        LogNormal(1.0, 0.7), "1", "assumed: its fall for each nat of men still there at the end: who has men goes on"
    )
    mass_at: Scalar = _free(
        Normal(0.0, 1.0),
        "nats",
        "assumed: log odds of the label 'mass desertion' where a tenth is gone within 180 days",
    )
    mass_gone: Scalar = _free(LogNormal(1.5, 0.5), "1", "assumed: its growth for each nat more of men gone")
    wrong: Scalar = _free(LogNormal(0.03, 0.6), "1", "assumed: share of labels that are wrong whatever happened")
    exits_bias: Scalar = _free(
        Normal(0.0, 1.0),
        "nats",
        "assumed: log of the coded exit rate over `exits_coded`, where the model's is `exits_model`",
    )
    exits_slope: Scalar = _free(
        LogNormal(0.6, 0.5),
        "1",
        "assumed: nats of the coded rate for each nat of the model's: coders' rates spread far less than the model's, which "
        "holds at less than 1 or runs at hundreds",
    )
    exits_error: Scalar = _free(
        LogNormal(0.8, 0.3), "nats", "assumed: spread of that log: errors of coding and of the model"
    )


class Conventions(Record):
    """What is set in the layer and learnt from nothing."""

    tail: Scalar = _set(4, "1", "assumed: degrees of freedom of the errors of exit rates, some of which are far out")
    least_months: Scalar = _set(
        0.75, "months", "assumed: a coded rate over a shorter span is a share of one rout, and says nothing of a month"
    )
    exits_coded: Scalar = _set(12.0, "1/1,000/month", "about the middle of the coded rates")
    exits_model: Scalar = _set(
        20.0, "1/1,000/month", "the model's rate that stands for it: between holding and running"
    )
    most_wrong: Scalar = _set(0.3, "1", "assumed: above it a label would tell nothing")
    authority_middle: Scalar = _set(
        0.5, "1", "assumed: authority at which it neither adds to the odds of collapse nor takes"
    )
    nodes: Scalar = _set(5, "1", "assumed: levels of resolve that stand for all (Gauss-Hermite)")


PRIORS: Mapping[str, Normal | LogNormal] = {
    name: about.prior for name, about in walk(OutcomeLayer()) if isinstance(about.prior, Normal | LogNormal)
}
"""Prior of each number of the layer, in the order of their scores."""
NAMES = tuple(PRIORS)
_SET = {name: about.value for name, about in walk(Conventions())}
TAIL, LEAST_MONTHS, MOST_WRONG = float(_SET["tail"]), _SET["least_months"], _SET["most_wrong"]
EXITS_CODED, EXITS_MODEL = math.log(_SET["exits_coded"]), math.log(_SET["exits_model"])
AUTHORITY_MIDDLE = math.log(_SET["authority_middle"])

NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(int(_SET["nodes"]))
"""Levels of resolve, in standard deviations between armies, that stand for all, and what each weighs (Gauss-Hermite)."""
WEIGHTS = WEIGHTS / WEIGHTS.sum()

Layer: TypeAlias = "Mapping[str, jax.Array]"
"""The layer's numbers by name, of one draw or of many."""


@dataclasses.dataclass(frozen=True)
class Facts:
    """What was coded of armies; what is not known has weight 0."""

    collapse: Floats
    """1 where an army collapsed `[army]`."""
    mass: Floats
    """1 where it lost men in mass `[army]`."""
    exits: Floats
    """Log of the exit rate per 1,000 a month `[army]`."""
    known: Floats
    """Whether collapse, mass desertion and exit rate are known, 1 or 0 `[army, 3]`."""

    def only(self, which: npt.ArrayLike) -> Facts:
        """The facts where only some armies tell anything.

        Args:
            which: true or 1 for these armies `[army]`.

        Returns:
            The same, the others not known.
        """
        return dataclasses.replace(self, known=self.known * np.asarray(which, float)[:, None])


def rated(army: CodedArmy) -> bool:
    """Whether an army's exit rate is known, and of a span over which a monthly rate says something.

    Args:
        army: a coded army.

    Returns:
        True if its rate is scored and teaches.
    """
    return bool(army.exits_per_1000_month) and (army.months or 0) >= LEAST_MONTHS


def facts_of(armies: Sequence[CodedArmy]) -> Facts:
    """The coded outcomes of armies as arrays.

    Args:
        armies: coded armies.

    Returns:
        Their outcomes, in their order.
    """
    label = lambda name: np.array([float(bool(getattr(army, name))) for army in armies])  # noqa: E731
    exits = [army.exits_per_1000_month if rated(army) else 1.0 for army in armies]
    known = [[army.collapse is not None, army.mass_desertion is not None, rated(army)] for army in armies]
    return Facts(
        label("collapse"), label("mass_desertion"), np.log(np.array(exits, float)),
        np.array(known, float).reshape(len(armies), 3),
    )  # fmt: skip


def values(scores: Any) -> dict[str, Any]:
    """The layer's numbers.

    Args:
        scores: their standard normal scores `[..., len(NAMES)]`.

    Returns:
        Each number by name `[...]`, float32 arrays of the same kind: NumPy's or JAX's.
    """
    numbers, xp, each = {}, _namespace(scores), _real(scores)
    for index, (name, prior) in enumerate(PRIORS.items()):
        score = each[..., index]
        if isinstance(prior, Normal):
            numbers[name] = prior.mean + prior.sd * score
        else:
            numbers[name] = prior.median * xp.exp(prior.sd * score)
    return numbers


class _ByNumPy:
    """NumPy's arithmetic with JAX's functions: to the last digit what JAX gives operation by operation.

    JAX would compile a program for each addition and each shape, which takes longer than all the rest.
    """

    maximum, minimum, sqrt, broadcast_to = np.maximum, np.minimum, np.sqrt, np.broadcast_to
    exp = staticmethod(lambda x: np.asarray(jnp.exp(x)))
    logaddexp = staticmethod(lambda x, y: np.asarray(jnp.logaddexp(x, y)))
    hypot = staticmethod(lambda x, y: np.asarray(jnp.hypot(x, y)))
    sigmoid = staticmethod(lambda x: np.asarray(jax.nn.sigmoid(x)))


class _ByJax:
    """JAX's own, for what is traced."""

    maximum, minimum, sqrt, broadcast_to = jnp.maximum, jnp.minimum, jnp.sqrt, jnp.broadcast_to
    exp, logaddexp, hypot, sigmoid = jnp.exp, jnp.logaddexp, jnp.hypot, jax.nn.sigmoid


def _namespace(values: npt.ArrayLike) -> Any:
    """The functions for NumPy's arrays, or for JAX's."""
    return _ByNumPy if isinstance(values, np.ndarray) else _ByJax


def _real(values: npt.ArrayLike) -> Any:
    """An array of the model's kind of numbers, of the library that it came from."""
    return values.astype(np.float32) if isinstance(values, np.ndarray) else jnp.asarray(values)


def leaning(layer: Layer, codes: npt.ArrayLike) -> jax.Array:
    """What codes tell of an army's resolve beyond their mechanisms.

    A discrepancy (Kennedy and O'Hagan 2001): a state that can still conscript is one that still holds, whatever its recruits
    do. Learnt from history and not part of the mechanism, it serves to predict and never to say what a change would do.

    Args:
        layer: the layer's numbers.
        codes: codes `[..., 10]`.

    Returns:
        What is added to the mean resolve, an array of the same kind `[...]` [nats].
    """
    steps = _real(codes) - 1.0
    total = sum(layer[f"beyond_{code}"] * steps[..., i] for i, code in enumerate(CODES))
    return layer["beyond"] * total  # type: ignore[no-any-return]


def flattened(odds: jax.Array, sd: jax.Array) -> jax.Array:
    """Log odds whose chance is the mean over a normal spread of them (MacKay 1992).

    Args:
        odds: mean of the log odds [nats].
        sd: their standard deviation [nats].

    Returns:
        Log odds nearer to 0 [nats].
    """
    return odds / _namespace(sd).sqrt(1 + math.pi * sd**2 / 8)  # type: ignore[no-any-return]


EXACT = np.float32(0)
"""Spread of what is known exactly."""


def chances(layer: Layer, mean: npt.ArrayLike, sd: npt.ArrayLike = EXACT) -> tuple[jax.Array, jax.Array]:
    """Chances of the labels.

    Args:
        layer: the layer's numbers.
        mean: features of what happened `[..., 7]`.
        sd: how far they are known `[..., 7]`.

    Returns:
        Chance of 'collapse' and of 'mass desertion' `[...]`.
    """
    at, xp = _real(mean), _namespace(mean)
    within = xp.broadcast_to(sd, at.shape)
    gone, broken = layer["collapse_gone"] * at[..., GONE], layer["collapse_broken"] * at[..., BROKEN]
    # Either will do: half of the men gone, or the front broken and not restored; sooner counts more.
    odds = layer["collapse_at"] + xp.logaddexp(gone, broken)
    odds = odds + layer["collapse_speed"] * xp.maximum(at[..., SPEED], 0)
    odds = odds - layer["collapse_authority"] * (at[..., AUTHORITY] - AUTHORITY_MIDDLE)
    odds = odds - layer["collapse_strength"] * at[..., STRENGTH]
    by_men = xp.sigmoid(gone - broken)
    spread = xp.hypot(
        by_men * layer["collapse_gone"] * within[..., GONE],
        (1 - by_men) * layer["collapse_broken"] * within[..., BROKEN],
    )
    mass = layer["mass_at"] + layer["mass_gone"] * at[..., MASS]
    wrong = xp.minimum(layer["wrong"], MOST_WRONG)
    label = lambda odds: wrong + (1 - 2 * wrong) * xp.sigmoid(odds)  # noqa: E731
    return label(flattened(odds, spread)), label(flattened(mass, layer["mass_gone"] * within[..., MASS]))


def coded_log_rate(layer: Layer, log_rate: npt.ArrayLike) -> jax.Array:
    r"""The middle of what historians write where the model has a rate: $\ln 12 + b + s(\ln\mathrm{model} - \ln 20)$.

    Coded rates spread less than the model's, and a slope of one would pull every army's resolve towards its rate.

    Args:
        layer: the layer's numbers.
        log_rate: log of the model's exits per 1,000 men a month, of a shape that the layer's numbers broadcast to [nats].

    Returns:
        Log of the coded rate, before errors of coding, the same shape [nats].
    """
    return EXITS_CODED + layer["exits_bias"] + layer["exits_slope"] * (_real(log_rate) - EXITS_MODEL)


def _log_rate(layer: Layer, exits: jax.Array, mixed: Mixture) -> jax.Array:
    """Log density of a coded log exit rate under each outcome: Student errors of coding and of the model."""
    sd = jnp.hypot(layer["exits_error"], layer["exits_slope"] * mixed.sd[..., EXITS])
    away = (exits - coded_log_rate(layer, mixed.mean[..., EXITS])) / sd
    return -0.5 * (TAIL + 1) * jnp.log1p(away**2 / TAIL) - jnp.log(sd) + _STUDENT


_STUDENT = math.lgamma((TAIL + 1) / 2) - math.lgamma(TAIL / 2) - 0.5 * math.log(TAIL * math.pi)
"""The constant of Student's density."""


class ArmyData(eqx.Module):
    """Coded armies as the likelihood sees them: each may have several readings of its codes, all as likely."""

    about: jax.Array
    """`surrogate.about` `[army, reading, 21]`"""
    codes: jax.Array
    """`[army, reading, 10]`; codes that an ablation takes out tell nothing beyond their mechanisms either."""
    out: jax.Array
    """`surrogate.flag` `[6]`"""
    collapse: jax.Array
    """As in `Facts` `[army]`."""
    mass: jax.Array
    """`[army]`"""
    exits: jax.Array
    """`[army]`"""
    known: jax.Array
    """`[army, 3]`"""


def data_of(
    armies: Sequence[CodedArmy], ablation: str = "none", facts: Facts | None = None, readings: Floats | None = None
) -> ArmyData:
    """Coded armies as the likelihood sees them.

    Args:
        armies: coded armies; all codes known where no readings are given.
        ablation: the part of the model that is taken out.
        facts: what was coded of them; their own outcomes unless given.
        readings: what their codes may have been, all as likely `[army, reading, 10]`; the codes themselves unless given.

    Returns:
        The arrays of the likelihood.

    Raises:
        ValueError: if a code is not known.
    """
    own, ratio = coded_arrays(armies)
    codes = own[:, None, :] if readings is None else np.asarray(readings, float)
    if np.isnan(codes).any():
        raise ValueError("an army with unknown codes cannot be weighed; fill them first")
    left, _ = without(ablation, codes, {"none": np.zeros(1)})
    history = facts or facts_of(armies)
    f32 = lambda column: jnp.asarray(np.asarray(column), jnp.float32)  # noqa: E731
    odds = np.broadcast_to(ratio[:, None], codes.shape[:2])
    return ArmyData(
        about=f32(surrogate.about(left, odds)), codes=f32(left), out=f32(surrogate.flag(ablation)),
        collapse=f32(history.collapse), mass=f32(history.mass), exits=f32(history.exits), known=f32(history.known),
    )  # fmt: skip


def split(scores: jax.Array) -> tuple[jax.Array, Layer]:
    """The parts of a draw.

    Args:
        scores: all scores, the inputs' first `[..., inputs + len(NAMES)]`.

    Returns:
        The inputs' scores, and the layer's numbers.
    """
    return scores[..., : -len(NAMES)], values(scores[..., -len(NAMES) :])


def outcomes(of: Surrogate, scores: jax.Array, layer: Layer, army: tuple[jax.Array, jax.Array, jax.Array]) -> Mixture:
    """What may become of one army whose resolve is not known.

    Args:
        of: the surrogate.
        scores: the inputs' scores `[input]`.
        layer: the layer's numbers.
        army: a row of `about` and of `codes`, and `out`, of `ArmyData`.

    Returns:
        Levels of resolve by outcomes `[5, outcome]`, with the share of each.
    """
    about, codes, out = army
    mean = layer["resolve_mean"] + leaning(layer, codes)
    resolve = mean + layer["resolve_between"] * jnp.asarray(NODES, jnp.float32)
    inside = jnp.clip(resolve, *RESOLVE)  # beyond, nothing was run and nothing changes
    mixed = jax.vmap(lambda level: of(scores, about, out, level))(inside)
    share = mixed.log_share + jnp.log(jnp.asarray(WEIGHTS, jnp.float32))[:, None]
    return Mixture(share, mixed.mean, mixed.sd)


def log_likelihood(of: Surrogate, draw: jax.Array, armies: ArmyData) -> jax.Array:
    """Log-likelihood of each army's coded outcome under one draw of everything.

    Args:
        of: the surrogate.
        draw: all scores `[inputs + len(NAMES)]`.
        armies: the coded armies.

    Returns:
        `[army]` [nats]
    """
    scores, layer = split(draw)

    def each(row: tuple[jax.Array, ...]) -> jax.Array:
        about, codes, collapse, mass, exits, known = row

        def one(about: jax.Array, codes: jax.Array) -> jax.Array:
            mixed = outcomes(of, scores, layer, (about, codes, armies.out))
            p_collapse, p_mass = chances(layer, mixed.mean, mixed.sd)
            label = lambda p, came: jnp.where(came > 0.5, jnp.log(p), jnp.log1p(-p))  # noqa: E731
            fit = (
                known[0] * label(p_collapse, collapse)
                + known[1] * label(p_mass, mass)
                + known[2] * _log_rate(layer, exits, mixed)
            )
            return jax.nn.logsumexp(mixed.log_share + fit)

        return jax.nn.logsumexp(jax.vmap(one)(about, codes)) - math.log(len(about))

    rows = (armies.about, armies.codes, armies.collapse, armies.mass, armies.exits, armies.known)
    return jax.vmap(each)(rows)


def predicted(of: Surrogate, draw: jax.Array, armies: ArmyData) -> tuple[jax.Array, jax.Array]:
    """Chances of the labels of each army under one draw.

    Args:
        of: the surrogate.
        draw: all scores `[inputs + len(NAMES)]`.
        armies: the coded armies; their outcomes do not matter.

    Returns:
        P(collapse) and P(mass desertion) as coded `[army]`.
    """
    scores, layer = split(draw)

    def each(about: jax.Array, codes: jax.Array) -> tuple[jax.Array, jax.Array]:
        mixed = outcomes(of, scores, layer, (about, codes, armies.out))
        share = jnp.exp(mixed.log_share)
        p_collapse, p_mass = chances(layer, mixed.mean, mixed.sd)
        return (share * p_collapse).sum(), (share * p_mass).sum()

    collapse, mass = jax.vmap(jax.vmap(each))(armies.about, armies.codes)
    return collapse.mean(axis=1), mass.mean(axis=1)


def drawn_rate(of: Surrogate, draw: jax.Array, armies: ArmyData, key: jax.Array) -> jax.Array:
    """One exit rate as it might be coded, of each army under one draw.

    Args:
        of: the surrogate.
        draw: all scores `[inputs + len(NAMES)]`.
        armies: the coded armies; their outcomes do not matter.
        key: of the outcome and of the error of coding.

    Returns:
        Exits by choice per 1,000 men a month `[army]`.
    """
    scores, layer = split(draw)

    def each(about: jax.Array, codes: jax.Array, key: jax.Array) -> jax.Array:
        reading = jax.random.randint(jax.random.fold_in(key, 1), (), 0, len(about))
        mixed = outcomes(of, scores, layer, (about[reading], codes[reading], armies.out))
        which, coder = jax.random.split(key)
        picked = jax.random.categorical(which, mixed.log_share.ravel())
        mean, sd = mixed.mean[..., EXITS].ravel()[picked], mixed.sd[..., EXITS].ravel()[picked]
        error = jnp.hypot(layer["exits_error"], layer["exits_slope"] * sd) * jax.random.t(coder, TAIL)
        return jnp.exp(coded_log_rate(layer, mean) + error)

    return jax.vmap(each)(armies.about, armies.codes, jax.random.split(key, len(armies.about)))
