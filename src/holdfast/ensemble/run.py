"""Simulations: run a scenario many times, compare two under the same draws and luck, or follow single soldiers day by day."""

from __future__ import annotations

import contextlib
import dataclasses
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median_low
from typing import ClassVar, TypeVar

import numpy as np
import xarray as xr

from holdfast.core import runtime, timings
from holdfast.core.faults import Fault, ScenarioError, nearest
from holdfast.core.results import Result
from holdfast.engine import trace as engine_trace
from holdfast.ensemble import store
from holdfast.ensemble.plan import DEFAULT_SCENARIO, LAST_SEED, RUNS, Plan, Scenario, load_scenario, plan
from holdfast.ensemble.result import (
    Comparison,
    ResultError,
    SimulationResult,
    dataset,
    differences,
    faults,
    refuse_unlike,
    with_draws,
    with_ground_seen,
)
from holdfast.ensemble.variance import with_twins
from holdfast.parallel import Progress, pool, silent
from holdfast.scenario import build, layout, load, loss_draws
from holdfast.scenario.schema import KINDS, ScenarioDocument

LITTLE = 3e8
"""Soldier-days that this process runs by itself: about as many as it could run while another starts [billet d]."""


@dataclasses.dataclass(frozen=True, repr=False)
class Trajectories(Result):
    """Soldiers day by day, a row for each soldier and day."""

    PRESENTER: ClassVar[str] = "holdfast.present.tables"
    UNITS: ClassVar[Mapping[str, str]] = {
        "tenure_d": "d", **dict.fromkeys(("risk_believed", "risk_seen"), "1/d"),
        **dict.fromkeys(("resolve", "unit_and_cause", "terror", "pay", "dread", "stay", "way_out"), "nats"),
        **dict.fromkeys(("p_leave", "p_desert", "p_surrender", "p_caught", "p_refuse", "p_hit", "luck"), "1"),
    }  # fmt: skip

    scenario: str
    """Name of what was run."""
    days: int
    """How long they were followed [d]."""
    soldier_days: tuple[Mapping[str, object], ...]
    """By day and soldier: who it is, beliefs, the terms of the wish to stay [nats], chances of each way out, the outcome."""

    def to_dict(self) -> dict[str, object]:
        """The trajectories in plain values."""
        return {"scenario": self.scenario, "days": self.days, "soldier_days": [dict(row) for row in self.soldier_days]}

    def rows(self) -> Sequence[Mapping[str, object]]:
        """A row for each soldier and day."""
        return self.soldier_days

    def of(self, soldier: int) -> list[Mapping[str, object]]:
        """One soldier's days.

        Args:
            soldier: its number, from 1 on.

        Returns:
            Its rows in the order of days.
        """
        return [row for row in self.soldier_days if row["soldier"] == soldier]


@timings.phase("run")
def trace(
    scenario: Scenario | str | Path = DEFAULT_SCENARIO,
    *,
    soldiers: int = 20,
    days: int = 30,
    side: str | None = None,
    luck_only: bool = False,
    seed: int = 1,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Trajectories:
    """Follow some soldiers day by day through run 0 of a scenario, under that run's draw of what is not known.

    Args:
        scenario: one small enough to run one to one, the name of a shipped one, or the path of a file.
        soldiers: how many, drawn from those present at the start.
        days: how long [d]; at most the scenario's own length.
        side: only this side's soldiers.
        luck_only: whether it is run 0 of the runs that differ in luck alone.
        seed: of the run, and of the choice of soldiers.
        workers: no use here: one process is enough.
        progress: hears of the days done.

    Returns:
        A row for each soldier and day.

    Raises:
        ScenarioError: with every fault of the scenario, or if it has no such side.
    """
    chosen = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    document = chosen.document
    names = [each.name for each in document.side]
    if side is not None and side not in names:
        fault = Fault("--side", side, " or ".join(names), "Correct the name", nearest(side, names))
        raise ScenarioError([fault], "The request")
    days, hears = min(days, document.days), progress or silent
    world, labels = build.world(
        plan(chosen, runs=1, seed=seed, luck_only=luck_only, workers=1, progress=progress).document(0)
    )
    where = engine_trace.pick(world, soldiers, None if side is None else names.index(side), seed)
    rows: list[Mapping[str, object]] = []
    for day, of_day in enumerate(engine_trace.follow(world, seed, where, days), start=1):
        rows += [
            row | {
                "side": labels.sides[row["side"]], "brigade": labels.brigades[row["brigade"]],
                "home": labels.regions[row["home"]], "kind": KINDS[row["kind"]],
            }
            for row in of_day
        ]  # fmt: skip
        hears(day, days, "following soldiers")
    return Trajectories(document.name, days, tuple(rows))


__all__ = ["Comparison", "Scenario", "SimulationResult", "compare", "load_scenario", "simulate"]


@timings.phase("run")
def simulate(
    scenario: Scenario | str | Path = DEFAULT_SCENARIO,
    *,
    days: int | None = None,
    runs: int = RUNS,
    seed: int = 1,
    workers: int | None = None,
    progress: Progress | None = None,
    men_per_billet: int | None = None,
    luck_only: bool = False,
    film: bool = False,
    out: str | Path | None = None,
    resume: bool = False,
) -> SimulationResult:
    """The runs of a scenario, gathered.

    Each run has a draw of its own of what is not known (`holdfast.ensemble.inference`): the parameters as history taught
    them, the level of each side's resolve, the rate of its losses; and luck of its own.

    Args:
        scenario: a scenario, the name of a shipped one, or the path of a file.
        days: how long a run is [d]; the scenario's own length unless given.
        runs: how many runs; run `i` is the same whatever their number.
        seed: the seed of their luck.
        workers: processes, one for each core unless given; the numbers do not depend on it.
        progress: hears of the days of runs that are done.
        men_per_billet: the grain [men]; the scenario's own unless given.
        luck_only: whether the runs differ in luck alone, every parameter at its declared value.
        film: whether one run more, at the finest grain, is filmed billet by billet.
        out: a folder in which finished runs stay until `SimulationResult.save` writes the whole there.
        resume: whether to go on from the finished runs of the same plan in `out`.

    Returns:
        The result.

    Raises:
        ScenarioError: with every fault of the scenario.
        StoreError: if `out` cannot be used, or with `resume` holds something else.
        WorkerError: if a worker ends before its work is done.
        ResultError: if the runs fail the checks of a finished result.
        PosteriorError: if the shipped posterior cannot be read.
        ValueError: if `runs` or `seed` is out of range.
    """
    scenario = of_days(scenario if isinstance(scenario, Scenario) else load_scenario(scenario), days)
    if runs < 1:
        raise ValueError(f"runs: {runs}; at least 1")
    if not 0 <= seed <= LAST_SEED:
        raise ValueError(f"seed: {seed}; from 0 to {LAST_SEED}")
    begin = time.monotonic()
    with contextlib.ExitStack() as stack:
        if out:
            stack.enter_context(store.held(Path(out)))
            if resume:
                store.check_resumed(Path(out), scenario, seed=seed, men_per_billet=men_per_billet, luck_only=luck_only)
        count = workers or runtime.cores()
        planned = plan(
            scenario, runs=runs, seed=seed, men_per_billet=men_per_billet, film=film, luck_only=luck_only, workers=count,
            progress=progress,
        )  # fmt: skip
        folder = Path(
            out or stack.enter_context(tempfile.TemporaryDirectory(prefix="holdfast-", ignore_cleanup_errors=True))
        )
        parts = store.open_parts(folder, planned, resume)
        carry_out(planned, parts, count, progress)
        data = _gather(scenario, planned, parts)
        reel = store.load_film(parts) if planned.film_men_per_billet else None
        return SimulationResult(scenario, data, time.monotonic() - begin, reel, planned.about)


def carry_out(planned: Plan, parts: Path, workers: int, progress: Progress | None = None) -> None:
    """Run what is left of a plan; on any way out, no worker is left running.

    Args:
        planned: what is run.
        parts: its folder of finished runs (`store.open_parts`).
        workers: processes at most, of which this one is one. So little that to start another would take longer is done in
            this one alone.
        progress: hears of the days of runs that are done.

    Raises:
        WorkerError: if a worker ends before its work is done; the runs that are finished stay in the folder.
    """
    billets = layout.billets(planned.document(), planned.men_per_billet)
    for claims in (True, False):  # what another process claimed and left undone is done here in the end
        left = store.jobs(planned, parts)
        if left:
            little = sum(left.values()) * billets < LITTLE
            pool.each(
                store.carry_out, [store.Job(job.parts, job.number, claims) for job in left], sizes=list(left.values()),
                progress=progress, starting="compiling",
                executor=pool.Here() if little else pool.LocalExecutor(workers, here=True),
            )  # fmt: skip


def _gather(scenario: Scenario, planned: Plan, parts: Path) -> xr.Dataset:
    """The finished runs of a plan as one dataset, which has passed its checks."""
    numbers = [run for task in planned.tasks() for run in task]
    every = {run: store.load_run(parts, run) for run in numbers}
    runs = {run: one for run, one in every.items() if run < planned.runs}
    document = planned.document()
    names = layout.labels(document, planned.men_per_billet)
    losses = [planned.draw(run)["losses"] for run in runs]
    evidence = loss_draws.about(document, losses)
    error = max(int(np.abs(one["side"]["balance"] - one["start"]["everyone"]).max()) for one in every.values())
    present = sum(int(one["side"]["present"].astype("int64").sum()) for one in runs.values())
    attrs = {
        "scenario": scenario.name,
        "title": scenario.document.title,
        "question": scenario.document.question,
        "start": str(scenario.document.start),
        "holdfast_version": runtime.version(),
        "scenario_hash": scenario.hash,
        "seed": planned.seed,
        "men_per_billet": planned.men_per_billet,
        "soldier_days": present // planned.men_per_billet,
        "men_balance_error": error,
        "strength_start": _strength_at_start(planned),
        # Without a posterior no such attribute: it says what the ranges are of.
        **({"losses": loss_draws.all_in_words(evidence)} if evidence else {}),
    }
    data = with_draws(
        dataset(runs, names, attrs),
        [planned.draw(run) for run in runs],
        document.parameters,
        str(planned.about["uncertain"]),
    )
    if planned.twins:
        twins = {run: one for run, one in every.items() if run >= planned.runs}
        same = [planned.draw(run)["losses"] == losses[place] for place, run in enumerate(twins)]
        data = with_twins(data, dataset(twins, names, attrs), same)
    data = with_ground_seen(data, load.read_ground(document))
    if evidence:
        drawn = [evidence[side]["draw_of_run"] if side in evidence else [-1] * planned.runs for side in names.sides]
        what = {"long_name": "draw of the posterior of losses that the run has, -1 = none", "units": "1"}
        data = data.assign_coords(loss_draw=(("run", "side"), np.array(drawn, np.int32).T, what))
    wrong = faults(data)
    if wrong:
        raise ResultError(
            "The result failed its own checks: " + "; ".join(wrong) + ". A parameter or value at an extreme is the "
            "likely cause: take changes back one at a time. Nothing was written over an older result."
        )
    return data


def _strength_at_start(planned: Plan) -> list[int]:
    """Men present on the first morning, of each side; the median of the runs where a posterior gives it."""
    some = range(planned.runs) if planned.posteriors else [0]
    each = [layout.strength_at_start(planned.document(run), planned.men_per_billet) for run in some]
    return [median_low(men) for men in zip(*each, strict=True)]


Side = Scenario | SimulationResult | str | Path
"""What can be compared: a scenario, a shipped one's name, the path of a file, a result, a result's folder."""


def compare(
    scenario: Side,
    with_: Side | None = None,
    *,
    values: Mapping[str, object] | None = None,
    effects: Sequence[str] = (),
    days: int | None = None,
    runs: int = 16,
    seed: int = 1,
    workers: int | None = None,
    progress: Progress | None = None,
    men_per_billet: int | None = None,
    luck_only: bool = False,
) -> Comparison:
    """How a second scenario differs from a first under the same draws and luck, with the errors of the differences.

    A change moves nothing that is inferred: the levels of resolve are those of the unchanged scenario.

    Args:
        scenario: the first; a finished result is taken as it is, a scenario is run.
        with_: the second; the first unless given.
        values: values that are changed in the second, by their paths.
        effects: effects that are switched on in the second.
        days: how long each scenario is run [d]; its own length unless given. Two are compared over the days that both have.
        runs: how many runs of each.
        seed: the seed of their luck.
        workers: processes, one for each core unless given.
        progress: hears of the days of runs that are done, first of the one, then of the other.
        men_per_billet: the grain [men]; each scenario's own unless given.
        luck_only: whether the runs of either differ in luck alone.

    Returns:
        Means, differences (second less first) and standard errors, by side and measure.

    Raises:
        ScenarioError: with every fault of a scenario or a change.
        FaultyError: if the two have different sides or begin on different days.
        ValueError: if there is nothing to compare with, or a finished result is to be changed.
    """
    if with_ is None and not values and not effects:
        raise ValueError("nothing to compare with: give a second scenario, values or effects")
    first, second = _opened(scenario), _opened(scenario if with_ is None else with_)
    if values or effects:
        if not isinstance(second, Scenario):
            raise ValueError("a finished result cannot be changed: give the scenario in its place")
        second = second.with_values(values or {}).with_effects(*effects)
    first, second = of_days(first, days), of_days(second, days)

    def simulated(one: Scenario | SimulationResult) -> SimulationResult:
        if isinstance(one, SimulationResult):
            return one
        return simulate(
            one, runs=runs, seed=seed, workers=workers, progress=progress, men_per_billet=men_per_billet,
            luck_only=luck_only,
        )  # fmt: skip

    changes = [f"{path}={value}" for path, value in (values or {}).items()] + list(effects)
    names = (document_of(first).name, " ".join([document_of(second).name, *changes]))
    check_pair(first, second, names)
    return differences(simulated(first).data, simulated(second).data, names)


Run = TypeVar("Run", Scenario, "Scenario | SimulationResult")


def of_days(one: Run, days: int | None) -> Run:
    """What is run, at another length.

    Args:
        one: a scenario; a finished result is taken as it is.
        days: the length [d]; its own unless given.

    Returns:
        The scenario of that length.

    Raises:
        ScenarioError: if no run can be so long.
    """
    return one.with_values({"days": days}) if isinstance(one, Scenario) and days is not None else one


def document_of(one: Scenario | SimulationResult) -> ScenarioDocument:
    """What is run, or was.

    Args:
        one: a scenario or a finished result.

    Returns:
        The scenario's document.
    """
    return one.scenario.document if isinstance(one, SimulationResult) else one.document


def check_pair(first: Scenario | SimulationResult, second: Scenario | SimulationResult, names: tuple[str, str]) -> None:
    """Refuse two that cannot be compared, before either is run.

    Args:
        first: the one.
        second: the other.
        names: what they are called.

    Raises:
        FaultyError: if they have different sides or begin on different days.
    """
    both = [document_of(one) for one in (first, second)]
    refuse_unlike([[side.name for side in each.side] for each in both], [str(each.start) for each in both], names)


def _opened(one: Side) -> Scenario | SimulationResult:
    """A scenario or a finished result as it is; what a name, a file or a folder stands for."""
    if isinstance(one, Scenario | SimulationResult):
        return one
    return store.load_result(one) if store.holds_result(one) else load_scenario(one)
