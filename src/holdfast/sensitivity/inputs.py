"""Which inputs are varied, and between what: places of a scenario, declared parameters with their priors, effects on or off.

A pressure that a scenario states as a series is one number over the whole run where it is varied.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from holdfast.core.faults import Fault, ScenarioError, shown, unknown
from holdfast.core.lazy import Lazy
from holdfast.core.params import Fixed, Floats, Prior
from holdfast.scenario import schema
from holdfast.scenario.schema import ScenarioDocument, Side

if TYPE_CHECKING:
    import numpy as np

    from holdfast.ensemble.plan import Scenario
else:
    np = Lazy("numpy")

PARAMETERS = "parameters"
"""The word that stands for every declared parameter that is no convention."""
TAIL = 0.001
"""Share of a prior at either end that no point reaches [1]."""
MIDDLE = 0.05
"""The same in a Morris design, half of whose points lie at the ends [1]."""
OPTION = "--vary"
FORM = "PATH=LOW:HIGH, or the bare path of a declared parameter"
OFF, ON = "off", "on"
LEVELS_OF_SIDE = ("killed_per_1000_month", "resolve.mean")
"""Numbers of a side, beside its series, in which runs that go side by side may differ."""

Vary: TypeAlias = "Mapping[str, tuple[float, float] | None] | Sequence[str] | str"
"""What is varied: ranges by path, or texts as PATH=LOW:HIGH."""


@dataclasses.dataclass(frozen=True)
class Input:
    """One input that is varied."""

    path: str
    """Its path in the scenario, or of a declared parameter; of an effect as `effect amnesty:south`."""
    label: str
    """What it is called in a sentence."""
    low: float
    """Lower end of its range [its unit]; NaN of an effect."""
    high: float
    """Upper end [its unit]."""
    prior: Prior | None = None
    """Its distribution; none = even between the ends."""
    effect: str = ""
    """The effect that is off or on, as `amnesty:south`; empty of numbers."""
    drawn: bool = False
    """Whether it is a draw of the posterior, which stands in no design."""

    def values(self, shares: Floats, tail: float = TAIL) -> Floats:
        """The input's values.

        Args:
            shares: where it stands between its ends `[point]` [0-1].
            tail: share of a prior at either end that no point reaches.

        Returns:
            The values `[point]` [its unit]; of an effect 0 for off and 1 for on.
        """
        if self.effect:
            return np.asarray(shares >= 0.5, float)
        if self.prior is None:
            return np.asarray(self.low + shares * (self.high - self.low))
        return np.clip(self.prior.ppf(tail + (1 - 2 * tail) * np.asarray(shares)), self.low, self.high)

    @property
    def in_words(self) -> str:
        """Between what it is varied."""
        if self.effect:
            return "off or on"
        if self.drawn:
            return "draws of the posterior"
        return f"{self.low:g} to {self.high:g}" if self.prior is None else self.prior.describe()


def inputs_of(
    scenario: Scenario, vary: Vary | None, switch: Sequence[str] = (), places: tuple[str, str] = (OPTION, "--switch")
) -> tuple[tuple[Input, ...], list[Fault]]:
    """The inputs that a request means, and what is wrong with it.

    Args:
        scenario: what is run.
        vary: what is varied; every declared parameter unless given.
        switch: effects that are off or on, as NAME, NAME:SIDE or NAME:SIDE:STRENGTH.
        places: what the two are called in faults.

    Returns:
        The inputs in the order in which they were given; faults, all of them.
    """
    faults: list[Fault] = []
    inputs: list[Input] = []
    for path, ends in _requested(vary, bool(switch), places[0], faults):
        if path == PARAMETERS:
            inputs += [_parameter(*each) for each in _free(scenario).items()]
        elif isinstance(of := _input(scenario, path, ends, places[0]), Input):
            inputs.append(of)
        else:
            faults += of
    for effect in switch:
        try:
            scenario.with_effects(effect)
            inputs.append(
                Input(f"effect {effect}", effect.replace(":", " ").replace("_", " "), math.nan, math.nan, effect=effect)
            )
        except ScenarioError as error:
            faults += [dataclasses.replace(fault, place=f"{places[1]} {effect}") for fault in error.faults]
    seen: set[str] = set()
    for each in inputs:
        if each.path in seen:
            faults.append(
                Fault(f"{places[0]} {each.path}", "the path twice", "each input once", "Leave one of them out")
            )
        seen.add(each.path)
    return tuple(inputs), faults


def all_parameters(vary: Vary | None, switch: Sequence[str] = ()) -> bool:
    """Whether a request means every declared parameter.

    Args:
        vary: what is varied.
        switch: effects that are off or on.

    Returns:
        True where it says so, or nothing.
    """
    return not switch if vary is None else PARAMETERS in ([vary] if isinstance(vary, str) else vary)


def of_draws(scenario: Scenario, parameters: Sequence[str]) -> tuple[Input, ...]:
    """The inputs that a posterior's draws are: parameters, and the level of each side's resolve.

    Args:
        scenario: what is run.
        parameters: paths of the parameters that differ between draws.

    Returns:
        The inputs.
    """
    paths = [*parameters, *(f"{side.name}.resolve.mean" for side in scenario.document.side)]
    return tuple(Input(path, label(path), math.nan, math.nan, drawn=True) for path in paths)


def label(path: str) -> str:
    """What an input is called in a sentence.

    Args:
        path: its path.

    Returns:
        As `russia elite level` for `russia.regime.elite_level`.
    """
    return path.replace(".regime.", ".").replace(".", " ").replace("_", " ")


def allowed(document: ScenarioDocument) -> list[str]:
    """The paths of a scenario that can be varied: what may differ between runs that go side by side.

    Args:
        document: a checked scenario.

    Returns:
        The paths of both sides.
    """
    series = [name for name, field in Side.model_fields.items() if field.annotation == schema.Series]
    regime = [
        f"regime.{name}" for name, field in schema.Regime.model_fields.items() if field.annotation == schema.Series
    ]
    return [f"{side.name}.{name}" for side in document.side for name in (*series, *regime, *LEVELS_OF_SIDE)]


def _requested(
    vary: Vary | None, switches: bool, place: str, faults: list[Fault]
) -> list[tuple[str, tuple[float, float] | None]]:
    """Paths with their ends."""
    if vary is None:
        return [] if switches else [(PARAMETERS, None)]
    if isinstance(vary, Mapping):
        return [(path, None if ends is None else (float(ends[0]), float(ends[1]))) for path, ends in vary.items()]
    requested: list[tuple[str, tuple[float, float] | None]] = []
    for text in [vary] if isinstance(vary, str) else vary:
        path, equals, span = text.partition("=")
        if not equals:
            requested.append((path.strip(), None))
            continue
        low, colon, high = span.partition(":")
        try:
            requested.append((path.strip(), (float(low), float(high))))
        except ValueError:
            cure = (
                "Give two numbers with a colon between them, as 0.2:1" if colon else "Give the other end too, as 0.2:1"
            )
            faults.append(Fault(f"{place} {path.strip()}", shown(span), FORM, cure))
    return requested


def _input(scenario: Scenario, path: str, ends: tuple[float, float] | None, place: str) -> Input | list[Fault]:
    """One input, or what is wrong with it."""
    where, declared = f"{place} {path}", _declared(scenario)
    if path in declared:
        prior, bounds = declared[path]
        if ends is None:
            if not isinstance(prior, Fixed):
                return _parameter(path, (prior, bounds))
            return [Fault(where, "a convention, which has no prior", f"{path}=LOW:HIGH", "Say between what to vary it")]
    elif path not in allowed(scenario.document):
        return [_lost(scenario, path, where)]
    elif ends is None:
        return [Fault(where, "no range", FORM, f"Say between what to vary it, as {path}=0:1")]
    assert ends is not None
    if not (math.isfinite(ends[0]) and math.isfinite(ends[1]) and ends[0] < ends[1]):
        return [Fault(where, f"{ends[0]:g}:{ends[1]:g}", "two numbers, the lower one first", "Put them in order")]
    faults: dict[str, Fault] = {}
    for end in ends:
        try:
            scenario.with_values({path: end})
        except ScenarioError as error:
            faults |= {
                fault.allowed: dataclasses.replace(fault, place=f"{where}, end {end:g}") for fault in error.faults
            }
    return list(faults.values()) or Input(path, path if path in declared else label(path), *ends)


def _lost(scenario: Scenario, path: str, where: str) -> Fault:
    """A path that cannot be varied."""
    names = [*allowed(scenario.document), *_free(scenario)]
    try:
        scenario.with_values({path: 0.5})
        there = True
    except ScenarioError as error:
        there = not any(fault.suggestion or "names" in fault.allowed for fault in error.faults)
    if there:
        what = "a daily series of a side, its resolve.mean or killed_per_1000_month, or a declared parameter"
        cure = "Run the scenario with either value (holdfast compare): it changes what is compiled, or who is there at the start"
        return Fault(where, "a place in which runs side by side cannot differ", what, cure)
    return unknown(where, path, "a path that can be varied", names, "Correct the path")


Declared: TypeAlias = "tuple[Prior, tuple[float, float]]"
"""A parameter's prior, and between what it may be set."""


def _declared(scenario: Scenario) -> dict[str, Declared]:
    """Every parameter that the scenario uses, by path."""
    from holdfast.scenario import build

    return {path: (about.prior, about.bounds) for path, about in build.declared(scenario.document).items()}


def _free(scenario: Scenario) -> dict[str, Declared]:
    """Those that are no convention."""
    return {path: of for path, of in _declared(scenario).items() if not isinstance(of[0], Fixed)}


def _parameter(path: str, of: Declared) -> Input:
    """A declared parameter under its prior."""
    return Input(path, path, *of[1], prior=of[0])
