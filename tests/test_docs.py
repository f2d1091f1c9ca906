"""The documentation against the code: nothing named that is not there, nothing there that is not named."""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import cyclopts
import jax.numpy as jnp
import numpy as np
import pytest

from holdfast import parameters
from holdfast.cli import app
from holdfast.core import params
from holdfast.engine import effects, state
from holdfast.engine.day import record
from holdfast.present import text as present_text
from holdfast.scenario import build, catalogue, declared, load, schema

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "bench"))

import tutorials  # noqa: E402

PACKAGE = ROOT / "src" / "holdfast"
DOCS = sorted((ROOT / "docs").rglob("*.md"))
PAGES = [*DOCS, *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md"))]
RENEW = "renew it: python -m holdfast.parameters docs/parameters.md"

FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.S | re.M)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def text(name: str) -> str:
    """A page of the documentation."""
    return (ROOT / "docs" / name).read_text(encoding="utf8")


def blocks(page: str, language: str) -> list[str]:
    """The page's code blocks in a language."""
    return [code for name, code in FENCE.findall(page) if name == language]


def anchors(page: Path) -> set[str]:
    """What links may point to within a page: its headings, as Markdown makes names of them."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text(encoding="utf8")), re.M)
    return {re.sub(r"[\s]+", "-", re.sub(r"[^\w\s-]", "", heading.lower()).strip()) for heading in headings}


def section(page: str, heading: str) -> str:
    """The part of a page under a heading of the second level."""
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", page, re.S | re.M)
    assert found, heading
    return found[1]


# --- Links and code.


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in LINK.findall(FENCE.sub("", page.read_text(encoding="utf8"))):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name}: {link}"
        assert not anchor or anchor in anchors(target), f"{page.name}: {link}"


# --- Blocks of code are run.

SMALLER = """
import dataclasses, functools, importlib.resources, inspect, pathlib, shutil
from unittest import mock
import holdfast as hf

def smaller(name, **given):
    verb = getattr(hf, name)
    less = lambda *words, **options: verb(*words, **{**options, **given})
    setattr(hf, name, functools.update_wrapper(less, verb))

smaller("simulate", runs=2, days=30, workers=1)
smaller("compare", runs=2, days=30, workers=1)
def bound(*names):  # a call is held against the signature, what is read of its result against the result's class
    def stand_in(verb):
        of = getattr(hf, inspect.signature(verb).return_annotation)
        fields = [each.name for each in dataclasses.fields(of)] if dataclasses.is_dataclass(of) else []

        def call(*words, **options):
            inspect.signature(verb).bind(*words, **options)
            return mock.MagicMock(spec=[*dir(of), *fields])

        return call

    for name in names:
        setattr(hf, name, stand_in(getattr(hf, name)))

armies = importlib.resources.files("holdfast.coded_armies") / "shipped"
some = (armies / "armies_2_coder1.csv").read_text(encoding="utf8").splitlines()
pathlib.Path("mine.csv").write_text(chr(10).join(some[:4]), encoding="utf8")
shutil.copy(armies / "armies_1_coder3.csv", "second.csv")

def table(page, name):
    text = (DOCS / page).read_text(encoding="utf8")
    pathlib.Path(name).write_text(text.split("```csv", 1)[1].split("```")[0].strip(), encoding="utf8")

DOCS = pathlib.Path("PAGES")
rows = ["week,absent,men"] + [f"2024-W{week:02},{20 + week % 5},1000" for week in range(1, 41)]
pathlib.Path("awol.csv").write_text(chr(10).join(rows), encoding="utf8")
"""
"""Before the blocks of a page are run: the verbs that would take minutes do the same with fewer runs, and the tables that pages
call theirs are there."""
BEFORE = {
    "README.md": 'bound("explain", "assess", "backtest")',
    "index.md": 'bound("assess", "backtest")',
    "forecast.md": 'bound("forecast")',
    "assess.md": 'bound("assess")\nimport holdfast.assessment\nholdfast.assessment.assess = hf.assess',
    "claims.md": 'table("claims.md", "mine.csv")',
    "cluster.md": "from holdfast.parallel import cluster, pool\nimport operator\ntask, jobs = operator.is_, [1, 2]\n"
    "cluster.ClusterExecutor = lambda address: pool.LocalExecutor(1)",  # the tutorial has a cluster
}
"""What a page needs besides. Verbs that take minutes at their least are not carried out here but in their own tests."""
NOT_RUN = {"data.md": "fetches data from the network; what it imports is imported by another test"}
WITH_PYTHON = [page for page in PAGES if blocks(page.read_text(encoding="utf8"), "python") and page.name not in NOT_RUN]


def test_every_tutorial_is_compared() -> None:
    assert {page.name for page in tutorials.pages()} >= {
        path.name for path in (ROOT / "docs" / "tutorials").glob("*.md")
    }
    for page in tutorials.pages():
        for name in tutorials.shown(page):
            assert (tutorials.IMAGES / name).exists(), f"{page.name}: python bench/tutorials.py --renew {page.stem}"


@pytest.mark.parametrize(
    ("now", "equal"),
    [
        ("killed  31,300 (7% of 12), slope 4e-10, by 2023-11-15", True),
        ("killed  31,900 (7% of 12), slope 7e-10, by 2023-11-15", False),
        ("killed  31,200 (9% of 12), slope 7e-10, by 2023-11-15", False),
        ("killed  31,200 (7% of 13), slope 7e-10, by 2023-11-15", False),
        ("killed  31,200 (7% of 12), slope 7e-04, by 2023-11-15", False),
        ("killed  31,200 (7% of 12), slope 7e-10, by 2023-11-16", False),
        ("wounded 31,200 (7% of 12), slope 7e-10, by 2023-11-15", False),
        ("killed  31,200 (7% of 12), slope 7e-10", False),
    ],
)
def test_outputs_differ_by_no_more_than_rounding(now: str, equal: bool) -> None:
    assert tutorials.same("killed  31,200 (7% of 12), slope 7e-10, by 2023-11-15", now) == equal


@pytest.mark.parametrize("page", tutorials.pages(), ids=lambda page: page.name)
@pytest.mark.slow
def test_a_tutorial_prints_what_its_page_says(page: Path, tmp_path: Path) -> None:
    printed = tutorials.run_in(tmp_path, page)
    wrong = tutorials.differences(page, printed)
    assert not wrong, "\n".join(wrong) + f"\nrenew it: python bench/tutorials.py --renew {page.stem}"
    assert all((tmp_path / name).exists() for name in tutorials.shown(page)), "a figure that no code drew"


@pytest.mark.parametrize(
    "page", [page for page in WITH_PYTHON if page not in tutorials.pages()], ids=lambda page: page.name
)
@pytest.mark.slow
def test_python_blocks_run(page: Path, tmp_path: Path) -> None:
    tutorials.run_in(tmp_path, page, SMALLER.replace("PAGES", str(ROOT / "docs")) + BEFORE.get(page.name, ""))


def test_a_changed_output_is_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```python\nprint(1 + 1)\nprint('took 1.5 s')\n```\n\n```text\n2\ntook 9 s\n```\n", encoding="utf8")
    assert not tutorials.differences(page, tutorials.run(page))
    page.write_text(page.read_text(encoding="utf8").replace("\n2\n", "\n3\n"), encoding="utf8")
    (difference,) = printed = tutorials.differences(page, tutorials.run(page))
    assert "3" in difference, printed
    assert "\n2\n" in tutorials.renewed(page.read_text(encoding="utf8"), tutorials.run(page))
    page.write_text("```python\n1 / 0\n```\n", encoding="utf8")
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        tutorials.run(page)


def command_lines(page: Path) -> list[list[str]]:
    """The commands of a page that call Holdfast, in words."""
    said = page.read_text(encoding="utf8")
    if page.name == "commands.md":  # its blocks are usage, its examples stand in the text
        examples = "".join(re.findall(r"Examples?: (.*?)\n\n", said, re.S))
        code = "\n".join(" ".join(line.split()) for line in re.findall(r"`(holdfast [^`]+)`", examples))
    else:
        code = "".join(FENCED_SHELL.findall(said)).replace("\\\n", " ")
    lines = [line.removeprefix("$ ") for line in code.splitlines()]
    every = [part for line in lines for part in re.split(r"&&|\|\|?|;|(?<!\S)>", line.partition(" #")[0])]
    words = [shlex.split(part) for part in every if re.match(r"\s*(\.venv/bin/)?holdfast ", part)]
    return [[word for word in each[1:] if word not in ("...", app.TIMINGS)] for each in words]


FENCED_SHELL = re.compile(r"^```(?:sh|console|bash)\n(.*?)^```", re.S | re.M)
CALLED = [(page, words) for page in PAGES for words in command_lines(page)]
QUICK = ("scenarios", "parameters", "data list", "armies list", "claims check")


@pytest.mark.parametrize(
    ("page", "words"), CALLED, ids=lambda each: each.name if isinstance(each, Path) else " ".join(each)
)
def test_commands_of_pages_are_understood(page: Path, words: list[str]) -> None:
    now, notices = app.current(words)
    assert not notices, f"{page.name}: an older spelling"
    app.application(now[0]).parse_args(now, exit_on_error=False, print_error=False)


def test_a_command_that_is_not_there_is_not_understood() -> None:
    for words in (["run", "--nosuch", "1"], ["nosuch"], ["run", "--runs", "many"]):
        with pytest.raises(cyclopts.CycloptsError):
            app.application(words[0]).parse_args(words, exit_on_error=False, print_error=False)


def test_quick_commands_of_pages_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.csv").write_text(blocks(text("claims.md"), "csv")[0], encoding="utf8")
    (tmp_path / "claims.csv").write_text(blocks(text("claims.md"), "csv")[0], encoding="utf8")
    quick = {" ".join(words): words for _, words in CALLED if " ".join(words).startswith(QUICK)}
    assert len(quick) > 5
    for line, words in sorted(quick.items(), key=lambda each: "new" not in each[0]):
        assert app.guarded(words) == 0, line


def test_there_are_python_examples_to_compile() -> None:
    for page in (ROOT / "README.md", ROOT / "docs" / "index.md"):
        assert any("import holdfast" in code for code in blocks(page.read_text(encoding="utf8"), "python")), page.name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_path_of_a_machine_and_no_address_of_a_registry(page: Path) -> None:
    said = page.read_text(encoding="utf8")
    assert not re.search(r"(?<![\w.])/(work|home|root|tmp|Users)/|index-url|/simple/|pypi\.", said)


@pytest.mark.slow
def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip("mkdocs")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-q", "-d", str(tmp_path)]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    fetched = re.compile(r"""<(?:script|link|img)[^>]*(?:src|href)=["'](?:https?:)?//""")
    pages = sorted(tmp_path.rglob("*.html"))
    assert len(pages) >= len(DOCS)
    for page in pages:
        assert not fetched.search(page.read_text(encoding="utf8")), f"{page.name} fetches from the network"
    for style in tmp_path.rglob("*.css"):
        assert not re.search(r"url\([\"']?(?:https?:)?//|@import", style.read_text(encoding="utf8")), style.name
    books = sorted(path.stem for path in (tmp_path / "tutorials").glob("*.ipynb"))
    assert books == sorted(path.stem for path in (ROOT / "docs" / "tutorials").glob("*.md"))


REFERENCE = sorted((ROOT / "docs" / "api").glob("*.md"))


def named() -> set[str]:
    """What the pages of the reference name, each of which mkdocstrings documents."""
    return {name for page in REFERENCE for name in re.findall(r"^::: (\S+)$", page.read_text(encoding="utf8"), re.M)}


def test_every_public_name_is_in_the_reference() -> None:
    import holdfast as hf

    assert not sorted({f"holdfast.{name}" for name in hf.__all__} - named()), "name it in docs/api/ with ::: NAME"


def test_what_the_reference_names_is_there() -> None:
    for name in sorted(named()):
        module, _, member = name.rpartition(".")
        assert hasattr(importlib.import_module(module), member), name


def test_the_reference_finds_public_names_without_running_them() -> None:
    """mkdocstrings, and every editor, reads the names that the package gives to type checkers."""
    import holdfast as hf

    code = (PACKAGE / "__init__.py").read_text(encoding="utf8")
    seen = set(re.findall(r"^    from .* import (?:\w+ as )?(\w+)(?:  #.*)?$", code, re.M))
    assert seen >= set(hf.__all__)


def test_the_reference_names_the_figures_of_results() -> None:
    from holdfast.present import run_figures

    page = text("api/index.md")
    (row,) = re.findall(r"^\| `SimulationResult` \| (.*) \|$", page, re.M)
    assert re.findall(r"`(\w+)`", row) == list(run_figures.FIGURES)
    of = {"Explanation": "explanation_figures", "Sweep": "sensitivity_figures", "Backtest": "backtest_report",
          "BattleScores": "battles_report", "EarlyWarning": "warning_report", "Assessment": "army_report"}  # fmt: skip
    for result, module in of.items():
        (row,) = re.findall(rf"^\| `{result}` \| (.*?)(?:;.*)? \|$", page, re.M)
        code = (PACKAGE / "present" / f"{module}.py").read_text(encoding="utf8")
        missing = [name for name in re.findall(r"`(\w+)`", row) if f'"{name}"' not in code and f"}}{name}" not in code]
        assert not missing, result


def test_the_page_of_commands_is_up_to_date(tmp_path: Path) -> None:
    """In a process of its own: a command that was called once keeps the help that it had then."""
    command = [sys.executable, str(ROOT / "bench" / "commands_page.py"), str(tmp_path / "commands.md")]
    subprocess.run(command, check=True, env=os.environ | {"PYTHONPATH": str(ROOT / "src")})
    now = (tmp_path / "commands.md").read_text(encoding="utf8")
    assert text("commands.md") == now, "renew it: python bench/commands_page.py"


@pytest.mark.parametrize("name", ["assess", "backtest", "forecast"])
def test_a_verb_is_a_function(name: str) -> None:
    import holdfast as hf

    assert callable(getattr(hf, name)), "no package may hide a verb"
    assert name in hf.__all__


# --- Every part is named.


@pytest.mark.parametrize("module", sorted(path.stem for path in (PACKAGE / "engine" / "mechanisms").glob("[a-z]*.py")))
def test_every_mechanism_stands_in_the_model(module: str) -> None:
    assert f"mechanisms/{module}.py" in text("model.md")


@pytest.mark.parametrize("name", catalogue.names())
def test_every_case_has_its_section(name: str) -> None:
    page = text("cases.md")
    said, row = section(page, name), re.search(rf"^\| `{name}` \|.*$", page, re.M)
    assert "Hold against it" in said or "evidence about nothing" in said
    assert row, f"{name} is not in the table"
    set_here = any(
        path.endswith(".resolve") and source.startswith("set here") for path, source in load.read(name).sources.items()
    )
    assert set_here == ("set for" in row[0]), "the table must say where resolve was set by the outcome"


def test_the_tree_shows_what_is_there() -> None:
    tree = next(block for block in blocks(text("architecture.md"), "text") if block.startswith("src/holdfast/"))
    shown: dict[str, set[str]] = {}
    above, folder = "", ""
    for line in tree.splitlines()[1:]:
        entry = re.match(r"(│   )?[├└]── (\S+)", line)
        if entry and entry[2].endswith(".py"):
            shown.setdefault("", set()).add(entry[2].removesuffix(".py"))
        elif entry:
            name = entry[2].rstrip("/")
            folder = f"{above}/{name}" if entry[1] else name
            above = above if entry[1] else name
            shown[folder] = set()
        else:
            shown[folder] |= {name for name in re.split(r"[\s·│]+", line) if name}
    there = {
        str(path.parent.relative_to(PACKAGE)).replace(".", ""): {
            file.stem for file in path.parent.glob("*.py") if file.stem != "__init__"
        }
        for path in PACKAGE.rglob("__init__.py")
    }
    there[""].add("__init__")
    assert shown == there


def test_files_that_pages_name_are_there() -> None:
    for page in DOCS:
        prose = FENCE.sub("", page.read_text(encoding="utf8"))
        for name in re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.(?:py|md|csv|toml))`", prose):
            if "leave" in name:  # the worked example
                continue
            assert any((root / name).exists() for root in (ROOT, PACKAGE)), f"{page.name}: {name}"
        for name in re.findall(r"`(test_[a-z_]+\.py)`", prose):
            assert list((ROOT / "tests").rglob(name)), f"{page.name}: {name}"
        for name in re.findall(r"`(holdfast(?:\.[a-z_]+)+)`", prose):
            module, _, member = name.rpartition(".")
            assert hasattr(importlib.import_module(module), member) or importlib.util.find_spec(name), name


def test_every_rate_can_be_read_of() -> None:
    page = text("architecture.md")
    for field in dataclasses.fields(state.Rates):
        assert f"`{field.name}`" in page, field.name


def test_the_glossary_has_the_scale_of_words() -> None:
    said = section(text("glossary.md"), "Words for chances")
    for bound, name in present_text.SCALE:
        assert f"| {100 * bound:.0f} % | {name} |" in said
    assert present_text.of_runs(3, 16) in said


def test_the_glossary_has_the_pressures() -> None:
    said = section(text("glossary.md"), "Pressures")
    assert re.findall(r"^\| `(\w+)` \|", said, re.M) == list(params.PRESSURES)


TERMS = (
    "alpha", "AUC", "authority", "autocorrelation", "base rate", "baseline", "billet", "bond", "box", "breakpoint", "Brier",
    "calibration", "collapse", "contagion", "coverage", "CRPS", "draw", "effective", "exit", "false alarm", "fan",
    "film", "front broken", "gauge", "holdout", "interaction", "irrecoverable", "ledger", "lineage", "log score", "logit",
    "mass desertion",
    "median", "Morris", "named", "posterior", "prior", "prospects", "PSIS", "R_d", "R-hat", "refuse", "resolve", "Shapley",
    "settlement", "skill", "Sobol", "standard error", "sufficient", "surrogate", "twin",
)  # fmt: skip
"""Words of reports and tables that not every reader knows."""


def test_the_words_of_reports_stand_in_the_glossary() -> None:
    shown = [
        path.read_text(encoding="utf8")
        for path in (PACKAGE / "present").rglob("*")
        if path.suffix in (".py", ".j2", ".js")
    ]
    shown += [path.read_text(encoding="utf8") for path in (PACKAGE / "cli").glob("*.py")]
    said = text("glossary.md").lower()
    for term in TERMS:
        assert any(term.lower() in each.lower() for each in shown), f"no report says {term}"
        assert term.lower() in said, f"the glossary lacks {term}"


# --- Parameters.


def test_the_page_of_parameters_is_up_to_date() -> None:
    assert text("parameters.md") == parameters.page(), RENEW


def test_every_parameter_is_on_the_page() -> None:
    page = text("parameters.md")
    declared_now = [path for path, _ in params.walk(record.defaults(tuple(effects.names())))]
    assert declared_now == [row.path for row in parameters.rows()]
    assert not [path for path in declared_now if f"`{path}`" not in page], RENEW


def test_the_map_from_codes_stands_in_the_page_of_calibration() -> None:
    renew = 'put in what this prints: python -c "from holdfast import parameters as p; print(p.map_table())"'
    assert parameters.map_table() in text("calibration.md"), renew


def test_parameters_that_pages_name_are_declared() -> None:
    groups = {row.group for row in parameters.rows()}
    paths = {row.path for row in parameters.rows()}
    paths |= {f"front.{field}" for field in schema.Front.model_fields}  # the scenario has tables of the same name
    paths |= {f"regime.{field}" for field in schema.Regime.model_fields}
    for name in ("model.md", "sources.md", "cases.md", "glossary.md", "index.md"):
        for group, rest in re.findall(r"(?<![\w/.])([a-z_]+)\.([a-z_]+)\b(?!\()", text(name)):
            if group in groups and rest not in ("py", "md"):
                assert f"{group}.{rest}" in paths, f"{name}: {group}.{rest}"


@pytest.mark.parametrize(
    ("prior", "said"),
    [
        (params.LogNormal(0.05, 0.4), "log-normal, median 0.05, sd 0.4"),
        (params.Normal(-0.9, 0.2), "normal, mean -0.9, sd 0.2"),
        (params.Beta(14, 6), "beta, 14 and 6"),
        (params.Fixed(1e-3, 10), "fixed, 0.001 to 10"),
    ],
)
def test_priors_in_words(prior: params.Prior, said: str) -> None:
    assert prior.describe() == said


# --- The worked example: one new file, and nothing else.


@pytest.fixture
def leave(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The effect of `docs/architecture.md`, as its file would be in the effects' folder."""
    (code,) = (block for block in blocks(text("architecture.md"), "python") if "class Effect" in block)
    (tmp_path / "leave.py").write_text(code, encoding="utf8")
    monkeypatch.setattr(effects, "__path__", [*effects.__path__, str(tmp_path)])
    monkeypatch.setattr(declared, "EFFECTS", [*declared.EFFECTS, tmp_path])
    declared.known.cache_clear()
    importlib.invalidate_caches()
    yield importlib.import_module("holdfast.engine.effects.leave")
    sys.modules.pop("holdfast.engine.effects.leave", None)
    vars(effects).pop("leave", None)
    declared.known.cache_clear()


def seen(strength: float) -> effects.Today:
    """A day on which the second side alone feels the effect."""
    feel = jnp.array([0.0, strength])
    return effects.Today(strength=feel, onset=feel, winter=jnp.float32(0))


def test_the_worked_example_is_listed_and_its_parameters_declared(leave: ModuleType) -> None:
    assert "leave" in effects.names()
    paths = dict(params.walk(record.defaults(("leave",))))
    assert {"leave.rest", "leave.opportunity"} <= set(paths)
    assert {"leave.rest", "leave.opportunity"} <= set(declared.known().parameters or ())
    assert "## Effect: leave" in parameters.page()


def test_the_worked_example_pushes_whom_it_is_for(leave: ModuleType) -> None:
    effect = leave.Effect()
    pushes = effect.push(seen(1.0))
    assert set(pushes) == {"hazard", "exit"}
    assert all(push[0] == 0 and push[1] != 0 for push in pushes.values())
    assert all((np.asarray(push) == 0).all() for push in effect.push(seen(0.0)).values())


@pytest.mark.slow
def test_a_world_with_the_worked_example(leave: ModuleType) -> None:
    from holdfast import load_scenario

    case = load_scenario("skirmish").with_values({"days": 20, "men_per_billet": 50})
    case = case.with_effects("leave:south").with_values({"leave.opportunity": 0.2})
    world, _ = build.world(case.document)
    today = world.forcing.policy["leave"]
    first = effects.Today(today.strength[0], today.onset[0], today.winter[0])
    pushed = effects.total(world.params.effects, {**_asleep(world.params.effects), "leave": first})
    np.testing.assert_allclose(pushed.exit, [0, 0.2], rtol=1e-6)
    assert pushed.hazard[0] == 0
    assert pushed.hazard[1] < 0


def _asleep(used: dict[str, effects.AbstractEffect]) -> dict[str, effects.Today]:
    return {name: seen(0.0) for name in used}


def test_a_folder_of_effects_needs_nothing_of_the_package(tmp_path: Path) -> None:
    (code,) = (block for block in blocks(text("architecture.md"), "python") if "class Effect" in block)
    (tmp_path / "leave.py").write_text(code, encoding="utf8")
    ask = (
        "from holdfast.engine import effects; from holdfast.io import records; from holdfast.scenario import declared\n"
        "print(effects.summary('leave')); print('leave.rest' in declared.known().parameters)\n"
        "print(round(float(effects.make('leave').rest), 6))\n"
        "print(records.source_digest(('holdfast.engine',)) + records.package_digest())"
    )

    def answer() -> list[str]:
        environment = os.environ | {"HOLDFAST_EFFECTS": str(tmp_path), "PYTHONPATH": str(ROOT / "src")}
        done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True, env=environment)
        return done.stdout.splitlines()

    first = answer()
    assert first[:3] == [
        "Home leave: men are out of fire for a while, and some of them do not come back from it.",
        "True",
        "0.05",
    ]
    (tmp_path / "leave.py").write_text(code.replace("0.05,", "0.06,", 1), encoding="utf8")
    second = answer()[3]
    assert second[:64] != first[3][:64], "programs that were compiled with another version would be used"
    assert second[64:] != first[3][64:]


# --- Evidence.


def test_the_habits_of_claimants_are_those_of_the_code() -> None:
    from holdfast.evidence import priors

    assert "\n".join(priors.table()) in text("evidence.md")


def test_every_kind_of_count_is_explained() -> None:
    from holdfast.evidence.claims.table import COUNTS, COVERS

    page = text("claims.md")
    for word in (*COUNTS, *COVERS):
        assert f"| `{word}` |" in page, word


def test_what_the_pages_import_is_there() -> None:
    """The import lines of every block of Python, run as they stand."""
    lines = {
        line.strip()
        for page in DOCS
        for block in re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf8"), re.S)
        for line in block.splitlines()
        if re.match(r"(from holdfast|import holdfast)", line)
    }
    assert len(lines) > 3
    for line in sorted(lines):
        exec(line, {})  # noqa: S102


@pytest.mark.parametrize(
    "picture", sorted(path for path in (ROOT / "docs" / "img").rglob("*.*")), ids=lambda path: path.name
)
def test_a_picture_is_of_the_kind_that_its_ending_says(picture: Path) -> None:
    """A browser draws no PNG that is called an SVG."""
    begin = picture.read_bytes()[:200].lstrip()
    signs = {".svg": (b"<svg", b"<?xml"), ".png": (b"\x89PNG",), ".gif": (b"GIF8",), ".webp": (b"RIFF",)}
    assert begin.startswith(signs[picture.suffix])
