"""The header of a table: known columns under their own names, misspelt ones found, a user's own left alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from holdfast.core.faults import Fault, listed, nearest, shown, similarity
from holdfast.tabular.source import Door, Grid

MISSPELT = 0.8
"""How near an unknown column must be to one that may be left out, to be a fault and not a column of one's own."""


@dataclass(frozen=True)
class Columns:
    """The columns that a reader knows, and how its faults speak of them."""

    known: Sequence[str]
    """Every column that something is read from."""
    required: Collection[str]
    """Those that must be there."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Other names that are as good as a column's own, where the table has no column of that."""
    slips: Mapping[str, str] = field(default_factory=dict)
    """What a column may be called by mistake, in lower case: told with the column that is meant."""
    passed_over: Collection[str] = ()
    """Columns that nothing is read from and nothing is said of."""
    unguessed: Collection[str] = ()
    """Columns that no misspelt name is taken for: free text, of which a table may well have its own."""
    allowed: str = "a known column; others are left alone unless they look like one"
    everywhere: str = "the column, in every file"
    """What is allowed in place of a column that is missing."""
    cures: Mapping[str, str] = field(default_factory=dict)
    """What to do where a column is missing; to add it unless given."""


class Header(NamedTuple):
    """A table under its columns' own names, what is wrong with its header, and the columns of the user's own."""

    grid: Grid
    faults: list[Fault]
    unused: tuple[str, ...]


def matched(grid: Grid, columns: Columns, door: Door) -> Header:
    """The table under the known columns' own names.

    Args:
        grid: the table as it stands.
        columns: what is known.
        door: the kind of error, and what to do about a table without a header.

    Returns:
        The table with its header renamed, the header's faults (a column that stands twice, a misspelt one with the column
        that was probably meant, a missing one), and the columns that were left alone.

    Raises:
        FaultyError: of the door's kind, if no column at all is known.
    """
    header = [_own_name(name, grid.header, columns.aliases) for name in grid.header]
    faults = _repeated(grid.header, header, columns)
    absent = [name for name in columns.known if name not in header]
    taken = {*columns.known, *columns.passed_over}
    unused = []
    for name in [name for name in dict.fromkeys(header) if name and name not in taken]:
        meant = _meant(name, absent, columns)
        if meant is None:
            unused.append(name)
            continue
        absent.remove(meant)
        header = [meant if each == name else each for each in header]
        faults.append(Fault("the header", shown(name), columns.allowed, "Correct the spelling", meant))
    for name in (name for name in absent if name in columns.required):
        cure = columns.cures.get(name, "Add it")
        faults.append(Fault(f"the header, column {name}", "nothing", columns.everywhere, cure))
    if not set(header) & set(columns.known):
        found = f"no column that is known ({shown(listed(grid.header))})"
        raise door.refuse(grid.name, "the header", found, f"at least {listed(columns.required)}", door.header)
    return Header(grid._replace(header=tuple(header)), faults, tuple(unused))


def _repeated(written: Sequence[str], header: Sequence[str], columns: Columns) -> list[Fault]:
    """Known columns that stand more than once, perhaps under several names."""
    faults = []
    for name in dict.fromkeys(name for name in header if name in columns.known and header.count(name) > 1):
        names = [said for said, meant in zip(written, header, strict=True) if meant == name]
        found = f"{len(names)} times" if len(set(names)) == 1 else listed(names)
        faults.append(Fault(f"the header, column {name}", found, "each column once", "Remove or rename one"))
    return faults


def _meant(name: str, absent: Sequence[str], columns: Columns) -> str | None:
    """The column that was probably meant; one that must be there is looked for harder."""
    slip = columns.slips.get(name.lower())
    if slip in absent:
        return slip
    meant = nearest(name, [column for column in absent if column in columns.required])
    if meant is not None:
        return meant
    meant = nearest(name, [column for column in absent if column not in columns.unguessed])
    return meant if meant and similarity(name, meant) >= MISSPELT else None


def _own_name(name: str, header: Sequence[str], aliases: Mapping[str, str]) -> str:
    """The column's own name, where it goes by another and no column has its own."""
    meant = aliases.get(name, name)
    return name if meant in header else meant
