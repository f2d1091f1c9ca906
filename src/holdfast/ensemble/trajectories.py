"""Single soldiers followed day by day: what each believed, what weighed in each decision, and its outcome."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from holdfast.core.faults import Fault, ScenarioError, nearest
from holdfast.core.results import Result
from holdfast.engine import trace as engine_trace
from holdfast.ensemble.plan import DEFAULT_SCENARIO, Scenario, load_scenario
from holdfast.parallel import Progress, silent
from holdfast.scenario import build
from holdfast.scenario.schema import KINDS


@dataclasses.dataclass(frozen=True)
class Trajectories(Result):
    """Soldiers day by day, a row for each soldier and day."""

    PRESENTER: ClassVar[str] = "holdfast.present.tables"

    scenario: str
    """Name of what was run."""
    days: int
    """How long they were followed [d]."""
    soldier_days: tuple[Mapping[str, object], ...]
    """By day and soldier: who it is, beliefs, the terms of the wish to stay [nats], chances of each way out, the outcome."""

    def to_dict(self) -> dict[str, object]:
        """The trajectories in plain values."""
        return {"scenario": self.scenario, "days": self.days, "soldier_days": [dict(row) for row in self.soldier_days]}

    def rows(self) -> Sequence[Mapping[str, object]]:
        """A row for each soldier and day."""
        return self.soldier_days

    def of(self, soldier: int) -> list[Mapping[str, object]]:
        """One soldier's days.

        Args:
            soldier: its number, from 1 on.

        Returns:
            Its rows in the order of days.
        """
        return [row for row in self.soldier_days if row["soldier"] == soldier]


def trace(
    scenario: Scenario | str | Path = DEFAULT_SCENARIO,
    *,
    soldiers: int = 20,
    days: int = 30,
    side: str | None = None,
    seed: int = 1,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Trajectories:
    """Follow some soldiers day by day through run 0 of a scenario.

    Args:
        scenario: one small enough to run one to one, the name of a shipped one, or the path of a file.
        soldiers: how many, drawn from those present at the start.
        days: how long [d]; at most the scenario's own length.
        side: only this side's soldiers.
        seed: of the run, and of the choice of soldiers.
        workers: no use here: one process is enough.
        progress: hears of the days done.

    Returns:
        A row for each soldier and day.

    Raises:
        ScenarioError: with every fault of the scenario, or if it has no such side.
    """
    document = (scenario if isinstance(scenario, Scenario) else load_scenario(scenario)).document
    names = [each.name for each in document.side]
    if side is not None and side not in names:
        fault = Fault("--side", side, " or ".join(names), "Correct the name", nearest(side, names))
        raise ScenarioError([fault], "The request")
    days, hears = min(days, document.days), progress or silent
    world, labels = build.world(document)
    where = engine_trace.pick(world, soldiers, None if side is None else names.index(side), seed)
    rows: list[Mapping[str, object]] = []
    for day, of_day in enumerate(engine_trace.follow(world, seed, where, days), start=1):
        rows += [
            row | {
                "side": labels.sides[row["side"]], "brigade": labels.brigades[row["brigade"]],
                "home": labels.regions[row["home"]], "kind": KINDS[row["kind"]],
            }
            for row in of_day
        ]  # fmt: skip
        hears(day, days, "following soldiers")
    return Trajectories(document.name, days, tuple(rows))
