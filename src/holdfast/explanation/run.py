"""Explain a scenario: which pressures, or which effects, break an army of it, alone and together, and what would hold it."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from holdfast.coded_armies.army import ESSAY
from holdfast.coded_armies.codebook import RULES
from holdfast.core import timings
from holdfast.core.faults import Fault, ScenarioError, nearest
from holdfast.core.runtime import cores
from holdfast.engine import effects
from holdfast.ensemble import designs, inference
from holdfast.ensemble.designs import UNCHANGED, Change, Design
from holdfast.ensemble.draw import Draw
from holdfast.ensemble.plan import DEFAULT_SCENARIO, LAST_SEED, Scenario, load_scenario
from holdfast.explanation import allocation, game, pressures
from holdfast.explanation.pressures import NINE
from holdfast.explanation.result import OUTCOMES, Explanation, Phase, Player, Push, Single, Worths
from holdfast.parallel import Progress, pool
from holdfast.scenario.schema import Event, Side

BILLETS = 3500
"""Billets of both armies that are filled on the first day, at most: a coarse grain, since hundreds of coalitions are run
(`docs/explain.md` sets it beside the scenario's own)."""
EXACT = 9
"""Players up to which all coalitions are run; with more, random orders are."""
PRECISION = 0.02
"""Standard error that every Shapley value is to reach [1]."""
MOST_DRAWS = 256
"""Draws at most."""
SUFFICES = 0.8
"""Chance of the outcome from which on a set suffices [1]; what is left of 1 is the chance at which an army counts as holding."""
SHARES = (0.125, 0.25, 0.375, 0.5, 0.75, 1.0)
"""How far all pressures are pushed together, to find the smallest push that carries half of the runs over [1]."""
PHASE = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Steps of the phase diagram, from calm to extreme [1]."""
BY = ("pressures", "effects")
"""What may be played."""


@timings.phase("run")
def explain(
    scenario: Scenario | str | Path = DEFAULT_SCENARIO,
    *,
    side: str | None = None,
    by: str = "pressures",
    of: str | Sequence[str] | None = None,
    outcome: str = "collapse",
    days: int | None = None,
    precision: float = PRECISION,
    draws: int | None = None,
    level: float = SUFFICES,
    phase: bool = False,
    men_per_billet: int | None = None,
    seed: int = 1,
    workers: int | None = None,
    executor: pool.Executor | None = None,
    folder: str | Path | None = None,
    progress: Progress | None = None,
) -> Explanation:
    """Which pressures would break an army of a scenario, alone and together, and what would hold it.

    Every coalition of pressures is run: those in it at their extreme level, the others that are played at their calm level, those
    not played as the scenario has them; all under the same draws of what is not known and the same luck.

    Args:
        scenario: a scenario, the name of a shipped one, or the path of a file.
        side: name of the army that is explained; the first side unless given.
        by: `pressures`, or `effects` for the one-file effects.
        of: which are played: `five` (the essay's, unless given), `nine`, or names; of effects all unless given.
        outcome: `collapse`, `mass_desertion` or `breaks` (either), about which sets are sought; all outcomes have their values.
        days: length of a run [d]; the scenario's own unless given.
        precision: standard error that every Shapley value of the outcome is to reach [1].
        draws: draws at most.
        level: chance of the outcome from which on a set of pressures suffices [1].
        phase: whether the two strongest pressures are also run from calm to extreme in steps, for a phase diagram.
        men_per_billet: the grain [men]; one at which at most `BILLETS` billets are filled unless given.
        seed: of draws and luck.
        workers: processes, one for each core unless given; the numbers do not depend on it.
        executor: where the runs are done; on this machine unless given.
        folder: where finished blocks of runs stay, so that the same request goes on from them; nowhere unless given.
        progress: hears of the blocks done.

    Returns:
        The explanation.

    Raises:
        ScenarioError: with every fault of the scenario and of the request.
        WorkerError: if a worker ends before its work is done.
    """
    chosen = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    refuse(chosen, side=side, by=by, of=of, outcome=outcome, level=level, precision=precision, draws=draws, seed=seed)
    given = {name: value for name, value in (("days", days), ("men_per_billet", men_per_billet)) if value is not None}
    chosen = chosen.with_values(given) if given else chosen
    place = 0 if side is None else [one.name for one in chosen.document.side].index(side)
    own = chosen.document.side[place]
    players = _players(by, of)
    grain = designs.grain(chosen.document, BILLETS) if men_per_billet is None else men_per_billet
    change = _Pressures(own) if by == "pressures" else _by_effects(own, chosen.document.start)
    with _workplace(executor, workers) as where:
        study = _Study(
            scenario=chosen, place=place, players=players, change=change, grain=grain, seed=seed, outcome=outcome,
            precision=precision, most=draws or MOST_DRAWS, workers=workers, executor=where,
            folder=Path(folder) if folder else None, progress=progress,
        )  # fmt: skip
        numbers, worths = study.exact() if len(players) <= EXACT else study.sampled()
        singles, push = study.today() if by == "pressures" else ((), None)
        result = Explanation(
            scenario=chosen.document.name, title=chosen.document.title, side=own.name, side_title=own.title, by=by,
            players=tuple(players), outcome=outcome, days=chosen.document.days, seed=seed, men_per_billet=grain, level=level,
            coalitions=numbers, worths=worths, singles=singles, push=push, phase=None, start=str(chosen.document.start),
            about=study.about(),
        )  # fmt: skip
        return dataclasses.replace(result, phase=study.phase(result)) if phase and by == "pressures" else result


def _workplace(executor: pool.Executor | None, workers: int | None) -> contextlib.AbstractContextManager[pool.Executor]:
    """Where runs are done: where it is said, or in processes of this machine that stay for all rounds."""
    if executor is not None:
        return contextlib.nullcontext(executor)
    count = workers or cores()
    return contextlib.nullcontext(pool.Here()) if count == 1 else pool.LocalExecutor(count, loads=__name__)


def refuse(
    scenario: Scenario, *, side: str | None, by: str, of: str | Sequence[str] | None, outcome: str, level: float,
    precision: float, draws: int | None, seed: int,
) -> None:  # fmt: skip
    """Refuse a request that cannot be met, with all its faults.

    Args:
        scenario: what is explained.
        side: name of the army.
        by: what is played.
        of: which are played.
        outcome: about which sets are sought.
        level: chance from which on a set suffices [1].
        precision: standard error wanted [1].
        draws: draws at most.
        seed: of draws and luck.

    Raises:
        ScenarioError: with every fault.
    """
    faults = []

    def among(place: str, value: str, known: Sequence[str]) -> None:
        if value not in known:
            faults.append(Fault(place, value, " or ".join(known), "Correct the name", nearest(value, known)))

    if side is not None:
        among("--side", side, [one.name for one in scenario.document.side])
    among("--by", by, BY)
    among("--outcome", outcome, OUTCOMES[:3])
    names = [of] if isinstance(of, str) else list(of or ())
    if by in BY and not (by == "pressures" and names in (["five"], ["nine"])):
        for name in names:
            among("--of", name, NINE if by == "pressures" else effects.names())
        if len(set(names)) != len(names) or len(names) == 1:
            faults.append(Fault("--of", ", ".join(names), "two names or more, each once", "Name others beside it"))
    if by == "pressures" and ("losses" in names or names in ([], ["five"], ["nine"])):
        faults += _without_losses(scenario, side)
    if not 0.5 <= level < 1:
        faults.append(Fault("--level", f"{level:g}", "from 0.5 to below 1", "Give a chance, as 0.8"))
    if not 0 < precision < 1:
        faults.append(Fault("--precision", f"{precision:g}", "above 0 and below 1", "Give a standard error, as 0.02"))
    if draws is not None and draws < designs.BATCH:
        faults.append(
            Fault("--draws", str(draws), f"{designs.BATCH} or more", "Give more: they go in blocks of that size")
        )
    if not 0 <= seed <= LAST_SEED:
        faults.append(Fault("--seed", str(seed), f"a whole number from 0 to {LAST_SEED}", "Give another seed"))
    if faults:
        raise ScenarioError(faults, "The request")


def _without_losses(scenario: Scenario, side: str | None) -> list[Fault]:
    """What is wrong with losses of an army that has none, which no level can be reached from."""
    own = next((one for one in scenario.document.side if one.name == side), scenario.document.side[0])
    if own.killed_per_1000_month != 0:  # none where losses come from a posterior
        return []
    cure = "Give the rate by --set, or name other pressures by --of"
    return [Fault(f"side[{own.name}].killed_per_1000_month", "0", "above 0 where losses are put to a level", cure)]


def _players(by: str, of: str | Sequence[str] | None) -> list[Player]:
    """What is played, by name and in words."""
    names = [of] if isinstance(of, str) else list(of or ())
    if by == "effects":
        return [Player(name, name.replace("_", " ")) for name in names or effects.names()]
    if names in ([], ["five"]):
        names = list(ESSAY)
    elif names == ["nine"]:
        names = list(NINE)
    # A comma within a name would part it in two in a sentence that lists several.
    return [Player(name, RULES[name].name.replace(", ", " or ")) for name in names]


def _beside(worths: np.ndarray, fresh: np.ndarray, coalitions: Sequence[int]) -> np.ndarray:
    """Worths of all coalitions with those of some under further draws; NaN for the others there."""
    whole = np.full((len(worths), fresh.shape[1]), np.nan)
    whole[list(coalitions)] = fresh
    return np.concatenate([worths, whole], axis=1)


Changes = Callable[[Sequence[str], Sequence[str]], Change]
"""From the names of the players who are in a coalition and of those who are not to what is changed."""
ENDS = (-1.0, 1.0)
"""Shares at which a pressure is calm and extreme."""


@dataclasses.dataclass(frozen=True)
class _Pressures:
    """Players in a coalition are at their extreme level, the others at their calm level."""

    side: Side

    def __call__(self, there: Sequence[str], others: Sequence[str]) -> Change:
        """The change."""
        return pressures.put(self.side, dict.fromkeys(there, 1.0) | dict.fromkeys(others, -1.0))


def _by_effects(side: Side, start: dt.date) -> Changes:
    """Effects in a coalition are on from the second day, at their ordinary strength: the first morning stays as it is."""
    day = start + dt.timedelta(days=1)
    return lambda there, _: Change(effects=tuple(Event(effect=name, start=day, side=side.name) for name in there))


@dataclasses.dataclass
class _Study:
    """The runs of one explanation."""

    scenario: Scenario
    place: int
    players: list[Player]
    change: Changes
    grain: int
    seed: int
    outcome: str
    precision: float
    most: int
    workers: int | None
    executor: pool.Executor
    folder: Path | None
    progress: Progress | None
    draws: tuple[Draw, ...] = ()
    resolve: object = None
    searched: inference.Searched = dataclasses.field(default_factory=dict)
    runs: int = 0
    alone: Worths = dataclasses.field(default_factory=dict)
    pushed: Worths = dataclasses.field(default_factory=dict)

    @property
    def side(self) -> Side:
        """The army that is explained."""
        return self.scenario.document.side[self.place]

    def _drawn(self, count: int) -> tuple[Draw, ...]:
        """Draws of what is not known, at least so many; draw `k` does not depend on their number."""
        if len(self.draws) < count:
            here = self.executor if isinstance(self.executor, pool.LocalExecutor) else None
            drawn = inference.draws(
                self.scenario.document, self.scenario.base, runs=count, seed=self.seed, men_per_billet=self.grain,
                workers=self.workers, progress=self.progress, executor=here, before=self.searched,
            )  # fmt: skip
            self.draws, self.resolve = drawn.each, drawn.about
        return self.draws[:count]

    def _run(self, changes: Sequence[Change], runs: Sequence[tuple[int, int]], what: str) -> dict[str, np.ndarray]:
        """The outcomes of runs, `[run]` each, by point and draw."""
        document = designs.checked(self.scenario, changes, men_per_billet=self.grain)
        used = sorted({draw for _, draw in runs})
        new = {draw: number for number, draw in enumerate(used)}
        plan = Design(
            document=document, changes=tuple(changes), draws=tuple(self.draws[draw] for draw in used),
            runs=tuple((point, new[draw]) for point, draw in runs), seed=self.seed, men_per_billet=self.grain,
            batch=designs.batch_size(document, self.grain),
        )  # fmt: skip
        data = designs.carry_out(
            plan, self.folder, workers=self.workers, executor=self.executor, progress=self.progress, what=what
        ).isel(side=self.place)
        self.runs += len(runs)
        fallen, deserted = data.day_collapse.values >= 0, data.day_mass_desertion.values >= 0
        return {
            "collapse": fallen.astype(float), "mass_desertion": deserted.astype(float),
            "breaks": (fallen | deserted).astype(float), "exits": data.exits.values.astype(float),
            "reproduction": data.reproduction.values.astype(float),
        }  # fmt: skip

    def _crossed(self, grids: Sequence[tuple[Sequence[Change], range]], what: str) -> list[dict[str, np.ndarray]]:
        """The outcomes of every point of a grid under every draw of it, `[point draw]` each, of all grids in one go.

        Runs under one draw go together: its world is built once.
        """
        self._drawn(max(draws.stop for _, draws in grids))
        changes = [change for own, _ in grids for change in own]
        runs: list[tuple[int, int]] = []
        begins, first = [0], 0
        for own, draws in grids:
            runs += [(first + point, draw) for draw in draws for point in range(len(own))]
            first += len(own)
            begins.append(len(runs))
        values = self._run(changes, runs, what)
        return [
            {name: each[begin:end].reshape(len(draws), len(own)).T for name, each in values.items()}
            for (own, draws), begin, end in zip(grids, begins, begins[1:], strict=False)
        ]

    def _of(self, number: int) -> Change:
        """The change of a coalition."""
        names = [player.name for player in self.players]
        there = [name for i, name in enumerate(names) if number >> i & 1]
        return self.change(there, [name for name in names if name not in there])

    def exact(self) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """All coalitions under a block of draws, and the coalitions that tell most under as many as the precision asks for.

        Returns:
            Their numbers, and worths `[coalition draw]`, NaN where a coalition was not run under a draw.
        """
        numbers, block = np.arange(2 ** len(self.players)), range(designs.BATCH)
        every = [self._of(int(number)) for number in numbers]
        worths, self.alone = self._crossed([(every, block), (self._alone(), block)], f"running {len(every)} coalitions")
        waiting = self._pushes(worths)  # in one go with the next round, if there is one
        allowed: list[tuple[int, ...]] = []
        while True:
            plan = allocation.further(
                worths[self.outcome], len(self.players), self.precision, most=self.most,
                batch=designs.batch_size(self.scenario.document, self.grain), allowed=allowed,
            )  # fmt: skip
            grids = [(waiting, block)]
            if plan is not None:
                done, allowed = worths[self.outcome].shape[1], [plan.coalitions]
                grids.append(([every[number] for number in plan.coalitions], range(done, plan.draws)))
            if any(changes for changes, _ in grids):
                pushed, *fresh = self._crossed(grids, "running further draws")
                if waiting:
                    self.pushed = {name: np.concatenate([each, self.pushed[name]]) for name, each in pushed.items()}
                waiting = []
            if plan is None:
                return numbers, worths
            worths = {name: _beside(each, fresh[0][name], plan.coalitions) for name, each in worths.items()}

    def _pushes(self, worths: Worths) -> list[Change]:
        """All pressures pushed together, but for the last push: that is the coalition of all or of nobody, which was run."""
        if not isinstance(self.change, _Pressures):
            return []
        end = -1 if self._sign > 0 else 0
        self.pushed = {name: each[end, : designs.BATCH][None] for name, each in worths.items()}
        names = [player.name for player in self.players]
        return [pressures.put(self.side, dict.fromkeys(names, self._sign * share)) for share in SHARES[:-1]]

    @property
    def _sign(self) -> float:
        """Which way all pressures are pushed from where the scenario stands: towards the other side of one half."""
        return -1.0 if self.alone[self.outcome][0].mean() >= 0.5 else 1.0

    def _wanted(self, error: float, done: int) -> int:
        """Draws that the precision asks for, by the greatest standard error so far: full blocks."""
        if error <= self.precision:
            return done
        blocks = math.ceil((error / self.precision) ** 2 * done / designs.BATCH)
        return min(blocks, self.most // designs.BATCH) * designs.BATCH

    def sampled(self) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Two random orders a draw: the coalitions that they pass through, `[draw order step]`, and worths of the same shape."""
        players, done, wanted = len(self.players), 0, designs.BATCH
        paths: list[list[list[int]]] = []
        worths: dict[str, list[np.ndarray]] = {}
        while done < wanted:
            upto = wanted
            self._drawn(upto)
            fresh = game.orders(players, upto, self.seed)[done:]
            pairs = [(number, done + k) for k, both in enumerate(fresh) for number in dict.fromkeys(sum(both, []))]
            numbers = sorted({number for number, _ in pairs})
            points = {number: point for point, number in enumerate(numbers)}
            changes = [self._of(number) for number in numbers]
            values = self._run(changes, [(points[number], draw) for number, draw in pairs], "running random orders")
            index = {pair: row for row, pair in enumerate(pairs)}
            rows = np.array(
                [[[index[number, done + k] for number in one] for one in both] for k, both in enumerate(fresh)]
            )
            for name, each in values.items():
                worths.setdefault(name, []).append(each[rows])
            paths += fresh
            done = upto
            so_far = np.concatenate(worths[self.outcome])
            added = game.values_along(np.array(paths), so_far, players)
            wanted = self._wanted(float(game.mean_and_error(added)[1].max()), done)
        return np.array(paths), {name: np.concatenate(parts) for name, parts in worths.items()}

    def _alone(self) -> list[Change]:
        """The scenario as it stands, and with each pressure alone put to calm and to extreme; nothing of effects."""
        if not isinstance(self.change, _Pressures):
            return []
        every = [(player.name, share) for player in self.players for share in ENDS]
        return [UNCHANGED, *(pressures.put(self.side, {name: share}) for name, share in every)]

    def today(self) -> tuple[tuple[Single, ...], Push]:
        """What each pressure alone would do from where the scenario stands; and the smallest push of all of them together."""
        alone = [(player.name, share) for player in self.players for share in ENDS]
        worths = self.alone
        singles = tuple(
            Single(name, share, {what: each[number] for what, each in worths.items()})
            for number, (name, share) in enumerate(alone, start=1)
        )
        values = {what: np.concatenate([worths[what][:1], self.pushed[what]]) for what in worths}
        return singles, Push(np.array([0.0, *(self._sign * share for share in SHARES)]), values)

    def phase(self, result: Explanation) -> Phase:
        """The two strongest pressures from calm to extreme, the others that are played as the scenario has them."""
        values, _ = result.shapley(result.outcome)
        first, second = (result.players[int(i)].name for i in np.argsort(-abs(values), kind="stable")[:2])
        steps = [(x, y) for x in PHASE for y in PHASE]
        changes = [pressures.between(self.side, {first: x, second: y}) for x, y in steps]
        [worths] = self._crossed([(changes, range(designs.BATCH))], "the phase diagram")
        shape = (len(PHASE), len(PHASE), designs.BATCH)
        return Phase(first, second, np.array(PHASE), {what: each.reshape(shape) for what, each in worths.items()})

    def about(self) -> dict[str, object]:
        """Where the draws are from, and how much was run."""
        return {"draws": len(self.draws), "runs": self.runs, "history": self.resolve}
