"""Every forecast of a ledger scored against what is known by now, out of the quantiles that its line holds.

A line holds five quantiles a month, no draws. So months are scored by the weighted interval score, which is the CRPS as far as
five quantiles tell it, by the coverage of both bands, and by how often what came lies below each quantile.
"""

from __future__ import annotations

import calendar
import dataclasses
import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, TypedDict

import numpy as np

from holdfast.core.faults import Fault, LedgerError, unknown
from holdfast.core.results import Result
from holdfast.evidence.gathered import ClaimSource
from holdfast.forecasting import observations as observed
from holdfast.forecasting import scores
from holdfast.forecasting.ledger import RESTORE
from holdfast.forecasting.paths import OUTCOMES
from holdfast.forecasting.projection import BASELINES
from holdfast.forecasting.result import GROUND, MASS_DESERTION, QUANTITIES, Key, Observation
from holdfast.io import files
from holdfast.stats.intervals import P90_P50, binomial_band
from holdfast.stats.scoring import weighted_interval_score

LEVELS = np.array(list(P90_P50.values()))
"""Of the quantiles that a line holds [1]."""
SCORED = (*scores.OBSERVED, GROUND)
"""The quantities that are scored, in their order."""
FORETOLD, AFTERWARDS = "foretold", "afterwards"
"""Of a month: it was not over when the line was written, or it was."""
Kind = Literal["foretold", "afterwards"]
Place = tuple[int, str, str, dt.date]
"""Line, side, quantity, first day of the month."""
Line = Mapping[str, Any]
"""A line of a ledger, as JSON has it."""

CAVEATS = (
    "Lines that foretell the same months are not independent, nor are neighbouring months: the count of calendar months is "
    "an upper bound of how much the scores rest on.",
    "What came is itself an estimate, from the same model of claimants that the forecasts began with; its error is counted "
    "in every score. Observations change when claims are revised, and the scores with them; the lines never do.",
    "A month that was over when its line was written is scored apart: somebody may have known it.",
)


@dataclasses.dataclass(frozen=True)
class BandMonth:
    """One whole month of one quantity, as a line has it."""

    line: int  # number of the line
    side: str  # the army
    quantity: str  # as `killed`
    month: dt.date  # its first day
    horizon: int  # whole months ahead
    by: str  # the forecaster: `forecast`, or a baseline
    quantiles: tuple[float, ...]  # at `LEVELS` [men], of ground [km2]


@dataclasses.dataclass(frozen=True)
class QuantileScore:
    """How one month of one quantity was forecast by one line, by the model or by a baseline."""

    line: int  # number of the line
    side: str  # the army
    quantity: str  # as `killed`
    month: dt.date  # its first day
    horizon: int  # whole months ahead
    by: str  # the forecaster: `forecast`, or a baseline
    kind: Kind  # whether the month was still to come when the line was written
    below: tuple[float, ...]
    """For each of `LEVELS`, the chance over the observation's error that it lies below that quantile [1]."""
    inside_90: float  # that it lies in the 90 % interval [1]
    inside_50: float  # that it lies in the 50 % interval [1]
    wis: float  # weighted interval score [men], of ground [km2]


@dataclasses.dataclass(frozen=True)
class OutcomeScore:
    """How an outcome was forecast by one line, by one horizon."""

    line: int  # number of the line
    side: str  # the army
    outcome: str  # as `collapse`
    days: int  # days from the day of the forecast
    kind: Kind  # whether the last of these days was still to come when the line was written
    p: float  # the chance that was forecast [1]
    came: float  # that it came, 0 or 1, or the chance of it where that is not certain [1]
    brier: float  # Brier score [1]


@dataclasses.dataclass(frozen=True)
class LedgerEntry:
    """A line of the ledger, and how far it is scored."""

    number: int  # of the line
    issued: dt.date  # day on which it was written; never before that of a line above it, whatever the clock said
    as_of: dt.date  # day of the forecast
    until: dt.date  # its last day
    scenario: str  # name of the scenario
    version: str  # of the program
    same_as: int | None  # number of an earlier line with the same numbers; such a line is not scored again
    waiting: int  # whole months, by side and quantity, of which nothing is known yet
    next_month: dt.date | None  # the first of them
    reason: str = ""  # why nothing of it can be scored, where its war has no claims


class BandScore(TypedDict):
    """Mean scores of a baseline over the months that have it, and ours on the same months over its own."""

    months: int  # how many have it
    inside_90: float  # coverage of the 90 % interval [1]
    wis: float  # weighted interval score [men], of ground [km2]
    ratio: float  # our score over the baseline's [1]


class LedgerRow(TypedDict, total=False):
    """Mean scores over the months of a side, a quantity, a kind and a range of horizons."""

    kind: Kind  # one of `foretold`, `afterwards`
    side: str  # name of the army
    quantity: str  # as `killed`
    horizon: str  # months ahead, as `4-12`
    months: int  # months scored, counted for each line
    distinct: int  # different calendar months among them
    inside_90: float  # coverage of the 90 % interval [1]
    inside_50: float  # coverage of the 50 % interval [1]
    wis: float  # weighted interval score [men], of ground [km2]
    persists: BandScore  # the last month persists
    trend: BandScore  # a straight line through the last year


class Reliability(TypedDict):
    """A nominal chance beside the share that was observed."""

    kind: Kind  # one of `foretold`, `afterwards`
    side: str  # name of the army
    quantity: str  # as `killed`
    what: str  # whether `below` the quantile, or `inside` the central interval of this chance
    nominal: float  # the chance [1]
    observed: float  # the share [1], each calendar month weighing the same
    low: float  # of 90 in 100 such shares of reliable forecasts, the least; as if calendar months were independent [1]
    high: float  # the largest [1]
    distinct: int  # calendar months


@dataclasses.dataclass(frozen=True, repr=False)
class LedgerScores(Result):
    """A ledger's forecasts against what is known by now."""

    PRESENTER = "holdfast.present.forecast_report"

    ledger: str  # the file
    last: str  # hash of its last line
    scored_on: dt.date  # the day by which claims were known
    entries: tuple[LedgerEntry, ...]  # every line
    months: tuple[QuantileScore, ...]  # month by month
    outcomes: tuple[OutcomeScore, ...]  # of lines and horizons whose last day is past
    known_until: Mapping[str, Mapping[str, dt.date]]  # by side and quantity, until when anything is known
    sources: tuple[ClaimSource, ...] = ()  # the tables of claims, and what each brought
    bands: tuple[BandMonth, ...] = ()  # what the lines say month by month, for charts
    observations: Mapping[Key, Observation] = dataclasses.field(default_factory=dict)
    """What came, as far as it is known now; without the ground since a day."""

    def __repr__(self) -> str:
        return f"<LedgerScores of {self.ledger}: {len(self.entries)} lines, {self.scored} months scored>"

    @property
    def scored(self) -> int:
        """Months that are scored, counted for each line, side and quantity."""
        return sum(each.by == scores.OURS for each in self.months)

    @property
    def next_month(self) -> dt.date | None:
        """The first month that waits for its claims."""
        return min((each.next_month for each in self.entries if each.next_month), default=None)

    @property
    def table(self) -> list[LedgerRow]:
        """Mean scores by kind, side, quantity and horizon."""
        return score_table(self.months)

    @property
    def reliability(self) -> list[Reliability]:
        """Nominal chances beside observed shares, by kind, side and quantity."""
        return reliability(self.months)

    def caveats(self) -> tuple[str, ...]:
        """What is to be held against the scores.

        Returns:
            Sentences.
        """
        copies = [each for each in self.entries if each.same_as]
        twice = [
            f"Line {each.number} has the numbers of line {each.same_as}: entered twice, counted once."
            for each in copies
        ]
        return (*twice, *CAVEATS)

    def waiting(self) -> list[str]:
        """What is not scored yet, and what it waits for.

        Returns:
            Sentences.
        """
        says = [f"Line {each.number} is not scored: {each.reason}." for each in self.entries if each.reason]
        if not self.next_month:
            return says
        nothing = "" if self.scored else "No month that these forecasts tell is known yet. "
        end = observed.last_day_of(self.next_month)
        ends = "; ".join(
            f"{side.capitalize()}: "
            + ", ".join(f"{scores.LABELS[quantity]} to {day}" for quantity, day in days.items())
            for side, days in self.known_until.items()
        )
        return [
            *says,
            f"{nothing}The first month that waits is {self.next_month:%Y-%m}: each quantity is scored once a claim that bears on "
            f"it counts to {end} or beyond. Claims now count so far: {ends}.",
        ]

    def line_rows(self) -> list[dict[str, object]]:
        """Every line with its scores.

        Returns:
            A row for each line: what it is, months scored and waiting, mean coverage, mean ratio of its score to that of *the last
            month persists*, mean Brier score; `None` where there is none.
        """
        rows = []
        for each in self.entries:
            ours = {_place(one): one for one in self.months if one.line == each.number and one.by == scores.OURS}
            every = [one for one in self.months if one.line == each.number and _place(one) in ours]
            naive = {_place(one): one for one in every if one.by == "persists"}
            ratios = [_ratio([ours[key].wis for key in keys], [naive[key].wis for key in keys])
                      for keys in _by_quantity(naive)]  # fmt: skip
            briers = [one.brier for one in self.outcomes if one.line == each.number]
            rows.append({
                "number": each.number, "issued": str(each.issued), "as_of": str(each.as_of), "until": str(each.until),
                "scenario": each.scenario, "version": each.version, "same_as": each.same_as, "months": len(ours),
                "foretold": sum(one.kind == FORETOLD for one in ours.values()), "waiting": each.waiting,
                "next_month": each.next_month and f"{each.next_month:%Y-%m}", "reason": each.reason or None,
                "inside_90": _mean(one.inside_90 for one in ours.values()),
                "inside_50": _mean(one.inside_50 for one in ours.values()),
                "ratio": _mean(ratios), "brier": _mean(briers),
            })  # fmt: skip
        return rows

    def rows(self) -> list[dict[str, object]]:
        """The scores month by month.

        Returns:
            A row for each line, side, quantity, month and forecaster.
        """
        return [
            dataclasses.asdict(each)
            | {"month": f"{each.month:%Y-%m}", "below": None}
            | {f"below_{name}": share for name, share in zip(P90_P50, each.below, strict=True)}
            for each in self.months
        ]

    def to_dict(self) -> dict[str, object]:
        """The scores as `--score-ledger --json` prints them; see `docs/forecast.md`."""
        return {
            "ledger": self.ledger, "last": self.last, "scored_on": str(self.scored_on), "lines": self.line_rows(),
            "scores": self.table, "reliability": self.reliability,
            "outcomes": [dataclasses.asdict(each) for each in self.outcomes],
            "months_scored": self.scored, "next_month": self.next_month and f"{self.next_month:%Y-%m}",
            "known_until": {
                side: {quantity: str(day) for quantity, day in days.items()} for side, days in self.known_until.items()
            },
            "claim_tables": [
                {"name": each.name, "kind": each.kind, "claims": each.claims, "added": each.added}
                for each in self.sources
            ],
            "caveats": list(self.caveats()),
        }  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Past:
    """What is known of a war's end."""

    now: dt.date  # today
    going_on: dt.date | None = None
    """A day to which claims still count losses: no end came before it but those of `came`. Without it none is scored but those."""
    came: Mapping[tuple[str, str], dt.date] = dataclasses.field(default_factory=dict)
    """By side and outcome, the day on which it came, as the user says."""


# --- Lines.


def sides(lines: Sequence[Line]) -> list[str]:
    """The armies that lines speak of.

    Args:
        lines: of a ledger.

    Returns:
        Their names, each once.
    """
    return list(dict.fromkeys(side for line in lines for side in line["sides"]))


def entries(lines: Sequence[Line], source: str) -> list[LedgerEntry]:
    """What the lines of a ledger are, and which repeat another.

    Args:
        lines: of a ledger whose chain holds, under the keys of today.
        source: what the ledger is called in faults.

    Returns:
        The lines in order, none scored yet. A line that is dated before one above it was written by a clock that was
        behind, and counts as issued on the day of that one: nothing that was known then may pass for foretold.

    Raises:
        LedgerError: naming every line that is no forecast.
    """
    first: dict[str, int] = {}
    read, faults, latest = [], [], dt.date.min
    for number, line in enumerate(lines, 1):
        try:
            issued, as_of, until = (dt.date.fromisoformat(str(line[name])) for name in ("issued", "as_of", "until"))
            for _ in months_of(line):
                pass
        except (KeyError, TypeError, ValueError, AttributeError):
            faults.append(
                Fault(f"line {number}", "numbers that no forecast has", "a forecast, as it was written", RESTORE)
            )
            continue
        same, latest = first.setdefault(_numbers(line), number), max(latest, issued)
        read.append(LedgerEntry(
            number, latest, as_of, until, scenario=str(line["scenario"]), version=str(line["version"]),
            same_as=None if same == number else same, waiting=0, next_month=None,
        ))  # fmt: skip
    if faults:
        raise LedgerError(faults, source)
    return read


def _numbers(line: Line) -> str:
    """What makes a line the same forecast as another: its war, its days and its numbers."""
    same = {name: line[name] for name in ("scenario", "as_of", "until")}
    same["months"] = {side: numbers["months"] for side, numbers in line["sides"].items()}
    return hashlib.sha256(files.canonical_json(same).encode()).hexdigest()


def months_of(line: Line) -> Iterator[BandMonth]:
    """The whole months of a line.

    Args:
        line: of a ledger.

    Yields:
        Its bands by side, month and quantity, the baselines' too where it has them.
    """
    number = int(line["number"])
    baselines = line.get("baselines", {})
    for side, numbers in line["sides"].items():
        whole = [(row, month) for row in numbers["months"] if (month := _whole(row))]
        for horizon, (row, month) in enumerate(whole, 1):
            for quantity in (*QUANTITIES, GROUND):
                if row.get(quantity):
                    yield BandMonth(
                        number, side, quantity, month, horizon, by=scores.OURS, quantiles=_levels(row[quantity])
                    )
                for name in BASELINES:
                    rows = baselines.get(side, {}).get(quantity, {}).get(name, ())
                    yield from (
                        BandMonth(number, side, quantity, month, horizon, by=name, quantiles=_levels(each))
                        for each in rows if each["month"] == row["month"]
                    )  # fmt: skip


def _whole(row: Mapping[str, object]) -> dt.date | None:
    """The first day of a month, if the line has all of its days."""
    month = dt.date.fromisoformat(f"{row['month']}-01")
    return month if row["days"] == calendar.monthrange(month.year, month.month)[1] else None


def _levels(band: Mapping[str, float]) -> tuple[float, ...]:
    return tuple(float(band[name]) for name in P90_P50)


# --- Scores.


def score_lines(
    lines: Sequence[Line], every: Sequence[LedgerEntry], seen: Mapping[Key, Observation], past: Past,
) -> tuple[list[LedgerEntry], list[QuantileScore], list[OutcomeScore]]:  # fmt: skip
    """Score the lines of one war.

    Args:
        lines: of the ledger.
        every: the entries to score, by their numbers lines of the ledger.
        seen: what is known by now, without the ground since a day, which is worked out for each line.
        past: what is known of the war's end.

    Returns:
        The entries with what waits, the scores of months, and those of outcomes.
    """
    scored: list[LedgerEntry] = []
    months: list[QuantileScore] = []
    outcomes: list[OutcomeScore] = []
    for entry in every:
        line = lines[entry.number - 1]
        known = dict(seen) | scores.ground_gained(seen, next(iter(line["sides"])), entry.as_of)
        if entry.same_as:
            scored.append(entry)
            continue
        waiting = []
        for month in months_of(line):
            for quantity in [name for name in SCORED if scores.FORECAST_OF.get(name, name) == month.quantity]:
                observation = known.get((month.side, quantity, month.month))
                if observation:
                    months.append(_scored(entry, month, quantity, observation))
                elif month.by == scores.OURS and quantity == month.quantity:
                    waiting.append(month.month)
        outcomes += _outcomes(line, entry, known, past)
        scored.append(dataclasses.replace(entry, waiting=len(waiting), next_month=min(waiting, default=None)))
    return scored, months, outcomes


def _kind(entry: LedgerEntry, last: dt.date) -> Kind:
    """Whether a day was still to come when a line was written."""
    return "foretold" if last >= entry.issued else "afterwards"


def _scored(entry: LedgerEntry, month: BandMonth, quantity: str, observation: Observation) -> QuantileScore:
    """One month of one line against what came."""
    values, q = scores.likely(observation), np.array(month.quantiles)
    inside = lambda low, high: float(np.mean((values >= q[low]) & (values <= q[high])))  # noqa: E731
    return QuantileScore(
        entry.number, month.side, quantity, month.month, month.horizon, month.by,
        kind=_kind(entry, observed.last_day_of(month.month)),
        below=tuple(float(np.mean((values < level) + 0.5 * (values == level))) for level in q),
        inside_90=inside(0, 4), inside_50=inside(1, 3), wis=weighted_interval_score(q, LEVELS, values),
    )  # fmt: skip


def _outcomes(line: Line, entry: LedgerEntry, seen: Mapping[Key, Observation], past: Past) -> Iterator[OutcomeScore]:
    """The outcomes of a line by every horizon that is past."""
    for side, numbers in line["sides"].items():
        whole = (entry.until - entry.as_of).days + 1
        by_day = {int(days): ends for days, ends in numbers.get("by_day", {}).items()}
        for outcome in OUTCOMES:
            mass = outcome == MASS_DESERTION
            # Lines that were written before an outcome was known have no chance of it.
            chances = {} if mass else {days: ends.get(outcome) for days, ends in by_day.items() if days != whole}
            for days, chance in (chances | {whole: numbers.get(f"p_{outcome}")}).items():
                last = entry.as_of + dt.timedelta(days=days - 1)
                day = past.came.get((side, outcome))
                happened = _mass_desertion(side, entry, seen) if mass else _end(day, entry, last, past)
                if chance and happened is not None:
                    p = float(chance["p"])
                    brier = happened * (1 - p) ** 2 + (1 - happened) * p**2
                    yield OutcomeScore(
                        entry.number, side, outcome, days, _kind(entry, last), p, came=happened, brier=brier
                    )


def _end(day: dt.date | None, entry: LedgerEntry, last: dt.date, past: Past) -> float | None:
    """Whether an end of the war came by a day that is past; `None` where nothing is known, or it had come before."""
    if day:  # a day to come waits, else ends that came would be scored sooner than those that did not
        return float(day <= last) if entry.as_of < day and last < past.now else None
    return 0.0 if past.going_on and last < past.going_on else None


def _mass_desertion(side: str, entry: LedgerEntry, seen: Mapping[Key, Observation]) -> float | None:
    """The chance that mass desertion came between a line's day and its last one, if it had not come before."""
    end = entry.until.replace(day=1)
    if observed.last_day_of(entry.until) != entry.until:
        end = (end - dt.timedelta(days=1)).replace(day=1)
    return scores.mass_desertion_after(seen, side, entry.as_of, end)


def outcome_days(given: Sequence[str], sides: Sequence[str], now: dt.date) -> dict[tuple[str, str], dt.date]:
    """Ends of a war that a user says came.

    Args:
        given: as `russia:collapse:2027-03-01`.
        sides: names that a side may have.
        now: today.

    Returns:
        The day by side and outcome.

    Raises:
        LedgerError: with every fault.
    """
    ends = [name for name in OUTCOMES if name != MASS_DESERTION]
    days: dict[tuple[str, str], dt.date] = {}
    faults: list[Fault] = []
    for text in given:
        place, parts = f"--came {text}", text.split(":")
        if len(parts) != 3:
            faults.append(
                Fault(place, f"{len(parts)} parts", "SIDE:OUTCOME:DAY", "Write it as russia:collapse:2027-03-01")
            )
            continue
        side, outcome, day = parts
        faults += [unknown(place, side, "a side of the ledger", sides)] if side not in sides else []
        faults += [unknown(place, outcome, "an end of a war", ends)] if outcome not in ends else []
        try:
            days[side, outcome] = dt.date.fromisoformat(day)
        except ValueError:
            faults.append(Fault(place, day, "a day as 2027-03-01", "Write year, month and day"))
            continue
        if days[side, outcome] > now:
            faults.append(Fault(place, day, f"a day that is past, {now} or earlier", "Leave it away until it has come"))
    if faults:
        raise LedgerError(faults, "The request")
    return days


# --- Means.


def _groups(months: Sequence[QuantileScore]) -> Iterator[tuple[Kind, str, str, list[QuantileScore]]]:
    """The months by kind, side and quantity, what was foretold first."""
    order = {name: place for place, name in enumerate(SCORED)}
    keys = {(each.kind, each.side, each.quantity) for each in months}
    for kind, side, quantity in sorted(keys, key=lambda key: (key[0] != FORETOLD, key[1], order[key[2]])):
        yield (
            kind,
            side,
            quantity,
            [one for one in months if (one.kind, one.side, one.quantity) == (kind, side, quantity)],
        )


def score_table(months: Sequence[QuantileScore]) -> list[LedgerRow]:
    """Mean scores by kind, side, quantity and horizon.

    Args:
        months: of any lines.

    Returns:
        A row for each range of horizons and for all of them, each baseline's beside ours over the months that have it.
    """
    rows = []
    for kind, side, quantity, group in _groups(months):
        for name, (low, high) in (scores.HORIZONS | {"all": (1, 10_000)}).items():
            chosen = [one for one in group if low <= one.horizon <= high]
            ours = {_place(one): one for one in chosen if one.by == scores.OURS}
            if ours:
                row = LedgerRow(
                    kind=kind, side=side, quantity=quantity, horizon=name, months=len(ours),
                    distinct=len({one.month for one in ours.values()}), wis=_average(one.wis for one in ours.values()),
                    inside_90=_average(one.inside_90 for one in ours.values()),
                    inside_50=_average(one.inside_50 for one in ours.values()),
                )  # fmt: skip
                for who in BASELINES:
                    naive = {_place(one): one for one in chosen if one.by == who and _place(one) in ours}
                    if naive:
                        row[who] = _beside(ours, naive)  # type: ignore[literal-required]
                rows.append(row)
    return rows


def _beside(ours: Mapping[Place, QuantileScore], naive: Mapping[Place, QuantileScore]) -> BandScore:
    """A baseline's mean scores, and ours on the same months over its own."""
    wis = [one.wis for one in naive.values()]
    return BandScore(
        months=len(naive), inside_90=_average(one.inside_90 for one in naive.values()), wis=_average(wis),
        ratio=_ratio([ours[key].wis for key in naive], wis),
    )  # fmt: skip


def reliability(months: Sequence[QuantileScore]) -> list[Reliability]:
    """Nominal chances beside observed shares.

    Args:
        months: of any lines.

    Returns:
        By kind, side and quantity: for each quantile the share of observations below it, for each interval the share in it.
        Calendar months weigh the same, however many lines foretell them. The band holds 90 in 100 shares of forecasts that are
        reliable, if calendar months were independent; they are not, so it is too narrow.
    """
    rows: list[Reliability] = []
    for kind, side, quantity, group in _groups([one for one in months if one.by == scores.OURS]):
        by_month = [[one for one in group if one.month == month] for month in sorted({one.month for one in group})]
        count = len(by_month)
        each = [("below", level, [_average(one.below[place] for one in same) for same in by_month])
                for place, level in enumerate(LEVELS.tolist())]  # fmt: skip
        each += [("inside", level, [_average(getattr(one, name) for one in same) for same in by_month])
                 for level, name in ((0.5, "inside_50"), (0.9, "inside_90"))]  # fmt: skip
        for what, nominal, shares in each:
            low, high = binomial_band(nominal, count)
            rows.append(Reliability(
                kind=kind, side=side, quantity=quantity, what=what, nominal=nominal, observed=_average(shares),
                low=low, high=high, distinct=count,
            ))  # fmt: skip
    return rows


def _place(score: QuantileScore) -> Place:
    """Which month of which line a score is of, whoever forecast it."""
    return score.line, score.side, score.quantity, score.month


def _by_quantity(keys: Mapping[Place, object]) -> Iterator[list[Place]]:
    """Months by side and quantity: scores of men and of km2 have no common mean."""
    for pair in sorted({key[1:3] for key in keys}):
        yield [key for key in keys if key[1:3] == pair]


def _ratio(ours: Sequence[float], naive: Sequence[float]) -> float:
    """Our mean score over a baseline's."""
    return _average(ours) / max(_average(naive), 1e-9)


def _average(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))


def _mean(values: Iterable[float]) -> float | None:
    """The mean, or `None` of nothing."""
    every = list(values)
    return float(np.mean(every)) if every else None
