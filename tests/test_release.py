"""What a release promises: the two scripts at the root, how to cite, one version, and what is said where an extra is missing."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import stat
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import holdfast as hf
from holdfast import citation
from holdfast.cli import app
from holdfast.core import release, runtime

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf8"))["project"]
README = (ROOT / "README.md").read_text(encoding="utf8")
BLOCKS = re.findall(r"^```(?:sh|bash|shell|console)[ \t]*\n(.*?)^```", README, re.S | re.M)
"""The shell blocks of the README of whatever kind, in their order: the first is the main job, the second the tests."""
SCRIPTS = {"holdfast-try": 0, "holdfast-test": 1}


# --- The scripts at the root.


@pytest.mark.parametrize(("name", "number"), SCRIPTS.items())
def test_a_script_does_what_the_readme_says(name: str, number: int) -> None:
    path = ROOT / name
    assert path.stat().st_mode & stat.S_IXUSR, f"chmod +x {name}"
    first, *lines = [line for line in path.read_text(encoding="utf8").splitlines() if line]
    assert first == "#!/bin/sh"
    code = [line for line in lines if not line.startswith("#")]
    assert code[:2] == ["set -eu", 'cd -- "$(dirname -- "$0")"']
    assert "\n".join(code[2:]) == BLOCKS[number].strip() + ' "$@"'


@pytest.mark.parametrize(("name", "number"), SCRIPTS.items())
def test_a_script_runs_beside_itself_and_passes_words_on(name: str, number: int, tmp_path: Path) -> None:
    """With programs in the place of Python and pip that write down how they were called."""
    home, elsewhere = tmp_path / "a checkout", tmp_path / "elsewhere"
    programs = home / ".venv" / "bin"
    programs.mkdir(parents=True)
    elsewhere.mkdir()
    record = f'#!/bin/sh\n{{ basename "$0"; pwd; for word in "$@"; do echo "<$word>"; done; }} >> "{tmp_path}/calls"\n'
    for path in (tmp_path / "python3", *(programs / each for each in ("pip", "holdfast", "python"))):
        path.write_text(record)
        path.chmod(0o755)
    (home / name).write_text((ROOT / name).read_text(encoding="utf8"))
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    words = ["two words", "--x=1"]
    subprocess.run(["sh", str(home / name), *words], cwd=elsewhere, env=environment, check=True)
    calls = (tmp_path / "calls").read_text().split(f"{home}\n")
    assert [part.rstrip().rsplit("\n", 1)[-1] for part in calls[:3]] == [
        "python3",
        "pip",
        ("holdfast", "python")[number],
    ]
    assert calls[3].endswith("".join(f"<{word}>\n" for word in words))
    assert str(elsewhere) not in "".join(calls)


# --- One version, one name.


def test_the_version_stands_once() -> None:
    assert hf.__version__ == runtime.version() == release.VERSION
    assert "version" in PROJECT["dynamic"]
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*", release.VERSION)
    for path in (*(ROOT / "src").rglob("*.py"), ROOT / "pyproject.toml"):
        if path.name != "release.py":
            assert f'"{release.VERSION}"' not in path.read_text(encoding="utf8"), (
                f"{path}: take it from core/release.py"
            )


def test_the_distribution_has_a_name_of_its_own() -> None:
    assert PROJECT["name"] == release.DISTRIBUTION
    assert PROJECT["scripts"] == {"holdfast": "holdfast.__main__:main"}
    assert release.DISTRIBUTION in README
    for path in (
        *(ROOT / "src").rglob("*.py"),
        *(ROOT / "docs").glob("*.md"),
        ROOT / "README.md",
        ROOT / "pyproject.toml",
    ):
        assert not re.search(r"(?<![-\w])holdfast\[", path.read_text(encoding="utf8")), (
            f"{path}: another project's name"
        )


def test_every_module_that_an_extra_brings_is_known() -> None:
    """What pyproject names in an extra, and nothing else, so that a missing one is said with its cure."""
    modules: dict[str, set[str]] = {}
    for module, names in importlib.metadata.packages_distributions().items():
        for name in names:
            modules.setdefault(_canonical(name), set()).add(module)
    extras = PROJECT["optional-dependencies"]
    for extra, known in release.EXTRAS.items():
        named = {_canonical(re.split(r"[\[<>=]", line)[0]) for line in extras[extra]} - {release.DISTRIBUTION}
        for name in named:
            assert modules[name] & set(known), f"{name} of [{extra}] is not in release.EXTRAS"
        for module in known:
            owners = {name for name, brought in modules.items() if module in brought}
            assert owners & named or module in ("dask", "arviz_base"), f"{module} comes with none of {sorted(named)}"


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


# --- How to cite.


def test_the_citation_at_the_root_is_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.guarded(["cite", "--format", "cff"]) == 0
    printed = capsys.readouterr().out
    assert printed == (ROOT / "CITATION.cff").read_text(encoding="utf8"), "holdfast cite --format cff > CITATION.cff"
    assert not re.search(r" $|doi", printed, re.M), "no identifier that was not given"


def test_the_citation_agrees_with_the_metadata_of_the_package() -> None:
    record = citation.record()
    assert record["license"] == PROJECT["license"]
    assert record["authors"] == PROJECT["authors"]
    assert record["keywords"] == PROJECT["keywords"]
    assert str(record["title"]).endswith(PROJECT["description"])


@pytest.mark.parametrize("released", ["", "2027-03-01"])
def test_every_form_names_version_and_day(released: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(citation, "RELEASED", released)
    for name, form in citation.FORMS.items():
        written = form()
        assert release.VERSION in written, name
        assert citation.AUTHORS in written, name
        assert written.endswith("\n"), name
        assert ("2027" in written) == bool(released), name
    assert citation.bibtex().count("{") == citation.bibtex().count("}")
    assert ("n.d." in citation.apa()) != bool(released)
    assert ("date-released" in citation.cff()) == bool(released)


def test_the_citation_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.guarded(["cite", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == citation.record()


# --- The base installation: what needs an extra says which.

WITHOUT = """
import importlib.abc, importlib.util, sys
from holdfast.core import release
lacking = {module for extra, modules in release.EXTRAS.items() for module in modules} - {"pandas"}  # xarray brings it
class Nothing(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in lacking:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Nothing())
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name.partition(".")[0] in lacking else find(name, package)
from holdfast.cli.app import guarded
sys.exit(guarded(sys.argv[1:]))
"""
"""The command line in a process that has the base installation alone."""


@pytest.mark.parametrize(
    ("words", "extra"),
    [
        ("losses --fast", "evidence"),
        ("losses", "evidence"),
        ("claims judge '300000 killed russia 2023-11-15'", "evidence"),
        ("claims check a.parquet", "evidence"),
        ("claims check a.xlsx", "spreadsheets"),
        ("data fetch meduza-weekly", "evidence"),
        ("battles", "evidence"),
        ("forecast", "evidence"),
        ("essay", "evidence"),
        ("run russia-ukraine-2023 --set russia.losses=posterior:p.nc", "evidence"),
        ("app --no-browser", "app"),
        ("calibrate --quick", "calibrate"),
        ("sweep skirmish --vary south.supply=0.2:1", "calibrate"),
        ("explain skirmish --cluster tcp://127.0.0.1:8786", "cluster"),
        ("sweep skirmish --vary south.supply=0.2:1 --cluster tcp://127.0.0.1:8786", "cluster"),
    ],
)
def test_what_needs_an_extra_says_which(words: str, extra: str, tmp_path: Path) -> None:
    import shlex

    for name in ("a.parquet", "a.xlsx", "p.nc"):
        (tmp_path / name).touch()
    command = [sys.executable, "-c", WITHOUT, *shlex.split(words)]
    environment = {**os.environ, "HOLDFAST_CACHE": str(tmp_path / "cache"), "HOLDFAST_DATA": ""}
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=300, env=environment)
    assert "Traceback" not in done.stderr
    assert done.returncode in (1, 2)
    assert release.install(extra) in done.stderr, done.stderr
