"""How fast: soldier-days a second, alone and beside others, measured in one go. [IO]

`python -m holdfast.cli.bench MEN DAYS` is one process of one thread; `_measure` runs several at once and adds them up.
"""

from __future__ import annotations

import importlib.util
import json as json_module
import resource
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

from cyclopts import App

from holdfast.cli import console, options
from holdfast.cli.options import Json, Whole
from holdfast.core import runtime

if TYPE_CHECKING:
    from holdfast.engine.simulate import World


app = App(name="bench", help_format="markdown")

CASE = "russia-ukraine-2023"
STRETCH = 30


@app.default
def bench(
    *, men: Whole = 1_000_000, days: Whole = 60, processes: Whole | None = None, peers: bool = True, json: Json = False
) -> int:
    """Measure soldier-days per second, and the ratio to the NumPy reference and to peers where installed.

    Example: `holdfast bench --json`

    Args:
        men: Men, one to one.
        days: Days.
        processes: Processes of one thread; one for each core unless given.
        peers: Also time Mesa and Starsim where they are installed.
    """
    options.refuse(options.count_faults(men=men, days=days, processes=processes))
    with console.step("Compiling, then measuring; about a minute", quiet=json):
        speed = _measure(men, days, processes or runtime.cores(), peers)
    if json:
        console.show_json(speed)
        return 0
    console.show(
        f"{speed['soldier_days_per_second'] / 1e6:,.0f} million occupied soldier-days a second on {speed['device']}: "
        f"{speed['processes']} process(es) of one thread, {speed['men']:,} men each, {speed['days']} days in "
        f"{speed['wall_s']:.1f} s",
        f"compiled in {speed['compile_s']:.1f} s (stored for the next time); "
        f"peak memory {speed['peak_memory_mb']:,.0f} MB a process",
        *(f"one process is {ratio:,.0f} times as fast as {peer}" for peer, ratio in speed["ratios"].items()),
    )
    if not {"mesa", "starsim"} & set(speed["ratios"]):
        console.show("Mesa and Starsim are not installed here; with them installed, they are timed too.")
    return 0


def _measure(men: int, days: int, processes: int, peers: bool) -> console.Document:
    """Run the benchmark in so many processes at once, then the reference and the peers that are installed."""
    days = max(STRETCH, days // STRETCH * STRETCH)
    command = [sys.executable, "-m", "holdfast.cli.bench", str(men), str(days)]
    started = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True) for _ in range(processes)
    ]
    try:
        for process in started:  # all compiled before any is timed
            assert process.stdout is not None
            if process.stdout.readline().strip() != "ready":
                raise RuntimeError("a benchmark process failed; what it said stands above")
        for process in started:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        parts = [json_module.loads(process.stdout.readline()) for process in started if process.stdout]
    finally:
        for process in started:
            process.kill()
    rate = sum(one["soldier_days"] / one["wall_s"] for one in parts)
    of_processor = sum(one["soldier_days"] for one in parts) / sum(one["processor_s"] for one in parts)
    one_core = parts[0]["soldier_days"] / parts[0]["wall_s"]
    ratios = {"numpy reference": one_core / _reference_rate()}
    if peers:
        ratios |= {name: one_core / peer() for name, peer in PEERS.items() if importlib.util.find_spec(name)}
    return {
        "soldier_days_per_second": rate, "soldier_days_per_processor_second": of_processor,
        "men": parts[0]["men"], "days": days,
        "wall_s": max(one["wall_s"] for one in parts), "compile_s": max(one["compile_s"] for one in parts),
        "peak_memory_mb": max(one["peak_memory_mb"] for one in parts), "device": parts[0]["device"],
        "processes": processes, "ratios": ratios,
    }  # fmt: skip


def _world_of(men: int) -> World:
    """The 2023 case with so many men present at the start, one to one."""
    from holdfast.ensemble.plan import load_scenario
    from holdfast.scenario import build

    case = load_scenario(CASE)
    share = men / sum(side.strength or 0 for side in case.document.side)
    values = {
        f"{side.name}.{name}": round(value * share)
        for side in case.document.side
        for name in ("strength", "establishment")
        if (value := getattr(side, name))
    }
    return build.world(case.with_values(values).document, 1)[0]


def _one_process(men: int, days: int) -> None:
    """Compile, say that it is ready, wait for the word, then run the days."""
    import jax
    import numpy as np

    from holdfast.engine.simulate import simulate

    world = _world_of(men)
    begin = time.monotonic()
    for _ in simulate(world, 0, range(1)):
        break
    compiled = time.monotonic() - begin
    print("ready", flush=True)
    sys.stdin.readline()
    soldier_days, begin, used = 0, time.monotonic(), time.process_time()
    for done, flows, _, state in simulate(world, 1, range(1)):
        jax.block_until_ready(state)
        soldier_days += int(np.asarray(flows.side["present"], np.int64).sum())
        if done >= days:
            break
    measured = {
        "soldier_days": soldier_days, "wall_s": time.monotonic() - begin, "processor_s": time.process_time() - used,
        "compile_s": compiled, "men": int(world.state.units.present.sum()),
        "device": str(jax.devices()[0].device_kind), "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }  # fmt: skip
    print(json_module.dumps(measured), flush=True)


def _reference_rate(men: int = 40_000, days: int = 6) -> float:
    """Soldier-days a second of the NumPy reference on one core, on a smaller army of the same case."""
    from holdfast.engine import reference

    world = _world_of(men)
    begin, soldier_days = time.monotonic(), 0
    for day, (flows, _) in enumerate(reference.simulate(world, 0, 0)):
        soldier_days += int(flows["side"]["present"].sum())
        if day + 1 >= days:
            break
    return soldier_days / (time.monotonic() - begin)


def _mesa_rate(agents: int = 20_000, days: int = 5) -> float:
    """Agent-steps a second of Mesa on a soldier of its own: one object, one step, no space."""
    import mesa

    class Soldier(mesa.Agent):  # type: ignore[misc]
        def __init__(self, model: Any) -> None:
            super().__init__(model)
            self.risk, self.here = 2e-4, True

        def step(self) -> None:
            self.risk += (self.model.seen - self.risk) / 30
            if self.here and self.random.random() < self.risk:
                self.here = False

    class Army(mesa.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(seed=1)
            self.seen = 1e-3
            Soldier.create_agents(self, agents)

        def step(self) -> None:
            self.agents.do("step")

    army = Army()
    begin = time.monotonic()
    for _ in range(days):
        army.step()
    return agents * days / (time.monotonic() - begin)


def _starsim_rate(agents: int = 100_000, days: int = 20) -> float:
    """Agent-steps a second of Starsim on its own SIR over a random network."""
    import starsim

    sim = starsim.Sim(
        n_agents=agents, diseases=starsim.SIR(), networks=starsim.RandomNet(), start="2020-01-01", dt=starsim.days(1),
        dur=starsim.days(days), verbose=0,
    )  # fmt: skip
    sim.init()
    begin = time.monotonic()
    sim.run()
    return agents * days / (time.monotonic() - begin)


PEERS = {"mesa": _mesa_rate, "starsim": _starsim_rate}


if __name__ == "__main__":
    _one_process(int(sys.argv[1]), int(sys.argv[2]))
