"""A faction of the elite rises: a blow to unity on the day, whether it wins or not."""

from holdfast.core.params import Beta, par
from holdfast.core.types import PerSide, Scalar
from holdfast.engine.effects import AbstractEffect, Today


class Effect(AbstractEffect):
    blow: Scalar = par(0.35, unit="1", prior=Beta(7, 13), pressure="regime",
        source="assumed: takes a united regime (0.8) to the edge of a split")  # fmt: skip

    def push(self, today: Today) -> dict[str, PerSide]:
        return {"elite_blow": self.blow * today.onset}
