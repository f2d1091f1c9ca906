"""The layout: how an army's totals or its order of battle become brigades of billets, and the labels of all axes.

Plain NumPy without the engine: labels and sizes are needed where nothing is simulated.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from holdfast.core.lazy import Lazy
from holdfast.scenario.load import read_regions
from holdfast.scenario.schema import Event, Region, ScenarioDocument, Sector, Side

if TYPE_CHECKING:
    import numpy as np
else:
    np = Lazy("numpy")


@dataclasses.dataclass(frozen=True)
class Names:
    """Labels of the axes, for the results."""

    sides: list[str]  # short names
    titles: list[str]  # names of the sides to print
    sectors: list[str]  # in order along the line
    sector_km: list[float]  # the length of each [km]
    brigades: list[str]  # of both sides, end to end
    brigade_side: list[str]  # the side of each
    brigade_sector: list[str]  # the sector of each, or `reserve`
    regions: list[str]  # of both sides, end to end, a place for defectors last
    region_side: list[str]  # the side of each
    region_eligible: list[int]  # men who can be called or can sign [men]
    region_burden: list[float]  # relative chance that a man of the region is called [1]
    days: np.ndarray  # dates, `[day]`


@dataclasses.dataclass(frozen=True)
class Brigades:
    """One side's brigades as laid out, in billets."""

    name: list[str]  # of each brigade
    posts: np.ndarray  # billets at full strength, whole companies
    men: np.ndarray  # billets occupied at the start
    sector: np.ndarray  # index of the sector; K = reserve


def effect_names(scenario: ScenarioDocument) -> tuple[str, ...]:
    """The effects that a scenario uses.

    Args:
        scenario: a checked scenario.

    Returns:
        Their names, each once, in alphabetical order.
    """
    return tuple(sorted({event.effect for event in scenario.event}))


def with_silent_effects(scenario: ScenarioDocument, names: Iterable[str]) -> ScenarioDocument:
    """The same war with more effects, each at strength 0: wars with the same effects share one compiled program.

    Args:
        scenario: a checked scenario.
        names: effects; those that the scenario uses stay as they are.

    Returns:
        The document with an event for each effect that it did not use.
    """
    more = sorted(set(names) - set(effect_names(scenario)))
    silent = [Event(effect=name, start=scenario.start, strength=0.0) for name in more]
    return scenario.model_copy(update={"event": [*scenario.event, *silent]}) if silent else scenario


def companies_of(scenario: ScenarioDocument, grain: int) -> int:
    """Companies of a full brigade, at a grain.

    A coarser grain means fewer brigades, then smaller ones, never smaller squads: two brigades a sector and side remain as
    long as there are companies to make them of.

    Args:
        scenario: a checked scenario.
        grain: men that a billet stands for [men].

    Returns:
        The number, C: as many as the largest brigade of either side needs.
    """
    company = scenario.squad_men * scenario.squads_per_company
    wanted = []
    for side in scenario.side:
        if side.order_of_battle:
            largest = max((b.establishment or b.men) for b in side.order_of_battle)
            wanted.append(math.ceil(largest / grain / company))
            continue
        posts = (side.establishment or side.strength or 0) / grain
        full = math.ceil(side.brigade_men / company)
        fewest = 2 * len(scenario.front.named_sectors)
        wanted.append(max(1, min(full, int(posts / company / fewest))))
    return max(wanted)


def brigades_of(
    scenario: ScenarioDocument, side: Side, sectors: Sequence[Sector], grain: int, companies: int
) -> Brigades:
    """A side's order of battle at a grain, or its totals laid out in equal brigades.

    Args:
        scenario: a checked scenario.
        side: one of its sides.
        sectors: the front's sectors, in order.
        grain: men that a billet stands for [men].
        companies: companies of a full brigade (`companies_of`).

    Returns:
        The brigades, in billets.
    """
    company = scenario.squad_men * scenario.squads_per_company
    places = [sector.name for sector in sectors]
    if side.order_of_battle:
        lines = [line for line in side.order_of_battle for _ in range(line.count)]
        names = [
            f"{line.name} {n + 1}" if line.count > 1 else line.name
            for line in side.order_of_battle
            for n in range(line.count)
        ]
        posts = np.array([max(1, round((b.establishment or b.men) / grain / company)) for b in lines]) * company
        men = whole_parts(np.array([float(b.men) for b in lines]), round(sum(b.men for b in lines) / grain))
        where = [places.index(b.sector) if b.sector else len(places) for b in lines]
        return Brigades(names, posts, np.minimum(men, posts), np.array(where))
    strength = side.strength or 0
    total = max(side.establishment or strength, strength) / grain
    own = max(1, min(companies, math.ceil(side.brigade_men / company)))
    count = max(1, math.ceil(total / (own * company)))
    held_back = min(round(side.reserve_share * count), max(count - len(places), 0))
    sector = np.full(count, len(places))
    sector[: count - held_back] = _shared_sectors(np.array([s.share for s in sectors]), count - held_back)
    spare = count * own * company
    posts = np.full(count, own * company)
    for _ in range(int((spare - total) / company)):  # whole companies that the establishment does not ask for
        posts[np.argmax(posts)] -= company
    men = whole_parts(posts.astype(float), min(round(strength / grain), int(posts.sum())))
    names = [f"{side.name} {n + 1}" for n in range(count)]
    return Brigades(names, posts, men, sector)


def _shared_sectors(share: np.ndarray, count: int) -> np.ndarray:
    """A sector for each line brigade, in the sectors' shares, by largest remainder."""
    return np.repeat(np.arange(len(share)), whole_parts(share, count))


def whole_parts(weight: np.ndarray, total: int) -> np.ndarray:
    """A whole number split in given proportions, by largest remainder.

    Args:
        weight: the proportions, `[part]`.
        total: the number.

    Returns:
        Whole numbers that sum to `total`, `[part]`.
    """
    exact = weight / max(weight.sum(), 1e-12) * total
    parts = np.floor(exact).astype(int)
    rest = total - parts.sum()
    parts[np.argsort(-(exact - parts), kind="stable")[:rest]] += 1
    return parts


def names_of(
    scenario: ScenarioDocument,
    sectors: Sequence[Sector],
    sides: Sequence[Brigades],
    regions: Sequence[Sequence[Region]],
) -> Names:
    """Labels for every axis of the results.

    Args:
        scenario: a checked scenario.
        sectors: the front's sectors, in order.
        sides: both sides' brigades.
        regions: both sides' regions.

    Returns:
        The labels, and the date of each day.
    """
    places = [sector.name for sector in sectors] + ["reserve"]
    both = list(zip(scenario.side, sides, strict=True))
    rows = [
        (region.name, side.name, region.eligible_men, region.burden)
        for side, own in zip(scenario.side, regions, strict=True)
        for region in [*own, Region(name=f"defectors to {side.name}", eligible_men=0)]
    ]
    return Names(
        sides=[side.name for side in scenario.side],
        titles=[side.title for side in scenario.side],
        sectors=places[:-1],
        sector_km=scenario.front.lengths,
        brigades=[name for _, one in both for name in one.name],
        brigade_side=[side.name for side, one in both for _ in one.name],
        brigade_sector=[places[k] for _, one in both for k in one.sector],
        regions=[row[0] for row in rows],
        region_side=[row[1] for row in rows],
        region_eligible=[row[2] for row in rows],
        region_burden=[row[3] for row in rows],
        days=np.datetime64(scenario.start, "ns") + np.arange(scenario.days) * np.timedelta64(1, "D"),
    )


def _laid_out(scenario: ScenarioDocument, grain: int) -> list[Brigades]:
    """Both sides' brigades at a grain."""
    companies, sectors = companies_of(scenario, grain), scenario.front.named_sectors
    return [brigades_of(scenario, side, sectors, grain, companies) for side in scenario.side]


def billets(scenario: ScenarioDocument, grain: int) -> int:
    """Billets of both sides, the closed ones of short brigades included: what a run costs.

    Args:
        scenario: a checked scenario.
        grain: men that a billet stands for [men].

    Returns:
        Their number.
    """
    company = scenario.squad_men * scenario.squads_per_company
    return sum(len(side.name) for side in _laid_out(scenario, grain)) * companies_of(scenario, grain) * company


def strength_at_start(scenario: ScenarioDocument, grain: int) -> list[int]:
    """Men present on the first morning as they are laid out in billets.

    Args:
        scenario: a checked scenario.
        grain: men that a billet stands for [men].

    Returns:
        The men of each side [men].
    """
    return [int(side.men.sum()) * grain for side in _laid_out(scenario, grain)]


def labels(scenario: ScenarioDocument, grain: int) -> Names:
    """Labels for the results of a scenario at a grain.

    Args:
        scenario: a checked scenario.
        grain: men that a billet stands for [men].

    Returns:
        The labels of every axis, and the date of each day.
    """
    regions = [read_regions(scenario, side) for side in scenario.side]
    return names_of(scenario, scenario.front.named_sectors, _laid_out(scenario, grain), regions)
