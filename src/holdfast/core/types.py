"""The letters of the axes, and the names of arrays that carry them.

One letter an axis, the same everywhere:

`S` slot in a squad · `Q` squad in a company · `C` company in a brigade · `B` brigade (both sides, end to end)
`K` sector of the front · `R` region (both sides, end to end) · `L` day in the training queue · `2` side

A *slab* `[Q C B]` is one slot of every squad: its soldiers stand where their squads' totals stand, so a value of
the squad, the company or the brigade meets its soldiers by plain broadcasting.
"""

from typing import TypeAlias

import equinox as eqx
from jaxtyping import Array, Bool, Float, Int, UInt8, UInt32

Record = eqx.Module
"""An immutable record of arrays."""

Slab: TypeAlias = Float[Array, "Q C B"]
SlabCount: TypeAlias = Int[Array, "Q C B"]
SlabMask: TypeAlias = Bool[Array, "Q C B"]
SlabCode: TypeAlias = UInt8[Array, "Q C B"]
PerSquad: TypeAlias = Float[Array, "Q C B"]
PerCompany: TypeAlias = Float[Array, "C B"]
PerCompanyCount: TypeAlias = Int[Array, "C B"]
PerBrigade: TypeAlias = Float[Array, "B"]
PerBrigadeCount: TypeAlias = Int[Array, "B"]
PerBrigadeMask: TypeAlias = Bool[Array, "B"]
PerSector: TypeAlias = Float[Array, "K"]
PerSideSector: TypeAlias = Float[Array, "2 K"]
PerSideSectorMask: TypeAlias = Bool[Array, "2 K"]
PerRegion: TypeAlias = Float[Array, "R"]
PerRegionCount: TypeAlias = Int[Array, "R"]
PerSide: TypeAlias = Float[Array, "2"]
PerSideCount: TypeAlias = Int[Array, "2"]
Scalar: TypeAlias = Float[Array, ""]
Words: TypeAlias = UInt32[Array, "2"]
"""Two words of luck: what a stream hashes for one day (see `holdfast.core.rng`)."""
