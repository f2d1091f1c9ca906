"""Simulated paths: exits, mass desertion, collapse and ground, by the engine run on from a day with a draw for each run.

Run `i` has draw `i` of the losses to come and draw `i` of the parameters. Its resolve is set so that at first as many men
desert as that draw of the evidence says; from then on the wish to leave drifts as the evidence has it of desertion, and the
engine does the rest: bonds, pursuit, fear, front.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float, Int

from holdfast.core.faults import ReportedError
from holdfast.core.units import MONTH_DAYS
from holdfast.engine.simulate import World
from holdfast.ensemble import levelling
from holdfast.forecasting.as_of import EvidenceAsOf
from holdfast.forecasting.projection import Projection
from holdfast.forecasting.walk import WALK
from holdfast.parallel import Report
from holdfast.scenario import build, loss_draws
from holdfast.scenario.schema import ScenarioDocument, Side, daily

BATCH = 50
"""Runs side by side; compiled once for all batches."""
BEFORE = 150
"""Days before the date that are simulated first, as things stood on it: the least willing have left by then [d]."""
RATE_DAYS = 60
"""Days before the date in which the rate of leaving is that of the evidence [d]."""
LEVELLING = levelling.PILOTS * BEFORE
"""Days that the pilots of one batch run [d]."""
TRIES = 3
"""Draws for each run wanted, at most."""
SMOOTH = 5
"""Months over which recruits are spread: they train, and units take them as they come."""
MOST_STOCK = 0.5
"""Men in hospital, absent or prisoners at the start, at most, of the men present, each [1]."""
TRAINED_DAYS = 14
"""Days' worth of recruits that are trained and wait at the start [d]."""
MOST_DRIVE = 2.0
"""Nats by which the drive may be off the front's law, at most."""
OF_DRIVE = 505
"""Stream of the drive: the last word of its seed."""
OUTCOMES = ("mass_desertion", "collapse", "settlement", "destroyed")
"""What is counted of a path: the army breaks, its state ends the war while it stands, or the enemy destroys it."""


@dataclasses.dataclass(frozen=True)
class SimulatedPaths:
    """The runs of a forecast, from its day on."""

    draws: Int[np.ndarray, run]  # the draw of the evidence that each run has
    exits: Float[np.ndarray, "run side month"]
    """Gross exits by choice per 1,000 men present and month; NaN once a collapse or a settlement has ended the war."""
    ground: Float[np.ndarray, "run month"]
    """Gained by the first side since the date, at each month's end, whatever has broken by then [km2]."""
    mass_desertion: Int[np.ndarray, "run side"]  # first day, counted from the date; -1 = never
    collapse: Int[np.ndarray, "run side"]  # first day, counted from the date; -1 = never
    settlement: Int[np.ndarray, "run side"]  # day on which its state ended the war while the army stood; -1 = never
    destroyed: Int[np.ndarray, "run side"]  # first day, counted from the date; -1 = never
    miss: Float[np.ndarray, "run side"]
    """How far the pilots left the first rate from the evidence's, in its logarithm [nats]."""
    put_aside: int
    """Draws put aside: an army breaks in the days before, in which it stood, or leaves far faster or slower than known."""


@dataclasses.dataclass(frozen=True)
class Batch:
    """Runs that are simulated side by side, and all that a process needs for them."""

    document: ScenarioDocument  # the scenario as of the day
    evidence: EvidenceAsOf  # the evidence as of the day
    projections: Mapping[str, Projection]  # the months to come, by side
    parameters: Sequence[Mapping[str, float]]
    """Of each row, from `first` on; more rows than runs, since some are put aside."""
    first: int  # number of the first row
    runs: int  # runs wanted; at most `BATCH`
    seed: int  # of the engine
    men_per_billet: int  # men that a simulated soldier stands for
    gain: float = math.nan  # ground that the first side gained of late; NaN = not known [km2/d]

    @property
    def days(self) -> int:
        """Days that are run at most, rough."""
        return TRIES * LEVELLING + BEFORE + self.document.days

    @property
    def draws(self) -> Int[np.ndarray, row]:
        """The draw of the evidence that each row has."""
        count = next(iter(self.evidence.sides.values())).draws
        return np.array([loss_draws.draw_of(self.first + row, count) for row in range(len(self.parameters))])


class ForecastError(ReportedError):
    """A forecast that cannot be made from what was known."""


def batches(whole: Batch) -> list[Batch]:
    """The runs in batches, each with rows of its own, so that numbers do not depend on which process has which.

    Args:
        whole: all runs wanted, with `TRIES` sets of parameters for each.

    Returns:
        The same in parts of at most `BATCH` runs.
    """
    parts = []
    for begin in range(0, whole.runs, BATCH):
        runs = min(BATCH, whole.runs - begin)
        rows = whole.parameters[begin * TRIES : (begin + runs) * TRIES]
        parts.append(dataclasses.replace(whole, parameters=rows, first=begin * TRIES, runs=runs))
    return parts


def simulate_batch(batch: Batch, report: Report) -> SimulatedPaths:
    """Run the scenario on from its day.

    The days before are simulated first, as things stood on it. Both armies had stood through them, leaving as fast as the
    evidence says; a draw for which no such level of resolve is found is put aside, and the next takes its place while
    there are any.

    Args:
        batch: the runs.
        report: hears of the days done.

    Returns:
        The runs, as many as are wanted or left.
    """
    size = min(BATCH, max(2, batch.runs))
    stood: list[_Ready] = []
    used = spent = 0
    while used < len(batch.parameters) and len(stood) < batch.runs:
        rows = np.minimum(np.arange(used, used + size), len(batch.parameters) - 1)
        ready = _levelled(batch, rows, levelling.after(report, spent))
        spent += LEVELLING
        real = min(size, len(batch.parameters) - used)
        stood += [each for each in ready[:real] if each.holds]
        used += real
    aside = used - len(stood)
    if len(stood) > batch.runs:
        stood = stood[: batch.runs]
        aside = stood[-1].row + 1 - batch.runs
    if not stood:
        never, months = np.zeros((0, 2), int), len(next(iter(batch.projections.values())).months)
        return SimulatedPaths(
            np.zeros(0, int), np.zeros((0, 2, months)), np.zeros((0, months)), miss=np.zeros((0, 2)), put_aside=aside,
            **dict.fromkeys(OUTCOMES, never),
        )  # fmt: skip
    full = [stood[min(number, len(stood) - 1)] for number in range(size)]  # of one size: compiled once
    outcomes = _months_ahead(batch, full, levelling.after(report, TRIES * LEVELLING))
    return SimulatedPaths(
        draws=batch.draws[[each.row for each in stood]], miss=np.stack([each.miss for each in stood]), put_aside=aside,
        **{name: values[: len(stood)] for name, values in outcomes.items()},
    )  # fmt: skip


def joined(parts: Sequence[SimulatedPaths], as_of: dt.date) -> SimulatedPaths:
    """All batches as one.

    Args:
        parts: in their order.
        as_of: day of the forecast.

    Returns:
        All runs.

    Raises:
        ForecastError: if no run is left.
    """
    aside = sum(part.put_aside for part in parts)
    if not sum(len(part.draws) for part in parts):
        raise ForecastError(
            f"In none of {aside} draws do both armies stand through the {BEFORE} days before {as_of}, leaving as fast as "
            "the evidence says, and both did. "
            "The parameters or the scenario do not fit these wars: try the shipped scenario, or more runs."
        )
    names = [field.name for field in dataclasses.fields(SimulatedPaths) if field.name != "put_aside"]
    return SimulatedPaths(
        put_aside=aside, **{name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    )


@dataclasses.dataclass(frozen=True)
class _Ready:
    """A world at its level of resolve."""

    world: World
    row: int
    shift: Float[np.ndarray, side]  # of resolve
    miss: Float[np.ndarray, side]  # by how much the rate of leaving is missed, in its logarithm
    drive: float
    """Log of the multiplier on the ground that the first side's attacks win, and of the divisor of the second's [nats]."""
    holds: bool
    """Whether both armies stand through the days before, leaving about as fast as the evidence says."""


def _levelled(batch: Batch, rows: np.ndarray, report: Report) -> list[_Ready]:
    """Worlds of some rows at the level of resolve at which men leave as fast as the evidence says."""
    draws, runs = batch.draws[rows], [batch.first + int(row) for row in rows]  # the luck is that of the run itself
    worlds = [_world(batch, int(draw), int(row)) for draw, row in zip(draws, rows, strict=True)]
    known = np.stack([np.exp(side.rate[draws]) * 1000 * MONTH_DAYS for side in batch.projections.values()], axis=1)
    levels = levelling.levels(
        [levelling.cut(world, BEFORE) for world in worlds],  # once for all pilots, each of which would cut them anew
        known, men=sum(side.men_at_start for side in batch.document.side) / 2, men_per_billet=batch.men_per_billet,
        days=BEFORE, rate_days=RATE_DAYS, seed=batch.seed, runs=runs, report=report,
    )  # fmt: skip
    drives = [drive_of(batch.gain, *lost) for lost in levels.ground_lost.tolist()]
    each = zip(worlds, rows.tolist(), levels.shift, levels.miss, drives, levels.stands.tolist(), strict=True)
    return [_Ready(*one) for one in each]


def _months_ahead(batch: Batch, ready: Sequence[_Ready], report: Report) -> dict[str, np.ndarray]:
    """The months to come of worlds that are ready."""
    rows, days = [each.row for each in ready], batch.document.days
    sides = batch.projections.values()
    drift = np.stack([_daily_drift(side, batch.draws[rows], days) for side in sides], axis=2)
    worlds = [
        levelling.with_drive(levelling.with_resolve(each.world, each.shift, path), _daily_drive(batch, each, days))
        for each, path in zip(ready, drift, strict=True)
    ]
    flows = levelling.simulated(worlds, batch.seed, [batch.first + row for row in rows], report)
    return _outcomes(flows, next(iter(sides)), batch.document)


def _world(batch: Batch, draw: int, row: int) -> World:
    """The scenario with one draw of the evidence written in, and parameters of its own."""
    document = batch.document
    sides = [side.model_copy(update=_values(batch, side, draw)) for side in document.side]
    parameters = dict(document.parameters) | dict(batch.parameters[row])
    first = document.start - dt.timedelta(days=BEFORE)
    # What had begun by the date is on in all of the days before: the date itself must change nothing.
    events = [event.model_copy(update={"start": min(event.start, first)}) for event in document.event]
    early = {"start": first, "days": document.days + BEFORE, "event": events}
    return build.world(
        document.model_copy(update={"side": sides, "parameters": parameters} | early), batch.men_per_billet
    )[0]


def _values(batch: Batch, side: Side, draw: int) -> dict[str, object]:
    """What one draw says of a side, as values of the schema.

    The army keeps the size that the scenario gives it: what the evidence says of men is put in by the man present.
    """
    known, ahead, document = batch.evidence.sides[side.name], batch.projections[side.name], batch.document
    flows = {name: ahead.flows[name][draw] for name in ("killed", "wounded", "recruited")}
    months = loss_draws.Months(ahead.months, ahead.days, flows, ahead.strength[draw])
    given = loss_draws.values(
        months, ("killed", "killed_share", "recruited"), document.start, document.days, men=side.men_at_start,
        recruits_over=SMOOTH,
    )  # fmt: skip
    scale = side.men_at_start / max(float(known.strength[draw, -1]), 1.0)
    past = {name: known.flows[name][draw] for name in ("killed", "wounded", "deserted", "captured")}
    stock = lambda men: round(min(float(men) * scale, MOST_STOCK * side.men_at_start))  # noqa: E731
    return dict(given) | {
        "losses": None, "quota_per_day": 0.0, "returned_share": float(known.returned[draw]),
        "hospital": stock(past["wounded"][-2:].sum()), "dead_before": round(float(past["killed"].sum())),
        "absent": stock(past["deserted"].sum() * (1 - known.came_back[draw])),
        "prisoners": stock(past["captured"].sum() * known.held[draw]),
        "trained": round(float(daily(given["contracts_per_day"], [document.start])[0]) * TRAINED_DAYS),
    }  # fmt: skip


def _daily_drift(ahead: Projection, draws: np.ndarray, days: int) -> Float[np.ndarray, "run day"]:
    """The drift of desertion day by day, 0 up to the date."""
    ends = np.cumsum(ahead.days)
    middles = BEFORE + np.concatenate([[0.0], ends - ahead.days / 2])
    return np.stack([np.interp(np.arange(BEFORE + days), middles, [0.0, *ahead.drift[draw]]) for draw in draws])


def drive_of(gain: float, lost: float, won: float) -> float:
    r"""How much more the first side's attacks win, and the second's less, than the front's law has it of late.

    The root of $\mathrm{won}\,x - \mathrm{lost}/x = \mathrm{gain}$, as a logarithm, within `MOST_DRIVE`.

    Args:
        gain: ground that the first side is known to have gained [km2/d]; NaN where it is not known.
        lost: ground that it lost in the pilots [km2/d].
        won: ground that the second lost in them [km2/d].

    Returns:
        The logarithm [nats].
    """
    if math.isnan(gain) or won <= 0:
        return 0.0
    ratio = (gain + math.sqrt(gain**2 + 4 * won * lost)) / (2 * won)
    return math.log(min(max(ratio, math.exp(-MOST_DRIVE)), math.exp(MOST_DRIVE)))


def _daily_drive(batch: Batch, ready: _Ready, days: int) -> Float[np.ndarray, "day side"]:
    """The drive of both sides day by day: its level up to the date, then a walk that fades."""
    random = np.random.default_rng((batch.seed, batch.first + ready.row, OF_DRIVE))
    months, at, path = int(np.ceil(days / MONTH_DAYS)) + 1, 0.0, [0.0]
    for step in random.normal(size=months):
        at = WALK["lasting"].value * at + WALK["drive_step"].value * step
        path.append(at)
    middles = BEFORE + MONTH_DAYS * np.arange(months + 1)
    moved = ready.drive + np.interp(np.arange(BEFORE + days), middles, path)
    return np.stack([moved, -moved], axis=1)


def _outcomes(flows: levelling.Flows, ahead: Projection, document: ScenarioDocument) -> dict[str, np.ndarray]:
    """Exits by month while there is a war, ground by month, and the first days of `OUTCOMES`."""
    broken, exits, ground = levelling.first_days_of(flows), [], []
    gained = flows["ground"] - flows["ground"][:, [BEFORE]]
    ends = [np.where(days < 0, np.inf, days).min(axis=1) for days in (broken.collapse, broken.settlement)]
    last = np.minimum(*ends)
    for first, length in zip(ahead.months, ahead.days, strict=True):
        begin = (first - document.start).days + BEFORE
        rows = slice(begin, begin + int(length))
        men = flows["present"][:, rows].sum(axis=1).astype(float)
        rate = levelling.exits(flows)[:, rows].sum(axis=1) / np.maximum(men, 1) * 1000 * MONTH_DAYS
        exits.append(np.where(begin + length / 2 > last[:, None], np.nan, rate))
        ground.append(gained[:, begin + int(length) - 1])
    since = {name: getattr(broken, name) for name in OUTCOMES}
    return {"exits": np.stack(exits, axis=2), "ground": np.stack(ground, axis=1)} | {
        name: np.where(days < 0, -1, np.maximum(days - BEFORE, 0)) for name, days in since.items()
    }
