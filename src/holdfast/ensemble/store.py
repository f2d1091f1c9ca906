"""The store: finished runs on disk while others are under way, and whole results in place at once. [IO]"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from holdfast.ensemble.plan import Plan

UNFINISHED = ".unfinished"
"""Folder inside a result's folder that holds finished runs until the result is whole."""


class StoreError(Exception):
    """A folder that cannot be used as asked; the message says why and what to do."""


def open_parts(out: Path, plan: Plan, resume: bool) -> Path:
    """The folder for finished runs of this plan: fresh, or with `resume` the one that was left."""
    parts = out / UNFINISHED
    kept = parts / "plan.json"
    if resume and kept.exists():
        before = Plan.from_json(kept.read_text(encoding="utf8"))
        if before.identity() != plan.identity():
            raise StoreError(
                f"{out}: the stopped run had another case, seed, grain or length, so its runs cannot be used. "
                "Repeat its options, choose another --out, or leave --resume away to start afresh."
            )
    elif parts.exists():
        shutil.rmtree(parts)
    try:
        parts.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise StoreError(f"{out}: is a file, and a result needs a folder. Choose another --out.") from error
    except PermissionError as error:
        raise StoreError(f"{out}: no permission to write there. Choose another --out.") from error
    for claim in parts.glob("*.claim"):
        claim.unlink()
    write_text(kept, plan.to_json())
    return parts


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(text, encoding="utf8")
    os.replace(beside, path)


def claim(parts: Path, task: str) -> bool:
    """Take a task, unless another process has it."""
    try:
        os.close(os.open(parts / f"{task}.claim", os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


def has_run(parts: Path, run: int) -> bool:
    """Whether a run is finished."""
    return (parts / f"run-{run:05d}.npz").exists()


def save_run(parts: Path, run: int, flows: Mapping[str, Mapping[str, np.ndarray]]) -> None:
    """Keep a finished run."""
    flat = {f"{group}/{name}": array for group, each in flows.items() for name, array in each.items()}
    save_arrays(parts / f"run-{run:05d}.npz", flat)


def load_run(parts: Path, run: int) -> dict[str, dict[str, np.ndarray]]:
    """A finished run."""
    flows: dict[str, dict[str, np.ndarray]] = {}
    with np.load(parts / f"run-{run:05d}.npz") as kept:
        for path in kept.files:
            group, name = path.split("/")
            flows.setdefault(group, {})[name] = kept[path]
    return flows


def save_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write arrays whole or not at all."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.npz")
    np.savez(beside, **arrays)  # type: ignore[arg-type]
    os.replace(beside, path)


def save_compressed(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write arrays whole or not at all, as small as they go."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.npz")
    np.savez_compressed(beside, **arrays)  # type: ignore[arg-type]
    os.replace(beside, path)


def put_in_place(fresh: Path, out: Path, name: str) -> None:
    """Move a finished file or folder to its place, over what stood there."""
    target = out / name
    if target.is_dir() and not target.is_symlink():
        old = out / f".old-{name}-{os.getpid()}"
        os.replace(target, old)
        os.replace(fresh / name, target)
        shutil.rmtree(old)
    else:
        os.replace(fresh / name, target)


def write_json(path: Path, content: Any) -> None:
    """Write JSON whole or not at all."""
    write_text(path, json.dumps(content, indent=2, allow_nan=False, default=str) + "\n")
