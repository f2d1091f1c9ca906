"""What the tests rest on, each worked out once and only when a test wants it: evidence, explanation, runs, coded armies. [IO]"""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np

from holdfast.assessment.run import Assessment, assess
from holdfast.coded_armies import reader
from holdfast.coded_armies.army import ESSAY, CodedArmy, independent
from holdfast.core.units import Z90
from holdfast.ensemble import run as ensemble
from holdfast.ensemble.plan import Scenario, load_scenario
from holdfast.ensemble.result import Difference, SimulationResult
from holdfast.evidence.claims import table
from holdfast.evidence.claims.table import Claim
from holdfast.evidence.losses import reconcile_losses
from holdfast.evidence.posterior import Posterior
from holdfast.explanation import pressures
from holdfast.explanation.result import Explanation
from holdfast.explanation.run import explain
from holdfast.parallel import Progress, silent

SCENARIO, SIDE = "russia-ukraine-2023", "russia"
"""The essay's moment and its army."""
WAR = "russia_ukraine"
"""The shipped table of claims."""
DAY = "2023-11-15"
"""The day by which the essay's numbers are taken to count."""
DRAWS = 64
"""Draws under which every combination of the five pressures is run: the least that `explain` takes."""
RUNS, QUICK_RUNS = 48, 16
"""Runs of every comparison."""
GRAIN, QUICK_GRAIN = 348, 1400
"""Men a billet: that at which `explain` runs this scenario, and a coarser one [men]."""


@dataclass(eq=False)
class Material:
    """Results by name; a test asks for what it needs."""

    quick: bool = False
    """Fewer runs at a coarser grain: to see that it works, not to be cited."""
    seed: int = 1
    """Of fits, draws and luck."""
    workers: int | None = None
    """Processes; one for each core unless given."""
    progress: Progress = silent
    """Hears of the work."""
    folder: Path | None = None
    """Where finished blocks of the explanation stay, so that a stopped command goes on."""

    @property
    def runs(self) -> int:
        """Runs of every comparison."""
        return QUICK_RUNS if self.quick else RUNS

    @property
    def grain(self) -> int:
        """Men a billet [men]."""
        return QUICK_GRAIN if self.quick else GRAIN

    @functools.cached_property
    def claims(self) -> tuple[Claim, ...]:
        """The shipped claims."""
        return table.read(WAR)

    @functools.cached_property
    def posterior(self) -> Posterior:
        """The evidence of all shipped claims."""
        return reconcile_losses(fast=True, seed=self.seed, progress=self.progress, workers=self.workers).posterior

    @functools.cached_property
    def posterior_of_the_day(self) -> Posterior:
        """The evidence of the claims known on the essay's day."""
        return reconcile_losses(
            fast=True, until=DAY, side=SIDE, seed=self.seed, progress=self.progress, workers=self.workers
        ).posterior

    def total(self, quantity: str, begin: str | None = None, end: str | None = DAY) -> np.ndarray:
        """Draws of the army's total by the evidence of all claims.

        Args:
            quantity: as `Posterior.total` takes it.
            begin: the first day; the war's unless given.
            end: the last day; that of the evidence if it is none.

        Returns:
            `[draw]` [men].
        """
        return self.posterior.total(SIDE, quantity, begin, end)

    def claim(self, claim_id: str) -> Claim:
        """A claim by its id.

        Args:
            claim_id: as `RU-S007`.

        Returns:
            The claim.
        """
        return next(one for one in self.claims if one.claim_id == claim_id)

    @functools.cached_property
    def armies(self) -> tuple[CodedArmy, ...]:
        """The coded armies that count for themselves."""
        return independent(reader.shipped())

    def army(self, army_id: str) -> CodedArmy:
        """A coded army by its name, whether or not it counts for itself.

        Args:
            army_id: as `RUS_1917`.

        Returns:
            The army.
        """
        return next(one for one in reader.shipped() if one.army_id == army_id)

    @functools.cache  # noqa: B019 - lives as long as the material does
    def assessment(self, army_id: str) -> Assessment:
        """What the model says of a coded army, told by all others.

        Args:
            army_id: as `RUS_1917`.

        Returns:
            The assessment, without changes.
        """
        return assess(army=army_id, with_changes=False, seed=self.seed, workers=self.workers)

    @functools.cached_property
    def explanation(self) -> Explanation:
        """The essay's five pressures on the army, every combination."""
        return explain(
            SCENARIO, side=SIDE, of="five", draws=DRAWS, men_per_billet=self.grain, seed=self.seed, workers=self.workers,
            progress=self.progress, folder=self.folder,
        )  # fmt: skip

    @functools.cached_property
    def scenario(self) -> Scenario:
        """The scenario as it is shipped."""
        return load_scenario(SCENARIO)

    @functools.cached_property
    def base(self) -> SimulationResult:
        """Its runs."""
        return self._simulated(self.scenario)

    @functools.cached_property
    def all_five(self) -> SimulationResult:
        """Its runs with the essay's five pressures at their extreme level from the first day on."""
        return self._simulated(self.scenario.with_values(self.extremes))

    @functools.cached_property
    def extremes(self) -> dict[str, float]:
        """Values of the scenario, by their paths, that put the essay's five pressures to their extreme level."""
        own = self.scenario.document.side[0]
        values = {f"{SIDE}.intensity": 1.0}  # losses stay at their level
        for name in ESSAY:
            for series, value in pressures.levels(name, own.men_at_start)[1].values.items():
                values[PLACES.get(series, f"{SIDE}.{series}")] = round(value, 4)
        return values

    def _simulated(self, scenario: Scenario) -> SimulationResult:
        """The runs of a scenario."""
        return ensemble.simulate(
            scenario,
            runs=self.runs,
            seed=self.seed,
            men_per_billet=self.grain,
            workers=self.workers,
            progress=self.progress,
        )

    def rise(
        self, values: Mapping[str, object] | None = None, effects: Sequence[str] = ()
    ) -> tuple[float, float, float]:
        """How a change of the scenario moves the army's exits by the man and month.

        Args:
            values: values that are changed, by their paths.
            effects: effects that are switched on.

        Returns:
            The change as a share of the exits without it, and its 90 % interval, of runs under the same draws and luck [1].
        """
        one = self.changed(values, effects)[EXITS]
        change, reach = one["difference"] / one["a"], Z90 * (one["standard_error"] or 0.0) / one["a"]
        return change, change - reach, change + reach

    def changed(
        self, values: Mapping[str, object] | None = None, effects: Sequence[str] = ()
    ) -> Mapping[str, Difference]:
        """What a change of the scenario moves.

        Args:
            values: values that are changed, by their paths.
            effects: effects that are switched on.

        Returns:
            The army's differences by measure.
        """
        second = self.scenario.with_values(values or {}).with_effects(*effects)
        compared = ensemble.compare(
            self.base, second, runs=self.runs, seed=self.seed, men_per_billet=self.grain, workers=self.workers,
            progress=self.progress,
        )  # fmt: skip
        return compared.sides[SIDE]

    def compare_command(self, change: str) -> str:
        """The command of a comparison.

        Args:
            change: its options.

        Returns:
            The command.
        """
        return f"holdfast compare {SCENARIO} {change} --runs {self.runs} --men-per-billet {self.grain}"

    @property
    def run_command(self) -> str:
        """The command of the scenario's own runs."""
        return f"holdfast run {SCENARIO} --runs {self.runs} --men-per-billet {self.grain}"

    @property
    def explain_command(self) -> str:
        """The command of the explanation."""
        return f"holdfast explain {SCENARIO} --of five --draws {DRAWS} --men-per-billet {self.grain}"

    @functools.cached_property
    def regions(self) -> list[dict[str, str]]:
        """The regions of the army: deaths to April 2023 by kind of service, men, income, poverty."""
        file = resources.files("holdfast.scenario") / "shipped" / "regions_russia.csv"
        return list(csv.DictReader(file.read_text(encoding="utf8").splitlines()))


EXITS = "exits per 1,000 a month"
"""The measure of a comparison."""
PLACES = {
    "vitality": f"{SIDE}.regime.vitality", "elite_level": f"{SIDE}.regime.elite_level",
    "killed": f"{SIDE}.killed_per_1000_month",
}  # fmt: skip
"""Where a series of the pressures stands in a scenario, unless under its own name."""
