"""Simulated armies that held and that broke, week by week: on them signals are measured. [IO]

The armies are those of the calibration's test bed (`holdfast.calibration.simulations`): under the codes of every shipped army of
history, parameters and level of resolve drawn from the shipped posterior. Three things are this study's own:

- **Half a year of calm** before the pressures grow, so that there is something to compare with.
- **The pace**: days until the pressures stand in full, the posterior's own times a factor between 1 and `SLOWEST`, evenly in its
  logarithm. No code tells it, and slow decline is what early warning is for.
- **Every army three times**, under the same luck (`VARIANTS`): without its operational shock, with it, and with the shock alone,
  all other pressures staying calm. One that breaks with the shock and not without it breaks *by shock*.

An army is one test bed of 1,100 men, or several under the same draw and each with luck of its own: divisions of one army on one
front, whose exits are added up. Its outcomes are those of the sums.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from holdfast.calibration import history, posterior, simulations
from holdfast.calibration.levels import STEADY
from holdfast.calibration.simulations import Job, Part, SimulatedArmies
from holdfast.coded_armies import army, reader
from holdfast.core.runtime import SHORT_ROWS
from holdfast.engine import outcomes
from holdfast.parallel import Progress, Report, silent, tasks
from holdfast.parallel.pool import LocalExecutor
from holdfast.parallel.tasks import TaskFolder
from holdfast.stats import intervals

Floats = npt.NDArray[np.float64]

CALM_DAYS = 182
"""Days of calm before the pressures grow [d]."""
DAYS = 728
"""Length of a run: two years [d]."""
SLOWEST = 5.0
"""The pace is at most so many times slower than the posterior's own."""
OF_PACE = 505
"""Stream of the pace: the last word of its seed."""
PRESSED, BOTH, SHOCKED = "pressed", "pressed and shocked", "shocked"
VARIANTS = (PRESSED, BOTH, SHOCKED)
"""Each army's runs: its pressures without a shock, with one, and the shock alone."""
DAILY = ("present", "left", "lost", "broken", "settled", "active")
"""What is known of a day, in this order."""


@dataclasses.dataclass(frozen=True)
class Study:
    """Which armies are simulated."""

    draws: int
    """Draws of the posterior; every army of history has each."""
    divisions: int
    """Test beds that make one army."""
    seed: int = 1
    """Of draws, pace and luck."""
    days: int = DAYS
    """Length of the runs [d]."""

    @property
    def name(self) -> str:
        """A name for exactly these armies."""
        return (
            f"{self.draws}-draws-{self.divisions}-divisions-{self.days}-days-{len(VARIANTS)}-variants-seed-{self.seed}"
        )

    @property
    def men(self) -> int:
        """Men of an army on its first day."""
        return self.divisions * simulations.MEN


@dataclasses.dataclass(frozen=True)
class ArmySeries:
    """Armies day by day: all of the first of `VARIANTS`, then the same armies of the second, and of the third."""

    left: Floats
    """Exits by choice, `[army, day]` [men]; NaN once the war is over."""
    present: Floats
    """Men present, the same shape [men]."""
    unit_left: Floats
    """Exits of each unit, `[army, unit, day]` [men]: of each division, or of each brigade of a single one."""
    unit_present: Floats
    """Men of each unit, the same shape [men]."""
    broke: npt.NDArray[np.int64]
    """Day on which the army breaks (`outcomes.break_day`), -1 = never, `[army]`."""
    collapsed: npt.NDArray[np.int64]
    """Day of its collapse, -1 = never, `[army]`."""
    ended: npt.NDArray[np.int64]
    """Days of its war, `[army]`."""
    shock_day: npt.NDArray[np.int64]
    """Day on which its shock begins, or would, `[army]`."""

    def __len__(self) -> int:
        return len(self.broke)

    @property
    def army(self) -> npt.NDArray[np.int64]:
        """Number of the army, the same in all variants, `[army]`."""
        return np.tile(np.arange(len(self) // len(VARIANTS)), len(VARIANTS))

    def of_variant(self, variant: str) -> npt.NDArray[np.bool_]:
        """Which armies are of a variant.

        Args:
            variant: one of `VARIANTS`.

        Returns:
            Whether each is, `[army]`.
        """
        return np.repeat(np.arange(len(VARIANTS)) == VARIANTS.index(variant), len(self) // len(VARIANTS))

    @property
    def holds_unshocked(self) -> npt.NDArray[np.bool_]:
        """Whether the same army holds under the same luck without a shock, `[army]`."""
        return np.tile(self.broke[: len(self) // len(VARIANTS)] < 0, len(VARIANTS))


def armies(study: Study) -> SimulatedArmies:
    """The runs of a study.

    Args:
        study: which.

    Returns:
        The runs, variant by variant; in each draw by draw, army by army, division by division.
    """
    coded = army.independent(reader.whole_spans())
    of = posterior.shipped()
    draws, many = study.draws, len(coded)
    learnt = history.draws(draws, coded, seed=study.seed)
    # The same draws as those of the parameters that stand in `learnt`, with the numbers of the map from codes.
    rows = intervals.evenly_resampled(np.zeros(len(of.draws["none"])), draws, study.seed)
    inputs = simulations.values(of.paths, of.draws["none"][rows][:, : len(of.paths)])
    readings = of.readings_of(coded)  # [army reading 10]
    codes = readings[:, np.arange(draws) * 5 % readings.shape[1]].transpose(1, 0, 2)
    random = np.random.default_rng((study.seed, draws, OF_PACE))
    pace = np.repeat(SLOWEST ** random.random((draws, many)), study.divisions)
    job = Job(
        inputs=inputs, codes=codes, force_ratio=np.array([each.force_ratio or 1.0 for each in coded]),
        resolve=np.repeat(learnt.resolve[:, :, None], study.divisions, axis=2),
        luck=random.integers(0, 1 << 24, (draws, many)), seed=study.seed,
    )  # fmt: skip
    runs = simulations.simulated_armies(job)
    both = dataclasses.replace(runs, ramp=runs.ramp * pace, calm_days=np.full(len(runs), float(CALM_DAYS)))
    none = np.zeros(len(runs), np.float32)
    alone = {**both.calm, **{name: both.levels[name] for name in ("shock", *STEADY)}}
    return _in_a_row([
        dataclasses.replace(both, levels={**both.levels, "shock": none}), both, dataclasses.replace(both, levels=alone),
    ])  # fmt: skip


def _in_a_row(each: Sequence[SimulatedArmies]) -> SimulatedArmies:
    """The runs of several lists, one list after the other."""

    def row(name: str) -> Floats:
        return np.concatenate([getattr(one, name) for one in each])

    def table(name: str) -> dict[str, Floats]:
        return {key: np.concatenate([getattr(one, name)[key] for one in each]) for key in getattr(each[0], name)}

    return SimulatedArmies(
        parameters=table("parameters"), levels=table("levels"), calm=table("calm"), ramp=row("ramp"),
        shock_days=row("shock_days"), resolve=row("resolve"), resolve_sd=row("resolve_sd"), luck=row("luck").astype(np.int64),
        calm_days=row("calm_days"),
    )  # fmt: skip


def simulate(study: Study, folder: Path, *, workers: int | None = None, progress: Progress = silent) -> ArmySeries:
    """Simulate a study's armies, batch by batch; batches that are done stay in the folder.

    Args:
        study: which armies.
        folder: where batches are stored.
        workers: processes.
        progress: hears of the batches done.

    Returns:
        The armies day by day.
    """
    every = armies(study)
    size = simulations.BATCH // study.divisions * study.divisions or study.divisions
    jobs = {
        f"batch-{begin}": Part(every.rows(np.arange(begin, min(begin + size, len(every)))), study.seed, study.days)
        for begin in range(0, len(every), size)
    }
    stored = TaskFolder(folder / study.name)
    executor = LocalExecutor(min(workers, len(jobs)), flags=SHORT_ROWS) if workers else None
    what = f"armies of {study.men:,} men"
    done = tasks.each(_batch, jobs, stored, workers=workers, progress=progress, what=what, executor=executor)
    whole = {name: np.concatenate([each[name] for each in done.values()]) for name in (*DAILY, "units")}
    begins = np.ceil(every.calm_days + every.ramp).astype(int)[:: study.divisions]
    return _of_divisions(whole, study.divisions, begins)


def _batch(part: Part, report: Report) -> dict[str, npt.NDArray[np.generic]]:
    """Some runs day by day, `[run, day]` each, and `units`: exits and men of each brigade, `[run, 2, brigade, day]`."""
    many = len(part.armies)
    size = max(simulations.BATCH, many)
    days = simulations.batch(part.armies, 0, part.seed, part.days, size, brigades=True)
    days["lost"] = days["hit"] + days["captured"]
    units = np.stack([days["brigade_left"], days["brigade_present"]], axis=-1)  # [day run brigade 2]
    wide = {name: days[name].T[:many].astype(np.float32) for name in DAILY}
    return {**wide, "units": units.transpose(1, 3, 2, 0)[:many].astype(np.uint8)}


def _of_divisions(
    runs: dict[str, npt.NDArray[np.generic]], divisions: int, shock_day: npt.NDArray[np.int64]
) -> ArmySeries:
    """Armies of so many runs each."""
    each = {name: runs[name].astype(float).reshape(-1, divisions, runs[name].shape[1]) for name in DAILY}
    fought = each["active"] > 0
    total = {name: (each[name] * fought).sum(axis=1) for name in ("left", "lost")}
    present = each["present"].sum(axis=1)
    settled = (each["settled"] > 0).mean(axis=1) >= 0.5
    active = fought.mean(axis=1) >= 0.5
    wide = (
        values[..., None] for values in (total["left"], present, each["broken"].mean(axis=1), settled, total["lost"])
    )
    first = outcomes.first_days(*wide)
    over = ~active
    if divisions > 1:
        gone, there = np.where(fought, each["left"], 0.0), each["present"]
    else:
        gone, there = (runs["units"][:, place].astype(float) for place in (0, 1))
    blank = lambda values: np.where(over, np.nan, values)  # noqa: E731
    return ArmySeries(
        left=blank(total["left"]), present=blank(present),
        unit_left=np.where(over[:, None], np.nan, gone), unit_present=np.where(over[:, None], np.nan, there),
        broke=outcomes.break_day(first.mass_desertion, first.collapse)[:, 0].astype(int),
        collapsed=first.collapse[:, 0].astype(int), ended=active.sum(axis=1), shock_day=shock_day,
    )  # fmt: skip
