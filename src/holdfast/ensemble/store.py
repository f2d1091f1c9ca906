"""Runs on disk: finished runs while others are under way, the tasks that make them, and whole results opened again. [IO]

    python -m holdfast.ensemble.store FOLDER

takes a hand in the plan that lies in a folder, on this machine or on any that sees the folder.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from holdfast.core.faults import Notice, StoreError
from holdfast.ensemble.plan import Plan, Scenario
from holdfast.ensemble.result import SimulationResult, digest, outcomes
from holdfast.io import files, locks, seals
from holdfast.io.film import Film, Reel, front, reel
from holdfast.parallel import Report, tasks
from holdfast.scenario import loss_draws
from holdfast.scenario.schema import ScenarioDocument

if TYPE_CHECKING:
    from holdfast.engine.simulate import World


UNFINISHED = ".unfinished"
"""Folder inside a result's folder that holds finished runs until the result is whole."""
PLAN = "plan.json"
FILM = "film.npz"
DATA = "result.zarr"
MANIFEST = "manifest.json"

Flows = Mapping[str, Mapping[str, np.ndarray]]
"""Arrays of a run by group (`side`, `sector`, `brigade`, `region`, `start`) and name, days first."""


# --- The folder of a result, and that of a plan's finished runs.


@contextlib.contextmanager
def held(out: Path) -> Iterator[None]:
    """A result's folder for this process alone while the block runs; what a killed process left ready there is completed.

    Args:
        out: the folder; created if it is not there.

    Yields:
        Nothing.

    Raises:
        StoreError: if it cannot be used, or another process is at work there.
    """
    with contextlib.ExitStack() as stack:
        with _answered(out):
            stack.enter_context(locks.alone(out / locks.NAME, patience=0.0))
            files.settle(out, writing=True)
        yield


@contextlib.contextmanager
def _answered(out: Path) -> Iterator[None]:
    """Say of a folder that cannot be made or written what is wrong with it."""
    try:
        yield
    except (FileExistsError, NotADirectoryError) as error:
        raise StoreError(f"{out}: is a file, and a result needs a folder. Choose another --out.") from error
    except PermissionError as error:
        raise StoreError(f"{out}: no permission to write there. Choose another --out.") from error


def open_parts(out: Path, plan: Plan, resume: bool) -> Path:
    """The folder for finished runs of a plan.

    Args:
        out: the result's folder.
        plan: what is run.
        resume: whether the runs of a stopped run of the same plan are used again.

    Returns:
        The folder inside `out`: fresh, or with `resume` the one that was left.

    Raises:
        StoreError: if `out` cannot be used, or the stopped run was another.
    """
    parts = out / UNFINISHED
    file = parts / PLAN
    if resume and file.exists():
        if _read_plan(parts).identity() != plan.identity():
            raise StoreError(
                f"{out}: the stopped run had another scenario, seed, grain, length, --luck-only or posterior of history, so its "
                f"runs cannot be used. Repeat its options, choose another --out, or {AFRESH}."
            )
        _remove_damaged(parts)
    elif parts.exists():
        shutil.rmtree(parts)
    with _answered(out):
        parts.mkdir(parents=True, exist_ok=True)
    tasks.release(parts)
    files.write_text(file, plan.to_json())
    return parts


AFRESH = "leave --resume away to start afresh"
"""The cure where a stopped run cannot be gone on with."""


def check_resumed(out: Path, scenario: Scenario, *, seed: int, men_per_billet: int | None, luck_only: bool) -> None:
    """Refuse to go on from a folder whose plan cannot be read, or that holds the finished result of something else.

    To be asked before anything is run: what was inferred for the plan takes its time.

    Args:
        out: the result's folder.
        scenario: what is to be run.
        seed: the seed of the runs.
        men_per_billet: the grain [men]; the scenario's own unless given.
        luck_only: whether the runs differ in luck alone.

    Raises:
        StoreError: saying why, with the cure.
    """
    parts = out / UNFINISHED
    if (parts / PLAN).exists():
        _read_plan(parts)
    elif any(parts.glob("run-*.npz")):
        raise StoreError(
            f"{parts / PLAN}: is missing, so nobody can say what its finished runs are of. To cure it, {AFRESH}."
        )
    elif holds_result(out):
        before = _read_manifest(out, AFRESH)
        uncertain = (before.get("draws") or {}).get("uncertain")
        both = {
            "scenario": (before["name"], scenario.name), "days": (before["days"], scenario.document.days),
            "seed": (before["seed"], seed),
            "men a billet": (before["men_per_billet"], men_per_billet or scenario.document.men_per_billet),
            "luck alone": (luck_only if uncertain is None else "parameters" not in uncertain, luck_only),
        }  # fmt: skip
        other = [f"{name} {one} and not {now}" for name, (one, now) in both.items() if one != now]
        if not other and before["scenario_hash"] != scenario.hash:
            other = ["other values of the scenario"]
        if other:
            raise StoreError(
                f"{out}: holds a finished result, of {', '.join(other)}; there is nothing to go on from, and it would be "
                f"overwritten. Choose another --out, or {AFRESH} and replace it."
            )
        warnings.warn(
            Notice(f"{out}: holds the finished result of the same plan; its runs are made again."), stacklevel=3
        )


def _read_plan(parts: Path) -> Plan:
    """The plan that lies in a folder."""
    try:
        return Plan.from_json((parts / PLAN).read_text(encoding="utf8"))
    except (ValueError, TypeError) as error:
        raise StoreError(
            f"{parts / PLAN}: is damaged or of another version, so nobody can say what its finished runs are of ({error}). "
            f"To cure it, {AFRESH}."
        ) from error


def _remove_damaged(parts: Path) -> None:
    """Remove finished runs and the film where they cannot be read, so that they are made again; a notice names each."""
    for file in sorted(parts.glob("*.npz")):
        try:
            files.read_arrays(file)
        except files.UnreadableError as error:
            file.unlink()
            warnings.warn(Notice(f"{error}. It is made again."), stacklevel=4)


def _read_part(file: Path) -> dict[str, np.ndarray]:
    """The arrays of a finished run or film, which was whole when it was written."""
    try:
        return files.read_arrays(file)
    except (files.UnreadableError, FileNotFoundError) as error:
        raise StoreError(f"{error}. Repeat the command with --resume: it is made again.") from error


def _file(parts: Path, run: int) -> Path:
    """Where a finished run stands."""
    return parts / f"run-{run:05d}.npz"


def has_run(parts: Path, run: int) -> bool:
    """Whether a run is finished.

    Args:
        parts: the folder of the plan.
        run: its number.

    Returns:
        Whether its file is there.
    """
    return _file(parts, run).exists()


def save_run(parts: Path, run: int, flows: Flows) -> None:
    """Write a finished run, whole or not at all.

    Args:
        parts: the folder of the plan.
        run: its number.
        flows: its arrays.
    """
    flat = {f"{group}/{name}": array for group, each in flows.items() for name, array in each.items()}
    files.write_arrays(_file(parts, run), flat)


def load_run(parts: Path, run: int) -> dict[str, dict[str, np.ndarray]]:
    """A finished run.

    Args:
        parts: the folder of the plan.
        run: its number.

    Returns:
        Its arrays by group and name.
    """
    flows: dict[str, dict[str, np.ndarray]] = {}
    for path, array in _read_part(_file(parts, run)).items():
        group, name = path.split("/")
        flows.setdefault(group, {})[name] = array
    return flows


def load_film(parts: Path) -> Reel:
    """The finished film, ready for the page.

    Args:
        parts: the folder of the plan.

    Returns:
        The packed film.
    """
    arrays = _read_part(parts / FILM)
    return Reel(json.loads(str(arrays["about"])), arrays["payload"].tobytes())


# --- Tasks: what a worker carries out.


@dataclass(frozen=True)
class Job:
    """A task of a plan."""

    parts: Path  # folder of the plan's finished runs
    number: int | None  # of the batch; none = the film
    claims: bool = True  # whether it is left to another process that has claimed it

    @property
    def name(self) -> str:
        """The name by which it is claimed."""
        return "film" if self.number is None else f"task-{self.number}"


def jobs(plan: Plan, parts: Path) -> dict[Job, int]:
    """What is left of a plan.

    Args:
        plan: what is run.
        parts: its folder.

    Returns:
        The tasks, the film first, each with the days of runs that it takes [d].
    """
    left: dict[Job, int] = {}
    if plan.film_men_per_billet and not (parts / FILM).exists():
        left[Job(parts, None)] = plan.days * plan.film_weight
    for number, runs in enumerate(plan.tasks()):
        missing = sum(not has_run(parts, run) for run in runs)
        if missing:
            left[Job(parts, number)] = plan.days * missing
    return left


def carry_out(job: Job, report: Report) -> None:
    """Carry out a task and write its runs, unless they are done or another process has them.

    Args:
        job: the task.
        report: hears of the days of runs that are done.

    Raises:
        StoreError: if the posterior of losses is no longer the one that the plan was made with.
    """
    plan = _read_plan(job.parts)
    document = plan.document()
    if loss_draws.used(document) != plan.posteriors:
        raise StoreError("the posterior of losses was changed since the run began: start it afresh, without --resume")
    if job.claims and not tasks.claim(job.parts, job.name):
        return
    if job.number is None:
        if not (job.parts / FILM).exists():
            _film(plan, job.parts, report)
        return
    runs = plan.tasks()[job.number]
    missing = [run for run in runs if not has_run(job.parts, run)]
    if not missing:
        return
    every = range(runs.start, runs.start + plan.batch)
    _batch(plan, job.parts, _worlds(plan, every), every, missing, report)


def _worlds(plan: Plan, runs: range) -> World | list[World]:
    """The worlds of runs, each with its draw written in; one for all of them where they have the same."""
    from holdfast.scenario import build

    draws = [plan.draw(run) for run in runs]
    same = all({**draw, "losses": 0} == {**draws[0], "losses": 0} for draw in draws) and not plan.posteriors
    some = runs[:1] if same else runs
    worlds = [build.world(plan.document(run), plan.men_per_billet)[0] for run in some]
    return worlds[0] if same else worlds


def _batch(
    plan: Plan, parts: Path, world: World | Sequence[World], runs: range, missing: Sequence[int], report: Report
) -> None:
    """One batch of runs, always of the same size, so that it is compiled once; surplus runs are not written."""
    import jax

    from holdfast.engine.day.record import everyone
    from holdfast.engine.simulate import World, simulate

    stretches: list[Any] = []
    for done, flows, _, _ in simulate(world, plan.seed, runs):
        stretches.append(jax.tree.map(np.asarray, flows))
        report(done * len(missing))
    whole = jax.tree.map(lambda *pieces: np.concatenate(pieces), *stretches)
    for run in missing:
        one = jax.tree.map(lambda array, run=run: array[:, run - runs.start], whole)
        own = world if isinstance(world, World) else world[run - runs.start]
        groups = {group: getattr(one, group) for group in ("side", "sector", "brigade", "region")}
        save_run(parts, run, groups | {"start": {"everyone": np.asarray(everyone(own.setting, own.state), np.int32)}})


def _film(plan: Plan, parts: Path, report: Report) -> None:
    """One run at the film's grain, its billets' fates day by day, packed for the page."""
    import jax

    from holdfast.engine.simulate import simulate
    from holdfast.scenario import build

    grain = plan.film_men_per_billet
    assert grain is not None
    world, names = build.world(plan.document(0), grain)
    order, brigade_of = billet_order(world)
    first = np.asarray(world.state.army.fate)
    stretches: list[Any] = []

    def frames() -> Iterator[np.ndarray]:
        yield first.reshape(1, -1)
        for done, flows, shot, _ in simulate(world, plan.seed, range(1), film=True):
            stretches.append(jax.tree.map(np.asarray, flows))
            report(done * plan.film_weight)
            yield np.asarray(shot).reshape(len(shot), -1)

    shape = world.setting.number.shape
    packed = reel(Film(
        frames=frames(), brigade_of=brigade_of, brigade_side=np.array(names.brigade_side),
        brigade_sector=np.array(names.brigade_sector),
        dates=np.concatenate([names.days[:1] - np.timedelta64(1, "D"), names.days]), men_per_billet=grain,
        company_billets=shape[0] * shape[1], brigade_name=names.brigades, order=order, codes=film_codes(),
    ))  # fmt: skip
    whole = jax.tree.map(lambda *pieces: np.concatenate(pieces), *stretches)
    one = jax.tree.map(lambda array: array[:, 0], whole)
    about = dict(packed.about) | front(one.sector["broken"], one.sector["line_km"])
    arrays = {"payload": np.frombuffer(packed.payload, np.uint8), "about": np.array(json.dumps(about))}
    files.write_arrays(parts / FILM, arrays)


def billet_order(world: World) -> tuple[np.ndarray, np.ndarray]:
    """The order in which pictures show the billets: by side, sector, brigade, company, squad, slot.

    Args:
        world: the world.

    Returns:
        Flat positions of the open billets in that order; the brigade of each, `[billet]` both.
    """
    from holdfast.engine import state

    fate = np.asarray(world.state.army.fate)
    slots, squads, companies, brigades = fate.shape
    rank = np.lexsort((np.arange(brigades), np.asarray(world.state.front.sector), np.asarray(world.setting.side)))
    flat = np.arange(fate.size).reshape(fate.shape).transpose(3, 2, 1, 0)[rank].reshape(-1)
    brigade = np.repeat(rank, slots * squads * companies).astype(np.int32)
    open_ = fate.reshape(-1)[flat] != state.CLOSED
    return flat[open_], brigade[open_]


def film_codes() -> np.ndarray:
    """What pictures show for each of the engine's fates: a killed man whose region knows is a killed man.

    Returns:
        The codes, `uint8[256]`.
    """
    from holdfast.engine import state

    codes = np.arange(256, dtype=np.uint8)
    codes[state.KILLED_KNOWN] = state.KILLED
    return codes


def help_out(folder: str | Path, report: Callable[[str], None] = print) -> None:
    """Carry out what is left of the plan in a folder, beside others that do.

    Args:
        folder: a result's folder whose run is under way, or its folder of finished runs.
        report: hears the name of each task that is begun.

    Raises:
        StoreError: if no run is under way there.
    """
    parts = Path(folder) / UNFINISHED if (Path(folder) / UNFINISHED).is_dir() else Path(folder)
    if not (parts / PLAN).is_file():
        raise StoreError(f"{folder}: no run is under way there. Name the folder of one that is.")
    for job in jobs(_read_plan(parts), parts):
        report(job.name)
        carry_out(job, lambda done: None)


# --- Whole results.


def holds_result(path: str | Path) -> bool:
    """Whether a folder holds the result of a simulation.

    Args:
        path: the folder.

    Returns:
        Whether its dataset is there.
    """
    folder = Path(path)
    return folder.is_dir() and ((folder / DATA).is_dir() or any(folder.glob(f"{files.READY}*/{DATA}")))


def load_result(path: str | Path) -> SimulationResult:
    """The result of a simulation that was saved to a folder; its film is only in the page.

    Args:
        path: the folder.

    Returns:
        The result.

    Raises:
        StoreError: if the folder holds none, or one that is damaged.
    """
    folder = Path(path)
    if not holds_result(folder):
        raise StoreError(f"{folder}: holds no result of a simulation. Name the folder that `save` or --out wrote.")
    cure = "restore the folder from a copy, or make it again"
    try:
        files.settle(folder)
    except OSError as error:
        raise StoreError(
            f"{folder}: not all of its result was in its place as its program was stopped, and it may not be written here "
            f"({error.strerror}). Open it from where it may be written, which completes it."
        ) from error
    manifest = _read_manifest(folder, cure)
    changed = f"{folder / DATA}: lost a part, or was changed: it is not what was written. To cure it, {cure}."
    whole = manifest.get("files_sha256")
    if whole and whole != seals.of_folder(folder / DATA):
        raise StoreError(changed)
    try:
        data = files.read_zarr(folder / DATA)
    except files.UnreadableError as error:
        raise StoreError(f"{error}. To cure it, {cure}.") from error
    written = manifest.get("data_sha256")
    if written and written != digest(data):
        raise StoreError(changed)
    if "day_destroyed" not in data:  # saved before the outcome was there; it follows from the days
        data = data.assign(day_destroyed=outcomes(data)["day_destroyed"])
    try:
        document = ScenarioDocument.model_validate_json(json.dumps(manifest["scenario"]))
        before = manifest.get("unchanged")
        base = ScenarioDocument.model_validate_json(json.dumps(before)) if before else None
    except ValueError as error:
        what = str(error).splitlines()[0]
        raise StoreError(
            f"{folder / MANIFEST}: its scenario is not of this version ({what}). To cure it, {cure}."
        ) from error
    return SimulationResult(
        Scenario(document, base), data, float(str(manifest["wall_s"])), draws=manifest.get("draws") or {}
    )


FORMAT = 1
"""The format of manifests and their datasets that this release writes; older results say none."""


def write_manifest(file: Path, manifest: Mapping[str, object]) -> None:
    """Write a result's manifest with its format, the checksum of the dataset beside it and its own.

    Args:
        file: where; the dataset stands beside it already.
        manifest: what it says; its checksums are made anew.
    """
    plain = cast("dict[str, files.Plain]", files.plain(manifest))
    whole = plain | {"format": FORMAT, "files_sha256": seals.of_folder(file.with_name(DATA))}
    files.write_json(file, whole | {seals.KEY: seals.of_document(whole)})


NEEDED = ("name", "scenario", "scenario_hash", "seed", "days", "men_per_billet", "wall_s")
"""What a manifest must say."""


def _read_manifest(folder: Path, cure: str) -> dict[str, Any]:
    """What stands in a result's manifest."""
    file = folder / MANIFEST
    try:
        manifest = files.read_json(file)
        lacking = [name for name in NEEDED if not isinstance(manifest, dict) or name not in manifest]
        if lacking:
            raise ValueError(f"it lacks {', '.join(lacking)}")
        assert isinstance(manifest, dict)
        if seals.KEY in manifest and manifest[seals.KEY] != seals.of_document(manifest):
            raise ValueError("it is not what was written: its checksum differs")
        if int(str(manifest.get("format", 0))) > FORMAT:
            machine = manifest.get("machine")
            packages = machine.get("packages") if isinstance(machine, dict) else None
            release = str(packages.get("holdfast")) if isinstance(packages, dict) else "that wrote it"
            raise ValueError(seals.later(int(str(manifest["format"])), FORMAT, release))
    except (ValueError, RecursionError, OSError) as error:
        raise StoreError(f"{file}: is missing or damaged ({error}). To cure it, {cure}.") from error
    return manifest


if __name__ == "__main__":
    help_out(sys.argv[1])
