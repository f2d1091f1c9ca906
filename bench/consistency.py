"""Do run, forecast, assess and backtest say the same of the same army?

    python bench/consistency.py [--runs 80] [--forecast-runs 100] [--json]

For each army of history that is also a side of a shipped scenario: P(collapse) by `holdfast run`, under draws that its war did
not teach; by `holdfast assess` from codes of the middle of its span, its war left out, by the engine's definition within 240
days and as a historian would code it; by `holdfast backtest` from codes of the whole span, its war left out. For both armies
of 2023 also by `holdfast forecast`. A scenario knows what happened on its dates; codes know three levels of ten pressures and
no enemy; a forecast knows nothing after its day. The largest difference between any two answers is printed last.
"""

from __future__ import annotations

import argparse
import json

import numpy as np

import holdfast as hf
from holdfast.calibration import history, predictor
from holdfast.calibration.holdout import WAR_OUT, Holdout
from holdfast.core import runtime
from holdfast.engine import outcomes
from holdfast.ensemble.plan import load_scenario
from holdfast.scenario import catalogue

runtime.prepare()

HORIZON = 240
"""Length of a run of a coded army [d]."""
FORECAST = "russia-ukraine-2023"


def main() -> None:
    """Print a row for each army."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=80)
    parser.add_argument("--forecast-runs", type=int, default=100)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    rows = [row for name in catalogue.names() for row in of_scenario(name, chosen.runs)]
    if chosen.forecast_runs:
        forecast = hf.forecast(runs=chosen.forecast_runs)
        for row in rows:
            if row["scenario"] == FORECAST:
                ends = forecast.by_day(str(row["side"]))
                row |= {f"forecast_{day}": chances["collapse"]["p"] for day, chances in ends.items()}
    for row in rows:
        same = [
            row["run"],
            row["assess_engine"],
            row["assess_coded"],
            *([row["forecast_240"]] if "forecast_240" in row else []),
        ]
        row["apart"] = max(same) - min(same)
    if chosen.json:
        print(json.dumps(rows, indent=1))
        return
    print(
        f"{'army':14s} {'scenario':20s} days  run (90 %)        settled  assess {HORIZON} d  coded  backtest  apart  came"
    )
    for row in rows:
        print(
            f"{row['army']:14s} {row['scenario']:20s} {row['days']:4d}  {row['run']:.2f} ({row['p05']:.2f}-{row['p95']:.2f})"
            f"  {row['run_settled']:7.2f}  {row['assess_engine']:12.2f}  {row['assess_coded']:5.2f}  {row['backtest']:8.2f}"
            f"  {row['apart']:5.2f}  {'yes' if row['came'] else 'no'}"
            + "".join(f"  {name} {row[name]:.2f}" for name in row if name.startswith("forecast"))
        )


def of_scenario(name: str, runs: int) -> list[dict[str, object]]:
    """A row for each side of a scenario that is an army of history."""
    document = load_scenario(name).document
    sides = [(place, side) for place, side in enumerate(document.side) if side.coded_army]
    if not sides:
        return []
    result = hf.simulate(name, runs=runs)
    ends = result.summary()["sides"]
    rows = []
    for _, side in sides:
        day = str(HORIZON if document.days > HORIZON else document.days)
        chance = ends[side.name]["by_day"][day]  # type: ignore[index]
        rows.append({
            "army": side.coded_army, "scenario": name, "side": side.name, "days": int(day), "run": chance["collapse"]["p"],
            "p05": chance["collapse"]["p05"], "p95": chance["collapse"]["p95"], "run_settled": chance["settlement"]["p"],
            **of_codes(str(side.coded_army)),
        })  # fmt: skip
    return rows


def of_codes(name: str) -> dict[str, object]:
    """What the codes of an army say of it, its war left out."""
    own, out = history.coded(name), history.of_wars([name])
    by = predictor.shipped()
    days = outcomes.HORIZONS[-1]
    ran = by.by_runs([own], out, predictor.DRAWS, workers=runtime.cores(), progress=lambda *_: None, days=days)
    engine = outcomes.incidence(ran.ends, [HORIZON])[HORIZON]["collapse"]
    whole = next(army for army in by.training.armies if army.army_id == name)
    explained = by.by_weights([Holdout(whole, WAR_OUT, out)], exits=False)
    return {
        "assess_engine": float(np.mean(engine)), "assess_coded": float(ran.means()[0][0]),
        "backtest": float(explained.means()[0][0]), "came": bool(whole.collapse),
    }  # fmt: skip


if __name__ == "__main__":
    main()
