"""What a scenario's keys hold: a commented template of a new one, and the inputs of one as a report lists them.

The comments are the schema's own docstrings, so a key that is added there is explained here.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
import textwrap
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from holdfast.core import texts
from holdfast.scenario import loss_draws, schema, validation
from holdfast.scenario.schema import (
    Brigade,
    Encirclement,
    Event,
    Front,
    Kind,
    Losses,
    Regime,
    Region,
    Resolve,
    ScenarioDocument,
    Series,
    Side,
)
from holdfast.scenario.validation import structure

if TYPE_CHECKING:
    from holdfast.core.params import About


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
        key = f"{side}.losses" + (".posterior" if isinstance(_provenance_side(document, side).losses, Losses) else "")
        rows[key] = Input(key, about["posterior"], "", source)
        for name, (low, middle, high) in loss_draws.spread(document, side).items():
            path = f"{side}.{name}"
            rows[path] = Input(path, f"{middle:.4g} ({low:.4g} to {high:.4g})", _unit_of(path), source)
    return rows


def _provenance_side(document: ScenarioDocument, name: str) -> Side:
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
    return _units_from_schema().get(name, "")


@functools.cache
def _units_from_schema() -> dict[str, str]:
    """Units of the schema's fields, read from their texts."""
    units: dict[str, str] = {}
    for model in vars(schema).values():
        for name in getattr(model, "model_fields", {}):
            if unit := texts.unit(texts.about(model, name)):
                units.setdefault(name, unit)
    return units


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


WIDTH = 100

START = dt.date(2030, 1, 1)

Values = dict[str, object]

SIDES: tuple[Values, Values] = (
    {"name": "attacker", "title": "Army of the attacker", "strength": 60_000, "killed_per_1000_month": 8.0},
    {"name": "defender", "title": "Army of the defender", "strength": 50_000, "killed_per_1000_month": 6.0},
)

EXAMPLES: Values = {
    "ceasefire": START + dt.timedelta(days=300),
    "establishment": 70_000,
    "leader_age": 65,
    "trust": 0.5,
    "terror": 0.3,
    "mean": 2.0,
    "known_exits": 2.0,
    "coded_army": "RUS_1917",
    "width": 300,
    "observed": "ground_russia_ukraine.csv",
    "sector": "sector 1",
    "end": START + dt.timedelta(days=90),
    "side": SIDES[0]["name"],
}
"""What to show for a key whose default is nothing."""

INSTEAD = ("losses", "known_exits")
"""Keys that stand in place of another that is in force: explained, but not to be switched on as they are."""

REGIONS = 'One table for each region; or all of them from a table: regions = {file = "regions.csv"}'

HEAD = """\
{title}: a scenario for Holdfast.

Lines with a key are in force. A line such as #days = 365 shows a key with its default: remove the #
to change it. Dates are written without quotation marks. An unknown key is refused.
A pressure that changes in time is one number or dated values, with straight lines between them:
    news = [{{date = 2030-01-01, value = 0.2}}, {{date = 2030-06-01, value = -0.4}}]"""


SHORT = ("Ll", "Lo", "Nd")
"""Kinds of letters of a scenario's short name, in any script."""


def template(name: str) -> str:
    """The text of a scenario that can be run as it stands, for its author to fill in.

    Args:
        name: what the scenario is called.

    Returns:
        TOML with every key of the file, its meaning, range and default.
    """
    letters = (one if unicodedata.category(one) in SHORT else "-" for one in name.lower())
    slug = re.sub("-+", "-", "".join(letters)).strip("-")[:60] or "my-scenario"
    title = "".join(letter for letter in name if letter.isprintable())[:80] or slug
    top = {
        "format": 1,
        "name": slug,
        "title": title,
        "question": "Which army gives way first, and under which pressure?",
        "start": START,
    }
    parts = [
        *_comment(HEAD.format(title=title), fold=False),
        "",
        *_table(ScenarioDocument, top),
        *_section("The front", "[front]", Front, {}),
        *_template_side(SIDES[0]),
        *_second_side(SIDES[1]),
        *_off("What happens on dates", "[[event]]", Event, {"effect": "winter", "start": START}),
        *_off(
            "A pocket closed from outside the model",
            "[[encirclement]]",
            Encirclement,
            {"sector": "sector 1", "side": SIDES[1]["name"], "start": START, "end": EXAMPLES["end"]},
        ),
        "",
        *_key("parameters", ScenarioDocument),
        "[parameters]",
        '#"choice.present_bias" = 0.7',
        "",
        *_key("sources", ScenarioDocument),
        "[sources]",
        f'"{SIDES[0]["name"]}.strength" = "An invented figure; put your source here."',
    ]
    return "\n".join(parts) + "\n"


def _template_side(values: Values) -> Iterator[str]:
    """One side in full."""
    yield from _section(f"The side {values['name']}", "[[side]]", Side, values)
    yield from _section("", "[side.resolve]", Resolve, {})
    yield from _section(
        "One table for each kind of soldier", "[side.kinds.contract]", Kind, {"share": 1.0, "intake_share": 1.0}
    )
    yield from _section(REGIONS, "[[side.regions]]", Region, _region(values))
    yield from _section("", "[side.regime]", Regime, {})
    brigade = {"name": "1st Brigade", "men": 3000}
    yield from _off("In place of strength: one table for each brigade", "[[side.order_of_battle]]", Brigade, brigade)


def _second_side(values: Values) -> list[str]:
    """The other side, with only what is needed."""
    lines = ["", *_comment(f"The side {values['name']}. Every key of the first side may stand here.")]
    lines += ["[[side]]", *(f"{key} = {_written(value)}" for key, value in values.items())]
    lines += ["[[side.regions]]"]
    return lines + [f"{key} = {_written(value)}" for key, value in _region(values).items()]


def _region(values: Values) -> Values:
    """A region of a side."""
    return {"name": f"Home of the {values['name']}", "eligible_men": 500_000}


def _section(title: str, header: str, table: type[BaseModel], values: Values) -> list[str]:
    """A table under its header."""
    return ["", *(_comment(title + ".") if title else []), header, *_table(table, values)]


def _off(title: str, header: str, table: type[BaseModel], values: Values) -> list[str]:
    """A table that is shown but not in force."""
    lines = [f"#{line}" if line and line[0] not in "# " else line for line in _table(table, values)]
    return ["", *_comment(f"{title}; remove the # to use it."), f"#{header}", *lines]


def _table(table: type[BaseModel], values: Values) -> Iterator[str]:
    """Each key of a table: what it means, and its value or default."""
    for key, field in table.model_fields.items():
        if _has_own_header(field):
            continue
        yield from _key(key, table)
        if key in INSTEAD:
            continue
        if key in values:
            yield f"{key} = {_written(values[key])}"
        else:
            shown = EXAMPLES.get(key) if field.default is None else field.default
            yield f"#{key} = {_written(shown)}"


def _has_own_header(field: FieldInfo) -> bool:
    """Whether a key is written as a table, or tables, of its own."""
    kind = structure.opened(field.annotation)[0][0]
    tables = get_origin(kind) is list and structure.is_table(get_args(kind)[0])
    return structure.is_table(kind) or tables or get_origin(kind) is dict


def _key(key: str, table: type[BaseModel]) -> list[str]:
    """The comment above a key of a table."""
    field = table.model_fields[key]
    allowed = structure.allowed_in(field)
    if field.annotation == Series:
        low, high = validation.RANGES.get(key) or validation.RANGES[f"regime.{key}"]
        allowed = f"a number, {structure.between(low, high)}, or dated values"
    return _comment(f"{key}: {texts.about(table, key).rstrip('.')}. Allowed: {allowed}.")


def _comment(text: str, fold: bool = True) -> list[str]:
    """A text as comment lines."""
    lines = textwrap.wrap(text, WIDTH - 2) if fold else text.splitlines()
    return [f"# {line}".rstrip() for line in lines]


def _written(value: object) -> str:
    """A value in the syntax of the file."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, list):
        return "[" + ", ".join(_written(item) for item in value) + "]"
    return value.isoformat() if isinstance(value, dt.date) else str(value)
