"""What a backtest tells: chances of every case, scores of every model, and what to hold against them."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from holdfast.backtesting.exits import ExitScore
from holdfast.backtesting.holdout import Asked
from holdfast.backtesting.models import FITTED, OUTCOMES, PARTS, Model
from holdfast.backtesting.pairs import Tested
from holdfast.stats.intervals import Estimate, mean_estimate, quantiles
from holdfast.stats.scoring import Paired, Scored

if TYPE_CHECKING:
    from holdfast.calibration.predictive import Predictions


FIELDS = ("brier", "log", "auc")


@dataclasses.dataclass(frozen=True)
class Effective:
    """Draws that a model's weights are worth: over the cases the fewest and the median, and given all."""

    smallest: float
    median: float
    whole: float


@dataclasses.dataclass(frozen=True)
class Part:
    """Scores on some of the cases only: why these, how many, and of which models."""

    why: str
    cases: int
    scores: Mapping[str, Scored]
    difference: Paired


@dataclasses.dataclass(frozen=True)
class Backtest:
    """Everything that a backtest found; `[case]` in the order of `asked`."""

    asked: tuple[Asked, ...]
    predictions: Predictions
    models: tuple[Model, ...]
    counts: Mapping[str, np.ndarray]
    """Which cases are scored, by outcome `[case]`."""
    scores: Mapping[str, Mapping[str, Scored]]
    """By outcome and model; empty where no case can be scored."""
    differences: Mapping[str, Mapping[str, Paired]]
    """Scores of Holdfast less those of another model, by outcome and that model; see `Model.against`."""
    parts: tuple[Part, ...]
    exits: ExitScore | None
    pairs: tuple[Tested, ...]
    effective: Mapping[str, Effective]
    """By model."""
    warnings: tuple[str, ...]
    title: str
    about: Mapping[str, Any]
    """Posterior, seed and version."""

    @property
    def own(self) -> str:
        """The key of the model itself."""
        return self.models[0].key

    @property
    def in_sample(self) -> bool:
        """Whether the model has seen the cases it tells."""
        return self.own.endswith(FITTED)

    def of_part(self, part: str) -> list[Model]:
        """The models of one group."""
        return [model for model in self.models if model.part == part]

    def intervals(self, outcome: str) -> list[Estimate]:
        """Chance of an outcome with its 90 % interval `[case]`."""
        draws = self.predictions.p_collapse if outcome == "collapse" else self.predictions.p_mass_desertion
        return [mean_estimate(row) for row in draws]

    def rates(self) -> list[dict[str, float]]:
        """Exits per 1,000 a month `[case]`."""
        return [quantiles(row) for row in self.predictions.exits]

    def as_json(self) -> dict[str, Any]:
        """Cases and scores for other programs; what is not known is null."""
        scored: Mapping[str, Scored | None] = self.scores["collapse"] or {one.key: None for one in self.models}
        return {
            "title": self.title,
            "cases": _cases(self),
            "scores": {key: _values(one) for key, one in scored.items()},
            "intervals": {outcome: _intervals(of) for outcome, of in self.scores.items()},
            "scores_mass_desertion": {key: _values(one) for key, one in self.scores["mass_desertion"].items()},
            "differences": {outcome: _differences(self, outcome) for outcome in OUTCOMES},
            "parts": [
                {"why": one.why, "cases": one.cases, "scores": {key: _values(of) for key, of in one.scores.items()},
                 "intervals": _intervals(one.scores), "difference": _paired(one.difference)}
                for one in self.parts
            ],
            "exits": None if self.exits is None else _plain(dataclasses.asdict(self.exits)),
            "pairs": [_pair(one) for one in self.pairs],
            "effective_draws": {key: _plain(dataclasses.asdict(one)) for key, one in self.effective.items()},
            "models": {model.key: {"name": model.name, "part": PARTS[model.part] or "the model"} for model in self.models},
            "warnings": list(self.warnings),
            "about": dict(self.about),
        }  # fmt: skip

    def write(self, folder: str | Path, *, figures: bool = True) -> Path:
        """Write `backtest.json`, tables, figures and a page into a folder, whole or not at all; give the page's path."""
        from holdfast.present import backtest_report

        return backtest_report.write(self, Path(folder), figures=figures)


def number(value: float | None, digits: int = 6) -> float | None:
    """A plain number, or `None` where there is none."""
    return None if value is None or not math.isfinite(value) else round(float(value), digits)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    return number(value) if isinstance(value, float) else value


def _cases(found: Backtest) -> list[dict[str, Any]]:
    both = [found.intervals(outcome) for outcome in OUTCOMES]
    made = []
    for place, (one, collapse, mass, rate) in enumerate(zip(found.asked, *both, found.rates(), strict=True)):
        case = one.case
        made.append(
            {
                "case_id": case.army_id,
                "p_collapse": number(collapse.value),
                "p_mass_desertion": number(mass.value),
                "exits_per_1000_month": {name: number(value, 4) for name, value in rate.items()},
                "collapse": case.collapse,
                "mass_desertion": case.mass_desertion,
                "exits_coded_per_1000_month": number(case.exits_per_1000_month),
                "p_collapse_interval": {"p05": number(collapse.low), "p95": number(collapse.high)},
                "p_mass_desertion_interval": {"p05": number(mass.low), "p95": number(mass.high)},
                "army": case.army,
                "kept_out": one.how,
                "scored": bool(found.counts["collapse"][place]),
                "models": {
                    model.key: number(float(model.told["collapse"][place]))
                    for model in found.models
                    if model.key != found.own
                },
            }
        )
    return made


def _values(one: Scored | None) -> dict[str, float | None]:
    return {field: None if one is None else number(getattr(one, field).value) for field in FIELDS}


def _intervals(of: Mapping[str, Scored]) -> dict[str, Any]:
    return {
        key: {field: {"p05": number(getattr(one, field).low), "p95": number(getattr(one, field).high)} for field in FIELDS}
        | {"cases": one.cases, "happened": one.happened}
        for key, one in of.items()
    }  # fmt: skip


def _paired(one: Paired) -> dict[str, Any]:
    return {
        field: {
            "value": number(of.value), "p05": number(of.low), "p95": number(of.high), "better_in": number(of.a_better)
        }
        for field in FIELDS
        for of in [getattr(one, field)]
    }  # fmt: skip


def _differences(found: Backtest, outcome: str) -> list[dict[str, Any]]:
    against = {model.key: model.against for model in found.models}
    return [{"model": against[key], "less": key, **_paired(one)} for key, one in found.differences[outcome].items()]


def _pair(one: Tested) -> dict[str, Any]:
    return {
        "name": one.test.name,
        "reason": one.test.reason,
        "cases": [
            {"case_id": half.case.army_id, "collapse": half.case.collapse,
             "p_collapse": _plain(dataclasses.asdict(half.collapse)),
             "p_mass_desertion": _plain(dataclasses.asdict(half.mass_desertion))}
            for half in one.halves
        ],
        "differs": [dataclasses.asdict(difference) for difference in one.differs],
        "force_ratios": list(one.force_ratios),
        "right": one.right,
        "share_of_draws": number(one.share),
        "effective_draws": number(one.effective),
    }  # fmt: skip
