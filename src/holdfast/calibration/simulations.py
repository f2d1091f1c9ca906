"""What the surrogate is taught by: armies under draws of the inputs, at many levels of resolve, with some codes moved."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import queue
import sys
import tempfile
import threading
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from holdfast.calibration import screening, simulator, testbed
from holdfast.calibration.levels import Map, levels
from holdfast.calibration.screening import split
from holdfast.coded_armies.army import CODES, CodedArmy, array
from holdfast.ensemble import processes, store

# The table of draws and cases: what became of every coded army under every draw of the inputs. [IO]
#
# Each army is run at a few levels of resolve, since how willing an army's men are is its own and is never coded: the
# levels' likelihoods are weighed later, so that neither the mean level nor its spread costs a run. The table is made once,
# by worker processes, part by part, and kept: leaving cases out, other weights and other scores need no new runs.


ABLATIONS = ("none", "essay_five", "no_shock", "no_bond", "no_swamping", "no_learning")
"""What can be taken out of the model, beside nothing."""

PART = 1200

Progress = Callable[[int, int, str], None]


@dataclasses.dataclass(frozen=True)
class Job:
    """A table to make: draws of the inputs by cases by levels of resolve.

    How willing an army's men are is its own and is never coded, so each case is run at one or more levels of it.
    """

    inputs: dict[str, np.ndarray]
    """Each input by path, a value a draw."""
    codes: np.ndarray
    """`[case, 10]`, or `[draw, case, 10]` where a code that is not known is drawn."""
    force_ratio: np.ndarray
    """Own to enemy numbers, 1 where unknown `[case]`."""
    resolve: np.ndarray
    """Mean resolve of the army's men `[draw, case, level]` [nats]."""
    luck: np.ndarray
    """Number of each case's luck `[case]`, or of each draw's too `[draw, case]`; below 2^25."""
    seed: int
    ablation: str = "none"
    part: int = PART
    """Runs, about, that a worker does at a time, and keeps."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Draws, cases, levels."""
        draws, cases, steps = self.resolve.shape
        return draws, cases, steps

    def digest(self) -> str:
        """A name for exactly this table."""
        h = hashlib.sha256()
        for path in sorted(self.inputs):
            h.update(path.encode() + np.ascontiguousarray(self.inputs[path], np.float64).tobytes())
        for held in (self.codes, self.force_ratio, self.resolve, self.luck):
            h.update(np.ascontiguousarray(held, np.float64).tobytes())
        h.update(f"{self.seed} {self.ablation} {testbed.scenario()!r}".encode())
        if self.part != PART:
            h.update(str(self.part).encode())
        return h.hexdigest()[:16]


def luck_of(cases: Sequence[CodedArmy]) -> np.ndarray:
    """A case has the same luck whatever stands beside it."""
    return np.array([zlib.crc32(case.army_id.encode()) & 0xFFFFFF for case in cases])


def coded_arrays(cases: Sequence[CodedArmy]) -> tuple[np.ndarray, np.ndarray]:
    """Codes `[case, 10]`, NaN where unknown, and force ratios `[case]`, 1 where unknown."""
    return array(cases), np.array([case.force_ratio or 1.0 for case in cases])


def without(
    ablation: str, codes: np.ndarray, inputs: dict[str, np.ndarray]
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Codes and inputs with a part of the model taken out."""
    draws = len(next(iter(inputs.values())))
    codes, inputs = codes.copy(), dict(inputs)
    column = {code: index for index, code in enumerate(CODES)}
    match ablation:
        case "none":
            pass
        case "essay_five":  # the four others at calm, ordinary enforcement
            for code in ("patron_withdrawal", "unpaid_unfed", "operational_shock", "safe_exit"):
                codes[..., column[code]] = 0
            codes[..., column["enforcement"]] = 1
        case "no_shock":
            codes[..., column["operational_shock"]] = 0
        case "no_bond":
            inputs["bond.coupling"] = np.zeros(draws)
        case "no_swamping":  # attempts are never seen to pile up, so the chance to be caught stays as it is
            inputs["pursuit.window"] = np.full(draws, 1e9)
        case "no_learning":  # every man goes on believing what recruits are told
            inputs["perception.learning"] = np.full(draws, 1e-9)
        case _:
            raise ValueError(f"{ablation!r} is no ablation; use one of {', '.join(ABLATIONS)}")
    return codes, inputs


def armies_of(job: Job, draws: np.ndarray) -> simulator.Armies:
    """The runs of some draws, draw by draw, case by case, level by level."""
    _, cases, steps = job.shape
    codes, inputs = without(job.ablation, job.codes, job.inputs)
    many = len(draws) * cases * steps
    each = lambda values: np.repeat(np.asarray(values, np.float32)[draws], cases * steps)  # noqa: E731
    parts = split(inputs)
    of_draw = codes[draws] if codes.ndim == 3 else np.broadcast_to(codes, (len(draws), *codes.shape))
    wide = np.repeat(of_draw.reshape(-1, len(CODES)), steps, axis=0)
    ratio = np.tile(np.repeat(job.force_ratio, steps), len(draws))
    own: dict[str, Any] = {name: each(value) for name, value in parts.map.items()}
    given = dataclasses.replace(Map(), **own)
    table = lambda rows, odds: {  # noqa: E731
        name: np.broadcast_to(np.asarray(value, np.float32), (many,)).copy()
        for name, value in levels(given, {code: rows[:, i] for i, code in enumerate(CODES)}, odds).items()
    }
    of_case = np.broadcast_to(job.luck, (job.shape[0], cases))[draws]
    numbers = (of_case[:, :, None] * 64 + np.arange(steps)).reshape(-1)
    spread = np.full(many, testbed.RESOLVE_SD) if parts.resolve_sd is None else each(parts.resolve_sd)
    flat = lambda value: np.broadcast_to(np.asarray(value, np.float32), (many,)).copy()  # noqa: E731
    return simulator.Armies(
        parameters={path: each(value) for path, value in parts.model.items()},
        levels=table(wide, ratio),
        calm=table(np.zeros_like(wide), np.ones(many)),
        ramp=flat(given.ramp),
        shock_days=flat(given.shock_days),
        resolve=np.asarray(job.resolve, np.float32)[draws].reshape(-1),
        resolve_sd=spread,
        luck=numbers,
    )


def made(job: Job, draws: np.ndarray) -> np.ndarray:
    """The rows of some draws, `[draw, case, level, len(armies.SUMMARY)]`, in this process."""
    _, cases, steps = job.shape
    rows = simulator.joined(list(simulator.run(armies_of(job, draws), job.seed)))
    return rows.reshape(len(draws), cases, steps, len(simulator.SUMMARY))


def make(job: Job, folder: Path, workers: int, progress: Progress, what: str = "running armies") -> np.ndarray:
    """The whole table, by workers; parts that stand in the folder from before are used again.

    Raises `conduct.WorkerError` where a worker fails. Ctrl-C leaves the finished parts in place.
    """
    parts = folder / job.digest()
    parts.mkdir(parents=True, exist_ok=True)
    for claim in parts.glob("*.claim"):
        claim.unlink()
    store.save_arrays(
        parts / "job.npz",
        {f"input/{path}": values for path, values in job.inputs.items()}
        | {"codes": job.codes, "force_ratio": job.force_ratio, "resolve": job.resolve, "luck": job.luck}
        | {"about": np.array(json.dumps({"seed": job.seed, "ablation": job.ablation, "part": job.part}))},
    )
    pieces = pieces_of(job)
    done = sum((parts / f"part-{n}.npy").exists() for n in range(len(pieces)))
    heard: queue.Queue[dict[str, Any] | None] = queue.Queue()
    started: list[Any] = []
    noise = [tempfile.TemporaryFile("w+") for _ in range(min(workers, len(pieces) - done))]  # noqa: SIM115
    try:
        for errors in noise:
            command = [sys.executable, "-m", "holdfast.calibration.worker", str(parts)]
            started.append(processes.launch(command, errors))
            threading.Thread(target=processes.listen, args=(started[-1], heard), daemon=True).start()
        alive = len(started)
        progress(done, len(pieces), what)
        while alive:
            line = heard.get()
            alive -= line is None
            done += line is not None
            progress(done, len(pieces), what)
        for process, errors in zip(started, noise, strict=True):
            if process.wait() != 0:
                raise processes.WorkerError(processes.said(errors, process.returncode))
    finally:
        processes.stop(started)
        for errors in noise:
            errors.close()
    return np.concatenate([np.load(parts / f"part-{n}.npy") for n in range(len(pieces))])


def pieces_of(job: Job) -> list[np.ndarray]:
    """The draws of each part."""
    draws, cases, steps = job.shape
    part = max(1, job.part // (cases * steps))
    return [np.arange(begin, min(begin + part, draws)) for begin in range(0, draws, part)]


def read_job(parts: Path) -> Job:
    """The job of a folder."""
    with np.load(parts / "job.npz") as kept:
        about = json.loads(str(kept["about"]))
        return Job(
            inputs={name[6:]: kept[name] for name in kept.files if name.startswith("input/")},
            codes=kept["codes"], force_ratio=kept["force_ratio"], resolve=kept["resolve"], luck=kept["luck"],
            seed=about["seed"], ablation=about["ablation"], part=about.get("part", PART),
        )  # fmt: skip


RESOLVE = (2.0, 9.0)
"""Levels of resolve that are run, evenly: below, every army breaks; above, none does [nats]."""
MOVED = 0.2
"""Share of the armies run with one to three codes moved, so that the surrogate knows the ground between the cases."""


def job(cases: Sequence[CodedArmy], paths: Sequence[str], scores: np.ndarray, seed: int, ablation: str = "none") -> Job:
    """One run of every case under every draw, each at its own level of resolve and with its own luck."""
    generator = np.random.default_rng((seed, len(scores), len(ablation)))
    draws, many = len(scores), len(cases)
    codes, ratio = coded_arrays(cases)
    moved = np.broadcast_to(codes, (draws, *codes.shape)).copy()
    for row, column in zip(*np.nonzero(generator.random((draws, many)) < MOVED), strict=True):
        some = generator.choice(len(CODES), generator.integers(1, 4), replace=False)
        moved[row, column, some] = generator.integers(0, 3, len(some))
    return Job(
        inputs=screening.values(paths, scores),
        codes=moved,
        force_ratio=ratio,
        resolve=generator.uniform(*RESOLVE, (draws, many, 1)),
        luck=generator.integers(0, 1 << 24, (draws, many)),
        seed=seed,
        ablation=ablation,
    )


def prior(count: int, dimensions: int, seed: int) -> np.ndarray:
    """Draws of the prior's scores `[count, dimensions]`, spread evenly (Sobol, scrambled)."""
    from scipy import special
    from scipy.stats import qmc

    points = qmc.Sobol(dimensions, rng=seed).random_base2(max(count - 1, 1).bit_length())[:count]
    return np.asarray(special.ndtri(np.clip(points, 1e-5, 1 - 1e-5)))
