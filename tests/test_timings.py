"""Where the time goes: phases add up, nothing counts twice, and nothing is measured unless somebody asks."""

from __future__ import annotations

import builtins
import importlib
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from holdfast.cli import app
from holdfast.core import timings
from holdfast.core.timings import PHASES, Timings, phase
from holdfast.io import seals
from holdfast.parallel import Report, pool


class Clock:
    """A clock that goes only when it is told to; half of the time is the processor's."""

    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> tuple[float, float]:
        return self.time, self.time / 2

    def go(self, seconds: float) -> None:
        self.time += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(timings, "_now", clock)
    return clock


@pytest.fixture
def measuring(clock: Clock) -> Iterator[Timings]:
    yield timings.start()
    timings.stop()


def wall(measuring: Timings) -> dict[str, float]:
    """Seconds by phase, those without any left out."""
    measuring.mark()
    return {name: pytest.approx(seconds) for name, seconds in measuring.wall.items() if abs(seconds) > 1e-9}


def test_time_belongs_to_the_innermost_phase_alone(clock: Clock, measuring: Timings) -> None:
    clock.go(1)
    with phase("write"):
        clock.go(2)
        with phase("figures"):
            clock.go(4)
            with phase("write"):
                clock.go(8)
        clock.go(16)
    clock.go(32)
    assert wall(measuring) == {"other": 33, "write": 26, "figures": 4}
    assert sum(measuring.wall.values()) == pytest.approx(63)
    assert sum(measuring.processor.values()) == pytest.approx(31.5)


def test_a_phase_that_fails_is_left(clock: Clock, measuring: Timings) -> None:
    @phase("read")
    def fail() -> None:
        clock.go(1)
        raise KeyError

    with pytest.raises(KeyError):
        fail()
    clock.go(2)
    assert wall(measuring) == {"read": 1, "other": 2}


def test_a_function_may_be_a_phase_and_call_itself(clock: Clock, measuring: Timings) -> None:
    @phase("build")
    def fall(depth: int) -> int:
        clock.go(1)
        return fall(depth - 1) if depth else clock.go(1) or 7

    assert fall(3) == 7
    assert wall(measuring) == {"build": 5}


def test_what_is_traced_within_a_trace_counts_once(clock: Clock, measuring: Timings) -> None:
    """JAX tells of an inner program's trace and compilation first, then of the outer trace that holds both."""
    with phase("run"):
        clock.go(1)  # of the run itself
        clock.go(2)  # the outer trace begins
        clock.go(3)
        timings._lasted(timings.TRACED[0], 3.0)
        clock.go(4)
        timings._lasted(timings.COMPILED, 4.0)
        clock.go(5)
        timings._lasted(timings.TRACED[0], 14.0)
        clock.go(6)
        timings._lasted(timings.TRACED[1], 6.0)
        clock.go(7)
        timings._lasted(timings.COMPILED, 7.0)
        timings._happened(timings.FROM_CACHE)
        clock.go(8)
    assert wall(measuring) == {"run": 9, "trace": 16, "compile": 11}
    assert measuring.processor["trace"] == pytest.approx(8)
    assert measuring.programs == {"traced": 1, "compiled": 1, "from_cache": 1}


def test_a_phase_within_a_trace_keeps_its_time(clock: Clock, measuring: Timings) -> None:
    with phase("run"):
        clock.go(1)
        with phase("read"):
            clock.go(2)
        clock.go(4)
        timings._lasted(timings.TRACED[0], 7.0)
    assert wall(measuring) == {"trace": 5, "read": 2}


def test_an_event_takes_no_more_than_its_phase_had(clock: Clock, measuring: Timings) -> None:
    clock.go(5)
    with phase("run"):
        clock.go(1)
        timings._lasted(timings.COMPILED, 3.0)
    assert wall(measuring) == {"other": 5, "compile": 1}


@pytest.mark.parametrize("name", ["", "running", "all"])
def test_an_unknown_phase_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"is no phase; use one of import, read, build"):
        phase(name)


def test_nothing_is_measured_unless_asked() -> None:
    assert timings.current() is None
    assert timings.taken() is None
    with phase("run"):
        assert timings.current() is None
    load = builtins.__import__, importlib.import_module
    timings.start()
    assert load[0] is not builtins.__import__
    timings.stop()
    assert (builtins.__import__, importlib.import_module) == load


def test_what_is_imported_is_an_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "slow_to_import.py").write_text("import time; time.sleep(0.2)\n", encoding="utf8")
    monkeypatch.syspath_prepend(str(tmp_path))
    measuring = timings.start()
    try:
        with phase("run"):
            import slow_to_import  # type: ignore[import-not-found]  # noqa: F401
        with phase("run"):
            importlib.import_module("slow_to_import")
    finally:
        timings.stop()
        sys.modules.pop("slow_to_import", None)
    assert measuring.wall["import"] > 0.19
    assert measuring.wall["run"] < measuring.wall["import"]


def spin(job: float, report: Report) -> float:
    """Uses the processor for so long [s]."""
    until = time.process_time() + job
    while time.process_time() < until:
        pass
    return job


def test_workers_hand_over_what_they_took() -> None:
    measuring = timings.start()
    try:
        assert pool.each(spin, [0.2, 0.3], executor=pool.LocalExecutor(2)) == [0.2, 0.3]
        measured = measuring.to_dict()
    finally:
        timings.stop()
    assert measured["workers_processor_s"]["run"] == pytest.approx(0.5, abs=0.2)
    assert measured["workers_processor_s"]["import"] > 0
    assert "run" in measured["wall_s"]


def test_the_table_has_a_line_for_each_phase_that_took_time() -> None:
    seconds = dict.fromkeys(PHASES, 0.0) | {"import": 1.25, "run": 2.5}
    measured = {
        "wall_s": seconds, "processor_s": seconds, "workers_processor_s": {"trace": 3.0},
        "programs": {"traced": 4, "compiled": 1, "from_cache": 3},
    }  # fmt: skip
    lines = timings.table(measured).splitlines()
    assert [line.split()[0] for line in lines[1:]] == ["import", "trace", "run", "all", "programs:"]
    assert lines[4].split() == ["all", "3.75", "3.75", "3.00"]
    assert lines[5] == "programs: 4 traced, 1 compiled, 3 from cache"


@pytest.mark.parametrize("words", [("--timings", "scenarios", "list"), ("scenarios", "list", "--timings", "--json")])
def test_the_option_may_stand_anywhere_and_leaves_the_output_alone(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.timed([word for word in words if word != "--timings"]) == 0
    without = capsys.readouterr()
    assert app.timed(words) == 0
    said = capsys.readouterr()
    assert said.out == without.out
    assert without.err == ""
    assert "wall [s]" in said.err
    assert "programs: 0 traced" in said.err
    assert timings.current() is None


def test_the_table_is_shown_of_a_command_that_fails_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.timed(["scenarios", "show", "nosuch", "--timings"]) == 2
    assert "wall [s]" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["run", "losses", "scenarios", "claims"])
def test_help_names_the_option(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.timed([command, "--help"]) == 0
    assert "--timings" in capsys.readouterr().out


@pytest.mark.slow
def test_a_run_says_the_same_with_and_without(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["run", "skirmish", "--runs", "2", "--days", "5", "--no-film", "--no-figures", "--json"]
    texts, manifests = [], []
    for name, more in (("with", ["--timings"]), ("without", [])):
        assert app.timed([*words, *more, "--out", str(tmp_path / name)]) == 0
        texts.append(json.loads(capsys.readouterr().out))
        manifests.append(json.loads((tmp_path / name / "manifest.json").read_text(encoding="utf8")))
    assert texts[0] | {"wall_s": 0} == texts[1] | {"wall_s": 0}
    measured = manifests[0].pop("timings")
    taken = {"wall_s": 0, seals.KEY: ""}  # the seal is of all that the file says
    assert manifests[0] | taken == manifests[1] | taken
    assert {"run", "write"} <= set(measured["wall_s"]) <= set(PHASES)
    assert "run" in measured["processor_s"]  # so small a run starts no worker
    assert set(measured["programs"]) == {"traced", "compiled", "from_cache"}
