"""The result of a backtest: chances of every army, scores of every model, and what to hold against them."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from holdfast.calibration.holdout import Holdout
from holdfast.calibration.predictor import Predictions
from holdfast.coded_armies.army import CodedArmy, Difference
from holdfast.core.results import Result
from holdfast.stats.intervals import P90, Estimate, mean_estimate, quantiles
from holdfast.stats.scoring import Numbers, Paired, Scored

OUTCOMES = ("collapse", "mass_desertion")
FIELDS = ("brier", "log", "auc")
"""The scores of a model."""
OWN, OWN_WAR = "holdfast", "holdfast_war"
FITTED = "_fitted"
"""Ends the key of every model that has seen the armies that it predicts."""

NAMES = {
    OWN: "Holdfast",
    "base_rate": "base rate",
    "five_sum": "sum of the essay's five",
    "ridge_essay": "logit on the essay's five",
    "ridge_others": "logit on the four others",
    "ridge_ten": "logit on all ten codes",
    "ridge_same": "logit of the same coder's codes",
    "essay_five": "with the essay's five only",
    "no_shock": "without operational shock",
    "no_bond": "without the bond",
    "no_swamping": "without pursuit swamped",
    "no_learning": "without each man's belief",
    "no_response": "without what a command does about a crisis",
    "ridge_no_shock": "logit on ten less shock",
    "ridge_eight": "logit on ten less shock, leader",
}
"""What a model is called, by its key; one with its whole war left out has `_war` at the end."""

PARTS = {
    "own": "",
    "baseline": "baselines",
    "ablation": "with a part taken out",
    "codes": "without doubtful codes",
    "war": "predicted without the whole war",
}
"""Groups of models, in the order in which they stand."""


def name(key: str) -> str:
    """What people read for a model's key.

    Args:
        key: the key, as `ridge_ten_war`.

    Returns:
        The name, as `logit on all ten codes; war left out`.
    """
    bare = key.removesuffix(FITTED)
    words = NAMES[bare.removesuffix("_war")] + ("; war left out" if bare.endswith("_war") else "")
    return f"{words} (fitted, seen)" if key.endswith(FITTED) else words


@dataclasses.dataclass(frozen=True)
class Model:
    """A model's chances of both outcomes."""

    key: str
    """Its key in JSON and tables."""
    part: str
    """Its group, one of `PARTS`."""
    chances: dict[str, Numbers]
    """By outcome `[army]`; NaN for an army that it does not predict."""
    orders: bool = True
    """Whether it tells armies apart at all; see `stats.scoring.scored`."""
    against: str = OWN
    """Which of Holdfast's own it is compared with; its own key for that itself."""

    @property
    def name(self) -> str:
        """What people read."""
        return name(self.key)


@dataclasses.dataclass(frozen=True)
class Effective:
    """Draws that a model's weights are worth."""

    smallest: float
    """The fewest over the armies left out."""
    median: float
    """The median over them."""
    whole: float
    """With none left out."""


@dataclasses.dataclass(frozen=True)
class Part:
    """Scores on some of the armies only."""

    why: str
    """Why these."""
    armies: int
    """How many they are."""
    scores: Mapping[str, Scored]
    """By model."""
    difference: Paired
    """Of the first model less the second."""


@dataclasses.dataclass(frozen=True)
class ExitScore:
    """Scores of exit rates, on the armies whose rate is known over a span long enough."""

    armies: int
    """How many they are."""
    coverage: Estimate
    """Share of the rates inside the predicted 90 % interval, with its own interval (Wilson) [1]."""
    error: Estimate
    """Median of the absolute log of predicted over coded rate [nats], with its bootstrap interval."""
    baseline_error: Estimate
    """The same of a baseline that predicts the median rate of the other armies."""
    nearer: int
    """Armies for which the model is nearer than the baseline."""


@dataclasses.dataclass(frozen=True)
class Pair:
    """Two armies that came to different ends; or one alone, that lost men in mass and stood again."""

    name: str
    """What people read."""
    held: str
    """The army that held."""
    broke: str | None
    """The army that broke; `None` for one alone."""
    reason: str
    """Why the two are a test."""


@dataclasses.dataclass(frozen=True)
class Half:
    """One army of a pair with its chances."""

    army: CodedArmy
    """The army."""
    collapse: Estimate
    """Chance of collapse with 90 %."""
    mass_desertion: Estimate
    """Chance of mass desertion with 90 %."""


@dataclasses.dataclass(frozen=True)
class PairResult:
    """What the model says of a pair, learnt without either of the two."""

    pair: Pair
    """The pair."""
    halves: tuple[Half, ...]
    """The army that held, and the one that broke."""
    differs: tuple[Difference, ...]
    """Codes in which they differ: of the one that held, and of the one that broke."""
    force_ratios: tuple[float | None, ...]
    """Own men to the enemy's, of each half."""
    right: bool
    """Whether the means are in the order that came; for one army alone, whether mass desertion has a chance above one half and
    collapse one below."""
    share: float
    """Share of the draws in which they are, a tie counted half [1]."""
    effective: float
    """Draws that the posterior without them is worth."""


@dataclasses.dataclass(frozen=True)
class CoderScores:
    """Scores on the armies of one coder, seen from one vantage. By the surrogate under all draws: nothing was run for them."""

    coder: str
    """The coder, as in `coded_armies.reader.shipped_by_coder`."""
    vantage: str
    """From when the armies were seen: `foretelling` or `explaining`."""
    further: bool
    """Whether these are the further armies of fresh coders; else they are the first coder's, under another coder's codes."""
    holdouts: tuple[Holdout, ...]
    """The armies that count for themselves, and how each is held out."""
    models: tuple[Model, ...]
    """The model, the base rate and the logits, as in `Backtest.models`."""
    counts: Mapping[str, npt.NDArray[np.bool_]]
    """Which armies are scored, by outcome `[army]`."""
    scores: Mapping[str, Mapping[str, Scored]]
    """By outcome and model."""
    differences: Mapping[str, Mapping[str, Paired]]
    """Scores of Holdfast less those of another model, by outcome and that model."""
    gap: Mapping[str, Estimate]
    """By score: Holdfast's on collapse here, less its own on the first coder's armies as that coder saw them."""

    @property
    def title(self) -> str:
        """Coder, vantage and armies in a line."""
        one = self.scores["collapse"][OWN]
        what = f"{one.cases} further armies" if self.further else f"the same {one.cases} armies"
        return f"{self.coder}, {self.vantage}: {what}, {one.happened} of which collapsed"

    @property
    def mean_chance(self) -> float:
        """Mean predicted chance of collapse [1]."""
        return float(self.models[0].chances["collapse"][self.counts["collapse"]].mean())

    def to_dict(self) -> dict[str, object]:
        """The set in plain values.

        Returns:
            Values by key, rounded to six digits.
        """
        return {
            "key": f"{self.coder}:{self.vantage}", "coder": self.coder, "vantage": self.vantage, "further": self.further,
            "title": self.title, "mean_p_collapse": _rounded(self.mean_chance),
            "scores": {outcome: {key: _values(one) for key, one in of.items()} for outcome, of in self.scores.items()},
            "intervals": {outcome: _intervals(of) for outcome, of in self.scores.items()},
            "differences": {
                outcome: [{"less": key, **_paired(each)} for key, each in of.items()]
                for outcome, of in self.differences.items()
            },
            "gap": {field: {"value": _rounded(one.value), "p05": _rounded(one.low), "p95": _rounded(one.high)}
                    for field, one in self.gap.items()},
            "armies": [
                {"army_id": one.army.army_id, "held_out": one.how, "without": sorted(one.out),
                 "collapse": one.army.collapse, "mass_desertion": one.army.mass_desertion,
                 "p_collapse": {m.key: _rounded(float(m.chances["collapse"][place])) for m in self.models}}
                for place, one in enumerate(self.holdouts)
            ],
        }  # fmt: skip


@dataclasses.dataclass(frozen=True, repr=False)
class Backtest(Result):
    """Everything that a backtest says; `[army]` in the order of `holdouts`."""

    PRESENTER = "holdfast.present.backtest_report"
    UNITS: ClassVar[Mapping[str, str]] = {
        "p_collapse": "1", "p_mass_desertion": "1", "exits_coded_per_1000_month": "1/1,000/month",
        **{f"exits_per_1000_month_{level}": "1/1,000/month" for level in P90},
    }  # fmt: skip

    holdouts: tuple[Holdout, ...]
    """The armies, and how each is held out."""
    predictions: Predictions
    """The model's."""
    models: tuple[Model, ...]
    """Every model, the model itself first."""
    counts: Mapping[str, npt.NDArray[np.bool_]]
    """Which armies are scored, by outcome `[army]`."""
    scores: Mapping[str, Mapping[str, Scored]]
    """By outcome and model; empty where no army can be scored."""
    differences: Mapping[str, Mapping[str, Paired]]
    """Scores of Holdfast less those of another model, by outcome and that model; see `Model.against`."""
    parts: tuple[Part, ...]
    """Scores of collapse where a doubtful code can tell nothing."""
    exits: ExitScore | None
    """Scores of exit rates; `None` where no rate is known."""
    pairs: tuple[PairResult, ...]
    """One army, two ends; empty for a file of armies."""
    effective: Mapping[str, Effective]
    """By model."""
    warnings: tuple[str, ...]
    """What to hold against the scores, the gravest first."""
    title: str
    """How many armies, and how they are predicted."""
    about: Mapping[str, object]
    """Posterior, seed and version."""
    coders: tuple[CoderScores, ...] = ()
    """Scores under other coders' codes, those on further armies first; empty for a file of armies."""

    @property
    def own(self) -> str:
        """The key of the model itself."""
        return self.models[0].key

    @property
    def in_sample(self) -> bool:
        """Whether the model has seen the armies that it predicts."""
        return self.own.endswith(FITTED)

    def intervals(self, outcome: str) -> list[Estimate]:
        """Chance of an outcome with its 90 % interval.

        Args:
            outcome: `collapse` or `mass_desertion`.

        Returns:
            An estimate for each army.
        """
        draws = self.predictions.p_collapse if outcome == "collapse" else self.predictions.p_mass_desertion
        return [mean_estimate(row) for row in draws]

    def rates(self) -> list[dict[str, float]]:
        """Exits per 1,000 men a month.

        Returns:
            `p05`, `p50` and `p95` for each army.
        """
        return [quantiles(row) for row in self.predictions.exits]

    def rows(self) -> Sequence[Mapping[str, object]]:
        """The table of armies.

        Returns:
            A row for each army, as under `armies` of `to_dict`.
        """
        both = [self.intervals(outcome) for outcome in OUTCOMES]
        columns = zip(self.holdouts, *both, self.rates(), strict=True)
        return [self._row(place, *row) for place, row in enumerate(columns)]

    def _row(
        self, place: int, holdout: Holdout, collapse: Estimate, mass: Estimate, rate: Mapping[str, float]
    ) -> dict[str, object]:
        army = holdout.army
        return {
            "army_id": army.army_id,
            "p_collapse": _rounded(collapse.value),
            "p_mass_desertion": _rounded(mass.value),
            "exits_per_1000_month": {level: _rounded(value, 4) for level, value in rate.items()},
            "collapse": army.collapse,
            "mass_desertion": army.mass_desertion,
            "exits_coded_per_1000_month": _rounded(army.exits_per_1000_month),
            "p_collapse_interval": {"p05": _rounded(collapse.low), "p95": _rounded(collapse.high)},
            "p_mass_desertion_interval": {"p05": _rounded(mass.low), "p95": _rounded(mass.high)},
            "army": army.army,
            "held_out": holdout.how,
            "scored": bool(self.counts["collapse"][place]),
            "models": {
                model.key: _rounded(float(model.chances["collapse"][place]))
                for model in self.models
                if model.key != self.own
            },
        }

    def to_dict(self) -> dict[str, object]:
        """Armies and scores in plain values, rounded to six digits; `docs/validation.md` explains what is scored.

        Returns:
            Values by key; what is not known is `None`.
        """
        scored: Mapping[str, Scored | None] = self.scores["collapse"] or dict.fromkeys(
            model.key for model in self.models
        )
        return {
            "title": self.title,
            "coders": [one.to_dict() for one in self.coders],
            "armies": list(self.rows()),
            "scores": {key: _values(each) for key, each in scored.items()},
            "intervals": {outcome: _intervals(of) for outcome, of in self.scores.items()},
            "scores_mass_desertion": {key: _values(each) for key, each in self.scores["mass_desertion"].items()},
            "differences": {outcome: _differences(self, outcome) for outcome in OUTCOMES},
            "parts": [_part(part) for part in self.parts],
            "exits": None if self.exits is None else _plain(dataclasses.asdict(self.exits)),
            "pairs": [_pair(each) for each in self.pairs],
            "effective_draws": {key: _plain(dataclasses.asdict(each)) for key, each in self.effective.items()},
            "models": {
                model.key: {"name": model.name, "part": PARTS[model.part] or "the model"} for model in self.models
            },
            "warnings": list(self.warnings),
            "about": dict(self.about),
        }


def _plain(value: object) -> object:
    """A value with its numbers rounded."""
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    return _rounded(value) if isinstance(value, float) else value


def _rounded(value: float | None, digits: int = 6) -> float | None:
    """A plain number, or `None` where there is none."""
    return None if value is None or not math.isfinite(value) else round(float(value), digits)


def _values(scored: Scored | None) -> dict[str, float | None]:
    return {field: None if scored is None else _rounded(getattr(scored, field).value) for field in FIELDS}


def _intervals(of: Mapping[str, Scored]) -> dict[str, object]:
    return {
        key: {field: {"p05": _rounded(getattr(each, field).low), "p95": _rounded(getattr(each, field).high)}
              for field in FIELDS}
        | {"armies": each.cases, "happened": each.happened}
        for key, each in of.items()
    }  # fmt: skip


def _part(part: Part) -> dict[str, object]:
    return {
        "why": part.why,
        "armies": part.armies,
        "scores": {key: _values(each) for key, each in part.scores.items()},
        "intervals": _intervals(part.scores),
        "difference": _paired(part.difference),
    }


def _paired(paired: Paired) -> dict[str, object]:
    return {
        field: {
            "value": _rounded(of.value), "p05": _rounded(of.low), "p95": _rounded(of.high),
            "better_in": _rounded(of.a_better),
        }
        for field in FIELDS
        for of in [getattr(paired, field)]
    }  # fmt: skip


def _differences(result: Backtest, outcome: str) -> list[dict[str, object]]:
    against = {model.key: model.against for model in result.models}
    return [{"model": against[key], "less": key, **_paired(each)} for key, each in result.differences[outcome].items()]


def _pair(of: PairResult) -> dict[str, object]:
    return {
        "name": of.pair.name,
        "reason": of.pair.reason,
        "armies": [
            {"army_id": half.army.army_id, "collapse": half.army.collapse,
             "p_collapse": _plain(dataclasses.asdict(half.collapse)),
             "p_mass_desertion": _plain(dataclasses.asdict(half.mass_desertion))}
            for half in of.halves
        ],
        "differs": [dataclasses.asdict(difference) for difference in of.differs],
        "force_ratios": list(of.force_ratios),
        "right": of.right,
        "share_of_draws": _rounded(of.share),
        "effective_draws": _rounded(of.effective),
    }  # fmt: skip
