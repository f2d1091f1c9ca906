"""Charts as specifications of Vega-Lite: marks, encodings, layers and rows of panels, built as plain dictionaries.

A page draws its charts itself, so a specification is all that it needs. Altair builds the same ones, but holds every part
against a schema and copies it at every step: for the fourteen charts of a run, seconds of processor time. A part is never
changed once it is there, so parts share what they have in common. `altair_of` gives a chart as Altair's, for a notebook.
"""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import altair as alt


Record: TypeAlias = dict[str, Any]
"""A row of a chart's data, or a part of a specification: plain values by name."""

_TYPES = {"Q": "quantitative", "N": "nominal", "O": "ordinal", "T": "temporal"}
_SECOND_ENDS = ("x2", "y2")
"""Channels that take the type of the first end."""


@dataclasses.dataclass(frozen=True, eq=False)
class Rows:
    """Records that charts draw; where several share them, they stand in the specification once."""

    values: tuple[Record, ...]
    """The records."""


@dataclasses.dataclass(frozen=True)
class Chart:
    """A chart, or a part of one; every method gives another and leaves this one as it is."""

    spec: Record
    """As Vega-Lite has it, but for parts that are charts and data that are `Rows`."""

    def mark(self, kind: str, **style: object) -> Chart:
        """Draw data as marks.

        Args:
            kind: of mark, as `line`.
            **style: of all of them.

        Returns:
            The chart.
        """
        return self.properties(mark={"type": kind, **style})

    def encode(self, **channels: object) -> Chart:
        """Say what channels show; those that are given already stay.

        Args:
            **channels: a field as text (`"low:Q"`) or as `field` gives it, a value, a datum, or several fields.

        Returns:
            The chart.
        """
        here = {channel: _channel(channel, shown) for channel, shown in channels.items()}
        return self.properties(encoding={**self.spec.get("encoding", {}), **here})

    def filter(self, test: str) -> Chart:
        """Draw some of the data.

        Args:
            test: an expression that is true of them.

        Returns:
            The chart.
        """
        return self._transformed({"filter": test})

    def calculate(self, name: str, expression: str) -> Chart:
        """Give the data a further field.

        Args:
            name: of the field.
            expression: what it holds.

        Returns:
            The chart.
        """
        return self._transformed({"calculate": expression, "as": name})

    def once(self) -> Chart:
        """Draw one mark for all data together.

        Returns:
            The chart.
        """
        return self._transformed({"aggregate": [{"op": "count", "as": "rows"}], "groupby": []})

    def properties(self, **properties: object) -> Chart:
        """Set properties of the chart.

        Args:
            **properties: as `width`, `height`, `title`.

        Returns:
            The chart.
        """
        return Chart({**self.spec, **properties})

    def resolve_scale(self, **channels: str) -> Chart:
        """Say which scales the parts share.

        Args:
            **channels: `shared` or `independent`.

        Returns:
            The chart.
        """
        return self.properties(resolve={"scale": channels})

    def facet(self, data: Rows, *, columns: int | None = None, **by: object) -> Chart:
        """The chart once for every value of a field.

        Args:
            data: of all panels.
            columns: panels side by side, where `by` is `facet`.
            **by: the field that tells panels apart: `column`, or `facet` for several rows.

        Returns:
            The chart of panels.
        """
        fields = by.get("facet", by)
        return Chart({"data": data, "facet": fields, "spec": self} | ({"columns": columns} if columns else {}))

    def to_dict(self) -> Record:
        """The specification as JSON knows it.

        Returns:
            Plain values; data by name, under `datasets`.
        """
        names: dict[Rows, str] = {}
        spec: Record = _plain(self.spec, names)
        return spec | {"datasets": {name: list(rows.values) for rows, name in names.items()}}

    def _transformed(self, step: Record) -> Chart:
        return self.properties(transform=[*self.spec.get("transform", ()), step])


def _plain(value: object, names: dict[Rows, str]) -> Any:
    """A part of a specification as JSON knows it; `names` collects the data."""
    if isinstance(value, Rows):
        return {"name": names.setdefault(value, f"data-{len(names) + 1}")}
    if isinstance(value, Chart):
        return _plain(value.spec, names)
    if isinstance(value, Mapping):
        return {name: _plain(part, names) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part, names) for part in value]
    return value.item() if isinstance(value, np.generic) else value


def _channel(channel: str, shown: object) -> object:
    """What a channel shows, its field written out."""
    if isinstance(shown, list):
        return [_channel(channel, one) for one in shown]
    full = field(shown) if isinstance(shown, str) else shown
    if channel in _SECOND_ENDS and isinstance(full, dict):
        return {name: part for name, part in full.items() if name != "type"}
    return full


# --- What a channel shows.


def field(shorthand: str, **options: object) -> Record:
    """A field of the data.

    Args:
        shorthand: its name and type, as `low:Q`, or with a function of it, as `max(low):Q`.
        **options: as `title`, `scale`, `axis`, `legend`, `sort`.

    Returns:
        The part of an encoding.
    """
    name, _, kind = shorthand.rpartition(":")
    what: Record = {"field": name}
    if name.endswith(")"):
        function, _, of = name[:-1].partition("(")
        what = {"aggregate": function, "field": of}
    return what | {"type": _TYPES[kind]} | options


def value(fixed: object) -> Record:
    """The same for all data.

    Args:
        fixed: a colour, a number of pixels, a text.

    Returns:
        The part of an encoding.
    """
    return {"value": fixed}


def datum(fixed: object) -> Record:
    """A place on the channel's scale, the same for all data.

    Args:
        fixed: the place.

    Returns:
        The part of an encoding.
    """
    return {"datum": fixed}


def condition(test: str, here: Record, else_: Record) -> Record:
    """One of two values.

    Args:
        test: an expression.
        here: as `value` gives it, where the expression is true.
        else_: the same for all other data.

    Returns:
        The part of an encoding.
    """
    return {"condition": {"test": test, **here}, **else_}


def equals(name: str, text: str) -> str:
    """A test of one field.

    Args:
        name: of the field.
        text: what it is to hold.

    Returns:
        The expression.
    """
    return f"datum.{name} === {json.dumps(text)}"


# --- Charts, on and beside each other.


def chart(data: Rows | None = None) -> Chart:
    """A chart to begin with.

    Args:
        data: what it draws; those of the chart around it unless given.

    Returns:
        The chart, which has no mark yet.
    """
    return Chart({} if data is None else {"data": data})


def layer(*parts: Chart, data: Rows | None = None) -> Chart:
    """Charts on each other.

    Args:
        *parts: the lowest first.
        data: of parts that have none of their own.

    Returns:
        The chart.
    """
    return chart(data).properties(layer=parts)


def hconcat(*parts: Chart, **options: object) -> Chart:
    """Charts side by side.

    Args:
        *parts: from left to right.
        **options: `spacing`, `bounds`.

    Returns:
        The chart.
    """
    return Chart({"hconcat": parts, **options})


def vconcat(*parts: Chart, **options: object) -> Chart:
    """Charts below each other.

    Args:
        *parts: from the top down.
        **options: `spacing`, `bounds`.

    Returns:
        The chart.
    """
    return Chart({"vconcat": parts, **options})


def concat(*parts: Chart, **options: object) -> Chart:
    """Charts in rows.

    Args:
        *parts: row by row.
        **options: `columns`, `spacing`, `bounds`.

    Returns:
        The chart.
    """
    return Chart({"concat": parts, **options})


def in_altair(drawings: Mapping[str, Callable[[], Chart]]) -> dict[str, Callable[[], alt.TopLevelMixin]]:
    """Functions that draw charts as Altair's, which a notebook shows and a user can change.

    Args:
        drawings: functions that draw charts, by the charts' names.

    Returns:
        The functions by the same names; Altair is imported when one is called.
    """
    return {name: functools.partial(altair_of, draw) for name, draw in drawings.items()}


def altair_of(draw: Callable[[], Chart]) -> alt.TopLevelMixin:
    """A chart as Altair's.

    Args:
        draw: draws it.

    Returns:
        The chart, held against Altair's schema. In a notebook it is a picture that asks nothing of the network, as are charts made
        of it, unless the user has chosen a renderer; Altair's own default loads its scripts from a server.
    """
    import altair as alt

    chart = alt.Chart.from_dict(draw().to_dict())
    inline = type(type(chart).__name__, (_Inline, type(chart)), {})
    object.__setattr__(chart, "__class__", inline)  # Altair takes an attribute for a key of the chart
    return chart


class _Inline:
    """What is added to a class of Altair's charts, so that a notebook shows them without a network."""

    def _repr_mimebundle_(self, *words: object, **options: object) -> object:
        """The chart as a notebook shows it."""
        import altair as alt

        shown = super()._repr_mimebundle_  # type: ignore[misc]
        if alt.renderers.active != "default":
            return shown(*words, **options)
        with alt.renderers.enable("svg"):
            return shown(*words, **options)
