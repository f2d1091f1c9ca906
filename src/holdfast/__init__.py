"""Holdfast: will an army hold or break, which pressures would break it, and how sure can anyone be?

    >>> import holdfast as hf
    >>> scenario = hf.load_scenario("skirmish")
    >>> result = hf.run(scenario, runs=4, seed=1)  # doctest: +SKIP
    >>> result.summary()["p_breaks_first"]  # doctest: +SKIP

For study and warning, about armies as wholes; never about identifiable persons, never for targeting.
"""

from typing import Any

from holdfast.core import runtime

runtime.prepare()  # before anything imports JAX


__all__ = [
    "ClaimsError", "Losses", "Scenario", "ScenarioError", "SimulationResult", "assess", "backtest", "forecast", "judge",
    "load_scenario", "losses", "run",
]  # fmt: skip

_HOMES = dict.fromkeys(("Scenario", "SimulationResult", "load_scenario", "run"), "holdfast.ensemble.run")
_HOMES |= dict.fromkeys(("Losses", "judge", "losses"), "holdfast.evidence.losses")
_HOMES["ClaimsError"] = "holdfast.core.faults"
_HOMES["ScenarioError"] = "holdfast.core.faults"
_HOMES |= {
    "assess": "holdfast.assessment.run",
    "backtest": "holdfast.backtesting",
    "forecast": "holdfast.forecasting.run",
}

_FORMER = {"Case": "Scenario", "Result": "SimulationResult", "load_case": "load_scenario"}
"""Older spellings, which work with a notice."""


def __getattr__(name: str) -> Any:
    """The public names, loaded when first used: help must not wait for them."""
    if name in _FORMER:
        import warnings

        warnings.warn(f"holdfast.{name} is now holdfast.{_FORMER[name]}", DeprecationWarning, stacklevel=2)
        name = _FORMER[name]
    if name not in __all__:
        raise AttributeError(f"holdfast has no {name!r}; it has {', '.join(__all__)}")
    import importlib

    return getattr(importlib.import_module(_HOMES[name]), name)
