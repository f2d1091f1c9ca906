"""A table of battles: both sides' men, losses and front, posture, surprise, air, length, and who gave way. [IO]

CDB90, or a table of the user's own with a row for each battle. What each column means and how it may be written stands in
`COLUMNS`. A cell that is empty is not known; only the names, the wars and the men must be there.

**To give way** is defined once, here. The defender gives way where the table has the attacker as the winner, the attacker
(who gives up the attack) where it has the defender, neither where it has neither.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from holdfast.core.faults import BattlesError, Fault
from holdfast.tabular import cells, source
from holdfast.tabular.cells import Row, Wrong
from holdfast.tabular.source import Columns, Format

if TYPE_CHECKING:
    import pandas
    import xarray as xr

    from holdfast.parallel import Progress

Floats = npt.NDArray[np.float64]

ATTACKER, DEFENDER = 0, 1
SIDES = ("attacker", "defender")
POSTURES = ("hasty", "prepared", "fortified", "delay")
JUDGED = ("leadership", "morale", "training")
"""Advantages that historians judged when they knew who had won: no part of the law, one variant of it."""
LEAST_LOST = 0.0005
"""A smaller share of losses is taken as this: the logarithm of nobody is none."""


@dataclasses.dataclass(frozen=True)
class Battles:
    """Battles in their table's order; what is not known is NaN."""

    source: str
    """Where they are from."""
    name: tuple[str, ...]
    """Name of each battle."""
    war: tuple[str, ...]
    """War of each; wars are left out whole."""
    year: Floats
    """Year in which it began, `[battle]`."""
    men: Floats
    """Men of the attacker and of the defender, `[battle 2]`."""
    lost: Floats
    """Men that each lost, prisoners among them, `[battle 2]`."""
    days: Floats
    """Days of fighting, `[battle]` [d]."""
    posture: Floats
    """The defender's posture: shares of `POSTURES`, `[battle 4]` [1]; no share where none is known."""
    surprise: Floats
    """Surprise by the attacker, 3 complete to -3 by the defender, `[battle]`; 0 where not known."""
    air: Floats
    """Command of the air: 1 the attacker's, -1 the defender's, 0 neither's or not known, `[battle]`."""
    judged: Floats
    """Sum of the attacker's judged advantages (`JUDGED`), `[battle]`; 0 where not known."""
    front: Floats
    """Width of front of each side, `[battle 2]` [km]."""
    outcome: Floats
    """1 the defender gave way, -1 the attacker, 0 neither, `[battle]`."""
    gained: Floats
    """Ground that the attacker gained, `[battle]` [km]."""

    def __len__(self) -> int:
        """How many battles there are."""
        return len(self.name)

    @property
    def share_lost(self) -> Floats:
        """Share of its men that each side lost, `[battle 2]` [1]; at least `LEAST_LOST` where known."""
        return np.maximum(self.lost / self.men, LEAST_LOST)

    @property
    def decided(self) -> npt.NDArray[np.bool_]:
        """Whether one side gave way, `[battle]`."""
        return np.isin(self.outcome, (1, -1))

    def among(self, chosen: npt.ArrayLike) -> Battles:
        """Some of the battles.

        Args:
            chosen: a mask or places, `[battle]`.

        Returns:
            The battles chosen, in the same order.
        """
        places = np.arange(len(self))[np.asarray(chosen)]
        parts: dict[str, Any] = {}
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                parts[field.name] = value[places]
            elif isinstance(value, tuple):
                parts[field.name] = tuple(value[place] for place in places)
        return dataclasses.replace(self, **parts)


# --- CDB90.

CDB90 = "cdb90"
OF_CDB90 = {
    "hasty defence": "hasty", "prepared defence": "prepared", "fortified defence": "fortified", "delay": "delay",
    "withdrawal": "delay",
}  # fmt: skip


def cdb90(*, folder: str | Path | None = None, progress: Progress | None = None) -> Battles:
    """The battles of CDB90 whose men are known on both sides.

    Args:
        folder: holds the data set; else it is taken from the cache, or fetched.
        progress: what to report to.

    Returns:
        The battles.

    Raises:
        DataError: if the data set cannot be had.
    """
    from holdfast.evidence import datasets

    def announce(address: str) -> None:
        if progress:
            progress(0, 1, f"fetching {address.rpartition('/')[2]}")

    return of_dataset(datasets.read(CDB90, folder=folder, progress=announce))


def of_dataset(data: xr.Dataset) -> Battles:
    """Battles of the labelled data set of CDB90.

    Args:
        data: as `holdfast.evidence.datasets.cdb90` reads it.

    Returns:
        The battles whose men are known on both sides. A war is the whole war: its theatres have one name.
    """
    sides = ["attacker", "defender"]
    men = data["strength"].sel(side=sides).to_numpy()
    postures = [data[name].to_numpy() for name in ("posture", "posture_second")]
    shares = sum(np.stack([each == word for word in OF_CDB90], 1) @ _grouping() for each in postures)
    total = np.asarray(shares).sum(axis=1, keepdims=True)
    every = Battles(
        source=data.attrs["source"],
        name=tuple(str(name) for name in data["name"].to_numpy()),
        war=tuple(re.sub(r"\s*\(.*", "", str(name)) for name in data["war"].to_numpy()),
        year=data["start"].dt.year.to_numpy().astype(float),
        men=men,
        lost=data["casualties"].sel(side=sides).to_numpy(),
        days=data["fought"].to_numpy(),
        posture=shares / np.maximum(total, 1),
        surprise=np.nan_to_num(data["surprise"].to_numpy()),
        air=np.nan_to_num(data["air"].to_numpy()),
        judged=np.sum([np.nan_to_num(data[name].to_numpy()) for name in JUDGED], axis=0),
        front=data["front"].sel(side=sides).to_numpy(),
        outcome=data["won"].to_numpy(),
        gained=data["advance"].to_numpy(),
    )
    return every.among(np.isfinite(men).all(axis=1) & (men > 0).all(axis=1))


def _grouping() -> Floats:
    """Which of `POSTURES` each word of CDB90 is one of, `[word 4]`."""
    return np.array([[float(OF_CDB90[word] == posture) for posture in POSTURES] for word in OF_CDB90])


# --- A table of the user's own.

COLUMNS: Mapping[str, str] = {
    "battle": "its name",
    "war": "its war; wars are left out whole",
    "year": "in which it began",
    "attacker_men": "men of the attacker",
    "defender_men": "men of the defender",
    "attacker_lost": "men that the attacker lost, prisoners among them",
    "defender_lost": "men that the defender lost, prisoners among them",
    "days": "days of fighting",
    "posture": f"the defender's: {', '.join(POSTURES)}",
    "surprise": "by the attacker: 1 minor, 2 substantial, 3 complete; negative by the defender",
    "air": "command of the air: 1 the attacker's, -1 the defender's, 0 neither's",
    "attacker_front": "the attacker's width of front, in km",
    "defender_front": "the defender's width of front, in km",
    "gave_way": "attacker, defender or neither",
    "gained": "ground that the attacker gained, in km; negative where he was thrown back",
}
"""Every column of a table of battles, and what it means."""
REQUIRED = ("battle", "war", "year", "attacker_men", "defender_men")
OUTCOMES = {"defender": 1.0, "attacker": -1.0, "neither": 0.0}
FORMAT = Format(
    BattlesError, table="a table of battles: a header, a row for each battle",
    file=f"a file of battles ({', '.join(source.SUFFIXES)})", columns=REQUIRED,
)  # fmt: skip
KNOWN = Columns(
    tuple(COLUMNS), REQUIRED,
    aliases={"name": "battle", "attacker_strength": "attacker_men", "defender_strength": "defender_men",
             "attacker_casualties": "attacker_lost", "defender_casualties": "defender_lost"},
    everywhere="the column; a table of battles needs " + ", ".join(REQUIRED),
)  # fmt: skip
SIGNED = re.compile(r"-?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII)
YEARS = (1000, 2200)


def read(table: str | Path | pandas.DataFrame) -> tuple[Battles, tuple[str, ...]]:
    """The battles of a table.

    Args:
        table: path of a CSV file, a Parquet file or a spreadsheet, or a DataFrame; its columns are `COLUMNS`.

    Returns:
        The battles; columns of the user's own, which are left alone.

    Raises:
        BattlesError: with every fault of the table.
    """
    grid, faults, unused = source.matched(source.grid(table, FORMAT), KNOWN, FORMAT)
    rows = cells.rows(grid, "battle", COLUMNS)
    readers = _readers()
    for row in rows:
        for column in COLUMNS:
            row.take(column, readers[column])
        _complete(row)
    cells.distinct(rows, "a battle of its own in its war", "war")
    if not rows and not faults:
        faults.append(Fault("the table", "no row", "a row for each battle", "Add battles"))
    cells.refuse(BattlesError, grid.name, faults, rows)
    return _of_rows("; ".join([grid.name, *grid.notes]), rows), unused


def _complete(row: Row) -> None:
    """Note what a row must have and has not."""
    for column in REQUIRED:
        if not row.text(column):
            row.fault(column, COLUMNS[column], "Fill the cell in, or leave the battle out")
    for side in SIDES:
        men, lost = row.value(f"{side}_men"), row.value(f"{side}_lost")
        if men and lost and lost > 2 * men:
            row.fault(f"{side}_lost", f"at most twice the {men:g} men of the side", "Correct the losses or the men")


def _readers() -> dict[str, Callable[[str], Any]]:
    """What reads each column."""
    above = "a number above 0, or an empty cell"
    lost = lambda text: cells.number(text, "a number, 0 or more, or an empty cell", men=True)  # noqa: E731
    men = lambda text: cells.number(text, above, above=above, men=True)  # noqa: E731
    return {
        **dict.fromkeys(COLUMNS, lambda text: cells.number(text, above, above=above)),
        "battle": str, "war": str, "attacker_men": men, "defender_men": men,
        "year": lambda text: _signed(text, *YEARS, whole=True),
        "attacker_lost": lost, "defender_lost": lost,
        "posture": lambda text: cells.word(text.lower(), POSTURES),
        "surprise": lambda text: _signed(text, -3, 3, whole=True),
        "air": lambda text: _signed(text, -1, 1, whole=True),
        "gave_way": lambda text: cells.word(text.lower(), tuple(OUTCOMES)),
        "gained": lambda text: _signed(text, -5000, 5000),
    }  # fmt: skip


def _signed(text: str, low: float, high: float, *, whole: bool = False) -> float | Wrong:
    """A number of either sign within bounds."""
    value = float(text) if SIGNED.fullmatch(text) else None
    if value is not None and low <= value <= high and not (whole and value % 1):
        return value
    kind = "a whole number" if whole else "a number"
    return Wrong(f"{kind} from {low:g} to {high:g}, or an empty cell", cells.EMPTY)


def _of_rows(name: str, rows: list[Row]) -> Battles:
    """Sound rows as battles."""

    def column(name: str, otherwise: float = np.nan) -> Floats:
        values = [row.value(name) for row in rows]
        return np.array([otherwise if value is None else value for value in values], float)

    both = lambda what: np.stack([column(f"{side}_{what}") for side in SIDES], 1)  # noqa: E731
    return Battles(
        source=name,
        name=tuple(row.text("battle") for row in rows),
        war=tuple(row.text("war") for row in rows),
        year=column("year"),
        men=both("men"),
        lost=both("lost"),
        days=column("days"),
        posture=np.array([[float(row.value("posture") == posture) for posture in POSTURES] for row in rows]),
        surprise=column("surprise", 0.0),
        air=column("air", 0.0),
        judged=np.zeros(len(rows)),
        front=both("front"),
        outcome=np.array([OUTCOMES.get(row.value("gave_way"), np.nan) for row in rows]),
        gained=column("gained"),
    )
