"""Inputs as the report lists them: every value of the scenario and every parameter, with unit and source."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from holdfast.core import params
from holdfast.engine.day.world import defaults
from holdfast.scenario import loss_draws
from holdfast.scenario.layout import effect_names
from holdfast.scenario.schema import Losses, ScenarioDocument, Side

UNIT = re.compile(r"\[([^\]]+)\]")


@dataclass(frozen=True)
class Input:
    """A value of the scenario or a parameter of the model."""

    path: str
    """Its place in the file, as `sides.ukraine.army.strength`."""
    value: Any
    unit: str
    source: str
    """Who says so."""


def scenario(case: ScenarioDocument) -> list[Input]:
    """Every value of a scenario, with the source that the file names for it or for the table it stands in."""
    skip = {"sources", "caveats", "background", "title", "question", "format", "name"}
    instead = _drawn(case)
    rows = [
        Input(path, value, _unit_of(path), _source_of(path, case.sources))
        for path, value in walk(case.model_dump(mode="json", exclude=skip))
        if path not in instead
    ]
    return rows + list(instead.values())


def _drawn(case: ScenarioDocument) -> dict[str, Input]:
    """What a posterior gives in place of the scenario's values: median and 90 % of its draws, over the run's days."""
    found: dict[str, Input] = {}
    for side, about in loss_draws.about(case).items():
        source = loss_draws.in_words(about)
        key = f"{side}.losses" + (".posterior" if isinstance(_side(case, side).losses, Losses) else "")
        found[key] = Input(key, about["posterior"], "", source)
        for name, (low, middle, high) in loss_draws.spread(case, side).items():
            path = f"{side}.{name}"
            found[path] = Input(path, f"{middle:.4g} ({low:.4g} to {high:.4g})", _unit_of(path), source)
    return found


def _side(case: ScenarioDocument, name: str) -> Side:
    return next(side for side in case.side if side.name == name)


def walk(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Leaves of the scenario by their paths; a side is called by its name, a long list by its size."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from walk(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and value and isinstance(value[0], dict) and "date" in value[0]:
        yield path, "; ".join(f"{point['date']} {point['value']:g}" for point in value)
    elif isinstance(value, list) and path == "side":
        for side in value:
            yield from walk(side, side["name"])
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for number, inner in enumerate(value):
            label = inner.get("name") or inner.get("effect") or number + 1
            yield from walk(inner, f"{path}[{label}]")
    elif value is not None and value != [] and value != {}:
        yield path, value


def _source_of(path: str, sources: dict[str, str]) -> str:
    """The source named for a path, or for the nearest table above it."""
    plain = path.replace("[", ".").replace("]", "")
    for candidate in (path, plain):
        while candidate:
            if candidate in sources:
                return sources[candidate]
            candidate = candidate.rpartition(".")[0]
    return ""


def _unit_of(path: str) -> str:
    """The unit as the name carries it, or as the schema's text has it in brackets."""
    name = path.rpartition(".")[2].partition("[")[0]
    if path.startswith("front.sectors["):
        return "relative" if name == "share" else ""
    for ending, unit in (
        ("_km", "km"),
        ("km", "km"),
        ("_days", "d"),
        ("days", "d"),
        ("_per_day", "men/d"),
        ("_men", "men"),
    ):
        if name.endswith(ending):
            return unit
    return UNITS.get(name, "")


def _units_from_schema() -> dict[str, str]:
    """Units of the schema's fields, read from their texts."""
    from holdfast.scenario import schema

    found: dict[str, str] = {}
    for model in vars(schema).values():
        for name, field in getattr(model, "model_fields", {}).items():
            unit = UNIT.search(field.description or "")
            if unit:
                found[name] = unit[1]
    return found


UNITS = _units_from_schema()


def parameters(case: ScenarioDocument) -> list[Input]:
    """Every parameter of the model and of the case's effects: the value used, unit, source."""
    rows = []
    for path, about in params.walk(defaults(effect_names(case))):
        changed = path in case.parameters
        source = f"set by the case; the model's own is {about.value:g}" if changed else about.source
        rows.append(Input(path, case.parameters.get(path, about.value), about.unit, source))
    return rows
