"""The answer: will either side break, when, who first, and which past armies this one looks like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from holdfast.report import outcomes, rates, spread, words

HOLDS, BREAKS = 0.33, 0.66
"""Chance of breaking below which an army is said to look like those that held, above which like those
that broke. Between the two the model cannot say."""


@dataclass(frozen=True)
class Row:
    """One line of the table of answers: a name and a cell a side."""

    name: str
    cells: Sequence[str]


def chance(data: xr.Dataset, side: str) -> tuple[int, float]:
    """In how many runs the side breaks, and the middle of that chance's interval."""
    count = int(np.isfinite(outcomes.broke(data).sel(side=side)).sum())
    return count, words.wilson(count, data.sizes["run"])[0]


def sentences(data: xr.Dataset) -> list[str]:
    """The answer in plain words, a side at a time, then who breaks first and what the runs can tell."""
    sides = [str(s) for s in data.side.values]
    return [
        *(_side(data, side) for side in sides),
        _first(data) + _peace(data),
        f"{words.resolution(data.sizes['run'])} {ranges(data)}",
    ]


def ranges(data: xr.Dataset) -> str:
    """What the ranges over the runs are of."""
    what = "luck and of a draw of the losses a run" if data.attrs.get("losses") else "luck alone"
    return f"The ranges are of {what}, with every parameter at its value."


def headline(data: xr.Dataset) -> str:
    """The shortest answer."""
    last = words.date(data.day.values[-1])
    runs = data.sizes["run"]
    counts = {side: chance(data, side) for side in map(str, data.side.values)}
    said = [f"{side} {words.chance(middle)} ({count} of {runs} runs)" for side, (count, middle) in counts.items()]
    return f"Chance of breaking by {last}, in this model and with these inputs: {', '.join(said)}."


def looks_like(data: xr.Dataset, side: str) -> str:
    """Which past armies this one resembles, by its chance of breaking and its rate of exits."""
    count, middle = chance(data, side)
    rate = spread.interval(rates.overall(data, *rates.BY_CHOICE).sel(side=side))
    worst = spread.interval(rates.monthly(data, *rates.BY_CHOICE).sel(side=side).max("day"))[0]
    seen = (
        f"it breaks in {count} of {data.sizes['run']} runs. Of 1,000 men {words.number(rate[0], 2)} a month desert or "
        f"surrender ({rates.likeness(rate[0])}), and {words.number(worst, 2)} in the worst month "
        f"({rates.likeness(worst)})"
    )
    army = f"{words.of(side)} army"
    if middle <= HOLDS and rate[0] <= rates.BANDS[0][2]:
        return f"{army} looks like those that held: {seen}."
    if middle <= HOLDS:
        return f"{army} looks like those that held while bleeding men: {seen}."
    if middle >= BREAKS:
        return f"{army} looks like those that broke: {seen}."
    return f"{army} may hold or break, and the model cannot say which: {seen}."


def table(data: xr.Dataset) -> list[Row]:
    """The answer in numbers, one column a side."""
    sides, runs = [str(s) for s in data.side.values], data.sizes["run"]
    rows = [
        Row(f"{label}: chance", [words.of_runs(outcomes.count(data, name, s), runs) for s in sides])
        for name, label in outcomes.OUTCOMES.items()
    ]
    rows += [
        Row(f"{label}: when, if it comes", [outcomes.when(data, name, s) for s in sides])
        for name, label in outcomes.OUTCOMES.items()
    ]
    rows.append(Row("men present at the start", [_of(data.present.isel(day=0), s, whole=True) for s in sides]))
    rows.append(Row("men present at the end", [_of(data.present.isel(day=-1), s, whole=True) for s in sides]))
    for flow in ("killed", "wounded", "deserted", "surrendered", "refused", "returned"):
        name = "refusals to attack [man-days]" if flow == "refused" else flow
        rows.append(Row(name, [_of(data[flow].astype(float).sum("day"), s, whole=True) for s in sides]))
    exits = rates.overall(data, *rates.BY_CHOICE)
    rows.append(Row("exits by choice per 1,000 a month", [_of(exits, s, 2) for s in sides]))
    rows.append(Row("highest mean R_d", [_of(data.reproduction_mean.max("day"), s, 2) for s in sides]))
    return rows


def _of(values: xr.DataArray, side: str, digits: int = 3, whole: bool = False) -> str:
    return words.with_interval(spread.interval(values.sel(side=side)), digits, whole)


def _side(data: xr.Dataset, side: str) -> str:
    runs = data.sizes["run"]
    said = []
    for name, label in outcomes.OUTCOMES.items():
        count = outcomes.count(data, name, side)
        chance_said = words.chance(words.wilson(count, runs)[0])
        said.append(f"{outcomes.ARTICLE.get(label, label)} is {chance_said} ({count} of {runs} runs)")
    when = outcomes.when(data, "day_mass_desertion", side)
    date = "" if when == "never" else f" Where mass desertion comes, it comes about {when}."
    return f"{looks_like(data, side)} For {side}, {words.listed(said)}.{date}"


def _first(data: xr.Dataset) -> str:
    counts, runs = outcomes.first_to_break(data), data.sizes["run"]
    said = [f"{who} in {count}" for who, count in counts.items() if count]
    return f"First to break, in {runs} runs: {words.listed(said)}."


def _peace(data: xr.Dataset) -> str:
    """In how many runs the fighting ends before the last day, if in any."""
    if "active" not in data:
        return ""
    over = (data.active <= 0).all("side")
    ended = over.any("day").values
    if not ended.any():
        return ""
    when = data.day.values[int(np.median(over.argmax("day").values[ended]))]
    return f" The fighting ends early in {int(ended.sum())} of {ended.size} runs (median {words.date(when)})."
