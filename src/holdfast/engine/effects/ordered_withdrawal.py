"""An order to withdraw: contact and attacks cease for a while, news is bad, and the way home lies open."""

from holdfast.core.params import Beta, LogNormal, par
from holdfast.core.types import PerSide, Scalar
from holdfast.engine.effects import AbstractEffect, Today


class Effect(AbstractEffect):
    contact: Scalar = par(0.7, unit="nats", prior=LogNormal(0.7, 0.5), pressure="losses",
        source="assumed: half of the fire is out of reach")  # fmt: skip
    attacks: Scalar = par(1.0, unit="1", prior=Beta(9, 1), pressure="losses",
        source="the definition: who withdraws does not attack")  # fmt: skip
    dismay: Scalar = par(0.3, unit="-1..1", prior=Beta(3, 7), pressure="prospects",
        source="assumed: ground given up is seen by all")  # fmt: skip
    open_road: Scalar = par(0.2, unit="1", prior=Beta(2, 8), pressure="exit",
        source="assumed: on the roads to the rear nobody asks; many Italians of October 1917 thought the war over (from "
        "memory)")  # fmt: skip

    def push(self, today: Today) -> dict[str, PerSide]:
        return {
            "hazard": -self.contact * today.strength, "assault": -self.attacks * today.strength,
            "news": -self.dismay * today.strength, "exit": self.open_road * today.strength,
        }  # fmt: skip
