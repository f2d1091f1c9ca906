"""The tree held to the house rules that can be counted, and each check shown to see what it is there for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import house
from house import CHECKS, House

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def tree() -> House:
    return House(ROOT)


@pytest.mark.parametrize("name", list(CHECKS))
def test_the_tree_keeps_the_rule(tree: House, name: str) -> None:
    check = CHECKS[name]
    violations = check.list(tree)
    listed = "\n".join(f"{each.place}: {each.text}" for each in violations[:40])
    value = check.value(tree, violations)
    assert value <= check.limit, f"{check.about}: {value:g}, at most {check.limit}\n{listed}"


def test_counting_loads_neither_the_engine_nor_the_package() -> None:
    code = "import sys, house; house.circles(house.House(house.Path(sys.argv[1]))); print(*sys.modules)"
    command = [sys.executable, "-c", code, str(ROOT)]
    done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=True)
    assert {"jax", "numpy", "holdfast"}.isdisjoint(done.stdout.split())


# --- Each check sees what it is there for.


def build(root: Path, **sources: str) -> House:
    """A tree of modules; `a__b` stands for `a/b.py`, and a package's `__init__` is written where none is given."""
    for name, text in {"init": "", **sources}.items():
        path = root / "src" / "holdfast" / (name.replace("init", "__init__").replace("__b", "/b") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        for folder in (path.parent, root / "src" / "holdfast"):
            (folder / "__init__.py").touch()
        path.write_text(text)
    return House(root)


def texts(check: str, root: Path, **sources: str) -> list[str]:
    return [each.text for each in CHECKS[check].list(build(root, **sources))]


def test_modules_and_lines_are_counted(tmp_path: Path) -> None:
    tree = build(tmp_path, one="a = 1\nb = 2\n", two="c = 3\n")
    values = [CHECKS[name].value(tree, CHECKS[name].list(tree)) for name in ("modules", "lines")]
    assert values == [3, 3]


def test_file_names_that_recur_are_counted_once_each(tmp_path: Path) -> None:
    tree = build(tmp_path, x__b="", y__b="", b="", c="")
    violations = CHECKS["file names"].list(tree)
    assert sorted(each.place for each in violations) == ["b.py:1", "x/b.py:1", "y/b.py:1"]
    assert CHECKS["file names"].value(tree, violations) == 1


def test_a_circle_is_seen_also_through_functions_but_not_through_types(tmp_path: Path) -> None:
    late = "def f() -> None:\n    from holdfast import one\n"
    assert texts("circles", tmp_path / "a", one="from holdfast import two\n", two=late)
    types = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from holdfast import one\n"
    assert not texts("circles", tmp_path / "b", one="from holdfast import two\n", two=types)


def test_a_circle_of_packages_is_seen_where_no_module_closes_one(tmp_path: Path) -> None:
    sources = {"x__b": "from holdfast.y import b\n", "y__b": "", "y__bb": "from holdfast.x import b\n"}
    tree = build(tmp_path, **sources)
    (tmp_path / "src/holdfast/y/other.py").write_text("from holdfast.x import b\n")
    assert not CHECKS["circles"].list(tree)
    assert CHECKS["package circles"].list(tree)


def test_long_functions_are_seen_without_their_docstrings(tmp_path: Path) -> None:
    body = "    x = 1\n" * (house.LONGEST - 1)
    docstring = '    """' + "text\n" * 60 + '    """\n'
    sources = {"one": f"def f():\n{docstring}{body}", "two": f"def g():\n{docstring}{body[:-10]}"}
    tree = build(tmp_path, **sources)
    assert [each.text for each in CHECKS["length"].list(tree)] == [f"f has {house.LONGEST} lines"]
    assert CHECKS["length"].value(tree, []) > CHECKS["length"].limit - 1


def test_parameters_and_arguments_by_position_are_counted(tmp_path: Path) -> None:
    source = "class A:\n    def f(self, a, b, c, d, e, f): ...\n    def g(self, a, b, c, d, e, f, g): ...\n"
    source += "def h(a, *, b, c, d, e, f, g, i): ...\nh(1, 2, 3, 4, 5, 6, 7)\nmax(1, 2, 3, 4, 5, 6, 7)\n"
    assert texts("parameters", tmp_path, one=source) == ["g takes 7 by position"]
    assert texts("arguments", tmp_path, one=source) == ["h is given 7 by position"]


def test_any_is_counted_where_it_is_used_not_where_it_is_imported(tmp_path: Path) -> None:
    source = "import typing\nfrom typing import Any  # Any\nx: Any\ny: 'dict[str, Any]'\nz: typing.Any\n'Any'\n"
    assert len(texts("Any", tmp_path, one=source)) == 3


@pytest.mark.parametrize(
    "source",
    [
        "told = 1",
        "x.told_twice = 1",
        "def what_was_asked(): ...",
        "class JustMade: ...",
        "def f(kept): ...",
        "f = lambda *found: 1",
        "import a as found",
        "for found in (): ...",
        "[1 for kept in ()]",
        "(made := 1)",
        "try: ...\nexcept E as found: ...",
        "match x:\n    case [found]: ...",
        "async def told(): ...",
    ],
)
def test_forbidden_words_are_seen_wherever_a_name_is_given(tmp_path: Path, source: str) -> None:
    assert len(texts("words", tmp_path, one=source)) == 1


def test_forbidden_words_within_other_words_and_in_uses_are_no_matter(tmp_path: Path) -> None:
    assert not texts("words", tmp_path, one="import unmade\nfoundation = x.told\nmakeshift(asked='found')\n")
    assert texts("words", tmp_path / "b", told="") == ["module holdfast.told"]


GOOD = '''
"""A module."""
class A(Base):
    """A class.

    Args:
        x: A number.
    """
    def __init__(self, x): ...
    @property
    def size(self) -> int:
        """How large it is."""
    def grow(self, by: int, *more: int) -> int:
        """Grow.

        Args:
            by: How much.
            *more: How much more.

        Returns:
            The size.

        Raises:
            ValueError: If it is large.
        """
        raise ValueError("large")
class B(A):
    """Another."""
    def grow(self, by): ...
def _own(x): ...
def walk(n: int) -> Iterator[int]:
    """Walk.

    Args:
        n: How far.

    Yields:
        A step.
    """
    yield n
def nothing() -> None:
    """Do nothing."""
    def inner(x):
        raise ValueError
@app.command
def run(x: int) -> int:
    """A command."""
'''


def test_what_is_documented_passes(tmp_path: Path) -> None:
    for check in ("docstring", "args", "returns", "raises", "fields"):
        assert not texts(check, tmp_path, one=GOOD, init='"""A package."""'), check


@pytest.mark.parametrize(
    ("check", "old", "new", "text"),
    [
        ("docstring", '"""Do nothing."""', "", "nothing: no docstring"),
        ("docstring", '"""A module."""', "", "the module has no docstring"),
        ("docstring", '"""Another."""', "", "B has no docstring"),
        ("args", "            by: How much.\n", "", "A.grow: Args without by"),
        ("args", "*more: How", "less: How", "A.grow: Args without more"),
        ("args", "        x: A number.\n", "        y: A number.\n", "A.__init__: Args without x"),
        ("args", "@app.command", "@app", "run: Args without x"),
        ("returns", "        Returns:\n            The size.\n", "", "A.grow: no Returns"),
        ("returns", "    Yields:\n        A step.\n", "", "walk: no Returns"),
        ("returns", "@property", "@prop", "A.size: no Returns"),
        ("raises", "            ValueError: If", "            KeyError: If", "A.grow: Raises without ValueError"),
        ("raises", "        raise ValueError(", "        raise made(", None),
        ("raises", "def inner(x):\n        ", "if True:\n        ", "nothing: Raises without ValueError"),
    ],
)
def test_what_is_not_documented_is_seen(tmp_path: Path, check: str, old: str, new: str, text: str | None) -> None:
    assert old in GOOD
    seen = texts(check, tmp_path, one=GOOD.replace(old, new), init='"""A package."""')
    assert seen == ([text] if text else [])


def test_fields_of_records_are_explained_in_one_of_five_ways(tmp_path: Path) -> None:
    source = '''
@dataclasses.dataclass(frozen=True)
class A:
    """A record.

    Attributes:
        a: A number.
    """
    a: int
    b: int
    """A number."""
    c: int  # a number
    # a number
    d: int = 0
    e: int = par(1, source="assumed")
    f: int = 0  # fmt: skip
    _g: int = 0
    h: ClassVar[int] = 0
class B(NamedTuple):
    """A record."""
    a: int
class C:
    """No record."""
    a: int
'''
    assert texts("fields", tmp_path, one=source) == ["A: nothing explains f", "B: nothing explains a"]


def test_the_table_and_the_list_are_printed(tmp_path: Path) -> None:
    tree = build(tmp_path, one="told = 1\n", x__b="told = 1\n")
    rows = {line.split(" ")[0]: line.split() for line in house.summary(tree)}
    assert rows["whole"][1] == "4"
    assert {"holdfast", "x"} <= rows.keys()
    assert list(house.listing(tree, "x", ["words"])) == [f"words: {CHECKS['words'].about}", "  x/b.py:1: told"]
