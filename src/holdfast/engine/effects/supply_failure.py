"""Supply fails: rations, ammunition and pay arrive late or not at all."""

from holdfast.core.params import Beta, par
from holdfast.core.types import PerSide, Scalar
from holdfast.engine.effects import AbstractEffect, Today


class Effect(AbstractEffect):
    hunger: Scalar = par(0.6, unit="1", prior=Beta(6, 4), pressure="unpaid",
        source="assumed: share of supply lost at strength 1")  # fmt: skip
    arrears: Scalar = par(0.4, unit="1", prior=Beta(4, 6), pressure="unpaid",
        source="docs/model.md §9: code 1 of unpaid is 0.4")  # fmt: skip

    def push(self, today: Today) -> dict[str, PerSide]:
        return {"supply": -self.hunger * today.strength, "unpaid": self.arrears * today.strength}
