"""What other programs read: schemas, data packages, tables in four formats, posteriors as trees of data, completion."""

from __future__ import annotations

import collections
import csv
import datetime as dt
import json
import math
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import jsonschema
import pandas as pd
import pytest
import xarray as xr
from pyarrow import parquet

import holdfast as hf
import published
from holdfast import data_packages
from holdfast.calibration import diagnostics, posterior
from holdfast.calibration import run as calibration_run
from holdfast.cli import app, calibrate, json_output, schemas
from holdfast.core import results, texts
from holdfast.core.faults import FaultyError
from holdfast.io import table_files
from holdfast.scenario import catalogue, json_schema, schema, template
from holdfast.scenario.validation import structure
from test_scenario import BROKEN, put, tables

ROOT = Path(__file__).parent.parent
SCHEMAS = ROOT / "docs" / "schemas"


def as_json(document: Any) -> Any:
    """A document as an editor hands it to a schema: days as text."""

    def text(value: object) -> str:
        assert isinstance(value, dt.date), value
        return value.isoformat()

    return json.loads(json.dumps(document, default=text))


# --- Scenarios.


@pytest.fixture(scope="module")
def scenarios() -> jsonschema.Draft202012Validator:
    written = json_schema.scenario_schema()
    jsonschema.Draft202012Validator.check_schema(written)
    return jsonschema.Draft202012Validator(written, format_checker=jsonschema.FormatChecker())


def test_shipped_scenarios_and_the_template_are_as_the_schema_says(scenarios: jsonschema.Draft202012Validator) -> None:
    documents = {name: (catalogue.folder() / f"{name}.toml").read_text(encoding="utf8") for name in catalogue.names()}
    documents["template"] = template.template("mine")
    assert len(documents) > 6
    for name, text in documents.items():
        faults = [f"{list(each.path)}: {each.message}" for each in scenarios.iter_errors(as_json(tomllib.loads(text)))]
        assert not faults, (name, faults[:3])


BETWEEN_FIELDS = {
    "event before the start", "ceasefire after the end", "end before start", "series before the start", "series out of order",
    "unknown region", "unknown sector", "unknown side", "pocket in no sector", "shares that do not sum", "empty army",
    "army smaller than a billet", "army too big for the memory", "more men than posts", "brigade with more men than posts",
    "strength and order of battle", "neither strength nor order of battle", "two sides of one name", "side named like a key",
    "no sectors", "a call-up of nobody",
    "date in quotation marks", "NaN", "infinite series",  # which JSON has not otherwise
}  # fmt: skip
"""Faults that no JSON Schema can see; `holdfast scenarios check` does."""


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_wrong_in_one_place_is_refused_by_the_schema_too(
    name: str, scenarios: jsonschema.Draft202012Validator
) -> None:
    path, value, _ = BROKEN[name]
    broken = json.loads(json.dumps(put(tables(), path, value), default=str))
    assert scenarios.is_valid(broken) == (name in BETWEEN_FIELDS)


def test_every_key_says_what_it_is_and_every_number_its_unit(scenarios: jsonschema.Draft202012Validator) -> None:
    nodes = {"ScenarioDocument": scenarios.schema, **scenarios.schema["$defs"]}
    for name, table in vars(schema).items():
        for key, field in getattr(table, "model_fields", {}).items():
            kinds = [kind for kind, _ in structure.opened(field.annotation)]
            if name not in nodes:
                continue  # points of series are written out in place
            node = nodes[name]["properties"][key]
            assert node["description"] == texts.about(table, key) != "", (name, key)
            assert ("x-unit" in node) or not {int, float} & set(kinds), (name, key)


@pytest.mark.parametrize(
    ("name", "valid"), [("russia-2023", True), ("мир", True), ("Russia", False), ("a b", False), ("-a", False)]
)
def test_names_in_any_script_pass_and_what_ascii_forbids_does_not(
    name: str, valid: bool, scenarios: jsonschema.Draft202012Validator
) -> None:
    assert scenarios.is_valid(as_json(put(tables(), ("name",), name))) == valid


# --- What commands print.


def test_the_published_schemas_are_up_to_date(tmp_path: Path) -> None:
    schemas.write(tmp_path, schemas.every())
    new, old = ({each.name: each.read_text() for each in folder.iterdir()} for folder in (tmp_path, SCHEMAS))
    assert new.keys() == old.keys()
    assert [name for name in new if new[name] != old[name]] == [], "holdfast schemas --out docs/schemas"


def with_option(option: str) -> set[str]:
    """The commands that take an option, as they are registered."""
    whole, names = app.application(), set()
    for command in app.COMMANDS:
        group = whole[command]
        for name in ["", *(each for each in group if not each.startswith("-"))]:
            one = group[name] if name else group
            if one.default_command and any(option in each.names for each in one.assemble_argument_collection()):
                names.add(f"{command} {name}".strip())
    return names


def test_every_command_with_json_has_a_schema_and_no_other() -> None:
    assert with_option("--json") == set(json_output.COMMANDS)


def test_every_key_of_a_schema_is_explained() -> None:
    for command in json_output.COMMANDS:
        schema = json_output.output_schema(command)
        for name, node in {command: schema, **schema.get("$defs", {})}.items():
            for key, own in node.get("properties", {}).items():
                assert own["description"], (command, name, key)
            assert "properties" not in node or node["additionalProperties"] is False or name == "Fault"


CLAIMS = (
    "claim_id,side,quantity,value_central,as_of_date,claimant,claimant_type,basis,definition,period_start\n"
    + "\n".join(
        f"C{number},north,killed,{number}000,2030-0{number}-28,north's staff,belligerent own side,cumulative,killed,2030-01-01"
        for number in (1, 2, 3)
    )
)


@pytest.mark.parametrize(
    "words",
    [
        ("scenarios", "list"), ("scenarios", "show", "skirmish"), ("scenarios", "check", "skirmish"), ("parameters", "bond"),
        ("data", "list"), ("armies", "list"), ("armies", "list", "--coder", "coder3"), ("claims", "check", "claims.csv"),
        ("claims", "check", "claims.csv", "--suggest", "new.csv"), ("claims", "check", "bad.csv"), ("data", "package", "out"),
    ],
)  # fmt: skip
def test_cheap_commands_print_what_their_schemas_say(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The outputs of all other commands are held to their schemas wherever a test prints them (`published.Watch`)."""
    monkeypatch.chdir(tmp_path)
    Path("claims.csv").write_text(CLAIMS)
    Path("bad.csv").write_text("a,b\n1,2\n")
    assert app.guarded([*words, "--json"]) == (2 if "bad.csv" in words else 0)
    printed = json.loads(capsys.readouterr().out)
    published.hold(published.command_of(words) or "", printed)
    if isinstance(printed, dict):
        with pytest.raises(AssertionError, match="new_key"):
            published.hold(published.command_of(words) or "", printed | {"new_key": 1})


def test_a_calibration_leaves_what_its_schema_says() -> None:
    learnt = posterior.shipped()
    checks = diagnostics.Checks(
        {"a": [0.2, 0.6]}, {"figure": {"history": 1.0, "p05": 0.5, "p95": 2.0, "below": 0.4}}, {}
    )
    result = calibration_run.Calibration(learnt, None, checks)  # type: ignore[arg-type]
    published.hold("calibrate", calibrate._summary(result, learnt.digest, 1.5, quick=True))


@pytest.mark.slow
def test_the_speed_is_printed_as_its_schema_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.guarded(["bench", "--men", "2000", "--days", "2", "--processes", "1", "--no-peers", "--json"]) == 0
    published.hold("bench", json.loads(capsys.readouterr().out))


def test_an_error_is_printed_as_its_schema_says(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (
        ["run", "nowhere", "--json"],
        ["data", "show", "nothing", "--json"],
        ["run", "--runs", "x", "--json"],
    ):
        assert app.guarded(words) == 2
        published.hold("error", json.loads(capsys.readouterr().out))


def test_schemas_are_printed_listed_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.guarded(["schemas", "claims", "judge"]) == 0
    assert json.loads(capsys.readouterr().out) == json_output.output_schema("claims judge")
    assert app.guarded(["schemas"]) == 0
    assert capsys.readouterr().out.split("\n")[:-1] == schemas.every()
    assert app.guarded(["schemas", "run", "--out", str(tmp_path / "s")]) == 0
    assert [each.name for each in (tmp_path / "s").iterdir()] == ["run.schema.json"]
    assert app.guarded(["scenarios", "schema", "--out", str(tmp_path / "own.json")]) == 0
    assert json.loads((tmp_path / "own.json").read_text()) == json_schema.scenario_schema()
    capsys.readouterr()
    assert app.guarded(["schemas", "rum"]) == 2
    assert "Did you mean run?" in capsys.readouterr().err


def test_a_new_scenario_names_the_schema_that_stands_beside_it(tmp_path: Path) -> None:
    for words in ([], ["--like", "skirmish"]):
        file = tmp_path / f"mine{len(words)}.toml"
        assert app.guarded(["scenarios", "new", str(file), *words]) == 0
        first = file.read_text(encoding="utf8").partition("\n")[0]
        beside = json.loads((tmp_path / first.removeprefix("#:schema ./")).read_text())
        assert beside == json_schema.scenario_schema()
        assert app.guarded(["scenarios", "check", str(file)]) == 0


# --- Data packages.


def test_the_packages_beside_the_tables_are_up_to_date() -> None:
    beside = data_packages.beside()
    assert len(beside) == 4
    for place, content in beside.items():
        assert json.loads(place.read_text()) == content, "python -m holdfast.data_packages"


READERS: dict[str, Callable[[str], object]] = {
    "string": str, "integer": int, "number": float, "date": dt.date.fromisoformat, "boolean": {"0": False, "1": True}.__getitem__,
}  # fmt: skip


def faults_of(schema: dict[str, Any], file: Path) -> list[str]:
    """What in a table is not as its schema says."""
    with file.open(encoding="utf8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert list(rows[0]) == [field["name"] for field in schema["fields"]]
    wrong = []
    keys = [tuple(row[name] for name in schema["primaryKey"]) for row in rows]
    wrong += [f"{key} twice" for key, count in collections.Counter(keys).items() if count > 1]
    for field in schema["fields"]:
        assert field["description"], field
        limits = field.get("constraints", {})
        for cell in (row[field["name"]] for row in rows):
            where = f"{field['name']}: {cell!r}"
            if cell == "":
                wrong += [f"{where} is needed"] if limits.get("required") else []
                continue
            value: Any = READERS[field["type"]](cell)
            if value not in limits.get("enum", [value]) or not (
                limits.get("minimum", value) <= value <= limits.get("maximum", value)
            ):
                wrong.append(where)
    return wrong


def test_a_users_copy_has_every_shipped_table_as_its_package_says(tmp_path: Path) -> None:
    assert app.guarded(["data", "package", str(tmp_path / "tables")]) == 0
    content = json.loads((tmp_path / "tables" / "datapackage.json").read_text())
    resources = content["resources"]
    shipped = {each.name for each in (ROOT / "src").rglob("*.csv")}
    assert {data_packages.tables()[one["name"]].file for one in resources} == shipped
    for one in resources:
        file = tmp_path / "tables" / one["path"]
        assert faults_of(one["schema"], file) == [], one["name"]
        assert one["sources"][0]["title"]
        numbers = [field for field in one["schema"]["fields"] if field["type"] == "number"]
        assert all(field["unit"] for field in numbers), one["name"]


def test_a_cell_that_is_not_as_the_package_says_is_seen(tmp_path: Path) -> None:
    schema = data_packages.package({"ground": "g.csv"})["resources"][0]["schema"]  # type: ignore[index]
    source = ROOT / "src/holdfast/scenario/shipped/ground_russia_ukraine.csv"
    lines = source.read_text().splitlines()
    (tmp_path / "g.csv").write_text("\n".join([*lines, lines[1], "," + lines[2].partition(",")[2]]))
    assert faults_of(schema, tmp_path / "g.csv") == [
        "('geolocated', '2023-09-03', '2023-10-06') twice", "source: '' is needed",
    ]  # fmt: skip


# --- Tables.

RUNS = [
    {
        "day": "2023-01-01",
        "side": "north",
        "men": 3,
        "share": 0.1 + 0.2,
        "broke": True,
        "p": {"low": 1e-300, "high": None},
    },
    {
        "day": "2023-01-02",
        "side": "",
        "men": 2**53 + 1,
        "share": None,
        "broke": None,
        "p": {"low": math.nan, "high": 2.5},
    },
    {
        "day": None,
        "side": None,
        "men": -1,
        "share": -0.0,
        "broke": False,
        "p": {"low": 0.25, "high": None},
        "of": ["a", 1],
    },
]
"""Days, words, whole numbers that no double holds, numbers that only all digits give back, yes and no, and gaps in all."""


class Table(results.Result):
    UNITS: ClassVar[dict[str, str]] = {"men": "men", "p_low": "1"}

    def rows(self) -> list[dict[str, object]]:
        return RUNS  # type: ignore[return-value]


def same(one: object, other: object) -> bool:
    """Whether two cells hold the same: not known is not known, however it is written."""
    gone = [
        each is None or each == "" or (isinstance(each, float) and math.isnan(each)) or each is pd.NaT
        for each in (one, other)
    ]
    return all(gone) if any(gone) else one == other


@pytest.mark.parametrize("ending", ["csv", "json", "parquet", "nc"])
def test_a_table_comes_back_from_every_format_to_the_last_digit(ending: str, tmp_path: Path) -> None:
    file = Table().write(tmp_path / "new" / f"table.{ending}")
    if ending == "csv":
        back = pd.read_csv(file, keep_default_na=False, na_values={"share": "", "p_low": "", "p_high": ""})
    elif ending == "json":
        back = pd.DataFrame(json.loads(file.read_text()))
    elif ending == "parquet":
        back = pd.read_parquet(file, dtype_backend="pyarrow").astype(object)
    else:
        with xr.open_dataset(file, engine="h5netcdf") as data:
            assert data.men.attrs["units"] == "men"
            assert data.p_low.attrs["units"] == "1"
            back = data.load().to_dataframe()
    assert list(back.columns) == ["day", "side", "men", "share", "broke", "p_low", "p_high", "of"]
    for place, row in enumerate(table_files.flat(each) for each in RUNS):
        for name, value in row.items():
            cell = back[name].iloc[place]
            if name == "day" and ending in ("parquet", "nc"):
                assert same(None if pd.isna(cell) else str(cell)[:10], value), (name, place, cell)
            elif name == "broke" and ending in ("csv", "nc"):
                written = {"csv": {True: "true", False: "false", None: ""}, "nc": {True: 1, False: 0, None: -1}}[ending]
                assert cell == written[value], (name, place, cell)  # type: ignore[index]
            else:
                assert same(None if cell is pd.NA else cell, value), (name, place, cell, value)
    assert [each.name for each in file.parent.iterdir()] == [file.name]


def test_parquet_has_the_units_of_its_columns(tmp_path: Path) -> None:
    schema = parquet.read_schema(Table().write(tmp_path / "t.parquet"))
    assert schema.field("men").metadata == {b"unit": b"men"}
    assert schema.field("day").type == "date32"
    assert schema.field("broke").type == "bool"
    assert schema.field("side").metadata is None


def test_a_name_of_another_ending_is_refused_before_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FaultyError, match=r"xlsx; allowed: a file that ends in \.csv, \.json, \.parquet, \.nc"):
        Table().write(tmp_path / "t.xlsx")
    monkeypatch.setattr(table_files.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(
        FaultyError, match=r"pyarrow installed, which \.parquet needs\. pip install 'holdfast-armies\[evidence\]'"
    ):
        Table().write(tmp_path / "t.parquet")
    assert not list(tmp_path.iterdir())


def test_a_table_under_way_spares_what_stood_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for ending in ("csv", "json", "parquet", "nc"):
        file = Table().write(tmp_path / f"t.{ending}")
        before = file.read_bytes()
        monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError("full")))
        with pytest.raises(OSError, match="full"):
            Table().write(file)
        monkeypatch.undo()
        assert file.read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 4


def test_write_of_a_command_has_the_numbers_of_its_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for words in (["parameters", "choice"], ["armies", "list"], ["scenarios", "list"]):
        assert app.guarded([*words, "--json", "--write", "t.parquet"]) == 0
        printed = [table_files.flat(row) for row in json.loads(capsys.readouterr().out)]
        back = pd.read_parquet("t.parquet", dtype_backend="pyarrow").astype(object)
        assert len(back) == len(printed) > 0
        for place, row in enumerate(printed):
            for name, value in row.items():
                cell = back[name].iloc[place]
                cell = None if cell is pd.NA else str(cell) if isinstance(cell, dt.date) else cell
                if name == "confidence" and value is not None:  # which some coders gave in words
                    value = str(value)
                assert same(cell, value), (name, cell, value)
        assert app.guarded([*words, "--write", "t.doc"]) == 2
        assert "--write: found t.doc" in capsys.readouterr().err


def test_every_command_with_a_table_can_write_it() -> None:
    assert with_option("--write") == with_option("--json") - {
        "scenarios show", "scenarios check", "claims check", "data list", "data fetch", "data show", "data claims", "data package",
        "calibrate", "bench", "cite",
    }  # fmt: skip


@pytest.mark.slow
def test_the_runs_of_a_simulation_are_written_with_their_labels_and_units(
    two: hf.SimulationResult, tmp_path: Path
) -> None:
    with xr.open_dataset(two.write(tmp_path / "runs.nc"), engine="h5netcdf") as data:
        xr.testing.assert_identical(data.load().drop_attrs(deep=False), two.data.drop_attrs(deep=False))
        assert data.killed.attrs == {"long_name": "killed", "units": "men/day"}
        assert data.attrs["scenario"] == "skirmish"
    frame = pd.read_csv(two.write(tmp_path / "runs.csv"))
    pd.testing.assert_frame_equal(frame, two.to_frame(), check_dtype=False, check_exact=True)
    middle = two.to_dict()["sides"]["north"]["killed"]["p50"]  # type: ignore[index]
    assert frame[frame.side == "north"].killed.median() == middle


# --- The Tab key.

TAB = r"""
source "$1"; shift
compopt() { :; }
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}; COMPREPLY=()
function_name=$(complete -p holdfast | sed 's/.*-F \([^ ]*\).*/\1/')
"$function_name" holdfast "${@: -1}" "${@: -2:1}"
printf '%s\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(scope="module")
def bash(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., list[str]]:
    """What bash offers after some words where the Tab key is pressed."""
    if not shutil.which("bash"):
        pytest.skip("no bash")
    folder = tmp_path_factory.mktemp("tab")
    (folder / "mine.toml").touch()
    (folder / "script").write_text(app.application().generate_completion(shell="bash"))
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])

    def offered(*words: str) -> list[str]:
        done = subprocess.run(
            ["bash", "-c", TAB, "tab", str(folder / "script"), *words], capture_output=True, text=True, check=True,
            cwd=folder, env={**os.environ, "PATH": path},
        )  # fmt: skip
        return done.stdout.split()

    return offered


def test_bash_completes_commands_options_and_scenarios(bash: Callable[..., list[str]]) -> None:
    assert set(app.COMMANDS) <= set(bash("holdfast", ""))
    assert bash("holdfast", "swe") == ["sweep"]
    assert set(bash("holdfast", "scenarios", "")) >= {"list", "show", "check", "new", "schema"}
    assert {"--runs", "--resume"} <= set(bash("holdfast", "run", "--r"))
    assert bash("holdfast", "run", "ski") == ["skirmish"]
    assert set(bash("holdfast", "run", "")) >= {*catalogue.names(), "mine.toml"}
    assert bash("holdfast", "scenarios", "show", "fin") == ["finland-1940"]


@pytest.mark.parametrize(("shell", "check"), [("bash", ["-n"]), ("zsh", ["-n"]), ("fish", ["--no-execute"])])
def test_a_script_for_the_tab_key_is_there_for_each_shell(shell: str, check: list[str], tmp_path: Path) -> None:
    text = app.application().generate_completion(shell=shell)  # type: ignore[arg-type]
    assert all(name in text for name in app.COMMANDS)
    assert "--men-per-billet" in text or "men-per-billet" in text
    assert "__complete" in text  # asks for scenarios when the key is pressed
    if shutil.which(shell):
        (tmp_path / "script").write_text(text)
        subprocess.run([shell, *check, str(tmp_path / "script")], check=True)
