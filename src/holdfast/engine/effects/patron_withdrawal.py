"""The patron withdraws: soldiers see that help will not come, and supply thins."""

from holdfast.core.params import Beta, par
from holdfast.core.types import PerSide, Scalar
from holdfast.engine.effects import AbstractEffect, Today


class Effect(AbstractEffect):
    gone: Scalar = par(1.0, unit="1", prior=Beta(9, 1), pressure="patron",
        source="the definition: strength 1 is a patron wholly gone, as in 12 of 12 collapses coded 2")  # fmt: skip
    thinner: Scalar = par(0.2, unit="1", prior=Beta(2, 8), pressure="patron",
        source="assumed: share of supply that came from the patron")  # fmt: skip

    def push(self, today: Today) -> dict[str, PerSide]:
        return {"patron_gone": self.gone * today.strength, "supply": -self.thinner * today.strength}
