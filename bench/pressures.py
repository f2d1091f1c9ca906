"""What the essay's five pressures do to the Russian army of November 2023, each alone and together, in runs.

    python bench/pressures.py [RUNS]

Prints a table in Markdown. All rows are under the same draws and luck; the pressures are set to the extreme codes of
`docs/model.md`, from the first day on.
"""

import sys

import holdfast as hf
from holdfast.ensemble import result
from holdfast.stats.intervals import quantiles

PRESSURES = {
    "as the case stands": ({}, ()),
    "losses doubled": ({"russia.killed_per_1000_month": 20.8}, ()),
    "no prospect of victory": ({"russia.news": -0.9}, ()),
    "a wave of mobilisation": ({}, ("mobilisation_wave:russia",)),
    "the leader dies": ({}, ("leader_death:russia",)),
    "the regime in disarray": ({"russia.regime.elite_level": 0.2}, ("elite_mutiny:russia",)),
}


def main(runs: int) -> None:
    """Run each pressure, then all of them together."""
    everything = {path: value for values, _ in PRESSURES.values() for path, value in values.items()}
    effects = tuple(effect for _, own in PRESSURES.values() for effect in own)
    rows = {**PRESSURES, "all five together": (everything, effects)}
    print(
        "| pressure on Russia | exits per 1,000 a month | mass desertion | front broken | collapse | state ends the war |"
    )
    print("| --- | --- | --- | --- | --- | --- |")
    for name, (values, own) in rows.items():
        case = hf.load_scenario("russia-ukraine-2023").with_values(values).with_effects(*own)
        data = hf.simulate(case, runs=runs, seed=1).data
        side = data.isel(side=0)
        rate = quantiles(result.exits_per_1000_month(side))
        outcomes = ("mass_desertion", "front_broken", "collapse", "settlement")
        counts = [int((side[f"day_{what}"] >= 0).sum()) for what in outcomes]
        cells = " | ".join(f"{count} of {runs}" for count in counts)
        print(f"| {name} | {rate['p50']:.1f} ({rate['p05']:.1f}–{rate['p95']:.1f}) | {cells} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 8)
