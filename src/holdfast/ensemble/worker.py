"""A worker: takes tasks of a plan one after another and keeps each finished run. [IO]

Started as `python -m holdfast.ensemble.worker FOLDER`, on this machine or on any that sees the folder; it needs no
guard in the user's script, and what it finished survives it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np

from holdfast.engine import state
from holdfast.engine.day.record import everyone
from holdfast.engine.simulate import World, simulate
from holdfast.ensemble import store
from holdfast.ensemble.plan import Plan
from holdfast.scenario import build, loss_draws


def main(folder: str) -> None:
    """Carry out what is left of the plan in a folder, telling of progress in JSON lines."""
    parts = Path(folder)
    plan = Plan.from_json((parts / "plan.json").read_text(encoding="utf8"))
    scenario = plan.read_scenario()
    if loss_draws.used(scenario) != plan.posteriors:
        raise SystemExit("the posterior of losses was changed since the run began: start it afresh, without --resume")
    if plan.film_men_per_billet and not (parts / "film.npz").exists() and store.claim(parts, "film"):
        film(plan, parts)
    world: World | None = None
    for number, runs in enumerate(plan.tasks()):
        wanted = [run for run in runs if not store.has_run(parts, run)]
        if not wanted or not store.claim(parts, f"task-{number}"):
            continue
        batch_of = range(runs.start, runs.start + plan.batch)
        if plan.posteriors:  # each run has losses of its own, and so a world
            worlds = [build.world(scenario, plan.men_per_billet, run=run)[0] for run in batch_of]
            _batch(plan, parts, worlds, batch_of, wanted)
            continue
        if world is None:
            world, _ = build.world(scenario, plan.men_per_billet)
        _batch(plan, parts, world, batch_of, wanted)


def _batch(plan: Plan, parts: Path, world: World | Sequence[World], runs: range, wanted: Sequence[int]) -> None:
    """One batch of runs, always of the same size, so that it is compiled once; surplus runs are not kept."""
    kept: list[Any] = []
    before = 0
    for done, flows, _, _ in simulate(world, plan.seed, runs):
        kept.append(jax.tree.map(np.asarray, flows))
        tell(days=(done - before) * len(wanted))
        before = done
    whole = jax.tree.map(lambda *stretches: np.concatenate(stretches), *kept)
    for run in wanted:
        one = jax.tree.map(lambda array, run=run: array[:, run - runs.start], whole)
        own = world if isinstance(world, World) else world[run - runs.start]
        groups = {group: getattr(one, group) for group in ("side", "sector", "brigade", "region")}
        store.save_run(parts, run, groups | {"start": {"everyone": np.asarray(everyone(own.setting, own.state))}})


def film(plan: Plan, parts: Path) -> None:
    """One run at the film's grain, its billets' fates day by day, packed for the page."""
    from holdfast.io import film as present_film

    grain = plan.film_men_per_billet
    assert grain is not None
    world, names = build.world(plan.read_scenario(), grain)
    order, brigade_of = _billet_order(world)
    first = np.asarray(world.state.army.fate)
    kept: list[Any] = []

    def frames() -> Any:
        yield seen(first, order)[None]
        before = 0
        for done, flows, shot, _ in simulate(world, plan.seed, range(1), film=True):
            kept.append(jax.tree.map(np.asarray, flows))
            tell(days=done - before, film=True)
            before = done
            yield np.stack([seen(np.asarray(frame), order) for frame in shot])

    shape = world.setting.number.shape
    film = present_film.Film(
        frames=frames(),
        brigade_of=brigade_of,
        brigade_side=np.array(names.brigade_side),
        brigade_sector=np.array(names.brigade_sector),
        dates=np.concatenate([names.days[:1] - np.timedelta64(1, "D"), names.days]),
        men_per_billet=grain,
        company_billets=shape[0] * shape[1],
        brigade_name=names.brigades,
    )
    reel = present_film.reel(film)
    whole = jax.tree.map(lambda *stretches: np.concatenate(stretches), *kept)
    one = jax.tree.map(lambda array: array[:, 0], whole)
    about = dict(reel.about) | present_film.front(one.sector["broken"], one.sector["line_km"])
    store.save_arrays(
        parts / "film.npz", {"payload": np.frombuffer(reel.payload, np.uint8), "about": np.array(json.dumps(about))}
    )


def _billet_order(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Flat positions of the open billets by side, sector, brigade, company, squad, slot; and each one's brigade."""
    fate = np.asarray(world.state.army.fate)
    slots, squads, companies, brigades = fate.shape
    rank = np.lexsort((np.arange(brigades), np.asarray(world.state.front.sector), np.asarray(world.setting.side)))
    flat = np.arange(fate.size).reshape(fate.shape).transpose(3, 2, 1, 0)[rank].reshape(-1)
    brigade = np.repeat(rank, slots * squads * companies).astype(np.int32)
    open_ = fate.reshape(-1)[flat] != state.CLOSED
    return flat[open_], brigade[open_]


def seen(fate: np.ndarray, order: np.ndarray) -> np.ndarray:
    """A frame: the fates in the film's order, a killed man whose region knows being a killed man."""
    frame = fate.reshape(-1)[order]
    return np.where(frame == state.KILLED_KNOWN, state.KILLED, frame).astype(np.uint8)


def tell(**what: Any) -> None:
    """A line for whoever started this worker."""
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
