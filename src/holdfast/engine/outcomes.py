"""Outcomes of a run, defined once: mass desertion, a broken front, collapse, settlement, destruction, who breaks first, when.

The definitions are those of `docs/model.md` §3. All functions are pure, on NumPy arrays whose second axis is the day:
`[run day ...]`, mostly `[run day side]`. The engine's own verdict (`holdfast.engine.day.evening.judge`) and the
reference's stop the fighting during a run; they keep their own code and take the constants from here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

MASS_SHARE = 0.10
"""Mass desertion: exits by choice reach this share of the mean men present [1] ..."""
MASS_DAYS = 180
"""... over this many days [d]."""
FRONT_SHARE = 0.5
"""A front is broken while at least this share of its sectors is broken [1]."""
RESTORE_DAYS = 30
"""Collapse: the front stays broken for more than this many days running [d], or ..."""
COLLAPSE_SHARE = 0.5
"""... exits by choice exceed this share of the mean men present [1] ..."""
COLLAPSE_DAYS = 90
"""... over this many days [d]."""
DESTROYED_LEFT = 0.30
"""Destroyed: men present are at most this share of the most there have been [1], 0.2 to 0.5 ..."""
DESTROYED_BY_ENEMY = 0.5
"""... and at least this share of those gone since then was killed, wounded or captured while encircled [1], 0.5 to 0.9; the
rest left by choice."""

HORIZONS = (90, 240, 720)
"""By how many days it is said which end came first [d]: a season, a run of a coded army, two years."""
NONE = "none"
"""Key of the share in which no end has come."""

Days = npt.NDArray[np.int32]
"""Index of a first day, counted from 0; -1 where it never came; `[run side]`."""


class FirstDays(NamedTuple):
    """First day of each outcome, `[run side]` each; -1 = never."""

    mass_desertion: Days  # First day on which a tenth was gone within 180 days.
    front_broken: Days  # First day on which half of the sectors were broken.
    collapse: Days  # First day of a collapse.
    settlement: Days  # Day on which the state ended the war while its army stood.
    destroyed: Days  # First day on which the enemy had put out of action all but a rest of the army.


class FirstToBreak(NamedTuple):
    """Runs in which the first side broke first, the second, both on one day, an army was destroyed before, or none of these.

    Every run counts once.
    """

    first: int  # Runs in which the first side breaks before the second, or alone.
    second: int  # Runs in which the second does.
    both: int  # Runs in which both break on one day.
    destroyed: int  # Runs in which an army is destroyed before either breaks.
    neither: int  # Runs in which none breaks and none is destroyed.


def first_days(
    left: npt.ArrayLike,
    present: npt.ArrayLike,
    broken_share: npt.ArrayLike,
    settled: npt.ArrayLike | None = None,
    lost: npt.ArrayLike | None = None,
) -> FirstDays:
    """First day of mass desertion, a broken front, collapse, a settlement and destruction (`docs/model.md` §3).

    A war that one side's state has ended is over for both: nobody collapses or is destroyed from that day on.

    Args:
        left: exits by choice (desertion and surrender outside a pocket), gross, `[run day side]` [men/d].
        present: men present in the evening, `[run day side]` [men].
        broken_share: share of the side's sectors that are broken, `[run day side]` [1].
        settled: whether the side's state has ended the war, `[run day side]` [0 or 1]; without it, none has.
        lost: killed, wounded and captured while encircled, `[run day side]` [men/d]; without it, nobody is destroyed.

    Returns:
        The days, `[run side]` each; -1 where the outcome never came.
    """
    gone = np.asarray(left, float)
    men = np.asarray(present, float)
    broken = np.asarray(broken_share) >= FRONT_SHARE
    mass = share_gone(gone, men, MASS_DAYS) >= MASS_SHARE
    collapse = (share_gone(gone, men, COLLAPSE_DAYS) > COLLAPSE_SHARE) | (days_running(broken) > RESTORE_DAYS)
    ended = np.zeros(broken.shape, bool) if settled is None else np.asarray(settled) > 0
    over = ended.any(axis=-1, keepdims=True)
    shot = np.zeros(broken.shape, bool) if lost is None else destroyed(gone, men, np.asarray(lost, float))
    return FirstDays(
        _first_day(mass), _first_day(broken), _first_day(collapse & ~over), _first_day(ended), _first_day(shot & ~over)
    )


def destroyed(
    left: npt.NDArray[np.float64], present: npt.NDArray[np.float64], lost: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    """Whether an army is destroyed: all but a rest of it is gone, and the enemy took most of them.

    The measure is the greatest strength up to the day, so that an army that grows or is filled up is measured by what it was.
    Who is gone is counted from the day of that strength on, the first morning at the earliest; men who have left and come back
    are gone while they are away, and counted each time.

    Args:
        left: exits by choice, gross, `[run day ...]` [men/d].
        present: men present in the evening, the same shape [men].
        lost: killed, wounded and captured while encircled, the same shape [men/d].

    Returns:
        Whether it is, on each day; the same shape.
    """
    morning = present[:, :1] + left[:, :1] + lost[:, :1]
    men = np.concatenate([morning, present], axis=1)
    greatest = np.maximum.accumulate(men, axis=1)
    number = np.arange(men.shape[1]).reshape(1, -1, *[1] * (men.ndim - 2))
    of_greatest = np.maximum.accumulate(np.where(men == greatest, number, 0), axis=1)

    def since(flow: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        total = np.concatenate([np.zeros_like(morning), np.cumsum(flow, axis=1)], axis=1)
        return np.asarray(total - np.take_along_axis(total, of_greatest, axis=1))

    by_enemy, by_choice = since(lost), since(left)
    few = (men <= DESTROYED_LEFT * greatest) & (by_enemy > 0)
    return np.asarray(few & (by_enemy >= DESTROYED_BY_ENEMY * (by_enemy + by_choice)))[:, 1:]


def share_gone(left: npt.NDArray[np.float64], present: npt.NDArray[np.float64], days: int) -> npt.NDArray[np.float64]:
    """Exits of the last `days` as a share of the mean men present over those days, on each day.

    In the first days the window is as long as there were days.

    Args:
        left: exits by choice, `[run day ...]` [men/d].
        present: men present, the same shape [men].
        days: length of the window [d].

    Returns:
        The share, the same shape [1].
    """
    mean = _trailing_sum(present, days) / _trailing_sum(np.ones_like(present), days)
    return _trailing_sum(left, days) / np.maximum(mean, 1)


def days_running(flags: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Days up to each day for which a flag has held without a break.

    Args:
        flags: `[run day ...]`.

    Returns:
        The count, the same shape; 0 where the flag is down [d].
    """
    count = np.zeros(flags.shape, int)
    for day in range(flags.shape[1]):
        before = count[:, day - 1] if day else 0
        count[:, day] = np.where(flags[:, day], before + 1, 0)
    return count


def break_day(mass_desertion: npt.ArrayLike, collapse: npt.ArrayLike) -> Days:
    """Day on which each side breaks: its first mass desertion or collapse, whichever comes first.

    Args:
        mass_desertion: first days, -1 = never, `[run side]`.
        collapse: the same.

    Returns:
        The days, `[run side]`; -1 where the side does not break.
    """
    mass, fallen = np.asarray(mass_desertion), np.asarray(collapse)
    either = np.minimum(np.where(mass < 0, fallen, mass), np.where(fallen < 0, mass, fallen))
    return either.astype(np.int32)


def first_to_break(
    mass_desertion: npt.ArrayLike, collapse: npt.ArrayLike, ruined: npt.ArrayLike | None = None
) -> FirstToBreak:
    """Count the runs by the side that breaks first; both on one day is a class of its own, and so is an army destroyed before.

    Args:
        mass_desertion: first days, -1 = never, `[run 2]`.
        collapse: the same.
        ruined: first days on which an army was destroyed; without it, none was.

    Returns:
        The counts, which add up to the number of runs. Where an army breaks on the day of destruction, it breaks.
    """
    days = break_day(mass_desertion, collapse)
    first, second = _or_never(days).T
    ruin = _or_never(np.full(days.shape, -1) if ruined is None else np.asarray(ruined)).min(axis=1)
    before = ruin < np.minimum(first, second)
    broke = (np.isfinite(first) | np.isfinite(second)) & ~before
    classes = (
        broke & (first < second), broke & (second < first), broke & (first == second), before, ~broke & ~before
    )  # fmt: skip
    return FirstToBreak(*(int(each.sum()) for each in classes))


def incidence(
    ends: Mapping[str, npt.ArrayLike], horizons: Sequence[int] = HORIZONS
) -> dict[int, dict[str, npt.NDArray[np.float64]]]:
    """Cumulative incidence of competing ends: the share of runs that each has ended by some days, as the first to come.

    A run ends once: what would have come after its first end counts for nothing. On a tie the end that is named first counts.
    A share is a plain count, so a run must be as long as the horizon: -1 in a shorter one does not say that nothing came.

    Args:
        ends: first day of each end by name, counted from 0, -1 = never, `[run ...]`; in order of precedence on ties. Further
            axes stay, as draws whose runs are counted by themselves. None may be called `none`.
        horizons: days; an end has come by 90 days if it came on one of the first 90, that is on day 89 at the latest [d].

    Returns:
        For each horizon, by end, the share of runs that it ended first, then under `none` the share that goes on, `[...]` each
        [1]. The shares of a horizon add up to 1.

    Raises:
        ValueError: if there is no end, none of the runs, or an end is called `none`.
    """
    if not ends or NONE in ends:
        raise ValueError(f"{list(ends)} are the ends: name one or more, and none of them {NONE!r}")
    # NumPy would cut the largest of 64 bits to the -1 of 32: the days must have all 64.
    days = np.stack([np.asarray(each).astype(np.int64) for each in ends.values()])  # [end run ...]
    if not days.shape[1]:
        raise ValueError("no run: its share would be 0 of 0")
    days = np.where(days < 0, np.iinfo(np.int64).max, days)
    first, which = days.min(axis=0), days.argmin(axis=0)  # argmin takes the first of equals
    shares = {}
    for horizon in horizons:
        came = first < horizon
        of = {name: (came & (which == number)).mean(axis=0) for number, name in enumerate(ends)}
        shares[horizon] = of | {NONE: (~came).mean(axis=0)}
    return shares


def _or_never(days: npt.NDArray[np.integer]) -> npt.NDArray[np.float64]:
    """First days with infinity where the outcome never came."""
    return np.where(days < 0, np.inf, days)


def _trailing_sum(values: npt.NDArray[np.float64], days: int) -> npt.NDArray[np.float64]:
    """Sum over the last `days`, or over as many as there were."""
    total = np.cumsum(values, axis=1)
    before = np.zeros_like(total)
    before[:, days:] = total[:, :-days]
    return total - before


def _first_day(happened: npt.NDArray[np.bool_]) -> Days:
    """Index of the first day on which something happened; -1 = never; axes `[run day ...]` to `[run ...]`."""
    return np.where(happened.any(axis=1), happened.argmax(axis=1), -1).astype(np.int32)
