"""Codes as measurements: what an army's pressures may truly have been, given what coders wrote and when they looked.

Two coders of one army differ, and one coder sees another army from the middle of its span than over the whole of it. So
a code is a reading of a latent level, 0, 1 or 2. For code $j$ an army has a level in the middle of its span, $m$, and
one over the whole of it, $w$:

$$P(m) = \\pi_j(m),\\quad P(w|m) \\propto e^{-\\kappa_j|w-m| - \\omega[w<m]},\\quad P(k|z) \\propto e^{-\\lambda_j a_c|k-z|}$$

where coder $c$ reads $z = m$ with foretelling and $z = w$ with hindsight (Dawid and Skene 1979, Applied Statistics 28:20, for
coders without a truth to compare them with; the steps are ordered as in Uebersax and Grove 1993, Biometrics 49:823). $\\lambda$
and $\\kappa$ are pooled over codes and $a$ over coders. No outcome of an army is used.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from holdfast.calibration.sampling import FitError
from holdfast.calibration.simulations import Floats
from holdfast.coded_armies.army import CODES, EXPLAINING, FORETELLING, CodedArmy, array, explained
from holdfast.core.params import Fixed, LogNormal, Normal, par, walk
from holdfast.core.programs import exponential
from holdfast.core.types import Record, Scalar

LEVELS = 3
SLOPE_MOST = 1e-4
"""Slope of the potential at its end, for each standard deviation of the prior, beyond which it is no mode [nats]."""


def _free(prior: Normal | LogNormal, source: str) -> Scalar:
    value = prior.mean if isinstance(prior, Normal) else prior.median
    return par(value, unit="1", prior=prior, pressure="structure", source=source)  # type: ignore[no-any-return]


class Numbers(Record):
    """The numbers of coding errors, with their priors."""

    step: Scalar = _free(
        LogNormal(2.0, 0.5), "assumed: nats by which each step away from the truth is less often coded, over all codes"
    )
    step_codes: Scalar = _free(LogNormal(1.0, 0.4), "assumed: that of one code over that of all")
    step_coders: Scalar = _free(LogNormal(1.0, 0.3), "assumed: that of one coder over that of all")
    change: Scalar = _free(
        LogNormal(2.0, 0.5), "assumed: nats by which each step from the middle of a span to the whole of it is rarer"
    )
    change_codes: Scalar = _free(LogNormal(1.0, 0.4), "assumed: that of one code over that of all")
    level: Scalar = _free(Normal(0.0, 1.0), "assumed: log odds of a level against level 0")
    easing: Scalar = par(
        2.0, unit="nats", prior=Fixed(0, 10), pressure="structure",
        source="assumed: pressures seldom look lighter over a whole span than in its middle",
    )  # fmt: skip


_ABOUT = dict(walk(Numbers()))
_PRIORS = {name: about.prior for name, about in _ABOUT.items() if isinstance(about.prior, Normal | LogNormal)}
EASING = float(_ABOUT["easing"].value)
_APART = np.abs(np.subtract.outer(np.arange(LEVELS), np.arange(LEVELS))).astype(float)


@dataclass(frozen=True)
class CodingErrors:
    """How coders err, and how pressures change over a span."""

    level: Floats
    """Share of each level in the middle of a span `[10, 3]`."""
    change: Floats
    """Share of each level over the whole span, by that in its middle `[10, 3, 3]`."""
    step: Floats
    """Nats by which each step away from the truth is less often coded, of a coder like the others `[10]`."""
    coders: Mapping[str, float]
    """Each known coder's factor on `step`."""

    def reading(self, coder: str) -> Floats:
        """How often a coder gives each code where the truth is a level.

        Args:
            coder: the coder; one who is not known is like the others.

        Returns:
            Chances `[10, truth, code]`.
        """
        return np.asarray(_reading(self.step * self.coders.get(coder, 1.0)), float)

    def levels(self, readings: Sequence[CodedArmy]) -> tuple[Floats, Floats]:
        """What one army's pressures may have been, given how any number of coders coded it.

        Where whoever coded it says how sure a code is (`CodedArmy.certainty`), the whole span has that level with just this
        chance; the rest is shared out as the learnt errors share it (Jeffrey's rule).

        Args:
            readings: the same army, once for each coder and vantage.

        Returns:
            Chances of the levels in the middle of its span and over the whole of it `[10, 3]` each.
        """
        middle, whole = np.ones((len(CODES), LEVELS)), np.ones((len(CODES), LEVELS))
        for army in readings:
            for vantage, codes in _seen(army):
                likelihood = _likelihood(self.reading(army.coder), codes)
                for code in army.certain:
                    row = CODES.index(code)
                    likelihood[row] = 1.0
                    whole[row] = np.arange(LEVELS) == codes[row]
                if vantage == FORETELLING:
                    middle = middle * likelihood
                else:
                    whole = whole * likelihood
        joint = (self.level * middle)[:, :, None] * self.change * whole[:, None, :]
        joint = joint / joint.sum(axis=(1, 2), keepdims=True)
        for army in readings:
            for code, chance in army.certainty.items():
                row, given = CODES.index(code), np.arange(LEVELS) == army.codes[code]
                share = joint[row].sum(axis=0)
                joint[row] *= np.where(given, chance / share[given], (1 - chance) / share[~given].sum())
        return joint.sum(axis=2), joint.sum(axis=1)


def exact() -> CodingErrors:
    """Errors of coders who never err, of armies whose pressures never change: every code is so.

    Returns:
        The errors.
    """
    shape = (len(CODES), LEVELS)
    change = np.broadcast_to(np.eye(LEVELS), (*shape, LEVELS))
    return CodingErrors(np.full(shape, 1 / LEVELS), change, np.full(len(CODES), 50.0), {})


def learn(armies: Sequence[Sequence[CodedArmy]]) -> CodingErrors:
    """How coders err, at the mode of the posterior.

    Args:
        armies: for each army its readings, by any number of coders and from either vantage.

    Returns:
        The errors.

    Raises:
        FitError: if the search ends where it is still steep.
    """
    from scipy.optimize import minimize

    coders = sorted({army.coder for readings in armies for army in readings})
    rows = [
        (place, coders.index(army.coder), vantage == EXPLAINING, codes)
        for place, readings in enumerate(armies)
        for army in readings
        for vantage, codes in _seen(army)
    ]
    place, coder, whole, codes = (np.array(column) for column in zip(*rows, strict=True))
    scores = len(CODES) * (LEVELS - 1 + 2) + len(coders) + 2

    def numbers(score: jax.Array) -> tuple[jax.Array, ...]:
        """Levels, changes, steps and the coders' factors from standard normal scores."""
        many = len(CODES)
        odds, by_code = score[: 2 * many].reshape(many, 2), score[2 * many : 4 * many].reshape(2, many)
        step = _scaled("step", score[-2]) * _scaled("step_codes", by_code[0])
        change = _scaled("change", score[-1]) * _scaled("change_codes", by_code[1])
        factor = _scaled("step_coders", score[4 * many : -2])
        level = jax.nn.softmax(jnp.concatenate([jnp.zeros((many, 1)), odds * _PRIORS["level"].sd], axis=1))
        return level, _changes(change), step, factor

    def potential(score: jax.Array) -> jax.Array:
        level, change, step, factor = numbers(score)
        chance = _reading(step[None] * factor[:, None])  # [coder, code, truth, coded]
        given = jnp.asarray(np.nan_to_num(codes).astype(int))
        known = jnp.asarray(~np.isnan(codes))
        each = jnp.take_along_axis(chance[coder], given[:, :, None, None], axis=3)[..., 0]
        log = jnp.where(known[:, :, None], jnp.log(each), 0.0)

        def of_army(seen: npt.NDArray[np.bool_]) -> jax.Array:
            """What the readings from one vantage say of each army `[army, code, level]`."""
            none = jnp.zeros((len(armies), len(CODES), LEVELS))
            return none.at[place].add(jnp.where(jnp.asarray(seen)[:, None, None], log, 0.0))

        joint = jnp.log(level)[None, :, :, None] + jnp.log(change)[None]
        joint = joint + of_army(~whole)[..., :, None] + of_army(whole)[..., None, :]
        return 0.5 * (score**2).sum() - jax.nn.logsumexp(joint, axis=(2, 3)).sum()

    with jax.enable_x64(True):
        slope = jax.jit(jax.value_and_grad(potential))
        end = minimize(
            lambda x: tuple(np.asarray(part, float) for part in slope(x)), np.zeros(scores), jac=True, method="L-BFGS-B",
            options={"maxiter": 500, "ftol": 0.0, "gtol": SLOPE_MOST / 10},
        )  # fmt: skip
        steepest = float(np.abs(end.jac).max())
        if not steepest < SLOPE_MOST:
            raise FitError(
                f"the fit of coders' errors did not settle: its slope is {steepest:.2g} (less than {SLOPE_MOST:g} is asked for) "
                f"after {end.nit} steps. Look at the codes of {', '.join(coders)} for a table that holds something else."
            )
        level, change, step, factor = (np.asarray(part, float) for part in numbers(jnp.asarray(end.x)))
    return CodingErrors(level, change, step, dict(zip(coders, factor.tolist(), strict=True)))


def as_coded(codings: Sequence[Sequence[CodedArmy]]) -> Floats:
    """Armies' codes over their whole span as each of their coders gave them, for armies that teach.

    Args:
        codings: for each army its readings, by any number of coders; all codes known.

    Returns:
        Codes, each coder's as likely; where armies have unlike numbers of coders, each is repeated `[army, reading, 10]`.
    """
    count = math.lcm(*(len(coding) for coding in codings))
    rows = [array([explained(each) for each in coding]) for coding in codings]
    return np.stack([np.repeat(row, count // len(row), axis=0) for row in rows])


def readings(codings: Sequence[Sequence[CodedArmy]], errors: CodingErrors, count: int) -> Floats:
    """What armies' codes may truly have been over their whole span.

    Args:
        codings: for each army its readings, by any number of coders and from either vantage.
        errors: how coders err.
        count: how many readings are wanted.

    Returns:
        Codes, all as likely `[army, count, 10]`.
    """
    return np.stack([_drawn(errors.levels(coding)[1], count, coding[0].army_id) for coding in codings])


def _drawn(chances: Floats, count: int, name: str) -> Floats:
    """Codes that one army may truly have: each level as often as its chance says, in an order of its own.

    Args:
        chances: of the levels `[10, 3]`.
        count: how many are wanted.
        name: the army's, which decides its luck.

    Returns:
        Codes `[count, 10]`.
    """
    codes = np.empty((count, len(chances)))
    for column, row in enumerate(chances):
        generator = np.random.default_rng((count, column, zlib.crc32(name.encode())))
        even = (np.arange(count) + generator.random()) / count  # as many of each as can be: no luck in their number
        codes[:, column] = generator.permutation(np.searchsorted(np.cumsum(row), even).clip(0, LEVELS - 1))
    return codes


def _seen(army: CodedArmy) -> list[tuple[str, Floats]]:
    """The codes of a reading, by vantage; a coder who gave both vantages counts in both."""
    rows = [(army.vantage, array([army])[0])]
    if army.codes_whole:
        own = [
            army.codes_whole.get(code) if army.codes_whole.get(code) is not None else army.codes[code] for code in CODES
        ]
        rows.append((EXPLAINING, np.array([np.nan if code is None else code for code in own], float)))
    return rows


def _scaled(name: str, score: jax.Array) -> jax.Array:
    """A log-normal number from its standard normal score."""
    prior = _PRIORS[name]
    median = prior.mean if isinstance(prior, Normal) else prior.median
    return median * jnp.exp(prior.sd * score)


def _reading(step: Any) -> Any:
    """Chances of each code by the truth `[..., truth, code]`: of JAX for steps of JAX, else NumPy's."""
    if isinstance(step, jax.Array):
        chance = jnp.exp(-step[..., None, None] * _APART)
        return chance / chance.sum(axis=-1, keepdims=True)
    plain = exponential(-np.asarray(step, np.float32)[..., None, None] * _APART.astype(np.float32))
    # Compiled code divides by a sum that many share as it multiplies by the inverse.
    return plain * (np.float32(1) / plain.sum(axis=-1, keepdims=True))


def _changes(change: jax.Array) -> jax.Array:
    """Chances of each level over the whole span by that in its middle `[..., middle, whole]`."""
    easing = EASING * np.tril(np.ones((LEVELS, LEVELS)), -1)
    chance = jnp.exp(-change[..., None, None] * _APART - easing)
    return chance / chance.sum(axis=-1, keepdims=True)


def _likelihood(reading: Floats, codes: Floats) -> Floats:
    """Chance of what was coded by the truth `[10, truth]`; 1 where nothing was."""
    given = np.nan_to_num(codes).astype(int)
    chance = np.take_along_axis(reading, given[:, None, None], axis=2)[..., 0]
    return np.where(np.isnan(codes)[:, None], 1.0, chance)
