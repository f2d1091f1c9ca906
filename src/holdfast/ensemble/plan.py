"""What is to be run: a plan that says it all, so that any process can carry out any part of it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from typing import Any

from holdfast.scenario import loss_draws
from holdfast.scenario.schema import ScenarioDocument

BATCH_BILLETS = 400_000
"""Billets that one process runs side by side: enough to fill its vectors, few enough for its cache."""
FILM_BILLETS = 1_500_000
"""A film's grain is the finest with at most this many billets."""


@dataclasses.dataclass(frozen=True)
class Plan:
    """Everything that decides the numbers, and how they are cut into tasks."""

    scenario: dict[str, Any]
    seed: int
    runs: int
    men_per_billet: int
    film_men_per_billet: int | None
    batch: int
    posteriors: dict[str, str] = dataclasses.field(default_factory=dict)
    """The digest of each posterior of losses, by its path: what a path leads to may change."""

    def identity(self) -> str:
        """What a resumed run must share with the one that was stopped: all that decides the numbers."""
        decisive = dataclasses.asdict(self)
        decisive.pop("runs")  # more runs of the same plan are the same runs and some more
        decisive.pop("batch")
        decisive.pop("film_men_per_billet")  # follows from the rest, and the film is a run beside the others
        return hashlib.sha256(json.dumps(decisive, sort_keys=True, default=str).encode()).hexdigest()

    def tasks(self) -> list[range]:
        """The runs of each task; the last may ask for fewer than a batch."""
        return [range(first, min(first + self.batch, self.runs)) for first in range(0, self.runs, self.batch)]

    def to_json(self) -> str:
        """The plan as text."""
        return json.dumps(dataclasses.asdict(self), default=str)

    @staticmethod
    def from_json(text: str) -> Plan:
        """The plan from its text."""
        return Plan(**json.loads(text))

    def read_scenario(self) -> ScenarioDocument:
        """The scenario, checked when the plan was made."""
        return ScenarioDocument.model_validate_json(json.dumps(self.scenario))


def make(
    scenario: ScenarioDocument, billets_of_one: int, seed: int, runs: int, grain: int, film: bool, workers: int
) -> Plan:
    """Cut the runs into batches that fit a process, and choose the film's grain."""
    fits = max(1, BATCH_BILLETS // max(billets_of_one, 1))
    wanted = max(1, math.ceil(runs / workers))
    # Never a run by itself where two fit: XLA works out a batch of one in another order, to the last digit.
    batch = min(fits, max(wanted, 2))
    # Even tasks, so that no worker waits long for the last one, and few surplus runs.
    batch = max(min(fits, 2), math.ceil(runs / math.ceil(runs / batch)))
    men = billets_of_one * grain
    film_grain = max(1, math.ceil(men / FILM_BILLETS))
    return Plan(
        scenario=scenario.model_dump(mode="json"),
        seed=seed,
        runs=runs,
        men_per_billet=grain,
        film_men_per_billet=min(film_grain, grain) if film else None,
        batch=batch,
        posteriors=loss_draws.used(scenario),
    )
