"""A request for a sweep: what is varied, how, and what is looked at; all that is wrong with it is said at once."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from holdfast.core.faults import Fault, FaultyError, unknown
from holdfast.sensitivity import indices, inputs
from holdfast.sensitivity.inputs import Input, Vary

if TYPE_CHECKING:
    from holdfast.ensemble.plan import Scenario

SOBOL, MORRIS, BOXES = "sobol", "morris", "boxes"
METHODS = {
    SOBOL: "shares of the variance, first and total order, and boxes",
    MORRIS: "screening of many inputs by elementary effects",
    BOXES: "the region in which an outcome comes, by PRIM and CART",
}
OUTCOMES = {"collapse": "collapse", "mass_desertion": "mass desertion", "exits": "exits"}
"""What is looked at, and its words."""
DRAWS = {SOBOL: 4, MORRIS: 2, BOXES: 1}
"""Draws at each point, unless the request says otherwise."""
RUNS = 1000
"""Runs at most, unless the request says otherwise."""
LEAST_BASE, LEAST_PATHS, LEAST_POINTS = 8, 4, 64
"""Points of a Sobol design's base sample, paths of Morris's, points of a search for boxes: with fewer nothing can be said."""
LAST_SEED = 2**32 - 1
Naming: TypeAlias = Callable[[str], str]
"""What an argument is called in a fault."""


@dataclasses.dataclass(frozen=True)
class Request:
    """What is to be swept."""

    scenario: Scenario
    """What is run."""
    method: str
    """One of `METHODS`."""
    inputs: tuple[Input, ...]
    """What is varied by design."""
    outcome: str
    """One of `OUTCOMES`."""
    side: str | None
    """Whose outcome; none = the side whose outcome varies most."""
    above: float | None
    """Exits per 1,000 a month above which boxes look; none = their upper quartile."""
    runs: int
    """Runs at most."""
    draws: int
    """Draws at each point, each with luck of its own."""
    interactions: bool
    """Whether pairs of inputs are estimated too."""
    posterior: bool
    """Whether draws of the posterior are inputs."""
    luck_only: bool
    """Whether the draws differ in luck alone."""
    seed: int
    """Of design, draws and luck."""

    @property
    def size(self) -> int:
        """Points of the base sample, paths, or points: as many as the runs allow."""
        if self.method == SOBOL:
            most = self.runs // (indices.block(len(self.inputs), self.interactions) * self.draws)
            return 2 ** int(math.log2(most)) if most else 0
        return self.runs // ((len(self.inputs) + 1 if self.method == MORRIS else 1) * self.draws)


@dataclasses.dataclass(frozen=True)
class Wanted:
    """What a caller says, before it is checked; see `Request` for what is meant."""

    vary: Vary | None = None
    """What is varied: texts as PATH=LOW:HIGH, or ranges by path."""
    switch: Sequence[str] = ()
    """Effects that are off or on."""
    method: str | None = None
    """One of `METHODS`."""
    outcome: str = "collapse"
    """One of `OUTCOMES`."""
    side: str | None = None
    """Whose outcome."""
    above: float | None = None
    """Exits above which boxes look."""
    runs: int = RUNS
    """Runs at most."""
    draws: int | None = None
    """Draws at each point."""
    interactions: bool = False
    """Whether pairs are estimated."""
    posterior: bool = False
    """Whether draws of the posterior are inputs."""
    luck_only: bool = False
    """Whether draws differ in luck alone."""
    seed: int = 1
    """Of design, draws and luck."""


def parse(scenario: Scenario, wanted: Wanted, *, options: bool = False) -> Request:
    """The request that is meant.

    Args:
        scenario: what is run.
        wanted: what the caller says.
        options: whether they gave options of the command line, by whose names faults then call them.

    Returns:
        The request. Without a method it is Morris's where every declared parameter is varied, boxes with a posterior, else
        Sobol's.

    Raises:
        FaultyError: with all faults.
    """
    name: Naming = (lambda word: f"--{word.replace('_', '-')}") if options else str
    nothing_varied = wanted.posterior and wanted.vary is None and not wanted.switch
    varied: tuple[Input, ...] = ()
    faults: list[Fault] = []
    if not nothing_varied:
        varied, faults = inputs.inputs_of(scenario, wanted.vary, wanted.switch, (name("vary"), name("switch")))
    everything = not nothing_varied and inputs.all_parameters(wanted.vary, wanted.switch)
    method = wanted.method or (BOXES if wanted.posterior else MORRIS if everything else SOBOL)
    faults += _word_faults(scenario, wanted, method, name)
    request = Request(
        scenario=scenario, method=method, inputs=varied, outcome=wanted.outcome, side=wanted.side, above=wanted.above,
        runs=wanted.runs, draws=DRAWS.get(method, 1) if wanted.draws is None else wanted.draws, seed=wanted.seed,
        interactions=wanted.interactions, posterior=wanted.posterior,
        luck_only=wanted.luck_only or (everything and not wanted.posterior),
    )  # fmt: skip
    if not faults:
        faults += _size_faults(request, name)
    if faults:
        raise FaultyError(faults, "The request")
    return request


def _word_faults(scenario: Scenario, wanted: Wanted, method: str, name: Naming) -> list[Fault]:
    """What is wrong with words and numbers, taken one by one."""
    faults = []
    sides = [side.name for side in scenario.document.side]
    if method not in METHODS:
        faults.append(unknown(name("method"), method, "a method", METHODS))
    if wanted.outcome not in OUTCOMES:
        faults.append(unknown(name("outcome"), wanted.outcome, "an outcome", OUTCOMES))
    if wanted.side is not None and wanted.side not in sides:
        faults.append(unknown(name("side"), wanted.side, "a side of the scenario", sides))
    if wanted.posterior and method in (SOBOL, MORRIS):
        allowed = "boxes: draws of a posterior go together, and shares of the variance are of inputs that do not"
        faults.append(Fault(name("method"), method, allowed, "Leave the method out, or the posterior"))
    if wanted.interactions and method != SOBOL:
        faults.append(Fault(name("interactions"), f"with {method}", "only with sobol", "Leave it out, or choose sobol"))
    if wanted.above is not None and (wanted.outcome != "exits" or not wanted.above > 0):
        allowed = "a rate above 0 [per 1,000 a month], of the outcome exits"
        faults.append(
            Fault(name("above"), f"{wanted.above:g} of {wanted.outcome}", allowed, "Look at exits, or leave it out")
        )
    if wanted.draws is not None and wanted.draws < 1:
        faults.append(Fault(name("draws"), str(wanted.draws), "a whole number from 1 on", "Give 1 or more"))
    if not 0 <= wanted.seed <= LAST_SEED:
        faults.append(
            Fault(name("seed"), str(wanted.seed), f"a whole number from 0 to {LAST_SEED}", "Give another seed")
        )
    return faults


def _size_faults(request: Request, name: Naming) -> list[Fault]:
    """What is wrong with the number of runs."""
    count, one = len(request.inputs), request.draws
    least = {
        SOBOL: LEAST_BASE * indices.block(count, request.interactions) * one,
        MORRIS: LEAST_PATHS * (count + 1) * one, BOXES: LEAST_POINTS * one,
    }[request.method]  # fmt: skip
    if request.runs >= least:
        return []
    allowed = f"at least {least} runs for {count} inputs and {one} draws a point by {request.method}"
    cure = "Give more runs, or vary fewer inputs" if request.method != BOXES else "Give more runs"
    return [Fault(name("runs"), str(request.runs), allowed, cure)]
