"""A backtest as files: JSON, tables, figures and a page that opens without a network. [IO]"""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2

from holdfast import machine
from holdfast.backtest import drawn
from holdfast.backtest.models import OUTCOMES
from holdfast.backtest.told import FIELDS, Backtest
from holdfast.ensemble import store
from holdfast.report import figures as drawing

PAGE = "backtest.html"
CAPTIONS = {
    "calibration": "Calibration", "cases": "Case by case", "by_model": "Scores of every model",
    "differences": "Differences, case by case on the same resamples", "pairs": "One army, two ends",
}  # fmt: skip


def write(found: Backtest, folder: Path, *, figures: bool = True) -> Path:
    """Write everything beside its place and then put it there; give the page's path."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".fresh-", dir=folder) as made:
        fresh = Path(made)
        told = found.as_json()
        store.write_json(fresh / "backtest.json", told)
        store.write_text(fresh / "cases.csv", _csv(case_rows(told)))
        store.write_text(fresh / "scores.csv", _csv(score_rows(found, told)))
        store.write_text(fresh / "differences.csv", _csv(difference_rows(told)))
        stems: list[str] = []
        if figures:
            (fresh / "figures").mkdir()
            for stem, chart in drawn.charts(found).items():
                drawing.save(chart, fresh / "figures" / stem)
                stems.append(stem)
        store.write_text(fresh / PAGE, page(found, stems))
        for path in sorted(fresh.iterdir()):
            store.put_in_place(fresh, folder, path.name)
    if not figures:
        shutil.rmtree(folder / "figures", ignore_errors=True)  # an older backtest's, which this one lacks
    return folder / PAGE


def case_rows(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row a case."""
    return [
        {
            "case_id": one["case_id"], "army": one["army"], "kept_out": one["kept_out"], "scored": one["scored"],
            "p_collapse": one["p_collapse"],
            **{f"p_collapse_{level}": value for level, value in one["p_collapse_interval"].items()},
            "collapse": one["collapse"],
            "p_mass_desertion": one["p_mass_desertion"],
            **{f"p_mass_desertion_{level}": value for level, value in one["p_mass_desertion_interval"].items()},
            "mass_desertion": one["mass_desertion"],
            **{f"exits_{level}": value for level, value in one["exits_per_1000_month"].items()},
            "exits_coded": one["exits_coded_per_1000_month"],
            **{f"p_collapse_{model}": value for model, value in one["models"].items()},
        }
        for one in told["cases"]
    ]  # fmt: skip


def score_rows(found: Backtest, told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row a model and outcome."""
    rows = []
    for outcome in OUTCOMES:
        for key, values in told["scores" if outcome == "collapse" else "scores_mass_desertion"].items():
            one = told["intervals"][outcome].get(key)
            row = {"outcome": outcome, "model": key, "name": told["models"][key]["name"]}
            row |= {"cases": one and one["cases"], "happened": one and one["happened"]}
            for field in FIELDS:
                ends = one[field] if one else {"p05": None, "p95": None}
                row |= {field: values[field]} | {f"{field}_{level}": end for level, end in ends.items()}
            rows.append(row)
    return rows


def difference_rows(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row a pair of models and outcome."""
    return [
        {"outcome": outcome, "model": one["model"], "less": one["less"]}
        | {f"{field}_{name}": value for field in FIELDS for name, value in one[field].items()}
        for outcome in OUTCOMES
        for one in told["differences"][outcome]
    ]


def page(found: Backtest, stems: Iterable[str]) -> str:
    """The page as text; figures stand beside it as files."""
    folder = resources.files("holdfast")
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    template = environment.from_string((folder / "backtest" / "templates" / "backtest.html.j2").read_text("utf8"))
    return template.render(
        style=(folder / "report" / "templates" / "style.css").read_text("utf8"),
        title=found.title,
        headline=drawn.headline(found, "collapse") if found.own in found.scores["collapse"] else "",
        warnings=found.warnings,
        tables=[_table(found, outcome) for outcome in OUTCOMES if found.scores[outcome]],
        figures=[(stem, _caption(stem)) for stem in stems],
        pairs=found.pairs,
        facts=[f"posterior {found.about['posterior']}", f"seed {found.about['seed']}", f"Holdfast {machine.version()}"],
    )


def _caption(stem: str) -> str:
    mass = "mass_desertion_"
    return CAPTIONS[stem.removeprefix(mass)] + (": mass desertion" if stem.startswith(mass) else "")


def _table(found: Backtest, outcome: str) -> dict[str, Any]:
    names = {model.key: model.name for model in found.models}
    rows = [
        (names[key], [(f"{value.value:.3f}", f"{value.low:.2f}–{value.high:.2f}") for value in values])
        for key, one in found.scores[outcome].items()
        for values in [[getattr(one, field) for field in FIELDS]]
    ]
    return {"head": drawn.HEADS[outcome], "cases": int(found.counts[outcome].sum()), "rows": rows}


def _csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows as CSV; true and false as 1 and 0, as a file of cases has them."""
    text = io.StringIO()
    if rows:
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow({name: int(one) if isinstance(one, bool) else one for name, one in row.items()})
    return text.getvalue()
