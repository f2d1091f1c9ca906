"""What a design costs beside the engine alone, and what a second process gives; printed as JSON.

    python bench/designs.py [SCENARIO] [--points 8]

The engine alone: worlds that stand ready, 64 side by side, at the grain of `holdfast explain`. The design: points under 64 draws,
each world built, its course changed, what came of it worked out and stored, in one process and in two. Each is run once before it
is measured, so that nothing is compiled; processor seconds are of all processes, those of starting them included.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable

import holdfast as hf
from holdfast.engine.simulate import Apart, simulate
from holdfast.ensemble import designs, inference
from holdfast.ensemble.designs import Design
from holdfast.ensemble.draw import written
from holdfast.explanation import pressures
from holdfast.explanation.run import BILLETS
from holdfast.scenario import build, layout


def cost(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and processor seconds of work, children included."""
    before, begin = os.times(), time.monotonic()
    work()
    after = os.times()
    return time.monotonic() - begin, sum(after[:4]) - sum(before[:4])


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenario", nargs="?", default="russia-ukraine-2023")
    parser.add_argument("--points", type=int, default=8)
    given = parser.parse_args()
    scenario = hf.load_scenario(given.scenario)
    grain = designs.grain(scenario.document, BILLETS)
    draws = inference.draws(scenario.document, scenario.base, runs=designs.BATCH, seed=1, men_per_billet=grain).each
    side = scenario.document.side[0]
    changes = [pressures.put(side, dict.fromkeys(pressures.NINE[: 1 + point], 1.0)) for point in range(given.points)]
    document = designs.checked(scenario, changes, men_per_billet=grain)
    runs = tuple((point, draw) for point in range(len(changes)) for draw in range(len(draws)))
    design = Design(document, tuple(changes), draws, runs, seed=1, men_per_billet=grain)
    worlds = [build.world(written(document, draw), grain)[0] for draw in draws]

    def engine() -> None:
        for _ in simulate(worlds, 1, range(len(draws)), least=Apart.COURSE):
            pass

    works = {
        "engine": engine, "one": lambda: designs.carry_out(design, workers=1), "two": lambda: designs.carry_out(design, workers=2),
    }  # fmt: skip
    measured = {}
    for name, work in works.items():
        work()
        measured[name] = cost(work)
    per_run = {name: each[1] / (len(draws) if name == "engine" else len(runs)) for name, each in measured.items()}
    print(json.dumps({
        "scenario": given.scenario, "billets": layout.billets(document, grain), "days": document.days, "runs": len(runs),
        "processor_s_per_run": per_run, "wall_s": {name: each[0] for name, each in measured.items()},
        "design_over_engine": per_run["one"] / per_run["engine"],
        "wall_of_one_over_two": measured["one"][0] / measured["two"][0],
    }, indent=1))  # fmt: skip


if __name__ == "__main__":
    main()
