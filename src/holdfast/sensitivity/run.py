"""`hf.sweep`: vary a scenario's inputs by a design, run it, and say which of them move what becomes of its armies. [IO]"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from holdfast.core import timings
from holdfast.core.params import Floats
from holdfast.ensemble import designs as experiment
from holdfast.ensemble import inference
from holdfast.ensemble.designs import Change, Design
from holdfast.ensemble.draw import Draw
from holdfast.ensemble.plan import DEFAULT_SCENARIO, Scenario, load_scenario
from holdfast.parallel import Progress
from holdfast.parallel.pool import Executor
from holdfast.sensitivity import boxes, indices, inputs, request
from holdfast.sensitivity.indices import MorrisDesign, Places, SobolDesign
from holdfast.sensitivity.inputs import Input, Vary
from holdfast.sensitivity.request import BOXES, MORRIS, OUTCOMES, SOBOL, Request, Wanted
from holdfast.sensitivity.result import Luck, Runs, Sweep, columns, independent, outcomes_of, point_means
from holdfast.stats.finite import refuse_nonfinite

if TYPE_CHECKING:
    import xarray as xr

BySide: TypeAlias = "dict[str, dict[str, Floats]]"
"""An outcome's values by side and outcome."""
UPPER = 0.75
"""Quantile of the exits above which boxes look, unless a rate is given."""
MOST_DRAWS, AGAIN = 256, 10_000_000
"""Draws of what is not known, at most: to infer the level of resolve of one takes as long as a run. With more points they come
again, the number of their luck raised by so much, which no other luck has."""
OF_POINTS = 606
"""Stream of random numbers of points that are spread evenly."""


@timings.phase("run")
def sweep(
    scenario: Scenario | str | Path = DEFAULT_SCENARIO, *, vary: Vary | None = None, switch: Sequence[str] = (),
    method: str | None = None, side: str | None = None, outcome: str = "collapse", above: float | None = None,
    runs: int = request.RUNS, draws: int | None = None, interactions: bool = False, posterior: bool = False,
    luck_only: bool = False, men_per_billet: int | None = None, seed: int = 1, workers: int | None = None,
    folder: str | Path | None = None, executor: Executor | None = None, progress: Progress | None = None,
) -> Sweep:  # fmt: skip
    """Vary a scenario's inputs and say which of them move what becomes of its armies, and where an army breaks.

    Args:
        scenario: a scenario, the name of a shipped one, or the path of a file.
        vary: what is varied: texts as `"south.supply=0.2:1"` or a bare `"choice.present_bias"` under its prior, or ranges by
            path; every declared parameter that is no convention, under its prior, unless given (or by the word `parameters`).
            A series of the scenario is one number over the run where it is varied.
        switch: effects that are off or on, as `"amnesty:south"`.
        method: `sobol`, `morris` or `boxes`; Morris where every parameter is varied, boxes with a posterior, else Sobol.
        side: whose outcome; the side whose outcome varies most unless given.
        outcome: `collapse`, `mass_desertion` or `exits`.
        above: of exits, the rate above which boxes look [1/1,000/month]; their upper quartile unless given.
        runs: runs at most.
        draws: draws at each point, each with luck of its own; the same ones at every point.
        interactions: whether Sobol's second order is estimated too, which takes about twice the runs.
        posterior: whether draws of the posterior are inputs. They go together, so shares of the variance do not apply: boxes
            alone.
        luck_only: whether draws differ in luck alone, all else at its declared or middle value; so it is where every declared
            parameter is varied.
        men_per_billet: the grain [men]; the scenario's own unless given.
        seed: of design, draws and luck.
        workers: processes, one for each core unless given; the numbers do not depend on it.
        folder: where finished runs stay, so that a stopped sweep goes on; none unless given.
        executor: where runs are carried out; on this machine unless given.
        progress: hears of the runs done.

    Returns:
        Indices, boxes, and every run.

    Raises:
        FaultyError: with every fault of the request.
        ScenarioError: with every fault of the scenario.
        NonFiniteError: if a run gives no finite outcome.
        WorkerError: if a worker ends before its work is done.
    """
    chosen = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    wanted = Wanted(
        vary=vary, switch=switch, method=method, outcome=outcome, side=side, above=above, runs=runs, draws=draws,
        interactions=interactions, posterior=posterior, luck_only=luck_only, seed=seed,
    )  # fmt: skip
    return carry_out(
        request.parse(chosen, wanted), men_per_billet=men_per_billet, workers=workers, folder=folder, executor=executor,
        progress=progress,
    )  # fmt: skip


def carry_out(
    meant: Request, *, men_per_billet: int | None = None, workers: int | None = None, folder: str | Path | None = None,
    executor: Executor | None = None, progress: Progress | None = None,
) -> Sweep:  # fmt: skip
    """Carry out a checked request.

    Args:
        meant: the request.
        men_per_billet: the grain [men]; the scenario's own unless given.
        workers: processes, one for each core unless given.
        folder: where finished runs stay.
        executor: where runs are carried out.
        progress: hears of the runs done.

    Returns:
        The sweep.
    """
    plan = _planned(meant)
    grain = men_per_billet or meant.scenario.document.men_per_billet
    changes = _changes(meant.scenario, plan)
    document = experiment.checked(meant.scenario, changes, men_per_billet=grain)
    nuisance = _draws(meant, plan, grain, workers, progress)
    design = Design(
        document=document, changes=changes, draws=nuisance.each, seed=meant.seed, men_per_billet=grain,
        runs=tuple(zip(plan.point.tolist(), plan.draw.tolist(), strict=True)), batch=experiment.batch_size(document, grain),
    )  # fmt: skip
    data = experiment.carry_out(
        design, Path(folder) if folder else None, workers=workers, executor=executor, progress=progress
    )
    if meant.posterior:
        plan = _with_draws(meant, plan, nuisance.each)
    return _gathered(meant, plan, _runs(plan, data), grain, nuisance.about)


@dataclasses.dataclass(frozen=True)
class Points:
    """Where the runs stand."""

    inputs: tuple[Input, ...]
    """What is varied."""
    values: Floats
    """Its values `[point, input]`."""
    design: SobolDesign | MorrisDesign | None
    """The design; none where points are spread evenly."""
    point: Places
    """Each run's point `[run]`."""
    draw: Places
    """Each run's draw `[run]`."""


def _planned(meant: Request) -> Points:
    """The points of a request and their runs."""
    names = [each.path for each in meant.inputs]
    design: SobolDesign | MorrisDesign | None = None
    if meant.method == SOBOL:
        design = indices.sobol_design(names, meant.size, meant.seed, second_order=meant.interactions)
    elif meant.method == MORRIS:
        design = indices.morris_design(names, meant.size, meant.seed)
    shares = _even(meant.size, len(names), meant.seed) if design is None else design.points
    tail = inputs.MIDDLE if meant.method == MORRIS else inputs.TAIL
    values = (
        np.stack([each.values(column, tail) for each, column in zip(meant.inputs, shares.T)], axis=1)
        if names
        else shares
    )
    point = np.repeat(np.arange(len(shares)), meant.draws)
    # The same draws at every point of a design, so that points differ by their inputs; draws of their own in a search for
    # boxes, whose points are to be independent.
    draw = np.arange(len(point)) if meant.method == BOXES else np.tile(np.arange(meant.draws), len(shares))
    return Points(meant.inputs, values, design, point, draw)


def _even(points: int, count: int, seed: int) -> Floats:
    """A Latin hypercube: every input takes every one of so many equal steps once `[point, input]` [0-1]."""
    generator = np.random.default_rng((indices.nonzero(seed), OF_POINTS))
    places = generator.permuted(np.tile(np.arange(points)[:, None], (1, count)), axis=0)
    return np.asarray((places + generator.random((points, count))) / points)


def _draws(meant: Request, plan: Points, grain: int, workers: int | None, progress: Progress | None) -> inference.Draws:
    """What the runs have in place of what is not known and not varied, each with luck of its own."""
    document, base, count = meant.scenario.document, meant.scenario.base, int(plan.draw.max()) + 1
    distinct = count if meant.posterior else min(count, MOST_DRAWS)
    seed = meant.seed
    if meant.luck_only:
        drawn = inference.fixed(document, base, runs=count, seed=seed, men_per_billet=grain, progress=progress)
        apart: tuple[Draw, ...] = tuple({**one, "number": n} for n, one in enumerate(drawn.each))
        return dataclasses.replace(drawn, each=apart)
    drawn = inference.draws(
        document, base, runs=distinct, seed=seed, men_per_billet=grain, workers=workers, progress=progress
    )
    again: tuple[Draw, ...] = tuple(
        {**drawn.each[n % distinct], "number": drawn.each[n % distinct]["number"] + n // distinct * AGAIN}
        for n in range(count)
    )
    return dataclasses.replace(drawn, each=again)


def _changes(scenario: Scenario, plan: Points) -> tuple[Change, ...]:
    """What each point changes."""
    numbers = [number for number, each in enumerate(plan.inputs) if not each.effect]
    effects = {
        number: scenario.with_effects(each.effect).document.event[-1]
        for number, each in enumerate(plan.inputs) if each.effect
    }  # fmt: skip
    return tuple(
        Change(
            values={plan.inputs[number].path: float(row[number]) for number in numbers},
            effects=tuple(event for number, event in effects.items() if row[number] > 0),
        )
        for row in plan.values
    )


def _with_draws(meant: Request, plan: Points, draws: Sequence[Draw]) -> Points:
    """The points with the draws of the posterior as further inputs; what is varied by design is not looked up in them."""
    designed = {each.path for each in plan.inputs}
    chosen = [draws[number] for number in plan.draw[:: meant.draws]]
    parameters = [path for path in chosen[0]["parameters"] if path not in designed]
    drawn = inputs.of_draws(meant.scenario, parameters)
    rows = [[*(one["parameters"][path] for path in parameters), *one["resolve"]] for one in chosen]
    table = np.array(rows, float)
    moves = [n for n, each in enumerate(drawn) if np.ptp(table[:, n]) > 0 and each.path not in designed]
    values = np.concatenate([plan.values, table[:, moves]], axis=1)
    return dataclasses.replace(plan, inputs=(*plan.inputs, *(drawn[n] for n in moves)), values=values)


def _runs(plan: Points, data: xr.Dataset) -> Runs:
    """What came, refused where it is not finite."""
    exits = np.asarray(data.exits.values, float)
    names = [f"exits of {side}" for side in data.side.values]
    where = lambda run: f"run {run} (point {plan.point[run]}, draw {plan.draw[run]})"  # noqa: E731
    refuse_nonfinite(exits, names, where, use="the sweep")
    return Runs(
        plan.point, plan.draw, np.asarray(data.day_collapse.values, int), np.asarray(data.day_mass_desertion.values, int), exits
    )  # fmt: skip


def _gathered(meant: Request, plan: Points, runs: Runs, grain: int, about: Mapping[str, object]) -> Sweep:
    """The result of what came."""
    sides = tuple(each.name for each in meant.scenario.document.side)
    every = {side: {name: of[:, place] for name, of in outcomes_of(runs).items()} for place, side in enumerate(sides)}
    means = {
        side: {name: point_means(of, plan.point, len(plan.values)) for name, of in each.items()}
        for side, each in every.items()
    }
    side = meant.side or max(sides, key=lambda name: float(every[name][meant.outcome].var()))
    above, shown = _target(meant, every[side], means[side], plan)
    hunted = independent(plan.design, len(plan.values))
    table = columns(plan.inputs, plan.values[hunted])
    boxed = plan.inputs and meant.method != MORRIS
    document = meant.scenario.document
    return Sweep(
        scenario=document.name, title=document.title, method=meant.method, days=document.days, men_per_billet=grain,
        seed=meant.seed, sides=sides, side=side, outcome=meant.outcome, above=above, inputs=plan.inputs, values=plan.values,
        design=plan.design, runs=runs, indices=_indices(plan, means), luck=_luck(plan, every, meant.draws),
        boxes=boxes.prim(table, shown[hunted], seed=meant.seed) if boxed else None,
        tree=boxes.cart(table, shown[hunted], seed=meant.seed) if boxed else (), luck_only=meant.luck_only, about=dict(about),
    )  # fmt: skip


def _indices(plan: Points, means: BySide) -> dict[str, dict[str, indices.SobolIndices | indices.MorrisEffects]]:
    """Indices by side and outcome; none where points were spread evenly."""
    if plan.design is None:
        return {}
    return {
        name: {of: _index(plan, values, f"{OUTCOMES[of]} of {name}") for of, values in each.items()}
        for name, each in means.items()
    }


def _luck(plan: Points, every: BySide, draws: int) -> dict[str, dict[str, Luck]]:
    """The part of luck by side and outcome; none with one draw a point."""
    if draws < 2:
        return {}
    return {name: {of: luck_of(values, plan, draws) for of, values in each.items()} for name, each in every.items()}


def _index(plan: Points, values: Floats, output: str) -> indices.SobolIndices | indices.MorrisEffects:
    """Indices of one output by the design's own kind."""
    if isinstance(plan.design, SobolDesign):
        return indices.sobol_indices(plan.design, values, output)
    assert plan.design is not None
    return indices.morris_effects(plan.design, values, output)


def _target(meant: Request, runs: dict[str, Floats], means: dict[str, Floats], plan: Points) -> tuple[float, Floats]:
    """The rate above which exits count, and in what share of a point's runs the outcome comes `[point]`."""
    if meant.outcome != "exits":
        return float("nan"), means[meant.outcome]
    rates = np.expm1(runs["exits"])
    above = float(np.quantile(rates, UPPER)) if meant.above is None else meant.above
    return above, point_means((rates > above).astype(float), plan.point, len(plan.values))


def luck_of(values: Floats, plan: Points, draws: int) -> Luck:
    """How much of an outcome's variance is between the draws at a point.

    Points and draws cross, each point with each draw where the draws are common: components of variance by mean squares
    (Searle, Casella and McCulloch 1992, ch. 4). What all points share of a draw does not tell points apart; what is left does.

    Args:
        values: one a run `[run]`.
        plan: the runs' points and draws.
        draws: draws at each point, two or more.

    Returns:
        The shares; NaN where nothing varies.
    """
    table = values.reshape(-1, draws)
    table = table[independent(plan.design, len(table))]
    points = len(table)
    mean = table.mean()
    by_point, by_draw = table.mean(axis=1), table.mean(axis=0)
    common = plan.design is not None
    rest = table - by_point[:, None] - ((by_draw - mean)[None, :] if common else 0.0)
    free = (points - 1) * (draws - 1) if common else points * (draws - 1)
    within = float((rest**2).sum() / free)
    of_points = max(0.0, float(by_point.var(ddof=1)) - within / draws)
    of_draws = max(0.0, float(by_draw.var(ddof=1)) - within / points) if common else 0.0
    total, seen = of_points + of_draws + within, of_points + within / draws
    return Luck((of_draws + within) / total if total else math.nan, within / draws / seen if seen else math.nan)
