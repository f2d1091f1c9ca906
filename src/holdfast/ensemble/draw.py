"""What a run has in place of what is not known: parameters, the level of each side's resolve, the rate of its losses."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypedDict

from holdfast.core.lazy import Lazy
from holdfast.core.units import Z90
from holdfast.scenario import loss_draws
from holdfast.scenario.schema import ScenarioDocument, Side

if TYPE_CHECKING:
    import numpy as np
else:
    np = Lazy("numpy")

HAND, EXITS, CODES, HISTORY = "by hand", "exits known before", "codes", "history at large"
"""Where a side's level of resolve is from."""
OF_LOSSES, OF_EXITS = 202, 303
"""Streams of random numbers, the last word of a seed: none is another's, and a zero would be no word at all."""
BATCH = 16
"""Runs side by side, and pilots, which share the program of runs of their grain: to compile one takes longer than such runs."""
TWIN_LOSSES = 1_000_003
"""Added to the number of a run for its twin's own losses: prime, so that a posterior's draws do not come round."""


class Draw(TypedDict):
    """What one run has in place of what is not known."""

    number: int
    """Its number; runs of one number differ in their luck, and a twin perhaps in its losses."""
    losses: int
    """Number by which the rate of losses, or the draw of a posterior of losses, is chosen."""
    parameters: Mapping[str, float]
    """Values by path that the scenario does not set itself."""
    resolve: Sequence[float]
    """Mean resolve of each side [nats]."""
    killed: Sequence[float]
    """Times the scenario's rate of killed, of each side [1]."""


def written(document: ScenarioDocument, draw: Draw) -> ScenarioDocument:
    """The scenario with a draw written in, which is then run like any other.

    Args:
        document: a checked scenario.
        draw: the draw.

    Returns:
        The scenario of one run, which takes nothing from a posterior any more.
    """
    document = loss_draws.of_run(document, draw["losses"])
    sides = [
        side.model_copy(
            update={
                "resolve": side.resolve.model_copy(update={"mean": level}),
                "killed_per_1000_month": (side.killed_per_1000_month or 0.0) * times,
            }
        )
        for side, level, times in zip(document.side, draw["resolve"], draw["killed"], strict=True)
    ]  # fmt: skip
    return document.model_copy(update={"side": sides, "parameters": {**draw["parameters"], **document.parameters}})


def source_of(side: Side) -> str:
    """Where a side's level of resolve is from.

    Args:
        side: the side.

    Returns:
        One of `HAND`, `EXITS`, `CODES`, `HISTORY`.
    """
    if side.resolve.mean is not None:
        return HAND
    if side.resolve.known_exits is not None:
        return EXITS
    return CODES if side.coded_army else HISTORY


def losses_uncertain(document: ScenarioDocument) -> bool:
    """Whether the rate of losses differs between draws.

    Args:
        document: a checked scenario.

    Returns:
        True where a side's losses are out of a posterior, or its rate is known only to a factor.
    """
    return any(side.killed_factor > 1 for side in document.side) or bool(loss_draws.used(document))


def twin_of(document: ScenarioDocument, draw: Draw, seed: int) -> Draw:
    """The draw of a run's twin, which tells luck from what is not known.

    Args:
        document: a checked scenario.
        draw: the run's draw.
        seed: of all draws.

    Returns:
        The same; of every second pair with other losses, where losses are uncertain.
    """
    # Pairs in turn: readings of codes go by the number too, and shall not go with the kind of twin.
    if draw["number"] // 2 % 2 == 0 or not losses_uncertain(document):
        return draw
    other = TWIN_LOSSES + draw["number"]
    return {**draw, "losses": other, "killed": killed(document, other, seed)}


def killed(document: ScenarioDocument, number: int, seed: int) -> list[float]:
    """How far the rate of killed of each side is off, in one draw.

    Args:
        document: a checked scenario.
        number: number of the draw of losses.
        seed: of all draws.

    Returns:
        Times the scenario's rate [1].
    """
    return [
        math.exp(math.log(side.killed_factor) / Z90 * np.random.default_rng((seed, place, number, OF_LOSSES)).normal())
        for place, side in enumerate(document.side)
    ]
