"""A wave of mobilisation: many more call-up notices while it lasts."""

from holdfast.core.params import LogNormal, par
from holdfast.core.types import PerSide, Scalar
from holdfast.engine.effects import AbstractEffect, Today


class Effect(AbstractEffect):
    notices: Scalar = par(10000.0, unit="men/d", prior=LogNormal(10000.0, 0.5), pressure="mobilisation",
        source="Russia, autumn 2022: 300,000 called up in about 30 days")  # fmt: skip

    def push(self, today: Today) -> dict[str, PerSide]:
        return {"quota": self.notices * today.strength}
