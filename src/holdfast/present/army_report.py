"""An assessment of one army, or a comparison of two coders, as files: JSON, CSV, one figure. [IO]"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from holdfast.assessment.run import Assessment, SecondCoder
from holdfast.coded_armies.codebook import RULES
from holdfast.io import files
from holdfast.present import charts, html, text, vega
from holdfast.present.charts import Record
from holdfast.stats.agreement import Measures

if TYPE_CHECKING:
    import altair as alt

WIDTH = 560
"""Of the chart's plane [px]."""
MINUS = "\N{MINUS SIGN}"


def _what_would_change(result: Assessment) -> charts.Chart:
    """A row for each code put otherwise, the greatest change of P(collapse) on top."""
    rows: list[Record] = [
        {
            "name": step(one.code, one.here, one.there), "value": one.collapse.value, "low": one.collapse.low,
            "high": one.collapse.high, "to": one.p_collapse.value, "says": signed(one.collapse.value),
        }
        for one in result.changes
    ]  # fmt: skip
    reach = max(0.1, *(1.06 * abs(one[end]) for one in rows for end in ("low", "high")))
    axis = dict(tickCount=7, labelExpr="datum.value == 0 ? '0' : format(datum.value, '+.2~f')", labelFlush=False)
    scale = dict(domain=[-reach, reach], nice=False)

    def x(field: str) -> Record:
        return vega.field(field, scale=scale, axis=axis, title="change of P(collapse)")

    names = [one["name"] for one in rows]
    labels = dict(labelLimit=300, labelPadding=8, ticks=False, domain=False, labelFontSize=12, grid=False)
    y = vega.field("name:N", title=None, sort=names, axis=labels, scale=dict(domain=names, paddingInner=0.2))
    hue = vega.condition("datum.value > 0", vega.value(charts.YES), vega.value(charts.NO))
    tips = [vega.field("name:N", title="code"), vega.field("to:Q", title="P(collapse)", format=".2f")] + [
        vega.field(f"{field}:Q", title=title, format="+.2f")
        for field, title in (("value", "change"), ("low", "90% from"), ("high", "to"))
    ]
    base = vega.chart(charts.rows(rows)).encode(y=y, tooltip=tips)
    zero = vega.chart(charts.rows([{"zero": 0}])).mark("rule", color=charts.GUIDE, strokeDash=[4, 4])
    number = base.mark("text", align="left", dx=8, fontSize=11.5, color=charts.INK)
    chart = vega.layer(
        base.mark("bar", opacity=0.3, size=12).encode(x=x("value:Q"), x2=vega.datum(0), color=hue),
        zero.encode(x=x("zero:Q")),
        base.mark("rule", strokeWidth=2.2).encode(x=x("low:Q"), x2="high:Q", color=hue),
        base.mark("point", filled=True, size=70, opacity=1).encode(x=x("value:Q"), color=hue),
        number.encode(x=vega.value(WIDTH), text="says:N"),
    ).properties(width=WIDTH, height=24 * len(rows))
    p = result.p_collapse
    how = (
        f"One code put otherwise, all else equal, under the same {result.draws} draws. Point and bar: mean "
        f"change; line: 90%. As coded, P(collapse) is {p.value:.2f} ({p.low:.2f} to {p.high:.2f})."
    )
    return charts.titled(chart, f"What would change it: {result.request.name}", how)


def signed(value: float) -> str:
    """A change with its sign.

    Args:
        value: the change.

    Returns:
        Two digits after the point; 0 for what rounds to nothing.
    """
    return text.signed(value, 2) if abs(value) >= 0.005 else "0"


def step(code: str, here: int | None, there: int) -> str:
    """A code put otherwise.

    Args:
        code: its key.
        here: the level as coded; `None` where it is not known.
        there: the other level.

    Returns:
        As `safe exit: 1 → 2`.
    """
    return f"{RULES[code].name}: {'?' if here is None else here} → {there}"


AFTER = (
    "The pressures stay at their level after the first weeks; a shock passes. Collapse, settlement and destruction are the "
    "engine's own definitions here, while P(collapse) is the chance that a historian would code a collapse of a run of 240 days. "
    "The interval is of the draws, a few runs each, so luck is in it."
)
"""What is to be said of `by_day`."""


def by_day(result: Assessment) -> list[dict[str, str]]:
    """How the war has ended by each horizon, a row each.

    Args:
        result: the assessment.

    Returns:
        Cells by heading, of destruction only where it comes in any run; none where nothing was run.
    """
    ruin = {"destroyed": "army destroyed"} if any(each.destroyed.value for each in result.by_day) else {}
    heads = {"collapse": "collapse", "settlement": "state ends the war", **ruin, "none": "still fighting"}
    share = lambda of: f"{of.value:.2f} ({of.low:.2f} to {of.high:.2f})"  # noqa: E731
    return [
        {"by day": str(each.days)} | {head: share(getattr(each, name)) for name, head in heads.items()}
        for each in result.by_day
    ]


def certainty(result: Assessment) -> str:
    """How sure the codes were taken to be.

    Args:
        result: the assessment.

    Returns:
        A sentence that names each known code with its chance, by where that is from.
    """
    parts = []
    for source, words in (("given", "as you say"), ("changed", "put so"), ("learnt", "as learnt of coders")):
        chances = {code: chance for code, chance in result.certainty.items() if result.request.source(code) == source}
        if chances:
            parts.append(f"{words}: " + ", ".join(f"{RULES[code].name} {of:.2f}" for code, of in chances.items()))
    return f"Chance that each code is right over the whole span, {'; '.join(parts)}."


def figures(result: Assessment | SecondCoder) -> dict[str, Callable[[], alt.TopLevelMixin]]:
    """The figures of an assessment; a comparison of coders has none.

    Args:
        result: the assessment.

    Returns:
        What draws each, by name.
    """
    if isinstance(result, SecondCoder) or not result.changes:
        return {}
    return vega.in_altair({"changes": lambda: _what_would_change(result)})


def save(result: Assessment | SecondCoder, folder: Path, *, figures: bool = False) -> Path:
    """Write an assessment or a comparison of coders into a folder, whole or not at all.

    Args:
        result: the assessment: `assessment.json`, `changes.csv`, `nearest.csv` and the figure `changes`; or the comparison:
            `second_coder.json`, `agreement.csv` by code and `recoded.csv` by army.
        folder: where.
        figures: whether to write the figure as SVG and PNG files too.

    Returns:
        The path of the JSON.
    """
    if isinstance(result, SecondCoder):
        return _save_second(result, folder)
    plain: Record = result.to_dict()
    changes = [
        {
            "code": one["code"], "from": one["from"], "to": one["to"], "p_collapse": one["p_collapse"],
            **_flat("change_p_collapse", one["change_p_collapse"]),
            **_flat("change_p_mass_desertion", one["change_p_mass_desertion"]),
        }
        for one in plain["changes"]
    ]  # fmt: skip
    nearest = [{**_named(one), "differs": _steps(one["differs"], "here", "there")} for one in plain["nearest"]]
    with files.folder(folder, optional=("changes.png", "changes.svg")) as fresh:
        files.write_json(fresh / "assessment.json", plain)
        files.write_table(fresh / "changes.csv", changes)
        files.write_table(fresh / "nearest.csv", nearest)
        if figures and changes:
            charts.save(_what_would_change(result), fresh / "changes")
    return folder / "assessment.json"


def in_html(result: Assessment | SecondCoder) -> str:
    """An assessment or a comparison of coders in short, for a notebook.

    Args:
        result: the result.

    Returns:
        Chances, the greatest changes and when its war ends, or the codes that differ, as HTML.
    """
    if isinstance(result, SecondCoder):
        recoded = [{"army": each.army.army_id, "first": each.first, "second": each.second} for each in result.armies]
        return html.in_short("Two coders", [f"{len(recoded)} armies that both coded: P(collapse)."], recoded)
    chances = [
        f"P({name}) {of.value:.2f} ({of.low:.2f} to {of.high:.2f})."
        for name, of in (("collapse", result.p_collapse), ("mass desertion", result.p_mass_desertion))
    ]
    changes = [
        {"code put otherwise": step(one.code, one.here, one.there), "change of P(collapse)": signed(one.collapse.value)}
        for one in result.changes[:5]
    ]
    when = html.in_short("When: shares of runs, with 90%", [AFTER], by_day(result)) if result.by_day else ""
    return html.in_short(result.request.name, [*chances, certainty(result)], changes) + when


def _save_second(result: SecondCoder, folder: Path) -> Path:
    """The files of a comparison of coders."""
    plain: Record = result.to_dict()
    measures: dict[str, Measures] = {**result.agreement.codes, "all": result.agreement.overall}
    recoded = [{**_named(each), "differs": _steps(each["differs"], "first", "second")} for each in plain["armies"]]
    with files.folder(folder) as fresh:
        files.write_json(fresh / "second_coder.json", plain)
        rows = [{"code": code} | dataclasses.asdict(one) for code, one in measures.items()]
        files.write_table(fresh / "agreement.csv", rows)
        files.write_table(fresh / "recoded.csv", recoded)
    return folder / "second_coder.json"


def _named(row: Record) -> Record:
    """A row with the column by which a table of coded armies names an army."""
    return {"case_id" if name == "army_id" else name: value for name, value in row.items()}


def _flat(name: str, one: Mapping[str, float]) -> dict[str, float]:
    return {name: one["value"], f"{name}_p05": one["p05"], f"{name}_p95": one["p95"]}


def _steps(differs: Sequence[Record], one: str, other: str) -> str:
    """Differences of codes in one cell: `losses 2 1; safe_exit ? 2`."""
    return "; ".join(f"{each['code']} {_word(each[one])} {_word(each[other])}" for each in differs)


def _word(level: int | None) -> str:
    return "?" if level is None else str(level)
