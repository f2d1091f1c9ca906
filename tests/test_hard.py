"""A short part of the bench of hard use (`python bench/hard/run.py`): doors, failing disks, two at once, damage, security."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import benches
from holdfast.core import faults, runtime
from holdfast.core.faults import ClaimsError, FaultyError, ScenarioError, StoreError
from holdfast.ensemble import plan, store
from holdfast.io import files, locks, records, seals

BENCH = Path(__file__).parent.parent / "bench" / "hard"


@pytest.fixture(scope="module")
def bench() -> Iterator[Callable[[str], Any]]:
    """Modules of the bench, by name."""
    with benches.importing(BENCH) as by_name:
        yield by_name


def held(promises: Iterator[Any]) -> int:
    """That all promises hold; how often they were tried."""
    every = list(promises)
    broken = [f"{one.words}: {example}" for one in every for example in one.examples]
    assert not broken, "\n".join(broken)
    assert not any(one.failures for one in every)
    return sum(one.tries for one in every)


# --- The bench, in short.


def test_every_door_answers(bench: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    fuzz = bench("fuzz")
    monkeypatch.setattr(fuzz, "QUICK", 400)
    assert held(fuzz.run(True)) > 2500


def test_a_row_that_was_tried_anew_takes_the_place_of_its_older_one(
    bench: Callable[[str], Any], tmp_path: Path
) -> None:
    run, page = bench("run"), tmp_path / "page.md"
    page.write_text(f"Before\n\n{run.MARKS[0]}\n\n{run.MARKS[1]}\nAfter\n")
    first = [run.Promise("fuzz", "cells", "grammar", 1200, 3, "", 1.2), run.Promise("fuzz", "days", "grammar", 5)]
    assert run.renew(page, [{"promises": [one.to_dict() for one in first]}]) == 0
    assert "| cells | grammar | 1,200 | 3 | 1 | BROKEN |" in page.read_text()
    run.renew(page, [{"promises": [run.Promise("fuzz", "cells", "grammar", 2000, seconds=2).to_dict()]}])
    text = page.read_text()
    assert "BROKEN" not in text
    assert "| cells | grammar | 2,000 | 0 |" in text
    assert "| days | grammar | 5 | 0 |" in text
    assert "2,005 tries, 0 failures" in text
    assert (text.startswith("Before\n"), text.endswith("After\n")) == (True, True)


def test_nobody_is_let_in(bench: Callable[[str], Any]) -> None:
    assert held(bench("security").run(True)) > 300


def test_what_no_module_may_hold_is_seen(bench: Callable[[str], Any]) -> None:
    import ast

    for line in (
        "import pickle", "from yaml import load", "eval('1')", "exec('1')", "x.extractall()", "subprocess.run(x, shell=True)",
        "np.load(x)", "np.load(x, allow_pickle=True)", "Environment(autoescape=False)",
    ):  # fmt: skip
        assert list(bench("security").wrong_in(ast.parse(line))), line
    assert not list(bench("security").wrong_in(ast.parse("np.load(x, allow_pickle=False)")))


def test_two_at_once(bench: Callable[[str], Any]) -> None:
    assert held(bench("together").run(True)) >= 10


def test_damaged_caches_and_other_formats(bench: Callable[[str], Any], tmp_path: Path) -> None:
    damage = bench("damage")
    assert held(iter([*damage.caches(tmp_path, 100), damage.versions(tmp_path)])) > 200


def test_a_number_that_is_not_finite_is_refused_everywhere(bench: Callable[[str], Any]) -> None:
    assert held(bench("numbers_hold").run(True)) > 30


@pytest.mark.skipif(
    not (sys.platform.startswith("linux") and shutil.which("cc")), reason="needs Linux and a C compiler"
)
def test_a_failing_disk_leaves_the_old_or_the_new(
    bench: Callable[[str], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes = bench("writes")
    monkeypatch.setattr(writes, "ONLY", ["ledger", "cache", "scenarios"])
    monkeypatch.setattr(writes, "stocked", lambda shelf, names: writes.Promise("writes", "none", "not made"))
    monkeypatch.setenv("HARD_SHELF", str(tmp_path))
    assert held(writes.run(True)) >= 70


# --- A result takes its place as one.


def whole(folder: Path) -> dict[str, str]:
    """What stands in a folder for a user."""
    return {path.name: path.read_text() for path in sorted(folder.iterdir()) if not path.name.startswith(".")}


def written(folder: Path, text: str) -> None:
    with files.folder(folder, optional=("extra",)) as fresh:
        for name in ("a", "b", "c"):
            files.write_text(fresh / name, text)


@pytest.mark.parametrize("at", range(9))
def test_a_result_that_cannot_be_put_in_place_leaves_the_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    written(tmp_path / "out", "old")
    (tmp_path / "out" / "extra").write_text("old")
    before, real, count = whole(tmp_path / "out"), os.replace, iter(range(100))

    def failing(one: Any, to: Any) -> None:
        if Path(one).parent != Path(to).parent and next(count) == at:
            raise OSError(5, "Input/output error", str(to))
        real(one, to)

    monkeypatch.setattr(os, "replace", failing)
    if at < 7:  # three old entries away, three new ones in, and the one that is gone
        with pytest.raises(OSError, match="Input/output"):
            written(tmp_path / "out", "new")
        assert whole(tmp_path / "out") == before
    else:
        written(tmp_path / "out", "new")
        assert set(whole(tmp_path / "out").values()) == {"new"}
    assert not [path.name for path in (tmp_path / "out").iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("at", range(7))
def test_a_result_whose_process_was_killed_is_completed(tmp_path: Path, at: int) -> None:
    written(tmp_path, "old")
    (tmp_path / "extra").write_text("old")
    code = (
        "import os, signal, sys; from pathlib import Path; from holdfast.io import files\n"
        "real, count = os.replace, iter(range(100))\n"
        "def killed(one, to):\n"
        "    if Path(one).parent != Path(to).parent and next(count) == int(sys.argv[2]): os.kill(os.getpid(), signal.SIGKILL)\n"
        "    real(one, to)\n"
        "os.replace = killed\n"
        "with files.folder(Path(sys.argv[1]), optional=('extra',)) as fresh:\n"
        "    for name in 'abc': files.write_text(fresh / name, 'new')\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path), str(at)], check=False)
    assert done.returncode == -signal.SIGKILL
    files.settle(tmp_path)
    assert whole(tmp_path) == {"a": "new", "b": "new", "c": "new"}
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_what_was_never_ready_is_removed_by_the_next_that_writes(tmp_path: Path) -> None:
    (tmp_path / ".fresh-x").mkdir()
    files.settle(tmp_path)
    assert (tmp_path / ".fresh-x").exists()  # it may be of a process at work
    written(tmp_path, "new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "c"]


def test_a_result_and_its_pages_are_one(tmp_path: Path) -> None:
    with files.folder(tmp_path, optional=("x",)) as outer:
        files.write_text(outer / "page", "page")
        with files.folder(tmp_path, optional=("y",)) as inner:
            assert inner == outer
        assert whole(tmp_path) == {}
    assert whole(tmp_path) == {"page": "page"}


def test_a_line_that_was_being_added_is_completed(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    files.append_line(path, "one")
    files.write_json(tmp_path / ".a.jsonl.adding", {"size": 4, "added": "two\n"})
    with path.open("a") as file:
        file.write("tw")
    files.append_line(path, "three")
    assert path.read_text() == "one\ntwo\nthree\n"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.jsonl"]


# --- Locks.


def test_a_folder_that_is_held_is_told_and_not_touched(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from holdfast.ensemble import store\n"
        "with store.held(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()\n"
    )
    holder = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdin=-1, stdout=-1, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(StoreError, match=f"process {holder.pid} on .* is at work there"), store.held(tmp_path):
        pass
    holder.communicate("")
    with store.held(tmp_path), store.held(tmp_path):
        assert (tmp_path / locks.NAME).exists()
    assert list(tmp_path.iterdir()) == []


# --- Seals.


def test_a_sealed_file_is_one_of_its_kind_for_others(tmp_path: Path) -> None:
    path = files.write_arrays(tmp_path / "a.npz", {"a": np.arange(3)})
    with np.load(path, allow_pickle=False) as file:
        assert file["a"].tolist() == [0, 1, 2]
    assert seals.release_of(path) == runtime.version()
    xarray = pytest.importorskip("xarray")
    pytest.importorskip("h5netcdf")
    data = xarray.Dataset({"a": ("x", np.arange(4.0))})
    path = files.write_netcdf(tmp_path / "a.nc", {"posterior": data})
    with xarray.open_dataset(path, group="posterior", engine="h5netcdf") as opened:
        assert opened.a.values.tolist() == [0, 1, 2, 3]
    content = bytearray(path.read_bytes())
    content[content.index(np.float64(3).tobytes())] ^= 1
    path.write_bytes(content)
    with pytest.raises(seals.BrokenSealError, match="not what was written"):
        files.read_netcdf(path, "posterior")


def test_a_manifest_that_was_changed_is_refused(tmp_path: Path) -> None:
    (tmp_path / "result.zarr").mkdir()
    needed = dict.fromkeys(store.NEEDED, "x")
    store.write_manifest(tmp_path / "manifest.json", needed)
    assert store._read_manifest(tmp_path, "mend it")["format"] == store.FORMAT
    said = json.loads((tmp_path / "manifest.json").read_text())
    (tmp_path / "manifest.json").write_text(json.dumps(said | {"seed": "y"}))
    with pytest.raises(StoreError, match="its checksum differs"):
        store._read_manifest(tmp_path, "mend it")
    later = {name: value for name, value in said.items() if name != seals.KEY} | {"format": 99}
    (tmp_path / "manifest.json").write_text(json.dumps(later))
    with pytest.raises(StoreError, match="format 99.*open it with release"):
        store._read_manifest(tmp_path, "mend it")


def test_a_record_of_another_release_says_which(tmp_path: Path) -> None:
    import holdfast as hf

    path = records.write(tmp_path / "result.npz", {"a": 1})
    with pytest.raises(FaultyError, match="the result of a verb"):
        hf.open(path)
    path = files.write_arrays(tmp_path / "result.npz", {"other": np.arange(2)})
    with pytest.raises(FaultyError, match=f"Open it with release {runtime.version()}, which wrote it"):
        hf.open(path)


# --- What the bench found: each kind, so that it stays mended.


@pytest.mark.parametrize("day", ["0001-01-02", "9999-12-31", dt.date(1, 1, 1), dt.date(9999, 1, 1)])
def test_days_at_the_ends_of_the_calendar_are_refused(day: Any) -> None:
    meant = faults.day_of("--until", day)
    assert isinstance(meant, faults.Fault)
    assert "years 11 to 9000" in meant.allowed
    from holdfast.cli import app

    assert app.guarded(["forecast", "--as-of", str(day), "--runs", "2"]) == 2
    with pytest.raises(ScenarioError, match="start: found"):
        plan.load_scenario("skirmish").with_values({"start": str(day)})


def test_sentences_at_the_ends_of_the_calendar_are_refused() -> None:
    from holdfast.evidence.claims import sentence

    for text in ("300 killed Russia per day 0001-01-02", "300 killed Russia over the week to 0001-01-03"):
        with pytest.raises(ClaimsError):
            sentence.parse(text, ("russia", "ukraine"), dt.date(2022, 2, 24))


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        ("front.sectors", 10**12, "front.sectors"), ("south.hospital", 3 * 10**9, "side[south].hospital"),
        ("south.resolve.mean", 1e300, "side[south].resolve.mean"), ("choice.tempo", 1e300, "parameters.choice.tempo"),
        ("south.contracts_per_day", 1e9, "side[south]"), ("south.quota_per_day", 1e300, "side[south].quota_per_day"),
        (" ", 1, "the path"),
    ],
)  # fmt: skip
def test_numbers_that_the_engine_cannot_hold_are_refused(path: str, value: float, place: str) -> None:
    with pytest.raises(ScenarioError) as error:
        plan.load_scenario("skirmish").with_values({path: value})
    assert place in [fault.place for fault in error.value.faults]


@pytest.mark.parametrize(
    ("content", "words"),
    [(b'a,"b\n', "line 1"), (b"a,b\n\xff,1\n", "byte 0xff on line 2"), (b'source,from\n"x', "line 2")],
)
def test_tables_that_cannot_be_taken_apart_name_the_line(tmp_path: Path, content: bytes, words: str) -> None:
    from holdfast.scenario import catalogue

    text = (catalogue.folder() / "russia-ukraine-2023.toml").read_text(encoding="utf8")
    (tmp_path / "war.toml").write_text(text, encoding="utf8")
    for name in ("regions_russia.csv", "ground_russia_ukraine.csv"):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ScenarioError, match=words):
            plan.load_scenario(tmp_path / "war.toml")
        (tmp_path / name).unlink()


def test_a_user_without_a_home_has_a_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOLDFAST_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)

    def nobody() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nobody)
    assert runtime.cache_folder().name == f"holdfast-{os.getuid()}"


def test_a_home_that_may_not_be_written_is_not_the_place_of_caches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HOLDFAST_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert runtime.cache_folder() == tmp_path / ".cache" / "holdfast"
    (tmp_path / "home").write_text("no folder")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert runtime.cache_folder().name == f"holdfast-{os.getuid()}"
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != tmp_path)  # as for a user who is not root
    assert runtime.cache_folder().name == f"holdfast-{os.getuid()}"


def test_a_map_with_entities_of_its_own_is_refused(tmp_path: Path) -> None:
    from holdfast.core.faults import DataError
    from holdfast.evidence.datasets import front_maps

    path = tmp_path / "a.kml"
    path.write_text('<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><kml>&a;</kml>')
    with pytest.raises((DataError, ValueError), match="document type"):
        front_maps._kml(path)


def test_signals_that_end_a_program_wait_until_all_is_in_place() -> None:
    reached = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: reached.append("ended"))
    try:
        with files.uninterrupted():
            signal.raise_signal(signal.SIGTERM)
            reached.append("all in place")
        assert reached == ["all in place", "ended"]
    finally:
        signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize("opens", ['caveats = ["a",', 'title = """A war', "event = ["])
def test_a_value_that_is_not_closed_is_named_by_the_line_that_opens_it(opens: str) -> None:
    text = f'format = 1\nname = "x"\n{opens}\n\n[front]\nsectors = 8\n\n[[side]]\nname = "a"\n'
    with pytest.raises(ScenarioError, match=r"lines 3 to \d+: found .*Close the brackets and quotation marks"):
        plan.scenario_from(text)
