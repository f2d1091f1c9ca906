"""Tests of the essay's precedents, 1917 and 1941, and of how like them the army of 2022 is."""

from __future__ import annotations

from holdfast.coded_armies.army import neighbours
from holdfast.essay_claims import words
from holdfast.essay_claims.material import Material
from holdfast.essay_claims.rules import Measured

NOW, THEN = "RUS_2022_25", ("RUS_1917", "USSR_1941")
"""The coded army of today, and the essay's precedents."""


def walked(material: Material) -> Measured:
    """How many walked away in 1917, and what became of the army.

    Args:
        material: what tests rest on.

    Returns:
        The figures, in numbers and in words.
    """
    army = material.army("RUS_1917")
    men = (army.deserted_share or 0) * (army.strength or 0)
    chance = material.assessment("RUS_1917").p_collapse
    return Measured(
        {"men_who_left": men, "collapsed": float(bool(army.collapse)), "chance_of_collapse": chance.value},
        f"Coded: {words.number(men, 2)} men left, the army {'collapsed' if army.collapse else 'did not collapse'}. Told by all "
        f"other armies, its chance of collapse is {words.between(chance.value, chance.low, chance.high)}",
        "holdfast assess --army RUS_1917",
    )


def gave_up(material: Material) -> Measured:
    """How many gave themselves up in 1941, and what became of the army.

    Args:
        material: what tests rest on.

    Returns:
        The figures, in numbers and in words.
    """
    army = material.army("USSR_1941")
    men = (army.captured_share or 0) * (army.strength or 0)
    chance = material.assessment("USSR_1941").p_collapse
    return Measured(
        {"men_captured": men, "collapsed": float(bool(army.collapse)), "chance_of_collapse": chance.value},
        f"Coded: {words.number(men, 2)} men captured, encircled ones among them; the army "
        f"{'collapsed' if army.collapse else 'did not collapse'}. Told by all other armies, its chance of collapse is "
        f"{words.between(chance.value, chance.low, chance.high)}",
        "holdfast assess --army USSR_1941",
    )


def alike(material: Material) -> Measured:
    """At which place among the armies most like today's the precedents stand.

    Args:
        material: what tests rest on.

    Returns:
        The figures, in numbers and in words.
    """
    others = neighbours(material.army(NOW), material.armies, len(material.armies))
    names = [one.army.army_id for one in others]
    places = {name: names.index(name) + 1 for name in THEN if name in names}
    first = ", ".join(names[:3])
    there = " and ".join(f"{name} is number {place}" for name, place in places.items())
    return Measured(
        {"place_of_the_nearer_one": float(min(places.values()))},
        f"Among {len(names)} past armies by ten codes, {there}; the nearest are {first}. The chance of collapse of "
        f"today's army, told by all others: {words.between(*_chance(material))}",
        f"holdfast assess --army {NOW}",
    )


def _chance(material: Material) -> tuple[float, float, float]:
    """Chance of collapse of the army of today, with its interval."""
    chance = material.assessment(NOW).p_collapse
    return chance.value, chance.low, chance.high
