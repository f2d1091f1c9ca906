"""Nobody let in: no pickle, no `eval`, no loader of YAML; everything escaped; archives only read, never unpacked by name."""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterator
from pathlib import Path

import doors
import numpy as np
from promise import Promise

FORBIDDEN = {"pickle", "cPickle", "dill", "cloudpickle", "marshal", "shelve", "yaml", "joblib", "telnetlib"}
BETWEEN_OURSELVES = {"parallel/pool.py", "parallel/cluster.py", "parallel/cluster_worker.py"}
"""Modules that pickle what goes between a program and workers that it started or was told of; nothing of it is on disk."""
CALLS = {"eval", "exec", "compile", "__import__", "os.system", "os.popen", "tempfile.mktemp", "input"}
UNPACKING = {"extractall", "extract", "unpack_archive"}
SHELL = "shell"


def _dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def wrong_in(tree: ast.AST) -> Iterator[str]:
    """What no file of the package may hold.

    Args:
        tree: of a module.

    Yields:
        Each as the line and what stands there.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            yield from (
                f"line {node.lineno}: import {name}"
                for name in names
                if name in FORBIDDEN or name.partition(".")[0] in FORBIDDEN
            )
        if isinstance(node, ast.Call):
            name = _dotted(node.func)
            if name in CALLS or name.rpartition(".")[2] in UNPACKING:
                yield f"line {node.lineno}: {name}()"
            for word in node.keywords:
                on = isinstance(word.value, ast.Constant) and word.value.value is True
                if word.arg in ("allow_pickle", SHELL) and on:
                    yield f"line {node.lineno}: {word.arg}=True"
                if word.arg == "autoescape" and not on:
                    yield f"line {node.lineno}: autoescape is not on"
            if name.endswith("np.load") or name == "numpy.load":
                safe = any(
                    word.arg == "allow_pickle" and getattr(word.value, "value", None) is False for word in node.keywords
                )
                if not safe:
                    yield f"line {node.lineno}: np.load without allow_pickle=False"


def sources() -> Promise:
    """The code."""
    promise = Promise(
        "security",
        "no pickle, eval, exec, shell, YAML loader, archive unpacked; templates escape",
        "the syntax tree of every module",
    )
    for path in sorted(doors.SHIPPED.rglob("*.py")):
        name = path.relative_to(doors.SHIPPED).as_posix()
        wrong = wrong_in(ast.parse(path.read_text(encoding="utf8")))
        promise.tried(
            f"{name} {one}" for one in wrong if not (name in BETWEEN_OURSELVES and one.endswith("import pickle"))
        )
    return promise.ended()


def templates() -> Promise:
    """The templates."""
    promise = Promise("security", "no template says that text is safe", "every template")
    for path in sorted(doors.SHIPPED.rglob("*.j2")):
        text = path.read_text(encoding="utf8")
        promise.tried([f"{path.name}: |safe"] if re.search(r"\|\s*safe\b|autoescape\s+false", text) else [])
    return promise.ended()


HOSTILE = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</script><script>alert(1)//", "javascript:alert(1)",
    "{{ 7 * 7 }}", "{% for x in y %}", "[/red][link=file:///etc/passwd]", "\x1b]8;;http://x\x07", "=cmd|' /C calc'!A0",
    "../../etc/x",
)  # fmt: skip


def pages() -> Promise:
    """Pages made of hostile names."""
    import holdfast as hf
    from holdfast.present import html, warning_report

    promise = Promise(
        "security",
        "what came from a file is text on every page, and no link runs a script",
        "hostile names, units and links",
    )
    folder = doors.scratch()
    for number, name in enumerate(HOSTILE):
        cell = '"' + name.replace('"', '""') + '"'
        rows = [f"{2022 + n // 12}-{n % 12 + 1:02d},{100 + 7 * n},50000,{cell}" for n in range(26)]
        table = folder / f"table-{number}.csv"
        table.write_text("week,absent,men,unit\n" + "\n".join(rows) + "\n", encoding="utf8")
        answer = doors.asked(lambda: warning_report.save(hf.warn(table), folder / "out"))  # noqa: B023
        problems = list(answer.problems())
        if answer.error is None:
            for page in (folder / "out").glob("*.html"):
                text = page.read_text(encoding="utf8")
                body = re.sub(r"<script\b.*?</script>", "", text, flags=re.S)
                if (
                    "<script>alert" in text
                    or "onerror=alert" in body
                    and "&lt;img" not in body
                    and "<img src=x" in body
                ):
                    problems.append("stands as markup")
        promise.tried(f"{name!r}: {problem}" for problem in problems)
        promise.tried([f"{name!r} is a link"] if html.link(name) else [])
    return promise.ended()


def archives() -> Promise:
    """Files that ask for code or for places elsewhere."""
    import pickle
    import zipfile

    from holdfast.io import files, records

    promise = Promise("security", "files that ask for pickle or for other places bring nothing", "such files")
    folder = doors.scratch()
    objects = io.BytesIO()
    np.savez(objects, tree=np.array([print], dtype=object), allow_pickle=True)
    with zipfile.ZipFile(folder / "outside.npz", "w") as archive:
        archive.writestr("../outside.npy", b"x")
    contents = {
        "objects.npz": objects.getvalue(),
        "pickle.npz": pickle.dumps(print),
        "outside.npz": (folder / "outside.npz").read_bytes(),
    }
    for name, content in contents.items():
        path = folder / name
        path.write_bytes(content)
        for read in (files.read_arrays, records.read):
            answer = doors.asked(lambda: read(path))  # noqa: B023
            refused = isinstance(answer.error, files.UnreadableError | records.RecordError)
            harmless = (
                name == "outside.npz" and read is files.read_arrays
            )  # its bytes are read, and nothing is unpacked
            promise.tried([] if refused or harmless else [f"{name}: {answer.text or 'read'}"])
    promise.tried(["a file outside"] if (folder.parent / "outside.npy").exists() else [])
    return promise.ended()


def scenarios() -> Promise:
    """Scenarios that came from elsewhere name no file of this machine."""
    promise = Promise(
        "security",
        "a scenario that came as text reads no file but shipped tables",
        "paths in every place that takes one",
    )
    text = (doors.SHIPPED / "scenario" / "shipped" / "skirmish.toml").read_text(encoding="utf8")
    secret = Path("/etc/passwd")
    for place in ('observed = "{}"', 'regions = {{ file = "{}" }}', 'losses = "{}"', 'losses = {{ posterior = "{}" }}'):
        for path in (str(secret), "../" * 12 + "etc/passwd", "..\\..\\x", "C:\\x", "file:///etc/passwd"):
            line = place.format(path.replace("\\", "\\\\"))
            head = "[front]\n" if place.startswith("observed") else "[[side]]\n"
            changed = text.replace(head, f"{head}{line}\n", 1)
            answer = doors.asked(lambda: doors.scenario_text(changed))  # noqa: B023
            problems = list(answer.problems()) if answer.error is not None else ["taken"]
            promise.tried(
                f"{line}: {problem}"
                for problem in [*problems, *(["tells of the file"] if "root:" in answer.text else [])]
            )
    return promise.ended()


def run(quick: bool) -> Iterator[Promise]:
    """The whole part."""
    yield sources()
    yield templates()
    yield archives()
    yield scenarios()
    if not quick:
        yield pages()
