"""What a simulation's dataset says: outcomes, rates, pressures as gauges, and the sentences and caveats of the report.

Every number is read from the dataset (`SimulationResult.data`). The nine gauges read a pressure from 0 to 2, on the scale on
which past armies were coded: the essay names five pressures, history adds four. No index adds them up: on past armies the
plain sum hardly separates collapses from holds (`docs/cases.md`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from holdfast.coded_armies import codebook
from holdfast.core.units import MONTH_DAYS, per_1000_month
from holdfast.engine import outcomes
from holdfast.ensemble import variance
from holdfast.ensemble.result import LUCK, by_day
from holdfast.present import charts, text
from holdfast.stats import intervals

# --- Outcomes: who broke, when, and in how many runs.

OUTCOMES = {
    "day_mass_desertion": "mass desertion", "day_front_broken": "front broken", "day_collapse": "collapse",
}  # fmt: skip
"""The outcomes of an army that is worn down. A side *breaks* with mass desertion or collapse: a front may also be broken by
fire."""
DESTROYED = {"day_destroyed": "army destroyed"}
"""An outcome of its own: the enemy has put out of action all but a rest of the army. Shown where it comes in any run."""
SETTLEMENT = "the state ended the war while its army stood"
"""A third end of a war beside collapse and none, which is no break; runs that were saved before it was there lack it."""
_ARTICLE = {"front broken": "a broken front", "army destroyed": "destruction of the army"}
"""How an outcome reads inside a sentence, where that differs."""
HOLDS, BREAKS = 0.33, 0.66
"""Chance of breaking up to which an army is said to look like those that held, and from which like those that broke.
Between the two the model cannot say."""


def sides_of(data: xr.Dataset) -> list[str]:
    """The sides of a run.

    Args:
        data: the run's dataset.

    Returns:
        Their names, in order.
    """
    return [str(side) for side in data.side.values]


def runs_broken(data: xr.Dataset, side: str) -> int:
    """In how many runs a side breaks.

    Args:
        data: the run's dataset.
        side: name of the side.

    Returns:
        Runs with mass desertion or collapse.
    """
    at = data.sel(side=side)
    return int((outcomes.break_day(at.day_mass_desertion, at.day_collapse) >= 0).sum())


def first_to_break(data: xr.Dataset) -> dict[str, int]:
    """In how many runs each side breaks first.

    Args:
        data: the run's dataset.

    Returns:
        Runs by side, with `both on one day`, `RUINED` and `neither`; all runs together.
    """
    counts = outcomes.first_to_break(data.day_mass_desertion, data.day_collapse, data.get("day_destroyed"))
    return dict(zip([*sides_of(data), "both on one day", RUINED, "neither"], counts, strict=True))


RUINED = "an army destroyed first"
"""Key of the runs in which an army is destroyed before either breaks."""


def chance_by_day(data: xr.Dataset, outcome: str) -> xr.Dataset:
    """Chance that an outcome has come by each day.

    Args:
        data: the run's dataset.
        outcome: a key of `OUTCOMES`.

    Returns:
        `share` of the runs and Wilson's 90 % interval `low`, `high` [1], by side and day.
    """
    index = xr.DataArray(np.arange(data.sizes["day"]), dims="day", coords={"day": data.day})
    runs = data.sizes["run"]
    count = ((data[outcome] >= 0) & (data[outcome] <= index)).sum("run")
    ends = np.array([intervals.wilson(k, runs) for k in range(runs + 1)])
    return xr.Dataset(
        {"share": count / runs, "low": (count.dims, ends[count.values, 0]), "high": (count.dims, ends[count.values, 1])}
    )


def _count(data: xr.Dataset, outcome: str, side: str) -> int:
    """In how many runs the outcome came to the side."""
    return int((data[outcome].sel(side=side) >= 0).sum())


def settlements(data: xr.Dataset) -> dict[str, int]:
    """In how many runs each side's state ended the war while its army stood.

    Args:
        data: the run's dataset.

    Returns:
        Runs by side, of the sides to which it came.
    """
    return _where_it_came(data, "day_settlement")


def destroyed(data: xr.Dataset) -> dict[str, int]:
    """In how many runs each side's army is destroyed.

    Args:
        data: the run's dataset.

    Returns:
        Runs by side, of the sides to which it came.
    """
    return _where_it_came(data, "day_destroyed")


def runs_fallen(data: xr.Dataset, side: str) -> int:
    """In how many runs a side breaks or is destroyed: in the others it holds.

    Args:
        data: the run's dataset.
        side: name of the side.

    Returns:
        The runs.
    """
    at = data.sel(side=side)
    fallen = outcomes.break_day(at.day_mass_desertion, at.day_collapse) >= 0
    if "day_destroyed" in data:
        fallen = fallen | (at.day_destroyed.values >= 0)
    return int(fallen.sum())


def shown(data: xr.Dataset) -> dict[str, str]:
    """The outcomes that are shown of an army.

    Args:
        data: the run's dataset.

    Returns:
        Labels by variable: `OUTCOMES`, and destruction where it comes in any run.
    """
    return OUTCOMES | (DESTROYED if destroyed(data) else {})


def _where_it_came(data: xr.Dataset, outcome: str) -> dict[str, int]:
    """Runs by side in which an outcome came, of the sides to which it came; runs saved before it was there lack it."""
    if outcome not in data:
        return {}
    counts = {side: _count(data, outcome, side) for side in sides_of(data)}
    return {side: count for side, count in counts.items() if count}


def _date_of(data: xr.Dataset, outcome: str, side: str) -> str:
    """Median date of the outcome and its 90 % interval, among the runs in which it came."""
    days = data[outcome].sel(side=side).values
    days = days[days >= 0]
    if days.size == 0:
        return "never"
    early, middle, late = (text.short_date(data.day.values[int(at)]) for at in intervals.quantiles(days).values())
    return middle if days.size == 1 else f"{middle} ({early} – {late})"


# --- Rates: flows per 1,000 men present and month.

WINDOW = 30
"""Days that a trailing rate looks back [d]."""
WARM_UP = 7
"""Before so many days a trailing rate is noise, and is left out [d]."""
BY_CHOICE = ("deserted", "surrendered")
"""Exits that count towards breaking. Men captured while encircled did not choose."""


def monthly(data: xr.Dataset, *flows: str) -> xr.DataArray:
    """Flows as a rate over the trailing `WINDOW` days, or over fewer at the start.

    Args:
        data: the run's dataset.
        *flows: variables that are added up.

    Returns:
        Men per 1,000 present and month, by run, day and side, from the end of the first week on.
    """

    def trailing(flow: xr.DataArray) -> xr.DataArray:
        total = flow.astype(float).cumsum("day")
        return total - total.shift(day=WINDOW, fill_value=0.0)

    men = sum((data[name].astype(float) for name in flows[1:]), data[flows[0]].astype(float))
    rate = per_1000_month(trailing(men), trailing(data.present).clip(min=1.0))
    return rate.isel(day=slice(min(WARM_UP, rate.sizes["day"]) - 1, None))


def overall(data: xr.Dataset, *flows: str) -> xr.DataArray:
    """Flows as a rate over the whole span.

    Args:
        data: the run's dataset.
        *flows: variables that are added up.

    Returns:
        Men per 1,000 present and month, by run and side.
    """
    men = sum((data[name].astype(float).sum("day") for name in flows[1:]), data[flows[0]].astype(float).sum("day"))
    return per_1000_month(men, data.present.astype(float).sum("day").clip(min=1.0))


def believed_share(data: xr.Dataset, side: str) -> tuple[float, float, float]:
    """Mean risk believed over mean true risk, over the whole span.

    Args:
        data: the run's dataset.
        side: name of the side.

    Returns:
        Median and ends of the 90 % interval over runs [1].
    """
    mean = data[["risk_believed", "risk_true"]].sel(side=side).mean("day")
    return charts.interval(mean.risk_believed / mean.risk_true.clip(min=1e-12))


# --- Pressures as gauges: straight lines between three anchors, for losses by their logarithm.


@dataclass(frozen=True)
class Gauge:
    """One pressure: how it is measured and what reads 0, 1 and 2."""

    name: str
    """As charts and sentences call it."""
    essay: bool
    """One of the essay's five, not of the four that history adds."""
    measure: Callable[[xr.Dataset], xr.DataArray]
    """The measured value, by run, day and side."""
    anchors: tuple[float, float, float]
    """The measured values that read 0, 1 and 2."""
    unit: str
    """Of the measured value."""
    about: str
    """A remark on the measure."""
    log: bool = False
    """Whether the lines are drawn in the value's logarithm."""

    def code(self, data: xr.Dataset) -> xr.DataArray:
        """What the gauge reads.

        Args:
            data: the run's dataset.

        Returns:
            0 to 2, by run, day and side.
        """
        value = self.measure(data).astype(float)
        scale = np.log if self.log else np.asarray
        at, codes = scale(np.array(self.anchors)), np.array([0.0, 1.0, 2.0])
        if at[0] > at[-1]:
            at, codes = at[::-1], codes[::-1]
        return value.copy(data=np.interp(scale(value.clip(min=1e-9).values if self.log else value.values), at, codes))


def _larger(one: xr.DataArray, other: xr.DataArray) -> xr.DataArray:
    """The larger of two, cell by cell."""
    return one.where(one > other, other)


def _inflow(data: xr.Dataset) -> xr.DataArray:
    """The larger of call-ups and postings: a man called in March and posted in May is one man."""
    return _larger(monthly(data, "notices"), monthly(data, "posted")) / (1000 * MONTH_DAYS)


GAUGES: tuple[Gauge, ...] = (
    Gauge(
        "high losses", True, lambda data: monthly(data, "killed"), (0.89, 4.47, 22.4), "killed per 1,000 men a month",
        "trailing 30 days; by the logarithm, so that the code passes ½ at 2 and 1½ at 10, the coders' bounds", log=True,
    ),
    Gauge(
        "no prospect of victory", True, lambda data: data.prospects, (0.5, -0.2, -0.9),
        "prospects, −1 to 1", "as the men see them",
    ),
    Gauge(
        "mass mobilisation", True, _inflow, (0.0005, 0.0025, 0.004),
        "men per man present a day", "the larger of call-ups and postings, trailing 30 days",
    ),
    Gauge("leader's decay", True, lambda data: data.vitality, (1.0, 0.7, 0.3), "vitality, 0 to 1", "of the leader"),
    Gauge(
        "regime disarray", True, lambda data: data.elite_cohesion, (0.9, 0.6, 0.2),
        "elite cohesion, 0 to 1", "0.2 is an open split",
    ),
    Gauge(
        "patron withdrawn", False, lambda data: data.patron_gone, (0.0, 0.5, 1.0),
        "share of support withdrawn", "by the patron abroad",
    ),
    Gauge(
        "unpaid or unfed", False, lambda data: _larger(data.unpaid, data.unfed), (0.0, 0.4, 1.0),
        "share unpaid or unfed", "the worse of the two",
    ),
    Gauge(
        "operational shock", False, lambda data: data.broken_share, (0.0, 0.2, 0.5),
        "share of sectors broken", "2 is a broken front",
    ),
    Gauge(
        "safe exit", False, lambda data: _larger(data.exit_safety, data.captor_treatment), (0.0, 0.5, 1.0),
        "safety of the way out, 0 to 1", "home or captor, whichever is safer",
    ),
)  # fmt: skip

MOMENTS = ("start", "worst", "end")


def readings(data: xr.Dataset) -> list[charts.Record]:
    """Each gauge of each side at the start, at its worst and at the end.

    Args:
        data: the run's dataset.

    Returns:
        Records of `gauge`, `side`, `moment`, `essay` and the median and 90 % interval `middle`, `low`, `high`. Start and
        end are means over 30 days; worst is the highest mean over 30 days.
    """
    out: list[charts.Record] = []
    for gauge in GAUGES:
        mean = _trailing_mean(gauge.code(data))
        at = {"start": mean.isel(day=0), "worst": mean.max("day"), "end": mean.isel(day=-1)}
        for moment in MOMENTS:
            for side in sides_of(data):
                middle, low, high = (round(value, 2) for value in charts.interval(at[moment].sel(side=side)))
                fixed = {"gauge": gauge.name, "side": side, "moment": moment, "essay": gauge.essay}
                out.append(fixed | {"middle": middle, "low": low, "high": high})
    return out


def _trailing_mean(code: xr.DataArray) -> xr.DataArray:
    """Means over `WINDOW` days, or all where there are fewer, from the first day that has so many behind it."""
    days = min(WINDOW, code.sizes["day"])
    windows = np.lib.stride_tricks.sliding_window_view(code.values, days, axis=code.get_axis_num("day"))
    return code.isel(day=slice(days - 1, None)).copy(data=windows.sum(-1) / days)


# --- The answer: will either side break, when, which first, and which past armies this one looks like.


def headline(data: xr.Dataset) -> str:
    """The shortest answer.

    Args:
        data: the run's dataset.

    Returns:
        The chance of breaking of each side, in a sentence.
    """
    runs = data.sizes["run"]
    words = []
    for side in sides_of(data):
        count = runs_broken(data, side)
        words.append(f"{side} {text.chance(intervals.wilson_middle(count, runs))} ({count} of {runs} runs)")
    last = text.date(data.day.values[-1])
    breaking = f"Chance of breaking by {last}, in this model and with these inputs: {', '.join(words)}."
    ruined = [
        f"{side} {text.chance(intervals.wilson_middle(count, runs))} ({count} of {runs} runs)"
        for side, count in destroyed(data).items()
    ]
    return f"{breaking} Chance that its army is destroyed: {', '.join(ruined)}." if ruined else breaking


def table(data: xr.Dataset) -> list[tuple[str, list[str]]]:
    """The answer in numbers.

    Args:
        data: the run's dataset.

    Returns:
        Rows: a name and a cell for each side.
    """
    sides, runs = sides_of(data), data.sizes["run"]

    def cells(values: xr.DataArray, digits: int = 3, whole: bool = False) -> list[str]:
        return [text.with_interval(charts.interval(values.sel(side=side)), digits, whole) for side in sides]

    ends = shown(data) | ({"day_settlement": "state ends the war"} if settlements(data) else {})
    rows = [
        (f"{label}: chance", [text.of_runs(_count(data, name, side), runs) for side in sides])
        for name, label in ends.items()
    ]
    rows += [
        (f"{label}: when, if it comes", [_date_of(data, name, side) for side in sides]) for name, label in ends.items()
    ]
    rows.append(("men present at the start", cells(data.present.isel(day=0), whole=True)))
    rows.append(("men present at the end", cells(data.present.isel(day=-1), whole=True)))
    for flow in ("killed", "wounded", "deserted", "surrendered", "refused", "returned"):
        name = "refusals to attack [man-days]" if flow == "refused" else flow
        rows.append((name, cells(data[flow].astype(float).sum("day"), whole=True)))
    rows.append(("exits by choice per 1,000 a month", cells(overall(data, *BY_CHOICE), 2)))
    rows.append(("highest mean R_d", cells(data.reproduction_mean.max("day"), 2)))
    return rows


ENDS_TITLE = "Which end comes first for each side, by a day of the war; 90% intervals in brackets"


def ends(data: xr.Dataset) -> tuple[list[str], list[list[str]]]:
    """Which end of the war came first for each side, by each horizon: when, not only whether.

    Args:
        data: the run's dataset.

    Returns:
        The heads of a table, and its rows.
    """
    every = {side: by_day(data, place) for place, side in enumerate(sides_of(data))}
    heads = text.ends_shown(every.values())
    rows = [
        [side, f"{int(days):,}", *text.ends(chances, heads)]
        for side, horizons in every.items()
        for days, chances in horizons.items()
    ]
    return ["", "by day", *heads.values()], rows


SPREAD_TITLE = "Where the spread between runs comes from: shares of the variance; 90% intervals in brackets"


def spread(data: xr.Dataset) -> tuple[list[str], list[list[str]]]:
    """Where the spread between runs comes from: luck, losses, or parameters and resolve.

    Args:
        data: the run's dataset.

    Returns:
        The heads of a table and its rows; no row where the runs differ in luck alone or are too few.
    """
    every = variance.parts(data) or {}
    names = dict.fromkeys(part for own in every.values() for shares in own.values() for part in shares)
    rows = [
        [f"{side}: {measure}"]
        + [text.share_with_ends(one.value, one.low, one.high) if (one := shares.get(part)) else "" for part in names]
        for side, own in every.items()
        for measure, shares in own.items()
    ]
    return ["", *names], rows


def _answer(data: xr.Dataset) -> list[str]:
    """The answer in plain words, a side at a time, then who breaks first and what the runs can resolve."""
    counts, runs = first_to_break(data), data.sizes["run"]
    ruined = counts.pop(RUINED)
    said = [f"{who} in {count}" for who, count in counts.items() if count]
    said += [f"in {ruined} an army is destroyed before either breaks"] if ruined else []
    first = text.listed(said)
    ranges = text.ranges_of(data.attrs.get("uncertain", LUCK), data.attrs.get("losses", ""))
    return [
        *(_side(data, side) for side in sides_of(data)),
        f"First to break, in {runs} runs: {first}.{_peace(data)}",
        f"{text.resolution(runs)} {ranges}",
    ]


def _side(data: xr.Dataset, side: str) -> str:
    """Which past armies a side's looks like, and the chance of each outcome."""
    runs, words = data.sizes["run"], []
    for name, label in shown(data).items():
        count = _count(data, name, side)
        likely = text.chance(intervals.wilson_middle(count, runs))
        words.append(f"{_ARTICLE.get(label, label)} is {likely} ({count} of {runs} runs)")
    when = _date_of(data, "day_mass_desertion", side)
    date = "" if when == "never" else f" Where mass desertion comes, it comes about {when}."
    if side in (ended := settlements(data)):
        date += f" In {ended[side]} of {runs} runs {SETTLEMENT}."
    return f"{_looks_like(data, side)} For {side}, {text.listed(words)}.{date}"


def _looks_like(data: xr.Dataset, side: str) -> str:
    """Which past armies this one resembles, by its chance of breaking or being destroyed and its rate of exits."""
    count, runs, ruined = runs_broken(data, side), data.sizes["run"], destroyed(data).get(side, 0)
    middle = intervals.wilson_middle(runs_fallen(data, side), runs)
    rate = charts.interval(overall(data, *BY_CHOICE).sel(side=side))[0]
    worst = charts.interval(monthly(data, *BY_CHOICE).sel(side=side).max("day"))[0]
    loses = f" and is destroyed in {ruined}, left with {text.percent(outcomes.DESTROYED_LEFT)} of its men or fewer"
    seen = (
        f"it breaks in {count} of {runs} runs{loses if ruined else ''}. Of 1,000 men {text.number(rate, 2)} a month desert or "
        f"surrender ({text.likeness(rate)}), and {text.number(worst, 2)} in the worst month ({text.likeness(worst)})"
    )
    army = f"{text.of(side)} army"
    if middle <= HOLDS and rate <= codebook.BANDS[0][2]:
        return f"{army} looks like those that held: {seen}."
    if middle <= HOLDS:
        return f"{army} looks like those that held while bleeding men: {seen}."
    if middle >= BREAKS and ruined > count:
        return f"{army} looks like those that were destroyed: {seen}."
    if middle >= BREAKS:
        return f"{army} looks like those that broke: {seen}."
    ends = "hold, break or be destroyed" if ruined else "hold or break"
    return f"{army} may {ends}, and the model cannot say which: {seen}."


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


# --- One or two sentences for each other section.

_EXITS = {
    "killed": "killed", "deserted": "deserted", "surrendered": "surrendered", "refused": "refusals to attack (man-days)",
    "evaded": "evaded the call-up", "fled": "fled abroad", "returned": "came back",
}  # fmt: skip
_EXTREME, _ABSENT = 1.5, 0.25
"""Gauge readings from which a pressure is called out, and under which it hardly presses."""


def _belief(data: xr.Dataset) -> list[str]:
    """Risk believed against true, and prospects."""
    out = []
    for side in sides_of(data):
        share = believed_share(data, side)
        start, end = (float(data.prospects.sel(side=side).isel(day=at).median("run")) for at in (0, -1))
        way = "fall" if end < start - 0.05 else "rise" if end > start + 0.05 else "stay"
        of_it = text.with_interval((100 * share[0], 100 * share[1], 100 * share[2]), 2, unit="%")
        word = "less than" if share[0] < 0.95 else "more than" if share[0] > 1.05 else "about"
        where = text.signed(start)
        moved = f"at {where}." if way == "stay" else f"from {where} to {text.signed(end)}."
        out.append(
            f"{text.of(side)} men believe {word} the true risk: over the whole span {of_it} of it. "
            f"Their prospects {way} {moved}"
        )
    return out


def _exits(data: xr.Dataset) -> list[str]:
    """Totals by flow, and the band of past armies."""
    out = []
    for side in sides_of(data):
        total = {flow: charts.interval(data[flow].astype(float).sum("day").sel(side=side))[0] for flow in _EXITS}
        rate = charts.interval(overall(data, *BY_CHOICE).sel(side=side))
        worst = charts.interval(monthly(data, *BY_CHOICE).sel(side=side).max("day"))
        flows = text.listed([f"{text.men(total[flow])} {label}" for flow, label in _EXITS.items()])
        out.append(
            f"{side}, medians over runs: {flows}. "
            f"Of 1,000 men {text.with_interval(rate, 2)} left by choice each month ({text.likeness(rate[0])}), "
            f"and {text.with_interval(worst, 2)} in the worst month ({text.likeness(worst[0])})."
        )
    return out


def _front(data: xr.Dataset) -> list[str]:
    """Line and breaks."""
    first, second = sides_of(data)
    # Results of older versions know no lengths of sectors: then it is the mean over them.
    known = "ground_km2" in data
    gained = data.ground_km2 if known else data.line_km.mean("sector")
    unit, least, places = ("km²", 1.0, 0) if known else ("km on average", 0.5, 1)
    middle, low, high = charts.interval(gained.isel(day=-1))
    gains = f"{first if middle > 0 else second} gains {text.number(abs(middle), 2)} {unit}"
    words = []
    for side in (first, second):
        broken, rings = (
            float((data[name].sel(side=side) > 0).any(("day", "sector")).mean()) for name in ("broken", "encircled")
        )
        words.append(
            f"a sector of {side} breaks in {text.percent(broken)} of the runs and is encircled in {text.percent(rings)}"
        )
    breaks = "; ".join(words)
    return [
        f"{gains if abs(middle) >= least else 'Neither side gains ground'} "
        f"(median; 90% of runs {text.signed(low, places)} to {text.signed(high, places)} {unit}, plus for {first})"
        f"{_seen(data)}.",
        breaks[0].upper() + breaks[1:] + ".",
    ]


def _seen(data: xr.Dataset) -> str:
    """What makers of maps measured by the last day that each has."""
    if "ground_seen" not in data:
        return ""
    gained = data.ground_seen.isel(day=-1).sum("sector", skipna=False).dropna("maker")
    each = [
        f"{text.signed(float(value), 0)} ({maker})" for maker, value in zip(gained.maker.values, gained, strict=True)
    ]
    return f"; measured on maps: {text.listed(each)}" if each else ""


def _regime(data: xr.Dataset) -> list[str]:
    """Cohesion, authority, support."""
    out = []
    for side in sides_of(data):
        at = data.sel(side=side)
        split = float((at.elite_cohesion < at.elite_threshold).any("day").mean())
        start = {name: float(at[name].isel(day=0).median("run")) for name in ("authority", "support")}
        end = {name: text.with_interval(charts.interval(at[name].isel(day=-1)), 2) for name in start}
        out.append(
            f"{side}: authority goes from {start['authority']:.2f} to {end['authority']}, support at home from "
            f"{start['support']:.0f} to {end['support']} points; the elites split in {text.percent(split)} of the runs."
        )
    return out


def _contagion(data: xr.Dataset) -> list[str]:
    """R_d against one."""
    out = []
    for side in sides_of(data):
        at = data.sel(side=side)
        peak, worst = (
            text.with_interval(charts.interval(at[f"reproduction_{of}"].max("day")), 2) for of in ("mean", "max")
        )
        above = int((at.reproduction_mean > 1).any("day").sum())
        out.append(
            f"{side}: one exit causes at most {peak} further exits on average over brigades, and {worst} in the worst "
            f"brigade; the mean passes 1 in {above} of {data.sizes['run']} runs."
        )
    feeds = (
        "Above 1 each exit brings more than one further exit, and desertion feeds on itself until something changes."
    )
    return [*out, feeds]


def _pressures(data: xr.Dataset) -> list[str]:
    """Which gauges stand at 1½ or more."""
    out, every = [], readings(data)
    for side in sides_of(data):
        worst = [one for one in every if one["side"] == side and one["moment"] == "worst"]
        high = [f"{one['gauge']} ({one['middle']:.1f})" for one in worst if one["middle"] >= _EXTREME]
        low = [one["gauge"] for one in worst if one["middle"] < _ABSENT]
        reach = f"{text.listed(high)} reach" if high else "no pressure reaches"
        hardly = f"; hardly felt: {text.listed(low)}." if low else "."
        out.append(f"{side}: {reach} {_EXTREME} or more of 2 at the worst{hardly}")
    essay = sum(gauge.essay for gauge in GAUGES)
    return [
        *out,
        f"The first {essay} are the essay's, the other {len(GAUGES) - essay} history's. They do not add up to "
        "an index: on past armies their plain sum hardly tells those that broke from those that held.",
        "A gauge says how hard a pressure presses, not whether it would break the army: holdfast explain runs the same "
        "scenario with each of them calm and extreme, alone and together.",
    ]


_SENTENCES: Mapping[str, Callable[[xr.Dataset], list[str]]] = {
    "answer": _answer, "belief": _belief, "exits": _exits, "front": _front, "regime": _regime, "contagion": _contagion,
    "pressures": _pressures,
}  # fmt: skip


def sentences(section: str, data: xr.Dataset) -> list[str]:
    """What a section of the report says.

    Args:
        section: the section's key.
        data: the run's dataset, its sides called by their names.

    Returns:
        Its sentences; none where the section is of tables alone.
    """
    return _SENTENCES[section](data) if section in _SENTENCES else []


def of_film(about: charts.Record) -> list[str]:
    """What the film shows.

    Args:
        about: the film's header as the page has it; empty where there is no film.

    Returns:
        Sentences.
    """
    if not about:
        return ["No film was recorded with this result."]
    drawn = "Every billet is one point"
    if about["every"] > 1:
        drawn = f"One billet in {about['every']} is drawn, so that the page stays small, as one point"
    men = "one man" if about["grain"] == 1 else f"{text.number(about['grain'])} men"
    which = "one run apart from the others, at a grain of its own"
    if about["among"]:
        which = f"run {about['run'] + 1} of {about['among']}"
    return [
        f"{drawn}, coloured by what became of its last man: {about['posts']:,} billets, each standing for {men}, "
        f"in {which}. The two armies face each other across the front, reserves in the rear; each company is a patch.",
        "A place that is filled again turns back to the colour of the men present. One run is one way it may go, "
        "not a forecast.",
    ]


# --- What the model cannot know.

_STANDING: Sequence[str] = (
    "The chances are chances in the model, given its inputs. They leave out the chance that the model is wrong, "
    "and whatever the scenario does not mention.",
    "The nine pressures are hypotheses: five from an essay of November 2023, four from history. A run that bears "
    "one out does not prove it.",
    "{ranges}",
    "Scenarios of the past were chosen because they are famous and were set up by people who knew how each ended. That "
    "such a scenario runs its course here is no evidence for the model.",
    "When a break depends on what men expect of one another, its day cannot be told even in principle: small chances "
    "decide which day it is. Read a window, never a date.",
    "Most numbers of losses in a war are claims by one side about the other. The inputs keep their sources; a run "
    "cannot be better than they are.",
    "No billet is an identifiable person. Names of sectors, brigades and regions only group billets.",
    "For study and for public argument. Never for choosing targets, and never for harassing soldiers or their "
    "families.",
)


def caveats(uncertain: str = LUCK, losses: str = "") -> list[str]:
    """What to hold against every run.

    Args:
        uncertain: what the runs differ in, as their dataset says.
        losses: which posterior gave the runs their losses, in words; empty where none did.

    Returns:
        Sentences.
    """
    ranges = text.ranges_of(uncertain, losses) + (f" Losses: {losses}." if losses else "")
    return [sentence.replace("{ranges}", ranges) for sentence in _STANDING]
