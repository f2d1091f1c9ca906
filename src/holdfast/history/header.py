"""The header of a file of cases: columns under their own names, and what is wrong with them."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence

from holdfast.history import columns
from holdfast.history.faults import CasesError
from holdfast.history.grid import HEADER, Grid
from holdfast.scenario.faults import Fault, listed, nearest, shown

MISSPELT = 0.8
"""How near an unknown column must be to one that may be left out, to be a fault and not a column of one's own."""


def checked(table: Grid, known: Sequence[str], required: Collection[str]) -> tuple[Grid, list[Fault], tuple[str, ...]]:
    """The table under the columns' own names, the faults of its header, and the columns of the user's own."""
    header = [_own_name(name, table.header) for name in table.header]
    faults: list[Fault] = []
    for name in dict.fromkeys(name for name in header if name in known and header.count(name) > 1):
        written = [said for said, meant in zip(table.header, header) if meant == name]
        found = f"{len(written)} times" if len(set(written)) == 1 else listed(written)
        faults.append(Fault(f"the header, column {name}", found, "each column once", "Remove or rename one"))
    absent = [name for name in known if name not in header]
    taken = {*columns.READ, *columns.KEPT}
    own = [name for name in dict.fromkeys(header) if name and name not in taken]
    unused = []
    for name in own:
        meant = _meant(name, absent, required)
        if meant is None:
            unused.append(name)
            continue
        absent.remove(meant)
        header[header.index(name)] = meant
        allowed = "a known column; others are left alone unless they look like one"
        faults.append(Fault("the header", shown(name), allowed, "Correct the spelling", meant))
    for name in (name for name in absent if name in required):
        cure = "Add it" if name == "case_id" else "Add it; leave its cells empty where the code is not known"
        faults.append(Fault(f"the header, column {name}", "nothing", "the column, in every file", cure))
    if not set(header) & set(known):
        found = f"no column that is known ({shown(listed(table.header))})"
        raise CasesError([Fault("the header", found, f"at least {listed(required)}", HEADER)], table.name)
    return table._replace(header=tuple(header)), faults, tuple(unused)


def _meant(name: str, absent: Sequence[str], required: Collection[str]) -> str | None:
    """The column that was probably meant; one that must be there is looked for harder."""
    meant = nearest(name, [column for column in absent if column in required])
    if meant is not None:
        return meant
    # A reason or a note is free text that a file may well have columns of its own for.
    meant = nearest(name, set(absent) - {*columns.NOTES, *columns.REASONS.values()})
    alike = meant and difflib.SequenceMatcher(None, name.lower(), meant).ratio() >= MISSPELT
    return meant if alike else None


def _own_name(name: str, header: Sequence[str]) -> str:
    """The column's own name, where it goes by another and no column has its own."""
    meant = columns.SHORT.get(name, name)
    return name if meant in header else meant
