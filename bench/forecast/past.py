"""What each component of the forecast's pool said on earlier days, kept as quantiles: writes the table that is shipped.

    python bench/forecast/past.py --out src/holdfast/forecasting/shipped/russia_ukraine_past.csv [--days 2026-02-15]

From every quarter since November 2022, each day with what was known on it; the engine's runs from the scenario's start on.
About a quarter of an hour once the evidence is fitted. To be written anew whenever the engine, the evidence, its claims
or the walk change. `--samples`: also keep each forecast there, to try pools on it.
"""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path

from walk import without_engine

from holdfast.ensemble.plan import load_scenario
from holdfast.forecasting import projection, run, stack
from holdfast.forecasting.result import ENGINE, WALK
from holdfast.io import files
from holdfast.tabular import source

FIRST = dt.date(2022, 11, 15)
"""The first quarter in which the claims about both sides make a fit."""
COLUMNS = ("as_of", "side", "quantity", "month", ENGINE, WALK, *projection.BASELINES)


def said(as_of: dt.date, runs: int, samples: Path | None) -> list[tuple[str, ...]]:
    """The rows of one day."""
    if as_of < load_scenario().document.start:
        forecast = without_engine(as_of)
    else:
        forecast = run.forecast(as_of, runs=runs, workers=1)
        if samples:
            forecast.save(samples / str(as_of), figures=False)
    return [
        (str(row.as_of), row.side, row.quantity, str(row.month), *(_text(row, name) for name in COLUMNS[4:]))
        for row in stack.past_months(forecast)
    ]


def _text(row: stack.PastMonth, name: str) -> str:
    """The values of a component to three digits."""
    return " ".join(f"{float(f'{value:.3g}'):.0f}" for value in row.values.get(name, ()))


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument(
        "--days", type=dt.date.fromisoformat, nargs="*", help="only these; other rows of the table stay"
    )
    parser.add_argument("--samples", type=Path)
    given = parser.parse_args()
    days = given.days or run.origins(FIRST, run.UNTIL)
    text = given.out.read_text(encoding="utf8") if given.out.exists() and given.days else ""
    kept = [tuple(row[name] for name in COLUMNS) for _, row in source.records(text)] if text else []
    rows = [row for row in kept if row[0] not in {str(day) for day in days}]
    for day in days:
        rows += said(day, given.runs, given.samples)
        print(day, flush=True)
    files.write_table(given.out, sorted(rows, key=lambda row: row[0]), COLUMNS)


if __name__ == "__main__":
    main()
