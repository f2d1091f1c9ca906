"""The command line as a user meets it: help, cases, runs, comparisons, traces, and what is said when something is wrong."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import holdfast as hf
from holdfast.cli import app
from holdfast.ensemble import plan, result, store
from holdfast.scenario import catalogue

PROGRAM = str(Path(sys.executable).with_name("holdfast"))
COMMANDS = tuple(app.COMMANDS)
SHORT = ("--days", "30", "--runs", "2", "--workers", "1")
"""As many runs at a time as in the other tests, whose compiled code serves again."""
PLAIN = ("--no-film", "--no-figures")


class Said(NamedTuple):
    code: int
    out: str
    err: str

    def json(self) -> Any:
        """The one JSON text on standard output."""
        assert self.code == 0, self
        return json.loads(self.out, parse_constant=pytest.fail)


Holdfast = Callable[..., Said]


@pytest.fixture
def holdfast(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Holdfast:
    """The command line within this process, in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def said(*words: str) -> Said:
        try:
            code = app.guarded(words)
        except SystemExit as stop:
            code = int(stop.code or 0)
        return Said(code, *capsys.readouterr())

    return said


def apart(*words: str, folder: Path) -> Said:
    """The installed program in a process of its own."""
    done = subprocess.run([PROGRAM, *words], capture_output=True, text=True, cwd=folder, timeout=300, check=False)
    return Said(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Said, Path]:
    """A short run by the installed program, and its folder."""
    folder = tmp_path_factory.mktemp("finished")
    return apart("run", "skirmish", *SHORT, *PLAIN, "--json", folder=folder), folder / "holdfast-skirmish"


# --- Help.


def test_help_names_every_command_and_waits_for_nothing(tmp_path: Path) -> None:
    code = (
        "import sys; from holdfast.cli import app; app.guarded(['--help']);"
        "heavy = {'jax', 'xarray', 'altair', 'pandas', 'pydantic', 'numpy'} & set(sys.modules); assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    for name in COMMANDS:
        assert re.search(rf"^│ {name} ", done.stdout, re.M), name


def test_help_fits_a_screen_of_80_columns(holdfast: Holdfast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = [line.rstrip() for line in holdfast("--help").out.splitlines()]
    examples = [line.split("    ")[0].strip() for line in lines if line.startswith(" holdfast ")]
    assert len(examples) == 21
    assert all(len(line) <= 80 for line in lines)
    assert " holdfast trace skirmish                      twenty soldiers, day by day" in lines


@pytest.mark.parametrize(
    "command",
    [(name,) for name in COMMANDS]
    + [("scenarios", n) for n in ("list", "show", "check", "new", "schema")]
    + [("claims", n) for n in ("check", "judge")]
    + [("data", n) for n in ("list", "fetch", "show", "claims", "package")],
)
def test_every_command_has_an_example(holdfast: Holdfast, command: Sequence[str]) -> None:
    said = holdfast(*command, "--help")
    assert said.code == 0
    assert "Example" in said.out or command in (("scenarios",), ("claims",), ("data",))


def test_the_installed_program_tells_its_version(tmp_path: Path) -> None:
    said = apart("--version", folder=tmp_path)
    assert (said.code, said.err) == (0, "")
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*", said.out.strip())


# --- Cases and parameters.


def test_cases_are_listed(holdfast: Holdfast) -> None:
    told = holdfast("scenarios", "list", "--json").json()
    assert [case["name"] for case in told] == catalogue.names()
    assert all(case["question"] and len(case["sides"]) == 2 for case in told)
    listed = holdfast("scenarios", "list").out
    assert all(name in listed for name in catalogue.names())


def test_a_case_is_shown(holdfast: Holdfast) -> None:
    told = holdfast("scenarios", "show", "skirmish", "--json").json()
    assert [side["name"] for side in told["side"]] == ["north", "south"]
    shown = holdfast("scenarios", "show", "skirmish").out
    for words in ("an invented war", "Army of South", "leaflets", "south.resolve", "Everything here is invented"):
        assert words in shown


@pytest.mark.parametrize("like", [None, "skirmish", "russia-1917"])
def test_a_new_case_is_sound_and_never_overwrites(holdfast: Holdfast, like: str | None) -> None:
    words = ["scenarios", "new", "own/mine.toml", *(["--like", like] if like else [])]
    assert "holdfast scenarios check own/mine.toml" in holdfast(*words).out
    written = Path("own/mine.toml").read_bytes()
    assert holdfast("scenarios", "check", "own/mine.toml", "--json").json()["ok"] is True
    assert "sound" in holdfast("scenarios", "check", "own/mine.toml").out
    again = holdfast(*words)
    assert (again.code, again.out) == (2, "")
    assert "exists already" in again.err
    assert Path("own/mine.toml").read_bytes() == written


def test_parameters_are_listed(holdfast: Holdfast) -> None:
    told = holdfast("parameters", "--json").json()
    assert len(told) > 50
    assert all({"path", "value", "unit", "prior", "pressure", "source"} <= set(row) for row in told)
    assert {"map.shock_2", "label.collapse_gone", "surrogate.width"} <= {row["path"] for row in told}
    bond = holdfast("parameters", "bond", "--json").json()
    assert [row for row in told if "bond" in row["path"]] == bond != []
    coercion = holdfast("parameters", "--pressure", "coercion", "--json").json()
    assert {row["pressure"] for row in coercion} == {"coercion"}
    assert coercion[0]["path"].split(".")[0] in holdfast("parameters", "--pressure", "coercion").out


# --- Runs.


@pytest.mark.slow
def test_a_run_prints_one_json_object_twice_the_same(finished: tuple[Said, Path], holdfast: Holdfast) -> None:
    first, folder = finished
    told = first.json()
    assert first.err == ""
    assert (told["runs"], told["days"], told["men_balance_error"]) == (2, 30, 0)
    assert told == json.loads((folder / "summary.json").read_text())
    again = holdfast("run", "skirmish", *SHORT, *PLAIN, "--json", "--csv", "--out", "again").json()
    assert {path.name for path in Path("again").iterdir()} >= {"tables", "report.html", "manifest.json", "result.zarr"}
    assert again.pop("wall_s") > 0
    assert told.pop("wall_s") > 0
    assert again == told


@pytest.mark.slow
def test_the_table_can_be_read(
    finished: tuple[Said, Path], two: result.SimulationResult, capsys: pytest.CaptureFixture[str]
) -> None:
    from holdfast.cli import run as cli_run

    cli_run.show(two, finished[1] / "report.html")
    shown = capsys.readouterr().out
    summary = two.summary()
    for words in (
        "an invented war", "2 runs of 60 days, 1 billet = 1 man;", "9,000 men", "strength at the end", "P(collapse)",
        "Neither side breaks", "Resolution: 2 runs", f"Report: {finished[1] / 'report.html'}",
    ):  # fmt: skip
        assert words in shown, words
    killed = summary["sides"]["north"]["killed"]
    assert f"{killed['p50']:,.0f} (" in shown
    assert "gave up encircled" not in shown
    assert max(map(len, shown.replace(str(finished[1]), "").splitlines())) <= 110


def test_progress_is_shown_on_standard_error(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from holdfast.cli import console

    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    with console.progress("skirmish: 2 runs", starting=console.COMPILES) as told:
        told(0, 120, "compiling")
        time.sleep(0.15)  # shown ten times a second
        told(60, 120, "running")
        time.sleep(0.6)
        told(120, 120, "running")
    out, err = capsys.readouterr()
    assert out == ""
    for words in ("skirmish: 2 runs", "the first time compiles", "50%", "100%", "about 0 s left"):
        assert words in err, words
    with console.progress("skirmish: 2 runs", quiet=True) as told:
        told(60, 120, "running")
    assert capsys.readouterr() == ("", "")


def test_titles_are_never_read_as_markup(two: result.SimulationResult, capsys: pytest.CaptureFixture[str]) -> None:
    from holdfast.cli import run as cli_run

    title = "A war [/b] of [red] brackets"
    cli_run.show(
        result.SimulationResult(two.scenario.with_values({"title": title}), two.data, 1.0), Path("out[x]/report.html")
    )
    shown = capsys.readouterr().out
    assert title in shown
    assert "out[x]/report.html" in shown


def test_changes_reach_the_run(tmp_path: Path) -> None:
    from holdfast.cli import options

    case = options.scenario_of(
        "skirmish", 40, ["south.resolve.mean=2", "choice.present_bias=0.9"], ["winter:north:0.5"]
    )
    assert case.document.days == 40
    assert case.document.side[1].resolve.mean == 2
    assert case.document.parameters["choice.present_bias"] == 0.9
    event = case.document.event[-1]
    assert (event.effect, event.side, event.strength) == ("winter", "north", 0.5)


# --- What is wrong is told.

BAD = {
    "misspelt case": (("run", "skirmsh"), "scenario:", "Did you mean skirmish?"),
    "misspelt command": (("runn",), '"runn"', 'Did you mean "run"?'),
    "unknown option": (("run", "skirmish", "--rums", "3"), "--rums", "Did you mean --runs?"),
    "no number": (("run", "skirmish", "--runs", "many"), "--runs", "is no whole number; write it as 16"),
    "half a run": (("run", "skirmish", "--runs", "2.5"), "--runs", "is no whole number; write it as 16"),
    "no runs": (("run", "skirmish", "--runs", "0"), "--runs:", "Give 1 or more"),
    "no workers": (("run", "skirmish", "--workers", "-1"), "--workers:", "Give 1 or more"),
    "no grain": (("run", "skirmish", "--men-per-billet", "0"), "--men-per-billet:", "Give 1 or more"),
    "no days": (("run", "skirmish", "--days", "0"), "days:", "a whole number from 1 to"),
    "seed too large": (("run", "skirmish", "--seed", "4294967296"), "--seed:", "Give another seed"),
    "seed below 0": (("trace", "skirmish", "--seed", "-1"), "--seed:", "Give another seed"),
    "misspelt key": (("run", "skirmish", "--set", "south.resolv.mean=2"), "south.resolv.mean:", "mean south.resolve.mean?"),
    "misspelt parameter": (("run", "--set", "choice.present_bia=1"), "choice.present_bia", "mean choice.present_bias?"),
    "no sign of equality": (("run", "skirmish", "--set", "south.absent"), "--set:", "Write it as --set"),
    "no value": (("run", "skirmish", "--set", "south.absent="), "--set:", "Write it as --set"),
    "negative men": (("run", "skirmish", "--set", "south.absent=-5"), "side[south].absent:", "0 or more"),
    "a word for a number": (("run", "skirmish", "--set", "days=long"), "days:", "Write the number without quotation marks"),
    "unknown effect": (("run", "skirmish", "--effect", "amnest:south"), "event[amnest].effect:", "Did you mean amnesty?"),
    "unknown side": (("compare", "skirmish", "--effect", "amnesty:soth"), "event[amnesty].side:", "Did you mean south?"),
    "no strength": (("run", "skirmish", "--effect", "winter::lots"), "event[winter].strength:", "a number, 0 or more"),
    "no such file": (("scenarios", "check", "mine.toml"), "mine.toml", "Correct the path"),
    "a bad file": (("run", "bad.toml"), "line 2, column", "quotation mark"),
    "an unsound file": (("scenarios", "check", "poor.toml"), "side:", "exactly two tables"),
    "a folder for a case": (("run", "."), "the folder", "Name a file"),
    "out is a file": (("run", "skirmish", *SHORT, "--out", "bad.toml"), "bad.toml: is a file", "Choose another --out"),
    "out below a file": (("run", "skirmish", *SHORT, "--out", "bad.toml/x"), "bad.toml/x", "Choose another --out"),
    "new below a file": (("scenarios", "new", "bad.toml/mine.toml"), "bad.toml", "Name another place"),
    "new like nothing": (("scenarios", "new", "mine.toml", "--like", "skirmsh"), "--like:", "Did you mean skirmish?"),
    "nothing to compare": (("compare", "skirmish"), "b:", "Give --set or --effect"),
    "comparing with nothing": (("compare", "skirmish", "skirmsh"), "scenario:", "Did you mean skirmish?"),
    "tracing no side": (("trace", "skirmish", "--side", "souht"), "--side:", "Did you mean south?"),
    "tracing to nowhere": (("trace", "skirmish", "--csv", "no/where.csv"), "--csv:", "Make the folder first"),
    "no such pressure": (("parameters", "--pressure", "coertion"), "--pressure:", "Did you mean coercion?"),
}  # fmt: skip


@pytest.mark.parametrize(("words", "place", "cure"), BAD.values(), ids=BAD)
def test_a_fault_is_told_with_its_place_and_cure(
    holdfast: Holdfast, words: tuple[str, ...], place: str, cure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    Path("bad.toml").write_text('format = 1\nname = "bad\n')
    Path("poor.toml").write_text('format = 1\nname = "poor"\n')
    before = {path: path.read_text() for path in Path().rglob("*")}
    said = holdfast(*words)
    assert (said.code, said.out) == (2, ""), said
    assert place in said.err
    assert cure in said.err
    assert "Traceback" not in said.err
    assert {path: path.read_text() for path in Path().rglob("*")} == before

    told = holdfast(*words, *(["--json"] if words[:2] != ("scenarios", "new") else []))
    assert told.code == 2
    if words[:2] != ("scenarios", "new"):
        assert told.err == ""
        assert place in json.loads(told.out)["error"]
        assert cure in json.loads(told.out)["error"]


def test_all_faults_are_told_together(holdfast: Holdfast) -> None:
    said = holdfast("run", "skirmish", "--runs", "0", "--workers", "0", "--seed", "-2")
    assert "3 faults" in said.err
    said = holdfast("run", "skirmish", "--set", "south.absent=-5", "--set", "north.trust=7")
    assert "2 faults" in said.err


def test_the_installed_program_ends_with_the_code(tmp_path: Path) -> None:
    said = apart("run", "skirmsh", folder=tmp_path)
    assert (said.code, said.out) == (2, "")
    assert "Did you mean skirmish?" in said.err
    assert "Traceback" not in said.err


# --- Stopping.


@pytest.mark.slow
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("apart", [True, False], ids=["a worker", "its own process"])
def test_a_stopped_program_leaves_no_worker_and_keeps_what_is_finished(
    sign: signal.Signals, apart: bool, tmp_path: Path
) -> None:
    """All but two long runs stand as finished already; the program is stopped while it or a worker makes those."""
    case = hf.load_scenario("skirmish").with_values({"days": 3650})
    parts = store.open_parts(
        tmp_path / "out", plan.plan(case, runs=plan.BATCH + 2, seed=1, luck_only=True), resume=False
    )
    finished = range(plan.BATCH)
    for run in finished:
        store.save_run(parts, run, {"side": {"killed": np.zeros(1)}})
    words = [
        "run",
        "skirmish",
        "--days",
        "3650",
        "--runs",
        str(plan.BATCH + 2),
        "--luck-only",
        "--workers",
        "2",
        "--no-film",
        "--out",
        "out",
        "--resume",
    ]
    # Where the tests run in the background SIGINT is ignored, and so it would be by every program started from them.
    # So little is run in the program's own process, unless it is told to start a worker for it.
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from holdfast.parallel import pool; "
    )
    code += "pool.Here = lambda: pool.LocalExecutor(2); " * apart + "from holdfast.__main__ import main; main()"
    program = subprocess.Popen(
        [sys.executable, "-c", code, *words], cwd=tmp_path, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )  # fmt: skip
    try:
        until(lambda: (parts / "task-1.claim").exists())
        started = running("holdfast.parallel.pool", program.pid)
        assert bool(started) == apart
        program.send_signal(sign)
        out, err = program.communicate(timeout=30)
    finally:
        program.kill()
    assert program.returncode == 128 + sign
    assert out == ""
    assert "Traceback" not in err
    assert sign != signal.SIGINT or "repeat the command with --resume" in err
    assert not (started & running("holdfast.parallel.pool"))
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [store.UNFINISHED]
    assert sorted(path.name for path in parts.glob("run-*")) == [f"run-{run:05}.npz" for run in finished]


def running(words: str, parent: int | None = None) -> set[str]:
    """Processes whose command holds some words, of one parent or of all; `-ww`, or the words are cut off behind a long path."""
    listed = subprocess.run(
        ["ps", "-ww", "-eo", "pid=,ppid=,stat=,args="], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split(maxsplit=3) for line in listed.splitlines()]
    return {
        pid for pid, of, state, args in rows
        if words in args and not state.startswith("Z") and parent in (None, int(of))
    }  # fmt: skip


def until(true: Callable[[], bool], seconds: float = 120) -> None:
    """Wait until something is true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


# --- Comparing.


@pytest.mark.slow
def test_an_effect_without_strength_changes_nothing(finished: tuple[Said, Path], holdfast: Holdfast) -> None:
    told = holdfast("compare", str(finished[1]), "skirmish", "--effect", "amnesty:south:0", *SHORT, "--json").json()
    assert told["paired"] is True
    assert told["runs"] == [2, 2]
    assert list(told["sides"]) == ["north", "south"]
    for side in told["sides"].values():
        assert {"killed", "deserted", "strength at the end", "P(collapse)"} <= set(side)
        for measure, value in side.items():
            assert value["a"] == value["b"], measure
            assert (value["difference"], value["standard_error"]) == (0, 0), measure


@pytest.mark.slow
def test_an_effect_is_compared_under_the_same_luck(holdfast: Holdfast) -> None:
    told = holdfast("compare", "skirmish", "--effect", "amnesty:south:20", *SHORT, "--json").json()
    assert told["paired"] is True
    assert (told["a"], told["b"]) == ("skirmish", "skirmish amnesty:south:20")
    moved = {key: value for key, value in told["sides"]["south"].items() if value["difference"]}
    assert moved
    for value in moved.values():
        assert value["difference"] == pytest.approx(value["b"] - value["a"])
        assert value["standard_error"] >= 0


@pytest.mark.slow
def test_finished_runs_are_compared(finished: tuple[Said, Path], holdfast: Holdfast) -> None:
    said = holdfast("compare", str(finished[1]), str(finished[1]))
    assert said.code == 0
    assert "2 and 2 runs, paired under the same draws and luck" in said.out
    assert "+0 ± 0" in said.out


# --- Tracing.


@pytest.mark.slow
def test_what_is_told_of_a_soldier_is_what_the_engine_did(holdfast: Holdfast) -> None:
    changed = ("--set", "south.resolve.mean=-1", "--set", "north.resolve.mean=-1", "--set", "south.shock=0.02")
    told = holdfast(
        "trace", "skirmish", "--soldiers", "600", "--days", "20", *changed, "--json", "--csv", "all.csv"
    ).json()
    assert len(told) == 600 * 20
    assert len(Path("all.csv").read_text().splitlines()) == 1 + 600 * 20
    after = {
        "stays": {"present"}, "refuses": {"present"}, "caught, kept": {"present"}, "killed": {"killed"},
        "wounded": {"wounded"}, "deserts": {"deserted"}, "surrenders": {"surrendered"}, "jailed": {"imprisoned"},
    }  # fmt: skip
    by_soldier: dict[int, list[dict[str, Any]]] = {}
    for row in told:
        by_soldier.setdefault(row["soldier"], []).append(row)
    seen = set()
    for own in by_soldier.values():
        assert [row["day"] for row in own] == list(range(20))
        for row, tomorrow in zip(own, own[1:]):
            if "what" not in row:
                assert row["fate"] != "present"
                continue
            seen.add(row["what"])
            replaced = tomorrow["fate"] == "present" and tomorrow["tenure_d"] != row["tenure_d"] + 1
            assert tomorrow["fate"] in after[row["what"]] or replaced, (row, tomorrow)
            same_man = row["what"] in ("stays", "refuses", "caught, kept")
            assert not (same_man and replaced)
    assert {"stays", "killed", "wounded", "deserts", "refuses"} <= seen


@pytest.mark.slow
def test_every_term_of_a_decision_is_told(holdfast: Holdfast) -> None:
    told = [
        row
        for row in holdfast("trace", "skirmish", "--soldiers", "5", "--days", "20", "--json").json()
        if "what" in row
    ]
    assert told
    for row in told:
        parts = ("resolve", "unit_and_cause", "terror", "pay", "dread")
        assert sum(row[part] for part in parts) == pytest.approx(row["stay"], abs=1e-4)
        assert row["p_desert"] + row["p_surrender"] + row["p_caught"] == pytest.approx(row["p_leave"], rel=1e-4)
        assert 0 <= row["luck"] < 1
        if row["what"] == "stays":
            assert row["p_hit"] <= row["luck"] <= 1 - row["p_leave"] + 1e-6


@pytest.mark.slow
def test_a_trace_can_be_read(holdfast: Holdfast) -> None:
    said = holdfast("trace", "skirmish", "--soldiers", "5", "--days", "20", "--side", "south")
    assert (said.code, said.err) == (0, "")
    for words in ("Soldier 1 of south", "wish to stay", "his luck is", "in 20 days"):
        assert words in said.out
    assert "north" not in said.out
