"""Draws of what is not known of a run: the engine's parameters, the level of each side's resolve, the rate of its losses. [IO]

Run `k` has draw `k` of all three together, whatever the number of runs, and luck of its own. The parameters are as history
taught them, without the wars of the armies that the scenario runs again. A side's resolve is never set with its outcome
known: it is the level at which as many men leave, as things stood on the first day, as are known to have left before it;
where no such count is known it is what the codes of the side's army of history tell; where it has none, what history says of
armies at large. A scenario may set it by hand.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from jaxtyping import Float

from holdfast.calibration import history
from holdfast.core.faults import Fault, ScenarioError, listed
from holdfast.core.units import Z90
from holdfast.ensemble import levelling
from holdfast.ensemble.draw import BATCH, EXITS, HAND, OF_EXITS, Draw, killed, source_of, written
from holdfast.parallel import Progress, Report, pool
from holdfast.scenario import build, layout
from holdfast.scenario.as_of import scenario_as_of
from holdfast.scenario.schema import ScenarioDocument

PILOT_DAYS = 60
"""Days of a pilot, all under what stood on the first day; the rate of leaving is that of all of them [d]."""
PILOT_BILLETS, LEAST_BILLETS = 12_000, 3000
"""Billets of a pilot, at most and, where the runs' own grain is coarser, at least. At 2.3 exits in 1,000 a month one
pilot of 60 days and 6,000 billets a side sees 28 men go: its rate has a standard error of 0.2 nats, the mean of five, each with
luck of its own, 0.1."""
MANY_BATCHES = 12
"""From so many batches of pilots on they are shared out: a process takes longer to start than a few of them (7 s in this
process against 19 s in two of their own, for four batches)."""
TRIES = 8
"""Draws for each run wanted, at most, where some are put aside."""
MEDIAN_DRAWS = 200
"""Draws whose median level stands for all of them in runs of luck alone."""


@dataclasses.dataclass(frozen=True)
class Draws:
    """The draws of an ensemble, and where they are from."""

    each: tuple[Draw, ...]
    """One a run."""
    about: Mapping[str, object]
    """For the manifest: where each side's level is from, what taught, what was put aside."""


def fixed(
    document: ScenarioDocument, base: ScenarioDocument, *, runs: int, seed: int, men_per_billet: int,
    progress: Progress | None = None,
) -> Draws:  # fmt: skip
    """Draws for runs that differ in luck alone: parameters as declared, resolve at its middle, losses as the file has them.

    Args:
        document: a checked scenario.
        base: the scenario before any change, by which the level of resolve is inferred.
        runs: how many.
        seed: of the pilots.
        men_per_billet: the grain of the runs [men].
        progress: hears of the pilots' days.

    Returns:
        One draw for all, but for a posterior of losses, of which each run has a draw of its own.

    Raises:
        ScenarioError: if the armies do not stand at any level.
    """
    known = _as_known(document, base)
    levels, out = _by_history(known, MEDIAN_DRAWS, seed)
    middle = np.median(levels.resolve, axis=0)
    one: Draw = {"number": 0, "losses": 0, "parameters": {}, "resolve": middle.tolist(), "killed": [1.0, 1.0]}
    if EXITS in _sources(known):
        searched = _searched([_pilot(known, [one], seed, men_per_billet, exact=True)], 1, progress)[0]
        if not searched.stands[0]:
            raise ScenarioError([_too_few_stand(known, 0, 1)])
        one = _moved(one, searched.shift[0])
    one = _by_hand(document, known, one)
    if set(_sources(known)) <= {EXITS, HAND}:  # nothing that history taught is in these runs
        out = frozenset()
    each: list[Draw] = [{**one, "losses": run} for run in range(runs)]
    return Draws(tuple(each), _about(document, known, out, levels.worth, aside=0))


Searched: TypeAlias = dict[int, levelling.Levels]
"""Levels that pilots have found, by the number of the first draw of their batch."""


def draws(
    document: ScenarioDocument, base: ScenarioDocument, *, runs: int, seed: int, men_per_billet: int,
    workers: int | None = None, progress: Progress | None = None, executor: pool.Executor | None = None,
    before: Searched | None = None,
) -> Draws:  # fmt: skip
    """Draws for runs, one each, none twice.

    A draw under which an army whose exits are known breaks in the pilots, or leaves at half or twice the rate, is put aside:
    both armies did stand. The next takes its place.

    Args:
        document: a checked scenario.
        base: the scenario before any change: a change says what would be, and must not move what is inferred of what was.
        runs: how many.
        seed: of all draws and of the pilots' luck.
        men_per_billet: the grain of the runs [men].
        workers: processes for the pilots.
        progress: hears of the pilots' days.
        executor: where the pilots are run, however few they are; on this machine unless given.
        before: levels that were searched before for the same request with fewer runs, which are not searched again; those that
            are searched now are added to it.

    Returns:
        The draws; draw `k` does not depend on their number.

    Raises:
        ScenarioError: if both armies stand in fewer than one draw in `TRIES`.
        WorkerError: if a worker ends before its work is done.
    """
    known = _as_known(document, base)
    searched = EXITS in _sources(known)
    count = math.ceil(max(runs, BATCH) * TRIES / BATCH) * BATCH if searched else runs
    levels, out = _by_history(known, count, seed)
    declared = set(build.declared(document))
    every: list[Draw] = [
        {
            "number": k, "losses": k,
            "parameters": {path: value for path, value in levels.parameters[k].items() if path in declared},
            "resolve": levels.resolve[k].tolist(), "killed": killed(document, k, seed),
        }
        for k in range(count)
    ]  # fmt: skip
    search = functools.partial(_searched, workers=workers, progress=progress, executor=executor)
    there = {} if before is None else before
    stood = _standing(known, every, runs, there, search, (seed, men_per_billet)) if searched else every
    aside = stood[-1]["number"] + 1 - len(stood)
    each = tuple(_by_hand(document, known, one) for one in stood)
    return Draws(each, _about(document, known, out, levels.worth, aside=aside))


def _standing(
    known: ScenarioDocument, every: Sequence[Draw], runs: int, there: Searched,
    search: Callable[[Sequence[_Pilot]], list[levelling.Levels]], luck_and_grain: tuple[int, int],
) -> list[Draw]:  # fmt: skip
    """The first draws at whose level the armies stand, as many as there are runs; what is searched is added to what is there."""
    stood: list[Draw] = []
    used = 0
    while len(stood) < runs:
        if used >= len(every):
            raise ScenarioError([_too_few_stand(known, len(stood), used)])
        wanted = math.ceil((runs - len(stood)) / BATCH)
        firsts = range(used, min(used + wanted * BATCH, len(every)), BATCH)
        parts = {first: every[first : first + BATCH] for first in firsts}
        new = [first for first in firsts if first not in there]
        there.update(zip(new, search([_pilot(known, parts[first], *luck_and_grain) for first in new]), strict=True))
        for first, draws in parts.items():
            each = zip(draws, there[first].shift, there[first].stands, strict=True)
            stood += [_moved(draw, shift) for draw, shift, stands in each if stands]
        used = firsts[-1] + BATCH
    return stood[:runs]


def _searched(
    jobs: Sequence[_Pilot], workers: int | None, progress: Progress | None, executor: pool.Executor | None = None
) -> list[levelling.Levels]:
    """The levels of batches of draws, in this process where they are few and nothing is said of where."""
    return pool.each(
        _search, jobs, workers=workers if len(jobs) >= MANY_BATCHES else 1, progress=progress,
        sizes=[levelling.PILOTS * PILOT_DAYS] * len(jobs), what="inferring resolve", starting="compiling the pilots",
        executor=executor,
    )  # fmt: skip


def _moved(draw: Draw, shift: Float[np.ndarray, side]) -> Draw:
    """A draw with its resolve moved."""
    return {**draw, "resolve": (np.array(draw["resolve"]) + shift).tolist()}


def _as_known(document: ScenarioDocument, base: ScenarioDocument) -> ScenarioDocument:
    """The scenario before any change, with what is known of its armies as it was perhaps put otherwise.

    What would be (a pressure, a kind of soldier, a mean set by hand) moves nothing that is inferred of what was; what is known
    (`known_exits`, `coded_army`) does.
    """
    sides = []
    for now, before in zip(document.side, base.side, strict=True):
        own = (
            before.resolve if now.resolve.mean is not None else now.resolve.model_copy(update={"sd": before.resolve.sd})
        )
        sides.append(before.model_copy(update={"resolve": own, "coded_army": now.coded_army}))
    return base.model_copy(update={"side": sides})


def _by_hand(document: ScenarioDocument, known: ScenarioDocument, draw: Draw) -> Draw:
    """A draw with the means that a change has set by hand."""
    pairs = zip(draw["resolve"], document.side, known.side, strict=True)
    return {
        **draw,
        "resolve": [
            level if now.resolve.mean in (None, before.resolve.mean) else now.resolve.mean
            for level, now, before in pairs
        ],
    }  # type: ignore[typeddict-item]


def _sources(document: ScenarioDocument) -> list[str]:
    return [source_of(side) for side in document.side]


def _by_history(document: ScenarioDocument, count: int, seed: int) -> tuple[history.History, frozenset[str]]:
    """Draws of the parameters, and a level of each side's resolve that is a start where exits are known [draw, side]."""
    names = [side.coded_army for side in document.side]
    out = history.of_wars([name for name in names if name])
    armies = [
        history.coded(name, f"side[{side.name}].coded_army") if name else history.NOBODY
        for name, side in zip(names, document.side, strict=True)
    ]
    levels = history.draws(count, armies, out=out, seed=seed)
    resolve = levels.resolve.copy()
    for place, side in enumerate(document.side):
        if side.resolve.mean is not None:
            resolve[:, place] = side.resolve.mean
        else:  # the level is the mean of all men, that of the schema comes before what a kind adds
            resolve[:, place] -= sum(kind.share * kind.resolve for kind in side.kinds.values())
    return dataclasses.replace(levels, resolve=resolve), out


@dataclasses.dataclass(frozen=True)
class _Pilot:
    """Draws whose levels are searched side by side, and all that a process needs for them."""

    document: ScenarioDocument  # before any change
    draws: tuple[Draw, ...]
    known: Float[np.ndarray, "run side"]  # [1/1,000/month]; NaN where nothing is known
    seed: int
    men_per_billet: int


def _pilot(
    known: ScenarioDocument, some: Sequence[Draw], seed: int, men_per_billet: int, exact: bool = False
) -> _Pilot:
    """The pilots of some draws."""
    men = sum(side.men_at_start for side in known.side)
    grain = max(min(men_per_billet, men // LEAST_BILLETS), men // PILOT_BILLETS, 1)
    rates = np.array([_known_exits(known, draw["number"], seed, exact) for draw in some])
    return _Pilot(known, tuple(some), rates, seed, grain)


def _known_exits(document: ScenarioDocument, number: int, seed: int, exact: bool) -> list[float]:
    """The rate of leaving of each side that a draw is to have [1/1,000/month]; NaN of a side whose level is not searched."""
    rates = []
    for place, side in enumerate(document.side):
        rate = side.resolve.known_exits
        if source_of(side) != EXITS or rate is None:
            rates.append(math.nan)
            continue
        deviate = 0.0 if exact else np.random.default_rng((seed, place, number, OF_EXITS)).normal()
        rates.append(rate * math.exp(math.log(side.resolve.known_exits_factor) / Z90 * deviate))
    return rates


def _search(pilot: _Pilot, report: Report) -> levelling.Levels:
    """The levels of some draws."""
    size = max(BATCH, len(pilot.draws))
    some = [pilot.draws[min(row, len(pilot.draws) - 1)] for row in range(size)]  # of one size: compiled once
    known = pilot.known[[min(row, len(pilot.draws) - 1) for row in range(size)]]
    start = pilot.document.start
    until = start + dt.timedelta(days=PILOT_DAYS - 1)
    # As things stood on the first day, with the effects to come at strength 0: the runs' own program serves.
    coming = layout.effect_names(pilot.document)
    stand = [
        layout.with_silent_effects(scenario_as_of(written(pilot.document, draw), start, until), coming) for draw in some
    ]
    levels = levelling.levels(
        [build.world(one, pilot.men_per_billet)[0] for one in stand], known,
        men=[side.men_at_start for side in pilot.document.side], men_per_billet=pilot.men_per_billet, days=PILOT_DAYS,
        rate_days=PILOT_DAYS, seed=pilot.seed, runs=[draw["number"] for draw in some], report=report, fresh=True,
    )  # fmt: skip
    real = slice(0, len(pilot.draws))
    return levelling.Levels(levels.shift[real], levels.miss[real], levels.stands[real], levels.ground_lost[real])


def _too_few_stand(document: ScenarioDocument, stood: int, tried: int) -> Fault:
    """That too few draws agree with what is known of both armies before the first day."""
    sides = [side for side in document.side if source_of(side) == EXITS]
    return Fault(
        listed([f"side[{side.name}].resolve.known_exits" for side in sides]),
        " and ".join(f"{side.resolve.known_exits:g}" for side in sides),
        f"a rate at which the armies stand through {PILOT_DAYS} days as things are on the first one ({stood} of {tried} draws)",
        "Check that they fight on the first day, its pressures and the rate, or widen known_exits_factor",
    )


def _about(
    document: ScenarioDocument, known: ScenarioDocument, out: frozenset[str], worth: float, *, aside: int
) -> dict[str, object]:
    """What the manifest says of the draws."""
    by_hand = [
        now.resolve.mean not in (None, before.resolve.mean)
        for now, before in zip(document.side, known.side, strict=True)
    ]
    return {
        "resolve": {
            side.name: HAND if hand else source_of(side) for side, hand in zip(known.side, by_hand, strict=True)
        },
        "known_exits": {
            side.name: [side.resolve.known_exits, side.resolve.known_exits_factor]
            for side, hand in zip(known.side, by_hand, strict=True) if source_of(side) == EXITS and not hand
        },
        "coded_army": {side.name: side.coded_army for side in known.side if side.coded_army},
        "killed_factor": {side.name: side.killed_factor for side in document.side if side.killed_factor > 1},
        "set_by_the_scenario": sorted(document.parameters),
        "taught_nothing": sorted(out),
        "posterior_worth": round(worth, 1),
        "draws_put_aside": aside,
    }  # fmt: skip
