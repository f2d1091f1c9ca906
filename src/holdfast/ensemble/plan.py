"""What is run: a scenario that has passed its checks, and the plan of its runs, which any process can carry out in part."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from holdfast.core import timings
from holdfast.ensemble.draw import BATCH, Draw, losses_uncertain, twin_of, written
from holdfast.io import files
from holdfast.parallel import Progress
from holdfast.scenario import declared, layout, load, loss_draws, overrides
from holdfast.scenario.schema import ScenarioDocument
from holdfast.scenario.validation import Known

DEFAULT_SCENARIO = "russia-ukraine-2023"
RUNS = 40
"""Runs unless told otherwise: each has a draw of what is not known, so chances need more of them than luck alone would."""
LAST_SEED = 2**32 - 1
"""The generator takes 32 bits: a larger seed would repeat a smaller one's luck."""
BATCH_BILLETS = 800_000
"""Billets that one process runs side by side: enough that a day's hundreds of small kernels, whose cost is of their number,
hardly count; more gave nothing."""
FIRST_TWIN = 1_000_000
"""Number of the first twin: no ensemble has as many runs."""
FEWEST_WITH_TWINS, RUNS_A_TWIN = 16, 2
"""With fewer runs than this nothing is said of where their spread comes from; else there is a twin for so many runs."""
FILM_BILLETS = 1_500_000
"""A film's grain is the finest with at most this many billets."""


def _known() -> Known:
    """The effects and parameters that the engine declares, and the armies of history."""
    from holdfast.coded_armies import reader

    return dataclasses.replace(declared.known(), armies={army.army_id for army in reader.codings()})


def _plain(value: Any) -> object:
    """A number of NumPy's or of JAX's as Python has it; other values as they are."""
    return value.item() if getattr(value, "shape", None) == () else value


@dataclasses.dataclass(frozen=True, repr=False)
class Scenario:
    """A scenario that has passed its checks, as users change and run it."""

    document: ScenarioDocument
    """All that its file says, with whatever was changed."""
    unchanged: ScenarioDocument | None = dataclasses.field(default=None, compare=False)
    """The same before any change; none = nothing was changed. What is inferred of an army is inferred of it as it was."""

    def __repr__(self) -> str:
        return f"<Scenario {self.name}: {self.document.title}>"

    @property
    def name(self) -> str:
        """The name in its file."""
        return self.document.name

    @property
    def base(self) -> ScenarioDocument:
        """The scenario before any change."""
        return self.unchanged or self.document

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
        plain = {path: _plain(value) for path, value in values.items()}
        return Scenario(overrides.with_values(self.document, plain, known=_known()), self.base)

    def with_effects(self, *effects: str) -> Scenario:
        """The scenario with effects switched on from its first day.

        Args:
            effects: each as `amnesty`, `winter:russia` for one side, `pay_rise:ukraine:0.5` with a strength.

        Returns:
            A new scenario.

        Raises:
            ScenarioError: with every fault, if there is no such effect or side.
        """
        return Scenario(overrides.with_effects(self.document, list(effects), known=_known()), self.base)


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


def scenario_from(text: str) -> Scenario:
    """A scenario out of a text that comes from elsewhere; it reads no file but shipped tables.

    Args:
        text: what the scenario's file holds.

    Returns:
        The scenario.

    Raises:
        ScenarioError: with every fault of the text at once.
    """
    return Scenario(load.read_text(text, known=_known()))


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
    luck_only: bool = False
    """Whether the runs differ in luck alone."""
    base: str = ""
    """Hash of the scenario before any change, by which the level of resolve is inferred."""
    history: str = ""
    """Digest of the posterior that history taught."""
    twins: int = 0
    """Runs besides, each with the draw of one of the runs and luck of its own: they tell how much of the spread is luck."""
    about: dict[str, object] = dataclasses.field(default_factory=dict)
    """Where the draws are from, for the manifest."""
    draws: list[Draw] = dataclasses.field(default_factory=list)
    """What each run has in place of what is not known, and the twins after them; what it is follows from the rest."""

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
        for name in ("runs", "twins", "draws", "about"):  # more runs of the same plan are the same runs and some more
            decisive.pop(name)
        decisive.pop("batch")
        decisive.pop("film_men_per_billet")  # follows from the rest, and the film is a run beside the others
        return hashlib.sha256(files.canonical_json(decisive).encode()).hexdigest()

    def tasks(self) -> list[range]:
        """How the runs and their twins are cut into tasks.

        Returns:
            The numbers of the runs of each task; the last may have fewer than a batch.
        """
        cut = lambda first, last: [range(n, min(n + self.batch, last)) for n in range(first, last, self.batch)]  # noqa: E731
        return cut(0, self.runs) + cut(FIRST_TWIN, FIRST_TWIN + self.twins)

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

    def document(self, number: int | None = None) -> ScenarioDocument:
        """The scenario's document, which was checked when the plan was made.

        Args:
            number: number of a run or of a twin whose draw is written in; without it, the document of all of them.

        Returns:
            The document.
        """
        document = ScenarioDocument.model_validate_json(json.dumps(self.scenario))
        return document if number is None else written(document, self.draw(number))

    def draw(self, number: int) -> Draw:
        """The draw of a run or of a twin.

        Args:
            number: its number; one beyond the last has the last one's, which fills up a batch.

        Returns:
            The draw.
        """
        last = self.runs if number < FIRST_TWIN else self.runs + self.twins
        place = number if number < FIRST_TWIN else self.runs + number - FIRST_TWIN
        return self.draws[min(place, last - 1)]


@timings.phase("build")
def plan(
    scenario: Scenario, *, runs: int, seed: int, men_per_billet: int | None = None, film: bool = False,
    luck_only: bool = False, workers: int | None = None, progress: Progress | None = None,
) -> Plan:  # fmt: skip
    """The plan of an ensemble, with the draws of its runs.

    Args:
        scenario: what is run.
        runs: how many runs.
        seed: their seed.
        men_per_billet: the grain [men]; the scenario's own unless given.
        film: whether one run is filmed besides.
        luck_only: whether the runs differ in luck alone.
        workers: processes for the pilots, one for each core unless given.
        progress: hears of the pilot runs in which a level of resolve is searched.

    Returns:
        The plan.

    Raises:
        ScenarioError: if the scenario cannot be run at that grain, or does not fit what is known of its armies.
        PosteriorError: if the shipped posterior cannot be read.
    """
    from holdfast.calibration import posterior
    from holdfast.ensemble import inference

    grain = men_per_billet or scenario.document.men_per_billet
    if grain != scenario.document.men_per_billet:
        scenario = scenario.with_values({"men_per_billet": grain})
    document = scenario.document
    billets = layout.billets(document, grain)
    film_grain = max(1, math.ceil(billets * grain / FILM_BILLETS))
    base = scenario.base
    if luck_only:
        drawn = inference.fixed(document, base, runs=runs, seed=seed, men_per_billet=grain, progress=progress)
    else:
        drawn = inference.draws(
            document, base, runs=runs, seed=seed, men_per_billet=grain, workers=workers, progress=progress
        )
    varies = any(each["resolve"] != drawn.each[0]["resolve"] for each in drawn.each)
    uncertain = ", ".join([
        *([] if luck_only else ["parameters"]), *(["resolve"] if varies else []),
        *(["losses"] if (losses_uncertain(document) and not luck_only) or loss_draws.used(document) else []), "luck",
    ])  # fmt: skip
    twins = 0 if luck_only or runs < FEWEST_WITH_TWINS else runs // RUNS_A_TWIN
    every = drawn.each + tuple(twin_of(document, drawn.each[twin], seed) for twin in range(twins))
    return Plan(
        scenario=document.model_dump(mode="json"), seed=seed, runs=runs, men_per_billet=grain,
        film_men_per_billet=min(film_grain, grain) if film else None,
        batch=batch_size(billets), posteriors=loss_draws.used(document),
        luck_only=luck_only, base=load.hash(scenario.base), history=posterior.shipped().digest, twins=twins, draws=list(every),
        about=dict(drawn.about) | {"history": posterior.shipped().digest, "twins": twins, "uncertain": uncertain},
    )  # fmt: skip


def batch_size(billets: int) -> int:
    """Runs that one process carries out side by side.

    It hangs on nothing but the war: programs of other sizes differ in the last digit, and a run is to be the same whatever the
    number of runs and of processes.

    Args:
        billets: billets of one run.

    Returns:
        The number: `BATCH`, or as many as fit a process.
    """
    return max(1, min(BATCH, BATCH_BILLETS // max(billets, 1)))
