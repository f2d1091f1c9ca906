"""A sweep as files: JSON, tables, figures and a page. [IO]"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from holdfast.core import runtime
from holdfast.io import files
from holdfast.present import charts, html, sensitivity_figures, text, vega
from holdfast.present.charts import Record
from holdfast.sensitivity.boxes import Box
from holdfast.sensitivity.indices import FEW, SobolDesign
from holdfast.sensitivity.request import BOXES, METHODS, MORRIS, OUTCOMES, SOBOL
from holdfast.sensitivity.result import EVENTS, Sweep
from holdfast.stats.intervals import Estimate

if TYPE_CHECKING:
    import altair as alt

PAGE = "sweep.html"
CAPTIONS = {
    "tornado": "Which inputs move it", "screening": "Screening", "dependence": "How it depends on them",
    "trajectory": "How the box was searched", "box": "The box",
}  # fmt: skip
HEADS = {
    SOBOL: ("total order", "first order"), MORRIS: ("mu*", "sigma"), BOXES: ("share of variance", ""),
}  # fmt: skip
"""What the two numbers of an input are."""


def figures(result: Sweep) -> dict[str, Callable[[], alt.TopLevelMixin]]:
    """The figures of a sweep.

    Args:
        result: the sweep.

    Returns:
        What draws each, by name.
    """
    return vega.in_altair(sensitivity_figures.drawings(result))


def headline(result: Sweep) -> str:
    """What the sweep says, in a sentence.

    Args:
        result: the sweep.

    Returns:
        Which inputs move the outcome most, and how surely; or that none does.
    """
    strong = sensitivity_figures.moving(result)[:3]
    what = sensitivity_figures.outcome_in_words(result)
    if not strong:
        return f"Nothing that was varied moves {what}: it {_constant(result)}."
    each = [f"{one.input.label} ({_number(one.size)})" for one in strong]
    name = {
        SOBOL: "shares of the variance, total order",
        MORRIS: "mean absolute effect",
        BOXES: "shares of the variance",
    }
    interval = "" if result.method == BOXES else ", 90%"
    return (
        f"Of {len(result.inputs)} inputs these move {what} most: {text.listed(each)} [{name[result.method]}{interval}]."
    )


def _constant(result: Sweep) -> str:
    """How often the outcome comes, where it is the same everywhere."""
    if result.outcome == "exits":
        return "is the same in all runs"
    chance = result.chance(result.side, result.outcome).value
    return (
        "comes in every run" if chance == 1 else "comes in no run" if chance == 0 else f"comes in {chance:.0%} of runs"
    )


def notes(result: Sweep) -> list[str]:
    """What a reader must know of the numbers.

    Args:
        result: the sweep.

    Returns:
        Sentences.
    """
    every = [
        "A chance here is a mean over the ranges that were varied: no forecast. What was not varied is "
        + ("as declared, resolve at its middle." if result.luck_only else "drawn from what is known of it.")
    ]
    if not result.luck_only and result.method != BOXES:
        every.append(
            f"All points have the same {result.draws} draws of what is not known. The numbers are of these, their intervals are "
            "of the points alone. With others chances can be far from these; --method boxes has a draw for each point."
        )
    of = result.luck.get(result.side, {}).get(result.outcome)
    if of and math.isfinite(of.share):
        source = "luck" if result.luck_only else "luck and draws of what is not known"
        every.append(
            f"{of.share:.0%} of the variance between single runs is {source}; in the means over {result.draws} draws at each point "
            f"{of.left:.0%} of the variance is left of it, which counts as an interaction of inputs."
        )
    if rare := _rare_note(result):
        every.append(rare)
    if any(one.drawn for one in result.inputs):
        every.append(
            "Draws of the posterior go together: where a box limits one of them, another that goes with it may be the cause. "
            "Shares of the variance by Sobol do not apply to such inputs."
        )
    if result.method == MORRIS:
        every.append(
            "Each input moves over the middle 90% of its prior, or its whole range. mu* ranks inputs; it is no share of "
            "the variance. For boxes give fewer inputs, or --method boxes."
        )
    if result.boxes is not None:
        every.append(_search_note(result))
    return every


def _rare_note(result: Sweep) -> str:
    """What is to be held against indices of an outcome that hardly ever differs; nothing where it does."""
    if not isinstance(result.design, SobolDesign):
        return ""
    values = result.means(result.side, result.outcome)
    uncommon, count = result.design.uncommon(values), len(result.design.independent)
    if not 0 < uncommon < FEW:
        return ""
    return (
        f"The outcome is other than its commonest value at {uncommon} of {count} independent points alone: indices are rough, and "
        "intervals of the first order hold those of a second estimator (Jansen's). Give more runs, or narrower ranges."
    )


def _search_note(result: Sweep) -> str:
    """How far boxes can be trusted."""
    search = result.boxes
    assert search is not None
    if not search.boxes:
        return f"No box: it comes in {search.base:.0%} of the points, and no limit makes a sure difference."
    first = (
        f"It comes in {search.base:.0%} of the points. Density and coverage are of the points that chose the box, so they "
        "flatter it; a quasi-p-value is of one limit, chosen among all inputs."
    )
    if not search.apart:
        return f"{first} Half of the points alone give no box."
    density, coverage = search.apart
    return f"{first} Boxes of one half of the points, counted on the other: density {density:.2f}, coverage {coverage:.2f}."


def box_rows(result: Sweep) -> list[dict[str, str]]:
    """The boxes, a row each.

    Args:
        result: the sweep.

    Returns:
        Cells by heading, PRIM's boxes first.
    """
    kinds = (("PRIM", result.boxes.boxes if result.boxes else ()), ("CART", result.tree))
    return [
        {
            "by": kind if kind == "CART" or number == 1 else f"{kind}, of what is left", "box": when(box, result),
            "density": _share(box.density), "coverage": f"{box.coverage:.0%}", "points": f"{box.points}",
            "quasi-p": ", ".join(_p(limit.p) for limit in box.limits),
        }
        for kind, every in kinds for number, box in enumerate(every, start=1)
    ]  # fmt: skip


def when(box: Box, result: Sweep) -> str:
    """A box's limits in words.

    Args:
        box: the box.
        result: the sweep that it is of.

    Returns:
        As `south supply < 0.6 and south elite level < 0.4`.
    """
    return " and ".join(limit.sentence(result.labels[limit.name]) for limit in box.limits)


def input_rows(result: Sweep, most: int | None = None) -> list[dict[str, str]]:
    """The inputs with their indices, a row each, the strongest first.

    Args:
        result: the sweep.
        most: rows at most; all unless given.

    Returns:
        Cells by heading.
    """
    size, other = HEADS[result.method]
    rows = []
    for one in result.ranked[:most]:
        row = {"input": one.input.label, "varied": one.input.in_words, size: _number(one.size)}
        rows.append(row | {other: _number(one.other)} if other else row)
    return rows


def _moving_rows(result: Sweep) -> list[dict[str, str]]:
    """The same, where any input moves the outcome."""
    return input_rows(result) if sensitivity_figures.moving(result) else []


def chance_rows(result: Sweep) -> list[dict[str, str]]:
    """How often each event came over the ranges that were varied, a row a side.

    Args:
        result: the sweep.

    Returns:
        Cells by heading.
    """
    return [
        {"side": side, **{OUTCOMES[name]: _share(result.chance(side, name)) for name in EVENTS}}
        for side in result.sides
    ]


def facts(result: Sweep) -> list[str]:
    """What was done, in a line.

    Args:
        result: the sweep.

    Returns:
        Its parts.
    """
    each = f"{result.draws} draws each" if result.draws > 1 else "one draw each"
    grain = "1 man" if result.men_per_billet == 1 else f"{result.men_per_billet} men"
    return [
        f"{result.method}: {METHODS[result.method]}", f"{len(result.runs.point):,} runs of {result.days} days",
        f"{len(result.values):,} points, {each}", f"a billet is {grain}", f"seed {result.seed}", f"Holdfast {runtime.version()}",
    ]  # fmt: skip


def save(result: Sweep, folder: Path, *, figures: bool = False) -> Path:
    """Write `sweep.json`, tables, figures and a page into a folder, whole or not at all.

    Args:
        result: the sweep: `inputs.csv` (a row an input), `boxes.csv` (a row a limit), `trajectory.csv`, `runs.csv` (a row a run
            with the inputs' values).
        folder: where.
        figures: whether to write the figures as SVG and PNG files too; the page draws its own.

    Returns:
        The page's path.
    """
    specs = {name: draw().to_dict() for name, draw in sensitivity_figures.drawings(result).items()}
    plain: Record = result.to_dict()
    with files.folder(folder, optional=("figures", "boxes.csv", "trajectory.csv", "inputs.csv")) as fresh:
        files.write_json(fresh / "sweep.json", plain)
        if result.ranked:
            files.write_table(fresh / "inputs.csv", result.index_rows())
        if limits := result.limit_rows():
            files.write_table(fresh / "boxes.csv", limits)
        if plain["trajectory"]:
            files.write_table(fresh / "trajectory.csv", plain["trajectory"])
        files.write_table(fresh / "runs.csv", result.run_rows())
        if figures:
            charts.save_all(specs, fresh / "figures")
        files.write_text(fresh / PAGE, _page(result, specs))
    return folder / PAGE


def in_html(result: Sweep) -> str:
    """A sweep in short, as HTML for a notebook.

    Args:
        result: the sweep.

    Returns:
        Its headline, boxes and strongest inputs.
    """
    rows = input_rows(result, 8)
    return html.in_short(
        f"Sweep of {result.title}", [headline(result), *result.sentences()[:3], *notes(result)[:2]], rows
    )


def _page(result: Sweep, specs: Mapping[str, Record]) -> str:
    """The page as text."""
    return html.charts_page(
        "sweep.html.j2", specs, title=result.title, headline=headline(result), facts=facts(result), notes=notes(result),
        sentences=result.sentences(), tables=_tables(result), figures=[(name, CAPTIONS[name]) for name in specs],
    )  # fmt: skip


def _tables(result: Sweep) -> list[Record]:
    """The page's tables: heading, caption, column names, rows of cells."""
    every: Sequence[tuple[str, str, list[dict[str, str]]]] = (
        ("Boxes", "90% in brackets (Wilson); quasi-p in the order of the limits", box_rows(result)),
        ("Inputs", f"for {sensitivity_figures.outcome_in_words(result)}; 90% in brackets", _moving_rows(result)),
        ("How often it came", "over the ranges that were varied, with 90% (Wilson, by points)", chance_rows(result)),
    )
    return [
        {"head": head, "caption": caption, "columns": list(rows[0]), "rows": [list(row.values()) for row in rows]}
        for head, caption, rows in every if rows
    ]  # fmt: skip


def _share(one: Estimate) -> str:
    """`61% (54 to 68)`."""
    return f"{one.value:.0%} ({100 * one.low:.0f} to {100 * one.high:.0f})"


def _number(one: Estimate) -> str:
    """`0.71 (0.60 to 0.82)`; without an interval the number alone; a dash for what has no meaning."""
    if one.value != one.value:
        return "–"
    digits = 2 if max(abs(one.value), abs(one.high)) >= 0.1 else 4
    values = [f"{value:.{digits}f}".replace("-", "−") for value in (one.value, one.low, one.high)]
    return values[0] if one.low == one.high else f"{values[0]} ({values[1]} to {values[2]})"


def _p(value: float) -> str:
    """A quasi-p-value: `0.02`, `< 0.001`."""
    return "< 0.001" if value < 0.001 else f"{value:.2g}"
