"""`holdfast sweep`: which inputs of a scenario move what becomes of its armies, and in which region of them an army breaks."""

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
    Grain,
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

    from holdfast.sensitivity.result import Sweep

RUNS = 1000
"""As `sensitivity.request.RUNS`, which is not imported for a help text."""
SHOWN = 15
"""Inputs on the screen; the JSON and the page have all."""
Vary = Annotated[
    Words,
    Parameter(
        help="What is varied: PATH=LOW:HIGH, as `south.supply=0.2:1`, or the bare path of a parameter under its prior. Every "
        "declared parameter (the word `parameters`) unless given. A series is one number over the run. Put the scenario before it."
    ),
]
Switch = Annotated[Words, Parameter(help="Effects that are off or on: NAME, NAME:SIDE or NAME:SIDE:STRENGTH.")]

app = App(name="sweep", help_format="markdown")


@app.default
def sweep(
    scenario: ScenarioName = "russia-ukraine-2023", *, vary: Vary = None, switch: Switch = None, method: str | None = None,
    side: str | None = None, outcome: str = "collapse", above: float | None = None, runs: Whole = RUNS,
    draws: Whole | None = None, interactions: Flag = False, posterior: Flag = False, luck_only: Flag = False,
    days: Days = None, men_per_billet: Grain = None, set_: Settings = None, effect: Effects = None, seed: Seed = 1,
    workers: Workers = None, cluster: Cluster = None, out: Path | None = None, figures: Flag = False, json: Json = False,
    write: Write = None,
) -> int:  # fmt: skip
    """Vary the inputs of a scenario: which of them move what becomes of its armies, and where an army breaks.

    Sobol's shares of the variance for a few inputs, Morris's screening for all parameters, boxes by PRIM and CART:
    "collapse within 120 days when south supply < 0.6 and south elite level < 0.4".

    Examples: `holdfast sweep skirmish --vary south.supply=0.2:1 south.regime.elite_level=0.2:0.9`
    · `holdfast sweep skirmish --outcome exits` · `holdfast sweep skirmish --posterior --runs 400 --out sweep`

    Args:
        scenario: A shipped scenario (`holdfast scenarios list`) or the path of a TOML file.
        method: sobol, morris or boxes. Unless given: morris for all parameters, boxes with --posterior, else sobol.
        side: Whose outcome; the side whose outcome varies most unless given.
        outcome: collapse, mass_desertion or exits.
        above: With exits, the rate per 1,000 a month above which boxes look; the upper quartile unless given.
        runs: Runs at most; the design has as many points as they allow.
        draws: Draws at each point, the same at all points: 4 for sobol, 2 for morris, 1 for boxes unless given.
        interactions: Estimate pairs of inputs too (sobol; about twice the runs).
        posterior: Take draws of the posterior as inputs; they go together, so boxes alone.
        luck_only: Let draws differ in luck alone; so it is where all parameters are varied.
        out: Folder for the page, the tables and JSON. Finished runs stay in it until these are written, so that a stopped sweep
            goes on.
        figures: With --out, write the figures as PNG and SVG files too.
    """
    options.refuse(
        options.count_faults(seed=seed, runs=runs, draws=draws, workers=workers, men_per_billet=men_per_billet)
        + options.folder_faults(out)
        + options.write_faults(write)
        + options.cluster_faults(cluster, workers)
    )
    chosen = options.scenario_of(scenario, days, set_, effect)
    from holdfast.sensitivity import request

    wanted = request.Wanted(
        vary=vary, switch=switch or (), method=method, outcome=outcome, side=side, above=above, runs=runs, draws=draws,
        interactions=interactions, posterior=posterior, luck_only=luck_only, seed=seed,
    )  # fmt: skip
    meant = request.parse(chosen, wanted, options=True)
    from holdfast.ensemble import store
    from holdfast.sensitivity import run

    with store.held(out) if out else contextlib.nullcontext():
        with (
            options.executor_of(cluster) as executor,
            console.progress(f"{chosen.name}: sweep", quiet=json, starting=console.COMPILES, staged=True) as progress,
        ):
            result = run.carry_out(
                meant, men_per_billet=men_per_billet, workers=workers, folder=out / PARTS if out else None,
                executor=executor, progress=progress,
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
        console.show(*parts(result))
        console.show_page("Page", page)
    return 0


PARTS = "blocks"
"""Folder inside the result's folder in which finished blocks of runs stay until the result is whole."""


def parts(result: Sweep) -> Iterator[RenderableType]:
    """A sweep on the console: what moves the outcome, the boxes, how to read them.

    Args:
        result: the sweep.

    Yields:
        Lines and tables.
    """
    from holdfast.present import sensitivity_figures
    from holdfast.present import sensitivity_report as report

    yield console.bold(result.title)
    yield " · ".join(report.facts(result))
    yield ""
    yield report.headline(result)
    if sensitivity_figures.moving(result):
        rows = report.input_rows(result, SHOWN)
        first, varied, *numbers = rows[0]
        more = f" (the first {SHOWN} of {len(result.inputs)})" if len(result.inputs) > SHOWN else ""
        columns = [*tables.names(first), tables.Column(varied, folds=True), *tables.numbers(*numbers)]
        yield tables.table(f"Inputs, with 90%{more}", columns, [list(row.values()) for row in rows])
    for number, box in enumerate(report.box_rows(result), start=1):
        if number == 1:
            yield console.bold(f"Where it comes: {result.what}")
        yield (
            f"- when {box['box']} ({box['by']}): density {box['density']}, coverage {box['coverage']}, n {box['points']}, "
            f"quasi-p {box['quasi-p']}"
        )
    yield ""
    head, *others = report.chance_rows(result)[0]
    cells = [list(row.values()) for row in report.chance_rows(result)]
    columns = [*tables.names(head), *tables.numbers(*others)]
    yield tables.table("How often it came, over the ranges that were varied", columns, cells)
    yield from report.notes(result)
