"""The leader dies, falls or flees on the day; a successor fills the place over about half a year."""

from holdfast.core.params import Beta, par
from holdfast.core.types import PerSide, Scalar
from holdfast.engine.effects import AbstractEffect, Today


class Effect(AbstractEffect):
    loss: Scalar = par(1.0, unit="1", prior=Beta(9, 1), pressure="leader",
        source="the definition: strength 1 is death or deposition, less is illness")  # fmt: skip

    def push(self, today: Today) -> dict[str, PerSide]:
        return {"leader_lost": self.loss * today.onset}
