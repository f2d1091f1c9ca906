"""An army's chances at once, by the surrogate in place of runs: what a page shows while codes are being set.

The draws, their weights and the rule of holding out are those of `assess`. What differs is that nothing is run: the surrogate
learnt what runs give, and is a little off (`docs/validation.md` says by how much).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from holdfast.assessment.request import Request
from holdfast.assessment.run import NEAREST, Change, opinion
from holdfast.calibration import holdout, posterior
from holdfast.calibration import predictor as calibration_predictor
from holdfast.calibration.predictor import Predictor
from holdfast.coded_armies import army as coded
from holdfast.coded_armies import reader
from holdfast.coded_armies.army import CODES, LEVELS, CodedArmy, Neighbour
from holdfast.stats import intervals
from holdfast.stats.intervals import Estimate, mean_estimate

DRAWS = 400
"""Equal draws of an army's chances."""
CHANGE_DRAWS = 128
"""Equal draws under which codes are put otherwise."""


@dataclass(frozen=True)
class Approximation:
    """What the surrogate, a baseline and history say of one army."""

    p_collapse: Estimate
    """Chance of collapse, with what is not known of the parameters: 90 %."""
    p_mass_desertion: Estimate
    """Chance of mass desertion, likewise."""
    taught: bool
    """Whether a shipped army of its men teaches; it is then left out."""
    base_rate: Mapping[str, float]
    """Share of the armies that taught, by outcome."""
    ridge: Mapping[str, float]
    """What a ridge logit on the ten codes predicts, by outcome."""
    nearest: tuple[Neighbour, ...]
    """Past armies most like it."""
    worth: float
    """Draws of the posterior that its weights are worth, this army left out [1]."""


def approximate(wanted: Request, seed: int = 1) -> Approximation:
    """The chances of an army.

    Args:
        wanted: the army.
        seed: of resampling.

    Returns:
        Its chances, those of simpler models, and the armies most like it.

    Raises:
        PosteriorError: if the shipped posterior cannot be read.
    """
    predictor, army = calibration_predictor.shipped(), wanted.army
    out = holdout.sharing_men(army, predictor.training.armies)
    collapse, mass = _chances(predictor, [army], [army], out, draws=DRAWS, seed=seed)
    teachers = predictor.training.left(out)
    return Approximation(
        p_collapse=mean_estimate(collapse[:, 0]), p_mass_desertion=mean_estimate(mass[:, 0]),
        taught=bool(out.intersection(each.army_id for each in predictor.training.teachers)),
        base_rate=opinion("base_rate", army, teachers), ridge=opinion("ridge_ten", army, teachers),
        nearest=coded.neighbours(army, coded.independent(reader.shipped()), NEAREST), worth=predictor.effective(out),
    )  # fmt: skip


def changes(wanted: Request, seed: int = 1) -> tuple[Change, ...]:
    """What one code put otherwise would do, under the same draws.

    Args:
        wanted: the army.
        seed: of resampling.

    Returns:
        Every code at every other level, the greatest change of P(collapse) first.

    Raises:
        PosteriorError: if the shipped posterior cannot be read.
    """
    predictor, army = calibration_predictor.shipped(), wanted.army
    out = holdout.sharing_men(army, predictor.training.armies)
    moves = [(code, level) for code in CODES for level in LEVELS]  # its own among them: one shape, one program
    armies = [army, *(coded.changed(army, **{code: level}) for code, level in moves)]
    both = _chances(predictor, armies, [army] * len(armies), out, draws=CHANGE_DRAWS, seed=seed)
    collapse, mass = (of.astype(float) for of in both)
    every = [
        Change(
            code, army.codes[code], level, mean_estimate(collapse[:, row]), mean_estimate(collapse[:, row] - collapse[:, 0]),
            mean_estimate(mass[:, row] - mass[:, 0]),
        )
        for row, (code, level) in enumerate(moves, start=1) if level != army.codes[code]
    ]  # fmt: skip
    return tuple(sorted(every, key=lambda change: -abs(change.collapse.value)))


def _chances(
    predictor: Predictor, armies: Sequence[CodedArmy], as_coded: Sequence[CodedArmy], out: frozenset[str], *, draws: int,
    seed: int,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Chances of armies without what is held out, under equal draws `[draw, army]`."""
    weighed = predictor.weighed
    rows = intervals.resampled(predictor.log_weight(out), draws, seed)
    return posterior.chances(weighed.posterior, armies, weighed.draws[rows], weighed.ablation, as_coded)
