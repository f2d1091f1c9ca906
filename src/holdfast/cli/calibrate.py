"""`holdfast calibrate`: learn the model's inputs from the coded armies, and store the posterior."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path
from typing import TYPE_CHECKING

from cyclopts import App

from holdfast.cli import console, options
from holdfast.cli.options import Flag, Json, Seed, Workers
from holdfast.present import tables

if TYPE_CHECKING:
    from rich.table import Table

    from holdfast.calibration.run import Calibration


app = App(name="calibrate", help_format="markdown")

UNFINISHED = ".unfinished"
FILE = "posterior.npz"


@app.default
def calibrate(
    *, out: Path = Path("holdfast-calibration"), armies: Path | None = None, seed: Seed = 1,
    quick: Flag = False, workers: Workers = None, json: Json = False,
) -> int:  # fmt: skip
    """Learn the model's inputs from armies that held or broke, and store the posterior.

    Screens every declared input (Morris), runs all coded armies under thousands of draws of those that matter, trains a
    surrogate on the runs, fits by NUTS, and checks the fit on invented histories. Takes the best part of an hour on two
    cores. Finished work stays in the folder: stop with Ctrl-C and give the same command to go on.

    Examples: `holdfast calibrate --quick` · `holdfast calibrate --out mine`
    · `holdfast calibrate --armies mine.csv --out mine`, then `holdfast backtest --posterior mine/posterior.npz`

    Args:
        out: Folder for the posterior, its checks and the finished runs.
        armies: Coded armies of your own (CSV) to learn from; the shipped ones unless given.
        quick: A rehearsal of a few minutes; its posterior is worth nothing.
    """
    options.refuse(options.count_faults(seed=seed, workers=workers) + options.folder_faults(out))
    from holdfast.calibration import posterior, run
    from holdfast.ensemble import store
    from holdfast.io import files

    plan = dataclasses.replace(run.QUICK if quick else run.Plan(), seed=seed)
    parts = out / UNFINISHED
    begin = time.monotonic()
    with store.held(out):
        parts.mkdir(parents=True, exist_ok=True)
        with console.progress("Calibrating", quiet=json, staged=True) as progress:
            result = run.calibrate(armies, plan=plan, folder=parts, seed=seed, workers=workers, progress=progress)
        with files.folder(out) as fresh:
            posterior.save(fresh / FILE, result.posterior)
            digest = posterior.load(fresh / FILE).digest
            summary = _summary(result, digest, time.monotonic() - begin, quick)
            files.write_json(fresh / "calibration.json", summary)
    if json:
        console.show_json(summary)
        return 0
    console.show("", _learnt(result), _predictive(result), _mixing(result, quick))
    console.show_line(f"\nPosterior: {out / FILE}  (use it with --posterior)")
    console.show_line(f"Finished runs stay in {parts}; delete it when you need them no more.")
    return 0


def _summary(result: Calibration, digest: str, seconds: float, quick: bool) -> console.Document:
    """What `calibration.json` holds."""
    recipe = result.posterior.recipe
    return {
        "posterior": {"digest": digest, "draws": len(result.posterior.draws["none"]), "rehearsal": quick},
        "seconds": round(seconds, 1),
        "inputs": result.posterior.paths,
        "recipe": {name: value for name, value in recipe.items() if name != "checks"},
        "checks": result.checks.to_dict(),
    }


def _learnt(result: Calibration) -> Table:
    """The posterior of each input."""
    from holdfast.calibration import diagnostics

    columns = [
        tables.Column("input"),
        *tables.numbers("mean", "spread"),
        tables.Column("history"),
        *tables.numbers("truth in 90 %"),
    ]
    rows = []
    for name, given in result.checks.spreads.items():
        ranks = result.checks.ranks[name]
        inside = f"{diagnostics.inside(ranks):.0%} of {len(ranks)}" if ranks else ""
        rows.append([name, f"{given['mean']:+.2f}", f"{given['sd']:.2f}", diagnostics.verdict(given["sd"]), inside])
    return tables.table("What history says of each input (scores; the prior is 0 ± 1)", columns, rows)


def _predictive(result: Calibration) -> Table:
    """Our history among the model's."""
    rows = [
        [name, f"{given['history']:g}", f"{given['p05']:g} to {given['p95']:g}", f"{given['below']:.0%}"]
        for name, given in result.checks.predictive.items()
    ]
    columns = [tables.Column("figure"), *tables.numbers("history", "model, middle 90 %", "share below")]
    return tables.table("Would the fitted model give such a history?", columns, rows)


def _mixing(result: Calibration, quick: bool) -> str:
    """How well the chains mixed and the surrogate learnt."""
    chains = result.posterior.recipe["chains"]["none"]
    how = result.posterior.recipe["surrogate"]
    from holdfast.coded_armies.codebook import PROVENANCE

    text = (
        f"Chains: R-hat {chains['r_hat']:.3f}, {chains['ess']:.0f} effective draws. Surrogate: trained on "
        f"{how['runs']:,} runs, explains of unseen draws {how['explained']['gone']:.0%} of men gone and "
        f"{how['explained']['exits']:.0%} of exit rates. {PROVENANCE}"
    )
    end = how.get("end")
    if end:  # older posteriors do not say how their training ended
        text += (
            f" Its training ended with a loss of {end['seen_loss']:.3f} on runs that it saw and {end['unseen_loss']:.3f} on "
            f"those that it did not, having gained {end['last_tenth_gain']:.3f} in its last tenth; slope {end['slope']:.1g}."
        )
    return ("A REHEARSAL: its posterior is worth nothing. " if quick else "") + text
