"""`holdfast compare`: the same luck for both, and the paired difference with its error."""

from __future__ import annotations

import json as text
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from rich.table import Table

from holdfast.cli import screen
from holdfast.cli.run import positive, prepared
from holdfast.core.faults import Fault, ScenarioError
from holdfast.ensemble import result, run
from holdfast.ensemble.run import Scenario

STORE = "result.zarr"


def compare(
    a: str, b: str | None, runs: int, days: int | None, grain: int | None, seed: int, settings: Sequence[str],
    effects: Sequence[str], json: bool, workers: int | None,
) -> int:  # fmt: skip
    """Run or open both, then print the differences."""
    positive(seed, runs=runs, workers=workers, men_per_billet=grain)
    if b is None and not settings and not effects:
        fault = Fault("b", "nothing to compare with", "a second case or folder, or a change", "Give --set or --effect")
        raise ScenarioError([fault], "The request")
    changed = (settings, effects)
    both = [_opened(a) or prepared(a, days, (), ()), _opened(b) or prepared(b or a, days, *changed)]
    first, second = (_ran(one, runs, seed, grain, workers, json) for one in both)
    report = _differences(first, second)
    report |= {"a": a, "b": b or " ".join([a, *settings, *effects])}
    if json:
        print(text.dumps(report, allow_nan=False))
    else:
        _show(report)
    return 0


def _opened(name: str | None) -> xr.Dataset | None:
    """A finished run's dataset, if the name is its folder."""
    folder = Path(name or "") / STORE
    return xr.open_zarr(folder, consolidated=False).load() if name and folder.is_dir() else None


def _ran(
    case: Scenario | xr.Dataset, runs: int, seed: int, grain: int | None, workers: int | None, quiet: bool
) -> xr.Dataset:
    """The dataset of a finished run as it is, of a case by running it now."""
    if not isinstance(case, Scenario):
        return case
    with screen.bar(f"{case.name}: {runs} runs", quiet=quiet) as told:
        return run.run(case, runs, seed, men_per_billet=grain, workers=workers, progress=told).data


def _measures(data: xr.Dataset, side: int) -> dict[str, np.ndarray]:
    """What is compared of a side, one number a run."""
    one = data.isel(side=side)
    found = {flow: one[flow].sum("day").values for flow in ("killed", "deserted", "surrendered", "refused", "returned")}
    return {name: np.asarray(values, float) for name, values in found.items()} | {
        "strength at the end": one.present.isel(day=-1).values.astype(float),
        "exits per 1,000 a month": result.exits_per_1000_month(one),
        "P(mass desertion)": (one.day_mass_desertion.values >= 0).astype(float),
        "P(front broken)": (one.day_front_broken.values >= 0).astype(float),
        "P(collapse)": (one.day_collapse.values >= 0).astype(float),
    }


def _differences(a: xr.Dataset, b: xr.Dataset) -> dict[str, Any]:
    """Second less first, for each side and measure: mean, standard error, and whether the runs are paired.

    Paired when both had the same seed, grain, side and number of runs: then each run's difference is taken under the
    same luck. Otherwise the errors add in quadrature.
    """
    same = (
        all(a.attrs.get(k) == b.attrs.get(k) for k in ("seed", "men_per_billet")) and a.sizes["run"] == b.sizes["run"]
    )
    sides: dict[str, Any] = {}
    for index, name in enumerate(str(s) for s in a.side.values):
        first, second = _measures(a, index), _measures(b, index)
        sides[name] = {key: _difference(first[key], second[key], same) for key in first}
    return {"paired": bool(same), "runs": [a.sizes["run"], b.sizes["run"]], "sides": sides}


def _difference(first: np.ndarray, second: np.ndarray, paired: bool) -> dict[str, float | None]:
    """Means, their difference and its standard error; no error from a single run."""
    if paired:
        each = second - first
        error = each.std(ddof=1) / math.sqrt(len(each)) if len(each) > 1 else math.nan
    else:
        parts = [x.var(ddof=1) / len(x) if len(x) > 1 else math.nan for x in (first, second)]
        error = math.sqrt(sum(parts))
    return {
        "a": float(first.mean()), "b": float(second.mean()), "difference": float(second.mean() - first.mean()),
        "standard_error": result.finite(float(error)),
    }  # fmt: skip


def _show(report: dict[str, Any]) -> None:
    """A table a side."""
    console = screen.console()
    how = "paired under the same luck" if report["paired"] else "not paired: seed, grain or number of runs differ"
    counts = f"{report['runs'][0]} and {report['runs'][1]} runs"
    console.print(f"A = {report['a']}")
    console.print(f"B = {report['b']}")
    console.print(f"{counts}, {how}; ± is two standard errors")
    for name, measured in report["sides"].items():
        table = Table("", title=name)
        for column in ("A", "B", "B − A"):
            table.add_column(column, justify="right")
        for key, value in measured.items():
            error = value["standard_error"]
            spread = "" if error is None else f" ± {2 * error:,.3g}"
            table.add_row(key, f"{value['a']:,.4g}", f"{value['b']:,.4g}", f"{value['difference']:+,.4g}{spread}")
        console.print(table)
