"""Results of simulations: the runs' arrays as one labelled dataset, its outcomes and summary, and how two of them differ."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib
import math
from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, TypedDict

import numpy as np

from holdfast.core import runtime
from holdfast.core.faults import Fault, FaultyError, ReportedError
from holdfast.core.lazy import Lazy
from holdfast.core.results import Result, Shown
from holdfast.core.units import per_1000_month
from holdfast.engine import outcomes as engine_outcomes
from holdfast.ensemble import chances, variance
from holdfast.scenario import loss_draws, template
from holdfast.stats.intervals import quantiles

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from holdfast.ensemble.draw import Draw
    from holdfast.ensemble.plan import Scenario
    from holdfast.io.film import Reel
    from holdfast.scenario.ground import Moves
    from holdfast.scenario.layout import Names
else:
    xr = Lazy("xarray")


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
    "ground_lost": ("ground that the side lost", "km2/day"),
    "alarm": ("how far the command is alarmed", "share"),
    "settled": ("whether the state has ended the war", "0 or 1"),
    "active": ("whether the war is fought", "0 or 1"),
    "broken": ("sector broken", "0 or 1"),
    "encircled": ("sector encircled", "0 or 1"),
    "positions": ("positions given, lines behind the first", "lines"),
    "line_km": ("advance of the first side", "km"),
    "ground_km2": ("ground gained by the first side", "km2"),
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

FIRST_AXES: dict[str, tuple[str, ...]] = {
    "broken": ("side", "sector"),
    "encircled": ("side", "sector"),
    "positions": ("side", "sector"),
}


def dataset(
    runs: Mapping[int, Mapping[str, Mapping[str, np.ndarray]]], labels: Names, attrs: Mapping[str, object]
) -> xr.Dataset:
    """One labelled dataset from the arrays of each run.

    Args:
        runs: by its number, each run's arrays by group (`side`, `sector`, `brigade`, `region`) and name, days first.
        labels: names of sides, sectors, brigades and regions, and the dates.
        attrs: what is stored beside the arrays.

    Returns:
        Every variable of `VARIABLES` that the runs have, runs first, then days, with the first day of each outcome.
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
        "sector_km": ("sector", labels.sector_km, {"long_name": "length of the sector", "units": "km"}),
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
    long_name, units = VARIABLES["ground_km2"]
    ground = (data.line_km * data.sector_km).sum("sector").assign_attrs(long_name=long_name, units=units)
    return data.assign(outcomes(data) | {"ground_km2": ground.astype(np.float32)})


def with_ground_seen(data: xr.Dataset, moves: Moves) -> xr.Dataset:
    """A dataset with the ground that came.

    Args:
        data: the runs' dataset.
        moves: what the first side had gained by each day, by maker of maps.

    Returns:
        The same with `ground_seen` by maker, day and sector; as it was where nothing is known.
    """
    if not moves:
        return data
    long_name, units = "ground that the first side had gained, as measured on maps", "km2"
    values = np.stack([np.asarray(each, np.float32) for each in moves.values()])
    seen = (("maker", "day", "sector"), values, {"long_name": long_name, "units": units})
    return data.assign_coords(maker=list(moves)).assign(ground_seen=seen)


def with_draws(data: xr.Dataset, draws: Sequence[Draw], fixed: Mapping[str, float], uncertain: str) -> xr.Dataset:
    """A dataset with what each run had in place of what is not known.

    Args:
        data: the runs' dataset.
        draws: the draw of each run.
        fixed: parameters that the scenario sets itself, by path.
        uncertain: what the runs differ in.

    Returns:
        The same with `resolve_mean` and `killed_times` by run and side, `parameter_value` by run and parameter, and the
        attribute `uncertain`, what the ranges are of.
    """
    names = list(draws[0]["parameters"])
    resolve, killed = (
        np.array(column, float) for column in zip(*((d["resolve"], d["killed"]) for d in draws), strict=True)
    )
    values = np.array([[fixed.get(name, draw["parameters"][name]) for name in names] for draw in draws], float)
    drawn = {
        "resolve_mean": (("run", "side"), resolve, {"long_name": "mean resolve of the men", "units": "nats"}),
        "killed_times": (("run", "side"), killed, {"long_name": "rate of killed", "units": "times the scenario's"}),
    }  # fmt: skip
    if names:
        what = {"long_name": "value of a parameter that history taught", "units": "its own"}
        drawn["parameter_value"] = (("run", "parameter"), values, what)  # type: ignore[assignment]
        data = data.assign_coords(parameter=names)
    return data.assign(drawn).assign_attrs(uncertain=uncertain)


LUCK = "luck"
"""What the runs of an ensemble differ in where that is luck alone."""


def outcomes(data: xr.Dataset) -> dict[str, xr.DataArray]:
    """The first day of each outcome in each run, counted from 0; -1 = never (`holdfast.engine.outcomes`).

    Args:
        data: exits, men present and broken shares, by run, day and side.

    Returns:
        `day_mass_desertion`, `day_front_broken`, `day_collapse`, `day_settlement` and `day_destroyed`, by run and side.
    """
    days = engine_outcomes.first_days(
        (data.deserted + data.surrendered).values, data.present.values, data.broken_share.values,
        data.settled.values if "settled" in data else None, (data.killed + data.wounded + data.captured).values,
    )  # fmt: skip
    names = {
        "mass_desertion": "first day on which a tenth was gone within 180 days",
        "front_broken": "first day on which half of the sectors were broken",
        "collapse": "day of collapse",
        "settlement": "day on which the state ended the war while its army stood",
        "destroyed": "first day on which the enemy had put out of action all but a rest of the army",
    }
    return {
        f"day_{name}": xr.DataArray(
            getattr(days, name), dims=("run", "side"), attrs={"long_name": what, "units": "day of the run, -1 = never"}
        )
        for name, what in names.items()
    }


def breaks_first(data: xr.Dataset) -> dict[str, float]:
    """Share of the runs in which each side broke first, both on one day, an army was destroyed before, or none of these.

    Args:
        data: a result with the first days of its outcomes.

    Returns:
        The shares by the sides' names, `both`, `destroyed` and `none`; they add up to 1.
    """
    classes = engine_outcomes.first_to_break(data.day_mass_desertion, data.day_collapse, data.get("day_destroyed"))
    counts = dict(zip([*map(str, data.side.values), "both", "destroyed", "none"], classes, strict=True))
    return {name: count / data.sizes["run"] for name, count in counts.items()}


DAYS = ("day_mass_desertion", "day_front_broken", "day_collapse", "day_settlement", "day_destroyed")
"""First days of the outcomes, which stand in the rows."""
FLOWS = ("killed", "wounded", "deserted", "surrendered", "refused", "returned", "captured", "caught")
"""Flows whose totals stand in the summary."""


def summary(data: xr.Dataset, wall_s: float) -> dict[str, object]:
    """The result in a page of numbers (the shape of `summary.json`).

    Args:
        data: the dataset of all runs.
        wall_s: how long they took [s].

    Returns:
        What was run, the chances of who breaks first, and by side medians and 90 % intervals over the runs.
    """
    days = engine_outcomes.break_day(data.day_mass_desertion, data.day_collapse)
    names = [str(side) for side in data.side.values]
    return {
        "scenario": data.attrs["scenario"],
        "seed": int(data.attrs["seed"]),
        "runs": data.sizes["run"],
        "days": data.sizes["day"],
        "men_per_billet": int(data.attrs["men_per_billet"]),
        "soldier_days": int(data.attrs["soldier_days"]),
        "wall_s": round(wall_s, 3),
        "sides": {name: _summary_of_side(data, index, days[:, index]) for index, name in enumerate(names)},
        "p_breaks_first": breaks_first(data),
        "uncertain": data.attrs.get("uncertain", LUCK),
        "spread": _spread(data),
        "men_balance_error": int(data.attrs["men_balance_error"]),
    }


def _spread(data: xr.Dataset) -> dict[str, object] | None:
    """The parts of the variance in plain values, by side, measure and part."""
    every = variance.parts(data)
    if every is None:
        return None
    plain = lambda each: {"share": each.value, "p05": each.low, "p95": each.high}  # noqa: E731
    return {
        side: {name: {part: plain(share) for part, share in shares.items()} for name, shares in own.items()}
        for side, own in every.items()
    }


def by_day(data: xr.Dataset, side: int) -> dict[str, dict[str, chances.Chance]]:
    """Which end of the war came first for a side, by each horizon.

    Args:
        data: the dataset of all runs.
        side: 0 or 1.

    Returns:
        Chances by horizon [d] and end (`holdfast.ensemble.chances`).
    """
    days = {end: data[f"day_{end}"].values for end in chances.OWN if f"day_{end}" in data}
    return chances.by_day(days, side, data.sizes["day"])


def digest(data: xr.Dataset) -> str:
    """SHA-256 of what a dataset holds, by which a folder that lost a part is known: a lost part reads as nothing but zeros.

    Args:
        data: the dataset.

    Returns:
        64 hexadecimal digits.
    """
    hashed = hashlib.sha256()
    for name in sorted(map(str, data.variables)):
        values = data[name].values
        hashed.update(f"{name} {data[name].dims} {values.shape}".encode())
        if values.dtype.kind == "M":
            values = values.astype("datetime64[s]").astype(np.int64)
        elif values.dtype.kind not in "biuf":  # text comes back from a folder in another form
            values = np.array("\n".join(map(str, values.ravel())))
        hashed.update(np.ascontiguousarray(values).tobytes())
    return hashed.hexdigest()


def share_of_runs(one: xr.Dataset, outcome: str) -> float:
    """Share of the runs in which an outcome came to a side.

    Args:
        one: the dataset of one side.
        outcome: as in `day_collapse`.

    Returns:
        The share; 0 where the result knows no such outcome [1].
    """
    name = f"day_{outcome}"
    return float(np.mean(one[name].values >= 0)) if name in one else 0.0


def _summary_of_side(data: xr.Dataset, index: int, break_days: np.ndarray) -> dict[str, object]:
    """A side's part of the summary."""
    one = data.isel(side=index)
    broken_days = break_days[break_days >= 0]
    return {
        "strength_start": int(data.attrs["strength_start"][index]),
        **{flow: quantiles(one[flow].sum("day").values) for flow in FLOWS},
        "strength_end": quantiles(one.present.isel(day=-1).values),
        "exits_per_1000_month": quantiles(exits_per_1000_month(one)),
        **{f"p_{outcome}": share_of_runs(one, outcome) for outcome in engine_outcomes.FirstDays._fields},
        "by_day": by_day(data, index),
        "days_to_break": quantiles(broken_days) if len(broken_days) else None,
        "r_d_max": quantiles(one.reproduction_max.max("day").values),
    }


def exits_per_1000_month(one: xr.Dataset) -> np.ndarray:
    """Gross exits by choice of one side, in each run.

    Args:
        one: the dataset of one side.

    Returns:
        Men who deserted or surrendered per 1,000 present and month of 30.44 days, `[run]`.
    """
    left = (one.deserted + one.surrendered).sum("day")
    men_days = one.present.astype("float64").sum("day")
    return np.asarray(per_1000_month(left, np.maximum(men_days, 1)).values)


class ResultError(ReportedError):
    """A finished result that fails its own checks; the message says in what."""


def faults(data: xr.Dataset) -> list[str]:
    """What a finished result may never show: missing numbers, lost men, shares outside 0 to 1.

    Args:
        data: the dataset of all runs.

    Returns:
        A sentence for each fault; none for a sound result.
    """
    wrong = []
    if data.attrs["men_balance_error"]:
        wrong.append(f"{data.attrs['men_balance_error']} men were lost or made from nothing")
    for name, values in data.drop_vars("ground_seen", errors="ignore").data_vars.items():  # makers of maps have gaps
        array = values.values
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            first = values.isel(dict(zip(values.dims, np.argwhere(~np.isfinite(array))[0].tolist(), strict=True)))
            where = ", ".join(f"{dim} {_label(first, dim)}" for dim in values.dims)
            wrong.append(f"{name} holds numbers that are not finite, the first at {where}")
        if values.attrs.get("units") == "share" and (array.min() < -1e-6 or array.max() > 1 + 1e-6):
            wrong.append(f"{name} leaves 0 to 1: {array.min():g} to {array.max():g}")
        if values.attrs.get("units", "").startswith("men") and array.min() < 0:
            wrong.append(f"{name} falls below 0: {array.min()}")
    return wrong


def _label(one: xr.DataArray, dim: Hashable) -> str:
    """What a value is called along a dimension: a day by its date."""
    if dim not in one.coords:
        return "?"
    label = one[dim].values
    return str(label)[:10] if label.dtype.kind == "M" else str(label)


@dataclasses.dataclass(frozen=True, repr=False)
class SimulationResult(Result):
    """The runs of a scenario: its dataset, its summary, and the film where one was taken."""

    PRESENTER: ClassVar[str] = "holdfast.present.run_report"
    UNITS: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(DAYS, "day of the run, -1 = never"), **dict.fromkeys((*FLOWS, "strength_end"), "men"),
        "refused": "man-days",
    }  # fmt: skip

    scenario: Scenario
    """What was run."""
    data: xr.Dataset
    """Labelled; dims run, day, side, sector, brigade, region; units and long names on every variable."""
    wall_s: float
    """How long the runs took [s]."""
    film: Reel | None = None
    """The billets' fates day by day, of one run."""
    draws: Mapping[str, object] = dataclasses.field(default_factory=dict)
    """Where the draws of what is not known are from."""

    def summary(self) -> dict[str, object]:
        """The result in a page of numbers, as `summary.json` has them.

        Returns:
            What was run, who breaks first, and by side medians and 90 % intervals over the runs.
        """
        return summary(self.data, self.wall_s) | {"draws": dict(self.draws)}

    def to_dict(self) -> dict[str, object]:
        """The same as `summary`."""
        return self.summary()

    def rows(self) -> Sequence[Mapping[str, object]]:
        """A row for each run and side: first days of the outcomes (-1 = never), totals of the flows, strength at the end."""
        data = self.data
        values = {name: data[name].values for name in DAYS if name in data}
        values |= {name: data[name].sum("day").values for name in FLOWS}
        values["strength_end"] = data.present.isel(day=-1).values
        return [
            {"run": int(run), "side": str(side)} | {name: each[n, s].item() for name, each in values.items()}
            for n, run in enumerate(data.run.values)
            for s, side in enumerate(data.side.values)
        ]

    def show(self, height: int = 1150) -> Shown:
        """The answer, the fan of strengths and the film, in the cell of a notebook; it needs no network.

        Args:
            height: of the frame in which it stands [px].

        Returns:
            What the notebook shows where it is a cell's last value; without a film unless one was taken (`simulate(film=True)`).
        """
        return Shown(importlib.import_module(self.PRESENTER).in_cell(self), height)

    def tables(self) -> dict[str, pd.DataFrame]:
        """The dataset as flat tables.

        Returns:
            By name: `sides`, `sectors` and `regions` by run and day, `outcomes` by run.
        """
        dims = {
            "sides": ("run", "day", "side"),
            "sectors": ("run", "day", "sector"),
            "regions": ("run", "day", "region"),
            "outcomes": ("run", "side"),
        }
        return {
            name: self.data[[v for v in self.data.data_vars if self.data[v].dims == own]]
            .reset_coords(drop=True)
            .to_dataframe()
            .reset_index()
            for name, own in dims.items()
        }

    def inputs(self) -> list[template.Input]:
        """Every value of the scenario.

        Returns:
            Each with its unit and source.
        """
        return template.scenario(self.scenario.document)

    def parameters(self) -> list[template.Input]:
        """Every parameter of the model and of the scenario's effects.

        Returns:
            The value used, unit and source of each.
        """
        listed = self._declared()
        if "parameter_value" not in self.data:
            return listed
        drawn = {str(name): self.data.parameter_value.sel(parameter=name).values for name in self.data.parameter.values}
        return [self._drawn(item, drawn[item.path]) if item.path in drawn else item for item in listed]

    def _declared(self) -> list[template.Input]:
        """Every parameter as declared, or as the scenario sets it."""
        from holdfast.scenario import build

        return template.parameters(self.scenario.document, build.declared(self.scenario.document))

    def _drawn(self, item: template.Input, values: np.ndarray) -> template.Input:
        """A parameter with the range of its draws in place of its value; one that the scenario sets is not drawn."""
        if item.path in self.scenario.document.parameters:
            return item
        low, middle, high = quantiles(values).values()
        source = f"as history taught it, a draw a run (holdfast calibrate); declared as {item.value:g}: {item.source}"
        return dataclasses.replace(item, value=f"{middle:.4g} ({low:.4g} to {high:.4g})", source=source)

    def manifest(self) -> dict[str, object]:
        """All that is needed to judge or repeat the runs.

        Returns:
            The content of `manifest.json`: scenario, parameters, seed, counts, machine.
        """
        document, sizes = self.scenario.document, self.data.sizes
        evidence = loss_draws.about(document)
        for side, one in evidence.items():
            one["draw_of_run"] = self.data.loss_draw.sel(side=side).values.tolist()
        return {
            "name": self.scenario.name,
            "scenario_hash": self.scenario.hash,
            "scenario": document.model_dump(mode="json"),
            "parameters": {item.path: item.value for item in self._declared()},
            "seed": self.data.attrs["seed"],
            "runs": sizes["run"],
            "days": sizes["day"],
            "men_per_billet": self.data.attrs["men_per_billet"],
            "wall_s": round(self.wall_s, 3),
            "machine": runtime.about(),
            "data_sha256": digest(self.data),
            "unchanged": self.scenario.unchanged and self.scenario.unchanged.model_dump(mode="json"),
            "draws": dict(self.draws),
        } | ({"losses": evidence} if evidence else {})


# --- How two results differ.


class Difference(TypedDict):
    """A measure of two results, each by its mean over the runs."""

    a: float  # mean of the first
    b: float  # mean of the second
    difference: float  # second less first
    standard_error: float | None  # of the difference; none from a single run


@dataclasses.dataclass(frozen=True, repr=False)
class Comparison(Result):
    """How a second result differs from a first, for each side and measure."""

    PRESENTER: ClassVar[str] = "holdfast.present.run_report"

    a: str
    """Name of the first."""
    b: str
    """Name of the second."""
    paired: bool
    """Whether each run's difference is taken under the same draws and luck."""
    runs: tuple[int, int]
    """How many runs each has."""
    days: int
    """How many days are compared: the first ones, as many as both have [d]."""
    days_each: tuple[int, int]
    """How many days each has [d]."""
    start: str
    """The first day; empty where it is not known."""
    unlike: tuple[str, ...]
    """In what the two differ beyond the days, a few words each; where the luck is not the same, that is why they are not paired."""
    sides: Mapping[str, Mapping[str, Difference]]
    """By side and measure."""

    def basis(self) -> list[str]:
        """What is compared with what.

        Returns:
            Sentences: the runs and whether they are paired, the days, and in what else the two differ.
        """
        how = "paired under the same draws and luck" if self.paired else "not paired"
        of_each = (
            self.days_each[0]
            if self.days_each[0] == self.days_each[1]
            else f"{self.days_each[0]} and {self.days_each[1]}"
        )
        since = f" from {self.start}" if self.start else ""
        return [
            f"{self.runs[0]} and {self.runs[1]} runs, {how}; ± is two standard errors",
            f"The first {self.days} days{since}, of {of_each}",
            *([f"They differ in {', '.join(self.unlike)}"] if self.unlike else []),
        ]

    def to_dict(self) -> dict[str, object]:
        """The comparison in plain values, as `holdfast compare --json` prints it."""
        sides = {side: {name: dict(one) for name, one in each.items()} for side, each in self.sides.items()}
        return {
            "paired": self.paired, "runs": list(self.runs), "days": self.days, "days_each": list(self.days_each),
            "start": self.start, "unlike": list(self.unlike), "sides": sides, "a": self.a, "b": self.b,
        }  # fmt: skip

    def rows(self) -> Sequence[Mapping[str, object]]:
        """A row for each side and measure."""
        return [
            {"side": side, "measure": name, **one} for side, each in self.sides.items() for name, one in each.items()
        ]


def refuse_unlike(sides: Sequence[Sequence[str]], starts: Sequence[str], names: tuple[str, str]) -> None:
    """Refuse to compare wars of different armies, or runs that begin on different days.

    Args:
        sides: names of the sides of the two.
        starts: the first day of each, in ISO form; empty where it is not known.
        names: what the two are called.

    Raises:
        FaultyError: if they cannot be compared; it says why.
    """
    faults = []
    if set(sides[0]) != set(sides[1]):
        here, there = (" and ".join(each) for each in sides)
        faults.append(Fault(f"sides of {names[1]}", there, f"those of {names[0]}: {here}", "Compare runs of one war"))
    if all(starts) and starts[0] != starts[1]:
        cure = "Run both from one day: the first days of one are not those of the other"
        faults.append(Fault(f"start of {names[1]}", starts[1], f"that of {names[0]}: {starts[0]}", cure))
    if faults:
        raise FaultyError(faults, "The comparison")


def differences(a: xr.Dataset, b: xr.Dataset, names: tuple[str, str] = ("a", "b")) -> Comparison:
    """Second less first, for each side and measure, over the first days, as many as both have.

    Paired when both have the same seed, grain, numbers of runs, draws, front and brigades: then each run's difference is taken
    under the same luck, and the error is that of their mean. Otherwise the errors of the two means add in quadrature.

    Args:
        a: the first result's dataset.
        b: the second's.
        names: what they are called.

    Returns:
        The comparison.

    Raises:
        FaultyError: if the two have different sides or begin on different days.
    """
    of_sides = [[str(name) for name in data.side.values] for data in (a, b)]
    starts = [str(data.attrs.get("start", "")) for data in (a, b)]
    refuse_unlike(of_sides, starts, names)
    days_each = (a.sizes["day"], b.sizes["day"])
    days = min(days_each)
    runs = (a.sizes["run"], b.sizes["run"])
    other_luck, others = _unlike(a, b)
    sides = {}
    for index, side in enumerate(of_sides[0]):
        first, second = _measures(a, index, days), _measures(b, of_sides[1].index(side), days)
        sides[side] = {name: _difference(first[name], second[name], not other_luck) for name in first if name in second}
    return Comparison(
        *names, paired=not other_luck, runs=runs, days=days, days_each=days_each, start=starts[0] or starts[1],
        unlike=(*other_luck, *others), sides=sides,
    )  # fmt: skip


def _unlike(a: xr.Dataset, b: xr.Dataset) -> tuple[list[str], list[str]]:
    """In what two results differ so that run by run they have other luck or draws; and in what else."""

    def differing(labels: Mapping[str, str]) -> list[str]:
        pairs = {words: (a.attrs.get(name), b.attrs.get(name)) for name, words in labels.items()}
        return [f"{words} ({one} and {other})" for words, (one, other) in pairs.items() if one != other]

    luck = differing({
        "seed": "seed", "men_per_billet": "men a billet", "uncertain": "what the runs differ in",
        "holdfast_version": "version that made them",
    })  # fmt: skip
    if not np.array_equal(a.run, b.run):
        luck.append(f"number of runs ({a.sizes['run']} and {b.sizes['run']})")
    elif not _same(a, b, "parameter_value"):
        luck.append("draws of the parameters")
    if not _same(a, b, "side", "brigade", "brigade_side"):  # a soldier's luck goes by his place
        luck.append("brigades")
    if not _same(a, b, "sector"):
        luck.append("sectors")
    return luck, differing({"scenario": "scenario"})


def _same(a: xr.Dataset, b: xr.Dataset, *names: str) -> bool:
    """Whether two results have the same values under some names; what both lack is the same."""
    return all(
        (name in a) == (name in b) and (name not in a or np.array_equal(a[name].values, b[name].values))
        for name in names
    )


def _measures(data: xr.Dataset, side: int, days: int) -> dict[str, np.ndarray]:
    """What is compared of a side over the first days, one number a run."""
    one = data.isel(side=side, day=slice(days))
    flows = ("killed", "deserted", "surrendered", "refused", "returned")
    return {name: np.asarray(one[name].sum("day").values, float) for name in flows} | {
        "strength at the end": one.present.isel(day=-1).values.astype(float),
        "exits per 1,000 a month": exits_per_1000_month(one),
        **{f"P({day[4:].replace('_', ' ')})": _came(one[day].values, days) for day in DAYS if day in one},
    }


def _came(first_day: np.ndarray, days: int) -> np.ndarray:
    """In which runs an outcome came within the first days, as 0 or 1."""
    return ((first_day >= 0) & (first_day < days)).astype(float)


def _difference(first: np.ndarray, second: np.ndarray, paired: bool) -> Difference:
    """Means over the runs, their difference and its standard error; no error from a single run."""
    if paired:
        each = second - first
        error = each.std(ddof=1) / math.sqrt(len(each)) if len(each) > 1 else math.nan
    else:
        error = math.sqrt(sum(x.var(ddof=1) / len(x) if len(x) > 1 else math.nan for x in (first, second)))
    return {
        "a": float(first.mean()), "b": float(second.mean()), "difference": float(second.mean() - first.mean()),
        "standard_error": float(error) if math.isfinite(error) else None,
    }  # fmt: skip
