"""Ten codes of an army, set by hand: its chances at once, the armies most like it, what one code's change would do."""

from __future__ import annotations

from collections.abc import Mapping

from holdfast.app import door
from holdfast.app.coding import Coding
from holdfast.assessment import approximation, request
from holdfast.coded_armies.codebook import RULES
from holdfast.stats.intervals import Estimate


def answer(question: str, given: Mapping[str, object]) -> Mapping[str, object]:
    """The chances of an army, or what would change them.

    Args:
        question: `codes` or `changes`.
        given: as `Coding`.

    Returns:
        For `codes` chances with 90 % intervals, those of simpler models, the armies most like it; for `changes` a row for each
        code put otherwise, the greatest change first.

    Raises:
        FaultyError: with every fault of the codes.
    """
    wanted = door.read(Coding, given)
    army = request.parse(wanted.codes, army=wanted.army)
    return _changes(army) if question == "changes" else _chances(army)


def _interval(of: Estimate) -> dict[str, float]:
    """A number with its 90 % interval."""
    return {"value": of.value, "p05": of.low, "p95": of.high}


def _chances(army: request.Request) -> dict[str, object]:
    """The chances of an army."""
    result = approximation.approximate(army)
    return {
        "codes": dict(army.army.codes), "unchanged": army.unchanged, "taught": result.taught,
        "collapse": _interval(result.p_collapse), "mass_desertion": _interval(result.p_mass_desertion),
        "base_rate": dict(result.base_rate), "ridge": dict(result.ridge),
        "came": {name: getattr(army.base, name) for name in ("collapse", "mass_desertion")} if army.base else None,
        "nearest": [
            {
                "army": each.army.army_id, "title": each.army.army, "outcome": each.army.outcome, "collapse": each.army.collapse,
                "distance": each.distance,
                "differs": [f"{RULES[one.code].name} {_level(one.here)} → {_level(one.there)}" for one in each.differs],
            }
            for each in result.nearest
        ],
    }  # fmt: skip


def _level(code: int | None) -> str:
    """A level in a word."""
    return "?" if code is None else str(code)


def _changes(army: request.Request) -> dict[str, object]:
    """What one code put otherwise would do."""
    return {
        "changes": [
            {
                "code": one.code, "name": RULES[one.code].name, "from": one.here, "to": one.there,
                "says": RULES[one.code].levels[one.there], "collapse": _interval(one.collapse),
                "mass_desertion": _interval(one.mass_desertion), "p_collapse": one.p_collapse.value,
            }
            for one in approximation.changes(army)
        ]
    }  # fmt: skip
