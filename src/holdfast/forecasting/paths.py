"""Exits, mass desertion and collapse foretold: the engine run on from a day, each run with a draw of its own.

Run `i` has draw `i` of the losses to come and draw `i` of the parameters. How willing its men are is set so that at first as
many desert as that draw of the evidence says; from then on the willingness drifts as the evidence believes that desertion
does, and the engine does the rest: bonds, pursuit, fear, front.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int

from holdfast.engine import outcomes
from holdfast.engine.simulate import World, simulate
from holdfast.forecasting.as_of import Known, SideKnown
from holdfast.forecasting.projection import MONTH, Ahead
from holdfast.scenario import build
from holdfast.scenario.loss_draws import draw_of
from holdfast.scenario.schema import Point, ScenarioDocument, Side

BATCH = 50
"""Runs side by side; compiled once for all batches."""
BEFORE = 150
"""Days before the date that are fought first, as things stood on it: an army in which the least willing have left [d]."""
RATE_DAYS = 60
"""Days before the date in which the rate of leaving is that of the evidence [d]."""
PILOTS = 5
"""Runs of the days before in which the level of resolve is found."""
LEVELLING = PILOTS * BEFORE
"""Days that are run before the first one that counts [d]."""
TRIES = 3
"""Draws for each run wanted, at most."""
MOST_SHIFT, MOST_STEP = 8.0, 2.0
"""Nats by which the resolve may be moved, in all and from one pilot to the next."""
MOST_MISS = 0.7
"""Nats by which either army's rate of leaving may miss what the evidence says of it: half or twice as many."""
GROUND = 6.0
"""Nats added to the resolve and, as weariness, taken off again, so that weariness may lie on either side of none."""
SMOOTH = 5
"""Months over which recruits are spread: they train, and units take them as they come."""


@dataclasses.dataclass(frozen=True)
class Fought:
    """What the engine makes of it."""

    draws: Int[np.ndarray, run]
    """The draw of each run."""
    exits: Float[np.ndarray, "run side month"]
    """Gross exits by choice per 1,000 men present and month; NaN once a collapse has ended the war."""
    ground: Float[np.ndarray, "run month"]
    """Gained by the first side since the date, at each month's end, whatever has broken by then [km2]."""
    mass_desertion: Int[np.ndarray, "run side"]
    """First day from the date on; -1 = never."""
    collapse: Int[np.ndarray, "run side"]
    out: Float[np.ndarray, "run side"]
    """How far the pilots left the first weeks' rate from the evidence's, in its logarithm."""
    aside: int
    """Draws put aside: an army breaks in the months before, in which it stood, or leaves far faster or slower than known."""


@dataclasses.dataclass(frozen=True)
class Task:
    """A batch of runs: all that a process needs to fight it."""

    scenario: ScenarioDocument
    known: Known
    ahead: Mapping[str, Ahead]
    parameters: Sequence[Mapping[str, float]]
    """Of each row, from `first` on; more rows than runs, since some are put aside."""
    first: int
    runs: int
    """Runs wanted; at most `BATCH`."""
    seed: int
    grain: int

    @property
    def days(self) -> int:
        """Days that are run at most, rough."""
        return TRIES * LEVELLING + BEFORE + self.scenario.days


def tasks(
    scenario: ScenarioDocument, known: Known, ahead: Mapping[str, Ahead], parameters: Sequence[Mapping[str, float]],
    runs: int, seed: int, grain: int,
) -> list[Task]:  # fmt: skip
    """The runs in batches, each with rows of its own, so that numbers do not depend on who fights which."""
    made = []
    for begin in range(0, runs, BATCH):
        wanted = min(BATCH, runs - begin)
        rows = parameters[begin * TRIES : (begin + wanted) * TRIES]
        made.append(Task(scenario, known, ahead, rows, begin * TRIES, wanted, seed, grain))
    return made


def fight(task: Task, told: Callable[[int], None]) -> Fought:
    """Run the held case on.

    The days before the date are fought first, as things stood on it. Both armies had stood through them, leaving as fast
    as the evidence says; a draw for which no such level of resolve is found is put aside, and the next takes its place
    while there are any.
    """
    draws = np.array([
        draw_of(task.first + row, next(iter(task.known.sides.values())).draws) for row in range(len(task.parameters))
    ])  # fmt: skip
    size = min(BATCH, max(2, task.runs))
    stood: list[_Ready] = []
    used = spent = 0
    while used < len(draws) and len(stood) < task.runs:
        rows = np.minimum(np.arange(used, used + size), len(draws) - 1)
        worlds = [_world(task, int(draws[row]), int(row)) for row in rows]
        later = functools.partial(_later, told, spent)
        shift, out, holds = _levelled(task, worlds, draws[rows], rows, later)
        spent += LEVELLING
        real = min(size, len(draws) - used)
        holds = holds & (abs(out) <= MOST_MISS).all(axis=1)
        stood += [_Ready(worlds[n], int(rows[n]), shift[n], out[n]) for n in range(real) if holds[n]]
        used += real
    aside = used - len(stood)
    if len(stood) > task.runs:
        stood = stood[: task.runs]
        aside = stood[-1].row + 1 - task.runs
    if not stood:
        never = np.zeros((0, 2), int)
        months = len(next(iter(task.ahead.values())).months)
        nothing = np.zeros((0, 2, months))
        return Fought(np.zeros(0, int), nothing, nothing[:, 0], never, never, np.zeros((0, 2)), aside)
    batch = [stood[min(n, len(stood) - 1)] for n in range(size)]
    spent = TRIES * LEVELLING
    made = _fought(task, batch, draws, functools.partial(_later, told, spent))
    kept = {name: values[: len(stood)] for name, values in made.items()}
    return Fought(
        np.array([draws[one.row] for one in stood]), kept["exits"], kept["ground"], kept["mass_desertion"],
        kept["collapse"], np.stack([one.out for one in stood]), aside,
    )  # fmt: skip


def _later(told: Callable[[int], None], before: int, days: int) -> None:
    """Tell of days done after others."""
    told(before + days)


def joined(parts: Sequence[Fought], as_of: dt.date) -> Fought:
    """All batches as one; `ForecastError` where no run is left."""
    aside = sum(one.aside for one in parts)
    if not sum(len(one.draws) for one in parts):
        raise ForecastError(
            f"In none of {aside} draws do both armies stand through the {BEFORE} days before {as_of}, leaving as fast as "
            "the evidence says, and both did. "
            "The parameters or the case do not fit these wars: try the shipped case, or more runs."
        )
    whole = {
        field.name: np.concatenate([getattr(one, field.name) for one in parts])
        for field in dataclasses.fields(Fought) if field.name != "aside"
    }  # fmt: skip
    return Fought(**whole, aside=aside)


class ForecastError(RuntimeError):
    """A forecast that cannot be made from what was known."""


@dataclasses.dataclass(frozen=True)
class _Ready:
    """A world whose men are as willing as the evidence says, and that stood through the months before."""

    world: World
    row: int
    shift: np.ndarray
    out: np.ndarray


def _levelled(
    task: Task, worlds: list[World], draws: np.ndarray, rows: np.ndarray, told: Callable[[int], None]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """Shifts of resolve, by how much they miss the rate wanted, and which runs stand through the months before."""
    target = np.stack([np.exp(one.rate[draws]) * 1000 * MONTH for one in task.ahead.values()], axis=1)
    runs = [task.first + int(row) for row in rows]  # the luck of these days is that of the run itself
    least = task.grain / 2

    def rate(shift: np.ndarray, pilot: int) -> tuple[np.ndarray, np.ndarray]:
        pilots = [_wearied(_days(one, BEFORE), move, None) for one, move in zip(worlds, shift, strict=True)]
        flows = _run(pilots, task.seed, runs, lambda days: told(pilot * BEFORE + days))
        gone, men = (values[:, -RATE_DAYS:].sum(axis=1) for values in (_left(flows), flows["present"]))
        past = _broke(flows)
        holds = (past["mass_desertion"] < 0) & (past["collapse"] < 0)
        over = (past["collapse"] >= 0).any(axis=1, keepdims=True)  # no war, no deserters: a rate that says nothing
        found = np.log((gone + least) / np.maximum(men, 1) * 1000 * MONTH)
        return np.where(holds | ~over, found, np.log(target) + MOST_STEP), holds

    men_months = sum(side.men_at_start for side in task.scenario.side) / 2 * RATE_DAYS / MONTH
    shift, out, holds = level(rate, np.log(target + least / men_months * 1000))
    return shift, out, np.asarray(holds.all(axis=1))


def _fought(
    task: Task, batch: Sequence[_Ready], draws: np.ndarray, told: Callable[[int], None]
) -> dict[str, np.ndarray]:
    """The months to come of a batch."""
    rows = [one.row for one in batch]
    days = task.scenario.days
    weary = np.stack([_daily(one, draws[rows], days) for one in task.ahead.values()], axis=2)
    final = [_wearied(one.world, one.shift, drift) for one, drift in zip(batch, weary, strict=True)]
    flows = _run(final, task.seed, [task.first + row for row in rows], told)
    return _outcomes(flows, next(iter(task.ahead.values())), task.scenario)


def level(
    rate: Callable[[np.ndarray, int], tuple[np.ndarray, np.ndarray]], wanted: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The shift of resolve at which the log rate of leaving is that wanted, by how much it is missed, and who holds.

    At low rates leaving goes as exp(-resolve), so a shift by the difference does; near the edge of a rout it goes much
    faster, and the middle between a shift too low and one too high is taken. Of a run one pilot is kept, both sides of
    it: they fight each other, so the level of one tells nothing beside another level of the other.
    """
    shift = np.zeros_like(wanted)
    low, high = np.full_like(wanted, -MOST_SHIFT), np.full_like(wanted, MOST_SHIFT)
    best, out, held = shift, np.full_like(wanted, np.inf), np.zeros(wanted.shape, bool)
    worst = np.full((len(wanted), 1), np.inf)
    for pilot in range(PILOTS):
        found, holds = rate(shift, pilot)
        found = found - wanted
        miss = np.where(holds.all(axis=1), 0.0, 100.0)[:, None] + abs(found).max(axis=1, keepdims=True)
        nearer = miss < worst
        worst = np.where(nearer, miss, worst)
        best, out = np.where(nearer, shift, best), np.where(nearer, found, out)
        held = np.where(nearer, holds, held).astype(bool)
        low, high = np.where(found > 0, shift, low), np.where(found < 0, shift, high)
        step = shift + np.clip(found, -MOST_STEP, MOST_STEP)
        shift = np.where((step > low) & (step < high), step, (low + high) / 2)
    return best, out, np.asarray(held)


def _world(task: Task, draw: int, row: int) -> World:
    """The held case with one draw of the evidence written in, and parameters of its own."""
    case = task.scenario
    sides = [
        one.model_copy(update=values(one, task.known.sides[one.name], task.ahead[one.name], draw, case.start))
        for one in case.side
    ]
    own = dict(case.parameters) | dict(task.parameters[row])
    first = case.start - dt.timedelta(days=BEFORE)
    # What had begun by the date is on in all of the days before: the date itself must change nothing.
    events = [event.model_copy(update={"start": min(event.start, first)}) for event in case.event]
    early = {"start": first, "days": case.days + BEFORE, "event": events}
    return build.world(case.model_copy(update={"side": sides, "parameters": own} | early), task.grain)[0]


def values(side: Side, known: SideKnown, ahead: Ahead, draw: int, start: dt.date) -> dict[str, Any]:
    """What one draw says of a side, as values of the schema.

    The army keeps the size that the case gives it: what the evidence says of men is put in by the man present.
    """
    men = np.maximum((ahead.strength[draw, :-1] + ahead.strength[draw, 1:]) / 2, 1.0)
    flow = lambda name: ahead.flows[name][draw]  # noqa: E731
    past = lambda name: known.flows[name][draw]  # noqa: E731
    scale = side.men_at_start / max(float(known.strength[draw, -1]), 1.0)
    rate = flow("killed") / ahead.days / men * 1000 * MONTH
    joining, half = flow("recruited") / ahead.days / men, SMOOTH // 2
    recruits = np.array([joining[max(n - half, 0) : n + half + 1].mean() for n in range(len(men))])
    recruits = np.minimum(recruits * side.men_at_start, 0.01 * side.men_at_start)
    killed, wounded = float(flow("killed").sum()), float(flow("wounded").sum())
    base = max(float(rate[0]), 1e-3)
    stock = lambda value, most: round(min(float(value) * scale, most * side.men_at_start))  # noqa: E731
    return {
        "losses": None, "killed_per_1000_month": base, "intensity": _steps(rate / base, ahead, start),
        "killed_share": float(np.clip(killed / max(killed + wounded, 1e-9), 0.02, 0.9)),
        "returned_share": float(np.clip(known.returned[draw], 0.02, 0.98)),
        "contracts_per_day": _steps(recruits, ahead, start), "quota_per_day": 0.0,
        "hospital": stock(past("wounded")[-2:].sum(), 0.5), "dead_before": round(float(past("killed").sum())),
        "absent": stock(past("deserted").sum() * (1 - known.came_back[draw]), 0.5),
        "prisoners": stock(past("captured").sum() * known.held[draw], 0.5),
        "trained": round(float(recruits[0]) * 14),
    }  # fmt: skip


def _steps(monthly: np.ndarray, ahead: Ahead, start: dt.date) -> list[Point]:
    """Months' values as a dated series that holds on all days of each."""
    points = [Point(date=start - dt.timedelta(days=BEFORE), value=float(monthly[0]))]
    for first, days, value in zip(ahead.months, ahead.days, monthly, strict=True):
        last = first + dt.timedelta(days=int(days) - 1)
        points += [Point(date=day, value=float(value)) for day in sorted({first, last})]
    return [
        one for one, after in zip(points, [*points[1:], None], strict=True) if after is None or one.date < after.date
    ]


def _daily(ahead: Ahead, draws: np.ndarray, days: int) -> np.ndarray:
    """The drift of desertion day by day, 0 up to the date; `[run day]`."""
    ends = np.cumsum(ahead.days)
    middles = BEFORE + np.concatenate([[0.0], ends - ahead.days / 2])
    return np.stack([np.interp(np.arange(BEFORE + days), middles, [0.0, *ahead.drift[draw]]) for draw in draws])


def _days(world: World, days: int) -> World:
    """Only a world's first days; the last day is told again where there are fewer."""
    import jax

    rows = np.minimum(np.arange(days), len(world.forcing.day) - 1)
    return dataclasses.replace(world, forcing=jax.tree.map(lambda leaf: leaf[rows], world.forcing))


def _wearied(world: World, shift: np.ndarray, drift: np.ndarray | None) -> World:
    """The world with its sides' resolve moved, and with a weariness that drifts, `[day side]`."""
    move = jnp.asarray(shift + GROUND, jnp.float32)
    resolve = world.state.army.resolve + move[world.setting.side]
    army = dataclasses.replace(world.state.army, resolve=resolve)
    setting = dataclasses.replace(world.setting, resolve_mean=world.setting.resolve_mean + move)
    rates = world.forcing.rates
    weary = np.full(rates.cold.shape, GROUND) if drift is None else np.maximum(GROUND + drift, 0.0)
    rates = dataclasses.replace(rates, cold=rates.cold + jnp.asarray(weary, jnp.float32))
    return World(
        world.params, setting, dataclasses.replace(world.state, army=army),
        dataclasses.replace(world.forcing, rates=rates),
    )  # fmt: skip


KEPT = ("present", "deserted", "surrendered", "broken_share")


def _run(worlds: list[World], seed: int, runs: Sequence[int], told: Callable[[int], None]) -> dict[str, np.ndarray]:
    """The sides' flows day by day, `[run day side]`, and the mean advance of the first, `[run day]` [km]."""
    parts: list[dict[str, np.ndarray]] = []
    for done, flows, _, _ in simulate(worlds, seed, runs):
        line = {"line": np.asarray(flows.sector["line_km"]).mean(axis=2)}
        parts.append({name: np.asarray(flows.side[name]) for name in KEPT} | line)
        told(done)
    return {name: np.swapaxes(np.concatenate([one[name] for one in parts]), 0, 1) for name in parts[0]}


def _left(flows: Mapping[str, np.ndarray]) -> np.ndarray:
    """Gross exits by choice, `[run day side]`: what the evidence calls deserted, whichever way a man went."""
    return flows["deserted"] + flows["surrendered"]


def _outcomes(flows: Mapping[str, np.ndarray], ahead: Ahead, scenario: ScenarioDocument) -> dict[str, np.ndarray]:
    """Exits by month while there is a war, ground by month, and the first days of mass desertion and collapse."""
    broke, exits, ground = _broke(flows), [], []
    line, start = (flows["line"] - flows["line"][:, [BEFORE]]) * scenario.front.km, scenario.start
    ends = np.where(broke["collapse"] < 0, np.inf, broke["collapse"]).min(axis=1)
    for first, length in zip(ahead.months, ahead.days, strict=True):
        begin = (first - start).days + BEFORE
        rows = slice(begin, begin + int(length))
        men = flows["present"][:, rows].sum(axis=1).astype(float)
        rate = _left(flows)[:, rows].sum(axis=1) / np.maximum(men, 1) * 1000 * MONTH
        exits.append(np.where(begin + length / 2 > ends[:, None], np.nan, rate))
        ground.append(line[:, begin + int(length) - 1])
    return {"exits": np.stack(exits, axis=2), "ground": np.stack(ground, axis=1)} | {
        name: np.where(days < 0, -1, np.maximum(days - BEFORE, 0)) for name, days in broke.items()
    }


def _broke(flows: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """First days of mass desertion and collapse (`holdfast.engine.outcomes`), -1 = never; `[run side]`."""
    days = outcomes.first_days(_left(flows), flows["present"], flows["broken_share"])
    return {"mass_desertion": days.mass_desertion, "collapse": days.collapse}
