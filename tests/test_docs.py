"""The documentation against the code: nothing named that is not there, nothing there that is not named."""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import jax.numpy as jnp
import numpy as np
import pytest

from holdfast import parameters
from holdfast.core import params
from holdfast.engine import effects, state
from holdfast.engine.day import record
from holdfast.present import text as present_text
from holdfast.scenario import build, catalogue, declared, load, schema

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "holdfast"
DOCS = sorted((ROOT / "docs").glob("*.md"))
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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_blocks_compile(page: Path) -> None:
    for code in blocks(page.read_text(encoding="utf8"), "python"):
        compile(code, page.name, "exec")


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
    for page in tmp_path.glob("*.html"):
        assert not fetched.search(page.read_text(encoding="utf8")), f"{page.name} fetches from the network"


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


@pytest.mark.parametrize("picture", sorted((ROOT / "docs" / "img").iterdir()), ids=lambda path: path.name)
def test_a_picture_is_of_the_kind_that_its_ending_says(picture: Path) -> None:
    """A browser draws no PNG that is called an SVG."""
    begin = picture.read_bytes()[:200].lstrip()
    signs = {".svg": (b"<svg", b"<?xml"), ".png": (b"\x89PNG",), ".gif": (b"GIF8",), ".webp": (b"RIFF",)}
    assert begin.startswith(signs[picture.suffix])
