"""Assessments and comparisons as JSON, and as files in a folder: JSON, CSV, one figure. [IO]"""

from __future__ import annotations

import csv
import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import altair as alt

from holdfast.assessment.recoding import SecondCoder
from holdfast.assessment.run import HORIZON, Assessment
from holdfast.coded_armies.army import CODES
from holdfast.coded_armies.codebook import RULES
from holdfast.present import charts
from holdfast.present.backtest_chances import NO, YES
from holdfast.stats.agreement import Measures
from holdfast.stats.intervals import Estimate

# What would change the answer, drawn: each code put otherwise, and the change of P(collapse) with its interval.


WIDTH = 560
MINUS = "\N{MINUS SIGN}"


def _what_would_change(found: Assessment) -> alt.TopLevelMixin:
    """A row for each code put otherwise, the greatest change on top."""
    rows: list[dict[str, Any]] = [
        {
            "name": step(one.code, one.here, one.there), "value": one.collapse.value, "low": one.collapse.low,
            "high": one.collapse.high, "to": one.p_collapse.value,
            "says": signed(one.collapse.value),
        }
        for one in found.changes
    ]  # fmt: skip
    reach = max(0.1, *(1.06 * abs(one[end]) for one in rows for end in ("low", "high")))
    axis = alt.Axis(tickCount=7, labelExpr="datum.value == 0 ? '0' : format(datum.value, '+.2~f')", labelFlush=False)
    scale = alt.Scale(domain=[-reach, reach], nice=False)

    def x(field: str) -> alt.X:
        return alt.X(field, scale=scale, axis=axis, title="change of P(collapse)")

    names = [one["name"] for one in rows]
    labels = alt.Axis(labelLimit=300, labelPadding=8, ticks=False, domain=False, labelFontSize=12, grid=False)
    y = alt.Y("name:N", title=None, sort=names, axis=labels, scale=alt.Scale(domain=names, paddingInner=0.2))
    hue = alt.condition("datum.value > 0", alt.value(YES), alt.value(NO))
    base = alt.Chart(charts.rows(rows)).encode(y=y, tooltip=_tooltip())
    zero = alt.Chart(charts.rows([{"zero": 0}])).mark_rule(color="#9a9a9a", strokeDash=[4, 4])
    text = base.mark_text(align="left", dx=8, fontSize=11.5, color=charts.INK)
    chart = alt.layer(
        base.mark_bar(opacity=0.3, size=12).encode(x=x("value:Q"), x2=alt.datum(0), color=hue),
        zero.encode(x=x("zero:Q")),
        base.mark_rule(strokeWidth=2.2).encode(x=x("low:Q"), x2="high:Q", color=hue),
        base.mark_point(filled=True, size=70, opacity=1).encode(x=x("value:Q"), color=hue),
        text.encode(x=alt.value(WIDTH), text="says:N"),
    ).properties(width=WIDTH, height=24 * len(rows))
    p = found.p_collapse
    how = (
        f"One code put otherwise, all else equal, under the same {found.draws} draws. Point and bar: mean "
        f"change; line: 90%. As coded, P(collapse) is {p.value:.2f} ({p.low:.2f} to {p.high:.2f})."
    )
    return charts.titled(chart, f"What would change it: {found.asked.name}", how)


def signed(value: float) -> str:
    """A change with its sign, two digits after the point; none of either sign is plain 0."""
    return f"{value:+.2f}".replace("-", MINUS) if abs(value) >= 0.005 else "0"


def step(code: str, here: int | None, there: int) -> str:
    """A code put otherwise, as `safe exit: 1 → 2`."""
    return f"{RULES[code].name}: {'?' if here is None else here} → {there}"


def _tooltip() -> list[Any]:
    return [
        alt.Tooltip("name:N", title="code"),
        alt.Tooltip("to:Q", title="P(collapse)", format=".2f"),
        alt.Tooltip("value:Q", title="change", format="+.2f"),
        alt.Tooltip("low:Q", title="90% from", format="+.2f"),
        alt.Tooltip("high:Q", title="to", format="+.2f"),
    ]


def as_json(found: Assessment) -> dict[str, Any]:
    """The assessment; the keys are told in `docs/assess.md`."""
    asked = found.asked
    exits = found.exits
    return {
        "name": asked.name,
        "case": asked.base.army_id if asked.base else None,
        "unchanged": asked.unchanged,
        "taught": found.taught,
        "codes": dict(asked.case.codes),
        "unknown": list(asked.unknown),
        "force_ratio": asked.case.force_ratio,
        "days": HORIZON,
        "p_collapse": _interval(found.p_collapse),
        "p_mass_desertion": _interval(found.p_mass_desertion),
        "exits_per_1000_month": {"p05": exits.low, "p50": exits.value, "p95": exits.high},
        "band": found.band,
        "base_rate": dict(found.base_rate),
        "ridge_ten": dict(found.ridge),
        "came": {name: getattr(asked.base, name) for name in ("collapse", "mass_desertion")} if asked.unchanged else None,
        "nearest": [
            {
                "case_id": each.army.army_id, "army": each.army.army, "distance": each.distance,
                "outcome": each.army.outcome, "collapse": each.army.collapse, "mass_desertion": each.army.mass_desertion,
                "differs": [dataclasses.asdict(one) for one in each.differs],
            }
            for each in found.nearest
        ],
        "changes": [
            {
                "code": one.code, "from": one.here, "to": one.there, "p_collapse": one.p_collapse.value,
                "change_p_collapse": _interval(one.collapse), "change_p_mass_desertion": _interval(one.mass_desertion),
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
                "case_id": each.case.army_id, "p_collapse_first": each.first, "p_collapse_second": each.second,
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
    pass

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
    return [*written, *charts.save(_what_would_change(found), folder / "changes")] if changes else written


def write_second(found: SecondCoder, folder: Path) -> list[Path]:
    """`second_coder.json`, `agreement.csv` by code and `recoded.csv` by case."""
    made = second_json(found)
    measures: dict[str, Measures] = {**found.agreement.codes, "all": found.agreement.overall}
    recoded = [{**each, "differs": _steps(each["differs"], "first", "second")} for each in made["cases"]]
    return [
        _text(folder / "second_coder.json", json.dumps(made, indent=1, allow_nan=False)),
        _table(folder / "agreement.csv", [{"code": code} | dataclasses.asdict(one) for code, one in measures.items()]),
        _table(folder / "recoded.csv", recoded),
    ]


def _interval(one: Estimate) -> dict[str, float]:
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
