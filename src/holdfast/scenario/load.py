"""The door for scenario files: shipped cases by name, own ones by path [IO]."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Sequence
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from holdfast.core.faults import Fault, ScenarioError, listed, nearest, shown
from holdfast.scenario import loss_draws, regions, validation
from holdfast.scenario.document_paths import labels
from holdfast.scenario.schema import Region, RegionTable, ScenarioDocument, Side
from holdfast.scenario.validation import Known, content

SUFFIX = ".toml"


def names() -> list[str]:
    """The shipped cases."""
    files = (entry.name for entry in regions.shipped_table().iterdir())
    return sorted(name.removesuffix(SUFFIX) for name in files if name.endswith(SUFFIX))


def read(name_or_path: str | Path, known: Known | None = None) -> ScenarioDocument:
    """A shipped case by its name, or a case of one's own by the path of its file.

    A `ScenarioError` names every fault; `known` holds the names that are declared elsewhere (effects,
    parameters), which are not checked where it is left out.
    """
    file = _file(name_or_path)
    raw = _parsed(_text(file), file.name)
    if isinstance(file, Path):
        _anchor(raw, file.parent)
    return validation.validated(raw, known, file.name, also=_file_faults)


def read_regions(scenario: ScenarioDocument, side: Side | str) -> list[Region]:
    """The regions of a side, written out in the case or read from its table."""
    if isinstance(side, str):
        by_name = {each.name: each for each in scenario.side}
        side = by_name[side]
    if isinstance(side.regions, RegionTable):
        return regions.read_region_table(side.regions, f"side[{side.name}].regions")
    return list(side.regions)


def hash(scenario: ScenarioDocument) -> str:
    """What tells a case from any other: SHA-256 of its canonical JSON, of its region tables and its posteriors.

    The folder in which a file lies does not count, its contents do.
    """
    document = scenario.model_dump(mode="json")
    for side in document["side"]:
        if isinstance(side["regions"], dict):
            file = regions.table_file(side["regions"]["file"])
            contents = file.read_bytes() if file else b""
            side["regions"]["file"] = hashlib.sha256(contents).hexdigest()
        side["losses"] = loss_draws.with_path(side["losses"], loss_draws.digest)
        if side["losses"] is None:  # so a case that says nothing of them keeps the hash of older versions
            del side["losses"]
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _file(name_or_path: str | Path) -> Traversable:
    """The file of a case."""
    asked = str(name_or_path)
    if asked in names():
        return regions.shipped_table() / (asked + SUFFIX)
    path = Path(name_or_path)
    if path.is_file():
        return path
    shipped = names()
    allowed = f"the path of a {SUFFIX} file, or a shipped case: {listed(shipped)}"
    beside = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
    if path.is_dir():
        inside = sorted(entry.name for entry in path.iterdir() if entry.suffix == SUFFIX)
        cure = f"Name a file in it: {listed(inside)}" if inside else "Name a file in place of the folder"
        fault = Fault("case", f"the folder {shown(asked)}", allowed, cure)
    elif path.suffix or len(path.parts) > 1:
        meant = nearest(path.stem, shipped) or nearest(path.name, beside)
        fault = Fault("case", f"no file {shown(asked)}", allowed, "Correct the path", meant)
    else:
        cure = "Correct the name, or give the path of a file"
        fault = Fault("case", f"no case {shown(asked)}", allowed, cure, nearest(asked, shipped))
    raise ScenarioError([fault], "The request")


def _text(file: Traversable) -> str:
    """The text of a case file."""
    try:
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        found = f"the byte {error.object[error.start]:#04x}, which is not UTF-8"
        fault = Fault(f"line {line}", found, "text in UTF-8", "Save the file with the encoding UTF-8")
    except OSError as error:
        cure = "Make the file readable, or copy it elsewhere"
        fault = Fault("the file", error.strerror or str(error), "a file that can be read", cure)
    raise ScenarioError([fault], file.name)


def _parsed(text: str, source: str) -> dict[str, Any]:
    """The tables of a case file."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        told = re.match(r"(.*?) \(at (?:line (\d+), column (\d+)|end of document)\)", str(error))
        problem = told[1] if told else str(error)
        lines = text.splitlines() or [""]
        line = int(told[2]) if told and told[2] else len(lines)
        column = int(told[3]) if told and told[3] else len(lines[-1]) + 1
        wrong = lines[min(line, len(lines)) - 1].strip()
        place = f"line {line}, column {column}"
        fault = Fault(place, shown(wrong), "TOML: key = value", _cure(problem, wrong))
        raise ScenarioError([fault], source) from error


def _cure(problem: str, line: str) -> str:
    """What to do about a line that is no TOML."""
    if "overwrite" in problem or "twice" in problem or "duplicate" in problem.lower():
        return f"The key or table stands twice: remove one ({problem})"
    if "=" not in line and not line.startswith("["):
        return f"Write key = value ({problem})"
    if line.count('"') % 2:
        return f"Close the quotation marks ({problem})"
    if problem.startswith("Invalid value"):
        return f"Put a text between quotation marks; write numbers as 0.5, dates as 2023-11-01 ({problem})"
    return f"Correct the line; brackets and quotation marks come in pairs ({problem})"


def _anchor(raw: dict[str, Any], folder: Path) -> None:
    """Point a case of one's own to the tables and posteriors that lie beside it."""
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
    """Faults of the files that a case names."""
    return [*_table_faults(scenario), *loss_draws.faults(scenario)]


def _table_faults(scenario: ScenarioDocument) -> Sequence[Fault]:
    """Faults of the region tables that a case names."""
    faults: list[Fault] = []
    for label, side in zip(labels(scenario.side), scenario.side, strict=True):
        if isinstance(side.regions, RegionTable):
            try:
                read = read_regions(scenario, side)
            except ScenarioError as error:
                faults += error.faults
            else:
                faults += content.callings(side, read, f"side[{label}]")
    return faults
