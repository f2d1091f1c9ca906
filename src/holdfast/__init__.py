"""Holdfast: will an army hold or break, which pressures would break it, and how sure can anyone be?

    >>> import holdfast as hf
    >>> scenario = hf.load_scenario("skirmish")
    >>> result = hf.simulate(scenario, runs=4, seed=1)  # doctest: +SKIP
    >>> result.summary()["p_breaks_first"]  # doctest: +SKIP

Verbs: `load_scenario`, `scenarios`, `simulate`, `compare` and `trace` for simulations; `reconcile_losses` and `judge_claim` for
what was lost; `explain` and `sweep` for what moves an outcome; `assess`, `agree`, `backtest`, `battles`, `calibrate`,
`essay`, `forecast` and `warn`; `open` for a saved result. All take `seed`, `workers` and `progress` where they have a use, and
all but the first argument by keyword. A result has `to_dict()`, `to_frame()`, `save(folder)` and `plot`.

For study and warning, about armies as wholes; never about identifiable persons, never for targeting.
"""

from __future__ import annotations

import functools
import importlib
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from holdfast.core import release, runtime

if TYPE_CHECKING:
    from holdfast import parameters as parameters
    from holdfast.assessment.run import Assessment as Assessment
    from holdfast.assessment.run import agree as agree
    from holdfast.assessment.run import assess as assess
    from holdfast.backtesting.result import Backtest as Backtest
    from holdfast.backtesting.run import backtest as backtest
    from holdfast.calibration.run import calibrate as calibrate
    from holdfast.core.faults import ArmiesError as ArmiesError
    from holdfast.core.faults import AssessError as AssessError
    from holdfast.core.faults import BacktestError as BacktestError
    from holdfast.core.faults import BattlesError as BattlesError
    from holdfast.core.faults import ClaimsError as ClaimsError
    from holdfast.core.faults import ClusterError as ClusterError
    from holdfast.core.faults import DataError as DataError
    from holdfast.core.faults import FaultyError as FaultyError
    from holdfast.core.faults import LedgerError as LedgerError
    from holdfast.core.faults import ReportedError as ReportedError
    from holdfast.core.faults import ScenarioError as ScenarioError
    from holdfast.core.faults import WarnError as WarnError
    from holdfast.early_warning.result import EarlyWarning as EarlyWarning
    from holdfast.early_warning.run import warn as warn
    from holdfast.ensemble.plan import Scenario as Scenario
    from holdfast.ensemble.plan import load_scenario as load_scenario
    from holdfast.ensemble.run import Comparison as Comparison
    from holdfast.ensemble.run import SimulationResult as SimulationResult
    from holdfast.ensemble.run import Trajectories as Trajectories
    from holdfast.ensemble.run import compare as compare
    from holdfast.ensemble.run import simulate as simulate
    from holdfast.ensemble.run import trace as trace
    from holdfast.essay_claims.result import EssayVerdicts as EssayVerdicts
    from holdfast.essay_claims.run import essay as essay
    from holdfast.evidence.losses import Losses as Losses
    from holdfast.evidence.losses import judge_claim as judge_claim
    from holdfast.evidence.losses import reconcile_losses as reconcile_losses
    from holdfast.explanation.result import Explanation as Explanation
    from holdfast.explanation.run import explain as explain
    from holdfast.forecasting.result import Forecast as Forecast
    from holdfast.forecasting.run import forecast as forecast
    from holdfast.past_battles.result import BattleScores as BattleScores
    from holdfast.past_battles.run import battles as battles
    from holdfast.saved_results import open as open
    from holdfast.scenario.catalogue import names as scenarios  # noqa: F401
    from holdfast.sensitivity.result import Sweep as Sweep
    from holdfast.sensitivity.run import sweep as sweep

_HOMES = {
    "load_scenario": "holdfast.ensemble.plan", "scenarios": "holdfast.scenario.catalogue:names",
    "simulate": "holdfast.ensemble.run", "compare": "holdfast.ensemble.run", "trace": "holdfast.ensemble.run",
    "reconcile_losses": "holdfast.evidence.losses", "judge_claim": "holdfast.evidence.losses",
    "assess": "holdfast.assessment.run", "agree": "holdfast.assessment.run",
    "backtest": "holdfast.backtesting.run", "forecast": "holdfast.forecasting.run", "explain": "holdfast.explanation.run",
    "battles": "holdfast.past_battles.run", "calibrate": "holdfast.calibration.run", "warn": "holdfast.early_warning.run",
    "essay": "holdfast.essay_claims.run",
    "sweep": "holdfast.sensitivity.run", "open": "holdfast.saved_results",
    "parameters": "holdfast.parameters:",
    # Results.
    "Scenario": "holdfast.ensemble.plan", "SimulationResult": "holdfast.ensemble.run",
    "Comparison": "holdfast.ensemble.run", "Trajectories": "holdfast.ensemble.run", "Losses": "holdfast.evidence.losses",
    "Assessment": "holdfast.assessment.run", "Backtest": "holdfast.backtesting.result",
    "BattleScores": "holdfast.past_battles.result", "Forecast": "holdfast.forecasting.result",
    "EssayVerdicts": "holdfast.essay_claims.result",
    "Explanation": "holdfast.explanation.result", "EarlyWarning": "holdfast.early_warning.result",
    "Sweep": "holdfast.sensitivity.result",
    # Errors.
    **dict.fromkeys((
        "ArmiesError", "AssessError", "BacktestError", "BattlesError", "ClaimsError", "ClusterError", "DataError", "FaultyError",
        "LedgerError", "ReportedError", "ScenarioError", "WarnError",
    ), "holdfast.core.faults"),
}  # fmt: skip
"""Where each public name lives: its module, and after a colon its name there if that differs."""

_FORMER = {
    "Case": "Scenario", "Result": "SimulationResult", "load_case": "load_scenario", "run": "simulate",
    "losses": "reconcile_losses", "judge": "judge_claim",
}  # fmt: skip
"""Spellings of the last release, which work with a notice until the next."""
_POSITIONS = {"run": ("scenario", "runs", "seed"), "losses": ("scenario",), "judge": ("claim", "scenario")}
"""What former verbs took by position, under the names of today."""

__version__ = release.VERSION
__all__ = list(_HOMES)  # pyright: ignore[reportUnsupportedDunderAll]

runtime.prepare()  # before anything imports JAX


def __getattr__(name: str) -> Any:
    """A public name, loaded when it is first used: help must wait for no engine."""
    if name in _FORMER:
        warnings.warn(f"holdfast.{name} is now holdfast.{_FORMER[name]}", DeprecationWarning, stacklevel=2)
        value = globals().get(_FORMER[name]) or __getattr__(_FORMER[name])
        return functools.partial(_former_call, value, _POSITIONS[name]) if name in _POSITIONS else value
    if name not in _HOMES:
        raise AttributeError(f"holdfast has no {name!r}; it has {', '.join(__all__)}")
    module, colon, attribute = _HOMES[name].partition(":")
    value = importlib.import_module(module)
    if attribute or not colon:
        value = getattr(value, attribute or name)
    if name in _FORMER_PACKAGES:
        setattr(value, name, functools.partial(_former_function, name))
    globals()[name] = value
    return value


_FORMER_PACKAGES = ("assess", "backtest", "forecast")
"""Verbs that were packages with a function of the same name: `holdfast.assess.assess`."""


def _former_function(name: str, *args: Any, **options: Any) -> Any:
    """A verb in its last release's spelling."""
    warnings.warn(f"holdfast.{name}.{name} is now holdfast.{name}", DeprecationWarning, stacklevel=2)
    return globals()[name](*args, **options)


def _former_call(verb: Callable[..., Any], positions: tuple[str, ...], *args: Any, **options: Any) -> Any:
    """A verb called as in the last release: more arguments by position, a scenario called `case`."""
    named = {"scenario" if name == "case" else name: value for name, value in options.items()}
    return verb(**dict(zip(positions, args)), **named)


def __dir__() -> list[str]:
    """The public names."""
    return sorted(__all__)
