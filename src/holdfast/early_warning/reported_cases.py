"""Real series that ship: cases of absence that Ukrainian prosecutors and Russian courts reported, as totals of some months. [IO]

What was published are running totals and totals of periods. Two totals that share an end tell a third. What can be told of months
that do not overlap is put in a row; between one total and the next the number of cases grows at some pace, and by the renewal
equation with the memory of the bond that pace is an R_d (Wallinga and Lipsitch 2007, Proceedings of the Royal Society B
274:599-604, for generations that are exponential). Of autocorrelation, variance, spread and recovery such totals tell nothing.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import math
from collections.abc import Sequence

import numpy as np

from holdfast.core.units import CALENDAR_MONTH_DAYS
from holdfast.early_warning import renewal
from holdfast.early_warning.absence_table import MONTH
from holdfast.evidence.claims import table
from holdfast.evidence.claims.table import Claim
from holdfast.stats.intervals import Estimate, interval


@dataclasses.dataclass(frozen=True)
class Reported:
    """A series of reported cases."""

    title: str
    """What it counts."""
    side: str
    """Whose men."""
    lineage: str
    """Lineage of its claims."""
    counts: str
    """What the claims count."""
    start: dt.date
    """First day of its running totals."""
    left_out: tuple[str, ...]
    """Claims that count something else."""
    came: str
    """What came, as far as the claims tell."""


WAR = "russia_ukraine"
"""The shipped table of claims."""
SERIES = {
    "ukraine-prosecutors": Reported(
        title="Ukraine: criminal proceedings for absence without leave (Art. 407), Prosecutor General", side="ukraine",
        lineage="UA-PGO", counts="cases", start=dt.date(2022, 1, 1),
        left_out=("UK-D009",),  # its 290,000 are of two articles
        came="The army did not break by January 2026, when its minister put the men absent at 200,000; after October 2025 the "
        "numbers were no longer published",
    ),
    "russia-courts": Reported(
        title="Russia: cases of absence, disobedience and desertion in military courts, Mediazona", side="russia",
        lineage="mediazona-courts", counts="court_cases", start=dt.date(2022, 9, 21),
        left_out=("RU-D008", "RU-D009"),  # verdicts, and absence alone
        came="The army did not break by May 2025, the last total",
    ),
}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Total:
    """Cases of some months."""

    first: dt.date
    """Their first day."""
    end: dt.date
    """The day after their last."""
    cases: float
    """Cases in them."""
    claims: tuple[str, ...]
    """The claims that it is from."""
    known: dt.date
    """Day on which the last of these was published."""

    @property
    def monthly(self) -> float:
        """Cases a month."""
        return self.cases / (self.end - self.first).days * CALENDAR_MONTH_DAYS

    @property
    def middle(self) -> float:
        """Middle of the months, as an ordinal of days."""
        return (self.first.toordinal() + self.end.toordinal()) / 2


def totals(name: str) -> tuple[Total, ...]:
    """The totals of a series, one after the other.

    Args:
        name: in `SERIES`.

    Returns:
        Totals of months that do not overlap, the earliest first.
    """
    of = SERIES[name]
    claims = [one for one in table.read(WAR) if _fits(one, of)]
    reached: dict[dt.date, tuple[float, tuple[str, ...]]] = {of.start: (0.0, ())}
    for _ in claims:  # a total links two days; from the first day on, day after day is reached
        for one in claims:
            first, end = _days(one, of)
            for here, there, sign in ((first, end, 1.0), (end, first, -1.0)):
                if here in reached and there not in reached:
                    count, names = reached[here]
                    reached[there] = (count + sign * one.value, (*names, one.claim_id))
    published = {one.claim_id: one.known_on for one in claims}
    rows = []
    for first, end in itertools.pairwise(sorted(reached)):
        (before, behind), (after, ahead) = reached[first], reached[end]
        names = tuple(sorted(set(behind) ^ set(ahead)))
        rows.append(Total(first, end, after - before, names, max(published[name] for name in names)))
    return tuple(rows)


def _fits(one: Claim, of: Reported) -> bool:
    """Whether a claim is of a series."""
    same = (one.side, one.lineage, one.counts) == (of.side, of.lineage, of.counts)
    return same and one.quantity == "deserted" and one.covers == "all" and one.claim_id not in of.left_out


def _days(one: Claim, of: Reported) -> tuple[dt.date, dt.date]:
    """First day of a claim's months, and the day after their last."""
    first = of.start if one.basis == "cumulative" else one.period_start
    return first, one.as_of_date + dt.timedelta(days=1)


def strength(side: str, day: float) -> Claim:
    """The claim of an army's strength that is nearest to a day.

    Args:
        side: whose.
        day: as an ordinal of days.

    Returns:
        The claim; of the whole side.
    """
    claims = [one for one in table.read(WAR) if (one.side, one.quantity, one.covers) == (side, "strength", "all")]
    return min(claims, key=lambda one: abs(one.as_of_date.toordinal() - day))


def rate(one: Total, side: str) -> float:
    """Cases per 1,000 men and month, by the nearest claim of strength.

    Args:
        one: the cases.
        side: whose.

    Returns:
        The rate [1/1,000/month]; cases are not men.
    """
    return 1000 * one.monthly / strength(side, one.middle).value


def growth(before: Total, after: Total) -> Estimate:
    """R_d by the growth from one total to the next.

    Args:
        before: the one.
        after: the next.

    Returns:
        Its median and the 90 % of the memory's prior and of luck in both counts.
    """
    random = np.random.default_rng(0)
    memory = renewal.memory_nodes(400)
    counts = [random.gamma(one.cases + 0.5, size=len(memory)) / (one.end - one.first).days for one in (before, after)]
    pace = np.log(counts[1] / counts[0]) / (after.middle - before.middle)
    number = 1 + memory * np.expm1(pace)
    return Estimate(float(np.median(number)), *interval(number))


def as_markdown() -> str:
    """What would have been said of each series, total by total and month by month, and what came.

    Returns:
        Tables in Markdown.
    """
    return "\n\n".join(_section(name) for name in SERIES)


def _section(name: str) -> str:
    """One series."""
    of, every = SERIES[name], totals(name)
    head = [
        "| months | cases | a month | per 1,000 men | growth a month | R_d, 90 % | published | claims |",
        "| --- " * 8 + "|",
    ]
    rows = [_row(None, every[0], of.side), *(_row(*pair, of.side) for pair in itertools.pairwise(every))]
    said = _month_by_month(every, of.side)
    return "\n".join([f"**{of.title}**", "", *head, *rows, "", said, "", f"What came: {of.came}."])


def _row(before: Total | None, one: Total, side: str) -> str:
    """A total."""
    number, pace = "–", "–"
    if before is not None:
        estimate = growth(before, one)
        number = f"{estimate.value:.2f} ({estimate.low:.2f}–{estimate.high:.2f})"
        months = (one.middle - before.middle) / CALENDAR_MONTH_DAYS
        pace = f"{100 * math.expm1(math.log(one.monthly / before.monthly) / months):+.0f} %".replace("-", "−")
    span = f"{one.first} to {one.end - dt.timedelta(days=1)}"
    counts = f"{one.cases:,.0f} | {one.monthly:,.0f} | {rate(one, side):.1f} ({strength(side, one.middle).claim_id})"
    return f"| {span} | {counts} | {pace} | {number} | {one.known} | {', '.join(one.claims)} |"


def _month_by_month(every: Sequence[Total], side: str) -> str:
    """What R_d and the rate said in each month, as runs of months of one mind."""
    from holdfast.early_warning import skill

    measured = skill.shipped()
    lines = []
    for before, one in itertools.pairwise(every):
        number, last = growth(before, one), one.end - dt.timedelta(days=1)
        first = before.end
        mind = (
            "cases grow"
            if number.low > 1
            else "cases shrink"
            if number.high < 1
            else "cases keep their number, or nearly"
        )
        values = {"reproduction": number.low, "rate": rate(one, side)}
        says = []
        for name, value in values.items():
            of = measured.find(name, MONTH, measured.sizes()[-1])
            assert of is not None
            alarm = value > of.threshold
            what = "lower end of R_d" if name == "reproduction" else "rate"
            says.append(
                f"{what} {value:.2f} {'above' if alarm else 'below'} {of.threshold:.2f}, {'ALARM' if alarm else 'quiet'}"
            )
        months = (
            f"{first:%B %Y}"
            if (first.year, first.month) == (last.year, last.month)
            else f"{first:%B %Y} to {last:%B %Y}"
        )
        lines.append(f"- {months}: {mind}; {'; '.join(says)}.")
    return "\n".join(lines)
