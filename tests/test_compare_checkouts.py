"""The script that says what moved between two checkouts, on invented outputs."""

from __future__ import annotations

import importlib.util
import json
import math
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parent.parent / "bench" / "compare_checkouts.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    specification = importlib.util.spec_from_file_location("compare_checkouts", SCRIPT)
    assert specification
    assert specification.loader
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module  # dataclasses look their module up there
    specification.loader.exec_module(module)
    return module


OUTPUT = {
    "wall_s": 4.5,
    "seed": 1,
    "sides": {"north": {"killed": {"p50": 10.0}, "days_to_break": None}},
    "cases": [{"case_id": "A", "p_collapse": 0.25, "held": True}, {"case_id": "B", "p_collapse": 0.5, "held": False}],
}


def altered(**changes: object) -> dict[str, object]:
    return {**json.loads(json.dumps(OUTPUT)), **changes}


def places(script: ModuleType, moves: object) -> list[str]:
    return [script.shown(getattr(move, "place", move)) for move in moves]  # type: ignore[attr-defined]


def test_equal_outputs_are_the_same(script: ModuleType) -> None:
    comparison = script.compare("run", OUTPUT, altered())
    assert comparison.same
    assert comparison.leaves == 9


def test_volatile_keys_are_left_out(script: ModuleType) -> None:
    assert script.compare("run", OUTPUT, altered(wall_s=9.0)).same
    assert not script.compare("run", OUTPUT, altered(seed=2)).same
    assert script.compare("run", OUTPUT, altered(seed=2), ignored=script.VOLATILE | {"seed"}).same


def test_a_moved_number_has_its_place_and_both_values(script: ModuleType) -> None:
    rows = [{"case_id": "A", "p_collapse": 0.25, "held": True}, {"case_id": "B", "p_collapse": 0.6, "held": False}]
    comparison = script.compare("run", OUTPUT, altered(cases=rows))
    assert places(script, comparison.moved) == ["cases[B].p_collapse"]
    assert (comparison.moved[0].before, comparison.moved[0].after) == (0.5, 0.6)
    assert "moved cases[B].p_collapse: 0.5 -> 0.6 (+0.2)" in "\n".join(script.report([comparison], None))


def test_records_are_matched_by_their_names_not_by_their_order(script: ModuleType) -> None:
    assert script.compare("run", OUTPUT, altered(cases=OUTPUT["cases"][::-1])).same


def test_lists_without_names_are_matched_by_position(script: ModuleType) -> None:
    comparison = script.compare("run", {"x": [1, 2]}, {"x": [2, 1]})
    assert places(script, comparison.moved) == ["x[0]", "x[1]"]
    comparison = script.compare("run", {"x": [{"code": "a"}, {"code": "a"}]}, {"x": [{"code": "a"}, {"code": "b"}]})
    assert not comparison.same


@pytest.mark.parametrize(
    ("before", "after", "tolerance", "same"),
    [
        (1.0, 1.0 + 1e-12, 0.0, False),
        (1.0, 1.0 + 1e-12, 1e-9, True),
        (100.0, 101.0, 0.001, False),
        (1, 1.0, 0.0, True),
        (math.nan, math.nan, 0.0, True),
        (math.nan, 0.0, 1.0, False),
        (None, 0, 1.0, False),
        (True, 1, 1.0, False),
        ("1", 1, 1.0, False),
        ("a", "a", 0.0, True),
    ],
)
def test_leaves_are_the_same_within_the_tolerance(
    script: ModuleType, before: object, after: object, tolerance: float, same: bool
) -> None:
    assert script.is_same(before, after, tolerance) is same


def test_what_went_and_what_came_is_no_silent_loss(script: ModuleType) -> None:
    comparison = script.compare("run", OUTPUT, altered(cases=OUTPUT["cases"][:1], more={}))
    assert places(script, comparison.gone) == ["cases[B].case_id", "cases[B].p_collapse", "cases[B].held"]
    assert places(script, comparison.new) == ["more"]
    assert not comparison.same


def test_a_renamed_key_is_suggested_and_once_declared_no_move(script: ModuleType) -> None:
    rows = [{("army_id" if key == "case_id" else key): value for key, value in row.items()} for row in OUTPUT["cases"]]
    comparison = script.compare("run", OUTPUT, altered(cases=rows))
    assert not comparison.same
    declared = script.compare("run", OUTPUT, altered(cases=rows), {"case_id": "army_id"})
    assert declared.same
    assert declared.renamed == 2
    suggested = script.likely_renames(script.compare("run", {"a": {"old": 1, "b": 2}}, {"a": {"new": 1, "b": 2}}))
    assert suggested == {("old", "new"): 1}


def write(folder: Path, **documents: object) -> Path:
    folder.mkdir()
    for name, document in documents.items():
        (folder / f"{name}.json").write_text(json.dumps(document))
    return folder


def test_the_exit_code_says_whether_anything_moved(
    script: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = write(tmp_path / "before", run=OUTPUT, backtest=OUTPUT)
    after = write(tmp_path / "after", run=altered(seed=2), backtest=OUTPUT)
    names = ["--only", "run,backtest"]
    assert script.main([str(before), str(before), *names]) == 0
    assert script.main([str(before), str(after), *names]) == 1
    assert "moved seed: 1 -> 2" in capsys.readouterr().out
    assert script.main([str(before), str(after), *names, "--tolerance", "1"]) == 0


def test_reworded_texts_may_be_left_out(script: ModuleType, tmp_path: Path) -> None:
    before = write(tmp_path / "before", run={"title": "told", "x": 1})
    after = write(tmp_path / "after", run={"title": "forecast", "x": 1})
    arguments = [str(before), str(after), "--only", "run"]
    assert script.main(arguments) == 1
    assert script.main([*arguments, "--numbers-only"]) == 0
    write(tmp_path / "later", run={"title": "forecast", "x": "1"})
    assert script.main([str(before), str(tmp_path / "later"), "--only", "run", "--numbers-only"]) == 1


def test_a_missing_output_is_a_failure(script: ModuleType, tmp_path: Path) -> None:
    before = write(tmp_path / "before", run=OUTPUT, compare=OUTPUT)
    after = write(tmp_path / "after", run=OUTPUT)
    assert script.main([str(before), str(after), "--only", "run,compare"]) == 2


def test_declared_renames_are_read_from_a_file(script: ModuleType, tmp_path: Path) -> None:
    before = write(tmp_path / "before", run={"x": {"old": 1}}, compare={"x": {"old": 1}})
    after = write(tmp_path / "after", run={"x": {"new": 1}}, compare={"y": {"new": 1}})
    file = tmp_path / "renamed.toml"
    file.write_text('[keys]\nold = "new"\n[compare]\nx = "y"\n')
    arguments = [str(before), str(after), "--only", "run,compare"]
    assert script.main(arguments) == 1
    assert script.main([*arguments, "--renamed", str(file)]) == 0


CHECKOUT = """
import json, os, sys
def main():
    words = sys.argv[1:]
    if "--army" in words:
        sys.exit("Unknown option: --army")
    if "judge" in words:
        sys.exit("no evidence")
    print("noise", file=sys.stderr)
    print(json.dumps({"words": words, "cache": os.environ["HOLDFAST_CACHE"]}))
"""


def test_a_checkout_is_run_in_the_spelling_that_it_knows(script: ModuleType, tmp_path: Path) -> None:
    package = tmp_path / "checkout" / "src" / "holdfast" / "cli"
    package.mkdir(parents=True)
    for name, text in (("../__init__", ""), ("__init__", ""), ("app", CHECKOUT)):
        (package / f"{name}.py").write_text(text)
    checkout, outputs = tmp_path / "checkout", tmp_path / "outputs"
    names = ["--only", "assess_syr2024,judge"]
    assert script.main([str(checkout), str(checkout), *names, "--python", sys.executable, "--keep", str(outputs)]) == 2
    first, second = (json.loads((outputs / side / "assess_syr2024.json").read_text()) for side in ("before", "after"))
    assert first["words"] == ["assess", "--case", "SYR_2024", "--json"]
    assert first["cache"] != second["cache"]
    assert "no evidence" in (outputs / "before" / "judge.failed").read_text()
    assert not (outputs / "before" / "judge.json").exists()
