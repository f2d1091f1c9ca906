"""The table of simulations that teaches the surrogate: coded armies run under draws of the inputs. [IO]

The inputs are the numbers that calibration may move: every declared parameter of the model and of the map from codes, each
with its prior as a map from the unit interval, so that screening, drawing and the sampler's own coordinates are one thing.

How willing an army's men are is its own and is never coded, so each army is run at several levels of resolve. The levels'
likelihoods are weighed later: neither the mean level nor its spread costs a run. Worker processes fill the table part by part;
to leave armies out, to weigh them otherwise or to score them otherwise needs no new run.

What is learnt from the table is the model's behaviour: no coded outcome is in it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from holdfast.calibration import simulator
from holdfast.calibration.levels import Map, levels
from holdfast.calibration.simulator import SimulatedArmies
from holdfast.coded_armies.army import CODES, CodedArmy, array
from holdfast.core.params import About, Fixed, LogNormal, Prior, walk
from holdfast.engine.day.world import defaults
from holdfast.parallel import Progress, Report, pool, tasks
from holdfast.parallel.pool import LocalExecutor
from holdfast.parallel.tasks import TaskFolder

Floats = npt.NDArray[np.floating]
Inputs = Mapping[str, Floats]
"""Values of inputs by path, one a draw."""

OWN = {
    "army.resolve_sd": About(
        simulator.RESOLVE_SD, "nats", LogNormal(0.95, 0.3), "structure",
        "starting value of the specification: how far men of one army differ (docs/model.md §7)",
    ),
}  # fmt: skip
"""Inputs that belong to no mechanism and to no code."""

ABLATIONS = ("none", "essay_five", "no_shock", "no_bond", "no_swamping", "no_learning")
"""What can be taken out of the model; `none` is the whole model."""

PART = 1200
"""Runs, about, that a worker does at a time."""
RESOLVE = (2.0, 9.0)
"""Levels of resolve that are run, evenly: below, every army breaks; above, none does [nats]."""
MOVED = 0.2
"""Share of the armies run with one to three codes moved, so that the surrogate knows the ground between the coded armies."""


def declared() -> dict[str, About]:
    """Every input.

    Returns:
        What is declared of each, by path: `choice.tempo` of the model, `map.shock_2` of the map, `army.resolve_sd`.
    """
    return {**dict(walk(defaults())), **dict(walk(Map(), "map.")), **OWN}


def free() -> dict[str, Prior]:
    """The inputs that are quantities to be learnt, not conventions.

    Returns:
        The prior of each, by path.
    """
    return {path: about.prior for path, about in declared().items() if not isinstance(about.prior, Fixed)}


def values(paths: Sequence[str], scores: npt.ArrayLike) -> dict[str, Floats]:
    """Inputs from standard normal scores: the sampler's coordinates, in which every prior is N(0, 1).

    Args:
        paths: the inputs.
        scores: their scores `[draw, path]`.

    Returns:
        The values of each input by path `[draw]`.
    """
    from scipy import special

    priors = free()
    shares = special.ndtr(np.asarray(scores, float))
    return {path: priors[path].ppf(shares[:, column]) for column, path in enumerate(paths)}


@dataclasses.dataclass(frozen=True)
class Split:
    """Inputs by who takes them."""

    model: dict[str, Floats]
    """The model's parameters, by path."""
    map: dict[str, Floats]
    """The numbers of the map from codes, by field."""
    resolve_sd: Floats | None
    """How far men of one army differ [nats]; `None` where it is not among the inputs."""


def split(inputs: Inputs) -> Split:
    """Inputs by who takes them.

    Args:
        inputs: values by path.

    Returns:
        The model's parameters, the map's numbers, and the armies' own.
    """
    of_map = {path[4:]: value for path, value in inputs.items() if path.startswith("map.")}
    model = {path: value for path, value in inputs.items() if not path.startswith(("map.", "army."))}
    return Split(model, of_map, inputs.get("army.resolve_sd"))


@dataclasses.dataclass(frozen=True)
class Job:
    """A table to simulate: draws of the inputs by armies by levels of resolve."""

    inputs: Inputs
    """Each input by path, a value a draw."""
    codes: Floats
    """`[army, 10]`, or `[draw, army, 10]` where a code that is not known is drawn."""
    force_ratio: Floats
    """Own to enemy numbers, 1 where unknown `[army]`."""
    resolve: Floats
    """Mean resolve of the army's men `[draw, army, level]` [nats]."""
    luck: npt.NDArray[np.integer]
    """Number of each army's luck `[army]`, or of each draw's too `[draw, army]`; below 2^25."""
    seed: int
    """Seed of all runs."""
    ablation: str = "none"
    """The part of the model that is taken out."""
    part: int = PART
    """Runs, about, that a worker does at a time."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Draws, armies, levels."""
        draws, armies, steps = self.resolve.shape
        return draws, armies, steps

    def digest(self) -> str:
        """A name for exactly this table.

        Returns:
            16 hexadecimal digits.
        """
        h = hashlib.sha256()
        for path in sorted(self.inputs):
            h.update(path.encode() + np.ascontiguousarray(self.inputs[path], np.float64).tobytes())
        for each in (self.codes, self.force_ratio, self.resolve, self.luck):
            h.update(np.ascontiguousarray(each, np.float64).tobytes())
        h.update(f"{self.seed} {self.ablation} {simulator.scenario()!r}".encode())
        if self.part != PART:
            h.update(str(self.part).encode())
        return h.hexdigest()[:16]

    def parts(self) -> list[Job]:
        """The table cut by draws into what a worker does at a time.

        Returns:
            Jobs of some draws each, in order.
        """
        draws, armies, steps = self.shape
        size = max(1, self.part // (armies * steps))
        return [self.rows(np.arange(begin, min(begin + size, draws))) for begin in range(0, draws, size)]

    def rows(self, draws: npt.NDArray[np.integer]) -> Job:
        """The table of some draws.

        Args:
            draws: their indices.

        Returns:
            A job of these draws alone.
        """
        return dataclasses.replace(
            self,
            inputs={path: column[draws] for path, column in self.inputs.items()},
            codes=self.codes[draws] if self.codes.ndim == 3 else self.codes,
            resolve=self.resolve[draws],
            luck=self.luck[draws] if self.luck.ndim == 2 else self.luck,
        )


def luck_of(armies: Sequence[CodedArmy]) -> npt.NDArray[np.integer]:
    """Numbers of luck: an army has the same luck whatever stands beside it.

    Args:
        armies: coded armies.

    Returns:
        A number for each, from its name `[army]`.
    """
    return np.array([zlib.crc32(army.army_id.encode()) & 0xFFFFFF for army in armies])


def coded_arrays(armies: Sequence[CodedArmy]) -> tuple[Floats, Floats]:
    """Codes and force ratios.

    Args:
        armies: coded armies.

    Returns:
        Codes `[army, 10]`, NaN where unknown, and force ratios `[army]`, 1 where unknown.
    """
    return array(armies), np.array([army.force_ratio or 1.0 for army in armies])


def without(ablation: str, codes: Floats, inputs: Inputs) -> tuple[Floats, dict[str, Floats]]:
    """Codes and inputs with a part of the model taken out.

    Args:
        ablation: one of `ABLATIONS`.
        codes: codes `[..., 10]`.
        inputs: values by path `[draw]`.

    Returns:
        New codes and inputs; what was given stays as it was.

    Raises:
        ValueError: if there is no such ablation.
    """
    draws = len(next(iter(inputs.values())))
    codes, changed = codes.copy(), dict(inputs)
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
            changed["bond.coupling"] = np.zeros(draws)
        case "no_swamping":  # attempts are never seen to pile up, so the chance to be caught stays as it is
            changed["pursuit.window"] = np.full(draws, 1e9)
        case "no_learning":  # every man goes on believing what recruits are told
            changed["perception.learning"] = np.full(draws, 1e-9)
        case _:
            raise ValueError(f"{ablation!r} is no ablation; use one of {', '.join(ABLATIONS)}")
    return codes, changed


def simulated_armies(job: Job) -> SimulatedArmies:
    """The runs of a job.

    Args:
        job: draws, armies, levels.

    Returns:
        The runs, draw by draw, army by army, level by level.
    """
    draws, armies, steps = job.shape
    codes, inputs = without(job.ablation, job.codes, job.inputs)
    many = draws * armies * steps
    parts = split(inputs)

    def each(column: npt.ArrayLike) -> Floats:
        return np.repeat(np.asarray(column, np.float32), armies * steps)

    def flat(number: npt.ArrayLike) -> Floats:
        return np.broadcast_to(np.asarray(number, np.float32), (many,)).copy()

    of_draw = codes if codes.ndim == 3 else np.broadcast_to(codes, (draws, *codes.shape))
    wide = np.repeat(of_draw.reshape(-1, len(CODES)), steps, axis=0)
    ratio = np.tile(np.repeat(job.force_ratio, steps), draws)
    of_map = dataclasses.replace(Map(), **{name: jnp.asarray(each(column)) for name, column in parts.map.items()})

    def pressures(rows: Floats, odds: Floats) -> dict[str, Floats]:
        by_code = {code: rows[:, index] for index, code in enumerate(CODES)}
        return {name: flat(np.asarray(level)) for name, level in levels(of_map, by_code, odds).items()}

    of_army = np.broadcast_to(job.luck, (draws, armies))
    return SimulatedArmies(
        parameters={path: each(column) for path, column in parts.model.items()},
        levels=pressures(wide, ratio),
        calm=pressures(np.zeros_like(wide), np.ones(many)),
        ramp=flat(np.asarray(of_map.ramp)),
        shock_days=flat(np.asarray(of_map.shock_days)),
        resolve=np.asarray(job.resolve, np.float32).reshape(-1),
        resolve_sd=np.full(many, simulator.RESOLVE_SD) if parts.resolve_sd is None else each(parts.resolve_sd),
        luck=(of_army[:, :, None] * 64 + np.arange(steps)).reshape(-1),
    )


def simulate(job: Job, report: Report | None = None) -> Floats:
    """The table of a job, simulated in this process.

    Args:
        job: draws, armies, levels.
        report: hears nothing; a task of `parallel.pool` takes one.

    Returns:
        Summaries `[draw, army, level, len(simulator.SUMMARY)]`.
    """
    rows = np.concatenate(list(simulator.run(simulated_armies(job), job.seed)))
    return rows.reshape(*job.shape, len(simulator.SUMMARY))


def table(job: Job, folder: Path | None, *, workers: int, progress: Progress, what: str = "running armies") -> Floats:
    """The table of a job, simulated by worker processes.

    Args:
        job: draws, armies, levels.
        folder: where parts are stored as they are done, under a name that says what they are; those that stand there from
            before are used again. Without one, nothing is stored.
        workers: processes.
        progress: hears of the parts done.
        what: what progress calls the work.

    Returns:
        Summaries `[draw, army, level, len(simulator.SUMMARY)]`.

    Raises:
        WorkerError: if a worker ends before its work is done; finished parts stay in the folder.
    """
    parts = job.parts()
    executor = LocalExecutor(min(workers, len(parts)))  # one thread each, as NUTS and the ensemble have
    if folder is None:
        return np.concatenate(pool.each(simulate, parts, progress=progress, what=what, executor=executor))
    jobs = {f"part-{number}": part for number, part in enumerate(parts)}
    done = tasks.each(
        simulate, jobs, TaskFolder(folder / job.digest()), progress=progress, what=what, executor=executor
    )
    return np.concatenate(list(done.values()))


def design(armies: Sequence[CodedArmy], paths: Sequence[str], scores: Floats, seed: int, ablation: str = "none") -> Job:
    """One run of every army under every draw, each at its own level of resolve and with its own luck.

    Args:
        armies: coded armies, all codes known.
        paths: the inputs that are drawn.
        scores: their scores `[draw, path]`.
        seed: of the levels, the luck and the codes that are moved.
        ablation: the part of the model that is taken out.

    Returns:
        The job, a share `MOVED` of its armies with some codes moved.
    """
    generator = np.random.default_rng((seed, len(scores), len(ablation)))
    draws, many = len(scores), len(armies)
    codes, ratio = coded_arrays(armies)
    moved = np.broadcast_to(codes, (draws, *codes.shape)).copy()
    for row, column in zip(*np.nonzero(generator.random((draws, many)) < MOVED), strict=True):
        some = generator.choice(len(CODES), generator.integers(1, 4), replace=False)
        moved[row, column, some] = generator.integers(0, 3, len(some))
    return Job(
        inputs=values(paths, scores),
        codes=moved,
        force_ratio=ratio,
        resolve=generator.uniform(*RESOLVE, (draws, many, 1)),
        luck=generator.integers(0, 1 << 24, (draws, many)),
        seed=seed,
        ablation=ablation,
    )


def prior_scores(count: int, dimensions: int, seed: int) -> Floats:
    """Draws of the prior's scores, spread evenly (Sobol, scrambled).

    Args:
        count: draws.
        dimensions: inputs.
        seed: of the scrambling.

    Returns:
        Standard normal scores `[count, dimensions]`.
    """
    from scipy import special
    from scipy.stats import qmc

    points = qmc.Sobol(dimensions, rng=seed).random_base2(max(count - 1, 1).bit_length())[:count]
    return np.asarray(special.ndtri(np.clip(points, 1e-5, 1 - 1e-5)))
