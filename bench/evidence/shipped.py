"""What the shipped claims give, by NUTS and by the fast fit: the figures of `docs/evidence.md`.

    python bench/evidence/shipped.py --out FOLDER

Writes `shipped.json`: totals by year, the essay's claims, how far the fast fit is from NUTS, seconds. Fits are made anew.
"""

from __future__ import annotations

import argparse
import datetime as dt
import time
from collections import Counter
from pathlib import Path

import numpy as np

from holdfast.evidence import losses, reconcile, verdict
from holdfast.evidence.claims import table
from holdfast.evidence.posterior import QUANTITIES, Posterior, quantiles
from holdfast.io import files

ESSAY_DAY = dt.date(2023, 11, 15)
UNION_DEAD, UNION_DAY = 110_070, dt.date(1865, 6, 30)


def years(posterior: Posterior) -> dict[str, dict[str, dict[str, dict[str, float]]]]:
    """Totals of each year, and of all."""
    first, last = posterior.calendar.first, posterior.calendar.last
    made: dict[str, dict[str, dict[str, dict[str, float]]]] = {}
    for side in posterior.sides:
        for quantity in QUANTITIES:
            made.setdefault(side, {})[quantity] = {
                str(year): quantiles(
                    posterior.total(side, quantity, max(first, dt.date(year, 1, 1)), min(last, dt.date(year, 12, 31)))
                )
                for year in range(first.year, last.year + 1)
            } | {"all": quantiles(posterior.total(side, quantity))}
    return made


def essay(posterior: Posterior) -> dict[str, object]:
    """The essay's number in the posterior of the dead, and of killed and wounded, by its day."""
    killed = posterior.total("russia", "killed", end=ESSAY_DAY)
    both = killed + posterior.total("russia", "wounded", end=ESSAY_DAY)
    claim = losses.as_claim(posterior, "over 300000 killed russia 2023-11-15")
    summed = verdict.stock_flow(posterior, claim)
    return {
        "killed": quantiles(killed), "killed_p99": float(np.quantile(killed, 0.99)), "killed_max": float(killed.max()),
        "killed_and_wounded": quantiles(both), "share_below_300000": float(np.mean(both < 300_000)),
        "arithmetic": summed.lines if summed else None,
        "verdict": verdict.as_json(verdict.judge(posterior, [claim], every=True)[0], with_readings=True),
    }  # fmt: skip


def apart(exact: Posterior, near: Posterior) -> dict[str, dict[str, dict[str, float]]]:
    """The fast fit against NUTS: medians apart in posterior SDs, and the ratio of widths."""
    made: dict[str, dict[str, dict[str, float]]] = {}
    for side in exact.sides:
        for quantity in QUANTITIES:
            a, b = exact.total(side, quantity), near.total(side, quantity)
            made.setdefault(side, {})[quantity] = {
                "median_in_sd": float((np.median(b) - np.median(a)) / a.std()),
                "width": float(np.ptp(np.quantile(b, [0.05, 0.95])) / np.ptp(np.quantile(a, [0.05, 0.95]))),
            }
    return made


def union() -> dict[str, object]:
    """The Union's dead from lists that leave out those who died later, by both methods."""
    claims = table.read("union_1861")
    made: dict[str, object] = {"truth": UNION_DEAD}
    for fast in (False, True):
        killed = reconcile.reconcile(claims, fast=fast).total("union", "killed", end=UNION_DAY)
        made["fast" if fast else "nuts"] = quantiles(killed) | {
            "p10": float(np.quantile(killed, 0.1)), "p90": float(np.quantile(killed, 0.9)),
            "rank_of_truth": float(np.mean(killed < UNION_DEAD)),
        }  # fmt: skip
    return made


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    folder = parser.parse_args().out
    folder.mkdir(parents=True, exist_ok=True)
    claims = table.read("russia_ukraine")
    begin = time.monotonic()
    near = reconcile.reconcile(claims, fast=True)
    middle = time.monotonic()
    exact = reconcile.reconcile(claims)
    end = time.monotonic()
    found = verdict.judge(exact, claims)
    told = {
        "seconds": {"fast": middle - begin, "nuts": end - middle},
        "diagnostics": dict(exact.diagnostics), "years": years(exact), "essay": essay(exact),
        "essay_fast": essay(near), "apart": apart(exact, near), "union": union(),
        "verdicts": dict(Counter(one.verdict for one in found)),
    }  # fmt: skip
    files.write_json(folder / "shipped.json", told)
    print(files.json_indented({name: told[name] for name in ("seconds", "diagnostics", "union", "verdicts", "apart")}))


if __name__ == "__main__":
    main()
