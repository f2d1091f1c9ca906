"""The text that stands below or beside a field where it is declared: what it is, and its unit in brackets. [IO]

A template, a JSON Schema and a data package take what they say of a field from here, so that it stands once.
"""

from __future__ import annotations

import ast
import functools
import inspect
import itertools
import re
import sys
from pathlib import Path

UNIT = re.compile(r"\[([^\]]+)\]")
"""How a text has its unit."""


def about(record: type, field: str) -> str:
    """What a field of a record is, as the text below it or the comment beside it says.

    Args:
        record: the class that declares the field, or one that inherits it.
        field: its name.

    Returns:
        The text in one line; empty where there is none.
    """
    for kind in record.__mro__ if isinstance(record, type) else ():
        file = getattr(sys.modules.get(kind.__module__), "__file__", None)
        if file and kind.__module__.partition(".")[0] == "holdfast":
            text = _texts(file).get((kind.__name__, field))
            if text:
                return " ".join(text.split())
    return ""


def unit(text: str) -> str:
    """The unit that a text names.

    Args:
        text: as `about` gives it.

    Returns:
        The unit; empty where it names none.
    """
    named = UNIT.search(text)
    return named[1] if named else ""


@functools.cache
def _texts(file: str) -> dict[tuple[str, str], str]:
    """The text of each field of each class of a file, read without running it."""
    source = Path(file).read_text(encoding="utf8")
    lines, texts = source.splitlines(), {}
    for part in ast.parse(source).body:
        if not isinstance(part, ast.ClassDef):
            continue
        for line, below in itertools.pairwise([*part.body, None]):
            if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
                if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
                    text = inspect.cleandoc(str(below.value.value))
                else:
                    end = lines[(line.end_lineno or line.lineno) - 1].encode()[line.end_col_offset :].decode()
                    text = end.partition("#")[2].strip()
                texts[part.name, line.target.id] = text
    return texts
