"""`hf.warn`: signals of early warning in a table of absence or in the runs of a simulation. [IO]"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from holdfast.core import timings
from holdfast.core.faults import Fault, WarnError, unknown
from holdfast.core.units import CALENDAR_MONTH_DAYS
from holdfast.early_warning import absence_table, indicators, signals, skill
from holdfast.early_warning.absence_table import WEEK, AbsenceSeries
from holdfast.early_warning.indicators import Signal
from holdfast.early_warning.result import EarlyWarning, RunWatch, SignalNow, TrendNow
from holdfast.early_warning.signals import SIGNALS
from holdfast.early_warning.skill import Skill, Skills
from holdfast.stats.intervals import Estimate

if TYPE_CHECKING:
    import pandas
    import xarray as xr

    from holdfast.ensemble.result import SimulationResult

Floats = npt.NDArray[np.float64]

USUAL_RATE = 3.0
"""Exits per 1,000 men and month by which the size of an army is guessed whose men are not known: a holding army's."""
FAR = 10.0
"""An army so many times larger than the largest that was measured has other thresholds of what grows with an army."""
GROWING = ("variance", "spread")
"""Signals whose values grow with the size of an army, at the same swings of its rate."""
DAYS = 7
"""Of a week [d]."""


@timings.phase("run")
def warn(
    source: str | Path | pandas.DataFrame | SimulationResult, *, interval: str | None = None, side: str | None = None,
    run: int | None = None,
) -> EarlyWarning:  # fmt: skip
    """Signals of early warning: R_d by the renewal equation, autocorrelation, variance, spread between units, recovery.

    Every value rests on its own period and the past alone. Beside each stand a threshold and what was measured of it on
    simulated armies that held and that broke.

    Args:
        source: a table of absence by week or month (path or DataFrame; columns in `holdfast.early_warning.absence_table`), the
            folder of a simulation, or its result.
        interval: `week` or `month`; read from the dates of a table unless given.
        side: whose exits, of a simulation; the first side's unless given.
        run: the run of a simulation that is shown; its first unless given.

    Returns:
        The signals, their skill, and of a simulation the leads in every run.

    Raises:
        WarnError: with every fault of the table, or if the simulation has no such side or run.
        StoreError: if the folder holds a result that is damaged.
    """
    simulated = _simulated(source)
    if simulated is None:
        faults = [
            Fault(name, str(value), "nothing: a table has neither sides nor runs", "Leave it out")
            for name, value in (("side", side), ("run", run)) if value is not None
        ]  # fmt: skip
        if faults:
            raise WarnError(faults)
        return of_series(absence_table.read(source, interval))  # type: ignore[arg-type]
    if interval not in (None, WEEK):
        cure = "Leave it out, or save the counts as a table by month"
        raise WarnError([Fault("interval", str(interval), "week: runs are counted by week", cure)])
    return _of_simulation(simulated, side, run)


def _simulated(source: object) -> SimulationResult | None:
    """The result of a simulation, if that is what was given."""
    if isinstance(source, str | Path):
        if not Path(source).is_dir():
            return None
        from holdfast.ensemble import store

        return store.load_result(Path(source)) if store.holds_result(source) else None
    if type(source).__name__ != "SimulationResult":
        return None
    return source  # type: ignore[return-value]


def of_series(series: AbsenceSeries) -> EarlyWarning:
    """Signals of a series, now being its last known period.

    Args:
        series: the counts.

    Returns:
        The signals and their skill.
    """
    last = int(np.flatnonzero(np.isfinite(series.counts))[-1]) if np.isfinite(series.counts).any() else len(series) - 1
    values = signals.every(series.counts, series.men, series.unit_counts, series.unit_men, interval=series.interval)
    known = int(np.isfinite(series.counts).sum())
    title = f"{series.name}: {known} {series.interval}s known of {len(series)}, to {series.when(last)}"
    return _warning(title, series, last, values)


def _warning(
    title: str, series: AbsenceSeries, last: int, values: Mapping[str, Signal], runs: tuple[RunWatch, ...] = (),
    engine: Floats | None = None,
) -> EarlyWarning:  # fmt: skip
    """The result of signals that are worked out."""
    measured = skill.shipped()
    men, far, size = _size(series, last, measured)
    skills = {name: measured.find(name, series.interval, men) for name in SIGNALS if not (far and name in GROWING)}
    now = tuple(_now(name, values.get(name), series, last, skills.get(name)) for name in SIGNALS)
    trends = tuple(_trend(name, values[name], series, last, measured, men) for name in skill.TREND_OF)
    return EarlyWarning(
        title=title, series=series, last=last, signals=values, now=now, trends=trends, men=men, size=size, runs=runs,
        engine=engine,
    )  # fmt: skip


def _size(series: AbsenceSeries, last: int, measured: Skills) -> tuple[int, bool, str]:
    """The size of simulated armies whose skill stands beside a series, whether it is far larger, and why that size."""
    sizes = measured.sizes()
    window = slice(max(0, last - 51), last + 1)
    men = series.men[window][np.isfinite(series.men[window])] / series.scale
    if len(men):
        own, what = float(np.median(men)), "its men"
    else:
        counts = series.counts[window][np.isfinite(series.counts[window])] / series.scale
        monthly = float(np.mean(counts)) / series.days * CALENDAR_MONTH_DAYS if len(counts) else 0.0
        own, what = (
            1000 * monthly / USUAL_RATE,
            f"its exits at {USUAL_RATE:g} per 1,000 a month, since its men are not known",
        )
    nearest = min(sizes, key=lambda one: abs(math.log(one / max(own, 1.0))))
    grain = f" of {series.scale:g} each" if series.scale > 1 else ""
    far = own > FAR * sizes[-1]
    more = f"; it is larger than any that was measured, so {' and '.join(GROWING)} have no threshold" if far else ""
    return nearest, far, f"the nearest in size to {_round(own):,} men{grain}, by {what}{more}"


def _round(value: float) -> int:
    """A number to two digits."""
    return int(float(f"{max(value, 1):.2g}"))


def _now(name: str, signal: Signal | None, series: AbsenceSeries, last: int, of: Skill | None) -> SignalNow:
    """A signal at the last period, beside what was measured of it."""
    if signal is None or not np.isfinite(signal.value[last]):
        return SignalNow(name, Estimate(np.nan, np.nan, np.nan), _missing(name, series, last), None, None, of)
    now = Estimate(*(float(each[last]) for each in (signal.value, signal.low, signal.high)))
    if of is None or not np.isfinite(of.threshold):
        return SignalNow(name, now, "", None, None, of)
    above = beyond(name, signals.judged(name, signal)[: last + 1], of.threshold)
    quiet = np.flatnonzero(~above)
    begins = int(quiet[-1]) + 1 if len(quiet) else 0
    return SignalNow(name, now, "", bool(above[last]), series.starts[begins] if above[last] else None, of)


def beyond(name: str, values: Floats, threshold: float) -> npt.NDArray[np.bool_]:
    """Whether a signal gives an alarm.

    Args:
        name: the signal's.
        values: what is held against the threshold (`signals.judged`), at any periods; NaN where not known.
        threshold: of the alarm.

    Returns:
        Whether it does, the same shape.
    """
    return np.asarray(values < threshold if SIGNALS[name].low_warns else values > threshold)


def _missing(name: str, series: AbsenceSeries, last: int) -> str:
    """Why a signal cannot be had."""
    known = int(np.isfinite(series.counts[: last + 1][-indicators.WINDOW :]).sum())
    if name == "rate" and not np.isfinite(series.men).any():
        return "the men are not known: give a column men"
    if name == "spread" and series.unit_counts is None:
        return "no units: give a column unit, or one for each"
    if name == "recovery":
        _, shocks = indicators.recovery(series.counts)
        within = f"{indicators.RECOVERY_WINDOW} {series.interval}s"
        return f"{int(shocks[last])} shocks in {within}; {indicators.LEAST_SHOCKS} are needed"
    if name in ("autocorrelation", "variance", "spread"):
        if known >= indicators.LEAST:
            return "the counts do not move"
        return f"{known} of the last {indicators.WINDOW} {series.interval}s known; {indicators.LEAST} are needed"
    return "too few periods known, or no exit in them"


def _trend(name: str, signal: Signal, series: AbsenceSeries, last: int, measured: Skills, men: int) -> TrendNow:
    """Kendall's tau up to now."""
    tau, p = indicators.kendall(signal.value[: last + 1])
    of = (one for one in measured.trends if (one.signal, one.interval, one.men) == (name, series.interval, men))
    return TrendNow(name, tau, p, next(of, None))


# --- Runs of a simulation.


def _of_simulation(result: SimulationResult, side: str | None, run: int | None) -> EarlyWarning:
    """Signals of one run, and the leads in all of them."""
    data = result.data
    names, numbers = [str(each) for each in data.side.values], [int(each) for each in data.run.values]
    faults = []
    if side is not None and side not in names:
        faults.append(unknown("side", side, "a side of the simulation", names))
    if run is not None and run not in numbers:
        allowed = f"a run of the simulation: {numbers[0]} to {numbers[-1]}"
        faults.append(Fault("run", str(run), allowed, "Give one of these numbers"))
    if data.sizes["day"] < 2 * DAYS:
        faults.append(Fault("the simulation", f"{data.sizes['day']} days", "two weeks or more", "Run it for longer"))
    if faults:
        raise WarnError(faults, result.scenario.name)
    index = names.index(side) if side else 0
    shown = numbers.index(run) if run is not None else 0
    counts, men, unit_counts, unit_men, number = _weeks(data, index)
    scale = float(data.attrs["men_per_billet"])
    scaled = unit_counts / scale, unit_men / scale
    values = signals.every(counts / scale, men / scale, *scaled, interval=WEEK)
    broke = _break_days(data, index)
    starts = tuple(
        dt.date.fromisoformat(str(data.day.values[0])[:10]) + dt.timedelta(weeks=week)
        for week in range(counts.shape[1])
    )
    last = int(broke[shown] // DAYS - 1) if broke[shown] >= DAYS else counts.shape[1] - 1
    end = f"broke on {starts[0] + dt.timedelta(days=int(broke[shown]))}" if broke[shown] >= 0 else "did not break"
    series = AbsenceSeries(
        name=f"{result.scenario.name}, {names[index]}", interval=WEEK, starts=starts, counts=counts[shown], men=men[shown],
        units=tuple(str(each) for each in data.brigade.values[data.brigade_side.values == names[index]]),
        unit_counts=unit_counts[shown], unit_men=unit_men[shown], scale=scale,
        notes=("of a simulation: exits are desertion and surrender by choice",),
    )  # fmt: skip
    title = f"{series.name}, run {numbers[shown]} of {len(numbers)}: {end}; now is {series.when(last)}"
    own = {name: Signal(*(each[shown] for each in (of.value, of.low, of.high))) for name, of in values.items()}
    draft = _warning(title, series, last, own, engine=number[shown])
    watches = tuple(_watch(numbers[place], place, values, broke, starts, draft) for place in range(len(numbers)))
    return _warning(title, series, last, own, watches, number[shown])


def _weeks(data: xr.Dataset, side: int) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Exits and men of a side by week, `[run, week]`; of its brigades, `[run, brigade, week]`; and the engine's own R_d."""
    own = data.isel(side=side)
    whole = data.sizes["day"] // DAYS * DAYS
    left = (own.deserted + own.surrendered).transpose("run", "day").values[:, :whole].astype(float)
    ours = data.brigade_side.values == data.side.values[side]
    units = [
        data[name].transpose("run", "brigade", "day").values[:, ours, :whole].astype(float)
        for name in ("brigade_left", "brigade_present")
    ]
    cut = lambda values: values.reshape(*values.shape[:-1], -1, DAYS)  # noqa: E731
    mean = lambda name: cut(own[name].transpose("run", "day").values[:, :whole].astype(float)).mean(axis=-1)  # noqa: E731
    return (
        cut(left).sum(axis=-1), mean("present"), cut(units[0]).sum(axis=-1), cut(units[1]).mean(axis=-1),
        mean("reproduction_mean"),
    )  # fmt: skip


def _break_days(data: xr.Dataset, side: int) -> npt.NDArray[np.int64]:
    """Day on which a side breaks in each run, -1 = never."""
    from holdfast.engine import outcomes

    days = outcomes.break_day(data.day_mass_desertion.values, data.day_collapse.values)
    return np.asarray(days[:, side], int)


def _watch(
    number: int, place: int, values: Mapping[str, Signal], broke: npt.NDArray[np.int64], starts: tuple[dt.date, ...],
    draft: EarlyWarning,
) -> RunWatch:  # fmt: skip
    """When each signal first gave an alarm in the half-year before a run's break, or before its end."""
    day = int(broke[place])
    end = day // DAYS if day >= 0 else len(starts)
    until = day if day >= 0 else len(starts) * DAYS
    begin = max(0, end - skill.WATCH_WEEKS)
    lead = {}
    for one in draft.now:
        if one.skill is None or one.name not in values or not np.isfinite(one.skill.threshold):
            continue
        held = signals.judged(one.name, values[one.name])
        seen = np.flatnonzero(beyond(one.name, held[place, begin:end], one.skill.threshold))
        # An alarm is given when its week is over.
        lead[one.name] = float(until - (begin + seen[0] + 1) * DAYS) / 7 if len(seen) else math.nan
    return RunWatch(number, starts[0] + dt.timedelta(days=day) if day >= 0 else None, lead)
