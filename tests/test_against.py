"""The scripts that set what commands cost here beside what they cost at another commit, on invented checkouts."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

import benches

ROOT = Path(__file__).parent.parent
BENCH = ROOT / "bench"
Bench = Callable[[str], ModuleType]

CHECKOUT = """
import json, os, pathlib, sys
SIDE, SPEED = {side!r}, {speed!r}
def main():
    words, cache = sys.argv[1:], pathlib.Path(os.environ["HOLDFAST_CACHE"])
    if "--help" in words:
        return
    if "refused" in words:
        sys.exit("first line\\nno such army")
    with open(words[0], "a") as log:
        print(SIDE, "warm" if (cache / "compiled").exists() else "cold", file=log)
    cache.mkdir(parents=True, exist_ok=True)
    (cache / "compiled").touch()
    pathlib.Path("result.json").write_text(json.dumps({{"least": 2 * SPEED}}))
    print(json.dumps({{"speeds": [{{"rate": SPEED}}], "words": words, "empty": os.listdir() == ["result.json"]}}))
"""


@pytest.fixture
def bench() -> Iterator[Bench]:
    with benches.importing(BENCH) as by_name:
        yield by_name


@pytest.fixture
def against(bench: Bench) -> ModuleType:
    return bench("against")


def invented(root: Path, side: str, speed: float) -> Path:
    package = root / "src" / "holdfast" / "cli"
    package.mkdir(parents=True)
    for name, text in (("../__init__", ""), ("__init__", ""), ("app", CHECKOUT.format(side=side, speed=speed))):
        (package / f"{name}.py").write_text(text)
    return root


@pytest.fixture
def two(tmp_path: Path) -> list[str]:
    before = invented(tmp_path / "before", "reference", 10.0)
    after = invented(tmp_path / "after", "present", 25.0)
    return [str(before), "--present", str(after), "--python", sys.executable, "--reference-python", sys.executable]


def measured(against: ModuleType, two: list[str], folder: Path, *more: str) -> tuple[int, dict[str, object], list[str]]:
    """The exit code, the first row, and the runs in their order."""
    file, log = folder / "found.json", folder / "log"
    at = more.index("--")
    code = against.main([*two, "--json", str(file), *more[:at], "--", more[at + 1], str(log), *more[at + 2 :]])
    return code, json.loads(file.read_text())["rows"][0], log.read_text().splitlines() if log.exists() else []


def test_both_are_run_in_turn_after_one_run_that_fills_the_caches(
    against: ModuleType, two: list[str], tmp_path: Path
) -> None:
    code, row, runs = measured(against, two, tmp_path, "--rounds", "2", "--", "holdfast")
    assert code == 0
    assert runs == ["reference cold", "present cold", *["reference warm", "present warm"] * 2]
    assert [len(row["costs"][side]) for side in ("reference", "present")] == [2, 2]  # type: ignore[index]
    assert {"wall_s", "processor_s", "peak_mb"} <= row["ratios"].keys()  # type: ignore[attr-defined]


def test_a_first_run_finds_empty_caches_every_time(against: ModuleType, two: list[str], tmp_path: Path) -> None:
    _, _, runs = measured(against, two, tmp_path, "--rounds", "2", "--fresh", "--", "holdfast")
    assert runs == ["reference cold", "present cold"] * 2


def test_without_a_warming_run_every_run_is_measured(against: ModuleType, two: list[str], tmp_path: Path) -> None:
    _, _, runs = measured(against, two, tmp_path, "--rounds", "1", "--no-warm", "--", "holdfast")
    assert runs == ["reference cold", "present cold"]


def test_a_number_of_the_output_is_a_measure(
    against: ModuleType, two: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, row, _ = measured(against, two, tmp_path, "--rounds", "2", "--value", "speeds.0.rate", "--", "holdfast")
    assert row["ratios"]["value"]["ratio"] == 2.5  # type: ignore[index]
    assert (row["ratios"]["value"]["least"], row["ratios"]["value"]["most"]) == (2.5, 2.5)  # type: ignore[index]
    first = row["costs"]["present"][0]  # type: ignore[index]
    assert first["processor_s_per_value"] == first["processor_s"] / 25
    assert "2.500" in capsys.readouterr().out


def test_a_command_run_afterwards_may_give_that_number(against: ModuleType, two: list[str], tmp_path: Path) -> None:
    read = f"{sys.executable} -c \"print(open('result.json').read())\""
    words = ["--rounds", "1", "--no-warm", "--value", "least", "--per", read]
    _, row, _ = measured(against, two, tmp_path, *words, "--", "holdfast")
    assert row["costs"]["present"][0]["value"] == 50  # type: ignore[index]


def test_the_reference_may_spell_the_command_otherwise(against: ModuleType, two: list[str], tmp_path: Path) -> None:
    other = f"holdfast {tmp_path / 'other'}"
    words = ["--rounds", "1", "--no-warm", "--reference-command", other]
    _, _, runs = measured(against, two, tmp_path, *words, "--", "holdfast")
    assert runs == ["present cold"]
    assert (tmp_path / "other").read_text() == "reference cold\n"


def test_any_other_command_sees_its_own_checkout(against: ModuleType, two: list[str], tmp_path: Path) -> None:
    code = "import holdfast.cli.app as app, json; print(json.dumps({'speed': app.SPEED}))"
    file = tmp_path / "found.json"
    words = ["--rounds", "1", "--no-warm", "--value", "speed", "--json", str(file), "--", sys.executable, "-c", code]
    assert against.main([*two, *words]) == 0
    assert json.loads(file.read_text())["rows"][0]["ratios"]["value"]["ratio"] == 2.5


def test_a_failure_shows_the_last_lines_of_its_errors(
    against: ModuleType, two: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, row, _ = measured(against, two, tmp_path, "--rounds", "1", "--", "holdfast", "refused")
    assert code == 2
    assert "no such army" in str(row["failure"])
    assert "no such army" in capsys.readouterr().out


def test_a_number_that_is_not_there_is_a_failure(against: ModuleType, two: list[str], tmp_path: Path) -> None:
    code, row, _ = measured(against, two, tmp_path, "--rounds", "1", "--value", "speeds.0.range", "--", "holdfast")
    assert code == 2
    assert "speeds.0.range" in str(row["failure"])


TABLE = """
[[row]]
name = "refused"
work = "a command that fails"
command = "holdfast refused"
rounds = 1

[[row]]
name = "speed"
work = "`holdfast speed`"
command = "holdfast LOG"
measure = "value"
value = "speeds.0.rate"
at_least = 2
rounds = 1
"""


def test_a_table_goes_on_after_a_failure_and_is_put_into_the_page(
    bench: Bench, against: ModuleType, two: list[str], tmp_path: Path
) -> None:
    speed_page = bench("speed_page")
    table, file, page = (tmp_path / name for name in ("table.toml", "speed.json", "speed.md"))
    table.write_text(TABLE.replace("LOG", str(tmp_path / "log")))
    assert against.main([*two, "--table", str(table), "--out", str(file)]) == 2
    page.write_text("Before\n\n<!-- speed: begin -->\nan earlier table\n<!-- speed: end -->\n\nAfter\n")
    speed_page.main(page, tmp_path)
    text = page.read_text()
    assert "an earlier table" not in text
    assert text.startswith("Before\n")
    assert text.endswith("After\n")
    speed = next(line for line in text.splitlines() if line.startswith("| `holdfast speed`"))
    assert "2.50 (2.50–2.50)" in speed
    assert "≥ 2 | reached |" in speed
    assert "failed |" in next(line for line in text.splitlines() if line.startswith("| a command that fails"))


def test_rows_measured_anew_leave_the_others(against: ModuleType, two: list[str], tmp_path: Path) -> None:
    table, file = tmp_path / "table.toml", tmp_path / "speed.json"
    table.write_text(TABLE.replace("LOG", str(tmp_path / "log")))
    against.main([*two, "--table", str(table), "--out", str(file)])
    before = json.loads(file.read_text())["rows"]
    assert against.main([*two, "--table", str(table), "--out", str(file), "--rows", "speed"]) == 0
    after = json.loads(file.read_text())["rows"]
    assert [row["name"] for row in after] == ["refused", "speed"]
    assert after[0] == before[0]


def test_bounds_are_kept_in_the_right_direction(against: ModuleType) -> None:
    row = {"measure": "wall_s", "at_most": 0.5, "at_least": None, "ratios": {"wall_s": {"ratio": 0.4}}}
    assert against.verdict(row) == "reached"
    assert against.verdict({**row, "at_most": 0.3}) == "missed"
    assert against.verdict({**row, "at_most": None, "at_least": 2.0}) == "missed"
    assert against.verdict({**row, "at_most": None}) == ""


def test_the_ratio_is_of_the_rounds_not_of_the_medians(against: ModuleType) -> None:
    reference = [{"wall_s": 1.0}, {"wall_s": 10.0}, {"wall_s": 4.0}]
    present = [{"wall_s": 1.0}, {"wall_s": 5.0}, {"wall_s": 1.0}]
    found = against.ratios(reference, present)["wall_s"]
    assert (found["ratio"], found["least"], found["most"]) == (0.5, 0.25, 1.0)
    assert (found["reference"], found["present"]) == (4.0, 1.0)


def cost_of(code: str, folder: Path, limit: float = 60.0) -> dict[str, float]:
    file = folder / "cost.json"
    words = [sys.executable, str(BENCH / "measure.py"), str(file), str(limit), sys.executable, "-c", code]
    subprocess.run(words, check=True, cwd=folder)
    return json.loads(file.read_text())


BUSY = "import time\nwhile time.process_time() < 0.4: pass"


@pytest.mark.skipif(sys.platform != "linux", reason="orphans are adopted on Linux only")
def test_processes_that_nobody_waited_for_are_counted(tmp_path: Path) -> None:
    """The command ends at once and leaves two others at work."""
    code = f"import subprocess, sys\nfor _ in range(2): subprocess.Popen([sys.executable, '-c', {BUSY!r}])"
    assert cost_of(code, tmp_path)["processor_s"] >= 0.8


def test_the_largest_process_counts_and_not_only_the_first(tmp_path: Path) -> None:
    large = "x = bytearray(b'1') * 200_000_000"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {large!r}])"
    assert cost_of(code, tmp_path)["peak_mb"] > 190


def test_a_command_that_never_ends_is_ended(tmp_path: Path) -> None:
    code = "import subprocess, sys, time\nsubprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\ntime.sleep(600)"
    found = cost_of(code, tmp_path, limit=1.0)
    assert found["timed_out"]
    assert found["code"] < 0


def test_a_commit_is_checked_out_and_taken_away(against: ModuleType, tmp_path: Path) -> None:
    repository = invented(tmp_path / "repository", "reference", 1.0)
    git = ["git", "-C", str(repository), "-c", "user.name=A", "-c", "user.email=a@example.org"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "first"]):
        subprocess.run([*git, *words], check=True)
    with against.checkouts.at_commit("HEAD", repository, sys.executable, None, "") as checkout:
        assert checkout.exists
        assert checkout.root != repository
        assert checkout.commit()
        (checkout.root / "src" / "holdfast" / "cli" / "app.py").write_text("")
        assert checkout.commit().endswith("+")
    assert not checkout.root.exists()
    listed = subprocess.run([*git, "worktree", "list"], capture_output=True, text=True, check=True).stdout
    assert len(listed.splitlines()) == 1
    with pytest.raises(SystemExit, match="no commit"), against.checkouts.at_commit("no", repository, None, None, ""):
        pass


def test_a_stopped_comparison_leaves_nothing(tmp_path: Path) -> None:
    """Neither the checkout that was made for it, nor the command that it was running."""
    repository = invented(tmp_path / "repository", "reference", 1.0)
    git = ["git", "-C", str(repository), "-c", "user.name=A", "-c", "user.email=a@example.org"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "first"]):
        subprocess.run([*git, *words], check=True)
    note = tmp_path / "running"
    code = f"import os, time; open({str(note)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    words = [
        "HEAD",
        "--present",
        str(repository),
        "--reference-python",
        sys.executable,
        "--",
        sys.executable,
        "-c",
        code,
    ]
    process = subprocess.Popen([sys.executable, str(BENCH / "against.py"), *words])
    try:
        wait_for(lambda: note.exists() and note.read_text())
        process.terminate()
        assert process.wait(timeout=60) == 143
    finally:
        process.kill()
    wait_for(lambda: not is_running(int(note.read_text())))
    listed = subprocess.run([*git, "worktree", "list"], capture_output=True, text=True, check=True).stdout
    assert len(listed.splitlines()) == 1


def wait_for(condition: Callable[[], object]) -> None:
    for _ in range(600):
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError("it never came about")


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_command_line_starts_where_the_checkout_says(against: ModuleType, tmp_path: Path) -> None:
    checkout = against.Checkout(invented(tmp_path / "a", "present", 1.0), sys.executable)
    assert checkout.entry() == "holdfast.cli.app:main"
    (tmp_path / "a" / "pyproject.toml").write_text('[project.scripts]\nholdfast = "holdfast.start:go"\n')
    assert "from holdfast.start import go" in " ".join(checkout.cli(["run"]))


def test_the_shipped_table_names_measures_and_files_that_exist(against: ModuleType) -> None:
    document = tomllib.loads((BENCH / "speed.toml").read_text())
    rows = [against.Row(**row) for row in document["row"]]
    assert len({row.name for row in rows}) == len(rows) >= 10
    for row in rows:
        for word in f"{row.command} {row.reference_command} {row.per}".split():
            if word.startswith("{bench}"):
                assert Path(word.replace("{bench}", str(BENCH))).exists()


def test_the_page_shows_what_the_files_say(bench: Bench) -> None:
    """No figure of its tables is written by hand."""
    speed_page = bench("speed_page")
    for file, tables in ((speed_page.PAGE, speed_page.TABLES), (speed_page.README, speed_page.IN_README)):
        page = file.read_text(encoding="utf8")
        assert speed_page.written(page, speed_page.MEASURED, tables) == page
        for name, (stem, _) in tables.items():
            assert (speed_page.MEASURED / f"{stem}.json").exists()
            assert page.count(f"<!-- {name}: begin -->") == page.count(f"<!-- {name}: end -->") == 1


@pytest.fixture
def peers() -> Iterator[ModuleType]:
    with benches.importing(BENCH, BENCH / "peers") as by_name:
        yield by_name("run")


def soldier(*, seed: int = 1, **changes: float) -> dict[str, float]:
    """What plain NumPy prints of its army, with some of its numbers changed."""
    changed = [f"soldier.{name} = {value}" for name, value in changes.items()]
    code = "; ".join(["import soldier", *changed, f"soldier.simulate(20_000, 30, {seed})"])
    words = [sys.executable, "-c", code]
    done = subprocess.run(words, cwd=BENCH / "peers", check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def test_the_soldier_of_the_peers_loses_what_his_numbers_say() -> None:
    """Hit: HAZARD a day of those who are there, less what refusing saves; men are conserved."""
    found = soldier()
    assert found["present"] + found["hit"] + found["left"] == 20_000
    expected = 1e-3 * found["soldier_days"]
    saved = 1e-3 * 0.5 * found["refused"]
    assert abs(found["hit"] - (expected - saved)) < 4 * expected**0.5
    assert soldier(HAZARD=0.0, TEMPO=0.0)["soldier_days"] == 20_000 * 30


def test_another_soldier_is_noticed_and_other_luck_is_not(peers: ModuleType) -> None:
    plain = soldier()
    assert peers.differs(soldier(seed=2), plain) == []
    assert any("left" in words for words in peers.differs(soldier(WAY_OUT=-2.5), plain))
    assert any("refused" in words for words in peers.differs(soldier(OBEY=3.0), plain))


def test_peers_without_the_same_counts_get_no_ratio(peers: ModuleType) -> None:
    cost = {"soldier_days": 100.0, "processor_s": 2.0, "hit": 100, "left": 100, "refused": 100}
    own = [{"soldier_days": 100.0, "processor_s": seconds} for seconds in (1.0, 0.5)]
    found = {
        "a": {"costs": [cost, cost]},
        "b": {"costs": [{**cost, "left": 300}] * 2},
        "c": {"costs": [], "failure": "x"},
    }
    peers.judge(found, own)
    assert found["a"]["ratio"] == {"median": 3.0, "least": 2.0, "most": 4.0}
    assert "left 300" in str(found["b"]["failure"])
    assert found["c"] == {"costs": [], "failure": "x"}


def test_a_cost_in_proportion_has_the_slope_one(bench: Bench, tmp_path: Path) -> None:
    scaling = bench("scaling")
    costs = {10: 1.0, 100: 10.0, 1000: 100.0}
    rows = [{"size": size, "seconds": seconds} for size, seconds in costs.items()]
    assert scaling.slope(rows) == pytest.approx(1)
    fixed = [{**row, "seconds": 5 + 0.1 * row["size"]} for row in rows]
    assert scaling.shared(fixed) == (pytest.approx(5), pytest.approx(0.1))
    assert scaling.shared(rows) == (pytest.approx(0, abs=1e-9), pytest.approx(0.1))
    assert scaling.slope([{**row, "seconds": row["seconds"] ** 2} for row in rows]) == pytest.approx(2)
    point = {
        "men": 10_000,
        "days": 73,
        "runs": 1,
        "together": 1,
        "simulate_processor_s": 2.0,
        "peak_mb": 5,
        "soldier_days": 4e6,
    }
    many = {**point, "runs": 40, "together": 8}
    men, runs = scaling.series({"points": [point, many]})
    assert (men["axis"], men["seconds"], men["rate"]) == ("men", 10.0, 2.0)
    assert (runs["axis"], runs["size"], runs["seconds"]) == ("runs", 40, 2.0)
    figure = tmp_path / "scaling.svg"
    points = [{**each, size: each[size] * ten} for each, size in ((point, "men"), (many, "runs")) for ten in (1, 10)]
    scaling.draw({"points": points}, figure)
    assert {"Cost and memory against men and runs", "peak memory, MB"} <= set(
        re.findall(r">([^<]+)<", figure.read_text())
    )
