"""Read a table of coded armies: every army, or every fault at once. [IO]"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from collections.abc import Callable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from holdfast.coded_armies import codebook
from holdfast.coded_armies.army import EXPLAINING, FORETELLING, VANTAGES, CodedArmy, Coding, agreed, by_army, explained
from holdfast.core import timings
from holdfast.core.faults import ArmiesError, Fault, listed, nearest, shown
from holdfast.core.units import CALENDAR_MONTH_DAYS
from holdfast.tabular import cells, source
from holdfast.tabular.cells import MOST, Row
from holdfast.tabular.source import Columns, Format

if TYPE_CHECKING:
    import pandas

MOST_SHARE = 10.0
"""Gross shares pass 1 where men were replaced, by less than this; above it a share was written in per cent."""

TABLE = "a table of coded armies (CSV, JSON records, Parquet, a spreadsheet): a header, a row for each army"
FORMAT = Format(ArmiesError, table=TABLE, file=TABLE, columns=codebook.REQUIRED, others_as_csv=True)

ADD_CODE = "Add it; leave its cells empty where the code is not known"
KNOWN = Columns(
    codebook.READ, codebook.REQUIRED, aliases=codebook.ALIASES, passed_over=codebook.CARRIED,
    unguessed={*codebook.NOTES, *codebook.REASONS.values(), "coder"}, cures=dict.fromkeys(codebook.CODE_COLUMNS.values(), ADD_CODE),
)  # fmt: skip
KNOWN_CODES = Columns(
    codebook.REQUIRED, ("case_id",), aliases=codebook.ALIASES, passed_over={*codebook.READ, *codebook.CARRIED}
)

NUMBER = f"a number in digits, 0 to {MOST:.0f}, or an empty cell"
ABOVE = f"a number above 0, to {MOST:.0f}, or an empty cell"
SHARE = f"a share of the strength, 0 to {MOST_SHARE:g}, or an empty cell"
SURE = "a share from 0 to 1, or low, medium or high, or an empty cell"
SURE_WORDS = ("low", "medium", "high")
DAY = "a day as 1917-03-15, a month as 1917-03, a year as 1917, or an empty cell"


class _Reading(NamedTuple):
    """The armies of a table, and the columns that nothing was read from."""

    armies: tuple[CodedArmy, ...]  # in the table's order
    unused: tuple[str, ...]  # names of columns


@functools.cache
def shipped() -> tuple[CodedArmy, ...]:
    """The coded armies that come with the package: 51, of which 42 count for themselves.

    Returns:
        The armies, in their table's order.
    """
    return _of_package("armies_1.csv", read)


FIRST, CODER_1, CODER_2, CODER_3 = "first", "coder1", "coder2", "coder3"
FURTHER_TABLES = {CODER_1: "armies_2_coder1.csv", CODER_2: "armies_2_coder2.csv"}
"""The tables of 25 further armies by their coders, who worked apart from each other and from the first."""


@functools.cache
def further() -> Mapping[str, tuple[CodedArmy, ...]]:
    """The 25 further armies, each as either of two coders coded it.

    Returns:
        The armies by coder, in their tables' order: `coder1` saw them from the middle of the span, `coder2` with the whole span
        known where operational shock and splits are concerned.
    """
    return {coder: _of_package(name, read) for coder, name in FURTHER_TABLES.items()}


@functools.cache
def coded_again() -> tuple[CodedArmy, ...]:
    """The 51 armies of `shipped` under a third coder's codes, seen from the middle of the span.

    Returns:
        The armies in the same order. Facts and outcomes are those of the first table: the third coder gave codes alone, from the
        middle of the span and over the whole of it (`army.explained`).
    """
    of = {each.army_id: each for each in _of_package("armies_1_coder3.csv", read)}
    return tuple(
        dataclasses.replace(
            each, codes=other.codes, codes_whole=other.codes_whole, reasons={}, coder=other.coder,
            vantage=other.vantage, confidence=other.confidence,
        )
        for each in shipped()
        for other in [of[each.army_id]]
    )  # fmt: skip


def codings() -> tuple[CodedArmy, ...]:
    """Every shipped coding once: the 51 by the first coder, by the third, then the 25 further armies by two coders.

    Returns:
        The armies; one name stands there once for each of its coders (`army.by_army`).
    """
    return (*shipped(), *coded_again(), *(each for armies in further().values() for each in armies))


@functools.cache
def whole_spans() -> tuple[CodedArmy, ...]:
    """Every shipped army once, as its first coder sees it over the whole span, with the outcomes on which its coders agree.

    Returns:
        76 armies, the 51 of `shipped` first.
    """
    return tuple(explained(agreed(readings)) for readings in by_army(codings()).values())


@functools.cache
def shipped_by_coder() -> Mapping[tuple[str, str], tuple[CodedArmy, ...]]:
    """Every shipped coding: the 51 by the first coder and by coder 3, the 25 further ones by coders 1 and 2.

    Returns:
        The armies by coder and vantage. Coders who saw the middle of the span stand there twice: also over the whole of it.
    """
    tables = [shipped(), *further().values(), coded_again()]
    codings = {}
    for armies in tables:
        codings[armies[0].coder, armies[0].vantage] = armies
        if armies[0].codes_whole:
            codings[armies[0].coder, EXPLAINING] = tuple(map(explained, armies))
    return codings


def named(name: str) -> tuple[CodedArmy, ...]:
    """The armies of a file or of a shipped coder.

    Args:
        name: the path of a table, or `first`, `coder1`, `coder2`, `coder3`; after a colon the vantage, where it is not the
            coder's own: `coder3:explaining`, `mine.csv:explaining`.

    Returns:
        The armies in the table's order.

    Raises:
        ArmiesError: with every fault of the table, or for a coder without the vantage.
    """
    place, colon, vantage = name.rpartition(":")
    if not colon or vantage not in VANTAGES:
        place, vantage = name, ""
    own: dict[str, Callable[[], tuple[CodedArmy, ...]]] = {
        FIRST: shipped,
        CODER_1: lambda: further()[CODER_1],
        CODER_2: lambda: further()[CODER_2],
        CODER_3: coded_again,
    }
    if place not in own and not Path(place).suffix and not Path(place).exists():
        allowed = f"the file of a table of coded armies, or a shipped coder: {listed(own)}"
        raise ArmiesError([Fault("the table", shown(name), allowed, "Correct the name", nearest(place, own))], name)
    armies = own[place]() if place in own else read(place)
    if vantage == EXPLAINING:
        armies = tuple(explained(each) if each.codes_whole else each for each in armies)
    if other := next((each for each in armies if vantage and each.vantage != vantage), None):
        value, allowed = f"{other.army_id} seen {other.vantage}", f"codes that are {vantage}"
        raise ArmiesError([Fault("the vantage", value, allowed, f"Leave :{vantage} away, or name another coder")], name)
    return armies


Read = TypeVar("Read")


@timings.phase("read")
def _of_package(name: str, reads: Callable[[Path], Read]) -> Read:
    """What is read of a shipped table."""
    with resources.as_file(resources.files("holdfast.coded_armies") / "shipped" / name) as file:
        return reads(file)


@timings.phase("read")
def read(table: str | Path | pandas.DataFrame, *, many_coders: bool = False) -> tuple[CodedArmy, ...]:
    """The coded armies of a table.

    Args:
        table: the path of a CSV file, a Parquet file or a spreadsheet, or a DataFrame.
        many_coders: whether an army may stand there once for each `coder`.

    Returns:
        The armies, in the table's order.

    Raises:
        ArmiesError: with every fault of the table.
    """
    return _reading(table, many_coders).armies


def _reading(table: str | Path | pandas.DataFrame, many_coders: bool = False) -> _Reading:
    """The coded armies of a table, and the columns that nothing was read from."""
    grid, faults, unused = source.matched(source.grid(table, FORMAT), KNOWN, FORMAT)
    rows = _read_rows(grid, KNOWN, faults)
    for row in rows:
        _check(row)
    _refuse(grid, faults, rows, beside="coder" if many_coders else "")
    return _Reading(tuple(_army(row) for row in rows), unused)


def read_codes(table: str | Path | pandas.DataFrame) -> Coding:
    """A coder's codes: a table of `case_id` and one or more of the ten codes; its other columns are left alone.

    Args:
        table: the path of a CSV file, a Parquet file or a spreadsheet, or a DataFrame.

    Returns:
        Levels by army and by code, `None` for a code without a column or with an empty cell.

    Raises:
        ArmiesError: with every fault of the table.
    """
    grid, faults, _ = source.matched(source.grid(table, FORMAT), KNOWN_CODES, FORMAT)
    if not set(codebook.CODE_COLUMNS.values()) & set(grid.header):
        allowed = f"at least one of {listed(codebook.CODE_COLUMNS.values())}"
        faults.append(Fault("the header", "no column of codes", allowed, "Add a column for each code given"))
    rows = _read_rows(grid, KNOWN_CODES, faults)
    _refuse(grid, faults, rows)
    return {
        row.value("case_id"): {code: row.value(column) for code, column in codebook.CODE_COLUMNS.items()}
        for row in rows
    }


def _read_rows(grid: source.Grid, columns: Columns, faults: list[Fault]) -> list[Row]:
    """The rows of a table, each cell of a known column read for itself; that there is none is a fault."""
    if not grid.rows:
        faults.append(Fault("the file", "a header and no row", "at least one army", "Write a row for each army"))
    rows = cells.rows(grid, "case_id")
    for row in (row for row in rows if row.whole):
        for column in row.cells:
            if column in columns.known:
                row.take(column, cell_reader(column))
        if "case_id" in row.cells and not row.text("case_id"):
            row.fault("case_id", "a name for the army, its own in the file", "Fill it, as RUS_1917")
    return rows


def _refuse(grid: source.Grid, faults: Sequence[Fault], rows: Sequence[Row], beside: str = "") -> None:
    """Raise every fault, that of a name that stands twice among them."""
    cells.distinct(rows, "a name of its own for each coder" if beside else "a name of its own", beside)
    cells.refuse(ArmiesError, grid.name, faults, rows)


def cell_reader(column: str) -> Callable[[str], object]:
    """What reads the cells of a column.

    Args:
        column: one of `codebook.READ`.

    Returns:
        A reader: from a cell's text to its value, `None` where it says nothing, or `Wrong`.
    """
    if column in (*codebook.CODE_COLUMNS.values(), *codebook.WHOLE_COLUMNS.values(), *codebook.FURTHER_RULES):
        return cells.code
    if column == "vantage":
        return lambda text: cells.word(text, VANTAGES)
    if column == "confidence":
        return _sure
    if column in codebook.SHARES:
        return lambda text: cells.share(text, SHARE, most=MOST_SHARE)
    if column in codebook.DAYS:
        return functools.partial(_day, part="first" if column == "start" else "last")
    if column in codebook.FLAGS:
        return cells.flag
    if column == "force_ratio":
        return cells.ratio
    if column not in codebook.NUMBERS:
        return str
    above = ABOVE if column == "months_of_fighting" or column.startswith("strength") else None
    ends = CURES if f"{column}_low" in codebook.NUMBERS else cells.CURES
    cures = dataclasses.replace(ends, span=ends.span.replace("COLUMN", column))
    men = column != "months_of_fighting" and not column.endswith("per_1000")
    return lambda text: cells.number(text, NUMBER, above=above, men=men, cures=cures)


CURES = cells.Cures(span="Write {low} in COLUMN_low, {high} in COLUMN_high, and here one number between, as {middle}")
"""What to do about a number, where the table has columns for the limits."""


def _day(text: str, part: cells.Part) -> dt.date | cells.Wrong:
    return cells.day(text, DAY, example="1917-03-15", part=part, nothing=cells.EMPTY)


def _sure(text: str) -> float | str | cells.Wrong:
    """A coder's confidence: a share or a word."""
    value = text.lower() if text.lower() in SURE_WORDS else cells.share(text, SURE)
    if isinstance(value, cells.Wrong) and (meant := nearest(text, SURE_WORDS)):
        return cells.Wrong(SURE, "Correct the spelling, or write a share", meant)
    return value


def _check(row: Row) -> None:
    """What must hold between the cells of a row."""
    whole = next((column for column in codebook.WHOLE_COLUMNS.values() if row.value(column) is not None), None)
    if whole and row.text("vantage") in ("", EXPLAINING):
        allowed = f"{FORETELLING}, in a row with {whole}"
        cure = "Codes over the whole span stand beside codes from the middle of it: say so, or leave their cells empty"
        row.fault("vantage", allowed, cure)
    start, end = row.value("start"), row.value("end")
    if start and end and end < start:
        row.fault("end", f"a day not before start, {start}", "Correct one of the two days")
    for column in ("end", "outcome_date"):
        if start and (last := row.value(column)) and cells.far(last, start):
            row.fault(column, f"at most {cells.MOST_YEARS_AWAY} years after start, {start}", "Correct the year of one")
    for stem in ("strength", "deserted_or_awol"):
        low, high = row.value(f"{stem}_low"), row.value(f"{stem}_high")
        if low is not None and high is not None and low > high:
            row.fault(f"{stem}_low", f"at most {stem}_high, {high:.12g}", "Exchange the two, or correct one")
    if row.value("overlap_with") == (row.value("case_id") or ""):
        row.fault("overlap_with", "the name of another army", "Leave the cell empty, or name the other")


def _army(row: Row) -> CodedArmy:
    """The army of a sound row; what follows from its other cells is filled in."""
    value = row.value
    months, strength = value("months_of_fighting"), value("strength")
    if months is None and value("start") and value("end"):
        months = ((value("end") - value("start")).days + 1) / CALENDAR_MONTH_DAYS

    def rate(men: str, of: str = "strength") -> float | None:
        """Men per 1,000 a month, as the table's own rates are worked out."""
        share = _share(value(men), value(of))
        return None if share is None or not months else 1000 * share / months

    def filled(column: str, otherwise: float | None) -> float | None:
        return row.values.get(column, otherwise)

    texts = {name: text for name in row.cells if (text := row.text(name))}
    fields: dict[str, Any] = {
        field: row.values[name] for name, field in (codebook.FLAGS | codebook.TEXTS).items() if name in row.values
    }
    return CodedArmy(
        army_id=value("case_id"),
        codes={code: value(column) for code, column in codebook.CODE_COLUMNS.items()},
        start=value("start"),
        end=value("end"),
        months=months,
        strength=strength,
        force_ratio=value("force_ratio"),
        killed_per_1000_month=filled("killed_per_month_per_1000", rate("killed")),
        exits_per_1000_month=filled("deserted_per_month_per_1000", rate("deserted_or_awol")),
        # The fewest of the most men, and the most of the fewest: the widest span that the figures leave.
        exits_low=rate("deserted_or_awol_low", "strength_high"),
        exits_high=rate("deserted_or_awol_high", "strength_low"),
        deserted_share=filled("deserted_share", _share(value("deserted_or_awol"), strength)),
        captured_share=filled("captured_share", _share(value("captured_or_surrendered"), strength)),
        outcome_date=value("outcome_date"),
        vantage=row.values.get("vantage", EXPLAINING),
        codes_whole={code: row.values[name] for code, name in codebook.WHOLE_COLUMNS.items() if name in row.values},
        relief=value("relief"),
        space=value("space"),
        confidence=value("confidence"),
        reasons={code: texts[name] for code, name in codebook.REASONS.items() if name in texts},
        notes={name: texts[name] for name in (*codebook.NOTES, "force_ratio") if name in texts},
        aside={name: text for name, text in texts.items() if name not in codebook.READ},
        **fields,
    )


def _share(men: float | None, of: float | None) -> float | None:
    """Men as a share of others, where both are known."""
    return None if men is None or of is None else men / of
