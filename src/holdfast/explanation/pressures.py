"""The nine pressures as what is done to a scenario: each put to its calm or to its extreme level, declared in one place.

The levels are those that a historian's codes 0 and 2 stand for (`holdfast.calibration.levels.Map`), at their declared values. A
pressure leaves the scenario's own course for its level evenly over the ramp of the coded armies, so that every run begins as the
scenario does; a shock comes after the ramp and passes. Pressures that are not played stay as the scenario has them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from holdfast.calibration.levels import Map
from holdfast.coded_armies.army import ESSAY
from holdfast.ensemble.designs import Change, Ramp
from holdfast.scenario.schema import Side

OTHERS = ("patron_withdrawal", "unpaid_unfed", "operational_shock", "safe_exit")
"""The pressures that the essay leaves out."""
NINE = (*ESSAY, *OTHERS)
"""All nine, the essay's five first."""


@dataclass(frozen=True)
class Level:
    """What a pressure is at one of its levels: values of a side's series."""

    values: Mapping[str, float]
    """By series, as `holdfast.ensemble.designs.RAMPED` names them, in their own units."""
    pulse: int | None = None
    """Days that it lasts; none = to the end [d]."""


def levels(pressure: str, men: int) -> tuple[Level, Level]:
    """The calm and the extreme level of a pressure.

    Args:
        pressure: one of `NINE`.
        men: men of the army at the start, by which its intake is measured [men].

    Returns:
        The two levels.
    """
    of = {name: float(value) for name, value in vars(Map()).items()}
    both = lambda name, calm, extreme: (Level({name: calm}), Level({name: extreme}))  # noqa: E731
    inflow = lambda share: {  # noqa: E731
        "contracts_per_day": of["inflow_0"] * men, "quota_per_day": (share - of["inflow_0"]) * men,
    }  # fmt: skip
    table = {
        "losses": both("killed", of["losses_0"], of["losses_2"]),
        "no_victory": both("news", of["news_0"], of["news_2"]),
        "mobilisation": (Level(inflow(of["inflow_0"])), Level(inflow(of["inflow_2"]))),
        "leader_decay": both("vitality", 1.0, of["vitality_2"]),
        "regime_disarray": both("elite_level", of["elite_0"], of["elite_2"]),
        "patron_withdrawal": both("patron_gone", 0.0, 1.0),
        "unpaid_unfed": both("unpaid", 0.0, 1.0),
        "operational_shock": (Level({"shock": 0.0}), Level({"shock": of["shock_2"]}, pulse=round(of["shock_days"]))),
        "safe_exit": (Level({"exit": 0.0, "captor": 0.0}), Level({"exit": 1.0, "captor": 1.0})),
    }
    return table[pressure]


def ramp_days() -> int:
    """How long a pressure takes to its level.

    Returns:
        The ramp of the coded armies [d].
    """
    return round(float(Map().ramp))


def put(side: Side, shares: Mapping[str, float]) -> Change:
    """A change that puts pressures of a side to or towards a level.

    Args:
        side: the side.
        shares: by pressure, from -1 (its calm level) over 0 (as the scenario has it) to 1 (its extreme level).

    Returns:
        The change.
    """
    ramps: dict[tuple[str, str], Ramp] = {}
    for pressure, share in shares.items():
        level = levels(pressure, side.men_at_start)[int(share > 0)]
        if share:
            ramps |= {
                (side.name, series): Ramp(value, ramp_days(), abs(share), level.pulse)
                for series, value in level.values.items()
            }
    return Change(ramps=ramps)


def between(side: Side, shares: Mapping[str, float]) -> Change:
    """A change that puts pressures of a side somewhere between their two levels.

    Args:
        side: the side.
        shares: by pressure, from 0 (calm) to 1 (extreme).

    Returns:
        The change.
    """
    ramps: dict[tuple[str, str], Ramp] = {}
    for pressure, share in shares.items():
        calm, extreme = levels(pressure, side.men_at_start)
        for series, value in extreme.values.items():
            level = calm.values[series] + share * (value - calm.values[series])
            ramps[side.name, series] = Ramp(level, ramp_days(), pulse=extreme.pulse)
    return Change(ramps=ramps)
