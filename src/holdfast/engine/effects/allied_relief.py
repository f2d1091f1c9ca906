"""An ally's relief: fresh divisions take over a part of the line, and the army sees that it is not alone."""

from holdfast.core.params import Beta, LogNormal, par
from holdfast.core.types import PerSide, Scalar
from holdfast.engine.effects import AbstractEffect, Today


class Effect(AbstractEffect):
    taken: Scalar = par(0.2, unit="nats", prior=LogNormal(0.2, 0.5), pressure="losses",
        source="assumed: a fifth of the fire falls on others; eleven French and British divisions stood behind and beside some "
        "thirty Italian ones from November 1917 (from memory)")  # fmt: skip
    hope: Scalar = par(0.3, unit="-1..1", prior=Beta(3, 7), pressure="prospects",
        source="assumed: from hopeless half way to even")  # fmt: skip
    stores: Scalar = par(0.1, unit="1", prior=Beta(1, 9), pressure="unpaid",
        source="assumed: a tenth of the supply that is needed")  # fmt: skip
    support: Scalar = par(0.005, unit="1/d", prior=LogNormal(0.005, 0.5), pressure="shock",
        source="assumed: taken off the chance of a breakthrough in a sector, which at code 1 is about as large")  # fmt: skip

    def push(self, today: Today) -> dict[str, PerSide]:
        return {
            "hazard": -self.taken * today.strength, "news": self.hope * today.strength,
            "supply": self.stores * today.strength, "shock": -self.support * today.strength,
        }  # fmt: skip
