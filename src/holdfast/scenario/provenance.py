"""Inputs as the report lists them: every value of the scenario and every parameter, with unit and source."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from holdfast.scenario import loss_draws
from holdfast.scenario.schema import Losses, ScenarioDocument, Side

if TYPE_CHECKING:
    from holdfast.core.params import About

UNIT = re.compile(r"\[([^\]]+)\]")


@dataclass(frozen=True)
class Input:
    """A value of the scenario or a parameter of the model."""

    path: str  # its place in the file, as `ukraine.strength`
    value: object  # as the file has it
    unit: str  # empty where it has none
    source: str  # who says so


def scenario(document: ScenarioDocument) -> list[Input]:
    """Every value of a scenario.

    Args:
        document: a checked scenario.

    Returns:
        Each value with its unit and the source that the file names for it, or for the table in which it stands; for what a
        posterior gives, median and 90 % interval of its draws.
    """
    skip = {"sources", "caveats", "background", "title", "question", "format", "name"}
    instead = _drawn(document)
    rows = [
        Input(path, value, _unit_of(path), _source_of(path, document.sources))
        for path, value in walk(document.model_dump(mode="json", exclude=skip))
        if path not in instead
    ]
    return rows + list(instead.values())


def _drawn(document: ScenarioDocument) -> dict[str, Input]:
    """What a posterior gives in place of the scenario's values: median and 90 % of its draws, over the run's days."""
    rows: dict[str, Input] = {}
    for side, about in loss_draws.about(document).items():
        source = loss_draws.in_words(about)
        key = f"{side}.losses" + (".posterior" if isinstance(_side(document, side).losses, Losses) else "")
        rows[key] = Input(key, about["posterior"], "", source)
        for name, (low, middle, high) in loss_draws.spread(document, side).items():
            path = f"{side}.{name}"
            rows[path] = Input(path, f"{middle:.4g} ({low:.4g} to {high:.4g})", _unit_of(path), source)
    return rows


def _side(document: ScenarioDocument, name: str) -> Side:
    return next(side for side in document.side if side.name == name)


def walk(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """The leaves of a document; a side is called by its name, dated values are one text.

    Args:
        value: the document, or a part of it.
        path: where the part stands.

    Yields:
        The path and value of each leaf.
    """
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

    units: dict[str, str] = {}
    for model in vars(schema).values():
        for name, field in getattr(model, "model_fields", {}).items():
            unit = UNIT.search(field.description or "")
            if unit:
                units[name] = unit[1]
    return units


UNITS = _units_from_schema()


def parameters(document: ScenarioDocument, declared: Mapping[str, About]) -> list[Input]:
    """Every parameter of the model and of a scenario's effects.

    Args:
        document: the scenario.
        declared: the parameters by their paths (`build.declared`).

    Returns:
        The value used, unit and source of each.
    """
    rows = []
    for path, about in declared.items():
        changed = path in document.parameters
        source = f"set by the scenario; the model's own is {about.value:g}" if changed else about.source
        rows.append(Input(path, document.parameters.get(path, about.value), about.unit, source))
    return rows
