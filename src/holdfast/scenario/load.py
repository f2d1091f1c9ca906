"""Scenario files: shipped ones by name, others by path, with the tables of regions that they name. [IO]"""

from __future__ import annotations

import csv
import hashlib
import itertools
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from holdfast.core import timings
from holdfast.core.faults import Fault, ScenarioError, fewer, listed, nearest, shown, unknown
from holdfast.scenario import catalogue, ground, loss_draws, validation
from holdfast.scenario.ground import Moves
from holdfast.scenario.schema import Document, Region, RegionTable, ScenarioDocument, Side, labels
from holdfast.scenario.validation import Known
from holdfast.tabular import cells, source


@timings.phase("read")
def read(name_or_path: str | Path, known: Known | None = None) -> ScenarioDocument:
    """The document of a scenario, which has passed its checks.

    Args:
        name_or_path: the name of a shipped scenario, or the path of a file.
        known: names that are declared elsewhere (effects, parameters); they are not checked where it is left out.

    Returns:
        The document.

    Raises:
        ScenarioError: with every fault of the file at once.
    """
    file = _file(name_or_path)
    raw = _parsed(_text(file), file.name)
    if isinstance(file, Path):
        _anchor(raw, file.parent)
    return validation.validated(raw, known, file.name, also=_file_faults)


@timings.phase("read")
def read_text(text: str, known: Known | None = None, source: str = "The scenario") -> ScenarioDocument:
    """The document of a scenario that comes from elsewhere; it may name no file but a shipped table.

    Args:
        text: what its file holds.
        known: as in `read`.
        source: what an error calls it.

    Returns:
        The document.

    Raises:
        ScenarioError: with every fault of the text at once.
    """
    raw = _parsed(text.removeprefix("\ufeff"), source)
    faults = [
        Fault(place, shown(name), "the name of a shipped table", "Write the values out in the scenario itself")
        for place, name in _named_files(raw)
        if "/" in name or "\\" in name or not (catalogue.folder() / name).is_file()
    ]
    if faults:
        raise ScenarioError(faults, source)
    return validation.validated(raw, known, source, also=_file_faults)


def _named_files(raw: Document) -> list[tuple[str, str]]:
    """Every file that the tables of a scenario name, and where."""
    front, sides, named = raw.get("front"), raw.get("side"), []
    if isinstance(front, dict) and isinstance(front.get("observed"), str):
        named.append(("front.observed", front["observed"]))
    for number, side in enumerate(sides if isinstance(sides, list) else []):
        if not isinstance(side, dict):
            continue
        table, losses = side.get("regions"), side.get("losses")
        if isinstance(table, dict) and isinstance(table.get("file"), str):
            named.append((f"side[{number}].regions.file", table["file"]))
        loss_draws.with_path(losses, lambda name, at=f"side[{number}].losses": named.append((at, name)) or name)  # type: ignore[func-returns-value,misc]
    return named


@timings.phase("read")
def read_regions(scenario: ScenarioDocument, side: Side | str) -> list[Region]:
    """The regions of a side, written out in the scenario or read from its table.

    Args:
        scenario: a checked scenario.
        side: one of its sides, or its name.

    Returns:
        The regions.

    Raises:
        ScenarioError: with every fault of the table.
    """
    if isinstance(side, str):
        by_name = {each.name: each for each in scenario.side}
        side = by_name[side]
    if isinstance(side.regions, RegionTable):
        return _read_table(side.regions, f"side[{side.name}].regions")
    return list(side.regions)


@timings.phase("read")
def read_ground(scenario: ScenarioDocument) -> Moves:
    """Ground that came, by maker of maps.

    Args:
        scenario: a checked scenario.

    Returns:
        What the first side had gained since the first day; nothing where the scenario names no table.

    Raises:
        ScenarioError: with every fault of the table.
    """
    name = scenario.front.observed
    return ground.gained(scenario, _named_table(name, ground.PLACE)) if name else {}


def hash(scenario: ScenarioDocument) -> str:
    """What tells a scenario from any other. The folder in which a file lies does not count, its contents do.

    Args:
        scenario: a checked scenario.

    Returns:
        SHA-256 of its canonical JSON, of its tables of regions and of its posteriors.
    """
    document = scenario.model_dump(mode="json")
    del document["front"]["observed"]  # it moves nothing
    for side in document["side"]:
        if isinstance(side["regions"], dict):
            file = _table_file(side["regions"]["file"])
            contents = file.read_bytes() if file else b""
            side["regions"]["file"] = hashlib.sha256(contents).hexdigest()
        side["losses"] = loss_draws.with_path(side["losses"], loss_draws.digest)
        if side["losses"] is None:  # so a scenario that says nothing of them keeps the hash of older versions
            del side["losses"]
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _file(name_or_path: str | Path) -> Path:
    """The file of a scenario."""
    given = str(name_or_path)
    if given in catalogue.names():
        return catalogue.folder() / (given + catalogue.SUFFIX)
    path = Path(name_or_path)
    if path.is_file():
        return path
    shipped = catalogue.names()
    allowed = f"the path of a {catalogue.SUFFIX} file, or a shipped scenario: {listed(shipped)}"
    beside = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
    if path.is_dir():
        inside = sorted(entry.name for entry in path.iterdir() if entry.suffix == catalogue.SUFFIX)
        cure = f"Name a file in it: {listed(inside)}" if inside else "Name a file in place of the folder"
        fault = Fault("scenario", f"the folder {shown(given)}", allowed, cure)
    elif path.suffix or len(path.parts) > 1:
        meant = nearest(path.stem, shipped) or nearest(path.name, beside)
        fault = Fault("scenario", f"no file {shown(given)}", allowed, "Correct the path", meant)
    else:
        cure = "Correct the name, or give the path of a file"
        fault = Fault("scenario", f"no scenario {shown(given)}", allowed, cure, nearest(given, shipped))
    raise ScenarioError([fault], "The request")


def _text(file: Path) -> str:
    """The text of a scenario file."""
    try:
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        what = f"the byte {error.object[error.start]:#04x}, which is not UTF-8"
        fault = Fault(f"line {line}", what, "text in UTF-8", "Save the file with the encoding UTF-8")
    except OSError as error:
        cure = "Make the file readable, or copy it elsewhere"
        fault = Fault("the file", error.strerror or str(error), "a file that can be read", cure)
    raise ScenarioError([fault], file.name)


def _parsed(text: str, source: str) -> Document:
    """The tables of a scenario file."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        parts = re.match(r"(.*?) \(at (?:line (\d+), column (\d+)|end of document)\)", str(error))
        problem = parts[1] if parts else str(error)
        lines = text.splitlines() or [""]
        line = int(parts[2]) if parts and parts[2] else len(lines)
        column = int(parts[3]) if parts and parts[3] else len(lines[-1]) + 1
        wrong = lines[min(line, len(lines)) - 1].strip()
        fault = Fault(f"line {line}, column {column}", shown(wrong), "TOML: key = value", _cure(problem, wrong))
        stands_twice = "overwrite" in problem or "twice" in problem
        if not stands_twice and (opened := _opened(lines, min(line, len(lines)))):
            cure = f"Close the brackets and quotation marks that stand open there ({problem})"
            fault = Fault(f"lines {opened} to {line}", shown(lines[opened - 1].strip()), "TOML: key = value", cure)
        raise ScenarioError([fault], source) from error


OPENS = re.compile(r"=\s*(\[|\{|\"\"\"|\'\'\')")
"""What begins a value that may go on over lines."""


def _opened(lines: Sequence[str], wrong: int) -> int | None:
    """The line, from 1, on which the value begins that a line which is no TOML is taken for a part of; none = its own."""
    for number in range(wrong - 1, 0, -1):
        if OPENS.search(lines[number - 1]):
            try:
                tomllib.loads("\n".join(lines[: number - 1]))
            except tomllib.TOMLDecodeError:
                continue
            try:
                tomllib.loads("\n".join(lines[:number]))
            except tomllib.TOMLDecodeError:
                return number
            return None
    return None


def _cure(problem: str, line: str) -> str:
    """What to do about a line that is no TOML."""
    if "overwrite" in problem or "twice" in problem or "duplicate" in problem.lower():
        return f"The key or table stands twice: remove one ({problem})"
    if "=" not in line and not line.startswith("["):
        return f"Write key = value ({problem})"
    if ("key part" in problem or problem == "Invalid statement") and not line.partition('"')[0].isascii():
        return f"Put a key with other letters than a to z between quotation marks ({problem})"
    if line.count('"') % 2:
        return f"Close the quotation marks ({problem})"
    if problem.startswith("Invalid value"):
        return f"Put a text between quotation marks; write numbers as 0.5, dates as 2023-11-01 ({problem})"
    return f"Correct the line; brackets and quotation marks come in pairs ({problem})"


def _anchor(raw: Document, folder: Path) -> None:
    """Point a scenario of one's own to the tables and posteriors that lie beside it."""
    front = raw.get("front")
    observed = front.get("observed") if isinstance(front, dict) else None
    if isinstance(front, dict) and isinstance(observed, str) and (folder / observed).is_file():
        front["observed"] = str((folder / observed).resolve())
    sides = raw.get("side")
    for side in sides if isinstance(sides, list) else []:
        if not isinstance(side, dict):
            continue
        if "losses" in side:
            side["losses"] = loss_draws.with_path(side["losses"], lambda name: str((folder / name).resolve()))
        table = side.get("regions")
        if not isinstance(table, dict):
            continue
        name = table.get("file")
        if isinstance(name, str) and (folder / name).is_file():
            table["file"] = str((folder / name).resolve())


def _file_faults(scenario: ScenarioDocument) -> Sequence[Fault]:
    """Faults of the files that a scenario names."""
    return [*_table_faults(scenario), *_ground_faults(scenario), *loss_draws.faults(scenario)]


def _ground_faults(scenario: ScenarioDocument) -> Sequence[Fault]:
    """Faults of the table of ground that a scenario names."""
    try:
        read_ground(scenario)
    except ScenarioError as error:
        return error.faults
    return []


def _table_faults(scenario: ScenarioDocument) -> Sequence[Fault]:
    """Faults of the region tables that a scenario names."""
    faults: list[Fault] = []
    for label, side in zip(labels(scenario.side), scenario.side, strict=True):
        if isinstance(side.regions, RegionTable):
            try:
                read = read_regions(scenario, side)
            except ScenarioError as error:
                faults += error.faults
            else:
                faults += validation.callings(side, read, f"side[{label}]")
                men, place = sum(region.eligible_men for region in read), f"side[{label}].regions"
                if men > validation.LARGEST:
                    allowed = f"at most {validation.LARGEST:,}"
                    faults.append(Fault(place, f"{men:,} men in all", allowed, "Correct the numbers of its table"))
                men, place = sum(region.eligible_men for region in read), f"side[{label}].regions"
                if men > validation.LARGEST:
                    allowed = f"at most {validation.LARGEST:,}"
                    faults.append(Fault(place, f"{men:,} men in all", allowed, "Correct the numbers of its table"))
    return faults


# --- Regions from a table: one row a region, its columns counted into relative pressures.

INFINITE = float("inf")

COLUMNS: dict[str, tuple[float, float]] = {
    "men_16_61": (0, INFINITE),
    "percent_below_subsistence": (0, 100),
    "percent_unemployed": (0, 100),
    "mean_income_roubles": (1, INFINITE),
    "percent_ethnic_russian_2010": (0, 100),
    "deaths_per_10000_men": (0, INFINITE),
}
"""The numbers that a row must hold, and their ranges."""

MAY_BE_BLANK = ("percent_ethnic_russian_2010",)
"""The census of 2010 did not count Crimea and Sevastopol."""

Row = Mapping[str, float]


def _named_table(name: str, where: str) -> Path:
    """A table that a scenario names, or the fault that it is not there."""
    file = _table_file(name)
    if file is None:
        tables = [entry.name for entry in catalogue.folder().iterdir() if entry.name.endswith(".csv")]
        allowed = f"a file beside the scenario, or a shipped table: {', '.join(tables) or 'none'}"
        cure = "Correct the name, or put the table beside the scenario"
        raise ScenarioError([Fault(where, f"no file {shown(name)}", allowed, cure, nearest(name, tables))])
    return file


def _table_file(name: str) -> Path | None:
    """Where a table lies: at its own path, or among the shipped scenarios."""
    for file in (Path(name), catalogue.folder() / name):
        if file.is_file():
            return file
    return None


def _read_table(table: RegionTable, place: str) -> list[Region]:
    """The regions of a table; a `ScenarioError` with every bad row if it has any.

    `place` is where the scenario names the table. Burden and income are relative to the mean over all men of the table;
    `exclusion` is the share of the region's people who are not ethnic Russian, and 0 where the census has no figure.
    """
    rows = _rows(table, place)
    missing = [name for name in table.capitals if name not in rows]
    if missing:
        where = f"{place}.capitals"
        raise ScenarioError([unknown(where, n, "the regions of the table", rows) for n in missing])
    burden = _mean(rows, "deaths_per_10000_men")
    income = _mean(rows, "mean_income_roubles")
    return [
        Region(
            name=name,
            eligible_men=round(row["men_16_61"]),
            burden=row["deaths_per_10000_men"] / burden if burden else 1.0,
            income=row["mean_income_roubles"] / income,
            trust=table.trust_capital if name in table.capitals else table.trust_province,
            exclusion=1 - row.get("percent_ethnic_russian_2010", 100.0) / 100,
        )
        for name, row in rows.items()
    ]


def _mean(rows: Mapping[str, Row], column: str) -> float:
    """The mean of a column over all men of the table."""
    men = sum(row["men_16_61"] for row in rows.values())
    total = sum(row["men_16_61"] * row[column] for row in rows.values())
    return total / men if men else sum(row[column] for row in rows.values()) / len(rows)


def _rows(table: RegionTable, place: str) -> dict[str, Row]:
    """The numbers of each region, with all bad cells in one error."""
    where = f"{place}.file"
    lines = _lines(table, where)
    columns = [name.strip() for name in lines[0][1]] if lines else []
    lacking = [name for name in ("region", *COLUMNS) if name not in columns]
    if lacking:
        what = f"the table {table.file} without the columns {', '.join(lacking)}"
        meant = nearest(lacking[0], columns)
        cure = "Add the columns, or correct their names in the first line"
        hint = f"{lacking[0]} in place of {meant}" if meant else None
        raise ScenarioError([Fault(where, what, f"region, {', '.join(COLUMNS)}", cure, hint)])
    faults: list[Fault] = []
    rows: dict[str, Row] = {}
    for line, values in lines[1:]:
        at = f"{table.file} row {line}"
        texts = dict(itertools.zip_longest(columns, values, fillvalue=""))
        name = texts["region"].strip()
        if not name or name in rows:
            what = shown(name) if name else "an empty cell"
            cure = "Name each region once"
            faults.append(Fault(f"{at}, column region", what, "a name that no other row has", cure))
        bad, rows[name] = _numbers(texts, at)
        faults += bad
    if not rows:
        faults.append(Fault(where, f"the table {table.file} without rows", "at least 1", "Add rows"))
    if faults:
        raise ScenarioError(fewer(faults), table.file)
    return rows


def _lines(table: RegionTable, where: str) -> list[tuple[int, tuple[str, ...]]]:
    """The table's rows of cells from its header on, each with the number of the line on which it begins."""
    file, names = _named_table(table.file, where), ("region", *COLUMNS)
    try:
        parted = source.separated(file.read_bytes().decode("utf-8-sig"), names)
        lines = list(source.numbered(parted.text, delimiter=parted.mark))
    except (UnicodeDecodeError, OSError, csv.Error) as error:
        content, cure = source.unreadable(error)
        raise ScenarioError([Fault(where, content, "comma-separated values in UTF-8", cure)], table.file) from error
    return lines[source.header_at([cells for _, cells in lines], names) :]


BAD_CELL = "Correct the cell, or remove the row"
CURES = cells.Cures(
    nothing=BAD_CELL, infinite=BAD_CELL, overflow=BAD_CELL, negative=BAD_CELL, large=BAD_CELL, other=BAD_CELL
)


def _numbers(texts: Mapping[str, str], at: str) -> tuple[list[Fault], Row]:
    """The numbers of one row, and what is wrong with them."""
    faults, row = [], {}
    for column, (low, high) in COLUMNS.items():
        text = texts[column].strip()
        if not text and column in MAY_BE_BLANK:
            continue
        top = "" if high == INFINITE else f" to {high:g}"
        allowed = f"a number from {low:g}{top}" + (" or blank" if column in MAY_BE_BLANK else "")
        number = cells.number(text, allowed, most=high, cures=CURES, men=column == "men_16_61")
        if isinstance(number, float) and number >= low:
            row[column] = number
            continue
        cure = number.cure if isinstance(number, cells.Wrong) else BAD_CELL
        faults.append(Fault(f"{at}, column {column}", shown(text) if text else "an empty cell", allowed, cure))
    return faults, row
