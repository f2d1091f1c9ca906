"""What the model cannot know: the standing caveats that every report carries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from holdfast.coded_armies import codebook
from holdfast.engine import outcomes
from holdfast.present import charts, gauges, rates, text
from holdfast.present import text as present_text
from holdfast.stats import intervals

# Who broke, when, and in how many runs: from the first days that the result records.


OUTCOMES: dict[str, str] = {
    "day_mass_desertion": "mass desertion",
    "day_front_broken": "front broken",
    "day_collapse": "collapse",
}
"""The three defined outcomes. A side *breaks* with mass desertion or collapse: a front may also be broken by fire."""

ARTICLE = {"front broken": "a broken front"}
"""How an outcome reads inside a sentence, where that differs."""


def runs_broken(data: xr.Dataset, side: str) -> int:
    """In how many runs the side breaks: with mass desertion or collapse."""
    at = data.sel(side=side)
    return int((outcomes.break_day(at.day_mass_desertion, at.day_collapse) >= 0).sum())


def _count_broken(data: xr.Dataset, outcome: str, side: str) -> int:
    """In how many runs the outcome came to the side."""
    return int((data[outcome].sel(side=side) >= 0).sum())


def _day_of_break(data: xr.Dataset, outcome: str, side: str) -> str:
    """Median date of the outcome and its 90% interval, among the runs in which it came."""
    days = data[outcome].sel(side=side).values
    days = days[days >= 0]
    if days.size == 0:
        return "never"
    early, middle, late = (data.day.values[int(x)] for x in np.quantile(days, [0.05, 0.5, 0.95]))
    if days.size == 1:
        return text.short_date(middle)
    return f"{text.short_date(middle)} ({text.short_date(early)} – {text.short_date(late)})"


def first_to_break(data: xr.Dataset) -> dict[str, int]:
    """Runs in which each side broke first, both on one day, or neither."""
    counts = outcomes.first_to_break(data.day_mass_desertion, data.day_collapse)
    names = [*(str(side) for side in data.side.values), "both on one day", "neither"]
    return dict(zip(names, counts, strict=True))


def chance_by_day(data: xr.Dataset, outcome: str) -> xr.Dataset:
    """Share of runs in which the outcome had come by each day, with Wilson's 90% interval."""
    first = data[outcome]
    index = xr.DataArray(np.arange(data.sizes["day"]), dims="day", coords={"day": data.day})
    runs = data.sizes["run"]
    came = ((first >= 0) & (first <= index)).sum("run")
    ends = np.array([intervals.wilson(k, runs) for k in range(runs + 1)])
    return xr.Dataset(
        {"share": came / runs, "low": (came.dims, ends[came.values, 0]), "high": (came.dims, ends[came.values, 1])}
    )


# The answer: will either side break, when, who first, and which past armies this one looks like.


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
    count = runs_broken(data, side)
    return count, intervals.wilson_middle(count, data.sizes["run"])


def sentences(data: xr.Dataset) -> list[str]:
    """The answer in plain words, a side at a time, then who breaks first and what the runs can tell."""
    sides = [str(s) for s in data.side.values]
    return [
        *(_side(data, side) for side in sides),
        _first(data) + _peace(data),
        f"{text.resolution(data.sizes['run'])} {ranges(data)}",
    ]


def ranges(data: xr.Dataset) -> str:
    """What the ranges over the runs are of."""
    what = "luck and of a draw of the losses a run" if data.attrs.get("losses") else "luck alone"
    return f"The ranges are of {what}, with every parameter at its value."


def headline(data: xr.Dataset) -> str:
    """The shortest answer."""
    last = text.date(data.day.values[-1])
    runs = data.sizes["run"]
    counts = {side: chance(data, side) for side in map(str, data.side.values)}
    said = [f"{side} {text.chance(middle)} ({count} of {runs} runs)" for side, (count, middle) in counts.items()]
    return f"Chance of breaking by {last}, in this model and with these inputs: {', '.join(said)}."


def _looks_like(data: xr.Dataset, side: str) -> str:
    """Which past armies this one resembles, by its chance of breaking and its rate of exits."""
    count, middle = chance(data, side)
    rate = charts.interval(rates.overall(data, *rates.BY_CHOICE).sel(side=side))
    worst = charts.interval(rates.monthly(data, *rates.BY_CHOICE).sel(side=side).max("day"))[0]
    seen = (
        f"it breaks in {count} of {data.sizes['run']} runs. Of 1,000 men {text.number(rate[0], 2)} a month desert or "
        f"surrender ({present_text.likeness(rate[0])}), and {text.number(worst, 2)} in the worst month "
        f"({present_text.likeness(worst)})"
    )
    army = f"{text.of(side)} army"
    if middle <= HOLDS and rate[0] <= codebook.BANDS[0][2]:
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
        Row(f"{label}: chance", [text.of_runs(_count_broken(data, name, s), runs) for s in sides])
        for name, label in OUTCOMES.items()
    ]
    rows += [
        Row(f"{label}: when, if it comes", [_day_of_break(data, name, s) for s in sides])
        for name, label in OUTCOMES.items()
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
    return text.with_interval(charts.interval(values.sel(side=side)), digits, whole)


def _side(data: xr.Dataset, side: str) -> str:
    runs = data.sizes["run"]
    said = []
    for name, label in OUTCOMES.items():
        count = _count_broken(data, name, side)
        chance_said = text.chance(intervals.wilson_middle(count, runs))
        said.append(f"{ARTICLE.get(label, label)} is {chance_said} ({count} of {runs} runs)")
    when = _day_of_break(data, "day_mass_desertion", side)
    date = "" if when == "never" else f" Where mass desertion comes, it comes about {when}."
    return f"{_looks_like(data, side)} For {side}, {text.listed(said)}.{date}"


def _first(data: xr.Dataset) -> str:
    counts, runs = first_to_break(data), data.sizes["run"]
    said = [f"{who} in {count}" for who, count in counts.items() if count]
    return f"First to break, in {runs} runs: {text.listed(said)}."


def _peace(data: xr.Dataset) -> str:
    """In how many runs the fighting ends before the last day, if in any."""
    if "active" not in data:
        return ""
    over = (data.active <= 0).all("side")
    ended = over.any("day").values
    if not ended.any():
        return ""
    when = data.day.values[int(np.median(over.argmax("day").values[ended]))]
    return f" The fighting ends early in {int(ended.sum())} of {ended.size} runs (median {text.date(when)})."


# One or two sentences a section, in plain words; every number is read from the result.


def belief(data: xr.Dataset) -> list[str]:
    """Risk believed against true, and prospects."""
    out = []
    for side in _sides(data):
        at = data.sel(side=side)
        share = rates.believed_share(data, side)
        start, end = (float(at.prospects.isel(day=i).median("run")) for i in (0, -1))
        way = "fall" if end < start - 0.05 else "rise" if end > start + 0.05 else "stay"
        in_percent = text.with_interval((100 * share[0], 100 * share[1], 100 * share[2]), 2, unit="%")
        word = "less than" if share[0] < 0.95 else "more than" if share[0] > 1.05 else "about"
        out.append(
            f"{text.of(side)} men believe {word} the true risk: over the whole span "
            f"{in_percent} of it. Their prospects {way} "
            + (f"at {text.signed(start)}." if way == "stay" else f"from {text.signed(start)} to {text.signed(end)}.")
        )
    return out


def exits(data: xr.Dataset) -> list[str]:
    """Totals by flow, and the band of past armies."""
    out = []
    for side in _sides(data):
        total = {f: charts.interval(data[f].astype(float).sum("day").sel(side=side)) for f in _EXITS}
        rate = charts.interval(rates.overall(data, *rates.BY_CHOICE).sel(side=side))
        worst = charts.interval(rates.monthly(data, *rates.BY_CHOICE).sel(side=side).max("day"))
        said = [f"{text.number(total[f][0], whole=True)} {label}" for f, label in _EXITS.items()]
        out.append(
            f"{side}, medians over runs: {text.listed(said)}. "
            f"Of 1,000 men {text.with_interval(rate, 2)} left by choice each month ({present_text.likeness(rate[0])}), "
            f"and {text.with_interval(worst, 2)} in the worst month ({present_text.likeness(worst[0])})."
        )
    return out


def army(about: Mapping[str, Any]) -> list[str]:
    """What the film shows."""
    if not about:
        return ["No film was recorded with this result."]
    men = "one man" if about["grain"] == 1 else f"{text.number(about['grain'])} men"
    every = about["every"]
    drawn = (
        "Every billet is one point"
        if every == 1
        else f"One billet in {every} is drawn, so that the page stays small, as one point"
    )
    which = (
        f"run {about['run'] + 1} of {about['among']}"
        if about["among"]
        else "one run apart from the others, at a grain of its own"
    )
    return [
        f"{drawn}, coloured by what became of its last man: {about['posts']:,} billets, each standing for {men}, "
        f"in {which}. The two armies face each other across the front, reserves in the rear; each company is a patch.",
        "A place that is filled again turns back to the colour of the men present. One run is one way it may go, "
        "not a forecast.",
    ]


def front(data: xr.Dataset) -> list[str]:
    """Line and breaks."""
    out = []
    first, second = _sides(data)
    end = data.line_km.isel(day=-1).mean("sector")
    middle, low, high = charts.interval(end)
    gains = first if middle > 0 else second
    moved = (
        f"the line ends {present_text.number(abs(middle), 2)} km in favour of {gains}"
        if abs(middle) >= 0.5
        else "the line ends where it began"
    )
    out.append(
        f"Averaged over the sectors {moved} "
        f"(median; 90% of runs {present_text.signed(low)} to {present_text.signed(high)} km, plus for {first})."
    )
    said = []
    for side in (first, second):
        broken = data.broken.sel(side=side) > 0
        share = float(broken.any(("day", "sector")).mean())
        rings = float((data.encircled.sel(side=side) > 0).any(("day", "sector")).mean())
        said.append(
            f"a sector of {side} breaks in {present_text.percent(share)} of the runs "
            f"and is encircled in {present_text.percent(rings)}"
        )
    text = "; ".join(said)
    return [*out, text[0].upper() + text[1:] + "."]


def regime(data: xr.Dataset) -> list[str]:
    """Cohesion, authority, support."""
    out = []
    for side in _sides(data):
        at = data.sel(side=side)
        split = float((at.elite_cohesion < at.elite_threshold).any("day").mean())
        values = {
            name: (at[name].isel(day=0), at[name].isel(day=-1)) for name in ("authority", "elite_cohesion", "support")
        }
        said = {k: (float(a.median("run")), charts.interval(b)) for k, (a, b) in values.items()}
        out.append(
            f"{side}: authority goes from {said['authority'][0]:.2f} "
            f"to {text.with_interval(said['authority'][1], 2)}, "
            f"support at home from {said['support'][0]:.0f} to {text.with_interval(said['support'][1], 2)} points; "
            f"the elites split in {text.percent(split)} of the runs."
        )
    return out


def reproduction(data: xr.Dataset) -> list[str]:
    """R_d against one."""
    out = []
    runs = data.sizes["run"]
    for side in _sides(data):
        at = data.sel(side=side)
        peak, worst = (charts.interval(at[name].max("day")) for name in ("reproduction_mean", "reproduction_max"))
        above = int((at.reproduction_mean > 1).any("day").sum())
        out.append(
            f"{side}: one exit causes at most {text.with_interval(peak, 2)} further exits on average over brigades, "
            f"and {text.with_interval(worst, 2)} in the worst brigade; the mean passes 1 in {above} of {runs} runs."
        )
    return [
        *out,
        "Above 1 each exit brings more than one further exit, and desertion feeds on itself until something changes.",
    ]


def pressures(readings: list[charts.Record]) -> list[str]:
    """Which gauges stand at 1½ or more."""
    out = []
    for side in dict.fromkeys(r["side"] for r in readings):
        worst = [r for r in readings if r["side"] == side and r["moment"] == "worst"]
        high = [f"{r['gauge']} ({r['middle']:.1f})" for r in worst if r["middle"] >= _EXTREME]
        low = [r["gauge"] for r in worst if r["middle"] < _ABSENT]
        said = f"{text.listed(high)} reach" if high else "no pressure reaches"
        out.append(
            f"{side}: {said} {_EXTREME} or more of 2 at the worst"
            + (f"; hardly felt: {text.listed(low)}." if low else ".")
        )
    essay = sum(gauge.essay for gauge in gauges.GAUGES)
    return [
        *out,
        f"The first {essay} are the essay's, the other {len(gauges.GAUGES) - essay} history's. They do not add up to "
        "an index: on past armies their plain sum hardly tells those that broke from those that held.",
    ]


_EXITS = {
    "killed": "killed", "deserted": "deserted", "surrendered": "surrendered",
    "refused": "refusals to attack (man-days)",
    "evaded": "evaded the call-up", "fled": "fled abroad", "returned": "came back",
}  # fmt: skip

_EXTREME, _ABSENT = 1.5, 0.25
"""Gauge readings from which a pressure is called out, and under which it hardly presses."""


def _sides(data: xr.Dataset) -> list[str]:
    return [str(s) for s in data.side.values]


SAME = "The ranges are of luck alone: every run has the same inputs and the same parameters."
DRAWN = (
    "The ranges are of luck and of a draw of the losses a run: {losses}. All else, every parameter too, is the same in "
    "all runs."
)

STANDING: tuple[str, ...] = (
    "The chances are chances in the model, given its inputs. They leave out the chance that the model is wrong, "
    "and whatever the scenario does not mention.",
    "The nine pressures are hypotheses: five from an essay of November 2023, four from history. A run that bears "
    "one out does not prove it.",
    "{ranges} The parameters are starting values, not fitted ones, and the levels of resolve were set; the true "
    "uncertainty is wider than any band here.",
    "Cases of the past were chosen because they are famous and were set up by people who knew how each ended. That "
    "such a case runs its course here is no evidence for the model.",
    "When a break depends on what men expect of one another, its day cannot be told even in principle: small chances "
    "decide which day it is. Read a window, never a date.",
    "Most numbers of losses in a war are claims by one side about the other. The inputs keep their sources; a run "
    "cannot be better than they are.",
    "No billet is an identifiable person. Names of sectors, brigades and regions only group billets.",
    "For study and for public argument. Never for choosing targets, and never for harassing soldiers or their "
    "families.",
)


def standing(losses: str = "") -> list[str]:
    """The standing caveats, where `losses` says which posterior gave the runs theirs."""
    ranges = DRAWN.replace("{losses}", losses) if losses else SAME
    return [text.replace("{ranges}", ranges) for text in STANDING]
