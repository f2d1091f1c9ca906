"""Blocking detachments: more men are stopped on the way home, and giving up is made dangerous."""

from holdfast.core.params import LogNormal, par
from holdfast.core.types import PerSide, Scalar
from holdfast.engine.effects import AbstractEffect, Today


class Effect(AbstractEffect):
    reach: Scalar = par(1.0, unit="1", prior=LogNormal(1.0, 0.5), pressure="coercion",
        source="assumed: doubles the capacity to catch; Stalingrad Front 1942 stopped 15,649 men in ten weeks")  # fmt: skip
    fire_on_own: Scalar = par(1.0, unit="nats", prior=LogNormal(1.0, 0.5), pressure="coercion",
        source="assumed: cost added to surrender by fire from behind")  # fmt: skip

    def push(self, today: Today) -> dict[str, PerSide]:
        return {"enforcement": self.reach * today.strength, "surrender_cost": self.fire_on_own * today.strength}
