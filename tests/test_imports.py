"""What each command imports: nothing heavy that it does not need. A new import shows here before anybody has to wait for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from holdfast.scenario import catalogue, load

HEAVY = {
    "jax", "equinox", "jaxtyping", "scipy", "numpy", "pandas", "xarray", "zarr", "pyarrow", "h5py", "numpyro", "optax",
    "arviz_stats", "sklearn", "krippendorff", "SALib", "altair", "vl_convert", "jinja2", "lark", "pydantic", "pygments",
    "asyncio", "rich.progress",
}  # fmt: skip
"""Packages and modules that take 10 ms or more to import."""

SCRIPTS = {
    "import holdfast; dir(holdfast)": set(),
    "import holdfast; holdfast.scenarios()": set(),
    "import holdfast; holdfast.load_scenario('skirmish')": {"pydantic"},
    "import holdfast; holdfast.load_scenario('skirmish').with_values({'choice.present_bias': 0.5})": {"pydantic"},
    "import holdfast; holdfast.ScenarioError": set(),
    "import holdfast.parallel.pool": set(),  # a worker before its first job
    "import holdfast.ensemble.store": {
        "pydantic",
        "numpy",
        "jaxtyping",
        "asyncio",
    },  # a worker that has a part of a run
    "import holdfast.present.text": {"numpy", "jaxtyping", "asyncio"},
    "import holdfast.parameters": {"jax", "equinox", "jaxtyping", "numpy", "pydantic", "pygments", "asyncio"},
    "import holdfast.evidence.verdict": {"numpy", "jaxtyping", "asyncio"},
    "import holdfast.evidence.datasets": set(),
    "import holdfast.evidence.priors": set(),
    "import holdfast.evidence.claims.sentence": set(),
}
"""What a script may load of these."""

COMMANDS = {
    "--help": set(),
    "--version": set(),
    "run --help": {"pygments"},  # help of a command is drawn from Markdown
    "run nosuch": {"pydantic"},
    "run skirmish --runs 0": set(),
    "scenarios list": set(),
    "scenarios list --json": set(),
    "scenarios show finland-1940": {"pydantic"},
    "scenarios check skirmish": {"pydantic"},
    "scenarios new FILE": {"pydantic"},
    "data list": set(),
    "armies list": set(),
    "armies list --json": set(),
}
"""What a command may load of these; `FILE` is a new file."""


def loaded(code: str, folder: Path) -> set[str]:
    """The heavy packages that are there after a program, in a fresh interpreter."""
    ending = "import sys; sys.stderr.write('\\n' + ' '.join(sys.modules))"
    program = f"import atexit\natexit.register(lambda: exec({ending!r}))\n{code}"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=folder, check=False)
    assert "Traceback" not in run.stderr, run.stderr
    return HEAVY & set(run.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_imports_what_it_needs(script: str, tmp_path: Path) -> None:
    assert loaded(script, tmp_path) <= SCRIPTS[script]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_imports_what_it_needs(command: str, tmp_path: Path) -> None:
    words = command.replace("FILE", str(tmp_path / "new.toml")).split()
    code = f"import sys; sys.argv[1:] = {words!r}\nfrom holdfast.__main__ import main; main()"
    assert loaded(code, tmp_path) <= COMMANDS[command]


def test_the_table_of_imports_can_fail(tmp_path: Path) -> None:
    assert loaded("import numpy, rich.progress", tmp_path) == {"numpy", "rich.progress"}


def test_the_list_of_scenarios_says_what_the_documents_say() -> None:
    """It reads the heads of the files alone."""
    outlines = catalogue.outlines()
    assert [outline.name for outline in outlines] == catalogue.names() != []
    for outline in outlines:
        document = load.read(outline.name)
        sides = [side.name for side in document.side]
        assert outline == (document.name, document.title, document.start, document.days, sides, document.question)


def test_garbage_is_collected_once_the_program_has_started() -> None:
    code = (
        "import gc, sys; sys.argv[1:] = ['--version']; from holdfast.__main__ import main\n"
        "try:\n    main()\nexcept SystemExit:\n    assert gc.isenabled() and gc.get_freeze_count()"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0
