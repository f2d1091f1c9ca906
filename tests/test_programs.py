"""Compiled programs: one trace and one compile a machine and program, and nothing that is damaged is believed."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pytest

import holdfast as hf
from holdfast.core import programs
from holdfast.core.programs import Program
from holdfast.engine import initial, simulate
from holdfast.io import compiled
from holdfast.io.compiled import Folder

traces: list[str] = []
"""Calls of `waves` in Python: its traces."""


def waves(tree: dict[str, np.ndarray], shift: np.ndarray, *, twice: bool = False) -> dict[str, object]:
    """Something to compile, with a tree of arguments and results and a setting."""
    traces.append("waves")
    sine = jnp.sin(tree["x"]) + shift
    return {"sine": sine * 2 if twice else sine, "both": (tree["x"] + 1, [tree["n"] * 2]), "none": None}


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    """A folder for programs, in place of the user's; what is counted begins at nothing."""
    before = programs._store
    folder = Folder(tmp_path)
    programs.keep_in(folder)
    traces.clear()
    programs.compiled.clear()
    yield folder
    programs.keep_in(before)


def arguments(size: int = 5) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Arguments of `waves`."""
    return {"x": np.linspace(0, 1, size, dtype=np.float32), "n": np.arange(3, dtype=np.int32)}, np.float32(0.5)


def check(program: Program, size: int = 5) -> None:
    """The program gives what the function gives."""
    tree, shift = arguments(size)
    found = program(tree, shift)
    np.testing.assert_allclose(found["sine"], np.sin(tree["x"]) + 0.5, rtol=1e-6)
    np.testing.assert_array_equal(found["both"][0], tree["x"] + 1)
    np.testing.assert_array_equal(found["both"][1][0], [0, 2, 4])
    assert found["none"] is None


def test_a_program_is_traced_and_compiled_once_for_all_starts(folder: Folder) -> None:
    first, again = Program(waves), Program(waves)  # a second start knows nothing of the first
    for _ in range(3):
        check(first)
    check(again)
    assert traces == ["waves"]
    assert len(programs.compiled) == 1
    assert len(list(folder.path.glob("*.xla"))) == 1
    assert not list(folder.path.glob("*.claim"))


def test_other_shapes_settings_and_names_are_other_programs(folder: Folder) -> None:
    check(Program(waves), size=5)
    check(Program(waves), size=6)
    check(Program(waves, name="other"))
    tree, shift = arguments()
    np.testing.assert_allclose(
        Program(waves)(tree, shift, twice=True)["sine"], 2 * (np.sin(tree["x"]) + 0.5), rtol=1e-6
    )
    assert len(programs.compiled) == 4
    assert len(list(folder.path.glob("*.xla"))) == 4


def damage(file: Path, how: str) -> None:
    """A file as a full disk, a bad one, or another program would leave it."""
    text = file.read_bytes()
    match how:
        case "cut short":
            file.write_bytes(text[: len(text) // 2])
        case "empty":
            file.write_bytes(b"")
        case "a byte":
            middle = len(text) // 2
            file.write_bytes(text[:middle] + bytes([text[middle] ^ 1]) + text[middle + 1 :])
        case "the last byte":
            file.write_bytes(text[:-1] + bytes([text[-1] ^ 1]))


@pytest.mark.parametrize("how", ["cut short", "empty", "a byte", "the last byte"])
def test_a_damaged_program_is_thrown_away_and_compiled_again(folder: Folder, how: str) -> None:
    check(Program(waves))
    (file,) = folder.path.glob("*.xla")
    whole = file.read_bytes()
    damage(file, how)
    check(Program(waves))
    assert len(programs.compiled) == 2
    assert file.read_bytes() != b""
    assert len(file.read_bytes()) == pytest.approx(len(whole), rel=0.1)
    check(Program(waves))
    assert len(programs.compiled) == 2


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="files have no owners here")
def test_what_others_may_have_written_is_not_run(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    check(Program(waves))
    (file,) = folder.path.glob("*.xla")
    file.chmod(0o666)
    check(Program(waves))
    assert len(programs.compiled) == 2  # and stored anew, for its owner alone
    assert file.stat().st_mode & 0o777 == 0o600
    check(Program(waves))
    assert len(programs.compiled) == 2
    monkeypatch.setattr(os, "getuid", lambda: file.stat().st_uid + 1)
    check(Program(waves))
    assert len(programs.compiled) == 3


def test_a_whole_file_that_is_no_program_of_this_machine_is_thrown_away(folder: Folder) -> None:
    known: list[str] = []
    program = Program(waves)
    program._key = lambda of: known.append(Program._key(program, of)) or known[-1]  # type: ignore[method-assign,func-returns-value]
    check(program)
    folder.save(known[0], '{"sine": 0}', b"no machine code")
    check(Program(waves))
    assert len(programs.compiled) == 2


@pytest.mark.parametrize("part", ["XLA_FLAGS", "processor", "version", "code"])
def test_another_machine_version_or_source_finds_nothing(
    folder: Folder, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    check(Program(waves))
    match part:
        case "XLA_FLAGS":
            monkeypatch.setenv("XLA_FLAGS", "--xla_cpu_prefer_vector_width=128")
        case "processor":
            monkeypatch.setattr(compiled, "processor", lambda: "another")
        case "version":
            monkeypatch.setattr(compiled, "version_of", lambda name: "0")
        case "code":
            monkeypatch.setattr(compiled, "source_digest", lambda names: "0")
    compiled.machine.cache_clear()
    try:
        check(Program(waves))
    finally:
        compiled.machine.cache_clear()
    assert len(programs.compiled) == 2


def test_those_not_used_for_longest_make_room(folder: Folder) -> None:
    for number in range(4):
        folder.save(f"key {number}", "[]", bytes(1000))
        os.utime(folder.file(f"key {number}"), (number, number))
    assert folder.load("key 0")  # used just now
    Folder(folder.path, most_bytes=3500).save("key 4", "[]", bytes(1000))
    assert [folder.load(f"key {number}") is not None for number in range(5)] == [True, False, False, True, True]


def test_threads_that_want_one_program_compile_it_once(folder: Folder) -> None:
    program = Program(waves)
    threads = [threading.Thread(target=check, args=(program,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(programs.compiled) == 1


def test_a_process_waits_for_another_that_compiles_the_same(folder: Folder) -> None:
    assert folder.claim("key")
    answers: list[bool] = []
    other = threading.Thread(target=lambda: answers.append(folder.claim("key")))
    other.start()
    folder.save("key", "[]", b"code")
    folder.release("key")
    other.join(timeout=10)
    assert answers in ([False], [True])
    assert folder.load("key")


def test_the_claim_of_a_process_that_is_gone_holds_nobody_up(folder: Folder) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert folder.claim("key")
    claim = folder.file("key").with_suffix(".claim")
    claim.write_text(claim.read_text().replace(str(os.getpid()), str(gone.pid)))
    assert folder.claim("key")


def test_without_a_folder_that_can_be_written_it_is_compiled_all_the_same(tmp_path: Path, folder: Folder) -> None:
    (tmp_path / "file").write_text("")
    programs.keep_in(Folder(tmp_path / "file" / "within"))
    check(Program(waves))
    check(Program(waves))
    assert len(programs.compiled) == 2


def test_whoever_builds_a_world_keeps_its_programs() -> None:
    """Also who calls the engine by himself, as the benchmarks do: else each start compiles the day anew."""
    code = "from holdfast.scenario import build; from holdfast.core import programs; print(programs._store.path.name)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "programs"


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize("values", [{"days": 60}, {"days": 45, "bond.coupling": 4.0, "side[south].supply": 0.9}])
def test_a_second_start_of_the_same_or_a_like_scenario_compiles_nothing(values: dict[str, object]) -> None:
    for program in (simulate._stretch, initial.morning_hazard):
        program._ready.clear()
    programs.compiled.clear()
    hf.simulate(hf.load_scenario("skirmish").with_values(values), runs=2, seed=2, workers=1)
    assert programs.compiled == []
