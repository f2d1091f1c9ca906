"""How good each signal is, measured: detection, false alarms, lead times, ROC curves on simulated armies. [IO]

**Who is watched.** An army that breaks is watched for half a year, up to the period before it breaks. An army that holds is watched
for half a year too, which ends when some army that breaks would have: else a signal that grows with time alone would look like
skill (Boettiger and Hastings 2012, Proceedings of the Royal Society B 279:4734-4739).

**An alarm** is a value beyond the threshold. It is given when its period is over, and its lead counts from that day to the day of
the break: who counts by months hears of the first half of a month two weeks late at least. Thresholds are fixed on one half of the
armies, so that a stated share of those that hold gives an alarm in half a year; what is shown is measured on the other half. An
army with and without its shock is in one half.

**Who breaks** does so in one of three ways, which are scored apart: its pressures gathered, without any shock; a shock broke it
under pressures that it would have borne; or a shock broke it out of the calm. What comes after a shock is no warning of it, so
these two are watched up to the day on which the shock begins.
"""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Mapping
from importlib import resources
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from holdfast.core.units import Z90
from holdfast.early_warning import indicators, signals
from holdfast.early_warning.absence_table import DAYS, INTERVALS
from holdfast.stats import scoring
from holdfast.stats.intervals import Estimate, wilson

if TYPE_CHECKING:
    from holdfast.early_warning.simulated_armies import ArmySeries

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

FALSE_ALARM = 0.10
"""Share of the armies that hold that gives an alarm in half a year, at which thresholds are fixed [1]."""
WATCH_WEEKS, EARLY_WEEKS = 26, 4
"""How long an army is watched, and how long before its break an alarm is early [weeks]."""
WARM_UP_WEEKS = 14
"""An army that breaks sooner leaves nothing to compare with, and is left out [weeks]."""
GATHERING, SHOCK, CALM = "gathering", "shock", "shock_from_calm"
CLASSES = {
    GATHERING: "pressures gathered, no shock", SHOCK: "a shock under pressure, before it begins",
    CALM: "a shock out of the calm, before it begins",
}  # fmt: skip
"""How armies break."""
TREND_OF = ("autocorrelation", "variance")
"""Signals whose trend is tested by Kendall's tau, as is usual."""
NOMINAL = 0.05
"""Level of that test [1]."""
ROC_POINTS = 40


@dataclasses.dataclass(frozen=True)
class Breaks:
    """How a signal does before one kind of break."""

    armies: int
    """Armies that broke so, in the half that is scored."""
    detection: Estimate
    """Share of them with an alarm at least a period before the break [1]."""
    early: Estimate
    """Share with an alarm at least `EARLY_WEEKS` before [1]."""
    lead: tuple[float, float, float]
    """From the first alarm to the break: quartiles of those detected [weeks]; NaN where none is."""
    auc: Estimate
    """Chance that the signal of an army that breaks, up to `EARLY_WEEKS` before, is above that of one that holds [1]."""
    roc: tuple[tuple[float, float], ...]
    """False alarms and early detections as the threshold falls [1]."""


@dataclasses.dataclass(frozen=True)
class Skill:
    """What was measured of a signal on armies of one size, counted by weeks or months."""

    signal: str
    """Its name in `signals.SIGNALS`."""
    interval: str
    """`week` or `month`."""
    men: int
    """Men of the armies on their first day."""
    threshold: float
    """Beyond which it gives an alarm; NaN where the armies that hold never give a value."""
    held: int
    """Armies that held, in the half that is scored."""
    false_alarm: Estimate
    """Share of them with an alarm in half a year [1]."""
    breaks: Mapping[str, Breaks]
    """By kind of break."""


@dataclasses.dataclass(frozen=True)
class TrendSkill:
    """Kendall's tau of a signal against time, as a test at its nominal 5 %."""

    signal: str
    """The signal whose trend is tested."""
    interval: str
    """`week` or `month`."""
    men: int
    """Men of the armies on their first day."""
    false_alarm: Estimate
    """Share of the armies that hold in which the test finds a rise [1]."""
    held: int
    """Armies that held."""
    detection: Mapping[str, Estimate]
    """Share of those that break in which it does, by kind of break [1]."""


@dataclasses.dataclass(frozen=True)
class Skills:
    """Everything that was measured, and on what."""

    each: tuple[Skill, ...]
    """A row for each signal, interval and size."""
    trends: tuple[TrendSkill, ...]
    """Kendall's tau."""
    armies: Mapping[str, Mapping[str, int]]
    """By size: how many held, broke in each way, settled or were destroyed, broke too soon."""
    about: Mapping[str, object]
    """How it was made: command, seeds, definitions."""

    def sizes(self) -> tuple[int, ...]:
        """Men of the armies that were measured.

        Returns:
            The sizes, the smallest first.
        """
        return tuple(sorted({one.men for one in self.each}))

    def find(self, signal: str, interval: str, men: int) -> Skill | None:
        """What was measured of a signal.

        Args:
            signal: its name.
            interval: `week` or `month`.
            men: one of `sizes`.

        Returns:
            The skill; `None` where none was measured.
        """
        return next((one for one in self.each if (one.signal, one.interval, one.men) == (signal, interval, men)), None)


@dataclasses.dataclass(frozen=True)
class Watched:
    """Armies with the periods in which they are watched."""

    interval: str
    """`week` or `month`."""
    day: npt.NDArray[np.int64]
    """The day of the break or of the shock that brings it, or the one that stands for it, `[army]`."""
    held: Mask
    """Whether an army holds, `[army]`."""
    kind: Mapping[str, Mask]
    """Who breaks how, `[army]` each."""
    fits: Mask
    """Whether an army is of the half that fixes thresholds, `[army]`."""

    @property
    def length(self) -> int:
        """Days of a period [d]."""
        return int(DAYS[self.interval])

    @property
    def end(self) -> npt.NDArray[np.int64]:
        """The period of the break, `[army]`: the first whose value comes too late."""
        return self.day // self.length

    def within(self, periods: int, before: float = 0.0) -> Mask:
        """Which values of an army are known while it is watched.

        Args:
            periods: how many there are.
            before: so long before the break they must be known at the latest [weeks].

        Returns:
            Whether each counts: from half a year before the break on, of a period that is over by then, `[army, period]`.
        """
        period, day = np.arange(periods)[None], self.day[:, None]
        begins = self.end[:, None] - signals.weekly(self.interval, WATCH_WEEKS)
        return np.asarray((period >= begins) & ((period + 1) * self.length <= day - 7 * before))


def by_period(army_series: ArmySeries, interval: str) -> tuple[Floats, Floats, Floats, Floats]:
    """Counts by week or by month of 30 days, and mean men.

    Args:
        army_series: armies day by day.
        interval: `week` or `month`.

    Returns:
        Exits and men of the armies, `[army, period]`, and of their units, `[army, unit, period]`; NaN from the period on in which
        the war ends.
    """
    length = int(DAYS[interval])

    def cut(values: Floats) -> Floats:
        whole = values.shape[-1] // length
        return values[..., : whole * length].reshape(*values.shape[:-1], whole, length)

    one = army_series
    return (
        cut(one.left).sum(axis=-1), cut(one.present).mean(axis=-1), cut(one.unit_left).sum(axis=-1),
        cut(one.unit_present).mean(axis=-1),
    )  # fmt: skip


def watched(army_series: ArmySeries, interval: str, seed: int) -> tuple[Watched, dict[str, int]]:
    """Who is watched, and when.

    Args:
        army_series: armies day by day.
        interval: `week` or `month`.
        seed: of the halves and of the periods at which armies that hold are looked at.

    Returns:
        The watch, and how many armies are in each class.
    """
    from holdfast.early_warning.simulated_armies import BOTH, PRESSED, SHOCKED

    one = army_series
    random = np.random.default_rng((seed, INTERVALS.index(interval)))
    over = one.ended < one.left.shape[1]
    held, broke = (one.broke < 0) & ~over, one.broke >= WARM_UP_WEEKS * 7
    by_shock = broke & one.holds_unshocked & (one.broke >= one.shock_day)
    kind = {
        GATHERING: broke & one.of_variant(PRESSED), SHOCK: by_shock & one.of_variant(BOTH),
        CALM: by_shock & one.of_variant(SHOCKED),
    }  # fmt: skip
    day = np.where(kind[GATHERING], one.broke, one.shock_day)
    watch = kind[GATHERING] | kind[SHOCK] | kind[CALM]
    day = np.where(watch, day, random.choice(day[watch], len(one)))
    fits = random.random(int(one.army.max()) + 1) < 0.5
    counts = {
        "held": held, **kind, "settled or destroyed first": (one.broke < 0) & over,
        "broke too soon to be watched": (one.broke >= 0) & ~broke,
        "shocked, but would have broken anyway": broke & ~watch,
    }  # fmt: skip
    return Watched(interval, day, held, kind, fits[one.army]), {name: int(each.sum()) for name, each in counts.items()}


def greatest(values: Floats, watch: Watched, before: float) -> Floats:
    """The greatest value of a signal while an army is watched.

    Args:
        values: of the signal, with the sign with which it warns, `[army, period]`.
        watch: who is watched, and when.
        before: how long before the break values must be known to count [weeks].

    Returns:
        The greatest, `[army]`; minus infinity where there is none.
    """
    seen = watch.within(values.shape[1], before) & np.isfinite(values)
    return np.asarray(np.where(seen, values, -np.inf).max(axis=1))


def first_alarm(values: Floats, watch: Watched, threshold: float) -> Floats:
    """Weeks from the end of the period that gives the first alarm to the break.

    Args:
        values: as of `greatest`.
        watch: who is watched, and when.
        threshold: of the alarm.

    Returns:
        The weeks, `[army]`; NaN where there is no alarm.
    """
    seen = watch.within(values.shape[1]) & (values > threshold)
    return np.where(seen.any(axis=1), (watch.day - (seen.argmax(axis=1) + 1) * watch.length) / 7, np.nan)


def measure(name: str, values: Floats, watch: Watched, men: int) -> Skill:
    """A signal's skill.

    Args:
        name: the signal's.
        values: what is held against its threshold, at every period, `[army, period]`.
        watch: who is watched, and when.
        men: of the armies.

    Returns:
        The skill.
    """
    sign = -1.0 if signals.SIGNALS[name].low_warns else 1.0
    signed = sign * values
    late, soon = greatest(signed, watch, 0), greatest(signed, watch, EARLY_WEEKS)
    threshold = float(np.quantile(late[watch.held & watch.fits], 1 - FALSE_ALARM, method="higher"))
    if not np.isfinite(threshold):  # fewer than a tenth of them have a value at all: any value is an alarm
        threshold = float(np.nanmin(signed)) if np.isfinite(signed).any() else np.nan
    leads = first_alarm(signed, watch, threshold)
    score_held = watch.held & ~watch.fits
    breaks = {
        each: _breaks(soon, late, leads, threshold, score_held, members & ~watch.fits)
        for each, members in watch.kind.items()
    }
    return Skill(
        signal=name, interval=watch.interval, men=men, threshold=sign * threshold, held=int(score_held.sum()),
        false_alarm=share(late[score_held] > threshold), breaks=breaks,
    )  # fmt: skip


def _breaks(soon: Floats, late: Floats, leads: Floats, threshold: float, held: Mask, broke: Mask) -> Breaks:
    """A signal before one kind of break."""
    early = np.nan_to_num(leads[broke], nan=-1.0) >= EARLY_WEEKS
    lead = leads[broke][np.isfinite(leads[broke])]
    quartiles = np.quantile(lead, (0.25, 0.5, 0.75)) if len(lead) else np.full(3, np.nan)
    curve = roc(soon[held], soon[broke])
    return Breaks(
        armies=int(broke.sum()), detection=share(late[broke] > threshold), early=share(early),
        lead=(float(quartiles[0]), float(quartiles[1]), float(quartiles[2])), auc=area(soon[held], soon[broke]), roc=curve,
    )  # fmt: skip


def share(flags: Mask) -> Estimate:
    """A share with Wilson's interval.

    Args:
        flags: of each army.

    Returns:
        The share; NaN of none.
    """
    count, total = int(flags.sum()), len(flags)
    return Estimate(count / total, *wilson(count, total)) if total else Estimate(np.nan, np.nan, np.nan)


def area(held: Floats, broke: Floats) -> Estimate:
    """Area under the ROC curve, ties counted half; no value is the lowest.

    Args:
        held: greatest values of armies that held.
        broke: of those that broke.

    Returns:
        The area, with the interval of its standard error (Hanley and McNeil 1982); NaN without armies of both kinds.
    """
    if not len(held) or not len(broke):
        return Estimate(np.nan, np.nan, np.nan)
    every = np.concatenate([held, broke])
    rank = np.unique(every, return_inverse=True)[1]
    value = scoring.auc(rank / max(int(rank.max()), 1), np.arange(len(every)) >= len(held))
    reach = Z90 * scoring.auc_error(value, len(broke), len(held))
    return Estimate(value, max(0.0, value - reach), min(1.0, value + reach))


def roc(held: Floats, broke: Floats) -> tuple[tuple[float, float], ...]:
    """The ROC curve in at most `ROC_POINTS` points.

    Args:
        held: greatest values of armies that held.
        broke: of those that broke.

    Returns:
        False alarms and detections, from (0, 0) to (1, 1).
    """
    levels = np.unique(np.concatenate([held, broke]))[::-1]
    if not len(held) or not len(broke):
        return ()
    points = [(float((held >= level).mean()), float((broke >= level).mean())) for level in levels]
    points = [(0.0, 0.0), *points]
    if len(points) > ROC_POINTS:
        wanted = np.linspace(0, 1, ROC_POINTS)
        at = np.searchsorted([alarms for alarms, _ in points], wanted, side="right") - 1
        points = [points[place] for place in dict.fromkeys([0, *at.tolist(), len(points) - 1])]
    return tuple((round(alarms, 4), round(detected, 4)) for alarms, detected in points)


def trend(name: str, values: Floats, watch: Watched, men: int) -> TrendSkill:
    """How Kendall's tau does as a test of a signal's rise.

    Args:
        name: the signal's.
        values: at every period, `[army, period]`.
        watch: who is watched, and when.
        men: of the armies.

    Returns:
        False alarms and detections at the nominal level.
    """
    rises = np.array([
        indicators.kendall(row[:end])[1] < NOMINAL for row, end in zip(values, watch.end, strict=True)
    ])  # fmt: skip
    return TrendSkill(
        name, watch.interval, men, share(rises[watch.held]), int(watch.held.sum()),
        {kind: share(rises[members]) for kind, members in watch.kind.items()},
    )  # fmt: skip


def of_armies(army_series: ArmySeries, men: int, seed: int) -> tuple[list[Skill], list[TrendSkill], dict[str, int]]:
    """Every signal's skill on some armies, by weeks and by months.

    Args:
        army_series: armies day by day.
        men: of an army on its first day.
        seed: of the halves.

    Returns:
        Skills, those of Kendall's tau, and how many armies are in each class.
    """
    each: list[Skill] = []
    trends: list[TrendSkill] = []
    classes: dict[str, int] = {}
    for interval in INTERVALS:
        watch, classes = watched(army_series, interval, seed)
        values = signals.every(*by_period(army_series, interval), interval=interval)
        each += [measure(name, signals.judged(name, of), watch, men) for name, of in values.items()]
        trends += [trend(name, values[name].value, watch, men) for name in TREND_OF]
    return each, trends, classes


# --- The table that is shipped.

FILE = "skill.json"
Tree: TypeAlias = Mapping[str, Any]
"""Plain values by name, as JSON has them."""


def to_plain(skills: Skills) -> Tree:
    """Skills in plain values.

    Args:
        skills: what was measured.

    Returns:
        What JSON holds.
    """
    return cast(Tree, _rounded(dataclasses.asdict(skills)))


def _rounded(plain: object) -> object:
    """Plain values, numbers to four digits."""
    if isinstance(plain, Mapping):
        return {name: _rounded(each) for name, each in plain.items()}
    if isinstance(plain, (list, tuple)):
        return [_rounded(each) for each in plain]
    return float(f"{plain:.4g}") if isinstance(plain, float) and np.isfinite(plain) else plain


def from_plain(plain: Tree) -> Skills:
    """Skills of plain values.

    Args:
        plain: as `to_plain` gives them, numbers that are not known as `None`.

    Returns:
        The skills.
    """
    return Skills(
        each=tuple(_skill(one) for one in plain["each"]),
        trends=tuple(
            TrendSkill(
                **{**one, "false_alarm": _estimate(one["false_alarm"]),
                   "detection": {kind: _estimate(of) for kind, of in one["detection"].items()}}
            )
            for one in plain["trends"]
        ),
        armies=plain["armies"],
        about=plain["about"],
    )  # fmt: skip


def _skill(plain: Tree) -> Skill:
    breaks = {
        kind: Breaks(
            armies=of["armies"], detection=_estimate(of["detection"]), early=_estimate(of["early"]),
            lead=(_number(of["lead"][0]), _number(of["lead"][1]), _number(of["lead"][2])), auc=_estimate(of["auc"]),
            roc=tuple((point[0], point[1]) for point in of["roc"]),
        )
        for kind, of in plain["breaks"].items()
    }  # fmt: skip
    return Skill(**{**plain, "threshold": _number(plain["threshold"]), "false_alarm": _estimate(plain["false_alarm"]),
                    "breaks": breaks})  # fmt: skip


def _estimate(plain: Tree) -> Estimate:
    return Estimate(*(_number(plain[name]) for name in ("value", "low", "high")))


def _number(value: float | None) -> float:
    return np.nan if value is None else float(value)


@functools.cache
def shipped() -> Skills:
    """What was measured for this release (`bench/warning.py`).

    Returns:
        The skills.
    """
    text = resources.files("holdfast.early_warning").joinpath("shipped", FILE).read_text(encoding="utf-8")
    return from_plain(json.loads(text))
