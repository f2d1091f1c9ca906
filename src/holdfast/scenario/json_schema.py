"""The scenario file as a JSON Schema (draft 2020-12), for editors that complete and check as one types.

All of it is derived: tables, types and limits from `schema`, texts and units from what stands below each key there, ranges of
series from `validation.RANGES`, names of effects and parameters from what the engine declares. What is checked between fields
(`validation`) no such schema can say: `holdfast scenarios check` has the last word.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import TypeAlias

from pydantic import BaseModel

from holdfast.core import texts
from holdfast.scenario import declared, schema, validation
from holdfast.scenario.schema import KINDS, Event, Regime, ScenarioDocument, Series, Side

Node: TypeAlias = dict[str, object]
"""A part of a JSON Schema."""

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FILE = "scenario.schema.json"
"""What the schema is called beside a scenario."""
DIRECTIVE = f"#:schema ./{FILE}\n"
"""The first line of a scenario by which an editor knows the schema beside it."""
CLASS = re.compile(r"\[((?:\\p\{\w+\}|[^\]])*)\]")


def scenario_schema() -> Node:
    """The JSON Schema of a scenario file.

    Returns:
        The schema: every table closed to unknown keys, every key with its text, its unit as `x-unit`, its limits.
    """
    document = ScenarioDocument.model_json_schema()
    nodes: dict[str, Node] = {ScenarioDocument.__name__: document, **document.get("$defs", {})}
    for table in vars(schema).values():
        if isinstance(table, type) and issubclass(table, BaseModel) and table.__name__ in nodes:
            _explain(nodes[table.__name__], table)
    known = declared.known()
    _properties(nodes[Event.__name__])["effect"] |= {"enum": list(known.effects or ())}
    _properties(nodes[Side.__name__])["kinds"] |= {"propertyNames": {"enum": list(KINDS)}}
    top = _properties(document)
    top["parameters"] |= _parameters(known.parameters or {})
    top["sources"] |= {"additionalProperties": {"$ref": "#/$defs/Source"}}
    sources: Node = {"type": "object", "additionalProperties": {"$ref": "#/$defs/Source"}}
    nodes["Source"] = {"anyOf": [{"type": "string"}, sources]}
    document["$defs"] = {name: nodes[name] for name in sorted(nodes) if name != ScenarioDocument.__name__}
    head = {"$schema": DIALECT, "title": "A scenario of Holdfast", "description": ScenarioDocument.__doc__}
    return head | {key: value for key, value in document.items() if key not in head}


def _properties(node: Node) -> dict[str, Node]:
    """The keys of a table."""
    properties = node["properties"]
    assert isinstance(properties, dict)
    return properties


def _explain(node: Node, table: type[BaseModel]) -> None:
    """Texts, units and ranges of a table's keys; no null, which TOML has not; patterns that every validator reads."""
    for key, field in table.model_fields.items():
        text = texts.about(table, key)
        own = _properties(node)[key]
        if field.annotation == Series:
            path = f"regime.{key}" if table is Regime else key
            own |= _series(*validation.RANGES[path])
        own = portable(_without_null(own))
        unit = texts.unit(text)
        _properties(node)[key] = {**own, "description": text, **({"x-unit": unit} if unit else {})}
        own.pop("title", None)


def _without_null(node: Node) -> Node:
    """A key's schema without the value null, by which the code says that a key is not there."""
    choices = node.get("anyOf")
    if not isinstance(choices, list):
        return node
    left = [choice for choice in choices if choice != {"type": "null"}]
    rest = {key: value for key, value in node.items() if key not in ("anyOf", "title")}
    if rest.get("default", "") is None:
        del rest["default"]
    return {**left[0], **rest} if len(left) == 1 else {**rest, "anyOf": left}


def _limits(low: float, high: float) -> Node:
    """A number within a range, whose infinite ends are left out."""
    ends = {"minimum": low, "maximum": high}
    return {"type": "number", **{name: end for name, end in ends.items() if math.isfinite(end)}}


def _series(low: float, high: float) -> Node:
    """A series of a range: a constant, or dated values."""
    point: Node = {
        "type": "object", "additionalProperties": False, "required": ["date", "value"],
        "properties": {"date": {"type": "string", "format": "date"}, "value": _limits(low, high)},
    }  # fmt: skip
    return {"anyOf": [_limits(low, high), {"type": "array", "items": point, "minItems": 1}]}


def portable(node: Node) -> Node:
    """A pattern in letters of any script, for validators that know no classes of Unicode.

    Exact in ASCII; of other letters it refuses none, so that it never refuses what Holdfast takes.

    Args:
        node: a key's schema.

    Returns:
        The same with such a pattern; as it was where it has none.
    """
    pattern = node.get("pattern")
    return node if not isinstance(pattern, str) else {**node, "pattern": CLASS.sub(_outside_ascii, pattern)}


def _outside_ascii(match: re.Match[str]) -> str:
    """A class of characters as all but the ASCII characters that are not in it."""
    inside = match[1]
    allowed = {"_", "-"} & set(re.sub(r"\\p\{\w+\}", "", inside))
    allowed |= set("abcdefghijklmnopqrstuvwxyz") if r"\p{Ll}" in inside else set()
    allowed |= set("0123456789") if r"\p{Nd}" in inside else set()
    refused = [code for code in range(128) if chr(code) not in allowed]
    spans: list[list[int]] = []
    for code in refused:
        if spans and spans[-1][1] == code - 1:
            spans[-1][1] = code
        else:
            spans.append([code, code])
    return "[^" + "".join(f"\\x{low:02x}-\\x{high:02x}" for low, high in spans) + "]"


def _parameters(known: Mapping[str, tuple[float, float]]) -> Node:
    """The table of overrides: each parameter by its quoted path, or below the table of its group."""
    groups: dict[str, dict[str, Node]] = {}
    quoted: dict[str, Node] = {}
    for path, (low, high) in known.items():
        group, _, name = path.partition(".")
        quoted[path] = groups.setdefault(group, {})[name] = _limits(low, high)
    below: dict[str, Node] = {
        group: {"type": "object", "additionalProperties": False, "properties": own} for group, own in groups.items()
    }
    return {"additionalProperties": False, "properties": {**below, **quoted}}
