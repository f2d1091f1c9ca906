"""Make a forecast: what was known, the months to come, the engine's runs; then set it against what followed. [IO]"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

from holdfast.core import runtime
from holdfast.ensemble.run import Scenario, load_scenario
from holdfast.evidence import losses
from holdfast.forecasting import as_of as forecast_as_of
from holdfast.forecasting import observations, parameter_draws, paths, processes, projection, scores
from holdfast.forecasting.as_of import held
from holdfast.forecasting.observations import Key, Truth
from holdfast.forecasting.result import CAVEATS, Forecast
from holdfast.scenario.layout import effect_names

Progress = Callable[[int, int, str], None]

GRAIN = 400
"""Men that each billet of a forecast stands for."""


@dataclasses.dataclass(frozen=True)
class Made:
    """A forecast with its scores."""

    forecast: Forecast
    truth: dict[Key, Truth]
    scores: list[dict[str, Any]]
    outcomes: dict[str, dict[str, Any]]

    def as_json(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return self.forecast.about() | {
            "version": runtime.version(), "fits": dict(self.forecast.known.fits), "sides": self.forecast.numbers(),
            "scores": {"months": self.scores, "outcomes": self.outcomes} if self.scores else None,
            "caveats": list(caveats(self.forecast)),
        }  # fmt: skip


def forecast(
    case: Scenario | str | Path = "russia-ukraine-2023", *, as_of: dt.date, until: dt.date, runs: int = 200, seed: int = 1,
    men_per_billet: int = GRAIN, workers: int = 1, progress: Progress | None = None, calibrated: bool = True,
) -> Forecast:  # fmt: skip
    """Foretell both armies of a case from a day, out of nothing dated later.

    Claims count if they were known by `as_of`; series of the case keep their last value by then. Run `i` has draw `i` of
    the losses and of the parameters (from their priors, unless `calibrated`). Raises `ScenarioError` or `ClaimsError`
    with every fault of what is asked.
    """
    case = case if isinstance(case, Scenario) else load_scenario(case)
    told = progress or (lambda done, total, what: None)
    scenario = held(case.document, as_of, until)
    claims = losses.table(case.name, None)
    sides = [side.name for side in scenario.side]
    told(0, 1, "reconciling the claims known by then")
    known = forecast_as_of.known(claims, sides, as_of, seed)
    ahead = {
        side: projection.ahead(known.sides[side], as_of, until, seed=seed * 1000 + number)
        for number, side in enumerate(sides)
    }
    drawn, source = parameter_draws.draws(
        runs * paths.TRIES, effect_names(scenario), ended_by=as_of, seed=seed, calibrated=calibrated,
    )  # fmt: skip
    jobs = paths.tasks(scenario, known, ahead, drawn, runs, seed, men_per_billet)
    parts = processes.each(paths.fight, jobs, [job.days for job in jobs], workers, told)
    whole = paths.joined(parts, as_of)
    return Forecast(
        case.name, case.hash, as_of, until, known, ahead, whole, source, seed, men_per_billet
    )  # fmt: skip


def judged(made: Forecast, truth: dict[Key, Truth] | None = None) -> Made:
    """A forecast set against what followed: the shipped table of its war unless another is given."""
    table = dict(observations.shipped(losses.shipped_for(made.case))) if truth is None else truth
    table = table | observations.gained(table, made.sides[0], made.as_of)
    return Made(made, table, scores.table(scores.marks(made, table)), scores.outcomes(made, table))


def caveats(made: Forecast) -> tuple[str, ...]:
    """What is to be held against it."""
    own = {
        parameter_draws.PRIOR: "The engine's parameters are drawn from the priors as declared: no army has taught them.",
        parameter_draws.CALIBRATED: f"The engine's parameters were taught only by armies whose wars had ended by {made.as_of}.",
    }[made.parameters]
    share = made.fought.aside / max(made.fought.aside + made.runs, 1)
    aside = (
        f"{made.fought.aside} draws ({share:.0%}) were put aside: in the {paths.BEFORE} days before, through which both "
        "stood, an army breaks, or leaves less than half or more than twice as fast as the evidence says."
    )
    slopes = ", ".join(f"{one['slope']:.1g} ({side})" for side, one in made.known.fits.items())
    rest = (f"The evidence was fitted with a slope at the mode, per posterior SD, of {slopes}.",) if slopes else ()
    return (*CAVEATS, own, aside, *rest, *made.known.notes)
