"""The posterior as a backtest uses it: told with some cases kept out, by weights or by runs. [IO]

All that a backtest asks of the inference stands here.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from holdfast.backtesting.holdout import Asked, Learnt
from holdfast.calibration import posterior as calibration_posterior
from holdfast.calibration import predictive, simulations
from holdfast.calibration.posterior import Posterior, Weighed
from holdfast.calibration.predictive import Predictions
from holdfast.calibration.simulations import Progress
from holdfast.coded_armies import reader
from holdfast.coded_armies.army import CodedArmy
from holdfast.core.faults import BacktestError, Fault

Columns = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Chances of collapse and of mass desertion, and exit rates, of some cases under every draw `[draw, case]`."""


@dataclasses.dataclass(frozen=True)
class Basis:
    """The draws of one model, whole or with a part taken out, weighed by the shipped cases that taught it."""

    posterior: Posterior
    learnt: Learnt
    weighed: Weighed
    seed: int = 1

    @property
    def recipe(self) -> dict[str, Any]:
        """How the posterior was made."""
        return self.posterior.recipe

    def effective(self, out: frozenset[str]) -> float:
        """Draws that the posterior without some cases is worth."""
        return self.weighed.effective(self._without(out))

    def together(self, names: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Chances of collapse and of mass desertion of some cases, told without any of them, draw by draw `[case, draw]`."""
        places = [self.learnt.ids.index(name) for name in names]
        rows = calibration_posterior.chosen(self._without(frozenset(names)), predictive.TOLD, self.seed)
        collapse, mass = self.weighed.chances
        return collapse[rows][:, places].T, mass[rows][:, places].T

    def told(self, asked: Sequence[Asked], workers: int, progress: Progress) -> Predictions:
        """Predictions of all, in their order. Raises `conduct.WorkerError` where a worker fails."""
        stands, runs = [one for one in asked if one.stands], [one for one in asked if not one.stands]
        parts = [self.weighs(stands)] if stands else []
        parts += [self.runs(runs, workers, progress)] if runs else []
        return predictive.joined(parts, [one.case.army_id for one in asked])

    def weighs(self, asked: Sequence[Asked], exits: bool = True) -> Predictions:
        """Shipped cases, also such as are coded otherwise: a matter of weights and of the surrogate, nothing is run.

        Without `exits` their rates are left NaN, which saves compiling.
        """
        cases = tuple(one.case for one in asked)
        rows = [
            calibration_posterior.chosen(
                self._without(one.out), predictive.TOLD, self.seed + self.learnt.ids.index(one.case.army_id)
            )
            for one in asked
        ]
        columns = self._columns(cases, exits)
        collapse, mass, rates = (np.stack([of[row, place] for place, row in enumerate(rows)]) for of in columns)
        return Predictions(cases, collapse, mass, rates, tuple(one.how for one in asked))

    def runs(self, asked: Sequence[Asked], workers: int, progress: Progress) -> Predictions:
        """Cases that have to be run; what was learnt from those kept out of them is taken off by weights."""
        parts = []
        for out in dict.fromkeys(one.out for one in asked):
            here = [one for one in asked if one.out == out]
            weighed = dataclasses.replace(self.weighed, log_weight=self._without(out))
            told = predictive.unseen(
                [one.case for one in here], self.posterior, weighed, workers=workers, progress=progress, seed=self.seed
            )  # fmt: skip
            parts.append(dataclasses.replace(told, taught=tuple(one.how for one in here)))
        return predictive.joined(parts, [one.case.army_id for one in asked])

    def _without(self, out: frozenset[str]) -> np.ndarray:
        if not out:
            return self.weighed.log_weight
        return self.weighed.leaving(np.array([name in out for name in self.learnt.ids]))

    def _columns(self, cases: Sequence[CodedArmy], exits: bool) -> Columns:
        """Columns of the cases: as shipped from what is kept, those coded otherwise by the surrogate anew."""
        places = [self.learnt.ids.index(case.army_id) for case in cases]
        collapse, mass = (of[:, places] for of in self.weighed.chances)
        rates = self._rates[:, places] if exits else np.full(collapse.shape, np.nan)
        other = [place for place, case in enumerate(cases) if not self.learnt.same(case)]
        if other:
            fresh = [cases[place] for place in other]
            draws, ablation = self.weighed.draws, self.weighed.ablation
            collapse[:, other], mass[:, other] = calibration_posterior.chances(self.posterior, fresh, draws, ablation)
            rates[:, other] = self._rates_of(fresh) if exits else np.nan
        return collapse, mass, rates

    @functools.cached_property
    def _rates(self) -> np.ndarray:
        return self._rates_of(self.learnt.cases)

    def _rates_of(self, cases: Sequence[CodedArmy]) -> np.ndarray:
        return calibration_posterior.rates(self.posterior, cases, self.weighed.draws, self.seed, self.weighed.ablation)


def posterior(file: str | Path | None) -> Posterior:
    """A posterior of a file, or the shipped one. Raises `BacktestError` where there is none."""
    try:
        return calibration_posterior.shipped() if file is None else calibration_posterior.load(Path(file))
    except calibration_posterior.PosteriorError as error:
        found = str(error).removesuffix(" Make one with holdfast calibrate.").rstrip(".")
        place = "the shipped posterior" if file is None else "--posterior"
        cure = "Make one with holdfast calibrate" + ("" if file is None else ", or leave --posterior away")
        fault = Fault(place, found, "a file of holdfast calibrate", cure)
        raise BacktestError([fault]) from error


def ablations(of: Posterior) -> list[str]:
    """The parts that can be taken out of the model by this posterior."""
    return [name for name in simulations.ABLATIONS if name != "none" and name in of.draws]


def lacking(of: Posterior) -> list[str]:
    """The parts that it holds no draws without."""
    return [name for name in simulations.ABLATIONS if name not in of.draws]


def basis(of: Posterior, ablation: str = "none", seed: int = 1) -> Basis:
    """The shipped cases, and the draws weighed by those that taught. Raises `BacktestError` where none did."""
    shipped = reader.shipped()
    taught = calibration_posterior.taught_by(of, shipped)
    if not taught:
        allowed = "a posterior that shipped cases taught"
        cure = "Make one with holdfast calibrate, or leave --posterior away"
        raise BacktestError([Fault("--posterior", "none of the shipped cases in it", allowed, cure)])
    return Basis(of, Learnt(shipped, taught), calibration_posterior.weigh(of, shipped, ablation=ablation), seed)
