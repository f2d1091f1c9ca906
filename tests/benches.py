"""Modules of the bench, which are no package: scripts of several folders have the same names."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType


@contextlib.contextmanager
def importing(*folders: Path) -> Iterator[Callable[[str], ModuleType]]:
    """Import modules of these folders by their names.

    Args:
        folders: where they stand; of two with one name that of the last folder is taken.

    Yields:
        From a name to its module; what had such a name before has it again afterwards.
    """
    names = {file.stem for folder in folders for file in folder.glob("*.py")}
    before = {name: sys.modules.pop(name) for name in names & sys.modules.keys()}
    paths = [str(folder) for folder in reversed(folders)]
    sys.path[:0] = paths
    try:
        yield importlib.import_module
    finally:
        for path in paths:
            sys.path.remove(path)
        for name in names:
            sys.modules.pop(name, None)
        sys.modules.update(before)
