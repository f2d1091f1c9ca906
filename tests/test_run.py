"""Running: worker processes, the store, resuming, outcomes, and what a finished result holds."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import IO, Any

import numpy as np
import pytest
import xarray as xr

import holdfast as hf
from holdfast.core import faults
from holdfast.engine import outcomes
from holdfast.ensemble import plan, result, run, store
from holdfast.ensemble import result as ensemble_result
from holdfast.ensemble.plan import Scenario
from holdfast.ensemble.result import SimulationResult
from holdfast.io import files, film
from holdfast.parallel import pool, tasks
from holdfast.present import run_findings

DAYS = 60


def skirmish(days: int = DAYS) -> Scenario:
    return hf.load_scenario("skirmish").with_values({"days": days})


def counts(data: xr.Dataset) -> xr.Dataset:
    return data[[name for name in data.data_vars if data[name].dtype.kind in "iub"]]


def working() -> list[str]:
    """Workers that this process has started and that still run."""
    told = subprocess.run(["ps", "-ww", "-eo", "ppid=,stat=,args="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(maxsplit=2) for line in told.splitlines()]
    return [args for of, stat, args in rows if of == str(os.getpid()) and "holdfast." in args and stat[0] != "Z"]


@pytest.fixture(scope="session")
def four(two: SimulationResult) -> SimulationResult:
    """Four runs in two workers, the code being compiled already."""
    return hf.simulate(skirmish(), runs=4, seed=1, workers=2)


@pytest.fixture(scope="session")
def filmed(two: SimulationResult, tmp_path_factory: pytest.TempPathFactory) -> tuple[SimulationResult, Path]:
    """The same two runs again, with a film, and the folder where they are written."""
    folder = tmp_path_factory.mktemp("filmed")
    result = hf.simulate(skirmish(), runs=2, seed=1, workers=1, film=True, out=folder)
    result.save(folder, figures=False, csv=True)
    return result, folder


# --- In a notebook.


@pytest.mark.slow
def test_a_cell_of_a_notebook_shows_the_film_and_asks_for_nothing(
    two: SimulationResult, filmed: tuple[SimulationResult, Path]
) -> None:
    import html
    import re

    shown = filmed[0].show(height=700)._repr_html_()
    assert 'sandbox="allow-scripts"' in shown
    assert "height:700px" in shown
    page = html.unescape(re.search('srcdoc="(.*)"', shown, re.DOTALL)[1])  # type: ignore[index]
    assert 'id="film-canvas"' in page
    assert "Soldiers.layOut" in page
    assert not re.findall(r"""(?:src|href)=["']https?:""", page)
    assert 'id="film-canvas"' not in two.show().page


# --- The same numbers.


@pytest.mark.slow
def test_the_same_numbers_twice(two: SimulationResult, filmed: tuple[SimulationResult, Path]) -> None:
    xr.testing.assert_identical(two.data, filmed[0].data)


@pytest.mark.slow
def test_a_run_is_the_same_whatever_their_number(two: SimulationResult, four: SimulationResult) -> None:
    many = hf.simulate(skirmish(), runs=plan.BATCH + 4, seed=1, workers=2)
    for more in (four, many):  # the shares of what is not known are of all runs
        xr.testing.assert_equal(more.data.isel(run=[0, 1])[list(two.data.data_vars)], two.data)


def test_runs_differ_from_one_another(four: SimulationResult) -> None:
    ends = four.data.present.isel(day=-1).sum("side").values
    assert len(set(ends.tolist())) > 1


def test_no_man_is_lost(four: SimulationResult) -> None:
    assert four.data.attrs["men_balance_error"] == 0
    assert four.summary()["men_balance_error"] == 0


@pytest.mark.parametrize(("runs", "seed"), [(0, 1), (1, -1), (1, 2**32)])
def test_a_run_that_cannot_be_is_refused(runs: int, seed: int) -> None:
    with pytest.raises(ValueError, match="runs|seed"):
        hf.simulate(skirmish(), runs=runs, seed=seed)


def test_tasks_hold_every_run_once() -> None:
    for runs, billets in [(1, 10), (16, 17_500), (40, 17_500), (7, 17_500), (5, 399_999), (9, 10**6)]:
        scenario = skirmish()
        batch = plan.batch_size(billets)
        made = dataclasses.replace(plan.plan(scenario, runs=runs, seed=1), batch=batch)
        twins = range(
            plan.FIRST_TWIN, plan.FIRST_TWIN + (runs // 2 if runs >= 16 else 0)
        )  # one for every second run of many
        assert [run for task in made.tasks() for run in task] == [*range(runs), *twins]
        assert made.batch == 1 or made.batch * billets <= plan.BATCH_BILLETS
        assert plan.Plan.from_json(made.to_json()) == made


# --- Stopping and resuming.


def stopped(folder: Path) -> Path:
    """Four runs more than go together, in one worker, stopped when those four are under way."""
    made = plan.plan(skirmish(), runs=plan.BATCH + 4, seed=1)
    parts = store.open_parts(folder, made, resume=False)

    def stop(done: int, total: int, what: str) -> None:
        if done > plan.BATCH * DAYS:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run.carry_out(made, parts, 1, stop)
    return parts


@pytest.mark.slow
def test_a_stopped_run_is_resumed(filmed: tuple[SimulationResult, Path], tmp_path: Path) -> None:
    runs = plan.BATCH + 4
    folder = tmp_path / "result"
    shutil.copytree(filmed[1], folder)
    older = {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
    parts = stopped(folder)
    assert not working()

    # What was finished is kept, and an older result in the same folder stays as it was.
    kept = {path.name: path.stat().st_mtime_ns for path in parts.glob("run-*.npz")}
    assert sorted(kept) == [f"run-{number:05}.npz" for number in range(plan.BATCH)]
    now = {
        path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file() and parts not in path.parents
    }
    assert now == older

    # Runs with other luck, length, grain or effects are no runs of this plan.
    for case, seed, grain in [
        (skirmish(), 2, None), (skirmish(59), 1, None), (skirmish(), 1, 2), (skirmish().with_effects("amnesty"), 1, None)
    ]:  # fmt: skip
        with pytest.raises(faults.StoreError, match="choose another --out, or leave --resume away"):
            hf.simulate(case, runs=runs, seed=seed, men_per_billet=grain, out=folder, resume=True)
    assert {path.name: path.stat().st_mtime_ns for path in parts.glob("run-*.npz")} == kept

    # The rest is run, and only the rest.
    told: list[tuple[int, int]] = []
    result = hf.simulate(
        skirmish(), runs=runs, seed=1, workers=2, out=folder, resume=True,
        progress=lambda done, total, _: told.append((done, total)),
    )  # fmt: skip
    left = (4 + runs // 2) * DAYS  # the twins too
    assert told[0] == (0, left)
    assert told[-1] == (left, left)
    assert {name: (parts / name).stat().st_mtime_ns for name in kept} == kept
    xr.testing.assert_identical(result.data, hf.simulate(skirmish(), runs=runs, seed=1, workers=1).data)

    # Once it is written, the new result stands alone: no half-finished runs, no tables of the older one.
    assert json.loads((folder / "summary.json").read_text())["runs"] == 2
    result.save(folder, figures=False)
    assert sorted(path.name for path in folder.iterdir()) == [
        "manifest.json", "report.html", "result.zarr", "summary.json"
    ]  # fmt: skip
    assert json.loads((folder / "summary.json").read_text())["runs"] == runs


def test_a_run_without_resume_starts_afresh(tmp_path: Path) -> None:
    made = plan.plan(skirmish(), runs=4, seed=1, workers=2)
    parts = store.open_parts(tmp_path, made, resume=False)
    store.save_run(parts, 0, {"side": {"killed": np.zeros(1)}})
    assert tasks.claim(parts, "task-0")
    again = store.open_parts(tmp_path, dataclasses.replace(made, runs=8, batch=4), resume=True)
    assert store.has_run(again, 0)  # more runs of the same plan go on from these
    assert tasks.claim(again, "task-0")  # what was only claimed is free again
    assert not store.has_run(store.open_parts(tmp_path, made, resume=False), 0)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(faults.StoreError, match="Choose another --out"):
        hf.simulate(skirmish(), runs=1, out=tmp_path / "file")


def test_nothing_is_left_of_a_run_without_a_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(run.tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(run, "carry_out", refuse)
    with pytest.raises(KeyboardInterrupt):
        hf.simulate(skirmish(), runs=1)
    assert not list(tmp_path.iterdir())


# --- Workers that die.


@pytest.mark.slow
def test_a_worker_that_fails_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "Here", lambda: pool.LocalExecutor(1))  # so little starts no worker otherwise
    made = plan.plan(skirmish(), runs=2, seed=1, workers=1)
    parts = store.open_parts(tmp_path, made, resume=False)
    (parts / "plan.json").write_text(dataclasses.replace(made, scenario={"name": "x"}).to_json())
    with pytest.raises(pool.WorkerError, match=r"(?s)stopped with code 1.*question\n  Field required"):
        run.carry_out(made, parts, 2)
    assert not working()


def test_a_worker_that_is_killed_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = plan.plan(skirmish(), runs=2, seed=1, workers=1)
    parts = store.open_parts(tmp_path, made, resume=False)
    begin = pool._launch

    def launch(errors: IO[bytes], flags: str) -> subprocess.Popen[bytes]:
        process = begin(errors, flags)
        os.kill(process.pid, signal.SIGKILL)
        return process

    monkeypatch.setattr(pool, "_launch", launch)
    monkeypatch.setattr(pool, "Here", lambda: pool.LocalExecutor(1))
    with pytest.raises(pool.WorkerError, match="killed by signal 9; if memory ran out"):
        run.carry_out(made, parts, 1)
    assert not working()
    assert not list(parts.glob("run-*"))


# --- Checks after a run.


def test_planted_faults_are_found(two: SimulationResult) -> None:
    assert result.faults(two.data) == []
    data = two.data.copy(deep=True)
    data.risk_true[0, 5, 1] = np.nan
    data.authority[1, 2, 0] = 1.2
    data.killed[0, 0, 0] = -1
    data.attrs["men_balance_error"] = 3
    told = "\n".join(result.faults(data))
    for words in (
        "3 men were lost", "risk_true holds numbers that are not finite, the first at run 0, day 20", "authority leaves 0 to 1",
        "killed falls below 0",
    ):  # fmt: skip
        assert words in told
    assert len(told.splitlines()) == 4


# --- Outcomes, by hand.


def by_hand(days: int, left: Any = 0.0, broken: Any = 0.0, present: float = 1000.0) -> xr.Dataset:
    """A run in which the first side loses men or sectors as said, and the second nothing."""
    series = np.zeros((3, 1, days, 2))
    series[0, 0, :, 0] = left
    series[1, 0, :, 0] = broken
    series[2] = present
    dims = ("run", "day", "side")
    data = xr.Dataset(
        {
            "deserted": (dims, np.ceil(series[0] / 2)), "surrendered": (dims, np.floor(series[0] / 2)),
            "broken_share": (dims, series[1]), "present": (dims, series[2]),
            **{name: (dims, np.zeros_like(series[0])) for name in ("killed", "wounded", "captured")},
        },
        coords={"side": ["red", "blue"]},
    )  # fmt: skip
    return data.assign(result.outcomes(data))


def firsts(data: xr.Dataset) -> tuple[int, ...]:
    """First days of mass desertion, broken front and collapse of the first side."""
    assert all((data[name].sel(side="blue") == -1).all() for name in data if name.startswith("day_"))
    return tuple(int(data[f"day_{name}"][0, 0]) for name in ("mass_desertion", "front_broken", "collapse"))


def on(days: int, *spans: tuple[int, int], value: float = 1.0) -> np.ndarray:
    series = np.zeros(days)
    for first, end in spans:
        series[first:end] = value
    return series


def test_mass_desertion_is_a_tenth_within_180_days() -> None:
    assert firsts(by_hand(200)) == (-1, -1, -1)
    assert firsts(by_hand(200, left=1)) == (99, -1, -1)  # 100 of 1,000 on the hundredth day
    assert firsts(by_hand(360, left=on(360, (0, 90), (200, 290)))) == (-1, -1, -1)  # 180 men, never 100 in 180 days
    assert firsts(by_hand(360, left=on(360, (0, 90), (160, 290)))) == (169, -1, -1)


def test_a_front_is_broken_at_half_of_its_sectors() -> None:
    assert firsts(by_hand(40, broken=0.49)) == (-1, -1, -1)
    assert firsts(by_hand(40, broken=on(40, (10, 11), value=0.5))) == (-1, 10, -1)


def test_collapse_is_a_front_not_restored_within_30_days() -> None:
    assert firsts(by_hand(90, broken=on(90, (20, 50)))) == (-1, 20, -1)  # restored on the thirtieth day
    assert firsts(by_hand(90, broken=on(90, (20, 50), (51, 81)))) == (-1, 20, -1)
    assert firsts(by_hand(90, broken=on(90, (20, 51)))) == (-1, 20, 50)


def test_collapse_is_half_of_the_men_within_90_days() -> None:
    assert firsts(by_hand(200, left=5)) == (19, -1, -1)  # 450 in 90 days
    assert firsts(by_hand(200, left=6)) == (16, -1, 83)  # the 504th of 1,000


def test_an_army_of_nobody_breaks_no_division() -> None:
    assert firsts(by_hand(10, present=0.0)) == (-1, -1, -1)


def test_who_breaks_first() -> None:
    data = by_hand(5).isel(run=[0] * 6)
    data["day_mass_desertion"] = (("run", "side"), [[3, -1], [-1, 2], [4, 4], [-1, -1], [-1, 3], [4, 2]])
    data["day_collapse"] = (("run", "side"), [[-1, -1], [-1, 4], [-1, -1], [-1, -1], [1, -1], [2, 3]])
    days = outcomes.break_day(data.day_mass_desertion, data.day_collapse)
    np.testing.assert_array_equal(days, [[3, -1], [-1, 2], [4, 4], [-1, -1], [1, 3], [2, 2]])
    shares = result.breaks_first(data)
    assert shares == {
        "red": 2 / 6,
        "blue": 1 / 6,
        "both": 2 / 6,
        "destroyed": 0,
        "none": 1 / 6,
    }  # a run counts once, also a tie
    assert list(run_findings.first_to_break(data).values()) == [2, 1, 2, 0, 1]  # the report counts as the summary does
    assert sum(shares.values()) == pytest.approx(1)


@pytest.mark.parametrize("days", [30, np.int64(30)])
def test_the_length_of_a_run_is_an_argument(days: int) -> None:
    shorter = run.of_days(skirmish(), days)
    assert (shorter.document.days, shorter.base.days) == (30, 120)  # what is inferred of an army is inferred as it was
    assert run.of_days(skirmish(), None) == skirmish()


@pytest.mark.parametrize("days", [0, 30.5, True])
def test_a_length_that_is_none_is_refused_before_anything_is_run(days: Any) -> None:
    with pytest.raises(hf.ScenarioError, match="days: found"):
        hf.simulate(skirmish(), days=days)
    with pytest.raises(hf.ScenarioError, match="days: found"):
        hf.compare(skirmish(), effects=["amnesty"], days=days)


# --- Comparisons, by hand.


def measured(killed: list[float], seed: int = 1) -> xr.Dataset:
    """Runs of ten days in which the first side has so many killed."""
    runs = len(killed)
    shape = (runs, 10, 2)
    flows = {name: (("run", "day", "side"), np.zeros(shape)) for name in result.FLOWS}
    flows["present"] = (("run", "day", "side"), np.full(shape, 100.0))
    data = xr.Dataset(flows, {"run": range(runs), "side": ["red", "blue"]}, {"seed": seed, "men_per_billet": 1})
    data.killed[:, 0, 0] = killed
    days = {f"day_{name}": (("run", "side"), np.full((runs, 2), -1)) for name in outcomes.FirstDays._fields}
    return data.assign(days).assign_attrs(start="2030-03-01", scenario="small")


def test_differences_are_paired_under_the_same_luck() -> None:
    first, second = [10.0, 20.0, 60.0], [12.0, 25.0, 62.0]
    paired = result.differences(measured(first), measured(second), ("plain", "changed"))
    one = paired.sides["red"]["killed"]
    assert paired.paired
    assert (one["a"], one["b"], one["difference"]) == (30, 33, 3)
    assert one["standard_error"] == pytest.approx(np.std([2, 5, 2], ddof=1) / 3**0.5)
    assert paired.sides["blue"]["killed"]["standard_error"] == 0

    apart = result.differences(measured(first), measured(second, seed=2))
    assert not apart.paired
    error = (np.var(first, ddof=1) / 3 + np.var(second, ddof=1) / 3) ** 0.5
    assert apart.sides["red"]["killed"]["standard_error"] == pytest.approx(error)
    assert result.differences(measured([1]), measured([2])).sides["red"]["killed"]["standard_error"] is None
    assert paired.to_dict()["sides"]["red"]["killed"] == dict(one)  # type: ignore[index]
    assert {row["measure"] for row in paired.rows()} == set(paired.sides["red"])


def test_runs_of_unequal_length_are_compared_over_the_days_that_both_have() -> None:
    long = measured([10.0, 20.0, 60.0])
    long.killed[:, 7, 0] = 500.0
    long["day_collapse"][:, 0] = [3, 4, -1]
    short = measured([12.0, 25.0, 62.0]).isel(day=slice(4))
    for one, other, sign in ((long, short, 1), (short, long, -1)):
        found = result.differences(one, other)
        assert (found.days, found.days_each) == (4, (one.sizes["day"], other.sizes["day"]))
        assert found.sides["red"]["killed"]["difference"] == 3 * sign  # of the same days
        assert found.sides["red"]["P(collapse)"]["difference"] == pytest.approx(-sign / 3)  # day 4 is the fifth
        assert found.paired
    assert "<p>The first 4 days from 2030-03-01, of 4 and 10</p>" in found._repr_html_()
    told = found.to_dict()
    assert (told["days"], told["days_each"], told["start"], told["unlike"]) == (4, [4, 10], "2030-03-01", [])


def test_wars_that_cannot_be_compared_are_refused() -> None:
    one = measured([1.0, 2.0])
    other = one.assign_coords(side=["green", "blue"]).assign_attrs(start="2031-03-01")
    with pytest.raises(
        faults.FaultyError, match="(?s)sides of b: found green and blue.*start of b: found 2031"
    ) as error:
        result.differences(one, other)
    assert len(error.value.faults) == 2
    with pytest.raises(faults.FaultyError, match="sides of italy-1917"):  # before anything is run
        hf.compare(skirmish(), "italy-1917", runs=1)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"seed": 2}, "seed (1 and 2)"), ({"men_per_billet": 9}, "men a billet (1 and 9)"),
        ({"holdfast_version": "9"}, "version that made them (None and 9)"), ({"uncertain": "luck"}, "what the runs differ in"),
    ],
)  # fmt: skip
def test_other_luck_is_never_called_the_same(change: dict[str, object], words: str) -> None:
    found = result.differences(measured([1.0, 2.0]), measured([1.0, 2.0]).assign_attrs(change))
    assert not found.paired
    assert found.unlike[0].startswith(words)


def test_pairs_need_the_same_runs_draws_and_brigades() -> None:
    one = measured([1.0, 2.0]).assign_coords(brigade=["I", "II"], sector=["s"])
    one["parameter_value"] = (("run", "parameter"), [[1.0], [2.0]])
    others = {
        "draws of the parameters": one.assign(parameter_value=one.parameter_value + 1),
        "brigades": one.assign_coords(brigade=["I", "III"]),
        "sectors": one.assign_coords(sector=["t"]),
        "number of runs (2 and 1)": one.isel(run=[0]),
    }
    for words, other in others.items():
        found = result.differences(one, other)
        assert (found.paired, found.unlike) == (False, (words,))
    renamed = result.differences(one, one.assign_attrs(scenario="large"))
    assert (renamed.paired, renamed.unlike) == (True, ("scenario (small and large)",))
    turned = result.differences(one, one.isel(side=[1, 0]))  # a side is found by its name
    assert turned.sides["red"]["killed"]["difference"] == 0
    assert not turned.paired


def test_there_must_be_something_to_compare_with() -> None:
    with pytest.raises(ValueError, match="nothing to compare with"):
        hf.compare(skirmish())


# --- What is written.

INTERVALS = (
    "killed", "wounded", "deserted", "surrendered", "refused", "returned", "captured", "caught", "strength_end",
    "exits_per_1000_month", "r_d_max",
)  # fmt: skip
CHANCES = ("p_mass_desertion", "p_front_broken", "p_collapse", "p_settlement", "p_destroyed")


@pytest.mark.slow
def test_the_summary_has_its_shape(filmed: tuple[SimulationResult, Path]) -> None:
    result, folder = filmed
    told = json.loads((folder / "summary.json").read_text(), parse_constant=pytest.fail)
    assert told == json.loads(json.dumps(result.summary(), allow_nan=False))
    assert list(told) == [
        "scenario", "seed", "runs", "days", "men_per_billet", "soldier_days", "wall_s", "sides", "p_breaks_first",
        "uncertain", "spread", "men_balance_error", "draws",
    ]  # fmt: skip
    assert (told["scenario"], told["seed"], told["runs"], told["days"]) == ("skirmish", 1, 2, DAYS)
    assert (told["men_per_billet"], told["men_balance_error"]) == (1, 0)
    assert told["soldier_days"] == int(result.data.present.sum())
    assert told["wall_s"] > 0
    assert list(told["sides"]) == ["north", "south"]
    assert list(told["p_breaks_first"]) == ["north", "south", "both", "destroyed", "none"]
    assert sum(told["p_breaks_first"].values()) == pytest.approx(1)
    for name, side in told["sides"].items():
        assert set(side) == {"strength_start", "days_to_break", "by_day", *INTERVALS, *CHANCES}
        assert side["strength_start"] == {"north": 9000, "south": 7630}[name]
        for key in INTERVALS:
            assert list(side[key]) == ["p05", "p50", "p95"]
            assert 0 <= side[key]["p05"] <= side[key]["p50"] <= side[key]["p95"]
        assert all(0 <= side[key] <= 1 for key in CHANCES)
        assert side["days_to_break"] is None


def test_the_folder_is_complete(filmed: tuple[SimulationResult, Path]) -> None:
    result, folder = filmed
    assert sorted(path.name for path in folder.iterdir()) == [
        "manifest.json", "report.html", "result.zarr", "summary.json", "tables"
    ]  # fmt: skip
    told = json.loads((folder / "manifest.json").read_text(), parse_constant=pytest.fail)
    assert told["scenario_hash"] == result.scenario.hash
    assert (told["seed"], told["runs"], told["days"], told["men_per_billet"]) == (1, 2, DAYS, 1)
    assert {"python", "system", "cores", "device", "packages"} <= set(told["machine"])
    assert "holdfast" in told["machine"]["packages"]
    assert told["parameters"]
    page = (folder / "report.html").read_text(encoding="utf8")
    assert page.startswith("<!")
    assert result.scenario.document.title in page


def test_the_manifest_is_enough_to_repeat_the_run(filmed: tuple[SimulationResult, Path]) -> None:
    from holdfast.scenario import schema

    result, folder = filmed
    told = json.loads((folder / "manifest.json").read_text())
    assert (
        Scenario(schema.ScenarioDocument.model_validate_json(json.dumps(told["scenario"]))).hash == result.scenario.hash
    )


def test_a_saved_result_is_opened_again(filmed: tuple[SimulationResult, Path], tmp_path: Path) -> None:
    result, folder = filmed
    again = store.load_result(folder)
    xr.testing.assert_identical(again.data, result.data)
    assert again.scenario == result.scenario
    assert again.summary()["p_breaks_first"] == result.summary()["p_breaks_first"]
    with pytest.raises(faults.StoreError, match="holds no result"):
        store.load_result(tmp_path)


def test_a_result_is_a_table_of_its_runs(two: SimulationResult) -> None:
    frame = two.to_frame()
    assert list(frame["run"]) == [0, 0, 1, 1]
    assert frame[frame.side == "south"].killed.sum() == int(two.data.killed.sel(side="south").sum())
    assert two.to_dict() == two.summary()
    assert "<table" in two._repr_html_()


def test_the_dataset_is_labelled(filmed: tuple[SimulationResult, Path]) -> None:
    result, folder = filmed
    with xr.open_zarr(folder / "result.zarr", consolidated=False) as data:
        xr.testing.assert_equal(data.load(), result.data)
        assert set(data.sizes) == {"run", "day", "side", "sector", "brigade", "region", "parameter"}
        assert data.day.dtype.kind == "M"
        for name, values in data.data_vars.items():
            assert values.dims[:1] == ("run",), name
            assert values.attrs["long_name"], name
            assert values.attrs["units"], name
    assert set(ensemble_result.VARIABLES) <= set(result.data.data_vars)


def test_the_tables_are_the_dataset(filmed: tuple[SimulationResult, Path]) -> None:
    import pandas as pd

    result, folder = filmed
    tables = {path.stem: pd.read_csv(path) for path in (folder / "tables").iterdir()}
    assert set(tables) == {"sides", "sectors", "regions", "outcomes"}
    sides = tables["sides"].set_index(["run", "day", "side"])
    assert len(sides) == 2 * DAYS * 2
    assert sides.loc[(1, "2030-03-11", "south"), "present"] == result.data.present[1, 10].sel(side="south")
    assert tables["sides"].groupby("side").killed.sum().to_dict() == {
        str(side): int(result.data.killed.sel(side=side).sum()) for side in result.data.side.values
    }
    assert len(tables["outcomes"]) == 2 * 2


def test_the_film_shows_the_run(filmed: tuple[SimulationResult, Path]) -> None:
    """Billet by billet, the film's first run is the first run of the result, the grain being the same."""
    result, _ = filmed
    assert result.film is not None
    about = result.film.about
    packed = film.Packed(about["billets"], about["every"], about["changes"], result.film.payload)
    frames = np.stack(list(film.unpack(packed)))
    assert (about["every"], about["grain"], about["run"]) == (1, 1.0, 0)
    assert len(frames) == len(about["dates"]) == DAYS + 1
    assert frames.max() < len(film.FATES)
    starts = [block[3] for block in about["blocks"]]
    data = result.data.isel(run=about["run"]).sel(brigade=[block[0] for block in about["blocks"]])
    codes = {name: code for code, name in enumerate(film.FATES)}

    there = frames == codes["present"]
    by_brigade = np.add.reduceat(there, starts, axis=1)
    np.testing.assert_array_equal(by_brigade[1:], data.brigade_present.values)
    assert by_brigade[0].sum() == sum(result.data.attrs["strength_start"])

    # A billet that lost its man shows how, unless another has taken his place by the evening.
    for fate, flows in {
        "killed": ("killed",), "wounded": ("wounded",), "deserted": ("deserted",),
        "surrendered": ("surrendered", "captured"), "imprisoned": ("imprisoned",),
    }.items():  # fmt: skip
        fresh = (there[:-1] & (frames[1:] == codes[fate])).sum(axis=1)
        happened = sum(data[flow].sum("side").values for flow in flows)
        assert (fresh <= happened).all(), fate
        assert fate not in ("killed", "wounded") or fresh.sum() > 0
    # Men come and go one by one: what the film shows of it adds up.
    came, went = (~there[:-1] & there[1:]).sum(axis=1), (there[:-1] & ~there[1:]).sum(axis=1)
    np.testing.assert_array_equal(came - went, np.diff(there.sum(axis=1)))
    assert (came <= data.posted.sum("side").values).all()


def test_a_result_draws_its_figures(two: SimulationResult) -> None:
    assert "strength_fan" in dir(two.plot)
    two.plot.strength_fan().to_dict()
    with pytest.raises(AttributeError, match="no figure 'strength_fun'"):
        two.plot.strength_fun()


# --- What is damaged.


def cut_short(file: Path, left: int = 100) -> None:
    file.write_bytes(file.read_bytes()[:left])


def test_a_finished_run_that_is_damaged_is_made_again(tmp_path: Path) -> None:
    made = plan.plan(skirmish(), runs=4, seed=1, workers=2)
    parts = store.open_parts(tmp_path, made, resume=False)
    for number in range(4):
        store.save_run(parts, number, {"side": {"killed": np.zeros(1000)}})
    cut_short(parts / "run-00001.npz")
    cut_short(parts / "run-00002.npz", 0)
    with pytest.raises(faults.StoreError, match=r"run-00001.npz: cannot be read.*--resume"):
        store.load_run(parts, 1)
    with pytest.warns(faults.Notice, match=r"run-0000[12].npz: cannot be read.*made again") as told:
        store.open_parts(tmp_path, made, resume=True)
    assert len(told) == 2
    assert [store.has_run(parts, number) for number in range(4)] == [True, False, False, True]


@pytest.mark.parametrize("text", ["{", "", "[]", '{"seed": 1}'])
def test_a_plan_that_is_damaged_is_named_before_anything_is_run(tmp_path: Path, text: str) -> None:
    parts = tmp_path / store.UNFINISHED
    parts.mkdir()
    (parts / "plan.json").write_text(text)
    with pytest.raises(faults.StoreError, match=r"plan.json: is damaged.*leave --resume away"):
        hf.simulate(skirmish(), runs=2, out=tmp_path, resume=True)
    (parts / "plan.json").unlink()
    store.save_run(parts, 0, {})
    with pytest.raises(faults.StoreError, match=r"plan.json: is missing.*leave --resume away"):
        hf.simulate(skirmish(), runs=2, out=tmp_path, resume=True)
    assert store.has_run(parts, 0)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A small dataset in the folder of a finished run of the skirmish, seed 1."""
    data = by_hand(5).assign_coords(day=np.arange("2030-03-01", "2030-03-06", dtype="datetime64[D]"))
    files.write_zarr(tmp_path / store.DATA, data.drop_vars("day_destroyed").assign_coords(sector=["east"]))
    chosen = skirmish()
    manifest = {
        "name": chosen.name, "scenario": chosen.document.model_dump(mode="json"), "scenario_hash": chosen.hash, "seed": 1,
        "days": DAYS, "men_per_billet": 1, "wall_s": 1.0, "draws": {"uncertain": "parameters, luck"},
        "data_sha256": result.digest(files.read_zarr(tmp_path / store.DATA)),
    }  # fmt: skip
    files.write_json(tmp_path / store.MANIFEST, manifest)
    return tmp_path


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"seed": 2}, "seed 1 and not 2"), ({"scenario": skirmish(DAYS - 1)}, f"days {DAYS} and not {DAYS - 1}"),
        ({"scenario": "italy-1917"}, "scenario skirmish and not italy-1917"), ({"luck_only": True}, "luck alone False"),
        ({"men_per_billet": 2}, "men a billet 1 and not 2"),
        ({"scenario": skirmish().with_effects("amnesty")}, "other values of the scenario"),
    ],
)  # fmt: skip
def test_a_finished_result_is_not_gone_on_with_as_something_else(
    saved: Path, options: dict[str, Any], words: str
) -> None:
    with pytest.raises(faults.StoreError, match=f"holds a finished result, of .*{words}.*Choose another --out"):
        hf.simulate(**{"scenario": skirmish(), "runs": 2} | options, out=saved, resume=True)


@pytest.mark.parametrize(
    ("part", "left"),
    [("result.zarr/present/.zarray", 50), ("result.zarr/present/0.0.0", 10), ("result.zarr/present/0.0.0", None),
     ("result.zarr/sector/0", None), ("manifest.json", 500), ("manifest.json", None)],
)  # fmt: skip
def test_a_saved_result_that_is_damaged_is_named(saved: Path, part: str, left: int | None) -> None:
    """A part that is lost would be read as zeros."""
    assert hf.open(saved).data.day_destroyed.shape == (1, 2)  # of an older release: worked out
    cut_short(saved / part, left) if left else (saved / part).unlink()
    with pytest.raises(faults.StoreError, match=f"{part.split('/')[0]}: .*To cure it, restore the folder"):
        hf.open(saved)
