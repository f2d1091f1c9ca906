"""Replacement: healed and trained men fill vacancies, by whole men and without a search.

Each day one slot of every squad is mustered, so that a squad takes in at most one new man a day and a vacancy
waits for its turn: men come up in drafts, a few days after they are asked for.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Int

from holdfast.core.types import PerCompanyCount, PerRegionCount, PerSide, SlabMask


def share_out(places: Int[Array, "N *tail"], supply: Int[Array, "*tail"]) -> Int[Array, "N *tail"]:
    """Whole men for claimants in a row: the cumulated claim, scaled to the supply and rounded down, then differenced.

    Args:
        places: places of each claimant, along the first axis, `[N ...]`.
        supply: men to share out, `[...]`.

    Returns:
        Men for each, at most the places and in all at most the supply, `[N ...]`.
    """
    claim = jnp.cumsum(places, axis=0)
    total = jnp.maximum(claim[-1], 1).astype(jnp.float32)
    share = jnp.minimum(supply.astype(jnp.float32) / total, 1)
    upto = jnp.floor(claim.astype(jnp.float32) * share).astype(jnp.int32)
    before = jnp.concatenate([jnp.zeros_like(upto[:1]), upto[:-1]])
    return jnp.minimum(upto - before, places)


def draw_from_regions(
    places: PerCompanyCount, trained: PerRegionCount, brigade_side: Int[Array, "B"],
    region_side: Int[Array, "R"], start: PerSide,
) -> tuple[PerCompanyCount, PerCompanyCount, PerRegionCount]:  # fmt: skip
    """Drafts of trained men to companies.

    A side's trained men stand in a ring, region by region, and its companies in a row. Each company takes the
    next men of the ring, from `start` on; a draft that would cross from one region into the next is cut there, and
    the rest of its vacancies wait.

    Args:
        places: vacancies of each company, `[C B]` [billets].
        trained: trained men of each region, `[R]` [billets].
        brigade_side: the brigades' sides, `[B]`.
        region_side: the regions' sides, `[R]`.
        start: where in its ring each side begins today, `[2]` [0-1].

    Returns:
        The draft of each company and the region it is from, `[C B]` each; what each region gives, `[R]` [billets].
    """
    companies, brigades = places.shape
    row = places.T.reshape(-1)  # brigade by brigade, so that neighbours share a region
    mine = jnp.repeat(brigade_side, companies, total_repeat_length=companies * brigades)
    granted, stand = jnp.zeros_like(row), jnp.zeros_like(row)
    ends = jnp.cumsum(trained)
    for side in (0, 1):
        supply = jnp.sum(jnp.where(region_side == side, trained, 0))
        base = jnp.sum(jnp.where(region_side < side, trained, 0))
        grant = share_out(jnp.where(mine == side, row, 0), supply)
        first = jnp.floor(start[side] * supply.astype(jnp.float32)).astype(jnp.int32)
        place = jnp.mod(first + jnp.cumsum(grant) - grant, jnp.maximum(supply, 1))
        granted = granted + grant
        stand = jnp.where(mine == side, base + place, stand)
    region = jnp.minimum(jnp.searchsorted(ends, stand, side="right", method="compare_all"), len(trained) - 1).astype(
        jnp.int32
    )
    granted = jnp.minimum(granted, ends[region] - stand)
    given = jax.ops.segment_sum(granted, region, num_segments=len(trained))
    shape = (brigades, companies)
    return granted.reshape(shape).T, region.reshape(shape).T, given


def into_slots(vacant: SlabMask, healed: PerCompanyCount, fresh: PerCompanyCount) -> tuple[SlabMask, SlabMask]:
    """Which of the mustered slots a healed man takes, and which a new one: by rank within the company.

    Args:
        vacant: vacancies in the slot, `[Q C B]`.
        healed: healed men for each company, `[C B]`.
        fresh: new men for each company, `[C B]`.

    Returns:
        Where a healed man comes, and where a new one, `[Q C B]` each.
    """
    rank = jnp.cumsum(vacant.astype(jnp.int32), axis=0)
    takes_healed = vacant & (rank <= healed)
    return takes_healed, vacant & ~takes_healed & (rank <= healed + fresh)
