"""`holdfast calibrate`: learn the model's inputs from the coded cases, and keep the posterior."""

from __future__ import annotations

import dataclasses
import json as text
import time
from pathlib import Path
from typing import Any

from rich.table import Table

from holdfast.calibration import diagnostics, posterior
from holdfast.calibration import run as calibration_run
from holdfast.calibration.run import Calibrated
from holdfast.cli import run, screen
from holdfast.coded_armies import reader
from holdfast.core import runtime
from holdfast.ensemble import store

UNFINISHED = ".unfinished"
FILE = "posterior.npz"


def show(out: Path, cases: Path | None, seed: int, quick: bool, workers: int | None, json: bool) -> int:
    """Calibrate, write, print."""
    run.positive(seed, workers=workers)
    coded = reader.read(cases) if cases else reader.shipped()
    plan = calibration_run.Plan(seed=seed) if not quick else dataclasses.replace(calibration_run.QUICK, seed=seed)
    parts = out / UNFINISHED
    try:
        parts.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise store.StoreError(f"{out}: is a file, and a result needs a folder. Choose another --out.") from error
    except PermissionError as error:
        raise store.StoreError(f"{out}: no permission to write there. Choose another --out.") from error
    begun = time.monotonic()
    with screen.stages("Calibrating", quiet=json) as told:
        found = calibration_run.calibrate(parts, plan, workers or runtime.cores(), told, coded)
    posterior.save(out / FILE, found.posterior)
    made = posterior.load(out / FILE)
    summary = _summarised(found, made.digest, time.monotonic() - begun, quick)
    store.write_json(out / "calibration.json", summary)
    if json:
        print(text.dumps(summary, allow_nan=False, default=str))
        return 0
    console = screen.console()
    console.print()
    console.print(_learnt(found))
    console.print(_predictive(found))
    console.print(_mixing(found, quick), markup=False)
    console.print(f"\nPosterior: {out / FILE}  (use it with --posterior)", markup=False, soft_wrap=True)
    console.print(
        f"Finished runs are kept in {parts}; delete it when you need them no more.", markup=False, soft_wrap=True
    )
    return 0


def _summarised(found: Calibrated, digest: str, seconds: float, quick: bool) -> dict[str, Any]:
    """What `calibration.json` holds."""
    recipe = found.posterior.recipe
    return {
        "posterior": {"digest": digest, "draws": len(found.posterior.draws["none"]), "rehearsal": quick},
        "seconds": round(seconds, 1),
        "inputs": found.posterior.paths,
        "recipe": {name: value for name, value in recipe.items() if name != "checks"},
        "checks": found.checks.told(),
    }


def _learnt(found: Calibrated) -> Table:
    """What history says of each input."""
    table = Table(title="What history says of each input (scores; the prior is 0 ± 1)", title_justify="left")
    for name in ("input", "mean", "spread", "history", "truth in 90 %"):
        table.add_column(name, justify="left" if name in ("input", "history") else "right")
    for name, given in found.checks.spreads.items():
        ranks = found.checks.ranks[name]
        table.add_row(
            name, f"{given['mean']:+.2f}", f"{given['sd']:.2f}", diagnostics.verdict(given["sd"]),
            f"{diagnostics.inside(ranks):.0%} of {len(ranks)}" if ranks else "",
        )  # fmt: skip
    return table


def _predictive(found: Calibrated) -> Table:
    """Our history among the model's."""
    table = Table(title="Would the fitted model have told such a history?", title_justify="left")
    for name in ("figure", "history", "model, middle 90 %", "share below"):
        table.add_column(name, justify="left" if name == "figure" else "right")
    for name, given in found.checks.predictive.items():
        table.add_row(name, f"{given['history']:g}", f"{given['p05']:g} to {given['p95']:g}", f"{given['below']:.0%}")
    return table


def _mixing(found: Calibrated, quick: bool) -> str:
    """How far the fit can be believed."""
    chains = found.posterior.recipe["chains"]["none"]
    how = found.posterior.recipe["surrogate"]
    told = (
        f"Chains: R-hat {chains['r_hat']:.3f}, {chains['ess']:.0f} effective draws. Surrogate: taught by "
        f"{how['runs']:,} runs, explains of unseen draws {how['explained']['gone']:.0%} of men gone and "
        f"{how['explained']['exits']:.0%} of exit rates. Codes were given by one coder who knew the outcomes."
    )
    end = how.get("end")
    if end:  # posteriors made before the ends of trainings were kept have none
        told += (
            f" Its training ended with a loss of {end['seen_loss']:.3f} on runs that it saw and {end['unseen_loss']:.3f} on "
            f"those that it did not, having gained {end['last_tenth_gain']:.3f} in its last tenth; slope {end['slope']:.1g}."
        )
    return ("A REHEARSAL: its posterior is worth nothing. " if quick else "") + told
