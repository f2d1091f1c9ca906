"""`holdfast backtest`: the model held against coded armies, beside its rivals."""

from __future__ import annotations

import json as text
from pathlib import Path

from holdfast import backtest as backtests
from holdfast.backtest.told import Backtest
from holdfast.cli import backtesting_tables, progress, running, screen
from holdfast.scenario.faults import Fault


def show(
    cases: Path | None, leave_one_out: bool, posterior: Path | None, seed: int, out: Path | None, figures: bool,
    workers: int | None, json: bool,
) -> int:  # fmt: skip
    """Ask, score, write, print."""
    running.positive(seed, workers=workers)
    ready(out)
    with progress.stages("Backtest", quiet=json) as told:
        found = backtests.backtest(
            cases, leave_one_out=leave_one_out, posterior=posterior, workers=workers, progress=told, seed=seed
        )
    page = None
    if out:
        with progress.step("Writing the figures and the page", quiet=json):
            page = found.write(out, figures=figures)
    if json:
        print(text.dumps(found.as_json(), allow_nan=False))
    else:
        printed(found, page)
    return 0


def ready(folder: Path | None) -> None:
    """Refuse, before the work, a folder that is a file."""
    from holdfast.backtest.basis import BacktestError

    if folder and folder.exists() and not folder.is_dir():
        allowed = "a folder, and this is a file"
        raise BacktestError([Fault("--out", str(folder), allowed, "Choose another --out")])


def printed(found: Backtest, page: Path | None) -> None:
    """Cases, pairs and scores, and beside the scores what to hold against them."""
    console = screen.console()
    console.print()
    console.print(found.title, style="bold", markup=False)
    console.print(backtesting_tables.cases(found))
    for line in backtesting_tables.notes(found):
        console.print(line, markup=False)
    if found.pairs:
        console.print(backtesting_tables.pairs(found))
    for outcome in ("mass_desertion", "collapse"):
        if found.scores[outcome]:
            console.print(backtesting_tables.scores(found, outcome))
        if found.differences[outcome]:
            console.print(backtesting_tables.differences(found, outcome))
    for line in (*backtesting_tables.parts(found), *backtesting_tables.exits(found)):
        console.print(line, markup=False)
    console.print("\nBefore you believe a score:", style="bold")
    for line in found.warnings:
        console.print(f"- {line}", markup=False)
    if page:
        console.print(f"\nPage: {page}  (opens in any browser, offline)", markup=False, soft_wrap=True)
