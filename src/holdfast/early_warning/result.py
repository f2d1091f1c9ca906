"""What early warning says of a series: each signal now and before, its threshold, and the skill that was measured. No IO."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import ClassVar, cast

import numpy as np
import numpy.typing as npt

from holdfast.core.results import Result
from holdfast.early_warning.absence_table import AbsenceSeries
from holdfast.early_warning.indicators import Signal
from holdfast.early_warning.signals import SIGNALS
from holdfast.early_warning.skill import CALM, SHOCK, Skill, TrendSkill
from holdfast.io import files
from holdfast.stats.intervals import Estimate

Floats = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class SignalNow:
    """A signal at the last period, beside what it is worth."""

    name: str
    """In `signals.SIGNALS`."""
    now: Estimate
    """Its value and 90 % interval; NaN where it cannot be had."""
    missing: str
    """Why it cannot be had; empty where it can."""
    alarm: bool | None
    """Whether it is beyond its threshold; `None` where there is no value or no threshold."""
    since: dt.date | None
    """First period of the alarm that lasts until now."""
    skill: Skill | None
    """What was measured of it; `None` where nothing was."""


@dataclasses.dataclass(frozen=True)
class TrendNow:
    """Kendall's tau of a signal against time, up to now."""

    name: str
    """The signal."""
    tau: float
    """Kendall's tau [1]; NaN with fewer than 4 values."""
    p: float
    """The p-value that the test states, one-sided [1]."""
    skill: TrendSkill | None
    """How often it is wrong."""


@dataclasses.dataclass(frozen=True)
class RunWatch:
    """One simulated army of a run's result: whether it broke, and when each signal first gave an alarm."""

    run: int
    """Number of the run."""
    broke: dt.date | None
    """Day on which the side breaks; `None` where it does not."""
    lead: Mapping[str, float]
    """From a signal's first alarm in the last half-year to the break, or to the end of a run that holds [weeks]; NaN = none."""


@dataclasses.dataclass(frozen=True, repr=False)
class EarlyWarning(Result):
    """Signals of an army's exits, week by week or month by month."""

    PRESENTER = "holdfast.present.warning_report"
    UNITS: ClassVar[Mapping[str, str]] = {
        "absent": "men", "men": "men", "reproduction_engine": "1",
        **{f"{name}{end}": about.unit for name, about in SIGNALS.items() for end in ("", "_low", "_high")},
    }  # fmt: skip

    title: str
    """What was looked at, in a line."""
    series: AbsenceSeries
    """The counts."""
    last: int
    """Index of the period that is called now."""
    signals: Mapping[str, Signal]
    """Every signal at every period, by name, `[period]`."""
    now: tuple[SignalNow, ...]
    """Every signal now."""
    trends: tuple[TrendNow, ...]
    """Kendall's tau of the signals that it is usual to test."""
    men: int
    """Men of the simulated armies on which the skill beside was measured."""
    size: str
    """Why armies of that size, in a sentence without a full stop."""
    runs: tuple[RunWatch, ...] = ()
    """The runs of a simulation."""
    engine: Floats | None = None
    """R_d as the engine itself knows it, mean of the brigades, `[period]`; of a simulation."""

    @property
    def alarms(self) -> tuple[SignalNow, ...]:
        """The signals that are beyond their thresholds now."""
        return tuple(one for one in self.now if one.alarm)

    @property
    def headline(self) -> str:
        """What the signals say, in a sentence."""
        known = [one for one in self.now if one.alarm is not None]
        if not known:
            return "Too few periods are known: no signal can be had."
        names = ", ".join(SIGNALS[one.name].title for one in self.alarms)
        above = f"{len(self.alarms)} of {len(known)} signals are beyond their thresholds"
        return f"{above}: {names}." if names else f"No signal of {len(known)} is beyond its threshold."

    @property
    def no_warning(self) -> str:
        """What to say of collapses by shock, in sentences."""
        of = [one.skill for one in self.now if one.skill is not None]
        broke = sum(of[0].breaks[kind].armies for kind in (SHOCK, CALM)) if of else 0
        if not broke:
            return "Of a collapse by shock there is no warning."
        each = [[one.breaks[kind] for kind in (SHOCK, CALM) if one.breaks[kind].armies] for one in of]
        shares = [sum(kind.detection.value * kind.armies for kind in kinds) / broke for kinds in each]
        false = [one.false_alarm.value for one in of]
        return (
            f"Of a collapse by shock there is no warning: before the shock, each signal gave an alarm in {min(shares):.0%} to "
            f"{max(shares):.0%} of the {broke} simulated armies that it broke, and in {min(false):.0%} to {max(false):.0%} of the "
            f"{of[0].held} that held. Silence here does not say that none will come."
        )

    def rows(self) -> Sequence[Mapping[str, object]]:
        """A row for each period: count, men, and every signal with its interval."""
        rows = []
        for place, start in enumerate(self.series.starts):
            row: dict[str, object] = {
                self.series.interval: start.isoformat(),
                "absent": self.series.counts[place],
                "men": self.series.men[place],
            }
            for name, of in self.signals.items():
                row |= {name: of.value[place], f"{name}_low": of.low[place], f"{name}_high": of.high[place]}
            if self.engine is not None:
                row["reproduction_engine"] = self.engine[place]
            rows.append(row)
        return rows

    def to_dict(self) -> dict[str, object]:
        """The result in plain values; `--json` prints it."""
        return cast(dict[str, object], files.plain(self._parts()))

    def _parts(self) -> dict[str, object]:
        """What `to_dict` gives, NaN where a number is not known."""
        return {
            "title": self.title,
            "interval": self.series.interval,
            "periods": len(self.series),
            "missing": int(np.isnan(self.series.counts).sum()),
            "now": self.series.starts[self.last].isoformat(),
            "headline": self.headline,
            "signals": [_signal(one) for one in self.now],
            "trends": [
                {"signal": one.name, "tau": one.tau, "p": one.p, "skill": one.skill and dataclasses.asdict(one.skill)}
                for one in self.trends
            ],
            "skill_measured_on": {"men": self.men, "why": self.size},
            "shocks": self.no_warning,
            "runs": [
                {"run": one.run, "broke": one.broke and one.broke.isoformat(), "lead_weeks": dict(one.lead)}
                for one in self.runs
            ],
            "notes": list(self.series.notes),
            "series": [dict(row) for row in self.rows()],
        }  # fmt: skip


def _signal(one: SignalNow) -> dict[str, object]:
    """A signal now, in plain values; without the points of its ROC curves."""
    about, skill = SIGNALS[one.name], one.skill
    plain: dict[str, object] = {
        "signal": one.name, "unit": about.unit, "warns": "low" if about.low_warns else "high",
        "value": one.now.value, "low": one.now.low, "high": one.now.high, "missing": one.missing or None,
        "alarm": one.alarm, "since": one.since and one.since.isoformat(),
    }  # fmt: skip
    if skill is None:
        return plain | {"threshold": None, "false_alarm": None, "breaks": None}
    breaks = {
        kind: {name: value for name, value in dataclasses.asdict(of).items() if name != "roc"}
        for kind, of in skill.breaks.items()
    }
    return plain | {
        "threshold": skill.threshold,
        "false_alarm": dataclasses.asdict(skill.false_alarm),
        "held": skill.held,
        "breaks": breaks,
    }
