"""The shipped year of Russia and Ukraine against the maps: ground by sector, what the runs have and what makers of maps measured.

    python bench/front/year.py [--runs 40]

The days are those on which Avdiivka and Vuhledar fell, and the last one with maps.
"""

from __future__ import annotations

import argparse

import numpy as np

from holdfast.ensemble.run import simulate

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
DAYS = {"Avdiivka fell": "2024-02-17", "Vuhledar fell": "2024-10-02", "a year on": "2024-11-13"}


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=40)
    data = simulate("russia-ukraine-2023", runs=parser.parse_args().runs, seed=1).data
    ours, seen = data.line_km * data.sector_km, data.ground_seen
    for what, day in DAYS.items():
        print(f"{what}, {day}: quantiles of the runs at {LEVELS} | {', '.join(map(str, seen.maker.values))} [km2]")
        for sector in [*data.sector.values, None]:
            one = lambda each: each.sum("sector") if sector is None else each.sel(sector=sector)  # noqa: B023, E731
            runs = np.quantile(one(ours).sel(day=day), LEVELS)
            maps = one(seen).sel(day=day).values
            print(f"  {sector or 'all':20}", *(f"{x:8,.0f}" for x in runs), " |", *(f"{x:7,.0f}" for x in maps))


if __name__ == "__main__":
    main()
