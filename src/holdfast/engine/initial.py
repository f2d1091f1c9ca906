"""The first morning: what men believe, what a day costs, and the hazard that kills at the rate that was given.

These are the equations of `docs/model.md` §1, once. A scenario's world is built with them in NumPy and float64, the
armies of the calibration in JAX, many at once; so each function works on the arrays that it is given, of either kind.
"""

from __future__ import annotations

from typing import Any, TypeAlias, TypeVar

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from holdfast.core.programs import Program, elementwise
from holdfast.engine.day import rates_of
from holdfast.engine.day.morning import morning_of
from holdfast.engine.day.record import Forcing, Params
from holdfast.engine.mechanisms import fire, perception
from holdfast.engine.state import PRESENT, Army, Setting, State, Units

Numbers: TypeAlias = Array | np.ndarray
"""An array of JAX or of NumPy."""
Quantity = TypeVar("Quantity", float, Array, np.ndarray)
"""A number, or an array of either kind."""
Kind = TypeVar("Kind", Array, np.ndarray)

BRIGADE = (0, 1, 2)
"""Axes of slots, squads and companies: those over which a brigade's men are summed."""


def losses(hazard: Quantity, killed_share: Quantity, returned_share: Quantity, intensity: Quantity) -> Quantity:
    r"""Daily hazard of death or of a wound that ends a man's service, $h\,[k + (1-k)(1-\rho)]$ times the intensity.

    Args:
        hazard: hazard of being hit at the intensity 1 [1/d].
        killed_share: share of those hit who are killed, $k$ [1].
        returned_share: share of the wounded who return, $\rho$ [1].
        intensity: the first day's intensity of the fighting [1].

    Returns:
        The hazard, of the arguments' shape [1/d].
    """
    return hazard * (killed_share + (1 - killed_share) * (1 - returned_share)) * intensity


def believed_risk(params: perception.Params, tenure: Kind, loss: Kind, trust: Kind, candour: Kind) -> Kind:
    r"""The daily risk that men believe on the first morning: they have learnt for as long as they have served.

    $$r = r_0 e^{-\alpha t} + [(1-\pi)\,\mathrm{loss} + \pi\,\delta\,\mathrm{loss}]\,(1 - e^{-\alpha t})$$

    Args:
        params: the declared `learning` $\alpha$ and `prior_risk` $r_0$.
        tenure: time served, $t$ [d].
        loss: the side's losses on the first day, see `losses` [1/d].
        trust: trust in the official line in the man's home region, $\pi$ [1].
        candour: share of the losses that the official line admits, $\delta$ [1].

    Returns:
        The risk, of the shape of `tenure` [1/d].
    """
    heard = (1 - trust) * loss + trust * candour * loss
    learnt = 1 - _namespace(tenure).exp(-tenure * params.learning)
    return params.prior_risk * (1 - learnt) + heard * learnt


def home_risk(killed: Quantity, burden: Quantity, trust: Quantity, candour: Quantity) -> Quantity:
    r"""The daily risk of a soldier's death that his region believes at the start, $k_0[(1-\pi)\,\mathrm{burden} + \pi\delta]$.

    Args:
        killed: the side's rate of killed, $k_0$ [1/d].
        burden: how much of the call-up falls on the region, over the mean [1].
        trust: trust in the official line there, $\pi$ [1].
        candour: share of the losses that the official line admits, $\delta$ [1].

    Returns:
        The risk, of the arguments' shape [1/d].
    """
    return killed * ((1 - trust) * burden + trust * candour)


def units(params: Params, setting: Setting, army: Army, loss: Numbers) -> Units:
    """Squads, companies and brigades on the first morning: full memory of losses, none of exits.

    Args:
        params: the declared parameters; `fire` sets a brigade's power.
        setting: the board's tables.
        army: the billets, with the risk that each man believes.
        loss: each side's losses of the first day, `[2]` [1/d]; its kind of array is the kind that is worked in.

    Returns:
        The units' first state, arrays of the same kind.
    """
    xp, present = _namespace(loss), army.fate == PRESENT
    _, squads, companies, brigades = present.shape
    men = present.sum(axis=BRIGADE)
    total = lambda field: (field * present).sum(axis=BRIGADE)  # noqa: E731
    fixed = lambda field: total(xp.round(field * fire.UNIT).astype(int))  # noqa: E731
    real = lambda values: xp.asarray(values, xp.float32)  # noqa: E731
    mean = lambda field: real(total(xp.asarray(field, float)) / xp.maximum(men, 1))  # noqa: E731
    none = lambda shape: xp.zeros(shape, xp.float32)  # noqa: E731
    arms = setting.kinds.arms[army.kind] * (1 - params.fire.green_weakness * _greenness(params, army, xp))
    assault = fixed(setting.kinds.assault[army.kind]) / (fire.UNIT * xp.maximum(men, 1))
    squad, company = (squads, companies, brigades), (companies, brigades)
    return Units(
        present=xp.asarray(present.sum(axis=0), xp.int32),
        refusing=xp.zeros(squad, xp.int32),
        left_squad=none(squad),
        left_company=none(company),
        left_brigade=none(brigades),
        loss_company=real(xp.broadcast_to(loss[setting.side], company)),
        loss_brigade=real(loss[setting.side]),
        attempts=none(brigades),
        power=xp.asarray(fixed(arms), xp.int32),
        assault=real(xp.where(men > 0, assault, 1)),
        risk=mean(army.risk),
        tenure=mean(-army.joined),
    )


def first_hazard(params: Params, setting: Setting, state: State, forcing: Forcing) -> tuple[Array, Array]:
    """The hazard that the first morning makes of the board's, before it is scaled.

    Args:
        params: the declared parameters.
        setting: the board, its `hazard` not yet scaled.
        state: the state before the first day.
        forcing: that of the first day.

    Returns:
        The hazard of a trained man in each brigade, `[B]` [1/d], and each side's intensity, `[2]` [1].
    """
    rates = rates_of(params, state, forcing)
    return morning_of(params, setting, state, rates).battle.hazard, jnp.exp(rates.hazard)


morning_hazard = Program(first_hazard)
"""`first_hazard`, compiled."""

log_of = elementwise(lambda multipliers: jnp.log(jnp.maximum(multipliers, 1e-6)), "log of multipliers")
"""The logarithm of multipliers, an array of NumPy's; below 1e-6 they count as that [nats]."""


def hazard_scale(params: Params, side: Numbers, army: Army, hazard: Numbers, wanted: Numbers) -> Numbers:
    """The factor on each side's hazard with which the first day kills at the rate that was given.

    The rate is of men present; greenness, force ratios and reserves move what a man suffers, so the hazard is divided
    by what they make of it on the first morning, on the mean of the side's men.

    Args:
        params: the declared parameters; `fire` says what greenness adds.
        side: the brigades' sides, `[B]`.
        army: the billets on the first morning.
        hazard: hazard of a trained man in each brigade, see `first_hazard`, `[B]` [1/d].
        wanted: hazard that each side is to suffer, `[2]` [1/d]; its kind of array is the kind that is worked in.

    Returns:
        The factor, `[2]`; 1 for a side that suffers nothing.
    """
    xp, present = _namespace(wanted), army.fate == PRESENT
    men = xp.asarray(present.sum(axis=BRIGADE), float)
    excess = ((1 + params.fire.green_excess * _greenness(params, army, xp)) * present).sum(axis=BRIGADE)
    suffered = hazard * (excess / xp.maximum(men, 1)) * men
    mine = side == xp.arange(2)[:, None]
    mean = xp.where(mine, suffered, 0).sum(axis=1) / xp.maximum(xp.where(mine, men, 0).sum(axis=1), 1)
    return xp.where(mean > 0, wanted / xp.where(mean > 0, mean, 1), 1)  # type: ignore[no-any-return]


def _greenness(params: Params, army: Army, xp: Any) -> Numbers:
    """How green each man is [1]; see `holdfast.engine.mechanisms.fire`."""
    joined = xp.asarray(army.joined, float)
    return xp.exp(xp.minimum(joined, 0) / params.fire.seasoning)  # type: ignore[no-any-return]


def _namespace(values: Numbers) -> Any:
    """NumPy for its own arrays, JAX's NumPy for JAX's."""
    return np if isinstance(values, np.ndarray) else jnp
