"""From claims to arrays: one vote for each lineage, and what the model needs to know of the votes."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from holdfast.core import timings
from holdfast.core.units import CALENDAR_MONTH_DAYS, Z80
from holdfast.evidence import observables, priors
from holdfast.evidence.claims.table import Claim
from holdfast.evidence.observables import Calendar

LEAST_STEP_DAYS = 5
CROWDED = 5
"""Numbers of one series that may vote in a month; of more only one does: the war is known by months."""
UNIT_DAYS = {"per day": 1.0, "per week": 7.0, "per month": CALENDAR_MONTH_DAYS}
BYSTANDERS = ("third-party government", "think tank / model", "media")
ECHO = 0.06
"""On the log scale. In 2024-26 the totals of six governments and institutes lay this near one belligerent's tally."""
NO_VOTE = ("not independent", "meta-estimate", "meta-model")
"""Words, in definition, claimant or note, of a number made from other claims: judged, never counted."""


@dataclasses.dataclass(frozen=True)
class Vote:
    """A claim as the model weighs it: a window, and the logarithm of a total over it with its own uncertainty.

    Attributes:
        claim: the claim.
        begin: first day of its window.
        end: last day of its window.
        log_value: logarithm of the total over the window [men].
    """

    claim: Claim
    begin: dt.date
    end: dt.date
    log_value: float
    sd: float
    """Of the claim's own range and rounding."""
    sign: int
    """0 for a number, +1 for "at least", -1 for "up to"."""


def votes_of(claims: Sequence[Claim]) -> list[Vote]:
    """The claims that count, copies once, running tallies by their steps.

    Args:
        claims: of one side.

    Returns:
        The votes.
    """
    able = thinned(echoes([claim for claim in claims if may_vote(claim)]))
    return [*distinct(vote for vote in map(as_vote, able) if not is_tally(vote)), *_steps(able)]


def thinned(claims: Sequence[Claim]) -> list[Claim]:
    """Claims without the crowd: of a series told more than `CROWDED` times in a month, one vote for the month.

    The months of the model see no more of it. Of running totals and of stocks the last of the month votes; counts of
    windows that follow one upon another vote by their sum.

    Args:
        claims: of one side.

    Returns:
        The claims that vote, in their order.
    """
    months: dict[tuple[object, ...], list[Claim]] = {}
    for claim in claims:
        key = (claim.side, claim.lineage, claim.claimant, claim.counts, claim.covers, claim.limit)
        months.setdefault((*key, claim.basis, claim.as_of_date.year, claim.as_of_date.month), []).append(claim)
    instead: dict[int, Claim | None] = {}
    for same in months.values():
        if len({claim.as_of_date for claim in same}) <= CROWDED:
            continue
        one = _of_month(sorted(same, key=lambda one: (one.as_of_date, one.known_on)))
        if one is not None:
            instead |= {id(claim): None for claim in same} | {id(same[0]): one}
    return [vote for claim in claims if (vote := instead.get(id(claim), claim)) is not None]


def _of_month(same: Sequence[Claim]) -> Claim | None:
    """One claim for those of a month; none where windows overlap or leave gaps."""
    last = same[-1]
    if last.basis in ("cumulative", "stock"):
        return last
    same = list({(claim.period_start, claim.as_of_date, claim.value): claim for claim in same}.values())
    if last.limit or any(b.period_start != a.as_of_date + dt.timedelta(days=1) for a, b in zip(same, same[1:])):
        return None
    men = sum(total(claim, claim.value) for claim in same)
    return dataclasses.replace(
        last, period_start=same[0].period_start, basis="per period", value_low=None, value_central=men, value_high=None
    )


def crowd(claims: Sequence[Claim]) -> list[str]:
    """What a reader should know of series that were told too often for each number to vote.

    Args:
        claims: of one side.

    Returns:
        A sentence for each series; none where all numbers vote.
    """
    voters = [claim for claim in claims if may_vote(claim)]
    name = lambda claim: (claim.side, claim.claimant, claim.counts)  # noqa: E731
    numbers, votes = Counter(map(name, voters)), Counter(map(name, thinned(voters)))
    return [
        f"{who} tells {observables.SAYS[counts]} of {side} {count:,} times, more than {CROWDED} times in some months: by what "
        f"such a series is worth, {votes[side, who, counts]:,} votes (one a month where it is crowded); all {count:,} are judged."
        for (side, who, counts), count in numbers.items() if votes[side, who, counts] < count
    ]  # fmt: skip


def may_vote(claim: Claim) -> bool:
    """Whether a claim says something of its own that the model knows.

    Args:
        claim: a claim.

    Returns:
        Whether it counts.
    """
    words = f"{claim.definition} {claim.claimant} {claim.note}".lower()
    return claim.counts != "nothing" and claim.value > 0 and not any(word in words for word in NO_VOTE)


LEAST_MEN = 0.5
"""For which a claim of nobody stands, which is judged and never counted: 0 has no logarithm."""


def as_vote(claim: Claim) -> Vote:
    """A claim by itself.

    Args:
        claim: a claim.

    Returns:
        The vote.
    """
    begin = claim.as_of_date if claim.counts == "strength" else claim.period_start
    sign = {"": 0, "at least": 1, "up to": -1}[claim.limit]
    sign = {"part": 1, "wider": -1}.get(claim.covers, sign)
    value = max(claim.value, LEAST_MEN)
    return Vote(claim, begin, claim.as_of_date, float(np.log(total(claim, value))), _vote_sd(claim, value), sign)


def total(claim: Claim, value: float) -> float:
    """A rate a day, a week or a month as the total of its window; other claims as they are.

    Args:
        claim: gives basis and window.
        value: the number in the claim's own basis.

    Returns:
        Men over the window.
    """
    days = (claim.as_of_date - claim.period_start).days + 1
    if claim.basis not in UNIT_DAYS or (claim.basis == "per month" and days <= 31):
        return value
    return value * days / UNIT_DAYS[claim.basis]


def _vote_sd(claim: Claim, value: float) -> float:
    """SD on the log scale of a claim's stated range (10th to 90th percentile) and of its rounding."""
    spread = 0.0
    if claim.value_low and claim.value_high and claim.value_high > claim.value_low:
        spread = float(np.log(claim.value_high / claim.value_low)) / (2 * Z80)
    return float(np.hypot(spread, rounding(claim.value) / value / 12**0.5))


def rounding(value: float) -> float:
    """The power of ten to which a number seems to be rounded.

    >>> rounding(315000.0), rounding(300000.0)
    (1000.0, 100000.0)

    Args:
        value: a number.

    Returns:
        The power of ten.
    """
    unit = 1.0
    while value >= 10 * unit and value % (10 * unit) == 0:
        unit *= 10
    return unit


def is_tally(vote: Vote) -> bool:
    """A running total that its keeper only ever adds to.

    Args:
        vote: a claim as a vote.

    Returns:
        Whether it is one.
    """
    claim = vote.claim
    return claim.counts == "eliminated" and claim.basis == "cumulative" and vote.sign == 0


def _steps(claims: Iterable[Claim]) -> list[Vote]:
    """Running tallies as what each added since the one before; their keeper's error of March is not one of April."""
    series: dict[tuple[str, ...], list[Claim]] = {}
    for claim in claims:
        if is_tally(as_vote(claim)):
            series.setdefault((claim.side, claim.lineage, claim.covers), []).append(claim)
    steps = []
    for one in series.values():
        begin, so_far = min(claim.period_start for claim in one), 0.0
        for claim in _keepers(one):
            if (claim.as_of_date - begin).days < LEAST_STEP_DAYS or claim.value <= so_far:
                continue
            step = claim.value - so_far
            sd = rounding(claim.value) / step / 12**0.5
            steps.append(Vote(claim, begin, claim.as_of_date, float(np.log(step)), sd, 0))
            begin, so_far = claim.as_of_date + dt.timedelta(days=1), claim.value
    return steps


def _keepers(tally: Sequence[Claim]) -> list[Claim]:
    """A tally in the order of its days, as its keeper told it; from others who repeat it only what lies beyond his."""
    tellers = Counter(claim.claimant for claim in tally)
    keeper = max(tellers, key=lambda name: (tellers[name], name))
    days = [claim.as_of_date for claim in tally if claim.claimant == keeper]
    lines = [
        claim for claim in tally
        if claim.claimant == keeper or not min(days) <= claim.as_of_date <= max(days)
    ]  # fmt: skip
    return sorted(lines, key=lambda claim: (claim.as_of_date, claim.value, claim.claim_id))


def echoes(claims: Sequence[Claim]) -> list[Claim]:
    """Totals of bystanders that sit on a belligerent's running tally, as what they are: its echo.

    Such a claim takes the tally's words and lineage. Some that were made independently are caught as well: their
    agreement is then lost, not used against them.

    Args:
        claims: of one side.

    Returns:
        The claims, echoes in the tally's words and lineage.
    """
    tallies: dict[tuple[str, str], list[Claim]] = {}
    for claim in claims:
        if is_tally(as_vote(claim)):
            tallies.setdefault((claim.side, claim.lineage), []).append(claim)
    return [
        next((_echo(claim, tally) for tally in tallies.values() if is_echo(claim, tally)), claim) for claim in claims
    ]


def is_echo(claim: Claim, tally: Sequence[Claim]) -> bool:
    """Whether a bystander's total of casualties is the tally's of that day, to within `ECHO`.

    Args:
        claim: of a bystander.
        tally: claims of one running tally.

    Returns:
        Whether it is one.
    """
    if claim.side != tally[0].side or claim.claimant_type not in BYSTANDERS or claim.basis != "cumulative":
        return False
    if claim.counts not in ("killed_wounded", "casualties") or claim.covers != "all" or claim.limit:
        return False
    days = [one.as_of_date.toordinal() for one in tally]
    if not min(days) <= claim.as_of_date.toordinal() <= max(days):
        return False
    order = np.argsort(days)
    there = np.interp(
        claim.as_of_date.toordinal(), np.array(days)[order], np.array([one.value for one in tally])[order]
    )
    return bool(abs(np.log(claim.value / there)) < ECHO)


def _echo(claim: Claim, tally: Sequence[Claim]) -> Claim:
    """The claim in the tally's words."""
    like = tally[0]
    return dataclasses.replace(claim, counts=like.counts, lineage=like.lineage, claimant_type=like.claimant_type)


def distinct(votes: Iterable[Vote]) -> list[Vote]:
    """Each number once: the same count of the same window, said again, is no news.

    Args:
        votes: claims as votes.

    Returns:
        The votes without their copies.
    """
    first: dict[tuple[object, ...], Vote] = {}
    for vote in votes:
        claim = vote.claim
        key = (claim.side, claim.counts, claim.covers, claim.lineage, vote.begin, vote.end, vote.sign,
               round(vote.log_value, 9))  # fmt: skip
        first.setdefault(key, vote)
    return list(first.values())


Array = Any
"""NumPy's at the door, JAX's inside a compiled function."""

KNOT_MONTHS = 3.0
"""Slow series bend once a quarter."""


class Rows(NamedTuple):
    """What a list of votes counts, as weights; a row a vote. Enough to say what each should have been.

    Attributes:
        views: weights on the views of `observables.VIEWS`.
        is_held: 1 for prisoners held on a day.
        is_absent: 1 for men absent on a day.
    """

    cover: Float[Array, "row month"]
    """Share of each month that lies in the window."""
    views: Float[Array, "row view"]
    is_held: Float[Array, row]
    is_absent: Float[Array, row]
    mark: Float[Array, "row edge"]
    """Weights on the strength at the months' edges; zero but for counts of strength."""
    waited: Float[Array, "name month"]
    """For lists of names: months from the middle of each month to the day of the count, to the power `list_shape`. The power
    is taken here, once: that of a claim's age and a draw's delay together was half of what a density cost."""
    listed: Float[Array, "name month"]
    """For lists of names: share of each month that lies in the window, as in `cover`."""
    listing: Float[Array, "row name"]
    """1 where a row is that list."""


class Observations(NamedTuple):
    """Votes as the density reads them: values, what they count, how they err. Rows beyond the votes are empty.

    Attributes:
        log_value: logarithm of each number [men].
        rows: what each counts.
    """

    log_value: Float[Array, row]
    rows: Rows
    mean: Float[Array, row]
    """Known part of the bias."""
    shared: Float[Array, "row pair"]
    """SD of the bias of its kind and type of claimant, in that pair's column."""


class Evidence(NamedTuple):
    """Everything that the density of one side's war reads; arrays of the same shapes share one compiled program.

    Attributes:
        middle: months from the first day to each month's middle.
        bend: from knots of slow series to months.
        scale_sd: SD of the army's size on the log scale.
        numbers: claims that give a number.
        limits: claims that give a limit.
        own: SD of each limit's own error.
    """

    length: Float[Array, month]
    """Months' lengths, in mean months."""
    middle: Float[Array, month]
    bend: Float[Array, "month knot"]
    scale: Float[Array, ""]
    """Men: the size of the army as first claimed, the prior's yardstick."""
    scale_sd: Float[Array, ""]
    numbers: Observations
    whiten: Float[Array, "row row"]
    """Turns residuals of numbers into independent unit ones; blocks, one a lineage and kind."""
    group: Float[Array, "group row"]
    """1 where a number belongs to a lineage and kind."""
    limits: Observations
    sign: Float[Array, row]
    """+1 for at least, -1 for up to, 0 for an empty row."""
    shaken: Float[Array, "row group"]
    """SD of the error that limits of one lineage and kind share."""
    own: Float[Array, row]


@dataclasses.dataclass(frozen=True)
class Design:
    """One side's war and all that was claimed of it.

    Attributes:
        side: whose war.
        calendar: its months.
        numbers: votes that give a number.
        limits: votes that give a limit.
        evidence: the arrays.
    """

    side: str
    calendar: Calendar
    pairs: tuple[tuple[str, str], ...]
    """Kinds and types of claimant with a shared bias."""
    numbers: tuple[Vote, ...]
    limits: tuple[Vote, ...]
    evidence: Evidence

    @property
    def sizes(self) -> tuple[int, ...]:
        """Rows for numbers, limits, groups, pairs, limit groups and lists of names."""
        e = self.evidence
        lists = len(e.numbers.rows.waited)
        return (len(e.whiten), len(e.sign), len(e.group), e.numbers.shared.shape[1], e.shaken.shape[1], lists)


def able(claims: Sequence[Claim], side: str) -> bool:
    """Whether there is anything to fit a side's war to.

    Args:
        claims: of any side.
        side: whose war.

    Returns:
        Whether the side has a vote.
    """
    return bool(votes_of([claim for claim in claims if claim.side == side]))


ROOM = 16
"""Shapes are rounded up to a multiple of this many, so that one compiled program serves many tables."""


@timings.phase("build")
def design(
    claims: Sequence[Claim],
    side: str,
    until: dt.date | None = None,
    first: dt.date | None = None,
    room: Sequence[int] = (),
) -> Design:
    """The arrays of one side; its months run to `until`, or to the last claim.

    `room` makes at least so many rows for numbers, limits, groups, pairs, limit groups and lists of names.

    Args:
        claims: of any side.
        side: whose war.
        until: the last day of the months.
        first: the first day; that from which most claims count unless given.
        room: least rows for numbers, limits, groups, pairs, limit groups and lists of names.

    Returns:
        The side's design.
    """
    own = [claim for claim in claims if claim.side == side]
    votes = votes_of(own)
    calendar = Calendar(first or war_start(own), until or max(vote.end for vote in votes))
    votes = [vote for vote in votes if vote.end >= calendar.first and vote.begin <= calendar.last]
    numbers = tuple(sorted((vote for vote in votes if vote.sign == 0), key=_order))
    limits = tuple(vote for vote in votes if vote.sign != 0)
    pairs = tuple(sorted({pair(vote) for vote in votes}))
    names, limit_names = group_names(numbers), group_names(limits)
    lists = max(sum(vote.claim.counts == "named" for vote in votes_of) for votes_of in (numbers, limits))
    counts = (len(numbers), len(limits), len(set(names)), len(pairs), len(set(limit_names)), lists)
    sizes = [max(_roomy(count), least) for count, least in zip(counts, room or [0] * 6)]
    scale, scale_sd = _army_scale(votes)
    return Design(side, calendar, pairs, numbers, limits, Evidence(
        length=calendar.days / CALENDAR_MONTH_DAYS, middle=calendar.middles, bend=_bend(len(calendar.months)),
        scale=np.array(scale), scale_sd=np.array(scale_sd),
        numbers=_observations(numbers, pairs, calendar, sizes[0], sizes[3], sizes[5]),
        whiten=_padded(_whitening(numbers, calendar), sizes[0], sizes[0]),
        group=_padded(_membership(names), sizes[2], sizes[0]),
        limits=_observations(limits, pairs, calendar, sizes[1], sizes[3], sizes[5]),
        sign=_padded(np.array([vote.sign for vote in limits], float), sizes[1]),
        shaken=_padded(
            _membership(limit_names).T * np.array([shared_sd(vote, calendar) for vote in limits])[:, None], sizes[1], sizes[4]
        ),
        own=_padded(np.array([limit_sd(vote, calendar) for vote in limits]), sizes[1], fill=1.0),
    ))  # fmt: skip


def _order(vote: Vote) -> tuple[dt.date, dt.date, dt.date, str]:
    """The order of numbers in a lineage: what is new in each is new beside those before it."""
    return vote.end, vote.claim.known_on, vote.begin, vote.claim.claim_id


def _observations(
    votes: Sequence[Vote], pairs: Sequence[tuple[str, str]], calendar: Calendar, size: int, columns: int, lists: int
) -> Observations:
    """Votes as arrays of `size` rows."""
    mean, shared = biases(votes, pairs, calendar)
    values = _padded(np.array([vote.log_value for vote in votes]), size)
    return Observations(
        values, padded_rows(votes, calendar, size, lists), _padded(mean, size), _padded(shared, size, columns)
    )


def padded_rows(votes: Sequence[Vote], calendar: Calendar, size: int, lists: int) -> Rows:
    """What votes count, with empty rows up to `size`, and `lists` for lists of names.

    Args:
        votes: claims as votes.
        calendar: the months of the war.
        size: rows in all.
        lists: rows for lists of names.

    Returns:
        The weights.
    """
    weights = rows(votes, calendar)
    parts = {
        name: _padded(part, size, *part.shape[1:])
        for name, part in weights._asdict().items()
        if name not in ("waited", "listed", "listing")
    }
    months = weights.cover.shape[1]
    return Rows(
        **parts, waited=_padded(weights.waited, lists, months, fill=1.0), listed=_padded(weights.listed, lists, months),
        listing=_padded(weights.listing, size, lists),
    )  # fmt: skip


def _roomy(count: int) -> int:
    """A size that holds so many, and that many tables share."""
    return max(1, -(-count // ROOM)) * ROOM


def _padded(array: np.ndarray, *shape: int, fill: float = 0.0) -> np.ndarray:
    """The array in the corner of a larger one."""
    larger = np.full(shape, fill)
    larger[tuple(slice(0, size) for size in array.shape)] = array if array.size else fill
    return larger


def _knots(months: int) -> int:
    """Points at which slow series may bend."""
    return max(2, int(np.ceil(months / KNOT_MONTHS)) + 1)


def _bend(months: int) -> Float[np.ndarray, "month knot"]:
    """From knots to months, linear between."""
    count = _knots(months)
    place = np.linspace(0, count - 1, months) if months > 1 else np.zeros(1)
    left = np.minimum(place.astype(int), count - 2)
    weights = np.zeros((months, count))
    weights[np.arange(months), left] = 1 - (place - left)
    weights[np.arange(months), left + 1] += place - left
    return weights


def war_start(claims: Sequence[Claim]) -> dt.date:
    """The day from which most claims count.

    Args:
        claims: of the war.

    Returns:
        The day.
    """
    return Counter(claim.period_start for claim in claims).most_common(1)[0][0]


def _army_scale(votes: Sequence[Vote]) -> tuple[float, float]:
    """The size of the army that the first claim of its strength gives, or a guess from its losses, with its SD of log."""
    sized = sorted((v for v in votes if v.claim.counts == "strength"), key=lambda vote: vote.end)
    for wanted in (0, 1, -1):
        for vote in sized:
            if vote.sign == wanted:
                return float(np.exp(vote.log_value)), 0.35 if wanted == 0 else 0.6
    lost = [
        vote.log_value for vote in votes if observables.KINDS[vote.claim.counts] in ("killed", "named", "casualties")
    ]
    return (float(np.exp(max(lost))) * 3, 1.0) if lost else (1e5, 2.0)


def pair(vote: Vote) -> tuple[str, str]:
    """Kind of claim and type of claimant: they share a bias.

    Args:
        vote: a claim as a vote.

    Returns:
        Kind and type.
    """
    return observables.KINDS[vote.claim.counts], vote.claim.claimant_type


def rows(votes: Sequence[Vote], calendar: Calendar) -> Rows:
    """Weights of each vote on months and views.

    Args:
        votes: claims as votes.
        calendar: the months of the war.

    Returns:
        The weights.
    """
    months = len(calendar.months)
    cover = np.zeros((len(votes), months))
    weights = np.zeros((len(votes), len(observables.VIEWS)))
    mark = np.zeros((len(votes), months + 1))
    for row, vote in enumerate(votes):
        claim = vote.claim
        if claim.counts == "strength":
            mark[row] = calendar.mark(vote.end)
        cover[row] = calendar.cover(vote.begin, vote.end)
        for view, weight in observables.views(claim.counts, claim.covers).items():
            weights[row, observables.VIEWS.index(view)] = weight
    counts = np.array([vote.claim.counts for vote in votes])
    held, absent = (counts == "captured_held").astype(float), (counts == "absent").astype(float)
    lists = np.flatnonzero(counts == "named")
    age = [np.maximum(calendar.at(votes[int(row)].claim.known_on) - calendar.middles, 0.25) for row in lists]
    listing = (np.arange(len(votes))[:, None] == lists).astype(float)
    return Rows(
        cover=cover, views=weights, is_held=held, is_absent=absent, mark=mark, listing=listing, listed=cover[lists],
        waited=np.array(age).reshape(len(lists), months) ** priors.WAR["list_shape"].value,
    )  # fmt: skip


def biases(
    votes: Sequence[Vote], pairs: Sequence[tuple[str, str]], calendar: Calendar, strict: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """Mean bias of each row, and the SD of its shared bias in the column of its pair.

    Args:
        votes: claims as votes.
        calendar: the months of the war.
        pairs: columns of shared biases.
        strict: whether every pair must have a column.

    Returns:
        Means `[row]` and SDs `[row, pair]`, on the log scale.
    """
    mean, shared = np.zeros(len(votes)), np.zeros((len(votes), len(pairs)))
    for row, vote in enumerate(votes):
        habit = priors.habit(*pair(vote))
        fade = np.exp(-max(calendar.at(vote.end), 0.0) / 12 / priors.FADE_YEARS)
        mean[row] = habit.late + (habit.early - habit.late) * fade
        if strict or pair(vote) in pairs:
            shared[row, pairs.index(pair(vote))] = habit.shared
    return mean, shared


def _whitening(votes: Sequence[Vote], calendar: Calendar) -> Float[np.ndarray, "row row"]:
    """Inverse of the lower factor of the errors' covariance, lineage by lineage."""
    names = group_names(votes)
    whiten = np.zeros((len(votes), len(votes)))
    for name in set(names):
        place = [row for row, other in enumerate(names) if other == name]
        block = covariance([votes[row] for row in place], [votes[row] for row in place], calendar)
        whiten[np.ix_(place, place)] = np.linalg.inv(np.linalg.cholesky(block))
    return whiten


def _membership(names: Sequence[tuple[object, ...]]) -> Float[np.ndarray, "group row"]:
    """1 where a row belongs to a group; groups in their names' order."""
    groups = sorted(set(names))
    member = np.zeros((len(groups), len(names)))
    for row, name in enumerate(names):
        member[groups.index(name), row] = 1
    return member


def group_names(votes: Sequence[Vote]) -> list[tuple[object, ...]]:
    """A lineage speaking of one kind of thing: its errors go together.

    Args:
        votes: claims as votes.

    Returns:
        Lineage and kind of each.
    """
    return [(vote.claim.lineage, observables.KINDS[vote.claim.counts]) for vote in votes]


def covariance(left: Sequence[Vote], right: Sequence[Vote], calendar: Calendar) -> Float[np.ndarray, "left right"]:
    """Covariance of the errors of one lineage's claims: its bias, what changes slowly, and each claim's own.

    Args:
        left: votes of one lineage and kind.
        right: votes of the same.
        calendar: the months of the war.

    Returns:
        The covariance on the log scale, as the squared scale of Student variables.
    """
    habits_l = [priors.habit(*pair(vote)) for vote in left]
    habits_r = [priors.habit(*pair(vote)) for vote in right]
    span_l = np.array([[calendar.at(vote.begin), calendar.at(vote.end)] for vote in left])
    span_r = np.array([[calendar.at(vote.begin), calendar.at(vote.end)] for vote in right])
    apart = np.abs(span_l[:, None, :] - span_r[None, :, :]).mean(-1)
    bias = np.outer([habit.lineage for habit in habits_l], [habit.lineage for habit in habits_r])
    series = np.outer([habit.series for habit in habits_l], [habit.series for habit in habits_r])
    alike = np.array([[_wording(a) == _wording(b) for b in right] for a in left])
    foggy = np.outer([fog(vote, calendar) for vote in left], [fog(vote, calendar) for vote in right])
    errors = foggy * (bias + series * np.exp(-apart / priors.MEMORY_MONTHS)) + np.where(alike, priors.WORDING**2, 0.0)
    same = np.array([[a is b for b in right] for a in left])
    own = np.array([(fog(vote, calendar) * habit.own) ** 2 + vote.sd**2 for habit, vote in zip(habits_l, left)])
    return np.asarray(priors.SCALE**2 * (errors + np.where(same, own[:, None], 0.0)))


def fog(vote: Vote, calendar: Calendar) -> float:
    """How much wider a claim's errors are than later in the war: in its first months little is counted.

    Args:
        vote: a claim as a vote.
        calendar: the months of the war.

    Returns:
        A factor of at least 1, which falls to 1.
    """
    return 1 + priors.FOG * float(np.exp(-max(calendar.at(vote.end), 0.0) / priors.FOG_MONTHS))


def _wording(vote: Vote) -> tuple[str, str]:
    """What a claim says it counts, and whom."""
    return vote.claim.counts, vote.claim.covers


def shared_sd(vote: Vote, calendar: Calendar) -> float:
    """SD of the error that a one-sided claim shares with those of its lineage.

    Args:
        vote: a one-sided claim.
        calendar: the months of the war.

    Returns:
        The SD on the log scale.
    """
    habit = priors.habit(*pair(vote))
    return float(np.hypot(fog(vote, calendar) * np.hypot(habit.lineage, habit.series), priors.WORDING))


def limit_sd(vote: Vote, calendar: Calendar) -> float:
    """SD of a one-sided claim's own error.

    Args:
        vote: a one-sided claim.
        calendar: the months of the war.

    Returns:
        The SD on the log scale.
    """
    return float(np.hypot(fog(vote, calendar) * priors.habit(*pair(vote)).own, vote.sd))
