"""Holdfast: will an army hold or break, which pressures would break it, and how sure can anyone be?

    >>> import holdfast as hf
    >>> case = hf.load_case("skirmish")
    >>> result = hf.run(case, runs=4, seed=1)  # doctest: +SKIP
    >>> result.summary()["p_breaks_first"]  # doctest: +SKIP

For study and warning, about armies as wholes; never about identifiable persons, never for targeting.
"""

from holdfast import machine

machine.prepare()  # before anything imports JAX

from holdfast.case import Case, Result, load_case, run  # noqa: E402
from holdfast.scenario.faults import ScenarioError  # noqa: E402

__all__ = ["Case", "Result", "ScenarioError", "load_case", "run"]
