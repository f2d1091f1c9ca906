"""`holdfast essay`: the essay of November 2023, claim by claim: test, rule, verdict, and what followed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from cyclopts import App

from holdfast.cli import console, options
from holdfast.cli.options import Flag, Json, Seed, Workers, Write
from holdfast.present import tables

if TYPE_CHECKING:
    from rich.console import RenderableType

    from holdfast.essay_claims.result import EssayVerdicts

app = App(name="essay", help_format="markdown")
PARTS = "blocks"
"""Folder inside the result's folder in which finished blocks of runs stay until the result is whole."""


@app.default
def essay(
    *, quick: Flag = False, seed: Seed = 1, workers: Workers = None, out: Path | None = None, json: Json = False,
    write: Write = None,
) -> int:  # fmt: skip
    """The essay of November 2023, claim by claim: each statement's test, figure and verdict, and what followed.

    A verdict (supported, partly, not supported, not testable here) follows from the figures by a rule that stands beside it.

    Examples: `holdfast essay --out essay` · `holdfast essay --quick`

    Args:
        quick: Fewer runs at a coarser grain: to see that it works, not to be cited.
        out: Folder for the page, the Markdown, the table and JSON. Finished runs stay in it, so that a stopped command goes on.
    """
    options.refuse(
        options.count_faults(seed=seed, workers=workers) + options.folder_faults(out) + options.write_faults(write)
    )
    from holdfast.essay_claims import run

    with console.progress("The essay", quiet=json, staged=True) as progress:
        result = run.essay(
            quick=quick, seed=seed, workers=workers, folder=out / PARTS if out else None, progress=progress
        )
    options.write_table(write, result)
    page = None
    if out:
        page = result.save(out)
        shutil.rmtree(out / PARTS, ignore_errors=True)
    if json:
        console.show_json(result.to_dict())
    else:
        console.show(*_parts(result))
        console.show_page("Page", page)
    return 0


def _parts(result: EssayVerdicts) -> Iterator[RenderableType]:
    """The verdicts at a terminal."""
    from holdfast.present import essay_report as report

    yield console.bold(report.headline(result))
    if result.quick:
        yield report.QUICK
    drawn = tables.table("", [tables.Column(head, folds=True) for head in ("statement", "verdict", "measured")])
    for row in result.tested:
        tables.add(drawn, [row.statement.says, row.verdict, row.says])
    yield drawn
    yield from (f"- {report.plain(one)}" for one in report.CAVEATS)
