"""The soldier in Starsim: a module with states of all agents, one named distribution, removals asked of `People`."""

import numpy as np
import soldier as s
import starsim as ss


class War(ss.Module):
    """All men's days; who is hit or leaves is removed from the people."""

    def __init__(self, men: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.define_states(
            ss.FloatArr("resolve", default=ss.normal(s.RESOLVE, s.RESOLVE_SD)), ss.FloatArr("trust", default=ss.random()),
            ss.FloatArr("risk", default=s.PRIOR_RISK),
        )  # fmt: skip
        self.fate = ss.random()
        self.men, self.company_loss, self.loss = men, np.zeros(men // s.COMPANY), 0.0
        self.soldier_days = self.hit = self.left = self.refused = 0

    def step(self) -> None:
        """One day of those who are there."""
        uids = self.sim.people.auids
        squad, company = uids // s.SQUAD, uids // s.COMPANY
        seen = 0.5 * self.company_loss[company] + 0.5 * self.loss
        trust, risk = self.trust[uids], self.risk[uids]
        risk = risk + s.LEARNING * ((1 - trust) * seen + trust * s.ADMITTED - risk)
        self.risk[uids] = risk
        dread = s.WEIGHT * (1 - np.exp(-s.HORIZON * risk))
        gone = 1 - np.bincount(squad, minlength=self.men // s.SQUAD)[squad] / s.SQUAD
        stay = self.resolve[uids] - s.BOND * gone - dread
        leaving = s.TEMPO / (1 + np.exp(stay - s.WAY_OUT))
        refusing = (1 - leaving) / (1 + np.exp(s.OBEY - dread * s.ATTACK))
        uniform = self.fate.rvs(uids)
        hit = uniform < s.HAZARD * (1 - s.SHELTER * refusing)
        left = ~hit & (1 - uniform < leaving)
        refused = ~hit & ~left & (1 - uniform < leaving + refusing)
        companies = self.men // s.COMPANY
        there = np.maximum(np.bincount(company, minlength=companies), 1)
        self.company_loss += (np.bincount(company[hit], minlength=companies) / there - self.company_loss) / s.SIGHT
        self.loss += (hit.mean() - self.loss) / s.SIGHT
        self.sim.people.request_removal(uids[hit | left])
        self.soldier_days += len(uids)
        self.hit, self.left, self.refused = self.hit + hit.sum(), self.left + left.sum(), self.refused + refused.sum()


if __name__ == "__main__":
    men, days = s.size()
    sim = ss.Sim(
        n_agents=men, modules=War(men, name="war"), start=ss.date("2020-01-01"), dt=ss.days(1), dur=ss.days(days - 1),
        rand_seed=1, verbose=0,
    )  # fmt: skip
    sim.init()
    clock = s.Clock()
    sim.run()
    war = next(module for module in sim.modules if module.name == "war")  # the simulation has a copy of its own
    clock.report(war.soldier_days, men - war.hit - war.left, war.hit, war.left, war.refused)
