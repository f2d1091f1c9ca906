"""From codes to pressures: what a historian's 0, 1 or 2 means to the model, in one place.

A coded army becomes a small model army under these pressures. Every number here is declared like the model's own, with
a unit, a prior and a source, so that screening can say which of them matter. None of them is the army's measured rate of
loss or its own length: in a short break window the measured rate already tells the outcome.
"""

from __future__ import annotations

from collections.abc import Mapping

import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from holdfast.core.params import Beta, Fixed, LogNormal, Normal, Prior, par
from holdfast.core.types import Record, Scalar

SPECIFICATION = "starting map of the specification (docs/calibration.md §1)"


def _level(value: float, unit: str, prior: Prior, pressure: str, source: str = SPECIFICATION) -> Scalar:
    return par(value, unit=unit, prior=prior, pressure=pressure, source=source)  # type: ignore[no-any-return]


MOST = 4.0
"""Odds beyond which a stated force ratio says no more: such numbers are of men on paper."""


class Map(Record):
    """What the codes 0, 1, 2 stand for; `_0` is the calm level, where a pressure is switched off."""

    losses_0: Scalar = _level(1.0, "killed per 1,000 a month", LogNormal(1.0, 0.5), "losses")
    losses_1: Scalar = _level(5.0, "killed per 1,000 a month", LogNormal(5.0, 0.4), "losses")
    losses_2: Scalar = _level(15.0, "killed per 1,000 a month", LogNormal(15.0, 0.4), "losses")
    news_0: Scalar = _level(0.5, "-1..1", Normal(0.5, 0.15), "prospects")
    news_1: Scalar = _level(-0.2, "-1..1", Normal(-0.2, 0.15), "prospects")
    news_2: Scalar = _level(-0.9, "-1..1", Normal(-0.9, 0.08), "prospects")
    inflow_0: Scalar = _level(0.0005, "men/d for each man present", LogNormal(0.0005, 0.4), "mobilisation")
    inflow_1: Scalar = _level(0.0025, "men/d for each man present", LogNormal(0.0025, 0.3), "mobilisation")
    inflow_2: Scalar = _level(0.004, "men/d for each man present", LogNormal(0.004, 0.3), "mobilisation")
    grievance_1: Scalar = _level(0.5, "1", Beta(5, 5), "mobilisation")
    grievance_2: Scalar = _level(1.0, "1", Fixed(0, 1), "mobilisation")
    vitality_1: Scalar = _level(0.7, "1", Beta(7, 3), "leader")
    vitality_2: Scalar = _level(0.3, "1", Beta(3, 7), "leader")
    elite_0: Scalar = _level(0.9, "1", Beta(18, 2), "regime")
    elite_1: Scalar = _level(0.6, "1", Beta(12, 8), "regime")
    elite_2: Scalar = _level(0.2, "1", Beta(4, 16), "regime")
    patron_1: Scalar = _level(0.5, "1", Beta(5, 5), "patron")
    unpaid_1: Scalar = _level(0.4, "1", Beta(4, 6), "unpaid")
    shock_1: Scalar = _level(0.004, "1/d in a sector", LogNormal(0.004, 0.5), "shock")
    shock_2: Scalar = _level(0.02, "1/d in a sector", LogNormal(0.02, 0.5), "shock")
    exit_1: Scalar = _level(0.5, "1", Beta(5, 5), "exit")
    enforcement_0: Scalar = _level(0.3, "times the ordinary", LogNormal(0.3, 0.4), "coercion")
    enforcement_2: Scalar = _level(2.0, "times the ordinary", LogNormal(2.0, 0.3), "coercion")
    shock_days: Scalar = _level(
        45.0, "d", LogNormal(45.0, 0.5), "shock",
        "set here: a breakthrough is a campaign and not a state; the routs of the coded cases lasted days to weeks, those "
        "of Poland in 1915 and of China in 1948 months (docs/validation.md)",
    )  # fmt: skip
    ramp: Scalar = _level(60.0, "d", LogNormal(60.0, 0.3), "structure")
    force_weight: Scalar = _level(
        0.3, "1", Beta(3, 7), "structure",
        "assumed, after CDB90: the loss ratio goes with the 0.29th power of the force ratio, since the weaker side "
        "chooses its ground; at the full stated ratio the lines of Finland 1939 and of Vietnam's north would break at once",
    )  # fmt: skip


STEADY = ("exit", "captor", "enforcement", "force_ratio")
"""Pressures that stand from the first day; the others grow over the ramp from calm to the coded level."""

PRESSURES = (
    "losses", "news", "inflow", "grievance", "vitality", "elite", "patron", "unpaid", "shock",
    "exit", "captor", "enforcement", "force_ratio",
)  # fmt: skip


def levels(
    of_map: Map, codes: Mapping[str, npt.ArrayLike], force_ratio: npt.ArrayLike
) -> dict[str, npt.NDArray[np.floating]]:
    """The pressures of armies with some codes.

    Args:
        of_map: what the codes stand for; one whose numbers carry the axes of the codes gives each army a map of its own.
        codes: arrays of 0, 1, 2 by name, of any shape.
        force_ratio: the stated own to enemy numbers, 1 where unknown.

    Returns:
        Each of `PRESSURES` by name, an array each.
    """
    of = lambda code, zero, one, two: np.select(  # noqa: E731
        [np.asarray(codes[code]) == 0, np.asarray(codes[code]) == 1], [zero, one], two
    )
    odds = np.clip(np.asarray(force_ratio, np.float32), 1 / MOST, MOST)
    safe = of("safe_exit", 0.0, of_map.exit_1, 1.0)
    return {
        "losses": of("losses", of_map.losses_0, of_map.losses_1, of_map.losses_2),
        "news": of("no_victory", of_map.news_0, of_map.news_1, of_map.news_2),
        "inflow": of("mobilisation", of_map.inflow_0, of_map.inflow_1, of_map.inflow_2),
        "grievance": of("mobilisation", 0.0, of_map.grievance_1, of_map.grievance_2),
        "vitality": of("leader_decay", 1.0, of_map.vitality_1, of_map.vitality_2),
        "elite": of("regime_disarray", of_map.elite_0, of_map.elite_1, of_map.elite_2),
        "patron": of("patron_withdrawal", 0.0, of_map.patron_1, 1.0),
        "unpaid": of("unpaid_unfed", 0.0, of_map.unpaid_1, 1.0),
        "shock": of("operational_shock", 0.0, of_map.shock_1, of_map.shock_2),
        "exit": safe,
        "captor": safe,
        "enforcement": of("enforcement", of_map.enforcement_0, 1.0, of_map.enforcement_2),
        "force_ratio": np.asarray(jnp.exp(of_map.force_weight * np.asarray(jnp.log(odds)))),
    }
