"""What the engine declares, read from its files without running them: the names by which a scenario is checked. [IO]

Importing the engine loads JAX and takes a second, which nobody should wait for who looks at a scenario. A declaration says all
that is asked here, and stands in one form, `name: Scalar = par(..., unit=..., prior=..., ...)` in the class `Params` of
a mechanism or `Effect` of an effect. Where a file has another form the engine itself is asked; a test holds both to the same.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from holdfast.core import params, plugins
from holdfast.core.faults import Fault, ScenarioError
from holdfast.scenario.validation import Known

ENGINE = Path(__file__).parents[1] / "engine"
EFFECTS = [ENGINE / "effects", *map(Path, plugins.effect_folders())]
"""The folders of effects, each a file: the shipped one, and those of `HOLDFAST_EFFECTS`."""
PRIORS = {kind.__name__: kind for kind in (params.LogNormal, params.Normal, params.Beta, params.Fixed)}

Bounds = tuple[float, float]


class _OtherFormError(Exception):
    """A declaration that cannot be read without running it."""


@functools.cache
def known() -> Known:
    """The names that the engine declares, by which a document's are checked.

    Returns:
        Every effect, and every parameter with the range that its prior allows.

    Raises:
        ScenarioError: with everything that is wrong with folders and files of `HOLDFAST_EFFECTS`.
    """
    faults = list(_faults_of_own())
    if faults:
        raise ScenarioError(faults, "HOLDFAST_EFFECTS, the folders of your own effects,")
    files = {file.stem: file for folder in EFFECTS for file in folder.glob("[!_]*.py")}
    effects = tuple(sorted(files))
    try:
        return Known(effects, dict(_read({name: files[name] for name in effects})))
    except _OtherFormError:
        from holdfast.engine.day.record import defaults

        return Known(effects, {path: about.bounds for path, about in params.walk(defaults(effects))})


def _faults_of_own() -> Iterator[Fault]:
    """What is wrong with folders and files of a user's own effects, as far as it shows without running them."""
    taken = {file.stem: "a shipped effect" for file in EFFECTS[0].glob("[!_]*.py")}
    for folder in EFFECTS[1:]:
        if not folder.is_dir():
            yield Fault("the folder", str(folder), "a folder that is there", "Correct its path, or leave it out")
        for file in sorted(folder.glob("[!_]*.py")):
            name, allowed = file.stem, "a name of its own, of letters, digits and _"
            if not name.isidentifier():
                yield Fault(str(file), name, allowed, "Rename the file")
            elif name in taken:
                yield Fault(str(file), f"{name}, as {taken[name]} is called", allowed, "Rename the file")
            taken.setdefault(name, str(file))
            yield from _faults_of_file(file)


def _faults_of_file(file: Path) -> Iterator[Fault]:
    """What is wrong with the form of an effect's file."""
    form = "Python with a class Effect(AbstractEffect) that has a method push"
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError) as error:
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        yield Fault(f"{file}{line}", str(error.args[0]), form, "Correct the line, or move the file elsewhere")
        return
    except OSError as error:
        yield Fault(str(file), str(error.strerror), "a file that can be read", "Allow reading it, or move it elsewhere")
        return
    kinds = [part for part in tree.body if isinstance(part, ast.ClassDef) and part.name == "Effect"]
    if not any(isinstance(line, ast.FunctionDef) and line.name == "push" for kind in kinds for line in kind.body):
        lacking = "no method push in its class Effect" if kinds else "no class Effect"
        yield Fault(
            str(file), lacking, form, "Write it as docs/tutorials/own-effect.md does, or move the file elsewhere"
        )


def _read(effects: dict[str, Path]) -> Iterator[tuple[str, Bounds]]:
    """The range of every parameter by its path: of the mechanisms, in the order of the day, and of the effects."""
    for field, kind in _fields(ENGINE / "day" / "record.py", "Params"):
        if isinstance(kind.annotation, ast.Attribute):
            yield from _declared(ENGINE / "mechanisms" / f"{field}.py", "Params", field)
    for name, file in effects.items():
        yield from _declared(file, "Effect", name)


def _declared(file: Path, record: str, group: str) -> Iterator[tuple[str, Bounds]]:
    """The range of each parameter of a record."""
    for name, field in _fields(file, record):
        if not (isinstance(field.value, ast.Call) and isinstance(field.value.func, ast.Name)):
            raise _OtherFormError(f"{file.name}: {name}")
        given = {each.arg: each.value for each in field.value.keywords}
        try:
            unit, prior = (_value(given[key]) for key in ("unit", "prior"))
        except (KeyError, NameError, SyntaxError, TypeError) as error:
            raise _OtherFormError(f"{file.name}: {name}") from error
        yield f"{group}.{name}", params.bounds(unit, prior)


def _fields(file: Path, record: str) -> Iterator[tuple[str, ast.AnnAssign]]:
    """The fields of a class of a file."""
    for part in ast.parse(file.read_text(encoding="utf8")).body:
        if isinstance(part, ast.ClassDef) and part.name == record:
            for line in part.body:
                if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
                    yield line.target.id, line


def _value(written: ast.expr) -> Any:
    """What a unit or a prior is, of numbers and the names of distributions alone."""
    match written:
        case ast.Constant(value=value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand)
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return _value(left) / _value(right)
        case ast.Tuple(elts=parts):
            return tuple(map(_value, parts))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=keywords):
            return PRIORS[name](*map(_value, args), **{str(each.arg): _value(each.value) for each in keywords})
    raise SyntaxError(f"no number and no distribution: {ast.unparse(written)}")
