"""What followed, month by month, as the shipped forecast is scored against it: writes the table that is shipped.

    python bench/forecast/truth.py --out src/holdfast/forecasting/shipped/russia_ukraine.csv --counted monthly.csv --area area.csv

By NUTS from all shipped claims (a minute or two); `--counted` names a table with the columns `month`,
`meduza2026_killed_incl_missing`, `ukraine_named_dead_lostarmour`, `ukraine_named_missing_lostarmour`; `--area` one by day
with `date` and `area_assessed_as_russia_controlled` in m2.
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from holdfast.evidence import losses
from holdfast.evidence.posterior import Posterior
from holdfast.forecasting import observations
from holdfast.forecasting.result import MASS_DESERTION
from holdfast.io import files
from holdfast.tabular import source

FIRST, LAST = dt.date(2023, 11, 1), dt.date(2026, 7, 1)
COLUMNS = ("side", "quantity", "month", "p05", "p50", "p95", "source")
OURS = "holdfast losses (NUTS) from the 427 shipped claims"
MEDUZA = "Meduza and Mediazona 2026: Russian citizens killed or missing, from registers; range assumed"
NAMES = "LostArmour: named dead and missing, some of them prisoners; range assumed"
COUNTED = {
    "russia": (("meduza2026_killed_incl_missing",), 1.15, "2025-12", MEDUZA),
    "ukraine": (("ukraine_named_dead_lostarmour", "ukraine_named_missing_lostarmour"), 1.25, "2025-06", NAMES),
}  # fmt: skip
"""By side: columns, the factor taken for its 90 % range, the last month that is nearly complete, and where it is from."""
AREA = "The Economist (CC BY 4.0): area assessed as under Russian control, at the month's end, km2; no range given"
AREA_FIRST = dt.date(2022, 12, 1)
"""After the withdrawals of autumn 2022, which no naive baseline should expect again."""


def rows(posterior: Posterior) -> Iterator[tuple[object, ...]]:
    """The posterior's months, and the chance that a tenth of the army had left within half a year by then."""
    every = observations.of_posterior(posterior, FIRST, LAST, OURS)
    for (side, quantity, month), one in every.items():
        whole = float if quantity == MASS_DESERTION else round
        yield side, quantity, month, whole(one.p05), whole(one.p50), whole(one.p95), one.source


def counted(path: Path) -> Iterator[tuple[object, ...]]:
    """Counts that owe nothing to the model."""
    table = [row for _, row in source.records(path.read_text(encoding="utf8"))]
    for side, (columns, factor, last, origin) in COUNTED.items():
        for row in table:
            if f"{FIRST:%Y-%m}" <= row["month"] <= last:
                men = sum(float(row[column]) for column in columns)
                month = dt.date.fromisoformat(f"{row['month']}-01")
                yield (side, "killed_counted", month, round(men / factor), round(men), round(men * factor), origin)


def areas(path: Path) -> Iterator[tuple[object, ...]]:
    """Area held at the end of each month: that of the next month's first day."""
    table = source.records(path.read_text(encoding="utf8"))
    held = {row["date"]: float(row["area_assessed_as_russia_controlled"]) / 1e6 for _, row in table}
    month = AREA_FIRST
    while month <= LAST:
        after = dt.date(month.year + month.month // 12, month.month % 12 + 1, 1)
        area = round(held[str(after)])
        yield "russia", "area", month, area, area, area, AREA
        month = after


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--out", "--counted", "--area"):
        parser.add_argument(name, type=Path, required=True)
    given = parser.parse_args()
    posterior = losses.reconcile_losses(until="2026-08-21").posterior
    files.write_table(given.out, [*rows(posterior), *counted(given.counted), *areas(given.area)], COLUMNS)


if __name__ == "__main__":
    main()
