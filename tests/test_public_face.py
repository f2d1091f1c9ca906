"""The public face: what `import holdfast as hf` shows, how its verbs are called, and what older spellings do."""

from __future__ import annotations

import functools
import inspect
import json
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import holdfast as hf

VERBS = (
    "load_scenario", "scenarios", "simulate", "compare", "trace", "reconcile_losses", "judge_claim", "assess", "agree", "backtest",
    "battles", "essay", "forecast", "calibrate", "explain", "sweep", "warn", "open",
)  # fmt: skip
RANDOM = tuple(name for name in VERBS if name not in ("load_scenario", "scenarios", "agree", "warn", "open"))
"""Verbs that draw random numbers."""
HEAVY = {"jax", "numpy", "xarray", "pandas", "pydantic", "altair", "numpyro", "scipy", "sklearn"}


def verb(name: str) -> inspect.Signature:
    """The signature of a verb."""
    function = getattr(hf, name)
    assert inspect.isfunction(function), f"{name} is a {type(function).__name__}"
    return inspect.signature(function)


def test_the_tab_key_shows_verbs_results_and_errors_alone() -> None:
    shown = set(dir(hf))
    assert set(VERBS) <= shown == set(hf.__all__)
    rest = shown - set(VERBS) - {"parameters", "Scenario"}
    assert all(inspect.isclass(getattr(hf, name)) for name in rest)
    assert {name for name in rest if name.endswith("Error")} == {
        name for name in rest if issubclass(getattr(hf, name), Exception)
    }


@pytest.mark.parametrize("name", VERBS)
def test_only_the_first_argument_is_given_by_position(name: str) -> None:
    by_position = [each for each in verb(name).parameters.values() if each.kind is not each.KEYWORD_ONLY]
    assert len([each for each in by_position if each.kind is not each.VAR_KEYWORD]) <= (
        2 if name in ("compare", "agree") else 1
    )


@pytest.mark.parametrize("name", RANDOM)
def test_verbs_share_their_options_and_defaults(name: str) -> None:
    parameters = verb(name).parameters
    assert parameters["seed"].default == 1
    for option in ("workers", "progress"):
        assert parameters[option].default is None, option


@pytest.mark.parametrize("name", VERBS)
def test_verbs_are_explained(name: str) -> None:
    verb(name)
    text = getattr(hf, name).__doc__
    assert "Returns:" in text
    assert "Args:" in text or name == "scenarios"


@pytest.mark.parametrize(
    ("older", "now"),
    [("Case", "Scenario"), ("Result", "SimulationResult"), ("load_case", "load_scenario"), ("run", "simulate"),
     ("losses", "reconcile_losses"), ("judge", "judge_claim")],
)  # fmt: skip
def test_older_spellings_work_with_a_notice(older: str, now: str) -> None:
    with pytest.warns(DeprecationWarning, match=f"^holdfast.{older} is now holdfast.{now}$"):
        value = getattr(hf, older)
    if older != "run":
        verb = value.args[0] if isinstance(value, functools.partial) else value
        assert verb is getattr(hf, now)


@pytest.mark.parametrize("name", ["assess", "backtest", "forecast"])
def test_verbs_that_were_packages_work_with_a_notice(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    former = getattr(getattr(hf, name), name)
    monkeypatch.setattr(hf, name, lambda *words, **options: (words, options))
    with pytest.warns(DeprecationWarning, match=f"is now holdfast.{name}$"):
        assert former(1, seed=2) == ((1,), {"seed": 2})


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(AttributeError, match="no 'simulat'; it has load_scenario, scenarios, simulate"):
        hf.simulat  # noqa: B018


def test_public_names_give_no_notice() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)
        for name in hf.__all__:
            getattr(hf, name)


@pytest.mark.parametrize(
    "code",
    [
        "import holdfast; dir(holdfast)",
        "from holdfast.cli import app; app.guarded(['--help'])",
        "from holdfast.cli import app; app.guarded(['run', '--help'])",
    ],
)
def test_neither_the_import_nor_help_loads_a_heavy_package(code: str) -> None:
    done = subprocess.run([sys.executable, "-X", "importtime", "-c", code], capture_output=True, text=True, check=True)
    loaded = [line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")]
    assert "holdfast.core.runtime" in loaded
    assert not HEAVY.intersection(name.partition(".")[0] for name in loaded)
    if code.startswith("import holdfast"):
        assert len([name for name in loaded if name.startswith("holdfast")]) <= 4, (
            "only what sets up the machine, and the version"
        )


def test_the_package_is_a_program() -> None:
    done = subprocess.run([sys.executable, "-m", "holdfast", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout[0].isdigit()


# --- Saved results.


@pytest.mark.slow
def test_a_saved_result_is_opened_again(tmp_path: Path) -> None:
    result = hf.trace("skirmish", soldiers=3, days=2)
    assert result.save(tmp_path / "new" / "trace").name == "table.csv"
    again = hf.open(tmp_path / "new" / "trace")
    assert isinstance(again, hf.Trajectories)
    assert again.to_dict() == result.to_dict()
    assert hf.open(str(tmp_path / "new" / "trace" / "result.npz")).to_dict() == result.to_dict()
    assert list(again.to_frame()["day"]) == [0, 0, 0, 1, 1, 1]


def test_the_runs_of_a_simulation_are_opened_again(two: hf.SimulationResult, tmp_path: Path) -> None:
    two.save(tmp_path, figures=False)
    again = hf.open(tmp_path)
    assert isinstance(again, hf.SimulationResult)
    assert again.summary() == two.summary() | {"wall_s": again.wall_s}
    assert again.scenario.hash == two.scenario.hash


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("nowhere", None, "found nothing; allowed: the folder of a saved result. Correct the path"),
        ("empty", {}, "found an empty folder; allowed: a folder with result.npz or result.zarr in it. Name a folder"),
        ("pages", {"page.html": b"<p>"}, "found page.html; allowed"),
        ("torn", {"result.npz": b"PK"}, "found a file that is damaged, or that this release cannot read"),
        ("torn.nc", None, "found nothing"),
        ("torn.nc/posterior.nc", {"posterior.nc": b"CDF"}, "found no netCDF that can be read"),
    ],
)
def test_what_is_no_saved_result_is_refused_with_a_cure(
    tmp_path: Path, name: str, content: dict[str, bytes] | None, said: str
) -> None:
    folder = tmp_path / name.partition("/")[0]
    for file, text in (content or {}).items():
        folder.mkdir(exist_ok=True)
        (folder / file).write_bytes(text)
    if content is not None:
        folder.mkdir(exist_ok=True)
    with pytest.raises(hf.FaultyError) as caught:
        hf.open(tmp_path / name)
    assert str(tmp_path / name) in str(caught.value)
    assert said in str(caught.value)


def test_a_posterior_in_netcdf_is_opened_as_a_data_tree(tmp_path: Path) -> None:
    killed = xr.Dataset(
        {"killed": (("chain", "draw", "month"), np.ones((2, 3, 4)))}, {"days": ("month", [31, 28, 31, 30])}
    )
    killed["days"].attrs["units"] = "day"  # which must not become lengths of time
    killed.to_netcdf(tmp_path / "posterior.nc", group="posterior", engine="h5netcdf")  # as before data trees
    tree = hf.open(tmp_path / "posterior.nc")
    assert isinstance(tree, xr.DataTree)
    xr.testing.assert_equal(tree["posterior"].to_dataset(), killed)


@pytest.mark.parametrize(
    "record", ["os:path", "subprocess:Popen", "holdfast.core.runtime:Path", "holdfast.cli.app:main"]
)
def test_a_file_can_name_records_of_this_package_alone(tmp_path: Path, record: str) -> None:
    tree = json.dumps({"$record": [record, {"args": "true"}]})
    np.savez(tmp_path / "result.npz", tree=np.array(tree))
    with pytest.raises(hf.FaultyError, match="cannot read"):
        hf.open(tmp_path)
