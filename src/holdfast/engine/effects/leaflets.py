"""Leaflets, the captor's promise: life in captivity is told to be safe, and some hear how the war goes."""

from holdfast.core.params import Beta, par
from holdfast.core.types import PerSide, Scalar
from holdfast.engine.effects import AbstractEffect, Today


class Effect(AbstractEffect):
    promise: Scalar = par(0.3, unit="1", prior=Beta(3, 7), pressure="exit",
        source="assumed: added belief in good treatment; Iraq 1991 gave up to leaflets and humane captors")  # fmt: skip
    truth: Scalar = par(0.1, unit="1", prior=Beta(1, 9), pressure="losses",
        source="assumed: added share of true losses that the line must admit")  # fmt: skip

    def push(self, today: Today) -> dict[str, PerSide]:
        return {"captor": self.promise * today.strength, "candour": self.truth * today.strength}
