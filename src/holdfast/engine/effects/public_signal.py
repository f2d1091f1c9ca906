"""A public signal: one broadcast turns private doubt into common knowledge on its day."""

import jax.numpy as jnp

from holdfast.core.params import Beta, Normal, par
from holdfast.core.types import PerSide, Scalar
from holdfast.engine.effects import AbstractEffect, Today


class Effect(AbstractEffect):
    reach: Scalar = par(0.6, unit="1", prior=Beta(6, 4), pressure="prospects",
        source="assumed: share that hears; France 17 June 1940, Afghanistan 18 March 1992")  # fmt: skip
    message: Scalar = par(-0.9, unit="1", prior=Normal(-0.9, 0.2), pressure="prospects",
        source="assumed: the prospects that it tells, near hopeless")  # fmt: skip

    def push(self, today: Today) -> dict[str, PerSide]:
        heard = jnp.minimum(self.reach * today.onset, 1)
        return {"hear": heard, "tell": heard * self.message}
