"""Predictions for coded armies: left out of what taught the posterior, or never seen at all. [IO]"""

from __future__ import annotations

import dataclasses
import tempfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from statistics import NormalDist

import numpy as np

from holdfast.calibration import outcome_model, posterior, screening, simulations, surrogate
from holdfast.calibration.posterior import Posterior, Weighed
from holdfast.coded_armies.army import CODES, CodedArmy, array

DRAWS = 48
"""Draws of the posterior under which an unseen army is run."""
LEVELS = 5
"""Levels of its own resolve at which it is run under each."""
TOLD = 400
"""Draws that a prediction by weights is told by."""


@dataclasses.dataclass(frozen=True)
class Predictions:
    """What is foretold of armies, `[case, draw]` each; the draws are equal."""

    cases: tuple[CodedArmy, ...]
    p_collapse: np.ndarray
    """Chance of the label 'collapse' under each draw: its mean is the prediction, its spread what is not known of the
    parameters."""
    p_mass_desertion: np.ndarray
    exits: np.ndarray
    """Gross exits by choice per 1,000 men a month as a historian would code them, errors of coding included."""
    taught: tuple[str, ...] = ()
    """How each case was kept out of what taught: 'left out' or 'never seen'."""

    def mean(self) -> tuple[np.ndarray, np.ndarray]:
        """P(collapse) and P(mass desertion) of each case."""
        return self.p_collapse.mean(axis=1), self.p_mass_desertion.mean(axis=1)


def joined(parts: Sequence[Predictions], order: Sequence[str]) -> Predictions:
    """Predictions of several groups of cases as one, in the order of the case names; draws are cut to the fewest."""
    fewest = min(part.p_collapse.shape[1] for part in parts)
    rows = {case.army_id: (part, index) for part in parts for index, case in enumerate(part.cases)}
    of = lambda name: np.stack(  # noqa: E731
        [_spaced(getattr(rows[case][0], name)[rows[case][1]], fewest) for case in order]
    )
    return Predictions(
        tuple(rows[case][0].cases[rows[case][1]] for case in order), of("p_collapse"), of("p_mass_desertion"),
        of("exits"), tuple(rows[case][0].taught[rows[case][1]] for case in order),
    )  # fmt: skip


def _spaced(values: np.ndarray, count: int) -> np.ndarray:
    """As many of the draws, evenly spaced."""
    return values[np.linspace(0, len(values) - 1, count).round().astype(int)]


def left_out(weighed: Weighed, groups: Sequence[str], seed: int = 1) -> Predictions:
    """Every case by what is learnt from all but its group: its own name, or its war."""
    names = np.array(groups)
    collapse, mass = weighed.chances
    rate = posterior.rates(weighed.posterior, weighed.cases, weighed.draws, seed, weighed.ablation)
    rows = [posterior.chosen(weighed.leaving(names == group), TOLD, seed + index) for index, group in enumerate(groups)]
    of = lambda table: np.stack([table[row, index] for index, row in enumerate(rows)])  # noqa: E731
    return Predictions(weighed.cases, of(collapse), of(mass), of(rate), ("left out",) * len(weighed.cases))


def fitted(weighed: Weighed, seed: int = 1) -> Predictions:
    """Every case by what is learnt from all cases, itself among them: no prediction, a fit."""
    rows = posterior.chosen(weighed.log_weight, TOLD, seed)
    collapse, mass = weighed.chances
    rate = posterior.rates(weighed.posterior, weighed.cases, weighed.draws, seed, weighed.ablation)
    return Predictions(weighed.cases, collapse[rows].T, mass[rows].T, rate[rows].T, ("seen",) * len(weighed.cases))


def unseen(
    cases: Sequence[CodedArmy], of: Posterior, weighed: Weighed, *, workers: int, progress: simulations.Progress,
    draws: int = DRAWS, seed: int = 1, folder: Path | None = None, luck: np.ndarray | None = None,
    as_coded: Sequence[CodedArmy] | None = None,
) -> Predictions:  # fmt: skip
    """Armies that the posterior was not taught by: run under its draws, nothing is fitted.

    A code that is not known is drawn from those of the shipped cases, anew in each draw. Cases of the same name as one
    that taught are not unseen; the caller keeps them apart. `luck` gives each case a number of its own choice (its name's
    unless given), so that two versions of an army can be run with the same luck. `as_coded` are
    the armies whose codes tell of resolve beyond their mechanisms (themselves, unless given): to ask what a change would
    do, give the unchanged army, since what merely goes together with a code does not come with a change of it.
    """
    rows = posterior.chosen(weighed.log_weight, draws, seed)
    job = _job_for(cases, of, weighed, rows, seed, luck, as_coded)
    with tempfile.TemporaryDirectory() as scratch:
        runs = simulations.make(job, folder or Path(scratch), workers, progress, "running armies")
    seen = surrogate.features(runs)
    layer = {
        name: np.asarray(value)[:, None, None] for name, value in outcome_model.values(weighed.layer[rows]).items()
    }
    collapse, mass = (np.asarray(p).mean(axis=2).T for p in outcome_model.chances(layer, np.asarray(seen)))
    generator = np.random.default_rng(seed)
    error = generator.standard_t(outcome_model.TAIL, (draws, len(cases))) * layer["exits_error"][:, :, 0]
    level = generator.integers(0, LEVELS, (draws, len(cases)))
    exits = np.take_along_axis(seen[..., outcome_model.EXITS], level[..., None], axis=2)[..., 0]
    exits = np.exp(exits + layer["exits_bias"][:, :, 0] + error).T
    return Predictions(tuple(cases), collapse, mass, exits, ("never seen",) * len(cases))


def _job_for(
    cases: Sequence[CodedArmy],
    of: Posterior,
    weighed: Weighed,
    rows: np.ndarray,
    seed: int,
    luck: np.ndarray | None,
    as_coded: Sequence[CodedArmy] | None,
) -> simulations.Job:
    """The runs of some cases under some draws, at levels of resolve that stand for the spread between armies."""
    layer = {name: np.asarray(value) for name, value in outcome_model.values(weighed.layer[rows]).items()}
    deviates = np.array([NormalDist().inv_cdf((k + 0.5) / LEVELS) for k in range(LEVELS)])
    codes = filled(cases, weighed.cases, len(rows), seed)
    told = codes if as_coded is None else filled(as_coded, weighed.cases, len(rows), seed)
    leaning = np.asarray(outcome_model.leaning({name: value[:, None] for name, value in layer.items()}, told))
    level = (layer["resolve_mean"][:, None] + leaning)[..., None]
    level = np.clip(level + layer["resolve_between"][:, None, None] * deviates, *simulations.RESOLVE)
    return simulations.Job(
        inputs=screening.values(of.paths, weighed.inputs[rows]),
        codes=codes,
        force_ratio=simulations.coded_arrays(cases)[1],
        resolve=level,
        luck=((simulations.luck_of(cases) if luck is None else luck)[None] + 7919 * np.arange(len(rows))[:, None])
        & 0xFFFFFF,
        seed=int(of.recipe["seed"]),
    )


def filled(cases: Sequence[CodedArmy], taught: Sequence[CodedArmy], draws: int, seed: int) -> np.ndarray:
    """Codes of the cases `[draw, case, 10]`; one that is not known is drawn from the taught cases' codes."""
    made = np.broadcast_to(array(cases), (draws, len(cases), len(CODES))).copy()
    known = array(taught)
    for row, case in enumerate(cases):
        for column, code in enumerate(CODES):
            if case.codes[code] is None:
                generator = np.random.default_rng((seed, column, zlib.crc32(case.army_id.encode())))
                pool = known[:, column]
                made[:, row, column] = generator.choice(pool[np.isfinite(pool)], draws)
    return made
