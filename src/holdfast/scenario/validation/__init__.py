"""The check at the door: names that stand for nothing, and all other faults of a scenario together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from holdfast.core.faults import Fault, ScenarioError, shown, unknown
from holdfast.scenario import document_paths, loss_draws
from holdfast.scenario.document_paths import labels
from holdfast.scenario.schema import Front, ScenarioDocument
from holdfast.scenario.validation import content, limits, structure


@dataclass(frozen=True)
class Known:
    """What a scenario may name that is declared elsewhere; none = not checked."""

    effects: Collection[str] | None = None
    """Names of the effects."""
    parameters: Mapping[str, tuple[float, float]] | None = None
    """Lowest and highest value of each parameter, by its path."""
    memory_bytes: int | None = field(default_factory=content.machine_memory)
    """Memory of the machine that is to run it."""


def sector_names(front: Front) -> list[str]:
    """What the sectors are called, in order along the line: `sector 1` and so on where only counted."""
    if isinstance(front.sectors, int):
        return [f"sector {number}" for number in range(1, front.sectors + 1)]
    return [sector.name for sector in front.sectors]


def validated(
    raw: dict[str, Any],
    known: Known | None = None,
    source: str = "The scenario",
    cut_short: bool = False,
    also: Callable[[ScenarioDocument], Sequence[Fault]] | None = None,
) -> ScenarioDocument:
    """A scenario from the tables of its file; a `ScenarioError` with every fault if it has any.

    `source` is what the error calls the file; `cut_short` forgives dates beyond the end; `also` gives
    faults that only a look into other files can find.
    """
    known = known or Known()
    document = raw | {name: structure.flattened(raw[name]) for name in document_paths.OPEN_TABLES if name in raw}
    broken: list[Fault] = []
    undated = False
    try:
        scenario: ScenarioDocument | None = ScenarioDocument.model_validate(document, strict=True)
    except ValidationError as error:
        by_loc = structure.faults(error, document)
        broken = list(by_loc.values())
        scenario = structure.mended(document)
        undated, cut_short = ("start",) in by_loc, cut_short or ("days",) in by_loc
    if scenario is not None:
        between = faults(scenario, known, cut_short) + list(also(scenario) if also else [])
        if undated:  # without the true first day no date can be judged
            between = [fault for fault in between if fault not in content.calendar_faults(scenario, cut_short)]
        broken += structure.untouched(loss_draws.unprompted(between, broken), broken)
    if broken or scenario is None:
        raise ScenarioError(broken, source)
    return scenario


def faults(scenario: ScenarioDocument, known: Known | None = None, cut_short: bool = False) -> list[Fault]:
    """Every fault between fields of a scenario that is sound in structure."""
    known = known or Known()
    return [
        *_repeated(scenario),
        *_sectors(scenario.front),
        *_named(scenario, known),
        *_parameters(scenario, known),
        *_sources(scenario, known),
        *content.calendar_faults(scenario, cut_short),
        *content.ranges(scenario),
        *content.force_faults(scenario, known.memory_bytes),
        *loss_draws.clashes(scenario),
    ]


def _repeated(scenario: ScenarioDocument) -> list[Fault]:
    """Names that two tables share, and sides named like a key of the file."""
    groups = [("side", [side.name for side in scenario.side])]
    if isinstance(scenario.front.sectors, list):
        groups.append(("front.sectors", sector_names(scenario.front)))
    for label, side in zip(labels(scenario.side), scenario.side, strict=True):
        groups.append((f"side[{label}].order_of_battle", [b.name for b in side.order_of_battle]))
        if isinstance(side.regions, list):
            groups.append((f"side[{label}].regions", [region.name for region in side.regions]))
    found = [
        Fault(place, f"{shown(name)} {count} times", "each name once", "Rename all but one")
        for place, names in groups
        for name, count in Counter(names).items()
        if count > 1
    ]
    for side in scenario.side:
        if side.name in ScenarioDocument.model_fields:
            cure = f"Rename the side; a path {side.name}... would mean the key"
            allowed = "a name that is no key of the file"
            found.append(Fault(f"side[{side.name}].name", shown(side.name), allowed, cure))
    return found


def _sectors(front: Front) -> list[Fault]:
    """A front without sectors."""
    if sector_names(front):
        return []
    found = shown(front.sectors) if isinstance(front.sectors, int) else "an empty list"
    return [Fault("front.sectors", found, "at least 1 sector", "Give the front sectors, as sectors = 8")]


def _named(scenario: ScenarioDocument, known: Known) -> list[Fault]:
    """Effects, sides and sectors that are named but not there."""
    sides = [side.name for side in scenario.side]
    sectors = sector_names(scenario.front)
    uses: list[tuple[str, str | None, str, Collection[str]]] = []
    for label, event in zip(labels(scenario.event), scenario.event, strict=True):
        uses.append((f"event[{label}].side", event.side, "the sides", sides))
        if known.effects is not None:
            uses.append((f"event[{label}].effect", event.effect, "the effects", known.effects))
    for label, pocket in zip(labels(scenario.encirclement), scenario.encirclement, strict=True):
        uses.append((f"encirclement[{label}].side", pocket.side, "the sides", sides))
        uses.append((f"encirclement[{label}].sector", pocket.sector, "the sectors", sectors))
    for side in scenario.side:
        for label, brigade in zip(labels(side.order_of_battle), side.order_of_battle, strict=True):
            place = f"side[{side.name}].order_of_battle[{label}].sector"
            uses.append((place, brigade.sector, "the sectors", sectors))
    return [
        unknown(place, name, what, names) for place, name, what, names in uses if name is not None and name not in names
    ]


def _parameters(scenario: ScenarioDocument, known: Known) -> list[Fault]:
    """Overrides of parameters that are not declared, or that leave their range."""
    found: list[Fault] = []
    for path, value in scenario.parameters.items():
        if known.parameters is None:
            break
        place = f"parameters.{path}"
        if path not in known.parameters:
            found.append(unknown(place, path, "the parameters", known.parameters))
            continue
        low, high = known.parameters[path]
        if not low <= value <= high:
            cure = f"Write a value in the range; the nearest is {min(max(value, low), high):g}"
            found.append(Fault(place, shown(value), limits.between(low, high), cure))
    return found


def _sources(scenario: ScenarioDocument, known: Known) -> list[Fault]:
    """Sources of figures that the case does not hold."""
    found: list[Fault] = []
    document = scenario.model_dump()
    for path in scenario.sources:
        if path in scenario.parameters or path in (known.parameters or ()):
            continue
        try:
            document_paths.find(document, path, shared=True)
        except ScenarioError as error:
            found += [replace(fault, place=f"sources.{path}") for fault in error.faults]
    return found
