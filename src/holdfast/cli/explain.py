"""`holdfast explain`: which pressures would break an army of a scenario, alone and together, and what would hold it."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from holdfast.cli import console, options
from holdfast.cli.options import (
    Cluster,
    Days,
    Effects,
    Flag,
    Json,
    ScenarioName,
    Seed,
    Settings,
    Whole,
    Words,
    Workers,
    Write,
)
from holdfast.present import tables

if TYPE_CHECKING:
    from rich.console import RenderableType

    from holdfast.explanation.result import Explanation

app = App(name="explain", help_format="markdown")
Coarse = Annotated[
    Whole | None,
    Parameter(help="Men that each billet stands for; so many that at most 3,500 billets are filled unless given."),
]
PARTS = "blocks"
"""Folder inside the result's folder in which finished blocks of runs stay until the result is whole."""


@app.default
def explain(
    scenario: ScenarioName = "russia-ukraine-2023", *, side: str | None = None, by: str = "pressures", of: Words = None,
    outcome: str = "collapse", level: float = 0.8, precision: float = 0.02, draws: Whole | None = None, phase: Flag = False,
    days: Days = None, settings: Settings = None, effects: Effects = None, men_per_billet: Coarse = None, seed: Seed = 1,
    workers: Workers = None, cluster: Cluster = None, out: Path | None = None, figures: bool = False, json: Json = False,
    write: Write = None,
) -> int:  # fmt: skip
    """Which pressures would break an army, alone and together; what would hold it; how near it is to the edge.

    Every combination of pressures is run, each at its calm or its extreme level, under the same draws and luck.

    Examples: `holdfast explain` · `holdfast explain italy-1917 --side italy --out italy` · `holdfast explain --of nine --phase`
    · `holdfast explain skirmish --side south --of no_victory unpaid_unfed --outcome breaks`
    · `holdfast explain --by effects --of amnesty pay_rise leaflets blocking`

    Args:
        scenario: A shipped scenario, or the path of its file.
        side: The army that is explained; the first side unless given.
        by: pressures, or effects: what is put on and off.
        of: five (the essay's), nine, or names; of effects all unless given.
        outcome: collapse, mass_desertion, or breaks (either).
        level: Chance of the outcome from which on a set suffices.
        precision: Standard error that every Shapley value is to reach.
        draws: Draws of what is not known, at most; 256 unless given.
        phase: Run the two strongest pressures in steps, too.
        out: Folder for the page, the tables and JSON. Finished runs stay in it, so that a stopped command goes on.
        figures: With --out, write the figures as PNG and SVG files too.
    """
    options.refuse(
        options.count_faults(seed=seed, workers=workers, men_per_billet=men_per_billet)
        + options.folder_faults(out)
        + options.write_faults(write)
        + options.cluster_faults(cluster, workers)
    )
    from holdfast.ensemble import store
    from holdfast.explanation import run

    chosen = options.scenario_of(scenario, days, settings, effects)
    names = of[0] if of and len(of) == 1 and of[0] in ("five", "nine") else of
    run.refuse(
        chosen, side=side, by=by, of=names, outcome=outcome, level=level, precision=precision, draws=draws, seed=seed
    )
    with store.held(out) if out else contextlib.nullcontext():
        with (
            options.executor_of(cluster) as executor,
            console.progress(f"{chosen.name}: explaining", quiet=json, staged=True) as progress,
        ):
            result = run.explain(
                chosen, side=side, by=by, of=names, outcome=outcome, level=level, precision=precision, draws=draws, phase=phase,
                men_per_billet=men_per_billet, seed=seed, workers=workers, executor=executor, progress=progress,
                folder=out / PARTS if out else None,
            )  # fmt: skip
        options.write_table(write, result)
        page = None
        if out:
            with console.step("Writing the page", quiet=json):
                page = result.save(out, figures=figures)
                shutil.rmtree(out / PARTS, ignore_errors=True)
    if json:
        console.show_json(result.to_dict())
    else:
        console.show("", *_parts(result))
        console.show_page("Page", page)
    return 0


def _parts(result: Explanation) -> Iterator[RenderableType]:
    """The explanation at a terminal."""
    from holdfast.present import explanation_report as report

    yield console.bold(report.title(result))
    yield from (f"- {sentence}" for sentence in report.reading(result))
    rows = report.table(result)
    heads = tables.numbers(*[head for head in rows[0] if head], folds=True)
    drawn = tables.table("What each adds (Shapley values ± standard error)", [tables.Column("", folds=True), *heads])
    for row in rows:
        tables.add(drawn, list(row.values()))
    yield drawn
    if sets := report.set_rows(result):
        heads = tables.numbers("P", "consistency", "coverage", "sure")
        shown = tables.table(
            f"Minimal sets that suffice ({result.level:.2f} or more)", [tables.Column("set", folds=True), *heads]
        )
        for row in sets[:12]:
            tables.add(shown, list(row.values()))
        yield shown
        if len(sets) > 12:
            yield f"{len(sets) - 12} more stand in the page and in the JSON."
    yield report.LEVELS[result.by]
