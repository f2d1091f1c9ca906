"""Whether cost is linear in men and in runs, and memory flat in runs: measured, and drawn.

    python bench/scaling.py --out bench/measured/scaling.json        # measures; about eight minutes on two quiet cores
    python bench/scaling.py --draw bench/measured/scaling.json       # the figure alone, docs/img/scaling.svg

Men: the engine alone (`bench/year.py`), one run of the war of 2023 scaled to 10^4 to 10^7 men, one to one; larger armies have
fewer days. The processor seconds are those of the days, compiling and building left out, and are shown for a year of 365 days.
Runs: 1 to 1,000 runs of a small army, eight at a time, as an ensemble has them. Every point is the least of some rounds, in
turn, since other programs can only add. The memory is the process's peak; each point has its own process.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
import against
from checkouts import BENCH, Checkout

FIGURE = BENCH.parent / "docs" / "img" / "scaling.svg"
MEN = {10_000: 360, 30_000: 360, 100_000: 360, 300_000: 360, 1_000_000: 120, 3_000_000: 60, 10_000_000: 30}
"""Days that armies of so many men are run for; whole stretches of 30."""
RUNS = (1, 8, 40, 200, 1000)
SMALL, SMALL_DAYS, TOGETHER = 10_000, 60, 8
"""Men and days of each of many runs, and how many of them go side by side."""


def points() -> Iterator[dict[str, int]]:
    """What is measured, the small first."""
    for men, days in MEN.items():
        yield {"men": men, "days": days, "runs": 1, "together": 1}
    for runs in RUNS:
        yield {"men": SMALL, "days": SMALL_DAYS, "runs": runs, "together": TOGETHER}


def measured(checkout: Checkout, cache: Path, point: Mapping[str, int]) -> dict[str, float]:
    """One process of one point: what it took."""
    words = [word for name, value in point.items() for word in (f"--{name}", str(value))]
    command = [checkout.python, str(BENCH / "year.py"), "--warm", *words]
    done = subprocess.run(command, env=checkout.environment(cache), capture_output=True, text=True)
    if done.returncode:
        raise against.CommandError(f"{point}: {against.last(done.stderr)}")
    return dict(json.loads(done.stdout))


def measure(checkout: Checkout, rounds: int, largest: int) -> dict[str, Any]:
    """Every point so many times, in turn; its least processor seconds and memory."""
    wanted = [point for point in points() if point["men"] <= largest]
    found: list[dict[str, Any]] = [{**point, "all": []} for point in wanted]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as cache:
        for number in range(rounds):
            for point, entry in zip(wanted, found):
                cost = measured(checkout, Path(cache), point)
                entry["all"].append(cost)
                words = f"{cost['simulate_processor_s']:.3g} processor s, {cost['peak_mb']:.0f} MB"
                print(f"{number + 1} of {rounds}: {point}: {words}", file=sys.stderr, flush=True)
    for entry in found:
        for name in ("simulate_processor_s", "peak_mb", "soldier_days", "build_s"):
            entry[name] = min(cost[name] for cost in entry["all"])
    return {
        "date": dt.date.today().isoformat(), "machine": against.machine(), "commit": checkout.commit(),
        "versions": against.versions(checkout), "points": found,
    }  # fmt: skip


def series(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows for the figure: of men, the seconds of a year and the memory; of runs, the seconds of all and the memory."""
    rows = []
    for one in found["points"]:
        many = one["together"] > 1
        seconds = one["simulate_processor_s"] * (1 if many else 365 / one["days"])
        rows.append(
            {
                "axis": "runs" if many else "men", "size": one["runs"] if many else one["men"], "seconds": seconds,
                "memory": one["peak_mb"], "rate": one["soldier_days"] / one["simulate_processor_s"] / 1e6,
            }
        )  # fmt: skip
    return rows


def slope(rows: Sequence[Mapping[str, float]]) -> float:
    """Slope of log seconds on log size by least squares: 1 where cost is linear."""
    import numpy as np

    size, seconds = (np.log([row[name] for row in rows]) for name in ("size", "seconds"))
    return float(np.polyfit(size, seconds, 1)[0])


def shared(rows: Sequence[Mapping[str, float]]) -> tuple[float, float]:
    """What a size of nothing would cost, and what each more adds [processor s]: the line nearest to the costs in proportion."""
    import numpy as np
    from scipy.optimize import nnls

    seconds = np.array([row["seconds"] for row in rows])
    sizes = np.array([row["size"] for row in rows], float)
    scale = sizes.max()
    (fixed, each), _ = nnls(np.column_stack([1 / seconds, sizes / scale / seconds]), np.ones(len(rows)))
    return float(fixed), float(each / scale)


TITLES = {
    "men": "men in one run of 365 days",
    "runs": f"runs of {SMALL:,} men for {SMALL_DAYS} days, {TOGETHER} at a time",
}


def draw(found: Mapping[str, Any], file: Path) -> None:
    """The figure: seconds and memory against men and against runs, beside a line in proportion to the size."""
    from holdfast.present import charts, vega

    columns = []
    for axis, title in TITLES.items():
        rows = [row for row in series(found) if row["axis"] == axis]
        last = rows[-1]
        for row in rows:
            row["ideal"] = last["seconds"] * row["size"] / last["size"]
        log = {"type": "log"}
        sizes = vega.field("size:Q", title=title, scale=log, axis=powers([row["size"] for row in rows], "~s"))
        ticks = powers([value for row in rows for value in (row["seconds"], row["ideal"])], "~g")
        seconds = vega.field("seconds:Q", title="processor seconds", scale=log, axis=ticks)
        memory = vega.field("memory:Q", title="peak memory, MB", scale={"zero": True})
        first, second = charts.SIDE_COLOURS[:2]
        dots = lambda colour: {"color": colour, "point": {"size": 40, "color": colour}}  # noqa: E731
        base = vega.chart(charts.rows(rows))
        ideal = vega.field("ideal:Q", title="processor seconds", scale=log, axis=ticks)
        line = base.mark("line", strokeDash=[4, 4], color="grey").encode(x=sizes, y=ideal)
        cost = base.mark("line", **dots(first)).encode(x=sizes, y=seconds)
        peak = base.mark("line", **dots(second)).encode(x=sizes, y=memory).properties(width=300, height=130)
        columns.append(vega.vconcat(vega.layer(line, cost).properties(width=300, height=220), peak))
    subtitle = "Dashed: in proportion to the size, through the largest"
    figure = charts.titled(vega.hconcat(*columns), "Cost and memory against men and runs", subtitle)
    file.parent.mkdir(parents=True, exist_ok=True)
    vega.altair_of(lambda: figure).save(str(file))


def powers(values: Sequence[float], format: str) -> dict[str, object]:
    """An axis with a tick at each power of ten within some values and one beyond."""
    first, last = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return {"format": format, "values": [10.0**power for power in range(first, last + 1)]}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and draw, or draw what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--out", type=Path, default=BENCH / "measured" / "scaling.json", help="file for what is measured"
    )
    parser.add_argument("--draw", type=Path, help="only draw what is in this file")
    parser.add_argument("--figure", type=Path, default=FIGURE, help="file of the figure, SVG or PNG")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--largest", type=int, default=max(MEN), help="men of the largest army")
    parser.add_argument("--python", default=sys.executable, help="interpreter of this checkout")
    options = parser.parse_args(arguments)
    if not options.draw:
        found = measure(Checkout(BENCH.parent, options.python), options.rounds, options.largest)
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf8")
    found = json.loads((options.draw or options.out).read_text(encoding="utf8"))
    for row in series(found):
        print(
            f"{row['axis']} {row['size']:>12,} {row['seconds']:>10.3g} s {row['memory']:>8,.0f} MB {row['rate']:>7.1f} million/s"
        )
    draw(found, options.figure)


if __name__ == "__main__":
    main()
