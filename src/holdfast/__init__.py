"""Holdfast: will an army hold or break, which pressures would break it, and how sure can anyone be?

    >>> import holdfast as hf
    >>> case = hf.load_case("skirmish")
    >>> result = hf.run(case, runs=4, seed=1)  # doctest: +SKIP
    >>> result.summary()["p_breaks_first"]  # doctest: +SKIP

For study and warning, about armies as wholes; never about identifiable persons, never for targeting.
"""

from typing import Any

from holdfast.core import runtime

runtime.prepare()  # before anything imports JAX


__all__ = [
    "Case", "ClaimsError", "Losses", "Result", "ScenarioError", "assess", "backtest", "forecast", "judge", "load_case",
    "losses", "run",
]  # fmt: skip

_HOMES = dict.fromkeys(("Case", "Result", "load_case", "run"), "holdfast.ensemble.run")
_HOMES |= dict.fromkeys(("Losses", "judge", "losses"), "holdfast.evidence.losses")
_HOMES["ClaimsError"] = "holdfast.evidence.claims.claim"
_HOMES["ScenarioError"] = "holdfast.scenario.faults"
_HOMES |= {
    "assess": "holdfast.assessment.run",
    "backtest": "holdfast.backtesting",
    "forecast": "holdfast.forecasting.run",
}


def __getattr__(name: str) -> Any:
    """The public names, loaded when first used: help must not wait for them."""
    if name not in __all__:
        raise AttributeError(f"holdfast has no {name!r}; it has {', '.join(__all__)}")
    import importlib

    return getattr(importlib.import_module(_HOMES[name]), name)
