"""The soldier in Mesa, as its users write it: an object a man with a `step`, `agents.do`, and `remove` for who is gone."""

import math
import random

import mesa
import soldier as s


class Group:
    """A squad or a company: how many are there, and what it lost today and lately."""

    def __init__(self, strength: int) -> None:
        self.strength = self.present = self.there = strength
        self.hit, self.loss = 0, 0.0

    def evening(self) -> None:
        """Note the day's losses; tomorrow's men see who is there now."""
        self.loss += (self.hit / max(self.there, 1) - self.loss) / s.SIGHT
        self.there, self.hit = self.present, 0


class Soldier(mesa.Agent):
    """One man."""

    def __init__(self, model: "Army", resolve: float, trust: float, squad: Group, company: Group) -> None:
        super().__init__(model)
        self.resolve, self.trust, self.risk = resolve, trust, s.PRIOR_RISK
        self.squad, self.company = squad, company

    def step(self) -> None:
        """Learn, weigh, and have the day."""
        army = self.model.army
        seen = 0.5 * self.company.loss + 0.5 * army.loss
        self.risk += s.LEARNING * ((1 - self.trust) * seen + self.trust * s.ADMITTED - self.risk)
        dread = s.WEIGHT * (1 - math.exp(-s.HORIZON * self.risk))
        stay = self.resolve - s.BOND * (1 - self.squad.there / self.squad.strength) - dread
        leaving = s.TEMPO / (1 + math.exp(stay - s.WAY_OUT))
        refusing = (1 - leaving) / (1 + math.exp(s.OBEY - dread * s.ATTACK))
        uniform = self.random.random()
        if uniform < s.HAZARD * (1 - s.SHELTER * refusing):
            self.company.hit += 1
            army.hit += 1
            self.model.hit += 1
            self.go()
        elif 1 - uniform < leaving:
            self.model.left += 1
            self.go()
        elif 1 - uniform < leaving + refusing:
            self.model.refused += 1

    def go(self) -> None:
        """Be gone from the army."""
        for group in (self.squad, self.company, self.model.army):
            group.present -= 1
        self.remove()


class Army(mesa.Model):
    """All men, in squads and companies."""

    def __init__(self, men: int, seed: int = 1) -> None:
        super().__init__(seed=seed)
        drawn = random.Random(seed)
        self.army, self.companies, self.squads = Group(men), [], []
        self.hit = self.left = self.refused = self.soldier_days = 0
        for number in range(men):
            if number % s.COMPANY == 0:
                self.companies.append(Group(s.COMPANY))
            if number % s.SQUAD == 0:
                self.squads.append(Group(s.SQUAD))
            Soldier(self, drawn.gauss(s.RESOLVE, s.RESOLVE_SD), drawn.random(), self.squads[-1], self.companies[-1])

    def step(self) -> None:
        """One day."""
        self.soldier_days += self.army.there
        self.agents.do("step")
        for group in (*self.squads, *self.companies, self.army):
            group.evening()


if __name__ == "__main__":
    men, days = s.size()
    army = Army(men)
    clock = s.Clock()
    for _ in range(days):
        army.step()
    clock.report(army.soldier_days, army.army.present, army.hit, army.left, army.refused)
