"""Faults of the forces: men who are too few or too many, shares that do not sum, callings of nobody."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence

from holdfast.scenario.faults import Fault, shown, unknown
from holdfast.scenario.places import labels
from holdfast.scenario.schema import KINDS, Region, Scenario, Side

BYTES_PER_BILLET = 40
"""State, draws and work of one billet during a day [bytes]; an estimate on the high side."""

MEMORY_SHARE = 0.75
"""Part of the machine's memory that one run may fill."""

SHARE_TOLERANCE = 1e-6


def machine_memory() -> int | None:
    """The machine's memory, where it can be told [bytes]."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):  # no sysconf on Windows
        return None


def men_of(side: Side) -> int:
    """Men present at the start."""
    if side.order_of_battle:
        return sum(brigade.men * brigade.count for brigade in side.order_of_battle)
    return side.strength or 0


def posts_of(side: Side) -> int:
    """Posts at full strength, and so the most men who can stand in line."""
    posts = side.establishment or 0
    for brigade in side.order_of_battle:
        posts += 0 if side.establishment else (brigade.establishment or brigade.men) * brigade.count
    return max(posts, men_of(side))


def faults(scenario: Scenario, memory_bytes: int | None = None) -> list[Fault]:
    """Every fault of the two armies."""
    found: list[Fault] = []
    for label, side in zip(labels(scenario.side), scenario.side, strict=True):
        place = f"side[{label}]"
        found += _strength(side, place, scenario.men_per_billet)
        found += _brigades(side, place)
        found += _kinds(side, place)
        if isinstance(side.regions, list):
            found += callings(side, side.regions, place)
    return found + _memory(scenario, memory_bytes)


def callings(side: Side, regions: Sequence[Region], place: str) -> list[Fault]:
    """Men called up or asked to sign where there are none to call."""
    if not regions:
        cure = "Add a [[side.regions]] table with its eligible men"
        return [Fault(f"{place}.regions", "no region", "at least one region", cure)]
    eligible = sum(region.eligible_men for region in regions)
    callable_men = sum(region.eligible_men for region in regions if region.burden > 0)
    found = []
    for name, men in (("quota_per_day", callable_men), ("contracts_per_day", eligible)):
        series = getattr(side, name)
        most = max((point.value for point in series), default=0) if isinstance(series, list) else series
        if most > 0 and men == 0:
            found.append(
                Fault(
                    f"{place}.{name}",
                    f"{most:g} men a day",
                    "0 while no region has eligible men who bear a burden",
                    f"Give a region of {side.name} eligible_men, or set {name} = 0",
                )
            )
    return found


def _strength(side: Side, place: str, grain: int) -> list[Fault]:
    """Strength against order of battle, establishment, and the grain of the run."""
    where = f"{place}.strength"
    if side.strength is None and not side.order_of_battle:
        cure = "Add strength = ... (men present), or [[side.order_of_battle]] tables"
        return [Fault(place, "neither strength nor order_of_battle", "one of the two", cure)]
    if side.strength is not None and side.order_of_battle:
        found = f"{side.strength} and an order_of_battle of {men_of(side)} men"
        return [Fault(where, found, "one of the two", "Remove strength, or the order of battle")]
    where = where if side.strength is not None else f"{place}.order_of_battle"
    men = men_of(side)
    if men == 0:
        return [Fault(where, "an army of 0 men", "at least 1 man", "Give the army men")]
    if men < grain:
        cure = f"Raise the strength, or set men_per_billet to {men} or less"
        return [Fault(where, f"{men} men", f"at least men_per_billet, {grain}", cure)]
    if side.establishment is not None and men > side.establishment:
        allowed = f"at most the establishment, {side.establishment}"
        cure = f"Lower it, or raise {place}.establishment to at least {men}"
        return [Fault(where, f"{men} men", allowed, cure)]
    return []


def _brigades(side: Side, place: str) -> list[Fault]:
    """Brigades with more men than posts."""
    found = []
    names = labels(side.order_of_battle)
    for label, brigade in zip(names, side.order_of_battle, strict=True):
        if brigade.establishment is not None and brigade.men > brigade.establishment:
            where = f"{place}.order_of_battle[{label}].men"
            allowed = f"at most its establishment, {brigade.establishment}"
            cure = f"Lower men, or raise its establishment to at least {brigade.men}"
            found.append(Fault(where, shown(brigade.men), allowed, cure))
    return found


def _kinds(side: Side, place: str) -> list[Fault]:
    """Kinds that are unknown, and shares that do not sum to 1."""
    found = []
    for name in side.kinds:
        if name not in KINDS:
            found.append(unknown(f"{place}.kinds.{name}", name, "the kinds of soldier", KINDS))
    for field in ("share", "intake_share"):
        total = sum(getattr(kind, field) for kind in side.kinds.values())
        if abs(total - 1) <= SHARE_TOLERANCE:
            continue
        parts = " + ".join(f"{name} {getattr(kind, field):g}" for name, kind in side.kinds.items())
        found.append(
            Fault(
                f"{place}.kinds",
                f"{field} of {parts or 'no kinds'} = {total:.9g}",
                "a sum of 1",
                f"Add {1 - total:.9g} to one of them" if total < 1 else f"Take {total - 1:.9g} away",
            )
        )
    return found


def _memory(scenario: Scenario, memory_bytes: int | None) -> list[Fault]:
    """More billets than the machine can hold."""
    if memory_bytes is None:
        return []
    posts = sum(posts_of(side) for side in scenario.side)
    room = math.floor(memory_bytes * MEMORY_SHARE / BYTES_PER_BILLET)
    billets = math.ceil(posts / scenario.men_per_billet)
    if billets <= room:
        return []
    grain = math.ceil(posts / max(room, 1))
    most = 10_000
    cure = f"Set men_per_billet = {grain}" if grain <= most else "Simulate smaller armies"
    size = f"{billets * BYTES_PER_BILLET / 2**30:.3g} GiB"
    return [
        Fault(
            "men_per_billet",
            f"{scenario.men_per_billet}, which makes {billets} billets of {BYTES_PER_BILLET} bytes, {size}",
            f"at most {room} billets, {MEMORY_SHARE:.0%} of this machine's {memory_bytes / 2**30:.3g} GiB",
            cure,
        )
    ]
