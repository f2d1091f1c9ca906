"""Run a world: scan the day over the days, for one run or for many, under one forcing or each under its own; or day by day."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from holdfast.core import rng
from holdfast.core.programs import Program
from holdfast.core.types import Record
from holdfast.engine.day import step
from holdfast.engine.day.record import Forcing, Params
from holdfast.engine.state import Army, Flows, Setting, State


class World(Record):
    """All that a run needs but its luck."""

    params: Params
    setting: Setting
    state: State
    forcing: Forcing
    """With a leading axis of days."""


def batch_axes(state: State) -> Any:
    """Where the axis of runs stands in a batch of states: second in the army, first elsewhere.

    The army's first axis is the slot, which each day walks through; with the runs after it, a slab of all runs is
    one piece of memory. 231 against 103 million soldier-days a second for eight runs of 32 brigades.

    Args:
        state: any state, for its shape.

    Returns:
        A state of axes, as `jax.vmap` takes them.
    """
    axes = jax.tree.map(lambda _: 0, state)
    return dataclasses.replace(axes, army=jax.tree.map(lambda _: 1, state.army))


def spread(state: State, runs: int) -> State:
    """The same first morning for every run.

    Args:
        state: that of one run.
        runs: how many runs.

    Returns:
        The states side by side, the axis of runs where `batch_axes` says.
    """

    def repeated(leaf: Any, axis: int) -> Any:
        xp = np if isinstance(leaf, np.ndarray) else jnp
        return xp.repeat(xp.expand_dims(leaf, axis), runs, axis)

    return jax.tree.map(repeated, state, batch_axes(state))


OWN_SETTING = ("hazard", "killed_share", "forced_share", "dead_before")
OWN_RATES = ("hazard", "contracts")
"""What may differ between runs that each have a world of their own, beside the first morning and the risk believed at
home: few and small, so that the board's great tables stay one for all."""
MORE_SETTING = ("returned_share", "resolve_mean")
MORE_RATES = ("cold", "drive")
"""What may differ besides, with every parameter: kept apart only where it does, since that costs time."""
COMMON_SETTING = ("side", "companies", "number", "quantile", "men_per_billet", "reserves", "km", "width", "works")
"""What no two runs that go together may have of their own: who stands where, and the ground."""


class Apart(enum.IntEnum):
    """What runs that go together have of their own, beside the first morning and their luck; each has what the last has too."""

    NOTHING = 0
    """One world for all."""
    OWN = 1
    """`OWN_SETTING`, `OWN_RATES` and the risk believed at home."""
    MORE = 2
    """`MORE_SETTING`, `MORE_RATES` and the parameters."""
    COURSE = 3
    """Every rate of every day, and every effect's course."""
    WHOLE = 4
    """The board but for `COMMON_SETTING`."""


def apart(worlds: Sequence[World]) -> Apart:
    """What worlds that are run side by side must have of their own.

    Args:
        worlds: worlds of one shape.

    Returns:
        The least that keeps all of them as they are.

    Raises:
        ValueError: if they differ in what no two runs that go together may have of their own.
    """
    for level in (Apart.OWN, Apart.MORE, Apart.COURSE, Apart.WHOLE):
        axes = _world_axes(worlds[0], level)
        if all(_alike(axes, worlds[0], one) for one in worlds[1:]):
            return level
    raise ValueError(f"worlds side by side differ in one of {', '.join(COMMON_SETTING)} or in their pockets")


def _alike(axes: World, first: World, other: World) -> bool:
    """Whether two worlds have all leaves alike that have no axis of runs."""
    same = jax.tree.map(
        lambda axis, a, b: axis is not None or a is b or np.array_equal(a, b, equal_nan=np.asarray(a).dtype.kind == "f"),
        axes, first, other, is_leaf=lambda leaf: leaf is None,
    )  # fmt: skip
    return all(jax.tree.leaves(same))


def _own_axes(setting: Setting, forcing: Forcing, level: Apart) -> tuple[Any, Any]:
    """Where the axis of runs stands in a board and a day's forcing whose runs have worlds of their own."""
    none = lambda tree: jax.tree.map(lambda _: None, tree)  # noqa: E731
    each = lambda tree: jax.tree.map(lambda _: 0, tree)  # noqa: E731
    more = level >= Apart.MORE
    regions: Any = dataclasses.replace(none(setting.regions), home_risk=0)
    board: Any = dataclasses.replace(
        none(setting), regions=regions, **dict.fromkeys(OWN_SETTING + MORE_SETTING * more, 0)
    )
    rates: Any = dataclasses.replace(none(forcing.rates), **dict.fromkeys(OWN_RATES + MORE_RATES * more, 0))
    day = dataclasses.replace(none(forcing), rates=rates)
    if level >= Apart.COURSE:
        day = dataclasses.replace(day, rates=each(forcing.rates), policy=each(forcing.policy))
    if level is Apart.WHOLE:
        regions = dataclasses.replace(each(setting.regions), side=None)
        board = dataclasses.replace(each(setting), regions=regions, **dict.fromkeys(COMMON_SETTING))
    return board, day


def _world_axes(first: World, level: Apart) -> World:
    """Where the axis of runs stands in worlds side by side; None where all have the first's."""
    board, day = _own_axes(first.setting, first.forcing, level)
    # The forcing's first axis is the day, before that of runs.
    day = jax.tree.map(lambda axis: axis + 1, day)
    declared = jax.tree.map(lambda _: 0 if level >= Apart.MORE else None, first.params)
    return World(declared, board, batch_axes(first.state), day)  # type: ignore[arg-type]


def _beside(worlds: Sequence[World], level: Apart) -> World:
    """Worlds of one shape as one, a run each: what they have of their own is stacked, all else is the first's."""
    return jax.tree.map(
        lambda axis, *leaves: leaves[0] if axis is None else np.stack(leaves, axis),
        _world_axes(worlds[0], level),
        *worlds,
        is_leaf=lambda leaf: leaf is None,
    )


def _some_days(
    params: Params,
    setting: Setting,
    state: State,
    forcing: Forcing,
    words: Mapping[str, jax.Array],
    *,
    film: bool,
    level: int = Apart.NOTHING,
) -> tuple[list[jax.Array], dict[str, jax.Array], jax.Array | None]:
    """A stretch of days for a batch of runs. `words` are `[days runs 2]`.

    Returns the leaves of the last state, the flows `_together`, `[days stacked runs ...]`, and with `film` the fates of the
    first run's billets at the end of each day, `uint8[days S Q C B]`. The level says what of the world has an axis of runs.
    """
    axes = batch_axes(state)
    board, rates = _own_axes(setting, forcing, Apart(level)) if level else (None, None)
    many = jax.vmap(step, in_axes=(0 if level >= Apart.MORE else None, board, axes, rates, 0), out_axes=(axes, 0))

    def day(held: State, xs: tuple[Forcing, Mapping[str, jax.Array]]) -> tuple[State, tuple[dict[str, jax.Array], Any]]:
        after, flows = many(params, setting, held, *xs)
        return after, (_together(flows), after.army.fate[:, 0] if film else None)

    last, (flows, frames) = jax.lax.scan(day, state, (forcing, words))
    return jax.tree.leaves(last), flows, frames


def _together(flows: Flows) -> dict[str, jax.Array]:
    """Flows of one shape and type stacked, so that a day writes a few arrays and not a hundred small ones.

    The name of a stack is the names of its flows, each `group.name`.
    """
    kinds: dict[tuple[object, object], dict[str, jax.Array]] = {}
    for group in GROUPS:
        for name, leaf in getattr(flows, group).items():
            kinds.setdefault((leaf.shape, leaf.dtype), {})[f"{group}.{name}"] = leaf
    return {" ".join(each): jnp.stack([*each.values()]) for each in kinds.values()}


def _apart(stacked: Mapping[str, np.ndarray]) -> Flows:
    """The flows again, each by its name; stacks have the day first."""
    groups: dict[str, dict[str, Any]] = {group: {} for group in GROUPS}
    for names, stack in stacked.items():
        for place, each in enumerate(names.split()):
            group, _, name = each.partition(".")
            groups[group][name] = stack[:, place]
    return Flows(**groups)


GROUPS = tuple(field.name for field in dataclasses.fields(Flows))
"""What flows are of: sides, sectors, brigades, regions."""

_stretch = Program(_some_days, donated=[2])


def _one_day(
    params: Params, setting: Setting, state: State, course: Forcing, words: Mapping[str, jax.Array], when: jax.Array
) -> tuple[list[jax.Array], dict[str, jax.Array]]:  # fmt: skip
    """A day of a batch of runs, as `_some_days` has it.

    `when` is the number of the day in the course, and 1: how often the day is walked through. A loop whose length the compiler
    knows to be 1 is none: the day would be compiled in another way, with other last digits than within a stretch.
    """
    number, once = when
    axes = batch_axes(state)
    many = jax.vmap(step, in_axes=(None, None, axes, None, 0), out_axes=(axes, 0))
    here = jax.tree.map(lambda leaf: jax.lax.dynamic_slice_in_dim(leaf, number, 1), course)
    forcing = dataclasses.replace(here, day=number[None])
    blank = jax.eval_shape(lambda: _some_days(params, setting, state, forcing, words, film=False)[1])

    def day(turn: jax.Array, held: tuple[State, dict[str, jax.Array]]) -> tuple[State, dict[str, jax.Array]]:
        xs = jax.tree.map(lambda leaf: jax.lax.dynamic_index_in_dim(leaf, turn, keepdims=False), (forcing, words))
        after, flows = many(params, setting, held[0], *xs)
        put = lambda whole, leaf: jax.lax.dynamic_update_index_in_dim(whole, leaf, turn, 0)  # noqa: E731
        return after, jax.tree.map(put, held[1], _together(flows))

    empty = jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), blank)
    last, flows = jax.lax.fori_loop(0, once, day, (state, empty))
    return jax.tree.leaves(last), flows


_single = Program(_one_day, donated=[2])

STRETCH = 30
"""Days that run at a time: long enough to cost nothing, short enough for a progress bar and for Ctrl-C [d]."""


def simulate(
    world: World | Sequence[World],
    seed: int,
    runs: Sequence[int],
    film: bool = False,
    stretch: int = STRETCH,
    least: Apart = Apart.OWN,
) -> Iterator[tuple[int, Flows, Any, State]]:
    """Run some runs of a world, stretch by stretch.

    Run `i` depends on the world, the seed and `i` only: not on its place in a batch, nor on the stretch. Batches of other
    sizes may differ in the last digit of a number, as programs of other shapes do.

    Args:
        world: the world of all runs; or a world for each, in the order of the runs, which differ in no more than `Apart` allows.
        seed: the seed.
        runs: numbers of the runs.
        film: whether the fates of the first run's billets are wanted.
        stretch: days that run at a time, at least 2: a loop of one day is compiled in another way, with other last digits [d].
        least: what worlds are held apart by at least, so that batches of one design share a program.

    Yields:
        Days done; the stretch's flows, `[days runs ...]`; its film, `uint8[days S Q C B]` or None; the state at its end
        (which for the last one may lie some days beyond the world's last).

    Raises:
        ValueError: if worlds differ in what no two runs that go together may have of their own, or a stretch is too short.
    """
    if stretch < 2:
        raise ValueError(f"stretch: {stretch}; at least 2")
    level = Apart.NOTHING
    if not isinstance(world, World):
        level = max(apart(world), least)
        world = _beside(world, level)
    days = len(world.forcing.day)
    state = world.state if level else spread(world.state, len(runs))
    tree = jax.tree.structure(state)
    for begin in range(0, days, stretch):
        # The last stretch keeps the compiled length: its surplus days are run on the last forcing and cut off.
        number = np.arange(begin, begin + stretch, dtype=np.int32)
        rows = np.minimum(number, days - 1)
        forcing = jax.tree.map(lambda leaf, rows=rows: leaf[rows], world.forcing)
        forcing = dataclasses.replace(forcing, day=number)
        words = rng.words(seed, runs, number)
        leaves, stacks, frames = _stretch(
            world.params, world.setting, state, forcing, words, film=film, level=int(level)
        )
        state = jax.tree.unflatten(tree, leaves)
        length = min(stretch, days - begin)
        flows = _apart({names: np.asarray(stack)[:length] for names, stack in stacks.items()})
        yield begin + length, flows, None if frames is None else np.asarray(frames)[:length], state


class Campaign:
    """One run that goes on a day at a time, under a forcing that may change between days.

    With the forcing of its world it is the run of the same number that `simulate` gives.
    """

    def __init__(self, world: World, seed: int, run: int = 0) -> None:
        """Stand on the first morning.

        Args:
            world: the world; its forcing is not used.
            seed: the seed of the luck.
            run: number of the run.
        """
        self.params, self.setting = jax.device_put((world.params, world.setting))  # once, and not once a day
        self.seed, self.run, self.day = seed, run, 0
        self._stretch_of, self._words = -1, dict[str, np.ndarray]()
        self._held: State = jax.device_put(spread(world.state, 1))

    @property
    def state(self) -> State:
        """What the run carries into today; it is gone after `step`."""
        return jax.tree.map(lambda leaf, axis: jnp.squeeze(leaf, axis), self._held, batch_axes(self._held))

    @property
    def army(self) -> Army:
        """The billets this morning, `[S Q C B]`; they are gone after `step`."""
        return jax.tree.map(lambda leaf: np.asarray(leaf)[:, 0], self._held.army)

    def words(self) -> dict[str, np.ndarray]:
        """The words of today's luck.

        Returns:
            By stream, `uint32[2]` each.
        """
        return {name: each[0, 0] for name, each in self._words_of_today().items()}

    def _words_of_today(self) -> dict[str, np.ndarray]:
        """The same, `uint32[1 1 2]`; worked out for a stretch of days at a time, which takes no longer than for one."""
        first = self.day - self.day % STRETCH
        if self._stretch_of != first:
            self._stretch_of = first
            self._words = rng.words(self.seed, [self.run], np.arange(first, first + STRETCH, dtype=np.int32))
        return {name: each[self.day - first][None] for name, each in self._words.items()}

    def step(self, course: Forcing) -> Flows:
        """Walk through a day.

        Args:
            course: the forcing, with a leading axis of days; on the device, where many days are walked through (`jax.device_put`).

        Returns:
            What is told of the day, without axes of days and runs.
        """
        tree = jax.tree.structure(self._held)
        leaves, stacks = _single(
            self.params, self.setting, self._held, course, self._words_of_today(), np.array([self.day, 1], np.int32)
        )
        self._held = jax.tree.unflatten(tree, leaves)
        self.day += 1
        flows = _apart({names: np.asarray(stack) for names, stack in stacks.items()})
        return jax.tree.map(lambda leaf: leaf[0, 0], flows)

    def twin(self) -> Campaign:
        """The same run from today on, with the same luck, as one of its own.

        Returns:
            It; neither moves the other.
        """
        other = object.__new__(Campaign)
        other.__dict__.update(self.__dict__)
        other._held = jax.tree.map(lambda leaf: jnp.array(leaf, copy=True), self._held)
        return other
