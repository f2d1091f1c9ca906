"""A second coder's codes against the first's: how far they agree, and what that does to the model's scores. [IO]

The parameters are those that the first coder's codes taught. Each case is told twice, with all cases but itself and those
that share its men: under the codes of the one, and under those of the other. The draws are the same for both, so that
nothing but the codes tells the two apart.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from holdfast.assessment import posterior_adapter
from holdfast.backtesting import baselines
from holdfast.coded_armies import army, reader
from holdfast.coded_armies.army import CODES, CodedArmy, CoderAgreement, Coding, Difference, changed
from holdfast.core.faults import AssessError, Fault, nearest, shown
from holdfast.stats import scoring
from holdfast.stats.scoring import Numbers, Paired, Scored

RIDGE = "ridge_ten"


@dataclasses.dataclass(frozen=True)
class Recoded:
    """A shipped case that both coded: in which codes they differ (`here` the first's, `there` the second's)."""

    case: CodedArmy
    differs: tuple[Difference, ...]
    first: float | None
    """P(collapse) under the first coder's codes; `None` for a case that does not count for itself."""
    second: float | None


@dataclasses.dataclass(frozen=True)
class Effect:
    """A model's scores under either coder's codes; the difference is of the second's less the first's."""

    first: Scored
    second: Scored
    paired: Paired


@dataclasses.dataclass(frozen=True)
class SecondCoder:
    """All that a second coder's file says beside the first's codes."""

    agreement: CoderAgreement
    cases: tuple[Recoded, ...]
    effects: dict[str, Effect]
    """By `model` and `ridge_ten`; empty where no case that counts for itself was coded by both."""
    unknown: dict[str, str | None]
    """Names in the file that no shipped case has, and which was perhaps meant."""
    draws: int
    posterior: str


def second_coder(codes: str | Path | Coding) -> SecondCoder:
    """Compare a second coder's codes, a file's or by case and code, with those of the shipped cases.

    A code that he left open stays as the first gave it. Raises `ArmiesError` for the file, `AssessError` where no shipped
    case is in it.
    """
    coding = reader.read_codes(codes) if isinstance(codes, str | Path) else codes
    shipped = reader.shipped()
    found = army.coder_agreement(shipped, coding)
    names = [case.army_id for case in shipped]
    unknown = {name: nearest(name, names) for name in found.only_second}
    if not found.armies:
        raise AssessError([_none_shipped(unknown)], "The second coder's file")
    both = [case for case in shipped if case.army_id in coding]
    recoded = {case.army_id: _under(case, coding) for case in both}
    differs = {case.army_id: _differs(case, coding) for case in both}
    told = [case for case in both if posterior_adapter.stands(case)]
    again = [recoded[case.army_id] for case in told]
    first, second = posterior_adapter.twice(told, again)
    chance = {case.army_id: (float(a), float(b)) for case, a, b in zip(told, first, second)}
    rows = [Recoded(case, differs[case.army_id], *chance.get(case.army_id, (None, None))) for case in both]
    effects = _effects(told, recoded, first, second)
    return SecondCoder(found, tuple(rows), effects, unknown, posterior_adapter.draws(), posterior_adapter.digest())


def _none_shipped(unknown: dict[str, str | None]) -> Fault:
    name, meant = next(iter(unknown.items()), ("", None))
    allowed = "case_id of one or more of the shipped cases"
    return Fault("case_id", f"none that is shipped ({shown(name)} first)", allowed, "Correct the names", meant)


def _differs(case: CodedArmy, coding: Coding) -> tuple[Difference, ...]:
    """The codes that the second gave otherwise; one that he left open is none of them."""
    given = coding[case.army_id]
    pairs = [(code, case.codes[code], given.get(code)) for code in CODES]
    return tuple(Difference(*each) for each in pairs if each[2] is not None and each[1] != each[2])


def _under(case: CodedArmy, coding: Coding) -> CodedArmy:
    """The case as the second coder saw it."""
    return changed(case, **{each.code: each.there for each in _differs(case, coding)})


def _effects(
    cases: Sequence[CodedArmy], recoded: dict[str, CodedArmy], first: Numbers, second: Numbers
) -> dict[str, Effect]:
    """Scores of the model, and of the ridge logit taught by either coder's codes, on the cases that both coded."""
    known = [row for row, case in enumerate(cases) if case.collapse is not None]
    if not known:
        return {}
    y = np.array([bool(cases[row].collapse) for row in known])
    shipped = reader.shipped()
    other = [recoded.get(case.army_id, case) for case in shipped]
    at = [shipped.index(cases[row]) for row in known]
    ridge = [baselines.left_out(RIDGE, each)[at] for each in (shipped, other)]
    pairs = {"model": (first[known], second[known]), RIDGE: (ridge[0], ridge[1])}
    return {
        name: Effect(scoring.scored(one, y), scoring.scored(two, y), scoring.paired(two, one, y))
        for name, (one, two) in pairs.items()
    }
