"""`holdfast bench`."""

from __future__ import annotations

import json as text

from holdfast import bench as measuring
from holdfast.cli import progress, screen
from holdfast.cli.running import positive


def bench(men: int, days: int, processes: int | None, peers: bool, json: bool) -> int:
    """Measure and print."""
    positive(men=men, days=days, processes=processes)
    with progress.step("Compiling, then measuring; about a minute", quiet=json):
        told = measuring.measure(men, days, processes or measuring.processes(), peers)
    if json:
        print(text.dumps(told))
        return 0
    console = screen.console()
    console.print(
        f"{told['soldier_days_per_second'] / 1e6:,.0f} million occupied soldier-days a second on {told['device']}: "
        f"{told['processes']} process(es) of one thread, {told['men']:,} men each, {told['days']} days in "
        f"{told['wall_s']:.1f} s"
    )
    console.print(
        f"compiled in {told['compile_s']:.1f} s (kept for the next time); "
        f"peak memory {told['peak_memory_mb']:,.0f} MB a process"
    )
    for peer, ratio in told["ratios"].items():
        console.print(f"one process is {ratio:,.0f} times as fast as {peer}")
    if not {"mesa", "starsim"} & set(told["ratios"]):
        console.print("Mesa and Starsim are not installed here; with them installed, they are timed too.")
    return 0
