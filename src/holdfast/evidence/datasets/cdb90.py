"""CDB90: 660 battles from 1600 on, both sides, with judged advantages; from the patched original. [IO]

Each family of columns has its own code for unknown: -1 for men and guns, -9 for advantages, 9 for surprise and air,
0 for missions accomplished, -9999 for the advance.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from holdfast.evidence.datasets import registry
from holdfast.evidence.datasets.registry import variable
from holdfast.tabular.sheet import Sheet, at

NAME = "cdb90"
FILE = "CDB90-patched.csv"
SIDES = {"attacker": "A", "defender": "D"}
PARTS = (1, 2, 3)

BOTH = {
    "strength": ("STR{}", "personnel strength, as strength_kind says", "men"),
    "strength_initial": ("INTST{}", "personnel strength at the beginning", "men"),
    "reinforcements": ("RERP{}", "reinforcements and replacements during the battle", "men"),
    "casualties": ("CAS{}", "battle casualties", "men"),
    "strength_final": ("FINST{}", "personnel strength at the end", "men"),
    "cavalry": ("CAV{}", "horse cavalry", "men"),
    "tanks": ("TANK{}", "tanks", "pieces"),
    "guns": ("ARTY{}", "artillery tubes", "pieces"),
    "front": ("WOF{}1", "width of front at the beginning", "km"),
}
"""What both sides have: column, meaning, unit. Unknown is -1."""
ADVANTAGES = {
    "effectiveness": "CEA", "leadership": "LEADA", "training": "TRNGA", "morale": "MORALA", "logistics": "LOGSA",
    "momentum": "MOMNTA", "intelligence": "INTELA", "technology": "TECHA", "initiative": "INITA",
}  # fmt: skip
"""The attacker's relative advantage, -4 to 4, positive where it favours him. Unknown is -9."""
RESOLUTIONS = {
    "AA": "annihilated", "PS": "pursued", "WL": "withdrew with heavy losses", "WD": "withdrew",
    "BB": "breakthrough", "PP": "penetration", "RR": "repulse", "SS": "stalemate", "00": "", "0": "",
}  # fmt: skip
POSTURES = {
    "HD": "hasty defence", "PD": "prepared defence", "FD": "fortified defence", "DL": "delay", "WD": "withdrawal",
    "OO": "", "00": "",
}  # fmt: skip
KINDS = {"1": "initial", "2": "daily average", "3": "total engaged", "0": ""}
CORRECTED = {"INTSTA": "INSTA", "INTSTD": "INSTD", "CAMPGN": "CAMPAGN"}
"""Columns and, where corrections of them were written under a misspelled name, that name."""
OTHERS = (
    "ISQNO", "WAR", "NAME", "CAMPGN", "SURPA", "AEROA", "WINA", "CRIT", "KMDA", "ACHA", "ACHD", "POST1", "POST2", "CODEA",
    "CODED", "NOATP",
)  # fmt: skip
START = ("ATPBYR1", "ATPBMN1", "ATPBDA1")
MOST_PERIODS = 10
CLOCK = {"YR": (1000, 2200, 9999), "MN": (1, 12, 99), "DA": (1, 31, 99), "HR": (0, 9998, 9999)}
"""Parts of a time at which a period of fighting begins or ends: least, most, unknown. An hour of 5000 and more is none: from
5000 at the beginning to 5000 and the length, in hours and minutes, at the end."""
LENGTH_ONLY = 5000
FIGHTING_HOURS = 12
"""Hours of fighting that make a day of it: few fought on in the dark."""


def read(files: Mapping[str, Path]) -> xr.Dataset:
    """Battles by number: forces and losses of both sides, how it ended, the attacker's advantages.

    Args:
        files: the path of each file of the data set by its name.

    Returns:
        The labelled data.

    Raises:
        DataError: with every fault of the files.
    """
    columns = [column.format(letter) for column, _, _ in BOTH.values() for letter in SIDES.values()]
    columns += [f"RESO{letter}{part}" for letter in SIDES.values() for part in PARTS]
    columns += [*ADVANTAGES.values(), *OTHERS, *(f"ATP{end}{part}1" for end in "BE" for part in CLOCK)]
    sheet = Sheet.from_csv(files[FILE], columns)
    _correct(sheet)
    number = sheet.numbers("ISQNO", least=1, blank=False)
    for row in at(np.isfinite(number) & pd.Series(number).duplicated(keep=False)):
        sheet.fault(row, "ISQNO", "a number of its own")
    source = registry.DATASETS[NAME].citation
    variables = {
        name: variable(
            ("battle", "side"),
            np.stack([sheet.numbers(column.format(letter), unknown=-1) for letter in SIDES.values()], 1),
            long_name,
            units,
            source,
        )
        for name, (column, long_name, units) in BOTH.items()
    }
    variables["strength_kind"] = variable(
        ("battle", "side"),
        np.stack([sheet.words(f"CODE{letter}", KINDS) for letter in SIDES.values()], 1),
        "what strength counts",
        "1",
        source,
    )
    variables |= _endings(sheet, source) | _advantages(sheet, source)
    start = days(sheet)
    long_name = "days of fighting: of hours known, a day is twelve of them, and no day is more than one"
    variables["fought"] = variable("battle", fought(sheet), long_name, "d", source)
    sheet.check()
    coords = {
        "battle": number.astype(int), "side": list(SIDES), "part": list(PARTS),
        "name": ("battle", sheet.words("NAME")), "war": ("battle", sheet.words("WAR")),
        "campaign": ("battle", sheet.words("CAMPGN")), "start": ("battle", start),
    }  # fmt: skip
    return xr.Dataset(variables, coords, registry.DATASETS[NAME].attributes())


def _correct(sheet: Sheet) -> None:
    """Put corrections that stand under misspelled names where they belong."""
    for column, misspelled in CORRECTED.items():
        if misspelled in sheet.rows:
            better = sheet.rows[misspelled].str.strip()
            sheet.rows[column] = sheet.rows[column].where(better == "", better)


def _endings(sheet: Sheet, source: str) -> dict[str, tuple]:
    """How it ended: resolution in up to three words a side, winner, advance, missions accomplished."""
    resolution = np.stack(
        [np.stack([sheet.words(f"RESO{letter}{part}", RESOLUTIONS) for part in PARTS], 1) for letter in SIDES.values()],
        1,
    )
    done = np.stack([sheet.numbers(f"ACH{letter}", most=10, unknown=0) for letter in SIDES.values()], 1)
    return {
        "resolution": variable(("battle", "side", "part"), resolution, "how it ended for the side", "1", source),
        "won": variable(
            "battle",
            sheet.numbers("WINA", least=-1, most=1, unknown=-9),
            "1 the attacker won, -1 the defender, 0 neither",
            "1",
            source,
        ),
        "won_clearly": variable(
            "battle", sheet.numbers("CRIT", most=2, unknown=0), "1 if the winner is clear-cut, 2 if not", "1", source
        ),
        "advance": variable(
            "battle", sheet.numbers("KMDA", least=-5000, unknown=-9999), "the attacker's advance", "km", source
        ),
        "accomplished": variable(("battle", "side"), done, "mission accomplished, 1 low to 10 high", "1", source),
        "posture": variable("battle", sheet.words("POST1", POSTURES), "the defender's posture", "1", source),
        "posture_second": variable(
            "battle",
            sheet.words("POST2", POSTURES),
            "the defender's other posture, on a part of the front or later",
            "1",
            source,
        ),
    }


def _advantages(sheet: Sheet, source: str) -> dict[str, tuple]:
    """The attacker's judged advantages; negative ones are the defender's."""
    table = {
        name: variable(
            "battle",
            sheet.numbers(column, least=-4, most=4, unknown=-9),
            f"the attacker's advantage in {name}, -4 to 4",
            "1",
            source,
        )
        for name, column in ADVANTAGES.items()
    }
    table["surprise"] = variable(
        "battle",
        sheet.numbers("SURPA", least=-3, most=3, unknown=9),
        "surprise achieved by the attacker, -3 (by the defender) to 3",
        "1",
        source,
    )
    table["air"] = variable(
        "battle",
        sheet.numbers("AEROA", least=-1, most=1, unknown=9),
        "air superiority in the theatre, 1 the attacker's",
        "1",
        source,
    )
    return table


def days(sheet: Sheet) -> np.ndarray:
    """The day on which each battle began, to the second: nanoseconds do not reach back to 1600.

    Args:
        sheet: the battles.

    Returns:
        The days, `[battle]`, NaT where unknown.
    """
    year, month, day = (
        sheet.numbers(START[0], least=1000, most=2200, unknown=9999),
        sheet.numbers(START[1], least=1, most=12, unknown=99),
        sheet.numbers(START[2], least=1, most=31, unknown=99),
    )
    begun = np.full(len(sheet), np.datetime64("NaT"), "M8[s]")
    for row in at(np.isfinite(year) & np.isfinite(month) & np.isfinite(day)):
        try:
            begun[row] = np.datetime64(f"{int(year[row]):04}-{int(month[row]):02}-{int(day[row]):02}", "s")
        except ValueError:
            sheet.fault(row, START[2], "a day that the month has")
    return begun


def fought(sheet: Sheet) -> np.ndarray:
    """How long each battle was fought, over all its periods.

    Args:
        sheet: the battles.

    Returns:
        Days of fighting, `[battle]`, NaN where unknown.
    """
    periods = sheet.numbers("NOATP", least=1, most=MOST_PERIODS, unknown=0)
    total = np.where(np.isfinite(periods), 0.0, np.nan)
    for period in range(1, MOST_PERIODS + 1):
        if f"ATPEHR{period}" not in sheet.rows:
            break
        begins, ends = (
            np.stack([
                sheet.numbers(f"ATP{end}{part}{period}", least=least, most=most, unknown=unknown)
                for part, (least, most, unknown) in CLOCK.items()
            ], 1)
            for end in "BE"
        )  # fmt: skip
        lengths = [_length(first, last) for first, last in zip(begins, ends, strict=True)]
        total = np.where(period <= periods, total + np.array(lengths), total)
    return total


def _length(begins: np.ndarray, ends: np.ndarray) -> float:
    """Days of fighting of one period, from its times; NaN where they do not tell."""
    if begins[3] >= LENGTH_ONLY or ends[3] >= LENGTH_ONLY:
        hours = _hours(ends[3]) - LENGTH_ONLY / 100
        return min(max(hours, 0.0) / FIGHTING_HOURS, max(1.0, np.ceil(hours / 24)))
    if not (np.isfinite(begins[:3]).all() and np.isfinite(ends[:3]).all()):
        return float("nan")
    try:
        first, last = (dt.date(*map(int, each[:3])) for each in (begins, ends))
    except ValueError:
        return float("nan")
    days = (last - first).days
    if not np.isfinite(begins[3]) or not np.isfinite(ends[3]):
        return days + 1.0
    at, until = _hours(begins[3]), _hours(ends[3])
    parts = [until - at] if days == 0 else [24 - at, *[24.0] * (days - 1), until]
    length = sum(min(max(part, 0.0) / FIGHTING_HOURS, 1.0) for part in parts)
    return length if length > 0 else float("nan")


def _hours(clock: float) -> float:
    """Hours of a military clock: 1430 is 14.5."""
    return float(clock // 100 + clock % 100 / 60)
