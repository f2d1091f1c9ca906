"""A second coder's codes against the first's: how far they agree, and what that does to the model's scores. [IO]

The parameters are those that the first coder's codes taught. Each army is predicted twice, without itself and those that share
its men: under the codes of the one, and under those of the other. The draws are the same for both, so that nothing but the codes
tells the two apart.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from holdfast.backtesting import baselines
from holdfast.calibration import holdout
from holdfast.calibration import predictor as predictors
from holdfast.coded_armies import army as coded
from holdfast.coded_armies import reader
from holdfast.coded_armies.army import CODES, CodedArmy, CoderAgreement, Coding, Difference, changed
from holdfast.core.faults import AssessError, Fault, nearest, shown
from holdfast.core.results import Result
from holdfast.stats import scoring
from holdfast.stats.scoring import Numbers, Paired, Scored

RIDGE = "ridge_ten"


@dataclasses.dataclass(frozen=True)
class Recoded:
    """A shipped army that both coded."""

    army: CodedArmy
    """The army, as the first coded it."""
    differs: tuple[Difference, ...]
    """In which codes they differ: `here` the first's, `there` the second's."""
    first: float | None
    """P(collapse) under the first coder's codes; `None` for an army that does not count for itself."""
    second: float | None
    """P(collapse) under the second coder's codes, likewise."""


@dataclasses.dataclass(frozen=True)
class Effect:
    """A model's scores under either coder's codes."""

    first: Scored
    """Under the first's."""
    second: Scored
    """Under the second's."""
    paired: Paired
    """Of the second's less the first's."""


@dataclasses.dataclass(frozen=True)
class SecondCoder(Result):
    """All that a second coder's file says beside the first's codes."""

    PRESENTER = "holdfast.present.army_report"

    agreement: CoderAgreement
    """How far the two agree."""
    armies: tuple[Recoded, ...]
    """The armies that both coded."""
    effects: dict[str, Effect]
    """By `model` and `ridge_ten`; empty where no army that counts for itself was coded by both."""
    unknown: dict[str, str | None]
    """Names in the file that no shipped army has, and which was perhaps meant."""
    draws: int
    """Draws of the posterior."""
    posterior: str
    """Hash of the posterior."""

    def rows(self) -> Sequence[Mapping[str, object]]:
        """The table of armies.

        Returns:
            A row for each army that both coded.
        """
        return [
            {
                "army_id": each.army.army_id, "p_collapse_first": each.first, "p_collapse_second": each.second,
                "collapse": each.army.collapse,
                "differs": [
                    {"code": code.code, "first": code.here, "second": code.there} for code in each.differs
                ],
            }
            for each in self.armies
        ]  # fmt: skip

    def to_dict(self) -> dict[str, object]:
        """The comparison in plain values; `docs/assess.md` explains the keys.

        Returns:
            Values by key; numbers without meaning are NaN, which `io.json_text` writes as `null`.
        """
        return {
            "agreement": {
                "codes": {code: dataclasses.asdict(self.agreement.codes[code]) for code in CODES},
                "overall": dataclasses.asdict(self.agreement.overall),
            },
            "armies": list(self.rows()),
            "scores": {name: dataclasses.asdict(effect) for name, effect in self.effects.items()},
            "not_shipped": dict(self.unknown),
            "not_coded_again": list(self.agreement.only_first),
            "draws": self.draws,
            "posterior": self.posterior,
        }


def second_coder(codes: str | Path | Coding) -> SecondCoder:
    """Compare a second coder's codes with those of the shipped armies.

    Args:
        codes: a file, or levels by army and code. A code left open stays as the first gave it.

    Returns:
        Agreement, the armies that both coded, and the model's scores under either's codes.

    Raises:
        ArmiesError: if the file has faults.
        AssessError: if no shipped army is in it.
        PosteriorError: if the shipped posterior cannot be read.
    """
    coding = reader.read_codes(codes) if isinstance(codes, str | Path) else codes
    shipped = reader.shipped()
    agreement = coded.coder_agreement(shipped, coding)
    names = [army.army_id for army in shipped]
    unknown = {name: nearest(name, names) for name in agreement.only_second}
    if not agreement.armies:
        raise AssessError([_none_shipped(unknown)], "The second coder's file")
    both = [army for army in shipped if army.army_id in coding]
    recoded = {army.army_id: _under(army, coding) for army in both}
    predictor = predictors.shipped()
    weighed = predictor.training.armies
    counted = [army for army in both if army in weighed]
    out = [holdout.sharing_men(army, weighed) for army in counted]
    first, second = predictor.recoded(counted, [recoded[army.army_id] for army in counted], out)
    chance = {army.army_id: (float(a), float(b)) for army, a, b in zip(counted, first, second, strict=True)}
    rows = [Recoded(army, _differs(army, coding), *chance.get(army.army_id, (None, None))) for army in both]
    effects = _effects(counted, recoded, first, second)
    of = predictor.weighed
    return SecondCoder(agreement, tuple(rows), effects, unknown, len(of.draws), of.posterior.digest)


def _none_shipped(unknown: dict[str, str | None]) -> Fault:
    name, meant = next(iter(unknown.items()), ("", None))
    allowed = "case_id of one or more of the shipped armies"
    return Fault("case_id", f"none that is shipped ({shown(name)} first)", allowed, "Correct the names", meant)


def _differs(army: CodedArmy, coding: Coding) -> tuple[Difference, ...]:
    """The codes that the second gave otherwise; one left open is none of them."""
    codes = coding[army.army_id]
    pairs = [(code, army.codes[code], codes.get(code)) for code in CODES]
    return tuple(Difference(*each) for each in pairs if each[2] is not None and each[1] != each[2])


def _under(army: CodedArmy, coding: Coding) -> CodedArmy:
    """The army as the second coder saw it."""
    return changed(army, **{each.code: each.there for each in _differs(army, coding)})


def _effects(
    armies: Sequence[CodedArmy], recoded: dict[str, CodedArmy], first: Numbers, second: Numbers
) -> dict[str, Effect]:
    """Scores of the model, and of the ridge logit taught by either coder's codes, on the armies that both coded."""
    known = [row for row, army in enumerate(armies) if army.collapse is not None]
    if not known:
        return {}
    y = np.array([bool(armies[row].collapse) for row in known])
    shipped = reader.shipped()
    other = [recoded.get(army.army_id, army) for army in shipped]
    at = [shipped.index(armies[row]) for row in known]
    ridge = [baselines.left_out(RIDGE, each)[at] for each in (shipped, other)]
    pairs = {"model": (first[known], second[known]), RIDGE: (ridge[0], ridge[1])}
    return {
        name: Effect(scoring.scored(one, y), scoring.scored(two, y), scoring.paired(two, one, y))
        for name, (one, two) in pairs.items()
    }
