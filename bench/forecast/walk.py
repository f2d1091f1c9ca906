"""The walk and the pool of forecasts without the engine, over rolling origins: seconds once the evidence is fitted.

    python bench/forecast/walk.py [--alone] [--csv FILE]

Scores killed, strength, deserters and ground from every quarter since November 2023 against what followed, as `holdfast forecast
--rolling` does, and prints coverage and CRPS over *the last month persists*. The engine's components are left out of the
pool: for deserters and ground this is a part of the forecast, for killed and strength all of it. `--alone`: the walk alone.
The evidence's fits (a minute or two each the first time) are kept in the cache.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
from pathlib import Path

import numpy as np

from holdfast.ensemble.plan import load_scenario
from holdfast.evidence import losses
from holdfast.forecasting import paths, projection, request, run, scores, stack
from holdfast.forecasting.as_of import evidence_as_of
from holdfast.forecasting.result import Forecast, flat
from holdfast.io import files


def without_engine(as_of: dt.date, until: dt.date = request.UNTIL, seed: int = 1) -> Forecast:
    """A forecast of which no run was made.

    Args:
        as_of: its day.
        until: last day.
        seed: of the walk.

    Returns:
        The forecast, its components not pooled.
    """
    scenario = load_scenario()
    sides = [side.name for side in scenario.document.side]
    evidence = evidence_as_of(losses.table(scenario.name, None), sides, as_of, seed)
    projections = projection.project(evidence, until, seed)
    months = len(projections[sides[0]].months)
    none = np.zeros((0, len(sides)), int)
    empty = paths.SimulatedPaths(
        np.zeros(0, int),
        np.zeros((0, len(sides), months)),
        np.zeros((0, months)),
        none,
        none,
        none,
        none,
        np.zeros((0, 2)),
        0,
    )
    observations = scores.shipped_observations(losses.shipped_for(scenario.name))
    return stack.with_ground(
        Forecast(
            scenario.name, scenario.hash, as_of, until, evidence=evidence, projections=projections, paths=empty,
            parameters=projection.PRIOR, seed=seed, men_per_billet=run.MEN_PER_BILLET,
            observations=observations | scores.ground_gained(observations, sides[0], as_of),
        )
    )  # fmt: skip


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--alone", action="store_true", help="the walk alone, not pooled")
    parser.add_argument("--csv", type=Path, help="write the scores of each month too")
    given = parser.parse_args()
    past = stack.shipped_past(losses.shipped_for(load_scenario().name))
    months = []
    for as_of in run.origins(request.START, request.UNTIL):
        forecast = without_engine(as_of)
        alone = {
            side: {name: forecast.walk(side, name) for name in forecast.quantities(side)} for side in forecast.sides
        }
        forecast = dataclasses.replace(forecast, pooled=alone) if given.alone else stack.pooled(forecast, past)
        for quantity, weights in forecast.weights.items():
            print(as_of, quantity, *(f"{name} {weight:.2f}" for name, weight in weights.items()))
        months += [(as_of, score) for score in scores.month_scores(forecast)]
    for row in flat(scores.score_table([score for _, score in months])):
        print(
            f"{row['side']:8} {row['quantity']:14} {row['horizon']:5} {row['months']:4}  in 90 {row['inside_90']:.2f}"
            f"  in 50 {row['inside_50']:.2f}  over persists {row['persists_ratio']:.2f}  over trend {row['trend_ratio']:.2f}"
        )
    if given.csv:
        columns = ("as_of", "side", "quantity", "horizon", "by", "inside_90", "inside_50", "crps")
        files.write_table(given.csv, [(day, *dataclasses.astuple(score)) for day, score in months], columns)


if __name__ == "__main__":
    main()
