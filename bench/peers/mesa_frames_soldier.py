"""The soldier in mesa-frames: a Polars frame of men, columns of expressions, groups by `over`."""

import numpy as np
import polars as pl
import soldier as s
from mesa_frames import AgentSetPolars, ModelDF


class Soldiers(AgentSetPolars):
    """All men, a row each."""

    def __init__(self, model: "Army", men: int) -> None:
        super().__init__(model)
        number = np.arange(men)
        self += pl.DataFrame(
            {
                "unique_id": number.astype(np.int64), "squad": number // s.SQUAD, "company": number // s.COMPANY,
                "resolve": model.random.normal(s.RESOLVE, s.RESOLVE_SD, men).astype(np.float32),
                "trust": model.random.uniform(0, 1, men).astype(np.float32),
                "risk": np.full(men, s.PRIOR_RISK, np.float32), "loss": np.zeros(men, np.float32),
                "present": np.ones(men, bool),
            }
        )  # fmt: skip

    def step(self) -> None:
        """Everybody's day at once."""
        men, model, col = self.agents, self.model, pl.col
        here = men["present"].sum()
        seen = 0.5 * col("loss") + 0.5 * model.loss
        men = men.with_columns(
            risk=col("risk") + s.LEARNING * ((1 - col("trust")) * seen + col("trust") * s.ADMITTED - col("risk")),
            uniform=pl.Series(model.random.random(len(men), np.float32)),
            gone=1 - col("present").mean().over("squad"),
        )
        men = men.with_columns(dread=s.WEIGHT * (1 - (-s.HORIZON * col("risk")).exp()))
        stay = col("resolve") - s.BOND * col("gone") - col("dread")
        men = men.with_columns(leaving=s.TEMPO / (1 + (stay - s.WAY_OUT).exp()))
        men = men.with_columns(refusing=(1 - col("leaving")) / (1 + (s.OBEY - col("dread") * s.ATTACK).exp()))
        men = men.with_columns(
            hit=col("present") & (col("uniform") < s.HAZARD * (1 - s.SHELTER * col("refusing"))),
            left=col("present") & (1 - col("uniform") < col("leaving")),
            refused=col("present") & (1 - col("uniform") < col("leaving") + col("refusing")),
        )
        men = men.with_columns(
            left=col("left") & ~col("hit"), refused=col("refused") & ~col("hit") & ~col("left"),
            loss=col("loss")
            + (col("hit").sum().over("company") / col("present").sum().over("company").clip(1) - col("loss")) / s.SIGHT,
        )  # fmt: skip
        men = men.with_columns(present=col("present") & ~col("hit") & ~col("left"))
        hit, left, refused = (men[name].sum() for name in ("hit", "left", "refused"))
        model.note(here, hit, left, refused)
        self.agents = men.drop("uniform", "gone", "dread", "leaving", "refusing", "hit", "left", "refused")


class Army(ModelDF):
    """The model: its set of men and what happened so far."""

    def __init__(self, men: int) -> None:
        super().__init__(seed=1)
        self.loss = 0.0
        self.soldier_days = self.hit = self.left = self.refused = 0
        self.agents += Soldiers(self, men)

    def note(self, here: int, hit: int, left: int, refused: int) -> None:
        """Add a day."""
        self.loss += (hit / max(here, 1) - self.loss) / s.SIGHT
        self.soldier_days, self.hit = self.soldier_days + here, self.hit + hit
        self.left, self.refused = self.left + left, self.refused + refused

    def step(self) -> None:
        """One day."""
        self.agents.do("step")


if __name__ == "__main__":
    men, days = s.size()
    army = Army(men)
    clock = s.Clock()
    for _ in range(days):
        army.step()
    clock.report(army.soldier_days, men - army.hit - army.left, army.hit, army.left, army.refused)
