"""What is run: a scenario that has passed its checks, and the plan of its runs, which any process can carry out in part."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Mapping
from pathlib import Path

from holdfast.core import runtime
from holdfast.io import files
from holdfast.scenario import layout, load, loss_draws, overrides
from holdfast.scenario.schema import ScenarioDocument
from holdfast.scenario.validation import Known

DEFAULT_SCENARIO = "russia-ukraine-2023"
LAST_SEED = 2**32 - 1
"""The generator takes 32 bits: a larger seed would repeat a smaller one's luck."""
BATCH_BILLETS = 400_000
"""Billets that one process runs side by side: enough to fill its vectors, few enough for its cache."""
FILM_BILLETS = 1_500_000
"""A film's grain is the finest with at most this many billets."""


def _known() -> Known:
    """The effects and parameters that the engine declares; loading them takes a second."""
    from holdfast.scenario import build

    return build.known()


@dataclasses.dataclass(frozen=True, repr=False)
class Scenario:
    """A scenario that has passed its checks, as users change and run it."""

    document: ScenarioDocument
    """All that its file says."""

    def __repr__(self) -> str:
        return f"<Scenario {self.name}: {self.document.title}>"

    @property
    def name(self) -> str:
        """The name in its file."""
        return self.document.name

    @property
    def hash(self) -> str:
        """SHA-256 of all that it says, the tables and posteriors that it names included."""
        return load.hash(self.document)

    def with_values(self, values: Mapping[str, object]) -> Scenario:
        """The scenario with some values changed.

        >>> load_scenario("skirmish").with_values({"days": 30, "choice.present_bias": 0.9}).document.days
        30

        Args:
            values: new values by their dotted paths.

        Returns:
            A new scenario.

        Raises:
            ScenarioError: with every fault, if a path leads nowhere or a value cannot stand there.
        """
        return Scenario(overrides.with_values(self.document, dict(values), known=_known()))

    def with_effects(self, *effects: str) -> Scenario:
        """The scenario with effects switched on from its first day.

        Args:
            effects: each as `amnesty`, `winter:russia` for one side, `pay_rise:ukraine:0.5` with a strength.

        Returns:
            A new scenario.

        Raises:
            ScenarioError: with every fault, if there is no such effect or side.
        """
        return Scenario(overrides.with_effects(self.document, list(effects), known=_known()))


def load_scenario(name_or_path: str | Path = DEFAULT_SCENARIO) -> Scenario:
    """A scenario, ready to be changed and run.

    Args:
        name_or_path: the name of a shipped scenario, or the path of a file.

    Returns:
        The scenario.

    Raises:
        ScenarioError: with every fault of the file at once.
    """
    return Scenario(load.read(name_or_path, known=_known()))


@dataclasses.dataclass(frozen=True)
class Plan:
    """Everything that decides the numbers, and how they are cut into tasks."""

    scenario: dict[str, object]
    """The document, as JSON has it."""
    seed: int
    """Seed of the runs' luck."""
    runs: int
    """How many runs."""
    men_per_billet: int
    """The grain [men]."""
    film_men_per_billet: int | None
    """The film's grain; none = no film."""
    batch: int
    """Runs that one process carries out side by side."""
    posteriors: dict[str, str] = dataclasses.field(default_factory=dict)
    """The digest of each posterior of losses, by its path: what a path leads to may change."""

    @property
    def days(self) -> int:
        """Length of a run [d]."""
        return int(str(self.scenario["days"]))

    @property
    def film_weight(self) -> int:
        """How many runs the film's run is worth, by its billets."""
        return max(1, self.men_per_billet // (self.film_men_per_billet or self.men_per_billet))

    def identity(self) -> str:
        """What a resumed run must share with the one that was stopped.

        Returns:
            A hash of all that decides the numbers.
        """
        decisive = dataclasses.asdict(self)
        decisive.pop("runs")  # more runs of the same plan are the same runs and some more
        decisive.pop("batch")
        decisive.pop("film_men_per_billet")  # follows from the rest, and the film is a run beside the others
        return hashlib.sha256(files.canonical_json(decisive).encode()).hexdigest()

    def tasks(self) -> list[range]:
        """How the runs are cut into tasks.

        Returns:
            The runs of each task; the last may have fewer than a batch.
        """
        return [range(first, min(first + self.batch, self.runs)) for first in range(0, self.runs, self.batch)]

    def to_json(self) -> str:
        """The plan as text.

        Returns:
            JSON on one line.
        """
        return files.json_line(self)

    @staticmethod
    def from_json(text: str) -> Plan:
        """The plan from its text.

        Args:
            text: as `to_json` writes it.

        Returns:
            The plan.
        """
        return Plan(**json.loads(text))

    def document(self) -> ScenarioDocument:
        """The scenario's document, which was checked when the plan was made.

        Returns:
            The document.
        """
        return ScenarioDocument.model_validate_json(json.dumps(self.scenario))


def plan(
    scenario: Scenario, *, runs: int, seed: int, men_per_billet: int | None = None, film: bool = False,
    workers: int | None = None,
) -> Plan:  # fmt: skip
    """The plan of an ensemble.

    Args:
        scenario: what is run.
        runs: how many runs.
        seed: their seed.
        men_per_billet: the grain [men]; the scenario's own unless given.
        film: whether one run is filmed besides.
        workers: processes among which the runs are shared out, one for each core unless given.

    Returns:
        The plan.

    Raises:
        ScenarioError: if the scenario cannot be run at that grain.
    """
    grain = men_per_billet or scenario.document.men_per_billet
    if grain != scenario.document.men_per_billet:
        scenario = scenario.with_values({"men_per_billet": grain})
    billets = layout.billets(scenario.document, grain)
    film_grain = max(1, math.ceil(billets * grain / FILM_BILLETS))
    return Plan(
        scenario=scenario.document.model_dump(mode="json"), seed=seed, runs=runs, men_per_billet=grain,
        film_men_per_billet=min(film_grain, grain) if film else None,
        batch=batch_size(billets, runs, workers or runtime.cores()), posteriors=loss_draws.used(scenario.document),
    )  # fmt: skip


def batch_size(billets: int, runs: int, workers: int) -> int:
    """Runs that one process carries out side by side.

    Args:
        billets: billets of one run.
        runs: how many runs there are.
        workers: how many processes.

    Returns:
        The number: as many as fit a process, in even tasks, so that no worker waits long for the last one.
    """
    fits = max(1, BATCH_BILLETS // max(billets, 1))
    wanted = max(1, math.ceil(runs / workers))
    # Never a run by itself where two fit: XLA works out a batch of one in another order, to the last digit.
    batch = min(fits, max(wanted, 2))
    # Even tasks, and few surplus runs.
    return max(min(fits, 2), math.ceil(runs / math.ceil(runs / batch)))
