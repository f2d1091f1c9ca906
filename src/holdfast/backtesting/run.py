"""The backtest from end to end: who is asked, what each model tells, how good that was. [IO]"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from holdfast.backtesting import caveats, exits, holdout, model_scores, models, pairs, posterior_adapter
from holdfast.backtesting.holdout import Asked
from holdfast.backtesting.models import FITTED, OUTCOMES, OWN, OWN_WAR, Model
from holdfast.backtesting.posterior_adapter import Basis
from holdfast.backtesting.result import Backtest, Effective
from holdfast.calibration.predictive import Predictions
from holdfast.calibration.simulations import Progress
from holdfast.coded_armies import reader
from holdfast.coded_armies.army import CodedArmy
from holdfast.core import runtime

WEIGHING = "weighing the draws"


def backtest(
    cases: str | Path | Sequence[CodedArmy] | None = None,
    *,
    leave_one_out: bool = True,
    posterior: str | Path | None = None,
    workers: int | None = None,
    progress: Progress = lambda done, total, what: None,
    seed: int = 1,
) -> Backtest:
    """Tell every case by what is learnt from others, and score it beside its rivals.

    **Arguments:** `cases` is a file of coded cases or the cases themselves; the shipped ones unless given. A shipped
    case is left out of what tells it; one that was never seen is told by the posterior as it stands, and run for that
    by `workers` processes. `leave_one_out` false tells shipped cases by a posterior that has seen them. `posterior` is
    a file of `holdfast calibrate`; the shipped one unless given.

    **Raises:** `ArmiesError` and `BacktestError` with every fault; `conduct.WorkerError` where a worker fails.
    """
    wanted = reader.read(cases) if isinstance(cases, str | Path) else cases
    of = posterior_adapter.posterior(posterior)
    ablations = posterior_adapter.ablations(of) if wanted is None else []
    told = _Weighing(progress, 1 + len(ablations))
    basis = posterior_adapter.basis(of, "none", seed)
    told.step()
    every = holdout.asked(basis.learnt, reader.shipped() if wanted is None else wanted, leave_one_out)
    predictions = basis.told(every, workers or runtime.cores(), progress)
    suffix = "" if leave_one_out else FITTED
    own = OWN + suffix
    found = [Model(own, "own", _means(predictions), against=own)]
    found += models.all_rivals(every, basis.learnt.teachers, suffix, against=own)
    effective = {own: _effective(basis, every)}
    for ablation in ablations:
        less = posterior_adapter.basis(of, ablation, seed)
        found.append(Model(ablation + suffix, "ablation", _means(less.weighs(every, exits=False)), against=own))
        effective[ablation + suffix] = _effective(less, every)
        told.step()
    if wanted is None and leave_one_out:
        made, worth = _wars(basis, every)
        found += made
        effective[OWN_WAR] = worth
    found.sort(key=lambda model: list(models.PARTS).index(model.part))
    found = model_scores.fair(found, "no_shock" + suffix)
    counts = {outcome: model_scores.counts(every, outcome) for outcome in OUTCOMES}
    made_of = Backtest(
        asked=every,
        predictions=predictions,
        models=tuple(found),
        counts=counts,
        scores={outcome: model_scores.scores_of(found, every, counts[outcome], outcome) for outcome in OUTCOMES},
        differences={outcome: model_scores.differences(found, every, counts[outcome], outcome) for outcome in OUTCOMES},
        parts=model_scores.parts(found, every, counts["collapse"], own),
        exits=exits.scored(every, predictions.exits, basis.learnt.teachers, [one.case.independent for one in every]),
        pairs=pairs.answers(basis) if wanted is None else (),
        effective=effective,
        warnings=(),
        title=_title(every, leave_one_out),
        about={
            "posterior": of.digest[:16],
            "posterior_file": str(posterior) if posterior else "shipped",
            "recipe": {name: value for name, value in of.recipe.items() if name not in ("checks", "screened")},
            "taught": len(basis.learnt.teachers),
            "leave_one_out": leave_one_out,
            "seed": seed,
            "holdfast_version": runtime.version(),
        },
    )
    return dataclasses.replace(
        made_of, warnings=tuple(_warnings(made_of, basis, wanted is None, posterior_adapter.lacking(of)))
    )


class _Weighing:
    """Counts the tables that are weighed."""

    def __init__(self, progress: Progress, total: int) -> None:
        self.progress, self.total, self.done = progress, total, 0
        progress(0, total, WEIGHING)

    def step(self) -> None:
        self.done += 1
        self.progress(self.done, self.total, WEIGHING)


def _means(predictions: Predictions) -> dict[str, np.ndarray]:
    return dict(zip(OUTCOMES, predictions.mean(), strict=True))


def _spread(values: np.ndarray, places: Sequence[int], count: int) -> np.ndarray:
    told = np.full(count, np.nan)
    told[list(places)] = values
    return told


def _wars(basis: Basis, every: Sequence[Asked]) -> tuple[list[Model], Effective]:
    """The model and its rivals, each case told without its whole war."""
    row = {one.case.army_id: place for place, one in enumerate(every)}
    out = holdout.war_out(basis.learnt)
    places = [row[one.case.army_id] for one in out]
    means = _means(basis.weighs(out, exits=False))
    made = [Model(OWN_WAR, "war", means, against=OWN)]
    made += models.all_rivals(out, basis.learnt.teachers, "_war", "war", against=OWN_WAR)
    wide = lambda told: {outcome: _spread(of, places, len(every)) for outcome, of in told.items()}  # noqa: E731
    return [dataclasses.replace(model, told=wide(model.told)) for model in made], _effective(basis, out)


def _effective(basis: Basis, every: Sequence[Asked]) -> Effective:
    whole = basis.effective(frozenset())
    worth = [basis.effective(out) for out in dict.fromkeys(one.out for one in every if one.case.independent)]
    return Effective(min(worth, default=whole), float(np.median(worth or [whole])), whole)


def _title(every: Sequence[Asked], leave_one_out: bool) -> str:
    """How many cases, and how they were told, in a line."""
    new = sum(one.how == holdout.UNSEEN for one in every)
    known = len(every) - new
    told = []
    if known and not leave_one_out:
        told = [f"fitted, seen: {known} cases, told by a posterior that learnt from the shipped ones among them"]
    elif known:
        others = sum(one.how == holdout.WAR_OUT for one in every)
        told = [f"{known - others} cases that count for themselves, each told without itself"] * (known > others)
        told += [f"{others} others, each told without its war"] * bool(others)
    if new:
        told.append(f"{new} cases never seen")
    said = "; ".join(told)
    return said[:1].upper() + said[1:]


def _warnings(found: Backtest, basis: Basis, shipped: bool, lacking: Sequence[str]) -> Iterable[str]:
    """What stands beside the scores, the gravest first."""
    left_out = any(one.out for one in found.asked)
    own = found.scores["collapse"].get(found.own)
    told = [
        caveats.rehearsal(basis.recipe),
        caveats.FITTED if found.in_sample and any(one.how == holdout.FITTED for one in found.asked) else None,
        caveats.CODES,
        caveats.DOUBTFUL,
        caveats.LEADER if shipped else None,
        caveats.auc_error(own) if own else caveats.UNSCORED,
        caveats.draws(found.effective[found.own], left_out),
        caveats.same_wars(found.asked, basis.learnt),
        None if shipped else caveats.OF_FILE,
        _missing(lacking) if shipped else None,
    ]
    return [one for one in told if one]


def _missing(lacking: Sequence[str]) -> str | None:
    if not lacking:
        return None
    return f"This posterior holds no draws of Holdfast {', '.join(models.name(name) for name in lacking)}."
