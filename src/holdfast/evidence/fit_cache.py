"""Fits kept between runs, so that the second question about the same claims waits for nothing. [IO]

A fit is known by everything that decides it: the claims, the dates, the method, the seed, and the code of this package. A
file that cannot be read is fitted anew; one that cannot be written is no fault.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import os
import pickle
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from holdfast.core import runtime
from holdfast.evidence.posterior import Posterior

MOST = 24
"""Fits that are kept; the oldest goes first."""


def once(key: Any, make: Callable[[], Posterior]) -> Posterior:
    """The posterior of a key, made if it is not there."""
    path = folder() / f"{_digest(key)}.fit"
    with contextlib.suppress(Exception):  # a torn or foreign file is as good as none
        return pickle.loads(path.read_bytes())
    made = make()
    with contextlib.suppress(OSError):
        _save(path, made)
    return made


def folder() -> Path:
    """Where fits are kept."""
    return runtime.cache_folder() / "fits"


def _digest(key: Any) -> str:
    """What tells this fit from any other."""
    made = hashlib.sha256(repr(key).encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        made.update(source.read_bytes())
    made.update(runtime.version().encode())
    return made.hexdigest()[:32]


def _save(path: Path, posterior: Posterior) -> None:
    """Keep a fit, whole or not at all, and let the oldest go."""
    path.parent.mkdir(parents=True, exist_ok=True)
    bare = dataclasses.replace(
        posterior, sides={name: dataclasses.replace(one, kept={}) for name, one in posterior.sides.items()}
    )
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as beside:
        beside.write(pickle.dumps(bare))
    os.replace(beside.name, path)
    kept = sorted(path.parent.glob("*.fit"), key=lambda one: one.stat().st_mtime)
    for old in kept[:-MOST]:
        old.unlink(missing_ok=True)
