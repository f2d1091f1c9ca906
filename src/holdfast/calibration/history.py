"""What history teaches a run: draws of the engine's parameters, and of the level of an army's resolve by its codes. [IO]

Draws are prefix-stable: draw `k` is the same however many are wanted, so that run `k` of an ensemble is the same whatever
the number of its runs. Nothing is run or fitted: armies are left out by weights.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np

from holdfast.calibration import holdout, outcome_model, posterior, simulations
from holdfast.calibration.holdout import TrainingSet
from holdfast.calibration.posterior import READINGS, Posterior
from holdfast.calibration.simulations import Floats
from holdfast.coded_armies import army, reader
from holdfast.coded_armies.army import CODES, FORETELLING, CodedArmy
from holdfast.core.faults import ScenarioError, unknown
from holdfast.core.params import walk
from holdfast.engine.mechanisms import front
from holdfast.stats import intervals

OF_RESOLVE = 101
"""Stream of the armies' own resolve: the last word of its seed."""
OF_BATTLES = 404
"""Stream of what battles teach, likewise."""
BATTLES = ("front.bound", "front.odds")
"""What battles and the months of a front teach, and armies do not: drawn from the declared priors, which hold it."""
NOBODY = CodedArmy("an-army-of-which-nothing-is-coded", dict.fromkeys(CODES), vantage=FORETELLING)
"""An army of which no code is known: any reading of it is as likely as among the armies of history."""


@dataclasses.dataclass(frozen=True)
class History:
    """Draws of what history teaches, without some armies."""

    parameters: tuple[Mapping[str, float], ...]
    """Values by path, one set a draw."""
    resolve: Floats
    """Mean of the men's resolve of each army that was asked for `[draw, army]` [nats]."""
    out: tuple[str, ...]
    """Names of the armies that taught nothing."""
    worth: float
    """How many equal draws the posterior without them is worth."""


def of_wars(names: Sequence[str]) -> frozenset[str]:
    """The armies that have to be left out where armies of history are run again: those of their wars.

    Args:
        names: names (`army_id`) of shipped armies.

    Returns:
        Names of the armies of their wars.
    """
    armies = army.independent(reader.whole_spans())
    every = {each.army_id: each for each in reader.whole_spans()}
    held = holdout.of_other_wars(TrainingSet(armies, armies), [every[name] for name in names])
    return frozenset(name for each in held for name in each.out)


def coded(name: str, place: str = "coded_army") -> CodedArmy:
    """A shipped army of history as it could be coded while its war went on, where a coder did so.

    Args:
        name: its name (`army_id`).
        place: where the name stands, for the error.

    Returns:
        The army: coded from the middle of its span, else over the whole of it.

    Raises:
        ScenarioError: if no army of the name is shipped.
    """
    every: dict[str, CodedArmy] = {}
    for each in reader.codings():
        if each.army_id not in every or each.vantage == FORETELLING:
            every[each.army_id] = each
    if name not in every:
        raise ScenarioError([unknown(place, name, "a shipped army (holdfast armies list)", every)])
    return every[name]


def draws(
    count: int, armies: Sequence[CodedArmy] = (), *, out: frozenset[str] = frozenset(), ended_by: dt.date | None = None,
    seed: int = 1,
) -> History:  # fmt: skip
    """Equal draws of the shipped posterior, and the level of resolve that it expects of some armies.

    An army's level is the mean of all armies, what its codes tell beyond their mechanisms, and what is its own:
    `outcome_model.leaning` and the spread between armies. Where its codes are noisy, each draw has another reading of them.

    Args:
        count: draws.
        armies: the armies of which a level is wanted.
        out: names of armies that may not have taught.
        ended_by: with a date, only the armies that had ended by it have taught.
        seed: of the resampling and of the armies' own resolve.

    Returns:
        The draws; draw `k` does not depend on their number.

    Raises:
        PosteriorError: if the shipped posterior cannot be read.
    """
    of = posterior.shipped()
    log_weight, left = _weights(of, out, ended_by)
    rows = intervals.evenly_resampled(log_weight, count, seed)
    scores = of.draws["none"][rows]
    inputs = scores[:, : len(of.paths)]
    layer = {name: np.asarray(value) for name, value in outcome_model.values(scores[:, len(of.paths) :]).items()}
    model = simulations.split(simulations.values(of.paths, inputs)).model
    model |= of_battles(count, seed)
    parameters = tuple({path: float(column[k]) for path, column in model.items()} for k in range(count))
    levels = [
        _levels(of, each, layer, np.random.default_rng((seed, place, OF_RESOLVE))) for place, each in enumerate(armies)
    ]
    return History(
        parameters, np.stack(levels, axis=1) if levels else np.empty((count, 0)), left,
        intervals.effective_size(log_weight),
    )  # fmt: skip


def of_battles(count: int, seed: int) -> dict[str, Floats]:
    """Draws of the front's laws as battles taught them: of their declared priors, one by one.

    Args:
        count: draws.
        seed: of the draws.

    Returns:
        Values by path `[draw]`; draw `k` does not depend on their number.
    """
    declared = dict(walk(front.Params(), "front."))
    return {
        path: np.clip(
            declared[path].prior.sample(count, np.random.default_rng((seed, place, OF_BATTLES))), *declared[path].bounds
        )
        for place, path in enumerate(BATTLES)
    }


def _weights(of: Posterior, out: frozenset[str], ended_by: dt.date | None) -> tuple[Floats, tuple[str, ...]]:
    """Log weights of the draws without some armies, and the names of those left out."""
    teachers = of.teachers(army.independent(reader.whole_spans()))
    late = ~holdout.ended_by(teachers, ended_by)
    gone = np.array([each.army_id in out for each in teachers]) | late
    return intervals.truncated(-(of.likelihood_of(teachers) @ gone)), tuple(
        each.army_id for each, left in zip(teachers, gone, strict=True) if left
    )


def _levels(of: Posterior, coded_army: CodedArmy, layer: Mapping[str, Floats], luck: np.random.Generator) -> Floats:
    """Mean resolve of an army under draws of the layer `[draw]`."""
    count = len(layer["resolve_mean"])
    readings = of.readings_of([coded_army])[0]
    # Neighbouring draws have readings far apart; none comes twice before all have come once.
    codes = readings[np.arange(count) * 5 % READINGS]
    leaning = np.asarray(outcome_model.leaning(layer, codes))  # type: ignore[arg-type]
    return np.asarray(layer["resolve_mean"] + leaning + layer["resolve_between"] * luck.normal(size=count))
