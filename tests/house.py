"""The house rules that can be counted: how large the tree is, how it is named, who imports whom, what is documented.

    python tests/house.py                       every check, for each package
    python tests/house.py --list evidence       what a package has against it, with places
    python tests/house.py --list evidence --check args
    python tests/house.py --root ../other       the same of another checkout

Reads the sources only; nothing of Holdfast is imported. `test_house.py` holds the tree to the limits.

What is public: functions at a module's top and methods of classes at a module's top, where neither they, their class nor
their module begin with an underscore. All of them need a docstring. It needs sections (`Args` with each parameter,
`Returns` or `Yields`, `Raises` with what its own body raises) unless it is a property, a method with double underscores,
a method that overrides one of the tree's own classes, a hook of pydantic's, or a command, whose texts the command line
prints. A class whose `__init__` stands there explains its parameters in either docstring. A record's fields are explained
in its docstring, by a text below the field, by a comment beside or above it, or by the `description` or `source` that it
is declared with.
"""

from __future__ import annotations

import argparse
import ast
import builtins
import collections
import dataclasses
import functools
import re
import statistics
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import docstring_parser

PACKAGE = "holdfast"
LONGEST = 50
"""Lines of a function, from `def` on, less its docstring: what is to be explained must not make it longer."""
POSITIONAL = 6
FORBIDDEN = frozenset({"told", "made", "found", "kept", "asked"})
"""Words that say that something was done, not what it is."""
RECURRING = ("request", "run", "result", "view")
"""File names that may stand in several packages."""

SHORT = frozenset(
    {
        "property", "cached_property", "setter", "override", "overload", "command", "default", "field_validator",
        "model_validator", "field_serializer", "model_serializer", "computed_field", "validator",
    }
)  # fmt: skip
"""Decorators of functions that need no sections."""
RECORDS = frozenset({"NamedTuple", "TypedDict", "BaseModel", "Module"})
"""Bases whose annotated names are fields."""
OF_MODULE = frozenset({"Effect", "Params"})
"""Classes that their module's docstring is about; they need none of their own."""
EXPLAINING = frozenset({"description", "source", "help", "doc"})
"""Keywords with which a field's declaration explains it."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclasses.dataclass(frozen=True)
class Violation:
    """Something that a check counts: its package, file and line, and what it is; lines of code weigh their number."""

    package: str
    place: str
    text: str
    weight: int = 1


@dataclasses.dataclass(frozen=True)
class Module:
    """A module's name, file, text and syntax tree."""

    name: str
    file: str
    text: str
    tree: ast.Module

    @property
    def package(self) -> str:
        """The package below `holdfast` that it belongs to; `holdfast` for a module at the top."""
        parts = self.name.split(".")
        return parts[1] if len(parts) > 2 or (len(parts) == 2 and self.file.endswith("__init__.py")) else parts[0]

    @property
    def public(self) -> bool:
        """Whether neither it nor a package that it is in begins with an underscore."""
        return not any(re.match(r"_(?!_)", part) for part in self.name.split("."))

    @property
    def lines(self) -> list[str]:
        """The text, line by line."""
        return self.text.splitlines()

    def violation(self, node: ast.AST | int, text: str, weight: int = 1) -> Violation:
        """A violation at a node or a line of this module."""
        line = node if isinstance(node, int) else getattr(node, "lineno", 1)
        return Violation(self.package, f"{self.file}:{line}", text, weight)


@dataclasses.dataclass(frozen=True)
class House:
    """A checkout's sources."""

    root: Path

    @functools.cached_property
    def modules(self) -> list[Module]:
        """Every module below `src/holdfast`."""
        source = self.root / "src"
        modules = []
        for path in sorted((source / PACKAGE).rglob("*.py")):
            parts = path.relative_to(source).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            text = path.read_text(encoding="utf8")
            modules.append(Module(name, str(path.relative_to(source / PACKAGE)), text, ast.parse(text)))
        return modules

    @functools.cached_property
    def classes(self) -> dict[str, ast.ClassDef]:
        """Classes of the tree by their names alone."""
        return {
            node.name: node
            for module in self.modules
            for node in ast.walk(module.tree)
            if isinstance(node, ast.ClassDef)
        }

    def ancestors(self, node: ast.ClassDef) -> Iterator[str]:
        """Names of the classes that it comes from, as far as the tree tells them."""
        for base in node.bases:
            name = last_name(base)
            yield name
            if name in self.classes and self.classes[name] is not node:
                yield from self.ancestors(self.classes[name])

    def imports(self, packages: bool = False) -> list[tuple[str, str]]:
        """Who imports whom, in functions too, but not for types alone; of whole packages where that is wanted."""
        import grimp

        source = str(self.root / "src")
        loaded = sys.modules.pop(PACKAGE, None)  # else it would be looked for where that one is
        sys.path.insert(0, source)
        try:
            graph = grimp.build_graph(PACKAGE, exclude_type_checking_imports=True, cache_dir=None)
        finally:
            sys.path.remove(source)
            if loaded:
                sys.modules[PACKAGE] = loaded
        if packages:
            for child in graph.find_children(PACKAGE):
                graph.squash_module(child)
        edges = [(a, b) for a in sorted(graph.modules) for b in sorted(graph.find_modules_directly_imported_by(a))]
        return [(a, b) for a, b in edges if a in graph.find_upstream_modules(b)]


def last_name(node: ast.expr) -> str:
    """The name by which a decorator, a base or an exception goes: `c` of `a.b.c(...)[d]`."""
    while isinstance(node, ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def functions(tree: ast.AST) -> Iterator[Function]:
    """Every function and method, nested ones too."""
    return (node for node in ast.walk(tree) if isinstance(node, Function))


# --- Size and layout.


def modules(house: House) -> list[Violation]:
    """Every module."""
    return [module.violation(1, "a module") for module in house.modules]


def lines(house: House) -> list[Violation]:
    """Every module with its lines, those of docstrings and of texts below fields left out."""
    counts = [(module, len(module.lines) - _explaining(module)) for module in house.modules]
    return [module.violation(1, f"{count} lines", count) for module, count in counts]


def _explaining(module: Module) -> int:
    """Lines of a module's docstrings, and of texts below its fields and constants."""
    texts = (
        node for node in ast.walk(module.tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    )  # fmt: skip
    return sum((node.end_lineno or node.lineno) - node.lineno + 1 for node in texts)


def file_names(house: House) -> list[Violation]:
    """Files whose name another file has too; `__init__` and `__main__` do not count."""
    files = collections.defaultdict(list)
    for module in house.modules:
        if not Path(module.file).stem.startswith("__"):
            files[Path(module.file).name].append(module)
    shared = {name: each for name, each in files.items() if len(each) > 1}
    return [module.violation(1, f"{name} stands {len(each)} times") for name, each in shared.items() for module in each]


def distinct_names(violations: Sequence[Violation]) -> int:
    """How many file names collide."""
    return len({each.text for each in violations})


def circles(house: House) -> list[Violation]:
    """Imports between modules that close a circle."""
    return [
        Violation(
            importer.split(".")[1] if "." in importer else PACKAGE, importer, f"imports {imported}, which leads back"
        )
        for importer, imported in house.imports()
    ]


def package_circles(house: House) -> list[Violation]:
    """Imports between the packages below `holdfast` that close a circle."""
    return [
        Violation(
            importer.split(".")[1] if "." in importer else PACKAGE, importer, f"imports {imported}, which leads back"
        )
        for importer, imported in house.imports(packages=True)
    ]


# --- Functions and types.


def lengths(house: House) -> list[int]:
    """Lines of every function."""
    return [length(node) for module in house.modules for node in functions(module.tree)]


def length(node: Function) -> int:
    """Lines from `def` to the end, less the docstring."""
    text = node.body[0] if ast.get_docstring(node) else None
    return span(node) - (span(text) if text else 0)


def span(node: ast.stmt) -> int:
    """Lines from a statement's first to its last."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def long_functions(house: House) -> list[Violation]:
    """Functions at least as long as the limit for the 99th percentile."""
    return [
        module.violation(node, f"{node.name} has {length(node)} lines")
        for module in house.modules
        for node in functions(module.tree)
        if length(node) >= LONGEST
    ]


def many_parameters(house: House) -> list[Violation]:
    """Functions that take more parameters by position than six, less `self` and `cls`."""
    violations = []
    for module in house.modules:
        for node in functions(module.tree):
            names = [each.arg for each in (*node.args.posonlyargs, *node.args.args)]
            count = len([name for name in names if name not in ("self", "cls")])
            if count > POSITIONAL:
                violations.append(module.violation(node, f"{node.name} takes {count} by position"))
    return violations


def many_arguments(house: House) -> list[Violation]:
    """Calls with more than six arguments by position; functions built in that take any number do not count."""
    return [
        module.violation(node, f"{ast.unparse(node.func)[:60]} is given {len(node.args)} by position")
        for module in house.modules
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and len(node.args) > POSITIONAL
        and not (isinstance(node.func, ast.Name) and hasattr(builtins, node.func.id))
    ]


def any_types(house: House) -> list[Violation]:
    """Every `Any`, in annotations written as text too."""
    violations = []
    for module in house.modules:
        for node in ast.walk(module.tree):
            if (isinstance(node, ast.Name) and node.id == "Any") or (
                isinstance(node, ast.Attribute) and node.attr == "Any"
            ):
                violations.append(module.violation(node, "Any"))
        for annotation in every_annotation(module.tree):
            for node in ast.walk(annotation):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    count = len(re.findall(r"\bAny\b", node.value))
                    violations += [module.violation(node, "Any")] * count
    return violations


def every_annotation(tree: ast.AST) -> Iterator[ast.expr]:
    """Every annotation."""
    for node in ast.walk(tree):
        annotation = node.returns if isinstance(node, Function) else getattr(node, "annotation", None)
        if isinstance(annotation, ast.expr):
            yield annotation


# --- Names.


def words(house: House) -> list[Violation]:
    """Names with a forbidden word in them, where they are given: modules, functions, classes, arguments, variables."""
    violations = []
    for module in house.modules:
        if forbidden(module.name.rsplit(".", 1)[-1]):
            violations.append(module.violation(1, f"module {module.name}"))
        for node, name in names(module.tree):
            if forbidden(name):
                violations.append(module.violation(node, name))
    return violations


def forbidden(name: str) -> bool:
    """Whether one of the words of a name, parted by underscores or capitals, is forbidden."""
    parts = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().split("_")
    return not FORBIDDEN.isdisjoint(parts)


def names(tree: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """Every place where a name is given to something, and the name."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield node, name
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield node, name
            case ast.alias(asname=str(name)) | ast.ExceptHandler(name=str(name)):
                yield node, name
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
                yield node, name


# --- Docstrings.


@dataclasses.dataclass(frozen=True)
class Public:
    """A public function or method, the class that it is a method of, and whether a docstring without sections will do."""

    module: Module
    node: Function
    owner: ast.ClassDef | None
    short: bool

    @property
    def name(self) -> str:
        """Its name, after its class's."""
        return f"{self.owner.name}.{self.node.name}" if self.owner else self.node.name

    @functools.cached_property
    def docstring(self) -> docstring_parser.Docstring:
        """Its docstring, read as Google style; of `__init__`, the class's with it."""
        text = ast.get_docstring(self.node) or ""
        if self.owner and self.node.name == "__init__":
            return parsed("\n\n".join([ast.get_docstring(self.owner) or "", text]))
        return parsed(text)

    def violation(self, text: str) -> Violation:
        """A violation of this function."""
        return self.module.violation(self.node, f"{self.name}: {text}")


def parsed(text: str) -> docstring_parser.Docstring:
    """A docstring's sections, read as Google style."""
    return docstring_parser.parse(text, docstring_parser.DocstringStyle.GOOGLE)


def public(house: House) -> Iterator[Public]:
    """All public functions and methods, and `__init__` of public classes."""
    for module in house.modules:
        if not module.public:
            continue
        for node in module.tree.body:
            if isinstance(node, Function) and not node.name.startswith("_"):
                yield Public(module, node, None, is_short(node))
            elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                inherited = {
                    each.name
                    for name in house.ancestors(node)
                    if name in house.classes
                    for each in house.classes[name].body
                    if isinstance(each, Function)
                }
                for method in node.body:
                    if isinstance(method, Function) and (method.name == "__init__" or not method.name.startswith("_")):
                        yield Public(module, method, node, is_short(method) or method.name in inherited - {"__init__"})


def is_short(node: Function) -> bool:
    """Whether a decorator says that no sections are needed."""
    return any(last_name(each) in SHORT for each in node.decorator_list)


def missing_docstrings(house: House) -> list[Violation]:
    """Public modules, classes and functions without a docstring; overriding methods and overloads need none."""
    violations = [
        module.violation(1, "the module has no docstring")
        for module in house.modules
        if module.public and module.tree.body and not ast.get_docstring(module.tree)
    ]
    violations += [
        module.violation(node, f"{node.name} has no docstring")
        for module in house.modules
        for node in module.tree.body
        if module.public
        and isinstance(node, ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
        and node.name not in OF_MODULE
    ]
    violations += [
        each.violation("no docstring")
        for each in public(house)
        if not ast.get_docstring(each.node) and not each.short and each.node.name != "__init__"
    ]
    return violations


def args(house: House) -> list[Violation]:
    """Public functions that do not explain each of their parameters."""
    violations = []
    for each in public(house):
        if each.short:
            continue
        explained = {part.strip(" *") for parameter in each.docstring.params for part in parameter.arg_name.split(",")}
        missing = [name for name in parameters(each.node) if name not in explained]
        if missing:
            violations.append(each.violation(f"Args without {', '.join(missing)}"))
    return violations


def parameters(node: Function) -> list[str]:
    """Names of a function's parameters, less `self`, `cls` and those that begin with an underscore."""
    given = node.args
    every = [*given.posonlyargs, *given.args, given.vararg, *given.kwonlyargs, given.kwarg]
    return [each.arg for each in every if each and each.arg not in ("self", "cls") and not each.arg.startswith("_")]


def returns(house: House) -> list[Violation]:
    """Public functions that return or yield something and do not say what in a section."""
    return [
        each.violation("no Returns")
        for each in public(house)
        if not each.short and gives(each.node) and not each.docstring.many_returns
    ]


def gives(node: Function) -> bool:
    """Whether a function returns or yields something, by its annotation or else by its body."""
    if node.returns is not None:
        return ast.unparse(node.returns).strip("'\"").rsplit(".", 1)[-1] not in ("None", "NoReturn", "Never")
    return any(
        (isinstance(each, ast.Return) and each.value is not None) or isinstance(each, ast.Yield | ast.YieldFrom)
        for each in body(node)
    )


def body(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes of a function's own body: none of functions and classes within."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, Function | ast.ClassDef | ast.Lambda):
            yield child
            yield from body(child)


def raises(house: House) -> list[Violation]:
    """Public functions whose own body raises what no section names."""
    violations = []
    for each in public(house):
        raised = {
            last_name(node.exc) for node in body(each.node) if isinstance(node, ast.Raise) and node.exc is not None
        } - {"NotImplementedError", "AssertionError"}  # no caller waits for these
        if each.short or not raised:
            continue
        named = {(one.type_name or "").rsplit(".", 1)[-1] for one in each.docstring.raises}
        missing = sorted(name for name in raised if name[:1].isupper() and name not in named)
        if missing or not named:  # a variable that is raised goes by any name
            violations.append(each.violation(f"Raises without {', '.join(missing) or 'what it raises'}"))
    return violations


def fields(house: House) -> list[Violation]:
    """Public fields of public records that nothing explains."""
    violations = []
    for module in house.modules:
        for node in module.tree.body if module.public else ():
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_") and is_record(house, node):
                missing = unexplained(module, node)
                if missing:
                    violations.append(module.violation(node, f"{node.name}: nothing explains {', '.join(missing)}"))
    return violations


def is_record(house: House, node: ast.ClassDef) -> bool:
    """Whether a class's annotated names are its fields."""
    decorated = any(last_name(each) == "dataclass" for each in node.decorator_list)
    return decorated or not RECORDS.isdisjoint(house.ancestors(node))


def unexplained(module: Module, node: ast.ClassDef) -> list[str]:
    """A record's public fields that nothing explains."""
    explained = {
        part.strip() for one in parsed(ast.get_docstring(node) or "").params for part in one.arg_name.split(",")
    }
    missing = []
    for each, following in zip(node.body, [*node.body[1:], None]):
        if not isinstance(each, ast.AnnAssign) or not isinstance(each.target, ast.Name):
            continue
        name = each.target.id
        text_below = isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant)
        keywords = {
            word.arg
            for part in (each.annotation, each.value)
            if part
            for call in ast.walk(part)
            if isinstance(call, ast.Call)
            for word in call.keywords
        }
        rows = module.lines[each.lineno - 1 : each.end_lineno]
        comment = any(re.search(r"#(?! *(fmt|type|noqa)\b) *\w", row) for row in rows)
        above = module.lines[each.lineno - 2].lstrip().startswith("#")
        is_constant = "ClassVar" in ast.unparse(each.annotation)
        if not (
            name.startswith("_") or name in explained or text_below or keywords & EXPLAINING or comment or above
            or is_constant
        ):  # fmt: skip
            missing.append(name)
    return missing


# --- The checks and their limits.


@dataclasses.dataclass(frozen=True)
class Check:
    """A check: what it lists, the most that is allowed, and how the whole is counted, if not by weight."""

    list: Callable[[House], list[Violation]]
    limit: int
    about: str
    count: Callable[[House, Sequence[Violation]], float] | None = None

    def value(self, house: House, violations: Sequence[Violation]) -> float:
        """What is held against the limit."""
        return self.count(house, violations) if self.count else sum(each.weight for each in violations)


def percentile(house: House, _: Sequence[Violation]) -> float:
    """The 99th percentile of the lines of functions."""
    every = lengths(house)
    return statistics.quantiles(every, n=100)[98] if len(every) > 1 else max(every, default=0)


CHECKS = {
    # Formats for other programs came to 6 modules and 1,750 lines, of which 740 are fields of what is printed as JSON.
    "modules": Check(modules, 301, "modules in src"),
    "lines": Check(lines, 52_250, "lines in src, docstrings left out"),
    "file names": Check(
        file_names, 6, "file names that recur; for a package, files", lambda _, each: distinct_names(each)
    ),
    "circles": Check(circles, 0, "imports that close a circle of modules"),
    "package circles": Check(package_circles, 0, "imports that close a circle of packages"),
    "length": Check(
        long_functions, LONGEST - 1, "p99 of functions' lines; for a package, functions of 50 on", percentile
    ),
    "parameters": Check(many_parameters, 0, "functions of more than six parameters by position"),
    "arguments": Check(many_arguments, 0, "calls with more than six arguments by position"),
    "Any": Check(any_types, 156, "times Any"),
    "words": Check(words, 0, "names given with told, made, found, kept, asked in them"),
    "docstring": Check(missing_docstrings, 0, "public modules, classes, functions without a docstring"),
    "args": Check(args, 0, "public functions that leave a parameter unexplained"),
    "returns": Check(returns, 0, "public functions without Returns or Yields that return something"),
    "raises": Check(raises, 0, "public functions that do not name what their body raises"),
    "fields": Check(fields, 0, "public records with a field that nothing explains"),
}


def summary(house: House) -> Iterator[str]:
    """A table: a line a check, its limit, the whole, and each package's share."""
    every = {name: check.list(house) for name, check in CHECKS.items()}
    packages = sorted({module.package for module in house.modules})
    width = max(map(len, packages))
    heads = [name[:9] for name in CHECKS]
    yield f"{'':{width}} " + " ".join(f"{head:>9}" for head in heads)
    yield f"{'at most':{width}} " + " ".join(f"{check.limit:>9}" for check in CHECKS.values())
    values = {name: check.value(house, every[name]) for name, check in CHECKS.items()}
    yield f"{'whole':{width}} " + " ".join(f"{round(value, 1):>9g}" for value in values.values())
    met = ("met" if values[name] <= check.limit else "-" for name, check in CHECKS.items())
    yield f"{'':{width}} " + " ".join(f"{word:>9}" for word in met)
    for package in packages:
        counts = [sum(each.weight for each in every[name] if each.package == package) for name in CHECKS]
        yield f"{package:{width}} " + " ".join(f"{count or '':>9}" for count in counts)
    yield ""
    yield from (f"{name}: {check.about}" for name, check in CHECKS.items())


def listing(house: House, package: str, names: Sequence[str]) -> Iterator[str]:
    """What a package has against it, check by check; `all` for the whole tree."""
    for name in names:
        violations = [each for each in CHECKS[name].list(house) if package in ("all", each.package)]
        if violations:
            yield f"{name}: {CHECKS[name].about}"
            yield from (f"  {each.place}: {each.text}" for each in violations)


def main() -> None:
    """Print the table, or a package's violations."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=Path(__file__).parent.parent, help="the checkout")
    parser.add_argument("--list", metavar="PACKAGE", help="print this package's violations; all for every package")
    parser.add_argument("--check", action="append", choices=CHECKS, help="only this check; repeatable")
    options = parser.parse_args()
    house = House(options.root.resolve())
    chosen = options.check or [name for name in CHECKS if name not in ("modules", "lines")]
    print("\n".join(listing(house, options.list, chosen) if options.list else summary(house)))


if __name__ == "__main__":
    main()
