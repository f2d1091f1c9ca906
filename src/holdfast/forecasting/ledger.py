"""The ledger: every forecast that was made, a line each, chained by hashes so that none can be changed unseen. [IO]"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from holdfast.core.faults import Fault, LedgerError

FIRST = "0" * 64
"""What stands for the hash of the line before the first."""
NEEDED = (
    "number",
    "made",
    "as_of",
    "until",
    "case",
    "case_hash",
    "posterior_hash",
    "version",
    "sides",
    "previous",
    "hash",
)


@dataclasses.dataclass(frozen=True)
class Checked:
    """A ledger whose chain holds."""

    lines: int
    last: str
    """Hash of the last line."""


def append(path: Path, content: Mapping[str, Any], made: dt.date | None = None) -> dict[str, Any]:
    """Add a forecast to a ledger, whose chain must hold so far; the line as written."""
    with _alone(path):
        before = check(path) if path.exists() else Checked(0, FIRST)
        line = {"number": before.lines + 1, "made": str(made or dt.datetime.now(dt.UTC).date())} | dict(content)
        line["previous"] = before.last
        line["hash"] = digest(line)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf8") as file:
            file.write(json.dumps(line, allow_nan=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
    return line


def check(path: Path) -> Checked:
    """Go through the chain. Raises `LedgerError` naming every line that was changed, lost or put in."""
    previous, faults, number = FIRST, [], 0
    for number, text in enumerate(path.read_text(encoding="utf8").splitlines(), 1):
        place = f"line {number}"
        try:
            line = json.loads(text)
        except ValueError:
            line = None
        if not isinstance(line, dict):
            faults.append(Fault(place, "no JSON", "a forecast, as it was written", RESTORE))
            previous = ""
            continue
        lacking = [name for name in NEEDED if name not in line]
        if lacking:
            faults.append(Fault(place, f"no {', '.join(lacking)}", "a forecast, as it was written", RESTORE))
        if line.get("hash") != digest(line):
            faults.append(Fault(place, "a text that does not fit its hash", "the line as it was written", RESTORE))
        if previous and line.get("previous") != previous:
            found = f"a line that follows on {str(line.get('previous'))[:12]}, not on {previous[:12]}"
            faults.append(Fault(place, found, "the hash of the line before", RESTORE))
        if line.get("number") != number:
            faults.append(Fault(place, f"number {line.get('number')}", f"number {number}", RESTORE))
        previous = str(line.get("hash"))
    if faults:
        raise LedgerError(faults, f"The ledger {path}")
    return Checked(number, previous)


RESTORE = "Restore the file from a copy that holds; a ledger is only ever added to"


def digest(line: Mapping[str, Any]) -> str:
    """SHA-256 of all that a line says but its own hash."""
    rest = {name: value for name, value in line.items() if name != "hash"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True, allow_nan=False).encode()).hexdigest()


@contextlib.contextmanager
def _alone(path: Path) -> Any:
    """Only one at a time adds to a ledger, where the system can keep others out."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f".{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
