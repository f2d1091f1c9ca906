"""Results: the engine's arrays as one labelled dataset, its outcomes, its summary, and checks after a run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from holdfast.engine import outcomes as engine_outcomes

VARIABLES: dict[str, tuple[str, str]] = {
    "killed": ("killed", "men/day"),
    "wounded": ("wounded", "men/day"),
    "deserted": ("deserted and got away", "men/day"),
    "surrendered": ("surrendered by choice", "men/day"),
    "captured": ("gave up while encircled", "men/day"),
    "refused": ("refused an order to attack", "men/day"),
    "caught": ("stopped on the way home, returned or jailed", "men/day"),
    "imprisoned": ("jailed for desertion", "men/day"),
    "returned": ("came back from absence", "men/day"),
    "healed": ("fit again after wounds", "men/day"),
    "invalided": ("discharged for wounds", "men/day"),
    "posted": ("replacements that joined a unit", "men/day"),
    "notices": ("called up", "men/day"),
    "complied": ("came when called up", "men/day"),
    "evaded": ("hid from the call-up", "men/day"),
    "fled": ("left the country rather than serve", "men/day"),
    "volunteered": ("signed a contract or volunteered", "men/day"),
    "defected": ("prisoners who joined the enemy", "men/day"),
    "present": ("present with their units", "men"),
    "hospital": ("in hospital", "men"),
    "absent": ("absent without leave", "men"),
    "ready": ("waiting to be posted again", "men"),
    "prison": ("in prison for desertion", "men"),
    "prisoners": ("prisoners of the enemy", "men"),
    "training": ("in training", "men"),
    "trained": ("trained and waiting", "men"),
    "risk_believed": ("risk of death or maiming that men believe", "1/day"),
    "risk_true": ("risk of death or maiming as it was lately", "1/day"),
    "prospects": ("prospects of the war as the army sees them", "-1 to 1"),
    "bond": ("bond of the unit", "-1 to 1"),
    "catch_chance": ("chance that a deserter is caught", "share"),
    "catch_chance_seen": ("chance of being caught as men see it", "share"),
    "authority": ("authority of the regime", "share"),
    "elite_cohesion": ("cohesion of the elites", "share"),
    "elite_threshold": ("cohesion below which elites split", "share"),
    "vitality": ("vigour of the leader", "share"),
    "support": ("support for the war", "points"),
    "protest": ("protest", "share"),
    "reproduction_mean": ("further exits that one exit causes, mean of brigades", "exits"),
    "reproduction_max": ("further exits that one exit causes, highest brigade", "exits"),
    "assault": ("share of the risk that comes from ordered attacks", "share"),
    "intensity": ("intensity of the fighting", "times the first rate"),
    "pay": ("pay", "times the ordinary"),
    "supply": ("supply that reaches the front", "share"),
    "patron_gone": ("how far the patron is gone", "share"),
    "unpaid": ("how far pay fails", "share"),
    "unfed": ("how far supply fails the men", "share"),
    "cold": ("misery of cold", "nats"),
    "exit_safety": ("safety of going home", "share"),
    "captor_treatment": ("how well the captor treats prisoners", "share"),
    "broken_share": ("share of sectors broken", "share"),
    "active": ("whether the war is fought", "0 or 1"),
    "broken": ("sector broken", "0 or 1"),
    "encircled": ("sector encircled", "0 or 1"),
    "line_km": ("advance of the first side", "km"),
    "log_force_ratio": ("log of the force ratio, first side over second", "nats"),
    "brigade_present": ("present with the brigade", "men"),
    "brigade_left": ("deserted or surrendered", "men/day"),
    "brigade_reproduction": ("further exits that one exit causes", "exits"),
    "region_killed": ("deaths reported home", "men/day"),
    "region_evaded": ("hid from the call-up", "men/day"),
    "region_fled": ("left the country rather than serve", "men/day"),
    "region_notices": ("called up", "men/day"),
}
"""Long name and unit of every variable of a result."""

FIRST_AXES: dict[str, tuple[str, ...]] = {"broken": ("side", "sector"), "encircled": ("side", "sector")}


def dataset(
    runs: Mapping[int, Mapping[str, Mapping[str, np.ndarray]]], labels: Any, attrs: Mapping[str, Any]
) -> xr.Dataset:
    """One labelled dataset from the flows of each run.

    `runs[i]` holds `side`, `sector`, `brigade`, `region`: arrays with days first. Runs come out first, then days.
    """
    numbers = sorted(runs)
    variables: dict[str, tuple[tuple[str, ...], np.ndarray, dict[str, str]]] = {}
    for group in ("side", "sector", "brigade", "region"):
        for name in runs[numbers[0]][group]:
            if name not in VARIABLES:
                continue
            stacked = np.stack([runs[i][group][name] for i in numbers])
            dims = ("run", "day", *FIRST_AXES.get(name, (group,)))
            long_name, units = VARIABLES[name]
            variables[name] = (dims, stacked, {"long_name": long_name, "units": units})
    coords = {
        "run": numbers,
        "day": labels.days,
        "side": labels.sides,
        "sector": labels.sectors,
        "brigade": labels.brigades,
        "region": labels.regions,
        "brigade_side": ("brigade", labels.brigade_side),
        "brigade_sector": ("brigade", labels.brigade_sector),
        "region_side": ("region", labels.region_side),
        "region_eligible": ("region", labels.region_eligible, {"long_name": "men liable to serve", "units": "men"}),
        "region_burden": ("region", labels.region_burden, {"long_name": "burden", "units": "times the mean"}),
        "side_title": ("side", labels.titles),
    }
    data = xr.Dataset(variables, coords=coords, attrs=dict(attrs))
    return data.assign(outcomes(data))


def outcomes(data: xr.Dataset) -> dict[str, xr.DataArray]:
    """The first day of each outcome in each run, counted from 0; -1 = never (`holdfast.engine.outcomes`).

    Args:
        data: exits, men present and broken shares, by run, day and side.

    Returns:
        `day_mass_desertion`, `day_front_broken` and `day_collapse`, by run and side.
    """
    days = engine_outcomes.first_days(
        (data.deserted + data.surrendered).values, data.present.values, data.broken_share.values
    )
    names = {
        "mass_desertion": "first day on which a tenth was gone within 180 days",
        "front_broken": "first day on which half of the sectors were broken",
        "collapse": "day of collapse",
    }
    return {
        f"day_{name}": xr.DataArray(
            getattr(days, name), dims=("run", "side"), attrs={"long_name": what, "units": "day of the run, -1 = never"}
        )
        for name, what in names.items()
    }


def interval(values: np.ndarray) -> dict[str, float]:
    """Median and 90 % interval over the runs."""
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
    return {"p05": float(low), "p50": float(middle), "p95": float(high)}


def breaks_first(data: xr.Dataset) -> dict[str, float]:
    """Share of the runs in which each side broke first, both on one day, or none.

    Args:
        data: a result with the first days of its outcomes.

    Returns:
        The shares by the sides' names, `both` and `none`; they add up to 1.
    """
    first, second, both, neither = engine_outcomes.first_to_break(data.day_mass_desertion, data.day_collapse)
    names = [str(name) for name in data.side.values]
    counts = {names[0]: first, names[1]: second, "both": both, "none": neither}
    return {name: count / data.sizes["run"] for name, count in counts.items()}


def summary(data: xr.Dataset, wall_s: float) -> dict[str, Any]:
    """The result in a page of numbers (the shape of `summary.json`)."""
    sides: dict[str, Any] = {}
    days = engine_outcomes.break_day(data.day_mass_desertion, data.day_collapse)
    for index, name in enumerate(str(s) for s in data.side.values):
        one = data.isel(side=index)
        total = {
            flow: one[flow].sum("day").values
            for flow in ("killed", "wounded", "deserted", "surrendered", "refused", "returned", "captured", "caught")
        }
        broken_days = days[:, index][days[:, index] >= 0]
        sides[name] = {
            "strength_start": int(data.attrs["strength_start"][index]),
            **{flow: interval(values) for flow, values in total.items()},
            "strength_end": interval(one.present.isel(day=-1).values),
            "exits_per_1000_month": interval(exits_per_1000_month(one)),
            "p_mass_desertion": float(np.mean(one.day_mass_desertion.values >= 0)),
            "p_front_broken": float(np.mean(one.day_front_broken.values >= 0)),
            "p_collapse": float(np.mean(one.day_collapse.values >= 0)),
            "days_to_break": interval(broken_days) if len(broken_days) else None,
            "r_d_max": interval(one.reproduction_max.max("day").values),
        }
    return {
        "case": data.attrs["case"],
        "seed": int(data.attrs["seed"]),
        "runs": data.sizes["run"],
        "days": data.sizes["day"],
        "men_per_billet": int(data.attrs["men_per_billet"]),
        "soldier_days": int(data.attrs["soldier_days"]),
        "wall_s": round(wall_s, 3),
        "sides": sides,
        "p_breaks_first": breaks_first(data),
        "men_balance_error": int(data.attrs["men_balance_error"]),
    }


def exits_per_1000_month(one: xr.Dataset) -> np.ndarray:
    """Gross exits by choice per 1,000 present men and month (30.44 d), for one side `[run]`."""
    left = (one.deserted + one.surrendered).sum("day")
    men_days = one.present.astype("float64").sum("day")
    return np.asarray((left / np.maximum(men_days, 1) * 30.44 * 1000).values)


class ResultError(RuntimeError):
    """A finished result that fails its own checks; the message says in what."""


def faults(data: xr.Dataset) -> list[str]:
    """What a finished result may never show: missing numbers, lost men, shares outside 0 to 1."""
    found = []
    if data.attrs["men_balance_error"]:
        found.append(f"{data.attrs['men_balance_error']} men were lost or made from nothing")
    for name, values in data.data_vars.items():
        array = values.values
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            found.append(f"{name} holds numbers that are not finite")
        if values.attrs.get("units") == "share" and (array.min() < -1e-6 or array.max() > 1 + 1e-6):
            found.append(f"{name} leaves 0 to 1: {array.min():g} to {array.max():g}")
        if values.attrs.get("units", "").startswith("men") and array.min() < 0:
            found.append(f"{name} falls below 0: {array.min()}")
    return found


def tables(data: xr.Dataset) -> dict[str, Any]:
    """The result as flat tables for `--csv`, by name: sides, sectors, regions by day, and outcomes by run."""
    by = {
        "sides": ("run", "day", "side"),
        "sectors": ("run", "day", "sector"),
        "regions": ("run", "day", "region"),
        "outcomes": ("run", "side"),
    }
    made = {}
    for name, dims in by.items():
        chosen = [v for v in data.data_vars if data[v].dims == dims]
        made[name] = data[chosen].reset_coords(drop=True).to_dataframe().reset_index()
    return made


def finite(value: float) -> float | None:
    """JSON has no infinity and no NaN."""
    return value if math.isfinite(value) else None


Labels = Sequence[str]
