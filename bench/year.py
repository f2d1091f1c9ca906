"""The war of 2023, run in this process by the engine alone: `python bench/year.py [OPTIONS]`, one to one for 365 days.

The world is built and simulated; nothing is drawn or written. Printed is JSON: soldier-days, seconds of building and
of all days, and the process's peak memory. It runs with the sources of 29020d6 too, whose modules have other names, so that
`bench/against.py` can set the two side by side.
"""

import argparse
import json
import resource
import time

SCENARIO = "russia-ukraine-2023"


def load(men: int | None):
    """The scenario's document, with both armies scaled to so many men together."""
    import holdfast

    scenario = getattr(holdfast, "load_scenario", None) or holdfast.load_case
    scenario = scenario(SCENARIO)
    document = document_of(scenario)
    if men is None:
        return document
    share = men / sum(side.strength for side in document.side)
    values = {
        f"{side.name}.{name}": round(value * share)
        for side in document.side
        for name in ("strength", "establishment")
        if (value := getattr(side, name))
    }
    return document_of(scenario.with_values(values))


def document_of(scenario):
    """What a loaded scenario holds, by its name here or in the reference."""
    return scenario.document if hasattr(scenario, "document") else scenario.scenario


def measure(men: int | None, men_per_billet: int, days: int, runs: int, together: int, warm: bool) -> dict[str, float]:
    """Build the world, simulate the runs, some at a time, and say what it took."""
    document = load(men)
    try:
        from holdfast.engine.simulate import simulate
    except ModuleNotFoundError:
        from holdfast.simulate import simulate
    import numpy as np

    from holdfast.scenario import build

    begin = time.monotonic()
    world = build.world(document, men_per_billet)[0]
    build_s = time.monotonic() - begin
    if warm:
        next(iter(simulate(world, 0, range(min(together, runs)))))
    begin, used, soldier_days = time.monotonic(), time.process_time(), 0
    for first in range(0, runs, together):
        for done, flows, _, _ in simulate(world, 1, range(first, min(first + together, runs))):
            soldier_days += int(np.asarray(flows.side["present"], np.int64).sum())
            if done >= days:
                break
    return {
        "men": int(world.state.units.present.sum()) * men_per_billet, "runs": runs, "days": days,
        "soldier_days": soldier_days, "build_s": build_s, "simulate_s": time.monotonic() - begin,
        "simulate_processor_s": time.process_time() - used,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--men", type=int, help="men of both armies together; the scenario's own unless given")
    parser.add_argument("--men-per-billet", type=int, default=1)
    parser.add_argument("--days", type=int, default=365, help="at least; whole stretches are run")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--together", type=int, default=1, help="runs in one batch")
    parser.add_argument("--warm", action="store_true", help="run the first stretch once before: compiling is left out")
    given = parser.parse_args()
    print(json.dumps(measure(given.men, given.men_per_billet, given.days, given.runs, given.together, given.warm)))
