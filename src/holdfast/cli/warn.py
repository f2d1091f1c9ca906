"""`holdfast warn`: signals of early warning in counts of absence or in a run, each beside what it is worth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cyclopts import App

from holdfast.cli import console, options
from holdfast.cli.options import Json, Whole, Write
from holdfast.present import tables

if TYPE_CHECKING:
    from rich.table import Table

    from holdfast.early_warning.result import EarlyWarning

app = App(name="warn", help_format="markdown")


@app.default
def warn(
    series: Path, *, interval: str | None = None, side: str | None = None, run: Whole | None = None,
    out: Path | None = None, figures: bool = False, json: Json = False, write: Write = None,
) -> int:  # fmt: skip
    """Early warning: is this army's absence growing, and how far can such signals be trusted?

    Give a table of absence by week or month: a column `week` (2024-03-04, 2024-W10 or 2024-03), a column `absent`, and if
    known `men` and `unit` (or a column of counts for each unit). Or give the folder of a simulation. A week that is missing
    stays missing. Beside each signal stands what was measured of it on simulated armies that held and that broke.

    Examples: `holdfast warn awol.csv` · `holdfast warn awol.csv --out warning` · `holdfast run skirmish --out one`, then
    `holdfast warn one --side south --run 3`

    Args:
        series: A table (CSV, Parquet or a spreadsheet), or the folder that `holdfast run --out` wrote.
        interval: week or month; read from the dates unless given.
        side: Whose exits, of a simulation; the first side's unless given.
        run: The run of a simulation that is shown; its first unless given.
        out: Folder for the page, with its figures, and the tables.
        figures: With --out, write the figures as PNG and SVG files too.
    """
    options.refuse(options.folder_faults(out) + options.write_faults(write))
    from holdfast.early_warning import run as verb

    with console.step("Early warning", quiet=json):
        result = verb.warn(series, interval=interval, side=side, run=run)
    options.write_table(write, result)
    page = None
    if out:
        with console.step("Writing the page", quiet=json):
            page = result.save(out, figures=figures)
    if json:
        console.show_json(result.to_dict())
        return 0
    _show(result)
    console.show_page("Page", page)
    return 0


def _show(result: EarlyWarning) -> None:
    """The signals now, what each is worth, and what they cannot tell."""
    from holdfast.present import warning_report as report

    console.show(console.bold(result.title), result.headline, _now(result), _worth(result))
    if result.runs:
        console.show(_runs(result))
    size = f"Armies of {result.men:,} men are {result.size}."
    console.show(*(f"- {each}" for each in [*report.trend_words(result), result.no_warning, size]))
    console.show(*(f"- Read: {each}." for each in result.series.notes))


def _now(result: EarlyWarning) -> Table:
    """The signals now."""
    from holdfast.early_warning.signals import SIGNALS
    from holdfast.present import warning_report as report

    drawn = tables.table(
        f"Signals in {result.series.when(result.last)}, each from the past alone",
        ["signal", *tables.numbers("now, 90%", "threshold"), ""],
    )
    for one in result.now:
        limit = "–" if one.skill is None else report.threshold(one.skill)
        row = [SIGNALS[one.name].title, report.value(one.now), limit, report.state(one)]
        tables.add(drawn, tables.Row(row, style="bold" if one.alarm else ""))
    return drawn


def _worth(result: EarlyWarning) -> Table:
    """What was measured of each signal."""
    from holdfast.early_warning.signals import SIGNALS
    from holdfast.early_warning.skill import CALM, EARLY_WEEKS, GATHERING, SHOCK
    from holdfast.present import warning_report as report

    heads = tables.stacked(
        (
            "false alarms",
            f"seen {EARLY_WEEKS} weeks early",
            "lead, weeks",
            "before a shock, pressed",
            "before a shock, calm",
        ),
        12,
    )
    title = f"What each is worth: share of simulated armies of {result.men:,} men with an alarm in half a year, 90%"
    drawn = tables.table(title, ["signal", *heads])
    for one in result.now:
        of = one.skill
        if of is None:
            tables.add(drawn, [SIGNALS[one.name].title, *["–"] * len(heads)])
            continue
        gathers = of.breaks[GATHERING]
        tables.add(drawn, [
            SIGNALS[one.name].title, report.share(of.false_alarm), report.share(gathers.early), report.lead(gathers.lead),
            *(report.share(of.breaks[kind].detection) for kind in (SHOCK, CALM)),
        ])  # fmt: skip
    return drawn


def _runs(result: EarlyWarning) -> Table:
    """How each signal did in the runs of a simulation."""
    from holdfast.present import warning_report as report

    drawn = tables.table(
        "In every run: alarms in the half year before the break, or before the end",
        ["signal", *tables.numbers("broke", "lead, weeks", "held")],
    )
    for row in report.runs_words(result):
        tables.add(drawn, [row["signal"], row["broke"], row["lead"], row["held"]])
    return drawn
