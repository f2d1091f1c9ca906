"""Assessments and comparisons as JSON, and as files in a folder: JSON, CSV, one figure. [IO]"""

from __future__ import annotations

import csv
import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from holdfast.assess.answer import HORIZON, Assessment
from holdfast.assess.second import SecondCoder
from holdfast.backtest.scores import Estimate
from holdfast.history.coded import CODES
from holdfast.history.coders import Measure


def as_json(found: Assessment) -> dict[str, Any]:
    """The assessment; the keys are told in `docs/assess.md`."""
    asked = found.asked
    exits = found.exits
    return {
        "name": asked.name,
        "case": asked.base.case_id if asked.base else None,
        "unchanged": asked.unchanged,
        "taught": found.taught,
        "codes": dict(asked.case.codes),
        "unknown": list(asked.unknown),
        "force_ratio": asked.case.force_ratio,
        "days": HORIZON,
        "p_collapse": interval(found.p_collapse),
        "p_mass_desertion": interval(found.p_mass_desertion),
        "exits_per_1000_month": {"p05": exits.low, "p50": exits.value, "p95": exits.high},
        "band": found.band,
        "base_rate": dict(found.base_rate),
        "ridge_ten": dict(found.ridge),
        "came": {name: getattr(asked.base, name) for name in ("collapse", "mass_desertion")} if asked.unchanged else None,
        "nearest": [
            {
                "case_id": each.case.case_id, "army": each.case.army, "distance": each.distance,
                "outcome": each.case.outcome, "collapse": each.case.collapse, "mass_desertion": each.case.mass_desertion,
                "differs": [dataclasses.asdict(one) for one in each.differs],
            }
            for each in found.nearest
        ],
        "changes": [
            {
                "code": one.code, "from": one.here, "to": one.there, "p_collapse": one.p_collapse.value,
                "change_p_collapse": interval(one.collapse), "change_p_mass_desertion": interval(one.mass_desertion),
                "against_its_sense": one.against_its_sense,
            }
            for one in found.changes
        ],
        "draws": found.draws,
        "worth": found.worth,
        "posterior": found.posterior,
    }  # fmt: skip


def second_json(found: SecondCoder) -> dict[str, Any]:
    """The comparison of two coders; the keys are told in `docs/assess.md`."""
    agreement = found.agreement
    return {
        "agreement": {
            "codes": {code: dataclasses.asdict(agreement.codes[code]) for code in CODES},
            "overall": dataclasses.asdict(agreement.overall),
        },
        "cases": [
            {
                "case_id": each.case.case_id, "p_collapse_first": each.first, "p_collapse_second": each.second,
                "collapse": each.case.collapse, "differs": [
                    {"code": one.code, "first": one.here, "second": one.there} for one in each.differs
                ],
            }
            for each in found.cases
        ],
        "scores": _finite({name: dataclasses.asdict(effect) for name, effect in found.effects.items()}),
        "not_shipped": found.unknown,
        "not_coded_again": list(agreement.only_first),
        "draws": found.draws,
        "posterior": found.posterior,
    }  # fmt: skip


def write(found: Assessment, folder: Path) -> list[Path]:
    """`assessment.json`, `changes.csv`, `nearest.csv` and the figure `changes`, as PNG and SVG."""
    from holdfast.assess.figure import what_would_change
    from holdfast.report import figures

    made = as_json(found)
    changes = [
        {
            "code": one["code"], "from": one["from"], "to": one["to"], "p_collapse": one["p_collapse"],
            **_flat("change_p_collapse", one["change_p_collapse"]),
            **_flat("change_p_mass_desertion", one["change_p_mass_desertion"]),
        }
        for one in made["changes"]
    ]  # fmt: skip
    nearest = [{**one, "differs": _steps(one["differs"], "here", "there")} for one in made["nearest"]]
    written = [
        _text(folder / "assessment.json", json.dumps(made, indent=1, allow_nan=False)),
        _table(folder / "changes.csv", changes),
        _table(folder / "nearest.csv", nearest),
    ]
    return [*written, *figures.save(what_would_change(found), folder / "changes")] if changes else written


def write_second(found: SecondCoder, folder: Path) -> list[Path]:
    """`second_coder.json`, `agreement.csv` by code and `recoded.csv` by case."""
    made = second_json(found)
    measures: dict[str, Measure] = {**found.agreement.codes, "all": found.agreement.overall}
    recoded = [{**each, "differs": _steps(each["differs"], "first", "second")} for each in made["cases"]]
    return [
        _text(folder / "second_coder.json", json.dumps(made, indent=1, allow_nan=False)),
        _table(folder / "agreement.csv", [{"code": code} | dataclasses.asdict(one) for code, one in measures.items()]),
        _table(folder / "recoded.csv", recoded),
    ]


def interval(one: Estimate) -> dict[str, float]:
    """A number with its 90 % interval."""
    return {"value": one.value, "p05": one.low, "p95": one.high}


def _flat(name: str, one: Mapping[str, float]) -> dict[str, float]:
    return {name: one["value"], f"{name}_p05": one["p05"], f"{name}_p95": one["p95"]}


def _steps(differs: Sequence[Mapping[str, Any]], one: str, other: str) -> str:
    """Differences of codes in one cell: `losses 2 1; safe_exit ? 2`."""
    return "; ".join(f"{each['code']} {_word(each[one])} {_word(each[other])}" for each in differs)


def _word(level: int | None) -> str:
    return "?" if level is None else str(level)


def _finite(value: Any) -> Any:
    """Numbers without meaning as `null`, which JSON knows."""
    if isinstance(value, dict):
        return {name: _finite(each) for name, each in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _text(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n", encoding="utf-8")
    return path


def _table(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    """Rows as CSV; nothing stands for what is not known."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        if rows:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return path
