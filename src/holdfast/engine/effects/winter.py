"""Winter: misery through cold, hunger through bad roads, and revelation when the front stands still.

The essay's guess, taken apart: `revelation` is faster learning, `cold` is misery, `roads` is lost supply. Each may
be zero; with cold and revelation at zero and full supply, winter changes little."""

from holdfast.core.params import Beta, LogNormal, par
from holdfast.core.types import PerSide, Scalar
from holdfast.engine.effects import AbstractEffect, Today


class Effect(AbstractEffect):
    roads: Scalar = par(0.05, unit="1", prior=Beta(1, 19), pressure="unpaid",
        source="assumed: share of supply that a full winter costs")  # fmt: skip
    cold: Scalar = par(0.1, unit="nats", prior=LogNormal(0.1, 0.8), pressure="unpaid",
        source="assumed; weather was the reason for 2 % of broken-off fights (McQuie 1987)")  # fmt: skip
    revelation: Scalar = par(0.2, unit="nats", prior=LogNormal(0.2, 0.8), pressure="losses",
        source="assumed: the essay's claim that winter brings the futility home")  # fmt: skip
    lull: Scalar = par(0.1, unit="nats", prior=LogNormal(0.1, 0.8), pressure="structure",
        source="assumed: operations slow down, which protects the attacked side")  # fmt: skip

    def push(self, today: Today) -> dict[str, PerSide]:
        depth = today.strength * today.winter
        return {
            "supply": -self.roads * depth,
            "cold": self.cold * depth,
            "learning": self.revelation * depth,
            "hazard": -self.lull * depth,
        }
