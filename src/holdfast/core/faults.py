"""Faults of what a user gave, and the errors that list every fault at once.

A fault names the place, what was found there, what is allowed, and the cure. A reader gathers all faults before it raises
one error that holds them, so that a user corrects a file once.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, TypeAlias

if TYPE_CHECKING:
    import numpy as np

MISSING = object()
"""Stands for a value that is not there, which `None` could not do."""

CLOSE = 0.6
"""Least similarity (difflib's ratio) at which a known name is suggested for an unknown one."""


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, with its cure."""

    place: str  # Path as `side[russia].kinds.convict.share`, or the line of a table.
    value: str  # As the file would write it.
    allowed: str  # What is allowed, a sentence without its full stop.
    cure: str  # What to do, a sentence without its full stop.
    suggestion: str | None = None  # A known name like the unknown one.

    def __str__(self) -> str:
        hint = f" Did you mean {self.suggestion}?" if self.suggestion else ""
        return f"{self.place}: found {self.value}; allowed: {self.allowed}. {self.cure}.{hint}"


class FaultyError(ValueError):
    """Input that cannot be used, with all its faults."""

    what = "What was given"
    """What to call the input where no file or table is named."""

    def __init__(self, faults: Sequence[Fault], source: str | None = None) -> None:
        """Hold the faults of an input.

        Args:
            faults: all faults, in the order in which they are to be listed.
            source: name of the file or table that has them; the class's `what` unless given.
        """
        self.faults = tuple(faults)
        self.source = source or self.what
        super().__init__(self.faults, self.source)

    def __str__(self) -> str:
        count = "1 fault" if len(self.faults) == 1 else f"{len(self.faults)} faults"
        return "\n".join([f"{self.source} has {count}:", *(f"  {fault}" for fault in self.faults)])


class ScenarioError(FaultyError):
    """A scenario that cannot be run."""

    what = "The scenario"


class ClaimsError(FaultyError):
    """Claims about losses that cannot be used: a table's or a sentence's."""

    what = "The claims"


class DataError(FaultyError):
    """A public data set that cannot be fetched, or a file that is not what its reader expects."""

    what = "The data set"


class ArmiesError(FaultyError):
    """A file of coded armies that cannot be used."""

    what = "The armies"


class BattlesError(FaultyError):
    """A table of battles that cannot be used, or a request for what is not in it."""

    what = "The battles"


class AssessError(FaultyError):
    """A request for an assessment that cannot be answered."""

    what = "The request"


class BacktestError(FaultyError):
    """A request for a backtest that cannot be answered."""

    what = "The request"


class ClusterError(FaultyError):
    """A cluster that cannot be used: its address or file, or workers that would give other numbers."""

    what = "The cluster"


class WarnError(FaultyError):
    """Counts of absence that cannot be used."""

    what = "The series"


class LedgerError(FaultyError):
    """A ledger of forecasts whose chain of hashes is broken."""

    what = "The ledger"


class Notice(UserWarning):
    """What a user should hear of though nothing failed, as work that is done again; the command line prints it as a line."""


class ReportedError(RuntimeError):
    """Work that gave no result that can be used; the message says why and what to do, and is shown without a traceback."""

    exit_code: ClassVar[int] = 1
    """With which the command line ends."""


class StoreError(ReportedError):
    """A folder that cannot be used for runs or results; the message says why and what to do."""

    exit_code: ClassVar[int] = 2


MOST_ALIKE = 12
"""Faults of one column with one kind of cure, at most; where there are more, three stand for all."""
SHOWN_ALIKE = 3


def fewer(faults: Sequence[Fault]) -> list[Fault]:
    """The faults of a table's rows; of many alike in one column the first three, and one that counts the rest.

    Args:
        faults: in order; a row's place ends in a comma and the column.

    Returns:
        The faults, in order.
    """
    groups: dict[tuple[str, ...], list[int]] = {}
    for number, fault in enumerate(faults):
        kind = re.sub(r"\d[\d.:-]*", "0", f"{fault.allowed}. {fault.cure}")
        groups.setdefault((fault.place.rpartition(", ")[2], kind), []).append(number)
    fewer: dict[int, Fault | None] = {}
    for (column, _), group in groups.items():
        if column == faults[group[0]].place or len(group) <= MOST_ALIKE:
            continue
        rest = group[SHOWN_ALIKE:]
        first, last = (faults[number].place.rpartition(", ")[0] for number in (rest[0], rest[-1]))
        place, content = f"{len(rest)} more, from {first} to {last}, {column}", f"{faults[rest[0]].value} and the like"
        fewer |= dict.fromkeys(rest)
        fewer[rest[0]] = Fault(place, content, faults[rest[0]].allowed, "Correct the whole column in the same way")
    return [one for number, fault in enumerate(faults) if (one := fewer.get(number, fault)) is not None]


def nearest(word: str, names: Iterable[str]) -> str | None:
    """The name that was probably meant.

    Args:
        word: the unknown word; its case does not count.
        names: the known names.

    Returns:
        The most similar name, or `None` where none is similar enough.
    """
    import difflib

    by_lower = {name.lower(): name for name in names}
    close = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=CLOSE)
    return by_lower[close[0]] if close else None


def similarity(word: str, name: str) -> float:
    """How similar an unknown word is to a known name, its case aside.

    Args:
        word: the unknown word.
        name: the known name, in lower case.

    Returns:
        0 to 1 (difflib's ratio).
    """
    import difflib

    return difflib.SequenceMatcher(None, word.lower(), name).ratio()


def listed(names: Iterable[str]) -> str:
    """Names for a sentence, in their order and with commas.

    Args:
        names: the names.

    Returns:
        The text; `none` where there are none.
    """
    return ", ".join(names) or "none"


def shown(value: object) -> str:
    """A value as an input file would write it, cut where it is long.

    Args:
        value: any value of a scenario or a table; `MISSING` and `None` are shown as `nothing`.

    Returns:
        Text for the sentence `found ...`.
    """
    if value is MISSING or value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, str):
        return '"' + (value if len(value) <= 60 else value[:57] + "...") + '"'
    if isinstance(value, dict):
        return f"a table ({listed(str(key) for key in value)})"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    if isinstance(value, int):
        return str(value)
    return f"{value:.12g}" if isinstance(value, float) else repr(value)


def unknown(place: str, word: str, what: str, names: Iterable[str], cure: str | None = None) -> Fault:
    """The fault of a name that stands for nothing.

    Args:
        place: where the name stands.
        word: the name.
        what: what it should have named, as `a side of the table`.
        names: the known names.
        cure: what to do; to correct the spelling unless given.

    Returns:
        A fault that lists the known names, or the nearest of many, and suggests one.
    """
    known = list(names)
    return Fault(
        place,
        shown(word),
        f"{what}: {_some(word, known)}",
        cure or "Correct the spelling, or use one of these names",
        nearest(word, known),
    )


def _some(word: str, names: Sequence[str], most: int = 24) -> str:
    """The names, or the nearest where there are too many to read."""
    if len(names) <= most:
        return listed(names)
    import difflib

    near = difflib.get_close_matches(word, names, n=5, cutoff=0.4) or names[:5]
    return f"{listed(near)} and {len(names) - len(near)} others"


DayLike: TypeAlias = "str | dt.date | np.datetime64"
"""What stands for a day: a date or a time of Python or pandas, a `datetime64` of NumPy, or ISO text."""
AS_TEXT = "a day as 2023-11-15"
YEARS = (11, 9000)
"""Years that are read: nearer to the ends of the calendar a day has no month before or after it."""
AS_OBJECT = "a date, a Timestamp or a datetime64"


def day_of(place: str, value: DayLike | object, words: Iterable[str] = ()) -> dt.date | Fault:
    """The day that something given stands for; of a time the day on which it lies.

    Args:
        place: where it was given, as `--until`.
        value: a date, a time, a `datetime64` or ISO text.
        words: what else is allowed there, for the fault.

    Returns:
        The day, or the fault of what is none.
    """
    meant: object = value
    if isinstance(value, str):
        with contextlib.suppress(ValueError):
            meant = dt.datetime.fromisoformat(value.strip())
    elif hasattr(value, "__array__") and not isinstance(value, dt.date):
        meant = _of_array(value)
    if isinstance(meant, dt.datetime):
        meant = meant.date() if meant == meant else None  # pandas has a time that is none, unlike itself
    if isinstance(meant, dt.date):
        return meant if is_readable(meant) else Fault(place, shown(value), *UNREADABLE)
    known = list(words)
    allowed = " or ".join([AS_TEXT, *known[:1]]) if isinstance(value, str) else f"{AS_TEXT}, or {AS_OBJECT}"
    like = nearest(value.strip().lower(), known) if isinstance(value, str) else None
    return Fault(place, shown(value), allowed, "Write year, month and day", like)


def is_readable(day: dt.date) -> bool:
    """Whether a day is far enough from the ends of the calendar.

    Args:
        day: any day.

    Returns:
        Whether its year is one that is read.
    """
    return YEARS[0] <= day.year <= YEARS[1]


UNREADABLE = (f"a day of the years {YEARS[0]} to {YEARS[1]}", "Correct the year")
"""What is allowed in place of another day, and the cure."""


def _of_array(value: object) -> object:
    """The one day in an array of NumPy's or in what can become one; nothing where there is none, or not one."""
    import numpy as np

    array = np.asarray(value)
    return array.astype("datetime64[D]").item() if array.dtype.kind == "M" and array.size == 1 else None
