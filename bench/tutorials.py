"""The code of the documentation's pages, run: outputs compared or written anew, and tutorials as notebooks.

A page's blocks are run from top to bottom in one process and one empty folder:

- ```python blocks share one namespace. What a block prints stands in the ```text block right below it.
- ```console blocks hold commands after `$ ` and what each prints below it.

    python bench/tutorials.py                        # run every tutorial and compare
    python bench/tutorials.py first-war start        # these pages alone
    python bench/tutorials.py --renew first-war      # write what it prints, and its figures, into the page
    python bench/tutorials.py --notebooks FOLDER     # the tutorials as .ipynb files

A figure that a page shows from `img/tutorials/` must be written by the page's code under the same name.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
IMAGES = DOCS / "img" / "tutorials"
BLOCK = re.compile(r"^```(python|console)\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.S | re.M)
FIGURE = re.compile(r"\]\((?:\.\./)?img/tutorials/([^)]+)\)")
VARIES = re.compile(r"\d+(?:\.\d+)? (?:s|ms)\b|127\.0\.0\.1:\d+|[ \t]+$", re.M)
"""What another machine prints otherwise: times and ports; and blanks at the end of a line."""
NUMBER = re.compile(r"\d{4}-\d\d-\d\d|\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?%?")
NEAR, AT_REST = 0.01, 1e-6
"""What one more or less in the third digit is, and the largest number that is only rounding."""
WIDTH = "100"


class Block(NamedTuple):
    """A block of code of a page."""

    language: str  # python or console
    code: str
    output: str  # as the page has it; "" if it prints nothing


def pages() -> list[Path]:
    """The pages whose output is compared: the tutorials and the ten-minute start."""
    return [*sorted((DOCS / "tutorials").glob("*.md")), DOCS / "start.md"]


def blocks(text: str) -> Iterator[Block]:
    """The code of a page, in its order."""
    for language, code, output in BLOCK.findall(text):
        if language == "python":
            yield Block(language, code, output)
        elif code.startswith("$ "):
            yield Block(language, code, "")


def commands(code: str) -> list[tuple[str, str]]:
    """The commands of a block, each with what it prints."""
    parts = re.split(r"^\$ ", code, flags=re.M)[1:]
    return [(part.partition("\n")[0], part.partition("\n")[2]) for part in parts]


# --- Running.


def run(page: Path, prelude: str = "") -> list[str]:
    """Run a page's code in a process and a folder of its own; figures that it shows are copied beside it with `--renew`.

    Args:
        page: its file.
        prelude: Python that is run first, and prints nothing.

    Returns:
        What each block printed; of a console block, the block anew.

    Raises:
        RuntimeError: with the block and its error, if one fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        return run_in(Path(folder), page, prelude)


def run_in(folder: Path, page: Path, prelude: str = "") -> list[str]:
    """The same as `run` in a folder that is there."""
    # The reported outputs go to a file, since the code may print, and so may the libraries.
    report = folder / ".printed.json"
    environment = os.environ | {
        "COLUMNS": WIDTH, "NO_COLOR": "1", "PYTHONHASHSEED": "0", "PYTHONUTF8": "1",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])),
        "HOLDFAST_TUTORIAL": json.dumps([str(page), prelude, str(report)]),
    }  # fmt: skip
    command = [sys.executable, str(Path(__file__)), "--inside"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{page.name}: {done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    return list(json.loads(report.read_text(encoding="utf8")))


def _inside() -> None:
    """In the process of a page: run its blocks one after the other."""
    page, prelude, report = json.loads(os.environ.pop("HOLDFAST_TUTORIAL"))
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(prelude, namespace)  # noqa: S102
    printed = []
    for block in blocks(Path(page).read_text(encoding="utf8")):
        if block.language == "console":
            printed.append("".join(f"$ {line}\n{_printed_by(line)}" for line, _ in commands(block.code)))
            continue
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(block.code, Path(page).name, "exec"), namespace)  # noqa: S102
        printed.append(out.getvalue())
    Path(report).write_text(json.dumps(printed), encoding="utf8")


def _printed_by(line: str) -> str:
    """What a command prints on standard output."""
    done = subprocess.run(shlex.split(line, comments=True), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{line}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


# --- Comparing, renewing.


def differences(page: Path, printed: Sequence[str]) -> list[str]:
    """Where a page says otherwise than its code, times and ports left out, and what rounding does on other processors."""
    every = list(blocks(page.read_text(encoding="utf8")))
    assert len(every) == len(printed)
    return [
        f"{page.name}:\n{block.code}printed\n{now}and the page has\n{was}"
        for block, now in zip(every, printed)
        if not same(was := block.code if block.language == "console" else block.output, now)
    ]


def same(was: str, now: str) -> bool:
    """Whether two outputs say the same on any machine: the words alike, the numbers too but for what rounding does.

    A fit ends a little elsewhere on another processor, so that its third digit may differ by one. Whole numbers up to 99 and
    days are equal; what is at rest, as a slope of 1e-9, is at rest.
    """
    texts = [VARIES.sub("", output).strip() for output in (was, now)]
    if NUMBER.sub("", texts[0]) != NUMBER.sub("", texts[1]):
        return False
    return all(one == other or _near(one, other) for one, other in zip(*map(NUMBER.findall, texts)))


def _near(one: str, other: str) -> bool:
    """Whether two numbers differ by no more than rounding does."""
    if "-" in one[1:] and "e" not in one:  # days
        return False
    was, now = (float(text.rstrip("%").replace(",", "")) for text in (one, other))
    if one.endswith("%"):
        return abs(was - now) <= 1
    if was == int(was) and abs(was) < 100:
        return False
    return abs(was - now) <= NEAR * abs(was) or max(abs(was), abs(now)) <= AT_REST


def renewed(text: str, printed: Sequence[str]) -> str:
    """A page with what its code printed."""
    rest = iter(printed)

    def anew(match: re.Match[str]) -> str:
        language, code, _ = match.groups()
        if language == "console":
            return f"```console\n{_trimmed(next(rest))}```\n" if code.startswith("$ ") else match[0]
        out = _trimmed(next(rest))
        return f"```python\n{code}```\n" + (f"\n```text\n{out}```\n" if out.strip() else "")

    return BLOCK.sub(anew, text)


def _trimmed(output: str) -> str:
    """An output without blanks at the ends of its lines, and with one end."""
    return "\n".join(line.rstrip() for line in output.rstrip().splitlines()) + "\n"


def shown(page: Path) -> list[str]:
    """The figures that a page shows from `img/tutorials/`."""
    return FIGURE.findall(page.read_text(encoding="utf8"))


# --- Notebooks.


def notebook(page: Path) -> dict[str, Any]:
    """A page as a Jupyter notebook, with the outputs that the page has."""
    text, cells, end = page.read_text(encoding="utf8"), [], 0
    for match in BLOCK.finditer(text):
        language, code, output = match.groups()
        if language == "console" and not code.startswith("$ "):
            continue
        cells.append(_cell("markdown", text[end : match.start()], ""))
        if language == "console":
            code, output = "\n".join(f"!{line}" for line, _ in commands(code)), ""
        cells.append(_cell("code", code, output))
        end = match.end()
    cells.append(_cell("markdown", text[end:], ""))
    cells = [cell | {"id": f"cell-{number}"} for number, cell in enumerate(cells) if cell["source"]]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def _cell(kind: str, source: str, output: str) -> dict[str, Any]:
    """A cell of a notebook."""
    cell: dict[str, Any] = {"cell_type": kind, "metadata": {}, "source": source.strip("\n")}
    if kind == "code":
        outputs = [{"output_type": "stream", "name": "stdout", "text": output}] if output else []
        cell |= {"execution_count": None, "outputs": outputs}
    return cell


def write_notebook(page: Path, path: Path) -> None:
    """Write a page as a notebook."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook(page), indent=1, ensure_ascii=False) + "\n", encoding="utf8")


def main() -> None:
    """Run, compare, renew."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="pages, by their names without .md; all unless given")
    parser.add_argument("--renew", action="store_true", help="write outputs and figures into the pages")
    parser.add_argument("--notebooks", type=Path, help="write the tutorials as notebooks into this folder")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.inside:
        return _inside()
    chosen = [page for page in pages() if not given.names or page.stem in given.names]
    if given.notebooks:
        for page in chosen:
            write_notebook(page, given.notebooks / f"{page.stem}.ipynb")
        return None
    wrong = 0
    for page in chosen:
        with tempfile.TemporaryDirectory() as folder:
            printed = run_in(Path(folder), page)
            if given.renew:
                page.write_text(renewed(page.read_text(encoding="utf8"), printed), encoding="utf8")
                IMAGES.mkdir(parents=True, exist_ok=True)
                for name in shown(page):
                    shutil.copy(Path(folder) / name, IMAGES / name)
        for difference in differences(page, printed):
            wrong += 1
            print(difference)
    return sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
