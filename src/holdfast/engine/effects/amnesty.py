"""Amnesty: absent men come back sooner, and what capture is feared to cost falls."""

from holdfast.core.params import LogNormal, par
from holdfast.core.types import PerSide, Scalar
from holdfast.engine.effects import AbstractEffect, Today


class Effect(AbstractEffect):
    pull: Scalar = par(1.1, unit="nats", prior=LogNormal(1.1, 0.5), pressure="exit",
        source="assumed: three times the return rate; Red Army amnesty weeks of 1919 brought back over half")  # fmt: skip
    leniency: Scalar = par(0.3, unit="nats", prior=LogNormal(0.3, 0.6), pressure="coercion",
        source="assumed: fall of the log of the feared cost of capture")  # fmt: skip

    def push(self, today: Today) -> dict[str, PerSide]:
        return {"returns": self.pull * today.strength, "sanction": -self.leniency * today.strength}
