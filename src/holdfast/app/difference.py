"""What a viewer's pulls do, and how sure that is: a small ensemble of pairs, each with and without them. [IO]

Both runs of a pair have the same draw of what is not known and the same luck, so their difference is the work of the pulls. It
runs at a coarse grain, block after block; each block makes the standard errors smaller.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from holdfast.app import pulls
from holdfast.app.job_process import Say, progress_of
from holdfast.app.messages import Open
from holdfast.app.pulls import Pull
from holdfast.app.war import scenario_of
from holdfast.core.faults import Fault, ScenarioError
from holdfast.engine.simulate import Apart, World, simulate
from holdfast.ensemble import designs, inference
from holdfast.ensemble.draw import Draw, written
from holdfast.ensemble.plan import Scenario
from holdfast.present import text
from holdfast.scenario import build

BILLETS = 3500
"""Billets of a run of the ensemble, filled, at most."""
BLOCK = 8
"""Pairs of a block."""
PAIRS = 64
"""Pairs of the whole ensemble."""
OUTCOMES = ("collapse", "mass_desertion", "front_broken")


def carry_out(request: Mapping[str, object], folder: Path, say: Say) -> dict[str, object]:
    """Run the pairs.

    Args:
        request: `scenario`, `seed`, and `pulls`.
        folder: not used: the result is the message alone.
        say: hears of the pairs after each block.

    Returns:
        The result of all pairs: `draws`, `of`, and for each of `sides` the chance of each outcome and the exits by choice per
        1,000 men and month, `with` and `without` the pulls, with the standard error of the mean difference.

    Raises:
        ScenarioError: with every fault of the request.
    """
    opening = Open.model_validate({"do": "open", **{name: request.get(name) for name in ("scenario", "seed", "pulls")}})
    scenario = scenario_of(opening.scenario)
    pulled = [each.pull(pulls.FIRST) for each in opening.pulls]
    pulls.checked(scenario.document, pulled)
    if not pulled:
        raise ScenarioError([Fault("pulls", "nothing", "one pull or more", "Pull a pressure first")], "The request")
    grain = designs.grain(scenario.document, BILLETS)
    drawn = inference.draws(
        scenario.document, scenario.base, runs=PAIRS, seed=opening.seed, men_per_billet=grain, workers=1,
        progress=progress_of(say),
    )  # fmt: skip
    pairs: list[Mapping[str, np.ndarray]] = []
    for first in range(0, PAIRS, BLOCK):
        pairs.append(_block(scenario, drawn.each[first : first + BLOCK], pulled, opening.seed, grain))
        message = _summary(scenario, pairs)
        if first + BLOCK < PAIRS:
            say("part", **message)
    return message


def _block(
    scenario: Scenario, draws: Sequence[Draw], pulled: Sequence[Pull], seed: int, grain: int
) -> dict[str, np.ndarray]:
    """What came of some pairs, `[pair 2 side]` each; without the pulls first."""
    worlds = [world for draw in draws for world in _pair(scenario, draw, pulled, grain)]
    luck = [draw["number"] for draw in draws for _ in (0, 1)]
    flows: list[dict[str, np.ndarray]] = []
    for _, part, _, _ in simulate(worlds, seed, luck, least=Apart.COURSE):
        flows.append({name: np.asarray(part.side[name]) for name in designs.SERIES})
    days = {name: np.swapaxes(np.concatenate([each[name] for each in flows]), 0, 1) for name in designs.SERIES}
    came = designs.outcomes(days)
    wanted = {name: came[f"day_{name}"] >= 0 for name in OUTCOMES} | {"exits": came["exits"]}
    return {name: np.asarray(values, float).reshape(len(draws), 2, 2) for name, values in wanted.items()}


def _pair(scenario: Scenario, draw: Draw, pulled: Sequence[Pull], grain: int) -> tuple[World, World]:
    """The worlds of a pair: one first morning, and two courses of the war."""
    plain = written(scenario.document, draw)
    world = build.world(pulls.prepared(plain), grain)[0]
    course = build.forcing(pulls.prepared(pulls.written(plain, pulled)))
    return world, dataclasses.replace(world, forcing=course)


def _summary(scenario: Scenario, pairs: Sequence[Mapping[str, np.ndarray]]) -> dict[str, object]:
    """What the pairs say so far."""
    whole = {name: np.concatenate([each[name] for each in pairs]) for name in (*OUTCOMES, "exits")}
    sides = [
        {"side": side.name, "title": text.name(side.name)}
        | {name: _paired(values[:, :, place]) for name, values in whole.items()}
        for place, side in enumerate(scenario.document.side)
    ]
    return {"draws": len(whole["exits"]), "of": PAIRS, "sides": sides}


def _paired(values: np.ndarray) -> dict[str, float]:
    """Means without and with, `[pair 2]`, and their difference with its standard error over the pairs."""
    difference = values[:, 1] - values[:, 0]
    error = difference.std(ddof=1) / math.sqrt(len(difference))
    return {
        "without": float(values[:, 0].mean()), "with": float(values[:, 1].mean()), "difference": float(difference.mean()),
        "se": float(error),
    }  # fmt: skip
