"""Many fits at once: each a task for worker processes of one thread, each kept when it is done. [IO]

A worker is started as `python -m holdfast.calibration.chains FOLDER`.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import queue
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from holdfast.core import runtime
from holdfast.ensemble import processes, store

Progress = Callable[[int, int, str], None]


@dataclasses.dataclass(frozen=True)
class Length:
    """How long the chains of a fit are."""

    chains: int
    warmup: int
    draws: int
    again: tuple[str, ...] = ()
    """Tasks that are tried once more, longer and with smaller steps, where their chains do not mix."""


def run(
    net: Mapping[str, np.ndarray], tasks: Mapping[str, Mapping[str, np.ndarray]], inputs: int, seed: int, length: Length,
    folder: Path, workers: int, progress: Progress, what: str,
) -> dict[str, tuple[np.ndarray, dict[str, float]]]:  # fmt: skip
    """The draws and diagnostics of each task, by name; those that stand in the folder from before are used again.

    `net` are a surrogate's arrays, a task the arrays of `likelihood.Armies`. Raises `conduct.WorkerError`.
    """
    arrays = {f"net/{name}": value for name, value in net.items()}
    arrays |= {f"task/{task}/{name}": value for task, of in tasks.items() for name, value in of.items()}
    about = {"inputs": inputs, "seed": seed, "length": dataclasses.asdict(length), "tasks": list(tasks)}
    h = hashlib.sha256(json.dumps(about, sort_keys=True).encode())
    for name in sorted(arrays):
        h.update(name.encode() + np.ascontiguousarray(arrays[name]).tobytes())
    parts = folder / f"fits-{h.hexdigest()[:16]}"
    parts.mkdir(parents=True, exist_ok=True)
    for claim in parts.glob("*.claim"):
        claim.unlink()
    store.save_arrays(parts / "tasks.npz", arrays | {"about": np.array(json.dumps(about))})
    done = sum((parts / f"{task}.npz").exists() for task in tasks)
    _work(parts, min(workers, len(tasks) - done), done, len(tasks), progress, what)
    told = {}
    for task in tasks:
        with np.load(parts / f"{task}.npz") as kept:
            told[task] = (kept["draws"], json.loads(str(kept["told"])))
    return told


def _work(parts: Path, workers: int, done: int, total: int, progress: Progress, what: str) -> None:
    """Let workers do what is left."""
    heard: queue.Queue[dict[str, Any] | None] = queue.Queue()
    started: list[Any] = []
    noise = [tempfile.TemporaryFile("w+") for _ in range(workers)]  # noqa: SIM115
    try:
        for errors in noise:
            command = [sys.executable, "-m", "holdfast.calibration.chains", str(parts)]
            started.append(processes.launch(command, errors))
            threading.Thread(target=processes.listen, args=(started[-1], heard), daemon=True).start()
        alive = len(started)
        progress(done, total, what)
        while alive:
            line = heard.get()
            alive -= line is None
            done += line is not None
            progress(done, total, what)
        for process, errors in zip(started, noise, strict=True):
            if process.wait() != 0:
                raise processes.WorkerError(processes.said(errors, process.returncode))
    finally:
        processes.stop(started)
        for errors in noise:
            errors.close()


def main(folder: str) -> None:
    """Do what is left of the tasks in a folder, with a JSON line for each one done."""
    runtime.prepare()
    import jax.numpy as jnp

    from holdfast.calibration import fit, likelihood, surrogate

    parts = Path(folder)
    with np.load(parts / "tasks.npz") as held:
        arrays = {name: held[name] for name in held.files}
    about = json.loads(str(arrays.pop("about")))
    net = surrogate.from_arrays({name[4:]: value for name, value in arrays.items() if name.startswith("net/")})
    length = Length(**about["length"])
    for number, task in enumerate(about["tasks"]):
        kept = parts / f"{task}.npz"
        if kept.exists() or not store.claim(parts, task):
            continue
        own = {name: jnp.asarray(arrays[f"task/{task}/{name}"]) for name in likelihood.Armies.__dataclass_fields__}
        draws, told = fit.sample(
            net, likelihood.Armies(**own), about["inputs"], about["seed"] + number, chains=length.chains,
            warmup=length.warmup, draws=length.draws,
        )  # fmt: skip
        if task in length.again and fit.poor(told):
            draws, told = fit.sample(
                net, likelihood.Armies(**own), about["inputs"], about["seed"] + 1000 + number, chains=length.chains,
                warmup=2 * length.warmup, draws=2 * length.draws, careful=True,
            )  # fmt: skip
            draws = draws[::2]
        store.save_arrays(parts / f"{task}.npz", {"draws": draws, "told": np.array(json.dumps(told))})
        print(json.dumps({"task": task, "pid": os.getpid()}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
