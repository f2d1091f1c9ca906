"""The ledger in which forecasts are kept, chained by hashes. [IO]

Each line holds its number, the day on which it was written, the hash of the line before and its own.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from holdfast.core import runtime
from holdfast.core.faults import Fault, LedgerError, nearest
from holdfast.forecasting import scores
from holdfast.forecasting.result import Forecast, rounded
from holdfast.io import files

FIRST = "0" * 64
"""What stands for the hash of the line before the first."""
NEEDED = (
    "number", "issued", "as_of", "until", "scenario", "scenario_hash", "posterior_hash", "version", "sides", "previous",
    "hash",
)  # fmt: skip
"""Keys of a line of the ledger of forecasts."""
FORMER = {"issued": "made", "scenario": "case", "scenario_hash": "case_hash"}
"""Their names in older ledgers, which are still read."""
MARK = "\ufeff"
"""A byte order mark, which editors put before a text in UTF-8."""
REMOVE = "Remove the blank line; no forecast is changed by that"
UNMARK = "Save the file as UTF-8 without a byte order mark; no forecast is changed by that"
RESTORE = "Restore the file from a copy that holds; a ledger is only ever added to"


@dataclasses.dataclass(frozen=True)
class Checked:
    """A ledger whose chain holds."""

    lines: int  # number of lines
    last: str  # hash of the last line
    issued: dt.date | None = None  # the latest day on which one of them was issued


def entry(forecast: Forecast) -> dict[str, object]:
    """What a ledger holds of a forecast.

    Args:
        forecast: of both armies.

    Returns:
        What decides its numbers, the numbers, and what the baselines say of the same months: what scores need later.
    """
    about = forecast.about() | {"version": runtime.version()}
    numbers = {"sides": forecast.numbers(), "baselines": scores.baseline_bands(forecast)}
    return about | {"weights": rounded(forecast.weights)} | numbers


def append(path: Path, content: Mapping[str, object], issued: dt.date | None = None) -> dict[str, object]:
    """Add a line to a ledger, whose chain must hold so far.

    Args:
        path: the file; created if it is not there.
        content: what the line says.
        issued: the day that it is dated; today unless given.

    Returns:
        The line as written.

    Raises:
        LedgerError: if the chain is broken, or the day is before that of a line that is there already.
        StoreError: if another process adds to it all the while.
    """
    with files.adding_to(path):
        before, day = ready(path, issued)
        line = {"number": before.lines + 1, "issued": str(day)} | dict(content)
        line["previous"] = before.last
        line["hash"] = digest(line)
        files.append_line(path, files.json_line(line))
    return line


def ready(path: Path, issued: dt.date | None = None) -> tuple[Checked, dt.date]:
    """A ledger to which a line can be added.

    Args:
        path: the file; it need not be there.
        issued: the day of the line; today unless given.

    Returns:
        What is in it, and the day.

    Raises:
        LedgerError: if the chain is broken, or the day is before that of a line that is there already.
    """
    before, day = check(path) if path.exists() else Checked(0, FIRST), issued or dt.datetime.now(dt.UTC).date()
    if before.issued and day < before.issued:
        allowed = f"{before.issued}, the day of the last forecast in it, or later"
        cure = "Set this machine's clock right; where that line's own day is wrong, begin another file with --ledger"
        raise LedgerError([Fault("the clock", str(day), allowed, cure)], f"The ledger {path}")
    return before, day


def check(path: Path) -> Checked:
    """Go through the chain.

    Args:
        path: the file.

    Returns:
        How long it is and where it ends.

    Raises:
        LedgerError: if it cannot be read; or naming every line that was changed, lost or put in.
    """
    previous, faults, number, issued = FIRST, [], 0, None
    for place, text in _lines(path):
        if not text.strip():
            faults.append(Fault(place, "a blank line", "a forecast, as it was written", REMOVE))
            continue
        number += 1
        if text.startswith(MARK):
            faults.append(Fault(place, "a byte order mark before the forecast", "lines of JSON in UTF-8 alone", UNMARK))
        line = _record(text)
        if not isinstance(line, dict):
            faults.append(Fault(place, *_no_record(text)))
            previous = ""
            continue
        faults += [Fault(place, lacking, allowed, RESTORE) for lacking, allowed in _broken(line, previous, number)]
        previous, issued = str(line.get("hash")), _later(issued, line.get("issued", line.get(FORMER["issued"])))
    if faults:
        raise LedgerError(faults, f"The ledger {path}")
    return Checked(number, previous, issued)


def _later(day: dt.date | None, text: object) -> dt.date | None:
    """The later of a day and the one that a text names, if it names one."""
    try:
        named = dt.date.fromisoformat(str(text))
    except ValueError:
        return day
    return named if day is None else max(day, named)


def lines(path: Path) -> list[dict[str, Any]]:
    """The lines of a ledger whose chain holds, under the keys of today.

    Args:
        path: the file.

    Returns:
        The lines in order.

    Raises:
        LedgerError: if it cannot be read, is empty, or its chain is broken.
    """
    if not check(path).lines:
        cure = "Enter a forecast first: holdfast forecast --as-of today"
        raise LedgerError([Fault("the file", "no line", "at least one forecast", cure)], f"The ledger {path}")
    old = {former: name for name, former in FORMER.items()}
    return [{old.get(name, name): value for name, value in json.loads(text).items()} for _, text in _lines(path)]


def _lines(path: Path) -> list[tuple[str, str]]:
    """The lines of a ledger, each with its place."""
    return [(f"line {number}", text) for number, text in enumerate(_text(path).splitlines(), 1)]


def _record(text: str) -> object:
    """What a line holds; nothing where it is no JSON."""
    try:
        return json.loads(text.removeprefix(MARK))
    except ValueError:
        return None


def _no_record(text: str) -> tuple[str, str, str]:
    """What stands in a line that holds no forecast, what is allowed and what to do."""
    try:
        first, end = json.JSONDecoder().raw_decode(text.removeprefix(MARK))
    except ValueError:
        first, end = None, 0
    if isinstance(first, dict) and text.removeprefix(MARK)[end:].lstrip().startswith("{"):
        return "more than one forecast", "one forecast a line", "Break the line between them; both stay as they are"
    return "no JSON", "a forecast, as it was written", RESTORE


def _text(path: Path) -> str:
    """What stands in a ledger, or why it cannot be read; a line that a killed process was adding is completed first."""
    try:
        files.complete_append(path)
        return path.read_text(encoding="utf8")
    except FileNotFoundError:
        there = [each.name for each in path.parent.glob("*.jsonl")] if path.parent.is_dir() else []
        lacking, cure = "no such file", "Correct the path, or enter a forecast first: holdfast forecast --as-of today"
        fault = Fault("the file", lacking, "a ledger of forecasts", cure, nearest(path.name, there))
    except IsADirectoryError:
        fault = Fault("the file", "a folder", "a ledger of forecasts", "Name the file in it")
    except UnicodeDecodeError:
        fault = Fault("the file", "bytes that are no text", "lines of JSON in UTF-8", RESTORE)
    except OSError as error:
        lacking = (error.strerror or type(error).__name__).lower()
        fault = Fault("the file", lacking, "a ledger of forecasts that can be read", "Allow reading it, or copy it")
    raise LedgerError([fault], f"The ledger {path}")


def _broken(line: Mapping[str, object], previous: str, number: int) -> Iterator[tuple[str, str]]:
    """What is wrong with a line, and what is allowed."""
    lacking = [name for name in NEEDED if name not in line and FORMER.get(name) not in line]
    if lacking:
        yield f"no {', '.join(lacking)}", "a forecast, as it was written"
    if line.get("hash") != digest(line):
        yield "a text that does not fit its hash", "the line as it was written"
    if previous and line.get("previous") != previous:
        yield (
            f"a line that follows on {str(line.get('previous'))[:12]}, not on {previous[:12]}",
            "the hash of the line before",
        )
    if line.get("number") != number:
        yield f"number {line.get('number')}", f"number {number}"


def digest(line: Mapping[str, object]) -> str:
    """The hash of a line.

    Args:
        line: with or without its own hash.

    Returns:
        SHA-256 of all else that it says.
    """
    rest = {name: value for name, value in line.items() if name != "hash"}
    return hashlib.sha256(files.canonical_json(rest).encode()).hexdigest()
