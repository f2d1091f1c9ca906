"""A request for an assessment: ten codes of an army of the caller's own, or a shipped army with some of them put otherwise."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from holdfast.coded_armies import army as coded
from holdfast.coded_armies import codebook, reader
from holdfast.coded_armies.army import CODES, FORETELLING, CodedArmy
from holdfast.coded_armies.codebook import option
from holdfast.core.faults import AssessError, Fault, listed, nearest, shown, unknown
from holdfast.tabular import cells

OWN = "an-army"
"""Key of an army of the caller's own: its luck hangs on it, so that a name changes no number."""
UNKNOWN = "unknown"
NOT_KNOWN = (UNKNOWN, *cells.NOTHING)
"""Words that say that a code is not known."""
ALLOWED = "0, 1 or 2, or unknown"
SURE = "a share from 0 to 1, as 0.9"
"""What a certainty may be."""
_SHARES = cells.Cures("Leave it out where it is not known", negative="Write no minus", other="Write a share, as 0.9")
_RATIO = "own men to the enemy's, as 0.8 or 0.8:1"

Certainty: TypeAlias = float | str | Mapping[str, object] | Sequence[object]
"""How sure codes are, as a caller says it."""

_BY_COLUMN = {column: code for code, column in codebook.CODE_COLUMNS.items()}


@dataclasses.dataclass(frozen=True)
class Request:
    """An army to assess."""

    army: CodedArmy
    """The army, with its codes."""
    name: str
    """What to call it."""
    base: CodedArmy | None
    """The shipped army that it started from."""

    @property
    def unchanged(self) -> bool:
        """Whether it is a shipped army just as that was coded."""
        base = self.base
        return base is not None and (base.codes, base.force_ratio) == (self.army.codes, self.army.force_ratio)

    def source(self, code: str) -> str:
        """Where a known code's certainty is from.

        Args:
            code: the code.

        Returns:
            `given` by the caller; `changed`: another level than the shipped army's, and taken as it is; else `learnt` of coders.
        """
        if code in self.army.certainty:
            return "given"
        return "changed" if code in self.army.certain else "learnt"

    @property
    def unknown(self) -> tuple[str, ...]:
        """Codes that are not known."""
        return tuple(code for code in CODES if self.army.codes[code] is None)


def parse(
    codes: Mapping[str, object], force_ratio: object = None, name: str = "", army: str | None = None,
    certainty: Certainty | None = None, *, options: bool = False,
) -> Request:  # fmt: skip
    """The army that is meant.

    Args:
        codes: 0, 1, 2, a word such as those of `NOT_KNOWN`, or `None`, by code or by column; what is left out comes from the
            shipped army, or is not known.
        force_ratio: own men to the enemy's, as 0.8 or "0.8:1"; not known unless given.
        name: what to call the army.
        army: name of a shipped army to start from.
        certainty: how sure the codes are: the chance that each is right, or chances by code or column, or words such as "0.9"
            and "losses=0.95", the latter for single codes. Codes of which nothing is said are as sure as was learnt of coders.
        options: whether the caller gave options of the command line, by whose names faults then call them.

    Returns:
        The request.

    Raises:
        AssessError: if there are faults, with all of them.
    """
    place = option if options else str
    faults: list[Fault] = []
    known: dict[str, int | None] = {}
    for word, value in codes.items():
        code = _BY_COLUMN.get(word, word)
        if code not in CODES:
            faults.append(unknown(place(word), word, "one of the ten codes", CODES))
            continue
        read = level(value)
        if isinstance(read, Fault):
            faults.append(dataclasses.replace(read, place=place(code)))
        else:
            known[code] = read
    base = _shipped(army, place("army"), faults)
    ratio = _ratio(force_ratio, place("force_ratio"), faults)
    if not faults and base is None and all(value is None for value in known.values()):
        faults.append(_missing(options))
    wrong = {code for word in codes if (code := _BY_COLUMN.get(word, word)) in CODES and code not in known}
    levels = {**(base.codes if base else {}), **known, **dict.fromkeys(wrong, 0)}  # one fault of a code is enough
    sure = _certainty(certainty, levels, place("certainty"), faults)
    if faults:
        raise AssessError(faults)
    own = CodedArmy(OWN, known, army=name or "An army", force_ratio=ratio, vantage=FORETELLING)
    meant = coded.changed(base, **known) if base else own
    if ratio is not None:
        meant = dataclasses.replace(meant, force_ratio=ratio)
    meant = dataclasses.replace(meant, certainty=sure, certain=meant.certain - set(sure))
    return Request(meant, name or (base and (base.army or base.army_id)) or "An army", base)


def level(value: object) -> int | Fault | None:
    """One code as it was given.

    Args:
        value: 0, 1, 2, or a word for not known.

    Returns:
        The level; `None` for not known; or what is wrong with it, its place left empty.
    """
    text = "" if value is None else str(value).strip()
    if not text or text.lower() in NOT_KNOWN:
        return None
    read = cells.code(text)
    if isinstance(read, cells.Wrong):
        meant = nearest(text, (UNKNOWN,)) if text.isalpha() else None
        return Fault("", shown(text), ALLOWED, read.cure, meant)
    return read


def _shipped(name: str | None, place: str, faults: list[Fault]) -> CodedArmy | None:
    """The shipped army of that name, if one is wanted."""
    by_name = {army.army_id: army for army in reader.shipped()}
    if name is not None and name not in by_name:
        faults.append(unknown(place, name, "a shipped army", by_name))
    return by_name.get(name or "")


def _ratio(value: object, place: str, faults: list[Fault]) -> float | None:
    """Own men to the enemy's."""
    text = "" if value is None else str(value).strip()
    if text.lower() in ("", *NOT_KNOWN):
        return None
    read = cells.ratio(text)
    if read is None:
        read = cells.Wrong(_RATIO, "Write two numbers, own men first, or leave it out")
    if isinstance(read, cells.Wrong):
        cure = read.cure.replace("Leave the cell empty", "Leave it out")
        faults.append(Fault(place, shown(str(value)), _RATIO, cure))
        return None
    return read


def _certainty(
    given: Certainty | None, levels: Mapping[str, int | None], place: str, faults: list[Fault]
) -> dict[str, float]:
    """How sure the codes are, by code: what is said of one goes before what is said of all."""
    sure: dict[str | None, float] = {}
    for word, value in _words(given):
        code = None if word is None else _BY_COLUMN.get(word, word.replace("-", "_"))
        where = place if code is None else f"{place} {code}"
        read = cells.share(str(value).strip(), SURE, cures=_SHARES)
        if code is not None and code not in CODES:
            faults.append(unknown(place, str(word), "one of the ten codes", CODES))
        elif isinstance(read, cells.Wrong):
            faults.append(Fault(where, shown(str(value)), SURE, read.cure))
        elif code is not None and levels.get(code) is None:
            cure = "Give the code too, or leave its certainty out"
            faults.append(Fault(where, f"{read:g} of a code that is not known", "the certainty of a known code", cure))
        elif code in sure:
            faults.append(Fault(where, f"{read:g} after {sure[code]:g}", "one certainty", "Leave one of the two out"))
        else:
            sure[code] = read
    known = [code for code in CODES if levels.get(code) is not None]
    return {code: sure.get(code, sure.get(None, 0.0)) for code in known if code in sure or None in sure}


def _words(given: Certainty | None) -> list[tuple[str | None, object]]:
    """What is said of how sure codes are, in pairs; `None` for all codes."""
    if isinstance(given, Mapping):
        return list(given.items())
    words = [given] if isinstance(given, str | float | int) else given or ()
    pairs = (str(word).rpartition("=") for word in words)
    return [(code.strip() if equals else None, value) for code, equals, value in pairs]


def _missing(options: bool) -> Fault:
    """That no code at all is known."""
    if options:
        cure = "Give what is known as options, as --losses 2 --no-victory 1, or start from an army with --army RUS_1917"
        return Fault("the codes", "none", f"one or more of {listed(map(option, CODES))}", cure)
    return Fault("codes", "none that is known", f"one or more of {listed(CODES)}", "Give those that are known")
