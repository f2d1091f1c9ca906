"""A pay rise: more who sign, and more to stay for."""

from holdfast.core.params import LogNormal, par
from holdfast.core.types import PerSide, Scalar
from holdfast.engine.effects import AbstractEffect, Today


class Effect(AbstractEffect):
    rise: Scalar = par(0.5, unit="1", prior=LogNormal(0.5, 0.5), pressure="unpaid",
        source="assumed: half as much again; Russian sign-on bonuses rose by a third in 2025 (Kluge)")  # fmt: skip

    def push(self, today: Today) -> dict[str, PerSide]:
        return {"pay": self.rise * today.strength}
