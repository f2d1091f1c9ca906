"""`holdfast assess`: what to think of one army, or of a second coder's codes."""

from __future__ import annotations

import json as text
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from holdfast import machine
from holdfast.cli import progress, screen
from holdfast.history.coded import CODES
from holdfast.history.rules import option
from holdfast.scenario.faults import Fault, listed

STARTING = "weighing the posterior, then compiling: 5 to 20 s"


def assess(
    codes: Mapping[str, str | None], force_ratio: str | None, name: str | None, case: str | None,
    second_coder: str | None, draws: int | None, workers: int | None, out: Path | None, json: bool,
) -> int:  # fmt: skip
    """Check all of the request, ask for what is missing, then answer."""
    machine.prepare()
    given = {code: value for code, value in codes.items() if value is not None}
    alone = {"--second-coder": second_coder} if second_coder else {}
    others = [option(code) for code in given]
    others += [
        word
        for word, value in (("--force-ratio", force_ratio), ("--name", name), ("--case", case))
        if value is not None
    ]
    faults = _counts(draws, workers, out)
    if alone and others:
        allowed = "one army's codes, or a second coder's file"
        faults.append(Fault("--second-coder", f"{listed(others)} beside it", allowed, "Leave one of the two away"))
    if second_coder:
        return _second(second_coder, faults, out, json)
    return _army(given, force_ratio, name, case, faults, draws, workers, out, json)


def _army(
    given: dict[str, Any], force_ratio: str | None, name: str | None, case: str | None, faults: list[Fault],
    draws: int | None, workers: int | None, out: Path | None, json: bool,
) -> int:  # fmt: skip
    from holdfast.assess import answer, asked, files
    from holdfast.cli import asking, assessing_tables

    missing = [code for code in CODES if code not in given]
    if case is None and missing and not json and not faults and asking.possible():
        _checked(given, force_ratio, name, case, faults, whole=False)
        more, ratio = asking.codes(missing, force_ratio is None)
        given, force_ratio, missing = {**given, **more}, force_ratio or ratio, []
    wanted = _checked(given, force_ratio, name, case, faults)
    if case is None and missing and not json:
        said = f"Not given, and taken as not known: {listed(map(option, missing))}."
        print(said, file=sys.stderr)
    with progress.bar(f"{wanted.name}: assessing", quiet=json, starting=STARTING) as told:
        found = answer.answer(wanted, draws or answer.DRAWS, workers, progress=told)
    if out:
        with progress.step("Writing", quiet=json):
            files.write(found, out)
    if json:
        print(text.dumps(files.as_json(found), allow_nan=False))
        return 0
    assert isinstance(wanted, asked.Asked)
    console = screen.console()
    console.print()
    for part in assessing_tables.army(found):
        console.print(part)
    _where(console, out)
    return 0


def _second(file: str, faults: list[Fault], out: Path | None, json: bool) -> int:
    from holdfast.assess import files, second
    from holdfast.assess.asked import AssessError
    from holdfast.cli import assessing_tables
    from holdfast.history import read
    from holdfast.history.faults import CasesError

    try:
        coding = read.read_codes(file)
    except CasesError as error:
        if faults:
            raise AssessError([*faults, *error.faults]) from error
        raise
    if faults:
        raise AssessError(faults)
    with progress.step(f"{file}: comparing", quiet=json):
        found = second.second_coder(coding)
    if out:
        files.write_second(found, out)
    if json:
        print(text.dumps(files.second_json(found), allow_nan=False))
        return 0
    console = screen.console()
    console.print()
    for part in assessing_tables.coders(found):
        console.print(part)
    _where(console, out)
    return 0


def _checked(
    given: Mapping[str, Any], force_ratio: str | None, name: str | None, case: str | None, faults: list[Fault],
    whole: bool = True,
) -> Any:  # fmt: skip
    """The army that is meant, or every fault of the request; not `whole` where codes are still to be asked for."""
    from holdfast.assess.asked import AssessError, asked

    try:
        known = given if whole else {**dict.fromkeys(CODES, "0"), **given}
        wanted = asked(known, force_ratio, name or "", case, options=True)
    except AssessError as error:
        raise AssessError([*faults, *error.faults]) from None
    if faults:
        raise AssessError(faults)
    return wanted


def _counts(draws: int | None, workers: int | None, out: Path | None) -> list[Fault]:
    """What is wrong with the numbers and the folder."""
    faults = [
        Fault(place, str(value), f"a whole number from {least} on", f"Give {least} or more")
        for place, value, least in (("--draws", draws, 2), ("--workers", workers, 1))
        if value is not None and value < least
    ]
    if out and out.exists() and not out.is_dir():
        faults.append(Fault("--out", str(out), "a folder, and this is a file", "Choose another --out"))
    return faults


def _where(console: Any, out: Path | None) -> None:
    if out:
        console.print(f"Files: {out}", markup=False, soft_wrap=True)
