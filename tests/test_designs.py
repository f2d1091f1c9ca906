"""Designs: many changes of one scenario under common draws and luck."""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import holdfast as hf
from holdfast.core.faults import ScenarioError
from holdfast.core.units import per_1000_month
from holdfast.ensemble import designs, inference
from holdfast.ensemble.designs import UNCHANGED, Change, Design, Ramp
from holdfast.ensemble.plan import Scenario
from holdfast.parallel import pool
from holdfast.scenario import build
from holdfast.scenario.schema import Event, Point

GRAIN = 20


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    """A small war of sixty days."""
    return hf.load_scenario("skirmish").with_values({"days": 60})


def draws(scenario: Scenario, count: int) -> tuple[designs.Draw, ...]:
    """Draws of what is not known."""
    return inference.draws(scenario.document, scenario.base, runs=count, seed=1, men_per_billet=GRAIN).each


def falling(name: str, first: float, level: float) -> dict[str, object]:
    """A series of South's that goes to a level within twenty days."""
    start = dt.date(2030, 3, 1)
    return {f"south.{name}": [Point(date=start, value=first), Point(date=start + dt.timedelta(20), value=level)]}


def planned(scenario: Scenario, changes: list[Change], count: int = 4, batch: int = 8) -> Design:
    """Every change under every draw."""
    document = designs.checked(scenario, changes, men_per_billet=GRAIN)
    runs = tuple((point, draw) for point in range(len(changes)) for draw in range(count))
    return Design(document, tuple(changes), draws(scenario, count), runs, 1, GRAIN, batch)


@pytest.fixture(scope="module")
def changes() -> list[Change]:
    """Nothing; a regime that falls apart; losses; an effect; a parameter."""
    off = Event(effect="amnesty", start=dt.date(2030, 3, 2), side="south")
    return [
        UNCHANGED,
        Change(falling("regime.elite_level", 0.65, 0.1)),  # type: ignore[arg-type]
        Change(ramps={("south", "killed"): Ramp(60.0, 20)}),
        Change(effects=(off,)),
        Change({"choice.present_bias": 0.95}),
    ]


def test_a_run_is_the_same_in_any_block_and_beside_any_other(scenario: Scenario, changes: list[Change]) -> None:
    whole = designs.carry_out(planned(scenario, changes, batch=8), workers=1)
    other = designs.carry_out(planned(scenario, changes, batch=3), workers=1)
    for name, values in whole.items():
        if str(name).startswith("reproduction"):  # a gauge in 32 bits, whose sums XLA orders by the batch
            assert np.allclose(other[name], values, rtol=1e-5)
        else:
            assert np.array_equal(other[name], values)


def test_the_numbers_do_not_depend_on_where_it_ran(scenario: Scenario, changes: list[Change]) -> None:
    here = designs.carry_out(planned(scenario, changes), executor=pool.Here())
    two = designs.carry_out(planned(scenario, changes), executor=pool.LocalExecutor(2))
    assert here.identical(two)


def test_the_unchanged_point_is_the_scenario_itself(scenario: Scenario, changes: list[Change]) -> None:
    """A design is another way to the same runs: equal draws, equal luck, equal ends."""
    of_design = designs.carry_out(planned(scenario, changes[:1]), workers=1)
    of_runs = hf.simulate(scenario, runs=4, seed=1, men_per_billet=GRAIN, workers=1).data
    for end in designs.ENDS:
        assert np.array_equal(of_design[f"day_{end}"], of_runs[f"day_{end}"])


def test_a_series_written_by_the_design_is_that_of_the_changed_scenario(scenario: Scenario) -> None:
    """The first morning is that of the unchanged world, and a change that moves no first day leaves it so."""
    series = falling("unpaid", 0.0, 1.0)
    of_design = designs.carry_out(planned(scenario, [Change(series)]), workers=1)  # type: ignore[arg-type]
    raw = {path: [{"date": p.date, "value": p.value} for p in value] for path, value in series.items()}  # type: ignore[attr-defined]
    of_runs = hf.simulate(scenario.with_values(raw), runs=4, seed=1, men_per_billet=GRAIN, workers=1).data
    gone = of_runs.deserted + of_runs.surrendered
    rate = per_1000_month(gone.sum("day"), (of_runs.present * of_runs.active).sum("day"))
    assert np.allclose(of_design.exits, rate, rtol=1e-5)


def test_losses_go_to_one_level_whatever_a_draw_had(scenario: Scenario) -> None:
    for times in (0.5, 1.0, 2.0):
        draw: designs.Draw = {"number": 0, "losses": 0, "parameters": {}, "resolve": [2, 2], "killed": [1.0, times]}
        document = designs.written(scenario.document, draw)
        rate = document.side[1].killed_per_1000_month
        assert rate
        hazard = designs.ramped(build.forcing(document), document, {("south", "killed"): Ramp(60.0, 20)}).rates.hazard
        assert hazard[0, 1] == 0.0
        assert rate * np.exp(hazard[20:, 1]) == pytest.approx(60.0, rel=1e-5)
        assert np.array_equal(hazard[:, 0], build.forcing(document).rates.hazard[:, 0])


def test_a_ramp_is_its_course_by_hand() -> None:
    course = np.full(10, 2.0)
    assert Ramp(4.0, 4).of(course).tolist() == [2, 2.5, 3, 3.5, 4, 4, 4, 4, 4, 4]
    assert Ramp(4.0, 4, share=0.5).of(course).tolist() == [2, 2.25, 2.5, 2.75, 3, 3, 3, 3, 3, 3]
    assert Ramp(4.0, 4, share=0.0).of(course).tolist() == course.tolist()
    assert Ramp(4.0, 2, pulse=3).of(course).tolist() == [2, 1, 4, 4, 4, 0, 0, 0, 0, 0]


def test_finished_blocks_are_used_again(scenario: Scenario, changes: list[Change], tmp_path: Path) -> None:
    plan = planned(scenario, changes)
    first = designs.carry_out(plan, tmp_path, workers=1)
    blocks = sorted(tmp_path.rglob("block-*.npz"))
    assert len(blocks) == len(plan.blocks())
    blocks[1].unlink()
    times = {file: file.stat().st_mtime_ns for file in blocks if file.exists()}
    assert designs.carry_out(plan, tmp_path, workers=1).identical(first)
    assert {file: file.stat().st_mtime_ns for file in times} == times


def test_blocks_of_other_runs_are_not_used_again(scenario: Scenario, changes: list[Change], tmp_path: Path) -> None:
    """The same changes and draws, crossed in another order: every block holds other runs."""
    plan = planned(scenario, changes[:2])
    turned = dataclasses.replace(plan, runs=tuple(reversed(plan.runs)))
    first, other = (
        design_data.exits for design_data in (designs.carry_out(one, tmp_path, workers=1) for one in (plan, turned))
    )
    assert np.array_equal(other, first[::-1])
    assert not np.array_equal(other, first)


def test_faults_of_a_design_come_all_at_once(scenario: Scenario) -> None:
    wrong = [Change({"south.news": -3.0}), Change({"south.suply": 0.5}), Change({"choice.present_bias": 0.9})]
    with pytest.raises(ScenarioError) as caught:
        designs.checked(scenario, wrong, men_per_billet=GRAIN)
    said = str(caught.value)
    assert "news" in said
    assert "supply" in said


def test_what_runs_share_cannot_be_varied(scenario: Scenario) -> None:
    with pytest.raises(ScenarioError, match=r"north\.establishment"):
        designs.checked(scenario, [Change({"north.establishment": 15000}), UNCHANGED], men_per_billet=GRAIN)


class Killing(pool.Executor):
    """Two workers, one of which is killed whenever a few blocks are done."""

    def __init__(self) -> None:
        self.killed = 0

    def results(self, task: object, jobs: object, report: object) -> Iterator[tuple[int, object]]:
        """The results of a pool; after two of them a worker of it dies."""
        results = pool.LocalExecutor(2).results(task, jobs, report)  # type: ignore[arg-type, var-annotated]
        for done, pair in enumerate(results, start=1):
            yield pair
            if done == 2 and (workers := [*_workers()]):
                os.kill(workers[0], signal.SIGKILL)
                self.killed += 1


def _workers() -> Iterator[int]:
    """The worker processes of this one: other libraries have children of their own."""
    for child in Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split():
        if b"holdfast.parallel.pool" in Path(f"/proc/{child}/cmdline").read_bytes():
            yield int(child)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="the worker is found by Linux's list of children")
def test_killed_workers_change_nothing(scenario: Scenario, changes: list[Change], tmp_path: Path) -> None:
    plan = planned(scenario, changes, count=8)
    whole = designs.carry_out(plan, workers=1)
    killing = Killing()
    assert designs.carry_out(plan, tmp_path, executor=killing).identical(whole)
    assert killing.killed >= 1
    assert len(list(tmp_path.rglob("block-*.npz"))) == len(plan.blocks())


def test_workers_that_always_end_end_the_design(scenario: Scenario, changes: list[Change], tmp_path: Path) -> None:
    class Ending(pool.Executor):
        """Workers that end at once."""

        tries = 0

        def results(self, task: object, jobs: object, report: object) -> Iterator[tuple[int, object]]:
            """Nothing."""
            self.tries += 1
            raise pool.WorkerError("a worker stopped with code -9")
            yield

    ending = Ending()
    with pytest.raises(pool.WorkerError):
        designs.carry_out(planned(scenario, changes), tmp_path, executor=ending)
    assert ending.tries == designs.FAILURES + 1


def test_a_cluster_gives_the_numbers_of_one_process(scenario: Scenario, changes: list[Change]) -> None:
    distributed = pytest.importorskip("distributed")
    cluster = pytest.importorskip("holdfast.parallel.cluster")
    plan = planned(scenario, changes)
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as local,
        cluster.ClusterExecutor(local.scheduler_address) as executor,
    ):
        assert designs.carry_out(plan, executor=executor).identical(designs.carry_out(plan, workers=1))
