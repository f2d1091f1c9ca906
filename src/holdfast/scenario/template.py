"""A new scenario to fill in: every key of the scenario file with its meaning, unit, range and default.

The comments are the schema's own docstrings, so a key that is added there is explained here.
"""

from __future__ import annotations

import datetime as dt
import re
import textwrap
from collections.abc import Iterator
from typing import get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from holdfast.scenario import validation
from holdfast.scenario.schema import (
    Brigade,
    Encirclement,
    Event,
    Front,
    Kind,
    Regime,
    Region,
    Resolve,
    ScenarioDocument,
    Series,
    Side,
)
from holdfast.scenario.validation import structure

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
    "sector": "sector 1",
    "end": START + dt.timedelta(days=90),
    "side": SIDES[0]["name"],
}
"""What to show for a key whose default is nothing."""

INSTEAD = ("losses",)
"""Keys that stand in place of another that is in force: explained, but not to be switched on as they are."""

REGIONS = 'One table for each region; or all of them from a table: regions = {file = "regions.csv"}'

HEAD = """\
{title}: a scenario for Holdfast.

Lines with a key are in force. A line such as #days = 365 shows a key with its default: remove the #
to change it. Dates are written without quotation marks. An unknown key is refused.
A pressure that changes in time is one number or dated values, with straight lines between them:
    news = [{{date = 2030-01-01, value = 0.2}}, {{date = 2030-06-01, value = -0.4}}]"""


def template(name: str) -> str:
    """The text of a scenario that can be run as it stands, for its author to fill in.

    Args:
        name: what the scenario is called.

    Returns:
        TOML with every key of the file, its meaning, range and default.
    """
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "my-scenario"
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
        *_side(SIDES[0]),
        *_second_side(SIDES[1]),
        *_off("What happens on dates", "[[event]]", Event, {"effect": "winter", "start": START}),
        *_off(
            "A pocket closed from outside the model",
            "[[encirclement]]",
            Encirclement,
            {"sector": "sector 1", "side": SIDES[1]["name"], "start": START, "end": EXAMPLES["end"]},
        ),
        "",
        *_key("parameters", ScenarioDocument.model_fields["parameters"]),
        "[parameters]",
        '#"choice.present_bias" = 0.7',
        "",
        *_key("sources", ScenarioDocument.model_fields["sources"]),
        "[sources]",
        f'"{SIDES[0]["name"]}.strength" = "An invented figure; put your source here."',
    ]
    return "\n".join(parts) + "\n"


def _side(values: Values) -> Iterator[str]:
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
        yield from _key(key, field)
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


def _key(key: str, field: FieldInfo) -> list[str]:
    """The comment above a key."""
    allowed = structure.allowed_in(field)
    if field.annotation == Series:
        low, high = validation.RANGES.get(key) or validation.RANGES[f"regime.{key}"]
        allowed = f"a number, {structure.between(low, high)}, or dated values"
    return _comment(f"{key}: {(field.description or '').rstrip('.')}. Allowed: {allowed}.")


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
