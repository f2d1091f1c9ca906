"""Designs of experiments: many changes of one scenario, each run under the same draws and luck, and what came of each run. [IO]

A design says what its points change, which draws it has of all that is not known, and which point is run under which draw. Runs
go in blocks of one shape, so that one compiled program serves all of them; a block is a task whose result stays in a folder
when it is done, on this machine or wherever an executor carries it out. Run `(point, draw)` depends on its change, its draw and
the seed alone: not on its block, on the process or on the machine.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from holdfast.core import runtime
from holdfast.core.faults import Fault, ScenarioError
from holdfast.core.units import per_1000_month
from holdfast.engine.day.record import Forcing
from holdfast.engine.outcomes import first_days
from holdfast.engine.simulate import Apart, World, apart, simulate
from holdfast.ensemble.draw import Draw, written
from holdfast.ensemble.plan import Scenario
from holdfast.io import files
from holdfast.parallel import Progress, Report, pool, tasks
from holdfast.scenario import build, layout, loss_draws, schema
from holdfast.scenario.schema import Event, ScenarioDocument, Series, value_on

if TYPE_CHECKING:
    import xarray as xr

BATCH = 64
"""Runs of a block."""
BLOCK_BILLETS = 500_000
"""Billets of a block, at most: enough for the processor's vectors, few enough for its memory."""
FIRST_MONTH = 30
"""Days at the start over which the reproduction number is averaged [d]."""
ENDS = ("mass_desertion", "front_broken", "collapse", "settlement", "destroyed")
"""Outcomes whose first days are recorded, as `holdfast.engine.outcomes.FirstDays` has them."""


@dataclasses.dataclass(frozen=True)
class Ramp:
    """How a side's daily series leaves its own course for a level: by a share that grows evenly over some days and then stays.

    On the first day the series is as it was, so a counterfactual begins as the scenario does.
    """

    level: float
    """The level, in the series' own unit; of `killed` per 1,000 present and month."""
    days: int
    """Days until the share is reached [d]."""
    share: float = 1.0
    """How far the series goes to the level: 0 = not at all, 1 = all the way [1]."""
    pulse: int | None = None
    """Days for which the level then lasts, after which there is nothing; none = to the end [d]."""

    def of(self, course: np.ndarray) -> np.ndarray:
        """The new course of a series.

        Args:
            course: its own values, `[day]`.

        Returns:
            Its values with the ramp, `[day]`.
        """
        day = np.arange(len(course))
        grown = self.share * np.clip(day / max(self.days, 1), 0, 1)
        there = (day >= self.days) & (day < self.days + self.pulse) if self.pulse is not None else grown > 0
        return course * (1 - grown) + grown * self.level * there


@dataclasses.dataclass(frozen=True)
class Change:
    """What one point of a design changes in the scenario."""

    values: Mapping[str, Series] = dataclasses.field(default_factory=dict)
    """New values by their paths: numbers, or dated series of a side; paths as `Scenario.with_values` takes them."""
    ramps: Mapping[tuple[str, str], Ramp] = dataclasses.field(default_factory=dict)
    """By side and series, where a daily series of the side goes; series as in `RAMPED`."""
    effects: tuple[Event, ...] = ()
    """Effects that are switched on."""


UNCHANGED = Change()
"""The scenario as it stands."""


@dataclasses.dataclass(frozen=True)
class Design:
    """Everything that decides the numbers of a design, and how its runs are cut into blocks."""

    document: ScenarioDocument
    """The scenario that is changed."""
    changes: tuple[Change, ...]
    """What each point changes."""
    draws: tuple[Draw, ...]
    """Draws of what is not known; each has the luck of its own number, the same in every point."""
    runs: tuple[tuple[int, int], ...]
    """Point and draw of each run, by their places in `changes` and `draws`."""
    seed: int
    """Seed of the luck."""
    men_per_billet: int
    """The grain [men]."""
    batch: int = BATCH
    """Runs of a block."""

    def identity(self) -> str:
        """What results that are used again must share with these.

        Returns:
            A hash of all that decides the numbers and in which block each run stands, with the version of this package.
        """
        decisive = {
            "document": self.document.model_dump(mode="json"), "seed": self.seed, "men_per_billet": self.men_per_billet,
            "batch": self.batch, "form": FORM, "version": runtime.version(), "posteriors": loss_draws.used(self.document),
            "changes": [_plain(change) for change in self.changes], "draws": [dict(draw) for draw in self.draws],
            "runs": self.runs,
        }  # fmt: skip
        return hashlib.sha256(files.canonical_json(decisive).encode()).hexdigest()

    def blocks(self) -> list[tuple[tuple[int, int], ...]]:
        """The runs of each block.

        Returns:
            Points and draws in the order of `runs`; the last block may be shorter.
        """
        return [self.runs[first : first + self.batch] for first in range(0, len(self.runs), self.batch)]


FAILURES = 2
"""Times that workers may end one after another with no block finished between, before the design is given up."""
FORM = 1
"""Version of what a block's file holds."""


def batch_size(document: ScenarioDocument, men_per_billet: int) -> int:
    """Runs of a block.

    Args:
        document: the scenario.
        men_per_billet: the grain [men].

    Returns:
        As many as fit, at most `BATCH`.
    """
    return max(2, min(BATCH, BLOCK_BILLETS // max(layout.billets(document, men_per_billet), 1)))


def grain(document: ScenarioDocument, billets: int) -> int:
    """The finest grain at which the men present on the first day fill no more billets than wanted.

    Args:
        document: the scenario.
        billets: filled billets of both armies, at most; posts that are vacant come on top.

    Returns:
        Men a billet; never finer than the scenario's own grain [men].
    """
    men = sum(side.men_at_start for side in document.side)
    return max(document.men_per_billet, -(-men // billets), 1)


# --- Checks at the door.


def checked(scenario: Scenario, changes: Sequence[Change], *, men_per_billet: int) -> ScenarioDocument:
    """The scenario of a design, once all its changes have passed the checks of a scenario.

    Of a path that many points change, its least and its greatest values are tried and those that are no numbers.

    Args:
        scenario: what is changed.
        changes: the points' changes.
        men_per_billet: the grain [men].

    Returns:
        The document, with every effect of the design in it, at strength 0 where a point does not switch it on: all points
        then share one program.

    Raises:
        ScenarioError: with every fault of the changes; also where a path cannot differ between runs that go together.
    """
    faults: list[Fault] = []
    for path, values in _tried(changes).items():
        for value in values:
            try:
                scenario.with_values({path: _raw(value)})
            except ScenarioError as error:
                faults += error.faults
    if faults:
        raise ScenarioError(list(dict.fromkeys(faults)), "The design")
    names = {event.effect for change in changes for event in change.effects}
    document = layout.with_silent_effects(scenario.document, names)
    _refuse_what_all_share(document, changes, men_per_billet)
    return document


def _tried(changes: Sequence[Change]) -> dict[str, list[Series]]:
    """By path, the values that are checked."""
    every: dict[str, list[Series]] = {}
    for change in changes:
        for path, value in change.values.items():
            every.setdefault(path, []).append(value)
    tried: dict[str, list[Series]] = {}
    for path, values in every.items():
        numbers = [value for value in values if isinstance(value, int | float)]
        dated = [value for value in values if not isinstance(value, int | float)]
        distinct = {files.canonical_json(_raw(value)): value for value in dated}
        tried[path] = [*({min(numbers), max(numbers)} if numbers else ()), *distinct.values()]
    return tried


def _refuse_what_all_share(document: ScenarioDocument, changes: Sequence[Change], men_per_billet: int) -> None:
    """Refuse by name the paths that decide what runs that go together share: how many men stand where, and on which ground."""
    plain = build.world(_nominal(document), men_per_billet)[0]
    where = spots(document, changes)
    faults = []
    for path, values in _tried(changes).items():
        if where[path].is_parameter or where[path].is_series:
            continue
        for value in values:
            other = build.world(_nominal(changed(document, Change({path: value}), where)), men_per_billet)[0]
            same = [*map(np.shape, jax.tree.leaves(other))] == [*map(np.shape, jax.tree.leaves(plain))]
            try:
                if same:
                    apart([plain, other])
            except ValueError:
                same = False
            if not same:
                allowed = (
                    "a path that may differ between runs side by side: parameters, levels and daily series of a side"
                )
                cure = "Leave it out of the design; compare such a change by holdfast compare"
                faults.append(Fault(path, "varied", allowed, cure))
                break
    if faults:
        raise ScenarioError(faults, "The design")


def _nominal(document: ScenarioDocument) -> ScenarioDocument:
    """The scenario with a draw that stands for all, where only its shape matters."""
    return written(document, {"number": 0, "losses": 0, "parameters": {}, "resolve": [2.0, 2.0], "killed": [1.0, 1.0]})


# --- Writing a change into a scenario.


@dataclasses.dataclass(frozen=True)
class Spot:
    """Where a path of a change leads."""

    loc: schema.Loc
    """Keys and indices from the root of the document."""
    is_parameter: bool
    """Whether it is a declared parameter's override."""

    @property
    def is_series(self) -> bool:
        """Whether it is a series of a side or of its regime, which every run may have for itself."""
        return not self.is_parameter and self.loc[:1] == ("side",) and self.loc[-1] in COURSES


COURSES = (*build.SAME, "intensity", "drive", "quota_per_day", "contracts_per_day", "elite_level", "vitality")
"""The series of a side, or of its regime."""


def spots(document: ScenarioDocument, changes: Sequence[Change]) -> dict[str, Spot]:
    """Where the paths of changes lead.

    Args:
        document: the scenario.
        changes: what is changed in it.

    Returns:
        A spot for each path.
    """
    declared, raw = build.declared(document), document.model_dump()
    paths = dict.fromkeys(path for change in changes for path in change.values)
    return {
        path: Spot(("parameters", path), True) if path in declared else Spot(schema.find(raw, path), False)
        for path in paths
    }


def _with(here: object, loc: schema.Loc, value: object) -> object:
    """A record, list or table with another value at a spot; the rest is shared."""
    if not loc:
        return value
    step, rest = loc[0], loc[1:]
    if isinstance(here, list) and isinstance(step, int):
        return [*here[:step], _with(here[step], rest, value), *here[step + 1 :]]
    if isinstance(here, dict):
        return {**here, step: _with(here.get(step), rest, value)}
    assert isinstance(here, schema.Strict)
    assert isinstance(step, str)
    return here.model_copy(update={step: _with(getattr(here, step), rest, value)})


def changed(document: ScenarioDocument, change: Change, where: Mapping[str, Spot]) -> ScenarioDocument:
    """A scenario with a change written in.

    Args:
        document: a scenario that passed its checks with the change.
        change: what is changed.
        where: the spots of its paths.

    Returns:
        The changed scenario, without the ramps: they are laid on the forcing (`ramped`).
    """
    for path, value in change.values.items():
        new = _with(document, where[path].loc, value)
        assert isinstance(new, ScenarioDocument)
        document = new
    return document.model_copy(update={"event": [*document.event, *change.effects]})


RAMPED = {
    **{name: name for name in build.SAME}, "elite_level": "elite_level", "vitality": "vitality",
    "quota_per_day": "quota", "contracts_per_day": "contracts", "killed": "hazard",
}  # fmt: skip
"""Series that can have a ramp, each with the rate of the engine that carries it; `killed` is the side's rate of killed."""


def ramped(forcing: Forcing, document: ScenarioDocument, ramps: Mapping[tuple[str, str], Ramp]) -> Forcing:
    """A forcing with ramps laid on it.

    Args:
        forcing: that of the scenario.
        document: the scenario, with its draw written in.
        ramps: by side and series.

    Returns:
        The new forcing.
    """
    names = [side.name for side in document.side]
    new: dict[str, Any] = {}
    for (side, series), ramp in ramps.items():
        field, place = RAMPED[series], names.index(side)
        values = new.setdefault(field, np.array(getattr(forcing.rates, field)))
        if series != "killed":
            values[:, place] = ramp.of(values[:, place])
        else:  # whoever lays a ramp on losses has checked that there is a rate
            rate = document.side[place].killed_per_1000_month
            assert rate
            values[:, place] = np.log(np.maximum(ramp.of(np.exp(values[:, place]) * rate) / rate, 1e-6))
    return dataclasses.replace(forcing, rates=dataclasses.replace(forcing.rates, **new))


def _raw(value: Series) -> object:
    """A value as a file has it."""
    if isinstance(value, int | float):
        return value
    return [{"date": point.date, "value": point.value} for point in value]


def _plain(change: Change) -> dict[str, object]:
    """A change as JSON has it."""
    return {
        "values": {path: _raw(value) for path, value in change.values.items()},
        "ramps": {f"{side}.{series}": dataclasses.asdict(ramp) for (side, series), ramp in change.ramps.items()},
        "effects": [event.model_dump(mode="json") for event in change.effects],
    }


# --- Running.


def carry_out(
    design: Design, folder: Path | None = None, *, workers: int | None = None, executor: pool.Executor | None = None,
    progress: Progress | None = None, what: str = "running",
) -> xr.Dataset:  # fmt: skip
    """Run what is left of a design.

    Args:
        design: the design.
        folder: where finished blocks stay, so that a stopped design goes on; a temporary one unless given.
        workers: processes, one for each core unless given; the numbers do not depend on it.
        executor: where the blocks are done; on this machine unless given.
        progress: hears of the blocks done.
        what: what progress calls the work.

    Returns:
        By `run` and `side`: `day_mass_desertion`, `day_front_broken`, `day_collapse`, `day_settlement`, `day_destroyed` (first
        days, -1 = never), `exits` (gross, by choice, per 1,000 present and month while the war was fought), `reproduction`
        (mean over the first 30 days) and `reproduction_peak` (highest 30-day mean); `point` and `draw` by run.

    Raises:
        WorkerError: if workers end again and again with nothing finished between; finished blocks stay in the folder.
    """
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="holdfast-") as temporary:
            return carry_out(design, Path(temporary), workers=workers, executor=executor, progress=progress, what=what)
    where = spots(design.document, design.changes)
    level = _level(design, where)
    jobs = {
        f"block-{number:06d}": Block(
            document=design.document, changes=tuple(design.changes[point] for point, _ in rows),
            draws=tuple(design.draws[k] for _, k in rows), where=where, seed=design.seed,
            men_per_billet=design.men_per_billet, batch=design.batch, level=level,
        )
        for number, rows in enumerate(design.blocks())
    }  # fmt: skip
    home = tasks.TaskFolder(folder / f"design-{design.identity()[:16]}")
    given = {"workers": workers, "progress": progress, "what": what, "executor": executor}
    failures, before = 0, -1
    while True:
        try:
            return _labelled(design, list(tasks.each(carry_out_block, jobs, home, **given).values()))  # type: ignore[arg-type]
        except pool.WorkerError:  # a worker that was killed takes no more with it than its block
            done = sum(home.done(name) for name in jobs)
            failures = failures + 1 if done == before else 0
            before = done
            if failures == FAILURES:
                raise


def _level(design: Design, where: Mapping[str, Spot]) -> int:
    """What runs are held apart by: one program for all blocks of a design."""
    parameters = all(spot.is_parameter for spot in where.values())
    courses = not parameters or any(change.ramps or change.effects for change in design.changes)
    return int(Apart.COURSE if courses else Apart.MORE)


@dataclasses.dataclass(frozen=True)
class Block:
    """Runs that go together, and all that a process needs for them."""

    document: ScenarioDocument
    """The scenario that is changed."""
    changes: tuple[Change, ...]
    """The change of each run."""
    draws: tuple[Draw, ...]
    """The draw of each run."""
    where: Mapping[str, Spot]
    """Where the paths of the changes lead."""
    seed: int
    """Seed of the luck."""
    men_per_billet: int
    """The grain [men]."""
    batch: int
    """Runs that are carried out: the last one again where there are fewer."""
    level: int
    """What the runs are held apart by at least, see `Apart`."""


def carry_out_block(block: Block, report: Report) -> dict[str, np.ndarray]:
    """Carry out the runs of a block.

    Args:
        block: the runs.
        report: hears of nothing: a block takes seconds.

    Returns:
        What came of each run, as `carry_out` says, `[run side]` each.
    """
    rows = [min(row, len(block.draws) - 1) for row in range(block.batch)]
    worlds = _worlds(block)
    flows: list[Mapping[str, np.ndarray]] = []
    luck = [block.draws[row]["number"] for row in rows]
    for _, part, _, _ in simulate([worlds[row] for row in rows], block.seed, luck, least=Apart(block.level)):
        flows.append({name: np.asarray(part.side[name]) for name in SERIES})
    days = {
        name: np.swapaxes(np.concatenate([each[name] for each in flows]), 0, 1)[: len(block.draws)] for name in SERIES
    }
    return outcomes(days)


SERIES = (
    "present", "deserted", "surrendered", "broken_share", "settled", "killed", "wounded", "captured", "active",
    "reproduction_mean",
)  # fmt: skip
"""The sides' daily variables that outcomes are worked out of."""


def outcomes(days: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What came of runs, from their days.

    Args:
        days: the variables of `SERIES`, `[run day side]` each.

    Returns:
        As `carry_out` says, `[run side]` each.
    """
    left = days["deserted"] + days["surrendered"]
    lost = np.asarray(days["killed"] + days["wounded"] + days["captured"], float)
    ends = first_days(left, days["present"], days["broken_share"], days["settled"], lost)
    fought = days["active"] > 0
    men_days = np.maximum((days["present"] * fought).sum(axis=1), 1)
    month = np.cumsum(np.insert(np.asarray(days["reproduction_mean"], float), 0, 0, axis=1), axis=1)
    window = min(FIRST_MONTH, left.shape[1])
    means = (month[:, window:] - month[:, :-window]) / window
    return {f"day_{name}": getattr(ends, name) for name in ENDS} | {
        "exits": per_1000_month((left * fought).sum(axis=1), men_days).astype(np.float32),
        "reproduction": means[:, 0].astype(np.float32),
        "reproduction_peak": means.max(axis=1).astype(np.float32),
    }


def _worlds(block: Block) -> list[World]:
    """The world of each run. What a change leaves as it is on the first day has the first morning of the unchanged world."""
    text = block.document.model_dump_json()
    worlds = []
    for change, draw in zip(block.changes, block.draws, strict=True):
        document, base = _unchanged(text, files.canonical_json(dict(draw)), block.men_per_billet)
        if change.values or change.effects:
            new = changed(document, change, block.where)
            if _begins_alike(document, change, block.where):
                base = dataclasses.replace(base, forcing=build.forcing(new))
            else:
                base = build.world(new, block.men_per_billet)[0]
            document = new
        if change.ramps:
            base = dataclasses.replace(base, forcing=ramped(base.forcing, document, change.ramps))
        worlds.append(base)
    return worlds


@functools.lru_cache(maxsize=2 * BATCH)
def _unchanged(document: str, draw: str, men_per_billet: int) -> tuple[ScenarioDocument, World]:
    """The unchanged scenario with a draw written in, and its world: many blocks of a process have the same draws."""
    own = written(ScenarioDocument.model_validate_json(document), json.loads(draw))
    return own, build.world(own, men_per_billet)[0]


def _begins_alike(before: ScenarioDocument, change: Change, where: Mapping[str, Spot]) -> bool:
    """Whether a change moves nothing on the first day: then the first morning is the same."""
    if any(event.start <= before.start and event.strength for event in change.effects):
        return False
    for path, value in change.values.items():
        spot = where[path]
        if not spot.is_series or value_on(value, before.start) != value_on(_at(before, spot.loc), before.start):
            return False
    return True


def _at(document: ScenarioDocument, loc: schema.Loc) -> Series:
    """The series at a spot."""
    here: object = document
    for step in loc:
        here = here[step] if isinstance(step, int) else getattr(here, step)  # type: ignore[index]
    return here  # type: ignore[return-value]


def _labelled(design: Design, parts: Sequence[Mapping[str, np.ndarray]]) -> xr.Dataset:
    """The results of all blocks as one dataset."""
    import xarray as xr

    whole = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return xr.Dataset(
        {name: (("run", "side"), values) for name, values in whole.items()},
        coords={
            "point": ("run", np.array([point for point, _ in design.runs])),
            "draw": ("run", np.array([draw for _, draw in design.runs])),
            "side": [side.name for side in design.document.side],
        },
        attrs={"days": design.document.days, "seed": design.seed, "men_per_billet": design.men_per_billet},
    )
