"""Changes to a scenario from outside: other values at its paths, and effects switched on."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from holdfast.core.faults import Fault, ScenarioError, day_of, nearest, shown
from holdfast.scenario import loss_draws, schema, validation
from holdfast.scenario.schema import Document, Loc, ScenarioDocument
from holdfast.scenario.validation import Known, structure

SOURCE = "The changed scenario"


def with_values(
    scenario: ScenarioDocument, values: Mapping[str, object], known: Known | None = None
) -> ScenarioDocument:
    """A scenario with other values.

    A value given as text, as on a command line, is read as the file would be: `0.5`, `2023-11-01`, `[1, 2]`; text that is
    none of these stays text. A side that is given `losses` gives up what they stand in for.

    Args:
        scenario: a checked scenario.
        values: new values by their paths: `days`, `russia.resolve.mean`, `front.sectors`, `event[winter].strength`,
            `parameters.choice.present_bias`, or a parameter's bare path.
        known: names that are declared elsewhere.

    Returns:
        The changed scenario.

    Raises:
        ScenarioError: with every fault of the paths, or else of the changed scenario.
    """
    known = known or Known()
    document = scenario.model_dump()
    lost: list[Fault] = []
    for path, value in values.items():
        try:
            loc = _loc(document, path, known)
            _put(document, loc, _value(document, loc, _with_days(value)))
            if loc[-1] == "losses":
                _make_way(document, loc)
            if loc[-2:] in (("resolve", "known_exits"), ("resolve", "mean")):  # each stands in for the other
                schema.value_at(document, loc[:-1])["mean" if loc[-1] == "known_exits" else "known_exits"] = None
        except ScenarioError as error:
            lost += error.faults
    if lost:
        raise ScenarioError(lost, SOURCE)
    cut_short = bool({"days", "start"} & set(values)) or _is_cut_short(scenario)
    return validation.validated(document, known, SOURCE, cut_short, also=loss_draws.faults)


def _with_days(value: object) -> object:
    """A value with every time of Python, NumPy or pandas in it as its day, as a file would have it."""
    if isinstance(value, dict):
        return {key: _with_days(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_with_days(one) for one in value]
    timed = isinstance(value, dt.datetime) or getattr(getattr(value, "dtype", None), "kind", "") == "M"
    meant = day_of("", value) if timed else value
    return value if isinstance(meant, Fault) else meant


def with_effects(scenario: ScenarioDocument, effects: Sequence[str], known: Known | None = None) -> ScenarioDocument:
    """A scenario with effects switched on from its first day.

    Args:
        scenario: a checked scenario.
        effects: each as `amnesty` for both sides, `winter:russia` for one, `pay_rise:ukraine:0.5` with a strength,
            `pay_rise::0.5` for both with a strength.
        known: names that are declared elsewhere.

    Returns:
        The changed scenario.

    Raises:
        ScenarioError: with every fault of the changed scenario.
    """
    document = scenario.model_dump()
    events = [_event(scenario, text) for text in effects]
    document["event"] = [*document["event"], *events]
    return validation.validated(document, known, SOURCE, cut_short=_is_cut_short(scenario))


def _parsed(text: str) -> object:
    """The value that a text would have in the file; the text itself where it would be none."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (tomllib.TOMLDecodeError, KeyError):
        return text


def _is_cut_short(scenario: ScenarioDocument) -> bool:
    """Whether the run already ends before its last dates, which passed the door with more days."""
    return bool(validation.calendar_faults(scenario))


def _loc(document: Document, path: str, known: Known) -> Loc:
    """The spot of a path; bare paths of parameters lead to their overrides."""
    parameters = known.parameters or {}
    if path in parameters or path in document["parameters"]:
        return ("parameters", path)
    try:
        return schema.find(document, path)
    except ScenarioError as error:
        # A path may be lost as a key and yet be nearly a parameter.
        meant = nearest(path, parameters)
        if meant is None or any(fault.suggestion for fault in error.faults):
            raise
        cure = "Correct the path"
        fault = Fault(path, shown(path), "a path of the scenario or a parameter", cure, meant)
        raise ScenarioError([fault], SOURCE) from error


def _value(document: Document, loc: Loc, value: object) -> object:
    """A value in the type of its spot: text is read, but for spots that hold text."""
    if not isinstance(value, str):
        return value
    read = _parsed(value)
    spot = structure.spot_of(loc, document, tagged=False)
    holds_text = spot is not None and all(kind is str for kind, _ in structure.opened(spot.annotation))
    return value if holds_text and not isinstance(read, str) else read


def _put(document: Document, loc: Loc, value: object) -> None:
    """Set the value at a spot, adding a kind of soldier that the side has not yet."""
    holder: Any = document
    for step in loc[:-1]:
        if isinstance(holder, dict) and step not in holder:
            holder[step] = {}
        holder = holder[step]
    if not loc:
        raise ScenarioError([Fault("the path", "nothing", "a path", "Name what to change")], SOURCE)
    holder[loc[-1]] = value


def _make_way(document: Document, loc: Loc) -> None:
    """Losses that were just put in: their path from here, and nothing left of what they stand in for."""
    side = schema.value_at(document, loc[:-1])
    side["losses"] = loss_draws.with_path(side["losses"], lambda name: str(Path(name).resolve()))
    if loss_draws.gives_rate(side["losses"]):
        side |= {"killed_per_1000_month": None, "killed_factor": 1.0, "intensity": 1.0}


def _event(scenario: ScenarioDocument, text: str) -> Document:
    """The event that a request for an effect means."""
    effect, _, rest = text.partition(":")
    side, _, strength = rest.partition(":")
    event: Document = {"effect": effect, "start": scenario.start}
    if side:
        event["side"] = side
    if strength:
        event["strength"] = _parsed(strength)
    return event
