"""Predictions for coded armies out of sample: left out by weights, or never seen and run. [IO]

A `Predictor` holds the weighed draws of one model and the rule of holding out; the backtest and the assessment ask it for all
that they need of the posterior.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from holdfast.calibration import outcome_model, posterior, simulations, surrogate
from holdfast.calibration.holdout import Holdout, TrainingSet
from holdfast.calibration.posterior import Posterior, Recipe, Weighed
from holdfast.calibration.simulations import Floats
from holdfast.coded_armies import army as coded_armies_army
from holdfast.coded_armies import reader
from holdfast.coded_armies.army import CodedArmy
from holdfast.parallel import Progress
from holdfast.stats import intervals

DRAWS = 48
"""Draws of the posterior under which an unseen army is run."""
LEVELS = 5
"""Levels of its own resolve at which it is run under each."""
EQUAL_DRAWS = 400
"""Equal draws of a prediction by weights."""


@dataclasses.dataclass(frozen=True)
class Predictions:
    """What is predicted of armies, under equal draws."""

    armies: tuple[CodedArmy, ...]
    """The armies."""
    p_collapse: Floats
    """Chance of the label 'collapse' under each draw `[army, draw]`: its mean is the prediction, its spread what is not known of
    the parameters."""
    p_mass_desertion: Floats
    """The same of the label 'mass desertion' `[army, draw]`."""
    exits: Floats
    """Gross exits by choice per 1,000 men a month as a historian would code them, errors of coding included `[army, draw]`."""
    how: tuple[str, ...] = ()
    """How each army was held out, one of `holdout.HOW`."""
    ends: Mapping[str, npt.NDArray[np.int32]] = dataclasses.field(default_factory=dict)
    """First day of each of `simulations.ENDS` in longer runs of the first army, from 0, -1 = never `[level, draw]`; empty where
    there are none."""

    def means(self) -> tuple[Floats, Floats]:
        """The predicted chances.

        Returns:
            P(collapse) and P(mass desertion) of each army `[army]`.
        """
        return self.p_collapse.mean(axis=1), self.p_mass_desertion.mean(axis=1)


def joined(parts: Sequence[Predictions], order: Sequence[str]) -> Predictions:
    """Predictions of several groups of armies as one; draws are cut to the fewest.

    Args:
        parts: the groups, no army in two of them.
        order: names of all armies, in the order that is wanted.

    Returns:
        Predictions in that order.
    """
    fewest = min(part.p_collapse.shape[1] for part in parts)
    rows = {army.army_id: (part, index) for part in parts for index, army in enumerate(part.armies)}
    of = lambda name: np.stack(  # noqa: E731
        [_spaced(getattr(rows[army][0], name)[rows[army][1]], fewest) for army in order]
    )
    return Predictions(
        tuple(rows[army][0].armies[rows[army][1]] for army in order), of("p_collapse"), of("p_mass_desertion"),
        of("exits"), tuple(rows[army][0].how[rows[army][1]] for army in order),
    )  # fmt: skip


def _spaced(draws: Floats, count: int) -> Floats:
    """As many of the draws, evenly spaced."""
    return draws[np.linspace(0, len(draws) - 1, count).round().astype(int)]


@dataclasses.dataclass(frozen=True)
class Predictor:
    """The draws of one model, whole or with a part taken out, weighed by the armies that taught it."""

    training: TrainingSet
    """The armies that were weighed, and those that taught."""
    weighed: Weighed
    """The weighed draws."""
    seed: int = 1
    """Of resampling, runs and errors of coding."""

    @property
    def recipe(self) -> Recipe:
        """How the posterior was made."""
        return self.weighed.posterior.recipe

    def log_weight(self, out: frozenset[str]) -> Floats:
        """Log weights of the draws without some armies.

        Args:
            out: their names.

        Returns:
            Normalised log weights `[draw]`.
        """
        return self.weighed.leaving(self.training.mask(out))

    def effective(self, out: frozenset[str]) -> float:
        """How many equal draws the posterior without some armies is worth.

        Args:
            out: their names.

        Returns:
            Draws.
        """
        return intervals.effective_size(self.log_weight(out))

    def jointly(self, names: Sequence[str]) -> tuple[Floats, Floats]:
        """Chances of some armies, predicted without any of them, draw by draw.

        Args:
            names: names of shipped armies.

        Returns:
            P(collapse) and P(mass desertion) `[army, draw]`.
        """
        places = [self.training.ids.index(name) for name in names]
        rows = intervals.resampled(self.log_weight(frozenset(names)), EQUAL_DRAWS, self.seed)
        collapse, mass = self.weighed.chances
        return collapse[rows][:, places].T, mass[rows][:, places].T

    def predict(self, holdouts: Sequence[Holdout], workers: int, progress: Progress) -> Predictions:
        """Predictions of armies, each without what is held out.

        Args:
            holdouts: the armies; no name twice.
            workers: processes for those that have to be run.
            progress: hears of the runs.

        Returns:
            Predictions in their order.

        Raises:
            WorkerError: if a worker ends before its work is done.
        """
        weighed = [each for each in holdouts if each.by_weights]
        runs = [each for each in holdouts if not each.by_weights]
        parts = [self.by_weights(weighed)] if weighed else []
        for out in dict.fromkeys(each.out for each in runs):
            group = [each for each in runs if each.out == out]
            armies = [each.army for each in group]
            predictions = self.by_runs(armies, out, DRAWS, workers=workers, progress=progress)
            parts.append(dataclasses.replace(predictions, how=tuple(each.how for each in group)))
        return joined(parts, [each.army.army_id for each in holdouts])

    def by_weights(self, holdouts: Sequence[Holdout], exits: bool = True) -> Predictions:
        """Predictions of shipped armies, also of such as are coded otherwise, by weights and the surrogate: nothing is run.

        Args:
            holdouts: armies of shipped names, all codes known.
            exits: whether rates of exit are wanted; NaN without, which saves compiling.

        Returns:
            Predictions in their order, `EQUAL_DRAWS` draws each.
        """
        armies = tuple(each.army for each in holdouts)
        rows = [
            intervals.resampled(self.log_weight(each.out), EQUAL_DRAWS, self.seed + self.training.place(each.army))
            for each in holdouts
        ]
        columns = self._columns(armies, exits)
        collapse, mass, rates = (np.stack([of[row, place] for place, row in enumerate(rows)]) for of in columns)
        return Predictions(armies, collapse, mass, rates, tuple(each.how for each in holdouts))

    def by_runs(
        self, armies: Sequence[CodedArmy], out: frozenset[str], draws: int, *, workers: int, progress: Progress,
        as_coded: Sequence[CodedArmy] | None = None, days: int | None = None,
    ) -> Predictions:  # fmt: skip
        """Predictions of armies that have to be run; what was learnt from those held out is taken off by weights.

        Args:
            armies: the armies.
            out: names of the shipped armies that are left out.
            draws: draws of the posterior under which each is run.
            workers: processes.
            progress: hears of the runs.
            as_coded: as in `unseen`.
            days: as in `unseen`.

        Returns:
            Predictions in their order.

        Raises:
            WorkerError: if a worker ends before its work is done.
        """
        weighed = dataclasses.replace(self.weighed, log_weight=self.log_weight(out))
        return unseen(
            armies, weighed, draws=draws, workers=workers, progress=progress, seed=self.seed, as_coded=as_coded, days=days
        )  # fmt: skip

    def recoded(
        self, armies: Sequence[CodedArmy], other: Sequence[CodedArmy], out: Sequence[frozenset[str]]
    ) -> tuple[Floats, Floats]:
        """P(collapse) of armies as they are and with other codes, each without what is held out.

        Both under all draws and the same weights (`weighted`): nothing but the codes differs.

        Args:
            armies: coded armies, all codes known.
            other: the same with other codes.
            out: names of the armies that are left out of each.

        Returns:
            Chances as they are, and with other codes `[army]`.
        """
        mean, _ = self.weighted([*armies, *other], [*out, *out])
        return mean[: len(armies)], mean[len(armies) :]

    def weighted(self, armies: Sequence[CodedArmy], out: Sequence[frozenset[str]]) -> tuple[Floats, Floats]:
        """Chances of armies under any codes, shipped or not, each without what is held out.

        By the surrogate, which is smooth, under all draws by their weights: nothing is run, drawn or fitted.

        Args:
            armies: coded armies, all codes known.
            out: names of the shipped armies that are left out of each.

        Returns:
            P(collapse) and P(mass desertion), means over the draws `[army]`.
        """
        if not armies:
            return np.empty(0), np.empty(0)
        of = self.weighed
        both = posterior.chances(of.posterior, armies, of.draws, of.ablation)
        weights = {names: np.exp(self.log_weight(names)) for names in dict.fromkeys(out)}
        weight = np.stack([weights[names] for names in out])
        weight = weight / weight.sum(axis=1, keepdims=True)
        collapse, mass = (np.clip((weight * chance.T.astype(float)).sum(axis=1), 0, 1) for chance in both)
        return collapse, mass

    def _columns(self, armies: Sequence[CodedArmy], exits: bool) -> tuple[Floats, Floats, Floats]:
        """Chances and rates `[draw, army]`: as shipped from what is weighed, those coded otherwise by the surrogate anew."""
        places = [self.training.place(army) for army in armies]
        collapse, mass = (of[:, places] for of in self.weighed.chances)
        rates = self._rates[:, places] if exits else np.full(collapse.shape, np.nan)
        other = [place for place, army in enumerate(armies) if not self.training.same_codes(army)]
        if other:
            fresh, of = [armies[place] for place in other], self.weighed
            collapse[:, other], mass[:, other] = posterior.chances(of.posterior, fresh, of.draws, of.ablation)
            rates[:, other] = self._rates_of(fresh) if exits else np.nan
        return collapse, mass, rates

    @functools.cached_property
    def _rates(self) -> Floats:
        return self._rates_of(self.training.armies)

    def _rates_of(self, armies: Sequence[CodedArmy]) -> Floats:
        of = self.weighed
        return posterior.rates(of.posterior, armies, of.draws, self.seed, of.ablation)


def predictor(of: Posterior, armies: Sequence[CodedArmy], ablation: str = "none", seed: int = 1) -> Predictor:
    """The predictor of a posterior.

    Args:
        of: the posterior.
        armies: shipped armies, those that taught among them.
        ablation: the part of the model that is out.
        seed: of resampling, runs and errors of coding.

    Returns:
        The draws, weighed by those of the armies that taught.
    """
    training = TrainingSet(tuple(armies), of.teachers(armies))
    return Predictor(training, posterior.weigh(of, armies, ablation=ablation), seed)


@functools.cache
def shipped() -> Predictor:
    """The predictor of the shipped posterior, by all shipped armies that count for themselves.

    Returns:
        It, weighed once; another seed is put in by `dataclasses.replace`.

    Raises:
        PosteriorError: if the shipped posterior cannot be read.
    """
    return predictor(posterior.shipped(), coded_armies_army.independent(reader.whole_spans()))


def unseen(
    armies: Sequence[CodedArmy], weighed: Weighed, *, workers: int, progress: Progress, draws: int = DRAWS, seed: int = 1,
    folder: Path | None = None, as_coded: Sequence[CodedArmy] | None = None, days: int | None = None,
) -> Predictions:  # fmt: skip
    """Predictions of armies that the posterior was not taught by: they are run under its draws, nothing is fitted.

    Each draw has a reading of its own of what the codes may truly have been; one that is not known may be anything. Armies of
    one name have one luck and their readings one order, so that two versions of an army can be compared.

    Args:
        armies: the armies. An army of the name of one that taught is not unseen; the caller holds it out.
        weighed: the weighed draws.
        workers: processes.
        progress: hears of the runs.
        draws: equal draws of the posterior under which each army is run.
        seed: of the resampling and of errors of coding.
        folder: where runs are stored as they are done; nowhere unless given.
        as_coded: the armies whose codes tell of resolve beyond their mechanisms; the armies themselves unless given. To say what
            a change would do, give the unchanged army: what merely goes together with a code does not come with a change of it.
        days: if given, the first army is also run alone for so many days, under the same draws and with the same luck, to see
            when it ends; these runs are never stored [d].

    Returns:
        Predictions in the order of the armies.

    Raises:
        WorkerError: if a worker ends before its work is done.
    """
    rows = intervals.resampled(weighed.log_weight, draws, seed)
    layer = outcome_model.values(weighed.layer[rows])
    job = _job(armies, weighed, rows, as_coded or armies)
    ends: dict[str, npt.NDArray[np.int32]] = {}
    if days is None:
        runs = simulations.table(job, folder, workers=workers, progress=progress)
    else:
        runs, first = simulations.table_and_ends(job, simulations.alone(job, days), workers=workers, progress=progress)
        ends = dict(zip(simulations.ENDS, first[:, 0].T, strict=True))
    seen = surrogate.features(runs)
    wide = {name: value[:, None, None] for name, value in layer.items()}
    collapse, mass = (np.asarray(p).mean(axis=2).T for p in outcome_model.chances(wide, np.asarray(seen)))  # type: ignore[arg-type]
    generator = np.random.default_rng(seed)
    error = generator.standard_t(outcome_model.TAIL, (draws, len(armies))) * layer["exits_error"][:, None]
    level = generator.integers(0, LEVELS, (draws, len(armies)))
    exits = np.take_along_axis(seen[..., outcome_model.EXITS], level[..., None], axis=2)[..., 0]
    of_draw = {name: value[:, None] for name, value in layer.items()}
    exits = np.exp(np.asarray(outcome_model.coded_log_rate(of_draw, exits)) + error).T  # type: ignore[arg-type]
    return Predictions(tuple(armies), collapse, mass, exits, ("never seen",) * len(armies), ends)


def _job(
    armies: Sequence[CodedArmy], weighed: Weighed, rows: npt.NDArray[np.integer], as_coded: Sequence[CodedArmy]
) -> simulations.Job:  # fmt: skip
    """The runs of armies under some draws, at levels of resolve that stand for the spread between armies."""
    of = weighed.posterior
    layer = outcome_model.values(weighed.layer[rows])
    deviates = np.array([NormalDist().inv_cdf((k + 0.5) / LEVELS) for k in range(LEVELS)])
    # Each draw has a reading of its own of every army's codes.
    codes = of.readings_of(armies, len(rows)).swapaxes(0, 1)
    by_codes = codes if as_coded is armies else of.readings_of(as_coded, len(rows)).swapaxes(0, 1)
    wide = {name: value[:, None] for name, value in layer.items()}
    leaning = np.asarray(outcome_model.leaning(wide, by_codes))
    middle = np.asarray(layer["resolve_mean"][:, None] + leaning)[..., None]
    level = np.clip(middle + layer["resolve_between"][:, None, None] * deviates, *simulations.RESOLVE)
    return simulations.Job(
        inputs=simulations.values(of.paths, weighed.inputs[rows]), codes=codes, resolve=level,
        force_ratio=simulations.coded_arrays(armies)[1], seed=int(of.recipe["seed"]),
        luck=(simulations.luck_of(armies)[None] + 7919 * np.arange(len(rows))[:, None]) & 0xFFFFFF,
    )  # fmt: skip
