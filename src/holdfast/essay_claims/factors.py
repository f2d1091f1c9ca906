"""Tests of the five factors, of what is latent, of winter, and of what the five would bring."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from holdfast.backtesting import baselines
from holdfast.core.units import CALENDAR_MONTH_DAYS, Z90
from holdfast.ensemble.result import SimulationResult, outcomes
from holdfast.essay_claims import words
from holdfast.essay_claims.material import DRAWS, EXITS, SIDE, Material
from holdfast.essay_claims.rules import Measured
from holdfast.explanation.pressures import OTHERS
from holdfast.stats.intervals import interval, wilson
from holdfast.stats.scoring import scored

if TYPE_CHECKING:
    import xarray as xr


MONTH = 30
"""Days at the beginning and at the end of a run that are compared [d]."""


def _factor(material: Material, name: str) -> Measured:
    """What a pressure adds to the chance of collapse in the model, and whether it tells past armies apart."""
    values, errors = material.explanation.shapley("collapse")
    place = material.explanation.names.index(name)
    adds, low = float(values[place]), float(values[place] - Z90 * errors[place])
    known = [one for one in material.armies if one.codes[name] is not None and one.collapse is not None]
    area = scored([(one.codes[name] or 0) / 2 for one in known], [bool(one.collapse) for one in known]).auc
    return Measured(
        {"adds": adds, "adds_low_end": low, "tells_armies_apart": area.value, "tells_armies_apart_low_end": area.low},
        f"Adds {words.between(adds, low, adds + Z90 * float(errors[place]))} to P(collapse) in a year, with the other four calm or "
        f"extreme ({DRAWS} draws). Among {len(known)} past armies more of it goes with collapse by an AUC of "
        f"{words.between(area.value, area.low, area.high)}",
        f"{material.explain_command}; holdfast armies list",
    )


def losses(material: Material) -> Measured:
    """High losses.

    Args:
        material: what tests rest on.

    Returns:
        The figures, in numbers and in words.
    """
    return _factor(material, "losses")


def prospects(material: Material) -> Measured:
    """No prospect of victory.

    Args:
        material: what tests rest on.

    Returns:
        The figures, in numbers and in words.
    """
    return _factor(material, "no_victory")


def mobilisation(material: Material) -> Measured:
    """Mass mobilisation that goes on.

    Args:
        material: what tests rest on.

    Returns:
        The figures, in numbers and in words.
    """
    return _factor(material, "mobilisation")


def leader(material: Material) -> Measured:
    """The leader's decay or death.

    Args:
        material: what tests rest on.

    Returns:
        The figures, in numbers and in words.
    """
    return _factor(material, "leader_decay")


def regime(material: Material) -> Measured:
    """Disarray of the regime.

    Args:
        material: what tests rest on.

    Returns:
        The figures, in numbers and in words.
    """
    return _factor(material, "regime_disarray")


def together(material: Material) -> Measured:
    """The chance of collapse with all five extreme, the rest as it stands.

    Args:
        material: what tests rest on.

    Returns:
        The figures, in numbers and in words.
    """
    return _suffices(material, "collapse", "P(collapse)")


def desertion(material: Material) -> Measured:
    """The chance of mass desertion with all five extreme, the rest as it stands.

    Args:
        material: what tests rest on.

    Returns:
        The figures, in numbers and in words.
    """
    return _suffices(material, "mass_desertion", "P(mass desertion)")


def _suffices(material: Material, outcome: str, name: str) -> Measured:
    """The chance of an outcome with nobody and with everybody in the coalition."""
    calm, extreme = (np.asarray(each)[np.isfinite(each)] for each in material.explanation.ends(outcome))
    low, high = wilson(int(extreme.sum()), len(extreme))
    return Measured(
        {"chance": float(extreme.mean()), "chance_low_end": low},
        f"{name} within a year with all five at their extreme: {words.between(float(extreme.mean()), low, high)}; with all five "
        f"calm {words.runs(int(calm.sum()), len(calm))}",
        material.explain_command,
    )


def complete(material: Material) -> Measured:
    """Whether the five tell past armies apart as well as four pressures that the essay leaves out.

    Args:
        material: what tests rest on.

    Returns:
        The figures, in numbers and in words.
    """
    came = baselines.outcomes_of(material.armies)
    sums, of, others = (
        scored(baselines.left_out(name, material.armies), came).auc
        for name in ("five_sum", "ridge_essay", "ridge_others")
    )
    return Measured(
        {"auc_of_the_plain_sum_low_end": sums.low, "auc_of_the_five_less_the_four": of.value - others.value},
        f"AUC on {len(came)} past armies, each left out of what predicts it: plain sum of the five "
        f"{words.between(sums.value, sums.low, sums.high)}, a logit on the five {words.between(of.value, of.low, of.high)}, on "
        f"four others ({', '.join(OTHERS).replace('_', ' ')}) {words.between(others.value, others.low, others.high)}",
        "holdfast backtest",
    )


# --- Latent factors, and winter.


def belief(material: Material) -> Measured:
    """How much of the gap between believed and true risk closes within the year.

    Args:
        material: what tests rest on.

    Returns:
        The figures, in numbers and in words.
    """
    one = _fought(material.base)
    first, last = (
        np.log(one.risk_believed[:, part].mean("day").values / one.risk_true[:, part].mean("day").values)
        for part in (slice(None, MONTH), slice(-MONTH, None))
    )
    closed = 1 - last / first
    low, _ = interval(closed)
    return Measured(
        {"share_of_the_gap_that_closes": float(np.median(closed)), "share_of_the_gap_that_closes_low_end": low},
        f"Believed risk over true risk, first month {words.draws(np.exp(first), 2)}, last month {words.draws(np.exp(last), 2)}; of "
        f"the gap (in logarithms) {words.draws(closed, 2)} closes within the year, over the {len(closed)} of {material.runs} runs "
        "in which the war is still fought at the end",
        material.run_command,
    )


def _fought(result: SimulationResult) -> xr.Dataset:
    """The army's series in the runs in which the war is fought to the last day: after its end there is no risk."""
    active = result.data.active
    last = active.isel(day=-1)
    still = (last.all("side") if "side" in last.dims else last).values > 0
    return result.data.sel(side=SIDE).isel(run=np.flatnonzero(still))


def felt(material: Material) -> Measured:
    """Whether more leave at the end of the year than at its beginning, with nothing new from outside.

    Args:
        material: what tests rest on.

    Returns:
        The figures, in numbers and in words.
    """
    one = _fought(material.base)
    left = np.asarray((one.deserted + one.surrendered).values, float)
    present = np.asarray(one.present.values, float)
    span = slice(None, 3 * MONTH), slice(-3 * MONTH, None)
    rates = [1000 * CALENDAR_MONTH_DAYS * left[:, part].sum(1) / present[:, part].sum(1) for part in span]
    times = (rates[1] + LEAST_RATE) / (rates[0] + LEAST_RATE)
    low, _ = interval(times)
    return Measured(
        {
            "exits_at_the_end_over_the_beginning": float(np.median(times)),
            "exits_at_the_end_over_the_beginning_low_end": low,
        },
        f"Exits per 1,000 a month, first three months {words.draws(rates[0], 2)}, last three {words.draws(rates[1], 2)}: "
        f"{words.draws(times, 2)} times, over the {len(times)} of {material.runs} runs in which the war is still fought at the end",
        material.run_command,
    )


LEAST_RATE = 0.05
"""Added to both rates of a ratio, so that none out of none is no change [1/1,000/month]."""


def mutiny(material: Material) -> Measured:
    """How exits move in the year after a faction of the elite has risen.

    Args:
        material: what tests rest on.

    Returns:
        The figures, in numbers and in words.
    """
    measures = material.changed(effects=(f"elite_mutiny:{SIDE}",))
    one, mass = measures[EXITS], measures["P(mass desertion)"]
    reach = Z90 * (one["standard_error"] or 0.0)
    change, low, high = (100 * (one["difference"] + end) / one["a"] for end in (0, -reach, reach))
    return Measured(
        {"rise_of_exits_with_it": change / 100, "rise_of_exits_with_it_low_end": low / 100},
        f"After a rising on the first day exits change by {words.between(change, low, high, 0)} %; P(mass desertion) "
        f"{mass['a']:.2f} without, {mass['b']:.2f} with, over {material.runs} pairs of runs",
        material.compare_command(f"--effect elite_mutiny:{SIDE}"),
    )


def winter(material: Material) -> Measured:
    """How many more leave in a year with winter than in one without, and how often past armies broke in winter.

    Args:
        material: what tests rest on.

    Returns:
        The figures, in numbers and in words.
    """
    change, low, high = (-value for value in material.rise({"front.winter": 0}))
    return Measured(
        {"rise_of_exits_by_winter": change, "rise_of_exits_by_winter_low_end": high},
        f"Of the exits of a year with its winter, {words.between(100 * change, 100 * high, 100 * low, 0)} % would not come without "
        f"it, over {material.runs} pairs of runs",
        material.compare_command("--set front.winter=0"),
    )


def season(material: Material) -> Measured:
    """The share of past collapses that came in winter.

    Args:
        material: what tests rest on.

    Returns:
        The figures, in numbers and in words.
    """
    broke = [one for one in material.armies if one.collapse and one.outcome_date]
    cold = sum(one.outcome_date.month in COLD for one in broke if one.outcome_date)
    low, high = wilson(cold, len(broke))
    return Measured(
        {"share_in_winter": cold / len(broke), "share_in_winter_low_end": low},
        f"{cold} of {len(broke)} past collapses with a date came from November to March: "
        f"{words.between(cold / len(broke), low, high)}; of a year these months are {len(COLD) / 12:.2f}",
        "holdfast armies list",
    )


COLD = (11, 12, 1, 2, 3)
"""The months of winter at this front."""


# --- What the five would bring.


def _outcome(material: Material, came: Callable[[SimulationResult], np.ndarray], name: str) -> Measured:
    """The chance of an outcome by the runs, as the army stood and with all five extreme from the first day on."""
    base, five = came(material.base), came(material.all_five)
    low, high = wilson(int(five.sum()), len(five))
    extremes = " ".join(f"{path}={value:g}" for path, value in material.extremes.items())
    return Measured(
        {"chance": float(five.mean()), "chance_low_end": low},
        f"{name} within a year with all five at their extreme from the first day on: "
        f"{words.between(float(five.mean()), low, high)}; as the army stood {words.runs(int(base.sum()), len(base))}",
        f"{material.run_command} --set {extremes}",
    )


def _ever(result: SimulationResult, *names: str) -> np.ndarray:
    """Whether any of some outcomes came to the army, `[run]`."""
    days, place = outcomes(result.data), list(result.data.side.values).index(SIDE)
    return np.any([days[f"day_{name}"].values[:, place] >= 0 for name in names], axis=0)


def front(material: Material) -> Measured:
    """The chance that the front breaks.

    Args:
        material: what tests rest on.

    Returns:
        The figures, in numbers and in words.
    """
    return _outcome(material, lambda result: _ever(result, "front_broken"), "P(half of the sectors broken)")


def end(material: Material) -> Measured:
    """The chance that the war is over.

    Args:
        material: what tests rest on.

    Returns:
        The figures, in numbers and in words.
    """
    name = "P(the army has collapsed or its state has ended the war)"
    return _outcome(material, lambda result: _ever(result, "collapse", "settlement"), name)


def chain(material: Material) -> Measured:
    """The share of past armies with mass desertion that collapsed.

    Args:
        material: what tests rest on.

    Returns:
        The figures, in numbers and in words.
    """
    left = [one for one in material.armies if one.mass_desertion and one.collapse is not None]
    broke = sum(bool(one.collapse) for one in left)
    low, high = wilson(broke, len(left))
    return Measured(
        {"chance": broke / len(left), "chance_low_end": low},
        f"Of {len(left)} past armies of which a tenth or more left or gave up, {broke} collapsed: "
        f"{words.between(broke / len(left), low, high)}. The table holds famous breaks and is no sample",
        "holdfast armies list",
    )
