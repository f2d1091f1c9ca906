"""Does the surrogate say what the runs say? Every shipped army by both, under the same posterior.

    python bench/history/agreement.py

Prints the correlation and the mean distance of P(collapse) and P(mass desertion), and what each scores; also the time that
the runs took, which is what a backtest of as many unseen armies takes.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from holdfast.calibration import posterior
from holdfast.calibration import predictor as predictors
from holdfast.calibration.holdout import FITTED, Holdout
from holdfast.coded_armies import army as coded
from holdfast.coded_armies import reader
from holdfast.core import runtime
from holdfast.stats import scoring

runtime.prepare()


def main() -> None:
    """Run all armies, ask the surrogate, compare."""
    of = posterior.shipped()
    armies = coded.independent(reader.shipped())
    predictor = predictors.predictor(of, armies)
    by_surrogate = predictor.by_weights([Holdout(army, FITTED) for army in armies]).means()
    begin = time.monotonic()
    ran = predictors.unseen(
        armies, predictor.weighed, workers=runtime.cores(),
        progress=lambda done, total, _: print(f"\r{done} of {total} parts", end="", file=sys.stderr),
    ).means()  # fmt: skip
    seconds = time.monotonic() - begin
    print()
    for name, one, other in zip(("collapse", "mass_desertion"), by_surrogate, ran, strict=True):
        came = np.array([float(bool(getattr(army, name))) for army in armies])
        score = [f"AUC {scoring.auc(p, came):.3f}, Brier {scoring.brier(p, came):.3f}" for p in (one, other)]
        print(
            f"P({name}): correlation {np.corrcoef(one, other)[0, 1]:.3f}, mean distance {np.abs(one - other).mean():.3f}"
        )
        print(f"  surrogate {score[0]}; runs {score[1]} (both have seen the outcomes)")
        worst = np.argsort(-np.abs(one - other))[:5]
        print("  furthest:", ", ".join(f"{armies[i].army_id} {one[i]:.2f} / {other[i]:.2f}" for i in worst))
    print(f"{len(armies)} armies run in {seconds:.0f} s")


if __name__ == "__main__":
    main()
