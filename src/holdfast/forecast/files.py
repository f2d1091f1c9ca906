"""A forecast as files: the numbers as JSON, the months and the scores as CSV, the figures. [IO]"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from holdfast.ensemble import store
from holdfast.forecast.foretold import GROUND, LEVELS, QUANTITIES
from holdfast.forecast.make import Made
from holdfast.forecast.rivals import RIVALS
from holdfast.forecast.rolling import Rolled


def write(made: Made, folder: Path, figures: bool = True) -> list[Path]:
    """Write a forecast to a folder, whole or not at all; what was written."""
    from holdfast.forecast import figures as drawing
    from holdfast.report.figures import save

    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".fresh-", dir=folder) as place:
        fresh = Path(place)
        store.write_json(fresh / "forecast.json", made.as_json())
        _table(fresh / "months.csv", ("side", "month", "days", "quantity", *LEVELS, *TRUTH), _months(made))
        if made.scores:
            _scores(fresh / "scores.csv", made.scores)
        if figures:
            for quantity in (*QUANTITIES, GROUND):
                save(drawing.monthly(made.forecast, quantity, made.truth), fresh / quantity)
        return _place(fresh, folder)


def write_rolled(made: Rolled, folder: Path) -> list[Path]:
    """Write rolling origins to a folder, whole or not at all; what was written."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".fresh-", dir=folder) as place:
        fresh = Path(place)
        store.write_json(fresh / "rolling.json", made.as_json())
        _scores(fresh / "rolling-scores.csv", made.scores)
        marks = [
            (str(one.as_of), mark.side, mark.quantity, mark.horizon, mark.by, mark.inside_90, mark.inside_50, mark.crps)
            for one in made.origins for mark in one.marks
        ]  # fmt: skip
        names = ("as_of", "side", "quantity", "horizon", "by", "inside_90", "inside_50", "crps")
        _table(fresh / "rolling-months.csv", names, marks)
        return _place(fresh, folder)


TRUTH = ("truth_p05", "truth_p50", "truth_p95", "truth_source")


def _months(made: Made) -> Iterable[Sequence[Any]]:
    for side, told in made.forecast.numbers().items():
        for number, month in enumerate(told["months"]):
            for quantity in made.forecast.quantities(side):
                levels = month[quantity] or {}
                truth = made.truth.get((side, quantity, made.forecast.months[number].replace(day=1)))
                came = (truth.p05, truth.p50, truth.p95, truth.source) if truth else ("",) * len(TRUTH)
                yield (side, month["month"], month["days"], quantity, *(levels.get(name, "") for name in LEVELS), *came)


def _scores(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    names = ["side", "quantity", "horizon", "months", "inside_90", "inside_50", "crps"]
    rivals = [f"{rival}_{what}" for rival in RIVALS for what in ("inside_90", "crps", "ratio")]
    flat = [
        [*(row[name] for name in names), *(row[rival][what] for rival in RIVALS for what in ("inside_90", "crps", "ratio"))]
        for row in rows
    ]  # fmt: skip
    _table(path, (*names, *rivals), flat)


def _table(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with path.open("w", newline="", encoding="utf8") as file:
        made = csv.writer(file, lineterminator="\n")
        made.writerow(header)
        made.writerows(rows)


def _place(fresh: Path, folder: Path) -> list[Path]:
    names = sorted(path.name for path in fresh.iterdir())
    for name in names:
        store.put_in_place(fresh, folder, name)
    return [folder / name for name in names]
