"""Do simulated armies in the grey band live for years, as ARVN, the Ottomans and Ukraine did?

    python bench/history/grey_band.py

Every shipped case under draws of the shipped posterior, at three levels of its own resolve, for three years. Of the armies
that in the first 240 days lost 11 to 30 men per 1,000 a month by choice: how many have not collapsed after one, two, three
years, beside those in the other bands; and in how many the state has ended the war while its army stood.
"""

from __future__ import annotations

import sys
from statistics import NormalDist

import numpy as np

from holdfast.calibration import outcome_model, posterior, simulations
from holdfast.coded_armies import army, reader
from holdfast.core import runtime
from holdfast.core.units import MONTH_DAYS
from holdfast.stats import intervals

runtime.prepare()


YEARS, DRAWS, LEVELS = 3, 8, 3
BANDS = {"holding": (0.3, 8), "between": (8, 11), "grey": (11, 30), "above": (30, 1e9)}


def main() -> None:
    """Run, and print a line for each band."""
    of = posterior.shipped()
    cases = army.independent(reader.shipped())
    weighed = posterior.weigh(of, cases)
    rows = intervals.resampled(weighed.log_weight, DRAWS, 1)
    layer = {name: np.asarray(value) for name, value in outcome_model.values(weighed.layer[rows]).items()}
    codes, ratio = simulations.coded_arrays(cases)
    deviates = np.array([NormalDist().inv_cdf((k + 0.5) / LEVELS) for k in range(LEVELS)])
    lean = np.asarray(outcome_model.leaning({n: v[:, None] for n, v in layer.items()}, codes[None]))
    level = (layer["resolve_mean"][:, None] + lean)[..., None] + layer["resolve_between"][:, None, None] * deviates
    job = simulations.Job(
        simulations.values(of.paths, weighed.inputs[rows]), codes, ratio, level, simulations.luck_of(cases), 1
    )
    runs = simulations.simulated_armies(job)
    early, ended, terms = [], [], []
    for begin in range(0, len(runs), simulations.BATCH):
        days = simulations.batch(runs, begin, 1, days=365 * YEARS)
        count = min(simulations.BATCH, len(runs) - begin)
        fought = days["active"] > 0
        first = slice(0, 240)
        left = (days["left"][first] * fought[first]).sum(0) / np.maximum(
            (days["present"][first] * fought[first]).sum(0), 1
        )
        early += list((left * MONTH_DAYS * 1000)[:count])
        ended += list(fought.sum(0)[:count])
        terms += list((days["settled"] > 0).any(0)[:count])
        print(f"\r{begin + count} of {len(runs)} runs", end="", file=sys.stderr)
    rate, day, settled = np.array(early), np.array(ended), np.array(terms)
    print(
        "\nband, exits per 1,000 a month in 240 days: armies that stood then, of them not collapsed in 1, 2, 3 years; settled"
    )
    for name, (low, high) in BANDS.items():
        chosen = (rate >= low) & (rate < high) & (day >= 240)
        if chosen.any():
            over = [day[chosen] < 365 * year for year in range(1, YEARS + 1)]
            stand = ", ".join(f"{1 - np.mean(each & ~settled[chosen]):.0%}" for each in over)
            peace = ", ".join(f"{np.mean(each & settled[chosen]):.0%}" for each in over)
            print(f"{name:8s} {low:g}-{high:g}: {chosen.sum()} armies, {stand}; {peace}")


if __name__ == "__main__":
    main()
