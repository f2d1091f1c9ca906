"""What is asked: ten codes of an army of the caller's own, or a shipped case with some of them put otherwise."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from holdfast.coded_armies import army, codebook, reader
from holdfast.coded_armies.army import CODES, CodedArmy
from holdfast.coded_armies.codebook import option
from holdfast.core.faults import AssessError, Fault, listed, nearest, shown, unknown
from holdfast.tabular import cells

OWN = "an-army"
"""Key of an army of the caller's own: its luck hangs on it, so that a name changes no number."""
UNKNOWN = "unknown"
NOT_KNOWN = (UNKNOWN, *cells.NOTHING)
"""Words that say that a code is not known."""
ALLOWED = "0, 1 or 2, or unknown"

_BY_COLUMN = {column: code for code, column in codebook.CODE_COLUMNS.items()}


@dataclasses.dataclass(frozen=True)
class Asked:
    """An army to assess."""

    case: CodedArmy
    name: str
    """What to call it."""
    base: CodedArmy | None
    """The shipped case that it started from."""

    @property
    def unchanged(self) -> bool:
        """Whether it is a shipped case just as that was coded."""
        base = self.base
        return base is not None and (base.codes, base.force_ratio) == (self.case.codes, self.case.force_ratio)

    @property
    def unknown(self) -> tuple[str, ...]:
        """Codes that are not known."""
        return tuple(code for code in CODES if self.case.codes[code] is None)


def asked(
    codes: Mapping[str, Any], force_ratio: Any = None, name: str = "", case: str | None = None, *, options: bool = False
) -> Asked:  # fmt: skip
    """The army that is meant. Raises `AssessError`, which names every fault.

    `codes` holds 0, 1, 2, a word such as those of `NOT_KNOWN`, or `None`, by code or by column; what is left out comes
    from the shipped case, or is not known. `options` says that the caller gave options of the command line.
    """
    place = option if options else str
    faults: list[Fault] = []
    given: dict[str, int | None] = {}
    for said, value in codes.items():
        code = _BY_COLUMN.get(said, said)
        if code not in CODES:
            faults.append(unknown(place(said), said, "one of the ten codes", CODES))
            continue
        found = level(value)
        if isinstance(found, Fault):
            faults.append(dataclasses.replace(found, place=place(code)))
        else:
            given[code] = found
    base = _shipped(case, place("case"), faults)
    ratio = _ratio(force_ratio, place("force_ratio"), faults)
    if not faults and base is None and all(value is None for value in given.values()):
        faults.append(_missing(place("losses") if options else ""))
    if faults:
        raise AssessError(faults)
    if base is None:
        return Asked(CodedArmy(OWN, given, army=name or "An army", force_ratio=ratio), name or "An army", None)
    changed = army.changed(base, **given)
    if ratio is not None:
        changed = dataclasses.replace(changed, force_ratio=ratio)
    return Asked(changed, name or base.army or base.army_id, base)


def level(value: Any) -> int | Fault | None:
    """One code as it was said: 0, 1, 2, `None` for not known, or what is wrong with it (its place left empty)."""
    said = "" if value is None else str(value).strip()
    if not said or said.lower() in NOT_KNOWN:
        return None
    found = cells.code(said)
    if isinstance(found, cells.Wrong):
        meant = nearest(said, (UNKNOWN,)) if said.isalpha() else None
        return Fault("", shown(said), ALLOWED, found.cure, meant)
    return found


def held_out(case: CodedArmy, taught: Sequence[CodedArmy]) -> list[bool]:
    """Which of the cases that taught tell the answer of this one: itself, and those that share its men."""
    own = {case.army_id, case.overlap_with} - {""}
    return [other.army_id in own or bool({other.overlap_with} & own) for other in taught]


def _shipped(name: str | None, place: str, faults: list[Fault]) -> CodedArmy | None:
    """The shipped case of that name, if one was asked for."""
    by_name = {each.army_id: each for each in reader.shipped()}
    if name is not None and name not in by_name:
        faults.append(unknown(place, name, "a shipped case", by_name))
    return by_name.get(name or "")


def _ratio(said: Any, place: str, faults: list[Fault]) -> float | None:
    """Own men to the enemy's."""
    if said is None or str(said).strip().lower() in ("", *NOT_KNOWN):
        return None
    allowed = "own men to the enemy's, as 0.8 or 0.8:1"
    found = cells.ratio(str(said).strip())
    if found is None:
        found = cells.Wrong(allowed, "Write two numbers, own men first, or leave it out")
    if isinstance(found, cells.Wrong):
        faults.append(Fault(place, shown(str(said)), allowed, found.cure))
        return None
    return found


def _missing(example: str) -> Fault:
    """That no code at all is known."""
    if example:
        cure = "Give what is known as options, as --losses 2 --no-victory 1, or start from a case with --case RUS_1917"
        return Fault("the codes", "none", f"one or more of {listed(map(option, CODES))}", cure)
    return Fault("codes", "none that is known", f"one or more of {listed(CODES)}", "Give those that are known")
